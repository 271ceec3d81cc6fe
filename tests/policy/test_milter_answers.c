/*
 * What a filter answers: verdicts, replies, header fields; good ones and nonsense.
 *
 * SPDX-License-Identifier: MIT
 */
#include "filters/milter_answers.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS(literal) literal, sizeof(literal) - 1

/* ---- verdicts ---- */

static void test_commands(void **state)
{
    static const struct {
        char command;
        enum milter_action action;
        unsigned code;
    } rows[] = {
        {'c', MILTER_CONTINUE, 0},    {'a', MILTER_ACCEPT, 0},  {'r', MILTER_REJECT, 0},
        {'t', MILTER_TEMPORARY, 0},   {'d', MILTER_DISCARD, 0}, {'4', MILTER_TEMPORARY, 421},
        {'f', MILTER_TEMPORARY, 421},
    };
    struct text words = {0};

    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        struct milter_packet packet = {.command = (char)octet};
        struct milter_verdict verdict;
        size_t i = 0;

        while (i < sizeof rows / sizeof *rows && rows[i].command != (char)octet)
            i++;
        assert_true(milter_read_verdict(&packet, &words, &verdict) ==
                    (i < sizeof rows / sizeof *rows));
        if (i == sizeof rows / sizeof *rows)
            continue;
        assert_int_equal(verdict.action, rows[i].action);
        assert_int_equal(verdict.code, rows[i].code);
        assert_int_equal(verdict.text.length, 0);
    }
}

struct reply_row {
    const char *reply; /* with its NUL */
    size_t length;
    enum milter_action action;
    unsigned code; /* 0: the class alone is left */
    const char *enhanced, *text;
};

static void check_reply(const struct reply_row *row)
{
    char *octets = dup_exact(row->reply, row->length), enhanced[16] = "";
    struct milter_packet packet = {'y', {octets, row->length}};
    struct milter_verdict verdict;
    struct text words = {0};

    if (!milter_read_verdict(&packet, &words, &verdict))
        verdict.action = MILTER_FAILED;
    assert_of(row->reply, verdict.action == row->action);
    assert_of(row->reply, verdict.code == row->code);
    assert_octets_of(row->reply, verdict.text.data, verdict.text.length, row->text,
                     strlen(row->text));
    if (verdict.enhanced.klass != 0)
        snprintf(enhanced, sizeof enhanced, "%u.%u.%u", verdict.enhanced.klass,
                 verdict.enhanced.subject, verdict.enhanced.detail);
    assert_string_equal(enhanced, row->enhanced);
    text_free(&words);
    free(octets);
}

