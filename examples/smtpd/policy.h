/*
 * The decisions: whose mail is taken, and what happens to it. All hooks of the sessions are here.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_POLICY_H
#define SMTPD_POLICY_H

#include "maildir.h"
#include "options.h"

/* What the hooks know about a connection; their `user` pointer. Zeroed before it is filled. */
struct visit {
    const struct options *options;
    unsigned long number; /* of the connection, in the log */
    unsigned neighbours;  /* other open connections of the same address, if there is a limit */
    bool refused;         /* at the greeting */
    bool over;            /* on_close has run */
    char sender[EHLO_PATH_MAX], recipient[EHLO_PATH_MAX]; /* mailboxes */
    size_t sender_length;
    size_t recipient_length; /* 0 if there are several */
    char reply[128];         /* begin of the last reply, for the log */
    struct delivery delivery;
};

/* Puts the hooks into a configuration. */
void policy_set_hooks(struct ehlo_server_config *);

#endif
