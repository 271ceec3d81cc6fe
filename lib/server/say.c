/*
 * Replies on their way into the output: their codes, the host's last look at them, their room.
 * No words stand here: they come from the catalogue.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

size_t ehlo__free_room(const struct ehlo_server *s)
{
    const size_t room = ehlo__output_room(&s->output);
    const size_t reserved = EHLO__LAST_WORDS + (size_t)s->open * EHLO__RCPT_ROOM;

    return room > reserved ? room - reserved : 0;
}

/* Greeting and replies to HELO, EHLO: no enhanced code but a row's own (RFC 2034 3). */
static bool is_greeting(const struct ehlo__slot *slot)
{
    return slot->stage == EHLO__STAGE_CONNECT || slot->stage == EHLO__STAGE_HELO ||
           slot->stage == EHLO__STAGE_EHLO ||
           (slot->stage == EHLO__STAGE_XCLIENT && (slot->flags & EHLO__SLOT_POSITIVE));
}

/* Our name always stands first in a greeting, its kin, and 221 (RFC 5321 4.2, 4.3.1). */
static bool names_host(const struct ehlo__slot *slot, const struct ehlo_reply *reply)
{
    return reply->id == EHLO_REPLY_CLOSING ||
           (is_greeting(slot) && (slot->flags & EHLO__SLOT_POSITIVE));
}

/* on_reply may exchange words, and 4yz for 5yz; the rest is undone. */
static void review(struct ehlo_server *s, struct ehlo_reply *reply)
{
    const struct ehlo_reply before = *reply;
    bool recoded, allowed;
    uint32_t asking;

    asking = ehlo__enter_hook(s);
    s->config->on_reply(s, reply, s->user);
    ehlo__leave_hook(s, asking);
    if (reply->enhanced.klass != 0)
        reply->enhanced.klass = (uint8_t)(reply->code / 100);
    recoded = memcmp(&reply->code, &before.code, sizeof before.code) != 0 ||
              memcmp(&reply->enhanced, &before.enhanced, sizeof before.enhanced) != 0;
    allowed = before.code >= 400 && before.code != 421 && reply->code >= 400 &&
              reply->code != 421 && ehlo_reply_is_valid(reply);
    if (reply->id != before.id || reply->flags != before.flags || (recoded && !allowed))
        ehlo__trace(s, EHLO_TRACE_HOST_REPLY, before.id);
    reply->id = before.id;
    reply->flags = before.flags;
    if (recoded && !allowed) {
        reply->code = before.code;
        reply->enhanced = before.enhanced;
    }
    /* Words again, if it took them all. The codes of the table set stay as they are: a hook may
     * want just these in a session that uses the others. */
    ehlo_reply_resolve(reply, EHLO_CODES_TABLE);
}

/* Which enhanced code is printed (RFC 2034 4): X.0.0 where there must be one and is none. */
static unsigned dress(const struct ehlo_server *s, const struct ehlo__slot *slot,
                      struct ehlo_reply *reply)
{
    const bool own = s->config->codes == EHLO_CODES_TABLE && reply->id >= 1 && reply->id <= 50;

    if (!ehlo__offers(s, EHLO_EXTENSION_ENHANCEDSTATUSCODES) || reply->code / 100 == 3 ||
        (is_greeting(slot) && !own))
        return 0;
    if (reply->enhanced.klass == 0 && !is_greeting(slot))
        reply->enhanced.klass = (uint8_t)(reply->code / 100);
    return EHLO_FORMAT_ENHANCED;
}

bool ehlo__may_say_utf8(const struct ehlo_server *s, unsigned stage, unsigned code)
{
    if (stage == EHLO__STAGE_VRFY || stage == EHLO__STAGE_EXPN)
        return s->query_utf8;
    return stage == EHLO__STAGE_RCPT && (code == 251 || code == 551) &&
           (s->transaction.flags & EHLO_MAIL_UTF8) != 0;
}

/* Makes the reply's octets in `room`, the EHLO keywords included. */
static size_t print(struct ehlo_server *s, const struct ehlo__slot *slot, struct ehlo_reply *reply,
                    char *gap, size_t room)
{
    const unsigned flags = dress(s, slot, reply) |
                           (names_host(slot, reply) ? EHLO_FORMAT_SUBJECT : 0) |
                           (ehlo__may_say_utf8(s, slot->stage, reply->code) ? EHLO_FORMAT_UTF8 : 0);
    size_t length, first = EHLO__REPLY_ROOM;

    if (slot->stage != EHLO__STAGE_EHLO || !(slot->flags & EHLO__SLOT_POSITIVE))
        return ehlo_format_reply(gap, room, reply, flags);
    if (reply->id != EHLO_REPLY_EHLO_OK || s->config->on_reply != NULL) /* a host's words are cut */
        first = room - ehlo__keywords_max(s->config);
    length = ehlo_format_reply(gap, first, reply, flags | EHLO_FORMAT_MORE);
    return ehlo__write_keywords(s, gap, length, room);
}

/* A list may take all, a reply one line's worth; the last words take their reserve. In LMTP a
 * refusal that is held is said once for each recipient, so a copy of it has to fit, too. */
static size_t room_for(const struct ehlo_server *s, const struct ehlo__slot *slot)
{
    const size_t room = ehlo__free_room(s);
    const bool copied = s->config->mode == EHLO_MODE_LMTP &&
                        (slot->stage == EHLO__STAGE_BODY || slot->stage == EHLO__STAGE_CHUNK ||
                         slot->stage == EHLO__STAGE_HOST_CHUNK);

    if (s->in_hook > 0 && s->asking == 0)
        return EHLO__RCPT_ROOM; /* the rest belongs to the command that is in hand */
    if (room < EHLO__LAST_WORDS && (slot->flags & EHLO__SLOT_CLOSE) && slot == ehlo__slot_at(s, 0))
        return room + EHLO__LAST_WORDS;
    if (copied)
        return room / 2 < EHLO__REPLY_ROOM ? room / 2 : EHLO__REPLY_ROOM;
    return ehlo__is_list(slot->stage) || room < EHLO__REPLY_ROOM ? room : EHLO__REPLY_ROOM;
}

