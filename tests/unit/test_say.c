/*
 * Tests of lib/server/say.c: the codes of both sets and where they stand, words of the host of any
 * length, and on_reply (RSEC-REPLY-1, -2, R5321-4.2-1, -2). A full output is in test_receive.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

/* ---- codes ---- */

#define ACCEPT EHLO_REPLY_ACCEPT

/* A table is read by its columns. */
/* clang-format off */

/* What is said where, with the enhanced codes on: in the table set, and in the registry set. Where
 * they are off only the basic codes are left. R2034-3-1, R2034-4-4, R5321-3.1-2, R7504-3-1 */
static const struct code_row {
    const char *name;
    enum hook hook;
    struct ehlo_reply verdict;    /* only id, code and enhanced code */
    const char *phrase;           /* of a custom one */
    const char *table, *registry; /* NULL: the same */
} codes[] = {
    {"greeting", ON_CONNECT, {.id = ACCEPT}, NULL,
     "220 mx.example ESMTP ready", NULL},
    {"words of a greeting", ON_CONNECT, {.code = 220}, "Hi",
     "220 mx.example Hi", NULL},
    {"a row", ON_CONNECT, {.id = 36}, NULL,
     "554 5.7.1 Permission denied", "554 Permission denied"},
    {"a row that differs", ON_CONNECT, {.id = 10}, NULL,
     "501 5.7.1 Sender IP must resolve", "550 Sender IP must resolve"},
    {"521", ON_CONNECT, {.id = EHLO_REPLY_NO_MAIL_SERVICE}, NULL,
     "521 This host takes no mail", NULL},
    {"421", ON_CONNECT, {.id = EHLO_REPLY_SERVICE_BUSY}, NULL,
     "421 Service is busy, try again later", NULL},
    {"no row", ON_CONNECT, {.code = 554, .enhanced = {5, 0, 7, 1}}, "No",
     "554 No", NULL},
    {"a row", ON_HELO, {.id = 27}, NULL,
     "550 5.7.1 Access not allowed", "550 Access not allowed"},
    {"row 1", ON_HELO, {.id = 1}, NULL,
     "500 5.5.1 Command unrecognized", "500 Command unrecognized"},
    {"another reply", ON_HELO, {.id = EHLO_REPLY_GREYLISTED}, NULL,
     "451 Greylisted, try again later", NULL},
    {"a custom one", ON_HELO, {.code = 550, .enhanced = {5, 0, 7, 1}}, "No",
     "550 No", NULL},
    {"accept", ON_MAIL, {.id = ACCEPT}, NULL,
     "250 2.1.0 Sender accepted", NULL},
    {"no code given", ON_MAIL, {.code = 250}, "Fine",
     "250 2.0.0 Fine", NULL},
    {"nor in a refusal", ON_MAIL, {.code = 550}, "No",
     "550 5.0.0 No", NULL},
    {"a wrong class", ON_MAIL, {.code = 450, .enhanced = {5, 0, 7, 1}}, "No",
     "450 4.7.1 No", NULL},
    {"row 8", ON_MAIL, {.id = 8}, NULL,
     "501 5.7.1 Permission denied", "550 5.7.1 Permission denied"},
    {"row 32", ON_RCPT, {.id = 32}, NULL,
     "551 5.1.1 No such user found", "550 5.1.1 No such user found"},
    {"accept", ON_DATA, {.id = ACCEPT}, NULL,
     "354 Start the message; end it with a line holding only a dot", NULL},
    {"row 50", ON_MESSAGE, {.id = 50}, NULL,
     "554 5.0.0 Too many hops", "554 5.4.6 Too many hops"},
    {"row 48", ON_MESSAGE, {.id = 48}, NULL,
     "554 5.0.0 ... while issuing MX query", "550 5.4.3 ... while issuing MX query"},
    {"accept", ON_HELP, {.id = ACCEPT}, NULL,
     "214 2.0.0 Commands: HELO EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP "
     "ETRN XCLIENT XFORWARD", NULL},
    {"accept", ON_STARTTLS, {.id = ACCEPT}, NULL,
     "220 2.0.0 Ready to start TLS", NULL},
    {"refusal", ON_STARTTLS, {.id = EHLO_REPLY_TLS_NOT_AVAILABLE}, NULL,
     "454 4.7.0 TLS is not available at the moment", NULL},
    {"accept", ON_AUTH, {.id = ACCEPT}, NULL,
     "235 2.7.0 Authentication successful", NULL},
    {"row 20", ON_AUTH, {.id = 20}, NULL,
     "535 5.7.1 Authentication credentials invalid", "535 5.7.8 Authentication credentials invalid"},
    {"later", ON_SASL, {.id = EHLO_REPLY_AUTH_NOT_NOW}, NULL,
     "454 4.7.0 Cannot authenticate at the moment, try again later", NULL},
    {"too weak", ON_AUTH, {.id = EHLO_REPLY_AUTH_TOO_WEAK}, NULL,
     "534 5.7.9 The authentication mechanism is too weak", NULL},
    {"disabled", ON_AUTH, {.id = EHLO_REPLY_AUTH_ACCOUNT_DISABLED}, NULL,
     "525 5.7.13 The account is disabled", NULL},
    {"transition", ON_SASL, {.id = EHLO_REPLY_PASSWORD_TRANSITION}, NULL,
     "432 4.7.12 A password transition is needed", NULL},
    {"accept", ON_ETRN, {.id = ACCEPT}, NULL,
     "250 2.5.0 Queue run for node d.example started", NULL},
    {"accept", ON_XCLIENT, {.id = ACCEPT}, NULL,
     "220 mx.example ESMTP ready", NULL},
    {"words of a greeting", ON_XCLIENT, {.code = 220}, "Hi",
     "220 mx.example Hi", NULL},
    {"refusal", ON_XCLIENT, {.id = EHLO_REPLY_PEER_NOT_APPROVED}, NULL,
     "550 5.7.0 This command is not permitted from your address", NULL},
    {"421", ON_XCLIENT, {.id = EHLO_REPLY_SERVICE_BUSY}, NULL,
     "421 4.3.0 Service is busy, try again later", NULL},
    {"accept", ON_XFORWARD, {.id = ACCEPT}, NULL,
     "250 2.0.0 Attributes noted", NULL},
    {"words", ON_HELP, {.code = 211}, "See\nRFC 5321",
     "211-2.0.0 See\r\n211 2.0.0 RFC 5321", NULL},
};

