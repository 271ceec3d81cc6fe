/*
 * lib/syntax/received.c: trace fields to the octet, and that hostile facts never break one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/received.h"
#include "syntax_support.h"

#include <stdio.h>

#define DATE            "Mon, 1 Jan 2024 00:00:00 +0100"
#define LINE_MAX_OCTETS 998 /* RFC 5322 2.1.1 */

/* R5321-4.4-1, R5321-4.4-2, R3848-1-1 */
static const struct {
    const char *name;
    struct ehlo_received facts;
    const char *want;
} fields[] = {
    {"all clauses",
     {EHLO_RECEIVED_DEFAULTS, .helo = TEXT("mail.a.example"), .peer_name = TEXT("out.a.example"),
      .peer_address = TEXT("192.0.2.1"), .by = TEXT("mx.b.example"), .id = TEXT("4711.A"),
      .with = TEXT("TLSv1.3, no client certificate"), .for_path = TEXT("u@b.example"),
      .date = TEXT(DATE " (CET)"), .tls = TEXT("TLS_AES_128_GCM_SHA256"), .priority = TEXT("-4"),
      .flags = EHLO_RECEIVED_ESMTP | EHLO_RECEIVED_TLS | EHLO_RECEIVED_AUTH},
     "Received: from mail.a.example (out.a.example [192.0.2.1])\r\n"
     "\tby mx.b.example with ESMTPSA (TLSv1.3, no client certificate)\r\n"
     "\tid 4711.A\r\n"
     "\tfor <u@b.example>\r\n"
     "\ttls TLS_AES_128_GCM_SHA256\r\n"
     "\tPRIORITY -4;\r\n"
     "\t" DATE " (CET)\r\n"},
    {"only what is needed",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx.b.example"), .date = TEXT(DATE)},
     "Received: from unknown\r\n\tby mx.b.example with SMTP;\r\n\t" DATE "\r\n"},
    {"no name in DNS, IPv6",
     {EHLO_RECEIVED_DEFAULTS, .helo = TEXT("a.example"), .peer_address = TEXT("2001:db8::1"),
      .by = TEXT("mx.b.example"), .date = TEXT(DATE), .flags = EHLO_RECEIVED_ESMTP},
     "Received: from a.example ([IPv6:2001:db8::1])\r\n\tby mx.b.example with ESMTP;\r\n\t" DATE
     "\r\n"},
    {"literals as names",
     {EHLO_RECEIVED_DEFAULTS, .helo = TEXT("[IPv6:::1]"), .peer_address = TEXT("::1"),
      .by = TEXT("[192.0.2.1]"), .date = TEXT(DATE), .flags = EHLO_RECEIVED_LMTP},
     "Received: from [IPv6:::1] ([IPv6:::1])\r\n\tby [192.0.2.1] with LMTP;\r\n\t" DATE "\r\n"},
    {"a name and no address is no TCP-info",
     {EHLO_RECEIVED_DEFAULTS, .helo = TEXT("a.example"), .peer_name = TEXT("b.example"),
      .by = TEXT("mx.b.example"), .date = TEXT(DATE)},
     "Received: from a.example\r\n\tby mx.b.example with SMTP;\r\n\t" DATE "\r\n"},
    {"underscore, and one letter",
     {EHLO_RECEIVED_DEFAULTS, .helo = TEXT("my_pc"), .peer_name = TEXT("p"),
      .peer_address = TEXT("::1"), .by = TEXT("mx"), .date = TEXT(DATE)},
     "Received: from my_pc (p [IPv6:::1])\r\n\tby mx with SMTP;\r\n\t" DATE "\r\n"},
    {"text behind a literal",
     {EHLO_RECEIVED_DEFAULTS, .helo = TEXT("[192.0.2.1] pc"), .by = TEXT("mx"), .date = TEXT(DATE)},
     "Received: from ?192.0.2.1??pc\r\n\tby mx with SMTP;\r\n\t" DATE "\r\n"},
    {"UTF-8 mailbox with SMTPUTF8",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .for_path = TEXT("\xc3\xbc@b.example"),
      .date = TEXT(DATE), .flags = EHLO_RECEIVED_ESMTP | EHLO_RECEIVED_UTF8},
     "Received: from unknown\r\n\tby mx with UTF8SMTP\r\n\tfor <\xc3\xbc@b.example>;\r\n\t" DATE
     "\r\n"},
    {"UTF-8 mailbox without",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .for_path = TEXT("\xc3\xbc@b.example"),
      .date = TEXT(DATE)},
     "Received: from unknown\r\n\tby mx with SMTP;\r\n\t" DATE "\r\n"},
    {"postmaster alone is no Path",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .for_path = TEXT("postmaster"), .date = TEXT(DATE)},
     "Received: from unknown\r\n\tby mx with SMTP;\r\n\t" DATE "\r\n"},
    {"quoted and odd mailbox",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .for_path = TEXT("\"a) b\"@c_c.example"),
      .date = TEXT(DATE)},
     "Received: from unknown\r\n\tby mx with SMTP\r\n\tfor <\"a) b\"@c_c.example>;\r\n\t" DATE
     "\r\n"},
    /* RSEC-REPLY-5 from here */
    {"comment specials",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .with = TEXT("a(b)c\\d\r\ne\tf\xc3\xbc\0"),
      .date = TEXT(DATE)},
     "Received: from unknown\r\n\tby mx with SMTP (a\\(b\\)c\\\\d?\?e?f?\?\?);\r\n\t" DATE "\r\n"},
    {"names that are none",
     {EHLO_RECEIVED_DEFAULTS, .helo = TEXT("a b)\r\nX: y[(\xc3\xbc"), .peer_name = TEXT("p)(\\q\""),
      .peer_address = TEXT("fe80::1%eth0)]"), .by = TEXT("m;x"), .date = TEXT(DATE)},
     "Received: from a?b???X??y???? (p???q? [fe80::1%eth0??])\r\n\tby m?x with SMTP;\r\n\t" DATE
     "\r\n"},
    {"words that are none",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .id = TEXT("a b;(c)\n"),
      .for_path = TEXT("a@b.example>\r\nX: <c"), .date = TEXT(DATE), .tls = TEXT("x\ry"),
      .priority = TEXT("4;")},
     "Received: from unknown\r\n\tby mx with SMTP\r\n\tid a?b??c??\r\n\ttls x?y\r\n\tPRIORITY "
     "4?;\r\n\t" DATE "\r\n"},
    {"date with a line break",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .date = TEXT(DATE "\r\nX: y")},
     "Received: from unknown\r\n\tby mx with SMTP;\r\n\t" DATE "??X: y\r\n"},
    {"date with an open comment",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .date = TEXT(DATE " (CET")},
     "Received: from unknown\r\n\tby mx with SMTP;\r\n\t" DATE " ?CET\r\n"},
    {"date with a comment closed first",
     {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .date = TEXT(DATE " )(")},
     "Received: from unknown\r\n\tby mx with SMTP;\r\n\t" DATE " ??\r\n"},
};

