/*
 * From words to rows: which phrase of the catalogue stands in a line, and which rows have to do
 * with what it says.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <ctype.h>
#include <string.h>

/* Shorter parts of a phrase stand in too many lines. */
#define PHRASE_MIN 10

/* Shorter words say too little, and what comes behind so many words, too. */
#define WORD_MIN  4
#define WORDS_MAX 32

/* What a word weighs that only one row has, as all of its phrase. */
#define WEIGHT 1000

/* A description counts as a phrase of so many words. */
#define DESCRIPTION_WORDS 16

/* What each octet weighs of a phrase that stands in the text as a whole. */
#define PHRASE_WEIGHT 50

static bool same_letters(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
            return false;
    }
    return true;
}

const char *find_word(const char *text, const char *word)
{
    size_t length = strlen(word), room = strlen(text);

    for (; room >= length && *text != '\0'; text++, room--) {
        if (same_letters(text, word, length))
            return text;
    }
    return NULL;
}

/* ---- phrases ---- */

static bool stands_alone(const char *line, const char *part)
{
    const char *place = find_word(line, part);

    return place != NULL && (place == line || !isalnum((unsigned char)place[-1])) &&
           !isalnum((unsigned char)place[strlen(part)]);
}

unsigned phrase_in_line(const struct ehlo_reply_row *row, const char *line)
{
    const char *phrase = row->phrase;
    char clause[EHLO_REPLY_LINE_MAX];
    size_t length;

    if (strlen(phrase) >= PHRASE_MIN && stands_alone(line, phrase))
        return (unsigned)strlen(phrase);
    if (strncmp(phrase, "%s ", 3) == 0)
        phrase += 3;
    length = strcspn(phrase, "%;,.");
    while (length > 0 && phrase[length - 1] == ' ')
        length--;
    if (length < PHRASE_MIN || length >= sizeof clause)
        return 0;
    memcpy(clause, phrase, length);
    clause[length] = '\0';
    return stands_alone(line, clause) ? (unsigned)length : 0;
}

/* ---- words that two texts share ---- */

/* The length of a word without the ending that it may have elsewhere: rejected, rejecting. */
static size_t stem(struct ehlo_slice word)
{
    static const char *const endings[] = {"ing", "ed", "es", "s"};

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);

        if (word.length >= ending + WORD_MIN &&
            same_letters(word.data + word.length - ending, endings[i], ending))
            return word.length - ending;
    }
    return word.length;
}

static bool same_word(struct ehlo_slice a, struct ehlo_slice b)
{
    return stem(a) == stem(b) && same_letters(a.data, b.data, stem(a));
}

/* Words that stand anywhere. */
static bool is_filler(struct ehlo_slice word)
{
    static const char *const fillers[] = {"please", "cannot", "this", "that", "your", "with",
                                          "from",   "have",   "been", "does", "will", "their"};

    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        if (strlen(fillers[i]) == word.length && same_letters(fillers[i], word.data, word.length))
            return true;
    }
    return false;
}

/* Host names and addresses tell nothing. */
static bool is_name(const char *token, size_t length)
{
    if (memchr(token, '@', length) != NULL)
        return true;
    for (size_t i = 1; i + 1 < length; i++) {
        if (token[i] == '.' && isalnum((unsigned char)token[i + 1]))
            return true;
    }
    return false;
}

/* The first word behind `at` that counts; empty: there is none. */
static struct ehlo_slice next_word(const char *at, const char *end)
{
    while (at < end) {
        size_t room = (size_t)(end - at), length = 0;
        const char *blank = memchr(at, ' ', room);
        size_t token = blank != NULL ? (size_t)(blank - at) : room;

        while (length < token && isalpha((unsigned char)at[length]))
            length++;
        if (is_name(at, token))
            length = token;
        else if (length >= WORD_MIN && at[length] != '=' && /* no "status=" */
                 !is_filler((struct ehlo_slice){at, length}))
            return (struct ehlo_slice){at, length};
        at += length > 0 ? length : 1;
    }
    return (struct ehlo_slice){end, 0};
}

static bool has_word(const char *text, struct ehlo_slice wanted)
{
    const char *end = text + strlen(text);
    struct ehlo_slice word = next_word(text, end);

    while (word.length > 0 && !same_word(word, wanted))
        word = next_word(word.data + word.length, end);
    return word.length > 0;
}

static unsigned count_words(const char *text)
{
    const char *end = text + strlen(text);
    struct ehlo_slice word = next_word(text, end);
    unsigned count = 0;

    for (; word.length > 0; word = next_word(word.data + word.length, end))
        count++;
    return count;
}

/* What a word weighs in a row: in a phrase more than in a description, in a short one most. */
static unsigned weigh(const struct ehlo_reply_row *row, struct ehlo_slice word)
{
    if (has_word(row->phrase, word))
        return WEIGHT / count_words(row->phrase);
    return has_word(ehlo_reply_description(row->id), word) ? WEIGHT / DESCRIPTION_WORDS : 0;
}

/* Adds a word's weight to the rows that have it: the fewer they are, the more it tells. */
static void add_word(struct ehlo_slice word, unsigned likeness[IDS])
{
    unsigned weights[IDS] = {0}, rows = 0;
    struct ehlo_reply_row row;

    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        weights[id] = weigh(&row, word);
        rows += weights[id] > 0;
    }
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id))
        likeness[id] += weights[id] > 0 ? weights[id] / rows : 0;
}

void compare_words(struct ehlo_slice text, unsigned likeness[IDS])
{
    const char *end = text.data + text.length;
    struct ehlo_slice word = next_word(text.data, end);

    struct ehlo_reply_row row;

    memset(likeness, 0, IDS * sizeof *likeness);
    for (int count = 0; word.length > 0 && count < WORDS_MAX; count++) {
        add_word(word, likeness);
        word = next_word(word.data + word.length, end);
    }
    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id))
        likeness[id] += phrase_in_line(&row, text.data) * PHRASE_WEIGHT;
}
