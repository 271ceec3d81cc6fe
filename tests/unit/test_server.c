/*
 * Tests of lib/server/server.c: calls in the wrong order and from inside hooks, and what a
 * session tells of itself. How long to wait for it is in test_timeout.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

/* ---- the order of calls ---- */

static void test_nothing_happens_before_the_start(void **state)
{
    struct recorder r;
    size_t length;

    (void)state;
    prepare(&r);
    make_session(&r);
    assert_int_equal(wants_of(&r), 0);
    assert_int_equal(offer(&r, EHLO, sizeof EHLO - 1), 0);
    assert_int_equal(ehlo_server_receive(r.s, NULL, 0), 0);
    ehlo_server_output(r.s, &length);
    assert_int_equal(length, 0);
    assert_int_equal(ehlo_server_sent(r.s, 0), EHLO_OK);
    assert_int_equal(ehlo_server_sent(r.s, 1), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_resume(r.s, 0, ehlo_accept()), EHLO_ERROR_TOKEN);
    assert_int_equal(ehlo_server_resume(r.s, 1, ehlo_accept()), EHLO_ERROR_TOKEN);
    assert_true(ehlo_server_token(r.s) == 0);
    assert_int_equal(info_of(&r).state, EHLO_STATE_CONNECT);
    for (unsigned hook = 0; hook < HOOKS; hook++)
        assert_int_equal(r.calls[hook], 0);
    assert_int_equal(ehlo_server_start(r.s, NULL), EHLO_OK); /* unharmed */
    drain(&r, SIZE_MAX);
    assert_codes(&r, "QUIT\r\n", "220 221");
    forget(&r);
}

static void test_a_session_starts_once(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    assert_int_equal(ehlo_server_start(r.s, NULL), EHLO_ERROR_SEQUENCE);
    assert_int_equal(r.calls[ON_CONNECT], 1);
    assert_codes(&r, MAIL, "250");
    forget(&r);
}

static void test_no_more_is_sent_than_there_is(void **state)
{
    struct recorder r;
    size_t length;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    offer(&r, "NOOP\r\nNOOP\r\n", 12);
    ehlo_server_output(r.s, &length);
    assert_int_equal(ehlo_server_sent(r.s, length + 1), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_sent(r.s, SIZE_MAX), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_sent(r.s, 0), EHLO_OK);
    drain(&r, 1);
    assert_int_equal(ehlo_server_sent(r.s, length), EHLO_ERROR_ARGUMENT);
    assert_codes(&r, "", "250 250");
    forget(&r);
}

/* What is held behind an open decision is not there to be sent. */
static void test_held_replies_are_no_output(void **state)
{
    struct recorder r;
    size_t length;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO MAIL);
    r.verdicts[ON_RCPT] = ehlo_pending();
    feed(&r, RCPT RCPT);
    assert_int_equal(resume(&r, 1, ehlo_accept()), EHLO_OK);
    ehlo_server_output(r.s, &length);
    assert_int_equal(length, 0);
    assert_int_equal(ehlo_server_sent(r.s, 1), EHLO_ERROR_ARGUMENT);
    assert_false(wants_of(&r) & EHLO_WANT_WRITE);
    forget(&r);
}

/* ---- the peer ---- */

static const struct ehlo_peer *seen_peer;
static void *seen_user;

static struct ehlo_reply look_at_peer(struct ehlo_server *s, const struct ehlo_peer *peer,
                                      void *user)
{
    (void)s;
    seen_peer = peer;
    seen_user = user;
    return ehlo_accept();
}

static void test_on_connect_gets_the_peer(void **state)
{
    static const struct ehlo_peer peer = {EHLO_PEER_DEFAULTS, .serial = 7, .address = {"::1", 3}};
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.on_connect = look_at_peer;
    make_session(&r);
    assert_int_equal(ehlo_server_start(r.s, &peer), EHLO_OK);
    assert_ptr_equal(seen_peer, &peer);
    assert_ptr_equal(seen_user, &r);
    assert_ptr_equal(info_of(&r).peer, &peer);
    forget(&r);
}

static void test_without_a_peer_hooks_get_one_of_which_nothing_is_known(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.on_connect = look_at_peer;
    make_session(&r);
    assert_int_equal(ehlo_server_start(r.s, NULL), EHLO_OK);
    assert_int_equal(seen_peer->size, sizeof *seen_peer);
    assert_int_equal(seen_peer->address.length + seen_peer->name.length + seen_peer->port, 0);
    forget(&r);
}

static void test_a_peer_of_another_size_is_refused(void **state)
{
    static const struct ehlo_peer old = {.size = 8}, none = {.size = 0};
    struct recorder r;

    (void)state;
    prepare(&r);
    make_session(&r);
    assert_int_equal(ehlo_server_start(r.s, &old), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_start(r.s, &none), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_start(r.s, NULL), EHLO_OK); /* unharmed */
    forget(&r);
}

