/*
 * Verbs that only the host may know: on_command gets one of its rows once that allows it, and any
 * other that is unknown.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* A rule of a row, and the verb of the engine's table that has the same one. */
static const struct {
    uint32_t flag;
    uint8_t verb;
} sequences[] = {
    {EHLO_VERB_CHUNK, EHLO__VERB_BDAT},
    {EHLO_VERB_TRANSACTION, EHLO__VERB_RCPT},
    {EHLO_VERB_IDLE, EHLO__VERB_ETRN},
};

/* A reply id, perhaps with EHLO__NO_POINT; 0: the host may be asked. */
static unsigned refusal_by_row(const struct ehlo_server *s, const struct ehlo_verb *row,
                               struct ehlo_slice argument)
{
    unsigned refused;

    if (s->state == EHLO_STATE_REFUSED)
        return EHLO_REPLY_BAD_SEQUENCE | EHLO__NO_POINT;
    if (ehlo__is_weak(s))
        return EHLO_REPLY_TLS_TOO_WEAK;
    refused = ehlo__gate(s, row->flags & EHLO_VERB_EARLY ? 0 : EHLO__NEEDS_HELO);
    for (size_t i = 0; refused == 0 && i < sizeof sequences / sizeof *sequences; i++)
        if (row->flags & sequences[i].flag)
            refused = ehlo__out_of_sequence(s, sequences[i].verb);
    if (refused == 0 && (row->flags & EHLO_VERB_CHUNK) && s->config->on_message == NULL)
        refused = EHLO_REPLY_CANNOT_TAKE_MESSAGES | EHLO__NO_POINT;
    if (refused == 0 && ehlo__has_control_octets(argument))
        refused = EHLO_REPLY_CONTROL_OCTETS;
    return refused;
}

/* The last word of a chunk's argument, as in BDAT (RFC 4468 3.2). */
static bool ends_with_last(struct ehlo_slice argument)
{
    static const char word[] = " LAST";
    const size_t length = sizeof word - 1;

    if (argument.length <= length)
        return false;
    argument.data += argument.length - length;
    argument.length = length;
    return ehlo_same_text(argument, ehlo_text(word));
}

static void read_by_row(struct ehlo_server *s, const struct ehlo_verb *row,
                        const struct ehlo_command *command)
{
    const bool chunk = (row->flags & EHLO_VERB_CHUNK) != 0;
    const unsigned refused = refusal_by_row(s, row, command->argument);

    if (chunk)
        s->transaction.last = ends_with_last(command->argument);
    if (refused != 0 && chunk)
        ehlo__answer_chunk(s, refused);
    else if (refused != 0)
        ehlo__refuse(s, refused);
    if (refused != 0 || (chunk && !ehlo__content_break(s)))
        return;
    ehlo__ask(s, chunk ? EHLO__STAGE_HOST_CHUNK : EHLO__STAGE_COMMAND);
    ehlo__settle(s, s->config->on_command(s, command, s->user));
}

void ehlo__host_verb_read(struct ehlo_server *s, const struct ehlo_command *command)
{
    read_by_row(s, ehlo__find_host_verb(s, command->verb), command);
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
    static const struct ehlo_verb any = {.flags = EHLO_VERB_EARLY};

    if (s->config->on_command == NULL || s->state == EHLO_STATE_REFUSED ||
        !is_printable(command->verb))
        ehlo__refuse(s, EHLO_REPLY_COMMAND_UNRECOGNIZED);
    else
        read_by_row(s, &any, command);
}
