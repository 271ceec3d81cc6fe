/*
 * clamd, spamd and rspamd: what they are asked, and what all kinds of answers mean. The service is
 * a socket in the same loop.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "judging_support.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE "A: 1\r\n\r\nbody\r\n"

/* A service of one connection. */
static struct {
    struct watch listener, peer;
    char where[64];
    const char *answer;
    size_t length;
    size_t needs; /* octets that it reads before it answers */
    bool silent;  /* it does not answer at all */
    struct text received;
} stub;

static void close_peer(void)
{
    if (stub.peer.fd < 0)
        return;
    loop_forget(runtime.loop, &stub.peer);
    close(stub.peer.fd);
    stub.peer.fd = -1;
}

static void on_peer(void *owner, unsigned events)
{
    char octets[65536];
    ssize_t length = 0;

    (void)owner;
    (void)events;
    if (stub.needs > 0)
        length = recv(stub.peer.fd, octets, sizeof octets, MSG_DONTWAIT);
    if (length < 0) /* the event was one of the connection before */
        return;
    for (ssize_t i = 0; i < length; i++)
        text_add(&stub.received, "%c", octets[i]);
    if (stub.received.length < stub.needs && length > 0)
        return;
    if (stub.silent) {
        loop_change(runtime.loop, &stub.peer, 0);
        return;
    }
    if (stub.length > 0)
        assert_int_equal(write(stub.peer.fd, stub.answer, stub.length), stub.length);
    close_peer();
}

static void on_listener(void *owner, unsigned events)
{
    (void)owner;
    (void)events;
    close_peer();
    stub.peer = (struct watch){.fd = accept(stub.listener.fd, NULL, NULL), .ready = on_peer};
    assert_true(stub.peer.fd >= 0);
    assert_true(loop_add(runtime.loop, &stub.peer, LOOP_READ));
}

static void listen_at(const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_STREAM, 0);

    assert_true(fd >= 0 && bind(fd, address, length) == 0 && listen(fd, 5) == 0);
    memset(&stub, 0, sizeof stub);
    stub.peer.fd = -1;
    stub.listener = (struct watch){.fd = fd, .ready = on_listener};
    assert_true(loop_add(runtime.loop, &stub.listener, LOOP_READ));
}

static int set_up_path(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char directory[] = "/tmp/judging-XXXXXX";
    int failed = set_up(state);

    assert_non_null(mkdtemp(directory));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", directory);
    listen_at((struct sockaddr *)&address, sizeof address);
    snprintf(stub.where, sizeof stub.where, "%s/socket", directory);
    store(MESSAGE, strlen(MESSAGE));
    return failed;
}

static int set_up_port(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int failed = set_up(state);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_at((struct sockaddr *)&address, sizeof address);
    getsockname(stub.listener.fd, (struct sockaddr *)&address, &length);
    snprintf(stub.where, sizeof stub.where, "127.0.0.1:%u", ntohs(address.sin_port));
    store(MESSAGE, strlen(MESSAGE));
    return failed;
}

static int tear_down_stub(void **state)
{
    close_peer();
    loop_forget(runtime.loop, &stub.listener);
    close(stub.listener.fd);
    text_free(&stub.received);
    if (*stub.where == '/') {
        unlink(stub.where);
        *strrchr(stub.where, '/') = '\0';
        rmdir(stub.where);
    }
    return tear_down(state);
}

/* ---- answers ---- */

#define SPAMD            "SPAMD/1.1 0 EX_OK\r\n"
#define RSPAMD           "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define X(service, text) service, text, sizeof text - 1

enum { NONE = EHLO_REPLY_LOCAL_ERROR };