/* check_writer() wants a function of a text. */
static const struct ehlo_received *current;

static size_t write_current(struct ehlo_slice unused, char *buffer, size_t size)
{
    (void)unused;
    return ehlo_format_received(buffer, size, current);
}

static size_t write_return_path(struct ehlo_slice path, char *buffer, size_t size)
{
    return ehlo_format_return_path(buffer, size, path);
}

static void test_received_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(fields); i++) {
        current = &fields[i].facts;
        check_writer(fields[i].name, write_current, SLICE(""), fields[i].want);
    }
}

/* R3848-1-1: all that is registered, and nothing else */
static void test_received_protocols(void **state)
{
    static const char *const names[32] = {
        /* none, ESMTP, LMTP, both; then with TLS, AUTH, TLS and AUTH; then all with UTF8 */
        "SMTP",       "ESMTP",      "LMTP",      "LMTP",      "SMTP",      "ESMTPS",
        "LMTPS",      "LMTPS",      "SMTP",      "ESMTPA",    "LMTPA",     "LMTPA",
        "SMTP",       "ESMTPSA",    "LMTPSA",    "LMTPSA",    "SMTP",      "UTF8SMTP",
        "UTF8LMTP",   "UTF8LMTP",   "SMTP",      "UTF8SMTPS", "UTF8LMTPS", "UTF8LMTPS",
        "SMTP",       "UTF8SMTPA",  "UTF8LMTPA", "UTF8LMTPA", "SMTP",      "UTF8SMTPSA",
        "UTF8LMTPSA", "UTF8LMTPSA",
    };

    (void)state;
    for (uint32_t flags = 0; flags < 32; flags++) {
        struct ehlo_received facts = {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .date = TEXT(DATE),
                                      .flags = flags};
        char want[128], got[128];
        size_t length = ehlo_format_received(got, sizeof got, &facts);

        snprintf(want, sizeof want, "Received: from unknown\r\n\tby mx with %s;\r\n\t" DATE "\r\n",
                 names[flags]);
        assert_octets_of(names[flags], got, length, want, strlen(want));
    }
}

