/*
 * lib/syntax/chars.c: the table against the classes written out as the RFCs write them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#include "syntax/chars.h"

static bool is_in(int octet, int low, int high)
{
    return octet >= low && octet <= high;
}

static bool is_letter(int octet)
{
    return is_in(octet, 'A', 'Z') || is_in(octet, 'a', 'z');
}

static bool is_digit(int octet)
{
    return is_in(octet, '0', '9');
}

/* R5321-4.1.2-1, -3, -4, R3461-4-1: every octet in every class */
static void test_chars_classes_are_those_of_the_rfcs(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        bool let_dig = is_letter(octet) || is_digit(octet);
        const struct {
            const char *name;
            unsigned class;
            bool want;
        } rows[] = {
            {"blank", EHLO__BLANK, octet == ' ' || octet == '\t'},
            {"digit", EHLO__DIGIT, is_digit(octet)},
            {"hexdig", EHLO__HEXDIG,
             is_digit(octet) || is_in(octet, 'A', 'F') || is_in(octet, 'a', 'f')},
            {"let-dig", EHLO__LET_DIG, let_dig},
            {"ldh", EHLO__LDH, let_dig || octet == '-'},
            {"atext", EHLO__ATEXT,
             let_dig || (octet != 0 && strchr("!#$%&'*+-/=?^_`{|}~", octet) != NULL)},
            {"qtext", EHLO__QTEXT,
             is_in(octet, 32, 33) || is_in(octet, 35, 91) || is_in(octet, 93, 126)},
            {"dcontent", EHLO__DCONTENT, is_in(octet, 33, 90) || is_in(octet, 94, 126)},
            {"value", EHLO__VALUE, is_in(octet, 33, 60) || is_in(octet, 62, 126)},
            {"xchar", EHLO__XCHAR, is_in(octet, 33, 126) && octet != '+' && octet != '='},
            {"graphic", EHLO__GRAPHIC, is_in(octet, 33, 126)},
        };

        for (size_t i = 0; i < ROWS(rows); i++) {
            if (ehlo__is((char)octet, rows[i].class) != rows[i].want)
                fail_msg("%s: octet %d", rows[i].name, octet);
        }
    }
}

static void test_chars_lower_changes_capitals_only(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char want = (char)(is_in(octet, 'A', 'Z') ? octet + 32 : octet);

        assert_int_equal(ehlo__lower((char)octet), want);
    }
}

static void test_chars_hex_value_of_all_digits(void **state)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";

    (void)state;
    for (unsigned i = 0; i < 32; i++)
        assert_int_equal(ehlo__hex_value(digits[i]), i % 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chars_classes_are_those_of_the_rfcs),
        cmocka_unit_test(test_chars_lower_changes_capitals_only),
        cmocka_unit_test(test_chars_hex_value_of_all_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
