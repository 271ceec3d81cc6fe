/*
 * rspamd: POST /checkv2 (https://rspamd.com/doc/developers/protocol.html). HTTP/1.0 keeps the
 * answer plain: neither chunks nor another question on the connection.
 *
 * SPDX-License-Identifier: MIT
 */
#include "judging.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned reply; /* enum ehlo_reply_id */
} actions[] = {
    {"no action", EHLO_REPLY_ACCEPT},         {"greylist", EHLO_REPLY_GREYLISTED},
    {"soft reject", EHLO_REPLY_RATE_LIMITED}, {"rewrite subject", EHLO_REPLY_REJECTED_SPAM},
    {"add header", EHLO_REPLY_REJECTED_SPAM}, {"reject", EHLO_REPLY_REJECTED_BY_SPAM_FILTER},
};

/* ---- the answer ---- */

static bool is_text(struct ehlo_slice slice, const char *text)
{
    return slice.length == strlen(text) && memcmp(slice.data, text, slice.length) == 0;
}

/* Takes a string whose quotation mark has been taken; its escapes stay. False: it has no end. */
static bool take_string(struct ehlo_slice *json, struct ehlo_slice *string)
{
    for (size_t i = 0; i < json->length; i++) {
        if (json->data[i] == '\\')
            i++;
        else if (json->data[i] == '"') {
            *string = (struct ehlo_slice){json->data, i};
            json->data += i + 1;
            json->length -= i + 1;
            return true;
        }
    }
    return false;
}

/*
 * The value of the member "action" of the object itself (RFC 8259), not of one inside. Members
 * behind it may be missing: an answer may be cut.
 */
static bool find_action(struct ehlo_slice json, struct ehlo_slice *action)
{
    struct ehlo_slice string, member = {NULL, 0};
    char before = '\0'; /* the octet or string in front, blanks aside */
    size_t depth = 0;

    while (json.length > 0) {
        char octet = *json.data;

        json.data++;
        json.length--;
        if (octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n')
            continue;
        if (octet == '"' && !take_string(&json, &string))
            return false;
        if (octet == '"' && depth == 1 && before == ':' && is_text(member, "action")) {
            *action = string;
            return true;
        }
        if (octet == '"' && depth == 1)
            member = string;
        if (octet == '{' || octet == '[')
            depth++;
        else if ((octet == '}' || octet == ']') && depth > 0)
            depth--;
        if (depth == 0 || (before == '\0' && octet != '{'))
            return false;
        before = octet;
    }
    return false;
}

static struct ehlo_reply read_answer(struct ehlo_slice answer, struct text *why)
{
    struct ehlo_slice rest = answer, line, action;

    if (!judging_take_line(&rest, &line) || line.length < 13 ||
        memcmp(line.data, "HTTP/1.", 7) != 0 || memcmp(line.data + 8, " 200 ", 5) != 0)
        return judging_nonsense(answer, why);
    while (judging_take_line(&rest, &line) && line.length > 0)
        continue;
    if (line.length > 0 || !find_action(rest, &action))
        return judging_nonsense(rest, why);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (!is_text(action, actions[i].name))
            continue;
        text_add(why, "%s", actions[i].name);
        return actions[i].reply == EHLO_REPLY_ACCEPT ? ehlo_accept() : ehlo_reply(actions[i].reply);
    }
    return judging_nonsense(action, why);
}

/* ---- the question ---- */

/* Control octets of a value would end its line: they become "?". */
static void add_field(struct text *head, const char *before, struct ehlo_slice value,
                      const char *behind)
{
    size_t begin;

    text_add(head, "%s", before);
    begin = head->length;
    text_add(head, "%.*s", (int)value.length, value.length > 0 ? value.data : "");
    for (size_t i = begin; i < head->length; i++)
        if ((unsigned char)head->data[i] < ' ' || head->data[i] == 127)
            head->data[i] = '?';
    text_add(head, "%s\r\n", behind);
}

static void write_head(struct text *head, const struct content *content,
                       const struct envelope_facts *facts)
{
    text_add(head, "POST /checkv2 HTTP/1.0\r\nContent-Length: %lld\r\n",
             (long long)(content->end - content->begin));
    add_field(head, "From: <", facts->sender, ">");
    for (size_t i = 0; i < facts->recipient_count; i++)
        add_field(head, "Rcpt: <", facts->recipients[i], ">");
    add_field(head, "IP: ", ehlo_text(facts->peer_address), "");
    add_field(head, "Helo: ", facts->helo, "");
    if (facts->identity.length > 0)
        add_field(head, "User: ", facts->identity, "");
    add_field(head, "Queue-Id: ", ehlo_text(facts->queue_id), "");
    text_add(head, "\r\n");
}

struct judging *rspamd_begin(const struct runtime *runtime, const struct filter *filter,
                             const struct content *content, const struct envelope_facts *facts,
                             filter_verdict *verdict, void *owner)
{
    static const struct service rspamd = {"rspamd", read_answer};
    struct question question = {.where = filter->where, .wait = filter->wait, .content = *content};
    struct text head = {0};
    struct judging *judging = NULL;

    write_head(&head, content, facts);
    question.head = (struct ehlo_slice){head.data, head.length};
    if (!head.lost)
        judging = judging_ask(runtime, &rspamd, &question, verdict, owner);
    text_free(&head);
    return judging;
}
