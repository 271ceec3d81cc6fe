/*
 * XCLIENT and XFORWARD: what a proxy says of its own clients. Only the peers of --xclient have the
 * configuration with these hooks.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "address.h"
#include "visit.h"

#include <string.h>

/* Keeps a value as a string; it fits, since the engine allows EHLO_ATTRIBUTE_MAX octets. */
static void keep(char buffer[EHLO_ATTRIBUTE_MAX + 1], struct ehlo_slice value)
{
    if (value.length > 0)
        memcpy(buffer, value.data, value.length);
    buffer[value.length] = '\0';
}

static void keep_address(struct visit *visit, struct ehlo_slice value)
{
    char text[EHLO_ATTRIBUTE_MAX + 1];

    keep(text, value);
    address_rewrite(visit->address, text); /* of [UNAVAILABLE] nothing is left */
    visit_set_peer(visit, 0);
    visit->peer.name = ehlo_text(""); /* that of another address, unless it is told again */
    *visit->name = '\0';
}

static struct ehlo_reply on_xclient(struct ehlo_server *s, const struct ehlo_attributes *told,
                                    void *user)
{
    struct visit *visit = user;
    uint64_t port;

    if ((told->given & EHLO_ATTRIBUTE_LOGIN) != 0 &&
        ehlo_server_identity(s, told->login) != EHLO_OK)
        return ehlo_reply(EHLO_REPLY_PEER_NOT_APPROVED);
    if ((told->given & EHLO_ATTRIBUTE_ADDR) != 0)
        keep_address(visit, told->address);
    if ((told->given & EHLO_ATTRIBUTE_NAME) != 0) {
        keep(visit->name, told->name);
        visit->peer.name = ehlo_text(visit->name);
    }
    if ((told->given & EHLO_ATTRIBUTE_HELO) != 0)
        keep(visit->helo, told->helo);
    if (ehlo_parse_number(told->port, 5, &port) == EHLO_SYNTAX_OK)
        visit->peer.port = (uint32_t)port;
    return policy_welcome(s, visit);
}

static void add(struct text *text, const char *name, struct ehlo_slice value)
{
    if (value.length > 0)
        text_add(text, " %s=%.*s", name, (int)value.length, value.data);
}

static struct ehlo_reply on_xforward(struct ehlo_server *s, const struct ehlo_attributes *told,
                                     void *user)
{
    struct visit *visit = user;
    struct text *text = &visit->forwarded;

    (void)s;
    if (told->first)
        text_free(text);
    add(text, "name", told->name);
    add(text, "address", told->address);
    add(text, "port", told->port);
    add(text, "protocol", told->protocol);
    add(text, "helo", told->helo);
    add(text, "ident", told->identity);
    add(text, "source", told->source);
    return ehlo_accept();
}

void trusted_set_hooks(struct ehlo_server_config *config)
{
    config->on_xclient = on_xclient;
    config->on_xforward = on_xforward;
}
