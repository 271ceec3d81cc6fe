/*
 * TLS 1.2 and later, by OpenSSL, over a socket that does not block. Without OpenSSL a certificate
 * cannot be loaded, and nothing else is ever called.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_TLS_H
#define SMTPD_TLS_H

#include "ehlo/server.h"

struct tls_context; /* the certificate and its key */
struct tls;         /* a connection */

/* What came of an attempt to move octets. */
enum io {
    IO_DONE,
    IO_WAITS_READ,  /* not now: again when the socket has octets */
    IO_WAITS_WRITE, /* not now: again when the socket takes octets */
    IO_END,         /* the peer sends no more */
    IO_BROKEN       /* the connection is of no more use */
};

/* Loads a chain of certificates and its key, in PEM. Returns what is wrong, or NULL. */
const char *tls_load(struct tls_context **, const char *certificate, const char *key);

/* NULL is allowed. */
void tls_unload(struct tls_context *);

/* Begins on a socket. NULL: out of memory. */
struct tls *tls_new(struct tls_context *, int fd);

/* NULL is allowed. */
void tls_free(struct tls *);

/* DONE: TLS runs, and the facts are filled; they live as long as the connection. */
enum io tls_handshake(struct tls *, struct ehlo_tls *facts);

enum io tls_receive(struct tls *, void *buffer, size_t size, size_t *length);
enum io tls_send(struct tls *, const void *data, size_t length, size_t *sent);

/* Octets that were taken from the socket and wait to be received. */
size_t tls_pending(const struct tls *);

/* Says that no more is sent, if that can be said at once. */
void tls_finish(struct tls *);

#endif
