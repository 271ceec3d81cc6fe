/*
 * Timers of whole seconds, on a wheel: setting and clearing one is constant work without
 * allocation, however many thousands there are.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_TIMERS_H
#define SMTPD_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#define TIMERS_SLOTS 1024

/* Lies in a structure of its owner; zeroed before the first use. */
struct timer {
    void (*due)(void *owner);
    void *owner;
    struct timer *next, **link; /* in its slot; link is NULL while the timer is not set */
    int64_t at;                 /* second */
};

struct timers {
    struct timer *slots[TIMERS_SLOTS];
    int64_t second; /* handled so far */
    size_t count;   /* of timers that are set */
};

void timers_init(struct timers *);

/* Calls timer->due once, not before `seconds` have passed and within a second after that. */
void timers_set(struct timers *, struct timer *, unsigned seconds);

void timers_clear(struct timers *, struct timer *);

/* Milliseconds until timers_run() has something to do; -1: no timer is set. */
int timers_wait(const struct timers *);

/* Calls what is due. Timers may be set and cleared meanwhile. */
void timers_run(struct timers *);

#endif
