/*
 * The configuration of a server session: its checks, and the memory it asks for. Members with a
 * range or a set of bits are rows of tables; what members demand of each other is a table of rules.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"

#include "server/rows.h"
#include "server/session.h"

#include <string.h>

/* A member with a range. 0 means the default wherever `low` is above it. */
struct limited {
    const char *name;
    uint16_t offset;
    uint8_t size;
    uint32_t low, high;
};

#define LIMITED(name, low, high)                                                                   \
    {                                                                                              \
#name, offsetof(struct ehlo_server_config, name),                                          \
            sizeof(((struct ehlo_server_config *)0)->name), low, high                              \
    }

/* The lower bounds are those of RFC 5321 4.5.3.1 (.4 line, .6 line of content, .8 recipients) and
 * RFC 4954 9, the upper ones of seconds those of RFC 2852 4 and RFC 4865 3. */
static const struct limited limited_members[] = {
    LIMITED(codes, 0, EHLO_CODES_REGISTRY),
    LIMITED(mode, 0, EHLO_MODE_LMTP),
    LIMITED(early, 0, EHLO_EARLY_NOTE),
    LIMITED(pipelining, 0, EHLO_PIPELINING_IGNORE),
    LIMITED(bare_lf, 0, EHLO_BARE_LF_ACCEPT),
    LIMITED(bare_cr, 0, EHLO_BARE_CR_ACCEPT),
    LIMITED(nul, 0, EHLO_NUL_ACCEPT),
    LIMITED(eight_bit, 0, EHLO_8BIT_REFUSE),
    LIMITED(source_route, 0, EHLO_ROUTE_REFUSE),
    LIMITED(line_size, 512, 65535),
    LIMITED(output_size, 1024, 65535),
    LIMITED(decisions, 1, 64),
    LIMITED(max_recipients, 100, UINT32_MAX),
    LIMITED(max_content_line, 1000, UINT32_MAX),
    LIMITED(max_auth_failures, 3, UINT32_MAX),
    LIMITED(max_recipient_domains, 0, 1000),
    LIMITED(port, 0, 65535),
    LIMITED(min_by_time, 0, 999999999),
    LIMITED(max_hold_for, 0, 999999999),
};

/* A set of bits. */
#define SET(name, bits)                                                                            \
    {                                                                                              \
#name, offsetof(struct ehlo_server_config, name), sizeof(uint32_t), 0, bits                \
    }

static const struct limited sets[] = {
    SET(disabled_extensions, EHLO_EXTENSIONS_ALL),
    SET(extensions, EHLO_EXTENSIONS_OPTIONAL),
    SET(disabled_verbs, EHLO_SWITCHES_ALL),
    SET(strict, EHLO_ODDITIES_ALL),
    SET(lenient, EHLO_ODDITIES_ALL),
};

static uint32_t value_of(const struct ehlo_server_config *config, const struct limited *limited)
{
    const char *at = (const char *)config + limited->offset;
    uint32_t value = (uint8_t)*at;

    if (limited->size == sizeof value)
        memcpy(&value, at, sizeof value);
    return value;
}

static const char *out_of_range(const struct ehlo_server_config *config)
{
    for (size_t i = 0; i < sizeof limited_members / sizeof *limited_members; i++) {
        const bool few =
            config->few_recipients &&
            limited_members[i].offset == offsetof(struct ehlo_server_config, max_recipients);
        const uint32_t value = value_of(config, &limited_members[i]);

        if (value > limited_members[i].high ||
            (value != 0 && value < limited_members[i].low && !few))
            return limited_members[i].name;
    }
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if ((value_of(config, &sets[i]) & ~sets[i].high) != 0)
            return sets[i].name;
    return NULL;
}

/* ---- what no range can tell; each function names a fault ---- */

/* RFC 5321 4.5.3.1.7 */
static bool small_messages(const struct ehlo_server_config *config)
{
    return config->max_message_size != 0 && config->max_message_size < 65536;
}

/* on_mail has to look at what is declared (RFC 1870 7). */
static bool unlimited_unseen(const struct ehlo_server_config *config)
{
    return config->max_message_size == EHLO_UNLIMITED && config->on_mail == NULL;
}

/* RFC 3030 3, RFC 6531 3.1 (8), RFC 4865 4.2 (2) */
static bool lonely_extension(const struct ehlo_server_config *config)
{
    return (ehlo__may_offer(config, EHLO_EXTENSION_BINARYMIME) &&
            !ehlo__may_offer(config, EHLO_EXTENSION_CHUNKING)) ||
           (ehlo__may_offer(config, EHLO_EXTENSION_SMTPUTF8) &&
            !ehlo__may_offer(config, EHLO_EXTENSION_8BITMIME)) ||
           (ehlo__may_offer(config, EHLO_EXTENSION_FUTURERELEASE) &&
            config->mode != EHLO_MODE_SUBMISSION);
}

/* RFC 2033 5 */
static bool poor_lmtp(const struct ehlo_server_config *config)
{
    return config->mode == EHLO_MODE_LMTP &&
           (!ehlo__may_offer(config, EHLO_EXTENSION_PIPELINING) ||
            !ehlo__may_offer(config, EHLO_EXTENSION_ENHANCEDSTATUSCODES));
}

