/*
 * The life of a server session: made, started, asked what it wants. What happens to octets is in
 * receive.c, how it ends in end.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* server.h promises this constant; the core must stay within it. */
_Static_assert(sizeof(struct ehlo_server) + _Alignof(struct ehlo_server) - 1 <=
                   EHLO_SERVER_SIZE(0, 0, 0, 0),
               "EHLO_SERVER_SIZE has too little slack");
_Static_assert(sizeof(struct ehlo__slot) <=
                   EHLO_SERVER_SIZE(0, 0, 1, 0) - EHLO_SERVER_SIZE(0, 0, 0, 0),
               "EHLO_SERVER_SIZE counts too little for a decision");

struct ehlo_server *ehlo_server_init(void *memory, size_t size,
                                     const struct ehlo_server_config *config, void *user)
{
    const size_t needed = ehlo_server_size(config);
    const size_t alignment = _Alignof(struct ehlo_server);
    struct ehlo_server *s;
    char *block = memory;

    if (memory == NULL || needed == 0 || size < needed)
        return NULL;
    block += (alignment - (uintptr_t)block % alignment) % alignment;
    s = (struct ehlo_server *)(void *)block;
    memset(s, 0, sizeof *s);
    s->config = config;
    s->user = user;
    block += sizeof *s;
    s->domains = (uint64_t *)(void *)block;
    block += config->max_recipient_domains * sizeof *s->domains;
    s->slots = (struct ehlo__slot *)(void *)block;
    s->slot_limit = (uint8_t)ehlo__limit(config->decisions, EHLO_DEFAULT_DECISIONS);
    block += s->slot_limit * sizeof(struct ehlo__slot);
    s->lines.buffer = block;
    s->lines.size = ehlo__limit(config->line_size, EHLO_DEFAULT_LINE_SIZE);
    s->lines.lf_ends = (config->lenient & EHLO_ODDITY_LF_COMMANDS) != 0;
    s->output.buffer = block + s->lines.size;
    s->output.size = ehlo__limit(config->output_size, EHLO_DEFAULT_OUTPUT_SIZE);
    return s;
}

int ehlo_server_start(struct ehlo_server *s, const struct ehlo_peer *peer)
{
    static const struct ehlo_peer unknown = {EHLO_PEER_DEFAULTS};
    struct ehlo_reply verdict = ehlo_accept();

    if (peer == NULL)
        peer = &unknown;
    if (s->in_hook > 0)
        return EHLO_ERROR_IN_HOOK;
    if (s->state == EHLO_STATE_CLOSED)
        return EHLO_ERROR_CLOSED;
    if (s->started)
        return EHLO_ERROR_SEQUENCE;
    if (peer->size != sizeof *peer)
        return EHLO_ERROR_ARGUMENT;
    s->started = true;
    s->peer = peer;
    s->serial = peer->serial;
    ehlo__ask(s, EHLO__STAGE_CONNECT);
    if (s->config->null_service)
        verdict = ehlo_reply(EHLO_REPLY_NO_MAIL_SERVICE);
    else if (s->config->on_connect != NULL)
        verdict = s->config->on_connect(s, peer, s->user);
    ehlo__settle(s, verdict);
    ehlo__progress(s);
    return EHLO_OK;
}

/* The greeting is decided (RFC 5321 3.1, RFC 7504 3); 421 closes like everywhere. */
void ehlo__connect_decided(struct ehlo_server *s, const struct ehlo__slot *slot)
{
    if (slot->flags & EHLO__SLOT_POSITIVE) {
        ehlo__set_state(s, s->config->helo_optional ? EHLO_STATE_READY : EHLO_STATE_FRESH);
        return;
    }
    s->last_command = slot->id == EHLO_REPLY_NO_MAIL_SERVICE || slot->code == 521;
    ehlo__set_state(s, EHLO_STATE_REFUSED);
}

const void *ehlo_server_output(const struct ehlo_server *s, size_t *length)
{
    *length = s->output.visible - s->output.start;
    return s->output.buffer + s->output.start;
}

int ehlo_server_sent(struct ehlo_server *s, size_t length)
{
    if (s->in_hook > 0)
        return EHLO_ERROR_IN_HOOK;
    if (length > s->output.visible - s->output.start)
        return EHLO_ERROR_ARGUMENT;
    if (length == 0)
        return EHLO_OK;
    s->greeted = true;
    ehlo__output_sent(&s->output, length);
    ehlo__progress(s);
    return EHLO_OK;
}

