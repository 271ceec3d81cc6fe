/*
 * lib/syntax/parameter.c: walking over parameters; numbers, SIZE=, BODY=.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK        EHLO_SYNTAX_OK
#define END       EHLO_SYNTAX_END
#define MALFORMED EHLO_SYNTAX_MALFORMED
#define DOUBLED   EHLO_ODDITY_DOUBLED_SPACES
#define TRAILING  EHLO_ODDITY_TRAILING_BLANKS
#define UTF8      ((uint32_t)EHLO_SYNTAX_UTF8)

/* R5321-4.1.2-4. The first parameter of a text, and what the call leaves. */
static const struct {
    const char *text;
    uint32_t tolerated;
    enum ehlo_syntax want;
    const char *keyword, *value; /* value NULL: none */
    const char *rest;
} firsts[] = {
    {"", 0, END, NULL, NULL, ""},
    {"SMTPUTF8", 0, OK, "SMTPUTF8", NULL, ""},
    {"SIZE=1", 0, OK, "SIZE", "1", ""},
    {"sIzE=1 BODY=7BIT", 0, OK, "sIzE", "1", "BODY=7BIT"},
    {"X Y", 0, OK, "X", NULL, "Y"},
    {"8BITMIME", 0, OK, "8BITMIME", NULL, ""},
    {"A-B-=c", 0, OK, "A-B-", "c", ""},
    {"AUTH=<>", 0, OK, "AUTH", "<>", ""},
    {"ORCPT=rfc822;a+40b", 0, OK, "ORCPT", "rfc822;a+40b", ""},
    {"X=\"a\\,", 0, OK, "X", "\"a\\,", ""},
    {"X=a  Y", DOUBLED, OK, "X", "a", "Y"},
    {"X=a\tY", DOUBLED, OK, "X", "a", "Y"},
    {"X \t Y", DOUBLED, OK, "X", NULL, "Y"},
    {"X=a ", TRAILING, OK, "X", "a", ""},
    {"X=\xc3\xbc", UTF8, OK, "X", "\xc3\xbc", ""},
    {"X=a  Y", 0, MALFORMED, NULL, NULL, NULL},
    {"X=a\tY", TRAILING, MALFORMED, NULL, NULL, NULL},
    {"X=a ", DOUBLED, MALFORMED, NULL, NULL, NULL},
    {" X", DOUBLED, MALFORMED, NULL, NULL, NULL},
    {"SIZE=", 0, MALFORMED, NULL, NULL, NULL},
    {"SIZE= 1", DOUBLED, MALFORMED, NULL, NULL, NULL},
    {"SIZE =1", DOUBLED, OK, "SIZE", NULL, "=1"}, /* the next call refuses "=1" */
    {"=1", 0, MALFORMED, NULL, NULL, NULL},
    {"A==b", 0, MALFORMED, NULL, NULL, NULL},
    {"A=b=c", 0, MALFORMED, NULL, NULL, NULL},
    {"-X=1", 0, MALFORMED, NULL, NULL, NULL},
    {"X_Y=1", 0, MALFORMED, NULL, NULL, NULL},
    {"X.Y", 0, MALFORMED, NULL, NULL, NULL},
    {">", 0, MALFORMED, NULL, NULL, NULL},
    {"X>", 0, MALFORMED, NULL, NULL, NULL},
    {"X=a=", 0, MALFORMED, NULL, NULL, NULL},
    {"X=\xc3\xbc", 0, MALFORMED, NULL, NULL, NULL},
    {"X=\xc3", UTF8, MALFORMED, NULL, NULL, NULL},
    {"X=\xed\xa0\x80", UTF8, MALFORMED, NULL, NULL, NULL}, /* R6531-3.3-1 */
    {"\xc3\xbc=1", UTF8, MALFORMED, NULL, NULL, NULL},
};

