/*
 * lib/syntax/literal.c: IPv4, IPv6, and literals in brackets.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#include <stdio.h>

#define OK         EHLO_SYNTAX_OK
#define MALFORMED  EHLO_SYNTAX_MALFORMED
#define UNBALANCED EHLO_SYNTAX_UNBALANCED

/* R5321-4.1.3-1 */
static const struct {
    const char *text;
    enum ehlo_syntax want;
    uint8_t address[4];
} ipv4_rows[] = {
    {"192.0.2.1", OK, {192, 0, 2, 1}},
    {"0.0.0.0", OK, {0, 0, 0, 0}},
    {"255.255.255.255", OK, {255, 255, 255, 255}},
    {"010.001.00.255", OK, {10, 1, 0, 255}}, /* decimal, as Snum is */
    {"256.1.1.1", MALFORMED, {0}},
    {"1.1.1.256", MALFORMED, {0}},
    {"1.1.1.999", MALFORMED, {0}},
    {"0001.1.1.1", MALFORMED, {0}},
    {"1.1.1.0001", MALFORMED, {0}},
    {"1.2.3", MALFORMED, {0}},
    {"1.2.3.", MALFORMED, {0}},
    {"1.2.3.4.", MALFORMED, {0}},
    {"1.2.3.4.5", MALFORMED, {0}},
    {".1.2.3.4", MALFORMED, {0}},
    {"1..2.3", MALFORMED, {0}},
    {"1.2.3.a", MALFORMED, {0}},
    {"1.2.3.-4", MALFORMED, {0}},
    {" 1.2.3.4", MALFORMED, {0}},
    {"1.2.3.4 ", MALFORMED, {0}},
    {"0x1.2.3.4", MALFORMED, {0}},
    {"", MALFORMED, {0}},
};

static void test_literal_ipv4(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(ipv4_rows); i++) {
        struct ehlo_slice text = dup_slice(ipv4_rows[i].text);
        uint8_t address[4] = {9, 9, 9, 9};
        const uint8_t untouched[4] = {9, 9, 9, 9};

        check_number(ipv4_rows[i].text, "verdict", ehlo_parse_ipv4(text, address),
                     ipv4_rows[i].want);
        assert_memory_equal(address, ipv4_rows[i].want == OK ? ipv4_rows[i].address : untouched, 4);
        free_slice(text);
    }
}

/* R5321-4.1.3-2; one group behind "::" is D32 of the notes to the RFCs. Groups are written out. */
static const struct {
    const char *text;
    enum ehlo_syntax want;
    uint16_t groups[8];
} ipv6_rows[] = {
    {"1:2:3:4:5:6:7:8", OK, {1, 2, 3, 4, 5, 6, 7, 8}},
    {"ABCD:ef01:2345:6789:abCD:EF01:2345:6789",
     OK,
     {0xabcd, 0xef01, 0x2345, 0x6789, 0xabcd, 0xef01, 0x2345, 0x6789}},
    {"0001:0:0:0:0:0:0:000f", OK, {1, 0, 0, 0, 0, 0, 0, 15}},
    {"::", OK, {0}},
    {"::1", OK, {0, 0, 0, 0, 0, 0, 0, 1}},
    {"1::", OK, {1}},
    {"2001:db8::1", OK, {0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}},
    {"2001:db8::8:800:200c:417a", OK, {0x2001, 0xdb8, 0, 0, 8, 0x800, 0x200c, 0x417a}},
    {"1:2:3:4:5:6::", OK, {1, 2, 3, 4, 5, 6}},
    {"::3:4:5:6:7:8", OK, {0, 0, 3, 4, 5, 6, 7, 8}},
    {"1:2:3:4:5:6:7::", OK, {1, 2, 3, 4, 5, 6, 7, 0}},
    {"::2:3:4:5:6:7:8", OK, {0, 2, 3, 4, 5, 6, 7, 8}},
    {"1:2:3::5:6:7:8", OK, {1, 2, 3, 0, 5, 6, 7, 8}},
    {"1:2:3:4:5:6:192.0.2.1", OK, {1, 2, 3, 4, 5, 6, 0xc000, 0x201}},
    {"::192.0.2.1", OK, {0, 0, 0, 0, 0, 0, 0xc000, 0x201}},
    {"::ffff:192.0.2.1", OK, {0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201}},
    {"1:2:3:4::192.0.2.1", OK, {1, 2, 3, 4, 0, 0, 0xc000, 0x201}},
    {"1:2:3:4:5::192.0.2.1", OK, {1, 2, 3, 4, 5, 0, 0xc000, 0x201}},
    {"1:2:3:4:5:6:7:8:9", MALFORMED, {0}},
    {"1:2:3:4:5:6:7", MALFORMED, {0}},
    {"1:2:3:4:5:6:7:8::", MALFORMED, {0}},
    {"::1:2:3:4:5:6:7:8", MALFORMED, {0}},
    {"1:2:3:4::5:6:7:8", MALFORMED, {0}},
    {"1::2::3", MALFORMED, {0}},
    {"::1::", MALFORMED, {0}},
    {":::", MALFORMED, {0}},
    {"1:::2", MALFORMED, {0}},
    {":", MALFORMED, {0}},
    {":1:2:3:4:5:6:7", MALFORMED, {0}},
    {":1::2", MALFORMED, {0}},
    {"1:2:3:4:5:6:7:", MALFORMED, {0}},
    {"1::2:", MALFORMED, {0}},
    {"12345::", MALFORMED, {0}},
    {"1:00002:3:4:5:6:7:8", MALFORMED, {0}},
    {"g::", MALFORMED, {0}},
    {"1:2:3:4:5:6:7:192.0.2.1", MALFORMED, {0}},
    {"1:2:3:4:5:192.0.2.1", MALFORMED, {0}},
    {"1:2:3:4:5:6::192.0.2.1", MALFORMED, {0}},
    {"1:2:3:4:5:6:7:8:192.0.2.1", MALFORMED, {0}},
    {"::192.0.2.1:1", MALFORMED, {0}},
    {"192.0.2.1::", MALFORMED, {0}},
    {"192.0.2.1", MALFORMED, {0}},
    {"::192.0.2", MALFORMED, {0}},
    {"::192.0.2.256", MALFORMED, {0}},
    {"::a.0.2.1", MALFORMED, {0}},
    {"::1.", MALFORMED, {0}},
    {"fe80::1%eth0", MALFORMED, {0}},
    {"::1 ", MALFORMED, {0}},
    {" ::1", MALFORMED, {0}},
    {"", MALFORMED, {0}},
};

