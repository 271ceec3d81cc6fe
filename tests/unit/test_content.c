/*
 * Tests of lib/server/content.c: the limits of a content, which of two faults answers, what on_body
 * gets, and on_body pending or refusing; all at several cuts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* ---- limits ---- */

#define BIG   "0123456789ABCDE\r\n" /* 17 octets */
#define HOP   "Received: x\r\n"     /* 13 octets */
#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define LONG                                                                                       \
    FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY      \
        FIFTY FIFTY FIFTY FIFTY

/* A content is `count` times `part`, and `rest`, and the end of data. */
static const struct content_row {
    const char *name, *part;
    size_t count;
    const char *rest;
    size_t taken;    /* octets that on_body gets */
    uint32_t reason; /* of the trace, if it is refused */
    uint32_t size, hops, header, line;
} contents[] = {
    {"size -1", BIG, 3854, "12345678901234\r\n", 65534, 0, .size = 65536},
    {"size 0", BIG, 3854, "...34567890123456\r\n", 65536, 0, .size = 65536},
    {"size +1", BIG, 3854, "12345678901234567\r\n", 65536, EHLO_TRACE_SIZE_LIMIT, .size = 65536},
    {"hops -1", HOP, 99, "\r\n", 99 * 13 + 2, 0, .hops = 0},
    {"hops 0", HOP, 100, "\r\n" HOP, 101 * 13 + 2, 0, .hops = 0},
    {"hops +1", HOP, 101, "\r\n", 100 * 13 + 8, EHLO_TRACE_HOP_LIMIT, .hops = 0},
    {"hops 1 of 1", HOP, 1, "\r\n", 15, 0, .hops = 1},
    {"hops 2 of 1", HOP, 2, "\r\n", 13 + 8, EHLO_TRACE_HOP_LIMIT, .hops = 1},
    {"header -1", "A: b\r\n", 3, "\r\nx\r\n", 23, 0, .header = 19},
    {"header 0", "A: b\r\n", 3, "\r\nx\r\n", 23, 0, .header = 18},
    {"header +1", "A: b\r\n", 3, "\r\nx\r\n", 17, EHLO_TRACE_HEADER_LIMIT, .header = 17},
    {"line -1", TEN, 99, "1234567\r\n", 999, 0, .line = 1000},
    {"line 0", TEN, 99, "12345678\r\n", 1000, 0, .line = 1000},
    {"line +1", TEN, 99, "123456789\r\n", 1000, EHLO_TRACE_CONTENT_LINE_LIMIT, .line = 1000},
    {"line 0 and a stuffed dot", "..", 1, LONG TEN TEN TEN TEN "1234567\r\n", 1000, 0,
     .line = 1000},
    {"line without limit", TEN, 7000, "\r\n", 70002, 0, .line = 0},
};

static const char *answer_to(uint32_t reason)
{
    switch (reason) {
    case EHLO_TRACE_SIZE_LIMIT:
        return "554 5.3.4 Message size exceeds fixed maximum message size\r\n";
    case EHLO_TRACE_HOP_LIMIT:
        return "554 5.0.0 Too many hops\r\n";
    case EHLO_TRACE_HEADER_LIMIT:
        return "552 5.3.4 The header section is too big\r\n";
    case EHLO_TRACE_CONTENT_LINE_LIMIT:
        return "554 5.6.0 A line of the message is too long\r\n";
    default:
        return "250 2.0.0 Message accepted\r\n";
    }
}

static void check_limit(const struct content_row *row)
{
    struct recorder r;

    prepare(&r);
    r.config.max_message_size = row->size;
    r.config.max_hops = row->hops;
    r.config.max_header_size = row->header;
    r.config.max_content_line = row->line;
    greet_and(&r, EHLO MAIL RCPT DATA);
    for (size_t i = 0; i < row->count; i++)
        feed(&r, row->part);
    feed(&r, row->rest);
    assert_says(&r, ".\r\n", answer_to(row->reason));
    assert_of(row->name, r.body.length == row->taken && r.done.octets == row->taken);
    assert_of(row->name, info_of(&r).errors == 0);
    assert_of(row->name, r.calls[ON_MESSAGE] == (row->reason == 0));
    for (unsigned reason = EHLO_TRACE_LINE_LIMIT; reason < EHLO_TRACE_HOST_FAULT; reason++)
        assert_of(row->name, r.reasons[reason] == (reason == row->reason));
    assert_of(row->name, row->reason == 0 || r.numbers[row->reason] == row->taken);
    forget(&r);
}

