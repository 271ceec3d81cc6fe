/*
 * Command lines out of octets cut anywhere (RFC 5321 2.3.8, 4.5.3.1.4): a line that lies whole in
 * the caller's octets is handed out where it lies; only one cut by their end is kept. What is too
 * long is dropped up to its CR LF and reported once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_WIRE_LINES_H
#define EHLO_WIRE_LINES_H

#include "ehlo/types.h"

#define EHLO__LINE_BARE_CR  1u
#define EHLO__LINE_BARE_LF  2u
#define EHLO__LINE_NUL      4u
#define EHLO__LINE_TOO_LONG 8u
#define EHLO__LINE_LF_ENDED 16u /* LF alone ended it, as lf_ends allows */

/* Octets that are kept of a line that is too long: enough for its verb. */
#define EHLO__LINE_HEAD 32

struct ehlo__lines {
    char *buffer;     /* holds a line cut by the end of the input */
    uint32_t size;    /* of the buffer, and the longest line with its CR LF */
    uint32_t length;  /* octets kept */
    uint8_t faults;   /* EHLO__LINE_... of the line in progress */
    uint8_t lf_ends;  /* a bare LF ends a line too */
    uint8_t after_cr; /* the last octet taken was a CR */
};

struct ehlo__line {
    struct ehlo_slice text; /* without CR LF; lies in the caller's octets or in the buffer; if
                               TOO_LONG only the first EHLO__LINE_HEAD octets */
    unsigned faults;        /* EHLO__LINE_...; 0: a good line */
};

/*
 * Takes octets up to the end of one line. Returns how many it took; *whole tells whether `line` is
 * filled. A line that lies in the buffer is valid until the next call.
 */
size_t ehlo__lines_take(struct ehlo__lines *, const char *data, size_t length,
                        struct ehlo__line *line, bool *whole);

/* Copies a line into the buffer, so that it outlives the caller's octets (it may lie there
 * already). */
struct ehlo_slice ehlo__lines_keep(struct ehlo__lines *, struct ehlo_slice text);

#endif
