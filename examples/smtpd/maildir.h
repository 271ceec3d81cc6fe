/*
 * Where mail lies: a Maildir for each mailbox, all under one directory.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_MAILDIR_H
#define SMTPD_MAILDIR_H

#include "ehlo/types.h"

/* Fits the folder of any address that a session lets through. */
#define MAILDIR_FOLDER_SIZE 1024

/* Makes the directory of all Maildirs, if it is not there. False: errno tells. */
bool maildir_make_root(const char *root);

/*
 * Makes the folder of an address: lower-case, since case never tells mailboxes apart here, and
 * unquoted. Letters, digits and "-_+=." stand for themselves, all else as %XX, so that two
 * addresses never share a folder and none leaves the root. Where a name gets too long for a file
 * it goes on in a folder inside. False: it does not fit into MAILDIR_FOLDER_SIZE.
 */
bool maildir_folder(struct ehlo_slice local, struct ehlo_slice domain,
                    char folder[MAILDIR_FOLDER_SIZE]);

/* Makes the Maildir in a folder, if it is not there. False: errno tells. */
bool maildir_make(const char *root, const char *folder);

#endif
