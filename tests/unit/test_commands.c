/*
 * Tests of lib/server/commands.c: each verb in each state against a list of this file's own, and
 * what EHLO and HELP list against what is answered, over all switches (RFC 5321 4.1.4, 4.1.1.1).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* ---- verb x state ---- */

static const struct {
    const char *name, *commands; /* that lead to it */
    enum ehlo_server_state state;
} places[] = {
    {"fresh", "", EHLO_STATE_FRESH},
    {"ready", EHLO, EHLO_STATE_READY},
    {"mail refused", EHLO "MAIL FROM:<\r\n", EHLO_STATE_MAIL_REFUSED},
    {"mail", EHLO MAIL, EHLO_STATE_MAIL},
    {"no rcpt", EHLO MAIL "RCPT TO:<\r\n", EHLO_STATE_NO_RCPT},
    {"rcpt", EHLO MAIL RCPT, EHLO_STATE_RCPT},
    {"chunks", EHLO MAIL RCPT "BDAT 1\r\nx", EHLO_STATE_CHUNKS},
    {"chunks failed", EHLO MAIL RCPT "BDAT 0 x\r\n", EHLO_STATE_CHUNKS_FAILED},
    {"refused", "", EHLO_STATE_REFUSED},
};

/*
 * A letter for each place: Y allowed; H HELO required, O not supported, S bad sequence, U unknown,
 * each with an error point; s bad sequence and n no valid recipient, without one.
 *
 * R5321-4.1.4-1, -2, -4, R5321-3.3-3, -6, R5321-4.1.5-1, R5321-F-1, R5321-3.1-2, R2920-3.2-4, -7,
 * R3030-2-4, -5, -6, R3207-4.2-3, R4954-4-2, R1985-5-1, RXCLIENT-3, RXFORWARD-1, R2033-4.1-1
 */
static const struct verb {
    const char *name, *line, *cells;
    unsigned reply; /* where it is allowed */
} verbs[] = {
    {"HELO", "HELO c.example\r\n", "YYYYYYYYs", EHLO_REPLY_HELO_OK},
    {"EHLO", EHLO, "YYYYYYYYs", EHLO_REPLY_EHLO_OK},
    {"LHLO", LHLO, "UUUUUUUUU", 0},
    {"STARTTLS", "STARTTLS\r\n", "YYYSSSSSs", EHLO_REPLY_TLS_GO},
    {"AUTH", PLAIN, "HYYSSSSSs", EHLO_REPLY_AUTH_OK},
    {"MAIL", MAIL, "HYYSSSSSs", EHLO_REPLY_SENDER_OK},
    {"RCPT", RCPT, "HSsYYYSSs", EHLO_REPLY_RECIPIENT_OK},
    {"DATA", DATA, "HSsSnYSSs", EHLO_REPLY_DATA_GO},
    {"BDAT", "BDAT 0\r\n", "HSsSnYYss", EHLO_REPLY_CHUNK_OK},
    {"RSET", "RSET\r\n", "YYYYYYYYs", EHLO_REPLY_RSET_OK},
    {"NOOP", "NOOP\r\n", "YYYYYYYYs", EHLO_REPLY_NOOP_OK},
    {"QUIT", "QUIT\r\n", "YYYYYYYYY", EHLO_REPLY_CLOSING},
    {"VRFY", "VRFY a\r\n", "YYYYYYYYs", EHLO_REPLY_CANNOT_VERIFY},
    {"EXPN", "EXPN a\r\n", "YYYYYYYYs", EHLO_REPLY_CANNOT_VERIFY},
    {"HELP", "HELP\r\n", "YYYYYYYYs", EHLO_REPLY_HELP_OK},
    {"ETRN", "ETRN d.example\r\n", "HYYSSSSSs", EHLO_REPLY_ETRN_STARTED},
    {"XCLIENT", "XCLIENT NAME=x\r\n", "YYYSSSSSs", EHLO_REPLY_GREETING},
    {"XFORWARD", "XFORWARD NAME=x\r\n", "YYYSSSSSs", EHLO_REPLY_XFORWARD_OK},
    {"TURN", "TURN\r\n", "OOOOOOOOs", 0},
    {"SEND", "SEND FROM:<a@b.example>\r\n", "OOOOOOOOs", 0},
    {"SOML", "SOML FROM:<a@b.example>\r\n", "OOOOOOOOs", 0},
    {"SAML", "SAML FROM:<a@b.example>\r\n", "OOOOOOOOs", 0},
    {"unknown", "FOO\r\n", "YYYYYYYYU", EHLO_REPLY_COMMAND_OK},
};

