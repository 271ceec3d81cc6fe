/*
 * Messages on their way into Maildirs, one Maildir for each recipient under one directory. A
 * message is written once, into the first recipient's tmp; the others get links to it.
 *
 * The calls block while the disk works. A server with slow disks would hand them to a thread and
 * answer ehlo_pending() meanwhile.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_MAILDIR_H
#define SMTPD_MAILDIR_H

#include "ehlo/types.h"
#include <stdio.h>

/* Fits the folder of any address that a session lets through. */
#define MAILDIR_FOLDER_SIZE 1024

/* A message being taken; zeroed but for `root` before the first use. */
struct delivery {
    const char *root; /* the directory of all Maildirs */
    char **folders;   /* Maildirs below it, each once */
    size_t count;
    FILE *file;    /* in the first one's tmp, while content comes */
    size_t linked; /* so many Maildirs have the file in tmp, or had it there */
    size_t moved;  /* so many of them have it in new */
    char name[160];
};

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

/* Adds a recipient; one that is there already is not added again. False: errno tells. */
bool delivery_add(struct delivery *, const char *folder);

/* Makes the Maildirs of the recipients and opens the file. `host` is a part of its name. */
bool delivery_open(struct delivery *, const char *host);

/* Appends to the file. False: errno tells. */
bool delivery_write(struct delivery *, struct ehlo_slice octets);

/*
 * Moves the message into every recipient's new; when this returns true it is on the disk. False:
 * errno tells, and delivery_reset() takes back what was moved.
 */
bool delivery_commit(struct delivery *);

/* Ends a delivery: forgets the recipients, removes all that was not committed. */
void delivery_reset(struct delivery *);

#endif
