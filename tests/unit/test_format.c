/*
 * Printing replies: syntax of the lines, their length, cutting to the room there is, and what host
 * text cannot do (RFC 5321 4.2, 4.5.3.1.5; RFC 2034 4; RFC 6531 3.7.4.2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENHANCED EHLO_FORMAT_ENHANCED
#define UTF8     EHLO_FORMAT_UTF8
#define MORE     EHLO_FORMAT_MORE

/* Formats into an exact-size buffer and ends it with a NUL; the caller frees it. */
static char *format_into(size_t size, const struct ehlo_reply *reply, unsigned flags,
                         size_t *length)
{
    char *buffer = malloc(size);
    char *text;

    assert_non_null(buffer);
    *length = ehlo_format_reply(buffer, size, reply, flags);
    assert_true(*length <= size);
    text = malloc(*length + 1);
    assert_non_null(text);
    memcpy(text, buffer, *length);
    text[*length] = '\0';
    free(buffer);
    return text;
}

/* R5321-4.2-2, R5321-4.5.3.1-3, R2034-4-1: Reply-line by its grammar, one code on all lines, not
 * over 512 octets, well-formed text. Returns the number of lines. */
static unsigned check_lines(const char *name, const char *text, size_t length, const char *code,
                            const char *enhanced)
{
    const char *end = text + length;
    unsigned lines = 0;

    for (const char *line = text; line < end; lines++) {
        const char *stop = strstr(line, "\r\n");

        assert_of(name, stop != NULL);
        assert_of(name, stop + 2 - line <= EHLO_REPLY_LINE_MAX);
        assert_of(name, memcmp(line, code, 3) == 0);
        assert_of(name, line[3] == (stop + 2 == end ? ' ' : '-'));
        assert_of(name, strncmp(line + 4, enhanced, strlen(enhanced)) == 0);
        for (const char *at = line; at < stop; at++)
            assert_of(name, (unsigned char)*at >= ' ' && *at != 127);
        line = stop + 2;
    }
    assert_of(name, lines > 0);
    return lines;
}

