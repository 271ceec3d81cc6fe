/*
 * Writing into a caller's buffer that may be too small: what does not fit is only counted.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SYNTAX_SINK_H
#define EHLO_SYNTAX_SINK_H

#include "ehlo/types.h"

struct ehlo__sink {
    char *buffer;
    size_t size;
    size_t length; /* of the whole text */
};

static inline void ehlo__put(struct ehlo__sink *out, char octet)
{
    if (out->length < out->size)
        out->buffer[out->length] = octet;
    out->length++;
}

static inline void ehlo__put_text(struct ehlo__sink *out, const char *text)
{
    while (*text != '\0')
        ehlo__put(out, *text++);
}

#endif
