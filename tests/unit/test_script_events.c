/*
 * The events of the kit: what each hook is told as, with all its words, and that the host's own
 * hook is called behind it; and what verdicts and words of V lines become.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"
#include "script_support.h"

/* --- a host with every hook, which answers what the session takes for "no" --- */

static unsigned calls[EHLO__HOOK_COUNT];

static struct ehlo_reply count_call(enum ehlo__hook hook, const void *user)
{
    assert_ptr_equal(user, &host);
    calls[hook]++;
    return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}

static struct ehlo_reply on_connect(struct ehlo_server *s, const struct ehlo_peer *peer, void *user)
{
    (void)s, (void)peer;
    count_call(EHLO__HOOK_CONNECT, user);
    return ehlo_accept();
}

static struct ehlo_reply on_helo(struct ehlo_server *s, const struct ehlo_helo *helo, void *user)
{
    (void)s, (void)helo;
    return count_call(EHLO__HOOK_HELO, user);
}

static struct ehlo_reply on_starttls(struct ehlo_server *s, void *user)
{
    (void)s;
    return count_call(EHLO__HOOK_STARTTLS, user);
}

static struct ehlo_reply on_auth(struct ehlo_server *s, const struct ehlo_auth *auth, void *user)
{
    (void)s, (void)auth;
    return count_call(EHLO__HOOK_AUTH, user);
}

static struct ehlo_reply on_sasl(struct ehlo_server *s, const struct ehlo_sasl *sasl, void *user)
{
    (void)s, (void)sasl;
    return count_call(EHLO__HOOK_SASL, user);
}

static struct ehlo_reply on_mail(struct ehlo_server *s, const struct ehlo_mail *mail, void *user)
{
    (void)s, (void)mail;
    return count_call(EHLO__HOOK_MAIL, user);
}

static struct ehlo_reply on_rcpt(struct ehlo_server *s, const struct ehlo_rcpt *rcpt, void *user)
{
    (void)s, (void)rcpt;
    return count_call(EHLO__HOOK_RCPT, user);
}

static struct ehlo_reply on_data(struct ehlo_server *s, void *user)
{
    (void)s;
    return count_call(EHLO__HOOK_DATA, user);
}

static struct ehlo_reply on_body(struct ehlo_server *s, struct ehlo_slice slice, void *user)
{
    (void)s, (void)slice;
    return count_call(EHLO__HOOK_BODY, user);
}

static struct ehlo_reply on_message(struct ehlo_server *s, const struct ehlo_message *message,
                                    void *user)
{
    (void)s, (void)message;
    return count_call(EHLO__HOOK_MESSAGE, user);
}

static struct ehlo_reply on_vrfy(struct ehlo_server *s, const struct ehlo_query *query, void *user)
{
    (void)s, (void)query;
    return count_call(EHLO__HOOK_VRFY, user);
}

static struct ehlo_reply on_expn(struct ehlo_server *s, const struct ehlo_query *query, void *user)
{
    (void)s, (void)query;
    return count_call(EHLO__HOOK_EXPN, user);
}

static struct ehlo_reply on_help(struct ehlo_server *s, struct ehlo_slice text, void *user)
{
    (void)s, (void)text;
    return count_call(EHLO__HOOK_HELP, user);
}

static struct ehlo_reply on_etrn(struct ehlo_server *s, const struct ehlo_node *node, void *user)
{
    (void)s, (void)node;
    return count_call(EHLO__HOOK_ETRN, user);
}

static struct ehlo_reply on_xclient(struct ehlo_server *s, const struct ehlo_attributes *attributes,
                                    void *user)
{
    (void)s, (void)attributes;
    return count_call(EHLO__HOOK_XCLIENT, user);
}

static struct ehlo_reply on_xforward(struct ehlo_server *s,
                                     const struct ehlo_attributes *attributes, void *user)
{
    (void)s, (void)attributes;
    return count_call(EHLO__HOOK_XFORWARD, user);
}

static struct ehlo_reply on_command(struct ehlo_server *s, const struct ehlo_command *command,
                                    void *user)
{
    (void)s, (void)command;
    return count_call(EHLO__HOOK_COMMAND, user);
}

