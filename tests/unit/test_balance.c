/*
 * lib/syntax/balance.c: brackets in pairs, quotes in mind.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#include "syntax/rules.h"

static const struct {
    const char *name, *text;
    bool want;
} texts[] = {
    {"empty", "", true},
    {"no brackets", "a@b.example", true},
    {"angle", "<a@b.example>", true},
    {"angle and square", "<a@[192.0.2.1]>", true},
    {"brackets in quotes", "<\"<<[>>\"@b.example>", true},
    {"escaped quote in quotes", "<\"\\\"<\"@b.example>", true},
    {"escaped backslash ends no quote", "\"\\\\\"", true},
    {"angle open", "<a", false},
    {"angle closed unopened", "a>", false},
    {"angle turned round", ">a<", false},
    {"angle twice", "<<a>>", false},
    {"square open", "<a@[1>", false},
    {"square closed unopened", "<a@1]>", false},
    {"square twice", "[[1]]", false},
    {"quote open", "<\"a>", false},
    {"quote open at the end", "\"", false},
    {"backslash before the end", "\"\\", false},
    {"backslash hides the last quote", "\"a\\\"", false},
};

static void test_balance_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct ehlo_slice copy = dup_slice(texts[i].text);

        check_number(texts[i].name, "verdict", ehlo__is_balanced(copy), texts[i].want);
        free_slice(copy);
    }
}

static const struct {
    const char *name, *text;
    bool found;
    size_t left;
} searches[] = {
    {"first", ">ab", true, 3},
    {"later", "ab>", true, 1},
    {"the other", "a b>", true, 3},
    {"none", "ab", false, 0},
    {"only in quotes", "\">\"", false, 0},
    {"behind quotes", "\"\\\"> \">", true, 1},
    {"quote stays open", "\">", false, 0},
    {"nothing", "", false, 0},
};

static void test_balance_seek_minds_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(searches); i++) {
        struct ehlo_slice copy = dup_slice(searches[i].text);
        struct ehlo__cursor in = ehlo__cursor(copy);

        check_number(searches[i].name, "found", ehlo__seek_unquoted(&in, '>', ' '),
                     searches[i].found);
        check_number(searches[i].name, "left", in.left, searches[i].left);
        free_slice(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balance_texts),
        cmocka_unit_test(test_balance_seek_minds_quotes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
