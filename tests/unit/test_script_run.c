/*
 * ehlo/script.h: the host's hooks, cuts, the trace and its differences, the workspace, the results.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script_support.h"

/* --- the host's hooks --- */

static void test_hooks_of_the_host_are_called_with_its_pointer(void **state)
{
    (void)state;
    assert_int_equal(play_as_written(MESSAGE "C: QUIT\nS: 221 *\n").status, EHLO_SCRIPT_OK);
    assert_int_equal(host.mails, 1);
    assert_int_equal(host.rcpts, 1);
    assert_true(host.bodies >= 1);
    assert_int_equal(host.dones, 1);
    assert_int_equal(host.closes, 1);
    assert_true(host.traces > 10);
}

static void test_verdicts_of_lines_win(void **state)
{
    (void)state;
    assert_int_equal(play_as_written(HELLO "V: on_mail SENDER_DENIED\nC: MAIL FROM:<a@c.example>\n"
                                           "S: 501 *\nC: MAIL FROM:<a@c.example>\nS: 250 *\n")
                         .status,
                     EHLO_SCRIPT_OK);
    assert_int_equal(host.mails, 1);
}

static void test_bare_leaves_the_host_out(void **state)
{
    (void)state;
    assert_int_equal(play_as_written("! bare\n" HELLO "C: MAIL FROM:<a@c.example>\n"
                                     "C: RCPT TO:<x@b.example>\nS: 250 *\nS: 550 5.7.1 *\n")
                         .status,
                     EHLO_SCRIPT_OK);
    assert_int_equal(host.mails + host.rcpts + host.dones + host.traces + host.closes, 0);
    assert_int_equal(play_as_written("! bare\n" ENVELOPE "E: on_rcpt\n").status, EHLO_SCRIPT_OK);
    assert_int_equal(host.rcpts, 0);
}

static void test_on_close_comes_behind_a_fault_too(void **state)
{
    (void)state;
    assert_int_equal(play_as_written(ENVELOPE "S: 250 *\n").status, EHLO_SCRIPT_MISMATCH);
    assert_int_equal(host.dones, 1);
    assert_int_equal(host.closes, 1);
}

static void test_idle_resumes_the_hosts_decisions(void **state)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .idle = resume_host};

    (void)state;
    memset(&host, 0, sizeof host);
    host.pend = true;
    assert_int_equal(play(ENVELOPE, options).status, EHLO_SCRIPT_OK);
    assert_int_equal(host.token_count, 0);
    assert_int_equal(host.rcpts, 1);
}

static struct ehlo_reply use_other(struct ehlo_server *s, const struct ehlo_peer *peer, void *user)
{
    static struct ehlo_server_config other;

    (void)peer, (void)user;
    other = config;
    other.hostname = "other.example";
    other.on_rcpt = NULL;
    assert_int_equal(ehlo_server_use(s, &other), EHLO_OK);
    return ehlo_accept();
}

/* A policy by peer is what ehlo_server_use() is for; the kit must stay with it. */
static void test_a_hook_may_use_another_configuration(void **state)
{
    struct ehlo_server_config first = config;
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .config = &first};

    (void)state;
    memset(&host, 0, sizeof host);
    first.on_connect = use_other;
    assert_int_equal(play("S: 220 other.example *\nC: HELO c.example\nS: 250 *\n"
                          "V: on_mail accept\nC: MAIL FROM:<a@c.example>\nS: 250 *\n"
                          "E: on_mail <a@c.example>\nC: RCPT TO:<x@b.example>\nS: 550 5.7.1 *\n",
                          options)
                         .status,
                     EHLO_SCRIPT_OK);
    assert_int_equal(host.mails, 0);
    assert_int_equal(host.closes, 1);
}

/* --- cuts --- */

static unsigned play_pieces(uint32_t cut, uint32_t seed, size_t pieces[256])
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .cut = cut,
                                                .seed = seed, .feed = note_feed};

    memset(&host, 0, sizeof host);
    assert_int_equal(play("S: 220 *\nC: NOOP\nC: NOOP\n! cut\nC: NOOP\nS: 250 *\nS: 250 *\n"
                          "S: 250 *\nC- N\nC: OOP \\{x*300}\nS: 250 *\n",
                          options)
                         .status,
                     EHLO_SCRIPT_OK);
    memcpy(pieces, host.pieces, sizeof host.pieces);
    return host.piece_count;
}

