/*
 * The MTA's side of the milter protocol (version 6, as of libmilter): one filter, one SMTP session.
 * Commands are sent one after another; what cannot be sent yet waits in the conversation.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_MILTER_H
#define SMTPD_MILTER_H

#include "content.h"
#include "ehlo/reply.h"
#include "inquiry.h"

struct milter; /* a conversation; ends with milter_close() */

enum milter_action {
    MILTER_CONTINUE,
    MILTER_ACCEPT,    /* no more questions about this message, or (connect, HELO) this session */
    MILTER_REJECT,    /* the filter's reply, or the stage's own if it gave none (code 0) */
    MILTER_TEMPORARY, /* the same, 4yz; 421: the session is to end */
    MILTER_DISCARD,   /* accept the message and drop it (row 42 here: nothing is dropped unsaid) */
    MILTER_FAILED     /* no answer that can be used; `text` says why */
};

/* Lives for the call. */
struct milter_verdict {
    enum milter_action action;
    unsigned code; /* 0: the filter gave no reply of its own */
    struct ehlo_enhanced enhanced;
    struct ehlo_slice text;   /* lines with '\n' between them */
    struct ehlo_slice fields; /* milter_end(): header fields to stand above the message, CR LF */
};

/* Called once for each question, never before the function that asked has returned. */
typedef void milter_answer(void *owner, const struct milter_verdict *);

/*
 * Begins a conversation: connects and negotiates, before the first answer. `where` stays as long.
 * NULL: out of memory. A filter that is not there is told as MILTER_FAILED by the questions; so is,
 * from then on for good, one that was silent for `wait` seconds or has talked nonsense.
 */
struct milter *milter_open(const struct runtime *, const char *where, unsigned wait);

/* Tells the filter and closes; unanswered questions are never answered. NULL: nothing. The memory
 * is freed by a timer, within a second. */
void milter_close(struct milter *);

/* Who has connected, to whom. */
struct milter_peer {
    const char *hostname; /* ours */
    const char *name;     /* NULL or empty: not known */
    const char *address;  /* NULL or empty: not known */
    unsigned port;
};

/* Path with its <>; parameters as sent; identity of AUTH, may be empty. */
struct milter_sender {
    struct ehlo_slice path, parameters, identity;
};

/*
 * The questions, in the order of a session; each may be asked while an earlier one is open (RCPTs
 * are). Once the filter has accepted the session or the message, and for stages that it did not
 * want, the answer is MILTER_CONTINUE without asking it; so it is for a recipient whose sender, and
 * for a message no recipient of which, the filter was asked about. The texts are copied. False: out
 * of memory, there will be no answer.
 */
bool milter_connect(struct milter *, const struct milter_peer *, milter_answer *, void *owner);
bool milter_helo(struct milter *, struct ehlo_slice name, milter_answer *, void *owner);

/* AUTH has no stage in this protocol: the filter hears it as an unknown command, "AUTH mechanism
 * name". */
bool milter_auth(struct milter *, const char *mechanism, struct ehlo_slice name, milter_answer *,
                 void *owner);
bool milter_mail(struct milter *, const struct milter_sender *, milter_answer *, void *owner);
bool milter_rcpt(struct milter *, struct ehlo_slice path, struct ehlo_slice parameters,
                 milter_answer *, void *owner);

/* DATA, the header fields, the end of header, the body and its end. The content's descriptor stays
 * open until the answer, or until the question is dropped. */
bool milter_end(struct milter *, const struct content *, const char *queue_id, milter_answer *,
                void *owner);

/* The transaction is over; the next MAIL begins another. */
void milter_abort(struct milter *);

/* Nobody wants to know what this owner has asked any more; the conversation goes on. */
void milter_drop(struct milter *, void *owner);

/* TLS has begun; the filter hears of it with the next HELO. */
void milter_tls(struct milter *, struct ehlo_slice version, struct ehlo_slice cipher);

#endif
