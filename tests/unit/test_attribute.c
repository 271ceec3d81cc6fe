/*
 * lib/syntax/attribute.c: walking over the attributes of XCLIENT and XFORWARD, and their values.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"
#include "syntax_support.h"

#include <stdio.h>

#define OK        EHLO_SYNTAX_OK
#define END       EHLO_SYNTAX_END
#define MALFORMED EHLO_SYNTAX_MALFORMED
#define TOO_LONG  EHLO_SYNTAX_TOO_LONG
#define NAME      EHLO_ATTRIBUTE_NAME
#define ADDR      EHLO_ATTRIBUTE_ADDR
#define PORT      EHLO_ATTRIBUTE_PORT
#define PROTO     EHLO_ATTRIBUTE_PROTO
#define HELO      EHLO_ATTRIBUTE_HELO
#define LOGIN     EHLO_ATTRIBUTE_LOGIN
#define DESTADDR  EHLO_ATTRIBUTE_DESTADDR
#define DESTPORT  EHLO_ATTRIBUTE_DESTPORT
#define IDENT     EHLO_ATTRIBUTE_IDENT
#define SOURCE    EHLO_ATTRIBUTE_SOURCE
#define XCLIENT   EHLO_ATTRIBUTES_XCLIENT
#define XFORWARD  EHLO_ATTRIBUTES_XFORWARD

/* RXCLIENT-2, RXFORWARD-1: the first attribute of a text, and what the call leaves. */
static const struct {
    const char *text;
    uint32_t allowed;
    enum ehlo_syntax want;
    uint32_t attribute;
    const char *value, *rest;
} walks[] = {
    {"", XCLIENT, END, 0, NULL, NULL},
    {"NAME=spike.porcupine.org", XCLIENT, OK, NAME, "spike.porcupine.org", ""},
    {"ADDR=168.100.189.2 NAME=a", XCLIENT, OK, ADDR, "168.100.189.2", "NAME=a"},
    {"PORT=25", XCLIENT, OK, PORT, "25", ""},
    {"PROTO=ESMTP", XCLIENT, OK, PROTO, "ESMTP", ""},
    {"HELO=a+2Bb", XCLIENT, OK, HELO, "a+2Bb", ""},
    {"LOGIN=ann", XCLIENT, OK, LOGIN, "ann", ""},
    {"DESTADDR=IPV6:::1", XCLIENT, OK, DESTADDR, "IPV6:::1", ""},
    {"DESTPORT=587", XCLIENT, OK, DESTPORT, "587", ""},
    {"IDENT=1234", XFORWARD, OK, IDENT, "1234", ""},
    {"SOURCE=LOCAL", XFORWARD, OK, SOURCE, "LOCAL", ""},
    {"name=[unavailable]", XFORWARD, OK, NAME, "[unavailable]", ""},
    {"dEstAddR=x", XCLIENT, OK, DESTADDR, "x", ""},
    {"NAME=a  ADDR=b", XCLIENT, OK, NAME, "a", "ADDR=b"},
    {"NAME=a\tADDR=b", XCLIENT, OK, NAME, "a", "ADDR=b"},
    {"NAME=a ", XCLIENT, OK, NAME, "a", ""},
    {"LOGIN=a+b=c", XCLIENT, OK, LOGIN, "a+b=c", ""}, /* not encoded: README, note 3 */
    {"NAME=a nonsense", XCLIENT, OK, NAME, "a", "nonsense"},
    {"NAME=a", XCLIENT & ~(uint32_t)NAME, MALFORMED, 0, NULL, NULL},
    {"NAME=a", 0, MALFORMED, 0, NULL, NULL},
    {"IDENT=a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"SOURCE=a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"LOGIN=a", XFORWARD, MALFORMED, 0, NULL, NULL},
    {"DESTADDR=a", XFORWARD, MALFORMED, 0, NULL, NULL},
    {"DESTPORT=a", XFORWARD, MALFORMED, 0, NULL, NULL},
    {"FOO=a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAME", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAME=", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAME= a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAME =a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {" NAME=a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"=a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAMES=a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAM=a", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAME=a\x01", XCLIENT, MALFORMED, 0, NULL, NULL},
    {"NAME=\xc3\xbc", XCLIENT, MALFORMED, 0, NULL, NULL},
};

static void test_attribute_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(walks); i++) {
        const char *row = walks[i].text;
        struct ehlo_slice text = dup_slice(row), rest = text, value = {NULL, 0};
        uint32_t attribute = 77;

        check_number(row, "verdict",
                     ehlo_next_attribute(&rest, walks[i].allowed, &attribute, &value),
                     walks[i].want);
        assert_slice_of(row, rest, walks[i].want == OK ? walks[i].rest : row);
        check_number(row, "attribute", attribute, walks[i].want == OK ? walks[i].attribute : 77);
        assert_slice_of(row, value, walks[i].want == OK ? walks[i].value : "");
        free_slice(text);
    }
}

