/*
 * Tests of lib/wire/dots.c: what ends the content, what the policies make of bare CR, bare LF and
 * NUL, dots; every row at every cut, and all against a reference that sees the whole input
 * (RFC 5321 2.3.8, 4.1.1.4, 4.5.2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/dots.h"

#include "wire_support.h"

enum { POLICIES = 27, MOST = 1024 };
enum { LF_SEEN = 1 << EHLO__DOTS_BARE_LF, CR_SEEN = 1 << EHLO__DOTS_BARE_CR };
enum { NUL_SEEN = 1 << EHLO__DOTS_NUL };

struct policy {
    unsigned lf, cr, nul;
};

struct outcome {
    char content[MOST];
    size_t length; /* of the content */
    size_t taken;
    unsigned fault, seen, ended;
};

static struct policy make_policy(unsigned number)
{
    return (struct policy){number / 9, number / 3 % 3, number % 3};
}

/* ---- the machine, fed in pieces that die ---- */

static size_t take_piece(const char *row, struct ehlo__dots *dots, const char *data, size_t length,
                         struct outcome *o)
{
    size_t used = 0;

    while (used < length && !dots->ended) {
        bool silent = dots->fault != EHLO__DOTS_FINE;
        struct ehlo_slice slice;
        size_t took = ehlo__dots_take(dots, data + used, length - used, &slice);

        assert_of(row, took > 0 && took <= length - used);
        assert_of(row, !silent || slice.length == 0);
        assert_of(row, !dots->ended || slice.length == 0); /* lib/server/content.c relies on it */
        if (slice.length > 0)
            memcpy(o->content + o->length, slice.data, slice.length);
        o->length += slice.length;
        used += took;
    }
    return used;
}

static struct ehlo__dots play(const char *row, struct policy policy, struct ehlo_slice in,
                              struct cuts cuts, struct outcome *o)
{
    struct ehlo__dots dots;
    struct ehlo_slice none;

    o->length = o->taken = 0;
    ehlo__dots_start(&dots, policy.lf, policy.cr, policy.nul);
    while (o->taken < in.length && !dots.ended) {
        size_t length = next_piece(&cuts, in.length - o->taken);
        char *piece = dup_exact(in.data + o->taken, length);

        o->taken += take_piece(row, &dots, piece, length, o);
        free(piece);
    }
    if (dots.ended)
        assert_of(row, ehlo__dots_take(&dots, "x", 1, &none) == 0 && none.length == 0);
    o->fault = dots.fault;
    o->seen = dots.seen;
    o->ended = dots.ended;
    memset(dots.pair, 0, sizeof dots.pair);
    return dots;
}

static void assert_outcome(const char *row, const struct outcome *got, const struct outcome *want)
{
    assert_octets_of(row, got->content, got->length, want->content, want->length);
    assert_of(row, got->taken == want->taken);
    assert_of(row, got->fault == want->fault);
    assert_of(row, got->seen == want->seen);
    assert_of(row, got->ended == want->ended);
}

/* Cuts from number `from` on must end like the input in one piece, in state too. */
static void play_cuts(const char *row, struct policy policy, struct ehlo_slice in, size_t from,
                      const struct outcome *want)
{
    struct outcome got;
    struct ehlo__dots whole = play(row, policy, in, make_cuts(in.length, in.length), &got);

    assert_outcome(row, &got, want);
    for (size_t number = from; number < CUTS_OF(in.length); number++) {
        struct ehlo__dots dots = play(row, policy, in, make_cuts(number, in.length), &got);

        assert_outcome(row, &got, want);
        assert_of(row, memcmp(&dots, &whole, sizeof dots) == 0);
    }
}

/* ---- the reference: looks for the end, then goes line by line ---- */

static void put(struct outcome *o, char octet)
{
    if (o->fault == EHLO__DOTS_FINE)
        o->content[o->length++] = octet;
}

