/*
 * Tests of lib/server/limits.c and of every limit of a session but those of content, at -1, 0 and
 * +1: its reply, its trace, its error point, and what resets it (RSEC-LIMIT-1 to -5).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* Feeds a line so many times, and expects the same code each time. */
static void say_again(struct recorder *r, const char *line, unsigned times, const char *code)
{
    while (times-- > 0)
        assert_codes(r, line, code);
}

static unsigned errors_of(const struct recorder *r)
{
    return info_of(r).errors;
}

/* ---- the reserves in the output ---- */

static size_t length_on_wire(unsigned id, unsigned codes)
{
    char line[EHLO_REPLY_LINE_MAX];
    struct ehlo_reply reply = ehlo_reply(id);

    assert_true(ehlo_reply_resolve(&reply, codes));
    if (reply.enhanced.klass == 0)
        reply.enhanced.klass = (uint8_t)(reply.code / 100);
    return ehlo_format_reply(line, sizeof line, &reply, EHLO_FORMAT_ENHANCED);
}

static void test_any_421_fits_into_the_last_words(void **state)
{
    unsigned found = 0;

    (void)state;
    for (unsigned id = 0; (id = ehlo_reply_next(id)) != 0;)
        for (unsigned codes = 0; codes <= EHLO_CODES_REGISTRY; codes++) {
            if (ehlo_reply(id).code != 421)
                continue;
            found++;
            assert_in_range(length_on_wire(id, codes), 16, EHLO__LAST_WORDS);
        }
    assert_true(found > 2);
}

/* What the engine itself may say beside open RCPTs. */
static void test_the_replies_to_rcpt_fit_into_their_room(void **state)
{
    static const unsigned ids[] = {
        EHLO_REPLY_RECIPIENT_OK,
        EHLO_REPLY_RECIPIENT_SYNTAX,
        EHLO_REPLY_RECIPIENT_UNBALANCED,
        EHLO_REPLY_RECIPIENT_DOMAIN_REQUIRED,
        EHLO_REPLY_PARAMETER_SYNTAX,
        EHLO_REPLY_UNKNOWN_PARAMETER,
        EHLO_REPLY_SOURCE_ROUTE_REFUSED,
        EHLO_REPLY_CONTROL_OCTETS,
        EHLO_REPLY_BAD_LINE,
        EHLO_REPLY_RELAY_DENIED,
        EHLO_REPLY_HOST_FAULT,
        EHLO_REPLY_TOO_MANY_RECIPIENTS,
        EHLO_REPLY_TOO_MANY_ERRORS,
        EHLO_REPLY_TOO_MANY_REFUSED_RECIPIENTS,
    };

    (void)state;
    for (size_t i = 0; i < ROWS(ids); i++)
        for (unsigned codes = 0; codes <= EHLO_CODES_REGISTRY; codes++)
            assert_in_range(length_on_wire(ids[i], codes), 16, EHLO__RCPT_ROOM);
}

/* ---- errors, junk, refused recipients, transactions ---- */

/* RSEC-LIMIT-1, -2: in place of the reply that reaches it; a hint at half of it. */
static void test_the_error_limit_closes(void **state)
{
    static const struct {
        uint32_t configured, limit;
    } rows[] = {{0, 20}, {1, 1}, {2, 2}, {3, 3}, {20, 20}, {21, 21}};

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;
        const uint32_t limit = rows[i].limit;

        prepare(&r);
        r.config.max_errors = rows[i].configured;
        r.config.on_command = NULL;
        greet_and(&r, "");
        say_again(&r, "FOO\r\n", limit - 1, "500");
        assert_int_equal(errors_of(&r), limit - 1);
        assert_int_equal(r.reasons[EHLO_TRACE_ERROR_LIMIT], 0);
        assert_says(&r, "FOO\r\n", "421 4.7.0 Too many errors, closing connection\r\n");
        assert_int_equal(r.reasons[EHLO_TRACE_ERROR_LIMIT], 1);
        assert_int_equal(r.numbers[EHLO_TRACE_ERROR_LIMIT], limit);
        assert_int_equal(r.reasons[EHLO_TRACE_ERROR_HINT], limit / 2 > 0);
        assert_int_equal(r.numbers[EHLO_TRACE_ERROR_HINT], limit / 2);
        assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        forget(&r);
    }
}