static void check_groups(const char *name, const uint8_t address[16], const uint16_t groups[8])
{
    for (size_t i = 0; i < 8; i++)
        check_number(name, "group", (uint64_t)(address[2 * i] << 8 | address[2 * i + 1]),
                     groups[i]);
}

static void test_literal_ipv6(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(ipv6_rows); i++) {
        struct ehlo_slice text = dup_slice(ipv6_rows[i].text);
        uint8_t address[16];

        memset(address, 0x55, sizeof address);
        check_number(ipv6_rows[i].text, "verdict", ehlo_parse_ipv6(text, address),
                     ipv6_rows[i].want);
        if (ipv6_rows[i].want == OK)
            check_groups(ipv6_rows[i].text, address, ipv6_rows[i].groups);
        else
            check_number(ipv6_rows[i].text, "address", address[0], 0x55);
        free_slice(text);
    }
}

/* Writes groups with "::" for those from `gap` to before `end`; no "::" where both are 8. */
static void print_groups(char *text, size_t size, const uint16_t groups[8], size_t gap, size_t end)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < 8; i++) {
        if (i == gap) {
            length += (size_t)snprintf(text + length, size - length, "::");
            i = end - 1;
            continue;
        }
        length += (size_t)snprintf(text + length, size - length, "%s%x",
                                   i > 0 && i != end ? ":" : "", (unsigned)groups[i]);
    }
}

static void test_literal_ipv6_every_gap(void **state)
{
    (void)state;
    for (size_t gap = 0; gap <= 8; gap++) {
        for (size_t end = gap == 8 ? 8 : gap + 1; end <= 8; end++) {
            uint16_t groups[8] = {0x1a, 2, 3, 4, 5, 6, 7, 0xff8f};
            uint8_t address[16];
            char text[64];

            for (size_t i = gap; i < end; i++)
                groups[i] = 0;
            print_groups(text, sizeof text, groups, gap, end);
            check_number(text, "verdict",
                         ehlo_parse_ipv6((struct ehlo_slice){text, strlen(text)}, address), OK);
            check_groups(text, address, groups);
        }
    }
}

