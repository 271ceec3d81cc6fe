/*
 * What the log hears: the end of each transaction and connection, and with --trace all that is
 * said.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "policy/checks.h"
#include "trace.h"
#include "visit.h"

#include <stdio.h>
#include <string.h>

static const char *const outcomes[] = {
    [EHLO_OUTCOME_TAKEN] = "taken",
    [EHLO_OUTCOME_PARTLY] = "partly taken",
};

void report_done(const struct ehlo_server *s, const struct visit *visit,
                 const struct ehlo_done *done)
{
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    int length = (int)visit->sender_length;
    bool quiet = visit->options->quiet;
    bool taken = done->outcome == EHLO_OUTCOME_TAKEN || done->outcome == EHLO_OUTCOME_PARTLY;

    ehlo_server_info(s, &info);
    if (!quiet && taken)
        trace_note(visit->number, "%s: from <%.*s>, %lu recipients, %llu octets, %s%s%.*s",
                   outcomes[done->outcome], length, visit->sender, (unsigned long)done->taken,
                   (unsigned long long)done->octets, visit->delivery.name,
                   info.identity.length > 0 ? ", by " : "", (int)info.identity.length,
                   info.identity.length > 0 ? info.identity.data : "");
    if (!quiet && done->outcome == EHLO_OUTCOME_REFUSED)
        trace_note(visit->number, "refused: from <%.*s>: %s", length, visit->sender, visit->reply);
}

static void on_trace(struct ehlo_server *s, const struct ehlo_trace *trace, void *user)
{
    struct visit *visit = user;

    (void)s;
    if (trace->reason == EHLO_TRACE_REPLY && trace->number == EHLO_REPLY_AUTH_INVALID)
        report_refusal(visit, "AUTH failed");
    if (trace->reason == EHLO_TRACE_REPLY) {
        size_t length = 0;

        while (length < trace->text.length && length < sizeof visit->reply - 1 &&
               trace->text.data[length] != '\r')
            length++;
        memcpy(visit->reply, trace->text.data, length);
        visit->reply[length] = '\0';
    }
    if (visit->options->trace)
        trace_dialogue(visit->number, trace);
}

void report_close(const struct ehlo_server *s, const struct visit *visit, enum ehlo_cause cause)
{
    static const char *const causes[] = {
        [EHLO_CAUSE_QUIT] = "QUIT",
        [EHLO_CAUSE_EOF] = "end of input",
        [EHLO_CAUSE_DISCONNECTED] = "connection lost",
        [EHLO_CAUSE_TIMEOUT] = "time-out",
        [EHLO_CAUSE_SHUTDOWN] = "shutdown",
        [EHLO_CAUSE_LIMIT] = "a limit",
        [EHLO_CAUSE_PROTOCOL] = "no SMTP",
        [EHLO_CAUSE_HOST] = "refused",
        [EHLO_CAUSE_TLS] = "no TLS",
    };
    struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
    size_t count = sizeof causes / sizeof *causes;

    if (visit->options->quiet)
        return;
    ehlo_server_info(s, &info);
    trace_note(visit->number, "closed: %s, %s, %lu messages", visit->address,
               (size_t)cause < count && causes[cause] != NULL ? causes[cause] : "?",
               (unsigned long)info.messages);
}

void report_refusal(const struct visit *visit, const char *why)
{
    if (!visit->options->quiet)
        trace_note(visit->number, "%s: %s", visit->address, why);
}

/* Where a line of the policy refuses, it is named. */
void report_decision(const struct decision *decision, struct ehlo_reply reply)
{
    static const char *const stages[] = {
        [AT_CONNECT] = "connection", [AT_HELO] = "HELO", [AT_AUTH] = "AUTH",
        [AT_MAIL] = "MAIL",          [AT_RCPT] = "RCPT", [AT_MESSAGE] = "message"};
    const struct visit *visit = decision->visit;
    const struct recipient *recipient = decision->recipient;
    struct ehlo_slice about = recipient != NULL ? recipient->path.whole : ehlo_text("");
    char words[EHLO_REPLY_LINE_MAX], line[32] = "";
    size_t length;

    if (visit->options->quiet)
        return;
    ehlo_reply_resolve(&reply, visit->options->config.codes);
    length = ehlo_format_reply(words, sizeof words, &reply, EHLO_FORMAT_ENHANCED);
    length -= length >= 2 ? 2 : 0; /* CR LF */
    if (decision->line > 0)
        snprintf(line, sizeof line, ", policy:%u", decision->line);
    trace_note(visit->number, "refused at %s: %s%s%.*s: %.*s%s", stages[decision->stage],
               visit->address, about.length > 0 ? ", " : "", (int)about.length,
               about.length > 0 ? about.data : "", (int)length, words, line);
}

void report_tls(const struct visit *visit)
{
    const struct ehlo_tls *tls = &visit->tls;

    if (!visit->options->quiet)
        trace_note(visit->number, "TLS: %.*s, %.*s", (int)tls->version.length, tls->version.data,
                   (int)tls->cipher.length, tls->cipher.data);
}

void report_set_hooks(struct ehlo_server_config *config)
{
    config->on_trace = on_trace;
}