/* R5321-4.5.3.1-6, R1870-5-1 (dots), R1870-6-1, R5321-6.3-1, R5321-4.5.3.1-4, RSEC-LIMIT-5 */
static void test_content_has_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(contents); i++)
        check_limit(&contents[i]);
}

/* ---- two faults: the first by its offset answers ---- */

/* What makes a content faulty. Where in it (dots removed) the fault is, `offset` tells. */
enum fault { LF, CR, NUL, HOPS, LINE, EIGHT, BODY, HEADER, SIZE, FAULTS };

#define BASE        "Received: base\r\n" /* stands before both: the one hop that is allowed */
#define HEADER_MORE 2000

static const struct fault_row {
    const char *name, *code;
    struct ehlo_slice text; /* is repeated `count` times */
    size_t count, offset;
    unsigned points;
} faults[FAULTS] = {
    [LF] = {"bare LF", "550 5.5.2 ", OCTETS("x\ny\r\n"), 1, 1, 1},
    [CR] = {"bare CR", "550 5.5.2 ", OCTETS("x\ry\r\n"), 1, 1, 1},
    [NUL] = {"NUL", "554 5.6.0 NUL ", OCTETS("x\0y\r\n"), 1, 1, 1},
    [HOPS] = {"hops", "554 5.0.0 Too many hops", OCTETS("Received : one\r\n"), 1, 9, 0},
    [LINE] = {"line", "554 5.6.0 A line ", OCTETS("0123456789"), 101, 1000, 0},
    [EIGHT] = {"8-bit", "554 5.6.1 ", OCTETS("x\xff\r\n"), 1, 1, 0},
    [BODY] = {"on_body", "452 4.3.1 ", OCTETS("stop\r\n"), 1, 0, 0},
    [HEADER] = {"header", "552 5.3.4 ", OCTETS("A: bcdefgh\r\n"), 300, HEADER_MORE, 0},
    [SIZE] = {"size", "554 5.3.4 ", OCTETS("B: 01234567890123\r\n"), 4000, 65536 - 16, 0},
};

/* on_body refuses what has "stop" in it. */
static void refuse_stop(struct recorder *r, enum hook hook)
{
    if (hook == ON_BODY && strstr(r->body.text, "stop") != NULL)
        r->verdicts[ON_BODY] = ehlo_reply(EHLO_REPLY_INSUFFICIENT_STORAGE);
}

static struct note pair_of(enum fault first, enum fault second)
{
    struct note content = {NULL, 0, 0};

    add_note(&content, BASE, sizeof BASE - 1);
    for (size_t i = 0; i < faults[first].count; i++)
        add_note(&content, faults[first].text.data, faults[first].text.length);
    if (first == LINE)
        add_note(&content, "\r\n", 2);
    for (size_t i = 0; i < faults[second].count; i++)
        add_note(&content, faults[second].text.data, faults[second].text.length);
    add_note(&content, "\r\n.\r\n", 5);
    return content;
}

static void configure(struct recorder *r, enum fault first, enum fault second)
{
    r->config.max_hops = 1;
    r->config.max_content_line = 1000;
    r->config.max_message_size = 65536;
    r->config.eight_bit = EHLO_8BIT_REFUSE;
    if (first == HEADER || second == HEADER)
        r->config.max_header_size = sizeof BASE - 1 + HEADER_MORE;
    if (first == SIZE)
        r->config.max_header_size = 100000;
    r->inside = refuse_stop;
}

