/*
 * Tests of lib/server/host_verbs.c: verbs of the configuration, when they may come, and those that
 * bring content, alone and among chunks (RFC 4468 3 has such a one). The rows themselves are in
 * test_host_rows.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

static const struct ehlo_verb host_verbs[] = {
    {.verb = "XPLAIN", .flags = 0},
    {.verb = "XEARLY", .flags = EHLO_VERB_EARLY},
    {.verb = "XIN", .flags = EHLO_VERB_TRANSACTION},
    {.verb = "XIDLE", .flags = EHLO_VERB_IDLE},
    {.verb = "XBURL", .flags = EHLO_VERB_CHUNK},
    {.verb = "XEND", .flags = EHLO_VERB_LAST},
    {.verb = NULL},
};

static void prepare_verbs(struct recorder *r)
{
    prepare(r);
    r->config.verbs = host_verbs;
}

#define TO_RCPT EHLO MAIL RCPT

/* ---- when ---- */

static const char *const places[] = {"",
                                     EHLO,
                                     EHLO "MAIL FROM:<\r\n",
                                     EHLO MAIL,
                                     EHLO MAIL "RCPT TO:<\r\n",
                                     TO_RCPT,
                                     TO_RCPT "BDAT 1\r\nx",
                                     TO_RCPT "BDAT 0 x\r\n"};

/* A letter for each place: Y allowed; H HELO required, S bad sequence, each with an error point; s
 * bad sequence and n no valid recipient, without one. */
static const struct {
    const char *line, *cells;
} when[] = {
    {"XPLAIN a\r\n", "HYYYYYYY"}, {"XEARLY a\r\n", "YYYYYYYY"}, {"XIN a\r\n", "HSsYYYSS"},
    {"XIDLE a\r\n", "HYYSSSSS"},  {"XBURL a\r\n", "HSsSnYYs"},  {"XEND a\r\n", "HYYYYYYY"},
    {"xplain a\r\n", "HYYYYYYY"},
};

static void test_each_verb_comes_where_its_row_allows_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(when) * ROWS(places); i++) {
        const char cell = when[i / ROWS(places)].cells[i % ROWS(places)];
        const char *place = places[i % ROWS(places)];
        struct recorder r;
        char row[64];
        unsigned errors;

        snprintf(row, sizeof row, "%.6s in place %zu", when[i / ROWS(places)].line,
                 i % ROWS(places));
        prepare_verbs(&r);
        greet_and(&r, place);
        errors = info_of(&r).errors;
        check_codes(&r, when[i / ROWS(places)].line, cell == 'Y' ? "250" : "503", row, 0);
        assert_of(row, (r.calls[ON_COMMAND] == 1) == (cell == 'Y'));
        assert_of(row, info_of(&r).errors == errors + (cell == 'H' || cell == 'S'));
        assert_of(row, (strstr(r.log.text, "reply:16/") != NULL) == (cell == 'H'));
        assert_of(row, (strstr(r.log.text, "reply:210/") != NULL) == (cell == 'n'));
        forget(&r);
    }
}

/* The gates of all verbs hold for them too. */
static void test_the_gates_hold_for_host_verbs(void **state)
{
    static const struct ehlo_tls weak = {EHLO_TLS_DEFAULTS, .too_weak = true};
    struct recorder r;

    (void)state;
    prepare_verbs(&r);
    r.config.require_tls = true;
    greet_and(&r, EHLO);
    assert_codes(&r, "XPLAIN\r\nXEARLY\r\n", "530 530");
    feed(&r, "STARTTLS\r\n");
    ehlo_server_tls_started(r.s, &weak);
    clear_note(&r.wire);
    assert_codes(&r, "XPLAIN\r\nXEARLY\r\n", "554 554");
    forget(&r);

    prepare_verbs(&r);
    r.config.require_auth = true;
    greet_and(&r, EHLO);
    assert_codes(&r, "XPLAIN\r\n" PLAIN "XPLAIN\r\n", "530 235 250");
    assert_codes(&r, "XPLAIN a\x01\r\n", "501");
    assert_codes(&r, "XPLAIN a\x7f\r\n", "501");
    assert_codes(&r, "XPLAIN a\n\r\n", "500");
    assert_int_equal(r.calls[ON_COMMAND], 1);
    forget(&r);

    prepare_verbs(&r);
    r.verdicts[ON_CONNECT] = ehlo_reply(EHLO_REPLY_CONNECTION_DENIED);
    greet_and(&r, "");
    assert_codes(&r, "XEARLY\r\nXPLAIN\r\n", "503 503");
    assert_int_equal(info_of(&r).errors, 0);
    forget(&r);
}

