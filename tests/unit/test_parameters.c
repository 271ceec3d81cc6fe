/*
 * Tests of lib/server/parameters.c: each parameter bound to its verb and to what is offered, what
 * the hook is told of it, and what only several parameters together make wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "server/rows.h"
#include "server/session.h"
#include "wire_support.h"

#include <stdio.h>

/* ---- what a command is read in ---- */

#define HELO_ONLY 1u   /* HELO, not EHLO */
#define NOTHING   2u   /* no extension at all */
#define STRICT    4u   /* no parameter that was not offered, no doubled space */
#define UNKNOWN   8u   /* unknown ones are tolerated */
#define TLS       16u  /* TLS runs */
#define KNOWN     32u  /* the client has authenticated */
#define UTF8      64u  /* RCPT: MAIL had SMTPUTF8 */
#define TIGHT     128u /* four parameters, a minimum for BY */

static struct ehlo_reply auth(struct ehlo_server *s, const struct ehlo_auth *credentials,
                              void *user)
{
    (void)s;
    (void)credentials;
    (void)user;
    return ehlo_accept();
}

static bool is_digits(struct ehlo_slice value)
{
    for (size_t i = 0; i < value.length; i++)
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
    return true;
}

static const struct ehlo_parameter_row host[] = {
    {.keyword = "X-ANY", .flags = EHLO_PARAMETER_OF_MAIL | EHLO_PARAMETER_OF_RCPT},
    {.keyword = "X-DIGITS", .flags = EHLO_PARAMETER_OF_MAIL, .good = is_digits},
    {.keyword = "X-FLAG", .flags = EHLO_PARAMETER_OF_MAIL | EHLO_PARAMETER_NO_VALUE},
    {.keyword = "X-BARE", .flags = EHLO_PARAMETER_OF_RCPT | EHLO_PARAMETER_BARE, .good = is_digits},
    {.keyword = NULL}};

static struct ehlo_server_config configuration(unsigned how)
{
    struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS,
                                        .hostname = "mx.example",
                                        .mode = EHLO_MODE_SUBMISSION,
                                        .extensions = EHLO_EXTENSIONS_OPTIONAL,
                                        .on_auth = auth,
                                        .max_hold_for = 86400,
                                        .max_hold_until = "2030-01-01T00:00:00Z",
                                        .parameters = host};

    if (how & NOTHING)
        config.disabled_extensions = EHLO_EXTENSIONS_ALL;
    if (how & NOTHING)
        config.parameters = NULL;
    if (how & STRICT)
        config.strict = EHLO_ODDITIES_DEFAULT;
    if (how & UNKNOWN)
        config.lenient = EHLO_ODDITY_UNKNOWN_PARAMETERS;
    if (how & TIGHT) {
        config.max_parameters = 4;
        config.min_by_time = 60;
    }
    return config;
}

static struct ehlo_server session(const struct ehlo_server_config *config, unsigned how)
{
    static const struct ehlo_tls tls = {EHLO_TLS_DEFAULTS};
    struct ehlo_server s;

    memset(&s, 0, sizeof s);
    s.config = config;
    s.extended = !(how & HELO_ONLY);
    s.tls = how & TLS ? &tls : NULL;
    s.authenticated = (how & KNOWN) != 0;
    s.transaction.flags = how & UTF8 ? EHLO_MAIL_UTF8 : 0;
    return s;
}

/* ---- what the hook is told, in words; what is zero is left out ---- */

static void put_long(char *text, const char *name, long long number)
{
    if (number != 0)
        sprintf(text + strlen(text), "%s%s %lld", *text != '\0' ? " " : "", name, number);
}

static void put_slice(char *text, const char *name, struct ehlo_slice slice)
{
    if (slice.length > 0)
        sprintf(text + strlen(text), "%s%s %.*s", *text != '\0' ? " " : "", name, (int)slice.length,
                slice.data);
}

