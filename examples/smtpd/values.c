/*
 * The values of the options.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "values.h"

#include "address.h"
#include "auth.h"
#include "maildir.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cuts ADDR:PORT in two; an IPv6 address stands in brackets. */
static const char *split_endpoint(char *value, char **address, char **port)
{
    char *colon = strrchr(value, ':');
    size_t length;

    if (colon == NULL)
        return "ADDR:PORT is needed";
    *colon = '\0';
    *port = colon + 1;
    *address = value;
    length = strlen(value);
    if (*value == '[' && value[length - 1] == ']') {
        value[length - 1] = '\0';
        *address = value + 1;
    }
    if (**address == '\0')
        return "the address is missing";
    if (strchr(*address, ':') != NULL && *address == value)
        return "an IPv6 address needs brackets";
    if (strspn(*port, "0123456789") != strlen(*port) || **port == '\0' || strlen(*port) > 5 ||
        atoi(*port) > 65535)
        return "the port is not a number up to 65535";
    return NULL;
}

const char *value_listen(struct options *options, char *value)
{
    return split_endpoint(value, &options->address, &options->port);
}

const char *value_dns(struct options *options, char *value)
{
    char copy[INET6_ADDRSTRLEN + 16], text[INET6_ADDRSTRLEN], *address, *port;
    const char *wrong;

    if (strlen(value) >= sizeof copy)
        return "ADDR:PORT is needed";
    memcpy(copy, value, strlen(value) + 1);
    wrong = split_endpoint(copy, &address, &port);
    options->dns = value;
    return wrong == NULL && !address_rewrite(text, address) ? "that is no address" : wrong;
}

const char *value_policy(struct options *options, char *value)
{
    options->policy = value;
    return *value == '\0' ? "the file is missing" : NULL;
}

bool value_is_host(struct ehlo_slice name)
{
    struct ehlo_host host;

    return ehlo_parse_domain(name, 0, &host) == EHLO_SYNTAX_OK ||
           ehlo_parse_address_literal(name, &host) == EHLO_SYNTAX_OK;
}

const char *value_hostname(struct options *options, char *value)
{
    if (strlen(value) >= sizeof options->hostname || !value_is_host(ehlo_text(value)))
        return "neither a domain nor an address literal";
    memcpy(options->hostname, value, strlen(value) + 1);
    return NULL;
}

const char *value_maildir(struct options *options, char *value)
{
    options->maildir = value;
    return *value == '\0' ? "the directory is missing" : NULL;
}

const char *value_domain(struct options *options, char *value)
{
    struct ehlo_slice name = ehlo_text(value);
    struct ehlo_host host;
    const char **domains;

    if (ehlo_parse_domain(name, EHLO_SYNTAX_UTF8, &host) != EHLO_SYNTAX_OK &&
        ehlo_parse_address_literal(name, &host) != EHLO_SYNTAX_OK)
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

static const char *add_user(struct options *options, const char *address, const char *password)
{
    struct user *users = realloc(options->users, (options->user_count + 1) * sizeof *users);

    if (users == NULL)
        return "out of memory";
    options->users = users;
    users[options->user_count++] = (struct user){address, password};
    return NULL;
}

/* The address ends at the first ":" that leaves one: quoted local-parts and literals have them. */
const char *value_user(struct options *options, char *value)
{
    struct ehlo_path path;
    const char *wrong, *password;
    char *end = value + strcspn(value, ":");

    while (ehlo_parse_mailbox((struct ehlo_slice){value, (size_t)(end - value)}, EHLO_SYNTAX_UTF8,
                              &path) != EHLO_SYNTAX_OK) {
        if (*end == '\0')
            return "not an address";
        end += 1 + strcspn(end + 1, ":");
    }
    password = *end == ':' ? end + 1 : NULL;
    if (password != NULL && *password == '\0')
        return "the password is empty";
    *end = '\0';
    wrong = add_user(options, value, password);
    /* The domain ends where the address does. */
    return wrong != NULL ? wrong : value_domain(options, end - path.domain.length);
}

/* The token may have any octet that the command line can give, the name none that GS2 escapes. */
const char *value_token(struct options *options, char *value)
{
    char *end = strchr(value, ':');
    struct token *tokens;

    if (end == NULL || end == value || end[1] == '\0')
        return "NAME:TOKEN is needed";
    *end = '\0';
    if (strpbrk(value, ",=") != NULL || strlen(value) > 255)
        return "the name has a comma or an equals sign, or is too long";
    tokens = realloc(options->tokens, (options->token_count + 1) * sizeof *tokens);
    if (tokens == NULL)
        return "out of memory";
    options->tokens = tokens;
    tokens[options->token_count++] = (struct token){value, end + 1};
    return NULL;
}

const char *value_xclient(struct options *options, char *value)
{
    char text[INET6_ADDRSTRLEN], **trusted;

    if (!address_rewrite(text, value))
        return "not an IP address";
    trusted = realloc(options->trusted, (options->trusted_count + 1) * sizeof *trusted);
    if (trusted == NULL)
        return "out of memory";
    options->trusted = trusted;
    trusted[options->trusted_count] = strdup(text);
    if (trusted[options->trusted_count] == NULL)
        return "out of memory";
    options->trusted_count++;
    return NULL;
}

const char *value_tls_cert(struct options *options, char *value)
{
    options->certificate = value;
    return *value == '\0' ? "the file is missing" : NULL;
}

const char *value_tls_key(struct options *options, char *value)
{
    options->key = value;
    return *value == '\0' ? "the file is missing" : NULL;
}

const char *value_max_size(struct options *options, char *value)
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

const char *value_bare_newline(struct options *options, char *value)
{
    static const char *const words[] = {"refuse", "normalise", "accept", NULL}; /* ehlo_bare_lf */
    int place = find_word(words, value);

    options->config.bare_lf = (uint8_t)place;
    return place < 0 ? "neither refuse, normalise nor accept" : NULL;
}

const char *value_codes(struct options *options, char *value)
{
    static const char *const words[] = {"table", "registry", NULL}; /* enum ehlo_codes */
    int place = find_word(words, value);

    options->config.codes = (uint32_t)place;
    return place < 0 ? "neither table nor registry" : NULL;
}

const char *value_disable(struct options *options, char *value)
{
    static const char *const words[] = {"vrfy", "expn", "help", NULL}; /* enum ehlo_switch */
    int place = find_word(words, value), method = auth_find(value);

    if (place < 0 && method < 0)
        return "neither vrfy, expn, help nor a mechanism of AUTH";
    if (place >= 0)
        options->config.disabled_verbs |= 1u << place;
    else
        options->disabled_methods |= 1u << method;
    return NULL;
}
