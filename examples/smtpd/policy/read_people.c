/*
 * Domains, accounts and lists: making them, those of the command line, and what is told of them
 * when all are known.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/syntax.h"
#include "maildir.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

static struct ehlo_slice domain_of(const char *address)
{
    struct ehlo_path path = {0};

    ehlo_parse_mailbox(ehlo_text(address), EHLO_SYNTAX_UTF8, &path);
    return path.domain;
}

/* ---- making them ---- */

struct domain *reader_add_domain(struct reader *reader, const char *name)
{
    struct domain *domain = reader_take(reader, sizeof *domain);

    if (domain == NULL)
        return NULL;
    domain->name = name;
    *reader->domain_end = domain;
    reader->domain_end = &domain->next;
    return domain;
}

struct account *reader_add_account(struct reader *reader, char *address, const char *folder)
{
    struct account *account = reader_take(reader, sizeof *account);

    if (account == NULL)
        return NULL;
    account->address = address;
    account->folder = reader_copy(reader, folder);
    if (account->folder == NULL)
        return NULL;
    *reader->account_end = account;
    reader->account_end = &account->next;
    return account;
}

/* ---- the command line ---- */

/* The first of several users with one address counts. */
static void take_user(struct reader *reader, const struct user *user)
{
    char folder[MAILDIR_FOLDER_SIZE];
    struct account *account;
    char *address;

    if (!reader_folder(user->address, folder) || policy_account(reader->policy, folder) != NULL)
        return;
    address = reader_copy(reader, user->address);
    account = address == NULL ? NULL : reader_add_account(reader, address, folder);
    if (account == NULL)
        return;
    account->password = user->password;
    account->domain = policy_domain(reader->policy, domain_of(address));
}

void reader_take_options(struct reader *reader)
{
    const struct options *options = reader->policy->options;

    for (size_t i = 0; i < options->domain_count; i++)
        reader_add_domain(reader, options->domains[i]);
    for (size_t i = 0; i < options->user_count; i++)
        take_user(reader, &options->users[i]);
}

void reader_take_default(struct reader *reader)
{
    if (reader->policy->domains == NULL)
        reader_add_domain(reader, "example.com");
}

/* ---- when all are known ---- */

static const struct domain *check_domain(struct reader *reader, const char *address)
{
    struct ehlo_slice name = domain_of(address);
    const struct domain *domain = policy_domain(reader->policy, name);
    char text[EHLO_DOMAIN_MAX + 1] = "";

    if (domain != NULL)
        return domain;
    memcpy(text, name.data, name.length);
    reader_wrong(reader, "expected an address of our domains: \"%s\" has no line \"domain\"",
                 reader_shown(text).text);
    return NULL;
}

/* What EXPN tells: "<member>", a line each. */
static void expand(struct reader *reader, struct list *list)
{
    size_t size = 0;
    char *at;

    for (size_t i = 0; i < list->member_count; i++)
        size += strlen(list->members[i]) + sizeof "<>";
    at = list->expansion = reader_take(reader, size + 1);
    for (size_t i = 0; at != NULL && i < list->member_count; i++)
        at += sprintf(at, "%s<%s>", i == 0 ? "" : "\n", list->members[i]);
}

/* One of ours that nobody has would get nothing. */
static void check_member(struct reader *reader, const char *member)
{
    const struct policy *policy = reader->policy;
    char folder[MAILDIR_FOLDER_SIZE];
    const struct domain *domain;
    struct ehlo_path path;

    if (ehlo_parse_mailbox(ehlo_text(member), EHLO_SYNTAX_UTF8, &path) != EHLO_SYNTAX_OK ||
        !maildir_folder(path.local, path.domain, folder))
        return;
    domain = policy_domain(policy, path.domain);
    if (domain != NULL && !policy_takes_unnamed(policy, domain) &&
        policy_account(policy, folder) == NULL && policy_list(policy, folder) == NULL)
        reader_wrong(reader,
                     "expected an account, a list, or somebody elsewhere as member, not \"%s\"",
                     reader_shown(member).text);
}

void reader_check_people(struct reader *reader)
{
    for (const struct owner *owner = reader->owners; owner != NULL; owner = owner->next) {
        reader->line = owner->line;
        reader->setting = owner->list != NULL ? "list" : "account";
        if (owner->account != NULL)
            owner->account->domain = check_domain(reader, owner->account->address);
        if (owner->list == NULL)
            continue;
        check_domain(reader, owner->list->address);
        if (owner->list->member_count == 0)
            reader_wrong(reader, "expected a line \"member\" below it");
        for (size_t i = 0; i < owner->list->member_count; i++)
            check_member(reader, owner->list->members[i]);
        expand(reader, owner->list);
    }
}
