/*
 * lib/syntax/utf8.c: every scalar value passes, and nothing else (RFC 3629). R6531-3.3-1.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

static const struct {
    const char *name;
    struct ehlo_slice text;
    bool want;
} texts[] = {
    {"empty", {"", 0}, true},
    {"ASCII with NUL", TEXT("a\0b"), true},
    {"two octets", TEXT("\xc3\xa9"), true},
    {"mixed", TEXT("a\xe2\x82\xac\xf0\x9f\x98\x80z"), true},
    {"overlong slash, two octets", TEXT("\xc0\xaf"), false},
    {"overlong slash, three octets", TEXT("\xe0\x80\xaf"), false},
    {"overlong slash, four octets", TEXT("\xf0\x80\x80\xaf"), false},
    {"first surrogate", TEXT("\xed\xa0\x80"), false},
    {"last surrogate", TEXT("\xed\xbf\xbf"), false},
    {"U+110000", TEXT("\xf4\x90\x80\x80"), false},
    {"five-octet form", TEXT("\xf8\x88\x80\x80\x80"), false},
    {"lone continuation", TEXT("\x80"), false},
    {"cut after one", TEXT("\xe2"), false},
    {"cut after two", TEXT("\xe2\x82"), false},
    {"cut after three", TEXT("\xf0\x9f\x98"), false},
    {"ASCII inside", TEXT("\xe2\x82z"), false},
    {"good, then a lead", TEXT("\xc3\xa9\xc3"), false},
    {"Latin-1", TEXT("\xe9t\xe9"), false},
};

static void test_utf8_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct ehlo_slice copy = exact(texts[i].text);

        check_number(texts[i].name, "verdict", ehlo_is_utf8(copy), texts[i].want);
        free_slice(copy);
    }
}

static struct ehlo_slice encoded(uint32_t point, char octets[4])
{
    if (point < 0x80) {
        octets[0] = (char)point;
        return (struct ehlo_slice){octets, 1};
    }
    if (point < 0x800) {
        octets[0] = (char)(unsigned char)(0xc0 | point >> 6);
        octets[1] = (char)(unsigned char)(0x80 | (point & 63));
        return (struct ehlo_slice){octets, 2};
    }
    octets[0] = (char)(unsigned char)(point < 0x10000 ? 0xe0 | point >> 12 : 0xf0 | point >> 18);
    octets[1] = (char)(unsigned char)(0x80 | (point >> (point < 0x10000 ? 6 : 12) & 63));
    octets[2] = (char)(unsigned char)(0x80 | (point >> (point < 0x10000 ? 0 : 6) & 63));
    octets[3] = (char)(unsigned char)(0x80 | (point & 63));
    return (struct ehlo_slice){octets, point < 0x10000 ? 3 : 4};
}

static void test_utf8_every_code_point(void **state)
{
    char octets[4];

    (void)state;
    for (uint32_t point = 0; point <= 0x13ffff; point++) {
        bool is_scalar = (point < 0xd800 || point > 0xdfff) && point <= 0x10ffff;

        if (ehlo_is_utf8(encoded(point, octets)) != is_scalar)
            fail_msg("U+%04X", (unsigned)point);
    }
}

/* Of all pairs of octets, only ASCII pairs and C2..DF with a continuation are UTF-8. */
static void test_utf8_every_pair(void **state)
{
    (void)state;
    for (int first = 0; first <= 255; first++) {
        for (int second = 0; second <= 255; second++) {
            char octets[2] = {(char)first, (char)second};
            bool want = first < 0x80 ? second < 0x80
                                     : first >= 0xc2 && first <= 0xdf && (second & 0xc0) == 0x80;

            if (ehlo_is_utf8((struct ehlo_slice){octets, 2}) != want)
                fail_msg("%02X %02X", (unsigned)first, (unsigned)second);
        }
    }
}

/* Of all triples with a lead of three, those whose value needs three octets and is no surrogate. */
static void test_utf8_every_triple(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 16u * 256 * 256; i++) {
        unsigned first = 0xe0 | i >> 16, second = i >> 8 & 255, third = i & 255;
        unsigned point = (first & 15) << 12 | (second & 63) << 6 | (third & 63);
        char octets[3] = {(char)(unsigned char)first, (char)(unsigned char)second,
                          (char)(unsigned char)third};
        bool want = (second & 0xc0) == 0x80 && (third & 0xc0) == 0x80 && point >= 0x800 &&
                    (point < 0xd800 || point > 0xdfff);

        if (ehlo_is_utf8((struct ehlo_slice){octets, 3}) != want)
            fail_msg("%02X %02X %02X", first, second, third);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_texts),
        cmocka_unit_test(test_utf8_every_code_point),
        cmocka_unit_test(test_utf8_every_pair),
        cmocka_unit_test(test_utf8_every_triple),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
