/*
 * lib/syntax/dsn.c: RET=, ENVID=, NOTIFY=, ORCPT= and AUTH= of MAIL.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax_support.h"

#include <stdio.h>

#define OK         EHLO_SYNTAX_OK
#define MALFORMED  EHLO_SYNTAX_MALFORMED
#define UNBALANCED EHLO_SYNTAX_UNBALANCED
#define NO_DOMAIN  EHLO_SYNTAX_NO_DOMAIN
#define NOT_ASCII  EHLO_SYNTAX_NOT_ASCII
#define TOO_LONG   EHLO_SYNTAX_TOO_LONG
#define UTF8       ((uint32_t)EHLO_SYNTAX_UTF8)
#define NEVER      EHLO_NOTIFY_NEVER
#define SUCCESS    EHLO_NOTIFY_SUCCESS
#define FAILURE    EHLO_NOTIFY_FAILURE
#define DELAY      EHLO_NOTIFY_DELAY
#define XTEXT      EHLO_ORCPT_XTEXT
#define UTF8_XTEXT EHLO_ORCPT_UTF8_XTEXT
#define UNITEXT    EHLO_ORCPT_UTF8_UNITEXT

/* R3461-4.3-1 */
static const struct {
    const char *value;
    enum ehlo_syntax want;
    enum ehlo_ret ret;
} rets[] = {
    {"FULL", OK, EHLO_RET_FULL},         {"HDRS", OK, EHLO_RET_HDRS},
    {"full", OK, EHLO_RET_FULL},         {"hDrS", OK, EHLO_RET_HDRS},
    {"", MALFORMED, EHLO_RET_NONE},      {"FUL", MALFORMED, EHLO_RET_NONE},
    {"FULLL", MALFORMED, EHLO_RET_NONE}, {"HDR", MALFORMED, EHLO_RET_NONE},
    {"HDRSS", MALFORMED, EHLO_RET_NONE}, {"FULL,HDRS", MALFORMED, EHLO_RET_NONE},
    {"NONE", MALFORMED, EHLO_RET_NONE},
};

static void test_dsn_ret(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rets); i++) {
        struct ehlo_slice value = dup_slice(rets[i].value);
        enum ehlo_ret ret = EHLO_RET_NONE;

        check_number(rets[i].value, "verdict", ehlo_parse_ret(value, &ret), rets[i].want);
        check_number(rets[i].value, "ret", ret, rets[i].ret);
        free_slice(value);
    }
}

/* R3461-4.4-1, R3461-4-1 */
static const struct {
    const char *name;
    struct ehlo_slice value;
    enum ehlo_syntax want;
} envids[] = {
    {"plain", TEXT("QQ314159"), OK},
    {"one octet", TEXT("a"), OK},
    {"marks", TEXT("<a@b>;\"c\\d\"(e)"), OK},
    {"coded plus and equal", TEXT("a+2Bb+3Dc"), OK},
    {"coded SP", TEXT("a+20b"), OK},
    {"coded HT", TEXT("a+09b"), OK},
    {"lower case hex", TEXT("a+2bb"), OK},
    {"needlessly coded", TEXT("+41+42"), OK},
    {"empty", TEXT(""), MALFORMED},
    {"bare plus", TEXT("a+b"), MALFORMED},
    {"plus at the end", TEXT("a+"), MALFORMED},
    {"one digit at the end", TEXT("a+2"), MALFORMED},
    {"second no hex digit", TEXT("a+2Gb"), MALFORMED},
    {"first no hex digit", TEXT("a+G2b"), MALFORMED},
    {"equal", TEXT("a=b"), MALFORMED},
    {"SP", TEXT("a b"), MALFORMED},
    {"NUL", TEXT("a\0b"), MALFORMED},
    {"DEL", TEXT("a\x7f"), MALFORMED},
    {"8-bit", TEXT("a\xc3\xa9"), MALFORMED},
    {"coded CR", TEXT("a+0Db"), MALFORMED},
    {"coded LF", TEXT("a+0Ab"), MALFORMED},
    {"coded NUL", TEXT("+00"), MALFORMED},
    {"coded DEL", TEXT("+7F"), MALFORMED},
    {"coded 8-bit", TEXT("+C3+A9"), MALFORMED},
};

