/*
 * Moves octets between a transport and a session, as far as both can take them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_PUMP_H
#define SMTPD_PUMP_H

#include "transport.h"

/* Zeroed, but for the input, before the first use. */
struct pump {
    struct transport transport;
    struct ehlo_server *session;
    unsigned read_event, write_event; /* LOOP_...: what to wait for in order to read, to write */
    bool at_end;                      /* the peer sends no more */
    bool broken;                      /* the transport is of no more use */
    size_t used, length;              /* of the input */
    char input[8192];
};

void pump_init(struct pump *, int fd, struct ehlo_server *);

/* Keeps what an attempt says of the future. */
void pump_note(struct pump *, unsigned *event, enum io came);

/* Sends what the session has to say. */
void pump_send(struct pump *);

/* The same, and hands in what was read, as far as there is room for the replies. */
void pump_converse(struct pump *);

/* The LOOP_... events that something can be done after: what the session wants, and has room for.
 */
unsigned pump_events(const struct pump *);

/* Does what can be done after these LOOP_... events. */
void pump_run(struct pump *, unsigned events);

#endif
