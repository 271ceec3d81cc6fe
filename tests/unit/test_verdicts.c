/*
 * Tests of lib/server/verdicts.c: a verdict for each recipient in LMTP (RFC 2033 4.2) and PRDR, at
 * once and later in any order, a full output, and contents that are refused. What cuts them short
 * is in test_verdicts_end.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdicts_support.h"

/* ---- each recipient has its reply ---- */

static const char *const patterns[] = {"a", "p", "t", "aptl", "pt", "lla", "tttta"};

static void check_counts(const struct plan *plan, struct recorder *r, const char *row)
{
    unsigned taken = 0;
    char word[32];

    for (unsigned i = 0; i < plan->recipients; i++)
        taken += letter_of(plan, i) == 'a' || letter_of(plan, i) == 'l';
    assert_of(row, r->calls[ON_MESSAGE] == plan->recipients && r->calls[ON_DONE] == 1);
    assert_of(row, r->done.cause == EHLO_CAUSE_COMPLETED && r->done.taken == taken);
    assert_of(row, r->done.recipients == plan->recipients);
    assert_of(row, r->done.outcome == (taken == 0                  ? EHLO_OUTCOME_REFUSED
                                       : taken == plan->recipients ? EHLO_OUTCOME_TAKEN
                                                                   : EHLO_OUTCOME_PARTLY));
    assert_of(row, info_of(r).messages == (taken > 0));
    assert_of(row, info_of(r).errors == (taken > 0 ? 0u : 1u)); /* one was there before */
    assert_of(row, info_of(r).state == EHLO_STATE_READY);
    for (unsigned i = 0; i < plan->recipients; i++) { /* each is asked for by its number */
        snprintf(word, sizeof word, "for:%u/%u ", i, plan->recipients);
        assert_of(row, strstr(r->log.text, word) != NULL);
    }
}

/* R2033-4.2-2, R2033-4.3-1, R2033-5-3 */
static void check_plan(const struct plan *plan, size_t most)
{
    struct recorder r;
    char row[128], want[512];

    snprintf(row, sizeof row, "%s, %s, %u recipients, %s, order %u, slots %u, %zu a time",
             plan->prdr ? "PRDR" : "LMTP", plan->pattern, plan->recipients,
             plan->chunked ? "BDAT" : "DATA", (unsigned)plan->order, plan->slots, most);
    begin_plan(&r, plan);
    run_plan(&r, plan, most);
    codes_of_plan(plan, want);
    check_codes(&r, "", want, row, 0);
    check_counts(plan, &r, row);
    assert_of(row, feed(&r, MAIL) == sizeof MAIL - 1);
    check_codes(&r, "", "250", row, 0);
    forget(&r);
}

static void test_each_recipient_has_its_reply_in_order(void **state)
{
    struct plan plan;

    (void)state;
    for (size_t i = 0; i < 2 * ORDERS * ROWS(patterns); i++)
        for (plan.recipients = 1; plan.recipients <= 20; plan.recipients++) {
            plan.prdr = i % 2 != 0;
            plan.order = (enum order)(i / 2 % ORDERS);
            plan.pattern = patterns[i / 2 / ORDERS];
            plan.chunked = (i + plan.recipients) % 3 == 0;
            plan.slots = 1 + plan.recipients % 9;
            if (plan.prdr && plan.recipients == 1)
                continue; /* no PRDR then */
            check_plan(&plan, SIZE_MAX);
            check_plan(&plan, 1 + plan.recipients * 7 % 100);
        }
}

static void check_permutation(bool prdr, const unsigned order[4], char first[2048])
{
    const struct plan plan = {
        .recipients = 4, .slots = 4, .pattern = "apla", .order = LATER, .prdr = prdr};
    struct recorder r;

    begin_plan(&r, &plan);
    feed(&r, "x\r\n.\r\n");
    assert_int_equal(r.pending, 4);
    assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
    assert_int_equal(offer(&r, MAIL, sizeof MAIL - 1), 0);
    assert_int_equal(ehlo_server_timeout(r.s, NULL), EHLO_DEFAULT_MESSAGE_TIMEOUT);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(resume(&r, order[i], verdict_at(&plan, order[i])), EHLO_OK);
        assert_int_equal(resume(&r, order[i], ehlo_accept()), EHLO_ERROR_TOKEN);
    }
    if (first[0] == '\0')
        strcpy(first, r.wire.text);
    assert_string_equal(r.wire.text, first);
    assert_codes(&r, "", prdr ? "353 250 554 250 250 250" : "250 554 250 250");
    forget(&r);
}

