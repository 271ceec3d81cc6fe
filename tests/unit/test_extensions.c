/*
 * Tests of lib/server/extensions.c: the parameters of MAIL and RCPT over what is offered and
 * tolerated, and the longest list that EHLO can show.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* What a row is played with. */
#define HELO_ONLY 1u /* HELO, not EHLO */
#define NO_SIZE   2u /* the extension is switched off */
#define NO_BODY   4u
#define STRICT    8u  /* no parameter that was not offered, no doubled space */
#define UNKNOWN   16u /* unknown ones are tolerated */

/* R1870-3-2, R6152-2-1, R5321-4.1.1.11-1, R5321-4.1.2-4 */
static const struct row {
    const char *parameters, *code;
    unsigned how;
    uint64_t size;
    uint32_t body, oddities;
} mails[] = {
    {"", "250", 0, 0, 0, 0},
    {"SIZE=1", "250", 0, 1, 0, 0},
    {"size=00000000000000000042", "250", 0, 42, 0, 0},
    {"BODY=7BIT", "250", 0, 0, EHLO_BODY_7BIT, 0},
    {"body=8bitmime SIZE=33554432", "250", 0, 33554432, EHLO_BODY_8BIT, 0},
    {"SIZE", "501", 0, 0, 0, 0},
    {"SIZE=", "501", 0, 0, 0, 0},
    {"SIZE=x", "501", 0, 0, 0, 0},
    {"SIZE=-1", "501", 0, 0, 0, 0},
    {"SIZE=000000000000000000001", "501", 0, 0, 0, 0},
    {"SIZE=1 SIZE=1", "501", 0, 0, 0, 0},
    {"SIZE=1 BODY=7BIT SIZE=1", "501", 0, 0, 0, 0},
    {"BODY", "501", 0, 0, 0, 0},
    {"BODY=BINARYMIME", "501", 0, 0, 0, 0},
    {"BODY=8BIT", "501", 0, 0, 0, 0},
    {"BODY=7BIT BODY=7BIT", "501", 0, 0, 0, 0},
    {"FOO", "555", 0, 0, 0, 0},
    {"FOO=1", "555", 0, 0, 0, 0},
    {"SIZ=1", "555", 0, 0, 0, 0},
    {"SIZES=1", "555", 0, 0, 0, 0},
    {"RET=FULL", "555", 0, 0, 0, 0},
    {"SMTPUTF8", "555", 0, 0, 0, 0},
    {"=1", "501", 0, 0, 0, 0},
    {"A==b", "501", 0, 0, 0, 0},
    {"-X=1", "501", 0, 0, 0, 0},
    {"FOO=1", "250", UNKNOWN, 0, 0, EHLO_ODDITY_UNKNOWN_PARAMETERS},
    {"FOO FOO SIZE=7", "250", UNKNOWN, 7, 0, EHLO_ODDITY_UNKNOWN_PARAMETERS},
    {"SIZE=7 SIZE=7", "501", UNKNOWN, 0, 0, 0},
    {"SIZE=1  BODY=7BIT", "250", 0, 1, EHLO_BODY_7BIT, 0},
    {"SIZE=1  BODY=7BIT", "501", STRICT, 0, 0, 0},
    {"AUTH=<>", "250", 0, 0, 0, EHLO_ODDITY_UNOFFERED},
    {"AUTH=<>", "555", STRICT, 0, 0, 0},
    {"AUTH", "501", 0, 0, 0, EHLO_ODDITY_UNOFFERED},
    {"SIZE=1", "555", NO_SIZE, 0, 0, 0},
    {"BODY=8BITMIME", "250", NO_BODY, 0, EHLO_BODY_8BIT, EHLO_ODDITY_UNOFFERED},
    {"BODY=8BITMIME", "555", NO_BODY | STRICT, 0, 0, 0},
    {"BODY=BINARYMIME", "501", NO_BODY, 0, 0, 0},
    {"SIZE=1", "555", HELO_ONLY, 0, 0, 0},
    {"BODY=8BITMIME", "250", HELO_ONLY, 0, EHLO_BODY_8BIT, EHLO_ODDITY_UNOFFERED},
    {"BODY=8BITMIME", "555", HELO_ONLY | STRICT, 0, 0, 0},
    {"AUTH=<>", "250", HELO_ONLY, 0, 0, EHLO_ODDITY_UNOFFERED},
    {"FOO", "555", HELO_ONLY, 0, 0, 0},
    {"FOO", "250", HELO_ONLY | UNKNOWN, 0, 0, EHLO_ODDITY_UNKNOWN_PARAMETERS},
};

/* Nothing is defined for RCPT yet: what MAIL takes is unknown here. */
static const struct row rcpts[] = {
    {"", "250", 0, 0, 0, 0},
    {"SIZE=1", "555", 0, 0, 0, 0},
    {"BODY=7BIT", "555", 0, 0, 0, 0},
    {"AUTH=<>", "555", 0, 0, 0, 0},
    {"NOTIFY=NEVER", "555", 0, 0, 0, 0},
    {"NOTIFY=NEVER", "250", UNKNOWN, 0, 0, EHLO_ODDITY_UNKNOWN_PARAMETERS},
    {"=", "501", UNKNOWN, 0, 0, 0},
    {"FOO", "555", HELO_ONLY, 0, 0, 0},
};

