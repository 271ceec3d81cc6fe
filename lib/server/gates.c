/*
 * One command line: the tests that come before its handler, in a fixed order, of which the first
 * that fails answers: line, foreign protocol, pipelining, verb, refused greeting, switched off,
 * HELO given, sequence, argument.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* What the line is, before anything is done about it. */
struct reading {
    struct ehlo_command command;
    enum ehlo_syntax spelling;
    unsigned verb;
    uint8_t flags; /* of the verb's row */
    uint8_t stage; /* the same; what an unknown verb is to its hook */
};

uint32_t ehlo__tolerated(const struct ehlo_server *s)
{
    return ((uint32_t)EHLO_ODDITIES_DEFAULT & ~s->config->strict) | s->config->lenient;
}

/*
 * While RCPT decisions are open only RCPT goes on, with a slot, room for its reply and a recipient
 * left; a list waits for an empty output; all else needs room for one whole line.
 */
static bool may_process(const struct ehlo_server *s, const struct reading *reading)
{
    if (s->slot_count > 0)
        return reading->verb == EHLO__VERB_RCPT && ehlo__can_read_rcpt(s);
    if (ehlo__is_list(reading->stage))
        return s->output.start == s->output.visible;
    return ehlo__free_room(s) >= EHLO__REPLY_ROOM;
}

/* "Name:" or "Name:text", a header field of mail or HTTP; a verb glued to its argument is none. */
static bool is_field(struct ehlo_slice word)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const struct ehlo_slice verb = {word.data, word.length < 4 ? word.length : 4};
    size_t i = 0;

    while (i < word.length && word.data[i] != '\0' && strchr(name, word.data[i]) != NULL)
        i++;
    return i > 0 && i < word.length && word.data[i] == ':' &&
           ehlo__find_verb(verb) == EHLO__VERB_UNKNOWN;
}

/* Methods of HTTP and what else browsers and scanners begin with. */
static bool is_foreign(const struct reading *reading)
{
    static const char words[][8] = {"GET",   "POST",    "PUT",   "HEAD", "DELETE", "OPTIONS",
                                    "TRACE", "CONNECT", "PATCH", "PRI",  "PROXY"};
    const struct ehlo_slice word = reading->command.verb;

    if (reading->verb != EHLO__VERB_UNKNOWN)
        return false;
    if (is_field(word))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ehlo_same_text(word, ehlo_text(words[i])))
            return true;
    return false;
}

void ehlo__refuse_foreign(struct ehlo_server *s)
{
    ehlo__trace(s, EHLO_TRACE_FOREIGN, 0);
    ehlo__error_point(s); /* only for the log: this closes anyway */
    ehlo__say_closing(s, EHLO_REPLY_COMMAND_UNRECOGNIZED, EHLO_CAUSE_PROTOCOL);
}

/* Octets 1-31 and 127 (RFC 5321 4.1.2); a tab is a blank, and judged by who reads it. */
bool ehlo__has_control_octets(struct ehlo_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        const unsigned char octet = (unsigned char)text.data[i];

        if ((octet < ' ' && octet != '\t') || octet == 127)
            return true;
    }
    return false;
}

/* Input behind the command, though it is to be the last of its group (RFC 2920 3.1). */
static bool pipelined_wrongly(const struct ehlo_server *s, const struct reading *reading)
{
    const bool allowed = s->extended && ehlo__offers(s, EHLO_EXTENSION_PIPELINING);

    if (!s->more || reading->verb == EHLO__VERB_QUIT || reading->verb == EHLO__VERB_BDAT ||
        s->config->pipelining == EHLO_PIPELINING_IGNORE)
        return false;
    return !allowed || (reading->flags & EHLO__LAST) != 0;
}

/* What was pipelined to a refused MAIL or RCPT follows from that (RFC 2920 3.2). */
static void note_refused(struct ehlo_server *s, unsigned verb)
{
    if (verb == EHLO__VERB_MAIL && s->state == EHLO_STATE_READY)
        ehlo__set_state(s, EHLO_STATE_MAIL_REFUSED);
    if (verb == EHLO__VERB_RCPT && s->state == EHLO_STATE_MAIL)
        ehlo__set_state(s, EHLO_STATE_NO_RCPT);
}

/* The third line of the signature that a PROXY v2 header begins with. */
static bool is_proxy_signature(const struct ehlo__line *line)
{
    return line->text.length == 1 && line->text.data[0] == '\0';
}

/* The line itself; true: answered. */
static bool bad_line(struct ehlo_server *s, const struct ehlo__line *line,
                     const struct reading *reading)
{
    const unsigned bad = EHLO__LINE_BARE_CR | EHLO__LINE_BARE_LF | EHLO__LINE_NUL;

    if (line->faults & EHLO__LINE_TOO_LONG) {
        ehlo__trace(s, EHLO_TRACE_LINE_LIMIT, s->lines.size);
        ehlo__refuse(s, EHLO_REPLY_LINE_TOO_LONG);
        return true;
    }
    if ((line->faults & bad) && !is_proxy_signature(line)) {
        ehlo__trace(s, EHLO_TRACE_BAD_LINE, line->faults);
        note_refused(s, reading->verb);
        if (reading->verb == EHLO__VERB_BDAT)
            ehlo__bdat_refuse(s, reading->command.argument, EHLO_REPLY_BAD_LINE);
        else
            ehlo__refuse(s, EHLO_REPLY_BAD_LINE);
        return true;
    }
    if (!is_foreign(reading) && !is_proxy_signature(line))
        return false;
    ehlo__refuse_foreign(s);
    return true;
}

