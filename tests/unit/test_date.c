/*
 * lib/syntax/date.c: dates of RFC 3339 and their calendar.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax_support.h"

#include <stdio.h>

#define OK        EHLO_SYNTAX_OK
#define MALFORMED EHLO_SYNTAX_MALFORMED
#define UTC       EHLO_DATE_UTC
#define WHOLE     EHLO_DATE_WHOLE

#define UNTOUCHED 4711

static const struct {
    const char *text;
    uint32_t flags;
    enum ehlo_syntax want;
    int64_t seconds;
} dates[] = {
    {"1970-01-01T00:00:00Z", 0, OK, 0},
    {"1969-12-31T23:59:59Z", 0, OK, -1},
    {"2038-01-19T03:14:08Z", 0, OK, 2147483648},
    {"0000-01-01T00:00:00Z", 0, OK, -62167219200},
    {"0000-01-01T00:00:00+23:59", 0, OK, -62167305540},
    {"9999-12-31T23:59:59Z", 0, OK, 253402300799},
    {"9999-12-31T23:59:59-23:59", 0, OK, 253402387139},

    /* RFC 3339 5.8 */
    {"1985-04-12T23:20:50.52Z", 0, OK, 482196050},
    {"1996-12-19T16:39:57-08:00", 0, OK, 851042397},
    {"1996-12-20T00:39:57Z", 0, OK, 851042397},
    {"1990-12-31T23:59:60Z", 0, OK, 662688000},
    {"1990-12-31T15:59:60-08:00", 0, OK, 662688000},
    {"1937-01-01T12:00:27.87+00:20", 0, OK, -1041337173},

    /* lengths of months */
    {"2023-01-31T00:00:00Z", 0, OK, 1675123200},
    {"2023-01-32T00:00:00Z", 0, MALFORMED, 0},
    {"2023-02-28T00:00:00Z", 0, OK, 1677542400},
    {"2023-02-29T00:00:00Z", 0, MALFORMED, 0},
    {"2024-02-29T00:00:00Z", 0, OK, 1709164800},
    {"2024-02-30T00:00:00Z", 0, MALFORMED, 0},
    {"2000-02-29T00:00:00Z", 0, OK, 951782400},
    {"1900-02-29T00:00:00Z", 0, MALFORMED, 0},
    {"2100-02-29T00:00:00Z", 0, MALFORMED, 0},
    {"0000-02-29T00:00:00Z", 0, OK, -62162121600},
    {"2023-04-31T00:00:00Z", 0, MALFORMED, 0},
    {"2023-06-31T00:00:00Z", 0, MALFORMED, 0},
    {"2023-09-31T00:00:00Z", 0, MALFORMED, 0},
    {"2023-11-31T00:00:00Z", 0, MALFORMED, 0},
    {"2023-12-32T00:00:00Z", 0, MALFORMED, 0},
    {"2023-00-01T00:00:00Z", 0, MALFORMED, 0},
    {"2023-13-01T00:00:00Z", 0, MALFORMED, 0},
    {"2023-01-00T00:00:00Z", 0, MALFORMED, 0},

    /* time of day */
    {"2023-01-01T23:59:59Z", 0, OK, 1672617599},
    {"2023-01-01T24:00:00Z", 0, MALFORMED, 0},
    {"2023-01-01T00:60:00Z", 0, MALFORMED, 0},
    {"2023-01-01T00:00:61Z", 0, MALFORMED, 0},

    /* leap seconds: RFC 3339 5.7 */
    {"2016-06-30T23:59:60Z", 0, OK, 1467331200},
    {"2017-01-01T08:59:60+09:00", 0, OK, 1483228800},
    {"2016-12-31T23:59:60.5Z", 0, OK, 1483228800},
    {"2016-06-30T18:29:60-05:30", 0, OK, 1467331200},
    {"2016-12-31T23:59:60+09:00", 0, MALFORMED, 0},
    {"2016-12-31T23:58:60Z", 0, MALFORMED, 0},
    {"2016-12-30T23:59:60Z", 0, MALFORMED, 0},
    {"2016-03-31T23:59:60Z", 0, MALFORMED, 0},
    {"2017-01-01T00:59:60Z", 0, MALFORMED, 0},
    {"2016-12-31T23:59:61Z", 0, MALFORMED, 0},

    /* letters and marks */
    {"1970-01-01t00:00:00z", 0, OK, 0},
    {"1970-01-01 00:00:00Z", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00", 0, MALFORMED, 0},
    {"1970-01-01T00:00Z", 0, MALFORMED, 0},
    {"1970-01-01", 0, MALFORMED, 0},
    {"1970-1-1T00:00:00Z", 0, MALFORMED, 0},
    {"70-01-01T00:00:00Z", 0, MALFORMED, 0},
    {"+970-01-01T00:00:00Z", 0, MALFORMED, 0},
    {"19700101T000000Z", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00Z ", 0, MALFORMED, 0},
    {" 1970-01-01T00:00:00Z", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00ZZ", 0, MALFORMED, 0},
    {"", 0, MALFORMED, 0},

    /* fractions; R7293-3.1-1 forbids them */
    {"1970-01-01T00:00:01.9Z", 0, OK, 1},
    {"1970-01-01T00:00:01.000000000000000000000000001Z", 0, OK, 1},
    {"1969-12-31T23:59:59.9Z", 0, OK, -1},
    {"1970-01-01T00:00:00.Z", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00,5Z", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00.5", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00.5.5Z", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00.0Z", WHOLE, MALFORMED, 0},
    {"1970-01-01T00:00:00Z", WHOLE, OK, 0},
    {"1970-01-01T00:00:00+01:00", WHOLE, OK, -3600},
    {"1970-01-01T00:00:00.0Z", WHOLE | UTC, MALFORMED, 0},

    /* offsets; R4865-3-2 wants UTC */
    {"1970-01-01T00:00:00+23:59", 0, OK, -86340},
    {"1970-01-01T00:00:00-23:59", 0, OK, 86340},
    {"1970-01-01T00:00:00+24:00", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00+00:60", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00+0100", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00+01", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00+1:00", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00Z+01:00", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00+-1:00", 0, MALFORMED, 0},
    {"1970-01-01T00:00:00Z", UTC, OK, 0},
    {"1970-01-01T00:00:00z", UTC, OK, 0},
    {"1970-01-01T00:00:00.5Z", UTC, OK, 0},
    {"1970-01-01T00:00:00+00:00", UTC, OK, 0},
    {"1970-01-01T00:00:00-00:00", UTC, OK, 0},
    {"1970-01-01T00:00:00+00:01", UTC, MALFORMED, 0},
    {"1970-01-01T00:00:00-00:01", UTC, MALFORMED, 0},
    {"1970-01-01T00:00:00+01:00", UTC, MALFORMED, 0},
};

static void test_date_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(dates); i++) {
        struct ehlo_slice text = dup_slice(dates[i].text);
        int64_t seconds = UNTOUCHED;

        check_number(dates[i].text, "verdict", ehlo_parse_date_time(text, dates[i].flags, &seconds),
                     dates[i].want);
        check_number(dates[i].text, "seconds", (uint64_t)seconds,
                     (uint64_t)(dates[i].want == OK ? dates[i].seconds : UNTOUCHED));
        free_slice(text);
    }
}

