/*
 * The reply catalogue: its walk, its invariants, the 50 policy rows to the letter, and the pairs of
 * EHLO_CODES_REGISTRY against the registry of enhanced codes (RFC 5248).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_COUNT 183

static void test_walk_ids_ascend_and_end(void **state)
{
    struct ehlo_reply_row row;
    unsigned last = 0;
    unsigned count = 0;

    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id), count++) {
        assert_true(id > last);
        assert_true(ehlo_reply_row(id, &row));
        assert_int_equal(row.id, id);
        last = id;
    }
    assert_int_equal(count, ROW_COUNT);
    assert_int_equal(last, EHLO_REPLY_HOLD_QUOTA);
}

static void test_walk_goes_on_from_ids_in_gaps(void **state)
{
    static const unsigned pairs[][2] = {
        {1, 2},   {50, 101},  {51, 101},  {100, 101}, {136, 141},        {276, 277},   {277, 0},
        {278, 0}, {65534, 0}, {65535, 0}, {65536, 0}, {UINT_MAX - 1, 0}, {UINT_MAX, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(ehlo_reply_next(pairs[i][0]), pairs[i][1]);
}

static void test_row_unknown_ids_are_refused(void **state)
{
    static const unsigned ids[] = {0,
                                   51,
                                   100,
                                   122,
                                   137,
                                   192,
                                   278,
                                   999,
                                   EHLO_REPLY_ACCEPT,
                                   EHLO_REPLY_PENDING,
                                   EHLO_REPLY_CHALLENGE,
                                   65535,
                                   65536 + 21,
                                   UINT_MAX};
    struct ehlo_reply_row row;

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_false(ehlo_reply_row(ids[i], &row));
}

/* R5321-4.2-3, R2034-4-2, R2034-3-1: codes are well-formed, classes agree, none in 3yz. */
static void check_pair(const char *name, const struct ehlo_reply_row *row, size_t set)
{
    const struct ehlo_enhanced *enhanced = &row->enhanced[set];
    unsigned code = row->code[set];

    assert_of(name, code >= 200 && code <= 599 && code / 10 % 10 <= 5);
    assert_of(name, code / 100 == row->code[0] / 100);
    assert_of(name, enhanced->reserved == 0);
    if (enhanced->klass == 0) {
        assert_of(name, enhanced->subject == 0 && enhanced->detail == 0);
        return;
    }
    assert_of(name, enhanced->klass == code / 100 && enhanced->klass != 3);
    assert_of(name, enhanced->subject <= 7 && enhanced->detail <= 30);
}

/* RSEC-REPLY-1, R5321-4.5.3.1-3: printable, and fits a line whatever the subject is. */
static void check_phrase(const char *name, const struct ehlo_reply_row *row)
{
    const size_t codes = sizeof "550 5.999.999 " - 1;
    const char *place = strchr(row->phrase, '%');
    size_t length = strlen(row->phrase);

    assert_of(name, length > 0);
    for (size_t i = 0; i < length; i++)
        assert_of(name, row->phrase[i] >= ' ' && row->phrase[i] <= '~');
    assert_of(name, row->phrase[0] != ' ' && row->phrase[length - 1] != ' ');
    assert_of(name, codes + EHLO_SUBJECT_MAX + 1 + length + 2 <= EHLO_REPLY_LINE_MAX);
    if (row->code[0] == 421) /* the room that is always kept for it */
        assert_of(name, codes + length + 2 <= 128);
    if (place == NULL)
        return;
    assert_of(name, place[1] == 's' && strchr(place + 1, '%') == NULL);
    assert_of(name, place == row->phrase || place[-1] == ' ');
    assert_of(name, place[2] == '\0' || place[2] == ' ');
}

