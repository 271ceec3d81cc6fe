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

void ehlo__transaction_end(struct ehlo_server *s, enum ehlo_outcome outcome, enum ehlo_cause cause)
{
    const struct ehlo_done done = {
        .outcome = outcome,
        .cause = cause,
        .recipients = s->transaction.recipients,
        .taken = outcome == EHLO_OUTCOME_TAKEN ? s->transaction.recipients : 0,
        .octets = s->transaction.octets,
    };
    uint32_t asking;

    if (!s->transaction.open)
        return;
    memset(&s->transaction, 0, sizeof s->transaction);
    if (s->config->on_done == NULL)
        return;
    asking = ehlo__enter_hook(s);
    s->config->on_done(s, &done, s->user);
    ehlo__leave_hook(s, asking);
}
