/*
 * A recipient: who it is here, and the Maildirs that its mail goes to.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_RECIPIENT_H
#define SMTPD_RECIPIENT_H

#include "policy.h"
#include "text.h"

struct recipient {
    struct recipient *next; /* in visit->recipients, in the order of RCPT */
    uint32_t number;        /* the order of RCPT */
    char *octets;           /* what the slices of `path` and `parameters` point to */
    struct ehlo_path path;
    struct ehlo_slice parameters;
    struct ehlo_slice plain; /* the mailbox without quotes, for patterns */
    struct text fields;      /* of the envelope, for its copy of the message */

    const struct domain *domain; /* ours; NULL: elsewhere */
    const struct account *account;
    const struct list *list;
    bool is_bounce; /* to an address of SRS: it may go on to where the sender is */
    char **folders; /* Maildirs, as maildir_folder() makes them */
    size_t folder_count;
};

/* Writes the mailbox of a path without the quotes of its local-part, which tell nothing apart (RFC
 * 5321 4.1.2); never longer than the mailbox. Returns the octets. */
size_t recipient_write_plain(const struct ehlo_path *, char *buffer);

/* NULL: out of memory. */
struct recipient *recipient_new(const struct ehlo_rcpt *);
void recipient_free(struct recipient *);

/* One more Maildir; one that it has already counts once. False: out of memory. */
bool recipient_add_folder(struct recipient *, const char *folder);

/* Puts it into a list that is ordered by number. */
void recipient_insert(struct recipient **list, struct recipient *);
void recipient_free_all(struct recipient **list);

#endif
