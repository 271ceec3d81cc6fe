/*
 * lib/syntax/domain.c: labels, their octets and lengths, and what is tolerated.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK         EHLO_SYNTAX_OK
#define MALFORMED  EHLO_SYNTAX_MALFORMED
#define NOT_ASCII  EHLO_SYNTAX_NOT_ASCII
#define UNDERSCORE EHLO_ODDITY_UNDERSCORE
#define DOT        EHLO_ODDITY_TRAILING_DOT
#define UTF8       EHLO_SYNTAX_UTF8

/* R5321-4.1.2-3, R6531-3.3-1 */
static const struct {
    const char *name;
    struct ehlo_slice text;
    enum ehlo_syntax strict;
    uint32_t needs; /* the bits, and no others, that make it OK; 0: as `strict` says */
} domains[] = {
    {"two labels", TEXT("b.example"), OK, 0},
    {"one label", TEXT("localhost"), OK, 0},
    {"one letter", TEXT("a"), OK, 0},
    {"digits", TEXT("4.3.2.1"), OK, 0},
    {"hyphens inside", TEXT("a--b.c-d"), OK, 0},
    {"A-label", TEXT("xn--bcher-kva.example"), OK, 0},
    {"empty", {NULL, 0}, MALFORMED, 0},
    {"dot", TEXT("."), MALFORMED, 0},
    {"leading dot", TEXT(".example"), MALFORMED, 0},
    {"two dots", TEXT("a..example"), MALFORMED, 0},
    {"two dots behind", TEXT("example.."), MALFORMED, 0},
    {"hyphen first", TEXT("-a.example"), MALFORMED, 0},
    {"hyphen last", TEXT("a-.example"), MALFORMED, 0},
    {"hyphen last of all", TEXT("a.example-"), MALFORMED, 0},
    {"hyphen alone", TEXT("-"), MALFORMED, 0},
    {"blank", TEXT("a b.example"), MALFORMED, 0},
    {"blank behind", TEXT("a.example "), MALFORMED, 0},
    {"underscore", TEXT("win_pc.example"), MALFORMED, UNDERSCORE},
    {"underscores at ends", TEXT("_a._b_"), MALFORMED, UNDERSCORE},
    {"trailing dot", TEXT("a.example."), MALFORMED, DOT},
    {"one label and dot", TEXT("a."), MALFORMED, DOT},
    {"underscore and dot", TEXT("a_b."), MALFORMED, UNDERSCORE | DOT},
    {"U-label",
     TEXT("b\xc3\xbc"
          "cher.example"),
     NOT_ASCII, UTF8},
    {"U-label with underscore", TEXT("\xc3\xbc_.example"), MALFORMED, UTF8 | UNDERSCORE},
    {"U-label with edge hyphen", TEXT("\xc3\xbc-.example"), MALFORMED, 0},
    {"overlong UTF-8", TEXT("\xc0\xae.example"), MALFORMED, 0},
    {"surrogate", TEXT("\xed\xa0\x80.example"), MALFORMED, 0},
    {"UTF-8 cut", TEXT("a.\xc3"), MALFORMED, 0},
};

static void check_host(const char *name, struct ehlo_slice text, const struct ehlo_host *host,
                       uint32_t oddities)
{
    check_number(name, "kind", host->kind, EHLO_HOST_DOMAIN);
    check_number(name, "oddities", host->oddities, oddities);
    check_number(name, "length", host->text.length, text.length);
    check_number(name, "reserved", host->reserved, 0);
    for (size_t i = 0; i < sizeof host->address; i++)
        check_number(name, "address", host->address[i], 0);
    assert_ptr_equal(host->text.data, text.data);
}

