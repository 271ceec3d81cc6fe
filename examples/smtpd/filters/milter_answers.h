/*
 * What a filter's answers mean. Nothing here knows of sockets.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_MILTER_ANSWERS_H
#define SMTPD_MILTER_ANSWERS_H

#include "milter_packets.h"

/* Octets of the header fields that a filter may add to a message. */
#define MILTER_FIELDS_MAX 65536

/*
 * The verdict that a packet is; the words of the filter's own reply go to `words`, which is emptied
 * before. A reply that cannot be used leaves its class. False: the packet is no verdict.
 */
bool milter_read_verdict(const struct milter_packet *, struct text *words, struct milter_verdict *);

/* Whether it is a request to add a header field. */
bool milter_is_field(const struct milter_packet *);

/*
 * Adds that field, to the others, as lines: above them if the filter has inserted it, else below.
 * `blanks` is as for milter_put_field(). False: it would not be one field, or there are too many.
 */
bool milter_read_field(const struct milter_packet *, bool blanks, struct text *fields);

#endif