static void test_each_hook_may_be_missing(void **state)
{
    static const struct ehlo_server_config bare = {EHLO_SERVER_CONFIG_DEFAULTS,
                                                   .hostname = "mx.example"};
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config = bare;
    greet_and(&r, "");
    assert_codes(&r, EHLO MAIL RCPT DATA "VRFY a\r\nEXPN a\r\nHELP\r\nFOO\r\nRSET\r\nQUIT\r\n",
                 "250 250 550 503 252 252 214 500 250 221");
    forget(&r);
}

/* Without on_message nothing is ever taken, whatever else is. */
static void test_without_on_message_data_is_refused(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.on_message = NULL;
    greet_and(&r, EHLO MAIL RCPT);
    assert_says(&r, DATA, "451 4.3.0 Cannot take messages now, try again later\r\n");
    assert_int_equal(r.calls[ON_DATA], 0);
    assert_int_equal(info_of(&r).errors, 0);
    forget(&r);
}

/* ---- calls from inside hooks ---- */

static void call_what_is_forbidden(struct recorder *r, enum hook hook)
{
    size_t length, after;
    const void *output = ehlo_server_output(r->s, &length);

    assert_int_equal(ehlo_server_receive(r->s, "QUIT\r\n", 6), 0);
    assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_ERROR_IN_HOOK);
    assert_int_equal(ehlo_server_sent(r->s, 0), EHLO_ERROR_IN_HOOK);
    assert_int_equal(ehlo_server_sent(r->s, length), EHLO_ERROR_IN_HOOK);
    assert_int_equal(ehlo_server_expire(r->s), EHLO_ERROR_IN_HOOK);
    assert_int_equal(ehlo_server_resume(r->s, 1, ehlo_accept()), EHLO_ERROR_TOKEN);
    assert_int_equal(ehlo_server_tls_started(r->s, NULL), EHLO_ERROR_IN_HOOK);
    assert_int_equal(ehlo_server_use(r->s, NULL), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_use(r->s, &r->config), EHLO_OK);
    assert_int_equal(info_of(r).peer == NULL, 0);
    wants_of(r);
    epoch_of(r);
    assert_ptr_equal(ehlo_server_output(r->s, &after), output);
    assert_int_equal(after, length);
    (void)hook;
}

static void play(struct recorder *r, void (*inside)(struct recorder *, enum hook))
{
    static const struct ehlo_peer peer = {EHLO_PEER_DEFAULTS, .serial = 9};

    prepare(r);
    r->inside = inside;
    make_session(r);
    assert_int_equal(ehlo_server_start(r->s, &peer), EHLO_OK);
    drain(r, SIZE_MAX);
    play_all(r);
}

static void test_forbidden_calls_from_hooks_change_nothing(void **state)
{
    struct recorder plain, r;

    (void)state;
    play(&plain, NULL);
    play(&r, call_what_is_forbidden);
    for (unsigned hook = 0; hook < HOOKS; hook++)
        assert_of(hook_names[hook], r.calls[hook] > 0 && r.calls[hook] == plain.calls[hook]);
    assert_string_equal(r.wire.text, plain.wire.text);
    assert_string_equal(r.log.text, plain.log.text);
    forget(&plain);
    forget(&r);
}

/* ---- what it tells of itself ---- */

