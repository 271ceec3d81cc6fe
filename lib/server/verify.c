/*
 * VRFY, EXPN, HELP (RFC 5321 3.5, 4.1.1.6 - 4.1.1.8)
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* A last word SMTPUTF8 is no part of the question (RFC 6531 3.7.4.2). `blanks`: those before it. */
static bool cut_utf8(struct ehlo_slice *text, size_t *blanks)
{
    static const char word[] = " SMTPUTF8";
    const size_t length = sizeof word - 1;
    struct ehlo_slice end = *text;

    *blanks = 0;
    if (text->length <= length)
        return false;
    end.data += text->length - length;
    end.length = length;
    if (!ehlo_same_text(end, ehlo_text(word)))
        return false;
    text->length -= length - 1;
    for (; text->length > 0 && text->data[text->length - 1] == ' '; text->length--)
        ++*blanks;
    return true;
}

/* Reads the argument of VRFY or EXPN; false: it was refused. */
static bool read_query(struct ehlo_server *s, struct ehlo_slice argument, struct ehlo_query *query)
{
    const bool offered = s->extended && ehlo__offers(s, EHLO_EXTENSION_SMTPUTF8);
    const uint32_t tolerated = ehlo__tolerated(s);
    enum ehlo_syntax found;
    size_t blanks = 0;

    query->text = argument;
    query->utf8 = offered && cut_utf8(&query->text, &blanks);
    s->query_utf8 = query->utf8;
    found = ehlo_parse_string(query->text, tolerated | (query->utf8 ? EHLO_SYNTAX_UTF8 : 0));
    if (blanks > 1 && (tolerated & EHLO_ODDITY_DOUBLED_SPACES) == 0)
        found = EHLO_SYNTAX_MALFORMED;
    if (found == EHLO_SYNTAX_OK) {
        ehlo__trace_oddities(s, blanks > 1 ? EHLO_ODDITY_DOUBLED_SPACES : 0);
        return true;
    }
    ehlo__refuse(s, found == EHLO_SYNTAX_UNBALANCED ? EHLO_REPLY_UNBALANCED
                                                    : EHLO_REPLY_PARAMETER_SYNTAX);
    return false;
}

/* "Full Name <local-part@domain>", or the mailbox alone. */
static bool has_mailbox(struct ehlo_slice line, bool utf8)
{
    struct ehlo_path path;
    const char *open;

    if (line.length > 0 && line.data[line.length - 1] == '\r')
        line.length--;
    open = line.length == 0 ? NULL : memchr(line.data, '<', line.length);
    if (open != NULL && line.data[line.length - 1] == '>') {
        line.length -= (size_t)(open + 1 - line.data) + 1;
        line.data = open + 1;
    }
    return ehlo_parse_mailbox(line, EHLO_ODDITIES_DEFAULT | (utf8 ? EHLO_SYNTAX_UTF8 : 0), &path) ==
           EHLO_SYNTAX_OK;
}

/* One fully qualified mailbox on each line (RFC 5321 3.5.2); a subject is one line. */
bool ehlo__lists_mailboxes(const struct ehlo_reply *reply, bool utf8)
{
    struct ehlo_slice rest = reply->phrase;

    if (reply->id == EHLO_REPLY_VRFY_OK && reply->subject.length > 0)
        return has_mailbox(reply->subject, utf8);
    for (;;) {
        const char *end = rest.length == 0 ? NULL : memchr(rest.data, '\n', rest.length);
        const struct ehlo_slice line = {rest.data,
                                        end != NULL ? (size_t)(end - rest.data) : rest.length};

        if (!has_mailbox(line, utf8))
            return false;
        if (end == NULL)
            return true;
        rest.length -= line.length + 1;
        rest.data = end + 1;
    }
}

void ehlo__vrfy_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_query query = {.utf8 = false};

    if (!read_query(s, argument, &query))
        return;
    ehlo__ask(s, EHLO__STAGE_VRFY);
    ehlo__settle(s, s->config->on_vrfy == NULL ? ehlo_accept()
                                               : s->config->on_vrfy(s, &query, s->user));
}

void ehlo__expn_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    struct ehlo_query query = {.utf8 = false};

    if (!read_query(s, argument, &query))
        return;
    ehlo__ask(s, EHLO__STAGE_EXPN);
    ehlo__settle(s, s->config->on_expn == NULL ? ehlo_accept()
                                               : s->config->on_expn(s, &query, s->user));
}

void ehlo__help_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    ehlo__ask(s, EHLO__STAGE_HELP);
    ehlo__settle(s, s->config->on_help == NULL ? ehlo_accept()
                                               : s->config->on_help(s, argument, s->user));
}
