/*
 * Waits for many file descriptors: with epoll on Linux, with poll elsewhere. Level-triggered: what
 * is not read is told again.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_LOOP_H
#define SMTPD_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#define LOOP_READ  1u
#define LOOP_WRITE 2u

struct loop;

/*
 * A file descriptor that is waited for; lies in a structure of its owner, zeroed before the first
 * use. It must stay readable until loop_turn() has returned, even if it was forgotten meanwhile.
 */
struct watch {
    int fd;
    unsigned events;                             /* LOOP_... that are waited for; set by the loop */
    void (*ready)(void *owner, unsigned events); /* a hung-up peer is told as both events */
    void *owner;
    size_t place; /* the loop's */
};

/* NULL: errno tells. */
struct loop *loop_new(void);
void loop_free(struct loop *);

/* Adds a watch, with fd, ready and owner set. False: errno tells. */
bool loop_add(struct loop *, struct watch *, unsigned events);

/* Waits for other events from now on; 0: only for a hang-up. */
void loop_change(struct loop *, struct watch *, unsigned events);

/* Ends the watch; before its descriptor is closed. */
void loop_forget(struct loop *, struct watch *);

/* Waits until something happens, or for so many milliseconds (-1: for ever), and tells. */
void loop_turn(struct loop *, int milliseconds);

#endif
