/*
 * VRFY and EXPN (RFC 5321 3.5): accounts and lists that the policy names.
 *
 * SPDX-License-Identifier: MIT
 */
#include "checks.h"

#include "maildir.h"
#include "setup.h"
#include <string.h>

/* "bob" is one of the first domain; "<...>" is what many clients send. False: that is no address.
 */
static bool read_address(const struct policy *policy, struct ehlo_slice text,
                         char folder[MAILDIR_FOLDER_SIZE], const struct domain **domain)
{
    struct ehlo_slice home = ehlo_text(policy->domains->name);
    struct ehlo_path path;

    if (text.length > 2 && text.data[0] == '<' && text.data[text.length - 1] == '>')
        text = (struct ehlo_slice){text.data + 1, text.length - 2};
    *domain = policy->domains;
    if (memchr(text.data, '@', text.length) == NULL)
        return maildir_folder(text, home, folder);
    if (ehlo_parse_mailbox(text, EHLO_SYNTAX_UTF8, &path) != EHLO_SYNTAX_OK)
        return false;
    *domain = policy_domain(policy, path.domain);
    return maildir_folder(path.local, path.domain, folder);
}

struct ehlo_reply verify_user(struct ehlo_server *s, const struct ehlo_query *query, void *user)
{
    const struct visit *visit = user;
    const struct policy *policy = &visit->setup->policy;
    char folder[MAILDIR_FOLDER_SIZE];
    const struct account *account;
    const struct domain *domain;
    const struct list *list;

    (void)s;
    if (!read_address(policy, query->text, folder, &domain))
        return ehlo_reply(EHLO_REPLY_PARAMETER_SYNTAX);
    if (domain == NULL)
        return ehlo_reply(EHLO_REPLY_NO_SUCH_USER);
    if (policy_takes_unnamed(policy, domain) ||
        ehlo_same_text(query->text, ehlo_text("postmaster")))
        return ehlo_reply(EHLO_REPLY_CANNOT_VERIFY);
    account = policy_account(policy, folder);
    list = policy_list(policy, folder);
    if (account == NULL && list == NULL)
        return ehlo_reply(EHLO_REPLY_UNKNOWN_LOCAL_USER);
    return ehlo_reply_about(EHLO_REPLY_VRFY_OK,
                            ehlo_text(account != NULL ? account->address : list->address));
}

struct ehlo_reply verify_list(struct ehlo_server *s, const struct ehlo_query *query, void *user)
{
    const struct visit *visit = user;
    const struct policy *policy = &visit->setup->policy;
    char folder[MAILDIR_FOLDER_SIZE];
    const struct domain *domain;
    const struct list *list;

    (void)s;
    if (!read_address(policy, query->text, folder, &domain))
        return ehlo_reply(EHLO_REPLY_PARAMETER_SYNTAX);
    list = policy_list(policy, folder);
    return list == NULL ? ehlo_reply(EHLO_REPLY_NO_SUCH_LIST)
                        : ehlo_reply_custom(250, "2.1.5", list->expansion);
}
