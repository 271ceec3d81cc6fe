/*
 * A shell command that judges. It gets the message through a pipe, as fast as it reads.
 *
 * A shell around it writes its exit status to another pipe: that is told by the loop, at once and
 * without a signal, and does not depend on what the command leaves running in the background.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "judging.h"

#include "loop.h"
#include "timers.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_FD 3 /* in the shell; the command does not have it */

struct program {
    struct judging judging;
    struct runtime runtime;
    struct watch input, status; /* our ends of the pipes; input.fd is -1 once it is closed */
    struct timer timer;
    struct content content; /* what is left of it */
    filter_verdict *verdict;
    void *owner;
    pid_t pid; /* of the shell, and of the process group */
    size_t length;
    char answer[8]; /* the status, in digits, and a line feed */
};

/* ---- the end ---- */

static void close_watch(struct program *program, struct watch *watch)
{
    if (watch->fd < 0)
        return;
    loop_forget(program->runtime.loop, watch);
    close(watch->fd);
    watch->fd = -1;
}

/* After the loop's turn, which may still look at the watches. A shell that has told the status ends
 * on its own; the others have been killed. */
static void reap(void *owner)
{
    struct program *program = owner;

    if (waitpid(program->pid, NULL, WNOHANG) == 0)
        timers_set(program->runtime.timers, &program->timer, 0);
    else
        free(program);
}

static void end(struct program *program)
{
    close_watch(program, &program->input);
    close_watch(program, &program->status);
    program->timer.due = reap;
    timers_set(program->runtime.timers, &program->timer, 0);
}

static void drop(struct judging *judging)
{
    struct program *program = (struct program *)judging;

    kill(-program->pid, SIGKILL);
    end(program);
}

/* It gave no status. */
static void give_up(struct program *program, const char *why)
{
    drop(&program->judging);
    program->verdict(program->owner, ehlo_reply(EHLO_REPLY_LOCAL_ERROR), why);
}

static void on_due(void *owner)
{
    give_up(owner, "filter: no exit in time");
}

static struct ehlo_reply judge(int status)
{
    switch (status) {
    case 0:
        return ehlo_accept();
    case 10:
        return ehlo_reply(EHLO_REPLY_REJECTED_BY_CONTENT_FILTER);
    case 11:
        return ehlo_reply(EHLO_REPLY_DELETED_BY_FILTER);
    case 12:
        return ehlo_reply(EHLO_REPLY_REJECTED_BY_FILTER);
    default:
        return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    }
}

static void on_status(void *owner, unsigned events)
{
    struct program *program = owner;
    size_t room = sizeof program->answer - program->length;
    ssize_t length = read(program->status.fd, program->answer + program->length, room);
    struct text why = {0};

    (void)events;
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        give_up(program, "filter: no exit status");
        return;
    }
    program->length += (size_t)length;
    if (program->answer[program->length - 1] != '\n' && program->length < sizeof program->answer)
        return;
    program->answer[program->length - 1] = '\0';
    end(program);
    text_add(&why, "filter: exit status %s", program->answer);
    program->verdict(program->owner, judge(atoi(program->answer)), why.data);
    text_free(&why);
}

/* ---- its input ---- */

/* It need not read everything: what it says of the rest is its own affair. */
static void on_input(void *owner, unsigned events)
{
    struct program *program = owner;

    (void)events;
    if (program->content.begin < program->content.end &&
        (content_send(&program->content, program->input.fd) || errno == EAGAIN || errno == EINTR))
        return;
    if (program->content.begin < program->content.end && errno != EPIPE)
        give_up(program, "filter: the message cannot be read");
    else
        close_watch(program, &program->input);
}

/* ---- the begin ---- */

