/** @file
 * libehlo: the SMTP protocol for C programs, without I/O and without allocation. Includes
 * everything.
 *
 * Conventions, which hold for every function unless its comment says otherwise:
 *
 * - The library does no I/O, allocates nothing, keeps no global state and never looks at a clock. A
 *   session lives in memory of the caller; sessions may run on any number of threads, each session
 *   on one thread at a time.
 * - Pointers to sessions, configurations and results are not NULL. Slices and counted buffers may
 *   have a NULL pointer where their length is 0.
 * - Slices that a hook gets live until the hook returns. Text in a verdict that a hook returns has
 * to outlive the hook, up to the end of the call of the library that runs it: never a local array
 * of the hook. Text handed to ehlo_server_resume() has to live until that returns. Nothing needs it
 * afterwards.
 * - Two worlds: what the *host* does wrong is answered with an enum ehlo_error and changes nothing
 * (a verdict that is none: 451 and EHLO_TRACE_HOST_FAULT); what the *peer* does wrong is answered
 * with a reply on the wire.
 * - Structures that the host fills begin with `size` and have a ..._DEFAULTS initialiser; every
 *   other member's zero is the safe default. Members called reserved are 0. Structures grow at
 *   their end only; numbers of enumerators never change.
 * - Lengths are octets, times are seconds, text is ASCII unless UTF-8 is spoken of.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_EHLO_H
#define EHLO_EHLO_H

#include "ehlo/events.h"
#include "ehlo/parameters.h"
#include "ehlo/proxy.h"
#include "ehlo/received.h"
#include "ehlo/reply.h"
#include "ehlo/script.h"
#include "ehlo/server.h"
#include "ehlo/syntax.h"
#include "ehlo/types.h"
#include "ehlo/version.h"

#endif
