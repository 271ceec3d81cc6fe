/*
 * The options: one row each, from which --help is printed too.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "options.h"

#include "auth.h"
#include "ehlo/version.h"
#include "tls.h"
#include "values.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The last one of --utf8 and --no-utf8 counts. */
static const char *take_utf8(struct options *options, char *value)
{
    (void)value;
    options->no_utf8 = false;
    return NULL;
}

/* A date-time of RFC 3339 in UTC. */
#define HOLD_SIZE sizeof "2030-01-01T00:00:00Z"

#if SMTPD_OPENSSL
#define TLS_HELP(text) text
#else
#define TLS_HELP(text) "(built without OpenSSL)"
#endif

static const struct row {
    const char *name, *argument; /* no argument: a switch */
    const char *help;
    const char *(*take)(struct options *, char *value);
    size_t
        member; /* where there is no function: the bool of a switch or the uint32_t of a number */
} rows[] = {
    {"--listen", "ADDR:PORT", "127.0.0.1:2525 if not given; port 0 picks one; [::1]:2525 is IPv6",
     value_listen, 0},
    {"--hostname", "NAME", "our own name", value_hostname, 0},
    {"--maildir", "DIR", "holds a Maildir for each recipient; ./mail if not given", value_maildir,
     0},
    {"--policy", "FILE", "who may send what, a text file; SIGHUP reads it again", value_policy, 0},
    {"--dns", "ADDR:PORT", "the resolver for that, in place of the system's", value_dns, 0},
    {"--domain", "NAME", "takes mail for this domain; repeatable; example.com if not given",
     value_domain, 0},
    {"--user", "ADDRESS[:PASSWORD]",
     "a mailbox, repeatable, and its domain; if not given, every address is one", value_user, 0},
    {"--token", "NAME:TOKEN", "a bearer token for AUTH, repeatable", value_token, 0},
    {"--lmtp", NULL, "speaks LMTP", NULL, offsetof(struct options, lmtp)},
    {"--submission", NULL, "speaks to mail programs: AUTH is required", NULL,
     offsetof(struct options, submission)},
    {"--tls-cert", "FILE", TLS_HELP("certificate and chain, PEM: STARTTLS is offered"),
     value_tls_cert, 0},
    {"--tls-key", "FILE", TLS_HELP("its key, PEM"), value_tls_key, 0},
    {"--tls-required", NULL, TLS_HELP("takes no mail without TLS"), NULL,
     offsetof(struct options, config.require_tls)},
    {"--smtps", NULL, TLS_HELP("TLS from the first octet, no STARTTLS"), NULL,
     offsetof(struct options, smtps)},
    {"--require-auth", NULL, "takes no mail without AUTH", NULL,
     offsetof(struct options, config.require_auth)},
    {"--allow-plain-auth", NULL, "passwords and tokens may come without TLS", NULL,
     offsetof(struct options, config.auth_in_clear)},
    {"--proxy-protocol", NULL,
     "each connection begins with a PROXY header (version 1, 2); every peer that reaches the port "
     "is believed",
     NULL, offsetof(struct options, proxy_protocol)},
    {"--xclient", "ADDR", "a peer that may use XCLIENT and XFORWARD; repeatable", value_xclient, 0},
    {"--utf8", NULL, "offers SMTPUTF8, which is the default", take_utf8, 0},
    {"--no-utf8", NULL, "does not", NULL, offsetof(struct options, no_utf8)},
    {"--max-size", "OCTETS", "of a message", value_max_size, 0},
    {"--max-recipients", "N", "of a message", NULL,
     offsetof(struct options, config.max_recipients)},
    {"--max-hops", "N", "Received fields in a message", NULL,
     offsetof(struct options, config.max_hops)},
    {"--max-per-ip", "N", "connections from one address at a time", NULL,
     offsetof(struct options, max_per_ip)},
    {"--timeout", "SECONDS", "for every wait", NULL, offsetof(struct options, timeout)},
    {"--bare-newline", "refuse|normalise|accept", "LF without CR in a message", value_bare_newline,
     0},
    {"--codes", "table|registry", "which set of reply codes", value_codes, 0},
    {"--disable", "NAME", "vrfy, expn, help or a mechanism of AUTH but PLAIN and LOGIN; repeatable",
     value_disable, 0},
    {"--single-helo", NULL, "refuses a second HELO or EHLO", NULL,
     offsetof(struct options, config.single_helo)},
    {"--quiet", NULL, "no log", NULL, offsetof(struct options, quiet)},
    {"--trace", NULL, "shows the dialogues on stderr", NULL, offsetof(struct options, trace)},
    {"--help", NULL, "shows this", NULL, 0},
    {"--version", NULL, "shows the version", NULL, 0},
};

static int show_help(void)
{
    puts("usage: smtpd [OPTION]...\n"
         "Takes mail over SMTP into Maildirs. Case never tells two mailboxes apart.\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[64];

        snprintf(name, sizeof name, "%s %s", rows[i].name,
                 rows[i].argument == NULL ? "" : rows[i].argument);
        printf("  %-40s %s\n", name, rows[i].help);
    }
    return 0;
}

