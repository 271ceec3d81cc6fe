/*
 * Tests of lib/server/auth.c: responses of any spelling and length, failed attempts and their
 * limit, verdicts of the host, the end within AUTH (RFC 4954).
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth_support.h"

/* ---- responses ---- */

/* R4954-4-5, R4954-4-8: where a response is awaited a line is nothing else. */
static void test_a_response_is_base64_or_a_star(void **state)
{
    static const struct {
        const char *name;
        struct ehlo_slice line;
        const char *want;
    } rows[] = {
        {"star", OCTETS("*\r\n"), "501 5.0.0 "},
        {"two stars", OCTETS("**\r\n"), "501 5.5.2 "},
        {"star and blank", OCTETS("* \r\n"), "501 5.5.2 "},
        {"blank and star", OCTETS(" *\r\n"), "501 5.5.2 "},
        {"equals", OCTETS("=\r\n"), "501 5.5.2 "},
        {"one", OCTETS("A\r\n"), "501 5.5.2 "},
        {"two", OCTETS("AA\r\n"), "501 5.5.2 "},
        {"three", OCTETS("AAA\r\n"), "501 5.5.2 "},
        {"five", OCTETS("AAAAA\r\n"), "501 5.5.2 "},
        {"padding alone", OCTETS("====\r\n"), "501 5.5.2 "},
        {"too much padding", OCTETS("A===\r\n"), "501 5.5.2 "},
        {"padding in the middle", OCTETS("AA==AAAA\r\n"), "501 5.5.2 "},
        {"inner padding", OCTETS("AA=A\r\n"), "501 5.5.2 "},
        {"bits that count for nothing", OCTETS("AB==\r\n"), "501 5.5.2 "},
        {"the same", OCTETS("AAB=\r\n"), "501 5.5.2 "},
        {"blank at the end", OCTETS("AHUAcA== \r\n"), "501 5.5.2 "},
        {"blank inside", OCTETS("AHUA cA==\r\n"), "501 5.5.2 "},
        {"url alphabet", OCTETS("-_-_\r\n"), "501 5.5.2 "},
        {"a command", OCTETS("QUIT now\r\n"), "501 5.5.2 "},
        {"RSET", OCTETS("RSET\r\n"), "535 5.7.1 "}, /* three octets in base64 */
        {"bare CR", OCTETS("AHUA\rcA==\r\n"), "501 5.5.2 "},
        {"bare LF", OCTETS("AHUA\ncA==\r\n"), "501 5.5.2 "},
        {"NUL", OCTETS("AHUA\0cA==\r\n"), "501 5.5.2 "},
        {"NUL alone", OCTETS("\0\r\n"), "501 5.5.2 "},
        {"8 bit", OCTETS("AHUAcA=\xff\r\n"), "501 5.5.2 "},
        {"HTTP", OCTETS("GET / HTTP/1.0\r\n"), "501 5.5.2 "},
        {"header", OCTETS("Host: x\r\n"), "501 5.5.2 "},
        {"good", OCTETS("AHUAcA==\r\n"), "235 2.7.0 "},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const char *name = rows[i / 2].name;
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO "AUTH PLAIN\r\n");
        feed_pieces(&r, rows[i / 2].line.data, rows[i / 2].line.length, i % 2 ? 1 : SIZE_MAX);
        if (strncmp(r.wire.text, rows[i / 2].want, 10) != 0)
            fail_msg("%s: got %s", name, r.wire.text);
        assert_of(name, info_of(&r).state == EHLO_STATE_READY);
        assert_of(name, info_of(&r).errors == (rows[i / 2].want[0] == '5'));
        assert_of(name, r.calls[ON_AUTH] == (rows[i / 2].want[0] == '2'));
        assert_of(name, info_of(&r).auth_failures ==
                            (rows[i / 2].want[2] == '5' && rows[i / 2].want[1] == '3' &&
                             rows[i / 2].want[0] == '5'));
        forget(&r);
    }
}

