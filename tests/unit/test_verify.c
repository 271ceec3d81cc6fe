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
        {"<\xff@b.example>",
         "252 2.6.8 The answer needs UTF-8; repeat with SMTPUTF8\r\n"}, /* whatever it is */
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

/* R6531-3.7.4-1, R6531-3.7.4-2, R6531-3.7.4-3: UTF-8 for who asks for it, and for nobody else. */
static const struct {
    const char *name;
    enum hook hook;
    const char *line; /* the question */
    unsigned code;
    const char *phrase, *want;
} utf8_rows[] = {
    {"a mailbox", ON_VRFY, "VRFY a SMTPUTF8\r\n", 250, "<\xc3\xbc@b.example>",
     "250 2.1.5 <\xc3\xbc@b.example>\r\n"},
    {"any case", ON_VRFY, "VRFY a smtpUtf8\r\n", 250, "X <\xc3\xbc@b.example>",
     "250 2.1.5 X <\xc3\xbc@b.example>\r\n"},
    {"a list", ON_EXPN, "EXPN a SMTPUTF8\r\n", 250, "<\xc3\xbc@b.example>\n<c@d.example>",
     "250-2.1.5 <\xc3\xbc@b.example>\r\n250 2.1.5 <c@d.example>\r\n"},
    {"no mailbox", ON_VRFY, "VRFY a SMTPUTF8\r\n", 250, "\xc3\xbc", "451 4.3.0 "},
    {"no UTF-8", ON_VRFY, "VRFY a SMTPUTF8\r\n", 250, "<\xff@b.example>", "451 4.3.0 "},
    {"251", ON_VRFY, "VRFY a SMTPUTF8\r\n", 251, "to <\xc3\xbc@b.example>",
     "251 2.1.5 to <\xc3\xbc@b.example>\r\n"},
    {"550", ON_VRFY, "VRFY a SMTPUTF8\r\n", 550, "no \xc3\xbc", "550 5.1.5 no \xc3\xbc\r\n"},
    {"551", ON_EXPN, "EXPN a SMTPUTF8\r\n", 551, "try \xc3\xbc", "551 5.1.5 try \xc3\xbc\r\n"},
    {"a mailbox, not asked for", ON_VRFY, "VRFY a\r\n", 250, "<\xc3\xbc@b.example>",
     "252 2.6.8 The answer needs UTF-8; repeat with SMTPUTF8\r\n"},
    {"a list, not asked for", ON_EXPN, "EXPN a\r\n", 250, "<c@d.example>\n<\xc3\xbc@b.example>",
     "252 2.6.8 The answer needs UTF-8; repeat with SMTPUTF8\r\n"},
    {"252, not asked for", ON_VRFY, "VRFY a\r\n", 252, "perhaps \xc3\xbc",
     "252 2.6.8 The answer needs UTF-8; repeat with SMTPUTF8\r\n"},
    {"550, not asked for", ON_VRFY, "VRFY a\r\n", 550, "no \xc3\xbc",
     "550 5.6.8 The refusal needs UTF-8; repeat with SMTPUTF8\r\n"},
    {"ASCII, not asked for", ON_VRFY, "VRFY a\r\n", 250, "<c@d.example>",
     "250 2.1.5 <c@d.example>\r\n"},
    {"in HELP", ON_HELP, "HELP SMTPUTF8\r\n", 214, "\xc3\xbc", "214 2.1.5 ??\r\n"},
    {"251 to RCPT", ON_RCPT, EHLO MAIL RCPT, 251, "to <\xc3\xbc@b.example>",
     "250 2.1.5 Recipient accepted\r\n"},
    {"551 to RCPT", ON_RCPT, EHLO MAIL RCPT, 551, "try <\xc3\xbc@b.example>",
     "550 5.1.1 User unknown; rejecting\r\n"},
    {"251 in SMTPUTF8", ON_RCPT, EHLO "MAIL FROM:<a@b.example> SMTPUTF8\r\n" RCPT, 251,
     "to <\xc3\xbc@b.example>", "251 2.1.5 to <\xc3\xbc@b.example>\r\n"},
    {"551 in SMTPUTF8", ON_RCPT, EHLO "MAIL FROM:<a@b.example> SMTPUTF8\r\n" RCPT, 551, "\xc3\xbc",
     "551 5.1.5 \xc3\xbc\r\n"},
    {"550 in SMTPUTF8", ON_RCPT, EHLO "MAIL FROM:<a@b.example> SMTPUTF8\r\n" RCPT, 550, "\xc3\xbc",
     "550 5.1.5 ??\r\n"},
};

