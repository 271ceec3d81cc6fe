/*
 * Tests of lib/server/extensions.c: what is offered, over the switches of the configuration, the
 * mode, the hooks, TLS and AUTH.
 *
 * SPDX-License-Identifier: MIT
 */
#include "accepting.h"
#include "server/rows.h"
#include "server/session.h"
#include "wire_support.h"

static const struct ehlo_mechanism none[] = {{.name = NULL}};
static const struct ehlo_mechanism guarded[] = {{.name = "OAUTHBEARER"}, {.name = NULL}};
static const struct ehlo_mechanism clear[] = {
    {.name = "OAUTHBEARER"},
    {.name = "SCRAM-SHA-256", .flags = EHLO_MECHANISM_CLEAR},
    {.name = NULL}};

/* The state of the session. */
#define TLS  1u
#define DONE 2u /* AUTH has succeeded */

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

/* ---- switches ---- */

/* Those without any condition. */
static const uint32_t plain_defaults[] = {
    EHLO_EXTENSION_PIPELINING, EHLO_EXTENSION_SIZE, EHLO_EXTENSION_8BITMIME,
    EHLO_EXTENSION_ENHANCEDSTATUSCODES, EHLO_EXTENSION_CHUNKING};
static const uint32_t plain_options[] = {
    EHLO_EXTENSION_BINARYMIME, EHLO_EXTENSION_SMTPUTF8,    EHLO_EXTENSION_DSN,
    EHLO_EXTENSION_LIMITS,     EHLO_EXTENSION_DELIVERBY,   EHLO_EXTENSION_FUTURERELEASE,
    EHLO_EXTENSION_RRVS,       EHLO_EXTENSION_MT_PRIORITY, EHLO_EXTENSION_PRDR};

static void test_defaults_are_offered_unless_disabled(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(plain_defaults); i++)
        for (unsigned how = 0; how < 4; how++) {
            const uint32_t bit = plain_defaults[i];
            const struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
            const struct ehlo_server_config off = {EHLO_SERVER_CONFIG_DEFAULTS,
                                                   .disabled_extensions = bit};
            const struct ehlo_server s = make(&config, how), without = make(&off, how);

            assert_true(ehlo__offers(&s, bit));
            assert_false(ehlo__offers(&without, bit));
            for (size_t j = 0; j < ROWS(plain_defaults); j++) /* and nothing else */
                assert_true(j == i || ehlo__offers(&without, plain_defaults[j]));
        }
}

static void test_options_are_offered_only_if_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(plain_options); i++) {
        const uint32_t bit = plain_options[i];
        const struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
        const struct ehlo_server_config on = {EHLO_SERVER_CONFIG_DEFAULTS, .extensions = bit};
        const struct ehlo_server_config both = {EHLO_SERVER_CONFIG_DEFAULTS, .extensions = bit,
                                                .disabled_extensions = bit};
        const struct ehlo_server s = make(&config, 0), with = make(&on, 0), off = make(&both, 0);

        assert_false(ehlo__offers(&s, bit));
        assert_true(ehlo__offers(&with, bit));
        assert_false(ehlo__offers(&off, bit));
        for (size_t j = 0; j < ROWS(plain_options); j++)
            assert_true(j == i || !ehlo__offers(&with, plain_options[j]));
    }
}

/* R6409-7-1 */
static void test_submission_has_dsn_by_default(void **state)
{
    (void)state;
    for (uint8_t mode = EHLO_MODE_SMTP; mode <= EHLO_MODE_LMTP; mode++) {
        const struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS, .mode = mode};
        const struct ehlo_server_config off = {EHLO_SERVER_CONFIG_DEFAULTS, .mode = mode,
                                               .disabled_extensions = EHLO_EXTENSION_DSN};
        const struct ehlo_server s = make(&config, 0), without = make(&off, 0);

        assert_int_equal(ehlo__offers(&s, EHLO_EXTENSION_DSN), mode == EHLO_MODE_SUBMISSION);
        assert_false(ehlo__offers(&without, EHLO_EXTENSION_DSN));
        for (size_t i = 0; i < ROWS(plain_defaults); i++) /* R2033-5-1, too */
            assert_true(ehlo__offers(&s, plain_defaults[i]));
    }
}

