/*
 * Tests of lib/server/starttls.c: octets between STARTTLS and TLS, tls_started() at each time, what
 * TLS makes a session forget, the ends while it is awaited, implicit TLS (RFC 3207, RFC 8314).
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#define STARTTLS "STARTTLS\r\n"

static const char go[] = "220 2.0.0 Ready to start TLS\r\n";
static const char injected[] = "554 5.5.0 Unencrypted data after STARTTLS\r\n";

/* ---- who may, and when ---- */

static void hide_hook(struct ehlo_server_config *config)
{
    config->on_starttls = NULL;
}

static void switch_off(struct ehlo_server_config *config)
{
    config->disabled_extensions = EHLO_EXTENSION_STARTTLS;
}

/* R3207-4-1, R3207-4-2, R3207-4-3, R3207-4.2-3 */
static void test_starttls_is_answered_as_the_list_says(void **state)
{
    static const struct {
        const char *name, *commands;
        void (*configure)(struct ehlo_server_config *);
        unsigned id; /* of the host's verdict, or 0 */
        bool point;
        const char *want;
    } rows[] = {
        {"granted", STARTTLS, NULL, 0, false, go},
        {"any case", "starttls\r\n", NULL, 0, false, go},
        {"argument", "STARTTLS x\r\n", NULL, 0, true,
         "501 5.5.4 Syntax error in parameters scanning\r\n"},
        {"no hook", STARTTLS, hide_hook, 0, true,
         "502 5.5.1 Sorry, we do not support this operation\r\n"},
        {"switched off", STARTTLS, switch_off, 0, true,
         "502 5.5.1 Sorry, we do not support this operation\r\n"},
        {"not now", STARTTLS, NULL, EHLO_REPLY_TLS_NOT_AVAILABLE, false,
         "454 4.7.0 TLS is not available at the moment\r\n"},
        {"never", STARTTLS, NULL, EHLO_REPLY_SITE_POLICY, false,
         "550 5.7.0 Refused by site policy\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;
        bool granted;

        prepare(&r);
        if (rows[i].configure != NULL)
            rows[i].configure(&r.config);
        if (rows[i].id != 0)
            r.verdicts[ON_STARTTLS] = ehlo_reply(rows[i].id);
        greet_and(&r, EHLO);
        granted = rows[i].want == go;
        feed(&r, rows[i].commands);
        assert_octets_of(rows[i].name, r.wire.text, r.wire.length, rows[i].want,
                         strlen(rows[i].want));
        assert_of(rows[i].name, info_of(&r).errors == rows[i].point);
        assert_of(rows[i].name, (wants_of(&r) == EHLO_WANT_TLS) == granted);
        clear_note(&r.wire);
        if (!granted)
            assert_codes(&r, MAIL, "250"); /* nothing has changed */
        forget(&r);
    }
}

/* R3207-4-4, R3207-6-1: what may be said where TLS is required. */
static void test_before_required_tls_only_some_verbs_work(void **state)
{
    static const struct {
        const char *line, *before, *after; /* codes, each behind EHLO */
    } rows[] = {
        {EHLO, "250", "250"},
        {"HELO c\r\n", "250", "250"},
        {"NOOP\r\n", "250", "250"},
        {"RSET\r\n", "250", "250"},
        {"HELP\r\n", "214", "214"},
        {"QUIT\r\n", "221", "221"},
        {STARTTLS, "220", "503"},
        {MAIL, "530", "250"},
        {RCPT, "530", "503"},
        {DATA, "530", "503"},
        {"BDAT 4\r\nQUIT", "530", "503"},
        {PLAIN, "530", "235"},
        {"VRFY a\r\n", "530", "252"},
        {"EXPN a\r\n", "530", "252"},
        {"ETRN d.example\r\n", "530", "250"},
        {"FOO\r\n", "530", "250"},
        {"XFORWARD NAME=x\r\n", "530", "250"},
        {"TURN\r\n", "502", "502"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.require_tls = true;
        greet_and(&r, EHLO);
        assert_codes(&r, rows[i].line, rows[i].before);
        forget(&r);
        prepare(&r);
        r.config.require_tls = true;
        greet_and(&r, EHLO);
        start_tls(&r);
        feed(&r, EHLO);
        clear_note(&r.wire);
        assert_codes(&r, rows[i].line, rows[i].after);
        forget(&r);
    }
}

/* R3207-4.1-1 */
static void test_under_weak_tls_only_quit_works(void **state)
{
    static const struct ehlo_tls weak = {EHLO_TLS_DEFAULTS, .too_weak = true};
    static const char *const lines[] = {
        MAIL,  "NOOP\r\n", "RSET\r\n", "HELP\r\n",           "VRFY a\r\n",
        PLAIN, STARTTLS,   "FOO\r\n",  "XCLIENT NAME=x\r\n", "BDAT 6\r\nQUIT\r\n"};

    (void)state;
    for (int implicit = 0; implicit < 2; implicit++) {
        struct recorder r;

        prepare(&r);
        make_session(&r);
        if (implicit)
            assert_int_equal(ehlo_server_tls_started(r.s, &weak), EHLO_OK);
        ehlo_server_start(r.s, NULL);
        drain_all(&r);
        if (!implicit) {
            feed(&r, STARTTLS);
            assert_int_equal(ehlo_server_tls_started(r.s, &weak), EHLO_OK);
        }
        clear_note(&r.wire);
        for (size_t i = 0; i < ROWS(lines); i++)
            assert_says(&r, lines[i], "554 5.7.0 The TLS connection is too weak\r\n");
        assert_codes(&r, EHLO "HELO c\r\n", "554 554");
        assert_int_equal(info_of(&r).errors, ROWS(lines) + 2);
        assert_codes(&r, "QUIT\r\n", "221");
        forget(&r);
    }
}

/* ---- octets where none may be (RSEC-TLS-1) ---- */

/* Nothing of what came behind is done, and the session is over. */
static void check_injected(struct recorder *r, const char *row)
{
    drain_all(r);
    assert_of(row, r->reasons[EHLO_TRACE_INJECTION] == 1 && r->cause == EHLO_CAUSE_PROTOCOL);
    assert_of(row, wants_of(r) == EHLO_WANT_CLOSE && r->calls[ON_CLOSE] == 1);
    assert_of(row, r->calls[ON_HELO] == 1 && r->calls[ON_MAIL] == 0);
    assert_of(row, ehlo_server_tls_started(r->s, &recorder_tls) == EHLO_ERROR_CLOSED);
}

static void test_octets_behind_starttls_are_never_read(void **state)
{
    static const char input[] = STARTTLS EHLO MAIL;

    (void)state;
    for (unsigned policy = 0; policy <= EHLO_PIPELINING_IGNORE; policy++)
        for (size_t piece = 1; piece < sizeof input; piece++) {
            struct recorder r;
            size_t used = 0;

            prepare(&r);
            r.config.pipelining = (uint8_t)policy;
            greet_and(&r, EHLO);
            while (used < sizeof input - 1) { /* in pieces, and nothing is sent meanwhile */
                const size_t left = sizeof input - 1 - used;

                used += offer(&r, input + used, left < piece ? left : piece);
                if (info_of(&r).state == EHLO_STATE_TLS && piece == sizeof STARTTLS - 1)
                    assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
            }
            check_injected(&r, "before the 220 was sent");
            assert_says(&r, "", injected);
            forget(&r);
        }
}

/* Once an octet of the 220 is out, any word would be taken for the handshake. */
static void test_behind_a_part_of_the_220_nothing_is_said(void **state)
{
    static const char noop[] = "250 2.0.0 Nothing done\r\n";

    (void)state;
    for (size_t sent = 0; sent <= sizeof noop - 1 + sizeof go - 1; sent++) {
        const size_t before = sizeof noop - 1; /* an older reply is still there */
        struct recorder r;
        char want[256];

        prepare(&r);
        greet_and(&r, EHLO);
        offer(&r, "NOOP\r\n", 6);
        offer(&r, STARTTLS, sizeof STARTTLS - 1);
        drain(&r, sent);
        assert_int_equal(ehlo_server_receive(r.s, "x", 1), 1);
        drain_all(&r);
        strcat(strcpy(want, noop), sent <= before ? injected : go);
        if (sent > before)
            want[sent] = '\0';
        assert_octets_of("what was sent", r.wire.text, r.wire.length, want, strlen(want));
        check_injected(&r, "partly sent");
        forget(&r);
    }
}

static void test_octets_that_wait_for_on_starttls_are_an_injection(void **state)
{
    static const char input[] = STARTTLS EHLO;
    static const size_t line = sizeof STARTTLS - 1, rest = sizeof EHLO - 1;

    (void)state;
    for (unsigned how = 0; how < 3; how++) { /* offered at once, behind the 220; refused */
        struct recorder r;

        prepare(&r);
        r.verdicts[ON_STARTTLS] = ehlo_pending();
        greet_and(&r, EHLO);
        assert_int_equal(offer(&r, input, sizeof input - 1), line);
        assert_int_equal(wants_of(&r), EHLO_WANT_DECISION);
        assert_int_equal(offer(&r, input + line, rest), 0);
        assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_ERROR_SEQUENCE);
        assert_int_equal(
            ehlo_server_resume(r.s, r.tokens[0],
                               how < 2 ? ehlo_accept() : ehlo_reply(EHLO_REPLY_TLS_NOT_AVAILABLE)),
            EHLO_OK);
        if (how == 1)
            drain_all(&r);
        assert_int_equal(offer(&r, input + line, rest), rest);
        drain_all(&r);
        if (how < 2)
            check_injected(&r, "pending");
        if (how < 2)
            assert_says(&r, "", how == 0 ? injected : go);
        else
            assert_codes(&r, "", "454 250");
        forget(&r);
    }
}

/* The 220 may stand behind as much as fits. */
static void test_behind_a_full_output_it_is_the_same(void **state)
{
    (void)state;
    for (size_t inject = 0; inject < 2; inject++) {
        const size_t length = sizeof STARTTLS - 1 + inject;
        struct recorder r;
        size_t used = 0;

        prepare(&r);
        greet_and(&r, EHLO);
        while (wants_of(&r) & EHLO_WANT_READ)
            offer(&r, "RSET\r\n", 6);
        while (used < length && drain(&r, 30) > 0)
            used += offer(&r, &STARTTLS "x"[used], length - used);
        drain_all(&r);
        if (inject)
            check_injected(&r, "behind a full output");
        assert_int_equal(wants_of(&r), inject ? EHLO_WANT_CLOSE : EHLO_WANT_TLS);
        forget(&r);
    }
}

/* ---- tls_started() ---- */

/* RENG: a call at the wrong time is an error and harms nothing. */
static void test_tls_starts_only_where_it_is_awaited(void **state)
{
    static const struct {
        const char *name, *commands, *next, *codes;
        unsigned hook; /* is left pending, if it is a deciding one */
    } rows[] = {
        {"fresh", "", EHLO, "250", HOOKS},
        {"ready", EHLO, MAIL, "250", HOOKS},
        {"transaction", EHLO MAIL RCPT, DATA, "354", HOOKS},
        {"content", EHLO MAIL RCPT DATA "a", "\r\n.\r\n", "250", HOOKS},
        {"a chunk", EHLO MAIL RCPT "BDAT 3 LAST\r\na", "bc", "250", HOOKS},
        {"within AUTH", EHLO "AUTH XTEST\r\n", "AAAA\r\n", "235", HOOKS},
        {"half a line", EHLO "NO", "OP\r\n", "250", HOOKS},
        {"refused", STARTTLS, EHLO, "250", ON_STARTTLS},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        if (rows[i].hook < DECIDING_HOOKS)
            r.verdicts[rows[i].hook] = ehlo_reply(EHLO_REPLY_TLS_NOT_AVAILABLE);
        greet_and(&r, rows[i].commands);
        assert_of(rows[i].name, ehlo_server_tls_started(r.s, &recorder_tls) == EHLO_ERROR_SEQUENCE);
        assert_of(rows[i].name, ehlo_server_tls_started(r.s, NULL) == EHLO_ERROR_SEQUENCE);
        assert_of(rows[i].name, info_of(&r).tls == NULL && r.calls[ON_CLOSE] == 0);
        check_codes(&r, rows[i].next, rows[i].codes, rows[i].name, (int)i);
        forget(&r);
    }
}

static void test_tls_does_not_start_while_its_220_is_unsent(void **state)
{
    static const struct ehlo_tls old = {.size = sizeof(struct ehlo_tls) - 1};
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    offer(&r, STARTTLS, sizeof STARTTLS - 1);
    for (size_t sent = 0; sent < sizeof go - 1; sent++) {
        assert_int_equal(wants_of(&r), EHLO_WANT_WRITE);
        assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_ERROR_SEQUENCE);
        assert_int_equal(ehlo_server_tls_started(r.s, NULL), EHLO_ERROR_SEQUENCE);
        assert_int_equal(drain(&r, 1), 1);
    }
    assert_int_equal(wants_of(&r), EHLO_WANT_TLS);
    assert_int_equal(ehlo_server_tls_started(r.s, &old), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_receive(r.s, NULL, 0), 0);
    assert_int_equal(wants_of(&r), EHLO_WANT_TLS);
    assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_OK);
    assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_ERROR_SEQUENCE);
    assert_int_equal(ehlo_server_tls_started(r.s, NULL), EHLO_ERROR_SEQUENCE);
    assert_says(&r, "", go); /* and no second greeting */
    assert_codes(&r, EHLO, "250");
    forget(&r);
}