static void test_pieces_are_as_asked(void **state)
{
    size_t pieces[256], again[256];
    unsigned count, different = 0;

    (void)state;
    assert_int_equal(play_pieces(EHLO_SCRIPT_CUT_WRITTEN, 0, pieces), 3);
    assert_int_equal(pieces[0], 12);
    assert_int_equal(pieces[1], 6);
    assert_int_equal(pieces[2], 307);
    assert_int_equal(play_pieces(EHLO_SCRIPT_CUT_OCTETS, 0, pieces), 256); /* of 325, 256 noted */
    assert_int_equal(pieces[0], 1);
    count = play_pieces(EHLO_SCRIPT_CUT_RANDOM, 1, pieces);
    assert_true(count > 3 && count < 325);
    assert_int_equal(play_pieces(EHLO_SCRIPT_CUT_RANDOM, 1, again), count);
    assert_memory_equal(pieces, again, sizeof pieces);
    for (uint32_t seed = 2; seed < 12; seed++) {
        play_pieces(EHLO_SCRIPT_CUT_RANDOM, seed, again);
        different += memcmp(pieces, again, sizeof pieces) != 0;
    }
    assert_int_equal(different, 10);
    assert_true(play_pieces(EHLO_SCRIPT_CUT_RANDOM, 0, again) < 256);
}

static const char pipelined[] =
    HELLO "V: on_mail later accept\nV: on_body later accept\nC: MAIL FROM:<a@c.example>\n"
          "C: RCPT TO:<x@b.example>\nC: DATA\nC: one\nC: ..two\nC: .\nC: QUIT\n"
          "S: 250 *\nS: 250 *\nS: 354 *\nS: 250 *\nS: 221 *\n";

static struct ehlo_script_result play_cut(uint32_t cut, uint32_t seed, uint64_t stop, bool refuse)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .cut = cut,
                                                .seed = seed, .stop = stop};

    memset(&host, 0, sizeof host);
    host.refuse = refuse;
    return play(pipelined, options);
}

static void check_cut(const char *transcript, uint32_t cut, uint32_t seed,
                      const struct ehlo_script_result *written)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .cut = cut,
                                                .seed = seed};
    struct ehlo_script_result result;

    memset(&host, 0, sizeof host);
    result = play(transcript, options);
    assert_of(transcript, result.status == EHLO_SCRIPT_OK);
    assert_of(transcript, result.hash == written->hash && result.events == written->events);
}

/* Also where on_body pauses or refuses, and so sees more or less of the content. */
static void test_cuts_do_not_change_the_hash(void **state)
{
#define CONTENT "C: DATA\nC: one\nC- two\\nthree\\r\\n.\\r\\n\n"
    static const char *const transcripts[] = {
        pipelined,
        ENVELOPE "V: on_body pending\n" CONTENT "S: 354 *\n! resume first accept\nS: 550 5.5.2 *\n",
        ENVELOPE "V: on_body pending\n" CONTENT "S: 354 *\n! resume first MAILBOX_FULL\nS: 552 *\n",
        ENVELOPE "V: on_body pending\n" CONTENT "S: 354 *\n! timeout\nS: 421 *\n",
        ENVELOPE "V: on_body pending\n" CONTENT "S: 354 *\n! disconnected\n",
        ENVELOPE "V: on_body later MAILBOX_FULL\n" CONTENT "S: 354 *\nS: 552 *\n",
        ENVELOPE "V: on_body resumed MAILBOX_FULL\n" CONTENT "S: 354 *\nS: 552 *\n",
        ENVELOPE "V: on_body custom 220 - No\n" CONTENT "S: 354 *\nS: 451 *\n",
        ENVELOPE "V: on_body MAILBOX_FULL\nC: DATA\nC: one\nC: two\nC: .\nS: 354 *\nS: 552 *\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof transcripts / sizeof *transcripts; i++) {
        const struct ehlo_script_result written = play_as_written(transcripts[i]);

        assert_of(transcripts[i], written.status == EHLO_SCRIPT_OK);
        check_cut(transcripts[i], EHLO_SCRIPT_CUT_OCTETS, 0, &written);
        for (uint32_t seed = 0; seed < 50; seed++)
            check_cut(transcripts[i], EHLO_SCRIPT_CUT_RANDOM, seed, &written);
    }
}

