/*
 * Networks of IP addresses.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_NETWORK_H
#define SMTPD_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct network {
    int family; /* AF_INET, AF_INET6; 0: every address, and peers without one */
    unsigned bits;
    uint8_t octets[16];
};

/* Reads "192.0.2.0/24", "2001:db8::/32", an address, or "all". False: it is none, or has bits set
 * behind its length. */
bool network_read(struct network *, const char *text);

/* Whether an address, written by address_write() (empty: not known), lies in it. */
bool network_has(const struct network *, const char *address);

#endif
