/*
 * The packets of the milter protocol: a length of four octets, a command, and its data, in which
 * strings end in NUL. Nothing here knows of sockets.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_MILTER_PACKETS_H
#define SMTPD_MILTER_PACKETS_H

#include "milter.h"

/* Octets of data in a packet: no filter takes more, and none is to send more. */
#define MILTER_DATA_MAX 65535

/* Older filters do not know DATA. */
#define MILTER_DATA_VERSION 4u

/* What we are able to do: take header fields that the filter adds. */
#define MILTER_ADDS_FIELDS 1u

/* What a filter may choose to do without, and what else it may choose. */
enum milter_choice {
    MILTER_NO_CONNECT = 1 << 0,
    MILTER_NO_HELO = 1 << 1,
    MILTER_NO_MAIL = 1 << 2,
    MILTER_NO_RCPT = 1 << 3,
    MILTER_NO_BODY = 1 << 4,
    MILTER_NO_HEADER = 1 << 5,
    MILTER_NO_EOH = 1 << 6,
    MILTER_SILENT_HEADER = 1 << 7, /* silent: the filter does not answer */
    MILTER_NO_UNKNOWN = 1 << 8,
    MILTER_NO_DATA = 1 << 9,
    MILTER_SKIPS = 1 << 10, /* it may ask for no more of the body */
    MILTER_SILENT_CONNECT = 1 << 12,
    MILTER_SILENT_HELO = 1 << 13,
    MILTER_SILENT_MAIL = 1 << 14,
    MILTER_SILENT_RCPT = 1 << 15,
    MILTER_SILENT_DATA = 1 << 16,
    MILTER_SILENT_UNKNOWN = 1 << 17,
    MILTER_SILENT_EOH = 1 << 18,
    MILTER_SILENT_BODY = 1 << 19,
    MILTER_BLANKS = 1 << 20 /* values of fields with the blank behind the colon, both ways */
};

/* What the two have agreed upon. */
struct milter_terms {
    uint32_t version, actions, choices;
};

struct milter_packet {
    char command;
    struct ehlo_slice data;
};

struct milter_macro {
    const char *name;
    struct ehlo_slice value;
};

/* Appends octets, NULs too. */
void milter_append(struct text *, const char *data, size_t length);

/* ---- to the filter: each appends one packet; text->lost tells that memory ran out ---- */

void milter_put(struct text *, char command, struct ehlo_slice data);
void milter_put_offer(struct text *);

/* Macros for the command that follows; those without a value are left out. */
void milter_put_macros(struct text *, char command, const struct milter_macro *, size_t count);
void milter_put_peer(struct text *, const struct milter_peer *);

/* A command whose data are one or several strings. */
void milter_put_string(struct text *, char command, struct ehlo_slice string);
void milter_put_path(struct text *, char command, struct ehlo_slice path,
                     struct ehlo_slice parameters);

/* A header field; what no packet holds is cut off. `blanks`: with the blank behind the colon. */
void milter_put_field(struct text *, struct ehlo_slice name, struct ehlo_slice value, bool blanks);

/* ---- from the filter ---- */

enum milter_taken { MILTER_PART, MILTER_WHOLE, MILTER_NONSENSE };

/* Takes the first packet from the input, whose rest is then behind it. */
enum milter_taken milter_take(struct ehlo_slice *input, struct milter_packet *);

/* What the filter has answered to the offer. False: that was not offered. */
bool milter_read_terms(const struct milter_packet *, struct milter_terms *);

#endif
