/*
 * Patterns of the policy host.
 *
 * SPDX-License-Identifier: MIT
 */
#include "policy/pattern.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_fits(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"*", "", true},
        {"**", "", true},
        {"?", "", false},
        {"*?", "", false},
        {"*", "anything at all", true},
        {"?", "a", true},
        {"?", "ab", false},
        {"??", "a", false},
        {"*?*", "a", true},
        {"abc", "abc", true},
        {"abc", "ab", false},
        {"abc", "abcd", false},
        {"ABC", "abc", true},
        {"abc", "aBC", true},
        {"[", "{", false}, /* case is of letters alone */
        {"@", "`", false},
        {"a.c", "abc", false},
        {"a?c", "abc", true},
        {"*@spam.example", "bob@spam.example", true},
        {"*@spam.example", "@spam.example", true},
        {"*@spam.example", "bob@spam.example.org", false},
        {"*@spam.example", "bob@notspam.example", false},
        {"*.dynamic.example", "1.dynamic.example", true},
        {"*.dynamic.example", "dynamic.example", false},
        {"bob@*", "bob@x", true},
        {"bob@*", "bob@", true},
        {"bob@*", "bo@x", false},
        {"Subject: *lottery*", "subject: the LOTTERY again", true},
        {"Subject: *lottery*", "Subject: lotter", false},
        {"a*b*c", "abc", true},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXcYb", false},
        {"*ab", "aab", true},
        {"*aab", "aaab", true},
        {"*abab?", "abababx", true},
        {"*a?c*", "xxabxabc", true},
        {"a**b", "ab", true},
        {"*a", "b", false},
        {"*\xc3\xbc*", "b\xc3\xbc\x63her", true}, /* octets: a letter of UTF-8 is two */
        {"b?cher", "b\xc3\xbc\x63her", false},
        {"b??cher", "b\xc3\xbc\x63her", true},
        {"\\*", "\\x", true}, /* nothing takes the meaning off */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *pattern = dup_exact(rows[i].pattern, strlen(rows[i].pattern) + 1);
        struct ehlo_slice text = dup_slice(rows[i].text);
        char row[100];

        snprintf(row, sizeof row, "\"%s\" on \"%s\"", rows[i].pattern, rows[i].text);
        assert_of(row, pattern_fits(pattern, text) == rows[i].fits);
        free(pattern);
        free_slice(text);
    }
}

/* `?` and `*` take every octet, NUL too; every other fits itself alone, but for case. */
static void test_octets(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        char *data = malloc(1);
        struct ehlo_slice text = {data, 1};

        assert_non_null(data);
        *data = (char)octet;
        assert_true(pattern_fits("?", text));
        assert_true(pattern_fits("*", text));
        assert_true(pattern_fits("a", text) == (octet == 'a' || octet == 'A'));
        assert_true(pattern_fits("Z", text) == (octet == 'z' || octet == 'Z'));
        assert_true(pattern_fits("-", text) == (octet == '-'));
        free(data);
    }
}

/* With one attempt for each way to share the text out this would never end. */
static void test_time(void **state)
{
    char pattern[2 * 64 + 2];
    char *data = malloc(1 << 16);
    struct ehlo_slice text = {data, 1 << 16};

    (void)state;
    assert_non_null(data);
    memset(data, 'a', text.length);
    for (size_t i = 0; i < 64; i++)
        memcpy(pattern + 2 * i, "*a", 2);
    strcpy(pattern + 2 * 64, "b");
    assert_false(pattern_fits(pattern, text));
    data[text.length - 1] = 'b';
    assert_true(pattern_fits(pattern, text));
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
