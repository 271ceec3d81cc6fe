/*
 * lib/syntax/command.c: verb, argument, and the blanks around them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define DOUBLED  EHLO_ODDITY_DOUBLED_SPACES
#define TRAILING EHLO_ODDITY_TRAILING_BLANKS
#define OK       EHLO_SYNTAX_OK

/* R5321-4.1.1-1, R5321-2.4-1 (case is kept here and ignored by ehlo_same_text()) */
static const struct {
    const char *name;
    struct ehlo_slice line;
    const char *verb, *argument;
    uint32_t oddities; /* without tolerance, any of them is MALFORMED */
} lines[] = {
    {"empty", {NULL, 0}, "", "", 0},
    {"verb", TEXT("RSET"), "RSET", "", 0},
    {"verb and argument", TEXT("mAiL fRoM:<a@b>"), "mAiL", "fRoM:<a@b>", 0},
    {"argument with blanks inside", TEXT("NOOP a  b"), "NOOP", "a  b", 0},
    {"two spaces", TEXT("NOOP  a"), "NOOP", "a", DOUBLED},
    {"HT", TEXT("NOOP\ta"), "NOOP", "a", DOUBLED},
    {"SP and HT", TEXT("NOOP \ta"), "NOOP", "a", DOUBLED},
    {"trailing spaces behind the verb", TEXT("DATA  "), "DATA", "", TRAILING},
    {"trailing HT behind the verb", TEXT("DATA\t"), "DATA", "", TRAILING},
    {"trailing behind the argument", TEXT("HELO a \t"), "HELO", "a", TRAILING},
    {"both", TEXT("HELO  a "), "HELO", "a", DOUBLED | TRAILING},
    {"leading space", TEXT(" NOOP"), "", "NOOP", 0},
    {"leading spaces", TEXT("  NOOP"), "", "NOOP", DOUBLED},
    {"one space", TEXT(" "), "", "", TRAILING},
    {"any octets", TEXT("\xff\x01 \x80"), "\xff\x01", "\x80", 0},
};

static void test_command_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(lines); i++) {
        struct ehlo_slice line = exact(lines[i].line);
        struct ehlo_command command;

        memset(&command, 0x55, sizeof command);
        check_number(lines[i].name, "verdict, tolerant",
                     ehlo_parse_command(line, EHLO_ODDITIES_DEFAULT, &command), OK);
        check_number(lines[i].name, "verdict, strict", ehlo_parse_command(line, 0, &command),
                     lines[i].oddities == 0 ? OK : EHLO_SYNTAX_MALFORMED);
        check_number(lines[i].name, "oddities", command.oddities, lines[i].oddities);
        assert_slice_of(lines[i].name, command.verb, lines[i].verb);
        assert_slice_of(lines[i].name, command.argument, lines[i].argument);
        check_number(lines[i].name, "reserved", command.reserved, 0);
        assert_true(lies_in(command.verb, line) && lies_in(command.argument, line));
        free_slice(line);
    }
}

static void test_command_tolerates_each_blank_alone(void **state)
{
    struct ehlo_command command;

    (void)state;
    assert_int_equal(ehlo_parse_command(SLICE("A  b"), DOUBLED, &command), OK);
    assert_int_equal(ehlo_parse_command(SLICE("A  b"), TRAILING, &command), EHLO_SYNTAX_MALFORMED);
    assert_int_equal(ehlo_parse_command(SLICE("A b "), TRAILING, &command), OK);
    assert_int_equal(ehlo_parse_command(SLICE("A b "), DOUBLED, &command), EHLO_SYNTAX_MALFORMED);
}

/* Only SP and HT cut a line; NUL shortens nothing (RSEC-NUL-1). */
static void test_command_every_octet_behind_the_verb(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char text[3] = {'A', (char)octet, 'b'};
        struct ehlo_slice line = exact((struct ehlo_slice){text, 3});
        struct ehlo_command command;
        bool is_blank = octet == ' ' || octet == '\t';

        assert_int_equal(ehlo_parse_command(line, EHLO_ODDITIES_ALL, &command), OK);
        assert_int_equal(command.verb.length, is_blank ? 1 : 3);
        assert_int_equal(command.argument.length, is_blank ? 1 : 0);
        free_slice(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_command_tolerates_each_blank_alone),
        cmocka_unit_test(test_command_every_octet_behind_the_verb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
