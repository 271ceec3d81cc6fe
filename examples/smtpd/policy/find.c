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

static uint64_t lesser(uint64_t limit, const struct limits *limits)
{
    if (limits == NULL || limits->max_size == 0)
        return limit;
    return limit == 0 || limits->max_size < limit ? limits->max_size : limit;
}

uint64_t policy_max_size(const struct policy *policy, const struct domain *domain,
                         const struct account *account)
{
    uint64_t limit = lesser(0, policy == NULL ? NULL : &policy->limits);

    if (domain == NULL && account != NULL)
        domain = account->domain;
    limit = lesser(limit, domain == NULL ? NULL : &domain->limits);
    return lesser(limit, account == NULL ? NULL : &account->limits);
}

bool policy_takes_unnamed(const struct policy *policy, const struct domain *domain)
{
    uint8_t said = domain->limits.unknown;

    return policy_is_open(policy) || said == UNKNOWN_ACCEPT ||
           (said == UNKNOWN_UNSAID && policy->limits.unknown == UNKNOWN_ACCEPT);
}
