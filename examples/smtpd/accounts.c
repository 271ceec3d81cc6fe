/*
 * Mailboxes and secrets.
 *
 * SPDX-License-Identifier: MIT
 */
#include "accounts.h"

#include "maildir.h"
#include <string.h>

bool accounts_have(const struct options *options, const char *folder)
{
    for (size_t i = 0; i < options->account_count; i++)
        if (strcmp(options->accounts[i].folder, folder) == 0)
            return true;
    return options->account_count == 0;
}

bool accounts_have_password(const struct options *options)
{
    for (size_t i = 0; i < options->account_count; i++)
        if (options->accounts[i].password != NULL)
            return true;
    return false;
}

const char *accounts_password(const struct options *options, struct ehlo_slice name)
{
    char folder[MAILDIR_FOLDER_SIZE];
    struct ehlo_path path;

    if (ehlo_parse_mailbox(name, EHLO_SYNTAX_UTF8, &path) != EHLO_SYNTAX_OK ||
        !maildir_folder(path.local, path.domain, folder))
        return NULL;
    for (size_t i = 0; i < options->account_count; i++)
        if (strcmp(options->accounts[i].folder, folder) == 0)
            return options->accounts[i].password;
    return NULL;
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
