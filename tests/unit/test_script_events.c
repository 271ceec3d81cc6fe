/*
 * The events of the kit: what each hook is told as, with all its words, and that the host's own
 * hook is called behind it; and what verdicts and words of V lines become.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script_support.h"

/* --- a host with every hook, which answers what the session takes for "no" --- */

static unsigned calls[16]; /* in the order of struct ehlo_server_config */

static struct ehlo_reply count_call(unsigned hook, const void *user)
{
    assert_ptr_equal(user, &host);
    calls[hook]++;
    return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}

static struct ehlo_reply on_connect(struct ehlo_server *s, const struct ehlo_peer *peer, void *user)
{
    (void)s, (void)peer;
    count_call(0, user);
    return ehlo_accept();
}

static struct ehlo_reply on_helo(struct ehlo_server *s, const struct ehlo_helo *helo, void *user)
{
    (void)s, (void)helo;
    return count_call(1, user);
}

static struct ehlo_reply on_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    (void)s, (void)mail;
    return count_call(2, user);
}

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    (void)s, (void)rcpt;
    return count_call(3, user);
}

static struct ehlo_reply on_data(struct ehlo_server *s, void *user)
{
    (void)s;
    return count_call(4, user);
}

static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice slice, void *user)
{
    (void)s, (void)slice;
    return count_call(5, user);
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *message,
                                    void *user)
{
    (void)s, (void)message;
    return count_call(6, user);
}

static struct ehlo_reply on_vrfy(struct ehlo_server *s, struct ehlo_slice text, void *user)
{
    (void)s, (void)text;
    return count_call(7, user);
}

static struct ehlo_reply on_expn(struct ehlo_server *s, struct ehlo_slice text, void *user)
{
    (void)s, (void)text;
    return count_call(8, user);
}

static struct ehlo_reply on_help(struct ehlo_server *s, struct ehlo_slice text, void *user)
{
    (void)s, (void)text;
    return count_call(9, user);
}

static struct ehlo_reply on_command(struct ehlo_server *s, const struct ehlo_command *command,
                                    void *user)
{
    (void)s, (void)command;
    return count_call(10, user);
}

static void on_reply(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    (void)s, (void)reply;
    count_call(11, user);
}

static const struct ehlo_server_config full = {
    EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example", .on_connect = on_connect,
    .on_helo = on_helo,          .on_mail = on_mail,       .on_rcpt = on_rcpt,
    .on_data = on_data,          .on_body = on_body,       .on_message = on_message,
    .on_vrfy = on_vrfy,          .on_expn = on_expn,       .on_help = on_help,
    .on_command = on_command,    .on_reply = on_reply};

#define TAKEN                                                                                      \
    "V: on_helo accept\nV: on_mail accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\n"                 \
    "C: MAIL FROM:<a@c.example>\nS: 250 *\n"
#define IN_DATA                                                                                    \
    TAKEN "V: on_rcpt accept\nV: on_data accept\nC: RCPT TO:<x@b.example>\nC: DATA\n"              \
          "S: 250 *\nS: 354 *\n"

/* --- each hook --- */

static const struct {
    const char *event, *transcript;
    unsigned hook; /* of `calls` */
} rows[] = {
    {"on_connect 192.0.2.7 name.example",
     "! peer 192.0.2.7 name.example\nS: 220 *\nE: on_connect nobody\n", 0},
    {"on_helo c_c.example ehlo oddities=helo_name",
     "S: 220 *\nC: EHLO c_c.example\nS: 451 *\nE: on_helo nobody\n", 1},
    {"on_helo [192.0.2.1] helo", "S: 220 *\nC: HELO [192.0.2.1]\nS: 451 *\nE: on_helo nobody\n", 1},
    {"on_mail <@r.example:\"a\"@c_c.example> mailbox=\"a\"@c_c.example local=\"a\" "
     "domain=c_c.example path=quoted,route oddities=colon_blanks,underscore size=7 body=8bitmime "
     "parameters=SIZE=7\\x20BODY=8bitmime",
     "V: on_helo accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\n"
     "C: MAIL FROM: <@r.example:\"a\"@c_c.example> SIZE=7 BODY=8bitmime\nS: 451 *\n"
     "E: on_mail nobody\n",
     2},
    {"on_mail <> path=null size=0 body=none",
     "V: on_helo accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\nC: MAIL FROM:<>\nS: 451 *\n"
     "E: on_mail nobody\n",
     2},
    {"on_rcpt <Postmaster> mailbox=Postmaster local=Postmaster path=postmaster "
     "oddities=doubled_spaces,trailing_blanks number=0",
     TAKEN "C: RCPT  TO:<Postmaster>\\x20\nS: 451 *\nE: on_rcpt nobody\n", 3},
    {"on_data",
     TAKEN "V: on_rcpt accept\nC: RCPT TO:<x@b.example>\nC: DATA\nS: 250 *\nS: 451 *\n"
           "E: on_data nobody\n",
     4},
    {"on_body cut-short", IN_DATA "C: one\nC: .\nS: 451 *\nE: on_body nobody\n", 5},
    {"on_message octets=0 recipients=1 hops=0", IN_DATA "C: .\nS: 451 *\nE: on_message nobody\n",
     6},
    {"on_vrfy smith", "S: 220 *\nC: VRFY smith\nS: 451 *\nE: on_vrfy nobody\n", 7},
    {"on_expn staff", "S: 220 *\nC: EXPN staff\nS: 451 *\nE: on_expn nobody\n", 8},
    {"on_help on\\x20mail\\x2a\\x5c",
     "S: 220 *\nC: HELP on mail*\\\\\nS: 451 *\nE: on_help nobody\n", 9},
    {"on_command XFOO bar\\x20baz oddities=doubled_spaces",
     "S: 220 *\nC: XFOO  bar baz\nS: 451 *\nE: on_command nobody\n", 10},
    {"on_reply 220 id=101", "S: 220 *\nE: on_reply nobody\n", 11},
};

