/*
 * Making, checking and resolving replies (RFC 5321 4.2, RFC 2034 4, RFC 3463 2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_ENHANCED                                                                                \
    {                                                                                              \
        0, 0, 0, 0                                                                                 \
    }

static bool same_enhanced_code(struct ehlo_enhanced a, struct ehlo_enhanced b)
{
    return a.klass == b.klass && a.subject == b.subject && a.detail == b.detail;
}

static bool is_zeroed(const struct ehlo_reply *reply)
{
    return reply->id == 0 && reply->code == 0 && reply->enhanced.klass == 0 && reply->flags == 0 &&
           reply->phrase.data == NULL && reply->phrase.length == 0 && reply->subject.data == NULL &&
           reply->subject.length == 0 && reply->reserved == 0;
}

static void test_catalogue_replies_have_the_table_codes(void **state)
{
    struct ehlo_reply_row row;

    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        struct ehlo_reply reply = ehlo_reply(id);

        assert_true(ehlo_reply_row(id, &row));
        assert_int_equal(reply.id, id);
        assert_int_equal(reply.code, row.code[EHLO_CODES_TABLE]);
        assert_true(same_enhanced_code(reply.enhanced, row.enhanced[EHLO_CODES_TABLE]));
        assert_ptr_equal(reply.phrase.data, row.phrase);
        assert_int_equal(reply.phrase.length, strlen(row.phrase));
        assert_int_equal(reply.subject.length, 0);
        assert_int_equal(reply.flags, 0);
        assert_int_equal(reply.reserved, 0);
        assert_true(ehlo_reply_is_valid(&reply));
    }
}

static void test_unknown_ids_give_a_zeroed_reply(void **state)
{
    static const unsigned ids[] = {0,    51,   278,   999,        EHLO_REPLY_ACCEPT,
                                   1002, 1003, 65535, 65536 + 21, UINT_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct ehlo_reply reply = ehlo_reply(ids[i]);
        struct ehlo_reply about = ehlo_reply_about(ids[i], ehlo_text("a@b"));

        assert_true(is_zeroed(&reply));
        assert_true(is_zeroed(&about));
        assert_false(ehlo_reply_is_valid(&reply));
    }
}

static void test_about_keeps_the_subject(void **state)
{
    struct ehlo_reply reply = ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, ehlo_text("<a@b>"));

    (void)state;
    assert_int_equal(reply.code, 550);
    assert_slice_of("subject", reply.subject, "<a@b>");
    assert_slice_of("phrase", reply.phrase, "User unknown; rejecting");
}

/* R2034-4-2, R3463-2-1, R5321-4.2-3. code 0: refused, a zeroed reply. */
static const struct custom_row {
    const char *name;
    unsigned code;
    const char *enhanced;
    unsigned want_code;
    struct ehlo_enhanced want;
} custom_rows[] = {
    {"as given", 451, "4.7.1", 451, {4, 0, 7, 1}},
    {"no enhanced code", 550, NULL, 550, NO_ENHANCED},
    {"empty enhanced code", 550, "", 550, NO_ENHANCED},
    {"class corrected to 5", 550, "4.1.1", 550, {5, 0, 1, 1}},
    {"class corrected to 4", 450, "2.1.1", 450, {4, 0, 1, 1}},
    {"class corrected to 2", 250, "5.1.5", 250, {2, 0, 1, 5}},
    {"none in 3yz", 354, "2.0.0", 354, NO_ENHANCED},
    {"largest", 559, "5.999.999", 559, {5, 0, 999, 999}},
    {"code 199", 199, NULL, 0, NO_ENHANCED},
    {"code 200", 200, NULL, 200, NO_ENHANCED},
    {"code 259", 259, NULL, 259, NO_ENHANCED},
    {"code 260", 260, NULL, 0, NO_ENHANCED},
    {"code 299", 299, NULL, 0, NO_ENHANCED},
    {"code 300", 300, NULL, 300, NO_ENHANCED},
    {"code 559", 559, NULL, 559, NO_ENHANCED},
    {"code 560", 560, NULL, 0, NO_ENHANCED},
    {"code 600", 600, NULL, 0, NO_ENHANCED},
    {"code 0", 0, NULL, 0, NO_ENHANCED},
    {"code 65536 + 250", 65536 + 250, NULL, 0, NO_ENHANCED},
    {"leading zero", 550, "5.01.1", 0, NO_ENHANCED},
    {"class 3", 550, "3.1.1", 0, NO_ENHANCED},
    {"two parts", 550, "5.1", 0, NO_ENHANCED},
    {"space behind", 550, "5.1.1 ", 0, NO_ENHANCED},
};