static void come_to(struct recorder *r, size_t place)
{
    prepare(r);
    if (places[place].state == EHLO_STATE_REFUSED)
        r->verdicts[ON_CONNECT] = ehlo_reply(EHLO_REPLY_CONNECTION_DENIED);
    greet_and(r, places[place].commands);
    assert_of(places[place].name, info_of(r).state == places[place].state);
}

static unsigned reply_of(char cell, const struct verb *verb, bool *point)
{
    *point = strchr("HOSU", cell) != NULL;
    switch (cell) {
    case 'H':
        return EHLO_REPLY_HELO_REQUIRED;
    case 'O':
        return EHLO_REPLY_OPERATION_NOT_SUPPORTED;
    case 'S':
    case 's':
        return EHLO_REPLY_BAD_SEQUENCE;
    case 'U':
        return EHLO_REPLY_COMMAND_UNRECOGNIZED;
    case 'n':
        return EHLO_REPLY_NO_VALID_RECIPIENTS;
    default:
        return verb->reply;
    }
}

/* A refusal changes nothing but the grouping behind a refused MAIL. */
static bool may_become(char cell, unsigned before, unsigned after)
{
    if (cell == 'Y' || before == after)
        return true;
    return before == EHLO_STATE_MAIL_REFUSED && after == EHLO_STATE_READY && cell != 's';
}

static void check_cell(const struct verb *verb, size_t place)
{
    struct recorder r;
    struct ehlo_server_info before, after;
    char row[64], want[32];
    bool point;
    const char cell = verb->cells[place];
    const unsigned id = reply_of(cell, verb, &point);
    struct ehlo_reply reply = ehlo_reply(id);

    snprintf(row, sizeof row, "%s in state %s", verb->name, places[place].name);
    snprintf(want, sizeof want, "reply:%u/%u ", id, reply.code);
    come_to(&r, place);
    before = info_of(&r);
    assert_of(row, feed(&r, verb->line) == strlen(verb->line));
    after = info_of(&r);
    assert_of(row, strstr(r.log.text, want) != NULL);
    assert_of(row, r.calls[ON_REPLY] > 0 && after.errors == before.errors + point);
    assert_of(row, may_become(cell, before.state, after.state));
    forget(&r);
}

static void test_each_verb_in_each_state_is_answered_as_the_list_says(void **state)
{
    (void)state;
    assert_int_equal(ROWS(verbs), EHLO__VERB_COUNT + 1);
    for (size_t i = 0; i < ROWS(verbs); i++) {
        assert_of(verbs[i].name, strlen(verbs[i].cells) == ROWS(places));
        for (size_t j = 0; j < ROWS(places); j++)
            check_cell(&verbs[i], j);
    }
}

/* ---- modes ---- */

/* R2033-4.1-1, R6409-7-1, R1985-5-1: a letter for SMTP, submission, LMTP, each before and behind
 * its hello; U unknown, O not supported, A wants AUTH, H wants HELO, Y anything else. */
static const struct {
    const char *line, *cells;
} modes[] = {
    {"HELO c\r\n", "YYYYUU"},
    {EHLO, "YYYYUU"},
    {LHLO, "UUUUYY"},
    {MAIL, "HYHAHY"},
    {PLAIN, "HYHYHY"},
    {"STARTTLS\r\n", "YYYYYY"},
    {"VRFY a\r\n", "YYAAYY"},
    {"HELP\r\n", "YYYYYY"},
    {"ETRN d.example\r\n", "HYOOHY"},
    {"NOOP\r\n", "YYYYYY"},
    {"FOO\r\n", "YYAAYY"},
    {"XCLIENT NAME=x\r\n", "YYYYYY"},
    {"QUIT\r\n", "YYYYYY"},
    {"BDAT 0\r\n", "HYHAHY"},
    {"TURN\r\n", "OOOOOO"},
    {"RSET\r\n", "YYYYYY"},
    {"XFORWARD NAME=x\r\n", "YYYYYY"},
};