/* Each order of four decisions gives the same octets. */
static void test_the_order_of_the_decisions_does_not_show(void **state)
{
    (void)state;
    for (int prdr = 0; prdr < 2; prdr++) {
        char first[2048] = "";

        for (unsigned permutation = 0; permutation < 256; permutation++) {
            const unsigned order[] = {permutation & 3, permutation >> 2 & 3, permutation >> 4 & 3,
                                      permutation >> 6};

            if ((1u << order[0] | 1u << order[1] | 1u << order[2] | 1u << order[3]) == 15)
                check_permutation(prdr, order, first);
        }
    }
}

/* PRDR is for who asks for it and has two recipients or more, and for a content that is good. */
static void test_prdr_is_for_who_asks_for_it(void **state)
{
    static const struct {
        const char *name, *commands, *codes, *log;
    } rows[] = {
        {"not asked for", MAIL RCPT RCPT DATA ".\r\n", "250 250 250 354 250", "message:0/2 reply"},
        {"one recipient", "MAIL FROM:<> PRDR\r\n" RCPT DATA ".\r\n", "250 250 354 250",
         "message:0/1 reply"},
        {"two", "MAIL FROM:<> PRDR\r\n" RCPT RCPT DATA ".\r\n", "250 250 250 354 353 250 250 250",
         "message:0/2 for:0/2 "},
        {"a fault", "MAIL FROM:<> PRDR\r\n" RCPT RCPT DATA "a\nb\r\n.\r\n", "250 250 250 354 550",
         "reply:226/550"},
        {"the next", "MAIL FROM:<> PRDR\r\nRSET\r\n" MAIL RCPT RCPT DATA ".\r\n",
         "250 250 250 250 250 354 250", "message:0/2 reply"},
        {"a value", "MAIL FROM:<> PRDR=1\r\n", "501", "reply"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.extensions = EHLO_EXTENSION_PRDR;
        greet_and(&r, EHLO);
        check_codes(&r, rows[i].commands, rows[i].codes, rows[i].name, (int)i);
        assert_of(rows[i].name, strstr(r.log.text, rows[i].log) != NULL);
        forget(&r);
    }
}

static void test_prdr_that_is_not_offered_is_unknown(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    assert_codes(&r, "MAIL FROM:<> PRDR\r\n", "555");
    forget(&r);
}

static void test_the_words_of_prdr(void **state)
{
    static const struct {
        const char *pattern, *want;
    } rows[] = {
        {"aa", "250 2.0.0 Message accepted\r\n"},
        {"ap", "250 2.0.0 Message accepted for some recipients\r\n"},
        {"at", "250 2.0.0 Message accepted for some recipients\r\n"},
        {"tp", "250 2.0.0 Message accepted for some recipients\r\n"}, /* a 5yz would undo 4yz */
        {"tt", "250 2.0.0 Message accepted for some recipients\r\n"},
        {"pp", "550 5.7.1 Message refused for all recipients\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct plan plan = {
            .recipients = 2, .slots = 8, .pattern = rows[i].pattern, .prdr = true};
        struct recorder r;
        size_t length = strlen(rows[i].want);

        begin_plan(&r, &plan);
        feed(&r, "x\r\n.\r\n");
        assert_memory_equal(r.wire.text, "353 One reply for each recipient follows\r\n", 42);
        assert_octets_of(rows[i].pattern, r.wire.text + r.wire.length - length, length,
                         rows[i].want, length);
        forget(&r);
    }
}

/* R2033-4.3-1: a client that pipelines waits for so many replies. */
static void test_a_last_chunk_that_is_lost_is_answered_for_each(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.mode = EHLO_MODE_LMTP;
    greet_and(&r, LHLO MAIL RCPT RCPT RCPT);
    assert_codes(&r, "BDAT 2\r\na\nBDAT 1\r\naBDAT 1 LAST\r\na" MAIL, "550 503 503 503 503 250");
    forget(&r);
    prepare(&r);
    r.config.mode = EHLO_MODE_LMTP;
    r.config.on_message = NULL;
    greet_and(&r, LHLO MAIL RCPT RCPT RCPT);
    assert_codes(&r, "BDAT 1 LAST\r\na" MAIL, "451 451 451 250");
    forget(&r);
}

/* R2033-4.2-1 */
static void test_lmtp_without_a_recipient_takes_nothing(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.mode = EHLO_MODE_LMTP;
    greet_and(&r, LHLO MAIL "RCPT TO:<\r\n");
    assert_codes(&r, DATA "BDAT 3\r\nabcBDAT 3 LAST\r\nabc" RCPT, "503 503 503 250");
    assert_int_equal(info_of(&r).errors, 1); /* that of RCPT */
    forget(&r);
}

/* ---- room ---- */

/* Output of 1024 that nobody reads: what fits is asked for, and no reply is lost. */
static void test_replies_wait_for_room(void **state)
{
    static const char *const words[] = {"x", "two\nlines", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl",
                                        NULL};
    char long_words[480];

    (void)state;
    memset(long_words, 'x', sizeof long_words - 1);
    long_words[sizeof long_words - 1] = '\0';
    for (size_t i = 0; i < 4 * ROWS(words); i++) {
        const struct plan plan = {.recipients = 20,
                                  .slots = i % 2 ? 8 : 64,
                                  .pattern = "w",
                                  .words = words[i / 4] != NULL ? words[i / 4] : long_words,
                                  .order = i / 2 % 2 ? REVERSE : AT_ONCE};
        struct recorder r;
        char want[512];

        begin_plan(&r, &plan);
        assert_int_equal(offer(&r, "x\r\n.\r\n", 6), 6);
        if (r.calls[ON_DONE] == 0)
            assert_int_equal(wants_of(&r) & EHLO_WANT_READ, 0);
        if (plan.order == AT_ONCE)
            assert_in_range(r.calls[ON_MESSAGE], 2, 20);
        run_plan(&r, &plan, 97);
        codes_of_plan(&plan, want);
        check_codes(&r, "", want, "room", (int)i);
        assert_int_equal(r.calls[ON_MESSAGE], 20);
        assert_int_equal(r.done.outcome, EHLO_OUTCOME_REFUSED);
        forget(&r);
    }
}

/* One that fits into the room that is kept for each is never cut. */
static void test_a_reply_of_80_octets_is_whole(void **state)
{
    char words[69], line[128];

    (void)state;
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    snprintf(line, sizeof line, "550 5.7.1 %s\r\n", words);
    assert_int_equal(strlen(line), 80);
    for (unsigned order = 0; order < ORDERS; order++) {
        const struct plan plan = {.recipients = 20,
                                  .slots = 64,
                                  .pattern = "w",
                                  .words = words,
                                  .order = (enum order)order};
        struct recorder r;

        begin_plan(&r, &plan);
        run_plan(&r, &plan, 37);
        assert_int_equal(r.wire.length, 20 * 80);
        for (unsigned i = 0; i < 20; i++)
            assert_memory_equal(r.wire.text + i * 80, line, 80);
        forget(&r);
    }
}

/* ---- contents that are refused ---- */

static const struct {
    const char *name, *content; /* with the command that begins it */
    struct ehlo_reply body;     /* verdict of on_body, if it has an id or a code */
    const char *reply;
    unsigned points;
} faults[] = {
    {"bare LF", DATA "a\nb\r\n.\r\n", {.id = 0}, "550 5.5.2 Bare CR or LF in the message\r\n", 1},
    {"bare LF in a chunk",
     "BDAT 3 LAST\r\na\nb",
     {.id = 0},
     "550 5.5.2 Bare CR or LF in the message\r\n",
     1},
    {"on_body",
     DATA "a\r\n.\r\n",
     {.id = EHLO_REPLY_INSUFFICIENT_STORAGE},
     "452 4.3.1 Not enough storage, try again later\r\n",
     0},
    {"on_body, in a chunk",
     "BDAT 1 LAST\r\na",
     {.id = EHLO_REPLY_INSUFFICIENT_STORAGE},
     "452 4.3.1 Not enough storage, try again later\r\n",
     0},
    {"on_body, in lines",
     DATA "a\r\n.\r\n",
     {.code = 550, .phrase = OCTETS("one\ntwo\nthree")},
     "550-5.0.0 one\r\n550-5.0.0 two\r\n550 5.0.0 three\r\n",
     0},
};

static void check_fault(size_t row, unsigned recipients, bool later, size_t most)
{
    const struct ehlo_reply *body = &faults[row].body;
    const struct ehlo_reply verdict = body->code != 0 ? *body : ehlo_reply(body->id);
    const size_t length = strlen(faults[row].reply);
    struct recorder r;
    const char *at;

    prepare(&r);
    r.config.mode = EHLO_MODE_LMTP;
    if (body->id != 0 || body->code != 0)
        r.verdicts[ON_BODY] = later ? ehlo_pending() : verdict;
    greet_and(&r, LHLO MAIL);
    for (unsigned i = 0; i < recipients; i++)
        feed(&r, RCPT);
    clear_note(&r.wire);
    offer(&r, faults[row].content, strlen(faults[row].content));
    if (r.pending > 0)
        assert_int_equal(ehlo_server_resume(r.s, r.tokens[0], verdict), EHLO_OK);
    if (r.pending > 0 && faults[row].content[0] == 'D') /* what stands behind the slice */
        offer(&r, ".\r\n", 3);
    while (drain(&r, most) > 0)
        continue;
    at = r.wire.text;
    if (faults[row].content[0] == 'D')
        at = strchr(at, '\n') + 1; /* 354 */
    assert_int_equal(strlen(at), recipients * length);
    for (unsigned i = 0; i < recipients; i++)
        assert_memory_equal(at + i * length, faults[row].reply, length);
    assert_of(faults[row].name, r.calls[ON_MESSAGE] == 0 && r.calls[ON_DONE] == 1);
    assert_of(faults[row].name, r.done.outcome == EHLO_OUTCOME_REFUSED && r.done.taken == 0);
    assert_of(faults[row].name, info_of(&r).errors == faults[row].points);
    clear_note(&r.wire);
    assert_codes(&r, MAIL, "250");
    forget(&r);
}

/* Each recipient hears the same; one point, and nobody is asked. */
static void test_a_fault_is_told_to_each_recipient(void **state)
{
    (void)state;
    for (size_t row = 0; row < ROWS(faults); row++)
        for (unsigned recipients = 1; recipients <= 20; recipients++) {
            check_fault(row, recipients, false, SIZE_MAX);
            check_fault(row, recipients, false, 33);
            check_fault(row, recipients, true, SIZE_MAX);
            check_fault(row, recipients, true, 33);
        }
}

/* The longest reply that on_body can hold is said to each all the same. */
static void test_a_held_reply_may_be_long(void **state)
{
    char words[1200];

    (void)state;
    for (size_t length = 1; length < sizeof words; length += 41) {
        struct recorder r;

        for (size_t i = 0; i < length; i++)
            words[i] = i % 40 == 39 ? '\n' : 'x';
        words[length] = '\0';
        prepare(&r);
        r.config.mode = EHLO_MODE_LMTP;
        r.verdicts[ON_BODY] = ehlo_reply_custom(550, "5.7.1", words);
        greet_and(&r, LHLO MAIL RCPT RCPT RCPT RCPT);
        offer(&r, DATA "x\r\n.\r\n", sizeof DATA "x\r\n.\r\n" - 1);
        while (drain(&r, 10) > 0)
            continue;
        assert_codes(&r, MAIL, "354 550 550 550 550 250");
        forget(&r);
    }
}

/* The first chunk may be the last one: on_data's refusal is for each, too (R2033-4.3-1). */
static void test_a_refusal_by_on_data_is_for_each(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.mode = EHLO_MODE_LMTP;
    r.verdicts[ON_DATA] = ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    greet_and(&r, LHLO MAIL RCPT RCPT RCPT);
    assert_codes(&r, "BDAT 2 LAST\r\nab" MAIL RCPT RCPT "BDAT 0 LAST\r\n" MAIL,
                 "451 451 451 250 250 250 451 451 250");
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_recipient_has_its_reply_in_order),
        cmocka_unit_test(test_the_order_of_the_decisions_does_not_show),
        cmocka_unit_test(test_prdr_is_for_who_asks_for_it),
        cmocka_unit_test(test_prdr_that_is_not_offered_is_unknown),
        cmocka_unit_test(test_the_words_of_prdr),
        cmocka_unit_test(test_a_last_chunk_that_is_lost_is_answered_for_each),
        cmocka_unit_test(test_lmtp_without_a_recipient_takes_nothing),
        cmocka_unit_test(test_replies_wait_for_room),
        cmocka_unit_test(test_a_reply_of_80_octets_is_whole),
        cmocka_unit_test(test_a_fault_is_told_to_each_recipient),
        cmocka_unit_test(test_a_held_reply_may_be_long),
        cmocka_unit_test(test_a_refusal_by_on_data_is_for_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
