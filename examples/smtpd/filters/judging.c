/*
 * What those who judge have in common.
 *
 * SPDX-License-Identifier: MIT
 */
#include "judging.h"

#include <stdlib.h>
#include <string.h>

/* Octets of an answer that are shown in the log, at most. */
#define SAMPLE 80

/* A service that is being asked. */
struct asked {
    struct judging judging;
    const struct service *service;
    struct inquiry *inquiry;
    filter_verdict *verdict;
    void *owner;
};

static void drop(struct judging *judging)
{
    struct asked *asked = (struct asked *)judging;

    inquiry_drop(asked->inquiry);
    free(asked);
}

static void on_answer(void *owner, const char *answer, size_t length, const char *error)
{
    struct asked asked = *(struct asked *)owner;
    struct ehlo_reply reply = ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
    struct text why = {0};

    free(owner);
    text_add(&why, "%s: ", asked.service->name);
    if (answer == NULL)
        text_add(&why, "%s", error);
    else
        reply = asked.service->read((struct ehlo_slice){answer, length}, &why);
    asked.verdict(asked.owner, reply, why.data);
    text_free(&why);
}

struct judging *judging_ask(const struct runtime *runtime, const struct service *service,
                            const struct question *question, filter_verdict *verdict, void *owner)
{
    struct asked *asked = malloc(sizeof *asked);

    if (asked == NULL)
        return NULL;
    *asked = (struct asked){
        .judging.drop = drop, .service = service, .verdict = verdict, .owner = owner};
    asked->inquiry = inquiry_begin(runtime, question, on_answer, asked);
    if (asked->inquiry != NULL)
        return &asked->judging;
    free(asked);
    return NULL;
}

void judging_drop(struct judging *judging)
{
    judging->drop(judging);
}

struct ehlo_reply judging_nonsense(struct ehlo_slice answer, struct text *why)
{
    size_t length = 0;

    while (length < answer.length && length < SAMPLE && (unsigned char)answer.data[length] >= ' ')
        length++;
    text_add(why, "no verdict: %.*s", (int)length, length > 0 ? answer.data : "");
    return ehlo_reply(EHLO_REPLY_LOCAL_ERROR);
}

bool judging_take_line(struct ehlo_slice *answer, struct ehlo_slice *line)
{
    const char *end = answer->length > 0 ? memchr(answer->data, '\n', answer->length) : NULL;

    if (end == NULL || end == answer->data || end[-1] != '\r')
        return false;
    *line = (struct ehlo_slice){answer->data, (size_t)(end - answer->data) - 1};
    answer->data = end + 1;
    answer->length -= line->length + 2;
    return true;
}
