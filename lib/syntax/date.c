/*
 * Dates of RFC 3339 5.6 and the calendar behind them (5.7): the proleptic Gregorian one, years 0
 * to 9999.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax/cursor.h"

#define DAY_SECONDS 86400

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, DATE_FIELDS };

/* A number of fixed width and what stands before it */
struct date_field {
    char before; /* in lower case; 0: nothing */
    uint8_t digits;
    uint16_t low, high;
};

static bool take_date_field(struct ehlo__cursor *in, const struct date_field *field, int *value)
{
    uint64_t number;

    if (field->before != 0) {
        if (in->left == 0 || ehlo__lower(*in->at) != field->before)
            return false;
        ehlo__skip(in);
    }
    if (in->left < field->digits || ehlo_parse_number((struct ehlo_slice){in->at, field->digits},
                                                      field->digits, &number) != EHLO_SYNTAX_OK)
        return false;
    in->at += field->digits;
    in->left -= field->digits;
    *value = (int)number;
    return number >= field->low && number <= field->high;
}

/* full-date "T" partial-time without its fraction */
static bool take_date_fields(struct ehlo__cursor *in, int values[DATE_FIELDS])
{
    static const struct date_field fields[DATE_FIELDS] = {
        {0, 4, 0, 9999}, {'-', 2, 1, 12}, {'-', 2, 1, 31},
        {'t', 2, 0, 23}, {':', 2, 0, 59}, {':', 2, 0, 60},
    };

    for (size_t i = 0; i < DATE_FIELDS; i++) {
        if (!take_date_field(in, &fields[i], &values[i]))
            return false;
    }
    return true;
}

/* time-offset = "Z" / ( "+" / "-" ) time-hour ":" time-minute */
static bool take_date_offset(struct ehlo__cursor *in, int *minutes)
{
    static const struct date_field hour = {0, 2, 0, 23}, minute = {':', 2, 0, 59};
    bool is_west = ehlo__at(in, '-');
    int hours, rest;

    *minutes = 0;
    if (ehlo__take(in, 'Z') || ehlo__take(in, 'z'))
        return true;
    if (!ehlo__take(in, '+') && !ehlo__take(in, '-'))
        return false;
    if (!take_date_field(in, &hour, &hours) || !take_date_field(in, &minute, &rest))
        return false;
    *minutes = is_west ? -(hours * 60 + rest) : hours * 60 + rest;
    return true;
}

/* Days from 1970-01-01 to the first of a month; 13 is the next January. */
static int64_t days_to_month(int year, int month)
{
    static const int16_t before[13] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int64_t leap_days = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    int64_t days = (int64_t)year * 365 + leap_days - 719528; /* from 0000-01-01 to 1970-01-01 */

    return days + before[month - 1] + (is_leap && month > 2 ? 1 : 0);
}

/* Leap seconds come at the end of June or December, wherever the clock shows UTC (RFC 3339 5.7):
 * counted as 60, they make the first second of what follows. */
static bool ends_leap_second(int year, int64_t seconds)
{
    static const uint8_t months[] = {1, 7, 13};

    for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
        if (seconds == days_to_month(year, months[i]) * DAY_SECONDS)
            return true;
    }
    return false;
}

enum ehlo_syntax ehlo_parse_date_time(struct ehlo_slice text, uint32_t flags, int64_t *seconds)
{
    struct ehlo__cursor in = ehlo__cursor(text);
    int values[DATE_FIELDS], offset;
    int64_t first, total;

    if (!take_date_fields(&in, values))
        return EHLO_SYNTAX_MALFORMED;
    if (ehlo__take(&in, '.') && /* time-secfrac = "." 1*DIGIT */
        (ehlo__take_run(&in, EHLO__DIGIT) == 0 || (flags & EHLO_DATE_WHOLE) != 0))
        return EHLO_SYNTAX_MALFORMED;
    if (!take_date_offset(&in, &offset) || in.left > 0)
        return EHLO_SYNTAX_MALFORMED;
    if (offset != 0 && (flags & EHLO_DATE_UTC) != 0)
        return EHLO_SYNTAX_MALFORMED;
    first = days_to_month(values[YEAR], values[MONTH]);
    if (first + values[DAY] > days_to_month(values[YEAR], values[MONTH] + 1))
        return EHLO_SYNTAX_MALFORMED;
    total = (first + values[DAY] - 1) * 24 + values[HOUR];
    total = total * 60 + values[MINUTE] - offset;
    total = total * 60 + values[SECOND];
    if (values[SECOND] == 60 && !ends_leap_second(values[YEAR], total))
        return EHLO_SYNTAX_MALFORMED;
    *seconds = total;
    return EHLO_SYNTAX_OK;
}
