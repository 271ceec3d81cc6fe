/*
 * What reports need to know: RET=, ENVID=, NOTIFY=, ORCPT= (RFC 3461 4), with the addresses of type
 * utf-8 (RFC 6533 3); and AUTH= of MAIL, which is xtext as well (RFC 4954 5).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax/rules.h"

enum ehlo_syntax ehlo_parse_ret(struct ehlo_slice value, enum ehlo_ret *ret)
{
    static const struct ehlo_slice full = {"FULL", 4}, hdrs = {"HDRS", 4};
    bool is_full = ehlo_same_text(value, full);

    if (!is_full && !ehlo_same_text(value, hdrs))
        return EHLO_SYNTAX_MALFORMED;
    *ret = is_full ? EHLO_RET_FULL : EHLO_RET_HDRS;
    return EHLO_SYNTAX_OK;
}

/* Tells whether a text is xtext of graphic octets, SP and HT: nothing else can stand in the fields
 * of a report (RFC 3461 4.2, 4.4). Decoded octet by octet, so that it needs no buffer. */
static bool is_printable_xtext(struct ehlo_slice text)
{
    while (text.length > 0) {
        size_t unit = *text.data == '+' ? 3 : 1, length;
        char octet;

        if (unit > text.length ||
            ehlo_xtext_decode((struct ehlo_slice){text.data, unit}, &octet, 1, &length) !=
                EHLO_SYNTAX_OK ||
            !ehlo__is(octet, EHLO__GRAPHIC | EHLO__BLANK))
            return false;
        text.data += unit;
        text.length -= unit;
    }
    return true;
}

enum ehlo_syntax ehlo_parse_envid(struct ehlo_slice value)
{
    return value.length > 0 && is_printable_xtext(value) ? EHLO_SYNTAX_OK : EHLO_SYNTAX_MALFORMED;
}

static uint32_t notify_bit(struct ehlo_slice name)
{
    static const struct {
        struct ehlo_slice name;
        uint32_t bit;
    } names[] = {
        {{"NEVER", 5}, EHLO_NOTIFY_NEVER},
        {{"SUCCESS", 7}, EHLO_NOTIFY_SUCCESS},
        {{"FAILURE", 7}, EHLO_NOTIFY_FAILURE},
        {{"DELAY", 5}, EHLO_NOTIFY_DELAY},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (ehlo_same_text(name, names[i].name))
            return names[i].bit;
    }
    return 0;
}

enum ehlo_syntax ehlo_parse_notify(struct ehlo_slice value, uint32_t *notify)
{
    struct ehlo__cursor in = ehlo__cursor(value);
    uint32_t bits = 0;
    size_t names = 0;

    do {
        struct ehlo__cursor start = in;
        uint32_t bit;

        ehlo__take_run(&in, EHLO__LET_DIG);
        bit = notify_bit(ehlo__taken(start, &in));
        if (bit == 0)
            return EHLO_SYNTAX_MALFORMED;
        bits |= bit;
        names++;
    } while (ehlo__take(&in, ','));
    if (in.left > 0 || (names > 1 && (bits & EHLO_NOTIFY_NEVER) != 0))
        return EHLO_SYNTAX_MALFORMED;
    *notify = bits;
    return EHLO_SYNTAX_OK;
}

/* HEXPOINT (RFC 6533 3): beyond ASCII each character in its shortest form of two digits or more;
 * of ASCII those that a value cannot hold and the backslash, but no NUL, CR or LF. */
static bool is_hexpoint(uint32_t point, size_t digits)
{
    if (point < 0x80 && digits == 2)
        return (point > 0 && point < 0x1A && (point & 15) < 10) || point == ' ' || point == '+' ||
               point == '=' || point == '\\' || point == 0x7F;
    if (digits > 2 && point >> (4 * (digits - 1)) == 0)
        return false;
    return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

/* EmbeddedUnicodeChar = "\x{" HEXPOINT "}", the x in lower case only; the backslash is there */
static bool take_embedded(struct ehlo__cursor *in)
{
    uint32_t point = 0;
    size_t digits = 0;

    ehlo__skip(in);
    if (!ehlo__take(in, 'x') || !ehlo__take(in, '{'))
        return false;
    for (; digits < 6 && in->left > 0 && ehlo__is(*in->at, EHLO__HEXDIG); digits++) {
        point = point << 4 | ehlo__hex_value(*in->at);
        ehlo__skip(in);
    }
    return ehlo__take(in, '}') && digits >= 2 && is_hexpoint(point, digits);
}

/* The encoding of RFC 6533 3 that an address has, or EHLO_ORCPT_NONE. */
static uint32_t utf8_address_form(struct ehlo_slice address)
{
    struct ehlo__cursor in = ehlo__cursor(address);
    uint32_t form = EHLO_ORCPT_UTF8_XTEXT;

    while (in.left > 0) {
        if (ehlo__at(&in, '\\')) {
            if (!take_embedded(&in))
                return EHLO_ORCPT_NONE;
            continue;
        }
        if (ehlo__take_class(&in, EHLO__XCHAR))
            continue;
        if (!ehlo__take_utf8(&in))
            return EHLO_ORCPT_NONE;
        form = EHLO_ORCPT_UTF8_UNITEXT;
    }
    return address.length > 0 ? form : EHLO_ORCPT_NONE;
}

/* addr-type = atom, but no "=", which no parameter value has (RFC 5321 4.1.2) */
static bool take_address_type(struct ehlo__cursor *in)
{
    size_t before = in->left;

    while (!ehlo__at(in, '=') && ehlo__take_class(in, EHLO__ATEXT))
        continue;
    return in->left < before;
}

enum ehlo_syntax ehlo_parse_orcpt(struct ehlo_slice value, uint32_t tolerated,
                                  struct ehlo_orcpt *orcpt)
{
    static const struct ehlo_slice utf8 = {"utf-8", 5};
    struct ehlo__cursor in = ehlo__cursor(value), start = in;
    struct ehlo_orcpt found = {.form = EHLO_ORCPT_NONE};

    if (!take_address_type(&in))
        return EHLO_SYNTAX_MALFORMED;
    found.type = ehlo__taken(start, &in);
    if (!ehlo__take(&in, ';'))
        return EHLO_SYNTAX_MALFORMED;
    found.address = ehlo__rest(&in);
    if (ehlo_same_text(found.type, utf8))
        found.form = utf8_address_form(found.address);
    if (found.form == EHLO_ORCPT_UTF8_UNITEXT && (tolerated & EHLO_SYNTAX_UTF8) == 0)
        return EHLO_SYNTAX_NOT_ASCII;
    if (found.form == EHLO_ORCPT_NONE) {
        if (!is_printable_xtext(found.address))
            return EHLO_SYNTAX_MALFORMED;
        found.form = EHLO_ORCPT_XTEXT;
    }
    *orcpt = found;
    return EHLO_SYNTAX_OK;
}

enum ehlo_syntax ehlo_parse_auth_value(struct ehlo_slice value, uint32_t tolerated)
{
    static const struct ehlo_slice nobody = {"<>", 2};
    char decoded[EHLO_PATH_MAX];
    struct ehlo_slice mailbox = {decoded, 0};
    struct ehlo_path path;
    enum ehlo_syntax verdict = ehlo_xtext_decode(value, decoded, sizeof decoded, &mailbox.length);

    if (verdict != EHLO_SYNTAX_OK || ehlo_same_text(mailbox, nobody))
        return verdict;
    return ehlo_parse_mailbox(mailbox, tolerated, &path);
}