static const struct format_row {
    const char *name;
    unsigned id; /* 0: a custom reply with this phrase */
    const char *subject;
    const char *phrase; /* NULL: the row's own */
    unsigned flags;
    const char *want;
} format_rows[] = {
    {"plain", 21, "", NULL, ENHANCED, "550 5.1.1 User unknown; rejecting\r\n"},
    {"no enhanced codes wanted", 21, "", NULL, 0, "550 User unknown; rejecting\r\n"},
    {"no enhanced code there", 50, "", NULL, ENHANCED, "554 Too many hops\r\n"},
    {"more lines follow", 103, "mx.example", NULL, ENHANCED | MORE,
     "250-mx.example at your service\r\n"},
    {"subject in front", 21, "<a@b>", NULL, ENHANCED,
     "550 5.1.1 <a@b> User unknown; rejecting\r\n"},
    {"code before the host name, R2034-4-4", 106, "mx.example", NULL, ENHANCED,
     "221 2.0.0 mx.example Goodbye\r\n"},
    {"subject in its place", 22, "bob", NULL, ENHANCED,
     "550 5.1.1 User bob has invalid forward set and no mailbox; rejecting\r\n"},
    {"place without a subject", 22, "", NULL, ENHANCED,
     "550 5.1.1 User has invalid forward set and no mailbox; rejecting\r\n"},
    {"row 28 with a subject", 28, "<a@b>", NULL, ENHANCED,
     "550 5.7.1 Access to <a@b> not allowed by rules\r\n"},
    {"row 28 without a subject", 28, "", NULL, ENHANCED,
     "550 5.7.1 Access to not allowed by rules\r\n"},
    {"row 48 with a subject", 48, "SERVFAIL", NULL, 0, "554 SERVFAIL while issuing MX query\r\n"},
    {"row 48 without a subject", 48, "", NULL, 0, "554 ... while issuing MX query\r\n"},
    {"place at the end", 115, "HELP QUIT", NULL, ENHANCED, "214 2.0.0 Commands: HELP QUIT\r\n"},
    {"place at the end, no subject", 115, "", NULL, ENHANCED, "214 2.0.0 Commands:\r\n"},
    {"nothing but a place", 131, "<a@b>", NULL, ENHANCED, "250 2.1.5 <a@b>\r\n"},
    {"nothing but a place, no subject", 131, "", NULL, ENHANCED, "250 2.1.5 ...\r\n"},
    {"empty challenge", 141, "", NULL, ENHANCED, "334 \r\n"},
    {"challenge", 141, "VXNlcm5hbWU6", NULL, ENHANCED, "334 VXNlcm5hbWU6\r\n"},
    {"subject with %s", 22, "%s%n", NULL, 0,
     "550 User %s%n has invalid forward set and no mailbox; rejecting\r\n"},
    {"custom with %", 0, "", "100% of %s %d %n %%", 0, "550 100% of %s %d %n %%\r\n"},
    {"custom with % and a subject", 0, "x", "no %s", 0, "550 x no %s\r\n"},
    {"row 22 in other words", 22, "x", "User %s is gone", ENHANCED,
     "550 5.1.1 x User %s is gone\r\n"},
    {"a copy of row 22", 22, "x", "User %s has invalid forward set and no mailbox; rejecting", 0,
     "550 x User %s has invalid forward set and no mailbox; rejecting\r\n"},
    {"two lines", 0, "", "one\ntwo", 0, "550-one\r\n550 two\r\n"},
    {"two lines, CR LF", 0, "", "one\r\ntwo", 0, "550-one\r\n550 two\r\n"},
    {"two lines, enhanced codes on both", 21, "", "one\ntwo", ENHANCED,
     "550-5.1.1 one\r\n550 5.1.1 two\r\n"},
    {"two lines, more follow", 0, "", "one\ntwo", MORE, "550-one\r\n550-two\r\n"},
    {"subject on the first line only", 0, "x", "one\ntwo", 0, "550-x one\r\n550 two\r\n"},
    {"empty line between", 0, "", "one\n\ntwo", 0, "550-one\r\n550-\r\n550 two\r\n"},
    {"line end in front", 0, "", "\none", 0, "550-\r\n550 one\r\n"},
    {"CR alone", 0, "", "one\rtwo\r", 0, "550 one?two?\r\n"},
    {"CR CR LF", 0, "", "one\r\r\ntwo", 0, "550-one?\r\n550 two\r\n"},
    {"injected reply in the phrase", 0, "", "no\r\n250 yes\r\n", 0,
     "550-no\r\n550-250 yes\r\n550 \r\n"},
    {"injected reply in the subject", 21, "<a@b>\r\n250 ok", NULL, 0,
     "550 <a@b>??250 ok User unknown; rejecting\r\n"},
    {"injected reply in a place", 22, "\r\n250 ok\r\n", NULL, 0,
     "550 User ??250 ok?? has invalid forward set and no mailbox; rejecting\r\n"},
    {"tab and DEL", 0, "", "a\tb\177c", 0, "550 a?b?c\r\n"},
    {"UTF-8 not allowed", 261, "<j\303\274rg@b>", NULL, 0,
     "551 User not local; please try <j??rg@b>\r\n"},
    {"UTF-8 allowed", 261, "<j\303\274rg@b>", NULL, UTF8,
     "551 User not local; please try <j\303\274rg@b>\r\n"},
    {"UTF-8 in the phrase", 0, "", "\342\202\254 \360\237\230\200", UTF8,
     "550 \342\202\254 \360\237\230\200\r\n"},
    {"spaces kept", 0, " x ", "  y  z ", 0, "550  x    y  z \r\n"},
    {"only a subject", 0, "x", "", 0, "550 x\r\n"},
    {"no words at all", 0, "", "", ENHANCED, "550 \r\n"},
};

/* R5321-4.2-2, R2034-4-1, R2034-4-4, RSEC-REPLY-1, RSEC-REPLY-2 */
static void test_format_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof format_rows / sizeof *format_rows; i++) {
        const struct format_row *row = &format_rows[i];
        struct ehlo_slice subject = dup_slice(row->subject);
        struct ehlo_slice phrase = dup_slice(row->phrase == NULL ? "" : row->phrase);
        struct ehlo_reply reply =
            row->id == 0 ? ehlo_reply_custom(550, NULL, "") : ehlo_reply(row->id);
        size_t length;
        char *text;

        reply.subject = subject;
        if (row->phrase != NULL)
            reply.phrase = phrase;
        text = format_into(4096, &reply, row->flags, &length);
        assert_octets_of(row->name, text, length, row->want, strlen(row->want));
        free(text);
        free_slice(subject);
        free_slice(phrase);
    }
}

