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

void ehlo__put(struct ehlo__sink *, char octet);
void ehlo__put_text(struct ehlo__sink *, const char *text);

#endif
