/*
 * How a session ends: by its own reply, by the host (expire, shutdown), by the peer (eof,
 * disconnected). Every way leads through ehlo__close() once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

void ehlo__close(struct ehlo_server *s, enum ehlo_cause cause)
{
    uint32_t asking;

    if (s->state == EHLO_STATE_CLOSED)
        return;
    ehlo__drop_slots(s);
    if (s->lines.length > 0 || s->waiting)
        ehlo__wipe_line(s); /* it may be an AUTH, or half of one */
    s->waiting = false;
    s->draining = false;
    s->epoch++;
    ehlo__set_state(s, EHLO_STATE_CLOSED);
    ehlo__transaction_end(s, EHLO_OUTCOME_ABORTED, cause);
    ehlo__trace(s, EHLO_TRACE_CLOSED, cause);
    if (s->config->on_close == NULL)
        return;
    asking = ehlo__enter_hook(s);
    s->config->on_close(s, cause, s->user);
    ehlo__leave_hook(s, asking);
}

void ehlo__cut(struct ehlo_server *s, unsigned id, enum ehlo_cause cause)
{
    if (!s->started || s->state == EHLO_STATE_TLS) { /* behind its 220 nothing is said in clear */
        ehlo__output_drop(&s->output);
        ehlo__close(s, cause);
        return;
    }
    s->row_stage = s->slot_count > 0 ? ehlo__slot_at(s, 0)->stage : EHLO__STAGE_NONE;
    if (s->state == EHLO_STATE_CONTENT)
        s->row_stage = EHLO__STAGE_MESSAGE; /* not a refusal that waits for its end */
    ehlo__drop_slots(s);
    ehlo__say_closing(s, id, cause);
}

static void shut_down(struct ehlo_server *s)
{
    if (s->transaction.open)
        s->draining = true;
    else
        ehlo__cut(s, EHLO_REPLY_SHUTTING_DOWN, EHLO_CAUSE_SHUTDOWN);
}

void ehlo__run_deferred(struct ehlo_server *s)
{
    const uint8_t deferred = s->deferred;

    s->deferred = 0;
    if (deferred & EHLO__DEFER_DISCONNECTED) {
        ehlo__close(s, EHLO_CAUSE_DISCONNECTED);
        ehlo__output_drop(&s->output);
    }
    if (s->state == EHLO_STATE_CLOSED)
        return;
    if (deferred & EHLO__DEFER_SHUTDOWN)
        shut_down(s);
    if (deferred & EHLO__DEFER_EOF)
        s->at_eof = true;
}

int ehlo_server_expire(struct ehlo_server *s)
{
    if (s->in_hook > 0)
        return EHLO_ERROR_IN_HOOK;
    if (s->state != EHLO_STATE_CLOSED) {
        ehlo__cut(s, EHLO_REPLY_TIMED_OUT, EHLO_CAUSE_TIMEOUT);
        ehlo__progress(s);
        return EHLO_OK;
    }
    if (s->output.start == s->output.visible)
        return EHLO_ERROR_CLOSED;
    ehlo__output_drop(&s->output); /* a peer that does not read its last reply */
    return EHLO_OK;
}

/* Legal in hooks, where it is done when the hook has returned. */
static void defer(struct ehlo_server *s, uint8_t what)
{
    s->deferred |= what;
    ehlo__progress(s);
}

int ehlo_server_shutdown(struct ehlo_server *s)
{
    if (s->state == EHLO_STATE_CLOSED)
        return EHLO_ERROR_CLOSED;
    defer(s, EHLO__DEFER_SHUTDOWN);
    return EHLO_OK;
}

int ehlo_server_eof(struct ehlo_server *s)
{
    defer(s, EHLO__DEFER_EOF);
    return EHLO_OK;
}

int ehlo_server_disconnected(struct ehlo_server *s)
{
    defer(s, EHLO__DEFER_DISCONNECTED);
    return EHLO_OK;
}
