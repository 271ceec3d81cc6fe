/*
 * The decisions: which checks each hook makes, in which order.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "checks.h"

#include "envelope.h"
#include "setup.h"
#include "trace.h"
#include <string.h>
#include <time.h>

static check *const connect_checks[] = {
    check_connections, check_rules, check_reverse_dns, check_dnsbls, check_milters, NULL,
};

/* The connections are counted before. */
static check *const xclient_checks[] = {
    check_rules, check_reverse_dns, check_dnsbls, check_milters, NULL,
};

/* A proxy is nobody's client: the other checks are for those that it speaks of. */
static check *const proxy_checks[] = {
    check_milters,
    NULL,
};

static check *const helo_checks[] = {
    check_rules,
    check_reverse_dns,
    check_milters,
    NULL,
};

static check *const auth_checks[] = {
    check_milters,
    NULL,
};

static check *const mail_checks[] = {
    check_rules,       check_auth,          check_submission,    check_local_auth,
    check_same_sender, check_soft_quota,    check_declared_size, check_reverse_dns,
    check_dnsbls,      check_sender_domain, check_milters,       NULL,
};

static check *const rcpt_checks[] = {
    check_rules,
    check_home,
    check_account_rules,
    check_relay,
    check_daily_limits,
    check_room,
    check_recipient_domain,
    check_milters,
    count_relayed,
    take_recipient,
    NULL,
};

static check *const message_checks[] = {
    check_rules, check_size, check_content, check_message_room, take_message, NULL,
};

/* ---- the session ---- */

/* NULL: there is no more memory, or the engine does not take the configuration. */
static struct decision *welcome(struct ehlo_server *s, struct visit *visit, check *const *checks)
{
    const struct setup *setup = visit->setup;
    bool optional;

    visit->spared = rules_spared(&setup->policy, OF_PEER, visit->address, ehlo_text(""));
    optional = (visit->spared & SPARES_HELO) != 0;
    return ehlo_server_use(s, &setup->configs[visit->is_trusted][optional]) == EHLO_OK
               ? decision_new(s, visit, AT_CONNECT, checks)
               : NULL;
}

static struct ehlo_reply on_connect(struct ehlo_server *s, const struct ehlo_peer *peer, void *user)
{
    struct visit *visit = user;
    struct decision *decision;

    (void)peer;
    visit->session = s;
    if (visit->options->submission)
        options_set_hold(visit->options);
    decision = welcome(s, visit, visit_is_proxy(visit) ? proxy_checks : connect_checks);
    return decision != NULL ? decision_run(decision) : ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
}

/* A refusal closes: the engine would go on with the session, which is another's by now. */
struct ehlo_reply policy_welcome(struct ehlo_server *s, struct visit *visit)
{
    struct decision *decision;

    if (visit_is_surplus(visit))
        return ehlo_reply(EHLO_REPLY_CONNECTION_LIMIT);
    decision = welcome(s, visit, xclient_checks);
    if (decision == NULL)
        return ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
    decision->closes = true;
    return decision_run(decision);
}

static struct ehlo_reply on_helo(struct ehlo_server *s, const struct ehlo_helo *helo, void *user)
{
    struct decision *decision = decision_new(s, user, AT_HELO, helo_checks);
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    if (decision == NULL)
        return decision_run(NULL);
    /* For the engine the transaction would go on, for a milter HELO has ended it. */
    ehlo_server_info(s, &info);
    decision->closes = (info.flags & EHLO_INFO_TRANSACTION) != 0;
    if (helo->host.text.length < sizeof decision->helo)
        memcpy(decision->helo, helo->host.text.data, helo->host.text.length);
    return decision_run(decision);
}

/* TLS is there for everybody; --tls-required is the engine's. */
static struct ehlo_reply on_starttls(struct ehlo_server *s, void *user)
{
    (void)s;
    (void)user;
    return ehlo_accept();
}

struct ehlo_reply policy_login(struct ehlo_server *s, struct visit *visit)
{
    return decision_run(decision_new(s, visit, AT_AUTH, auth_checks));
}

/* ---- the sender ---- */

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
        trace_note(visit->number, "forwarded:%.*s", (int)visit->forwarded.length,
                   visit->forwarded.length > 0 ? visit->forwarded.data : "");
}

