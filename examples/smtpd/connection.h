/*
 * One connection: octets from a socket to a session and back, and its timer. For the two files that
 * work on connections; others have connections.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_CONNECTION_H
#define SMTPD_CONNECTION_H

#include "connections.h"
#include "loop.h"
#include "pump.h"
#include "timers.h"
#include "visit.h"

enum phase {
    PHASE_PROXY,   /* a proxy's header is to come */
    PHASE_TLS,     /* shaking hands */
    PHASE_SESSION, /* the session talks */
    PHASE_DRAIN    /* everything is sent; waits for the peer to close */
};

struct connection {
    struct connections *all;
    struct connection *next, **link; /* in all->first, later in all->closed */
    struct watch watch;
    struct timer timer;
    struct visit visit;
    enum phase phase;
    uint32_t epoch; /* the timer runs for it */
    bool started;   /* the session has a peer */
    bool timed;     /* the timer was set for the session */
    bool ending;    /* the timer was set for the end */
    bool is_woken;  /* in all->woken */
    bool is_closed; /* in all->closed */
    struct connection *next_woken;
    struct pump pump;
    char memory[]; /* of the session */
};

/* The connection ends: it goes from all->first to all->closed. */
void connection_close(struct connection *);

/* After anything that happened: waits for what is next. The connection may be closed afterwards. */
void connection_settle(struct connection *);

/* Puts it into a list, and takes it out of the one where it is. */
void connection_link(struct connection *, struct connection **list);
void connection_unlink(struct connection *);

#endif
