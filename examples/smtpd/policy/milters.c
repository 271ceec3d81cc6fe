/*
 * Milters follow the session: each has a conversation of its own, from the connection on, and
 * answers at every stage. What a refusal without words of its own means stands in a table.
 *
 * SPDX-License-Identifier: MIT
 */
#include "checks.h"

#include "filters/milter.h"
#include "setup.h"
#include "trace.h"
#include <stdio.h>
#include <stdlib.h>

static const struct words {
    uint16_t refused, failed;
} words[] = {
    [AT_CONNECT] = {EHLO_REPLY_CONNECTION_DENIED, EHLO_REPLY_SERVICE_BUSY},
    [AT_HELO] = {EHLO_REPLY_ACCESS_DENIED_BY_RULE, EHLO_REPLY_LOCAL_ERROR},
    [AT_AUTH] = {EHLO_REPLY_AUTH_INVALID, EHLO_REPLY_AUTH_NOT_NOW},
    [AT_MAIL] = {EHLO_REPLY_SENDER_DENIED, EHLO_REPLY_LOCAL_ERROR},
    [AT_RCPT] = {EHLO_REPLY_RECIPIENT_DENIED, EHLO_REPLY_LOCAL_ERROR},
    [AT_MESSAGE] = {EHLO_REPLY_REJECTED_BY_RULE, EHLO_REPLY_LOCAL_ERROR},
};

/* ---- who there is ---- */

void milters_close(struct visit *visit)
{
    for (size_t i = 0; i < visit->milter_count; i++)
        milter_close(visit->milters[i]);
    free(visit->milters);
    visit->milters = NULL;
    visit->milter_count = 0;
}

void milters_abort(struct visit *visit)
{
    for (size_t i = 0; i < visit->milter_count; i++)
        milter_abort(visit->milters[i]);
}

static bool open_all(struct visit *visit)
{
    const struct filter *filters = visit->setup->policy.filters;
    size_t count = 0;

    milters_close(visit);
    for (const struct filter *filter = filters; filter != NULL; filter = filter->next)
        count += filter->kind == FILTER_MILTER;
    if (count == 0)
        return true;
    visit->milters = calloc(count, sizeof *visit->milters);
    if (visit->milters == NULL)
        return false;
    for (const struct filter *filter = filters; filter != NULL; filter = filter->next) {
        if (filter->kind != FILTER_MILTER)
            continue;
        visit->milters[visit->milter_count] =
            milter_open(visit->runtime, filter->where, filter->wait);
        if (visit->milters[visit->milter_count++] == NULL)
            return false;
    }
    return true;
}

/* The line of the policy for a milter of a visit. */
static const struct filter *line_of(const struct visit *visit, size_t number)
{
    const struct filter *filter = visit->setup->policy.filters;

    while (filter->kind != FILTER_MILTER || number-- > 0)
        filter = filter->next;
    return filter;
}

/* ---- what it says ---- */

/* The filter's own reply, its line's, or that of the stage. */
static struct ehlo_reply refusal(const struct milter_verdict *verdict, enum stage stage,
                                 const struct filter *filter)
{
    struct ehlo_reply reply = {.code = (uint16_t)verdict->code, .enhanced = verdict->enhanced};

    reply.phrase = verdict->text;
    if (stage == AT_AUTH) /* no reason is told (RFC 4954 6) */
        return ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    if (verdict->code == 0 || filter->reply != 0)
        return ehlo_reply(filter->reply != 0 ? filter->reply : words[stage].refused);
    return reply;
}

static struct ehlo_reply deferral(const struct milter_verdict *verdict, enum stage stage)
{
    struct ehlo_reply reply = {.code = (uint16_t)verdict->code, .enhanced = verdict->enhanced};

    reply.phrase = verdict->text;
    if (stage == AT_AUTH || (stage == AT_CONNECT && verdict->code == 0))
        return ehlo_reply(words[stage].failed);
    return verdict->code != 0 ? reply
                              : ehlo_reply_custom(451, "4.7.1", "A filter asks to try again later");
}

