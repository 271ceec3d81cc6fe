/*
 * What the command line says.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_OPTIONS_H
#define SMTPD_OPTIONS_H

#include "ehlo/server.h"

/* Longest FUTURERELEASE (RFC 4865), in seconds. */
#define SMTPD_MAX_HOLD (7 * 24 * 3600)

/* SASL mechanisms that there may be besides PLAIN and LOGIN. */
#define OPTIONS_MECHANISMS 4

struct tls_context;

/* A mailbox of --user. */
struct user {
    const char *address, *password; /* NULL: none was given */
};

/* A bearer token of --token. */
struct token {
    const char *name, *secret;
};

struct options {
    struct ehlo_server_config config; /* all but the hooks and the policy */
    char hostname[EHLO_DOMAIN_MAX + 1];
    char *hold_until;     /* see options_set_hold() */
    char *address, *port; /* of --listen */
    const char *maildir;
    const char **domains; /* ours; the first is the home of <postmaster> */
    size_t domain_count;
    struct user *users;
    size_t user_count;
    struct token *tokens;
    size_t token_count;
    char **trusted; /* addresses of --xclient, as address_write() writes them */
    size_t trusted_count;
    const char *policy;            /* file; NULL: none */
    const char *dns;               /* ADDR:PORT of the resolver; NULL: those of the system */
    const char *certificate, *key; /* files; NULL: no TLS */
    struct tls_context *tls;       /* made of them */
    uint32_t disabled_methods;     /* by auth_find() */
    uint32_t max_per_ip;           /* 0: no limit */
    uint32_t timeout;              /* seconds; 0: the defaults */
    bool lmtp, submission;
    bool smtps;
    bool proxy_protocol;
    bool no_utf8;
    bool quiet, trace;
};

/*
 * Reads the command line. Returns -1 when the server is to start, or the exit status: after --help
 * or --version, or when something is wrong, which has then been said on stderr.
 */
int options_read(struct options *, int argc, char **argv);

/* Sets the latest release of FUTURERELEASE, which moves with the clock, in `hold_until`. */
void options_set_hold(const struct options *);

void options_free(struct options *);

#endif
