/*
 * Trace fields: Received and Return-Path (RFC 5321 4.4, RFC 3848, RFC 6531 4.3, RFC 8314 4.3,
 * RFC 6710 4.1). Each clause has a line, and each text a limit, so that no line comes near
 * the 998 octets of RFC 5322 2.1.1.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/received.h"

#include "syntax/rules.h"
#include "syntax/sink.h"

#include <string.h>

#define RECEIVED_TEXT_MAX 255
#define RECEIVED_FOLD     "\r\n\t"

static struct ehlo_slice cut_text(struct ehlo_slice text)
{
    if (text.length > RECEIVED_TEXT_MAX)
        text.length = RECEIVED_TEXT_MAX;
    return text;
}

/* Octets of the classes and of `also` as they are, others as "?" */
static void put_replacing(struct ehlo__sink *out, struct ehlo_slice text, unsigned classes,
                          const char *also)
{
    text = cut_text(text);
    for (size_t i = 0; i < text.length; i++) {
        char octet = text.data[i];
        bool is_plain = ehlo__is(octet, classes) || (octet != '\0' && strchr(also, octet) != NULL);

        ehlo__put(out, is_plain ? octet : '?');
    }
}

/* Domain / address-literal: as sent where it is one, else a word that can hurt nobody */
static void put_host_name(struct ehlo__sink *out, struct ehlo_slice name)
{
    struct ehlo_host host;
    bool is_literal = ehlo_parse_helo(name, EHLO_ODDITY_HELO_NAME, &host) == EHLO_SYNTAX_OK &&
                      host.kind != EHLO_HOST_DOMAIN && host.text.length == name.length;

    put_replacing(out, name, EHLO__LDH, is_literal ? ".:[]" : "._");
}

/* "(" [ Domain FWS ] address-literal ")", from the connection (TCP-info) */
static void put_tcp_info(struct ehlo__sink *out, const struct ehlo_received *received)
{
    uint8_t address[16];

    if (received->peer_address.length == 0)
        return;
    ehlo__put_text(out, " (");
    if (received->peer_name.length > 0) {
        put_host_name(out, received->peer_name);
        ehlo__put(out, ' ');
    }
    ehlo__put(out, '[');
    if (ehlo_parse_ipv6(received->peer_address, address) == EHLO_SYNTAX_OK)
        ehlo__put_text(out, "IPv6:");
    put_replacing(out, received->peer_address, EHLO__LDH, ".:%/_");
    ehlo__put_text(out, "])");
}

/* "(" ctext ")" (RFC 5322 3.2.2) */
static void put_comment(struct ehlo__sink *out, struct ehlo_slice text)
{
    text = cut_text(text);
    if (text.length == 0)
        return;
    ehlo__put_text(out, " (");
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '(' || text.data[i] == ')' || text.data[i] == '\\')
            ehlo__put(out, '\\');
        put_replacing(out, (struct ehlo_slice){&text.data[i], 1}, EHLO__GRAPHIC, " ");
    }
    ehlo__put(out, ')');
}

/* RFC 3848 1, RFC 6531 4.3 */
static void put_protocol(struct ehlo__sink *out, uint32_t flags)
{
    bool is_lmtp = (flags & EHLO_RECEIVED_LMTP) != 0;

    if ((flags & (EHLO_RECEIVED_ESMTP | EHLO_RECEIVED_LMTP)) == 0) {
        ehlo__put_text(out, "SMTP");
        return;
    }
    if ((flags & EHLO_RECEIVED_UTF8) != 0)
        ehlo__put_text(out, is_lmtp ? "UTF8LMTP" : "UTF8SMTP");
    else
        ehlo__put_text(out, is_lmtp ? "LMTP" : "ESMTP");
    if ((flags & EHLO_RECEIVED_TLS) != 0)
        ehlo__put(out, 'S');
    if ((flags & EHLO_RECEIVED_AUTH) != 0)
        ehlo__put(out, 'A');
}

