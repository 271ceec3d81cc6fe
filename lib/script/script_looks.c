/*
 * `!` lines that only look: what the session waits for and what it knows.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

#define BITS_TEXT 96 /* octets that hold all words of a list */

/* The words of the bits with a separator between them. */
static struct ehlo_slice bits_text(char text[BITS_TEXT], const struct ehlo__word *words,
                                   uint32_t bits, char separator)
{
    struct ehlo_slice got = {text, 0};

    for (; words->name != NULL; words++) {
        if ((bits & words->number) == 0)
            continue;
        if (got.length > 0)
            text[got.length++] = separator;
        memcpy(text + got.length, words->name, strlen(words->name));
        got.length += strlen(words->name);
    }
    return got.length > 0 ? got : ehlo_text("(nothing)");
}

void ehlo__look_wants(struct ehlo__play *play, struct ehlo_slice text)
{
    const struct ehlo_slice expected = text;
    const unsigned found = ehlo_server_wants(play->server);
    unsigned wants = 0;
    uint64_t want;
    char got[BITS_TEXT];

    while (text.length > 0) {
        if (!ehlo__word_number(ehlo__want_words, ehlo__next_word(&text), &want)) {
            ehlo__bad(play, "READ, WRITE, TLS, DECISION, CLOSE", expected);
            return;
        }
        wants |= (unsigned)want;
    }
    if (wants != found)
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, expected,
                   bits_text(got, ehlo__want_words, found, ' '));
}

void ehlo__look_closed(struct ehlo__play *play, struct ehlo_slice text)
{
    ehlo__expect_silence(play, text);
    ehlo__look_wants(play, ehlo_text("CLOSE"));
}

/* flags=WORD,... or flags= for none; false: a word is none */
static bool look_at_flags(struct ehlo__play *play, struct ehlo_slice expected, uint32_t found)
{
    struct ehlo_slice rest = expected;
    uint32_t flags = 0;
    uint64_t flag;
    char got[BITS_TEXT];

    while (rest.length > 0) {
        if (!ehlo__word_number(ehlo__info_words, ehlo__cut_at(&rest, ','), &flag))
            return false;
        flags |= (uint32_t)flag;
    }
    if (flags != found)
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, expected,
                   bits_text(got, ehlo__info_words, found, ','));
    return true;
}

/* identity=PATTERN */
static bool look_at_identity(struct ehlo__play *play, struct ehlo_slice expected,
                             struct ehlo_slice found)
{
    if (!ehlo__is_text(expected))
        return false;
    if (!ehlo__matches(ehlo__octets_of(expected, false), found))
        ehlo__fail(play, EHLO_SCRIPT_MISMATCH, expected, ehlo__printable(play, found));
    return true;
}

void ehlo__look_info(struct ehlo__play *play, struct ehlo_slice text)
{
    const struct ehlo_slice line = text;
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    bool good = text.length > 0;

    ehlo_server_info(play->server, &info);
    while (text.length > 0 && good) {
        struct ehlo_slice value = ehlo__next_word(&text);
        const struct ehlo_slice name = ehlo__cut_at(&value, '=');

        good = value.data != NULL;
        if (good && ehlo__is_word(name, "flags"))
            good = look_at_flags(play, value, info.flags);
        else if (good && ehlo__is_word(name, "identity"))
            good = look_at_identity(play, value, info.identity);
        else
            good = false;
    }
    if (!good)
        ehlo__bad(play, "flags= with its words, identity=", line);
}
