/*
 * Tests of lib/server/rcpt.c: the limits of RFC 9422; and several decisions open at once: the order
 * of replies, the limits of what may be open, what waits behind them, calls from inside hooks
 * (R2920-3.2-1, RENG-3).
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* Begins a transaction in which RCPTs are left pending. */
static void begin(struct recorder *r)
{
    greet_and(r, EHLO MAIL);
    r->verdicts[ON_RCPT] = ehlo_pending();
}

/* ---- order ---- */

/* Number `index` of the 24 orders of four. */
static void make_order(unsigned index, unsigned order[4])
{
    unsigned left[4] = {0, 1, 2, 3};

    for (unsigned i = 0; i < 4; i++) {
        const unsigned pick = index % (4 - i);

        index /= 4 - i;
        order[i] = left[pick];
        for (unsigned j = pick; j < 3; j++)
            left[j] = left[j + 1];
    }
}

static void test_replies_keep_the_order_of_the_commands(void **state)
{
    static const char *const replies[] = {"250 2.1.5 Recipient accepted\r\n",
                                          "550 5.1.1 <b> User unknown; rejecting\r\n",
                                          "451-4.7.1 two\r\n451 4.7.1 lines\r\n",
                                          "251 2.1.5 User not local, will forward to <d@e>\r\n"};

    (void)state;
    for (unsigned index = 0; index < 24; index++) {
        const struct ehlo_reply verdicts[] = {
            ehlo_accept(), ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, ehlo_text("<b>")),
            ehlo_reply_custom(451, "4.7.1", "two\nlines"),
            ehlo_reply_about(EHLO_REPLY_RECIPIENT_FORWARDED, ehlo_text("<d@e>"))};
        struct recorder r;
        unsigned order[4], shown = 0;
        bool decided[4] = {false};

        make_order(index, order);
        prepare(&r);
        begin(&r);
        assert_says(&r, RCPT RCPT RCPT RCPT, "");
        assert_int_equal(r.pending, 4);
        for (unsigned i = 0; i < 4; i++) {
            char want[256] = "";

            assert_int_equal(resume(&r, order[i], verdicts[order[i]]), EHLO_OK);
            decided[order[i]] = true;
            for (; shown < 4 && decided[shown]; shown++)
                strcat(want, replies[shown]);
            assert_note(&r.wire, want);
        }
        assert_int_equal(info_of(&r).recipients, 2);
        assert_codes(&r, DATA ".\r\n", "354 250");
        assert_int_equal(r.done.recipients, 2);
        forget(&r);
    }
}

/* Refusals by the engine and verdicts at once stand in the same queue. */
static void test_replies_of_the_engine_wait_for_their_turn(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    begin(&r);
    feed(&r, RCPT "RCPT TO:<\r\n");
    r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_USER_UNKNOWN);
    feed(&r, RCPT);
    r.verdicts[ON_RCPT] = ehlo_pending();
    assert_says(&r, RCPT "RCPT TO:<e@f.example> FOO\r\n", "");
    assert_int_equal(info_of(&r).errors, 2);
    assert_int_equal(resume(&r, 1, ehlo_accept()), EHLO_OK);
    assert_note(&r.wire, "");
    assert_int_equal(resume(&r, 0, ehlo_reply(EHLO_REPLY_GREYLISTED)), EHLO_OK);
    assert_codes(&r, "", "451 501 550 250 555");
    forget(&r);
}

static void test_numbers_count_what_reached_the_hook(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    begin(&r);
    feed(&r, "RCPT TO:<0@d.example>\r\nRCPT TO:<\r\nRCPT TO: <1@d.example>\r\n");
    assert_note(&r.log, "rcpt:0/0 to:<0@d.example> reply:207/501 rcpt:1/1 to:<1@d.example> ");
    resume(&r, 1, ehlo_accept());
    resume(&r, 0, ehlo_reply(EHLO_REPLY_USER_UNKNOWN));
    assert_int_equal(info_of(&r).recipients, 1);
    assert_int_equal(info_of(&r).state, EHLO_STATE_RCPT);
    assert_int_equal(r.calls[ON_RCPT], 2);
    forget(&r);
}

/* ---- how many may be open ---- */

