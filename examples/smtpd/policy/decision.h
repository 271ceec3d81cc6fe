/*
 * A decision that several checks make, one after another. A check answers as a hook does; where it
 * has to wait for somebody (a look-up, a filter), the hook of the engine stays pending, and the
 * checks go on when the answer is there.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_DECISION_H
#define SMTPD_DECISION_H

#include "policy.h"
#include "recipient.h"
#include "visit.h"

struct decision;

/*
 * Accepting means: the next check. One that has waited is called again when the answer was to
 * accept, with one more round, until it accepts without waiting.
 */
typedef struct ehlo_reply check(struct decision *);

struct decision {
    struct visit *visit;
    struct ehlo_server *session;
    enum stage stage;
    check *const *next; /* what is to run, up to NULL */
    unsigned line;      /* of the policy file, which refuses; 0: none */
    bool closes;        /* a refusal ends the session */
    unsigned round;     /* how many answers the check has had */

    struct recipient *recipient;    /* AT_RCPT: who it is about; the decision's until it is taken */
    char helo[EHLO_DOMAIN_MAX + 1]; /* AT_HELO: the name */
    struct ehlo_message message;    /* AT_MESSAGE */

    /* decision.c's own */
    struct decision *following, **link; /* in visit->decisions, later in visit->made */
    ehlo_token token;
    bool running, answered;
    struct ehlo_reply answer;
    void *work; /* what the check waits for */
    void (*drop)(void *work);
};

/* NULL: out of memory. The checks stay where they are. */
struct decision *decision_new(struct ehlo_server *, struct visit *, enum stage, check *const *);

/* The verdict for the hook, perhaps pending; its text lives until decision_sweep(). NULL:
 * EHLO_REPLY_LOCAL_ERROR. */
struct ehlo_reply decision_run(struct decision *);

/* Instead: it could not be prepared. Returns EHLO_REPLY_LOCAL_ERROR. */
struct ehlo_reply decision_give_up(struct decision *);

/* In a check: it waits. `drop` ends the work when nobody waits for it any more; NULL: nothing is to
 * be ended. Returns ehlo_pending(). */
struct ehlo_reply decision_wait(struct decision *, void *work, void (*drop)(void *));

/* The answer that a check has waited for; also from inside the check. Further checks, and hooks,
 * may run before it returns. */
void decision_answer(struct decision *, struct ehlo_reply);

/* Frees what is decided; outside of all calls of the library. */
void decision_sweep(struct visit *);

/* The transaction is over: what is still open will not be answered any more. */
void decision_drop_open(struct visit *);

/* All decisions of a visit are forgotten, and what they wait for ends. */
void decision_drop_all(struct visit *);

#endif
