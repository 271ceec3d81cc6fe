/*
 * A place in a text that is being read. A "take" function moves it behind what it took and says
 * whether it found it. Those of this file, and ehlo__take_utf8(), do not move it otherwise; after
 * another one failed, the caller gives up the whole rule, so that nothing needs to be put back. An
 * empty text may lie at NULL: the cursor never moves beyond its end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SYNTAX_CURSOR_H
#define EHLO_SYNTAX_CURSOR_H

#include "ehlo/types.h"
#include "syntax/chars.h"

struct ehlo__cursor {
    const char *at; /* next octet, if any are left */
    size_t left;
};

static inline struct ehlo__cursor ehlo__cursor(struct ehlo_slice text)
{
    return (struct ehlo__cursor){text.data, text.length};
}

/* What is left. */
static inline struct ehlo_slice ehlo__rest(const struct ehlo__cursor *in)
{
    return (struct ehlo_slice){in->at, in->left};
}

/* What was taken since `start`. */
static inline struct ehlo_slice ehlo__taken(struct ehlo__cursor start,
                                            const struct ehlo__cursor *in)
{
    return (struct ehlo_slice){start.at, start.left - in->left};
}

/* Moves over one octet; there must be one. */
static inline void ehlo__skip(struct ehlo__cursor *in)
{
    in->at++;
    in->left--;
}

/* Tells whether the next octet is this one. */
static inline bool ehlo__at(const struct ehlo__cursor *in, char octet)
{
    return in->left > 0 && *in->at == octet;
}

static inline bool ehlo__take(struct ehlo__cursor *in, char octet)
{
    if (!ehlo__at(in, octet))
        return false;
    ehlo__skip(in);
    return true;
}

/* Takes one octet of these classes. */
static inline bool ehlo__take_class(struct ehlo__cursor *in, unsigned classes)
{
    if (in->left == 0 || !ehlo__is(*in->at, classes))
        return false;
    ehlo__skip(in);
    return true;
}

/* Takes all octets of these classes that follow, perhaps none. Returns how many. */
static inline size_t ehlo__take_run(struct ehlo__cursor *in, unsigned classes)
{
    size_t before = in->left;

    while (ehlo__take_class(in, classes))
        continue;
    return before - in->left;
}

/* Moves to the next blank or to the end. */
static inline void ehlo__skip_word(struct ehlo__cursor *in)
{
    while (in->left > 0 && !ehlo__is(*in->at, EHLO__BLANK))
        ehlo__skip(in);
}

#endif
