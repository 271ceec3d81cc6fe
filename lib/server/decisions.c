/*
 * Decisions: what is asked of the host, at once or later, and the queue that keeps the replies in
 * the order of the commands. This file alone knows about pending.
 *
 * A verdict is first judged (checked, counted, formatted into its place in the output), then
 * committed by the stage's *decided*. Judging needs the verdict's text; committing does not, so it
 * can wait until a hook in progress has returned.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#define POINT   1u  /* a 5yz costs an error point */
#define JUNK    2u  /* a positive answer does nothing for mail */
#define REPEAT  4u  /* junk only if HELO or EHLO was given before */
#define COUNT   8u  /* a 5yz counts towards the refused recipients */
#define FOREIGN 16u /* row 1, "not my verb either", costs an error point; other refusals do not */
#define LIST    32u /* the reply may be long */
#define SILENT  64u /* acceptance says nothing */

struct stage {
    uint16_t accept;    /* id of the reply for ehlo_accept() */
    uint16_t low, high; /* positive codes that belong here (RFC 5321 4.3.2) */
    uint8_t flags;
    void (*decided)(struct ehlo_server *, const struct ehlo__slot *);
};

static const struct stage stages[EHLO__STAGE_COUNT] = {
    [EHLO__STAGE_CONNECT] = {EHLO_REPLY_GREETING, 220, 220, 0, ehlo__connect_decided},
    [EHLO__STAGE_HELO] = {EHLO_REPLY_HELO_OK, 250, 250, POINT | REPEAT, ehlo__helo_decided},
    [EHLO__STAGE_EHLO] = {EHLO_REPLY_EHLO_OK, 250, 250, POINT | REPEAT | LIST, ehlo__helo_decided},
    [EHLO__STAGE_STARTTLS] = {EHLO_REPLY_TLS_GO, 220, 220, 0, ehlo__starttls_decided},
    [EHLO__STAGE_AUTH] = {EHLO_REPLY_AUTH_OK, 235, 235, POINT | LIST, ehlo__auth_decided},
    [EHLO__STAGE_MAIL] = {EHLO_REPLY_SENDER_OK, 250, 250, POINT, ehlo__mail_decided},
    [EHLO__STAGE_RCPT] = {EHLO_REPLY_RECIPIENT_OK, 250, 251, COUNT, ehlo__rcpt_decided},
    [EHLO__STAGE_DATA] = {EHLO_REPLY_DATA_GO, 354, 354, 0, ehlo__data_decided},
    [EHLO__STAGE_CHUNK] = {EHLO_REPLY_COMMAND_OK, 250, 250, SILENT, ehlo__chunk_decided},
    [EHLO__STAGE_BODY] = {EHLO_REPLY_COMMAND_OK, 250, 250, SILENT, ehlo__body_decided},
    [EHLO__STAGE_MESSAGE] = {EHLO_REPLY_MESSAGE_OK, 250, 250, 0, ehlo__message_decided},
    [EHLO__STAGE_EACH] = {EHLO_REPLY_DELIVERED, 250, 250, 0, ehlo__each_decided},
    [EHLO__STAGE_VRFY] = {EHLO_REPLY_CANNOT_VERIFY, 250, 252, JUNK | LIST, NULL},
    [EHLO__STAGE_EXPN] = {EHLO_REPLY_CANNOT_VERIFY, 250, 252, JUNK | LIST, NULL},
    [EHLO__STAGE_HELP] = {EHLO_REPLY_HELP_OK, 211, 214, JUNK | LIST, NULL},
    [EHLO__STAGE_ETRN] = {EHLO_REPLY_ETRN_STARTED, 250, 253, JUNK, NULL},
    [EHLO__STAGE_XCLIENT] = {EHLO_REPLY_GREETING, 220, 220, POINT, ehlo__xclient_decided},
    [EHLO__STAGE_XFORWARD] = {EHLO_REPLY_XFORWARD_OK, 250, 250, POINT, ehlo__xforward_decided},
    [EHLO__STAGE_COMMAND] = {EHLO_REPLY_COMMAND_OK, 200, 299, FOREIGN | JUNK | LIST, NULL},
    [EHLO__STAGE_HOST_CHUNK] = {EHLO_REPLY_COMMAND_OK, 200, 299, FOREIGN | LIST,
                                ehlo__host_chunk_decided},
};

