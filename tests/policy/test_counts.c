/*
 * Counts of the policy host, under a clock that stands still until it is set.
 *
 * SPDX-License-Identifier: MIT
 */
#include "policy/counts.h"
#include "support.h"

#include <stdio.h>
#include <time.h>

#define DAY 86400

static time_t now;

/* In place of the one of the C library. */
time_t time(time_t *result)
{
    if (result != NULL)
        *result = now;
    return now;
}

static int set_up(void **state)
{
    (void)state;
    counts_free();
    now = 20000 * (time_t)DAY;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    counts_free();
    return 0;
}

static void test_adds(void **state)
{
    (void)state;
    assert_int_equal(counts_get("bob@example.com"), 0);
    assert_true(counts_add("bob@example.com", 3));
    assert_true(counts_add("BOB@Example.COM", 4));
    assert_true(counts_add("example.com", 1));
    assert_true(counts_add("", 10));
    assert_int_equal(counts_get("bob@example.com"), 7);
    assert_int_equal(counts_get("Bob@example.com"), 7);
    assert_int_equal(counts_get("example.com"), 1);
    assert_int_equal(counts_get(""), 10);
    assert_int_equal(counts_get("alice@example.com"), 0);
}

static void test_many(void **state)
{
    char name[32];

    (void)state;
    for (unsigned round = 1; round <= 2; round++) {
        for (unsigned i = 0; i < 5000; i++) {
            snprintf(name, sizeof name, "user%u@example.com", i);
            assert_true(counts_add(name, i));
        }
        for (unsigned i = 0; i < 5000; i++) {
            snprintf(name, sizeof name, "USER%u@example.com", i);
            assert_int_equal(counts_get(name), round * i);
        }
    }
}

static void test_limits(void **state)
{
    (void)state;
    assert_true(counts_add("a", UINT32_MAX - 1));
    assert_true(counts_add("a", 1));
    assert_int_equal(counts_get("a"), UINT32_MAX);
    assert_true(counts_add("a", 1)); /* more cannot be counted */
    assert_int_equal(counts_get("a"), UINT32_MAX);
    assert_true(counts_add("b", 0));
    assert_int_equal(counts_get("b"), 0);
}

static void test_takes_back(void **state)
{
    int64_t day = counts_day();

    (void)state;
    assert_true(counts_add("a", 5));
    counts_take_back("A", 2, day);
    assert_int_equal(counts_get("a"), 3);
    counts_take_back("a", 4, day); /* not below none */
    assert_int_equal(counts_get("a"), 0);
    counts_take_back("b", 1, day);
    assert_int_equal(counts_get("b"), 0);
    assert_true(counts_add("a", 5));
    counts_take_back("a", 5, day - 1);
    assert_int_equal(counts_get("a"), 5);
}

static void test_midnight(void **state)
{
    int64_t day = counts_day();

    (void)state;
    assert_int_equal(day, 20000);
    now += DAY - 1;
    assert_true(counts_add("a", 5));
    assert_int_equal(counts_day(), day);
    assert_int_equal(counts_get("a"), 5);
    now += 1;
    assert_int_equal(counts_day(), day + 1);
    assert_int_equal(counts_get("a"), 0);
    assert_true(counts_add("a", 2));
    counts_take_back("a", 1, day); /* was yesterday's */
    assert_int_equal(counts_get("a"), 2);
    now -= DAY; /* a clock that is set back begins a day, too */
    assert_int_equal(counts_get("a"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_adds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_takes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_midnight, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
