/*
 * The configuration of a run: a copy of the host's, changed by `! config` lines, with the hooks of
 * the kit in place of the host's; and the start of the session.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"
#include "server/session.h"

#include <string.h>

enum member_kind {
    NUMBER, /* digits */
    CHOICE, /* a word, or digits, so that a bad one can be tried */
    SWITCH, /* on, off */
    FLAGS   /* words, or digits */
};

struct member {
    const char *name;
    size_t offset;
    uint8_t size;
    uint8_t kind; /* enum member_kind */
    const struct ehlo__word *words;
};

#define MEMBER(name, kind, words)                                                                  \
    {                                                                                              \
#name, offsetof(struct ehlo_server_config, name),                                          \
            sizeof(((struct ehlo_server_config *)0)->name), kind, words                            \
    }

static const struct member members[] = {
    MEMBER(codes, CHOICE, ehlo__codes_words),
    MEMBER(disabled_extensions, FLAGS, ehlo__extension_words),
    MEMBER(extensions, FLAGS, ehlo__optional_words),
    MEMBER(disabled_verbs, FLAGS, ehlo__switch_words),
    MEMBER(strict, FLAGS, ehlo__oddity_words),
    MEMBER(lenient, FLAGS, ehlo__oddity_words),
    MEMBER(helo_optional, SWITCH, ehlo__bool_words),
    MEMBER(single_helo, SWITCH, ehlo__bool_words),
    MEMBER(few_recipients, SWITCH, ehlo__bool_words),
    MEMBER(hide_forwarding, SWITCH, ehlo__bool_words),
    MEMBER(null_service, SWITCH, ehlo__bool_words),
    MEMBER(require_tls, SWITCH, ehlo__bool_words),
    MEMBER(require_auth, SWITCH, ehlo__bool_words),
    MEMBER(auth_in_clear, SWITCH, ehlo__bool_words),
    MEMBER(mode, CHOICE, ehlo__mode_words),
    MEMBER(early, CHOICE, ehlo__early_words),
    MEMBER(pipelining, CHOICE, ehlo__pipelining_words),
    MEMBER(bare_lf, CHOICE, ehlo__bare_lf_words),
    MEMBER(bare_cr, CHOICE, ehlo__bare_cr_words),
    MEMBER(nul, CHOICE, ehlo__nul_words),
    MEMBER(eight_bit, CHOICE, ehlo__8bit_words),
    MEMBER(source_route, CHOICE, ehlo__route_words),
    MEMBER(line_size, NUMBER, NULL),
    MEMBER(output_size, NUMBER, NULL),
    MEMBER(decisions, NUMBER, NULL),
    MEMBER(max_recipients, NUMBER, NULL),
    MEMBER(max_message_size, CHOICE, ehlo__size_words),
    MEMBER(max_hops, NUMBER, NULL),
    MEMBER(max_errors, NUMBER, NULL),
    MEMBER(max_junk, NUMBER, NULL),
    MEMBER(max_refused, NUMBER, NULL),
    MEMBER(max_transactions, NUMBER, NULL),
    MEMBER(max_parameters, NUMBER, NULL),
    MEMBER(max_auth_failures, NUMBER, NULL),
    MEMBER(max_recipient_domains, NUMBER, NULL),
    MEMBER(max_header_size, NUMBER, NULL),
    MEMBER(max_content_line, NUMBER, NULL),
    MEMBER(command_timeout, NUMBER, NULL),
    MEMBER(content_timeout, NUMBER, NULL),
    MEMBER(decision_timeout, NUMBER, NULL),
    MEMBER(message_timeout, NUMBER, NULL),
    MEMBER(port, NUMBER, NULL),
    MEMBER(min_by_time, NUMBER, NULL),
    MEMBER(max_hold_for, NUMBER, NULL),
};

static const struct member *find_member(struct ehlo_slice name)
{
    size_t i;

    for (i = 0; i < sizeof members / sizeof *members; i++) {
        if (ehlo__is_word(name, members[i].name))
            return &members[i];
    }
    return NULL;
}

/* The value of all its words; false: one of them says nothing. */
static bool read_value(const struct member *member, struct ehlo_slice text, uint64_t *value)
{
    uint64_t part;

    *value = 0;
    if (text.length == 0)
        return member->kind == FLAGS;
    while (text.length > 0) {
        struct ehlo_slice word = ehlo__next_word(&text);
        bool named = member->words != NULL && ehlo__word_number(member->words, word, &part);

        if (!named &&
            (member->kind == SWITCH || ehlo_parse_number(word, 20, &part) != EHLO_SYNTAX_OK))
            return false;
        if (text.length > 0 && member->kind != FLAGS)
            return false;
        *value |= part;
    }
    return true;
}

