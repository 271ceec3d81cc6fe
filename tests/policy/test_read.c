/*
 * The policy reader: whole files, good and bad.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "read_support.h"

#include "dns/dns.h"
#include "policy/srs.h"

#include <errno.h>
#include <sys/socket.h>

/* ---- files with errors ---- */

#define ACCOUNT_ROWS                                                                               \
    "accept, refuse, max-size, quota, soft-quota, daily-limit, full-mailbox, local-only, "         \
    "password, no-mailbox, forward, domain, account, list"

/* What must not be shown has "geheim" in it. */
static const struct {
    const char *name, *text, *said;
} bad[] = {
    {"no setting", "account bob@example.com\nsize 3\n",
     "2: \"size\" is no setting of an account; expected one of " ACCOUNT_ROWS "\n"},
    {"setting of the server", "\naccount bob@example.com\n\nmax-hops 3\n",
     "4: \"max-hops\" is no setting of an account; expected it above the first domain, account and "
     "list, or here one of " ACCOUNT_ROWS "\n"},
    {"setting of a list", "account bob@example.com\nmember alice@example.com",
     "2: \"member\" is no setting of an account; expected one of " ACCOUNT_ROWS "\n"},
    {"setting of an account", "list s@example.com\nmember bob@example.net\npassword geheim",
     "3: \"password\" is no setting of a list; expected one of member, domain, account, list\n"},
    {"each line",
     "max-size 20Q\n# max-size 20Q\nmax-hops x\r\n\r\nfull-mailbox sometimes\nmax-connections 3",
     "1: max-size: expected a size such as 20M, from 65536 on, not \"20Q\"\n"
     "3: max-hops: expected a number from 1 to 4294967295, not \"x\"\n"
     "5: full-mailbox: expected one of permanent, temporary, not \"sometimes\"\n"},
    {"twice", "quota 1G\nmax-size 1M\nquota 2G\nquota 3G\n",
     "3: quota: expected once: it stands in line 1, too\n"
     "4: quota: expected once: it stands in line 1, too\n"},
    {"twice, the first wrong", "quota x\nquota 2G\n",
     "1: quota: expected a size such as 20M, from 1 on, not \"x\"\n"
     "2: quota: expected once: it stands in line 1, too\n"},
    {"domain twice", "domain example.com\ndomain example.org\ndomain EXAMPLE.com\nquota x",
     "3: domain: expected once: it stands in line 1, too\n"
     "4: quota: expected a size such as 20M, from 1 on, not \"x\"\n"},
    {"account twice", "account Bob@example.com\naccount \"\\\"bob\\\"@Example.com\"\npassword x\n",
     "2: account: expected once: it stands in line 1, too\n"},
    {"list and account",
     "list b@example.com\nmember a@b.example\naccount b@example.com\nlist b@example.com\nmember "
     "c@b.example\naccount c@example.com\nlist c@example.com\nmember a@b.example\n",
     "3: account: expected once: it stands in line 1, too\n"
     "4: list: expected once: it stands in line 1, too\n"
     "7: list: expected once: it stands in line 6, too\n"},
    {"not our domains",
     "list b@example.org\nmember a@b.example\naccount b@[192.0.2.1]\ndomain example.net\n",
     "1: list: expected an address of our domains: \"example.org\" has no line \"domain\"\n"
     "3: account: expected an address of our domains: \"[192.0.2.1]\" has no line \"domain\"\n"},
    {"no addresses",
     "account bob\naccount bob@example.com\nforward <a@b>\nlist @example.com\nmember x@\nlist "
     "l@example.com\nmember postmaster\n",
     "1: account: expected an address such as bob@example.com\n"
     "3: forward: expected an address such as bob@example.com, not \"<a@b>\"\n"
     "4: list: expected an address such as staff@example.com, not \"@example.com\"\n"
     "5: member: expected an address such as bob@example.com, not \"x@\"\n"
     "7: member: expected an address such as bob@example.com, not \"postmaster\"\n"
     "6: list: expected a line \"member\" below it\n"},
    {"no domain", "domain exam_ple..com\nunknown-accounts maybe",
     "1: domain: expected a domain or an address literal, not \"exam_ple..com\"\n"
     "2: unknown-accounts: expected one of reject, accept, not \"maybe\"\n"},
    {"member of ours",
     "domain example.net\nunknown-accounts accept\naccount bob@example.com\nlist l@example.com\n"
     "member bob@example.com\nmember l@example.com\nmember x@example.net\nmember y@example.org\n"
     "member gone@example.com\n",
     "4: list: expected an account, a list, or somebody elsewhere as member, not "
     "\"gone@example.com\"\n"},
    {"same member", "list l@example.com\nmember a@b.example\nmember A@b.example\n",
     "3: member: expected once: \"A@b.example\" stands above, too\n"},
    {"same forward", "account l@example.com\nforward a@b.example\nforward a@b.example\n",
     "3: forward: expected once: \"a@b.example\" stands above, too\n"},
    {"quotes",
     "srs-secret \"geheim\nsrs-secret \"geheim\"geheim\nsrs-secret gehe\"im\"\nsrs-secret "
     "\"gehe\\im\"\nsrs-secret \"geheim\\",
     "1: expected a closing quote in the same line\n"
     "2: expected a blank behind a closing quote\n"
     "3: expected a quote only around a whole value\n"
     "4: expected \" or \\ behind a backslash between quotes\n"
     "5: expected \" or \\ behind a backslash between quotes\n"},
    {"a comment begins a word", "max-size 1M#20M\nquota \"1M\" # of all\nsoft-quota 1M # \"\x0c",
     "1: max-size: expected a size such as 20M, from 65536 on, not \"1M#20M\"\n"
     "3: expected text, not control octets\n"},
    {"control octets", "# a\rmax-hops 3\r\n\x7f\n# \x1b[2J\nmax-hops 3\r\r\n",
     "1: expected text, not control octets\n2: expected text, not control octets\n"
     "3: expected text, not control octets\n4: expected text, not control octets\n"},
    {"password on a line of its own",
     "account bob@example.com\npassword\ngeheim\n\"geheim\"\nlocal-only\nfoo=geheim\n",
     "2: password: expected: password PASSWORD\n"
     "3: there is no such setting of an account; expected one of " ACCOUNT_ROWS "\n"
     "4: there is no such setting of an account; expected one of " ACCOUNT_ROWS "\n"
     "6: \"foo...\" is no setting of an account; expected one of " ACCOUNT_ROWS "\n"},
    {"passwords", "account bob@example.com:geheim\npassword geheim geheim\npassword=geheim",
     "1: account: expected an address such as bob@example.com\n"
     "2: password: expected: password PASSWORD; a value with blanks stands in quotes\n"
     "3: there is no such setting of an account; expected one of " ACCOUNT_ROWS "\n"},
    {"empty secrets", "srs-secret \"\"\naccount bob@example.com\npassword \"\"\n",
     "1: srs-secret: expected a secret that is not empty\n"
     "3: password: expected a password that is not empty\n"},
    {"long words",
     "quota 111111111122222222223333333333444444444455555555556666666666777\n"
     "soft-quota 1111111111222222222233333333334444444444555555555566666666667777\n"
     "max-hops \xc3\xa4\n",
     "1: quota: expected a size such as 20M, from 1 on, not "
     "\"111111111122222222223333333333444444444455555555556666666666777\"\n"
     "2: soft-quota: expected a size such as 20M, from 1 on, not "
     "\"111111111122222222223333333333444444444455555555556666666666...\"\n"
     "3: max-hops: expected a number from 1 to 4294967295, not \"??\"\n"},
    {"17 words", "disable a b c d e f g h i j k l m n o p\n", "1: expected fewer words\n"},
    {"UTF-8 mark in the second line", "\n\xef\xbb\xbfquota 1\n",
     "2: \"...\" is no setting of the server; expected one of accept, refuse, bypass, "
     "max-connections, require, dnsbl, relay, max-size, quota, soft-quota, daily-limit, "
     "full-mailbox, unknown-accounts, max-hops, disable, srs-secret, clamd, spamd, "
     "rspamd, milter, filter, domain, account, list\n"},
};

