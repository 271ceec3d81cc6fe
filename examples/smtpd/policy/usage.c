/*
 * How full a mailbox is.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads ",S=octets" at the end of a file's name, before ":" and the flags, if there are any. */
static bool read_size(const char *name, uint64_t *size)
{
    size_t end = strcspn(name, ":");
    size_t begin = end;
    uint64_t number = 0;

    while (begin > 0 && name[begin - 1] >= '0' && name[begin - 1] <= '9')
        begin--;
    if (begin < 3 || begin == end || end - begin > 18 || memcmp(name + begin - 3, ",S=", 3) != 0)
        return false;
    for (; begin < end; begin++)
        number = number * 10 + (uint64_t)(name[begin] - '0');
    *size = number;
    return true;
}

static uint64_t size_of(DIR *directory, const char *name)
{
    struct stat about;
    uint64_t size;

    if (name[0] == '.') /* no message */
        return 0;
    if (read_size(name, &size))
        return size;
    if (fstatat(dirfd(directory), name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(about.st_mode) || about.st_size < 0)
        return 0;
    return (uint64_t)about.st_size;
}

static DIR *open_box(const char *root, const char *folder, const char *box)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s/%s", root, folder, box);

    if (length <= 0 || (size_t)length >= sizeof path)
        return NULL;
    return opendir(path);
}

uint64_t usage_of(const char *root, const char *folder)
{
    static const char *const boxes[] = {"new", "cur"};
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        DIR *directory = open_box(root, folder, boxes[i]);
        struct dirent *entry;

        if (directory == NULL)
            continue;
        while ((entry = readdir(directory)) != NULL)
            sum += size_of(directory, entry->d_name);
        closedir(directory);
    }
    return sum;
}
