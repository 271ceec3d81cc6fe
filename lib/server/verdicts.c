/*
 * The verdicts on a message that is complete: one for all (RFC 5321 4.1.1.4), or one for each
 * accepted recipient (LMTP: RFC 2033 4.2; PRDR). Those for each are asked for as far as there are
 * slots and room, decided in any order, and said in the order of the recipients.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

/* After the end of data everything is empty again, whatever the verdict (RFC 5321 4.1.1.4). */
static void finish_message(struct ehlo_server *s)
{
    const uint32_t taken = s->transaction.taken;
    enum ehlo_outcome outcome = EHLO_OUTCOME_REFUSED;

    if (taken > 0) {
        s->messages++;
        s->errors = 0;
        s->junk = 0;
        outcome = taken == s->transaction.recipients ? EHLO_OUTCOME_TAKEN : EHLO_OUTCOME_PARTLY;
    }
    ehlo__transaction_end(s, outcome, EHLO_CAUSE_COMPLETED);
    ehlo__set_state(s, EHLO_STATE_READY);
}

void ehlo__message_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->flags & EHLO__SLOT_POSITIVE)
        s->transaction.taken = s->transaction.recipients;
    finish_message(s);
}

void ehlo__each_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    s->transaction.decided++;
    if (slot->code >= 400 && slot->code < 500)
        s->transaction.deferred = true;
}

/* What was not said yet when the session ends was not taken (RFC 2033 4.2). */
void ehlo__each_said(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    const bool last = s->transaction.decided == s->transaction.recipients && s->slot_count == 0;

    if (slot->flags & EHLO__SLOT_POSITIVE)
        s->transaction.taken++;
    if (last && (slot->flags & EHLO__SLOT_CLOSE) && s->config->mode == EHLO_MODE_LMTP)
        finish_message(s);
}

static void ask_message(struct ehlo_server *s, enum ehlo__stage stage)
{
    const struct ehlo_message message = {.octets = s->transaction.octets,
                                         .recipients = s->transaction.recipients,
                                         .number = s->transaction.answered,
                                         .hops = s->inspect.hops,
                                         .each = stage == EHLO__STAGE_EACH};

    s->transaction.answered++;
    ehlo__ask(s, stage);
    ehlo__settle(s, s->config->on_message == NULL ? ehlo_reply(EHLO_REPLY_CANNOT_TAKE_MESSAGES)
                                                  : s->config->on_message(s, &message, s->user));
}

/* The content itself was refused: in LMTP each recipient is told (RFC 2033 4.2). */
static void answer_fault(struct ehlo_server *s)
{
    const bool last = s->transaction.answered + 1 >= s->transaction.recipients;
    const uint16_t fault = s->transaction.fault;

    s->transaction.answered++;
    s->transaction.decided++;
    if (fault == EHLO__FAULT_HELD && !last) {
        ehlo__copy_held(s);
        return;
    }
    ehlo__say_fault(s);
    s->transaction.fault = last ? 0 : fault;
    s->transaction.fault_point = false; /* one message, one point */
    if (last && s->state == EHLO_STATE_CONTENT) {
        s->transaction.each = false;
        finish_message(s);
    }
    ehlo__advance(s);
}

/* Room for one more answer. */
static bool can_answer(const struct ehlo_server *s)
{
    const size_t room = ehlo__free_room(s);

    if (!s->transaction.each || s->transaction.answered >= s->transaction.recipients)
        return false;
    if (s->transaction.fault == EHLO__FAULT_HELD)
        return room >= ehlo__slot_at(s, 0)->length;
    if (s->transaction.fault != 0)
        return room >= EHLO__REPLY_ROOM;
    return !s->closing && s->slot_count < s->slot_limit && room >= EHLO__RCPT_ROOM;
}

/* PRDR ends with a reply for the whole message; a refusal there would undo a deferral. */
static void say_final(struct ehlo_server *s)
{
    s->row_stage = EHLO__STAGE_MESSAGE;
    if (s->transaction.taken == s->transaction.recipients)
        ehlo__say(s, EHLO_REPLY_MESSAGE_OK);
    else if (s->transaction.taken > 0 || s->transaction.deferred)
        ehlo__say(s, EHLO_REPLY_MESSAGE_PARTLY_OK);
    else
        ehlo__say(s, EHLO_REPLY_REFUSED_FOR_ALL);
}

void ehlo__deliver_more(struct ehlo_server *s)
{
    while (can_answer(s)) {
        if (s->transaction.fault != 0)
            answer_fault(s);
        else
            ask_message(s, EHLO__STAGE_EACH);
    }
    if (!s->transaction.each || s->transaction.decided < s->transaction.recipients ||
        s->slot_count > 0)
        return;
    if (s->config->mode != EHLO_MODE_LMTP) {
        if (ehlo__free_room(s) < EHLO__REPLY_ROOM)
            return;
        say_final(s);
    }
    if (s->state != EHLO_STATE_CONTENT)
        return;
    s->transaction.each = false;
    finish_message(s);
    ehlo__advance(s);
}

void ehlo__deliver(struct ehlo_server *s)
{
    const bool lmtp = s->config->mode == EHLO_MODE_LMTP;
    const bool prdr = (s->transaction.flags & EHLO_MAIL_PRDR) != 0 &&
                      s->transaction.recipients > 1 && s->transaction.fault == 0;

    if (!lmtp && !prdr) {
        if (s->transaction.fault == 0) {
            ask_message(s, EHLO__STAGE_MESSAGE);
            return;
        }
        ehlo__say_fault(s);
        if (s->state == EHLO_STATE_CONTENT)
            finish_message(s);
        ehlo__advance(s);
        return;
    }
    s->transaction.each = true;
    if (!lmtp) {
        s->row_stage = EHLO__STAGE_MESSAGE;
        ehlo__say(s, EHLO_REPLY_PRDR_BEGIN);
    }
    ehlo__deliver_more(s);
}
