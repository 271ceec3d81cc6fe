/*
 * What the kit watches without being asked: sessions that break a promise of ehlo/server.h. A
 * session does none of this, so the feed call does it to the session.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script_support.h"
#include "server/session.h"

/* --- hooks called out of turn --- */

static void call_done(struct ehlo_server *s)
{
    const struct ehlo_done done = {.outcome = EHLO_OUTCOME_ABORTED, .cause = EHLO_CAUSE_RSET};

    s->config->on_done(s, &done, s->user);
}

static void call_mail(struct ehlo_server *s)
{
    const struct ehlo_mail mail = {.body = 0};

    s->config->on_mail(s, &mail, s->user);
}

static void call_mail_twice(struct ehlo_server *s)
{
    call_mail(s);
    call_mail(s);
}

static void call_body(struct ehlo_server *s)
{
    s->config->on_body(s, ehlo_text("text"), s->user);
}

static void call_late_body(struct ehlo_server *s)
{
    if (s->messages > 0)
        call_body(s);
}

static void call_empty_body(struct ehlo_server *s)
{
    if (s->state == EHLO_STATE_CONTENT)
        s->config->on_body(s, ehlo_text(""), s->user);
}

static void call_message(struct ehlo_server *s)
{
    const struct ehlo_message message = {.octets = 0};

    s->config->on_message(s, &message, s->user);
}

static void call_close(struct ehlo_server *s)
{
    s->config->on_close(s, EHLO_CAUSE_QUIT, s->user);
}

static void call_close_and_done(struct ehlo_server *s)
{
    call_close(s);
    call_done(s);
}

static void call_mail_and_close(struct ehlo_server *s)
{
    call_mail(s);
    call_close(s);
}

static void forget_close(struct ehlo_server *s)
{
    s->state = EHLO_STATE_CLOSED;
}

/* --- output --- */

static char *output_of(struct ehlo_server *s)
{
    size_t length;
    const void *octets = ehlo_server_output(s, &length);

    return length > 0 ? (char *)(uintptr_t)octets : NULL;
}

static void change_output(struct ehlo_server *s, size_t at, char octet)
{
    if (output_of(s) != NULL)
        output_of(s)[at] = octet;
}

static void say_600(struct ehlo_server *s)
{
    change_output(s, 0, '6');
}

static void say_260(struct ehlo_server *s)
{
    change_output(s, 1, '6');
}

static void say_25x(struct ehlo_server *s)
{
    change_output(s, 2, 'x');
}

static void say_no_separator(struct ehlo_server *s)
{
    change_output(s, 3, '.');
}

static void say_tab(struct ehlo_server *s)
{
    change_output(s, 10, '\t');
}

static void say_8bit(struct ehlo_server *s)
{
    change_output(s, 10, (char)0x80);
}

static void say_utf8(struct ehlo_server *s)
{
    change_output(s, 10, (char)0xc3);
    change_output(s, 11, (char)0xa4);
}

static void say_8bit_at_last(struct ehlo_server *s)
{
    if (s->junk > 1) /* VRFY, NOOP */
        say_8bit(s);
}

static void say_other_code(struct ehlo_server *s)
{
    if (output_of(s) != NULL)
        strchr(output_of(s), '\n')[3] = '1';
}

/* The end of the first line of a long reply vanishes. */
static void say_long_line(struct ehlo_server *s)
{
    if (output_of(s) != NULL)
        memcpy(strstr(output_of(s), "\r\n"), "xx", 2);
}

/* All lines of a reply become one challenge. */
static void say_long_challenge(struct ehlo_server *s)
{
    char *at = output_of(s);
    char *inner;

    if (at == NULL)
        return;
    memcpy(at, "334 ", 4);
    while ((inner = strstr(at, "\r\n2")) != NULL)
        memcpy(inner, "xx", 2);
}

static void want_tls_too(struct ehlo_server *s)
{
    if (s->open > 0)
        s->state = EHLO_STATE_TLS;
}

/* --- receive() --- */

static size_t take_nothing(struct ehlo_server *s, const void *data, size_t length, void *user)
{
    (void)s, (void)data, (void)length, (void)user;
    return 0;
}

static size_t take_too_much(struct ehlo_server *s, const void *data, size_t length, void *user)
{
    (void)user;
    return ehlo_server_receive(s, data, length) + 1;
}

static size_t take_one(struct ehlo_server *s, const void *data, size_t length, void *user)
{
    (void)user;
    return ehlo_server_receive(s, data, length) > 0;
}

#define NOOP "S: 220 *\nC: NOOP\nS: 250 *\n"
#define LONG "V: on_help custom 214 - \\{x*700}\nS: 220 *\nC: HELP\nS+ 214*\n"

#define CHALLENGE                                                                                  \
    "! config output_size 65535\nV: on_help custom 214 - \\{x*12300}\nS: 220 *\nC: HELP\nS+ "      \
    "214*\n"
#define UTF8                                                                                       \
    "! config extensions smtputf8\nV: on_vrfy accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\n"      \
    "C: VRFY a SMTPUTF8\nS: 252 *\nC: NOOP\nS: 250 *\n"
