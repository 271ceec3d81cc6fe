/*
 * Tests of lib/server/auth.c: what becomes of secrets (RSEC-AUTH-2). Behind each exchange, while a
 * hook has it and when it has returned, nothing of a password stands in the memory of the session,
 * neither in clear nor in base64, and the trace never shows it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth_support.h"

/*
 * Each dialog tells the same secret, "purple-horse-battery!", with "user" where there is a name.
 * In base64 it depends on what stands before it.
 */
#define SECRET64 "cHVycGxlLWhvcnNlLWJhdHRlcnkh"         /* alone */
#define PLAIN64  "AHVzZXIAcHVycGxlLWhvcnNlLWJhdHRlcnkh" /* \0 user \0 */

/* Parts of it in each form, short enough to find what is left of it. */
static const char *const parts[] = {"purple",   "horse-ba", "battery",  "cHVycGxl", "cGxlLWhv",
                                    "LWhvcnNl", "cnNlLWJh", "LWJhdHRl", "dHRlcnkh"};

static const char *found_in(const char *text, size_t length)
{
    for (size_t i = 0; i < ROWS(parts); i++)
        for (size_t at = 0; at + strlen(parts[i]) <= length; at++)
            if (memcmp(text + at, parts[i], strlen(parts[i])) == 0)
                return parts[i];
    return NULL;
}

static void check_memory(const struct recorder *r, const char *row, size_t piece)
{
    const char *found = found_in(r->memory, r->size);

    if (found != NULL)
        fail_msg("%s, in pieces of %zu: \"%s\" is left in the memory", row, piece, found);
}

static bool pends;

/* on_auth and on_sasl may see it; nobody else, at any time. */
static void look(struct recorder *r, enum hook hook)
{
    if (hook == ON_TRACE && found_in(r->trace->text.data, r->trace->text.length) != NULL)
        fail_msg("the trace shows %.*s", (int)r->trace->text.length, r->trace->text.data);
    if (hook == ON_AUTH || hook == ON_SASL)
        r->verdicts[hook] = pends ? ehlo_pending() : r->verdicts[hook];
}

static void no_change(struct ehlo_server_config *config)
{
    (void)config;
}

static void in_clear(struct ehlo_server_config *config)
{
    config->auth_in_clear = false;
    config->mechanisms = NULL;
    config->on_sasl = NULL;
}

static void never(struct ehlo_server_config *config)
{
    config->disabled_extensions = EHLO_EXTENSION_AUTH;
}

static void strict(struct ehlo_server_config *config)
{
    config->strict = EHLO_ODDITIES_DEFAULT;
}

static void short_lines(struct ehlo_server_config *config)
{
    config->line_size = 512;
}

#define LONG                                                                                       \
    SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64      \
        SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64 SECRET64

