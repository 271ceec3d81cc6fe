/*
 * Every extension alone, in every pair, and every pair left out of all of them, in each protocol,
 * with and without TLS: what the EHLO reply lists is taken, and what it does not list is refused
 * (RFC 5321 4.1.1.1, 4.2.4).
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

#define FROM "MAIL FROM:<a@b.example>"
#define TO   "RCPT TO:<c@d.example>"

/* An extension, and a command that only goes well where it is offered. */
static const struct row {
    const char *keyword;
    uint32_t extension;
    const char *before, *probe; /* NULL: there is nothing to try */
    const char *refused;        /* the codes of refusal */
    bool tls_only, clear_only;
} rows[] = {
    {"PIPELINING", EHLO_EXTENSION_PIPELINING, "", NULL, "", false, false},
    {"SIZE", EHLO_EXTENSION_SIZE, "", FROM " SIZE=1\r\n", "555", false, false},
    {"8BITMIME", EHLO_EXTENSION_8BITMIME, "", FROM " BODY=8BITMIME\r\n", "555", false, false},
    {"ENHANCEDSTATUSCODES", EHLO_EXTENSION_ENHANCEDSTATUSCODES, "", NULL, "", false, false},
    {"CHUNKING", EHLO_EXTENSION_CHUNKING, FROM "\r\n" TO "\r\n", "BDAT 0\r\n", "502", false, false},
    {"STARTTLS", EHLO_EXTENSION_STARTTLS, "", "STARTTLS\r\n", "502 503", false, true},
    {"AUTH", EHLO_EXTENSION_AUTH, "", "AUTH CRAM-MD5\r\n", "502 503", false, false},
    {"ETRN", EHLO_EXTENSION_ETRN, "", "ETRN node.example\r\n", "502", false, false},
    {"XCLIENT", EHLO_EXTENSION_XCLIENT, "", "XCLIENT ADDR=192.0.2.1\r\n", "500", false, false},
    {"XFORWARD", EHLO_EXTENSION_XFORWARD, "", "XFORWARD ADDR=192.0.2.1\r\n", "500", false, false},
    {"BINARYMIME", EHLO_EXTENSION_BINARYMIME, "", FROM " BODY=BINARYMIME\r\n", "501 555", false,
     false},
    {"SMTPUTF8", EHLO_EXTENSION_SMTPUTF8, "", FROM " SMTPUTF8\r\n", "555", false, false},
    {"DSN", EHLO_EXTENSION_DSN, "", FROM " RET=HDRS\r\n", "555", false, false},
    {"DSN", EHLO_EXTENSION_DSN, FROM "\r\n", TO " NOTIFY=NEVER\r\n", "555", false, false},
    {"REQUIRETLS", EHLO_EXTENSION_REQUIRETLS, "", FROM " REQUIRETLS\r\n", "555", true, false},
    {"LIMITS", EHLO_EXTENSION_LIMITS, "", NULL, "", false, false},
    {"DELIVERBY", EHLO_EXTENSION_DELIVERBY, "", FROM " BY=60;N\r\n", "555", false, false},
    {"FUTURERELEASE", EHLO_EXTENSION_FUTURERELEASE, "", FROM " HOLDFOR=60\r\n", "555", false,
     false},
    {"MT-PRIORITY", EHLO_EXTENSION_MT_PRIORITY, "", FROM " MT-PRIORITY=1\r\n", "555", false, false},
    {"RRVS", EHLO_EXTENSION_RRVS, FROM "\r\n", TO " RRVS=2020-01-01T00:00:00Z\r\n", "555", false,
     false},
    {"PRDR", EHLO_EXTENSION_PRDR, "", FROM " PRDR\r\n", "555", false, false},
};

static const struct ehlo_mechanism mechanisms[] = {
    {.name = "CRAM-MD5", .flags = EHLO_MECHANISM_SERVER_FIRST | EHLO_MECHANISM_CLEAR},
    {.name = NULL}};

static const struct ehlo_tls tls = {EHLO_TLS_DEFAULTS};

struct setting {
    uint32_t on;
    uint8_t mode;
    bool tls;
};

/* Submission asks for AUTH first; this client is known otherwise (RFC 6409 4.3). */
static void know_client(struct recorder *r, enum hook hook)
{
    if (hook == ON_HELO && r->config.mode == EHLO_MODE_SUBMISSION)
        assert_int_equal(ehlo_server_identity(r->s, ehlo_text("bob")), EHLO_OK);
}

static void configure(struct recorder *r, const struct setting *setting)
{
    prepare(r);
    r->config.mode = setting->mode;
    r->config.strict = EHLO_ODDITY_UNOFFERED;
    r->config.extensions = setting->on & EHLO_EXTENSIONS_OPTIONAL;
    r->config.disabled_extensions = EHLO_EXTENSIONS_ALL & ~setting->on;
    r->config.output_size = 2048;
    r->config.max_hold_for = 3600;
    r->config.max_hold_until = "2099-01-01T00:00:00Z";
    r->config.mechanisms = mechanisms;
    r->config.on_command = NULL;
    r->inside = know_client;
}

