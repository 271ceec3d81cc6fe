/*
 * The rows that a configuration has of its own: mechanisms of SASL (RFC 4422 3.1), EHLO keywords,
 * parameters and verbs (RFC 5321 2.2.1, 4.1.1.1, 4.1.2). Their check, and how a verb is found.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"
#include "syntax/chars.h"

#include <string.h>

#define ARGUMENT_MAX    255
#define MECHANISM_FLAGS (EHLO_MECHANISM_SERVER_FIRST | EHLO_MECHANISM_CLEAR)
#define PARAMETER_VERBS (EHLO_PARAMETER_OF_MAIL | EHLO_PARAMETER_OF_RCPT)
#define PARAMETER_SHAPE (EHLO_PARAMETER_NO_VALUE | EHLO_PARAMETER_BARE)
#define VERB_FLAGS                                                                                 \
    (EHLO_VERB_EARLY | EHLO_VERB_TRANSACTION | EHLO_VERB_IDLE | EHLO_VERB_CHUNK | EHLO_VERB_LAST)

/* In capitals (RFC 4422 3.1), and none that on_auth has. */
static bool good_mechanism(const struct ehlo_server_config *config, const void *at)
{
    const struct ehlo_mechanism *row = at;
    const struct ehlo_slice name = ehlo_text(row->name);

    for (size_t i = 0; i < name.length; i++)
        if (name.data[i] >= 'a')
            return false;
    if (config->on_auth != NULL &&
        (ehlo_same_text(name, ehlo_text("PLAIN")) || ehlo_same_text(name, ehlo_text("LOGIN"))))
        return false;
    return (row->flags & ~MECHANISM_FLAGS) == 0;
}

static bool good_keyword(const struct ehlo_server_config *config, const void *at)
{
    const struct ehlo_keyword *row = at;
    const struct ehlo_slice argument = ehlo_text(row->argument);

    (void)config;
    if (row->keyword[0] == '-' || ehlo__is_keyword(ehlo_text(row->keyword)))
        return false;
    if (row->argument != NULL && (argument.length == 0 || argument.length > ARGUMENT_MAX))
        return false;
    for (size_t i = 0; i < argument.length; i++)
        if (argument.data[i] < ' ' || argument.data[i] > '~')
            return false;
    return true;
}

static bool good_parameter(const struct ehlo_server_config *config, const void *at)
{
    const struct ehlo_parameter_row *row = at;

    (void)config;
    return row->keyword[0] != '-' && !ehlo__is_parameter(ehlo_text(row->keyword)) &&
           (row->flags & PARAMETER_VERBS) != 0 &&
           (row->flags & PARAMETER_SHAPE) != PARAMETER_SHAPE &&
           (row->flags & ~(PARAMETER_VERBS | PARAMETER_SHAPE)) == 0;
}

static bool good_verb(const struct ehlo_server_config *config, const void *at)
{
    const struct ehlo_verb *row = at;
    const bool inside = (row->flags & (EHLO_VERB_TRANSACTION | EHLO_VERB_CHUNK)) != 0;

    (void)config;
    return ehlo__find_verb(ehlo_text(row->verb)) == EHLO__VERB_UNKNOWN &&
           (row->flags & ~VERB_FLAGS) == 0 && !(inside && (row->flags & EHLO_VERB_IDLE) != 0);
}

/* A kind of rows; each begins with its name, and the last one has none. */
static const struct kind {
    const char *member;
    uint16_t offset;   /* of the member that points to the rows */
    uint8_t stride;    /* octets of a row */
    uint8_t name_max;  /* octets of a name: letters, digits and `marks` */
    uint8_t count_max; /* rows; 0: any number */
    bool is_public;    /* to be listed at IANA, or to begin with X (RFC 5321 2.2.2) */
    char marks[3];
    bool (*good)(const struct ehlo_server_config *, const void *row);
} kinds[] = {
    {"mechanisms", offsetof(struct ehlo_server_config, mechanisms), sizeof(struct ehlo_mechanism),
     20, 64, false, "-_", good_mechanism},
    {"keywords", offsetof(struct ehlo_server_config, keywords), sizeof(struct ehlo_keyword), 32, 0,
     true, "-", good_keyword},
    {"parameters", offsetof(struct ehlo_server_config, parameters),
     sizeof(struct ehlo_parameter_row), 32, EHLO__HOST_PARAMETERS, false, "-", good_parameter},
    {"verbs", offsetof(struct ehlo_server_config, verbs), sizeof(struct ehlo_verb), 16, 0, true, "",
     good_verb},
};

