/*
 * Command lines out of octets cut anywhere (RFC 5321 2.3.8, 4.5.3.1.4). Each octet is looked at
 * once, by memchr: for its LF, then up to there for CR and NUL.
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/lines.h"

#include <string.h>

/* Notes what is wrong with octets of a line, no LF among them. Whether a CR at their end is bare
 * only the octet behind it can tell. */
static void note_faults(struct ehlo__lines *lines, const char *at, const char *stop)
{
    size_t length = (size_t)(stop - at);
    const char *cr;

    if (length == 0)
        return;
    cr = memchr(at, '\r', length);
    if (lines->after_cr || (cr != NULL && cr != stop - 1))
        lines->faults |= EHLO__LINE_BARE_CR;
    if (memchr(at, '\0', length) != NULL)
        lines->faults |= EHLO__LINE_NUL;
    lines->after_cr = stop[-1] == '\r';
}

/* Finds the octet behind the end of the line, or NULL. Sets *ending to the length of the end. */
static const char *find_end(struct ehlo__lines *lines, const char *at, const char *end,
                            size_t *ending)
{
    const char *lf;

    for (; at < end; at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        note_faults(lines, at, lf == NULL ? end : lf);
        if (lf == NULL)
            return NULL;
        *ending = lines->after_cr ? 2 : 1;
        lines->after_cr = false;
        if (*ending == 1)
            lines->faults |= lines->lf_ends ? EHLO__LINE_LF_ENDED : EHLO__LINE_BARE_LF;
        if (*ending == 2 || lines->lf_ends)
            return lf + 1;
    }
    return NULL;
}

/* Keeps a part of a line; of one that is too long only the head. */
static void keep_part(struct ehlo__lines *lines, const char *data, size_t length)
{
    size_t most = lines->size;

    if (length > lines->size - lines->length)
        lines->faults |= EHLO__LINE_TOO_LONG;
    if ((lines->faults & EHLO__LINE_TOO_LONG) && most > EHLO__LINE_HEAD)
        most = EHLO__LINE_HEAD;
    if (lines->length > most)
        lines->length = (uint32_t)most;
    if (length > most - lines->length)
        length = most - lines->length;
    memcpy(lines->buffer + lines->length, data, length);
    lines->length += (uint32_t)length;
}

size_t ehlo__lines_take(struct ehlo__lines *lines, const char *data, size_t length,
                        struct ehlo__line *line, bool *whole)
{
    size_t ending = 0;
    const char *stop;

    *whole = false;
    if (length == 0)
        return 0;
    stop = find_end(lines, data, data + length, &ending);
    if (stop != NULL)
        length = (size_t)(stop - data);
    if (stop == NULL || lines->length > 0 || length > lines->size)
        keep_part(lines, data, length);
    if (stop == NULL)
        return length;
    line->text = (struct ehlo_slice){data, length};
    if (lines->length > 0)
        line->text = (struct ehlo_slice){lines->buffer, lines->length};
    if ((lines->faults & EHLO__LINE_TOO_LONG) == 0)
        line->text.length -= ending;
    line->faults = lines->faults;
    *whole = true;
    lines->length = 0;
    lines->faults = 0;
    return length;
}

struct ehlo_slice ehlo__lines_keep(struct ehlo__lines *lines, struct ehlo_slice text)
{
    if (text.length > 0)
        memmove(lines->buffer, text.data, text.length);
    text.data = lines->buffer;
    return text;
}