/* Forbidden pipelining; true: answered. */
static bool jumps_the_queue(struct ehlo_server *s, const struct reading *reading)
{
    if (!pipelined_wrongly(s, reading))
        return false;
    ehlo__trace(s, EHLO_TRACE_PIPELINING, 0);
    if (s->config->pipelining == EHLO_PIPELINING_NOTE)
        return false;
    ehlo__say_closing(s, EHLO_REPLY_PIPELINING_FORBIDDEN, EHLO_CAUSE_PROTOCOL);
    return true;
}

/* A reply id, perhaps with EHLO__NO_POINT; 0: the handler may run. */
static unsigned refusal(const struct ehlo_server *s, const struct reading *reading)
{
    const struct ehlo__command_row *row = &ehlo__commands[reading->verb];
    const struct ehlo_slice argument = reading->command.argument;

    if (s->state == EHLO_STATE_REFUSED && reading->verb != EHLO__VERB_QUIT)
        return EHLO_REPLY_BAD_SEQUENCE | EHLO__NO_POINT; /* RFC 5321 3.1 */
    if (!ehlo__verb_enabled(s, reading->verb))
        return EHLO_REPLY_OPERATION_NOT_SUPPORTED;
    if ((row->flags & EHLO__NEEDS_HELO) && s->state == EHLO_STATE_FRESH)
        return EHLO_REPLY_HELO_REQUIRED;
    if (s->state != EHLO_STATE_REFUSED && row->cells[s->state] != EHLO__ALLOWED)
        return row->cells[s->state] != 0 ? row->cells[s->state] : EHLO_REPLY_BAD_SEQUENCE;
    if ((row->flags & EHLO__NO_ARGUMENT) && argument.length != 0)
        return EHLO_REPLY_PARAMETER_SYNTAX;
    if (ehlo__has_control_octets(argument))
        return EHLO_REPLY_CONTROL_OCTETS;
    return reading->spelling == EHLO_SYNTAX_OK ? 0 : EHLO_REPLY_PARAMETER_SYNTAX;
}

static void read_known(struct ehlo_server *s, const struct reading *reading)
{
    const struct ehlo__command_row *row = &ehlo__commands[reading->verb];
    const unsigned refused = refusal(s, reading);

    if (refused != 0)
        note_refused(s, reading->verb);
    if (refused != 0 && reading->verb == EHLO__VERB_BDAT) {
        ehlo__bdat_refuse(s, reading->command.argument, refused);
        return;
    }
    if (refused & EHLO__NO_POINT) {
        ehlo__say(s, refused & ~EHLO__NO_POINT);
        return;
    }
    if (refused != 0) {
        ehlo__refuse(s, refused);
        return;
    }
    ehlo__trace_oddities(s, reading->command.oddities);
    row->read(s, reading->command.argument);
}

/* A log never sees credentials: AUTH is told without what follows the mechanism. */
static struct ehlo_slice masked(struct ehlo_slice line, const struct reading *reading)
{
    struct ehlo_command mechanism;

    if (reading->verb != EHLO__VERB_AUTH)
        return line;
    ehlo_parse_command(reading->command.argument, EHLO_ODDITIES_ALL, &mechanism);
    line.length = mechanism.verb.length == 0
                      ? reading->command.verb.length
                      : (size_t)(mechanism.verb.data + mechanism.verb.length - line.data);
    return line;
}

static bool is_quit(const struct ehlo__line *line, const struct reading *reading)
{
    return reading->verb == EHLO__VERB_QUIT && line->faults == 0 &&
           reading->command.argument.length == 0;
}

bool ehlo__process_line(struct ehlo_server *s, const struct ehlo__line *line)
{
    struct reading reading;

    reading.spelling = ehlo_parse_command(line->text, ehlo__tolerated(s), &reading.command);
    reading.verb = ehlo__find_verb(reading.command.verb);
    reading.flags = EHLO__LAST;
    reading.stage = EHLO__STAGE_COMMAND;
    if (reading.verb != EHLO__VERB_UNKNOWN) {
        reading.flags = ehlo__commands[reading.verb].flags;
        reading.stage = ehlo__commands[reading.verb].stage;
    }
    if (!may_process(s, &reading))
        return false;

    s->epoch++;
    s->oddities = 0;
    s->row_stage = reading.verb == EHLO__VERB_UNKNOWN ? (uint8_t)EHLO__STAGE_NONE
                                                      : ehlo__commands[reading.verb].stage;
    ehlo__trace_text(s, EHLO_TRACE_COMMAND, 0, masked(line->text, &reading));
    if (s->state == EHLO_STATE_MAIL_REFUSED && !(reading.flags & EHLO__CASCADE))
        ehlo__set_state(s, EHLO_STATE_READY);
    if (s->last_command && !is_quit(line, &reading)) { /* RFC 7504 3 */
        ehlo__say_closing(s, EHLO_REPLY_NO_MAIL_SERVICE, EHLO_CAUSE_HOST);
        return true;
    }
    if (bad_line(s, line, &reading))
        return true;
    if (line->faults & EHLO__LINE_LF_ENDED)
        ehlo__trace_oddities(s, EHLO_ODDITY_LF_COMMANDS);
    if (jumps_the_queue(s, &reading))
        return true;
    if (reading.verb == EHLO__VERB_UNKNOWN)
        ehlo__unknown_read(s, &reading.command);
    else
        read_known(s, &reading);
    return true;
}