static void check_pair(enum fault first, enum fault second, size_t piece)
{
    struct note content = pair_of(first, second);
    const struct fault_row *fault = &faults[first];
    struct recorder r;
    char row[64];

    snprintf(row, sizeof row, "%s before %s in pieces of %zu", fault->name, faults[second].name,
             piece);
    prepare(&r);
    configure(&r, first, second);
    greet_and(&r, EHLO MAIL RCPT DATA);
    assert_of(row, feed_pieces(&r, content.text, content.length, piece) == content.length);
    free(codes_of(&r.wire));
    assert_of(row, strncmp(r.wire.text, fault->code, strlen(fault->code)) == 0);
    assert_of(row, strchr(r.wire.text, '\n') == r.wire.text + r.wire.length - 1);
    assert_of(row, r.calls[ON_MESSAGE] == 0 && r.calls[ON_DONE] == 1);
    assert_of(row, r.done.outcome == EHLO_OUTCOME_REFUSED);
    assert_of(row, info_of(&r).errors == fault->points);
    if (first != BODY)
        assert_octets_of(row, r.body.text, r.body.length, content.text,
                         sizeof BASE - 1 + fault->offset);
    else
        assert_of(row, strncmp(r.body.text, content.text, r.body.length) == 0);
    clear_note(&r.wire);
    assert_codes(&r, MAIL, "250"); /* the session goes on behind the true end */
    free(content.text);
    forget(&r);
}

/* RSEC-SMUG-2, RSEC-NUL-2, RENG-1: however the input is cut. */
static void test_of_two_faults_the_first_by_offset_answers(void **state)
{
    static const size_t pieces[] = {1, 7, 1009, SIZE_MAX};

    (void)state;
    for (unsigned first = 0; first < FAULTS; first++)
        for (unsigned second = 0; second < FAULTS; second++)
            for (size_t i = first == SIZE || second == SIZE; i < ROWS(pieces); i++)
                check_pair((enum fault)first, (enum fault)second, pieces[i]);
}

/* ---- on_body ---- */

/* R5321-4.1.1.4-2: the CR LF before the dot belongs to the content; an empty content is one. */
static void test_an_empty_content_is_a_message_without_a_slice(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL RCPT DATA);
    assert_codes(&r, ".\r\n", "250");
    assert_int_equal(r.calls[ON_BODY], 0);
    assert_note(&r.log, "message:0/1 reply:110/250 done:1/1 ");
    assert_codes(&r, MAIL RCPT DATA, "250 250 354");
    assert_codes(&r, "\r\n.\r\n", "250");
    assert_note(&r.body, "\r\n");
    forget(&r);
}

static void test_without_on_body_the_content_is_counted_and_dropped(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.on_body = NULL;
    greet_and(&r, EHLO MAIL RCPT DATA);
    assert_codes(&r, "12345\r\n..\r\n.\r\n", "250");
    assert_note(&r.log, "message:10/1 reply:110/250 done:1/1 ");
    assert_int_equal(r.done.octets, 10);
    forget(&r);
}

static const char text[] = "Subject: a\r\n\r\n..one\r\n.. two\r\nthree\r\n.\r\n";
static const char plain[] = "Subject: a\r\n\r\n.one\r\n. two\r\nthree\r\n";

/* RENG-3: pending at each slice; while it is, nothing is read, and nothing else is asked. */
static void test_on_body_may_be_pending_at_each_slice(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof text; piece++) {
        struct recorder r;
        size_t used = 0;

        prepare(&r);
        r.verdicts[ON_BODY] = ehlo_pending();
        greet_and(&r, EHLO MAIL RCPT DATA);
        while (used < sizeof text - 1 || r.pending > 0) {
            used += feed_pieces(&r, text + used, sizeof text - 1 - used, piece);
            if (r.pending == 0)
                continue;
            assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
            assert_int_equal(ehlo_server_timeout(r.s, NULL), EHLO_DEFAULT_DECISION_TIMEOUT);
            assert_int_equal(offer(&r, "x", 1), 0);
            assert_int_equal(r.calls[ON_MESSAGE], 0);
            assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_OK);
            r.pending = 0;
        }
        assert_note(&r.body, plain);
        assert_note(&r.wire, "250 2.0.0 Message accepted\r\n");
        forget(&r);
    }
}

/* The slice that is resumed with a refusal is the last one; the rest is swallowed. */
static void test_a_pending_slice_may_be_refused_later(void **state)
{
    (void)state;
    for (unsigned refused = 1; refused < sizeof plain; refused++) {
        struct recorder r;
        size_t used = 0;
        bool goes_on = true;

        prepare(&r);
        r.verdicts[ON_BODY] = ehlo_pending();
        greet_and(&r, EHLO MAIL RCPT DATA);
        while (goes_on && used < sizeof text - 1) {
            used += feed_pieces(&r, text + used, sizeof text - 1 - used, 1);
            goes_on = r.calls[ON_BODY] < refused;
            if (r.pending > 0)
                resume(&r, 0, goes_on ? ehlo_accept() : ehlo_reply_custom(452, "4.3.1", "no disk"));
            r.pending = 0;
        }
        feed(&r, text + used);
        assert_note(&r.wire, r.calls[ON_MESSAGE] == 1 ? "250 2.0.0 Message accepted\r\n"
                                                      : "452 4.3.1 no disk\r\n");
        assert_in_range(r.body.length, refused, 2 * refused); /* a line end is one slice */
        assert_int_equal(memcmp(r.body.text, plain, r.body.length), 0);
        assert_int_equal(r.calls[ON_DONE], 1);
        forget(&r);
    }
}