/* What costs a point and what does not; the rest of faults is in the transcripts. */
static void test_points_are_taken_from_who_deserves_it(void **state)
{
    static const struct {
        const char *before, *line;
        enum hook hook; /* its verdict is `id`; 0: all are accepted */
        unsigned id, points;
    } rows[] = {
        {"", EHLO, ON_HELO, EHLO_REPLY_ACCESS_NOT_ALLOWED, 1},
        {"", EHLO, ON_HELO, EHLO_REPLY_LOCAL_ERROR, 0},
        {EHLO, MAIL, ON_MAIL, EHLO_REPLY_SENDER_DENIED, 1},
        {EHLO, MAIL, ON_MAIL, EHLO_REPLY_GREYLISTED, 0},
        {EHLO MAIL, RCPT, ON_RCPT, EHLO_REPLY_USER_UNKNOWN, 0},
        {EHLO MAIL RCPT, DATA, ON_DATA, EHLO_REPLY_TRANSACTION_FAILED, 0},
        {EHLO MAIL RCPT DATA, "x\r\n.\r\n", ON_BODY, EHLO_REPLY_MAILBOX_FULL, 0},
        {EHLO MAIL RCPT DATA, ".\r\n", ON_MESSAGE, EHLO_REPLY_REJECTED_SPAM, 0},
        {"", "VRFY a\r\n", ON_VRFY, EHLO_REPLY_NO_SUCH_USER, 0},
        {"", "EXPN a\r\n", ON_EXPN, EHLO_REPLY_NO_SUCH_LIST, 0},
        {"", "HELP a\r\n", ON_HELP, EHLO_REPLY_PARAMETER_SYNTAX, 0},
        {"", "FOO\r\n", ON_COMMAND, EHLO_REPLY_COMMAND_UNRECOGNIZED, 1},
        {"", "FOO\r\n", ON_COMMAND, EHLO_REPLY_PEER_NOT_APPROVED, 0},
        {EHLO, MAIL RCPT RCPT DATA, ON_MAIL, EHLO_REPLY_GREYLISTED, 0},
        {EHLO "MAIL FROM:<\r\nNOOP\r\n", RCPT, 0, 0, 1}, /* no longer of that group */
        {EHLO MAIL RCPT DATA, "a\nb\r\n.\r\n", 0, 0, 1},
        {EHLO MAIL RCPT DATA, "a\rb\r\n.\r\n", 0, 0, 1},
        {EHLO "MAIL FROM:<\r\n", RCPT RCPT DATA, 0, 0, 0}, /* R2920-3.2-7, the first one has one */
        {EHLO "MAIL FROM:<a@b.example>\001\r\n", RCPT RCPT DATA, 0, 0, 0},
        {EHLO "MAIL FROM:<a@b.example> A\nB\r\n", RCPT RCPT DATA, 0, 0, 0},
        {EHLO MAIL "RCPT TO:<\r\n", DATA, 0, 0, 0},
        {EHLO MAIL "RCPT TO:<c@d.example>\001\r\n", DATA, 0, 0, 0},
        {EHLO MAIL "RCPT TO:<c@d.example> A\nB\r\n", DATA, 0, 0, 0},
        {EHLO, "MAIL FROM:<a@b.example> SIZE=33554433\r\n" RCPT DATA, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;
        unsigned before;

        prepare(&r);
        r.config.nul = EHLO_NUL_ACCEPT;
        greet_and(&r, rows[i].before);
        before = errors_of(&r);
        if (rows[i].id != 0)
            r.verdicts[rows[i].hook] = ehlo_reply(rows[i].id);
        feed(&r, rows[i].line);
        assert_of(rows[i].line, errors_of(&r) - before == rows[i].points);
        forget(&r);
    }
}

/* RSEC-LIMIT-3: above the limit each junk command is an error. */
static void test_junk_becomes_errors_above_its_limit(void **state)
{
    static const struct {
        const char *line, *code;
    } rows[] = {{"NOOP\r\n", "250"},           {"RSET\r\n", "250"}, {"VRFY a\r\n", "252"},
                {"EXPN a\r\n", "252"},         {"HELP\r\n", "214"}, {"EHLO c.example\r\n", "250"},
                {"HELO c.example\r\n", "250"}, {"FOO\r\n", "250"}};
    static const uint32_t limits[] = {0, 1, 2, 99, 100, 101};

    (void)state;
    for (size_t i = 0; i < ROWS(rows) * ROWS(limits); i++) {
        const char *line = rows[i % ROWS(rows)].line, *code = rows[i % ROWS(rows)].code;
        const uint32_t configured = limits[i / ROWS(rows)];
        const uint32_t limit = configured != 0 ? configured : 100;
        struct recorder r;

        prepare(&r);
        r.config.max_junk = configured;
        r.config.max_errors = 3;
        greet_and(&r, EHLO); /* the first one is none */
        say_again(&r, line, limit, code);
        assert_int_equal(r.reasons[EHLO_TRACE_JUNK_LIMIT], 0);
        assert_int_equal(errors_of(&r), 0);
        say_again(&r, line, 2, code);
        assert_int_equal(errors_of(&r), 2);
        assert_int_equal(r.reasons[EHLO_TRACE_JUNK_LIMIT], 2);
        assert_codes(&r, line, "421");
        assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
        forget(&r);
    }
}

/* RSEC-LIMIT-4: their own count; 4yz are none. */
static void test_refused_recipients_have_a_limit(void **state)
{
    static const struct {
        uint32_t configured, limit;
    } rows[] = {{0, 100}, {1, 1}, {2, 2}, {99, 99}, {101, 101}};

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.max_refused = rows[i].configured;
        greet_and(&r, EHLO MAIL);
        r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_GREYLISTED);
        say_again(&r, RCPT, 120, "451");
        r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_USER_UNKNOWN);
        say_again(&r, RCPT, rows[i].limit - 1, "550");
        assert_int_equal(info_of(&r).refused, rows[i].limit - 1);
        assert_int_equal(errors_of(&r), 0);
        assert_says(&r, RCPT, "421 4.7.0 Too many refused recipients, closing connection\r\n");
        assert_int_equal(r.reasons[EHLO_TRACE_REFUSED_LIMIT], 1);
        assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
        assert_int_equal(r.done.cause, EHLO_CAUSE_LIMIT);
        forget(&r);
    }
}