static const struct {
    filter_begin *service;
    const char *answer;
    size_t length;
    unsigned want;
    const char *why; /* NULL: it does not matter */
} answers[] = {
    {X(clamd_begin, "stream: OK\0"), EHLO_REPLY_ACCEPT, "clamd: OK"},
    {X(clamd_begin, "stream: Eicar-Test FOUND\0"), EHLO_REPLY_REJECTED_VIRUS,
     "clamd: Eicar-Test FOUND"},
    {X(clamd_begin, "INSTREAM size limit exceeded. ERROR\0"), NONE,
     "clamd: no verdict: INSTREAM size limit exceeded. ERROR"},
    {X(clamd_begin, "stream: Broken ERROR\0"), NONE, "clamd: Broken ERROR"},
    {X(clamd_begin, "stream: OK"), NONE, "clamd: no verdict: stream: OK"}, /* cut */
    {X(clamd_begin, "stream: Eicar-Test FOUND"), NONE, NULL},
    {X(clamd_begin, "stream: OK\n"), NONE, "clamd: no verdict: stream: OK"},
    {X(clamd_begin, "stream: OK\0stream: OK\0"), NONE, NULL},
    {X(clamd_begin, "stream: OK \0"), NONE, NULL},
    {X(clamd_begin, "stream: NOT OK\0"), NONE, NULL},
    {X(clamd_begin, "stream: \0"), NONE, NULL},
    {X(clamd_begin, "stream:\0"), NONE, NULL},
    {X(clamd_begin, "\0"), NONE, "clamd: no verdict: "},
    {X(clamd_begin, "UNKNOWN COMMAND\0"), NONE, NULL},
    {X(clamd_begin, ""), NONE, NULL},

    {X(spamd_begin, SPAMD "Spam: False ; 0.0 / 5.0\r\n\r\n"), EHLO_REPLY_ACCEPT,
     "spamd: 0.0 of 5.0"},
    {X(spamd_begin, SPAMD "Spam: True ; 15.3 / 5.0\r\n\r\n"), EHLO_REPLY_REJECTED_SPAM,
     "spamd: 15.3 of 5.0"},
    {X(spamd_begin, SPAMD "Content-length: 3\r\nSpam: True ; 15 / 5\r\n\r\nabc"),
     EHLO_REPLY_REJECTED_SPAM, "spamd: 15 of 5"},
    {X(spamd_begin, SPAMD "Spam: False ; -1.5 / 5.0\r\n\r\n"), EHLO_REPLY_ACCEPT, NULL},
    {X(spamd_begin, SPAMD "Spam: False ; 0.0 / 5.0"), NONE, NULL}, /* cut */
    {X(spamd_begin, SPAMD "Spam: False ; 0.0 / 5.0 or so\r\n\r\n"), NONE, NULL},
    {X(spamd_begin, SPAMD "Spam: False ; 0.0\r\n\r\n"), NONE, NULL},
    {X(spamd_begin, SPAMD "Spam: False\r\n\r\n"), NONE, NULL},
    {X(spamd_begin, SPAMD "Spam: Perhaps ; 0.0 / 5.0\r\n\r\n"), NONE, NULL},
    {X(spamd_begin, SPAMD "\r\nSpam: False ; 0.0 / 5.0\r\n\r\n"), NONE, NULL}, /* of the body */
    {X(spamd_begin, SPAMD "Other: x\r\n\r\n"), NONE, NULL},
    {X(spamd_begin, "SPAMD/1.0 76 EX_PROTOCOL\r\nSpam: False ; 0.0 / 5.0\r\n\r\n"), NONE,
     "spamd: no verdict: SPAMD/1.0 76 EX_PROTOCOL"},
    {X(spamd_begin, "Spam: False ; 0.0 / 5.0\r\n\r\n"), NONE, NULL},
    {X(spamd_begin, "\n\n\n"), NONE, NULL},

    {X(rspamd_begin, RSPAMD "{\"action\":\"no action\"}"), EHLO_REPLY_ACCEPT, "rspamd: no action"},
    {X(rspamd_begin, RSPAMD "{\"action\":\"greylist\"}"), EHLO_REPLY_GREYLISTED,
     "rspamd: greylist"},
    {X(rspamd_begin, RSPAMD "{\"action\":\"soft reject\"}"), EHLO_REPLY_RATE_LIMITED, NULL},
    {X(rspamd_begin, RSPAMD "{\"action\":\"add header\"}"), EHLO_REPLY_REJECTED_SPAM, NULL},
    {X(rspamd_begin, RSPAMD "{\"action\":\"rewrite subject\"}"), EHLO_REPLY_REJECTED_SPAM, NULL},
    {X(rspamd_begin, RSPAMD "{\"action\":\"reject\"}"), EHLO_REPLY_REJECTED_BY_SPAM_FILTER, NULL},
    {X(rspamd_begin, RSPAMD "{\"action\":\"quarantine\"}"), NONE, "rspamd: no verdict: quarantine"},
    {X(rspamd_begin, RSPAMD " {\r\n\t\"score\" : 1.5 , \"action\"\n:\t\"reject\""),
     EHLO_REPLY_REJECTED_BY_SPAM_FILTER, NULL},
    {X(rspamd_begin, RSPAMD "{\"x\":{\"action\":\"reject\"},\"action\":\"no action\"}"),
     EHLO_REPLY_ACCEPT, NULL},
    {X(rspamd_begin, RSPAMD "{\"x\":[{\"action\":\"reject\"},\"]}\"],\"action\":\"no action\"}"),
     EHLO_REPLY_ACCEPT, NULL},
    {X(rspamd_begin, RSPAMD "{\"x\":\"\\\"action\\\":\\\"reject\\\"\",\"action\":\"no action\"}"),
     EHLO_REPLY_ACCEPT, NULL},
    {X(rspamd_begin, RSPAMD "{\"x\":\"action\",\"y\":\"no action\"}"), NONE, NULL},
    {X(rspamd_begin, RSPAMD "{\"x\":{\"action\":\"no action\"}}"), NONE, NULL},
    {X(rspamd_begin, RSPAMD "{\"action\":{\"x\":\"no action\"}}"), NONE, NULL},
    {X(rspamd_begin, RSPAMD "{\"x\":{}}\"action\":\"no action\"}"), NONE, NULL},
    {X(rspamd_begin, RSPAMD "[\"action\",\"no action\"]"), NONE, NULL},
    {X(rspamd_begin, RSPAMD "\"action\":\"no action\""), NONE, NULL},
    {X(rspamd_begin, RSPAMD "{\"action\":\"no action"), NONE, NULL}, /* cut */
    {X(rspamd_begin, RSPAMD "{\"action\":\"no action\\"), NONE, NULL},
    {X(rspamd_begin, RSPAMD "{\"action\":0,\"x\":\"no action\"}"), NONE, NULL},
    {X(rspamd_begin, RSPAMD "{\"error\":\"broken\"}"), NONE,
     "rspamd: no verdict: {\"error\":\"broken\"}"},
    {X(rspamd_begin, RSPAMD "}}{\"action\":\"no action\"}"), NONE, NULL},
    {X(rspamd_begin, RSPAMD), NONE, NULL},
    {X(rspamd_begin, "HTTP/1.1 200 OK\r\n{\"action\":\"no action\"}"), NONE, NULL},
    {X(rspamd_begin, "HTTP/1.1 500 Broken\r\n\r\n{\"action\":\"no action\"}"), NONE,
     "rspamd: no verdict: HTTP/1.1 500 Broken"},
    {X(rspamd_begin, "{\"action\":\"no action\"}"), NONE, NULL},
};

