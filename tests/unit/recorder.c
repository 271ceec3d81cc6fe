/*
 * The host of recorder.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const hook_names[HOOKS] = {
    "on_connect", "on_helo",     "on_starttls", "on_auth", "on_sasl",  "on_mail",  "on_rcpt",
    "on_data",    "on_body",     "on_message",  "on_vrfy", "on_expn",  "on_help",  "on_etrn",
    "on_xclient", "on_xforward", "on_command",  "on_done", "on_reply", "on_trace", "on_close"};

/* The second is as long as a name may be. */
static const struct ehlo_mechanism mechanisms[] = {
    {.name = "XTEST", .flags = EHLO_MECHANISM_CLEAR},
    {.name = "X-20-OCTETS_LONG-ABC", .flags = EHLO_MECHANISM_SERVER_FIRST},
    {.name = NULL}};

const struct ehlo_tls recorder_tls = {EHLO_TLS_DEFAULTS};

const struct occasion occasions[DECIDING_HOOKS] = {
    [ON_CONNECT] = {"", "", "220"},
    [ON_HELO] = {"", EHLO, "250"},
    [ON_STARTTLS] = {EHLO, "STARTTLS\r\n", "220"},
    [ON_AUTH] = {EHLO, PLAIN, "235"},
    [ON_SASL] = {EHLO, "AUTH XTEST =\r\n", "235"},
    [ON_MAIL] = {EHLO, MAIL, "250"},
    [ON_RCPT] = {EHLO MAIL, RCPT, "250"},
    [ON_DATA] = {EHLO MAIL RCPT, DATA, "354"},
    [ON_BODY] = {EHLO MAIL RCPT DATA, "x\r\n.\r\n", "250"},
    [ON_MESSAGE] = {EHLO MAIL RCPT DATA, ".\r\n", "250"},
    [ON_VRFY] = {"", "VRFY a\r\n", "252"},
    [ON_EXPN] = {"", "EXPN a\r\n", "252"},
    [ON_HELP] = {"", "HELP\r\n", "214"},
    [ON_ETRN] = {EHLO, "ETRN d.example\r\n", "250"},
    [ON_XCLIENT] = {EHLO, "XCLIENT NAME=c.example\r\n", "220"},
    [ON_XFORWARD] = {EHLO, "XFORWARD NAME=c.example\r\n", "250"},
    [ON_COMMAND] = {"", "FOO\r\n", "250"}};

void add_note(struct note *note, const char *octets, size_t length)
{
    if (note->length + length + 1 > note->room) {
        note->room = 2 * (note->length + length + 1);
        note->text = realloc(note->text, note->room);
        assert_non_null(note->text);
    }
    if (length > 0)
        memcpy(note->text + note->length, octets, length);
    note->length += length;
    note->text[note->length] = '\0';
}

void clear_note(struct note *note)
{
    note->length = 0;
    if (note->text != NULL)
        note->text[0] = '\0';
}

/* Adds a word to the log: "mail:<a@b> ". */
static void note_slice(struct recorder *r, const char *word, struct ehlo_slice text)
{
    add_note(&r->log, word, strlen(word));
    add_note(&r->log, text.data, text.length);
    add_note(&r->log, " ", 1);
}

static void note_numbers(struct recorder *r, const char *word, uint64_t a, uint64_t b)
{
    char text[64];

    snprintf(text, sizeof text, "%llu/%llu", (unsigned long long)a, (unsigned long long)b);
    note_slice(r, word, ehlo_text(text));
}

/* ---- hooks ---- */

static void enter_hook(struct recorder *r, enum hook hook)
{
    assert_int_equal(r->calls[ON_CLOSE], 0); /* nothing comes behind it (RENG-5) */
    r->calls[hook]++;
}

static struct ehlo_reply verdict_of(struct recorder *r, enum hook hook)
{
    enter_hook(r, hook);
    if (r->inside != NULL)
        r->inside(r, hook);
    if (r->verdicts[hook].id == EHLO_REPLY_PENDING) {
        assert_true(r->pending < TOKENS_MAX);
        r->tokens[r->pending++] = ehlo_server_token(r->s);
        assert_true(r->tokens[r->pending - 1] != 0);
    }
    return r->verdicts[hook];
}

