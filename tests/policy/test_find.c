/*
 * Who is who in a policy: domains, accounts and lists of the command line and of the file.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "read_support.h"

/* ---- of the command line ---- */

static const char *domains[] = {"example.com", "[192.0.2.1]"};
static struct user users[] = {
    {"bob@example.com", "secret"},
    {"\"B\\ob\"@EXAMPLE.com", "another"}, /* the same mailbox */
    {"ann@[192.0.2.1]", NULL},
};

static void test_without_file(void **state)
{
    struct options options = {
        .domains = domains, .domain_count = 2, .users = users, .user_count = 3, .max_per_ip = 7};
    struct policy policy;
    const struct account *account;

    (void)state;
    assert_true(policy_read(&policy, &options));
    assert_false(policy.from_file);
    assert_false(policy_is_open(&policy));
    assert_int_equal(policy.max_connections, 7);
    account = policy.accounts;
    assert_string_equal(account->address, "bob@example.com");
    assert_string_equal(account->password, "secret");
    assert_ptr_equal(account->domain, policy.domains);
    account = account->next;
    assert_string_equal(account->address, "ann@[192.0.2.1]");
    assert_null(account->password);
    assert_ptr_equal(account->domain, policy.domains->next);
    assert_null(account->next);
    policy_free(&policy);
}

static void test_without_anything(void **state)
{
    struct options options = {0};
    struct policy policy;

    (void)state;
    assert_true(policy_read(&policy, &options));
    assert_true(policy_is_open(&policy));
    assert_string_equal(policy.domains->name, "example.com");
    assert_int_equal(policy.max_connections, 0);
    policy_free(&policy);
}

/* The file adds to the command line, and counts where both say something. */
static void test_both(void **state)
{
    static const char text[] = "max-connections 3\ndomain EXAMPLE.com\nquota 5\n"
                               "account Bob@example.com\nquota 6\naccount ann@[192.0.2.1]\n"
                               "password hers\naccount eve@example.net\ndomain example.net\n";
    struct options options = {
        .domains = domains, .domain_count = 2, .users = users, .user_count = 3, .max_per_ip = 7};
    const struct account *bob, *ann, *eve;
    struct policy policy;
    bool taken;
    char *said = read_octets("both", text, strlen(text), &options, &policy, &taken);

    (void)state;
    assert_string_equal(said, "");
    free(said);
    assert_true(taken && policy.from_file);
    assert_int_equal(policy.max_connections, 3);
    assert_string_equal(policy.domains->name, "example.com");
    assert_int_equal(policy.domains->limits.quota, 5);
    bob = policy.accounts;
    ann = bob->next;
    eve = ann->next;
    assert_null(eve->next);
    assert_string_equal(bob->password, "secret");
    assert_int_equal(bob->limits.quota, 6);
    assert_string_equal(ann->password, "hers");
    assert_ptr_equal(ann->domain, policy.domains->next);
    assert_ptr_equal(eve->domain, policy.domains->next->next);
    policy_free(&policy);
}

static void test_domains_of_the_file(void **state)
{
    static const char text[] = "account a@example.org\ndomain example.org\n";
    struct options options = {0};
    struct policy policy;
    bool taken;
    char *said = read_octets("domains", text, strlen(text), &options, &policy, &taken);

    (void)state;
    assert_true(taken);
    assert_string_equal(policy.domains->name, "example.org");
    assert_null(policy.domains->next);
    policy_free(&policy);
    free(said);
}

/* ---- looking for them ---- */

static void test_find(void **state)
{
    struct policy policy;

    (void)state;
    read_good("find",
              "domain example.org\naccount bob@example.com\nno-mailbox\nforward b@example.net\n"
              "forward c@example.net\nforward d@example.net\nlist staff@example.org\n"
              "member bob@example.com\nmember c@example.net\n",
              &policy);
    assert_string_equal(policy.lists->expansion, "<bob@example.com>\n<c@example.net>");
    assert_ptr_equal(policy_domain(&policy, ehlo_text("Example.COM")), policy.domains);
    assert_ptr_equal(policy_domain(&policy, ehlo_text("example.org")), policy.domains->next);
    assert_null(policy_domain(&policy, ehlo_text("example.or")));
    assert_null(policy_domain(&policy, ehlo_text("")));
    assert_ptr_equal(policy_account(&policy, "bob@example.com"), policy.accounts);
    assert_null(policy_account(&policy, "staff@example.org"));
    assert_ptr_equal(policy_list(&policy, "staff@example.org"), policy.lists);
    assert_null(policy_list(&policy, "bob@example.com"));
    assert_ptr_equal(policy_account_of(&policy, ehlo_text("\"BOB\"@example.com")), policy.accounts);
    assert_null(policy_account_of(&policy, ehlo_text("bob")));
    assert_null(policy_account_of(&policy, ehlo_text("")));
    assert_true(policy.accounts->no_mailbox);
    assert_int_equal(policy.accounts->forward_count, 3);
    assert_string_equal(policy.accounts->forward[0], "b@example.net");
    assert_string_equal(policy.accounts->forward[2], "d@example.net");
    assert_false(policy_is_open(&policy));
    policy_free(&policy);
}

static void test_open(void **state)
{
    struct policy policy;

    (void)state;
    read_good("list", "list a@example.com\nmember b@example.net\n", &policy);
    assert_false(policy_is_open(&policy));
    policy_free(&policy);
    read_good("domain", "domain example.org\n", &policy);
    assert_true(policy_is_open(&policy));
    policy_free(&policy);
}

/* ---- the least counts ---- */

static void test_max_size(void **state)
{
    static const struct {
        uint64_t server, domain, account, least;
    } rows[] = {{0, 0, 0, 0}, {3, 0, 0, 3}, {0, 2, 0, 2}, {0, 0, 1, 1}, {3, 2, 1, 1}, {1, 2, 3, 1},
                {2, 1, 3, 1}, {2, 0, 3, 2}, {2, 2, 2, 2}, {0, 5, 9, 5}, {9, 5, 0, 5}, {9, 0, 5, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct policy policy = {.limits = {.max_size = rows[i].server}};
        struct domain domain = {.limits = {.max_size = rows[i].domain}};
        struct account account = {.limits = {.max_size = rows[i].account}, .domain = &domain};

        assert_int_equal(policy_max_size(&policy, &domain, &account), rows[i].least);
        assert_int_equal(policy_max_size(&policy, NULL, &account), rows[i].least);
        assert_int_equal(policy_max_size(&policy, NULL, NULL), rows[i].server);
        assert_int_equal(policy_max_size(NULL, &domain, NULL), rows[i].domain);
        account.domain = NULL;
        assert_int_equal(policy_max_size(NULL, NULL, &account), rows[i].account);
    }
    assert_int_equal(policy_max_size(NULL, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_file), cmocka_unit_test(test_without_anything),
        cmocka_unit_test(test_both),         cmocka_unit_test(test_domains_of_the_file),
        cmocka_unit_test(test_find),         cmocka_unit_test(test_open),
        cmocka_unit_test(test_max_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
