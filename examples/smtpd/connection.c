/*
 * One connection: input is read when the session wants it, output is sent as far as the socket
 * takes it, and the timer follows the session's epoch.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "connection.h"

#include "policy.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Seconds for the last reply to leave and the peer to close, when the session is over. */
#define LINGER_SECONDS 2

struct connection {
    struct connections *all;
    struct connection *next, **link; /* in all->first, later in all->closed */
    struct watch watch;
    struct timer timer;
    struct visit visit;
    struct ehlo_peer peer;
    char address[INET6_ADDRSTRLEN];
    struct ehlo_server *session;
    uint32_t epoch; /* the timer runs for it */
    bool timed;     /* the timer was set for the session */
    bool ending;    /* the timer was set for the end */
    bool drains;    /* everything is sent; waits for the peer to close */
    bool at_end;    /* the peer sends no more */
    bool broken;    /* the socket is of no more use */
    size_t used, length;
    char input[16384];
    char memory[]; /* of the session */
};

static void unlink_from_list(struct connection *c)
{
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
}

static void link_to_list(struct connection *c, struct connection **list)
{
    c->next = *list;
    if (c->next != NULL)
        c->next->link = &c->next;
    c->link = list;
    *list = c;
}

static void close_connection(struct connection *c)
{
    ehlo_server_disconnected(c->session); /* does nothing if the session is over */
    timers_clear(c->all->timers, &c->timer);
    loop_forget(c->all->loop, &c->watch);
    close(c->watch.fd);
    unlink_from_list(c);
    link_to_list(c, &c->all->closed);
}

/* ---- octets ---- */

static bool may_come_later(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void send_output(struct connection *c)
{
    const void *output;
    size_t length;

    while ((output = ehlo_server_output(c->session, &length)), length > 0) {
        ssize_t sent = send(c->watch.fd, output, length, 0);

        if (sent < 0) {
            c->broken = !may_come_later(errno);
            return;
        }
        ehlo_server_sent(c->session, (size_t)sent);
    }
}

static void read_input(struct connection *c)
{
    ssize_t length = recv(c->watch.fd, c->input, sizeof c->input, 0);

    c->used = c->length = 0;
    if (length > 0) {
        c->length = (size_t)length;
    } else if (length == 0) {
        c->at_end = true;
        ehlo_server_eof(c->session);
    } else {
        c->broken = !may_come_later(errno);
    }
}

/* Hands in what was read, as far as there is room for the replies. */
static void converse(struct connection *c)
{
    send_output(c);
    while (!c->broken && c->used < c->length) {
        size_t taken = ehlo_server_receive(c->session, c->input + c->used, c->length - c->used);

        if (taken == 0)
            return; /* goes on when the peer has read its replies */
        c->used += taken;
        send_output(c);
    }
}

/*
 * The session is over and its output sent. The socket is closed only after the peer has closed its
 * end: input that nobody reads would make the system reset the connection, and the last reply might
 * be lost.
 */
static void drain(struct connection *c)
{
    if (!c->drains)
        shutdown(c->watch.fd, SHUT_WR);
    c->drains = true;
    loop_change(c->all->loop, &c->watch, LOOP_READ);
}

/* ---- what to wait for ---- */

static void set_timer(struct connection *c)
{
    uint32_t epoch;
    unsigned seconds = ehlo_server_timeout(c->session, &epoch);

    if (seconds == 0) {
        if (!c->ending)
            timers_set(c->all->timers, &c->timer, LINGER_SECONDS);
        c->ending = true;
        return;
    }
    /* Only a new epoch starts the timer anew: octets that dribble in gain no time. */
    if (c->timed && epoch == c->epoch)
        return;
    c->timed = true;
    c->epoch = epoch;
    timers_set(c->all->timers, &c->timer, seconds);
}

/* After anything that happened. The connection may be gone afterwards. */
static void settle(struct connection *c)
{
    unsigned wants = ehlo_server_wants(c->session);
    bool is_over = (wants & EHLO_WANT_CLOSE) != 0;

    if (c->broken || (is_over && c->at_end)) {
        close_connection(c);
        return;
    }
    set_timer(c);
    if (is_over) {
        drain(c);
        return;
    }
    loop_change(c->all->loop, &c->watch,
                ((wants & EHLO_WANT_READ) != 0 && c->used == c->length ? LOOP_READ : 0) |
                    ((wants & EHLO_WANT_WRITE) != 0 ? LOOP_WRITE : 0));
}

static void on_ready(void *owner, unsigned events)
{
    struct connection *c = owner;
    bool has_room = c->used == c->length &&
                    (c->drains || (ehlo_server_wants(c->session) & EHLO_WANT_READ) != 0);

    if ((events & LOOP_READ) != 0 && has_room)
        read_input(c);
    converse(c);
    settle(c);
}

static void on_due(void *owner)
{
    struct connection *c = owner;

    c->timed = false;
    if (ehlo_server_expire(c->session) != EHLO_OK) { /* it was over already */
        close_connection(c);
        return;
    }
    converse(c);
    settle(c);
}

/* ---- all of them ---- */

/* The text of an address; an IPv4 address in an IPv6 one is written as what it is. */
static void write_address(struct connection *c, const struct sockaddr *peer)
{
    if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)peer;
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
        const uint8_t *octets = in6->sin6_addr.s6_addr + (is_mapped ? 12 : 0);

        inet_ntop(is_mapped ? AF_INET : AF_INET6, octets, c->address, sizeof c->address);
        c->peer.port = ntohs(in6->sin6_port);
    }
    if (peer->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;

        inet_ntop(AF_INET, &in->sin_addr, c->address, sizeof c->address);
        c->peer.port = ntohs(in->sin_port);
    }
    c->peer.address = ehlo_text(c->address);
}