static void test_dsn_envid(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(envids); i++) {
        struct ehlo_slice value = exact(envids[i].value);

        check_number(envids[i].name, "verdict", ehlo_parse_envid(value), envids[i].want);
        free_slice(value);
    }
    assert_int_equal(ehlo_parse_envid((struct ehlo_slice){NULL, 0}), MALFORMED);
}

/* R3461-4.4-1, R3461-4-1: as itself, and coded. */
static void test_dsn_envid_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char plain[] = {'a', (char)octet, 'b'}, coded[8];
        bool is_xchar = octet >= 33 && octet <= 126 && octet != '+' && octet != '=';
        bool is_printable = (octet >= 32 && octet <= 126) || octet == '\t';

        if ((ehlo_parse_envid((struct ehlo_slice){plain, 3}) == OK) != is_xchar)
            fail_msg("octet %d", octet);
        (void)snprintf(coded, sizeof coded, "a+%02Xb", (unsigned)octet);
        if ((ehlo_parse_envid((struct ehlo_slice){coded, 5}) == OK) != is_printable)
            fail_msg("%s", coded);
    }
}

/* R3461-4.1-1 */
static const struct {
    const char *value;
    enum ehlo_syntax want;
    uint32_t notify;
} notifies[] = {
    {"NEVER", OK, NEVER},
    {"SUCCESS", OK, SUCCESS},
    {"FAILURE", OK, FAILURE},
    {"DELAY", OK, DELAY},
    {"SUCCESS,FAILURE", OK, SUCCESS | FAILURE},
    {"DELAY,SUCCESS,FAILURE", OK, SUCCESS | FAILURE | DELAY},
    {"never", OK, NEVER},
    {"sUCCESS,dELAY", OK, SUCCESS | DELAY},
    {"DELAY,DELAY", OK, DELAY},
    {"", MALFORMED, 0},
    {",", MALFORMED, 0},
    {"SUCCESS,", MALFORMED, 0},
    {",SUCCESS", MALFORMED, 0},
    {"SUCCESS,,DELAY", MALFORMED, 0},
    {"NEVER,SUCCESS", MALFORMED, 0},
    {"DELAY,NEVER", MALFORMED, 0},
    {"NEVER,NEVER", MALFORMED, 0},
    {"SUCCESS;DELAY", MALFORMED, 0},
    {"SUCCESS, DELAY", MALFORMED, 0},
    {"SUCCES", MALFORMED, 0},
    {"SUCCESSS", MALFORMED, 0},
    {"ALWAYS", MALFORMED, 0},
    {"NEVER ", MALFORMED, 0},
};

static void test_dsn_notify(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(notifies); i++) {
        struct ehlo_slice value = dup_slice(notifies[i].value);
        uint32_t notify = 77;

        check_number(notifies[i].value, "verdict", ehlo_parse_notify(value, &notify),
                     notifies[i].want);
        check_number(notifies[i].value, "notify", notify,
                     notifies[i].want == OK ? notifies[i].notify : 77);
        free_slice(value);
    }
}

