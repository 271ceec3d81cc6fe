/*
 * xtext (RFC 3461 4): "+" and two hex digits for each octet that a parameter value cannot hold.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"
#include "syntax/sink.h"

/* hexchar = "+" 2HEXDIG. RFC 3461 writes upper case, RFC 4954 either: both are read. */
static bool take_hexchar(struct ehlo__cursor *in, char *octet)
{
    unsigned value;

    if (in->left < 3 || in->at[0] != '+' || !ehlo__is(in->at[1], EHLO__HEXDIG) ||
        !ehlo__is(in->at[2], EHLO__HEXDIG))
        return false;
    value = ehlo__hex_value(in->at[1]) << 4 | ehlo__hex_value(in->at[2]);
    *octet = (char)(unsigned char)value;
    in->at += 3;
    in->left -= 3;
    return true;
}

static bool put_decoded(struct ehlo_slice text, struct ehlo__sink *out)
{
    struct ehlo__cursor in = ehlo__cursor(text);

    while (in.left > 0) {
        char octet = *in.at;

        if (!ehlo__take_class(&in, EHLO__XCHAR) && !take_hexchar(&in, &octet))
            return false;
        ehlo__put(out, octet);
    }
    return true;
}

enum ehlo_syntax ehlo_xtext_decode(struct ehlo_slice text, char *buffer, size_t size,
                                   size_t *length)
{
    struct ehlo__sink measure = {NULL, 0, 0}, out = {buffer, size, 0};

    if (!put_decoded(text, &measure))
        return EHLO_SYNTAX_MALFORMED;
    if (measure.length > size)
        return EHLO_SYNTAX_TOO_LONG;
    (void)put_decoded(text, &out);
    *length = out.length;
    return EHLO_SYNTAX_OK;
}

static void put_encoded(struct ehlo_slice octets, struct ehlo__sink *out)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < octets.length; i++) {
        unsigned char octet = (unsigned char)octets.data[i];

        if (ehlo__is(octets.data[i], EHLO__XCHAR)) {
            ehlo__put(out, octets.data[i]);
            continue;
        }
        ehlo__put(out, '+');
        ehlo__put(out, digits[octet >> 4]);
        ehlo__put(out, digits[octet & 15]);
    }
}

size_t ehlo_xtext_encode(struct ehlo_slice octets, char *buffer, size_t size)
{
    struct ehlo__sink measure = {NULL, 0, 0}, out = {buffer, size, 0};

    put_encoded(octets, &measure);
    if (measure.length <= size)
        put_encoded(octets, &out);
    return measure.length;
}
