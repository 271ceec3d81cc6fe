/*
 * What the parts of replies share: the table, the reading of a log line, the words for codes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef REPLIES_H
#define REPLIES_H

#include <ehlo/ehlo.h>

/* All ids of the catalogue are below. */
#define IDS 1000

/* A reply found in a line of a log. */
struct found {
    unsigned code;                 /* 0: none */
    struct ehlo_enhanced enhanced; /* klass 0: none */
    struct ehlo_slice text;        /* what follows the codes; without codes the whole line */
    bool continues;                /* "550-": the next line goes on with this reply */
};

/* How a row was found, the surest last. */
enum match_kind { MATCH_NONE, MATCH_WORDS, MATCH_CODE, MATCH_ENHANCED, MATCH_PAIR, MATCH_EXACT };

struct match {
    enum match_kind kind;
    unsigned likeness, id;
};

/* Rows that fit a reply, the most fitting first. */
struct matches {
    struct match list[IDS];
    unsigned count;
    unsigned promoted; /* so many stand in front of the surest, for their words: 0 or 1 */
    unsigned best;     /* then come so many of one kind, the surest */
};

/* So many are shown if none is exact. */
#define MATCHES_SHOWN 3

/* ---- table.c: rows ---- */

/* "550 5.1.1", with another separator for tables, which have an empty field where there is none. */
void print_codes(const struct ehlo_reply_row *row, enum ehlo_codes set, char separator);
bool same_codes(const struct ehlo_reply_row *row);
bool same_enhanced(const struct ehlo_enhanced *a, const struct ehlo_enhanced *b);

/* Prints all rows, tab-separated. */
void print_table(enum ehlo_codes codes);

/* Explains the rows that all words fit, without words every one; false: there is none. */
bool explain_matches(char **words, int count);

/* Explains one row. `found` says how it was found; NULL: it was asked for. */
void explain_row(const struct ehlo_reply_row *row, const char *found);

/* A paragraph of lines of 78 columns; those behind the first are indented like its text. */
void print_paragraph(const char *label, const char *text);

/* ---- scan.c: from a line to codes ---- */

/* Finds the reply in a line; false: it has no code. */
bool scan_line(const char *line, struct found *found);

/* ---- words.c: from words to rows ---- */

/* Compares without case; the place of the word in the text, or NULL. */
const char *find_word(const char *text, const char *word);

/* How much of the row's phrase stands in the line, in octets; 0: too little to tell it by. */
unsigned phrase_in_line(const struct ehlo_reply_row *row, const char *line);

/* How much each row has to do with a text, by id: the words they share, rare ones counting more. */
void compare_words(struct ehlo_slice text, unsigned likeness[IDS]);

/* ---- match.c: from a reply to rows ---- */

/* Both fill `matches`, which is zeroed. */
void match_codes(const struct found *found, struct matches *matches);
void match_words(const char *line, struct matches *matches);

/* ---- meanings.c: what codes say by themselves ---- */

/* Whether a subject and detail are registered with IANA. */
bool is_registered(const struct ehlo_enhanced *enhanced);

/* Tells what the codes say, digit by digit. */
void describe_codes(const struct found *found, char *text, size_t size);

/* ---- explain.c: lines of a log ---- */

/* Explains the reply in each line of a text; false: it has none, which is reported. */
bool explain_text(const char *text);

/* Explains the lines of the standard input that have a reply in them; false: none has. */
bool explain_input(void);

/* ---- page.c ---- */

/* Prints the catalogue as one HTML page. */
void print_page(void);

/* page_parts.c: the style sheet and the script, line by line, ended by NULL. */
extern const char *const page_style[];
extern const char *const page_script[];

#endif
