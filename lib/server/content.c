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

    ehlo__dots_start(&s->dots, config->bare_lf, config->bare_cr, config->nul);
    ehlo__inspect_start(
        &s->inspect, ehlo__limit(config->max_hops, EHLO_DEFAULT_HOPS),
        ehlo__limit(config->max_header_size, EHLO_DEFAULT_HEADER_SIZE), config->max_content_line,
        config->eight_bit == EHLO_8BIT_REFUSE && s->transaction.body != EHLO_BODY_8BIT);
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

/* The slice is taken; a refusal waits, formatted, for the end of the content. */
void ehlo__body_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->flags & EHLO__SLOT_POSITIVE)
        return;
    s->transaction.fault = EHLO__FAULT_HELD;
    ehlo__slot_at(s, 0)->state = EHLO__SLOT_HELD;
}

/* What was met; told at the end, so that neither cuts nor late decisions change it. */
static void trace_met(struct ehlo_server *s)
{
    static const uint8_t reasons[] = {[EHLO__DOTS_BARE_LF] = EHLO_TRACE_BARE_LF,
                                      [EHLO__DOTS_BARE_CR] = EHLO_TRACE_BARE_CR,
                                      [EHLO__DOTS_NUL] = EHLO_TRACE_NUL};

    for (unsigned i = EHLO__DOTS_BARE_LF; i <= EHLO__DOTS_NUL; i++)
        if ((s->dots.seen & 1u << i) != 0)
            ehlo__trace(s, reasons[i], 0);
    if (s->transaction.fault_trace != 0 && s->transaction.fault != EHLO__FAULT_HELD)
        ehlo__trace(s, s->transaction.fault_trace, s->transaction.octets);
}

/* The content was answered by a fault, the engine's or the host's. */
static void refuse_content(struct ehlo_server *s)
{
    const struct ehlo__slot refused = {.flags = 0};

    s->row_stage = EHLO__STAGE_MESSAGE;
    if (s->transaction.fault == EHLO__FAULT_HELD)
        ehlo__release_held(s);
    else if (s->transaction.fault_point)
        ehlo__refuse(s, s->transaction.fault);
    else
        ehlo__say(s, s->transaction.fault);
    if (s->state == EHLO_STATE_CONTENT)
        ehlo__message_decided(s, &refused);
    ehlo__advance(s);
}

static void end_content(struct ehlo_server *s)
{
    const struct ehlo_message message = {.octets = s->transaction.octets,
                                         .recipients = s->transaction.recipients,
                                         .hops = s->inspect.hops};

    s->epoch++;
    trace_met(s);
    ehlo__trace(s, EHLO_TRACE_CONTENT, s->transaction.octets);
    if (s->transaction.fault != 0) {
        refuse_content(s);
        return;
    }
    ehlo__ask(s, EHLO__STAGE_MESSAGE);
    ehlo__settle(s, s->config->on_message == NULL ? ehlo_reply(EHLO_REPLY_CANNOT_TAKE_MESSAGES)
                                                  : s->config->on_message(s, &message, s->user));
}

size_t ehlo__content_take(struct ehlo_server *s, const char *data, size_t length)
{
    struct ehlo_slice slice;
    const uint64_t before = s->transaction.taken;
    const size_t used = ehlo__dots_take(&s->dots, data, length, &slice);

    s->transaction.taken += used;
    s->epoch += (uint32_t)((s->transaction.taken >> 16) - (before >> 16));
    if (slice.length > 0 && s->transaction.fault == 0)
        take_slice(s, slice);
    if (s->dots.fault != EHLO__DOTS_FINE && s->transaction.fault == 0)
        set_fault(s, &framing_faults[s->dots.fault]);
    if (s->dots.ended)
        end_content(s);
    return used;
}
