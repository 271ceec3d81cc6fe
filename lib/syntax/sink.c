/*
 * Writing into a caller's buffer that may be too small (sink.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/sink.h"

void ehlo__put(struct ehlo__sink *out, char octet)
{
    if (out->length < out->size)
        out->buffer[out->length] = octet;
    out->length++;
}

void ehlo__put_text(struct ehlo__sink *out, const char *text)
{
    while (*text != '\0')
        ehlo__put(out, *text++);
}