static void test_anything_else_changes_the_hash(void **state)
{
#define AGAIN(text)                                                                                \
    "C: MAIL FROM:<a@c.example>\nC: RCPT TO:<x@b.example>\nC: DATA\nC: " text                      \
    "\nC: .\nS: 250 *\nS: 250 *\nS: 354 *\nS: 250 *\n"
    static const char *const transcripts[] = {
        HELLO,
        ENVELOPE,
        MESSAGE,
        HELLO "C: MAIL FROM:<A@c.example>\nC: RCPT TO:<x@b.example>\nS: 250 *\nS: 250 *\n",
        ENVELOPE "C: DATA\nC: one\nC: twp\nC: .\nS: 354 *\nS: 250 2.0.0 *\n",
        ENVELOPE "C: DATA\nC: one\nC: two\nC: .\nV: on_message GREYLISTED\nS: 354 *\nS: 451 *\n",
        ENVELOPE "! timeout\nS: 421 *\n",
        ENVELOPE "! eof\n",
        ENVELOPE
        "V: on_body MAILBOX_FULL\nC: DATA\nC: one\nC: .\nS: 354 *\nS: 552 *\n" AGAIN("one"),
        ENVELOPE
        "V: on_body MAILBOX_FULL\nC: DATA\nC: one\nC: .\nS: 354 *\nS: 552 *\n" AGAIN("two"),
    };
    uint64_t hashes[sizeof transcripts / sizeof *transcripts];

    (void)state;
    for (size_t i = 0; i < sizeof transcripts / sizeof *transcripts; i++) {
        const struct ehlo_script_result result = play_as_written(transcripts[i]);

        assert_of(transcripts[i], result.status == EHLO_SCRIPT_OK);
        hashes[i] = result.hash;
        for (size_t j = 0; j < i; j++)
            assert_of(transcripts[i], hashes[i] != hashes[j]);
    }
}

/* Every event of a short session, in order. */
static void test_events_of_a_session(void **state)
{
    static const char *const events[] = {
        "trace reply GREETING 220\\x20mx.example\\x20ESMTP\\x20ready\\x0d\\x0a",
        "trace state fresh",
        "says 220\\x20mx.example\\x20ESMTP\\x20ready",
        "waits READ",
        "trace command 0 QUIT",
        "trace reply CLOSING 221\\x202.0.0\\x20mx.example\\x20Goodbye\\x0d\\x0a",
        "trace state closed",
        "trace closed quit",
        "on_close quit",
        "says 221\\x202.0.0\\x20mx.example\\x20Goodbye",
        "waits CLOSE",
    };
    const size_t count = sizeof events / sizeof *events;

    (void)state;
    for (uint64_t stop = 1; stop <= count + 1; stop++) {
        const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .stop = stop};
        struct ehlo_script_result result;

        memset(&host, 0, sizeof host);
        result = play("S: 220 *\nC: QUIT\nS: 221 *\n", options);
        assert_int_equal(result.events, stop <= count ? stop : count);
        assert_int_equal(result.status, stop <= count ? EHLO_SCRIPT_STOPPED : EHLO_SCRIPT_OK);
        if (stop <= count)
            assert_slice_of("event", result.got, events[stop - 1]);
        assert_int_equal(host.closes, 1);
    }
}

/* Two runs that part in the verdict on the recipient: halving finds the first reply that differs.
 */
static void test_a_difference_is_located(void **state)
{
    uint64_t same = 0, different = play_cut(EHLO_SCRIPT_CUT_WRITTEN, 0, 0, false).events;
    struct ehlo_script_result one, other;

    (void)state;
    while (different - same > 1) {
        const uint64_t middle = same + (different - same) / 2;

        one = play_cut(EHLO_SCRIPT_CUT_WRITTEN, 0, middle, false);
        other = play_cut(EHLO_SCRIPT_CUT_OCTETS, 0, middle, true);
        if (one.hash == other.hash)
            same = middle;
        else
            different = middle;
    }
    one = play_cut(EHLO_SCRIPT_CUT_WRITTEN, 0, different, false);
    assert_int_equal(one.status, EHLO_SCRIPT_STOPPED);
    assert_int_equal(one.events, different);
    assert_slice_of("accepted", one.got,
                    "trace reply RECIPIENT_OK "
                    "250\\x202.1.5\\x20Recipient\\x20accepted\\x0d\\x0a");
    other = play_cut(EHLO_SCRIPT_CUT_OCTETS, 0, different, true);
    assert_slice_of("refused", other.got,
                    "trace reply USER_UNKNOWN "
                    "550\\x205.1.1\\x20User\\x20unknown;\\x20rejecting\\x0d\\x0a");
}

