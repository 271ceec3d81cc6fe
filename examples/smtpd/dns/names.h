/*
 * Names that the DNS is asked for.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_NAMES_H
#define SMTPD_NAMES_H

#include "ehlo/types.h"

/* Fits every name that can be asked for: 253 octets, as text (RFC 1035 2.3.4). */
#define NAME_SIZE 254

/*
 * A domain, its U-labels as A-labels (RFC 5890 2.3.2.1), below a zone (NULL: as it is). False: it
 * cannot be in the DNS, since it is too long or no domain at all.
 */
bool name_of_domain(char name[NAME_SIZE], struct ehlo_slice domain, const char *zone);

/*
 * An address, backwards, below a zone of a DNSBL (RFC 5782 2.1, 2.4) or (NULL) where its name
 * stands. False: no address, or too long.
 */
bool name_of_address(char name[NAME_SIZE], const char *address, const char *zone);

#endif
