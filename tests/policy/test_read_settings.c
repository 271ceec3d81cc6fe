/*
 * The policy reader: where each setting may stand, and which values it takes.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "read_support.h"

#include "dns/dns.h"
#include "policy/srs.h"

/* ---- sections ---- */

enum { SERVER = 1, DOMAIN = 2, ACCOUNT = 4, LIST = 8, ALL = 15 };

static const struct {
    int place;
    unsigned line; /* of what stands behind it */
    const char *begin, *name;
} sections[] = {
    {SERVER, 1, "", "the server"},
    {DOMAIN, 2, "domain example.org\n", "a domain"},
    {ACCOUNT, 2, "account bob@example.com\n", "an account"},
    {LIST, 3, "list staff@example.com\nmember bob@c.example\n", "a list"},
};

static const struct {
    const char *line;
    int places;
} placed[] = {
    {"accept helo *.example", SERVER | ACCOUNT},
    {"refuse helo *.example", SERVER | ACCOUNT},
    {"bypass peer all", SERVER},
    {"max-connections 1", SERVER},
    {"require auth", SERVER},
    {"dnsbl peer dnsbl.example", SERVER},
    {"relay authenticated", SERVER},
    {"max-size 64K", SERVER | DOMAIN | ACCOUNT},
    {"quota 1", SERVER | DOMAIN | ACCOUNT},
    {"soft-quota 1", SERVER | DOMAIN | ACCOUNT},
    {"daily-limit 1", SERVER | DOMAIN | ACCOUNT},
    {"full-mailbox temporary", SERVER | DOMAIN | ACCOUNT},
    {"local-only", DOMAIN | ACCOUNT},
    {"unknown-accounts accept", SERVER | DOMAIN},
    {"max-hops 1", SERVER},
    {"disable vrfy", SERVER},
    {"srs-secret x", SERVER},
    {"clamd /run/clamd", SERVER},
    {"spamd 127.0.0.1:783", SERVER},
    {"rspamd 127.0.0.1:11333", SERVER},
    {"milter /run/milter", SERVER},
    {"filter /bin/true", SERVER},
    {"password x", ACCOUNT},
    {"no-mailbox", ACCOUNT},
    {"forward a@example.net", ACCOUNT},
    {"member a@example.net", LIST},
    {"domain example.net", ALL},
    {"account c@example.com", ALL},
    {"list l@example.com\nmember c@c.example", ALL},
};

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof placed / sizeof *placed; i++)
        for (size_t k = 0; k < sizeof sections / sizeof *sections; k++) {
            const char *domains[] = {"example.com"};
            struct options options = {.domains = domains, .domain_count = 1};
            struct policy policy;
            char text[256], begin[64], *said;
            bool taken;

            snprintf(text, sizeof text, "%s%s\n", sections[k].begin, placed[i].line);
            snprintf(begin, sizeof begin, "%u: \"%.*s\" is no setting of %s; ", sections[k].line,
                     (int)strcspn(placed[i].line, " "), placed[i].line, sections[k].name);
            said = read_octets(text, text, strlen(text), &options, &policy, &taken);
            if ((placed[i].places & sections[k].place) != 0)
                assert_of(text, taken || (!srs_is_built() && strstr(text, "srs-secret") != NULL));
            else
                assert_of(text, !taken && strncmp(said, begin, strlen(begin)) == 0);
            if (taken)
                policy_free(&policy);
            free(said);
        }
}

/* ---- words and values ---- */

#define SIZE_SAID(least, word) "expected a size such as 20M, from " least " on, not \"" word "\""
#define NETWORK_SAID(word)                                                                         \
    "expected a network such as 192.0.2.0/24 or 2001:db8::/32 (no bit set behind its length), an " \
    "address, or all, not \"" word "\""
#define REFUSE_FORM  "expected: refuse SUBJECT VALUE [at STAGE] [with REPLY]"
#define DNSBL_FORM   "expected: dnsbl peer|sender ZONE [answer NETWORK] [at STAGE] [with REPLY]"
#define QUOTES_SAID  "; a value with blanks stands in quotes"
#define PATTERN_SAID "expected a pattern such as "

