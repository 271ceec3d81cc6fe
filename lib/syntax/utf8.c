/*
 * Well-formed UTF-8 (RFC 3629 4), and its characters beyond ASCII as the mail grammar uses them
 * (UTF8-non-ascii, RFC 6532 3.1).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

/* The forms of RFC 3629 4: the second octet's range is what keeps out overlong forms, surrogates
 * and everything above U+10FFFF; octets behind it are always 80..BF. */
static const struct utf8_form {
    unsigned char first_low, first_high, second_low, second_high, length;
} utf8_forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static bool take_utf8_octet(struct ehlo__cursor *in, unsigned low, unsigned high)
{
    if (in->left == 0 || (unsigned char)*in->at < low || (unsigned char)*in->at > high)
        return false;
    ehlo__skip(in);
    return true;
}

bool ehlo__take_utf8(struct ehlo__cursor *in)
{
    struct ehlo__cursor start = *in;

    if (in->left == 0 || (unsigned char)*in->at < utf8_forms[0].first_low)
        return false; /* nearly always */
    for (size_t i = 0; i < sizeof utf8_forms / sizeof *utf8_forms; i++) {
        const struct utf8_form *form = &utf8_forms[i];
        bool whole;

        if (!take_utf8_octet(in, form->first_low, form->first_high))
            continue;
        whole = take_utf8_octet(in, form->second_low, form->second_high);
        for (unsigned taken = 2; whole && taken < form->length; taken++)
            whole = take_utf8_octet(in, 0x80, 0xBF);
        if (!whole)
            *in = start;
        return whole;
    }
    return false;
}

bool ehlo_is_utf8(struct ehlo_slice text)
{
    struct ehlo__cursor in = ehlo__cursor(text);

    while (in.left > 0) {
        if ((unsigned char)*in.at < 0x80)
            ehlo__skip(&in);
        else if (!ehlo__take_utf8(&in))
            return false;
    }
    return true;
}
