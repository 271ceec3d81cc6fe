/*
 * Verdicts: V lines are a queue for each hook, which is the transcript itself, read from behind the
 * last line used.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

/* Finds the next V line of a hook before the line that is played next; *place moves behind it. */
bool ehlo__next_verdict(const struct ehlo__play *play, enum ehlo__hook hook,
                        struct ehlo__place *place, struct ehlo_slice *text)
{
    struct ehlo__step step;

    while (place->offset < play->at.offset && ehlo__next_step(play->script, place, &step)) {
        struct ehlo_slice rest = step.text;

        if (memcmp(step.sign, "V:", 2) != 0 ||
            !ehlo__is_word(ehlo__next_word(&rest), ehlo__hook_words[hook].name))
            continue;
        *text = rest;
        return true;
    }
    return false;
}

/* The text lives until the call it is handed to has returned. */
static bool keep_text(struct ehlo__play *play, struct ehlo_slice text, struct ehlo_slice *kept)
{
    return ehlo__keep_text(play, &play->words, "the text of verdicts", text, kept);
}

/* custom CODE [ENHANCED | -] [PHRASE] */
static bool read_custom(struct ehlo__play *play, struct ehlo_slice text, struct ehlo_reply *reply)
{
    struct ehlo_slice code_word = ehlo__next_word(&text);
    struct ehlo_slice enhanced_word = ehlo__next_word(&text);
    struct ehlo_slice enhanced, phrase;
    uint64_t code;

    if (ehlo_parse_number(code_word, 3, &code) != EHLO_SYNTAX_OK)
        return false;
    if (ehlo__is_word(enhanced_word, "-"))
        enhanced_word.length = 0;
    if (!keep_text(play, enhanced_word, &enhanced) || !keep_text(play, text, &phrase))
        return false;
    *reply = ehlo_reply_custom((unsigned)code, enhanced.data, phrase.data);
    if (reply->code != 0 && phrase.length > 0)
        reply->phrase = phrase; /* a NUL in it is a matter of the library, too */
    return true;
}

/* NAME [about TEXT] */
static bool read_row(struct ehlo__play *play, struct ehlo_slice name, struct ehlo_slice text,
                     struct ehlo_reply *reply)
{
    const unsigned id = ehlo_reply_by_name(name);
    struct ehlo_slice subject;

    if (id == 0)
        return false;
    *reply = ehlo_reply(id);
    if (text.length == 0)
        return true;
    if (!ehlo__is_word(ehlo__next_word(&text), "about") || !keep_text(play, text, &subject))
        return false;
    *reply = ehlo_reply_about(id, subject);
    return true;
}

/* challenge [OCTETS] */
static bool read_challenge(struct ehlo__play *play, struct ehlo_slice text,
                           struct ehlo_reply *reply)
{
    struct ehlo_slice octets;

    if (!keep_text(play, text, &octets))
        return false;
    *reply = ehlo_challenge(octets.data, octets.length);
    return true;
}

static bool read_reply(struct ehlo__play *play, struct ehlo_slice text, struct ehlo_reply *reply)
{
    struct ehlo_slice word = ehlo__next_word(&text);

    if (ehlo__is_word(word, "custom"))
        return read_custom(play, text, reply);
    if (ehlo__is_word(word, "challenge"))
        return read_challenge(play, text, reply);
    if (ehlo__is_word(word, "accept"))
        *reply = ehlo_accept();
    else if (ehlo__is_word(word, "pending"))
        *reply = ehlo_pending();
    else if (ehlo__is_word(word, "zero"))
        memset(reply, 0, sizeof *reply);
    else
        return read_row(play, word, text, reply);
    return text.length == 0;
}

bool ehlo__read_verdict(struct ehlo__play *play, struct ehlo_slice text, struct ehlo_reply *reply)
{
    const struct ehlo_slice line = text;
    struct ehlo_slice rest = text;
    const bool closing = ehlo__is_word(ehlo__next_word(&rest), "close");

    memset(reply, 0, sizeof *reply);
    if (!read_reply(play, closing ? rest : text, reply)) {
        ehlo__bad(play, "a verdict", line);
        return false;
    }
    if (closing)
        *reply = ehlo_reply_closing(*reply);
    return true;
}

