/*
 * The domains of a session's recipients, as RCPTDOMAINMAX counts them (RFC 9422 4): each is kept as
 * a hash of 64 bits (FNV-1a). Two domains of one hash count as one, so the limit may let a domain
 * too many pass, never one too few; who makes such names up gains no more than that.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"
#include "syntax/chars.h"

/* Of the domain in lower case: case does not count (RFC 5321 2.4). */
static uint64_t hash_of(struct ehlo_slice domain)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < domain.length; i++)
        hash = (hash ^ (uint8_t)ehlo__lower(domain.data[i])) * UINT64_C(0x100000001b3);
    return hash;
}

bool ehlo__count_domain(struct ehlo_server *s, struct ehlo_slice domain)
{
    const uint64_t hash = hash_of(domain);

    if (s->config->max_recipient_domains == 0 || domain.length == 0)
        return true;
    for (uint32_t i = 0; i < s->domain_count; i++)
        if (s->domains[i] == hash)
            return true;
    if (s->domain_count == s->config->max_recipient_domains)
        return false;
    s->domains[s->domain_count++] = hash;
    return true;
}