static void test_attribute_walk_ends(void **state)
{
    struct ehlo_slice text = dup_slice("HELO=a PROTO=SMTP ADDR=b"), rest = text, value;
    uint32_t attribute;

    (void)state;
    assert_int_equal(ehlo_next_attribute(&rest, XCLIENT, &attribute, &value), OK);
    assert_int_equal(attribute, HELO);
    assert_int_equal(ehlo_next_attribute(&rest, XCLIENT, &attribute, &value), OK);
    assert_int_equal(attribute, PROTO);
    assert_int_equal(ehlo_next_attribute(&rest, XCLIENT, &attribute, &value), OK);
    assert_slice_of("last", value, "b");
    assert_int_equal(ehlo_next_attribute(&rest, XCLIENT, &attribute, &value), END);
    assert_int_equal(ehlo_next_attribute(&rest, XCLIENT, &attribute, &value), END);
    free_slice(text);
}

static void test_attribute_next_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char name[] = "N?ME=a", value[] = "NAME=a?b";
        struct ehlo_slice rest = {name, 6}, found;
        uint32_t attribute;
        bool is_graphic = octet > 32 && octet < 127, is_blank = octet == ' ' || octet == '\t';

        name[1] = value[6] = (char)octet;
        if ((ehlo_next_attribute(&rest, XCLIENT, &attribute, &found) == OK) !=
            (octet == 'A' || octet == 'a'))
            fail_msg("name, octet %d", octet);
        rest = (struct ehlo_slice){value, 8};
        if ((ehlo_next_attribute(&rest, XCLIENT, &attribute, &found) == OK) !=
            (is_graphic || is_blank))
            fail_msg("value, octet %d", octet);
        if (rest.length != (is_blank ? 1u : is_graphic ? 0u : 8u))
            fail_msg("rest, octet %d", octet);
    }
}

#define NONE 0u /* in neither command */
#define C    1u /* good with XCLIENT */
#define F    2u /* good with XFORWARD */

