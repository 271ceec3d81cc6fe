/*
 * The mailboxes behind a recipient, through forwards and lists.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "recipient.h"

#include "ehlo/syntax.h"
#include "maildir.h"
#include <stdlib.h>
#include <string.h>

/* How many forwards and lists may follow one another. */
#define MAILBOXES_DEPTH 8

/* The room doubles; `count` are used. */
static void *grow(void *array, size_t count, size_t size)
{
    return (count & (count - 1)) == 0 ? realloc(array, (count == 0 ? 1 : count * 2) * size) : array;
}

/* Whether the way leads here for the first time. */
static bool see(struct recipient *recipient, const void *row)
{
    const void **seen;

    for (size_t i = 0; i < recipient->seen_count; i++)
        if (recipient->seen[i] == row)
            return false;
    seen = grow(recipient->seen, recipient->seen_count, sizeof *seen);
    if (seen == NULL) {
        recipient->lost = true;
        return false;
    }
    recipient->seen = seen;
    seen[recipient->seen_count++] = row;
    return true;
}

static void add_mailbox(struct recipient *recipient, const struct domain *domain,
                        const struct account *account, const char *folder)
{
    struct mailbox *mailboxes, mailbox = {.domain = domain, .account = account};

    for (size_t i = 0; i < recipient->mailbox_count; i++)
        if (strcmp(recipient->mailboxes[i].folder, folder) == 0)
            return;
    mailboxes = grow(recipient->mailboxes, recipient->mailbox_count, sizeof *mailboxes);
    if (mailboxes != NULL) {
        recipient->mailboxes = mailboxes;
        mailbox.folder = strdup(folder);
    }
    if (mailbox.folder == NULL)
        recipient->lost = true;
    else
        mailboxes[recipient->mailbox_count++] = mailbox;
}

static void add_address(struct recipient *, const struct policy *, const char *address,
                        unsigned depth);

static void add_account(struct recipient *recipient, const struct policy *policy,
                        const struct account *account, unsigned depth)
{
    if (depth == MAILBOXES_DEPTH || !see(recipient, account))
        return;
    if (!account->no_mailbox)
        add_mailbox(recipient, account->domain, account, account->folder);
    for (size_t i = 0; i < account->forward_count; i++)
        add_address(recipient, policy, account->forward[i], depth + 1);
}

static void add_list(struct recipient *recipient, const struct policy *policy,
                     const struct list *list, unsigned depth)
{
    if (depth == MAILBOXES_DEPTH || !see(recipient, list))
        return;
    for (size_t i = 0; i < list->member_count; i++)
        add_address(recipient, policy, list->members[i], depth + 1);
}

static void add_address(struct recipient *recipient, const struct policy *policy,
                        const char *address, unsigned depth)
{
    char folder[MAILDIR_FOLDER_SIZE];
    const struct account *account;
    const struct domain *domain;
    const struct list *list;
    struct ehlo_path path;

    if (ehlo_parse_mailbox(ehlo_text(address), EHLO_SYNTAX_UTF8, &path) != EHLO_SYNTAX_OK ||
        !maildir_folder(path.local, path.domain, folder))
        return;
    account = policy_account(policy, folder);
    list = policy_list(policy, folder);
    domain = policy_domain(policy, path.domain);
    if (account != NULL)
        add_account(recipient, policy, account, depth);
    else if (list != NULL)
        add_list(recipient, policy, list, depth);
    else if (domain == NULL || policy_takes_unnamed(policy, domain))
        add_mailbox(recipient, domain, NULL, folder);
}

void mailboxes_add_account(struct recipient *recipient, const struct policy *policy,
                           const struct account *account)
{
    add_account(recipient, policy, account, 0);
}

void mailboxes_add_list(struct recipient *recipient, const struct policy *policy,
                        const struct list *list)
{
    add_list(recipient, policy, list, 0);
}

void mailboxes_add_address(struct recipient *recipient, const struct policy *policy,
                           const char *address)
{
    add_address(recipient, policy, address, 0);
}

void mailboxes_add_folder(struct recipient *recipient, const struct domain *domain,
                          const char *folder)
{
    add_mailbox(recipient, domain, NULL, folder);
}