static const struct {
    const char *name, *before, *input;
    unsigned id; /* the host's verdict */
    void (*configure)(struct ehlo_server_config *);
} dialogs[] = {
    {"PLAIN", EHLO, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"PLAIN in two", EHLO, "AUTH PLAIN\r\n" PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"LOGIN", EHLO, "AUTH LOGIN\r\ndXNlcg==\r\n" SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"LOGIN in one", EHLO, "AUTH LOGIN dXNlcg==\r\n" SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"own", EHLO, "AUTH XTEST " SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"own, in two", EHLO, "AUTH XTEST\r\n" SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"own, two steps", EHLO, "AUTH XTEST " SECRET64 "\r\n" SECRET64 "\r\n*\r\n",
     EHLO_REPLY_CHALLENGE, no_change},
    {"refused", EHLO, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_AUTH_INVALID, no_change},
    {"own, refused", EHLO, "AUTH XTEST " SECRET64 "\r\n", EHLO_REPLY_AUTH_INVALID, no_change},
    {"closed", EHLO, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_SERVICE_BUSY, no_change},
    {"no verdict", EHLO, "AUTH PLAIN " PLAIN64 "\r\n", 0, no_change},
    {"lower case", EHLO, "auth plain " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"tabs", EHLO, "AUTH\tPLAIN\t" PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"malformed", EHLO, "AUTH PLAIN " SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"malformed in two", EHLO, "AUTH PLAIN\r\n" SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"bad base64", EHLO, "AUTH PLAIN " PLAIN64 "=\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"bad base64 in two", EHLO, "AUTH PLAIN\r\n" PLAIN64 "x\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"bad line", EHLO, "AUTH PLAIN " PLAIN64 "\n\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"NUL", EHLO, "AUTH PLAIN\r\n" PLAIN64 "\r\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"a word too many", EHLO, "AUTH PLAIN " PLAIN64 " x\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"unknown", EHLO, "AUTH FOO " SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"bad name", EHLO, "AUTH = " SECRET64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"out of turn", EHLO, "AUTH LOGIN " SECRET64 "\r\n", EHLO_REPLY_ACCEPT, strict},
    {"before EHLO", "", "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"before TLS", EHLO, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, in_clear},
    {"never", EHLO, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, never},
    {"twice", EHLO PLAIN, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"in a transaction", EHLO MAIL, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"once too often", EHLO "AUTH PLAIN AAAA\r\nAUTH PLAIN AAAA\r\nAUTH PLAIN AAAA\r\n",
     "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
    {"over-long", EHLO, "AUTH PLAIN\r\n" LONG "\r\n", EHLO_REPLY_ACCEPT, short_lines},
    {"over-long at once", EHLO, "AUTH PLAIN " LONG "\r\n", EHLO_REPLY_ACCEPT, short_lines},
    {"a greeting refused", NULL, "AUTH PLAIN " PLAIN64 "\r\n", EHLO_REPLY_ACCEPT, no_change},
};

static struct ehlo_reply verdict_of_row(size_t row)
{
    if (dialogs[row].id == EHLO_REPLY_CHALLENGE)
        return ehlo_challenge("go", 2);
    return dialogs[row].id < EHLO_REPLY_ACCEPT && dialogs[row].id != 0
               ? ehlo_reply(dialogs[row].id)
               : (struct ehlo_reply){.id = (uint16_t)dialogs[row].id};
}

static void play(struct recorder *r, size_t row, size_t piece)
{
    const char *input = dialogs[row].input;
    const size_t length = strlen(input);
    size_t used = 0;
    unsigned resumed = 0;

    prepare(r);
    dialogs[row].configure(&r->config);
    if (dialogs[row].before == NULL)
        r->verdicts[ON_CONNECT] = ehlo_reply(EHLO_REPLY_CONNECTION_DENIED);
    greet_and(r, dialogs[row].before == NULL ? "" : dialogs[row].before);
    r->verdicts[ON_AUTH] = r->verdicts[ON_SASL] = verdict_of_row(row);
    r->inside = look;
    while (used < length || resumed < r->pending) {
        const size_t left = length - used;

        used += feed_pieces(r, input + used, left < piece ? left : piece, piece);
        if (resumed == r->pending)
            continue;
        check_memory(r, dialogs[row].name, piece); /* the hook has returned */
        resume(r, resumed++, verdict_of_row(row));
    }
}

static void test_no_secret_is_left(void **state)
{
    static const size_t pieces[] = {SIZE_MAX, 1, 2, 7, 20, 30};

    (void)state;
    for (size_t i = 0; i < ROWS(dialogs) * ROWS(pieces); i++)
        for (int later = 0; later < 2; later++) {
            const size_t row = i / ROWS(pieces), piece = pieces[i % ROWS(pieces)];
            struct recorder r;

            pends = later;
            play(&r, row, piece);
            check_memory(&r, dialogs[row].name, piece);
            forget(&r);
        }
    pends = false;
}

/* A line that waits for an empty output, or for its end, is there; it goes with the session. */
static void test_what_waits_is_wiped_at_the_end(void **state)
{
    static int (*const ends[])(struct ehlo_server *) = {ehlo_server_expire, ehlo_server_shutdown,
                                                        ehlo_server_disconnected};
    static const char *const lines[] = {"AUTH PLAIN " PLAIN64 "\r\n", "AUTH PLAIN " PLAIN64};

    (void)state;
    for (size_t i = 0; i < ROWS(ends) * ROWS(lines); i++) {
        const char *line = lines[i / ROWS(ends)];
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO);
        offer(&r, "NOOP\r\n", 6); /* is not sent */
        offer(&r, line, strlen(line));
        assert_int_equal(r.calls[ON_AUTH], 0);
        assert_int_equal(ends[i % ROWS(ends)](r.s), EHLO_OK);
        drain_all(&r);
        check_memory(&r, line, 0);
        forget(&r);
    }
}

static void test_a_line_that_waited_is_wiped_too(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    offer(&r, "NOOP\r\n", 6);
    offer(&r, "AUTH PLAIN " PLAIN64 "\r\n", sizeof "AUTH PLAIN " PLAIN64 "\r\n" - 1);
    assert_int_equal(r.calls[ON_AUTH], 0);
    drain_all(&r);
    assert_int_equal(r.calls[ON_AUTH], 1);
    check_memory(&r, "a line that waited", 0);
    forget(&r);
}

/* What the trace shows instead. */
static struct note lines;

static void note_commands(struct recorder *r, enum hook hook)
{
    if (hook != ON_TRACE || r->trace->reason != EHLO_TRACE_COMMAND)
        return;
    add_note(&lines, r->trace->text.data, r->trace->text.length);
    add_note(&lines, "|", 1);
}

static void test_the_trace_masks_what_follows_the_mechanism(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_AUTH] = ehlo_reply(EHLO_REPLY_AUTH_NOT_NOW);
    greet_and(&r, EHLO);
    add_note(&lines, "", 0);
    r.inside = note_commands;
    feed(&r, PLAIN "auth  login  dXNlcg==\r\n" SECRET64 "\r\nAUTH XTEST\r\n*\r\nAUTH\r\n"
                   "AUTH PLAIN\r\nnot base64\r\nAUTH\tPLAIN\tx\r\nAUTH PLAIN x y\r\nNOOP x\r\n");
    assert_note(&lines, "AUTH PLAIN|auth  login|<hidden>|AUTH XTEST|*|AUTH|AUTH PLAIN|<hidden>|"
                        "AUTH\tPLAIN|AUTH PLAIN|NOOP x|");
    free(lines.text);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_secret_is_left),
        cmocka_unit_test(test_what_waits_is_wiped_at_the_end),
        cmocka_unit_test(test_a_line_that_waited_is_wiped_too),
        cmocka_unit_test(test_the_trace_masks_what_follows_the_mechanism),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
