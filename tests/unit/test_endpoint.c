/*
 * lib/syntax/endpoint.c: the one spelling of an address (RFC 5952 4, 5).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/proxy.h"

#include "proxy_support.h"

static const struct {
    const char *sent, *text;
} spellings[] = {
    {"0.0.0.0", "0.0.0.0"},
    {"9.10.99.100", "9.10.99.100"},
    {"255.249.200.199", "255.249.200.199"},
    {"::", "::"},
    {"::1", "::1"},
    {"1::", "1::"},
    {"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
    {"1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"},
    {"0:0:2:3:4:5:6:7", "::2:3:4:5:6:7"},
    {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
    {"1:0:0:4:5:0:0:8", "1::4:5:0:0:8"},
    {"1:0:0:4:0:0:0:8", "1:0:0:4::8"},
    {"0:0:3:0:0:0:7:8", "0:0:3::7:8"},
    {"ABCD:EF01:2345:6789:abcd:ef01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
    {"f:10:ff:100:fff:1000:ffff:a", "f:10:ff:100:fff:1000:ffff:a"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"::ffff:c000:201", "::ffff:192.0.2.1"},
    {"::ffff:0:0", "::ffff:0.0.0.0"},
    {"::ffff:255.255.255.255", "::ffff:255.255.255.255"},
    {"::fffe:c000:201", "::fffe:c000:201"},
    {"::1:ffff:c000:201", "::1:ffff:c000:201"},
    {"::192.0.2.1", "::c000:201"},
    {"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
};

static void test_endpoint_spellings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(spellings); i++) {
        struct ehlo_slice sent = {spellings[i].sent, strlen(spellings[i].sent)};
        struct ehlo_proxy_endpoint endpoint;
        uint8_t address[16] = {0};
        bool is_ipv4 = ehlo_parse_ipv4(sent, address) == EHLO_SYNTAX_OK;
        uint32_t family = is_ipv4 ? EHLO_PROXY_IPV4 : EHLO_PROXY_IPV6;

        memset(&endpoint, 0x55, sizeof endpoint);
        assert_of(spellings[i].sent, is_ipv4 || ehlo_parse_ipv6(sent, address) == EHLO_SYNTAX_OK);
        ehlo__set_endpoint(&endpoint, (enum ehlo_proxy_family)family, address, 65535);
        check_endpoint(spellings[i].sent, &endpoint, family, spellings[i].text, 65535);
        assert_memory_equal(endpoint.address, address, sizeof address);
        check_number(spellings[i].sent, "path", endpoint.path.length, 0);
        check_number(spellings[i].sent, "reserved", endpoint.reserved[0] | endpoint.reserved[1], 0);
    }
}

/* Whichever groups are zero, the text says the address, and "::" at most once. */
static void test_endpoint_every_pattern_of_zeros(void **state)
{
    (void)state;
    for (unsigned zeros = 0; zeros < 256; zeros++) {
        struct ehlo_proxy_endpoint endpoint;
        uint8_t address[16] = {0}, again[16];

        for (unsigned group = 0; group < 8; group++)
            address[2 * group + 1] = (zeros >> group & 1) != 0 ? 0 : 0xff;
        ehlo__set_endpoint(&endpoint, EHLO_PROXY_IPV6, address, 25);
        assert_int_equal(ehlo_parse_ipv6(ehlo_text(endpoint.text), again), EHLO_SYNTAX_OK);
        assert_memory_equal(again, address, sizeof address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoint_spellings),
        cmocka_unit_test(test_endpoint_every_pattern_of_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
