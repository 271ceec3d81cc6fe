/*
 * Patterns: `*` stands for any octets, also none, `?` for one; case tells nothing apart.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_PATTERN_H
#define SMTPD_PATTERN_H

#include "ehlo/types.h"

/* In a time that grows with pattern times text at most. */
bool pattern_fits(const char *pattern, struct ehlo_slice text);

#endif
