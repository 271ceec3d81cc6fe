/*
 * The events of the hooks: what each was told, in words. Words that have nothing to say are left
 * out.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

static void begin_call(struct ehlo__play *play, enum ehlo__hook hook)
{
    ehlo__event(play, hook, ehlo__hook_words[hook].name);
}

static void tell_name(struct ehlo__play *play, const char *name, const struct ehlo__word *words,
                      uint32_t number)
{
    if (number != 0)
        ehlo__event_text(play, name, ehlo_text(ehlo__word_name(words, number)));
}

static void tell_signed(struct ehlo__play *play, const char *name, int64_t number)
{
    char text[21], digits[20];
    const uint64_t amount = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    const struct ehlo_slice decimal = ehlo__decimal(digits, amount);

    text[0] = '-';
    memcpy(text + 1, decimal.data, decimal.length);
    ehlo__event_text(play, name,
                     number < 0 ? (struct ehlo_slice){text, decimal.length + 1} : decimal);
}

void ehlo__tell_call(struct ehlo__play *play, enum ehlo__hook hook, struct ehlo_slice text)
{
    begin_call(play, hook);
    ehlo__event_text(play, "", text);
    ehlo__event_end(play);
}

void ehlo__tell_connect(struct ehlo__play *play, const struct ehlo_peer *peer)
{
    begin_call(play, EHLO__HOOK_CONNECT);
    if (peer != NULL) {
        ehlo__event_text(play, "", peer->address);
        ehlo__event_text(play, "", peer->name);
    }
    ehlo__event_end(play);
}

void ehlo__tell_helo(struct ehlo__play *play, const struct ehlo_helo *helo)
{
    begin_call(play, EHLO__HOOK_HELO);
    ehlo__event_text(play, "", helo->host.text);
    ehlo__event_text(play, "", ehlo_text(helo->extended ? "ehlo" : "helo"));
    ehlo__event_flags(play, "oddities=", ehlo__oddity_words, helo->host.oddities);
    ehlo__event_end(play);
}

void ehlo__tell_auth(struct ehlo__play *play, const struct ehlo_auth *auth)
{
    begin_call(play, EHLO__HOOK_AUTH);
    tell_name(play, "", ehlo__auth_words, auth->mechanism);
    ehlo__event_text(play, "authorization=", auth->authorization);
    ehlo__event_text(play, "authentication=", auth->authentication);
    ehlo__event_text(play, "password=", auth->password);
    ehlo__event_end(play);
}

void ehlo__tell_sasl(struct ehlo__play *play, const struct ehlo_sasl *sasl)
{
    begin_call(play, EHLO__HOOK_SASL);
    ehlo__event_text(play, "", ehlo_text(sasl->mechanism->name));
    ehlo__event_number(play, "step=", sasl->step);
    ehlo__event_text(play, "response=", sasl->response);
    ehlo__event_end(play);
}

static void tell_path(struct ehlo__play *play, const struct ehlo_path *path, uint32_t oddities)
{
    ehlo__event_text(play, "", path->whole);
    ehlo__event_text(play, "mailbox=", path->mailbox);
    ehlo__event_text(play, "local=", path->local);
    ehlo__event_text(play, "domain=", path->domain);
    ehlo__event_flags(play, "path=", ehlo__path_words, path->flags);
    ehlo__event_flags(play, "oddities=", ehlo__oddity_words, oddities);
}

static void tell_by(struct ehlo__play *play, const struct ehlo_by *by)
{
    if (by->mode == EHLO_BY_NONE)
        return;
    tell_signed(play, "by=", by->seconds);
    ehlo__event_octets(play, ehlo_text(by->mode == EHLO_BY_RETURN ? ";r" : ";n"));
    ehlo__event_octets(play, ehlo_text(by->trace ? ";t" : ""));
}

void ehlo__tell_mail(struct ehlo__play *play, const struct ehlo_mail *mail)
{
    begin_call(play, EHLO__HOOK_MAIL);
    tell_path(play, &mail->path, mail->oddities);
    ehlo__event_number(play, "size=", mail->declared_size);
    ehlo__event_text(play, "body=", ehlo_text(ehlo__word_name(ehlo__body_words, mail->body)));
    ehlo__event_flags(play, "flags=", ehlo__mail_words, mail->flags);
    tell_name(play, "ret=", ehlo__ret_words, mail->ret);
    ehlo__event_text(play, "envid=", mail->envid);
    ehlo__event_text(play, "auth=", mail->auth);
    tell_by(play, &mail->by);
    if (mail->hold_for != 0)
        ehlo__event_number(play, "hold_for=", mail->hold_for);
    if (mail->hold_until != 0)
        tell_signed(play, "hold_until=", mail->hold_until);
    if (mail->priority != 0)
        tell_signed(play, "priority=", mail->priority);
    ehlo__event_text(play, "parameters=", mail->parameters);
    ehlo__event_end(play);
}

static void tell_orcpt(struct ehlo__play *play, const struct ehlo_orcpt *orcpt)
{
    if (orcpt->form == EHLO_ORCPT_NONE)
        return;
    ehlo__event_text(play, "orcpt=", orcpt->type);
    ehlo__event_octets(play, ehlo_text(";"));
    ehlo__event_octets(play, orcpt->address);
}

/* The action only where the client named it. */
static void tell_rrvs(struct ehlo__play *play, const struct ehlo_rrvs *rrvs)
{
    if (rrvs->action == EHLO_RRVS_NONE)
        return;
    tell_signed(play, "rrvs=", rrvs->since);
    if (rrvs->given)
        ehlo__event_octets(play, ehlo_text(rrvs->action == EHLO_RRVS_CONTINUE ? ";c" : ";r"));
}

