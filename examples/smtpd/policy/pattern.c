/*
 * Patterns. When something does not fit, only the last `*` takes one octet more: what an earlier
 * one could take as well, the last could take, too. So nothing is tried twice.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pattern.h"

static char lower(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? (char)(octet - 'A' + 'a') : octet;
}

static bool fits_one(char pattern, char octet)
{
    return pattern == '?' || lower(pattern) == lower(octet);
}

bool pattern_fits(const char *pattern, struct ehlo_slice text)
{
    const char *star = NULL; /* the last one met */
    size_t taken = 0;        /* where the text goes on behind what it has taken */
    size_t at = 0;

    while (at < text.length) {
        if (*pattern == '*') {
            star = pattern++;
            taken = at;
        } else if (*pattern != '\0' && fits_one(*pattern, text.data[at])) {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star + 1;
            at = ++taken;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