static void describe_mail(char *text, const struct ehlo_mail *mail)
{
    put_long(text, "size", (long long)mail->declared_size);
    put_long(text, "body", mail->body);
    put_long(text, "flags", mail->flags);
    put_long(text, "ret", mail->ret);
    put_slice(text, "envid", mail->envid);
    put_slice(text, "auth", mail->auth);
    put_long(text, "by", mail->by.seconds);
    put_long(text, "mode", mail->by.mode);
    put_long(text, "trace", mail->by.trace);
    put_long(text, "for", mail->hold_for);
    put_long(text, "until", mail->hold_until);
    put_long(text, "priority", mail->priority);
}

static void describe_rcpt(char *text, const struct ehlo_rcpt *rcpt)
{
    put_long(text, "notify", rcpt->notify);
    put_slice(text, "type", rcpt->orcpt.type);
    put_slice(text, "address", rcpt->orcpt.address);
    put_long(text, "form", rcpt->orcpt.form);
    put_long(text, "since", rcpt->rrvs.since);
    put_long(text, "action", rcpt->rrvs.action);
    put_long(text, "given", rcpt->rrvs.given);
}

struct row {
    const char *parameters, *told;
    unsigned how;
    unsigned refused; /* EHLO_REPLY_..., or 0 */
    uint32_t oddities;
};

#define BAD      EHLO_REPLY_PARAMETER_SYNTAX
#define NO_SUCH  EHLO_REPLY_UNKNOWN_PARAMETER
#define PRIORITY EHLO_REPLY_PRIORITY_SYNTAX
#define SHORT    EHLO_REPLY_DELIVERY_TIME_TOO_SHORT
#define ODD      EHLO_ODDITY_UNOFFERED
#define IGNORED  EHLO_ODDITY_UNKNOWN_PARAMETERS

static void check_mail(const struct row *row)
{
    const struct ehlo_server_config config = configuration(row->how);
    struct ehlo_server s = session(&config, row->how);
    const struct ehlo_slice rest = dup_slice(row->parameters);
    struct ehlo_mail mail;
    char told[512] = "";
    unsigned refused;

    memset(&mail, 0, sizeof mail);
    mail.flags = ehlo__asks_for_utf8(&s, rest) ? EHLO_MAIL_UTF8 : 0;
    refused = ehlo__take_parameters(&s, EHLO__VERB_MAIL, rest, &mail);
    if (refused != row->refused)
        fail_msg("%s: reply %u, not %u", row->parameters, refused, row->refused);
    assert_of(row->parameters, refused != 0 || s.oddities == row->oddities);
    describe_mail(told, &mail);
    if (refused == 0)
        assert_slice_of(row->parameters, ehlo_text(told), row->told);
    free_slice(rest);
}

static void check_rcpt(const struct row *row)
{
    const struct ehlo_server_config config = configuration(row->how);
    struct ehlo_server s = session(&config, row->how);
    const struct ehlo_slice rest = dup_slice(row->parameters);
    struct ehlo_rcpt rcpt;
    char told[512] = "";
    unsigned refused;

    memset(&rcpt, 0, sizeof rcpt);
    refused = ehlo__take_parameters(&s, EHLO__VERB_RCPT, rest, &rcpt);
    if (refused != row->refused)
        fail_msg("%s: reply %u, not %u", row->parameters, refused, row->refused);
    assert_of(row->parameters, refused != 0 || s.oddities == row->oddities);
    describe_rcpt(told, &rcpt);
    if (refused == 0)
        assert_slice_of(row->parameters, ehlo_text(told), row->told);
    free_slice(rest);
}

/* ---- MAIL ---- */