/* R3207-4.2-1, RSEC-TLS-3: as behind the greeting, but for failed AUTHs. */
static void test_tls_makes_a_session_forget(void **state)
{
    struct ehlo_server_info info;
    struct recorder r;
    uint32_t epoch;

    (void)state;
    prepare(&r);
    r.config.max_junk = 2;
    greet_and(&r, EHLO);
    r.verdicts[ON_AUTH] = ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    feed(&r, PLAIN "NOOP\r\nNOOP\r\n");
    r.verdicts[ON_AUTH] = ehlo_accept();
    feed(&r, PLAIN MAIL "RSET\r\nXFORWARD NAME=x\r\nFOO\xff\r\n");
    info = info_of(&r);
    assert_int_equal(info.errors, 3);
    assert_true((info.flags & EHLO_INFO_AUTHENTICATED) && (info.flags & EHLO_INFO_FORWARDED));
    feed(&r, STARTTLS);
    epoch = epoch_of(&r);
    clear_note(&r.wire);
    assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_OK);
    assert_true(epoch_of(&r) != epoch);
    info = info_of(&r);
    assert_int_equal(info.flags, EHLO_INFO_TLS);
    assert_int_equal(info.state, EHLO_STATE_FRESH);
    assert_ptr_equal(info.tls, &recorder_tls);
    assert_int_equal(info.helo.length + info.identity.length + info.errors, 0);
    assert_int_equal(info.auth_failures, 1);
    assert_int_equal(info.transactions, 1);
    assert_int_equal(r.wire.length, 0);
    assert_false(is_in_memory(&r, "user"));
    assert_codes(&r, "NOOP\r\nNOOP\r\n" MAIL PLAIN, "250 250 503 503");
    assert_int_equal(info_of(&r).errors, 2); /* junk is counted anew */
    feed(&r, EHLO);
    assert_null(strstr(r.wire.text, "STARTTLS"));
    assert_non_null(strstr(r.wire.text, "AUTH "));
    clear_note(&r.wire);
    assert_codes(&r, PLAIN STARTTLS MAIL, "235 503 250");
    forget(&r);
}

