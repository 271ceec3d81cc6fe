/*
 * Transcripts under other extensions than their own: what says nothing of an extension has to hold
 * whether it is on or off.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_PAIRS_H
#define EHLO_TESTS_PAIRS_H

#include "ehlo/server.h"

/* How many extensions there are to switch; they are numbered from 0. */
extern const unsigned pairs_count;

/* Switches an extension in the configuration. False: the transcript speaks of it, so it does not
 * apply. */
bool pairs_switch(unsigned extension, const char *transcript, struct ehlo_server_config *config);

/*
 * Copies a transcript so that its own settings of extensions keep the two that were switched. Ended
 * by free().
 */
char *pairs_amend(const char *transcript, unsigned first, unsigned second);

#endif
