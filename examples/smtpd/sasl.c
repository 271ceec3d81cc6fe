/*
 * SASL by GNU SASL, which keeps an object for each exchange and asks for passwords by a callback.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sasl.h"

#if SMTPD_GSASL

#include "accounts.h"
#include "policy/setup.h"
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

struct exchange {
    Gsasl_session *session;
    char *challenge; /* lives until the next step, as a verdict's text must */
    bool proven;     /* the mechanism has ended well; its last words are on their way */
};

static Gsasl *library;

/* Whoever has no account has a password that nobody knows, and fails as with a wrong one. */
static int give_no_password(Gsasl_session *session)
{
    char octets[16], text[2 * sizeof octets + 1];

    if (gsasl_nonce(octets, sizeof octets) != GSASL_OK)
        return GSASL_NO_PASSWORD;
    for (size_t i = 0; i < sizeof octets; i++) {
        text[2 * i] = (char)('a' + ((unsigned char)octets[i] >> 4));
        text[2 * i + 1] = (char)('a' + (octets[i] & 15));
    }
    text[sizeof text - 1] = '\0';
    return gsasl_property_set(session, GSASL_PASSWORD, text);
}

static int on_property(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
    const struct visit *visit = gsasl_session_hook_get(session);
    const char *password;

    (void)context;
    if (property != GSASL_PASSWORD)
        return GSASL_NO_CALLBACK;
    password = accounts_password(&visit->setup->policy,
                                 ehlo_text(gsasl_property_fast(session, GSASL_AUTHID)));
    return password == NULL ? give_no_password(session)
                            : gsasl_property_set(session, GSASL_PASSWORD, password);
}

bool sasl_has(const char *mechanism)
{
    if (library == NULL && gsasl_init(&library) == GSASL_OK)
        gsasl_callback_set(library, on_property);
    return library != NULL && gsasl_server_support_p(library, mechanism) != 0;
}

void sasl_free(void)
{
    if (library != NULL)
        gsasl_done(library);
}

void sasl_end(struct visit *visit)
{
    if (visit->exchange == NULL)
        return;
    gsasl_finish(visit->exchange->session);
    gsasl_free(visit->exchange->challenge);
    free(visit->exchange);
    visit->exchange = NULL;
}

static bool begin(struct visit *visit, const char *mechanism)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    sasl_end(visit);
    if (exchange == NULL ||
        gsasl_server_start(library, mechanism, &exchange->session) != GSASL_OK) {
        free(exchange);
        return false;
    }
    gsasl_session_hook_set(exchange->session, visit);
    visit->exchange = exchange;
    return true;
}

/* Nobody may act as somebody else. */
static struct ehlo_reply succeed(struct ehlo_server *s, struct visit *visit, const char *mechanism)
{
    Gsasl_session *session = visit->exchange->session;
    const char *name = gsasl_property_fast(session, GSASL_AUTHID);
    const char *other = gsasl_property_fast(session, GSASL_AUTHZID);

    if (other != NULL && *other != '\0' && !ehlo_same_text(ehlo_text(other), ehlo_text(name)))
        return ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    if (!auth_identify(s, visit, ehlo_text(name), mechanism))
        return ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    return ehlo_accept();
}

struct ehlo_reply sasl_step(struct ehlo_server *s, const struct ehlo_sasl *sasl,
                            struct visit *visit)
{
    struct exchange *exchange;
    size_t length = 0;
    int result;

    if (sasl->step == 0 && !begin(visit, sasl->mechanism->name))
        return ehlo_reply(EHLO_REPLY_AUTH_NOT_NOW);
    exchange = visit->exchange;
    if (exchange->proven) /* the empty response to the last words (RFC 4954 4) */
        return sasl->response.length == 0 ? succeed(s, visit, sasl->mechanism->name)
                                          : ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    gsasl_free(exchange->challenge);
    exchange->challenge = NULL;
    result = gsasl_step(exchange->session, sasl->response.length > 0 ? sasl->response.data : "",
                        sasl->response.length, &exchange->challenge, &length);
    exchange->proven = result == GSASL_OK;
    if (result == GSASL_NEEDS_MORE || (exchange->proven && length > 0))
        return ehlo_challenge(exchange->challenge, length);
    return exchange->proven ? succeed(s, visit, sasl->mechanism->name)
                            : ehlo_reply(EHLO_REPLY_AUTH_INVALID);
}

#else

bool sasl_has(const char *mechanism)
{
    (void)mechanism;
    return false;
}

void sasl_free(void)
{
}

void sasl_end(struct visit *visit)
{
    (void)visit;
}

struct ehlo_reply sasl_step(struct ehlo_server *s, const struct ehlo_sasl *sasl,
                            struct visit *visit)
{
    (void)s;
    (void)sasl;
    (void)visit;
    return ehlo_reply(EHLO_REPLY_AUTH_NOT_NOW);
}

#endif
