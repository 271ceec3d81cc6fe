/*
 * A message on its way into Maildirs. It is written once, into one recipient's tmp; the others get
 * links to it, or copies where fields of their own stand above the content.
 *
 * The calls block while the disk works. A server with slow disks would hand them to a thread and
 * answer ehlo_pending() meanwhile.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_DELIVERY_H
#define SMTPD_DELIVERY_H

#include "ehlo/types.h"
#include "filters/content.h"
#include "text.h"
#include <stdio.h>
#include <sys/types.h>

/* Fits the path of a file in a Maildir. */
#define DELIVERY_PATH_SIZE 4096

/* The copy of one Maildir. */
struct copy {
    char *folder;       /* of the Maildir, below the root */
    struct text fields; /* what stands above the content in this copy alone */
    enum { COPY_NONE, COPY_IN_TMP, COPY_IN_NEW, COPY_DELIVERED } state;
    off_t size; /* once it is moved to new: a part of its name there */
    int error;  /* errno of what made it impossible; 0: nothing */
};

/* A recipient has a copy, or several (a list); two recipients may share one. */
struct share {
    size_t recipient, copy;
};

/* A message being taken; zeroed but for `root` before the first use. */
struct delivery {
    const char *root; /* the directory of all Maildirs */
    struct copy *copies;
    size_t count;
    struct share *shares;
    size_t share_count;
    bool each;    /* set by the owner: a copy that fails is no reason to refuse the others */
    size_t first; /* the copy that content is written to */
    bool whole;   /* all copies are made, as far as they can be */
    FILE *file;   /* of the first, while content comes */
    off_t head;   /* octets that all copies begin with */
    off_t body;   /* where the content begins in the first */
    char name[160];
};

/*
 * copies.c: a recipient, counted from 0, gets the message into a folder, with fields that stand in
 * this copy alone; two of one folder share a copy. False: out of memory, and nothing was added.
 */
bool delivery_add(struct delivery *, size_t recipient, const char *folder,
                  const struct text *fields);

/*
 * Makes the Maildirs, opens the file and writes what all copies begin with. `host` is a part of its
 * name, `head` gets that name. False: errno tells.
 */
bool delivery_open(struct delivery *, const char *host);

/* Ends what all copies begin with. The fields of the copies follow. False: errno tells. */
bool delivery_end_head(struct delivery *);

/* Appends to the file. False: errno tells. */
bool delivery_write(struct delivery *, struct ehlo_slice octets);

/*
 * Moves the message into every recipient's new; when this returns true it is on the disk. False:
 * errno tells, and delivery_reset() takes back what was moved.
 */
bool delivery_commit(struct delivery *);

/* The same for one recipient alone. */
bool delivery_commit_one(struct delivery *, size_t recipient);

/*
 * revision.c: opens the content, all of which has been written, for reading; and puts fields above
 * the content of all copies, before the first is committed. False: errno tells.
 */
bool delivery_content(struct delivery *, struct content *);
bool delivery_insert(struct delivery *, const struct text *fields);

/* root/folder/box of a copy, or root/folder/box/file. False: too long. */
bool delivery_path(char path[DELIVERY_PATH_SIZE], const struct delivery *, size_t copy,
                   const char *box, bool with_name);

/* Ends a delivery: forgets the recipients, removes all that was not committed. */
void delivery_reset(struct delivery *);

#endif
