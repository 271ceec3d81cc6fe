/*
 * Tests of lib/server/transaction.c: each way to end a transaction is told once, and a shutdown
 * waits for it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

/* All is told, and stays so. */
static void check_once(struct recorder *r, const char *row)
{
    drain_all(r);
    assert_of(row, wants_of(r) == EHLO_WANT_CLOSE);
    assert_of(row, r->calls[ON_CLOSE] == 1 && r->calls[ON_DONE] == r->calls[ON_MAIL]);
    clear_note(&r->wire);
    feed(r, "NOOP\r\n");
    assert_of(row, ehlo_server_eof(r->s) == EHLO_OK && r->wire.length == 0);
}

/* Each way to end one. */
static const struct {
    const char *name, *commands; /* behind EHLO */
    uint32_t outcome, cause;
    unsigned hook, id; /* its verdict, if id is not 0 */
    bool over;         /* so is the session */
} transactions[] = {
    {"taken", MAIL RCPT DATA ".\r\n", EHLO_OUTCOME_TAKEN, EHLO_CAUSE_COMPLETED, 0, 0, false},
    {"refused", MAIL RCPT DATA ".\r\n", EHLO_OUTCOME_REFUSED, EHLO_CAUSE_COMPLETED, ON_MESSAGE,
     EHLO_REPLY_REJECTED_SPAM, false},
    {"faulty", MAIL RCPT DATA "a\nb\r\n.\r\n", EHLO_OUTCOME_REFUSED, EHLO_CAUSE_COMPLETED, 0, 0,
     false},
    {"body refused", MAIL RCPT DATA "a\r\n.\r\n", EHLO_OUTCOME_REFUSED, EHLO_CAUSE_COMPLETED,
     ON_BODY, EHLO_REPLY_MAILBOX_FULL, false},
    {"mail refused", MAIL, EHLO_OUTCOME_REFUSED, EHLO_CAUSE_MAIL_REFUSED, ON_MAIL,
     EHLO_REPLY_GREYLISTED, false},
    {"RSET", MAIL RCPT "RSET\r\n", EHLO_OUTCOME_ABORTED, EHLO_CAUSE_RSET, 0, 0, false},
    {"EHLO", MAIL RCPT EHLO, EHLO_OUTCOME_ABORTED, EHLO_CAUSE_HELO, 0, 0, false},
    {"HELO", MAIL "HELO c\r\n", EHLO_OUTCOME_ABORTED, EHLO_CAUSE_HELO, 0, 0, false},
    {"QUIT", MAIL "QUIT\r\n", EHLO_OUTCOME_ABORTED, EHLO_CAUSE_QUIT, 0, 0, true},
    {"foreign", MAIL "GET / HTTP/1.1\r\n", EHLO_OUTCOME_ABORTED, EHLO_CAUSE_PROTOCOL, 0, 0, true},
    {"421 to RCPT", MAIL RCPT, EHLO_OUTCOME_ABORTED, EHLO_CAUSE_HOST, ON_RCPT,
     EHLO_REPLY_SERVICE_BUSY, true},
    {"421 to MAIL", MAIL, EHLO_OUTCOME_REFUSED, EHLO_CAUSE_MAIL_REFUSED, ON_MAIL,
     EHLO_REPLY_SERVICE_BUSY, true},
    {"421 to DATA", MAIL RCPT DATA, EHLO_OUTCOME_ABORTED, EHLO_CAUSE_HOST, ON_DATA,
     EHLO_REPLY_SERVICE_BUSY, true},
    {"421 to the message", MAIL RCPT DATA ".\r\n", EHLO_OUTCOME_REFUSED, EHLO_CAUSE_COMPLETED,
     ON_MESSAGE, EHLO_REPLY_SERVICE_BUSY, true},
};