static void put_odd(struct outcome *o, unsigned fault, unsigned policy, char octet)
{
    o->seen |= 1u << fault;
    if (policy == 0 && o->fault == EHLO__DOTS_FINE)
        o->fault = fault;
    if (policy == 1 && fault == EHLO__DOTS_BARE_CR)
        put(o, ' ');
    if (policy == 2)
        put(o, octet);
}

/* `ending` is 2 for CR LF, 1 for LF, 0 if the line has no end yet. */
static void put_line(struct outcome *o, struct policy policy, struct ehlo_slice line,
                     unsigned ending, unsigned ending_before)
{
    bool is_dot = line.length == 1 && line.data[0] == '.';

    if (ending == 1)
        o->seen |= LF_SEEN;
    if (is_dot && (ending == 1 || (ending == 2 && ending_before == 1)))
        return;
    for (size_t i = line.length > 0 && line.data[0] == '.' ? 1 : 0; i < line.length; i++) {
        char octet = line.data[i];

        if (octet == '\n')
            put_odd(o, EHLO__DOTS_BARE_LF, policy.lf, octet);
        else if (octet == '\r')
            put_odd(o, EHLO__DOTS_BARE_CR, policy.cr, octet);
        else if (octet == '\0')
            put_odd(o, EHLO__DOTS_NUL, policy.nul, octet);
        else
            put(o, octet);
    }
    if (ending > 0) {
        put(o, '\r');
        put(o, '\n');
    }
}

static bool is_at(struct ehlo_slice in, size_t at, const char *text)
{
    return in.length - at >= strlen(text) && memcmp(in.data + at, text, strlen(text)) == 0;
}

static size_t find_dot(struct ehlo_slice in)
{
    for (size_t at = 0; at < in.length; at++)
        if (is_at(in, at, ".\r\n") && (at == 0 || (at > 1 && is_at(in, at - 2, "\r\n"))))
            return at;
    return in.length;
}

static void refer(struct policy policy, struct ehlo_slice in, struct outcome *o)
{
    size_t dot = find_dot(in), at = 0;
    unsigned ending = 2, before = 2;

    o->length = o->fault = o->seen = 0;
    o->ended = dot < in.length;
    o->taken = o->ended ? dot + 3 : in.length;
    for (; at < dot; before = ending) {
        struct ehlo_slice line = {in.data + at, 0};

        for (ending = 0; at < dot && ending == 0; at++) {
            if (is_at(in, at, "\r\n"))
                ending = 2;
            else if (in.data[at] == '\n' && policy.lf == EHLO__BARE_LF_NORMALISE)
                ending = 1;
            else
                line.length++;
        }
        at += ending == 2;
        if (ending == 0 && line.data[line.length - 1] == '\r')
            line.length--; /* what it is only the next octet will tell */
        put_line(o, policy, line, ending, before);
    }
}

/* ---- rows ---- */

/* policies by number: for LF, CR and NUL, in base three */
enum { REFUSE, PASS_CR = 6, NORMALISE = 9, MEND = 13, LAX = 26 };