/* R3461-4.2-1, R6533-3-1 */
static const struct {
    const char *name;
    struct ehlo_slice value;
    uint32_t tolerated;
    enum ehlo_syntax want;
    uint32_t form;
    const char *type, *address;
} orcpts[] = {
    {"plain", TEXT("rfc822;a@b.example"), 0, OK, XTEXT, "rfc822", "a@b.example"},
    {"case is kept", TEXT("RFC822;A+2bB"), 0, OK, XTEXT, "RFC822", "A+2bB"},
    {"other type, equal", TEXT("x400;/G=Ann"), 0, MALFORMED, 0, NULL, NULL},
    {"other type, coded", TEXT("x400;/G+3DAnn+20B/"), 0, OK, XTEXT, "x400", "/G+3DAnn+20B/"},
    {"type of marks", TEXT("!#$%&'*+-/?^_`{|}~;a"), 0, OK, XTEXT, "!#$%&'*+-/?^_`{|}~", "a"},
    {"semicolons", TEXT("rfc822;a;b"), 0, OK, XTEXT, "rfc822", "a;b"},
    {"empty address", TEXT("rfc822;"), 0, OK, XTEXT, "rfc822", ""},
    {"backslash in xtext", TEXT("rfc822;\\x{zz}"), 0, OK, XTEXT, "rfc822", "\\x{zz}"},
    {"no address is asked for", TEXT("rfc822;nonsense"), 0, OK, XTEXT, "rfc822", "nonsense"},
    {"empty", TEXT(""), 0, MALFORMED, 0, NULL, NULL},
    {"no semicolon", TEXT("rfc822"), 0, MALFORMED, 0, NULL, NULL},
    {"no type", TEXT(";a@b.example"), 0, MALFORMED, 0, NULL, NULL},
    {"address alone", TEXT("a@b.example"), 0, MALFORMED, 0, NULL, NULL},
    {"dot in type", TEXT("a.b;c"), 0, MALFORMED, 0, NULL, NULL},
    {"equal in type", TEXT("a=b;c"), 0, MALFORMED, 0, NULL, NULL},
    {"SP in type", TEXT("a b;c"), 0, MALFORMED, 0, NULL, NULL},
    {"UTF-8 in type", TEXT("\xc3\xbc;c"), UTF8, MALFORMED, 0, NULL, NULL},
    {"SP behind semicolon", TEXT("rfc822; a"), 0, MALFORMED, 0, NULL, NULL},
    {"bare plus", TEXT("rfc822;a+b@c"), 0, MALFORMED, 0, NULL, NULL},
    {"equal", TEXT("rfc822;a=b"), 0, MALFORMED, 0, NULL, NULL},
    {"coded LF", TEXT("rfc822;a+0Ab"), 0, MALFORMED, 0, NULL, NULL},
    {"coded 8-bit", TEXT("rfc822;+C3+BC"), UTF8, MALFORMED, 0, NULL, NULL},
    {"UTF-8 of another type", TEXT("rfc822;\xc3\xbc@b"), UTF8, MALFORMED, 0, NULL, NULL},

    {"utf-8, ASCII", TEXT("utf-8;a@b.example"), 0, OK, UTF8_XTEXT, "utf-8", "a@b.example"},
    {"utf-8, any case", TEXT("UTF-8;a"), 0, OK, UTF8_XTEXT, "UTF-8", "a"},
    {"embedded", TEXT("utf-8;j\\x{FC}r@b"), 0, OK, UTF8_XTEXT, "utf-8", "j\\x{FC}r@b"},
    {"embedded, SMTPUTF8", TEXT("utf-8;\\x{fc}@b"), UTF8, OK, UTF8_XTEXT, "utf-8", "\\x{fc}@b"},
    {"embedded plus", TEXT("utf-8;a\\x{2B}b"), 0, OK, UTF8_XTEXT, "utf-8", "a\\x{2B}b"},
    {"raw", TEXT("utf-8;\xc3\xbc@b"), UTF8, OK, UNITEXT, "utf-8", "\xc3\xbc@b"},
    {"raw and embedded", TEXT("utf-8;\xf0\x9f\x93\xa7\\x{20}@b"), UTF8, OK, UNITEXT, "utf-8",
     "\xf0\x9f\x93\xa7\\x{20}@b"},
    {"raw, no SMTPUTF8", TEXT("utf-8;\xc3\xbc@b"), 0, NOT_ASCII, 0, NULL, NULL},
    {"ill-formed", TEXT("utf-8;\xc3@b"), UTF8, MALFORMED, 0, NULL, NULL},
    {"surrogate", TEXT("utf-8;\xed\xa0\x80@b"), UTF8, MALFORMED, 0, NULL, NULL},
    {"overlong", TEXT("utf-8;\xc0\xaf"), UTF8, MALFORMED, 0, NULL, NULL},
    {"raw, bad escape", TEXT("utf-8;\xc3\xbc\\x{zz}"), UTF8, MALFORMED, 0, NULL, NULL},
    {"raw, quoted pair", TEXT("utf-8;\"\xc3\xbc\\\"\"@b"), UTF8, MALFORMED, 0, NULL, NULL},
    {"raw, xtext", TEXT("utf-8;\xc3\xbc+2Ba@b"), UTF8, MALFORMED, 0, NULL, NULL},
    {"raw, equal", TEXT("utf-8;\xc3\xbc=a@b"), UTF8, MALFORMED, 0, NULL, NULL},
    {"raw, SP", TEXT("utf-8;\xc3\xbc a@b"), UTF8, MALFORMED, 0, NULL, NULL},
    {"utf-8, xtext", TEXT("utf-8;a+2Bb@c"), UTF8, OK, XTEXT, "utf-8", "a+2Bb@c"},
    {"utf-8, bad xtext", TEXT("utf-8;a+b@c"), UTF8, MALFORMED, 0, NULL, NULL},
    {"utf-8, coded 8-bit", TEXT("utf-8;+C3+BC"), UTF8, MALFORMED, 0, NULL, NULL},
    {"utf-8, empty", TEXT("utf-8;"), UTF8, OK, XTEXT, "utf-8", ""},
};

