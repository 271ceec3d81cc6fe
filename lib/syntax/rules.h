/*
 * Rules that several files of this folder read. They take every spelling that can be told from
 * nonsense and note in `seen` what is not plain grammar: bits of enum ehlo_oddity, EHLO_SYNTAX_UTF8
 * for UTF-8, and the bits below. ehlo__judge() then holds that against what is tolerated, so that
 * reading knows no settings (RFC 5321 4.1.2, RFC 6531 3.3).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SYNTAX_RULES_H
#define EHLO_SYNTAX_RULES_H

#include "ehlo/syntax.h"
#include "syntax/cursor.h"

#define EHLO__SEEN_LONG_LABEL  (1u << 26) /* over 63 octets (RFC 1035 2.3.4) */
#define EHLO__SEEN_EDGE_HYPHEN (1u << 27) /* at an end of a label */
#define EHLO__SEEN_ONE_LABEL   (1u << 28) /* no dot in the domain: grammatical */
#define EHLO__SEEN_TOO_LONG    (1u << 29) /* domain or path over its limit */

/* What a text is worth in which these things were seen. */
static inline enum ehlo_syntax ehlo__judge(uint32_t seen, uint32_t tolerated)
{
    const uint32_t length = EHLO_ODDITY_LONG_LOCAL_PART | EHLO__SEEN_TOO_LONG;
    uint32_t refused = seen & ~(tolerated & (EHLO_ODDITIES_ALL | EHLO_SYNTAX_UTF8));

    refused &= ~EHLO__SEEN_ONE_LABEL;
    if ((refused & ~(length | EHLO_SYNTAX_UTF8)) != 0)
        return EHLO_SYNTAX_MALFORMED;
    if ((refused & length) != 0)
        return EHLO_SYNTAX_TOO_LONG;
    return refused != 0 ? EHLO_SYNTAX_NOT_ASCII : EHLO_SYNTAX_OK;
}

/* Takes the blanks where the grammar has one SP. Returns what they are instead, if anything. */
static inline uint32_t ehlo__take_gap(struct ehlo__cursor *in)
{
    bool is_space = ehlo__at(in, ' ');
    size_t blanks = ehlo__take_run(in, EHLO__BLANK);

    if (blanks == 0)
        return 0;
    if (in->left == 0)
        return EHLO_ODDITY_TRAILING_BLANKS;
    return blanks == 1 && is_space ? 0 : EHLO_ODDITY_DOUBLED_SPACES;
}

/* Takes one character of UTF8-non-ascii, 2 to 4 octets (RFC 3629 4). */
bool ehlo__take_utf8(struct ehlo__cursor *in);

/* Takes a Domain of at least one label; UNDERSCORE, TRAILING_DOT, UTF8 and the bits above. */
bool ehlo__take_domain(struct ehlo__cursor *in, uint32_t *seen);

/* The same for a text that must be a Domain from end to end. */
bool ehlo__read_domain(struct ehlo_slice text, uint32_t *seen);

/* Takes a Local-part; LOCAL_DOTS, LONG_LOCAL_PART, UTF8. */
bool ehlo__take_local_part(struct ehlo__cursor *in, uint32_t *seen);

/* Tells whether quotes, "<" ">" and "[" "]" open and close in pairs. */
bool ehlo__is_balanced(struct ehlo_slice text);

/*
 * Moves to the first octet outside quotes that is one of the two, or to the end. Returns whether
 * there is one.
 */
bool ehlo__seek_unquoted(struct ehlo__cursor *in, char one, char other);

#endif