/* --- the workspace, and the results --- */

static const char holding[] = MESSAGE "B: one\nE: on_done\n";

static enum ehlo_script_status play_in(char *room, size_t size)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .config = &config,
                                                .user = &host};
    struct ehlo_script_result result = {EHLO_SCRIPT_RESULT_DEFAULTS};

    memset(&host, 0, sizeof host);
    return ehlo_script_run(ehlo_text(holding), &options, room, size, &result);
}

/* Of any size: it fits or it is told that it does not, and nothing is touched beyond. */
static void test_small_workspaces_are_told(void **state)
{
    const size_t step = 7;
    size_t size = 0, refused = 0;
    enum ehlo_script_status status = EHLO_SCRIPT_NO_SPACE;

    (void)state;
    assert_int_equal(play_in(NULL, 0), EHLO_SCRIPT_NO_SPACE);
    for (; size < 40000; size += step) {
        char *room = malloc(size > 0 ? size : 1);

        assert_non_null(room);
        if (status == EHLO_SCRIPT_NO_SPACE)
            status = play_in(room, size);
        assert_int_equal(play_in(room, size), status);
        assert_true(status == EHLO_SCRIPT_OK || status == EHLO_SCRIPT_NO_SPACE);
        refused += status == EHLO_SCRIPT_NO_SPACE;
        free(room);
    }
    assert_int_equal(status, EHLO_SCRIPT_OK);
    assert_true(refused > 0 && refused * step < EHLO_SCRIPT_SIZE / 4);
}

static void test_workspace_of_any_alignment(void **state)
{
    (void)state;
    for (size_t offset = 0; offset < 17; offset++) {
        char *room = malloc(offset + 40000);

        assert_non_null(room);
        assert_int_equal(play_in(room + offset, 40000), EHLO_SCRIPT_OK);
        free(room);
    }
}

static void test_what_does_not_fit_is_named(void **state)
{
    static const struct {
        const char *transcript, *what;
    } rows[] = {
        {"! config line_size 65535\nS: 220 *\n", "the session"},
        {"S: 220 *\nC: \\{x*9000}\n", "the octets of a group of C lines"},
        {"! config max_junk 1000\n" HELLO "C: \\{NOOP\\r\\n*300}\n", "the output"},
        {HELLO "V: on_mail custom 450 - \\{x*9000}\nC: MAIL FROM:<a@c.example>\n",
         "the text of verdicts"},
        {ENVELOPE "C: DATA\nS: 354 *\nC: \\{x*3000}\nS~\nC: \\{x*3000}\nC: .\nS: 250 *\nB: *\n",
         "the content"},
        {HELLO "C: \\{NOOP\\r\\n*60}\nE: on_help\n", "the events"},
        {HELLO "C: \\{NOOP\\r\\n*60}\nE~ on_help\n", "the events"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .config = &config,
                                                    .user = &host};
        struct ehlo_script_result result = {EHLO_SCRIPT_RESULT_DEFAULTS};

        memset(&host, 0, sizeof host);
        ehlo_script_run(ehlo_text(rows[i].transcript), &options, workspace, 32000, &result);
        assert_of(rows[i].what, result.status == EHLO_SCRIPT_NO_SPACE);
        assert_slice_of(rows[i].what, result.expected, rows[i].what);
    }
}

/* A run can name 128 pending decisions. */
static void test_pending_decisions_up_to_the_limit(void **state)
{
    (void)state;
    for (unsigned count = 127; count < 130; count++) {
        static char transcript[16384];
        struct ehlo_script_result result;

        strcpy(transcript, HELLO);
        for (unsigned i = 0; i < count; i++)
            strcat(transcript,
                   "V: on_mail later GREYLISTED\nC: MAIL FROM:<a@c.example>\nS: 451 *\n");
        result = play_as_written(transcript);
        assert_int_equal(result.status, count <= 128 ? EHLO_SCRIPT_OK : EHLO_SCRIPT_NO_SPACE);
        if (count > 128)
            assert_slice_of("what", result.expected, "so many pending decisions");
    }
}

