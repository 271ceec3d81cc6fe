/*
 * Look-ups: a list of record types that are asked for until one is found.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "names.h"
#include "resolver.h"

#if SMTPD_CARES

#include <sys/select.h> /* ares.h needs it */

#include "address.h"
#include <ares.h>
#include <netdb.h>
#include <stdlib.h>

#define ADDRESSES_MAX 64 /* of an answer that are looked at */

struct lookup {
    struct question question;
    dns_answer *answer; /* NULL: dropped */
    void *owner;
    const int *type;       /* asked for now; 0 behind the last */
    struct network listed; /* only these addresses count; zeroed: all */
    char name[NAME_SIZE];
    bool begins; /* the function that began it has not returned yet */
    bool ended;  /* meanwhile: it frees it */
};

/* ---- answers ---- */

/* FOUND_NO: there is a CNAME alone, or nothing that counts. */
static enum found failed(int status)
{
    return status == ARES_ENODATA ? FOUND_NO : FOUND_ERROR;
}

/* A root beside other hosts is a mistake (RFC 7505 3): they count. */
static enum found read_mx(const unsigned char *message, int length)
{
    struct ares_mx_reply *list;
    int status = ares_parse_mx_reply(message, length, &list);
    enum found found = FOUND_NO;

    if (status != ARES_SUCCESS)
        return failed(status);
    for (const struct ares_mx_reply *mx = list; mx != NULL; mx = mx->next) {
        if (mx->host[0] != '\0')
            found = FOUND_YES;
        else if (found == FOUND_NO)
            found = FOUND_NULL_MX;
    }
    ares_free_data(list);
    return found;
}

static enum found read_a(const struct network *listed, const unsigned char *message, int length)
{
    struct ares_addrttl addresses[ADDRESSES_MAX];
    char text[INET6_ADDRSTRLEN];
    int count = ADDRESSES_MAX;
    int status = ares_parse_a_reply(message, length, NULL, addresses, &count);

    if (status != ARES_SUCCESS)
        return failed(status);
    for (int i = 0; i < count; i++) {
        address_write(text, AF_INET, &addresses[i].ipaddr);
        if (network_has(listed, text))
            return FOUND_YES;
    }
    return FOUND_NO;
}

static enum found read_aaaa(const unsigned char *message, int length)
{
    struct ares_addr6ttl addresses[1];
    int count = 1;
    int status = ares_parse_aaaa_reply(message, length, NULL, addresses, &count);

    if (status != ARES_SUCCESS)
        return failed(status);
    return count > 0 ? FOUND_YES : FOUND_NO;
}

static enum found read_ptr(const unsigned char *message, int length)
{
    struct hostent *host;
    int status = ares_parse_ptr_reply(message, length, NULL, 0, AF_INET, &host);

    if (status != ARES_SUCCESS)
        return failed(status);
    ares_free_hostent(host);
    return FOUND_YES;
}

static enum found read_records(const struct lookup *lookup, const unsigned char *message,
                               int length)
{
    switch (*lookup->type) {
    case TYPE_MX:
        return read_mx(message, length);
    case TYPE_A:
        return read_a(&lookup->listed, message, length);
    case TYPE_AAAA:
        return read_aaaa(message, length);
    default:
        return read_ptr(message, length);
    }
}

/* ---- the course of a look-up ---- */

static void finish(struct lookup *lookup, enum found found)
{
    dns_answer *answer = lookup->answer;
    void *owner = lookup->owner;

    if (lookup->begins)
        lookup->ended = true;
    else
        free(lookup);
    if (answer != NULL)
        answer(owner, found);
}

static void on_answered(void *owner, enum answered answered, const unsigned char *message,
                        int length)
{
    struct lookup *lookup = owner;
    enum found found = FOUND_NO;

    if (answered == ANSWERED_END)
        lookup->answer = NULL;
    if (answered == ANSWERED_RECORDS)
        found = read_records(lookup, message, length);
    if (answered == ANSWERED_FAILURE)
        found = FOUND_ERROR;
    if (found != FOUND_NO || answered == ANSWERED_NO_NAME || lookup->answer == NULL ||
        *++lookup->type == 0) {
        finish(lookup, found);
        return;
    }
    resolver_ask(&lookup->question, lookup->name, *lookup->type);
}

/* NULL: answered already. */
static struct lookup *make(struct dns *dns, const int *types, dns_answer *answer, void *owner)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);

    if (lookup == NULL) {
        answer(owner, FOUND_ERROR);
        return NULL;
    }
    lookup->question = (struct question){dns, on_answered, lookup};
    lookup->type = types;
    lookup->answer = answer;
    lookup->owner = owner;
    return lookup;
}

/* A name that cannot be in the DNS is not in it. */
static struct lookup *begin(struct lookup *lookup, bool has_name)
{
    lookup->begins = true;
    if (has_name)
        resolver_ask(&lookup->question, lookup->name, *lookup->type);
    else
        finish(lookup, FOUND_NO);
    lookup->begins = false;
    if (!lookup->ended)
        return lookup;
    free(lookup);
    return NULL;
}

void dns_drop(struct lookup *lookup)
{
    lookup->answer = NULL;
}

/* ---- what is looked up ---- */

static const int mail_types[] = {TYPE_MX, TYPE_A, TYPE_AAAA, 0};
static const int name_types[] = {TYPE_PTR, 0};
static const int listed_types[] = {TYPE_A, 0};

struct lookup *dns_mail_host(struct dns *dns, struct ehlo_slice domain, dns_answer *answer,
                             void *owner)
{
    struct lookup *lookup;

    if (domain.length > 0 && domain.data[0] == '[') { /* an address literal is an address */
        answer(owner, FOUND_YES);
        return NULL;
    }
    lookup = make(dns, mail_types, answer, owner);
    return lookup == NULL ? NULL : begin(lookup, name_of_domain(lookup->name, domain, NULL));
}

struct lookup *dns_name(struct dns *dns, const char *address, dns_answer *answer, void *owner)
{
    struct lookup *lookup = make(dns, name_types, answer, owner);

    return lookup == NULL ? NULL : begin(lookup, name_of_address(lookup->name, address, NULL));
}

struct lookup *dns_listed_address(struct dns *dns, const char *zone, const char *address,
                                  const struct network *listed, dns_answer *answer, void *owner)
{
    struct lookup *lookup = make(dns, listed_types, answer, owner);

    if (lookup == NULL)
        return NULL;
    lookup->listed = *listed;
    return begin(lookup, name_of_address(lookup->name, address, zone));
}

struct lookup *dns_listed_domain(struct dns *dns, const char *zone, struct ehlo_slice domain,
                                 const struct network *listed, dns_answer *answer, void *owner)
{
    struct lookup *lookup = make(dns, listed_types, answer, owner);

    if (lookup == NULL)
        return NULL;
    lookup->listed = *listed;
    return begin(lookup, name_of_domain(lookup->name, domain, zone));
}

#endif
