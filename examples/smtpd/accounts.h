/*
 * Passwords and other secrets.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_ACCOUNTS_H
#define SMTPD_ACCOUNTS_H

#include "policy/policy.h"

/* Whether anybody has a password. */
bool accounts_have_password(const struct policy *);

/* The password of an address; NULL: nobody has that address, or it has none. */
const char *accounts_password(const struct policy *, struct ehlo_slice name);

/* Compares in a time that tells nothing about `ours`. */
bool accounts_same_secret(const char *ours, struct ehlo_slice theirs);

#endif