/* The environment: texts with a NUL behind each. */
static void write_environment(struct text *block, const struct envelope_facts *facts)
{
    const char *path = getenv("PATH");
    const struct {
        const char *name;
        struct ehlo_slice value;
    } rows[] = {
        {"PATH", ehlo_text(path != NULL ? path : "/usr/bin:/bin")},
        {"CLIENT_ADDRESS", ehlo_text(facts->peer_address)},
        {"HELO", facts->helo},
        {"AUTH", facts->identity},
        {"SENDER", facts->sender},
        {"QUEUE_ID", ehlo_text(facts->queue_id)},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        text_add(block, "%s=%.*s%c", rows[i].name, (int)rows[i].value.length,
                 rows[i].value.length > 0 ? rows[i].value.data : "", '\0');
    text_add(block, "RECIPIENTS=");
    for (size_t i = 0; i < facts->recipient_count; i++)
        text_add(block, "%.*s\n", (int)facts->recipients[i].length, facts->recipients[i].data);
}

#define VARIABLES 7

/* Signals that we ignore would be ignored by the command, too. */
static bool set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t ignored;

    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    return posix_spawnattr_setsigdefault(attributes, &ignored) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF) == 0;
}

/* Starts the shell with these descriptors. False: it cannot be. */
static bool spawn(pid_t *pid, char *command, char **environment, const int theirs[2])
{
    static char shell[] = "sh", option[] = "-c";
    static char script[] = "/bin/sh -c \"$1\" 3>&-; echo $? >&3"; /* 3: STATUS_FD */
    char *arguments[] = {shell, option, script, shell, command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool prepared;
    int error;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return false;
    }
    prepared =
        set_attributes(&attributes) &&
        posix_spawn_file_actions_adddup2(&actions, theirs[0], STDIN_FILENO) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, theirs[1], STATUS_FD) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0;
    error = prepared ? posix_spawn(pid, "/bin/sh", &actions, &attributes, arguments, environment)
                     : ENOMEM;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    return error == 0;
}

/* Starts the shell with the environment. False: it cannot be. */
static bool start(struct program *program, char *command, const struct envelope_facts *facts,
                  const int theirs[2])
{
    char *environment[VARIABLES + 1] = {NULL}, *at;
    struct text block = {0};
    bool started = false;

    write_environment(&block, facts);
    if (!block.lost) {
        at = block.data;
        for (size_t i = 0; i < VARIABLES; i++, at += strlen(at) + 1)
            environment[i] = at;
        started = spawn(&program->pid, command, environment, theirs);
    }
    text_free(&block);
    return started;
}

/* Makes a pipe of which the loop watches one end. Returns the other; -1: there is none. */
static int open_pipe(struct program *program, struct watch *watch, unsigned event)
{
    size_t ours = event == LOOP_WRITE ? 1 : 0;
    int ends[2];

    if (pipe(ends) != 0)
        return -1;
    watch->fd = ends[ours];
    if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0 &&
        fcntl(watch->fd, F_SETFL, O_NONBLOCK) == 0 && loop_add(program->runtime.loop, watch, event))
        return ends[1 - ours];
    close(ends[0]);
    close(ends[1]);
    watch->fd = -1;
    return -1;
}

struct judging *program_begin(const struct runtime *runtime, const struct filter *filter,
                              const struct content *content, const struct envelope_facts *facts,
                              filter_verdict *verdict, void *owner)
{
    struct program *program = malloc(sizeof *program);
    int theirs[2];
    bool started;

    if (program == NULL)
        return NULL;
    *program = (struct program){
        .judging.drop = drop,
        .runtime = *runtime,
        .input = {.fd = -1, .ready = on_input, .owner = program},
        .status = {.fd = -1, .ready = on_status, .owner = program},
        .timer = {.due = on_due, .owner = program},
        .content = *content,
        .verdict = verdict,
        .owner = owner,
    };
    theirs[0] = open_pipe(program, &program->input, LOOP_WRITE);
    theirs[1] = open_pipe(program, &program->status, LOOP_READ);
    started = theirs[0] >= 0 && theirs[1] >= 0 && start(program, filter->where, facts, theirs);
    for (size_t i = 0; i < 2; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    if (started) {
        timers_set(runtime->timers, &program->timer, filter->wait);
        return &program->judging;
    }
    close_watch(program, &program->input);
    close_watch(program, &program->status);
    free(program);
    return NULL;
}
