/*
 * The catalogue in words for the operator: names, descriptions, remedies. Nothing else in the
 * library uses this object, so that only programs that ask for the words carry them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"

#include <string.h>

struct prose {
    const char *name;
    const char *description;
    const char *remedy;
};

/* By id; the gaps between the ids are empty. */
#define PROSE(name, description, remedy) [EHLO_REPLY_##name] = {#name, description, remedy},
static const struct prose prose_of[] = {
#include "prose.def"
};

#define PROSE_COUNT (sizeof prose_of / sizeof *prose_of)

static struct prose find_prose(unsigned id)
{
    struct prose none = {NULL, NULL, NULL};

    return id < PROSE_COUNT ? prose_of[id] : none;
}

const char *ehlo_reply_name(unsigned id)
{
    return find_prose(id).name;
}

const char *ehlo_reply_description(unsigned id)
{
    return find_prose(id).description;
}

const char *ehlo_reply_remedy(unsigned id)
{
    return find_prose(id).remedy;
}

/* Names are of A-Z, 0-9 and '_'. */
static bool has_name(const char *name, struct ehlo_slice text)
{
    if (strlen(name) != text.length)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c != name[i])
            return false;
    }
    return true;
}

unsigned ehlo_reply_by_name(struct ehlo_slice name)
{
    for (unsigned id = 1; id < PROSE_COUNT; id++) {
        if (prose_of[id].name != NULL && has_name(prose_of[id].name, name))
            return id;
    }
    return 0;
}
