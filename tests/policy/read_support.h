/*
 * Reads a policy from a text, and catches what is said on stderr.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_TESTS_READ_SUPPORT_H
#define SMTPD_TESTS_READ_SUPPORT_H

#include "policy/policy.h"
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of its own for each use: its name, and the descriptor. */
static inline int make_file(char *path, size_t size)
{
    int fd;

    snprintf(path, size, "/tmp/smtpd-policy-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    return fd;
}

/* Calls policy_read() and gives what it said; freed by the caller. */
static inline char *read_policy(struct policy *policy, const struct options *options, bool *taken)
{
    char path[64], *said;
    int fd = make_file(path, sizeof path), stderr_was = dup(STDERR_FILENO);

    fflush(stderr);
    assert_true(dup2(fd, STDERR_FILENO) >= 0);
    *taken = policy_read(policy, options);
    fflush(stderr);
    dup2(stderr_was, STDERR_FILENO);
    close(stderr_was);
    close(fd);
    said = read_whole_file(path);
    unlink(path);
    return said;
}

/* Takes "smtpd: PATH" away from the begin of each line, where it has to be. */
static inline void cut_prefix(const char *name, char *said, const char *prefix)
{
    size_t length = strlen(prefix);

    for (char *line = said; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncmp(line, prefix, length) != 0)
            fail_msg("%s: \"%s\" does not begin with \"%s\"", name, line, prefix);
        memmove(line, line + length, strlen(line + length) + 1);
        assert_non_null(strchr(line, '\n'));
    }
}

/*
 * Reads the octets as a file, beside options of the caller. Gives the messages without the file's
 * name: lines "12: max-size: expected ...". Freed by the caller.
 */
static inline char *read_octets(const char *name, const void *octets, size_t length,
                                struct options *options, struct policy *policy, bool *taken)
{
    char path[64], prefix[80], *said;
    int fd = make_file(path, sizeof path);

    assert_int_equal(write(fd, octets, length), (ssize_t)length);
    close(fd);
    options->policy = path;
    said = read_policy(policy, options, taken);
    options->policy = NULL;
    unlink(path);
    snprintf(prefix, sizeof prefix, "smtpd: %s:", path);
    cut_prefix(name, said, prefix);
    if (!*taken)
        assert_of(name, policy->memory == NULL && policy->domains == NULL);
    return said;
}

/* The same of a text that is to be taken without a word, with example.com as our domain. */
static inline void read_good(const char *name, const char *text, struct policy *policy)
{
    static const char *domains[] = {"example.com"};
    static struct options options;
    bool taken;
    char *said;

    options = (struct options){.domains = domains, .domain_count = 1};
    said = read_octets(name, text, strlen(text), &options, policy, &taken);
    if (!taken || *said != '\0')
        fail_msg("%s: %s", name, said);
    free(said);
}

/* The messages about a text that is not to be taken. */
static inline void read_bad(const char *name, const char *text, size_t length, const char *expected)
{
    const char *domains[] = {"example.com"};
    struct options options = {.domains = domains, .domain_count = 1};
    struct policy policy;
    bool taken;
    char *said = read_octets(name, text, length, &options, &policy, &taken);

    if (taken)
        policy_free(&policy);
    assert_of(name, !taken);
    assert_octets_of(name, said, strlen(said), expected, strlen(expected));
    free(said);
}

#endif
