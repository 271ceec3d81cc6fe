/*
 * What sessions live by, made of options and policy.
 *
 * SPDX-License-Identifier: MIT
 */
#include "setup.h"

#include "auth.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>

/* RCPTs that may wait for look-ups at once, and octets for their replies. */
#define DECISIONS   64
#define OUTPUT_SIZE 8192

static void use_policy(struct ehlo_server_config *config, const struct policy *policy)
{
    uint64_t size = policy->limits.max_size;

    if (policy->from_file) {
        config->decisions = DECISIONS;
        config->output_size = OUTPUT_SIZE;
    }
    if (size > 0 && (config->max_message_size == 0 || size < config->max_message_size))
        config->max_message_size = size;
    if (policy->max_hops > 0)
        config->max_hops = policy->max_hops;
    config->disabled_verbs |= policy->disabled_verbs;
    if (policy->no_etrn)
        config->disabled_extensions |= EHLO_EXTENSION_ETRN;
}

static void configure(struct setup *setup)
{
    struct ehlo_server_config *plain = &setup->configs[0][0];

    *plain = setup->options->config;
    use_policy(plain, &setup->policy);
    policy_set_hooks(plain, setup);
    auth_set_hooks(plain, setup);
    store_set_hooks(plain);
    report_set_hooks(plain);
    setup->configs[1][0] = *plain;
    trusted_set_hooks(&setup->configs[1][0]);
    for (int trusted = 0; trusted < 2; trusted++) {
        setup->configs[trusted][1] = setup->configs[trusted][0];
        setup->configs[trusted][1].helo_optional = true;
    }
}

/* A proxy of --xclient may say that somebody has authenticated. */
static const char *find_fault(const struct setup *setup)
{
    const struct options *options = setup->options;
    const char *what;

    for (int i = 0; i < 4; i++)
        if (ehlo_server_check(&setup->configs[i / 2][i % 2], &what) != EHLO_OK)
            return what;
    if (auth_is_possible(setup) || options->trusted_count > 0)
        return NULL;
    if (options->submission)
        return "--submission: nobody can authenticate; give --user a password, and TLS";
    if (options->config.require_auth)
        return "--require-auth: nobody can authenticate; give --user a password, and TLS";
    return NULL;
}

/* A file that was cut off by accident shows. */
static void summarize(struct setup *setup)
{
    size_t domains = 0, accounts = 0, lists = 0;

    for (const struct domain *one = setup->policy.domains; one != NULL; one = one->next)
        domains++;
    for (const struct account *one = setup->policy.accounts; one != NULL; one = one->next)
        accounts++;
    for (const struct list *one = setup->policy.lists; one != NULL; one = one->next)
        lists++;
    snprintf(setup->summary, sizeof setup->summary, "%zu domains, %zu accounts, %zu lists", domains,
             accounts, lists);
}

struct setup *setup_new(const struct options *options)
{
    struct setup *setup = calloc(1, sizeof *setup);
    const char *fault;

    if (setup == NULL) {
        perror("smtpd");
        return NULL;
    }
    setup->options = options;
    setup->holders = 1;
    if (!policy_read(&setup->policy, options)) {
        free(setup);
        return NULL;
    }
    summarize(setup);
    configure(setup);
    fault = find_fault(setup);
    if (fault == NULL)
        return setup;
    fprintf(stderr, "smtpd: %s\n", fault);
    setup_release(setup);
    return NULL;
}

void setup_hold(struct setup *setup)
{
    setup->holders++;
}

void setup_release(struct setup *setup)
{
    if (--setup->holders > 0)
        return;
    policy_free(&setup->policy);
    free(setup);
}