/* R4954-4-9: the line buffer is the limit; the rest is dropped to its CR LF. */
static void test_a_response_may_fill_the_line_buffer(void **state)
{
    static const struct {
        size_t line_size, length; /* of the response with CR LF */
        const char *codes;
    } rows[] = {
        {512, 510, "235 250"},   {512, 514, "500 250"},      {2048, 2046, "235 250"},
        {2048, 2050, "500 250"}, {12290, 12290, "235 250"},  {12288, 12290, "500 250"},
        {512, 5002, "500 250"},  {12290, 100002, "500 250"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const size_t octets = (rows[i / 2].length - 2) / 4 * 3;
        struct note line = {NULL, 0, 0};
        struct recorder r;

        add_letters64(&line, "", (struct ehlo_slice)OCTETS("\0u\0"), octets - 3,
                      (struct ehlo_slice)OCTETS(""));
        assert_int_equal(line.length, rows[i / 2].length);
        add_note(&line, "NOOP\r\n", 6);
        prepare(&r);
        r.config.line_size = (uint32_t)rows[i / 2].line_size;
        greet_and(&r, EHLO "AUTH PLAIN\r\n");
        feed_pieces(&r, line.text, line.length, i % 2 ? 100 : SIZE_MAX);
        if (rows[i / 2].codes[0] == '5')
            assert_memory_equal(r.wire.text, "500 5.5.6 ", 10);
        assert_codes(&r, "", rows[i / 2].codes);
        assert_int_equal(info_of(&r).auth_failures, 0);
        free(line.text);
        forget(&r);
    }
}

/* A response waits for an empty output, as the challenge that follows may need all of it. */
static void test_responses_may_be_sent_in_advance(void **state)
{
    static const char input[] = "NOOP\r\nAUTH LOGIN\r\ndQ==\r\ncA==\r\n" MAIL "AUTH LOGIN\r\n";
    struct recorder r;

    (void)state;
    for (size_t most = 1; most < 200; most += most < 8 ? 1 : 17) {
        size_t used = 0;

        prepare(&r);
        greet_and(&r, EHLO);
        do
            used += offer(&r, input + used, sizeof input - 1 - used);
        while (drain(&r, most) > 0);
        assert_int_equal(used, sizeof input - 1);
        assert_codes(&r, "", "250 334 334 235 250 503");
        forget(&r);
    }
}

/* Challenges too large for one output go out one by one, however early their responses came. */
static void test_large_challenges_wait_for_each_other(void **state)
{
    static const char input[] = "AUTH XTEST YQ==\r\nYQ==\r\nYQ==\r\n*\r\n" MAIL;
    static char challenge[600];
    struct recorder r;
    size_t used = 0;

    (void)state;
    prepare(&r);
    r.verdicts[ON_SASL] = ehlo_challenge(challenge, sizeof challenge);
    greet_and(&r, EHLO);
    do
        used += offer(&r, input + used, sizeof input - 1 - used);
    while (drain(&r, 100) > 0);
    assert_int_equal(used, sizeof input - 1);
    assert_codes(&r, "", "334 334 334 501 250");
    forget(&r);
}

/* ---- failures ---- */

/* RSEC-AUTH-1: only what was refused for good counts, and the next AUTH is the last. */
static void test_failed_attempts_have_a_limit(void **state)
{
    static const uint32_t limits[] = {0, 3, 4, 7};

    (void)state;
    for (size_t i = 0; i < ROWS(limits); i++) {
        const unsigned limit = limits[i] == 0 ? 3 : limits[i];
        struct recorder r;

        prepare(&r);
        r.config.max_auth_failures = limits[i];
        r.config.max_errors = 100;
        greet_and(&r, EHLO);
        for (unsigned failed = 0; failed < limit; failed++) {
            r.verdicts[ON_AUTH] = ehlo_reply(EHLO_REPLY_AUTH_NOT_NOW);
            assert_codes(&r, PLAIN "AUTH PLAIN\r\n*\r\nAUTH PLAIN x\r\n", "454 334 501 501");
            assert_int_equal(info_of(&r).auth_failures, failed);
            r.verdicts[ON_AUTH] = ehlo_reply(EHLO_REPLY_AUTH_INVALID);
            assert_codes(&r, failed % 2 ? PLAIN : "AUTH PLAIN AAAA\r\n", "535");
        }
        assert_int_equal(info_of(&r).auth_failures, limit);
        assert_codes(&r, "NOOP\r\n" EHLO MAIL "RSET\r\n", "250 250 250 250");
        r.verdicts[ON_AUTH] = ehlo_accept();
        feed(&r, PLAIN);
        assert_memory_equal(r.wire.text, "421 4.7.0 Too many failed ", 26);
        assert_codes(&r, "", "421");
        assert_int_equal(r.reasons[EHLO_TRACE_AUTH_LIMIT], 1);
        assert_int_equal(r.numbers[EHLO_TRACE_AUTH_LIMIT], limit);
        assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
        forget(&r);
    }
}

/* R4954-4-10, R4422-3-3, R4422-A-1: which verdicts there are, and what each costs. */
static void test_verdicts_of_the_host(void **state)
{
    static const struct {
        unsigned id;
        const char *want;
        unsigned failures, errors;
        bool closes;
    } rows[] = {
        {EHLO_REPLY_AUTH_INVALID, "535 5.7.1 ", 1, 1, false},
        {EHLO_REPLY_AUTH_NOT_NOW, "454 4.7.0 ", 0, 0, false},
        {EHLO_REPLY_PASSWORD_TRANSITION, "432 4.7.12 ", 0, 0, false},
        {EHLO_REPLY_AUTH_ACCOUNT_DISABLED, "525 5.7.13 ", 1, 1, false},
        {EHLO_REPLY_AUTH_TOO_WEAK, "534 5.7.9 ", 1, 1, false},
        {EHLO_REPLY_AUTH_NEEDS_ENCRYPTION, "538 5.7.11 ", 1, 1, false},
        {EHLO_REPLY_SERVICE_BUSY, "421 4.3.0 ", 0, 0, true},
        {0, "451 4.3.0 ", 0, 0, false},
        {EHLO_REPLY_MESSAGE_OK, "451 4.3.0 ", 0, 0, false}, /* 250 is no success here */
        {EHLO_REPLY_AUTH_OK, "235 2.7.0 ", 0, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < 4 * ROWS(rows); i++) {
        const enum hook hook = i % 2 ? ON_AUTH : ON_SASL;
        const bool later = i / 2 % 2 != 0;
        struct recorder r;

        prepare(&r);
        r.verdicts[hook] = later ? ehlo_pending() : ehlo_reply(rows[i / 4].id);
        reach_hook(&r, hook);
        call_hook(&r, hook);
        if (later)
            assert_int_equal(resume(&r, 0, ehlo_reply(rows[i / 4].id)), EHLO_OK);
        assert_memory_equal(r.wire.text, rows[i / 4].want, strlen(rows[i / 4].want));
        assert_int_equal(info_of(&r).auth_failures, rows[i / 4].failures);
        assert_int_equal(info_of(&r).errors, rows[i / 4].errors);
        assert_int_equal(r.calls[ON_CLOSE], rows[i / 4].closes);
        assert_int_equal((info_of(&r).flags & EHLO_INFO_AUTHENTICATED) != 0,
                         rows[i / 4].want[0] == '2');
        forget(&r);
    }
}

/* ---- ends ---- */

static void test_the_end_may_come_within_auth(void **state)
{
    static const struct {
        int (*end)(struct ehlo_server *);
        const char *codes;
        unsigned cause;
    } rows[] = {
        {ehlo_server_expire, "421", EHLO_CAUSE_TIMEOUT},
        {ehlo_server_shutdown, "421", EHLO_CAUSE_SHUTDOWN},
        {ehlo_server_eof, "", EHLO_CAUSE_EOF},
        {ehlo_server_disconnected, "", EHLO_CAUSE_DISCONNECTED},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO "AUTH LOGIN\r\ndXNl");
        assert_int_equal(rows[i].end(r.s), EHLO_OK);
        drain_all(&r);
        assert_codes(&r, "cg==\r\n", rows[i].codes);
        assert_int_equal(r.cause, rows[i].cause);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_response_is_base64_or_a_star),
        cmocka_unit_test(test_a_response_may_fill_the_line_buffer),
        cmocka_unit_test(test_responses_may_be_sent_in_advance),
        cmocka_unit_test(test_large_challenges_wait_for_each_other),
        cmocka_unit_test(test_failed_attempts_have_a_limit),
        cmocka_unit_test(test_verdicts_of_the_host),
        cmocka_unit_test(test_the_end_may_come_within_auth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
