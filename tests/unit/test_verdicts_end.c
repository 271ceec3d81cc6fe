/*
 * Tests of lib/server/verdicts.c: what cuts the verdicts for each recipient short (the end of the
 * session, 421 to one of them), decisions made inside of hooks, and on_reply (RFC 2033 4.2, 5).
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdicts_support.h"

/* ---- the session ends among them ---- */

static int (*const ends[])(struct ehlo_server *) = {ehlo_server_expire, ehlo_server_disconnected,
                                                    ehlo_server_eof, ehlo_server_shutdown};
static const unsigned causes[] = {EHLO_CAUSE_TIMEOUT, EHLO_CAUSE_DISCONNECTED, EHLO_CAUSE_EOF,
                                  EHLO_CAUSE_SHUTDOWN};

/* Three recipients, of whom so many were decided and told. */
static void check_end(size_t how, unsigned told, bool prdr)
{
    const struct plan plan = {
        .recipients = 3, .slots = 8, .pattern = "a", .order = LATER, .prdr = prdr};
    const bool waits = how >= 2; /* the decisions are still made */
    /* in PRDR nothing is taken before the final reply is said */
    const unsigned taken = waits ? 3 : prdr ? 0 : told;
    struct recorder r;
    char row[64], want[64] = "";

    snprintf(row, sizeof row, "end %zu, %u told, %s", how, told, prdr ? "PRDR" : "LMTP");
    begin_plan(&r, &plan);
    feed(&r, "x\r\n.\r\n");
    for (unsigned i = 0; i < told; i++)
        resume(&r, i, ehlo_accept());
    assert_of(row, ends[how](r.s) == EHLO_OK);
    drain_all(&r);
    assert_of(row, (r.calls[ON_CLOSE] == 0) == waits);
    for (unsigned i = told; i < 3; i++)
        assert_of(row, resume(&r, i, ehlo_accept()) == (waits ? EHLO_OK : EHLO_ERROR_TOKEN));
    strcat(want, prdr ? "353 " : "");
    for (unsigned i = 0; i < (waits ? 3 : told); i++)
        strcat(want, "250 ");
    strcat(want, waits && prdr ? "250 " : "");
    strcat(want, how == 0 || how == 3 ? "421 " : "");
    if (want[0] != '\0')
        want[strlen(want) - 1] = '\0';
    check_codes(&r, "NOOP\r\n", want, row, 0);
    assert_of(row, r.calls[ON_CLOSE] == 1 && r.calls[ON_DONE] == 1 && r.cause == causes[how]);
    assert_of(row, r.done.taken == taken);
    assert_of(row, r.done.outcome == (waits       ? EHLO_OUTCOME_TAKEN
                                      : taken > 0 ? EHLO_OUTCOME_PARTLY
                                                  : EHLO_OUTCOME_ABORTED));
    assert_of(row, r.done.cause == (waits ? EHLO_CAUSE_COMPLETED : causes[how]));
    forget(&r);
}

/* What was said of a recipient stays said, the rest is void. */
static void test_the_end_leaves_what_was_said(void **state)
{
    (void)state;
    for (size_t how = 0; how < ROWS(ends); how++)
        for (unsigned told = 0; told < 3; told++) {
            check_end(how, told, false);
            check_end(how, told, true);
        }
}

/* What the host accepted but nobody was told is not taken: the client will come again. */
static void test_an_acceptance_that_was_not_said_is_void(void **state)
{
    const struct plan plan = {.recipients = 3, .slots = 8, .pattern = "a", .order = LATER};

    (void)state;
    for (size_t how = 0; how < 2; how++) {
        struct recorder r;

        begin_plan(&r, &plan);
        feed(&r, "x\r\n.\r\n");
        resume(&r, 1, ehlo_accept());
        resume(&r, 2, ehlo_accept());
        assert_int_equal(r.wire.length, 0);
        assert_int_equal(ends[how](r.s), EHLO_OK);
        assert_codes(&r, "", how == 0 ? "421" : "");
        assert_int_equal(r.done.taken, 0);
        assert_int_equal(r.done.outcome, EHLO_OUTCOME_ABORTED);
        forget(&r);
    }
}

