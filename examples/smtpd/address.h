/*
 * IP addresses as texts. All are written by these functions, so that equal ones are equal texts; an
 * IPv4 address in an IPv6 one (RFC 4291 2.5.5.2) is taken as what it is.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_ADDRESS_H
#define SMTPD_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>

/* Writes an address of 4 octets (AF_INET) or 16 (AF_INET6) in network order. */
void address_write(char text[INET6_ADDRSTRLEN], int family, const void *octets);

/* The same for an address that is a text already. False: it is none, and `text` is empty. */
bool address_rewrite(char text[INET6_ADDRSTRLEN], const char *value);

#endif
