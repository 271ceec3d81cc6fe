/*
 * The open connections: octets from sockets to sessions and back, and their timers.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_CONNECTION_H
#define SMTPD_CONNECTION_H

#include "loop.h"
#include "options.h"
#include "timers.h"

struct connection;
struct sockaddr;

/* All of them, and what they share. Zeroed but for the pointers before the first use. */
struct connections {
    struct loop *loop;
    struct timers *timers;
    const struct options *options;
    const struct ehlo_server_config *config;
    const struct ehlo_server_config *trusted; /* of the peers of --xclient */
    struct connection *first;
    struct connection *closed; /* until connections_sweep() */
    uint32_t serial;
};

/* Starts a session with a peer that was accepted. Owns the socket from now on. */
void connection_open(struct connections *, int fd, const struct sockaddr *peer);

/* Frees what was closed in a turn of the loop; only then, since the loop may still name it. */
void connections_sweep(struct connections *);

/* Ends all sessions: open transactions may finish, the others get 421 at once. */
void connections_shutdown(struct connections *);

/* Ends all that is left, with a 421 where it can be sent at once. */
void connections_expire(struct connections *);

#endif
