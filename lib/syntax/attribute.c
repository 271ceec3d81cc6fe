/*
 * Attributes of XCLIENT and XFORWARD, as Postfix' XCLIENT_README and XFORWARD_README describe them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax/cursor.h"

static bool is_any_of(struct ehlo_slice text, struct ehlo_slice one, struct ehlo_slice other)
{
    return ehlo_same_text(text, one) || ehlo_same_text(text, other);
}

static bool is_address(struct ehlo_slice text)
{
    static const struct ehlo_slice tag = {"IPV6:", 5};
    uint8_t address[16];

    if (text.length < tag.length ||
        !ehlo_same_text((struct ehlo_slice){text.data, tag.length}, tag))
        return ehlo_parse_ipv4(text, address) == EHLO_SYNTAX_OK;
    text.data += tag.length;
    text.length -= tag.length;
    return ehlo_parse_ipv6(text, address) == EHLO_SYNTAX_OK;
}

static bool is_port(struct ehlo_slice text)
{
    uint64_t number;

    return ehlo_parse_number(text, 5, &number) == EHLO_SYNTAX_OK && number <= 65535;
}

static bool is_smtp(struct ehlo_slice text)
{
    static const struct ehlo_slice smtp = {"SMTP", 4}, esmtp = {"ESMTP", 5};

    return is_any_of(text, smtp, esmtp);
}

static bool is_source(struct ehlo_slice text)
{
    static const struct ehlo_slice local = {"LOCAL", 5}, remote = {"REMOTE", 6};

    return is_any_of(text, local, remote);
}

/* What the logs and header fields of any server can take (XFORWARD_README, note 1). The specials of
 * RFC 5322 3.2.3 are out, but for those that host names and address literals are made of. */
static bool is_field_text(struct ehlo_slice text)
{
    struct ehlo__cursor in = ehlo__cursor(text);

    while (ehlo__take_class(&in, EHLO__ATEXT) || ehlo__take(&in, '.') || ehlo__take(&in, ':') ||
           ehlo__take(&in, '[') || ehlo__take(&in, ']'))
        continue;
    return in.left == 0;
}

/* Login names and the argument of HELO may be anything that is text. */
static bool is_plain_text(struct ehlo_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.data[i];

        if (octet < 0x20 || octet == 0x7F)
            return false;
    }
    return ehlo_is_utf8(text);
}

/* The attributes, and what their values are in the two commands; NULL: not in this one */
static const struct attribute_row {
    struct ehlo_slice name;
    uint32_t bit;
    bool (*is_client)(struct ehlo_slice);
    bool (*is_forward)(struct ehlo_slice);
} attribute_rows[] = {
    {{"NAME", 4}, EHLO_ATTRIBUTE_NAME, is_field_text, is_field_text},
    {{"ADDR", 4}, EHLO_ATTRIBUTE_ADDR, is_address, is_address},
    {{"PORT", 4}, EHLO_ATTRIBUTE_PORT, is_port, is_port},
    {{"PROTO", 5}, EHLO_ATTRIBUTE_PROTO, is_smtp, is_field_text},
    {{"HELO", 4}, EHLO_ATTRIBUTE_HELO, is_plain_text, is_field_text},
    {{"LOGIN", 5}, EHLO_ATTRIBUTE_LOGIN, is_plain_text, NULL},
    {{"DESTADDR", 8}, EHLO_ATTRIBUTE_DESTADDR, is_address, NULL},
    {{"DESTPORT", 8}, EHLO_ATTRIBUTE_DESTPORT, is_port, NULL},
    {{"IDENT", 5}, EHLO_ATTRIBUTE_IDENT, NULL, is_field_text},
    {{"SOURCE", 6}, EHLO_ATTRIBUTE_SOURCE, NULL, is_source},
};

#define ATTRIBUTE_ROWS (sizeof attribute_rows / sizeof *attribute_rows)

/* The bit of a name, 0 if there is none. */
static uint32_t attribute_bit(struct ehlo_slice name)
{
    for (size_t i = 0; i < ATTRIBUTE_ROWS; i++) {
        if (ehlo_same_text(name, attribute_rows[i].name))
            return attribute_rows[i].bit;
    }
    return 0;
}

enum ehlo_syntax ehlo_next_attribute(struct ehlo_slice *rest, uint32_t allowed, uint32_t *attribute,
                                     struct ehlo_slice *value)
{
    struct ehlo__cursor in = ehlo__cursor(*rest), start = in;
    uint32_t bit;

    if (in.left == 0)
        return EHLO_SYNTAX_END;
    ehlo__take_run(&in, EHLO__LET_DIG);
    bit = attribute_bit(ehlo__taken(start, &in)) & allowed;
    if (bit == 0 || !ehlo__take(&in, '='))
        return EHLO_SYNTAX_MALFORMED;
    start = in;
    if (ehlo__take_run(&in, EHLO__GRAPHIC) == 0)
        return EHLO_SYNTAX_MALFORMED;
    if (in.left > 0 && !ehlo__is(*in.at, EHLO__BLANK))
        return EHLO_SYNTAX_MALFORMED;
    *attribute = bit;
    *value = ehlo__taken(start, &in);
    ehlo__take_run(&in, EHLO__BLANK);
    *rest = ehlo__rest(&in);
    return EHLO_SYNTAX_OK;
}

enum ehlo_attribute_state ehlo_attribute_state(struct ehlo_slice decoded)
{
    static const struct ehlo_slice unavailable = {"[UNAVAILABLE]", 13};
    static const struct ehlo_slice tempunavail = {"[TEMPUNAVAIL]", 13};

    if (ehlo_same_text(decoded, unavailable))
        return EHLO_ATTRIBUTE_UNAVAILABLE;
    return ehlo_same_text(decoded, tempunavail) ? EHLO_ATTRIBUTE_TEMPUNAVAIL : EHLO_ATTRIBUTE_KNOWN;
}

/* Judges a value that is of good length. */
static bool is_attribute_value(const struct attribute_row *row, struct ehlo_slice decoded,
                               bool forward)
{
    bool (*is_value)(struct ehlo_slice) = forward ? row->is_forward : row->is_client;

    if (is_value == NULL || decoded.length == 0)
        return false;
    switch (ehlo_attribute_state(decoded)) {
    case EHLO_ATTRIBUTE_UNAVAILABLE:
        return true;
    case EHLO_ATTRIBUTE_TEMPUNAVAIL:
        return row->bit == EHLO_ATTRIBUTE_NAME;
    case EHLO_ATTRIBUTE_KNOWN:
    default:
        return is_value(decoded);
    }
}

enum ehlo_syntax ehlo_check_attribute(uint32_t attribute, struct ehlo_slice decoded, bool forward)
{
    size_t limit =
        forward && attribute == EHLO_ATTRIBUTE_PROTO ? EHLO_PROTO_MAX : EHLO_ATTRIBUTE_MAX;

    if (decoded.length > limit)
        return EHLO_SYNTAX_TOO_LONG;
    for (size_t i = 0; i < ATTRIBUTE_ROWS; i++) {
        if (attribute_rows[i].bit == attribute &&
            is_attribute_value(&attribute_rows[i], decoded, forward))
            return EHLO_SYNTAX_OK;
    }
    return EHLO_SYNTAX_MALFORMED;
}
