/*
 * Cuts a line of the policy file into words.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reader.h"

#include <string.h>

static bool has_control(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)line[i];

        if ((octet < ' ' && octet != '\t') || octet == 0x7f)
            return true;
    }
    return false;
}

/* Behind the opening quote. The word gets shorter where it has backslashes. */
static const char *cut_quoted(char **at)
{
    char *in = *at, *out = *at;

    while (*in != '"') {
        if (*in == '\\' && *++in != '"' && *in != '\\')
            return "expected \" or \\ behind a backslash between quotes";
        if (*in == '\0')
            return "expected a closing quote in the same line";
        *out++ = *in++;
    }
    *at = ++in;
    if (*in != '\0' && *in != ' ' && *in != '\t')
        return "expected a blank behind a closing quote";
    if (*in != '\0')
        ++*at;
    *out = '\0';
    return NULL;
}

static const char *cut_plain(char **at)
{
    char *end = *at + strcspn(*at, " \t\"");

    if (*end == '"')
        return "expected a quote only around a whole value";
    *at = *end == '\0' ? end : end + 1;
    *end = '\0';
    return NULL;
}

const char *reader_cut(char *line, size_t length, char *words[READER_WORDS], size_t *count)
{
    char *at = line;

    *count = 0;
    if (has_control(line, length))
        return "expected text, not control octets";
    for (;;) {
        const char *wrong;
        bool quoted;

        at += strspn(at, " \t");
        if (*at == '\0' || *at == '#')
            return NULL;
        if (*count == READER_WORDS)
            return "expected fewer words";
        quoted = *at == '"';
        at += quoted;
        words[*count] = at;
        wrong = quoted ? cut_quoted(&at) : cut_plain(&at);
        if (wrong != NULL)
            return wrong;
        ++*count;
    }
}
