/*
 * Tests of lib/server/bdat.c: BDAT is not offered, but its octets are never commands (RFC 3030 2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* R3030-2-4: at each place, at each cut, what is in the chunk is eaten before the answer. */
static void test_a_refused_chunk_is_eaten(void **state)
{
    static const struct {
        const char *before, *code;
        unsigned points;
        bool denied;
    } rows[] = {
        {"", "502", 1, false},
        {EHLO, "502", 1, false},
        {EHLO MAIL RCPT, "502", 1, false},
        {EHLO "MAIL FROM:<\r\n", "502", 1, false},
        {"", "503", 0, true}, /* behind a refusing greeting */
    };
    static const char input[] = "BDAT 12 LAST\r\nRSET\r\nQUIT\r\nNOOP\r\n";
    const size_t length = sizeof input - 1;

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t piece = 1; piece <= length; piece++) {
            struct recorder r;
            unsigned before;
            char want[16];

            snprintf(want, sizeof want, "%s %s", rows[i].code, rows[i].denied ? "503" : "250");
            prepare(&r);
            if (rows[i].denied)
                r.verdicts[ON_CONNECT] = ehlo_reply(EHLO_REPLY_CONNECTION_DENIED);
            greet_and(&r, rows[i].before);
            before = info_of(&r).errors;
            assert_int_equal(feed_pieces(&r, input, length, piece), length);
            assert_codes(&r, "", want);
            assert_int_equal(info_of(&r).errors, before + rows[i].points);
            forget(&r);
        }
}

/* R3030-2-8: without a size nobody knows where the next command begins. */
static void test_a_chunk_without_a_good_size_closes(void **state)
{
    static const struct {
        const char *line;
        bool closes;
    } rows[] = {
        {"BDAT\r\n", true},
        {"BDAT LAST\r\n", true},
        {"BDAT x\r\n", true},
        {"BDAT 1x\r\n", true},
        {"BDAT -1\r\n", true},
        {"BDAT 9223372036854775807\r\n", false},
        {"BDAT 9223372036854775808\r\n", true},
        {"BDAT 18446744073709551616\r\n", true},
        {"BDAT 0\r\n", false},
        {"BDAT 0 LAST\r\n", false},
        {"BDAT 0 FIRST\r\n", false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO MAIL RCPT);
        feed(&r, rows[i].line);
        assert_of(rows[i].line, (wants_of(&r) == EHLO_WANT_CLOSE) == rows[i].closes);
        if (rows[i].closes)
            assert_of(rows[i].line, strncmp(r.wire.text, "501 5.5.4 ", 10) == 0 &&
                                        r.cause == EHLO_CAUSE_PROTOCOL);
        else
            assert_of(rows[i].line, (r.wire.length > 0) == (rows[i].line[5] == '0'));
        assert_of(rows[i].line, info_of(&r).errors == (rows[i].closes || rows[i].line[5] == '0'));
        forget(&r);
    }
}

/* The largest chunk leaves the number of octets as it is; none of them is looked at. */
static void test_a_chunk_may_go_on_for_ever(void **state)
{
    struct recorder r;
    char block[4096];

    (void)state;
    memset(block, '\n', sizeof block);
    prepare(&r);
    greet_and(&r, EHLO "BDAT 9223372036854775807\r\n");
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(offer(&r, block, sizeof block), sizeof block);
        assert_int_equal(wants_of(&r), EHLO_WANT_READ);
    }
    assert_int_equal(ehlo_server_expire(r.s), EHLO_OK);
    assert_codes(&r, "", "421");
    forget(&r);
}

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
    assert_codes(&r, "", "250 502 250");
    forget(&r);
}

static void test_the_end_of_input_in_a_chunk_is_the_end(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL RCPT);
    assert_codes(&r, "BDAT 6\r\nQUI", "");
    assert_int_equal(ehlo_server_eof(r.s), EHLO_OK);
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    assert_int_equal(r.done.cause, EHLO_CAUSE_EOF);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refused_chunk_is_eaten),
        cmocka_unit_test(test_a_chunk_without_a_good_size_closes),
        cmocka_unit_test(test_a_chunk_may_go_on_for_ever),
        cmocka_unit_test(test_a_chunk_waits_for_open_decisions),
        cmocka_unit_test(test_the_end_of_input_in_a_chunk_is_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