static const struct row {
    const char *name;
    unsigned policy;
    struct ehlo_slice in, content;
    unsigned fault, seen;
    bool ended;
} rows[] = {
    /* R5321-4.1.1.4-2, R5321-4.5.2-2 */
    {"nothing yet", REFUSE, OCTETS(""), OCTETS(""), 0, 0, false},
    {"empty message", REFUSE, OCTETS(".\r\n"), OCTETS(""), 0, 0, true},
    {"empty line", REFUSE, OCTETS("\r\n.\r\n"), OCTETS("\r\n"), 0, 0, true},
    {"last CR LF is content", REFUSE, OCTETS("a\r\n.\r\n"), OCTETS("a\r\n"), 0, 0, true},
    {"the rest stays", REFUSE, OCTETS("a\r\n.\r\nQUIT\r\n"), OCTETS("a\r\n"), 0, 0, true},
    {"one dot off", REFUSE, OCTETS("..\r\n..a\r\n.a\r\n...\r\na.\r\n.\r\n"),
     OCTETS(".\r\n.a\r\na\r\n..\r\na.\r\n"), 0, 0, true},
    {"half a line is out", REFUSE, OCTETS("abc"), OCTETS("abc"), 0, 0, false},
    {"a dot is held", REFUSE, OCTETS("a\r\n."), OCTETS("a\r\n"), 0, 0, false},
    {"a CR is held", REFUSE, OCTETS("a\r"), OCTETS("a"), 0, 0, false},
    {"a dot and a CR are held", REFUSE, OCTETS("a\r\n.\r"), OCTETS("a\r\n"), 0, 0, false},
    /* RSEC-SMUG-2: up to the first fault, then nothing until the end */
    {"refuse LF", REFUSE, OCTETS("a\nb\r\n.\r\n"), OCTETS("a"), EHLO__DOTS_BARE_LF, LF_SEEN, true},
    {"refuse CR", REFUSE, OCTETS("a\rb\r\n.\r\n"), OCTETS("a"), EHLO__DOTS_BARE_CR, CR_SEEN, true},
    {"refuse NUL", REFUSE, OCTETS("a\0b\r\n.\r\n"), OCTETS("a"), EHLO__DOTS_NUL, NUL_SEEN, true},
    {"refuse at once", REFUSE, OCTETS("\n"), OCTETS(""), EHLO__DOTS_BARE_LF, LF_SEEN, false},
    {"LF is before CR", REFUSE, OCTETS("\n\ra"), OCTETS(""), EHLO__DOTS_BARE_LF, LF_SEEN | CR_SEEN,
     false},
    {"CR is before NUL", REFUSE, OCTETS("\r\0\n"), OCTETS(""), EHLO__DOTS_BARE_CR,
     LF_SEEN | CR_SEEN | NUL_SEEN, false},
    {"CR out, NUL refused", PASS_CR, OCTETS("\r\0a"), OCTETS("\r"), EHLO__DOTS_NUL,
     CR_SEEN | NUL_SEEN, false},
    {"refuse LF behind a dot", REFUSE, OCTETS("a\r\n.\nb"), OCTETS("a\r\n"), EHLO__DOTS_BARE_LF,
     LF_SEEN, false},
    {"refuse CR behind a dot", REFUSE, OCTETS("a\r\n.\r\r\n.\r\n"), OCTETS("a\r\n"),
     EHLO__DOTS_BARE_CR, CR_SEEN, true},
    /* RSEC-SMUG-3 */
    {"LF becomes CR LF", NORMALISE, OCTETS("a\nb\n\nc\r\n.\r\n"), OCTETS("a\r\nb\r\n\r\nc\r\n"), 0,
     LF_SEEN, true},
    {"a dot behind LF is off", NORMALISE, OCTETS("a\n..b\n.c\r\n.\r\n"), OCTETS("a\r\n.b\r\nc\r\n"),
     0, LF_SEEN, true},
    {"LF . LF is dropped", NORMALISE, OCTETS("a\n.\nb\r\n.\r\n"), OCTETS("a\r\nb\r\n"), 0, LF_SEEN,
     true},
    {"LF . CR LF is dropped", NORMALISE, OCTETS("a\n.\r\nb\r\n.\r\n"), OCTETS("a\r\nb\r\n"), 0,
     LF_SEEN, true},
    {"CR LF . LF is dropped", NORMALISE, OCTETS("a\r\n.\nb\r\n.\r\n"), OCTETS("a\r\nb\r\n"), 0,
     LF_SEEN, true},
    {". LF at the start is dropped", NORMALISE, OCTETS(".\n.\nb\r\n.\r\n"), OCTETS("b\r\n"), 0,
     LF_SEEN, true},
    {"dropped up to CR LF", NORMALISE, OCTETS("\n.\r\n.\r\n"), OCTETS("\r\n"), 0, LF_SEEN, true},
    {"LF .. LF is a dot", NORMALISE, OCTETS("a\n..\nb"), OCTETS("a\r\n.\r\nb"), 0, LF_SEEN, false},
    {"LF . CR is no lone dot", MEND, OCTETS("\n.\rb"), OCTETS("\r\n b"), 0, LF_SEEN | CR_SEEN,
     false},
    {"dots behind an LF accepted", LAX, OCTETS("a\n.\n..b\r\n.\r\n"), OCTETS("a\n.\n..b\r\n"), 0,
     LF_SEEN, true},
    {"LF accepted behind a dot", LAX, OCTETS(".\n.\r\n"), OCTETS("\n.\r\n"), 0, LF_SEEN, false},
    /* RSEC-SMUG-4 */
    {"CR becomes SP", MEND, OCTETS("a\rb\r\rc\r\r\n.\r\n"), OCTETS("a b  c \r\n"), 0, CR_SEEN,
     true},
    {"CR stays", LAX, OCTETS("a\rb\r\rc\r\r\n.\r\n"), OCTETS("a\rb\r\rc\r\r\n"), 0, CR_SEEN, true},
    {"a dot behind a CR stays", MEND, OCTETS("a\r..\r\n"), OCTETS("a ..\r\n"), 0, CR_SEEN, false},
    {"CR LF . CR x", MEND, OCTETS("\r\n.\rx"), OCTETS("\r\n x"), 0, CR_SEEN, false},
    {"CR LF . CR CR LF", LAX, OCTETS("\r\n.\r\r\n"), OCTETS("\r\n\r\r\n"), 0, CR_SEEN, false},
    {"CR . CR LF", MEND, OCTETS("\r.\r\n"), OCTETS(" .\r\n"), 0, CR_SEEN, false},
    {"CR NUL LF", MEND, OCTETS("\r\0\n"), OCTETS(" \r\n"), 0, LF_SEEN | CR_SEEN | NUL_SEEN, false},
    {"CR NUL LF stay", LAX, OCTETS("\r\0\n"), OCTETS("\r\0\n"), 0, LF_SEEN | CR_SEEN | NUL_SEEN,
     false},
    /* RSEC-NUL-2 */
    {"NUL is stripped", MEND, OCTETS("\0a\0\0b\0\r\n"), OCTETS("ab\r\n"), 0, NUL_SEEN, false},
    {"NUL stays", LAX, OCTETS("\0a\0\0b\0\r\n"), OCTETS("\0a\0\0b\0\r\n"), 0, NUL_SEEN, false},
    {"a dot behind a NUL stays", MEND, OCTETS("\r\n\0.\r\n"), OCTETS("\r\n.\r\n"), 0, NUL_SEEN,
     false},
    {"a dot before a NUL is off", MEND, OCTETS(".\0\r\n"), OCTETS("\r\n"), 0, NUL_SEEN, false},
};

