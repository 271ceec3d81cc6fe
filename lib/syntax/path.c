/*
 * Paths and the arguments that begin with one: MAIL, RCPT, Reverse-path, Forward-path, Mailbox
 * (RFC 5321 4.1.1.2, 4.1.1.3, 4.1.2, F.2; RFC 6531 3.3). First the path is cut out with quotes in
 * mind, then its brackets are judged, then it is read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/rules.h"

/* Tells whether a local-part spells "postmaster", in any case, quoted or not. */
static bool is_postmaster(struct ehlo_slice local)
{
    static const struct ehlo_slice postmaster = {"postmaster", 10};
    char name[10];

    return ehlo_unquote_local_part(local, name, sizeof name) == sizeof name &&
           ehlo_same_text((struct ehlo_slice){name, sizeof name}, postmaster);
}

/* Domain / address-literal behind the "@" of a mailbox */
static enum ehlo_syntax read_address_domain(uint32_t *seen, struct ehlo_path *path)
{
    struct ehlo_host literal;
    enum ehlo_syntax verdict;

    if (path->domain.data[0] != '[')
        return ehlo__read_domain(path->domain, seen) ? EHLO_SYNTAX_OK : EHLO_SYNTAX_MALFORMED;
    path->flags |= EHLO_PATH_LITERAL;
    verdict = ehlo_parse_address_literal(path->domain, &literal);
    if (verdict == EHLO_SYNTAX_OK && literal.kind == EHLO_HOST_GENERAL)
        return EHLO_SYNTAX_MALFORMED; /* no tag but IPv6 is registered */
    return verdict;
}

/* Mailbox = Local-part "@" ( Domain / address-literal ) */
static enum ehlo_syntax read_mailbox(struct ehlo_slice text, uint32_t *seen, struct ehlo_path *path)
{
    struct ehlo__cursor in = ehlo__cursor(text);

    if (!ehlo__take_local_part(&in, seen))
        return EHLO_SYNTAX_MALFORMED;
    path->mailbox = text;
    path->local = ehlo__taken(ehlo__cursor(text), &in);
    if (text.data[0] == '"')
        path->flags |= EHLO_PATH_QUOTED;
    if (is_postmaster(path->local))
        path->flags |= EHLO_PATH_POSTMASTER;
    if (in.left > 0 && !ehlo__take(&in, '@'))
        return EHLO_SYNTAX_MALFORMED;
    if (in.left == 0)
        return EHLO_SYNTAX_NO_DOMAIN;
    path->domain = ehlo__rest(&in);
    return read_address_domain(seen, path);
}

/* A-d-l ":", that is "@" Domain *( "," "@" Domain ) ":" */
static bool take_route(struct ehlo__cursor *in, uint32_t *seen)
{
    do {
        if (!ehlo__take(in, '@') || !ehlo__take_domain(in, seen))
            return false;
    } while (ehlo__take(in, ','));
    return ehlo__take(in, ':');
}

/* The last word on a path that is well-formed in some spelling: lengths, flags, what was seen. */
static enum ehlo_syntax judge_path(uint32_t seen, uint32_t tolerated, struct ehlo_path *path)
{
    if (path->mailbox.length > EHLO_PATH_MAX - 2) /* the brackets count */
        seen |= EHLO__SEEN_TOO_LONG;
    if ((seen & EHLO_SYNTAX_UTF8) != 0)
        path->flags |= EHLO_PATH_UTF8;
    path->oddities = seen & EHLO_ODDITIES_ALL;
    return ehlo__judge(seen, tolerated);
}

/* Tells whether a path without a domain is all that RCPT needs (RFC 5321 4.1.1.3, 4.5.1). */
static bool is_bare_postmaster(const struct ehlo_path *path)
{
    return (path->flags & EHLO_PATH_POSTMASTER) != 0 && (path->flags & EHLO_PATH_ROUTE) == 0 &&
           path->local.length == path->mailbox.length;
}