static void test_dsn_orcpt(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(orcpts); i++) {
        const char *name = orcpts[i].name;
        struct ehlo_slice value = exact(orcpts[i].value);
        struct ehlo_orcpt orcpt;

        memset(&orcpt, 0x55, sizeof orcpt);
        check_number(name, "verdict", ehlo_parse_orcpt(value, orcpts[i].tolerated, &orcpt),
                     orcpts[i].want);
        if (orcpts[i].want == OK) {
            check_number(name, "form", orcpt.form, orcpts[i].form);
            check_number(name, "reserved", orcpt.reserved, 0);
            assert_slice_of(name, orcpt.type, orcpts[i].type);
            assert_slice_of(name, orcpt.address, orcpts[i].address);
            assert_of(name, lies_in(orcpt.type, value) && lies_in(orcpt.address, value));
        } else {
            check_number(name, "untouched form", orcpt.form, 0x55555555);
        }
        free_slice(value);
    }
}

/* R3461-4.2-1: the type is an atom. */
static void test_dsn_orcpt_every_octet_of_type(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char value[] = {'a', (char)octet, ';', 'b'};
        struct ehlo_orcpt orcpt;
        bool is_atom = octet > 32 && octet < 127 && strchr("()<>@,;:\\\".[]=", octet) == NULL;

        /* ";" ends the type, and what follows is an address */
        if ((ehlo_parse_orcpt((struct ehlo_slice){value, 4}, UTF8, &orcpt) == OK) !=
            (is_atom || octet == ';'))
            fail_msg("octet %d", octet);
    }
}

/* R6533-3-1: octets of utf-8-addr-xtext; the backslash alone makes it the xtext of RFC 3461. */
static void test_dsn_orcpt_every_octet_of_utf8_xtext(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char value[] = "utf-8;a?b";
        struct ehlo_orcpt orcpt;
        bool is_xchar = octet > 32 && octet < 127 && octet != '+' && octet != '=';

        value[7] = (char)octet;
        if ((ehlo_parse_orcpt((struct ehlo_slice){value, 9}, UTF8, &orcpt) == OK) != is_xchar)
            fail_msg("octet %d", octet);
        if (is_xchar && (orcpt.form == UTF8_XTEXT) != (octet != '\\'))
            fail_msg("form with octet %d", octet);
    }
}

static uint32_t form_of_escape(const char *format, unsigned point)
{
    char value[32];
    int length = snprintf(value, sizeof value, format, point);
    struct ehlo_orcpt orcpt;

    if (ehlo_parse_orcpt((struct ehlo_slice){value, (size_t)length}, 0, &orcpt) != OK)
        fail_msg("%s is refused", value);
    return orcpt.form;
}

/* R6533-3-1: HEXPOINT, each number in its shortest form and with a zero too many. What is no
 * HEXPOINT is xtext still. */
