/*
 * VRFY, EXPN, HELP (RFC 5321 3.5, 4.1.1.6 - 4.1.1.8), and verbs that only the host may know.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* The argument of VRFY or EXPN; false: it was refused. */
static bool good_string(struct ehlo_server *s, struct ehlo_slice argument)
{
    const enum ehlo_syntax found = ehlo_parse_string(argument, ehlo__tolerated(s));

    if (found == EHLO_SYNTAX_OK)
        return true;
    ehlo__refuse(s, found == EHLO_SYNTAX_UNBALANCED ? EHLO_REPLY_UNBALANCED
                                                    : EHLO_REPLY_PARAMETER_SYNTAX);
    return false;
}

/* "Full Name <local-part@domain>", or the mailbox alone; ASCII, since SMTPUTF8 is not offered. */
static bool has_mailbox(struct ehlo_slice line)
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
    return ehlo_parse_mailbox(line, EHLO_ODDITIES_DEFAULT, &path) == EHLO_SYNTAX_OK;
}

/* One fully qualified mailbox on each line (RFC 5321 3.5.2); a subject is one line. */
bool ehlo__lists_mailboxes(const struct ehlo_reply *reply)
{
    struct ehlo_slice rest = reply->phrase;

    if (reply->id == EHLO_REPLY_VRFY_OK && reply->subject.length > 0)
        return has_mailbox(reply->subject);
    for (;;) {
        const char *end = rest.length == 0 ? NULL : memchr(rest.data, '\n', rest.length);
        const struct ehlo_slice line = {rest.data,
                                        end != NULL ? (size_t)(end - rest.data) : rest.length};

        if (!has_mailbox(line))
            return false;
        if (end == NULL)
            return true;
        rest.length -= line.length + 1;
        rest.data = end + 1;
    }
}

void ehlo__vrfy_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    if (!good_string(s, argument))
        return;
    ehlo__ask(s, EHLO__STAGE_VRFY);
    ehlo__settle(s, s->config->on_vrfy == NULL ? ehlo_accept()
                                               : s->config->on_vrfy(s, argument, s->user));
}

void ehlo__expn_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    if (!good_string(s, argument))
        return;
    ehlo__ask(s, EHLO__STAGE_EXPN);
    ehlo__settle(s, s->config->on_expn == NULL ? ehlo_accept()
                                               : s->config->on_expn(s, argument, s->user));
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
    if (s->config->on_command == NULL || s->state == EHLO_STATE_REFUSED ||
        !is_printable(command->verb)) {
        ehlo__refuse(s, EHLO_REPLY_COMMAND_UNRECOGNIZED);
        return;
    }
    if (ehlo__has_control_octets(command->argument)) {
        ehlo__refuse(s, EHLO_REPLY_CONTROL_OCTETS);
        return;
    }
    ehlo__ask(s, EHLO__STAGE_COMMAND);
    ehlo__settle(s, s->config->on_command(s, command, s->user));
}
