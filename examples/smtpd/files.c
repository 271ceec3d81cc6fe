/*
 * Files and directories that are to outlive a crash.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool file_sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL); /* some file systems cannot */
    int error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return synced;
}

FILE *file_create(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");

    if (fd >= 0 && file == NULL)
        close(fd);
    return file;
}

bool file_finish(FILE *file)
{
    bool synced = fflush(file) == 0 && fsync(fileno(file)) == 0;
    int error = errno;

    if (fclose(file) != 0 && synced) {
        error = errno;
        synced = false;
    }
    errno = error;
    return synced;
}

bool file_copy(FILE *from, FILE *to, off_t limit)
{
    char buffer[16384];
    size_t length = 1;

    while (limit > 0 && length > 0) {
        length = limit < (off_t)sizeof buffer ? (size_t)limit : sizeof buffer;
        length = fread(buffer, 1, length, from);
        if (fwrite(buffer, 1, length, to) != length)
            return false;
        limit -= (off_t)length;
    }
    return ferror(from) == 0;
}
