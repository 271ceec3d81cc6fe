/*
 * Text that grows.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_TEXT_H
#define SMTPD_TEXT_H

#include "ehlo/types.h"

/* Zeroed before the first use. */
struct text {
    char *data; /* NUL-terminated; NULL: empty */
    size_t length, room;
    bool lost; /* memory ran out: what was to be appended is missing */
};

/* Appends as printf does. */
#if defined __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void text_add(struct text *, const char *format, ...);

void text_free(struct text *);

#endif
