/*
 * All open connections.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_CONNECTIONS_H
#define SMTPD_CONNECTIONS_H

#include "options.h"
#include "runtime.h"

struct connection;
struct setup;
struct sockaddr;
struct visit;

/* All of them, and what they share. Zeroed but for the pointers before the first use. */
struct connections {
    const struct runtime *runtime;
    const struct options *options;
    struct setup *setup; /* of connections to come */
    struct connection *first;
    struct connection *woken;  /* somebody has decided; until connections_sweep() */
    struct connection *closed; /* the same */
    uint32_t serial;
};

/* connection.c: starts a session with a peer that was accepted. Owns the socket from now on. */
void connection_open(struct connections *, int fd, const struct sockaddr *peer);

/* The session of a visit is to go on: connections_sweep() does it, since a decision may be made
 * amid anything. */
void connections_wake(struct visit *);

/* After each turn of the loop and the timers: goes on with sessions whose decisions were made, and
 * frees what was closed, since only now the loop cannot name it any more. */
void connections_sweep(struct connections *);

/* Ends all sessions: open transactions may finish, the others get 421 at once. */
void connections_shutdown(struct connections *);

/* Ends all that is left, with a 421 where it can be sent at once. */
void connections_expire(struct connections *);

#endif
