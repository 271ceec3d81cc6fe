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

/* The room doubles; `count` are used. */
static void *grow(void *array, size_t count, size_t size)
{
    return (count & (count - 1)) == 0 ? realloc(array, (count == 0 ? 1 : count * 2) * size) : array;
}

static void add_stop(struct recipient *recipient, const struct account *account,
                     const struct list *list)
{
    struct stop *stops;

    for (size_t i = 0; i < recipient->stop_count; i++)
        if (recipient->stops[i].account == account && recipient->stops[i].list == list)
            return;
    stops = grow(recipient->stops, recipient->stop_count, sizeof *stops);
    if (stops == NULL) {
        recipient->lost = true;
        return;
    }
    recipient->stops = stops;
    stops[recipient->stop_count++] = (struct stop){account, list};
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

static void add_address(struct recipient *recipient, const struct policy *policy,
                        const char *address)
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
    if (account != NULL || list != NULL)
        add_stop(recipient, account, account == NULL ? list : NULL);
    else if (domain == NULL || policy_takes_unnamed(policy, domain))
        add_mailbox(recipient, domain, NULL, folder);
}

/* Each stop leads on to others, but to none twice: so loops end. */
static void go_all_ways(struct recipient *recipient, const struct policy *policy)
{
    for (size_t i = 0; i < recipient->stop_count; i++) {
        const struct account *account = recipient->stops[i].account;
        const struct list *list = recipient->stops[i].list;

        if (account != NULL && !account->no_mailbox)
            add_mailbox(recipient, account->domain, account, account->folder);
        for (size_t j = 0; account != NULL && j < account->forward_count; j++)
            add_address(recipient, policy, account->forward[j]);
        for (size_t j = 0; account == NULL && j < list->member_count; j++)
            add_address(recipient, policy, list->members[j]);
    }
}

void mailboxes_add_account(struct recipient *recipient, const struct policy *policy,
                           const struct account *account)
{
    add_stop(recipient, account, NULL);
    go_all_ways(recipient, policy);
}

void mailboxes_add_list(struct recipient *recipient, const struct policy *policy,
                        const struct list *list)
{
    add_stop(recipient, NULL, list);
    go_all_ways(recipient, policy);
}

void mailboxes_add_address(struct recipient *recipient, const struct policy *policy,
                           const char *address)
{
    add_address(recipient, policy, address);
    go_all_ways(recipient, policy);
}

void mailboxes_add_folder(struct recipient *recipient, const struct domain *domain,
                          const char *folder)
{
    add_mailbox(recipient, domain, NULL, folder);
}
