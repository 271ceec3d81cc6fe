/*
 * Tests of lib/server/gates.c: each octet at the begin of a session, in a verb and in an argument,
 * which verbs may have input behind them, and what the log is told of a command.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* ---- octets ---- */

/* RSEC-XPROTO-2: TLS and other binary protocols are known by their first octet. */
static void test_a_foreign_first_octet_ends_the_session_at_once(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        const bool foreign = (octet < ' ' && strchr("\t\r\n", octet) == NULL) || octet > '~';
        const char first = (char)octet;
        struct recorder r;

        if (octet == 0)
            assert_false(foreign); /* strchr finds the NUL */
        prepare(&r);
        greet_and(&r, "");
        offer(&r, &first, 1);
        assert_int_equal(r.reasons[EHLO_TRACE_FOREIGN], foreign || octet == 0);
        assert_codes(&r, "", foreign || octet == 0 ? "500" : "");
        assert_int_equal(r.cause, foreign || octet == 0 ? EHLO_CAUSE_PROTOCOL : 0);
        forget(&r);
    }
}

/* R5321-2.4-5: 500 for the verb, whatever on_command is. */
static void test_an_odd_octet_in_a_verb_is_an_unknown_one(void **state)
{
    (void)state;
    for (int octet = 1; octet < 256; octet++) {
        const bool odd = octet < ' ' || octet > '~';
        char line[] = "NO?P\r\n";
        struct recorder r;

        if (strchr("\t\r\n :", octet) != NULL)
            continue; /* ends the verb or the line, or makes it a header field */
        line[2] = (char)octet;
        prepare(&r);
        greet_and(&r, "HELP\r\n");
        assert_codes(&r, line, odd ? "500" : "250");
        assert_int_equal(r.calls[ON_COMMAND], !odd && octet != 'O' && octet != 'o');
        forget(&r);
    }
}

/* R5321-4.1.2-5: control octets in any argument; a tab is a blank. Each costs a point. */
static void test_a_control_octet_in_an_argument_refuses_the_command(void **state)
{
    static const char *const verbs[] = {"NOOP", "HELP", "FOO", "VRFY", "EHLO"};

    (void)state;
    for (int i = 0; i < 256 * (int)ROWS(verbs); i++) {
        const int octet = i / (int)ROWS(verbs);
        const char *verb = verbs[(size_t)i % ROWS(verbs)];
        const bool control = octet < ' ' || octet == 127;
        char line[32];
        struct recorder r;

        if (strchr("\t\r\n", octet) != NULL)
            continue; /* NUL, CR, LF: a bad line */
        snprintf(line, sizeof line, "%s a%cb\r\n", verb, octet);
        prepare(&r);
        greet_and(&r, "HELP\r\n");
        feed(&r, line);
        assert_of(verb, !control || strncmp(r.wire.text, "501 ", 4) == 0);
        assert_of(verb, !control || info_of(&r).errors == 1);
        assert_of(verb, !control || r.calls[ON_HELP] + r.calls[ON_COMMAND] + r.calls[ON_VRFY] +
                                            r.calls[ON_HELO] ==
                                        1); /* the HELP before */
        forget(&r);
    }
}

/* RSEC-XPROTO-1, -2, RPROXY-2-2: words of other protocols close; what looks a little like them does
 * not. */
static void test_a_foreign_word_closes(void **state)
{
    static const struct {
        const char *line;
        bool foreign;
    } rows[] = {
        {"GET / HTTP/1.1\r\n", true},
        {"post /\r\n", true},
        {"PRI * HTTP/2.0\r\n", true},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", true},
        {"Host: x\r\n", true},
        {"X-Y:z\r\n", true},
        {"Subject:\r\n", true},
        {":x\r\n", false},
        {"a_b: x\r\n", false},
        {"GETS\r\n", false},
        {"GE\r\n", false},
        {"MAIL:x\r\n", false},
        {"RCPTTO:<a@b.example>\r\n", false},
        {"NOOP GET: /\r\n", false},
        {"GET /\nHost: x\r\n", false}, /* a bad line */
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO);
        feed(&r, rows[i].line);
        assert_of(rows[i].line, r.calls[ON_CLOSE] == rows[i].foreign);
        assert_of(rows[i].line, r.reasons[EHLO_TRACE_FOREIGN] == rows[i].foreign);
        if (rows[i].foreign)
            assert_note(&r.wire, "500 5.5.1 Command unrecognized\r\n");
        forget(&r);
    }
}