/* identity NAME | - before a verdict: who the client is, at once. */
static void take_identity(struct ehlo__play *play, struct ehlo_slice *text)
{
    struct ehlo_slice rest = *text;
    struct ehlo_slice name, identity;
    int error;

    if (!ehlo__is_word(ehlo__next_word(&rest), "identity"))
        return;
    name = ehlo__next_word(&rest);
    if (ehlo__is_word(name, "-"))
        name.length = 0;
    if (!keep_text(play, name, &identity)) {
        ehlo__bad(play, "an identity", *text);
        return;
    }
    error = ehlo_server_identity(play->server, identity);
    if (error != EHLO_OK)
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, ehlo_text("no error"),
                   ehlo_text(ehlo_error_text(error)));
    *text = rest;
}

static void add_pending(struct ehlo__play *play, struct ehlo_slice later)
{
    const ehlo_token token = ehlo_server_token(play->server);
    struct ehlo__pending *pending = &play->pending[play->pending_count];

    if (token == 0)
        ehlo__broken(play, "a hook that may be pending has a token", ehlo_text("0"));
    if (play->pending_count == EHLO__PLAY_DECISIONS) {
        ehlo__no_space(play, "so many pending decisions");
        return;
    }
    play->pending_count++;
    *pending = (struct ehlo__pending){token, later, true};
}

/* A V line says what the hook does: pending, later VERDICT, resumed VERDICT, or VERDICT; before
 * each may stand an identity. */
static struct ehlo_reply follow_line(struct ehlo__play *play, struct ehlo_slice text)
{
    struct ehlo_slice rest, word;
    struct ehlo_reply verdict;

    take_identity(play, &text);
    rest = text;
    word = ehlo__next_word(&rest);
    if (ehlo__is_word(word, "later")) {
        add_pending(play, rest);
        return ehlo_pending();
    }
    if (!ehlo__is_word(word, "resumed")) {
        ehlo__read_verdict(play, text, &verdict);
        if (verdict.id == EHLO_REPLY_PENDING)
            add_pending(play, ehlo_text(NULL));
        return verdict;
    }
    if (ehlo__read_verdict(play, rest, &verdict) &&
        ehlo_server_resume(play->server, ehlo_server_token(play->server), verdict) != EHLO_OK)
        ehlo__broken(play, "ehlo_server_resume() takes the token of the running hook", text);
    return ehlo_pending();
}

static bool take_verdict(struct ehlo__play *play, enum ehlo__hook hook, struct ehlo_slice *text)
{
    return !play->over && ehlo__next_verdict(play, hook, &play->queue[hook], text);
}

bool ehlo__scripted(struct ehlo__play *play, enum ehlo__hook hook, bool host_hook,
                    struct ehlo_reply *verdict)
{
    const uint32_t line = play->line;
    struct ehlo_slice text;

    if (take_verdict(play, hook, &text)) {
        play->line = play->queue[hook].line;
        *verdict = follow_line(play, text);
        play->line = line;
        return true;
    }
    *verdict = ehlo_accept();
    return !host_hook || play->bare;
}

/* Codes and words of a V: on_reply line go onto the reply; `accept` leaves it alone. */
void ehlo__scripted_reply(struct ehlo__play *play, struct ehlo_reply *reply)
{
    struct ehlo_reply change;
    struct ehlo_slice text;

    if (!take_verdict(play, EHLO__HOOK_REPLY, &text))
        return;
    if (!ehlo__read_verdict(play, text, &change) || change.id == EHLO_REPLY_ACCEPT)
        return;
    reply->code = change.code;
    reply->enhanced = change.enhanced;
    reply->phrase = change.phrase;
    reply->subject = change.subject;
}

void ehlo__resume(struct ehlo__play *play, struct ehlo__pending *pending, struct ehlo_slice text)
{
    struct ehlo_reply verdict;
    int error;

    take_identity(play, &text);
    if (!ehlo__read_verdict(play, text, &verdict))
        return;
    pending->open = false;
    error = ehlo_server_resume(play->server, pending->token, verdict);
    if (error != EHLO_OK)
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, ehlo_text("a decision that is open"),
                   ehlo_text(ehlo_error_text(error)));
    ehlo__returned(play);
}
