/*
 * What a policy holds: blocks in a list, which go all at once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reader.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    max_align_t data[];
};

void *reader_take(struct reader *reader, size_t size)
{
    struct block *block = calloc(1, sizeof *block + size);

    if (block == NULL) {
        reader->lost = true;
        return NULL;
    }
    block->next = reader->policy->memory;
    reader->policy->memory = block;
    return block->data;
}

char *reader_copy(struct reader *reader, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = reader_take(reader, size);

    return copy == NULL ? NULL : memcpy(copy, text, size);
}

/* The room is a power of two: where that is full, there is a new one of twice the size. */
void reader_append(struct reader *reader, char ***array, size_t *count, char *text)
{
    if ((*count & (*count - 1)) == 0) {
        char **larger = reader_take(reader, (*count == 0 ? 1 : *count * 2) * sizeof *larger);

        if (larger == NULL)
            return;
        if (*count > 0)
            memcpy(larger, *array, *count * sizeof *larger);
        *array = larger;
    }
    (*array)[(*count)++] = text;
}

void policy_free(struct policy *policy)
{
    struct block *block = policy->memory;

    while (block != NULL) {
        struct block *next = block->next;

        free(block);
        block = next;
    }
    *policy = (struct policy){0};
}