static void test_of_two_extensions_one_is_enough(void **state)
{
    const uint32_t both = EHLO_EXTENSION_8BITMIME | EHLO_EXTENSION_BINARYMIME;
    const struct ehlo_server_config off = {EHLO_SERVER_CONFIG_DEFAULTS,
                                           .disabled_extensions = EHLO_EXTENSION_8BITMIME};
    struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
    struct ehlo_server s = make(&config, 0);

    (void)state;
    assert_true(ehlo__offers(&s, both));
    config = off;
    assert_false(ehlo__offers(&s, both));
    config.extensions = EHLO_EXTENSION_BINARYMIME;
    assert_true(ehlo__offers(&s, both));
}

/* What was offered to nobody is not offered to who said HELO. */
static void test_who_said_helo_was_offered_nothing(void **state)
{
    const struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS};
    struct ehlo_server s = make(&config, 0);

    (void)state;
    assert_false(ehlo__offered(&s, EHLO_EXTENSION_SIZE));
    s.extended = true;
    assert_true(ehlo__offered(&s, EHLO_EXTENSION_SIZE));
    assert_false(ehlo__offered(&s, EHLO_EXTENSION_DSN));
}

/* ---- conditions ---- */

#define CONFIG(...)                                                                                \
    {                                                                                              \
        EHLO_SERVER_CONFIG_DEFAULTS, __VA_ARGS__                                                   \
    }
#define IN_CLEAR .auth_in_clear = true

/* `offered` has a digit for each state: 0, TLS, DONE, TLS | DONE. */
static const struct row {
    const char *name;
    uint32_t extension;
    bool ever;
    char offered[5];
    struct ehlo_server_config config;
} rows[] = {
    /* R3207-4.2-2: never again under TLS */
    {"STARTTLS", EHLO_EXTENSION_STARTTLS, true, "1010", CONFIG(.on_starttls = accept_starttls)},
    {"STARTTLS without a hook", EHLO_EXTENSION_STARTTLS, false, "0000", CONFIG(.codes = 0)},
    {"STARTTLS disabled", EHLO_EXTENSION_STARTTLS, false, "0000",
     CONFIG(.on_starttls = accept_starttls, .disabled_extensions = EHLO_EXTENSION_STARTTLS)},
    /* R8689-2-1, R8689-2-2 */
    {"REQUIRETLS", EHLO_EXTENSION_REQUIRETLS, true, "0101",
     CONFIG(.extensions = EHLO_EXTENSION_REQUIRETLS)},
    {"REQUIRETLS not asked for", EHLO_EXTENSION_REQUIRETLS, false, "0000", CONFIG(.codes = 0)},
    /* R4954-3-1, R4954-4-2, R4954-4-11 */
    {"AUTH", EHLO_EXTENSION_AUTH, true, "0100", CONFIG(.on_auth = accept_auth)},
    {"AUTH in clear", EHLO_EXTENSION_AUTH, true, "1100", CONFIG(.on_auth = accept_auth, IN_CLEAR)},
    {"AUTH disabled", EHLO_EXTENSION_AUTH, false, "0000",
     CONFIG(.on_auth = accept_auth, IN_CLEAR, .disabled_extensions = EHLO_EXTENSION_AUTH)},
    {"AUTH without a hook", EHLO_EXTENSION_AUTH, false, "0000", CONFIG(IN_CLEAR)},
    {"AUTH without a mechanism", EHLO_EXTENSION_AUTH, false, "0000",
     CONFIG(.on_sasl = accept_sasl, IN_CLEAR)},
    {"AUTH with an empty list", EHLO_EXTENSION_AUTH, false, "0000",
     CONFIG(.on_sasl = accept_sasl, .mechanisms = none, IN_CLEAR)},
    {"AUTH with a mechanism", EHLO_EXTENSION_AUTH, true, "0100",
     CONFIG(.on_sasl = accept_sasl, .mechanisms = guarded, IN_CLEAR)},
    {"AUTH with one for the clear", EHLO_EXTENSION_AUTH, true, "1100",
     CONFIG(.on_sasl = accept_sasl, .mechanisms = clear)},
    {"AUTH with both hooks", EHLO_EXTENSION_AUTH, true, "1100",
     CONFIG(.on_auth = accept_auth, .on_sasl = accept_sasl, .mechanisms = clear)},
    {"AUTH with mechanisms, no hook", EHLO_EXTENSION_AUTH, false, "0000",
     CONFIG(.mechanisms = clear)},
    {"ETRN", EHLO_EXTENSION_ETRN, true, "1111", CONFIG(.on_etrn = accept_etrn)},
    {"ETRN in LMTP", EHLO_EXTENSION_ETRN, true, "1111",
     CONFIG(.on_etrn = accept_etrn, .mode = EHLO_MODE_LMTP)},
    /* R6409-7-1 */
    {"ETRN in submission", EHLO_EXTENSION_ETRN, false, "0000",
     CONFIG(.on_etrn = accept_etrn, .mode = EHLO_MODE_SUBMISSION)},
    {"ETRN without a hook", EHLO_EXTENSION_ETRN, false, "0000", CONFIG(.codes = 0)},
    {"XCLIENT", EHLO_EXTENSION_XCLIENT, true, "1111", CONFIG(.on_xclient = accept_attributes)},
    {"XCLIENT without its hook", EHLO_EXTENSION_XCLIENT, false, "0000",
     CONFIG(.on_xforward = accept_attributes)},
    {"XFORWARD", EHLO_EXTENSION_XFORWARD, true, "1111", CONFIG(.on_xforward = accept_attributes)},
    {"XFORWARD without its hook", EHLO_EXTENSION_XFORWARD, false, "0000",
     CONFIG(.on_xclient = accept_attributes)},
};

