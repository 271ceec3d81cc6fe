/*
 * Tests of the three hooks on_reply that ehlo/server.h shows: they stand here as they stand there,
 * which the first test compares, and are driven on the wire in both sets of codes. What on_reply
 * may change at all is in test_say.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

/* ---- as in the header ---- */

static void soft_bounce(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    const bool policy =
        reply->id >= EHLO_REPLY_MESSAGE_TOO_LONG && reply->id <= EHLO_REPLY_SOFT_QUOTA;

    (void)s;
    (void)user;
    if (reply->code < 500 || reply->enhanced.subject == 5)
        return;
    if (policy || reply->code / 10 == 55)
        reply->code = 451;
}

static const struct {
    unsigned id;
    const char *phrase;
} german[] = {
    {EHLO_REPLY_GREETING, "ESMTP bereit"},
    {EHLO_REPLY_RECIPIENT_OK, "Empfaenger angenommen"},
    {EHLO_REPLY_USER_UNKNOWN, "Empfaenger unbekannt"},
    {EHLO_REPLY_INVALID_FORWARD, "Weiterleitung ungueltig, kein Postfach"},
    {EHLO_REPLY_REJECTED_VIRUS, "Nachricht abgelehnt,\nsie traegt einen Virus"},
};

static void translate(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    (void)s;
    (void)user;
    for (size_t i = 0; i < sizeof german / sizeof *german; i++)
        if (german[i].id == reply->id)
            reply->phrase = ehlo_text(german[i].phrase);
}

static const struct {
    unsigned first, last, told;
} masks[] = {
    {EHLO_REPLY_USER_UNKNOWN, EHLO_REPLY_INVALID_FORWARD, EHLO_REPLY_RECIPIENT_DENIED},
    {EHLO_REPLY_RECIPIENT_DENIED, EHLO_REPLY_MAILBOX_FULL, EHLO_REPLY_RECIPIENT_DENIED},
    {EHLO_REPLY_REJECTED_BY_RULE, EHLO_REPLY_REJECTED_BY_FILTER, EHLO_REPLY_SITE_POLICY},
};

static void mask(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    (void)user;
    ehlo_server_info(s, &info);
    if (reply->code < 500 || (info.flags & EHLO_INFO_AUTHENTICATED))
        return;
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
        if (reply->id >= masks[i].first && reply->id <= masks[i].last) {
            const struct ehlo_reply told = ehlo_reply(masks[i].told);

            reply->code = told.code;
            reply->enhanced = told.enhanced;
            reply->phrase = told.phrase;
            reply->subject = told.subject;
        }
}

/* ---- as far as here ---- */

#define BEGIN "\n/* ---- as in the header ---- */\n"
#define END   "\n/* ---- as far as here ---- */\n"

/* The part of a text between two others, both found in it; ended by free(). */
static char *part_between(const char *text, const char *begin, const char *end)
{
    const char *from = strstr(text, begin), *to;
    char *part;

    assert_non_null(from);
    from += strlen(begin);
    to = strstr(from, end);
    assert_non_null(to);
    part = dup_exact(from, (size_t)(to - from) + 1);
    part[to - from] = '\0';
    return part;
}

/* Words with one space behind each; a '*' by itself is the comment's. */
static void add_words(struct note *note, const char *text)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, " \n");

        if (length > 1 || (length == 1 && *text != '*')) {
            add_note(note, text, length);
            add_note(note, " ", 1);
        }
        text += length + strspn(text + length, " \n");
    }
}

static void add_code(struct note *note, const char *page)
{
    for (const char *at = page; (at = strstr(at, "@code\n")) != NULL; at++) {
        char *code = part_between(at, "@code\n", "@endcode");

        add_words(note, code);
        free(code);
    }
}

static void test_the_examples_are_those_of_the_header(void **state)
{
    char *header = read_whole_file(EHLO_TESTS_DIR "/../include/ehlo/server.h");
    char *source = read_whole_file(EHLO_TESTS_DIR "/unit/test_on_reply.c");
    char *page = part_between(header, "@page on_reply_examples", "*/");
    char *here = part_between(source, BEGIN, END);
    struct note shown = {NULL, 0, 0}, tested = {NULL, 0, 0};

    (void)state;
    add_code(&shown, page);
    add_words(&tested, here);
    compare_octets("code", tested.text, tested.length, shown.text, shown.length, __FILE__,
                   __LINE__);
    free(shown.text);
    free(tested.text);
    free(here);
    free(page);
    free(source);
    free(header);
}

/* ---- on the wire ---- */

#define RCPTS 5

