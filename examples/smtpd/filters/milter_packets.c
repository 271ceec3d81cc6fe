/*
 * The packets of the milter protocol, made and taken apart.
 *
 * SPDX-License-Identifier: MIT
 */
#include "milter_packets.h"

#include <string.h>

#define VERSION        6u
#define OLDEST_VERSION 2u

/* Older filters do not know unknown commands. */
#define UNKNOWN_VERSION 3u

/* All that a filter may choose. Not offered: hearing of refused recipients, larger packets. */
#define CHOICES 0x1ff7ffu

void milter_append(struct text *text, const char *data, size_t length)
{
    size_t at = text->length;

    text_add(text, "%*s", (int)length, ""); /* makes the room */
    if (!text->lost && length > 0)
        memcpy(text->data + at, data, length);
}

static void write_number(char octets[4], uint32_t number)
{
    for (int i = 0; i < 4; i++)
        octets[i] = (char)(number >> (24 - 8 * i));
}

static void append_number(struct text *text, uint32_t number)
{
    char octets[4];

    write_number(octets, number);
    milter_append(text, octets, sizeof octets);
}

static uint32_t read_number(const char *data)
{
    const unsigned char *octets = (const unsigned char *)data;

    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           (uint32_t)octets[3];
}

/* With a NUL at its end only. */
static void append_string(struct text *text, struct ehlo_slice string)
{
    size_t at = text->length;

    milter_append(text, string.data, string.length);
    milter_append(text, "", 1);
    for (; !text->lost && at + 1 < text->length; at++)
        if (text->data[at] == '\0')
            text->data[at] = ' ';
}

/* A packet's length is known when it is complete. */
static size_t begin(struct text *text, char command)
{
    size_t at = text->length;

    append_number(text, 0);
    milter_append(text, &command, 1);
    return at;
}

static void complete(struct text *text, size_t at)
{
    if (!text->lost)
        write_number(text->data + at, (uint32_t)(text->length - at - 4));
}

/* ---- to the filter ---- */

void milter_put(struct text *text, char command, struct ehlo_slice data)
{
    size_t at = begin(text, command);

    milter_append(text, data.data, data.length);
    complete(text, at);
}

void milter_put_offer(struct text *text)
{
    size_t at = begin(text, 'O');

    append_number(text, VERSION);
    append_number(text, MILTER_ADDS_FIELDS);
    append_number(text, CHOICES);
    complete(text, at);
}

void milter_put_macros(struct text *text, char command, const struct milter_macro *macros,
                       size_t count)
{
    size_t at = begin(text, 'D');

    milter_append(text, &command, 1);
    for (size_t i = 0; i < count; i++) {
        if (macros[i].value.length == 0)
            continue;
        append_string(text, ehlo_text(macros[i].name));
        append_string(text, macros[i].value);
    }
    complete(text, at);
}

void milter_put_peer(struct text *text, const struct milter_peer *peer)
{
    struct ehlo_slice address = ehlo_text(peer->address);
    size_t at = begin(text, 'C');
    char family = 'U';

    if (address.length > 0)
        family = *address.data == '/' ? 'L' : memchr(address.data, ':', address.length) ? '6' : '4';
    append_string(text, ehlo_text(peer->name));
    milter_append(text, &family, 1);
    if (family != 'U') {
        milter_append(text, (const char[2]){(char)(peer->port >> 8), (char)peer->port}, 2);
        append_string(text, address);
    }
    complete(text, at);
}

void milter_put_string(struct text *text, char command, struct ehlo_slice string)
{
    size_t at = begin(text, command);

    append_string(text, string);
    complete(text, at);
}

void milter_put_path(struct text *text, char command, struct ehlo_slice path,
                     struct ehlo_slice parameters)
{
    size_t at = begin(text, command);
    size_t from = 0;

    append_string(text, path);
    for (size_t i = 0; i <= parameters.length; i++) {
        if (i < parameters.length && parameters.data[i] != ' ')
            continue;
        if (i > from)
            append_string(text, (struct ehlo_slice){parameters.data + from, i - from});
        from = i + 1;
    }
    complete(text, at);
}

static struct ehlo_slice cut(struct ehlo_slice slice, size_t length)
{
    return (struct ehlo_slice){slice.data, slice.length < length ? slice.length : length};
}

/* Filters see the lines of a folded value with LF between them. The NUL at its end is there. */
static void drop_returns(struct text *text, size_t from)
{
    size_t to = from;

    for (size_t i = from; i < text->length; i++)
        if (text->data[i] != '\r' || text->data[i + 1] != '\n')
            text->data[to++] = text->data[i];
    text->length = to;
}

void milter_put_field(struct text *text, struct ehlo_slice name, struct ehlo_slice value,
                      bool blanks)
{
    size_t at = begin(text, 'L');
    size_t value_at;

    name = cut(name, MILTER_DATA_MAX / 2);
    append_string(text, name);
    while (!blanks && value.length > 0 && (*value.data == ' ' || *value.data == '\t'))
        value = (struct ehlo_slice){value.data + 1, value.length - 1};
    value_at = text->length;
    append_string(text, cut(value, MILTER_DATA_MAX - name.length - 2));
    if (!text->lost)
        drop_returns(text, value_at);
    complete(text, at);
}

/* ---- from the filter ---- */

enum milter_taken milter_take(struct ehlo_slice *input, struct milter_packet *packet)
{
    uint32_t length;

    if (input->length < 4)
        return MILTER_PART;
    length = read_number(input->data);
    if (length == 0 || length > MILTER_DATA_MAX + 1)
        return MILTER_NONSENSE;
    if (input->length - 4 < length)
        return MILTER_PART;
    packet->command = input->data[4];
    packet->data = (struct ehlo_slice){input->data + 5, length - 1};
    *input = (struct ehlo_slice){input->data + 4 + length, input->length - 4 - length};
    return MILTER_WHOLE;
}

bool milter_read_terms(const struct milter_packet *packet, struct milter_terms *terms)
{
    if (packet->command != 'O' || packet->data.length != 12)
        return false;
    terms->version = read_number(packet->data.data);
    terms->actions = read_number(packet->data.data + 4);
    terms->choices = read_number(packet->data.data + 8);
    if (terms->version < OLDEST_VERSION || terms->version > VERSION ||
        (terms->actions & ~MILTER_ADDS_FIELDS) != 0 || (terms->choices & ~CHOICES) != 0)
        return false;
    if (terms->version < UNKNOWN_VERSION)
        terms->choices |= MILTER_NO_UNKNOWN;
    if (terms->version < MILTER_DATA_VERSION)
        terms->choices |= MILTER_NO_DATA;
    return true;
}