static void test_bad_options_are_told(void **state)
{
    struct ehlo_server_config odd = config;
    struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS};
    struct ehlo_script_result result = {EHLO_SCRIPT_RESULT_DEFAULTS};

    (void)state;
    assert_int_equal(
        ehlo_script_run(ehlo_text(HELLO), &options, workspace, sizeof workspace, &result),
        EHLO_SCRIPT_BAD);
    odd.size--;
    options.config = &odd;
    assert_int_equal(
        ehlo_script_run(ehlo_text(HELLO), &options, workspace, sizeof workspace, &result),
        EHLO_SCRIPT_BAD);
    options.config = &config;
    options.size--;
    assert_int_equal(
        ehlo_script_run(ehlo_text(HELLO), &options, workspace, sizeof workspace, &result),
        EHLO_SCRIPT_BAD);
    assert_int_equal(result.status, EHLO_SCRIPT_BAD);
}

/* A program of an earlier version has a shorter result. */
static void test_result_is_filled_up_to_its_size(void **state)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .config = &config,
                                                .user = &host};
    struct ehlo_script_result result;

    (void)state;
    memset(&result, 0x55, sizeof result);
    result.size = offsetof(struct ehlo_script_result, events);
    ehlo_script_run(ehlo_text(HELLO), &options, workspace, sizeof workspace, &result);
    assert_int_equal(result.status, EHLO_SCRIPT_OK);
    assert_int_equal(result.size, offsetof(struct ehlo_script_result, events));
    assert_true(result.events == UINT64_C(0x5555555555555555));
}

static void test_format(void **state)
{
    static const struct {
        uint32_t status;
        const char *text;
    } rows[] = {
        {EHLO_SCRIPT_OK, "a.txt:12: ok"},
        {EHLO_SCRIPT_MISMATCH, "a.txt:12: expected \"x\", got \"yy\""},
        {EHLO_SCRIPT_BROKEN, "a.txt:12: broken promise: \"x\", got \"yy\""},
        {EHLO_SCRIPT_BAD, "a.txt:12: malformed: expected \"x\", got \"yy\""},
        {EHLO_SCRIPT_NO_SPACE, "a.txt:12: workspace too small for \"x\""},
        {EHLO_SCRIPT_STOPPED, "a.txt:12: stopped at event 7: \"yy\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct ehlo_script_result result = {
            EHLO_SCRIPT_RESULT_DEFAULTS, .status = rows[i].status, .line = 12,
            .expected = {"x", 1},        .got = {"yy", 2},         .events = 7};
        const size_t length = strlen(rows[i].text);

        assert_int_equal(ehlo_script_format(NULL, 0, "a.txt", &result), length);
        for (size_t size = 1; size < length + 3; size++) {
            const size_t fits = length < size ? length : size - 1;
            char *buffer = malloc(size);

            assert_non_null(buffer);
            assert_int_equal(ehlo_script_format(buffer, size, "a.txt", &result), length);
            assert_octets_of(rows[i].text, buffer, strlen(buffer), rows[i].text, fits);
            free(buffer);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hooks_of_the_host_are_called_with_its_pointer),
        cmocka_unit_test(test_verdicts_of_lines_win),
        cmocka_unit_test(test_bare_leaves_the_host_out),
        cmocka_unit_test(test_on_close_comes_behind_a_fault_too),
        cmocka_unit_test(test_idle_resumes_the_hosts_decisions),
        cmocka_unit_test(test_a_hook_may_use_another_configuration),
        cmocka_unit_test(test_pieces_are_as_asked),
        cmocka_unit_test(test_cuts_do_not_change_the_hash),
        cmocka_unit_test(test_anything_else_changes_the_hash),
        cmocka_unit_test(test_events_of_a_session),
        cmocka_unit_test(test_a_difference_is_located),
        cmocka_unit_test(test_small_workspaces_are_told),
        cmocka_unit_test(test_workspace_of_any_alignment),
        cmocka_unit_test(test_what_does_not_fit_is_named),
        cmocka_unit_test(test_pending_decisions_up_to_the_limit),
        cmocka_unit_test(test_bad_options_are_told),
        cmocka_unit_test(test_result_is_filled_up_to_its_size),
        cmocka_unit_test(test_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
