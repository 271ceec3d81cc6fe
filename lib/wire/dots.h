/*
 * The content of a message after 354: dot transparency and the one judge of the end of data
 * (RFC 5321 4.5.2, 4.1.1.4). A state machine of octets that hands out slices of the caller's
 * octets, dots removed, and never copies a run of them. Only CR LF . CR LF ends the content, in
 * every policy.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_WIRE_DOTS_H
#define EHLO_WIRE_DOTS_H

#include "ehlo/types.h"

/* policies; the numbers are those of the public enums */
#define EHLO__BARE_LF_REFUSE 0
#define EHLO__BARE_LF_NORMALISE                                                                    \
    1 /* ends a line, is handed out as CR LF; a lone dot line touching it is dropped */
#define EHLO__BARE_LF_ACCEPT 2 /* an octet like others: no line end, no unstuffing after it */
#define EHLO__BARE_CR_REFUSE 0
#define EHLO__BARE_CR_SPACE  1
#define EHLO__BARE_CR_ACCEPT 2
#define EHLO__NUL_REFUSE     0
#define EHLO__NUL_STRIP      1
#define EHLO__NUL_ACCEPT     2

enum ehlo__dots_fault { EHLO__DOTS_FINE, EHLO__DOTS_BARE_LF, EHLO__DOTS_BARE_CR, EHLO__DOTS_NUL };

struct ehlo__dots {
    uint8_t bare_lf, bare_cr, nul; /* policies */
    uint8_t state; /* private to dots.c; 0 is the start: a line start behind the 354 */
    uint8_t
        fault;    /* enum ehlo__dots_fault: the first one refused; nothing is handed out after it */
    uint8_t seen; /* 1u << enum ehlo__dots_fault of what was met, refused or not */
    uint8_t ended;     /* the end of data was taken */
    uint8_t chunked;   /* no dots: the content is counted, not ended by a line (RFC 3030 2) */
    uint8_t behind_lf; /* private: a bare LF ended the line before */
    char pair[2];      /* private: a CR that the last call took, and the octet behind it */
};

void ehlo__dots_start(struct ehlo__dots *, unsigned bare_lf, unsigned bare_cr, unsigned nul);

/* The same for content in chunks: octets are judged, but a dot is one like others. */
void ehlo__dots_start_chunks(struct ehlo__dots *, unsigned bare_lf, unsigned bare_cr, unsigned nul);

/* The last chunk is taken: what is held goes out, and the content has ended. */
void ehlo__dots_finish(struct ehlo__dots *, struct ehlo_slice *slice);

/*
 * Takes octets and hands out at most one slice of content, which lies in `data`, is a constant of
 * dots.c, or (two octets at most) lies in the structure until the next call. Returns how many
 * octets it took: at least one if length > 0 and not ended; none behind the end of data. A fault is
 * set only after the slice before it was handed out in an earlier call or in this one, the end in a
 * call that hands out nothing. After a fault the octets are still taken, up to the true end.
 */
size_t ehlo__dots_take(struct ehlo__dots *, const char *data, size_t length,
                       struct ehlo_slice *slice);

#endif
