/*
 * The content of a message on its way from the wire to on_body: counted, inspected, never copied.
 * It is read to its true end, whatever happens; the first fault by its offset is the answer.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

/* The wire knows the policies by numbers of its own. */
_Static_assert(EHLO__BARE_LF_NORMALISE == EHLO_BARE_LF_NORMALISE &&
                   EHLO__BARE_LF_ACCEPT == EHLO_BARE_LF_ACCEPT,
               "bare_lf");
_Static_assert(EHLO__BARE_CR_SPACE == EHLO_BARE_CR_SPACE &&
                   EHLO__BARE_CR_ACCEPT == EHLO_BARE_CR_ACCEPT,
               "bare_cr");
_Static_assert(EHLO__NUL_STRIP == EHLO_NUL_STRIP && EHLO__NUL_ACCEPT == EHLO_NUL_ACCEPT, "nul");

/* The faults, their replies, and whether each costs an error point. */
struct fault {
    uint16_t id;
    uint8_t trace; /* enum ehlo_trace_reason of a limit, or 0 */
    bool point;
};

static const struct fault framing_faults[] = {
    [EHLO__DOTS_BARE_LF] = {EHLO_REPLY_CONTENT_LINE_END, 0, true},
    [EHLO__DOTS_BARE_CR] = {EHLO_REPLY_CONTENT_LINE_END, 0, true},
    [EHLO__DOTS_NUL] = {EHLO_REPLY_CONTENT_NUL, 0, true},
};

static const struct fault inspect_faults[] = {
    [EHLO__INSPECT_HOPS] = {EHLO_REPLY_TOO_MANY_HOPS, EHLO_TRACE_HOP_LIMIT, false},
    [EHLO__INSPECT_HEADER] = {EHLO_REPLY_HEADER_TOO_BIG, EHLO_TRACE_HEADER_LIMIT, false},
    [EHLO__INSPECT_LINE] = {EHLO_REPLY_CONTENT_LINE_TOO_LONG, EHLO_TRACE_CONTENT_LINE_LIMIT, false},
    [EHLO__INSPECT_8BIT] = {EHLO_REPLY_CONTENT_8BIT, 0, false},
};

static const struct fault size_fault = {EHLO_REPLY_MESSAGE_TOO_BIG, EHLO_TRACE_SIZE_LIMIT, false};

void ehlo__content_start(struct ehlo_server *s)
{
    const struct ehlo_server_config *config = s->config;
    const bool binary = s->transaction.body == EHLO_BODY_BINARY; /* has no lines (RFC 3030 3) */
    const bool declared = s->transaction.body == EHLO_BODY_8BIT || binary ||
                          (s->transaction.flags & EHLO_MAIL_UTF8) != 0; /* RFC 6531 3.4 */

    if (s->transaction.chunked)
        ehlo__dots_start_chunks(&s->dots, config->bare_lf, config->bare_cr, config->nul);
    else
        ehlo__dots_start(&s->dots, config->bare_lf, config->bare_cr, config->nul);
    ehlo__inspect_start(&s->inspect, ehlo__limit(config->max_hops, EHLO_DEFAULT_HOPS),
                        ehlo__limit(config->max_header_size, EHLO_DEFAULT_HEADER_SIZE),
                        binary ? 0 : config->max_content_line,
                        config->eight_bit == EHLO_8BIT_REFUSE && !declared);
    s->transaction.max_octets = ehlo__max_message_size(s);
    ehlo__set_state(s, EHLO_STATE_CONTENT);
}

static void set_fault(struct ehlo_server *s, const struct fault *fault)
{
    s->transaction.fault = fault->id;
    s->transaction.fault_point = fault->point;
    s->transaction.fault_trace = fault->trace;
}

/* Hands on what comes before the first fault, and no octet behind it. */
static void take_slice(struct ehlo_server *s, struct ehlo_slice slice)
{
    const uint64_t room = s->transaction.max_octets - s->transaction.octets;
    const struct fault *fault = NULL;
    enum ehlo__inspect_fault found;

    slice.length = ehlo__inspect_take(&s->inspect, slice, &found);
    if (found != EHLO__INSPECT_FINE)
        fault = &inspect_faults[found];
    if (slice.length > room) {
        slice.length = (size_t)room;
        fault = &size_fault;
    }
    s->transaction.octets += slice.length;
    if (slice.length > 0 && s->config->on_body != NULL) {
        ehlo__ask(s, EHLO__STAGE_BODY);
        ehlo__settle(s, s->config->on_body(s, slice, s->user));
    }
    if (fault != NULL && s->transaction.fault == 0 && s->state == EHLO_STATE_CONTENT)
        set_fault(s, fault);
}

