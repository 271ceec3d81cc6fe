/*
 * MAIL FROM:<reverse-path> [SP parameters] (RFC 5321 4.1.1.2), and what makes a path of MAIL or
 * RCPT one that is refused though it is well-formed (RFC 6531 3.5, RFC 6409 4.2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"

#include <string.h>

static const uint16_t sender_refusals[EHLO__PATH_REFUSALS] = {
    [EHLO_SYNTAX_MALFORMED] = EHLO_REPLY_SENDER_SYNTAX,
    [EHLO_SYNTAX_UNBALANCED] = EHLO_REPLY_SENDER_UNBALANCED,
    [EHLO_SYNTAX_NO_DOMAIN] = EHLO_REPLY_DOMAIN_REQUIRED,
    [EHLO_SYNTAX_NOT_ASCII] = EHLO_REPLY_SENDER_NOT_ASCII,
    [EHLO_SYNTAX_TOO_LONG] = EHLO_REPLY_SENDER_SYNTAX,
    [EHLO_SYNTAX_NO_KEYWORD] = EHLO_REPLY_PARAMETER_SYNTAX,
    [EHLO__PATH_NOT_QUALIFIED] = EHLO_REPLY_SENDER_NOT_QUALIFIED,
};

/* A dot at the end makes no second label. Paths without a domain are no concern of this. */
static bool is_qualified(const struct ehlo_path *path)
{
    const struct ehlo_slice domain = path->domain;

    return domain.length == 0 || (path->flags & EHLO_PATH_LITERAL) != 0 ||
           memchr(domain.data, '.', domain.length - 1) != NULL;
}

unsigned ehlo__judge_path(const struct ehlo_server *s, const struct ehlo_path *path, bool utf8,
                          const uint16_t refusals[EHLO__PATH_REFUSALS])
{
    if ((path->flags & EHLO_PATH_UTF8) != 0 && !utf8)
        return refusals[ehlo__offered(s, EHLO_EXTENSION_SMTPUTF8) ? EHLO_SYNTAX_NOT_ASCII
                                                                  : EHLO_SYNTAX_MALFORMED];
    if (s->config->mode == EHLO_MODE_SUBMISSION && !is_qualified(path))
        return refusals[EHLO__PATH_NOT_QUALIFIED];
    if ((path->flags & EHLO_PATH_ROUTE) != 0 && s->config->source_route == EHLO_ROUTE_REFUSE)
        return EHLO_REPLY_SOURCE_ROUTE_REFUSED;
    return 0;
}

/* Returns the reply that refuses the command for its spelling, or 0. */
static unsigned parse_mail(struct ehlo_server *s, struct ehlo_slice argument,
                           struct ehlo_mail *mail)
{
    const enum ehlo_syntax found = ehlo_parse_mail(argument, ehlo__tolerated(s) | EHLO_SYNTAX_UTF8,
                                                   &mail->path, &mail->parameters);
    unsigned refused;

    if (found != EHLO_SYNTAX_OK)
        return sender_refusals[found];
    if (ehlo__asks_for_utf8(s, mail->parameters))
        mail->flags = EHLO_MAIL_UTF8;
    refused = ehlo__judge_path(s, &mail->path, mail->flags != 0, sender_refusals);
    if (refused != 0)
        return refused;
    ehlo__trace_oddities(s, mail->path.oddities);
    return ehlo__take_parameters(s, EHLO__VERB_MAIL, mail->parameters, mail);
}

/* Each MAIL counts, for so counts the client (RFC 9422 4); true: answered. */
static bool one_too_many(struct ehlo_server *s)
{
    if (s->transactions < ehlo__limit(s->config->max_transactions, EHLO_DEFAULT_TRANSACTIONS)) {
        s->transactions++;
        return false;
    }
    ehlo__trace(s, EHLO_TRACE_TRANSACTION_LIMIT, s->transactions);
    ehlo__say(s, EHLO_REPLY_TOO_MANY_TRANSACTIONS);
    return true;
}

/* RFC 1870 6.1; true: answered. */
static bool too_big(struct ehlo_server *s, const struct ehlo_mail *mail)
{
    if (mail->declared_size <= ehlo__max_message_size(s))
        return false;
    ehlo__trace(s, EHLO_TRACE_SIZE_LIMIT, mail->declared_size);
    ehlo__say(s, EHLO_REPLY_MESSAGE_TOO_LONG);
    ehlo__set_state(s, EHLO_STATE_MAIL_REFUSED);
    return true;
}

void ehlo__mail_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_mail mail = {.declared_size = 0};
    unsigned refused;

    if (one_too_many(s))
        return;
    if ((refused = parse_mail(s, argument, &mail)) != 0) {
        ehlo__refuse(s, refused);
        ehlo__set_state(s, EHLO_STATE_MAIL_REFUSED);
        return;
    }
    if (too_big(s, &mail))
        return;
    mail.oddities = s->oddities;
    ehlo__transaction_begin(s);
    s->transaction.declared_size = mail.declared_size;
    s->transaction.body = (uint8_t)mail.body;
    s->transaction.flags = (uint8_t)mail.flags;
    ehlo__ask(s, EHLO__STAGE_MAIL);
    ehlo__settle(s, s->config->on_mail == NULL ? ehlo_accept()
                                               : s->config->on_mail(s, &mail, s->user));
}

void ehlo__mail_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->flags & EHLO__SLOT_POSITIVE) {
        ehlo__set_state(s, EHLO_STATE_MAIL);
        return;
    }
    ehlo__transaction_end(s, EHLO_OUTCOME_REFUSED, EHLO_CAUSE_MAIL_REFUSED);
    ehlo__set_state(s, EHLO_STATE_MAIL_REFUSED);
}
