/*
 * AUTH (RFC 4954): the exchange of challenges and responses. PLAIN and LOGIN are decoded for
 * on_auth, the octets of all other mechanisms go to on_sasl. A response is decoded in the line
 * buffer, which is wiped when its hook has returned (gates.c).
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/rows.h"
#include "server/session.h"

#include "sasl/plain.h"

#include <string.h>

/* Stays where an optimiser would drop a memset(). */
static void wipe(void *memory, size_t length)
{
    volatile char *at = memory;

    while (length-- > 0)
        *at++ = 0;
}

void ehlo__wipe_line(struct ehlo_server *s)
{
    wipe(s->lines.buffer, s->lines.size);
}

void ehlo__forget_identity(struct ehlo_server *s)
{
    s->authenticated = false;
    s->identity_length = 0;
    wipe(s->identity, sizeof s->identity);
}

static void set_identity(struct ehlo_server *s, struct ehlo_slice identity)
{
    s->identity_length = (uint8_t)identity.length;
    if (identity.length > 0)
        memmove(s->identity, identity.data, identity.length);
}

int ehlo_server_identity(struct ehlo_server *s, struct ehlo_slice identity)
{
    const bool asked = s->asking != 0 || s->open > 0;
    const unsigned stage =
        asked ? ehlo__slot_at(s, s->slot_count - 1u)->stage : (unsigned)EHLO__STAGE_NONE;

    if (s->state == EHLO_STATE_CLOSED || (s->asking == 0 && stage != EHLO__STAGE_AUTH))
        return EHLO_ERROR_SEQUENCE;
    if (identity.length > EHLO__IDENTITY_MAX)
        return EHLO_ERROR_ARGUMENT;
    set_identity(s, identity);
    s->identity_given = true;
    if (stage != EHLO__STAGE_AUTH)
        s->authenticated = identity.length > 0;
    return EHLO_OK;
}

/* The exchange is over without a hook's verdict. */
static void fail(struct ehlo_server *s, unsigned id)
{
    ehlo__forget_identity(s);
    ehlo__set_state(s, EHLO_STATE_READY);
    ehlo__refuse(s, id);
}

/* Credentials that no hook has to judge: they cannot be right (RFC 4616 2). */
static void fail_credentials(struct ehlo_server *s)
{
    s->auth_failures++;
    fail(s, EHLO_REPLY_AUTH_INVALID);
}

/* A challenge of the engine's own: a prompt, or nothing but "go on" (RFC 4954 4). */
static void challenge(struct ehlo_server *s, const char *text)
{
    struct ehlo__slot *slot = ehlo__push_slot(s, EHLO__STAGE_AUTH);

    ehlo__set_state(s, EHLO_STATE_AUTH);
    ehlo__place_challenge(s, slot, ehlo_text(text)); /* the output is empty, so it fits */
    ehlo__advance(s);
}

static void ask_auth(struct ehlo_server *s, const struct ehlo_auth *auth)
{
    ehlo__ask(s, EHLO__STAGE_AUTH);
    ehlo__settle(s, s->config->on_auth(s, auth, s->user));
}

static void take_plain(struct ehlo_server *s, struct ehlo_slice message)
{
    struct ehlo_auth auth = {.mechanism = EHLO_AUTH_PLAIN};
    struct ehlo__plain plain;
    struct ehlo_slice identity;

    if (!ehlo__parse_plain(message, &plain)) {
        fail_credentials(s);
        return;
    }
    identity = plain.authorization.length > 0 ? plain.authorization : plain.authentication;
    if (identity.length > EHLO__IDENTITY_MAX) {
        fail_credentials(s);
        return;
    }
    auth.authorization = plain.authorization;
    auth.authentication = plain.authentication;
    auth.password = plain.password;
    set_identity(s, identity);
    ask_auth(s, &auth);
}

