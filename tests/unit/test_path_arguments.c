/*
 * lib/syntax/path.c: the arguments of MAIL and RCPT: each tolerated spelling with and without its
 * bit, keywords, what stands behind the path.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK         EHLO_SYNTAX_OK
#define MALFORMED  EHLO_SYNTAX_MALFORMED
#define UNBALANCED EHLO_SYNTAX_UNBALANCED
#define NO_DOMAIN  EHLO_SYNTAX_NO_DOMAIN
#define NOT_ASCII  EHLO_SYNTAX_NOT_ASCII
#define NO_KEYWORD EHLO_SYNTAX_NO_KEYWORD
#define ALL        (EHLO_ODDITIES_ALL | (uint32_t)EHLO_SYNTAX_UTF8)

/* Spellings that are tolerated by a bit, as the argument of MAIL: the quirk table. R5321-3.3-4,
 * R5321-4.1.2-1, -3, R6531-3.3-1 */
static const struct {
    const char *argument;
    uint32_t needs;          /* the bits that must be there, and are reported */
    enum ehlo_syntax strict; /* without one of them */
    const char *whole, *mailbox, *parameters;
} quirks[] = {
    {"FROM: <a@b.example>", EHLO_ODDITY_COLON_BLANKS, NO_KEYWORD, "<a@b.example>", "a@b.example",
     ""},
    {"FROM:\t <a@b.example>", EHLO_ODDITY_COLON_BLANKS, NO_KEYWORD, "<a@b.example>", "a@b.example",
     ""},
    {"FROM :<a@b.example>", EHLO_ODDITY_COLON_BLANKS, NO_KEYWORD, "<a@b.example>", "a@b.example",
     ""},
    {"FROM:<a@b.example>  SIZE=1", EHLO_ODDITY_DOUBLED_SPACES, NO_KEYWORD, "<a@b.example>",
     "a@b.example", "SIZE=1"},
    {"FROM:<a@b.example>\tSIZE=1", EHLO_ODDITY_DOUBLED_SPACES, NO_KEYWORD, "<a@b.example>",
     "a@b.example", "SIZE=1"},
    {"FROM:<a@b.example> SIZE=1  X", EHLO_ODDITY_DOUBLED_SPACES, NO_KEYWORD, "<a@b.example>",
     "a@b.example", "SIZE=1  X"},
    {"FROM:<a@b.example> ", EHLO_ODDITY_TRAILING_BLANKS, NO_KEYWORD, "<a@b.example>", "a@b.example",
     ""},
    {"FROM:<a@b.example> X ", EHLO_ODDITY_TRAILING_BLANKS, NO_KEYWORD, "<a@b.example>",
     "a@b.example", "X "},
    {"FROM:<a@win_pc.example>", EHLO_ODDITY_UNDERSCORE, MALFORMED, "<a@win_pc.example>",
     "a@win_pc.example", ""},
    {"FROM:<@r_r.example:a@b.example>", EHLO_ODDITY_UNDERSCORE, MALFORMED,
     "<@r_r.example:a@b.example>", "a@b.example", ""},
    {"FROM:a@b.example", EHLO_ODDITY_NO_BRACKETS, MALFORMED, "a@b.example", "a@b.example", ""},
    {"FROM:a@b.example AUTH=<>", EHLO_ODDITY_NO_BRACKETS, MALFORMED, "a@b.example", "a@b.example",
     "AUTH=<>"},
    {"FROM: a@b.example", EHLO_ODDITY_NO_BRACKETS | EHLO_ODDITY_COLON_BLANKS, NO_KEYWORD,
     "a@b.example", "a@b.example", ""},
    {"FROM:\"a b\"@c.example X", EHLO_ODDITY_NO_BRACKETS, MALFORMED, "\"a b\"@c.example",
     "\"a b\"@c.example", "X"},
    {"FROM:Joe <a@b.example> X", EHLO_ODDITY_DISPLAY_NAME, MALFORMED, "<a@b.example>",
     "a@b.example", "X"},
    {"FROM:\"Joe <x>\" <a@b.example>", EHLO_ODDITY_DISPLAY_NAME, MALFORMED, "<a@b.example>",
     "a@b.example", ""},
    {"FROM:\"Joe\"<a@b.example>", EHLO_ODDITY_DISPLAY_NAME, MALFORMED, "<a@b.example>",
     "a@b.example", ""},
    {"FROM:=?utf-8?Q?J=C3=B6?= <a@b.example>", EHLO_ODDITY_DISPLAY_NAME, MALFORMED, "<a@b.example>",
     "a@b.example", ""},
    {"FROM:a@b.example <a@b.example>", EHLO_ODDITY_DISPLAY_NAME, MALFORMED, "<a@b.example>",
     "a@b.example", ""},
    {"FROM:<a.@b.example>", EHLO_ODDITY_LOCAL_DOTS, MALFORMED, "<a.@b.example>", "a.@b.example",
     ""},
    {"FROM:<.a@b.example>", EHLO_ODDITY_LOCAL_DOTS, MALFORMED, "<.a@b.example>", ".a@b.example",
     ""},
    {"FROM:<a..b@c.example>", EHLO_ODDITY_LOCAL_DOTS, MALFORMED, "<a..b@c.example>",
     "a..b@c.example", ""},
    {"FROM:<a@b.example.>", EHLO_ODDITY_TRAILING_DOT, MALFORMED, "<a@b.example.>", "a@b.example.",
     ""},
    {"FROM:<a..b@c_c.example.>",
     EHLO_ODDITY_LOCAL_DOTS | EHLO_ODDITY_UNDERSCORE | EHLO_ODDITY_TRAILING_DOT, MALFORMED,
     "<a..b@c_c.example.>", "a..b@c_c.example.", ""},
    {"FROM:<j\xc3\xbcrgen@b.example> SMTPUTF8", EHLO_SYNTAX_UTF8, NOT_ASCII,
     "<j\xc3\xbcrgen@b.example>", "j\xc3\xbcrgen@b.example", "SMTPUTF8"},
    {"FROM:<\"\xe2\x82\xac \"@b.example>", EHLO_SYNTAX_UTF8, NOT_ASCII,
     "<\"\xe2\x82\xac \"@b.example>", "\"\xe2\x82\xac \"@b.example", ""},
    {"FROM:<a@\xc3\xbc.example>", EHLO_SYNTAX_UTF8, NOT_ASCII, "<a@\xc3\xbc.example>",
     "a@\xc3\xbc.example", ""},
    {"FROM:<@\xc3\xbc.example:a@b.example>", EHLO_SYNTAX_UTF8, NOT_ASCII,
     "<@\xc3\xbc.example:a@b.example>", "a@b.example", ""},
};

