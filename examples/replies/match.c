/*
 * Finds the rows of the catalogue that fit a reply, and tells how sure that is. The order is: codes
 * and phrase, both codes, the enhanced code, the basic code; then how much the words have in
 * common.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <stdlib.h>
#include <string.h>

/* ---- codes and phrase ---- */

/* Whether the row's phrase is the whole text, but for a subject, which has no blanks. */
static bool is_whole(unsigned id, struct ehlo_slice text)
{
    struct ehlo_reply_row row;
    size_t length;

    if (!ehlo_reply_row(id, &row) || strcmp(row.phrase, "%s") == 0)
        return false;
    length = strlen(row.phrase);
    return strchr(row.phrase, '%') != NULL || text.length <= length + 1 ||
           memchr(text.data, ' ', text.length - length - 1) == NULL;
}

/* Whether a quoted reply may end here, with what stands behind it. */
static bool is_end(char c)
{
    return strchr("'\")}/", c) != NULL; /* also at the NUL */
}

/* The lowest id whose codes and phrase stand in the line; 0: none. */
static unsigned find_exact(const struct found *found)
{
    struct ehlo_slice text = found->text;

    for (; found->code != 0 && text.length > 0; text.length--) {
        unsigned id;

        if (text.length < found->text.length && !is_end(text.data[text.length]))
            continue;
        id = ehlo_reply_find(found->code, &found->enhanced, text);
        if (is_whole(id, text))
            return id;
    }
    return 0;
}

/* ---- codes ---- */

/* How well the codes of the line and those of one set agree. */
static enum match_kind compare_codes(const struct found *found, unsigned code,
                                     const struct ehlo_enhanced *enhanced)
{
    /* A refusal without an enhanced code is sent with X.0.0 where one must be (RFC 2034 4). */
    const struct ehlo_enhanced general = {(uint8_t)(code / 100), 0, 0, 0};
    const struct ehlo_enhanced *own = enhanced->klass == 0 && code >= 400 ? &general : enhanced;
    bool same = found->enhanced.klass != 0 && same_enhanced(&found->enhanced, own);

    if (found->code == code && same)
        return MATCH_PAIR;
    if (same)
        return MATCH_ENHANCED;
    /* Another subject: the row is about something else. */
    if (found->code != code || (found->enhanced.klass != 0 && found->enhanced.subject != 0 &&
                                found->enhanced.subject != enhanced->subject))
        return MATCH_NONE;
    return MATCH_CODE;
}

/* How the row fits; `exact` is a phrase that the line has to the letter, or NULL. */
static enum match_kind match_row(const struct ehlo_reply_row *row, const struct found *found,
                                 const char *exact)
{
    enum match_kind table = compare_codes(found, row->code[0], &row->enhanced[0]);
    enum match_kind registry = compare_codes(found, row->code[1], &row->enhanced[1]);
    enum match_kind kind = table > registry ? table : registry;
    bool complete = kind == MATCH_PAIR || (kind == MATCH_CODE && found->enhanced.klass == 0);

    return exact != NULL && complete && strcmp(row->phrase, exact) == 0 ? MATCH_EXACT : kind;
}

/* ---- all rows ---- */

/* The surer first, then the more alike, then the lower id. */
static int compare(const void *first, const void *second)
{
    const struct match *a = first, *b = second;

    if (a->kind != b->kind)
        return a->kind > b->kind ? -1 : 1;
    if (a->likeness != b->likeness)
        return a->likeness > b->likeness ? -1 : 1;
    return a->id < b->id ? -1 : 1;
}

static void sort(struct matches *matches)
{
    qsort(matches->list, matches->count, sizeof *matches->list, compare);
    while (matches->best < matches->count &&
           matches->list[matches->best].kind == matches->list[0].kind)
        matches->best++;
}

/*
 * Codes that many rows have, such as 554 5.7.1, tell little. Then the row whose words are most like
 * the line's comes first, though only one of its codes is that of the line.
 */
static void promote(struct matches *matches)
{
    struct match *list = matches->list, promoted;
    bool paired = matches->count > 0 && list[0].kind == MATCH_PAIR;
    unsigned alike = 0;

    if (matches->count == 0 || list[0].kind == MATCH_EXACT ||
        (paired && matches->best <= MATCHES_SHOWN))
        return;
    for (unsigned i = 1; i < matches->count; i++) {
        /* A row with another enhanced code is about something else. */
        if (list[i].likeness > list[alike].likeness && !(paired && list[i].kind == MATCH_CODE))
            alike = i;
    }
    if (alike < matches->best)
        return;
    promoted = list[alike];
    memmove(list + 1, list, alike * sizeof *list);
    list[0] = promoted;
    matches->promoted = 1;
}

void match_codes(const struct found *found, struct matches *matches)
{
    struct found usable = *found;
    struct ehlo_reply_row row, exact = {0};
    unsigned likeness[IDS];

    /* Where the class contradicts the basic code, the latter counts (RFC 2034 4). */
    if (usable.code != 0 && usable.enhanced.klass != usable.code / 100)
        usable.enhanced.klass = 0;
    ehlo_reply_row(find_exact(found), &exact);
    compare_words(found->text, likeness);
    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        enum match_kind kind = match_row(&row, &usable, exact.phrase);

        if (kind != MATCH_NONE)
            matches->list[matches->count++] = (struct match){kind, likeness[id], id};
    }
    sort(matches);
    promote(matches);
}

void match_words(const char *line, struct matches *matches)
{
    struct ehlo_reply_row row;

    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        unsigned length = phrase_in_line(&row, line);

        if (length > 0)
            matches->list[matches->count++] = (struct match){MATCH_WORDS, length, id};
    }
    sort(matches);
}
