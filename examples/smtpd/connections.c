/*
 * All connections: those that go on, those that are over, and the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "connections.h"

#include "connection.h"
#include <stdlib.h>

void connections_wake(struct visit *visit)
{
    struct connection *c =
        (struct connection *)(void *)((char *)visit - offsetof(struct connection, visit));

    if (c->is_woken || c->is_closed)
        return;
    c->is_woken = true;
    c->next_woken = c->all->woken;
    c->all->woken = c;
}

static void go_on(struct connection *c)
{
    c->is_woken = false;
    if (c->is_closed || c->phase != PHASE_SESSION)
        return;
    pump_run(&c->pump, 0);
    connection_settle(c);
}

void connections_sweep(struct connections *all)
{
    while (all->woken != NULL) {
        struct connection *c = all->woken;

        all->woken = c->next_woken;
        go_on(c);
    }
    while (all->closed != NULL) {
        struct connection *c = all->closed;

        connection_unlink(c);
        free(c);
    }
}

void connections_shutdown(struct connections *all)
{
    struct connection *next;

    for (struct connection *c = all->first; c != NULL; c = next) {
        next = c->next;
        if (c->phase < PHASE_SESSION) {
            connection_close(c);
            continue;
        }
        ehlo_server_shutdown(c->pump.session);
        pump_converse(&c->pump);
        connection_settle(c);
    }
}

void connections_expire(struct connections *all)
{
    while (all->first != NULL) {
        struct connection *c = all->first;

        ehlo_server_expire(c->pump.session);
        if (c->phase >= PHASE_SESSION)
            pump_send(&c->pump);
        connection_close(c);
    }
}
