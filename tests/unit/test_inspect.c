/*
 * Tests of lib/wire/inspect.c: Received fields and octets of the header section, length of lines,
 * 8-bit octets; every row at every cut, and all against a reference that sees the whole input
 * (RFC 5321 6.3, 4.5.3.1.6; RFC 5322 4.5.7).
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/inspect.h"

#include "wire_support.h"

enum { FINE = EHLO__INSPECT_FINE, HOPS = EHLO__INSPECT_HOPS, HEADER = EHLO__INSPECT_HEADER };
enum { LINE = EHLO__INSPECT_LINE, BIT8 = EHLO__INSPECT_8BIT };

struct limits {
    uint32_t hops, header, line;
    bool refuse_8bit;
};

struct outcome {
    unsigned fault;
    size_t offset; /* of the fault, or the length */
    uint32_t hops;
    bool in_header;
};

static void play(const char *row, const struct limits *limits, struct ehlo_slice in,
                 struct cuts cuts, struct outcome *o)
{
    struct ehlo__inspect inspect;
    struct ehlo_slice piece;

    ehlo__inspect_start(&inspect, limits->hops, limits->header, limits->line, limits->refuse_8bit);
    o->fault = FINE;
    o->offset = 0;
    while (o->offset < in.length && o->fault == FINE) {
        enum ehlo__inspect_fault fault;
        char *copy;
        size_t before;

        piece.length = next_piece(&cuts, in.length - o->offset);
        piece.data = copy = dup_exact(in.data + o->offset, piece.length);
        before = ehlo__inspect_take(&inspect, piece, &fault);
        o->fault = fault;
        assert_of(row, o->fault == FINE ? before == piece.length : before < piece.length);
        o->offset += before;
        free(copy);
    }
    o->hops = inspect.hops;
    o->in_header = inspect.in_header;
}

static void assert_outcome(const char *row, const struct outcome *got, const struct outcome *want)
{
    if (got->fault != want->fault || got->offset != want->offset)
        fail_msg("%s: fault %u at %zu, not %u at %zu", row, got->fault, got->offset, want->fault,
                 want->offset);
    if (want->fault != FINE)
        return;
    assert_of(row, got->hops == want->hops);
    assert_of(row, got->in_header == want->in_header);
}

static void play_cuts(const char *row, const struct limits *limits, struct ehlo_slice in,
                      size_t from, const struct outcome *want)
{
    struct outcome got;

    play(row, limits, in, make_cuts(in.length, in.length), &got);
    assert_outcome(row, &got, want);
    for (size_t number = from; number < CUTS_OF(in.length); number++) {
        play(row, limits, in, make_cuts(number, in.length), &got);
        assert_outcome(row, &got, want);
    }
}

/* ---- the reference: one walk over the whole input for each thing to look for ---- */

static bool is_start(struct ehlo_slice in, size_t at)
{
    return at == 0 || in.data[at - 1] == '\n';
}

static bool is_cr(struct ehlo_slice in, size_t at)
{
    return at < in.length && in.data[at] == '\r';
}

static bool is_lf(struct ehlo_slice in, size_t at)
{
    return at < in.length && in.data[at] == '\n';
}

/* Where the empty line is, or the end of what is known to be header. */
static size_t find_body(struct ehlo_slice in, bool *found)
{
    *found = true;
    for (size_t at = 0; at < in.length; at++) {
        if (!is_start(in, at))
            continue;
        if (is_lf(in, at) || (is_cr(in, at) && is_lf(in, at + 1)))
            return at;
        if (is_cr(in, at) && at + 1 == in.length) {
            *found = false;
            return at;
        }
    }
    *found = false;
    return in.length;
}

/* The colon of a Received field whose line starts at a place; 0 if there is none. */
static size_t find_colon(struct ehlo_slice in, size_t at)
{
    static const char upper[] = "RECEIVED", lower[] = "received";

    for (size_t i = 0; i < sizeof upper - 1; i++, at++)
        if (at >= in.length || (in.data[at] != upper[i] && in.data[at] != lower[i]))
            return 0;
    while (at < in.length && (in.data[at] == ' ' || in.data[at] == '\t'))
        at++;
    return at < in.length && in.data[at] == ':' ? at : 0;
}

static void note_first(struct outcome *o, unsigned fault, size_t at)
{
    if (at >= o->offset)
        return;
    o->offset = at;
    o->fault = fault;
}