/* A session that has one of the hooks, and codes of one set. */
static void prepare_with(struct recorder *r,
                         void (*hook)(struct ehlo_server *, struct ehlo_reply *, void *),
                         enum ehlo_codes codes)
{
    prepare(r);
    r->config.codes = codes;
    r->config.on_reply = hook;
}

/* A table is read by its columns. */
/* clang-format off */

#define OK EHLO_REPLY_ACCEPT

#define SENDER_LINE "250 2.1.0 Sender accepted\r\n"
#define START_LINE  "354 Start the message; end it with a line holding only a dot\r\n"
#define BUSY_LINE   "421 4.3.0 Service is busy, try again later\r\n"
#define DENIED_LINE "550 5.7.1 Permission denied\r\n"

/* What follows SENDER_LINE when five RCPTs and the message are decided so. */
static const struct transaction_row {
    const char *name;
    void (*hook)(struct ehlo_server *, struct ehlo_reply *, void *);
    unsigned rcpts[RCPTS], message;
    const char *table, *registry; /* NULL: the same */
} transactions[] = {
    {"soft bounce", soft_bounce, {21, OK, 32, 12, EHLO_REPLY_UNKNOWN_PARAMETER}, 41,
     "451 4.1.1 <c@d> User unknown; rejecting\r\n"
     "250 2.1.5 Recipient accepted\r\n"
     "451 4.1.1 <c@d> No such user found\r\n"
     "451 4.7.1 <c@d> Soft quota applied\r\n"
     "555 5.5.4 <c@d> Parameter not recognized or not supported\r\n" START_LINE
     "451 4.7.1 Message cannot be accepted, spam rejection\r\n", NULL},
    {"soft bounce, taken", soft_bounce, {OK, EHLO_REPLY_GREYLISTED, 34, 19, 38}, OK,
     "250 2.1.5 Recipient accepted\r\n"
     "451 4.7.1 <c@d> Greylisted, try again later\r\n"
     "451 4.2.2 <c@d> Mailbox has exceeded the limit\r\n"
     "530 5.7.1 <c@d> Authentication required [AUTH]\r\n"
     "451 4.7.1 <c@d> Message cannot be accepted, virus found\r\n" START_LINE
     "250 2.0.0 Message accepted\r\n",
     "250 2.1.5 Recipient accepted\r\n"
     "451 4.7.1 <c@d> Greylisted, try again later\r\n"
     "451 4.2.2 <c@d> Mailbox has exceeded the limit\r\n"
     "530 5.7.0 <c@d> Authentication required [AUTH]\r\n"
     "451 4.6.0 <c@d> Message cannot be accepted, virus found\r\n" START_LINE
     "250 2.0.0 Message accepted\r\n"},
    {"translation", translate, {21, OK, 22, 31, OK}, 38,
     "550 5.1.1 <c@d> Empfaenger unbekannt\r\n"
     "250 2.1.5 Empfaenger angenommen\r\n"
     "550 5.1.1 <c@d> Weiterleitung ungueltig, kein Postfach\r\n"
     "550 5.1.1 <c@d> Unknown user; rejecting\r\n"
     "250 2.1.5 Empfaenger angenommen\r\n" START_LINE
     "554-5.7.1 Nachricht abgelehnt,\r\n554 5.7.1 sie traegt einen Virus\r\n",
     "550 5.1.1 <c@d> Empfaenger unbekannt\r\n"
     "250 2.1.5 Empfaenger angenommen\r\n"
     "550 5.1.1 <c@d> Weiterleitung ungueltig, kein Postfach\r\n"
     "550 5.1.1 <c@d> Unknown user; rejecting\r\n"
     "250 2.1.5 Empfaenger angenommen\r\n" START_LINE
     "554-5.6.0 Nachricht abgelehnt,\r\n554 5.6.0 sie traegt einen Virus\r\n"},
    {"masking", mask, {32, 22, OK, 34, EHLO_REPLY_MAILBOX_BUSY}, 38,
     DENIED_LINE DENIED_LINE
     "250 2.1.5 Recipient accepted\r\n" DENIED_LINE
     "450 4.2.1 <c@d> Mailbox is busy, try again later\r\n" START_LINE
     "550 5.7.0 Refused by site policy\r\n", NULL},
    {"masking, taken", mask, {OK, 29, 21, 24, 35}, OK,
     "250 2.1.5 Recipient accepted\r\n" DENIED_LINE DENIED_LINE
     "550 5.7.1 <c@d> We do not relay\r\n"
     "554 5.3.4 <c@d> Message size exceeds fixed maximum message size\r\n" START_LINE
     "250 2.0.0 Message accepted\r\n",
     "250 2.1.5 Recipient accepted\r\n" DENIED_LINE DENIED_LINE
     "550 5.7.1 <c@d> We do not relay\r\n"
     "552 5.3.4 <c@d> Message size exceeds fixed maximum message size\r\n" START_LINE
     "250 2.0.0 Message accepted\r\n"},
};

