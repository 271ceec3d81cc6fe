/*
 * Tests of lib/server/proxies.c: XCLIENT and XFORWARD, what they tell and what they change, and
 * ETRN (RFC 1985).
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* ---- attributes ---- */

/* RXCLIENT-2, RXFORWARD-1: what the host is told of an argument; NULL: 501. */
static const struct {
    const char *line, *log;
} arguments[] = {
    {"XCLIENT NAME=c.example", "xclient given:1/0 name:c.example "},
    {"xclient name=c.example", "xclient given:1/0 name:c.example "},
    {"XCLIENT NAME=a ADDR=192.0.2.1 PORT=25 PROTO=ESMTP HELO=h LOGIN=u DESTADDR=192.0.2.2 "
     "DESTPORT=587",
     "xclient given:255/0 name:a addr:192.0.2.1 port:25 proto:ESMTP helo:h login:u "
     "destaddr:192.0.2.2 destport:587 "},
    {"XCLIENT ADDR=IPV6:2001:db8::1", "xclient given:2/0 addr:2001:db8::1 "},
    {"XCLIENT DESTADDR=ipv6:2001:db8::1", "xclient given:64/0 destaddr:2001:db8::1 "},
    {"XCLIENT NAME=[UNAVAILABLE]", "xclient given:1/1 "},
    {"XCLIENT NAME=[tempunavail]", "xclient given:1/1 temporary:1/0 "},
    {"XCLIENT ADDR=[UNAVAILABLE] NAME=x", "xclient given:3/2 name:x "},
    {"XCLIENT NAME=+5BUNAVAILABLE+5D", "xclient given:1/1 "}, /* compared when decoded */
    {"XCLIENT LOGIN=a+2Bb", "xclient given:32/0 login:a+b "},
    {"XCLIENT HELO=a+20b", "xclient given:16/0 helo:a b "},
    {"XCLIENT LOGIN=+C3+BC", "xclient given:32/0 login:\xc3\xbc "},
    {"XCLIENT NAME=a  PORT=1", "xclient given:5/0 name:a port:1 "},
    {"XCLIENT NAME=a ", "xclient given:1/0 name:a "},
    {"XCLIENT", NULL},
    {"XCLIENT  ", NULL},
    {"XCLIENT NAME", NULL},
    {"XCLIENT NAME=", NULL},
    {"XCLIENT =a", NULL},
    {"XCLIENT FOO=a", NULL},
    {"XCLIENT NAME=a FOO=b", NULL},
    {"XCLIENT NAME=a NAME=b", NULL},
    {"XCLIENT NAME=a name=b", NULL},
    {"XCLIENT NAME=a\xff", NULL},
    {"XCLIENT NAME=a+0Ab", NULL},
    {"XCLIENT LOGIN=a+00b", NULL},
    {"XCLIENT LOGIN=a+FFb", NULL},
    {"XCLIENT ADDR=[TEMPUNAVAIL]", NULL},
    {"XCLIENT ADDR=192.0.2.256", NULL},
    {"XCLIENT ADDR=[192.0.2.1]", NULL},
    {"XCLIENT ADDR=2001:db8::1", NULL},
    {"XCLIENT PORT=65536", NULL},
    {"XCLIENT PORT=x", NULL},
    {"XCLIENT PROTO=LMTP", NULL},
    {"XCLIENT IDENT=x", NULL},
    {"XCLIENT SOURCE=LOCAL", NULL},
    {"XFORWARD NAME=a ADDR=192.0.2.1 PORT=25 PROTO=LMTP HELO=h IDENT=4711 SOURCE=REMOTE",
     "xforward given:799/0 first name:a addr:192.0.2.1 port:25 proto:LMTP helo:h ident:4711 "
     "source:REMOTE "},
    {"XFORWARD SOURCE=local", "xforward given:512/0 first source:local "},
    {"XFORWARD NAME=[TEMPUNAVAIL] ADDR=[UNAVAILABLE]", "xforward given:3/3 temporary:1/0 first "},
    {"XFORWARD", NULL},
    {"XFORWARD LOGIN=x", NULL},
    {"XFORWARD DESTADDR=192.0.2.1", NULL},
    {"XFORWARD SOURCE=ELSEWHERE", NULL},
    {"XFORWARD HELO=a+20b", NULL},
    {"XFORWARD NAME=<a>", NULL},
    {"XFORWARD IDENT=a+3Cb", NULL},
    {"XFORWARD HELO=+C3+BC", NULL},
};

