/*
 * Packets of the milter protocol: what is sent, octet by octet, and what is taken.
 *
 * SPDX-License-Identifier: MIT
 */
#include "filters/milter_packets.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A literal with its NULs but for the last. */
#define OCTETS(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static void check(const char *row, struct text *text, struct ehlo_slice want)
{
    assert_false(text->lost);
    assert_octets_of(row, text->data, text->length, want.data, want.length);
    text_free(text);
}

/* ---- to the filter ---- */

static void test_plain(void **state)
{
    static const struct {
        const char *name;
        char command;
        struct ehlo_slice data, want;
    } rows[] = {
        {"no data", 'N', {NULL, 0}, OCTETS("\0\0\0\1N")},
        {"data", 'B', OCTETS("ab\r\n"), OCTETS("\0\0\0\5Bab\r\n")},
        {"NUL", 'B', OCTETS("\0\0"), OCTETS("\0\0\0\3B\0\0")},
    };
    struct text text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        milter_put(&text, rows[i].command, rows[i].data);
        check(rows[i].name, &text, rows[i].want);
    }
    milter_put(&text, 'N', rows[0].data);
    milter_put(&text, 'E', rows[0].data);
    check("two", &text, (struct ehlo_slice)OCTETS("\0\0\0\1N\0\0\0\1E"));
    milter_put_offer(&text);
    check("offer", &text, (struct ehlo_slice)OCTETS("\0\0\0\x0dO\0\0\0\6\0\0\0\1\0\x1f\xf7\xff"));
}

static void test_long(void **state)
{
    char *data = malloc(MILTER_DATA_MAX);
    struct text text = {0};

    (void)state;
    assert_non_null(data);
    memset(data, 'x', MILTER_DATA_MAX);
    milter_put(&text, 'B', (struct ehlo_slice){data, MILTER_DATA_MAX});
    assert_false(text.lost);
    assert_int_equal(text.length, MILTER_DATA_MAX + 5);
    assert_memory_equal(text.data, "\0\1\0\0Bx", 6);
    text_free(&text);
    free(data);
}

static void test_macros(void **state)
{
    static const struct milter_macro macros[] = {
        {"j", OCTETS("mx.example")}, {"{auth_type}", {NULL, 0}}, {"i", OCTETS("1\0002")}};
    struct text text = {0};

    (void)state;
    milter_put_macros(&text, 'C', macros, 1);
    check("one", &text,
          (struct ehlo_slice)OCTETS("\0\0\0\x0f"
                                    "DCj\0mx.example\0"));
    milter_put_macros(&text, 'M', macros + 1, 1);
    check("none with a value", &text, (struct ehlo_slice)OCTETS("\0\0\0\2DM"));
    milter_put_macros(&text, 'E', macros + 1, 2);
    check("a NUL becomes a blank", &text,
          (struct ehlo_slice)OCTETS("\0\0\0\x08"
                                    "DEi\0001 2\0"));
}

static void test_peer(void **state)
{
    static const struct {
        const char *name;
        struct milter_peer peer;
        struct ehlo_slice want;
    } rows[] = {
        {"IPv4",
         {"mx", "c.example", "192.0.2.1", 65535},
         OCTETS("\0\0\0\x18"
                "Cc.example\0004\xff\xff"
                "192.0.2.1\0")},
        {"IPv6",
         {"mx", "[IPv6:::1]", "::1", 258},
         OCTETS("\0\0\0\x13"
                "C[IPv6:::1]\0006\1\2::1\0")},
        {"socket",
         {"mx", "l", "/s", 0},
         OCTETS("\0\0\0\x09"
                "Cl\0L\0\0/s\0")},
        {"unknown", {"mx", "[]", "", 25}, OCTETS("\0\0\0\5C[]\0U")},
        {"none", {"mx", "[]", NULL, 25}, OCTETS("\0\0\0\5C[]\0U")},
    };
    struct text text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        milter_put_peer(&text, &rows[i].peer);
        check(rows[i].name, &text, rows[i].want);
    }
}

