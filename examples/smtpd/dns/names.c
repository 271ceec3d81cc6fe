/*
 * Names that the DNS is asked for.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "names.h"

#include "punycode.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct writer {
    char *name;
    size_t length;
};

static bool put(struct writer *out, const char *octets, size_t length)
{
    if (length >= NAME_SIZE - out->length)
        return false;
    memcpy(out->name + out->length, octets, length);
    out->length += length;
    out->name[out->length] = '\0';
    return true;
}

static bool put_zone(struct writer *out, const char *zone)
{
    return zone == NULL || (put(out, ".", 1) && put(out, zone, strlen(zone)));
}

/* Not what has a meaning in the texts of c-ares, or none in a domain of mail. */
static bool put_label(struct writer *out, struct ehlo_slice label)
{
    char octets[LABEL_MAX];
    bool is_ascii = true;

    for (size_t i = 0; i < label.length; i++) {
        unsigned char octet = (unsigned char)label.data[i];

        if (octet <= ' ' || octet == '\\' || octet == 0x7f)
            return false;
        if (octet >= 0x80)
            is_ascii = false;
    }
    if (!is_ascii) {
        label.length = punycode_label(octets, label);
        label.data = octets;
    }
    return label.length > 0 && label.length <= LABEL_MAX && put(out, label.data, label.length);
}

bool name_of_domain(char name[NAME_SIZE], struct ehlo_slice domain, const char *zone)
{
    struct writer out = {name, 0};

    *name = '\0';
    while (domain.length > 0) {
        const char *dot = memchr(domain.data, '.', domain.length);
        size_t length = dot != NULL ? (size_t)(dot - domain.data) : domain.length;

        if (out.length > 0 && !put(&out, ".", 1))
            return false;
        if (!put_label(&out, (struct ehlo_slice){domain.data, length}))
            return false;
        length += dot != NULL; /* one at the end may stand */
        domain.data += length;
        domain.length -= length;
    }
    return out.length > 0 && put_zone(&out, zone);
}

bool name_of_address(char name[NAME_SIZE], const char *address, const char *zone)
{
    struct writer out = {name, 0};
    unsigned char octets[sizeof(struct in6_addr)];
    bool is_six = strchr(address, ':') != NULL;
    char part[8];

    *name = '\0';
    if (inet_pton(is_six ? AF_INET6 : AF_INET, address, octets) != 1)
        return false;
    for (size_t i = is_six ? 16 : 4; i-- > 0;) {
        if (is_six)
            snprintf(part, sizeof part, "%x.%x", octets[i] & 15u, octets[i] >> 4u);
        else
            snprintf(part, sizeof part, "%u", octets[i]);
        if ((out.length > 0 && !put(&out, ".", 1)) || !put(&out, part, strlen(part)))
            return false;
    }
    if (zone == NULL)
        zone = is_six ? "ip6.arpa" : "in-addr.arpa";
    return put_zone(&out, zone);
}
