/*
 * The hooks that a session of the kit has. Each tells its event, then answers as a V line says, or
 * else as the host's own hook does. They also watch the promises of ehlo/server.h about hooks.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

/* What a hook of the host answered. */
static struct ehlo_reply answered(struct ehlo__play *play, struct ehlo_reply verdict)
{
    ehlo__play_follow(play);
    return verdict;
}

static struct ehlo_reply connect_hook(struct ehlo_server *server, const struct ehlo_peer *peer,
                                      void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__event(play, EHLO__HOOK_CONNECT, "on_connect");
    if (peer != NULL) {
        ehlo__event_text(play, "", peer->address);
        ehlo__event_text(play, "", peer->name);
    }
    ehlo__event_end(play);
    if (ehlo__scripted(play, EHLO__HOOK_CONNECT, play->host.on_connect != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_connect(server, peer, play->options->user));
}

static struct ehlo_reply helo_hook(struct ehlo_server *server, const struct ehlo_helo *helo,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__event(play, EHLO__HOOK_HELO, "on_helo");
    ehlo__event_text(play, "", helo->host.text);
    ehlo__event_text(play, "", ehlo_text(helo->extended ? "ehlo" : "helo"));
    ehlo__event_flags(play, "oddities=", ehlo__oddity_words, helo->host.oddities);
    ehlo__event_end(play);
    if (ehlo__scripted(play, EHLO__HOOK_HELO, play->host.on_helo != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_helo(server, helo, play->options->user));
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

static struct ehlo_reply mail_hook(struct ehlo_server *server, const struct ehlo_mail *mail,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__event(play, EHLO__HOOK_MAIL, "on_mail");
    tell_path(play, &mail->path, mail->oddities);
    ehlo__event_number(play, "size=", mail->declared_size);
    ehlo__event_text(play, "body=", ehlo_text(ehlo__word_name(ehlo__body_words, mail->body)));
    ehlo__event_text(play, "parameters=", mail->parameters);
    ehlo__event_end(play);
    if (play->in_transaction)
        ehlo__broken(play, "on_done is called for each on_mail", ehlo_text("on_mail again"));
    play->in_transaction = true;
    if (ehlo__scripted(play, EHLO__HOOK_MAIL, play->host.on_mail != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_mail(server, mail, play->options->user));
}

static struct ehlo_reply rcpt_hook(struct ehlo_server *server, const struct ehlo_rcpt *rcpt,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__event(play, EHLO__HOOK_RCPT, "on_rcpt");
    tell_path(play, &rcpt->path, rcpt->oddities);
    ehlo__event_number(play, "number=", rcpt->number);
    ehlo__event_text(play, "parameters=", rcpt->parameters);
    ehlo__event_end(play);
    if (ehlo__scripted(play, EHLO__HOOK_RCPT, play->host.on_rcpt != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_rcpt(server, rcpt, play->options->user));
}

static struct ehlo_reply data_hook(struct ehlo_server *server, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__event(play, EHLO__HOOK_DATA, "on_data");
    ehlo__event_end(play);
    if (ehlo__scripted(play, EHLO__HOOK_DATA, play->host.on_data != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_data(server, play->options->user));
}

static struct ehlo_reply body_hook(struct ehlo_server *server, struct ehlo_slice slice, void *user)
{
    struct ehlo__play *play = user;
    const bool was_unsure = play->body_unsure;
    struct ehlo_reply verdict;

    if (!play->content_begun)
        ehlo__broken(play, "no content is handed on before 354", slice);
    if (slice.length == 0)
        ehlo__broken(play, "no empty slice of content is handed on", slice);
    if (!ehlo__tape_add(&play->content, slice.data, slice.length))
        play->content.lost = true;
    ehlo__event_body(play, slice);
    play->body_unsure = true; /* if it is resumed before the hook returns, too */
    if (!ehlo__scripted(play, EHLO__HOOK_BODY, play->host.on_body != NULL, &verdict))
        verdict = answered(play, play->host.on_body(server, slice, play->options->user));
    play->body_unsure =
        was_unsure || (verdict.id != EHLO_REPLY_ACCEPT && verdict.code != 250); /* all it may say */
    return verdict;
}

static struct ehlo_reply message_hook(struct ehlo_server *server,
                                      const struct ehlo_message *message, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__event(play, EHLO__HOOK_MESSAGE, "on_message");
    ehlo__event_number(play, "octets=", message->octets);
    ehlo__event_number(play, "recipients=", message->recipients);
    ehlo__event_number(play, "hops=", message->hops);
    ehlo__event_end(play);
    if (!play->content_begun)
        ehlo__broken(play, "no message is asked for before 354", ehlo_text(""));
    if (ehlo__scripted(play, EHLO__HOOK_MESSAGE, play->host.on_message != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_message(server, message, play->options->user));
}

static void text_event(struct ehlo__play *play, enum ehlo__hook hook, const char *name,
                       struct ehlo_slice text)
{
    ehlo__event(play, hook, name);
    ehlo__event_text(play, "", text);
    ehlo__event_end(play);
}

static struct ehlo_reply vrfy_hook(struct ehlo_server *server, struct ehlo_slice text, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    text_event(play, EHLO__HOOK_VRFY, "on_vrfy", text);
    if (ehlo__scripted(play, EHLO__HOOK_VRFY, play->host.on_vrfy != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_vrfy(server, text, play->options->user));
}

static struct ehlo_reply expn_hook(struct ehlo_server *server, struct ehlo_slice text, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    text_event(play, EHLO__HOOK_EXPN, "on_expn", text);
    if (ehlo__scripted(play, EHLO__HOOK_EXPN, play->host.on_expn != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_expn(server, text, play->options->user));
}

static struct ehlo_reply help_hook(struct ehlo_server *server, struct ehlo_slice text, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    text_event(play, EHLO__HOOK_HELP, "on_help", text);
    if (ehlo__scripted(play, EHLO__HOOK_HELP, play->host.on_help != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_help(server, text, play->options->user));
}

static struct ehlo_reply command_hook(struct ehlo_server *server,
                                      const struct ehlo_command *command, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__event(play, EHLO__HOOK_COMMAND, "on_command");
    ehlo__event_text(play, "", command->verb);
    ehlo__event_text(play, "", command->argument);
    ehlo__event_flags(play, "oddities=", ehlo__oddity_words, command->oddities);
    ehlo__event_end(play);
    if (ehlo__scripted(play, EHLO__HOOK_COMMAND, play->host.on_command != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_command(server, command, play->options->user));
}

static void reply_hook(struct ehlo_server *server, struct ehlo_reply *reply, void *user)
{
    struct ehlo__play *play = user;

    ehlo__event(play, EHLO__HOOK_REPLY, "on_reply");
    ehlo__event_number(play, "", reply->code);
    ehlo__event_number(play, "id=", reply->id);
    ehlo__event_end(play);
    if (play->host.on_reply != NULL && !play->bare)
        play->host.on_reply(server, reply, play->options->user);
    ehlo__scripted_reply(play, reply);
}

/* A hook is there if the host has it or a line speaks of it, so that what a missing one does can be
 * played too. */
void ehlo__wrap_hooks(struct ehlo__play *play, struct ehlo_server_config *config)
{
    const struct ehlo_server_config none = {0};
    const struct ehlo_server_config *host = play->bare ? &none : &play->host;
    const unsigned named = play->named;

#define THERE(name, hook) (host->on_##name != NULL || (named & 1u << EHLO__HOOK_##hook) != 0)
    config->on_connect = THERE(connect, CONNECT) ? connect_hook : NULL;
    config->on_helo = THERE(helo, HELO) ? helo_hook : NULL;
    config->on_mail = THERE(mail, MAIL) ? mail_hook : NULL;
    config->on_rcpt = THERE(rcpt, RCPT) ? rcpt_hook : NULL;
    config->on_data = THERE(data, DATA) ? data_hook : NULL;
    config->on_body = THERE(body, BODY) ? body_hook : NULL;
    config->on_message = THERE(message, MESSAGE) ? message_hook : NULL;
    config->on_vrfy = THERE(vrfy, VRFY) ? vrfy_hook : NULL;
    config->on_expn = THERE(expn, EXPN) ? expn_hook : NULL;
    config->on_help = THERE(help, HELP) ? help_hook : NULL;
    config->on_command = THERE(command, COMMAND) ? command_hook : NULL;
    config->on_reply = THERE(reply, REPLY) ? reply_hook : NULL;
#undef THERE
    ehlo__watch(config);
}