/* The user name is kept where the identity will be. */
static void take_login(struct ehlo_server *s, struct ehlo_slice message)
{
    struct ehlo_auth auth = {.mechanism = EHLO_AUTH_LOGIN, .password = message};
    char name[EHLO__IDENTITY_MAX]; /* the hook may name another identity */

    if (message.length == 0 || (s->auth_step == 0 && message.length > EHLO__IDENTITY_MAX)) {
        fail_credentials(s);
    } else if (s->auth_step == 0) {
        set_identity(s, message);
        s->auth_step = 1;
        challenge(s, "Password:");
    } else {
        memcpy(name, s->identity, s->identity_length);
        auth.authentication = (struct ehlo_slice){name, s->identity_length};
        ask_auth(s, &auth);
    }
}

static void take_step(struct ehlo_server *s, struct ehlo_slice message)
{
    const struct ehlo_sasl sasl = {
        .mechanism = s->mechanism, .response = message, .step = s->auth_step};

    ehlo__ask(s, EHLO__STAGE_AUTH);
    ehlo__settle(s, s->config->on_sasl(s, &sasl, s->user));
}

static void take_message(struct ehlo_server *s, struct ehlo_slice message)
{
    if (s->mechanism != NULL && s->config->on_sasl != NULL)
        take_step(s, message);
    else if (s->auth_kind == EHLO_AUTH_PLAIN && s->config->on_auth != NULL)
        take_plain(s, message);
    else if (s->auth_kind == EHLO_AUTH_LOGIN && s->config->on_auth != NULL)
        take_login(s, message);
    else
        fail(s, EHLO_REPLY_AUTH_NOT_NOW | EHLO__NO_POINT); /* ehlo_server_use() took it away */
}

void ehlo__find_mechanism_again(struct ehlo_server *s)
{
    const struct ehlo_mechanism *row = s->config->mechanisms;
    const struct ehlo_mechanism *before = s->mechanism;

    s->mechanism = NULL;
    for (; before != NULL && row != NULL && row->name != NULL; row++)
        if (ehlo_same_text(ehlo_text(before->name), ehlo_text(row->name)))
            s->mechanism = row;
}

/* One response in base64, wherever it lies. */
static void take_response(struct ehlo_server *s, struct ehlo_slice text)
{
    struct ehlo_slice message = {s->lines.buffer, 0};

    if (ehlo_base64_decode(text, s->lines.buffer, s->lines.size, &message.length) == EHLO_SYNTAX_OK)
        take_message(s, message);
    else
        fail(s, EHLO_REPLY_BAD_BASE64);
}

void ehlo__auth_response(struct ehlo_server *s, const struct ehlo__line *line)
{
    const bool canceled = ehlo_same_text(line->text, ehlo_text("*"));

    ehlo__trace_text(s, EHLO_TRACE_COMMAND, 0, ehlo_text(canceled ? "*" : "<hidden>"));
    if (line->faults & EHLO__LINE_TOO_LONG) {
        ehlo__trace(s, EHLO_TRACE_LINE_LIMIT, s->lines.size);
        fail(s, EHLO_REPLY_AUTH_LINE_TOO_LONG);
        return;
    }
    if (line->faults & (EHLO__LINE_BARE_CR | EHLO__LINE_BARE_LF | EHLO__LINE_NUL))
        ehlo__trace(s, EHLO_TRACE_BAD_LINE, line->faults);
    if (canceled)
        fail(s, EHLO_REPLY_AUTH_CANCELED);
    else
        take_response(s, line->text);
}

/* Finds the mechanism among those that are offered; false: it is not. */
static bool find_mechanism(struct ehlo_server *s, struct ehlo_slice name)
{
    const struct ehlo_mechanism *row = s->config->mechanisms;

    s->mechanism = NULL;
    s->auth_kind = 0;
    if (ehlo__offers_plain(s) && ehlo_same_text(name, ehlo_text("PLAIN")))
        s->auth_kind = EHLO_AUTH_PLAIN;
    else if (ehlo__offers_plain(s) && ehlo_same_text(name, ehlo_text("LOGIN")))
        s->auth_kind = EHLO_AUTH_LOGIN;
    for (; s->auth_kind == 0 && row != NULL && row->name != NULL; row++)
        if (ehlo_same_text(name, ehlo_text(row->name)) && ehlo__offers_mechanism(s, row))
            s->mechanism = row;
    return s->auth_kind != 0 || s->mechanism != NULL;
}