/* What a reply is about: our name, the verbs of HELP, or what the host said. */
static struct ehlo_slice subject(const struct ehlo_server *s, const struct ehlo__slot *slot,
                                 const struct ehlo_reply *reply, char list[EHLO__VERB_LIST])
{
    if (names_host(slot, reply))
        return ehlo_text(s->config->hostname);
    if (reply->id == EHLO_REPLY_HELP_OK && reply->subject.length == 0)
        return ehlo__list_verbs(s, list);
    if (slot->stage == EHLO__STAGE_ETRN && reply->id == EHLO_REPLY_ETRN_STARTED &&
        reply->subject.length == 0)
        return (struct ehlo_slice){s->lines.buffer, s->kept};
    return reply->subject;
}

/* Makes room behind what is held for earlier slots. */
static char *open_gap(struct ehlo_server *s, const struct ehlo__slot *slot, size_t *offset,
                      size_t room)
{
    *offset = 0;
    for (unsigned i = 0; ehlo__slot_at(s, i) != slot; i++)
        *offset += ehlo__slot_at(s, i)->length;
    return ehlo__output_open(&s->output, *offset, room);
}

static void close_gap(struct ehlo_server *s, struct ehlo__slot *slot, struct ehlo_slice text,
                      size_t offset, size_t room)
{
    ehlo__output_close(&s->output, offset, room, text.length);
    slot->length = (uint16_t)text.length;
    ehlo__trace_text(s, EHLO_TRACE_REPLY, slot->id, text);
}

void ehlo__place(struct ehlo_server *s, struct ehlo__slot *slot, struct ehlo_reply *reply)
{
    char list[EHLO__VERB_LIST];
    size_t offset, room;
    struct ehlo_slice text;
    char *gap;

    slot->id = reply->id;
    slot->code = reply->code;
    if (reply->code == 421 || (reply->flags & EHLO_REPLY_FLAG_CLOSE)) {
        slot->flags |= EHLO__SLOT_CLOSE;
        s->closing = true;
    }
    reply->subject = subject(s, slot, reply, list);
    if (s->config->on_reply != NULL) {
        review(s, reply);
        reply->subject = subject(s, slot, reply, list);
    }
    room = room_for(s, slot);
    gap = open_gap(s, slot, &offset, room);
    text = (struct ehlo_slice){gap, print(s, slot, reply, gap, room)};
    close_gap(s, slot, text, offset, room);
}

bool ehlo__place_challenge(struct ehlo_server *s, struct ehlo__slot *slot,
                           struct ehlo_slice challenge)
{
    const size_t frame = strlen("334 \r\n"), room = ehlo__free_room(s);
    const size_t length = ehlo_base64_encode(challenge, NULL, 0);
    size_t offset;
    char *gap;

    if (room < frame || room - frame < length)
        return false;
    slot->id = EHLO_REPLY_AUTH_CHALLENGE;
    slot->code = 334;
    gap = open_gap(s, slot, &offset, length + frame);
    memcpy(gap, "334 ", 4);
    ehlo_base64_encode(challenge, gap + 4, length);
    memcpy(gap + 4 + length, "\r\n", 2);
    close_gap(s, slot, (struct ehlo_slice){gap, length + frame}, offset, length + frame);
    return true;
}

void ehlo__copy_held(struct ehlo_server *s)
{
    const struct ehlo__slot *held = ehlo__slot_at(s, 0);
    char *gap = ehlo__output_open(&s->output, 0, held->length);

    memcpy(gap, gap + held->length, held->length);
    ehlo__output_close(&s->output, 0, held->length, held->length);
    ehlo__output_show(&s->output, held->length);
    ehlo__trace_text(s, EHLO_TRACE_REPLY, held->id, (struct ehlo_slice){gap, held->length});
}

static void say(struct ehlo_server *s, struct ehlo_reply reply, enum ehlo_cause cause)
{
    struct ehlo__slot *slot = ehlo__push_slot(s, s->row_stage);

    ehlo_reply_resolve(&reply, s->config->codes);
    slot->cause = (uint8_t)cause;
    ehlo__place(s, slot, &reply);
    ehlo__advance(s);
}

void ehlo__say(struct ehlo_server *s, unsigned id)
{
    say(s, ehlo_reply(id), EHLO_CAUSE_LIMIT);
}

void ehlo__say_number(struct ehlo_server *s, unsigned id, uint64_t number)
{
    char digits[EHLO__NUMBER_MAX];
    const struct ehlo_slice text = {digits, ehlo__write_number(digits, number)};

    say(s, ehlo_reply_about(id, text), EHLO_CAUSE_LIMIT);
}

void ehlo__refuse(struct ehlo_server *s, unsigned id)
{
    if ((id & EHLO__NO_POINT) == 0 && ehlo__error_point(s))
        id = EHLO_REPLY_TOO_MANY_ERRORS;
    ehlo__say(s, id & ~EHLO__NO_POINT);
}

void ehlo__say_closing(struct ehlo_server *s, unsigned id, enum ehlo_cause cause)
{
    struct ehlo_reply reply = ehlo_reply(id);

    reply.flags = EHLO_REPLY_FLAG_CLOSE;
    say(s, reply, cause);
}
