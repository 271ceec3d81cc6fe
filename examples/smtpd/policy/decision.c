/*
 * How checks follow one another.
 *
 * SPDX-License-Identifier: MIT
 */
#include "decision.h"

#include <stdlib.h>

static void unlink_decision(struct decision *decision)
{
    *decision->link = decision->following;
    if (decision->following != NULL)
        decision->following->link = decision->link;
}

static void link_decision(struct decision *decision, struct decision **list)
{
    decision->following = *list;
    if (decision->following != NULL)
        decision->following->link = &decision->following;
    decision->link = list;
    *list = decision;
}

static void free_decision(struct decision *decision)
{
    unlink_decision(decision);
    if (decision->drop != NULL)
        decision->drop(decision->work);
    recipient_free(decision->recipient);
    free(decision);
}

static void free_all(struct decision **list)
{
    while (*list != NULL)
        free_decision(*list);
}

struct decision *decision_new(struct ehlo_server *session, struct visit *visit, enum stage stage,
                              check *const *checks)
{
    struct decision *decision = calloc(1, sizeof *decision);

    if (decision == NULL)
        return NULL;
    decision->visit = visit;
    decision->session = session;
    decision->stage = stage;
    decision->next = checks;
    link_decision(decision, &visit->decisions);
    return decision;
}

static void end(struct decision *decision)
{
    unlink_decision(decision);
    link_decision(decision, &decision->visit->made);
}

/* Goes on from an answer: runs checks until one waits, refuses, or none is left. */
static struct ehlo_reply run(struct decision *decision, struct ehlo_reply reply)
{
    decision->running = true;
    while (reply.id == EHLO_REPLY_ACCEPT && *decision->next != NULL) {
        decision->answered = false;
        reply = (*decision->next)(decision);
        if (reply.id == EHLO_REPLY_PENDING && decision->answered) {
            reply = decision->answer;
            decision->round++;
        } else if (reply.id == EHLO_REPLY_ACCEPT) {
            decision->next++;
            decision->round = 0;
        }
    }
    decision->running = false;
    if (reply.id == EHLO_REPLY_PENDING)
        return reply;
    end(decision);
    if (reply.id == EHLO_REPLY_ACCEPT)
        return reply;
    report_decision(decision, reply);
    return decision->closes ? ehlo_reply_closing(reply) : reply;
}

struct ehlo_reply decision_run(struct decision *decision)
{
    if (decision == NULL)
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    decision->token = ehlo_server_token(decision->session);
    return run(decision, ehlo_accept());
}

struct ehlo_reply decision_give_up(struct decision *decision)
{
    end(decision);
    return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}

struct ehlo_reply decision_wait(struct decision *decision, void *work, void (*drop)(void *))
{
    if (!decision->answered) {
        decision->work = work;
        decision->drop = drop;
    }
    return ehlo_pending();
}

void decision_answer(struct decision *decision, struct ehlo_reply answer)
{
    struct visit *visit = decision->visit;
    struct ehlo_reply reply;

    decision->drop = NULL;
    decision->answered = true;
    decision->answer = answer;
    if (decision->running) /* inside of the check */
        return;
    decision->round++;
    reply = run(decision, answer);
    if (reply.id == EHLO_REPLY_PENDING)
        return;
    ehlo_server_resume(decision->session, decision->token, reply);
    visit->wake(visit);
}

void decision_sweep(struct visit *visit)
{
    free_all(&visit->made);
}

void decision_drop_open(struct visit *visit)
{
    struct decision *next;

    for (struct decision *one = visit->decisions; one != NULL; one = next) {
        next = one->following;
        if (!one->running)
            free_decision(one);
    }
}

void decision_drop_all(struct visit *visit)
{
    free_all(&visit->decisions);
    free_all(&visit->made);
}