static void test_replies(void **state)
{
    static const struct reply_row rows[] = {
        {OCTETS("550 5.7.1 no way\0"), MILTER_REJECT, 550, "5.7.1", "no way"},
        {OCTETS("450 4.7.1 later\0"), MILTER_TEMPORARY, 450, "4.7.1", "later"},
        {OCTETS("421 4.7.1 bye\0"), MILTER_TEMPORARY, 421, "4.7.1", "bye"},
        {OCTETS("599 5.999.999 x\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("559 5.999.999 x\0"), MILTER_REJECT, 559, "5.999.999", "x"},
        {OCTETS("550\0"), MILTER_REJECT, 550, "", ""},
        {OCTETS("550 \0"), MILTER_REJECT, 550, "", ""},
        {OCTETS("550 5.7.1\0"), MILTER_REJECT, 550, "5.7.1", ""},
        {OCTETS("550 5.7.1 \0"), MILTER_REJECT, 550, "5.7.1", ""},
        {OCTETS("550 no code\0"), MILTER_REJECT, 550, "", "no code"},
        {OCTETS("550 5.7 x\0"), MILTER_REJECT, 550, "", "5.7 x"},
        {OCTETS("550 5.07.1 x\0"), MILTER_REJECT, 550, "", "5.07.1 x"},
        {OCTETS("550 100%% of 5%%%%\0"), MILTER_REJECT, 550, "", "100% of 5%%"},
        {OCTETS("550 100% %\0"), MILTER_REJECT, 550, "", "100% %"},
        {OCTETS("550 \xc3\xbc\ttab\0"), MILTER_REJECT, 550, "", "\xc3\xbc\ttab"},
        {OCTETS("550-5.7.1 a\r\n550-5.7.1 b\r\n550 5.7.1 c\0"), MILTER_REJECT, 550, "5.7.1",
         "a\nb\nc"},
        {OCTETS("550-5.7.1 a\r\n550-\r\n550 c\0"), MILTER_REJECT, 550, "5.7.1", "a\n\nc"},
        {OCTETS("450-a\n450 b\0"), MILTER_TEMPORARY, 450, "", "a\nb"},
        {OCTETS("550 a\r\n\0"), MILTER_REJECT, 550, "", "a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_reply(&rows[i]);
}

/* What is malformed leaves its class, or nothing. */
static void test_bad_replies(void **state)
{
    static const struct reply_row rows[] = {
        {OCTETS("550 4.7.1 other class\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("450 2.7.1 other class\0"), MILTER_TEMPORARY, 0, "", ""},
        {OCTETS("550 no NUL"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550 a\0 b\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550 a\0\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("5\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("5"), MILTER_REJECT, 0, "", ""},
        {OCTETS("55\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("560 x\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("55x x\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("5500 x\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550-only\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550-a\r\n550-b\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550 a\r\n550 b\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550-a\r\n551 b\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550-a\r\n\r\n550 b\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("550-a\r\nb\0"), MILTER_REJECT, 0, "", ""},
        {OCTETS("450 a\rb\0"), MILTER_TEMPORARY, 0, "", ""},
        {OCTETS("250 fine\0"), MILTER_FAILED, 0, "", ""},
        {OCTETS("354 go\0"), MILTER_FAILED, 0, "", ""},
        {OCTETS("no\0"), MILTER_FAILED, 0, "", ""},
        {OCTETS("\0"), MILTER_FAILED, 0, "", ""},
        {OCTETS(""), MILTER_FAILED, 0, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_reply(&rows[i]);
}

/* No control octet comes through, but a tab, and LF between lines. */
static void test_reply_octets(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        char reply[] = "550 a?";
        struct milter_packet packet = {'y', {reply, sizeof reply}};
        struct milter_verdict verdict;
        struct text words = {0};
        bool taken = octet == '\t' || octet == '\n' || (octet >= ' ' && octet != 0x7f);

        reply[5] = (char)octet;
        assert_true(milter_read_verdict(&packet, &words, &verdict));
        assert_int_equal(verdict.action, MILTER_REJECT);
        assert_int_equal(verdict.code, taken ? 550 : 0);
        assert_int_equal(verdict.text.length, octet == '\n' ? 1 : taken ? 2 : 0);
        text_free(&words);
    }
}

/* ---- header fields ---- */

static bool add(struct text *fields, char command, const char *data, size_t length, bool blanks)
{
    char *octets = dup_exact(data, length);
    struct milter_packet packet = {command, {octets, length}};
    bool is_one;

    assert_true(milter_is_field(&packet));
    is_one = milter_read_field(&packet, blanks, fields);
    free(octets);
    return is_one;
}

static void test_fields(void **state)
{
    static const struct {
        const char *data;
        size_t length;
        bool blanks;
        const char *want; /* NULL: it is none */
    } rows[] = {
        {OCTETS("X\0y\0"), false, "X: y\r\n"},
        {OCTETS("X\0y\0"), true, "X:y\r\n"},
        {OCTETS("X\0 y\0"), true, "X: y\r\n"},
        {OCTETS("X\0\0"), false, "X: \r\n"},
        {OCTETS("X-!~\0\xc3\xbc\ty\0"), false, "X-!~: \xc3\xbc\ty\r\n"},
        {OCTETS("X\0a\n\tb\0"), false, "X: a\r\n\tb\r\n"},
        {OCTETS("X\0a\r\n b\n c\0"), false, "X: a\r\n b\r\n c\r\n"},
        {OCTETS("X\0\n a\0"), true, "X:\r\n a\r\n"},
        {OCTETS("X\0a\r\n\0"), false, "X: a\r\n"},
        {OCTETS("X\0a\n\n\0"), false, "X: a\r\n"},
        {OCTETS("X\0\n\0"), false, "X: \r\n"},
        {OCTETS("X\0a\nBcc: b\0"), false, NULL},
        {OCTETS("X\0a\r\n\r\nbody\0"), false, NULL},
        {OCTETS("X\0a\n\n b\0"), false, NULL},
        {OCTETS("X\0a\n \n b\0"), false, NULL},
        {OCTETS("X\0a\n \t\0"), false, NULL},
        {OCTETS("X\0a\rb\0"), false, NULL},
        {OCTETS("X\0a\r\r\n b\0"), false, NULL},
        {OCTETS("X:\0y\0"), false, NULL},
        {OCTETS("X: a\r\nY\0y\0"), false, NULL},
        {OCTETS("\0y\0"), false, NULL},
        {OCTETS("X\0y"), false, NULL},
        {OCTETS("X\0"), false, NULL},
        {OCTETS("X"), false, NULL},
        {OCTETS("X\0y\0z\0"), false, NULL},
        {OCTETS(""), false, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text fields = {0};
        char row[40];

        snprintf(row, sizeof row, "field %zu", i);
        assert_of(row, add(&fields, 'h', rows[i].data, rows[i].length, rows[i].blanks) ==
                           (rows[i].want != NULL));
        assert_octets_of(row, fields.data, fields.length, rows[i].want ? rows[i].want : "",
                         rows[i].want ? strlen(rows[i].want) : 0);
        text_free(&fields);
    }
}

static void test_field_octets(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        char in_name[] = "X?\0y", in_value[] = "X\0y?y";
        struct text fields = {0};

        in_name[1] = in_value[3] = (char)octet;
        assert_true(add(&fields, 'h', in_name, sizeof in_name, false) ==
                    (octet > ' ' && octet < 0x7f && octet != ':'));
        assert_true(add(&fields, 'h', in_value, sizeof in_value, false) ==
                    (octet == '\t' || (octet >= ' ' && octet != 0x7f)));
        text_free(&fields);
    }
}

/* The last one that is inserted stands above all, those that are added stand below. */
static void test_order(void **state)
{
    struct text fields = {0};

    (void)state;
    assert_true(add(&fields, 'h', OCTETS("A\0a\0"), false));
    assert_true(add(&fields, 'i', OCTETS("\0\0\0\0B\0b\0"), false));
    assert_true(add(&fields, 'h', OCTETS("C\0c\0"), false));
    assert_true(add(&fields, 'i', OCTETS("\0\0\0\5D\0d\0"), false));
    assert_false(add(&fields, 'i', OCTETS("\0\0\0"), false));
    assert_false(add(&fields, 'i', OCTETS("\0\0\0\0"), false));
    assert_string_equal(fields.data, "D: d\r\nB: b\r\nA: a\r\nC: c\r\n");
    text_free(&fields);
}

static bool add_long(struct text *fields, size_t length)
{
    char data[1100] = "X";

    memset(data + 2, 'y', length);
    data[2 + length] = '\0';
    return add(fields, 'h', data, 2 + length + 1, false);
}

static void test_field_limits(void **state)
{
    struct text fields = {0};

    (void)state;
    assert_true(add_long(&fields, 997));
    assert_true(add_long(&fields, 998));
    assert_false(add_long(&fields, 999));
    while (fields.length + 1000 <= MILTER_FIELDS_MAX)
        assert_true(add_long(&fields, 1000 - 5 - 5));
    assert_false(add_long(&fields, MILTER_FIELDS_MAX - fields.length - 5 + 1));
    assert_true(add_long(&fields, MILTER_FIELDS_MAX - fields.length - 5));
    assert_int_equal(fields.length, MILTER_FIELDS_MAX);
    assert_false(add_long(&fields, 0));
    text_free(&fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),    cmocka_unit_test(test_replies),
        cmocka_unit_test(test_bad_replies), cmocka_unit_test(test_reply_octets),
        cmocka_unit_test(test_fields),      cmocka_unit_test(test_field_octets),
        cmocka_unit_test(test_order),       cmocka_unit_test(test_field_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
