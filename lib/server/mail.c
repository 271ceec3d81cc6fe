/*
 * MAIL FROM:<reverse-path> [SP parameters] (RFC 5321 4.1.1.2)
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

static const uint16_t sender_refusals[] = {
    [EHLO_SYNTAX_MALFORMED] = EHLO_REPLY_SENDER_SYNTAX,
    [EHLO_SYNTAX_UNBALANCED] = EHLO_REPLY_SENDER_UNBALANCED,
    [EHLO_SYNTAX_NO_DOMAIN] = EHLO_REPLY_DOMAIN_REQUIRED,
    [EHLO_SYNTAX_NOT_ASCII] = EHLO_REPLY_SENDER_SYNTAX,
    [EHLO_SYNTAX_TOO_LONG] = EHLO_REPLY_SENDER_SYNTAX,
    [EHLO_SYNTAX_NO_KEYWORD] = EHLO_REPLY_PARAMETER_SYNTAX,
};

/* Returns the reply that refuses the command for its spelling, or 0. */
static unsigned parse_mail(struct ehlo_server *s, struct ehlo_slice argument,
                           struct ehlo_mail *mail)
{
    const enum ehlo_syntax found =
        ehlo_parse_mail(argument, ehlo__tolerated(s), &mail->path, &mail->parameters);

    if (found != EHLO_SYNTAX_OK)
        return sender_refusals[found];
    if ((mail->path.flags & EHLO_PATH_ROUTE) && s->config->source_route == EHLO_ROUTE_REFUSE)
        return EHLO_REPLY_SOURCE_ROUTE_REFUSED;
    ehlo__trace_oddities(s, mail->path.oddities);
    return ehlo__take_parameters(s, EHLO__VERB_MAIL, mail->parameters, mail);
}

/* The engine's own limits; true: answered. */
static bool over_limit(struct ehlo_server *s, const struct ehlo_mail *mail)
{
    if (s->transactions >= ehlo__limit(s->config->max_transactions, EHLO_DEFAULT_TRANSACTIONS)) {
        ehlo__trace(s, EHLO_TRACE_TRANSACTION_LIMIT, s->transactions);
        ehlo__say(s, EHLO_REPLY_TOO_MANY_TRANSACTIONS);
        return true;
    }
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
    const unsigned refused = parse_mail(s, argument, &mail);

    if (refused != 0) {
        ehlo__refuse(s, refused);
        ehlo__set_state(s, EHLO_STATE_MAIL_REFUSED);
        return;
    }
    if (over_limit(s, &mail))
        return;
    s->transactions++;
    mail.oddities = s->oddities;
    ehlo__transaction_begin(s);
    s->transaction.declared_size = mail.declared_size;
    s->transaction.body = (uint8_t)mail.body;
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
