/*
 * The ends of a proxied connection: addresses as text, in the one spelling that RFC 5952 4 and 5
 * recommend.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/proxy.h"
#include "syntax/sink.h"

#include <string.h>

#define ENDPOINT_GROUPS 8 /* of an IPv6 address */

static void put_number(struct ehlo__sink *out, unsigned number, unsigned base)
{
    if (number >= base)
        put_number(out, number / base, base);
    ehlo__put(out, "0123456789abcdef"[number % base]);
}

static void put_ipv4(struct ehlo__sink *out, const uint8_t *address)
{
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            ehlo__put(out, '.');
        put_number(out, address[i], 10);
    }
}

static unsigned ipv6_group(const uint8_t *address, size_t i)
{
    return (unsigned)address[2 * i] << 8 | address[2 * i + 1];
}

/* Finds what "::" stands for: the first of the longest runs of zero groups, if it has two or more
 * (RFC 5952 4.2). Returns its length. */
static size_t find_zero_groups(const uint8_t *address, size_t *start)
{
    size_t longest = 1, run = 0;

    for (size_t i = 0; i < ENDPOINT_GROUPS; i++) {
        run = ipv6_group(address, i) == 0 ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            *start = i + 1 - run;
        }
    }
    return longest > 1 ? longest : 0;
}

static void put_ipv6(struct ehlo__sink *out, const uint8_t *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 2.5.5.2 */
    size_t start = 0, zeros = find_zero_groups(address, &start);

    if (memcmp(address, mapped, sizeof mapped) == 0) {
        ehlo__put_text(out, "::ffff:");
        put_ipv4(out, address + sizeof mapped);
        return;
    }
    for (size_t i = 0; i < ENDPOINT_GROUPS; i++) {
        bool behind_zeros = zeros > 0 && i == start + zeros;

        if (zeros > 0 && i == start)
            ehlo__put_text(out, "::");
        if (zeros > 0 && i >= start && i < start + zeros)
            continue;
        if (i > 0 && !behind_zeros)
            ehlo__put(out, ':');
        put_number(out, ipv6_group(address, i), 16);
    }
}

void ehlo__set_endpoint(struct ehlo_proxy_endpoint *endpoint, enum ehlo_proxy_family family,
                        const void *address, size_t port)
{
    struct ehlo__sink out = {endpoint->text, sizeof endpoint->text - 1, 0};

    *endpoint = (struct ehlo_proxy_endpoint){.family = family, .port = (uint32_t)port};
    memcpy(endpoint->address, address, family == EHLO_PROXY_IPV4 ? 4 : 16);
    if (family == EHLO_PROXY_IPV4)
        put_ipv4(&out, endpoint->address);
    else
        put_ipv6(&out, endpoint->address);
}
