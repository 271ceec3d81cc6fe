/*
 * Lines `accept`, `refuse` and `bypass`.
 *
 * SPDX-License-Identifier: MIT
 */
#include "checks.h"

#include "pattern.h"
#include "setup.h"
#include <string.h>

/* ---- what is spared ---- */

uint32_t rules_spared(const struct policy *policy, enum subject subject, const char *address,
                      struct ehlo_slice text)
{
    uint32_t spared = 0;

    for (const struct bypass *bypass = policy->bypasses; bypass != NULL; bypass = bypass->next)
        if (bypass->subject == subject &&
            (subject == OF_PEER ? network_has(&bypass->network, address)
                                : pattern_fits(bypass->pattern, text)))
            spared |= bypass->spared;
    return spared;
}

bool rules_spare(const struct decision *decision, enum spared what)
{
    const struct visit *visit = decision->visit;
    const struct policy *policy = &visit->setup->policy;
    uint32_t spared = visit->spared, all = SPARES_ALL;

    if (decision->stage >= AT_MAIL)
        spared |= visit->sender_spared;
    if (decision->stage == AT_RCPT)
        spared |= rules_spared(policy, OF_RECIPIENT, NULL, ehlo_text(decision->recipient->plain));
    if (decision->stage == AT_MESSAGE) {
        for (const struct recipient *one = visit->recipients; one != NULL; one = one->next)
            all &= rules_spared(policy, OF_RECIPIENT, NULL, ehlo_text(one->plain));
        spared |= all;
    }
    return (spared & what) != 0;
}

/* ---- rules ---- */

static bool fits(const struct decision *decision, const struct rule *rule)
{
    const struct visit *visit = decision->visit;

    switch (rule->subject) {
    case OF_PEER:
        return network_has(&rule->network, visit->address);
    case OF_HELO: /* at HELO it is not the session's yet */
        return pattern_fits(rule->pattern, decision->stage == AT_HELO && *visit->helo == '\0'
                                               ? ehlo_text(decision->helo)
                                               : visit_helo(visit));
    case OF_SENDER:
        return pattern_fits(rule->pattern, (struct ehlo_slice){visit->plain, visit->plain_length});
    case OF_RECIPIENT:
        return pattern_fits(rule->pattern, ehlo_text(decision->recipient->plain));
    default: /* OF_HEADER: judge.c */
        return false;
    }
}

/* Since when a subject is known. */
static bool is_known(enum subject subject, enum stage stage)
{
    static const enum stage since[] = {[OF_PEER] = AT_CONNECT,
                                       [OF_HELO] = AT_HELO,
                                       [OF_SENDER] = AT_MAIL,
                                       [OF_RECIPIENT] = AT_RCPT,
                                       [OF_HEADER] = AT_MESSAGE};

    return stage >= since[subject] && (subject != OF_RECIPIENT || stage == AT_RCPT);
}

/* The first rule of a subject that fits; it refuses where its stage has come. */
static const struct rule *find_refusal(const struct decision *decision, const struct rule *rules,
                                       enum subject subject)
{
    for (const struct rule *rule = rules; rule != NULL; rule = rule->next)
        if (rule->subject == subject && fits(decision, rule))
            return !rule->accept && rule->stage == decision->stage ? rule : NULL;
    return NULL;
}

static const struct rule *run_rules(const struct decision *decision, const struct rule *rules)
{
    const struct rule *rule = NULL;

    if (rules_spare(decision, SPARES_RULES))
        return NULL;
    for (enum subject subject = OF_PEER; subject <= OF_RECIPIENT && rule == NULL; subject++)
        if (is_known(subject, decision->stage))
            rule = find_refusal(decision, rules, subject);
    return rule;
}

static struct ehlo_reply refuse(struct decision *decision, const struct rule *rule)
{
    decision->line = rule->line;
    if (rule->reply == EHLO_REPLY_ACCESS_DENIED_BY_RULE && decision->recipient != NULL)
        return ehlo_reply_about(rule->reply, decision->recipient->path.mailbox);
    return ehlo_reply(rule->reply);
}

struct ehlo_reply check_rules(struct decision *decision)
{
    const struct rule *rule = run_rules(decision, decision->visit->setup->policy.rules);

    return rule == NULL ? ehlo_accept() : refuse(decision, rule);
}

/* The account that is addressed refuses for itself; those behind a list or a forward, only if all
 * of them do. */
struct ehlo_reply check_account_rules(struct decision *decision)
{
    const struct recipient *recipient = decision->recipient;
    const struct rule *rule = NULL;

    if (recipient->account != NULL)
        rule = run_rules(decision, recipient->account->rules);
    if (rule != NULL)
        return refuse(decision, rule);
    for (size_t i = 0; i < recipient->mailbox_count; i++) {
        const struct account *account = recipient->mailboxes[i].account;

        rule = account == NULL ? NULL : run_rules(decision, account->rules);
        if (rule == NULL)
            return ehlo_accept();
    }
    return rule == NULL ? ehlo_accept() : refuse(decision, rule);
}

/* ---- header rules ---- */

/* "Name: value", one blank between them and without line ends. */
static void write_field(struct text *line, struct ehlo_slice name, struct ehlo_slice value)
{
    const char *at = value.data, *end = value.data + value.length;
    int length;

    text_free(line);
    text_add(line, "%.*s: ", (int)name.length, name.data);
    while (at < end && strchr(" \t\r\n", *at) != NULL)
        at++;
    for (; at < end; at += length + 1) {
        for (length = 0; at + length < end && strchr("\r\n", at[length]) == NULL;)
            length++; /* a NUL ends a part, too */
        text_add(line, "%.*s", length, at);
    }
}

static const struct rule *find_header_rule(const struct policy *policy, struct ehlo_slice line)
{
    for (const struct rule *rule = policy->rules; rule != NULL; rule = rule->next)
        if (rule->subject == OF_HEADER && pattern_fits(rule->pattern, line))
            return rule;
    return NULL;
}

bool rules_has_header(const struct policy *policy)
{
    for (const struct rule *rule = policy->rules; rule != NULL; rule = rule->next)
        if (rule->subject == OF_HEADER)
            return true;
    return false;
}

struct ehlo_reply rules_check_header(struct decision *decision, const struct content *content)
{
    const struct policy *policy = &decision->visit->setup->policy;
    struct text header = {0}, line = {0};
    struct ehlo_slice name, value;
    const struct rule *rule = NULL;
    size_t at = 0;
    off_t body;
    bool read, lost;

    if (rules_spare(decision, SPARES_RULES))
        return ehlo_accept();
    read = content_header(content, &header, &body);
    while (read && !line.lost && (rule == NULL || rule->accept) &&
           content_next_field(&header, &at, &name, &value)) {
        write_field(&line, name, value);
        rule = find_header_rule(policy, (struct ehlo_slice){line.data, line.length});
    }
    lost = line.lost;
    text_free(&header);
    text_free(&line);
    if (!read || lost)
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    if (rule == NULL || rule->accept)
        return ehlo_accept();
    decision->line = rule->line;
    return ehlo_reply(rule->reply);
}
