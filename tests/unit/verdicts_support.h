/*
 * What the tests of the verdicts for each recipient share: a message whose recipients are decided
 * by a pattern of letters, at once or later in some order.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_VERDICTS_SUPPORT_H
#define EHLO_TESTS_VERDICTS_SUPPORT_H

#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

enum order { AT_ONCE, LATER, REVERSE, SHUFFLED, SOME_LATER, ORDERS };

struct plan {
    unsigned recipients, slots;
    /* for each recipient, over and over: a accept, l accept in lines, p refuse, t refuse for now, w
     * refuse with `words`, c 421, A accept and close */
    const char *pattern, *words;
    enum order order;
    bool prdr; /* else LMTP */
    bool chunked;
};

static const struct plan *plan_now;
static unsigned plan_numbers[TOKENS_MAX]; /* the recipient of each token */

static inline char letter_of(const struct plan *plan, unsigned recipient)
{
    return plan->pattern[recipient % strlen(plan->pattern)];
}

static inline struct ehlo_reply verdict_at(const struct plan *plan, unsigned recipient)
{
    switch (letter_of(plan, recipient)) {
    case 'a':
        return ehlo_accept();
    case 'A':
        return ehlo_reply_closing(ehlo_accept());
    case 'l':
        return ehlo_reply_custom(250, "2.1.5", "taken\nin two\nlines");
    case 'p':
        return ehlo_reply(EHLO_REPLY_REJECTED_BY_RULE);
    case 'w':
        return ehlo_reply_custom(550, "5.7.1", plan->words);
    case 'c':
        return ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
    default:
        return ehlo_reply(EHLO_REPLY_MAILBOX_BUSY);
    }
}

static inline void decide_plan(struct recorder *r, enum hook hook)
{
    const unsigned number = r->calls[ON_MESSAGE] - 1;
    const struct plan *plan = plan_now;

    if (hook != ON_MESSAGE)
        return;
    r->verdicts[ON_MESSAGE] = verdict_at(plan, number);
    if (plan->order == AT_ONCE || (plan->order == SOME_LATER && number % 3 != 1))
        return;
    plan_numbers[r->pending] = number;
    r->verdicts[ON_MESSAGE] = ehlo_pending();
}

/* Brings the session so far that only the content and its end are to come. It has one error. */
static inline void begin_plan(struct recorder *r, const struct plan *plan)
{
    plan_now = plan;
    prepare(r);
    r->config.decisions = plan->slots;
    r->config.mode = plan->prdr ? EHLO_MODE_SMTP : EHLO_MODE_LMTP;
    r->config.extensions = EHLO_EXTENSION_PRDR;
    greet_and(r,
              plan->prdr ? EHLO "VRFY\r\nMAIL FROM:<a@b.example> PRDR\r\n" : LHLO "VRFY\r\n" MAIL);
    for (unsigned i = 0; i < plan->recipients; i++)
        feed(r, RCPT);
    feed(r, plan->chunked ? "BDAT 3 LAST\r\n" : DATA);
    clear_note(&r->wire);
    clear_note(&r->log);
    r->inside = decide_plan;
}

/* Which of the open ones is decided next. */
static inline unsigned next_of_plan(const struct plan *plan, const bool *decided, unsigned pending,
                                    uint64_t *random)
{
    unsigned i = plan->order == REVERSE ? pending - 1 : 0;

    if (plan->order == SHUFFLED)
        i = next_random(random) % pending;
    while (decided[i])
        i = plan->order == REVERSE ? i - 1 : (i + 1) % pending;
    return i;
}

/* Feeds what is left of the content and goes on until nothing goes on, `most` octets a time. */
static inline void run_plan(struct recorder *r, const struct plan *plan, size_t most)
{
    bool decided[TOKENS_MAX] = {false};
    unsigned open = 0;
    uint64_t random = plan->recipients;

    if (r->calls[ON_MESSAGE] == 0)
        offer(r, plan->chunked ? "x\r\n" : "x\r\n.\r\n", plan->chunked ? 3 : 6);
    for (;;) {
        while (drain(r, most) > 0)
            continue;
        if (open == r->pending || r->calls[ON_CLOSE] > 0)
            return;
        for (unsigned i = 0; i < r->pending; i++)
            if (!decided[i])
                assert_true(wants_of(r) & EHLO_WANT_DECISION);
        const unsigned next = next_of_plan(plan, decided, r->pending, &random);

        decided[next] = true;
        open++;
        assert_int_equal(
            ehlo_server_resume(r->s, r->tokens[next], verdict_at(plan, plan_numbers[next])),
            EHLO_OK);
    }
}

/* The codes that are to be sent. */
static inline void codes_of_plan(const struct plan *plan, char *codes)
{
    unsigned good = 0; /* taken, or refused for now */

    strcpy(codes, plan->prdr ? "353 " : "");
    for (unsigned i = 0; i < plan->recipients; i++) {
        const char letter = letter_of(plan, i);

        good += letter == 'a' || letter == 'l' || letter == 't';
        strcat(codes, letter == 'p'   ? "554 "
                      : letter == 'w' ? "550 "
                      : letter == 't' ? "450 "
                      : letter == 'c' ? "421 "
                                      : "250 ");
    }
    if (plan->prdr)
        strcat(codes, good > 0 ? "250 " : "550 ");
    codes[strlen(codes) - 1] = '\0';
}

#endif
