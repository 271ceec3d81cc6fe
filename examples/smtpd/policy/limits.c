/*
 * Limits of the server, of domains and of accounts: sizes, quotas, recipients a day.
 *
 * SPDX-License-Identifier: MIT
 */
#include "checks.h"

#include "counts.h"
#include "setup.h"
#include "usage.h"

/* ---- sizes ---- */

/* Of a message that an account, or nobody we know, sends. */
static uint64_t sending_limit(const struct decision *decision)
{
    const struct account *account = sender_account(decision);

    return policy_max_size(&decision->visit->setup->policy, NULL, account);
}

struct ehlo_reply check_declared_size(struct decision *decision)
{
    uint64_t limit = sending_limit(decision);

    return limit > 0 && decision->visit->declared_size > limit
               ? ehlo_reply(EHLO_REPLY_MESSAGE_TOO_LONG)
               : ehlo_accept();
}

struct ehlo_reply check_size(struct decision *decision)
{
    uint64_t limit = sending_limit(decision);

    return limit > 0 && decision->message.octets > limit ? ehlo_reply(EHLO_REPLY_MESSAGE_TOO_BIG)
                                                         : ehlo_accept();
}

/* ---- room ---- */

static struct ehlo_reply full(const struct policy *policy, const struct mailbox *mailbox)
{
    uint8_t said = mailbox->account != NULL ? mailbox->account->limits.full : FULL_UNSAID;

    if (said == FULL_UNSAID)
        said = mailbox->domain->limits.full;
    if (said == FULL_UNSAID)
        said = policy->limits.full;
    return ehlo_reply(said == FULL_TEMPORARY ? EHLO_REPLY_MAILBOX_FULL_FOR_NOW
                                             : EHLO_REPLY_MAILBOX_FULL);
}

/* Whether a message of so many octets fits into a mailbox. */
static struct ehlo_reply find_room(const struct visit *visit, const struct mailbox *mailbox,
                                   uint64_t octets)
{
    const struct policy *policy = &visit->setup->policy;
    uint64_t limit = policy_max_size(policy, mailbox->domain, mailbox->account), quota, used;

    if (limit > 0 && octets > limit)
        return ehlo_reply(EHLO_REPLY_MESSAGE_TOO_BIG);
    quota = mailbox->domain == NULL ? 0
                                    : policy_least(policy, mailbox->domain, mailbox->account,
                                                   offsetof(struct limits, quota));
    if (quota == 0)
        return ehlo_accept();
    used = usage_of(visit->options->maildir, mailbox->folder);
    return used < quota && octets <= quota - used ? ehlo_accept() : full(policy, mailbox);
}

/* The account that is addressed must have room; of those behind a list or a forward, any. */
static struct ehlo_reply find_any_room(const struct visit *visit, const struct recipient *recipient,
                                       uint64_t octets)
{
    const struct account *account = recipient->account;
    struct ehlo_reply reply = ehlo_accept();

    if (account != NULL) {
        reply =
            find_room(visit, &(struct mailbox){account->folder, account->domain, account}, octets);
        if (reply.id != EHLO_REPLY_ACCEPT || !account->no_mailbox)
            return reply;
    }
    for (size_t i = 0; i < recipient->mailbox_count; i++) {
        reply = find_room(visit, &recipient->mailboxes[i], octets);
        if (reply.id == EHLO_REPLY_ACCEPT)
            break;
    }
    return reply;
}

static bool is_too_big(const struct visit *visit, const struct recipient *recipient,
                       uint64_t octets)
{
    uint64_t limit = policy_max_size(&visit->setup->policy, recipient->domain, recipient->account);

    return limit > 0 && octets > limit;
}

/* What has been declared counts as if it were there (RFC 1870 6.1). */
struct ehlo_reply check_room(struct decision *decision)
{
    return find_any_room(decision->visit, decision->recipient, decision->visit->declared_size);
}

/* Where one verdict is for several, a size that one does not take is refused for all, but a full
 * mailbox only where no one has room. */
struct ehlo_reply check_message_room(struct decision *decision)
{
    const struct ehlo_message *message = &decision->message;
    struct ehlo_reply reply = ehlo_reply(EHLO_REPLY_MAILBOX_FULL);
    uint32_t number = 0;

    for (const struct recipient *one = decision->visit->recipients; one != NULL; one = one->next) {
        if (message->each && number++ != message->number)
            continue;
        if (is_too_big(decision->visit, one, message->octets))
            return ehlo_reply(EHLO_REPLY_MESSAGE_TOO_BIG);
        if (reply.id != EHLO_REPLY_ACCEPT)
            reply = find_any_room(decision->visit, one, message->octets);
    }
    return reply;
}

/* Who is over it receives, but does not send. */
struct ehlo_reply check_soft_quota(struct decision *decision)
{
    const struct account *account = sender_account(decision);
    uint64_t quota;

    if (account == NULL)
        return ehlo_accept();
    quota = policy_least(&decision->visit->setup->policy, account->domain, account,
                         offsetof(struct limits, soft_quota));
    return quota > 0 && usage_of(decision->visit->options->maildir, account->folder) > quota
               ? ehlo_reply(EHLO_REPLY_SOFT_QUOTA)
               : ehlo_accept();
}

/* ---- recipients a day ---- */

/* Whether one more would be too many. */
static bool is_spent(const char *name, uint32_t limit)
{
    return limit > 0 && counts_get(name) >= limit;
}

static bool count(struct visit *visit, const struct account *sender)
{
    if (visit->relay_day != counts_day()) /* yesterday's need not be taken back */
        visit->relayed = 0;
    visit->relaying = sender;
    visit->relay_day = counts_day();
    if (!counts_add("", 1) || (sender != NULL && (!counts_add(sender->domain->name, 1) ||
                                                  !counts_add(sender->address, 1))))
        return false;
    visit->relayed++;
    return true;
}

struct ehlo_reply check_daily_limits(struct decision *decision)
{
    const struct policy *policy = &decision->visit->setup->policy;
    const struct account *sender = sender_account(decision);

    if (decision->recipient->domain != NULL)
        return ehlo_accept();
    return is_spent("", policy->limits.daily_limit) ||
                   (sender != NULL &&
                    (is_spent(sender->domain->name, sender->domain->limits.daily_limit) ||
                     is_spent(sender->address, sender->limits.daily_limit)))
               ? ehlo_reply(EHLO_REPLY_RELAY_LIMIT)
               : ehlo_accept();
}

/* Others may have been counted while this one waited: it is looked at again. */
struct ehlo_reply count_relayed(struct decision *decision)
{
    struct ehlo_reply reply = check_daily_limits(decision);

    if (reply.id != EHLO_REPLY_ACCEPT || decision->recipient->domain != NULL)
        return reply;
    return count(decision->visit, sender_account(decision)) ? reply
                                                            : ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}

void limits_take_back(struct visit *visit)
{
    const struct account *sender = visit->relaying;

    if (visit->relayed == 0)
        return;
    counts_take_back("", visit->relayed, visit->relay_day);
    if (sender != NULL) {
        counts_take_back(sender->domain->name, visit->relayed, visit->relay_day);
        counts_take_back(sender->address, visit->relayed, visit->relay_day);
    }
    visit->relayed = 0;
}
