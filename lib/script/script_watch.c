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

static void begin_content(struct ehlo__play *play)
{
    play->content_begun = true;
    play->content.start = play->content.end = 0;
    play->content.lost = false;
}

/* BDAT, or a verb of the host that does the same. */
static bool brings_chunk(const struct ehlo__play *play, struct ehlo_slice line)
{
    const struct ehlo_verb *row = play->config[play->current].verbs;
    struct ehlo_command command;

    ehlo_parse_command(line, EHLO_ODDITIES_ALL, &command);
    if (ehlo_same_text(command.verb, ehlo_text("BDAT")))
        return true;
    for (; row != NULL && row->verb != NULL; row++) {
        if ((row->flags & EHLO_VERB_CHUNK) != 0 &&
            ehlo_same_text(command.verb, ehlo_text(row->verb)))
            return true;
    }
    return false;
}

/* Whether content may come from now on: behind 354, and behind the first chunk. */
static bool lets_content_begin(const struct ehlo__play *play, const struct ehlo_trace *trace)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    if (trace->reason == EHLO_TRACE_REPLY)
        return trace->text.length > 3 && memcmp(trace->text.data, "354", 3) == 0;
    if (trace->reason != EHLO_TRACE_COMMAND || play->content_begun)
        return false;
    ehlo_server_info(play->server, &info);
    return (info.flags & EHLO_INFO_TRANSACTION) != 0 && brings_chunk(play, trace->text);
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
    if (lets_content_begin(play, trace))
        begin_content(play);
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
