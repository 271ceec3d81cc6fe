/*
 * Names that the policy host asks the DNS for.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dns/names.h"
#include "dns/punycode.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define X63 X60 "xxx"

static void check(const char *row, const char *name, bool done, const char *want)
{
    assert_of(row, done == (want != NULL));
    if (want != NULL)
        assert_octets_of(row, name, strlen(name), want, strlen(want));
}

static void test_domain(void **state)
{
    static const struct {
        const char *domain, *zone, *want; /* NULL: none */
    } rows[] = {
        {"example.com", NULL, "example.com"},
        {"Example.COM.", NULL, "Example.COM"},
        {"a_b.example", NULL, "a_b.example"},
        {"com", NULL, "com"},
        {"example.com", "rhsbl.example", "example.com.rhsbl.example"},
        {"b\xc3\xbc\x63her.example", NULL, "xn--bcher-kva.example"},
        {"B\xc3\xbc\x63HER.example", "z.example", "xn--bcher-kva.example.z.example"},
        {"www.\xe4\xbe\x8b\xe5\xad\x90.\xe6\xb5\x8b\xe8\xaf\x95", NULL,
         "www.xn--fsqu00a.xn--0zwm56d"},
        {X63 ".example", NULL, X63 ".example"},
        {X63 "x.example", NULL, NULL},
        {X63 "." X63 "." X63 "." X60 "x", NULL, X63 "." X63 "." X63 "." X60 "x"}, /* 253 */
        {X63 "." X63 "." X63 "." X60 "xx", NULL, NULL},
        {X63 "." X63 "." X63 "." X60 "x.", NULL, X63 "." X63 "." X63 "." X60 "x"},
        {X63 "." X63 "." X63, X60 "x", X63 "." X63 "." X63 "." X60 "x"},
        {X63 "." X63 "." X63, X60 "xx", NULL},
        {"", NULL, NULL},
        {"", "zone.example", NULL},
        {".", NULL, NULL},
        {".example", NULL, NULL},
        {"a..example", NULL, NULL},
        {"example..", NULL, NULL},
        {"a b.example", NULL, NULL},
        {"a\\.b.example", NULL, NULL},
        {"a\x7f.example", NULL, NULL},
        {"\x01.example", NULL, NULL},
        {"\xff.example", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *name = malloc(NAME_SIZE);
        struct ehlo_slice domain = dup_slice(rows[i].domain);

        assert_non_null(name);
        check(rows[i].domain, name, name_of_domain(name, domain, rows[i].zone), rows[i].want);
        free(name);
        free_slice(domain);
    }
}

static void test_address(void **state)
{
    static const struct {
        const char *address, *zone, *want;
    } rows[] = {
        {"192.0.2.99", "bl.example", "99.2.0.192.bl.example"}, /* RFC 5782 2.1 */
        {"192.0.2.99", NULL, "99.2.0.192.in-addr.arpa"},
        {"2001:db8:1:2:3:4:567:89ab", "ugly.example.com", /* RFC 5782 2.4 */
         "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com"},
        {"2001:db8::1", NULL,
         "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
        {"255.255.255.255", X63 "." X63 "." X63 "." X10 X10 X10 X10 "xxxxx",
         "255.255.255.255." X63 "." X63 "." X63 "." X10 X10 X10 X10 "xxxxx"}, /* 253 */
        {"255.255.255.255", X63 "." X63 "." X63 "." X10 X10 X10 X10 "xxxxxx", NULL},
        {"", NULL, NULL},
        {"", "bl.example", NULL},
        {"nonsense", "bl.example", NULL},
        {"192.0.2", "bl.example", NULL},
        {":", "bl.example", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *name = malloc(NAME_SIZE);

        assert_non_null(name);
        check(rows[i].address, name, name_of_address(name, rows[i].address, rows[i].zone),
              rows[i].want);
        free(name);
    }
}

/* The samples of RFC 3492 7.1 as far as they are in lower case, and edges. */
static void test_punycode(void **state)
{
    static const struct {
        const char *label, *want; /* "": none */
    } rows[] = {
        {"\xd9\x84\xd9\x8a\xd9\x87\xd9\x85\xd8\xa7\xd8\xa8\xd8\xaa\xd9\x83\xd9\x84\xd9\x85\xd9\x88"
         "\xd8\xb4\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\x9f",
         "xn--egbpdaj6bu4bxfgehfvwxn"},
        {"\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4"
         "\xb8\xad\xe6\x96\x87",
         "xn--ihqwcrb4cv8a8dqg056pqjye"},
        {"\xd0\xbf\xd0\xbe\xd1\x87\xd0\xb5\xd0\xbc\xd1\x83\xd0\xb6\xd0\xb5\xd0\xbe\xd0\xbd\xd0\xb8"
         "\xd0\xbd\xd0\xb5\xd0\xb3\xd0\xbe\xd0\xb2\xd0\xbe\xd1\x80\xd1\x8f\xd1\x82\xd0\xbf\xd0\xbe"
         "\xd1\x80\xd1\x83\xd1\x81\xd1\x81\xd0\xba\xd0\xb8",
         "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"},
        {"\xc3\xbc", "xn--tda"},
        {"\xf0\x9f\x93\xa7", "xn--du8h"},
        {"a\xf4\x8f\xbf\xbf", "xn--a-h023p"},
        {"\xc3", ""},
        {"\xc3(", ""},
        {"\xe4\xbe", ""},
        {"\xbe", ""},
        {"\xc0\x80", ""},
        {"\xf5\x80\x80\x80", ""},
        {X10 X10 X10 X10 X10 "xxxxx\xc3\xbc", "xn--" X10 X10 X10 X10 X10 "xxxxx-8yf"}, /* 63 */
        {X10 X10 X10 X10 X10 "xxxxxx\xc3\xbc", ""},
        {X60 "\xc3\xbc", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *octets = malloc(LABEL_MAX);
        struct ehlo_slice label = dup_slice(rows[i].label);
        size_t length;

        assert_non_null(octets);
        length = punycode_label(octets, label);
        assert_octets_of(rows[i].label, octets, length, rows[i].want, strlen(rows[i].want));
        free(octets);
        free_slice(label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_address),
        cmocka_unit_test(test_punycode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
