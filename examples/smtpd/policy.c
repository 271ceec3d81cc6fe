/*
 * The hooks.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "policy.h"

#include "ehlo/received.h"
#include "trace.h"
#include <errno.h>
#include <string.h>
#include <time.h>

static struct ehlo_reply on_connect(struct ehlo_server *s, const struct ehlo_peer *peer, void *user)
{
    struct visit *visit = user;
    uint32_t limit = visit->options->max_per_ip;

    (void)s;
    (void)peer;
    visit->refused = limit > 0 && visit->neighbours >= limit;
    return visit->refused ? ehlo_reply_closing(ehlo_reply(EHLO_REPLY_TOO_MANY_CONNECTIONS))
                          : ehlo_accept();
}

static struct ehlo_reply on_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    struct visit *visit = user;

    (void)s;
    visit->sender_length = mail->path.mailbox.length;
    if (visit->sender_length > sizeof visit->sender)
        return ehlo_reply(EHLO_REPLY_SENDER_SYNTAX);
    if (visit->sender_length > 0)
        memcpy(visit->sender, mail->path.mailbox.data, visit->sender_length);
    return ehlo_accept();
}

/* ---- recipients ---- */

static bool is_ours(const struct options *options, struct ehlo_slice domain)
{
    for (size_t i = 0; i < options->domain_count; i++)
        if (ehlo_same_text(domain, ehlo_text(options->domains[i])))
            return true;
    return false;
}

static bool is_mailbox(const struct options *options, const char *folder)
{
    for (size_t i = 0; i < options->account_count; i++)
        if (strcmp(options->accounts[i].folder, folder) == 0)
            return true;
    return options->account_count == 0;
}

/* The Received field names the recipient only if there is just one (RFC 5321 7.6). */
static void keep_recipient(struct visit *visit, struct ehlo_slice mailbox)
{
    visit->recipient_length = 0;
    if (visit->delivery.count > 1 || mailbox.length > sizeof visit->recipient)
        return;
    memcpy(visit->recipient, mailbox.data, mailbox.length);
    visit->recipient_length = mailbox.length;
}

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    struct visit *visit = user;
    const struct options *options = visit->options;
    bool postmaster = (rcpt->path.flags & EHLO_PATH_POSTMASTER) != 0; /* RFC 5321 4.5.1 */
    struct ehlo_slice domain = rcpt->path.domain;
    char folder[MAILDIR_FOLDER_SIZE];

    (void)s;
    if (domain.length == 0)
        domain = ehlo_text(options->domains[0]);
    if (!is_ours(options, domain))
        return ehlo_reply(EHLO_REPLY_RELAY_DENIED);
    if (!maildir_folder(rcpt->path.local, domain, folder))
        return ehlo_reply_about(EHLO_REPLY_MAILBOX_NAME_INVALID, rcpt->path.whole);
    if (!postmaster && !is_mailbox(options, folder))
        return ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, rcpt->path.whole);
    if (!delivery_add(&visit->delivery, folder))
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    keep_recipient(visit, rcpt->path.mailbox);
    return ehlo_accept();
}

/* ---- content ---- */

/* The verdict after a failure of the system: the sender is to try again. */
static struct ehlo_reply trouble(const struct visit *visit)
{
    bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

    trace_note(visit->number, "cannot store the message: %s", strerror(errno));
    return ehlo_reply(is_full ? EHLO_REPLY_INSUFFICIENT_STORAGE : EHLO_REPLY_LOCAL_ERROR);
}

/* Return-Path and Received (RFC 5321 4.4), in front of the content. */
static bool write_fields(const struct ehlo_server *s, struct visit *visit)
{
    char fields[4096], date[64];
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    struct ehlo_received received = {EHLO_RECEIVED_DEFAULTS};
    struct ehlo_slice sender = {visit->sender, visit->sender_length};
    size_t path = ehlo_format_return_path(fields, sizeof fields, sender), length;
    time_t now = time(NULL);
    struct tm local;

    if (path > sizeof fields || localtime_r(&now, &local) == NULL)
        return false;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S %z", &local);
    ehlo_server_info(s, &info);
    received.helo = info.helo;
    received.peer_address = info.peer->address;
    received.by = ehlo_text(visit->options->hostname);
    received.id = ehlo_text(visit->delivery.name);
    received.for_path = (struct ehlo_slice){visit->recipient, visit->recipient_length};
    received.date = ehlo_text(date);
    received.flags = info.flags & EHLO_INFO_EXTENDED ? EHLO_RECEIVED_ESMTP : 0;
    length = ehlo_format_received(fields + path, sizeof fields - path, &received);
    return length <= sizeof fields - path &&
           delivery_write(&visit->delivery, (struct ehlo_slice){fields, path + length});
}