static const struct row mails[] = {
    /* R1870-3-2, R6152-2-1, R5321-4.1.2-4 */
    {"", "", 0, 0, 0},
    {"SIZE=1", "size 1", 0, 0, 0},
    {"size=00000000000000000042", "size 42", 0, 0, 0},
    {"body=8bitmime SIZE=33554432", "size 33554432 body 2", 0, 0, 0},
    {"SIZE", "", 0, BAD, 0},
    {"SIZE=", "", 0, BAD, 0},
    {"SIZE=x", "", 0, BAD, 0},
    {"SIZE=-1", "", 0, BAD, 0},
    {"SIZE=000000000000000000001", "", 0, BAD, 0},
    {"SIZE=1 BODY=7BIT SIZE=1", "", 0, BAD, 0},
    {"BODY", "", 0, BAD, 0},
    {"BODY=8BIT", "", 0, BAD, 0},
    {"BODY=7BIT BODY=7BIT", "", 0, BAD, 0},
    {"=1", "", 0, BAD, 0},
    {"A==b", "", 0, BAD, 0},
    {"-X=1", "", 0, BAD, 0},
    {"SIZE=1  BODY=7BIT", "size 1 body 1", 0, 0, 0},
    {"SIZE=1  BODY=7BIT", "", STRICT, BAD, 0},
    /* R3030-3-1 */
    {"BODY=BINARYMIME", "body 3", 0, 0, 0},
    {"BODY=BINARYMIME", "", NOTHING, BAD, 0},
    {"BODY=BINARYMIME", "", HELO_ONLY, BAD, 0},
    /* R5321-4.1.1.11-1 */
    {"FOO", "", 0, NO_SUCH, 0},
    {"FOO=1", "", 0, NO_SUCH, 0},
    {"SIZ=1", "", 0, NO_SUCH, 0},
    {"SIZES=1", "", 0, NO_SUCH, 0},
    {"FOO FOO SIZE=7", "size 7", UNKNOWN, 0, IGNORED},
    {"SIZE=7 SIZE=7", "", UNKNOWN, BAD, 0},
    {"FOO", "", HELO_ONLY, NO_SUCH, 0},
    {"FOO", "", HELO_ONLY | UNKNOWN, 0, IGNORED},
    {"BODY=8BITMIME", "body 2", NOTHING, 0, ODD},
    {"BODY=8BITMIME", "", NOTHING | STRICT, NO_SUCH, 0},
    {"BODY=8BITMIME", "body 2", HELO_ONLY, 0, ODD},
    {"BODY=8BITMIME", "", HELO_ONLY | STRICT, NO_SUCH, 0},
    /* R4954-5-1, R4954-5-2 */
    {"AUTH=a@b.example", "auth <>", TLS, 0, 0},
    {"AUTH=a@b.example", "auth <>", 0, 0, ODD}, /* only TLS offers the mechanisms */
    {"AUTH=a@b.example", "auth a@b.example", TLS | KNOWN, 0, 0},
    {"AUTH=a@b.example", "auth a@b.example", TLS | KNOWN | STRICT, 0, 0},
    {"AUTH=e+3Dmc2@example.com", "auth e+3Dmc2@example.com", TLS | KNOWN, 0, 0},
    {"AUTH=<>", "auth <>", TLS | KNOWN, 0, 0},
    {"AUTH=<>", "auth <>", NOTHING, 0, ODD},
    {"AUTH=<>", "auth <>", HELO_ONLY, 0, ODD},
    {"AUTH=<>", "", NOTHING | STRICT, NO_SUCH, 0},
    {"AUTH=<>", "", NOTHING | STRICT | KNOWN, NO_SUCH, 0},
    {"AUTH=<>", "", HELO_ONLY | STRICT | KNOWN, NO_SUCH, 0},
    {"AUTH", "", TLS, BAD, 0},
    {"AUTH=a", "", TLS, BAD, 0},
    {"AUTH=a+b@c.example", "", TLS, BAD, 0},
    {"AUTH=a", "", NOTHING, BAD, 0},
    {"AUTH=<> AUTH=<>", "", TLS, BAD, 0},
    /* R6531-3.1-2 */
    {"SMTPUTF8", "flags 1", 0, 0, 0},
    {"smtputf8 SIZE=3", "size 3 flags 1", 0, 0, 0},
    {"SMTPUTF8=1", "", 0, BAD, 0},
    {"SMTPUTF8 SMTPUTF8", "", 0, BAD, 0},
    {"SMTPUTF8", "", NOTHING, NO_SUCH, 0},
    {"SMTPUTF8", "", HELO_ONLY, NO_SUCH, 0},
    {"SMTPUTF8", "", NOTHING | UNKNOWN, 0, IGNORED},
    /* R6531-3.3-1: UTF-8 in values, wherever SMTPUTF8 stands */
    {"SMTPUTF8 X-ANY=\xc3\xbc", "flags 1", 0, 0, 0},
    {"X-ANY=\xc3\xbc SMTPUTF8", "flags 1", 0, 0, 0},
    {"X-ANY=\xc3\xbc", "", 0, BAD, 0},
    {"X-ANY=\xc3\xbc SMTPUTF8", "", HELO_ONLY, BAD, 0},
    {"SMTPUTF8 X-ANY=\xc3", "", 0, BAD, 0},
    {"SMTPUTF8 X-ANY=\xc0\x80", "", 0, BAD, 0},
    {"SMTPUTF8 X-ANY=\xed\xa0\x80", "", 0, BAD, 0},
    {"SMTPUTF8 X-\xc3\xbc=1", "", 0, BAD, 0},
    /* R3461-4.3-1, R3461-4.4-1, R3461-4.5-1, R8689-5-1 */
    {"RET=FULL", "ret 1", 0, 0, 0},
    {"ret=hdrs ENVID=QQ314159", "ret 2 envid QQ314159", 0, 0, 0},
    {"RET", "", 0, BAD, 0},
    {"RET=ALL", "", 0, BAD, 0},
    {"RET=FULL RET=FULL", "", 0, BAD, 0},
    {"RET=FULL", "", NOTHING, NO_SUCH, 0},
    {"RET=FULL", "", HELO_ONLY, NO_SUCH, 0},
    {"ENVID=a+2Bb", "envid a+2Bb", 0, 0, 0},
    {"ENVID", "", 0, BAD, 0},
    {"ENVID=a+2", "", 0, BAD, 0},
    {"ENVID=a ENVID=a", "", 0, BAD, 0},
    {"ENVID=a", "", NOTHING, NO_SUCH, 0},
    {"NOTIFY=NEVER", "", 0, NO_SUCH, 0},
    {"ORCPT=rfc822;a@b.example", "", 0, NO_SUCH, 0},
    {"RRVS=2014-01-01T00:00:00Z", "", 0, NO_SUCH, 0},
    /* R8689-2-1, R8689-2-2, R8689-5-1 */
    {"REQUIRETLS", "flags 2", TLS, 0, 0},
    {"REQUIRETLS", "", 0, NO_SUCH, 0},
    {"REQUIRETLS", "", TLS | HELO_ONLY, NO_SUCH, 0},
    {"REQUIRETLS=1", "", TLS, BAD, 0},
    {"REQUIRETLS REQUIRETLS", "", TLS, BAD, 0},
    {"REQUIRETLS RET=FULL", "flags 2 ret 2", TLS, 0, 0},
    {"RET=FULL REQUIRETLS", "flags 2 ret 2", TLS, 0, 0},
    {"RET=HDRS REQUIRETLS", "flags 2 ret 2", TLS, 0, 0},
    /* R4865-3-2, R4865-4.2-1 */
    {"HOLDFOR=1", "for 1", 0, 0, 0},
    {"HOLDFOR=86400", "for 86400", 0, 0, 0},
    {"HOLDFOR=86401", "", 0, BAD, 0},
    {"HOLDFOR=0", "", 0, BAD, 0},
    {"HOLDFOR=01", "", 0, BAD, 0},
    {"HOLDFOR", "", 0, BAD, 0},
    {"HOLDFOR=1 HOLDFOR=1", "", 0, BAD, 0},
    {"HOLDFOR=1", "", NOTHING, NO_SUCH, 0},
    {"HOLDUNTIL=2029-12-31T23:59:59Z", "until 1893455999", 0, 0, 0},
    {"HOLDUNTIL=2030-01-01T00:00:00Z", "until 1893456000", 0, 0, 0},
    {"HOLDUNTIL=2030-01-01T00:00:01Z", "", 0, BAD, 0},
    {"HOLDUNTIL=2029-01-01T00:00:00+01:00", "", 0, BAD, 0},
    {"HOLDUNTIL=2029-02-29T00:00:00Z", "", 0, BAD, 0},
    {"HOLDUNTIL=1970-01-01T00:00:01Z", "until 1", 0, 0, 0},
    {"HOLDUNTIL=1970-01-01T00:00:00Z", "", 0, BAD, 0},
    {"HOLDUNTIL=1969-12-31T23:59:59Z", "", 0, BAD, 0},
    {"HOLDUNTIL=2029-01-01T00:00:00Z HOLDFOR=1", "", 0, BAD, 0},
    {"HOLDFOR=1 HOLDUNTIL=2029-01-01T00:00:00Z", "", 0, BAD, 0},
    /* R4865-5.2-1 */
    {"HOLDFOR=60 BY=60;N", "by 60 mode 1 for 60", 0, 0, 0},
    {"BY=60;R HOLDFOR=60", "by 60 mode 2 for 60", 0, 0, 0},
    {"HOLDFOR=61 BY=60;N", "", 0, BAD, 0},
    {"BY=60;R HOLDFOR=61", "", 0, BAD, 0},
    {"BY=-5;N HOLDFOR=1", "", 0, BAD, 0},
    {"BY=0;N", "mode 1", 0, 0, 0},
    /* R2852-4-1, R2852-4-2, R2852-3-1 */
    {"BY=120;RT", "by 120 mode 2 trace 1", 0, 0, 0},
    {"by=-5;nt", "by -5 mode 1 trace 1", 0, 0, 0},
    {"BY=0;R", "", 0, BAD, 0},
    {"BY=1", "", 0, BAD, 0},
    {"BY", "", 0, BAD, 0},
    {"BY=1;N BY=1;N", "", 0, BAD, 0},
    {"BY=1;N", "", NOTHING, NO_SUCH, 0},
    {"BY=59;R", "", TIGHT, SHORT, 0},
    {"BY=60;R", "by 60 mode 2", TIGHT, 0, 0},
    {"BY=61;R", "by 61 mode 2", TIGHT, 0, 0},
    {"BY=59;N", "by 59 mode 1", TIGHT, 0, 0},
    /* R6710-4.1-1 */
    {"MT-PRIORITY=-9", "priority -9", 0, 0, 0},
    {"mt-priority=9", "priority 9", 0, 0, 0},
    {"MT-PRIORITY=0", "", 0, 0, 0},
    {"MT-PRIORITY=10", "", 0, PRIORITY, 0},
    {"MT-PRIORITY=+1", "", 0, PRIORITY, 0},
    {"MT-PRIORITY=-0", "", 0, PRIORITY, 0},
    {"MT-PRIORITY", "", 0, PRIORITY, 0},
    {"MT-PRIORITY=1 MT-PRIORITY=1", "", 0, PRIORITY, 0},
    {"MT-PRIORITY=", "", 0, BAD, 0}, /* no esmtp-param at all (rule 10 of faults) */
    {"MT-PRIORITY=1", "", NOTHING, NO_SUCH, 0},
    {"PRDR", "flags 4", 0, 0, 0},
    {"PRDR=1", "", 0, BAD, 0},
    {"PRDR PRDR", "", 0, BAD, 0},
    {"PRDR", "", NOTHING, NO_SUCH, 0},
    {"PRDR REQUIRETLS SMTPUTF8", "flags 7", TLS, 0, 0},
    /* of the host */
    {"X-ANY=a", "", 0, 0, 0},
    {"x-any=a X-DIGITS=1 X-FLAG", "", 0, 0, 0},
    {"X-ANY", "", 0, BAD, 0},
    {"X-ANY=a X-ANY=a", "", 0, BAD, 0},
    {"X-DIGITS=x", "", 0, BAD, 0},
    {"X-FLAG=1", "", 0, BAD, 0},
    {"X-FLAG X-FLAG", "", 0, BAD, 0},
    {"X-BARE", "", 0, NO_SUCH, 0},
    {"X-ANY=a", "", HELO_ONLY, NO_SUCH, 0},
    {"X-ANY=a X-ANY=a", "", HELO_ONLY | UNKNOWN, 0, IGNORED},
    /* RSEC-LIMIT-5 */
    {"SIZE=1 BODY=7BIT RET=FULL PRDR", "size 1 body 1 flags 4 ret 1", TIGHT, 0, 0},
    {"SIZE=1 BODY=7BIT RET=FULL PRDR X-ANY=a", "", TIGHT, BAD, 0},
};

