/*
 * The policy reader and files that make no sense: it either takes them or says why not, in lines
 * that can be printed, and holds no memory afterwards.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "read_support.h"

#define FILES 4000

static uint32_t seed = 20821;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % limit;
}

/* Reads it, from a copy of exact size, and looks at what is said. */
static bool read_any(const char *octets, size_t length)
{
    const char *domains[] = {"example.com"};
    struct options options = {.domains = domains, .domain_count = 1};
    char *copy = dup_exact(octets, length);
    struct policy policy;
    bool taken;
    char *said = read_octets("random", copy, length, &options, &policy, &taken);

    free(copy);
    assert_true(taken || *said != '\0');
    for (const char *at = said; *at != '\0'; at++)
        if (*at != '\n' && (*at < ' ' || *at > '~'))
            fail_msg("octet %d is said", *at);
    if (taken)
        policy_free(&policy);
    free(said);
    return taken;
}

static void test_octets(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++) {
        char octets[96];
        size_t length = random_below(sizeof octets + 1);

        for (size_t k = 0; k < length; k++)
            octets[k] = (char)random_below(256);
        read_any(octets, length);
    }
}

static const char *const words[] = {"accept",
                                    "refuse",
                                    "bypass",
                                    "max-connections",
                                    "require",
                                    "dnsbl",
                                    "relay",
                                    "max-size",
                                    "quota",
                                    "daily-limit",
                                    "full-mailbox",
                                    "local-only",
                                    "unknown-accounts",
                                    "max-hops",
                                    "disable",
                                    "srs-secret",
                                    "clamd",
                                    "filter",
                                    "milter",
                                    "password",
                                    "no-mailbox",
                                    "forward",
                                    "member",
                                    "domain",
                                    "account",
                                    "list",
                                    "peer",
                                    "sender",
                                    "helo",
                                    "header",
                                    "recipient",
                                    "all",
                                    "192.0.2.0/24",
                                    "*@x.example",
                                    "a@example.com",
                                    "b@example.com",
                                    "x.example",
                                    "with",
                                    "at",
                                    "answer",
                                    "wait",
                                    "mail",
                                    "rcpt",
                                    "connect",
                                    "message",
                                    "RELAY_DENIED",
                                    "127.0.0.2",
                                    "authenticated",
                                    "auth",
                                    "reverse-dns",
                                    "20M",
                                    "3",
                                    "permanent",
                                    "reject",
                                    "vrfy",
                                    "/run/x",
                                    "\"a b\"",
                                    "\"",
                                    "\\",
                                    "#",
                                    "\"a: *\"",
                                    "\r",
                                    "\t",
                                    "\xc3\xa4",
                                    "spam",
                                    "dns"};

/* Words of the language in any order, so that some lines are good. */
static void test_words(void **state)
{
    int taken = 0;

    (void)state;
    for (int i = 0; i < FILES; i++) {
        char text[512];
        size_t length = 0;

        for (uint32_t k = random_below(24); k > 0; k--)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%s",
                                       words[random_below(sizeof words / sizeof *words)],
                                       random_below(3) > 0 ? " " : "\n");
        taken += read_any(text, length);
    }
    assert_true(taken > FILES / 100);
}

/* The example, with some of its octets changed, and cut. */
static void test_changed_example(void **state)
{
    char *example = read_whole_file(EHLO_TESTS_DIR "/../examples/policy.conf");
    size_t length = strlen(example);

    (void)state;
    for (int i = 0; i < FILES / 4; i++) {
        char *text = dup_exact(example, length);

        for (uint32_t k = random_below(8); k > 0; k--)
            text[random_below((uint32_t)length)] =
                random_below(4) == 0 ? (char)random_below(256) : " \n\"#*@"[random_below(6)];
        read_any(text, random_below(2) == 0 ? length : random_below((uint32_t)length));
        free(text);
    }
    free(example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_changed_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
