/*
 * One connection: a proxy's header and TLS where they are asked for, then the session, whose epoch
 * the timer follows.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "connection.h"

#include "policy/decision.h"
#include "policy/setup.h"
#include "proxy.h"
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Seconds for the last reply to leave and the peer to close, when the session is over. */
#define LINGER_SECONDS 2

/* Seconds for a connection that begins with TLS to do so, without --timeout. */
#define TLS_SECONDS 60

void connection_unlink(struct connection *c)
{
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
}

void connection_link(struct connection *c, struct connection **list)
{
    c->next = *list;
    if (c->next != NULL)
        c->next->link = &c->next;
    c->link = list;
    *list = c;
}

void connection_close(struct connection *c)
{
    ehlo_server_disconnected(c->pump.session); /* does nothing if the session is over */
    visit_end(&c->visit);
    timers_clear(c->all->runtime->timers, &c->timer);
    loop_forget(c->all->runtime->loop, &c->watch);
    transport_close(&c->pump.transport);
    connection_unlink(c);
    connection_link(c, &c->all->closed);
    c->is_closed = true;
}

/* ---- the begin, and TLS ---- */

static void start_session(struct connection *c)
{
    c->phase = PHASE_SESSION;
    if (!c->started)
        ehlo_server_start(c->pump.session, &c->visit.peer);
    c->started = true;
    pump_converse(&c->pump);
}

/* A handshake that fails ends the session; the transport is plain again, to be drained. */
static void shake_hands(struct connection *c)
{
    struct transport *transport = &c->pump.transport;
    enum io came = tls_handshake(transport->tls, &c->visit.tls);

    if (came == IO_BROKEN) {
        ehlo_server_tls_started(c->pump.session, NULL);
        tls_free(transport->tls);
        transport->tls = NULL;
        return;
    }
    pump_note(&c->pump, &c->pump.read_event, came == IO_DONE ? IO_WAITS_READ : came);
    if (came != IO_DONE)
        return;
    report_tls(&c->visit);
    ehlo_server_tls_started(c->pump.session, &c->visit.tls);
    start_session(c);
}

static void begin_tls(struct connection *c)
{
    unsigned seconds = c->all->options->timeout;

    c->phase = PHASE_TLS;
    c->pump.transport.tls = tls_new(c->all->options->tls, c->watch.fd);
    if (c->pump.transport.tls == NULL) {
        ehlo_server_tls_started(c->pump.session, NULL);
        c->pump.broken = true;
        return;
    }
    if (!c->started)
        timers_set(c->all->runtime->timers, &c->timer, seconds > 0 ? seconds : TLS_SECONDS);
    shake_hands(c);
}

/* on_connect comes behind the handshake: too late for those who never shake hands. */
static void begin(struct connection *c)
{
    bool smtps = c->all->options->smtps;

    if (smtps && visit_is_surplus(&c->visit)) {
        report_refusal(&c->visit, "too many connections");
        c->pump.broken = true;
        return;
    }
    smtps ? begin_tls(c) : start_session(c);
}

static void read_header(struct connection *c)
{
    enum io came = proxy_receive(c->watch.fd, c->pump.input, &c->pump.length, &c->visit);

    pump_note(&c->pump, &c->pump.read_event, came);
    if (came == IO_BROKEN)
        report_refusal(&c->visit, "no PROXY header");
    if (came != IO_DONE)
        return;
    c->pump.length = 0;
    timers_clear(c->all->runtime->timers, &c->timer);
    begin(c);
}

/* ---- what to wait for ---- */

/*
 * The session is over and its output sent. The socket is closed only after the peer has closed its
 * end: input that nobody reads would make the system reset the connection, and the last reply might
 * be lost.
 */
static void drain(struct connection *c)
{
    if (c->phase != PHASE_DRAIN)
        transport_finish(&c->pump.transport);
    c->phase = PHASE_DRAIN;
}

static void set_timer(struct connection *c)
{
    uint32_t epoch;
    unsigned seconds = ehlo_server_timeout(c->pump.session, &epoch);

    if (seconds == 0) {
        if (!c->ending)
            timers_set(c->all->runtime->timers, &c->timer, LINGER_SECONDS);
        c->ending = true;
        return;
    }
    /* Only a new epoch starts the timer anew: octets that dribble in gain no time. */
    if (c->timed && epoch == c->epoch)
        return;
    c->timed = true;
    c->epoch = epoch;
    timers_set(c->all->runtime->timers, &c->timer, seconds);
}

void connection_settle(struct connection *c)
{
    unsigned wants = ehlo_server_wants(c->pump.session);
    bool is_over;

    if ((wants & EHLO_WANT_TLS) != 0 && c->phase == PHASE_SESSION && !c->pump.broken) {
        begin_tls(c);
        wants = ehlo_server_wants(c->pump.session);
    }
    is_over = (wants & EHLO_WANT_CLOSE) != 0;
    if (c->pump.broken || (is_over && c->pump.at_end)) {
        connection_close(c);
        return;
    }
    if (c->started || is_over)
        set_timer(c);
    if (is_over)
        drain(c);
    decision_sweep(&c->visit);
    loop_change(c->all->runtime->loop, &c->watch,
                c->phase == PHASE_SESSION ? pump_events(&c->pump) : c->pump.read_event);
}

static void on_ready(void *owner, unsigned events)
{
    struct connection *c = owner;

    if (c->phase == PHASE_PROXY)
        read_header(c);
    else if (c->phase == PHASE_TLS)
        shake_hands(c);
    else if (c->watch.events == 0) /* nothing was waited for: the peer has hung up */
        c->pump.broken = true;
    else
        pump_run(&c->pump, events);
    connection_settle(c);
}

static void on_due(void *owner)
{
    struct connection *c = owner;

    c->timed = false;
    /* It may be over already; and amid a header or a handshake nothing can be said. */
    if (ehlo_server_expire(c->pump.session) != EHLO_OK || c->phase < PHASE_SESSION) {
        connection_close(c);
        return;
    }
    pump_converse(&c->pump);
    connection_settle(c);
}

/* ---- a new one ---- */

void connection_open(struct connections *all, int fd, const struct sockaddr *peer)
{
    const struct ehlo_server_config *config = &all->setup->configs[0][0];
    size_t size = ehlo_server_size(config);
    struct connection *c = malloc(sizeof *c + size);

    if (c == NULL) {
        close(fd);
        return;
    }
    /* The buffers cost no memory until they fill. */
    memset(c, 0, offsetof(struct connection, pump.input));
    c->all = all;
    c->visit = (struct visit){.number = ++all->serial,
                              .options = all->options,
                              .runtime = all->runtime,
                              .setup = all->setup,
                              .wake = connections_wake};
    visit_begin(&c->visit, peer);
    pump_init(&c->pump, fd, ehlo_server_init(c->memory, size, config, &c->visit));
    c->watch = (struct watch){.fd = fd, .ready = on_ready, .owner = c};
    c->timer = (struct timer){.due = on_due, .owner = c};
    if (c->pump.session == NULL || !loop_add(all->runtime->loop, &c->watch, 0)) {
        close(fd);
        free(c);
        return;
    }
    setup_hold(all->setup);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* replies come in batches */
    connection_link(c, &all->first);
    if (all->options->proxy_protocol)
        timers_set(all->runtime->timers, &c->timer, PROXY_SECONDS);
    else
        begin(c);
    connection_settle(c);
}
