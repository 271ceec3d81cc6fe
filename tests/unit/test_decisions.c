/*
 * Tests of lib/server/decisions.c: every code as the verdict of every hook, verdicts that are none,
 * decisions at once and later, tokens. Several open RCPTs are in test_rcpt.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* ---- verdicts ---- */

/* The positive codes that each hook may answer with (R5321-4.3.2-1). */
static const struct {
    unsigned low, high;
} positive[DECIDING_HOOKS] = {
    [ON_CONNECT] = {220, 220}, [ON_HELO] = {250, 250},     [ON_MAIL] = {250, 250},
    [ON_RCPT] = {250, 251},    [ON_DATA] = {354, 354},     [ON_BODY] = {250, 250},
    [ON_MESSAGE] = {250, 250}, [ON_VRFY] = {250, 252},     [ON_EXPN] = {250, 252},
    [ON_HELP] = {211, 214},    [ON_COMMAND] = {200, 299},  [ON_STARTTLS] = {220, 220},
    [ON_AUTH] = {235, 235},    [ON_SASL] = {235, 235},     [ON_ETRN] = {250, 253},
    [ON_XCLIENT] = {220, 220}, [ON_XFORWARD] = {250, 250},
};

/* Whether the session did what follows a positive verdict. */
static bool has_taken(const struct recorder *r, enum hook hook)
{
    const struct ehlo_server_info info = info_of(r);

    switch (hook) {
    case ON_CONNECT:
        return info.state == EHLO_STATE_FRESH;
    case ON_HELO:
        return (info.flags & EHLO_INFO_HELO) != 0;
    case ON_STARTTLS:
        return info.state == EHLO_STATE_TLS;
    case ON_AUTH:
    case ON_SASL:
        return (info.flags & EHLO_INFO_AUTHENTICATED) != 0;
    case ON_XCLIENT:
        return info.state == EHLO_STATE_FRESH && (info.flags & EHLO_INFO_HELO) == 0;
    case ON_XFORWARD:
        return (info.flags & EHLO_INFO_FORWARDED) != 0;
    case ON_MAIL:
        return info.state == EHLO_STATE_MAIL && (info.flags & EHLO_INFO_TRANSACTION);
    case ON_RCPT:
        return info.recipients == 1 && info.state == EHLO_STATE_RCPT;
    case ON_DATA:
        return info.state == EHLO_STATE_CONTENT;
    case ON_BODY:
    case ON_MESSAGE:
        return info.messages == 1 && r->done.outcome == EHLO_OUTCOME_TAKEN && r->done.taken == 1;
    default:
        return false;
    }
}

static bool takes_something(enum hook hook)
{
    return hook <= ON_MESSAGE || hook == ON_XCLIENT || hook == ON_XFORWARD;
}

/* Gives a verdict at once, or leaves the decision pending and resumes it. */
static void decide(struct recorder *r, enum hook hook, struct ehlo_reply verdict, bool later)
{
    reach_hook(r, hook);
    r->verdicts[hook] = later ? ehlo_pending() : verdict;
    call_hook(r, hook);
    if (!later)
        return;
    assert_int_equal(r->pending, 1);
    assert_int_equal(r->wire.length, 0);
    assert_int_equal(resume(r, 0, verdict), EHLO_OK);
    if (hook == ON_BODY) /* the end of the content waited outside */
        feed(r, occasions[hook].trigger + 3);
}

static void check_code(enum hook hook, unsigned code, bool later)
{
    const bool good = code >= positive[hook].low && code <= positive[hook].high;
    struct recorder r;
    char row[64], want[4];

    snprintf(row, sizeof row, "%u from %s%s", code, hook_names[hook], later ? ", later" : "");
    snprintf(want, sizeof want, "%u", code);
    if (!good && code < 400)
        strcpy(want, hook == ON_CONNECT ? "421" : "451");
    prepare(&r);
    decide(&r, hook, ehlo_reply_custom(code, NULL, "a@b.example"), later);
    assert_of(row, r.reasons[EHLO_TRACE_HOST_FAULT] == (!good && code < 400));
    assert_of(row, has_taken(&r, hook) == (good && takes_something(hook)));
    assert_of(row, strncmp(r.wire.text, want, 3) == 0);
    assert_codes(&r, "", want); /* and no further reply */
    forget(&r);
}

