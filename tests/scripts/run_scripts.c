/*
 * Plays transcripts: each as written, octet by octet, and at 50 random cuts. All runs must hold and
 * have the same trace. With --pairs: each as written, with every extension switched on or off that
 * it says nothing of, and with every two of them. See README.md in this folder.
 *
 *     run_scripts [--verbose | --list-ids | --pairs] FILE|FOLDER...
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L

#include "ehlo/script.h"
#include "pairs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_CUTS    50
#define WORKSPACE_SIZE ((size_t)4 << 20)
#define TEXT_SIZE      4096

struct driver {
    bool verbose;
    bool list_ids;
    bool pairs;
    unsigned plays; /* under other extensions */
    unsigned passed;
    unsigned failed;
    struct ehlo_server_config config;
    void *workspace;
};

struct transcript {
    const char *path;
    struct ehlo_slice text;
    bool uncut;
};

/* --- the host --- */

static struct ehlo_reply take_mail(struct ehlo_server *server, const struct ehlo_mail *mail,
                                   void *user)
{
    (void)server, (void)mail, (void)user;
    return ehlo_accept();
}

static struct ehlo_reply take_rcpt(struct ehlo_server *server, const struct ehlo_rcpt *rcpt,
                                   void *user)
{
    (void)server, (void)rcpt, (void)user;
    return ehlo_accept();
}

static struct ehlo_reply take_body(struct ehlo_server *server, struct ehlo_slice slice, void *user)
{
    (void)server, (void)slice, (void)user;
    return ehlo_accept();
}

static struct ehlo_reply take_message(struct ehlo_server *server,
                                      const struct ehlo_message *message, void *user)
{
    (void)server, (void)message, (void)user;
    return ehlo_accept();
}

static const struct ehlo_server_config config = {
    EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example", .on_mail = take_mail,
    .on_rcpt = take_rcpt,        .on_body = take_body,     .on_message = take_message};

static void *allocate(size_t size)
{
    void *block = malloc(size > 0 ? size : 1);

    if (block == NULL) {
        fputs("run_scripts: out of memory\n", stderr);
        exit(2);
    }
    return block;
}

/* Each call gets a block of its own, so that whoever looks at octets later, or beyond them, is
 * found out. */
static size_t feed(struct ehlo_server *server, const void *data, size_t length, void *user)
{
    void *copy = allocate(length);
    size_t taken;

    (void)user;
    memcpy(copy, data, length);
    taken = ehlo_server_receive(server, copy, length);
    free(copy);
    return taken;
}

/* --- one transcript --- */

static struct ehlo_script_result play(const struct driver *driver,
                                      const struct transcript *transcript, uint32_t cut,
                                      uint32_t seed, uint64_t stop)
{
    struct ehlo_script_result result = {EHLO_SCRIPT_RESULT_DEFAULTS};
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS,
                                                .config = &driver->config,
                                                .cut = cut,
                                                .seed = seed,
                                                .stop = stop,
                                                .feed = feed};

    ehlo_script_run(transcript->text, &options, driver->workspace, WORKSPACE_SIZE, &result);
    return result;
}

static void name_cut(char *name, size_t size, uint32_t cut, uint32_t seed)
{
    if (cut == EHLO_SCRIPT_CUT_WRITTEN)
        snprintf(name, size, "as written");
    else if (cut == EHLO_SCRIPT_CUT_OCTETS)
        snprintf(name, size, "octet by octet");
    else
        snprintf(name, size, "random cuts %u", (unsigned)seed);
}

/* The first event in which a run differs from the run as written, by halving. */
static void print_difference(const struct driver *driver, const struct transcript *transcript,
                             uint32_t cut, uint32_t seed)
{
    struct ehlo_script_result result = play(driver, transcript, EHLO_SCRIPT_CUT_WRITTEN, 0, 0);
    char cut_name[32], written[TEXT_SIZE];
    uint64_t same = 0, different = result.events + 1;

    while (different - same > 1) {
        const uint64_t middle = same + (different - same) / 2;
        const uint64_t hash = play(driver, transcript, EHLO_SCRIPT_CUT_WRITTEN, 0, middle).hash;

        result = play(driver, transcript, cut, seed, middle);
        if (result.hash == hash)
            same = middle;
        else
            different = middle;
    }
    name_cut(cut_name, sizeof cut_name, cut, seed);
    result = play(driver, transcript, EHLO_SCRIPT_CUT_WRITTEN, 0, different);
    snprintf(written, sizeof written, "%.*s", (int)result.got.length,
             result.got.length > 0 ? result.got.data : "");
    result = play(driver, transcript, cut, seed, different);
    printf("%s:%u: %s: event %llu: expected \"%s\", got \"%.*s\"\n", transcript->path,
           (unsigned)result.line, cut_name, (unsigned long long)different, written,
           (int)result.got.length, result.got.length > 0 ? result.got.data : "");
}

