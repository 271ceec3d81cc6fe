/*
 * Tests of lib/server/auth.c: when AUTH may come, its argument, PLAIN and LOGIN (RFC 4954, RFC
 * 4616). Responses and failures are in test_auth_responses.c, mechanisms of the host in
 * test_auth_steps.c, who the client is in test_auth_identity.c, what becomes of secrets in
 * test_auth_secrets.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth_support.h"

/* ---- when, and which mechanism ---- */

static const struct ehlo_mechanism no_mechanisms[] = {{.name = NULL}};
static const struct ehlo_mechanism guarded[] = {{.name = "XGUARDED"}, {.name = NULL}};

static void no_hooks(struct ehlo_server_config *config)
{
    config->on_auth = NULL;
    config->on_sasl = NULL;
    config->mechanisms = NULL;
}

static void no_rows(struct ehlo_server_config *config)
{
    config->on_auth = NULL;
    config->mechanisms = no_mechanisms;
}

static void switched_off(struct ehlo_server_config *config)
{
    config->disabled_extensions = EHLO_EXTENSION_AUTH;
}

static void all_wait(struct ehlo_server_config *config)
{
    config->auth_in_clear = false;
    config->mechanisms = guarded;
}

static void all_wait_in_vain(struct ehlo_server_config *config)
{
    all_wait(config);
    config->on_starttls = NULL;
}

static void plain_waits(struct ehlo_server_config *config)
{
    config->auth_in_clear = false;
}

static void strict_all(struct ehlo_server_config *config)
{
    config->strict = EHLO_ODDITIES_DEFAULT;
}

static void no_on_auth(struct ehlo_server_config *config)
{
    config->on_auth = NULL;
}

#define HELO "HELO c.example\r\n"

/* R4954-4-1, R4954-4-2, R4954-4-3, R4954-4-7, R4954-4-11; code and enhanced code in both sets. */
static const struct {
    const char *name;
    void (*configure)(struct ehlo_server_config *);
    const char *before, *line, *table, *registry;
} refusals[] = {
    {"no hooks", no_hooks, EHLO, PLAIN, "502 5.5.1", "502 5.5.1"},
    {"no hooks, nothing named", no_hooks, EHLO, "AUTH\r\n", "502 5.5.1", "502 5.5.1"},
    {"an empty list", no_rows, EHLO, "AUTH XTEST =\r\n", "502 5.5.1", "502 5.5.1"},
    {"switched off", switched_off, EHLO, PLAIN, "502 5.5.1", "502 5.5.1"},
    {"switched off, before EHLO", switched_off, "", PLAIN, "502 5.5.1", "502 5.5.1"},
    {"all wait for TLS", all_wait, EHLO, PLAIN, "530 5.7.0", "530 5.7.0"},
    {"all wait, unknown", all_wait, EHLO, "AUTH FOO\r\n", "530 5.7.0", "530 5.7.0"},
    {"all wait, no STARTTLS", all_wait_in_vain, EHLO, PLAIN, "502 5.5.1", "502 5.5.1"},
    {"PLAIN waits for TLS", plain_waits, EHLO, PLAIN, "504 5.7.6", "504 5.5.4"},
    {"LOGIN waits for TLS", plain_waits, EHLO, "AUTH LOGIN\r\n", "504 5.7.6", "504 5.5.4"},
    {"another waits for TLS", NULL, EHLO, "AUTH X-20-OCTETS_LONG-ABC\r\n", "504 5.7.6",
     "504 5.5.4"},
    {"no on_auth", no_on_auth, EHLO, PLAIN, "504 5.7.6", "504 5.5.4"},
    {"unknown", NULL, EHLO, "AUTH FOO\r\n", "504 5.7.6", "504 5.5.4"},
    {"unknown, with more", NULL, EHLO, "AUTH FOO AAAA\r\n", "504 5.7.6", "504 5.5.4"},
    {"a part of a name", NULL, EHLO, "AUTH PLAI\r\n", "504 5.7.6", "504 5.5.4"},
    {"20 octets", NULL, EHLO, "AUTH 12345678901234567890\r\n", "504 5.7.6", "504 5.5.4"},
    {"21 octets", NULL, EHLO, "AUTH 123456789012345678901\r\n", "501 5.5.4", "501 5.5.4"},
    {"an odd octet", NULL, EHLO, "AUTH PL=AIN\r\n", "501 5.5.4", "501 5.5.4"},
    {"8 bit", NULL, EHLO, "AUTH PL\xc4IN\r\n", "501 5.5.4", "501 5.5.4"},
    {"no mechanism", NULL, EHLO, "AUTH\r\n", "504 5.7.6", "501 5.5.4"},
    {"blanks", NULL, EHLO, "AUTH  \r\n", "504 5.7.6", "501 5.5.4"},
    {"one word too many", NULL, EHLO, "AUTH PLAIN AHUAcA== x\r\n", "501 5.5.4", "501 5.5.4"},
    {"many words", NULL, EHLO, "AUTH XTEST a b c\r\n", "501 5.5.4", "501 5.5.4"},
    {"before EHLO", NULL, "", PLAIN, "503 5.5.1", "503 5.5.1"},
    {"HELO, strict", strict_all, HELO, PLAIN, "503 5.5.1", "503 5.5.1"},
    {"twice", NULL, EHLO PLAIN, PLAIN, "503 5.5.1", "503 5.5.1"},
    {"in a transaction", NULL, EHLO MAIL, PLAIN, "503 5.5.1", "503 5.5.1"},
    {"between chunks", NULL, EHLO MAIL RCPT "BDAT 1\r\nx", PLAIN, "503 5.5.1", "503 5.5.1"},
    {"LOGIN, strict", strict_all, EHLO, "AUTH LOGIN dXNlcg==\r\n", "501 5.5.4", "501 5.7.0"},
    {"LOGIN with =, strict", strict_all, EHLO, "AUTH LOGIN =\r\n", "501 5.5.4", "501 5.7.0"},
    {"empty PLAIN", NULL, EHLO, "AUTH PLAIN =\r\n", "535 5.7.1", "535 5.7.8"},
    {"empty LOGIN", NULL, EHLO, "AUTH LOGIN =\r\n", "535 5.7.1", "535 5.7.8"},
    {"bad base64", NULL, EHLO, "AUTH PLAIN AHUAcA=\r\n", "501 5.5.2", "501 5.5.2"},
    {"bare CR", NULL, EHLO, "AUTH PLAIN AHUA\rcA==\r\n", "500 5.5.2", "500 5.5.2"},
};

