/*
 * A conversation with a filter: its connection, its time, and the queue of questions, of which one
 * is asked at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "milter_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What may wait here to be read; a filter that sends more does not listen. */
#define INPUT_MAX (2 * (MILTER_DATA_MAX + 5))

/* A message for a filter that says nothing is to leave the loop its time for others. */
#define STEPS_PER_TURN 32

static bool is_open(const struct milter *m)
{
    return m->state == MILTER_NEGOTIATING || m->state == MILTER_TALKING;
}

static void hang_up(struct milter *m)
{
    timers_clear(m->runtime.timers, &m->timer);
    if (m->watch.ready == NULL)
        return;
    loop_forget(m->runtime.loop, &m->watch);
    close(m->watch.fd);
}

void milter_finish(struct milter *m, const struct milter_verdict *verdict)
{
    struct milter_question *q = m->first;

    m->first = q->next;
    if (m->first == NULL)
        m->last = &m->first;
    m->is_asked = false;
    timers_clear(m->runtime.timers, &m->timer);
    if (q->answer != NULL)
        q->answer(q->owner, verdict);
    milter_question_free(q);
}

static void fail_all(struct milter *m)
{
    const struct milter_verdict failed = {.action = MILTER_FAILED, .text = ehlo_text(m->why)};
    const struct milter_verdict accepted = {.action = MILTER_CONTINUE};

    while (m->state == MILTER_BROKEN && m->first != NULL)
        milter_finish(m, m->is_free ? &accepted : &failed);
}

void milter_give_up(struct milter *m, const char *why)
{
    hang_up(m);
    snprintf(m->why, sizeof m->why, "%s", why);
    m->state = MILTER_BROKEN;
    fail_all(m);
}

/* ---- the connection ---- */

/* One that has gone has hung up, whoever notices first. */
static void note_error(struct milter *m)
{
    if (errno == EPIPE || errno == ECONNRESET)
        m->at_end = true;
    else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        milter_give_up(m, strerror(errno));
}

/* False: there is more to be sent. */
static bool flush(struct milter *m)
{
    while (m->sent < m->out.length) {
        ssize_t sent =
            send(m->watch.fd, m->out.data + m->sent, m->out.length - m->sent, MSG_NOSIGNAL);

        if (sent < 0) {
            note_error(m);
            return false;
        }
        m->sent += (size_t)sent;
    }
    text_free(&m->out);
    m->sent = 0;
    return true;
}

static void receive(struct milter *m)
{
    char chunk[16384];
    ssize_t got = recv(m->watch.fd, chunk, sizeof chunk, 0);

    if (got < 0)
        note_error(m);
    if (got == 0)
        m->at_end = true;
    if (got <= 0)
        return;
    m->in.length -= m->taken;
    if (m->taken > 0)
        memmove(m->in.data, m->in.data + m->taken, m->in.length);
    m->taken = 0;
    milter_append(&m->in, chunk, (size_t)got);
    if (m->in.lost)
        milter_give_up(m, "out of memory");
    else if (m->in.length > INPUT_MAX)
        milter_give_up(m, "the filter talks without listening");
}

/* False: nothing can be done before something comes, or nothing more in this turn. */
static bool step_on(struct milter *m, unsigned *left)
{
    if (m->out.lost) {
        milter_give_up(m, "out of memory");
        return false;
    }
    if (!flush(m))
        return false;
    if (m->is_asked || m->state == MILTER_NEGOTIATING)
        return milter_hear(m);
    if (m->in.length > m->taken) { /* would be taken for the answer to the next question */
        milter_give_up(m, "the filter speaks unasked");
        return false;
    }
    if (m->first == NULL || *left == 0)
        return false;
    (*left)--;
    milter_go_on(m);
    return true;
}