static void test_received_unusable_arguments(void **state)
{
    const struct ehlo_received good = fields[1].facts;
    struct ehlo_received facts = good;
    char buffer[1] = {'x'};

    (void)state;
    assert_int_equal(ehlo_format_received(buffer, 1, NULL), 0);
    facts.size = 0;
    assert_int_equal(ehlo_format_received(buffer, 1, &facts), 0);
    facts.size = sizeof facts + 1;
    assert_int_equal(ehlo_format_received(buffer, 1, &facts), 0);
    facts = good;
    facts.by.length = 0;
    assert_int_equal(ehlo_format_received(buffer, 1, &facts), 0);
    facts = good;
    facts.date.length = 0;
    assert_int_equal(ehlo_format_received(buffer, 1, &facts), 0);
    assert_int_equal(buffer[0], 'x');
}

/* What must hold for any field: CR LF HT folds it, CR LF ends it, nothing else controls it. */
static void check_one_field(const char *field, size_t length)
{
    size_t line = 0;

    assert_true(length > 2 && field[length - 2] == '\r' && field[length - 1] == '\n');
    for (size_t i = 0; i < length; i++) {
        if (field[i] == '\r') {
            assert_true(field[i + 1] == '\n');
            assert_true(i + 2 == length || field[i + 2] == '\t');
            assert_true(line > 1 && line <= LINE_MAX_OCTETS);
            i++;
            line = 0;
            continue;
        }
        line++;
        if (field[i] == '\t')
            assert_true(line == 1 && i > 0);
        else
            assert_in_range((unsigned char)field[i], ' ', '~');
    }
}

/* Reads it as RFC 5322 3.2 does: comments close, brackets close, the one ";" is before the date. */
static void check_comments(const char *field, size_t length)
{
    size_t depth = 0, semicolons = 0;
    bool is_literal = false, is_quoted = false;

    for (size_t i = 0; i < length; i++) {
        if ((depth > 0 || is_quoted) && field[i] == '\\') {
            i++;
            continue;
        }
        if (depth == 0 && field[i] == '"')
            is_quoted = !is_quoted;
        if (is_quoted)
            continue;
        if (field[i] == '(' && !is_literal)
            depth++;
        if (field[i] == ')' && !is_literal) {
            assert_true(depth > 0);
            depth--;
        }
        if (depth == 0 && field[i] == '[')
            is_literal = true;
        if (depth == 0 && field[i] == ']')
            is_literal = false;
        if (depth == 0 && field[i] == ';')
            semicolons++;
    }
    assert_true(depth == 0 && !is_literal && !is_quoted && semicolons == 1);
}