static void test_auth_is_refused_as_the_list_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ROWS(refusals); i++) {
        const char *name = refusals[i / 2].name;
        const char *want = i % 2 ? refusals[i / 2].registry : refusals[i / 2].table;
        struct recorder r;
        unsigned asked, errors;

        prepare(&r);
        r.config.codes = i % 2;
        if (refusals[i / 2].configure != NULL)
            refusals[i / 2].configure(&r.config);
        greet_and(&r, refusals[i / 2].before);
        asked = r.calls[ON_AUTH] + r.calls[ON_SASL];
        errors = info_of(&r).errors;
        feed(&r, refusals[i / 2].line);
        if (strncmp(r.wire.text, want, strlen(want)) != 0)
            fail_msg("%s: got %s", name, r.wire.text);
        assert_of(name, r.calls[ON_AUTH] + r.calls[ON_SASL] == asked);
        assert_of(name, info_of(&r).errors == errors + 1);
        assert_of(name, info_of(&r).auth_failures ==
                            (want[0] == '5' && want[1] == '3' && want[2] == '5'));
        clear_note(&r.wire);
        assert_codes(&r, "NOOP\r\n", "250");
        forget(&r);
    }
}

/* A client known by other means cannot log in where nobody ever can. */
static void know_client(struct recorder *r, enum hook hook)
{
    if (hook == ON_CONNECT)
        assert_int_equal(ehlo_server_identity(r->s, ehlo_text("host")), EHLO_OK);
}

static void test_auth_that_is_never_offered_is_not_supported(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    no_hooks(&r.config);
    r.inside = know_client;
    greet_and(&r, EHLO);
    assert_int_equal(info_of(&r).flags & EHLO_INFO_AUTHENTICATED, EHLO_INFO_AUTHENTICATED);
    assert_codes(&r, PLAIN, "502");
    forget(&r);
}