void ehlo__tell_rcpt(struct ehlo__play *play, const struct ehlo_rcpt *rcpt)
{
    begin_call(play, EHLO__HOOK_RCPT);
    tell_path(play, &rcpt->path, rcpt->oddities);
    ehlo__event_number(play, "number=", rcpt->number);
    ehlo__event_flags(play, "notify=", ehlo__notify_words, rcpt->notify);
    tell_orcpt(play, &rcpt->orcpt);
    tell_rrvs(play, &rcpt->rrvs);
    ehlo__event_text(play, "parameters=", rcpt->parameters);
    ehlo__event_end(play);
}

void ehlo__tell_message(struct ehlo__play *play, const struct ehlo_message *message)
{
    begin_call(play, EHLO__HOOK_MESSAGE);
    ehlo__event_number(play, "octets=", message->octets);
    ehlo__event_number(play, "recipients=", message->recipients);
    ehlo__event_number(play, "hops=", message->hops);
    if (message->each)
        ehlo__event_number(play, "number=", message->number);
    ehlo__event_end(play);
}

void ehlo__tell_query(struct ehlo__play *play, enum ehlo__hook hook, const struct ehlo_query *query)
{
    begin_call(play, hook);
    ehlo__event_text(play, "", query->text);
    ehlo__event_text(play, "", ehlo_text(query->utf8 ? "utf8" : ""));
    ehlo__event_end(play);
}

void ehlo__tell_etrn(struct ehlo__play *play, const struct ehlo_node *node)
{
    begin_call(play, EHLO__HOOK_ETRN);
    tell_name(play, "", ehlo__node_words, node->kind);
    ehlo__event_text(play, "", node->name);
    ehlo__event_end(play);
}

void ehlo__tell_attributes(struct ehlo__play *play, enum ehlo__hook hook,
                           const struct ehlo_attributes *attributes)
{
    begin_call(play, hook);
    ehlo__event_text(play, "name=", attributes->name);
    ehlo__event_text(play, "address=", attributes->address);
    ehlo__event_text(play, "port=", attributes->port);
    ehlo__event_text(play, "protocol=", attributes->protocol);
    ehlo__event_text(play, "helo=", attributes->helo);
    ehlo__event_text(play, "login=", attributes->login);
    ehlo__event_text(play, "destination_address=", attributes->destination_address);
    ehlo__event_text(play, "destination_port=", attributes->destination_port);
    ehlo__event_flags(play, "unavailable=", ehlo__attribute_words, attributes->unavailable);
    ehlo__event_flags(play, "temporary=", ehlo__attribute_words, attributes->temporary);
    ehlo__event_text(play, "identity=", attributes->identity);
    ehlo__event_text(play, "source=", attributes->source);
    ehlo__event_text(play, "", ehlo_text(attributes->first ? "first" : ""));
    ehlo__event_end(play);
}

void ehlo__tell_command(struct ehlo__play *play, const struct ehlo_command *command)
{
    begin_call(play, EHLO__HOOK_COMMAND);
    ehlo__event_text(play, "", command->verb);
    ehlo__event_text(play, "", command->argument);
    ehlo__event_flags(play, "oddities=", ehlo__oddity_words, command->oddities);
    ehlo__event_end(play);
}

void ehlo__tell_reply(struct ehlo__play *play, const struct ehlo_reply *reply)
{
    begin_call(play, EHLO__HOOK_REPLY);
    ehlo__event_number(play, "", reply->code);
    ehlo__event_number(play, "id=", reply->id);
    ehlo__event_end(play);
}
