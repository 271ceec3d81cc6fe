/*
 * The lines accept, refuse and bypass.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "reader.h"

#include <string.h>

static const char *const subject_names[] = {"peer", "helo", "sender", "recipient", "header", NULL};

#define BIT(number) (1u << (number))

/* What an account may have rules about: the rest is not one recipient's. */
#define SUBJECTS_OF_ACCOUNT (BIT(OF_PEER) | BIT(OF_HELO) | BIT(OF_SENDER))

static const struct {
    uint32_t stages;
    enum stage stage;    /* if none is said */
    const char *octets;  /* a pattern without one of them fits nothing; NULL: any fits */
    const char *example; /* of a pattern */
    uint16_t reply[AT_MESSAGE + 1];
} subjects[] = {
    [OF_PEER] = {BIT(AT_CONNECT) | BIT(AT_HELO) | BIT(AT_MAIL) | BIT(AT_RCPT),
                 AT_CONNECT,
                 NULL,
                 NULL,
                 {[AT_CONNECT] = EHLO_REPLY_CONNECTION_DENIED,
                  [AT_HELO] = EHLO_REPLY_ACCESS_NOT_ALLOWED,
                  [AT_MAIL] = EHLO_REPLY_ACCESS_NOT_ALLOWED,
                  [AT_RCPT] = EHLO_REPLY_ACCESS_NOT_ALLOWED}},
    [OF_HELO] = {BIT(AT_HELO) | BIT(AT_MAIL) | BIT(AT_RCPT),
                 AT_HELO,
                 NULL,
                 "*.dynamic.example",
                 {[AT_HELO] = EHLO_REPLY_ACCESS_DENIED_BY_RULE,
                  [AT_MAIL] = EHLO_REPLY_ACCESS_DENIED_BY_RULE,
                  [AT_RCPT] = EHLO_REPLY_ACCESS_DENIED_BY_RULE}},
    [OF_SENDER] = {BIT(AT_MAIL) | BIT(AT_RCPT) | BIT(AT_MESSAGE),
                   AT_MAIL,
                   "@*?",
                   "*@spam.example",
                   {[AT_MAIL] = EHLO_REPLY_ACCESS_NOT_ALLOWED,
                    [AT_RCPT] = EHLO_REPLY_ACCESS_DENIED_BY_RULE,
                    [AT_MESSAGE] = EHLO_REPLY_REJECTED_BY_RULE}},
    [OF_RECIPIENT] = {BIT(AT_RCPT),
                      AT_RCPT,
                      "@*?",
                      "decoy@example.com",
                      {[AT_RCPT] = EHLO_REPLY_ACCESS_DENIED_BY_RULE}},
    [OF_HEADER] = {BIT(AT_MESSAGE),
                   AT_MESSAGE,
                   ":*?",
                   "\"Subject: *lottery*\"",
                   {[AT_MESSAGE] = EHLO_REPLY_REJECTED_BY_RULE}},
};

/* The empty pattern is that of the empty sender, "<>" the way to write it in SMTP. */
static bool read_pattern(struct reader *reader, enum subject subject, char *word, char **pattern)
{
    const char *octets = subjects[subject].octets;
    bool fits = octets == NULL ? *word != '\0' : strpbrk(word, octets) != NULL;

    *pattern = word;
    if ((fits && *word != '<') || (*word == '\0' && subject == OF_SENDER))
        return true;
    reader_wrong(reader, "expected a pattern such as %s, not \"%s\"", subjects[subject].example,
                 reader_shown(word).text);
    return false;
}

/* "peer 192.0.2.0/24", or "sender *@spam.example". */
struct match {
    enum subject subject;
    struct network network;
    char *pattern;
};

static bool read_match(struct reader *reader, char **words, uint32_t allowed, struct match *match)
{
    int place = reader_choose(reader, subject_names, allowed, words[0]);

    if (place < 0)
        return false;
    *match = (struct match){.subject = (enum subject)place};
    return match->subject == OF_PEER
               ? reader_network(reader, words[1], &match->network)
               : read_pattern(reader, match->subject, words[1], &match->pattern);
}

static void add_rule(struct reader *reader, const struct rule *values)
{
    struct rule ***end = reader->place == IN_ACCOUNT ? &reader->own_rule_end : &reader->rule_end;
    struct rule *rule = reader_take(reader, sizeof *rule);

    if (rule == NULL)
        return;
    *rule = *values;
    rule->line = reader->line;
    **end = rule;
    *end = &rule->next;
}

void take_rule(struct reader *reader, struct said *said)
{
    bool own = reader->place == IN_ACCOUNT;
    struct rule rule = {.accept = said->detail != 0};
    struct match match;

    if (!read_match(reader, said->words, own ? SUBJECTS_OF_ACCOUNT : UINT32_MAX, &match))
        return;
    rule.subject = match.subject;
    rule.network = match.network;
    rule.pattern = match.pattern;
    rule.stage = own ? AT_RCPT : subjects[match.subject].stage;
    if (!reader_stage(reader, said, own ? BIT(AT_RCPT) : subjects[match.subject].stages,
                      &rule.stage))
        return;
    rule.reply = own ? EHLO_REPLY_ACCESS_DENIED_BY_RULE : subjects[match.subject].reply[rule.stage];
    if (reader_reply(reader, said, rule.stage, &rule.reply))
        add_rule(reader, &rule);
}

static struct bypass *add_bypass(struct reader *reader, const struct match *match)
{
    struct bypass *bypass = reader_take(reader, sizeof *bypass);

    if (bypass == NULL)
        return NULL;
    bypass->subject = match->subject;
    bypass->network = match->network;
    bypass->pattern = match->pattern;
    *reader->bypass_end = bypass;
    reader->bypass_end = &bypass->next;
    return bypass;
}

void take_bypass(struct reader *reader, struct said *said)
{
    /* In the order of enum spared. */
    static const char *const names[] = {"helo", "connections", "rules", "dns", "virus",
                                        "spam", "filters",     "auth",  NULL};
    uint32_t allowed = SPARES_ALL, spared = 0;
    struct bypass *bypass;
    struct match match;

    if (!read_match(reader, said->words, BIT(OF_PEER) | BIT(OF_SENDER) | BIT(OF_RECIPIENT), &match))
        return;
    if (match.subject != OF_PEER) /* over when an address is told, or anybody could tell it */
        allowed &= ~(uint32_t)(SPARES_HELO | SPARES_CONNECTIONS | SPARES_AUTH);
    for (size_t i = 2; i < said->count; i++) {
        int place = reader_choose(reader, names, allowed, said->words[i]);

        if (place < 0)
            return;
        spared |= BIT(place);
    }
    bypass = add_bypass(reader, &match);
    if (bypass != NULL)
        bypass->spared = said->count == 2 ? allowed : spared;
}