static void test_dsn_orcpt_every_code_point(void **state)
{
    static const char ascii[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10\x11\x12\x13\x14\x15\x16"
                                "\x17\x18\x19 +=\\\x7f";

    (void)state;
    for (unsigned point = 0; point <= 0x1100FF; point++) {
        bool is_character = point >= 0x80 && point <= 0x10FFFF && point >> 11 != 0xD800 >> 11;
        bool is_ascii = point > 0 && point < 0x80 && strchr(ascii, (int)point) != NULL;

        if ((form_of_escape("utf-8;\\x{%02X}", point) == UTF8_XTEXT) != (is_character || is_ascii))
            fail_msg("U+%04X", point);
        if (form_of_escape(point < 0x100 ? "utf-8;\\x{0%02X}" : "utf-8;\\x{0%X}", point) != XTEXT)
            fail_msg("0 before U+%04X", point);
    }
    assert_int_equal(form_of_escape("utf-8;\\x{%X}", 9), XTEXT);
    assert_int_equal(form_of_escape("utf-8;\\x{%07X}", 0x10FFFF), XTEXT);
    assert_int_equal(form_of_escape("utf-8;\\X{%X}", 0xFC), XTEXT);
    assert_int_equal(form_of_escape("utf-8;\\x{%X", 0xFC), XTEXT);
    assert_int_equal(form_of_escape("utf-8;\\x%X}", 0xFC), XTEXT);
    assert_int_equal(form_of_escape("utf-8;\\x{}%X", 0xFC), XTEXT);
    assert_int_equal(form_of_escape("utf-8;%X\\", 0xFC), XTEXT);
    assert_int_equal(form_of_escape("utf-8;%X\\x", 0xFC), XTEXT);
    assert_int_equal(form_of_escape("utf-8;%X\\x{", 0xFC), XTEXT);
}

/* R3461-5.4-1: sizes that must be taken, and one more; the keyword and its "=" count. */
static void test_dsn_sizes(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        struct ehlo_slice envid = repeated('e', 100 - strlen("ENVID=") + more);
        struct ehlo_slice address = repeated('o', 500 - strlen("ORCPT=rfc822;") + more);
        struct ehlo_slice value = joined(2, SLICE("rfc822;"), address);
        struct ehlo_orcpt orcpt;

        assert_int_equal(ehlo_parse_envid(envid), OK);
        assert_int_equal(ehlo_parse_orcpt(value, 0, &orcpt), OK);
        assert_int_equal(orcpt.address.length, address.length);
        free_slice(envid);
        free_slice(address);
        free_slice(value);
    }
    assert_int_equal(strlen("NOTIFY=SUCCESS,FAILURE,DELAY"), 28);
    assert_int_equal(strlen("RET=FULL"), 8);
}

/* R4954-5-1 */
static const struct {
    const char *name;
    struct ehlo_slice value;
    uint32_t tolerated;
    enum ehlo_syntax want;
} auths[] = {
    {"nobody", TEXT("<>"), 0, OK},
    {"nobody, coded", TEXT("+3C+3e"), 0, OK},
    {"RFC 4954 5.1", TEXT("e+3Dmc2@example.com"), 0, OK},
    {"plain", TEXT("a@b.example"), 0, OK},
    {"literal", TEXT("a@[192.0.2.1]"), 0, OK},
    {"quoted, coded SP", TEXT("\"a+20b\"@c.example"), 0, OK},
    {"UTF-8, coded", TEXT("+C3+BC@b.example"), UTF8, OK},
    {"UTF-8, not allowed", TEXT("+C3+BC@b.example"), 0, NOT_ASCII},
    {"UTF-8, ill-formed", TEXT("+C3@b.example"), UTF8, MALFORMED},
    {"UTF-8, raw", TEXT("\xc3\xbc@b.example"), UTF8, MALFORMED},
    {"underscore, tolerated", TEXT("a@b_c.example"), EHLO_ODDITY_UNDERSCORE, OK},
    {"underscore", TEXT("a@b_c.example"), 0, MALFORMED},
    {"empty", TEXT(""), 0, MALFORMED},
    {"name alone", TEXT("ann"), 0, NO_DOMAIN},
    {"in brackets", TEXT("<a@b.example>"), 0, MALFORMED},
    {"half a bracket", TEXT("<"), 0, UNBALANCED},
    {"brackets around SP", TEXT("<+20>"), 0, MALFORMED},
    {"bare plus", TEXT("john+@example.org"), 0, MALFORMED},
    {"equal", TEXT("e=mc2@example.com"), 0, MALFORMED},
    {"no domain", TEXT("a@"), 0, NO_DOMAIN},
    {"coded NUL", TEXT("a+00@b.example"), 0, MALFORMED},
    {"coded LF", TEXT("a+0A@b.example"), 0, MALFORMED},
    {"something behind", TEXT("a@b.example,c@d"), 0, MALFORMED},
};

