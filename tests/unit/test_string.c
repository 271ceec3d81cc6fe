/*
 * lib/syntax/string.c: what VRFY and EXPN may be asked. R5321-3.5.1-1.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK         EHLO_SYNTAX_OK
#define MALFORMED  EHLO_SYNTAX_MALFORMED
#define UNBALANCED EHLO_SYNTAX_UNBALANCED

static const struct {
    const char *text;
    enum ehlo_syntax strict, tolerant;
} arguments[] = {
    {"Smith", OK, OK},
    {"Joe.Smith", OK, OK},
    {"Example-People", OK, OK},
    {"\"Joe Smith\"", OK, OK},
    {"smith@b.example", OK, OK},
    {"\"Joe Smith\"@b.example", OK, OK},
    {"a@[192.0.2.1]", OK, OK},
    {"<Smith>", OK, OK},
    {"<a>", OK, OK},
    {"<smith@b.example>", OK, OK},
    {"\"a>b\"", OK, OK},
    {"", MALFORMED, MALFORMED},
    {"<>", MALFORMED, MALFORMED},
    {"Joe Smith", MALFORMED, MALFORMED},
    {"smith@", MALFORMED, MALFORMED},
    {"@b.example", MALFORMED, MALFORMED},
    {"a@b@c", MALFORMED, MALFORMED},
    {"Joe <a@b.example>", MALFORMED, MALFORMED},
    {"a\tb", MALFORMED, MALFORMED},
    {"a\x01", MALFORMED, MALFORMED},
    {"\xc3", MALFORMED, MALFORMED},
    {"\xed\xa0\x80", MALFORMED, MALFORMED},
    {"<Smith", UNBALANCED, UNBALANCED},
    {"Smith>", UNBALANCED, UNBALANCED},
    {"\"Joe", UNBALANCED, UNBALANCED},
    {"a@[192.0.2.1", UNBALANCED, UNBALANCED},
    {"<", UNBALANCED, UNBALANCED},
    {"j\xc3\xbcrgen", EHLO_SYNTAX_NOT_ASCII, OK}, /* R6531-3.7.4-2 */
    {"a@\xc3\xbc.example", EHLO_SYNTAX_NOT_ASCII, OK},
    {"a..b", MALFORMED, OK},
    {"a@b_c.example", MALFORMED, OK},
    {"a@b.example.", MALFORMED, OK},
};

static void test_string_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(arguments); i++) {
        struct ehlo_slice text = dup_slice(arguments[i].text);

        check_number(arguments[i].text, "strict", ehlo_parse_string(text, 0), arguments[i].strict);
        check_number(arguments[i].text, "tolerant", ehlo_parse_string(text, UINT32_MAX),
                     arguments[i].tolerant);
        free_slice(text);
    }
}

static void test_string_length(void **state)
{
    (void)state;
    for (size_t length = EHLO_LOCAL_PART_MAX - 1; length <= EHLO_LOCAL_PART_MAX + 1; length++) {
        struct ehlo_slice text = repeated('a', length);

        assert_int_equal(ehlo_parse_string(text, 0),
                         length <= EHLO_LOCAL_PART_MAX ? OK : MALFORMED);
        assert_int_equal(ehlo_parse_string(text, EHLO_ODDITY_LONG_LOCAL_PART), OK);
        free_slice(text);
    }
}

/* R5321-4.1.2-5 */
static void test_string_controls(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char text[] = "\"a?b\"";

        text[2] = (char)octet;
        if ((ehlo_parse_string((struct ehlo_slice){text, 5}, UINT32_MAX) == OK) !=
            (octet >= 32 && octet <= 126 && octet != '"'))
            fail_msg("octet %d", octet);
    }
}

static void read_string(struct ehlo_slice text)
{
    (void)ehlo_parse_string(text, 0);
    (void)ehlo_parse_string(text, UINT32_MAX);
}

static void test_string_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("<\"Joe \\\" Smith\"@b.example>"), read_string);
    for_each_damage(SLICE("j\xc3\xbcrgen@[192.0.2.1]"), read_string);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_string_arguments),
        cmocka_unit_test(test_string_length),
        cmocka_unit_test(test_string_controls),
        cmocka_unit_test(test_string_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
