/*
 * A mail transaction (RFC 5321 3.3): begun by a MAIL that passed the engine's checks, ended exactly
 * once, told to on_done.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

void ehlo__transaction_begin(struct ehlo_server *s)
{
    memset(&s->transaction, 0, sizeof s->transaction);
    s->transaction.open = 1;
}

/* In LMTP what was said to a recipient stays said; in PRDR only the last reply counts. */
static uint32_t taken_at_last(const struct ehlo_server *s, enum ehlo_outcome outcome)
{
    const bool aborted = outcome == EHLO_OUTCOME_ABORTED && s->config->mode != EHLO_MODE_LMTP;

    return aborted ? 0 : s->transaction.taken;
}

void ehlo__transaction_end(struct ehlo_server *s, enum ehlo_outcome outcome, enum ehlo_cause cause)
{
    const uint32_t taken = taken_at_last(s, outcome);
    const struct ehlo_done done = {
        .outcome =
            taken > 0 && outcome == EHLO_OUTCOME_ABORTED ? (uint32_t)EHLO_OUTCOME_PARTLY : outcome,
        .cause = cause,
        .recipients = s->transaction.recipients,
        .taken = taken,
        .octets = s->transaction.octets,
    };
    uint32_t asking;

    if (!s->transaction.open)
        return;
    memset(&s->transaction, 0, sizeof s->transaction);
    s->forwarded = false;
    if (s->config->on_done == NULL)
        return;
    asking = ehlo__enter_hook(s);
    s->config->on_done(s, &done, s->user);
    ehlo__leave_hook(s, asking);
}