/* Plays one way of cutting and compares it with the run as written. */
static bool holds(const struct driver *driver, const struct transcript *transcript, uint32_t cut,
                  uint32_t seed, uint64_t hash)
{
    const struct ehlo_script_result result = play(driver, transcript, cut, seed, 0);
    char cut_name[32], text[TEXT_SIZE];

    if (result.status == EHLO_SCRIPT_OK && (result.hash == hash || transcript->uncut))
        return true;
    if (result.status == EHLO_SCRIPT_MISMATCH && transcript->uncut)
        return true;
    if (result.status == EHLO_SCRIPT_OK) {
        print_difference(driver, transcript, cut, seed);
        return false;
    }
    name_cut(cut_name, sizeof cut_name, cut, seed);
    ehlo_script_format(text, sizeof text, transcript->path, &result);
    printf("%s (%s)\n", text, cut_name);
    return false;
}

static bool play_all_cuts(const struct driver *driver, const struct transcript *transcript)
{
    const struct ehlo_script_result written =
        play(driver, transcript, EHLO_SCRIPT_CUT_WRITTEN, 0, 0);
    char text[TEXT_SIZE];
    uint32_t seed;

    if (written.status != EHLO_SCRIPT_OK) {
        ehlo_script_format(text, sizeof text, transcript->path, &written);
        puts(text);
        return false;
    }
    if (!holds(driver, transcript, EHLO_SCRIPT_CUT_OCTETS, 0, written.hash))
        return false;
    for (seed = 1; seed <= RANDOM_CUTS; seed++) {
        if (!holds(driver, transcript, EHLO_SCRIPT_CUT_RANDOM, seed, written.hash))
            return false;
    }
    return true;
}

/* --- under other extensions --- */

static bool play_pair(struct driver *driver, const struct transcript *transcript, unsigned first,
                      unsigned second)
{
    struct transcript amended = *transcript;
    struct ehlo_script_result result;
    char text[TEXT_SIZE], *copy;

    driver->config = config;
    if (!pairs_switch(first, transcript->text.data, &driver->config) ||
        !pairs_switch(second, transcript->text.data, &driver->config) ||
        ehlo_server_check(&driver->config, NULL) != EHLO_OK) /* one is off that the other needs */
        return true;
    driver->plays++;
    copy = pairs_amend(transcript->text.data, first, second);
    amended.text = ehlo_text(copy);
    result = play(driver, &amended, EHLO_SCRIPT_CUT_WRITTEN, 0, 0);
    if (result.status != EHLO_SCRIPT_OK) {
        ehlo_script_format(text, sizeof text, transcript->path, &result);
        printf("%s (extensions %u and %u of pairs.c)\n", text, first, second);
    }
    free(copy);
    return result.status == EHLO_SCRIPT_OK;
}

static bool play_all_pairs(struct driver *driver, const struct transcript *transcript)
{
    for (unsigned first = 0; first < pairs_count; first++)
        for (unsigned second = first; second < pairs_count; second++)
            if (!play_pair(driver, transcript, first, second))
                return false;
    return true;
}

/* --- what the comments say --- */

