/*
 * A policy and the configurations of the sessions that live by it. A reload makes another; each
 * session keeps the one that it began with.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_SETUP_H
#define SMTPD_SETUP_H

#include "policy.h"

struct setup {
    unsigned holders;
    const struct options *options;
    struct policy policy;
    char summary[96]; /* how many there are, for the log */
    struct ehlo_mechanism mechanisms[OPTIONS_MECHANISMS + 1];
    /* [a peer of --xclient][HELO is not required] */
    struct ehlo_server_config configs[2][2];
};

/* Reads the policy file, if there is one. The caller holds what it gets. NULL: said on stderr. */
struct setup *setup_new(const struct options *);

void setup_hold(struct setup *);
void setup_release(struct setup *);

#endif