static void check_quirk(size_t i, struct ehlo_slice argument)
{
    const char *name = quirks[i].argument;
    struct ehlo_slice parameters;
    struct ehlo_path path;

    check_number(name, "tolerant", ehlo_parse_mail(argument, quirks[i].needs, &path, &parameters),
                 OK);
    check_number(name, "oddities", path.oddities, quirks[i].needs & EHLO_ODDITIES_ALL);
    assert_slice_of(name, path.whole, quirks[i].whole);
    assert_slice_of(name, path.mailbox, quirks[i].mailbox);
    assert_slice_of(name, parameters, quirks[i].parameters);
    assert_of(name, ((path.flags & EHLO_PATH_UTF8) != 0) == (quirks[i].needs == EHLO_SYNTAX_UTF8));
}

static void test_path_quirks_strict_and_tolerant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(quirks); i++) {
        struct ehlo_slice argument = dup_slice(quirks[i].argument);
        uint32_t one = quirks[i].needs & (~quirks[i].needs + 1);
        struct ehlo_slice parameters;
        struct ehlo_path path;

        check_quirk(i, argument);
        check_number(quirks[i].argument, "strict", ehlo_parse_mail(argument, 0, &path, &parameters),
                     quirks[i].strict);
        assert_of(quirks[i].argument,
                  ehlo_parse_mail(argument, ALL & ~one, &path, &parameters) != OK);
        free_slice(argument);
    }
}