static void test_parameters_of_mail(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(mails); i++)
        check_mail(&mails[i]);
}

/* ---- RCPT ---- */

static const struct row rcpts[] = {
    {"", "", 0, 0, 0},
    {"SIZE=1", "", 0, NO_SUCH, 0},
    {"BODY=7BIT", "", 0, NO_SUCH, 0},
    {"AUTH=<>", "", 0, NO_SUCH, 0},
    {"SMTPUTF8", "", UTF8, NO_SUCH, 0},
    {"PRDR", "", 0, NO_SUCH, 0},
    {"FOO", "", UNKNOWN, 0, IGNORED},
    {"=", "", UNKNOWN, BAD, 0},
    /* R3461-4.1-1, R3461-4.5-1 */
    {"NOTIFY=NEVER", "notify 1", 0, 0, 0},
    {"notify=success,Failure,DELAY", "notify 14", 0, 0, 0},
    {"NOTIFY=NEVER,DELAY", "", 0, BAD, 0},
    {"NOTIFY=SUCCESS,", "", 0, BAD, 0},
    {"NOTIFY", "", 0, BAD, 0},
    {"NOTIFY=NEVER NOTIFY=NEVER", "", 0, BAD, 0},
    {"NOTIFY=NEVER", "", NOTHING, NO_SUCH, 0},
    {"NOTIFY=NEVER", "", HELO_ONLY, NO_SUCH, 0},
    /* R3461-4.2-1, R3461-4-1, R6533-3-1 */
    {"ORCPT=rfc822;Bob@Example.COM", "type rfc822 address Bob@Example.COM form 1", 0, 0, 0},
    {"ORCPT=rfc822;a+2Bb@c", "type rfc822 address a+2Bb@c form 1", 0, 0, 0},
    {"ORCPT=rfc822;a+2", "", 0, BAD, 0},
    {"ORCPT=rfc822", "", 0, BAD, 0},
    {"ORCPT", "", 0, BAD, 0},
    {"ORCPT=a;b ORCPT=a;b", "", 0, BAD, 0},
    {"ORCPT=a;b", "", NOTHING, NO_SUCH, 0},
    {"ORCPT=utf-8;\\x{FC}@b.example", "type utf-8 address \\x{FC}@b.example form 2", 0, 0, 0},
    {"ORCPT=utf-8;\\x{FC}@b.example", "type utf-8 address \\x{FC}@b.example form 2", UTF8, 0, 0},
    {"ORCPT=utf-8;\xc3\xbc@b.example", "type utf-8 address \xc3\xbc@b.example form 3", UTF8, 0, 0},
    {"ORCPT=utf-8;\xc3\xbc@b.example", "", 0, BAD, 0},
    {"ORCPT=utf-8;\xc3@b.example", "", UTF8, BAD, 0},
    /* R7293-3.1-1 */
    {"RRVS=2014-01-01T00:00:00Z", "since 1388534400 action 1", 0, 0, 0},
    {"RRVS=2014-01-01T00:00:00Z;c", "since 1388534400 action 2 given 1", 0, 0, 0},
    {"RRVS=2014-01-01T00:00:00.5Z", "", 0, BAD, 0},
    {"RRVS=2014-01-01", "", 0, BAD, 0},
    {"RRVS", "", 0, BAD, 0},
    {"RRVS=2014-01-01T00:00:00Z RRVS=2014-01-01T00:00:00Z", "", 0, BAD, 0},
    {"RRVS=2014-01-01T00:00:00Z", "", NOTHING, NO_SUCH, 0},
    {"RRVS=2014-01-01T00:00:00Z NOTIFY=DELAY ORCPT=rfc822;a@b",
     "notify 8 type rfc822 address a@b form 1 since 1388534400 action 1", 0, 0, 0},
    /* of the host */
    {"X-ANY=a X-BARE", "", 0, 0, 0},
    {"X-BARE=12", "", 0, 0, 0},
    {"X-BARE=x", "", 0, BAD, 0},
    {"X-BARE X-BARE=1", "", 0, BAD, 0},
    {"X-FLAG", "", 0, NO_SUCH, 0},
    {"X-ANY=\xc3\xbc", "", UTF8, 0, 0},
    {"X-ANY=\xc3\xbc", "", 0, BAD, 0},
};

