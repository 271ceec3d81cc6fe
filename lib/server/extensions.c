/*
 * The extensions as data: EHLO keyword, argument, and the parameters that each adds to MAIL or
 * RCPT, bound to their verb. EHLO is printed from here, and what was not offered is not accepted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

#define KEYWORD_MAX 20
#define NUMBER_MAX  20 /* digits of 2^64 - 1 */

struct keyword {
    char text[KEYWORD_MAX + 1];
    uint8_t verb;       /* listed while this verb is on; EHLO__VERB_UNKNOWN: an extension */
    uint32_t extension; /* enum ehlo_extension */
    size_t (*argument)(const struct ehlo_server *, char buffer[NUMBER_MAX]);
};

/* SIZE 0 tells that there is no fixed limit (RFC 1870 3). */
static size_t write_size(const struct ehlo_server *s, char buffer[NUMBER_MAX])
{
    const uint64_t limit = ehlo__max_message_size(s);
    uint64_t number = limit == EHLO_UNLIMITED ? 0 : limit;
    size_t at = NUMBER_MAX;

    do
        buffer[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    memmove(buffer, buffer + at, NUMBER_MAX - at);
    return NUMBER_MAX - at;
}

static const struct keyword keywords[] = {
    {"PIPELINING", EHLO__VERB_UNKNOWN, EHLO_EXTENSION_PIPELINING, NULL}, /* RFC 2920 3 */
    {"SIZE", EHLO__VERB_UNKNOWN, EHLO_EXTENSION_SIZE, write_size},       /* RFC 1870 3 */
    {"8BITMIME", EHLO__VERB_UNKNOWN, EHLO_EXTENSION_8BITMIME, NULL},     /* RFC 6152 2 */
    {"ENHANCEDSTATUSCODES", EHLO__VERB_UNKNOWN, EHLO_EXTENSION_ENHANCEDSTATUSCODES, NULL},
    {"EXPN", EHLO__VERB_EXPN, 0, NULL}, /* RFC 5321 3.5.2: only where lists are expanded */
    {"HELP", EHLO__VERB_HELP, 0, NULL},
};

bool ehlo__offers(const struct ehlo_server *s, uint32_t extension)
{
    return (s->config->disabled_extensions & extension) == 0;
}

static bool is_listed(const struct ehlo_server *s, const struct keyword *keyword)
{
    if (keyword->verb == EHLO__VERB_UNKNOWN)
        return ehlo__offers(s, keyword->extension);
    if (keyword->verb == EHLO__VERB_EXPN && s->config->on_expn == NULL)
        return false;
    return ehlo__verb_enabled(s, keyword->verb);
}

/* One line at `line`; `code` is the reply's. */
static size_t write_keyword(const struct ehlo_server *s, const struct keyword *keyword, char *line,
                            const char *code)
{
    size_t length = 4 + strlen(keyword->text);

    memcpy(line, code, 3);
    line[3] = '-';
    memcpy(line + 4, keyword->text, length - 4);
    if (keyword->argument != NULL) {
        line[length++] = ' ';
        length += keyword->argument(s, line + length);
    }
    memcpy(line + length, "\r\n", 2);
    return length + 2;
}

size_t ehlo__write_keywords(const struct ehlo_server *s, char *buffer, size_t length, size_t size)
{
    const size_t longest = 3 + 1 + KEYWORD_MAX + 1 + NUMBER_MAX + 2;
    char *last = buffer;

    for (size_t i = 0; i < length; i++) /* the greeting itself may have several lines */
        if (buffer[i] == '\n' && i + 1 < length)
            last = buffer + i + 1;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (!is_listed(s, &keywords[i]) || size - length < longest)
            continue;
        last = buffer + length;
        length += write_keyword(s, &keywords[i], last, buffer);
    }
    last[3] = ' ';
    return length;
}

/* SIZE= (RFC 1870 3) */
static bool take_size(struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    return ehlo_parse_size(value, &mail->declared_size) == EHLO_SYNTAX_OK;
}

