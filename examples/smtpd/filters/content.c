/*
 * A message in a file: its header section and its fields (RFC 5322 2.2), and all of it.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 16384

/* Reads until the text's room is full or the message ends. False: errno tells. */
static bool fill(const struct content *content, struct text *text)
{
    while (text->length < text->room) {
        off_t at = content->begin + (off_t)text->length;
        size_t size = text->room - text->length;
        ssize_t length;

        if (content->end - at < (off_t)size)
            size = (size_t)(content->end - at);
        if (size == 0)
            return true;
        length = pread(content->fd, text->data + text->length, size, at);
        if (length == 0)
            errno = EIO; /* somebody cut the file */
        if (length <= 0)
            return false;
        text->length += (size_t)length;
    }
    return true;
}

/*
 * Looks for an empty line from the line at `line` on, which moves to it or to the last line. Its
 * length with its end; 0: there is none.
 */
static size_t find_empty_line(const struct text *text, size_t *line)
{
    const char *end;

    while (*line < text->length &&
           (end = memchr(text->data + *line, '\n', text->length - *line)) != NULL) {
        size_t length = (size_t)(end - text->data) + 1 - *line;

        if (length == 1 || (length == 2 && text->data[*line] == '\r'))
            return length;
        *line += length;
    }
    return 0;
}

/* Reads more and more, until the empty line is there or the message is. False: errno tells. */
static bool read_section(const struct content *content, struct text *header, off_t *body)
{
    size_t line = 0, empty = 0;

    do {
        size_t room = header->room == 0 ? PIECE : header->room * 2;
        char *data = realloc(header->data, room + 1);

        if (data == NULL)
            return false;
        header->data = data;
        header->room = room;
        if (!fill(content, header))
            return false;
        empty = find_empty_line(header, &line);
    } while (empty == 0 && header->length == header->room);
    *body = content->begin + (off_t)(empty > 0 ? line + empty : header->length);
    if (empty > 0)
        header->length = line;
    header->data[header->length] = '\0';
    return true;
}

bool content_header(const struct content *content, struct text *header, off_t *body)
{
    struct ehlo_slice name, value;
    size_t at = 0;

    *header = (struct text){0};
    if (!read_section(content, header, body)) {
        int error = errno;

        text_free(header);
        errno = error;
        return false;
    }
    if (header->length > 0 && !content_next_field(header, &at, &name, &value)) {
        text_free(header);
        *body = content->begin;
    }
    return true;
}

/* Octets of the line at the begin, with its end. */
static size_t line_length(const char *data, size_t length)
{
    const char *end = memchr(data, '\n', length);

    return end == NULL ? length : (size_t)(end - data) + 1;
}

/* Octets of a field's name; 0: this is none. Blanks may follow it (RFC 5322 4.5). */
static size_t name_length(const char *line, size_t length)
{
    size_t name = 0, colon;

    while (name < length && line[name] > ' ' && line[name] <= '~' && line[name] != ':')
        name++;
    for (colon = name; colon < length && (line[colon] == ' ' || line[colon] == '\t');)
        colon++;
    return colon < length && line[colon] == ':' ? name : 0;
}

bool content_next_field(const struct text *header, size_t *at, struct ehlo_slice *name,
                        struct ehlo_slice *value)
{
    size_t length = 0, first;
    const char *line;

    do {
        *at += length;
        if (*at >= header->length)
            return false;
        line = header->data + *at;
        length = line_length(line, header->length - *at);
        *name = (struct ehlo_slice){line, name_length(line, length)};
    } while (name->length == 0);
    *at += length;
    while (*at < header->length && (header->data[*at] == ' ' || header->data[*at] == '\t')) {
        first = line_length(header->data + *at, header->length - *at);
        *at += first;
        length += first;
    }
    first = (size_t)((const char *)memchr(line, ':', length) - line) + 1;
    if (length > first && line[length - 1] == '\n')
        length--;
    if (length > first && line[length - 1] == '\r')
        length--;
    *value = (struct ehlo_slice){line + first, length - first};
    return true;
}

bool content_send(struct content *content, int fd)
{
    char piece[PIECE];
    off_t left = content->end - content->begin;
    size_t size = left < PIECE ? (size_t)left : PIECE;
    ssize_t length = pread(content->fd, piece, size, content->begin), sent;

    if (length == 0)
        errno = EIO; /* somebody cut the file */
    if (length <= 0)
        return false;
    sent = write(fd, piece, (size_t)length);
    if (sent < 0)
        return false;
    content->begin += sent;
    return true;
}