/* RFC 2920 3.1: only a row that says so must be the last of its group. */
static void test_host_verbs_may_be_pipelined(void **state)
{
    struct recorder r;

    (void)state;
    prepare_verbs(&r);
    r.config.pipelining = EHLO_PIPELINING_REFUSE;
    greet_and(&r, EHLO);
    assert_codes(&r, "XPLAIN a\r\nXPLAIN b\r\nRSET\r\n", "250 250 250");
    assert_codes(&r, "XEND a\r\n", "250");
    assert_codes(&r, "XEND a\r\nRSET\r\n", "554");
    forget(&r);
}

/* ---- content from elsewhere ---- */

/* R3030-2-4, R3030-2-5: together with BDAT, and with its failures. */
static const struct {
    const char *name, *commands, *codes, *body;
    unsigned id, outcome; /* of on_command's verdict, or 0; outcome 0: no transaction has ended */
} contents[] = {
    {"alone", "XBURL a LAST\r\n" MAIL, "250 250", "", 0, EHLO_OUTCOME_TAKEN},
    {"any case", "xburl a last\r\n" MAIL, "250 250", "", 0, EHLO_OUTCOME_TAKEN},
    {"two", "XBURL a\r\nXBURL b LAST\r\n" MAIL, "250 250 250", "", 0, EHLO_OUTCOME_TAKEN},
    {"before a chunk", "XBURL a\r\nBDAT 7 LAST\r\n..a\r\n\r\n" MAIL, "250 250 250", "..a\r\n\r\n",
     0, EHLO_OUTCOME_TAKEN},
    {"before what ends DATA", "XBURL a\r\nBDAT 9 LAST\r\n\r\n.\r\nabcd" MAIL, "250 250 250",
     "\r\n.\r\nabcd", 0, EHLO_OUTCOME_TAKEN},
    {"between", "BDAT 3\r\na\r\nXBURL x\r\nBDAT 3 LAST\r\nb\r\n" MAIL, "250 250 250 250",
     "a\r\nb\r\n", 0, EHLO_OUTCOME_TAKEN},
    {"behind", "BDAT 3\r\na\r\nXBURL x LAST\r\n" MAIL, "250 250 250", "a\r\n", 0,
     EHLO_OUTCOME_TAKEN},
    {"empty chunk", "XBURL x\r\nBDAT 0 LAST\r\n" MAIL, "250 250 250", "", 0, EHLO_OUTCOME_TAKEN},
    {"a fault behind", "XBURL x\r\nBDAT 3 LAST\r\na\nb" MAIL, "250 550 250", "a", 0,
     EHLO_OUTCOME_REFUSED},
    {"a fault before", "BDAT 3\r\na\nbXBURL x LAST\r\n" MAIL, "550 503 250", "a", 0,
     EHLO_OUTCOME_REFUSED},
    {"a bare CR at the end", "BDAT 2\r\na\rXBURL x LAST\r\n" MAIL, "250 550 250", "a", 0,
     EHLO_OUTCOME_REFUSED},
    {"refused", "XBURL a\r\nXBURL b\r\nBDAT 1 LAST\r\nx" MAIL, "550 503 503 250", "",
     EHLO_REPLY_SITE_POLICY, EHLO_OUTCOME_REFUSED},
    {"refused for now", "XBURL a\r\nBDAT 1 LAST\r\nx" MAIL, "451 503 250", "",
     EHLO_REPLY_LOCAL_ERROR, EHLO_OUTCOME_REFUSED},
    {"no verdict", "XBURL a\r\nBDAT 1 LAST\r\nx" MAIL, "451 503 250", "", UINT16_MAX,
     EHLO_OUTCOME_REFUSED},
    {"refused at LAST", "XBURL a LAST\r\n" MAIL, "550 250", "", EHLO_REPLY_SITE_POLICY,
     EHLO_OUTCOME_REFUSED},
    {"refused behind a chunk", "BDAT 1\r\nxXBURL a LAST\r\n" MAIL, "250 550 250", "x",
     EHLO_REPLY_SITE_POLICY, EHLO_OUTCOME_REFUSED},
    {"refused and RSET", "XBURL a\r\nRSET\r\n" MAIL, "550 250 250", "", EHLO_REPLY_SITE_POLICY,
     EHLO_OUTCOME_ABORTED},
    {"closing", "XBURL a LAST\r\n" MAIL, "421", "", EHLO_REPLY_SERVICE_BUSY, EHLO_OUTCOME_REFUSED},
    {"a control octet", "XBURL \x01\r\nXBURL a\r\nBDAT 1 LAST\r\nx" MAIL, "501 503 503 250", "", 0,
     EHLO_OUTCOME_REFUSED},
    {"a control octet among chunks", "BDAT 1\r\nxXBURL \x01\r\nBDAT 1 LAST\r\nx" MAIL,
     "250 501 503 250", "x", 0, EHLO_OUTCOME_REFUSED},
    {"a control octet at LAST", "BDAT 1\r\nxXBURL \x01 LAST\r\n" MAIL, "250 501 250", "x", 0,
     EHLO_OUTCOME_REFUSED},
    {"a bad line", "XBURL a\r\nXBURL b\n\r\nBDAT 1 LAST\r\nx" MAIL, "250 500 503 250", "", 0,
     EHLO_OUTCOME_REFUSED},
    {"a failed chunk, and LAST", "BDAT 0 x\r\nXBURL a LAST\r\n" MAIL, "501 503 250", "", 0,
     EHLO_OUTCOME_REFUSED},
    {"a failed chunk, no LAST", "BDAT 0 x\r\nXBURL a\r\n" MAIL, "501 503 503", "", 0, 0},
    {"and DATA", "XBURL a\r\n" DATA RCPT MAIL, "250 503 503 503", "", 0, 0},
    {"and RSET", "XBURL a\r\nRSET\r\n" MAIL RCPT DATA ".\r\n", "250 250 250 250 354 250", "", 0,
     EHLO_OUTCOME_TAKEN},
    {"twice LAST", "XBURL a LAST\r\nXBURL a LAST\r\n", "250 503", "", 0, EHLO_OUTCOME_TAKEN},
};

