/*
 * The argument of VRFY and EXPN: a user or list name, or a mailbox (RFC 5321 3.5.1, 4.1.1.6).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

/* Local-part, or Mailbox */
static enum ehlo_syntax read_name(struct ehlo_slice text, uint32_t tolerated)
{
    struct ehlo__cursor in = ehlo__cursor(text);
    struct ehlo_path mailbox;
    uint32_t seen = 0;

    if (ehlo__take_local_part(&in, &seen) && in.left == 0)
        return ehlo__judge(seen, tolerated);
    return ehlo_parse_mailbox(text, tolerated, &mailbox);
}

enum ehlo_syntax ehlo_parse_string(struct ehlo_slice argument, uint32_t tolerated)
{
    struct ehlo_slice text = argument;
    enum ehlo_syntax verdict;

    if (!ehlo__is_balanced(argument))
        return EHLO_SYNTAX_UNBALANCED;
    if (text.length >= 2 && text.data[0] == '<' && text.data[text.length - 1] == '>')
        text = (struct ehlo_slice){text.data + 1, text.length - 2};
    verdict = read_name(text, tolerated);
    return verdict == EHLO_SYNTAX_OK || verdict == EHLO_SYNTAX_NOT_ASCII ? verdict
                                                                         : EHLO_SYNTAX_MALFORMED;
}