/* clang-format on */

static const struct transaction_row *played;

static struct ehlo_reply verdict_on(unsigned rcpt)
{
    const unsigned id = played->rcpts[rcpt];

    return id == OK ? ehlo_accept() : ehlo_reply_about(id, ehlo_text("<c@d>"));
}

static void decide(struct recorder *r, enum hook hook)
{
    if (hook == ON_RCPT)
        r->verdicts[hook] = verdict_on(r->calls[hook] - 1);
}

/* All commands in one piece; a verb of no meaning is told 421. */
static void play_transaction(struct recorder *r, bool later)
{
    static const unsigned order[RCPTS] = {3, 0, 4, 2, 1};

    r->verdicts[ON_COMMAND] = ehlo_reply(EHLO_REPLY_SERVICE_BUSY);
    if (played->message != OK)
        r->verdicts[ON_MESSAGE] = ehlo_reply(played->message);
    if (later)
        r->verdicts[ON_RCPT] = ehlo_pending();
    else
        r->inside = decide;
    greet_and(r, EHLO);
    feed(r, MAIL RCPT RCPT RCPT RCPT RCPT);
    for (unsigned i = 0; later && i < RCPTS; i++)
        assert_int_equal(resume(r, order[i], verdict_on(order[i])), EHLO_OK);
    feed(r, DATA "x\r\n.\r\nFOO\r\n");
}

static void test_pipelined_transactions(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4 * ROWS(transactions); i++) {
        const struct transaction_row *row = played = &transactions[i / 4];
        const bool registry = i % 2 == 1;
        const char *want = registry && row->registry != NULL ? row->registry : row->table;
        struct note all = {NULL, 0, 0};
        struct recorder r;

        prepare_with(&r, row->hook, registry ? EHLO_CODES_REGISTRY : EHLO_CODES_TABLE);
        play_transaction(&r, i / 2 % 2 == 1);
        add_note(&all, SENDER_LINE, strlen(SENDER_LINE));
        add_note(&all, want, strlen(want));
        add_note(&all, BUSY_LINE, strlen(BUSY_LINE));
        assert_octets_of(row->name, r.wire.text, r.wire.length, all.text, all.length);
        assert_of(row->name, r.reasons[EHLO_TRACE_HOST_REPLY] == 0);
        assert_of(row->name, wants_of(&r) == EHLO_WANT_CLOSE);
        free(all.text);
        forget(&r);
    }
}

/* clang-format off */

/* Outside of transactions. */
static const struct answer_row {
    const char *name;
    void (*on_reply)(struct ehlo_server *, struct ehlo_reply *, void *);
    enum hook hook;
    unsigned verdict;
    const char *table, *registry; /* NULL: the same */
} answers[] = {
    {"greeting", soft_bounce, ON_CONNECT, OK, "220 mx.example ESMTP ready", NULL},
    {"peer", soft_bounce, ON_CONNECT, 36, "451 4.7.1 Permission denied", "451 Permission denied"},
    {"peer at 501", soft_bounce, ON_CONNECT, 10,
     "451 4.7.1 Sender IP must resolve", "451 Sender IP must resolve"},
    {"521", soft_bounce, ON_CONNECT, EHLO_REPLY_NO_MAIL_SERVICE,
     "521 This host takes no mail", NULL},
    {"421", soft_bounce, ON_CONNECT, EHLO_REPLY_CONNECTION_LIMIT,
     "421 Too many connections, try again later", NULL},
    {"HELO", soft_bounce, ON_HELO, 5, "501 5.5.1 HELO/EHLO requires domain address",
     "501 HELO/EHLO requires domain address"},
    {"AUTH", soft_bounce, ON_AUTH, 20, "535 5.7.1 Authentication credentials invalid",
     "535 5.7.8 Authentication credentials invalid"},
    {"AUTH done", soft_bounce, ON_AUTH, OK, "235 2.7.0 Authentication successful", NULL},
    {"sender", soft_bounce, ON_MAIL, 9,
     "451 4.7.1 Sender domain must exist", "451 4.1.8 Sender domain must exist"},
    {"syntax", soft_bounce, ON_MAIL, EHLO_REPLY_SENDER_SYNTAX,
     "501 5.5.4 Syntax error in parameters scanning",
     "501 5.1.7 Syntax error in parameters scanning"},
    {"sequence", soft_bounce, ON_DATA, EHLO_REPLY_NO_VALID_RECIPIENTS,
     "503 5.5.1 Incorrect command sequence", "554 5.5.1 Incorrect command sequence"},
    {"no enhanced code", soft_bounce, ON_MESSAGE, 50,
     "451 4.0.0 Too many hops", "451 4.4.6 Too many hops"},
    {"verb", soft_bounce, ON_COMMAND, 1,
     "500 5.5.1 Command unrecognized", "500 5.5.2 Command unrecognized"},
    {"greeting", translate, ON_CONNECT, OK, "220 mx.example ESMTP bereit", NULL},
    {"greeting", mask, ON_CONNECT, OK, "220 mx.example ESMTP ready", NULL},
    {"VRFY", mask, ON_VRFY, 30, "550 5.7.1 Permission denied", NULL},
    {"EXPN", mask, ON_EXPN, 33, "550 5.7.1 Permission denied", NULL},
    {"sender", mask, ON_MAIL, 8,
     "501 5.7.1 Permission denied", "550 5.7.1 Permission denied"},
};

