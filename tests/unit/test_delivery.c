/*
 * lib/syntax/delivery.c: BY=, HOLDFOR=, MT-PRIORITY=, RRVS=.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax_support.h"

#include <stdio.h>

#define OK        EHLO_SYNTAX_OK
#define MALFORMED EHLO_SYNTAX_MALFORMED
#define NOTIFY    EHLO_BY_NOTIFY
#define RETURN    EHLO_BY_RETURN
#define REJECT    EHLO_RRVS_REJECT
#define CONTINUE  EHLO_RRVS_CONTINUE

/* R2852-4-1, R2852-4-2 */
static const struct {
    const char *value;
    enum ehlo_syntax want;
    int32_t seconds;
    uint8_t mode;
    bool trace;
} bys[] = {
    {"120;R", OK, 120, RETURN, false},
    {"120;N", OK, 120, NOTIFY, false},
    {"120;RT", OK, 120, RETURN, true},
    {"120;NT", OK, 120, NOTIFY, true},
    {"120;rt", OK, 120, RETURN, true},
    {"120;nT", OK, 120, NOTIFY, true},
    {"+1;R", OK, 1, RETURN, false},
    {"1;R", OK, 1, RETURN, false},
    {"0;R", MALFORMED, 0, 0, false},
    {"+0;R", MALFORMED, 0, 0, false},
    {"-0;RT", MALFORMED, 0, 0, false},
    {"-1;R", MALFORMED, 0, 0, false},
    {"1;N", OK, 1, NOTIFY, false},
    {"0;N", OK, 0, NOTIFY, false},
    {"-0;N", OK, 0, NOTIFY, false},
    {"-1;NT", OK, -1, NOTIFY, true},
    {"000000001;R", OK, 1, RETURN, false},
    {"999999999;R", OK, 999999999, RETURN, false},
    {"+999999999;N", OK, 999999999, NOTIFY, false},
    {"-999999999;N", OK, -999999999, NOTIFY, false},
    {"1000000000;R", MALFORMED, 0, 0, false},
    {"-1000000000;N", MALFORMED, 0, 0, false},
    {"0000000001;R", MALFORMED, 0, 0, false},
    {"", MALFORMED, 0, 0, false},
    {"120", MALFORMED, 0, 0, false},
    {"120;", MALFORMED, 0, 0, false},
    {";R", MALFORMED, 0, 0, false},
    {"+;R", MALFORMED, 0, 0, false},
    {"-;N", MALFORMED, 0, 0, false},
    {"--1;N", MALFORMED, 0, 0, false},
    {"-+1;N", MALFORMED, 0, 0, false},
    {"+-1;N", MALFORMED, 0, 0, false},
    {"120;T", MALFORMED, 0, 0, false},
    {"120;TR", MALFORMED, 0, 0, false},
    {"120;RN", MALFORMED, 0, 0, false},
    {"120;RTT", MALFORMED, 0, 0, false},
    {"120;RT ", MALFORMED, 0, 0, false},
    {"120; R", MALFORMED, 0, 0, false},
    {"120,R", MALFORMED, 0, 0, false},
    {"12a;R", MALFORMED, 0, 0, false},
    {"1.5;R", MALFORMED, 0, 0, false},
    {" 120;R", MALFORMED, 0, 0, false},
};

static void test_delivery_by(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(bys); i++) {
        const char *name = bys[i].value;
        struct ehlo_slice value = dup_slice(name);
        struct ehlo_by by = {-77, EHLO_BY_NONE, false, {0x55, 0x55}};

        check_number(name, "verdict", ehlo_parse_by(value, &by), bys[i].want);
        if (bys[i].want == OK) {
            check_number(name, "seconds", (uint64_t)by.seconds, (uint64_t)bys[i].seconds);
            check_number(name, "mode", by.mode, bys[i].mode);
            check_number(name, "trace", by.trace, bys[i].trace);
            assert_of(name, by.reserved[0] == 0 && by.reserved[1] == 0);
        } else {
            assert_of(name, by.seconds == -77 && by.mode == EHLO_BY_NONE);
        }
        free_slice(value);
    }
}