/* RSEC-LIMIT-5 */
static void test_transactions_have_a_limit(void **state)
{
    static const struct {
        uint32_t configured, limit;
    } rows[] = {{0, 1000}, {1, 1}, {2, 2}, {1001, 1001}};

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.max_transactions = rows[i].configured;
        r.config.max_junk = 10000;
        greet_and(&r, EHLO);
        say_again(&r, MAIL "RSET\r\n", rows[i].limit, "250 250");
        assert_int_equal(info_of(&r).transactions, rows[i].limit);
        assert_says(&r, MAIL, "421 4.7.0 Too many messages on this connection\r\n");
        assert_int_equal(r.reasons[EHLO_TRACE_TRANSACTION_LIMIT], 1);
        assert_int_equal(r.calls[ON_MAIL], rows[i].limit);
        assert_int_equal(r.calls[ON_DONE], rows[i].limit);
        assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
        forget(&r);
    }
}

/* RSEC-LIMIT-1: a message that was taken forgives errors and junk; one that was refused does not.
 */
static void test_a_taken_message_resets_errors_and_junk(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.max_junk = 2;
    r.config.max_errors = 3;
    greet_and(&r, EHLO "BDAT 0\r\nNOOP\r\nNOOP\r\n");
    assert_int_equal(errors_of(&r), 1);
    r.verdicts[ON_MESSAGE] = ehlo_reply(EHLO_REPLY_REJECTED_SPAM);
    assert_codes(&r, MAIL RCPT DATA ".\r\n", "250 250 354 554");
    assert_int_equal(errors_of(&r), 1);
    assert_codes(&r, "NOOP\r\n", "250");
    assert_int_equal(errors_of(&r), 2);
    r.verdicts[ON_MESSAGE] = ehlo_accept();
    assert_codes(&r, MAIL RCPT DATA ".\r\n", "250 250 354 250");
    assert_int_equal(errors_of(&r), 0);
    assert_codes(&r, "NOOP\r\nNOOP\r\n", "250 250");
    assert_int_equal(errors_of(&r), 0);
    assert_codes(&r, "NOOP\r\nNOOP\r\nNOOP\r\n", "250 250 421");
    forget(&r);
}

/* ---- one command ---- */

/* R5321-4.5.3.1-7: the earlier ones are kept, and no point is taken. */
static void test_recipients_have_a_limit(void **state)
{
    static const struct {
        uint32_t configured, limit;
        bool few;
    } rows[] = {{0, 1000, false}, {100, 100, false}, {101, 101, false}, {1, 1, true}, {2, 2, true}};

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.max_recipients = rows[i].configured;
        r.config.few_recipients = rows[i].few;
        greet_and(&r, EHLO MAIL);
        say_again(&r, RCPT, rows[i].limit, "250");
        assert_says(&r, RCPT, "452 4.5.3 Too many recipients\r\n");
        assert_int_equal(r.reasons[EHLO_TRACE_RECIPIENT_LIMIT], 1);
        assert_int_equal(r.calls[ON_RCPT], rows[i].limit);
        assert_int_equal(errors_of(&r) + info_of(&r).refused, 0);
        assert_int_equal(info_of(&r).recipients, rows[i].limit);
        assert_codes(&r, DATA ".\r\n", "354 250");
        assert_int_equal(r.done.taken, rows[i].limit);
        assert_codes(&r, MAIL RCPT, "250 250"); /* a new one */
        forget(&r);
    }
}

