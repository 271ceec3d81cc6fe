/*
 * Tests of ehlo_server_timeout() (lib/server/server.c): how long each phase may last, and when a
 * wait is a new one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

static const struct {
    const char *name, *commands;
    unsigned hook; /* is left pending, if it is a deciding one */
    unsigned standard, configured;
} waits[] = {
    {"fresh", "", HOOKS, 300, 11},
    {"between commands", EHLO MAIL, HOOKS, 300, 11},
    {"content", EHLO MAIL RCPT DATA "x", HOOKS, 180, 12},
    {"helo", EHLO, ON_HELO, 120, 13},
    {"mail", EHLO MAIL, ON_MAIL, 120, 13},
    {"rcpt", EHLO MAIL RCPT RCPT, ON_RCPT, 120, 13},
    {"data", EHLO MAIL RCPT DATA, ON_DATA, 120, 13},
    {"body", EHLO MAIL RCPT DATA "x", ON_BODY, 120, 13},
    {"message", EHLO MAIL RCPT DATA "x\r\n.\r\n", ON_MESSAGE, 540, 14},
    {"vrfy", "VRFY a\r\n", ON_VRFY, 120, 13},
    {"starttls", "STARTTLS\r\n", ON_STARTTLS, 120, 13},
    {"behind its 220", "STARTTLS\r\n", HOOKS, 300, 11},
    {"auth", EHLO PLAIN, ON_AUTH, 120, 13},
    {"behind a challenge", EHLO "AUTH LOGIN\r\n", HOOKS, 300, 11},
    {"sasl", EHLO "AUTH XTEST =\r\n", ON_SASL, 120, 13},
    {"the first chunk", EHLO MAIL RCPT "BDAT 3\r\n", ON_DATA, 120, 13},
    {"within a chunk", EHLO MAIL RCPT "BDAT 3\r\n", HOOKS, 180, 12},
    {"between chunks", EHLO MAIL RCPT "BDAT 1\r\nx", HOOKS, 300, 11},
    {"behind the last one", EHLO MAIL RCPT "BDAT 1 LAST\r\nx", ON_MESSAGE, 540, 14},
    {"behind it", EHLO MAIL RCPT DATA "x\r\n.\r\n", HOOKS, 300, 11},
    {"closed", "QUIT\r\n", HOOKS, 0, 0},
};

/* R5321-4.5.3.2-2, RSEC-LIMIT-6 */
static void test_each_phase_has_its_timeout(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ROWS(waits); i++) {
        const size_t row = i / 2;
        struct recorder r;

        prepare(&r);
        r.config.decisions = 2;
        if (i % 2) {
            r.config.command_timeout = 11;
            r.config.content_timeout = 12;
            r.config.decision_timeout = 13;
            r.config.message_timeout = 14;
        }
        if (waits[row].hook < DECIDING_HOOKS)
            r.verdicts[waits[row].hook] = ehlo_pending();
        greet_and(&r, waits[row].commands);
        assert_of(waits[row].name, ehlo_server_timeout(r.s, NULL) ==
                                       (i % 2 ? waits[row].configured : waits[row].standard));
        forget(&r);
    }
}

/* R6409-5.3-1: whoever submits waits for a person, so two minutes are the most. */
static void test_submission_answers_within_two_minutes(void **state)
{
    static const enum hook hooks[] = {ON_MAIL, ON_RCPT, ON_DATA, ON_BODY, ON_MESSAGE};

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(hooks); i++) {
        const enum hook hook = hooks[i / 2];
        struct recorder r;

        prepare(&r);
        r.config.mode = EHLO_MODE_SUBMISSION;
        r.config.message_timeout = i % 2 ? 14 : 0;
        greet_and(&r, EHLO PLAIN MAIL);
        if (hook != ON_MAIL)
            feed(&r, occasions[hook].before + sizeof EHLO MAIL - 1);
        else
            feed(&r, "RSET\r\n");
        r.verdicts[hook] = ehlo_pending();
        call_hook(&r, hook);
        assert_of(hook_names[hook], wants_of(&r) & EHLO_WANT_DECISION);
        assert_of(hook_names[hook],
                  ehlo_server_timeout(r.s, NULL) == (i % 2 && hook == ON_MESSAGE ? 14 : 120));
        forget(&r);
    }
}

