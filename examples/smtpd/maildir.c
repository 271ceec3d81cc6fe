/*
 * Names and directories of Maildirs (https://cr.yp.to/proto/maildir.html). What is made here is on
 * the disk before mail goes into it.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "maildir.h"

#include "ehlo/syntax.h"
#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* ---- directories ---- */

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
        synced = file_sync_directory(slash == NULL ? "." : "/");
    } else {
        *slash = '\0';
        synced = file_sync_directory(path);
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

bool maildir_make(const char *root, const char *folder)
{
    static const char *const boxes[] = {"tmp", "new", "cur"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        int length = snprintf(path, sizeof path, "%s/%s/%s", root, folder, boxes[i]);

        if (length <= 0 || (size_t)length >= sizeof path) {
            errno = ENAMETOOLONG;
            return false;
        }
        /* The folder itself may be several. */
        for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')) != NULL; at++) {
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
