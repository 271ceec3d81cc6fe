/*
 * SpamAssassin's daemon: CHECK of its protocol (spamd/PROTOCOL of its sources), which tells whether
 * the message is spam without sending it back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "judging.h"

#include <stdio.h>
#include <string.h>

/* A line of an answer that is longer is none of those that count. */
#define LINE 128

/* Takes a line as C string, without its CR LF. */
static bool take_line(struct ehlo_slice *answer, char text[LINE])
{
    struct ehlo_slice line;

    if (!judging_take_line(answer, &line))
        return false;
    snprintf(text, LINE, "%.*s", (int)line.length, line.data);
    return true;
}

/* "SPAMD/1.1 0 EX_OK", a line "Spam: True ; 15.3 / 5.0" among others, an empty line. */
static struct ehlo_reply read_answer(struct ehlo_slice answer, struct text *why)
{
    struct ehlo_slice rest = answer;
    char line[LINE], word[8], score[16], limit[16];
    int status = -1, end = 0;

    if (!take_line(&rest, line) || sscanf(line, "SPAMD/%*3d.%*3d %3d ", &status) != 1 ||
        status != 0)
        return judging_nonsense(answer, why);
    while (take_line(&rest, line) && *line != '\0') {
        if (sscanf(line, "Spam: %7[A-Za-z] ; %15[-0-9.] / %15[-0-9.]%n", word, score, limit,
                   &end) != 3 ||
            line[end] != '\0' || (strcmp(word, "True") != 0 && strcmp(word, "False") != 0))
            continue;
        text_add(why, "%s of %s", score, limit);
        return *word == 'T' ? ehlo_reply(EHLO_REPLY_REJECTED_SPAM) : ehlo_accept();
    }
    return judging_nonsense(answer, why);
}

struct judging *spamd_begin(const struct runtime *runtime, const struct filter *filter,
                            const struct content *content, const struct envelope_facts *facts,
                            filter_verdict *verdict, void *owner)
{
    static const struct service spamd = {"spamd", read_answer};
    char head[96];
    struct question question = {
        .where = filter->where,
        .wait = filter->wait,
        .content = *content,
        .half_close = true, /* or it waits for more of an empty message */
    };

    (void)facts;
    snprintf(head, sizeof head, "CHECK SPAMC/1.5\r\nContent-length: %lld\r\n\r\n",
             (long long)(content->end - content->begin));
    question.head = ehlo_text(head);
    return judging_ask(runtime, &spamd, &question, verdict, owner);
}
