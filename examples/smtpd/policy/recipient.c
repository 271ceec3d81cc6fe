/*
 * Recipients, and lists of them.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "recipient.h"

#include <stdlib.h>
#include <string.h>

/* The same place in the copy. */
static struct ehlo_slice moved(struct ehlo_slice slice, const char *from, const char *to)
{
    if (slice.length > 0)
        slice.data = to + (slice.data - from);
    return slice;
}

size_t recipient_write_plain(const struct ehlo_path *path, char *buffer)
{
    size_t length = ehlo_unquote_local_part(path->local, buffer, path->local.length);
    size_t rest = path->mailbox.length - path->local.length; /* with the "@" */

    if (rest > 0)
        memcpy(buffer + length, path->mailbox.data + path->local.length, rest);
    return length + rest;
}

/* The local-part alone is <postmaster>. */
static char *make_plain(const struct ehlo_path *path, const char *home)
{
    char *plain = malloc(path->mailbox.length + strlen(home) + 2);
    size_t length;

    if (plain == NULL)
        return NULL;
    length = recipient_write_plain(path, plain);
    plain[length] = '\0';
    if (path->domain.length == 0)
        strcat(strcat(plain, "@"), home);
    return plain;
}

struct recipient *recipient_new(const struct ehlo_rcpt *rcpt, const char *home)
{
    struct ehlo_slice whole = rcpt->path.whole, parameters = rcpt->parameters;
    struct recipient *recipient = calloc(1, sizeof *recipient);
    char *octets = malloc(whole.length + parameters.length + 1);
    char *plain = make_plain(&rcpt->path, home);

    if (recipient == NULL || octets == NULL || plain == NULL) {
        free(recipient);
        free(octets);
        free(plain);
        return NULL;
    }
    memcpy(octets, whole.data, whole.length);
    if (parameters.length > 0)
        memcpy(octets + whole.length, parameters.data, parameters.length);
    recipient->octets = octets;
    recipient->plain = plain;
    recipient->number = rcpt->number;
    recipient->path = rcpt->path;
    recipient->path.whole = moved(whole, whole.data, octets);
    recipient->path.mailbox = moved(rcpt->path.mailbox, whole.data, octets);
    recipient->path.local = moved(rcpt->path.local, whole.data, octets);
    recipient->path.domain = moved(rcpt->path.domain, whole.data, octets);
    recipient->parameters = (struct ehlo_slice){octets + whole.length, parameters.length};
    return recipient;
}

void recipient_free(struct recipient *recipient)
{
    if (recipient == NULL)
        return;
    for (size_t i = 0; i < recipient->mailbox_count; i++)
        free(recipient->mailboxes[i].folder);
    free(recipient->mailboxes);
    free(recipient->stops);
    text_free(&recipient->fields);
    free(recipient->octets);
    free(recipient->plain);
    free(recipient);
}

void recipient_insert(struct recipient **list, struct recipient *recipient)
{
    while (*list != NULL && (*list)->number < recipient->number)
        list = &(*list)->next;
    recipient->next = *list;
    *list = recipient;
}

void recipient_free_all(struct recipient **list)
{
    while (*list != NULL) {
        struct recipient *first = *list;

        *list = first->next;
        recipient_free(first);
    }
}
