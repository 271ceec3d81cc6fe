/*
 * Networks of IP addresses.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "network.h"

#include "ehlo/syntax.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define MAPPED_BITS 96 /* of ::ffff:0:0/96 */

/* Peers with such addresses are known by their IPv4 address (address.h), so it has to be one here,
 * too. */
static void unmap(struct network *network)
{
    static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xff, [11] = 0xff};

    if (network->family != AF_INET6 || network->bits < MAPPED_BITS ||
        memcmp(network->octets, mapped, sizeof mapped) != 0)
        return;
    network->family = AF_INET;
    network->bits -= MAPPED_BITS;
    memmove(network->octets, network->octets + sizeof mapped, 4);
    memset(network->octets + 4, 0, sizeof network->octets - 4);
}

/* One to three digits, `most` at most. */
static bool read_bits(const char *text, unsigned most, unsigned *bits)
{
    size_t length = strlen(text);

    if (length < 1 || length > 3 || strspn(text, "0123456789") != length)
        return false;
    *bits = 0;
    for (; *text != '\0'; text++)
        *bits = *bits * 10 + (unsigned)(*text - '0');
    return *bits <= most;
}

/* Whether the first so many bits are equal. */
static bool is_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    uint8_t mask = (uint8_t)(0xff00u >> bits % 8); /* of the octet they end in */

    return memcmp(a, b, bits / 8) == 0 &&
           (bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

/* Zeroes what stands behind the length. */
static void cut(uint8_t octets[16], unsigned bits)
{
    for (unsigned i = 0; i < 16; i++) {
        if (i * 8 >= bits)
            octets[i] = 0;
        else if (bits - i * 8 < 8)
            octets[i] &= (uint8_t)(0xff00u >> bits % 8);
    }
}

bool network_read(struct network *network, const char *text)
{
    char address[INET6_ADDRSTRLEN];
    uint8_t octets[16] = {0};
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
    unsigned most;

    *network = (struct network){0};
    if (ehlo_same_text(ehlo_text(text), ehlo_text("all")))
        return true;
    if (length >= sizeof address)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    network->family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
    most = network->family == AF_INET6 ? 128 : 32;
    network->bits = most;
    if (inet_pton(network->family, address, network->octets) != 1)
        return false;
    if (slash != NULL && !read_bits(slash + 1, most, &network->bits))
        return false;
    memcpy(octets, network->octets, sizeof octets);
    cut(octets, network->bits);
    if (memcmp(octets, network->octets, sizeof octets) != 0)
        return false;
    unmap(network);
    return true;
}

bool network_has(const struct network *network, const char *address)
{
    uint8_t octets[16];

    if (network->family == 0)
        return true;
    return inet_pton(network->family, address, octets) == 1 &&
           is_equal(network->octets, octets, network->bits);
}