static void test_parameters_of_rcpt(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rcpts); i++)
        check_rcpt(&rcpts[i]);
}

/* All the host's rows at once, beside all of the engine's (each has a bit of its own). */
static void test_sixteen_rows_of_the_host(void **state)
{
    static char names[17][8];
    struct ehlo_parameter_row many[17];
    struct ehlo_server_config config = configuration(0);
    struct ehlo_server s = session(&config, TLS);
    char all[512], text[1024];

    (void)state;
    memset(many, 0, sizeof many);
    strcpy(all, "SIZE=1 BODY=7BIT AUTH=<> SMTPUTF8 RET=FULL ENVID=a REQUIRETLS HOLDFOR=1 BY=2;R "
                "MT-PRIORITY=1 PRDR");
    for (size_t i = 0; i < 16; i++) {
        snprintf(names[i], sizeof names[i], "X-%zu", i);
        many[i].keyword = names[i];
        many[i].flags = EHLO_PARAMETER_OF_MAIL | EHLO_PARAMETER_NO_VALUE;
        sprintf(all + strlen(all), " %s", names[i]);
    }
    config.parameters = many;
    config.max_parameters = 100;
    for (size_t i = 0; i <= 16; i++) {
        struct ehlo_mail mail = {.flags = EHLO_MAIL_UTF8};

        snprintf(text, sizeof text, "%s %s", all, names[i]);
        assert_int_equal(
            ehlo__take_parameters(&s, EHLO__VERB_MAIL, ehlo_text(i < 16 ? text : all), &mail),
            i < 16 ? BAD : 0);
    }
}

