/*
 * What the unit tests share; see support.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *dup_exact(const void *octets, size_t length)
{
    void *copy = malloc(length);

    if (length > 0) {
        assert_non_null(copy);
        memcpy(copy, octets, length);
    }
    return copy;
}

struct ehlo_slice dup_slice(const char *text)
{
    struct ehlo_slice slice = {NULL, strlen(text)};

    slice.data = dup_exact(text, slice.length);
    return slice;
}

void free_slice(struct ehlo_slice slice)
{
    free((void *)(uintptr_t)slice.data);
}

char *read_whole_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t length = 0;
    size_t room = 4096;
    char *text = malloc(room);

    if (file == NULL || text == NULL)
        fail_msg("cannot read %s", path);
    for (;;) {
        length += fread(text + length, 1, room - length - 1, file);
        if (feof(file) || ferror(file))
            break;
        room *= 2;
        text = realloc(text, room);
        assert_non_null(text);
    }
    assert_false(ferror(file));
    fclose(file);
    text[length] = '\0';
    return text;
}

void compare_octets(const char *row, const char *got, size_t got_length, const char *want,
                    size_t want_length, const char *file, int line)
{
    if (got_length == want_length && (got_length == 0 || memcmp(got, want, got_length) == 0))
        return;
    print_error("%s: got %zu octets \"%.*s\"\n", row, got_length, (int)got_length,
                got == NULL ? "" : got);
    print_error("%s: want %zu octets \"%.*s\"\n", row, want_length, (int)want_length, want);
    _fail(file, line);
}

void check_row(const char *row, bool holds, const char *condition, const char *file, int line)
{
    if (holds)
        return;
    print_error("%s: not so: %s\n", row, condition);
    _fail(file, line);
}