static void test_parameter_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(firsts); i++) {
        struct ehlo_slice text = dup_slice(firsts[i].text), rest = text;
        struct ehlo_parameter parameter;

        memset(&parameter, 0, sizeof parameter);
        check_number(firsts[i].text, "verdict",
                     ehlo_next_parameter(&rest, firsts[i].tolerated, &parameter), firsts[i].want);
        assert_slice_of(firsts[i].text, rest,
                        firsts[i].rest == NULL ? firsts[i].text : firsts[i].rest);
        if (firsts[i].want == OK) {
            assert_slice_of(firsts[i].text, parameter.keyword, firsts[i].keyword);
            assert_of(firsts[i].text, parameter.has_value == (firsts[i].value != NULL));
            assert_slice_of(firsts[i].text, parameter.value,
                            firsts[i].value == NULL ? "" : firsts[i].value);
        }
        free_slice(text);
    }
}

static void test_parameter_walk_ends(void **state)
{
    struct ehlo_slice text = dup_slice("A=1 B C=3"), rest = text;
    struct ehlo_parameter parameter;

    (void)state;
    assert_int_equal(ehlo_next_parameter(&rest, 0, &parameter), OK);
    assert_slice_of("first", parameter.keyword, "A");
    assert_int_equal(ehlo_next_parameter(&rest, 0, &parameter), OK);
    assert_slice_of("second", parameter.keyword, "B");
    assert_int_equal(ehlo_next_parameter(&rest, 0, &parameter), OK);
    assert_slice_of("third", parameter.value, "3");
    assert_int_equal(ehlo_next_parameter(&rest, 0, &parameter), END);
    assert_int_equal(ehlo_next_parameter(&rest, 0, &parameter), END);
    free_slice(text);
}

static bool is_let_dig(int octet)
{
    return (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
           (octet >= 'a' && octet <= 'z');
}

/* R5321-4.1.2-4, -5 */
static void test_parameter_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char first[] = "?b=c", later[] = "a?=c", value[] = "a=?";
        struct ehlo_slice rest = {first, 4};
        struct ehlo_parameter parameter;

        first[0] = later[1] = value[2] = (char)octet;
        if ((ehlo_next_parameter(&rest, 0, &parameter) == OK) != is_let_dig(octet))
            fail_msg("first, octet %d", octet);
        rest = (struct ehlo_slice){later, 4};
        if ((ehlo_next_parameter(&rest, 0, &parameter) == OK && rest.length == 0) !=
            (is_let_dig(octet) || octet == '-'))
            fail_msg("later, octet %d", octet);
        rest = (struct ehlo_slice){value, 3};
        if ((ehlo_next_parameter(&rest, 0, &parameter) == OK) !=
            (octet >= 33 && octet <= 126 && octet != '='))
            fail_msg("value, octet %d", octet);
    }
}

/* R1870-3-2 */
static const struct {
    const char *text;
    size_t digits;
    enum ehlo_syntax want;
    uint64_t number;
} numbers[] = {
    {"0", 20, OK, 0},
    {"00000000000000000007", 20, OK, 7},
    {"12345678901234567890", 20, OK, 12345678901234567890u},
    {"18446744073709551614", 20, OK, UINT64_MAX - 1},
    {"18446744073709551615", 20, OK, UINT64_MAX},
    {"18446744073709551616", 20, OK, UINT64_MAX},
    {"18446744073709551620", 20, OK, UINT64_MAX},
    {"99999999999999999999", 20, OK, UINT64_MAX},
    {"184467440737095516160", 21, OK, UINT64_MAX},
    {"123456789012345678901", 20, MALFORMED, 0},
    {"000000000000000000001", 20, MALFORMED, 0},
    {"12", 3, OK, 12},
    {"123", 3, OK, 123},
    {"1234", 3, MALFORMED, 0},
    {"1", 0, MALFORMED, 0},
    {"", 20, MALFORMED, 0},
    {"-1", 20, MALFORMED, 0},
    {"+1", 20, MALFORMED, 0},
    {" 1", 20, MALFORMED, 0},
    {"1 ", 20, MALFORMED, 0},
    {"1k", 20, MALFORMED, 0},
    {"0x1", 20, MALFORMED, 0},
    {"1.0", 20, MALFORMED, 0},
};

