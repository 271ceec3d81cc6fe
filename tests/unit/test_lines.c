/*
 * Tests of lib/wire/lines.c: what ends a line, what is wrong with one, the limit, lines in place
 * and kept; every row at every cut, and all against a reference that goes octet by octet
 * (RFC 5321 2.3.8, 4.5.3.1.4).
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/lines.h"

#include "wire_support.h"

enum { MOST = 40, ROOM = 64 };
enum { CR = EHLO__LINE_BARE_CR, LF = EHLO__LINE_BARE_LF, NUL = EHLO__LINE_NUL };
enum { LONG = EHLO__LINE_TOO_LONG, ENDED = EHLO__LINE_LF_ENDED };

struct outcome {
    size_t count; /* of whole lines */
    struct {
        char text[ROOM];
        size_t length;
        unsigned faults;
    } lines[MOST];
};

static void add_line(struct outcome *o, struct ehlo_slice text, unsigned faults)
{
    assert_true(o->count < MOST && text.length <= ROOM);
    if (text.length > 0)
        memcpy(o->lines[o->count].text, text.data, text.length);
    o->lines[o->count].length = text.length;
    o->lines[o->count].faults = faults;
    o->count++;
}

static void assert_outcome(const char *row, const struct outcome *got, const struct outcome *want)
{
    assert_of(row, got->count == want->count);
    for (size_t i = 0; i < want->count; i++) {
        assert_octets_of(row, got->lines[i].text, got->lines[i].length, want->lines[i].text,
                         want->lines[i].length);
        assert_of(row, got->lines[i].faults == want->lines[i].faults);
    }
}

static void play(const char *row, uint32_t size, bool lf_ends, struct ehlo_slice in,
                 struct cuts cuts, struct outcome *o)
{
    struct ehlo__lines lines = {.buffer = malloc(size), .size = size, .lf_ends = lf_ends};
    size_t length;

    assert_non_null(lines.buffer);
    o->count = 0;
    for (size_t at = 0; at < in.length; at += length) {
        char *piece;

        length = next_piece(&cuts, in.length - at);
        piece = dup_exact(in.data + at, length);
        for (size_t used = 0, took; used < length; used += took) {
            struct ehlo__line line;
            bool whole;

            took = ehlo__lines_take(&lines, piece + used, length - used, &line, &whole);
            assert_of(row, took > 0 && took <= length - used);
            assert_of(row, whole || took == length - used);
            assert_of(row, lines.length <= size);
            if (whole)
                add_line(o, line.text, line.faults);
        }
        free(piece);
    }
    free(lines.buffer);
}

static void play_cuts(const char *row, uint32_t size, bool lf_ends, struct ehlo_slice in,
                      const struct outcome *want)
{
    struct outcome got;

    for (size_t number = 0; number < CUTS_OF(in.length); number++) {
        play(row, size, lf_ends, in, make_cuts(number, in.length), &got);
        assert_outcome(row, &got, want);
    }
}

static struct ehlo_slice cut_line(struct ehlo_slice *in, bool lf_ends, unsigned *faults)
{
    struct ehlo_slice line = {in->data, 0};

    for (*faults = 0; line.length < in->length;) {
        char octet = line.data[line.length++];
        bool behind_cr = line.length > 1 && line.data[line.length - 2] == '\r';

        if (behind_cr && octet != '\n')
            *faults |= CR;
        if (octet == '\0')
            *faults |= NUL;
        if (octet != '\n')
            continue;
        if (!behind_cr)
            *faults |= lf_ends ? ENDED : LF;
        if (behind_cr || lf_ends)
            break;
    }
    in->data += line.length;
    in->length -= line.length;
    return line;
}

static void refer(uint32_t size, bool lf_ends, struct ehlo_slice in, struct outcome *o)
{
    unsigned faults;

    o->count = 0;
    while (in.length > 0) {
        struct ehlo_slice line = cut_line(&in, lf_ends, &faults);
        bool is_long = line.length > size;
        size_t ending = faults & ENDED ? 1 : 2;

        if (line.data[line.length - 1] != '\n' ||
            (ending == 2 && (line.length < 2 || line.data[line.length - 2] != '\r')))
            return;                                          /* not whole */
        line.length = is_long ? size : line.length - ending; /* size < EHLO__LINE_HEAD */
        add_line(o, line, is_long ? faults | LONG : faults);
    }
}

