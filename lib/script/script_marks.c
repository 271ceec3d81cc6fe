/*
 * `!` lines: what is set up before the session starts, and what happens beside its octets.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

static void expect_no_error(struct ehlo__play *play, int error)
{
    ehlo__returned(play);
    if (error != EHLO_OK)
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, ehlo_text("no error"),
                   ehlo_text(ehlo_error_text(error)));
    ehlo__play_on(play);
}

static void mark_bare(struct ehlo__play *play, struct ehlo_slice text)
{
    if (play->server != NULL)
        ehlo__bad(play, "bare before the session starts", text);
    play->bare = true;
}

/* peer ADDRESS [NAME] */
static void mark_peer(struct ehlo__play *play, struct ehlo_slice text)
{
    if (play->server != NULL)
        ehlo__bad(play, "peer before the session starts", text);
    if (play->options->peer != NULL)
        play->peer = *play->options->peer;
    play->peer.size = sizeof play->peer;
    play->peer.address = ehlo__next_word(&text);
    play->peer.name = ehlo__next_word(&text);
}

static void mark_implicit_tls(struct ehlo__play *play, struct ehlo_slice text)
{
    if (play->server != NULL)
        ehlo__bad(play, "implicit_tls before the session starts", text);
    play->implicit_tls = true;
}

/* first, last: of the open ones; N: the Nth of the session. */
static struct ehlo__pending *find_pending(struct ehlo__play *play, struct ehlo_slice which)
{
    struct ehlo__pending *found = NULL;
    uint64_t number;
    unsigned i;

    if (ehlo_parse_number(which, 3, &number) == EHLO_SYNTAX_OK)
        return number >= 1 && number <= play->pending_count ? &play->pending[number - 1] : NULL;
    for (i = 0; i < play->pending_count; i++) {
        if (!play->pending[i].open)
            continue;
        found = &play->pending[i];
        if (ehlo__is_word(which, "first"))
            return found;
    }
    return ehlo__is_word(which, "last") ? found : NULL;
}

static void mark_resume(struct ehlo__play *play, struct ehlo_slice text)
{
    struct ehlo__pending *pending = find_pending(play, ehlo__next_word(&text));

    if (pending == NULL) {
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, ehlo_text("such a pending decision"),
                   ehlo_text("(nothing)"));
        return;
    }
    ehlo__resume(play, pending, text);
    ehlo__play_on(play);
}

static void mark_stale(struct ehlo__play *play, struct ehlo_slice text)
{
    struct ehlo__pending *pending = find_pending(play, ehlo__next_word(&text));
    struct ehlo_reply verdict;
    int error;

    if (pending == NULL) {
        ehlo__bad(play, "the number of a pending decision", text);
        return;
    }
    if (!ehlo__read_verdict(play, text, &verdict))
        return;
    error = ehlo_server_resume(play->server, pending->token, verdict);
    ehlo__returned(play);
    if (error != EHLO_ERROR_TOKEN)
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, ehlo_text("a stale token"),
                   ehlo_text(ehlo_error_text(error)));
    ehlo__play_on(play);
}

static void mark_timeout(struct ehlo__play *play, struct ehlo_slice text)
{
    (void)text;
    expect_no_error(play, ehlo_server_expire(play->server));
}

static void mark_eof(struct ehlo__play *play, struct ehlo_slice text)
{
    (void)text;
    expect_no_error(play, ehlo_server_eof(play->server));
}

static void mark_disconnected(struct ehlo__play *play, struct ehlo_slice text)
{
    (void)text;
    expect_no_error(play, ehlo_server_disconnected(play->server));
}

static void mark_shutdown(struct ehlo__play *play, struct ehlo_slice text)
{
    (void)text;
    expect_no_error(play, ehlo_server_shutdown(play->server));
}

static void mark_cut(struct ehlo__play *play, struct ehlo_slice text)
{
    if (!play->in_group)
        ehlo__bad(play, "C lines around a cut", text);
    else if (play->options->cut == EHLO_SCRIPT_CUT_WRITTEN)
        ehlo__feed(play);
}

static void mark_hold(struct ehlo__play *play, struct ehlo_slice text)
{
    (void)text;
    play->held = true;
}

static void mark_drain(struct ehlo__play *play, struct ehlo_slice text)
{
    (void)text;
    play->held = false;
    ehlo__play_on(play);
}

/* sent N: N octets of the held output are sent */
static void mark_sent(struct ehlo__play *play, struct ehlo_slice text)
{
    uint64_t number;
    size_t length;

    ehlo_server_output(play->server, &length);
    if (ehlo_parse_number(text, 8, &number) != EHLO_SYNTAX_OK || number > length) {
        ehlo__bad(play, "a number of octets that wait to be sent", text);
        return;
    }
    ehlo__drain(play, (size_t)number);
    ehlo__play_on(play);
}

/* tls [weak | failed] */
static void mark_tls(struct ehlo__play *play, struct ehlo_slice text)
{
    const bool failed = ehlo__is_word(text, "failed");

    play->tls.too_weak = ehlo__is_word(text, "weak");
    if (text.length > 0 && !failed && !play->tls.too_weak) {
        ehlo__bad(play, "tls, tls weak or tls failed", text);
        return;
    }
    expect_no_error(play, ehlo_server_tls_started(play->server, failed ? NULL : &play->tls));
}

/* How a mark is played. But for `cut`, the C lines before it are played first. */
enum mark_flags {
    EARLY = 1, /* before the session starts, too */
    ACTS = 2,  /* the events before it are forgotten */
    TAKES = 4  /* something may stand behind its name */
};

struct mark {
    const char *name;
    unsigned flags;
    void (*play)(struct ehlo__play *, struct ehlo_slice text);
};

static const struct mark marks[] = {
    {"config", EARLY | TAKES, ehlo__play_configure},
    {"bare", EARLY, mark_bare},
    {"peer", EARLY | TAKES, mark_peer},
    {"implicit_tls", EARLY, mark_implicit_tls},
    {"hold", EARLY, mark_hold},
    {"cut", 0, mark_cut},
    {"resume", ACTS | TAKES, mark_resume},
    {"stale", ACTS | TAKES, mark_stale},
    {"timeout", ACTS, mark_timeout},
    {"eof", ACTS, mark_eof},
    {"disconnected", ACTS, mark_disconnected},
    {"shutdown", ACTS, mark_shutdown},
    {"tls", ACTS | TAKES, mark_tls},
    {"sent", ACTS | TAKES, mark_sent},
    {"drain", ACTS, mark_drain},
    {"wants", TAKES, ehlo__look_wants},
    {"closed", 0, ehlo__look_closed},
    {"info", TAKES, ehlo__look_info},
};

void ehlo__play_mark(struct ehlo__play *play, struct ehlo_slice text)
{
    const struct ehlo_slice line = text;
    const struct ehlo_slice name = ehlo__next_word(&text);
    const struct mark *mark = marks;

    while (mark < marks + sizeof marks / sizeof *marks && !ehlo__is_word(name, mark->name))
        mark++;
    if (mark == marks + sizeof marks / sizeof *marks ||
        ((mark->flags & TAKES) == 0 && text.length > 0)) {
        ehlo__bad(play, "a mark", line);
        return;
    }
    if (mark->play != mark_cut)
        ehlo__end_group(play);
    if (mark->play != ehlo__play_configure)
        ehlo__play_reconfigure(play);
    if ((mark->flags & EARLY) == 0)
        ehlo__play_start(play);
    if ((mark->flags & ACTS) != 0)
        ehlo__forget_events(play);
    if (!play->over)
        mark->play(play, text);
}