/* R5321-4.2-3, R5321-4.2.5-1: what is out of place is never an accept. */
static void test_each_code_of_each_hook_is_taken_or_becomes_a_fault(void **state)
{
    (void)state;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++)
        for (unsigned code = 200; code < 560; code++)
            if (code / 10 % 10 <= 5) {
                check_code((enum hook)hook, code, false);
                check_code((enum hook)hook, code, true);
            }
}

static const struct ehlo_reply no_verdicts[] = {
    {.id = 0},
    {.id = EHLO_REPLY_CHALLENGE, .code = 250},
    {.id = EHLO_REPLY_CHALLENGE, .phrase = {"334", 3}},
    {.id = 1004, .code = 250},
    {.id = UINT16_MAX, .code = 250},
    {.id = 999},
    {.id = EHLO_REPLY_MESSAGE_OK},
    {.code = 199},
    {.code = 600},
    {.code = 260},
    {.code = 25},
    {.code = UINT16_MAX},
    {.code = 250, .enhanced = {2, 0, 1000, 0}},
    {.code = 250, .enhanced = {2, 0, 0, 1000}},
    {.code = 550, .enhanced = {5, 0, UINT16_MAX, 0}},
    {.flags = EHLO_REPLY_FLAG_CLOSE},
};

static void check_no_verdict(enum hook hook, const struct ehlo_reply *verdict, bool later)
{
    struct recorder r;

    prepare(&r);
    decide(&r, hook, *verdict, later);
    assert_of(hook_names[hook], !has_taken(&r, hook));
    assert_of(hook_names[hook], r.reasons[EHLO_TRACE_HOST_FAULT] == 1);
    assert_of(hook_names[hook], r.numbers[EHLO_TRACE_HOST_FAULT] == verdict->id);
    assert_says(&r, "",
                hook == ON_CONNECT ? "421 Internal fault, closing connection\r\n"
                : hook == ON_HELO  ? "451 No valid decision was made, try again later\r\n"
                                   : "451 4.3.0 No valid decision was made, try again later\r\n");
    forget(&r);
}

static void test_what_is_no_verdict_becomes_a_fault_in_each_hook(void **state)
{
    (void)state;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++)
        for (size_t i = 0; i < ROWS(no_verdicts); i++) {
            if (hook == ON_SASL && no_verdicts[i].id == EHLO_REPLY_CHALLENGE)
                continue; /* here it is one */
            check_no_verdict((enum hook)hook, &no_verdicts[i], false);
            check_no_verdict((enum hook)hook, &no_verdicts[i], true);
        }
}

static void test_a_closing_verdict_closes_when_its_reply_is_sent(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4 * DECIDING_HOOKS; i++) {
        const enum hook hook = (enum hook)(i / 4);
        const bool accepted = i % 2 == 0, later = i / 2 % 2 != 0;
        struct recorder r;

        if (hook == ON_BODY && accepted)
            continue; /* has no reply */
        prepare(&r);
        decide(&r, hook,
               ehlo_reply_closing(accepted ? ehlo_accept() : ehlo_reply(EHLO_REPLY_GREYLISTED)),
               later);
        assert_of(hook_names[hook], wants_of(&r) == EHLO_WANT_CLOSE);
        assert_of(hook_names[hook], r.cause == EHLO_CAUSE_HOST);
        assert_of(hook_names[hook], info_of(&r).messages == (accepted && hook == ON_MESSAGE));
        assert_codes(&r, "NOOP\r\n", accepted ? occasions[hook].accepted : "451");
        forget(&r);
    }
}

/* ---- at once and later give the same ---- */

static const struct ehlo_reply *answers(size_t *count)
{
    static struct ehlo_reply list[5];

    list[0] = ehlo_accept();
    list[1] = ehlo_reply(EHLO_REPLY_GREYLISTED);
    list[2] = ehlo_reply_about(EHLO_REPLY_INVALID_FORWARD, ehlo_text("bob"));
    list[3] = ehlo_reply(EHLO_REPLY_SERVICE_BUSY); /* closes */
    list[4] = ehlo_reply_custom(550, "5.7.1", "words\nof the\nhost");
    *count = ROWS(list);
    return list;
}

/* RENG-3; the verdict's text may die with the call that brought it. */
static void test_a_decision_may_be_made_later_in_each_hook(void **state)
{
    size_t count;
    const struct ehlo_reply *list = answers(&count);

    (void)state;
    for (size_t i = 0; i < DECIDING_HOOKS * count; i++) {
        const enum hook hook = (enum hook)(i / count);
        struct recorder at_once, later;

        prepare(&at_once);
        prepare(&later);
        decide(&at_once, hook, list[i % count], false);
        decide(&later, hook, list[i % count], true);
        assert_octets_of(hook_names[hook], later.wire.text, later.wire.length, at_once.wire.text,
                         at_once.wire.length);
        assert_of(hook_names[hook], strcmp(later.log.text, at_once.log.text) == 0);
        assert_of(hook_names[hook], info_of(&later).state == info_of(&at_once).state);
        forget(&at_once);
        forget(&later);
    }
}

