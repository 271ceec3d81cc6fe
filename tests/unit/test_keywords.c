/*
 * Tests of lib/server/keywords.c: the lines of the reply to EHLO, octet by octet; the room they
 * take; and the fullest list of all in the smallest output.
 *
 * SPDX-License-Identifier: MIT
 */
#include "accepting.h"
#include "recorder.h"
#include "server/rows.h"
#include "server/session.h"
#include "wire_support.h"

#include <stdio.h>

#define ALL_OPTIONS EHLO_EXTENSIONS_OPTIONAL

static struct ehlo_reply query(struct ehlo_server *s, const struct ehlo_query *text, void *user)
{
    (void)s;
    (void)text;
    (void)user;
    return ehlo_accept();
}

static const struct ehlo_mechanism mechanisms[] = {
    {.name = "SCRAM-SHA-256", .flags = EHLO_MECHANISM_CLEAR},
    {.name = "OAUTHBEARER"},
    {.name = NULL}};
static const struct ehlo_keyword host[] = {
    {.keyword = "X-ONE"},
    {.keyword = "NO-SOLICITING", .argument = "net.example:ADV"},
    {.keyword = NULL}};

#define CONFIG(...)                                                                                \
    {                                                                                              \
        EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example", __VA_ARGS__                         \
    }
#define TLS  1u
#define DONE 2u

/* All defaults but the one in hand are off, so that a list is short. */
#define BARE .disabled_extensions = EHLO_EXTENSIONS_DEFAULT, .disabled_verbs = EHLO_SWITCHES_ALL
#define ONLY(bit)                                                                                  \
    .disabled_extensions = EHLO_EXTENSIONS_DEFAULT & ~(bit), .disabled_verbs = EHLO_SWITCHES_ALL
#define AUTH_ONLY ONLY(EHLO_EXTENSION_AUTH)

static const struct row {
    const char *name;
    unsigned how;
    const char *lines; /* behind the first */
    struct ehlo_server_config config;
} rows[] = {
    {"defaults", 0,
     "250-PIPELINING\r\n250-SIZE 33554432\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
     "250-CHUNKING\r\n250 HELP\r\n",
     CONFIG(.codes = 0)},
    {"nothing", 0, "", CONFIG(BARE)},
    /* R1870-3-1 */
    {"SIZE of its own", 0, "250 SIZE 65536\r\n",
     CONFIG(ONLY(EHLO_EXTENSION_SIZE), .max_message_size = 65536)},
    {"SIZE unlimited", 0, "250 SIZE 0\r\n",
     CONFIG(ONLY(EHLO_EXTENSION_SIZE), .max_message_size = EHLO_UNLIMITED)},
    {"SIZE almost unlimited", 0, "250 SIZE 18446744073709551614\r\n",
     CONFIG(ONLY(EHLO_EXTENSION_SIZE), .max_message_size = EHLO_UNLIMITED - 1)},
    {"EXPN needs its hook", 0, "250 EXPN\r\n",
     CONFIG(.disabled_extensions = EHLO_EXTENSIONS_DEFAULT, .on_expn = query,
            .disabled_verbs = EHLO_SWITCH_HELP)},
    {"EXPN switched off", 0, "250 HELP\r\n",
     CONFIG(.disabled_extensions = EHLO_EXTENSIONS_DEFAULT, .on_expn = query,
            .disabled_verbs = EHLO_SWITCH_EXPN)},
    {"VRFY is not listed", 0, "250 HELP\r\n",
     CONFIG(.disabled_extensions = EHLO_EXTENSIONS_DEFAULT, .on_vrfy = query)},
    /* R3207-4.2-2 */
    {"STARTTLS", 0, "250 STARTTLS\r\n",
     CONFIG(ONLY(EHLO_EXTENSION_STARTTLS), .on_starttls = accept_starttls)},
    {"STARTTLS under TLS", TLS, "",
     CONFIG(ONLY(EHLO_EXTENSION_STARTTLS), .on_starttls = accept_starttls)},
    /* R4954-3-1, R4954-4-11 */
    {"AUTH in clear", 0, "", CONFIG(AUTH_ONLY, .on_auth = accept_auth)},
    {"AUTH", TLS, "250 AUTH PLAIN LOGIN\r\n", CONFIG(AUTH_ONLY, .on_auth = accept_auth)},
    {"AUTH allowed in clear", 0, "250 AUTH PLAIN LOGIN\r\n",
     CONFIG(AUTH_ONLY, .on_auth = accept_auth, .auth_in_clear = true)},
    {"AUTH, mechanisms in clear", 0, "250 AUTH SCRAM-SHA-256\r\n",
     CONFIG(AUTH_ONLY, .on_auth = accept_auth, .on_sasl = accept_sasl, .mechanisms = mechanisms)},
    {"AUTH, mechanisms", TLS, "250 AUTH PLAIN LOGIN SCRAM-SHA-256 OAUTHBEARER\r\n",
     CONFIG(AUTH_ONLY, .on_auth = accept_auth, .on_sasl = accept_sasl, .mechanisms = mechanisms)},
    {"AUTH, mechanisms alone", TLS, "250 AUTH SCRAM-SHA-256 OAUTHBEARER\r\n",
     CONFIG(AUTH_ONLY, .on_sasl = accept_sasl, .mechanisms = mechanisms)},
    {"AUTH done", TLS | DONE, "", CONFIG(AUTH_ONLY, .on_auth = accept_auth)},
    {"AUTH twice", TLS,
     "250-AUTH PLAIN LOGIN SCRAM-SHA-256 OAUTHBEARER\r\n"
     "250 AUTH=PLAIN LOGIN SCRAM-SHA-256 OAUTHBEARER\r\n",
     CONFIG(AUTH_ONLY, .on_auth = accept_auth, .on_sasl = accept_sasl, .mechanisms = mechanisms,
            .lenient = EHLO_ODDITY_AUTH_EQUALS)},
    {"AUTH twice, one mechanism", 0, "250-AUTH SCRAM-SHA-256\r\n250 AUTH=SCRAM-SHA-256\r\n",
     CONFIG(AUTH_ONLY, .on_sasl = accept_sasl, .mechanisms = mechanisms,
            .lenient = EHLO_ODDITY_AUTH_EQUALS)},
    /* R9422-3-1, R9422-3.5-1 */
    {"LIMITS", 0, "250 LIMITS MAILMAX=1000 RCPTMAX=1000\r\n",
     CONFIG(BARE, .extensions = EHLO_EXTENSION_LIMITS)},
    {"LIMITS of its own", 0, "250 LIMITS MAILMAX=5 RCPTMAX=10 RCPTDOMAINMAX=3\r\n",
     CONFIG(BARE, .extensions = EHLO_EXTENSION_LIMITS, .max_transactions = 5, .max_recipients = 10,
            .few_recipients = true, .max_recipient_domains = 3)},
    /* R2852-2-1 */
    {"DELIVERBY", 0, "250 DELIVERBY\r\n", CONFIG(BARE, .extensions = EHLO_EXTENSION_DELIVERBY)},
    {"DELIVERBY with a minimum", 0, "250 DELIVERBY 60\r\n",
     CONFIG(BARE, .extensions = EHLO_EXTENSION_DELIVERBY, .min_by_time = 60)},
    /* R4865-3-1 */
    {"FUTURERELEASE", 0, "250-DSN\r\n250 FUTURERELEASE 86400 2030-01-01T00:00:00Z\r\n",
     CONFIG(BARE, .extensions = EHLO_EXTENSION_FUTURERELEASE, .mode = EHLO_MODE_SUBMISSION,
            .max_hold_for = 86400, .max_hold_until = "2030-01-01T00:00:00Z")},
    /* R6710-3-1 */
    {"MT-PRIORITY", 0, "250 MT-PRIORITY\r\n",
     CONFIG(BARE, .extensions = EHLO_EXTENSION_MT_PRIORITY)},
    {"MT-PRIORITY with a profile", 0, "250 MT-PRIORITY MIXER\r\n",
     CONFIG(BARE, .extensions = EHLO_EXTENSION_MT_PRIORITY, .priority_profile = "MIXER")},
    /* R6531-3.1-1, R8689-2-1 */
    {"options in clear", 0,
     "250-BINARYMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-LIMITS MAILMAX=1000 RCPTMAX=1000\r\n"
     "250-DELIVERBY\r\n250-MT-PRIORITY\r\n250-RRVS\r\n250 PRDR\r\n",
     CONFIG(BARE, .extensions = ALL_OPTIONS & ~(uint32_t)EHLO_EXTENSION_FUTURERELEASE)},
    {"REQUIRETLS", TLS, "250 REQUIRETLS\r\n",
     CONFIG(BARE, .extensions = EHLO_EXTENSION_REQUIRETLS)},
    {"ETRN", 0, "250 ETRN\r\n", CONFIG(ONLY(EHLO_EXTENSION_ETRN), .on_etrn = accept_etrn)},
    {"XCLIENT", 0, "250 XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n",
     CONFIG(ONLY(EHLO_EXTENSION_XCLIENT), .on_xclient = accept_attributes)},
    {"XFORWARD", 0, "250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n",
     CONFIG(ONLY(EHLO_EXTENSION_XFORWARD), .on_xforward = accept_attributes)},
    /* R5321-2.2.1-1 */
    {"of the host", 0, "250-X-ONE\r\n250 NO-SOLICITING net.example:ADV\r\n",
     CONFIG(BARE, .keywords = host)},
    {"of the host, behind HELP", 0,
     "250-HELP\r\n250-X-ONE\r\n250 NO-SOLICITING net.example:ADV\r\n",
     CONFIG(.disabled_extensions = EHLO_EXTENSIONS_DEFAULT, .keywords = host)},
};

static struct ehlo_server make(const struct ehlo_server_config *config, unsigned how)
{
    static const struct ehlo_tls tls = {EHLO_TLS_DEFAULTS};
    struct ehlo_server s;

    memset(&s, 0, sizeof s);
    s.config = config;
    s.tls = how & TLS ? &tls : NULL;
    s.authenticated = (how & DONE) != 0;
    return s;
}

/* Writes the list behind a first line into `size` octets; it has to be taken from the heap. */
static size_t write_list(const struct ehlo_server *s, const char *first, char *buffer, size_t size)
{
    const size_t length = strlen(first);

    assert_true(length <= size);
    memcpy(buffer, first, length);
    return ehlo__write_keywords(s, buffer, length, size);
}

static void test_the_lines_are_those_of_what_is_offered(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct ehlo_server s = make(&rows[i].config, rows[i].how);
        const char *first = *rows[i].lines != '\0' ? "250-mx.example\r\n" : "250 mx.example\r\n";
        const size_t want = strlen(first) + strlen(rows[i].lines);
        char *buffer = malloc(want), text[1024];

        assert_non_null(buffer);
        snprintf(text, sizeof text, "%s%s", first, rows[i].lines);
        assert_octets_of(rows[i].name, buffer, write_list(&s, "250-mx.example\r\n", buffer, want),
                         text, want);
        assert_of(rows[i].name, ehlo__keywords_max(&rows[i].config) >= strlen(rows[i].lines));
        free(buffer);
    }
}

