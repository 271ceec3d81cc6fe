/*
 * The message: what its content says to rules and filters. One verdict counts for all recipients;
 * those that are asked about one at a time (LMTP, PRDR) wait for it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "checks.h"

#include "filters/filter.h"
#include "setup.h"
#include "trace.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct judgement {
    bool done;
    struct ehlo_reply reply;
    unsigned line;     /* of the policy file, which refuses */
    struct text words; /* of the reply */
    struct content content;
    struct envelope_facts facts;
    struct ehlo_slice *recipients; /* of the facts, as these */
    struct text helo, identity;
    const struct filter *filter; /* who is asked */
    struct decision *asking;     /* the decision that asks; the others wait */
    struct text fields;          /* that filters have added */
};

void judge_forget(struct visit *visit)
{
    struct judgement *judgement = visit->judgement;

    visit->judgement = NULL;
    if (judgement == NULL)
        return;
    if (judgement->content.fd >= 0)
        close(judgement->content.fd);
    text_free(&judgement->words);
    text_free(&judgement->helo);
    text_free(&judgement->identity);
    text_free(&judgement->fields);
    free(judgement->recipients);
    free(judgement);
}

static struct ehlo_slice copy(struct text *text, struct ehlo_slice from)
{
    text_add(text, "%.*s", (int)from.length, from.length > 0 ? from.data : "");
    return (struct ehlo_slice){text->data, text->length};
}

static bool gather_facts(struct visit *visit, struct judgement *judgement)
{
    struct envelope_facts *facts = &judgement->facts;
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    size_t count = 0;

    ehlo_server_info(visit->session, &info);
    for (const struct recipient *one = visit->recipients; one != NULL; one = one->next)
        count++;
    judgement->recipients = calloc(count, sizeof *judgement->recipients);
    if (judgement->recipients == NULL)
        return false;
    for (const struct recipient *one = visit->recipients; one != NULL; one = one->next)
        judgement->recipients[facts->recipient_count++] = one->path.mailbox;
    facts->recipients = judgement->recipients;
    facts->peer_address = visit->address;
    facts->helo = copy(&judgement->helo, visit_helo(visit));
    facts->identity = copy(&judgement->identity, info.identity);
    facts->sender = (struct ehlo_slice){visit->sender, visit->sender_length};
    facts->queue_id = visit->delivery.name;
    return !judgement->helo.lost && !judgement->identity.lost;
}

static struct judgement *begin(struct visit *visit)
{
    struct judgement *judgement = calloc(1, sizeof *judgement);

    if (judgement == NULL)
        return NULL;
    visit->judgement = judgement;
    judgement->filter = visit->setup->policy.filters;
    judgement->content.fd = -1;
    if (delivery_content(&visit->delivery, &judgement->content) && gather_facts(visit, judgement))
        return judgement;
    judge_forget(visit);
    return NULL;
}

/* ---- filters ---- */

static const struct kind {
    enum spared spared;
    filter_begin *begin; /* NULL: a milter */
} kinds[] = {
    [FILTER_CLAMD] = {SPARES_VIRUS, clamd_begin},
    [FILTER_SPAMD] = {SPARES_SPAM, spamd_begin},
    [FILTER_RSPAMD] = {SPARES_SPAM, rspamd_begin},
    [FILTER_PROGRAM] = {SPARES_FILTERS, program_begin},
    [FILTER_MILTER] = {SPARES_FILTERS, NULL},
};

/* Somebody who waits for the verdict; NULL: nobody. */
static struct decision *find_waiting(const struct visit *visit)
{
    struct decision *one = visit->decisions;

    while (one != NULL && (one->running || *one->next != check_content))
        one = one->following;
    return one;
}

/* The verdict is there: whoever waits for it goes on, and with the last the transaction may end. */
static void finish(struct visit *visit, struct ehlo_reply reply)
{
    struct judgement *judgement = visit->judgement;
    struct ehlo_slice words = copy(&judgement->words, reply.phrase);
    struct decision *waiting;

    judgement->done = true;
    if (judgement->filter != NULL && reply.id != EHLO_REPLY_ACCEPT && judgement->line == 0)
        judgement->line = judgement->filter->line;
    judgement->reply = reply;
    judgement->reply.phrase = words;
    while ((waiting = find_waiting(visit)) != NULL)
        decision_answer(waiting, ehlo_accept());
}