static void test_each_mode_has_its_verbs(void **state)
{
    static const char *const hellos[] = {EHLO, EHLO, LHLO};

    (void)state;
    for (size_t i = 0; i < 6 * ROWS(modes); i++) {
        const char cell = modes[i / 6].cells[i % 6];
        const uint8_t mode = (uint8_t)(i % 6 / 2);
        const char *row = modes[i / 6].line;
        struct recorder r;

        prepare(&r);
        r.config.mode = mode;
        greet_and(&r, i % 2 ? hellos[mode] : "");
        feed(&r, row);
        assert_of(row, (strstr(r.log.text, "reply:1/500 ") != NULL) == (cell == 'U'));
        assert_of(row, (strstr(r.log.text, "reply:13/502 ") != NULL) == (cell == 'O'));
        assert_of(row, (strstr(r.log.text, "reply:19/530 ") != NULL) == (cell == 'A'));
        assert_of(row, (strstr(r.log.text, "reply:16/503 ") != NULL) == (cell == 'H'));
        forget(&r);
    }
}

/* Where HELO is optional there is no fresh state (R5321-4.1.4-1 has a default, not a law). */
static void test_optional_helo_opens_mail_and_nothing_else(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.helo_optional = true;
    greet_and(&r, "");
    assert_codes(&r, RCPT DATA MAIL RCPT, "503 503 250 250");
    forget(&r);
}

/* Row 17 of the reply table. */
static void test_a_second_helo_may_be_forbidden(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config.single_helo = true;
    greet_and(&r, "EHLO\r\n" EHLO MAIL);
    assert_codes(&r, "HELO c.example\r\n" EHLO RCPT, "503 503 250"); /* nothing has changed */
    assert_int_equal(info_of(&r).errors, 3);
    assert_int_equal(r.calls[ON_HELO], 1);
    forget(&r);
}

/* ---- the table itself ---- */

static void test_verbs_have_unique_names_in_upper_case(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EHLO__VERB_COUNT; i++) {
        const char *name = ehlo__commands[i].name;

        assert_of(name, strlen(name) >= 4 && strlen(name) <= 8);
        assert_of(name, strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(name));
        assert_of(name, strcmp(name, verbs[i].name) == 0);
        for (unsigned j = 0; j < i; j++)
            assert_of(name, strcmp(name, ehlo__commands[j].name) != 0);
    }
}

static void test_a_verb_that_is_read_can_be_reached_and_another_cannot(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EHLO__VERB_COUNT; i++) {
        unsigned allowed = 0;

        for (unsigned j = 0; j < EHLO__CELLS; j++)
            allowed += ehlo__commands[i].cells[j] == EHLO__ALLOWED;
        assert_of(verbs[i].name, (allowed > 0) == (ehlo__commands[i].read != NULL));
        assert_of(verbs[i].name, ehlo__commands[i].cells[EHLO_STATE_CONNECT] == 0);
        assert_of(verbs[i].name, ehlo__commands[i].cells[EHLO_STATE_CONTENT] == 0);
        assert_of(verbs[i].name, ehlo__commands[i].cells[EHLO_STATE_CLOSED] == 0);
    }
}

/* R5321-2.4-1: any case, and only the whole word. */
static void test_a_verb_is_found_in_any_case_and_only_whole(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EHLO__VERB_COUNT; i++) {
        char *name = dup_exact(ehlo__commands[i].name, strlen(ehlo__commands[i].name));
        const size_t length = strlen(ehlo__commands[i].name);
        struct ehlo_slice verb = {name, length};

        assert_int_equal(ehlo__find_verb(verb), i);
        for (size_t j = 0; j < length; j += 2)
            name[j] = (char)(name[j] | 0x20);
        assert_int_equal(ehlo__find_verb(verb), i);
        verb.length--;
        assert_int_equal(ehlo__find_verb(verb), EHLO__VERB_UNKNOWN);
        verb.length++;
        for (int octet = 0; octet < 256; octet++) {
            name[0] = (char)octet;
            if ((octet | 0x20) != (ehlo__commands[i].name[0] | 0x20))
                assert_of(verbs[i].name, ehlo__find_verb(verb) != i);
        }
        free(name);
    }
    assert_int_equal(ehlo__find_verb(ehlo_text("")), EHLO__VERB_UNKNOWN);
    assert_int_equal(ehlo__find_verb(ehlo_text("QUITS")), EHLO__VERB_UNKNOWN);
}

/* ---- the lists ---- */