static void test_names_of_the_engine_are_known(void **state)
{
    static const char *const known[] = {"SIZE", "by", "Mt-Priority", "RRVS", "ORCPT", "AUTH"};
    static const char *const unknown[] = {"", "SIZ", "SOLICIT", "X-ANY", "LIMITS"};

    (void)state;
    for (size_t i = 0; i < ROWS(known); i++)
        assert_of(known[i], ehlo__is_parameter(ehlo_text(known[i])));
    for (size_t i = 0; i < ROWS(unknown); i++)
        assert_of(unknown[i], !ehlo__is_parameter(ehlo_text(unknown[i])));
}

/* ---- in a session ---- */

/* The hook may walk them again: they are all there, as sent. */
static struct ehlo_reply look_at_mail(struct ehlo_server *s, const struct ehlo_mail *mail,
                                      void *user)
{
    static const struct ehlo_mail none;
    struct ehlo_slice rest = mail->parameters;
    struct ehlo_parameter parameter;

    (void)s;
    (void)user;
    assert_memory_equal(mail->reserved, none.reserved, sizeof none.reserved);
    assert_int_equal(ehlo_next_parameter(&rest, 0, &parameter), EHLO_SYNTAX_OK);
    assert_slice_of("keyword", parameter.keyword, "RET");
    assert_int_equal(ehlo_next_parameter(&rest, 0, &parameter), EHLO_SYNTAX_OK);
    assert_slice_of("value", parameter.value, "a");
    assert_slice_of("envid", mail->envid, "a");
    return ehlo_accept();
}