const struct filter *judge_filter(const struct visit *visit)
{
    return visit->judgement->filter;
}

void judge_answer(struct decision *decision, struct ehlo_reply reply, const char *why)
{
    struct visit *visit = decision->visit;
    struct judgement *judgement = visit->judgement;
    const struct filter *filter = judgement->filter;

    if (why != NULL)
        trace_note(visit->number, "%s", why);
    if (reply.id != EHLO_REPLY_ACCEPT && reply.code >= 500 && filter->reply != 0)
        reply = ehlo_reply(filter->reply);
    judgement->asking = NULL;
    if (reply.id != EHLO_REPLY_ACCEPT) {
        finish(visit, reply);
        return;
    }
    judgement->filter = filter->next;
    decision_answer(decision, reply);
}

static void on_verdict(void *owner, struct ehlo_reply reply, const char *why)
{
    judge_answer(owner, reply, why);
}

static void drop(void *judging)
{
    judging_drop(judging);
}

/* Asks the filter whose turn it is. */
static struct ehlo_reply ask(struct decision *decision, struct judgement *judgement)
{
    const struct visit *visit = decision->visit;
    const struct filter *filter = judgement->filter;
    struct judging *judging;

    judgement->asking = decision;
    if (filter->kind == FILTER_MILTER)
        return milters_end(decision, filter, &judgement->content);
    judging = kinds[filter->kind].begin(visit->runtime, filter, &judgement->content,
                                        &judgement->facts, on_verdict, decision);
    if (judging != NULL)
        return decision_wait(decision, judging, drop);
    trace_note(visit->number, "%s cannot be asked: %s", filter->where, strerror(errno));
    return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}

/* What has been decided. */
static struct ehlo_reply say(struct decision *decision, const struct judgement *judgement)
{
    decision->line = judgement->line;
    return judgement->reply;
}

/* One filter after the other, until one refuses or none is left. */
static struct ehlo_reply go_on(struct decision *decision, struct judgement *judgement)
{
    struct ehlo_reply reply = ehlo_accept();

    while (judgement->filter != NULL &&
           rules_spare(decision, kinds[judgement->filter->kind].spared))
        judgement->filter = judgement->filter->next;
    if (judgement->filter != NULL)
        reply = ask(decision, judgement);
    if (reply.id == EHLO_REPLY_PENDING)
        return reply;
    finish(decision->visit, reply);
    return say(decision, judgement);
}

struct ehlo_reply check_content(struct decision *decision)
{
    struct visit *visit = decision->visit;
    const struct policy *policy = &visit->setup->policy;
    struct judgement *judgement = visit->judgement;
    struct ehlo_reply reply;

    if (policy->filters == NULL && !rules_has_header(policy))
        return ehlo_accept();
    if (judgement != NULL && judgement->done)
        return say(decision, judgement);
    if (judgement != NULL)
        return judgement->asking != NULL ? decision_wait(decision, NULL, NULL)
                                         : go_on(decision, judgement);
    judgement = begin(visit);
    if (judgement == NULL)
        return store_trouble(visit);
    reply = rules_check_header(decision, &judgement->content);
    judgement->line = decision->line;
    if (reply.id == EHLO_REPLY_ACCEPT)
        return go_on(decision, judgement);
    finish(visit, reply);
    return say(decision, judgement);
}

/* ---- the end ---- */

void judge_add_fields(struct visit *visit, struct ehlo_slice fields)
{
    text_add(&visit->judgement->fields, "%.*s", (int)fields.length,
             fields.length > 0 ? fields.data : "");
}

/* What filters have added stands above the message, once for all copies. */
struct ehlo_reply take_message(struct decision *decision)
{
    struct visit *visit = decision->visit;
    struct judgement *judgement = visit->judgement;

    if (judgement != NULL && judgement->fields.lost)
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    if (judgement != NULL && judgement->fields.length > 0 &&
        !delivery_insert(&visit->delivery, &judgement->fields))
        return store_trouble(visit);
    if (judgement != NULL)
        text_free(&judgement->fields);
    return store_message(visit, &decision->message);
}