static void test_rows_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct outcome want = {.length = row->content.length};

        memcpy(want.content, row->content.data, row->content.length);
        want.fault = row->fault;
        want.seen = row->seen;
        want.ended = row->ended;
        want.taken = row->ended ? find_dot(row->in) + 3 : row->in.length;
        play_cuts(row->name, make_policy(row->policy), row->in, 0, &want);
        refer(make_policy(row->policy), row->in, &want);
        play_cuts(row->name, make_policy(row->policy), row->in, 0, &want);
    }
}

/* R5321-4.1.1.4-1, RSEC-SMUG-1, and what other servers were seen to take for an end. Each is
 * followed by the true end; without it nothing has ended. */
static const struct {
    const char *name;
    struct ehlo_slice in;
    bool ends; /* on its own */
} ends[] = {
    {"CRLF . CRLF", OCTETS("a\r\n.\r\n"), true},
    {"empty message", OCTETS(".\r\n"), true},
    {"CR CRLF . CRLF", OCTETS("a\r\r\n.\r\n"), true},
    {"LF CRLF . CRLF", OCTETS("a\n\r\n.\r\n"), true},
    {"NUL CRLF . CRLF", OCTETS("a\0\r\n.\r\n"), true},
    {"LF . LF", OCTETS("a\n.\n"), false},
    {"LF . CRLF", OCTETS("a\n.\r\n"), false},
    {"LF . CR", OCTETS("a\n.\r"), false},
    {"CR . LF", OCTETS("a\r.\n"), false},
    {"CR . CR", OCTETS("a\r.\r"), false},
    {"CR . CRLF", OCTETS("a\r.\r\n"), false},
    {"CRLF . LF", OCTETS("a\r\n.\n"), false},
    {"CRLF . CR", OCTETS("a\r\n.\r"), false},
    {"CRLF . CRCRLF", OCTETS("a\r\n.\r\r\n"), false},
    {"CRCRLF . CRCRLF", OCTETS("a\r\r\n.\r\r\n"), false},
    {"CRLF NUL . CRLF", OCTETS("a\r\n\0.\r\n"), false},
    {"CRLF . NUL CRLF", OCTETS("a\r\n.\0\r\n"), false},
    {"CRLF .. CRLF", OCTETS("a\r\n..\r\n"), false},
    {"CR NUL LF . CRLF", OCTETS("a\r\0\n.\r\n"), false},
    {"CRLF . CR NUL LF", OCTETS("a\r\n.\r\0\n"), false},
    {"CR LF LF . CRLF", OCTETS("a\r\n\n.\r\n"), false},
    {"LF CR . CRLF", OCTETS("a\n\r.\r\n"), false},
    {"NUL . CRLF at the start", OCTETS("\0.\r\n"), false},
    {". CR at the start", OCTETS(".\r"), false},
    {". LF at the start", OCTETS(".\n"), false},
    {"vertical tab", OCTETS("a\v.\v"), false},
    {"next line and line separator", OCTETS("a\x85.\x85\xe2\x80\xa8.\xe2\x80\xa8"), false},
};

