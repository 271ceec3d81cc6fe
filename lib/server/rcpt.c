/*
 * RCPT TO:<forward-path> [SP parameters] (RFC 5321 4.1.1.3)
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

static const uint16_t recipient_refusals[] = {
    [EHLO_SYNTAX_MALFORMED] = EHLO_REPLY_RECIPIENT_SYNTAX,
    [EHLO_SYNTAX_UNBALANCED] = EHLO_REPLY_RECIPIENT_UNBALANCED,
    [EHLO_SYNTAX_NO_DOMAIN] = EHLO_REPLY_RECIPIENT_DOMAIN_REQUIRED,
    [EHLO_SYNTAX_NOT_ASCII] = EHLO_REPLY_RECIPIENT_SYNTAX,
    [EHLO_SYNTAX_TOO_LONG] = EHLO_REPLY_RECIPIENT_SYNTAX,
    [EHLO_SYNTAX_NO_KEYWORD] = EHLO_REPLY_PARAMETER_SYNTAX,
};

/* Returns the reply that refuses the command for its spelling, or 0. */
static unsigned parse_rcpt(struct ehlo_server *s, struct ehlo_slice argument,
                           struct ehlo_rcpt *rcpt)
{
    const enum ehlo_syntax found =
        ehlo_parse_rcpt(argument, ehlo__tolerated(s), &rcpt->path, &rcpt->parameters);

    if (found != EHLO_SYNTAX_OK)
        return recipient_refusals[found];
    if ((rcpt->path.flags & EHLO_PATH_ROUTE) && s->config->source_route == EHLO_ROUTE_REFUSE)
        return EHLO_REPLY_SOURCE_ROUTE_REFUSED;
    ehlo__trace_oddities(s, rcpt->path.oddities);
    return ehlo__take_parameters(s, EHLO__VERB_RCPT, rcpt->parameters, rcpt);
}

void ehlo__rcpt_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_rcpt rcpt = {.number = s->transaction.asked};
    const unsigned refused = parse_rcpt(s, argument, &rcpt);

    if (s->state == EHLO_STATE_MAIL)
        ehlo__set_state(s, EHLO_STATE_NO_RCPT);
    if (refused != 0) {
        ehlo__refuse(s, refused);
        return;
    }
    if (s->transaction.recipients >=
        ehlo__limit(s->config->max_recipients, EHLO_DEFAULT_RECIPIENTS)) {
        ehlo__trace(s, EHLO_TRACE_RECIPIENT_LIMIT, s->transaction.recipients);
        ehlo__say(s, EHLO_REPLY_TOO_MANY_RECIPIENTS); /* RFC 5321 4.5.3.1.10 */
        return;
    }
    s->transaction.asked++;
    rcpt.oddities = s->oddities;
    ehlo__ask(s, EHLO__STAGE_RCPT);
    ehlo__settle(s, s->config->on_rcpt == NULL ? ehlo_reply(EHLO_REPLY_RELAY_DENIED)
                                               : s->config->on_rcpt(s, &rcpt, s->user));
}

void ehlo__rcpt_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if ((slot->flags & EHLO__SLOT_POSITIVE) == 0)
        return;
    s->transaction.recipients++;
    ehlo__set_state(s, EHLO_STATE_RCPT);
}
