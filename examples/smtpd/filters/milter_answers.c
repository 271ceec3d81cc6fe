/*
 * A filter's verdicts, replies and header fields, none of which is trusted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "milter_answers.h"

#include <string.h>

/* The longest line of a header section without its end (RFC 5322 2.1.1). */
#define LINE_MAX_LENGTH 998

static bool is_control(char octet)
{
    return ((unsigned char)octet < ' ' && octet != '\t') || octet == 0x7f;
}

/* ---- replies ---- */

static bool is_code(const char *text)
{
    return (text[0] == '4' || text[0] == '5') && text[1] >= '0' && text[1] <= '5' &&
           text[2] >= '0' && text[2] <= '9';
}

/* A line of a reply without its code. The enhanced code goes away; a percent sign comes in pairs,
 * since sendmail takes the text for a format. */
static bool read_line(struct ehlo_slice line, struct text *words, struct ehlo_enhanced *enhanced)
{
    const char *blank = line.length > 0 ? memchr(line.data, ' ', line.length) : NULL;
    struct ehlo_slice word = {line.data, blank ? (size_t)(blank - line.data) : line.length};
    struct ehlo_enhanced found;
    size_t at = 0;

    if (ehlo_parse_enhanced(word, &found)) {
        at = word.length + (blank != NULL);
        *enhanced = found;
    }
    for (; at < line.length; at++) {
        if (is_control(line.data[at]))
            return false;
        text_add(words, "%c", line.data[at]);
        if (line.data[at] == '%' && at + 1 < line.length && line.data[at + 1] == '%')
            at++;
    }
    return true;
}

/* The line in front, without its end, which `text` then begins behind. */
static struct ehlo_slice take_line(struct ehlo_slice *text)
{
    const char *end = memchr(text->data, '\n', text->length);
    struct ehlo_slice line = {text->data, end ? (size_t)(end - text->data) : text->length};
    size_t taken = line.length + (end != NULL);

    *text = (struct ehlo_slice){text->data + taken, text->length - taken};
    if (end != NULL && line.length > 0 && line.data[line.length - 1] == '\r')
        line.length--;
    return line;
}

/* "550 5.7.1 words", or such lines with "550-" but for the last one. */
static bool read_reply(struct ehlo_slice text, struct text *words, struct milter_verdict *verdict)
{
    const char *code = text.data;
    unsigned lines = 0;

    if (text.length < 3 || !is_code(code))
        return false;
    while (text.length > 0) {
        struct ehlo_slice line = take_line(&text);

        if (line.length < 3 || memcmp(line.data, code, 3) != 0 ||
            (line.length > 3 && line.data[3] != (text.length > 0 ? '-' : ' ')))
            return false;
        if (lines++ > 0)
            text_add(words, "\n");
        line.data += line.length > 3 ? 4 : 3;
        line.length -= line.length > 3 ? 4 : 3;
        if (!read_line(line, words, &verdict->enhanced))
            return false;
    }
    verdict->code = (unsigned)(code[0] - '0') * 100 + (unsigned)(code[1] - '0') * 10 +
                    (unsigned)(code[2] - '0');
    return !words->lost && (verdict->enhanced.klass == 0 || verdict->enhanced.klass == *code - '0');
}

/* A NUL within is a control octet like others. */
static bool is_text(struct ehlo_slice data)
{
    return data.length > 0 && data.data[data.length - 1] == '\0';
}

static bool read_own_reply(struct ehlo_slice data, struct text *words,
                           struct milter_verdict *verdict)
{
    if (data.length == 0 || (*data.data != '4' && *data.data != '5'))
        return false;
    verdict->action = *data.data == '4' ? MILTER_TEMPORARY : MILTER_REJECT;
    if (is_text(data) &&
        read_reply((struct ehlo_slice){data.data, data.length - 1}, words, verdict)) {
        verdict->text = (struct ehlo_slice){words->data, words->length};
        return true;
    }
    *verdict = (struct milter_verdict){.action = verdict->action};
    return true;
}

