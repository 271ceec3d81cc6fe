/*
 * Those who judge a message by its content. Each asks its service and makes the verdict of the
 * catalogue out of the answer.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_FILTER_H
#define SMTPD_FILTER_H

#include "content.h"
#include "ehlo/reply.h"
#include "inquiry.h"
#include "policy/policy.h"

/* What a filter hears of a message besides its content. Texts may be empty; they live until the
 * verdict. */
struct envelope_facts {
    const char *peer_address;
    struct ehlo_slice helo;
    struct ehlo_slice identity;
    struct ehlo_slice sender;
    const struct ehlo_slice *recipients;
    size_t recipient_count;
    const char *queue_id;
};

/* Called once, never before the function that asked has returned; then the judging is gone. `why`:
 * for the log, or NULL, as short as "clamd: Eicar-Test FOUND"; it may hold any octets. The texts
 * live for the call. */
typedef void filter_verdict(void *owner, struct ehlo_reply, const char *why);

struct judging; /* one that is under way */

/* Each begins to ask and returns what can be dropped; NULL: it cannot be asked (the verdict is then
 * EHLO_REPLY_LOCAL_ERROR). A service that is silent or answers nonsense: EHLO_REPLY_LOCAL_ERROR,
 * too: the message is to come again. */
typedef struct judging *filter_begin(const struct runtime *, const struct filter *,
                                     const struct content *, const struct envelope_facts *,
                                     filter_verdict *, void *owner);

/* clamd.c: INSTREAM; a virus is EHLO_REPLY_REJECTED_VIRUS (row 38). */
filter_begin clamd_begin;

/* spamd.c: CHECK of the SPAMC protocol; spam is EHLO_REPLY_REJECTED_SPAM (row 41). */
filter_begin spamd_begin;

/*
 * rspamd.c: POST /checkv2. Action "reject": EHLO_REPLY_REJECTED_BY_SPAM_FILTER (row 40); "add
 * header" and "rewrite subject": EHLO_REPLY_REJECTED_SPAM (row 41); "soft reject":
 * EHLO_REPLY_RATE_LIMITED; "greylist": EHLO_REPLY_GREYLISTED.
 */
filter_begin rspamd_begin;

/*
 * program.c: a shell command that reads the message on its standard input. Exit status 0: accept;
 * 10: EHLO_REPLY_REJECTED_BY_CONTENT_FILTER (row 39); 11: EHLO_REPLY_DELETED_BY_FILTER (row 42);
 * 12: EHLO_REPLY_REJECTED_BY_FILTER (row 43); all else: EHLO_REPLY_LOCAL_ERROR. The environment is
 * CLIENT_ADDRESS, HELO, AUTH, SENDER, RECIPIENTS (a line each), QUEUE_ID and our PATH. What it
 * prints on its standard output is lost, its standard error is ours. It runs in a process group of
 * its own, which is killed if it takes too long.
 */
filter_begin program_begin;

/* Nobody wants to know any more: there will be no verdict. */
void judging_drop(struct judging *);

#endif
