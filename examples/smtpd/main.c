/*
 * smtpd: an SMTP server (RFC 5321) that stores mail in Maildirs, made of libehlo and POSIX. One
 * thread serves all connections; see options.c for what it can do.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "dns/dns.h"
#include "listener.h"
#include "maildir.h"
#include "policy/counts.h"
#include "policy/setup.h"
#include "sasl.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Seconds that open transactions have to finish in, without --timeout. */
#define STOP_SECONDS 30

struct smtpd {
    struct options options;
    struct timers timers;
    struct runtime runtime;
    struct connections connections;
    struct listener listener;
    struct watch signals;
    struct timer stop;
    bool stopping;
};

/* Signals arrive as octets in a pipe, so that the loop can wait for them. */
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    int error = errno;
    char octet = (char)number;
    ssize_t written = write(signal_pipe[1], &octet, 1);

    (void)written;
    errno = error;
}

static void on_stop_due(void *owner)
{
    struct smtpd *smtpd = owner;

    connections_expire(&smtpd->connections);
}

static void stop(struct smtpd *smtpd)
{
    unsigned seconds = smtpd->options.timeout;

    loop_forget(smtpd->runtime.loop, &smtpd->signals);
    listener_close(&smtpd->listener);
    smtpd->stopping = true;
    timers_set(&smtpd->timers, &smtpd->stop, seconds > 0 ? seconds : STOP_SECONDS);
    connections_shutdown(&smtpd->connections);
}

/* Sessions that are open keep the policy that they began with. */
static void reload(struct smtpd *smtpd)
{
    struct setup *setup;

    if (smtpd->options.policy == NULL) {
        trace_note(0, "there is no policy file");
        return;
    }
    setup = setup_new(&smtpd->options);
    if (setup == NULL) {
        trace_note(0, "the policy stays as it is");
        return;
    }
    setup_release(smtpd->connections.setup);
    smtpd->connections.setup = setup;
    trace_note(0, "the policy was read again: %s", setup->summary);
}

static void on_signals(void *owner, unsigned events)
{
    struct smtpd *smtpd = owner;
    char octet;

    (void)events;
    if (read(signal_pipe[0], &octet, 1) != 1)
        return;
    if (octet == SIGHUP)
        reload(smtpd);
    else
        stop(smtpd);
}

static bool catch_signals(struct smtpd *smtpd)
{
    struct sigaction once = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction again = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    smtpd->signals = (struct watch){.ready = on_signals, .owner = smtpd};
    smtpd->stop = (struct timer){.due = on_stop_due, .owner = smtpd};
    if (pipe(signal_pipe) != 0)
        return false;
    smtpd->signals.fd = signal_pipe[0];
    fcntl(signal_pipe[0], F_SETFD, FD_CLOEXEC);
    fcntl(signal_pipe[1], F_SETFD, FD_CLOEXEC);
    fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK); /* a flood of SIGHUP must not stop us */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* a file over its limit is a failed write like any other */
    sigaction(SIGTERM, &once, NULL);
    sigaction(SIGINT, &once, NULL);
    sigaction(SIGHUP, &again, NULL);
    return loop_add(smtpd->runtime.loop, &smtpd->signals, LOOP_READ);
}

/* As many connections as the system allows. */
static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* The policy says so where it needs a resolver and none is built in. */
static bool start_runtime(struct smtpd *smtpd)
{
    struct runtime *runtime = &smtpd->runtime;

    timers_init(&smtpd->timers);
    runtime->timers = &smtpd->timers;
    runtime->loop = loop_new();
    if (runtime->loop == NULL || !catch_signals(smtpd)) {
        perror("smtpd");
        return false;
    }
    if (smtpd->options.policy == NULL) /* nothing is ever looked up */
        return true;
    runtime->dns = dns_new(runtime->loop, runtime->timers, smtpd->options.dns);
    if (runtime->dns != NULL || !dns_is_built())
        return true;
    fprintf(stderr, "smtpd: there is no DNS resolver\n");
    return false;
}

static bool start(struct smtpd *smtpd)
{
    struct options *options = &smtpd->options;
    struct connections *connections = &smtpd->connections;

    if (!maildir_make_root(options->maildir)) {
        fprintf(stderr, "smtpd: --maildir: %s: %s\n", options->maildir, strerror(errno));
        return false;
    }
    connections->runtime = &smtpd->runtime;
    connections->options = options;
    return start_runtime(smtpd) &&
           listener_open(&smtpd->listener, connections, options->address, options->port);
}

static void finish(struct smtpd *smtpd)
{
    if (smtpd->runtime.dns != NULL)
        dns_free(smtpd->runtime.dns);
    loop_free(smtpd->runtime.loop);
    setup_release(smtpd->connections.setup);
    counts_free();
    options_free(&smtpd->options);
    sasl_free();
}

static void run(struct smtpd *smtpd)
{
    while (!smtpd->stopping || smtpd->connections.first != NULL) {
        loop_turn(smtpd->runtime.loop, timers_wait(&smtpd->timers));
        timers_run(&smtpd->timers);
        connections_sweep(&smtpd->connections);
    }
}

int main(int argc, char **argv)
{
    static struct smtpd smtpd;
    int status = options_read(&smtpd.options, argc, argv);

    if (status >= 0)
        return status;
    trace_init();
    smtpd.connections.setup = setup_new(&smtpd.options);
    if (smtpd.connections.setup == NULL)
        return 2;
    raise_limit();
    if (!start(&smtpd))
        return 1;
    listener_announce(&smtpd.listener);
    run(&smtpd);
    finish(&smtpd);
    return 0;
}
