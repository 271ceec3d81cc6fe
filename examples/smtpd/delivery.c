/*
 * Maildir delivery (https://cr.yp.to/proto/maildir.html): a message is whole and synced in every
 * tmp before it appears in the first new, and the directories are synced after that.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "delivery.h"

#include "files.h"
#include "maildir.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- files ---- */

/* What errno says, but never that nothing is wrong. */
static int why(void)
{
    return errno != 0 ? errno : EIO;
}

bool delivery_path(char path[DELIVERY_PATH_SIZE], const struct delivery *delivery, size_t index,
                   const char *box, bool with_name)
{
    int length = snprintf(path, DELIVERY_PATH_SIZE, "%s/%s/%s%s%s", delivery->root,
                          delivery->copies[index].folder, box, with_name ? "/" : "",
                          with_name ? delivery->name : "");

    if (length > 0 && length < DELIVERY_PATH_SIZE)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

/* A name that no other file has: time, process, number and host. */
static void make_name(struct delivery *delivery, const char *host)
{
    static unsigned long number;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(delivery->name, sizeof delivery->name, "%lld.M%ldP%ldQ%lu.%.64s",
             (long long)now.tv_sec, now.tv_nsec / 1000, (long)getpid(), ++number, host);
    for (char *at = delivery->name; *at != '\0'; at++)
        if (*at == '/' || *at == ':') /* an address literal as host; ":" begins the flags in cur */
            *at = '-';
}

/* Makes the file of a copy in its tmp. NULL: errno tells. */
static FILE *create_copy(struct delivery *delivery, size_t index)
{
    char path[DELIVERY_PATH_SIZE];
    FILE *file = NULL;

    if (delivery_path(path, delivery, index, "tmp", true))
        file = file_create(path);
    if (file != NULL)
        delivery->copies[index].state = COPY_IN_TMP;
    return file;
}

/* The name in new tells the octets, as Maildir++ has it: quotas need not look at each file. */
static bool path_in_new(char path[DELIVERY_PATH_SIZE], const struct delivery *delivery,
                        size_t index)
{
    size_t length, room;

    if (!delivery_path(path, delivery, index, "new", true))
        return false;
    length = strlen(path);
    room = DELIVERY_PATH_SIZE - length;
    return (size_t)snprintf(path + length, room, ",S=%lld",
                            (long long)delivery->copies[index].size) < room;
}

/* Removes what there is of the message and was not delivered. */
static void discard(struct delivery *delivery)
{
    char path[DELIVERY_PATH_SIZE];

    if (delivery->file != NULL)
        fclose(delivery->file);
    for (size_t i = 0; i < delivery->count; i++) {
        struct copy *copy = &delivery->copies[i];
        bool was_moved = copy->state == COPY_IN_NEW;

        if (was_moved ? path_in_new(path, delivery, i)
                      : copy->state == COPY_IN_TMP && delivery_path(path, delivery, i, "tmp", true))
            unlink(path);
        if (was_moved && delivery_path(path, delivery, i, "new", false))
            file_sync_directory(path);
        copy->state = COPY_NONE;
        copy->error = 0;
    }
    delivery->file = NULL;
    delivery->whole = false;
}

/* ---- content ---- */

bool delivery_open(struct delivery *delivery, const char *host)
{
    discard(delivery); /* a DATA that failed may be followed by another */
    make_name(delivery, host);
    for (size_t i = 0; i < delivery->count; i++) {
        if (!maildir_make(delivery->root, delivery->copies[i].folder))
            delivery->copies[i].error = why();
        if (delivery->copies[i].error != 0 && !delivery->each)
            return false;
    }
    for (size_t i = 0; i < delivery->count && delivery->file == NULL; i++) {
        if (delivery->copies[i].error != 0)
            continue;
        delivery->first = i;
        delivery->file = create_copy(delivery, i);
        if (delivery->file == NULL)
            delivery->copies[i].error = why();
    }
    if (delivery->file == NULL)
        errno = delivery->copies[0].error;
    return delivery->file != NULL;
}

bool delivery_end_head(struct delivery *delivery)
{
    const struct text *fields = &delivery->copies[delivery->first].fields;

    delivery->head = ftello(delivery->file);
    delivery->body = delivery->head + (off_t)fields->length;
    return delivery->head >= 0 &&
           delivery_write(delivery, (struct ehlo_slice){fields->data, fields->length});
}

bool delivery_write(struct delivery *delivery, struct ehlo_slice octets)
{
    return octets.length == 0 ||
           fwrite(octets.data, 1, octets.length, delivery->file) == octets.length;
}

/* ---- copies ---- */

/* As the first, but with its own fields where that one has others. */
static bool write_copy(struct delivery *delivery, size_t index, const char *first)
{
    const struct text *skipped = &delivery->copies[delivery->first].fields;
    const struct text *fields = &delivery->copies[index].fields;
    FILE *from = fopen(first, "rb"), *to;
    bool written;
    int error;

    if (from == NULL)
        return false;
    to = create_copy(delivery, index);
    written =
        to != NULL && file_copy(from, to, delivery->head) &&
        fwrite(fields->length > 0 ? fields->data : "", 1, fields->length, to) == fields->length &&
        fseeko(from, delivery->head + (off_t)skipped->length, SEEK_SET) == 0 &&
        file_copy(from, to, LONG_MAX);
    error = errno;
    fclose(from);
    if (to != NULL && !file_finish(to) && written)
        return false;
    errno = error;
    return written;
}

static bool make_copy(struct delivery *delivery, size_t index, const char *first)
{
    const struct copy *copies = delivery->copies;
    char path[DELIVERY_PATH_SIZE];

    if (copies[index].fields.length > 0 || copies[delivery->first].fields.length > 0)
        return write_copy(delivery, index, first);
    if (!delivery_path(path, delivery, index, "tmp", true) || link(first, path) != 0)
        return false;
    delivery->copies[index].state = COPY_IN_TMP;
    return true;
}

/* Ends the file and makes the others of it, as far as they can be. */
static void make_copies(struct delivery *delivery)
{
    char first[DELIVERY_PATH_SIZE];
    bool finished =
        file_finish(delivery->file) && delivery_path(first, delivery, delivery->first, "tmp", true);
    int error = why();

    delivery->file = NULL;
    delivery->whole = true;
    for (size_t i = 0; i < delivery->count; i++) {
        struct copy *copy = &delivery->copies[i];

        if (copy->error != 0 || (finished && i == delivery->first))
            continue;
        if (!finished)
            copy->error = error;
        else if (!make_copy(delivery, i, first))
            copy->error = why();
    }
}

/* ---- commitment ---- */

static bool move_copy(struct delivery *delivery, size_t index)
{
    struct copy *copy = &delivery->copies[index];
    char from[DELIVERY_PATH_SIZE], to[DELIVERY_PATH_SIZE];

    struct stat about;

    errno = copy->error;
    if (copy->error != 0 || !delivery_path(from, delivery, index, "tmp", true) ||
        stat(from, &about) != 0)
        return false;
    copy->size = about.st_size;
    if (!path_in_new(to, delivery, index) || rename(from, to) != 0)
        return false;
    copy->state = COPY_IN_NEW;
    return true;
}

static bool sync_new(const struct delivery *delivery, size_t index)
{
    char path[DELIVERY_PATH_SIZE];

    return delivery_path(path, delivery, index, "new", false) && file_sync_directory(path);
}

bool delivery_commit(struct delivery *delivery)
{
    make_copies(delivery);
    for (size_t i = 0; i < delivery->count; i++)
        if (!move_copy(delivery, i))
            return false;
    for (size_t i = 0; i < delivery->count; i++)
        if (!sync_new(delivery, i))
            return false;
    for (size_t i = 0; i < delivery->count; i++)
        delivery->copies[i].state = COPY_DELIVERED; /* nothing to take back any more */
    return true;
}

static bool commit_copy(struct delivery *delivery, size_t index)
{
    struct copy *copy = &delivery->copies[index];

    if (copy->state == COPY_DELIVERED) /* by another name of the same mailbox */
        return true;
    if (!move_copy(delivery, index) || !sync_new(delivery, index))
        return false;
    copy->state = COPY_DELIVERED;
    return true;
}

bool delivery_commit_one(struct delivery *delivery, size_t recipient)
{
    if (!delivery->whole)
        make_copies(delivery);
    for (size_t i = 0; i < delivery->share_count; i++)
        if (delivery->shares[i].recipient == recipient &&
            !commit_copy(delivery, delivery->shares[i].copy))
            return false;
    return true;
}

void delivery_reset(struct delivery *delivery)
{
    discard(delivery);
    for (size_t i = 0; i < delivery->count; i++) {
        free(delivery->copies[i].folder);
        text_free(&delivery->copies[i].fields);
    }
    free(delivery->copies);
    free(delivery->shares);
    *delivery = (struct delivery){.root = delivery->root};
}
