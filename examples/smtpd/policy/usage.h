/*
 * How full a mailbox is.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_USAGE_H
#define SMTPD_USAGE_H

#include <stdint.h>

/* The octets of the messages in a Maildir (new and cur) below a root; 0 if there is none. Where a
 * file's name ends in ",S=octets" or ",S=octets:..." (Maildir++) it is not looked at. */
uint64_t usage_of(const char *root, const char *folder);

#endif
