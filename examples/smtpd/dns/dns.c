/*
 * c-ares on the loop. Its sockets are watched here, and once a second it looks for questions that
 * wait too long. The questions are spread over several channels: each has a socket of its own, so
 * that the answers to a thousand sessions at once find room in the buffers of the system, and
 * whoever wants to forge one has more ports to guess.
 *
 * SPDX-License-Identifier: MIT
 */
#include "resolver.h"

#if SMTPD_CARES

#include <sys/select.h> /* ares.h needs it */

#include <ares.h>
#include <stdlib.h>

#define CHANNELS      8
#define SOCKET_BUFFER (256 * 1024) /* what every system allows */
#define WAIT_MS       2000         /* for the first answer; each further try doubles it */
#define TRIES         2
#define CLASS_IN      1

struct channel {
    struct dns *dns;
    ares_channel ares;
};

/* A socket of c-ares, or one that was: a watch must outlive loop_turn(), so it is used again. */
struct socket {
    struct socket *next;
    struct channel *channel; /* NULL: not in use */
    struct watch watch;
};

struct dns {
    struct loop *loop;
    struct timers *timers;
    struct timer tick; /* set while questions are open */
    size_t open;
    size_t turn; /* the channel of the next question */
    struct channel channels[CHANNELS];
    size_t channel_count;
    struct socket *sockets;
};

bool dns_is_built(void)
{
    return true;
}

/* ---- sockets ---- */

static void on_ready(void *owner, unsigned events)
{
    struct socket *socket = owner;
    ares_socket_t fd = socket->watch.fd;

    ares_process_fd(socket->channel->ares, events & LOOP_READ ? fd : ARES_SOCKET_BAD,
                    events & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
}

/* The one with a descriptor, or (NULL, -1) one that is not in use. NULL: there is none. */
static struct socket *find_socket(struct dns *dns, const struct channel *channel, int fd)
{
    struct socket *socket = dns->sockets;

    while (socket != NULL && (socket->channel != channel || socket->watch.fd != fd))
        socket = socket->next;
    return socket;
}

static void watch_socket(struct channel *channel, int fd, unsigned events)
{
    struct dns *dns = channel->dns;
    struct socket *socket = find_socket(dns, NULL, -1);

    if (socket == NULL) {
        socket = calloc(1, sizeof *socket);
        if (socket == NULL)
            return; /* its questions will not be answered in time */
        socket->next = dns->sockets;
        dns->sockets = socket;
    }
    socket->watch = (struct watch){.fd = fd, .ready = on_ready, .owner = socket};
    socket->channel = channel;
    if (loop_add(dns->loop, &socket->watch, events))
        return;
    socket->channel = NULL;
    socket->watch = (struct watch){.fd = -1};
}

/* c-ares: waits for this from now on; for nothing, before it closes the socket. */
static void on_socket(void *owner, ares_socket_t fd, int reads, int writes)
{
    struct channel *channel = owner;
    struct socket *socket = find_socket(channel->dns, channel, fd);
    unsigned events = (reads ? LOOP_READ : 0) | (writes ? LOOP_WRITE : 0);

    if (socket == NULL) {
        if (events != 0)
            watch_socket(channel, fd, events);
        return;
    }
    if (events != 0) {
        loop_change(channel->dns->loop, &socket->watch, events);
        return;
    }
    loop_forget(channel->dns->loop, &socket->watch);
    socket->channel = NULL;
    socket->watch.fd = -1;
}

/* ---- questions ---- */

static void on_tick(void *owner)
{
    struct dns *dns = owner;

    for (size_t i = 0; i < dns->channel_count; i++)
        ares_process_fd(dns->channels[i].ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    if (dns->open > 0)
        timers_set(dns->timers, &dns->tick, 0);
}

static enum answered answered_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return ANSWERED_RECORDS;
    case ARES_ENODATA:
        return ANSWERED_NONE;
    case ARES_ENOTFOUND:
        return ANSWERED_NO_NAME;
    case ARES_EDESTRUCTION:
        return ANSWERED_END;
    default:
        return ANSWERED_FAILURE;
    }
}

static void on_answer(void *owner, int status, int timeouts, unsigned char *message, int length)
{
    struct question *question = owner;

    (void)timeouts;
    question->dns->open--;
    question->answered(question->owner, answered_of(status), message, length);
}

void resolver_ask(struct question *question, const char *name, int type)
{
    struct dns *dns = question->dns;

    if (dns->open++ == 0)
        timers_set(dns->timers, &dns->tick, 0);
    dns->turn = (dns->turn + 1) % dns->channel_count;
    ares_query(dns->channels[dns->turn].ares, name, CLASS_IN, type, on_answer, question);
}

/* ---- all of it ---- */

static bool add_channel(struct dns *dns, const char *server)
{
    struct channel *channel = &dns->channels[dns->channel_count];
    struct ares_options options = {.timeout = WAIT_MS,
                                   .tries = TRIES,
                                   .socket_send_buffer_size = SOCKET_BUFFER,
                                   .socket_receive_buffer_size = SOCKET_BUFFER,
                                   .sock_state_cb = on_socket,
                                   .sock_state_cb_data = channel};
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_SNDBUF | ARES_OPT_SOCK_RCVBUF |
               ARES_OPT_SOCK_STATE_CB;

    channel->dns = dns;
    if (ares_init_options(&channel->ares, &options, mask) != ARES_SUCCESS)
        return false;
    dns->channel_count++;
    return server == NULL || ares_set_servers_ports_csv(channel->ares, server) == ARES_SUCCESS;
}

struct dns *dns_new(struct loop *loop, struct timers *timers, const char *server)
{
    struct dns *dns;

    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
        return NULL;
    dns = calloc(1, sizeof *dns);
    if (dns == NULL) {
        ares_library_cleanup();
        return NULL;
    }
    dns->loop = loop;
    dns->timers = timers;
    dns->tick = (struct timer){.due = on_tick, .owner = dns};
    while (dns->channel_count < CHANNELS) {
        if (!add_channel(dns, server)) {
            dns_free(dns);
            return NULL;
        }
    }
    return dns;
}

void dns_free(struct dns *dns)
{
    timers_clear(dns->timers, &dns->tick);
    for (size_t i = 0; i < dns->channel_count; i++)
        ares_destroy(dns->channels[i].ares);
    while (dns->sockets != NULL) {
        struct socket *next = dns->sockets->next;

        free(dns->sockets);
        dns->sockets = next;
    }
    free(dns);
    ares_library_cleanup();
}

#endif
