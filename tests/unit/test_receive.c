/*
 * Tests of lib/server/receive.c: cuts, octets before the greeting, an output that is full, lines
 * that have to wait (RENG-1, RFC 2920 3.2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

/* ---- cuts ---- */

static const char dialogue[] =
    EHLO "NOOP\r\n" MAIL RCPT RCPT "HELP\r\nRSET\r\n" MAIL RCPT
         "RCPT TO:<\r\nVRFY a\r\nFOO\r\n" EHLO MAIL RCPT DATA
         "..a\r\nb\r\n.\r\nHELP\r\nBDAT 7\r\nQUIT\r\n.\r\nNO\nOP\r\n\r\nRSET\r\n" MAIL RCPT DATA
         "a\nb\r\n.\r\nHELO c.example\r\nQUIT\r\nNOOP\r\n";

static void play(struct recorder *r, struct cuts cuts)
{
    const size_t length = sizeof dialogue - 1;
    size_t used = 0;

    prepare(r);
    greet_and(r, "");
    while (used < length) {
        const size_t piece = next_piece(&cuts, length - used);

        assert_int_equal(feed_pieces(r, dialogue + used, piece, piece), piece);
        used += piece;
    }
    free(codes_of(&r->wire));
}

/* RENG-1: cut between any two octets, or everywhere: the same hooks, replies, octets of content. */
static void test_every_cut_gives_the_same(void **state)
{
    struct recorder whole;

    (void)state;
    play(&whole, make_cuts(sizeof dialogue - 1, sizeof dialogue - 1));
    assert_int_equal(whole.cause, EHLO_CAUSE_QUIT);
    for (size_t i = 0; i < CUTS_OF(sizeof dialogue - 1); i++) {
        struct recorder r;

        play(&r, make_cuts(i, sizeof dialogue - 1));
        assert_octets_of("wire", r.wire.text, r.wire.length, whole.wire.text, whole.wire.length);
        assert_octets_of("log", r.log.text, r.log.length, whole.log.text, whole.log.length);
        assert_octets_of("body", r.body.text, r.body.length, whole.body.text, whole.body.length);
        forget(&r);
    }
    forget(&whole);
}

/* R5321-2.4-6: half a line does nothing. */
static void test_nothing_happens_before_the_end_of_a_line(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, "");
    assert_says(&r, "EHLO c.example\r", "");
    assert_int_equal(r.log.length, 0);
    assert_codes(&r, "\n", "250");
    forget(&r);
}

/* RSEC-PIPE-3, RENG-5 */
static void test_octets_behind_the_end_are_taken_and_ignored(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, "");
    assert_int_equal(offer(&r, "QUIT\r\nNOOP\r\n", 12), 12);
    assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
    assert_int_equal(offer(&r, "NOOP\r\n", 6), 6);
    assert_codes(&r, "", "221");
    assert_int_equal(offer(&r, "NOOP\r\n", 6), 6);
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    assert_int_equal(r.calls[ON_REPLY], 1 + 1); /* greeting and 221 */
    forget(&r);
}

/* ---- octets before the greeting was sent ---- */

/* RSEC-EARLY-1: the policies, with the greeting decided and unsent, and with on_connect pending. */
static void test_early_talkers_are_treated_as_configured(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        const uint8_t policy = (uint8_t)(i / 2);
        const bool pending = i % 2 != 0;
        struct recorder r;

        prepare(&r);
        r.config.early = policy;
        if (pending)
            r.verdicts[ON_CONNECT] = ehlo_pending();
        make_session(&r);
        ehlo_server_start(r.s, NULL);
        if (pending) { /* are noticed, not taken */
            assert_true(wants_of(&r) & EHLO_WANT_READ);
            assert_int_equal(offer(&r, "NOOP\r\n", 6), 0);
            assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
            assert_int_equal(offer(&r, "NOOP\r\n", 6), 0);
            assert_int_equal(ehlo_server_resume(r.s, r.tokens[0], ehlo_accept()), EHLO_OK);
            assert_int_equal(r.calls[ON_CLOSE], policy == EHLO_EARLY_REFUSE);
        }
        offer(&r, "NOOP\r\n", 6);
        assert_codes(&r, "", policy == EHLO_EARLY_REFUSE ? "554" : "220 250");
        assert_int_equal(r.reasons[EHLO_TRACE_EARLY_TALKER], policy != EHLO_EARLY_IGNORE);
        assert_int_equal(wants_of(&r),
                         policy == EHLO_EARLY_REFUSE ? EHLO_WANT_CLOSE : EHLO_WANT_READ);
        assert_int_equal(r.cause, policy == EHLO_EARLY_REFUSE ? EHLO_CAUSE_PROTOCOL : 0);
        forget(&r);
    }
}

/* One octet of the greeting on its way is enough: what comes then may be an answer to it. */
static void test_who_talks_when_the_greeting_is_being_sent_is_not_early(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    make_session(&r);
    ehlo_server_start(r.s, NULL);
    drain(&r, 1);
    offer(&r, "NOOP\r\n", 6);
    assert_codes(&r, "", "220 250");
    forget(&r);
}

/* ---- an output that is full ---- */