static void test_while_a_decision_is_open_nothing_is_read(void **state)
{
    (void)state;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++) {
        struct recorder r;

        prepare(&r);
        reach_hook(&r, (enum hook)hook);
        r.verdicts[hook] = ehlo_pending();
        call_hook(&r, (enum hook)hook);
        if (hook == ON_RCPT)
            assert_int_equal(wants_of(&r), EHLO_WANT_READ | EHLO_WANT_DECISION);
        else if (hook != ON_CONNECT) /* there whoever talks is noticed */
            assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
        if (hook != ON_RCPT)
            assert_int_equal(offer(&r, "NOOP\r\n", 6), 0);
        assert_int_equal(r.wire.length, 0);
        forget(&r);
    }
}

static void test_pending_is_no_verdict_when_resumed(void **state)
{
    (void)state;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++) {
        struct recorder r;

        prepare(&r);
        reach_hook(&r, (enum hook)hook);
        r.verdicts[hook] = ehlo_pending();
        call_hook(&r, (enum hook)hook);
        assert_int_equal(resume(&r, 0, ehlo_pending()), EHLO_ERROR_ARGUMENT);
        assert_true(wants_of(&r) & EHLO_WANT_DECISION); /* it is as open as before */
        assert_int_equal(resume(&r, 0, ehlo_reply(EHLO_REPLY_GREYLISTED)), EHLO_OK);
        forget(&r);
    }
}

/* ---- tokens ---- */

static void expect_token(struct recorder *r, enum hook hook)
{
    const ehlo_token token = ehlo_server_token(r->s);

    assert_of(hook_names[hook], (token != 0) == (hook < DECIDING_HOOKS));
}

static void test_a_token_is_there_in_hooks_that_decide_and_nowhere_else(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.inside = expect_token;
    make_session(&r);
    assert_true(ehlo_server_token(r.s) == 0);
    ehlo_server_start(r.s, NULL);
    assert_true(ehlo_server_token(r.s) == 0);
    drain(&r, SIZE_MAX);
    play_all(&r);
    assert_true(ehlo_server_token(r.s) == 0);
    for (unsigned hook = 0; hook < HOOKS; hook++)
        assert_of(hook_names[hook], r.calls[hook] > 0);
    forget(&r);
}

/* on_reply runs inside on_rcpt here: it is not asked for anything. */
static void resume_first(struct recorder *r, enum hook hook)
{
    if (hook == ON_RCPT && r->calls[ON_RCPT] == 2)
        assert_int_equal(ehlo_server_resume(r->s, r->tokens[0], ehlo_accept()), EHLO_OK);
    if (hook >= DECIDING_HOOKS)
        assert_true(ehlo_server_token(r->s) == 0);
}

static void test_a_hook_inside_a_hook_has_no_token(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL);
    r.verdicts[ON_RCPT] = ehlo_pending();
    r.inside = resume_first;
    assert_codes(&r, RCPT RCPT, "250");
    forget(&r);
}

static void test_a_token_names_the_session_and_the_decision(void **state)
{
    static const struct ehlo_peer peer = {EHLO_PEER_DEFAULTS, .serial = 0x80000001};
    struct recorder r;

    (void)state;
    prepare(&r);
    make_session(&r);
    ehlo_server_start(r.s, &peer);
    drain(&r, SIZE_MAX);
    feed(&r, EHLO MAIL);
    r.s->number = UINT32_MAX - 1;
    r.verdicts[ON_RCPT] = ehlo_pending();
    feed(&r, RCPT RCPT RCPT);
    assert_true(r.tokens[0] == 0x80000001ffffffff);
    assert_true(r.tokens[1] == 0x8000000100000001); /* never 0, the upper half may be */
    assert_true(r.tokens[2] == 0x8000000100000002);
    for (unsigned i = 3; i-- > 0;)
        assert_int_equal(resume(&r, i, ehlo_accept()), EHLO_OK);
    assert_codes(&r, "", "220 250 250 250 250 250");
    forget(&r);
}

