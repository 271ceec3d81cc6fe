/*
 * What the tests of the kit share: a host, and transcripts played in one line.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_SCRIPT_SUPPORT_H
#define EHLO_TESTS_SCRIPT_SUPPORT_H

#include "ehlo/script.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define HELLO "S: 220 *\nC: HELO c.example\nS: 250 *\n" /* 3 lines */
#define ENVELOPE                                                                                   \
    HELLO "C: MAIL FROM:<a@c.example>\nC: RCPT TO:<x@b.example>\nS: 250 2.1.0 *\nS: 250 2.1.5 *\n"
#define MESSAGE ENVELOPE "C: DATA\nC: one\nC: two\nC: .\nS: 354 *\nS: 250 2.0.0 *\n" /* 13 */

/* A host that notes how it was called. */
struct host {
    unsigned mails, rcpts, bodies, dones, closes, traces;
    bool refuse; /* every recipient */
    bool pend;   /* decide recipients later */
    ehlo_token tokens[8];
    unsigned token_count;
    size_t pieces[256]; /* of the feed call */
    unsigned piece_count;
    void (*crime)(struct ehlo_server *); /* what `feed` does when it was fed */
};

static inline struct ehlo_reply note_mail(struct ehlo_server *s, const struct ehlo_mail *mail,
                                          void *user)
{
    (void)s, (void)mail;
    ((struct host *)user)->mails++;
    return ehlo_accept();
}

static inline struct ehlo_reply note_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt,
                                          void *user)
{
    struct host *host = user;

    (void)rcpt;
    host->rcpts++;
    if (host->pend) {
        host->tokens[host->token_count++] = ehlo_server_token(s);
        return ehlo_pending();
    }
    return host->refuse ? ehlo_reply(EHLO_REPLY_USER_UNKNOWN) : ehlo_accept();
}

static inline struct ehlo_reply note_body(struct ehlo_server *s, struct ehlo_slice slice,
                                          void *user)
{
    (void)s, (void)slice;
    ((struct host *)user)->bodies++;
    return ehlo_accept();
}

static inline struct ehlo_reply take_message(struct ehlo_server *s,
                                             const struct ehlo_message *message, void *user)
{
    (void)s, (void)message, (void)user;
    return ehlo_accept();
}

static inline void note_done(struct ehlo_server *s, const struct ehlo_done *done, void *user)
{
    (void)s, (void)done;
    ((struct host *)user)->dones++;
}

static inline void note_trace(struct ehlo_server *s, const struct ehlo_trace *trace, void *user)
{
    (void)s, (void)trace;
    ((struct host *)user)->traces++;
}

static inline void note_close(struct ehlo_server *s, enum ehlo_cause cause, void *user)
{
    (void)s, (void)cause;
    ((struct host *)user)->closes++;
}

static inline size_t note_feed(struct ehlo_server *s, const void *data, size_t length, void *user)
{
    struct host *host = user;
    size_t taken;

    if (host->piece_count < 256)
        host->pieces[host->piece_count++] = length;
    taken = ehlo_server_receive(s, data, length);
    if (host->crime != NULL)
        host->crime(s);
    return taken;
}

static inline bool resume_host(struct ehlo_server *s, void *user)
{
    struct host *host = user;

    if (host->token_count == 0)
        return false;
    assert_int_equal(ehlo_server_resume(s, host->tokens[--host->token_count], ehlo_accept()),
                     EHLO_OK);
    return true;
}

static const struct ehlo_server_config config = {
    EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example", .on_mail = note_mail,
    .on_rcpt = note_rcpt,        .on_body = note_body,     .on_message = take_message,
    .on_done = note_done,        .on_trace = note_trace,   .on_close = note_close};

static char workspace[EHLO_SCRIPT_SIZE];
static struct host host;

/* The result points into the transcript; it stays until the next one. */
static inline struct ehlo_script_result play(const char *text, struct ehlo_script_options options)
{
    static struct ehlo_slice transcript;
    struct ehlo_script_result result = {EHLO_SCRIPT_RESULT_DEFAULTS};
    enum ehlo_script_status status;

    free_slice(transcript);
    transcript = dup_slice(text);
    options.size = sizeof options;
    if (options.config == NULL)
        options.config = &config;
    options.user = &host;
    status = ehlo_script_run(transcript, &options, workspace, sizeof workspace, &result);
    assert_int_equal(status, result.status);
    return result;
}

static inline struct ehlo_script_result play_as_written(const char *text)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS};

    memset(&host, 0, sizeof host);
    return play(text, options);
}

/* --- rows: what is found, and where --- */

struct script_row {
    const char *name, *transcript;
    enum ehlo_script_status status;
    uint32_t line;
    const char *expected, *got;
};

static inline void check_rows(const struct script_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct ehlo_script_result result = play_as_written(rows[i].transcript);

        if (result.status != rows[i].status) {
            char text[512];

            ehlo_script_format(text, sizeof text, rows[i].name, &result);
            print_error("%s\n", text);
        }
        assert_of(rows[i].name, result.status == rows[i].status);
        assert_of(rows[i].name, result.line == rows[i].line);
        assert_slice_of(rows[i].name, result.expected, rows[i].expected);
        assert_slice_of(rows[i].name, result.got, rows[i].got);
    }
}

#endif