bool ehlo__is_list(unsigned stage)
{
    return (stages[stage].flags & LIST) != 0;
}

struct ehlo__slot *ehlo__slot_at(const struct ehlo_server *s, unsigned index)
{
    return &s->slots[(s->slot_first + index) % s->slot_limit];
}

struct ehlo__slot *ehlo__push_slot(struct ehlo_server *s, enum ehlo__stage stage)
{
    struct ehlo__slot *slot = ehlo__slot_at(s, s->slot_count);

    s->slot_count++;
    *slot = (struct ehlo__slot){
        .stage = (uint8_t)stage, .state = EHLO__SLOT_DONE, .cause = EHLO_CAUSE_HOST};
    return slot;
}

void ehlo__drop_slots(struct ehlo_server *s)
{
    s->slot_count = 0;
    s->open = 0;
    s->closing = false;
    ehlo__output_drop_held(&s->output);
}

void ehlo__advance(struct ehlo_server *s)
{
    while (s->slot_count > 0 && ehlo__slot_at(s, 0)->state == EHLO__SLOT_DONE) {
        const struct ehlo__slot first = *ehlo__slot_at(s, 0);

        ehlo__output_show(&s->output, first.length);
        s->slot_first = (uint8_t)((s->slot_first + 1u) % s->slot_limit);
        s->slot_count--;
        if (first.stage == EHLO__STAGE_EACH)
            ehlo__each_said(s, &first);
        if (first.flags & EHLO__SLOT_CLOSE) {
            ehlo__close(s, first.cause);
            return;
        }
    }
    if (s->draining && !s->transaction.open && s->slot_count == 0)
        ehlo__cut(s, EHLO_REPLY_SHUTTING_DOWN, EHLO_CAUSE_SHUTDOWN);
}

void ehlo__ask(struct ehlo_server *s, enum ehlo__stage stage)
{
    struct ehlo__slot *slot = ehlo__push_slot(s, stage);

    s->number += s->number == UINT32_MAX ? 2 : 1; /* a token is never 0 */
    slot->number = s->number;
    slot->state = EHLO__SLOT_OPEN;
    s->open++;
    s->asking = s->number;
    s->in_hook++;
}

/* What ehlo_accept() says; a greeting names its protocol (RFC 2033 4). */
static unsigned accept_id(const struct ehlo_server *s, const struct ehlo__slot *slot)
{
    const unsigned id = stages[slot->stage].accept;

    return id == EHLO_REPLY_GREETING && s->config->mode == EHLO_MODE_LMTP ? EHLO_REPLY_LMTP_GREETING
                                                                          : id;
}

/* Puts a reply of the engine in place of the verdict. */
static void replace(const struct ehlo_server *s, struct ehlo__slot *slot, struct ehlo_reply *reply,
                    unsigned id, enum ehlo_cause cause)
{
    const uint16_t flags = reply->flags; /* a verdict that closes goes on closing */

    *reply = ehlo_reply(id);
    reply->flags = flags;
    ehlo_reply_resolve(reply, s->config->codes);
    slot->flags = reply->code < 400 ? EHLO__SLOT_POSITIVE : 0;
    slot->cause = (uint8_t)cause;
}

/* A reply that reaches a limit is replaced by 421, so that one command has one reply. */
static void count(struct ehlo_server *s, struct ehlo__slot *slot, struct ehlo_reply *reply)
{
    const uint8_t flags = stages[slot->stage].flags;
    const bool positive = (slot->flags & EHLO__SLOT_POSITIVE) != 0;
    const bool permanent = reply->code >= 500;
    const bool point =
        (flags & POINT) || ((flags & FOREIGN) && reply->id == EHLO_REPLY_COMMAND_UNRECOGNIZED);
    const bool junk = (flags & JUNK) || ((flags & REPEAT) && s->helo_given);

    if ((permanent && point && ehlo__error_point(s)) || (positive && junk && ehlo__junk_point(s)))
        replace(s, slot, reply, EHLO_REPLY_TOO_MANY_ERRORS, EHLO_CAUSE_LIMIT);
    else if (permanent && (flags & COUNT) && ehlo__refused_point(s))
        replace(s, slot, reply, EHLO_REPLY_TOO_MANY_REFUSED_RECIPIENTS, EHLO_CAUSE_LIMIT);
}

