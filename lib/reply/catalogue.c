/*
 * The rows of the reply catalogue, packed, and the walk over them (RFC 5321 4.2, RFC 3463 2).
 * Their words for the operator are in prose.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"

/* No row leaves its number: the numbers are part of the ABI. */
#define E(subject, detail) 1
#define NONE               1
#define ROW(number, name, t, te, r, re, phrase)                                                    \
    _Static_assert(EHLO_REPLY_##name == (number), "number of " #name);
#include "catalogue.def"

/* Subject and detail share an octet: 16 details for the subjects 0 to 6, the rest for subject 7. */
#define PACKED_NONE 255

#define E(subject, detail)                                                                         \
    ((subject) < 7 ? (detail) < 16 : (subject) == 7 && (detail) < PACKED_NONE - 7 * 16)
#define NONE 1
#define ROW(number, name, t, te, r, re, phrase)                                                    \
    _Static_assert((te) && (re), "enhanced code of " #name " does not fit");
#include "catalogue.def"

struct packed_row {
    const char *phrase;
    uint16_t id;
    uint16_t code[2];
    uint8_t enhanced[2];
};

#define E(subject, detail)                      ((subject)*16 + (detail))
#define NONE                                    PACKED_NONE
#define ROW(number, name, t, te, r, re, phrase) {phrase, number, {t, r}, {te, re}},
static const struct packed_row packed_rows[] = {
#include "catalogue.def"
};

/* Where the row of an id stands, counted from 1; 0: no such id. */
#define ROW(number, name, t, te, r, re, phrase) POSITION_##name,
enum position {
    POSITION_NONE,
#include "catalogue.def"
    POSITIONS
};
_Static_assert(POSITIONS <= UINT8_MAX, "positions do not fit");

#define ROW(number, name, t, te, r, re, phrase) [number] = POSITION_##name,
static const uint8_t positions[] = {
#include "catalogue.def"
};

#define IDS (sizeof positions / sizeof *positions)

static struct ehlo_enhanced unpack(uint16_t code, uint8_t packed)
{
    struct ehlo_enhanced enhanced = {0, 0, 0, 0};
    unsigned subject = packed / 16u < 7 ? packed / 16u : 7;

    if (packed == PACKED_NONE)
        return enhanced;
    enhanced.klass = (uint8_t)(code / 100);
    enhanced.subject = (uint16_t)subject;
    enhanced.detail = (uint16_t)(packed - subject * 16);
    return enhanced;
}

bool ehlo_reply_row(unsigned id, struct ehlo_reply_row *row)
{
    const struct packed_row *packed;

    if (id >= IDS || positions[id] == POSITION_NONE)
        return false;
    packed = &packed_rows[positions[id] - 1];
    row->id = packed->id;
    row->phrase = packed->phrase;
    for (size_t set = 0; set < 2; set++) {
        row->code[set] = packed->code[set];
        row->enhanced[set] = unpack(packed->code[set], packed->enhanced[set]);
    }
    return true;
}

unsigned ehlo_reply_next(unsigned id)
{
    while (id < IDS - 1)
        if (positions[++id] != POSITION_NONE)
            return id;
    return 0;
}
