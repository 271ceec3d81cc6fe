/*
 * Lines on stderr.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLOUR_CLIENT "\033[36m"
#define COLOUR_SERVER "\033[32m"
#define COLOUR_REMARK "\033[33m"
#define COLOUR_NONE   ""

static bool coloured;

void trace_init(void)
{
    static char buffer[16384];

    coloured = isatty(STDERR_FILENO) != 0;
    setvbuf(stderr, buffer, _IOLBF, sizeof buffer); /* a line is one write */
}

static void write_line(unsigned long connection, const char *colour, const char *mark,
                       struct ehlo_slice text)
{
    if (!coloured)
        colour = COLOUR_NONE;
    fputs(colour, stderr);
    if (connection != 0)
        fprintf(stderr, "[%lu] ", connection);
    fputs(mark, stderr);
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.data[i];

        if (octet < ' ' || octet > '~')
            fprintf(stderr, "\\x%02x", octet);
        else
            putc(octet, stderr);
    }
    fputs(*colour == '\0' ? "\n" : "\033[0m\n", stderr);
}

void trace_note(unsigned long connection, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line(connection, COLOUR_NONE, "", ehlo_text(text));
}

/* Lines, each with CR LF. */
static void write_lines(unsigned long connection, const char *colour, const char *mark,
                        struct ehlo_slice text)
{
    while (text.length > 0) {
        const char *end = memchr(text.data, '\n', text.length);
        size_t length = end == NULL ? text.length : (size_t)(end - text.data) + 1;
        struct ehlo_slice line = {text.data, length};

        while (line.length > 0 &&
               (line.data[line.length - 1] == '\n' || line.data[line.length - 1] == '\r'))
            line.length--;
        write_line(connection, colour, mark, line);
        text.data += length;
        text.length -= length;
    }
}

static const struct {
    uint32_t reason;
    const char *text;
} remarks[] = {
    {EHLO_TRACE_ODDITY, "odd spelling, tolerated"},
    {EHLO_TRACE_EARLY_TALKER, "talked before the greeting"},
    {EHLO_TRACE_PIPELINING, "did not wait for a reply"},
    {EHLO_TRACE_FOREIGN, "another protocol"},
    {EHLO_TRACE_BARE_LF, "bare LF in the content"},
    {EHLO_TRACE_BARE_CR, "bare CR in the content"},
    {EHLO_TRACE_NUL, "NUL in the content"},
    {EHLO_TRACE_BAD_LINE, "bare CR, LF or NUL in a command"},
    {EHLO_TRACE_INJECTION, "octets behind STARTTLS, before TLS"},
    {EHLO_TRACE_LINE_LIMIT, "command line too long"},
    {EHLO_TRACE_SIZE_LIMIT, "message too big"},
    {EHLO_TRACE_RECIPIENT_LIMIT, "too many recipients"},
    {EHLO_TRACE_HOP_LIMIT, "too many Received fields"},
    {EHLO_TRACE_ERROR_HINT, "half of the tolerated errors are made"},
    {EHLO_TRACE_ERROR_LIMIT, "too many errors"},
    {EHLO_TRACE_JUNK_LIMIT, "too many commands that do nothing"},
    {EHLO_TRACE_REFUSED_LIMIT, "too many refused recipients"},
    {EHLO_TRACE_TRANSACTION_LIMIT, "too many transactions"},
    {EHLO_TRACE_PARAMETER_LIMIT, "too many parameters"},
    {EHLO_TRACE_HEADER_LIMIT, "header section too big"},
    {EHLO_TRACE_CONTENT_LINE_LIMIT, "content line too long"},
    {EHLO_TRACE_AUTH_LIMIT, "too many failed AUTHs"},
    {EHLO_TRACE_DOMAIN_LIMIT, "too many domains of recipients"},
    {EHLO_TRACE_HOST_FAULT, "a hook gave no valid verdict"},
    {EHLO_TRACE_HOST_REPLY, "a hook changed what it may not"},
};

static void write_remark(unsigned long connection, const struct ehlo_trace *trace)
{
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
        if (remarks[i].reason == trace->reason)
            write_line(connection, COLOUR_REMARK, "-- ", ehlo_text(remarks[i].text));
}

void trace_fields(unsigned long connection, struct ehlo_slice fields)
{
    write_lines(connection, COLOUR_REMARK, "-- ", fields);
}

void trace_dialogue(unsigned long connection, const struct ehlo_trace *trace)
{
    char text[64];

    switch (trace->reason) {
    case EHLO_TRACE_COMMAND:
        write_line(connection, COLOUR_CLIENT, "C: ", trace->text);
        break;
    case EHLO_TRACE_REPLY:
        write_lines(connection, COLOUR_SERVER, "S: ", trace->text);
        break;
    case EHLO_TRACE_CONTENT:
        snprintf(text, sizeof text, "(%llu octets of content)", (unsigned long long)trace->number);
        write_line(connection, COLOUR_CLIENT, "C: ", ehlo_text(text));
        break;
    default:
        write_remark(connection, trace);
    }
}
