/*
 * Members of the configuration that point to something: texts, and lists of rows. What they point
 * to is written once and stays, since a session may use it longer than a later `! config` line.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

/* Each row begins with the pointer to its name and ends with octets that are 0. */
struct pointer {
    const char *name;
    size_t offset;                  /* of the member */
    size_t row_size;                /* 0: a text */
    size_t second;                  /* offset of the flags or of the argument in a row */
    const struct ehlo__word *flags; /* NULL: an argument */
};

#define TEXT(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct ehlo_server_config, member), 0, 0, NULL                           \
    }
#define ROWS(member, row, second, words)                                                           \
    {                                                                                              \
#member, offsetof(struct ehlo_server_config, member), sizeof(struct row),                  \
            offsetof(struct row, second), words                                                    \
    }

static const struct pointer pointers[] = {
    TEXT(hostname),
    TEXT(max_hold_until),
    TEXT(priority_profile),
    ROWS(mechanisms, ehlo_mechanism, flags, ehlo__mechanism_words),
    ROWS(keywords, ehlo_keyword, argument, NULL),
    ROWS(parameters, ehlo_parameter_row, flags, ehlo__parameter_words),
    ROWS(verbs, ehlo_verb, flags, ehlo__verb_words),
};

static const char settings_name[] = "the texts and rows of the configuration";

/* A C string; NULL: its escapes are bad, or it does not fit. */
static const char *keep_setting(struct ehlo__play *play, struct ehlo_slice text)
{
    struct ehlo_slice kept;

    return ehlo__keep_text(play, &play->settings, settings_name, text, &kept) ? kept.data : NULL;
}

/* Room for rows, zeroed; NULL: there is none. */
static char *take_rows(struct ehlo__play *play, size_t size)
{
    struct ehlo__tape *tape = &play->settings;
    const size_t alignment = _Alignof(struct ehlo_mechanism);
    const size_t start = (tape->end + alignment - 1) / alignment * alignment;

    if (start > tape->size || size > tape->size - start) {
        ehlo__no_space(play, settings_name);
        return NULL;
    }
    tape->end = start + size;
    return memset(tape->data + start, 0, size);
}

/* FLAG[:FLAG]... */
static bool read_flags(const struct pointer *pointer, struct ehlo_slice text, char *row)
{
    uint32_t flags = 0;
    uint64_t flag;

    while (text.data != NULL) {
        if (!ehlo__word_number(pointer->flags, ehlo__cut_at(&text, ':'), &flag))
            return false;
        flags |= (uint32_t)flag;
    }
    memcpy(row + pointer->second, &flags, sizeof flags);
    return true;
}

/* NAME[:FLAG]..., or NAME[=ARGUMENT] */
static bool read_named_row(struct ehlo__play *play, const struct pointer *pointer,
                           struct ehlo_slice word, char *row)
{
    const char *name = keep_setting(play, ehlo__cut_at(&word, pointer->flags != NULL ? ':' : '='));
    const char *argument;

    if (name == NULL)
        return false;
    memcpy(row, &name, sizeof name);
    if (pointer->flags != NULL)
        return read_flags(pointer, word, row);
    if (word.data == NULL)
        return true;
    argument = keep_setting(play, word);
    memcpy(row + pointer->second, &argument, sizeof argument);
    return argument != NULL;
}

static char *read_rows(struct ehlo__play *play, const struct pointer *pointer,
                       struct ehlo_slice text)
{
    struct ehlo_slice rest = text;
    size_t count = 0;
    char *rows, *row;

    while (rest.length > 0) {
        ehlo__next_word(&rest);
        count++;
    }
    rows = row = take_rows(play, (count + 1) * pointer->row_size);
    while (row != NULL && text.length > 0) {
        if (!read_named_row(play, pointer, ehlo__next_word(&text), row))
            return NULL;
        row += pointer->row_size;
    }
    return rows;
}

bool ehlo__configure_pointer(struct ehlo__play *play, struct ehlo_server_config *config,
                             struct ehlo_slice line)
{
    struct ehlo_slice text = line;
    const struct ehlo_slice name = ehlo__next_word(&text);
    const struct pointer *pointer = pointers;
    const char *value;

    while (pointer < pointers + sizeof pointers / sizeof *pointers &&
           !ehlo__is_word(name, pointer->name))
        pointer++;
    if (pointer == pointers + sizeof pointers / sizeof *pointers)
        return false;
    value = pointer->row_size == 0 ? keep_setting(play, text) : read_rows(play, pointer, text);
    if (value == NULL)
        ehlo__bad(play, "a value of this member", line);
    memcpy((char *)config + pointer->offset, &value, sizeof value);
    return true;
}
