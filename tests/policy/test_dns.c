/*
 * Look-ups of the policy host, against slow_dns.py, which waits a moment with every answer.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "dns/dns.h"
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY       1000
#define DELAY_MS   "200"
#define NO_PROGRAM 127 /* exit status */
#define X50        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const char zone[] = "mx.example MX 10 mail.example\n"
                           "mail.example A 192.0.2.1\n"
                           "six.example AAAA 2001:db8::1\n"
                           "null.example MX 0 .\n"
                           "odd.example MX 0 .\n"
                           "odd.example MX 10 mail.example\n"
                           "odd-too.example MX 10 mail.example\n"
                           "odd-too.example MX 0 .\n"
                           "empty.example NONE\n"
                           "text.example TXT words\n"
                           "below.empty-node.example A 192.0.2.1\n"
                           "alias.example CNAME mx.example\n"
                           "alias-a.example CNAME mail.example\n"
                           "dead.example CNAME gone.example\n"
                           "hollow.example CNAME empty.example\n"
                           "broken.example SERVFAIL\n"
                           "refused.example REFUSED\n"
                           "silent.example SILENCE\n"
                           "half.example A 192.0.2.1\n"
                           "*.wild.example MX 10 mail.example\n"
                           "xn--bcher-kva.example MX 10 mail.example\n"
                           "192.0.2.1 PTR mail.example\n"
                           "192.0.2.2 CNAME 2.sub.example\n"
                           "2.sub.example PTR other.example\n"
                           "192.0.2.3 SERVFAIL\n"
                           "2001:db8::1 PTR six.example\n"
                           "2.0.0.127.bl.example A 127.0.0.2\n"
                           "3.0.0.127.bl.example A 127.0.1.1\n"
                           "3.0.0.127.bl.example A 127.0.0.9\n"
                           "4.0.0.127.bl.example TXT listed\n"
                           "5.0.0.127.bl.example SERVFAIL\n"
                           "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
                           ".bl.example A 127.0.0.2\n"
                           "spam.example.bl.example A 127.0.1.2\n"
                           "*.many.example MX 10 mail.example\n";

static struct {
    pid_t server;
    int input; /* it ends when this is closed */
    char address[32];
    struct loop *loop;
    struct timers timers;
    struct dns *dns;
} here;

static void write_zone(const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(zone, file);
    for (unsigned i = 0; i < 100; i++)
        fprintf(file, "large.example MX %u " X50 "%u.example\n", i, i);
    assert_int_equal(fclose(file), 0);
}

/* Starts the server and reads its port. */
static void start_server(const char *path)
{
    int in[2], out[2];
    FILE *output;
    unsigned port;
    int status;

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    here.server = fork();
    assert_true(here.server >= 0);
    if (here.server == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execlp("python3", "python3", EHLO_TESTS_DIR "/policy/slow_dns.py", "--delay", DELAY_MS,
               path, (char *)NULL);
        _exit(NO_PROGRAM);
    }
    close(in[0]);
    close(out[1]);
    here.input = in[1];
    output = fdopen(out[0], "r");
    assert_non_null(output);
    if (fscanf(output, "%u", &port) == 1)
        snprintf(here.address, sizeof here.address, "127.0.0.1:%u", port);
    fclose(output);
    if (here.address[0] == '\0' && waitpid(here.server, &status, 0) == here.server &&
        WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM) {
        unlink(path);
        exit(77); /* skipped: no python3 */
    }
}

static int set_up(void **state)
{
    char path[] = "/tmp/zone-XXXXXX";
    int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    close(file);
    write_zone(path);
    start_server(path);
    unlink(path);
    here.loop = loop_new();
    timers_init(&here.timers);
    return here.loop != NULL && here.address[0] != '\0' ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(here.loop);
    close(here.input);
    return waitpid(here.server, NULL, 0) == here.server ? 0 : -1;
}

static int make_dns(void **state)
{
    (void)state;
    here.dns = dns_new(here.loop, &here.timers, here.address);
    return here.dns != NULL ? 0 : -1;
}

