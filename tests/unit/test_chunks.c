/*
 * Tests of bare CR, bare LF and NUL in chunks, against a small model of this file's own: each
 * policy, each border between chunks, each way to cut the input (RSEC-SMUG-5, R3030-2-13). Chunks
 * themselves are in test_bdat.c.
 *
 * SPDX-License-Identifier: MIT
 */
#include "recorder.h"
#include "wire_support.h"

#include <stdio.h>

/* What becomes of a content. */
struct model {
    char body[64];
    size_t length;
    unsigned code;  /* of the fault, or 0 */
    size_t told_by; /* the octet that tells of the fault; the length of the content: its end */
    unsigned seen;  /* 1: bare LF, 2: bare CR, 4: NUL */
};

static void put(struct model *model, char octet)
{
    if (model->code == 0)
        model->body[model->length++] = octet;
}

/* Returns whether the octet is to be kept or changed, and notes the fault if not. */
static bool judge(struct model *model, unsigned bit, bool refused, unsigned code, size_t told_by)
{
    if (model->code == 0)
        model->seen |= bit;
    if (refused && model->code == 0) {
        model->code = code;
        model->told_by = told_by;
    }
    return !refused;
}

static struct model expect(const struct ehlo_server_config *config, struct ehlo_slice content)
{
    struct model model = {.length = 0};

    for (size_t i = 0; i < content.length; i++) {
        const char octet = content.data[i];
        const bool line_end =
            octet == '\r' && i + 1 < content.length && content.data[i + 1] == '\n';

        if (line_end) {
            put(&model, '\r');
            put(&model, '\n');
            i++;
        } else if (octet == '\r') {
            if (judge(&model, 2, config->bare_cr == EHLO_BARE_CR_REFUSE, 550, i + 1))
                put(&model, config->bare_cr == EHLO_BARE_CR_SPACE ? ' ' : '\r');
        } else if (octet == '\n') {
            if (!judge(&model, 1, config->bare_lf == EHLO_BARE_LF_REFUSE, 550, i))
                continue;
            if (config->bare_lf == EHLO_BARE_LF_NORMALISE)
                put(&model, '\r');
            put(&model, '\n');
        } else if (octet == '\0') {
            if (judge(&model, 4, config->nul == EHLO_NUL_REFUSE, 554, i) &&
                config->nul == EHLO_NUL_ACCEPT)
                put(&model, '\0');
        } else {
            put(&model, octet);
        }
    }
    return model;
}

/* The content in two chunks, with a border behind `border` octets. */
static struct note make_input(struct ehlo_slice content, size_t border)
{
    struct note input = {NULL, 0, 0};
    char line[32];

    snprintf(line, sizeof line, "BDAT %zu\r\n", border);
    add_note(&input, line, strlen(line));
    add_note(&input, content.data, border);
    snprintf(line, sizeof line, "BDAT %zu LAST\r\n", content.length - border);
    add_note(&input, line, strlen(line));
    add_note(&input, content.data + border, content.length - border);
    return input;
}

static void check_content(struct ehlo_slice content, size_t border, unsigned policies, size_t piece)
{
    struct note input = make_input(content, border);
    struct recorder r;
    struct model model;
    char want[16], row[128];

    prepare(&r);
    r.config.bare_lf = (uint8_t)(policies % 3);
    r.config.bare_cr = (uint8_t)(policies / 3 % 3);
    r.config.nul = (uint8_t)(policies / 9);
    model = expect(&r.config, content);
    snprintf(row, sizeof row, "border %zu of %zu, lf %u, cr %u, nul %u, pieces of %zu", border,
             content.length, r.config.bare_lf, r.config.bare_cr, r.config.nul, piece);
    if (model.code == 0)
        strcpy(want, "250 250");
    else if (model.told_by < border)
        snprintf(want, sizeof want, "%u 503", model.code);
    else
        snprintf(want, sizeof want, "250 %u", model.code);
    greet_and(&r, EHLO MAIL RCPT);
    assert_of(row, feed_pieces(&r, input.text, input.length, piece) == input.length);
    assert_octets_of(row, r.body.text, r.body.length, model.body, model.length);
    check_codes(&r, "", want, row, 0);
    if (model.code == 0)
        assert_of(row, r.reasons[EHLO_TRACE_BARE_LF] == (model.seen & 1) &&
                           r.reasons[EHLO_TRACE_BARE_CR] == (model.seen >> 1 & 1) &&
                           r.reasons[EHLO_TRACE_NUL] == model.seen >> 2);
    assert_of(row, info_of(&r).errors == (model.code != 0)); /* one message, one point */
    assert_of(row, r.done.octets ==
                       (model.told_by < border && model.code != 0 ? r.done.octets : model.length));
    free(input.text);
    forget(&r);
}