/* The reply that refuses the command, or 0; on 0 the mechanism is found. */
static unsigned refusal_of(struct ehlo_server *s, struct ehlo_slice argument,
                           struct ehlo_command *words)
{
    const enum ehlo_syntax spelling = ehlo_parse_command(argument, ehlo__tolerated(s), words);
    const struct ehlo_slice initial = words->argument;

    if (!s->extended && (ehlo__tolerated(s) & EHLO_ODDITY_AUTH_AFTER_HELO) == 0)
        return EHLO_REPLY_BAD_SEQUENCE;
    if (words->verb.length == 0)
        return EHLO_REPLY_AUTH_TYPE_MISSING;
    if (spelling != EHLO_SYNTAX_OK || !ehlo__is_made_of(words->verb, 20, "-_") ||
        (initial.length > 0 && memchr(initial.data, ' ', initial.length) != NULL))
        return EHLO_REPLY_PARAMETER_SYNTAX;
    return find_mechanism(s, words->verb) ? 0 : EHLO_REPLY_AUTH_TYPE_UNRECOGNIZED;
}

/* An initial response where the server is to speak first; true: answered (RFC 4954 4). */
static bool speaks_out_of_turn(struct ehlo_server *s)
{
    const bool login = s->auth_kind == EHLO_AUTH_LOGIN;

    if (!login &&
        (s->mechanism == NULL || (s->mechanism->flags & EHLO_MECHANISM_SERVER_FIRST) == 0))
        return false;
    if (login && (ehlo__tolerated(s) & EHLO_ODDITY_LOGIN_INITIAL) != 0) {
        ehlo__trace_oddities(s, EHLO_ODDITY_LOGIN_INITIAL);
        return false;
    }
    ehlo__refuse(s, EHLO_REPLY_AUTH_INITIAL_UNWANTED);
    return true;
}

static void begin(struct ehlo_server *s, struct ehlo_slice initial)
{
    const bool server_first =
        s->mechanism != NULL && (s->mechanism->flags & EHLO_MECHANISM_SERVER_FIRST) != 0;

    ehlo__forget_identity(s);
    s->auth_step = 0;
    s->identity_given = false;
    if (initial.length > 0 && speaks_out_of_turn(s))
        return;
    if (ehlo_same_text(initial, ehlo_text("=")))
        take_message(s, (struct ehlo_slice){s->lines.buffer, 0}); /* none, but sent (RFC 4954 4) */
    else if (initial.length > 0)
        take_response(s, initial);
    else if (server_first)
        take_step(s, initial);
    else
        challenge(s, s->auth_kind == EHLO_AUTH_LOGIN ? "Username:" : NULL);
}

void ehlo__auth_read(struct ehlo_server *s, struct ehlo_slice argument)
{
    const uint32_t limit = ehlo__limit(s->config->max_auth_failures, EHLO_DEFAULT_AUTH_FAILURES);
    struct ehlo_command words;
    unsigned refused;

    if (s->auth_failures >= limit) {
        ehlo__trace(s, EHLO_TRACE_AUTH_LIMIT, s->auth_failures);
        ehlo__say(s, EHLO_REPLY_TOO_MANY_AUTH_FAILURES);
        return;
    }
    refused = refusal_of(s, argument, &words);
    if (refused != 0) {
        ehlo__refuse(s, refused);
        return;
    }
    ehlo__trace_oddities(s, words.oddities | (s->extended ? 0u : EHLO_ODDITY_AUTH_AFTER_HELO));
    begin(s, words.argument);
}

void ehlo__auth_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->code == 334) {
        s->auth_step++;
        ehlo__set_state(s, EHLO_STATE_AUTH);
        return;
    }
    s->authenticated = (slot->flags & EHLO__SLOT_POSITIVE) != 0;
    if (!s->authenticated) {
        ehlo__forget_identity(s);
        s->auth_failures += slot->code >= 500 ? 1 : 0;
    }
    ehlo__set_state(s, EHLO_STATE_READY);
}
