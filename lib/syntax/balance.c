/*
 * Looking through a path for its brackets, with quotes in mind: in <"a>b"@example.org> the first
 * ">" is part of a name (RFC 5321 4.1.2, Quoted-string).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

/* Moves behind the closing quote of a text that begins with a quote, or to the end. */
static bool skip_quotes(struct ehlo__cursor *in)
{
    ehlo__skip(in);
    while (in->left > 0) {
        if (ehlo__take(in, '"'))
            return true;
        if (ehlo__take(in, '\\') && in->left == 0)
            return false;
        ehlo__skip(in);
    }
    return false;
}

bool ehlo__seek_unquoted(struct ehlo__cursor *in, char one, char other)
{
    while (in->left > 0) {
        if (*in->at == one || *in->at == other)
            return true;
        if (*in->at == '"')
            (void)skip_quotes(in);
        else
            ehlo__skip(in);
    }
    return false;
}

/* Follows one kind of bracket. Returns false where it opens twice or closes unopened. */
static bool follow_bracket(char octet, const char *pair, bool *is_open)
{
    if (octet != pair[0] && octet != pair[1])
        return true;
    *is_open = !*is_open;
    return *is_open == (octet == pair[0]);
}

bool ehlo__is_balanced(struct ehlo_slice text)
{
    struct ehlo__cursor in = ehlo__cursor(text);
    bool angle = false, square = false;

    while (in.left > 0) {
        if (*in.at == '"') {
            if (!skip_quotes(&in))
                return false;
            continue;
        }
        if (!follow_bracket(*in.at, "<>", &angle) || !follow_bracket(*in.at, "[]", &square))
            return false;
        ehlo__skip(&in);
    }
    return !angle && !square;
}
