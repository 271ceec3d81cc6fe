/*
 * Octets to the session, in pieces as the run cuts them, and octets from it. Output is drained, and
 * decisions are resumed, only when nothing more is taken, so that cuts cannot change what happens.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

#define CHALLENGE_LINE_MAX 12288

/* Behind each call that may run hooks: the text of verdicts need not live any longer, and must not
 * be looked at (ehlo/ehlo.h). */
void ehlo__returned(struct ehlo__play *play)
{
    memset(play->words.data, '#', play->words.end);
    play->words.end = 0;
}

/* xorshift64; the low bits choose the size of piece to draw from, since small ones find most. */
static size_t random_piece(struct ehlo__play *play)
{
    uint64_t x = play->random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    play->random = x;
    return 1 + (size_t)(x >> 8) % ((size_t)1 << (x & 7));
}

static size_t next_piece(struct ehlo__play *play, size_t left)
{
    size_t piece = left;

    if (play->options->cut == EHLO_SCRIPT_CUT_OCTETS)
        piece = 1;
    else if (play->options->cut == EHLO_SCRIPT_CUT_RANDOM)
        piece = random_piece(play);
    return piece < left ? piece : left;
}

static bool is_early(const struct ehlo__play *play)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    return ehlo_server_info(play->server, &info) == EHLO_OK && info.state == EHLO_STATE_CONNECT;
}

/* What the session waits for. TLS is the next thing to happen, or else READ would hand octets that
 * came in clear to a session that takes them for the first ones under TLS (RFC 3207 4.2). */
static unsigned wants_of(struct ehlo__play *play)
{
    const unsigned wants = ehlo_server_wants(play->server);

    if ((wants & EHLO_WANT_TLS) != 0 && wants != EHLO_WANT_TLS)
        ehlo__broken(play, "TLS is wanted alone", ehlo_text(""));
    return wants;
}

static size_t offer(struct ehlo__play *play, const char *data, size_t length)
{
    const unsigned wants = wants_of(play);
    const bool must_take = (wants & EHLO_WANT_READ) != 0 && !is_early(play);
    const struct ehlo_script_options *options = play->options;
    const struct ehlo_slice piece = {data, length};
    const size_t taken = options->feed == NULL
                             ? ehlo_server_receive(play->server, data, length)
                             : options->feed(play->server, data, length, options->user);

    ehlo__returned(play);
    if (taken > length)
        ehlo__broken(play, "ehlo_server_receive() takes no more than it is given", piece);
    if (taken == 0 && must_take)
        ehlo__broken(play, "READ: ehlo_server_receive() takes an octet at least", piece);
    if (taken < length && (wants & EHLO_WANT_CLOSE) != 0)
        ehlo__broken(play, "CLOSE: ehlo_server_receive() takes everything", piece);
    return taken;
}

bool ehlo__feed(struct ehlo__play *play)
{
    struct ehlo__tape *input = &play->input;
    const size_t start = input->start;

    while (!play->over && input->start < input->end) {
        const size_t piece = next_piece(play, input->end - input->start);
        const size_t taken = offer(play, input->data + input->start, piece);

        if (taken == 0)
            break;
        input->start += taken;
    }
    return input->start != start;
}

static bool in_range(char c, char low, char high)
{
    return c >= low && c <= high;
}

static bool is_challenge(struct ehlo_slice line)
{
    return line.length > 3 && memcmp(line.data, "334", 3) == 0;
}

/* Octets of a reply line with CR LF (RFC 5321 4.5.3.1.5), of a challenge (RFC 4954 4). */
static size_t line_limit(struct ehlo_slice line)
{
    return is_challenge(line) ? CHALLENGE_LINE_MAX : EHLO_REPLY_LINE_MAX;
}