static void on_reply(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
{
    (void)s, (void)reply;
    count_call(EHLO__HOOK_REPLY, user);
}

static const struct ehlo_server_config full = {
    EHLO_SERVER_CONFIG_DEFAULTS, .hostname = "mx.example",   .on_connect = on_connect,
    .on_helo = on_helo,          .on_starttls = on_starttls, .on_auth = on_auth,
    .on_sasl = on_sasl,          .on_mail = on_mail,         .on_rcpt = on_rcpt,
    .on_data = on_data,          .on_body = on_body,         .on_message = on_message,
    .on_vrfy = on_vrfy,          .on_expn = on_expn,         .on_help = on_help,
    .on_etrn = on_etrn,          .on_xclient = on_xclient,   .on_xforward = on_xforward,
    .on_command = on_command,    .on_reply = on_reply};

#define GREETED "V: on_helo accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\n"
#define TAKEN   "V: on_mail accept\n" GREETED "C: MAIL FROM:<a@c.example>\nS: 250 *\n"
#define SUBMISSION                                                                                 \
    "! implicit_tls\n! config mode submission\n! config extensions all\n"                          \
    "! config max_hold_for 100\n! config max_hold_until 2030-01-01T00:00:00Z\n"                    \
    "V: on_helo identity bob accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\n"
#define IN_DATA                                                                                    \
    TAKEN "V: on_rcpt accept\nV: on_data accept\nC: RCPT TO:<x@b.example>\nC: DATA\n"              \
          "S: 250 *\nS: 354 *\n"

/* --- each hook --- */

static const struct {
    const char *event, *transcript;
    enum ehlo__hook hook;
} rows[] = {
    {"on_connect 192.0.2.7 name.example",
     "! peer 192.0.2.7 name.example\nS: 220 *\nE: on_connect nobody\n", EHLO__HOOK_CONNECT},
    {"on_helo c_c.example ehlo oddities=helo_name",
     "S: 220 *\nC: EHLO c_c.example\nS: 451 *\nE: on_helo nobody\n", EHLO__HOOK_HELO},
    {"on_helo [192.0.2.1] helo", "S: 220 *\nC: HELO [192.0.2.1]\nS: 451 *\nE: on_helo nobody\n",
     EHLO__HOOK_HELO},
    {"on_mail <@r.example:\"a\"@c_c.example> mailbox=\"a\"@c_c.example local=\"a\" "
     "domain=c_c.example path=quoted,route oddities=colon_blanks,underscore size=7 body=8bitmime "
     "parameters=SIZE=7\\x20BODY=8bitmime",
     "V: on_helo accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\n"
     "C: MAIL FROM: <@r.example:\"a\"@c_c.example> SIZE=7 BODY=8bitmime\nS: 451 *\n"
     "E: on_mail nobody\n",
     EHLO__HOOK_MAIL},
    {"on_mail <> path=null size=0 body=none",
     "V: on_helo accept\nS: 220 *\nC: EHLO c.example\nS+ 250*\nC: MAIL FROM:<>\nS: 451 *\n"
     "E: on_mail nobody\n",
     EHLO__HOOK_MAIL},
    {"on_rcpt <Postmaster> mailbox=Postmaster local=Postmaster path=postmaster "
     "oddities=doubled_spaces,trailing_blanks number=0",
     TAKEN "C: RCPT  TO:<Postmaster>\\x20\nS: 451 *\nE: on_rcpt nobody\n", EHLO__HOOK_RCPT},
    {"on_data",
     TAKEN "V: on_rcpt accept\nC: RCPT TO:<x@b.example>\nC: DATA\nS: 250 *\nS: 451 *\n"
           "E: on_data nobody\n",
     EHLO__HOOK_DATA},
    {"on_body cut-short", IN_DATA "C: one\nC: .\nS: 451 *\nE: on_body nobody\n", EHLO__HOOK_BODY},
    {"on_message octets=0 recipients=1 hops=0", IN_DATA "C: .\nS: 451 *\nE: on_message nobody\n",
     EHLO__HOOK_MESSAGE},
    {"on_vrfy smith", "S: 220 *\nC: VRFY smith\nS: 451 *\nE: on_vrfy nobody\n", EHLO__HOOK_VRFY},
    {"on_expn staff", "S: 220 *\nC: EXPN staff\nS: 451 *\nE: on_expn nobody\n", EHLO__HOOK_EXPN},
    {"on_help on\\x20mail\\x2a\\x5c",
     "S: 220 *\nC: HELP on mail*\\\\\nS: 451 *\nE: on_help nobody\n", EHLO__HOOK_HELP},
    {"on_command XFOO bar\\x20baz oddities=doubled_spaces",
     "S: 220 *\nC: XFOO  bar baz\nS: 451 *\nE: on_command nobody\n", EHLO__HOOK_COMMAND},
    {"on_reply 220 id=101", "S: 220 *\nE: on_reply nobody\n", EHLO__HOOK_REPLY},

    {"on_starttls", GREETED "C: STARTTLS\nS: 451 *\nE: on_starttls nobody\n", EHLO__HOOK_STARTTLS},
    {"on_auth plain authorization=amy authentication=bob password=my\\x20secret",
     "! config auth_in_clear on\n" GREETED "C: AUTH PLAIN YW15AGJvYgBteSBzZWNyZXQ=\nS: 451 *\n"
     "E: on_auth nobody\n",
     EHLO__HOOK_AUTH},
    {"on_auth login authentication=bob password=secret",
     "! config auth_in_clear on\n" GREETED "C: AUTH LOGIN Ym9i\nS: 334 *\nC: c2VjcmV0\nS: 451 *\n"
     "E: on_auth nobody\n",
     EHLO__HOOK_AUTH},
    {"on_sasl X-ONE step=0 response=hi",
     "! config mechanisms X-TWO X-ONE:clear\n" GREETED "C: AUTH X-ONE aGk=\nS: 451 *\n"
     "E: on_sasl nobody\n",
     EHLO__HOOK_SASL},
    {"on_mail <a@c.example> mailbox=a@c.example local=a domain=c.example size=0 body=binary "
     "flags=utf8,requiretls,prdr ret=hdrs envid=e+2B1 auth=b@c.example by=120;r;t hold_for=60 "
     "priority=-3 parameters=*",
     SUBMISSION "C: MAIL FROM:<a@c.example> BODY=BINARYMIME SMTPUTF8 REQUIRETLS PRDR RET=HDRS "
                "ENVID=e+2B1 AUTH=b@c.example BY=120;RT HOLDFOR=60 MT-PRIORITY=-3\nS: 451 *\n"
                "E: on_mail nobody\n",
     EHLO__HOOK_MAIL},
    {"on_mail <a@c.example> mailbox=a@c.example local=a domain=c.example size=0 body=none "
     "ret=full by=-5;n hold_until=1767225600 priority=9 parameters=*",
     SUBMISSION "C: MAIL FROM:<a@c.example> RET=FULL BY=-5;N HOLDUNTIL=2026-01-01T00:00:00Z "
                "MT-PRIORITY=9\nS: 451 *\nE: on_mail nobody\n",
     EHLO__HOOK_MAIL},
    {"on_rcpt <x@b.example> mailbox=x@b.example local=x domain=b.example number=0 "
     "notify=success,delay orcpt=rfc822;x@c.example rrvs=1767225600;c parameters=*",
     "! config extensions dsn rrvs\n" TAKEN "C: RCPT TO:<x@b.example> NOTIFY=SUCCESS,DELAY "
     "ORCPT=rfc822;x@c.example RRVS=2026-01-01T00:00:00Z;C\nS: 451 *\nE: on_rcpt nobody\n",
     EHLO__HOOK_RCPT},
    {"on_rcpt <x@b.example> mailbox=x@b.example local=x domain=b.example number=0 "
     "rrvs=-1 parameters=*",
     "! config extensions rrvs\n" TAKEN "C: RCPT TO:<x@b.example> RRVS=1969-12-31T23:59:59Z\n"
     "S: 451 *\nE: on_rcpt nobody\n",
     EHLO__HOOK_RCPT},
    {"on_message octets=0 recipients=1 hops=0 number=0",
     "! config mode lmtp\nV: on_helo accept\nV: on_mail accept\nV: on_rcpt accept\n"
     "V: on_data accept\nS: 220 *\nC: LHLO c.example\nS+ 250*\n"
     "C: MAIL FROM:<a@c.example>\nC: RCPT TO:<x@b.example>\nC: BDAT 0 LAST\n"
     "S: 250 *\nS: 250 *\nS: 451 *\nE: on_message nobody\n",
     EHLO__HOOK_MESSAGE},
    {"on_vrfy smith utf8",
     "! config extensions smtputf8\n" GREETED "C: VRFY smith SMTPUTF8\nS: 451 *\n"
     "E: on_vrfy nobody\n",
     EHLO__HOOK_VRFY},
    {"on_etrn domain b.example", GREETED "C: ETRN @b.example\nS: 451 *\nE: on_etrn nobody\n",
     EHLO__HOOK_ETRN},
    {"on_xclient name=n.example address=192.0.2.7 port=99 protocol=ESMTP helo=h.example login=bob "
     "destination_address=2001:db8::1 destination_port=25",
     GREETED
     "C: XCLIENT NAME=n.example ADDR=192.0.2.7 PORT=99 PROTO=ESMTP HELO=h.example LOGIN=bob "
     "DESTADDR=IPV6:2001:db8::1 DESTPORT=25\nS: 451 *\nE: on_xclient nobody\n",
     EHLO__HOOK_XCLIENT},
    {"on_xforward unavailable=name,address temporary=name identity=q1 source=LOCAL first",
     GREETED "C: XFORWARD NAME=[TEMPUNAVAIL] ADDR=[UNAVAILABLE] IDENT=q1 SOURCE=LOCAL\nS: 451 *\n"
             "E: on_xforward nobody\n",
     EHLO__HOOK_XFORWARD},
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
        assert_of(rows[i].event,
                  ehlo__matches(ehlo__octets_of(ehlo_text(rows[i].event), true), result.got));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_of_each_hook),
        cmocka_unit_test(test_event_copied_into_the_transcript_holds),
        cmocka_unit_test(test_bare_calls_none_of_them),
        cmocka_unit_test(test_long_event_is_cut),
        cmocka_unit_test(test_accept_leaves_a_reply_alone),
        cmocka_unit_test(test_text_of_verdicts_is_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