static struct ehlo_script_result play_full(const char *transcript, bool in_octets)
{
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .config = &full,
                                                .cut = in_octets ? EHLO_SCRIPT_CUT_OCTETS
                                                                 : EHLO_SCRIPT_CUT_WRITTEN};

    memset(&host, 0, sizeof host);
    memset(calls, 0, sizeof calls);
    return play(transcript, options);
}

static void test_event_of_each_hook(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct ehlo_script_result result = play_full(rows[i].transcript, false);

        assert_of(rows[i].event, result.status == EHLO_SCRIPT_MISMATCH);
        assert_slice_of(rows[i].event, result.got, rows[i].event);
        assert_of(rows[i].event, calls[rows[i].hook] >= 1);
    }
}

/* What was got can be copied into the transcript, and then it holds, in any cut. */
static void test_event_copied_into_the_transcript_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char transcript[1024];
        char *pattern;
        uint64_t hash;

        strcpy(transcript, rows[i].transcript);
        pattern = strrchr(transcript, 'E');
        strcat(strcat(strcpy(pattern, "E: "), rows[i].event), "\n");
        assert_of(rows[i].event, play_full(transcript, false).status == EHLO_SCRIPT_OK);
        hash = play_full(transcript, false).hash;
        assert_of(rows[i].event, play_full(transcript, true).hash == hash);
    }
}

static void test_bare_calls_none_of_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char transcript[1024];

        strcat(strcpy(transcript, "! bare\n"), rows[i].transcript);
        play_full(transcript, false);
        for (size_t hook = 0; hook < sizeof calls / sizeof *calls; hook++)
            assert_of(rows[i].event, calls[hook] == 0);
    }
}

/* An event longer than the result's room is cut, not lost. */
static void test_long_event_is_cut(void **state)
{
    const struct ehlo_script_result result =
        play_full("S: 220 *\nC: HELP \\{x*2000}\nS: 451 *\nE: on_help nobody\n", false);

    (void)state;
    assert_int_equal(result.status, EHLO_SCRIPT_MISMATCH);
    assert_int_equal(result.got.length, 1024);
    assert_int_equal(result.got.data[1023], 'x');
}

/* --- on_reply --- */

static void test_accept_leaves_a_reply_alone(void **state)
{
    const struct ehlo_script_result result = play_full(
        "V: on_reply accept\nV: on_reply accept\nV: on_reply custom 550 - Never \\x00 x\n"
        "S: 220 *\nC: NOOP\nS: 250 *\nE~ trace host_reply\nC: HELP\nS: 550 5.* Never ? x\n",
        false);

    (void)state;
    assert_int_equal(result.status, EHLO_SCRIPT_OK);
}

/* --- text that dies --- */

static struct ehlo_slice seen;

static void keep_phrase(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    (void)s, (void)user;
    if (reply->code == 450)
        seen = reply->phrase;
}

static size_t look_again(struct ehlo_server *s, const void *data, size_t length, void *user)
{
    struct host *watched = user;

    if (seen.length > 0)
        watched->dones += seen.data[0] == '#';
    return ehlo_server_receive(s, data, length);
}

/* Text of a verdict lives for one call only (ehlo/ehlo.h); a session that looks at it later has to
 * read something else. */
static void test_text_of_verdicts_is_wiped(void **state)
{
    struct ehlo_server_config watched = config;
    const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .config = &watched,
                                                .feed = look_again};

    (void)state;
    memset(&host, 0, sizeof host);
    watched.on_reply = keep_phrase;
    watched.on_done = NULL;
    assert_int_equal(play(HELLO "V: on_mail custom 450 4.7.1 Later\nC: MAIL FROM:<a@c.example>\n"
                                "S: 450 4.7.1 Later\nC: NOOP\nS: 250 *\n",
                          options)
                         .status,
                     EHLO_SCRIPT_OK);
    assert_int_equal(seen.length, 5);
    assert_int_equal(host.dones, 1);
}

/* --- long names --- */

static void test_host_name_of_any_length(void **state)
{
    (void)state;
    for (size_t length = 510; length < 515; length++) {
        char transcript[600] = "! config hostname ";
        struct ehlo_script_result result;

        memset(transcript + strlen(transcript), 'x', length);
        strcat(transcript, "\nS: 220 *\n");
        result = play_full(transcript, false);
        assert_int_equal(result.status, EHLO_SCRIPT_BAD);
        assert_slice_of("name", result.expected,
                        length < 512 ? "a good configuration" : "a shorter name");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_of_each_hook),
        cmocka_unit_test(test_event_copied_into_the_transcript_holds),
        cmocka_unit_test(test_bare_calls_none_of_them),
        cmocka_unit_test(test_long_event_is_cut),
        cmocka_unit_test(test_accept_leaves_a_reply_alone),
        cmocka_unit_test(test_text_of_verdicts_is_wiped),
        cmocka_unit_test(test_host_name_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