static struct ehlo_reply look_at_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt,
                                      void *user)
{
    static const struct ehlo_rcpt none;

    (void)s;
    (void)user;
    assert_memory_equal(rcpt->reserved, none.reserved, sizeof none.reserved);
    assert_int_equal(rcpt->reserved_number, 0);
    assert_slice_of("parameters", rcpt->parameters, "NOTIFY=NEVER");
    assert_int_equal(rcpt->notify, EHLO_NOTIFY_NEVER);
    return ehlo_accept();
}

static void test_hooks_get_them_parsed_and_as_sent(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.extensions = EHLO_EXTENSION_DSN;
    r.config.on_mail = look_at_mail;
    r.config.on_rcpt = look_at_rcpt;
    greet_and(&r, EHLO);
    assert_codes(&r, "MAIL FROM:<a@b.example> RET=FULL ENVID=a\r\n", "250");
    assert_codes(&r, "RCPT TO:<c@d.example> NOTIFY=NEVER\r\n", "250");
    forget(&r);
}

/* R3461-5.1-1: what the hook decides is the reply, with parameters or without. */
static void test_dsn_parameters_never_change_the_reply(void **state)
{
    const struct ehlo_reply verdicts[] = {ehlo_accept(), ehlo_reply(EHLO_REPLY_USER_UNKNOWN),
                                          ehlo_reply(EHLO_REPLY_GREYLISTED),
                                          ehlo_reply(EHLO_REPLY_RECIPIENT_FORWARDED)};
    static const char *const rcpt_parameters[] = {
        "", " NOTIFY=NEVER", " NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;c@d.example"};

    (void)state;
    for (size_t i = 0; i < ROWS(verdicts); i++) {
        char first[256] = "";

        for (size_t j = 0; j < ROWS(rcpt_parameters); j++) {
            struct recorder r;
            char line[128];

            prepare(&r);
            r.config.extensions = EHLO_EXTENSION_DSN;
            r.verdicts[ON_RCPT] = verdicts[i];
            greet_and(&r, EHLO);
            feed(&r, j > 0 ? "MAIL FROM:<a@b.example> RET=HDRS ENVID=x\r\n" : MAIL);
            snprintf(line, sizeof line, "RCPT TO:<c@d.example>%s\r\n", rcpt_parameters[j]);
            feed(&r, line);
            if (j == 0)
                snprintf(first, sizeof first, "%s", r.wire.text);
            assert_string_equal(r.wire.text, first);
            forget(&r);
        }
    }
}

