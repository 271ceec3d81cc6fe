/*
 * Plays a transcript: line by line, C lines in groups, and then the end of the session, whatever
 * the transcript left open.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

void ehlo__forget_events(struct ehlo__play *play)
{
    play->events.end = 0;
    play->events.lost = false;
}

void ehlo__end_group(struct ehlo__play *play)
{
    if (!play->in_group)
        return;
    play->in_group = false;
    ehlo__play_on(play);
}

/* The octets of a C line join those of the lines before it. */
static void send_octets(struct ehlo__play *play, struct ehlo_slice text)
{
    struct ehlo__octets in = ehlo__octets_of(text, false);
    int octet;

    if (!play->in_group)
        ehlo__forget_events(play);
    play->in_group = true;
    while ((octet = ehlo__next_octet(&in)) >= 0) {
        const char one = octet == EHLO__STAR ? '*' : (char)octet;

        if (!ehlo__tape_add(&play->input, &one, 1)) {
            ehlo__no_space(play, "the octets of a group of C lines");
            return;
        }
    }
    if (octet == EHLO__TEXT_BAD)
        ehlo__bad(play, "escapes", text);
}

static void send_line(struct ehlo__play *play, struct ehlo_slice text)
{
    send_octets(play, text);
    if (!ehlo__tape_add(&play->input, "\r\n", 2))
        ehlo__no_space(play, "the octets of a group of C lines");
}

/* V lines are read when their hook is called. */
static void note_verdict(struct ehlo__play *play, struct ehlo_slice text)
{
    struct ehlo_slice rest = text;
    uint64_t hook;

    if (!ehlo__word_number(ehlo__hook_words, ehlo__next_word(&rest), &hook) ||
        hook >= EHLO__HOOK_DONE)
        ehlo__bad(play, "a hook", text);
}

static void skip_line(struct ehlo__play *play, struct ehlo_slice text)
{
    (void)play;
    (void)text;
}

/* How a line is played. */
enum sign_flags {
    IN_GROUP = 1, /* it does not end a group of C lines */
    STARTS = 2    /* it starts the session */
};

struct sign {
    char sign[3];
    uint8_t flags;
    void (*play)(struct ehlo__play *, struct ehlo_slice text);
};

static const struct sign signs[] = {
    {"# ", IN_GROUP, skip_line},          {"! ", IN_GROUP, ehlo__play_mark},
    {"C:", IN_GROUP | STARTS, send_line}, {"C-", IN_GROUP | STARTS, send_octets},
    {"V:", IN_GROUP, note_verdict},       {"S:", STARTS, ehlo__expect_reply_line},
    {"S+", STARTS, ehlo__expect_reply},   {"S~", STARTS, ehlo__expect_silence},
    {"B:", STARTS, ehlo__expect_content}, {"B~", STARTS, ehlo__expect_no_content},
    {"E:", STARTS, ehlo__expect_event},   {"E~", STARTS, ehlo__expect_no_event},
};

static void play_line(struct ehlo__play *play, const struct ehlo__step *step)
{
    const struct sign *sign = signs;

    while (sign < signs + sizeof signs / sizeof *signs && memcmp(sign->sign, step->sign, 2) != 0)
        sign++;
    if (sign == signs + sizeof signs / sizeof *signs) {
        play->line = play->at.line;
        ehlo__bad(play, "C:, S:, V:, E:, B:, ! or #", step->text);
        return;
    }
    if ((sign->flags & IN_GROUP) == 0)
        ehlo__end_group(play);
    play->line = play->at.line;
    if ((sign->flags & STARTS) != 0) {
        ehlo__play_reconfigure(play);
        ehlo__play_start(play);
    }
    if (!play->over)
        sign->play(play, step->text);
}

/* Which hooks the transcript speaks of. */
static void find_named(struct ehlo__play *play)
{
    struct ehlo__place place = {0, 0};
    struct ehlo__step step;
    uint64_t hook;

    while (ehlo__next_step(play->script, &place, &step)) {
        if (step.sign[0] == 'B')
            play->named |= 1u << EHLO__HOOK_BODY;
        if ((step.sign[0] == 'V' || step.sign[0] == 'E') &&
            ehlo__word_number(ehlo__hook_words, ehlo__next_word(&step.text), &hook))
            play->named |= 1u << hook;
    }
}