static bool write_value(char *to, size_t size, uint64_t value)
{
    const uint8_t octet = (uint8_t)value;
    const uint32_t word = (uint32_t)value;

    if (size == sizeof octet)
        memcpy(to, &octet, size);
    else if (size == sizeof word)
        memcpy(to, &word, size);
    else
        memcpy(to, &value, size);
    return size == sizeof value || value >> (8 * size) == 0;
}

/* Lines in a row change one configuration, which the session uses from the next step on. */
static unsigned next_config(struct ehlo__play *play)
{
    if (play->server != NULL && !play->reconfigured) {
        play->reconfigured = true;
        play->config[!play->current] = play->config[play->current];
    }
    return play->server == NULL ? play->current : !play->current;
}

void ehlo__play_configure(struct ehlo__play *play, struct ehlo_slice text)
{
    const struct ehlo_slice line = text;
    const struct member *member = find_member(ehlo__next_word(&text));
    struct ehlo_server_config *config = &play->config[next_config(play)];
    uint64_t value;

    if (ehlo__configure_pointer(play, config, line))
        return;
    if (member == NULL) {
        ehlo__bad(play, "a member of struct ehlo_server_config", line);
        return;
    }
    if (!read_value(member, text, &value) ||
        !write_value((char *)config + member->offset, member->size, value))
        ehlo__bad(play, "a value of this member", line);
}

static void *take_room(struct ehlo__play *play, size_t size)
{
    void *room = play->room;

    play->room += size;
    play->room_left -= size;
    return room;
}

static void share_tapes(struct ehlo__play *play)
{
    struct ehlo__tape *tapes[] = {&play->input, &play->output, &play->content, &play->events,
                                  &play->words};
    const size_t share = play->room_left / (sizeof tapes / sizeof *tapes);
    size_t i;

    for (i = 0; i < sizeof tapes / sizeof *tapes; i++) {
        tapes[i]->data = take_room(play, share);
        tapes[i]->size = share;
    }
}

void ehlo__play_start(struct ehlo__play *play)
{
    const struct ehlo_peer *peer = play->peer.size != 0 ? &play->peer : play->options->peer;
    struct ehlo_server_config *config = &play->config[0];
    const char *what;
    size_t size;

    if (play->server != NULL || play->over)
        return;
    ehlo__wrap_hooks(play, config); /* the checks look at them */
    size = ehlo_server_size(config);
    if (ehlo_server_check(config, &what) != EHLO_OK) {
        ehlo__bad(play, "a good configuration", ehlo_text(what));
        return;
    }
    if (size > play->room_left) {
        ehlo__no_space(play, "the session");
        return;
    }
    play->server = ehlo_server_init(take_room(play, size), size, config, play);
    share_tapes(play);
    if (play->implicit_tls && ehlo_server_tls_started(play->server, &play->tls) != EHLO_OK)
        ehlo__broken(play, "TLS may run before the session starts", ehlo_text(""));
    if (ehlo_server_start(play->server, peer) != EHLO_OK)
        ehlo__broken(play, "ehlo_server_start() starts a new session", ehlo_text(""));
    ehlo__returned(play);
    ehlo__play_on(play);
}

void ehlo__play_reconfigure(struct ehlo__play *play)
{
    if (!play->reconfigured || play->over)
        return;
    play->reconfigured = false;
    play->current = !play->current;
    if (ehlo_server_use(play->server, &play->config[play->current]) != EHLO_OK)
        ehlo__bad(play, "a configuration that ehlo_server_use() takes", ehlo_text(""));
}

/* A hook of the host may have called ehlo_server_use(): its new hooks are wrapped like the first
 * ones. */
void ehlo__play_follow(struct ehlo__play *play)
{
    const struct ehlo_server_config *used = play->server->config;

    if (used == &play->config[0] || used == &play->config[1])
        return;
    play->host = *used;
    play->current = !play->current;
    play->config[play->current] = *used;
    ehlo__wrap_hooks(play, &play->config[play->current]);
    ehlo_server_use(play->server, &play->config[play->current]);
}
