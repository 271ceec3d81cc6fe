/*
 * A message that is judged before it is taken: its content is read, and fields are put above it.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "delivery.h"

#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

bool delivery_content(struct delivery *delivery, struct content *content)
{
    char path[DELIVERY_PATH_SIZE];

    if (fflush(delivery->file) != 0 || !delivery_path(path, delivery, delivery->first, "tmp", true))
        return false;
    content->begin = delivery->body;
    content->end = ftello(delivery->file);
    content->fd = open(path, O_RDONLY | O_CLOEXEC);
    return content->end >= 0 && content->fd >= 0;
}

/* The file anew, with fields between what all copies begin with and the rest. */
static bool copy_with(FILE *from, FILE *to, off_t head, const struct text *fields)
{
    return file_copy(from, to, head) &&
           fwrite(fields->data, 1, fields->length, to) == fields->length &&
           fseeko(from, head, SEEK_SET) == 0 && file_copy(from, to, LONG_MAX) && fflush(to) == 0;
}

/* Writes it beside the old one, which it replaces only when it is whole. NULL: errno tells. */
static FILE *replace_file(const char *path, off_t head, const struct text *fields)
{
    char beside[DELIVERY_PATH_SIZE + sizeof ".new"];
    FILE *from = fopen(path, "rb"), *to = NULL;
    bool replaced;
    int error;

    snprintf(beside, sizeof beside, "%s.new", path);
    if (from != NULL)
        to = file_create(beside);
    replaced = to != NULL && copy_with(from, to, head, fields) && rename(beside, path) == 0;
    error = errno;
    if (from != NULL)
        fclose(from);
    if (to != NULL && !replaced) {
        fclose(to);
        unlink(beside);
    }
    errno = error;
    return replaced ? to : NULL;
}

bool delivery_insert(struct delivery *delivery, const struct text *fields)
{
    char path[DELIVERY_PATH_SIZE];
    FILE *file;

    if (fflush(delivery->file) != 0 || !delivery_path(path, delivery, delivery->first, "tmp", true))
        return false;
    file = replace_file(path, delivery->head, fields);
    if (file == NULL)
        return false;
    fclose(delivery->file);
    delivery->file = file;
    delivery->head += (off_t)fields->length;
    delivery->body += (off_t)fields->length;
    return true;
}