static void test_failed_auths_are_not_forgiven(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_AUTH] = ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    greet_and(&r, EHLO PLAIN PLAIN PLAIN);
    start_tls(&r);
    feed(&r, EHLO);
    clear_note(&r.wire);
    assert_codes(&r, PLAIN, "421");
    assert_int_equal(r.cause, EHLO_CAUSE_LIMIT);
    forget(&r);
}

static void test_where_helo_is_optional_tls_opens_mail(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.helo_optional = true;
    greet_and(&r, "");
    start_tls(&r);
    clear_note(&r.wire);
    assert_codes(&r, MAIL RCPT, "250 250");
    forget(&r);
}

/* R3207-4-5 (what the server sees of it) */
static void test_a_failed_handshake_ends_without_a_word(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO STARTTLS);
    assert_int_equal(ehlo_server_tls_started(r.s, NULL), EHLO_OK);
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    assert_int_equal(r.cause, EHLO_CAUSE_TLS);
    assert_int_equal(ehlo_server_tls_started(r.s, NULL), EHLO_ERROR_CLOSED);
    assert_codes(&r, "NOOP\r\n", "");
    assert_int_equal(r.calls[ON_CLOSE], 1);
    forget(&r);
}

/* ---- ends ---- */

/* In clear nothing is said any more but what was said already. */
static void test_the_end_is_silent_while_tls_is_awaited(void **state)
{
    static int (*const ends[])(struct ehlo_server *) = {ehlo_server_expire, ehlo_server_shutdown,
                                                        ehlo_server_eof, ehlo_server_disconnected};
    static const unsigned causes[] = {EHLO_CAUSE_TIMEOUT, EHLO_CAUSE_SHUTDOWN, EHLO_CAUSE_EOF,
                                      EHLO_CAUSE_DISCONNECTED};

    (void)state;
    for (size_t how = 0; how < ROWS(ends); how++)
        for (size_t sent = 0; sent <= sizeof go - 1; sent++) {
            struct recorder r;

            prepare(&r);
            greet_and(&r, EHLO);
            offer(&r, STARTTLS, sizeof STARTTLS - 1);
            drain(&r, sent);
            assert_int_equal(ends[how](r.s), EHLO_OK);
            drain_all(&r);
            assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
            assert_int_equal(r.cause, causes[how]);
            assert_in_range(r.wire.length, sent, sizeof go - 1);
            assert_memory_equal(r.wire.text, go, r.wire.length);
            if (ends[how] != ehlo_server_eof)
                assert_int_equal(r.wire.length, sent);
            forget(&r);
        }
}

