/*
 * Messages in files: header sections, their fields (RFC 5322 2.2), pieces that are sent.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "filters/content.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

/* Octets in front of a message and behind it, which are none of its own. */
#define AROUND "X: not of the message\r\n\r\n"

static int set_up(void **state)
{
    *state = tmpfile();
    return *state == NULL;
}

static int tear_down(void **state)
{
    return fclose(*state);
}

/* Makes the message the middle of the file. */
static struct content store(FILE *file, const char *message, size_t length)
{
    off_t begin = (off_t)strlen(AROUND);

    rewind(file);
    fputs(AROUND, file);
    assert_int_equal(fwrite(message, 1, length, file), length);
    fputs(AROUND, file);
    assert_int_equal(fflush(file), 0);
    return (struct content){fileno(file), begin, begin + (off_t)length};
}

/* ---- the section ---- */

static const struct {
    const char *name, *message;
    const char *header;
    size_t body; /* where it begins */
} sections[] = {
    {"usual", "A: 1\r\nB: 2\r\n\r\nC: 3\r\n\r\n", "A: 1\r\nB: 2\r\n", 14},
    {"bare LF", "A: 1\n\nbody\n", "A: 1\n", 6},
    {"LF, then CR LF", "A: 1\n\r\nbody\n", "A: 1\n", 7},
    {"no body", "A: 1\r\n\r\n", "A: 1\r\n", 8},
    {"no empty line", "A: 1\r\nB: 2\r\n", "A: 1\r\nB: 2\r\n", 12},
    {"no end of line", "A: 1", "A: 1", 4},
    {"ends with CR", "A: 1\r\n\r", "A: 1\r\n\r", 7},
    {"no header", "\r\nA: 1\r\n", "", 2},
    {"no header, bare LF", "\nA: 1\r\n", "", 1},
    {"nothing", "", "", 0},
    {"one octet", "A", "", 0},
    {"lone CR", "\r", "", 0},
    {"a blank is no empty line", "A: 1\r\n \r\nB: 2\r\n\r\n", "A: 1\r\n \r\nB: 2\r\n", 17},
    {"a CR is no empty line", "A: 1\r\n\r\r\nB: 2\r\n\r\n", "A: 1\r\n\r\r\nB: 2\r\n", 17},
    {"junk above a field", "junk\r\nA: 1\r\n\r\n", "junk\r\nA: 1\r\n", 14},
    {"no field at all", "Dear Bob,\r\n\r\nbye\r\n", "", 0},
    {"only one paragraph", "Dear Bob,\r\n", "", 0},
};

static void test_section(void **state)
{
    for (size_t i = 0; i < ROWS(sections); i++) {
        const char *message = sections[i].message;
        struct content content = store(*state, message, strlen(message));
        struct text header;
        off_t body = -1;

        assert_of(sections[i].name, content_header(&content, &header, &body));
        assert_octets_of(sections[i].name, header.data, header.length, sections[i].header,
                         strlen(sections[i].header));
        if (header.data != NULL)
            assert_int_equal(header.data[header.length], '\0');
        assert_of(sections[i].name, body - content.begin == (off_t)sections[i].body);
        text_free(&header);
    }
}

/* An empty line at all places around the sizes of what is read at once. */
static void test_section_of_any_length(void **state)
{
    static const size_t sizes[] = {8, 16384, 32768, 65536};

    for (size_t i = 0; i < ROWS(sizes); i++) {
        for (size_t length = sizes[i] - 8; length <= sizes[i] + 8; length++) {
            char *message = malloc(length + 10);
            struct content content;
            struct text header;
            off_t body;

            assert_non_null(message);
            memset(message, 'x', length + 2);
            memcpy(message, "A:", 2);
            memcpy(message + 2 + length, "\r\n\r\nbody", 8);
            content = store(*state, message, length + 10);
            assert_true(content_header(&content, &header, &body));
            assert_int_equal(header.length, length + 4);
            assert_int_equal(body - content.begin, length + 6);
            text_free(&header);
            free(message);
        }
    }
}

static void test_section_of_broken_files(void **state)
{
    struct content content = store(*state, "A: 1\r\n", 6);
    struct text header;
    off_t body;

    content.end = content.begin + 1000;
    assert_false(content_header(&content, &header, &body));
    assert_int_equal(errno, EIO);
    assert_null(header.data);
    content.fd = -1;
    assert_false(content_header(&content, &header, &body));
    assert_int_equal(errno, EBADF);
}

/* ---- its fields ---- */

