/*
 * A random peer: commands, messages and what is neither, the same in each run.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_RANDOM_PEER_H
#define EHLO_TESTS_RANDOM_PEER_H

#include "recorder.h"
#include "wire_support.h"

#define INPUT_MAX 2000 /* octets, about */

static const char *const lines[] = {
    EHLO,
    "HELO c.example\r\n",
    "ehlo [192.0.2.1]\r\n",
    "EHLO\r\n",
    "EHLO c_d.example\r\n",
    MAIL,
    MAIL,
    "MAIL FROM:<>\r\n",
    "mail from: <a@b.example> size=100 body=8bitmime\r\n",
    "MAIL FROM:<a@b.example> SIZE=99999999\r\n",
    "MAIL FROM:<a@b.example> FOO=1 FOO\r\n",
    "MAIL FROM:<a@b\r\n",
    "MAIL FROM:<@r.example:a@b.example>\r\n",
    "MAIL\r\n",
    RCPT,
    RCPT,
    RCPT,
    "RCPT TO:<postmaster>\r\n",
    "RCPT TO:<\"a b\"@d.example>\r\n",
    "RCPT TO:<c>\r\n",
    "RCPT TO:<c@d.example> X\r\n",
    "RCPT TO:<\x01@d>\r\n",
    "RCPT TO:<>\r\n",
    DATA,
    "DATA x\r\n",
    ".\r\n",
    "..a\r\n",
    "a\nb\r\n",
    "a\rb\r\n",
    "Received: x\r\n",
    "\r\n",
    "\xff\xfe\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "NOOP x  \r\n",
    "VRFY a\r\n",
    "VRFY <a\r\n",
    "EXPN list\r\n",
    "HELP\r\n",
    "HELP x\r\n",
    "FOO\r\n",
    "FOO bar\r\n",
    "TURN\r\n",
    "AUTH PLAIN x\r\n",
    PLAIN,
    "AUTH XTEST YQ==\r\n",
    "AUTH XTEST\r\n",
    "AUTH LOGIN\r\n",
    "AUTH LOGIN dXNlcg==\r\n",
    "YQ==\r\n",
    "cGFzc3dvcmQ=\r\n",
    "*\r\n",
    LHLO,
    "XCLIENT NAME=x LOGIN=u\r\n",
    "XCLIENT FOO\r\n",
    "XFORWARD NAME=x\r\n",
    "ETRN d.example\r\n",
    "VRFY a SMTPUTF8\r\n",
    "MAIL FROM:<a@b.example> PRDR\r\n",
    "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n",
    "BDAT 5 LAST\r\nQUIT\n",
    "BDAT 4\r\nab\r\n",
    "BDAT 2\r\na\r",
    "BDAT 3 x\r\nabc",
    "BDAT 0 LAST\r\n",
    "BDAT 0\r\n",
    "XBURL a\r\n",
    "XBURL a LAST\r\n",
    "BDAT\r\n",
    "STARTTLS\r\n",
    "NO\nOP\r\n",
    "N\rOOP\r\n",
    "QUIT x\r\n",
    "X: y\r\n",
    "GET / HTTP/1.1\r\n",
    "QUIT\r\n",
};

static inline void add_message(struct note *input, uint64_t *random)
{
    static const char *const parts[] = {
        "a\r\n",    "..\r\n",   ".x\r\n",   "Received: y\r\n",         "\r\n",
        "a\nb\r\n", "c\rd\r\n", "\xe9\r\n", "long long long long\r\n", "z\r\n"};
    static const char *const begins[] = {MAIL, MAIL, "MAIL FROM:<> PRDR\r\n", PLAIN MAIL};
    static const char *const ends[] = {"BDAT 3\r\nabcBDAT 3 LAST\r\nx\r\n", "XBURL a LAST\r\n",
                                       "BDAT 3\r\na\nbXBURL a\r\nBDAT 2 LAST\r\n\r\n"};
    const unsigned recipients = next_random(random) % 12, how = next_random(random) % 6;
    const char *begin = begins[next_random(random) % ROWS(begins)];
    unsigned count = next_random(random) % 6;

    add_note(input, begin, strlen(begin));
    for (unsigned i = 0; i < recipients; i++) {
        const char *line = next_random(random) % 9 ? RCPT : "RCPT TO:<\r\n";

        add_note(input, line, strlen(line));
    }
    if (how < ROWS(ends)) {
        add_note(input, ends[how], strlen(ends[how]));
        return;
    }
    add_note(input, DATA, sizeof DATA - 1);
    while (count-- > 0) {
        const char *part = parts[next_random(random) % ROWS(parts)];

        add_note(input, part, strlen(part));
    }
    add_note(input, ".\r\n", 3);
}

static inline struct note make_input(uint64_t *random)
{
    struct note input = {NULL, 0, 0};
    char octets[40];

    add_note(&input, next_random(random) % 4 ? EHLO : LHLO, sizeof EHLO - 1);
    while (input.length < INPUT_MAX && next_random(random) % 40 != 0) {
        const unsigned what = next_random(random) % 16;
        const char *line = lines[next_random(random) % ROWS(lines)];
        const size_t length = 1 + next_random(random) % sizeof octets;

        if (what < 3) {
            add_message(&input, random);
        } else if (what == 3) {
            fill_random(octets, length, (struct ehlo_slice)OCTETS("\r\n\r\n\0.:<>@ \xff"), 2,
                        random);
            add_note(&input, octets, length);
        } else {
            add_note(&input, line, strlen(line));
        }
        if (what == 4)
            input.text[next_random(random) % input.length] = (char)next_random(random);
    }
    return input;
}

#endif