/* Whether a keyword stands on a line of its own in an EHLO reply. */
static bool is_listed(const struct note *wire, const char *keyword)
{
    char line[64];

    for (const char *mark = "- "; *mark != '\0'; mark++) {
        snprintf(line, sizeof line, "\r\n250%c%s\r\n", *mark, keyword);
        if (strstr(wire->text, line) != NULL)
            return true;
    }
    return false;
}

static unsigned count_lines(const struct note *wire)
{
    unsigned count = 0;

    for (const char *at = wire->text; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
}

/* The first code of the answer to a command, as a number. */
static unsigned code_to(struct recorder *r, const char *command)
{
    unsigned code;

    clear_note(&r->wire);
    feed(r, command);
    free(codes_of(&r->wire));
    code = (unsigned)strtoul(r->wire.text, NULL, 10);
    return code;
}

static void check_verb(struct recorder *r, const char *command, bool enabled)
{
    const unsigned code = code_to(r, command);

    assert_of(command, (code == 502) == !enabled && code != 500);
}

/* One that is unknown where it is not offered. */
static void check_hidden_verb(struct recorder *r, const char *command, bool enabled)
{
    const unsigned code = code_to(r, command);

    assert_of(command, (code == 500) == !enabled && code != 502);
}

/* One combination of what is switched off, and whether there is an on_expn. */
struct combination {
    uint32_t extensions, switches;
    bool expands;
};

static bool offers(const struct combination *c, uint32_t extension)
{
    return (c->extensions & extension) == 0;
}

static bool has_verb(const struct combination *c, uint32_t verb)
{
    return (c->switches & verb) == 0;
}

static void check_keywords(const struct note *wire, const struct combination *c)
{
    const struct {
        const char *keyword;
        bool listed;
    } rows[] = {
        {"PIPELINING", offers(c, EHLO_EXTENSION_PIPELINING)},
        {"SIZE 33554432", offers(c, EHLO_EXTENSION_SIZE)},
        {"8BITMIME", offers(c, EHLO_EXTENSION_8BITMIME)},
        {"ENHANCEDSTATUSCODES", offers(c, EHLO_EXTENSION_ENHANCEDSTATUSCODES)},
        {"CHUNKING", offers(c, EHLO_EXTENSION_CHUNKING)},
        {"STARTTLS", offers(c, EHLO_EXTENSION_STARTTLS)},
        {"AUTH PLAIN LOGIN XTEST", offers(c, EHLO_EXTENSION_AUTH)},
        {"ETRN", offers(c, EHLO_EXTENSION_ETRN)},
        {"XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT",
         offers(c, EHLO_EXTENSION_XCLIENT)},
        {"XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE", offers(c, EHLO_EXTENSION_XFORWARD)},
        {"EXPN", has_verb(c, EHLO_SWITCH_EXPN) && c->expands},
        {"HELP", has_verb(c, EHLO_SWITCH_HELP)},
    };
    unsigned listed = 0;

    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_of(rows[i].keyword, is_listed(wire, rows[i].keyword) == rows[i].listed);
        listed += rows[i].listed;
    }
    assert_int_equal(count_lines(wire), 1 + listed); /* and nothing else */
}

