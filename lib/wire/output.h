/*
 * The bounded output of a session: octets to send now, and behind them replies that are known but
 * whose turn has not come (RFC 2920 3.2: replies keep the order of the commands).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_WIRE_OUTPUT_H
#define EHLO_WIRE_OUTPUT_H

#include "ehlo/types.h"

struct ehlo__output {
    char *buffer;
    uint32_t size;    /* of the buffer */
    uint32_t start;   /* the first octet not sent */
    uint32_t visible; /* end of what may be sent */
    uint32_t end;     /* end of the held replies */
};

/* Octets that still fit. */
size_t ehlo__output_room(const struct ehlo__output *);

/*
 * Opens a gap of `room` octets, `offset` octets behind the visible end, in front of what stands
 * there. Write into it, then say with ehlo__output_close() how many octets it keeps. `room` fits.
 */
char *ehlo__output_open(struct ehlo__output *, size_t offset, size_t room);
void ehlo__output_close(struct ehlo__output *, size_t offset, size_t room, size_t length);

/* Lets `length` octets of the held ones be sent. */
void ehlo__output_show(struct ehlo__output *, size_t length);

/* Takes back the last `length` octets shown, of which none was sent; nothing is held. */
void ehlo__output_retract(struct ehlo__output *, size_t length);

/* Drops what is held. */
void ehlo__output_drop_held(struct ehlo__output *);

/* Drops everything. */
void ehlo__output_drop(struct ehlo__output *);

/* Takes away `length` octets of the visible ones. */
void ehlo__output_sent(struct ehlo__output *, size_t length);

#endif
