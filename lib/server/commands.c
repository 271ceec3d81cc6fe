/*
 * The commands as data: verb x state, gates and handlers (RFC 5321 4.1.4, 4.3.2). Legality is
 * decided here and nowhere else; a cell that is not written refuses with BAD_SEQUENCE.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

/* A table is read by its columns. */
/* clang-format off */

#define YES     EHLO__ALLOWED
#define CASCADE (EHLO_REPLY_BAD_SEQUENCE | EHLO__NO_POINT)        /* RFC 2920 3.2 (8) */
#define NOBODY  (EHLO_REPLY_NO_VALID_RECIPIENTS | EHLO__NO_POINT) /* RFC 2920 3.2 (3) */

#define CELLS(fresh, ready, mail_refused, mail, no_rcpt, rcpt)                                     \
    {[EHLO_STATE_FRESH] = (fresh), [EHLO_STATE_READY] = (ready),                                   \
     [EHLO_STATE_MAIL_REFUSED] = (mail_refused), [EHLO_STATE_MAIL] = (mail),                       \
     [EHLO_STATE_NO_RCPT] = (no_rcpt), [EHLO_STATE_RCPT] = (rcpt)}
#define ANYWHERE CELLS(YES, YES, YES, YES, YES, YES)

#define HELO EHLO__NEEDS_HELO
#define LAST EHLO__LAST
#define BARE EHLO__NO_ARGUMENT
#define CASC EHLO__CASCADE

const struct ehlo__command_row ehlo__commands[EHLO__VERB_COUNT] = {
    /*                   name    gates                      stage             switch */
    /*                   handler                fresh ready mail-refused mail no-rcpt rcpt */
    [EHLO__VERB_HELO] = {"HELO", LAST,                      EHLO__STAGE_HELO, 0,
                         ehlo__helo_read, ANYWHERE},
    [EHLO__VERB_EHLO] = {"EHLO", LAST,                      EHLO__STAGE_EHLO, 0,
                         ehlo__ehlo_read, ANYWHERE},
    [EHLO__VERB_MAIL] = {"MAIL", HELO,                      EHLO__STAGE_MAIL, 0,
                         ehlo__mail_read, CELLS(0,    YES,  YES,         0,   0,      0)},
    [EHLO__VERB_RCPT] = {"RCPT", HELO | CASC,               EHLO__STAGE_RCPT, 0,
                         ehlo__rcpt_read, CELLS(0,    0,    CASCADE,     YES, YES,    YES)},
    [EHLO__VERB_DATA] = {"DATA", HELO | CASC | LAST | BARE, EHLO__STAGE_DATA, 0,
                         ehlo__data_read, CELLS(0,    0,    CASCADE,     0,   NOBODY, YES)},
    [EHLO__VERB_RSET] = {"RSET", BARE,                      EHLO__STAGE_NONE, 0,
                         ehlo__rset_read, ANYWHERE},
    [EHLO__VERB_NOOP] = {"NOOP", LAST,                      EHLO__STAGE_NONE, 0,
                         ehlo__noop_read, ANYWHERE},
    [EHLO__VERB_QUIT] = {"QUIT", BARE,                      EHLO__STAGE_NONE, 0,
                         ehlo__quit_read, ANYWHERE},
    [EHLO__VERB_VRFY] = {"VRFY", LAST,                      EHLO__STAGE_VRFY, EHLO_SWITCH_VRFY,
                         ehlo__vrfy_read, ANYWHERE},
    [EHLO__VERB_EXPN] = {"EXPN", LAST,                      EHLO__STAGE_EXPN, EHLO_SWITCH_EXPN,
                         ehlo__expn_read, ANYWHERE},
    [EHLO__VERB_HELP] = {"HELP", LAST,                      EHLO__STAGE_HELP, EHLO_SWITCH_HELP,
                         ehlo__help_read, ANYWHERE},

    /* known, not offered (RFC 5321 4.2.4, F.1, F.6) */
    [EHLO__VERB_STARTTLS] = {.name = "STARTTLS"},
    [EHLO__VERB_AUTH] = {.name = "AUTH"},
    [EHLO__VERB_BDAT] = {.name = "BDAT"},
    [EHLO__VERB_ETRN] = {.name = "ETRN"},
    [EHLO__VERB_TURN] = {.name = "TURN"},
    [EHLO__VERB_SEND] = {.name = "SEND"},
    [EHLO__VERB_SOML] = {.name = "SOML"},
    [EHLO__VERB_SAML] = {.name = "SAML"},
};

/* clang-format on */

unsigned ehlo__find_verb(struct ehlo_slice verb)
{
    const char first = verb.length > 0 ? verb.data[0] & ~0x20 : '\0'; /* names are in upper case */

    for (unsigned i = 0; i < EHLO__VERB_COUNT; i++)
        if (ehlo__commands[i].name[0] == first &&
            ehlo_same_text(verb, ehlo_text(ehlo__commands[i].name)))
            return i;
    return EHLO__VERB_UNKNOWN;
}

bool ehlo__verb_enabled(const struct ehlo_server *s, unsigned verb)
{
    return ehlo__commands[verb].read != NULL &&
           (s->config->disabled_verbs & ehlo__commands[verb].verb_switch) == 0;
}

struct ehlo_slice ehlo__list_verbs(const struct ehlo_server *s, char list[EHLO__VERB_LIST])
{
    struct ehlo_slice verbs = {list, 0};

    for (unsigned i = 0; i < EHLO__VERB_COUNT; i++) {
        const size_t length = strlen(ehlo__commands[i].name);

        if (!ehlo__verb_enabled(s, i))
            continue;
        if (verbs.length > 0)
            list[verbs.length++] = ' ';
        memcpy(list + verbs.length, ehlo__commands[i].name, length);
        verbs.length += length;
    }
    return verbs;
}
