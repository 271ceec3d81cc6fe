/*
 * The words for the operator: whole, one entry for each row, fit to be printed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "support.h"

#include <limits.h>
#include <string.h>

static const struct catalogue_name {
    unsigned id;
    const char *name;
} catalogue_names[] = {
#define E(subject, detail)
#define NONE
#define ROW(number, name, t, te, r, re, phrase) {number, #name},
#include "reply/catalogue.def"
};

#define NAMES (sizeof catalogue_names / sizeof *catalogue_names)

static void test_names_are_those_of_the_catalogue(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        assert_non_null(ehlo_reply_name(catalogue_names[i].id));
        assert_string_equal(ehlo_reply_name(catalogue_names[i].id), catalogue_names[i].name);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(catalogue_names[i].name, catalogue_names[other].name);
            assert_int_not_equal(catalogue_names[i].id, catalogue_names[other].id);
        }
    }
}

/* A row has words, and words have a row. */
static void test_words_and_rows_belong_together(void **state)
{
    struct ehlo_reply_row row;

    (void)state;
    for (unsigned id = 0; id <= UINT16_MAX + 300u; id++) {
        bool known = ehlo_reply_row(id, &row);

        assert_true((ehlo_reply_name(id) != NULL) == known);
        assert_true((ehlo_reply_description(id) != NULL) == known);
        assert_true((ehlo_reply_remedy(id) != NULL) == known);
    }
    assert_null(ehlo_reply_name(UINT_MAX));
    assert_null(ehlo_reply_description(UINT_MAX));
    assert_null(ehlo_reply_remedy(UINT_MAX));
}

/* Whole sentences of printable ASCII, so that they fit a table with tabs. */
static void check_sentences(const char *name, const char *text)
{
    size_t length = strlen(text);

    assert_of(name, length >= 20 && length <= 400);
    assert_of(name, text[0] >= 'A' && text[0] <= 'Z');
    assert_of(name, text[length - 1] == '.');
    assert_of(name, strstr(text, "  ") == NULL);
    for (size_t i = 0; i < length; i++)
        assert_of(name, text[i] >= ' ' && text[i] <= '~');
}

static void test_words_are_sentences(void **state)
{
    struct ehlo_reply_row row;

    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        const char *name = ehlo_reply_name(id);
        const char *description = ehlo_reply_description(id);

        ehlo_reply_row(id, &row);
        check_sentences(name, description);
        check_sentences(name, ehlo_reply_remedy(id));
        assert_of(name, strcmp(description, ehlo_reply_remedy(id)) != 0);
        assert_of(name, strstr(description, row.phrase) == NULL);
        for (unsigned other = ehlo_reply_next(0); other < id; other = ehlo_reply_next(other))
            assert_of(name, strcmp(description, ehlo_reply_description(other)) != 0);
    }
}

static void test_by_name_finds_every_name_without_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        struct ehlo_slice name = dup_slice(catalogue_names[i].name);
        char *octets = dup_exact(name.data, name.length);
        struct ehlo_slice lower = {octets, name.length};

        assert_int_equal(ehlo_reply_by_name(name), catalogue_names[i].id);
        for (size_t at = 0; at < name.length; at++)
            octets[at] =
                (char)(octets[at] >= 'A' && octets[at] <= 'Z' ? octets[at] | 0x20 : octets[at]);
        assert_int_equal(ehlo_reply_by_name(lower), catalogue_names[i].id);
        free_slice(name);
        free_slice(lower);
    }
}

static void test_by_name_refuses_other_names(void **state)
{
    static const char *const names[] = {"",       "USER_UNKNOWNS", "USER_UNKNOW",
                                        "CUSTOM", "ACCEPT",        "EHLO_REPLY_USER_UNKNOWN",
                                        "21",     "USER UNKNOWN",  " USER_UNKNOWN"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ehlo_slice name = dup_slice(names[i]);

        assert_of(names[i], ehlo_reply_by_name(name) == 0);
        free_slice(name);
    }
    assert_int_equal(ehlo_reply_by_name((struct ehlo_slice){"USER_UNKNOWN", 13}), 0);
}

static void test_by_name_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char name[] = "USER_UNKNOWN";

        name[4] = (char)octet;
        assert_int_equal(ehlo_reply_by_name(ehlo_text(name)), octet == '_' ? 21 : 0);
        name[4] = '_';
        name[0] = (char)octet;
        assert_int_equal(ehlo_reply_by_name((struct ehlo_slice){name, 12}),
                         octet == 'U' || octet == 'u' ? 21 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_the_catalogue),
        cmocka_unit_test(test_words_and_rows_belong_together),
        cmocka_unit_test(test_words_are_sentences),
        cmocka_unit_test(test_by_name_finds_every_name_without_case),
        cmocka_unit_test(test_by_name_refuses_other_names),
        cmocka_unit_test(test_by_name_every_octet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
