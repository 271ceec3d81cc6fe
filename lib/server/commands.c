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

/* READY stands for FRESH too: HELO is a gate. */
#define CELLS(ready, mail_refused, mail, no_rcpt, rcpt, chunks, failed)                            \
    {[EHLO_STATE_READY] = (ready),                                                                 \
     [EHLO_STATE_MAIL_REFUSED] = (mail_refused), [EHLO_STATE_MAIL] = (mail),                       \
     [EHLO_STATE_NO_RCPT] = (no_rcpt), [EHLO_STATE_RCPT] = (rcpt),                                 \
     [EHLO_STATE_CHUNKS] = (chunks), [EHLO_STATE_CHUNKS_FAILED] = (failed)}
#define ANYWHERE CELLS(YES, YES, YES, YES, YES, YES, YES)
#define OUTSIDE  CELLS(YES, YES, 0, 0, 0, 0, 0)

#define HELO EHLO__NEEDS_HELO
#define EHLO (EHLO__NEEDS_HELO | EHLO__NEEDS_EHLO)
#define LAST EHLO__LAST
#define BARE EHLO__NO_ARGUMENT
#define CASC EHLO__CASCADE
#define FREE (EHLO__BEFORE_TLS | EHLO__BEFORE_AUTH)

#define ALL    (1u << EHLO_MODE_SMTP | 1u << EHLO_MODE_SUBMISSION | 1u << EHLO_MODE_LMTP)
#define LMTP   (1u << EHLO_MODE_LMTP)
#define NOLMTP (ALL & ~LMTP)