/* ---- 421 and the close flag for one recipient ---- */

/* Replies before it are said, none behind it. */
static void check_421(const char *pattern, const char *codes, unsigned taken, unsigned asked,
                      enum order order, bool prdr)
{
    const struct plan plan = {
        .recipients = 3, .slots = 8, .pattern = pattern, .order = order, .prdr = prdr};
    struct recorder r;
    char row[64], want[64];

    snprintf(row, sizeof row, "%s, order %u, %s", pattern, (unsigned)order, prdr ? "PRDR" : "LMTP");
    strcat(strcpy(want, prdr ? "353 " : ""), codes);
    begin_plan(&r, &plan);
    run_plan(&r, &plan, SIZE_MAX);
    check_codes(&r, "NOOP\r\n", want, row, 0);
    assert_of(row, wants_of(&r) == EHLO_WANT_CLOSE && r.cause == EHLO_CAUSE_HOST);
    assert_of(row, r.calls[ON_DONE] == 1 && r.done.taken == taken);
    if (order == AT_ONCE)
        assert_of(row, r.calls[ON_MESSAGE] == asked);
    if (taken == 0)
        assert_of(row,
                  r.done.outcome == EHLO_OUTCOME_ABORTED || r.done.outcome == EHLO_OUTCOME_REFUSED);
    else
        assert_of(row, r.done.outcome == EHLO_OUTCOME_PARTLY ||
                           (r.done.outcome == EHLO_OUTCOME_TAKEN && taken == 3));
    forget(&r);
}

static void test_a_reply_that_closes_is_the_last_one(void **state)
{
    static const struct {
        const char *pattern, *codes;
        unsigned taken, asked;
    } rows[] = {
        {"caa", "421", 0, 1},     {"aca", "250 421", 1, 2}, {"aac", "250 250 421", 2, 3},
        {"pca", "554 421", 0, 2}, {"Aaa", "250", 1, 1},     {"aAa", "250 250", 2, 2},
        {"cca", "421", 0, 1},     {"acc", "250 421", 1, 2}, {"aaA", "250 250 250", 3, 3},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (unsigned order = 0; order < ORDERS; order++) {
            check_421(rows[i].pattern, rows[i].codes, rows[i].taken, rows[i].asked,
                      (enum order)order, false);
            /* in PRDR the final reply is missing, so nothing is taken */
            check_421(rows[i].pattern, rows[i].codes, 0, rows[i].asked, (enum order)order, true);
        }
}

/* Nobody is asked any more once a reply that closes stands in the queue, behind an open one. */
static void pend_first(struct recorder *r, enum hook hook)
{
    if (hook == ON_MESSAGE)
        r->verdicts[ON_MESSAGE] =
            r->calls[ON_MESSAGE] == 1 ? ehlo_pending() : ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
}

static void test_behind_a_reply_that_closes_nobody_is_asked(void **state)
{
    const struct plan plan = {.recipients = 5, .slots = 8, .pattern = "a"};
    struct recorder r;

    (void)state;
    begin_plan(&r, &plan);
    r.inside = pend_first;
    feed(&r, "x\r\n.\r\n");
    assert_int_equal(r.calls[ON_MESSAGE], 2);
    assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
    resume(&r, 0, ehlo_accept());
    assert_codes(&r, "", "250 421");
    assert_int_equal(r.calls[ON_MESSAGE], 2);
    assert_int_equal(r.done.taken, 1);
    forget(&r);
}

/* ---- decisions inside of hooks ---- */

static enum hook resumer;

/* Each call of this hook decides the oldest that is open. */
static void resume_inside(struct recorder *r, enum hook hook)
{
    static unsigned next;

    decide_plan(r, hook);
    if (r->calls[ON_MESSAGE] == 0)
        next = 0;
    if (hook == resumer && next < r->pending &&
        ehlo_server_resume(r->s, r->tokens[next], verdict_at(plan_now, plan_numbers[next])) ==
            EHLO_OK)
        next++;
}

static void test_a_hook_may_decide_on_other_recipients(void **state)
{
    static const enum hook hooks[] = {ON_MESSAGE, ON_REPLY, ON_TRACE};

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(hooks); i++)
        for (unsigned slots = 1; slots <= 8; slots++) {
            const struct plan plan = {.recipients = 12,
                                      .slots = slots,
                                      .pattern = "aptl",
                                      .order = SOME_LATER,
                                      .prdr = i % 2};
            struct recorder r;
            char want[512];

            begin_plan(&r, &plan);
            resumer = hooks[i / 2];
            r.inside = resume_inside;
            offer(&r, "x\r\n.\r\n", 6);
            for (unsigned rounds = 0; rounds < 100 && r.calls[ON_DONE] == 0; rounds++) {
                drain(&r, 100);
                for (unsigned j = 0; j < r.pending; j++)
                    ehlo_server_resume(r.s, r.tokens[j], verdict_at(&plan, plan_numbers[j]));
            }
            drain_all(&r);
            codes_of_plan(&plan, want);
            check_codes(&r, "", want, hook_names[resumer], (int)slots);
            assert_int_equal(r.calls[ON_MESSAGE], 12);
            assert_int_equal(r.done.taken, 6);
            forget(&r);
        }
}

