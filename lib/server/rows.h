/*
 * What the tables of extensions, keywords, parameters and verbs, the engine's and the host's, tell
 * each other and the check of a configuration; sessions use what is in session.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SERVER_ROWS_H
#define EHLO_SERVER_ROWS_H

#include "ehlo/server.h"

/* --- extensions.c --- */
/* Whether a session of this configuration may ever offer one of these extensions. */
bool ehlo__may_offer(const struct ehlo_server_config *, uint32_t extensions);
/* Whether one of them was offered to this client, who said EHLO or LHLO. */
bool ehlo__offered(const struct ehlo_server *, uint32_t extensions);

/* --- keywords.c, parameters.c: names that are the engine's own --- */
bool ehlo__is_keyword(struct ehlo_slice name);
bool ehlo__is_parameter(struct ehlo_slice name);
/* Whether SMTPUTF8 is among the parameters of MAIL, and was offered. */
bool ehlo__asks_for_utf8(const struct ehlo_server *, struct ehlo_slice parameters);

/* --- mail.c: what a path is refused with --- */
#define EHLO__PATH_NOT_QUALIFIED (EHLO_SYNTAX_NO_KEYWORD + 1)
#define EHLO__PATH_REFUSALS      (EHLO__PATH_NOT_QUALIFIED + 1)

/* Judges a path that was read with EHLO_SYNTAX_UTF8; `refusals` by enum ehlo_syntax and the number
 * above. Returns the reply that refuses it, or 0. */
unsigned ehlo__judge_path(const struct ehlo_server *, const struct ehlo_path *, bool utf8,
                          const uint16_t refusals[EHLO__PATH_REFUSALS]);

/* --- host_rows.c: rows of the configuration --- */
#define EHLO__HOST_PARAMETERS 16 /* rows of `parameters` at most */

/* The member that has a bad row, or NULL. */
const char *ehlo__bad_row(const struct ehlo_server_config *);
/* The member that has a name which is neither registered nor begins with X, or NULL. */
const char *ehlo__unregistered_row(const struct ehlo_server_config *);
bool ehlo__has_mechanisms(const struct ehlo_server_config *);
/* 1 to `max` octets, letters, digits and these marks. */
bool ehlo__is_made_of(struct ehlo_slice name, size_t max, const char *marks);
bool ehlo__is_profile(struct ehlo_slice name); /* of priorities (RFC 6710 7) */

/* --- domains.c --- */
/* Counts the domain of a recipient; false: it is one too many (RFC 9422 4). */
bool ehlo__count_domain(struct ehlo_server *, struct ehlo_slice domain);

#endif
