/*
 * replies: explains the replies of the catalogue, and those in the logs of mail servers, to whoever
 * runs one: what a reply means, what to do.
 *
 * Shows the walk over the catalogue (ehlo_reply_next), its rows in both code sets, the look-up of
 * what stands on the wire (ehlo_reply_find), and the words of prose.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: replies                                  all replies, to be read\n"
    "       replies WORD...                          the replies that all words fit\n"
    "       replies --explain [LINE...]              what stands in lines of a log\n"
    "       replies --html                           all replies, as a page to search in\n"
    "       replies --tsv [--codes table|registry]   all replies, tab-separated\n"
    "\n"
    "A WORD is a basic code (550), an enhanced code (5.7.1), a row of the reply table\n"
    "(24), or a part of a reply's name, phrase or description (relay). In a phrase, %s\n"
    "is the place of what the reply is about. A LINE is of any mail server's log;\n"
    "without one, or for -, the lines of the standard input are explained that have a\n"
    "reply in them.\n"
    "Exit status: 0; 1 if nothing was found or the output could not be written; 2 for\n"
    "a wrong call.\n";

enum mode { MODE_SEARCH, MODE_TABLE, MODE_PAGE, MODE_EXPLAIN };

struct options {
    bool help;
    bool codes_given;
    enum mode mode;
    enum ehlo_codes codes;
    char **words;
    int word_count;
};

/* Reads the value of --codes. */
static bool take_codes(const char *value, struct options *options)
{
    options->codes_given = true;
    if (value != NULL && strcmp(value, "table") == 0)
        options->codes = EHLO_CODES_TABLE;
    else if (value != NULL && strcmp(value, "registry") == 0)
        options->codes = EHLO_CODES_REGISTRY;
    else
        return false;
    return true;
}

/* Reads one of the options that say what to print; only one may be given. */
static bool take_mode(const char *name, struct options *options)
{
    if (options->mode != MODE_SEARCH)
        return false;
    if (strcmp(name, "--tsv") == 0)
        options->mode = MODE_TABLE;
    else if (strcmp(name, "--html") == 0)
        options->mode = MODE_PAGE;
    else if (strcmp(name, "--explain") == 0)
        options->mode = MODE_EXPLAIN;
    return options->mode != MODE_SEARCH;
}

/* Options stand in front of words and lines; what follows --explain may begin with anything. */
static bool read_options(char ***arguments, struct options *options)
{
    for (; **arguments != NULL && (**arguments)[0] == '-'; ++*arguments) {
        if (options->mode == MODE_EXPLAIN)
            break;
        if (strcmp(**arguments, "--help") == 0) {
            options->help = true;
            continue;
        }
        if (strcmp(**arguments, "--codes") == 0) {
            if (!take_codes(*++*arguments, options))
                return false;
            continue;
        }
        if (!take_mode(**arguments, options))
            return false;
    }
    return true;
}

static bool read_arguments(char **arguments, struct options *options)
{
    if (!read_options(&arguments, options))
        return false;
    options->words = arguments;
    while (arguments[options->word_count] != NULL)
        options->word_count++;
    if (options->help)
        return true;
    if (options->codes_given && options->mode != MODE_TABLE)
        return false;
    return options->word_count == 0 || options->mode == MODE_SEARCH ||
           options->mode == MODE_EXPLAIN;
}

/* Explains every line, also those behind one that cannot be. */
static bool explain_lines(const struct options *options)
{
    bool found = true;

    if (options->word_count == 0)
        return explain_input();
    for (int i = 0; i < options->word_count; i++) {
        const char *line = options->words[i];

        if (!(strcmp(line, "-") == 0 ? explain_input() : explain_text(line)))
            found = false;
    }
    return found;
}

static bool run(const struct options *options)
{
    bool found;

    switch (options->mode) {
    case MODE_TABLE:
        print_table(options->codes);
        return true;
    case MODE_PAGE:
        print_page();
        return true;
    case MODE_EXPLAIN:
        return explain_lines(options);
    default:
        break;
    }
    found = explain_matches(options->words, options->word_count);
    if (!found)
        fputs("replies: no reply fits\n", stderr);
    return found;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    bool found = true;

    if (argc < 1 || !read_arguments(argv + 1, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    if (options.help)
        fputs(usage, stdout);
    else
        found = run(&options);
    if (ferror(stdout) || fclose(stdout) != 0) {
        perror("replies: standard output");
        return 1;
    }
    return found ? 0 : 1;
}