static const struct {
    const char *line, *said; /* behind the name of the setting; NULL: it is taken */
} values[] = {
    {"max-size 65535", SIZE_SAID("65536", "65535")},
    {"max-size 65536", NULL},
    {"max-size 65537", NULL},
    {"max-size 63k", SIZE_SAID("65536", "63k")},
    {"quota 0", SIZE_SAID("1", "0")},
    {"quota 1", NULL},
    {"quota 0G", SIZE_SAID("1", "0G")},
    {"quota K", SIZE_SAID("1", "K")},
    {"quota 1KB", SIZE_SAID("1", "1KB")},
    {"quota 1.5G", SIZE_SAID("1", "1.5G")},
    {"quota -1", SIZE_SAID("1", "-1")},
    {"quota \"1 G\"", SIZE_SAID("1", "1 G")},
    {"quota 1T", SIZE_SAID("1", "1T")},
    {"quota 18446744073709551614", NULL},
    {"quota 18446744073709551615", SIZE_SAID("1", "18446744073709551615")},
    {"quota 18446744073709551616", SIZE_SAID("1", "18446744073709551616")},
    {"quota 18014398509481983K", NULL},
    {"quota 18014398509481984K", SIZE_SAID("1", "18014398509481984K")},
    {"quota 17592186044415m", NULL},
    {"quota 17592186044416m", SIZE_SAID("1", "17592186044416m")},
    {"quota 17179869183g", NULL},
    {"quota 17179869184g", SIZE_SAID("1", "17179869184g")},
    {"quota", "expected: quota SIZE"},
    {"quota 1 G", "expected: quota SIZE" QUOTES_SAID},
    {"daily-limit 0", "expected a number from 1 to 4294967295, not \"0\""},
    {"daily-limit 1", NULL},
    {"daily-limit 4294967295", NULL},
    {"daily-limit 4294967296", "expected a number from 1 to 4294967295, not \"4294967296\""},
    {"daily-limit 18446744073709551617",
     "expected a number from 1 to 4294967295, not \"18446744073709551617\""},
    {"max-connections 0", "expected a number from 1 to 4294967295, not \"0\""},
    {"max-hops \"\"", "expected a number from 1 to 4294967295, not \"\""},
    {"disable etrn expn", NULL},
    {"disable", "expected: disable VERB ..."},
    {"disable vrfy turn", "expected one of vrfy, expn, help, etrn, not \"turn\""},
    {"refuse peer", REFUSE_FORM},
    {"refuse sender two words@x.example", REFUSE_FORM QUOTES_SAID},
    {"refuse sender *@x at", REFUSE_FORM QUOTES_SAID},
    {"refuse sender *@x at mail at mail", REFUSE_FORM QUOTES_SAID},
    {"refuse sender *@x wait 3", REFUSE_FORM QUOTES_SAID},
    {"refuse sender *@x AT rcpt WITH recipient_denied", NULL},
    {"accept sender *@x at mail", "expected: accept SUBJECT VALUE" QUOTES_SAID},
    {"refuse body *", "expected one of peer, helo, sender, recipient, header, not \"body\""},
    {"refuse peer 192.0.2.1/24", NETWORK_SAID("192.0.2.1/24")},
    {"refuse peer mail.example", NETWORK_SAID("mail.example")},
    {"refuse peer 2001:db8::/32", NULL},
    {"refuse helo \"\"", PATTERN_SAID "*.dynamic.example, not \"\""},
    {"refuse helo mail", NULL},
    {"refuse sender spam.example", PATTERN_SAID "*@spam.example, not \"spam.example\""},
    {"refuse sender <*@spam.example>", PATTERN_SAID "*@spam.example, not \"<*@spam.example>\""},
    {"refuse sender \"\"", NULL},
    {"refuse recipient \"\"", PATTERN_SAID "decoy@example.com, not \"\""},
    {"refuse header Subject", PATTERN_SAID "\"Subject: *lottery*\", not \"Subject\""},
    {"refuse peer all at message", "expected one of connect, helo, mail, rcpt, not \"message\""},
    {"refuse peer all at auth", "expected one of connect, helo, mail, rcpt, not \"auth\""},
    {"refuse helo x at connect", "expected one of helo, mail, rcpt, not \"connect\""},
    {"refuse sender *@x at helo", "expected one of mail, rcpt, message, not \"helo\""},
    {"refuse recipient *@x at message", "expected rcpt, not \"message\""},
    {"refuse header x:y at rcpt", "expected message, not \"rcpt\""},
    {"refuse helo x with NO_SUCH_REPLY",
     "expected the name of a reply behind \"with\", not \"NO_SUCH_REPLY\""},
    {"refuse helo x with GREETING",
     "expected a reply that refuses (4yz, 5yz) behind \"with\", not GREETING"},
    {"refuse helo x with data_go",
     "expected a reply that refuses (4yz, 5yz) behind \"with\", not DATA_GO"},
    {"refuse helo x with SERVICE_BUSY",
     "expected a reply other than 421 where it is not at connect, not SERVICE_BUSY"},
    {"refuse peer all with SERVICE_BUSY", NULL},
    {"refuse peer all at mail with SERVICE_BUSY",
     "expected a reply other than 421 where it is not at connect, not SERVICE_BUSY"},
    {"bypass helo *", "expected one of peer, sender, recipient, not \"helo\""},
    {"bypass peer all spam ham",
     "expected one of helo, connections, rules, dns, virus, spam, filters, auth, not \"ham\""},
    {"bypass sender *@x auth", "expected one of rules, dns, virus, spam, filters, not \"auth\""},
    {"bypass sender *@x rules connections",
     "expected one of rules, dns, virus, spam, filters, not \"connections\""},
    {"bypass recipient *@x helo", "expected one of rules, dns, virus, spam, filters, not \"helo\""},
    {"bypass sender *@x", NULL},
    {"bypass peer all dns dns dns dns dns dns dns dns dns dns dns dns dns", NULL}, /* 16 words */
    {"relay nobody", "expected one of authenticated, peer, not \"nobody\""},
    {"relay peer", "expected \"authenticated\" alone, or \"peer\" and a network"},
    {"relay authenticated all", "expected \"authenticated\" alone, or \"peer\" and a network"},
    {"relay peer x", NETWORK_SAID("x")},
    {"require tls", "expected one of reverse-dns, sender-domain, recipient-domain, auth, "
                    "local-auth, submission, same-sender, not \"tls\""},
    {"require auth at rcpt", "expected mail, not \"rcpt\""},
    {"require auth at mail with RELAY_DENIED", NULL},
    {"require reverse-dns at rcpt", "expected one of connect, helo, mail, not \"rcpt\""},
    {"dnsbl peer", DNSBL_FORM},
    {"dnsbl helo x.example", "expected one of peer, sender, not \"helo\""},
    {"dnsbl peer dnsbl..example", "expected a zone such as dnsbl.example, not \"dnsbl..example\""},
    {"dnsbl peer dnsbl.example answer ::1",
     "expected an IPv4 network such as 127.0.0.2 behind \"answer\", not \"::1\""},
    {"dnsbl peer dnsbl.example answer all",
     "expected an IPv4 network such as 127.0.0.2 behind \"answer\", not \"all\""},
    {"dnsbl peer dnsbl.example at helo", "expected one of connect, mail, not \"helo\""},
    {"dnsbl sender dnsbl.example at connect", "expected mail, not \"connect\""},
    {"clamd clamd.ctl", "expected a socket such as /run/clamav/clamd.ctl or 127.0.0.1:783, not "
                        "\"clamd.ctl\""},
    {"filter \" \"", "expected a command such as \"/usr/local/bin/judge --strict\", not \" \""},
    {"filter /bin/x wait 0", "expected a number from 1 to 3600, not \"0\""},
    {"filter /bin/x wait 1", NULL},
    {"filter /bin/x wait 3600", NULL},
    {"filter /bin/x wait 3601", "expected a number from 1 to 3600, not \"3601\""},
    {"filter /bin/x -v", "expected: filter COMMAND [wait SECONDS] [with REPLY]" QUOTES_SAID},
    {"clamd /run/x with TIMED_OUT",
     "expected a reply other than 421 where it is not at connect, not TIMED_OUT"},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *line = values[i].line;
        struct policy policy;
        char said[512];

        snprintf(said, sizeof said, "1: %.*s: %s\n", (int)strcspn(line, " "), line,
                 values[i].said == NULL ? "" : values[i].said);
        if (values[i].said != NULL) {
            read_bad(line, line, strlen(line), said);
            continue;
        }
        read_good(line, line, &policy);
        policy_free(&policy);
    }
}