bool milter_read_verdict(const struct milter_packet *packet, struct text *words,
                         struct milter_verdict *verdict)
{
    static const struct {
        char command;
        enum milter_action action;
        unsigned code;
    } rows[] = {
        {'c', MILTER_CONTINUE, 0},    {'a', MILTER_ACCEPT, 0},
        {'r', MILTER_REJECT, 0},      {'t', MILTER_TEMPORARY, 0},
        {'d', MILTER_DISCARD, 0},     {'4', MILTER_TEMPORARY, 421}, /* the session is to end */
        {'f', MILTER_TEMPORARY, 421},                               /* the connection is to fail */
    };

    text_free(words);
    *verdict = (struct milter_verdict){.action = MILTER_FAILED};
    if (packet->command == 'y')
        return read_own_reply(packet->data, words, verdict);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].command != packet->command)
            continue;
        verdict->action = rows[i].action;
        verdict->code = rows[i].code;
        return true;
    }
    return false;
}

/* ---- header fields ---- */

bool milter_is_field(const struct milter_packet *packet)
{
    return packet->command == 'h' || packet->command == 'i';
}

static bool is_field_name(struct ehlo_slice name)
{
    for (size_t i = 0; i < name.length; i++)
        if (name.data[i] <= ' ' || name.data[i] >= 0x7f || name.data[i] == ':')
            return false;
    return name.length > 0;
}

/* A line of a value. One behind the first begins with a blank and has something to say: a line of
 * blanks is taken for the end of the header by some. */
static bool is_value_line(struct ehlo_slice line, bool is_first)
{
    bool says = is_first;

    if (line.length > LINE_MAX_LENGTH)
        return false;
    if (!is_first && (line.length == 0 || (*line.data != ' ' && *line.data != '\t')))
        return false;
    for (size_t i = 0; i < line.length; i++) {
        if (is_control(line.data[i]))
            return false;
        says = says || (line.data[i] != ' ' && line.data[i] != '\t');
    }
    return says;
}

/* Line ends at the end of a value are none of it. */
static bool add_value(struct text *field, struct ehlo_slice value)
{
    bool is_first = true;

    while (value.length > 0 && strchr("\r\n", value.data[value.length - 1]) != NULL)
        value.length--;
    do {
        struct ehlo_slice line = take_line(&value);

        if (!is_value_line(line, is_first))
            return false;
        text_add(field, "%s%.*s", is_first ? "" : "\r\n", (int)line.length, line.data);
        is_first = false;
    } while (value.length > 0);
    text_add(field, "\r\n");
    return true;
}

/* Name and value, each with its NUL. */
static bool split(struct ehlo_slice data, struct ehlo_slice *name, struct ehlo_slice *value)
{
    const char *nul = data.length > 0 ? memchr(data.data, '\0', data.length) : NULL;

    if (nul == NULL)
        return false;
    *name = (struct ehlo_slice){data.data, (size_t)(nul - data.data)};
    *value = (struct ehlo_slice){nul + 1, data.length - name->length - 1};
    if (!is_text(*value))
        return false;
    value->length--;
    return true;
}

/* Puts a field above the others, or below them. */
static void put(struct text *fields, const struct text *field, bool is_above)
{
    size_t below = fields->length;

    milter_append(fields, field->data, field->length);
    if (!is_above || fields->lost)
        return;
    memmove(fields->data + field->length, fields->data, below);
    memcpy(fields->data, field->data, field->length);
}

bool milter_read_field(const struct milter_packet *packet, bool blanks, struct text *fields)
{
    size_t place = packet->command == 'i' ? 4 : 0; /* octets of it; here it is the top always */
    struct ehlo_slice data = packet->data, name, value;
    struct text field = {0};
    bool is_one;

    if (data.length < place)
        return false;
    data = (struct ehlo_slice){data.data + place, data.length - place};
    if (!split(data, &name, &value) || !is_field_name(name))
        return false;
    text_add(&field, "%.*s:%s", (int)name.length, name.data, blanks ? "" : " ");
    is_one = add_value(&field, value) && !field.lost &&
             fields->length + field.length <= MILTER_FIELDS_MAX;
    if (is_one)
        put(fields, &field, place > 0);
    text_free(&field);
    return is_one && !fields->lost;
}
