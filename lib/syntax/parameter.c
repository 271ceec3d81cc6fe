/*
 * Parameters of MAIL and RCPT, one after the other, and the values that the core reads: numbers,
 * SIZE=, BODY= (RFC 5321 4.1.2, RFC 6531 3.3, RFC 1870 3, RFC 6152 2, RFC 3030 3).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

/* esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-") */
static bool take_parameter_keyword(struct ehlo__cursor *in)
{
    if (!ehlo__take_class(in, EHLO__LET_DIG))
        return false;
    ehlo__take_run(in, EHLO__LDH);
    return true;
}

/* esmtp-value = 1*( %d33-60 / %d62-126 / UTF8-non-ascii ) */
static bool take_parameter_value(struct ehlo__cursor *in, bool utf8)
{
    size_t before = in->left;

    while (ehlo__take_class(in, EHLO__VALUE) || (utf8 && ehlo__take_utf8(in)))
        continue;
    return in->left < before;
}

enum ehlo_syntax ehlo_next_parameter(struct ehlo_slice *rest, uint32_t tolerated,
                                     struct ehlo_parameter *parameter)
{
    struct ehlo__cursor in = ehlo__cursor(*rest), start = in;
    struct ehlo_parameter found = {{NULL, 0}, {NULL, 0}, false};

    if (in.left == 0)
        return EHLO_SYNTAX_END;
    if (!take_parameter_keyword(&in))
        return EHLO_SYNTAX_MALFORMED;
    found.keyword = ehlo__taken(start, &in);
    found.has_value = ehlo__take(&in, '=');
    if (found.has_value) {
        start = in;
        if (!take_parameter_value(&in, (tolerated & EHLO_SYNTAX_UTF8) != 0))
            return EHLO_SYNTAX_MALFORMED;
        found.value = ehlo__taken(start, &in);
    }
    if (in.left > 0 && !ehlo__is(*in.at, EHLO__BLANK))
        return EHLO_SYNTAX_MALFORMED;
    if ((ehlo__take_gap(&in) & ~tolerated) != 0)
        return EHLO_SYNTAX_MALFORMED;
    *parameter = found;
    *rest = ehlo__rest(&in);
    return EHLO_SYNTAX_OK;
}

enum ehlo_syntax ehlo_parse_number(struct ehlo_slice text, size_t digits, uint64_t *number)
{
    struct ehlo__cursor in = ehlo__cursor(text);
    uint64_t value = 0;

    if (text.length == 0 || text.length > digits)
        return EHLO_SYNTAX_MALFORMED;
    for (; in.left > 0 && ehlo__is(*in.at, EHLO__DIGIT); ehlo__skip(&in)) {
        unsigned digit = ehlo__hex_value(*in.at);

        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
    }
    if (in.left > 0)
        return EHLO_SYNTAX_MALFORMED;
    *number = value;
    return EHLO_SYNTAX_OK;
}

enum ehlo_syntax ehlo_parse_size(struct ehlo_slice value, uint64_t *size)
{
    return ehlo_parse_number(value, 20, size);
}

enum ehlo_syntax ehlo_parse_body(struct ehlo_slice value, enum ehlo_body *body)
{
    static const struct {
        struct ehlo_slice name;
        enum ehlo_body body;
    } bodies[] = {
        {{"7BIT", 4}, EHLO_BODY_7BIT},
        {{"8BITMIME", 8}, EHLO_BODY_8BIT},
        {{"BINARYMIME", 10}, EHLO_BODY_BINARY},
    };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        if (ehlo_same_text(value, bodies[i].name)) {
            *body = bodies[i].body;
            return EHLO_SYNTAX_OK;
        }
    }
    return EHLO_SYNTAX_MALFORMED;
}
