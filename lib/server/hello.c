/*
 * HELO, EHLO, LHLO (RFC 5321 4.1.1.1): a refused one changes nothing, an accepted one ends an open
 * transaction (RFC 5321 4.1.4).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

static void hello(struct ehlo_server *s, struct ehlo_slice argument, bool extended)
{
    struct ehlo_helo helo = {.extended = extended};

    if (s->config->single_helo && s->helo_given) {
        ehlo__refuse(s, EHLO_REPLY_HELO_ALREADY_GIVEN);
        return;
    }
    if (ehlo_parse_helo(argument, ehlo__tolerated(s), &helo.host) != EHLO_SYNTAX_OK) {
        ehlo__refuse(s, EHLO_REPLY_HELO_NEEDS_DOMAIN);
        return;
    }
    ehlo__trace_oddities(s, helo.host.oddities);
    helo.host.text = ehlo__lines_keep(&s->lines, helo.host.text);
    s->kept = (uint32_t)helo.host.text.length;
    ehlo__ask(s, extended ? EHLO__STAGE_EHLO : EHLO__STAGE_HELO);
    ehlo__settle(s, s->config->on_helo == NULL ? ehlo_accept()
                                               : s->config->on_helo(s, &helo, s->user));
}

void ehlo__helo_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    hello(s, argument, false);
}

void ehlo__ehlo_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    hello(s, argument, true);
}

void ehlo__lhlo_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    hello(s, argument, true); /* RFC 2033 4.1: EHLO by another name */
}

/* The name waited in the line buffer, which nothing else uses while this is decided. */
void ehlo__helo_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if ((slot->flags & EHLO__SLOT_POSITIVE) == 0)
        return;
    s->helo_length = (uint8_t)s->kept;
    memcpy(s->helo, s->lines.buffer, s->kept);
    s->helo_given = true;
    s->extended = slot->stage == EHLO__STAGE_EHLO;
    s->forwarded = false;
    ehlo__transaction_end(s, EHLO_OUTCOME_ABORTED, EHLO_CAUSE_HELO);
    ehlo__set_state(s, EHLO_STATE_READY);
}

void ehlo__greet_again(struct ehlo_server *s)
{
    s->helo_given = false;
    s->helo_length = 0;
    s->extended = false;
    s->forwarded = false;
    ehlo__set_state(s, s->config->helo_optional ? EHLO_STATE_READY : EHLO_STATE_FRESH);
}
