/*
 * Recipients: who they are here, where their mail goes, and whether it may.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "checks.h"

#include "maildir.h"
#include "setup.h"
#include "srs.h"
#include <time.h>

/* How many forwards may follow one another. */
#define FORWARDS 8

/* ---- Maildirs ---- */

static bool add_address(const struct policy *, struct recipient *, struct ehlo_slice address,
                        unsigned depth);

static bool add_account(const struct policy *policy, struct recipient *recipient,
                        const struct account *account, unsigned depth)
{
    bool added = !account->no_mailbox && recipient_add_folder(recipient, account->folder);

    if (depth == FORWARDS)
        return added;
    for (size_t i = 0; i < account->forward_count; i++)
        added |= add_address(policy, recipient, ehlo_text(account->forward[i]), depth + 1);
    return added;
}

static bool add_list(const struct policy *policy, struct recipient *recipient,
                     const struct list *list, unsigned depth)
{
    bool added = false;

    for (size_t i = 0; depth < FORWARDS && i < list->member_count; i++)
        added |= add_address(policy, recipient, ehlo_text(list->members[i]), depth + 1);
    return added;
}

/* The Maildirs of an address; one elsewhere has its own, where its mail waits. False: none. */
static bool add_address(const struct policy *policy, struct recipient *recipient,
                        struct ehlo_slice address, unsigned depth)
{
    char folder[MAILDIR_FOLDER_SIZE];
    const struct account *account;
    const struct list *list;
    struct ehlo_path path;

    if (ehlo_parse_mailbox(address, EHLO_SYNTAX_UTF8, &path) != EHLO_SYNTAX_OK ||
        !maildir_folder(path.local, path.domain, folder))
        return false;
    account = policy_account(policy, folder);
    list = policy_list(policy, folder);
    if (account != NULL)
        return add_account(policy, recipient, account, depth);
    if (list != NULL)
        return add_list(policy, recipient, list, depth);
    if (policy_domain(policy, path.domain) != NULL && !policy_is_open(policy))
        return false;
    return recipient_add_folder(recipient, folder);
}

/* ---- who it is ---- */

static struct ehlo_reply find_bounce(const struct policy *policy, struct recipient *recipient)
{
    char address[EHLO_PATH_MAX + 1];

    if (!srs_reverse(recipient->path.local, policy->srs_secret, (int64_t)time(NULL) / 86400,
                     address, sizeof address))
        return ehlo_reply(EHLO_REPLY_SRS_CHECK_FAILED);
    recipient->is_bounce = true;
    return add_address(policy, recipient, ehlo_text(address), 0)
               ? ehlo_accept()
               : ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, recipient->path.whole);
}

/* What the domain says of accounts that nobody has named, or the server, or neither. */
static struct ehlo_reply find_unknown(const struct policy *policy, struct recipient *recipient,
                                      const char *folder)
{
    const struct limits *domain = &recipient->domain->limits;
    uint8_t unknown = domain->unknown != UNKNOWN_UNSAID ? domain->unknown : policy->limits.unknown;
    unsigned reply = EHLO_REPLY_UNKNOWN_LOCAL_USER;

    if (unknown == UNKNOWN_ACCEPT || policy_is_open(policy) ||
        (recipient->path.flags & EHLO_PATH_POSTMASTER) != 0) /* RFC 5321 4.5.1 */
        return recipient_add_folder(recipient, folder) ? ehlo_accept()
                                                       : ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    if (policy->limits.unknown == UNKNOWN_REJECT)
        reply = EHLO_REPLY_UNKNOWN_USER;
    if (domain->unknown == UNKNOWN_REJECT || !policy->from_file)
        reply = EHLO_REPLY_USER_UNKNOWN;
    return ehlo_reply_about(reply, recipient->path.whole);
}

static struct ehlo_reply find_local(const struct policy *policy, struct recipient *recipient,
                                    const char *folder)
{
    recipient->account = policy_account(policy, folder);
    recipient->list = policy_list(policy, folder);
    if (recipient->account != NULL)
        return add_account(policy, recipient, recipient->account, 0)
                   ? ehlo_accept()
                   : ehlo_reply_about(EHLO_REPLY_INVALID_FORWARD, recipient->path.local);
    if (recipient->list != NULL)
        return add_list(policy, recipient, recipient->list, 0)
                   ? ehlo_accept()
                   : ehlo_reply_about(EHLO_REPLY_LIST_EXPANSION_FAILED, recipient->path.whole);
    if (policy->srs_secret != NULL && srs_is_address(recipient->path.local))
        return find_bounce(policy, recipient);
    return find_unknown(policy, recipient, folder);
}

struct ehlo_reply check_home(struct decision *decision)
{
    const struct policy *policy = &decision->visit->setup->policy;
    struct recipient *recipient = decision->recipient;
    struct ehlo_slice domain = recipient->path.domain;
    char folder[MAILDIR_FOLDER_SIZE];

    if (domain.length == 0) /* <postmaster> */
        domain = ehlo_text(policy->domains->name);
    if (!maildir_folder(recipient->path.local, domain, folder))
        return ehlo_reply_about(EHLO_REPLY_MAILBOX_NAME_INVALID, recipient->path.whole);
    recipient->domain = policy_domain(policy, domain);
    if (recipient->domain != NULL)
        return find_local(policy, recipient, folder);
    return recipient_add_folder(recipient, folder) ? ehlo_accept()
                                                   : ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}

/* ---- whether it may ---- */

static bool may_relay(const struct decision *decision)
{
    const struct visit *visit = decision->visit;
    const struct policy *policy = &visit->setup->policy;

    if (policy->relay_authenticated && sender_is_authenticated(decision))
        return true;
    for (size_t i = 0; i < policy->relay_count; i++)
        if (network_has(&policy->relay[i], visit->address))
            return true;
    return false;
}

struct ehlo_reply check_relay(struct decision *decision)
{
    const struct account *sender = sender_account(decision);

    if (decision->recipient->domain != NULL)
        return ehlo_accept();
    if (!may_relay(decision))
        return ehlo_reply(EHLO_REPLY_RELAY_DENIED);
    if (sender != NULL && (sender->limits.local_only || sender->domain->limits.local_only))
        return ehlo_reply(EHLO_REPLY_LOCAL_ONLY);
    return ehlo_accept();
}

/* ---- taken ---- */

struct ehlo_reply take_recipient(struct decision *decision)
{
    struct recipient *recipient = decision->recipient;

    recipient_insert(&decision->visit->recipients, recipient);
    decision->recipient = NULL;
    return ehlo_accept();
}
