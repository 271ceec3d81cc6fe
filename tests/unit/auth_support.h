/*
 * What the tests of AUTH share: lines in base64.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_AUTH_SUPPORT_H
#define EHLO_TESTS_AUTH_SUPPORT_H

#include "recorder.h"
#include "wire_support.h"

/* Adds the words and the octets in base64, as a line. */
static inline void add_line64(struct note *note, const char *words, struct ehlo_slice octets)
{
    const size_t length = ehlo_base64_encode(octets, NULL, 0);
    char *text = malloc(length + 1);

    add_note(note, words, strlen(words));
    ehlo_base64_encode(octets, text, length);
    add_note(note, text, length);
    add_note(note, "\r\n", 2);
    free(text);
}

/* A line with words and so many letters in base64 behind `before`. */
static inline void add_letters64(struct note *note, const char *words, struct ehlo_slice before,
                                 size_t letters, struct ehlo_slice behind)
{
    struct note octets = {NULL, 0, 0};

    add_note(&octets, before.data, before.length);
    for (size_t i = 0; i < letters; i++)
        add_note(&octets, "n", 1);
    add_note(&octets, behind.data, behind.length);
    add_line64(note, words, (struct ehlo_slice){octets.text, octets.length});
    free(octets.text);
}

#endif