static void test_utf8_is_for_who_asks_for_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ROWS(utf8_rows); i++) {
        const unsigned code = utf8_rows[i / 2].code;
        const struct ehlo_reply verdict =
            ehlo_reply_custom(code, code < 300 ? "2.1.5" : "5.1.5", utf8_rows[i / 2].phrase);
        const char *want = utf8_rows[i / 2].want;
        struct recorder r;
        const char *last;

        prepare(&r);
        r.config.extensions = EHLO_EXTENSION_SMTPUTF8;
        r.verdicts[utf8_rows[i / 2].hook] = i % 2 ? ehlo_pending() : verdict;
        greet_and(&r, EHLO);
        feed(&r, utf8_rows[i / 2].line);
        if (i % 2)
            assert_int_equal(resume(&r, 0, verdict), EHLO_OK);
        last = r.wire.text;
        if (utf8_rows[i / 2].hook == ON_RCPT)
            last = strstr(last, "Sender accepted\r\n") + 17;
        if (strncmp(last, want, strlen(want)) != 0)
            fail_msg("%s: got %s", utf8_rows[i / 2].name, last);
        forget(&r);
    }
}

/* The word is cut off only where it was offered, and only as a word of its own. */
static void test_smtputf8_is_no_part_of_the_question(void **state)
{
    static const struct {
        const char *argument, *asked, *in_helo; /* NULL: 501 */
    } rows[] = {
        {" a SMTPUTF8", "vrfy:a utf8 ", NULL},
        {" a  SMTPUTF8 ", "vrfy:a utf8 ", NULL},
        {" SMTPUTF8", "vrfy:SMTPUTF8 ", "vrfy:SMTPUTF8 "},
        {" SMTPUTF8 SMTPUTF8", "vrfy:SMTPUTF8 utf8 ", NULL},
        {" aSMTPUTF8", "vrfy:aSMTPUTF8 ", "vrfy:aSMTPUTF8 "},
        {" <\xc3\xbc@b.example> SMTPUTF8", "vrfy:<\xc3\xbc@b.example> utf8 ", NULL},
        {" \xc3\xbc SMTPUTF8", "vrfy:\xc3\xbc utf8 ", NULL},
        {" \xc3\xbc", NULL, NULL},
        {" \xff SMTPUTF8", NULL, NULL},
        {" a SMTPUTF", NULL, NULL},
        {" a SMTPUTF8 b", NULL, NULL},
        {"", NULL, NULL},
        {" ", NULL, NULL},
        {" a", "vrfy:a ", "vrfy:a "},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const char *want = i % 2 ? rows[i / 2].in_helo : rows[i / 2].asked;
        struct recorder r;
        char line[64];

        strcat(strcat(strcpy(line, "VRFY"), rows[i / 2].argument), "\r\n");
        prepare(&r);
        r.config.extensions = EHLO_EXTENSION_SMTPUTF8;
        greet_and(&r, i % 2 ? "HELO c\r\n" : EHLO);
        feed(&r, line);
        if (want == NULL)
            assert_of(line, r.calls[ON_VRFY] == 0 && strncmp(r.wire.text, "501 ", 4) == 0);
        else
            assert_of(line, strncmp(r.log.text, want, strlen(want)) == 0);
        if (want != NULL && strstr(want, "utf8 ") == NULL)
            assert_of(line, strstr(r.log.text, "utf8 ") == NULL);
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
        cmocka_unit_test(test_utf8_is_for_who_asks_for_it),
        cmocka_unit_test(test_smtputf8_is_no_part_of_the_question),
        cmocka_unit_test(test_a_subject_may_be_the_mailbox),
        cmocka_unit_test(test_forwarding_may_be_hidden),
        cmocka_unit_test(test_arguments_are_checked_before_the_hook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