/* clang-format on */

/* Leaves out what looks like an enhanced code behind the basic one. */
static void strip_enhanced(char *line)
{
    for (; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strlen(line) > 10 && line[5] == '.' && line[7] == '.') {
            const char *rest = strchr(line + 4, ' ') + 1;

            memmove(line + 4, rest, strlen(rest) + 1);
        }
    }
}

static void check_codes_of(const struct code_row *row, uint32_t set, bool enhanced)
{
    struct recorder r;
    char want[256];

    strcpy(want, set == EHLO_CODES_TABLE || row->registry == NULL ? row->table : row->registry);
    strcat(want, "\r\n");
    if (!enhanced)
        strip_enhanced(want);
    prepare(&r);
    r.config.codes = set;
    if (!enhanced)
        r.config.disabled_extensions = EHLO_EXTENSION_ENHANCEDSTATUSCODES;
    r.verdicts[row->hook] = row->verdict;
    if (row->verdict.id != 0 && row->verdict.id < EHLO_REPLY_ACCEPT)
        r.verdicts[row->hook] = ehlo_reply(row->verdict.id);
    r.verdicts[row->hook].phrase = ehlo_text(row->phrase);
    reach_hook(&r, row->hook);
    call_hook(&r, row->hook);
    assert_octets_of(row->name, r.wire.text, r.wire.length, want, strlen(want));
    forget(&r);
}

static void test_codes_stand_where_they_belong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(codes); i++)
        for (unsigned how = 0; how < 4; how++)
            check_codes_of(&codes[i], how / 2, how % 2);
}

