/*
 * The texts of error codes, and slices of C strings.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/types.h"
#include "support.h"

#include <limits.h>
#include <string.h>

static void test_every_error_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int error = EHLO_ERROR_CLOSED; error <= EHLO_OK; error++) {
        assert_true(strlen(ehlo_error_text(error)) > 0);
        assert_string_not_equal(ehlo_error_text(error), "unknown error");
        for (int other = error + 1; other <= EHLO_OK; other++)
            assert_string_not_equal(ehlo_error_text(error), ehlo_error_text(other));
    }
}

static void test_other_numbers_are_unknown_errors(void **state)
{
    static const int others[] = {INT_MIN, EHLO_ERROR_CLOSED - 1, EHLO_OK + 1, INT_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_string_equal(ehlo_error_text(others[i]), "unknown error");
}

static void test_text_makes_slices(void **state)
{
    static const char words[] = "words";

    (void)state;
    assert_ptr_equal(ehlo_text(words).data, words);
    assert_int_equal(ehlo_text(words).length, 5);
    assert_int_equal(ehlo_text("").length, 0);
    assert_null(ehlo_text(NULL).data);
    assert_int_equal(ehlo_text(NULL).length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_has_a_text_of_its_own),
        cmocka_unit_test(test_other_numbers_are_unknown_errors),
        cmocka_unit_test(test_text_makes_slices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
