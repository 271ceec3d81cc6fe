/*
 * The hooks of recorder.h: each notes what it is told.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"

#include <stdio.h>
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