/* Reverse-path or Forward-path between its brackets */
static enum ehlo_syntax read_inside(struct ehlo__cursor in, bool is_forward, uint32_t tolerated,
                                    uint32_t seen, struct ehlo_path *path)
{
    enum ehlo_syntax verdict;

    if (in.left == 0 && (seen & EHLO_ODDITY_NO_BRACKETS) == 0 && !is_forward) {
        path->flags = EHLO_PATH_NULL;
        return judge_path(seen, tolerated, path);
    }
    if (ehlo__at(&in, '@')) {
        path->flags |= EHLO_PATH_ROUTE;
        if (!take_route(&in, &seen))
            return EHLO_SYNTAX_MALFORMED;
    }
    verdict = read_mailbox(ehlo__rest(&in), &seen, path);
    if (verdict == EHLO_SYNTAX_NO_DOMAIN && is_forward && is_bare_postmaster(path))
        verdict = EHLO_SYNTAX_OK;
    return verdict == EHLO_SYNTAX_OK ? judge_path(seen, tolerated, path) : verdict;
}

/* The same with its brackets, cut out already; `seen` tells how. Well-formed is balanced. */
static enum ehlo_syntax read_path(bool is_forward, uint32_t tolerated, uint32_t seen,
                                  struct ehlo_path *path)
{
    struct ehlo__cursor in = ehlo__cursor(path->whole);
    enum ehlo_syntax verdict = EHLO_SYNTAX_MALFORMED;
    bool is_closed = true;

    if (ehlo__take(&in, '<')) {
        is_closed = in.left > 0 && in.at[--in.left] == '>';
    } else {
        seen |= EHLO_ODDITY_NO_BRACKETS;
    }
    if (is_closed && (seen & ~tolerated) == 0)
        verdict = read_inside(in, is_forward, tolerated, seen, path);
    if (verdict != EHLO_SYNTAX_OK && !ehlo__is_balanced(path->whole))
        return EHLO_SYNTAX_UNBALANCED;
    return verdict;
}

/*
 * Moves over the text of `Name <a@b>`, if there is one. "<" must stand behind a blank or a quote,
 * so that the parameter in `a@b AUTH=<>` is none.
 */
static bool take_display_name(struct ehlo__cursor *in)
{
    struct ehlo__cursor name = *in, scan = *in;

    for (; ehlo__seek_unquoted(&scan, '<', '<'); ehlo__skip(&scan)) {
        if (scan.left == name.left || (scan.at[-1] != '"' && !ehlo__is(scan.at[-1], EHLO__BLANK)))
            continue;
        ehlo__take_run(&name, EHLO__GRAPHIC | EHLO__BLANK);
        if (name.left > scan.left)
            return false;
        *in = scan;
        return true;
    }
    return false;
}

/* Cuts a path out: "<" ... ">", or up to a blank where there are no brackets. */
static enum ehlo_syntax take_path(struct ehlo__cursor *in, uint32_t *seen, struct ehlo_slice *whole)
{
    struct ehlo__cursor start;
    bool is_bracketed;

    if (!ehlo__at(in, '<') && take_display_name(in))
        *seen |= EHLO_ODDITY_DISPLAY_NAME;
    start = *in;
    is_bracketed = ehlo__at(in, '<');
    if (!is_bracketed)
        (void)ehlo__seek_unquoted(in, ' ', '\t');
    else if (ehlo__seek_unquoted(in, '>', '>'))
        ehlo__skip(in);
    *whole = ehlo__taken(start, in);
    return is_bracketed && ehlo__at(in, '>') ? EHLO_SYNTAX_UNBALANCED : EHLO_SYNTAX_OK;
}

/* "FROM:" or "TO:", with the blanks that some put around the colon (RFC 5321 3.3) */
static bool take_path_keyword(struct ehlo__cursor *in, bool is_forward, uint32_t *seen)
{
    static const struct ehlo_slice from = {"FROM", 4}, to = {"TO", 2};
    struct ehlo__cursor start = *in;

    ehlo__take_run(in, EHLO__LET_DIG);
    if (!ehlo_same_text(ehlo__taken(start, in), is_forward ? to : from))
        return false;
    if (ehlo__take_run(in, EHLO__BLANK) > 0)
        *seen |= EHLO_ODDITY_COLON_BLANKS;
    if (!ehlo__take(in, ':'))
        return false;
    if (ehlo__take_run(in, EHLO__BLANK) > 0)
        *seen |= EHLO_ODDITY_COLON_BLANKS;
    return true;
}

