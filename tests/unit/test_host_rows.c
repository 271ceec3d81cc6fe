/*
 * Tests of lib/server/host_rows.c: the check of the rows that a configuration has of its own; and
 * two whole extensions that are built of such rows alone, NO-SOLICITING (RFC 3865) and BURL (RFC
 * 4468).
 *
 * SPDX-License-Identifier: MIT
 */
#include "accepting.h"
#include "recorder.h"
#include "server/rows.h"
#include "server/session.h"
#include "wire_support.h"

#include <stdio.h>

/* One that takes all rows, with room for them. */
static struct ehlo_server_config make(void)
{
    return (struct ehlo_server_config){EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example",
                                       .output_size = 65535, .on_sasl = accept_sasl,
                                       .on_command = accept_command};
}

/* Fails unless the check names this member; NULL: the configuration is good. */
static void check(const char *row, const struct ehlo_server_config *config, const char *want)
{
    const char *what = "untouched";
    const int result = ehlo_server_check(config, &what);

    assert_of(row, result == (want == NULL ? EHLO_OK : EHLO_ERROR_ARGUMENT));
    if (want != NULL)
        assert_slice_of(row, ehlo_text(what), want);
}

/* ---- names ---- */

#define L20 "A2345678901234567890"
#define L16 "A234567890123456"
#define L32 L16 L16

/* A digit for each kind of name: mechanism, keyword, parameter, verb (RFC 4422 3.1, RFC 5321
 * 4.1.1.1, 4.1.2). */
static const struct {
    const char *name, *good;
} names[] = {
    {"XA", "1111"},      {"X", "1111"},      {"9", "1111"},         {"Xa", "0111"},
    {"X-A", "1110"},     {"X_A", "1000"},    {"-XA", "1000"},       {"XA-", "1110"},
    {"_XA", "1000"},     {"", "0000"},       {"X A", "0000"},       {"X.A", "0000"},
    {"X=A", "0000"},     {"X\r\nA", "0000"}, {"X\xc3\xbc", "0000"}, {"X\x7f", "0000"},
    {L16, "1111"},       {L16 "7", "1110"},  {L20, "1110"},         {L20 "1", "0110"},
    {L32, "0110"},       {L32 "3", "0000"},  {"SIZE", "1001"},      {"AUTH", "1000"},
    {"PLAIN", "1111"},   {"mail", "0110"},   {"MAIL", "1110"},      {"EXPN", "1010"},
    {"XCLIENT", "1010"}, {"VRFY", "1110"},   {"STARTTLS", "1010"},  {"NOTIFY", "1101"},
    {"LHLO", "1110"},    {"BY", "1101"},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(names); i++) {
        const char *name = names[i].name, *good = names[i].good;
        const struct ehlo_mechanism mechanisms[] = {{.name = name}, {.name = NULL}};
        const struct ehlo_keyword keywords[] = {{.keyword = name}, {.keyword = NULL}};
        const struct ehlo_parameter_row parameters[] = {
            {.keyword = name, .flags = EHLO_PARAMETER_OF_MAIL}, {.keyword = NULL}};
        const struct ehlo_verb verbs[] = {{.verb = name}, {.verb = NULL}};
        struct ehlo_server_config config = make();

        config.mechanisms = mechanisms;
        check(name, &config, good[0] == '1' ? NULL : "mechanisms");
        config = make();
        config.keywords = keywords;
        check(name, &config, good[1] == '1' ? NULL : "keywords");
        config = make();
        config.parameters = parameters;
        check(name, &config, good[2] == '1' ? NULL : "parameters");
        config = make();
        config.verbs = verbs;
        check(name, &config, good[3] == '1' ? NULL : "verbs");
    }
}