/* What the measure counts is what TLS and clear show together, and not an octet more. */
static void test_the_measure_has_each_line_once(void **state)
{
    const struct ehlo_server_config clear =
        CONFIG(.on_starttls = accept_starttls, .on_auth = accept_auth, .auth_in_clear = true,
               .on_expn = query, .on_sasl = accept_sasl, .mechanisms = mechanisms, .keywords = host,
               .lenient = EHLO_ODDITY_AUTH_EQUALS);
    struct ehlo_server_config tls = clear;
    struct ehlo_server s = make(&clear, 0);
    char buffer[1024];

    (void)state;
    tls.on_starttls = NULL;
    tls.extensions = EHLO_EXTENSION_REQUIRETLS;
    s = make(&tls, TLS);
    assert_int_equal(ehlo__keywords_max(&tls), write_list(&s, "250-a\r\n", buffer, 1024) - 7);
    tls.on_starttls = accept_starttls;
    assert_int_equal(ehlo__keywords_max(&tls),
                     write_list(&s, "250-a\r\n", buffer, 1024) - 7 + strlen("250-STARTTLS\r\n"));
}

/* A first line of several lines keeps all but the last hyphen. */
static void test_a_greeting_of_several_lines_stays_one_reply(void **state)
{
    static const char first[] = "250-mx.example one\r\n250-two\r\n";
    const struct ehlo_server_config bare = CONFIG(BARE), some = CONFIG(BARE, .keywords = host);
    struct ehlo_server s = make(&bare, 0);
    char buffer[128];

    (void)state;
    assert_octets_of("none", buffer, write_list(&s, first, buffer, sizeof buffer),
                     "250-mx.example one\r\n250 two\r\n", sizeof first - 1);
    s.config = &some;
    assert_octets_of("some", buffer, write_list(&s, first, buffer, sizeof buffer),
                     "250-mx.example one\r\n250-two\r\n250-X-ONE\r\n"
                     "250 NO-SOLICITING net.example:ADV\r\n",
                     sizeof first - 1 + 11 + 35);
}