static void test_custom_checks_its_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof custom_rows / sizeof *custom_rows; i++) {
        const struct custom_row *row = &custom_rows[i];
        struct ehlo_reply reply = ehlo_reply_custom(row->code, row->enhanced, "Some words");

        assert_of(row->name, reply.code == row->want_code);
        assert_of(row->name, same_enhanced_code(reply.enhanced, row->want));
        assert_of(row->name, row->want_code != 0 || is_zeroed(&reply));
        assert_of(row->name, ehlo_reply_is_valid(&reply) == (row->want_code != 0));
        assert_of(row->name, reply.id == EHLO_REPLY_CUSTOM);
        if (row->want_code != 0)
            assert_slice_of(row->name, reply.phrase, "Some words");
    }
}

/* R5321-4.2-3: every code there is. */
static void test_is_valid_takes_reply_codes_only(void **state)
{
    struct ehlo_reply reply = {0};

    (void)state;
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        bool want = code / 100 >= 2 && code / 100 <= 5 && code % 100 / 10 <= 5;

        reply.code = (uint16_t)code;
        assert_true(ehlo_reply_is_valid(&reply) == want);
        assert_true(ehlo_reply_is_positive(&reply) == (code / 100 == 2));
    }
}

static const struct valid_row {
    const char *name;
    unsigned id, code;
    struct ehlo_enhanced enhanced;
    bool want;
} valid_rows[] = {
    {"class of the code", 0, 550, {5, 0, 1, 1}, true},
    {"class 0", 0, 550, {0, 0, 1, 1}, true},
    {"other class", 0, 550, {4, 0, 1, 1}, false},
    {"class 3", 0, 354, {3, 0, 0, 0}, false},
    {"subject 999", 0, 550, {5, 0, 999, 0}, true},
    {"subject 1000", 0, 550, {5, 0, 1000, 0}, false},
    {"detail 999", 0, 550, {5, 0, 0, 999}, true},
    {"detail 1000", 0, 550, {5, 0, 0, 1000}, false},
    {"unknown id", 999, 550, {5, 0, 1, 1}, true},
    {"accept with a code", EHLO_REPLY_ACCEPT, 250, NO_ENHANCED, false},
    {"pending with a code", EHLO_REPLY_PENDING, 250, NO_ENHANCED, false},
    {"challenge with a code", EHLO_REPLY_CHALLENGE, 334, NO_ENHANCED, false},
};

static void test_is_valid_checks_id_and_enhanced_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof valid_rows / sizeof *valid_rows; i++) {
        const struct valid_row *row = &valid_rows[i];
        struct ehlo_reply reply = {
            .id = (uint16_t)row->id, .code = (uint16_t)row->code, .enhanced = row->enhanced};

        assert_of(row->name, ehlo_reply_is_valid(&reply) == row->want);
    }
}

