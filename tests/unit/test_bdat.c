/*
 * Tests of lib/server/bdat.c: chunks taken and refused at every cut, what a failed one leaves
 * behind, the size limit (RFC 3030). Decisions and ends are in test_bdat_later.c, the policies for
 * odd octets in test_chunks.c, LMTP in test_verdicts.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

#define TO_RCPT EHLO MAIL RCPT

/* ---- taken ---- */

/* R3030-2-1, R3030-2-3, R3030-2-13: counted, not scanned; LAST is answered by the verdict on the
 * message. */
static void test_chunks_are_counted_and_not_scanned(void **state)
{
    static const char input[] =
        "BDAT 5\r\n\r\n.\r\nBDAT 0\r\nBDAT 12\r\nBDAT 9\r\nQUITbdat 7 last\r\n..\r\n.\r\n"
        "NOOP\r\n";
    static const char body[] = "\r\n.\r\nBDAT 9\r\nQUIT..\r\n.\r\n";
    const size_t length = sizeof input - 1;

    (void)state;
    for (size_t piece = 1; piece <= length; piece++) {
        struct recorder r;

        prepare(&r);
        greet_and(&r, TO_RCPT);
        assert_int_equal(feed_pieces(&r, input, length, piece), length);
        assert_octets_of("body", r.body.text, r.body.length, body, sizeof body - 1);
        assert_note(&r.log, "data reply:112/250 reply:112/250 reply:112/250 message:24/1 "
                            "reply:110/250 done:1/1 reply:114/250 ");
        assert_says(&r, "",
                    "250 2.0.0 5 octets received\r\n250 2.0.0 0 octets received\r\n"
                    "250 2.0.0 12 octets received\r\n250 2.0.0 Message accepted\r\n"
                    "250 2.0.0 Nothing done\r\n");
        assert_int_equal(r.reasons[EHLO_TRACE_CONTENT], 1);
        assert_int_equal(r.numbers[EHLO_TRACE_CONTENT], 24);
        assert_int_equal(r.done.octets, 24);
        forget(&r);
    }
}

/* R3030-3-3: what BINARYMIME brings is kept, each octet of it. */
static void test_binary_content_is_kept_whole(void **state)
{
    struct recorder r;
    char octets[1536]; /* where CR LF does not come there is no line, so none is too long */

    (void)state;
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (char)(i < 256 ? i : i | 128);
    for (size_t piece = 1; piece <= sizeof octets; piece += piece < 4 ? 1 : 84) {
        prepare(&r);
        r.config.extensions = EHLO_EXTENSION_BINARYMIME;
        r.config.max_content_line = 1000;
        r.config.eight_bit = EHLO_8BIT_REFUSE;
        greet_and(&r, EHLO "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n" RCPT "BDAT 1536 LAST\r\n");
        feed_pieces(&r, octets, sizeof octets, piece);
        assert_octets_of("body", r.body.text, r.body.length, octets, sizeof octets);
        assert_codes(&r, "", "250");
        assert_int_equal(r.reasons[EHLO_TRACE_NUL] + r.reasons[EHLO_TRACE_BARE_LF], 0);
        forget(&r);
    }
}

