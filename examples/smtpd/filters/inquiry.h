/*
 * A question to a service on a socket: connects, sends a text, a message and a text behind it, and
 * reads the answer until the service closes. Nothing waits.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_INQUIRY_H
#define SMTPD_INQUIRY_H

#include "content.h"
#include "runtime.h"

/* Longest answer that is kept, in octets; what is longer is cut. */
#define INQUIRY_ANSWER 65536

struct inquiry; /* one that is under way */

struct question {
    const char *where; /* path of a socket ("/run/x"), or ADDR:PORT, IPv6 in brackets */
    unsigned wait;     /* seconds for all of it */
    struct ehlo_slice head, tail;
    struct content content; /* its descriptor stays open until the answer */
    bool half_close;        /* the end of our octets is told by closing our half */
};

/* Called once, never before inquiry_begin() has returned; then the inquiry is gone. What came
 * before the service closed is an answer, even if not all was sent. NULL: no answer, `why` says it.
 */
typedef void inquiry_answer(void *owner, const char *answer, size_t length, const char *why);

/* Copies the texts. NULL: out of memory. */
struct inquiry *inquiry_begin(const struct runtime *, const struct question *, inquiry_answer *,
                              void *owner);

/* Nobody wants to know any more: it is never answered. */
void inquiry_drop(struct inquiry *);

/* stream.c: a socket that is connecting to `where`, non-blocking; -1: errno tells (EINVAL: that is
 * no address; EAGAIN: too many are waiting at that path already). Also for milters. */
int stream_connect(const char *where);

/* Whether that can be connected to at all, as far as its form tells. */
bool stream_is_address(const char *where);

/* 0 once it is connected; else the error, an errno. */
int stream_error(int fd);

#endif
