/*
 * The lines relay, require and dnsbl, and those that name filters.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dns/dns.h"
#include "ehlo/reply.h"
#include "ehlo/syntax.h"
#include "filters/inquiry.h"
#include "reader.h"

#include <string.h>
#include <sys/socket.h>

#define BIT(number) (1u << (number))

/* Seconds that a filter may take, and at most. */
#define FILTER_WAIT     60
#define FILTER_WAIT_MAX 3600

/* The room doubles as in reader_append(). */
static void add_relay(struct reader *reader, const struct network *network)
{
    struct policy *policy = reader->policy;
    size_t count = policy->relay_count;

    if ((count & (count - 1)) == 0) {
        struct network *larger = reader_take(reader, (count == 0 ? 1 : count * 2) * sizeof *larger);

        if (larger == NULL)
            return;
        if (count > 0)
            memcpy(larger, policy->relay, count * sizeof *larger);
        policy->relay = larger;
    }
    policy->relay[policy->relay_count++] = *network;
}

void take_relay(struct reader *reader, struct said *said)
{
    static const char *const names[] = {"authenticated", "peer", NULL};
    int place = reader_choose(reader, names, UINT32_MAX, said->words[0]);
    struct network network;

    if (place < 0)
        return;
    if (said->count != (size_t)place + 1)
        reader_wrong(reader, "expected \"authenticated\" alone, or \"peer\" and a network");
    else if (place == 0)
        reader->policy->relay_authenticated = true;
    else if (reader_network(reader, said->words[1], &network))
        add_relay(reader, &network);
}

void take_require(struct reader *reader, struct said *said)
{
    /* In the order of enum required. */
    static const char *const names[] = {"reverse-dns", "sender-domain", "recipient-domain", "auth",
                                        "local-auth",  "submission",    "same-sender",      NULL};
    static const struct {
        uint32_t stages;
        enum stage stage;
        uint16_t reply;
        bool of_dns;
    } rows[] = {
        {BIT(AT_CONNECT) | BIT(AT_HELO) | BIT(AT_MAIL), AT_CONNECT,
         EHLO_REPLY_SENDER_IP_MUST_RESOLVE, true},
        {BIT(AT_MAIL), AT_MAIL, EHLO_REPLY_SENDER_DOMAIN_MUST_EXIST, true},
        {BIT(AT_RCPT), AT_RCPT, EHLO_REPLY_BAD_DOMAIN, true},
        {BIT(AT_MAIL), AT_MAIL, EHLO_REPLY_AUTH_REQUIRED, false},
        {BIT(AT_MAIL), AT_MAIL, EHLO_REPLY_ACCESS_NOT_ALLOWED, false},
        {BIT(AT_MAIL), AT_MAIL, EHLO_REPLY_SENDER_DENIED, false},
        {BIT(AT_MAIL), AT_MAIL, EHLO_REPLY_SENDER_DENIED, false},
    };
    int place = reader_choose(reader, names, UINT32_MAX, said->words[0]);
    struct requirement required;

    if (place < 0)
        return;
    required = (struct requirement){true, rows[place].stage, rows[place].reply, reader->line};
    if (reader->policy->required[place].on) {
        reader_wrong(reader, "expected once: %s is required above", names[place]);
        return;
    }
    if (!reader_stage(reader, said, rows[place].stages, &required.stage) ||
        !reader_reply(reader, said, required.stage, &required.reply))
        return;
    if (rows[place].of_dns && !dns_is_built())
        reader_off(reader, "c-ares");
    else
        reader->policy->required[place] = required;
}

/* RFC 5782 2.1: answers lie in 127.0.0.0/8; at its end lists tell their errors (127.255.255.254).
 */
#define LISTED "127.0.0.0/9"

static bool read_answer(struct reader *reader, const char *word, struct network *network)
{
    if (network_read(network, word == NULL ? LISTED : word) && network->family == AF_INET)
        return true;
    reader_wrong(reader, "expected an IPv4 network such as 127.0.0.2 behind \"answer\", not \"%s\"",
                 reader_shown(word == NULL ? "" : word).text);
    return false;
}

void take_dnsbl(struct reader *reader, struct said *said)
{
    static const char *const names[] = {"peer", "sender", NULL};
    int place = reader_choose(reader, names, UINT32_MAX, said->words[0]);
    struct dnsbl values = {.zone = said->words[1], .reply = EHLO_REPLY_SENDER_IN_DNSBL}, *dnsbl;
    struct ehlo_host host;

    if (place < 0)
        return;
    values.of_sender = place == 1;
    values.stage = values.of_sender ? AT_MAIL : AT_CONNECT;
    if (ehlo_parse_domain(ehlo_text(values.zone), EHLO_ODDITY_UNDERSCORE, &host) !=
        EHLO_SYNTAX_OK) {
        reader_wrong(reader, "expected a zone such as dnsbl.example, not \"%s\"",
                     reader_shown(values.zone).text);
        return;
    }
    if (!read_answer(reader, said->ending[ANSWER], &values.answer) ||
        !reader_stage(reader, said, BIT(AT_MAIL) | BIT(values.stage), &values.stage) ||
        !reader_reply(reader, said, values.stage, &values.reply))
        return;
    if (!dns_is_built()) {
        reader_off(reader, "c-ares");
        return;
    }
    dnsbl = reader_take(reader, sizeof *dnsbl);
    if (dnsbl == NULL)
        return;
    *dnsbl = values;
    dnsbl->line = reader->line;
    *reader->dnsbl_end = dnsbl;
    reader->dnsbl_end = &dnsbl->next;
}

/* Whether somebody can be there, as far as the text tells. */
static bool check_where(struct reader *reader, const struct filter *filter)
{
    if (filter->kind == FILTER_PROGRAM && filter->where[strspn(filter->where, " \t")] != '\0')
        return true;
    if (filter->kind != FILTER_PROGRAM && stream_is_address(filter->where))
        return true;
    reader_wrong(reader, "expected %s, not \"%s\"",
                 filter->kind == FILTER_PROGRAM
                     ? "a command such as \"/usr/local/bin/judge --strict\""
                     : "a socket such as /run/clamav/clamd.ctl or 127.0.0.1:783",
                 reader_shown(filter->where).text);
    return false;
}

void take_filter(struct reader *reader, struct said *said)
{
    struct filter values = {.kind = (enum filter_kind)said->detail,
                            .where = said->words[0],
                            .wait = FILTER_WAIT,
                            .line = reader->line},
                  *filter;

    if (!check_where(reader, &values) || !reader_reply(reader, said, AT_MESSAGE, &values.reply) ||
        (said->ending[WAIT] != NULL &&
         !reader_number(reader, said->ending[WAIT], FILTER_WAIT_MAX, &values.wait)))
        return;
    filter = reader_take(reader, sizeof *filter);
    if (filter == NULL)
        return;
    *filter = values;
    *reader->filter_end = filter;
    reader->filter_end = &filter->next;
}
