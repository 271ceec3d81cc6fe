/*
 * Maildir delivery (https://cr.yp.to/proto/maildir.html): a message is whole and synced in every
 * tmp before it appears in the first new, and the directories are synced after that.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "maildir.h"

#include "ehlo/syntax.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Octets of a name after which it goes on in a folder inside; file names have 255. */
#define NAME_PART 250

/* ---- the folder of an address ---- */

struct writer {
    char *at, *end;
    size_t part; /* octets since the last slash */
};

static bool put_octet(struct writer *out, unsigned char octet)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_+=.";
    static const char hex[] = "0123456789ABCDEF";
    bool is_plain = octet != '\0' && strchr(plain, octet) != NULL;

    if (out->end - out->at < 6)
        return false;
    if (out->part >= NAME_PART) {
        /* A part that ends in % is no whole name: inside it there is no Maildir. */
        *out->at++ = '%';
        *out->at++ = '/';
        out->part = 0;
    }
    if (is_plain && !(octet == '.' && out->part == 0)) { /* no hidden file, no ".." */
        *out->at++ = (char)octet;
        out->part++;
        return true;
    }
    *out->at++ = '%';
    *out->at++ = hex[octet >> 4];
    *out->at++ = hex[octet & 15];
    out->part += 3;
    return true;
}

static bool put_lower(struct writer *out, struct ehlo_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.data[i];

        if (octet >= 'A' && octet <= 'Z')
            octet = (unsigned char)(octet - 'A' + 'a');
        if (!put_octet(out, octet))
            return false;
    }
    return true;
}

bool maildir_folder(struct ehlo_slice local, struct ehlo_slice domain,
                    char folder[MAILDIR_FOLDER_SIZE])
{
    char name[EHLO_PATH_MAX];
    struct ehlo_slice unquoted = {name, ehlo_unquote_local_part(local, name, sizeof name)};
    struct writer out = {folder, folder + MAILDIR_FOLDER_SIZE, 0};

    if (unquoted.length > sizeof name || !put_lower(&out, unquoted) || out.end - out.at < 2)
        return false;
    *out.at++ = '@'; /* an "@" of the local-part stands as %40 */
    out.part++;
    if (!put_lower(&out, domain) || out.at == out.end)
        return false;
    *out.at = '\0';
    return true;
}

/* ---- files and directories ---- */

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL); /* some file systems cannot */
    int error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return synced;
}

/*
 * Makes a directory that outlives a crash: its parent is synced, or else it is taken back, so that
 * one that is there already was synced by whoever made it. No slash stands at the end of `path`.
 */
static bool make_directory(char *path)
{
    char *slash = strrchr(path, '/');
    bool synced;

    if (mkdir(path, 0700) != 0)
        return errno == EEXIST;
    if (slash == NULL || slash == path) {
        synced = sync_directory(slash == NULL ? "." : "/");
    } else {
        *slash = '\0';
        synced = sync_directory(path);
        *slash = '/';
    }
    if (!synced) {
        int error = errno;

        rmdir(path);
        errno = error;
    }
    return synced;
}

bool maildir_make_root(const char *root)
{
    char path[PATH_MAX];
    struct stat about;
    int length = snprintf(path, sizeof path, "%s", root);

    if (length <= 0 || (size_t)length >= sizeof path) {
        errno = length <= 0 ? ENOENT : ENAMETOOLONG;
        return false;
    }
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    if (!make_directory(path))
        return false;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return true;
    errno = ENOTDIR;
    return false;
}