static void begin(struct recorder *r, const struct setting *setting)
{
    make_session(r);
    if (setting->tls)
        assert_int_equal(ehlo_server_tls_started(r->s, &tls), EHLO_OK);
    assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
    drain_all(r);
    clear_note(&r->wire);
    feed(r, setting->mode == EHLO_MODE_LMTP ? "LHLO c.example\r\n" : EHLO);
}

static bool is_listed(const struct note *wire, const char *keyword)
{
    const char marks[] = " \r", ends[] = "- ";
    char line[64];

    for (int i = 0; i < 4; i++) {
        snprintf(line, sizeof line, "\r\n250%c%s%c", ends[i / 2], keyword, marks[i % 2]);
        if (strstr(wire->text, line) != NULL)
            return true;
    }
    return false;
}

/* What has to be listed, told anew. */
static bool should_be_listed(const struct row *row, const struct setting *setting)
{
    const bool submission = setting->mode == EHLO_MODE_SUBMISSION;

    if ((setting->on & row->extension) == 0 || (row->tls_only && !setting->tls) ||
        (row->clear_only && setting->tls))
        return false;
    if (row->extension == EHLO_EXTENSION_PRDR)
        return setting->mode != EHLO_MODE_LMTP;
    if (row->extension == EHLO_EXTENSION_AUTH || row->extension == EHLO_EXTENSION_ETRN)
        return !submission; /* bob is known already; nothing is fetched from a submission server */
    return true;
}

static void check_extension(const struct setting *setting, const struct row *row)
{
    struct recorder r;
    char name[96];
    bool listed;

    snprintf(name, sizeof name, "%s, extensions %#x, mode %u, tls %d", row->keyword,
             (unsigned)setting->on, setting->mode, setting->tls);
    configure(&r, setting);
    begin(&r, setting);
    listed = is_listed(&r.wire, row->keyword);
    assert_of(name, listed == should_be_listed(row, setting));
    if (row->probe != NULL) {
        feed(&r, row->before);
        clear_note(&r.wire);
        feed(&r, row->probe);
        assert_of(name, r.wire.length > 3);
        r.wire.text[3] = '\0';
        assert_of(name, (strstr(row->refused, r.wire.text) != NULL) == !listed);
    }
    forget(&r);
}

/* What cannot be without another one: it comes along, or goes along. */
static uint32_t complete(uint32_t on, unsigned mode, bool add)
{
    static const uint32_t needs[][2] = {{EHLO_EXTENSION_BINARYMIME, EHLO_EXTENSION_CHUNKING},
                                        {EHLO_EXTENSION_SMTPUTF8, EHLO_EXTENSION_8BITMIME}};

    for (size_t i = 0; i < ROWS(needs); i++)
        if ((on & needs[i][0]) != 0 && (on & needs[i][1]) == 0)
            on = add ? on | needs[i][1] : on & ~needs[i][0];
    if (mode == EHLO_MODE_LMTP) /* RFC 2033 5 */
        on |= EHLO_EXTENSION_PIPELINING | EHLO_EXTENSION_ENHANCEDSTATUSCODES;
    return mode == EHLO_MODE_SUBMISSION ? on : on & ~(uint32_t)EHLO_EXTENSION_FUTURERELEASE;
}

static void check_setting(uint32_t on, bool add)
{
    struct setting setting = {.on = on};

    for (setting.mode = 0; setting.mode <= EHLO_MODE_LMTP; setting.mode++)
        for (int i = 0; i < 2; i++) {
            setting.on = complete(on, setting.mode, add);
            setting.tls = i != 0;
            for (size_t row = 0; row < ROWS(rows); row++)
                if (rows[row].extension != EHLO_EXTENSION_8BITMIME ||
                    (setting.on & EHLO_EXTENSION_BINARYMIME) == 0) /* has BODY= too (RFC 3030 3) */
                    check_extension(&setting, &rows[row]);
        }
}

/* R5321-2.2.1-1, R3030-3-1, R3207-4-1, R4954-3-1, R6531-3.1-1, R8689-2-1, R9422-3-1, R2852-2-1,
 * R6710-3-1 */
static void test_what_is_listed_is_taken_in_every_pair(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t j = i; j < ROWS(rows); j++)
            check_setting(rows[i].extension | rows[j].extension, true);
    check_setting(0, true);
}

static void test_what_is_left_out_is_refused_in_every_pair(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t j = i; j < ROWS(rows); j++)
            check_setting(EHLO_EXTENSIONS_ALL & ~(rows[i].extension | rows[j].extension), false);
    check_setting(EHLO_EXTENSIONS_ALL, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_listed_is_taken_in_every_pair),
        cmocka_unit_test(test_what_is_left_out_is_refused_in_every_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
