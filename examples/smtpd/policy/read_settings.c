/*
 * The settings of the policy file: a row each.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/syntax.h"
#include "reader.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define BIT(number)       (1u << (number))
#define RULES             (IN_SERVER | IN_ACCOUNT)
#define LIMITS            (IN_SERVER | IN_DOMAIN | IN_ACCOUNT)
#define OF_LIMITS(member) offsetof(struct limits, member)
#define OF_POLICY(member) offsetof(struct policy, member)
#define MANY              (READER_WORDS - 1)
#define FILTER_ENDS       (BIT(WITH) | BIT(WAIT))
#define FILTER_FORM       " SOCKET [wait SECONDS] [with REPLY]"

/* Of a row. */
#define ONCE   1u /* in a section */
#define SECRET 2u /* what stands near it may be a password */

static const struct row {
    const char *name;
    uint32_t places; /* enum place */
    uint32_t flags;
    uint8_t least, most; /* words, without endings */
    uint32_t endings;
    const char *form; /* what is expected behind the name */
    reader_taker *take;
    size_t detail;
} rows[] = {
    {"accept", RULES, 0, 2, 2, 0, " SUBJECT VALUE", take_rule, 1},
    {"refuse", RULES, 0, 2, 2, BIT(WITH) | BIT(AT), " SUBJECT VALUE [at STAGE] [with REPLY]",
     take_rule, 0},
    {"bypass", IN_SERVER, 0, 2, MANY, 0, " SUBJECT VALUE [WHAT ...]", take_bypass, 0},
    {"max-connections", IN_SERVER, ONCE, 1, 1, 0, " NUMBER", take_server_number,
     OF_POLICY(max_connections)},
    {"require", IN_SERVER, 0, 1, 1, BIT(WITH) | BIT(AT), " WHAT [at STAGE] [with REPLY]",
     take_require, 0},
    {"dnsbl", IN_SERVER, 0, 2, 2, BIT(WITH) | BIT(AT) | BIT(ANSWER),
     " peer|sender ZONE [answer NETWORK] [at STAGE] [with REPLY]", take_dnsbl, 0},
    {"relay", IN_SERVER, 0, 1, 2, 0, " authenticated|peer NETWORK", take_relay, 0},
    {"max-size", LIMITS, ONCE, 1, 1, 0, " SIZE", take_size, OF_LIMITS(max_size)},
    {"quota", LIMITS, ONCE, 1, 1, 0, " SIZE", take_size, OF_LIMITS(quota)},
    {"soft-quota", LIMITS, ONCE, 1, 1, 0, " SIZE", take_size, OF_LIMITS(soft_quota)},
    {"daily-limit", LIMITS, ONCE, 1, 1, 0, " NUMBER", take_daily_limit, 0},
    {"full-mailbox", LIMITS, ONCE, 1, 1, 0, " permanent|temporary", take_full, 0},
    {"local-only", IN_DOMAIN | IN_ACCOUNT, ONCE, 0, 0, 0, "", take_local_only, 0},
    {"unknown-accounts", IN_SERVER | IN_DOMAIN, ONCE, 1, 1, 0, " reject|accept", take_unknown, 0},
    {"max-hops", IN_SERVER, ONCE, 1, 1, 0, " NUMBER", take_server_number, OF_POLICY(max_hops)},
    {"disable", IN_SERVER, 0, 1, MANY, 0, " VERB ...", take_disable, 0},
    {"srs-secret", IN_SERVER, ONCE | SECRET, 1, 1, 0, " SECRET", take_srs_secret, 0},
    {"clamd", IN_SERVER, 0, 1, 1, FILTER_ENDS, FILTER_FORM, take_filter, FILTER_CLAMD},
    {"spamd", IN_SERVER, 0, 1, 1, FILTER_ENDS, FILTER_FORM, take_filter, FILTER_SPAMD},
    {"rspamd", IN_SERVER, 0, 1, 1, FILTER_ENDS, FILTER_FORM, take_filter, FILTER_RSPAMD},
    {"milter", IN_SERVER, 0, 1, 1, FILTER_ENDS, FILTER_FORM, take_filter, FILTER_MILTER},
    {"filter", IN_SERVER, 0, 1, 1, FILTER_ENDS, " COMMAND [wait SECONDS] [with REPLY]", take_filter,
     FILTER_PROGRAM},
    {"password", IN_ACCOUNT, ONCE | SECRET, 1, 1, 0, " PASSWORD", take_password, 0},
    {"no-mailbox", IN_ACCOUNT, ONCE, 0, 0, 0, "", take_no_mailbox, 0},
    {"forward", IN_ACCOUNT, 0, 1, 1, 0, " ADDRESS", take_forward, 0},
    {"member", IN_LIST, 0, 1, 1, 0, " ADDRESS", take_member, 0},
    {"domain", ANYWHERE, 0, 1, 1, 0, " NAME", take_domain, 0},
    {"account", ANYWHERE, SECRET, 1, 1, 0, " ADDRESS", take_account, 0},
    {"list", ANYWHERE, 0, 1, 1, 0, " ADDRESS", take_list, 0},
};