/* RXCLIENT-2, RXFORWARD-1: values as they are after decoding. */
static const struct {
    uint32_t attribute;
    struct ehlo_slice value;
    unsigned good;
} values[] = {
    {NAME, TEXT("spike.porcupine.org"), C | F},
    {NAME, TEXT("localhost"), C | F},
    {NAME, TEXT("a_b.example"), C | F},
    {NAME, TEXT("[UNAVAILABLE]"), C | F},
    {NAME, TEXT("[unAvailable]"), C | F},
    {NAME, TEXT("[TEMPUNAVAIL]"), C | F},
    {NAME, TEXT("[tempunavail]"), C | F},
    {NAME, TEXT("a b"), NONE},
    {NAME, TEXT("b\xc3\xbc.example"), NONE},
    {NAME, TEXT(""), NONE},

    {ADDR, TEXT("168.100.189.2"), C | F},
    {ADDR, TEXT("IPV6:2001:db8::1"), C | F},
    {ADDR, TEXT("ipv6:::1"), C | F},
    {ADDR, TEXT("IPv6:::ffff:192.0.2.1"), C | F},
    {ADDR, TEXT("[UNAVAILABLE]"), C | F},
    {ADDR, TEXT("[TEMPUNAVAIL]"), NONE},
    {ADDR, TEXT("2001:db8::1"), NONE},
    {ADDR, TEXT("::1"), NONE},
    {ADDR, TEXT("[168.100.189.2]"), NONE},
    {ADDR, TEXT("[IPV6:::1]"), NONE},
    {ADDR, TEXT("IPV6:"), NONE},
    {ADDR, TEXT("IPV6"), NONE},
    {ADDR, TEXT("IPV6:192.0.2.1"), NONE},
    {ADDR, TEXT("IPV4:192.0.2.1"), NONE},
    {ADDR, TEXT("256.0.0.1"), NONE},
    {ADDR, TEXT("192.0.2"), NONE},
    {ADDR, TEXT("192.0.2.1\0"), NONE},
    {ADDR, TEXT("a.example"), NONE},
    {ADDR, TEXT(""), NONE},

    {PORT, TEXT("0"), C | F},
    {PORT, TEXT("25"), C | F},
    {PORT, TEXT("65534"), C | F},
    {PORT, TEXT("65535"), C | F},
    {PORT, TEXT("65536"), NONE},
    {PORT, TEXT("99999"), NONE},
    {PORT, TEXT("100000"), NONE},
    {PORT, TEXT("00025"), C | F},
    {PORT, TEXT("000025"), NONE},
    {PORT, TEXT("-1"), NONE},
    {PORT, TEXT("0x19"), NONE},
    {PORT, TEXT("smtp"), NONE},
    {PORT, TEXT(""), NONE},
    {PORT, TEXT("[UNAVAILABLE]"), C | F},
    {PORT, TEXT("[TEMPUNAVAIL]"), NONE},

    {PROTO, TEXT("SMTP"), C | F},
    {PROTO, TEXT("ESMTP"), C | F},
    {PROTO, TEXT("esmtp"), C | F},
    {PROTO, TEXT("QMQP"), F},
    {PROTO, TEXT("ESMTPS"), F},
    {PROTO, TEXT("LMTP"), F},
    {PROTO, TEXT("[UNAVAILABLE]"), C | F},
    {PROTO, TEXT("[TEMPUNAVAIL]"), NONE},
    {PROTO, TEXT("a b"), NONE},
    {PROTO, TEXT(""), NONE},

    {HELO, TEXT("spike.porcupine.org"), C | F},
    {HELO, TEXT("[192.0.2.1]"), C | F},
    {HELO, TEXT("[IPv6:2001:db8::1]"), C | F},
    {HELO, TEXT("WIN-PC_1"), C | F},
    {HELO, TEXT("a b"), C},
    {HELO, TEXT("b\xc3\xbc.example"), C},
    {HELO, TEXT("b\xc3.example"), NONE},
    {HELO, TEXT("a(b)"), C},
    {HELO, TEXT("a\r\nX-Evil: b"), NONE},
    {HELO, TEXT("[UNAVAILABLE]"), C | F},
    {HELO, TEXT("[TEMPUNAVAIL]"), NONE},
    {HELO, TEXT(""), NONE},

    {LOGIN, TEXT("ann@example.com"), C},
    {LOGIN, TEXT("Ann B\xc3\xbc"), C},
    {LOGIN, TEXT("a=b+c"), C},
    {LOGIN, TEXT("[UNAVAILABLE]"), C},
    {LOGIN, TEXT("a\0b"), NONE},
    {LOGIN, TEXT("\x01"), NONE},
    {LOGIN, TEXT("\xff"), NONE},
    {LOGIN, TEXT(""), NONE},

    {DESTADDR, TEXT("192.0.2.1"), C},
    {DESTADDR, TEXT("IPV6:::1"), C},
    {DESTADDR, TEXT("[UNAVAILABLE]"), C},
    {DESTADDR, TEXT("::1"), NONE},
    {DESTPORT, TEXT("65535"), C},
    {DESTPORT, TEXT("65536"), NONE},
    {DESTPORT, TEXT("[UNAVAILABLE]"), C},

    {IDENT, TEXT("3CF6B2AAE8"), F},
    {IDENT, TEXT("[UNAVAILABLE]"), F},
    {IDENT, TEXT("a@b"), NONE},
    {IDENT, TEXT("<a>"), NONE},
    {IDENT, TEXT(""), NONE},

    {SOURCE, TEXT("LOCAL"), F},
    {SOURCE, TEXT("REMOTE"), F},
    {SOURCE, TEXT("local"), F},
    {SOURCE, TEXT("[UNAVAILABLE]"), F},
    {SOURCE, TEXT("[TEMPUNAVAIL]"), NONE},
    {SOURCE, TEXT("LOCA"), NONE},
    {SOURCE, TEXT("REMOTE "), NONE},
    {SOURCE, TEXT(""), NONE},

    /* no attribute, and two */
    {0, TEXT("a"), NONE},
    {NAME | HELO, TEXT("a"), NONE},
    {1u << 10, TEXT("a"), NONE},
};

static void test_attribute_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(values); i++) {
        struct ehlo_slice value = exact(values[i].value);
        char row[80];

        (void)snprintf(row, sizeof row, "%u %.*s", (unsigned)values[i].attribute, (int)value.length,
                       values[i].value.data);
        check_number(row, "verdict of XCLIENT",
                     ehlo_check_attribute(values[i].attribute, value, false),
                     (values[i].good & C) != 0 ? OK : MALFORMED);
        check_number(row, "verdict of XFORWARD",
                     ehlo_check_attribute(values[i].attribute, value, true),
                     (values[i].good & F) != 0 ? OK : MALFORMED);
        free_slice(value);
    }
}

