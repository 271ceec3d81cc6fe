/*
 * The argument of HELO, EHLO, LHLO: Domain / address-literal, ASCII only (RFC 5321 4.1.1.1,
 * RFC 6531 3.7.1), and the names that programs on desktops give themselves.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

#include <string.h>

/* Tells whether all that is left is text behind a blank, printable as everything in a command. */
static bool is_text_behind(struct ehlo__cursor in)
{
    if (!ehlo__take_class(&in, EHLO__BLANK))
        return false;
    ehlo__take_run(&in, EHLO__BLANK | EHLO__GRAPHIC);
    return in.left == 0;
}

/* [192.0.2.1], [IPv6:2001:db8::1], and [2001:db8::1] as an oddity */
static enum ehlo_syntax read_helo_literal(struct ehlo_slice argument, uint32_t tolerated,
                                          struct ehlo_host *host)
{
    const char *close = memchr(argument.data, ']', argument.length);
    struct ehlo_host found = {.kind = EHLO_HOST_NONE};
    struct ehlo__cursor behind;

    if (close == NULL)
        return EHLO_SYNTAX_MALFORMED;
    found.text = (struct ehlo_slice){argument.data, (size_t)(close - argument.data) + 1};
    behind = (struct ehlo__cursor){close + 1, argument.length - found.text.length};
    if (behind.left > 0 && !is_text_behind(behind))
        return EHLO_SYNTAX_MALFORMED;
    if (ehlo_parse_address_literal(found.text, &found) != EHLO_SYNTAX_OK ||
        found.kind == EHLO_HOST_GENERAL) {
        struct ehlo_slice content = {found.text.data + 1, found.text.length - 2};

        found.kind = EHLO_HOST_IPV6;
        found.oddities = EHLO_ODDITY_HELO_NAME;
        if (ehlo_parse_ipv6(content, found.address) != EHLO_SYNTAX_OK)
            return EHLO_SYNTAX_MALFORMED;
    }
    if ((found.oddities & ~tolerated) != 0)
        return EHLO_SYNTAX_MALFORMED;
    *host = found;
    return EHLO_SYNTAX_OK;
}

static enum ehlo_syntax read_helo_domain(struct ehlo_slice argument, uint32_t tolerated,
                                         struct ehlo_host *host)
{
    const uint32_t odd_names = EHLO_ODDITY_UNDERSCORE | EHLO__SEEN_EDGE_HYPHEN;
    struct ehlo__cursor in = ehlo__cursor(argument);
    struct ehlo_host found = {.kind = EHLO_HOST_DOMAIN};
    enum ehlo_syntax verdict;
    uint32_t seen = 0;

    if (!ehlo__take_domain(&in, &seen))
        return EHLO_SYNTAX_MALFORMED;
    found.text = ehlo__taken(ehlo__cursor(argument), &in);
    if (in.left > 0) {
        if (!is_text_behind(in))
            return EHLO_SYNTAX_MALFORMED;
        seen |= EHLO_ODDITY_HELO_TEXT;
    }
    if ((seen & odd_names) != 0)
        seen = (seen & ~odd_names) | EHLO_ODDITY_HELO_NAME;
    verdict = ehlo__judge(seen, tolerated & ~(uint32_t)EHLO_SYNTAX_UTF8);
    if (verdict == EHLO_SYNTAX_NOT_ASCII)
        return EHLO_SYNTAX_MALFORMED;
    if ((seen & EHLO__SEEN_ONE_LABEL) != 0)
        seen |= EHLO_ODDITY_HELO_NAME; /* to be reported; the grammar has such names */
    found.oddities = seen & EHLO_ODDITIES_ALL;
    if (verdict == EHLO_SYNTAX_OK)
        *host = found;
    return verdict;
}

enum ehlo_syntax ehlo_parse_helo(struct ehlo_slice argument, uint32_t tolerated,
                                 struct ehlo_host *host)
{
    if (argument.length == 0) {
        if ((tolerated & EHLO_ODDITY_EMPTY_HELO) == 0)
            return EHLO_SYNTAX_MALFORMED;
        *host = (struct ehlo_host){.text = argument, .oddities = EHLO_ODDITY_EMPTY_HELO};
        return EHLO_SYNTAX_OK;
    }
    if (argument.data[0] == '[')
        return read_helo_literal(argument, tolerated, host);
    return read_helo_domain(argument, tolerated, host);
}
