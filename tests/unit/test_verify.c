/*
 * Tests of lib/server/verify.c: what may answer VRFY and EXPN, and forwarding that a host hides.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

/* Has the hook called and answered with this. */
static void answer(struct recorder *r, enum hook hook, struct ehlo_reply verdict)
{
    r->verdicts[hook] = verdict;
    reach_hook(r, hook);
    call_hook(r, hook);
}

/* R5321-3.5.2-1: a mailbox on each line; else it is not "verified". */
static void test_a_250_to_vrfy_has_a_mailbox_on_each_line(void **state)
{
    static const struct {
        const char *phrase, *want;
    } rows[] = {
        {"a@b.example", "250 2.1.5 a@b.example\r\n"},
        {"Full Name <a@b.example>", "250 2.1.5 Full Name <a@b.example>\r\n"},
        {"<a@b.example>\nC <c@d.example>",
         "250-2.1.5 <a@b.example>\r\n250 2.1.5 C <c@d.example>\r\n"},
        {"<a@b.example>\r\n<c@d.example>\r\n",
         "250-2.1.5 <a@b.example>\r\n250 2.1.5 <c@d.example>\r\n"},
        {"X <a@b>", "250 2.1.5 X <a@b>\r\n"},
        {"a", NULL},
        {"Full Name", NULL},
        {"<a>", NULL},
        {"<a@b.example> x", NULL},
        {"<a@b.example>\n\n<c@d.example>", NULL},
        {"<a@b.example>\nFull Name", NULL},
        {"<@b.example:c@d.example>", NULL},
        {"<\xc3\xbc@b.example>", NULL}, /* R6531-3.7.4-2: not without SMTPUTF8 */
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (unsigned hook = ON_VRFY; hook <= ON_EXPN; hook++) {
            struct recorder r;

            prepare(&r);
            answer(&r, (enum hook)hook, ehlo_reply_custom(250, "2.1.5", rows[i].phrase));
            assert_says(&r, "",
                        rows[i].want != NULL
                            ? rows[i].want
                            : "451 4.3.0 No valid decision was made, try again later\r\n");
            forget(&r);
        }
}

/* A subject is one line; the catalogue's "%s" without one is none. */
static void test_a_subject_may_be_the_mailbox(void **state)
{
    static const struct {
        const char *subject, *code;
    } rows[] = {
        {"<a@b.example>", "250"},
        {"X <a@b.example>", "250"},
        {"", "451"},
        {"x", "451"},
        {"<a@b.example>\n<c@d.example>", "451"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        answer(&r, ON_VRFY, ehlo_reply_about(EHLO_REPLY_VRFY_OK, ehlo_text(rows[i].subject)));
        assert_codes(&r, "", rows[i].code);
        forget(&r);
    }
}

/* R5321-3.4-2 */
static void test_forwarding_may_be_hidden(void **state)
{
    static const struct {
        enum hook hook;
        unsigned code;
        const char *want;
    } rows[] = {
        {ON_RCPT, 251, "250 2.1.5 Recipient accepted\r\n"},
        {ON_RCPT, 551, "550 5.1.1 Unknown local user\r\n"},
        {ON_RCPT, 250, "250 2.1.5 to <x@y>\r\n"},
        {ON_RCPT, 550, "550 5.1.5 to <x@y>\r\n"},
        {ON_VRFY, 251, "252 2.0.0 Not verified; send the message and delivery will be tried\r\n"},
        {ON_VRFY, 551, "550 5.1.1 Unknown local user\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const unsigned code = rows[i / 2].code;
        struct ehlo_reply verdict =
            ehlo_reply_custom(code, code < 300 ? "2.1.5" : "5.1.5", "to <x@y>");
        struct recorder r;

        if (i % 2)
            verdict = ehlo_reply_closing(verdict);
        prepare(&r);
        r.config.hide_forwarding = true;
        answer(&r, rows[i / 2].hook, verdict);
        assert_says(&r, "", rows[i / 2].want);
        assert_int_equal(r.calls[ON_CLOSE], i % 2);
        if (rows[i / 2].hook == ON_RCPT && i % 2 == 0)
            assert_int_equal(info_of(&r).recipients, code < 300);
        forget(&r);
    }
}

/* R5321-3.5.1-1: an atom, a quoted-string, a mailbox; the hook gets it as it was sent. */
static void test_arguments_are_checked_before_the_hook(void **state)
{
    static const struct {
        const char *argument, *want;
    } rows[] = {
        {"", "501 5.5.4 "},         {"a", "252 "},
        {"\"a b\"", "252 "},        {"a@b.example", "252 "},
        {"<a@b.example>", "252 "},  {"<a@b.example", "501 5.5.2 "},
        {"\"a", "501 5.5.2 "},      {"a b", "501 5.5.4 "},
        {"\xc3\xbc", "501 5.5.4 "},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const char *verb = i % 2 ? "VRFY " : "EXPN ", *argument = rows[i / 2].argument;
        struct recorder r;
        char line[64], word[64];

        strcat(strcat(strcpy(line, verb), argument), "\r\n");
        strcat(strcat(strcpy(word, i % 2 ? "vrfy:" : "expn:"), argument), " ");
        prepare(&r);
        greet_and(&r, EHLO);
        feed(&r, line);
        assert_of(line, strncmp(r.wire.text, rows[i / 2].want, strlen(rows[i / 2].want)) == 0);
        assert_of(line, (strstr(r.log.text, word) != NULL) == (rows[i / 2].want[0] == '2'));
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_250_to_vrfy_has_a_mailbox_on_each_line),
        cmocka_unit_test(test_a_subject_may_be_the_mailbox),
        cmocka_unit_test(test_forwarding_may_be_hidden),
        cmocka_unit_test(test_arguments_are_checked_before_the_hook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