/* Printable ASCII; with UTF-8 only where it was asked for (RFC 6531 3.7.4.2). */
static bool is_clean_line(const struct ehlo__play *play, struct ehlo_slice text)
{
    size_t i;

    for (i = 0; i < text.length; i++) {
        const bool more = (unsigned char)text.data[i] > 127;

        if (more ? !play->utf8 : !in_range(text.data[i], ' ', '~'))
            return false;
    }
    return ehlo_is_utf8(text);
}

/* Reply-line (RFC 5321 4.2). All lines of a reply have the same code. */
static const char *line_fault(const struct ehlo__play *play, struct ehlo_slice line)
{
    const struct ehlo_slice text = {line.data, line.length - 2};

    if (line.length > line_limit(line))
        return is_challenge(line) ? "a challenge has 12288 octets at most"
                                  : "a reply line has 512 octets at most";
    if (line.length < 6 || !in_range(line.data[0], '2', '5') || !in_range(line.data[1], '0', '5') ||
        !in_range(line.data[2], '0', '9') || (line.data[3] != ' ' && line.data[3] != '-'))
        return "a reply line begins with a code and SP or a hyphen";
    if (!is_clean_line(play, text))
        return "a reply line is printable ASCII";
    if (play->more[0] != '\0' && memcmp(play->more, line.data, 3) != 0)
        return "all lines of a reply have one code";
    return NULL;
}

static void check_output(struct ehlo__play *play)
{
    struct ehlo__tape fresh = play->output;

    fresh.start = fresh.end - play->unchecked;
    while (fresh.start < fresh.end) {
        struct ehlo_slice line = ehlo__tape_line(&fresh);
        const bool whole = line.length >= 2 && memcmp(line.data + line.length - 2, "\r\n", 2) == 0;
        const char *fault;

        if (!whole && line.length <= line_limit(line))
            break;
        fault = line_fault(play, line);
        if (fault != NULL) {
            ehlo__broken(play, fault, line);
            return;
        }
        memcpy(play->more, line.data, 3);
        if (line.data[3] == ' ')
            play->more[0] = '\0';
        fresh.start += line.length;
        ehlo__event(play, EHLO__HOOK_COUNT, "says");
        line.length -= 2;
        ehlo__event_text(play, "", line);
        ehlo__event_end(play);
    }
    play->unchecked = fresh.end - fresh.start;
}

/* Takes output, `most` octets of it. */
bool ehlo__drain(struct ehlo__play *play, size_t most)
{
    size_t length;
    const char *data = ehlo_server_output(play->server, &length);

    if (length > most)
        length = most;
    if (length == 0)
        return false;
    if (!ehlo__tape_add(&play->output, data, length)) {
        ehlo__no_space(play, "the output");
        return false;
    }
    play->unchecked += length;
    check_output(play);
    if (ehlo_server_sent(play->server, length) != EHLO_OK)
        ehlo__broken(play, "ehlo_server_sent() takes what ehlo_server_output() told",
                     ehlo_text(""));
    ehlo__returned(play);
    return true;
}

/* Resumes one decision, the oldest first, or lets the host do so. */
static bool resume_later(struct ehlo__play *play)
{
    const struct ehlo_script_options *options = play->options;
    unsigned i;

    if ((ehlo_server_wants(play->server) & EHLO_WANT_DECISION) == 0)
        return false;
    for (i = 0; i < play->pending_count; i++) {
        struct ehlo__pending *pending = &play->pending[i];

        if (pending->open && pending->later.data != NULL) {
            ehlo__resume(play, pending, pending->later);
            return true;
        }
    }
    return options->idle != NULL && options->idle(play->server, options->user);
}

void ehlo__play_on(struct ehlo__play *play)
{
    bool moved = true;

    while (moved && !play->over) {
        moved = ehlo__feed(play);
        if (!play->held && !play->over)
            moved |= ehlo__drain(play, SIZE_MAX);
        if (!moved && !play->over)
            moved = resume_later(play);
    }
    if (play->over)
        return;
    ehlo__event(play, EHLO__HOOK_COUNT, "waits");
    ehlo__event_flags(play, "", ehlo__want_words, wants_of(play));
    ehlo__event_end(play);
}
