/*
 * What a run keeps: tapes of octets, and the events, which are hashed as they are written and kept
 * as lines of text for E lines.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

bool ehlo__tape_add(struct ehlo__tape *tape, const char *data, size_t length)
{
    if (length > tape->size - tape->end && tape->start > 0) {
        memmove(tape->data, tape->data + tape->start, tape->end - tape->start);
        tape->end -= tape->start;
        tape->start = 0;
    }
    if (length > tape->size - tape->end) {
        tape->lost = true;
        return false;
    }
    if (length > 0)
        memcpy(tape->data + tape->end, data, length);
    tape->end += length;
    return true;
}

struct ehlo_slice ehlo__tape_line(const struct ehlo__tape *tape)
{
    struct ehlo_slice line = {tape->data + tape->start, tape->end - tape->start};
    const char *at = line.data;
    const char *end = at + line.length;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (at > line.data && at[-1] == '\r') {
            line.length = (size_t)(at + 1 - line.data);
            return line;
        }
        at++;
    }
    return line;
}

bool ehlo__keep_text(struct ehlo__play *play, struct ehlo__tape *tape, const char *what,
                     struct ehlo_slice text, struct ehlo_slice *kept)
{
    struct ehlo__octets in = ehlo__octets_of(text, false);
    const size_t start = tape->end;
    int octet;

    do {
        char one;

        octet = ehlo__next_octet(&in);
        if (octet == EHLO__TEXT_BAD)
            return false;
        one = octet == EHLO__STAR ? '*' : octet == EHLO__TEXT_END ? '\0' : (char)octet;
        if (!ehlo__tape_add(tape, &one, 1)) {
            ehlo__no_space(play, what);
            return false;
        }
    } while (octet != EHLO__TEXT_END);
    *kept = (struct ehlo_slice){tape->data + start, tape->end - start - 1};
    return true;
}

static void hash_octets(uint64_t *hash, const char *data, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        *hash = (*hash ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
}

static void write_event(struct ehlo__play *play, const char *data, size_t length)
{
    if (play->over)
        return;
    if (play->quiet == EHLO__LOUD)
        hash_octets(&play->result.hash, data, length);
    if (!play->events.lost)
        ehlo__tape_add(&play->events, data, length);
}

static void begin_event(struct ehlo__play *play, const char *name)
{
    play->event_start = play->events.end;
    if (!play->events.lost)
        ehlo__tape_add(&play->events, "+", 1); /* not compared with an E line yet */
    write_event(play, name, strlen(name));
}

/* Content is one event up to whatever comes next, since its slices hang on the cuts. */
static void tell_body(struct ehlo__play *play)
{
    if (!play->body_seen)
        return;
    play->body_seen = false;
    begin_event(play, "on_body");
    if (play->body_unsure) {
        ehlo__event_text(play, "", ehlo_text("cut-short"));
    } else {
        ehlo__event_number(play, "octets=", play->body_octets);
        ehlo__event_number(play, "hash=", play->body_hash);
    }
    ehlo__event_end(play);
}

void ehlo__event_body(struct ehlo__play *play, struct ehlo_slice slice)
{
    if (!play->body_seen) {
        play->body_seen = true;
        play->body_octets = 0;
        play->body_hash = EHLO__HASH_START;
    }
    play->body_octets += slice.length;
    hash_octets(&play->body_hash, slice.data, slice.length);
}

void ehlo__event(struct ehlo__play *play, enum ehlo__hook hook, const char *name)
{
    /* replies are seen when they are drained, and so between any two slices */
    if (hook != EHLO__HOOK_COUNT) {
        if (play->closed)
            ehlo__broken(play, "no hook is called behind on_close", ehlo_text(name));
        tell_body(play);
    }
    begin_event(play, name);
}

void ehlo__event_text(struct ehlo__play *play, const char *name, struct ehlo_slice text)
{
    if (text.length == 0)
        return;
    write_event(play, " ", 1);
    write_event(play, name, strlen(name));
    ehlo__event_octets(play, text);
}

void ehlo__event_octets(struct ehlo__play *play, struct ehlo_slice text)
{
    char escaped[4];
    size_t i;

    for (i = 0; i < text.length; i++)
        write_event(play, escaped, ehlo__escape(escaped, text.data[i], true));
}

struct ehlo_slice ehlo__decimal(char digits[20], uint64_t number)
{
    size_t at = 20;

    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return (struct ehlo_slice){digits + at, 20 - at};
}

void ehlo__event_number(struct ehlo__play *play, const char *name, uint64_t number)
{
    char digits[20];

    ehlo__event_text(play, name, ehlo__decimal(digits, number));
}

/* Single bits only: words for several do not tell what was there. */
void ehlo__event_flags(struct ehlo__play *play, const char *name, const struct ehlo__word *words,
                       uint32_t bits)
{
    bool first = true;

    if (bits == 0)
        return;
    write_event(play, " ", 1);
    write_event(play, name, strlen(name));
    for (; words->name != NULL; words++) {
        if ((bits & words->number) == 0 || (words->number & (words->number - 1)) != 0)
            continue;
        if (!first)
            write_event(play, ",", 1);
        first = false;
        write_event(play, words->name, strlen(words->name));
    }
}

void ehlo__event_end(struct ehlo__play *play)
{
    struct ehlo_slice text = ehlo_text("");

    write_event(play, "\n", 1);
    if (play->over)
        return;
    if (play->events.lost)
        play->events.end = play->event_start;
    else
        text = (struct ehlo_slice){play->events.data + play->event_start + 1,
                                   play->events.end - play->event_start - 2};
    if (play->quiet != EHLO__EXEMPT && ++play->result.events == play->options->stop)
        ehlo__fail(play, EHLO_SCRIPT_STOPPED, ehlo_text("no event to stop at"), text);
    play->quiet = EHLO__LOUD;
}