#define KIND_COUNT (sizeof kinds / sizeof *kinds)

/* Row number `i`, or NULL behind the last one. */
static const void *row_at(const struct ehlo_server_config *config, const struct kind *kind,
                          size_t i)
{
    const char *rows, *name;

    memcpy(&rows, (const char *)config + kind->offset, sizeof rows);
    if (rows == NULL)
        return NULL;
    rows += i * kind->stride;
    memcpy(&name, rows, sizeof name);
    return name != NULL ? rows : NULL;
}

static struct ehlo_slice name_of(const void *row)
{
    const char *name;

    memcpy(&name, row, sizeof name);
    return ehlo_text(name);
}

bool ehlo__is_made_of(struct ehlo_slice name, size_t max, const char *marks)
{
    if (name.length == 0 || name.length > max)
        return false;
    for (size_t i = 0; i < name.length; i++)
        if (!ehlo__is(name.data[i], EHLO__LET_DIG) && strchr(marks, name.data[i]) == NULL)
            return false;
    return true;
}

bool ehlo__is_profile(struct ehlo_slice name)
{
    return ehlo__is_made_of(name, 20, "-_.");
}

static bool is_first(const struct ehlo_server_config *config, const struct kind *kind, size_t row,
                     struct ehlo_slice name)
{
    for (size_t i = 0; i < row; i++)
        if (ehlo_same_text(name_of(row_at(config, kind, i)), name))
            return false;
    return true;
}

static bool good_rows(const struct ehlo_server_config *config, const struct kind *kind)
{
    const void *row;

    for (size_t i = 0; (row = row_at(config, kind, i)) != NULL; i++)
        if ((kind->count_max != 0 && i == kind->count_max) ||
            !ehlo__is_made_of(name_of(row), kind->name_max, kind->marks) ||
            !is_first(config, kind, i, name_of(row)) || !kind->good(config, row))
            return false;
    return true;
}

/* All mechanisms stand in one line of the EHLO reply (RFC 5321 4.5.3.1.5). */
static bool fit_into_a_line(const struct ehlo_mechanism *row)
{
    size_t length = sizeof "250-AUTH PLAIN LOGIN\r\n" - 1;

    for (; row != NULL && row->name != NULL; row++)
        length += 1 + strlen(row->name);
    return length <= EHLO_REPLY_LINE_MAX;
}

const char *ehlo__bad_row(const struct ehlo_server_config *config)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (!good_rows(config, &kinds[i]))
            return kinds[i].member;
    return fit_into_a_line(config->mechanisms) ? NULL : "mechanisms";
}

/* Keywords and verbs at IANA that the engine does not have (Mail Parameters, SMTP Service
 * Extensions). */
static bool is_registered(struct ehlo_slice name)
{
    static const char names[][14] = {"SEND", "SOML",    "SAML",       "VRFY",          "TURN",
                                     "VERB", "ONEX",    "CHECKPOINT", "NO-SOLICITING", "MTRK",
                                     "ATRN", "CONPERM", "CONNEG",     "SUBMITTER",     "BURL"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ehlo_same_text(name, ehlo_text(names[i])))
            return true;
    return name.data[0] == 'X' || name.data[0] == 'x';
}

const char *ehlo__unregistered_row(const struct ehlo_server_config *config)
{
    const void *row;

    for (size_t i = 0; i < KIND_COUNT; i++)
        for (size_t at = 0; (row = row_at(config, &kinds[i], at)) != NULL; at++)
            if (kinds[i].is_public && !is_registered(name_of(row)))
                return kinds[i].member;
    return NULL;
}

bool ehlo__has_mechanisms(const struct ehlo_server_config *config)
{
    return config->mechanisms != NULL && config->mechanisms[0].name != NULL;
}

const struct ehlo_verb *ehlo__find_host_verb(const struct ehlo_server *s, struct ehlo_slice verb)
{
    const struct ehlo_verb *row = s->config->verbs;

    for (; row != NULL && row->verb != NULL; row++)
        if (ehlo_same_text(verb, ehlo_text(row->verb)))
            return row;
    return NULL;
}