/* A clause whose value is one word; none if the text is empty */
static void put_word_clause(struct ehlo__sink *out, const char *name, struct ehlo_slice word)
{
    if (word.length == 0)
        return;
    ehlo__put_text(out, RECEIVED_FOLD);
    ehlo__put_text(out, name);
    ehlo__put(out, ' ');
    put_replacing(out, word, EHLO__ATEXT, ".@");
}

static void put_slice(struct ehlo__sink *out, struct ehlo_slice text)
{
    for (size_t i = 0; i < text.length; i++)
        ehlo__put(out, text.data[i]);
}

static void put_for_clause(struct ehlo__sink *out, const struct ehlo_received *received)
{
    uint32_t tolerated = EHLO_ODDITIES_ALL;
    struct ehlo_path path;

    if ((received->flags & EHLO_RECEIVED_UTF8) != 0)
        tolerated |= EHLO_SYNTAX_UTF8;
    if (ehlo_parse_mailbox(received->for_path, tolerated, &path) != EHLO_SYNTAX_OK)
        return;
    ehlo__put_text(out, RECEIVED_FOLD "for <");
    put_slice(out, path.mailbox);
    ehlo__put(out, '>');
}

/* Tells whether each "(" has its ")". */
static bool comments_close(struct ehlo_slice text)
{
    size_t depth = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == ')' && depth-- == 0)
            return false;
        if (text.data[i] == '(')
            depth++;
    }
    return depth == 0;
}

/* date-time; a zone's name may stand behind it as a comment (RFC 5321 4.4) */
static void put_date(struct ehlo__sink *out, struct ehlo_slice date)
{
    put_replacing(out, date, EHLO__LDH, comments_close(cut_text(date)) ? " ,:+()" : " ,:+");
}

/* Time-stamp-line, clauses in the order of the grammar */
static void put_received(struct ehlo__sink *out, const struct ehlo_received *received)
{
    ehlo__put_text(out, "Received: from ");
    if (received->helo.length == 0)
        ehlo__put_text(out, "unknown");
    put_host_name(out, received->helo);
    put_tcp_info(out, received);
    ehlo__put_text(out, RECEIVED_FOLD "by ");
    put_host_name(out, received->by);
    ehlo__put_text(out, " with ");
    put_protocol(out, received->flags);
    put_comment(out, received->with);
    put_word_clause(out, "id", received->id);
    put_for_clause(out, received);
    put_word_clause(out, "tls", received->tls);
    put_word_clause(out, "PRIORITY", received->priority);
    ehlo__put_text(out, ";" RECEIVED_FOLD);
    put_date(out, received->date);
    ehlo__put_text(out, "\r\n");
}

size_t ehlo_format_received(char *buffer, size_t size, const struct ehlo_received *received)
{
    struct ehlo__sink measure = {NULL, 0, 0}, out = {buffer, size, 0};

    if (received == NULL || received->size != sizeof *received || received->by.length == 0 ||
        received->date.length == 0)
        return 0;
    put_received(&measure, received);
    if (measure.length <= size)
        put_received(&out, received);
    return measure.length;
}

/* Return-path-line */
static void put_return_path(struct ehlo__sink *out, struct ehlo_slice mailbox)
{
    ehlo__put_text(out, "Return-Path: <");
    put_slice(out, mailbox);
    ehlo__put_text(out, ">\r\n");
}

size_t ehlo_format_return_path(char *buffer, size_t size, struct ehlo_slice reverse_path)
{
    struct ehlo__sink measure = {NULL, 0, 0}, out = {buffer, size, 0};
    struct ehlo_path path = {.flags = EHLO_PATH_NULL};

    if (reverse_path.length > 0 &&
        ehlo_parse_reverse_path(reverse_path, EHLO_ODDITIES_ALL | EHLO_SYNTAX_UTF8, &path) !=
            EHLO_SYNTAX_OK)
        return 0;
    put_return_path(&measure, path.mailbox);
    if (measure.length <= size)
        put_return_path(&out, path.mailbox);
    return measure.length;
}