static void test_ends_in_every_policy(void **state)
{
    char text[64];
    struct outcome want;

    (void)state;
    for (size_t i = 0; i < ROWS(ends); i++) {
        struct ehlo_slice in = ends[i].in, longer = {text, in.length + 6};

        memcpy(text, in.data, in.length);
        memcpy(text + in.length, "x\r\n.\r\n", 6);
        for (unsigned number = 0; number < POLICIES; number++) {
            refer(make_policy(number), in, &want);
            assert_of(ends[i].name, want.ended == ends[i].ends);
            play_cuts(ends[i].name, make_policy(number), in, 0, &want);
            refer(make_policy(number), longer, &want);
            assert_of(ends[i].name, want.ended);
            assert_of(ends[i].name, want.taken == (ends[i].ends ? in.length : longer.length));
            play_cuts(ends[i].name, make_policy(number), longer, 0, &want);
        }
    }
}

/* R5321-4.5.2-3: every octet goes through, at every place of a machine word */
static void test_every_octet_unchanged(void **state)
{
    struct outcome got;
    char text[40];

    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        for (size_t place = 0; place < sizeof text - 2; place++) {
            struct ehlo_slice in = {text, sizeof text};

            memset(text, 'a', sizeof text);
            memcpy(text + sizeof text - 2, "\r\n", 2);
            text[place] = (char)octet;
            if (octet == '.' && place == 0)
                continue;
            play("accept", make_policy(LAX), in, make_cuts(in.length, in.length), &got);
            assert_octets_of("accept", got.content, got.length, text, sizeof text);
            play("refuse", make_policy(REFUSE), in, make_cuts(in.length, in.length), &got);
            if (octet == '\r' || octet == '\n' || octet == '\0')
                in.length = place;
            assert_octets_of("refuse", got.content, got.length, text, in.length);
        }
    }
}

