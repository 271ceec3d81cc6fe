/*
 * The steps of a conversation: what is asked, what is spared, and what an answer leads to.
 *
 * SPDX-License-Identifier: MIT
 */
#include "milter_talk.h"

/* Which choices of the filter spare it a step, and which spare it the answer. */
static const struct {
    uint32_t unwanted, silent;
} steps[] = {
    [MILTER_STEP_CONNECT] = {MILTER_NO_CONNECT, MILTER_SILENT_CONNECT},
    [MILTER_STEP_HELO] = {MILTER_NO_HELO, MILTER_SILENT_HELO},
    [MILTER_STEP_AUTH] = {MILTER_NO_UNKNOWN, MILTER_SILENT_UNKNOWN},
    [MILTER_STEP_MAIL] = {MILTER_NO_MAIL, MILTER_SILENT_MAIL},
    [MILTER_STEP_RCPT] = {MILTER_NO_RCPT, MILTER_SILENT_RCPT},
    [MILTER_STEP_DATA] = {MILTER_NO_DATA, MILTER_SILENT_DATA},
    [MILTER_STEP_HEADER] = {MILTER_NO_HEADER, MILTER_SILENT_HEADER},
    [MILTER_STEP_EOH] = {MILTER_NO_EOH, MILTER_SILENT_EOH},
    [MILTER_STEP_BODY] = {MILTER_NO_BODY, MILTER_SILENT_BODY},
    [MILTER_STEP_END] = {0, 0},
};

/* The macros are told in any case: they belong to the steps behind, too. */
static void put_step(struct milter *m, struct milter_question *q)
{
    bool is_wanted = q->command.length > 0 && (m->terms.choices & steps[q->step].unwanted) == 0;

    if (q->step == MILTER_STEP_HELO || q->step == MILTER_STEP_ABORT ||
        q->step == MILTER_STEP_MAIL) {
        if (m->in_transaction)
            milter_put(&m->out, 'A', (struct ehlo_slice){0});
        m->in_transaction = q->step == MILTER_STEP_MAIL;
        m->has_recipient = false;
        m->settled = MILTER_CONTINUE;
    }
    if (q->step == MILTER_STEP_RCPT)
        m->has_recipient = true;
    if (q->step == MILTER_STEP_END)
        text_free(&m->fields);
    if (q->step != MILTER_STEP_DATA || m->terms.version >= MILTER_DATA_VERSION)
        milter_append(&m->out, q->macros.data, q->macros.length);
    if (is_wanted)
        milter_append(&m->out, q->command.data, q->command.length);
    q->is_put = true;
    m->is_asked = is_wanted && (m->terms.choices & steps[q->step].silent) == 0;
    timers_set(m->runtime.timers, &m->timer, m->wait);
}

/* The filter has nothing against the step. */
static void pass_step(struct milter *m, struct milter_question *q)
{
    struct milter_verdict verdict = {.action = MILTER_CONTINUE};

    m->is_asked = false;
    if (q->message != NULL && q->step != MILTER_STEP_END && q->answer != NULL) {
        if (milter_next_step(&m->terms, q))
            return;
        verdict = (struct milter_verdict){.action = MILTER_FAILED,
                                          .text = ehlo_text("the message cannot be read")};
        m->settled = MILTER_FAILED;
    }
    if (q->step == MILTER_STEP_END && q->is_put)
        verdict.fields = (struct ehlo_slice){m->fields.data, m->fields.length};
    milter_finish(m, &verdict);
}

/* Whether the filter is not to be asked: it has said enough, it has not heard of the transaction,
 * or nobody wants to know. */
static bool is_settled(const struct milter *m, const struct milter_question *q)
{
    if (q->step == MILTER_STEP_ABORT)
        return false;
    if (m->is_free || q->answer == NULL)
        return true;
    if (q->step < MILTER_STEP_RCPT)
        return false;
    return m->settled != MILTER_CONTINUE || !m->in_transaction ||
           (q->step == MILTER_STEP_DATA && !m->has_recipient);
}

void milter_go_on(struct milter *m)
{
    struct milter_question *q = m->first;
    struct milter_verdict settled = {.action = m->settled};

    if (m->is_free || m->settled == MILTER_ACCEPT)
        settled.action = MILTER_CONTINUE;
    if (is_settled(m, q))
        milter_finish(m, &settled);
    else if (q->is_put)
        pass_step(m, q);
    else
        put_step(m, q);
}

/* ---- answers ---- */

static void conclude(struct milter *m, struct milter_question *q, struct milter_verdict *verdict)
{
    enum milter_action *action = &verdict->action;

    if (*action == MILTER_ACCEPT && (q->step == MILTER_STEP_AUTH || q->step == MILTER_STEP_END))
        *action = MILTER_CONTINUE;
    if (q->step == MILTER_STEP_END)
        m->in_transaction = false;
    if (*action == MILTER_CONTINUE) {
        pass_step(m, q);
        return;
    }
    if (*action == MILTER_ACCEPT && q->step <= MILTER_STEP_HELO)
        m->is_free = true;
    if (q->step >= MILTER_STEP_MAIL &&
        (q->step != MILTER_STEP_RCPT || *action == MILTER_ACCEPT || *action == MILTER_DISCARD))
        m->settled = *action;
    milter_finish(m, verdict);
}

/* What the first question has been answered. */
static void interpret(struct milter *m, const struct milter_packet *packet)
{
    struct milter_question *q = m->first;
    struct milter_verdict verdict;
    bool adds = q->step == MILTER_STEP_END && (m->terms.actions & MILTER_ADDS_FIELDS) != 0;
    bool skips = q->step == MILTER_STEP_BODY && (m->terms.choices & MILTER_SKIPS) != 0;

    if (packet->command == 'p') { /* it is still at it */
        timers_set(m->runtime.timers, &m->timer, m->wait);
    } else if (adds && milter_is_field(packet)) {
        if (!milter_read_field(packet, (m->terms.choices & MILTER_BLANKS) != 0, &m->fields))
            milter_give_up(m, "the filter adds a header field that is none");
    } else if (skips && packet->command == 's') {
        m->is_asked = false;
        milter_skip_body(q);
    } else if (!milter_read_verdict(packet, &m->words, &verdict) ||
               (verdict.action == MILTER_DISCARD && q->step < MILTER_STEP_MAIL)) {
        milter_give_up(m, "the filter answers what was not asked");
    } else {
        conclude(m, q, &verdict);
    }
}

bool milter_hear(struct milter *m)
{
    const char *begin = m->in.length > 0 ? m->in.data + m->taken : "";
    struct ehlo_slice input = {begin, m->in.length - m->taken};
    struct milter_packet packet;
    enum milter_taken taken = milter_take(&input, &packet);

    if (taken == MILTER_PART)
        return false;
    m->taken = m->in.length - input.length;
    if (taken == MILTER_NONSENSE) {
        milter_give_up(m, "the filter does not speak the milter protocol");
    } else if (m->state == MILTER_TALKING) {
        interpret(m, &packet);
    } else if (milter_read_terms(&packet, &m->terms)) {
        m->state = MILTER_TALKING;
        timers_clear(m->runtime.timers, &m->timer);
    } else {
        milter_give_up(m, "the filter wants what was not offered");
    }
    return true;
}
