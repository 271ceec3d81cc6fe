/*
 * Who may connect, and send.
 *
 * SPDX-License-Identifier: MIT
 */
#include "checks.h"

#include "setup.h"

/* Who has authenticated; empty: nobody. It lives until the session goes on. */
static struct ehlo_slice identity(const struct decision *decision)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    ehlo_server_info(decision->session, &info);
    return info.identity;
}

bool sender_is_authenticated(const struct decision *decision)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    ehlo_server_info(decision->session, &info);
    return (info.flags & EHLO_INFO_AUTHENTICATED) != 0;
}

const struct account *sender_account(const struct decision *decision)
{
    return policy_account_of(&decision->visit->setup->policy, identity(decision));
}

/* The domain of the sender, if it is ours. */
static const struct domain *local_domain(const struct visit *visit)
{
    struct ehlo_slice domain = {visit->sender + visit->sender_domain,
                                visit->sender_length - visit->sender_domain};

    return domain.length == 0 ? NULL : policy_domain(&visit->setup->policy, domain);
}

/* A line `require` that the sender does not satisfy. */
static struct ehlo_reply require(struct decision *decision, enum required what, bool holds)
{
    const struct requirement *required = &decision->visit->setup->policy.required[what];

    if (!required->on || holds || rules_spare(decision, SPARES_AUTH))
        return ehlo_accept();
    decision->line = required->line;
    return ehlo_reply(required->reply);
}

/* ---- at connect ---- */

struct ehlo_reply check_connections(struct decision *decision)
{
    return visit_is_surplus(decision->visit)
               ? ehlo_reply_closing(ehlo_reply(EHLO_REPLY_TOO_MANY_CONNECTIONS))
               : ehlo_accept();
}

/* ---- at MAIL ---- */

struct ehlo_reply check_auth(struct decision *decision)
{
    return require(decision, REQUIRES_AUTH, sender_is_authenticated(decision));
}

/* Whoever belongs here uses the other port, where AUTH is required (RFC 6409). */
struct ehlo_reply check_submission(struct decision *decision)
{
    const struct visit *visit = decision->visit;

    return require(decision, REQUIRES_SUBMISSION,
                   visit->options->submission || local_domain(visit) == NULL);
}

struct ehlo_reply check_local_auth(struct decision *decision)
{
    return require(decision, REQUIRES_LOCAL_AUTH,
                   sender_is_authenticated(decision) || local_domain(decision->visit) == NULL);
}

/* The null reverse-path is everybody's: notifications have it (RFC 5321 4.5.5). */
struct ehlo_reply check_same_sender(struct decision *decision)
{
    const struct visit *visit = decision->visit;
    const struct account *account = sender_account(decision);
    struct ehlo_slice sender = {visit->sender, visit->sender_length};
    bool is_same = !sender_is_authenticated(decision) || sender.length == 0;

    if (!is_same && account != NULL) /* however it is spelled */
        is_same = policy_account_of(&visit->setup->policy, sender) == account;
    if (!is_same && account == NULL)
        is_same = ehlo_same_text(sender, identity(decision));
    return require(decision, REQUIRES_SAME_SENDER, is_same);
}
