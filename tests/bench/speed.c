/*
 * `speed [ROUNDS]`: how fast content goes through a session beside a bare memchr() from LF to LF
 * over the same octets. Both are timed in turns, so that what else the machine does meets both, and
 * the median of the turns' ratios is printed: octets per microsecond of either, and the ratio.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 65536, READ = 16384, LINE = 60, ROUNDS = 51, BLOCKS = 256 };

struct turn {
    double session, bare, ratio; /* octets per microsecond, and the first beside the second */
};

static struct host host;
static char block[BLOCK];
static volatile size_t lines; /* keeps the bare loop from being optimised away */

static double microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void through_session(void)
{
    for (size_t i = 0; i < BLOCK; i += READ)
        host_feed(&host, (struct ehlo_slice){block + i, READ});
}

static void through_memchr(void)
{
    size_t count = 0;

    for (size_t i = 0; i < BLOCK; i += READ) {
        const char *at = block + i, *end = at + READ;

        while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
            count++;
            at++;
        }
    }
    lines += count;
}

static double speed(void (*pass)(void))
{
    const double start = microseconds();

    for (int i = 0; i < BLOCKS; i++)
        pass();
    return (double)BLOCKS * BLOCK / (microseconds() - start);
}

static int by_ratio(const void *a, const void *b)
{
    const struct turn *one = a, *other = b;

    return (one->ratio > other->ratio) - (one->ratio < other->ratio);
}

static void begin_content(void)
{
    static const struct ehlo_slice opening = OCTETS("EHLO client.example.net\r\n"
                                                    "MAIL FROM:<alice@example.net>\r\n"
                                                    "RCPT TO:<bob@example.org>\r\n"
                                                    "DATA\r\n"
                                                    "Subject: none\r\n"
                                                    "\r\n");

    host_connect(&host);
    host_feed(&host, opening);
    host_fill(block, BLOCK, LINE, (struct ehlo_slice){0});
}

int main(int argc, char **argv)
{
    static struct turn turns[ROUNDS];
    const int given = argc > 1 ? atoi(argv[1]) : ROUNDS;
    const int rounds = given > 0 && given < ROUNDS ? given : ROUNDS;

    begin_content();
    through_session();
    through_memchr();
    for (int i = 0; i < rounds; i++) {
        turns[i].session = speed(through_session);
        turns[i].bare = speed(through_memchr);
        turns[i].ratio = turns[i].session / turns[i].bare;
    }
    if (host.refusals > 0 || host.octets < (uint64_t)rounds * BLOCKS * BLOCK) {
        fprintf(stderr, "the session took no content\n");
        return 1;
    }
    qsort(turns, (size_t)rounds, sizeof *turns, by_ratio);
    printf("%.0f %.0f %.2f\n", turns[rounds / 2].session, turns[rounds / 2].bare,
           turns[rounds / 2].ratio);
    return 0;
}
