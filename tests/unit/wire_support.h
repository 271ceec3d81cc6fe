/*
 * What the tests of lib/wire share: literals that may hold NUL, random numbers, and the ways to cut
 * an input into pieces that all must give the same (RENG-1).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_WIRE_SUPPORT_H
#define EHLO_TESTS_WIRE_SUPPORT_H

#include <stdlib.h>
#include <string.h>

#include "support.h"

#define ROWS(table) (sizeof(table) / sizeof *(table))

/* Initialises a struct ehlo_slice. */
#define OCTETS(literal)                                                                            \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

/* Numbers that are the same in each run (Knuth's MMIX generator). */
static inline unsigned next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33);
}

/* Pieces: one of `first` octets, then all of `rest` octets; 0: any number from 1 to `most`. */
struct cuts {
    size_t first, rest, most;
    uint64_t random;
};

/* Number 0 is octet by octet, 1 to length one cut behind that octet (so length is no cut at all),
 * the four behind it are random. */
#define CUTS_OF(length) ((length) + 5)

static inline struct cuts make_cuts(size_t number, size_t length)
{
    if (number == 0)
        return (struct cuts){1, 1, 0, 0};
    if (number <= length)
        return (struct cuts){number, length, 0, 0};
    return (struct cuts){0, 0, length < 7 ? 3 : length / 3, number};
}

static inline size_t next_piece(struct cuts *cuts, size_t left)
{
    size_t piece = cuts->first > 0 ? cuts->first : cuts->rest;

    cuts->first = 0;
    if (piece == 0)
        piece = 1 + next_random(&cuts->random) % cuts->most;
    return piece < left ? piece : left;
}

/* A random text; one octet of `every` comes from `odd`, the others are letters. */
static inline void fill_random(char *text, size_t length, struct ehlo_slice odd, unsigned every,
                               uint64_t *random)
{
    for (size_t i = 0; i < length; i++) {
        text[i] = (char)('a' + next_random(random) % 26);
        if (next_random(random) % every == 0)
            text[i] = odd.data[next_random(random) % odd.length];
    }
}

#endif
