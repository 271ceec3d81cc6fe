/*
 * AUTH (RFC 4954): which mechanisms there are, and the passwords of PLAIN and LOGIN.
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth.h"

#include "accounts.h"
#include "policy/setup.h"
#include "sasl.h"
#include <string.h>

/* Mechanisms besides PLAIN and LOGIN. Bearer tokens are secrets: they go over TLS only. */
static const struct method {
    const char *name;
    uint32_t flags;
    bool bearer; /* needs --token; the others need a password */
    auth_step *step;
} methods[] = {
    {"SCRAM-SHA-256", EHLO_MECHANISM_CLEAR, false, sasl_step},
    {"CRAM-MD5", EHLO_MECHANISM_CLEAR | EHLO_MECHANISM_SERVER_FIRST, false, sasl_step},
    {"OAUTHBEARER", 0, true, bearer_oauthbearer},
    {"XOAUTH2", 0, true, bearer_xoauth2},
};

#define METHODS (sizeof methods / sizeof *methods)

_Static_assert(METHODS == OPTIONS_MECHANISMS, "struct options has another number of mechanisms");

int auth_find(const char *name)
{
    for (size_t i = 0; i < METHODS; i++)
        if (ehlo_same_text(ehlo_text(methods[i].name), ehlo_text(name)))
            return (int)i;
    return -1;
}

static bool has_method(const struct setup *setup, const struct method *method)
{
    if ((setup->options->disabled_methods & 1u << (method - methods)) != 0)
        return false;
    if (method->bearer)
        return setup->options->token_count > 0;
    return accounts_have_password(&setup->policy) && sasl_has(method->name);
}

bool auth_identify(struct ehlo_server *s, struct visit *visit, struct ehlo_slice name,
                   const char *mechanism)
{
    if (name.length >= sizeof visit->login || ehlo_server_identity(s, name) != EHLO_OK)
        return false;
    memcpy(visit->login, name.data, name.length);
    visit->login[name.length] = '\0';
    visit->mechanism = mechanism;
    return true;
}

/* One password is compared in any case, so that time does not tell who has an account. */
static bool is_password(const struct policy *policy, const struct ehlo_auth *auth)
{
    const char *password = accounts_password(policy, auth->authentication);
    bool same = accounts_same_secret(password != NULL ? password : "-", auth->password);

    return same && password != NULL;
}

static struct ehlo_reply on_auth(struct ehlo_server *s, const struct ehlo_auth *auth, void *user)
{
    struct visit *visit = user;
    const char *mechanism = auth->mechanism == EHLO_AUTH_PLAIN ? "PLAIN" : "LOGIN";
    bool is_other = auth->authorization.length > 0 &&
                    !ehlo_same_text(auth->authorization, auth->authentication);

    /* Nobody may act as somebody else. */
    if (!is_password(&visit->setup->policy, auth) || is_other ||
        !auth_identify(s, visit, auth->authentication, mechanism))
        return ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    return policy_login(s, visit);
}

static struct ehlo_reply on_sasl(struct ehlo_server *s, const struct ehlo_sasl *sasl, void *user)
{
    int method = auth_find(sasl->mechanism->name);
    struct ehlo_reply reply = ehlo_reply(EHLO_REPLY_AUTH_NOT_NOW);

    if (method >= 0)
        reply = methods[method].step(s, sasl, user);
    return reply.id == EHLO_REPLY_ACCEPT ? policy_login(s, user) : reply;
}

bool auth_is_possible(const struct setup *setup)
{
    const struct options *options = setup->options;
    bool is_secret = options->tls != NULL || options->config.auth_in_clear;

    for (size_t i = 0; i < METHODS; i++)
        if (has_method(setup, &methods[i]) &&
            (is_secret || (methods[i].flags & EHLO_MECHANISM_CLEAR) != 0))
            return true;
    return is_secret && accounts_have_password(&setup->policy);
}

void auth_set_hooks(struct ehlo_server_config *config, struct setup *setup)
{
    struct ehlo_mechanism *row = setup->mechanisms;

    if (accounts_have_password(&setup->policy))
        config->on_auth = on_auth;
    for (size_t i = 0; i < METHODS; i++) {
        if (!has_method(setup, &methods[i]))
            continue;
        *row++ = (struct ehlo_mechanism){
            .name = methods[i].name,
            .flags = methods[i].flags | (config->auth_in_clear ? EHLO_MECHANISM_CLEAR : 0)};
        config->on_sasl = on_sasl;
        config->mechanisms = setup->mechanisms;
    }
}
