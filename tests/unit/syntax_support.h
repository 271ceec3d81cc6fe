/*
 * What the tests of lib/syntax share: texts on exact-size heap copies, checks that name their row,
 * and damaged copies of good texts.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_SYNTAX_SUPPORT_H
#define EHLO_TESTS_SYNTAX_SUPPORT_H

#include "ehlo/syntax.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

/* A literal with its true length, so that it may hold NUL: in tables, and in expressions. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#define SLICE(literal) ((struct ehlo_slice)TEXT(literal))

static inline struct ehlo_slice exact(struct ehlo_slice text)
{
    return (struct ehlo_slice){dup_exact(text.data, text.length), text.length};
}

/* A text of `count` times the same octet, on the heap. */
static inline struct ehlo_slice repeated(char octet, size_t count)
{
    char *text = malloc(count);

    assert_non_null(text);
    memset(text, octet, count);
    return (struct ehlo_slice){text, count};
}

/* Texts joined, on the heap; `count` of them follow as struct ehlo_slice. */
static inline struct ehlo_slice joined(size_t count, ...)
{
    char text[4096];
    size_t length = 0;
    va_list parts;

    va_start(parts, count);
    while (count-- > 0) {
        struct ehlo_slice part = va_arg(parts, struct ehlo_slice);

        assert_true(part.length <= sizeof text - length);
        if (part.length > 0)
            memcpy(text + length, part.data, part.length);
        length += part.length;
    }
    va_end(parts);
    return exact((struct ehlo_slice){text, length});
}

static inline void check_number(const char *row, const char *what, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("%s: %s is %llu, not %llu", row, what, (unsigned long long)got,
                 (unsigned long long)want);
}

/* Runs a writer with each size up to one more than it needs; nothing may be written before. */
static inline void check_writer(const char *name,
                                size_t (*write)(struct ehlo_slice, char *, size_t),
                                struct ehlo_slice text, const char *want)
{
    size_t length = strlen(want);

    check_number(name, "length asked for", write(text, NULL, 0), length);
    for (size_t size = 1; size <= length + 1; size++) {
        char *buffer = malloc(size);

        assert_non_null(buffer);
        memset(buffer, 0x55, size);
        check_number(name, "length", write(text, buffer, size), length);
        if (size >= length)
            assert_octets_of(name, buffer, length, want, length);
        else
            check_number(name, "untouched octet", (unsigned char)buffer[0], 0x55);
        if (size > length)
            check_number(name, "octet behind", (unsigned char)buffer[length], 0x55);
        free(buffer);
    }
}

/* Tells whether a slice lies in a text, or is empty. */
static inline bool lies_in(struct ehlo_slice slice, struct ehlo_slice text)
{
    return slice.length == 0 || (slice.data >= text.data && slice.length <= text.length &&
                                 slice.data + slice.length <= text.data + text.length);
}

/* Numbers that are the same in each run (Knuth's MMIX generator). */
static inline unsigned next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33);
}

/* Hands out every truncation of a text, then copies with one to three octets changed: to any octet,
 * or to one that means something. */
static inline void for_each_damage(struct ehlo_slice text, void (*read)(struct ehlo_slice))
{
    static const char telling[] = "<>\"\\@:.,[]= \t\r\n+-_\xc3\xa9";
    uint64_t state = 1;

    for (size_t length = 0; length <= text.length; length++) {
        struct ehlo_slice copy = exact((struct ehlo_slice){text.data, length});

        read(copy);
        free_slice(copy);
    }
    for (int round = 0; round < 2000 && text.length > 0; round++) {
        char *changed = dup_exact(text.data, text.length);

        for (unsigned left = next_random(&state) % 3 + 1; left > 0; left--)
            changed[next_random(&state) % text.length] =
                round % 2 == 0 ? (char)(next_random(&state) & 0xff)
                               : telling[next_random(&state) % sizeof telling];
        read((struct ehlo_slice){changed, text.length});
        free(changed);
    }
}

#endif
