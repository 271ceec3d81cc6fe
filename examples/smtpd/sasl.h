/*
 * Mechanisms of a library, as on_sasl gets them: SCRAM-SHA-256 (RFC 7677) and CRAM-MD5 by GNU SASL.
 * Without that library there are none.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_SASL_H
#define SMTPD_SASL_H

#include "auth.h"

/* Whether there is such a mechanism. */
bool sasl_has(const char *mechanism);

auth_step sasl_step;

/* Ends an exchange, if one goes on. */
void sasl_end(struct visit *);

/* Gives back what is shared by all exchanges. */
void sasl_free(void);

#endif
