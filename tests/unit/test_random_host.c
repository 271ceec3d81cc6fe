/*
 * Random hosts and random peers, the same in each run: the same input cut in other ways gives the
 * same (RENG-1), and whatever a host does at whatever time, a session keeps its promises: one reply
 * for each command, on_done for each on_mail, on_close once, nothing behind it (R5321-4.2-1,
 * RENG-3, RENG-5).
 *
 * SPDX-License-Identifier: MIT
 */
#include "random_peer.h"

#include <stdio.h>

#define SAME_SEEDS  600
#define CHAOS_SEEDS 3000

/* ---- a random host ---- */

static const struct ehlo_verb burl[] = {{.verb = "XBURL", .flags = EHLO_VERB_CHUNK},
                                        {.verb = NULL}};

static void configure(struct recorder *r, uint64_t *random)
{
    static const uint8_t modes[] = {EHLO_MODE_SMTP, EHLO_MODE_SMTP, EHLO_MODE_SMTP, EHLO_MODE_LMTP,
                                    EHLO_MODE_SUBMISSION};
    struct ehlo_server_config *config = &r->config;

    config->codes = next_random(random) % 2;
    config->mode = modes[next_random(random) % ROWS(modes)];
    config->verbs = burl;
    config->disabled_extensions = next_random(random) % 3 ? 0 : next_random(random) % 16;
    if (config->mode == EHLO_MODE_LMTP) /* RFC 2033 5 */
        config->disabled_extensions &=
            ~(uint32_t)(EHLO_EXTENSION_PIPELINING | EHLO_EXTENSION_ENHANCEDSTATUSCODES);
    config->extensions = EHLO_EXTENSION_PRDR | EHLO_EXTENSION_BINARYMIME | EHLO_EXTENSION_SMTPUTF8;
    if (config->disabled_extensions & EHLO_EXTENSION_8BITMIME)
        config->extensions = EHLO_EXTENSION_PRDR; /* SMTPUTF8 needs it */
    config->max_recipient_domains = next_random(random) % 3;
    config->require_auth = next_random(random) % 8 == 0;
    config->disabled_verbs = next_random(random) % 3 ? 0 : next_random(random) % 8;
    config->strict = next_random(random) % 3 ? 0 : next_random(random) & EHLO_ODDITIES_DEFAULT;
    config->lenient = next_random(random) % 3 ? 0 : next_random(random) & EHLO_ODDITIES_ALL;
    config->helo_optional = next_random(random) % 8 == 0;
    config->single_helo = next_random(random) % 8 == 0;
    config->null_service = next_random(random) % 64 == 0 && config->mode == EHLO_MODE_SMTP;
    config->hide_forwarding = next_random(random) % 4 == 0;
    config->pipelining = EHLO_PIPELINING_IGNORE;
    config->bare_lf = (uint8_t)(next_random(random) % 3);
    config->bare_cr = (uint8_t)(next_random(random) % 3);
    config->nul = (uint8_t)(next_random(random) % 3);
    config->eight_bit = (uint8_t)(next_random(random) % 2);
    config->source_route = (uint8_t)(next_random(random) % 2);
    config->line_size = 512 + next_random(random) % 64;
    config->decisions = 1 + next_random(random) % 10;
    config->few_recipients = true;
    config->max_recipients = 1 + next_random(random) % 12;
    config->max_errors = 1 + next_random(random) % 24;
    config->max_junk = 1 + next_random(random) % 24;
    config->max_refused = 1 + next_random(random) % 16;
    config->max_transactions = 1 + next_random(random) % 6;
    config->max_hops = 1 + next_random(random) % 3;
    config->max_header_size = 40;
}

/* One verdict, small enough for the room of an open RCPT. */
static struct ehlo_reply random_verdict(uint64_t *random)
{
    static const unsigned ids[] = {8,  19, 21,  24,  27,  32,  34,  35,
                                   41, 50, 110, 132, 171, 173, 175, 231};
    static const unsigned common[] = {250, 251, 252, 354, 220, 214, 235, 450, 550, 554};
    const unsigned what = next_random(random) % 64;

