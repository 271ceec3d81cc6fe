/*
 * Accepts connections. When file descriptors or memory run out it stops for a moment: the waiting
 * connections stay with the system, and the loop does not spin.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "listener.h"

#include "trace.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE_SECONDS 1

/* Connections accepted in one turn of the loop, so that the others get theirs. */
#define BATCH 64

static bool make_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static void on_pause_over(void *owner)
{
    struct listener *listener = owner;

    loop_change(listener->connections->runtime->loop, &listener->watch, LOOP_READ);
}

static void on_connection(void *owner, unsigned events)
{
    struct listener *listener = owner;
    struct connections *connections = listener->connections;

    (void)events;
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int fd = accept(listener->watch.fd, (struct sockaddr *)&peer, &length);

        if (fd >= 0 && make_nonblocking(fd)) {
            connection_open(connections, fd, (struct sockaddr *)&peer);
            continue;
        }
        if (fd >= 0)
            close(fd);
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            trace_note(0, "cannot accept now: %s", strerror(errno));
            loop_change(connections->runtime->loop, &listener->watch, 0);
            timers_set(connections->runtime->timers, &listener->pause, PAUSE_SECONDS);
        }
        return; /* nobody waits, or the one who did is gone */
    }
}

static int open_socket(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, info->ai_socktype, info->ai_protocol);

    if (fd >= 0 && make_nonblocking(fd) &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
        bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    if (fd >= 0) {
        int error = errno;

        close(fd);
        errno = error;
    }
    return -1;
}

bool listener_open(struct listener *listener, struct connections *connections, const char *address,
                   const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *info;
    int error = getaddrinfo(address, port, &hints, &info), fd;

    if (error != 0) {
        fprintf(stderr, "smtpd: --listen: %s: %s\n", address, gai_strerror(error));
        return false;
    }
    fd = open_socket(info);
    freeaddrinfo(info);
    *listener = (struct listener){
        .connections = connections,
        .watch = {.fd = fd, .ready = on_connection, .owner = listener},
        .pause = {.due = on_pause_over, .owner = listener},
    };
    if (fd >= 0 && loop_add(connections->runtime->loop, &listener->watch, LOOP_READ))
        return true;
    fprintf(stderr, "smtpd: cannot listen on %s port %s: %s\n", address, port, strerror(errno));
    return false;
}

void listener_announce(const struct listener *listener)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1], port[8];
    bool is_ipv6;

    if (getsockname(listener->watch.fd, (struct sockaddr *)&address, &length) != 0 ||
        getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    is_ipv6 = strchr(host, ':') != NULL;
    printf("listening on %s%s%s:%s\n", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port);
    fflush(stdout);
}

void listener_close(struct listener *listener)
{
    timers_clear(listener->connections->runtime->timers, &listener->pause);
    loop_forget(listener->connections->runtime->loop, &listener->watch);
    close(listener->watch.fd);
}
