/*
 * Tests of lib/sasl/plain.c: R4616-2-1, each field empty or of any length, NULs, UTF-8.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sasl/plain.h"

#include "support.h"
#include "wire_support.h"

/* Parses a copy that has no octet to spare. */
static bool parse(struct ehlo_slice message, struct ehlo__plain *plain, char **copy)
{
    *copy = dup_exact(message.data, message.length);
    message.data = *copy;
    return ehlo__parse_plain(message, plain);
}

static const struct {
    const char *name;
    struct ehlo_slice message;
    const char *authorization, *authentication, *password; /* NULL: refused */
} rows[] = {
    {"without authorization", OCTETS("\0user\0secret"), "", "user", "secret"},
    {"with it", OCTETS("other\0user\0secret"), "other", "user", "secret"},
    {"the shortest", OCTETS("\0u\0p"), "", "u", "p"},
    {"blanks", OCTETS(" \0 \0 "), " ", " ", " "},
    {"controls", OCTETS("\x01\0\x7f\0\r\n"), "\x01", "\x7f", "\r\n"},
    {"UTF-8", OCTETS("\xc3\xbc\0\xe2\x82\xac\0\xf0\x9f\x98\x80"), "\xc3\xbc", "\xe2\x82\xac",
     "\xf0\x9f\x98\x80"},
    {"an address", OCTETS("\0a@b.example\0p"), "", "a@b.example", "p"},

    {"empty", OCTETS(""), NULL, NULL, NULL},
    {"no NUL", OCTETS("user"), NULL, NULL, NULL},
    {"a NUL alone", OCTETS("\0"), NULL, NULL, NULL},
    {"two NULs alone", OCTETS("\0\0"), NULL, NULL, NULL},
    {"one NUL", OCTETS("user\0secret"), NULL, NULL, NULL},
    {"no authentication", OCTETS("\0\0secret"), NULL, NULL, NULL},
    {"nor with authorization", OCTETS("other\0\0secret"), NULL, NULL, NULL},
    {"no password", OCTETS("\0user\0"), NULL, NULL, NULL},
    {"password missing", OCTETS("\0user"), NULL, NULL, NULL},
    {"three NULs", OCTETS("\0user\0secret\0"), NULL, NULL, NULL},
    {"a NUL in the password", OCTETS("\0user\0sec\0ret"), NULL, NULL, NULL},
    {"a NUL begins the password", OCTETS("\0user\0\0secret"), NULL, NULL, NULL},
    {"bad UTF-8 in the first", OCTETS("\xff\0user\0secret"), NULL, NULL, NULL},
    {"bad UTF-8 in the second", OCTETS("\0us\xc3r\0secret"), NULL, NULL, NULL},
    {"bad UTF-8 in the third", OCTETS("\0user\0s\x80"), NULL, NULL, NULL},
    {"a character cut by a NUL", OCTETS("\xc3\0user\0secret"), NULL, NULL, NULL},
    {"overlong NUL", OCTETS("\xc0\x80user\xc0\x80secret"), NULL, NULL, NULL},
    {"a surrogate", OCTETS("\0user\0\xed\xa0\x80"), NULL, NULL, NULL},
    {"latin-1", OCTETS("\0us\xe9r\0secret"), NULL, NULL, NULL},
};

static void test_a_message_has_three_parts_and_two_nuls(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct ehlo__plain plain;
        char *copy;
        const bool good = parse(rows[i].message, &plain, &copy);

        assert_of(rows[i].name, good == (rows[i].password != NULL));
        if (good) {
            assert_slice_of(rows[i].name, plain.authorization, rows[i].authorization);
            assert_slice_of(rows[i].name, plain.authentication, rows[i].authentication);
            assert_slice_of(rows[i].name, plain.password, rows[i].password);
        }
        free(copy);
    }
}

static void test_an_empty_message_may_lie_at_null(void **state)
{
    struct ehlo__plain plain;

    (void)state;
    assert_false(ehlo__parse_plain((struct ehlo_slice){NULL, 0}, &plain));
}

/* Each part may be as long as it likes: at least 255 octets must be taken. */
static void test_each_part_may_be_long(void **state)
{
    static const size_t lengths[] = {1, 254, 255, 256, 2000};

    (void)state;
    for (size_t i = 0; i < 3 * ROWS(lengths); i++) {
        const size_t length = lengths[i / 3];
        size_t parts[] = {1, 1, 1}, at = 0;
        char message[2100], *copy;
        struct ehlo__plain plain;

        parts[i % 3] = length;
        for (unsigned part = 0; part < 3; part++) {
            memset(message + at, 'a', parts[part]);
            at += parts[part];
            message[at++] = '\0';
        }
        assert_true(parse((struct ehlo_slice){message, at - 1}, &plain, &copy));
        assert_int_equal(plain.authorization.length, parts[0]);
        assert_int_equal(plain.authentication.length, parts[1]);
        assert_int_equal(plain.password.length, parts[2]);
        free(copy);
    }
}

/* Each octet at each place of a good message: NULs and what is no UTF-8 spoil it. */
static void test_each_octet_at_each_place(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++)
        for (size_t at = 0; at < 5; at++) {
            char message[] = {'a', '\0', 'b', '\0', 'c'}, *copy;
            struct ehlo__plain plain;
            const bool text = octet > 0 && octet < 128;

            message[at] = (char)octet;
            assert_int_equal(parse((struct ehlo_slice){message, 5}, &plain, &copy),
                             at % 2 == 0 ? text : octet == 0);
            free(copy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_has_three_parts_and_two_nuls),
        cmocka_unit_test(test_an_empty_message_may_lie_at_null),
        cmocka_unit_test(test_each_part_may_be_long),
        cmocka_unit_test(test_each_octet_at_each_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