#define ROWS (sizeof rows / sizeof *rows)

_Static_assert(ROWS <= READER_SETTINGS, "each setting has a line in the reader");

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (ehlo_same_text(ehlo_text(rows[i].name), ehlo_text(name)))
            return &rows[i];
    return NULL;
}

/* The name may have grown together with a password ("password=..."): only letters are shown. */
static void say_no_setting(struct reader *reader, const char *name, const struct row *row)
{
    const char *place = reader->place == IN_SERVER    ? "the server"
                        : reader->place == IN_DOMAIN  ? "a domain"
                        : reader->place == IN_ACCOUNT ? "an account"
                                                      : "a list";
    size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");
    char text[1024] = "";
    size_t length = 0;

    for (size_t i = 0; i < ROWS && length < sizeof text; i++)
        if ((rows[i].places & reader->place) != 0)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%s",
                                       length > 0 ? ", " : "", rows[i].name);
    if (row == NULL && reader->quiet)
        reader_wrong(reader, "there is no such setting of %s; expected one of %s", place, text);
    else
        reader_wrong(reader, "\"%.*s%s\" is no setting of %s; expected %sone of %s",
                     letters > 32 ? 32 : (int)letters, name, name[letters] == '\0' ? "" : "...",
                     place,
                     row != NULL && (row->places & IN_SERVER) != 0
                         ? "it above the first domain, account and list, or here "
                         : "",
                     text);
}

/* Pairs of a name and a word. */
static bool read_endings(const struct row *row, char **words, size_t count, struct said *said)
{
    static const char *const names[ENDINGS] = {"with", "at", "answer", "wait"};

    for (size_t i = 0; i < count; i += 2) {
        size_t ending = 0;

        while (ending < ENDINGS && !ehlo_same_text(ehlo_text(names[ending]), ehlo_text(words[i])))
            ending++;
        if (ending == ENDINGS || (row->endings & BIT(ending)) == 0 || i + 1 == count ||
            said->ending[ending] != NULL)
            return false;
        said->ending[ending] = words[i + 1];
    }
    return true;
}

static bool has_form(const struct row *row, char **words, size_t count, struct said *said)
{
    said->words = words;
    said->count = count < row->most ? count : row->most;
    said->detail = row->detail;
    return count >= row->least && read_endings(row, words + said->count, count - said->count, said);
}

static void say_form(struct reader *reader, const struct row *row, size_t count)
{
    reader_wrong(reader, "expected: %s%s%s", row->name, row->form,
                 count > row->most && row->most > 0 ? "; a value with blanks stands in quotes"
                                                    : "");
}

void reader_take_line(struct reader *reader, char **words, size_t count)
{
    const struct row *row = find_row(words[0]);
    unsigned errors = reader->errors, *line;
    struct said said = {0};

    if (row == NULL || (row->places & reader->place) == 0) {
        say_no_setting(reader, words[0], row);
        return;
    }
    reader->setting = row->name;
    line = &reader->lines[row - rows];
    if ((row->flags & ONCE) != 0 && *line > 0)
        reader_wrong(reader, "expected once: it stands in line %u, too", *line);
    else if (!has_form(row, words + 1, count - 1, &said))
        say_form(reader, row, count - 1);
    else
        row->take(reader, &said);
    if ((row->flags & ONCE) != 0 && *line == 0)
        *line = reader->line;
    reader->quiet = (row->flags & SECRET) != 0 && reader->errors > errors;
}
