/*
 * The configuration of a server session: its checks, and the memory it asks for.
 *
 * SPDX-License-Identifier: MIT
 */
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

/* The lower bounds are those of RFC 5321 4.5.3.1 (.4 line, .6 line of content, .8 recipients). */
static const struct limited limited_members[] = {
    LIMITED(codes, 0, EHLO_CODES_REGISTRY),
    LIMITED(disabled_extensions, 0, EHLO_EXTENSIONS_ALL),
    LIMITED(disabled_verbs, 0, EHLO_SWITCHES_ALL),
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
    return NULL;
}

/* What no range can tell. */
static const char *bad_member(const struct ehlo_server_config *config)
{
    const uint64_t size = config->max_message_size;

    if ((config->strict & ~(uint32_t)EHLO_ODDITIES_ALL) != 0)
        return "strict";
    if ((config->lenient & ~(uint32_t)EHLO_ODDITIES_ALL) != 0)
        return "lenient";
    if (size != 0 && size < 65536) /* RFC 5321 4.5.3.1.7 */
        return "max_message_size";
    if (size == EHLO_UNLIMITED && config->on_mail == NULL)
        return "on_mail"; /* has to look at what is declared (RFC 1870 7) */
    return out_of_range(config);
}

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

int ehlo_server_check(const struct ehlo_server_config *config, const char **what)
{
    const char *bad;

    if (config == NULL || config->size != sizeof *config)
        bad = "size";
    else if (!good_hostname(config->hostname))
        bad = "hostname";
    else
        bad = bad_member(config);
    if (what != NULL)
        *what = bad;
    return bad == NULL ? EHLO_OK : EHLO_ERROR_ARGUMENT;
}

/* Two areas: the core, then the buffers, so that an idle session could give its buffers back. */
size_t ehlo_server_size(const struct ehlo_server_config *config)
{
    if (ehlo_server_check(config, NULL) != EHLO_OK)
        return 0;
    return _Alignof(struct ehlo_server) - 1 + sizeof(struct ehlo_server) +
           ehlo__limit(config->decisions, EHLO_DEFAULT_DECISIONS) * sizeof(struct ehlo__slot) +
           ehlo__limit(config->line_size, EHLO_DEFAULT_LINE_SIZE) +
           ehlo__limit(config->output_size, EHLO_DEFAULT_OUTPUT_SIZE);
}