/* R5321-4.1.1.4-4, R5321-4.1.1.5-1, R5321-4.1.1.1-3 */
static void test_each_transaction_is_told_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(transactions); i++) {
        const char *name = transactions[i].name;
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO);
        if (transactions[i].id != 0)
            r.verdicts[transactions[i].hook] = ehlo_reply(transactions[i].id);
        feed(&r, transactions[i].commands);
        assert_of(name, r.calls[ON_DONE] == 1 && r.calls[ON_CLOSE] == transactions[i].over);
        assert_of(name, r.done.outcome == transactions[i].outcome);
        assert_of(name, r.done.cause == transactions[i].cause);
        assert_of(name, r.done.taken == (transactions[i].outcome == EHLO_OUTCOME_TAKEN));
        assert_of(name, !(info_of(&r).flags & EHLO_INFO_TRANSACTION));
        ehlo_server_disconnected(r.s);
        check_once(&r, name);
        forget(&r);
    }
}

/* Feeds commands; what the last line gives rise to is not sent. */
static void feed_but_drain(struct recorder *r, const char *commands)
{
    const char *last = commands + strlen(commands) - 1;

    while (last > commands && last[-1] != '\n')
        last--;
    feed_pieces(r, commands, (size_t)(last - commands), SIZE_MAX);
    offer(r, last, strlen(last));
}

/* R5321-3.8-2: with a transaction the 421 comes behind the reply that ends it, once. */
static void test_shutdown_waits_for_the_end_of_the_transaction(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(transactions); i++) {
        const char *name = transactions[i].name;
        const bool on_mail = transactions[i].id != 0 && transactions[i].hook == ON_MAIL;
        struct recorder r;

        prepare(&r);
        greet_and(&r, on_mail ? EHLO : EHLO MAIL);
        if (transactions[i].id != 0)
            r.verdicts[transactions[i].hook] = ehlo_reply(transactions[i].id);
        if (on_mail) {
            r.verdicts[ON_MAIL] = ehlo_pending();
            feed(&r, MAIL);
        }
        assert_of(name, ehlo_server_shutdown(r.s) == EHLO_OK);
        assert_of(name, ehlo_server_shutdown(r.s) == EHLO_OK && r.wire.length == 0);
        if (on_mail)
            ehlo_server_resume(r.s, r.tokens[0], ehlo_reply(transactions[i].id));
        else
            feed_but_drain(&r, transactions[i].commands + sizeof MAIL - 1);
        assert_of(name, r.calls[ON_CLOSE] == 1); /* in the very call that ended it */
        drain_all(&r);
        free(codes_of(&r.wire));
        assert_of(name, r.calls[ON_CLOSE] == 1 && r.calls[ON_DONE] == 1);
        assert_of(name,
                  (strstr(r.wire.text, "\r\n421 4.3.2 Server") != NULL) == !transactions[i].over);
        check_once(&r, name);
        forget(&r);
    }
}

/* The line that ends it may have waited: the 421 comes with its reply all the same. */
static void test_shutdown_comes_with_the_reply_to_a_line_that_waited(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_RCPT] = ehlo_pending();
    greet_and(&r, EHLO MAIL);
    feed(&r, RCPT "RSET\r\n");
    assert_int_equal(ehlo_server_shutdown(r.s), EHLO_OK);
    assert_int_equal(ehlo_server_resume(r.s, r.tokens[0], ehlo_accept()), EHLO_OK);
    assert_int_equal(r.calls[ON_CLOSE], 1);
    drain_all(&r);
    assert_codes(&r, "", "250 250 421");
    check_once(&r, "RSET that waited");
    forget(&r);
}

/* The limit of errors and the shutdown come together: one 421, not two. */
static void test_a_limit_closes_before_the_shutdown(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.max_errors = 1;
    greet_and(&r, EHLO MAIL RCPT DATA);
    assert_int_equal(ehlo_server_shutdown(r.s), EHLO_OK);
    assert_says(&r, "a\nb\r\n.\r\n", "421 4.7.0 Too many errors, closing connection\r\n");
    assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
    check_once(&r, "limit");
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_transaction_is_told_once),
        cmocka_unit_test(test_shutdown_waits_for_the_end_of_the_transaction),
        cmocka_unit_test(test_shutdown_comes_with_the_reply_to_a_line_that_waited),
        cmocka_unit_test(test_a_limit_closes_before_the_shutdown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