/* RSEC-REPLY-5 */
static void test_received_random_facts_stay_one_field(void **state)
{
    static const char octets[] = "ab.1:[]()\\\"<>@;\r\n\t \x7f\xc3\xbc";
    uint64_t seed = 4;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct ehlo_received facts = {EHLO_RECEIVED_DEFAULTS};
        struct ehlo_slice *const texts[] = {
            &facts.helo, &facts.peer_name, &facts.peer_address, &facts.by,  &facts.id,
            &facts.with, &facts.date,      &facts.for_path,     &facts.tls, &facts.priority};
        char storage[ROWS(texts)][12], field[1024];
        size_t length;

        for (size_t i = 0; i < ROWS(texts); i++) {
            for (size_t j = 0; j < sizeof storage[i]; j++)
                storage[i][j] = octets[next_random(&seed) % sizeof octets];
            *texts[i] = (struct ehlo_slice){storage[i], next_random(&seed) % 12 + 1};
        }
        facts.flags = next_random(&seed) & 15; /* without UTF8, all is ASCII */
        length = ehlo_format_received(field, sizeof field, &facts);
        assert_in_range(length, 1, sizeof field);
        check_one_field(field, length);
        check_comments(field, length);
    }
}

static void test_received_long_facts_are_cut(void **state)
{
    (void)state;
    for (size_t size = 254; size <= 4096; size += size < 257 ? 1 : 3839) {
        struct ehlo_slice text = repeated('(', size), name = repeated('a', size);
        struct ehlo_received facts = {EHLO_RECEIVED_DEFAULTS, .helo = name, .peer_name = name,
                                      .peer_address = name,   .by = name,   .id = name,
                                      .with = text,           .date = text, .tls = name,
                                      .priority = name};
        char field[8192];
        size_t length = ehlo_format_received(field, sizeof field, &facts);

        check_one_field(field, length);
        check_comments(field, length);
        if (size >= 255)
            assert_int_equal(length, ehlo_format_received(NULL, 0, &facts));
        assert_true(length < 3000);
        free_slice(text);
        free_slice(name);
    }
}

/* The longest mailbox there is has its place in the for clause. */
static void test_received_longest_mailbox(void **state)
{
    struct ehlo_slice local = repeated('a', 244), box = joined(2, local, SLICE("@b.example"));
    struct ehlo_received facts = {EHLO_RECEIVED_DEFAULTS, .by = TEXT("mx"), .for_path = box,
                                  .date = TEXT(DATE)};
    struct ehlo_received without = facts;

    (void)state;
    without.for_path.length = 0;
    assert_int_equal(ehlo_format_received(NULL, 0, &facts),
                     ehlo_format_received(NULL, 0, &without) + 9 + box.length);
    free_slice(local);
    free_slice(box);
}

/* R5321-4.4-3 */
static const struct {
    const char *name, *path, *want;
} return_paths[] = {
    {"path", "<a@b.example>", "Return-Path: <a@b.example>\r\n"},
    {"mailbox", "a@b.example", "Return-Path: <a@b.example>\r\n"},
    {"null", "<>", "Return-Path: <>\r\n"},
    {"empty", "", "Return-Path: <>\r\n"},
    {"route", "<@r.example:a@b.example>", "Return-Path: <a@b.example>\r\n"},
    {"quoted", "<\"a >\"@b.example>", "Return-Path: <\"a >\"@b.example>\r\n"},
    {"odd", "<a..b@c_c.example.>", "Return-Path: <a..b@c_c.example.>\r\n"},
    {"UTF-8", "<\xc3\xbc@b.example>", "Return-Path: <\xc3\xbc@b.example>\r\n"},
    {"line break", "<a@b.example>\r\nX: y", ""},
    {"line break in quotes", "<\"a\r\nb\"@b.example>", ""},
    {"two paths", "<a@b.example><c@d.example>", ""},
    {"no domain", "<a>", ""},
    {"one letter", "a", ""},
};

static void test_received_return_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(return_paths); i++) {
        struct ehlo_slice path = dup_slice(return_paths[i].path);

        check_writer(return_paths[i].name, write_return_path, path, return_paths[i].want);
        free_slice(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_received_fields),
        cmocka_unit_test(test_received_protocols),
        cmocka_unit_test(test_received_unusable_arguments),
        cmocka_unit_test(test_received_random_facts_stay_one_field),
        cmocka_unit_test(test_received_long_facts_are_cut),
        cmocka_unit_test(test_received_longest_mailbox),
        cmocka_unit_test(test_received_return_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