    if (what < 44)
        return ehlo_accept();
    if (what < 54)
        return ehlo_reply_about(ids[next_random(random) % ROWS(ids)], ehlo_text("<x@y.example>"));
    if (what < 60)
        return ehlo_reply_custom(common[next_random(random) % ROWS(common)], "5.7.1",
                                 "some\nwords");
    if (what < 61)
        return ehlo_reply_closing(ehlo_accept());
    if (what < 62)
        return ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
    return ehlo_reply(what < 63 ? 0 : EHLO_REPLY_SHUTTING_DOWN);
}

static struct ehlo_reply later[TOKENS_MAX]; /* what decision number i is resumed with */
static uint64_t verdicts;                   /* the stream of them */
static unsigned asked_body;                 /* the transaction that on_body refuses; 0: none */

/* What must hold when the host is asked. */
static void check_hook(const struct recorder *r, enum hook hook)
{
    const struct ehlo_server_info info = info_of(r);

    if (hook >= ON_RCPT && hook <= ON_MESSAGE)
        assert_true(info.flags & EHLO_INFO_TRANSACTION);
    if (hook == ON_DATA || hook == ON_BODY || hook == ON_MESSAGE)
        assert_true(info.recipients > 0); /* R2920-3.2-4, -5 */
    if (hook == ON_BODY || hook == ON_MESSAGE)
        assert_int_equal(info.state, EHLO_STATE_CONTENT); /* behind the 354 */
    if (hook == ON_DONE)
        assert_int_equal(r->calls[ON_DONE], r->calls[ON_MAIL]);
    if (hook == ON_CLOSE) {
        assert_int_equal(r->calls[ON_DONE], r->calls[ON_MAIL]);
        assert_int_equal(info.state, EHLO_STATE_CLOSED);
    }
}

/* Slices are cut with the input: on_body decides by the transaction alone. */
static struct ehlo_reply body_verdict(const struct recorder *r)
{
    return r->calls[ON_MAIL] % 7 == asked_body ? ehlo_reply(EHLO_REPLY_MAILBOX_FULL)
                                               : ehlo_accept();
}

/* Replies that are no reply to a command or a content of their own. */
static int extra;

static void count_extra(const struct recorder *r, enum hook hook)
{
    static bool chunk;
    const unsigned reason = hook == ON_TRACE ? r->trace->reason : 0;

    if (reason == EHLO_TRACE_COMMAND) {
        const struct ehlo_slice verb = {r->trace->text.data,
                                        r->trace->text.length < 4 ? r->trace->text.length : 4};

        chunk = ehlo_same_text(verb, ehlo_text("BDAT")) || ehlo_same_text(verb, ehlo_text("XBUR"));
    }
    if (reason == EHLO_TRACE_CONTENT && chunk)
        extra--;
    if (hook == ON_REPLY && r->reply->id == EHLO_REPLY_PRDR_BEGIN)
        extra += (int)info_of(r).recipients + 1;
}

/* The octets of a content hang on the slice that the host refused. */
static void note_trace(struct recorder *r)
{
    const uint32_t reason = r->trace->reason;
    const bool content = reason == EHLO_TRACE_CONTENT || reason == EHLO_TRACE_SIZE_LIMIT ||
                         reason == EHLO_TRACE_HOP_LIMIT || reason == EHLO_TRACE_HEADER_LIMIT ||
                         reason == EHLO_TRACE_CONTENT_LINE_LIMIT;
    char text[48];

    snprintf(text, sizeof text, "trace:%u/%llu:", (unsigned)reason,
             (unsigned long long)(content ? 0 : r->trace->number));
    add_note(&r->log, text, strlen(text));
    add_note(&r->log, r->trace->text.data, r->trace->text.length);
}

/* A step of a mechanism may be a challenge. */
static struct ehlo_reply sasl_verdict(void)
{
    return next_random(&verdicts) % 2 ? ehlo_challenge("go on", 5) : random_verdict(&verdicts);
}

