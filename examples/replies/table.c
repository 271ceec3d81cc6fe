/*
 * The rows of the catalogue: printed as a table, searched, and explained one by one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void print_codes(const struct ehlo_reply_row *row, enum ehlo_codes set, char separator)
{
    const struct ehlo_enhanced *enhanced = &row->enhanced[set];

    printf("%u", row->code[set]);
    if (enhanced->klass != 0 || separator == '\t')
        putchar(separator);
    if (enhanced->klass != 0)
        printf("%u.%u.%u", enhanced->klass, enhanced->subject, enhanced->detail);
}

void print_table(enum ehlo_codes codes)
{
    struct ehlo_reply_row row;

    puts("id\tcode\tenhanced\tphrase\tdescription\tremedy");
    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        printf("%u\t", id);
        print_codes(&row, codes, '\t');
        printf("\t%s\t%s\t%s\n", row.phrase, ehlo_reply_description(id), ehlo_reply_remedy(id));
    }
}

void print_paragraph(const char *label, const char *text)
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

bool same_enhanced(const struct ehlo_enhanced *a, const struct ehlo_enhanced *b)
{
    return a->klass == b->klass && a->subject == b->subject && a->detail == b->detail;
}

bool same_codes(const struct ehlo_reply_row *row)
{
    return row->code[EHLO_CODES_TABLE] == row->code[EHLO_CODES_REGISTRY] &&
           same_enhanced(&row->enhanced[EHLO_CODES_TABLE], &row->enhanced[EHLO_CODES_REGISTRY]);
}

void explain_row(const struct ehlo_reply_row *row, const char *found)
{
    print_codes(row, EHLO_CODES_TABLE, ' ');
    printf(" %s\n  %u %s", row->phrase, row->id, ehlo_reply_name(row->id));
    if (!same_codes(row)) {
        printf(", with registered codes ");
        print_codes(row, EHLO_CODES_REGISTRY, ' ');
    }
    putchar('\n');
    if (found != NULL)
        print_paragraph("Found", found);
    print_paragraph("Meaning", ehlo_reply_description(row->id));
    print_paragraph("Remedy", ehlo_reply_remedy(row->id));
    putchar('\n');
}

static bool fits(const struct ehlo_reply_row *row, const char *word)
{
    struct ehlo_enhanced enhanced;
    size_t length = strlen(word);
    unsigned long number = strtoul(word, NULL, 10);
    bool is_number = strspn(word, "0123456789") == length;

    if (is_number && length == 3)
        return row->code[EHLO_CODES_TABLE] == number || row->code[EHLO_CODES_REGISTRY] == number;
    if (is_number && length < 3) /* of the reply table */
        return row->id == number;
    if (ehlo_parse_enhanced(ehlo_text(word), &enhanced))
        return same_enhanced(&row->enhanced[EHLO_CODES_TABLE], &enhanced) ||
               same_enhanced(&row->enhanced[EHLO_CODES_REGISTRY], &enhanced);
    return find_word(ehlo_reply_name(row->id), word) != NULL ||
           find_word(row->phrase, word) != NULL ||
           find_word(ehlo_reply_description(row->id), word) != NULL;
}

bool explain_matches(char **words, int count)
{
    struct ehlo_reply_row row;
    bool found = false;

    for (unsigned id = ehlo_reply_next(0); ehlo_reply_row(id, &row); id = ehlo_reply_next(id)) {
        int fitting = 0;

        while (fitting < count && fits(&row, words[fitting]))
            fitting++;
        if (fitting < count)
            continue;
        explain_row(&row, NULL);
        found = true;
    }
    return found;
}