/* What the transcript says and nobody asked for. */
static void find_unused(struct ehlo__play *play)
{
    unsigned hook;
    struct ehlo_slice text;

    for (hook = 0; hook < EHLO__HOOK_DONE && !play->over; hook++) {
        if (!ehlo__next_verdict(play, hook, &play->queue[hook], &text))
            continue;
        play->line = play->queue[hook].line;
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, ehlo_text("the hook to be asked"),
                   ehlo_text("(nothing)"));
    }
}

/* Over means over: nothing is said, asked or wanted any more, and old tokens are stale. */
static void check_closed(struct ehlo__play *play)
{
    size_t length;
    unsigned i;

    if (!play->closed)
        ehlo__broken(play, "on_close is called at the end", ehlo_text(""));
    if (ehlo_server_receive(play->server, "QUIT\r\n", 6) != 6)
        ehlo__broken(play, "CLOSE: ehlo_server_receive() takes everything", ehlo_text("QUIT"));
    for (i = 0; i < play->pending_count; i++) {
        if (ehlo_server_resume(play->server, play->pending[i].token, ehlo_accept()) !=
            EHLO_ERROR_TOKEN)
            ehlo__broken(play, "tokens are stale when the session is over", ehlo_text(""));
    }
    ehlo_server_output(play->server, &length);
    if (length != 0 || ehlo_server_wants(play->server) != EHLO_WANT_CLOSE)
        ehlo__broken(play, "CLOSE stays", ehlo_text(""));
}

static void finish(struct ehlo__play *play)
{
    ehlo__end_group(play);
    ehlo__play_reconfigure(play);
    if (play->server == NULL) {
        ehlo__bad(play, "a line that starts the session", ehlo_text("(nothing)"));
        return;
    }
    if (play->held && !play->over) {
        play->held = false;
        ehlo__play_on(play);
    }
    ehlo__expect_silence(play, ehlo_text(""));
    find_unused(play);
    /* also behind a fault: hooks of the host may have to give back what they took */
    ehlo_server_disconnected(play->server);
    ehlo__returned(play);
    check_closed(play);
}

/* Lays the player into the workspace; NULL: it does not fit. */
static struct ehlo__play *lay_out(char *workspace, size_t size)
{
    const size_t alignment = _Alignof(struct ehlo__play);
    const size_t slack = (alignment - (uintptr_t)workspace % alignment) % alignment;
    struct ehlo__play *play;

    if (size < slack + sizeof *play)
        return NULL;
    play = (void *)(workspace + slack);
    memset(play, 0, sizeof *play);
    play->room = (char *)(play + 1);
    play->room_left = size - slack - sizeof *play;
    return play;
}

static void give_result(struct ehlo_script_result *to, const struct ehlo_script_result *result)
{
    const size_t size = to->size < sizeof *result ? to->size : sizeof *result;

    memcpy(to, result, size);
    to->size = size;
}

static void play_all(struct ehlo__play *play)
{
    const struct ehlo_script_options *options = play->options;
    struct ehlo__step step;

    play->host = *options->config;
    play->config[0] = *options->config;
    /* a multiplication by an odd number: neighbouring seeds are far apart, and none is 0 */
    play->random = ((uint64_t)options->seed * 2 + 1) * UINT64_C(0x9e3779b97f4a7c15);
    play->result.hash = EHLO__HASH_START;
    play->settings =
        (struct ehlo__tape){.data = play->settings_room, .size = sizeof play->settings_room};
    play->tls = (struct ehlo_tls){EHLO_TLS_DEFAULTS, .version = ehlo_text("TLSv1.3"),
                                  .cipher = ehlo_text("TLS_AES_128_GCM_SHA256")};
    find_named(play);
    while (!play->over && ehlo__next_step(play->script, &play->at, &step))
        play_line(play, &step);
    finish(play);
}

enum ehlo_script_status ehlo_script_run(struct ehlo_slice transcript,
                                        const struct ehlo_script_options *options, void *workspace,
                                        size_t size, struct ehlo_script_result *result)
{
    struct ehlo_script_result none = {.size = sizeof none};
    struct ehlo__play *play = lay_out(workspace, size);

    none.status = EHLO_SCRIPT_NO_SPACE;
    none.expected = ehlo_text("the player");
    if (options->size != sizeof *options || options->config == NULL ||
        options->config->size != sizeof *options->config) {
        none.status = EHLO_SCRIPT_BAD;
        none.expected = ehlo_text("options with a configuration of this version");
        play = NULL;
    }
    if (play == NULL) {
        give_result(result, &none);
        return none.status;
    }
    play->script = transcript;
    play->options = options;
    play_all(play);
    play->result.size = sizeof play->result;
    give_result(result, &play->result);
    return play->result.status;
}