static int64_t read_noon(int year, int month, int day, enum ehlo_syntax want)
{
    char text[64];
    int length = snprintf(text, sizeof text, "%04d-%02d-%02dT12:00:00Z", year, month, day);
    int64_t seconds = UNTOUCHED;

    if (ehlo_parse_date_time((struct ehlo_slice){text, (size_t)length}, 0, &seconds) != want)
        fail_msg("%s is%s taken", text, want == OK ? " not" : "");
    return seconds;
}

/* Each day of 10000 years follows the one before; 29 to 32 are days where the month has them. */
static void test_date_counts_every_day(void **state)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t noon = -62167219200 - 43200;

    (void)state;
    for (int year = 0; year <= 9999; year++) {
        bool is_leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);

        for (int month = 1; month <= 12; month++) {
            int days = lengths[month - 1] + (is_leap && month == 2 ? 1 : 0);

            for (int day = 1; day <= days; day++) {
                noon += 86400;
                if (read_noon(year, month, day, OK) != noon)
                    fail_msg("%04d-%02d-%02d is %lld", year, month, day, (long long)noon);
            }
            (void)read_noon(year, month, days + 1, MALFORMED);
        }
    }
    assert_true(noon == 253402257600);
}

/* Every octet at each place of a date: only these are good there. */
static void test_date_every_octet(void **state)
{
    static const char text[] = "2024-02-29T12:34:56Z";
    static const char *const good[] = {
        "0123456789", "0123456789", "02468",      "048",    "-",          "01",         "123456789",
        "-",          "012",        "0123456789", "Tt",     "012",        "0123456789", ":",
        "012345",     "0123456789", ":",          "012345", "0123456789", "Zz",
    };

    (void)state;
    assert_int_equal(ROWS(good), sizeof text - 1);
    for (size_t at = 0; at < ROWS(good); at++) {
        char *copy = dup_exact(text, sizeof text - 1);

        for (int octet = 0; octet <= 255; octet++) {
            int64_t seconds;
            bool is_good = octet != 0 && strchr(good[at], octet) != NULL;

            copy[at] = (char)octet;
            if ((ehlo_parse_date_time((struct ehlo_slice){copy, sizeof text - 1}, 0, &seconds) ==
                 OK) != is_good)
                fail_msg("octet %d at %zu", octet, at);
        }
        free(copy);
    }
}

static void read_date(struct ehlo_slice text)
{
    int64_t seconds = UNTOUCHED;

    if (ehlo_parse_date_time(text, 0, &seconds) == OK)
        assert_true(text.length >= 20 && seconds >= -62167305540 && seconds <= 253402387139);
    else
        assert_true(seconds == UNTOUCHED);
}

static void test_date_survives_damage(void **state)
{
    int64_t seconds;

    (void)state;
    assert_int_equal(ehlo_parse_date_time((struct ehlo_slice){NULL, 0}, 0, &seconds), MALFORMED);
    for_each_damage(SLICE("2016-12-31T23:59:60.123Z"), read_date);
    for_each_damage(SLICE("2016-02-29T23:59:59-08:00"), read_date);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date_table),
        cmocka_unit_test(test_date_counts_every_day),
        cmocka_unit_test(test_date_every_octet),
        cmocka_unit_test(test_date_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
