/*
 * Limits, of the server, a domain or an account, and what the server alone has.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reader.h"
#include "srs.h"

#include <stddef.h>
#include <string.h>

/* The engine's (ehlo/server.h). */
#define SERVER_MESSAGE_MIN 65536

void take_server_number(struct reader *reader, struct said *said)
{
    uint32_t number;

    if (reader_number(reader, said->words[0], UINT32_MAX, &number))
        memcpy((char *)reader->policy + said->detail, &number, sizeof number);
}

void take_size(struct reader *reader, struct said *said)
{
    bool is_engines =
        reader->place == IN_SERVER && said->detail == offsetof(struct limits, max_size);
    uint64_t size;

    if (reader_size(reader, said->words[0], is_engines ? SERVER_MESSAGE_MIN : 1, &size))
        memcpy((char *)reader->limits + said->detail, &size, sizeof size);
}

void take_daily_limit(struct reader *reader, struct said *said)
{
    reader_number(reader, said->words[0], UINT32_MAX, &reader->limits->daily_limit);
}

/* A word that is wrong leaves 0, "unsaid". */
void take_unknown(struct reader *reader, struct said *said)
{
    static const char *const names[] = {"reject", "accept", NULL}; /* enum unknown, from 1 on */

    reader->limits->unknown =
        (uint8_t)(reader_choose(reader, names, UINT32_MAX, said->words[0]) + 1);
}

void take_full(struct reader *reader, struct said *said)
{
    static const char *const names[] = {"permanent", "temporary", NULL}; /* enum full */

    reader->limits->full = (uint8_t)(reader_choose(reader, names, UINT32_MAX, said->words[0]) + 1);
}

void take_local_only(struct reader *reader, struct said *said)
{
    (void)said;
    reader->limits->local_only = 1;
}

void take_disable(struct reader *reader, struct said *said)
{
    static const char *const names[] = {"vrfy", "expn", "help", "etrn",
                                        NULL}; /* enum ehlo_switch */

    for (size_t i = 0; i < said->count; i++) {
        int place = reader_choose(reader, names, UINT32_MAX, said->words[i]);

        if (place == 3)
            reader->policy->no_etrn = true;
        else if (place >= 0)
            reader->policy->disabled_verbs |= 1u << place;
    }
}

void take_srs_secret(struct reader *reader, struct said *said)
{
    if (said->words[0][0] == '\0')
        reader_wrong(reader, "expected a secret that is not empty");
    else if (!srs_is_built())
        reader_wrong(reader, "expected a program with OpenSSL: this one is built without it");
    else
        reader->policy->srs_secret = said->words[0];
}