/* Even if they come before the question has been read. */
static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(answers); i++) {
        stub.answer = answers[i].answer;
        stub.length = answers[i].length;
        stub.needs = i % 2;
        begin(answers[i].service, stub.where, 10, &facts);
        wait_for_verdict();
        if (verdict != answers[i].want)
            fail_msg("row %zu, \"%s\": %u", i, answers[i].answer, verdict);
        if (answers[i].why != NULL)
            assert_string_equal(reason, answers[i].why);
    }
}

static void test_longest_answer(void **state)
{
    char *answer = malloc(100000);

    (void)state;
    memset(answer, '{', 100000);
    stub.answer = answer;
    stub.length = 100000;
    begin(rspamd_begin, stub.where, 10, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, NONE);
    free(answer);
}

/* ---- questions ---- */

#define LINES "a\r\nX: b"

static const struct ehlo_slice evil_recipient = {LINES, 7};
static const struct envelope_facts evil = {
    .peer_address = LINES,
    .helo = {LINES, 7},
    .identity = {LINES, 7},
    .sender = {LINES, 7},
    .recipients = &evil_recipient,
    .recipient_count = 1,
    .queue_id = LINES,
};
static const struct envelope_facts nothing = {.peer_address = "", .queue_id = ""};

static const struct {
    const char *name;
    filter_begin *service;
    const char *message;
    const struct envelope_facts *facts;
    const char *want;
    size_t length;
} questions[] = {
    {"clamd", clamd_begin, MESSAGE, &facts, "zINSTREAM\0\0\0\0\016" MESSAGE "\0\0\0", 32},
    {"clamd, empty", clamd_begin, "", &facts, "zINSTREAM\0\0\0\0", 14},
    {"spamd", spamd_begin, MESSAGE, &facts, "CHECK SPAMC/1.5\r\nContent-length: 14\r\n\r\n" MESSAGE,
     53},
    {"spamd, empty", spamd_begin, "", &facts, "CHECK SPAMC/1.5\r\nContent-length: 0\r\n\r\n", 38},
    {"rspamd", rspamd_begin, MESSAGE, &facts,
     "POST /checkv2 HTTP/1.0\r\nContent-Length: 14\r\nFrom: <eve@example.net>\r\n"
     "Rcpt: <bob@example.com>\r\nRcpt: <ann@example.org>\r\nIP: 192.0.2.1\r\n"
     "Helo: client.example\r\nUser: bob\r\nQueue-Id: Q1\r\n\r\n" MESSAGE,
     0},
    {"rspamd, nothing known", rspamd_begin, "", &nothing,
     "POST /checkv2 HTTP/1.0\r\nContent-Length: 0\r\nFrom: <>\r\nIP: \r\nHelo: \r\nQueue-Id: "
     "\r\n\r\n",
     0},
    {"rspamd, lines in values", rspamd_begin, "", &evil,
     "POST /checkv2 HTTP/1.0\r\nContent-Length: 0\r\nFrom: <a??X: b>\r\nRcpt: <a??X: b>\r\n"
     "IP: a??X: b\r\nHelo: a??X: b\r\nUser: a??X: b\r\nQueue-Id: a??X: b\r\n\r\n",
     0},
};

