/*
 * The steps of milter_end(): a message, field by field and chunk by chunk.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "milter_talk.h"

#include <unistd.h>

void milter_put_message_macros(struct milter_question *q, char command)
{
    struct milter_macro id = {"i", ehlo_text(q->message->queue_id)};

    milter_put_macros(&q->macros, command, &id, 1);
}

/* A field; behind the last one, the end of the header. */
static void put_header(const struct milter_terms *terms, struct milter_question *q)
{
    struct milter_message *message = q->message;
    bool is_wanted = (terms->choices & MILTER_NO_HEADER) == 0;
    struct ehlo_slice name, value;

    if (is_wanted && content_next_field(&message->header, &message->field, &name, &value)) {
        q->step = MILTER_STEP_HEADER;
        milter_put_field(&q->command, name, value, (terms->choices & MILTER_BLANKS) != 0);
        return;
    }
    q->step = MILTER_STEP_EOH;
    milter_put_message_macros(q, 'N');
    milter_put(&q->command, 'N', (struct ehlo_slice){0});
}

static void put_end(struct milter_question *q)
{
    q->step = MILTER_STEP_END;
    milter_put_message_macros(q, 'E');
    milter_put(&q->command, 'E', (struct ehlo_slice){0});
}

/* A chunk; behind the last one, the end. */
static bool put_body(const struct milter_terms *terms, struct milter_question *q)
{
    struct milter_message *message = q->message;
    off_t left = message->content.end - message->body;
    char chunk[MILTER_DATA_MAX];
    ssize_t got;

    if (left <= 0 || (terms->choices & MILTER_NO_BODY) != 0) {
        put_end(q);
        return true;
    }
    got = pread(message->content.fd, chunk, left < MILTER_DATA_MAX ? (size_t)left : MILTER_DATA_MAX,
                message->body);
    if (got <= 0)
        return false;
    q->step = MILTER_STEP_BODY;
    message->body += got;
    milter_put(&q->command, 'B', (struct ehlo_slice){chunk, (size_t)got});
    return true;
}

/*
 * A line that is no field ends the header here, and so does a field that no packet holds: they and
 * what follows are body, as readers of mail may take them. The filter is to see every octet.
 */
static void cut_header(struct milter_message *message)
{
    struct ehlo_slice name, value;
    size_t at = 0, end = 0;

    while (content_next_field(&message->header, &at, &name, &value) &&
           name.data == message->header.data + end && at - end <= MILTER_DATA_MAX)
        end = at;
    if (end == message->header.length)
        return;
    message->header.length = end;
    message->body = message->content.begin + (off_t)end;
}

static void forget_packets(struct milter_question *q)
{
    text_free(&q->macros);
    text_free(&q->command);
    q->is_put = false;
}

bool milter_next_step(const struct milter_terms *terms, struct milter_question *q)
{
    struct milter_message *message = q->message;
    bool is_first = q->step == MILTER_STEP_DATA;

    forget_packets(q);
    if (is_first && !content_header(&message->content, &message->header, &message->body))
        return false;
    if (is_first)
        cut_header(message);
    if (q->step < MILTER_STEP_EOH) {
        put_header(terms, q);
        return !q->command.lost;
    }
    return put_body(terms, q) && !q->command.lost;
}

void milter_skip_body(struct milter_question *q)
{
    forget_packets(q);
    put_end(q);
}
