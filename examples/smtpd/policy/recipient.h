/*
 * A recipient: who it is here, and the Maildirs that its mail goes to.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_RECIPIENT_H
#define SMTPD_RECIPIENT_H

#include "policy.h"
#include "text.h"

/* Where a recipient's mail goes. */
struct mailbox {
    char *folder;                  /* as maildir_folder() makes it */
    const struct domain *domain;   /* NULL: elsewhere; its mail waits there */
    const struct account *account; /* NULL: nobody has named it */
};

/* Either of them. */
struct stop {
    const struct account *account;
    const struct list *list;
};

struct recipient {
    struct recipient *next; /* in visit->recipients, in the order of RCPT */
    uint32_t number;        /* the order of RCPT */
    char *octets;           /* what the slices of `path` and `parameters` point to */
    struct ehlo_path path;
    struct ehlo_slice parameters;
    char *plain;        /* the address without quotes, for patterns */
    struct text fields; /* of the envelope, for its copy of the message */

    const struct domain *domain; /* ours; NULL: elsewhere */
    struct mailbox *mailboxes;
    size_t mailbox_count;
    const struct account *account; /* that is addressed; NULL: none */
    struct stop *stops;            /* accounts and lists on the way there */
    size_t stop_count;
    bool lost; /* memory ran out on the way: some mailbox may be missing */
};

/* Writes the mailbox of a path without the quotes of its local-part, which tell nothing apart (RFC
 * 5321 4.1.2); never longer than the mailbox. Returns the octets. */
size_t recipient_write_plain(const struct ehlo_path *, char *buffer);

/* `home`: the domain of <postmaster>. NULL: out of memory. */
struct recipient *recipient_new(const struct ehlo_rcpt *, const char *home);
void recipient_free(struct recipient *);

/* Puts it into a list that is ordered by number. */
void recipient_insert(struct recipient **list, struct recipient *);
void recipient_free_all(struct recipient **list);

/* ---- mailboxes.c: what lies behind a recipient; each account, list and folder counts once ---- */

/* An account's own mailbox, and its forwards. */
void mailboxes_add_account(struct recipient *, const struct policy *, const struct account *);
void mailboxes_add_list(struct recipient *, const struct policy *, const struct list *);

/* Any address; one that is ours and nobody's adds nothing. */
void mailboxes_add_address(struct recipient *, const struct policy *, const char *address);

/* A mailbox that nobody has named. */
void mailboxes_add_folder(struct recipient *, const struct domain *, const char *folder);

#endif