/* Whether the epoch has changed since the last question. */
static bool is_new_wait(const struct recorder *r, uint32_t *epoch)
{
    const uint32_t before = *epoch;

    *epoch = epoch_of(r);
    return *epoch != before;
}

static void test_the_wait_is_a_new_one_with_each_command_and_decision(void **state)
{
    struct recorder r;
    uint32_t epoch = 0;

    (void)state;
    prepare(&r);
    greet_and(&r, "");
    is_new_wait(&r, &epoch);
    for (const char *at = "EHLO c.example\r"; *at != '\0'; at++) {
        offer(&r, at, 1);
        assert_false(is_new_wait(&r, &epoch)); /* a dribbled line does not prolong it */
    }
    offer(&r, "\n", 1);
    assert_true(is_new_wait(&r, &epoch));
    drain(&r, 1);
    drain(&r, SIZE_MAX);
    assert_false(is_new_wait(&r, &epoch)); /* nor does one who reads slowly */
    feed(&r, "FOO\r\n");
    assert_true(is_new_wait(&r, &epoch));
    feed(&r, MAIL);
    is_new_wait(&r, &epoch);
    r.verdicts[ON_RCPT] = ehlo_pending();
    for (unsigned i = 0; i < 3; i++) {
        feed(&r, RCPT);
        assert_true(is_new_wait(&r, &epoch));
    }
    feed(&r, DATA); /* waits */
    assert_false(is_new_wait(&r, &epoch));
    for (unsigned i = 3; i-- > 0;) {
        resume(&r, i, ehlo_accept());
        assert_true(is_new_wait(&r, &epoch));
    }
    resume(&r, 0, ehlo_accept());
    assert_false(is_new_wait(&r, &epoch));
    forget(&r);
}

static void test_each_64_kib_of_content_are_a_new_wait(void **state)
{
    static char block[65536];
    struct recorder r;
    uint32_t epoch = 0;

    (void)state;
    memset(block, 'x', sizeof block);
    for (int chunk = 0; chunk < 2; chunk++) {
        prepare(&r);
        greet_and(&r, chunk ? "BDAT 200000\r\n" : EHLO MAIL RCPT DATA);
        is_new_wait(&r, &epoch);
        if (chunk) /* counted from its end: 200000 is 3 blocks and 3392 octets */
            offer(&r, block, 3392 - 1);
        else
            offer(&r, block, 65535);
        assert_false(is_new_wait(&r, &epoch));
        offer(&r, block, chunk ? 2 : 1); /* 65536 */
        assert_true(is_new_wait(&r, &epoch));
        offer(&r, block, 1);
        assert_false(is_new_wait(&r, &epoch));
        offer(&r, block, 65534);
        assert_false(is_new_wait(&r, &epoch));
        offer(&r, block, 2);
        assert_true(is_new_wait(&r, &epoch));
        forget(&r);
    }
}

static void test_the_end_of_a_content_is_a_new_wait(void **state)
{
    struct recorder r;
    uint32_t epoch = 0;

    (void)state;
    prepare(&r);
    r.verdicts[ON_MESSAGE] = ehlo_pending();
    greet_and(&r, EHLO MAIL RCPT DATA "x\r\n.\r");
    is_new_wait(&r, &epoch);
    feed(&r, "\n");
    assert_true(is_new_wait(&r, &epoch));
    resume(&r, 0, ehlo_accept());
    assert_true(is_new_wait(&r, &epoch));
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_phase_has_its_timeout),
        cmocka_unit_test(test_submission_answers_within_two_minutes),
        cmocka_unit_test(test_the_wait_is_a_new_one_with_each_command_and_decision),
        cmocka_unit_test(test_each_64_kib_of_content_are_a_new_wait),
        cmocka_unit_test(test_the_end_of_a_content_is_a_new_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
