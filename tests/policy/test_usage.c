/*
 * The usage of a mailbox.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "policy/usage.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "bob@example.com"

static const struct {
    const char *name; /* below the Maildir */
    unsigned octets;
    unsigned long long counts; /* for so much */
} rows[] = {
    {"new/1.a.host", 100, 100},
    {"new/2.b.host", 0, 0},
    {"cur/3.c.host:2,S", 1000, 1000},
    {"new/4.d.host,S=20000", 1, 20000},
    {"cur/5.e.host,S=300000:2,RS", 1, 300000},
    {"cur/6.f.host,S=4000000,W=5000000:2,", 7, 7}, /* "S=" does not stand at the end */
    {"new/7.g.host,S=", 11, 11},
    {"new/8.h.host,S=12x", 13, 13},
    {"new/9.i.hostS=5000", 17, 17},
    {"new/10.j.host,S=1234567890123456789", 19, 19}, /* longer than any size */
    {"new/,S=600", 1, 600},
    {"new/S=7", 23, 23},
    {"new/7", 29, 29},
    {"cur/11.k.host:2,S=5", 31, 31}, /* a flag, no size */
    {"new/.hidden,S=9", 37, 0},
    {"tmp/12.l.host", 41, 0},
};

static void path_of(char path[200], const char *root, const char *name)
{
    snprintf(path, 200, "%s/%s/%s", root, FOLDER, name);
}

static void make_files(const char *root, size_t i)
{
    char path[200];
    FILE *file;

    path_of(path, root, rows[i].name);
    file = fopen(path, "w");
    assert_non_null(file);
    for (unsigned j = 0; j < rows[i].octets; j++)
        putc('x', file);
    assert_int_equal(fclose(file), 0);
}

static void test_usage(void **state)
{
    static const char *const folders[] = {"", "new", "cur", "tmp", "new/folder"};
    char root[] = "/tmp/usage-XXXXXX";
    char path[200];
    unsigned long long sum = 0;

    (void)state;
    assert_non_null(mkdtemp(root));
    assert_int_equal(usage_of(root, FOLDER), 0);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        path_of(path, root, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(usage_of(root, FOLDER), 0);
    }
    path_of(path, root, "new/link");
    assert_int_equal(symlink("/bin/sh", path), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_files(root, i);
        sum += rows[i].counts;
        assert_of(rows[i].name, usage_of(root, FOLDER) == sum);
    }
    assert_int_equal(unlink(path), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        path_of(path, root, rows[i].name);
        assert_int_equal(unlink(path), 0);
    }
    for (size_t i = sizeof folders / sizeof *folders; i-- > 0;) {
        path_of(path, root, folders[i]);
        assert_int_equal(rmdir(path), 0);
    }
    assert_int_equal(rmdir(root), 0);
}

static void test_long(void **state)
{
    char *folder = malloc(5001);

    (void)state;
    assert_non_null(folder);
    memset(folder, 'x', 5000);
    folder[5000] = '\0';
    assert_int_equal(usage_of(".", folder), 0);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
