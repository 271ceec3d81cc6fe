/*
 * XCLIENT and XFORWARD: a peer that the host trusts tells of its own client.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* Where each attribute goes. */
static const struct {
    uint32_t attribute;
    size_t offset;
} places[] = {
    {EHLO_ATTRIBUTE_NAME, offsetof(struct ehlo_attributes, name)},
    {EHLO_ATTRIBUTE_ADDR, offsetof(struct ehlo_attributes, address)},
    {EHLO_ATTRIBUTE_PORT, offsetof(struct ehlo_attributes, port)},
    {EHLO_ATTRIBUTE_PROTO, offsetof(struct ehlo_attributes, protocol)},
    {EHLO_ATTRIBUTE_HELO, offsetof(struct ehlo_attributes, helo)},
    {EHLO_ATTRIBUTE_LOGIN, offsetof(struct ehlo_attributes, login)},
    {EHLO_ATTRIBUTE_DESTADDR, offsetof(struct ehlo_attributes, destination_address)},
    {EHLO_ATTRIBUTE_DESTPORT, offsetof(struct ehlo_attributes, destination_port)},
    {EHLO_ATTRIBUTE_IDENT, offsetof(struct ehlo_attributes, identity)},
    {EHLO_ATTRIBUTE_SOURCE, offsetof(struct ehlo_attributes, source)},
};

/* An address in attributes has the tag of a literal. */
static struct ehlo_slice without_tag(struct ehlo_slice value)
{
    const size_t length = strlen("IPV6:");
    const struct ehlo_slice start = {value.data, value.length < length ? value.length : length};

    if (ehlo_same_text(start, ehlo_text("IPV6:"))) {
        value.data += length;
        value.length -= length;
    }
    return value;
}

static void store(struct ehlo_attributes *attributes, uint32_t attribute, struct ehlo_slice value)
{
    size_t i = 0;

    attributes->given |= attribute;
    if (ehlo_attribute_state(value) != EHLO_ATTRIBUTE_KNOWN) {
        attributes->unavailable |= attribute;
        if (ehlo_attribute_state(value) == EHLO_ATTRIBUTE_TEMPUNAVAIL)
            attributes->temporary |= attribute;
        value.length = 0;
    }
    if (attribute == EHLO_ATTRIBUTE_ADDR || attribute == EHLO_ATTRIBUTE_DESTADDR)
        value = without_tag(value);
    while (places[i].attribute != attribute)
        i++;
    memcpy((char *)attributes + places[i].offset, &value, sizeof value);
}

/* False: there are blanks that are not tolerated. */
static bool good_blanks(struct ehlo_server *s, struct ehlo_slice argument)
{
    bool doubled = false;

    for (size_t i = 1; i < argument.length; i++)
        doubled |= argument.data[i - 1] == ' ' && argument.data[i] == ' ';
    if (doubled && (ehlo__tolerated(s) & EHLO_ODDITY_DOUBLED_SPACES) == 0)
        return false;
    ehlo__trace_oddities(s, doubled ? EHLO_ODDITY_DOUBLED_SPACES : 0);
    return true;
}

/* Reads the attributes, which are decoded where they lie: in the line buffer. */
static bool read_attributes(struct ehlo_server *s, struct ehlo_slice argument, uint32_t allowed,
                            bool forward, struct ehlo_attributes *attributes)
{
    struct ehlo_slice rest = ehlo__lines_keep(&s->lines, argument), value;
    enum ehlo_syntax found;
    uint32_t attribute;

    if (!good_blanks(s, rest))
        return false;
    while ((found = ehlo_next_attribute(&rest, allowed, &attribute, &value)) == EHLO_SYNTAX_OK) {
        char *at = s->lines.buffer + (value.data - s->lines.buffer);

        ehlo_xtext_decode(value, at, value.length, &value.length); /* else as it is: old senders */
        if ((attributes->given & attribute) != 0 ||
            ehlo_check_attribute(attribute, value, forward) != EHLO_SYNTAX_OK)
            return false;
        store(attributes, attribute, value);
    }
    return found == EHLO_SYNTAX_END && attributes->given != 0;
}

void ehlo__xclient_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_attributes attributes = {.given = 0};

    if (!read_attributes(s, argument, EHLO_ATTRIBUTES_XCLIENT, false, &attributes)) {
        ehlo__refuse(s, EHLO_REPLY_PARAMETER_SYNTAX);
        return;
    }
    s->identity_given = false;
    ehlo__ask(s, EHLO__STAGE_XCLIENT);
    ehlo__settle(s, s->config->on_xclient == NULL ? ehlo_reply(EHLO_REPLY_PEER_NOT_APPROVED)
                                                  : s->config->on_xclient(s, &attributes, s->user));
}

/* Back to the greeting; what the host was told outlives it, and so does TLS. */
void ehlo__xclient_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if ((slot->flags & EHLO__SLOT_POSITIVE) == 0)
        return;
    if (!s->identity_given)
        ehlo__forget_identity(s);
    ehlo__greet_again(s);
}

void ehlo__xforward_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_attributes attributes = {.first = !s->forwarded};

    if (!read_attributes(s, argument, EHLO_ATTRIBUTES_XFORWARD, true, &attributes)) {
        ehlo__refuse(s, EHLO_REPLY_PARAMETER_SYNTAX);
        return;
    }
    ehlo__ask(s, EHLO__STAGE_XFORWARD);
    ehlo__settle(s, s->config->on_xforward == NULL
                        ? ehlo_reply(EHLO_REPLY_PEER_NOT_APPROVED)
                        : s->config->on_xforward(s, &attributes, s->user));
}

void ehlo__xforward_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->flags & EHLO__SLOT_POSITIVE)
        s->forwarded = true;
}