/* R2852-4-1 */
static void test_delivery_by_every_octet(void **state)
{
    static const char text[] = "+12;RT";
    static const char *const good[] = {"0123456789+", "0123456789", "0123456789",
                                       ";",           "NnRr",       "Tt"};

    (void)state;
    for (size_t at = 0; at < ROWS(good); at++) {
        for (int octet = 0; octet <= 255; octet++) {
            struct ehlo_by by;
            char *copy = dup_exact(text, sizeof text - 1);

            copy[at] = (char)octet;
            if ((ehlo_parse_by((struct ehlo_slice){copy, sizeof text - 1}, &by) == OK) !=
                (octet != 0 && strchr(good[at], octet) != NULL))
                fail_msg("octet %d at %zu", octet, at);
            free(copy);
        }
    }
}

/* R4865-3-2 */
static const struct {
    const char *value;
    enum ehlo_syntax want;
    uint32_t seconds;
} holds[] = {
    {"1", OK, 1},
    {"9", OK, 9},
    {"10", OK, 10},
    {"86400", OK, 86400},
    {"99999999", OK, 99999999},
    {"100000000", OK, 100000000},
    {"999999999", OK, 999999999},
    {"1000000000", MALFORMED, 0},
    {"0", MALFORMED, 0},
    {"00", MALFORMED, 0},
    {"01", MALFORMED, 0},
    {"", MALFORMED, 0},
    {"-1", MALFORMED, 0},
    {"+1", MALFORMED, 0},
    {"1.0", MALFORMED, 0},
    {"0x1", MALFORMED, 0},
    {"1 ", MALFORMED, 0},
    {" 1", MALFORMED, 0},
};

static void test_delivery_hold_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(holds); i++) {
        struct ehlo_slice value = dup_slice(holds[i].value);
        uint32_t seconds = 77;

        check_number(holds[i].value, "verdict", ehlo_parse_hold_for(value, &seconds),
                     holds[i].want);
        check_number(holds[i].value, "seconds", seconds,
                     holds[i].want == OK ? holds[i].seconds : 77);
        free_slice(value);
    }
}

static void test_delivery_hold_for_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char first = (char)octet, second[] = {'1', (char)octet};
        uint32_t seconds;

        if ((ehlo_parse_hold_for((struct ehlo_slice){&first, 1}, &seconds) == OK) !=
            (octet >= '1' && octet <= '9'))
            fail_msg("first, octet %d", octet);
        if ((ehlo_parse_hold_for((struct ehlo_slice){second, 2}, &seconds) == OK) !=
            (octet >= '0' && octet <= '9'))
            fail_msg("second, octet %d", octet);
    }
}

/* R6710-4.1-1 */
static void test_delivery_priority(void **state)
{
    static const char *const refused[] = {"",   "-",   "+1", "+0",  "-0",  "00",
                                          "01", "-01", "10", "-10", "--1", "1-",
                                          "a",  "1.0", "1 ", " 1",  "- 1", "\xb1"};

    (void)state;
    for (int want = -9; want <= 9; want++) {
        char text[16];
        struct ehlo_slice value;
        int32_t priority = 77;

        (void)snprintf(text, sizeof text, "%d", want);
        value = dup_slice(text);
        check_number(text, "verdict", ehlo_parse_priority(value, &priority), OK);
        check_number(text, "priority", (uint64_t)priority, (uint64_t)want);
        free_slice(value);
    }
    for (size_t i = 0; i < ROWS(refused); i++) {
        struct ehlo_slice value = dup_slice(refused[i]);
        int32_t priority = 77;

        check_number(refused[i], "verdict", ehlo_parse_priority(value, &priority), MALFORMED);
        check_number(refused[i], "priority", (uint64_t)priority, 77);
        free_slice(value);
    }
}

static void test_delivery_priority_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char one = (char)octet, sign[] = {(char)octet, '1'}, digit[] = {'-', (char)octet};
        int32_t priority;

        if ((ehlo_parse_priority((struct ehlo_slice){&one, 1}, &priority) == OK) !=
            (octet >= '0' && octet <= '9'))
            fail_msg("alone, octet %d", octet);
        if ((ehlo_parse_priority((struct ehlo_slice){sign, 2}, &priority) == OK) != (octet == '-'))
            fail_msg("sign, octet %d", octet);
        if ((ehlo_parse_priority((struct ehlo_slice){digit, 2}, &priority) == OK) !=
            (octet >= '1' && octet <= '9'))
            fail_msg("negative, octet %d", octet);
    }
}

