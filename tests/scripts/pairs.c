/*
 * The extensions to switch (pairs.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 6

/* Where the transcript has one of the words, it is about this extension. */
struct extension {
    const char *name; /* as in `! config` */
    uint32_t bit;
    bool off; /* offered by default, so it is switched off */
    const char *words[WORDS];
};

static const struct extension extensions[] = {
    {"size", EHLO_EXTENSION_SIZE, true, {"SIZE", "size"}},
    {"8bitmime", EHLO_EXTENSION_8BITMIME, true, {"BODY", "8BIT", "UTF8", "utf8", "body"}},
    {"chunking",
     EHLO_EXTENSION_CHUNKING,
     true,
     {"BDAT", "bdat", "CHUNKING", ":chunk", "BINARY", "binary"}},
    {"pipelining", EHLO_EXTENSION_PIPELINING, true, {"PIPELINING", "pipelining", "mode lmtp"}},
    {"starttls", EHLO_EXTENSION_STARTTLS, false, {"TLS", "tls"}},
    {"auth", EHLO_EXTENSION_AUTH, false, {"AUTH", "auth", "mechanism", "submission"}},
    {"etrn", EHLO_EXTENSION_ETRN, false, {"ETRN", "etrn"}},
    {"xclient", EHLO_EXTENSION_XCLIENT, false, {"XCLIENT", "xclient"}},
    {"xforward", EHLO_EXTENSION_XFORWARD, false, {"XFORWARD", "xforward"}},
    {"binarymime",
     EHLO_EXTENSION_BINARYMIME,
     false,
     {"BINARY", "binary", "BODY", "body", "chunking"}},
    {"smtputf8", EHLO_EXTENSION_SMTPUTF8, false, {"UTF8", "utf8", "UTF-8", "ASCII", "8bitmime"}},
    {"dsn", EHLO_EXTENSION_DSN, false, {"RET=", "ENVID", "NOTIFY", "ORCPT", "DSN"}},
    {"requiretls", EHLO_EXTENSION_REQUIRETLS, false, {"REQUIRETLS", "requiretls"}},
    {"limits", EHLO_EXTENSION_LIMITS, false, {"LIMITS", "max_recipients", "max_transactions"}},
    {"deliverby", EHLO_EXTENSION_DELIVERBY, false, {"BY=", "DELIVERBY"}},
    {"mt_priority", EHLO_EXTENSION_MT_PRIORITY, false, {"PRIORITY"}},
    {"rrvs", EHLO_EXTENSION_RRVS, false, {"RRVS"}},
    {"prdr", EHLO_EXTENSION_PRDR, false, {"PRDR"}},
};

const unsigned pairs_count = sizeof extensions / sizeof *extensions;

/* ---- hooks that only have to be there ---- */

static struct ehlo_reply take_starttls(struct ehlo_server *server, void *user)
{
    (void)server, (void)user;
    return ehlo_accept();
}

static struct ehlo_reply take_auth(struct ehlo_server *server, const struct ehlo_auth *auth,
                                   void *user)
{
    (void)server, (void)auth, (void)user;
    return ehlo_reply(EHLO_REPLY_AUTH_INVALID);
}

static struct ehlo_reply take_etrn(struct ehlo_server *server, const struct ehlo_node *node,
                                   void *user)
{
    (void)server, (void)node, (void)user;
    return ehlo_accept();
}

static struct ehlo_reply take_attributes(struct ehlo_server *server,
                                         const struct ehlo_attributes *attributes, void *user)
{
    (void)server, (void)attributes, (void)user;
    return ehlo_accept();
}

static void set_hook(uint32_t bit, struct ehlo_server_config *config)
{
    if (bit == EHLO_EXTENSION_STARTTLS)
        config->on_starttls = take_starttls;
    if (bit == EHLO_EXTENSION_AUTH) {
        config->on_auth = take_auth;
        config->auth_in_clear = true;
    }
    if (bit == EHLO_EXTENSION_ETRN)
        config->on_etrn = take_etrn;
    if (bit == EHLO_EXTENSION_XCLIENT)
        config->on_xclient = take_attributes;
    if (bit == EHLO_EXTENSION_XFORWARD)
        config->on_xforward = take_attributes;
}

/* The lists of EHLO and HELP are about all extensions, and UTF-8 is about SMTPUTF8. */
static bool is_about(const struct extension *extension, const char *transcript)
{
    static const char *const lists[] = {"S: 250-PIPELINING", "S: 250-SIZE", "S: 250-8BITMIME",
                                        "S: 250 HELP", "Commands: HELO"};
    const bool utf8 = extension->bit == EHLO_EXTENSION_SMTPUTF8;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strstr(transcript, lists[i]) != NULL)
            return true;
    for (size_t i = 0; i < WORDS && extension->words[i] != NULL; i++)
        if (strstr(transcript, extension->words[i]) != NULL)
            return true;
    for (const char *at = transcript; utf8 && *at != '\0'; at++)
        if ((unsigned char)*at > 127 || (memcmp(at, "\\x", 2) == 0 && strchr("89abcdef", at[2])))
            return true;
    return false;
}

bool pairs_switch(unsigned number, const char *transcript, struct ehlo_server_config *config)
{
    const struct extension *extension = &extensions[number];

    if (is_about(extension, transcript))
        return false;
    if (extension->off)
        config->disabled_extensions |= extension->bit;
    else if (extension->bit & EHLO_EXTENSIONS_OPTIONAL)
        config->extensions |= extension->bit;
    else
        set_hook(extension->bit, config);
    return true;
}

/* Adds the name to the copy, where the line that ends here sets what it belongs to. */
static char *add_name(char *copy, const char *line, const struct extension *extension)
{
    static const char *const settings[] = {"! config extensions", "! config disabled_extensions"};
    const char *setting = settings[extension->off];

    if (strncmp(line, setting, strlen(setting)) != 0 ||
        ((extension->bit & EHLO_EXTENSIONS_OPTIONAL) == 0 && !extension->off))
        return copy;
    *copy++ = ' ';
    memcpy(copy, extension->name, strlen(extension->name));
    return copy + strlen(extension->name);
}

char *pairs_amend(const char *transcript, unsigned first, unsigned second)
{
    const size_t longest = strlen(transcript) * 3 + 64;
    char *copy = malloc(longest), *at = copy;
    const char *line = transcript;

    if (copy == NULL)
        abort();
    for (const char *from = transcript; *from != '\0'; from++) {
        if (*from == '\n') {
            at = add_name(at, line, &extensions[first]);
            if (second != first)
                at = add_name(at, line, &extensions[second]);
            line = from + 1;
        }
        *at++ = *from;
    }
    *at = '\0';
    return copy;
}
