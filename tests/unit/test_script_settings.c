/*
 * The kit and the extensions: rows and texts of `! config`, the marks `tls`, `implicit_tls` and
 * `info`, the verdicts `challenge` and `identity`; and what content and replies may look like
 * there.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script_support.h"

#define EHLO_250 "C: EHLO c.example\nS+ 250*\n"
#define IN_EHLO                                                                                    \
    "S: 220 *\n" EHLO_250                                                                          \
    "C: MAIL FROM:<a@c.example>\nC: RCPT TO:<x@b.example>\nS: 250 *\nS: 250 *\n"
#define SASL "! config mechanisms X-ONE:clear:server_first\nS: 220 *\n" EHLO_250

static void test_wrong_looks_are_found(void **state)
{
    static const struct script_row rows[] = {
        {"flags", HELLO "! info flags=helo,extended\n", EHLO_SCRIPT_MISMATCH, 4, "helo,extended",
         "helo"},
        {"more flags", "! implicit_tls\n" HELLO "! info flags=helo\n", EHLO_SCRIPT_MISMATCH, 5,
         "helo", "helo,tls"},
        {"no flags", HELLO "! info flags=\n", EHLO_SCRIPT_MISMATCH, 4, "", "helo"},
        {"flags and there are none", "S: 220 *\n! info flags=helo\n", EHLO_SCRIPT_MISMATCH, 2,
         "helo", "(nothing)"},
        {"identity", "V: on_connect identity bo\\x20b accept\nS: 220 *\n! info identity=bob\n",
         EHLO_SCRIPT_MISMATCH, 3, "bob", "bo b"},
        {"second word", HELLO "! info flags=helo identity=bob\n", EHLO_SCRIPT_MISMATCH, 4, "bob",
         ""},
        {"TLS that is not wanted", "S: 220 *\n! tls\n", EHLO_SCRIPT_MISMATCH, 2, "no error",
         "not callable in this state"},
        {"identity outside of its hooks",
         HELLO "V: on_mail pending\nC: MAIL FROM:<a@c.example>\n"
               "! resume first identity bob accept\n",
         EHLO_SCRIPT_MISMATCH, 6, "no error", "not callable in this state"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_bad_lines_are_found(void **state)
{
    static const struct script_row rows[] = {
        {"info of nothing", "S: 220 *\n! info\n", EHLO_SCRIPT_BAD, 2,
         "flags= with its words, identity=", ""},
        {"info of what", "S: 220 *\n! info state=ready\n", EHLO_SCRIPT_BAD, 2,
         "flags= with its words, identity=", "state=ready"},
        {"info without a value", "S: 220 *\n! info identity\n", EHLO_SCRIPT_BAD, 2,
         "flags= with its words, identity=", "identity"},
        {"no such flag", "S: 220 *\n! info flags=tsl\n", EHLO_SCRIPT_BAD, 2,
         "flags= with its words, identity=", "flags=tsl"},
        {"escape in an identity", "S: 220 *\n! info identity=\\q\n", EHLO_SCRIPT_BAD, 2,
         "flags= with its words, identity=", "identity=\\\\q"},
        {"tls what", "S: 220 *\n! tls strong\n", EHLO_SCRIPT_BAD, 2, "tls, tls weak or tls failed",
         "strong"},
        {"implicit_tls too late", "S: 220 *\n! implicit_tls\n", EHLO_SCRIPT_BAD, 2,
         "implicit_tls before the session starts", ""},
        {"no verdict behind an identity", "V: on_connect identity bob\nS: 220 *\n", EHLO_SCRIPT_BAD,
         1, "a verdict", ""},
        {"escape in the name", "V: on_connect identity \\q accept\nS: 220 *\n", EHLO_SCRIPT_BAD, 1,
         "an identity", "identity \\\\q accept"},
        {"escape in a challenge", SASL "V: on_sasl challenge \\q\nC: AUTH X-ONE\n", EHLO_SCRIPT_BAD,
         5, "a verdict", "challenge \\\\q"},
        {"default among the extensions", "! config extensions pipelining\n", EHLO_SCRIPT_BAD, 1,
         "a value of this member", "extensions pipelining"},
        {"no such mode", "! config mode lmpt\n", EHLO_SCRIPT_BAD, 1, "a value of this member",
         "mode lmpt"},
        {"flag of a row", "! config mechanisms ONE TWO:clear:secure\n", EHLO_SCRIPT_BAD, 1,
         "a value of this member", "mechanisms ONE TWO:clear:secure"},
        {"flag of another list", "! config verbs XFOO:mail\n", EHLO_SCRIPT_BAD, 1,
         "a value of this member", "verbs XFOO:mail"},
        {"escape in a row", "! config keywords ONE=\\q\n", EHLO_SCRIPT_BAD, 1,
         "a value of this member", "keywords ONE=\\\\q"},
        {"row that the session refuses", "! config keywords -\nS: 220 *\n", EHLO_SCRIPT_BAD, 2,
         "a good configuration", "keywords"},
        {"verbs without on_command", "! config verbs XFOO\nS: 220 *\n", EHLO_SCRIPT_BAD, 2,
         "a good configuration", "on_command"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_extensions_can_be_played(void **state)
{
#define TLS_WANTED                                                                                 \
    "V: on_starttls accept\nS: 220 *\n" EHLO_250                                                   \
    "C: STARTTLS\nS: 220 *\n! wants TLS\n! info flags=helo,extended\n"
    static const struct script_row rows[] = {
        {"STARTTLS",
         TLS_WANTED "! tls\n! wants READ\n! info flags=tls identity=\nE: trace state fresh\n"
                    "C: EHLO c.example\nS+ 250*\n! info flags=tls,helo,extended\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"weak TLS", TLS_WANTED "! tls weak\nC: EHLO c.example\nS: 554 *\n", EHLO_SCRIPT_OK, 0, "",
         ""},
        {"no TLS", TLS_WANTED "! tls failed\n! closed\nE: on_close tls\nE: trace closed tls\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"octets behind STARTTLS",
         "V: on_starttls accept\nS: 220 *\n" EHLO_250
         "C: STARTTLS\nC- N\nS: 554 *\n! closed\nE: trace injection\nE: on_close protocol\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"octets before TLS", TLS_WANTED "C- N\nS~\n! closed\nE: trace injection\n", EHLO_SCRIPT_OK,
         0, "", ""},
        {"implicit TLS", "! implicit_tls\nS: 220 *\n! info flags=tls\n", EHLO_SCRIPT_OK, 0, "", ""},
        {"identity in a hook",
         "V: on_connect identity b\\x20b accept\nV: on_helo identity - accept\nS: 220 *\n"
         "! info identity=b\\x20* flags=authenticated\n" EHLO_250 "! info identity=\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"challenges",
         SASL "V: on_sasl challenge \\x00a*\nV: on_sasl later challenge\n"
              "V: on_sasl identity bob later accept\nC: AUTH X-ONE\nS: 334 AGEq\n"
              "E: on_sasl X-ONE step=0\nE: trace state auth\nC: aGk=\nS: 334 \n"
              "E: on_sasl X-ONE step=1 response=hi\nC: \nS: 235 *\n"
              "! info identity=bob flags=helo,extended,authenticated\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"identity before the decision is resumed",
         SASL "V: on_sasl later identity bob accept\nC: AUTH X-ONE\nS: 235 *\n"
              "! info identity=bob\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"challenge longer than a line",
         "! config output_size 65535\n" SASL
         "V: on_sasl challenge \\{abc*2000}\nC: AUTH X-ONE\nS: 334 \\{YWJj*2000}\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"keywords",
         "! config keywords X-ONE X-TWO=a\\x20b X-THREE=\\*\nS: 220 *\nC: EHLO c.example\n"
         "S: 250-mx.example*\nS: 250-PIPELINING\nS: 250-SIZE *\nS: 250-8BITMIME\n"
         "S: 250-ENHANCEDSTATUSCODES\nS: 250-CHUNKING\nS: 250-HELP\nS: 250-X-ONE\n"
         "S: 250-X-TWO a b\nS: 250 X-THREE \\*\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"parameters",
         "! config parameters X-ONE:mail X-TWO:mail:rcpt:bare X-NO:mail:no_value\nS: 220 "
         "*\n" EHLO_250
         "C: MAIL FROM:<a@c.example> X-ONE=1 X-TWO X-NO\nC: RCPT TO:<x@b.example> X-ONE=1\n"
         "C: RCPT TO:<x@b.example> X-TWO=2\nS: 250 *\nS: 555 *\nS: 250 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"verbs",
         "! config verbs XONE:early XTWO\nV: on_command accept\nS: 220 *\nC: XONE\nC: XTWO\n"
         "S: 250 *\nS: 503 *\nE: on_command XONE\nE~ on_command\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"a list and then none",
         "! config keywords X-ONE\n! config keywords\n! config disabled_extensions all\n"
         "! config disabled_verbs help\nS: 220 *\nC: EHLO c.example\nS: 250 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"bits and then none",
         "! config disabled_verbs vrfy\n! config disabled_verbs\nS: 220 *\nC: VRFY a\nS: 252 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"rows on the way",
         "! config mechanisms X-ONE:clear\nS: 220 *\n! config mechanisms X-TWO:clear\n" EHLO_250
         "V: on_sasl AUTH_INVALID\nC: AUTH X-ONE\nC: AUTH X-TWO =\nS: 504 *\nS: 535 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"chunks",
         IN_EHLO "C: BDAT 3\nC- abcBDAT 0 LAST\\r\\n\nS: 250 *\nS: 250 *\nB: abc\nB~\n"
                 "E: on_done taken octets=3\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"chunk outside of a transaction", MESSAGE "C: BDAT 0 LAST\nS: 502 *\nB: one\nB: two\nB~\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"chunks of a verb of the host",
         "! config verbs XBRING:chunk\nV: on_command accept\n" IN_EHLO
         "C: XBRING it LAST\nS: 250 *\nE: on_message\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"a reply for each recipient",
         "! config mode lmtp\nS: 220 *\nC: LHLO c.example\nS+ 250*\nV: on_message later accept\n"
         "V: on_message later MAILBOX_FULL\nC: MAIL FROM:<a@c.example>\nC: RCPT TO:<x@b.example>\n"
         "C: RCPT TO:<y@b.example>\nC: DATA\nC: .\nS: 250 *\nS: 250 *\nS: 250 *\nS: 354 *\n"
         "S: 250 *\nS: 552 *\nE: on_message number=0\nE: on_message number=1\n"
         "E: on_done partly completed recipients=2 taken=1\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"UTF-8 that was asked for",
         "! config extensions smtputf8\nS: 220 *\n" EHLO_250
         "V: on_vrfy custom 250 - <\\xc3\\xa4@b.example>\nC: VRFY a SMTPUTF8\n"
         "S: 250 * <\\xc3\\xa4@b.example>\nE: on_vrfy a utf8\n",
         EHLO_SCRIPT_OK, 0, "", ""},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* They hold in any cut, and have the same trace. */