static void test_attributes_are_decoded_at_each_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(arguments); i++)
        for (size_t piece = 1; piece < 6; piece++) {
            struct recorder r;
            char line[256];

            strcat(strcpy(line, arguments[i].line), "\r\n");
            prepare(&r);
            greet_and(&r, EHLO);
            feed_pieces(&r, line, strlen(line), piece < 5 ? piece : SIZE_MAX);
            if (arguments[i].log != NULL)
                assert_of(line,
                          strncmp(r.log.text, arguments[i].log, strlen(arguments[i].log)) == 0 &&
                              strncmp(r.log.text + strlen(arguments[i].log), "reply:", 6) == 0);
            else
                assert_of(line, strncmp(r.wire.text, "501 5.5.4 ", 10) == 0 &&
                                    r.calls[ON_XCLIENT] + r.calls[ON_XFORWARD] == 0);
            assert_of(line, info_of(&r).errors == (arguments[i].log == NULL));
            forget(&r);
        }
}

/* The decoded value counts, not its spelling. */
static void test_values_may_be_255_octets_long(void **state)
{
    static const struct {
        const char *name;
        unsigned length;
        const char *code;
    } rows[] = {
        {"XCLIENT LOGIN", 254, "220"},  {"XCLIENT LOGIN", 255, "220"},
        {"XCLIENT LOGIN", 256, "501"},  {"XFORWARD IDENT", 255, "250"},
        {"XFORWARD IDENT", 256, "501"}, {"XFORWARD PROTO", 64, "250"},
        {"XFORWARD PROTO", 65, "501"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const char *octet = i % 2 ? "+61" : "a";
        char line[1024];
        struct recorder r;

        strcat(strcpy(line, rows[i / 2].name), "=");
        for (unsigned j = 0; j < rows[i / 2].length; j++)
            strcat(line, octet);
        strcat(line, "\r\n");
        prepare(&r);
        greet_and(&r, EHLO);
        check_codes(&r, line, rows[i / 2].code, rows[i / 2].name, (int)rows[i / 2].length);
        forget(&r);
    }
}

/* ---- XCLIENT ---- */

#define XCLIENT "XCLIENT NAME=c.example LOGIN=user\r\n"

/* RXCLIENT-4, RXCLIENT-5: back to the greeting; TLS and the counters stay. */
static void test_xclient_greets_anew(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) {
        struct ehlo_server_info info;
        struct recorder r;

        prepare(&r);
        greet_and(&r, EHLO);
        start_tls(&r);
        feed(&r, EHLO PLAIN "XFORWARD NAME=x\r\nVRFY\r\n" MAIL "RSET\r\nXFORWARD NAME=x\r\n");
        assert_int_equal(info_of(&r).flags, EHLO_INFO_HELO | EHLO_INFO_EXTENDED | EHLO_INFO_TLS |
                                                EHLO_INFO_AUTHENTICATED | EHLO_INFO_FORWARDED);
        clear_note(&r.wire);
        r.verdicts[ON_XCLIENT] = later ? ehlo_pending() : ehlo_accept();
        feed(&r, XCLIENT);
        if (later)
            resume(&r, 0, ehlo_accept());
        assert_says(&r, "", "220 mx.example ESMTP ready\r\n");
        info = info_of(&r);
        assert_int_equal(info.flags, EHLO_INFO_TLS);
        assert_int_equal(info.state, EHLO_STATE_FRESH);
        assert_int_equal(info.errors, 1);
        assert_int_equal(info.transactions, 1);
        assert_int_equal(info.helo.length + info.identity.length, 0);
        assert_codes(&r, MAIL PLAIN "STARTTLS\r\n", "503 503 503");
        feed(&r, EHLO);
        assert_null(strstr(r.wire.text, "STARTTLS"));
        clear_note(&r.wire);
        assert_codes(&r, PLAIN MAIL, "235 250");
        forget(&r);
    }
}