static void test_verdicts_are_not_printable(void **state)
{
    static const char octets[] = "a\0b";
    struct ehlo_reply accept = ehlo_accept();
    struct ehlo_reply pending = ehlo_pending();
    struct ehlo_reply challenge = ehlo_challenge(octets, 3);
    struct ehlo_reply empty = ehlo_challenge(NULL, 0);

    (void)state;
    assert_int_equal(accept.id, EHLO_REPLY_ACCEPT);
    assert_int_equal(pending.id, EHLO_REPLY_PENDING);
    assert_int_equal(challenge.id, EHLO_REPLY_CHALLENGE);
    assert_int_equal(accept.code + pending.code + challenge.code + empty.code, 0);
    assert_ptr_equal(challenge.phrase.data, octets);
    assert_int_equal(challenge.phrase.length, 3);
    assert_int_equal(empty.phrase.length, 0);
    assert_false(ehlo_reply_is_valid(&accept));
    assert_false(ehlo_reply_is_positive(&accept));
    assert_false(ehlo_reply_resolve(&accept, EHLO_CODES_TABLE));
    assert_false(ehlo_reply_resolve(&pending, EHLO_CODES_TABLE));
    assert_false(ehlo_reply_resolve(&challenge, EHLO_CODES_REGISTRY));
}

static void test_closing_only_sets_the_flag(void **state)
{
    struct ehlo_reply reply = ehlo_reply_closing(ehlo_reply(EHLO_REPLY_SITE_POLICY));

    (void)state;
    assert_int_equal(reply.flags, EHLO_REPLY_FLAG_CLOSE);
    assert_int_equal(reply.code, 550);
    reply.flags = 0x8000;
    assert_int_equal(ehlo_reply_closing(reply).flags, 0x8000 | EHLO_REPLY_FLAG_CLOSE);
}

static void test_resolve_gives_every_row_the_pair_of_the_set(void **state)
{
    struct ehlo_reply_row row;

    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        ehlo_reply_row(id, &row);
        for (unsigned set = 0; set < 2; set++) {
            struct ehlo_reply reply = ehlo_reply(id);

            for (int again = 0; again < 2; again++) {
                assert_true(ehlo_reply_resolve(&reply, set));
                assert_int_equal(reply.code, row.code[set]);
                assert_true(same_enhanced_code(reply.enhanced, row.enhanced[set]));
                assert_ptr_equal(reply.phrase.data, row.phrase);
            }
        }
    }
}

