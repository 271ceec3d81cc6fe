/*
 * Files and directories that are to outlive a crash.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_FILES_H
#define SMTPD_FILES_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* Puts the entries of a directory on the disk. False: errno tells. */
bool file_sync_directory(const char *path);

/* Makes a file that is not there. NULL: errno tells. */
FILE *file_create(const char *path);

/* Puts a file on the disk and closes it in any case. False: errno tells. */
bool file_finish(FILE *);

/* Copies so many octets, or all there are. False: errno tells. */
bool file_copy(FILE *from, FILE *to, off_t limit);

#endif