/* R5321-4.3.1-2, R5321-4.1.1.1-4: the host name stands first, whatever a hook says. */
static void test_greetings_begin_with_the_host_name(void **state)
{
    struct recorder r;

    (void)state;
    prepare(&r);
    r.verdicts[ON_CONNECT] = ehlo_reply_about(EHLO_REPLY_GREETING, ehlo_text("other.example"));
    r.verdicts[ON_HELO] = ehlo_reply_custom(250, NULL, "nice to\nmeet you");
    r.config.disabled_extensions = EHLO_EXTENSIONS_ALL;
    r.config.disabled_verbs = EHLO_SWITCHES_ALL;
    make_session(&r);
    ehlo_server_start(r.s, NULL);
    assert_says(&r, "", "220 mx.example ESMTP ready\r\n");
    assert_says(&r, EHLO, "250-mx.example nice to\r\n250 meet you\r\n");
    assert_says(&r, "HELO c.example\r\n", "250-mx.example nice to\r\n250 meet you\r\n");
    forget(&r);
}

/* The 421 answers the oldest open command: a pending EHLO, or nothing. */
static void test_421_has_its_code_but_in_reply_to_ehlo(void **state)
{
    struct recorder r;

    (void)state;
    for (int pending = 0; pending < 2; pending++) {
        prepare(&r);
        if (pending)
            r.verdicts[ON_HELO] = ehlo_pending();
        greet_and(&r, EHLO);
        assert_int_equal(ehlo_server_expire(r.s), EHLO_OK);
        assert_says(&r, "",
                    pending ? "421 Waited too long, closing connection\r\n"
                            : "421 4.4.2 Waited too long, closing connection\r\n");
        forget(&r);
    }
}

/* ---- words of the host ---- */

static const char *const samples[] = {
    "x",    "%s",   "two words ", "line\n",     "line\r\n", "\r",   "\n\n", "tab\t",
    "\x01", "\x7f", "\xc3\xbc",   "250 ok\r\n", "250-",     "\xff", " ",
};

/* As many octets as there should be, out of the samples. */
static void fill_words(char *words, size_t length, uint64_t *random)
{
    size_t at = 0;

    while (at < length) {
        const char *sample = samples[next_random(random) % ROWS(samples)];
        const size_t room = length - at;

        memcpy(words + at, sample, strlen(sample) < room ? strlen(sample) : room);
        at += strlen(sample) < room ? strlen(sample) : room;
    }
    words[length] = '\0';
}

static void check_words(enum hook hook, const char *words, unsigned code)
{
    struct recorder r;
    char *found, want[4] = {(char)('0' + code / 100), (char)('0' + code / 10 % 10),
                            (char)('0' + code % 10), '\0'};

    prepare(&r);
    r.verdicts[hook] = ehlo_reply_custom(code, NULL, words);
    reach_hook(&r, hook);
    call_hook(&r, hook);
    found = codes_of(&r.wire); /* one reply, and well-formed */
    assert_of(hook_names[hook], strcmp(found, want) == 0);
    if (code < 400 &&
        (hook <= ON_HELO ||
         hook == ON_XCLIENT)) /* begins with our name (R5321-4.3.1-2, R5321-4.1.1.1-4) */
        assert_of(hook_names[hook], strncmp(r.wire.text + 4, "mx.example", 10) == 0);
    free(found);
    forget(&r);
}

/* R5321-4.5.3.1-3, R5321-2.3.8-2: 0 to 2000 octets, any of them, in each hook. */
static void test_any_words_become_one_good_reply(void **state)
{
    char words[2001];
    uint64_t random = 1;

    (void)state;
    for (size_t length = 0; length <= 2000; length += length < 600 ? 1 : 37)
        for (unsigned hook = 0; hook < DECIDING_HOOKS; hook++) {
            const enum hook this = (enum hook)hook;
            const char *accepted = occasions[hook].accepted;

            fill_words(words, length, &random);
            check_words(this, words, 550);
            if (this != ON_BODY)
                check_words(this, words, (unsigned)strtoul(accepted, NULL, 10));
        }
}

