/*
 * The checks. Which stage has which, and in what order, stands in hooks.c.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_CHECKS_H
#define SMTPD_CHECKS_H

#include "decision.h"
#include "filters/content.h"

/* rules.c: accept, refuse and bypass. */
check check_rules;         /* those of the stage */
check check_account_rules; /* the recipient's own */

/* What is spared for a peer, or a sender: enum spared bits. */
uint32_t rules_spared(const struct policy *, enum subject, const char *address, struct ehlo_slice);

/* Whether a rule looks at headers; the first field of a header that one refuses. */
bool rules_has_header(const struct policy *);
struct ehlo_reply rules_check_header(struct decision *, const struct content *);

/* Whether something is spared for who the decision is about; for a message, for all of them. */
bool rules_spare(const struct decision *, enum spared);

/* names.c: what the DNS knows. */
check check_reverse_dns, check_dnsbls, check_sender_domain, check_recipient_domain;

/* senders.c: who may send. */
check check_connections, check_auth, check_submission, check_local_auth, check_same_sender;

bool sender_is_authenticated(const struct decision *);

/* The account that has authenticated; NULL: none. */
const struct account *sender_account(const struct decision *);

/* recipients.c: for whom, and where it goes. */
check check_home, check_relay, take_recipient;

/* limits.c: how much. */
check check_soft_quota, check_declared_size; /* at MAIL */
check check_room;                            /* at RCPT */
check check_daily_limits, count_relayed;     /* at RCPT: first looked at, at the end counted */
check check_size, check_message_room;        /* of the message */

/* The message was not taken: what count_relayed() has counted for it is taken back. */
void limits_take_back(struct visit *);

/* milters.c: filters that follow the session. */
check check_milters;

/* Asks a milter about the whole message; judge_answer() gets its verdict. */
struct ehlo_reply milters_end(struct decision *, const struct filter *, const struct content *);
void milters_abort(struct visit *); /* the transaction is over */
void milters_close(struct visit *);

/* judge.c: the message. */
check check_content, take_message;

/* The line of the filter that is asked. */
const struct filter *judge_filter(const struct visit *);

/* Its verdict, and why, for the log; NULL: no remark. */
void judge_answer(struct decision *, struct ehlo_reply, const char *why);
void judge_add_fields(struct visit *, struct ehlo_slice fields); /* stand above the message */
void judge_forget(struct visit *);

/* verify.c */
struct ehlo_reply verify_user(struct ehlo_server *, const struct ehlo_query *, void *user);
struct ehlo_reply verify_list(struct ehlo_server *, const struct ehlo_query *, void *user);

#endif