#define PENDING HELLO "V: on_mail pending\nC: MAIL FROM:<a@c.example>\nS~\n"

static const struct {
    const char *name, *transcript, *promise, *got;
    void (*crime)(struct ehlo_server *);
    size_t (*feed)(struct ehlo_server *, const void *, size_t, void *);
} rows[] = {
    {"done twice", NOOP, "on_done is called once for each on_mail", "on_done again", call_done,
     NULL},
    {"no done", NOOP, "on_done is called for each on_mail", "on_mail again", call_mail_twice, NULL},
    {"no done at the end", NOOP, "on_done is called before on_close", "on_close",
     call_mail_and_close, NULL},
    {"body too early", NOOP, "no content is handed on before 354 or a chunk", "text", call_body,
     NULL},
    {"body too late", MESSAGE, "no content is handed on before 354 or a chunk", "text",
     call_late_body, NULL},
    {"empty slice", ENVELOPE "C: DATA\nS: 354 *\n", "no empty slice of content is handed on", "",
     call_empty_body, NULL},
    {"message too early", NOOP, "no message is asked for before 354 or a chunk", "", call_message,
     NULL},
    {"close twice", NOOP, "no hook is called behind on_close", "trace", call_close, NULL},
    {"hook behind close", NOOP, "no hook is called behind on_close", "on_done", call_close_and_done,
     NULL},
    {"no close", NOOP, "on_close is called at the end", "", forget_close, NULL},
    {"code 650", NOOP, "a reply line begins with a code and SP or a hyphen",
     "650 2.0.0 Nothing done\\x0d\\x0a", say_600, NULL},
    {"code 260", NOOP, "a reply line begins with a code and SP or a hyphen",
     "260 2.0.0 Nothing done\\x0d\\x0a", say_260, NULL},
    {"code 25x", NOOP, "a reply line begins with a code and SP or a hyphen",
     "25x 2.0.0 Nothing done\\x0d\\x0a", say_25x, NULL},
    {"no separator", NOOP, "a reply line begins with a code and SP or a hyphen",
     "250.2.0.0 Nothing done\\x0d\\x0a", say_no_separator, NULL},
    {"control octet", NOOP, "a reply line is printable ASCII",
     "250 2.0.0 \\x09othing done\\x0d\\x0a", say_tab, NULL},
    {"octet above 127", NOOP, "a reply line is printable ASCII",
     "250 2.0.0 \\x80othing done\\x0d\\x0a", say_8bit, NULL},
    {"UTF-8 that was not asked for", NOOP, "a reply line is printable ASCII",
     "250 2.0.0 \\xc3\\xa4thing done\\x0d\\x0a", say_utf8, NULL},
    {"two codes", "S: 220 *\nC: EHLO c.example\nS+ 250*\n", "all lines of a reply have one code",
     "251-PIPELINING\\x0d\\x0a", say_other_code, NULL},
    {"long line", LONG, "a reply line has 512 octets at most", NULL, say_long_line, NULL},
    {"long challenge", CHALLENGE, "a challenge has 12288 octets at most", NULL, say_long_challenge,
     NULL},
    {"octet that is no UTF-8", UTF8, "a reply line is printable ASCII", NULL, say_8bit_at_last,
     NULL},
    {"TLS beside a decision", PENDING, "TLS is wanted alone", "", want_tls_too, NULL},
    {"READ and nothing taken", NOOP, "READ: ehlo_server_receive() takes an octet at least",
     "NOOP\\x0d\\x0a", NULL, take_nothing},
    {"more taken than offered", NOOP, "ehlo_server_receive() takes no more than it is given",
     "NOOP\\x0d\\x0a", NULL, take_too_much},
    {"CLOSE and not all taken", "S: 220 *\n! disconnected\nC: NOOP\nS~\n",
     "CLOSE: ehlo_server_receive() takes everything", "NOOP\\x0d\\x0a", NULL, take_one},
};

static void test_broken_promises_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct ehlo_script_options options = {
            EHLO_SCRIPT_OPTIONS_DEFAULTS, .feed = rows[i].feed != NULL ? rows[i].feed : note_feed};
        struct ehlo_script_result result;

        memset(&host, 0, sizeof host);
        host.crime = rows[i].crime;
        result = play(rows[i].transcript, options);
        assert_of(rows[i].name, result.status == EHLO_SCRIPT_BROKEN);
        assert_slice_of(rows[i].name, result.expected, rows[i].promise);
        if (rows[i].got != NULL)
            assert_slice_of(rows[i].name, result.got, rows[i].got);
    }
}

/* The same transcripts hold when nobody interferes. */
static void test_kept_promises_are_not_blamed(void **state)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .feed = note_feed};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_script_result result;

        memset(&host, 0, sizeof host);
        result = play(rows[i].transcript, options);
        assert_of(rows[i].name,
                  result.status == EHLO_SCRIPT_OK || result.status == EHLO_SCRIPT_MISMATCH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_promises_are_found),
        cmocka_unit_test(test_kept_promises_are_not_blamed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
