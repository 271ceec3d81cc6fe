/*
 * ehlo/script.h: the kit has to find what is wrong, at the right line, and must not be fooled.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script_support.h"

#define TEN(x) x x x x x x x x x x

static void test_wrong_expectations_are_found(void **state)
{
    static const struct script_row rows[] = {
        {"S: other text", "S: 220 *\nC: NOOP\nS: 500 *\n", EHLO_SCRIPT_MISMATCH, 3, "500 *",
         "250 2.0.0 Nothing done"},
        {"S: too much", HELLO "S: 250 *\n", EHLO_SCRIPT_MISMATCH, 4, "250 *", "(nothing)"},
        {"S: too little", "# greeting\nS: 220 *\nC: NOOP\n\n", EHLO_SCRIPT_MISMATCH, 4,
         "no more output", "250 2.0.0 Nothing done"},
        {"S~", HELLO "C: NOOP\nS~\n", EHLO_SCRIPT_MISMATCH, 5, "no more output",
         "250 2.0.0 Nothing done"},
        {"S+ second line", "S: 220 *\nC: EHLO c.example\nS+ 250-mx*\n", EHLO_SCRIPT_MISMATCH, 3,
         "250-mx*", "250-PIPELINING"},
        {"S+ nothing", "S: 220 *\nS+ *\n", EHLO_SCRIPT_MISMATCH, 2, "*", "(nothing)"},
        {"S: of a blank at the end", "S: 220 mx.example ESMTP ready \n", EHLO_SCRIPT_MISMATCH, 1,
         "220 mx.example ESMTP ready ", "220 mx.example ESMTP ready"},
        {"V: never asked", HELLO "V: on_mail accept\nC: NOOP\nS: 250 *\n", EHLO_SCRIPT_MISMATCH, 4,
         "the hook to be asked", "(nothing)"},
        {"V: on_connect never asked", "! config null_service on\nV: on_connect accept\nS: 521 *\n",
         EHLO_SCRIPT_MISMATCH, 2, "the hook to be asked", "(nothing)"},
        {"V: once too often",
         ENVELOPE "V: on_rcpt accept\nV: on_rcpt accept\n"
                  "C: RCPT TO:<y@b.example>\nS: 250 *\n",
         EHLO_SCRIPT_MISMATCH, 9, "the hook to be asked", "(nothing)"},
        {"V: refused", HELLO "V: on_mail SENDER_DENIED\nC: MAIL FROM:<a@c.example>\nS: 250 *\n",
         EHLO_SCRIPT_MISMATCH, 6, "250 *", "501 5.7.1 Permission denied"},
        {"E: other argument", ENVELOPE "E: on_mail <b@c.example>\n", EHLO_SCRIPT_MISMATCH, 8,
         "on_mail <b@c.example>",
         "on_mail <a@c.example> mailbox=a@c.example local=a domain=c.example size=0 body=none"},
        {"E: did not happen", ENVELOPE "E: on_message\n", EHLO_SCRIPT_MISMATCH, 8, "on_message",
         "(nothing)"},
        {"E: happened once", MESSAGE "E: on_done taken\nE: on_done taken\n", EHLO_SCRIPT_MISMATCH,
         15, "on_done taken", "(nothing)"},
        {"E: words in the wrong order", MESSAGE "E: on_done completed taken\n",
         EHLO_SCRIPT_MISMATCH, 14, "on_done completed taken",
         "on_done taken completed recipients=1 taken=1 octets=10"},
        {"E: before the last group", MESSAGE "C: NOOP\nS: 250 *\nE: on_done\n",
         EHLO_SCRIPT_MISMATCH, 16, "on_done", "(nothing)"},
        {"E: skipped one of its kind",
         ENVELOPE "C: RCPT TO:<y@b.example>\n"
                  "C: RCPT TO:<z@b.example>\nS: 250 *\nS: 250 *\n"
                  "E: on_rcpt <z@b.example>\n",
         EHLO_SCRIPT_MISMATCH, 12, "on_rcpt <z@b.example>",
         "on_rcpt <y@b.example> mailbox=y@b.example local=y domain=b.example number=1"},
        {"E: other number of a trace", HELLO "E: trace state mail\n", EHLO_SCRIPT_MISMATCH, 4,
         "trace state mail", "trace state ready"},
        {"E~ happened", MESSAGE "E~ on_done taken\n", EHLO_SCRIPT_MISMATCH, 14, "no such event",
         "on_done taken completed recipients=1 taken=1 octets=10"},
        {"B: other text", MESSAGE "B: one\nB: too\n", EHLO_SCRIPT_MISMATCH, 15, "too", "two"},
        {"B: too much", MESSAGE "B: one\nB: two\nB: three\n", EHLO_SCRIPT_MISMATCH, 16, "three",
         "(nothing)"},
        {"B: an empty line", ENVELOPE "C: DATA\nC: \nC: .\nS: 354 *\nS: 250 *\nB: x\n",
         EHLO_SCRIPT_MISMATCH, 13, "x", ""},
        {"B~", MESSAGE "B: one\nB~\n", EHLO_SCRIPT_MISMATCH, 15, "no more content", "two"},
        {"output that is still held at the end", HELLO "! hold\nC: NOOP\n", EHLO_SCRIPT_MISMATCH, 5,
         "no more output", "250 2.0.0 Nothing done"},
        {"E: before the last mark that acted", MESSAGE "! shutdown\nS: 421 *\nE: on_done\n",
         EHLO_SCRIPT_MISMATCH, 16, "on_done", "(nothing)"},
        {"control octets are printed so that they can be read",
         ENVELOPE "! config bare_cr accept\nC: DATA\nC- a\\r\\x07\\x80\\\\* b\\r\\n.\\r\\n\n"
                  "S: 354 *\nS: 250 *\nB: x\n",
         EHLO_SCRIPT_MISMATCH, 13, "x", "a\\x0d\\x07\\x80\\\\\\* b"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_wrong_marks_are_found(void **state)
{
    static const struct script_row rows[] = {
        {"wants", "S: 220 *\n! wants READ WRITE\n", EHLO_SCRIPT_MISMATCH, 2, "READ WRITE", "READ"},
        {"wants less", "! hold\n! wants READ\n", EHLO_SCRIPT_MISMATCH, 2, "READ", "READ WRITE"},
        {"wants nothing", "S: 220 *\n! wants\n", EHLO_SCRIPT_MISMATCH, 2, "", "READ"},
        {"closed", "S: 220 *\n! closed\n", EHLO_SCRIPT_MISMATCH, 2, "CLOSE", "READ"},
        {"closed with output", "S: 220 *\nC: QUIT\n! closed\nS: 221 *\n", EHLO_SCRIPT_MISMATCH, 3,
         "no more output", "221 2.0.0 mx.example Goodbye"},
        {"resume without a decision", "S: 220 *\n! resume first accept\n", EHLO_SCRIPT_MISMATCH, 2,
         "such a pending decision", "(nothing)"},
        {"resume twice",
         HELLO "V: on_mail pending\nC: MAIL FROM:<a@c.example>\n! resume 1 accept\n"
               "S: 250 *\n! resume 1 accept\n",
         EHLO_SCRIPT_MISMATCH, 8, "a decision that is open", "token is stale, used or foreign"},
        {"stale, but it is not",
         HELLO "V: on_mail pending\nC: MAIL FROM:<a@c.example>\n! stale 1 accept\n",
         EHLO_SCRIPT_MISMATCH, 6, "a stale token", "no error"},
        {"timeout of a closed session", "S: 220 *\nC: QUIT\nS: 221 *\n! timeout\n",
         EHLO_SCRIPT_MISMATCH, 4, "no error", "session is over"},
        {"sent more than there is", "! hold\n! wants READ WRITE\n! sent 1000\n", EHLO_SCRIPT_BAD, 3,
         "a number of octets that wait to be sent", "1000"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_bad_transcripts_are_found(void **state)
{
    static const struct script_row rows[] = {
        {"empty", "", EHLO_SCRIPT_BAD, 0, "a line that starts the session", "(nothing)"},
        {"nothing played", "# text\nV: on_mail accept\n", EHLO_SCRIPT_BAD, 2,
         "a line that starts the session", "(nothing)"},
        {"no such line", "S: 220 *\nQ: what\n", EHLO_SCRIPT_BAD, 2, "C:, S:, V:, E:, B:, ! or #",
         "what"},
        {"no blank", "S: 220 *\nC:NOOP\n", EHLO_SCRIPT_BAD, 2, "C:, S:, V:, E:, B:, ! or #",
         "C:NOOP"},
        {"escape in C", "C: \\q\n", EHLO_SCRIPT_BAD, 1, "escapes", "\\\\q"},
        {"escape in S", "S: \\q\n", EHLO_SCRIPT_BAD, 1, "a pattern", "\\\\q"},
        {"escape in B", "B: \\{a*0}\n", EHLO_SCRIPT_BAD, 1, "a pattern", "\\\\{a\\*0}"},
        {"text behind S~", "S: 220 *\nS~ x\n", EHLO_SCRIPT_BAD, 2, "S~ alone", "x"},
        {"text behind B~", "B~ x\n", EHLO_SCRIPT_BAD, 1, "B~ alone", "x"},
        {"no such hook", "V: on_male accept\n", EHLO_SCRIPT_BAD, 1, "a hook", "on_male accept"},
        {"hook that decides nothing", "V: on_done accept\n", EHLO_SCRIPT_BAD, 1, "a hook",
         "on_done accept"},
        {"no such verdict", HELLO "V: on_mail SENDER_DENYED\nC: MAIL FROM:<a@c.example>\n",
         EHLO_SCRIPT_BAD, 4, "a verdict", "SENDER_DENYED"},
        {"verdict with text", HELLO "V: on_mail accept that\nC: MAIL FROM:<a@c.example>\n",
         EHLO_SCRIPT_BAD, 4, "a verdict", "accept that"},
        {"row with text", HELLO "V: on_mail GREYLISTED abut x\nC: MAIL FROM:<a@c.example>\n",
         EHLO_SCRIPT_BAD, 4, "a verdict", "GREYLISTED abut x"},
        {"custom without a code", HELLO "V: on_mail custom 4x1\nC: MAIL FROM:<a@c.example>\n",
         EHLO_SCRIPT_BAD, 4, "a verdict", "custom 4x1"},
        {"escape in a phrase", HELLO "V: on_mail custom 450 - \\q\nC: MAIL FROM:<a@c.example>\n",
         EHLO_SCRIPT_BAD, 4, "a verdict", "custom 450 - \\\\q"},
        {"escape in an enhanced code",
         HELLO "V: on_mail custom 450 \\q x\nC: MAIL FROM:<a@c.example>\n", EHLO_SCRIPT_BAD, 4,
         "a verdict", "custom 450 \\\\q x"},
        {"escape in a subject",
         HELLO "V: on_mail GREYLISTED about \\q\nC: MAIL FROM:<a@c.example>\n", EHLO_SCRIPT_BAD, 4,
         "a verdict", "GREYLISTED about \\\\q"},
        {"later what", HELLO "V: on_mail later sometime\nC: MAIL FROM:<a@c.example>\n",
         EHLO_SCRIPT_BAD, 5, "a verdict", "sometime"},
        {"no such event", "E: on_male\n", EHLO_SCRIPT_BAD, 1, "an event", "on_male"},
        {"no such event that did not happen", "E~ on_male\n", EHLO_SCRIPT_BAD, 1, "an event",
         "on_male"},
        {"trace of what", "E~ trace\n", EHLO_SCRIPT_BAD, 1, "an event", "trace"},
        {"no such reason", "E~ trace nonsense\n", EHLO_SCRIPT_BAD, 1, "an event", "trace nonsense"},
        {"no such mark", "! stop\n", EHLO_SCRIPT_BAD, 1, "a mark", "stop"},
        {"mark with text", "! bare all\n", EHLO_SCRIPT_BAD, 1, "a mark", "bare all"},
        {"bare too late", "S: 220 *\n! bare\n", EHLO_SCRIPT_BAD, 2,
         "bare before the session starts", ""},
        {"peer too late", "S: 220 *\n! peer 192.0.2.1\n", EHLO_SCRIPT_BAD, 2,
         "peer before the session starts", "192.0.2.1"},
        {"cut outside of a group", "S: 220 *\n! cut\n", EHLO_SCRIPT_BAD, 2, "C lines around a cut",
         ""},
        {"stale what", "S: 220 *\n! stale 1 accept\n", EHLO_SCRIPT_BAD, 2,
         "the number of a pending decision", "accept"},
        {"wants what", "S: 220 *\n! wants read\n", EHLO_SCRIPT_BAD, 2,
         "READ, WRITE, TLS, DECISION, CLOSE", "read"},
        {"no such member", "! config max_error 1\n", EHLO_SCRIPT_BAD, 1,
         "a member of struct ehlo_server_config", "max_error 1"},
        {"no value", "! config max_errors\n", EHLO_SCRIPT_BAD, 1, "a value of this member",
         "max_errors"},
        {"no number", "! config max_errors many\n", EHLO_SCRIPT_BAD, 1, "a value of this member",
         "max_errors many"},
        {"two numbers", "! config max_errors 1 2\n", EHLO_SCRIPT_BAD, 1, "a value of this member",
         "max_errors 1 2"},
        {"number too big for its member", "! config max_errors 4294967296\n", EHLO_SCRIPT_BAD, 1,
         "a value of this member", "max_errors 4294967296"},
        {"no such choice", "! config bare_lf sometimes\n", EHLO_SCRIPT_BAD, 1,
         "a value of this member", "bare_lf sometimes"},
        {"switch with a number", "! config single_helo 1\n", EHLO_SCRIPT_BAD, 1,
         "a value of this member", "single_helo 1"},
        {"no such flag", "! config strict all none\n", EHLO_SCRIPT_BAD, 1, "a value of this member",
         "strict all none"},
        {"configuration that the session refuses", "! config line_size 1\nS: 220 *\n",
         EHLO_SCRIPT_BAD, 2, "a good configuration", "line_size"},
        {"change that ehlo_server_use() refuses", "S: 220 *\n! config line_size 4096\nS~\n",
         EHLO_SCRIPT_BAD, 3, "a configuration that ehlo_server_use() takes", ""},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_right_transcripts_hold(void **state)
{
    static const struct script_row rows[] = {
        {"no line end at the end", "S: 220 *", EHLO_SCRIPT_OK, 0, "", ""},
        {"CR LF", "S: 220 *\r\nC: NOOP\r\n\r\nS: 250 2.0.0 Nothing done\r\n", EHLO_SCRIPT_OK, 0, "",
         ""},
        {"message",
         MESSAGE "B: one\nB: t*\nB~\nE: on_done taken octets=10\nE~ on_done\n"
                 "E: on_message octets=*\nE: trace content 10\nE: on_body octets=10\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"V between C lines",
         HELLO "V: on_mail accept\nC: MAIL FROM:<a@c.example>\n# text\n\n"
               "V: on_rcpt RELAY_DENIED\nC: RCPT TO:<x@b.example>\n"
               "S: 250 *\nS: 550 5.7.1 We do not relay\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"later, the oldest first",
         HELLO "V: on_mail later accept\nV: on_rcpt later custom 450 4.2.1 First\\nline\n"
               "V: on_rcpt later close USER_UNKNOWN about <y@b.example>\n"
               "C: MAIL FROM:<a@c.example>\nC: RCPT TO:<x@b.example>\nC: RCPT TO:<y@b.example>\n"
               "S: 250 *\nS: 450-4.2.1 First\nS: 450 4.2.1 line\nS: 550 5.1.1 <y@b.example> *\n"
               "! closed\nE: on_close host\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"resumed inside the hook",
         HELLO "V: on_mail resumed SENDER_DENIED\nC: MAIL FROM:<a@c.example>\nS: 501 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"zero and misplaced",
         HELLO "V: on_mail zero\nC: MAIL FROM:<a@c.example>\nS: 451 4.3.0 *\n"
               "E: trace host_fault 0\nV: on_mail DATA_GO\nC: MAIL FROM:<a@c.example>\n"
               "S: 451 4.3.0 *\nE: trace host_fault 142\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"custom without enhanced code and phrase",
         HELLO "V: on_mail custom 450\nC: MAIL FROM:<a@c.example>\nS: 450 4.0.0 *\n"
               "V: on_mail custom 450 - Not \\x6eow\nC: MAIL FROM:<a@c.example>\n"
               "S: 450 4.0.0 Not now\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"configuration on the way",
         HELLO "C: MAIL FROM: <a@c.example>\nS: 250 *\nE: trace oddity colon_blanks\nC: RSET\n"
               "S: 250 *\n! config strict colon_blanks underscore\n! config codes registry\n"
               "C: MAIL FROM: <a@c.example>\nS: 501 *\n! config strict 0\n"
               "C: MAIL FROM: <a@c.example>\nS: 250 *\nC: FOO\nS: 500 5.5.2 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"configuration before a mark",
         HELLO "V: on_mail pending\nC: MAIL FROM:<a@c.example>\n! config codes registry\n"
               "! resume first SENDER_DENIED\nS: 550 5.7.1 Permission denied\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"early octets wait for on_connect",
         "! config early ignore\nV: on_connect later accept\nC: NOOP\nS: 220 *\nS: 250 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"354 in the host's words",
         "V: on_data custom 354 - Go ahead\n" ENVELOPE
         "C: DATA\nC: a\nC: .\nS: 354 Go ahead\nS: 250 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"content that ends with a bare LF",
         "! config bare_lf accept\n" ENVELOPE
         "V: on_body later accept\nC: DATA\nC- a\\n\n! disconnected\n"
         "S: 354 *\nB: a\\n\nB~\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"shorter host name",
         "! config hostname very.long.example\n! config hostname other.example\n"
         "S: 220 other.example *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"host name", "! config hostname other.example\nS: 220 other.example *\n", EHLO_SCRIPT_OK,
         0, "", ""},
        {"NUL in a C line", HELLO "C: NO\\0OP\nC- NO\\0OP\\r\\n\nS: 500 5.5.2 *\nS: 500 5.5.2 *\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"LF inside of a line of content",
         "! config bare_lf accept\n" ENVELOPE "C: DATA\nC: one\\ntwo\\n\nC: .\nS: 354 *\nS: 250 *\n"
         "B: one\\ntwo\\n\nB~\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"more than the output holds",
         HELLO "! hold\nC- \\{NOOP\\r\\n*60}\n! sent 300\nE: trace command NOOP\n"
               "! drain\n" TEN(TEN("S: 250 2.0.0 Nothing done\n")),
         EHLO_SCRIPT_MISMATCH, 69, "250 2.0.0 Nothing done", "(nothing)"},
        {"hold, sent, drain",
         HELLO "! hold\nC: NOOP\nS~\n! wants READ WRITE\n! sent 4\nS: 250 \n! drain\n"
               "S: 2.0.0 Nothing done\n! wants READ\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"null service", "! config null_service on\nS: 521 *\nC: NOOP\nS: 521 *\n! closed\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"peer",
         "! peer 192.0.2.7 c.example\nV: on_connect accept\nS: 220 *\n"
         "E: on_connect 192.0.2.7 c.example\n",
         EHLO_SCRIPT_OK, 0, "", ""},
        {"blank inside of a word",
         HELLO "C: MAIL FROM:<\"a b\"@c.example>\nS: 250 *\n"
               "E: on_mail <\"a\\x20b\"@c.example> path=quoted\n",
         EHLO_SCRIPT_OK, 0, "", ""},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_expectations_are_found),
        cmocka_unit_test(test_wrong_marks_are_found),
        cmocka_unit_test(test_bad_transcripts_are_found),
        cmocka_unit_test(test_right_transcripts_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