/* The room is checked with the configuration; were it wrong, lines would be missing, not octets. */
static void test_a_line_is_whole_or_not_there(void **state)
{
    const struct ehlo_server_config config = CONFIG(.keywords = host);
    const struct ehlo_server s = make(&config, 0);
    const size_t most = 7 + ehlo__keywords_max(&config);

    (void)state;
    for (size_t size = 7; size <= most; size++) {
        char *buffer = malloc(size);
        struct note wire = {NULL, 0, 0};
        size_t length;

        assert_non_null(buffer);
        length = write_list(&s, "250-a\r\n", buffer, size);
        assert_true(length <= size && (size < most || length == size));
        add_note(&wire, buffer, length);
        free(codes_of(&wire)); /* one reply, well-formed */
        free(wire.text);
        free(buffer);
    }
}

static void test_names_of_the_engine_are_known(void **state)
{
    static const char *const known[] = {"PIPELINING", "size", "Auth", "XCLIENT", "EXPN", "HELP"};
    static const char *const unknown[] = {"", "VRFY", "AUTH=", "SIZES", "X-ONE", "BURL"};

    (void)state;
    for (size_t i = 0; i < ROWS(known); i++)
        assert_of(known[i], ehlo__is_keyword(ehlo_text(known[i])));
    for (size_t i = 0; i < ROWS(unknown); i++)
        assert_of(unknown[i], !ehlo__is_keyword(ehlo_text(unknown[i])));
}

