/*
 * A question to a service on a socket.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "inquiry.h"

#include "loop.h"
#include "timers.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct inquiry {
    struct runtime runtime;
    struct watch watch; /* its descriptor is -1 where there is nobody to connect to */
    struct timer timer;
    inquiry_answer *answered;
    void *owner;
    const char *where;
    struct ehlo_slice head, tail; /* what is left of them to send */
    struct content content;
    bool connected, half_close;
    unsigned wait; /* seconds left for it, before it is connected */
    int error;     /* why there is nobody: an errno */
    size_t length;
    char answer[INQUIRY_ANSWER]; /* costs no memory until it fills */
    char texts[];                /* of head and tail, and where it is connected to */
};

/* The loop may look at the watch until its turn is over; the timer comes after that. */
void inquiry_drop(struct inquiry *inquiry)
{
    timers_clear(inquiry->runtime.timers, &inquiry->timer);
    if (inquiry->watch.fd >= 0) {
        loop_forget(inquiry->runtime.loop, &inquiry->watch);
        close(inquiry->watch.fd);
    }
    inquiry->timer = (struct timer){.due = free, .owner = inquiry};
    timers_set(inquiry->runtime.timers, &inquiry->timer, 0);
}

static void finish(struct inquiry *inquiry, const char *error)
{
    inquiry_drop(inquiry);
    inquiry->answered(inquiry->owner, error == NULL ? inquiry->answer : NULL, inquiry->length,
                      error);
}

/* ---- what is sent ---- */

static bool is_sent(const struct inquiry *inquiry)
{
    return inquiry->head.length == 0 && inquiry->content.begin == inquiry->content.end &&
           inquiry->tail.length == 0;
}

static bool send_text(struct ehlo_slice *text, int fd)
{
    ssize_t sent = write(fd, text->data, text->length);

    if (sent < 0)
        return false;
    text->data += sent;
    text->length -= (size_t)sent;
    return true;
}

static bool send_piece(struct inquiry *inquiry)
{
    if (inquiry->head.length > 0)
        return send_text(&inquiry->head, inquiry->watch.fd);
    if (inquiry->content.begin < inquiry->content.end)
        return content_send(&inquiry->content, inquiry->watch.fd);
    return send_text(&inquiry->tail, inquiry->watch.fd);
}

/* One that does not listen any more may have answered already. False: the inquiry is over. */
static bool send_more(struct inquiry *inquiry)
{
    if (send_piece(inquiry) || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return true;
    if (errno == EPIPE || errno == ECONNRESET) {
        inquiry->head.length = inquiry->tail.length = 0;
        inquiry->content.begin = inquiry->content.end;
        return true;
    }
    finish(inquiry, strerror(errno));
    return false;
}

/* ---- what is received ---- */

/* False: the inquiry is over. */
static bool receive(struct inquiry *inquiry)
{
    size_t room = sizeof inquiry->answer - inquiry->length;
    ssize_t length = read(inquiry->watch.fd, inquiry->answer + inquiry->length, room);
    int error = errno;

    if (length < 0 && (error == EAGAIN || error == EWOULDBLOCK || error == EINTR))
        return true;
    if (length > 0)
        inquiry->length += (size_t)length;
    if (length > 0 && inquiry->length < sizeof inquiry->answer)
        return true;
    if (inquiry->length > 0)
        finish(inquiry, NULL);
    else
        finish(inquiry, length < 0 ? strerror(error) : "closed without an answer");
    return false;
}

static void on_ready(void *owner, unsigned events)
{
    struct inquiry *inquiry = owner;

    if (!inquiry->connected) {
        int error = stream_error(inquiry->watch.fd);

        if (error != 0) {
            finish(inquiry, strerror(error));
            return;
        }
        inquiry->connected = true;
    }
    if ((events & LOOP_READ) != 0 && !receive(inquiry))
        return;
    if ((events & LOOP_WRITE) != 0 && !is_sent(inquiry) && !send_more(inquiry))
        return;
    if (is_sent(inquiry) && inquiry->half_close)
        shutdown(inquiry->watch.fd, SHUT_WR);
    loop_change(inquiry->runtime.loop, &inquiry->watch,
                is_sent(inquiry) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
}

/* ---- the begin ---- */

static struct ehlo_slice copy(char *to, struct ehlo_slice text)
{
    if (text.length > 0)
        memcpy(to, text.data, text.length);
    return (struct ehlo_slice){to, text.length};
}

/* Connects. False: errno tells. */
static bool connect_to(struct inquiry *inquiry)
{
    int fd = stream_connect(inquiry->where), error;

    inquiry->watch = (struct watch){.fd = fd, .ready = on_ready, .owner = inquiry};
    if (fd < 0 || loop_add(inquiry->runtime.loop, &inquiry->watch, LOOP_WRITE))
        return fd >= 0;
    error = errno;
    close(fd);
    inquiry->watch.fd = -1;
    errno = error;
    return false;
}

/* Without anybody to connect to it goes on soon, but never before inquiry_begin() has returned. */
static void attempt(struct inquiry *inquiry)
{
    bool is_connecting = connect_to(inquiry);

    inquiry->error = errno;
    timers_set(inquiry->runtime.timers, &inquiry->timer, is_connecting ? inquiry->wait : 0);
}

static void on_due(void *owner)
{
    struct inquiry *inquiry = owner;

    if (inquiry->watch.fd >= 0) {
        finish(inquiry, "no answer in time");
        return;
    }
    if (inquiry->error != EAGAIN || inquiry->wait == 0) {
        finish(inquiry, strerror(inquiry->error));
        return;
    }
    inquiry->wait--; /* so many wait there that no more can: the next second */
    attempt(inquiry);
}

struct inquiry *inquiry_begin(const struct runtime *runtime, const struct question *question,
                              inquiry_answer *answered, void *owner)
{
    struct ehlo_slice where = {question->where, strlen(question->where) + 1};
    size_t room = question->head.length + question->tail.length + where.length;
    struct inquiry *inquiry = malloc(sizeof *inquiry + room);

    if (inquiry == NULL)
        return NULL;
    memset(inquiry, 0, offsetof(struct inquiry, answer));
    inquiry->runtime = *runtime;
    inquiry->answered = answered;
    inquiry->owner = owner;
    inquiry->wait = question->wait;
    inquiry->content = question->content;
    inquiry->half_close = question->half_close;
    inquiry->head = copy(inquiry->texts, question->head);
    inquiry->tail = copy(inquiry->texts + question->head.length, question->tail);
    inquiry->where = copy(inquiry->texts + room - where.length, where).data;
    inquiry->timer = (struct timer){.due = on_due, .owner = inquiry};
    attempt(inquiry);
    return inquiry;
}