const struct ehlo__command_row ehlo__commands[EHLO__VERB_COUNT] = {
    /*           name    gates                      stage             modes   switch, extension */
    /*           handler                 ready refused mail no-rcpt rcpt chunks failed */
    [EHLO__VERB_HELO] = {"HELO", LAST | FREE,       EHLO__STAGE_HELO, NOLMTP, 0, 0,
                 ehlo__helo_read,     ANYWHERE},
    [EHLO__VERB_EHLO] = {"EHLO", LAST | FREE,       EHLO__STAGE_EHLO, NOLMTP, 0, 0,
                 ehlo__ehlo_read,     ANYWHERE},
    [EHLO__VERB_LHLO] = {"LHLO", LAST | FREE,       EHLO__STAGE_EHLO, LMTP,   0, 0,
                 ehlo__lhlo_read,     ANYWHERE},
    [EHLO__VERB_STARTTLS] = {"STARTTLS", LAST | FREE | BARE, EHLO__STAGE_STARTTLS, ALL, 0,
                 EHLO_EXTENSION_STARTTLS,
                 ehlo__starttls_read, OUTSIDE},
    [EHLO__VERB_AUTH] = {"AUTH", HELO | LAST | EHLO__BEFORE_AUTH, EHLO__STAGE_AUTH, ALL, 0,
                 EHLO_EXTENSION_AUTH,
                 ehlo__auth_read,     OUTSIDE},
    [EHLO__VERB_MAIL] = {"MAIL", HELO,              EHLO__STAGE_MAIL, ALL,    0, 0,
                 ehlo__mail_read,     CELLS(YES, YES,     0,   0,      0,   0,     0)},
    [EHLO__VERB_RCPT] = {"RCPT", HELO | CASC,       EHLO__STAGE_RCPT, ALL,    0, 0,
                 ehlo__rcpt_read,     CELLS(0,   CASCADE, YES, YES,    YES, 0,     0)},
    [EHLO__VERB_DATA] = {"DATA", HELO | CASC | LAST | BARE, EHLO__STAGE_DATA, ALL, 0, 0,
                 ehlo__data_read,     CELLS(0,   CASCADE, 0,   NOBODY, YES, 0,     0)},
    [EHLO__VERB_BDAT] = {"BDAT", EHLO | CASC,       EHLO__STAGE_CHUNK, ALL,   0,
                 EHLO_EXTENSION_CHUNKING,
                 ehlo__bdat_read,     CELLS(0,   CASCADE, 0,   NOBODY, YES, YES,   CASCADE)},
    [EHLO__VERB_RSET] = {"RSET", BARE | FREE,       EHLO__STAGE_NONE, ALL,    0, 0,
                 ehlo__rset_read,     ANYWHERE},
    [EHLO__VERB_NOOP] = {"NOOP", LAST | FREE,       EHLO__STAGE_NONE, ALL,    0, 0,
                 ehlo__noop_read,     ANYWHERE},
    [EHLO__VERB_QUIT] = {"QUIT", BARE | FREE,       EHLO__STAGE_NONE, ALL,    0, 0,
                 ehlo__quit_read,     ANYWHERE},
    [EHLO__VERB_VRFY] = {"VRFY", LAST,              EHLO__STAGE_VRFY, ALL,    EHLO_SWITCH_VRFY, 0,
                 ehlo__vrfy_read,     ANYWHERE},
    [EHLO__VERB_EXPN] = {"EXPN", LAST,              EHLO__STAGE_EXPN, ALL,    EHLO_SWITCH_EXPN, 0,
                 ehlo__expn_read,     ANYWHERE},
    [EHLO__VERB_HELP] = {"HELP", LAST | FREE,       EHLO__STAGE_HELP, ALL,    EHLO_SWITCH_HELP, 0,
                 ehlo__help_read,     ANYWHERE},
    [EHLO__VERB_ETRN] = {"ETRN", EHLO | LAST,       EHLO__STAGE_ETRN, ALL,    0,
                 EHLO_EXTENSION_ETRN,
                 ehlo__etrn_read,     OUTSIDE},
    /* A proxy that the host trusts is no client: it need not authenticate. */
    [EHLO__VERB_XCLIENT] = {"XCLIENT", LAST | EHLO__BEFORE_AUTH, EHLO__STAGE_XCLIENT, ALL, 0,
                 EHLO_EXTENSION_XCLIENT,
                 ehlo__xclient_read,  OUTSIDE},
    [EHLO__VERB_XFORWARD] = {"XFORWARD", EHLO__BEFORE_AUTH, EHLO__STAGE_XFORWARD, ALL, 0,
                 EHLO_EXTENSION_XFORWARD,
                 ehlo__xforward_read, OUTSIDE},

    /* known, not offered (RFC 5321 4.2.4, F.1, F.6) */
    [EHLO__VERB_TURN] = {.name = "TURN", .modes = ALL},
    [EHLO__VERB_SEND] = {.name = "SEND", .modes = ALL},
    [EHLO__VERB_SOML] = {.name = "SOML", .modes = ALL},
    [EHLO__VERB_SAML] = {.name = "SAML", .modes = ALL},
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
    const struct ehlo__command_row *row = &ehlo__commands[verb];

    return row->read != NULL && ehlo__verb_exists(s, verb) &&
           (s->config->disabled_verbs & row->verb_switch) == 0 &&
           (row->extension == 0 || ehlo__offers(s, row->extension));
}

bool ehlo__verb_exists(const struct ehlo_server *s, unsigned verb)
{
    return (ehlo__commands[verb].modes & 1u << s->config->mode) != 0;
}

bool ehlo__verb_is_secret(const struct ehlo_server *s, unsigned verb)
{
    const uint32_t extension = ehlo__commands[verb].extension;

    return (extension & (EHLO_EXTENSION_XCLIENT | EHLO_EXTENSION_XFORWARD)) != 0 &&
           !ehlo__offers(s, extension);
}

static void add_verb(struct ehlo_slice *verbs, char list[EHLO__VERB_LIST], const char *verb)
{
    const size_t length = strlen(verb);

    if (verbs->length + 1 + length > EHLO__VERB_LIST)
        return;
    if (verbs->length > 0)
        list[verbs->length++] = ' ';
    memcpy(list + verbs->length, verb, length);
    verbs->length += length;
}

struct ehlo_slice ehlo__list_verbs(const struct ehlo_server *s, char list[EHLO__VERB_LIST])
{
    struct ehlo_slice verbs = {list, 0};

    for (unsigned i = 0; i < EHLO__VERB_COUNT; i++)
        if (ehlo__verb_enabled(s, i))
            add_verb(&verbs, list, ehlo__commands[i].name);
    for (const struct ehlo_verb *row = s->config->verbs; row != NULL && row->verb != NULL; row++)
        add_verb(&verbs, list, row->verb);
    return verbs;
}
