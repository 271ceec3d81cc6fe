/*
 * When and to whom to deliver: BY= (RFC 2852 4), HOLDFOR= (RFC 4865 3), MT-PRIORITY= (RFC 6710 7),
 * RRVS= (RFC 7293 3.1).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax/cursor.h"

/* Takes one letter in any case. */
static bool take_letter(struct ehlo__cursor *in, char lower)
{
    if (in->left == 0 || ehlo__lower(*in->at) != lower)
        return false;
    ehlo__skip(in);
    return true;
}

/* by-time = ["-" / "+"] 1*9DIGIT */
static bool take_by_time(struct ehlo__cursor *in, int32_t *seconds)
{
    bool is_negative = ehlo__at(in, '-');
    struct ehlo__cursor start;
    uint64_t number;

    if (!ehlo__take(in, '-'))
        (void)ehlo__take(in, '+');
    start = *in;
    ehlo__take_run(in, EHLO__DIGIT);
    if (ehlo_parse_number(ehlo__taken(start, in), 9, &number) != EHLO_SYNTAX_OK)
        return false;
    *seconds = is_negative ? -(int32_t)number : (int32_t)number;
    return true;
}

enum ehlo_syntax ehlo_parse_by(struct ehlo_slice value, struct ehlo_by *by)
{
    struct ehlo__cursor in = ehlo__cursor(value);
    struct ehlo_by found = {.mode = EHLO_BY_NONE};

    if (!take_by_time(&in, &found.seconds) || !ehlo__take(&in, ';'))
        return EHLO_SYNTAX_MALFORMED;
    if (take_letter(&in, 'n'))
        found.mode = EHLO_BY_NOTIFY;
    else if (take_letter(&in, 'r') && found.seconds > 0)
        found.mode = EHLO_BY_RETURN;
    found.trace = take_letter(&in, 't');
    if (found.mode == EHLO_BY_NONE || in.left > 0)
        return EHLO_SYNTAX_MALFORMED;
    *by = found;
    return EHLO_SYNTAX_OK;
}

enum ehlo_syntax ehlo_parse_hold_for(struct ehlo_slice value, uint32_t *seconds)
{
    uint64_t number;

    if (ehlo_parse_number(value, 9, &number) != EHLO_SYNTAX_OK || *value.data == '0')
        return EHLO_SYNTAX_MALFORMED;
    *seconds = (uint32_t)number;
    return EHLO_SYNTAX_OK;
}

enum ehlo_syntax ehlo_parse_priority(struct ehlo_slice value, int32_t *priority)
{
    struct ehlo__cursor in = ehlo__cursor(value);
    bool is_negative = ehlo__take(&in, '-');
    uint64_t number;

    if (ehlo_parse_number(ehlo__rest(&in), 1, &number) != EHLO_SYNTAX_OK)
        return EHLO_SYNTAX_MALFORMED;
    if (is_negative && number == 0)
        return EHLO_SYNTAX_MALFORMED;
    *priority = is_negative ? -(int32_t)number : (int32_t)number;
    return EHLO_SYNTAX_OK;
}

enum ehlo_syntax ehlo_parse_rrvs(struct ehlo_slice value, struct ehlo_rrvs *rrvs)
{
    struct ehlo__cursor in = ehlo__cursor(value), start = in;
    struct ehlo_rrvs found = {.action = EHLO_RRVS_REJECT};

    while (in.left > 0 && !ehlo__at(&in, ';'))
        ehlo__skip(&in);
    if (ehlo_parse_date_time(ehlo__taken(start, &in), EHLO_DATE_WHOLE, &found.since) !=
        EHLO_SYNTAX_OK)
        return EHLO_SYNTAX_MALFORMED;
    found.given = ehlo__take(&in, ';');
    if (found.given) {
        if (take_letter(&in, 'c'))
            found.action = EHLO_RRVS_CONTINUE;
        else if (!take_letter(&in, 'r'))
            return EHLO_SYNTAX_MALFORMED;
    }
    if (in.left > 0)
        return EHLO_SYNTAX_MALFORMED;
    *rrvs = found;
    return EHLO_SYNTAX_OK;
}
