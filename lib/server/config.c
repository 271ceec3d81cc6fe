/*
 * The configuration of a server session: its checks, and the memory it asks for.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

/* Each member with a range; 0 always means the default. */
struct range {
    const char *name;
    uint32_t value, low, high;
};

static const char *first_out_of_range(const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].value < ranges[i].low || ranges[i].value > ranges[i].high)
            return ranges[i].name;
    return NULL;
}

static const char *bad_choice(const struct ehlo_server_config *config)
{
    const struct range ranges[] = {
        {"codes", config->codes, 0, EHLO_CODES_REGISTRY},
        {"disabled_extensions", config->disabled_extensions, 0, EHLO_EXTENSIONS_ALL},
        {"disabled_verbs", config->disabled_verbs, 0, EHLO_SWITCHES_ALL},
        {"early", config->early, 0, EHLO_EARLY_NOTE},
        {"pipelining", config->pipelining, 0, EHLO_PIPELINING_IGNORE},
        {"bare_lf", config->bare_lf, 0, EHLO_BARE_LF_ACCEPT},
        {"bare_cr", config->bare_cr, 0, EHLO_BARE_CR_ACCEPT},
        {"nul", config->nul, 0, EHLO_NUL_ACCEPT},
        {"eight_bit", config->eight_bit, 0, EHLO_8BIT_REFUSE},
        {"source_route", config->source_route, 0, EHLO_ROUTE_REFUSE},
        {"strict", config->strict & ~(uint32_t)EHLO_ODDITIES_ALL, 0, 0},
        {"lenient", config->lenient & ~(uint32_t)EHLO_ODDITIES_ALL, 0, 0},
    };
    return first_out_of_range(ranges, sizeof ranges / sizeof *ranges);
}

/* The lower bounds are RFC 5321 4.5.3.1 (.4 line, .6 line of content, .7 content, .8 recipients).
 */
static const char *bad_limit(const struct ehlo_server_config *config)
{
    const uint32_t any = UINT32_MAX;
    const struct range ranges[] = {
        {"line_size", ehlo__limit(config->line_size, 512), 512, 65535},
        {"output_size", ehlo__limit(config->output_size, 1024), 1024, 65535},
        {"decisions", ehlo__limit(config->decisions, 1), 1, 64},
        {"max_recipients", ehlo__limit(config->max_recipients, 100),
         config->few_recipients ? 1 : 100, any},
        {"max_content_line", ehlo__limit(config->max_content_line, 1000), 1000, any},
    };
    if (config->max_message_size != 0 && config->max_message_size < 65536)
        return "max_message_size";
    if (config->max_message_size == EHLO_UNLIMITED && config->on_mail == NULL)
        return "on_mail"; /* who offers SIZE without a limit looks at what is declared (RFC 1870 7)
                           */
    return first_out_of_range(ranges, sizeof ranges / sizeof *ranges);
}

/* The greeting starts with a domain or an address literal (RFC 5321 4.3.1), and must fit in 421s.
 */
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
    else if ((bad = bad_choice(config)) == NULL)
        bad = bad_limit(config);
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
