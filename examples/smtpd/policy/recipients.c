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

/* What has been found: mailboxes, or none, which is the refusal. */
static struct ehlo_reply found(const struct recipient *recipient, struct ehlo_reply none)
{
    if (recipient->lost)
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    return recipient->mailbox_count > 0 ? ehlo_accept() : none;
}

/* An address of SRS that we have made brings the bounce on to where the sender is. */
static struct ehlo_reply find_bounce(const struct policy *policy, struct recipient *recipient)
{
    char address[EHLO_PATH_MAX + 1];

    if (!srs_reverse(recipient->path.local, policy->srs_secret, (int64_t)time(NULL) / 86400,
                     address, sizeof address))
        return ehlo_reply(EHLO_REPLY_SRS_CHECK_FAILED);
    mailboxes_add_address(recipient, policy, address);
    return found(recipient, ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, recipient->path.whole));
}

/* What the domain says of accounts that nobody has named, or the server, or neither. */
static struct ehlo_reply find_unknown(const struct policy *policy, struct recipient *recipient,
                                      const char *folder)
{
    const struct limits *domain = &recipient->domain->limits;
    unsigned reply = EHLO_REPLY_UNKNOWN_LOCAL_USER;

    if (policy_takes_unnamed(policy, recipient->domain) ||
        (recipient->path.flags & EHLO_PATH_POSTMASTER) != 0) /* RFC 5321 4.5.1 */
        mailboxes_add_folder(recipient, recipient->domain, folder);
    if (policy->limits.unknown == UNKNOWN_REJECT)
        reply = EHLO_REPLY_UNKNOWN_USER;
    if (domain->unknown == UNKNOWN_REJECT || !policy->from_file)
        reply = EHLO_REPLY_USER_UNKNOWN;
    return found(recipient, ehlo_reply_about(reply, recipient->path.whole));
}

static struct ehlo_reply find_local(const struct policy *policy, struct recipient *recipient,
                                    const char *folder)
{
    const struct account *account = policy_account(policy, folder);
    const struct list *list = policy_list(policy, folder);

    recipient->account = account;
    if (account != NULL) {
        mailboxes_add_account(recipient, policy, account);
        return found(recipient,
                     ehlo_reply_about(EHLO_REPLY_INVALID_FORWARD, recipient->path.local));
    }
    if (list != NULL) {
        mailboxes_add_list(recipient, policy, list);
        return found(recipient,
                     ehlo_reply_about(EHLO_REPLY_LIST_EXPANSION_FAILED, recipient->path.whole));
    }
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
    mailboxes_add_folder(recipient, NULL, folder);
    return found(recipient, ehlo_reply(EHLO_REPLY_LOCAL_ERROR));
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
