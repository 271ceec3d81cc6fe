/*
 * Explains the replies of the catalogue to whoever runs a server: what one means, what to do.
 *
 * Shows the walk over the catalogue (ehlo_reply_next), its rows in both code sets, and the words
 * of prose.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include <ehlo/ehlo.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: replies                                  all replies, to be read\n"
    "       replies WORD...                          the replies that all words fit\n"
    "       replies --tsv [--codes table|registry]   all replies, tab-separated\n"
    "\n"
    "A WORD is a basic code (550), an enhanced code (5.7.1), or a part of a reply's\n"
    "name, phrase or description (relay). In a phrase, %s is the place of what the\n"
    "reply is about. Exit status: 0; 1 if nothing was found or the output could not\n"
    "be written; 2 for a wrong call.\n";

struct options {
    bool help;
    bool tsv;
    bool codes_given;
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

/* Options stand in front of words; there are words or --tsv, not both. */
static bool read_arguments(char **arguments, struct options *options)
{
    for (; *arguments != NULL && (*arguments)[0] == '-'; arguments++) {
        if (strcmp(*arguments, "--help") == 0)
            options->help = true;
        else if (strcmp(*arguments, "--tsv") == 0)
            options->tsv = true;
        else if (strcmp(*arguments, "--codes") != 0 || !take_codes(*++arguments, options))
            return false;
    }
    options->words = arguments;
    while (arguments[options->word_count] != NULL)
        options->word_count++;
    return options->help || (options->tsv ? options->word_count == 0 : !options->codes_given);
}

/* "550 5.1.1", with another separator for tables, which have an empty field where there is none. */
static void print_codes(const struct ehlo_reply_row *row, enum ehlo_codes set, char separator)
{
    const struct ehlo_enhanced *enhanced = &row->enhanced[set];

    printf("%u", row->code[set]);
    if (enhanced->klass != 0 || separator == '\t')
        putchar(separator);
    if (enhanced->klass != 0)
        printf("%u.%u.%u", enhanced->klass, enhanced->subject, enhanced->detail);
}

static void print_table(enum ehlo_codes codes)
{
    struct ehlo_reply_row row;

    puts("id\tcode\tenhanced\tphrase\tdescription\tremedy");
    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        printf("%u\t", id);
        print_codes(&row, codes, '\t');
        printf("\t%s\t%s\t%s\n", row.phrase, ehlo_reply_description(id), ehlo_reply_remedy(id));
    }
}

/* A paragraph of lines of 78 columns; those behind the first are indented like its text. */
static void print_paragraph(const char *label, const char *text)
{
    const int width = 78 - 10;

    while ((int)strlen(text) > width) {
        int length = width;

        while (length > 0 && text[length] != ' ')
            length--;
        if (length == 0)
            break; /* a word wider than the line */
        printf("  %-8s%.*s\n", label, length, text);
        text += length + 1;
        label = "";
    }
    printf("  %-8s%s\n", label, text);
}

static bool same_codes(const struct ehlo_reply_row *row)
{
    const struct ehlo_enhanced *table = &row->enhanced[EHLO_CODES_TABLE];
    const struct ehlo_enhanced *registry = &row->enhanced[EHLO_CODES_REGISTRY];

    return row->code[EHLO_CODES_TABLE] == row->code[EHLO_CODES_REGISTRY] &&
           table->klass == registry->klass && table->subject == registry->subject &&
           table->detail == registry->detail;
}

static void explain(const struct ehlo_reply_row *row)
{
    print_codes(row, EHLO_CODES_TABLE, ' ');
    printf(" %s\n  %u %s", row->phrase, row->id, ehlo_reply_name(row->id));
    if (!same_codes(row)) {
        printf(", with registered codes ");
        print_codes(row, EHLO_CODES_REGISTRY, ' ');
    }
    putchar('\n');
    print_paragraph("Meaning", ehlo_reply_description(row->id));
    print_paragraph("Remedy", ehlo_reply_remedy(row->id));
    putchar('\n');
}

/* Compares without case. */
static bool contains(const char *text, const char *word)
{
    for (; *text != '\0'; text++) {
        size_t at = 0;

        while (word[at] != '\0' &&
               tolower((unsigned char)text[at]) == tolower((unsigned char)word[at]))
            at++;
        if (word[at] == '\0')
            return true;
    }
    return false;
}

static bool has_code(const struct ehlo_reply_row *row, unsigned long code)
{
    return row->code[EHLO_CODES_TABLE] == code || row->code[EHLO_CODES_REGISTRY] == code;
}

static bool has_enhanced(const struct ehlo_reply_row *row, const struct ehlo_enhanced *wanted)
{
    for (int set = 0; set < 2; set++) {
        const struct ehlo_enhanced *own = &row->enhanced[set];

        if (own->klass == wanted->klass && own->subject == wanted->subject &&
            own->detail == wanted->detail)
            return true;
    }
    return false;
}

static bool fits(const struct ehlo_reply_row *row, const char *word)
{
    struct ehlo_enhanced enhanced;

    if (strlen(word) == 3 && strspn(word, "0123456789") == 3)
        return has_code(row, strtoul(word, NULL, 10));
    if (ehlo_parse_enhanced(ehlo_text(word), &enhanced))
        return has_enhanced(row, &enhanced);
    return contains(ehlo_reply_name(row->id), word) || contains(row->phrase, word) ||
           contains(ehlo_reply_description(row->id), word);
}

/* Explains the replies that all words fit; without words that is every one. */
static bool explain_matches(const struct options *options)
{
    struct ehlo_reply_row row;
    bool found = false;

    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        int fitting = 0;

        while (fitting < options->word_count && fits(&row, options->words[fitting]))
            fitting++;
        if (fitting < options->word_count)
            continue;
        explain(&row);
        found = true;
    }
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
    else if (options.tsv)
        print_table(options.codes);
    else
        found = explain_matches(&options);
    if (!found)
        fputs("replies: no reply fits\n", stderr);
    if (ferror(stdout) || fclose(stdout) != 0) {
        perror("replies: standard output");
        return 1;
    }
    return found ? 0 : 1;
}