static int free_dns(void **state)
{
    (void)state;
    dns_free(here.dns);
    return 0;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void turn(void)
{
    loop_turn(here.loop, timers_wait(&here.timers));
    timers_run(&here.timers);
}

/* ---- one look-up ---- */

struct asked {
    struct lookup *lookup;
    unsigned answers;
    enum found found;
};

static void on_answer(void *owner, enum found found)
{
    struct asked *asked = owner;

    asked->answers++;
    asked->found = found;
}

static void check(const char *row, struct asked *asked, enum found found)
{
    while (asked->answers == 0)
        turn();
    assert_of(row, asked->answers == 1);
    assert_of(row, asked->found == found);
}

/* A look-up is there until it is answered. */
static void check_begun(const char *row, const struct asked *asked)
{
    assert_of(row, (asked->lookup == NULL) == (asked->answers == 1));
}

static void test_mail_host(void **state)
{
    static const struct {
        const char *domain;
        enum found found;
    } rows[] = {
        {"mx.example", FOUND_YES},
        {"MX.Example", FOUND_YES},
        {"mail.example", FOUND_YES}, /* an address alone */
        {"six.example", FOUND_YES},
        {"null.example", FOUND_NULL_MX},
        {"odd.example", FOUND_YES},
        {"odd-too.example", FOUND_YES},
        {"empty.example", FOUND_NO},
        {"text.example", FOUND_NO},
        {"empty-node.example", FOUND_NO},
        {"nowhere.example", FOUND_NO},
        {"alias.example", FOUND_YES},
        {"alias-a.example", FOUND_YES},
        {"dead.example", FOUND_NO},
        {"hollow.example", FOUND_NO},
        {"broken.example", FOUND_ERROR},
        {"refused.example", FOUND_ERROR},
        {"a.b.wild.example", FOUND_YES},
        {"wild.example", FOUND_NO},
        {"large.example", FOUND_YES}, /* by TCP */
        {"b\xc3\xbc\x63her.example", FOUND_YES},
        {"m\xc3\xbcller.example", FOUND_NO},
        {"[192.0.2.1]", FOUND_YES},
        {"[IPv6:2001:db8::1]", FOUND_YES},
        {"", FOUND_NO},
        {"a..example", FOUND_NO},
        {X50 X50 ".example", FOUND_NO},
        {"\xff", FOUND_NO},
    };
    struct asked asked[sizeof rows / sizeof *rows] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehlo_slice domain = dup_slice(rows[i].domain);

        asked[i].lookup = dns_mail_host(here.dns, domain, on_answer, &asked[i]);
        check_begun(rows[i].domain, &asked[i]);
        free_slice(domain);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(rows[i].domain, &asked[i], rows[i].found);
}

static void test_name(void **state)
{
    static const struct {
        const char *address;
        enum found found;
    } rows[] = {
        {"192.0.2.1", FOUND_YES}, {"192.0.2.2", FOUND_YES},   {"192.0.2.3", FOUND_ERROR},
        {"192.0.2.4", FOUND_NO},  {"2001:db8::1", FOUND_YES}, {"2001:db8::2", FOUND_NO},
        {"", FOUND_NO},
    };
    struct asked asked[sizeof rows / sizeof *rows] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        asked[i].lookup = dns_name(here.dns, rows[i].address, on_answer, &asked[i]);
        check_begun(rows[i].address, &asked[i]);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(rows[i].address, &asked[i], rows[i].found);
}

static void test_listed(void **state)
{
    static const struct {
        const char *subject; /* a domain if it ends in a letter */
        const char *listed;
        enum found found;
    } rows[] = {
        {"127.0.0.2", "127.0.0.0/8", FOUND_YES},     {"127.0.0.2", "127.0.0.2", FOUND_YES},
        {"127.0.0.2", "127.0.0.3", FOUND_NO},        {"127.0.0.3", "127.0.0.8/29", FOUND_YES},
        {"127.0.0.3", "127.0.1.0/24", FOUND_YES},    {"127.0.0.3", "127.0.2.0/24", FOUND_NO},
        {"127.0.0.4", "127.0.0.0/8", FOUND_NO},      {"127.0.0.5", "127.0.0.0/8", FOUND_ERROR},
        {"127.0.0.1", "127.0.0.0/8", FOUND_NO},      {"2001:db8::1", "127.0.0.0/8", FOUND_YES},
        {"2001:db8::2", "127.0.0.0/8", FOUND_NO},    {"", "127.0.0.0/8", FOUND_NO},
        {"spam.example", "127.0.1.0/24", FOUND_YES}, {"spam.example", "127.0.0.0/24", FOUND_NO},
        {"ham.example", "127.0.0.0/8", FOUND_NO},    {"[192.0.2.x", "127.0.0.0/8", FOUND_NO},
    };
    struct asked asked[sizeof rows / sizeof *rows] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *subject = rows[i].subject;
        struct network listed;

        assert_true(network_read(&listed, rows[i].listed));
        if (strstr(subject, "x") != NULL)
            asked[i].lookup = dns_listed_domain(here.dns, "bl.example", ehlo_text(subject), &listed,
                                                on_answer, &asked[i]);
        else
            asked[i].lookup =
                dns_listed_address(here.dns, "bl.example", subject, &listed, on_answer, &asked[i]);
        memset(&listed, 0xff, sizeof listed);
        check_begun(subject, &asked[i]);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(rows[i].subject, &asked[i], rows[i].found);
}

/* ---- many ---- */

/* All sessions ask at the same moment: none is lost, and they wait together. */
static void test_many(void **state)
{
    static struct asked asked[MANY];
    double begin = seconds();
    size_t answered = 0;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        char domain[40];

        snprintf(domain, sizeof domain, "d%zu.many.example", i);
        asked[i].lookup = dns_mail_host(here.dns, ehlo_text(domain), on_answer, &asked[i]);
        assert_non_null(asked[i].lookup);
    }
    while (answered < MANY) {
        turn();
        for (answered = 0; answered < MANY && asked[answered].answers == 1;)
            answered++;
    }
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(asked[i].found, FOUND_YES);
    print_message("%d look-ups, each answered after %s ms: %.3f s\n", MANY, DELAY_MS,
                  seconds() - begin);
}

