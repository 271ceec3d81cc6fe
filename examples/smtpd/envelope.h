/*
 * The parameters of MAIL and RCPT as header fields, for whoever does something with them later:
 * one field for each value, `X-Envelope-Ret: HDRS`, those of a recipient with its address,
 * `X-Envelope-Notify: <a@b.example>; SUCCESS,DELAY`.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_ENVELOPE_H
#define SMTPD_ENVELOPE_H

#include "ehlo/server.h"
#include "text.h"

/* Append the fields of a command, each with CR LF; none if it has no parameters of these. */
void envelope_add_mail(struct text *, const struct ehlo_mail *);
void envelope_add_rcpt(struct text *, const struct ehlo_rcpt *);

#endif