static struct ehlo_reply on_connect(struct ehlo_server *s, const struct ehlo_peer *peer, void *user)
{
    struct recorder *r = user;

    r->s = s;
    note_slice(r, "connect:", peer == NULL ? ehlo_text(NULL) : peer->address);
    return verdict_of(r, ON_CONNECT);
}

static struct ehlo_reply on_helo(struct ehlo_server *s, const struct ehlo_helo *helo, void *user)
{
    (void)s;
    note_slice(user, helo->extended ? "ehlo:" : "helo:", helo->host.text);
    return verdict_of(user, ON_HELO);
}

static struct ehlo_reply on_starttls(struct ehlo_server *s, void *user)
{
    (void)s;
    note_slice(user, "starttls", ehlo_text(NULL));
    return verdict_of(user, ON_STARTTLS);
}

static struct ehlo_reply on_auth(struct ehlo_server *s, const struct ehlo_auth *auth, void *user)
{
    (void)s;
    note_slice(user, auth->mechanism == EHLO_AUTH_PLAIN ? "plain:" : "login:", auth->authorization);
    note_slice(user, "user:", auth->authentication);
    note_slice(user, "password:", auth->password);
    return verdict_of(user, ON_AUTH);
}

static struct ehlo_reply on_sasl(struct ehlo_server *s, const struct ehlo_sasl *sasl, void *user)
{
    (void)s;
    note_slice(user, "sasl:", ehlo_text(sasl->mechanism->name));
    note_numbers(user, "step:", sasl->step, sasl->response.length);
    note_slice(user, "response:", sasl->response);
    return verdict_of(user, ON_SASL);
}

static struct ehlo_reply on_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    (void)s;
    note_slice(user, "mail:", mail->path.whole);
    return verdict_of(user, ON_MAIL);
}

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    (void)s;
    note_numbers(user, "rcpt:", rcpt->number, rcpt->oddities);
    note_slice(user, "to:", rcpt->path.whole);
    return verdict_of(user, ON_RCPT);
}

static struct ehlo_reply on_data(struct ehlo_server *s, void *user)
{
    (void)s;
    note_slice(user, "data", ehlo_text(NULL));
    return verdict_of(user, ON_DATA);
}

/* Not in the log: where the slices are cut is nobody's business. */
static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice slice, void *user)
{
    struct recorder *r = user;

    (void)s;
    assert_true(slice.length > 0);
    add_note(&r->body, slice.data, slice.length);
    return verdict_of(r, ON_BODY);
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *message,
                                    void *user)
{
    (void)s;
    note_numbers(user, "message:", message->octets, message->recipients);
    if (message->each)
        note_numbers(user, "for:", message->number, message->recipients);
    return verdict_of(user, ON_MESSAGE);
}

static struct ehlo_reply on_vrfy(struct ehlo_server *s, const struct ehlo_query *query, void *user)
{
    (void)s;
    note_slice(user, "vrfy:", query->text);
    if (query->utf8)
        note_slice(user, "utf8", ehlo_text(NULL));
    return verdict_of(user, ON_VRFY);
}

static struct ehlo_reply on_expn(struct ehlo_server *s, const struct ehlo_query *query, void *user)
{
    (void)s;
    note_slice(user, "expn:", query->text);
    if (query->utf8)
        note_slice(user, "utf8", ehlo_text(NULL));
    return verdict_of(user, ON_EXPN);
}

static struct ehlo_reply on_help(struct ehlo_server *s, struct ehlo_slice text, void *user)
{
    (void)s;
    note_slice(user, "help:", text);
    return verdict_of(user, ON_HELP);
}

static struct ehlo_reply on_etrn(struct ehlo_server *s, const struct ehlo_node *node, void *user)
{
    (void)s;
    note_slice(user, "etrn:", node->name);
    return verdict_of(user, ON_ETRN);
}

