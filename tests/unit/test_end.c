/*
 * Tests of lib/server/end.c: expire, shutdown, eof, disconnected at any time, from outside and from
 * inside each hook; on_done and on_close exactly once, and nothing behind them (RENG-5). The
 * ways to end a transaction are in test_transaction.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

enum end { EXPIRE, SHUTDOWN, END_OF_FILE, DISCONNECTED, ENDS };

static const char *const end_names[ENDS] = {"expire", "shutdown", "eof", "disconnected"};

static int end(const struct recorder *r, enum end how)
{
    switch (how) {
    case EXPIRE:
        return ehlo_server_expire(r->s);
    case SHUTDOWN:
        return ehlo_server_shutdown(r->s);
    case END_OF_FILE:
        return ehlo_server_eof(r->s);
    default:
        return ehlo_server_disconnected(r->s);
    }
}

/* The session is over, and nothing that is called changes anything or runs a hook. */
static void check_over(struct recorder *r, const char *row)
{
    size_t length;
    unsigned calls[HOOKS];

    drain_all(r);
    memcpy(calls, r->calls, sizeof calls);
    clear_note(&r->wire);
    assert_of(row, wants_of(r) == EHLO_WANT_CLOSE && info_of(r).state == EHLO_STATE_CLOSED);
    assert_of(row, r->calls[ON_CLOSE] == 1);
    assert_of(row, r->calls[ON_DONE] == r->calls[ON_MAIL]);
    assert_of(row, r->reasons[EHLO_TRACE_CLOSED] == 1);
    assert_of(row, r->numbers[EHLO_TRACE_CLOSED] == r->cause);
    assert_of(row, offer(r, "NOOP\r\n", 6) == 6);
    assert_of(row, ehlo_server_sent(r->s, 0) == EHLO_OK);
    assert_of(row, ehlo_server_sent(r->s, 1) == EHLO_ERROR_ARGUMENT);
    assert_of(row, ehlo_server_start(r->s, NULL) == EHLO_ERROR_CLOSED);
    for (unsigned i = 0; i < r->pending; i++)
        assert_of(row, resume(r, i, ehlo_accept()) == EHLO_ERROR_TOKEN);
    for (unsigned i = 0; i < 2; i++) {
        assert_of(row, ehlo_server_expire(r->s) == EHLO_ERROR_CLOSED);
        assert_of(row, ehlo_server_shutdown(r->s) == EHLO_ERROR_CLOSED);
        assert_of(row, ehlo_server_eof(r->s) == EHLO_OK);
        assert_of(row, ehlo_server_disconnected(r->s) == EHLO_OK);
    }
    assert_of(row, ehlo_server_timeout(r->s, NULL) == 0);
    ehlo_server_output(r->s, &length);
    assert_of(row, length == 0 && r->wire.length == 0);
    assert_of(row, memcmp(calls, r->calls, sizeof calls) == 0);
}

/* ---- before it has begun ---- */

static void test_a_session_may_end_before_it_was_started(void **state)
{
    static const uint32_t causes[ENDS] = {EHLO_CAUSE_TIMEOUT, EHLO_CAUSE_SHUTDOWN, EHLO_CAUSE_EOF,
                                          EHLO_CAUSE_DISCONNECTED};

    (void)state;
    for (unsigned how = 0; how < ENDS; how++) {
        struct recorder r;

        prepare(&r);
        make_session(&r);
        assert_int_equal(end(&r, (enum end)how), EHLO_OK);
        assert_int_equal(r.cause, causes[how]);
        assert_int_equal(r.calls[ON_CONNECT] + r.wire.length, 0);
        check_over(&r, end_names[how]);
        forget(&r);
    }
}

/* ---- while a decision is open ---- */

static bool in_transaction(enum hook hook)
{
    return hook >= ON_MAIL && hook <= ON_MESSAGE;
}

static const char *enhanced(enum hook hook, const char *code)
{
    return hook == ON_CONNECT || hook == ON_HELO ? "" : code;
}