static void test_format_refuses_what_is_no_reply(void **state)
{
    struct ehlo_reply reply = ehlo_reply(EHLO_REPLY_USER_UNKNOWN);
    struct ehlo_reply zeroed = {0};
    struct ehlo_reply accept = ehlo_accept();
    char buffer[64];

    (void)state;
    for (size_t size = 0; size < 16; size++)
        assert_int_equal(ehlo_format_reply(buffer, size, &reply, ENHANCED), 0);
    assert_int_equal(ehlo_format_reply(buffer, 16, &reply, ENHANCED), 16);
    assert_int_equal(ehlo_format_reply(buffer, sizeof buffer, &zeroed, ENHANCED), 0);
    assert_int_equal(ehlo_format_reply(buffer, sizeof buffer, &accept, ENHANCED), 0);
    reply.enhanced.klass = 4;
    assert_int_equal(ehlo_format_reply(buffer, sizeof buffer, &reply, ENHANCED), 0);
    reply = ehlo_reply_custom(559, "5.999.999", "words"); /* the longest codes just fit */
    assert_int_equal(ehlo_format_reply(buffer, 16, &reply, ENHANCED), 16);
    assert_memory_equal(buffer, "559 5.999.999 \r\n", 16);
}

/* RSEC-REPLY-1: what each octet becomes, in the phrase, in a subject, and with UTF-8 allowed. */
static void test_format_every_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char c = (char)octet;
        bool printable = octet >= 32 && octet <= 126;
        struct ehlo_reply reply = ehlo_reply_custom(550, NULL, "");
        char want[32];
        char *copy = dup_exact(&c, 1);

        for (unsigned flags = 0; flags <= UTF8; flags += UTF8) {
            size_t length;
            char *text;

            reply.phrase = (struct ehlo_slice){copy, 1};
            reply.subject = (struct ehlo_slice){NULL, 0};
            text = format_into(64, &reply, flags, &length);
            snprintf(want, sizeof want, "550 %c\r\n", printable ? c : '?');
            if (octet == '\n')
                snprintf(want, sizeof want, "550-\r\n550 \r\n");
            assert_string_equal(text, want);
            free(text);
            reply.subject = reply.phrase;
            reply.phrase = ehlo_text("x");
            text = format_into(64, &reply, flags, &length);
            snprintf(want, sizeof want, "550 %c x\r\n", printable ? c : '?');
            assert_string_equal(text, want);
            free(text);
        }
        free(copy);
    }
}

/* The longest subject that is printed is EHLO_SUBJECT_MAX octets. */
static void test_format_subject_limit(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 3; extra++) {
        size_t given = EHLO_SUBJECT_MAX - 1 + extra;
        size_t kept = given < EHLO_SUBJECT_MAX ? given : EHLO_SUBJECT_MAX;
        char *subject = malloc(given);
        struct ehlo_reply reply;
        size_t length;
        char *text;

        assert_non_null(subject);
        memset(subject, 's', given);
        reply = ehlo_reply_about(EHLO_REPLY_USER_UNKNOWN, (struct ehlo_slice){subject, given});
        text = format_into(1024, &reply, 0, &length);
        assert_int_equal(length, 4 + kept + strlen(" User unknown; rejecting\r\n"));
        assert_int_equal(strspn(text + 4, "s"), kept);
        free(text);
        free(subject);
    }
}

/* R5321-4.5.3.1-3: lines of 511, 512 and 513 octets, in one word and with a space at `space`. */
static void check_long_line(size_t line_length, size_t space, unsigned want_lines,
                            size_t want_first)
{
    size_t words = line_length - 4 - 2;
    char *phrase = malloc(words + 1);
    struct ehlo_reply reply;
    size_t length;
    char *text;

    assert_non_null(phrase);
    memset(phrase, 'w', words);
    phrase[words] = '\0';
    if (space > 0)
        phrase[space] = ' ';
    reply = ehlo_reply_custom(250, NULL, phrase);
    text = format_into(2048, &reply, 0, &length);
    assert_int_equal(check_lines("long line", text, length, "250", ""), want_lines);
    assert_int_equal(strcspn(text, "\r"), want_first);
    free(text);
    free(phrase);
}

