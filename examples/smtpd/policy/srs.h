/*
 * SRS, the Sender Rewriting Scheme: addresses that bring bounces back through the host that has
 * forwarded a message, with a hash that proves that it was us who made them. SRS0 names the first
 * sender, SRS1 another forwarder. HMAC-SHA1 comes from OpenSSL; built without it there is none.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_SRS_H
#define SMTPD_SRS_H

#include "ehlo/types.h"

/* Days for which an address is good. */
#define SRS_DAYS 21

bool srs_is_built(void);

/* Whether a local-part is one of SRS: begins with "SRS0" or "SRS1" and one of = + - */
bool srs_is_address(struct ehlo_slice local);

/*
 * Checks the hash (and the age, on `day`, counted from 1970-01-01 UTC) of a local-part and finds
 * the address behind it: the sender for SRS0, the SRS0 address at the other forwarder for SRS1.
 * False: not ours, too old, or malformed.
 */
bool srs_reverse(struct ehlo_slice local, const char *secret, int64_t day, char *address,
                 size_t size);

#endif
