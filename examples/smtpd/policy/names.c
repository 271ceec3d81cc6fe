/*
 * What the DNS must know of a peer, a sender, a recipient. Without a resolver nothing is asked;
 * read.c has said so.
 *
 * SPDX-License-Identifier: MIT
 */
#include "checks.h"

#include "dns/dns.h"
#include "setup.h"
#include "trace.h"

static struct dns *resolver(const struct decision *decision)
{
    return decision->visit->runtime->dns;
}

/* Whether a line `require` holds here and has not been looked at. */
static bool is_due(const struct decision *decision, const struct requirement *required)
{
    return required->on && required->stage == decision->stage && decision->round == 0 &&
           resolver(decision) != NULL && !rules_spare(decision, SPARES_DNS);
}

static void drop(void *lookup)
{
    dns_drop(lookup);
}

/* The check waits; NULL: it has its answer already. */
static struct ehlo_reply wait_for(struct decision *decision, struct lookup *lookup)
{
    return decision_wait(decision, lookup, lookup == NULL ? NULL : drop);
}

/* The answer to a line `require`; its own reply where `others` has none for what was found. */
static void answer(struct decision *decision, enum required what, enum found found,
                   const uint16_t others[])
{
    const struct requirement *required = &decision->visit->setup->policy.required[what];
    unsigned reply = required->reply;

    if ((found == FOUND_ERROR || found == FOUND_NULL_MX) && others[found] != 0)
        reply = others[found];
    if (found != FOUND_YES)
        decision->line = required->line;
    decision_answer(decision, found == FOUND_YES ? ehlo_accept() : ehlo_reply(reply));
}

/* ---- reverse DNS ---- */

static void on_name(void *owner, enum found found)
{
    static const uint16_t others[] = {[FOUND_ERROR] = EHLO_REPLY_LOOKUP_FAILED};

    answer(owner, REQUIRES_REVERSE_DNS, found, others);
}

struct ehlo_reply check_reverse_dns(struct decision *decision)
{
    const struct visit *visit = decision->visit;

    if (!is_due(decision, &visit->setup->policy.required[REQUIRES_REVERSE_DNS]) ||
        *visit->address == '\0' || sender_is_authenticated(decision))
        return ehlo_accept();
    return wait_for(decision, dns_name(resolver(decision), visit->address, on_name, decision));
}

/* ---- domains ---- */

static void on_sender_domain(void *owner, enum found found)
{
    static const uint16_t others[] = {[FOUND_ERROR] = EHLO_REPLY_SENDER_DOMAIN_UNCHECKED,
                                      [FOUND_NULL_MX] = EHLO_REPLY_SENDER_NULL_MX}; /* RFC 7505 */

    answer(owner, REQUIRES_SENDER_DOMAIN, found, others);
}

static struct ehlo_slice sender_domain(const struct visit *visit)
{
    return (struct ehlo_slice){visit->sender + visit->sender_domain,
                               visit->sender_length - visit->sender_domain};
}

struct ehlo_reply check_sender_domain(struct decision *decision)
{
    const struct visit *visit = decision->visit;
    struct ehlo_slice domain = sender_domain(visit);

    if (!is_due(decision, &visit->setup->policy.required[REQUIRES_SENDER_DOMAIN]) ||
        domain.length == 0 || policy_domain(&visit->setup->policy, domain) != NULL)
        return ehlo_accept();
    return wait_for(decision,
                    dns_mail_host(resolver(decision), domain, on_sender_domain, decision));
}

static void on_recipient_domain(void *owner, enum found found)
{
    static const uint16_t others[] = {
        [FOUND_ERROR] = EHLO_REPLY_LOOKUP_FAILED, [FOUND_NULL_MX] = EHLO_REPLY_RECIPIENT_NULL_MX};

    answer(owner, REQUIRES_RECIPIENT_DOMAIN, found, others);
}

struct ehlo_reply check_recipient_domain(struct decision *decision)
{
    const struct recipient *recipient = decision->recipient;
    const struct policy *policy = &decision->visit->setup->policy;

    if (!is_due(decision, &policy->required[REQUIRES_RECIPIENT_DOMAIN]) ||
        recipient->domain != NULL)
        return ehlo_accept();
    return wait_for(decision, dns_mail_host(resolver(decision), recipient->path.domain,
                                            on_recipient_domain, decision));
}

/* ---- DNSBLs ---- */

/* The list of this round: the rounds count those of the stage. */
static const struct dnsbl *current(const struct decision *decision)
{
    unsigned round = decision->round;
    const struct dnsbl *dnsbl = decision->visit->setup->policy.dnsbls;

    while (dnsbl != NULL && (dnsbl->stage != decision->stage || round-- > 0))
        dnsbl = dnsbl->next;
    return dnsbl;
}

/* A list that does not answer refuses nobody. */
static void on_listed(void *owner, enum found found)
{
    struct decision *decision = owner;
    const struct dnsbl *dnsbl = current(decision);

    if (found == FOUND_ERROR)
        trace_note(decision->visit->number, "DNSBL %s does not answer", dnsbl->zone);
    decision->line = found == FOUND_YES ? dnsbl->line : 0;
    decision_answer(decision, found == FOUND_YES ? ehlo_reply(dnsbl->reply) : ehlo_accept());
}

/* What cannot be listed is not asked for: the next round comes at once. */
static struct lookup *ask(struct decision *decision, const struct dnsbl *dnsbl)
{
    const struct visit *visit = decision->visit;
    bool is_known =
        sender_is_authenticated(decision); /* then where it sends from is its own matter */

    if (!dnsbl->of_sender && !is_known && *visit->address != '\0')
        return dns_listed_address(resolver(decision), dnsbl->zone, visit->address, &dnsbl->answer,
                                  on_listed, decision);
    if (dnsbl->of_sender && visit->sender_domain < visit->sender_length)
        return dns_listed_domain(resolver(decision), dnsbl->zone, sender_domain(visit),
                                 &dnsbl->answer, on_listed, decision);
    decision_answer(decision, ehlo_accept());
    return NULL;
}

struct ehlo_reply check_dnsbls(struct decision *decision)
{
    const struct dnsbl *dnsbl = current(decision);

    if (dnsbl == NULL || resolver(decision) == NULL || rules_spare(decision, SPARES_DNS))
        return ehlo_accept();
    return wait_for(decision, ask(decision, dnsbl));
}