static void test_path(void **state)
{
    static const struct {
        const char *path, *parameters;
        struct ehlo_slice want;
    } rows[] = {
        {"<>", "", OCTETS("\0\0\0\4M<>\0")},
        {"<a@b>", "SIZE=1", OCTETS("\0\0\0\x0eM<a@b>\0SIZE=1\0")},
        {"<a>", "X Y=2", OCTETS("\0\0\0\x0bM<a>\0X\0Y=2\0")},
        {"<a>", "  X  Y ", OCTETS("\0\0\0\x09M<a>\0X\0Y\0")},
    };
    struct text text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice path = dup_slice(rows[i].path);
        struct ehlo_slice parameters = dup_slice(rows[i].parameters);

        milter_put_path(&text, 'M', path, parameters);
        check(rows[i].parameters, &text, rows[i].want);
        free_slice(path);
        free_slice(parameters);
    }
    milter_put_string(&text, 'H', (struct ehlo_slice){NULL, 0});
    check("no name", &text, (struct ehlo_slice)OCTETS("\0\0\0\2H\0"));
}

static void test_field(void **state)
{
    static const struct {
        const char *value;
        bool blanks;
        const char *want; /* of the value */
    } rows[] = {
        {" text", true, " text"},
        {" text", false, "text"},
        {" \t text", false, "text"},
        {"text ", false, "text "},
        {"", true, ""},
        {" ", false, ""},
        {" a\r\n b\r\n\tc", false, "a\n b\n\tc"},
        {"\r\n a", true, "\n a"},
        {"a\rb\nc\r", true, "a\rb\nc\r"},
        {"\r\r\n a", true, "\r\n a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice name = dup_slice("Subject"), value = dup_slice(rows[i].value);
        struct text text = {0};

        milter_put_field(&text, name, value, rows[i].blanks);
        assert_false(text.lost);
        assert_memory_equal(text.data + 3, (char[]){(char)(text.length - 4)}, 1);
        assert_memory_equal(text.data + 4, "LSubject", sizeof "LSubject");
        assert_int_equal(text.data[text.length - 1], 0);
        assert_octets_of(rows[i].value, text.data + 13, text.length - 14, rows[i].want,
                         strlen(rows[i].want));
        text_free(&text);
        free_slice(name);
        free_slice(value);
    }
}

/* A field has to fit into one packet, name and value. */
static void test_field_limits(void **state)
{
    static const struct {
        size_t name, value, name_left, value_left;
    } rows[] = {
        {1, 65531, 1, 65531},         {1, 65532, 1, 65532},         {1, 65533, 1, 65532},
        {1000, 64533, 1000, 64533},   {1000, 64534, 1000, 64533},   {32766, 1, 32766, 1},
        {32767, 32766, 32767, 32766}, {32768, 40000, 32767, 32766}, {70000, 70000, 32767, 32766},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *octets = malloc(rows[i].name + rows[i].value);
        struct ehlo_slice name = {octets, rows[i].name};
        struct ehlo_slice value = {octets + rows[i].name, rows[i].value};
        struct text text = {0};

        assert_non_null(octets);
        memset(octets, 'x', rows[i].name + rows[i].value);
        milter_put_field(&text, name, value, true);
        assert_int_equal(text.length, 5 + rows[i].name_left + 1 + rows[i].value_left + 1);
        assert_true(text.length <= 5 + MILTER_DATA_MAX);
        assert_int_equal(strlen(text.data + 5), rows[i].name_left);
        text_free(&text);
        free(octets);
    }
}

/* ---- from the filter ---- */

static void test_take(void **state)
{
    static const struct {
        const char *name;
        struct ehlo_slice input;
        enum milter_taken taken;
        size_t left;
        char command;
    } rows[] = {
        {"nothing", {"", 0}, MILTER_PART, 0, 0},
        {"a part of the length", OCTETS("\0\0\0"), MILTER_PART, 3, 0},
        {"no command", OCTETS("\0\0\0\1"), MILTER_PART, 4, 0},
        {"command", OCTETS("\0\0\0\1c"), MILTER_WHOLE, 0, 'c'},
        {"another behind it", OCTETS("\0\0\0\1c\0\0"), MILTER_WHOLE, 2, 'c'},
        {"a part of the data", OCTETS("\0\0\0\4y45"), MILTER_PART, 7, 0},
        {"data", OCTETS("\0\0\0\4y450"), MILTER_WHOLE, 0, 'y'},
        {"length 0", OCTETS("\0\0\0\0c"), MILTER_NONSENSE, 5, 0},
        {"longest", OCTETS("\0\1\0\0c"), MILTER_PART, 5, 0},
        {"longer", OCTETS("\0\1\0\1c"), MILTER_NONSENSE, 5, 0},
        {"longest number", OCTETS("\xff\xff\xff\xff"), MILTER_NONSENSE, 4, 0},
        {"text", OCTETS("220 mx ESMTP"), MILTER_NONSENSE, 12, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *octets = dup_exact(rows[i].input.data, rows[i].input.length);
        struct ehlo_slice input = {octets, rows[i].input.length};
        struct milter_packet packet = {0};

        assert_of(rows[i].name, milter_take(&input, &packet) == rows[i].taken);
        assert_of(rows[i].name, input.length == rows[i].left);
        assert_of(rows[i].name, packet.command == rows[i].command);
        assert_of(rows[i].name, input.data + input.length == octets + rows[i].input.length);
        free(octets);
    }
}

static bool read_terms(uint32_t version, uint32_t actions, uint32_t choices,
                       struct milter_terms *terms)
{
    const uint32_t numbers[] = {version, actions, choices};
    char octets[12];

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (char)(numbers[i / 4] >> (24 - 8 * (i % 4)));
    return milter_read_terms(&(struct milter_packet){'O', {octets, sizeof octets}}, terms);
}

static void test_terms(void **state)
{
    struct milter_terms terms;
    const struct milter_packet other = {'c', OCTETS("\0\0\0\6\0\0\0\0\0\0\0\0")},
                               brief = {'O', OCTETS("\0\0\0\6\0\0\0\0\0\0\0")},
                               extended = {'O', OCTETS("\0\0\0\6\0\0\0\0\0\0\0\0\0")};

    (void)state;
    assert_false(milter_read_terms(&other, &terms));
    assert_false(milter_read_terms(&brief, &terms));
    assert_false(milter_read_terms(&extended, &terms));
    assert_false(read_terms(0, 0, 0, &terms));
    assert_false(read_terms(1, 0, 0, &terms));
    assert_true(read_terms(2, 1, 0x7f, &terms));
    assert_int_equal(terms.choices, 0x7f | MILTER_NO_UNKNOWN | MILTER_NO_DATA);
    assert_true(read_terms(3, 0, 0, &terms));
    assert_int_equal(terms.choices, MILTER_NO_DATA);
    assert_true(read_terms(4, 0, 0, &terms));
    assert_int_equal(terms.choices, 0);
    assert_true(read_terms(6, 1, 0, &terms));
    assert_int_equal(terms.version, 6);
    assert_int_equal(terms.actions, MILTER_ADDS_FIELDS);
    assert_false(read_terms(7, 0, 0, &terms));
    assert_false(read_terms(UINT32_MAX, 0, 0, &terms));
}

/* Every bit that was not offered is refused: refused recipients, larger packets, other changes. */
static void test_terms_bits(void **state)
{
    struct milter_terms terms;

    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        bool offered = bit <= 10 || (bit >= 12 && bit <= 20);

        assert_true(read_terms(6, 0, 1u << bit, &terms) == offered);
        assert_true(!offered || terms.choices == 1u << bit);
        assert_true(read_terms(6, 1u << bit, 0, &terms) == (bit == 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),        cmocka_unit_test(test_long),
        cmocka_unit_test(test_macros),       cmocka_unit_test(test_peer),
        cmocka_unit_test(test_path),         cmocka_unit_test(test_field),
        cmocka_unit_test(test_field_limits), cmocka_unit_test(test_take),
        cmocka_unit_test(test_terms),        cmocka_unit_test(test_terms_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