static void test_bad_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read_bad(bad[i].name, bad[i].text, strlen(bad[i].text), bad[i].said);
        assert_of(bad[i].name, strstr(bad[i].said, "geheim") == NULL);
    }
}

static void test_nul_octets(void **state)
{
    static const char text[] = "max-hops 3\0\nquota 3\n# \0";

    (void)state;
    read_bad("NUL", text, sizeof text - 1,
             "1: expected text, not control octets\n3: expected text, not control octets\n");
}

/* Twenty are told, and then that there are more. */
static void test_bound_of_errors(void **state)
{
    (void)state;
    for (unsigned count = 19; count <= 22; count++) {
        char text[256] = "", expected[4096] = "", line[80];
        const char *domains[] = {"example.com"};
        struct options options = {.domains = domains, .domain_count = 1};
        struct policy policy;
        bool taken;
        char *said;

        for (unsigned i = 1; i <= count; i++) {
            snprintf(line, sizeof line, "%u: max-hops: expected: max-hops NUMBER\n", i);
            if (i > 1)
                snprintf(line, sizeof line,
                         "%u: max-hops: expected once: it stands in line 1, too\n", i);
            strcat(text, "max-hops\n");
            if (i <= 20)
                strcat(expected, line);
        }
        if (count > 20)
            strcat(expected, " more than 20 errors; the rest is not shown\n");
        said = read_octets("bound", text, strlen(text), &options, &policy, &taken);
        assert_false(taken);
        assert_string_equal(said, expected);
        free(said);
    }
}

