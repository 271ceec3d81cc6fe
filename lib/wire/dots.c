/*
 * The content of a message after 354: a leading dot of a line is removed, and CR LF . CR LF ends
 * the content (RFC 5321 4.5.2, 4.1.1.4; bare CR and LF: 2.3.8). Plain text goes through in long
 * runs, looked at a machine word at a time; every other octet goes through the machine.
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/dots.h"

#include <string.h>

/* What is held was taken and is not handed out before the next octet tells what it was. */
enum dots_state {
    LINE_START,  /* nothing of the line was taken */
    WITHIN_LINE, /* something was, and nothing is held */
    HELD_CR,     /* half a line end or a bare CR */
    HELD_DOT,    /* the leading dot */
    HELD_DOT_CR  /* both */
};

/* Two numbers mean the same in all three policies. */
enum { ODD_REFUSED = EHLO__NUL_REFUSE, ODD_ACCEPTED = EHLO__NUL_ACCEPT };
_Static_assert(EHLO__BARE_LF_REFUSE == 0 && EHLO__BARE_CR_REFUSE == 0, "refusing is the default");
_Static_assert(EHLO__BARE_LF_ACCEPT == 2 && EHLO__BARE_CR_ACCEPT == 2, "as for NUL");

void ehlo__dots_start(struct ehlo__dots *d, unsigned bare_lf, unsigned bare_cr, unsigned nul)
{
    memset(d, 0, sizeof *d);
    d->bare_lf = (uint8_t)bare_lf;
    d->bare_cr = (uint8_t)bare_cr;
    d->nul = (uint8_t)nul;
}

void ehlo__dots_start_chunks(struct ehlo__dots *d, unsigned bare_lf, unsigned bare_cr, unsigned nul)
{
    ehlo__dots_start(d, bare_lf, bare_cr, nul);
    d->chunked = true;
    d->state = WITHIN_LINE;
}

/* Returns the place of the first CR, LF or NUL, or `end`. */
static const char *find_odd(const char *at, const char *end)
{
    const size_t ones = SIZE_MAX / 255; /* the lowest bit of each octet */
    size_t word, left;

    for (;;) {
        for (left = (size_t)(end - at) / sizeof word; left > 0; left--) {
            memcpy(&word, at, sizeof word);
            /* Less than CR + 1 taken from an octet below 128 sets its top bit. */
            if (((word - ones * ('\r' + 1)) & ~word & ones * 128) != 0)
                break;
            at += sizeof word;
        }
        while (at < end && (unsigned char)*at > '\r')
            at++;
        if (at == end || *at == '\r' || *at == '\n' || *at == '\0')
            return at;
        at++; /* a tab or another control */
    }
}

/* Notes a bare CR or LF or a NUL, and returns the policy for it. */
static unsigned judge_odd(struct ehlo__dots *d, char octet)
{
    unsigned fault = EHLO__DOTS_NUL, policy = d->nul;

    if (octet == '\n') {
        fault = EHLO__DOTS_BARE_LF;
        policy = d->bare_lf;
    } else if (octet == '\r') {
        fault = EHLO__DOTS_BARE_CR;
        policy = d->bare_cr;
    }
    d->seen = (uint8_t)(d->seen | 1u << fault);
    if (policy == ODD_REFUSED && d->fault == EHLO__DOTS_FINE)
        d->fault = (uint8_t)fault;
    return policy;
}

static void enter_line(struct ehlo__dots *d, bool behind_lf)
{
    d->state = d->chunked ? WITHIN_LINE : LINE_START;
    d->behind_lf = behind_lf;
}

/* Passes over what goes out as it came in, over any number of lines. */
static const char *pass_text(struct ehlo__dots *d, const char *at, const char *end)
{
    while (at < end && (d->state == WITHIN_LINE || *at != '.')) {
        d->state = WITHIN_LINE;
        at = find_odd(at, end);
        if (end - at >= 2 && memcmp(at, "\r\n", 2) == 0) {
            enter_line(d, false);
            at += 2;
            continue;
        }
        if (at == end || (*at == '\r' && end - at == 1) || judge_odd(d, *at) != ODD_ACCEPTED)
            break;
        at++;
    }
    return at;
}

