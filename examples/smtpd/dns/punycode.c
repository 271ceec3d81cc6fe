/*
 * Punycode (RFC 3492): the ASCII characters of a label, and then for each other one, from the
 * smallest code point to the largest, how far it is from the one before in a walk over all code
 * points at all places of the label.
 *
 * SPDX-License-Identifier: MIT
 */
#include "punycode.h"

#include <string.h>

/* RFC 3492 5 */
#define BASE        36
#define DIGIT_LEAST 1
#define DIGIT_MOST  26
#define SKEW        38
#define DAMP        700
#define BIAS        72
#define FIRST_POINT 0x80
#define PREFIX      "xn--"
#define PREFIX_SIZE (sizeof PREFIX - 1)
#define POINTS_MAX  (LABEL_MAX - PREFIX_SIZE) /* each takes an octet at least */

struct points {
    uint32_t at[POINTS_MAX];
    size_t count;
};

struct output {
    char *octets;
    size_t length;
    bool full;
};

/* Takes one code point off UTF-8 that is well-formed; false: it is not. */
static bool take_point(struct ehlo_slice *text, uint32_t *point)
{
    unsigned char first = (unsigned char)text->data[0];
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || length > text->length)
        return false;
    *point = length == 1 ? first : first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)text->data[i];

        if ((next & 0xc0) != 0x80)
            return false;
        *point = *point << 6 | (next & 0x3f);
    }
    text->data += length;
    text->length -= length;
    return true;
}

static bool read_points(struct ehlo_slice label, struct points *points)
{
    points->count = 0;
    while (label.length > 0) {
        if (points->count == POINTS_MAX || !take_point(&label, &points->at[points->count]))
            return false;
        points->count++;
    }
    return true;
}

static void put(struct output *out, char octet)
{
    if (out->length == LABEL_MAX)
        out->full = true;
    else
        out->octets[out->length++] = octet;
}

static void put_ascii(struct output *out, const struct points *points)
{
    size_t begin = out->length;

    for (size_t i = 0; i < points->count; i++) {
        uint32_t point = points->at[i];

        if (point < FIRST_POINT)
            put(out, (char)(point >= 'A' && point <= 'Z' ? point - 'A' + 'a' : point));
    }
    if (out->length > begin)
        put(out, '-');
}

/* RFC 3492 6.1: small steps get short numbers. */
static uint32_t adapt(uint32_t delta, uint32_t points, bool is_first)
{
    uint32_t bias = 0;

    delta /= is_first ? DAMP : 2;
    delta += delta / points;
    for (; delta > (BASE - DIGIT_LEAST) * DIGIT_MOST / 2; bias += BASE)
        delta /= BASE - DIGIT_LEAST;
    return bias + (BASE - DIGIT_LEAST + 1) * delta / (delta + SKEW);
}

/* A number of digits whose last one is below its threshold. */
static void put_number(struct output *out, uint32_t number, uint32_t bias)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

    for (uint32_t k = BASE;; k += BASE) {
        uint32_t least = k <= bias ? DIGIT_LEAST : k - bias;

        if (least > DIGIT_MOST)
            least = DIGIT_MOST;
        if (number < least) {
            put(out, digits[number]);
            return;
        }
        put(out, digits[least + (number - least) % (BASE - least)]);
        number = (number - least) / (BASE - least);
    }
}

/* How many code points are smaller; and the smallest that is not. */
static uint32_t count_below(const struct points *points, uint32_t limit, uint32_t *smallest)
{
    uint32_t count = 0;

    *smallest = UINT32_MAX;
    for (size_t i = 0; i < points->count; i++) {
        if (points->at[i] < limit)
            count++;
        else if (points->at[i] < *smallest)
            *smallest = points->at[i];
    }
    return count;
}

/* No sum overflows: there are 59 code points of 21 bits. */
static void put_others(struct output *out, const struct points *points)
{
    uint32_t limit = FIRST_POINT, bias = BIAS, delta = 0, point;
    uint32_t ascii = count_below(points, FIRST_POINT, &point);
    uint32_t done = ascii;

    while (done < points->count) {
        count_below(points, limit, &point);
        delta += (point - limit) * (done + 1);
        for (size_t i = 0; i < points->count; i++) {
            if (points->at[i] < point)
                delta++;
            if (points->at[i] != point)
                continue;
            put_number(out, delta, bias);
            bias = adapt(delta, done + 1, done == ascii);
            delta = 0;
            done++;
        }
        delta++;
        limit = point + 1;
    }
}

size_t punycode_label(char octets[LABEL_MAX], struct ehlo_slice label)
{
    struct output out = {octets, PREFIX_SIZE, false};
    struct points points;

    if (!read_points(label, &points))
        return 0;
    memcpy(octets, PREFIX, PREFIX_SIZE);
    put_ascii(&out, &points);
    put_others(&out, &points);
    return out.full ? 0 : out.length;
}