/* R4954-6-1, R6409-4.3-1: what may be said where AUTH is required. */
static void test_before_required_auth_only_some_verbs_work(void **state)
{
    static const struct {
        const char *line, *before, *after;
    } rows[] = {
        {EHLO, "250", "250"},           {HELO, "250", "250"},
        {"NOOP\r\n", "250", "250"},     {"RSET\r\n", "250", "250"},
        {"HELP\r\n", "214", "214"},     {"QUIT\r\n", "221", "221"},
        {"STARTTLS\r\n", "220", "220"}, {PLAIN, "235", "503"},
        {MAIL, "530", "250"},           {RCPT, "530", "503"},
        {DATA, "530", "503"},           {"BDAT 4\r\nQUIT", "530", "503"},
        {"VRFY a\r\n", "530", "252"},   {"EXPN a\r\n", "530", "252"},
        {"FOO\r\n", "530", "250"},      {"TURN\r\n", "502", "502"},
    };

    (void)state;
    for (size_t i = 0; i < 4 * ROWS(rows); i++) {
        const bool submission = i % 2 != 0, behind = i / 2 % 2 != 0;
        struct recorder r;

        prepare(&r);
        r.config.mode = submission ? EHLO_MODE_SUBMISSION : EHLO_MODE_SMTP;
        r.config.require_auth = !submission;
        greet_and(&r, behind ? EHLO PLAIN : EHLO);
        assert_codes(&r, rows[i / 4].line, behind ? rows[i / 4].after : rows[i / 4].before);
        forget(&r);
    }
}

/* ---- PLAIN and LOGIN ---- */

/* R4954-4-4, R4954-4-6, R4616-2-1, RLOGIN-1: what is sent, what on_auth gets, what is answered. */
static const struct {
    const char *name, *input, *log, *wire, *identity;
} successes[] = {
    {"PLAIN", PLAIN, "plain: user:user password:password reply:107/235 ", "235 2.7.0 ", "user"},
    {"PLAIN in two", "AUTH PLAIN\r\nAHVzZXIAcGFzc3dvcmQ=\r\n",
     "plain: user:user password:password reply:107/235 ", "334 \r\n235 2.7.0 ", "user"},
    {"as another", "AUTH PLAIN b3RoZXIAdXNlcgBw\r\n",
     "plain:other user:user password:p reply:107/235 ", "235 2.7.0 ", "other"},
    {"any case", "aUTh pLaIn AHUAcA==\r\n", "plain: user:u password:p reply:107/235 ", "235 2.7.0 ",
     "u"},
    {"any spacing", "AUTH  PLAIN   AHUAcA==  \r\n", "plain: user:u password:p reply:107/235 ",
     "235 2.7.0 ", "u"},
    {"tabs", "AUTH\tPLAIN\tAHUAcA==\r\n", "plain: user:u password:p reply:107/235 ", "235 2.7.0 ",
     "u"},
    {"LOGIN", "AUTH LOGIN\r\ndXNlcg==\r\ncGFzc3dvcmQ=\r\n",
     "login: user:user password:password reply:107/235 ",
     "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 ", "user"},
    {"LOGIN in one", "AUTH LOGIN dXNlcg==\r\ncGFzc3dvcmQ=\r\n",
     "login: user:user password:password reply:107/235 ", "334 UGFzc3dvcmQ6\r\n235 2.7.0 ", "user"},
    {"a long password", "AUTH LOGIN dQ==\r\nYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=\r\n",
     "login: user:u password:abcdefghijklmnopqrstuvwxyz reply:107/235 ",
     "334 UGFzc3dvcmQ6\r\n235 2.7.0 ", "u"},
};

static void test_credentials_arrive_at_each_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(successes); i++)
        for (size_t piece = 1; piece <= strlen(successes[i].input); piece++) {
            const char *name = successes[i].name;
            struct recorder r;
            char want[256];

            strcat(strcpy(want, successes[i].wire), "Authentication successful\r\n");
            prepare(&r);
            greet_and(&r, EHLO);
            feed_pieces(&r, successes[i].input, strlen(successes[i].input), piece);
            assert_octets_of(name, r.wire.text, r.wire.length, want, strlen(want));
            assert_octets_of(name, r.log.text, r.log.length, successes[i].log,
                             strlen(successes[i].log));
            assert_slice_of(name, info_of(&r).identity, successes[i].identity);
            assert_of(name, info_of(&r).flags & EHLO_INFO_AUTHENTICATED);
            clear_note(&r.wire);
            assert_codes(&r, MAIL, "250");
            forget(&r);
        }
}

/* R4954-4-16: it survives EHLO and RSET, and AUTH is not offered any more. */
static void test_who_the_client_is_stays_known(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO PLAIN);
    feed(&r, EHLO);
    assert_null(strstr(r.wire.text, "AUTH"));
    feed(&r, HELO MAIL "RSET\r\n" MAIL RCPT DATA ".\r\n");
    assert_slice_of("at the end", info_of(&r).identity, "user");
    forget(&r);
}

