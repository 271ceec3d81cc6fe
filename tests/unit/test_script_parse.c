/*
 * lib/script/script_parse.c: lines, words, escapes and patterns of transcripts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"
#include "support.h"

#include <string.h>

static void test_steps_of_all_kinds(void **state)
{
    static const struct {
        const char *line, *sign, *text;
    } rows[] = {
        {"C: NOOP", "C:", "NOOP"},
        {"C:  two blanks ", "C:", " two blanks "},
        {"C:", "C:", ""},
        {"C: ", "C:", ""},
        {"S~", "S~", ""},
        {"! hold", "! ", "hold"},
        {"# text", "# ", "# text"},
        {"#", "# ", "#"},
        {"", "# ", ""},
        {"C:NOOP", "??", "C:NOOP"},
        {"C", "??", "C"},
        {"!", "??", "!"},
        {"!hold", "??", "!hold"},
        {"Q: x", "Q:", "x"},
        {" C: NOOP", "??", " C: NOOP"},
    };
    static const char *const ends[] = {"\n", "\r\n", ""};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
            struct ehlo__place place = {0, 6};
            struct ehlo__step step;
            char text[64];
            struct ehlo_slice script;

            strcat(strcpy(text, rows[i].line), ends[j]);
            if (text[0] == '\0')
                continue;
            script = dup_slice(text);
            assert_of(rows[i].line, ehlo__next_step(script, &place, &step));
            assert_octets_of(rows[i].line, step.sign, 2, rows[i].sign, 2);
            assert_slice_of(rows[i].line, step.text, rows[i].text);
            assert_of(rows[i].line, place.line == 7 && place.offset == script.length);
            assert_of(rows[i].line, !ehlo__next_step(script, &place, &step));
            free_slice(script);
        }
    }
}

static void test_words_are_cut_at_blanks(void **state)
{
    static const char *const words[] = {"one", "two", "three", "", ""};
    struct ehlo_slice text = dup_slice("  one two   three ");
    struct ehlo_slice rest = text;

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct ehlo_slice word = ehlo__next_word(&rest);

        assert_slice_of("word", word, words[i]);
        if (i == 0)
            assert_slice_of("rest", rest, "two   three ");
    }
    free_slice(text);
}

static void test_texts_are_cut_at_an_octet(void **state)
{
    static const struct {
        const char *text, *part, *rest;
    } rows[] = {
        {"a:b:c", "a", "b:c"}, {"a:", "a", ""},  {":b", "", "b"},
        {":", "", ""},         {"a", "a", NULL}, {"", "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice text = dup_slice(rows[i].text);
        struct ehlo_slice rest = text;
        const struct ehlo_slice part = ehlo__cut_at(&rest, ':');

        assert_slice_of(rows[i].text, part, rows[i].part);
        assert_of(rows[i].text, (rest.data == NULL) == (rows[i].rest == NULL));
        assert_slice_of(rows[i].text, rest, rows[i].rest != NULL ? rows[i].rest : "");
        free_slice(text);
    }
}

static void test_escapes(void **state)
{
    static const struct {
        const char *text, *octets;
        size_t length;
    } rows[] = {
        {"plain", "plain", 5},
        {"", "", 0},
        {"\\r\\n\\t\\0\\\\\\*\\}", "\r\n\t\0\\*}", 7},
        {"\\x00\\x7f\\xFf\\xaB", "\x00\x7f\xff\xab", 4},
        {"}{", "}{", 2},
        {"\\{a*3}", "aaa", 3},
        {"<\\{a*1}>", "<a>", 3},
        {"\\{ab*2}\\{c*2}", "ababcc", 6},
        {"\\{\\x80\\r\\n*2}", "\x80\r\n\x80\r\n", 6},
        {"\\{\\*\\}*2}x", "*}*}x", 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice text = dup_slice(rows[i].text);
        struct ehlo__octets in = ehlo__octets_of(text, false);
        char octets[16];
        size_t length = 0;
        int octet;

        while ((octet = ehlo__next_octet(&in)) >= 0 && length < sizeof octets)
            octets[length++] = (char)octet;
        assert_of(rows[i].text, octet == EHLO__TEXT_END && ehlo__is_text(text));
        assert_octets_of(rows[i].text, octets, length, rows[i].octets, rows[i].length);
        free_slice(text);
    }
}

static void test_bad_escapes(void **state)
{
    static const char *const rows[] = {
        "\\",
        "\\q",
        "\\x",
        "\\x4",
        "\\xg0",
        "\\x0g",
        "\\{",
        "\\{}",
        "\\{*3}",
        "\\{a}",
        "\\{a*}",
        "\\{a*3",
        "\\{a*0}",
        "\\{a*x}",
        "\\{a\\",
        "\\{a\\*",
        "\\{a*-1}",
        "\\{\\q*3}",
        "a\\{a*3}\\",
        "\\{a\\{b*2}*2}",
        "\\{a*123456789}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice text = dup_slice(rows[i]);

        assert_of(rows[i], !ehlo__is_text(text));
        free_slice(text);
    }
}

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"250 Ok", "250 Ok", true},
        {"250 Ok", "250 OK", false},
        {"250 Ok", "250 Ok ", false},
        {"250 Ok ", "250 Ok", false},
        {"*", "", true},
        {"*", "anything", true},
        {"**", "anything", true},
        {"250 *", "250 ", true},
        {"250 *", "250", false},
        {"*.", "a.b.", true},
        {"*.", "a.b", false},
        {"a*b*c", "abc", true},
        {"a*b*c", "a-b-b-c-c", true},
        {"a*b*c", "acb", false},
        {"*ab", "aab", true},
        {"a*a", "a", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"\\{a*3}*", "aaab", true},
        {"\\{a*3}*", "aab", false},
        {"*\\{ab*2}", "xabab", true},
        {"*\\{ab*2}", "xababa", false},
        {"\\x20", " ", true},
        {"\\q", "q", false},
        {"*\\q", "q", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice pattern = dup_slice(rows[i].pattern), text = dup_slice(rows[i].text);

        assert_of(rows[i].pattern,
                  ehlo__matches(ehlo__octets_of(pattern, false), text) == rows[i].matches);
        free_slice(pattern);
        free_slice(text);
    }
}

static void test_raw_patterns_have_no_escapes(void **state)
{
    const struct ehlo_slice pattern = ehlo_text("a\\x20*"), text = ehlo_text("a\\x20b");

    (void)state;
    assert_true(ehlo__matches(ehlo__octets_of(pattern, true), text));
    assert_false(ehlo__matches(ehlo__octets_of(pattern, false), text));
}

static void test_nul_matches_itself(void **state)
{
    const struct ehlo_slice text = {"a\0b", 3};

    (void)state;
    assert_true(ehlo__matches(ehlo__octets_of(ehlo_text("a\\0b"), false), text));
    assert_false(ehlo__matches(ehlo__octets_of(ehlo_text("a\\0c"), false), text));
}

/* What is printed in a result can be copied into a transcript. */
static void test_escape_of_each_octet_reads_back(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        for (int blanks = 0; blanks < 2; blanks++) {
            char escaped[4];
            const size_t length = ehlo__escape(escaped, (char)octet, blanks);
            struct ehlo__octets in = ehlo__octets_of((struct ehlo_slice){escaped, length}, false);

            assert_int_equal(ehlo__next_octet(&in), octet);
            assert_int_equal(ehlo__next_octet(&in), EHLO__TEXT_END);
            assert_true(blanks == 0 || memchr(escaped, ' ', length) == NULL);
            assert_true(blanks == 0 || memchr(escaped, '*', length) == NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_of_all_kinds),
        cmocka_unit_test(test_words_are_cut_at_blanks),
        cmocka_unit_test(test_texts_are_cut_at_an_octet),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_bad_escapes),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_raw_patterns_have_no_escapes),
        cmocka_unit_test(test_nul_matches_itself),
        cmocka_unit_test(test_escape_of_each_octet_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
