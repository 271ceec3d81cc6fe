/*
 * `count MEASURE REPETITIONS`: does one kind of work again and again, to be counted from outside.
 * The difference between N and 2N repetitions is what N of them cost, start-up left out.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { BLOCK = 65536, READ = 16384, LINE = 60, MESSAGE = 1024 };

static struct host host;
static char block[BLOCK];

static const struct ehlo_slice hello = OCTETS("EHLO client.example.net\r\n");
static const struct ehlo_slice envelope = OCTETS("MAIL FROM:<alice@example.net> SIZE=1024\r\n"
                                                 "RCPT TO:<bob@example.org>\r\n"
                                                 "DATA\r\n");
static const struct ehlo_slice header = OCTETS("From: Alice <alice@example.net>\r\n"
                                               "To: Bob <bob@example.org>\r\n"
                                               "Subject: Minutes of the meeting\r\n"
                                               "Date: Tue, 4 Mar 2025 10:11:12 +0100\r\n"
                                               "Message-ID: <20250304101112.1@example.net>\r\n"
                                               "MIME-Version: 1.0\r\n"
                                               "Content-Type: text/plain; charset=utf-8\r\n"
                                               "\r\n");
static const struct ehlo_slice dot = OCTETS(".\r\n");

/* A session as a client without pipelining holds it; its message is empty. */
static void mix(void)
{
    static const struct ehlo_slice lines[] = {
        OCTETS("EHLO client.example.net\r\n"),
        OCTETS("MAIL FROM:<alice@example.net>\r\n"),
        OCTETS("RCPT TO:<bob@example.org>\r\n"),
        OCTETS("RCPT TO:<carol@example.org>\r\n"),
        OCTETS("DATA\r\n"),
        OCTETS(".\r\n"),
        OCTETS("RSET\r\n"),
        OCTETS("NOOP\r\n"),
        OCTETS("QUIT\r\n"),
    };

    host_connect(&host);
    for (size_t i = 0; i < COUNT(lines); i++)
        host_feed(&host, lines[i]);
}

/* What every session costs before its first command. */
static void greeting(void)
{
    host_connect(&host);
}

static void begin_session(void)
{
    host_connect(&host);
    host_feed(&host, hello);
}

/* The content is `block`, its dot included; two reads, as 354 must be awaited between them. */
static void begin_transactions(void)
{
    begin_session();
    host_fill(block, MESSAGE, LINE, (struct ehlo_slice){0});
    memcpy(block, header.data, header.length);
    memcpy(block + MESSAGE - 2, "\r\n", 2);
    memcpy(block + MESSAGE, dot.data, dot.length);
}

static void transaction(void)
{
    host_feed(&host, envelope);
    host_feed(&host, (struct ehlo_slice){block, MESSAGE + dot.length});
}

static void begin_content(struct ehlo_slice line_start)
{
    begin_session();
    host_feed(&host, envelope);
    host_feed(&host, header);
    host_fill(block, BLOCK, LINE, line_start);
}

static void begin_lines(void)
{
    begin_content((struct ehlo_slice){0});
}

static void begin_dots(void)
{
    begin_content((struct ehlo_slice)OCTETS(".."));
}

/* Reads end where they end, in the middle of lines too. */
static void content(void)
{
    for (size_t i = 0; i < BLOCK; i += READ)
        host_feed(&host, (struct ehlo_slice){block + i, READ});
}

static const struct measure {
    const char *name;
    void (*begin)(void);  /* may be NULL */
    void (*repeat)(void); /* the work */
    unsigned messages;    /* taken in each repetition */
} measures[] = {
    {"greeting", NULL, greeting, 0},
    {"mix", NULL, mix, 1},
    {"transaction", begin_transactions, transaction, 1},
    {"lines", begin_lines, content, 0},
    {"dots", begin_dots, content, 0},
};

static int run(const struct measure *measure, unsigned long repetitions)
{
    if (measure->begin != NULL)
        measure->begin();
    for (unsigned long i = 0; i < repetitions; i++)
        measure->repeat();
    if (host.refusals == 0 && host.messages == measure->messages * repetitions)
        return 0;
    fprintf(stderr, "%s: %u refusals, %u messages\n", measure->name, (unsigned)host.refusals,
            (unsigned)host.messages);
    return 1;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < COUNT(measures) && argc == 3; i++)
        if (strcmp(argv[1], measures[i].name) == 0)
            return run(&measures[i], strtoul(argv[2], NULL, 10));
    fprintf(stderr, "usage: %s greeting|mix|transaction|lines|dots REPETITIONS\n", argv[0]);
    return 2;
}
