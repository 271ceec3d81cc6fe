/*
 * Tests of lib/server/auth.c: mechanisms of the host, step by step (RFC 4422 3), at once and later.
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth_support.h"

#define CHALLENGE(text)                                                                            \
    {                                                                                              \
        .id = EHLO_REPLY_CHALLENGE, .phrase = OCTETS(text)                                         \
    }
#define VERDICT(number)                                                                            \
    {                                                                                              \
        .id = (number)                                                                             \
    }

/* An exchange: what the host says at each call of on_sasl, what comes in, what goes out. */
static const struct exchange {
    const char *name, *input, *log, *wire;
    struct ehlo_reply verdicts[4];
    bool tls;
} exchanges[] = {
    /* R4422-3-1 */
    {"initial response",
     "AUTH XTEST aW5pdGlhbA==\r\n",
     "sasl:XTEST step:0/7 response:initial ",
     "235 2.7.0 Authentication successful\r\n",
     {VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    {"empty initial response",
     "AUTH xtest =\r\n",
     "sasl:XTEST step:0/0 response: ",
     "235 2.7.0 Authentication successful\r\n",
     {VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    {"none",
     "AUTH XTEST\r\nYQ==\r\n",
     "sasl:XTEST step:0/1 response:a ",
     "334 \r\n235 2.7.0 Authentication successful\r\n",
     {VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    {"none, and empty",
     "AUTH XTEST\r\n\r\n",
     "sasl:XTEST step:0/0 response: ",
     "334 \r\n235 2.7.0 Authentication successful\r\n",
     {VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    {"three steps",
     "AUTH XTEST YQ==\r\nYg==\r\nYw==\r\n",
     "sasl:XTEST step:0/1 response:a sasl:XTEST step:1/1 response:b sasl:XTEST step:2/1 "
     "response:c ",
     "334 eA==\r\n334 eXo=\r\n235 2.7.0 Authentication successful\r\n",
     {CHALLENGE("x"), CHALLENGE("yz"), VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    {"empty challenge",
     "AUTH XTEST YQ==\r\n\r\n",
     "sasl:XTEST step:0/1 response:a sasl:XTEST step:1/0 response: ",
     "334 \r\n235 2.7.0 Authentication successful\r\n",
     {CHALLENGE(""), VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    /* R4422-3-2: data with success is a challenge, and its response is empty */
    {"data with success",
     "AUTH XTEST YQ==\r\nYg==\r\n\r\n",
     "sasl:XTEST step:0/1 response:a sasl:XTEST step:1/1 response:b sasl:XTEST step:2/0 response: ",
     "334 cg==\r\n334 dj0x\r\n235 2.7.0 Authentication successful\r\n",
     {CHALLENGE("r"), CHALLENGE("v=1"), VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    /* R7628-3.2-1 */
    {"data with failure",
     "AUTH XTEST YQ==\r\nAQ==\r\n",
     "sasl:XTEST step:0/1 response:a sasl:XTEST step:1/1 response:\x01 ",
     "334 e30=\r\n535 5.7.1 Authentication credentials invalid\r\n",
     {CHALLENGE("{}"), VERDICT(EHLO_REPLY_AUTH_INVALID)},
     false},
    {"failure",
     "AUTH XTEST YQ==\r\nNOOP\r\n",
     "sasl:XTEST step:0/1 response:a ",
     "454 4.7.0 Cannot authenticate at the moment, try again later\r\n250 2.0.0 Nothing done\r\n",
     {VERDICT(EHLO_REPLY_AUTH_NOT_NOW)},
     false},
    {"canceled, and anew",
     "AUTH XTEST YQ==\r\n*\r\nAUTH XTEST Yg==\r\n",
     "sasl:XTEST step:0/1 response:a sasl:XTEST step:0/1 response:b ",
     "334 eA==\r\n501 5.0.0 Authentication canceled\r\n235 2.7.0 Authentication successful\r\n",
     {CHALLENGE("x"), VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    {"any octets",
     "AUTH XTEST AP8NCg==\r\nAAAA\r\n",
     "sasl:XTEST step:0/4 response:\0\xff\r\n sasl:XTEST step:1/3 response:\0\0\0 ",
     "334 AP8=\r\n235 2.7.0 Authentication successful\r\n",
     {CHALLENGE("\0\xff"), VERDICT(EHLO_REPLY_ACCEPT)},
     false},
    {"server first",
     "AUTH X-20-OCTETS_LONG-ABC\r\nYQ==\r\n",
     "sasl:X-20-OCTETS_LONG-ABC step:0/0 response: sasl:X-20-OCTETS_LONG-ABC step:1/1 response:a ",
     "334 bm9uY2U=\r\n235 2.7.0 Authentication successful\r\n",
     {CHALLENGE("nonce"), VERDICT(EHLO_REPLY_ACCEPT)},
     true},
    {"server first at once",
     "AUTH X-20-OCTETS_LONG-ABC\r\n",
     "sasl:X-20-OCTETS_LONG-ABC step:0/0 response: ",
     "235 2.7.0 Authentication successful\r\n",
     {VERDICT(EHLO_REPLY_ACCEPT)},
     true},
    /* R4954-4-7 */
    {"out of turn",
     "AUTH X-20-OCTETS_LONG-ABC YQ==\r\n",
     "",
     "501 5.5.4 Syntax error in parameters scanning\r\n",
     {VERDICT(EHLO_REPLY_ACCEPT)},
     true},
    {"out of turn, empty",
     "AUTH X-20-OCTETS_LONG-ABC =\r\n",
     "",
     "501 5.5.4 Syntax error in parameters scanning\r\n",
     {VERDICT(EHLO_REPLY_ACCEPT)},
     true},
};

/* Verdict number `step` of the host; what is no challenge comes from the catalogue. */
static struct ehlo_reply verdict_at(const struct exchange *exchange, unsigned step)
{
    const struct ehlo_reply *verdict = &exchange->verdicts[step];

    return verdict->id < EHLO_REPLY_ACCEPT ? ehlo_reply(verdict->id) : *verdict;
}

static const struct exchange *played;
static bool pends;

static void answer_step(struct recorder *r, enum hook hook)
{
    if (hook == ON_SASL)
        r->verdicts[ON_SASL] = pends ? ehlo_pending() : verdict_at(played, r->calls[ON_SASL] - 1);
}

/* The log without what was replied. */
static void keep_sasl(struct note *log)
{
    struct note kept = {NULL, 0, 0};
    size_t at = 0;

    add_note(&kept, "", 0);
    while (at < log->length) { /* words end in a blank; no reply is spoken of in a response */
        size_t end = at;

        while (log->text[end] != ' ')
            end++;
        if (end - at < 6 || memcmp(log->text + at, "reply:", 6) != 0)
            add_note(&kept, log->text + at, end + 1 - at);
        at = end + 1;
    }
    free(log->text);
    *log = kept;
}

static void play(struct recorder *r, const struct exchange *exchange, size_t piece)
{
    const size_t length = strlen(exchange->input);
    size_t used = 0;
    unsigned resumed = 0;

    prepare(r);
    played = exchange;
    greet_and(r, EHLO);
    if (exchange->tls) {
        start_tls(r);
        feed(r, EHLO);
    }
    clear_note(&r->wire);
    clear_note(&r->log);
    r->inside = answer_step;
    while (used < length || resumed < r->pending) {
        const size_t left = length - used;

        used += feed_pieces(r, exchange->input + used, left < piece ? left : piece, piece);
        if (resumed < r->pending) {
            assert_of(exchange->name, wants_of(r) == EHLO_WANT_DECISION);
            assert_of(exchange->name, offer(r, "x", 1) == 0);
            assert_of(exchange->name, resume(r, resumed, verdict_at(exchange, resumed)) == EHLO_OK);
            resumed++;
        }
    }
}

static size_t log_length(const struct exchange *exchange)
{
    return strcmp(exchange->name, "any octets") == 0
               ? sizeof "sasl:XTEST step:0/4 response:\0\xff\r\n sasl:XTEST step:1/3 "
                        "response:\0\0\0 " -
                     1
               : strlen(exchange->log);
}

static void test_each_exchange_at_each_cut_at_once_and_later(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(exchanges); i++)
        for (size_t piece = 1; piece <= strlen(exchanges[i].input); piece++)
            for (int later = 0; later < 2; later++) {
                struct recorder r;

                pends = later;
                play(&r, &exchanges[i], piece);
                keep_sasl(&r.log);
                assert_octets_of(exchanges[i].name, r.wire.text, r.wire.length, exchanges[i].wire,
                                 strlen(exchanges[i].wire));
                assert_octets_of(exchanges[i].name, r.log.text, r.log.length, exchanges[i].log,
                                 log_length(&exchanges[i]));
                assert_of(exchanges[i].name, ((info_of(&r).flags & EHLO_INFO_AUTHENTICATED) != 0) ==
                                                 (strstr(exchanges[i].wire, "235") != NULL));
                forget(&r);
            }
    pends = false;
}

/* One that does not fit into the output ends the exchange, and is the host's fault. */
static void test_a_challenge_may_fill_the_output(void **state)
{
    /* all but the last words, "334 " and CR LF, in base64 */
    const size_t fits = (1024 - 128 - 6) / 4 * 3;

    (void)state;
    for (size_t length = fits - 2; length <= fits + 2; length++)
        for (int later = 0; later < 2; later++) {
            char *octets = malloc(length);
            struct recorder r;

            memset(octets, 'x', length);
            prepare(&r);
            r.verdicts[ON_SASL] = later ? ehlo_pending() : ehlo_challenge(octets, length);
            greet_and(&r, EHLO);
            feed(&r, "AUTH XTEST =\r\n");
            if (later)
                assert_int_equal(resume(&r, 0, ehlo_challenge(octets, length)), EHLO_OK);
            if (length <= fits) {
                assert_int_equal(r.wire.length, 6 + (length + 2) / 3 * 4);
                r.verdicts[ON_SASL] = ehlo_accept();
                assert_codes(&r, "YQ==\r\n", "334 235");
                assert_int_equal(r.reasons[EHLO_TRACE_HOST_FAULT], 0);
            } else {
                assert_codes(&r, "NOOP\r\n", "451 250");
                assert_int_equal(r.reasons[EHLO_TRACE_HOST_FAULT], 1);
                assert_int_equal(info_of(&r).auth_failures, 0);
            }
            forget(&r);
            free(octets);
        }
}

/* PLAIN and LOGIN have no further step. */
static void test_on_auth_gives_no_challenge(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) {
        struct recorder r;

        prepare(&r);
        r.verdicts[ON_AUTH] = later ? ehlo_pending() : ehlo_challenge("x", 1);
        greet_and(&r, EHLO PLAIN);
        if (later)
            resume(&r, 0, ehlo_challenge("x", 1));
        assert_int_equal(r.reasons[EHLO_TRACE_HOST_FAULT], 1);
        assert_int_equal(info_of(&r).state, EHLO_STATE_READY);
        assert_int_equal(info_of(&r).flags & EHLO_INFO_AUTHENTICATED, 0);
        forget(&r);
    }
}

/* on_reply has no say about octets that are no words. */
static void expect_no_challenge(struct recorder *r, enum hook hook)
{
    if (hook == ON_REPLY)
        assert_int_not_equal(r->reply->code, 334);
}

static void test_on_reply_does_not_see_challenges(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.inside = expect_no_challenge;
    greet_and(&r, EHLO);
    assert_codes(&r, "AUTH LOGIN\r\ndQ==\r\n*\r\nAUTH XTEST\r\n*\r\n", "334 334 501 334 501");
    forget(&r);
}

/* A configuration may take away what the exchange needs. */
static void test_the_hook_may_go_away_within_an_exchange(void **state)
{
    static const char *const begins[] = {"AUTH PLAIN\r\n", "AUTH LOGIN\r\n",
                                         "AUTH LOGIN\r\ndXNlcg==\r\n", "AUTH XTEST\r\n"};

    (void)state;
    for (size_t i = 0; i < ROWS(begins); i++) {
        struct ehlo_server_config other;
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO);
        feed(&r, begins[i]);
        other = r.config;
        other.on_auth = NULL;
        other.on_sasl = NULL;
        other.mechanisms = NULL;
        assert_int_equal(ehlo_server_use(r.s, &other), EHLO_OK);
        clear_note(&r.wire);
        feed(&r, "AHUAcA==\r\n");
        if (info_of(&r).state == EHLO_STATE_AUTH) /* the password is still to come */
            feed(&r, "AHUAcA==\r\n");
        assert_int_equal(info_of(&r).state, EHLO_STATE_READY);
        assert_int_equal(info_of(&r).flags & EHLO_INFO_AUTHENTICATED, 0);
        assert_int_equal(r.calls[ON_AUTH] + r.calls[ON_SASL], 0);
        clear_note(&r.wire);
        assert_codes(&r, "NOOP\r\n", "250");
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_exchange_at_each_cut_at_once_and_later),
        cmocka_unit_test(test_a_challenge_may_fill_the_output),
        cmocka_unit_test(test_on_auth_gives_no_challenge),
        cmocka_unit_test(test_on_reply_does_not_see_challenges),
        cmocka_unit_test(test_the_hook_may_go_away_within_an_exchange),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
