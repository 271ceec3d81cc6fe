/*
 * Explains lines of a log, one after the other.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <stdio.h>
#include <string.h>

/* What is longer is cut. */
#define LINE_ROOM 4096

static const char *const found_by[] = {
    [MATCH_WORDS] = "by the words alone: a guess",
    [MATCH_CODE] = "by the basic code alone: a guess",
    [MATCH_ENHANCED] = "by the enhanced code alone: a guess",
    [MATCH_PAIR] = "by the same codes, with other words: likely, not certain",
    [MATCH_EXACT] = "exactly: codes and words are those of this reply",
};

/* ---- one reply ---- */

/* Tells how to see the other rows that fit as well as those shown. */
static void print_rest(enum match_kind kind, const struct found *found, unsigned rest)
{
    const struct ehlo_enhanced *enhanced = &found->enhanced;

    printf("%u more with", rest);
    if (kind == MATCH_CODE || kind == MATCH_PAIR)
        printf(" %u", found->code);
    if (kind == MATCH_ENHANCED || kind == MATCH_PAIR)
        printf(" %u.%u.%u", enhanced->klass, enhanced->subject, enhanced->detail);
    puts("\n");
}

static void print_matches(const struct matches *matches, const struct found *found)
{
    const struct match *list = matches->list;
    unsigned all = matches->promoted + matches->best, shown = all;
    struct ehlo_reply_row row;

    if (all > MATCHES_SHOWN && list[0].kind != MATCH_EXACT)
        shown = MATCHES_SHOWN;
    for (unsigned i = 0; i < shown; i++) {
        ehlo_reply_row(list[i].id, &row);
        explain_row(&row, found_by[list[i].kind]);
    }
    if (shown < all && list[0].kind != MATCH_WORDS)
        print_rest(list[all - 1].kind, found, all - shown);
}

/* Explains one line; `last` is the reply that the line before it had. */
static bool explain_line(const char *line, struct found *last)
{
    struct matches matches = {0};
    struct found found = {0};
    bool has_code = scan_line(line, &found);
    bool goes_on = last->continues && found.code == last->code &&
                   same_enhanced(&found.enhanced, &last->enhanced);
    char codes[512];

    *last = found;
    if (has_code && goes_on)
        return true;
    if (has_code)
        match_codes(&found, &matches);
    if (matches.count == 0)
        match_words(line, &matches);
    if (!has_code && matches.count == 0)
        return false;
    printf("> %s\n", line);
    if (has_code && (matches.count == 0 || matches.list[0].kind != MATCH_EXACT)) {
        describe_codes(&found, codes, sizeof codes);
        print_paragraph("Codes", codes);
    }
    putchar('\n');
    print_matches(&matches, &found);
    return true;
}

/* ---- lines ---- */

/* qmail writes '_' for each blank of a report. */
static void undo_qmail(char *line)
{
    if (strstr(line, "_said:_") == NULL && strstr(line, "_(#") == NULL)
        return;
    for (; *line != '\0'; line++) {
        if (*line == '_')
            *line = ' ';
    }
}

/* A text on its way through, octet by octet. */
struct reader {
    char line[LINE_ROOM];
    size_t length;
    struct found last;
    bool explained; /* at least one line of it was */
};

static void end_line(struct reader *reader)
{
    while (reader->length > 0 && reader->line[reader->length - 1] == ' ')
        reader->length--;
    reader->line[reader->length] = '\0';
    reader->length = 0;
    undo_qmail(reader->line);
    if (explain_line(reader->line, &reader->last))
        reader->explained = true;
}

/* What would play with the terminal, or is not ASCII, becomes '?'. */
static void take(struct reader *reader, int octet)
{
    if (octet == '\n') {
        end_line(reader);
        return;
    }
    if (reader->length == LINE_ROOM - 1)
        return;
    if (octet == '\t' || octet == '\r')
        octet = ' ';
    reader->line[reader->length++] = octet >= 0x20 && octet < 0x7F ? (char)octet : '?';
}

bool explain_text(const char *text)
{
    struct reader reader = {0};

    for (const char *at = text; *at != '\0'; at++)
        take(&reader, (unsigned char)*at);
    end_line(&reader);
    if (!reader.explained)
        fprintf(stderr, "replies: no reply is found in: %s\n", reader.line);
    return reader.explained;
}

bool explain_input(void)
{
    struct reader reader = {0};
    int octet;

    while ((octet = getchar()) != EOF)
        take(&reader, octet);
    end_line(&reader);
    if (ferror(stdin))
        perror("replies: standard input");
    else if (!reader.explained)
        fputs("replies: no reply is found in the input\n", stderr);
    return reader.explained && !ferror(stdin);
}