static struct ehlo_reply verdict_of_content(size_t row)
{
    if (contents[row].id == UINT16_MAX)
        return (struct ehlo_reply){.id = 0};
    return contents[row].id == 0 ? ehlo_accept() : ehlo_reply(contents[row].id);
}

static void check_content(size_t row, size_t piece, bool later)
{
    const char *name = contents[row].name, *input = contents[row].commands;
    const size_t length = strlen(input);
    size_t used = 0;
    unsigned resumed = 0;
    struct recorder r;

    prepare_verbs(&r);
    r.config.decisions = 1 + (uint32_t)piece % 2; /* one slot must do */
    greet_and(&r, TO_RCPT);
    r.verdicts[ON_COMMAND] = later ? ehlo_pending() : verdict_of_content(row);
    while (used < length || resumed < r.pending) {
        const size_t left = length - used;

        used += feed_pieces(&r, input + used, left < piece ? left : piece, piece);
        if (resumed == r.pending)
            continue;
        assert_of(name, wants_of(&r) == EHLO_WANT_DECISION && offer(&r, "x", 1) == 0);
        assert_of(name, resume(&r, resumed++, verdict_of_content(row)) == EHLO_OK);
    }
    check_codes(&r, "", contents[row].codes, name, (int)piece);
    assert_octets_of(name, r.body.text, r.body.length, contents[row].body,
                     strlen(contents[row].body));
    assert_of(name, r.done.outcome == contents[row].outcome);
    assert_of(name, r.calls[ON_DONE] == (contents[row].outcome == 0      ? 0u
                                         : strcmp(name, "and RSET") == 0 ? 2u
                                                                         : 1u));
    forget(&r);
}

static void test_content_may_come_from_elsewhere(void **state)
{
    (void)state;
    for (size_t row = 0; row < ROWS(contents); row++)
        for (size_t piece = 1; piece <= strlen(contents[row].commands); piece++) {
            check_content(row, piece, false);
            check_content(row, piece, true);
        }
}

