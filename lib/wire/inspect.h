/*
 * What the engine looks for in content, dots removed: Received fields and the size of the header
 * section (RFC 5321 6.3), length of lines, undeclared 8-bit octets. Works on slices cut anywhere
 * and says at which octet a limit was passed, so that the first fault by offset wins however the
 * input was cut.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_WIRE_INSPECT_H
#define EHLO_WIRE_INSPECT_H

#include "ehlo/types.h"

enum ehlo__inspect_fault {
    EHLO__INSPECT_FINE,
    EHLO__INSPECT_HOPS,   /* one Received field more than max_hops, at its colon */
    EHLO__INSPECT_HEADER, /* the header section has more than max_header octets, its empty line not
                             counted */
    EHLO__INSPECT_LINE,   /* a line, CR LF counted, has more than max_line octets */
    EHLO__INSPECT_8BIT    /* an octet above 127 */
};

struct ehlo__inspect {
    uint32_t max_hops;   /* 0: not looked at */
    uint32_t max_header; /* octets; 0: no limit */
    uint32_t max_line;   /* octets; 0: no limit */
    uint8_t refuse_8bit;
    uint8_t in_header;  /* still in the header section */
    uint8_t matched;    /* private: octets of "Received" matched in this line; 255: not this line */
    uint8_t line_state; /* private */
    uint32_t hops;      /* Received fields so far */
    uint32_t header;    /* octets of the header section so far, if they are limited */
    uint32_t line;      /* octets of the current line so far, if they are limited */
};

void ehlo__inspect_start(struct ehlo__inspect *, uint32_t max_hops, uint32_t max_header,
                         uint32_t max_line, bool refuse_8bit);

/*
 * Returns how many octets come before the first fault (the whole length if there is none) and sets
 * *fault. A line ends at its LF, which has a CR before it unless the host accepts bare ones. Not to
 * be called again after a fault.
 */
size_t ehlo__inspect_take(struct ehlo__inspect *, struct ehlo_slice slice,
                          enum ehlo__inspect_fault *fault);

#endif