/* Looks over the blanks around parameters, so that the path can report them all. */
static uint32_t see_gaps(struct ehlo__cursor in)
{
    uint32_t seen = 0;

    while (in.left > 0) {
        ehlo__skip_word(&in);
        seen |= ehlo__take_gap(&in);
    }
    return seen;
}

/* The argument of MAIL or RCPT */
static enum ehlo_syntax read_argument(struct ehlo_slice argument, bool is_forward,
                                      uint32_t tolerated, struct ehlo_path *path,
                                      struct ehlo_slice *parameters)
{
    struct ehlo__cursor in = ehlo__cursor(argument);
    struct ehlo_path found = {.flags = 0};
    uint32_t seen = 0, gaps;
    enum ehlo_syntax verdict;

    if (!take_path_keyword(&in, is_forward, &seen) || (seen & ~tolerated) != 0)
        return EHLO_SYNTAX_NO_KEYWORD;
    verdict = take_path(&in, &seen, &found.whole);
    if (verdict == EHLO_SYNTAX_OK)
        verdict = read_path(is_forward, tolerated, seen, &found);
    if (verdict != EHLO_SYNTAX_OK)
        return verdict;
    gaps = see_gaps(in);
    if ((gaps & ~tolerated) != 0 || (in.left > 0 && !ehlo__is(*in.at, EHLO__BLANK)))
        return EHLO_SYNTAX_NO_KEYWORD;
    (void)ehlo__take_run(&in, EHLO__BLANK);
    found.oddities |= gaps;
    *path = found;
    *parameters = ehlo__rest(&in);
    return EHLO_SYNTAX_OK;
}

enum ehlo_syntax ehlo_parse_mail(struct ehlo_slice argument, uint32_t tolerated,
                                 struct ehlo_path *path, struct ehlo_slice *parameters)
{
    return read_argument(argument, false, tolerated, path, parameters);
}

enum ehlo_syntax ehlo_parse_rcpt(struct ehlo_slice argument, uint32_t tolerated,
                                 struct ehlo_path *path, struct ehlo_slice *parameters)
{
    return read_argument(argument, true, tolerated, path, parameters);
}

/* A path and nothing else */
static enum ehlo_syntax read_exact_path(struct ehlo_slice text, bool is_forward, uint32_t tolerated,
                                        struct ehlo_path *path)
{
    struct ehlo__cursor in = ehlo__cursor(text);
    struct ehlo_path found = {.flags = 0};
    uint32_t seen = 0;
    enum ehlo_syntax verdict = take_path(&in, &seen, &found.whole);

    if (verdict == EHLO_SYNTAX_OK)
        verdict = read_path(is_forward, tolerated, seen, &found);
    if (verdict == EHLO_SYNTAX_OK && in.left > 0)
        verdict = EHLO_SYNTAX_MALFORMED;
    if (verdict == EHLO_SYNTAX_OK)
        *path = found;
    return verdict;
}

enum ehlo_syntax ehlo_parse_reverse_path(struct ehlo_slice text, uint32_t tolerated,
                                         struct ehlo_path *path)
{
    return read_exact_path(text, false, tolerated, path);
}

enum ehlo_syntax ehlo_parse_forward_path(struct ehlo_slice text, uint32_t tolerated,
                                         struct ehlo_path *path)
{
    return read_exact_path(text, true, tolerated, path);
}

enum ehlo_syntax ehlo_parse_mailbox(struct ehlo_slice text, uint32_t tolerated,
                                    struct ehlo_path *path)
{
    struct ehlo_path found = {.whole = text};
    uint32_t seen = 0;
    enum ehlo_syntax verdict;

    verdict = read_mailbox(text, &seen, &found);
    if (verdict == EHLO_SYNTAX_OK)
        verdict = judge_path(seen, tolerated, &found);
    if (verdict == EHLO_SYNTAX_OK)
        *path = found;
    else if (!ehlo__is_balanced(text))
        verdict = EHLO_SYNTAX_UNBALANCED;
    return verdict;
}