static void note_attributes(struct recorder *r, const struct ehlo_attributes *got)
{
    const struct {
        const char *word;
        struct ehlo_slice value;
    } rows[] = {{"name:", got->name},
                {"addr:", got->address},
                {"port:", got->port},
                {"proto:", got->protocol},
                {"helo:", got->helo},
                {"login:", got->login},
                {"destaddr:", got->destination_address},
                {"destport:", got->destination_port},
                {"ident:", got->identity},
                {"source:", got->source}};

    note_numbers(r, "given:", got->given, got->unavailable);
    if (got->temporary != 0)
        note_numbers(r, "temporary:", got->temporary, 0);
    if (got->first)
        note_slice(r, "first", ehlo_text(NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value.length > 0)
            note_slice(r, rows[i].word, rows[i].value);
}

static struct ehlo_reply on_xclient(struct ehlo_server *s, const struct ehlo_attributes *attributes,
                                    void *user)
{
    (void)s;
    note_slice(user, "xclient", ehlo_text(NULL));
    note_attributes(user, attributes);
    return verdict_of(user, ON_XCLIENT);
}

static struct ehlo_reply on_xforward(struct ehlo_server *s,
                                     const struct ehlo_attributes *attributes, void *user)
{
    (void)s;
    note_slice(user, "xforward", ehlo_text(NULL));
    note_attributes(user, attributes);
    return verdict_of(user, ON_XFORWARD);
}

static struct ehlo_reply on_command(struct ehlo_server *s, const struct ehlo_command *command,
                                    void *user)
{
    (void)s;
    note_slice(user, "command:", command->verb);
    return verdict_of(user, ON_COMMAND);
}

static void on_done(struct ehlo_server *s, const struct ehlo_done *done, void *user)
{
    struct recorder *r = user;

    (void)s;
    note_numbers(r, "done:", done->outcome, done->cause);
    r->done = *done;
    enter_hook(r, ON_DONE);
    if (r->inside != NULL)
        r->inside(r, ON_DONE);
}

static void on_reply(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    struct recorder *r = user;

    (void)s;
    note_numbers(r, "reply:", reply->id, reply->code);
    enter_hook(r, ON_REPLY);
    r->reply = reply;
    if (r->inside != NULL)
        r->inside(r, ON_REPLY);
    r->reply = NULL;
}

static void on_trace(struct ehlo_server *s, const struct ehlo_trace *trace, void *user)
{
    struct recorder *r = user;

    (void)s;
    enter_hook(r, ON_TRACE);
    assert_in_range(trace->reason, 1, TRACE_REASONS - 1);
    r->reasons[trace->reason]++;
    r->numbers[trace->reason] = trace->number;
    r->trace = trace;
    if (r->inside != NULL)
        r->inside(r, ON_TRACE);
    r->trace = NULL;
}

static void on_close(struct ehlo_server *s, enum ehlo_cause cause, void *user)
{
    struct recorder *r = user;

    (void)s;
    note_numbers(r, "close:", cause, 0);
    enter_hook(r, ON_CLOSE);
    r->cause = cause;
    if (r->inside != NULL)
        r->inside(r, ON_CLOSE);
}

/* ---- the life of a session ---- */

void prepare(struct recorder *r)
{
    memset(r, 0, sizeof *r);
    r->config = (struct ehlo_server_config){
        EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example", .auth_in_clear = true,
        .mechanisms = mechanisms,    .on_connect = on_connect, .on_helo = on_helo,
        .on_starttls = on_starttls,  .on_auth = on_auth,       .on_sasl = on_sasl,
        .on_mail = on_mail,          .on_rcpt = on_rcpt,       .on_data = on_data,
        .on_body = on_body,          .on_message = on_message, .on_done = on_done,
        .on_vrfy = on_vrfy,          .on_expn = on_expn,       .on_help = on_help,
        .on_etrn = on_etrn,          .on_xclient = on_xclient, .on_xforward = on_xforward,
        .on_command = on_command,    .on_reply = on_reply,     .on_trace = on_trace,
        .on_close = on_close};
    for (unsigned i = 0; i < DECIDING_HOOKS; i++)
        r->verdicts[i] = ehlo_accept();
    add_note(&r->log, "", 0);
    add_note(&r->wire, "", 0);
    add_note(&r->body, "", 0);
}

void make_session(struct recorder *r)
{
    const size_t size = ehlo_server_size(&r->config);

    assert_true(size > 0);
    r->memory = malloc(size);
    r->size = size;
    assert_non_null(r->memory);
    memset(r->memory, 0xA5, size);
    r->s = ehlo_server_init(r->memory, size, &r->config, r);
    assert_non_null(r->s);
}

void greet_and(struct recorder *r, const char *commands)
{
    make_session(r);
    assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
    drain(r, SIZE_MAX);
    assert_int_equal(feed(r, commands), strlen(commands));
    clear_note(&r->log);
    clear_note(&r->wire);
    clear_note(&r->body);
}

void reach_hook(struct recorder *r, enum hook hook)
{
    if (hook == ON_CONNECT)
        make_session(r);
    else
        greet_and(r, occasions[hook].before);
}

void call_hook(struct recorder *r, enum hook hook)
{
    if (hook == ON_CONNECT)
        assert_int_equal(ehlo_server_start(r->s, NULL), EHLO_OK);
    feed(r, occasions[hook].trigger);
}

void play_all(struct recorder *r)
{
    feed(r, EHLO "AUTH XTEST =\r\nXCLIENT NAME=c.example\r\n" EHLO PLAIN
                 "ETRN d.example\r\nXFORWARD NAME=c.example\r\n" MAIL RCPT RCPT DATA
                 "x\r\n.\r\nVRFY a\r\nEXPN a\r\nHELP\r\nFOO\r\nSTARTTLS\r\n");
    if (wants_of(r) & EHLO_WANT_TLS)
        assert_int_equal(ehlo_server_tls_started(r->s, &recorder_tls), EHLO_OK);
    feed(r, EHLO MAIL RCPT "RSET\r\nBDAT 3\r\nxxxNO\nOP\r\nTURN\r\nQUIT\r\n");
}

void start_tls(struct recorder *r)
{
    feed(r, "STARTTLS\r\n");
    assert_int_equal(wants_of(r), EHLO_WANT_TLS);
    assert_int_equal(ehlo_server_tls_started(r->s, &recorder_tls), EHLO_OK);
}

bool is_in_memory(const struct recorder *r, const char *octets)
{
    const size_t length = strlen(octets);

    for (size_t i = 0; i + length <= r->size; i++)
        if (memcmp(r->memory + i, octets, length) == 0)
            return true;
    return false;
}

void forget(struct recorder *r)
{
    free(r->memory);
    free(r->log.text);
    free(r->wire.text);
    free(r->body.text);
    memset(r, 0, sizeof *r);
}

/* ---- octets in and out ---- */

size_t offer(struct recorder *r, const char *octets, size_t length)
{
    const unsigned before = wants_of(r);
    const bool connecting = info_of(r).state == EHLO_STATE_CONNECT; /* an early talker waits */
    char *copy = dup_exact(octets, length);
    const size_t used = ehlo_server_receive(r->s, copy, length);

    free(copy);
    assert_true(used <= length);
    if (info_of(r).state == EHLO_STATE_CLOSED)
        assert_int_equal(used, length);
    else if (!(before & EHLO_WANT_READ))
        assert_int_equal(used, 0);
    else
        assert_true(used > 0 || length == 0 || connecting);
    return used;
}

size_t drain(struct recorder *r, size_t most)
{
    size_t length;
    const char *output = ehlo_server_output(r->s, &length);

    if (length > most)
        length = most;
    add_note(&r->wire, output, length);
    assert_true(r->wire.length < 1000000); /* else it never stops */
    assert_int_equal(ehlo_server_sent(r->s, length), EHLO_OK);
    return length;
}

void drain_all(struct recorder *r)
{
    while (drain(r, SIZE_MAX) > 0)
        continue;
}

size_t feed_pieces(struct recorder *r, const char *octets, size_t length, size_t piece)
{
    size_t used = 0, taken, sent;

    do {
        taken = offer(r, octets + used, length - used < piece ? length - used : piece);
        used += taken;
        sent = drain(r, SIZE_MAX);
    } while (sent > 0 || (taken > 0 && used < length));
    return used;
}

size_t feed(struct recorder *r, const char *text)
{
    return feed_pieces(r, text, strlen(text), SIZE_MAX);
}

int resume(struct recorder *r, unsigned number, struct ehlo_reply verdict)
{
    const struct ehlo_slice phrase = verdict.phrase, subject = verdict.subject;
    /* the catalogue's words are known by their address */
    const bool own = verdict.id == EHLO_REPLY_CUSTOM || verdict.id == EHLO_REPLY_CHALLENGE;
    int result;

    assert_true(number < r->pending);
    verdict.subject.data = dup_exact(subject.data, subject.length);
    if (own)
        verdict.phrase.data = dup_exact(phrase.data, phrase.length);
    result = ehlo_server_resume(r->s, r->tokens[number], verdict);
    free_slice(verdict.subject);
    if (own)
        free_slice(verdict.phrase);
    drain_all(r);
    return result;
}

/* ---- looking at it ---- */

unsigned wants_of(const struct recorder *r)
{
    return ehlo_server_wants(r->s);
}

struct ehlo_server_info info_of(const struct recorder *r)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};

    assert_int_equal(ehlo_server_info(r->s, &info), EHLO_OK);
    return info;
}

