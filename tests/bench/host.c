/*
 * The smallest host there can be (host.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "host.h"

#include <stdlib.h>

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    (void)s, (void)rcpt, (void)user;
    return ehlo_accept();
}

static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice part, void *user)
{
    struct host *host = user;

    (void)s;
    host->octets += part.length;
    return ehlo_accept();
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *m, void *user)
{
    struct host *host = user;

    (void)s, (void)m;
    host->messages++;
    return ehlo_accept();
}

/* One session, one message go on for as long as the measurement does. */
static const struct ehlo_server_config config = {
    EHLO_SERVER_CONFIG_DEFAULTS,
    .hostname = "mx.example.org",
    .max_message_size = UINT64_C(1) << 40,
    .max_transactions = UINT32_MAX,
    .on_rcpt = on_rcpt,
    .on_body = on_body,
    .on_message = on_message,
};

static void take_output(struct host *host)
{
    size_t length;
    const char *output = ehlo_server_output(host->session, &length);

    if (length == 0)
        return;
    if (*output > '3')
        host->refusals++;
    ehlo_server_sent(host->session, length);
}

void host_connect(struct host *host)
{
    host->session = ehlo_server_init(host->memory, sizeof host->memory, &config, host);
    if (host->session == NULL)
        abort();
    ehlo_server_start(host->session, NULL);
    take_output(host);
}

void host_feed(struct host *host, struct ehlo_slice octets)
{
    size_t used = 0;

    while (used < octets.length) {
        used += ehlo_server_receive(host->session, octets.data + used, octets.length - used);
        take_output(host);
    }
}

void host_fill(char *text, size_t length, size_t width, struct ehlo_slice start)
{
    for (size_t i = 0; i < length; i++) {
        const size_t column = i % width;

        text[i] = (char)('a' + i % 26);
        if (column < start.length)
            text[i] = start.data[column];
        if (column == width - 2)
            text[i] = '\r';
        if (column == width - 1)
            text[i] = '\n';
    }
}
