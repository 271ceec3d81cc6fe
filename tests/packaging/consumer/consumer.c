/*
 * A program as a user of libehlo writes it: takes one message from EHLO to QUIT through a session
 * in memory and prints the version of its headers. Exit status 0 if all went as it should.
 *
 * SPDX-License-Identifier: MIT
 */
#include <ehlo/ehlo.h>

#include <stdio.h>
#include <string.h>

static const char dialogue[] = "EHLO client.example\r\n"
                               "MAIL FROM:<a@client.example>\r\n"
                               "RCPT TO:<b@example.org>\r\n"
                               "DATA\r\n"
                               "Subject: hello\r\n"
                               "\r\n"
                               "..dot\r\n"
                               ".\r\n"
                               "QUIT\r\n";
static const char content[] = "Subject: hello\r\n\r\n.dot\r\n";

struct mailbox {
    char text[64];
    size_t length;
    bool delivered;
};

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    (void)s;
    (void)user;
    if (!ehlo_same_text(rcpt->path.domain, ehlo_text("example.org")))
        return ehlo_reply(EHLO_REPLY_RELAY_DENIED);
    return ehlo_accept();
}

static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice slice, void *user)
{
    struct mailbox *box = user;

    (void)s;
    if (slice.length > sizeof box->text - box->length)
        return ehlo_reply(EHLO_REPLY_MAILBOX_FULL);
    memcpy(box->text + box->length, slice.data, slice.length);
    box->length += slice.length;
    return ehlo_accept();
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *message,
                                    void *user)
{
    struct mailbox *box = user;

    (void)s;
    box->delivered = message->recipients == 1 && message->octets == box->length;
    return ehlo_accept();
}

static const struct ehlo_server_config config = {
    EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example.org", .on_rcpt = on_rcpt,
    .on_body = on_body,          .on_message = on_message,
};

/* Sends all output to the log. */
static void flush_output(struct ehlo_server *s)
{
    size_t length;
    const char *output = ehlo_server_output(s, &length);

    fwrite(output, 1, length, stderr);
    ehlo_server_sent(s, length);
}

int main(void)
{
    static char memory[EHLO_SERVER_SIZE(EHLO_DEFAULT_LINE_SIZE, EHLO_DEFAULT_OUTPUT_SIZE,
                                        EHLO_DEFAULT_DECISIONS, 0)];
    struct mailbox box = {.length = 0};
    struct ehlo_server *s = ehlo_server_init(memory, sizeof memory, &config, &box);
    size_t used = 0;

    if (s == NULL || ehlo_server_start(s, NULL) != EHLO_OK)
        return 1;
    flush_output(s);
    while (used < sizeof dialogue - 1 && !(ehlo_server_wants(s) & EHLO_WANT_CLOSE)) {
        used += ehlo_server_receive(s, dialogue + used, sizeof dialogue - 1 - used);
        flush_output(s);
    }
    printf("%d.%d.%d\n", EHLO_VERSION_MAJOR, EHLO_VERSION_MINOR, EHLO_VERSION_PATCH);
    return !(box.delivered && box.length == sizeof content - 1 &&
             memcmp(box.text, content, box.length) == 0 &&
             (ehlo_server_wants(s) & EHLO_WANT_CLOSE) != 0);
}