static void test_a_closing_220_starts_no_tls(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_STARTTLS] = ehlo_reply_closing(ehlo_accept());
    greet_and(&r, EHLO);
    feed(&r, STARTTLS EHLO);
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    assert_int_equal(r.cause, EHLO_CAUSE_HOST);
    assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_ERROR_CLOSED);
    forget(&r);
}

/* ---- implicit TLS ---- */

static void expect_tls(struct recorder *r, enum hook hook)
{
    if (hook == ON_CONNECT)
        assert_ptr_equal(info_of(r).tls, &recorder_tls);
}

static void test_tls_may_run_from_the_start(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.require_tls = true;
    r.config.auth_in_clear = false;
    r.inside = expect_tls;
    make_session(&r);
    assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_OK);
    assert_int_equal(ehlo_server_tls_started(r.s, &recorder_tls), EHLO_ERROR_SEQUENCE);
    assert_int_equal(ehlo_server_start(r.s, NULL), EHLO_OK);
    assert_says(&r, "", "220 mx.example ESMTP ready\r\n");
    assert_int_equal(info_of(&r).flags, EHLO_INFO_TLS);
    feed(&r, EHLO);
    assert_null(strstr(r.wire.text, "STARTTLS"));
    assert_non_null(strstr(r.wire.text, "-AUTH PLAIN LOGIN XTEST X-20-OCTETS_LONG-ABC\r\n"));
    clear_note(&r.wire);
    assert_codes(&r, STARTTLS PLAIN MAIL, "503 235 250");
    forget(&r);
}

