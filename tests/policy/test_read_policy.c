/*
 * What the policy reader makes of lines that are right, and who is who in the policy.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "read_support.h"

#include "dns/dns.h"
#include "ehlo/reply.h"
#include "ehlo/server.h"
#include "policy/srs.h"

#include <sys/socket.h>

/* ---- rules ---- */

static const struct {
    const char *line; /* of the server, or below an account */
    enum subject subject;
    enum stage stage;
    unsigned reply;
    const char *pattern;
} rules[] = {
    {"refuse peer 192.0.2.0/24", OF_PEER, AT_CONNECT, 36, NULL},
    {"refuse peer 192.0.2.0/24 at connect", OF_PEER, AT_CONNECT, 36, NULL},
    {"refuse peer 192.0.2.0/24 at helo", OF_PEER, AT_HELO, 27, NULL},
    {"refuse peer 192.0.2.0/24 at mail", OF_PEER, AT_MAIL, 27, NULL},
    {"refuse peer 192.0.2.0/24 at rcpt", OF_PEER, AT_RCPT, 27, NULL},
    {"refuse helo *.x", OF_HELO, AT_HELO, 28, "*.x"},
    {"refuse helo *.x at mail", OF_HELO, AT_MAIL, 28, "*.x"},
    {"refuse helo *.x at rcpt", OF_HELO, AT_RCPT, 28, "*.x"},
    {"refuse sender \"\"", OF_SENDER, AT_MAIL, 27, ""},
    {"refuse sender *@x at rcpt", OF_SENDER, AT_RCPT, 28, "*@x"},
    {"refuse sender *@x at message", OF_SENDER, AT_MESSAGE, 37, "*@x"},
    {"refuse recipient a@example.com", OF_RECIPIENT, AT_RCPT, 28, "a@example.com"},
    {"refuse recipient a@x with recipient_denied", OF_RECIPIENT, AT_RCPT, 29, "a@x"},
    {"refuse header \"Subject: \\\"a\\\\b\\\"\"", OF_HEADER, AT_MESSAGE, 37, "Subject: \"a\\b\""},
    {"refuse header a:b with REJECTED_SPAM at message", OF_HEADER, AT_MESSAGE, 41, "a:b"},
    {"refuse sender *@x at rcpt with GREYLISTED", OF_SENDER, AT_RCPT, 171, "*@x"},
    {"account b@example.com\nrefuse sender *@x", OF_SENDER, AT_RCPT, 28, "*@x"},
    {"account b@example.com\nrefuse peer 192.0.2.0/24 at rcpt", OF_PEER, AT_RCPT, 28, NULL},
    {"account b@example.com\nrefuse helo x with SITE_POLICY", OF_HELO, AT_RCPT, 265, "x"},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const char *name = rules[i].line;
        const struct rule *rule;
        struct policy policy;

        read_good(name, name, &policy);
        assert_of(name, (policy.rules == NULL) == (policy.accounts != NULL));
        rule = policy.rules == NULL ? policy.accounts->rules : policy.rules;
        assert_of(name, rule != NULL && rule->next == NULL && !rule->accept);
        assert_of(name, rule->subject == rules[i].subject && rule->stage == rules[i].stage);
        assert_of(name, rule->reply == rules[i].reply);
        assert_of(name, (rule->pattern == NULL) == (rules[i].pattern == NULL));
        if (rule->pattern != NULL)
            assert_string_equal(rule->pattern, rules[i].pattern);
        else
            assert_of(name, rule->network.family == AF_INET && rule->network.bits == 24);
        policy_free(&policy);
    }
}

