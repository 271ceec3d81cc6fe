/*
 * What those who judge have in common: how each is dropped, and those that are services on a socket
 * as a whole. For the files of this folder only.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_JUDGING_H
#define SMTPD_JUDGING_H

#include "filter.h"

/* The first member of every judging. */
struct judging {
    void (*drop)(struct judging *);
};

/* A kind of service. */
struct service {
    const char *name; /* in the log */

    /* The reply that an answer means; what is worth the log is appended to `why`. */
    struct ehlo_reply (*read)(struct ehlo_slice answer, struct text *why);
};

/* Asks a service. NULL: out of memory. */
struct judging *judging_ask(const struct runtime *, const struct service *, const struct question *,
                            filter_verdict *, void *owner);

/* The reply that an answer means which is an error or not understood; says so. */
struct ehlo_reply judging_nonsense(struct ehlo_slice answer, struct text *why);

/* Takes a line off the begin of an answer, without its CR LF. False: there is no whole one. */
bool judging_take_line(struct ehlo_slice *answer, struct ehlo_slice *line);

#endif
