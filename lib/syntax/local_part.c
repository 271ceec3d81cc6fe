/*
 * Local-part = Dot-string / Quoted-string (RFC 5321 4.1.2, RFC 6531 3.3): reading, comparing,
 * taking quotes off and putting them on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"
#include "syntax/sink.h"

/* Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP / UTF8-non-ascii ) DQUOTE; the first quote
 * is there. */
static bool take_quoted_string(struct ehlo__cursor *in, uint32_t *seen)
{
    ehlo__skip(in);
    while (!ehlo__take(in, '"')) {
        if (ehlo__take_class(in, EHLO__QTEXT))
            continue;
        if (ehlo__take(in, '\\')) {
            if (!ehlo__take(in, ' ') && !ehlo__take_class(in, EHLO__GRAPHIC))
                return false;
            continue;
        }
        if (!ehlo__take_utf8(in))
            return false;
        *seen |= EHLO_SYNTAX_UTF8;
    }
    return true;
}

/* Atom = 1*( atext / UTF8-non-ascii ) */
static bool take_atom(struct ehlo__cursor *in, uint32_t *seen)
{
    size_t before = in->left;

    for (;;) {
        if (ehlo__take_class(in, EHLO__ATEXT))
            continue;
        if (!ehlo__take_utf8(in))
            return in->left < before;
        *seen |= EHLO_SYNTAX_UTF8;
    }
}

/* Dot-string = Atom *("." Atom); dots elsewhere are noted, but dots alone are no name */
static bool take_dot_string(struct ehlo__cursor *in, uint32_t *seen)
{
    bool has_atom = false;

    do {
        if (take_atom(in, seen))
            has_atom = true;
        else
            *seen |= EHLO_ODDITY_LOCAL_DOTS;
    } while (ehlo__take(in, '.'));
    return has_atom;
}

bool ehlo__take_local_part(struct ehlo__cursor *in, uint32_t *seen)
{
    struct ehlo__cursor start = *in;
    bool taken = ehlo__at(in, '"') ? take_quoted_string(in, seen) : take_dot_string(in, seen);

    if (ehlo__taken(start, in).length > EHLO_LOCAL_PART_MAX)
        *seen |= EHLO_ODDITY_LONG_LOCAL_PART;
    return taken;
}

/* Takes the next octet of the name that a local-part spells. Returns false at its end. */
static bool take_name_octet(struct ehlo__cursor *in, bool is_quoted, char *octet)
{
    if (is_quoted) {
        if (ehlo__at(in, '"'))
            return false;
        (void)ehlo__take(in, '\\');
    }
    if (in->left == 0)
        return false;
    *octet = *in->at;
    ehlo__skip(in);
    return true;
}

bool ehlo_same_local_part(struct ehlo_slice a, struct ehlo_slice b)
{
    struct ehlo__cursor in_a = ehlo__cursor(a), in_b = ehlo__cursor(b);
    bool quoted_a = ehlo__take(&in_a, '"'), quoted_b = ehlo__take(&in_b, '"');

    for (;;) {
        char octet_a = 0, octet_b = 0;
        bool more_a = take_name_octet(&in_a, quoted_a, &octet_a);
        bool more_b = take_name_octet(&in_b, quoted_b, &octet_b);

        if (more_a != more_b || octet_a != octet_b)
            return false;
        if (!more_a)
            return true;
    }
}

static void put_unquoted(struct ehlo_slice local, struct ehlo__sink *out)
{
    struct ehlo__cursor in = ehlo__cursor(local);
    bool is_quoted = ehlo__take(&in, '"');
    char octet;

    while (take_name_octet(&in, is_quoted, &octet))
        ehlo__put(out, octet);
}

size_t ehlo_unquote_local_part(struct ehlo_slice local, char *buffer, size_t size)
{
    struct ehlo__sink measure = {NULL, 0, 0}, out = {buffer, size, 0};

    put_unquoted(local, &measure);
    if (measure.length <= size)
        put_unquoted(local, &out);
    return measure.length;
}

/* Tells whether a name can be a local-part in any spelling. */
static bool is_name(struct ehlo_slice name)
{
    struct ehlo__cursor in = ehlo__cursor(name);

    while (in.left > 0) {
        if (!ehlo__take(&in, ' ') && !ehlo__take_class(&in, EHLO__GRAPHIC) && !ehlo__take_utf8(&in))
            return false;
    }
    return name.length > 0;
}

/* Tells whether a name is a Dot-string as it is. */
static bool is_dot_string(struct ehlo_slice name)
{
    struct ehlo__cursor in = ehlo__cursor(name);
    uint32_t seen = 0;

    return take_dot_string(&in, &seen) && in.left == 0 && (seen & EHLO_ODDITY_LOCAL_DOTS) == 0;
}

static void put_quoted(struct ehlo_slice name, bool needs_quotes, struct ehlo__sink *out)
{
    if (needs_quotes)
        ehlo__put(out, '"');
    for (size_t i = 0; i < name.length; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\')
            ehlo__put(out, '\\');
        ehlo__put(out, name.data[i]);
    }
    if (needs_quotes)
        ehlo__put(out, '"');
}

size_t ehlo_quote_local_part(struct ehlo_slice name, char *buffer, size_t size)
{
    struct ehlo__sink measure = {NULL, 0, 0}, out = {buffer, size, 0};
    bool needs_quotes = !is_dot_string(name);

    if (!is_name(name))
        return 0;
    put_quoted(name, needs_quotes, &measure);
    if (measure.length <= size)
        put_quoted(name, needs_quotes, &out);
    return measure.length;
}
