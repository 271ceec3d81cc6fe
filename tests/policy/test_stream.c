/*
 * Addresses of the services of filters, and connecting to them.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "filters/inquiry.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

static const struct {
    const char *where;
    bool want;
} rows[] = {
    {"/run/clamav/clamd.ctl", true},
    {"/", true},
    {"run/x", false},
    {"", false},
    {"127.0.0.1:783", true},
    {"127.0.0.1:1", true},
    {"127.0.0.1:65535", true},
    {"127.0.0.1:65536", false},
    {"127.0.0.1:65537", false},
    {"127.0.0.1:99999", false},
    {"127.0.0.1:100000", false},
    {"127.0.0.1:0", false},
    {"127.0.0.1:00783", true},
    {"127.0.0.1:+783", false},
    {"127.0.0.1: 783", false},
    {"127.0.0.1:783 ", false},
    {"127.0.0.1:", false},
    {"127.0.0.1", false},
    {"127.0.0.1:783:", false},
    {":783", false},
    {":", false},
    {"127.1:783", false},
    {"256.0.0.1:783", false},
    {"localhost:783", false},
    {"[::1]:783", true},
    {"[2001:db8:1111:2222:3333:4444:5555:6666]:783", true},
    {"[::ffff:192.0.2.1]:783", true},
    {"[::1]:0", false},
    {"[::1]", false},
    {"[::1]783", false},
    {"[::1:783", false},
    {"::1:783", false},
    {"::1]:783", false},
    {"[]:783", false},
    {"[:783", false},
    {"]:783", false},
    {"[[::1]]:783", false},
    {"[127.0.0.1]:783", false},
    {"[2001:db8:1111:2222:3333:4444:5555:6666:7777:8888]:783", false},
    {"[2001:db8:1111:2222:3333:4444:5555:6666 many more octets than any address]:783", false},
    {"192.0.2.1 and many more octets than an address of any kind may have:783", false},
};

static void test_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        char *where = dup_exact(rows[i].where, strlen(rows[i].where) + 1);

        assert_of(rows[i].where, stream_is_address(where) == rows[i].want);
        if (!rows[i].want) {
            assert_int_equal(stream_connect(where), -1);
            assert_int_equal(errno, EINVAL);
        }
        free(where);
    }
}

/* sun_path has 108 octets on Linux; a NUL is one of them. */
static void test_length_of_paths(void **state)
{
    char path[300];
    size_t longest = 0;

    (void)state;
    memset(path, '/', sizeof path);
    for (size_t length = 1; length < sizeof path; length++) {
        path[length] = '\0';
        if (stream_is_address(path)) {
            assert_int_equal(longest, length - 1);
            longest = length;
        }
        path[length] = '/';
    }
    assert_in_range(longest, 91, 107);
}

static void test_nobody_there(void **state)
{
    int fd;

    (void)state;
    assert_int_equal(stream_connect("/nowhere/socket"), -1);
    assert_int_equal(errno, ENOENT);
    fd = stream_connect("127.0.0.1:1");
    if (fd >= 0) {
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_not_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
        assert_int_equal(stream_error(fd), ECONNREFUSED);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_length_of_paths),
        cmocka_unit_test(test_nobody_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