/* Each octet that may stand in a name, behind its first. */
static void test_each_octet_of_a_name(void **state)
{
    (void)state;
    for (int octet = 1; octet < 256; octet++) {
        char name[] = "X?";
        const struct ehlo_mechanism mechanisms[] = {{.name = name}, {.name = NULL}};
        const struct ehlo_verb verbs[] = {{.verb = name}, {.verb = NULL}};
        const bool digit = octet >= '0' && octet <= '9', upper = octet >= 'A' && octet <= 'Z';
        const bool lower = octet >= 'a' && octet <= 'z';
        struct ehlo_server_config config = make();

        name[1] = (char)octet;
        config.mechanisms = mechanisms;
        check(name, &config, digit || upper || octet == '-' || octet == '_' ? NULL : "mechanisms");
        config = make();
        config.verbs = verbs;
        check(name, &config, digit || upper || lower ? NULL : "verbs");
    }
}

/* ---- the rest of a row ---- */

static void test_mechanisms(void **state)
{
    static const struct {
        const char *row, *what;
        struct ehlo_mechanism mechanisms[3];
        bool has_auth;
    } rows[] = {
        {"two", NULL, {{.name = "A"}, {.name = "B"}}, true},
        {"twice", "mechanisms", {{.name = "A"}, {.name = "A"}}, false},
        {"all flags", NULL, {{.name = "A", .flags = 3}}, false},
        {"no flag", "mechanisms", {{.name = "A", .flags = 4}}, false},
        {"PLAIN and LOGIN", NULL, {{.name = "PLAIN"}, {.name = "LOGIN"}}, false},
        {"PLAIN beside on_auth", "mechanisms", {{.name = "PLAIN"}}, true},
        {"LOGIN beside on_auth", "mechanisms", {{.name = "A"}, {.name = "LOGIN"}}, true},
        {"PLAINER beside on_auth", NULL, {{.name = "PLAINER"}}, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct ehlo_server_config config = make();

        config.mechanisms = rows[i].mechanisms;
        config.on_auth = rows[i].has_auth ? accept_auth : NULL;
        check(rows[i].row, &config, rows[i].what);
    }
}

/* As many as an EHLO line of 512 octets takes (RFC 5321 4.5.3.1.5), but 64 at most. */
static void test_how_many_mechanisms(void **state)
{
    static char name[130][21];
    struct ehlo_mechanism mechanisms[130];

    (void)state;
    for (size_t length = 2; length <= 20; length++) {
        const size_t most = (512 - sizeof "250-AUTH PLAIN LOGIN\r\n" + 1) / (length + 1);
        struct ehlo_server_config config = make();

        memset(mechanisms, 0, sizeof mechanisms);
        config.mechanisms = mechanisms;
        for (size_t count = 0; count < 100; count++) {
            check("count", &config, count <= most && count <= 64 ? NULL : "mechanisms");
            memset(name[count], 'A', length);
            name[count][0] = (char)('A' + count % 26);
            name[count][1] = (char)('A' + count / 26);
            mechanisms[count].name = name[count];
        }
    }
}

static void test_keywords(void **state)
{
    static char longest[257];
    static const struct {
        const char *row, *what;
        struct ehlo_keyword keywords[3];
    } rows[] = {
        {"two", NULL, {{.keyword = "XA"}, {.keyword = "XB", .argument = "a b ~!"}}},
        {"twice", "keywords", {{.keyword = "XA"}, {.keyword = "xa", .argument = "a"}}},
        {"empty", "keywords", {{.keyword = "XA", .argument = ""}}},
        {"255", NULL, {{.keyword = "XA", .argument = longest + 1}}},
        {"256", "keywords", {{.keyword = "XA", .argument = longest}}},
        {"tab", "keywords", {{.keyword = "XA", .argument = "a\tb"}}},
        {"CR LF", "keywords", {{.keyword = "XA", .argument = "a\r\n250 b"}}},
        {"DEL", "keywords", {{.keyword = "XA", .argument = "\x7f"}}},
        {"UTF-8", "keywords", {{.keyword = "XA", .argument = "\xc3\xbc"}}},
    };

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct ehlo_server_config config = make();

        config.keywords = rows[i].keywords;
        check(rows[i].row, &config, rows[i].what);
    }
}

