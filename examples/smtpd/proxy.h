/*
 * The header that a proxy sends ahead of everything else (--proxy-protocol).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_PROXY_H
#define SMTPD_PROXY_H

#include "tls.h"
#include "visit.h"

/* Seconds for the header to come. */
#define PROXY_SECONDS 5

/*
 * Takes what has come of the header, and nothing behind it. `buffer` has room for EHLO_PROXY_MAX
 * octets, `length` counts those that were taken. DONE: the visit's peer is the client. BROKEN: it
 * is no header.
 */
enum io proxy_receive(int fd, char *buffer, size_t *length, struct visit *);

#endif
