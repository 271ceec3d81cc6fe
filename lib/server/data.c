/*
 * DATA, and the verdict on the message (RFC 5321 4.1.1.4). What comes between is in content.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

void ehlo__data_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    (void)argument; /* the table takes none */
    if (s->config->on_message == NULL) {
        ehlo__say(s, EHLO_REPLY_CANNOT_TAKE_MESSAGES); /* nothing is accepted by default */
        return;
    }
    ehlo__ask(s, EHLO__STAGE_DATA);
    ehlo__settle(s, s->config->on_data == NULL ? ehlo_accept() : s->config->on_data(s, s->user));
}

void ehlo__data_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->flags & EHLO__SLOT_POSITIVE)
        ehlo__content_start(s);
}

/* After the end of data everything is empty again, whatever the verdict (RFC 5321 4.1.1.4). */
void ehlo__message_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    const bool taken = (slot->flags & EHLO__SLOT_POSITIVE) != 0;

    if (taken) {
        s->messages++;
        s->errors = 0;
        s->junk = 0;
    }
    ehlo__transaction_end(s, taken ? EHLO_OUTCOME_TAKEN : EHLO_OUTCOME_REFUSED,
                          EHLO_CAUSE_COMPLETED);
    ehlo__set_state(s, EHLO_STATE_READY);
}
