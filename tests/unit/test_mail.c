/*
 * Tests of lib/server/mail.c, and of what rcpt.c shares with it: paths that are well-formed and
 * refused all the same (UTF-8, a domain of one label, a source route), and the count of MAIL
 * commands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

#define UE "\xc3\xbc"

/* What a row is played with. */
#define OFFERED    1u /* SMTPUTF8 is offered */
#define HELO_ONLY  2u
#define SUBMISSION 4u
#define NO_ROUTES  8u
#define PERMITTED  16u /* RCPT: MAIL had SMTPUTF8 */
#define DOTS       32u /* dots behind domains are tolerated */

struct row {
    const char *argument, *reply; /* its begin */
    unsigned how;
};

static void let_in(struct recorder *r, enum hook hook)
{
    if (hook == ON_CONNECT)
        assert_int_equal(ehlo_server_identity(r->s, ehlo_text("user")), EHLO_OK);
}

static void play(const struct row *row, bool is_rcpt)
{
    struct recorder r;
    char line[256];

    prepare(&r);
    r.config.codes = EHLO_CODES_REGISTRY;
    if (row->how & OFFERED)
        r.config.extensions = EHLO_EXTENSION_SMTPUTF8;
    if (row->how & SUBMISSION)
        r.config.mode = EHLO_MODE_SUBMISSION;
    if (row->how & NO_ROUTES)
        r.config.source_route = EHLO_ROUTE_REFUSE;
    if (row->how & DOTS)
        r.config.lenient = EHLO_ODDITY_TRAILING_DOT;
    r.inside = let_in;
    greet_and(&r, row->how & HELO_ONLY ? "HELO c.example\r\n" : EHLO);
    if (is_rcpt)
        feed(&r, row->how & PERMITTED ? "MAIL FROM:<a@b.example> SMTPUTF8\r\n" : MAIL);
    clear_note(&r.wire);
    r.calls[ON_MAIL] = 0;
    snprintf(line, sizeof line, "%s:%s\r\n", is_rcpt ? "RCPT TO" : "MAIL FROM", row->argument);
    feed(&r, line);
    if (strncmp(r.wire.text, row->reply, strlen(row->reply)) != 0)
        fail_msg("%s: %s", row->argument, r.wire.text);
    assert_of(row->argument, (r.calls[is_rcpt ? ON_RCPT : ON_MAIL] == 1) == (*row->reply == '2'));
    forget(&r);
}

/* ---- MAIL ---- */

static const struct row mails[] = {
    /* R6531-3.3-1, R6531-3.5-1 */
    {"<" UE "@b.example> SMTPUTF8", "250 2.1.0", OFFERED},
    {"<" UE "@b.example> SIZE=1 SMTPUTF8", "250 2.1.0", OFFERED},
    {"<\"" UE " x\"@" UE ".example> SMTPUTF8", "250 2.1.0", OFFERED},
    {"<a@b.example> SMTPUTF8", "250 2.1.0", OFFERED},
    {"<> SMTPUTF8", "250 2.1.0", OFFERED},
    {"<" UE "@b.example>", "550 5.6.7", OFFERED},
    {"<a@" UE ".example> SIZE=1", "550 5.6.7", OFFERED},
    {"<" UE "@b.example> SMTPUTF8=1", "501 5.5.4", OFFERED},
    {"<" UE "@b.example> FOO SMTPUTF8", "555 5.5.4", OFFERED},
    {"<" UE "@b.example>", "501 5.1.7", 0},
    {"<" UE "@b.example> SMTPUTF8", "501 5.1.7", 0},
    {"<" UE "@b.example> SMTPUTF8", "501 5.1.7", OFFERED | HELO_ONLY},
    {"<\xc3@b.example> SMTPUTF8", "501 5.1.7", OFFERED},
    {"<\xc0\x80@b.example> SMTPUTF8", "501 5.1.7", OFFERED},
    {"<a@\xed\xa0\x80.example> SMTPUTF8", "501 5.1.7", OFFERED},
    {"<\xf4\x90\x80\x80@b.example> SMTPUTF8", "501 5.1.7", OFFERED},
    {"<\xc3@b.example>", "501 5.1.7", OFFERED},
    {"<" UE "@b..example> SMTPUTF8", "501 5.1.7", OFFERED},
    {"<" UE "@b.example", "501 5.1.7", OFFERED},
    {"<" UE "> SMTPUTF8", "501 5.1.7", OFFERED},
    /* R6409-4.2-1, R6409-3.2-1 */
    {"<a@b>", "554 5.1.8", SUBMISSION},
    {"<a@b>", "250 2.1.0", 0},
    {"<a@b.>", "554 5.1.8", SUBMISSION | DOTS},
    {"<a@b.example.>", "250 2.1.0", SUBMISSION | DOTS},
    {"<a@b.c>", "250 2.1.0", SUBMISSION},
    {"<a@[192.0.2.1]>", "250 2.1.0", SUBMISSION},
    {"<a@[IPv6:2001:db8::1]>", "250 2.1.0", SUBMISSION},
    {"<>", "250 2.1.0", SUBMISSION},
    {"<a@" UE "> SMTPUTF8", "554 5.1.8", SUBMISSION | OFFERED},
    {"<a@" UE ".example> SMTPUTF8", "250 2.1.0", SUBMISSION | OFFERED},
    {"<@r.example:a@b>", "554 5.1.8", SUBMISSION},
    {"<a@b> FOO", "554 5.1.8", SUBMISSION}, /* the path is judged first */
    /* R6409-5.1-1 */
    {"<a@>", "501 5.1.7", SUBMISSION},
    {"<a@b.example", "501 5.1.7", SUBMISSION},
    /* R5321-4.1.1.3-2 */
    {"<@r.example:a@b.example>", "550 5.7.1", NO_ROUTES},
    {"<@r.example:a@b.example>", "250 2.1.0", 0},
};