static void test_a_list_may_take_the_whole_output(void **state)
{
    char words[4096];
    struct recorder r;

    (void)state;
    for (size_t i = 0; i < sizeof words - 1; i++)
        words[i] = i % 50 == 49 ? '\n' : 'x';
    words[sizeof words - 1] = '\0';
    prepare(&r);
    r.config.output_size = 4096;
    r.verdicts[ON_HELP] = ehlo_reply_custom(214, "2.0.0", words);
    r.verdicts[ON_MAIL] = ehlo_reply_custom(550, "5.7.1", words);
    greet_and(&r, EHLO);
    assert_codes(&r, "HELP\r\n", "214");
    feed(&r, "HELP\r\n");
    assert_in_range(r.wire.length, 4096 - 128 - 62, 4096 - 128);
    clear_note(&r.wire);
    feed(&r, MAIL); /* others have one line's worth */
    assert_in_range(r.wire.length, EHLO_REPLY_LINE_MAX - 62, EHLO_REPLY_LINE_MAX);
    forget(&r);
}

/* RENG-1: what is cut off does not depend on what was sent before. */
static void test_the_length_of_a_closing_reply_does_not_depend_on_what_is_unsent(void **state)
{
    char words[900], first[1024];

    (void)state;
    for (size_t i = 0; i < sizeof words - 1; i++)
        words[i] = i % 50 == 49 ? '\n' : 'x';
    words[sizeof words - 1] = '\0';
    for (unsigned unsent = 0; unsent < 12; unsent++) {
        struct recorder r;

        prepare(&r);
        r.verdicts[ON_MAIL] = ehlo_reply_custom(421, "4.7.1", words);
        greet_and(&r, EHLO);
        for (unsigned i = 0; i < unsent; i++)
            offer(&r, "RSET\r\n", 6);
        offer(&r, MAIL, sizeof MAIL - 1);
        drain_all(&r);
        free(codes_of(&r.wire));
        if (unsent == 0)
            strcpy(first, r.wire.text);
        assert_string_equal(strstr(r.wire.text, "421"), first);
        forget(&r);
    }
}

/* ---- on_reply ---- */

/* What it does to a reply; `flags`, `id` and codes only where they are not 0. */
static struct ehlo_reply change;
static unsigned changed; /* the id of the reply that is changed */

static void change_reply(struct recorder *r, enum hook hook)
{
    if (hook != ON_REPLY || r->reply->id != changed)
        return;
    if (change.id != 0)
        r->reply->id = change.id;
    if (change.code != 0)
        r->reply->code = change.code;
    if (change.enhanced.klass != 0)
        r->reply->enhanced = change.enhanced;
    if (change.flags != 0)
        r->reply->flags = change.flags;
    if (change.phrase.data != NULL)
        r->reply->phrase = change.phrase;
    if (change.subject.data != NULL)
        r->reply->subject = change.subject;
}

/* A table is read by its columns. */
/* clang-format off */

#define UNKNOWN "Unknown local user\r\n" /* row 30 */
#define SENT    EHLO_REPLY_SENDER_OK
#define TAKEN   EHLO_REPLY_RECIPIENT_OK
#define BUSY    EHLO_REPLY_MAILBOX_BUSY