static bool is_id_octet(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

/* Requirement ids look like R5321-4.1.2-1 or RSEC-LIMIT-3: an R, parts, a number. */
static bool is_id(const char *text, size_t length)
{
    const char *first = memchr(text, '-', length);

    return length > 3 && text[0] == 'R' && first != NULL && first - text > 1 &&
           text[length - 1] >= '0' && text[length - 1] <= '9';
}

static void list_ids(const char *path, const char *at, const char *end)
{
    while (at < end) {
        const char *begin = at;
        size_t length;

        while (at < end && is_id_octet(*at))
            at++;
        length = (size_t)(at - begin);
        while (length > 0 && begin[length - 1] == '.')
            length--;
        if (is_id(begin, length))
            printf("%.*s\t%s\n", (int)length, begin, path);
        at += at < end && !is_id_octet(*at);
    }
}

static void read_comments(const struct driver *driver, struct transcript *transcript)
{
    static const char uncut[] = "# uncut: ";
    const char *at = transcript->text.data;
    const char *end = at + transcript->text.length;

    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));

        if (line_end == NULL)
            line_end = end;
        if ((size_t)(line_end - at) > sizeof uncut && memcmp(at, uncut, sizeof uncut - 1) == 0)
            transcript->uncut = true;
        if (*at == '#' && driver->list_ids)
            list_ids(transcript->path, at, line_end);
        at = line_end + (line_end < end);
    }
}

/* --- files and folders --- */

static bool read_file(const char *path, struct ehlo_slice *text)
{
    FILE *file = fopen(path, "rb");
    char *data;
    long size;

    if (file == NULL)
        return false;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
        fseek(file, 0, SEEK_SET) != 0) {
        fclose(file);
        return false;
    }
    data = allocate((size_t)size + 1);
    *text = (struct ehlo_slice){data, fread(data, 1, (size_t)size, file)};
    data[text->length] = '\0';
    fclose(file);
    return text->length == (size_t)size;
}

static void play_file(struct driver *driver, const char *path)
{
    struct transcript transcript = {.path = path};
    bool passed;

    if (!read_file(path, &transcript.text)) {
        printf("%s: cannot be read\n", path);
        driver->failed++;
        return;
    }
    read_comments(driver, &transcript);
    if (!driver->list_ids) {
        passed = driver->pairs ? play_all_pairs(driver, &transcript)
                               : play_all_cuts(driver, &transcript);
        driver->passed += passed;
        driver->failed += !passed;
        if (driver->verbose)
            printf("%s: %s\n", path, passed ? "passed" : "failed");
    }
    free((void *)(uintptr_t)transcript.text.data);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_transcript(const char *path)
{
    const size_t length = strlen(path);

    return length > 4 && strcmp(path + length - 4, ".txt") == 0;
}

static void play_folder(struct driver *driver, const char *path, DIR *folder)
{
    char **names = NULL;
    size_t count = 0, i;
    struct dirent *entry;

    while ((entry = readdir(folder)) != NULL) {
        const size_t size = strlen(path) + strlen(entry->d_name) + 2;

        if (entry->d_name[0] == '.')
            continue;
        names = realloc(names, (count + 1) * sizeof *names);
        if (names == NULL)
            exit(2);
        names[count] = allocate(size);
        snprintf(names[count++], size, "%s/%s", path, entry->d_name);
    }
    closedir(folder);
    if (count > 0)
        qsort(names, count, sizeof *names, by_name);
    for (i = 0; i < count; i++) {
        DIR *inner = opendir(names[i]);

        if (inner != NULL)
            play_folder(driver, names[i], inner);
        else if (is_transcript(names[i]))
            play_file(driver, names[i]);
        free(names[i]);
    }
    free(names);
}

static void play_path(struct driver *driver, const char *path)
{
    DIR *folder = opendir(path);

    if (folder != NULL)
        play_folder(driver, path, folder);
    else
        play_file(driver, path);
}

int main(int argc, char **argv)
{
    struct driver driver = {.workspace = allocate(WORKSPACE_SIZE), .config = config};
    int i;

    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0)
            driver.verbose = true;
        else if (strcmp(argv[i], "--list-ids") == 0)
            driver.list_ids = true;
        else if (strcmp(argv[i], "--pairs") == 0)
            driver.pairs = true;
        else
            play_path(&driver, argv[i]);
    }
    free(driver.workspace);
    if (driver.list_ids)
        return driver.failed > 0;
    if (driver.pairs)
        printf("%u plays in %u pairs of %u extensions: ", driver.plays,
               pairs_count * (pairs_count + 1) / 2, pairs_count);
    printf("%u passed, %u failed\n", driver.passed, driver.failed);
    return driver.failed > 0 || driver.passed == 0;
}
