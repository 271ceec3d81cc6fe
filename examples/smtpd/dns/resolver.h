/*
 * Questions, one record type of one name each: what look-ups are made of.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_RESOLVER_H
#define SMTPD_RESOLVER_H

#include "dns.h"

#define TYPE_A    1
#define TYPE_PTR  12
#define TYPE_MX   15
#define TYPE_AAAA 28

/* What came of a question. */
enum answered {
    ANSWERED_RECORDS, /* perhaps none of the type, but a CNAME that leads nowhere */
    ANSWERED_NONE,    /* the name has none of the type */
    ANSWERED_NO_NAME, /* there is no such name, of whatever type (RFC 8020 2) */
    ANSWERED_FAILURE, /* the server fails, or nobody answers */
    ANSWERED_END      /* dns_free(): nobody waits for it any more */
};

struct question {
    struct dns *dns;
    /* The message of ANSWERED_RECORDS is as it came: c-ares reads it. */
    void (*answered)(void *owner, enum answered, const unsigned char *message, int length);
    void *owner;
};

/* Asks. Calls `answered` once, perhaps at once; until then the question must stay. */
void resolver_ask(struct question *, const char *name, int type);

#endif