/* RXFORWARD-1, RXCLIENT-2 */
static void test_attribute_check_every_octet(void **state)
{
    static const uint32_t field_texts[] = {NAME, PROTO, HELO, IDENT};

    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char text[] = {'a', (char)octet, 'b'};
        struct ehlo_slice value = {text, 3};
        bool is_field = octet > 32 && octet < 127 && strchr("()<>@,;\\\"", octet) == NULL;
        bool is_plain = octet >= 32 && octet < 127;

        for (size_t i = 0; i < ROWS(field_texts); i++) {
            if ((ehlo_check_attribute(field_texts[i], value, true) == OK) != is_field)
                fail_msg("octet %d in %u", octet, (unsigned)field_texts[i]);
        }
        if ((ehlo_check_attribute(NAME, value, false) == OK) != is_field)
            fail_msg("octet %d in NAME of XCLIENT", octet);
        if ((ehlo_check_attribute(HELO, value, false) == OK) != is_plain ||
            (ehlo_check_attribute(LOGIN, value, false) == OK) != is_plain)
            fail_msg("octet %d in HELO or LOGIN of XCLIENT", octet);
    }
}

/* RXCLIENT-2, RXFORWARD-1: 255 octets, 64 of PROTO. */
static void test_attribute_lengths(void **state)
{
    static const struct {
        uint32_t attribute;
        bool forward;
        size_t limit;
        enum ehlo_syntax up_to; /* what a value within the limit is worth */
    } limits[] = {
        {NAME, false, 255, OK},       {NAME, true, 255, OK},          {HELO, false, 255, OK},
        {HELO, true, 255, OK},        {LOGIN, false, 255, OK},        {IDENT, true, 255, OK},
        {PROTO, true, 64, OK},        {PROTO, false, 255, MALFORMED}, {ADDR, false, 255, MALFORMED},
        {PORT, true, 255, MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(limits); i++) {
        for (size_t length = limits[i].limit - 1; length <= limits[i].limit + 1; length++) {
            struct ehlo_slice value = repeated('a', length);
            enum ehlo_syntax want = length <= limits[i].limit ? limits[i].up_to : TOO_LONG;

            if (ehlo_check_attribute(limits[i].attribute, value, limits[i].forward) != want)
                fail_msg("row %zu, length %zu", i, length);
            free_slice(value);
        }
    }
}

static void test_attribute_state(void **state)
{
    static const struct {
        const char *text;
        enum ehlo_attribute_state want;
    } states[] = {
        {"[UNAVAILABLE]", EHLO_ATTRIBUTE_UNAVAILABLE},
        {"[unavailable]", EHLO_ATTRIBUTE_UNAVAILABLE},
        {"[TEMPUNAVAIL]", EHLO_ATTRIBUTE_TEMPUNAVAIL},
        {"[TempUnavail]", EHLO_ATTRIBUTE_TEMPUNAVAIL},
        {"", EHLO_ATTRIBUTE_KNOWN},
        {"UNAVAILABLE", EHLO_ATTRIBUTE_KNOWN},
        {"[UNAVAILABLE", EHLO_ATTRIBUTE_KNOWN},
        {"[UNAVAILABLE] ", EHLO_ATTRIBUTE_KNOWN},
        {"[TEMPUNAVAILABLE]", EHLO_ATTRIBUTE_KNOWN},
        {"unknown", EHLO_ATTRIBUTE_KNOWN},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(states); i++) {
        struct ehlo_slice text = dup_slice(states[i].text);

        check_number(states[i].text, "state", ehlo_attribute_state(text), states[i].want);
        free_slice(text);
    }
}

static void read_attributes(struct ehlo_slice text)
{
    struct ehlo_slice rest = text, value;
    uint32_t attribute;
    size_t before = text.length + 1;

    while (ehlo_next_attribute(&rest, XCLIENT | XFORWARD, &attribute, &value) == OK) {
        assert_true(rest.length < before && lies_in(rest, text));
        assert_true(value.length > 0 && lies_in(value, text));
        before = rest.length;
        (void)ehlo_check_attribute(attribute, value, false);
        (void)ehlo_check_attribute(attribute, value, true);
    }
}

static void test_attribute_survives_damage(void **state)
{
    (void)state;
    read_attributes((struct ehlo_slice){NULL, 0});
    for_each_damage(SLICE("NAME=a.example ADDR=IPV6:2001:db8::1 PORT=65535 PROTO=ESMTP"),
                    read_attributes);
    for_each_damage(SLICE("HELO=a+20b LOGIN=c IDENT=1 SOURCE=LOCAL DESTADDR=192.0.2.1"),
                    read_attributes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attribute_next),
        cmocka_unit_test(test_attribute_walk_ends),
        cmocka_unit_test(test_attribute_next_every_octet),
        cmocka_unit_test(test_attribute_check),
        cmocka_unit_test(test_attribute_check_every_octet),
        cmocka_unit_test(test_attribute_lengths),
        cmocka_unit_test(test_attribute_state),
        cmocka_unit_test(test_attribute_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
