/*
 * The bounded output of a session (output.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/output.h"

#include <string.h>

size_t ehlo__output_room(const struct ehlo__output *out)
{
    return out->size - (out->end - out->start);
}

/* Octets already sent leave a hole in front; it is closed only when the room behind is needed. */
static void compact(struct ehlo__output *out)
{
    memmove(out->buffer, out->buffer + out->start, out->end - out->start);
    out->visible -= out->start;
    out->end -= out->start;
    out->start = 0;
}

char *ehlo__output_open(struct ehlo__output *out, size_t offset, size_t room)
{
    char *gap;

    if (out->size - out->end < room)
        compact(out);
    gap = out->buffer + out->visible + offset;
    memmove(gap + room, gap, out->end - out->visible - offset);
    return gap;
}

void ehlo__output_close(struct ehlo__output *out, size_t offset, size_t room, size_t length)
{
    char *gap = out->buffer + out->visible + offset;

    memmove(gap + length, gap + room, out->end - out->visible - offset);
    out->end += (uint32_t)length;
}

void ehlo__output_show(struct ehlo__output *out, size_t length)
{
    out->visible += (uint32_t)length;
}

void ehlo__output_retract(struct ehlo__output *out, size_t length)
{
    out->visible -= (uint32_t)length;
    out->end = out->visible;
}

void ehlo__output_drop_held(struct ehlo__output *out)
{
    out->end = out->visible;
}

void ehlo__output_drop(struct ehlo__output *out)
{
    out->start = out->visible = out->end = 0;
}

void ehlo__output_sent(struct ehlo__output *out, size_t length)
{
    out->start += (uint32_t)length;
    if (out->start == out->end)
        ehlo__output_drop(out);
}
