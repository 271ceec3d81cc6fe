/*
 * Tests of ehlo_server_identity() (lib/server/auth.c): in and out of each hook, and how long what
 * it says holds.
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth_support.h"

static int results[HOOKS];
static const char *name;

static void set_name(struct recorder *r, enum hook hook)
{
    const int long_one = ehlo_server_identity(r->s, (struct ehlo_slice){r->memory, 256});

    results[hook] = ehlo_server_identity(r->s, ehlo_text(name));
    if (results[hook] == EHLO_OK)
        assert_of(hook_names[hook], long_one == EHLO_ERROR_ARGUMENT);
    else
        assert_of(hook_names[hook], long_one == results[hook]);
}

/* Legal in each hook that decides, and nowhere else. */
static void test_identity_is_for_hooks_that_decide(void **state)
{
    struct recorder r;

    (void)state;
    name = "";
    prepare(&r);
    r.inside = set_name;
    make_session(&r);
    assert_int_equal(ehlo_server_identity(r.s, ehlo_text("x")), EHLO_ERROR_SEQUENCE);
    ehlo_server_start(r.s, NULL);
    drain_all(&r);
    play_all(&r);
    for (unsigned hook = 0; hook < HOOKS; hook++)
        assert_of(hook_names[hook],
                  results[hook] == (hook < DECIDING_HOOKS ? EHLO_OK : EHLO_ERROR_SEQUENCE));
    assert_int_equal(ehlo_server_identity(r.s, ehlo_text("x")), EHLO_ERROR_SEQUENCE);
    forget(&r);
}

/* Behind the hook: only while AUTH is being decided. */
static void test_identity_may_be_said_while_auth_is_decided(void **state)
{
    (void)state;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++) {
        const bool auth = hook == ON_AUTH || hook == ON_SASL;
        struct recorder r;

        prepare(&r);
        r.verdicts[hook] = ehlo_pending();
        reach_hook(&r, (enum hook)hook);
        call_hook(&r, (enum hook)hook);
        assert_of(hook_names[hook], ehlo_server_identity(r.s, ehlo_text("later")) ==
                                        (auth ? EHLO_OK : EHLO_ERROR_SEQUENCE));
        assert_of(hook_names[hook], info_of(&r).identity.length == 0); /* not yet */
        resume(&r, 0, ehlo_accept());
        assert_slice_of(hook_names[hook], info_of(&r).identity, auth ? "later" : "");
        assert_of(hook_names[hook],
                  ehlo_server_identity(r.s, ehlo_text("x")) == EHLO_ERROR_SEQUENCE);
        forget(&r);
    }
}

static void say_host(struct recorder *r, enum hook hook)
{
    if (hook == (enum hook)results[0]) {
        assert_int_equal(ehlo_server_identity(r->s, ehlo_text(name)), EHLO_OK);
        results[0] = HOOKS;
    }
}

/* R6409-4.3-1: known by address or certificate is as good as AUTH, at once. */
static void test_identity_of_other_hooks_holds_at_once(void **state)
{
    (void)state;
    for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++) {
        struct recorder r;

        if (hook == ON_AUTH || hook == ON_SASL)
            continue;
        name = "host";
        results[0] = (int)hook;
        prepare(&r);
        r.inside = say_host;
        r.verdicts[hook] = ehlo_pending();
        reach_hook(&r, (enum hook)hook);
        call_hook(&r, (enum hook)hook);
        assert_slice_of(hook_names[hook], info_of(&r).identity, "host");
        assert_of(hook_names[hook], info_of(&r).flags & EHLO_INFO_AUTHENTICATED);
        resume(&r, 0, ehlo_accept());
        assert_slice_of(hook_names[hook], info_of(&r).identity, "host");
        forget(&r);
    }
}

static void test_identity_may_be_taken_back(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.require_auth = true;
    greet_and(&r, EHLO PLAIN);
    assert_codes(&r, MAIL "RSET\r\n", "250 250");
    name = "";
    results[0] = ON_HELO;
    r.inside = say_host;
    assert_codes(&r, EHLO MAIL, "250 530");
    assert_int_equal(info_of(&r).identity.length, 0);
    assert_codes(&r, PLAIN MAIL, "235 250");
    forget(&r);
}

/* In on_auth: a name of the host's own, if the client succeeds; none of it stays if not. */
static void test_identity_of_auth_holds_with_success_only(void **state)
{
    static const struct {
        const char *name;
        unsigned id;
        const char *identity;
    } rows[] = {
        {"mailbox", EHLO_REPLY_ACCEPT, "mailbox"},
        {"", EHLO_REPLY_ACCEPT, ""},
        {"mailbox", EHLO_REPLY_AUTH_INVALID, ""},
        {"mailbox", EHLO_REPLY_AUTH_NOT_NOW, ""},
        {"mailbox", 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const bool accepted = rows[i / 2].id == EHLO_REPLY_ACCEPT;
        const enum hook hook = i % 2 ? ON_AUTH : ON_SASL;
        struct recorder r;

        name = rows[i / 2].name;
        results[0] = (int)hook;
        prepare(&r);
        r.inside = say_host;
        r.verdicts[hook] = (struct ehlo_reply){.id = (uint16_t)rows[i / 2].id};
        reach_hook(&r, hook);
        call_hook(&r, hook);
        assert_slice_of(name, info_of(&r).identity, rows[i / 2].identity);
        assert_of(name, ((info_of(&r).flags & EHLO_INFO_AUTHENTICATED) != 0) == accepted);
        if (!accepted)
            assert_false(is_in_memory(&r, "mailbox"));
        forget(&r);
    }
}

/* What one exchange was told is nothing to the next one. */
static void test_a_new_exchange_knows_nothing_of_the_last(void **state)
{
    struct recorder r;

    (void)state;
    name = "left";
    results[0] = ON_SASL;
    prepare(&r);
    r.inside = say_host;
    r.verdicts[ON_SASL] = ehlo_challenge("x", 1);
    greet_and(&r, EHLO);
    feed(&r, "AUTH XTEST YQ==\r\n*\r\n");
    r.verdicts[ON_SASL] = ehlo_accept();
    feed(&r, "AUTH XTEST YQ==\r\n");
    assert_int_equal(info_of(&r).identity.length, 0);
    assert_int_equal(info_of(&r).flags & EHLO_INFO_AUTHENTICATED, EHLO_INFO_AUTHENTICATED);
    assert_false(is_in_memory(&r, "left"));
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_is_for_hooks_that_decide),
        cmocka_unit_test(test_identity_may_be_said_while_auth_is_decided),
        cmocka_unit_test(test_identity_of_other_hooks_holds_at_once),
        cmocka_unit_test(test_identity_may_be_taken_back),
        cmocka_unit_test(test_identity_of_auth_holds_with_success_only),
        cmocka_unit_test(test_a_new_exchange_knows_nothing_of_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