static void refer(const struct limits *limits, struct ehlo_slice in, struct outcome *o)
{
    bool found;
    size_t body = find_body(in, &found), start = 0, header = limits->header;

    *o = (struct outcome){FINE, in.length, 0, !found};
    for (size_t at = 0; at < in.length && limits->refuse_8bit; at++)
        if ((unsigned char)in.data[at] > 127)
            note_first(o, BIT8, at);
    for (size_t at = 0; at < in.length && limits->line > 0; at++) {
        if (is_start(in, at))
            start = at;
        if (at - start == limits->line)
            note_first(o, LINE, at);
    }
    if (header > 0 && body > header) {
        /* that this CR is not part of an empty line is known one octet later */
        header += is_start(in, header) && is_cr(in, header);
        note_first(o, HEADER, header);
    }
    for (size_t at = 0; at < body && limits->hops > 0; at++) {
        size_t colon = is_start(in, at) ? find_colon(in, at) : 0;

        if (colon > 0 && o->hops++ == limits->hops)
            note_first(o, HOPS, colon);
    }
}

/* ---- rows ---- */

#define R "Received: a\r\n"

static const struct row {
    const char *name;
    struct limits limits;
    struct ehlo_slice in;
    struct outcome want;
} rows[] = {
    /* R5321-6.3-1: one less, as many, one more than two */
    {"none", {2, 0, 0, 0}, OCTETS("A: b\r\n\r\n"), {FINE, 8, 0, false}},
    {"one", {2, 0, 0, 0}, OCTETS(R "\r\n"), {FINE, 15, 1, false}},
    {"two", {2, 0, 0, 0}, OCTETS(R R "\r\n"), {FINE, 28, 2, false}},
    {"three", {2, 0, 0, 0}, OCTETS(R R R "\r\n"), {HOPS, 34, 2, true}},
    {"no limit", {0, 0, 0, 0}, OCTETS(R R "\r\n"), {FINE, 28, 0, false}},
    {"between others", {1, 0, 0, 0}, OCTETS("A: b\r\n" R "A: b\r\n" R), {HOPS, 33, 1, true}},
    {"any case", {2, 0, 0, 0}, OCTETS("RECEIVED:\r\nrEcEiVeD:\r\nreceived:"), {HOPS, 30, 2, true}},
    {"blanks before the colon",
     {1, 0, 0, 0},
     OCTETS("Received \t :\r\nReceived\t:"),
     {HOPS, 23, 1, true}},
    {"only in the header section", {1, 0, 0, 0}, OCTETS(R "\r\n" R R), {FINE, 41, 1, false}},
    {"folded lines",
     {1, 0, 0, 0},
     OCTETS("A: b\r\n Received: a\r\n\tReceived: a\r\n"),
     {FINE, 34, 0, true}},
    {"other names",
     {1, 0, 0, 0},
     OCTETS("Receive: a\r\nReceived-SPF: a\r\nXReceived: a\r\nReceivedd: a\r\nReceived; a\r\n"),
     {FINE, 70, 0, true}},
    {"a name cut by a line end",
     {1, 0, 0, 0},
     OCTETS("Received\r\n: a\r\nRece\r\nived: a\r\n"),
     {FINE, 30, 0, true}},
    {"letters with another sixth bit",
     {1, 0, 0, 0},
     OCTETS("\x12"
            "eceived: a\r\n"),
     {FINE, 13, 0, true}},
    {"within a line", {1, 0, 0, 0}, OCTETS("A: Received: a\r\n"), {FINE, 16, 0, true}},
    {"no header section", {1, 0, 0, 0}, OCTETS("\r\n" R R), {FINE, 28, 0, false}},
    {"a CR is no empty line yet", {1, 0, 0, 0}, OCTETS("A: b\r\n\r"), {FINE, 7, 0, true}},
    {"bare CR before the name", {1, 0, 0, 0}, OCTETS("\r" R R R), {HOPS, 35, 1, true}},
    {"bare LF ends a line",
     {1, 0, 0, 0},
     OCTETS("A: b\nReceived:\nReceived:"),
     {HOPS, 23, 1, true}},
    {"bare LF as empty line", {1, 0, 0, 0}, OCTETS("A: b\n\n" R R), {FINE, 32, 0, false}},
    /* RSEC-LIMIT-5: ten octets and the empty line */
    {"header one less", {0, 10, 0, 0}, OCTETS("A: 4567\r\n\r\nabc"), {FINE, 14, 0, false}},
    {"header as long", {0, 10, 0, 0}, OCTETS("A: 45678\r\n\r\nabc"), {FINE, 15, 0, false}},
    {"header one more", {0, 10, 0, 0}, OCTETS("A: 456789\r\n\r\nabc"), {HEADER, 10, 0, true}},
    {"header of two lines", {0, 10, 0, 0}, OCTETS("A:\r\nB:\r\nCDE"), {HEADER, 10, 0, true}},
    {"header and one octet", {0, 10, 0, 0}, OCTETS("A: 45678\r\nB"), {HEADER, 10, 0, true}},
    {"header and a bare CR", {0, 10, 0, 0}, OCTETS("A: 45678\r\n\rB"), {HEADER, 11, 0, true}},
    {"header up to a bare CR", {0, 10, 0, 0}, OCTETS("A: 4567\r\n\rB"), {HEADER, 10, 0, true}},
    {"header with a bare CR", {0, 10, 0, 0}, OCTETS("A: 456\r\n\rBC"), {HEADER, 10, 0, true}},
    {"header without limit", {0, 0, 0, 0}, OCTETS("A: 456789\r\n"), {FINE, 11, 0, true}},
    {"header at the top limit", {0, UINT32_MAX, 0, 0}, OCTETS("A:\r\n\rB"), {FINE, 6, 0, true}},
    /* R5321-4.5.3.1-4, RSEC-LIMIT-7: six octets with CR LF */
    {"line one less", {0, 0, 6, 0}, OCTETS("A:3\r\n\r\n123\r\n12345"), {FINE, 17, 0, false}},
    {"line as long", {0, 0, 6, 0}, OCTETS("A:34\r\n\r\n1234\r\n123456"), {FINE, 20, 0, false}},
    {"line one more", {0, 0, 6, 0}, OCTETS("A:34\r\n\r\n12345\r\n"), {LINE, 14, 0, false}},
    {"header line one more", {0, 0, 6, 0}, OCTETS("A:345\r\n"), {LINE, 6, 0, true}},
    {"line of two octets", {0, 0, 2, 0}, OCTETS("\r\n\r\n1\r\n"), {LINE, 6, 0, false}},
    {"line that bare LF ends", {0, 0, 6, 0}, OCTETS("\r\n12345\n12345\n"), {FINE, 14, 0, false}},
    /* RFC 6152: undeclared 8-bit content */
    {"127 is fine", {0, 0, 0, 1}, OCTETS("\x7f\r\n\r\n0123456789\x7f"), {FINE, 16, 0, false}},
    {"128 in the header", {0, 0, 0, 1}, OCTETS("A: \x80\r\n"), {BIT8, 3, 0, true}},
    {"128 in the body", {0, 0, 0, 1}, OCTETS("\r\n0123456789\x80"), {BIT8, 12, 0, false}},
    {"255 in the body", {0, 0, 0, 1}, OCTETS("\r\n01234567\xff"), {BIT8, 10, 0, false}},
    {"8-bit is fine", {9, 99, 99, 0}, OCTETS("A: \xff\r\n\r\n\x80"), {FINE, 9, 0, false}},
    /* the first by offset wins; of two at one octet the later of the enum */
    {"hop, then line", {1, 0, 13, 0}, OCTETS(R "Received:    234"), {HOPS, 21, 1, true}},
    {"line, then hop", {1, 0, 13, 0}, OCTETS(R "Received      :"), {LINE, 26, 1, true}},
    {"line and hop", {1, 0, 13, 0}, OCTETS(R "Received     :"), {LINE, 26, 1, true}},
    {"header and line", {0, 3, 3, 0}, OCTETS("A: b"), {LINE, 3, 0, true}},
    {"header and hop", {1, 21, 0, 0}, OCTETS(R R), {HEADER, 21, 1, true}},
    {"hop, then header", {1, 22, 0, 0}, OCTETS(R R), {HOPS, 21, 1, true}},
    {"8-bit and line", {0, 0, 3, 1}, OCTETS("A: \x80"), {BIT8, 3, 0, true}},
    {"8-bit, then line", {0, 0, 3, 1}, OCTETS("A:\x80 "), {BIT8, 2, 0, true}},
    {"line, then 8-bit", {0, 0, 3, 1}, OCTETS("A: b\x80"), {LINE, 3, 0, true}},
    {"nothing", {1, 1, 1, 1}, OCTETS(""), {FINE, 0, 0, true}},
};

