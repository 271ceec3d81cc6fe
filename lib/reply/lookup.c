/*
 * From the wire back to the catalogue: finds a row by its codes and its phrase, whoever sent them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"

#include <string.h>

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal_nocase(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (ascii_lower(a[i]) != ascii_lower(b[i]))
            return false;
    }
    return true;
}

/* A row without an enhanced code goes out with X.0.0 where one must be (RFC 2034 4). */
static bool same_enhanced(unsigned code, const struct ehlo_enhanced *row,
                          const struct ehlo_enhanced *wanted)
{
    if (wanted == NULL || wanted->klass == 0)
        return true;
    return wanted->klass == code / 100 && wanted->subject == row->subject &&
           wanted->detail == row->detail;
}

/* A phrase of the catalogue without a place for the subject: it may stand in front. */
static bool matches_plain(const char *phrase, size_t length, struct ehlo_slice text)
{
    const char *tail = text.data + (text.length - length);

    if (text.length > length && (text.length == length + 1 || tail[-1] != ' '))
        return false;
    return equal_nocase(tail, phrase, length);
}

/* A phrase with a place for the subject, which vanishes with the space before it. */
static bool matches_around(const char *phrase, const char *place, struct ehlo_slice text)
{
    size_t before = (size_t)(place - phrase);
    size_t after = strlen(place + 2);

    if (before > 0 && text.length == before - 1 + after)
        before--;
    else if (text.length <= before + after)
        return false;
    return equal_nocase(text.data, phrase, before) &&
           equal_nocase(text.data + (text.length - after), place + 2, after);
}

static bool matches_phrase(const char *phrase, struct ehlo_slice text, unsigned code)
{
    size_t length = strlen(phrase);
    const char *place = memchr(phrase, '%', length);

    if (text.length == 0)
        return true;
    if (place == NULL)
        return text.length >= length && matches_plain(phrase, length, text);
    if (length == 2) /* no words to tell it by: any text, but only behind its code */
        return code != 0;
    return matches_around(phrase, place, text);
}

unsigned ehlo_reply_find(unsigned code, const struct ehlo_enhanced *enhanced,
                         struct ehlo_slice phrase)
{
    struct ehlo_reply_row row;

    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        if (!matches_phrase(row.phrase, phrase, code))
            continue;
        for (size_t set = 0; set < 2; set++) {
            if ((code == 0 || code == row.code[set]) &&
                same_enhanced(row.code[set], &row.enhanced[set], enhanced))
                return id;
        }
    }
    return 0;
}
