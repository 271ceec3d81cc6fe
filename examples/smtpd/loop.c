/*
 * The two ways to wait. Define SMTPD_POLL to have poll on Linux too.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "loop.h"

#include <stdlib.h>
#include <unistd.h>

static void tell(struct watch *watch, unsigned events)
{
    if (watch->ready != NULL && events != 0) /* NULL: forgotten in this turn */
        watch->ready(watch->owner, events);
}

#if defined __linux__ && !defined SMTPD_POLL

#include <sys/epoll.h>

#define LOOP_BATCH 256

struct loop {
    int fd;
};

static struct epoll_event asked(struct watch *watch, unsigned events)
{
    struct epoll_event event = {.data.ptr = watch};

    watch->events = events;
    event.events = (events & LOOP_READ ? EPOLLIN : 0u) | (events & LOOP_WRITE ? EPOLLOUT : 0u);
    return event;
}

struct loop *loop_new(void)
{
    struct loop *loop = malloc(sizeof *loop);

    if (loop == NULL)
        return NULL;
    loop->fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->fd >= 0)
        return loop;
    free(loop);
    return NULL;
}

void loop_free(struct loop *loop)
{
    close(loop->fd);
    free(loop);
}

bool loop_add(struct loop *loop, struct watch *watch, unsigned events)
{
    struct epoll_event event = asked(watch, events);

    return epoll_ctl(loop->fd, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

void loop_change(struct loop *loop, struct watch *watch, unsigned events)
{
    struct epoll_event event;

    if (watch->events == events)
        return;
    event = asked(watch, events);
    epoll_ctl(loop->fd, EPOLL_CTL_MOD, watch->fd, &event);
}

void loop_forget(struct loop *loop, struct watch *watch)
{
    struct epoll_event event = asked(watch, 0);

    epoll_ctl(loop->fd, EPOLL_CTL_DEL, watch->fd, &event);
    watch->ready = NULL;
}

void loop_turn(struct loop *loop, int milliseconds)
{
    struct epoll_event events[LOOP_BATCH];
    int count = epoll_wait(loop->fd, events, LOOP_BATCH, milliseconds);

    for (int i = 0; i < count; i++) {
        unsigned told = events[i].events;

        tell(events[i].data.ptr, (told & (EPOLLIN | EPOLLHUP | EPOLLERR) ? LOOP_READ : 0) |
                                     (told & (EPOLLOUT | EPOLLHUP | EPOLLERR) ? LOOP_WRITE : 0));
    }
}

#else

#include <poll.h>

struct loop {
    struct pollfd *fds;
    struct watch **watches; /* as fds */
    size_t count, room;
};

static short asked(struct watch *watch, unsigned events)
{
    watch->events = events;
    return (short)((events & LOOP_READ ? POLLIN : 0) | (events & LOOP_WRITE ? POLLOUT : 0));
}

struct loop *loop_new(void)
{
    return calloc(1, sizeof(struct loop));
}

void loop_free(struct loop *loop)
{
    free(loop->fds);
    free(loop->watches);
    free(loop);
}

static bool grow(struct loop *loop)
{
    size_t room = loop->room * 2 + 16;
    struct pollfd *fds = realloc(loop->fds, room * sizeof *fds);
    struct watch **watches;

    if (fds == NULL)
        return false;
    loop->fds = fds;
    watches = realloc(loop->watches, room * sizeof(struct watch *));
    if (watches == NULL)
        return false;
    loop->watches = watches;
    loop->room = room;
    return true;
}

bool loop_add(struct loop *loop, struct watch *watch, unsigned events)
{
    if (loop->count == loop->room && !grow(loop))
        return false;
    watch->place = loop->count++;
    loop->fds[watch->place] = (struct pollfd){watch->fd, asked(watch, events), 0};
    loop->watches[watch->place] = watch;
    return true;
}

void loop_change(struct loop *loop, struct watch *watch, unsigned events)
{
    loop->fds[watch->place].events = asked(watch, events);
}

void loop_forget(struct loop *loop, struct watch *watch)
{
    size_t last = --loop->count;

    loop->fds[watch->place] = loop->fds[last];
    loop->watches[watch->place] = loop->watches[last];
    loop->watches[watch->place]->place = watch->place;
    watch->ready = NULL;
}

/* From the end: a watch that is forgotten meanwhile is replaced by one that has been told. */
void loop_turn(struct loop *loop, int milliseconds)
{
    if (poll(loop->fds, (nfds_t)loop->count, milliseconds) <= 0)
        return;
    for (size_t i = loop->count; i-- > 0;) {
        short told;

        if (i >= loop->count)
            continue;
        told = loop->fds[i].revents;
        loop->fds[i].revents = 0;
        tell(loop->watches[i],
             (told & (POLLIN | POLLHUP | POLLERR | POLLNVAL) ? LOOP_READ : 0) |
                 (told & (POLLOUT | POLLHUP | POLLERR | POLLNVAL) ? LOOP_WRITE : 0));
    }
}

#endif
