/*
 * The mechanisms of AUTH. Each has a file; here is what they have in common.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_AUTH_H
#define SMTPD_AUTH_H

#include "visit.h"

/* One step of a mechanism. */
typedef struct ehlo_reply auth_step(struct ehlo_server *, const struct ehlo_sasl *, struct visit *);

/* bearer.c: OAUTHBEARER and XOAUTH2. */
auth_step bearer_oauthbearer, bearer_xoauth2;

/* In a hook: this is who authenticates, if that is accepted. False: the name is too long. */
bool auth_identify(struct ehlo_server *, struct visit *, struct ehlo_slice name,
                   const char *mechanism);

/* The number of a mechanism besides PLAIN and LOGIN, in any case; -1: there is none. */
int auth_find(const char *name);

/* Whether a client has any way to authenticate. */
bool auth_is_possible(const struct setup *);

#endif
