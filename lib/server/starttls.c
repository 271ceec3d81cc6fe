/*
 * STARTTLS (RFC 3207): between the 220 and the handshake nothing is read, and behind it nothing of
 * before is left.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

void ehlo__starttls_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    (void)argument; /* the table takes none */
    ehlo__ask(s, EHLO__STAGE_STARTTLS);
    ehlo__settle(s, s->config->on_starttls(s, s->user));
}

void ehlo__starttls_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if ((slot->flags & EHLO__SLOT_POSITIVE) == 0)
        return;
    s->go_length = slot->length;
    ehlo__set_state(s, EHLO_STATE_TLS);
}

/* Whoever can write into the clear part of the connection must not speak in the other one (RFC
 * 3207 6). Once a part of the 220 is out, any answer would be taken for the handshake. */
void ehlo__inject(struct ehlo_server *s)
{
    ehlo__trace(s, EHLO_TRACE_INJECTION, 0);
    if (s->output.visible - s->output.start < s->go_length) {
        ehlo__output_drop(&s->output);
        ehlo__close(s, EHLO_CAUSE_PROTOCOL);
        return;
    }
    ehlo__output_retract(&s->output, s->go_length);
    ehlo__say_closing(s, EHLO_REPLY_PLAINTEXT_AFTER_STARTTLS, EHLO_CAUSE_PROTOCOL);
}

/* As behind the greeting (RFC 3207 4.2); failed AUTHs are not forgiven. */
static void forget(struct ehlo_server *s)
{
    s->errors = 0;
    s->junk = 0;
    ehlo__forget_identity(s);
    ehlo__greet_again(s);
}

int ehlo_server_tls_started(struct ehlo_server *s, const struct ehlo_tls *tls)
{
    if (s->in_hook > 0)
        return EHLO_ERROR_IN_HOOK;
    if (s->state == EHLO_STATE_CLOSED)
        return EHLO_ERROR_CLOSED;
    if (s->tls != NULL ||
        (s->started && (s->state != EHLO_STATE_TLS || s->output.start != s->output.visible)))
        return EHLO_ERROR_SEQUENCE;
    if (tls != NULL && tls->size != sizeof *tls)
        return EHLO_ERROR_ARGUMENT;
    s->epoch++;
    s->tls = tls;
    if (tls == NULL)
        ehlo__close(s, EHLO_CAUSE_TLS);
    else if (s->started)
        forget(s);
    ehlo__progress(s);
    return EHLO_OK;
}
