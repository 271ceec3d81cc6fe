/*
 * Octets from here to there.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pump.h"

#include "loop.h"
#include <string.h>

void pump_init(struct pump *pump, int fd, struct ehlo_server *session)
{
    pump->transport.fd = fd;
    pump->session = session;
    pump->read_event = LOOP_READ;
    pump->write_event = LOOP_WRITE;
}

void pump_note(struct pump *pump, unsigned *event, enum io came)
{
    if (came == IO_WAITS_READ || came == IO_WAITS_WRITE)
        *event = came == IO_WAITS_READ ? LOOP_READ : LOOP_WRITE;
    if (came == IO_BROKEN)
        pump->broken = true;
}

void pump_send(struct pump *pump)
{
    const void *output;
    size_t length, sent;

    while ((output = ehlo_server_output(pump->session, &length)), length > 0) {
        enum io came = transport_send(&pump->transport, output, length, &sent);

        pump_note(pump, &pump->write_event, came);
        if (came != IO_DONE)
            return;
        ehlo_server_sent(pump->session, sent);
    }
}

void pump_converse(struct pump *pump)
{
    pump_send(pump);
    while (!pump->broken && pump->used < pump->length) {
        size_t taken =
            ehlo_server_receive(pump->session, pump->input + pump->used, pump->length - pump->used);

        if (taken == 0)
            return;                                 /* goes on when the peer has read its replies */
        memset(pump->input + pump->used, 0, taken); /* it may have been a password */
        pump->used += taken;
        pump_send(pump);
    }
}

/* When the session is over everything is read and ignored. */
static bool has_room(const struct pump *pump)
{
    return pump->used == pump->length && !pump->at_end && !pump->broken &&
           (ehlo_server_wants(pump->session) & (EHLO_WANT_READ | EHLO_WANT_CLOSE)) != 0;
}

static void read_input(struct pump *pump)
{
    enum io came;

    pump->used = pump->length = 0;
    came = transport_receive(&pump->transport, pump->input, sizeof pump->input, &pump->length);
    pump_note(pump, &pump->read_event, came == IO_DONE ? IO_WAITS_READ : came);
    if (came == IO_END) {
        pump->at_end = true;
        ehlo_server_eof(pump->session);
    }
}

/* What TLS has taken from the socket is read too, since the loop does not tell of it. */
void pump_run(struct pump *pump, unsigned events)
{
    bool is_ready = (events & pump->read_event) != 0;

    if (is_ready && has_room(pump))
        read_input(pump);
    pump_converse(pump);
    while (transport_has_pending(&pump->transport) && has_room(pump)) {
        read_input(pump);
        pump_converse(pump);
    }
}

unsigned pump_events(const struct pump *pump)
{
    bool has_output = (ehlo_server_wants(pump->session) & EHLO_WANT_WRITE) != 0;

    return (has_room(pump) ? pump->read_event : 0) | (has_output ? pump->write_event : 0);
}