static void decide(struct recorder *r, enum hook hook)
{
    struct ehlo_reply verdict;

    check_hook(r, hook);
    count_extra(r, hook);
    if (hook == ON_TRACE)
        note_trace(r);
    if (hook >= DECIDING_HOOKS)
        return;
    verdict = hook == ON_BODY   ? body_verdict(r)
              : hook == ON_SASL ? sasl_verdict()
                                : random_verdict(&verdicts);
    r->verdicts[hook] = verdict;
    if ((hook == ON_BODY || next_random(&verdicts) % 4 == 0) && r->pending < TOKENS_MAX) {
        later[r->pending] = verdict;
        r->verdicts[hook] = ehlo_pending();
    }
}

static void start(struct recorder *r, uint64_t seed, bool with_tls)
{
    uint64_t random = seed;

    prepare(r);
    configure(r, &random);
    if (!with_tls)
        r->config.on_starttls = NULL; /* what stands behind it hangs on time */
    verdicts = seed + 1;
    extra = 0;
    asked_body = (unsigned)(seed % 9);
    r->inside = decide;
    make_session(r);
    assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
}

/* ---- the same input, cut in other ways ---- */

/* Decisions are made only when nothing else goes on, so that the cuts cannot show. */
static void play(struct recorder *r, uint64_t seed, const struct note *input, struct cuts cuts)
{
    size_t used = 0, taken;
    unsigned resumed = 0;
    bool goes_on = true;

    start(r, seed, false);
    if (r->pending > 0)
        assert_int_equal(ehlo_server_resume(r->s, r->tokens[0], later[0]), EHLO_OK);
    r->pending = 0;
    drain(r, SIZE_MAX);
    while (goes_on) {
        const size_t piece = used < input->length ? next_piece(&cuts, input->length - used) : 0;

        taken = offer(r, input->text + used, piece);
        used += taken;
        goes_on = drain(r, SIZE_MAX) > 0 || (taken > 0 && used < input->length);
        if (!goes_on && resumed < r->pending) {
            assert_int_equal(ehlo_server_resume(r->s, r->tokens[resumed], later[resumed]), EHLO_OK);
            resumed++;
            drain(r, SIZE_MAX);
            goes_on = true;
        }
        if (!(wants_of(r) & EHLO_WANT_DECISION))
            resumed = r->pending = 0;
    }
    assert_int_equal(used, input->length);
}

/* One reply for each command and each content, and the greeting; the last ones may be dropped. */
static void count_replies(const struct recorder *r)
{
    char *codes = codes_of(&r->wire);
    const size_t replies = (strlen(codes) + 1) / 4;
    const size_t commands =
        1u + r->reasons[EHLO_TRACE_COMMAND] + r->reasons[EHLO_TRACE_CONTENT] + (size_t)extra;

    if (r->config.mode == EHLO_MODE_LMTP)
        (void)replies; /* test_verdicts.c counts them */
    else if (r->calls[ON_CLOSE] == 0 || r->cause == EHLO_CAUSE_QUIT)
        assert_int_equal(replies, commands);
    else
        assert_true(replies <= commands + 1); /* a foreign octet is no command */
    free(codes);
}

static void test_cuts_change_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SAME_SEEDS; seed++) {
        uint64_t random = seed;
        struct note input = make_input(&random);
        const size_t length = input.length;
        const size_t numbers[] = {0, length + 1, length + 2, length / 2};
        struct recorder whole, r;

        play(&whole, seed, &input, make_cuts(length, length));
        count_replies(&whole);
        for (size_t i = 0; i < ROWS(numbers); i++) {
            play(&r, seed, &input, make_cuts(numbers[i], length));
            assert_octets_of("wire", r.wire.text, r.wire.length, whole.wire.text,
                             whole.wire.length);
            assert_octets_of("log", r.log.text, r.log.length, whole.log.text, whole.log.length);
            if (asked_body >= 7)
                assert_octets_of("body", r.body.text, r.body.length, whole.body.text,
                                 whole.body.length);
            forget(&r);
        }
        forget(&whole);
        free(input.text);
    }
}

/* ---- chaos ---- */

