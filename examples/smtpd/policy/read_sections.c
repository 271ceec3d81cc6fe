/*
 * The sections of domains, accounts and lists, and what only they have.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/syntax.h"
#include "maildir.h"
#include "reader.h"

#include <string.h>

/* ---- who begins one ---- */

static void enter(struct reader *reader, enum place place, struct limits *limits)
{
    reader->place = place;
    reader->limits = limits;
    memset(reader->lines, 0, sizeof reader->lines);
}

static void add_owner(struct reader *reader, struct owner values)
{
    struct owner *owner = reader_take(reader, sizeof *owner);

    if (owner == NULL)
        return;
    *owner = values;
    owner->line = reader->line;
    *reader->owner_end = owner;
    reader->owner_end = &owner->next;
}

/* Whether nobody, or somebody of the command line, has the name so far. */
static bool is_free(struct reader *reader, const void *who)
{
    for (const struct owner *owner = reader->owners; owner != NULL && who != NULL;
         owner = owner->next)
        if (owner->domain == who || owner->account == who || owner->list == who) {
            reader_wrong(reader, "expected once: it stands in line %u, too", owner->line);
            return false;
        }
    return true;
}

static struct domain *find_domain(const struct policy *policy, const char *name)
{
    struct domain *domain = policy->domains;

    while (domain != NULL && !ehlo_same_text(ehlo_text(domain->name), ehlo_text(name)))
        domain = domain->next;
    return domain;
}

static struct account *find_account(const struct policy *policy, const char *folder)
{
    struct account *account = policy->accounts;

    while (account != NULL && strcmp(account->folder, folder) != 0)
        account = account->next;
    return account;
}

static bool is_domain(struct ehlo_slice name)
{
    struct ehlo_host host;

    return ehlo_parse_domain(name, EHLO_SYNTAX_UTF8, &host) == EHLO_SYNTAX_OK ||
           ehlo_parse_address_literal(name, &host) == EHLO_SYNTAX_OK;
}

/*
 * Each of the three begins a section also where it is wrong, of somebody whom the policy does not
 * have: so the lines that follow are checked, but not taken for another's.
 */

void take_domain(struct reader *reader, struct said *said)
{
    const char *name = said->words[0];
    struct domain *domain = NULL;

    if (!is_domain(ehlo_text(name))) {
        reader_wrong(reader, "expected a domain or an address literal, not \"%s\"",
                     reader_shown(name).text);
    } else {
        domain = find_domain(reader->policy, name);
        if (domain == NULL)
            domain = reader_add_domain(reader, name);
        else if (!is_free(reader, domain))
            domain = NULL;
    }
    if (domain != NULL)
        add_owner(reader, (struct owner){.domain = domain});
    else
        domain = reader_take(reader, sizeof *domain);
    if (domain != NULL)
        enter(reader, IN_DOMAIN, &domain->limits);
}

/* The word is not shown: as in --user, a password may stand behind the address. */
void take_account(struct reader *reader, struct said *said)
{
    char folder[MAILDIR_FOLDER_SIZE];
    struct account *account = NULL;

    if (!reader_folder(said->words[0], folder)) {
        reader_wrong(reader, "expected an address such as bob@example.com");
    } else if (is_free(reader, policy_list(reader->policy, folder))) {
        account = find_account(reader->policy, folder);
        if (account == NULL)
            account = reader_add_account(reader, said->words[0], folder);
        else if (!is_free(reader, account))
            account = NULL;
    }
    if (account != NULL)
        add_owner(reader, (struct owner){.account = account});
    else
        account = reader_take(reader, sizeof *account);
    if (account == NULL)
        return;
    enter(reader, IN_ACCOUNT, &account->limits);
    reader->account = account;
    reader->own_rule_end = &account->rules;
}

void take_list(struct reader *reader, struct said *said)
{
    char folder[MAILDIR_FOLDER_SIZE];
    struct list *list = reader_take(reader, sizeof *list);

    if (list == NULL)
        return;
    enter(reader, IN_LIST, NULL);
    reader->list = list;
    if (!reader_folder(said->words[0], folder)) {
        reader_wrong(reader, "expected an address such as staff@example.com, not \"%s\"",
                     reader_shown(said->words[0]).text);
        return;
    }
    if (!is_free(reader, policy_list(reader->policy, folder)) ||
        !is_free(reader, find_account(reader->policy, folder)))
        return;
    list->address = said->words[0];
    list->folder = reader_copy(reader, folder);
    if (list->folder == NULL)
        return;
    *reader->list_end = list;
    reader->list_end = &list->next;
    add_owner(reader, (struct owner){.list = list});
}

/* ---- what stands in them ---- */

void take_password(struct reader *reader, struct said *said)
{
    if (said->words[0][0] == '\0')
        reader_wrong(reader, "expected a password that is not empty");
    else
        reader->account->password = said->words[0];
}

void take_no_mailbox(struct reader *reader, struct said *said)
{
    (void)said;
    reader->account->no_mailbox = true;
}

static void take_address(struct reader *reader, char *word, char ***addresses, size_t *count)
{
    char folder[MAILDIR_FOLDER_SIZE];

    if (!reader_folder(word, folder)) {
        reader_wrong(reader, "expected an address such as bob@example.com, not \"%s\"",
                     reader_shown(word).text);
        return;
    }
    for (size_t i = 0; i < *count; i++)
        if (ehlo_same_text(ehlo_text((*addresses)[i]), ehlo_text(word))) {
            reader_wrong(reader, "expected once: \"%s\" stands above, too",
                         reader_shown(word).text);
            return;
        }
    reader_append(reader, addresses, count, word);
}

void take_forward(struct reader *reader, struct said *said)
{
    take_address(reader, said->words[0], &reader->account->forward,
                 &reader->account->forward_count);
}

void take_member(struct reader *reader, struct said *said)
{
    take_address(reader, said->words[0], &reader->list->members, &reader->list->member_count);
}