static void test_as_many_are_open_as_were_configured(void **state)
{
    static const uint32_t rows[] = {1, 2, 3, 0, 9, 60};

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const uint32_t most = rows[i] != 0 ? rows[i] : EHLO_DEFAULT_DECISIONS;
        struct recorder r;

        prepare(&r);
        r.config.decisions = rows[i];
        r.config.output_size = 8192;
        begin(&r);
        for (uint32_t open = 1; open <= most; open++) {
            assert_true(wants_of(&r) & EHLO_WANT_READ);
            assert_int_equal(offer(&r, RCPT RCPT, sizeof RCPT RCPT - 1),
                             open < most ? 2 * sizeof RCPT - 2 : sizeof RCPT - 1);
            open += open < most;
        }
        assert_int_equal(r.pending, most);
        assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
        assert_int_equal(offer(&r, RCPT, sizeof RCPT - 1), 0);
        if (most > 1) { /* a reply that waits for its turn keeps its slot */
            assert_int_equal(resume(&r, most - 1, ehlo_accept()), EHLO_OK);
            assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
        }
        assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_OK);
        assert_int_equal(offer(&r, RCPT, sizeof RCPT - 1), sizeof RCPT - 1);
        assert_int_equal(r.pending, most + 1);
        forget(&r);
    }
}

/* R5321-4.5.3.1-7: as if each open one were accepted; reading goes on when one is not. */
static void test_open_ones_count_towards_the_recipient_limit(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.few_recipients = true;
    r.config.max_recipients = 3;
    greet_and(&r, EHLO MAIL RCPT);
    r.verdicts[ON_RCPT] = ehlo_pending();
    assert_int_equal(feed(&r, RCPT), sizeof RCPT - 1);
    assert_true(wants_of(&r) & EHLO_WANT_READ);
    assert_int_equal(feed(&r, RCPT), sizeof RCPT - 1);
    assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
    assert_int_equal(offer(&r, RCPT, sizeof RCPT - 1), 0);
    assert_int_equal(resume(&r, 1, ehlo_reply(EHLO_REPLY_USER_UNKNOWN)), EHLO_OK);
    assert_int_equal(feed(&r, RCPT), sizeof RCPT - 1);
    assert_int_equal(resume(&r, 2, ehlo_accept()), EHLO_OK);
    assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
    assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_OK);
    assert_codes(&r, RCPT, "250 550 250 452");
    assert_int_equal(info_of(&r).recipients, 3);
    forget(&r);
}

