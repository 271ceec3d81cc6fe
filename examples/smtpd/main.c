/*
 * smtpd: an SMTP server (RFC 5321) that stores mail in Maildirs, made of libehlo and POSIX. One
 * thread serves all connections; see options.c for what it can do.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "listener.h"
#include "maildir.h"
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
    struct ehlo_server_config config;
    struct ehlo_server_config trusted; /* of the peers of --xclient */
    struct timers timers;
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
    ssize_t written = write(signal_pipe[1], "", 1);

    (void)number;
    (void)written;
    errno = error;
}

static void on_stop_due(void *owner)
{
    struct smtpd *smtpd = owner;

    connections_expire(&smtpd->connections);
}

static void on_stop(void *owner, unsigned events)
{
    struct smtpd *smtpd = owner;
    unsigned seconds = smtpd->options.timeout;

    (void)events;
    loop_forget(smtpd->connections.loop, &smtpd->signals);
    listener_close(&smtpd->listener);
    smtpd->stopping = true;
    timers_set(&smtpd->timers, &smtpd->stop, seconds > 0 ? seconds : STOP_SECONDS);
    connections_shutdown(&smtpd->connections);
}

static bool catch_signals(struct smtpd *smtpd)
{
    struct sigaction stop = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    smtpd->signals = (struct watch){.ready = on_stop, .owner = smtpd};
    smtpd->stop = (struct timer){.due = on_stop_due, .owner = smtpd};
    if (pipe(signal_pipe) != 0)
        return false;
    smtpd->signals.fd = signal_pipe[0];
    fcntl(signal_pipe[0], F_SETFD, FD_CLOEXEC);
    fcntl(signal_pipe[1], F_SETFD, FD_CLOEXEC);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* a file over its limit is a failed write like any other */
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    return loop_add(smtpd->connections.loop, &smtpd->signals, LOOP_READ);
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

static bool configure(struct smtpd *smtpd)
{
    struct ehlo_server_config *config = &smtpd->config;
    const char *what;

    *config = smtpd->options.config;
    policy_set_hooks(config, &smtpd->options);
    auth_set_hooks(config, &smtpd->options);
    store_set_hooks(config);
    report_set_hooks(config);
    smtpd->trusted = *config;
    trusted_set_hooks(&smtpd->trusted);
    if (ehlo_server_check(config, &what) == EHLO_OK &&
        ehlo_server_check(&smtpd->trusted, &what) == EHLO_OK)
        return true;
    fprintf(stderr, "smtpd: bad configuration: %s\n", what);
    return false;
}

static bool start(struct smtpd *smtpd)
{
    struct options *options = &smtpd->options;
    struct connections *connections = &smtpd->connections;

    if (!configure(smtpd))
        return false;
    if (!maildir_make_root(options->maildir)) {
        fprintf(stderr, "smtpd: --maildir: %s: %s\n", options->maildir, strerror(errno));
        return false;
    }
    timers_init(&smtpd->timers);
    *connections = (struct connections){.loop = loop_new(),
                                        .timers = &smtpd->timers,
                                        .options = options,
                                        .config = &smtpd->config,
                                        .trusted = &smtpd->trusted};
    if (connections->loop == NULL || !catch_signals(smtpd)) {
        perror("smtpd");
        return false;
    }
    return listener_open(&smtpd->listener, connections, options->address, options->port);
}

static void run(struct smtpd *smtpd)
{
    while (!smtpd->stopping || smtpd->connections.first != NULL) {
        loop_turn(smtpd->connections.loop, timers_wait(&smtpd->timers));
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
    raise_limit();
    if (!start(&smtpd))
        return 1;
    listener_announce(&smtpd.listener);
    run(&smtpd);
    loop_free(smtpd.connections.loop);
    options_free(&smtpd.options);
    sasl_free();
    return 0;
}
