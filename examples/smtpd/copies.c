/*
 * Which recipient of a message gets which copies.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "delivery.h"

#include <stdlib.h>
#include <string.h>

/* The copy of a folder; a new one is not counted yet. NULL: out of memory. */
static struct copy *get_copy(struct delivery *delivery, const char *folder)
{
    size_t index = 0;
    struct copy *copies;

    while (index < delivery->count && strcmp(delivery->copies[index].folder, folder) != 0)
        index++;
    if (index < delivery->count)
        return &delivery->copies[index];
    copies = realloc(delivery->copies, (index + 1) * sizeof *copies);
    if (copies == NULL)
        return NULL;
    delivery->copies = copies;
    copies[index] = (struct copy){.folder = strdup(folder)};
    return copies[index].folder != NULL ? &copies[index] : NULL;
}

/* Appends all the fields or none. */
static bool add_fields(struct copy *copy, const struct text *fields)
{
    bool lost;

    if (fields->length > 0)
        text_add(&copy->fields, "%s", fields->data);
    lost = copy->fields.lost;
    copy->fields.lost = false;
    return !lost;
}

bool delivery_add(struct delivery *delivery, size_t recipient, const char *folder,
                  const struct text *fields)
{
    size_t count = delivery->share_count + 1, index;
    struct share *shares = realloc(delivery->shares, count * sizeof *shares);
    struct copy *copy;

    if (shares == NULL)
        return false;
    delivery->shares = shares;
    copy = get_copy(delivery, folder);
    if (copy == NULL)
        return false;
    index = (size_t)(copy - delivery->copies);
    if (!add_fields(copy, fields)) {
        if (index == delivery->count)
            free(copy->folder);
        return false;
    }
    if (index == delivery->count)
        delivery->count++;
    shares[delivery->share_count++] = (struct share){recipient, index};
    return true;
}
