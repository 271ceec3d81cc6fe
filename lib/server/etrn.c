/*
 * ETRN (RFC 1985): a peer asks for the mail that waits for a node.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

/* The node is kept for the reply of the engine, however late that is. */
void ehlo__etrn_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_node node;

    argument = ehlo__lines_keep(&s->lines, argument);
    if (ehlo_parse_node(argument, &node) != EHLO_SYNTAX_OK) {
        ehlo__refuse(s, EHLO_REPLY_PARAMETER_SYNTAX);
        return;
    }
    s->kept = (uint32_t)argument.length;
    ehlo__ask(s, EHLO__STAGE_ETRN);
    ehlo__settle(s, s->config->on_etrn(s, &node, s->user));
}
