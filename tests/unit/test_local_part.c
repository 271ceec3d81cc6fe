/*
 * lib/syntax/local_part.c: comparing, taking quotes off, putting them on. What a local-part may be
 * is tested with whole paths in test_path.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

/* R5321-4.1.2-2, R5321-2.4-2 */
static const struct {
    const char *name, *a, *b;
    bool want;
} pairs[] = {
    {"same", "abc", "abc", true},
    {"quotes", "\"abc\"", "abc", true},
    {"needless backslashes", "\"a\\b\\c\"", "abc", true},
    {"backslash spelled twice", "\"a\\\\b\"", "\"a\\\\\\b\"", true},
    {"quoted pair of a quote", "\"\\\"\"", "\"\\\"\"", true},
    {"space, plain and escaped", "\"a b\"", "\"a\\ b\"", true},
    {"empty quoted names", "\"\"", "\"\"", true},
    {"case", "abc", "aBc", false},
    {"case in quotes", "\"abc\"", "\"aBc\"", false},
    {"prefix", "abc", "ab", false},
    {"prefix in quotes", "\"abc\"", "ab", false},
    {"empty and not", "\"\"", "a", false},
    {"a quote is not a backslash", "\"\\\"\"", "\"\\\\\"", false},
    {"UTF-8", "\"\xc3\xbc\"", "\xc3\xbc", true},
    /* not local-parts, but total all the same */
    {"nothing", "", "", true},
    {"open quote", "\"ab", "ab", true},
    {"backslash at the end", "\"ab\\", "ab", true},
    {"a quote alone", "\"", "", true},
};

static void test_local_part_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(pairs); i++) {
        struct ehlo_slice a = dup_slice(pairs[i].a), b = dup_slice(pairs[i].b);

        check_number(pairs[i].name, "verdict", ehlo_same_local_part(a, b), pairs[i].want);
        check_number(pairs[i].name, "verdict turned round", ehlo_same_local_part(b, a),
                     pairs[i].want);
        free_slice(a);
        free_slice(b);
    }
}

static const struct {
    const char *name, *local, *want;
} quoted[] = {
    {"plain", "a.b+c", "a.b+c"},
    {"quoted", "\"a b\"", "a b"},
    {"pairs", "\"a\\\"b\\\\c\\d\"", "a\"b\\cd"},
    {"empty", "\"\"", ""},
    {"nothing", "", ""},
    {"UTF-8", "\"\xc3\xbc@\"", "\xc3\xbc@"},
};

static void test_local_part_unquote(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(quoted); i++) {
        struct ehlo_slice local = dup_slice(quoted[i].local);

        check_writer(quoted[i].name, ehlo_unquote_local_part, local, quoted[i].want);
        free_slice(local);
    }
}

/* R5321-4.1.2-2: least quoting */
static const struct {
    const char *name, *text, *want;
} plain_names[] = {
    {"atom", "abc", "abc"},
    {"dots inside", "a.b.c", "a.b.c"},
    {"all of atext", "!#$%&'*+-/=?^_`{|}~", "!#$%&'*+-/=?^_`{|}~"},
    {"UTF-8", "j\xc3\xbcrgen", "j\xc3\xbcrgen"},
    {"space", "a b", "\"a b\""},
    {"leading dot", ".a", "\".a\""},
    {"trailing dot", "a.", "\"a.\""},
    {"two dots", "a..b", "\"a..b\""},
    {"dot", ".", "\".\""},
    {"at sign", "a@b", "\"a@b\""},
    {"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"quotes around", "\"abc\"", "\"\\\"abc\\\"\""},
    {"brackets", "<a>", "\"<a>\""},
};

static void test_local_part_quote(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(plain_names); i++) {
        struct ehlo_slice name = dup_slice(plain_names[i].text);

        check_writer(plain_names[i].name, ehlo_quote_local_part, name, plain_names[i].want);
        free_slice(name);
    }
}

/* R5321-4.1.2-5: octets that no local-part can hold, and all others come back as they were */
static void test_local_part_every_octet_there_and_back(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char name[] = "a?b", local[16], back[16];
        struct ehlo_slice text = {name, 3};
        size_t length;

        name[1] = (char)octet;
        length = ehlo_quote_local_part(text, local, sizeof local);
        if ((length != 0) != (octet >= 32 && octet <= 126))
            fail_msg("octet %d", octet);
        if (length == 0)
            continue;
        assert_int_equal(
            ehlo_unquote_local_part((struct ehlo_slice){local, length}, back, sizeof back), 3);
        assert_memory_equal(back, name, 3);
    }
}

static void test_local_part_names_that_are_none(void **state)
{
    (void)state;
    assert_int_equal(ehlo_quote_local_part((struct ehlo_slice){NULL, 0}, NULL, 0), 0);
    assert_int_equal(ehlo_quote_local_part(SLICE("a\r\nb"), NULL, 0), 0);
    assert_int_equal(ehlo_quote_local_part(SLICE("\xc3"), NULL, 0), 0);
    assert_int_equal(ehlo_quote_local_part(SLICE("\xed\xa0\x80"), NULL, 0), 0);
}

/* Whatever is quoted is a local-part, the same one, and loses nothing. */
static void test_local_part_random_names_there_and_back(void **state)
{
    static const char octets[] = "ab.\"\\ @<>,;:()[]+-";
    uint64_t seed = 2;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char name[10], local[32], back[32], address[64];
        size_t length = next_random(&seed) % sizeof name + 1, written;
        struct ehlo_path path;

        for (size_t i = 0; i < length; i++)
            name[i] = octets[next_random(&seed) % (sizeof octets - 1)];
        written = ehlo_quote_local_part((struct ehlo_slice){name, length}, local, sizeof local);
        assert_in_range(written, 1, sizeof local);
        memcpy(address, local, written);
        memcpy(address + written, "@b.example", 10);
        assert_int_equal(ehlo_parse_mailbox((struct ehlo_slice){address, written + 10}, 0, &path),
                         EHLO_SYNTAX_OK);
        assert_int_equal(ehlo_unquote_local_part(path.local, back, sizeof back), length);
        assert_memory_equal(back, name, length);
    }
}

static void read_local_part(struct ehlo_slice text)
{
    char buffer[64];

    (void)ehlo_unquote_local_part(text, buffer, sizeof buffer);
    (void)ehlo_quote_local_part(text, buffer, sizeof buffer);
    assert_true(ehlo_same_local_part(text, text));
}

static void test_local_part_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("\"a\\\"b \\\\c\xc3\xbc\""), read_local_part);
    for_each_damage(SLICE("john.doe+x"), read_local_part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_part_same),
        cmocka_unit_test(test_local_part_unquote),
        cmocka_unit_test(test_local_part_quote),
        cmocka_unit_test(test_local_part_every_octet_there_and_back),
        cmocka_unit_test(test_local_part_names_that_are_none),
        cmocka_unit_test(test_local_part_random_names_there_and_back),
        cmocka_unit_test(test_local_part_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
