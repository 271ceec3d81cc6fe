/*
 * The options: one row each, from which --help is printed too.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "options.h"

#include "ehlo/version.h"
#include "maildir.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each returns what is wrong with the value, or NULL. */

static const char *take_listen(struct options *options, char *value)
{
    char *colon = strrchr(value, ':');
    size_t length;

    if (colon == NULL)
        return "ADDR:PORT is needed";
    *colon = '\0';
    options->port = colon + 1;
    options->address = value;
    length = strlen(value);
    if (*value == '[' && value[length - 1] == ']') {
        value[length - 1] = '\0';
        options->address = value + 1;
    }
    if (*options->address == '\0')
        return "the address is missing";
    if (strchr(options->address, ':') != NULL && options->address == value)
        return "an IPv6 address needs brackets";
    if (strspn(options->port, "0123456789") != strlen(options->port) || *options->port == '\0' ||
        strlen(options->port) > 5 || atoi(options->port) > 65535)
        return "the port is not a number up to 65535";
    return NULL;
}

static bool is_host(struct ehlo_slice name)
{
    struct ehlo_host host;

    return ehlo_parse_domain(name, 0, &host) == EHLO_SYNTAX_OK ||
           ehlo_parse_address_literal(name, &host) == EHLO_SYNTAX_OK;
}

static const char *take_hostname(struct options *options, char *value)
{
    if (strlen(value) >= sizeof options->hostname || !is_host(ehlo_text(value)))
        return "neither a domain nor an address literal";
    memcpy(options->hostname, value, strlen(value) + 1);
    return NULL;
}

static const char *take_maildir(struct options *options, char *value)
{
    options->maildir = value;
    return *value == '\0' ? "the directory is missing" : NULL;
}

static const char *take_domain(struct options *options, char *value)
{
    const char **domains;

    if (!is_host(ehlo_text(value)))
        return "neither a domain nor an address literal";
    for (size_t i = 0; i < options->domain_count; i++)
        if (ehlo_same_text(ehlo_text(value), ehlo_text(options->domains[i])))
            return NULL;
    domains = realloc(options->domains, (options->domain_count + 1) * sizeof *domains);
    if (domains == NULL)
        return "out of memory";
    options->domains = domains;
    domains[options->domain_count++] = value;
    return NULL;
}

static const char *add_account(struct options *options, const struct ehlo_path *path,
                               const char *password)
{
    char folder[MAILDIR_FOLDER_SIZE];
    struct account *accounts;

    if (!maildir_folder(path->local, path->domain, folder))
        return "the address is too long";
    accounts = realloc(options->accounts, (options->account_count + 1) * sizeof *accounts);
    if (accounts == NULL)
        return "out of memory";
    options->accounts = accounts;
    accounts[options->account_count] = (struct account){strdup(folder), password};
    if (accounts[options->account_count].folder == NULL)
        return "out of memory";
    options->account_count++;
    return NULL;
}

/* The address ends at the first ":" that leaves one: quoted local-parts and literals have them. */
static const char *take_user(struct options *options, char *value)
{
    struct ehlo_path path;
    const char *wrong, *password;
    char *end = value + strcspn(value, ":");

    while (ehlo_parse_mailbox((struct ehlo_slice){value, (size_t)(end - value)}, 0, &path) !=
           EHLO_SYNTAX_OK) {
        if (*end == '\0')
            return "not an address";
        end += 1 + strcspn(end + 1, ":");
    }
    password = *end == ':' ? end + 1 : NULL;
    if (password != NULL && *password == '\0')
        return "the password is empty";
    *end = '\0';
    wrong = add_account(options, &path, password);
    /* The domain ends where the address does. */
    return wrong != NULL ? wrong : take_domain(options, end - path.domain.length);
}

static const char *take_max_size(struct options *options, char *value)
{
    if (ehlo_parse_number(ehlo_text(value), 20, &options->config.max_message_size) !=
            EHLO_SYNTAX_OK ||
        options->config.max_message_size < 65536)
        return "not a number from 65536 on";
    return NULL;
}