static const struct {
    const char *name, *commands;
    uint32_t state, flags, recipients, transactions, messages, errors, refused, body;
    uint64_t declared_size, octets;
} places[] = {
    {"fresh", "", EHLO_STATE_FRESH, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {"HELO", "HELO c.example\r\n", EHLO_STATE_READY, 1, 0, 0, 0, 0, 0, 0, 0, 0},
    {"EHLO", EHLO, EHLO_STATE_READY, 3, 0, 0, 0, 0, 0, 0, 0, 0},
    {"TLS awaited", EHLO "STARTTLS\r\n", EHLO_STATE_TLS, 3, 0, 0, 0, 0, 0, 0, 0, 0},
    {"within AUTH", EHLO "AUTH LOGIN\r\n", EHLO_STATE_AUTH, 3, 0, 0, 0, 0, 0, 0, 0, 0},
    {"authenticated", EHLO PLAIN, EHLO_STATE_READY, 3 + 16, 0, 0, 0, 0, 0, 0, 0, 0},
    {"forwarded", EHLO "XFORWARD NAME=x\r\n", EHLO_STATE_READY, 3 + 128, 0, 0, 0, 0, 0, 0, 0, 0},
    {"MAIL refused", EHLO "MAIL FROM:<\r\n", EHLO_STATE_MAIL_REFUSED, 3, 0, 1, 0, 1, 0, 0, 0, 0},
    {"MAIL", EHLO "MAIL FROM:<> SIZE=99 BODY=8BITMIME\r\n", EHLO_STATE_MAIL, 7, 0, 1, 0, 0, 0,
     EHLO_BODY_8BIT, 99, 0},
    {"RCPT refused", EHLO MAIL "RCPT TO:<\r\n", EHLO_STATE_NO_RCPT, 7, 0, 1, 0, 1, 0, 0, 0, 0},
    {"RCPT", EHLO MAIL RCPT RCPT, EHLO_STATE_RCPT, 7, 2, 1, 0, 0, 0, 0, 0, 0},
    {"content", EHLO MAIL RCPT DATA "..\r\nabc\r\n", EHLO_STATE_CONTENT, 7, 1, 1, 0, 0, 0, 0, 0, 8},
    {"behind it", EHLO MAIL RCPT DATA "..\r\nabc\r\n.\r\n", EHLO_STATE_READY, 3, 0, 1, 1, 0, 0, 0,
     0, 0},
    {"the next", EHLO MAIL RCPT DATA ".\r\n" MAIL, EHLO_STATE_MAIL, 7, 0, 2, 1, 0, 0, 0, 0, 0},
    {"chunk", EHLO MAIL RCPT "BDAT 5\r\nabc", EHLO_STATE_CONTENT, 7, 1, 1, 0, 0, 0, 0, 0, 3},
    {"chunks", EHLO MAIL RCPT "BDAT 3\r\nabc", EHLO_STATE_CHUNKS, 7, 1, 1, 0, 0, 0, 0, 0, 3},
    {"a chunk failed", EHLO MAIL RCPT "BDAT 0 x\r\n", EHLO_STATE_CHUNKS_FAILED, 7, 1, 1, 0, 1, 0, 0,
     0, 0},
    {"closed", EHLO MAIL RCPT "QUIT\r\n", EHLO_STATE_CLOSED, 3, 0, 1, 0, 0, 0, 0, 0, 0},
};

static void test_info_tells_the_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(places); i++) {
        struct ehlo_server_info info;
        struct recorder r;
        const char *name = places[i].name;

        prepare(&r);
        greet_and(&r, places[i].commands);
        info = info_of(&r);
        assert_of(name, info.state == places[i].state && info.flags == places[i].flags);
        assert_of(name, info.recipients == places[i].recipients);
        assert_of(name, info.transactions == places[i].transactions);
        assert_of(name, info.messages == places[i].messages);
        assert_of(name, info.errors == places[i].errors && info.refused == places[i].refused);
        assert_of(name, info.body == places[i].body);
        assert_of(name, info.declared_size == places[i].declared_size);
        assert_of(name, info.octets == places[i].octets);
        if (info.flags & EHLO_INFO_HELO)
            assert_slice_of(name, info.helo, "c.example");
        else
            assert_of(name, info.helo.length == 0);
        forget(&r);
    }
}

static void test_info_fills_only_its_own_structure(void **state)
{
    struct ehlo_server_info info = {.size = sizeof info - 1, .state = 77};
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    assert_int_equal(ehlo_server_info(r.s, NULL), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_info(r.s, &info), EHLO_ERROR_ARGUMENT);
    info.size = sizeof info + 1;
    assert_int_equal(ehlo_server_info(r.s, &info), EHLO_ERROR_ARGUMENT);
    assert_int_equal(info.state, 77);
    forget(&r);
}

/* A HELO name of 255 octets is kept whole, also while the next one is being decided. */
static void test_the_helo_name_is_kept(void **state)
{
    char name[256], line[300];
    struct recorder r;

    (void)state;
    memset(name, 'a', sizeof name);
    for (size_t i = 63; i < 255; i += 64)
        name[i] = '.';
    name[255] = '\0';
    prepare(&r);
    greet_and(&r, "");
    strcat(strcat(strcpy(line, "EHLO "), name), "\r\n");
    feed_pieces(&r, line, strlen(line), 100);
    assert_slice_of("long", info_of(&r).helo, name);
    r.verdicts[ON_HELO] = ehlo_pending();
    feed(&r, "HELO other.example\r\n");
    assert_slice_of("while another is decided", info_of(&r).helo, name);
    resume(&r, 0, ehlo_reply(EHLO_REPLY_ACCESS_NOT_ALLOWED));
    assert_slice_of("refused", info_of(&r).helo, name);
    feed(&r, "HELO other.example\r\n");
    resume(&r, 1, ehlo_accept());
    assert_slice_of("accepted", info_of(&r).helo, "other.example");
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_happens_before_the_start),
        cmocka_unit_test(test_a_session_starts_once),
        cmocka_unit_test(test_no_more_is_sent_than_there_is),
        cmocka_unit_test(test_held_replies_are_no_output),
        cmocka_unit_test(test_on_connect_gets_the_peer),
        cmocka_unit_test(test_without_a_peer_hooks_get_one_of_which_nothing_is_known),
        cmocka_unit_test(test_a_peer_of_another_size_is_refused),
        cmocka_unit_test(test_each_hook_may_be_missing),
        cmocka_unit_test(test_without_on_message_data_is_refused),
        cmocka_unit_test(test_forbidden_calls_from_hooks_change_nothing),
        cmocka_unit_test(test_info_tells_the_state),
        cmocka_unit_test(test_info_fills_only_its_own_structure),
        cmocka_unit_test(test_the_helo_name_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