static bool lmtp_at_25(const struct ehlo_server_config *config)
{
    return config->mode == EHLO_MODE_LMTP && config->port == 25;
}

/* RFC 6409 7 has no 521. */
static bool null_submission(const struct ehlo_server_config *config)
{
    return config->mode == EHLO_MODE_SUBMISSION && config->null_service;
}

static bool endless_hold(const struct ehlo_server_config *config)
{
    return config->max_hold_for == 0 && ehlo__may_offer(config, EHLO_EXTENSION_FUTURERELEASE);
}

/* RFC 4865 3: a date-time of UTC */
static bool bad_hold_until(const struct ehlo_server_config *config)
{
    int64_t seconds;

    if (config->max_hold_until == NULL)
        return ehlo__may_offer(config, EHLO_EXTENSION_FUTURERELEASE);
    return ehlo_parse_date_time(ehlo_text(config->max_hold_until), EHLO_DATE_UTC | EHLO_DATE_WHOLE,
                                &seconds) != EHLO_SYNTAX_OK;
}

/* What LIMITS tells has six digits at most (RFC 9422 3). */
static bool untold_recipients(const struct ehlo_server_config *config)
{
    return config->max_recipients > 999999 && ehlo__may_offer(config, EHLO_EXTENSION_LIMITS);
}

static bool untold_transactions(const struct ehlo_server_config *config)
{
    return config->max_transactions > 999999 && ehlo__may_offer(config, EHLO_EXTENSION_LIMITS);
}

static bool bad_profile(const struct ehlo_server_config *config)
{
    return config->priority_profile != NULL &&
           !ehlo__is_profile(ehlo_text(config->priority_profile));
}

static bool idle_mechanisms(const struct ehlo_server_config *config)
{
    return ehlo__has_mechanisms(config) && config->on_sasl == NULL;
}

static bool idle_verbs(const struct ehlo_server_config *config)
{
    return config->verbs != NULL && config->verbs[0].verb != NULL && config->on_command == NULL;
}

/* The whole reply to EHLO stands in the output at once, beside the last words. */
static bool cramped(const struct ehlo_server_config *config)
{
    struct ehlo_reply reply = ehlo_reply(EHLO_REPLY_EHLO_OK);
    size_t length = EHLO__LAST_WORDS + ehlo__keywords_max(config);

    ehlo_reply_resolve(&reply, config->codes);
    length += 4 + strlen(config->hostname) + 1 + reply.phrase.length + 2;
    return length > ehlo__limit(config->output_size, EHLO_DEFAULT_OUTPUT_SIZE);
}

static const struct rule {
    const char *member;
    bool (*broken)(const struct ehlo_server_config *);
} rules[] = {
    {"max_message_size", small_messages},
    {"on_mail", unlimited_unseen},
    {"extensions", lonely_extension},
    {"disabled_extensions", poor_lmtp},
    {"port", lmtp_at_25},
    {"null_service", null_submission},
    {"max_hold_for", endless_hold},
    {"max_hold_until", bad_hold_until},
    {"max_recipients", untold_recipients},
    {"max_transactions", untold_transactions},
    {"priority_profile", bad_profile},
    {"on_sasl", idle_mechanisms},
    {"on_command", idle_verbs},
};

/* The greeting starts with a domain or an address literal (RFC 5321 4.3.1). */
static bool good_hostname(const char *hostname)
{
    struct ehlo_host host;
    struct ehlo_slice text = ehlo_text(hostname);

    if (text.length == 0)
        return false;
    if (ehlo_parse_domain(text, 0, &host) == EHLO_SYNTAX_OK)
        return true;
    return ehlo_parse_address_literal(text, &host) == EHLO_SYNTAX_OK &&
           host.kind != EHLO_HOST_GENERAL; /* only the tag IPv6 is registered (RFC 5321 4.1.3) */
}

static const char *bad_member(const struct ehlo_server_config *config)
{
    const char *bad;

    if (!good_hostname(config->hostname))
        return "hostname";
    if ((bad = out_of_range(config)) != NULL)
        return bad;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].broken(config))
            return rules[i].member;
    if ((bad = ehlo__bad_row(config)) != NULL)
        return bad;
    return cramped(config) ? "output_size" : NULL;
}

int ehlo_server_check(const struct ehlo_server_config *config, const char **what)
{
    const bool whole = config != NULL && config->size == sizeof *config;
    const char *bad = whole ? bad_member(config) : "size";

    if (what != NULL)
        *what = bad != NULL ? bad : ehlo__unregistered_row(config);
    return bad == NULL ? EHLO_OK : EHLO_ERROR_ARGUMENT;
}

/* Two areas: the core, then the buffers, so that an idle session could give its buffers back. */
size_t ehlo_server_size(const struct ehlo_server_config *config)
{
    if (ehlo_server_check(config, NULL) != EHLO_OK)
        return 0;
    return _Alignof(struct ehlo_server) - 1 + sizeof(struct ehlo_server) +
           ehlo__limit(config->decisions, EHLO_DEFAULT_DECISIONS) * sizeof(struct ehlo__slot) +
           config->max_recipient_domains * sizeof(uint64_t) +
           ehlo__limit(config->line_size, EHLO_DEFAULT_LINE_SIZE) +
           ehlo__limit(config->output_size, EHLO_DEFAULT_OUTPUT_SIZE);
}
