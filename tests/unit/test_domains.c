/*
 * Tests of lib/server/domains.c: distinct domains, whatever their case, up to the limit.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"
#include "wire_support.h"

#include <stdio.h>

static bool count(struct ehlo_server *s, const char *domain)
{
    const struct ehlo_slice slice = dup_slice(domain);
    const bool result = ehlo__count_domain(s, slice);

    free_slice(slice);
    return result;
}

/* A session whose array of domains has no octet to spare. */
static struct ehlo_server make(struct ehlo_server_config *config, uint32_t limit)
{
    struct ehlo_server s;

    memset(&s, 0, sizeof s);
    config->max_recipient_domains = limit;
    s.config = config;
    s.domains = limit > 0 ? malloc(limit * sizeof *s.domains) : NULL;
    return s;
}

/* R9422-4-1 at -1, 0, +1 of several limits */
static void test_so_many_domains_and_no_more(void **state)
{
    static const uint32_t limits[] = {1, 2, 3, 1000};

    (void)state;
    for (size_t i = 0; i < ROWS(limits); i++) {
        struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
        struct ehlo_server s = make(&config, limits[i]);
        char domain[32];

        for (uint32_t round = 0; round < 2; round++)
            for (uint32_t number = 0; number < limits[i]; number++) {
                snprintf(domain, sizeof domain, "d%u.example", (unsigned)number);
                assert_true(count(&s, domain));
                assert_int_equal(s.domain_count, round == 0 ? number + 1 : limits[i]);
            }
        assert_false(count(&s, "another.example"));
        assert_false(count(&s, "another.example"));
        assert_true(count(&s, "d0.example"));
        assert_int_equal(s.domain_count, limits[i]);
        free(s.domains);
    }
}

static void test_without_a_limit_nothing_is_counted(void **state)
{
    struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
    struct ehlo_server s = make(&config, 0);

    (void)state;
    assert_true(count(&s, "a.example"));
    assert_true(count(&s, "b.example"));
    assert_int_equal(s.domain_count, 0);
}

/* The second is the same as the first, or another one. */
static const struct {
    const char *one, *other;
    bool same;
} rows[] = {
    {"d.example", "d.example", true},     {"d.example", "D.EXAMPLE", true},
    {"[192.0.2.1]", "[192.0.2.1]", true}, {"[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]", true},
    {"d.example", "e.example", false},    {"d.example", "d.exampl", false},
    {"ab.example", "ba.example", false},  {"d-.example", "d_.example", false},
    {"d@.example", "d`.example", false}, /* these differ by the bit of case, but are no letters */
    {"d[.example", "d{.example", false},  {"\xc3\xbc.example", "\xc3\x9c.example", false},
};

static void test_domains_are_compared_without_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
        struct ehlo_server s = make(&config, 1);

        assert_of(rows[i].one, count(&s, rows[i].one));
        assert_of(rows[i].other, count(&s, rows[i].other) == rows[i].same);
        free(s.domains);
    }
}

/* "postmaster" alone belongs to no domain. */
static void test_no_domain_counts_for_nothing(void **state)
{
    struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
    struct ehlo_server s = make(&config, 1);

    (void)state;
    assert_true(ehlo__count_domain(&s, (struct ehlo_slice){NULL, 0}));
    assert_int_equal(s.domain_count, 0);
    assert_true(count(&s, "d.example"));
    assert_true(ehlo__count_domain(&s, (struct ehlo_slice){NULL, 0}));
    free(s.domains);
}

/* The hash is FNV-1a, by its published test values ("a", "foobar"). */
static void test_the_hash_is_that_of_its_name(void **state)
{
    struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
    struct ehlo_server s = make(&config, 2);

    (void)state;
    assert_true(count(&s, "a"));
    assert_true(count(&s, "foobar"));
    assert_true(s.domains[0] == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(s.domains[1] == UINT64_C(0x85944171f73967e8));
    free(s.domains);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_many_domains_and_no_more),
        cmocka_unit_test(test_without_a_limit_nothing_is_counted),
        cmocka_unit_test(test_domains_are_compared_without_case),
        cmocka_unit_test(test_no_domain_counts_for_nothing),
        cmocka_unit_test(test_the_hash_is_that_of_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
