/*
 * Who is who in a policy.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/syntax.h"
#include "maildir.h"
#include "policy.h"

#include <string.h>

const struct domain *policy_domain(const struct policy *policy, struct ehlo_slice name)
{
    const struct domain *domain = policy->domains;

    while (domain != NULL && !ehlo_same_text(ehlo_text(domain->name), name))
        domain = domain->next;
    return domain;
}

const struct account *policy_account(const struct policy *policy, const char *folder)
{
    const struct account *account = policy->accounts;

    while (account != NULL && strcmp(account->folder, folder) != 0)
        account = account->next;
    return account;
}

const struct list *policy_list(const struct policy *policy, const char *folder)
{
    const struct list *list = policy->lists;

    while (list != NULL && strcmp(list->folder, folder) != 0)
        list = list->next;
    return list;
}

const struct account *policy_account_of(const struct policy *policy, struct ehlo_slice address)
{
    char folder[MAILDIR_FOLDER_SIZE];
    struct ehlo_path path;

    if (ehlo_parse_mailbox(address, EHLO_SYNTAX_UTF8, &path) != EHLO_SYNTAX_OK ||
        !maildir_folder(path.local, path.domain, folder))
        return NULL;
    return policy_account(policy, folder);
}

bool policy_is_open(const struct policy *policy)
{
    return policy->accounts == NULL && policy->lists == NULL;
}

static uint64_t lesser(uint64_t least, const struct limits *limits, size_t member)
{
    uint64_t limit;

    if (limits == NULL)
        return least;
    memcpy(&limit, (const char *)limits + member, sizeof limit);
    return least == 0 || (limit > 0 && limit < least) ? limit : least;
}

uint64_t policy_least(const struct policy *policy, const struct domain *domain,
                      const struct account *account, size_t member)
{
    uint64_t least = lesser(0, policy == NULL ? NULL : &policy->limits, member);

    if (domain == NULL && account != NULL)
        domain = account->domain;
    least = lesser(least, domain == NULL ? NULL : &domain->limits, member);
    return lesser(least, account == NULL ? NULL : &account->limits, member);
}

uint64_t policy_max_size(const struct policy *policy, const struct domain *domain,
                         const struct account *account)
{
    return policy_least(policy, domain, account, offsetof(struct limits, max_size));
}

bool policy_takes_unnamed(const struct policy *policy, const struct domain *domain)
{
    uint8_t said = domain->limits.unknown;

    return policy_is_open(policy) || said == UNKNOWN_ACCEPT ||
           (said == UNKNOWN_UNSAID && policy->limits.unknown == UNKNOWN_ACCEPT);
}
