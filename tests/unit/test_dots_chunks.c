/*
 * Tests of lib/wire/dots.c for content in chunks: a dot is an octet like others and nothing in it
 * ends the content; bare CR, LF and NUL are judged as ever; each short input at each cut against a
 * reference that sees all of it (RFC 3030 2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/dots.h"

#include "wire_support.h"

struct outcome {
    char content[64];
    size_t length;
    unsigned fault, seen;
};

/* ---- the machine, fed in pieces that die ---- */

static void take_slice(struct outcome *o, struct ehlo_slice slice)
{
    if (slice.length > 0)
        memcpy(o->content + o->length, slice.data, slice.length);
    o->length += slice.length;
}

static struct outcome play(struct ehlo_slice in, unsigned policies, struct cuts cuts)
{
    struct ehlo__dots dots;
    struct ehlo_slice slice;
    struct outcome o = {.length = 0};

    ehlo__dots_start_chunks(&dots, policies % 3, policies / 3 % 3, policies / 9);
    for (size_t used = 0; used < in.length;) {
        const size_t length = next_piece(&cuts, in.length - used);
        char *piece = dup_exact(in.data + used, length);

        for (size_t at = 0; at < length;) {
            const size_t took = ehlo__dots_take(&dots, piece + at, length - at, &slice);

            assert_true(took > 0 && took <= length - at);
            take_slice(&o, slice);
            at += took;
        }
        assert_int_equal(dots.ended, 0); /* only the count ends it */
        free(piece);
        used += length;
    }
    ehlo__dots_finish(&dots, &slice);
    take_slice(&o, slice);
    assert_int_equal(dots.ended, 1);
    assert_int_equal(ehlo__dots_take(&dots, "x", 1, &slice) + slice.length, 0);
    o.fault = dots.fault;
    o.seen = dots.seen;
    return o;
}

/* ---- the reference ---- */

static void odd(struct outcome *o, unsigned fault, unsigned policy, const char *changed, char octet)
{
    o->seen |= 1u << fault;
    if (policy == 0 && o->fault == EHLO__DOTS_FINE)
        o->fault = fault;
    if (o->fault != EHLO__DOTS_FINE)
        return;
    if (policy == 2)
        o->content[o->length++] = octet;
    for (; policy == 1 && *changed != '\0'; changed++)
        o->content[o->length++] = *changed;
}

static struct outcome refer(struct ehlo_slice in, unsigned policies)
{
    struct outcome o = {.length = 0};

    for (size_t i = 0; i < in.length; i++) {
        const char octet = in.data[i];

        if (octet == '\r' && i + 1 < in.length && in.data[i + 1] == '\n') {
            if (o.fault == EHLO__DOTS_FINE) {
                memcpy(o.content + o.length, "\r\n", 2);
                o.length += 2;
            }
            i++;
        } else if (octet == '\r') {
            odd(&o, EHLO__DOTS_BARE_CR, policies / 3 % 3, " ", octet);
        } else if (octet == '\n') {
            odd(&o, EHLO__DOTS_BARE_LF, policies % 3, "\r\n", octet);
        } else if (octet == '\0') {
            odd(&o, EHLO__DOTS_NUL, policies / 9, "", octet);
        } else if (o.fault == EHLO__DOTS_FINE) {
            o.content[o.length++] = octet;
        }
    }
    return o;
}

static void compare(struct ehlo_slice in, unsigned policies, struct cuts cuts)
{
    const struct outcome want = refer(in, policies), got = play(in, policies, cuts);

    assert_octets_of("content", got.content, got.length, want.content, want.length);
    assert_int_equal(got.fault, want.fault);
    assert_int_equal(got.seen, want.seen);
}

/* R3030-2-13, RSEC-SMUG-5 */
static void test_all_short_inputs_at_every_cut(void **state)
{
    static const char octets[] = {'a', '.', '\r', '\n', '\0'};
    char text[5];
    unsigned count = 1; /* of the inputs of this length */

    (void)state;
    for (size_t length = 0; length <= sizeof text; length++, count *= 5)
        for (unsigned number = 0; number < count; number++) {
            const struct ehlo_slice in = {text, length};
            unsigned rest = number;

            for (size_t i = 0; i < length; i++, rest /= 5)
                text[i] = octets[rest % 5];
            for (unsigned policies = 0; policies < 27; policies++)
                for (size_t cut = 0; cut <= length; cut++)
                    compare(in, policies, make_cuts(cut, length));
        }
}

static void test_random_inputs(void **state)
{
    uint64_t random = 3;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        char text[30];
        const struct ehlo_slice in = {text, next_random(&random) % (sizeof text + 1)};

        fill_random(text, in.length, (struct ehlo_slice)OCTETS("\r\n\r\n\r\n..\0"), 3, &random);
        compare(in, next_random(&random) % 27, make_cuts(in.length + 1 + i % 4, in.length));
    }
}

/* Each octet passes where all is accepted (R3030-3-3). */
static void test_every_octet_passes_where_all_is_accepted(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        const char text[] = {'.', (char)octet, (char)octet, '.', '\r', '\n'};
        const struct ehlo_slice in = {text, sizeof text};
        const struct outcome got = play(in, 26, make_cuts(0, in.length));

        assert_octets_of("content", got.content, got.length, text, sizeof text);
        assert_int_equal(got.fault, EHLO__DOTS_FINE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_short_inputs_at_every_cut),
        cmocka_unit_test(test_random_inputs),
        cmocka_unit_test(test_every_octet_passes_where_all_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
