/*
 * The argument of ETRN: [option character] node-name (RFC 1985 5, 5.3).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax/cursor.h"

#include <string.h>

/* A fully qualified domain name: RFC 1985 7 refuses "localname", which has one label. */
static enum ehlo_syntax read_node_name(struct ehlo_slice name)
{
    struct ehlo_host host;
    enum ehlo_syntax verdict = ehlo_parse_domain(name, 0, &host);

    if (verdict == EHLO_SYNTAX_OK && memchr(name.data, '.', name.length) == NULL)
        return EHLO_SYNTAX_MALFORMED;
    return verdict;
}

static enum ehlo_syntax read_queue_name(struct ehlo_slice name)
{
    struct ehlo__cursor in = ehlo__cursor(name);
    bool is_graphic = ehlo__take_run(&in, EHLO__GRAPHIC) > 0 && in.left == 0;

    return is_graphic ? EHLO_SYNTAX_OK : EHLO_SYNTAX_MALFORMED;
}

enum ehlo_syntax ehlo_parse_node(struct ehlo_slice argument, struct ehlo_node *node)
{
    struct ehlo__cursor in = ehlo__cursor(argument);
    struct ehlo_node found = {.kind = EHLO_NODE_HOST};
    enum ehlo_syntax verdict;

    if (ehlo__take(&in, '@'))
        found.kind = EHLO_NODE_DOMAIN;
    else if (ehlo__take(&in, '#'))
        found.kind = EHLO_NODE_QUEUE;
    found.name = ehlo__rest(&in);
    verdict =
        found.kind == EHLO_NODE_QUEUE ? read_queue_name(found.name) : read_node_name(found.name);
    if (verdict == EHLO_SYNTAX_OK)
        *node = found;
    return verdict;
}
