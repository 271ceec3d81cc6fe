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
#include "runtime.h"
#include <netinet/in.h>

struct account;   /* of policy/policy.h */
struct decision;  /* of policy/decision.h */
struct exchange;  /* of sasl.c */
struct judgement; /* of policy/judge.c */
struct milter;
struct recipient;
struct setup;

/* Zeroed before it is filled. */
struct visit {
    const struct options *options;
    const struct runtime *runtime;
    struct setup *setup; /* held */
    struct ehlo_server *session;
    unsigned long number;       /* of the connection, in the log */
    struct visit *next, **link; /* in the list of those that count for the limit; NULL: not */

    /* After a decision was made late: the session goes on, once the caller has returned. */
    void (*wake)(struct visit *);
    struct decision *decisions, *made; /* open ones, and those that are of no more use */

    /* Who it is: the peer, or who a proxy says that it is. */
    bool is_trusted; /* the socket's peer is one of --xclient */
    struct ehlo_peer peer;
    char address[INET6_ADDRSTRLEN];
    char name[EHLO_ATTRIBUTE_MAX + 1]; /* of XCLIENT */
    char helo[EHLO_ATTRIBUTE_MAX + 1]; /* of XCLIENT; empty: what HELO told counts */
    struct text forwarded;             /* what XFORWARD told, for the log */
    struct ehlo_tls tls;
    struct exchange *exchange;          /* of AUTH */
    char login[EHLO_ATTRIBUTE_MAX + 1]; /* who authenticates, while AUTH is decided */
    const char *mechanism;              /* with what */
    struct milter **milters;            /* one for each of the policy; NULL: not asked yet */
    size_t milter_count;
    uint32_t spared; /* enum spared bits, since the peer is who it is */

    /* The transaction. */
    char sender[EHLO_PATH_MAX]; /* mailbox */
    size_t sender_length;
    size_t sender_domain;      /* where it begins in `sender` */
    char plain[EHLO_PATH_MAX]; /* the mailbox without quotes, for patterns */
    size_t plain_length;
    struct text parameters; /* of MAIL, as sent */
    uint32_t sender_spared; /* enum spared bits */
    uint64_t declared_size;
    int32_t priority;
    bool wants_each;                /* the client asked for a verdict for each recipient */
    struct text envelope;           /* fields for what MAIL told beside the sender */
    struct recipient *recipients;   /* taken ones */
    const struct account *relaying; /* who is counted for the recipients elsewhere; NULL: nobody */
    uint32_t relayed;               /* how many of them */
    int64_t relay_day;              /* when */
    struct judgement *judgement;    /* on the content */
    struct delivery delivery;
    char reply[128]; /* begin of the last reply, for the log */
};

/*
 * Begins a visit, which has all of the first block but the session, of the peer at the other end of
 * a socket. Only here it may become a trusted one: whoever reaches the port can claim any address
 * in a PROXY header.
 */
void visit_begin(struct visit *, const struct sockaddr *peer);

/* The peer is the one whose address has been written to `address`; empty: not known. */
void visit_set_peer(struct visit *, uint32_t port);

/* Whether it is a proxy of --xclient, for all we know; not one of its clients. */
bool visit_is_proxy(const struct visit *);

/* Whether the peer has too many connections; if not, this one counts until visit_leave(). */
bool visit_is_surplus(struct visit *);

/* The connection does not count any more. */
void visit_leave(struct visit *);

/* The transaction is over: what is known of it is forgotten. */
void visit_end_transaction(struct visit *);

/* What HELO told, or a proxy said of it. Lives until the session goes on. */
struct ehlo_slice visit_helo(const struct visit *);

/* Gives back what the visit holds; after on_close. */
void visit_end(struct visit *);

/* policy/hooks.c: whose mail is taken. */
void policy_set_hooks(struct ehlo_server_config *, const struct setup *);

/* The connection is another's now, as a trusted peer says: decided anew. In on_xclient. */
struct ehlo_reply policy_welcome(struct ehlo_server *, struct visit *);

/* Somebody has authenticated: whether that is all. In on_auth and on_sasl. */
struct ehlo_reply policy_login(struct ehlo_server *, struct visit *);

/* auth.c: who somebody is. It needs the setup to stay where it is. */
void auth_set_hooks(struct ehlo_server_config *, struct setup *);

/* store.c: what happens to a message. The second is for on_message: the message is taken. */
void store_set_hooks(struct ehlo_server_config *);
struct ehlo_reply store_message(struct visit *, const struct ehlo_message *);

/* The verdict after a failure of the system, which errno tells: the sender is to try again. */
struct ehlo_reply store_trouble(const struct visit *);

/* report.c: what the log hears. */
void report_set_hooks(struct ehlo_server_config *);
void report_refusal(const struct visit *, const char *why); /* of the connection, without a reply */
void report_tls(const struct visit *);
void report_decision(const struct decision *, struct ehlo_reply); /* that refuses */
void report_done(const struct ehlo_server *, const struct visit *, const struct ehlo_done *);
void report_close(const struct ehlo_server *, const struct visit *, enum ehlo_cause);

/* trusted.c: what a peer of --xclient may say of its own clients. */
void trusted_set_hooks(struct ehlo_server_config *);

#endif