static const struct change_row {
    const char *name;
    enum hook hook;
    unsigned id; /* of the reply that is changed; the hook's verdict, if it is above 150 or a row */
    struct ehlo_reply change;
    const char *want;
    bool undone;
} changes[] = {
    {"words", ON_MAIL, SENT, {.phrase = {"Hi\nyou", 6}},
     "250-2.1.0 Hi\r\n250 2.1.0 you\r\n", false},
    {"no words", ON_MAIL, SENT, {.phrase = {"", 0}},
     "250 2.1.0 Sender accepted\r\n", false},
    {"line end", ON_MAIL, SENT, {.phrase = {"Hi\r\n", 4}},
     "250 2.1.0 Hi\r\n", false},
    {"subject", ON_RCPT, 30, {.subject = {"<x>", 3}}, "550 5.1.1 <x> " UNKNOWN, false},
    {"soft bounce", ON_RCPT, 30, {.code = 450}, "450 4.1.1 " UNKNOWN, false},
    {"the lowest 4yz", ON_RCPT, 30, {.code = 400}, "400 4.1.1 " UNKNOWN, false},
    {"and its code", ON_RCPT, 30, {.code = 451, .enhanced = {4, 0, 7, 1}},
     "451 4.7.1 " UNKNOWN, false},
    {"hard bounce", ON_RCPT, BUSY, {.code = 550},
     "550 5.2.1 Mailbox is busy, try again later\r\n", false},
    {"taken to refused", ON_RCPT, TAKEN, {.code = 550},
     "250 2.1.5 Recipient accepted\r\n", true},
    {"taken to 251", ON_RCPT, TAKEN, {.code = 251},
     "250 2.1.5 Recipient accepted\r\n", true},
    {"taken with a code", ON_RCPT, TAKEN, {.enhanced = {2, 0, 1, 0}},
     "250 2.1.5 Recipient accepted\r\n", true},
    {"refused to taken", ON_RCPT, 30, {.code = 250}, "550 5.1.1 " UNKNOWN, true},
    {"refused to 354", ON_DATA, 30, {.code = 354}, "550 5.1.1 " UNKNOWN, true},
    {"refused to 421", ON_RCPT, 30, {.code = 421}, "550 5.1.1 " UNKNOWN, true},
    {"refused to 600", ON_RCPT, 30, {.code = 600}, "550 5.1.1 " UNKNOWN, true},
    {"refused to 460", ON_RCPT, 30, {.code = 460}, "550 5.1.1 " UNKNOWN, true},
    {"a code too high", ON_RCPT, 30, {.enhanced = {5, 0, 1000, 0}}, "550 5.1.1 " UNKNOWN, true},
    {"id", ON_RCPT, 30, {.id = TAKEN}, "550 5.1.1 " UNKNOWN, true},
    {"flags", ON_RCPT, 30, {.flags = EHLO_REPLY_FLAG_CLOSE}, "550 5.1.1 " UNKNOWN, true},
    {"354", ON_DATA, EHLO_REPLY_DATA_GO, {.code = 554},
     "354 Start the message; end it with a line holding only a dot\r\n", true},
    {"421", ON_MAIL, EHLO_REPLY_SERVICE_BUSY, {.code = 450},
     "421 4.3.0 Service is busy, try again later\r\n", true},
    {"greeting", ON_CONNECT, EHLO_REPLY_GREETING, {.code = 554},
     "220 mx.example ESMTP ready\r\n", true},
    {"our name stays", ON_CONNECT, EHLO_REPLY_GREETING,
     {.phrase = {"Hi", 2}, .subject = {"x", 1}}, "220 mx.example Hi\r\n", false},
};

/* clang-format on */

/* R5321-4.2.5-1: state and closing follow the verdict, not what on_reply makes of it. */
static void test_on_reply_may_change_words_and_soften_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(changes); i++) {
        const struct change_row *row = &changes[i];
        const bool refusal = ehlo_reply(row->id).code >= 400;
        struct recorder r;

        prepare(&r);
        reach_hook(&r, row->hook);
        r.inside = change_reply;
        change = row->change;
        changed = row->id;
        if (refusal)
            r.verdicts[row->hook] = ehlo_reply(row->id);
        call_hook(&r, row->hook);
        assert_octets_of(row->name, r.wire.text, r.wire.length, row->want, strlen(row->want));
        assert_of(row->name, r.reasons[EHLO_TRACE_HOST_REPLY] == row->undone);
        assert_of(row->name, !row->undone || r.numbers[EHLO_TRACE_HOST_REPLY] == row->id);
        if (row->hook == ON_RCPT)
            assert_of(row->name, info_of(&r).recipients == !refusal);
        assert_of(row->name,
                  (wants_of(&r) == EHLO_WANT_CLOSE) == (row->id == EHLO_REPLY_SERVICE_BUSY));
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_stand_where_they_belong),
        cmocka_unit_test(test_greetings_begin_with_the_host_name),
        cmocka_unit_test(test_421_has_its_code_but_in_reply_to_ehlo),
        cmocka_unit_test(test_any_words_become_one_good_reply),
        cmocka_unit_test(test_a_list_may_take_the_whole_output),
        cmocka_unit_test(test_the_length_of_a_closing_reply_does_not_depend_on_what_is_unsent),
        cmocka_unit_test(test_on_reply_may_change_words_and_soften_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
