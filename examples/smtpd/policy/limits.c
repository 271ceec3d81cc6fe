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

    return policy_max_size(&decision->visit->setup->policy,
                           account != NULL ? account->domain : NULL, account);
}

struct ehlo_reply check_declared_size(struct decision *decision)
{
    uint64_t limit = sending_limit(decision);

    return limit > 0 && decision->visit->declared_size > limit
               ? ehlo_reply(EHLO_REPLY_MESSAGE_TOO_LONG)
               : ehlo_accept();
}

/* RFC 1870 6.1: the others may still get it. */
struct ehlo_reply check_recipient_size(struct decision *decision)
{
    const struct recipient *recipient = decision->recipient;
    uint64_t limit =
        policy_max_size(&decision->visit->setup->policy, recipient->domain, recipient->account);

    return limit > 0 && decision->visit->declared_size > limit
               ? ehlo_reply(EHLO_REPLY_MESSAGE_TOO_BIG)
               : ehlo_accept();
}

/* What a recipient takes: in LMTP and PRDR of that one, else of all. */
static uint64_t receiving_limit(const struct decision *decision)
{
    const struct policy *policy = &decision->visit->setup->policy;
    uint32_t number = 0;
    uint64_t least = 0;

    for (const struct recipient *one = decision->visit->recipients; one != NULL; one = one->next) {
        uint64_t limit = policy_max_size(policy, one->domain, one->account);

        if ((!decision->message.each || number++ == decision->message.number) && limit > 0 &&
            (least == 0 || limit < least))
            least = limit;
    }
    return least;
}

struct ehlo_reply check_size(struct decision *decision)
{
    uint64_t sending = sending_limit(decision), receiving = receiving_limit(decision);
    uint64_t octets = decision->message.octets;

    return (sending > 0 && octets > sending) || (receiving > 0 && octets > receiving)
               ? ehlo_reply(EHLO_REPLY_MESSAGE_TOO_BIG)
               : ehlo_accept();
}

/* ---- quotas ---- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a == 0 || (b > 0 && b < a) ? b : a;
}

/* Whether so many octets more fit into an account's mailbox. */
static struct ehlo_reply find_room(const struct visit *visit, const struct account *account,
                                   uint64_t octets)
{
    const struct limits *server = &visit->setup->policy.limits, *domain = &account->domain->limits;
    const struct limits *own = &account->limits;
    uint64_t quota = least(own->quota, least(domain->quota, server->quota)), used;
    uint8_t full = own->full != FULL_UNSAID      ? own->full
                   : domain->full != FULL_UNSAID ? domain->full
                                                 : server->full;

    if (quota == 0)
        return ehlo_accept();
    used = usage_of(visit->options->maildir, account->folder);
    if (used < quota && octets <= quota - used)
        return ehlo_accept();
    return ehlo_reply(full == FULL_TEMPORARY ? EHLO_REPLY_MAILBOX_FULL_FOR_NOW
                                             : EHLO_REPLY_MAILBOX_FULL);
}

/* What has been declared counts as if it were there. */
struct ehlo_reply check_quota(struct decision *decision)
{
    const struct account *account = decision->recipient->account;

    return account == NULL || account->no_mailbox
               ? ehlo_accept()
               : find_room(decision->visit, account, decision->visit->declared_size);
}

/* Where one verdict is for several, a full mailbox is no reason to refuse it for the others. */
struct ehlo_reply check_message_quota(struct decision *decision)
{
    const struct recipient *one = decision->visit->recipients;
    uint32_t number = decision->message.number;

    if (!decision->message.each && one->next != NULL)
        return ehlo_accept();
    while (decision->message.each && number-- > 0)
        one = one->next;
    return one->account == NULL || one->account->no_mailbox
               ? ehlo_accept()
               : find_room(decision->visit, one->account, decision->message.octets);
}

/* Who is over it receives, but does not send. */
struct ehlo_reply check_soft_quota(struct decision *decision)
{
    const struct account *account = sender_account(decision);
    uint64_t quota;

    if (account == NULL)
        return ehlo_accept();
    quota =
        least(account->limits.soft_quota, least(account->domain->limits.soft_quota,
                                                decision->visit->setup->policy.limits.soft_quota));
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
    visit->relaying = sender;
    visit->relay_day = counts_day();
    if (!counts_add("", 1) || (sender != NULL && (!counts_add(sender->domain->name, 1) ||
                                                  !counts_add(sender->address, 1))))
        return false;
    visit->relayed++;
    return true;
}

struct ehlo_reply count_relayed(struct decision *decision)
{
    struct visit *visit = decision->visit;
    const struct account *sender = sender_account(decision);

    if (decision->recipient->domain != NULL)
        return ehlo_accept();
    if (is_spent("", visit->setup->policy.limits.daily_limit) ||
        (sender != NULL && (is_spent(sender->domain->name, sender->domain->limits.daily_limit) ||
                            is_spent(sender->address, sender->limits.daily_limit))))
        return ehlo_reply(EHLO_REPLY_RELAY_LIMIT);
    return count(visit, sender) ? ehlo_accept() : ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
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
