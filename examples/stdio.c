/*
 * The smallest mail server: takes mail for one domain on standard input and appends it to a file.
 * `stdio FILE [DOMAIN]`, as inetd, systemd or tcpserver start it. SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "ehlo/ehlo.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct mailbox {
    const char *file, *domain;
    size_t length; /* of the message that is coming in */
    char text[EHLO_DEFAULT_MESSAGE_SIZE + 512];
} mailbox;

static struct ehlo_reply on_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    struct mailbox *box = user;
    (void)s;
    box->length = ehlo_format_return_path(box->text, sizeof box->text, mail->path.whole);
    return ehlo_accept();
}

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    struct ehlo_slice ours = ehlo_text(((const struct mailbox *)user)->domain);
    (void)s; /* <postmaster> may come without a domain: RFC 5321 4.5.1 */
    if (rcpt->path.domain.length > 0 && !ehlo_same_text(rcpt->path.domain, ours))
        return ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, rcpt->path.whole);
    return ehlo_accept();
}

static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice part, void *user)
{
    struct mailbox *box = user;
    (void)s;
    if (part.length > sizeof box->text - box->length)
        return ehlo_reply(EHLO_REPLY_MESSAGE_TOO_BIG);
    memcpy(box->text + box->length, part.data, part.length);
    box->length += part.length;
    return ehlo_accept();
}

/* 250 is said once the text is on the disk (the file should exist); else nothing of it stays. */
static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *m, void *user)
{
    const struct mailbox *box = user;
    int fd = open(box->file, O_WRONLY | O_APPEND | O_CREAT, 0600);
    off_t end = lockf(fd, F_LOCK, 0) == 0 ? lseek(fd, 0, SEEK_END) : -1;
    bool kept = end >= 0 && dprintf(fd, "Message of %zu octets:\r\n", box->length) > 0 &&
                write(fd, box->text, box->length) == (ssize_t)box->length && fsync(fd) == 0;
    bool clean = kept || end < 0 || ftruncate(fd, end) == 0;
    (void)s, (void)m, close(fd);
    return kept ? ehlo_accept()
                : ehlo_reply(clean ? EHLO_REPLY_INSUFFICIENT_STORAGE : EHLO_REPLY_LOCAL_ERROR);
}

/* Waits as long as the session does: from the start of an epoch, not from the last octet. */
static bool wait_for(const struct ehlo_server *s, int fd, short events)
{
    static time_t end;
    static uint32_t last;
    uint32_t epoch;
    time_t now = time(NULL), wait = (time_t)ehlo_server_timeout(s, &epoch);
    if (end == 0 || (epoch != last && wait > 0))
        end = now + wait, last = epoch;
    return poll(&(struct pollfd){fd, events, 0}, 1, end > now ? (int)(end - now) * 1000 : 0) > 0;
}

int main(int argc, char **argv)
{
    static const struct ehlo_server_config config = {
        EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "localhost", .on_mail = on_mail,
        .on_rcpt = on_rcpt,          .on_body = on_body,      .on_message = on_message};
    static char memory[EHLO_SERVER_SIZE(2048, 1024, 8, 0)], input[4096];
    struct ehlo_server *s = ehlo_server_init(memory, sizeof memory, &config, &mailbox);
    size_t used = 0, have = 0, unsent;
    ssize_t done = 0;
    mailbox.file = argc > 1 ? argv[1] : "mail", mailbox.domain = argc > 2 ? argv[2] : "example.com";
    for (ehlo_server_start(s, NULL); !(ehlo_server_wants(s) & EHLO_WANT_CLOSE);) {
        const void *output = ehlo_server_output(s, &unsent);
        if (unsent > 0 && (!wait_for(s, 1, POLLOUT) || (done = write(1, output, unsent)) < 0))
            return 1;
        if (unsent > 0)
            ehlo_server_sent(s, (size_t)done);
        else if (used < have)
            used += ehlo_server_receive(s, input + used, have - used);
        else if (!wait_for(s, 0, POLLIN))
            ehlo_server_expire(s);
        else if ((done = read(0, input, sizeof input)) > 0)
            used = 0, have = (size_t)done;
        else
            ehlo_server_eof(s);
    }
    return 0;
}
