/*
 * Looks through content for Received fields, a header section or a line that is too long, and
 * 8-bit octets (RFC 5321 6.3, 4.5.3.1.6; RFC 5322 2.1, 4.5.7). Goes from LF to LF by memchr; behind
 * the header section it looks at nothing that is not limited.
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/inspect.h"

#include <string.h>

/* What the line has so far. */
enum inspect_line {
    LINE_EMPTY,
    LINE_CR, /* one CR: the empty line that ends the header section, if LF follows */
    LINE_FILLED
};

enum { OTHER_LINE = 255 };

void ehlo__inspect_start(struct ehlo__inspect *in, uint32_t max_hops, uint32_t max_header,
                         uint32_t max_line, bool refuse_8bit)
{
    memset(in, 0, sizeof *in);
    in->max_hops = max_hops;
    in->max_header = max_header;
    in->max_line = max_line;
    in->refuse_8bit = refuse_8bit;
    in->in_header = true;
}

/* Returns the place of the first octet above 127, or `end`. */
static const char *find_8bit(const char *at, const char *end)
{
    size_t word, left;

    for (left = (size_t)(end - at) / sizeof word; left > 0; left--) {
        memcpy(&word, at, sizeof word);
        if ((word & SIZE_MAX / 255 * 128) != 0)
            break;
        at += sizeof word;
    }
    while (at < end && (unsigned char)*at <= 127)
        at++;
    return at;
}

/* Adds octets to a count. Returns the first one beyond the limit, or `stop`. */
static const char *count_octets(uint32_t *count, uint32_t limit, const char *at, const char *stop)
{
    if (limit == 0)
        return stop;
    if ((size_t)(stop - at) > limit - *count)
        return at + (limit - *count);
    *count += (uint32_t)(stop - at);
    return stop;
}

/* Goes on matching "Received" *WSP ":" at the start of a line. Returns the colon of one field too
 * many, or `stop`. */
static const char *count_hop(struct ehlo__inspect *in, const char *at, const char *stop)
{
    static const char name[] = "received";

    for (; at < stop && in->matched != OTHER_LINE; at++) {
        if (in->matched < sizeof name - 1 && (*at | 0x20) == name[in->matched]) {
            in->matched++;
            continue;
        }
        if (in->matched == sizeof name - 1 && (*at == ' ' || *at == '\t'))
            continue;
        if (in->matched == sizeof name - 1 && *at == ':') {
            if (in->hops == in->max_hops)
                return at;
            in->hops++;
        }
        in->matched = OTHER_LINE;
    }
    return stop;
}

/* Looks at octets of one line of the header section, or of the empty line behind it. Returns the
 * place of a fault, or `stop`. */
static const char *look_at_header(struct ehlo__inspect *in, const char *at, const char *stop,
                                  enum ehlo__inspect_fault *fault)
{
    const char *place, *colon;

    if (in->line_state == LINE_EMPTY && *at == '\r') {
        in->line_state = LINE_CR;
        in->matched = OTHER_LINE;
        at++;
    }
    if (at == stop)
        return stop; /* whether that CR counts the octet behind it will tell */
    if (in->line_state != LINE_FILLED && *at == '\n') {
        in->in_header = false;
        return stop;
    }
    if (in->line_state == LINE_CR && in->max_header != 0 && in->header++ == in->max_header)
        place = at;
    else
        place = count_octets(&in->header, in->max_header, at, stop);
    if (place < stop)
        *fault = EHLO__INSPECT_HEADER;
    in->line_state = LINE_FILLED;
    colon = in->max_hops == 0 ? place : count_hop(in, at, place);
    if (colon < place)
        *fault = EHLO__INSPECT_HOPS;
    return colon;
}

/* Looks at octets of one line. Returns the place of a fault, or `stop`. */
static const char *look_at_line(struct ehlo__inspect *in, const char *at, const char *stop,
                                enum ehlo__inspect_fault *fault)
{
    const char *place = count_octets(&in->line, in->max_line, at, stop);

    if (place < stop)
        *fault = EHLO__INSPECT_LINE;
    if (at < place && in->in_header)
        place = look_at_header(in, at, place, fault);
    return place;
}

size_t ehlo__inspect_take(struct ehlo__inspect *in, struct ehlo_slice slice,
                          enum ehlo__inspect_fault *fault)
{
    const char *at = slice.data, *end, *lf, *stop, *place;

    *fault = EHLO__INSPECT_FINE;
    if (slice.length == 0)
        return 0;
    end = at + slice.length;
    if (in->refuse_8bit) {
        stop = find_8bit(at, end);
        if (stop < end)
            *fault = EHLO__INSPECT_8BIT; /* unless another comes before it */
        end = stop;
    }
    while (at < end && (in->in_header || in->max_line != 0)) {
        lf = memchr(at, '\n', (size_t)(end - at));
        stop = lf == NULL ? end : lf + 1;
        place = look_at_line(in, at, stop, fault);
        if (place < stop)
            return (size_t)(place - slice.data);
        if (lf != NULL) {
            in->line = 0;
            in->line_state = LINE_EMPTY;
            in->matched = 0;
        }
        at = stop;
    }
    return (size_t)(end - slice.data);
}