static void test_parameters(void **state)
{
    static char name[17][8];
    struct ehlo_parameter_row many[18];
    struct ehlo_server_config config = make();

    (void)state;
    for (uint32_t flags = 0; flags < 32; flags++) { /* some verb, one shape, no foreign bit */
        const struct ehlo_parameter_row parameters[] = {{.keyword = "XA", .flags = flags},
                                                        {.keyword = NULL}};
        char row[16];

        snprintf(row, sizeof row, "flags %u", (unsigned)flags);
        config.parameters = parameters;
        check(row, &config,
              (flags & 3) != 0 && (flags & 12) != 12 && flags < 16 ? NULL : "parameters");
    }
    memset(many, 0, sizeof many);
    config.parameters = many;
    for (size_t count = 0; count < 18; count++) {
        check("count", &config, count <= 16 ? NULL : "parameters");
        if (count == 17)
            break;
        snprintf(name[count], sizeof name[count], "X-%u", (unsigned)count);
        many[count].keyword = name[count];
        many[count].flags = EHLO_PARAMETER_OF_RCPT;
    }
    many[2].keyword = NULL;
    many[1].keyword = "x-0";
    check("twice", &config, "parameters");
}

static void test_verbs(void **state)
{
    struct ehlo_verb verbs[] = {{.verb = "XA"}, {.verb = "XB"}, {.verb = NULL}};
    struct ehlo_server_config config = make();

    (void)state;
    config.verbs = verbs;
    for (uint32_t flags = 0; flags < 64; flags++) {
        const bool inside = (flags & (EHLO_VERB_TRANSACTION | EHLO_VERB_CHUNK)) != 0;
        char row[16];

        snprintf(row, sizeof row, "flags %u", (unsigned)flags);
        verbs[1].flags = flags;
        check(row, &config,
              flags < 32 && !(inside && (flags & EHLO_VERB_IDLE) != 0) ? NULL : "verbs");
    }
    verbs[1] = (struct ehlo_verb){.verb = "xa"};
    check("twice", &config, "verbs");
}

