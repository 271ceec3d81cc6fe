/*
 * lib/syntax/xtext.c: every octet there and back, and what is no xtext. R3461-4-1.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK        EHLO_SYNTAX_OK
#define MALFORMED EHLO_SYNTAX_MALFORMED

static const struct {
    const char *name;
    struct ehlo_slice text;
    enum ehlo_syntax want;
    struct ehlo_slice octets;
} texts[] = {
    {"empty", TEXT(""), OK, TEXT("")},
    {"plain", TEXT("a@b.example"), OK, TEXT("a@b.example")},
    {"hexchar", TEXT("a+2Bb+3D"), OK, TEXT("a+b=")},
    {"lower case", TEXT("+2b+3d+ff"), OK, TEXT("+=\xff")},
    {"mixed case", TEXT("+fF"), OK, TEXT("\xff")},
    {"NUL", TEXT("+00"), OK, TEXT("\0")},
    {"needless hexchar", TEXT("+41"), OK, TEXT("A")},
    {"plus at the end", TEXT("a+"), MALFORMED, TEXT("")},
    {"one digit", TEXT("a+2"), MALFORMED, TEXT("")},
    {"no digit first", TEXT("+G0"), MALFORMED, TEXT("")},
    {"no digit second", TEXT("+0G"), MALFORMED, TEXT("")},
    {"plus twice", TEXT("++2B"), MALFORMED, TEXT("")},
    {"equals sign", TEXT("a=b"), MALFORMED, TEXT("")},
    {"space", TEXT("a b"), MALFORMED, TEXT("")},
    {"8-bit", TEXT("\xc3\xbc"), MALFORMED, TEXT("")},
    {"DEL", TEXT("\x7f"), MALFORMED, TEXT("")},
};

static void test_xtext_decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct ehlo_slice text = exact(texts[i].text);
        char buffer[16];
        size_t length = 77;

        check_number(texts[i].name, "verdict",
                     ehlo_xtext_decode(text, buffer, sizeof buffer, &length), texts[i].want);
        if (texts[i].want == OK)
            assert_octets_of(texts[i].name, buffer, length, texts[i].octets.data,
                             texts[i].octets.length);
        else
            check_number(texts[i].name, "length", length, 77);
        free_slice(text);
    }
}

static void test_xtext_decode_in_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct ehlo_slice text = exact(texts[i].text);
        char *place = (char *)(uintptr_t)text.data;
        size_t length;

        if (ehlo_xtext_decode(text, place, text.length, &length) == OK)
            assert_octets_of(texts[i].name, place, length, texts[i].octets.data,
                             texts[i].octets.length);
        else
            assert_octets_of(texts[i].name, place, text.length, texts[i].text.data,
                             texts[i].text.length);
        free_slice(text);
    }
}

static void test_xtext_decode_needs_room(void **state)
{
    size_t length = 77;
    char buffer[3] = "xyz";

    (void)state;
    assert_int_equal(ehlo_xtext_decode(SLICE("a+2Bc"), buffer, 2, &length), EHLO_SYNTAX_TOO_LONG);
    assert_int_equal(length, 77);
    assert_memory_equal(buffer, "xyz", 3);
    assert_int_equal(ehlo_xtext_decode(SLICE("a+2Bc"), buffer, 3, &length), OK);
    assert_int_equal(length, 3);
    assert_int_equal(ehlo_xtext_decode(SLICE("a+2"), NULL, 0, &length), MALFORMED);
    assert_int_equal(ehlo_xtext_decode(SLICE(""), NULL, 0, &length), OK);
    assert_int_equal(length, 0);
}

static void test_xtext_encode(void **state)
{
    (void)state;
    check_writer("empty", ehlo_xtext_encode, (struct ehlo_slice){NULL, 0}, "");
    check_writer("plain", ehlo_xtext_encode, SLICE("a@b"), "a@b");
    check_writer("specials", ehlo_xtext_encode, SLICE("+= \t\x7f"), "+2B+3D+20+09+7F");
    check_writer("8-bit, upper case", ehlo_xtext_encode, SLICE("\xff\0"), "+FF+00");
}

static void test_xtext_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char plain = (char)octet, coded[3], back;
        bool is_xchar = octet >= 33 && octet <= 126 && octet != '+' && octet != '=';
        size_t written = ehlo_xtext_encode((struct ehlo_slice){&plain, 1}, coded, 3), length = 0;

        check_number("xtext", "length", written, is_xchar ? 1 : 3);
        assert_int_equal(ehlo_xtext_decode((struct ehlo_slice){coded, written}, &back, 1, &length),
                         OK);
        assert_true(length == 1 && back == plain);
        if ((ehlo_xtext_decode((struct ehlo_slice){&plain, 1}, &back, 1, &length) == OK) !=
            is_xchar)
            fail_msg("octet %d", octet);
    }
}

static void read_xtext(struct ehlo_slice text)
{
    char buffer[64], again[192];
    size_t length;

    if (ehlo_xtext_decode(text, buffer, sizeof buffer, &length) != OK)
        return;
    assert_true(length <= text.length);
    assert_true(ehlo_xtext_encode((struct ehlo_slice){buffer, length}, again, sizeof again) <=
                text.length);
}

static void test_xtext_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("rfc822+3Ba+2Bb+40c.example"), read_xtext);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xtext_decode),
        cmocka_unit_test(test_xtext_decode_in_place),
        cmocka_unit_test(test_xtext_decode_needs_room),
        cmocka_unit_test(test_xtext_encode),
        cmocka_unit_test(test_xtext_every_octet),
        cmocka_unit_test(test_xtext_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
