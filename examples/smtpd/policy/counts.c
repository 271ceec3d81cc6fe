/*
 * Counts of today: a table with open addressing, emptied when another day begins. Its names are
 * those of the policy, so nobody can choose ones that collide.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "counts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SECONDS_OF_DAY 86400

struct count {
    char *name; /* NULL: a free place */
    uint32_t number;
};

static struct {
    struct count *places;
    size_t room; /* a power of two, more than `used` */
    size_t used;
    int64_t day;
} table;

int64_t counts_day(void)
{
    return (int64_t)time(NULL) / SECONDS_OF_DAY;
}

void counts_free(void)
{
    for (size_t i = 0; i < table.room; i++)
        free(table.places[i].name);
    free(table.places);
    table.places = NULL;
    table.room = 0;
    table.used = 0;
}

static void forget_other_days(void)
{
    int64_t day = counts_day();

    if (table.day != day)
        counts_free();
    table.day = day;
}

/* FNV-1a, without case. */
static size_t hash(const char *name)
{
    uint32_t value = 2166136261u;

    for (; *name != '\0'; name++) {
        unsigned char octet = (unsigned char)*name;

        if (octet >= 'A' && octet <= 'Z')
            octet = (unsigned char)(octet - 'A' + 'a');
        value = (value ^ octet) * 16777619u;
    }
    return value;
}

/* The place of a name, or the free one for it. */
static struct count *place_of(struct count *places, size_t room, const char *name)
{
    size_t at = hash(name) & (room - 1);

    while (places[at].name != NULL && strcasecmp(places[at].name, name) != 0)
        at = (at + 1) & (room - 1);
    return &places[at];
}

static struct count *find(const char *name)
{
    struct count *count;

    forget_other_days();
    if (table.room == 0)
        return NULL;
    count = place_of(table.places, table.room, name);
    return count->name != NULL ? count : NULL;
}

/* Keeps a quarter of the places free. */
static bool make_room(void)
{
    size_t room = table.room > 0 ? table.room * 2 : 64;
    struct count *places;

    if (table.used < table.room / 4 * 3)
        return true;
    places = calloc(room, sizeof *places);
    if (places == NULL)
        return false;
    for (size_t i = 0; i < table.room; i++) {
        if (table.places[i].name != NULL)
            *place_of(places, room, table.places[i].name) = table.places[i];
    }
    free(table.places);
    table.places = places;
    table.room = room;
    return true;
}

static struct count *make(const char *name)
{
    struct count *count;
    char *copy;

    if (!make_room())
        return NULL;
    copy = strdup(name);
    if (copy == NULL)
        return NULL;
    count = place_of(table.places, table.room, name);
    count->name = copy;
    table.used++;
    return count;
}

uint32_t counts_get(const char *name)
{
    const struct count *count = find(name);

    return count != NULL ? count->number : 0;
}

bool counts_add(const char *name, uint32_t number)
{
    struct count *count = find(name);

    if (count == NULL)
        count = make(name);
    if (count == NULL)
        return false;
    count->number = number > UINT32_MAX - count->number ? UINT32_MAX : count->number + number;
    return true;
}

void counts_take_back(const char *name, uint32_t number, int64_t day)
{
    struct count *count = find(name);

    if (count == NULL || table.day != day)
        return;
    count->number = number > count->number ? 0 : count->number - number;
}