/* R5321-4.5.3.2-2, R5321-3.8-2, R5321-4.1.1.5-2 */
static void check_end_of_pending(enum hook hook, enum end how)
{
    struct recorder r;
    char want[128] = "";
    const bool waits = how == END_OF_FILE || (how == SHUTDOWN && in_transaction(hook));

    prepare(&r);
    reach_hook(&r, hook);
    r.verdicts[hook] = ehlo_pending();
    call_hook(&r, hook);
    assert_of(hook_names[hook], end(&r, how) == EHLO_OK);
    assert_of(hook_names[hook], (r.calls[ON_CLOSE] == 0) == waits);
    if (waits) { /* goes on until the decision is made */
        assert_of(hook_names[hook], (wants_of(&r) & EHLO_WANT_DECISION) && end(&r, how) == EHLO_OK);
        assert_of(hook_names[hook], resume(&r, 0, ehlo_reply(EHLO_REPLY_GREYLISTED)) == EHLO_OK);
        strcpy(want, "451 ");
        if (hook == ON_BODY)
            strcpy(want, "");
    }
    if (how == SHUTDOWN && waits && r.calls[ON_CLOSE] == 0)
        feed(&r, hook == ON_BODY ? ".\r\n" : "RSET\r\n");
    if (how == EXPIRE)
        strcat(strcat(strcpy(want, "421 "), enhanced(hook, "4.4.2 ")), "Waited ");
    if (how == SHUTDOWN && !waits)
        strcat(strcat(strcpy(want, "421 "), enhanced(hook, "4.3.2 ")), "Server ");
    drain_all(&r);
    free(codes_of(&r.wire));
    assert_of(hook_names[hook], strncmp(r.wire.text, want, strlen(want)) == 0);
    assert_of(hook_names[hook], how != DISCONNECTED || r.wire.length == 0);
    assert_of(hook_names[hook],
              how != SHUTDOWN || strstr(r.wire.text, "Server is shutting down") != NULL);
    check_over(&r, hook_names[hook]);
    forget(&r);
}

static void test_a_session_may_end_while_any_decision_is_open(void **state)
{
    (void)state;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++)
        for (unsigned how = 0; how < ENDS; how++)
            check_end_of_pending((enum hook)hook, (enum end)how);
}

/* One 421 for all that is open, and for the line that waits behind it. */
static void test_expire_answers_all_that_is_open_once(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL);
    r.verdicts[ON_RCPT] = ehlo_pending();
    feed(&r, RCPT RCPT RCPT DATA);
    resume(&r, 1, ehlo_accept());
    assert_int_equal(ehlo_server_expire(r.s), EHLO_OK);
    assert_says(&r, "", "421 4.4.2 Waited too long, closing connection\r\n");
    assert_int_equal(r.done.recipients, 1);
    check_over(&r, "expire");
    forget(&r);
}

/* A hook may call for several ends; all are done when it has returned. */
static void end_twice(struct recorder *r, enum hook hook)
{
    if (hook != ON_RCPT)
        return;
    assert_int_equal(ehlo_server_shutdown(r->s), EHLO_OK);
    assert_int_equal(ehlo_server_eof(r->s), EHLO_OK);
}

static void disconnect_twice(struct recorder *r, enum hook hook)
{
    if (hook != ON_RCPT)
        return;
    assert_int_equal(ehlo_server_disconnected(r->s), EHLO_OK);
    assert_int_equal(ehlo_server_eof(r->s), EHLO_OK);
}

static void test_disconnected_and_eof_may_come_together(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL);
    r.inside = disconnect_twice;
    assert_codes(&r, RCPT, "");
    assert_int_equal(r.cause, EHLO_CAUSE_DISCONNECTED);
    check_over(&r, "disconnected and eof");
    forget(&r);
}

static void test_shutdown_and_eof_may_come_together(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL);
    r.inside = end_twice;
    assert_codes(&r, RCPT, "250");
    assert_int_equal(r.cause, EHLO_CAUSE_EOF);
    check_over(&r, "shutdown and eof");
    forget(&r);

    prepare(&r);
    greet_and(&r, EHLO MAIL);
    r.inside = end_twice;
    r.verdicts[ON_RCPT] = ehlo_pending();
    feed(&r, RCPT);
    assert_int_equal(r.calls[ON_CLOSE], 0);
    resume(&r, 0, ehlo_accept());
    assert_codes(&r, "", "250");
    check_over(&r, "shutdown and eof, later");
    forget(&r);
}

/* ---- the last reply ---- */

static void test_the_last_reply_has_a_wait_of_its_own(void **state)
{
    struct recorder r;
    uint32_t before;

    (void)state;
    prepare(&r);
    r.verdicts[ON_MAIL] = ehlo_pending();
    greet_and(&r, EHLO MAIL);
    before = epoch_of(&r);
    assert_int_equal(ehlo_server_expire(r.s), EHLO_OK);
    assert_int_not_equal(epoch_of(&r), before);
    assert_int_equal(ehlo_server_timeout(r.s, NULL), EHLO_DEFAULT_COMMAND_TIMEOUT);
    assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
    assert_int_equal(ehlo_server_expire(r.s), EHLO_OK); /* the peer does not read it */
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    check_over(&r, "expire twice");
    forget(&r);
}

static void test_disconnected_takes_the_last_reply_back(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    offer(&r, "QUIT\r\n", 6);
    assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
    assert_int_equal(ehlo_server_disconnected(r.s), EHLO_OK);
    assert_int_equal(r.cause, EHLO_CAUSE_QUIT);
    check_over(&r, "disconnected");
    forget(&r);
}

