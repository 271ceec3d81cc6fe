/*
 * What the command line says.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_OPTIONS_H
#define SMTPD_OPTIONS_H

#include "ehlo/server.h"

/* A mailbox of --user. */
struct account {
    char *folder;         /* as maildir_folder() makes it: what recipients are compared with */
    const char *password; /* NULL: none was given */
};

struct options {
    struct ehlo_server_config config; /* all but the hooks */
    char hostname[EHLO_DOMAIN_MAX + 1];
    char *address, *port; /* of --listen */
    const char *maildir;
    const char **domains; /* ours; the first is the home of <postmaster> */
    size_t domain_count;
    struct account *accounts; /* none: every address of the domains is a mailbox */
    size_t account_count;
    uint32_t max_per_ip; /* 0: no limit */
    uint32_t timeout;    /* seconds; 0: the defaults */
    bool quiet, trace;
};

/*
 * Reads the command line. Returns -1 when the server is to start, or the exit status: after --help
 * or --version, or when something is wrong, which has then been said on stderr.
 */
int options_read(struct options *, int argc, char **argv);

void options_free(struct options *);

#endif
