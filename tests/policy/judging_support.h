/*
 * What the tests of those who judge share: a loop, a message in a file, a verdict.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_JUDGING_SUPPORT_H
#define EHLO_TESTS_JUDGING_SUPPORT_H

#include "filters/filter.h"
#include "loop.h"
#include "support.h"
#include "timers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

static struct timers timers;
static struct runtime runtime;
static FILE *file; /* of the message */
static struct content content;
static struct judging *judging; /* NULL: it has given its verdict */
static unsigned verdict;        /* enum ehlo_reply_id; 0: none */
static char reason[256];

static inline int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    timers_init(&timers);
    runtime = (struct runtime){loop_new(), &timers, NULL};
    file = tmpfile();
    return runtime.loop == NULL || file == NULL;
}

static inline void turn(void)
{
    loop_turn(runtime.loop, timers_wait(&timers));
    timers_run(&timers);
}

/* Waits until all memory is free and all processes are gone. */
static inline int tear_down(void **state)
{
    (void)state;
    while (timers.count > 0)
        turn();
    loop_free(runtime.loop);
    return fclose(file);
}

/* Makes the content, which does not begin where the file does. */
static inline void store(const char *message, size_t length)
{
    rewind(file);
    fputs("above", file);
    assert_int_equal(fwrite(message, 1, length, file), length);
    fputs("below", file);
    assert_int_equal(fflush(file), 0);
    content = (struct content){fileno(file), 5, 5 + (off_t)length};
}

static inline void on_verdict(void *owner, struct ehlo_reply reply, const char *why)
{
    assert_ptr_equal(owner, &content);
    assert_non_null(judging); /* neither twice nor too early */
    judging = NULL;
    verdict = reply.id;
    snprintf(reason, sizeof reason, "%s", why != NULL ? why : "");
}

static inline void begin(filter_begin *function, const char *where, unsigned wait,
                         const struct envelope_facts *facts)
{
    char copy[256]; /* nobody may rely on it afterwards */
    struct filter filter = {.where = copy, .wait = wait};

    snprintf(copy, sizeof copy, "%s", where);
    verdict = 0;
    *reason = '\0';
    judging = function(&runtime, &filter, &content, facts, on_verdict, &content);
    assert_non_null(judging);
}

static inline void wait_for_verdict(void)
{
    while (judging != NULL)
        turn();
}

static const struct ehlo_slice recipients[] = {{"bob@example.com", 15}, {"ann@example.org", 15}};

static const struct envelope_facts facts = {
    .peer_address = "192.0.2.1",
    .helo = {"client.example", 14},
    .identity = {"bob", 3},
    .sender = {"eve@example.net", 15},
    .recipients = recipients,
    .recipient_count = ROWS(recipients),
    .queue_id = "Q1",
};

#endif
