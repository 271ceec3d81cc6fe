/*
 * Tests of lib/server/bdat.c: decisions that come later and ends of the session, at each point of a
 * message in chunks (RFC 3030).
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#define TO_RCPT EHLO MAIL RCPT

/* ---- decisions ---- */

/* It waits for open RCPTs like any other command, and its octets with it. */
static void test_a_chunk_waits_for_open_decisions(void **state)
{
    static const char input[] = RCPT "BDAT 6\r\nQUIT\r\nRSET\r\n";
    struct recorder r;
    size_t used;

    (void)state;
    prepare(&r);
    r.verdicts[ON_RCPT] = ehlo_pending();
    greet_and(&r, EHLO MAIL);
    used = feed(&r, input);
    assert_int_equal(used, sizeof RCPT "BDAT 6\r\n" - 1);
    resume(&r, 0, ehlo_accept());
    feed(&r, input + used);
    assert_codes(&r, "", "250 250 250");
    forget(&r);
}

/* Feeds all, and resumes whatever is pending when nothing goes on. */
static void feed_and_resume(struct recorder *r, const char *input, size_t piece,
                            struct ehlo_reply verdict, enum hook hook)
{
    const size_t length = strlen(input);
    size_t used = 0;
    unsigned resumed = 0;

    while (used < length || resumed < r->pending) {
        size_t left = length - used;

        used += feed_pieces(r, input + used, left < piece ? left : piece, piece);
        if (resumed < r->pending) {
            assert_int_equal(wants_of(r), EHLO_WANT_DECISION);
            assert_int_equal(offer(r, "x", 1), 0); /* nothing is read meanwhile */
            if (hook == ON_BODY && r->calls[ON_BODY] > 1)
                verdict = ehlo_accept();
            assert_int_equal(resume(r, resumed++, verdict), EHLO_OK);
        }
    }
}

/* RENG-3: at once or later, each hook gives the same at each cut. */
static void test_a_chunk_may_wait_for_each_decision(void **state)
{
    static const enum hook hooks[] = {ON_DATA, ON_BODY, ON_MESSAGE};
    static const char *const inputs[] = {
        "BDAT 3\r\nabcBDAT 0\r\nBDAT 2 LAST\r\nde" MAIL "RSET\r\n",
        "BDAT 5 LAST\r\nabcde" MAIL "RSET\r\n", "BDAT 0\r\nBDAT 0 LAST\r\n" MAIL "RSET\r\n",
        "BDAT 3\r\nab\rBDAT 1\r\n\nBDAT 1 LAST\r\n\r" MAIL
        "RSET\r\n", /* one octet more at the end */
    };
    static const unsigned ids[] = {EHLO_REPLY_ACCEPT, EHLO_REPLY_LOCAL_ERROR,
                                   EHLO_REPLY_SERVICE_BUSY, 0};

    (void)state;
    for (size_t i = 0; i < ROWS(hooks) * ROWS(inputs) * ROWS(ids); i++) {
        const enum hook hook = hooks[i % ROWS(hooks)];
        const char *input = inputs[i / ROWS(hooks) % ROWS(inputs)];
        const unsigned id = ids[i / ROWS(hooks) / ROWS(inputs)];
        const struct ehlo_reply verdict = id == EHLO_REPLY_ACCEPT ? ehlo_accept() : ehlo_reply(id);
        struct recorder plain;

        prepare(&plain);
        plain.config.bare_cr = EHLO_BARE_CR_ACCEPT;
        plain.verdicts[hook] = verdict;
        greet_and(&plain, TO_RCPT);
        feed(&plain, input);
        for (size_t piece = 1; piece <= strlen(input); piece++) {
            struct recorder r;

            prepare(&r);
            r.config.bare_cr = EHLO_BARE_CR_ACCEPT;
            r.config.decisions = 1 + (uint32_t)piece % 2;
            r.verdicts[hook] = ehlo_pending();
            greet_and(&r, TO_RCPT);
            feed_and_resume(&r, input, piece, verdict, hook);
            assert_octets_of(hook_names[hook], r.wire.text, r.wire.length, plain.wire.text,
                             plain.wire.length);
            if (hook != ON_BODY) /* a refused slice is longer or shorter with the cut */
                assert_string_equal(r.log.text, plain.log.text);
            forget(&r);
        }
        forget(&plain);
    }
}

/* ---- ends ---- */

enum end { END_OF_FILE, EXPIRE, SHUTDOWN, DISCONNECTED };