/* root/folder/box, or root/folder/box/file. False: too long. */
static bool make_path(char path[PATH_MAX], const struct delivery *delivery, size_t index,
                      const char *box, bool with_name)
{
    int length = snprintf(path, PATH_MAX, "%s/%s/%s%s%s", delivery->root, delivery->folders[index],
                          box, with_name ? "/" : "", with_name ? delivery->name : "");

    if (length > 0 && length < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static bool make_maildir(const struct delivery *delivery, size_t index)
{
    static const char *const boxes[] = {"tmp", "new", "cur"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        if (!make_path(path, delivery, index, boxes[i], false))
            return false;
        /* The folder itself may be several. */
        for (char *at = path + strlen(delivery->root) + 1; (at = strchr(at, '/')) != NULL; at++) {
            *at = '\0';
            if (!make_directory(path))
                return false;
            *at = '/';
        }
        if (!make_directory(path))
            return false;
    }
    return true;
}

/* ---- a delivery ---- */

bool delivery_add(struct delivery *delivery, const char *folder)
{
    char **folders;

    for (size_t i = 0; i < delivery->count; i++)
        if (strcmp(delivery->folders[i], folder) == 0)
            return true;
    folders = realloc(delivery->folders, (delivery->count + 1) * sizeof *folders);
    if (folders == NULL)
        return false;
    delivery->folders = folders;
    folders[delivery->count] = strdup(folder);
    if (folders[delivery->count] == NULL)
        return false;
    delivery->count++;
    return true;
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

/* Removes what there is of the message. */
static void discard(struct delivery *delivery)
{
    char path[PATH_MAX];

    if (delivery->file != NULL)
        fclose(delivery->file);
    for (size_t i = 0; i < delivery->linked; i++) {
        bool was_moved = i < delivery->moved;

        if (make_path(path, delivery, i, was_moved ? "new" : "tmp", true))
            unlink(path);
        if (was_moved && make_path(path, delivery, i, "new", false))
            sync_directory(path);
    }
    delivery->file = NULL;
    delivery->linked = delivery->moved = 0;
}

bool delivery_open(struct delivery *delivery, const char *host)
{
    char path[PATH_MAX];
    int fd;

    discard(delivery); /* a DATA that failed may be followed by another */
    for (size_t i = 0; i < delivery->count; i++)
        if (!make_maildir(delivery, i))
            return false;
    make_name(delivery, host);
    if (!make_path(path, delivery, 0, "tmp", true))
        return false;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    delivery->linked = 1;
    delivery->file = fdopen(fd, "wb");
    if (delivery->file == NULL)
        close(fd);
    return delivery->file != NULL;
}

bool delivery_write(struct delivery *delivery, struct ehlo_slice octets)
{
    return fwrite(octets.data, 1, octets.length, delivery->file) == octets.length;
}

/* The file is on the disk, and closed in any case. */
static bool finish_file(struct delivery *delivery)
{
    bool synced = fflush(delivery->file) == 0 && fsync(fileno(delivery->file)) == 0;
    int error = errno;

    if (fclose(delivery->file) != 0 && synced) {
        error = errno;
        synced = false;
    }
    delivery->file = NULL;
    errno = error;
    return synced;
}

static bool link_copies(struct delivery *delivery)
{
    char first[PATH_MAX], path[PATH_MAX];

    if (!make_path(first, delivery, 0, "tmp", true))
        return false;
    for (; delivery->linked < delivery->count; delivery->linked++)
        if (!make_path(path, delivery, delivery->linked, "tmp", true) || link(first, path) != 0)
            return false;
    return true;
}

static bool move_copies(struct delivery *delivery)
{
    char from[PATH_MAX], to[PATH_MAX];

    for (; delivery->moved < delivery->count; delivery->moved++)
        if (!make_path(from, delivery, delivery->moved, "tmp", true) ||
            !make_path(to, delivery, delivery->moved, "new", true) || rename(from, to) != 0)
            return false;
    for (size_t i = 0; i < delivery->count; i++)
        if (!make_path(to, delivery, i, "new", false) || !sync_directory(to))
            return false;
    return true;
}

bool delivery_commit(struct delivery *delivery)
{
    if (!finish_file(delivery) || !link_copies(delivery) || !move_copies(delivery))
        return false;
    delivery->linked = delivery->moved = 0; /* nothing to take back any more */
    return true;
}

void delivery_reset(struct delivery *delivery)
{
    discard(delivery);
    for (size_t i = 0; i < delivery->count; i++)
        free(delivery->folders[i]);
    free(delivery->folders);
    *delivery = (struct delivery){.root = delivery->root};
}