static void check_answers(struct recorder *r, const struct combination *c)
{
    check_verb(r, "VRFY a\r\n", has_verb(c, EHLO_SWITCH_VRFY));
    check_verb(r, "EXPN a\r\n", has_verb(c, EHLO_SWITCH_EXPN));
    check_verb(r, "HELP\r\n", has_verb(c, EHLO_SWITCH_HELP));
    if (has_verb(c, EHLO_SWITCH_HELP)) { /* its list too is what is answered */
        assert_true((strstr(r->wire.text, " VRFY") != NULL) == has_verb(c, EHLO_SWITCH_VRFY));
        assert_true((strstr(r->wire.text, " EXPN") != NULL) == has_verb(c, EHLO_SWITCH_EXPN));
        assert_true(strstr(r->wire.text, " EHLO") != NULL);
        assert_true((strstr(r->wire.text, " AUTH") != NULL) == offers(c, EHLO_EXTENSION_AUTH));
        assert_true((strstr(r->wire.text, " BDAT") != NULL) == offers(c, EHLO_EXTENSION_CHUNKING));
        assert_true((strstr(r->wire.text, " XCLIENT") != NULL) ==
                    offers(c, EHLO_EXTENSION_XCLIENT));
        assert_true(strstr(r->wire.text, "LHLO") == NULL && strstr(r->wire.text, "TURN") == NULL);
    }
    check_verb(r, "ETRN d.example\r\n", offers(c, EHLO_EXTENSION_ETRN));
    check_verb(r, "BDAT 0\r\n", offers(c, EHLO_EXTENSION_CHUNKING));
    check_verb(r, "AUTH XTEST =\r\n", offers(c, EHLO_EXTENSION_AUTH));
    check_hidden_verb(r, "XFORWARD NAME=x\r\n", offers(c, EHLO_EXTENSION_XFORWARD));
    check_hidden_verb(r, "XCLIENT NAME=x\r\n", offers(c, EHLO_EXTENSION_XCLIENT));
    feed(r, EHLO);
    assert_int_equal(code_to(r, "MAIL FROM:<a@b.example> SIZE=1\r\n"),
                     offers(c, EHLO_EXTENSION_SIZE) ? 250 : 555);
    feed(r, "RSET\r\n");
    assert_int_equal(code_to(r, "MAIL FROM:<a@b.example> BODY=8BITMIME\r\n"),
                     offers(c, EHLO_EXTENSION_8BITMIME) ? 250 : 555);
    code_to(r, "RSET\r\n");
    assert_true((strstr(r->wire.text, " 2.0.0 ") != NULL) ==
                offers(c, EHLO_EXTENSION_ENHANCEDSTATUSCODES));
    check_verb(r, "STARTTLS\r\n", offers(c, EHLO_EXTENSION_STARTTLS));
}

static void check_lists(const struct combination *c)
{
    struct recorder r;

    prepare(&r);
    r.config.disabled_extensions = c->extensions;
    r.config.disabled_verbs = c->switches;
    r.config.strict = EHLO_ODDITY_UNOFFERED;
    r.config.on_command = NULL;
    if (!c->expands)
        r.config.on_expn = NULL;
    greet_and(&r, "");
    assert_int_equal(code_to(&r, EHLO), 250);
    check_keywords(&r.wire, c);
    check_answers(&r, c);
    forget(&r);
}

/* R5321-4.1.1.1-5, R5321-2.2.1-1 (no extension at all), R5321-3.5.2-2 */
static void test_what_ehlo_lists_is_what_is_answered(void **state)
{
    struct combination c;

    (void)state;
    for (c.extensions = 0; c.extensions <= EHLO_EXTENSIONS_DEFAULT; c.extensions++)
        for (c.switches = 0; c.switches <= EHLO_SWITCHES_ALL; c.switches++)
            for (int expands = 0; expands < 2; expands++) {
                c.expands = expands != 0;
                check_lists(&c);
            }
}

/* R5321-4.5.1-1: none of them is ever 500 or 502 with the default configuration. */
static void test_the_minimum_of_verbs_is_always_there(void **state)
{
    static const struct ehlo_server_config bare = {EHLO_SERVER_CONFIG_DEFAULTS,
                                                   .hostname = "mx.example"};
    static const char *const lines[] = {"RSET\r\n", "NOOP\r\n", "VRFY a\r\n", "HELO c\r\n", EHLO,
                                        MAIL,       RCPT,       DATA,         "QUIT\r\n"};
    struct recorder r;

    (void)state;
    prepare(&r);
    r.config = bare;
    greet_and(&r, "");
    for (size_t i = 0; i < ROWS(lines); i++)
        check_verb(&r, lines[i], true);
    assert_int_equal(wants_of(&r), EHLO_WANT_CLOSE);
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_verb_in_each_state_is_answered_as_the_list_says),
        cmocka_unit_test(test_each_mode_has_its_verbs),
        cmocka_unit_test(test_optional_helo_opens_mail_and_nothing_else),
        cmocka_unit_test(test_a_second_helo_may_be_forbidden),
        cmocka_unit_test(test_verbs_have_unique_names_in_upper_case),
        cmocka_unit_test(test_a_verb_that_is_read_can_be_reached_and_another_cannot),
        cmocka_unit_test(test_a_verb_is_found_in_any_case_and_only_whole),
        cmocka_unit_test(test_what_ehlo_lists_is_what_is_answered),
        cmocka_unit_test(test_the_minimum_of_verbs_is_always_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