/* ---- on_reply ---- */

/* 5yz becomes 4yz on the wire; what is told of the transaction is the host's own verdict. */
static void bounce_softly(struct recorder *r, enum hook hook)
{
    decide_plan(r, hook);
    if (hook == ON_REPLY && r->reply->code == 554)
        *r->reply = ehlo_reply_custom(450, "4.7.1", "later");
    if (hook == ON_REPLY && r->reply->code == 250)
        r->reply->phrase = ehlo_text("fine");
}

static void test_on_reply_sees_each_of_them(void **state)
{
    struct plan plan = {.recipients = 3, .slots = 8, .pattern = "ap"};

    (void)state;
    for (int prdr = 0; prdr < 2; prdr++) {
        struct recorder r;
        unsigned before;

        plan.prdr = prdr;
        begin_plan(&r, &plan);
        before = r.calls[ON_REPLY];
        r.inside = bounce_softly;
        feed(&r, "x\r\n.\r\n");
        assert_non_null(
            strstr(r.wire.text, "250 2.1.5 fine\r\n450 4.7.1 later\r\n250 2.1.5 fine\r\n"));
        assert_codes(&r, "", prdr ? "353 250 450 250 250" : "250 450 250");
        assert_int_equal(r.done.taken, 2);
        assert_int_equal(r.calls[ON_REPLY] - before, prdr ? 5 : 3);
        forget(&r);
    }
}

/* A shutdown waits for the message, and behind it nothing else begins. */
static void test_a_shutdown_waits_for_all_recipients(void **state)
{
    const struct plan plan = {.recipients = 2, .slots = 8, .pattern = "p", .order = LATER};
    struct recorder r;

    (void)state;
    begin_plan(&r, &plan);
    feed(&r, "x\r\n");
    assert_int_equal(ehlo_server_shutdown(r.s), EHLO_OK);
    feed(&r, ".\r\n");
    resume(&r, 1, verdict_at(&plan, 1));
    resume(&r, 0, verdict_at(&plan, 0));
    assert_codes(&r, MAIL, "554 554 421");
    assert_int_equal(r.done.cause, EHLO_CAUSE_COMPLETED);
    assert_int_equal(r.cause, EHLO_CAUSE_SHUTDOWN);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_end_leaves_what_was_said),
        cmocka_unit_test(test_an_acceptance_that_was_not_said_is_void),
        cmocka_unit_test(test_a_reply_that_closes_is_the_last_one),
        cmocka_unit_test(test_behind_a_reply_that_closes_nobody_is_asked),
        cmocka_unit_test(test_a_hook_may_decide_on_other_recipients),
        cmocka_unit_test(test_on_reply_sees_each_of_them),
        cmocka_unit_test(test_a_shutdown_waits_for_all_recipients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