/* R5321-2.2.2-1 */
static void test_names_that_nobody_registered_are_remarked(void **state)
{
    static const struct {
        const char *keyword, *verb, *what;
    } rows[] = {
        {"X-FOO", "XFOO", NULL},         {"x-foo", "xfoo", NULL},
        {"FOO", "XFOO", "keywords"},     {"X-FOO", "FOO", "verbs"},
        {"FOO", "FOO", "keywords"},      {"NO-SOLICITING", "BURL", NULL},
        {"no-soliciting", "burl", NULL}, {"NO-SOLICIT", "XFOO", "keywords"},
        {"ATRN", "ATRN", NULL},          {"9X", "XFOO", "keywords"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct ehlo_keyword keywords[] = {{.keyword = rows[i].keyword}, {.keyword = NULL}};
        const struct ehlo_verb verbs[] = {{.verb = rows[i].verb}, {.verb = NULL}};
        const struct ehlo_parameter_row parameters[] = {
            {.keyword = "FOO", .flags = EHLO_PARAMETER_OF_MAIL}, {.keyword = NULL}};
        const struct ehlo_mechanism mechanisms[] = {{.name = "FOO"}, {.name = NULL}};
        struct ehlo_server_config config = make();
        const char *what = "untouched";

        config.keywords = keywords;
        config.verbs = verbs;
        config.parameters = parameters;
        config.mechanisms = mechanisms;
        assert_of(rows[i].keyword, ehlo_server_check(&config, &what) == EHLO_OK);
        assert_of(rows[i].keyword, (what == NULL) == (rows[i].what == NULL));
        if (what != NULL)
            assert_slice_of(rows[i].keyword, ehlo_text(what), rows[i].what);
        assert_true(ehlo_server_size(&config) > 0); /* a remark is no fault */
    }
}

static void test_a_verb_is_found_in_any_case(void **state)
{
    static const struct ehlo_verb verbs[] = {{.verb = "XA"}, {.verb = "XAB"}, {.verb = NULL}};
    struct ehlo_server_config config = make();
    struct ehlo_server s;

    (void)state;
    memset(&s, 0, sizeof s);
    s.config = &config;
    assert_null(ehlo__find_host_verb(&s, ehlo_text("XA")));
    config.verbs = verbs;
    assert_ptr_equal(ehlo__find_host_verb(&s, ehlo_text("xa")), &verbs[0]);
    assert_ptr_equal(ehlo__find_host_verb(&s, ehlo_text("Xab")), &verbs[1]);
    assert_null(ehlo__find_host_verb(&s, ehlo_text("X")));
    assert_null(ehlo__find_host_verb(&s, ehlo_text("XABC")));
    assert_null(ehlo__find_host_verb(&s, ehlo_text("")));
}

/* ---- NO-SOLICITING (RFC 3865) ---- */

static bool is_word(struct ehlo_slice word)
{
    static const char marks[] = ".-_:0123456789";

    for (size_t i = 0; i < word.length; i++) {
        const char octet = (char)(word.data[i] | 0x20);
        const bool letter = octet >= 'a' && octet <= 'z';

        if (!letter && (i == 0 || memchr(marks, word.data[i], sizeof marks - 1) == NULL))
            return false;
    }
    return word.length > 0;
}

/* RFC 3865 2.2: words with commas between them, 1000 octets at most */
static bool is_solicitation(struct ehlo_slice value)
{
    size_t begin = 0;

    for (size_t i = 0; i <= value.length; i++)
        if (i == value.length || value.data[i] == ',') {
            if (!is_word((struct ehlo_slice){value.data + begin, i - begin}))
                return false;
            begin = i + 1;
        }
    return value.length <= 1000;
}

static const struct ehlo_keyword no_soliciting[] = {
    {.keyword = "NO-SOLICITING", .argument = "net.example:ADV"}, {.keyword = NULL}};
static const struct ehlo_parameter_row solicit[] = {
    {.keyword = "SOLICIT", .flags = EHLO_PARAMETER_OF_MAIL, .good = is_solicitation},
    {.keyword = NULL}};

/* RFC 3865 2.3: a class that was declared is refused. */
static struct ehlo_reply refuse_soliciting(struct ehlo_server *s, const struct ehlo_mail *mail,
                                           void *user)
{
    struct ehlo_slice rest = mail->parameters;
    struct ehlo_parameter parameter;

    (void)s;
    (void)user;
    while (ehlo_next_parameter(&rest, EHLO_ODDITIES_DEFAULT, &parameter) == EHLO_SYNTAX_OK)
        if (ehlo_same_text(parameter.keyword, ehlo_text("SOLICIT")) &&
            ehlo_same_text(parameter.value, ehlo_text(no_soliciting[0].argument)))
            return ehlo_reply_custom(550, "5.7.1", "SOLICIT=net.example:ADV");
    return ehlo_accept();
}

static void test_no_soliciting_is_built_of_rows(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.keywords = no_soliciting;
    r.config.parameters = solicit;
    r.config.on_mail = refuse_soliciting;
    greet_and(&r, "");
    feed(&r, EHLO);
    assert_non_null(strstr(r.wire.text, "\r\n250 NO-SOLICITING net.example:ADV\r\n"));
    clear_note(&r.wire);
    assert_codes(&r, "MAIL FROM:<a@b.example> SOLICIT=org.example:ADV:ADLT\r\n", "250");
    r.verdicts[ON_RCPT] = ehlo_reply_custom(550, "5.7.1", "<c@d.example> SOLICIT=org.example:ADV");
    assert_says(&r, RCPT, "550 5.7.1 <c@d.example> SOLICIT=org.example:ADV\r\n");
    assert_codes(&r, "RCPT TO:<c@d.example> SOLICIT=org.example:ADV\r\n", "555");
    assert_says(&r, "RSET\r\nMAIL FROM:<a@b.example> SOLICIT=net.example:ADV\r\n",
                "250 2.0.0 Transaction cleared\r\n550 5.7.1 SOLICIT=net.example:ADV\r\n");
    assert_codes(&r, "MAIL FROM:<a@b.example> SOLICIT=a,9\r\n", "501");
    assert_codes(&r, "MAIL FROM:<a@b.example> SOLICIT\r\n", "501");
    assert_codes(&r, "HELO c.example\r\nMAIL FROM:<a@b.example> SOLICIT=a\r\n", "250 555");
    forget(&r);
}

/* ---- BURL (RFC 4468) ---- */

static const struct ehlo_keyword burl_keyword[] = {{.keyword = "BURL", .argument = "imap"},
                                                   {.keyword = NULL}};
static const struct ehlo_verb burl_verb[] = {{.verb = "BURL", .flags = EHLO_VERB_CHUNK},
                                             {.verb = NULL}};

#define URL "imap://harry@gryffindor.example.com/outbox;uid=25"

static void begin_burl(struct recorder *r)
{
    prepare(r);
    r->config.keywords = burl_keyword;
    r->config.verbs = burl_verb;
    greet_and(r, EHLO MAIL);
}

/* RFC 4468 3.2: instead of DATA; on_command fetches, on_message decides. */
static void test_burl_is_built_of_rows(void **state)
{
    struct recorder r;

    (void)state;
    begin_burl(&r);
    assert_codes(&r, "BURL " URL " LAST\r\n", "503"); /* no recipient */
    assert_int_equal(r.calls[ON_COMMAND], 0);
    assert_codes(&r, RCPT "BURL " URL " LAST\r\n", "250 250");
    assert_int_equal(r.calls[ON_COMMAND], 1);
    assert_int_equal(r.calls[ON_MESSAGE], 1);
    assert_int_equal(r.done.outcome, EHLO_OUTCOME_TAKEN);
    assert_int_equal(info_of(&r).messages, 1);
    assert_codes(&r, "BURL " URL " LAST\r\n" MAIL, "503 250");
    forget(&r);
}

/* RFC 4468 3.2: BDAT and BURL in turn, until one of them is the last. */
static void test_burl_goes_together_with_bdat(void **state)
{
    struct recorder r;

    (void)state;
    begin_burl(&r);
    assert_codes(&r, RCPT "BDAT 6\r\nA: b\r\nBURL " URL "\r\n", "250 250 250");
    assert_int_equal(r.calls[ON_MESSAGE], 0);
    assert_codes(&r, DATA MAIL RCPT, "503 503 503");
    assert_codes(&r, "BDAT 2 LAST\r\n\r\n", "250");
    assert_int_equal(r.calls[ON_MESSAGE], 1);
    assert_codes(&r, MAIL RCPT "BDAT 2\r\n\r\nburl " URL " last\r\n", "250 250 250 250");
    assert_int_equal(r.calls[ON_MESSAGE], 2);
    forget(&r);
}

/* RFC 4468 3.2: a URL that cannot be fetched fails the whole transaction. */
static void test_a_burl_that_fails(void **state)
{
    struct recorder r;

    (void)state;
    begin_burl(&r);
    feed(&r, RCPT);
    r.verdicts[ON_COMMAND] = ehlo_reply_custom(554, "5.7.0", "IMAP URL authorization failed");
    clear_note(&r.wire);
    assert_says(&r, "BURL " URL " LAST\r\n", "554 5.7.0 IMAP URL authorization failed\r\n");
    assert_int_equal(r.calls[ON_MESSAGE], 0);
    assert_int_equal(r.done.outcome, EHLO_OUTCOME_REFUSED);
    r.verdicts[ON_COMMAND] = ehlo_accept();
    r.verdicts[ON_MESSAGE] = ehlo_reply(EHLO_REPLY_REJECTED_SPAM);
    assert_codes(&r, MAIL RCPT "BURL " URL " LAST\r\n", "250 250 554");
    assert_int_equal(info_of(&r).messages, 0);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_each_octet_of_a_name),
        cmocka_unit_test(test_mechanisms),
        cmocka_unit_test(test_how_many_mechanisms),
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_verbs),
        cmocka_unit_test(test_names_that_nobody_registered_are_remarked),
        cmocka_unit_test(test_a_verb_is_found_in_any_case),
        cmocka_unit_test(test_no_soliciting_is_built_of_rows),
        cmocka_unit_test(test_burl_is_built_of_rows),
        cmocka_unit_test(test_burl_goes_together_with_bdat),
        cmocka_unit_test(test_a_burl_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
