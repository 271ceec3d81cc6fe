/*
 * The decisions: who may talk to us, whose mail is taken and for whom.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "accounts.h"
#include "envelope.h"
#include "maildir.h"
#include "trace.h"
#include "visit.h"

#include <string.h>
#include <time.h>

static struct ehlo_reply on_connect(struct ehlo_server *s, const struct ehlo_peer *peer, void *user)
{
    struct visit *visit = user;

    (void)peer;
    if (visit->options->submission)
        options_set_hold(visit->options);
    if (visit->trusted != NULL && ehlo_server_use(s, visit->trusted) != EHLO_OK)
        return ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
    return visit_is_surplus(visit) ? ehlo_reply_closing(ehlo_reply(EHLO_REPLY_TOO_MANY_CONNECTIONS))
                                   : ehlo_accept();
}

/* TLS is there for everybody; --tls-required is the engine's. */
static struct ehlo_reply on_starttls(struct ehlo_server *s, void *user)
{
    (void)s;
    (void)user;
    return ehlo_accept();
}

/* The engine has no clock: what HOLDUNTIL says is compared here (RFC 4865 4.2). */
static bool is_good_hold(const struct ehlo_mail *mail)
{
    int64_t wait = mail->hold_until - (int64_t)time(NULL);

    return mail->hold_until == 0 || (wait >= 0 && wait <= SMTPD_MAX_HOLD);
}

/* What a trusted peer has told for this message. */
static void note_forwarded(const struct ehlo_server *s, const struct visit *visit)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    ehlo_server_info(s, &info);
    if ((info.flags & EHLO_INFO_FORWARDED) != 0 && !visit->options->quiet)
        trace_note(visit->number, "forwarded:%s", visit->forwarded.data);
}

static void show_fields(const struct visit *visit, const struct text *text)
{
    if (visit->options->trace && text->length > 0)
        trace_fields(visit->number, (struct ehlo_slice){text->data, text->length});
}

static struct ehlo_reply on_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    struct visit *visit = user;

    visit->sender_length = mail->path.mailbox.length;
    if (visit->sender_length > sizeof visit->sender)
        return ehlo_reply(EHLO_REPLY_SENDER_SYNTAX);
    if (!is_good_hold(mail))
        return ehlo_reply(EHLO_REPLY_PARAMETER_SYNTAX);
    if (visit->sender_length > 0)
        memcpy(visit->sender, mail->path.mailbox.data, visit->sender_length);
    visit->priority = mail->priority;
    visit->wants_each = (mail->flags & EHLO_MAIL_PRDR) != 0;
    text_free(&visit->envelope);
    envelope_add_mail(&visit->envelope, mail);
    show_fields(visit, &visit->envelope);
    note_forwarded(s, visit);
    return visit->envelope.lost ? ehlo_reply(EHLO_REPLY_LOCAL_ERROR) : ehlo_accept();
}

/* ---- recipients ---- */

static bool is_ours(const struct options *options, struct ehlo_slice domain)
{
    for (size_t i = 0; i < options->domain_count; i++)
        if (ehlo_same_text(domain, ehlo_text(options->domains[i])))
            return true;
    return false;
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
    struct text fields = {0};
    bool added;

    (void)s;
    if (domain.length == 0)
        domain = ehlo_text(options->domains[0]);
    if (!is_ours(options, domain))
        return ehlo_reply(EHLO_REPLY_RELAY_DENIED);
    if (!maildir_folder(rcpt->path.local, domain, folder))
        return ehlo_reply_about(EHLO_REPLY_MAILBOX_NAME_INVALID, rcpt->path.whole);
    if (!postmaster && !accounts_have(options, folder))
        return ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, rcpt->path.whole);
    envelope_add_rcpt(&fields, rcpt);
    show_fields(visit, &fields);
    added = !fields.lost && delivery_add(&visit->delivery, folder, &fields);
    text_free(&fields);
    if (!added)
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    keep_recipient(visit, rcpt->path.mailbox);
    return ehlo_accept();
}

/* Nothing waits here for anybody: what is taken is delivered at once. */
static struct ehlo_reply on_etrn(struct ehlo_server *s, const struct ehlo_node *node, void *user)
{
    (void)s;
    (void)user;
    return ehlo_reply_about(EHLO_REPLY_ETRN_NOTHING, node->name);
}

void policy_set_hooks(struct ehlo_server_config *config, const struct options *options)
{
    config->on_connect = on_connect;
    config->on_mail = on_mail;
    config->on_rcpt = on_rcpt;
    config->on_etrn = on_etrn;
    if (options->tls != NULL)
        config->on_starttls = on_starttls;
}