static void test_secrets_and_injections_in_any_cut(void **state)
{
    static const char *const transcripts[] = {
        "V: on_starttls accept\nS: 220 *\n" EHLO_250 "C: STARTTLS\nC: NOOP\nS: 554 *\n! closed\n",
        "V: on_starttls later accept\nS: 220 *\n" EHLO_250
        "C: STARTTLS\nC: NOOP\nS: 554 *\n! closed\n",
        TLS_WANTED "! tls\n" EHLO_250 "C: QUIT\nS: 221 *\n",
        SASL "V: on_sasl later challenge a\nC: AUTH X-ONE\nC: aGk=\nS: 334 *\nS: 235 *\n",
        IN_EHLO "C: BDAT 3\nC- abcBDAT 2 LAST\\r\\nde\nS: 250 *\nS: 250 *\nB: abcde\nB~\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof transcripts / sizeof *transcripts; i++) {
        const uint64_t hash = play_as_written(transcripts[i]).hash;

        for (uint32_t seed = 0; seed < 20; seed++) {
            const struct ehlo_script_options options = {EHLO_SCRIPT_OPTIONS_DEFAULTS, .seed = seed,
                                                        .cut = seed == 0 ? EHLO_SCRIPT_CUT_OCTETS
                                                                         : EHLO_SCRIPT_CUT_RANDOM};
            struct ehlo_script_result result;

            memset(&host, 0, sizeof host);
            result = play(transcripts[i], options);
            assert_of(transcripts[i], result.status == EHLO_SCRIPT_OK && result.hash == hash);
        }
    }
}