/* Each with a buffer of eight octets. */
static const struct row {
    const char *name;
    bool lf_ends;
    struct ehlo_slice in;
    size_t count;
    struct {
        struct ehlo_slice text;
        unsigned faults;
    } lines[3];
} rows[] = {
    /* R5321-2.4-6 */
    {"half a line", false, OCTETS("NOOP"), 0, {{OCTETS(""), 0}}},
    {"half an end", false, OCTETS("NOOP\r"), 0, {{OCTETS(""), 0}}},
    {"nothing", false, OCTETS(""), 0, {{OCTETS(""), 0}}},
    {"one line", false, OCTETS("NOOP\r\n"), 1, {{OCTETS("NOOP"), 0}}},
    {"empty lines", false, OCTETS("\r\n\r\n"), 2, {{OCTETS(""), 0}, {OCTETS(""), 0}}},
    {"lines and a half",
     false,
     OCTETS("NOOP\r\nRSET\r\nQU"),
     2,
     {{OCTETS("NOOP"), 0}, {OCTETS("RSET"), 0}}},
    {"8 bit", false, OCTETS("\x8a\x8d\xff\r\n"), 1, {{OCTETS("\x8a\x8d\xff"), 0}}},
    /* R5321-2.3.8-1, RSEC-SMUG-2, RSEC-NUL-1: a faulty line goes on to its CR LF */
    {"bare LF", false, OCTETS("A\nB\r\nC\r\n"), 2, {{OCTETS("A\nB"), LF}, {OCTETS("C"), 0}}},
    {"LF first", false, OCTETS("\nB\r\n"), 1, {{OCTETS("\nB"), LF}}},
    {"LF last", false, OCTETS("B\n\r\n"), 1, {{OCTETS("B\n"), LF}}},
    {"only LF", false, OCTETS("NOOP\n"), 0, {{OCTETS(""), 0}}},
    {"bare CR", false, OCTETS("A\rB\r\nC\r\n"), 2, {{OCTETS("A\rB"), CR}, {OCTETS("C"), 0}}},
    {"CR CR LF", false, OCTETS("A\r\r\nC\r\n"), 2, {{OCTETS("A\r"), CR}, {OCTETS("C"), 0}}},
    {"LF CR LF", false, OCTETS("A\n\r\nC\r\n"), 2, {{OCTETS("A\n"), LF}, {OCTETS("C"), 0}}},
    {"NUL", false, OCTETS("A\0B\r\nC\r\n"), 2, {{OCTETS("A\0B"), NUL}, {OCTETS("C"), 0}}},
    {"NUL first", false, OCTETS("\0\r\n"), 1, {{OCTETS("\0"), NUL}}},
    {"CR NUL LF", false, OCTETS("\r\0\n\r\n"), 1, {{OCTETS("\r\0\n"), CR | LF | NUL}}},
    /* R5321-4.5.3.1-2, RSEC-LIMIT-7: -1, 0, +1 and the line behind it */
    {"one less", false, OCTETS("12345\r\nA\r\n"), 2, {{OCTETS("12345"), 0}, {OCTETS("A"), 0}}},
    {"just fits", false, OCTETS("123456\r\nA\r\n"), 2, {{OCTETS("123456"), 0}, {OCTETS("A"), 0}}},
    {"one more",
     false,
     OCTETS("1234567\r\nA\r\n"),
     2,
     {{OCTETS("1234567\r"), LONG}, {OCTETS("A"), 0}}},
    {"three sizes",
     false,
     OCTETS("123456789012345678901234\r\nA\r\n"),
     2,
     {{OCTETS("12345678"), LONG}, {OCTETS("A"), 0}}},
    {"too long and no end", false, OCTETS("1234567890"), 0, {{OCTETS(""), 0}}},
    {"too long and bad",
     false,
     OCTETS("1\n34\r67\0009\r\nA\r\n"),
     2,
     {{OCTETS("1\n34\r67\0"), LONG | CR | LF | NUL}, {OCTETS("A"), 0}}},
    {"bad beyond the limit", false, OCTETS("12345678\n\r\n"), 1, {{OCTETS("12345678"), LONG | LF}}},
    /* lf_commands */
    {"LF ends",
     true,
     OCTETS("A\nB\r\n\n"),
     3,
     {{OCTETS("A"), ENDED}, {OCTETS("B"), 0}, {OCTETS(""), ENDED}}},
    {"LF ends, NUL", true, OCTETS("A\0\n"), 1, {{OCTETS("A\0"), NUL | ENDED}}},
    {"LF ends, CR", true, OCTETS("\rA\r\r\n"), 1, {{OCTETS("\rA\r"), CR}}},
    {"LF ends, one less", true, OCTETS("123456\nA"), 1, {{OCTETS("123456"), ENDED}}},
    {"LF ends, just fits", true, OCTETS("1234567\nA"), 1, {{OCTETS("1234567"), ENDED}}},
    {"LF ends, one more", true, OCTETS("12345678\nA"), 1, {{OCTETS("12345678"), LONG | ENDED}}},
};