static void show_fields(const struct visit *visit, const struct text *text)
{
    if (visit->options->trace && text->length > 0)
        trace_fields(visit->number, (struct ehlo_slice){text->data, text->length});
}

static void keep_mail(struct visit *visit, const struct ehlo_mail *mail)
{
    const struct ehlo_path *path = &mail->path;

    visit->sender_length = path->mailbox.length;
    if (path->mailbox.length > 0)
        memcpy(visit->sender, path->mailbox.data, path->mailbox.length);
    visit->sender_domain = path->mailbox.length - path->domain.length;
    visit->plain_length = recipient_write_plain(path, visit->plain);
    visit->declared_size = mail->declared_size;
    visit->priority = mail->priority;
    visit->wants_each = (mail->flags & EHLO_MAIL_PRDR) != 0;
    visit->sender_spared = rules_spared(&visit->setup->policy, OF_SENDER, NULL,
                                        (struct ehlo_slice){visit->plain, visit->plain_length});
    text_free(&visit->parameters);
    text_add(&visit->parameters, "%.*s", (int)mail->parameters.length,
             mail->parameters.length > 0 ? mail->parameters.data : "");
    text_free(&visit->envelope);
    envelope_add_mail(&visit->envelope, mail);
}

static struct ehlo_reply on_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    struct visit *visit = user;

    if (mail->path.mailbox.length > sizeof visit->sender)
        return ehlo_reply(EHLO_REPLY_SENDER_SYNTAX);
    if (!is_good_hold(mail))
        return ehlo_reply(EHLO_REPLY_PARAMETER_SYNTAX);
    keep_mail(visit, mail);
    show_fields(visit, &visit->envelope);
    note_forwarded(s, visit);
    if (visit->envelope.lost || visit->parameters.lost)
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    return decision_run(decision_new(s, visit, AT_MAIL, mail_checks));
}

/* ---- recipients and the message ---- */

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    struct visit *visit = user;
    struct decision *decision = decision_new(s, visit, AT_RCPT, rcpt_checks);

    if (decision == NULL)
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    decision->recipient = recipient_new(rcpt, visit->setup->policy.domains->name);
    if (decision->recipient == NULL)
        return decision_give_up(decision);
    envelope_add_rcpt(&decision->recipient->fields, rcpt);
    show_fields(visit, &decision->recipient->fields);
    return decision->recipient->fields.lost ? decision_give_up(decision) : decision_run(decision);
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *message,
                                    void *user)
{
    struct decision *decision = decision_new(s, user, AT_MESSAGE, message_checks);

    if (decision != NULL)
        decision->message = *message;
    return decision_run(decision);
}

/* ---- the end ---- */

static void on_done(struct ehlo_server *s, const struct ehlo_done *done, void *user)
{
    struct visit *visit = user;

    report_done(s, visit, done);
    if (done->outcome != EHLO_OUTCOME_TAKEN && done->outcome != EHLO_OUTCOME_PARTLY)
        limits_take_back(visit);
    visit_end_transaction(visit);
}

static void on_close(struct ehlo_server *s, enum ehlo_cause cause, void *user)
{
    visit_leave(user);
    report_close(s, user, cause);
}

/* Nothing waits here for anybody: what is taken is delivered at once. */
static struct ehlo_reply on_etrn(struct ehlo_server *s, const struct ehlo_node *node, void *user)
{
    (void)s;
    (void)user;
    return ehlo_reply_about(EHLO_REPLY_ETRN_NOTHING, node->name);
}

void policy_set_hooks(struct ehlo_server_config *config, const struct setup *setup)
{
    config->on_connect = on_connect;
    config->on_helo = on_helo;
    config->on_mail = on_mail;
    config->on_rcpt = on_rcpt;
    config->on_message = on_message;
    config->on_etrn = on_etrn;
    config->on_done = on_done;
    config->on_close = on_close;
    if (setup->policy.from_file)
        config->on_vrfy = verify_user;
    if (setup->policy.lists != NULL)
        config->on_expn = verify_list;
    if (setup->options->tls != NULL)
        config->on_starttls = on_starttls;
}
