/*
 * The mailboxes of --user and the tokens of --token.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_ACCOUNTS_H
#define SMTPD_ACCOUNTS_H

#include "options.h"

/* Whether there is such a mailbox: all are, if there is no --user. */
bool accounts_have(const struct options *, const char *folder);

/* Whether anybody has a password. */
bool accounts_have_password(const struct options *);

/* The password of an address; NULL: nobody has that address, or it has none. */
const char *accounts_password(const struct options *, struct ehlo_slice name);

/* Compares in a time that tells nothing about `ours`. */
bool accounts_same_secret(const char *ours, struct ehlo_slice theirs);

#endif