/* R3461-5.4-1: the lengths that RFC 3461 asks for, all in one line. */
static void test_long_dsn_parameters_fit(void **state)
{
    char line[1200], envid[101], address[500];
    struct recorder r;

    (void)state;
    memset(envid, 'e', 100);
    envid[100] = '\0';
    memset(address, 'o', sizeof address);
    address[500 - sizeof "ORCPT=rfc822;"] = '\0';
    prepare(&r);
    r.config.extensions = EHLO_EXTENSION_DSN;
    greet_and(&r, EHLO);
    snprintf(line, sizeof line, "MAIL FROM:<a@b.example> RET=FULL ENVID=%s\r\n", envid);
    assert_codes(&r, line, "250");
    snprintf(line, sizeof line,
             "RCPT TO:<c@d.example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;%s\r\n", address);
    assert_codes(&r, line, "250");
    forget(&r);
}

static struct {
    unsigned traced;
    uint64_t number;
} limit;

static void note_limit(struct recorder *r, enum hook hook)
{
    if (hook == ON_TRACE && r->trace->reason == EHLO_TRACE_PARAMETER_LIMIT) {
        limit.traced++;
        limit.number = r->trace->number;
    }
}

/* RSEC-LIMIT-5 at -1, 0, +1 */
static void test_the_limit_is_traced(void **state)
{
    struct recorder r;

    (void)state;
    for (unsigned count = 15; count <= 17; count++) {
        char line[256] = "MAIL FROM:<a@b.example>";

        for (unsigned i = 0; i < count; i++)
            strcat(line, " X=1");
        strcat(line, "\r\n");
        memset(&limit, 0, sizeof limit);
        prepare(&r);
        r.config.lenient = EHLO_ODDITY_UNKNOWN_PARAMETERS;
        r.inside = note_limit;
        greet_and(&r, EHLO);
        assert_codes(&r, line, count <= 16 ? "250" : "501");
        assert_int_equal(limit.traced, count > 16);
        assert_int_equal(limit.number, count > 16 ? 16 : 0);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_of_mail),
        cmocka_unit_test(test_parameters_of_rcpt),
        cmocka_unit_test(test_sixteen_rows_of_the_host),
        cmocka_unit_test(test_names_of_the_engine_are_known),
        cmocka_unit_test(test_hooks_get_them_parsed_and_as_sent),
        cmocka_unit_test(test_dsn_parameters_never_change_the_reply),
        cmocka_unit_test(test_long_dsn_parameters_fit),
        cmocka_unit_test(test_the_limit_is_traced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
