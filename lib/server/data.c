/*
 * DATA (RFC 5321 4.1.1.4). The content is in content.c, what is said of it in verdicts.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

void ehlo__data_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    (void)argument;                                /* the table takes none */
    if (s->transaction.body == EHLO_BODY_BINARY) { /* RFC 3030 3: lost until RSET */
        ehlo__refuse(s, EHLO_REPLY_BAD_SEQUENCE);
        ehlo__set_state(s, EHLO_STATE_CHUNKS_FAILED);
        return;
    }
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
