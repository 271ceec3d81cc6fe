/*
 * The hooks that decide nothing: on_done, on_trace and on_close. Every session of the kit has them,
 * since they tell whether the promises of ehlo/server.h are kept.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

static void done_hook(struct ehlo_server *server, const struct ehlo_done *done, void *user)
{
    struct ehlo__play *play = user;
    const bool watched = play->config[play->current].on_mail != NULL;

    ehlo__event(play, EHLO__HOOK_DONE, "on_done");
    ehlo__event_text(play, "", ehlo_text(ehlo__word_name(ehlo__outcome_words, done->outcome)));
    ehlo__event_text(play, "", ehlo_text(ehlo__word_name(ehlo__cause_words, done->cause)));
    ehlo__event_number(play, "recipients=", done->recipients);
    ehlo__event_number(play, "taken=", done->taken);
    if (play->body_unsure)
        play->quiet = EHLO__MUTED;
    ehlo__event_number(play, "octets=", done->octets);
    ehlo__event_end(play);
    if (watched && !play->in_transaction)
        ehlo__broken(play, "on_done is called once for each on_mail", ehlo_text("on_done again"));
    play->in_transaction = false;
    play->content_begun = false;
    play->body_unsure = false;
    if (play->host.on_done != NULL && !play->bare)
        play->host.on_done(server, done, play->options->user);
}

/* The number as the reason reads it. */
static void tell_number(struct ehlo__play *play, const struct ehlo_trace *trace)
{
    const char *reply = ehlo_reply_name((unsigned)trace->number);

    if (trace->reason == EHLO_TRACE_STATE)
        ehlo__event_text(play, "", ehlo_text(ehlo__word_name(ehlo__state_words, trace->number)));
    else if (trace->reason == EHLO_TRACE_CLOSED)
        ehlo__event_text(play, "", ehlo_text(ehlo__word_name(ehlo__cause_words, trace->number)));
    else if (trace->reason == EHLO_TRACE_ODDITY)
        ehlo__event_flags(play, "", ehlo__oddity_words, (uint32_t)trace->number);
    else if (trace->reason == EHLO_TRACE_REPLY && reply != NULL)
        ehlo__event_text(play, "", ehlo_text(reply));
    else
        ehlo__event_number(play, "", trace->number);
}

static void trace_hook(struct ehlo_server *server, const struct ehlo_trace *trace, void *user)
{
    struct ehlo__play *play = user;
    const bool about_time =
        trace->reason == EHLO_TRACE_EARLY_TALKER || trace->reason == EHLO_TRACE_PIPELINING;

    if (about_time)
        play->quiet = EHLO__EXEMPT;
    ehlo__event(play, about_time ? EHLO__HOOK_COUNT : EHLO__HOOK_TRACE, "trace");
    ehlo__event_text(play, "", ehlo_text(ehlo__word_name(ehlo__trace_words, trace->reason)));
    if (trace->reason == EHLO_TRACE_CONTENT && play->body_unsure)
        play->quiet = EHLO__MUTED;
    tell_number(play, trace);
    ehlo__event_text(play, "", trace->text);
    ehlo__event_end(play);
    if (trace->reason == EHLO_TRACE_REPLY && trace->text.length > 3 &&
        memcmp(trace->text.data, "354", 3) == 0) {
        play->content_begun = true;
        play->content.start = play->content.end = 0;
        play->content.lost = false;
    }
    if (play->host.on_trace != NULL && !play->bare)
        play->host.on_trace(server, trace, play->options->user);
}

static void close_hook(struct ehlo_server *server, enum ehlo_cause cause, void *user)
{
    struct ehlo__play *play = user;

    ehlo__event(play, EHLO__HOOK_CLOSE, "on_close");
    ehlo__event_text(play, "", ehlo_text(ehlo__word_name(ehlo__cause_words, cause)));
    ehlo__event_end(play);
    if (play->in_transaction)
        ehlo__broken(play, "on_done is called before on_close", ehlo_text("on_close"));
    play->closed = true;
    if (play->host.on_close != NULL && !play->bare)
        play->host.on_close(server, cause, play->options->user);
}

void ehlo__watch(struct ehlo_server_config *config)
{
    config->on_done = done_hook;
    config->on_trace = trace_hook;
    config->on_close = close_hook;
}
