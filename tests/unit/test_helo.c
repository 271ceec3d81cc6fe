/*
 * lib/syntax/helo.c: names from HELO, grammatical, odd and none.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK        EHLO_SYNTAX_OK
#define MALFORMED EHLO_SYNTAX_MALFORMED
#define NAME      EHLO_ODDITY_HELO_NAME
#define DOT       EHLO_ODDITY_TRAILING_DOT
#define BEHIND    EHLO_ODDITY_HELO_TEXT
#define EMPTY     EHLO_ODDITY_EMPTY_HELO

/* R5321-4.1.1.1-1, -2, R6531-3.7.1-1 */
static const struct {
    const char *name;
    struct ehlo_slice argument;
    uint32_t needs; /* what must be tolerated; EHLO_SYNTAX_UTF8 here: nothing helps */
    uint32_t kind;
    const char *text; /* NULL: the whole argument */
} names[] = {
    {"domain", TEXT("pc7.example.org"), 0, EHLO_HOST_DOMAIN, NULL},
    {"digits", TEXT("192.0.2.1"), 0, EHLO_HOST_DOMAIN, NULL},
    {"odd top label", TEXT("pc.lan0"), 0, EHLO_HOST_DOMAIN, NULL},
    {"IPv4 literal", TEXT("[192.0.2.1]"), 0, EHLO_HOST_IPV4, NULL},
    {"IPv6 literal", TEXT("[IPv6:2001:db8::1]"), 0, EHLO_HOST_IPV6, NULL},
    {"IPv6 literal, capital tag", TEXT("[IPV6:2001:db8::1]"), 0, EHLO_HOST_IPV6, NULL},
    {"text behind a literal", TEXT("[192.0.2.1] pc7, 3rd floor"), 0, EHLO_HOST_IPV4, "[192.0.2.1]"},
    {"text with ] behind a literal", TEXT("[192.0.2.1] [x]"), 0, EHLO_HOST_IPV4, "[192.0.2.1]"},
    {"blank behind a literal", TEXT("[192.0.2.1]\t"), 0, EHLO_HOST_IPV4, "[192.0.2.1]"},
    {"untagged IPv6 literal", TEXT("[2001:db8::1]"), NAME, EHLO_HOST_IPV6, NULL},
    {"untagged IPv6 literal, gap first", TEXT("[::1]"), NAME, EHLO_HOST_IPV6, NULL},
    {"untagged with text", TEXT("[fe80::1] pc"), NAME, EHLO_HOST_IPV6, "[fe80::1]"},
    {"underscore", TEXT("my_pc.example"), NAME, EHLO_HOST_DOMAIN, NULL},
    {"underscore, one label", TEXT("MY_PC"), NAME, EHLO_HOST_DOMAIN, NULL},
    {"hyphen at an end", TEXT("pc-.example"), NAME, EHLO_HOST_DOMAIN, NULL},
    {"hyphen at the start", TEXT("-pc"), NAME, EHLO_HOST_DOMAIN, NULL},
    {"trailing dot", TEXT("pc7.example.org."), DOT, EHLO_HOST_DOMAIN, NULL},
    {"text behind a domain", TEXT("a.example pc7"), BEHIND, EHLO_HOST_DOMAIN, "a.example"},
    {"blank behind a domain", TEXT("a.example "), BEHIND, EHLO_HOST_DOMAIN, "a.example"},
    {"all at once", TEXT("a_b.example. pc7"), NAME | DOT | BEHIND, EHLO_HOST_DOMAIN,
     "a_b.example."},
    {"nothing", {NULL, 0}, EMPTY, EHLO_HOST_NONE, NULL},
};

static void test_helo_names_need_what_they_need(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(names); i++) {
        struct ehlo_slice argument = exact(names[i].argument);
        uint32_t needs = names[i].needs;
        struct ehlo_host host;

        memset(&host, 0x55, sizeof host);
        check_number(names[i].name, "strict", ehlo_parse_helo(argument, 0, &host),
                     needs == 0 ? OK : MALFORMED);
        if (needs != 0)
            check_number(names[i].name, "with all but one",
                         ehlo_parse_helo(argument, UINT32_MAX & ~(needs & (~needs + 1)), &host),
                         MALFORMED);
        check_number(names[i].name, "tolerant", ehlo_parse_helo(argument, needs, &host), OK);
        check_number(names[i].name, "kind", host.kind, names[i].kind);
        check_number(names[i].name, "oddities", host.oddities, needs);
        check_number(names[i].name, "reserved", host.reserved, 0);
        assert_true(lies_in(host.text, argument));
        check_number(names[i].name, "length", host.text.length,
                     names[i].text == NULL ? argument.length : strlen(names[i].text));
        free_slice(argument);
    }
}