unsigned ehlo_server_wants(const struct ehlo_server *s)
{
    const bool unsent = s->output.visible != s->output.start;
    unsigned wants = 0;

    if (unsent)
        wants |= EHLO_WANT_WRITE;
    if (s->state == EHLO_STATE_CLOSED)
        return unsent ? wants : EHLO_WANT_CLOSE;
    if (s->state == EHLO_STATE_TLS && !unsent)
        wants |= EHLO_WANT_TLS;
    if (ehlo__can_read(s))
        wants |= EHLO_WANT_READ;
    if (s->open > 0)
        wants |= EHLO_WANT_DECISION;
    return wants;
}

static unsigned message_timeout(const struct ehlo_server_config *config)
{
    return ehlo__limit(config->message_timeout, config->mode == EHLO_MODE_SUBMISSION
                                                    ? EHLO_DEFAULT_SUBMISSION_TIMEOUT
                                                    : EHLO_DEFAULT_MESSAGE_TIMEOUT);
}

unsigned ehlo_server_timeout(const struct ehlo_server *s, uint32_t *epoch)
{
    const struct ehlo_server_config *config = s->config;

    if (epoch != NULL)
        *epoch = s->epoch;
    if (s->state == EHLO_STATE_CLOSED && s->output.visible == s->output.start)
        return 0;
    if (s->open > 0 && (ehlo__slot_at(s, 0)->stage == EHLO__STAGE_MESSAGE ||
                        ehlo__slot_at(s, 0)->stage == EHLO__STAGE_EACH))
        return message_timeout(config);
    if (s->open > 0)
        return ehlo__limit(config->decision_timeout, EHLO_DEFAULT_DECISION_TIMEOUT);
    if (s->state == EHLO_STATE_CONTENT)
        return ehlo__limit(config->content_timeout, EHLO_DEFAULT_CONTENT_TIMEOUT);
    return ehlo__limit(config->command_timeout, EHLO_DEFAULT_COMMAND_TIMEOUT);
}

int ehlo_server_use(struct ehlo_server *s, const struct ehlo_server_config *config)
{
    if (ehlo_server_check(config, NULL) != EHLO_OK ||
        ehlo__limit(config->decisions, EHLO_DEFAULT_DECISIONS) != s->slot_limit ||
        ehlo__limit(config->line_size, EHLO_DEFAULT_LINE_SIZE) != s->lines.size ||
        ehlo__limit(config->output_size, EHLO_DEFAULT_OUTPUT_SIZE) != s->output.size ||
        config->max_recipient_domains != s->config->max_recipient_domains ||
        config->mode != s->config->mode)
        return EHLO_ERROR_ARGUMENT;
    s->config = config;
    s->lines.lf_ends = (config->lenient & EHLO_ODDITY_LF_COMMANDS) != 0;
    ehlo__find_mechanism_again(s);
    return EHLO_OK;
}

static uint32_t info_flags(const struct ehlo_server *s)
{
    return (s->helo_given ? EHLO_INFO_HELO : 0) | (s->extended ? EHLO_INFO_EXTENDED : 0) |
           (s->transaction.open ? EHLO_INFO_TRANSACTION : 0) |
           (s->tls != NULL ? EHLO_INFO_TLS : 0) | (s->authenticated ? EHLO_INFO_AUTHENTICATED : 0) |
           (s->transaction.flags & EHLO_MAIL_UTF8 ? EHLO_INFO_UTF8 : 0) |
           (s->transaction.flags & EHLO_MAIL_REQUIRETLS ? EHLO_INFO_REQUIRETLS : 0) |
           (s->forwarded ? EHLO_INFO_FORWARDED : 0);
}

int ehlo_server_info(const struct ehlo_server *s, struct ehlo_server_info *info)
{
    const struct ehlo_server_info known = {
        .size = sizeof known,
        .peer = s->peer,
        .helo = {s->helo, s->helo_length},
        .state = s->state,
        .flags = info_flags(s),
        .recipients = s->transaction.recipients,
        .transactions = s->transactions,
        .messages = s->messages,
        .errors = s->errors,
        .refused = s->refused,
        .body = s->transaction.body,
        .declared_size = s->transaction.declared_size,
        .octets = s->transaction.octets,
        .tls = s->tls,
        .identity = {s->identity, s->authenticated ? s->identity_length : 0},
        .auth_failures = s->auth_failures,
        .mode = s->config->mode,
    };

    if (info == NULL || info->size != sizeof known)
        return EHLO_ERROR_ARGUMENT;
    *info = known;
    return EHLO_OK;
}