/* clang-format on */

static void test_other_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ROWS(answers); i++) {
        const struct answer_row *row = &answers[i / 2];
        const char *want = i % 2 == 1 && row->registry != NULL ? row->registry : row->table;
        struct recorder r;

        prepare_with(&r, row->on_reply, i % 2 == 1 ? EHLO_CODES_REGISTRY : EHLO_CODES_TABLE);
        reach_hook(&r, row->hook);
        if (row->verdict != OK)
            r.verdicts[row->hook] = ehlo_reply(row->verdict);
        call_hook(&r, row->hook);
        drain_all(&r);
        assert_true(r.wire.length > 2);
        assert_octets_of(row->name, r.wire.text, r.wire.length - 2, want, strlen(want));
        assert_of(row->name, r.reasons[EHLO_TRACE_HOST_REPLY] == 0);
        forget(&r);
    }
}

/* What one RCPT is told. Ended by free(). */
static char *answer_to_rcpt(void (*hook)(struct ehlo_server *, struct ehlo_reply *, void *),
                            enum ehlo_codes codes, unsigned id)
{
    struct recorder r;
    char *text;

    prepare_with(&r, hook, codes);
    r.verdicts[ON_RCPT] = ehlo_reply_about(id, ehlo_text("x"));
    reach_hook(&r, ON_RCPT);
    call_hook(&r, ON_RCPT);
    assert_int_equal(r.reasons[EHLO_TRACE_HOST_REPLY], 0);
    assert_int_equal(r.numbers[EHLO_TRACE_REPLY], id); /* logs have the true one */
    text = dup_exact(r.wire.text, r.wire.length + 1);
    forget(&r);
    return text;
}

/* Each refusal of the catalogue: what is masked is told in one way, and the rest is not changed. */
static void test_masks_tell_nothing(void **state)
{
    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        const bool rcpt = id == 21 || id == 22 || (id >= 29 && id <= 34);
        const bool message = id >= 37 && id <= 43;

        for (unsigned codes = 0; codes < 2 && ehlo_reply(id).code >= 400; codes++) {
            char *told = answer_to_rcpt(mask, codes, id), *bare = answer_to_rcpt(NULL, codes, id);
            const char *want = rcpt      ? "550 5.7.1 Permission denied\r\n"
                               : message ? "550 5.7.0 Refused by site policy\r\n"
                                         : bare;

            assert_octets_of(ehlo_reply_name(id), told, strlen(told), want, strlen(want));
            free(told);
            free(bare);
        }
    }
}

/* What stays 5yz: ids of the dialogue, in both sets of codes. */
static bool is_of_dialogue(unsigned id)
{
    static const unsigned ids[] = {1,   2,   3,   4,   5,   6,   13,  14,  15,  16,  17,  18,  19,
                                   20,  201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212,
                                   213, 214, 215, 216, 217, 219, 220, 226, 231, 253, 254, 255, 256};

    for (size_t i = 0; i < ROWS(ids); i++)
        if (ids[i] == id)
            return true;
    return false;
}

static void test_refusals_become_soft(void **state)
{
    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        for (unsigned codes = 0; codes < 2 && ehlo_reply(id).code >= 400; codes++) {
            char *told = answer_to_rcpt(soft_bounce, codes, id);
            char *bare = answer_to_rcpt(NULL, codes, id);

            if (bare[0] == '5' && !is_of_dialogue(id)) {
                memcpy(bare, "451", 3);
                bare[4] = '4';
            }
            assert_octets_of(ehlo_reply_name(id), told, strlen(told), bare, strlen(bare));
            free(told);
            free(bare);
        }
    }
}