static void test_the_greeting_of_lmtp_names_it(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.mode = EHLO_MODE_LMTP;
    greet_and(&r, LHLO);
    assert_says(&r, XCLIENT, "220 mx.example LMTP ready\r\n");
    forget(&r);
}

static void test_where_helo_is_optional_xclient_opens_mail(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.helo_optional = true;
    greet_and(&r, "");
    assert_codes(&r, XCLIENT MAIL, "220 250");
    forget(&r);
}

/* A refusal changes nothing (RXCLIENT-1), 421 ends. */
static void test_a_refused_xclient_changes_nothing(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) {
        const struct ehlo_reply verdict = ehlo_reply(EHLO_REPLY_PEER_NOT_APPROVED);
        struct recorder r;

        prepare(&r);
        r.verdicts[ON_XCLIENT] = later ? ehlo_pending() : verdict;
        greet_and(&r, EHLO PLAIN);
        feed(&r, XCLIENT);
        if (later)
            resume(&r, 0, verdict);
        assert_says(&r, "", "550 5.7.0 This command is not permitted from your address\r\n");
        assert_int_equal(info_of(&r).errors, 1);
        assert_slice_of("identity", info_of(&r).identity, "user");
        assert_slice_of("helo", info_of(&r).helo, "c.example");
        assert_codes(&r, MAIL, "250");
        forget(&r);
    }
}

static void test_xclient_may_end_the_session(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_XCLIENT] = ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
    greet_and(&r, EHLO);
    assert_codes(&r, XCLIENT "NOOP\r\n", "421");
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    forget(&r);
}

/* LOGIN is believed only if the host says so. */
static void believe(struct recorder *r, enum hook hook)
{
    if (hook == ON_XCLIENT)
        assert_int_equal(ehlo_server_identity(r->s, ehlo_text("proxied")), EHLO_OK);
}

static void test_the_host_decides_whether_login_is_believed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const bool believed = i % 2 != 0, later = i / 2 != 0;
        struct recorder r;

        prepare(&r);
        r.config.require_auth = true;
        r.inside = believed ? believe : NULL;
        r.verdicts[ON_XCLIENT] = later ? ehlo_pending() : ehlo_accept();
        greet_and(&r, "");
        feed(&r, XCLIENT); /* a proxy need not authenticate */
        if (later)
            resume(&r, 0, ehlo_accept());
        assert_codes(&r, EHLO MAIL, believed ? "220 250 250" : "220 250 530");
        assert_slice_of("identity", info_of(&r).identity, believed ? "proxied" : "");
        forget(&r);
    }
}

/* RXCLIENT-1: without the hook it is a verb like any other that nobody knows. */
static void test_without_their_hooks_they_are_unknown(void **state)
{
    static const char *const lines[] = {XCLIENT, "XFORWARD NAME=x\r\n"};

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(lines); i++) {
        struct recorder r;

        prepare(&r);
        r.config.on_xclient = NULL;
        r.config.on_xforward = NULL;
        if (i % 2)
            r.config.on_command = NULL;
        greet_and(&r, "");
        feed(&r, EHLO);
        assert_null(strstr(r.wire.text, "XCLIENT"));
        assert_null(strstr(r.wire.text, "XFORWARD"));
        clear_note(&r.wire);
        assert_codes(&r, lines[i / 2], i % 2 ? "500" : "250"); /* on_command is asked */
        assert_int_equal(r.calls[ON_COMMAND], !(i % 2));
        forget(&r);
    }
}

