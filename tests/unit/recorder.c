/*
 * The host of recorder.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ehlo_tls recorder_tls = {EHLO_TLS_DEFAULTS};

const struct occasion occasions[DECIDING_HOOKS] = {
    [ON_CONNECT] = {"", "", "220"},
    [ON_HELO] = {"", EHLO, "250"},
    [ON_STARTTLS] = {EHLO, "STARTTLS\r\n", "220"},
    [ON_AUTH] = {EHLO, PLAIN, "235"},
    [ON_SASL] = {EHLO, "AUTH XTEST =\r\n", "235"},
    [ON_MAIL] = {EHLO, MAIL, "250"},
    [ON_RCPT] = {EHLO MAIL, RCPT, "250"},
    [ON_DATA] = {EHLO MAIL RCPT, DATA, "354"},
    [ON_BODY] = {EHLO MAIL RCPT DATA, "x\r\n.\r\n", "250"},
    [ON_MESSAGE] = {EHLO MAIL RCPT DATA, ".\r\n", "250"},
    [ON_VRFY] = {"", "VRFY a\r\n", "252"},
    [ON_EXPN] = {"", "EXPN a\r\n", "252"},
    [ON_HELP] = {"", "HELP\r\n", "214"},
    [ON_ETRN] = {EHLO, "ETRN d.example\r\n", "250"},
    [ON_XCLIENT] = {EHLO, "XCLIENT NAME=c.example\r\n", "220"},
    [ON_XFORWARD] = {EHLO, "XFORWARD NAME=c.example\r\n", "250"},
    [ON_COMMAND] = {"", "FOO\r\n", "250"}};

void add_note(struct note *note, const char *octets, size_t length)
{
    if (note->length + length + 1 > note->room) {
        note->room = 2 * (note->length + length + 1);
        note->text = realloc(note->text, note->room);
        assert_non_null(note->text);
    }
    if (length > 0)
        memcpy(note->text + note->length, octets, length);
    note->length += length;
    note->text[note->length] = '\0';
}

void clear_note(struct note *note)
{
    note->length = 0;
    if (note->text != NULL)
        note->text[0] = '\0';
}

/* ---- the life of a session ---- */

void make_session(struct recorder *r)
{
    const size_t size = ehlo_server_size(&r->config);
    const char *what;

    if (ehlo_server_check(&r->config, &what) != EHLO_OK)
        fail_msg("the configuration has a bad %s", what);
    r->memory = malloc(size);
    r->size = size;
    assert_non_null(r->memory);
    memset(r->memory, 0xA5, size);
    r->s = ehlo_server_init(r->memory, size, &r->config, r);
    assert_non_null(r->s);
}

void greet_and(struct recorder *r, const char *commands)
{
    make_session(r);
    assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
    drain(r, SIZE_MAX);
    assert_int_equal(feed(r, commands), strlen(commands));
    clear_note(&r->log);
    clear_note(&r->wire);
    clear_note(&r->body);
}

void reach_hook(struct recorder *r, enum hook hook)
{
    if (hook == ON_CONNECT)
        make_session(r);
    else
        greet_and(r, occasions[hook].before);
}

void call_hook(struct recorder *r, enum hook hook)
{
    if (hook == ON_CONNECT)
        assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
    feed(r, occasions[hook].trigger);
}

void play_all(struct recorder *r)
{
    feed(r, EHLO "AUTH XTEST =\r\nXCLIENT NAME=c.example\r\n" EHLO PLAIN
                 "ETRN d.example\r\nXFORWARD NAME=c.example\r\n" MAIL RCPT RCPT DATA
                 "x\r\n.\r\nVRFY a\r\nEXPN a\r\nHELP\r\nFOO\r\nSTARTTLS\r\n");
    if (wants_of(r) & EHLO_WANT_TLS)
        assert_int_equal(ehlo_server_tls_started(r->s, &recorder_tls), EHLO_OK);
    feed(r, EHLO MAIL RCPT "RSET\r\nBDAT 3\r\nxxxNO\nOP\r\nTURN\r\nQUIT\r\n");
}

void start_tls(struct recorder *r)
{
    feed(r, "STARTTLS\r\n");
    assert_int_equal(wants_of(r), EHLO_WANT_TLS);
    assert_int_equal(ehlo_server_tls_started(r->s, &recorder_tls), EHLO_OK);
}

bool is_in_memory(const struct recorder *r, const char *octets)
{
    const size_t length = strlen(octets);

    for (size_t i = 0; i + length <= r->size; i++)
        if (memcmp(r->memory + i, octets, length) == 0)
            return true;
    return false;
}

void forget(struct recorder *r)
{
    free(r->memory);
    free(r->log.text);
    free(r->wire.text);
    free(r->body.text);
    memset(r, 0, sizeof *r);
}

/* ---- octets in and out ---- */

