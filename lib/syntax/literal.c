/*
 * Address literals: IPv4, IPv6, and the general form of tags yet to come (RFC 5321 4.1.3,
 * RFC 4291 2.2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

#include <string.h>

/* Snum = 1*3DIGIT, 0 to 255, leading zeros and all */
static bool take_snum(struct ehlo__cursor *in, uint8_t *octet)
{
    struct ehlo__cursor start = *in;
    unsigned value = 0;

    while (start.left - in->left < 3 && in->left > 0 && ehlo__is(*in->at, EHLO__DIGIT)) {
        value = value * 10 + ehlo__hex_value(*in->at);
        ehlo__skip(in);
    }
    *octet = (uint8_t)value;
    return in->left < start.left && value <= 255;
}

enum ehlo_syntax ehlo_parse_ipv4(struct ehlo_slice text, uint8_t address[4])
{
    struct ehlo__cursor in = ehlo__cursor(text);
    uint8_t octets[4];

    for (size_t i = 0; i < sizeof octets; i++) {
        if (i > 0 && !ehlo__take(&in, '.'))
            return EHLO_SYNTAX_MALFORMED;
        if (!take_snum(&in, &octets[i]))
            return EHLO_SYNTAX_MALFORMED;
    }
    if (in.left > 0)
        return EHLO_SYNTAX_MALFORMED;
    memcpy(address, octets, sizeof octets);
    return EHLO_SYNTAX_OK;
}

/* An IPv6 address on the way: what stands before "::" and behind it lies together. */
struct ipv6_parts {
    uint8_t octets[16];
    size_t used;
    size_t gap; /* octets before "::" */
    bool has_gap;
};

/* IPv6-hex = 1*4HEXDIG, or the IPv4 address that may stand for the last two groups */
static bool take_ipv6_group(struct ehlo__cursor *in, struct ipv6_parts *parts)
{
    struct ehlo__cursor start = *in;
    unsigned value = 0;

    while (start.left - in->left < 4 && in->left > 0 && ehlo__is(*in->at, EHLO__HEXDIG)) {
        value = value * 16 + ehlo__hex_value(*in->at);
        ehlo__skip(in);
    }
    if (in->left == start.left)
        return false;
    if (ehlo__at(in, '.')) {
        uint8_t *address = &parts->octets[parts->used];

        in->at += in->left; /* it ends the text, or all is wrong */
        in->left = 0;
        parts->used += 4;
        return parts->used <= 16 && ehlo_parse_ipv4(ehlo__rest(&start), address) == EHLO_SYNTAX_OK;
    }
    if (parts->used == 16)
        return false;
    parts->octets[parts->used++] = (uint8_t)(value >> 8);
    parts->octets[parts->used++] = (uint8_t)(value & 0xff);
    return true;
}

/* "::", once in an address */
static bool take_ipv6_gap(struct ehlo__cursor *in, struct ipv6_parts *parts)
{
    if (in->left < 2 || in->at[0] != ':' || in->at[1] != ':' || parts->has_gap)
        return false;
    ehlo__skip(in);
    ehlo__skip(in);
    parts->has_gap = true;
    parts->gap = parts->used;
    return true;
}

enum ehlo_syntax ehlo_parse_ipv6(struct ehlo_slice text, uint8_t address[16])
{
    struct ehlo__cursor in = ehlo__cursor(text);
    struct ipv6_parts parts = {{0}, 0, 0, false};

    if (!take_ipv6_gap(&in, &parts) && !take_ipv6_group(&in, &parts))
        return EHLO_SYNTAX_MALFORMED;
    while (in.left > 0) {
        bool behind_gap = parts.has_gap && parts.gap == parts.used;

        if (!behind_gap && take_ipv6_gap(&in, &parts))
            continue;
        if ((!behind_gap && !ehlo__take(&in, ':')) || !take_ipv6_group(&in, &parts))
            return EHLO_SYNTAX_MALFORMED;
    }
    /* "::" stands for one group at least (RFC 4291 2.2), though RFC 5321 wrote two */
    if (parts.has_gap ? parts.used > 14 : parts.used != 16)
        return EHLO_SYNTAX_MALFORMED;
    memset(address, 0, 16);
    memcpy(address, parts.octets, parts.gap);
    memcpy(address + 16 - (parts.used - parts.gap), parts.octets + parts.gap,
           parts.used - parts.gap);
    return EHLO_SYNTAX_OK;
}

/* Standardized-tag ":" 1*dcontent; only "IPv6" is standardized */
static enum ehlo_syntax read_tagged(struct ehlo_slice content, struct ehlo_host *host)
{
    static const struct ehlo_slice ipv6 = {"IPv6", 4};
    struct ehlo__cursor in = ehlo__cursor(content);
    size_t length = ehlo__take_run(&in, EHLO__LDH);
    struct ehlo_slice tag = {content.data, length};

    if (length == 0 || tag.data[length - 1] == '-' || !ehlo__take(&in, ':'))
        return EHLO_SYNTAX_MALFORMED;
    if (ehlo_same_text(tag, ipv6)) {
        host->kind = EHLO_HOST_IPV6;
        return ehlo_parse_ipv6(ehlo__rest(&in), host->address);
    }
    host->kind = EHLO_HOST_GENERAL;
    return ehlo__take_run(&in, EHLO__DCONTENT) > 0 && in.left == 0 ? EHLO_SYNTAX_OK
                                                                   : EHLO_SYNTAX_MALFORMED;
}

enum ehlo_syntax ehlo_parse_address_literal(struct ehlo_slice text, struct ehlo_host *host)
{
    struct ehlo_host found = {.text = text, .kind = EHLO_HOST_IPV4};
    struct ehlo_slice content;
    enum ehlo_syntax verdict;

    if (text.length == 0)
        return EHLO_SYNTAX_MALFORMED;
    if (text.data[0] != '[' || text.data[text.length - 1] != ']') {
        bool opens = memchr(text.data, '[', text.length) != NULL;
        bool closes = memchr(text.data, ']', text.length) != NULL;

        return opens == closes ? EHLO_SYNTAX_MALFORMED : EHLO_SYNTAX_UNBALANCED;
    }
    content = (struct ehlo_slice){text.data + 1, text.length - 2};
    verdict = ehlo_parse_ipv4(content, found.address);
    if (verdict != EHLO_SYNTAX_OK)
        verdict = read_tagged(content, &found);
    if (verdict == EHLO_SYNTAX_OK)
        *host = found;
    return verdict;
}