/* The refusal is formatted at once and held: its words may die, more octets may come, time may
 * pass. */
static void test_a_refusal_by_on_body_is_held_to_the_end(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_BODY] = ehlo_reply_custom(452, "4.3.1", "no disk\nat all");
    greet_and(&r, EHLO MAIL RCPT DATA);
    assert_says(&r, "a\r\n", "");
    assert_int_equal(wants_of(&r), EHLO_WANT_READ);
    assert_int_equal(ehlo_server_timeout(r.s, NULL), EHLO_DEFAULT_CONTENT_TIMEOUT);
    for (unsigned i = 0; i < 3000; i++)
        offer(&r, "all of this is swallowed\r\n", 26);
    assert_int_equal(r.calls[ON_BODY], 1);
    assert_says(&r, ".\r\n", "452-4.3.1 no disk\r\n452 4.3.1 at all\r\n");
    assert_codes(&r, MAIL RCPT DATA "a\r\n", "250 250 354");
    assert_int_equal(ehlo_server_expire(r.s), EHLO_OK); /* in place of what is held */
    assert_says(&r, "", "421 4.4.2 Waited too long, closing connection\r\n");
    forget(&r);
}

/* A refusal that closes does so at the end of the content, not before it. */
static void test_a_closing_refusal_by_on_body_waits_for_the_end(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_BODY] = ehlo_reply_closing(ehlo_reply(EHLO_REPLY_MAILBOX_FULL));
    greet_and(&r, EHLO MAIL RCPT DATA);
    assert_says(&r, "a\r\nb\r\n", "");
    assert_int_equal(wants_of(&r), EHLO_WANT_READ);
    assert_codes(&r, ".\r\nNOOP\r\n", "552");
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    assert_note(&r.log, "reply:34/552 done:3/1 close:12/0 ");
    forget(&r);
}

/* ---- oddities are told once for each message ---- */

static void test_oddities_are_traced_once_for_each_message(void **state)
{
    (void)state;
    for (uint8_t policy = 0; policy <= 2; policy++) {
        struct recorder r;

        prepare(&r);
        r.config.bare_lf = r.config.bare_cr = r.config.nul = policy;
        greet_and(&r, EHLO);
        for (unsigned message = 1; message <= 3; message++) {
            static const char odd[] = "a\nb\nc\rd\re\0f\0g\r\n.\r\n";

            feed(&r, MAIL RCPT DATA);
            clear_note(&r.body);
            assert_int_equal(feed_pieces(&r, odd, sizeof odd - 1, 3), sizeof odd - 1);
            assert_int_equal(r.reasons[EHLO_TRACE_BARE_LF], message);
            assert_int_equal(r.reasons[EHLO_TRACE_BARE_CR], message);
            assert_int_equal(r.reasons[EHLO_TRACE_NUL], message);
            assert_int_equal(r.calls[ON_MESSAGE], policy == 0 ? 0 : message);
        }
        if (policy == 1)
            assert_note(&r.body, "a\r\nb\r\nc d efg\r\n");
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content_has_limits),
        cmocka_unit_test(test_of_two_faults_the_first_by_offset_answers),
        cmocka_unit_test(test_an_empty_content_is_a_message_without_a_slice),
        cmocka_unit_test(test_without_on_body_the_content_is_counted_and_dropped),
        cmocka_unit_test(test_on_body_may_be_pending_at_each_slice),
        cmocka_unit_test(test_a_pending_slice_may_be_refused_later),
        cmocka_unit_test(test_a_refusal_by_on_body_is_held_to_the_end),
        cmocka_unit_test(test_a_closing_refusal_by_on_body_waits_for_the_end),
        cmocka_unit_test(test_oddities_are_traced_once_for_each_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
