/*
 * Comparing texts without regard to the case of ASCII letters (RFC 5321 2.4).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/syntax.h"
#include "syntax/chars.h"

bool ehlo_same_text(struct ehlo_slice a, struct ehlo_slice b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++) {
        if (ehlo__lower(a.data[i]) != ehlo__lower(b.data[i]))
            return false;
    }
    return true;
}
