/*
 * Who the peer of a connection is, and how many others it has.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "visit.h"

#include "sasl.h"
#include <arpa/inet.h>
#include <string.h>

static struct visit *first; /* of the list */

void visit_set_address(struct visit *visit, const struct sockaddr *peer)
{
    if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)peer;
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
        const uint8_t *octets = in6->sin6_addr.s6_addr + (is_mapped ? 12 : 0);

        inet_ntop(is_mapped ? AF_INET : AF_INET6, octets, visit->address, sizeof visit->address);
        visit->peer.port = ntohs(in6->sin6_port);
    }
    if (peer->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;

        inet_ntop(AF_INET, &in->sin_addr, visit->address, sizeof visit->address);
        visit->peer.port = ntohs(in->sin_port);
    }
    visit->peer.address = ehlo_text(visit->address);
}

bool visit_is_surplus(struct visit *visit)
{
    uint32_t limit = visit->options->max_per_ip, count = 0;

    if (limit == 0)
        return false;
    visit_leave(visit); /* it may have another address now */
    for (const struct visit *other = first; other != NULL; other = other->next)
        if (strcmp(other->address, visit->address) == 0)
            count++;
    if (count >= limit)
        return true;
    visit->next = first;
    if (first != NULL)
        first->link = &visit->next;
    visit->link = &first;
    first = visit;
    return false;
}

void visit_leave(struct visit *visit)
{
    if (visit->link == NULL)
        return;
    *visit->link = visit->next;
    if (visit->next != NULL)
        visit->next->link = visit->link;
    visit->link = NULL;
}

void visit_end(struct visit *visit)
{
    visit_leave(visit);
    sasl_end(visit);
    delivery_reset(&visit->delivery);
    text_free(&visit->envelope);
    text_free(&visit->forwarded);
}