/* What the wire let through, and what it found. */
static void take_filtered(struct ehlo_server *s, struct ehlo_slice slice)
{
    if (slice.length > 0 && s->transaction.fault == 0)
        take_slice(s, slice);
    if (s->dots.fault != EHLO__DOTS_FINE && s->transaction.fault == 0)
        set_fault(s, &framing_faults[s->dots.fault]);
}

/* The slice is taken; a refusal waits, formatted, for the end of the content. */
void ehlo__body_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->flags & EHLO__SLOT_POSITIVE)
        return;
    ehlo__hold_refusal(s);
}

/* What was met is told at the end, so that neither cuts nor late decisions change it. */
void ehlo__trace_content(struct ehlo_server *s)
{
    static const uint8_t reasons[] = {[EHLO__DOTS_BARE_LF] = EHLO_TRACE_BARE_LF,
                                      [EHLO__DOTS_BARE_CR] = EHLO_TRACE_BARE_CR,
                                      [EHLO__DOTS_NUL] = EHLO_TRACE_NUL};

    for (unsigned i = EHLO__DOTS_BARE_LF; i <= EHLO__DOTS_NUL; i++)
        if ((s->dots.seen & 1u << i) != 0)
            ehlo__trace(s, reasons[i], 0);
    if (s->transaction.fault_trace != 0 && s->transaction.fault != EHLO__FAULT_HELD)
        ehlo__trace(s, s->transaction.fault_trace, s->transaction.octets);
    ehlo__trace(s, EHLO_TRACE_CONTENT, s->transaction.octets);
    s->epoch++;
}

void ehlo__say_fault(struct ehlo_server *s)
{
    const uint16_t fault = s->transaction.fault;

    s->row_stage = EHLO__STAGE_MESSAGE;
    s->transaction.fault = 0;
    if (fault == EHLO__FAULT_HELD)
        ehlo__release_held(s);
    else if (s->transaction.fault_point)
        ehlo__refuse(s, fault);
    else
        ehlo__say(s, fault);
}

bool ehlo__content_break(struct ehlo_server *s)
{
    struct ehlo_slice held;

    if (s->state != EHLO_STATE_CHUNKS)
        return true;
    ehlo__dots_finish(&s->dots, &held);
    s->dots.ended = false;
    if (held.length == 0 && s->dots.fault == EHLO__DOTS_FINE)
        return true;
    set_fault(s, &framing_faults[EHLO__DOTS_BARE_CR]);
    ehlo__set_state(s, EHLO_STATE_CONTENT);
    ehlo__chunk_end(s);
    return false;
}

void ehlo__content_end(struct ehlo_server *s)
{
    if (!s->dots.ended) {
        struct ehlo_slice slice;

        ehlo__dots_finish(&s->dots, &slice);
        take_filtered(s, slice);
        if (s->open > 0)
            return; /* the last slice is being decided */
    }
    ehlo__trace_content(s);
    ehlo__deliver(s);
}

size_t ehlo__content_take(struct ehlo_server *s, const char *data, size_t length)
{
    struct ehlo_slice slice;
    const uint64_t before = s->transaction.wire;
    size_t used;

    if (s->transaction.chunked && length > s->chunk)
        length = (size_t)s->chunk;
    slice = (struct ehlo_slice){data, length};
    used = s->transaction.body == EHLO_BODY_BINARY /* has no lines (RFC 3030 3) */
               ? length
               : ehlo__dots_take(&s->dots, data, length, &slice);
    if (s->transaction.chunked)
        s->chunk -= used;
    s->transaction.wire += used;
    s->epoch += (uint32_t)((s->transaction.wire >> 16) - (before >> 16));
    take_filtered(s, slice);
    if (s->transaction.chunked)
        ehlo__chunk_end(s);
    else if (s->dots.ended)
        ehlo__content_end(s);
    return used;
}
