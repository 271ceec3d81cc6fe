/*
 * Tests of lib/wire/output.c: against a model with strings, and each limit of the buffer.
 *
 * SPDX-License-Identifier: MIT
 */
#include "wire/output.h"
#include "wire_support.h"

#define SIZE  64
#define SLOTS 6

/* What should be in the output: what may be sent, and the held replies in their order. */
struct model {
    char visible[SIZE];
    size_t length;
    char held[SLOTS][SIZE];
    size_t lengths[SLOTS];
    unsigned count;
};

static size_t sum_of(const struct model *model, unsigned count)
{
    size_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += model->lengths[i];
    return sum;
}

static void compare(const struct ehlo__output *out, const struct model *model)
{
    const char *at = out->buffer + out->visible;

    assert_octets_of("visible", out->buffer + out->start, out->visible - out->start, model->visible,
                     model->length);
    for (unsigned i = 0; i < model->count; i++) {
        assert_octets_of("held", at, model->lengths[i], model->held[i], model->lengths[i]);
        at += model->lengths[i];
    }
    assert_ptr_equal(at, out->buffer + out->end);
    assert_int_equal(ehlo__output_room(out), SIZE - model->length - sum_of(model, model->count));
}

/* A new reply between the held ones, or one that had no text yet. */
static void insert(struct ehlo__output *out, struct model *model, uint64_t *random)
{
    const unsigned place = next_random(random) % (model->count + 1);
    const size_t free_room = ehlo__output_room(out);
    const size_t room = free_room - next_random(random) % (free_room + 1) / 2;
    const size_t length = next_random(random) % (room + 1);
    const size_t offset = sum_of(model, place);
    char *gap;

    if (model->count == SLOTS)
        return;
    for (unsigned i = model->count++; i > place; i--) {
        memcpy(model->held[i], model->held[i - 1], SIZE);
        model->lengths[i] = model->lengths[i - 1];
    }
    fill_random(model->held[place], length, (struct ehlo_slice)OCTETS("\r\n"), 9, random);
    model->lengths[place] = length;
    gap = ehlo__output_open(out, offset, room);
    memset(gap, '#', room); /* all of it may be written */
    memcpy(gap, model->held[place], length);
    ehlo__output_close(out, offset, room, length);
}

static void show(struct ehlo__output *out, struct model *model)
{
    if (model->count == 0)
        return;
    ehlo__output_show(out, model->lengths[0]);
    memcpy(model->visible + model->length, model->held[0], model->lengths[0]);
    model->length += model->lengths[0];
    model->count--;
    memmove(model->held[0], model->held[1], sizeof model->held - SIZE);
    memmove(model->lengths, model->lengths + 1, sizeof model->lengths - sizeof *model->lengths);
}

static void send(struct ehlo__output *out, struct model *model, uint64_t *random)
{
    const size_t length = next_random(random) % (model->length + 1);

    ehlo__output_sent(out, length);
    model->length -= length;
    memmove(model->visible, model->visible + length, model->length);
}

static void drop(struct ehlo__output *out, struct model *model, bool all)
{
    model->count = 0;
    if (!all) {
        ehlo__output_drop_held(out);
        return;
    }
    ehlo__output_drop(out);
    model->length = 0;
}

/* R2920-3.2-1: whatever the order in which replies become known, they go out in theirs. */
static void test_output_behaves_like_strings(void **state)
{
    struct ehlo__output out = {malloc(SIZE), SIZE, 0, 0, 0};
    struct model model = {.length = 0};
    uint64_t random = 1;

    (void)state;
    assert_non_null(out.buffer);
    for (unsigned i = 0; i < 200000; i++) {
        const unsigned what = next_random(&random) % 64;

        if (what < 28)
            insert(&out, &model, &random);
        else if (what < 46)
            show(&out, &model);
        else if (what < 62)
            send(&out, &model, &random);
        else
            drop(&out, &model, what == 63);
        compare(&out, &model);
    }
    free(out.buffer);
}

static void add(struct ehlo__output *out, const char *text)
{
    const size_t length = strlen(text);

    memcpy(ehlo__output_open(out, out->end - out->visible, length), text, length);
    ehlo__output_close(out, out->end - out->visible, length, length);
}

static void test_output_may_be_filled_to_the_last_octet(void **state)
{
    struct ehlo__output out = {malloc(8), 8, 0, 0, 0};

    (void)state;
    add(&out, "12345678");
    assert_int_equal(ehlo__output_room(&out), 0);
    ehlo__output_show(&out, 8);
    ehlo__output_sent(&out, 7);
    assert_int_equal(ehlo__output_room(&out), 7);
    add(&out, "abcdefg"); /* the hole in front is closed */
    ehlo__output_show(&out, 7);
    assert_octets_of("behind the hole", out.buffer + out.start, out.visible - out.start, "8abcdefg",
                     8);
    free(out.buffer);
}

static void test_output_stays_where_it_is_while_there_is_room(void **state)
{
    struct ehlo__output out = {malloc(8), 8, 0, 0, 0};
    const char *first;

    (void)state;
    add(&out, "1234");
    ehlo__output_show(&out, 4);
    ehlo__output_sent(&out, 1);
    first = out.buffer + out.start;
    add(&out, "5678");
    assert_ptr_equal(out.buffer + out.start, first); /* no octet is moved in vain */
    free(out.buffer);
}

/* What was shown last is taken back, what stands before it stays, whatever was sent of that. */
static void test_output_may_be_taken_back(void **state)
{
    for (unsigned sent = 0; sent <= 4; sent++) {
        struct ehlo__output out = {malloc(8), 8, 0, 0, 0};

        (void)state;
        add(&out, "1234");
        ehlo__output_show(&out, 4);
        add(&out, "567");
        ehlo__output_show(&out, 3);
        ehlo__output_sent(&out, sent);
        ehlo__output_retract(&out, 3);
        assert_octets_of("left", out.buffer + out.start, out.visible - out.start, &"1234"[sent],
                         4 - sent);
        assert_int_equal(ehlo__output_room(&out), 4 + sent);
        add(&out, "abcd");
        ehlo__output_show(&out, 4);
        assert_octets_of("and behind it", out.buffer + out.visible - 4, 4, "abcd", 4);
        assert_int_equal(out.visible - out.start, 8 - sent);
        free(out.buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_behaves_like_strings),
        cmocka_unit_test(test_output_may_be_filled_to_the_last_octet),
        cmocka_unit_test(test_output_may_be_taken_back),
        cmocka_unit_test(test_output_stays_where_it_is_while_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