/* What the hooks got. */
static struct {
    char parameters[128];
    uint64_t size;
    uint32_t body, oddities;
    unsigned asked;
} got;

static void get_parameters(struct ehlo_slice parameters)
{
    got.asked++;
    assert_true(parameters.length < sizeof got.parameters);
    if (parameters.length > 0)
        memcpy(got.parameters, parameters.data, parameters.length);
    got.parameters[parameters.length] = '\0';
}

static struct ehlo_reply get_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    (void)s;
    (void)user;
    get_parameters(mail->parameters);
    got.size = mail->declared_size;
    got.body = mail->body;
    return ehlo_accept();
}

static struct ehlo_reply get_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    (void)s;
    (void)user;
    get_parameters(rcpt->parameters);
    return ehlo_accept();
}

static void get_oddities(struct recorder *r, enum hook hook)
{
    const uint32_t some = EHLO_ODDITY_UNOFFERED | EHLO_ODDITY_UNKNOWN_PARAMETERS;

    if (hook == ON_TRACE && r->trace->reason == EHLO_TRACE_ODDITY)
        got.oddities |= (uint32_t)r->trace->number & some;
}

static void configure(struct recorder *r, unsigned how)
{
    prepare(r);
    if (how & NO_SIZE)
        r->config.disabled_extensions |= EHLO_EXTENSION_SIZE;
    if (how & NO_BODY)
        r->config.disabled_extensions |= EHLO_EXTENSION_8BITMIME;
    if (how & STRICT)
        r->config.strict = EHLO_ODDITIES_DEFAULT;
    if (how & UNKNOWN)
        r->config.lenient = EHLO_ODDITY_UNKNOWN_PARAMETERS;
    r->config.on_mail = get_mail;
}

static void check_parameters(const struct row *row, const char *command, bool is_rcpt)
{
    struct recorder r;
    char line[128];

    snprintf(line, sizeof line, "%s%s%s\r\n", command, *row->parameters != '\0' ? " " : "",
             row->parameters);
    configure(&r, row->how);
    r.config.on_rcpt = get_rcpt;
    greet_and(&r, row->how & HELO_ONLY ? "HELO c.example\r\n" : EHLO);
    if (is_rcpt)
        feed(&r, MAIL);
    clear_note(&r.wire);
    memset(&got, 0, sizeof got);
    r.inside = get_oddities;
    assert_codes(&r, line, row->code);
    assert_of(line, got.asked == (row->code[0] == '2'));
    assert_of(line, got.oddities == row->oddities || got.asked == 0);
    assert_of(line, got.size == row->size && got.body == row->body);
    if (got.asked > 0)
        assert_of(line, strcmp(got.parameters, row->parameters) == 0);
    if (got.asked > 0 && !is_rcpt) {
        assert_of(line, info_of(&r).declared_size == row->size);
        assert_of(line, info_of(&r).body == row->body);
    }
    forget(&r);
}

static void test_parameters_are_bound_to_their_verb_and_offer(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(mails); i++)
        check_parameters(&mails[i], "MAIL FROM:<a@b.example>", false);
    for (size_t i = 0; i < ROWS(rcpts); i++)
        check_parameters(&rcpts[i], "RCPT TO:<c@d.example>", true);
}

/* The host's structure is zeroed but for what was told (ABI: it may grow). */
static struct ehlo_reply look_at_zeroes(struct ehlo_server *s, const struct ehlo_mail *mail,
                                        void *user)
{
    static const struct ehlo_mail none;

    (void)s;
    (void)user;
    assert_memory_equal(mail->reserved, none.reserved, sizeof none.reserved);
    return ehlo_accept();
}

static void test_reserved_room_is_zero(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.on_mail = look_at_zeroes;
    greet_and(&r, EHLO);
    assert_codes(&r, MAIL, "250");
    forget(&r);
}

/* R5321-4.1.1.1-4: in the smallest output, with the longest name, words and numbers. */
static void test_the_fullest_ehlo_reply_fits_into_the_output(void **state)
{
    static const char keywords[] = "250-PIPELINING\r\n250-SIZE 18446744073709551614\r\n"
                                   "250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
                                   "250-EXPN\r\n250 HELP\r\n";
    char name[256], words[2000];

    (void)state;
    memset(name, 'a', sizeof name);
    for (size_t i = 63; i < 255; i += 64)
        name[i] = '.';
    name[255] = '\0';
    for (size_t length = 0; length < sizeof words; length += 7) {
        struct recorder r;

        memset(words, 'w', sizeof words);
        for (size_t i = 0; i < sizeof words; i += 40)
            words[i] = '\n';
        words[length] = '\0';
        prepare(&r);
        r.config.hostname = name;
        r.config.output_size = 1024;
        r.config.max_message_size = EHLO_UNLIMITED - 1;
        r.verdicts[ON_HELO] = ehlo_reply_custom(250, NULL, words);
        greet_and(&r, "");
        feed(&r, EHLO);
        free(codes_of(&r.wire));
        assert_int_equal(strncmp(r.wire.text + 4, name, 255), 0);
        assert_true(r.wire.length > sizeof keywords);
        assert_string_equal(r.wire.text + r.wire.length - sizeof keywords + 1, keywords);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_are_bound_to_their_verb_and_offer),
        cmocka_unit_test(test_reserved_room_is_zero),
        cmocka_unit_test(test_the_fullest_ehlo_reply_fits_into_the_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