/* Nothing that is wrong with a token changes anything. */
static void test_a_token_is_good_for_one_decision_of_one_session(void **state)
{
    static const struct ehlo_peer one = {EHLO_PEER_DEFAULTS, .serial = 1};
    static const struct ehlo_peer two = {EHLO_PEER_DEFAULTS, .serial = 2};
    struct recorder r, other;

    (void)state;
    prepare(&r);
    prepare(&other);
    r.verdicts[ON_MAIL] = other.verdicts[ON_MAIL] = ehlo_pending();
    make_session(&r);
    make_session(&other);
    ehlo_server_start(r.s, &one);
    ehlo_server_start(other.s, &two);
    drain(&r, SIZE_MAX);
    drain(&other, SIZE_MAX);
    feed(&r, EHLO MAIL);
    feed(&other, EHLO MAIL);
    clear_note(&r.wire);
    assert_int_equal(ehlo_server_resume(r.s, 0, ehlo_accept()), EHLO_ERROR_TOKEN);
    assert_int_equal(ehlo_server_resume(r.s, other.tokens[0], ehlo_accept()), EHLO_ERROR_TOKEN);
    assert_int_equal(ehlo_server_resume(r.s, r.tokens[0] + 1, ehlo_accept()), EHLO_ERROR_TOKEN);
    assert_int_equal(ehlo_server_resume(r.s, r.tokens[0] - 1, ehlo_accept()), EHLO_ERROR_TOKEN);
    assert_int_equal(ehlo_server_resume(r.s, (uint32_t)r.tokens[0], ehlo_accept()),
                     EHLO_ERROR_TOKEN);
    assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
    assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_OK);
    assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_ERROR_TOKEN); /* twice */
    assert_codes(&r, "", "250");
    assert_codes(&r, "RSET\r\n", "250");
    assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_ERROR_TOKEN); /* late */
    assert_codes(&r, "", "");
    forget(&r);
    forget(&other);
}

/* ---- resumed inside a hook ---- */

static enum hook chosen;               /* resumes itself */
static const struct ehlo_reply *inner; /* with this */

static void resume_itself(struct recorder *r, enum hook hook)
{
    const ehlo_token token = ehlo_server_token(r->s);

    if (hook != chosen)
        return;
    assert_int_equal(ehlo_server_resume(r->s, token, ehlo_pending()), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_resume(r->s, token, *inner), EHLO_OK);
    assert_int_equal(ehlo_server_resume(r->s, token, ehlo_accept()), EHLO_ERROR_TOKEN);
}

/* It counts as the hook's verdict; what the hook returns is ignored. */
static void test_a_hook_may_resume_itself(void **state)
{
    size_t count;
    const struct ehlo_reply *list = answers(&count);

    (void)state;
    for (size_t i = 0; i < 3 * DECIDING_HOOKS * count; i++) {
        const enum hook hook = (enum hook)(i / 3 / count);
        const struct ehlo_reply returned[] = {ehlo_accept(), ehlo_pending(),
                                              ehlo_reply(EHLO_REPLY_LOCAL_ERROR)};
        struct recorder plain, r;

        prepare(&plain);
        decide(&plain, hook, list[i / 3 % count], false);
        prepare(&r);
        reach_hook(&r, hook);
        chosen = hook;
        inner = &list[i / 3 % count];
        r.verdicts[hook] = returned[i % 3];
        r.inside = resume_itself;
        call_hook(&r, hook);
        assert_octets_of(hook_names[hook], r.wire.text, r.wire.length, plain.wire.text,
                         plain.wire.length);
        assert_of(hook_names[hook], !(wants_of(&r) & EHLO_WANT_DECISION));
        forget(&plain);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_code_of_each_hook_is_taken_or_becomes_a_fault),
        cmocka_unit_test(test_what_is_no_verdict_becomes_a_fault_in_each_hook),
        cmocka_unit_test(test_a_closing_verdict_closes_when_its_reply_is_sent),
        cmocka_unit_test(test_a_decision_may_be_made_later_in_each_hook),
        cmocka_unit_test(test_while_a_decision_is_open_nothing_is_read),
        cmocka_unit_test(test_pending_is_no_verdict_when_resumed),
        cmocka_unit_test(test_a_token_is_there_in_hooks_that_decide_and_nowhere_else),
        cmocka_unit_test(test_a_hook_inside_a_hook_has_no_token),
        cmocka_unit_test(test_a_token_names_the_session_and_the_decision),
        cmocka_unit_test(test_a_token_is_good_for_one_decision_of_one_session),
        cmocka_unit_test(test_a_hook_may_resume_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