/* ---- XFORWARD ---- */

#define XFORWARD "XFORWARD NAME=x\r\n"

/* RXFORWARD-2: a letter for each XFORWARD: f the first one, m more. */
static void test_attributes_hold_for_one_transaction(void **state)
{
    static const struct {
        const char *commands, *firsts;
        bool holds; /* at the end */
    } rows[] = {
        {XFORWARD, "f", true},
        {XFORWARD XFORWARD, "fm", true},
        {XFORWARD "XFORWARD FOO=x\r\n" XFORWARD, "fm", true},
        {XFORWARD "RSET\r\n" XFORWARD, "ff", true},
        {XFORWARD "RSET\r\n", "f", false},
        {XFORWARD EHLO XFORWARD, "ff", true},
        {XFORWARD "NOOP\r\nVRFY a\r\n" XFORWARD, "fm", true},
        {XFORWARD XCLIENT, "f", false},
        {XFORWARD MAIL, "f", true},
        {XFORWARD MAIL RCPT DATA "x\r\n", "f", true},
        {XFORWARD MAIL RCPT DATA "x\r\n.\r\n", "f", false},
        {XFORWARD MAIL RCPT DATA "x\n\r\n.\r\n", "f", false},
        {XFORWARD MAIL RCPT DATA "x\r\n.\r\n" XFORWARD, "ff", true},
        {XFORWARD MAIL RCPT "BDAT 1\r\nx", "f", true},
        {XFORWARD MAIL RCPT "BDAT 1 LAST\r\nx", "f", false},
        {XFORWARD "MAIL FROM:<\r\n" XFORWARD, "fm", true}, /* no transaction came of it */
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;
        char firsts[8] = "";

        prepare(&r);
        greet_and(&r, EHLO);
        feed(&r, rows[i].commands);
        for (const char *at = r.log.text; (at = strstr(at, "xforward ")) != NULL; at++)
            strcat(firsts, strncmp(at, "xforward given:1/0 first ", 25) == 0 ? "f" : "m");
        assert_of(rows[i].commands, strcmp(firsts, rows[i].firsts) == 0);
        assert_of(rows[i].commands,
                  ((info_of(&r).flags & EHLO_INFO_FORWARDED) != 0) == rows[i].holds);
        forget(&r);
    }
}

static void expect_forwarded(struct recorder *r, enum hook hook)
{
    if (hook >= ON_MAIL && hook <= ON_MESSAGE)
        assert_of(hook_names[hook], info_of(r).flags & EHLO_INFO_FORWARDED);
}

static void test_attributes_hold_in_each_hook_of_the_transaction(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.inside = expect_forwarded;
    greet_and(&r, EHLO XFORWARD MAIL RCPT DATA "x\r\n.\r\n");
    assert_int_equal(r.calls[ON_MESSAGE], 1);
    forget(&r);
}

static void test_a_refused_xforward_tells_nothing(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_XFORWARD] = ehlo_reply(EHLO_REPLY_PEER_NOT_APPROVED);
    greet_and(&r, EHLO);
    assert_codes(&r, XFORWARD, "550");
    assert_int_equal(info_of(&r).flags & EHLO_INFO_FORWARDED, 0);
    assert_int_equal(info_of(&r).errors, 1);
    r.verdicts[ON_XFORWARD] = ehlo_accept();
    clear_note(&r.log);
    assert_says(&r, XFORWARD, "250 2.0.0 Attributes noted\r\n");
    assert_non_null(strstr(r.log.text, "first"));
    forget(&r);
}

/* ---- ETRN ---- */