static void test_format_line_limit(void **state)
{
    (void)state;
    check_long_line(511, 0, 1, 509);
    check_long_line(512, 0, 1, 510);
    check_long_line(513, 0, 2, 510);   /* in mid-word */
    check_long_line(513, 100, 2, 104); /* at the space, which vanishes */
    check_long_line(513, 506, 1, 510); /* a space too many vanishes */
    check_long_line(512, 505, 1, 510); /* a space ends a full line */
    check_long_line(513, 1, 2, 5);     /* the earliest space that helps */
    check_long_line(1524, 0, 3, 510);
    check_long_line(1525, 0, 4, 510);
}

static void test_format_breaks_lines_between_words(void **state)
{
    char phrase[1201];
    struct ehlo_reply reply;
    size_t length;
    char *text;

    (void)state;
    for (size_t i = 0; i < 1200; i++)
        phrase[i] = i % 7 == 6 ? ' ' : 'w';
    phrase[1200] = '\0';
    reply = ehlo_reply_custom(550, "5.7.1", phrase);
    text = format_into(4096, &reply, ENHANCED, &length);
    assert_int_equal(check_lines("words", text, length, "550", "5.7.1 "), 3);
    for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_int_equal(line[10], 'w');
    for (char *end = strstr(text, "\r\n"); end != NULL; end = strstr(end + 2, "\r\n"))
        assert_true(memcmp(end - 6, "wwwwww", 6) == 0 || end[2] == '\0');
    free(text);
}

/* An empty line of the host's stays one, also behind a line that was broken. */
static void test_format_keeps_empty_lines_behind_long_ones(void **state)
{
    static const char rest[] = "\n\nlast";
    char phrase[600 + sizeof rest];
    struct ehlo_reply reply;
    size_t length;
    char *text;

    (void)state;
    memset(phrase, 'w', 600);
    memcpy(phrase + 600, rest, sizeof rest);
    reply = ehlo_reply_custom(250, NULL, phrase);
    text = format_into(2048, &reply, 0, &length);
    assert_int_equal(check_lines("empty line", text, length, "250", ""), 4);
    assert_non_null(strstr(text, "w\r\n250-\r\n250 last\r\n"));
    free(text);
}

/* A character is never cut in two, neither by the line nor by the buffer. */
static void test_format_cuts_between_characters(void **state)
{
    char phrase[1201];
    struct ehlo_reply reply;

    (void)state;
    for (size_t i = 0; i < 1200; i++)
        phrase[i] = "\342\202\254"[i % 3];
    phrase[1200] = '\0';
    reply = ehlo_reply_custom(250, NULL, phrase);
    for (size_t size = 16; size < 1300; size++) {
        size_t length;
        char *text = format_into(size, &reply, UTF8, &length);

        check_lines("cut", text, length, "250", "");
        for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
            assert_int_equal(strcspn(line + 4, "\r") % 3, 0);
        free(text);
    }
}

/* First the subject is shortened, then lines are left out from the end, then the first is cut. */
static const struct cut_row {
    const char *name;
    size_t size;
    unsigned id; /* 0: custom */
    const char *subject, *phrase, *want;
} cut_rows[] = {
    {"exactly", 35, 21, "<a@b>", NULL, "550 <a@b> User unknown; rejecting\r\n"},
    {"one octet less", 34, 21, "<a@b>", NULL, "550 <a@b User unknown; rejecting\r\n"},
    {"subject all but gone", 31, 21, "<a@b>", NULL, "550 < User unknown; rejecting\r\n"},
    {"subject gone", 30, 21, "<a@b>", NULL, "550 User unknown; rejecting\r\n"},
    {"first line cut", 28, 21, "<a@b>", NULL, "550 User unknown; rejectin\r\n"},
    {"smallest", 16, 21, "<a@b>", NULL, "550 User unkno\r\n"},
    {"in its place", 41, 28, "<a@b>", NULL, "550 Access to <a@b not allowed by rules\r\n"},
    {"gone from its place", 37, 28, "<a@b>", NULL, "550 Access to not allowed by rules\r\n"},
    {"all lines", 18, 0, "", "one\ntwo", "550-one\r\n550 two\r\n"},
    {"last line left out", 17, 0, "", "one\ntwo", "550 one\r\n"},
    {"last line left out, more room", 28, 0, "", "one\ntwo\nthree", "550-one\r\n550 two\r\n"},
    {"subject before lines", 21, 0, "subject", "one\ntwo", "550-su one\r\n550 two\r\n"},
    {"short line behind one left out", 24, 0, "", "one\nlonglonglong\n3", "550 one\r\n"},
    {"only line cut", 16, 0, "", "onetwothreefour\nx", "550 onetwothre\r\n"},
};

