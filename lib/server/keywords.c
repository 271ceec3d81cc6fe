/*
 * The lines of the reply to EHLO and LHLO as data: keyword, what it depends on, and its argument
 * (RFC 5321 4.1.1.1). They are written for a session, or measured for all that a configuration
 * could ever list.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"

#include <string.h>

struct listing {
    const struct ehlo_server_config *config;
    const struct ehlo_server *s; /* NULL: all that could ever be listed */
    char *buffer;
    size_t length; /* of the list so far */
    size_t size;   /* of the buffer: what does not fit is only counted */
};

struct keyword {
    char text[20];
    uint8_t verb_switch; /* enum ehlo_switch: listed unless this is off; 0: see `extension` */
    uint32_t extension;
    uint32_t oddity;                    /* listed only where this is tolerated */
    void (*argument)(struct listing *); /* writes it, with the space before it */
};

static void put(struct listing *list, const char *text, size_t length)
{
    if (list->buffer != NULL && list->length + length <= list->size)
        memcpy(list->buffer + list->length, text, length);
    list->length += length;
}

static void put_text(struct listing *list, const char *text)
{
    put(list, text, strlen(text));
}

static void put_figure(struct listing *list, uint64_t number)
{
    char digits[EHLO__NUMBER_MAX];

    put(list, digits, ehlo__write_number(digits, number));
}

static void put_limit(struct listing *list, const char *name, uint32_t limit)
{
    put_text(list, name);
    put_figure(list, limit);
}

static void put_word(struct listing *list, const char *word)
{
    put_text(list, " ");
    put_text(list, word);
}

/* SIZE 0 tells that there is no fixed limit (RFC 1870 3). */
static void put_size(struct listing *list)
{
    const uint64_t limit = list->config->max_message_size;

    put_text(list, " ");
    if (limit == EHLO_UNLIMITED)
        put_figure(list, 0);
    else
        put_figure(list, limit != 0 ? limit : EHLO_DEFAULT_MESSAGE_SIZE);
}

/* RFC 4954 3; what the mechanisms are depends on TLS. */
static void put_mechanisms(struct listing *list)
{
    const struct ehlo_mechanism *row = list->config->mechanisms;
    const struct ehlo_server *s = list->s;

    if (s != NULL ? ehlo__offers_plain(s) : list->config->on_auth != NULL)
        put_text(list, " PLAIN LOGIN");
    for (; row != NULL && row->name != NULL; row++)
        if (s == NULL || ehlo__offers_mechanism(s, row))
            put_word(list, row->name);
}

/* As clients from before RFC 2554 look for it: "AUTH=" in place of "AUTH ". */
static void put_mechanisms_again(struct listing *list)
{
    const size_t at = list->length;

    put_mechanisms(list);
    if (at < list->size)
        list->buffer[at] = '=';
}

/* RFC 9422 3 */
static void put_limits(struct listing *list)
{
    const struct ehlo_server_config *config = list->config;

    put_limit(list, " MAILMAX=", ehlo__limit(config->max_transactions, EHLO_DEFAULT_TRANSACTIONS));
    put_limit(list, " RCPTMAX=", ehlo__limit(config->max_recipients, EHLO_DEFAULT_RECIPIENTS));
    if (config->max_recipient_domains != 0)
        put_limit(list, " RCPTDOMAINMAX=", config->max_recipient_domains);
}

/* RFC 2852 3 */
static void put_min_by_time(struct listing *list)
{
    if (list->config->min_by_time != 0)
        put_limit(list, " ", list->config->min_by_time);
}

/* RFC 4865 3 */
static void put_hold_limits(struct listing *list)
{
    put_limit(list, " ", list->config->max_hold_for);
    put_word(list, list->config->max_hold_until);
}

/* RFC 6710 7 */
static void put_profile(struct listing *list)
{
    if (list->config->priority_profile != NULL)
        put_word(list, list->config->priority_profile);
}

static void put_xclient(struct listing *list)
{
    put_text(list, " NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT");
}

static void put_xforward(struct listing *list)
{
    put_text(list, " NAME ADDR PORT PROTO HELO IDENT SOURCE");
}