/* R2034-4-2, RSEC-REPLY-2: what a host changed stays; what is missing is put in. */
static const struct resolve_row {
    const char *name;
    struct ehlo_reply reply;
    unsigned codes;
    bool want;
    unsigned code;
    struct ehlo_enhanced enhanced;
    const char *phrase;
} resolve_rows[] = {
    {"row 20, registry",
     {.id = 20, .code = 535, .enhanced = {5, 0, 7, 1}},
     1,
     true,
     535,
     {5, 0, 7, 8},
     "Authentication credentials invalid"},
    {"row 20, changed to 4yz",
     {.id = 20, .code = 454, .enhanced = {4, 0, 7, 1}},
     1,
     true,
     454,
     {4, 0, 7, 1},
     "Authentication credentials invalid"},
    {"row 20, detail changed",
     {.id = 20, .code = 535, .enhanced = {5, 0, 7, 9}},
     1,
     true,
     535,
     {5, 0, 7, 9},
     "Authentication credentials invalid"},
    {"row 20, class forgotten",
     {.id = 20, .code = 454, .enhanced = {5, 0, 7, 1}},
     0,
     true,
     454,
     {4, 0, 7, 1},
     "Authentication credentials invalid"},
    {"row 20, enhanced code taken away",
     {.id = 20, .code = 535},
     1,
     true,
     535,
     NO_ENHANCED,
     "Authentication credentials invalid"},
    {"row 50, none in the table set",
     {.id = 50, .code = 554},
     0,
     true,
     554,
     NO_ENHANCED,
     "Too many hops"},
    {"row 50, one in the registry set",
     {.id = 50, .code = 554},
     1,
     true,
     554,
     {5, 0, 4, 6},
     "Too many hops"},
    {"words of the host",
     {.id = 50, .code = 554, .phrase = {"Loop", 4}},
     1,
     true,
     554,
     {5, 0, 4, 6},
     "Loop"},
    {"unknown id",
     {.id = 999, .code = 554, .phrase = {"Loop", 4}},
     1,
     true,
     554,
     NO_ENHANCED,
     "Loop"},
    {"3yz loses its enhanced code",
     {.code = 354, .enhanced = {3, 0, 1, 1}},
     0,
     true,
     354,
     NO_ENHANCED,
     "Start the message; end it with a line holding only a dot"},
    {"no class, so no enhanced code",
     {.code = 559, .enhanced = {0, 0, 9, 9}},
     0,
     true,
     559,
     NO_ENHANCED,
     "Transaction failed"},
    {"custom, first row of the pair",
     {.code = 451, .enhanced = {4, 0, 7, 1}},
     0,
     true,
     451,
     {4, 0, 7, 1},
     "Greylisted, try again later"},
    {"custom, first row in the other set",
     {.code = 554, .enhanced = {5, 0, 4, 6}},
     0,
     true,
     554,
     {5, 0, 4, 6},
     "Too many hops"},
    {"custom, that row needs a subject",
     {.code = 251, .enhanced = {2, 0, 1, 5}},
     0,
     true,
     251,
     {2, 0, 1, 5},
     "Done"},
    {"custom, no such pair",
     {.code = 559, .enhanced = {5, 0, 7, 99}},
     0,
     true,
     559,
     {5, 0, 7, 99},
     "Transaction failed"},
    {"custom, code only", {.code = 450}, 0, true, 450, NO_ENHANCED, "Local error, try again later"},
    {"custom, X.0.0",
     {.code = 501, .enhanced = {5, 0, 0, 0}},
     0,
     true,
     501,
     {5, 0, 0, 0},
     "Transaction failed"},
    {"custom, 2yz", {.code = 250}, 1, true, 250, NO_ENHANCED, "Done"},
    {"line ends only", {.code = 250, .phrase = {"\r\n\n", 3}}, 1, true, 250, NO_ENHANCED, "Done"},
    {"line ends behind",
     {.code = 250, .phrase = {"a\nb\r\n\r\n", 7}},
     1,
     true,
     250,
     NO_ENHANCED,
     "a\nb"},
    {"line ends in front", {.code = 250, .phrase = {"\na", 2}}, 1, true, 250, NO_ENHANCED, "\na"},
    {"zeroed", {0}, 0, false, 0, NO_ENHANCED, ""},
    {"no code set 2", {.id = 20, .code = 535}, 2, false, 0, NO_ENHANCED, ""},
    {"bad code", {.id = 20, .code = 560}, 0, false, 0, NO_ENHANCED, ""},
    {"bad detail", {.code = 550, .enhanced = {5, 0, 1, 1000}}, 0, false, 0, NO_ENHANCED, ""},
};

static void test_resolve_completes_and_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof resolve_rows / sizeof *resolve_rows; i++) {
        const struct resolve_row *row = &resolve_rows[i];
        struct ehlo_reply reply = row->reply;

        assert_of(row->name, ehlo_reply_resolve(&reply, row->codes) == row->want);
        if (!row->want) { /* left as it was */
            assert_of(row->name, reply.code == row->reply.code && reply.id == row->reply.id);
            assert_of(row->name, same_enhanced_code(reply.enhanced, row->reply.enhanced));
            assert_of(row->name, reply.phrase.data == row->reply.phrase.data);
            continue;
        }
        assert_of(row->name, reply.code == row->code);
        assert_of(row->name, same_enhanced_code(reply.enhanced, row->enhanced));
        assert_of(row->name, reply.id == row->reply.id);
        assert_slice_of(row->name, reply.phrase, row->phrase);
        assert_of(row->name, ehlo_reply_is_valid(&reply));
    }
}