static const char *take(struct options *options, const struct row *row, char *value)
{
    char *member = (char *)options + row->member;
    uint32_t number;
    uint64_t wide;

    if (row->take != NULL)
        return row->take(options, value);
    if (row->argument == NULL) {
        *(bool *)(void *)member = true;
        return NULL;
    }
    if (ehlo_parse_number(ehlo_text(value), 10, &wide) != EHLO_SYNTAX_OK || wide == 0 ||
        wide > UINT32_MAX)
        return "not a number from 1 on";
    number = (uint32_t)wide;
    memcpy(member, &number, sizeof number);
    return NULL;
}

static const struct row *find_row(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

/* --name VALUE or --name=VALUE; moves *argv to the last argument it used. */
static const char *read_option(struct options *options, char ***argv)
{
    char *name = **argv;
    size_t length = strcspn(name, "=");
    const struct row *row = find_row(name, length);
    char *value = name[length] == '=' ? name + length + 1 : NULL;

    if (row == NULL)
        return "no such option; see --help";
    if (row->argument == NULL && value != NULL)
        return "takes no value";
    if (row->argument != NULL && value == NULL) {
        value = (*argv)[1];
        if (value == NULL)
            return "needs a value";
        ++*argv;
    }
    return take(options, row, value);
}

static void set_defaults(struct options *options)
{
    static char address[] = "127.0.0.1", port[] = "2525", hold_until[HOLD_SIZE];

    *options = (struct options){.address = address,
                                .port = port,
                                .hold_until = hold_until,
                                .maildir = "mail",
                                .config = {EHLO_SERVER_CONFIG_DEFAULTS}};
    options->config.hostname = options->hostname;
    if (gethostname(options->hostname, sizeof options->hostname - 1) != 0 ||
        !value_is_host(ehlo_text(options->hostname)))
        memcpy(options->hostname, "localhost", sizeof "localhost");
}

/* What an option needs that is not there. */
static const char *find_conflict(const struct options *options)
{
    const struct ehlo_server_config *config = &options->config;

    if (options->lmtp && options->submission)
        return "--lmtp and --submission exclude each other";
    if (options->lmtp && strcmp(options->port, "25") == 0) /* RFC 2033 5 */
        return "--lmtp: port 25 is for SMTP";
    if (options->certificate != NULL && options->key == NULL)
        return "--tls-cert needs --tls-key";
    if (options->key != NULL && options->certificate == NULL)
        return "--tls-key needs --tls-cert";
    if (config->require_tls && options->certificate == NULL)
        return "--tls-required needs --tls-cert";
    if (options->smtps && options->certificate == NULL)
        return "--smtps needs --tls-cert";
    return NULL;
}

void options_set_hold(const struct options *options)
{
    time_t end = time(NULL) + SMTPD_MAX_HOLD;
    struct tm utc;

    if (gmtime_r(&end, &utc) != NULL)
        strftime(options->hold_until, HOLD_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void set_extensions(struct options *options)
{
    struct ehlo_server_config *config = &options->config;

    config->extensions = EHLO_EXTENSION_BINARYMIME | EHLO_EXTENSION_DSN |
                         EHLO_EXTENSION_REQUIRETLS | EHLO_EXTENSION_LIMITS |
                         EHLO_EXTENSION_DELIVERBY | EHLO_EXTENSION_MT_PRIORITY |
                         EHLO_EXTENSION_RRVS | EHLO_EXTENSION_PRDR;
    if (!options->no_utf8)
        config->extensions |= EHLO_EXTENSION_SMTPUTF8;
    if (!options->submission)
        return;
    config->extensions |= EHLO_EXTENSION_FUTURERELEASE;
    config->max_hold_for = SMTPD_MAX_HOLD;
    config->max_hold_until = options->hold_until;
    options_set_hold(options);
}

static const char *finish(struct options *options)
{
    struct ehlo_server_config *config = &options->config;
    const char *wrong = find_conflict(options);

    if (wrong == NULL && options->certificate != NULL)
        wrong = tls_load(&options->tls, options->certificate, options->key);
    if (wrong != NULL)
        return wrong;
    if (options->lmtp || options->submission)
        config->mode = options->lmtp ? EHLO_MODE_LMTP : EHLO_MODE_SUBMISSION;
    config->port = (uint32_t)atoi(options->port);
    config->few_recipients = config->max_recipients > 0; /* somebody has asked for it */
    if (options->timeout > 0)
        config->command_timeout = config->content_timeout = config->decision_timeout =
            config->message_timeout = options->timeout;
    set_extensions(options);
    return NULL;
}

int options_read(struct options *options, int argc, char **argv)
{
    const char *wrong = NULL;

    (void)argc;
    set_defaults(options);
    while (*++argv != NULL) {
        const char *name = *argv;

        if (strcmp(name, "--help") == 0)
            return show_help();
        if (strcmp(name, "--version") == 0) {
            puts("smtpd, an example of libehlo " EHLO_VERSION);
            return 0;
        }
        wrong = read_option(options, &argv);
        if (wrong != NULL) { /* without the value: it may be a password */
            fprintf(stderr, "smtpd: %.*s: %s\n", (int)strcspn(name, "="), name, wrong);
            return 2;
        }
    }
    wrong = finish(options);
    if (wrong == NULL)
        return -1;
    fprintf(stderr, "smtpd: %s\n", wrong);
    return 2;
}

void options_free(struct options *options)
{
    free(options->users);
    free(options->tokens);
    for (size_t i = 0; i < options->trusted_count; i++)
        free(options->trusted[i]);
    free(options->trusted);
    free(options->domains);
    tls_unload(options->tls);
}
