/*
 * What happens to a message: it gets its trace fields (RFC 5321 4.4) and the envelope's, and goes
 * into the Maildirs.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "ehlo/received.h"
#include "policy/recipient.h"
#include "trace.h"
#include "visit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct ehlo_reply store_trouble(const struct visit *visit)
{
    bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

    trace_note(visit->number, "cannot store the message: %s", strerror(errno));
    return ehlo_reply(is_full ? EHLO_REPLY_INSUFFICIENT_STORAGE : EHLO_REPLY_LOCAL_ERROR);
}

static uint32_t received_flags(const struct ehlo_server_info *info)
{
    bool is_lmtp = info->mode == EHLO_MODE_LMTP;

    return ((info->flags & EHLO_INFO_EXTENDED) != 0 && !is_lmtp ? EHLO_RECEIVED_ESMTP : 0) |
           (is_lmtp ? EHLO_RECEIVED_LMTP : 0) |
           ((info->flags & EHLO_INFO_TLS) != 0 ? EHLO_RECEIVED_TLS : 0) |
           ((info->flags & EHLO_INFO_AUTHENTICATED) != 0 ? EHLO_RECEIVED_AUTH : 0) |
           ((info->flags & EHLO_INFO_UTF8) != 0 ? EHLO_RECEIVED_UTF8 : 0);
}

/* The Received field. Returns its octets; more than `size`: it is not there. */
static size_t write_received(const struct visit *visit, const struct ehlo_server_info *info,
                             char *buffer, size_t size)
{
    struct ehlo_received received = {EHLO_RECEIVED_DEFAULTS};
    char date[64], priority[8] = "";
    time_t now = time(NULL);
    struct tm local;

    if (localtime_r(&now, &local) == NULL)
        return size + 1;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S %z", &local);
    if (visit->priority != 0)
        snprintf(priority, sizeof priority, "%d", (int)visit->priority);
    received.helo = visit_helo(visit);
    received.peer_name = visit->peer.name;
    received.peer_address = visit->peer.address;
    received.by = ehlo_text(visit->options->hostname);
    received.id = ehlo_text(visit->delivery.name);
    if (visit->recipients->next == NULL) /* only if there is just one (RFC 5321 7.6) */
        received.for_path = visit->recipients->path.mailbox;
    received.date = ehlo_text(date);
    received.priority = ehlo_text(priority);
    received.flags = received_flags(info);
    if (info->tls != NULL)
        received.tls = info->tls->cipher;
    return ehlo_format_received(buffer, size, &received);
}

/* What all copies begin with. */
static bool write_head(struct visit *visit, const struct ehlo_server_info *info)
{
    struct ehlo_slice sender = {visit->sender, visit->sender_length};
    struct ehlo_slice envelope = {visit->envelope.data, visit->envelope.length};
    char fields[4096];
    size_t path = ehlo_format_return_path(fields, sizeof fields, sender), length;

    if (path > sizeof fields)
        return false;
    length = write_received(visit, info, fields + path, sizeof fields - path);
    return length <= sizeof fields - path &&
           delivery_write(&visit->delivery, (struct ehlo_slice){fields, path + length}) &&
           delivery_write(&visit->delivery, envelope) && delivery_end_head(&visit->delivery);
}

/* The recipients, whose order is known now. */
static bool add_recipients(struct visit *visit)
{
    size_t number = 0;

    delivery_reset(&visit->delivery);
    for (const struct recipient *one = visit->recipients; one != NULL; one = one->next, number++)
        for (size_t i = 0; i < one->mailbox_count; i++)
            if (!delivery_add(&visit->delivery, number, one->mailboxes[i].folder, &one->fields))
                return false;
    return true;
}

static struct ehlo_reply on_data(struct ehlo_server *s, void *user)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    struct visit *visit = user;

    errno = 0;
    if (!add_recipients(visit))
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    ehlo_server_info(s, &info);
    visit->delivery.each =
        info.mode == EHLO_MODE_LMTP || (visit->wants_each && info.recipients > 1);
    if (!delivery_open(&visit->delivery, visit->options->hostname) || !write_head(visit, &info))
        return store_trouble(visit);
    return ehlo_accept();
}

static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice part, void *user)
{
    struct visit *visit = user;

    (void)s;
    return delivery_write(&visit->delivery, part) ? ehlo_accept() : store_trouble(visit);
}

struct ehlo_reply store_message(struct visit *visit, const struct ehlo_message *message)
{
    bool stored = message->each ? delivery_commit_one(&visit->delivery, message->number)
                                : delivery_commit(&visit->delivery);

    return stored ? ehlo_accept() : store_trouble(visit);
}

void store_set_hooks(struct ehlo_server_config *config)
{
    config->on_data = on_data;
    config->on_body = on_body;
}
