/*
 * RSET, NOOP, QUIT (RFC 5321 4.1.1.5, .9, .10)
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

/* A positive reply to a command that does nothing for mail. */
static void say_junk(struct ehlo_server *s, unsigned id)
{
    ehlo__say(s, ehlo__junk_point(s) ? (unsigned)EHLO_REPLY_TOO_MANY_ERRORS : id);
}

void ehlo__rset_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    (void)argument; /* the table takes none */
    say_junk(s, EHLO_REPLY_RSET_OK);
    s->forwarded = false;
    if (!s->transaction.open)
        return;
    ehlo__transaction_end(s, EHLO_OUTCOME_ABORTED, EHLO_CAUSE_RSET);
    ehlo__set_state(s, EHLO_STATE_READY);
    ehlo__advance(s);
}

void ehlo__noop_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    (void)argument; /* ignored (RFC 5321 4.1.1.9) */
    say_junk(s, EHLO_REPLY_NOOP_OK);
}

void ehlo__quit_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    (void)argument; /* the table takes none */
    ehlo__say_closing(s, EHLO_REPLY_CLOSING, EHLO_CAUSE_QUIT);
}