static void converse(struct milter *m)
{
    unsigned left = STEPS_PER_TURN;

    while (is_open(m) && step_on(m, &left))
        ;
    if (is_open(m) && m->at_end && left > 0)
        milter_give_up(m, m->state == MILTER_TALKING
                              ? "the filter has hung up"
                              : "the filter has hung up at once; may it do more than add fields?");
    if (is_open(m))
        loop_change(m->runtime.loop, &m->watch,
                    LOOP_READ | (m->out.length > 0 || left == 0 ? LOOP_WRITE : 0));
}

static void negotiate(struct milter *m)
{
    int error = stream_error(m->watch.fd);

    if (error != 0) {
        milter_give_up(m, strerror(error));
        return;
    }
    m->state = MILTER_NEGOTIATING;
    milter_put_offer(&m->out);
    timers_set(m->runtime.timers, &m->timer, m->wait);
}

static void on_ready(void *owner, unsigned events)
{
    struct milter *m = owner;

    if (m->state == MILTER_CONNECTING)
        negotiate(m);
    else if (is_open(m) && (events & LOOP_READ) != 0)
        receive(m);
    converse(m);
    if (m->state == MILTER_BROKEN && m->watch.ready != NULL) {
        hang_up(m);
        fail_all(m);
    }
}

/* Takes the descriptor, which may be -1. False: errno tells. */
static bool watch(struct milter *m, int fd, unsigned events)
{
    m->watch = (struct watch){.fd = fd, .ready = on_ready, .owner = m};
    if (fd >= 0 && loop_add(m->runtime.loop, &m->watch, events))
        return true;
    m->watch.ready = NULL;
    if (fd >= 0)
        close(fd);
    return false;
}

/* So many may wait at a path that no more can: then again in the next second. */
static void attempt(struct milter *m)
{
    if (watch(m, stream_connect(m->where), LOOP_WRITE))
        timers_set(m->runtime.timers, &m->timer, m->wait);
    else if (errno == EAGAIN && m->patience-- > 0)
        timers_set(m->runtime.timers, &m->timer, 0);
    else
        milter_give_up(m, strerror(errno));
}

static void on_due(void *owner)
{
    struct milter *m = owner;

    if (m->state == MILTER_BROKEN)
        fail_all(m);
    else if (m->watch.ready == NULL)
        attempt(m);
    else
        milter_give_up(m, "the filter does not answer");
}

/* ---- the outside ---- */

/*
 * Has the loop call us in its next turn, since no answer comes before the function that asked has
 * returned. Where there is no connection, a socket that could be written to serves.
 */
void milter_wake(struct milter *m)
{
    int fd;

    if (m->state == MILTER_TALKING && !m->is_asked)
        loop_change(m->runtime.loop, &m->watch, LOOP_READ | LOOP_WRITE);
    if (m->state != MILTER_BROKEN || m->watch.ready != NULL)
        return;
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!watch(m, fd, LOOP_WRITE))
        timers_set(m->runtime.timers, &m->timer, 0);
}

struct milter *milter_open(const struct runtime *runtime, const char *where, unsigned wait)
{
    struct milter *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->runtime = *runtime;
    m->where = where;
    m->wait = m->patience = wait;
    m->last = &m->first;
    m->timer = (struct timer){.due = on_due, .owner = m};
    attempt(m);
    return m;
}

static void bury(void *owner)
{
    struct milter *m = owner;

    text_free(&m->in);
    text_free(&m->out);
    text_free(&m->words);
    text_free(&m->fields);
    free(m);
}

void milter_close(struct milter *m)
{
    static const char quit[] = {0, 0, 0, 1, 'Q'};
    struct milter_question *next;

    if (m == NULL)
        return;
    if (m->state == MILTER_TALKING && m->out.length == 0)
        (void)!send(m->watch.fd, quit, sizeof quit, MSG_NOSIGNAL); /* it is told so or so */
    hang_up(m);
    for (struct milter_question *q = m->first; q != NULL; q = next) {
        next = q->next;
        milter_question_free(q);
    }
    m->first = NULL;
    m->state = MILTER_CLOSED;
    m->timer.due = bury; /* not now: the loop may still hold an event for us */
    timers_set(m->runtime.timers, &m->timer, 0);
}