/* Text is handed out where it lies, in slices as long as they can be. */
static void test_text_is_not_copied(void **state)
{
    static const char text[] = "Subject: a\r\n\r\nb\tc\r\n..d\r\ne\r\n.\r\n";
    const char *second = strchr(text, '.') + 1;
    struct ehlo__dots dots;
    struct ehlo_slice slice;

    (void)state;
    ehlo__dots_start(&dots, 0, 0, 0);
    assert_int_equal(ehlo__dots_take(&dots, text, sizeof text - 1, &slice), second - 1 - text);
    assert_ptr_equal(slice.data, text);
    assert_int_equal(slice.length, second - 1 - text);
    assert_int_equal(ehlo__dots_take(&dots, second - 1, 11, &slice), 8);
    assert_ptr_equal(slice.data, second);
    assert_int_equal(slice.length, 7);
    assert_false(dots.ended);
    assert_int_equal(ehlo__dots_take(&dots, second + 7, 3, &slice), 3);
    assert_int_equal(slice.length, 0);
    assert_true(dots.ended);
    assert_int_equal(ehlo__dots_take(&dots, NULL, 0, &slice), 0);
}

/* ---- against the reference ---- */

static void compare_all_policies(const char *name, struct ehlo_slice in)
{
    struct outcome want, got;

    for (unsigned number = 0; number < POLICIES; number++) {
        struct policy policy = make_policy(number);

        refer(policy, in, &want);
        play(name, policy, in, make_cuts(0, in.length), &got);
        assert_outcome(name, &got, &want);
        play_cuts(name, policy, in, CUTS_OF(in.length) - 1, &want);
    }
}

static void test_all_short_inputs(void **state)
{
    char text[6];

    (void)state;
    for (unsigned length = 0, count = 1; length <= sizeof text; length++, count *= 5) {
        for (unsigned number = 0; number < count; number++) {
            for (unsigned i = 0, rest = number; i < length; i++, rest /= 5)
                text[i] = "\r\n.a"[rest % 5];
            compare_all_policies("short", (struct ehlo_slice){text, length});
        }
    }
}

/* From all odd octets to one in 32, so that runs of whole words are covered. */
static void test_random_inputs(void **state)
{
    static const struct ehlo_slice odd = OCTETS("\r\n\r\n\r\n..\0\t\x8d\xff");
    uint64_t random = 5321;
    char text[MOST / 2];

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct ehlo_slice in = {text, 1 + next_random(&random) % 24};
        unsigned every = 1 + round % 2;

        if (round % 8 == 0) {
            in.length = 100 + next_random(&random) % (sizeof text - 100);
            every = 1 + next_random(&random) % 32;
        }
        fill_random(text, in.length, odd, every, &random);
        compare_all_policies("random", in);
    }
}

/* The same with line ends in pairs, as mail has them: long runs, dots and one odd octet. */
static void test_random_lines(void **state)
{
    static const char *const starts[] = {"", ".", "..", "\t", ".\n", "\n", "\r", ".\r", "x"};
    uint64_t random = 2821;
    char text[MOST / 2];

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct ehlo_slice in = {text, 0};

        for (size_t left = sizeof text - 100; in.length < left;) {
            const char *start = starts[next_random(&random) % (round % 2 ? 3 : ROWS(starts))];
            size_t length = next_random(&random) % 90;

            memcpy(text + in.length, start, strlen(start));
            memset(text + in.length + strlen(start), 'a', length);
            in.length += strlen(start) + length;
            memcpy(text + in.length, "\r\n", 2);
            in.length += 2;
        }
        compare_all_policies("lines", in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_at_every_cut),     cmocka_unit_test(test_ends_in_every_policy),
        cmocka_unit_test(test_every_octet_unchanged), cmocka_unit_test(test_text_is_not_copied),
        cmocka_unit_test(test_all_short_inputs),      cmocka_unit_test(test_random_inputs),
        cmocka_unit_test(test_random_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