/* A table is read by its columns. */
/* clang-format off */
static const struct keyword keywords[] = {
    {"PIPELINING",          0, EHLO_EXTENSION_PIPELINING,          0, NULL},
    {"SIZE",                0, EHLO_EXTENSION_SIZE,                0, put_size},
    {"8BITMIME",            0, EHLO_EXTENSION_8BITMIME,            0, NULL},
    {"ENHANCEDSTATUSCODES", 0, EHLO_EXTENSION_ENHANCEDSTATUSCODES, 0, NULL},
    {"STARTTLS",            0, EHLO_EXTENSION_STARTTLS,            0, NULL},
    {"AUTH",                0, EHLO_EXTENSION_AUTH,                0, put_mechanisms},
    {"AUTH",                0, EHLO_EXTENSION_AUTH, EHLO_ODDITY_AUTH_EQUALS, put_mechanisms_again},
    {"CHUNKING",            0, EHLO_EXTENSION_CHUNKING,            0, NULL},
    {"BINARYMIME",          0, EHLO_EXTENSION_BINARYMIME,          0, NULL},
    {"SMTPUTF8",            0, EHLO_EXTENSION_SMTPUTF8,            0, NULL},
    {"DSN",                 0, EHLO_EXTENSION_DSN,                 0, NULL},
    {"REQUIRETLS",          0, EHLO_EXTENSION_REQUIRETLS,          0, NULL},
    {"LIMITS",              0, EHLO_EXTENSION_LIMITS,              0, put_limits},
    {"DELIVERBY",           0, EHLO_EXTENSION_DELIVERBY,           0, put_min_by_time},
    {"FUTURERELEASE",       0, EHLO_EXTENSION_FUTURERELEASE,       0, put_hold_limits},
    {"MT-PRIORITY",         0, EHLO_EXTENSION_MT_PRIORITY,         0, put_profile},
    {"RRVS",                0, EHLO_EXTENSION_RRVS,                0, NULL},
    {"ETRN",                0, EHLO_EXTENSION_ETRN,                0, NULL},
    {"PRDR",                0, EHLO_EXTENSION_PRDR,                0, NULL},
    {"XCLIENT",             0, EHLO_EXTENSION_XCLIENT,             0, put_xclient},
    {"XFORWARD",            0, EHLO_EXTENSION_XFORWARD,            0, put_xforward},
    {"EXPN", EHLO_SWITCH_EXPN, 0,                                  0, NULL},
    {"HELP", EHLO_SWITCH_HELP, 0,                                  0, NULL},
};
/* clang-format on */

#define KEYWORD_COUNT (sizeof keywords / sizeof *keywords)

bool ehlo__is_keyword(struct ehlo_slice name)
{
    for (size_t i = 0; i < KEYWORD_COUNT; i++)
        if (ehlo_same_text(name, ehlo_text(keywords[i].text)))
            return true;
    return false;
}

static bool is_listed(const struct listing *list, const struct keyword *keyword)
{
    const struct ehlo_server_config *config = list->config;

    if ((config->disabled_verbs & keyword->verb_switch) != 0 ||
        (keyword->oddity & ~config->lenient) != 0)
        return false;
    if (keyword->verb_switch == EHLO_SWITCH_EXPN)
        return config->on_expn != NULL; /* only where lists are expanded (RFC 5321 3.5.2) */
    if (keyword->verb_switch != 0)
        return true;
    return list->s != NULL ? ehlo__offers(list->s, keyword->extension)
                           : ehlo__may_offer(config, keyword->extension);
}

static void start_line(struct listing *list, const char *keyword)
{
    put_text(list, "250-");
    put_text(list, keyword);
}

/* The check of the configuration sees to it that all lines fit; one that does not would be cut. */
static void finish_line(struct listing *list, size_t begin)
{
    put_text(list, "\r\n");
    if (list->s != NULL && list->length > list->size)
        list->length = begin;
}

static void put_all(struct listing *list)
{
    const struct ehlo_keyword *row = list->config->keywords;

    for (size_t i = 0; i < KEYWORD_COUNT; i++) {
        const size_t begin = list->length;

        if (!is_listed(list, &keywords[i]))
            continue;
        start_line(list, keywords[i].text);
        if (keywords[i].argument != NULL)
            keywords[i].argument(list);
        finish_line(list, begin);
    }
    for (; row != NULL && row->keyword != NULL; row++) {
        const size_t begin = list->length;

        start_line(list, row->keyword);
        if (row->argument != NULL)
            put_word(list, row->argument);
        finish_line(list, begin);
    }
}

size_t ehlo__write_keywords(const struct ehlo_server *s, char *buffer, size_t length, size_t size)
{
    struct listing list = {s->config, s, buffer, length, size};
    size_t last;

    put_all(&list);
    last = list.length - 1;
    while (last > 0 && buffer[last - 1] != '\n')
        last--;
    buffer[last + 3] = ' ';
    return list.length;
}

size_t ehlo__keywords_max(const struct ehlo_server_config *config)
{
    struct listing list = {config, NULL, NULL, 0, 0};

    put_all(&list);
    return list.length;
}
