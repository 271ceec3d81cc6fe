/*
 * The catalogue as one HTML page that needs nothing else: no script to be read, none but its own to
 * be searched, nothing from the network.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <stdio.h>
#include <string.h>

/* The groups in the order of ids. */
static const struct group {
    unsigned first; /* id */
    const char *name, *title;
} groups[] = {
    {1, "policy", "Policy replies"},         {101, "positive", "Positive replies"},
    {141, "intermediate", "Intermediate"},   {151, "transient", "Refusals for now"},
    {201, "permanent", "Refusals for good"},
};
#define GROUPS (sizeof groups / sizeof *groups)

static void print_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&':
            fputs("&amp;", stdout);
            break;
        case '<':
            fputs("&lt;", stdout);
            break;
        case '>':
            fputs("&gt;", stdout);
            break;
        case '"':
            fputs("&quot;", stdout);
            break;
        default:
            putchar(text[i]);
        }
    }
}

/* The place of the subject is marked, so that it is not taken for words. */
static void print_phrase(const char *phrase)
{
    const char *place = strstr(phrase, "%s");

    fputs("<span class=\"phrase words\">", stdout);
    print_text(phrase, place != NULL ? (size_t)(place - phrase) : strlen(phrase));
    if (place != NULL) {
        fputs("<var title=\"what the reply is about\">%s</var>", stdout);
        print_text(place + 2, strlen(place + 2));
    }
    fputs("</span>", stdout);
}

static void print_item(const char *label, const char *class, const char *text)
{
    printf("<dt>%s</dt><dd%s>", label, class);
    print_text(text, strlen(text));
    puts("</dd>");
}

static void print_card(const struct ehlo_reply_row *row)
{
    const char *name = ehlo_reply_name(row->id);

    printf("<article id=\"row-%u\" data-table=\"", row->id);
    print_codes(row, EHLO_CODES_TABLE, ' ');
    fputs("\" data-registry=\"", stdout);
    print_codes(row, EHLO_CODES_REGISTRY, ' ');
    printf("\">\n<h3 id=\"%s\"><a class=\"class%u\" href=\"#%s\">", name,
           row->code[EHLO_CODES_TABLE] / 100u, name);
    print_codes(row, EHLO_CODES_TABLE, ' ');
    fputs("</a> ", stdout);
    print_phrase(row->phrase);
    printf("</h3>\n<p><a href=\"#row-%u\">%u</a> <code class=\"words\">%s</code></p>\n<dl>\n",
           row->id, row->id, name);
    fputs("<dt>Registered codes</dt><dd><code>", stdout);
    print_codes(row, EHLO_CODES_REGISTRY, ' ');
    puts("</code></dd>");
    print_item("Meaning", " class=\"words\"", ehlo_reply_description(row->id));
    print_item("Remedy", "", ehlo_reply_remedy(row->id));
    puts("</dl>\n</article>");
}

/* Cards of the ids from `first` up to before `end`. */
static void print_group(const struct group *group, unsigned end)
{
    struct ehlo_reply_row row;

    printf("<section id=\"%s\">\n<h2>%s</h2>\n<div class=\"cards\">\n", group->name, group->title);
    for (unsigned id = ehlo_reply_next(group->first - 1); id != 0 && id < end;
         id = ehlo_reply_next(id)) {
        ehlo_reply_row(id, &row);
        print_card(&row);
    }
    puts("</div>\n</section>");
}

static void print_lines(const char *const *lines)
{
    for (; *lines != NULL; lines++)
        puts(*lines);
}

static void print_head(void)
{
    puts("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
         "<title>Replies of libehlo</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>");
    print_lines(page_style);
    puts("</style>\n</head>\n<body>");
}

static void print_top(void)
{
    unsigned count = 0;

    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id))
        count++;
    puts("<header>\n<h1>Replies of libehlo</h1>\n"
         "<p>What each reply means and what to do about it. In a phrase, <var>%s</var> is the place"
         " of what the reply is about.</p>\n<nav aria-label=\"Groups\">");
    for (size_t i = 0; i < GROUPS; i++)
        printf("<a href=\"#%s\">%s</a>\n", groups[i].name, groups[i].title);
    printf("</nav>\n</header>\n<form id=\"search\" role=\"search\">\n<div hidden>\n"
           "<label for=\"query\">Code, enhanced code or words</label>\n"
           "<input id=\"query\" type=\"search\" autocomplete=\"off\" autocapitalize=\"none\" "
           "spellcheck=\"false\">\n</div>\n<output id=\"count\" for=\"query\">%u replies</output>\n"
           "</form>\n<main>\n<p id=\"none\" hidden>No reply fits.</p>\n",
           count);
}

void print_page(void)
{
    print_head();
    print_top();
    for (size_t i = 0; i < GROUPS; i++)
        print_group(&groups[i], i + 1 < GROUPS ? groups[i + 1].first : IDS);
    puts("</main>\n<script>");
    print_lines(page_script);
    puts("</script>\n</body>\n</html>");
}
