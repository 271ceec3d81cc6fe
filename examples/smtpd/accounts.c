/*
 * Secrets.
 *
 * SPDX-License-Identifier: MIT
 */
#include "accounts.h"

#include <string.h>

bool accounts_have_password(const struct policy *policy)
{
    for (const struct account *one = policy->accounts; one != NULL; one = one->next)
        if (one->password != NULL)
            return true;
    return false;
}

const char *accounts_password(const struct policy *policy, struct ehlo_slice name)
{
    const struct account *account = policy_account_of(policy, name);

    return account != NULL ? account->password : NULL;
}

bool accounts_same_secret(const char *ours, struct ehlo_slice theirs)
{
    size_t length = strlen(ours);
    unsigned difference = length != theirs.length;

    /* As many steps as what they sent has octets, whatever ours is. */
    for (size_t i = 0; i < theirs.length; i++)
        difference |=
            (unsigned char)theirs.data[i] ^ (unsigned char)ours[length > 0 ? i % length : 0];
    return difference == 0;
}