static void test_senders(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(mails); i++)
        play(&mails[i], false);
}

/* ---- RCPT ---- */

static const struct row rcpts[] = {
    {"<" UE "@d.example>", "250 2.1.5", OFFERED | PERMITTED},
    {"<c@" UE ".example>", "250 2.1.5", OFFERED | PERMITTED},
    {"<" UE "@d.example>", "553 5.6.7", OFFERED},
    {"<c@" UE ".example>", "553 5.6.7", OFFERED},
    {"<" UE "@d.example>", "501 5.1.3", 0},
    {"<" UE "@d.example>", "501 5.1.3", OFFERED | HELO_ONLY},
    {"<\xc3@d.example>", "501 5.1.3", OFFERED | PERMITTED},
    {"<c@\xed\xa0\x80.example>", "501 5.1.3", OFFERED | PERMITTED},
    {"<c@d>", "554 5.1.2", SUBMISSION},
    {"<c@d>", "250 2.1.5", 0},
    {"<c@d.>", "554 5.1.2", SUBMISSION | DOTS},
    {"<c@[192.0.2.1]>", "250 2.1.5", SUBMISSION},
    {"<postmaster>", "250 2.1.5", SUBMISSION},
    {"<postmaster@d>", "554 5.1.2", SUBMISSION},
    {"<c@>", "501 5.1.3", SUBMISSION},
    {"<@r.example:c@d.example>", "550 5.7.1", NO_ROUTES},
};

static void test_recipients(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rcpts); i++)
        play(&rcpts[i], true);
}

/* What MAIL said holds for its transaction alone (R6531-3.3-1). */
static void test_utf8_ends_with_its_transaction(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.extensions = EHLO_EXTENSION_SMTPUTF8;
    greet_and(&r, EHLO "MAIL FROM:<a@b.example> SMTPUTF8\r\n");
    assert_codes(&r, "RCPT TO:<" UE "@d.example>\r\n", "250");
    assert_int_equal(info_of(&r).flags & EHLO_INFO_UTF8, EHLO_INFO_UTF8);
    assert_codes(&r, "RSET\r\n" MAIL "RCPT TO:<" UE "@d.example>\r\n", "250 250 553");
    assert_int_equal(info_of(&r).flags & EHLO_INFO_UTF8, 0);
    forget(&r);
}

/* ---- the count of MAIL commands ---- */

/* R9422-4-1, RSEC-LIMIT-5: refused ones count too, and the limit comes before anything else */
static void test_each_mail_counts(void **state)
{
    static const char *const commands[] = {MAIL "RSET\r\n", "MAIL FROM:<\r\n",
                                           "MAIL FROM:<a@b.example> SIZE=99999999\r\n",
                                           "MAIL FROM:<a@b.example> FOO\r\n"};
    static const char *const codes[] = {"250 250", "501", "501", "555"};

    (void)state;
    for (uint32_t limit = 1; limit <= 4; limit++) {
        struct recorder r;

        prepare(&r);
        r.config.max_transactions = limit;
        greet_and(&r, EHLO);
        for (uint32_t i = 0; i < limit; i++) {
            assert_codes(&r, commands[i], codes[i]);
            assert_int_equal(info_of(&r).transactions, i + 1);
        }
        assert_says(&r, "MAIL FROM:<\r\n", "421 4.7.0 Too many messages on this connection\r\n");
        assert_int_equal(r.reasons[EHLO_TRACE_TRANSACTION_LIMIT], 1);
        assert_int_equal(r.numbers[EHLO_TRACE_TRANSACTION_LIMIT], limit);
        assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
        assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
        forget(&r);
    }
}

/* A MAIL that is out of order is none. */
static void test_a_mail_out_of_order_does_not_count(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.max_transactions = 2;
    greet_and(&r, MAIL EHLO MAIL);
    assert_codes(&r, MAIL MAIL, "503 503");
    assert_int_equal(info_of(&r).transactions, 1);
    assert_codes(&r, "RSET\r\n" MAIL "RSET\r\n" MAIL, "250 250 250 421");
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_senders),
        cmocka_unit_test(test_recipients),
        cmocka_unit_test(test_utf8_ends_with_its_transaction),
        cmocka_unit_test(test_each_mail_counts),
        cmocka_unit_test(test_a_mail_out_of_order_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