/* A host that keeps its forwarding to itself gives neither 251 nor 551 (RFC 5321 3.4). */
static void hide_forwarding(const struct ehlo_server *s, struct ehlo__slot *slot,
                            struct ehlo_reply *reply)
{
    if (!s->config->hide_forwarding)
        return;
    if (reply->code == 251)
        replace(s, slot, reply, stages[slot->stage].accept, EHLO_CAUSE_HOST);
    else if (reply->code == 551)
        replace(s, slot, reply, EHLO_REPLY_UNKNOWN_LOCAL_USER, EHLO_CAUSE_HOST);
}

static bool is_ascii(struct ehlo_slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] > 127)
            return false;
    return true;
}

/* An answer that needs UTF-8 is withheld from who did not ask for it (RFC 6531 3.7.4). */
static void withhold_utf8(const struct ehlo_server *s, struct ehlo__slot *slot,
                          struct ehlo_reply *reply)
{
    const bool query = slot->stage == EHLO__STAGE_VRFY || slot->stage == EHLO__STAGE_EXPN;
    const bool forward =
        slot->stage == EHLO__STAGE_RCPT && (reply->code == 251 || reply->code == 551);

    if ((!query && !forward) || ehlo__may_say_utf8(s, slot->stage, reply->code) ||
        (is_ascii(reply->phrase) && is_ascii(reply->subject)))
        return;
    if (query)
        replace(s, slot, reply,
                reply->code < 400 ? EHLO_REPLY_UTF8_REPLY_WITHHELD : EHLO_REPLY_UTF8_REPLY_NEEDED,
                EHLO_CAUSE_HOST);
    else
        replace(s, slot, reply,
                reply->code == 251 ? EHLO_REPLY_RECIPIENT_OK : EHLO_REPLY_USER_UNKNOWN,
                EHLO_CAUSE_HOST);
}

/* Whether a resolved reply may answer this stage: a refusal, or success with a code of its own. */
static bool has_range_code(const struct ehlo__slot *slot, const struct ehlo_reply *reply)
{
    const struct stage *stage = &stages[slot->stage];

    return reply->code >= 400 || (reply->code >= stage->low && reply->code <= stage->high);
}

/* 250 to VRFY or EXPN has to say what it is asked for. */
static bool says_enough(const struct ehlo_server *s, const struct ehlo__slot *slot,
                        const struct ehlo_reply *reply)
{
    return reply->code != 250 ||
           (slot->stage != EHLO__STAGE_VRFY && slot->stage != EHLO__STAGE_EXPN) ||
           ehlo__lists_mailboxes(reply, s->query_utf8);
}

/* Turns a verdict into the reply that is said. What is no verdict for this stage is never an
 * accept. */
static void check(struct ehlo_server *s, struct ehlo__slot *slot, struct ehlo_reply *reply)
{
    if (reply->id == EHLO_REPLY_ACCEPT) {
        replace(s, slot, reply, accept_id(s, slot), EHLO_CAUSE_HOST);
        return;
    }
    if (ehlo_reply_resolve(reply, s->config->codes) && has_range_code(slot, reply)) {
        slot->flags = reply->code < 400 ? EHLO__SLOT_POSITIVE : 0;
        hide_forwarding(s, slot, reply);
        withhold_utf8(s, slot, reply);
        if (says_enough(s, slot, reply))
            return;
    }
    ehlo__trace(s, EHLO_TRACE_HOST_FAULT, reply->id);
    replace(s, slot, reply,
            slot->stage == EHLO__STAGE_CONNECT ? EHLO_REPLY_ENGINE_FAULT : EHLO_REPLY_HOST_FAULT,
            EHLO_CAUSE_HOST);
}

/* The mechanism goes on; its octets are no words, so neither the catalogue nor on_reply has a say.
 */
static bool goes_on(struct ehlo_server *s, struct ehlo__slot *slot,
                    const struct ehlo_reply *verdict)
{
    if (verdict->id != EHLO_REPLY_CHALLENGE || slot->stage != EHLO__STAGE_AUTH ||
        s->mechanism == NULL || !ehlo__place_challenge(s, slot, verdict->phrase))
        return false;
    slot->flags = EHLO__SLOT_POSITIVE;
    return true;
}