static void test_rows_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct outcome want = {0};

        for (size_t k = 0; k < row->count; k++)
            add_line(&want, row->lines[k].text, row->lines[k].faults);
        play_cuts(row->name, 8, row->lf_ends, row->in, &want);
        refer(8, row->lf_ends, row->in, &want);
        play_cuts(row->name, 8, row->lf_ends, row->in, &want);
    }
}

/* R5321-4.5.3.1-2: 512 octets with CR LF */
static void test_limit_of_512(void **state)
{
    (void)state;
    for (size_t length = 511; length <= 513; length++) {
        struct ehlo__lines lines = {.buffer = malloc(512), .size = 512};
        char *text = malloc(length);
        struct ehlo__line line;
        bool whole;

        assert_non_null(lines.buffer);
        assert_non_null(text);
        memset(text, 'a', length);
        memcpy(text + length - 2, "\r\n", 2);
        for (size_t cut = 0; cut < length; cut++) {
            assert_int_equal(ehlo__lines_take(&lines, text, cut, &line, &whole), cut);
            assert_false(whole);
            assert_int_equal(ehlo__lines_take(&lines, text + cut, length - cut, &line, &whole),
                             length - cut);
            assert_true(whole);
            assert_int_equal(line.faults, length > 512 ? LONG : 0);
            assert_int_equal(line.text.length, length > 512 ? EHLO__LINE_HEAD : length - 2);
        }
        free(text);
        free(lines.buffer);
    }
}

static void test_line_in_place_or_kept(void **state)
{
    static const char text[] = "RCPT A\r\nRCPT B\r\n";
    char buffer[8];
    struct ehlo__lines lines = {.buffer = buffer, .size = sizeof buffer};
    struct ehlo__line line;
    struct ehlo_slice kept;
    bool whole;

    (void)state;
    assert_int_equal(ehlo__lines_take(&lines, text, 16, &line, &whole), 8);
    assert_true(whole);
    assert_ptr_equal(line.text.data, text);
    kept = ehlo__lines_keep(&lines, line.text);
    assert_ptr_equal(kept.data, buffer);
    assert_octets_of("kept", kept.data, kept.length, "RCPT A", 6);
    assert_int_equal(ehlo__lines_take(&lines, text + 8, 3, &line, &whole), 3);
    assert_false(whole);
    assert_int_equal(ehlo__lines_take(&lines, text + 11, 5, &line, &whole), 5);
    assert_true(whole);
    assert_ptr_equal(line.text.data, buffer);
    kept = ehlo__lines_keep(&lines, (struct ehlo_slice){line.text.data + 2, 4});
    assert_octets_of("kept again", kept.data, kept.length, "PT B", 4);
    kept = ehlo__lines_keep(&lines, (struct ehlo_slice){NULL, 0});
    assert_int_equal(kept.length, 0);
    assert_int_equal(ehlo__lines_take(&lines, NULL, 0, &line, &whole), 0);
    assert_false(whole);
}

static void compare_sizes(const char *name, struct ehlo_slice in)
{
    struct outcome want;

    for (uint32_t size = 2; size <= 8; size += 3) {
        refer(size, false, in, &want);
        play_cuts(name, size, false, in, &want);
        refer(size, true, in, &want);
        play_cuts(name, size, true, in, &want);
    }
}

static void test_all_short_inputs(void **state)
{
    char text[6];

    (void)state;
    for (unsigned length = 0, count = 1; length <= sizeof text; length++, count *= 4) {
        for (unsigned number = 0; number < count; number++) {
            for (unsigned i = 0, rest = number; i < length; i++, rest /= 4)
                text[i] = "\r\na"[rest % 4];
            compare_sizes("short", (struct ehlo_slice){text, length});
        }
    }
}

static void test_random_inputs(void **state)
{
    static const struct ehlo_slice odd = OCTETS("\r\n\r\n\0");
    uint64_t random = 5321;
    char text[30];

    (void)state;
    for (unsigned round = 0; round < 1000; round++) {
        struct ehlo_slice in = {text, 1 + next_random(&random) % sizeof text};

        fill_random(text, in.length, odd, 1 + round % 3, &random);
        compare_sizes("random", in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_at_every_cut),     cmocka_unit_test(test_limit_of_512),
        cmocka_unit_test(test_line_in_place_or_kept), cmocka_unit_test(test_all_short_inputs),
        cmocka_unit_test(test_random_inputs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
