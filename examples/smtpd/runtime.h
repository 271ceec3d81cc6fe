/*
 * What everything that waits needs.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_RUNTIME_H
#define SMTPD_RUNTIME_H

struct loop;
struct timers;
struct dns;

struct runtime {
    struct loop *loop;
    struct timers *timers;
    struct dns *dns; /* NULL: there is no resolver */
};

#endif
