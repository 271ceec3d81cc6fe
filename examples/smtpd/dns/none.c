/*
 * Built without c-ares: there is no resolver.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dns.h"

#if !SMTPD_CARES

bool dns_is_built(void)
{
    return false;
}

struct dns *dns_new(struct loop *loop, struct timers *timers, const char *server)
{
    (void)loop;
    (void)timers;
    (void)server;
    return NULL;
}

void dns_free(struct dns *dns)
{
    (void)dns;
}

struct lookup *dns_mail_host(struct dns *dns, struct ehlo_slice domain, dns_answer *answer,
                             void *owner)
{
    (void)dns;
    (void)domain;
    answer(owner, FOUND_ERROR);
    return NULL;
}

struct lookup *dns_name(struct dns *dns, const char *address, dns_answer *answer, void *owner)
{
    (void)dns;
    (void)address;
    answer(owner, FOUND_ERROR);
    return NULL;
}

struct lookup *dns_listed_address(struct dns *dns, const char *zone, const char *address,
                                  const struct network *listed, dns_answer *answer, void *owner)
{
    (void)zone;
    (void)listed;
    return dns_name(dns, address, answer, owner);
}

struct lookup *dns_listed_domain(struct dns *dns, const char *zone, struct ehlo_slice domain,
                                 const struct network *listed, dns_answer *answer, void *owner)
{
    (void)zone;
    (void)listed;
    return dns_mail_host(dns, domain, answer, owner);
}

void dns_drop(struct lookup *lookup)
{
    (void)lookup;
}

#endif