/* RFC 5321 has names of one label: they are taken, and reported. */
static void test_helo_one_label_is_reported(void **state)
{
    struct ehlo_host host;

    (void)state;
    assert_int_equal(ehlo_parse_helo(SLICE("localhost"), 0, &host), OK);
    assert_int_equal(host.oddities, NAME);
}

/* R5321-4.1.1.1-1, R5321-4.1.2-5: no tolerance takes these */
static const struct {
    const char *name;
    struct ehlo_slice argument;
} never[] = {
    {"control", TEXT("a\x01.example")},
    {"NUL", TEXT("a\0.example")},
    {"DEL", TEXT("a.example\x7f")},
    {"UTF-8", TEXT("b\xc3\xbc"
                   "cher.example")},
    {"Latin-1", TEXT("b\xfc"
                     "cher.example")},
    {"UTF-8 behind a literal", TEXT("[192.0.2.1] \xc3\xbc")},
    {"control behind a literal", TEXT("[192.0.2.1] a\x1b[m")},
    {"control behind a domain", TEXT("a.example b\x07")},
    {"empty label", TEXT("a..example")},
    {"leading dot", TEXT(".example")},
    {"leading blank", TEXT(" a.example")},
    {"at sign", TEXT("a@b.example")},
    {"no blank behind a literal", TEXT("[192.0.2.1]x")},
    {"literal open", TEXT("[192.0.2.1")},
    {"literal empty", TEXT("[]")},
    {"literal of three numbers", TEXT("[192.0.2]")},
    {"general literal", TEXT("[foo:x]")},
    {"bad IPv6", TEXT("[IPv6:1::2::3]")},
    {"IPv6 without brackets", TEXT("2001:db8::1")},
    {"scope", TEXT("[fe80::1%eth0]")},
};

static void test_helo_never(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(never); i++) {
        struct ehlo_slice argument = exact(never[i].argument);
        struct ehlo_host host;

        check_number(never[i].name, "verdict", ehlo_parse_helo(argument, UINT32_MAX, &host),
                     MALFORMED);
        free_slice(argument);
    }
}

/* R5321-4.5.3.1-1 */
static void test_helo_length(void **state)
{
    (void)state;
    for (size_t length = EHLO_DOMAIN_MAX - 1; length <= EHLO_DOMAIN_MAX + 1; length++) {
        struct ehlo_slice text = repeated('a', length);
        struct ehlo_host host;

        for (size_t i = 50; i < length - 1; i += 50)
            ((char *)(uintptr_t)text.data)[i] = '.';
        assert_int_equal(ehlo_parse_helo(text, 0, &host),
                         length <= EHLO_DOMAIN_MAX ? OK : EHLO_SYNTAX_TOO_LONG);
        free_slice(text);
    }
}

static void test_helo_label_length(void **state)
{
    (void)state;
    for (size_t length = 62; length <= 64; length++) {
        struct ehlo_slice text = repeated('a', length);
        struct ehlo_host host;

        assert_int_equal(ehlo_parse_helo(text, UINT32_MAX, &host), length <= 63 ? OK : MALFORMED);
        free_slice(text);
    }
}

static void test_helo_every_octet_inside_a_name(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char text[] = "a?b.example";
        bool plain = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
                     (octet >= 'a' && octet <= 'z') || octet == '-' || octet == '.';
        struct ehlo_host host;

        text[1] = (char)octet;
        if ((ehlo_parse_helo((struct ehlo_slice){text, 11}, 0, &host) == OK) != plain)
            fail_msg("strict, octet %d", octet);
        if ((ehlo_parse_helo((struct ehlo_slice){text, 11}, EHLO_ODDITIES_DEFAULT, &host) == OK) !=
            (plain || octet == '_'))
            fail_msg("by default, octet %d", octet);
    }
}

static void read_helo(struct ehlo_slice text)
{
    struct ehlo_host host;

    if (ehlo_parse_helo(text, UINT32_MAX, &host) != OK)
        return;
    assert_true(lies_in(host.text, text));
    for (size_t i = 0; i < text.length; i++)
        assert_true(text.data[i] == '\t' || (text.data[i] >= ' ' && text.data[i] < 127));
}

static void test_helo_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("my-pc_7.example.org. pc"), read_helo);
    for_each_damage(SLICE("[192.0.2.1] pc7"), read_helo);
    for_each_damage(SLICE("[IPv6:2001:db8::1]"), read_helo);
    for_each_damage(SLICE("[2001:db8::1]"), read_helo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_helo_names_need_what_they_need),
        cmocka_unit_test(test_helo_one_label_is_reported),
        cmocka_unit_test(test_helo_never),
        cmocka_unit_test(test_helo_length),
        cmocka_unit_test(test_helo_label_length),
        cmocka_unit_test(test_helo_every_octet_inside_a_name),
        cmocka_unit_test(test_helo_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
