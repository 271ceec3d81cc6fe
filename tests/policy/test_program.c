/*
 * Programs that judge: their exit statuses, their input and environment, those that do not end.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include "judging_support.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int count_descriptors(void)
{
    DIR *directory = opendir("/dev/fd");
    int count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static int descriptors;

static int set_up_program(void **state)
{
    int failed = set_up(state);

    store("A: 1\r\n\r\nbody\r\n", 14);
    descriptors = count_descriptors();
    return failed;
}

/* Neither descriptors nor processes are left. */
static int tear_down_program(void **state)
{
    bool same = descriptors == count_descriptors();
    int failed = tear_down(state);

    return failed || !same || waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD;
}

/* ---- what it says ---- */

enum { NONE = EHLO_REPLY_LOCAL_ERROR };

static const struct {
    const char *command;
    unsigned want;
    const char *why;
} programs[] = {
    {"exit 0", EHLO_REPLY_ACCEPT, "filter: exit status 0"},
    {"exit 1", NONE, "filter: exit status 1"},
    {"exit 9", NONE, "filter: exit status 9"},
    {"exit 10", EHLO_REPLY_REJECTED_BY_CONTENT_FILTER, "filter: exit status 10"},
    {"exit 11", EHLO_REPLY_DELETED_BY_FILTER, "filter: exit status 11"},
    {"exit 12", EHLO_REPLY_REJECTED_BY_FILTER, "filter: exit status 12"},
    {"exit 13", NONE, "filter: exit status 13"},
    {"exit 255", NONE, "filter: exit status 255"},
    {"/nowhere/judge 2>/dev/null", NONE, "filter: exit status 127"},
    {"/ 2>/dev/null", NONE, "filter: exit status 126"},
    {"kill -TERM $$", NONE, "filter: exit status 143"},
    {"kill -KILL 0", NONE, "filter: no exit status"},                   /* all of its group */
    {"sleep 5 & exit 10", EHLO_REPLY_REJECTED_BY_CONTENT_FILTER, NULL}, /* it goes on */
    {"exec 0<&- 1>&- 2>&- 3>&-; exit 11", EHLO_REPLY_DELETED_BY_FILTER, NULL},
    {"echo 10 2>/dev/null >&3; exit 0", EHLO_REPLY_ACCEPT, NULL}, /* only the status says it */
    {"kill -PIPE $$; exit 10", NONE, "filter: exit status 141"},  /* we ignore it, it does not */
    {"test \"$(wc -c)\" -eq 14 && exit 10", EHLO_REPLY_REJECTED_BY_CONTENT_FILTER, NULL},
    {"test \"$(head -n 1)\" = \"$(printf 'A: 1\\r')\" && exit 11", EHLO_REPLY_DELETED_BY_FILTER,
     NULL},
    {"test $CLIENT_ADDRESS,$HELO,$AUTH,$SENDER,$QUEUE_ID = "
     "192.0.2.1,client.example,bob,eve@example.net,Q1",
     EHLO_REPLY_ACCEPT, NULL},
    {"test \"$RECIPIENTS\" = 'bob@example.com\nann@example.org\n'", EHLO_REPLY_ACCEPT, NULL},
    {"test -z \"$HOME\"", EHLO_REPLY_ACCEPT, NULL}, /* our environment is not its own */
    {"test -n \"$PATH\"", EHLO_REPLY_ACCEPT, NULL},
};

static void test_statuses(void **state)
{
    (void)state;
    setenv("HOME", "/", 1);
    for (size_t i = 0; i < ROWS(programs); i++) {
        begin(program_begin, programs[i].command, 10, &facts);
        wait_for_verdict();
        if (verdict != programs[i].want)
            fail_msg("%s: %u, %s", programs[i].command, verdict, reason);
        if (programs[i].why != NULL)
            assert_string_equal(reason, programs[i].why);
    }
}

/* ---- its input ---- */

static void test_long_message(void **state)
{
    static const struct {
        const char *command;
        unsigned want;
    } rows[] = {
        {"test \"$(wc -c)\" -eq 3000000 && exit 10", EHLO_REPLY_REJECTED_BY_CONTENT_FILTER},
        {"exit 11", EHLO_REPLY_DELETED_BY_FILTER}, /* reads nothing */
        {"head -c 100000 >/dev/null; exit 12", EHLO_REPLY_REJECTED_BY_FILTER},
        {"exec <&-; sleep 0.2; exit 12", EHLO_REPLY_REJECTED_BY_FILTER},
    };
    char *message = malloc(3000000);

    (void)state;
    memset(message, 'x', 3000000);
    store(message, 3000000);
    free(message);
    for (size_t i = 0; i < ROWS(rows); i++) {
        begin(program_begin, rows[i].command, 30, &facts);
        wait_for_verdict();
        assert_of(rows[i].command, verdict == rows[i].want);
    }
}

static void test_empty_message(void **state)
{
    (void)state;
    store("", 0);
    begin(program_begin, "test \"$(wc -c)\" -eq 0 && exit 10", 10, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, EHLO_REPLY_REJECTED_BY_CONTENT_FILTER);
}

static void test_broken_file(void **state)
{
    (void)state;
    content.end += 1000;
    begin(program_begin, "cat >/dev/null", 10, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, NONE);
    assert_string_equal(reason, "filter: the message cannot be read");
}

/* ---- its end ---- */

/* Whether a process that a command has told in a file goes on. */
static bool goes_on(const char *path)
{
    FILE *told = fopen(path, "r");
    int pid = 0;

    assert_non_null(told);
    assert_int_equal(fscanf(told, "%d", &pid), 1);
    fclose(told);
    /* It becomes a zombie of somebody else's for a moment. */
    for (int i = 0; i < 20 && kill(pid, 0) == 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    return kill(pid, 0) == 0;
}

/* Until the program has written there; false: it does not. */
static bool is_written(const char *path)
{
    struct stat about = {0};

    for (int i = 0; i < 1000 && about.st_size == 0; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        if (stat(path, &about) != 0)
            return false;
    }
    return about.st_size > 0;
}

static void test_killed(void **state)
{
    char path[] = "/tmp/judging-XXXXXX", command[128];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    snprintf(command, sizeof command, "trap '' TERM; sleep 30 & echo $! >%s; wait", path);
    begin(program_begin, command, 1, &facts);
    wait_for_verdict();
    assert_int_equal(verdict, NONE);
    assert_string_equal(reason, "filter: no exit in time");
    assert_false(goes_on(path));

    verdict = 0;
    assert_int_equal(truncate(path, 0), 0);
    begin(program_begin, command, 30, &facts);
    assert_true(is_written(path));
    judging_drop(judging);
    assert_false(goes_on(path));
    assert_int_equal(verdict, 0);
    unlink(path);
}

static void test_drop(void **state)
{
    (void)state;
    for (int turns = 0; turns < 3; turns++) {
        begin(program_begin, "sleep 30", 30, &facts);
        for (int i = 0; i < turns; i++)
            turn();
        judging_drop(judging);
    }
    assert_int_equal(verdict, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_statuses, set_up_program, tear_down_program),
        cmocka_unit_test_setup_teardown(test_long_message, set_up_program, tear_down_program),
        cmocka_unit_test_setup_teardown(test_empty_message, set_up_program, tear_down_program),
        cmocka_unit_test_setup_teardown(test_broken_file, set_up_program, tear_down_program),
        cmocka_unit_test_setup_teardown(test_killed, set_up_program, tear_down_program),
        cmocka_unit_test_setup_teardown(test_drop, set_up_program, tear_down_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
