/*
 * Replies: making them, checking them, and giving them the codes that are sent (RFC 5321 4.2,
 * RFC 2034 4, RFC 3463 2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"

#include <string.h>

static bool is_basic_code(unsigned code)
{
    return code >= 200 && code <= 599 && code / 10 % 10 <= 5;
}

/* 1*3digit without leading zeros (RFC 3463 2). Returns the digits read; 0: malformed. */
static size_t take_sub_code(const char *text, size_t length, uint16_t *value)
{
    unsigned number = 0;
    size_t digits = 0;

    while (digits < length && digits < 3 && text[digits] >= '0' && text[digits] <= '9')
        number = number * 10 + (unsigned)(text[digits++] - '0');
    if (digits > 1 && text[0] == '0')
        return 0;
    *value = (uint16_t)number;
    return digits;
}

bool ehlo_parse_enhanced(struct ehlo_slice text, struct ehlo_enhanced *code)
{
    struct ehlo_enhanced found = {0, 0, 0, 0};
    size_t at = 2;
    size_t digits;

    if (text.length < sizeof "2.0.0" - 1 || text.data[1] != '.')
        return false;
    if (text.data[0] != '2' && text.data[0] != '4' && text.data[0] != '5')
        return false;
    found.klass = (uint8_t)(text.data[0] - '0');
    digits = take_sub_code(text.data + at, text.length - at, &found.subject);
    at += digits;
    if (digits == 0 || at == text.length || text.data[at] != '.')
        return false;
    at++;
    digits = take_sub_code(text.data + at, text.length - at, &found.detail);
    if (digits == 0 || at + digits != text.length)
        return false;
    *code = found;
    return true;
}

struct ehlo_reply ehlo_reply(unsigned id)
{
    struct ehlo_reply reply = {0};
    struct ehlo_reply_row row;

    if (!ehlo_reply_row(id, &row))
        return reply;
    reply.id = row.id;
    reply.code = row.code[EHLO_CODES_TABLE];
    reply.enhanced = row.enhanced[EHLO_CODES_TABLE];
    reply.phrase = ehlo_text(row.phrase);
    return reply;
}

struct ehlo_reply ehlo_reply_about(unsigned id, struct ehlo_slice subject)
{
    struct ehlo_reply reply = ehlo_reply(id);

    if (reply.id != 0)
        reply.subject = subject;
    return reply;
}

/* The class follows the basic code (RFC 2034 4); a 3yz has none. */
static void correct_class(struct ehlo_reply *reply)
{
    struct ehlo_enhanced none = {0, 0, 0, 0};

    if (reply->code / 100 == 3 || reply->enhanced.klass == 0)
        reply->enhanced = none;
    else
        reply->enhanced.klass = (uint8_t)(reply->code / 100);
}

struct ehlo_reply ehlo_reply_custom(unsigned code, const char *enhanced, const char *phrase)
{
    struct ehlo_reply refused = {0};
    struct ehlo_reply reply = {0};
    struct ehlo_slice text = ehlo_text(enhanced);

    if (!is_basic_code(code))
        return refused;
    if (text.length > 0 && !ehlo_parse_enhanced(text, &reply.enhanced))
        return refused;
    reply.id = EHLO_REPLY_CUSTOM;
    reply.code = (uint16_t)code;
    reply.phrase = ehlo_text(phrase);
    correct_class(&reply);
    return reply;
}

struct ehlo_reply ehlo_accept(void)
{
    struct ehlo_reply reply = {.id = EHLO_REPLY_ACCEPT};

    return reply;
}

struct ehlo_reply ehlo_pending(void)
{
    struct ehlo_reply reply = {.id = EHLO_REPLY_PENDING};

    return reply;
}

struct ehlo_reply ehlo_challenge(const void *octets, size_t length)
{
    struct ehlo_reply reply = {.id = EHLO_REPLY_CHALLENGE, .phrase = {octets, length}};

    return reply;
}

struct ehlo_reply ehlo_reply_closing(struct ehlo_reply reply)
{
    reply.flags |= EHLO_REPLY_FLAG_CLOSE;
    return reply;
}

bool ehlo_reply_is_positive(const struct ehlo_reply *reply)
{
    return reply->code / 100 == 2;
}

bool ehlo_reply_is_valid(const struct ehlo_reply *reply)
{
    const struct ehlo_enhanced *enhanced = &reply->enhanced;

    if (!is_basic_code(reply->code) || reply->id >= EHLO_REPLY_ACCEPT)
        return false;
    if (enhanced->klass == 0)
        return true;
    return enhanced->klass == reply->code / 100 && enhanced->klass != 3 &&
           enhanced->subject <= 999 && enhanced->detail <= 999;
}

static bool same_pair(const struct ehlo_reply *reply, const struct ehlo_reply_row *row, size_t set)
{
    return reply->code == row->code[set] && reply->enhanced.klass == row->enhanced[set].klass &&
           reply->enhanced.subject == row->enhanced[set].subject &&
           reply->enhanced.detail == row->enhanced[set].detail;
}

/* Words for a reply that came without any. An X.0.0 tells no more than its class. */
static struct ehlo_slice default_words(const struct ehlo_reply *reply)
{
    static const uint16_t words_of_class[] = {0,
                                              0,
                                              EHLO_REPLY_COMMAND_OK,
                                              EHLO_REPLY_DATA_GO,
                                              EHLO_REPLY_LOCAL_ERROR,
                                              EHLO_REPLY_TRANSACTION_FAILED};
    const struct ehlo_enhanced *enhanced = &reply->enhanced;
    struct ehlo_slice any = {NULL, 0};
    struct ehlo_slice words = any;

    if (enhanced->subject != 0 || enhanced->detail != 0)
        words = ehlo_reply(ehlo_reply_find(reply->code, enhanced, any)).phrase;
    if (words.length == 0 || memchr(words.data, '%', words.length) != NULL)
        words = ehlo_reply(words_of_class[reply->code / 100]).phrase;
    return words;
}

static bool is_line_end(char octet)
{
    return octet == '\n' || octet == '\r';
}

bool ehlo_reply_resolve(struct ehlo_reply *reply, unsigned codes)
{
    struct ehlo_reply resolved = *reply;
    struct ehlo_reply_row row = {0};
    bool known = false;

    if (codes > EHLO_CODES_REGISTRY)
        return false;
    if (codes != EHLO_CODES_TABLE || reply->phrase.length == 0)
        known = ehlo_reply_row(reply->id, &row); /* else there is nothing to take from it */
    if (known && same_pair(reply, &row, EHLO_CODES_TABLE)) {
        resolved.code = row.code[codes];
        resolved.enhanced = row.enhanced[codes];
    }
    correct_class(&resolved);
    if (!ehlo_reply_is_valid(&resolved))
        return false;
    while (resolved.phrase.length > 0 &&
           is_line_end(resolved.phrase.data[resolved.phrase.length - 1]))
        resolved.phrase.length--; /* would become an empty line */
    if (resolved.phrase.length == 0)
        resolved.phrase = known ? ehlo_text(row.phrase) : default_words(&resolved);
    *reply = resolved;
    return true;
}