static struct ehlo_reply on_data(struct ehlo_server *s, void *user)
{
    struct visit *visit = user;

    errno = 0;
    if (!delivery_open(&visit->delivery, visit->options->hostname) || !write_fields(s, visit))
        return trouble(visit);
    return ehlo_accept();
}

static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice part, void *user)
{
    struct visit *visit = user;

    (void)s;
    return delivery_write(&visit->delivery, part) ? ehlo_accept() : trouble(visit);
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *message,
                                    void *user)
{
    struct visit *visit = user;

    (void)s;
    (void)message;
    return delivery_commit(&visit->delivery) ? ehlo_accept() : trouble(visit);
}

/* ---- ends, and what is told ---- */

static void on_done(struct ehlo_server *s, const struct ehlo_done *done, void *user)
{
    struct visit *visit = user;
    int length = (int)visit->sender_length;

    (void)s;
    if (!visit->options->quiet && done->outcome == EHLO_OUTCOME_TAKEN)
        trace_note(visit->number, "taken: from <%.*s>, %lu recipients, %llu octets, %s", length,
                   visit->sender, (unsigned long)done->taken, (unsigned long long)done->octets,
                   visit->delivery.name);
    if (!visit->options->quiet && done->outcome == EHLO_OUTCOME_REFUSED)
        trace_note(visit->number, "refused: from <%.*s>: %s", length, visit->sender, visit->reply);
    delivery_reset(&visit->delivery);
}

static void on_trace(struct ehlo_server *s, const struct ehlo_trace *trace, void *user)
{
    struct visit *visit = user;

    (void)s;
    if (trace->reason == EHLO_TRACE_REPLY) {
        size_t length = 0;

        while (length < trace->text.length && length < sizeof visit->reply - 1 &&
               trace->text.data[length] != '\r')
            length++;
        memcpy(visit->reply, trace->text.data, length);
        visit->reply[length] = '\0';
    }
    if (visit->options->trace)
        trace_dialogue(visit->number, trace);
}

static void on_close(struct ehlo_server *s, enum ehlo_cause cause, void *user)
{
    static const char *const causes[] = {
        [EHLO_CAUSE_QUIT] = "QUIT",
        [EHLO_CAUSE_EOF] = "end of input",
        [EHLO_CAUSE_DISCONNECTED] = "connection lost",
        [EHLO_CAUSE_TIMEOUT] = "time-out",
        [EHLO_CAUSE_SHUTDOWN] = "shutdown",
        [EHLO_CAUSE_LIMIT] = "a limit",
        [EHLO_CAUSE_PROTOCOL] = "no SMTP",
        [EHLO_CAUSE_HOST] = "refused",
    };
    struct visit *visit = user;
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    size_t count = sizeof causes / sizeof *causes;

    visit->over = true;
    if (visit->options->quiet)
        return;
    ehlo_server_info(s, &info);
    trace_note(visit->number, "closed: %.*s, %s, %lu messages", (int)info.peer->address.length,
               info.peer->address.data,
               (size_t)cause < count && causes[cause] != NULL ? causes[cause] : "?",
               (unsigned long)info.messages);
}

void policy_set_hooks(struct ehlo_server_config *config)
{
    config->on_connect = on_connect;
    config->on_mail = on_mail;
    config->on_rcpt = on_rcpt;
    config->on_data = on_data;
    config->on_body = on_body;
    config->on_message = on_message;
    config->on_done = on_done;
    config->on_trace = on_trace;
    config->on_close = on_close;
}
