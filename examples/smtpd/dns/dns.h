/*
 * DNS look-ups that wait for nothing: c-ares asks, the loop tells. Built without c-ares, there is
 * no resolver and dns_new() returns NULL.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_DNS_H
#define SMTPD_DNS_H

#include "loop.h"
#include "policy/network.h"
#include "timers.h"

#include "ehlo/types.h"

struct dns;
struct lookup; /* one that is under way */

enum found {
    FOUND_YES,
    FOUND_NO,      /* the DNS says that there is none */
    FOUND_NULL_MX, /* dns_mail_host(): the domain takes no mail (RFC 7505) */
    FOUND_ERROR    /* no answer, or none that can be used */
};

/* Called once, perhaps before the function that began the look-up returns. */
typedef void dns_answer(void *owner, enum found);

/* Whether there is a resolver in this program at all. */
bool dns_is_built(void);

/* `server`: ADDR:PORT of the resolver, or NULL for those of the system. NULL: there is none. */
struct dns *dns_new(struct loop *, struct timers *, const char *server);

/* Ends all look-ups: none is answered or may be dropped afterwards. Not from inside loop_turn(). */
void dns_free(struct dns *);

/*
 * Each begins a look-up and returns it, or NULL if it has been answered already. The texts are
 * copied. A name that the DNS cannot have, being too long or nonsense, is not there: FOUND_NO.
 * Domains may have U-labels; they are asked for as A-labels (RFC 6531 3.2).
 */

/*
 * Whether a domain can have mail: an MX that is no null MX, or an address (RFC 5321 5.1). An
 * address literal can.
 */
struct lookup *dns_mail_host(struct dns *, struct ehlo_slice domain, dns_answer *, void *owner);

/* Whether an address, as text, has a name (a PTR record). */
struct lookup *dns_name(struct dns *, const char *address, dns_answer *, void *owner);

/* Whether the zone of a DNSBL lists an address, or a domain: its answer lies in `listed` (RFC
 * 5782).
 */
struct lookup *dns_listed_address(struct dns *, const char *zone, const char *address,
                                  const struct network *listed, dns_answer *, void *owner);
struct lookup *dns_listed_domain(struct dns *, const char *zone, struct ehlo_slice domain,
                                 const struct network *listed, dns_answer *, void *owner);

/* Nobody wants to know any more: it is never answered. */
void dns_drop(struct lookup *);

#endif