/* The line that was taken may be no RCPT: it waits, and nothing behind it is read. */
static void test_any_other_line_waits_until_all_are_decided(void **state)
{
    static const struct {
        const char *line, *codes;
    } rows[] = {
        {DATA, "354"},         {"NOOP\r\n", "250"},   {"QUIT\r\n", "221"},
        {"RSET\r\n", "250"},   {EHLO, "250"},         {"HELO c.example\r\n", "250"},
        {MAIL, "503"},         {"VRFY a\r\n", "252"}, {"HELP\r\n", "214"},
        {"FOO\r\n", "250"},    {"TURN\r\n", "502"},   {"\r\n", "500"},
        {"NO\nOP\r\n", "500"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;
        char batch[128];
        size_t used;

        snprintf(batch, sizeof batch, RCPT RCPT "%s" RCPT, rows[i].line);
        prepare(&r);
        begin(&r);
        used = feed(&r, batch);
        assert_of(rows[i].line, used == strlen(batch) - strlen(RCPT));
        assert_of(rows[i].line, wants_of(&r) == EHLO_WANT_DECISION && r.pending == 2);
        assert_int_equal(resume(&r, 1, ehlo_accept()), EHLO_OK);
        assert_of(rows[i].line, wants_of(&r) == EHLO_WANT_DECISION && r.wire.length == 0);
        assert_int_equal(resume(&r, 0, ehlo_reply(EHLO_REPLY_USER_UNKNOWN)), EHLO_OK);
        snprintf(batch, sizeof batch, "550 250 %s", rows[i].codes);
        assert_codes(&r, "", batch);
        forget(&r);
    }
}

/* A whole batch in one call: nothing is lost, and all comes in order (R2920-3.2-6). */
static void test_a_batch_goes_on_by_itself_as_decisions_come_in(void **state)
{
    static const char batch[] = RCPT RCPT RCPT DATA "text\r\n.\r\nQUIT\r\n";
    struct recorder r;
    size_t used;

    (void)state;
    prepare(&r);
    r.config.decisions = 2;
    begin(&r);
    used = feed(&r, batch);
    assert_int_equal(used, 2 * (sizeof RCPT - 1));
    resume(&r, 0, ehlo_accept());
    used += feed(&r, batch + used);
    assert_int_equal(used, sizeof RCPT RCPT RCPT - 1);
    resume(&r, 2, ehlo_accept());
    resume(&r, 1, ehlo_accept());
    used += feed(&r, batch + used);
    assert_int_equal(used, sizeof batch - 1);
    assert_codes(&r, "", "250 250 250 354 250 221");
    assert_note(&r.body, "text\r\n");
    forget(&r);
}

/* ---- room ---- */

/* Leaves about so many octets in the output, by replies of 30 octets. */
static void fill_output(struct recorder *r, size_t unsent)
{
    size_t length;

    for (;;) {
        ehlo_server_output(r->s, &length);
        if (length >= unsent || offer(r, RCPT, sizeof RCPT - 1) == 0)
            return;
    }
}

static unsigned count_codes(const struct note *wire)
{
    char *codes = codes_of(wire);
    const unsigned count = (unsigned)(strlen(codes) + 1) / 4;

    free(codes);
    return count;
}

/* R5321-4.2-1: whatever is in the output, each RCPT that is read finds room for its reply, be its
 * text as long as it likes, in whatever order, and one of them closing. */
static void check_room(size_t unsent, size_t length, unsigned order, unsigned closing)
{
    struct recorder r;
    char *words = malloc(length + 1);
    unsigned said, open;

    assert_non_null(words);
    memset(words, 'x', length);
    words[length] = '\0';
    prepare(&r);
    greet_and(&r, EHLO MAIL);
    fill_output(&r, unsent);
    said = r.calls[ON_RCPT];
    r.verdicts[ON_RCPT] = ehlo_pending();
    while (offer(&r, RCPT, sizeof RCPT - 1) > 0)
        continue;
    open = r.pending;
    for (unsigned i = 0; i < open; i++) {
        const unsigned number = order == 0 ? i : order == 1 ? open - 1 - i : (i + open / 2) % open;
        const unsigned code = number == closing ? 421 : 550;

        assert_int_equal(
            ehlo_server_resume(r.s, r.tokens[number], ehlo_reply_custom(code, "5.1.1", words)),
            number > closing && info_of(&r).state == EHLO_STATE_CLOSED ? EHLO_ERROR_TOKEN
                                                                       : EHLO_OK);
    }
    drain_all(&r);
    assert_int_equal(count_codes(&r.wire), said + (closing < open ? closing + 1 : open));
    assert_int_equal(wants_of(&r), closing < open ? EHLO_WANT_CLOSE : EHLO_WANT_READ);
    free(words);
    forget(&r);
}

static void test_each_open_one_has_room_for_its_reply(void **state)
{
    static const size_t lengths[] = {1, 60, 70, 71, 72, 300, 2000};

    (void)state;
    for (size_t unsent = 0; unsent < 1000; unsent += 29)
        for (size_t i = 0; i < ROWS(lengths); i++)
            for (unsigned order = 0; order < 3; order++)
                for (unsigned closing = 0; closing < 9; closing += 2)
                    check_room(unsent, lengths[i], order, closing);
}

/* What is behind the reply that closes would never be answered. */
static void test_nothing_is_read_behind_a_reply_that_closes(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    begin(&r);
    feed(&r, RCPT RCPT);
    assert_int_equal(resume(&r, 1, ehlo_reply(EHLO_REPLY_SERVICE_BUSY)), EHLO_OK);
    assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
    assert_int_equal(offer(&r, RCPT, sizeof RCPT - 1), 0);
    assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_OK);
    assert_codes(&r, RCPT, "250 421");
    assert_int_equal(r.calls[ON_RCPT], 2);
    assert_int_equal(r.done.recipients, 1);
    forget(&r);
}

/* ---- calls from inside hooks ---- */

/* on_rcpt (4) makes the three decisions before its own, in an order that is not theirs. */
static void decide_others(struct recorder *r, enum hook hook)
{
    static const unsigned order[] = {1, 2, 0};

    if (hook != ON_RCPT || r->calls[ON_RCPT] != 4)
        return;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ehlo_server_resume(r->s, r->tokens[order[i]],
                                            ehlo_reply_custom(250, "2.1.5", &"012"[order[i]])),
                         EHLO_OK);
    assert_int_equal(info_of(r).recipients, 0); /* is committed when the hook has returned */
}

