/*
 * The receive loop. It knows three modes, command lines, content and chunks, and no command.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

/* A further RCPT beside open ones: a slot, room for its reply, and a recipient left. */
bool ehlo__can_read_rcpt(const struct ehlo_server *s)
{
    const uint32_t recipients = s->transaction.recipients + s->open;

    return s->slot_count < s->slot_limit && ehlo__free_room(s) >= EHLO__RCPT_ROOM &&
           recipients < ehlo__limit(s->config->max_recipients, EHLO_DEFAULT_RECIPIENTS);
}

bool ehlo__can_read(const struct ehlo_server *s)
{
    if (!s->started || s->state == EHLO_STATE_CLOSED || s->state == EHLO_STATE_TLS || s->waiting ||
        s->deferred || s->at_eof || s->transaction.each)
        return false;
    if (s->transaction.fault == EHLO__FAULT_HELD)
        return true;
    if (s->closing)
        return false;
    if (s->state == EHLO_STATE_CONNECT)
        return !s->early;
    if (s->open > 0)
        return ehlo__slot_at(s, s->slot_count - 1u)->stage == EHLO__STAGE_RCPT &&
               ehlo__can_read_rcpt(s);
    return ehlo__free_room(s) >= EHLO__REPLY_ROOM;
}

/* TLS and other binary protocols show in the first octet, long before a CR LF. */
static bool foreign_first_octet(unsigned char octet)
{
    return (octet < ' ' && octet != '\r' && octet != '\n' && octet != '\t') || octet > 126;
}

static size_t receive_line(struct ehlo_server *s, const char *data, size_t length)
{
    struct ehlo__line line;
    bool whole;
    size_t used;

    if (!s->heard && foreign_first_octet((unsigned char)data[0])) {
        ehlo__refuse_foreign(s);
        return length;
    }
    s->heard = true;
    used = ehlo__lines_take(&s->lines, data, length, &line, &whole);
    if (!whole)
        return used;
    s->more = used < length;
    if (!ehlo__process_line(s, &line)) {
        s->kept = (uint32_t)ehlo__lines_keep(&s->lines, line.text).length;
        s->kept_faults = (uint8_t)line.faults;
        s->waiting = true;
    }
    return used;
}

/* Octets before the greeting was sent (RFC 5321 4.3.1). */
static void take_early(struct ehlo_server *s)
{
    if (!s->early && s->config->early != EHLO_EARLY_IGNORE)
        ehlo__trace(s, EHLO_TRACE_EARLY_TALKER, 0);
    s->early = true;
    if (s->state == EHLO_STATE_CONNECT || s->config->early != EHLO_EARLY_REFUSE)
        return; /* decided behind on_connect, or let pass */
    ehlo__output_drop(&s->output);
    s->row_stage = EHLO__STAGE_CONNECT;
    ehlo__say_closing(s, EHLO_REPLY_CONNECTION_DENIED, EHLO_CAUSE_PROTOCOL);
}

size_t ehlo_server_receive(struct ehlo_server *s, const void *data, size_t length)
{
    const char *octets = data;
    size_t used = 0;

    if (s->in_hook > 0)
        return 0;
    if (length > 0 && s->started && !s->greeted && s->state != EHLO_STATE_CLOSED)
        take_early(s);
    while (used < length && s->state != EHLO_STATE_CONNECT && ehlo__can_read(s)) {
        if (s->chunk > 0 && s->chunk_refusal != 0)
            used += ehlo__chunk_eat(s, length - used);
        else if (s->state == EHLO_STATE_CONTENT)
            used += ehlo__content_take(s, octets + used, length - used);
        else
            used += receive_line(s, octets + used, length - used);
    }
    if (used < length && s->state == EHLO_STATE_TLS)
        ehlo__inject(s);
    ehlo__progress(s);
    return s->state == EHLO_STATE_CLOSED ? length : used;
}

/* The line that waited for decisions or for an empty output. */
static void process_kept(struct ehlo_server *s)
{
    const struct ehlo__line line = {{s->lines.buffer, s->kept}, s->kept_faults};

    s->waiting = false;
    s->waiting = !ehlo__process_line(s, &line);
}

void ehlo__progress(struct ehlo_server *s)
{
    if (s->in_hook > 0)
        return;
    do { /* again if a hook has deferred something */
        if (s->slot_count > 0)
            ehlo__commit_judged(s);
        ehlo__run_deferred(s);
        ehlo__chunk_end(s);
        ehlo__deliver_more(s);
        if (s->waiting)
            process_kept(s);
        if (s->at_eof && s->open == 0 && !s->waiting && !s->transaction.each)
            ehlo__close(s, EHLO_CAUSE_EOF);
    } while (s->deferred != 0);
}