/* Rules, too: what one recipient's cannot look at, and when they cannot. */
static void test_accounts(void **state)
{
    static const struct {
        const char *line, *said;
    } rows[] = {
        {"refuse recipient *@x", "expected one of peer, helo, sender, not \"recipient\""},
        {"refuse header x:y", "expected one of peer, helo, sender, not \"header\""},
        {"refuse sender *@x at mail", "expected rcpt, not \"mail\""},
        {"local-only yes", "expected: local-only"},
        {"no-mailbox yes", "expected: no-mailbox"},
        {"refuse peer all with SHUTTING_DOWN",
         "expected a reply other than 421 where it is not at connect, not SHUTTING_DOWN"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128], said[256];

        snprintf(text, sizeof text, "account bob@example.com\n%s\n", rows[i].line);
        snprintf(said, sizeof said, "2: %.*s: %s\n", (int)strcspn(rows[i].line, " "), rows[i].line,
                 rows[i].said);
        read_bad(text, text, strlen(text), said);
    }
}

/* Twice the same requirement, whatever its stage. */
static void test_required_once(void **state)
{
    static const char text[] = "require same-sender\nrequire auth\nrequire same-sender with "
                               "RELAY_DENIED\n";

    (void)state;
    read_bad("twice", text, strlen(text),
             "3: require: expected once: same-sender is required above\n");
}

/* Without c-ares lines of the DNS are off, and are told of; a wrong one is wrong all the same. */
static void test_without_dns(void **state)
{
    static const char text[] = "require reverse-dns\nrequire auth\ndnsbl sender x.example\n";
    static const char warnings[] =
        "1: warning: require: this line is off, since smtpd is built without c-ares\n"
        "3: warning: dnsbl: this line is off, since smtpd is built without c-ares\n";
    struct options options = {0};
    struct policy policy;
    bool taken;
    char *said = read_octets("DNS", text, strlen(text), &options, &policy, &taken);

    (void)state;
    assert_true(taken);
    assert_string_equal(said, dns_is_built() ? "" : warnings);
    assert_int_equal(policy.required[REQUIRES_REVERSE_DNS].on, dns_is_built());
    assert_int_equal(policy.dnsbls != NULL, dns_is_built());
    assert_true(policy.required[REQUIRES_AUTH].on);
    policy_free(&policy);
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_required_once), cmocka_unit_test(test_accounts),
        cmocka_unit_test(test_without_dns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