static void test_files_that_cannot_be_read(void **state)
{
    static const struct {
        const char *path;
        int error;
    } rows[] = {{"/nonexistent/policy", ENOENT}, {"/tmp", EISDIR}, {"", ENOENT}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct options options = {.policy = rows[i].path};
        struct policy policy;
        char expected[128], *said;
        bool taken;

        snprintf(expected, sizeof expected, "smtpd: %s: %s\n", rows[i].path,
                 strerror(rows[i].error));
        said = read_policy(&policy, &options, &taken);
        assert_false(taken);
        assert_null(policy.memory);
        assert_string_equal(said, expected);
        free(said);
    }
}

/* ---- files without ---- */

/* Line ends, blanks, quotes and comments. */
static void test_spelling(void **state)
{
    static const char *const texts[] = {
        "quota 1K",
        "quota 1K\r\n",
        "quota 1K\r",
        "\xef\xbb\xbfquota 1K\n",
        "\n\n  \t\n#\n\t quota\t \"1K\"\t\n",
        "QUOTA 1k #2k\n",
        "\"quota\" 1024 # 2k \"\\\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct policy policy;

        read_good(texts[i], texts[i], &policy);
        assert_of(texts[i], policy.limits.quota == 1024);
        policy_free(&policy);
    }
}

static void test_empty_file(void **state)
{
    struct policy policy;

    (void)state;
    read_good("empty", "", &policy);
    assert_true(policy.from_file);
    assert_true(policy_is_open(&policy));
    assert_string_equal(policy.domains->name, "example.com");
    policy_free(&policy);
}

static void test_long_line(void **state)
{
    enum { LENGTH = 200000 };
    char *text = malloc(LENGTH + 1);
    struct policy policy;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', LENGTH);
    memcpy(text, "filter ", 7);
    text[LENGTH] = '\0';
    read_good("long line", text, &policy);
    assert_int_equal(strlen(policy.filters->where), LENGTH - 7);
    policy_free(&policy);
    free(text);
}

/* The example has everything; what its lines mean is told in it. */
static void test_example(void **state)
{
    struct options options = {.policy = EHLO_TESTS_DIR "/../examples/policy.conf"};
    struct policy policy;
    bool taken;
    char *said;

    (void)state;
    if (!srs_is_built())
        skip();
    said = read_policy(&policy, &options, &taken);
    if (!taken || (dns_is_built() && *said != '\0'))
        fail_msg("%s", said);
    free(said);
    assert_int_equal(policy.max_connections, 20);
    assert_int_equal(policy.limits.max_size, 32 << 20);
    assert_int_equal(policy.relay_count, 1);
    assert_int_equal(policy.relay[0].family, AF_INET);
    assert_string_equal(policy.domains->name, "example.com");
    assert_int_equal(policy.domains->limits.max_size, 20 << 20);
    assert_null(policy.domains->next);
    assert_string_equal(policy.lists->members[1], "alice@example.com");
    assert_string_equal(policy_account(&policy, "alice@example.com")->password, "two words");
    policy_free(&policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_files),       cmocka_unit_test(test_nul_octets),
        cmocka_unit_test(test_bound_of_errors), cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_spelling),        cmocka_unit_test(test_empty_file),
        cmocka_unit_test(test_long_line),       cmocka_unit_test(test_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