/* After HELO: by default, and it is noted. */
static void test_auth_after_helo_is_an_oddity(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, HELO);
    assert_codes(&r, PLAIN, "235");
    assert_int_equal(r.reasons[EHLO_TRACE_ODDITY], 1);
    assert_int_equal(r.numbers[EHLO_TRACE_ODDITY], EHLO_ODDITY_AUTH_AFTER_HELO);
    forget(&r);
}

/* What cannot be right is refused as wrong credentials are, and the host is not asked. */
static void test_malformed_messages_are_wrong_credentials(void **state)
{
    static const struct ehlo_slice messages[] = {
        OCTETS("user"),          OCTETS("user\0password"),
        OCTETS("\0\0password"),  OCTETS("\0user\0"),
        OCTETS("\0user\0p\0"),   OCTETS("\0us\xffr\0password"),
        OCTETS("x\0\0password"), OCTETS("\0"),
        OCTETS("\0\0"),
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(messages); i++) {
        struct note line = {NULL, 0, 0};
        struct recorder r;

        add_line64(&line, i % 2 ? "AUTH PLAIN " : "AUTH PLAIN\r\n", messages[i / 2]);
        prepare(&r);
        greet_and(&r, EHLO);
        feed_pieces(&r, line.text, line.length, SIZE_MAX);
        assert_string_equal(r.wire.text + (i % 2 ? 0 : 6),
                            "535 5.7.1 Authentication credentials invalid\r\n");
        assert_int_equal(r.calls[ON_AUTH], 0);
        assert_int_equal(info_of(&r).auth_failures, 1);
        assert_int_equal(info_of(&r).identity.length, 0);
        free(line.text);
        forget(&r);
    }
}

/* An identity is the whole name or none, never a part of it or another one. */
static void test_names_may_be_255_octets_long(void **state)
{
    static const size_t lengths[] = {1, 254, 255, 256, 1000};

    (void)state;
    for (size_t i = 0; i < 3 * ROWS(lengths); i++) {
        const size_t length = lengths[i / 3];
        struct note line = {NULL, 0, 0};
        struct ehlo_server_info info;
        struct recorder r;

        if (i % 3 == 0) {
            add_letters64(&line, "AUTH PLAIN ", (struct ehlo_slice)OCTETS("\0"), length,
                          (struct ehlo_slice)OCTETS("\0p"));
        } else if (i % 3 == 1) {
            add_letters64(&line, "AUTH PLAIN ", (struct ehlo_slice)OCTETS(""), length,
                          (struct ehlo_slice)OCTETS("\0u\0p"));
        } else {
            add_letters64(&line, "AUTH LOGIN ", (struct ehlo_slice)OCTETS(""), length,
                          (struct ehlo_slice)OCTETS(""));
            add_note(&line, "cA==\r\n", 6);
        }
        prepare(&r);
        greet_and(&r, EHLO);
        feed_pieces(&r, line.text, line.length, SIZE_MAX);
        info = info_of(&r);
        if (length <= 255)
            assert_true((info.flags & EHLO_INFO_AUTHENTICATED) && info.identity.length == length);
        else
            assert_int_equal(info.identity.length, 0);
        for (size_t j = 0; j < info.identity.length; j++)
            assert_int_equal(info.identity.data[j], 'n');
        free(line.text);
        forget(&r);
    }
}

static void test_login_needs_a_name_and_a_password(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    greet_and(&r, EHLO);
    assert_codes(&r, "AUTH LOGIN\r\n\r\nNOOP x\r\n", "334 535 250");
    assert_codes(&r, "AUTH LOGIN\r\ndQ==\r\n\r\nNOOP x\r\n", "334 334 535 250");
    assert_codes(&r, "AUTH LOGIN\r\n=\r\n", "334 501"); /* only AUTH itself has it */
    assert_int_equal(r.calls[ON_AUTH], 0);
    assert_int_equal(info_of(&r).auth_failures, 2);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auth_is_refused_as_the_list_says),
        cmocka_unit_test(test_auth_that_is_never_offered_is_not_supported),
        cmocka_unit_test(test_before_required_auth_only_some_verbs_work),
        cmocka_unit_test(test_credentials_arrive_at_each_cut),
        cmocka_unit_test(test_who_the_client_is_stays_known),
        cmocka_unit_test(test_auth_after_helo_is_an_oddity),
        cmocka_unit_test(test_malformed_messages_are_wrong_credentials),
        cmocka_unit_test(test_names_may_be_255_octets_long),
        cmocka_unit_test(test_login_needs_a_name_and_a_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
