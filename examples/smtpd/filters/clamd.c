/*
 * ClamAV's daemon (clamd(8), INSTREAM): the message comes in chunks, each behind its length in four
 * octets; one of length 0 is the end. Command and answer end with a NUL.
 *
 * SPDX-License-Identifier: MIT
 */
#include "judging.h"

#include <string.h>

static const char command[] = "zINSTREAM"; /* with its NUL */
static const char end[4];                  /* a chunk of length 0 */

/* Takes a word off the begin of an answer. */
static bool take_word(struct ehlo_slice *answer, const char *word)
{
    size_t length = strlen(word);

    if (answer->length < length || memcmp(answer->data, word, length) != 0)
        return false;
    answer->data += length;
    answer->length -= length;
    return true;
}

static bool ends_with(struct ehlo_slice answer, const char *word)
{
    size_t length = strlen(word);

    return answer.length >= length &&
           memcmp(answer.data + answer.length - length, word, length) == 0;
}

/* "stream: OK", "stream: Name FOUND" or "... ERROR". */
static struct ehlo_reply read_answer(struct ehlo_slice answer, struct text *why)
{
    struct ehlo_slice rest = answer;

    if (answer.length == 0 || !take_word(&rest, "stream: ") ||
        memchr(answer.data, '\0', answer.length) != answer.data + answer.length - 1)
        return judging_nonsense(answer, why);
    rest.length--;
    text_add(why, "%.*s", (int)rest.length, rest.data);
    if (take_word(&rest, "OK") && rest.length == 0)
        return ehlo_accept();
    return ehlo_reply(ends_with(rest, " FOUND") ? EHLO_REPLY_REJECTED_VIRUS
                                                : EHLO_REPLY_LOCAL_ERROR);
}

struct judging *clamd_begin(const struct runtime *runtime, const struct filter *filter,
                            const struct content *content, const struct envelope_facts *facts,
                            filter_verdict *verdict, void *owner)
{
    static const struct service clamd = {"clamd", read_answer};
    off_t length = content->end - content->begin;
    char head[sizeof command + 4];
    struct question question = {
        .where = filter->where,
        .wait = filter->wait,
        .head = {head, sizeof command},
        .tail = {end, sizeof end},
        .content = *content,
    };

    (void)facts;
    if ((uint64_t)length > UINT32_MAX)
        return NULL;
    memcpy(head, command, sizeof command);
    for (size_t i = 0; i < 4; i++)
        head[sizeof command + i] = (char)(length >> (24 - 8 * i) & 0xff);
    if (length > 0) /* an empty chunk would be the end already */
        question.head.length = sizeof head;
    return judging_ask(runtime, &clamd, &question, verdict, owner);
}