/* R5321-4.1.3-1, -2, -3 */
static const struct {
    const char *text;
    enum ehlo_syntax want;
    uint32_t kind;
} literals[] = {
    {"[192.0.2.1]", OK, EHLO_HOST_IPV4},
    {"[IPv6:2001:db8::1]", OK, EHLO_HOST_IPV6},
    {"[IPV6:::1]", OK, EHLO_HOST_IPV6},
    {"[ipv6:::]", OK, EHLO_HOST_IPV6},
    {"[IPv6:::ffff:192.0.2.1]", OK, EHLO_HOST_IPV6},
    {"[foo:x]", OK, EHLO_HOST_GENERAL},
    {"[X-4-a:!\"#(),;<>@^_~]", OK, EHLO_HOST_GENERAL},
    {"[-a:x]", OK, EHLO_HOST_GENERAL}, /* Ldh-str may begin with a hyphen */
    {"[2001:db8::1]", OK, EHLO_HOST_GENERAL},
    {"[a-:x]", MALFORMED, 0},
    {"[a_b:x]", MALFORMED, 0},
    {"[foo:]", MALFORMED, 0},
    {"[:x]", MALFORMED, 0},
    {"[foo:a b]", MALFORMED, 0},
    {"[foo:a\\b]", MALFORMED, 0},
    {"[foo:a[b]", MALFORMED, 0},
    {"[foo:\xc3\xbc]", MALFORMED, 0},
    {"[foo]", MALFORMED, 0},
    {"[IPv6:]", MALFORMED, 0},
    {"[IPv6:192.0.2.1]", MALFORMED, 0},
    {"[IPv6:1::2::3]", MALFORMED, 0},
    {"[256.1.1.1]", MALFORMED, 0},
    {"[1.2.3]", MALFORMED, 0},
    {"[192.0.2.1 ]", MALFORMED, 0},
    {"[]", MALFORMED, 0},
    {"", MALFORMED, 0},
    {"192.0.2.1", MALFORMED, 0},
    {"[192.0.2.1]x", MALFORMED, 0},
    {"x[192.0.2.1]", MALFORMED, 0},
    {"[192.0.2.1", UNBALANCED, 0},
    {"192.0.2.1]", UNBALANCED, 0},
    {"[", UNBALANCED, 0},
    {"]", UNBALANCED, 0},
};

static void test_literal_in_brackets(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(literals); i++) {
        struct ehlo_slice text = dup_slice(literals[i].text);
        struct ehlo_host host;

        memset(&host, 0x55, sizeof host);
        check_number(literals[i].text, "verdict", ehlo_parse_address_literal(text, &host),
                     literals[i].want);
        if (literals[i].want == OK) {
            check_number(literals[i].text, "kind", host.kind, literals[i].kind);
            assert_slice_of(literals[i].text, host.text, literals[i].text);
            check_number(literals[i].text, "oddities", host.oddities, 0);
            check_number(literals[i].text, "reserved", host.reserved, 0);
        }
        free_slice(text);
    }
}

static void test_literal_address_is_padded_with_zeros(void **state)
{
    const uint8_t ipv4[16] = {192, 0, 2, 1}, none[16] = {0};
    const uint8_t ipv6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
    struct ehlo_host host;

    (void)state;
    assert_int_equal(ehlo_parse_address_literal(SLICE("[192.0.2.1]"), &host), OK);
    assert_memory_equal(host.address, ipv4, 16);
    assert_int_equal(ehlo_parse_address_literal(SLICE("[IPv6:2001:db8::1]"), &host), OK);
    assert_memory_equal(host.address, ipv6, 16);
    assert_int_equal(ehlo_parse_address_literal(SLICE("[1.2.3.4:x]"), &host), MALFORMED);
    assert_int_equal(ehlo_parse_address_literal(SLICE("[foo:1.2.3.4]"), &host), OK);
    assert_memory_equal(host.address, none, 16);
}

/* dcontent = %d33-90 / %d94-126 */
static void test_literal_every_octet_of_content(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char text[] = "[foo:?]";
        bool want = (octet >= 33 && octet <= 90) || (octet >= 94 && octet <= 126);
        struct ehlo_host host;

        text[5] = (char)octet;
        if ((ehlo_parse_address_literal((struct ehlo_slice){text, 7}, &host) == OK) != want)
            fail_msg("octet %d", octet);
    }
}

static void read_literal(struct ehlo_slice text)
{
    struct ehlo_host host;
    uint8_t address[16];

    if (ehlo_parse_address_literal(text, &host) == OK)
        assert_true(lies_in(host.text, text));
    (void)ehlo_parse_ipv4(text, address);
    (void)ehlo_parse_ipv6(text, address);
}

static void test_literal_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("[192.0.2.1]"), read_literal);
    for_each_damage(SLICE("[IPv6:1:2:3:4:5:6:192.0.2.1]"), read_literal);
    for_each_damage(SLICE("2001:db8::8:800:200c:417a"), read_literal);
    for_each_damage(SLICE("1:2:3:4:5:6:192.0.2.1"), read_literal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literal_ipv4),
        cmocka_unit_test(test_literal_ipv6),
        cmocka_unit_test(test_literal_ipv6_every_gap),
        cmocka_unit_test(test_literal_in_brackets),
        cmocka_unit_test(test_literal_address_is_padded_with_zeros),
        cmocka_unit_test(test_literal_every_octet_of_content),
        cmocka_unit_test(test_literal_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
