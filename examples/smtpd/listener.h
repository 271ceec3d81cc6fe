/*
 * The socket that connections come from.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_LISTENER_H
#define SMTPD_LISTENER_H

#include "connections.h"
#include "loop.h"
#include "timers.h"

struct listener {
    struct connections *connections;
    struct watch watch;
    struct timer pause; /* after the system ran out of something */
};

/*
 * Listens at an address and port, given as text. False: said on stderr. The listener must stay
 * where it is.
 */
bool listener_open(struct listener *, struct connections *, const char *address, const char *port);

/* Says on stdout where it listens. */
void listener_announce(const struct listener *);

void listener_close(struct listener *);

#endif
