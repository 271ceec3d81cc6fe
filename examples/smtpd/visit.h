/*
 * What the hooks know about a connection; their `user` pointer. Every file that has hooks puts them
 * into a configuration by a function that is declared here.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_VISIT_H
#define SMTPD_VISIT_H

#include "delivery.h"
#include "ehlo/server.h"
#include "options.h"
#include <netinet/in.h>

struct exchange; /* of sasl.c */

/* Zeroed before it is filled. */
struct visit {
    const struct options *options;
    const struct ehlo_server_config *trusted; /* NULL: the peer is none of --xclient */
    unsigned long number;                     /* of the connection, in the log */
    struct visit *next, **link; /* in the list of those that count for --max-per-ip; NULL: not */

    /* Who it is: the peer, or who a proxy says that it is. */
    struct ehlo_peer peer;
    char address[INET6_ADDRSTRLEN];
    char name[EHLO_ATTRIBUTE_MAX + 1]; /* of XCLIENT */
    char helo[EHLO_ATTRIBUTE_MAX + 1]; /* of XCLIENT; empty: what HELO told counts */
    struct text forwarded;             /* what XFORWARD told, for the log */
    struct ehlo_tls tls;
    struct exchange *exchange; /* of AUTH */

    char sender[EHLO_PATH_MAX], recipient[EHLO_PATH_MAX]; /* mailboxes */
    size_t sender_length;
    size_t recipient_length; /* 0 if there are several */
    int32_t priority;
    bool wants_each;      /* the client asked for a verdict for each recipient */
    struct text envelope; /* fields for what MAIL told beside the sender */
    char reply[128];      /* begin of the last reply, for the log */
    struct delivery delivery;
};

/*
 * Begins a visit, which has its number, of the peer at the other end of a socket. Unless that is
 * one of --xclient, `trusted` becomes NULL: here and for good, since whoever reaches the port can
 * claim any address in a PROXY header.
 */
void visit_begin(struct visit *, const struct options *, const struct sockaddr *peer);

/* The peer is the one whose address has been written to `address`; empty: not known. */
void visit_set_peer(struct visit *, uint32_t port);

/* Whether the peer has too many connections; if not, this one counts until visit_leave(). */
bool visit_is_surplus(struct visit *);

/* The connection does not count any more. */
void visit_leave(struct visit *);

/* Gives back what the visit holds; after on_close. */
void visit_end(struct visit *);

/* policy.c: whose mail is taken. */
void policy_set_hooks(struct ehlo_server_config *, const struct options *);

/* auth.c: who somebody is. It needs the configuration to stay where it is. */
void auth_set_hooks(struct ehlo_server_config *, struct options *);

/* store.c: what happens to a message. */
void store_set_hooks(struct ehlo_server_config *);

/* report.c: what the log hears. */
void report_set_hooks(struct ehlo_server_config *);
void report_refusal(const struct visit *, const char *why); /* of the connection, without a reply */
void report_tls(const struct visit *);

/* trusted.c: what a peer of --xclient may say of its own clients. */
void trusted_set_hooks(struct ehlo_server_config *);

#endif