/* Arguments without quirks or beyond them. R5321-2.4-1, R5321-4.1.1.2-2, R5321-4.1.1.3-1 */
static const struct {
    const char *argument;
    enum ehlo_syntax mail, rcpt; /* with every tolerance */
    const char *parameters;      /* where one of them is OK */
} arguments[] = {
    {"FROM:<a@b.example>", OK, NO_KEYWORD, ""},
    {"TO:<a@b.example>", NO_KEYWORD, OK, ""},
    {"fRoM:<a@b.example>", OK, NO_KEYWORD, ""},
    {"to:<a@b.example>", NO_KEYWORD, OK, ""},
    {"FROM:<a@b.example> bOdY=8bitmime", OK, NO_KEYWORD, "bOdY=8bitmime"},
    {"TO:<\"a> b\"@c.example> NOTIFY=NEVER ORCPT=rfc822;a", NO_KEYWORD, OK,
     "NOTIFY=NEVER ORCPT=rfc822;a"},
    {"FROM:<> SIZE=1", OK, NO_KEYWORD, "SIZE=1"},
    {"TO:<>", NO_KEYWORD, MALFORMED, NULL},
    {"TO:<Postmaster> X", NO_KEYWORD, OK, "X"},
    {"TO:<user>", NO_KEYWORD, NO_DOMAIN, NULL},
    {"", NO_KEYWORD, NO_KEYWORD, NULL},
    {"FROM", NO_KEYWORD, NO_KEYWORD, NULL},
    {"FROM<a@b.example>", NO_KEYWORD, NO_KEYWORD, NULL},
    {"FROM <a@b.example>", NO_KEYWORD, NO_KEYWORD, NULL},
    {"<a@b.example>", NO_KEYWORD, NO_KEYWORD, NULL},
    {"FROMX:<a@b.example>", NO_KEYWORD, NO_KEYWORD, NULL},
    {" FROM:<a@b.example>", NO_KEYWORD, NO_KEYWORD, NULL},
    {"FR OM:<a@b.example>", NO_KEYWORD, NO_KEYWORD, NULL},
    {"FROM::<a@b.example>", MALFORMED, NO_KEYWORD, NULL},
    {"FROM:<a@b.example>SIZE=1", NO_KEYWORD, NO_KEYWORD, NULL},
    {"FROM:<a@b.example>>", UNBALANCED, NO_KEYWORD, NULL},
    {"FROM:<a@b.example> >", OK, NO_KEYWORD, ">"}, /* ehlo_next_parameter() refuses it */
    {"FROM:<a@b.example SIZE=1", UNBALANCED, NO_KEYWORD, NULL},
    {"FROM:a@b.example> SIZE=1", UNBALANCED, NO_KEYWORD, NULL},
    {"FROM:\"a@b.example", UNBALANCED, NO_KEYWORD, NULL},
    {"FROM:Joe", NO_DOMAIN, NO_KEYWORD, NULL},
    {"FROM:Joe<a@b.example>", MALFORMED, NO_KEYWORD, NULL},
    {"FROM:J\xc3\xb6 <a@b.example>", NO_DOMAIN, NO_KEYWORD, NULL},
    {"FROM:J\x01 <a@b.example>", MALFORMED, NO_KEYWORD, NULL},
    {"FROM:Joe <>", OK, NO_KEYWORD, ""},
    {"TO:postmaster", NO_KEYWORD, OK, ""},
};

static void check_argument(size_t i, bool is_rcpt, struct ehlo_slice argument)
{
    const char *name = arguments[i].argument;
    struct ehlo_slice parameters;
    struct ehlo_path path;
    enum ehlo_syntax got, want = is_rcpt ? arguments[i].rcpt : arguments[i].mail;

    got = is_rcpt ? ehlo_parse_rcpt(argument, ALL, &path, &parameters)
                  : ehlo_parse_mail(argument, ALL, &path, &parameters);
    check_number(name, is_rcpt ? "RCPT" : "MAIL", got, want);
    if (got == OK)
        assert_slice_of(name, parameters, arguments[i].parameters);
}

static void test_path_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(arguments); i++) {
        struct ehlo_slice argument = dup_slice(arguments[i].argument);

        check_argument(i, false, argument);
        check_argument(i, true, argument);
        free_slice(argument);
    }
}

/* Without NO_BRACKETS a bare path is MALFORMED, whatever else is wrong with it. */
static void test_path_bare_is_malformed_when_strict(void **state)
{
    struct ehlo_path path;

    (void)state;
    assert_int_equal(ehlo_parse_forward_path(SLICE("a@b.example"), 0, &path), MALFORMED);
    assert_int_equal(ehlo_parse_forward_path(SLICE("user"), 0, &path), MALFORMED);
    assert_int_equal(ehlo_parse_forward_path(SLICE("postmaster"), 0, &path), MALFORMED);
    assert_int_equal(ehlo_parse_forward_path(SLICE("Joe <user>"), 0, &path), MALFORMED);
}

/* What is tolerated by default is the first seven bits. */
static void test_path_default_tolerance(void **state)
{
    struct ehlo_slice parameters;
    struct ehlo_path path;
    const uint32_t tolerated = EHLO_ODDITIES_DEFAULT;

    (void)state;
    assert_int_equal(
        ehlo_parse_rcpt(SLICE("TO : <a@b_b.example>  X "), tolerated, &path, &parameters), OK);
    assert_int_equal(path.oddities, EHLO_ODDITY_COLON_BLANKS | EHLO_ODDITY_UNDERSCORE |
                                        EHLO_ODDITY_DOUBLED_SPACES | EHLO_ODDITY_TRAILING_BLANKS);
    assert_int_equal(ehlo_parse_rcpt(SLICE("TO:a@b.example"), tolerated, &path, &parameters),
                     MALFORMED);
    assert_int_equal(ehlo_parse_rcpt(SLICE("TO:<a.@b.example>"), tolerated, &path, &parameters),
                     MALFORMED);
    assert_int_equal(ehlo_parse_rcpt(SLICE("TO:<a@b.example.>"), tolerated, &path, &parameters),
                     MALFORMED);
    assert_int_equal(ehlo_parse_rcpt(SLICE("TO:J <a@b.example>"), tolerated, &path, &parameters),
                     MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_quirks_strict_and_tolerant),
        cmocka_unit_test(test_path_arguments),
        cmocka_unit_test(test_path_bare_is_malformed_when_strict),
        cmocka_unit_test(test_path_default_tolerance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
