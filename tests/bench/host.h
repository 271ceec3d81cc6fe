/*
 * The smallest host there can be, for the benchmarks: accepts every recipient and message, counts
 * them, and takes the output after each call, as a host with a socket does.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_BENCH_HOST_H
#define EHLO_BENCH_HOST_H

#include <ehlo/server.h>

struct host {
    struct ehlo_server *session;
    uint64_t octets;   /* of content that on_body got */
    uint32_t messages; /* taken */
    uint32_t refusals; /* replies that are neither 2yz nor 3yz, the first of each batch seen */
    char memory[EHLO_SERVER_SIZE(EHLO_DEFAULT_LINE_SIZE, EHLO_DEFAULT_OUTPUT_SIZE,
                                 EHLO_DEFAULT_DECISIONS, 0)];
};

/* Makes a session in the host's memory and takes its greeting. */
void host_connect(struct host *);

/* Hands in octets as one read() gave them, and takes the replies. */
void host_feed(struct host *, struct ehlo_slice octets);

/* The slice of a string literal, without a call. */
#define OCTETS(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* Fills `text` with lines of `width` octets, CR LF included, that begin with `start`; the last one
 * is shorter where `length` is no multiple of it. */
void host_fill(char *text, size_t length, size_t width, struct ehlo_slice start);

#endif
