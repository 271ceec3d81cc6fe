/*
 * RCPT TO:<forward-path> [SP parameters] (RFC 5321 4.1.1.3)
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"

static const uint16_t recipient_refusals[EHLO__PATH_REFUSALS] = {
    [EHLO_SYNTAX_MALFORMED] = EHLO_REPLY_RECIPIENT_SYNTAX,
    [EHLO_SYNTAX_UNBALANCED] = EHLO_REPLY_RECIPIENT_UNBALANCED,
    [EHLO_SYNTAX_NO_DOMAIN] = EHLO_REPLY_RECIPIENT_DOMAIN_REQUIRED,
    [EHLO_SYNTAX_NOT_ASCII] = EHLO_REPLY_RECIPIENT_NOT_ASCII,
    [EHLO_SYNTAX_TOO_LONG] = EHLO_REPLY_RECIPIENT_SYNTAX,
    [EHLO_SYNTAX_NO_KEYWORD] = EHLO_REPLY_PARAMETER_SYNTAX,
    [EHLO__PATH_NOT_QUALIFIED] = EHLO_REPLY_RECIPIENT_NOT_QUALIFIED,
};

/* Returns the reply that refuses the command for its spelling, or 0. */
static unsigned parse_rcpt(struct ehlo_server *s, struct ehlo_slice argument,
                           struct ehlo_rcpt *rcpt)
{
    const enum ehlo_syntax found = ehlo_parse_rcpt(argument, ehlo__tolerated(s) | EHLO_SYNTAX_UTF8,
                                                   &rcpt->path, &rcpt->parameters);
    const bool utf8 = (s->transaction.flags & EHLO_MAIL_UTF8) != 0;
    unsigned refused;

    if (found != EHLO_SYNTAX_OK)
        return recipient_refusals[found];
    if ((refused = ehlo__judge_path(s, &rcpt->path, utf8, recipient_refusals)) != 0)
        return refused;
    ehlo__trace_oddities(s, rcpt->path.oddities);
    return ehlo__take_parameters(s, EHLO__VERB_RCPT, rcpt->parameters, rcpt);
}

/* Where LIMITS tells the number, each RCPT counts (RFC 9422 4), else each accepted recipient. */
static bool too_many(const struct ehlo_server *s)
{
    const uint32_t limit = ehlo__limit(s->config->max_recipients, EHLO_DEFAULT_RECIPIENTS);

    return s->transaction.recipients >= limit ||
           (s->transaction.attempts > limit && ehlo__offered(s, EHLO_EXTENSION_LIMITS));
}

/* The engine's own limits; true: answered. */
static bool over_limit(struct ehlo_server *s, const struct ehlo_rcpt *rcpt)
{
    if (too_many(s)) {
        ehlo__trace(s, EHLO_TRACE_RECIPIENT_LIMIT, s->transaction.recipients);
        ehlo__say(s, EHLO_REPLY_TOO_MANY_RECIPIENTS); /* RFC 5321 4.5.3.1.10 */
        return true;
    }
    if (ehlo__count_domain(s, rcpt->path.domain))
        return false;
    ehlo__trace(s, EHLO_TRACE_DOMAIN_LIMIT, s->domain_count);
    ehlo__say(s, EHLO_REPLY_TOO_MANY_RECIPIENT_DOMAINS);
    return true;
}

void ehlo__rcpt_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_rcpt rcpt = {.number = s->transaction.asked};
    const unsigned refused = parse_rcpt(s, argument, &rcpt);

    s->transaction.attempts++;
    if (s->state == EHLO_STATE_MAIL)
        ehlo__set_state(s, EHLO_STATE_NO_RCPT);
    if (refused != 0) {
        ehlo__refuse(s, refused);
        return;
    }
    if (over_limit(s, &rcpt))
        return;
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