/* Whether a positive verdict says nothing: more is to come before the reply. */
static bool is_silent(const struct ehlo_server *s, const struct ehlo__slot *slot)
{
    return (slot->flags & EHLO__SLOT_POSITIVE) != 0 &&
           ((stages[slot->stage].flags & SILENT) != 0 ||
            (slot->stage == EHLO__STAGE_HOST_CHUNK && s->transaction.last));
}

static void judge(struct ehlo_server *s, struct ehlo__slot *slot, struct ehlo_reply *verdict)
{
    slot->state = EHLO__SLOT_JUDGED;
    s->open--;
    if (goes_on(s, slot, verdict))
        return;
    check(s, slot, verdict);
    if (slot->stage == EHLO__STAGE_CONNECT && s->early && s->config->early == EHLO_EARLY_REFUSE) {
        replace(s, slot, verdict, EHLO_REPLY_CONNECTION_DENIED, EHLO_CAUSE_PROTOCOL);
        verdict->flags = EHLO_REPLY_FLAG_CLOSE;
    }
    count(s, slot, verdict);
    if (!is_silent(s, slot))
        ehlo__place(s, slot, verdict);
}

static struct ehlo__slot *find_judged(const struct ehlo_server *s)
{
    for (unsigned i = 0; i < s->slot_count; i++)
        if (ehlo__slot_at(s, i)->state == EHLO__SLOT_JUDGED)
            return ehlo__slot_at(s, i);
    return NULL;
}

/* Looks anew each time: a hook that runs meanwhile may resume any other decision. */
void ehlo__commit_judged(struct ehlo_server *s)
{
    struct ehlo__slot *slot;

    while ((slot = find_judged(s)) != NULL) {
        const struct ehlo__slot decided = *slot;

        slot->state = EHLO__SLOT_DONE;
        if (is_silent(s, slot))
            s->slot_count--; /* it was decided alone, and its place is needed for the reply */
        if (stages[decided.stage].decided != NULL)
            stages[decided.stage].decided(s, &decided);
    }
    ehlo__advance(s);
}

void ehlo__settle(struct ehlo_server *s, struct ehlo_reply verdict)
{
    struct ehlo__slot *slot = ehlo__slot_at(s, s->slot_count - 1u);

    s->in_hook--;
    s->asking = 0;
    if (slot->state == EHLO__SLOT_OPEN && slot->stage == EHLO__STAGE_BODY &&
        verdict.id == EHLO_REPLY_ACCEPT && verdict.flags == 0) {
        s->open--; /* what comes a thousand times and says nothing takes the short way */
        s->slot_count--;
        return;
    }
    if (slot->state == EHLO__SLOT_OPEN && verdict.id == EHLO_REPLY_PENDING)
        s->epoch++;
    else if (slot->state == EHLO__SLOT_OPEN)
        judge(s, slot, &verdict);
    ehlo__commit_judged(s);
}

void ehlo__hold_refusal(struct ehlo_server *s)
{
    s->transaction.fault = EHLO__FAULT_HELD;
    ehlo__slot_at(s, 0)->state = EHLO__SLOT_HELD;
}

void ehlo__release_held(struct ehlo_server *s)
{
    ehlo__slot_at(s, 0)->state = EHLO__SLOT_DONE;
}

ehlo_token ehlo_server_token(const struct ehlo_server *s)
{
    return s->asking == 0 ? 0 : (ehlo_token)s->serial << 32 | s->asking;
}

static struct ehlo__slot *find_open(const struct ehlo_server *s, ehlo_token token)
{
    for (unsigned i = 0; token >> 32 == s->serial && i < s->slot_count; i++) {
        struct ehlo__slot *slot = ehlo__slot_at(s, i);

        if (slot->state == EHLO__SLOT_OPEN && slot->number == (uint32_t)token)
            return slot;
    }
    return NULL;
}

int ehlo_server_resume(struct ehlo_server *s, ehlo_token token, struct ehlo_reply verdict)
{
    struct ehlo__slot *slot = find_open(s, token);

    if (slot == NULL)
        return EHLO_ERROR_TOKEN;
    if (verdict.id == EHLO_REPLY_PENDING)
        return EHLO_ERROR_ARGUMENT;
    judge(s, slot, &verdict);
    s->epoch++;
    ehlo__progress(s);
    return EHLO_OK;
}
