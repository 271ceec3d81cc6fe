/*
 * S, B and E lines: what is compared with replies, content and events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

static void mismatch(struct ehlo__play *play, struct ehlo_slice expected, struct ehlo_slice got)
{
    ehlo__fail(play, EHLO_SCRIPT_MISMATCH, expected, got);
}

/* The next line of a tape, taken off, without its CR LF; false: there is nothing. */
static bool take_line(struct ehlo__tape *tape, struct ehlo_slice *line)
{
    *line = ehlo__tape_line(tape);
    if (line->length == 0)
        return false;
    tape->start += line->length;
    if (line->length >= 2 && memcmp(line->data + line->length - 2, "\r\n", 2) == 0)
        line->length -= 2;
    return true;
}

/* Compares the next line of a tape; false: it is not as expected. */
static bool expect_line(struct ehlo__play *play, struct ehlo__tape *tape, struct ehlo_slice pattern,
                        struct ehlo_slice *line)
{
    if (!ehlo__is_text(pattern)) {
        ehlo__bad(play, "a pattern", pattern);
        return false;
    }
    if (!take_line(tape, line)) {
        mismatch(play, pattern, ehlo_text("(nothing)"));
        return false;
    }
    if (ehlo__matches(ehlo__octets_of(pattern, false), *line))
        return true;
    mismatch(play, pattern, ehlo__printable(play, *line));
    return false;
}

void ehlo__expect_reply_line(struct ehlo__play *play, struct ehlo_slice pattern)
{
    struct ehlo_slice line;

    expect_line(play, &play->output, pattern, &line);
}

void ehlo__expect_reply(struct ehlo__play *play, struct ehlo_slice pattern)
{
    struct ehlo_slice line;

    while (expect_line(play, &play->output, pattern, &line)) {
        if (line.length < 4 || line.data[3] != '-')
            return;
    }
}

static void expect_nothing(struct ehlo__play *play, struct ehlo__tape *tape, const char *nothing)
{
    struct ehlo_slice line;

    if (take_line(tape, &line))
        mismatch(play, ehlo_text(nothing), ehlo__printable(play, line));
}

void ehlo__expect_silence(struct ehlo__play *play, struct ehlo_slice text)
{
    if (text.length > 0)
        ehlo__bad(play, "S~ alone", text);
    expect_nothing(play, &play->output, "no more output");
}

void ehlo__expect_content(struct ehlo__play *play, struct ehlo_slice pattern)
{
    struct ehlo_slice line;

    if (play->content.lost)
        ehlo__no_space(play, "the content");
    else
        expect_line(play, &play->content, pattern, &line);
}

void ehlo__expect_no_content(struct ehlo__play *play, struct ehlo_slice text)
{
    if (text.length > 0)
        ehlo__bad(play, "B~ alone", text);
    expect_nothing(play, &play->content, "no more content");
}

static bool same_word(struct ehlo_slice *a, struct ehlo_slice *b)
{
    const struct ehlo_slice word = ehlo__next_word(a), other = ehlo__next_word(b);

    return ehlo__matches(ehlo__octets_of(word, true), other);
}

/* An event is of the pattern's kind if its name is the same, and for "trace" the reason too. */
static bool same_kind(struct ehlo_slice *pattern, struct ehlo_slice *event)
{
    const struct ehlo_slice name = *pattern;
    struct ehlo_slice rest = name;

    if (!same_word(pattern, event))
        return false;
    return !ehlo__is_word(ehlo__next_word(&rest), "trace") || same_word(pattern, event);
}

/* Each word of the pattern is a word of the event, in this order; others may stand between. */
static bool same_words(struct ehlo_slice pattern, struct ehlo_slice event)
{
    while (pattern.length > 0) {
        struct ehlo_slice rest = pattern;

        if (event.length == 0)
            return false;
        if (same_word(&rest, &event))
            pattern = rest;
    }
    return true;
}

/* The next event of the pattern's kind, from *at on, that no E line had yet. */
static bool find_event(struct ehlo__play *play, struct ehlo_slice pattern, size_t *at,
                       struct ehlo_slice *event, bool *same)
{
    const struct ehlo__tape *events = &play->events;

    while (*at < events->end) {
        const char *data = events->data + *at;
        struct ehlo_slice words, rest = pattern;
        size_t length = 0;

        while (data[length] != '\n')
            length++;
        *at += length + 1;
        *event = words = (struct ehlo_slice){data + 1, length - 1};
        if (data[0] != '+' || !same_kind(&rest, &words))
            continue;
        *same = same_words(rest, words);
        return true;
    }
    return false;
}

/* A name that is misspelled would pass as an event that did not happen. */
static bool is_event(struct ehlo__play *play, struct ehlo_slice pattern)
{
    struct ehlo_slice rest = pattern;
    const struct ehlo_slice name = ehlo__next_word(&rest);
    const bool trace = ehlo__is_word(name, "trace");
    uint64_t number;

    if (trace ? ehlo__word_number(ehlo__trace_words, ehlo__next_word(&rest), &number)
              : ehlo__word_number(ehlo__hook_words, name, &number))
        return true;
    ehlo__bad(play, "an event", pattern);
    return false;
}

void ehlo__expect_event(struct ehlo__play *play, struct ehlo_slice pattern)
{
    struct ehlo_slice event;
    size_t at = 0;
    bool same;

    if (!is_event(play, pattern))
        return;
    if (!find_event(play, pattern, &at, &event, &same)) {
        if (play->events.lost)
            ehlo__no_space(play, "the events");
        mismatch(play, pattern, ehlo_text("(nothing)"));
        return;
    }
    if (!same)
        mismatch(play, pattern, event);
    play->events.data[event.data - 1 - play->events.data] = '-';
}

void ehlo__expect_no_event(struct ehlo__play *play, struct ehlo_slice pattern)
{
    struct ehlo_slice event;
    size_t at = 0;
    bool same;

    if (!is_event(play, pattern))
        return;
    if (play->events.lost)
        ehlo__no_space(play, "the events");
    while (find_event(play, pattern, &at, &event, &same)) {
        if (same)
            mismatch(play, ehlo_text("no such event"), event);
    }
}