static void test_format_cuts_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cut_rows / sizeof *cut_rows; i++) {
        const struct cut_row *row = &cut_rows[i];
        struct ehlo_reply reply =
            row->id == 0 ? ehlo_reply_custom(550, NULL, row->phrase) : ehlo_reply(row->id);
        size_t length;
        char *text;

        reply.subject = ehlo_text(row->subject);
        text = format_into(row->size, &reply, 0, &length);
        assert_octets_of(row->name, text, length, row->want, strlen(row->want));
        free(text);
    }
}

/* Every row, with and without a subject, in every room there may be. */
static void test_format_every_row_in_every_size(void **state)
{
    (void)state;
    for (unsigned id = ehlo_reply_next(0); id != 0; id = ehlo_reply_next(id)) {
        struct ehlo_reply reply = ehlo_reply(id);
        char code[8];

        snprintf(code, sizeof code, "%u", reply.code);
        for (size_t size = 16; size < 120; size++) {
            size_t length;
            char *text;

            reply.subject = ehlo_text(size % 2 == 0 ? "" : "<somebody@example.org>");
            text = format_into(size, &reply, ENHANCED, &length);
            assert_int_equal(check_lines(ehlo_reply_name(id), text, length, code, ""), 1);
            free(text);
        }
    }
}

/* A fixed sequence of numbers: a failure can be met again. */
static unsigned next_number(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % below;
}

/* Octets that matter often, any octet at times. */
static char *make_noise(unsigned *seed, size_t length)
{
    static const char favourites[] = "\r\n %s\303\274\342\202\254\0 aaaa";
    char *noise = malloc(length);

    assert_true(length == 0 || noise != NULL);
    for (size_t i = 0; i < length; i++) {
        unsigned any = next_number(seed, 1024);

        noise[i] = any < 256 ? (char)any : favourites[any % (sizeof favourites - 1)];
    }
    return noise;
}

/* RSEC-REPLY-2: no text alters code, continuation or line limit, whatever the room. */
static void test_format_noise(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        unsigned code = (next_number(&seed, 4) + 2) * 100 + next_number(&seed, 60);
        size_t phrase_length = next_number(&seed, round % 10 == 0 ? 3000 : 60);
        size_t subject_length = next_number(&seed, 300);
        size_t size = 16 + next_number(&seed, round % 3 == 0 ? 4000 : 200);
        unsigned flags = next_number(&seed, 4);
        struct ehlo_reply reply = ehlo_reply_custom(code, "5.7.1", "");
        const char *enhanced = code / 100 == 3 ? "" : ".7.1 ";
        char digits[16];
        size_t length;
        char *text;

        snprintf(digits, sizeof digits, "%u", code);
        reply.phrase = (struct ehlo_slice){make_noise(&seed, phrase_length), phrase_length};
        reply.subject = (struct ehlo_slice){make_noise(&seed, subject_length), subject_length};
        text = format_into(size, &reply, flags, &length);
        check_lines("noise", text, length, digits, "");
        if ((flags & ENHANCED) != 0)
            assert_memory_equal(text + 5 - (enhanced[0] == '\0'), enhanced, strlen(enhanced));
        free(text);
        free_slice(reply.phrase);
        free_slice(reply.subject);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_rows),
        cmocka_unit_test(test_format_refuses_what_is_no_reply),
        cmocka_unit_test(test_format_every_octet),
        cmocka_unit_test(test_format_subject_limit),
        cmocka_unit_test(test_format_line_limit),
        cmocka_unit_test(test_format_breaks_lines_between_words),
        cmocka_unit_test(test_format_keeps_empty_lines_behind_long_ones),
        cmocka_unit_test(test_format_cuts_between_characters),
        cmocka_unit_test(test_format_cuts_in_order),
        cmocka_unit_test(test_format_every_row_in_every_size),
        cmocka_unit_test(test_format_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
