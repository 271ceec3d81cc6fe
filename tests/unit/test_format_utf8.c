/*
 * Which characters beyond ASCII pass in a printed reply (RFC 6531 3.7.4.2, RFC 3629 4).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

/* Encodes as RFC 3629 3 has it. Returns the octets. */
static size_t encode_utf8(unsigned long point, char *at)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = length; i-- > 1; point >>= 6)
        at[i] = (char)(0x80 | (point & 0x3F));
    at[0] = (char)(leads[length] | point);
    return length;
}

/* R6531 3.7.4.2: every code point beyond ASCII passes, C1 controls and surrogates do not. */
static void test_format_every_code_point(void **state)
{
    char octets[4];
    char buffer[32];
    struct ehlo_reply reply = ehlo_reply_custom(250, NULL, "");

    (void)state;
    for (unsigned long point = 0x80; point <= 0x110000; point++) {
        size_t length = encode_utf8(point, octets);
        bool good = point >= 0xA0 && (point < 0xD800 || point > 0xDFFF) && point <= 0x10FFFF;

        reply.phrase = (struct ehlo_slice){octets, length};
        assert_int_equal(ehlo_format_reply(buffer, sizeof buffer, &reply, EHLO_FORMAT_UTF8),
                         length + 6);
        assert_memory_equal(buffer + 4, good ? octets : "????", length);
    }
}

static const struct utf8_row {
    const char *name, *phrase, *want;
} utf8_rows[] = {
    {"lone continuation", "\200", "?"},
    {"two octets, cut", "\303", "?"},
    {"three octets, cut", "\342\202", "??"},
    {"four octets, cut", "\360\237\230", "???"},
    {"overlong slash, two octets", "\300\257", "??"},
    {"overlong, lead C1", "\301\277", "??"},
    {"overlong slash, three octets", "\340\200\257", "???"},
    {"overlong, largest of three octets", "\340\237\277", "???"},
    {"overlong, largest of four octets", "\360\217\277\277", "????"},
    {"beyond U+10FFFF", "\364\220\200\200", "????"},
    {"lead F5", "\365\200\200\200", "????"},
    {"lead FF", "\377\277\277\277", "????"},
    {"no continuation, two octets", "\303a", "?a"},
    {"no continuation, three octets", "\342\202a", "??a"},
    {"no continuation, four octets", "\360\237\230a", "???a"},
    {"good behind bad", "\342\303\274", "?\303\274"},
};

static void test_format_ill_formed_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof utf8_rows / sizeof *utf8_rows; i++) {
        const struct utf8_row *row = &utf8_rows[i];
        struct ehlo_reply reply = ehlo_reply_custom(250, NULL, "");
        char want[32];
        char buffer[64];
        size_t length;

        reply.phrase = dup_slice(row->phrase);
        length = ehlo_format_reply(buffer, sizeof buffer, &reply, EHLO_FORMAT_UTF8);
        snprintf(want, sizeof want, "250 %s\r\n", row->want);
        assert_octets_of(row->name, buffer, length, want, strlen(want));
        free_slice(reply.phrase);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_every_code_point),
        cmocka_unit_test(test_format_ill_formed_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
