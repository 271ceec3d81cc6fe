/*
 * What the files on the PROXY protocol share. An "octets" slice is what came in since the
 * connection began, so that a place in it is also a place in the header.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SYNTAX_PROXY_H
#define EHLO_SYNTAX_PROXY_H

#include "ehlo/proxy.h"

/* A number of two octets in network order. Octets that are still to come count as 0, which makes it
 * the least that the number can be. */
static inline size_t ehlo__get_length(struct ehlo_slice octets, size_t at)
{
    size_t high = at < octets.length ? (unsigned char)octets.data[at] : 0;
    size_t low = at + 1 < octets.length ? (unsigned char)octets.data[at + 1] : 0;

    return high << 8 | low;
}

/* Fills an end of the connection for IPv4 or IPv6, whose address has 4 or 16 octets. */
void ehlo__set_endpoint(struct ehlo_proxy_endpoint *, enum ehlo_proxy_family, const void *address,
                        size_t port);

/* Reads a header of version 2; its signature is whole and right. */
enum ehlo_proxy_status ehlo__read_proxy_v2(struct ehlo_slice octets, struct ehlo_proxy *);

/* Tells whether the octets from `at` to `end`, as far as they have come, can be TLVs of a header,
 * or TLVs inside another one. */
bool ehlo__tlvs_fit(struct ehlo_slice octets, size_t at, size_t end, bool is_inner);

/* Tells whether the checksums among the TLVs, if any, are those of the header (2.2.3). */
bool ehlo__checksum_holds(struct ehlo_slice header, struct ehlo_slice tlvs);

#endif
