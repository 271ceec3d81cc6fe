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

    ehlo__tell_connect(play, peer);
    if (ehlo__scripted(play, EHLO__HOOK_CONNECT, play->host.on_connect != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_connect(server, peer, play->options->user));
}

static struct ehlo_reply helo_hook(struct ehlo_server *server, const struct ehlo_helo *helo,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_helo(play, helo);
    if (ehlo__scripted(play, EHLO__HOOK_HELO, play->host.on_helo != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_helo(server, helo, play->options->user));
}

static struct ehlo_reply starttls_hook(struct ehlo_server *server, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_call(play, EHLO__HOOK_STARTTLS, ehlo_text(""));
    if (ehlo__scripted(play, EHLO__HOOK_STARTTLS, play->host.on_starttls != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_starttls(server, play->options->user));
}

static struct ehlo_reply auth_hook(struct ehlo_server *server, const struct ehlo_auth *auth,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_auth(play, auth);
    if (ehlo__scripted(play, EHLO__HOOK_AUTH, play->host.on_auth != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_auth(server, auth, play->options->user));
}

static struct ehlo_reply sasl_hook(struct ehlo_server *server, const struct ehlo_sasl *sasl,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_sasl(play, sasl);
    if (ehlo__scripted(play, EHLO__HOOK_SASL, play->host.on_sasl != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_sasl(server, sasl, play->options->user));
}

static struct ehlo_reply mail_hook(struct ehlo_server *server, const struct ehlo_mail *mail,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_mail(play, mail);
    if (play->in_transaction)
        ehlo__broken(play, "on_done is called for each on_mail", ehlo_text("on_mail again"));
    play->in_transaction = true;
    play->utf8 |= (mail->flags & EHLO_MAIL_UTF8) != 0;
    if (ehlo__scripted(play, EHLO__HOOK_MAIL, play->host.on_mail != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_mail(server, mail, play->options->user));
}

static struct ehlo_reply rcpt_hook(struct ehlo_server *server, const struct ehlo_rcpt *rcpt,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_rcpt(play, rcpt);
    if (ehlo__scripted(play, EHLO__HOOK_RCPT, play->host.on_rcpt != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_rcpt(server, rcpt, play->options->user));
}

static struct ehlo_reply data_hook(struct ehlo_server *server, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_call(play, EHLO__HOOK_DATA, ehlo_text(""));
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
        ehlo__broken(play, "no content is handed on before 354 or a chunk", slice);
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

    ehlo__tell_message(play, message);
    if (!play->content_begun)
        ehlo__broken(play, "no message is asked for before 354 or a chunk", ehlo_text(""));
    if (ehlo__scripted(play, EHLO__HOOK_MESSAGE, play->host.on_message != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_message(server, message, play->options->user));
}

static struct ehlo_reply vrfy_hook(struct ehlo_server *server, const struct ehlo_query *query,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_query(play, EHLO__HOOK_VRFY, query);
    play->utf8 |= query->utf8;
    if (ehlo__scripted(play, EHLO__HOOK_VRFY, play->host.on_vrfy != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_vrfy(server, query, play->options->user));
}

static struct ehlo_reply expn_hook(struct ehlo_server *server, const struct ehlo_query *query,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_query(play, EHLO__HOOK_EXPN, query);
    play->utf8 |= query->utf8;
    if (ehlo__scripted(play, EHLO__HOOK_EXPN, play->host.on_expn != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_expn(server, query, play->options->user));
}

static struct ehlo_reply help_hook(struct ehlo_server *server, struct ehlo_slice text, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_call(play, EHLO__HOOK_HELP, text);
    if (ehlo__scripted(play, EHLO__HOOK_HELP, play->host.on_help != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_help(server, text, play->options->user));
}

static struct ehlo_reply etrn_hook(struct ehlo_server *server, const struct ehlo_node *node,
                                   void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_etrn(play, node);
    if (ehlo__scripted(play, EHLO__HOOK_ETRN, play->host.on_etrn != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_etrn(server, node, play->options->user));
}

static struct ehlo_reply xclient_hook(struct ehlo_server *server,
                                      const struct ehlo_attributes *attributes, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_attributes(play, EHLO__HOOK_XCLIENT, attributes);
    if (ehlo__scripted(play, EHLO__HOOK_XCLIENT, play->host.on_xclient != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_xclient(server, attributes, play->options->user));
}

static struct ehlo_reply xforward_hook(struct ehlo_server *server,
                                       const struct ehlo_attributes *attributes, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_attributes(play, EHLO__HOOK_XFORWARD, attributes);
    if (ehlo__scripted(play, EHLO__HOOK_XFORWARD, play->host.on_xforward != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_xforward(server, attributes, play->options->user));
}

static struct ehlo_reply command_hook(struct ehlo_server *server,
                                      const struct ehlo_command *command, void *user)
{
    struct ehlo__play *play = user;
    struct ehlo_reply verdict;

    ehlo__tell_command(play, command);
    if (ehlo__scripted(play, EHLO__HOOK_COMMAND, play->host.on_command != NULL, &verdict))
        return verdict;
    return answered(play, play->host.on_command(server, command, play->options->user));
}

static void reply_hook(struct ehlo_server *server, struct ehlo_reply *reply, void *user)
{
    struct ehlo__play *play = user;

    ehlo__tell_reply(play, reply);
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
    config->on_starttls = THERE(starttls, STARTTLS) ? starttls_hook : NULL;
    config->on_auth = THERE(auth, AUTH) ? auth_hook : NULL;
    config->on_sasl = THERE(sasl, SASL) ? sasl_hook : NULL;
    config->on_mail = THERE(mail, MAIL) ? mail_hook : NULL;
    config->on_rcpt = THERE(rcpt, RCPT) ? rcpt_hook : NULL;
    config->on_data = THERE(data, DATA) ? data_hook : NULL;
    config->on_body = THERE(body, BODY) ? body_hook : NULL;
    config->on_message = THERE(message, MESSAGE) ? message_hook : NULL;
    config->on_vrfy = THERE(vrfy, VRFY) ? vrfy_hook : NULL;
    config->on_expn = THERE(expn, EXPN) ? expn_hook : NULL;
    config->on_help = THERE(help, HELP) ? help_hook : NULL;
    config->on_etrn = THERE(etrn, ETRN) ? etrn_hook : NULL;
    config->on_xclient = THERE(xclient, XCLIENT) ? xclient_hook : NULL;
    config->on_xforward = THERE(xforward, XFORWARD) ? xforward_hook : NULL;
    config->on_command = THERE(command, COMMAND) ? command_hook : NULL;
    config->on_reply = THERE(reply, REPLY) ? reply_hook : NULL;
#undef THERE
    ehlo__watch(config);
}