static void test_rows_at_every_cut(void **state)
{
    struct outcome want;

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        play_cuts(rows[i].name, &rows[i].limits, rows[i].in, 0, &rows[i].want);
        refer(&rows[i].limits, rows[i].in, &want);
        play_cuts(rows[i].name, &rows[i].limits, rows[i].in, 0, &want);
    }
}

static void test_empty_slice(void **state)
{
    struct ehlo__inspect inspect;
    enum ehlo__inspect_fault fault = EHLO__INSPECT_LINE;

    (void)state;
    ehlo__inspect_start(&inspect, 1, 1, 1, true);
    assert_int_equal(ehlo__inspect_take(&inspect, (struct ehlo_slice){NULL, 0}, &fault), 0);
    assert_int_equal(fault, FINE);
    assert_true(inspect.in_header);
}

/* R5321-6.3-1: a limit of 100 and more */
static void test_many_hops(void **state)
{
    static const char field[] = "Received: from a by b;\r\n\tMon, 1 Jan 2024 00:00:00 +0000\r\n";
    const size_t length = sizeof field - 1;
    char *text = malloc(101 * length);
    const struct limits limits = {100, 0, 0, false};
    struct outcome got;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < 101; i++)
        memcpy(text + i * length, field, length);
    for (size_t count = 99; count <= 101; count++) {
        struct ehlo_slice in = {text, count * length};

        for (size_t number = 0; number <= in.length; number += 13) {
            play("many", &limits, in, make_cuts(number, in.length), &got);
            assert_int_equal(got.fault, count > 100 ? HOPS : FINE);
            assert_int_equal(got.offset, count > 100 ? 100 * length + 8 : in.length);
            assert_int_equal(got.hops, count > 100 ? 100 : count);
        }
    }
    free(text);
}