/* 4096 octets, with a NUL behind each text. */
static void test_settings_up_to_their_room(void **state)
{
    (void)state;
    for (size_t length = 4094; length < 4097; length++) {
        static char transcript[8192];
        struct ehlo_script_result result;

        strcpy(transcript, "! config hostname ");
        memset(transcript + strlen(transcript), 'x', length);
        strcpy(transcript + 18 + length, "\nS: 220 *\n");
        result = play_as_written(transcript);
        assert_int_equal(result.status, length < 4096 ? EHLO_SCRIPT_BAD : EHLO_SCRIPT_NO_SPACE);
        assert_slice_of("name", result.expected,
                        length < 4096 ? "a good configuration"
                                      : "the texts and rows of the configuration");
    }
}

/* Beside them and their names stands the end of the list. */
static void test_rows_up_to_their_room(void **state)
{
    const size_t most = 4096 / (sizeof(struct ehlo_keyword) + 2);

    (void)state;
    for (size_t count = most - 2; count <= most; count++) {
        static char transcript[1024];

        strcpy(transcript, "! config keywords");
        for (size_t i = 0; i < count; i++)
            strcat(transcript, " x");
        strcat(transcript, "\nS: 220 *\n");
        assert_int_equal(play_as_written(transcript).status == EHLO_SCRIPT_NO_SPACE, count == most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_looks_are_found),
        cmocka_unit_test(test_bad_lines_are_found),
        cmocka_unit_test(test_extensions_can_be_played),
        cmocka_unit_test(test_secrets_and_injections_in_any_cut),
        cmocka_unit_test(test_settings_up_to_their_room),
        cmocka_unit_test(test_rows_up_to_their_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