static struct ehlo_reply reply_to(const struct decision *decision,
                                  const struct milter_verdict *verdict, const struct filter *filter)
{
    switch (verdict->action) {
    case MILTER_CONTINUE:
    case MILTER_ACCEPT:
        return ehlo_accept();
    case MILTER_REJECT:
        return refusal(verdict, decision->stage, filter);
    case MILTER_TEMPORARY:
        return deferral(verdict, decision->stage);
    case MILTER_DISCARD: /* nothing is dropped unsaid */
        return ehlo_reply(EHLO_REPLY_DELETED_BY_FILTER);
    case MILTER_FAILED:
        break;
    }
    trace_note(decision->visit->number, "milter %s: %.*s", filter->where, (int)verdict->text.length,
               verdict->text.data);
    return ehlo_reply(words[decision->stage].failed);
}

static void on_answer(void *owner, const struct milter_verdict *verdict)
{
    struct decision *decision = owner;
    const struct filter *filter = line_of(decision->visit, decision->round);

    decision->line = verdict->action <= MILTER_ACCEPT ? 0 : filter->line;
    decision_answer(decision, reply_to(decision, verdict, filter));
}

/* ---- what it is asked ---- */

static bool ask_connect(struct decision *decision, struct milter *milter)
{
    const struct visit *visit = decision->visit;
    const struct milter_peer peer = {visit->options->hostname, visit->name, visit->address,
                                     visit->peer.port};

    return milter_connect(milter, &peer, on_answer, decision);
}

static bool ask_helo(struct decision *decision, struct milter *milter)
{
    const struct visit *visit = decision->visit;
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    ehlo_server_info(decision->session, &info);
    if (info.tls != NULL)
        milter_tls(milter, info.tls->version, info.tls->cipher);
    return milter_helo(milter,
                       *visit->helo != '\0' ? ehlo_text(visit->helo) : ehlo_text(decision->helo),
                       on_answer, decision);
}

static bool ask_auth(struct decision *decision, struct milter *milter)
{
    const struct visit *visit = decision->visit;

    return milter_auth(milter, visit->mechanism, ehlo_text(visit->login), on_answer, decision);
}

static bool ask_mail(struct decision *decision, struct milter *milter)
{
    const struct visit *visit = decision->visit;
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    char path[EHLO_PATH_MAX + 3];
    int length = snprintf(path, sizeof path, "<%.*s>", (int)visit->sender_length, visit->sender);

    ehlo_server_info(decision->session, &info);
    return milter_mail(milter,
                       &(struct milter_sender){{path, (size_t)length},
                                               {visit->parameters.data, visit->parameters.length},
                                               info.identity},
                       on_answer, decision);
}

static bool ask_rcpt(struct decision *decision, struct milter *milter)
{
    const struct recipient *recipient = decision->recipient;

    return milter_rcpt(milter, recipient->path.whole, recipient->parameters, on_answer, decision);
}

static bool (*const questions[])(struct decision *, struct milter *) = {
    [AT_CONNECT] = ask_connect, [AT_HELO] = ask_helo, [AT_AUTH] = ask_auth,
    [AT_MAIL] = ask_mail,       [AT_RCPT] = ask_rcpt,
};

/* The conversations go on without the answer. */
static void drop(void *work)
{
    struct decision *decision = work;
    const struct visit *visit = decision->visit;

    for (size_t i = 0; i < visit->milter_count; i++)
        milter_drop(visit->milters[i], decision);
}

struct ehlo_reply check_milters(struct decision *decision)
{
    struct visit *visit = decision->visit;

    if (rules_spare(decision, SPARES_FILTERS))
        return ehlo_accept();
    if (decision->stage == AT_CONNECT && decision->round == 0 && !open_all(visit))
        return ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
    if (decision->round >= visit->milter_count)
        return ehlo_accept();
    return questions[decision->stage](decision, visit->milters[decision->round])
               ? decision_wait(decision, decision, drop)
               : ehlo_reply(words[decision->stage].failed);
}

/* ---- the message ---- */

static void on_end(void *owner, const struct milter_verdict *verdict)
{
    struct decision *decision = owner;
    const struct filter *filter = judge_filter(decision->visit);

    judge_add_fields(decision->visit, verdict->fields);
    judge_answer(decision, reply_to(decision, verdict, filter), NULL);
}

struct ehlo_reply milters_end(struct decision *decision, const struct filter *filter,
                              const struct content *content)
{
    const struct visit *visit = decision->visit;

    for (size_t i = 0; i < visit->milter_count; i++) {
        if (line_of(visit, i) != filter)
            continue;
        if (milter_end(visit->milters[i], content, visit->delivery.name, on_end, decision))
            return decision_wait(decision, decision, drop);
    }
    return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}