static void test_a_hook_may_make_other_decisions(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    begin(&r);
    r.inside = decide_others;
    feed(&r, RCPT RCPT RCPT);
    r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_USER_UNKNOWN);
    assert_says(&r, RCPT,
                "250 2.1.5 012\r\n250 2.1.5 12\r\n250 2.1.5 2\r\n"
                "550 5.1.1 User unknown; rejecting\r\n");
    assert_int_equal(info_of(&r).recipients, 3);
    forget(&r);
}

/* Makes decision 0 the first time that a trace with this reason is told while it is open. */
static uint32_t reason;

static void decide_in_trace(struct recorder *r, enum hook hook)
{
    if (hook != ON_TRACE || r->trace->reason != reason || r->pending < 2)
        return;
    reason = 0;
    assert_int_equal(ehlo_server_resume(r->s, r->tokens[0], ehlo_reply(EHLO_REPLY_GREYLISTED)),
                     EHLO_OK);
}

static void test_a_trace_may_make_a_decision(void **state)
{
    static const uint32_t reasons[] = {EHLO_TRACE_REPLY, EHLO_TRACE_STATE};

    (void)state;
    for (size_t i = 0; i < ROWS(reasons); i++) {
        struct recorder r;

        prepare(&r);
        begin(&r);
        r.inside = decide_in_trace;
        feed(&r, RCPT RCPT);
        reason = reasons[i];
        assert_int_equal(ehlo_server_resume(r.s, r.tokens[1], ehlo_accept()), EHLO_OK);
        assert_int_equal(wants_of(&r), EHLO_WANT_READ | EHLO_WANT_WRITE);
        drain(&r, SIZE_MAX);
        assert_note(&r.wire, "451 4.7.1 Greylisted, try again later\r\n"
                             "250 2.1.5 Recipient accepted\r\n");
        forget(&r);
    }
}

static void decide_in_reply(struct recorder *r, enum hook hook)
{
    if (hook == ON_REPLY && r->pending == 2 && r->reply->code == 250)
        ehlo_server_resume(r->s, r->tokens[0], ehlo_reply(EHLO_REPLY_GREYLISTED));
}

static void test_a_look_at_a_reply_may_make_a_decision(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    begin(&r);
    r.inside = decide_in_reply;
    feed(&r, RCPT RCPT);
    assert_int_equal(resume(&r, 1, ehlo_accept()), EHLO_OK);
    assert_codes(&r, "", "451 250");
    forget(&r);
}

/* Long texts of decisions made while another RCPT is in hand leave that one its room. */
static void decide_both_at_length(struct recorder *r, enum hook hook)
{
    char text[600];

    if (r->pending != 2 || r->verdicts[ON_RCPT].id == EHLO_REPLY_PENDING ||
        (hook == ON_TRACE && r->trace->reason != reason) || (hook != ON_TRACE && hook != ON_REPLY))
        return;
    if (hook == ON_REPLY && (reason != 0 || r->reply->code != 250))
        return;
    r->inside = NULL;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            ehlo_server_resume(r->s, r->tokens[i], ehlo_reply_custom(550, "5.7.1", text)), EHLO_OK);
}

static void test_decisions_in_a_hook_leave_room_for_the_command_in_hand(void **state)
{
    static const uint32_t moments[] = {EHLO_TRACE_COMMAND, 0}; /* 0: in on_reply */

    (void)state;
    for (size_t i = 0; i < ROWS(moments); i++) {
        struct recorder r;

        prepare(&r);
        begin(&r);
        feed(&r, RCPT RCPT);
        r.verdicts[ON_RCPT] = ehlo_accept();
        r.inside = decide_both_at_length;
        reason = moments[i];
        feed(&r, RCPT);
        assert_null(r.inside);
        assert_codes(&r, "", "550 550 250");
        forget(&r);
    }
}

/* ---- limits that were told (RFC 9422) ---- */

/* R9422-4-1: RCPTMAX counts each RCPT, refused ones too, where it is told; else what was accepted.
 */
