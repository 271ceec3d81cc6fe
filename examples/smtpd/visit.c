/*
 * Who the peer of a connection is, and how many others it has.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "visit.h"

#include "address.h"
#include "policy/checks.h"
#include "policy/setup.h"
#include "sasl.h"
#include <arpa/inet.h>
#include <string.h>

static struct visit *first; /* of the list */

bool visit_is_proxy(const struct visit *visit)
{
    const struct options *options = visit->options;

    for (size_t i = 0; i < options->trusted_count; i++)
        if (strcmp(options->trusted[i], visit->address) == 0)
            return true;
    return false;
}

void visit_begin(struct visit *visit, const struct sockaddr *peer)
{
    visit->delivery.root = visit->options->maildir;
    visit->peer = (struct ehlo_peer){EHLO_PEER_DEFAULTS, .serial = (uint32_t)visit->number};
    if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)peer;

        address_write(visit->address, AF_INET6, &in6->sin6_addr);
        visit_set_peer(visit, ntohs(in6->sin6_port));
    }
    if (peer->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;

        address_write(visit->address, AF_INET, &in->sin_addr);
        visit_set_peer(visit, ntohs(in->sin_port));
    }
    visit->is_trusted = visit_is_proxy(visit);
}

void visit_set_peer(struct visit *visit, uint32_t port)
{
    visit->peer.address = ehlo_text(visit->address);
    visit->peer.port = port;
}

/* Nobody knows which peers without an address are one; a proxy's clients are counted, not it. */
bool visit_is_surplus(struct visit *visit)
{
    const struct policy *policy = &visit->setup->policy;
    uint32_t limit = policy->max_connections, count = 0;

    visit_leave(visit); /* it may have another address now */
    if (limit == 0 || *visit->address == '\0' || visit_is_proxy(visit) ||
        (rules_spared(policy, OF_PEER, visit->address, ehlo_text("")) & SPARES_CONNECTIONS) != 0)
        return false;
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

struct ehlo_slice visit_helo(const struct visit *visit)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    ehlo_server_info(visit->session, &info);
    return *visit->helo != '\0' ? ehlo_text(visit->helo) : info.helo;
}

void visit_end_transaction(struct visit *visit)
{
    decision_drop_open(visit);
    milters_abort(visit);
    judge_forget(visit);
    delivery_reset(&visit->delivery);
    recipient_free_all(&visit->recipients);
    visit->relayed = 0;
}

void visit_end(struct visit *visit)
{
    visit_leave(visit);
    decision_drop_all(visit);
    milters_close(visit);
    visit_end_transaction(visit);
    sasl_end(visit);
    text_free(&visit->parameters);
    text_free(&visit->envelope);
    text_free(&visit->forwarded);
    setup_release(visit->setup);
}
