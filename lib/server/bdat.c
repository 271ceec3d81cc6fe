/*
 * BDAT (RFC 3030): a message in counted chunks. The octets of a chunk are always taken to its end
 * before it is answered, also those of one that is refused: they are never commands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

/* The argument of BDAT. */
struct bdat {
    uint64_t size;
    bool last;
    bool unreadable; /* no size: where the next command begins cannot be known */
    bool malformed; /* something else than LAST behind the size, or blanks that are not tolerated */
    uint32_t oddities; /* enum ehlo_oddity bits */
};

static struct bdat parse_bdat(const struct ehlo_server *s, struct ehlo_slice argument)
{
    struct bdat bdat = {.size = 0};
    struct ehlo_command words;
    const enum ehlo_syntax spelling = ehlo_parse_command(argument, ehlo__tolerated(s), &words);

    bdat.oddities = words.oddities;
    bdat.unreadable =
        ehlo_parse_number(words.verb, words.verb.length, &bdat.size) != EHLO_SYNTAX_OK ||
        bdat.size > INT64_MAX;
    bdat.last = ehlo_same_text(words.argument, ehlo_text("LAST"));
    bdat.malformed = spelling != EHLO_SYNTAX_OK || (words.argument.length > 0 && !bdat.last);
    return bdat;
}

static void note_chunk(struct ehlo_server *s, const struct bdat *bdat, unsigned refusal)
{
    s->chunk = s->chunk_size = bdat->size;
    s->chunk_refusal = (uint16_t)refusal;
    s->transaction.last = bdat->last;
}

void ehlo__lose_chunk(struct ehlo_server *s)
{
    if (s->state != EHLO_STATE_RCPT && s->state != EHLO_STATE_CHUNKS &&
        s->state != EHLO_STATE_CHUNKS_FAILED && s->state != EHLO_STATE_CONTENT)
        return;
    if (s->transaction.last) {
        ehlo__transaction_end(s, EHLO_OUTCOME_REFUSED, EHLO_CAUSE_COMPLETED);
        ehlo__set_state(s, EHLO_STATE_READY);
    } else {
        ehlo__set_state(s, EHLO_STATE_CHUNKS_FAILED);
    }
}

void ehlo__answer_chunk(struct ehlo_server *s, unsigned refusal)
{
    const bool offered = (refusal & ~EHLO__NO_POINT) != EHLO_REPLY_OPERATION_NOT_SUPPORTED;

    if (s->config->mode == EHLO_MODE_LMTP && s->transaction.last && offered &&
        s->transaction.recipients > 0) { /* one for each recipient (RFC 2033 4.3) */
        s->transaction.fault = (uint16_t)(refusal & ~EHLO__NO_POINT);
        s->transaction.fault_point = (refusal & EHLO__NO_POINT) == 0;
        ehlo__set_state(s, EHLO_STATE_CONTENT);
        ehlo__deliver(s);
        return;
    }
    ehlo__refuse(s, refusal);
    if (offered || s->state != EHLO_STATE_RCPT)
        ehlo__lose_chunk(s); /* else DATA may still bring the message */
    ehlo__advance(s);
}

static void answer_eaten(struct ehlo_server *s)
{
    const uint16_t refusal = s->chunk_refusal;

    s->chunk_refusal = 0;
    ehlo__answer_chunk(s, refusal);
}

static void refuse_bdat(struct ehlo_server *s, const struct bdat *bdat, unsigned refusal)
{
    if (bdat->unreadable) {
        ehlo__error_point(s);
        ehlo__say_closing(s, EHLO_REPLY_PARAMETER_SYNTAX, EHLO_CAUSE_PROTOCOL);
        return;
    }
    note_chunk(s, bdat, refusal);
    if (s->chunk == 0)
        answer_eaten(s);
}

void ehlo__bdat_refuse(struct ehlo_server *s, struct ehlo_slice argument, unsigned refusal)
{
    const struct bdat bdat = parse_bdat(s, argument);

    refuse_bdat(s, &bdat, refusal);
}

size_t ehlo__chunk_eat(struct ehlo_server *s, size_t length)
{
    const uint64_t before = s->chunk;
    const size_t used = length < before ? length : (size_t)before;

    s->chunk -= used;
    s->epoch += (uint32_t)((before >> 16) - (s->chunk >> 16));
    if (s->chunk == 0)
        answer_eaten(s);
    return used;
}

void ehlo__bdat_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    const struct bdat bdat = parse_bdat(s, argument);

    if (bdat.unreadable || bdat.malformed) {
        refuse_bdat(s, &bdat, EHLO_REPLY_PARAMETER_SYNTAX);
        return;
    }
    if (s->config->on_message == NULL) {
        refuse_bdat(s, &bdat, EHLO_REPLY_CANNOT_TAKE_MESSAGES | EHLO__NO_POINT);
        return;
    }
    ehlo__trace_oddities(s, bdat.oddities);
    note_chunk(s, &bdat, 0);
    if (s->transaction.started) {
        ehlo__set_state(s, EHLO_STATE_CONTENT);
        ehlo__chunk_end(s);
        return;
    }
    ehlo__ask(s, EHLO__STAGE_CHUNK);
    ehlo__settle(s, s->config->on_data == NULL ? ehlo_accept() : s->config->on_data(s, s->user));
}

/* The first chunk, of whichever verb. */
static void start_chunks(struct ehlo_server *s)
{
    if (!s->transaction.chunked) {
        s->transaction.chunked = true;
        ehlo__content_start(s);
    }
    ehlo__set_state(s, EHLO_STATE_CONTENT);
}

/* The message may start, or its first chunk is read for nothing; the refusal waits for its end. */
void ehlo__chunk_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    start_chunks(s);
    s->transaction.started = true;
    if ((slot->flags & EHLO__SLOT_POSITIVE) == 0)
        ehlo__hold_refusal(s);
    ehlo__chunk_end(s);
}

static void answer_taken(struct ehlo_server *s)
{
    const bool junk = s->chunk_size == 0 && ehlo__junk_point(s);

    s->row_stage = EHLO__STAGE_CHUNK;
    ehlo__set_state(s, EHLO_STATE_CHUNKS);
    if (junk)
        ehlo__say(s, EHLO_REPLY_TOO_MANY_ERRORS);
    else
        ehlo__say_number(s, EHLO_REPLY_CHUNK_OK, s->chunk_size);
}

/* The first fault is the answer to its chunk; a message that is complete is answered as by DATA. */
void ehlo__chunk_end(struct ehlo_server *s)
{
    if (s->state != EHLO_STATE_CONTENT || !s->transaction.chunked || s->transaction.each ||
        s->chunk > 0 || s->open > 0)
        return;
    if (s->transaction.last) {
        ehlo__content_end(s);
        return;
    }
    if (s->transaction.fault == 0) {
        answer_taken(s);
        return;
    }
    ehlo__trace_content(s);
    ehlo__say_fault(s);
    ehlo__lose_chunk(s);
    ehlo__advance(s);
}

/* A verb of the host that brings content from elsewhere (RFC 4468 3). */
void ehlo__host_chunk_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    const bool refused = (slot->flags & EHLO__SLOT_POSITIVE) == 0;

    if (refused && (s->config->mode != EHLO_MODE_LMTP || !s->transaction.last)) {
        ehlo__lose_chunk(s);
        return;
    }
    start_chunks(s);
    if (refused)
        ehlo__hold_refusal(s); /* one for each recipient (RFC 2033 4.3) */
    if (!s->transaction.last)
        ehlo__set_state(s, EHLO_STATE_CHUNKS);
    ehlo__chunk_end(s);
}