/* Its place is lost, so no policy can save it (RFC 3030 2, RSEC-SMUG-5). */
static void test_a_cr_that_a_part_cuts_off_is_bare(void **state)
{
    static const struct {
        const char *input, *codes;
    } rows[] = {
        {"BDAT 2\r\na\rXBURL x\r\nBDAT 1 LAST\r\n\n", "250 550 503"},
        {"BDAT 2\r\na\rXBURL x LAST\r\nNOOP\r\n", "250 550 250"},
        {"BDAT 1\r\naXBURL x\r\nBDAT 2 LAST\r\n\r\n", "250 250 250"},
    };

    (void)state;
    for (unsigned i = 0; i < 6 * ROWS(rows); i++) {
        struct recorder r;

        prepare_verbs(&r);
        r.config.decisions = i & 1 ? 1 : 8;
        r.config.bare_cr = (uint8_t)(i / 2 % 3);
        greet_and(&r, TO_RCPT);
        check_codes(&r, rows[i / 6].input, rows[i / 6].codes, rows[i / 6].input, (int)i);
        assert_int_equal(r.body.text[0], 'a');
        assert_int_equal(r.body.length, i / 6 == 2 ? 3 : 1);
        forget(&r);
    }
}

/* The verdict on the message is the reply to LAST, whatever on_command says. */
static void test_on_message_answers_the_last_part(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) {
        const struct ehlo_reply verdict = ehlo_reply(EHLO_REPLY_REJECTED_SPAM);
        struct recorder r;

        prepare_verbs(&r);
        r.verdicts[ON_COMMAND] = ehlo_reply_custom(250, "2.5.0", "words that are not said");
        r.verdicts[ON_MESSAGE] = later ? ehlo_pending() : verdict;
        greet_and(&r, TO_RCPT);
        feed(&r, "XBURL a LAST\r\n");
        if (later)
            assert_int_equal(resume(&r, 0, verdict), EHLO_OK);
        assert_says(&r, "", "554 5.7.1 Message cannot be accepted, spam rejection\r\n");
        assert_non_null(strstr(r.log.text, "command:XBURL message:0/1 "));
        assert_int_equal(r.done.outcome, EHLO_OUTCOME_REFUSED);
        forget(&r);
    }
}

static void test_without_on_message_no_part_is_taken(void **state)
{
    struct recorder r;

    (void)state;
    prepare_verbs(&r);
    r.config.on_message = NULL;
    greet_and(&r, TO_RCPT);
    assert_codes(&r, "XBURL a\r\n", "451");
    assert_int_equal(r.calls[ON_COMMAND], 0);
    forget(&r);
}

/* R2033-4.3-1 */
static void test_the_last_part_is_answered_for_each_recipient(void **state)
{
    struct recorder r;

    (void)state;
    prepare_verbs(&r);
    r.config.mode = EHLO_MODE_LMTP;
    greet_and(&r, LHLO MAIL RCPT RCPT RCPT);
    assert_codes(&r, "XBURL a\r\nXBURL b LAST\r\n" MAIL, "250 250 250 250 250");
    assert_int_equal(r.done.taken, 3);
    forget(&r);
}

static void test_a_shutdown_waits_for_the_last_part(void **state)
{
    struct recorder r;

    (void)state;
    prepare_verbs(&r);
    greet_and(&r, TO_RCPT "XBURL a\r\n");
    assert_int_equal(ehlo_server_shutdown(r.s), EHLO_OK);
    assert_codes(&r, "XBURL a LAST\r\n", "250 421");
    forget(&r);
    prepare_verbs(&r);
    greet_and(&r, TO_RCPT);
    assert_int_equal(ehlo_server_shutdown(r.s), EHLO_OK);
    r.verdicts[ON_COMMAND] = ehlo_reply(EHLO_REPLY_SITE_POLICY);
    assert_codes(&r, "XBURL a LAST\r\n", "550 421");
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_verb_comes_where_its_row_allows_it),
        cmocka_unit_test(test_the_gates_hold_for_host_verbs),
        cmocka_unit_test(test_host_verbs_may_be_pipelined),
        cmocka_unit_test(test_content_may_come_from_elsewhere),
        cmocka_unit_test(test_a_cr_that_a_part_cuts_off_is_bare),
        cmocka_unit_test(test_on_message_answers_the_last_part),
        cmocka_unit_test(test_without_on_message_no_part_is_taken),
        cmocka_unit_test(test_the_last_part_is_answered_for_each_recipient),
        cmocka_unit_test(test_a_shutdown_waits_for_the_last_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
