/*
 * BDAT is not offered, but its octets are never commands: a refused chunk is eaten, then answered
 * (RFC 3030 2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

static void answer_chunk(struct ehlo_server *s)
{
    if (s->chunk_refusal & EHLO__NO_POINT)
        ehlo__say(s, s->chunk_refusal & ~EHLO__NO_POINT);
    else
        ehlo__refuse(s, s->chunk_refusal);
}

void ehlo__bdat_refuse(struct ehlo_server *s, struct ehlo_slice argument, unsigned refusal)
{
    struct ehlo_command words;

    ehlo_parse_command(argument, EHLO_ODDITIES_ALL, &words);
    if (ehlo_parse_number(words.verb, words.verb.length, &s->chunk) != EHLO_SYNTAX_OK ||
        s->chunk > INT64_MAX) {
        s->chunk = 0; /* where the next command begins cannot be known */
        ehlo__error_point(s);
        ehlo__say_closing(s, EHLO_REPLY_PARAMETER_SYNTAX, EHLO_CAUSE_PROTOCOL);
        return;
    }
    s->chunk_refusal = (uint16_t)refusal;
    if (s->chunk == 0)
        answer_chunk(s);
}

size_t ehlo__chunk_take(struct ehlo_server *s, size_t length)
{
    const uint64_t before = s->chunk;
    const size_t used = length < before ? length : (size_t)before;

    s->chunk -= used;
    s->epoch += (uint32_t)((before >> 16) - (s->chunk >> 16));
    if (s->chunk == 0)
        answer_chunk(s);
    return used;
}