/* 8-bit octets at every place of a machine word */
static void test_every_octet_for_8bit(void **state)
{
    const struct limits limits = {0, 0, 0, true};
    char text[24];
    struct ehlo_slice in = {text, sizeof text};
    struct outcome got;

    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        for (size_t place = 0; place < sizeof text; place++) {
            memset(text, 'a', sizeof text);
            text[place] = (char)octet;
            play("octet", &limits, in, make_cuts(in.length, in.length), &got);
            assert_int_equal(got.fault, octet > 127 ? BIT8 : FINE);
            assert_int_equal(got.offset, octet > 127 ? place : sizeof text);
        }
    }
}

/* ---- against the reference ---- */

static void compare_limits(const char *name, struct ehlo_slice in, uint64_t *random)
{
    struct outcome want;

    for (unsigned i = 0; i < 4; i++) {
        const struct limits limits = {next_random(random) % 4, next_random(random) % 60,
                                      i % 2 ? 0 : next_random(random) % 24,
                                      next_random(random) % 4 == 0};

        refer(&limits, in, &want);
        play_cuts(name, &limits, in, 0, &want);
    }
}

static void test_all_short_inputs(void **state)
{
    char text[6];
    uint64_t random = 63;
    struct outcome want;

    (void)state;
    for (unsigned length = 0, count = 1; length <= sizeof text; length++, count *= 4) {
        for (unsigned number = 0; number < count; number++) {
            struct ehlo_slice in = {text, length};

            for (unsigned i = 0, rest = number; i < length; i++, rest /= 4)
                text[i] = "\r\na\x80"[rest % 4];
            for (uint32_t limit = 0; limit < 16; limit++) {
                const struct limits limits = {1, limit % 4, limit / 4, next_random(&random) % 2};

                refer(&limits, in, &want);
                play_cuts("short", &limits, in, length, &want);
            }
        }
    }
}

static void test_random_inputs(void **state)
{
    static const char *const parts[] = {
        "Received", "RECEIVED:", "received :", "Received:\t", "\r\n", "\r\n", "\r\n\r\n",
        "\n",       "\r",        " ",          "a: b",        "\x80", "a",    ":"};
    uint64_t random = 5321;
    char text[100];

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        struct ehlo_slice in = {text, 0};
        unsigned count = 1 + next_random(&random) % 9;

        for (; count > 0; count--) {
            const char *part = parts[next_random(&random) % ROWS(parts)];

            memcpy(text + in.length, part, strlen(part));
            in.length += strlen(part);
        }
        compare_limits("random", in, &random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_at_every_cut), cmocka_unit_test(test_empty_slice),
        cmocka_unit_test(test_many_hops),         cmocka_unit_test(test_every_octet_for_8bit),
        cmocka_unit_test(test_all_short_inputs),  cmocka_unit_test(test_random_inputs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
