/*
 * The values of settings.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"
#include "ehlo/syntax.h"
#include "maildir.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

/* 1, or what a letter behind a number stands for; 0: nothing. */
static uint64_t unit_of(const char *letter)
{
    static const char letters[] = "kKmMgG";
    const char *found = *letter == '\0' ? NULL : strchr(letters, *letter);

    if (*letter == '\0')
        return 1;
    return found == NULL || letter[1] != '\0' ? 0 : UINT64_C(1024) << (found - letters) / 2 * 10;
}

bool reader_size(struct reader *reader, const char *word, uint64_t least, uint64_t *size)
{
    struct ehlo_slice digits = {word, strspn(word, "0123456789")};
    uint64_t unit = unit_of(word + digits.length), number;

    /* UINT64_MAX stands for all that is larger, too. */
    if (ehlo_parse_number(digits, 20, &number) == EHLO_SYNTAX_OK && unit > 0 &&
        number <= (UINT64_MAX - 1) / unit && number * unit >= least) {
        *size = number * unit;
        return true;
    }
    reader_wrong(reader, "expected a size such as 20M, from %llu on, not \"%s\"",
                 (unsigned long long)least, reader_shown(word).text);
    return false;
}

bool reader_number(struct reader *reader, const char *word, uint32_t most, uint32_t *number)
{
    uint64_t wide;

    if (ehlo_parse_number(ehlo_text(word), 10, &wide) == EHLO_SYNTAX_OK && wide > 0 &&
        wide <= most) {
        *number = (uint32_t)wide;
        return true;
    }
    reader_wrong(reader, "expected a number from 1 to %lu, not \"%s\"", (unsigned long)most,
                 reader_shown(word).text);
    return false;
}

bool reader_network(struct reader *reader, const char *word, struct network *network)
{
    if (network_read(network, word))
        return true;
    reader_wrong(reader,
                 "expected a network such as 192.0.2.0/24 or 2001:db8::/32 (no bit set behind its "
                 "length), an address, or all, "
                 "not \"%s\"",
                 reader_shown(word).text);
    return false;
}

bool reader_folder(const char *word, char *folder)
{
    struct ehlo_path path;

    return ehlo_parse_mailbox(ehlo_text(word), EHLO_SYNTAX_UTF8, &path) == EHLO_SYNTAX_OK &&
           maildir_folder(path.local, path.domain, folder);
}

/* The names that are allowed, with commas. */
static void list_names(char *text, size_t size, const char *const *names, uint32_t allowed)
{
    size_t length = 0;

    *text = '\0';
    for (size_t i = 0; names[i] != NULL; i++)
        if ((allowed & 1u << i) != 0 && length < size)
            length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "",
                                       names[i]);
}

int reader_choose(struct reader *reader, const char *const *names, uint32_t allowed,
                  const char *word)
{
    char text[256];

    for (int i = 0; names[i] != NULL; i++)
        if ((allowed & 1u << i) != 0 && ehlo_same_text(ehlo_text(names[i]), ehlo_text(word)))
            return i;
    list_names(text, sizeof text, names, allowed);
    reader_wrong(reader, "expected %s%s, not \"%s\"", strchr(text, ',') == NULL ? "" : "one of ",
                 text, reader_shown(word).text);
    return -1;
}

bool reader_stage(struct reader *reader, const struct said *said, uint32_t stages,
                  enum stage *stage)
{
    static const char *const names[] = {"connect", "helo",    "auth", "mail",
                                        "rcpt",    "message", NULL}; /* enum stage */
    int place;

    if (said->ending[AT] == NULL)
        return true;
    place = reader_choose(reader, names, stages, said->ending[AT]);
    if (place < 0)
        return false;
    *stage = (enum stage)place;
    return true;
}

bool reader_reply(struct reader *reader, const struct said *said, enum stage stage, uint16_t *reply)
{
    const char *name = said->ending[WITH];
    struct ehlo_reply_row row;

    if (name == NULL)
        return true;
    if (!ehlo_reply_row(ehlo_reply_by_name(ehlo_text(name)), &row)) {
        reader_wrong(reader, "expected the name of a reply behind \"with\", not \"%s\"",
                     reader_shown(name).text);
        return false;
    }
    if (row.code[EHLO_CODES_TABLE] < 400) {
        reader_wrong(reader, "expected a reply that refuses (4yz, 5yz) behind \"with\", not %s",
                     ehlo_reply_name(row.id));
        return false;
    }
    /* It ends the session: later on, that would hit mail that nobody has refused. */
    if (row.code[EHLO_CODES_TABLE] == 421 && stage != AT_CONNECT) {
        reader_wrong(reader, "expected a reply other than 421 where it is not at connect, not %s",
                     ehlo_reply_name(row.id));
        return false;
    }
    *reply = row.id;
    return true;
}