static void test_implicit_tls_may_fail_before_the_start(void **state)
{
    static const struct ehlo_tls old = {.size = 1};
    struct recorder r;

    (void)state;
    prepare(&r);
    make_session(&r);
    assert_int_equal(ehlo_server_tls_started(r.s, &old), EHLO_ERROR_ARGUMENT);
    assert_int_equal(ehlo_server_tls_started(r.s, NULL), EHLO_OK);
    assert_int_equal(r.cause, EHLO_CAUSE_TLS);
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    assert_int_equal(ehlo_server_start(r.s, NULL), EHLO_ERROR_CLOSED);
    assert_int_equal(r.calls[ON_CONNECT], 0);
    assert_int_equal(r.wire.length, 0);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starttls_is_answered_as_the_list_says),
        cmocka_unit_test(test_before_required_tls_only_some_verbs_work),
        cmocka_unit_test(test_under_weak_tls_only_quit_works),
        cmocka_unit_test(test_octets_behind_starttls_are_never_read),
        cmocka_unit_test(test_behind_a_part_of_the_220_nothing_is_said),
        cmocka_unit_test(test_octets_that_wait_for_on_starttls_are_an_injection),
        cmocka_unit_test(test_behind_a_full_output_it_is_the_same),
        cmocka_unit_test(test_tls_starts_only_where_it_is_awaited),
        cmocka_unit_test(test_tls_does_not_start_while_its_220_is_unsent),
        cmocka_unit_test(test_tls_makes_a_session_forget),
        cmocka_unit_test(test_failed_auths_are_not_forgiven),
        cmocka_unit_test(test_where_helo_is_optional_tls_opens_mail),
        cmocka_unit_test(test_a_failed_handshake_ends_without_a_word),
        cmocka_unit_test(test_the_end_is_silent_while_tls_is_awaited),
        cmocka_unit_test(test_a_closing_220_starts_no_tls),
        cmocka_unit_test(test_tls_may_run_from_the_start),
        cmocka_unit_test(test_implicit_tls_may_fail_before_the_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