/* BODY= (RFC 6152 2); BINARYMIME needs an extension that is not offered (RFC 3030 3) */
static bool take_body(struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;
    enum ehlo_body body;

    if (ehlo_parse_body(value, &body) != EHLO_SYNTAX_OK || body == EHLO_BODY_BINARY)
        return false;
    mail->body = body;
    return true;
}

/* AUTH= of clients that were not offered AUTH: taken and left to `parameters` (RFC 4954 5) */
static bool take_auth(struct ehlo_slice value, void *target)
{
    (void)value;
    (void)target;
    return true;
}

struct parameter {
    char keyword[9];
    uint8_t verb;
    uint32_t extension; /* 0: never offered */
    uint32_t tolerated; /* the oddity that lets it pass though it was not offered */
    bool (*take)(struct ehlo_slice value, void *target);
};

static const struct parameter parameters[] = {
    {"SIZE", EHLO__VERB_MAIL, EHLO_EXTENSION_SIZE, 0, take_size},
    {"BODY", EHLO__VERB_MAIL, EHLO_EXTENSION_8BITMIME, EHLO_ODDITY_UNOFFERED, take_body},
    {"AUTH", EHLO__VERB_MAIL, 0, EHLO_ODDITY_UNOFFERED, take_auth},
};

#define PARAMETER_COUNT (sizeof parameters / sizeof *parameters)

/* The row of a parameter; PARAMETER_COUNT: unknown, of the other verb, or not offered and not
 * tolerated. */
static size_t find_parameter(const struct ehlo_server *s, unsigned verb, struct ehlo_slice keyword,
                             uint32_t *oddities)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter *row = &parameters[i];

        if (row->verb != verb || !ehlo_same_text(keyword, ehlo_text(row->keyword)))
            continue;
        if (s->extended && row->extension != 0 && ehlo__offers(s, row->extension))
            return i;
        if ((row->tolerated & ehlo__tolerated(s)) == 0)
            break;
        *oddities |= row->tolerated;
        return i;
    }
    return PARAMETER_COUNT;
}

/* Takes one parameter into `target`; returns the reply that refuses it, or 0. */
static unsigned take(struct ehlo_server *s, unsigned verb, const struct ehlo_parameter *parameter,
                     uint32_t *seen, void *target)
{
    uint32_t oddities = 0;
    const size_t row = find_parameter(s, verb, parameter->keyword, &oddities);

    if (row == PARAMETER_COUNT && (ehlo__tolerated(s) & EHLO_ODDITY_UNKNOWN_PARAMETERS) == 0)
        return EHLO_REPLY_UNKNOWN_PARAMETER;
    if (row == PARAMETER_COUNT) {
        ehlo__trace_oddities(s, EHLO_ODDITY_UNKNOWN_PARAMETERS);
        return 0;
    }
    if ((*seen & 1u << row) != 0 || !parameter->has_value ||
        !parameters[row].take(parameter->value, target))
        return EHLO_REPLY_PARAMETER_SYNTAX;
    *seen |= 1u << row;
    ehlo__trace_oddities(s, oddities);
    return 0;
}

unsigned ehlo__take_parameters(struct ehlo_server *s, unsigned verb, struct ehlo_slice rest,
                               void *target)
{
    const uint32_t limit = ehlo__limit(s->config->max_parameters, EHLO_DEFAULT_PARAMETERS);
    struct ehlo_parameter parameter;
    uint32_t seen = 0;

    for (uint32_t count = 0;; count++) {
        const enum ehlo_syntax found = ehlo_next_parameter(&rest, ehlo__tolerated(s), &parameter);
        unsigned refused;

        if (found == EHLO_SYNTAX_END)
            return 0;
        if (found != EHLO_SYNTAX_OK)
            return EHLO_REPLY_PARAMETER_SYNTAX;
        if (count == limit) {
            ehlo__trace(s, EHLO_TRACE_PARAMETER_LIMIT, limit);
            return EHLO_REPLY_PARAMETER_SYNTAX;
        }
        if ((refused = take(s, verb, &parameter, &seen, target)) != 0)
            return refused;
    }
}
