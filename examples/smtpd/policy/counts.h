/*
 * How many recipients elsewhere each account, domain and the server have had today (UTC). Kept in
 * memory: a restart forgets, a reload does not.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_COUNTS_H
#define SMTPD_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* The count of a name today: an address, a domain, or "" for the server; case tells nothing apart.
 * 0 if it has none yet. */
uint32_t counts_get(const char *name);

/* Adds to it. False: out of memory. What was added may be taken back on the same day: an earlier
 * day's is forgotten anyway (`day`, from counts_day(), is when it was added). */
bool counts_add(const char *name, uint32_t number);
void counts_take_back(const char *name, uint32_t number, int64_t day);

int64_t counts_day(void);

void counts_free(void);

#endif