/* R1985-5-2, R1985-5.1-1; it may be decided later, and the node is still named. */
static void test_etrn_names_a_node(void **state)
{
    static const struct {
        const char *argument, *node; /* NULL: 501 */
    } rows[] = {
        {"d.example", "etrn:d.example "},
        {"@d.example", "etrn:d.example "},
        {"#queue", "etrn:queue "},
        {"D.EXAMPLE", "etrn:D.EXAMPLE "},
        {"", NULL},
        {"d", NULL},
        {"@", NULL},
        {"#", NULL},
        {"d.example e.example", NULL},
        {"d..example", NULL},
        {"d_e.example", NULL},
        {"[192.0.2.1]", NULL},
        {"a@d.example", NULL},
        {"\xc3\xbc.example", NULL},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const char *argument = rows[i / 2].argument, *node = rows[i / 2].node;
        struct recorder r;
        char line[64], want[128];

        strcat(strcat(strcpy(line, "ETRN "), argument), "\r\n");
        prepare(&r);
        if (i % 2)
            r.verdicts[ON_ETRN] = ehlo_pending();
        greet_and(&r, EHLO);
        feed_pieces(&r, line, strlen(line), i % 2 ? 1 : SIZE_MAX);
        if (r.pending > 0)
            assert_int_equal(resume(&r, 0, ehlo_accept()), EHLO_OK);
        snprintf(want, sizeof want, "250 2.5.0 Queue run for node %s started\r\n", argument);
        if (node == NULL)
            strcpy(want, "501 5.5.4 Syntax error in parameters scanning\r\n");
        assert_octets_of(argument, r.wire.text, r.wire.length, want, strlen(want));
        assert_of(argument, (node != NULL) == (r.calls[ON_ETRN] == 1));
        if (node != NULL)
            assert_of(argument, strncmp(r.log.text, node, strlen(node)) == 0);
        forget(&r);
    }
}

static void test_etrn_has_replies_of_its_own(void **state)
{
    static const struct {
        unsigned id;
        const char *subject, *want;
    } rows[] = {
        {EHLO_REPLY_ETRN_NOTHING, "n.example",
         "251 2.5.0 No messages waiting for node n.example\r\n"},
        {EHLO_REPLY_ETRN_PENDING, "n.example",
         "252 2.5.0 Delivery of waiting messages for node n.example started\r\n"},
        {EHLO_REPLY_ETRN_PENDING_COUNT, "14",
         "253 2.5.0 14 waiting messages, delivery started\r\n"},
        {EHLO_REPLY_ETRN_NO_MESSAGES, "n.example",
         "458 4.5.0 Cannot queue messages for node n.example\r\n"},
        {EHLO_REPLY_ETRN_NOT_ALLOWED, "n.example", "459 4.5.0 Node n.example not allowed here\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.verdicts[ON_ETRN] = ehlo_reply_about(rows[i].id, ehlo_text(rows[i].subject));
        greet_and(&r, EHLO);
        assert_says(&r, "ETRN d.example\r\n", rows[i].want);
        assert_int_equal(info_of(&r).errors, 0);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attributes_are_decoded_at_each_cut),
        cmocka_unit_test(test_values_may_be_255_octets_long),
        cmocka_unit_test(test_xclient_greets_anew),
        cmocka_unit_test(test_the_greeting_of_lmtp_names_it),
        cmocka_unit_test(test_where_helo_is_optional_xclient_opens_mail),
        cmocka_unit_test(test_a_refused_xclient_changes_nothing),
        cmocka_unit_test(test_xclient_may_end_the_session),
        cmocka_unit_test(test_the_host_decides_whether_login_is_believed),
        cmocka_unit_test(test_without_their_hooks_they_are_unknown),
        cmocka_unit_test(test_attributes_hold_for_one_transaction),
        cmocka_unit_test(test_attributes_hold_in_each_hook_of_the_transaction),
        cmocka_unit_test(test_a_refused_xforward_tells_nothing),
        cmocka_unit_test(test_etrn_names_a_node),
        cmocka_unit_test(test_etrn_has_replies_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
