/*
 * The questions to a filter, as packets in a queue.
 *
 * SPDX-License-Identifier: MIT
 */
#include "milter_talk.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void message_free(struct milter_message *message)
{
    if (message == NULL)
        return;
    text_free(&message->header);
    free(message);
}

void milter_question_free(struct milter_question *q)
{
    text_free(&q->macros);
    text_free(&q->command);
    message_free(q->message);
    free(q);
}

/* NULL: out of memory. */
static struct milter_question *make(enum milter_step step, milter_answer *answer, void *owner)
{
    struct milter_question *q = calloc(1, sizeof *q);

    if (q != NULL)
        *q = (struct milter_question){.step = step, .answer = answer, .owner = owner};
    return q;
}

/* Takes the question over. False: it is not complete. */
static bool ask(struct milter *m, struct milter_question *q)
{
    if (q->macros.lost || q->command.lost) {
        milter_question_free(q);
        return false;
    }
    *m->last = q;
    m->last = &q->next;
    milter_wake(m);
    return true;
}

static void keep(char *to, size_t size, struct ehlo_slice text)
{
    size_t length = text.length < size ? text.length : size - 1;

    if (length > 0)
        memcpy(to, text.data, length);
    to[length] = '\0';
}

bool milter_connect(struct milter *m, const struct milter_peer *peer, milter_answer *answer,
                    void *owner)
{
    struct milter_question *q = make(MILTER_STEP_CONNECT, answer, owner);
    const char *address = peer->address != NULL ? peer->address : "";
    bool has_name = peer->name != NULL && *peer->name != '\0';
    char literal[INET6_ADDRSTRLEN + sizeof "[IPv6:]"], client[320];
    struct milter_peer named = {peer->hostname, has_name ? peer->name : literal, address,
                                peer->port};

    if (q == NULL)
        return false;
    snprintf(literal, sizeof literal, strchr(address, ':') != NULL ? "[IPv6:%s]" : "[%s]", address);
    snprintf(client, sizeof client, "%s%s%s", has_name ? peer->name : "", has_name ? " " : "",
             literal);
    milter_put_macros(&q->macros, 'C',
                      (const struct milter_macro[]){{"j", ehlo_text(peer->hostname)},
                                                    {"_", ehlo_text(client)},
                                                    {"{daemon_name}", ehlo_text("smtpd")},
                                                    {"v", ehlo_text("libehlo")}},
                      4);
    milter_put_peer(&q->command, &named);
    return ask(m, q);
}

void milter_tls(struct milter *m, struct ehlo_slice version, struct ehlo_slice cipher)
{
    keep(m->tls_version, sizeof m->tls_version, version);
    keep(m->cipher, sizeof m->cipher, cipher);
}

bool milter_helo(struct milter *m, struct ehlo_slice name, milter_answer *answer, void *owner)
{
    struct milter_question *q = make(MILTER_STEP_HELO, answer, owner);

    if (q == NULL)
        return false;
    milter_put_macros(&q->macros, 'H',
                      (const struct milter_macro[]){{"{tls_version}", ehlo_text(m->tls_version)},
                                                    {"{cipher}", ehlo_text(m->cipher)}},
                      2);
    milter_put_string(&q->command, 'H', name);
    return ask(m, q);
}

bool milter_auth(struct milter *m, const char *mechanism, struct ehlo_slice name,
                 milter_answer *answer, void *owner)
{
    struct milter_question *q = make(MILTER_STEP_AUTH, answer, owner);
    struct text command = {0};

    if (q == NULL)
        return false;
    keep(m->mechanism, sizeof m->mechanism, ehlo_text(mechanism));
    text_add(&command, "AUTH %s%s", mechanism, name.length > 0 ? " " : "");
    milter_append(&command, name.data, name.length);
    milter_put_string(&q->command, 'U', (struct ehlo_slice){command.data, command.length});
    q->command.lost = q->command.lost || command.lost;
    text_free(&command);
    return ask(m, q);
}

/* A path without its <>. */
static struct ehlo_slice inside(struct ehlo_slice path)
{
    if (path.length < 2 || path.data[0] != '<' || path.data[path.length - 1] != '>')
        return path;
    return (struct ehlo_slice){path.data + 1, path.length - 2};
}

bool milter_mail(struct milter *m, const struct milter_sender *sender, milter_answer *answer,
                 void *owner)
{
    struct milter_question *q = make(MILTER_STEP_MAIL, answer, owner);
    const char *mechanism = sender->identity.length > 0 ? m->mechanism : "";

    if (q == NULL)
        return false;
    milter_put_macros(&q->macros, 'M',
                      (const struct milter_macro[]){{"{mail_addr}", inside(sender->path)},
                                                    {"{auth_type}", ehlo_text(mechanism)},
                                                    {"{auth_authen}", sender->identity}},
                      3);
    milter_put_path(&q->command, 'M', sender->path, sender->parameters);
    return ask(m, q);
}

bool milter_rcpt(struct milter *m, struct ehlo_slice path, struct ehlo_slice parameters,
                 milter_answer *answer, void *owner)
{
    struct milter_question *q = make(MILTER_STEP_RCPT, answer, owner);

    if (q == NULL)
        return false;
    milter_put_macros(&q->macros, 'R', &(struct milter_macro){"{rcpt_addr}", inside(path)}, 1);
    milter_put_path(&q->command, 'R', path, parameters);
    return ask(m, q);
}

bool milter_end(struct milter *m, const struct content *content, const char *queue_id,
                milter_answer *answer, void *owner)
{
    struct milter_question *q = make(MILTER_STEP_DATA, answer, owner);

    if (q == NULL)
        return false;
    q->message = calloc(1, sizeof *q->message);
    if (q->message == NULL) {
        milter_question_free(q);
        return false;
    }
    q->message->content = *content;
    keep(q->message->queue_id, sizeof q->message->queue_id, ehlo_text(queue_id));
    milter_put_message_macros(q, 'T');
    milter_put(&q->command, 'T', (struct ehlo_slice){0});
    return ask(m, q);
}

/* Without memory, the next MAIL tells it. */
void milter_abort(struct milter *m)
{
    struct milter_question *q = make(MILTER_STEP_ABORT, NULL, NULL);

    if (q != NULL)
        ask(m, q);
}

void milter_drop(struct milter *m, void *owner)
{
    for (struct milter_question *q = m->first; q != NULL; q = q->next)
        if (q->owner == owner)
            q->answer = NULL;
}