static void test_domain_rows_strict_and_tolerant(void **state)
{
    const uint32_t all = EHLO_ODDITIES_ALL | (uint32_t)UTF8;

    (void)state;
    for (size_t i = 0; i < ROWS(domains); i++) {
        struct ehlo_slice text = exact(domains[i].text);
        enum ehlo_syntax tolerant = domains[i].needs != 0 ? OK : domains[i].strict;
        struct ehlo_host host;

        memset(&host, 0x55, sizeof host);
        check_number(domains[i].name, "strict", ehlo_parse_domain(text, 0, &host),
                     domains[i].strict);
        check_number(domains[i].name, "with all but what it needs",
                     ehlo_parse_domain(text, all & ~domains[i].needs, &host), domains[i].strict);
        check_number(domains[i].name, "tolerant", ehlo_parse_domain(text, domains[i].needs, &host),
                     tolerant);
        if (tolerant == OK)
            check_host(domains[i].name, text, &host, domains[i].needs & EHLO_ODDITIES_ALL);
        free_slice(text);
    }
}

/* Bits that mean nothing tolerate nothing. */
static void test_domain_unknown_bits_are_ignored(void **state)
{
    struct ehlo_host host;

    (void)state;
    assert_int_equal(ehlo_parse_domain(SLICE("a-.example"), UINT32_MAX, &host), MALFORMED);
}

static void test_domain_every_octet_in_every_place(void **state)
{
    static const char *const places[] = {"?a.example", "a?a.example", "a?.example", "a.exampl?"};

    (void)state;
    for (size_t i = 0; i < ROWS(places); i++) {
        for (int octet = 0; octet <= 255; octet++) {
            struct ehlo_slice text = dup_slice(places[i]);
            bool let_dig = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
                           (octet >= 'a' && octet <= 'z');
            bool want = let_dig || (i == 1 && (octet == '-' || octet == '.'));
            char *place = (char *)(uintptr_t)memchr(text.data, '?', text.length);
            struct ehlo_host host;

            *place = (char)octet;
            if ((ehlo_parse_domain(text, 0, &host) == OK) != want)
                fail_msg("%s with octet %d", places[i], octet);
            free_slice(text);
        }
    }
}

/* RFC 1035 2.3.4 */
static void test_domain_label_length(void **state)
{
    (void)state;
    for (size_t length = 62; length <= 64; length++) {
        struct ehlo_slice label = repeated('a', length), text = joined(2, SLICE("b."), label);
        struct ehlo_host host;

        assert_int_equal(ehlo_parse_domain(text, EHLO_ODDITIES_ALL, &host),
                         length <= 63 ? OK : MALFORMED);
        free_slice(label);
        free_slice(text);
    }
}

/* What counts of a U-label are the octets of its A-label: nobody can tell them from here. */
static void test_domain_long_u_label(void **state)
{
    struct ehlo_slice label = repeated('a', 70), text = joined(2, label, SLICE("\xc3\xbc.example"));
    struct ehlo_host host;

    (void)state;
    assert_int_equal(ehlo_parse_domain(text, UTF8, &host), OK);
    free_slice(label);
    free_slice(text);
}

/* R5321-4.5.3.1-1 */
static void test_domain_length(void **state)
{
    (void)state;
    for (size_t length = EHLO_DOMAIN_MAX - 1; length <= EHLO_DOMAIN_MAX + 1; length++) {
        struct ehlo_slice text = repeated('a', length);
        struct ehlo_host host;

        for (size_t i = 50; i < length - 1; i += 50)
            ((char *)(uintptr_t)text.data)[i] = '.';
        assert_int_equal(ehlo_parse_domain(text, 0, &host),
                         length <= EHLO_DOMAIN_MAX ? OK : EHLO_SYNTAX_TOO_LONG);
        free_slice(text);
    }
}

static void read_domain(struct ehlo_slice text)
{
    struct ehlo_host host;

    if (ehlo_parse_domain(text, UINT32_MAX, &host) == OK)
        assert_true(lies_in(host.text, text) && ehlo_is_utf8(text));
}

static void test_domain_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("a-b.c_d.\xc3\xbc.example."), read_domain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domain_rows_strict_and_tolerant),
        cmocka_unit_test(test_domain_unknown_bits_are_ignored),
        cmocka_unit_test(test_domain_every_octet_in_every_place),
        cmocka_unit_test(test_domain_label_length),
        cmocka_unit_test(test_domain_long_u_label),
        cmocka_unit_test(test_domain_length),
        cmocka_unit_test(test_domain_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