/* ---- the fullest list in the smallest output ---- */

static const struct ehlo_mechanism eight[] = {{.name = "SCRAM-SHA-256-PLUS"},
                                              {.name = "SCRAM-SHA-256"},
                                              {.name = "SCRAM-SHA-1-PLUS"},
                                              {.name = "SCRAM-SHA-1"},
                                              {.name = "OAUTHBEARER"},
                                              {.name = "XOAUTH2"},
                                              {.name = NULL}};

static char long_name[256];

static void make_long_name(void)
{
    memset(long_name, 'a', sizeof long_name);
    for (size_t i = 63; i < 255; i += 64)
        long_name[i] = '.';
    long_name[255] = '\0';
}

/* All that can be on together; what one mode excludes goes with the other. */
static struct ehlo_server_config fullest(uint8_t mode)
{
    struct ehlo_server_config config =
        CONFIG(.mode = mode, .extensions = ALL_OPTIONS, .on_starttls = accept_starttls,
               .on_auth = accept_auth, .on_sasl = accept_sasl, .mechanisms = eight,
               .on_etrn = accept_etrn, .on_xclient = accept_attributes,
               .on_xforward = accept_attributes, .on_expn = query,
               .max_message_size = EHLO_UNLIMITED - 1, .max_transactions = 999999,
               .max_recipients = 999999, .max_recipient_domains = 1000, .min_by_time = 999999999,
               .max_hold_for = 999999999, .max_hold_until = "9999-12-31T23:59:59Z",
               .priority_profile = "a2345678901234567890", .output_size = 1024);

    if (mode != EHLO_MODE_SUBMISSION)
        config.extensions &= ~(uint32_t)EHLO_EXTENSION_FUTURERELEASE;
    config.hostname = long_name;
    return config;
}

/* The default output holds the fullest list with eight mechanisms behind the longest name. */
static void test_the_default_output_holds_the_fullest_list(void **state)
{
    (void)state;
    make_long_name();
    for (uint8_t mode = EHLO_MODE_SMTP; mode <= EHLO_MODE_LMTP; mode++) {
        const struct ehlo_server_config config = fullest(mode);
        const char *what = "untouched";

        assert_int_equal(ehlo_server_check(&config, &what), EHLO_OK);
        assert_null(what);
        assert_true(ehlo__keywords_max(&config) > 500);
    }
}

/* R5321-4.1.1.1-4: it is said whole, whatever words a host puts into the first lines. */
static void test_the_fullest_list_is_said_whole(void **state)
{
    static const struct ehlo_tls tls = {EHLO_TLS_DEFAULTS};
    struct ehlo_server_config config;
    char words[2000], lines[1024];

    (void)state;
    make_long_name();
    config = fullest(EHLO_MODE_SMTP);
    for (size_t length = 0; length < sizeof words; length += 7) {
        const struct ehlo_server pattern = make(&config, TLS);
        struct recorder r;
        size_t list;

        memset(words, 'w', sizeof words);
        for (size_t i = 0; i < sizeof words; i += 40)
            words[i] = '\n';
        words[length] = '\0';
        prepare(&r);
        config.on_helo = r.config.on_helo;
        r.config = config;
        r.verdicts[ON_HELO] = ehlo_reply_custom(250, NULL, words);
        make_session(&r);
        assert_int_equal(ehlo_server_tls_started(r.s, &tls), EHLO_OK);
        assert_int_equal(ehlo_server_start(r.s, NULL), EHLO_OK);
        drain_all(&r);
        clear_note(&r.wire);
        feed(&r, EHLO);
        free(codes_of(&r.wire));
        assert_int_equal(strncmp(r.wire.text + 4, long_name, 255), 0);
        list = write_list(&pattern, "250-a\r\n", lines, sizeof lines) - 7;
        assert_true(r.wire.length > list);
        assert_octets_of("list", r.wire.text + r.wire.length - list, list, lines + 7, list);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_lines_are_those_of_what_is_offered),
        cmocka_unit_test(test_the_measure_has_each_line_once),
        cmocka_unit_test(test_a_greeting_of_several_lines_stays_one_reply),
        cmocka_unit_test(test_a_line_is_whole_or_not_there),
        cmocka_unit_test(test_names_of_the_engine_are_known),
        cmocka_unit_test(test_the_default_output_holds_the_fullest_list),
        cmocka_unit_test(test_the_fullest_list_is_said_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