static void test_odd_octets_are_judged_as_in_data_over_each_border(void **state)
{
    static const struct ehlo_slice contents[] = {
        OCTETS("a\rb"),
        OCTETS("a\nb"),
        OCTETS("a\0b"),
        OCTETS("\r\n.\r\n"),
        OCTETS("\n.\n\r\n.\r\n"),
        OCTETS("\r\r\n"),
        OCTETS("\r\r\r\n\n"),
        OCTETS("\r\0\n"),
        OCTETS("\0\r\n\0"),
        OCTETS("a\r"),
        OCTETS("a\n"),
        OCTETS("\r"),
        OCTETS("\n"),
        OCTETS("\0"),
        OCTETS("..\r\n.a\r\n"),
        OCTETS("x\r\ny\rz\nw\0v\r\n"),
    };

    (void)state;
    for (size_t i = 0; i < ROWS(contents); i++)
        for (unsigned policies = 0; policies < 27; policies++)
            for (size_t border = 0; border <= contents[i].length; border++) {
                check_content(contents[i], border, policies, 1);
                check_content(contents[i], border, policies, SIZE_MAX);
            }
}

static void test_random_contents_are_judged_as_the_model_says(void **state)
{
    uint64_t random = 5;

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        char text[24];
        const struct ehlo_slice content = {text, 1 + next_random(&random) % sizeof text};

        fill_random(text, content.length, (struct ehlo_slice)OCTETS("\r\n\r\n\r\n\0."), 2, &random);
        check_content(content, next_random(&random) % (content.length + 1),
                      next_random(&random) % 27, 1 + next_random(&random) % 30);
    }
}

/* The other limits of a content hold over borders too; the chunk that brought it is answered. */
static void test_other_faults_are_told_by_the_chunk_that_brought_them(void **state)
{
    static const struct {
        const char *name, *chunks, *codes;
    } rows[] = {
        {"hops", "BDAT 8\r\nReceivedBDAT 4\r\n: a\nBDAT 0 LAST\r\n", "250 550 503"},
        {"hops, two", "BDAT 13\r\nReceived: a\r\nBDAT 13\r\nReceived: b\r\nBDAT 0 LAST\r\n",
         "250 554 503"},
        {"hops, cut in the name", "BDAT 17\r\nReceived: a\r\nReceBDAT 9 LAST\r\nived: b\r\n",
         "250 554"},
        {"hops, behind the header", "BDAT 15\r\nReceived: a\r\n\r\nBDAT 13 LAST\r\nReceived: b\r\n",
         "250 250"},
        {"8 bit",
         "BDAT 1\r\naBDAT 1\r\n\xe9"
         "BDAT 0 LAST\r\n",
         "250 554 503"},
        {"header", "BDAT 20\r\nA: 34567890123456789BDAT 22 LAST\r\n1234567890123456789012",
         "250 552"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        struct recorder r;

        prepare(&r);
        r.config.max_hops = 1;
        r.config.max_header_size = 40;
        r.config.eight_bit = EHLO_8BIT_REFUSE;
        greet_and(&r, EHLO MAIL RCPT);
        feed_pieces(&r, rows[i / 2].chunks, strlen(rows[i / 2].chunks), i % 2 ? 1 : SIZE_MAX);
        check_codes(&r, "", rows[i / 2].codes, rows[i / 2].name, (int)i);
        forget(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_octets_are_judged_as_in_data_over_each_border),
        cmocka_unit_test(test_random_contents_are_judged_as_the_model_says),
        cmocka_unit_test(test_other_faults_are_told_by_the_chunk_that_brought_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