static void test_what_was_told_counts_attempts(void **state)
{
    static const struct {
        const char *name, *helo, *codes;
        uint32_t extensions, traced;
    } rows[] = {
        {"told", EHLO, "501 550 555 452 452", EHLO_EXTENSION_LIMITS, 2},
        {"not told", EHLO, "501 550 555 250 250", 0, 0},
        {"told to nobody", "HELO c.example\r\n", "501 550 555 250 250", EHLO_EXTENSION_LIMITS, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;
        char *codes;

        prepare(&r);
        r.config.extensions = rows[i].extensions;
        r.config.few_recipients = true;
        r.config.max_recipients = 3;
        greet_and(&r, rows[i].helo);
        feed(&r, MAIL);
        clear_note(&r.wire);
        feed(&r, "RCPT TO:<\r\n");
        r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_USER_UNKNOWN);
        feed(&r, RCPT "RCPT TO:<c@d.example> FOO\r\n");
        r.verdicts[ON_RCPT] = ehlo_accept();
        feed(&r, RCPT RCPT);
        codes = codes_of(&r.wire);
        assert_slice_of(rows[i].name, ehlo_text(codes), rows[i].codes);
        assert_of(rows[i].name, r.reasons[EHLO_TRACE_RECIPIENT_LIMIT] == rows[i].traced);
        free(codes);
        forget(&r);
    }
}

/* The next transaction counts from 0; these refusals cost no error point. */
static void test_attempts_are_those_of_one_transaction(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.extensions = EHLO_EXTENSION_LIMITS;
    r.config.few_recipients = true;
    r.config.max_recipients = 2;
    greet_and(&r, EHLO MAIL);
    assert_says(&r, RCPT RCPT RCPT,
                "250 2.1.5 Recipient accepted\r\n250 2.1.5 Recipient accepted\r\n"
                "452 4.5.3 Too many recipients\r\n");
    assert_int_equal(info_of(&r).errors, 0);
    assert_codes(&r, "RSET\r\n" MAIL RCPT RCPT RCPT, "250 250 250 250 452");
    forget(&r);
}

/* R9422-4-1: RCPTDOMAINMAX counts the domains of the session, those of refused RCPTs too. */
static void test_domains_are_those_of_the_session(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.max_recipient_domains = 2;
    greet_and(&r, EHLO MAIL);
    assert_codes(&r, RCPT "RCPT TO:<x@D.Example>\r\nRCPT TO:<postmaster>\r\n", "250 250 250");
    r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_USER_UNKNOWN);
    assert_codes(&r, "RCPT TO:<c@two.example>\r\n", "550");
    r.verdicts[ON_RCPT] = ehlo_accept();
    assert_says(&r, "RCPT TO:<c@three.example>\r\n", "452 4.5.3 Too many recipient domains\r\n");
    assert_int_equal(r.reasons[EHLO_TRACE_DOMAIN_LIMIT], 1);
    assert_int_equal(r.numbers[EHLO_TRACE_DOMAIN_LIMIT], 2);
    assert_int_equal(info_of(&r).errors, 0);
    assert_codes(&r, "RSET\r\n" MAIL "RCPT TO:<c@three.example>\r\n" RCPT, "250 250 452 250");
    assert_int_equal(r.calls[ON_RCPT], 5);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_told_counts_attempts),
        cmocka_unit_test(test_attempts_are_those_of_one_transaction),
        cmocka_unit_test(test_domains_are_those_of_the_session),
        cmocka_unit_test(test_replies_keep_the_order_of_the_commands),
        cmocka_unit_test(test_replies_of_the_engine_wait_for_their_turn),
        cmocka_unit_test(test_numbers_count_what_reached_the_hook),
        cmocka_unit_test(test_as_many_are_open_as_were_configured),
        cmocka_unit_test(test_open_ones_count_towards_the_recipient_limit),
        cmocka_unit_test(test_any_other_line_waits_until_all_are_decided),
        cmocka_unit_test(test_a_batch_goes_on_by_itself_as_decisions_come_in),
        cmocka_unit_test(test_each_open_one_has_room_for_its_reply),
        cmocka_unit_test(test_nothing_is_read_behind_a_reply_that_closes),
        cmocka_unit_test(test_a_hook_may_make_other_decisions),
        cmocka_unit_test(test_a_trace_may_make_a_decision),
        cmocka_unit_test(test_a_look_at_a_reply_may_make_a_decision),
        cmocka_unit_test(test_decisions_in_a_hook_leave_room_for_the_command_in_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
