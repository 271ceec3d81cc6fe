/*
 * How octets come and go: over the socket as they are, or in TLS.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_TRANSPORT_H
#define SMTPD_TRANSPORT_H

#include "tls.h"

struct transport {
    int fd;
    struct tls *tls; /* NULL: none */
};

enum io transport_receive(struct transport *, void *buffer, size_t size, size_t *length);
enum io transport_send(struct transport *, const void *data, size_t length, size_t *sent);

/* Whether there are octets of which the socket tells nothing. */
bool transport_has_pending(const struct transport *);

/* Nothing more will be sent. What is received from now on is to be ignored. */
void transport_finish(struct transport *);

void transport_close(struct transport *);

#endif