static void test_rows_are_well_formed(void **state)
{
    struct ehlo_reply_row row;
    char name[32];

    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        ehlo_reply_row(id, &row);
        snprintf(name, sizeof name, "row %u", id);
        check_pair(name, &row, EHLO_CODES_TABLE);
        check_pair(name, &row, EHLO_CODES_REGISTRY);
        check_phrase(name, &row);
    }
}

/* Prints an enhanced code as the tables have it; "" for none. */
static const char *enhanced_text(const struct ehlo_enhanced *enhanced, char text[16])
{
    text[0] = '\0';
    if (enhanced->klass != 0)
        snprintf(text, 16, "%u.%u.%u", enhanced->klass, enhanced->subject, enhanced->detail);
    return text;
}

/* Cuts a line at its tabs; returns the number of fields. */
static size_t cut_fields(char *line, char **fields, size_t room)
{
    size_t count = 0;

    for (char *field = line; field != NULL && count < room; count++) {
        fields[count] = field;
        field = strchr(field, '\t');
        if (field != NULL)
            *field++ = '\0';
    }
    return count;
}

/* Rows 1 to 50 of the reply table, to the letter. */
static void test_policy_rows_are_the_table(void **state)
{
    char *text = read_whole_file(EHLO_TESTS_DIR "/tables/reply-rows.tsv");
    char enhanced[16];
    struct ehlo_reply_row row;
    unsigned rows = 0;

    (void)state;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *fields[5];

        if (line[0] == '#')
            continue;
        assert_int_equal(cut_fields(line, fields, 5), 5);
        assert_int_equal(strtoul(fields[0], NULL, 10), ++rows);
        assert_true(ehlo_reply_row(rows, &row));
        assert_of(fields[3], row.code[EHLO_CODES_TABLE] == strtoul(fields[1], NULL, 10));
        enhanced_text(&row.enhanced[EHLO_CODES_TABLE], enhanced);
        assert_octets_of(fields[3], enhanced, strlen(enhanced), fields[2], strlen(fields[2]));
        assert_octets_of(fields[3], row.phrase, strlen(row.phrase), fields[4], strlen(fields[4]));
        assert_string_equal(ehlo_reply_name(rows), fields[3]);
    }
    assert_int_equal(rows, 50);
    free(text);
}

/* Pairs of EHLO_CODES_REGISTRY whose enhanced code is registered, but not with this basic code. */
static struct exception {
    unsigned code;
    const char *enhanced;
    const char *reason;
    bool needed;
} exceptions[] = {
    {251, "2.1.5", "RFC 5321 3.4 has 251; listed with 250", false},
    {421, "4.3.2", "RFC 3463: the host is going down; listed with 453, 521", false},
    {421, "4.7.0", "a limit ends the session; listed with 450, 454 of the 4yz", false},
    {452, "4.2.2", "RFC 1870 6.4 has 452; listed with 552", false},
    {452, "4.5.3", "RFC 5321 4.5.3.1.10 has 452; listed with 451", false},
    {455, "4.5.0", "RFC 5321 4.1.1.11 has 455; listed with other 4yz", false},
    {502, "5.5.1", "RFC 3463 calls X.5.1 unsupported; listed with other 5yz", false},
    {553, "5.1.3", "RFC 5321 4.2.3 has 553 for mailbox names; listed with 501", false},
    {554, "5.1.8", "RFC 6409 4.2 asks for 554; listed with 451, 501", false},
    {554, "5.4.1", "row 45 is permanent; listed with 451", false},
    {554, "5.6.9", "RFC 6531 3.5 asks for 554; listed with 550", false},
    {554, "5.7.0", "RFC 3207 4.1 asks for 554; listed with 550 of the 55z", false},
    {554, "5.7.1", "rows 36 and 44 are greetings; listed with 550", false},
};

