/*
 * What is offered, here and now: the switches of the configuration, and the conditions that single
 * extensions depend on. EHLO is printed from here, and what was not offered is not accepted. Which
 * extensions go together is checked with the configuration (config.c).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"

static bool has_starttls(const struct ehlo_server_config *config)
{
    return config->on_starttls != NULL;
}

static bool has_auth(const struct ehlo_server_config *config)
{
    return config->on_auth != NULL || (config->on_sasl != NULL && ehlo__has_mechanisms(config));
}

/* A submission server keeps nothing for others to fetch (RFC 6409 7). */
static bool has_etrn(const struct ehlo_server_config *config)
{
    return config->on_etrn != NULL && config->mode != EHLO_MODE_SUBMISSION;
}

static bool has_xclient(const struct ehlo_server_config *config)
{
    return config->on_xclient != NULL;
}

static bool has_xforward(const struct ehlo_server_config *config)
{
    return config->on_xforward != NULL;
}

/* In LMTP each recipient has a reply of its own in any case. */
static bool has_prdr(const struct ehlo_server_config *config)
{
    return config->mode != EHLO_MODE_LMTP;
}

static bool in_clear(const struct ehlo_server *s)
{
    return s->tls == NULL;
}

static bool under_tls(const struct ehlo_server *s)
{
    return s->tls != NULL;
}

bool ehlo__offers_mechanism(const struct ehlo_server *s, const struct ehlo_mechanism *mechanism)
{
    return s->config->on_sasl != NULL &&
           (s->tls != NULL || (mechanism->flags & EHLO_MECHANISM_CLEAR) != 0);
}

/* They show the password to who listens (RFC 4954 4). */
bool ehlo__offers_plain(const struct ehlo_server *s)
{
    return s->config->on_auth != NULL && (s->tls != NULL || s->config->auth_in_clear);
}

static bool offers_any_mechanism(const struct ehlo_server *s)
{
    const struct ehlo_mechanism *mechanism = s->config->mechanisms;

    if (ehlo__offers_plain(s))
        return true;
    for (; mechanism != NULL && mechanism->name != NULL; mechanism++)
        if (ehlo__offers_mechanism(s, mechanism))
            return true;
    return false;
}

/* No second AUTH (RFC 4954 4), no empty list (RFC 4954 3), none that TLS has to come before. */
static bool may_authenticate(const struct ehlo_server *s)
{
    return !s->authenticated && (s->tls != NULL || !s->config->require_tls) &&
           offers_any_mechanism(s);
}

static const struct condition {
    uint32_t extension;
    bool (*ever)(const struct ehlo_server_config *); /* NULL: nothing more is needed */
    bool (*now)(const struct ehlo_server *);         /* the same */
} conditions[] = {
    {EHLO_EXTENSION_STARTTLS, has_starttls, in_clear}, /* RFC 3207 4.2 */
    {EHLO_EXTENSION_AUTH, has_auth, may_authenticate},
    {EHLO_EXTENSION_ETRN, has_etrn, NULL},
    {EHLO_EXTENSION_XCLIENT, has_xclient, NULL},
    {EHLO_EXTENSION_XFORWARD, has_xforward, NULL},
    {EHLO_EXTENSION_REQUIRETLS, NULL, under_tls}, /* RFC 8689 2 */
    {EHLO_EXTENSION_PRDR, has_prdr, NULL},
};

/* Most have none, and are asked for with each reply. */
#define CONDITIONAL                                                                                \
    (EHLO_EXTENSION_STARTTLS | EHLO_EXTENSION_AUTH | EHLO_EXTENSION_ETRN |                         \
     EHLO_EXTENSION_XCLIENT | EHLO_EXTENSION_XFORWARD | EHLO_EXTENSION_REQUIRETLS |                \
     EHLO_EXTENSION_PRDR)

static const struct condition *condition_of(uint32_t extensions)
{
    if ((extensions & CONDITIONAL) == 0)
        return NULL;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].extension == extensions)
            return &conditions[i];
    return NULL;
}

/* The bits alone. DSN is part of submission (RFC 6409 7). */
static bool switched_on(const struct ehlo_server_config *config, uint32_t extensions)
{
    uint32_t on = EHLO_EXTENSIONS_DEFAULT | config->extensions;

    if (config->mode == EHLO_MODE_SUBMISSION)
        on |= EHLO_EXTENSION_DSN;
    return (on & ~config->disabled_extensions & extensions) != 0;
}

bool ehlo__may_offer(const struct ehlo_server_config *config, uint32_t extensions)
{
    const struct condition *condition;

    if (!switched_on(config, extensions))
        return false;
    condition = condition_of(extensions);
    return condition == NULL || condition->ever == NULL || condition->ever(config);
}

bool ehlo__offers(const struct ehlo_server *s, uint32_t extensions)
{
    const struct condition *condition;

    if (!ehlo__may_offer(s->config, extensions))
        return false;
    condition = condition_of(extensions);
    return condition == NULL || condition->now == NULL || condition->now(s);
}

bool ehlo__offered(const struct ehlo_server *s, uint32_t extensions)
{
    return s->extended && ehlo__offers(s, extensions);
}