static void test_conditions_hold_here_and_now(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_of(rows[i].name,
                  ehlo__may_offer(&rows[i].config, rows[i].extension) == rows[i].ever);
        for (unsigned how = 0; how < 4; how++) {
            const struct ehlo_server s = make(&rows[i].config, how);

            assert_of(rows[i].name,
                      ehlo__offers(&s, rows[i].extension) == (rows[i].offered[how] == '1'));
        }
    }
}

/* R4954-4-11 */
static void test_mechanisms_are_offered_one_by_one(void **state)
{
    const struct ehlo_server_config config =
        CONFIG(.on_auth = accept_auth, .on_sasl = accept_sasl, .mechanisms = clear);
    const struct ehlo_server_config lax = CONFIG(.on_auth = accept_auth, IN_CLEAR);
    const struct ehlo_server_config hookless = CONFIG(.mechanisms = clear, IN_CLEAR);
    struct ehlo_server s = make(&config, 0);

    (void)state;
    assert_false(ehlo__offers_plain(&s));
    assert_false(ehlo__offers_mechanism(&s, &clear[0]));
    assert_true(ehlo__offers_mechanism(&s, &clear[1]));
    assert_true(ehlo__offers(&s, EHLO_EXTENSION_AUTH));
    s = make(&config, TLS);
    assert_true(ehlo__offers_plain(&s));
    assert_true(ehlo__offers_mechanism(&s, &clear[0]));
    assert_true(ehlo__offers_mechanism(&s, &clear[1]));
    s = make(&lax, 0);
    assert_true(ehlo__offers_plain(&s));
    s = make(&hookless, TLS);
    assert_false(ehlo__offers_plain(&s));
    assert_false(ehlo__offers_mechanism(&s, &clear[1]));
    assert_false(ehlo__offers(&s, EHLO_EXTENSION_AUTH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_offered_unless_disabled),
        cmocka_unit_test(test_options_are_offered_only_if_asked_for),
        cmocka_unit_test(test_submission_has_dsn_by_default),
        cmocka_unit_test(test_of_two_extensions_one_is_enough),
        cmocka_unit_test(test_who_said_helo_was_offered_nothing),
        cmocka_unit_test(test_conditions_hold_here_and_now),
        cmocka_unit_test(test_mechanisms_are_offered_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