/* Plays 200 RCPTs and the dialogue; sends `step` octets whenever nothing is taken any more. */
static void play_slowly(struct recorder *r, size_t piece, size_t step)
{
    struct note batch = {NULL, 0, 0};
    size_t used = 0, sent;

    add_note(&batch, EHLO MAIL, sizeof EHLO MAIL - 1);
    for (unsigned i = 0; i < 200; i++)
        add_note(&batch, i % 10 == 3 ? "RCPT TO:<\r\n" : RCPT, i % 10 == 3 ? 11 : sizeof RCPT - 1);
    add_note(&batch, "RSET\r\n", 6);
    add_note(&batch, dialogue, sizeof dialogue - 1);
    do {
        size_t left = batch.length - used;

        while (used < batch.length && wants_of(r) & (EHLO_WANT_READ | EHLO_WANT_CLOSE)) {
            const size_t length = left < piece ? left : piece;

            used += offer(r, batch.text + used, length);
            left = batch.length - used;
        }
        sent = drain(r, step);
    } while (sent > 0);
    assert_int_equal(used, batch.length);
    free(batch.text);
}

/* RENG-1, R2920-3.2-1, -2, -6 */
static void test_slow_readers_get_the_same_octets(void **state)
{
    static const size_t steps[] = {1, 7, 31, 512, SIZE_MAX}, pieces[] = {1, 13, SIZE_MAX};
    struct note first = {NULL, 0, 0};

    (void)state;
    for (size_t i = 0; i < ROWS(steps) * ROWS(pieces); i++) {
        struct recorder r;

        prepare(&r);
        r.config.output_size = i % 2 ? 1024 : 3000;
        r.config.max_errors = 1000;
        greet_and(&r, "");
        play_slowly(&r, pieces[i / ROWS(steps)], steps[i % ROWS(steps)]);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        if (i == 0)
            add_note(&first, r.wire.text, r.wire.length);
        assert_octets_of("wire", r.wire.text, r.wire.length, first.text, first.length);
        forget(&r);
    }
    free(first.text);
}

/* One octet less and there would be no room for a whole line: "250 2.0.0 Nothing done" has 24. */
static void test_reading_stops_when_a_line_might_not_fit(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.output_size = 1024;
    greet_and(&r, EHLO MAIL);
    for (unsigned i = 0; i < 16; i++)
        offer(&r, "NOOP\r\n", 6);
    assert_int_equal(wants_of(&r), EHLO_WANT_WRITE | EHLO_WANT_READ); /* 1024 - 128 - 512 unsent */
    offer(&r, "NOOP\r\n", 6);
    assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
    drain_all(&r);

    r.verdicts[ON_RCPT] = ehlo_pending();
    for (unsigned i = 0; i < 14; i++)
        offer(&r, "NOOP\r\n", 6);
    for (unsigned i = 0; i < 6; i++)
        offer(&r, RCPT, sizeof RCPT - 1);
    assert_true(wants_of(&r) & EHLO_WANT_READ); /* 1024 - 128 - 336 - 6 * 80 are 80 */
    offer(&r, RCPT, sizeof RCPT - 1);
    assert_int_equal(wants_of(&r), EHLO_WANT_WRITE | EHLO_WANT_DECISION);
    assert_int_equal(r.pending, 7);
    forget(&r);
}

static void test_a_list_waits_for_an_empty_output(void **state)
{
    static const char *const lists[] = {EHLO, "HELP\r\n", "VRFY a\r\n", "EXPN a\r\n", "FOO\r\n"};

    (void)state;
    for (size_t i = 0; i < ROWS(lists); i++) {
        struct recorder r;
        size_t length;

        prepare(&r);
        greet_and(&r, "");
        offer(&r, "NOOP\r\n", 6);
        assert_int_equal(offer(&r, lists[i], strlen(lists[i])), strlen(lists[i])); /* taken, kept */
        assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
        ehlo_server_output(r.s, &length);
        drain(&r, length - 1);
        assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
        drain(&r, 1);
        ehlo_server_output(r.s, &length);
        assert_of(lists[i], length > 0);
        assert_int_equal(wants_of(&r), EHLO_WANT_WRITE | EHLO_WANT_READ);
        forget(&r);
    }
}

/* The 128 octets: wherever a session stands and whatever is unsent, its last word is whole. */
static void test_the_last_word_always_fits(void **state)
{
    static const char *const last = "421 4.4.2 Waited too long, closing connection\r\n";
    struct note batch = {NULL, 0, 0};

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        add_note(&batch, i % 3 ? RCPT : "NOOP\r\n", i % 3 ? sizeof RCPT - 1 : 6);
    for (size_t length = 0; length <= batch.length; length++)
        for (int pending = 0; pending < 2; pending++) {
            struct recorder r;

            prepare(&r);
            greet_and(&r, EHLO MAIL);
            for (size_t used = 0, taken = 1; taken > 0 && used < length; used += taken) {
                if (pending && used > length / 2)
                    r.verdicts[ON_RCPT] = ehlo_pending();
                taken = offer(&r, batch.text + used, length - used < 50 ? length - used : 50);
            }
            assert_int_equal(ehlo_server_expire(r.s), EHLO_OK);
            drain_all(&r);
            free(codes_of(&r.wire));
            assert_true(r.wire.length >= strlen(last));
            assert_string_equal(r.wire.text + r.wire.length - strlen(last), last);
            forget(&r);
        }
    free(batch.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_gives_the_same),
        cmocka_unit_test(test_nothing_happens_before_the_end_of_a_line),
        cmocka_unit_test(test_octets_behind_the_end_are_taken_and_ignored),
        cmocka_unit_test(test_early_talkers_are_treated_as_configured),
        cmocka_unit_test(test_who_talks_when_the_greeting_is_being_sent_is_not_early),
        cmocka_unit_test(test_slow_readers_get_the_same_octets),
        cmocka_unit_test(test_reading_stops_when_a_line_might_not_fit),
        cmocka_unit_test(test_a_list_waits_for_an_empty_output),
        cmocka_unit_test(test_the_last_word_always_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