static bool dropped; /* output was given up, so that the wire may end in the middle of a reply */

static void drop(struct recorder *r)
{
    dropped = true;
    ehlo_server_disconnected(r->s);
}

static void expire(struct recorder *r)
{
    dropped |= r->calls[ON_CLOSE] > 0; /* the second one */
    ehlo_server_expire(r->s);
}

/* A call that a host may make at any time, or may not. */
static void do_anything(struct recorder *r, uint64_t *random)
{
    const unsigned what = next_random(random) % 256;
    const unsigned token = r->pending == 0 ? 0 : next_random(random) % r->pending;

    if (what < 100)
        drain(r, next_random(random) % 200);
    else if (what < 180)
        ehlo_server_resume(r->s, r->tokens[token], random_verdict(random));
    else if (what < 190)
        ehlo_server_resume(r->s, r->tokens[token] + next_random(random) % 3,
                           random_verdict(random));
    else if (what < 194)
        ehlo_server_use(r->s, &r->config);
    else if (what == 194)
        ehlo_server_start(r->s, NULL);
    else if (what == 195)
        expire(r);
    else if (what == 196)
        ehlo_server_shutdown(r->s);
    else if (what == 197)
        ehlo_server_eof(r->s);
    else if (what == 198)
        drop(r);
    else if (what < 220 && (wants_of(r) & EHLO_WANT_TLS))
        ehlo_server_tls_started(r->s, what == 219 ? NULL : &recorder_tls);
    else if (what < 222)
        ehlo_server_identity(r->s, ehlo_text("someone"));
}

/* The same from inside of hooks, where much of it does nothing. */
static uint64_t inner;

static void decide_in_chaos(struct recorder *r, enum hook hook)
{
    decide(r, hook);
    if (r->pending >= TOKENS_MAX)
        r->pending = 0;
    if (next_random(&inner) % 16 == 0 && r->pending > 0)
        ehlo_server_resume(r->s, r->tokens[next_random(&inner) % r->pending],
                           random_verdict(&inner));
    if (next_random(&inner) % 512 == 0)
        ehlo_server_identity(r->s, ehlo_text(next_random(&inner) % 2 ? "host" : ""));
    if (next_random(&inner) % 512 == 0)
        ehlo_server_shutdown(r->s);
    if (next_random(&inner) % 512 == 0)
        ehlo_server_eof(r->s);
    if (next_random(&inner) % 512 == 0)
        drop(r);
}

/* Offers what is left, makes all decisions, sends all: the session ends. */
static void come_to_an_end(struct recorder *r)
{
    unsigned rounds = 0;

    r->inside = NULL;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++)
        r->verdicts[hook] = ehlo_accept();
    ehlo_server_eof(r->s);
    while (!(wants_of(r) & EHLO_WANT_CLOSE)) {
        for (unsigned i = 0; i < r->pending; i++)
            ehlo_server_resume(r->s, r->tokens[i], ehlo_accept());
        drain(r, SIZE_MAX);
        assert_true(rounds++ < 100);
    }
}

static void test_promises_hold_whatever_happens(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= CHAOS_SEEDS; seed++) {
        uint64_t random = seed * 77;
        struct note input = make_input(&random);
        struct recorder r;
        size_t used = 0;

        inner = seed;
        dropped = false;
        start(&r, seed, true);
        r.inside = decide_in_chaos;
        for (unsigned i = 0; i < 400 && used < input.length; i++) {
            const size_t left = input.length - used;
            const size_t piece = 1 + next_random(&random) % 100;

            used += offer(&r, input.text + used, piece < left ? piece : left);
            do_anything(&r, &random);
        }
        come_to_an_end(&r);
        assert_int_equal(r.calls[ON_CLOSE], 1);
        assert_int_equal(r.calls[ON_DONE], r.calls[ON_MAIL]);
        if (!dropped && r.calls[ON_STARTTLS] == 0) /* a 220 may be cut off */
            count_replies(&r);
        forget(&r);
        free(input.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts_change_nothing),
        cmocka_unit_test(test_promises_hold_whatever_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