static void test_questions(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(questions); i++) {
        size_t length = questions[i].length > 0 ? questions[i].length : strlen(questions[i].want);

        stub.received.length = 0;
        stub.needs = length;
        store(questions[i].message, strlen(questions[i].message));
        begin(questions[i].service, stub.where, 10, questions[i].facts);
        wait_for_verdict();
        assert_octets_of(questions[i].name, stub.received.data, stub.received.length,
                         questions[i].want, length);
    }
}

static void test_long_message(void **state)
{
    enum { LENGTH = 3000000 };
    char *message = malloc(LENGTH);

    (void)state;
    for (size_t i = 0; i < LENGTH; i++)
        message[i] = (char)(i * 7 + i / 251);
    store(message, LENGTH);
    stub.answer = "stream: OK";
    stub.length = 11;
    stub.needs = LENGTH + 18;
    begin(clamd_begin, stub.where, 60, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, EHLO_REPLY_ACCEPT);
    assert_octets_of("head", stub.received.data, 14, "zINSTREAM\0\0\x2d\xc6\xc0", 14);
    assert_octets_of("message", stub.received.data + 14, LENGTH, message, LENGTH);

    stub.needs = 1; /* an answer before most of it is read */
    stub.received.length = 0;
    begin(clamd_begin, stub.where, 60, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, EHLO_REPLY_ACCEPT);
    assert_in_range(stub.received.length, 1, LENGTH / 2);
    free(message);
}

/* ---- no answer ---- */

static void test_silence(void **state)
{
    (void)state;
    stub.silent = true;
    begin(spamd_begin, stub.where, 1, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, NONE);
    assert_string_equal(reason, "spamd: no answer in time");
}

static void test_nobody(void **state)
{
    static const char *const places[] = {"/nowhere/socket", "127.0.0.1:1", "nonsense"};

    (void)state;
    for (size_t i = 0; i < ROWS(places); i++) {
        begin(rspamd_begin, places[i], 10, &facts);
        wait_for_verdict();
        assert_of(places[i], verdict == NONE && strncmp(reason, "rspamd: ", 8) == 0);
    }
}

static void test_broken_file(void **state)
{
    (void)state;
    stub.needs = 10000;
    content.end += 1000;
    begin(spamd_begin, stub.where, 10, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, NONE);
}

static void test_drop(void **state)
{
    (void)state;
    stub.silent = true;
    stub.needs = 1;
    for (int turns = 0; turns < 4; turns++) {
        begin(clamd_begin, stub.where, 10, &facts);
        for (int i = 0; i < turns; i++)
            turn();
        assert_non_null(judging);
        judging_drop(judging);
    }
    while (timers.count > 0)
        turn();
    assert_int_equal(verdict, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_answers, set_up_port, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_longest_answer, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_questions, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_questions, set_up_port, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_long_message, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_long_message, set_up_port, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_silence, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_nobody, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_broken_file, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_drop, set_up_path, tear_down_stub),
        cmocka_unit_test_setup_teardown(test_drop, set_up_port, tear_down_stub),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
