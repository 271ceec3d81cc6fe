/*
 * What the host's on_trace is told, and the frame of all hooks that decide nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

uint32_t ehlo__enter_hook(struct ehlo_server *s)
{
    const uint32_t asking = s->asking;

    s->asking = 0;
    s->in_hook++;
    return asking;
}

void ehlo__leave_hook(struct ehlo_server *s, uint32_t asking)
{
    s->asking = asking;
    s->in_hook--;
}

void ehlo__trace_text(struct ehlo_server *s, enum ehlo_trace_reason reason, uint64_t number,
                      struct ehlo_slice text)
{
    const struct ehlo_trace trace = {.reason = reason, .number = number, .text = text};
    uint32_t asking;

    if (s->config->on_trace == NULL)
        return;
    asking = ehlo__enter_hook(s);
    s->config->on_trace(s, &trace, s->user);
    ehlo__leave_hook(s, asking);
}

void ehlo__trace(struct ehlo_server *s, enum ehlo_trace_reason reason, uint64_t number)
{
    ehlo__trace_text(s, reason, number, ehlo_text(NULL));
}

void ehlo__trace_oddities(struct ehlo_server *s, uint32_t oddities)
{
    s->oddities |= oddities;
    if (oddities != 0)
        ehlo__trace(s, EHLO_TRACE_ODDITY, oddities);
}

void ehlo__set_state(struct ehlo_server *s, enum ehlo_server_state state)
{
    if (s->state == state || s->state == EHLO_STATE_CLOSED)
        return;
    s->state = (uint8_t)state;
    ehlo__trace(s, EHLO_TRACE_STATE, state);
}
