/*
 * Finding a row of the catalogue by what stands on the wire.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Looks up an exact-size copy of the phrase. */
static unsigned find_copy(unsigned code, const struct ehlo_enhanced *enhanced, const char *phrase)
{
    struct ehlo_slice copy = dup_slice(phrase);
    unsigned id = ehlo_reply_find(code, enhanced, copy);

    free_slice(copy);
    return id;
}

static bool has_pair(const struct ehlo_reply_row *row, unsigned code,
                     const struct ehlo_enhanced *enhanced)
{
    for (size_t set = 0; set < 2; set++) {
        const struct ehlo_enhanced *own = &row->enhanced[set];

        if (row->code[set] == code && own->klass == enhanced->klass &&
            own->subject == enhanced->subject && own->detail == enhanced->detail)
            return true;
    }
    return false;
}

/* The lowest id with this pair and phrase, by a plain walk. */
static unsigned lowest_id(unsigned code, const struct ehlo_enhanced *enhanced, const char *phrase)
{
    struct ehlo_reply_row row;

    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        ehlo_reply_row(id, &row);
        if (strcmp(row.phrase, phrase) == 0 && has_pair(&row, code, enhanced))
            return id;
    }
    return 0;
}

static void test_find_every_row_by_either_pair(void **state)
{
    struct ehlo_reply_row row;

    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        ehlo_reply_row(id, &row);
        for (size_t set = 0; set < 2; set++) {
            unsigned code = row.code[set];
            const struct ehlo_enhanced *enhanced = &row.enhanced[set];

            assert_int_equal(find_copy(code, enhanced, row.phrase),
                             lowest_id(code, enhanced, row.phrase));
            assert_in_range(find_copy(code, NULL, row.phrase), 1, id);
        }
    }
}

/* What is printed of a row, with and without a subject, leads back to it. */
static void test_find_what_was_printed(void **state)
{
    static const char *const subjects[] = {"", "<a@b>", "two words"};
    struct ehlo_reply_row row;
    char buffer[EHLO_REPLY_LINE_MAX];

    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        ehlo_reply_row(id, &row);
        for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
            struct ehlo_reply reply = ehlo_reply_about(id, ehlo_text(subjects[i]));
            size_t length = ehlo_format_reply(buffer, sizeof buffer, &reply, 0);
            struct ehlo_slice text = {NULL, length - 6};

            text.data = dup_exact(buffer + 4, text.length);
            assert_int_equal(ehlo_reply_find(reply.code, &reply.enhanced, text),
                             text.length == 0 ? ehlo_reply_find(334, NULL, text)
                                              : lowest_id(reply.code, &reply.enhanced, row.phrase));
            free_slice(text);
        }
    }
}

static const struct lookup_row {
    const char *name;
    unsigned code;
    struct ehlo_enhanced enhanced;
    const char *phrase;
    unsigned want;
} lookup_rows[] = {
    {"nothing given: the first row", 0, {0, 0, 0, 0}, "", 1},
    {"code only, in either set", 552, {0, 0, 0, 0}, "", 7},
    {"enhanced code only", 0, {5, 0, 7, 25}, "", 10},
    {"pair of the table set", 535, {5, 0, 7, 1}, "", 20},
    {"pair of the registry set", 535, {5, 0, 7, 8}, "", 20},
    {"code of one set, enhanced code of the other", 501, {5, 0, 3, 4}, "", 0},
    {"phrase only", 0, {0, 0, 0, 0}, "Too many hops", 50},
    {"phrase of several rows", 0, {0, 0, 0, 0}, "Permission denied", 8},
    {"phrase of several rows, 550", 550, {0, 0, 0, 0}, "Permission denied", 8},
    {"phrase of several rows, 554", 554, {5, 0, 7, 1}, "Permission denied", 36},
    {"split row", 501, {5, 0, 5, 4}, "Syntax error in parameters scanning", 4},
    {"split row, registry", 501, {5, 0, 1, 3}, "Syntax error in parameters scanning", 202},
    {"without case", 550, {5, 0, 1, 1}, "uSER UNKNOWN; rejecting", 21},
    {"subject in front", 550, {5, 0, 1, 1}, "<a@b> User unknown; rejecting", 21},
    {"subject of two words in front", 550, {5, 0, 1, 1}, "\"a b\"@c User unknown; rejecting", 21},
    {"space, but no subject in front", 550, {5, 0, 1, 1}, " User unknown; rejecting", 0},
    {"no space in front", 550, {5, 0, 1, 1}, "xUser unknown; rejecting", 0},
    {"two octets and no space in front", 550, {5, 0, 1, 1}, "xyUser unknown; rejecting", 0},
    {"text behind", 550, {5, 0, 1, 1}, "User unknown; rejecting.", 0},
    {"cut short", 550, {5, 0, 1, 1}, "User unknown; rejectin", 0},
    {"subject in its place", 550, {0, 0, 0, 0}, "Access to <a@b> not allowed by rules", 28},
    {"one octet in its place", 550, {0, 0, 0, 0}, "Access to x not allowed by rules", 28},
    {"empty place, two spaces", 550, {0, 0, 0, 0}, "Access to  not allowed by rules", 0},
    {"empty place, one space", 550, {0, 0, 0, 0}, "access to not allowed by rules", 28},
    {"no space around the place", 550, {0, 0, 0, 0}, "Access tonot allowed by rules", 0},
    {"the place as it is written", 0, {0, 0, 0, 0}, "Access to %s not allowed by rules", 28},
    {"dots for the subject", 554, {0, 0, 0, 0}, "... while issuing MX query", 48},
    {"place at the start, empty", 554, {0, 0, 0, 0}, " while issuing MX query", 0},
    {"place at the start, as written, cut short", 554, {0, 0, 0, 0}, "%s while issuing MX qu", 0},
    {"place at the end", 551, {5, 0, 7, 1}, "User not local; please try <c@d>", 261},
    {"place at the end, empty", 551, {5, 0, 7, 1}, "User not local; please try", 261},
    {"X.0.0 where a row has none", 554, {5, 0, 0, 0}, "Too many hops", 50},
    {"X.0.0 of another class", 554, {4, 0, 0, 0}, "Too many hops", 0},
    {"X.0.0 where a row has one", 550, {5, 0, 0, 0}, "User unknown; rejecting", 0},
    {"any words behind a code without words", 334, {0, 0, 0, 0}, "VXNlcm5hbWU6", 141},
    {"any words behind 250 2.1.5", 250, {2, 0, 1, 5}, "<a@b>", 131},
    {"any words without a code", 0, {2, 0, 1, 5}, "<a@b>", 0},
    {"unknown code", 599, {0, 0, 0, 0}, "User unknown; rejecting", 0},
    {"unknown words", 550, {0, 0, 0, 0}, "Go away", 0},
};

static void test_find_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lookup_rows / sizeof *lookup_rows; i++) {
        const struct lookup_row *row = &lookup_rows[i];
        unsigned id = find_copy(row->code, &row->enhanced, row->phrase);

        if (id != row->want)
            print_error("%s: found %u\n", row->name, id);
        assert_of(row->name, id == row->want);
    }
}

/* Only the letters of ASCII have two cases. */
static void test_find_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char text[] = "Unbalanced";

        text[2] = (char)octet;
        assert_int_equal(find_copy(501, NULL, text), octet == 'b' || octet == 'B' ? 3 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_every_row_by_either_pair),
        cmocka_unit_test(test_find_what_was_printed),
        cmocka_unit_test(test_find_rows),
        cmocka_unit_test(test_find_every_octet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