/* Takes a field of a CSV file (RFC 4180) and ends it with a NUL; NULL at the end of the file. */
static char *take_csv_field(char **at, bool *last_of_record)
{
    char *from = *at;
    char *to = from;
    char *field = from;
    bool quoted = *from == '"';

    if (*from == '\0')
        return NULL;
    for (from += quoted; *from != '\0'; from++) {
        if (quoted && from[0] == '"' && from[1] != '"') {
            quoted = false;
            continue;
        }
        if (!quoted && (*from == ',' || *from == '\n'))
            break;
        if (*from == '"')
            from++;
        if (*from != '\r')
            *to++ = *from;
    }
    *last_of_record = *from != ',';
    *at = *from == '\0' ? from : from + 1;
    *to = '\0';
    return field;
}

/* Tells what the registry has as basic codes of X.subject.detail; NULL: not registered. */
static const char *registered_codes(char **codes, const struct ehlo_enhanced *enhanced)
{
    char wanted[16];

    snprintf(wanted, sizeof wanted, "X.%u.%u", enhanced->subject, enhanced->detail);
    for (; codes[0] != NULL; codes += 2) {
        if (strcmp(codes[0], wanted) == 0)
            return codes[1];
    }
    return NULL;
}

/* Open lists, "5XX" and "other 4XX or 5XX codes are allowed" take any code of the class. */
static bool is_listed(const char *list, unsigned code)
{
    static const char *const open_lists[] = {"Any", "Not given", "."};
    char word[8];

    for (size_t i = 0; i < sizeof open_lists / sizeof *open_lists; i++) {
        if (strcmp(list, open_lists[i]) == 0)
            return true;
    }
    snprintf(word, sizeof word, "%uXX", code / 100);
    if (strstr(list, word) != NULL)
        return true;
    snprintf(word, sizeof word, "%u", code);
    return strstr(list, word) != NULL;
}

static bool is_exception(unsigned code, const char *enhanced)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (exceptions[i].code == code && strcmp(exceptions[i].enhanced, enhanced) == 0)
            return exceptions[i].needed = true;
    }
    return false;
}

/* The code and the basic codes of every record, alternating, NULL behind the last. */
static void read_registry(char *text, char **codes, size_t room)
{
    size_t count = 0;
    size_t column = 0;
    bool last = false;

    for (char *field; (field = take_csv_field(&text, &last)) != NULL;) {
        if (column == 0 || column == 2)
            codes[count++] = field;
        column = last ? 0 : column + 1;
        assert_true(count < room);
    }
    assert_true(count > 150 && count % 2 == 0);
    codes[count] = NULL;
}

/* R5248-2-1: default pairs of basic and enhanced code agree with the registry. */
static void test_registry_pairs_are_registered(void **state)
{
    char *text = read_whole_file(EHLO_TESTS_DIR "/tables/iana-smtp-enhanced-status-codes-3.csv");
    char *codes[300];
    char enhanced[16];
    struct ehlo_reply_row row;

    (void)state;
    read_registry(text, codes, 300);
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        const char *list;

        ehlo_reply_row(id, &row);
        if (row.enhanced[EHLO_CODES_REGISTRY].klass == 0)
            continue;
        list = registered_codes(codes, &row.enhanced[EHLO_CODES_REGISTRY]);
        assert_of(ehlo_reply_name(id), list != NULL && list[0] != '\0');
        enhanced_text(&row.enhanced[EHLO_CODES_REGISTRY], enhanced);
        assert_of(ehlo_reply_name(id), is_listed(list, row.code[EHLO_CODES_REGISTRY]) ||
                                           is_exception(row.code[EHLO_CODES_REGISTRY], enhanced));
    }
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        assert_of(exceptions[i].reason, exceptions[i].needed);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk_ids_ascend_and_end),
        cmocka_unit_test(test_walk_goes_on_from_ids_in_gaps),
        cmocka_unit_test(test_row_unknown_ids_are_refused),
        cmocka_unit_test(test_rows_are_well_formed),
        cmocka_unit_test(test_policy_rows_are_the_table),
        cmocka_unit_test(test_registry_pairs_are_registered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
