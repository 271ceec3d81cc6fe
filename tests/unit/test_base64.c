/*
 * lib/syntax/base64.c: the vectors of RFC 4648 10, and strictness: one spelling for each octet
 * string (RFC 4648 3.3, 3.5).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax_support.h"

#define OK        EHLO_SYNTAX_OK
#define MALFORMED EHLO_SYNTAX_MALFORMED

static const struct {
    const char *name;
    struct ehlo_slice octets;
    const char *text;
} vectors[] = {
    {"none", TEXT(""), ""},
    {"f", TEXT("f"), "Zg=="},
    {"fo", TEXT("fo"), "Zm8="},
    {"foo", TEXT("foo"), "Zm9v"},
    {"foob", TEXT("foob"), "Zm9vYg=="},
    {"fooba", TEXT("fooba"), "Zm9vYmE="},
    {"foobar", TEXT("foobar"), "Zm9vYmFy"},
    {"NUL", TEXT("\0"), "AA=="},
    {"PLAIN", TEXT("\0tim\0pw"), "AHRpbQBwdw=="},
    {"last of the alphabet", TEXT("\xff\xff\xff\xfb\xef\xbe"), "////++++"},
};

static void test_base64_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(vectors); i++) {
        struct ehlo_slice octets = exact(vectors[i].octets), text = dup_slice(vectors[i].text);
        char *place = (char *)(uintptr_t)text.data;
        char buffer[16];
        size_t length = 77;

        check_writer(vectors[i].name, ehlo_base64_encode, octets, vectors[i].text);
        check_number(vectors[i].name, "verdict",
                     ehlo_base64_decode(text, buffer, octets.length, &length), OK);
        assert_octets_of(vectors[i].name, buffer, length, octets.data, octets.length);
        check_number(vectors[i].name, "verdict in place",
                     ehlo_base64_decode(text, place, text.length, &length), OK);
        assert_octets_of(vectors[i].name, place, length, octets.data, octets.length);
        free_slice(octets);
        free_slice(text);
    }
}

static const char *const malformed[] = {
    "=",      "==",       "===",      "====", "A",    "AA",         "AAA",  "A===",      "AA=",
    "AAAAA",  "AAA=AAAA", "AA==AAAA", "=AAA", "A=AA", "AA=A",       "A=A=", "AAAA====",  "AAAA=",
    "AAAA==", "AB==",     "AP==",     "AAB=", "AAD=", "Zh==",       "Zm9=", " AAA",      "AAA ",
    "AA A",   "AAA\n",    "AAAA\r\n", "AA-_", "AA.A", "AA\xc3\xbc", "*",    "AAAA AAAA",
};

static void test_base64_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(malformed); i++) {
        struct ehlo_slice text = dup_slice(malformed[i]);
        char *place = (char *)(uintptr_t)text.data;
        size_t length = 77;

        check_number(malformed[i], "verdict", ehlo_base64_decode(text, place, text.length, &length),
                     MALFORMED);
        check_number(malformed[i], "length", length, 77);
        assert_slice_of(malformed[i], text, malformed[i]);
        free_slice(text);
    }
}

static void test_base64_decode_needs_room(void **state)
{
    static const char *const texts[] = {"Zg==", "Zm8=", "Zm9v", "Zm9vYg=="};

    (void)state;
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct ehlo_slice text = dup_slice(texts[i]);
        char buffer[4] = "????";
        size_t length = 77;

        assert_int_equal(ehlo_base64_decode(text, buffer, i, &length), EHLO_SYNTAX_TOO_LONG);
        assert_int_equal(length, 77);
        assert_int_equal(buffer[0], '?');
        assert_int_equal(ehlo_base64_decode(text, buffer, i + 1, &length), OK);
        assert_int_equal(length, i + 1);
        free_slice(text);
    }
}

/* Every octet in each of the four places: the alphabet, and "=" where it is padding. */
static void test_base64_every_octet_in_every_place(void **state)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    (void)state;
    for (size_t place = 0; place < 4; place++) {
        for (int octet = 0; octet <= 255; octet++) {
            char text[] = "AAAA", buffer[3];
            bool want = octet != 0 && strchr(alphabet, octet) != NULL;
            size_t length;

            text[place] = (char)octet;
            if (place == 3 && octet == '=')
                want = true; /* two octets; the unused bits of the third character are zero */
            if ((ehlo_base64_decode((struct ehlo_slice){text, 4}, buffer, 3, &length) == OK) !=
                want)
                fail_msg("octet %d in place %zu", octet, place);
        }
    }
}

static void test_base64_random_octets_there_and_back(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        char octets[50], text[68];
        size_t length = next_random(&seed) % (sizeof octets + 1), written, back = 0;

        for (size_t i = 0; i < length; i++)
            octets[i] = (char)(next_random(&seed) & 0xff);
        written = ehlo_base64_encode((struct ehlo_slice){octets, length}, text, sizeof text);
        assert_int_equal(written, (length + 2) / 3 * 4);
        assert_int_equal(
            ehlo_base64_decode((struct ehlo_slice){text, written}, text, written, &back), OK);
        assert_int_equal(back, length);
        assert_memory_equal(text, octets, length);
    }
}

/* What is taken is what an encoder would have written. */
static void read_base64(struct ehlo_slice text)
{
    char buffer[64], again[64];
    size_t length;

    if (ehlo_base64_decode(text, buffer, sizeof buffer, &length) != OK)
        return;
    assert_int_equal(ehlo_base64_encode((struct ehlo_slice){buffer, length}, again, sizeof again),
                     text.length);
    if (text.length > 0)
        assert_memory_equal(again, text.data, text.length);
}

static void test_base64_has_one_spelling(void **state)
{
    (void)state;
    for_each_damage(SLICE("AHRpbUBiLmV4YW1wbGUAc2VjcmV0IQ=="), read_base64);
    for_each_damage(SLICE("Zm8="), read_base64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_vectors),
        cmocka_unit_test(test_base64_malformed),
        cmocka_unit_test(test_base64_decode_needs_room),
        cmocka_unit_test(test_base64_every_octet_in_every_place),
        cmocka_unit_test(test_base64_random_octets_there_and_back),
        cmocka_unit_test(test_base64_has_one_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