/* RSEC-LIMIT-5 */
static void test_parameters_have_a_limit(void **state)
{
    static const struct {
        uint32_t configured, limit;
    } rows[] = {{0, 16}, {1, 1}, {2, 2}, {17, 17}};

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (uint32_t count = rows[i].limit - 1; count <= rows[i].limit + 1; count++) {
            const bool over = count > rows[i].limit;
            struct recorder r;
            char line[512] = "MAIL FROM:<a@b.example>";

            prepare(&r);
            r.config.max_parameters = rows[i].configured;
            r.config.lenient = EHLO_ODDITY_UNKNOWN_PARAMETERS;
            for (uint32_t j = 0; j < count; j++)
                strcat(line, " X=1");
            strcat(line, "\r\n");
            greet_and(&r, EHLO);
            assert_codes(&r, line, over ? "501" : "250");
            assert_int_equal(r.reasons[EHLO_TRACE_PARAMETER_LIMIT], over);
            assert_int_equal(errors_of(&r), over);
            forget(&r);
        }
}

/* R1870-6.1-1, R1870-3-2 (saturation) */
static void test_the_declared_size_has_a_limit(void **state)
{
    static const struct {
        const char *size, *code;
        uint64_t limit;
    } rows[] = {
        {"33554431", "250", 0},
        {"33554432", "250", 0},
        {"33554433", "501", 0},
        {"65535", "250", 65536},
        {"65536", "250", 65536},
        {"65537", "501", 65536},
        {"99999999999999999999", "501", 65536},
        {"18446744073709551614", "250", EHLO_UNLIMITED - 1},
        {"18446744073709551615", "501", EHLO_UNLIMITED - 1},
        {"18446744073709551615", "250", EHLO_UNLIMITED},
        {"99999999999999999999", "250", EHLO_UNLIMITED},
        {"0", "250", 65536},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const bool over = rows[i].code[0] == '5';
        struct recorder r;
        char line[128];

        prepare(&r);
        r.config.max_message_size = rows[i].limit;
        snprintf(line, sizeof line, "MAIL FROM:<a@b.example> SIZE=%s\r\n", rows[i].size);
        greet_and(&r, EHLO);
        assert_codes(&r, line, rows[i].code);
        assert_int_equal(r.calls[ON_MAIL], !over);
        assert_int_equal(r.reasons[EHLO_TRACE_SIZE_LIMIT], over);
        assert_int_equal(errors_of(&r), 0);
        assert_codes(&r, RCPT, over ? "503" : "250");
        forget(&r);
    }
}

/* R5321-4.5.3.1-2: one error, whole or cut, and the next line is read as ever. RSEC-LIMIT-7 */
static void test_a_line_has_a_limit(void **state)
{
    static const uint32_t sizes[] = {0, 512, 513};
    static const size_t pieces[] = {1, 7, 511, 512, 513, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < ROWS(sizes) * ROWS(pieces) * 3; i++) {
        const uint32_t size = sizes[i % ROWS(sizes)] != 0 ? sizes[i % ROWS(sizes)] : 2048;
        const size_t piece = pieces[i / ROWS(sizes) % ROWS(pieces)];
        const size_t length = size - 1 + i / ROWS(sizes) / ROWS(pieces);
        char *line = malloc(length + 6);
        struct recorder r;

        assert_non_null(line);
        memset(line, 'x', length);
        memcpy(line, "NOOP ", 5);
        memcpy(line + length - 2, "\r\nRSET\r\n", 8);
        prepare(&r);
        r.config.line_size = sizes[i % ROWS(sizes)];
        greet_and(&r, "");
        feed_pieces(&r, line, length + 6, piece);
        assert_note(&r.wire, length > size ? "500 5.5.2 Command line is too long\r\n"
                                             "250 2.0.0 Transaction cleared\r\n"
                                           : "250 2.0.0 Nothing done\r\n"
                                             "250 2.0.0 Transaction cleared\r\n");
        assert_int_equal(r.reasons[EHLO_TRACE_LINE_LIMIT], length > size);
        assert_int_equal(errors_of(&r), length > size);
        free(line);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_421_fits_into_the_last_words),
        cmocka_unit_test(test_the_replies_to_rcpt_fit_into_their_room),
        cmocka_unit_test(test_the_error_limit_closes),
        cmocka_unit_test(test_points_are_taken_from_who_deserves_it),
        cmocka_unit_test(test_junk_becomes_errors_above_its_limit),
        cmocka_unit_test(test_refused_recipients_have_a_limit),
        cmocka_unit_test(test_transactions_have_a_limit),
        cmocka_unit_test(test_a_taken_message_resets_errors_and_junk),
        cmocka_unit_test(test_recipients_have_a_limit),
        cmocka_unit_test(test_parameters_have_a_limit),
        cmocka_unit_test(test_the_declared_size_has_a_limit),
        cmocka_unit_test(test_a_line_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