/* The place of a word, in any case, in a list that ends with NULL; -1: not there. */
static int find_word(const char *const *words, const char *word)
{
    for (int i = 0; words[i] != NULL; i++)
        if (ehlo_same_text(ehlo_text(words[i]), ehlo_text(word)))
            return i;
    return -1;
}

static const char *take_bare_newline(struct options *options, char *value)
{
    static const char *const words[] = {"refuse", "normalise", "accept", NULL}; /* ehlo_bare_lf */
    int place = find_word(words, value);

    options->config.bare_lf = (uint8_t)place;
    return place < 0 ? "neither refuse, normalise nor accept" : NULL;
}

static const char *take_codes(struct options *options, char *value)
{
    static const char *const words[] = {"table", "registry", NULL}; /* enum ehlo_codes */
    int place = find_word(words, value);

    options->config.codes = (uint32_t)place;
    return place < 0 ? "neither table nor registry" : NULL;
}

static const char *take_disable(struct options *options, char *value)
{
    static const char *const words[] = {"vrfy", "expn", "help", NULL}; /* enum ehlo_switch */
    int place = find_word(words, value);

    if (place < 0)
        return "neither vrfy, expn nor help";
    options->config.disabled_verbs |= 1u << place;
    return NULL;
}

static const struct row {
    const char *name, *argument; /* no argument: a switch */
    const char *help;
    const char *(*take)(struct options *, char *value);
    size_t
        member; /* where there is no function: the bool of a switch or the uint32_t of a number */
} rows[] = {
    {"--listen", "ADDR:PORT", "127.0.0.1:2525 if not given; port 0 picks one; [::1]:2525 is IPv6",
     take_listen, 0},
    {"--hostname", "NAME", "our own name", take_hostname, 0},
    {"--maildir", "DIR", "holds a Maildir for each recipient; ./mail if not given", take_maildir,
     0},
    {"--domain", "NAME", "takes mail for this domain; repeatable; example.com if not given",
     take_domain, 0},
    {"--user", "ADDRESS[:PASSWORD]",
     "a mailbox, repeatable, and its domain; if not given, every address is one", take_user, 0},
    {"--max-size", "OCTETS", "of a message", take_max_size, 0},
    {"--max-recipients", "N", "of a message", NULL,
     offsetof(struct options, config.max_recipients)},
    {"--max-hops", "N", "Received fields in a message", NULL,
     offsetof(struct options, config.max_hops)},
    {"--max-per-ip", "N", "connections from one address at a time", NULL,
     offsetof(struct options, max_per_ip)},
    {"--timeout", "SECONDS", "for every wait", NULL, offsetof(struct options, timeout)},
    {"--bare-newline", "refuse|normalise|accept", "LF without CR in a message", take_bare_newline,
     0},
    {"--codes", "table|registry", "which set of reply codes", take_codes, 0},
    {"--disable", "VERB", "vrfy, expn or help; repeatable", take_disable, 0},
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
    static char address[] = "127.0.0.1", port[] = "2525";

    *options = (struct options){.address = address,
                                .port = port,
                                .maildir = "mail",
                                .config = {EHLO_SERVER_CONFIG_DEFAULTS}};
    options->config.hostname = options->hostname;
    if (gethostname(options->hostname, sizeof options->hostname - 1) != 0 ||
        !is_host(ehlo_text(options->hostname)))
        memcpy(options->hostname, "localhost", sizeof "localhost");
}

static const char *finish(struct options *options)
{
    static char example[] = "example.com";
    struct ehlo_server_config *config = &options->config;

    config->few_recipients = config->max_recipients > 0; /* somebody has asked for it */
    if (options->timeout > 0)
        config->command_timeout = config->content_timeout = config->decision_timeout =
            config->message_timeout = options->timeout;
    return options->domain_count == 0 ? take_domain(options, example) : NULL;
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
    for (size_t i = 0; i < options->account_count; i++)
        free(options->accounts[i].folder);
    free(options->accounts);
    free(options->domains);
}