static void test_dsn_auth_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(auths); i++) {
        struct ehlo_slice value = exact(auths[i].value);

        check_number(auths[i].name, "verdict", ehlo_parse_auth_value(value, auths[i].tolerated),
                     auths[i].want);
        free_slice(value);
    }
}

/* R4954-5-1: a mailbox of as many octets as a path holds, plain and each octet coded. */
static void test_dsn_auth_value_lengths(void **state)
{
    static const int sizes[] = {253, 254, 255, 256, 257, 300};

    (void)state;
    for (size_t i = 0; i < ROWS(sizes); i++) {
        char plain[512], coded[1024];
        size_t used = 0, length;

        for (int at = 0; at < sizes[i]; at++)
            plain[at] = at == 1 ? '@' : at > 1 && at % 60 == 0 ? '.' : 'a';
        length = (size_t)sizes[i];
        assert_int_equal(ehlo_parse_auth_value((struct ehlo_slice){plain, length}, 0),
                         sizes[i] <= 254 ? OK : TOO_LONG);
        for (int at = 0; at < sizes[i]; at++)
            used += (size_t)snprintf(coded + used, sizeof coded - used, "+%02x",
                                     (unsigned)(unsigned char)plain[at]);
        assert_int_equal(ehlo_parse_auth_value((struct ehlo_slice){coded, used}, 0),
                         sizes[i] <= 254 ? OK : TOO_LONG);
    }
}

static void read_dsn(struct ehlo_slice text)
{
    struct ehlo_orcpt orcpt = {.form = EHLO_ORCPT_NONE};
    char decoded[64];
    size_t length;
    enum ehlo_ret ret;
    uint32_t notify;

    if (ehlo_parse_orcpt(text, UTF8, &orcpt) == OK) {
        assert_true(lies_in(orcpt.type, text) && lies_in(orcpt.address, text));
        if (orcpt.form == XTEXT)
            assert_int_equal(ehlo_xtext_decode(orcpt.address, decoded, sizeof decoded, &length),
                             OK);
        assert_true(ehlo_is_utf8(orcpt.address));
    }
    if (ehlo_parse_envid(text) == OK)
        assert_int_equal(ehlo_xtext_decode(text, decoded, sizeof decoded, &length), OK);
    if (ehlo_parse_notify(text, &notify) == OK)
        assert_true(notify == NEVER || (notify != 0 && (notify & NEVER) == 0));
    (void)ehlo_parse_ret(text, &ret);
    (void)ehlo_parse_auth_value(text, UTF8);
}

static void test_dsn_survives_damage(void **state)
{
    (void)state;
    for_each_damage(SLICE("utf-8;j\\x{FC}r+20g@b.example"), read_dsn);
    for_each_damage(SLICE("utf-8;\xc3\xbc\\x{10FFFF}@b"), read_dsn);
    for_each_damage(SLICE("SUCCESS,FAILURE,DELAY"), read_dsn);
    for_each_damage(SLICE("e+3Dmc2@[IPv6:2001:db8::1]"), read_dsn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dsn_ret),
        cmocka_unit_test(test_dsn_envid),
        cmocka_unit_test(test_dsn_envid_every_octet),
        cmocka_unit_test(test_dsn_notify),
        cmocka_unit_test(test_dsn_orcpt),
        cmocka_unit_test(test_dsn_orcpt_every_octet_of_type),
        cmocka_unit_test(test_dsn_orcpt_every_octet_of_utf8_xtext),
        cmocka_unit_test(test_dsn_orcpt_every_code_point),
        cmocka_unit_test(test_dsn_sizes),
        cmocka_unit_test(test_dsn_auth_value),
        cmocka_unit_test(test_dsn_auth_value_lengths),
        cmocka_unit_test(test_dsn_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
