/*
 * What the unit tests share: cmocka with its headers, exact-size copies that let AddressSanitizer
 * see over-reads, comparisons that print the name of the row, whole files.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_SUPPORT_H
#define EHLO_TESTS_SUPPORT_H

#include "ehlo/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A heap copy without an octet to spare; ended by free(). */
void *dup_exact(const void *octets, size_t length);

/* The same of a C string, without its NUL, as a slice; ended by free_slice(). */
struct ehlo_slice dup_slice(const char *text);
void free_slice(struct ehlo_slice slice);

/* The text of a file with a NUL behind it; fails if it cannot be read. Ended by free(). */
char *read_whole_file(const char *path);

/* Fails with the name of the row and both texts if they differ. */
#define assert_octets_of(row, got, got_length, want, want_length)                                  \
    compare_octets(row, got, got_length, want, want_length, __FILE__, __LINE__)
#define assert_slice_of(row, got, want)                                                            \
    compare_octets(row, (got).data, (got).length, want, strlen(want), __FILE__, __LINE__)

/* Fails with the name of the row if the condition is false. */
#define assert_of(row, condition) check_row(row, condition, #condition, __FILE__, __LINE__)

void compare_octets(const char *row, const char *got, size_t got_length, const char *want,
                    size_t want_length, const char *file, int line);
void check_row(const char *row, bool holds, const char *condition, const char *file, int line);

#endif