static const struct {
    const char *name, *header;
    const char *fields; /* "name|value;" of each */
} lists[] = {
    {"usual", "A: 1\r\nB: 2\r\n", "A| 1;B| 2;"},
    {"bare LF", "A: 1\nB: 2\n", "A| 1;B| 2;"},
    {"no end of line", "A: 1\r\nB: 2", "A| 1;B| 2;"},
    {"folded", "A: 1\r\n 2\r\n\t3\r\nB: 4\r\n", "A| 1\r\n 2\r\n\t3;B| 4;"},
    {"folded, no end", "A: 1\r\n 2", "A| 1\r\n 2;"},
    {"folded blank", "A: 1\r\n \r\n", "A| 1\r\n ;"},
    {"colons", "A: 1:2:\r\n", "A| 1:2:;"},
    {"empty values", "A:\r\nB:\nC:", "A|;B|;C|;"},
    {"value of CR", "A:\r\r\n", "A|\r;"},
    {"blanks before the colon", "A \t: 1\r\n", "A| 1;"},
    {"no colon", "A\r\nB: 2\r\n", "B| 2;"},
    {"a colon in the next line", "A\r\n: 1\r\n", ""},
    {"a blank in the name", "A A: 1\r\nB: 2\r\n", "B| 2;"},
    {"folded junk", "junk\r\n A: 1\r\nB: 2\r\n", "B| 2;"},
    {"folded begin", " A: 1\r\nB: 2\r\n", "B| 2;"},
    {"no name", ": 1\r\nB: 2\r\n", "B| 2;"},
    {"mbox", "From bob Mon Jan  1 10:00:00 2001\r\nFrom: bob\r\n", "From| bob;"},
    {"marks in the name", "X-1_!#~: 1\r\n", "X-1_!#~| 1;"},
    {"8-bit name", "A\xc3\xa4: 1\r\nB: 2\r\n", "B| 2;"},
    {"DEL in the name", "A\x7f: 1\r\nB: 2\r\n", "B| 2;"},
    {"8-bit value", "A: \xc3\xa4\r\n", "A| \xc3\xa4;"},
    {"nothing", "", ""},
    {"one LF", "\n", ""},
};

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(lists); i++) {
        size_t length = strlen(lists[i].header), at = 0;
        struct text header = {.data = dup_exact(lists[i].header, length), .length = length};
        struct ehlo_slice name, value;
        struct text fields = {0};

        while (content_next_field(&header, &at, &name, &value))
            text_add(&fields, "%.*s|%.*s;", (int)name.length, name.data, (int)value.length,
                     value.data);
        assert_octets_of(lists[i].name, fields.data, fields.length, lists[i].fields,
                         strlen(lists[i].fields));
        text_free(&fields);
        text_free(&header);
    }
}

/* ftext is %d33-57 / %d59-126 (RFC 5322 3.6.8). */
static void test_octets_of_names(void **state)
{
    (void)state;
    for (int octet = 0; octet <= 255; octet++) {
        char *line = dup_exact("A?A: 1", 6);
        struct text header = {.data = line, .length = 6};
        struct ehlo_slice name, value;
        size_t at = 0, want = octet >= 33 && octet <= 126 ? 3 : 0;
        bool found;

        line[1] = (char)octet;
        if (octet == ':') /* ends it */
            want = 1;
        found = content_next_field(&header, &at, &name, &value);
        if (octet == '\n') { /* ends the line: the next one is a field */
            want = 1;
            assert_true(name.data == line + 2);
        }
        if (found != (want > 0) || (found && name.length != want))
            fail_msg("octet %d", octet);
        free(line);
    }
}

static void test_nul_in_values(void **state)
{
    struct text header = {.data = dup_exact("A: \0x\r\nB: 2\r\n", 13), .length = 13};
    struct ehlo_slice name, value;
    size_t at = 0;

    (void)state;
    assert_true(content_next_field(&header, &at, &name, &value));
    assert_octets_of("NUL", value.data, value.length, " \0x", 3);
    assert_true(content_next_field(&header, &at, &name, &value));
    assert_slice_of("behind it", value, " 2");
    text_free(&header);
}

/* ---- pieces ---- */

static void test_send(void **state)
{
    enum { LENGTH = 300000 };
    char *message = malloc(LENGTH), *copy = malloc(LENGTH + 1);
    struct content content;
    size_t received = 0;
    bool was_full = false;
    int ends[2];

    assert_true(message != NULL && copy != NULL && pipe(ends) == 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    for (size_t i = 0; i < LENGTH; i++)
        message[i] = (char)(i * 7 + i / 251);
    content = store(*state, message, LENGTH);
    while (content.begin < content.end) {
        if (content_send(&content, ends[1]))
            continue;
        assert_int_equal(errno, EAGAIN);
        was_full = true;
        received += (size_t)read(ends[0], copy + received, 1000);
    }
    assert_true(was_full);
    close(ends[1]);
    for (ssize_t length; (length = read(ends[0], copy + received, LENGTH + 1 - received)) > 0;)
        received += (size_t)length;
    assert_octets_of("all", copy, received, message, LENGTH);
    close(ends[0]);
    free(message);
    free(copy);
}

static void test_send_of_broken_files(void **state)
{
    struct content content = store(*state, "A", 1);
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    content.begin = content.end + 1000;
    content.end = content.begin + 1;
    assert_false(content_send(&content, ends[1]));
    assert_int_equal(errno, EIO);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_section, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_section_of_any_length, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_section_of_broken_files, set_up, tear_down),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_octets_of_names),
        cmocka_unit_test(test_nul_in_values),
        cmocka_unit_test_setup_teardown(test_send, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send_of_broken_files, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
