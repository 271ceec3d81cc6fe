/*
 * Version 2 of the PROXY protocol's header: a signature, a command, a family with a transport, a
 * length, and a block of that length with the addresses and the TLVs (2.2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/proxy.h"

#include <string.h>

enum {
    V2_COMMAND_AT = 12,
    V2_FAMILY_AT = 13,
    V2_LENGTH_AT = 14,
    V2_BLOCK_AT = 16, /* also the octets without the block */
    V2_LOCAL = 0x20,  /* version 2 with command LOCAL */
    V2_PROXY = 0x21,
    V2_UNIX_OCTETS = 108 /* of one address */
};

/* Octets of the addresses and ports, by enum ehlo_proxy_family */
static const size_t v2_address_octets[] = {0, 12, 36, 216};

#define V2_FAMILIES (sizeof v2_address_octets / sizeof *v2_address_octets)

/* The fixed part, as far as it has come. */
struct v2_fixed {
    size_t block;    /* octets behind it; the least that they can be, if not all of it has come */
    unsigned family; /* enum ehlo_proxy_family */
    unsigned transport;
    bool is_local; /* the block is to be skipped */
};

/* Reads the fixed part; COMPLETE means that it is whole. */
static enum ehlo_proxy_status read_v2_fixed(struct ehlo_slice octets, struct v2_fixed *fixed)
{
    unsigned command, family;

    if (octets.length <= V2_COMMAND_AT)
        return EHLO_PROXY_MORE;
    command = (unsigned char)octets.data[V2_COMMAND_AT];
    if (command != V2_LOCAL && command != V2_PROXY)
        return EHLO_PROXY_MALFORMED;
    if (octets.length <= V2_FAMILY_AT)
        return EHLO_PROXY_MORE;
    family = (unsigned char)octets.data[V2_FAMILY_AT];
    fixed->family = family >> 4;
    fixed->transport = family & 0x0f;
    if (command == V2_PROXY &&
        (fixed->family >= V2_FAMILIES || fixed->transport > EHLO_PROXY_DATAGRAM))
        return EHLO_PROXY_MALFORMED;
    fixed->is_local = command == V2_LOCAL || fixed->family == EHLO_PROXY_NO_FAMILY ||
                      fixed->transport == EHLO_PROXY_NO_TRANSPORT;
    fixed->block = ehlo__get_length(octets, V2_LENGTH_AT);
    if (fixed->block > EHLO_PROXY_MAX - V2_BLOCK_AT)
        return EHLO_PROXY_MALFORMED;
    return octets.length < V2_BLOCK_AT ? EHLO_PROXY_MORE : EHLO_PROXY_COMPLETE;
}

/* Fills both ends for IPv4 or IPv6: two addresses, then two ports. */
static void read_v2_addresses(struct ehlo_slice octets, enum ehlo_proxy_family family,
                              struct ehlo_proxy *header)
{
    size_t width = family == EHLO_PROXY_IPV4 ? 4 : 16;
    size_t ports = V2_BLOCK_AT + 2 * width;

    ehlo__set_endpoint(&header->source, family, octets.data + V2_BLOCK_AT,
                       ehlo__get_length(octets, ports));
    ehlo__set_endpoint(&header->destination, family, octets.data + V2_BLOCK_AT + width,
                       ehlo__get_length(octets, ports + 2));
}

static void read_v2_path(const char *octets, struct ehlo_proxy_endpoint *endpoint)
{
    const char *end = memchr(octets, '\0', V2_UNIX_OCTETS);

    endpoint->family = EHLO_PROXY_UNIX;
    endpoint->path.data = octets;
    endpoint->path.length = end != NULL ? (size_t)(end - octets) : V2_UNIX_OCTETS;
}

enum ehlo_proxy_status ehlo__read_proxy_v2(struct ehlo_slice octets, struct ehlo_proxy *header)
{
    struct v2_fixed fixed;
    enum ehlo_proxy_status status = read_v2_fixed(octets, &fixed);
    size_t tlvs_at;

    if (status != EHLO_PROXY_COMPLETE)
        return status;
    header->length = V2_BLOCK_AT + fixed.block;
    header->is_local = fixed.is_local;
    if (fixed.is_local)
        return octets.length < header->length ? EHLO_PROXY_MORE : EHLO_PROXY_COMPLETE;

    tlvs_at = V2_BLOCK_AT + v2_address_octets[fixed.family];
    if (header->length < tlvs_at || !ehlo__tlvs_fit(octets, tlvs_at, header->length, false))
        return EHLO_PROXY_MALFORMED;
    if (octets.length < header->length)
        return EHLO_PROXY_MORE;
    octets.length = header->length;
    header->tlvs = (struct ehlo_slice){octets.data + tlvs_at, octets.length - tlvs_at};
    if (!ehlo__checksum_holds(octets, header->tlvs))
        return EHLO_PROXY_MALFORMED;
    header->transport = fixed.transport;
    if (fixed.family != EHLO_PROXY_UNIX) {
        read_v2_addresses(octets, (enum ehlo_proxy_family)fixed.family, header);
        return EHLO_PROXY_COMPLETE;
    }
    read_v2_path(octets.data + V2_BLOCK_AT, &header->source);
    read_v2_path(octets.data + V2_BLOCK_AT + V2_UNIX_OCTETS, &header->destination);
    return EHLO_PROXY_COMPLETE;
}
