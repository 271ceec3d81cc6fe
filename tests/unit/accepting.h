/*
 * Hooks that accept: for configurations that are looked at, and for sessions whose policy does not
 * matter.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_ACCEPTING_H
#define EHLO_TESTS_ACCEPTING_H

#include "ehlo/server.h"

static inline struct ehlo_reply accept_starttls(struct ehlo_server *s, void *user)
{
    (void)s;
    (void)user;
    return ehlo_accept();
}

static inline struct ehlo_reply accept_auth(struct ehlo_server *s, const struct ehlo_auth *auth,
                                            void *user)
{
    (void)s;
    (void)auth;
    (void)user;
    return ehlo_accept();
}

static inline struct ehlo_reply accept_sasl(struct ehlo_server *s, const struct ehlo_sasl *step,
                                            void *user)
{
    (void)s;
    (void)step;
    (void)user;
    return ehlo_accept();
}

static inline struct ehlo_reply accept_mail(struct ehlo_server *s, const struct ehlo_mail *mail,
                                            void *user)
{
    (void)s;
    (void)mail;
    (void)user;
    return ehlo_accept();
}

static inline struct ehlo_reply accept_etrn(struct ehlo_server *s, const struct ehlo_node *node,
                                            void *user)
{
    (void)s;
    (void)node;
    (void)user;
    return ehlo_accept();
}

static inline struct ehlo_reply accept_attributes(struct ehlo_server *s,
                                                  const struct ehlo_attributes *given, void *user)
{
    (void)s;
    (void)given;
    (void)user;
    return ehlo_accept();
}

static inline struct ehlo_reply accept_command(struct ehlo_server *s,
                                               const struct ehlo_command *command, void *user)
{
    (void)s;
    (void)command;
    (void)user;
    return ehlo_accept();
}

#endif
