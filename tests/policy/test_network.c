/*
 * Networks of the policy host.
 *
 * SPDX-License-Identifier: MIT
 */
#include "policy/network.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void test_reads(void **state)
{
    static const struct {
        const char *text;
        int family;
        unsigned bits;
        uint8_t octets[16];
    } rows[] = {
        {"all", 0, 0, {0}},
        {"ALL", 0, 0, {0}},
        {"192.0.2.1", AF_INET, 32, {192, 0, 2, 1}},
        {"192.0.2.1/32", AF_INET, 32, {192, 0, 2, 1}},
        {"192.0.2.0/24", AF_INET, 24, {192, 0, 2, 0}},
        {"192.0.2.128/25", AF_INET, 25, {192, 0, 2, 128}},
        {"0.0.0.0/0", AF_INET, 0, {0}},
        {"2001:db8::/32", AF_INET6, 32, {0x20, 0x01, 0x0d, 0xb8}},
        {"2001:DB8::8000:0/113", AF_INET6, 113, {0x20, 0x01, 0x0d, 0xb8, [12] = 0x80}},
        {"::1", AF_INET6, 128, {[15] = 1}},
        {"::/0", AF_INET6, 0, {0}},
        {"::ffff:192.0.2.0/120", AF_INET, 24, {192, 0, 2, 0}},
        {"::ffff:192.0.2.1", AF_INET, 32, {192, 0, 2, 1}},
        {"1111:2222:3333:4444:5555:6666:255.255.255.255",
         AF_INET6,
         128,
         {17, 17, 34, 34, 51, 51, 68, 68, 85, 85, 102, 102, 255, 255, 255, 255}},
        {"::ffff:0:0/96", AF_INET, 0, {0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = dup_exact(rows[i].text, strlen(rows[i].text) + 1);
        struct network network;

        memset(&network, 0xff, sizeof network);
        assert_of(rows[i].text, network_read(&network, text));
        assert_of(rows[i].text, network.family == rows[i].family);
        assert_of(rows[i].text, network.bits == rows[i].bits);
        assert_of(rows[i].text, memcmp(network.octets, rows[i].octets, 16) == 0);
        free(text);
    }
}

static void test_refuses(void **state)
{
    static const char *const rows[] = {
        "",
        "/",
        "/24",
        "all/0",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.0.0/24",
        " 192.0.2.0",
        "192.0.2.0 ",
        "192.0.2.0/",
        "192.0.2.0/ 24",
        "192.0.2.0/+24",
        "192.0.2.0/-1",
        "192.0.2.0/2x",
        "192.0.2.0/33",
        "192.0.2.0/024x",
        "192.0.2.0/0024",
        "192.0.2.0/4294967320",
        "192.0.2.0/24/24",
        "192.0.2.0/255.255.255.0",
        "192.0.2.1/24", /* bits behind the length */
        "192.0.2.64/25",
        "128.0.0.0/0",
        "2001:db8::/129",
        "2001:db8::1/127",
        "2001:db8::1/32",
        "2001:db8:::/32",
        "::ffff:192.0.2.1/120",
        "fe80::1%eth0",
        "[::1]",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999",
        "1111:2222:3333:4444:5555:6666:255.255.255.2555",
        "1111:2222:3333:4444:5555:6666:255.255.255.25555",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = dup_exact(rows[i], strlen(rows[i]) + 1);
        struct network network;

        assert_of(rows[i], !network_read(&network, text));
        free(text);
    }
}

static void test_has(void **state)
{
    static const struct {
        const char *network, *address;
        bool has;
    } rows[] = {
        {"all", "192.0.2.1", true},
        {"all", "2001:db8::1", true},
        {"all", "", true},
        {"192.0.2.0/24", "192.0.1.255", false},
        {"192.0.2.0/24", "192.0.2.0", true},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.64/26", "192.0.2.63", false},
        {"192.0.2.64/26", "192.0.2.64", true},
        {"192.0.2.64/26", "192.0.2.127", true},
        {"192.0.2.64/26", "192.0.2.128", false},
        {"192.0.2.4/31", "192.0.2.3", false},
        {"192.0.2.4/31", "192.0.2.5", true},
        {"192.0.2.4/31", "192.0.2.6", false},
        {"192.0.2.4", "192.0.2.4", true},
        {"192.0.2.4", "192.0.2.5", false},
        {"128.0.0.0/1", "127.255.255.255", false},
        {"128.0.0.0/1", "128.0.0.0", true},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::", false},
        {"0.0.0.0/0", "", false},
        {"::/0", "", false},
        {"::/0", "192.0.2.1", false},
        {"::/0", "ffff::", true},
        {"2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true},
        {"2001:db8::/32", "2001:db9::", false},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"2001:db8::2/127", "2001:db8::3", true},
        {"2001:db8::2/127", "2001:db8::4", false},
        {"2001:db8::2", "2001:db8::2", true},
        {"2001:db8::2", "2001:db8::3", false},
        {"::ffff:192.0.2.0/120", "192.0.2.77", true},
        {"192.0.2.0/24", "nonsense", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char row[100] = "";
        struct network network;

        strcat(strcat(strcat(row, rows[i].network), " and "), rows[i].address);
        assert_of(row, network_read(&network, rows[i].network));
        assert_of(row, network_has(&network, rows[i].address) == rows[i].has);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