static void test_the_signature_of_a_proxy_closes(void **state)
{
    static const char signature[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c";

    (void)state;
    for (size_t piece = 1; piece < sizeof signature; piece++) {
        struct recorder r;

        prepare(&r);
        greet_and(&r, "");
        feed_pieces(&r, signature, sizeof signature - 1, piece);
        assert_codes(&r, "", "500 500 500");
        assert_int_equal(r.reasons[EHLO_TRACE_FOREIGN], 1);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        forget(&r);
    }
}

/* R7504-3-1: behind a 521 one more command is answered, whatever it is. */
static void test_a_521_greeting_leaves_one_command(void **state)
{
    static const struct {
        const char *line, *code;
    } rows[] = {
        {EHLO, "521"},       {"NOOP\r\n", "521"},   {"FOO\r\n", "521"},
        {"\r\n", "521"},     {"NO\nOP\r\n", "521"}, {"QUIT x\r\n", "521"},
        {"TURN\r\n", "521"}, {"QUIT\r\n", "221"},   {"Host: x\r\n", "521"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.null_service = i % 2 == 0;
        r.verdicts[ON_CONNECT] = ehlo_reply_custom(521, NULL, "not here");
        greet_and(&r, "");
        assert_codes(&r, rows[i / 2].line, rows[i / 2].code);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        assert_int_equal(r.calls[ON_CONNECT], i % 2);
        forget(&r);
    }
}

/* ---- pipelining ---- */

/* Who may have input behind it: Y where PIPELINING is offered, y where it is not, too. */
static const struct {
    const char *line;
    char may;
} groups[] = {
    {MAIL, 'Y'},         {RCPT, 'Y'},         {"RSET\r\n", 'Y'},   {"QUIT\r\n", 'y'},
    {"BDAT 0\r\n", 'y'}, {"NOOP\r\n", 'n'},   {EHLO, 'n'},         {"HELO c.example\r\n", 'n'},
    {DATA, 'n'},         {"VRFY a\r\n", 'n'}, {"EXPN a\r\n", 'n'}, {"HELP\r\n", 'n'},
    {"FOO\r\n", 'n'},
};

enum offered { BY_EHLO, NOT_OFFERED, AFTER_HELO, OFFERS };

/* RSEC-PIPE-1, -2: with another line behind it in one piece. */
static void check_group(size_t row, enum offered offered, uint8_t policy)
{
    const char may = groups[row].may;
    const bool guilty = !(may == 'y' || (may == 'Y' && offered == BY_EHLO));
    struct recorder r;
    char piece[128];

    snprintf(piece, sizeof piece, "%sRSET\r\n", groups[row].line);
    prepare(&r);
    r.config.pipelining = policy;
    if (offered == NOT_OFFERED)
        r.config.disabled_extensions = EHLO_EXTENSION_PIPELINING;
    greet_and(&r, offered == AFTER_HELO ? "HELO c.example\r\n" : EHLO);
    feed(&r, groups[row].line);
    assert_of(groups[row].line, r.reasons[EHLO_TRACE_PIPELINING] == 0); /* alone it may stand */
    forget(&r);

    prepare(&r);
    r.config.pipelining = policy;
    if (offered == NOT_OFFERED)
        r.config.disabled_extensions = EHLO_EXTENSION_PIPELINING;
    greet_and(&r, offered == AFTER_HELO ? "HELO c.example\r\n" : EHLO);
    feed(&r, piece);
    assert_of(groups[row].line,
              r.reasons[EHLO_TRACE_PIPELINING] == (guilty && policy != EHLO_PIPELINING_IGNORE));
    assert_of(groups[row].line,
              (r.cause == EHLO_CAUSE_PROTOCOL) == (guilty && policy == EHLO_PIPELINING_REFUSE));
    assert_of(groups[row].line, (strncmp(r.wire.text, "554 ", 4) == 0) ==
                                    (guilty && policy == EHLO_PIPELINING_REFUSE));
    forget(&r);
}

static void test_input_behind_a_command_is_treated_as_configured(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(groups); i++)
        for (unsigned offered = 0; offered < OFFERS; offered++)
            for (uint8_t policy = 0; policy <= EHLO_PIPELINING_IGNORE; policy++)
                check_group(i, (enum offered)offered, policy);
}

/* A line that had to wait is no less guilty. */
static void test_a_line_that_waits_is_judged_as_it_came(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.pipelining = EHLO_PIPELINING_REFUSE;
    greet_and(&r, EHLO);
    offer(&r, "RSET\r\n", 6);
    offer(&r, EHLO "RSET\r\n", sizeof EHLO "RSET\r\n" - 1); /* waits for an empty output */
    assert_codes(&r, "", "250 554");
    forget(&r);

    prepare(&r);
    r.config.pipelining = EHLO_PIPELINING_REFUSE;
    greet_and(&r, EHLO);
    offer(&r, "RSET\r\n", 6);
    offer(&r, EHLO, sizeof EHLO - 1);
    assert_codes(&r, "", "250 250");
    forget(&r);
}

/* Content and what stands behind it are no commands of one group with DATA (R2920-3.1-3). */
static void test_content_may_have_commands_behind_it(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.pipelining = EHLO_PIPELINING_REFUSE;
    greet_and(&r, EHLO);
    feed(&r, MAIL RCPT DATA);
    clear_note(&r.wire);
    assert_codes(&r, "a\r\n.\r\n" MAIL RCPT "QUIT\r\n", "250 250 250 221");
    forget(&r);
}

/* ---- what the log is told ---- */

static struct note told;

static void note_commands(struct recorder *r, enum hook hook)
{
    if (hook != ON_TRACE || r->trace->reason != EHLO_TRACE_COMMAND)
        return;
    add_note(&told, r->trace->text.data, r->trace->text.length);
    add_note(&told, "|", 1);
}

/* RSEC-AUTH-2: no credentials, however they are spelt. */
static void test_the_log_sees_commands_without_secrets(void **state)
{
    static const struct {
        const char *line, *want;
    } rows[] = {
        {EHLO, "EHLO c.example|"},
        {"noop  x \r\n", "noop  x |"},
        {"\r\n", "|"},
        {"AUTH\r\n", "AUTH|"},
        {"AUTH PLAIN\r\n", "AUTH PLAIN|"},
        {"AUTH PLAIN AGEAYg==\r\n", "AUTH PLAIN|"},
        {"auth  plain  AGEAYg== x\r\n", "auth  plain|"},
        {"AUTH\tPLAIN\tAGEAYg==\r\n", "AUTH\tPLAIN|"},
        {"AUTH PLAIN AGE\nAYg==\r\n", "AUTH PLAIN|"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t piece = 1; piece < 9; piece += 7) {
            struct recorder r;

            prepare(&r);
            greet_and(&r, "");
            r.inside = note_commands;
            add_note(&told, "", 0);
            feed_pieces(&r, rows[i].line, strlen(rows[i].line), piece);
            assert_note(&told, rows[i].want);
            forget(&r);
        }
    free(told.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_foreign_first_octet_ends_the_session_at_once),
        cmocka_unit_test(test_an_odd_octet_in_a_verb_is_an_unknown_one),
        cmocka_unit_test(test_a_control_octet_in_an_argument_refuses_the_command),
        cmocka_unit_test(test_a_foreign_word_closes),
        cmocka_unit_test(test_the_signature_of_a_proxy_closes),
        cmocka_unit_test(test_a_521_greeting_leaves_one_command),
        cmocka_unit_test(test_input_behind_a_command_is_treated_as_configured),
        cmocka_unit_test(test_a_line_that_waits_is_judged_as_it_came),
        cmocka_unit_test(test_content_may_have_commands_behind_it),
        cmocka_unit_test(test_the_log_sees_commands_without_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
