/*
 * Inside of a conversation with a filter: what milter.c, milter_ask.c and milter_end.c share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_MILTER_TALK_H
#define SMTPD_MILTER_TALK_H

#include "loop.h"
#include "milter_answers.h"
#include "timers.h"

/* What is asked of a filter, in this order; each of HEADER and BODY several times. */
enum milter_step {
    MILTER_STEP_CONNECT,
    MILTER_STEP_HELO,
    MILTER_STEP_AUTH,
    MILTER_STEP_ABORT,
    MILTER_STEP_MAIL,
    MILTER_STEP_RCPT,
    MILTER_STEP_DATA, /* from here on one question goes from step to step */
    MILTER_STEP_HEADER,
    MILTER_STEP_EOH,
    MILTER_STEP_BODY,
    MILTER_STEP_END
};

/* The content of milter_end(). */
struct milter_message {
    struct content content;
    char queue_id[256];
    struct text header;
    size_t field; /* the next one, in the header */
    off_t body;   /* where the next chunk begins */
};

struct milter_question {
    struct milter_question *next;
    enum milter_step step;
    bool is_put;           /* the step's packets have been given to be sent */
    struct text macros;    /* a packet, or nothing */
    struct text command;   /* a packet */
    milter_answer *answer; /* NULL: nobody wants to know */
    void *owner;
    struct milter_message *message; /* NULL: not of milter_end() */
};

enum milter_state {
    MILTER_CONNECTING,
    MILTER_NEGOTIATING,
    MILTER_TALKING,
    MILTER_BROKEN, /* every question is answered with MILTER_FAILED */
    MILTER_CLOSED  /* waits to be freed */
};

struct milter {
    struct runtime runtime;
    struct watch watch; /* its ready is NULL while nothing is watched */
    struct timer timer;
    const char *where;
    unsigned wait;     /* seconds */
    unsigned patience; /* seconds left for a path where too many are waiting */
    enum milter_state state;
    struct milter_terms terms;
    struct text in, out;
    size_t taken, sent;  /* octets of them that are done with */
    bool is_asked;       /* the first question waits for an answer */
    bool at_end;         /* the filter has hung up */
    bool in_transaction; /* a MAIL was told */
    bool has_recipient;  /* and a RCPT: without one libmilter does not answer to DATA */
    bool is_free;        /* the filter has accepted the whole session */
    /* What it has said of this transaction; MILTER_CONTINUE: nothing that ends the questions. */
    enum milter_action settled;
    struct milter_question *first, **last;
    struct text words, fields;                       /* of the answer that is being read */
    char why[128];                                   /* it is broken */
    char mechanism[64], tls_version[32], cipher[64]; /* for macros */
};

/* ---- milter.c ---- */

/* Gives the first question its answer. Whoever hears it may ask, drop, and close. */
void milter_finish(struct milter *, const struct milter_verdict *);

/* The conversation has failed: all questions have. */
void milter_give_up(struct milter *, const char *why);

/* There is something to do: it is done in the next turn of the loop. */
void milter_wake(struct milter *);

/* ---- milter_ask.c ---- */

void milter_question_free(struct milter_question *);

/* ---- milter_steps.c ---- */

/* Goes a step on with the first question, which waits for no answer. */
void milter_go_on(struct milter *);

/* Takes a packet of what has come. False: there is none. */
bool milter_hear(struct milter *);

/* ---- milter_end.c ---- */

void milter_put_message_macros(struct milter_question *, char command);

/*
 * Goes from a step of milter_end() to the next one that the filter wants, and makes its packets.
 * False: the message cannot be read.
 */
bool milter_next_step(const struct milter_terms *, struct milter_question *);

/* The filter wants no more of the body: the next step is the end. */
void milter_skip_body(struct milter_question *);

#endif