static unsigned count_neighbours(const struct connection *c)
{
    unsigned count = 0;

    for (const struct connection *other = c->all->first; other != NULL; other = other->next)
        if (!other->visit.over && !other->visit.refused && strcmp(other->address, c->address) == 0)
            count++;
    return count;
}

void connection_open(struct connections *all, int fd, const struct sockaddr *peer)
{
    size_t size = ehlo_server_size(all->config);
    struct connection *c = malloc(sizeof *c + size);

    if (c == NULL) {
        close(fd);
        return;
    }
    memset(c, 0, offsetof(struct connection, input)); /* buffers cost no memory until they fill */
    c->all = all;
    c->peer = (struct ehlo_peer){EHLO_PEER_DEFAULTS, .serial = ++all->serial};
    write_address(c, peer);
    c->visit = (struct visit){.options = all->options, .number = all->serial};
    c->visit.delivery.root = all->options->maildir;
    if (all->options->max_per_ip > 0)
        c->visit.neighbours = count_neighbours(c);
    c->session = ehlo_server_init(c->memory, size, all->config, &c->visit);
    c->watch = (struct watch){.fd = fd, .ready = on_ready, .owner = c};
    c->timer = (struct timer){.due = on_due, .owner = c};
    if (c->session == NULL || !loop_add(all->loop, &c->watch, 0)) {
        close(fd);
        free(c);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* replies come in batches */
    link_to_list(c, &all->first);
    ehlo_server_start(c->session, &c->peer);
    converse(c);
    settle(c);
}

void connections_sweep(struct connections *all)
{
    while (all->closed != NULL) {
        struct connection *c = all->closed;

        unlink_from_list(c);
        free(c);
    }
}

void connections_shutdown(struct connections *all)
{
    struct connection *next;

    for (struct connection *c = all->first; c != NULL; c = next) {
        next = c->next;
        ehlo_server_shutdown(c->session);
        converse(c);
        settle(c);
    }
}

void connections_expire(struct connections *all)
{
    while (all->first != NULL) {
        struct connection *c = all->first;

        ehlo_server_expire(c->session);
        send_output(c);
        close_connection(c);
    }
}
