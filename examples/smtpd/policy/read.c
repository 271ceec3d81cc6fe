/*
 * Makes a policy of the command line and of the policy file.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Errors that are told, of one file. */
#define ERRORS_MAX 20

/* Octets of a file: more than any policy has, and less than a device. */
#define FILE_MAX (64u << 20)

/* ---- messages ---- */

struct shown reader_shown(const char *word)
{
    struct shown shown;
    size_t length = strlen(word), most = sizeof shown.text - 1;

    memcpy(shown.text, word, length > most ? most : length + 1);
    shown.text[most] = '\0';
    if (length > most)
        memcpy(shown.text + most - 3, "...", 3);
    for (char *at = shown.text; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return shown;
}

static void say_where(const struct reader *reader, const char *kind)
{
    fprintf(stderr, "smtpd: %s:%u: %s", reader->file, reader->line, kind);
    if (reader->setting != NULL)
        fprintf(stderr, "%s: ", reader->setting);
}

void reader_wrong(struct reader *reader, const char *format, ...)
{
    va_list arguments;

    if (reader->errors++ >= ERRORS_MAX)
        return;
    say_where(reader, "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void reader_off(const struct reader *reader, const char *library)
{
    say_where(reader, "warning: ");
    fprintf(stderr, "this line is off, since smtpd is built without %s\n", library);
}

/* ---- the file ---- */

/* NULL: errno tells. */
static char *read_all(int fd, size_t *length)
{
    char *octets = NULL, *larger;
    size_t room = 0;
    ssize_t got;

    for (*length = 0; *length <= FILE_MAX; *length += got > 0 ? (size_t)got : 0) {
        if (room == *length) {
            room = room * 2 + 4096;
            larger = realloc(octets, room);
            if (larger == NULL)
                break;
            octets = larger;
        }
        got = read(fd, octets + *length, room - *length);
        if (got == 0)
            return octets;
        if (got < 0 && errno != EINTR)
            break;
    }
    if (*length > FILE_MAX)
        errno = EFBIG;
    free(octets);
    return NULL;
}

/* The text of the file, which the policy keeps: the words of its lines point into it. A NUL stands
 * behind it. */
static char *take_file(struct reader *reader, size_t *length)
{
    int fd = open(reader->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char *octets = fd < 0 ? NULL : read_all(fd, length), *text;

    if (octets == NULL) {
        fprintf(stderr, "smtpd: %s: %s\n", reader->file, strerror(errno));
        reader->errors++;
    }
    if (fd >= 0)
        close(fd);
    if (octets == NULL)
        return NULL;
    text = reader_take(reader, *length + 1);
    if (text != NULL)
        memcpy(text, octets, *length);
    free(octets);
    return text;
}

static void take_line(struct reader *reader, char *line, size_t length)
{
    char *words[READER_WORDS];
    size_t count;
    const char *wrong = reader_cut(line, length, words, &count);

    reader->setting = NULL;
    if (wrong != NULL) {
        reader_wrong(reader, "%s", wrong);
        reader->quiet = true;
    } else if (count > 0) {
        reader_take_line(reader, words, count);
    }
}

static void take_lines(struct reader *reader, char *text, size_t length)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, by some editors */
    char *line = text, *end = text + length, *next;

    if (strncmp(text, mark, sizeof mark - 1) == 0)
        line += sizeof mark - 1;
    for (; line < end && reader->errors <= ERRORS_MAX && !reader->lost; line = next) {
        char *stop = memchr(line, '\n', (size_t)(end - line));

        next = stop == NULL ? end : stop + 1;
        stop = stop == NULL ? end : stop;
        if (stop > line && stop[-1] == '\r')
            stop--;
        *stop = '\0';
        reader->line++;
        take_line(reader, line, (size_t)(stop - line));
    }
}

/* ---- all of it ---- */

static void begin(struct reader *reader, struct policy *policy, const struct options *options)
{
    *policy = (struct policy){.options = options,
                              .from_file = options->policy != NULL,
                              .max_connections = options->max_per_ip};
    *reader = (struct reader){.policy = policy,
                              .file = options->policy,
                              .place = IN_SERVER,
                              .limits = &policy->limits,
                              .domain_end = &policy->domains,
                              .account_end = &policy->accounts,
                              .list_end = &policy->lists,
                              .rule_end = &policy->rules,
                              .bypass_end = &policy->bypasses,
                              .dnsbl_end = &policy->dnsbls,
                              .filter_end = &policy->filters};
    reader->owner_end = &reader->owners;
}

static void read_file(struct reader *reader)
{
    size_t length;
    char *text = take_file(reader, &length);

    if (text == NULL)
        return;
    take_lines(reader, text, length);
    if (!reader->lost)
        reader_check_people(reader);
    if (reader->errors > ERRORS_MAX)
        fprintf(stderr, "smtpd: %s: more than %d errors; the rest is not shown\n", reader->file,
                ERRORS_MAX);
}

bool policy_read(struct policy *policy, const struct options *options)
{
    struct reader reader;

    begin(&reader, policy, options);
    reader_take_options(&reader);
    if (options->policy != NULL && !reader.lost)
        read_file(&reader);
    reader_take_default(&reader);
    if (reader.lost)
        fprintf(stderr, "smtpd: %s: out of memory\n",
                options->policy == NULL ? "policy" : options->policy);
    if (!reader.lost && reader.errors == 0)
        return true;
    policy_free(policy);
    return false;
}
