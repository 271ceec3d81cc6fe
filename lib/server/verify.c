/*
 * VRFY, EXPN, HELP (RFC 5321 3.5, 4.1.1.6 - 4.1.1.8), and verbs that only the host may know.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* A last word SMTPUTF8 is no part of the question (RFC 6531 3.7.4.2). */
static bool cut_utf8(struct ehlo_slice *text)
{
    static const char word[] = " SMTPUTF8";
    const size_t length = sizeof word - 1;
    struct ehlo_slice end = *text;

    if (text->length <= length)
        return false;
    end.data += text->length - length;
    end.length = length;
    if (!ehlo_same_text(end, ehlo_text(word)))
        return false;
    text->length -= length;
    while (text->length > 0 && text->data[text->length - 1] == ' ')
        text->length--;
    return true;
}

/* Reads the argument of VRFY or EXPN; false: it was refused. */
static bool read_query(struct ehlo_server *s, struct ehlo_slice argument, struct ehlo_query *query)
{
    const bool offered = s->extended && ehlo__offers(s, EHLO_EXTENSION_SMTPUTF8);
    enum ehlo_syntax found;

    query->text = argument;
    query->utf8 = offered && cut_utf8(&query->text);
    s->query_utf8 = query->utf8;
    found =
        ehlo_parse_string(query->text, ehlo__tolerated(s) | (query->utf8 ? EHLO_SYNTAX_UTF8 : 0));
    if (found == EHLO_SYNTAX_OK)
        return true;
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

/* Only what could be a verb reaches the host (RFC 5321 2.4: verbs are ASCII). */
static bool is_printable(struct ehlo_slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return text.length > 0;
}

void ehlo__unknown_read(struct ehlo_server *s, const struct ehlo_command *command)
{
    unsigned refused;

    if (s->config->on_command == NULL || s->state == EHLO_STATE_REFUSED ||
        !is_printable(command->verb)) {
        ehlo__refuse(s, EHLO_REPLY_COMMAND_UNRECOGNIZED);
        return;
    }
    refused = ehlo__is_weak(s) ? (unsigned)EHLO_REPLY_TLS_TOO_WEAK : ehlo__gate(s, 0);
    if (refused == 0 && ehlo__has_control_octets(command->argument))
        refused = EHLO_REPLY_CONTROL_OCTETS;
    if (refused != 0) {
        ehlo__refuse(s, refused);
        return;
    }
    ehlo__ask(s, EHLO__STAGE_COMMAND);
    ehlo__settle(s, s->config->on_command(s, command, s->user));
}