/* Nothing is held: hands out text, or takes the one octet that stopped it. */
static const char *pass_or_hold(struct ehlo__dots *d, const char *at, const char *end,
                                struct ehlo_slice *slice)
{
    const char *stop;

    if (d->state == LINE_START && *at == '.') {
        d->state = HELD_DOT;
        at++;
        if (at == end || (unsigned char)*at <= '\r')
            return at;
        d->state = WITHIN_LINE; /* a short cut for stuffed text, past settle_held() */
    }
    stop = pass_text(d, at, end);
    if (stop > at) {
        *slice = (struct ehlo_slice){at, (size_t)(stop - at)};
        return stop;
    }
    if (*at == '\r') {
        d->state = HELD_CR;
    } else if (*at == '\n' && d->bare_lf == EHLO__BARE_LF_NORMALISE) {
        *slice = (struct ehlo_slice){"\r\n", 2};
        enter_line(d, true);
    }
    return at + 1; /* gone: refused, or a NUL stripped */
}

/* The CR held is a bare one. The octet behind it must be taken, so both go out together. */
static void settle_cr(struct ehlo__dots *d, char next, struct ehlo_slice *slice)
{
    bool refused = judge_odd(d, '\r') == ODD_REFUSED;
    size_t length = 1;

    d->pair[0] = d->bare_cr == EHLO__BARE_CR_SPACE ? ' ' : '\r';
    d->state = WITHIN_LINE;
    if (next == '\r')
        d->state = HELD_CR;
    else if (next != '\0' || judge_odd(d, '\0') == ODD_ACCEPTED)
        d->pair[length++] = next;
    if (!refused)
        *slice = (struct ehlo_slice){d->pair, length};
}

/* Something is held. Returns whether the next octet was taken. */
static bool settle_held(struct ehlo__dots *d, char next, struct ehlo_slice *slice)
{
    if (d->state == HELD_DOT && next == '\r') {
        d->state = HELD_DOT_CR;
        return true;
    }
    if (d->state == HELD_DOT && next == '\n' && d->bare_lf == EHLO__BARE_LF_NORMALISE) {
        judge_odd(d, '\n');
        enter_line(d, true); /* nothing goes out that could end the content at the next hop */
        return true;
    }
    if (d->state == HELD_DOT) {
        d->state = WITHIN_LINE; /* more follows, so the dot was stuffed (RFC 5321 4.5.2) */
        return false;
    }
    if (next != '\n') {
        settle_cr(d, next, slice);
        return true;
    }
    if (d->state == HELD_CR)
        *slice = (struct ehlo_slice){"\r\n", 2};
    else
        d->ended = !d->behind_lf; /* else a lone dot that a bare LF touches, dropped as above */
    enter_line(d, false);
    return true;
}

void ehlo__dots_finish(struct ehlo__dots *d, struct ehlo_slice *slice)
{
    *slice = (struct ehlo_slice){NULL, 0};
    d->ended = true;
    if (d->state == HELD_CR && judge_odd(d, '\r') != ODD_REFUSED && d->fault == EHLO__DOTS_FINE) {
        d->pair[0] = d->bare_cr == EHLO__BARE_CR_SPACE ? ' ' : '\r';
        *slice = (struct ehlo_slice){d->pair, 1};
    }
    d->state = WITHIN_LINE;
}

size_t ehlo__dots_take(struct ehlo__dots *d, const char *data, size_t length,
                       struct ehlo_slice *slice)
{
    const char *at = data, *end;
    struct ehlo_slice out = {NULL, 0};
    uint8_t fault = d->fault;

    *slice = out;
    if (length == 0 || d->ended)
        return 0;
    end = data + length;
    do {
        if (d->state == LINE_START || d->state == WITHIN_LINE)
            at = pass_or_hold(d, at, end, &out);
        else if (settle_held(d, *at, &out))
            at++;
    } while (at < end && out.length == 0 && d->fault == fault && !d->ended);
    if (fault == EHLO__DOTS_FINE)
        *slice = out;
    return (size_t)(at - data);
}