static void test_drop(void **state)
{
    struct asked dropped = {0}, asked = {0};

    (void)state;
    dropped.lookup = dns_mail_host(here.dns, ehlo_text("mail.example"), on_answer, &dropped);
    assert_non_null(dropped.lookup);
    asked.lookup = dns_mail_host(here.dns, ehlo_text("mail.example"), on_answer, &asked);
    dns_drop(dropped.lookup);
    check("the other", &asked, FOUND_YES);
    assert_int_equal(dropped.answers, 0);
}

/* Nobody is called by dns_free() either, and no query is forgotten there. */
static void test_free_early(void **state)
{
    static struct asked asked[100];

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        asked[i].lookup = dns_mail_host(here.dns, ehlo_text("mail.example"), on_answer, &asked[i]);
        assert_non_null(asked[i].lookup);
    }
    dns_drop(asked[0].lookup);
    dns_free(here.dns);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        assert_int_equal(asked[i].answers, 0);
    assert_int_equal(timers_wait(&here.timers), -1);
}

static void test_no_answer(void **state)
{
    struct asked asked = {0}, refused = {0};
    double begin = seconds();

    (void)state;
    asked.lookup = dns_mail_host(here.dns, ehlo_text("silent.example"), on_answer, &asked);
    check("silence", &asked, FOUND_ERROR);
    assert_true(seconds() - begin > 2 && seconds() - begin < 20);
    dns_free(here.dns);
    here.dns = dns_new(here.loop, &here.timers, "127.0.0.1:1");
    assert_non_null(here.dns);
    begin = seconds();
    refused.lookup = dns_mail_host(here.dns, ehlo_text("mx.example"), on_answer, &refused);
    check("nobody there", &refused, FOUND_ERROR);
    assert_true(seconds() - begin < 20);
}

static void test_server(void **state)
{
    static const struct {
        const char *server;
        bool good;
    } rows[] = {
        {"127.0.0.1:53", true}, {"127.0.0.1", true}, {"[::1]:5353", true},
        {"::1", true},          {"nonsense", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dns *dns = dns_new(here.loop, &here.timers, rows[i].server);

        if (dns != NULL)
            dns_free(dns);
        assert_of(rows[i].server, (dns != NULL) == rows[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_mail_host, make_dns, free_dns),
        cmocka_unit_test_setup_teardown(test_name, make_dns, free_dns),
        cmocka_unit_test_setup_teardown(test_listed, make_dns, free_dns),
        cmocka_unit_test_setup_teardown(test_many, make_dns, free_dns),
        cmocka_unit_test_setup_teardown(test_drop, make_dns, free_dns),
        cmocka_unit_test_setup(test_free_early, make_dns),
        cmocka_unit_test_setup_teardown(test_no_answer, make_dns, free_dns),
        cmocka_unit_test(test_server),
    };

    return dns_is_built() ? cmocka_run_group_tests(tests, set_up, tear_down) : 77;
}
