/*
 * lib/syntax/text.c: comparing without regard to ASCII case. R5321-2.4-1.
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

static const struct {
    const char *name;
    struct ehlo_slice a, b;
    bool want;
} pairs[] = {
    {"same", TEXT("MAIL"), TEXT("MAIL"), true},
    {"mixed case", TEXT("mAiL"), TEXT("MaIl"), true},
    {"both empty", {"", 0}, {NULL, 0}, true},
    {"one empty", {NULL, 0}, TEXT("a"), false},
    {"prefix", TEXT("MAIL"), TEXT("MAI"), false},
    {"other last letter", TEXT("MAIL"), TEXT("MAIN"), false},
    {"NUL inside", TEXT("a\0b"), TEXT("A\0B"), true},
    {"differ behind NUL", TEXT("a\0b"), TEXT("a\0c"), false},
};

static void test_text_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(pairs); i++) {
        struct ehlo_slice a = exact(pairs[i].a), b = exact(pairs[i].b);

        check_number(pairs[i].name, "verdict", ehlo_same_text(a, b), pairs[i].want);
        check_number(pairs[i].name, "verdict turned round", ehlo_same_text(b, a), pairs[i].want);
        free_slice(a);
        free_slice(b);
    }
}

static void test_text_every_pair_of_octets(void **state)
{
    (void)state;
    for (int a = 0; a <= 255; a++) {
        for (int b = 0; b <= 255; b++) {
            char octet_a = (char)a, octet_b = (char)b;
            int low = a < b ? a : b, high = a < b ? b : a;
            bool want = a == b || (low >= 'A' && low <= 'Z' && high == low + 32);

            if (ehlo_same_text((struct ehlo_slice){&octet_a, 1},
                               (struct ehlo_slice){&octet_b, 1}) != want)
                fail_msg("octets %d and %d", a, b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_pairs),
        cmocka_unit_test(test_text_every_pair_of_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