/* In the order of the file, those of the server and of each account apart. */
static void test_order(void **state)
{
    struct policy policy;
    const struct account *bob;

    (void)state;
    read_good("order",
              "refuse sender a@x\naccept sender b@x\nbypass peer all dns\nbypass sender c@x\n"
              "clamd /a\nfilter b wait 7\nmilter 127.0.0.1:1 with CONTENT_REFUSED\n"
              "account ann@example.com\nrefuse sender d@x\naccount bob@example.com\n"
              "refuse sender e@x\naccept sender f@x\naccount eve@example.com\n",
              &policy);
    assert_string_equal(policy.rules->pattern, "a@x");
    assert_string_equal(policy.rules->next->pattern, "b@x");
    assert_true(policy.rules->next->accept);
    assert_null(policy.rules->next->next);
    assert_int_equal(policy.bypasses->spared, SPARES_DNS);
    assert_int_equal(policy.bypasses->network.family, 0);
    assert_int_equal(policy.bypasses->next->spared,
                     SPARES_ALL & ~(SPARES_HELO | SPARES_CONNECTIONS | SPARES_AUTH));
    assert_int_equal(policy.filters->kind, FILTER_CLAMD);
    assert_int_equal(policy.filters->wait, 60);
    assert_int_equal(policy.filters->line, 5);
    assert_int_equal(policy.filters->next->kind, FILTER_PROGRAM);
    assert_int_equal(policy.filters->next->wait, 7);
    assert_int_equal(policy.filters->next->reply, 0);
    assert_int_equal(policy.filters->next->next->reply, EHLO_REPLY_CONTENT_REFUSED);
    assert_null(policy.filters->next->next->next);
    bob = policy_account_of(&policy, ehlo_text("BOB@example.com"));
    assert_string_equal(policy.accounts->rules->pattern, "d@x");
    assert_string_equal(bob->rules->pattern, "e@x");
    assert_string_equal(bob->rules->next->pattern, "f@x");
    assert_ptr_equal(policy.accounts->next, bob);
    assert_null(bob->next->rules);
    policy_free(&policy);
}

static void test_spared(void **state)
{
    static const struct {
        const char *word;
        uint32_t spared;
    } rows[] = {
        {"helo", SPARES_HELO},
        {"connections", SPARES_CONNECTIONS},
        {"rules", SPARES_RULES},
        {"dns", SPARES_DNS},
        {"virus", SPARES_VIRUS},
        {"spam", SPARES_SPAM},
        {"filters", SPARES_FILTERS},
        {"auth", SPARES_AUTH},
        {"spam HELO spam", SPARES_SPAM | SPARES_HELO},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct policy policy;
        char text[64];

        snprintf(text, sizeof text, "bypass peer ::1 %s", rows[i].word);
        read_good(text, text, &policy);
        assert_of(text, policy.bypasses->spared == rows[i].spared);
        policy_free(&policy);
    }
}

/* ---- checks ---- */

static void test_required(void **state)
{
    static const struct {
        const char *line;
        enum required what;
        enum stage stage;
        unsigned reply;
    } rows[] = {
        {"require reverse-dns", REQUIRES_REVERSE_DNS, AT_CONNECT, 10},
        {"require reverse-dns at helo", REQUIRES_REVERSE_DNS, AT_HELO, 10},
        {"require reverse-dns at mail", REQUIRES_REVERSE_DNS, AT_MAIL, 10},
        {"require sender-domain", REQUIRES_SENDER_DOMAIN, AT_MAIL, 9},
        {"require recipient-domain", REQUIRES_RECIPIENT_DOMAIN, AT_RCPT, EHLO_REPLY_BAD_DOMAIN},
        {"require auth", REQUIRES_AUTH, AT_MAIL, 19},
        {"require local-auth", REQUIRES_LOCAL_AUTH, AT_MAIL, 27},
        {"require submission", REQUIRES_SUBMISSION, AT_MAIL, 8},
        {"require same-sender", REQUIRES_SAME_SENDER, AT_MAIL, 8},
        {"require same-sender with RELAY_DENIED", REQUIRES_SAME_SENDER, AT_MAIL, 24},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct requirement *required;
        struct policy policy;

        if (!dns_is_built() && rows[i].what <= REQUIRES_RECIPIENT_DOMAIN)
            continue;
        read_good(rows[i].line, rows[i].line, &policy);
        required = &policy.required[rows[i].what];
        assert_of(rows[i].line, required->on && required->stage == rows[i].stage);
        assert_of(rows[i].line, required->reply == rows[i].reply);
        policy_free(&policy);
    }
}

