/*
 * The wheel: a slot holds the timers of one second, and those whole turns later.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "timers.h"

#include <time.h>

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void timers_init(struct timers *timers)
{
    *timers = (struct timers){.second = milliseconds() / 1000};
}

void timers_set(struct timers *timers, struct timer *timer, unsigned seconds)
{
    struct timer **slot;

    timers_clear(timers, timer);
    timer->at = milliseconds() / 1000 + 1 + (int64_t)seconds;
    slot = &timers->slots[timer->at % TIMERS_SLOTS];
    timer->next = *slot;
    if (timer->next != NULL)
        timer->next->link = &timer->next;
    timer->link = slot;
    *slot = timer;
    timers->count++;
}

void timers_clear(struct timers *timers, struct timer *timer)
{
    if (timer->link == NULL)
        return;
    *timer->link = timer->next;
    if (timer->next != NULL)
        timer->next->link = timer->link;
    timer->link = NULL;
    timers->count--;
}

int timers_wait(const struct timers *timers)
{
    int64_t now = milliseconds();

    if (timers->count == 0)
        return -1;
    if (timers->second < now / 1000)
        return 0;
    return (int)(1000 - now % 1000);
}

static struct timer *first_due(struct timer *timer, int64_t second)
{
    while (timer != NULL && timer->at > second)
        timer = timer->next;
    return timer;
}

void timers_run(struct timers *timers)
{
    int64_t now = milliseconds() / 1000;
    struct timer *timer;

    while (timers->second < now) {
        timers->second++;
        /* From the slot's start each time: what was due may have cleared its neighbour. */
        while ((timer = first_due(timers->slots[timers->second % TIMERS_SLOTS], timers->second)) !=
               NULL) {
            timers_clear(timers, timer);
            timer->due(timer->owner);
        }
    }
}