/* Nothing needs a second slot. */
static void test_one_decision_at_a_time_is_enough(void **state)
{
    static const struct {
        const char *input, *codes;
    } rows[] = {
        {"BDAT 0\r\nBDAT 0 LAST\r\nNOOP\r\n", "250 250 250"},
        {"BDAT 0 LAST\r\nNOOP\r\n", "250 250"},
        {"BDAT 1\r\nxBDAT 0\r\nBDAT 0 LAST\r\nNOOP\r\n", "250 250 250 250"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.decisions = 1;
        greet_and(&r, TO_RCPT);
        assert_codes(&r, rows[i].input, rows[i].codes);
        forget(&r);
    }
}

/* RSEC-LIMIT-3: one that brings nothing is junk, unless it is the last one. */
static void test_empty_chunks_are_junk(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.max_junk = 2;
    r.config.max_errors = 2;
    greet_and(&r, TO_RCPT);
    assert_codes(&r, "BDAT 0\r\nBDAT 0\r\nBDAT 1\r\nxBDAT 0\r\n", "250 250 250 250");
    assert_int_equal(info_of(&r).errors, 1);
    assert_codes(&r, "BDAT 0\r\n", "421");
    assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
    forget(&r);

    prepare(&r);
    greet_and(&r, TO_RCPT);
    assert_codes(&r, "BDAT 0 LAST\r\n", "250"); /* R3030-2-3 */
    assert_int_equal(r.calls[ON_BODY], 0);
    assert_int_equal(r.done.outcome, EHLO_OUTCOME_TAKEN);
    forget(&r);
}

/* ---- refused ---- */

#define NO_CHUNKING 1u
#define NO_MESSAGE  2u
#define NEEDS_TLS   4u
#define NEEDS_AUTH  8u
#define DENIED      16u

/* R3030-2-4, R3030-2-6: eaten to the end before the answer, whatever that is. */
static const struct {
    const char *before, *line, *code;
    unsigned points, how;
} refused[] = {
    {"", "BDAT 12 LAST\r\n", "503", 1, 0},
    {EHLO, "BDAT 12\r\n", "503", 1, 0},
    {EHLO MAIL, "BDAT 12\r\n", "503", 1, 0},
    {EHLO MAIL "RCPT TO:<\r\n", "BDAT 12\r\n", "503", 0, 0},
    {EHLO "MAIL FROM:<\r\n", "BDAT 12 LAST\r\n", "503", 0, 0},
    {TO_RCPT "BDAT 0 x\r\n", "BDAT 12\r\n", "503", 0, 0},
    {TO_RCPT, "BDAT 12 FIRST\r\n", "501", 1, 0},
    {TO_RCPT, "BDAT 12 LAST LAST\r\n", "501", 1, 0},
    {TO_RCPT, "BDAT 12 \x01\r\n", "501", 1, 0},
    {TO_RCPT, "BDAT 12 L\rAST\r\n", "500", 1, 0},
    {TO_RCPT, "BDAT 12 L\nAST\r\n", "500", 1, 0},
    {"", "BDAT 12 LAST\r\n", "502", 1, NO_CHUNKING},
    {TO_RCPT, "BDAT 12\r\n", "502", 1, NO_CHUNKING},
    {TO_RCPT, "BDAT 12\r\n", "451", 0, NO_MESSAGE},
    {TO_RCPT, "BDAT 12 LAST\r\n", "451", 0, NO_MESSAGE},
    {EHLO, "BDAT 12\r\n", "530", 1, NEEDS_TLS},
    {EHLO, "BDAT 12 LAST\r\n", "530", 1, NEEDS_AUTH},
    {"", "BDAT 12 LAST\r\n", "503", 0, DENIED},
};

static void configure(struct recorder *r, unsigned how)
{
    prepare(r);
    if (how & NO_CHUNKING)
        r->config.disabled_extensions = EHLO_EXTENSION_CHUNKING;
    if (how & NO_MESSAGE)
        r->config.on_message = NULL;
    r->config.require_tls = (how & NEEDS_TLS) != 0;
    r->config.require_auth = (how & NEEDS_AUTH) != 0;
    if (how & DENIED)
        r->verdicts[ON_CONNECT] = ehlo_reply(EHLO_REPLY_CONNECTION_DENIED);
}

static void test_a_refused_chunk_is_eaten(void **state)
{
    static const char rest[] = "RSET\r\nQUIT\r\nNOOP\r\n";

    (void)state;
    for (size_t i = 0; i < ROWS(refused); i++) {
        const size_t length = strlen(refused[i].line) + sizeof rest - 1;
        char input[64], want[16];

        strcat(strcpy(input, refused[i].line), rest);
        snprintf(want, sizeof want, "%s %s", refused[i].code,
                 refused[i].how & DENIED ? "503" : "250");
        for (size_t piece = 1; piece <= length; piece++) {
            struct recorder r;
            unsigned before;

            configure(&r, refused[i].how);
            greet_and(&r, refused[i].before);
            before = info_of(&r).errors;
            assert_of(refused[i].line, feed_pieces(&r, input, length, piece) == length);
            assert_codes(&r, "", want);
            assert_of(refused[i].line, info_of(&r).errors == before + refused[i].points);
            assert_of(refused[i].line, r.body.length == 0 && r.calls[ON_DATA] == 0);
            forget(&r);
        }
    }
}

/* The limit of errors is reached behind the octets of the chunk, not before. */
static void test_a_refused_chunk_may_be_the_last_error(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.max_errors = 1;
    greet_and(&r, TO_RCPT);
    assert_codes(&r, "BDAT 3 x\r\nab", "");
    assert_codes(&r, "cQUIT\r\n", "421");
    assert_int_equal(r.done.outcome, EHLO_OUTCOME_ABORTED);
    assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
    forget(&r);
}

/* R3030-2-8: without a size nobody knows where the next command begins. */
static void test_a_chunk_without_a_good_size_closes(void **state)
{
    static const struct {
        const char *line;
        bool closes;
        const char *code;
    } rows[] = {
        {"BDAT\r\n", true, "501"},
        {"BDAT LAST\r\n", true, "501"},
        {"BDAT x\r\n", true, "501"},
        {"BDAT 1x\r\n", true, "501"},
        {"BDAT +1\r\n", true, "501"},
        {"BDAT -1\r\n", true, "501"},
        {"BDAT 0x1\r\n", true, "501"},
        {"BDAT 1.0\r\n", true, "501"},
        {"BDAT 9223372036854775806\r\n", false, ""},
        {"BDAT 9223372036854775807\r\n", false, ""},
        {"BDAT 9223372036854775808\r\n", true, "501"},
        {"BDAT 18446744073709551615\r\n", true, "501"},
        {"BDAT 18446744073709551616\r\n", true, "501"},
        {"BDAT 99999999999999999999999999999999\r\n", true, "501"},
        {"BDAT 00000000000000000000000000000000\r\n", false, "250"},
        {"BDAT 0\r\n", false, "250"},
        {"BDAT 0 LAST\r\n", false, "250"},
        {"BDAT 0 FIRST\r\n", false, "501"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const char *line = rows[i / 2].line;
        struct recorder r;

        prepare(&r);
        greet_and(&r, i % 2 ? "" : TO_RCPT); /* in each state */
        feed(&r, line);
        assert_of(line, (wants_of(&r) == EHLO_WANT_CLOSE) == rows[i / 2].closes);
        if (rows[i / 2].closes) {
            assert_of(line, strncmp(r.wire.text, "501 5.5.4 ", 10) == 0);
            assert_of(line, r.cause == EHLO_CAUSE_PROTOCOL && info_of(&r).errors == 1);
        } else if (i % 2 == 0)
            assert_codes(&r, "", rows[i / 2].code);
        forget(&r);
    }
}

/* Of a line that is too long nobody knows the size either. */
static void test_a_chunk_with_too_long_a_line_closes(void **state)
{
    for (size_t piece = 1; piece < 3; piece++) {
        char line[600];
        struct recorder r;

        (void)state;
        memset(line, ' ', sizeof line);
        memcpy(line, "bdat 6", 6);
        memcpy(line + sizeof line - 8, "\r\nQUIT\r\n", 8);
        prepare(&r);
        r.config.line_size = 512;
        greet_and(&r, TO_RCPT);
        feed_pieces(&r, line, sizeof line, piece == 1 ? 1 : SIZE_MAX);
        assert_memory_equal(r.wire.text, "500 5.5.2 ", 10);
        assert_codes(&r, "", "500");
        assert_int_equal(r.cause, EHLO_CAUSE_PROTOCOL);
        forget(&r);
    }
}

/* ---- what a failed chunk leaves behind ---- */

#define BINARY "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n"

/* R3030-2-4, R3030-2-5, R3030-2-7, R3030-3-2, R3030-2-2: until RSET, EHLO or LAST. */
static const struct {
    const char *name, *commands, *codes;
    unsigned hook, id; /* its verdict, if id is not 0 */
    unsigned done;     /* outcome of the transaction that ended last; 0: none did */
} failures[] = {
    {"malformed", "BDAT 2 x\r\nabBDAT 1\r\ncBDAT 0\r\n" DATA RCPT MAIL, "501 503 503 503 503 503",
     0, 0, 0},
    {"LAST ends it", "BDAT 2 x\r\nabBDAT 1 LAST\r\nc" MAIL, "501 503 250", 0, 0,
     EHLO_OUTCOME_REFUSED},
    {"empty LAST ends it", "BDAT 2 x\r\nabBDAT 0 LAST\r\n" MAIL, "501 503 250", 0, 0,
     EHLO_OUTCOME_REFUSED},
    {"RSET ends it", "BDAT 2 x\r\nabRSET\r\n" MAIL, "501 250 250", 0, 0, EHLO_OUTCOME_ABORTED},
    {"EHLO ends it", "BDAT 2 x\r\nab" EHLO MAIL, "501 250 250", 0, 0, EHLO_OUTCOME_ABORTED},
    {"NOOP does not", "BDAT 2 x\r\nabNOOP\r\nBDAT 0\r\n", "501 250 503", 0, 0, 0},
    {"in the middle", "BDAT 1\r\nxBDAT 1 y\r\nzBDAT 1 LAST\r\nz" MAIL, "250 501 503 250", 0, 0,
     EHLO_OUTCOME_REFUSED},
    {"on_data", "BDAT 2\r\nabBDAT 2\r\ncdBDAT 1 LAST\r\ne" MAIL, "451 503 503 250", ON_DATA,
     EHLO_REPLY_LOCAL_ERROR, EHLO_OUTCOME_REFUSED},
    {"on_data, empty", "BDAT 0\r\nBDAT 1 LAST\r\ne" MAIL, "451 503 250", ON_DATA,
     EHLO_REPLY_LOCAL_ERROR, EHLO_OUTCOME_REFUSED},
    {"on_data at LAST", "BDAT 2 LAST\r\nab" MAIL, "451 250", ON_DATA, EHLO_REPLY_LOCAL_ERROR,
     EHLO_OUTCOME_REFUSED},
    {"on_data at empty LAST", "BDAT 0 LAST\r\n" MAIL, "451 250", ON_DATA, EHLO_REPLY_LOCAL_ERROR,
     EHLO_OUTCOME_REFUSED},
    {"on_data closes", "BDAT 2\r\nab", "421", ON_DATA, EHLO_REPLY_SERVICE_BUSY,
     EHLO_OUTCOME_ABORTED},
    {"on_body", "BDAT 2\r\nabBDAT 2\r\ncdBDAT 1 LAST\r\ne" MAIL, "552 503 503 250", ON_BODY,
     EHLO_REPLY_MAILBOX_FULL, EHLO_OUTCOME_REFUSED},
    {"on_body at LAST", "BDAT 2 LAST\r\nab" MAIL, "552 250", ON_BODY, EHLO_REPLY_MAILBOX_FULL,
     EHLO_OUTCOME_REFUSED},
    {"on_body closes", "BDAT 2\r\nab", "421", ON_BODY, EHLO_REPLY_SERVICE_BUSY,
     EHLO_OUTCOME_ABORTED},
    {"a fault", "BDAT 3\r\na\nbBDAT 1\r\ncBDAT 1 LAST\r\nd" MAIL, "550 503 503 250", 0, 0,
     EHLO_OUTCOME_REFUSED},
    {"a fault at LAST", "BDAT 3 LAST\r\na\nb" MAIL, "550 250", 0, 0, EHLO_OUTCOME_REFUSED},
    {"on_message", "BDAT 1\r\naBDAT 0 LAST\r\n" MAIL, "250 554 250", ON_MESSAGE,
     EHLO_REPLY_REJECTED_SPAM, EHLO_OUTCOME_REFUSED},
    {"on_message closes", "BDAT 1 LAST\r\na", "421", ON_MESSAGE, EHLO_REPLY_SERVICE_BUSY,
     EHLO_OUTCOME_REFUSED},
    {"others between chunks", "BDAT 1\r\na" DATA RCPT MAIL "VRFY a\r\nBDAT 1 LAST\r\nb",
     "250 503 503 503 252 250", 0, 0, EHLO_OUTCOME_TAKEN},
    {"RSET between chunks", "BDAT 1\r\naRSET\r\n" MAIL RCPT DATA "b\r\n.\r\n",
     "250 250 250 250 354 250", 0, 0, EHLO_OUTCOME_TAKEN},
    {"behind LAST", "BDAT 1 LAST\r\naBDAT 1\r\nbBDAT 1 LAST\r\nc" MAIL, "250 503 503 250", 0, 0,
     EHLO_OUTCOME_TAKEN},
    {"binary and DATA", "RSET\r\n" BINARY RCPT DATA DATA "BDAT 1\r\na", "250 250 250 503 503 503",
     0, 0, EHLO_OUTCOME_ABORTED},
    {"binary, DATA and LAST", "RSET\r\n" BINARY RCPT DATA "BDAT 1 LAST\r\na" MAIL,
     "250 250 250 503 503 250", 0, 0, EHLO_OUTCOME_REFUSED},
    {"binary, DATA and RSET", "RSET\r\n" BINARY RCPT DATA "RSET\r\n" MAIL,
     "250 250 250 503 250 250", 0, 0, EHLO_OUTCOME_ABORTED},
};

static void test_a_failure_sticks_until_rset_or_last(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(failures); i++)
        for (unsigned how = 0; how < 2; how++) {
            const char *name = failures[i].name;
            struct recorder r;

            prepare(&r);
            r.config.extensions = EHLO_EXTENSION_BINARYMIME;
            r.config.decisions = 1 + how; /* one slot must do */
            if (failures[i].id != 0)
                r.verdicts[failures[i].hook] = ehlo_reply(failures[i].id);
            greet_and(&r, TO_RCPT);
            feed_pieces(&r, failures[i].commands, strlen(failures[i].commands), how ? 1 : SIZE_MAX);
            check_codes(&r, "", failures[i].codes, name, (int)i);
            assert_of(name, r.done.outcome == failures[i].done);
            assert_of(name, r.calls[ON_DATA] <= r.calls[ON_MAIL]);
            forget(&r);
        }
}

/* ---- the limit of the size ---- */

/* R3030-2-9: the sum counts, the rest is eaten, the host gets no octet too many. */
static void test_the_sum_of_the_chunks_has_the_limit(void **state)
{
    static const struct {
        const char *name;
        unsigned first, second;
        const char *codes;
    } rows[] = {
        {"-1", 65535, 0, "250 250"},          {"-1 in two", 30000, 35535, "250 250"},
        {"0", 65536, 0, "250 250"},           {"0 in two", 30000, 35536, "250 250"},
        {"+1", 65537, 0, "554 503"},          {"+1 in two", 30000, 35537, "250 554"},
        {"+1 behind 0", 65536, 1, "250 554"}, {"much", 65536, 100000, "250 554"},
        {"far more", 200000, 5, "554 503"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const unsigned sum = rows[i].first + rows[i].second;
        struct recorder r;
        char line[32], *octets = malloc(200000);

        memset(octets, 'x', 200000);
        prepare(&r);
        r.config.max_message_size = 65536;
        greet_and(&r, TO_RCPT);
        snprintf(line, sizeof line, "BDAT %u\r\n", rows[i].first);
        feed(&r, line);
        feed_pieces(&r, octets, rows[i].first, 4096);
        snprintf(line, sizeof line, "BDAT %u LAST\r\n", rows[i].second);
        feed(&r, line);
        feed_pieces(&r, octets, rows[i].second, 4096);
        check_codes(&r, "", rows[i].codes, rows[i].name, (int)i);
        assert_of(rows[i].name, r.body.length == (sum < 65536 ? sum : 65536));
        assert_of(rows[i].name, info_of(&r).errors == 0 && r.calls[ON_DONE] == 1);
        assert_of(rows[i].name, r.calls[ON_MESSAGE] == (sum <= 65536));
        free(octets);
        forget(&r);
    }
}

/* The largest chunk leaves the number of octets as it is. */
static void test_a_chunk_may_go_on_for_ever(void **state)
{
    static const char *const before[] = {EHLO, TO_RCPT};
    char block[4096];

    (void)state;
    memset(block, '\n', sizeof block);
    for (size_t i = 0; i < ROWS(before); i++) {
        struct recorder r;
        uint32_t epoch;

        prepare(&r);
        greet_and(&r, before[i]);
        feed(&r, "BDAT 9223372036854775807\r\n");
        epoch = epoch_of(&r);
        for (unsigned j = 1; j <= 100; j++) {
            assert_int_equal(offer(&r, block, sizeof block), sizeof block);
            assert_int_equal(wants_of(&r), EHLO_WANT_READ);
            assert_in_range(epoch_of(&r) - epoch, j / 16, j / 16 + 1); /* each 64 KiB */
        }
        assert_int_equal(ehlo_server_expire(r.s), EHLO_OK);
        assert_codes(&r, "", "421");
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks_are_counted_and_not_scanned),
        cmocka_unit_test(test_binary_content_is_kept_whole),
        cmocka_unit_test(test_one_decision_at_a_time_is_enough),
        cmocka_unit_test(test_empty_chunks_are_junk),
        cmocka_unit_test(test_a_refused_chunk_is_eaten),
        cmocka_unit_test(test_a_refused_chunk_may_be_the_last_error),
        cmocka_unit_test(test_a_chunk_without_a_good_size_closes),
        cmocka_unit_test(test_a_chunk_with_too_long_a_line_closes),
        cmocka_unit_test(test_a_failure_sticks_until_rset_or_last),
        cmocka_unit_test(test_the_sum_of_the_chunks_has_the_limit),
        cmocka_unit_test(test_a_chunk_may_go_on_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