size_t offer(struct recorder *r, const char *octets, size_t length)
{
    const unsigned before = wants_of(r);
    const bool connecting = info_of(r).state == EHLO_STATE_CONNECT; /* an early talker waits */
    char *copy = dup_exact(octets, length);
    const size_t used = ehlo_server_receive(r->s, copy, length);

    free(copy);
    assert_true(used <= length);
    if (info_of(r).state == EHLO_STATE_CLOSED)
        assert_int_equal(used, length);
    else if (!(before & EHLO_WANT_READ))
        assert_int_equal(used, 0);
    else
        assert_true(used > 0 || length == 0 || connecting);
    return used;
}

size_t drain(struct recorder *r, size_t most)
{
    size_t length;
    const char *output = ehlo_server_output(r->s, &length);

    if (length > most)
        length = most;
    add_note(&r->wire, output, length);
    assert_true(r->wire.length < 1000000); /* else it never stops */
    assert_int_equal(ehlo_server_sent(r->s, length), EHLO_OK);
    return length;
}

void drain_all(struct recorder *r)
{
    while (drain(r, SIZE_MAX) > 0)
        continue;
}

size_t feed_pieces(struct recorder *r, const char *octets, size_t length, size_t piece)
{
    size_t used = 0, taken, sent;

    do {
        taken = offer(r, octets + used, length - used < piece ? length - used : piece);
        used += taken;
        sent = drain(r, SIZE_MAX);
    } while (sent > 0 || (taken > 0 && used < length));
    return used;
}

size_t feed(struct recorder *r, const char *text)
{
    return feed_pieces(r, text, strlen(text), SIZE_MAX);
}

int resume(struct recorder *r, unsigned number, struct ehlo_reply verdict)
{
    const struct ehlo_slice phrase = verdict.phrase, subject = verdict.subject;
    /* the catalogue's words are known by their address */
    const bool own = verdict.id == EHLO_REPLY_CUSTOM || verdict.id == EHLO_REPLY_CHALLENGE;
    int result;

    assert_true(number < r->pending);
    verdict.subject.data = dup_exact(subject.data, subject.length);
    if (own)
        verdict.phrase.data = dup_exact(phrase.data, phrase.length);
    result = ehlo_server_resume(r->s, r->tokens[number], verdict);
    free_slice(verdict.subject);
    if (own)
        free_slice(verdict.phrase);
    drain_all(r);
    return result;
}

/* ---- looking at it ---- */

unsigned wants_of(const struct recorder *r)
{
    return ehlo_server_wants(r->s);
}

struct ehlo_server_info info_of(const struct recorder *r)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    assert_int_equal(ehlo_server_info(r->s, &info), EHLO_OK);
    return info;
}

uint32_t epoch_of(const struct recorder *r)
{
    uint32_t epoch;

    ehlo_server_timeout(r->s, &epoch);
    return epoch;
}

/* One line of a reply; returns what follows it. */
static const char *check_line(const char *line, const char *end, bool *last)
{
    const char *lf = memchr(line, '\n', (size_t)(end - line));

    /* a challenge may be longer (RFC 4954 4) */
    if (lf == NULL || lf - line < 5 || lf[-1] != '\r' ||
        (lf - line + 1 > EHLO_REPLY_LINE_MAX && memcmp(line, "334", 3) != 0))
        fail_msg("no reply line: %s", line);
    for (int i = 0; i < 3; i++)
        if (line[i] < "200"[i] || line[i] > "559"[i])
            fail_msg("no reply code: %s", line);
    for (const char *at = line; at < lf - 1; at++)
        if (*at < ' ' || *at > '~')
            fail_msg("octet %d in a reply: %s", *at, line);
    assert_true(line[3] == ' ' || line[3] == '-');
    *last = line[3] == ' ';
    return lf + 1;
}

char *codes_of(const struct note *wire)
{
    const char *at = wire->text, *end = at + wire->length;
    struct note codes = {NULL, 0, 0};
    bool first = true, last = true;

    add_note(&codes, "", 0);
    while (at < end) {
        const char *line = at;

        at = check_line(line, end, &last);
        if (first && codes.length > 0)
            add_note(&codes, " ", 1);
        if (first)
            add_note(&codes, line, 3);
        assert_memory_equal(codes.text + codes.length - 3, line, 3);
        first = last;
    }
    assert_true(last); /* else a reply stops in its middle */
    return codes.text;
}

void check_note(struct note *note, const char *want, const char *file, int line)
{
    compare_octets("noted", note->text, note->length, want, strlen(want), file, line);
    clear_note(note);
}

void check_says(struct recorder *r, const char *text, const char *want, const char *file, int line)
{
    feed(r, text);
    free(codes_of(&r->wire));
    compare_octets(text, r->wire.text, r->wire.length, want, strlen(want), file, line);
    clear_note(&r->wire);
}

void check_codes(struct recorder *r, const char *text, const char *want, const char *file, int line)
{
    char *codes;

    feed(r, text);
    codes = codes_of(&r->wire);
    if (strcmp(codes, want) != 0) {
        print_error("%s: got %s, want %s\n%s", text, codes, want, r->wire.text);
        free(codes);
        _fail(file, line);
    }
    free(codes);
    clear_note(&r->wire);
}