/* R3463-2-1 */
static const struct parse_row {
    const char *text;
    bool want;
    struct ehlo_enhanced code;
} parse_rows[] = {
    {"2.0.0", true, {2, 0, 0, 0}},
    {"4.7.1", true, {4, 0, 7, 1}},
    {"5.999.999", true, {5, 0, 999, 999}},
    {"5.10.100", true, {5, 0, 10, 100}},
    {"", false, NO_ENHANCED},
    {"5", false, NO_ENHANCED},
    {"5.", false, NO_ENHANCED},
    {"5.1", false, NO_ENHANCED},
    {"5.1.", false, NO_ENHANCED},
    {"5.1.1.", false, NO_ENHANCED},
    {"5.1.1 ", false, NO_ENHANCED},
    {" 5.1.1", false, NO_ENHANCED},
    {"5..1", false, NO_ENHANCED},
    {"5..11", false, NO_ENHANCED},
    {"5.01.1", false, NO_ENHANCED},
    {"5.1.01", false, NO_ENHANCED},
    {"5.00.1", false, NO_ENHANCED},
    {"05.1.1", false, NO_ENHANCED},
    {"5.1000.1", false, NO_ENHANCED},
    {"5.1.1000", false, NO_ENHANCED},
    {"0.1.1", false, NO_ENHANCED},
    {"1.1.1", false, NO_ENHANCED},
    {"3.1.1", false, NO_ENHANCED},
    {"6.1.1", false, NO_ENHANCED},
    {"5.1.x", false, NO_ENHANCED},
    {"5.x.1", false, NO_ENHANCED},
    {"5-1-1", false, NO_ENHANCED},
    {"5.1-1", false, NO_ENHANCED},
    {"5.-1.1", false, NO_ENHANCED},
    {"55.1.1", false, NO_ENHANCED},
    {"X.1.1", false, NO_ENHANCED},
    {"5.123", false, NO_ENHANCED},
    {"5.1234", false, NO_ENHANCED},
};

static void test_parse_enhanced(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parse_rows / sizeof *parse_rows; i++) {
        const struct parse_row *row = &parse_rows[i];
        struct ehlo_slice text = dup_slice(row->text);
        struct ehlo_enhanced code = {9, 9, 9, 9};

        assert_of(row->text, ehlo_parse_enhanced(text, &code) == row->want);
        if (row->want)
            assert_of(row->text, same_enhanced_code(code, row->code) && code.reserved == 0);
        else
            assert_of(row->text, code.klass == 9 && code.subject == 9 && code.detail == 9);
        free_slice(text);
    }
}

static void test_parse_enhanced_every_octet_everywhere(void **state)
{
    (void)state;
    for (size_t at = 0; at < 5; at++) {
        for (int octet = 0; octet <= 255; octet++) {
            char text[6] = "5.1.1";
            bool digit = octet >= '0' && octet <= '9';
            bool want = at == 0       ? octet == '2' || octet == '4' || octet == '5'
                        : at % 2 == 1 ? octet == '.'
                                      : digit;
            struct ehlo_enhanced code;
            struct ehlo_slice slice = {text, 5};

            text[at] = (char)octet;
            assert_true(ehlo_parse_enhanced(slice, &code) == want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue_replies_have_the_table_codes),
        cmocka_unit_test(test_unknown_ids_give_a_zeroed_reply),
        cmocka_unit_test(test_about_keeps_the_subject),
        cmocka_unit_test(test_custom_checks_its_codes),
        cmocka_unit_test(test_is_valid_takes_reply_codes_only),
        cmocka_unit_test(test_is_valid_checks_id_and_enhanced_code),
        cmocka_unit_test(test_verdicts_are_not_printable),
        cmocka_unit_test(test_closing_only_sets_the_flag),
        cmocka_unit_test(test_resolve_gives_every_row_the_pair_of_the_set),
        cmocka_unit_test(test_resolve_completes_and_checks),
        cmocka_unit_test(test_parse_enhanced),
        cmocka_unit_test(test_parse_enhanced_every_octet_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
