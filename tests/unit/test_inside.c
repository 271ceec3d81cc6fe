/*
 * Hooks that change, from inside, what the engine goes on with: another configuration, another
 * identity (server.h: "callable in a hook; holds at once").
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

/* on_trace, at a spelling that is tolerated, takes a hook away from the verb in hand. */
static struct ehlo_server_config poor;

static void take_hooks_away(struct recorder *r, enum hook hook)
{
    if (hook != ON_TRACE || r->trace->reason != EHLO_TRACE_ODDITY)
        return;
    poor = r->config;
    poor.on_starttls = NULL;
    poor.on_etrn = NULL;
    poor.on_xclient = NULL;
    poor.on_xforward = NULL;
    poor.on_auth = NULL;
    poor.on_sasl = NULL;
    poor.mechanisms = NULL;
    assert_int_equal(ehlo_server_use(r->s, &poor), EHLO_OK);
}

static void test_a_hook_that_is_taken_away_is_not_called(void **state)
{
    static const struct {
        const char *line, *codes;
    } rows[] = {
        {"STARTTLS \r\n", "502"},
        {"ETRN d.example \r\n", "502"},
        {"XCLIENT ADDR=192.0.2.1  PORT=1\r\n", "550"},
        {"XFORWARD ADDR=192.0.2.1  PORT=1\r\n", "550"},
        {"AUTH PLAIN  AGJvYgBzZWNyZXQ=\r\n", "454"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.auth_in_clear = true;
        r.inside = take_hooks_away;
        greet_and(&r, EHLO);
        assert_codes(&r, rows[i].line, rows[i].codes);
        forget(&r);
    }
}

static char seen[32];

/* Names the identity first, and looks at the name only then. */
static struct ehlo_reply name_first(struct ehlo_server *s, const struct ehlo_auth *auth, void *user)
{
    (void)user;
    assert_int_equal(ehlo_server_identity(s, ehlo_text("someone.else@c.example")), EHLO_OK);
    assert_true(auth->authentication.length < sizeof seen);
    memcpy(seen, auth->authentication.data, auth->authentication.length);
    return ehlo_accept();
}

static void test_the_name_stays_when_the_identity_is_given(void **state)
{
    static const char *const lines[] = {"AUTH LOGIN Ym9i\r\nc2VjcmV0\r\n",
                                        "AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n"};

    (void)state;
    for (size_t i = 0; i < ROWS(lines); i++) {
        struct recorder r;

        prepare(&r);
        r.config.auth_in_clear = true;
        r.config.on_auth = name_first;
        greet_and(&r, EHLO);
        memset(seen, 0, sizeof seen);
        assert_codes(&r, lines[i], i == 0 ? "334 235" : "235");
        assert_string_equal(seen, "bob");
        assert_octets_of(lines[i], info_of(&r).identity.data, info_of(&r).identity.length,
                         "someone.else@c.example", 22);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hook_that_is_taken_away_is_not_called),
        cmocka_unit_test(test_the_name_stays_when_the_identity_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