static void test_masks_are_off_behind_auth(void **state)
{
    struct recorder r;

    (void)state;
    prepare_with(&r, mask, EHLO_CODES_TABLE);
    r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_NO_SUCH_USER);
    greet_and(&r, EHLO MAIL);
    assert_says(&r, RCPT "RSET\r\n" PLAIN MAIL RCPT,
                "550 5.7.1 Permission denied\r\n"
                "250 2.0.0 Transaction cleared\r\n"
                "235 2.7.0 Authentication successful\r\n" SENDER_LINE
                "551 5.1.1 No such user found\r\n");
    forget(&r);
}

static void test_basic_codes_are_changed_alone(void **state)
{
    struct recorder r;

    (void)state;
    prepare_with(&r, soft_bounce, EHLO_CODES_REGISTRY);
    r.config.disabled_extensions = EHLO_EXTENSION_ENHANCEDSTATUSCODES;
    r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_NO_SUCH_USER);
    r.verdicts[ON_DATA] = ehlo_reply(EHLO_REPLY_NO_VALID_RECIPIENTS);
    greet_and(&r, "HELO c.example\r\n" MAIL);
    assert_says(&r, RCPT, "451 No such user found\r\n");
    r.verdicts[ON_RCPT] = ehlo_accept();
    assert_says(&r, RCPT DATA, "250 Recipient accepted\r\n554 Incorrect command sequence\r\n");
    forget(&r);
}

/* As the header says of other translations. */
static void say_small(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    (void)s;
    (void)user;
    reply->phrase = ehlo_text("kl\xC3\xA4in %s");
}

/* A host's own mask, of the codes of a row that is among those it hides. */
static void mask_as_filter(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    const struct ehlo_reply filter = ehlo_reply(EHLO_REPLY_REJECTED_BY_FILTER);

    (void)s;
    (void)user;
    if (reply->id < EHLO_REPLY_REJECTED_BY_RULE || reply->id > EHLO_REPLY_TOO_MANY_HOPS)
        return;
    reply->code = filter.code;
    reply->enhanced = filter.enhanced;
    reply->phrase = filter.phrase;
    reply->subject.length = 0;
}

/* Neither the row's own pair in the other set nor a row without an enhanced code shows through. */
static void test_codes_of_another_row(void **state)
{
    static const char want[] = "554 5.7.1 Message cannot be accepted, filter rejection\r\n";

    (void)state;
    for (unsigned id = EHLO_REPLY_REJECTED_BY_RULE; id <= EHLO_REPLY_TOO_MANY_HOPS; id++)
        for (unsigned codes = 0; codes < 2; codes++) {
            char *told = answer_to_rcpt(mask_as_filter, codes, id);

            assert_octets_of(ehlo_reply_name(id), told, strlen(told), want, strlen(want));
            free(told);
        }
}

static void test_words_that_are_not_ascii(void **state)
{
    struct recorder r;

    (void)state;
    prepare_with(&r, say_small, EHLO_CODES_TABLE);
    r.config.extensions = EHLO_EXTENSION_SMTPUTF8;
    greet_and(&r, EHLO);
    feed(&r, "MAIL FROM:<a@b.example> SMTPUTF8\r\n" RCPT);
    r.verdicts[ON_RCPT] = ehlo_reply(EHLO_REPLY_RECIPIENT_FORWARDED);
    feed(&r, RCPT);
    r.verdicts[ON_RCPT] = ehlo_reply_about(EHLO_REPLY_USER_NOT_LOCAL, ehlo_text("<x>"));
    feed(&r, RCPT "VRFY a\r\nVRFY a SMTPUTF8\r\n");
    assert_note(&r.wire, "250 2.1.0 kl??in %s\r\n250 2.1.5 kl??in %s\r\n"
                         "251 2.1.5 kl\xC3\xA4in %s\r\n551 5.7.1 <x> kl\xC3\xA4in %s\r\n"
                         "252 2.0.0 kl??in %s\r\n252 2.0.0 kl\xC3\xA4in %s\r\n");
    forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_are_those_of_the_header),
        cmocka_unit_test(test_pipelined_transactions),
        cmocka_unit_test(test_other_replies),
        cmocka_unit_test(test_masks_tell_nothing),
        cmocka_unit_test(test_refusals_become_soft),
        cmocka_unit_test(test_masks_are_off_behind_auth),
        cmocka_unit_test(test_basic_codes_are_changed_alone),
        cmocka_unit_test(test_codes_of_another_row),
        cmocka_unit_test(test_words_that_are_not_ascii),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
