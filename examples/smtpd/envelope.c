/*
 * The fields. RFC 3461 (DSN), 6152 and 3030 (BODY), 4954 (AUTH), 2852 (BY), 4865 (HOLD), 6710
 * (MT-PRIORITY), 8689 (REQUIRETLS), 7293 (RRVS), 6531 (SMTPUTF8).
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "envelope.h"

#include <stdio.h>
#include <time.h>

/* Octets of a line after which it is folded; RFC 5322 2.1.1 allows 998. */
#define LINE_PART 900

/*
 * A control octet, which no parameter should have, must not end the line, and a fold must not come
 * amid a character of UTF-8.
 */
static void add_escaped(struct text *out, size_t *line, struct ehlo_slice value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char octet = (unsigned char)value.data[i];

        if (out->length - *line >= LINE_PART && (octet & 0xc0) != 0x80) {
            text_add(out, "\r\n\t");
            *line = out->length - 1;
        }
        text_add(out, octet < ' ' || octet == 0x7f ? "\\x%02x" : "%c", octet);
    }
}

/* X-Envelope-Name: <recipient>; value */
static void add_field(struct text *out, const char *name, const struct ehlo_path *recipient,
                      struct ehlo_slice value)
{
    size_t line = out->length; /* where its last line begins */

    if (value.length == 0)
        return;
    text_add(out, "X-Envelope-%s: ", name);
    if (recipient != NULL) {
        text_add(out, "<");
        add_escaped(out, &line, recipient->mailbox);
        text_add(out, ">; ");
    }
    add_escaped(out, &line, value);
    text_add(out, "\r\n");
}

/* A time as RFC 3339 has it. */
static struct ehlo_slice write_time(char buffer[32], int64_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm utc;

    if (gmtime_r(&moment, &utc) == NULL)
        return ehlo_text("?");
    strftime(buffer, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return ehlo_text(buffer);
}

static struct ehlo_slice write_number(char buffer[32], long number)
{
    snprintf(buffer, 32, "%ld", number);
    return ehlo_text(buffer);
}

static void add_flag(struct text *out, const char *name, bool set)
{
    add_field(out, name, NULL, ehlo_text(set ? "yes" : ""));
}

static void add_delivery(struct text *out, const struct ehlo_mail *mail)
{
    char buffer[32];

    if (mail->by.mode != EHLO_BY_NONE) {
        snprintf(buffer, sizeof buffer, "%ld;%s%s", (long)mail->by.seconds,
                 mail->by.mode == EHLO_BY_RETURN ? "R" : "N", mail->by.trace ? "T" : "");
        add_field(out, "By", NULL, ehlo_text(buffer));
    }
    if (mail->hold_for > 0)
        add_field(out, "Hold-For", NULL, write_number(buffer, (long)mail->hold_for));
    if (mail->hold_until > 0)
        add_field(out, "Hold-Until", NULL, write_time(buffer, mail->hold_until));
    if (mail->priority != 0)
        add_field(out, "Priority", NULL, write_number(buffer, (long)mail->priority));
}

void envelope_add_mail(struct text *out, const struct ehlo_mail *mail)
{
    static const char *const bodies[] = {
        [EHLO_BODY_NONE] = "",
        [EHLO_BODY_7BIT] = "7BIT",
        [EHLO_BODY_8BIT] = "8BITMIME",
        [EHLO_BODY_BINARY] = "BINARYMIME",
    };
    static const char *const rets[] = {
        [EHLO_RET_NONE] = "", [EHLO_RET_FULL] = "FULL", [EHLO_RET_HDRS] = "HDRS"};

    add_field(out, "Id", NULL, mail->envid);
    add_field(out, "Ret", NULL, ehlo_text(rets[mail->ret]));
    add_field(out, "Body", NULL, ehlo_text(bodies[mail->body]));
    add_field(out, "Auth", NULL, mail->auth);
    add_delivery(out, mail);
    add_flag(out, "Requiretls", (mail->flags & EHLO_MAIL_REQUIRETLS) != 0);
    add_flag(out, "Utf8", (mail->flags & EHLO_MAIL_UTF8) != 0);
}

/* The bits of NOTIFY= as they were sent. */
static struct ehlo_slice write_notify(char buffer[32], uint32_t notify)
{
    static const char *const words[] = {"NEVER", "SUCCESS", "FAILURE", "DELAY"};
    int length = 0;

    buffer[0] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((notify & 1u << i) != 0)
            length += snprintf(buffer + length, 32 - (size_t)length, "%s%s", length > 0 ? "," : "",
                               words[i]);
    return ehlo_text(buffer);
}

/* Adds a field with a value that was put together for it, and frees that. */
static void add_value(struct text *out, const char *name, const struct ehlo_path *recipient,
                      struct text *value)
{
    add_field(out, name, recipient, (struct ehlo_slice){value->data, value->length});
    out->lost = out->lost || value->lost;
    text_free(value);
}

void envelope_add_rcpt(struct text *out, const struct ehlo_rcpt *rcpt)
{
    const struct ehlo_path *path = &rcpt->path;
    struct text value = {0};
    char buffer[32];

    add_field(out, "Notify", path, write_notify(buffer, rcpt->notify));
    if (rcpt->orcpt.form != EHLO_ORCPT_NONE) {
        text_add(&value, "%.*s;%.*s", (int)rcpt->orcpt.type.length, rcpt->orcpt.type.data,
                 (int)rcpt->orcpt.address.length, rcpt->orcpt.address.data);
        add_value(out, "Orcpt", path, &value);
    }
    if (rcpt->rrvs.action == EHLO_RRVS_NONE)
        return;
    text_add(&value, "%s", write_time(buffer, rcpt->rrvs.since).data);
    if (rcpt->rrvs.given)
        text_add(&value, rcpt->rrvs.action == EHLO_RRVS_CONTINUE ? ";C" : ";R");
    add_value(out, "Rrvs", path, &value);
}
