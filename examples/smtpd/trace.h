/*
 * What goes to stderr: a line for each event worth a log, and the dialogue. Control octets, which
 * come from anybody, are escaped, so that no line is forged and no terminal obeys.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_TRACE_H
#define SMTPD_TRACE_H

#include "ehlo/server.h"

/* Before anything else is written to stderr. */
void trace_init(void);

/* Writes a line about a connection (0: about the server), as printf does. */
#if defined __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void trace_note(unsigned long connection, const char *format, ...);

/* Writes header fields, each with CR LF, as remarks. */
void trace_fields(unsigned long connection, struct ehlo_slice fields);

/* Writes what ehlo_server_config.on_trace tells: "C:" and "S:" lines, and remarks behind "--". */
void trace_dialogue(unsigned long connection, const struct ehlo_trace *);

#endif
