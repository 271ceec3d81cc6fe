/*
 * IP addresses as texts.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "address.h"

#include <arpa/inet.h>
#include <string.h>

void address_write(char text[INET6_ADDRSTRLEN], int family, const void *octets)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (family == AF_INET6 && memcmp(octets, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, (const char *)octets + sizeof mapped, text, INET6_ADDRSTRLEN);
    else
        inet_ntop(family, octets, text, INET6_ADDRSTRLEN);
}

bool address_rewrite(char text[INET6_ADDRSTRLEN], const char *value)
{
    int family = strchr(value, ':') != NULL ? AF_INET6 : AF_INET;
    struct in6_addr address; /* either fits */

    *text = '\0';
    if (inet_pton(family, value, &address) != 1)
        return false;
    address_write(text, family, &address);
    return true;
}