/* R7293-3.1-1 */
static const struct {
    const char *value;
    enum ehlo_syntax want;
    int64_t since;
    uint32_t action;
    bool given;
} rrvses[] = {
    {"2014-04-03T23:01:00Z", OK, 1396566060, REJECT, false},
    {"2014-04-03T23:01:00Z;R", OK, 1396566060, REJECT, true},
    {"2014-04-03T23:01:00Z;C", OK, 1396566060, CONTINUE, true},
    {"2014-04-03t23:01:00z;r", OK, 1396566060, REJECT, true},
    {"2014-04-03T23:01:00Z;c", OK, 1396566060, CONTINUE, true},
    {"2014-04-04T01:01:00+02:00;C", OK, 1396566060, CONTINUE, true},
    {"1960-02-29T00:00:00Z", OK, -310521600, REJECT, false},
    {"2016-12-31T23:59:60Z;R", OK, 1483228800, REJECT, true},
    {"2014-04-03T23:01:00.0Z", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00.5Z;C", MALFORMED, 0, 0, false},
    {"2014-02-29T23:01:00Z", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:60Z", MALFORMED, 0, 0, false},
    {"2014-04-03", MALFORMED, 0, 0, false},
    {"1396566060", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00Z;", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00Z;X", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00Z;RC", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00Z;R;C", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00Z;;R", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00Z; R", MALFORMED, 0, 0, false},
    {"2014-04-03T23:01:00ZR", MALFORMED, 0, 0, false},
    {";R", MALFORMED, 0, 0, false},
    {"", MALFORMED, 0, 0, false},
};

static void test_delivery_rrvs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rrvses); i++) {
        const char *name = rrvses[i].value;
        struct ehlo_slice value = dup_slice(name);
        struct ehlo_rrvs rrvs = {-77, EHLO_RRVS_NONE, false, {0x55, 0x55, 0x55}};

        check_number(name, "verdict", ehlo_parse_rrvs(value, &rrvs), rrvses[i].want);
        if (rrvses[i].want == OK) {
            check_number(name, "since", (uint64_t)rrvs.since, (uint64_t)rrvses[i].since);
            check_number(name, "action", rrvs.action, rrvses[i].action);
            check_number(name, "given", rrvs.given, rrvses[i].given);
            assert_of(name,
                      rrvs.reserved[0] == 0 && rrvs.reserved[1] == 0 && rrvs.reserved[2] == 0);
        } else {
            assert_of(name, rrvs.since == -77 && rrvs.action == EHLO_RRVS_NONE);
        }
        free_slice(value);
    }
}

static void test_delivery_rrvs_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char value[] = "2014-04-03T23:01:00Z;?";
        struct ehlo_rrvs rrvs;

        value[21] = (char)octet;
        if ((ehlo_parse_rrvs((struct ehlo_slice){value, 22}, &rrvs) == OK) !=
            (octet != 0 && strchr("CcRr", octet) != NULL))
            fail_msg("octet %d", octet);
    }
}

static void read_delivery(struct ehlo_slice text)
{
    struct ehlo_by by;
    struct ehlo_rrvs rrvs;
    uint32_t seconds;
    int32_t priority;

    if (ehlo_parse_by(text, &by) == OK)
        assert_true(by.mode == NOTIFY || (by.mode == RETURN && by.seconds > 0));
    if (ehlo_parse_hold_for(text, &seconds) == OK)
        assert_true(seconds >= 1 && seconds <= 999999999);
    if (ehlo_parse_priority(text, &priority) == OK)
        assert_true(priority >= -9 && priority <= 9);
    if (ehlo_parse_rrvs(text, &rrvs) == OK)
        assert_true(rrvs.action == REJECT || (rrvs.action == CONTINUE && rrvs.given));
}

static void test_delivery_survives_damage(void **state)
{
    (void)state;
    read_delivery((struct ehlo_slice){NULL, 0});
    for_each_damage(SLICE("-120;NT"), read_delivery);
    for_each_damage(SLICE("86400"), read_delivery);
    for_each_damage(SLICE("-9"), read_delivery);
    for_each_damage(SLICE("2014-04-03T23:01:00Z;C"), read_delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delivery_by),
        cmocka_unit_test(test_delivery_by_every_octet),
        cmocka_unit_test(test_delivery_hold_for),
        cmocka_unit_test(test_delivery_hold_for_every_octet),
        cmocka_unit_test(test_delivery_priority),
        cmocka_unit_test(test_delivery_priority_every_octet),
        cmocka_unit_test(test_delivery_rrvs),
        cmocka_unit_test(test_delivery_rrvs_every_octet),
        cmocka_unit_test(test_delivery_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