static void test_dnsbl(void **state)
{
    struct policy policy;
    const struct dnsbl *list;

    (void)state;
    if (!dns_is_built())
        skip();
    read_good("dnsbl",
              "dnsbl peer a_b.example\ndnsbl peer b.example at mail with SITE_POLICY\n"
              "dnsbl sender c.example answer 127.0.0.4\n",
              &policy);
    list = policy.dnsbls;
    assert_string_equal(list->zone, "a_b.example");
    assert_true(!list->of_sender && list->stage == AT_CONNECT && list->reply == 11);
    assert_true(list->answer.bits == 9 && list->answer.octets[0] == 127);
    list = list->next;
    assert_true(!list->of_sender && list->stage == AT_MAIL && list->reply == 265);
    list = list->next;
    assert_true(list->of_sender && list->stage == AT_MAIL && list->answer.bits == 32);
    assert_null(list->next);
    policy_free(&policy);
}

/* ---- limits ---- */

static void test_limits(void **state)
{
    static const char lines[] = "max-size 1M\nquota 2M\nsoft-quota 3M\ndaily-limit 4\n"
                                "full-mailbox temporary\n";
    struct policy policy;
    char text[512];

    (void)state;
    snprintf(text, sizeof text,
             "%sunknown-accounts reject\nmax-hops 5\ndisable vrfy help\ndisable etrn\n%s"
             "domain example.org\n%sunknown-accounts accept\nlocal-only\naccount a@example.org\n"
             "%slocal-only\n",
             lines, srs_is_built() ? "srs-secret \"a b\"\n" : "", lines, lines);
    read_good("limits", text, &policy);
    for (int i = 0; i < 3; i++) {
        const struct limits *limits = i == 0   ? &policy.limits
                                      : i == 1 ? &policy.domains->next->limits
                                               : &policy.accounts->limits;

        assert_true(limits->max_size == 1 << 20 && limits->quota == 2 << 20);
        assert_true(limits->soft_quota == 3 << 20 && limits->daily_limit == 4);
        assert_true(limits->full == FULL_TEMPORARY && limits->local_only == (i > 0));
    }
    assert_int_equal(policy.limits.unknown, UNKNOWN_REJECT);
    assert_int_equal(policy.domains->next->limits.unknown, UNKNOWN_ACCEPT);
    assert_int_equal(policy.domains->limits.full, FULL_UNSAID);
    assert_int_equal(policy.max_hops, 5);
    assert_int_equal(policy.disabled_verbs, EHLO_SWITCH_VRFY | EHLO_SWITCH_HELP);
    assert_true(policy.no_etrn);
    assert_true((policy.srs_secret != NULL) == srs_is_built());
    policy_free(&policy);
}

/* The engine's least is the server's alone. */
static void test_small_sizes(void **state)
{
    struct policy policy;

    (void)state;
    read_good("small", "domain example.com\nmax-size 1\naccount a@example.com\nmax-size 1\n",
              &policy);
    assert_int_equal(policy.domains->limits.max_size, 1);
    assert_int_equal(policy.accounts->limits.max_size, 1);
    policy_free(&policy);
}

static void test_relays(void **state)
{
    struct policy policy;
    char text[1024] = "relay authenticated\n";

    (void)state;
    for (int i = 0; i < 17; i++)
        snprintf(text + strlen(text), 32, "relay peer 192.0.2.%d\n", i);
    read_good("relay", text, &policy);
    assert_true(policy.relay_authenticated);
    assert_int_equal(policy.relay_count, 17);
    for (unsigned i = 0; i < 17; i++)
        assert_int_equal(policy.relay[i].octets[3], i);
    policy_free(&policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),  cmocka_unit_test(test_order),
        cmocka_unit_test(test_spared), cmocka_unit_test(test_required),
        cmocka_unit_test(test_dnsbl),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_relays), cmocka_unit_test(test_small_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