static void test_parameter_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(numbers); i++) {
        struct ehlo_slice text = dup_slice(numbers[i].text);
        uint64_t number = 77, size = 77;

        check_number(numbers[i].text, "verdict",
                     ehlo_parse_number(text, numbers[i].digits, &number), numbers[i].want);
        check_number(numbers[i].text, "number", number,
                     numbers[i].want == OK ? numbers[i].number : 77);
        if (numbers[i].digits == 20) {
            check_number(numbers[i].text, "SIZE", ehlo_parse_size(text, &size), numbers[i].want);
            check_number(numbers[i].text, "size", size, number);
        }
        free_slice(text);
    }
}

static void test_parameter_every_octet_in_a_number(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char text[] = "1?1";
        uint64_t number;

        text[1] = (char)octet;
        if ((ehlo_parse_number((struct ehlo_slice){text, 3}, 20, &number) == OK) !=
            (octet >= '0' && octet <= '9'))
            fail_msg("octet %d", octet);
    }
}

/* R6152-2-1, R5321-2.4-1 */
static const struct {
    const char *text;
    enum ehlo_syntax want;
    enum ehlo_body body;
} bodies[] = {
    {"7BIT", OK, EHLO_BODY_7BIT},         {"7bit", OK, EHLO_BODY_7BIT},
    {"8BITMIME", OK, EHLO_BODY_8BIT},     {"8bitMIME", OK, EHLO_BODY_8BIT},
    {"BINARYMIME", OK, EHLO_BODY_BINARY}, {"binarymime", OK, EHLO_BODY_BINARY},
    {"8BIT", MALFORMED, EHLO_BODY_NONE},  {"7BITMIME", MALFORMED, EHLO_BODY_NONE},
    {"7BI", MALFORMED, EHLO_BODY_NONE},   {"", MALFORMED, EHLO_BODY_NONE},
};

static void test_parameter_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(bodies); i++) {
        struct ehlo_slice text = dup_slice(bodies[i].text);
        enum ehlo_body body = EHLO_BODY_NONE;

        check_number(bodies[i].text, "verdict", ehlo_parse_body(text, &body), bodies[i].want);
        check_number(bodies[i].text, "body", body, bodies[i].body);
        free_slice(text);
    }
}

static void read_parameters(struct ehlo_slice text)
{
    struct ehlo_slice rest = text;
    struct ehlo_parameter parameter;

    for (size_t count = 0;; count++) {
        size_t before = rest.length;
        enum ehlo_syntax verdict = ehlo_next_parameter(&rest, UINT32_MAX, &parameter);

        if (verdict != OK) {
            assert_int_equal(rest.length, before);
            assert_true(verdict == MALFORMED || before == 0);
            return;
        }
        assert_true(rest.length < before && lies_in(rest, text));
        assert_true(lies_in(parameter.keyword, text) && lies_in(parameter.value, text));
        assert_true(parameter.keyword.length > 0);
        assert_true(parameter.has_value == (parameter.value.length > 0));
    }
}

static void test_parameter_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("SIZE=12 BODY=8BITMIME  AUTH=<> X-Y=\xc3\xbc SMTPUTF8 "),
                    read_parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameter_first),
        cmocka_unit_test(test_parameter_walk_ends),
        cmocka_unit_test(test_parameter_every_octet),
        cmocka_unit_test(test_parameter_numbers),
        cmocka_unit_test(test_parameter_every_octet_in_a_number),
        cmocka_unit_test(test_parameter_bodies),
        cmocka_unit_test(test_parameter_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