/* What was taken is answered, a kept line too, as the peer reads on. */
static void test_eof_finishes_what_was_taken(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    offer(&r, "NOOP\r\n", 6);
    assert_int_equal(offer(&r, "HELP\r\nNO", 8), 6); /* waits for an empty output */
    assert_int_equal(ehlo_server_eof(r.s), EHLO_OK);
    assert_int_equal(r.calls[ON_CLOSE], 0);
    drain_all(&r);
    assert_codes(&r, "", "250 214");
    assert_int_equal(r.cause, EHLO_CAUSE_EOF);
    check_over(&r, "eof");
    forget(&r);
}

/* ---- from inside the hooks ---- */

static enum hook caller;  /* the hook that calls */
static unsigned skip;     /* after so many calls of it */
static enum end how_ends; /* what it calls */

static void end_inside(struct recorder *r, enum hook hook)
{
    const int closed = info_of(r).state == EHLO_STATE_CLOSED;

    if (hook != caller || skip-- > 0)
        return;
    caller = HOOKS;
    if (how_ends == EXPIRE)
        assert_int_equal(ehlo_server_expire(r->s), EHLO_ERROR_IN_HOOK);
    else
        assert_int_equal(end(r, how_ends),
                         how_ends == SHUTDOWN && closed ? EHLO_ERROR_CLOSED : EHLO_OK);
    assert_int_equal(info_of(r).state == EHLO_STATE_CLOSED, closed); /* noted, not done */
}

/* Plays the session in which hook number `index` of its kind calls; returns whether one did. */
static bool play(struct recorder *r, enum hook hook, unsigned index, enum end how)
{
    prepare(r);
    r->config.decisions = 2;
    caller = hook;
    skip = index;
    how_ends = how;
    r->inside = end_inside;
    make_session(r);
    assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
    if (how == DISCONNECTED && caller == HOOKS)
        assert_int_equal(wants_of(r), EHLO_WANT_CLOSE);
    drain_all(r);
    play_all(r);
    if (how == END_OF_FILE)
        feed(r, "");
    return caller == HOOKS;
}

/* Deferred until the hook has returned, from any call of any hook. */
static void test_each_hook_may_end_the_session(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HOOKS * ENDS; i++) {
        const enum hook hook = (enum hook)(i / ENDS);
        const enum end how = (enum end)(i % ENDS);
        bool called = true;

        for (unsigned index = 0; called; index++) {
            struct recorder r;

            called = play(&r, hook, index, how);
            assert_of(hook_names[hook], called || index > 0);
            free(codes_of(&r.wire));
            assert_of(hook_names[hook], r.calls[ON_CLOSE] == 1);
            if (called && how == DISCONNECTED && hook != ON_CLOSE)
                assert_of(hook_names[hook],
                          r.cause == EHLO_CAUSE_DISCONNECTED || r.cause == EHLO_CAUSE_QUIT);
            check_over(&r, hook_names[hook]);
            forget(&r);
        }
    }
}

/* What goes on in a hook counts when the call that ran it returns, whichever that was. */
static void test_disconnected_in_on_close_leaves_no_output(void **state)
{
    (void)state;
    for (unsigned how = 0; how < ENDS + 2; how++) {
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO);
        caller = ON_CLOSE;
        skip = 0;
        how_ends = DISCONNECTED;
        r.inside = end_inside;
        if (how < ENDS) {
            offer(&r, "NOOP\r\n", 6);
            assert_int_equal(end(&r, (enum end)how), EHLO_OK);
        } else
            offer(&r, how == ENDS ? "QUIT\r\n" : "GET / HTTP/1.0\r\n", how == ENDS ? 6 : 16);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        check_over(&r, how < ENDS ? end_names[how] : "by a reply");
        forget(&r);
    }
}

/* The notice about an early talker is a hook like others, though nothing of its octets is taken. */
static void test_disconnected_in_the_trace_of_an_early_talker(void **state)
{
    (void)state;
    for (int pending = 0; pending < 2; pending++) {
        struct recorder r;

        prepare(&r);
        if (pending)
            r.verdicts[ON_CONNECT] = ehlo_pending();
        make_session(&r);
        ehlo_server_start(r.s, NULL);
        caller = ON_TRACE;
        skip = 0;
        how_ends = DISCONNECTED;
        r.inside = end_inside;
        offer(&r, "N", 1);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        check_over(&r, "early talker");
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_may_end_before_it_was_started),
        cmocka_unit_test(test_a_session_may_end_while_any_decision_is_open),
        cmocka_unit_test(test_expire_answers_all_that_is_open_once),
        cmocka_unit_test(test_disconnected_and_eof_may_come_together),
        cmocka_unit_test(test_shutdown_and_eof_may_come_together),
        cmocka_unit_test(test_the_last_reply_has_a_wait_of_its_own),
        cmocka_unit_test(test_disconnected_takes_the_last_reply_back),
        cmocka_unit_test(test_eof_finishes_what_was_taken),
        cmocka_unit_test(test_each_hook_may_end_the_session),
        cmocka_unit_test(test_disconnected_in_on_close_leaves_no_output),
        cmocka_unit_test(test_disconnected_in_the_trace_of_an_early_talker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
