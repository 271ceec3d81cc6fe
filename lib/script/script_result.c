/*
 * The result of a run: the first fault counts. And its one line of text.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

void ehlo__fail(struct ehlo__play *play, enum ehlo_script_status status, struct ehlo_slice expected,
                struct ehlo_slice got)
{
    if (play->over)
        return;
    play->over = true;
    if (got.length > sizeof play->got)
        got.length = sizeof play->got;
    if (got.length > 0)
        memmove(play->got, got.data, got.length);
    play->result.status = status;
    play->result.line = play->line;
    play->result.expected = expected;
    play->result.got = (struct ehlo_slice){play->got, got.length};
}

void ehlo__bad(struct ehlo__play *play, const char *expected, struct ehlo_slice got)
{
    ehlo__fail(play, EHLO_SCRIPT_BAD, ehlo_text(expected), ehlo__printable(play, got));
}

void ehlo__broken(struct ehlo__play *play, const char *promise, struct ehlo_slice got)
{
    ehlo__fail(play, EHLO_SCRIPT_BROKEN, ehlo_text(promise), ehlo__printable(play, got));
}

void ehlo__no_space(struct ehlo__play *play, const char *what)
{
    ehlo__fail(play, EHLO_SCRIPT_NO_SPACE, ehlo_text(what), ehlo_text(""));
}

struct ehlo_slice ehlo__printable(struct ehlo__play *play, struct ehlo_slice octets)
{
    size_t length = 0;
    size_t i;

    if (play->over) /* the place is taken */
        return ehlo_text("");
    for (i = 0; i < octets.length && length + 4 <= sizeof play->got; i++)
        length += ehlo__escape(play->got + length, octets.data[i], false);
    return (struct ehlo_slice){play->got, length};
}

struct line {
    char *buffer;
    size_t size;
    size_t length; /* of the whole text */
};

static void append(struct line *line, struct ehlo_slice text)
{
    size_t room = line->size > line->length ? line->size - line->length : 0;
    size_t fits = text.length < room ? text.length : room;

    if (fits > 0)
        memcpy(line->buffer + line->length, text.data, fits);
    line->length += text.length;
}

/* `begin` "`text`" */
static void append_quoted(struct line *line, const char *begin, struct ehlo_slice text)
{
    append(line, ehlo_text(begin));
    append(line, ehlo_text("\""));
    append(line, text);
    append(line, ehlo_text("\""));
}

size_t ehlo_script_format(char *buffer, size_t size, const char *name,
                          const struct ehlo_script_result *result)
{
    static const char *const begins[] = {
        [EHLO_SCRIPT_OK] = "ok",
        [EHLO_SCRIPT_MISMATCH] = "expected ",
        [EHLO_SCRIPT_BROKEN] = "broken promise: ",
        [EHLO_SCRIPT_BAD] = "malformed: expected ",
        [EHLO_SCRIPT_NO_SPACE] = "workspace too small for ",
        [EHLO_SCRIPT_STOPPED] = "stopped at event ",
    };
    struct line line = {buffer, size, 0};
    const uint32_t status = result->status;
    char digits[20];

    append(&line, ehlo_text(name));
    append(&line, ehlo_text(":"));
    append(&line, ehlo__decimal(digits, result->line));
    append(&line, ehlo_text(": "));
    if (status == EHLO_SCRIPT_OK) {
        append(&line, ehlo_text(begins[status]));
    } else if (status == EHLO_SCRIPT_STOPPED) {
        append(&line, ehlo_text(begins[status]));
        append(&line, ehlo__decimal(digits, result->events));
        append_quoted(&line, ": ", result->got);
    } else {
        append_quoted(&line, begins[status], result->expected);
        if (status != EHLO_SCRIPT_NO_SPACE)
            append_quoted(&line, ", got ", result->got);
    }
    if (size > 0)
        buffer[line.length < size ? line.length : size - 1] = '\0';
    return line.length;
}