/* R5321-4.1.1.5-2, R5321-4.5.3.2-2, R5321-3.8-2: at each point of a message in chunks. */
static void test_the_end_may_come_at_each_point(void **state)
{
    static const struct {
        const char *name, *commands, *rest;
        enum end how;
        const char *codes;
        unsigned cause, outcome;
    } rows[] = {
        {"eof in a chunk", "BDAT 6\r\nQUI", "", END_OF_FILE, "", EHLO_CAUSE_EOF,
         EHLO_OUTCOME_ABORTED},
        {"eof between", "BDAT 1\r\nx", "", END_OF_FILE, "250", EHLO_CAUSE_EOF,
         EHLO_OUTCOME_ABORTED},
        {"eof in a refused one", "BDAT 6 x\r\nQUI", "", END_OF_FILE, "", EHLO_CAUSE_EOF,
         EHLO_OUTCOME_ABORTED},
        {"eof behind", "BDAT 1 LAST\r\nx", "", END_OF_FILE, "250", EHLO_CAUSE_EOF,
         EHLO_OUTCOME_TAKEN},
        {"expire in a chunk", "BDAT 6\r\nQUI", "T\r\n", EXPIRE, "421", EHLO_CAUSE_TIMEOUT,
         EHLO_OUTCOME_ABORTED},
        {"expire between", "BDAT 1\r\nx", "BDAT 0 LAST\r\n", EXPIRE, "250 421", EHLO_CAUSE_TIMEOUT,
         EHLO_OUTCOME_ABORTED},
        {"expire in a refused one", "BDAT 6 x\r\nQUI", "T\r\n", EXPIRE, "421", EHLO_CAUSE_TIMEOUT,
         EHLO_OUTCOME_ABORTED},
        {"shutdown in a chunk", "BDAT 6\r\nQUI", "T\r\nBDAT 1\r\nxBDAT 0 LAST\r\n", SHUTDOWN,
         "250 250 250 421", EHLO_CAUSE_SHUTDOWN, EHLO_OUTCOME_TAKEN},
        {"shutdown between", "BDAT 1\r\nx", "BDAT 0 LAST\r\n", SHUTDOWN, "250 250 421",
         EHLO_CAUSE_SHUTDOWN, EHLO_OUTCOME_TAKEN},
        {"shutdown in the last", "BDAT 2 LAST\r\nx", "y", SHUTDOWN, "250 421", EHLO_CAUSE_SHUTDOWN,
         EHLO_OUTCOME_TAKEN},
        {"shutdown in a refused one", "BDAT 6 x\r\nQUI", "T\r\nBDAT 1 LAST\r\nx", SHUTDOWN,
         "501 503 421", EHLO_CAUSE_SHUTDOWN, EHLO_OUTCOME_REFUSED},
        {"shutdown and RSET", "BDAT 6 x\r\nQUI", "T\r\nRSET\r\n", SHUTDOWN, "501 250 421",
         EHLO_CAUSE_SHUTDOWN, EHLO_OUTCOME_ABORTED},
        {"disconnected in a chunk", "BDAT 6\r\nQUI", "T\r\n", DISCONNECTED, "",
         EHLO_CAUSE_DISCONNECTED, EHLO_OUTCOME_ABORTED},
        {"disconnected in a refused one", "BDAT 6 x\r\nQUI", "T\r\n", DISCONNECTED, "",
         EHLO_CAUSE_DISCONNECTED, EHLO_OUTCOME_ABORTED},
    };
    static int (*const ends[])(struct ehlo_server *) = {
        ehlo_server_eof, ehlo_server_expire, ehlo_server_shutdown, ehlo_server_disconnected};

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        greet_and(&r, TO_RCPT);
        feed(&r, rows[i].commands);
        assert_of(rows[i].name, ends[rows[i].how](r.s) == EHLO_OK);
        drain_all(&r);
        feed(&r, rows[i].rest);
        check_codes(&r, "", rows[i].codes, rows[i].name, (int)i);
        assert_of(rows[i].name, wants_of(&r) == EHLO_WANT_CLOSE && r.cause == rows[i].cause);
        assert_of(rows[i].name, r.calls[ON_DONE] == 1 && r.done.outcome == rows[i].outcome);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chunk_waits_for_open_decisions),
        cmocka_unit_test(test_a_chunk_may_wait_for_each_decision),
        cmocka_unit_test(test_the_end_may_come_at_each_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
