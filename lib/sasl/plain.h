/*
 * The mechanism PLAIN (RFC 4616).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SASL_PLAIN_H
#define EHLO_SASL_PLAIN_H

#include "ehlo/types.h"

struct ehlo__plain {
    struct ehlo_slice authorization;  /* may be empty */
    struct ehlo_slice authentication; /* not empty */
    struct ehlo_slice password;       /* not empty */
};

/* Cuts a message in its parts. False: it is none (RFC 4616 2: two NULs, UTF-8, nothing missing). */
bool ehlo__parse_plain(struct ehlo_slice message, struct ehlo__plain *plain);

#endif