uint32_t epoch_of(const struct recorder *r)
{
    uint32_t epoch;

    ehlo_server_timeout(r->s, &epoch);
    return epoch;
}

/* One line of a reply; returns what follows it. */
static const char *check_line(const char *line, const char *end, bool *last)
{
    const char *lf = memchr(line, '\n', (size_t)(end - line));

    /* a challenge may be longer (RFC 4954 4) */
    if (lf == NULL || lf - line < 5 || lf[-1] != '\r' ||
        (lf - line + 1 > EHLO_REPLY_LINE_MAX && memcmp(line, "334", 3) != 0))
        fail_msg("no reply line: %s", line);
    for (int i = 0; i < 3; i++)
        if (line[i] < "200"[i] || line[i] > "559"[i])
            fail_msg("no reply code: %s", line);
    for (const char *at = line; at < lf - 1; at++)
        if (*at < ' ' || *at > '~')
            fail_msg("octet %d in a reply: %s", *at, line);
    assert_true(line[3] == ' ' || line[3] == '-');
    *last = line[3] == ' ';
    return lf + 1;
}

char *codes_of(const struct note *wire)
{
    const char *at = wire->text, *end = at + wire->length;
    struct note codes = {NULL, 0, 0};
    bool first = true, last = true;

    add_note(&codes, "", 0);
    while (at < end) {
        const char *line = at;

        at = check_line(line, end, &last);
        if (first && codes.length > 0)
            add_note(&codes, " ", 1);
        if (first)
            add_note(&codes, line, 3);
        assert_memory_equal(codes.text + codes.length - 3, line, 3);
        first = last;
    }
    assert_true(last); /* else a reply stops in its middle */
    return codes.text;
}

void check_note(struct note *note, const char *want, const char *file, int line)
{
    compare_octets("noted", note->text, note->length, want, strlen(want), file, line);
    clear_note(note);
}

void check_says(struct recorder *r, const char *text, const char *want, const char *file, int line)
{
    feed(r, text);
    free(codes_of(&r->wire));
    compare_octets(text, r->wire.text, r->wire.length, want, strlen(want), file, line);
    clear_note(&r->wire);
}

void check_codes(struct recorder *r, const char *text, const char *want, const char *file, int line)
{
    char *codes;

    feed(r, text);
    codes = codes_of(&r->wire);
    if (strcmp(codes, want) != 0) {
        print_error("%s: got %s, want %s\n%s", text, codes, want, r->wire.text);
        free(codes);
        _fail(file, line);
    }
    free(codes);
    clear_note(&r->wire);
}
