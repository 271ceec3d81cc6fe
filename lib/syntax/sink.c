/*
 * Writing into a caller's buffer that may be too small (sink.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/sink.h"

#include <string.h>

void ehlo__put(struct ehlo__sink *out, char octet)
{
    if (out->length < out->size)
        out->buffer[out->length] = octet;
    out->length++;
}

void ehlo__put_text(struct ehlo__sink *out, const char *text)
{
    const size_t length = strlen(text);
    const size_t room = out->length < out->size ? out->size - out->length : 0;

    if (room > 0)
        memcpy(out->buffer + out->length, text, length < room ? length : room);
    out->length += length;
}
