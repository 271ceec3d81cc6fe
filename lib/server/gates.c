/*
 * One command line: the tests that come before its handler, in a fixed order, of which the first
 * that fails answers: line, foreign protocol, pipelining, verb, refused greeting, switched off,
 * TLS, HELO given, AUTH, sequence, argument.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"

#include <string.h>

/* What the line is, before anything is done about it. */
struct reading {
    struct ehlo_command command;
    enum ehlo_syntax spelling;
    unsigned verb;
    uint8_t flags; /* of the verb's row */
    uint8_t stage; /* the same; what an unknown verb is to its hook */
    bool host;     /* a verb of the host */
    bool chunk;    /* one that brings content */
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

    if (reading->verb != EHLO__VERB_UNKNOWN || reading->host)
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

/* AUTH that is done with its initial response need not be the last of its group (RFC 4954 4). */
static bool is_whole_auth(const struct reading *reading)
{
    struct ehlo_command words;

    ehlo_parse_command(reading->command.argument, EHLO_ODDITIES_ALL, &words);
    return reading->verb == EHLO__VERB_AUTH && words.argument.length > 0 &&
           !ehlo_same_text(words.verb, ehlo_text("LOGIN"));
}

/* Input behind the command, though it is to be the last of its group (RFC 2920 3.1). */
static bool pipelined_wrongly(const struct ehlo_server *s, const struct reading *reading)
{
    const bool allowed = s->extended && ehlo__offers(s, EHLO_EXTENSION_PIPELINING);

    if (!s->more || reading->verb == EHLO__VERB_QUIT || reading->verb == EHLO__VERB_BDAT ||
        reading->verb == EHLO__VERB_STARTTLS || s->config->pipelining == EHLO_PIPELINING_IGNORE)
        return false; /* behind STARTTLS it is judged as an injection, once TLS is granted */
    return !allowed || ((reading->flags & EHLO__LAST) != 0 && !is_whole_auth(reading));
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

/* Whether it was to be the last one cannot be known. */
static void lose_host_chunk(struct ehlo_server *s)
{
    s->transaction.last = false;
    ehlo__lose_chunk(s);
}

/* Only the head of the line is left. Behind BDAT nobody knows how many octets are no commands. */
static void refuse_long(struct ehlo_server *s, const struct reading *reading)
{
    ehlo__trace(s, EHLO_TRACE_LINE_LIMIT, s->lines.size);
    note_refused(s, reading->verb);
    if (reading->verb == EHLO__VERB_BDAT) {
        ehlo__error_point(s);
        ehlo__say_closing(s, EHLO_REPLY_LINE_TOO_LONG, EHLO_CAUSE_PROTOCOL);
        return;
    }
    ehlo__refuse(s, EHLO_REPLY_LINE_TOO_LONG);
    if (reading->chunk)
        lose_host_chunk(s);
}

/* The line itself; true: answered. */
static bool bad_line(struct ehlo_server *s, const struct ehlo__line *line,
                     const struct reading *reading)
{
    const unsigned bad = EHLO__LINE_BARE_CR | EHLO__LINE_BARE_LF | EHLO__LINE_NUL;

    if (line->faults & EHLO__LINE_TOO_LONG) {
        refuse_long(s, reading);
        return true;
    }
    if ((line->faults & bad) && !is_proxy_signature(line)) {
        ehlo__trace(s, EHLO_TRACE_BAD_LINE, line->faults);
        note_refused(s, reading->verb);
        if (reading->verb == EHLO__VERB_BDAT)
            ehlo__bdat_refuse(s, reading->command.argument, EHLO_REPLY_BAD_LINE);
        else
            ehlo__refuse(s, EHLO_REPLY_BAD_LINE);
        if (reading->chunk)
            lose_host_chunk(s);
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

/* AUTH is there, but every mechanism of it waits for TLS (RFC 4954 4). */
static bool auth_waits_for_tls(const struct ehlo_server *s)
{
    return ehlo__may_offer(s->config, EHLO_EXTENSION_AUTH) && !s->authenticated &&
           ehlo__offers(s, EHLO_EXTENSION_STARTTLS);
}

/* Behind a refusing greeting there is only QUIT (RFC 5321 3.1). */
static unsigned greeted_badly(const struct ehlo_server *s, unsigned verb)
{
    return s->state == EHLO_STATE_REFUSED && verb != EHLO__VERB_QUIT
               ? EHLO_REPLY_BAD_SEQUENCE | EHLO__NO_POINT
               : 0;
}

bool ehlo__is_weak(const struct ehlo_server *s)
{
    return s->tls != NULL && s->tls->too_weak;
}

/* Why a verb is not to be had, now or at all; or 0. */
static unsigned unavailable(const struct ehlo_server *s, unsigned verb)
{
    const bool starttls = verb == EHLO__VERB_STARTTLS && s->tls != NULL;
    const bool again = verb == EHLO__VERB_AUTH && s->authenticated &&
                       ehlo__may_offer(s->config, EHLO_EXTENSION_AUTH);
    const bool by_helo = s->helo_given && !s->extended; /* which offers nothing */
    const bool enabled = ehlo__verb_enabled(s, verb) &&
                         !(by_helo && (ehlo__commands[verb].flags & EHLO__NEEDS_EHLO) != 0);

    if (!enabled && !starttls && !again)
        return verb == EHLO__VERB_AUTH && auth_waits_for_tls(s)
                   ? EHLO_REPLY_STARTTLS_REQUIRED
                   : EHLO_REPLY_OPERATION_NOT_SUPPORTED;
    if (ehlo__is_weak(s) && verb != EHLO__VERB_QUIT)
        return EHLO_REPLY_TLS_TOO_WEAK; /* RFC 3207 4.1 */
    if (starttls)
        return EHLO_REPLY_BAD_SEQUENCE;                  /* RFC 3207 4.2 */
    return again ? EHLO_REPLY_ALREADY_AUTHENTICATED : 0; /* RFC 4954 4 */
}

unsigned ehlo__gate(const struct ehlo_server *s, unsigned flags)
{
    const bool auth = s->config->require_auth || s->config->mode == EHLO_MODE_SUBMISSION;

    if (s->config->require_tls && s->tls == NULL && (flags & EHLO__BEFORE_TLS) == 0)
        return EHLO_REPLY_STARTTLS_REQUIRED;
    if ((flags & EHLO__NEEDS_HELO) && !s->helo_given && !s->config->helo_optional &&
        !s->transaction.open) /* one that is open began rightly */
        return EHLO_REPLY_HELO_REQUIRED;
    if (auth && !s->authenticated && (flags & EHLO__BEFORE_AUTH) == 0)
        return EHLO_REPLY_AUTH_REQUIRED;
    return 0;
}

unsigned ehlo__out_of_sequence(const struct ehlo_server *s, unsigned verb)
{
    /* Whether HELO has to come first is a gate, so that it holds at once (ehlo_server_use()). */
    const unsigned state = s->state == EHLO_STATE_FRESH ? EHLO_STATE_READY : s->state;
    const uint16_t cell = ehlo__commands[verb].cells[state];

    if (cell == EHLO__ALLOWED)
        return 0;
    if (cell == (EHLO_REPLY_NO_VALID_RECIPIENTS | EHLO__NO_POINT) &&
        s->config->mode == EHLO_MODE_LMTP)
        return EHLO_REPLY_BAD_SEQUENCE | EHLO__NO_POINT; /* RFC 2033 4.2 */
    return cell != 0 ? cell : EHLO_REPLY_BAD_SEQUENCE;
}

/* A reply id, perhaps with EHLO__NO_POINT; 0: the handler may run. */
static unsigned refusal(const struct ehlo_server *s, const struct reading *reading)
{
    const struct ehlo__command_row *row = &ehlo__commands[reading->verb];
    const struct ehlo_slice argument = reading->command.argument;
    unsigned refused = ehlo__verb_exists(s, reading->verb) ? greeted_badly(s, reading->verb)
                                                           : EHLO_REPLY_COMMAND_UNRECOGNIZED;

    if (refused == 0 && s->state != EHLO_STATE_REFUSED)
        refused = unavailable(s, reading->verb);
    if (refused == 0)
        refused = ehlo__gate(s, row->flags);
    if (refused == 0 && s->state != EHLO_STATE_REFUSED)
        refused = ehlo__out_of_sequence(s, reading->verb);
    if (refused != 0)
        return refused;
    if ((row->flags & EHLO__NO_ARGUMENT) && argument.length != 0)
        return EHLO_REPLY_PARAMETER_SYNTAX;
    if (ehlo__has_control_octets(argument))
        return EHLO_REPLY_CONTROL_OCTETS;
    return reading->spelling == EHLO_SYNTAX_OK ? 0 : EHLO_REPLY_PARAMETER_SYNTAX;
}

static void read_known(struct ehlo_server *s, const struct reading *reading)
{
    const struct ehlo__command_row *row = &ehlo__commands[reading->verb];
    unsigned refused = refusal(s, reading);

    if (refused == 0 && reading->command.oddities != 0) {
        ehlo__trace_oddities(s, reading->command.oddities);
        refused = refusal(s, reading); /* on_trace may have called ehlo_server_use() */
    }
    if (refused != 0)
        note_refused(s, reading->verb);
    if (refused != 0 && reading->verb == EHLO__VERB_BDAT) {
        ehlo__bdat_refuse(s, reading->command.argument, refused);
        return;
    }
    if (refused != 0) {
        ehlo__refuse(s, refused);
        return;
    }
    row->read(s, reading->command.argument);
}

/* A log never sees credentials: AUTH is told without what follows the mechanism, a line that is too
 * long by its verb, if it has one. */
static struct ehlo_slice masked(const struct ehlo__line *whole, const struct reading *reading)
{
    struct ehlo_slice line = whole->text;
    struct ehlo_command mechanism;

    if (whole->faults & EHLO__LINE_TOO_LONG) {
        line.length = reading->verb == EHLO__VERB_UNKNOWN ? 0 : reading->command.verb.length;
        return line;
    }
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

/* What stands in the line, before it is judged. */
static void read_words(const struct ehlo_server *s, struct ehlo_slice line, struct reading *reading)
{
    const struct ehlo_verb *row;

    reading->spelling = ehlo_parse_command(line, ehlo__tolerated(s), &reading->command);
    reading->verb = ehlo__find_verb(reading->command.verb);
    if (reading->verb != EHLO__VERB_UNKNOWN && ehlo__verb_is_secret(s, reading->verb))
        reading->verb = EHLO__VERB_UNKNOWN;
    reading->flags = EHLO__LAST;
    reading->stage = EHLO__STAGE_COMMAND;
    reading->host = false;
    reading->chunk = false;
    if (reading->verb != EHLO__VERB_UNKNOWN) {
        reading->flags = ehlo__commands[reading->verb].flags;
        reading->stage = ehlo__commands[reading->verb].stage;
        return;
    }
    row = ehlo__find_host_verb(s, reading->command.verb);
    if (row == NULL)
        return;
    reading->host = true;
    reading->flags = row->flags & EHLO_VERB_LAST ? EHLO__LAST : 0;
    reading->chunk = (row->flags & EHLO_VERB_CHUNK) != 0;
    if (row->flags & (EHLO_VERB_CHUNK | EHLO_VERB_TRANSACTION))
        reading->flags |= EHLO__CASCADE;
}

/* A line within AUTH is no command, whatever it says (RFC 4954 4). */
static bool process_response(struct ehlo_server *s, const struct ehlo__line *line)
{
    if (s->output.start != s->output.visible)
        return false;
    s->epoch++;
    s->oddities = 0;
    s->row_stage = EHLO__STAGE_AUTH;
    if (line->faults & EHLO__LINE_LF_ENDED)
        ehlo__trace_oddities(s, EHLO_ODDITY_LF_COMMANDS);
    ehlo__auth_response(s, line);
    return true;
}

/* A line that may hold a secret; of one that is too long nobody knows (RFC 4954 9). */
static bool is_secret(const struct ehlo__line *line, const struct reading *reading)
{
    return reading->verb == EHLO__VERB_AUTH || (line->faults & EHLO__LINE_TOO_LONG) != 0;
}

static void process_command(struct ehlo_server *s, const struct ehlo__line *line,
                            const struct reading *reading)
{
    s->epoch++;
    s->oddities = 0;
    s->row_stage = reading->verb == EHLO__VERB_UNKNOWN ? (uint8_t)EHLO__STAGE_NONE : reading->stage;
    ehlo__trace_text(s, EHLO_TRACE_COMMAND, 0, masked(line, reading));
    if (s->state == EHLO_STATE_MAIL_REFUSED && !(reading->flags & EHLO__CASCADE))
        ehlo__set_state(s, EHLO_STATE_READY);
    if (s->last_command && !is_quit(line, reading)) { /* RFC 7504 3 */
        ehlo__say_closing(s, EHLO_REPLY_NO_MAIL_SERVICE, EHLO_CAUSE_HOST);
        return;
    }
    if (bad_line(s, line, reading))
        return;
    if (line->faults & EHLO__LINE_LF_ENDED)
        ehlo__trace_oddities(s, EHLO_ODDITY_LF_COMMANDS);
    if (jumps_the_queue(s, reading))
        return;
    if (reading->verb != EHLO__VERB_UNKNOWN)
        read_known(s, reading);
    else if (ehlo__find_host_verb(s, reading->command.verb) != NULL)
        ehlo__host_verb_read(s, &reading->command);
    else
        ehlo__unknown_read(s, &reading->command);
}

bool ehlo__process_line(struct ehlo_server *s, const struct ehlo__line *line)
{
    struct reading reading;

    if (s->state == EHLO_STATE_AUTH) {
        if (!process_response(s, line))
            return false;
        ehlo__wipe_line(s);
        return true;
    }
    read_words(s, line->text, &reading);
    if (!may_process(s, &reading))
        return false;
    process_command(s, line, &reading);
    if (is_secret(line, &reading))
        ehlo__wipe_line(s);
    return true;
}
