/*
 * The text of a transcript: lines, words, escapes, and patterns with `*`. Pure functions.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

#include <string.h>

/* Takes the next line, without its LF or CR LF, apart. Signs are two octets; a line that cannot
 * have one gets "??". */
bool ehlo__next_step(struct ehlo_slice script, struct ehlo__place *place, struct ehlo__step *step)
{
    const char *line = script.data + place->offset;
    size_t length = script.length - place->offset;
    const char *end;

    if (length == 0)
        return false;
    end = memchr(line, '\n', length);
    if (end != NULL)
        length = (size_t)(end - line);
    place->offset += length + (end != NULL);
    place->line++;
    if (length > 0 && line[length - 1] == '\r')
        length--;

    step->text = (struct ehlo_slice){line, length};
    memcpy(step->sign, "??", 2);
    if (length == 0 || line[0] == '#') {
        memcpy(step->sign, "# ", 2);
        return true;
    }
    if (line[0] == '!' && length > 2 && line[1] == ' ') {
        memcpy(step->sign, "! ", 2);
        step->text = (struct ehlo_slice){line + 2, length - 2};
        return true;
    }
    if (length < 2 || (length > 2 && line[2] != ' '))
        return true;
    memcpy(step->sign, line, 2);
    step->text = length > 3 ? (struct ehlo_slice){line + 3, length - 3} : ehlo_text("");
    return true;
}

struct ehlo_slice ehlo__next_word(struct ehlo_slice *rest)
{
    struct ehlo_slice word;
    const char *blank;

    while (rest->length > 0 && rest->data[0] == ' ') {
        rest->data++;
        rest->length--;
    }
    word = *rest;
    blank = word.length > 0 ? memchr(word.data, ' ', word.length) : NULL;
    if (blank != NULL)
        word.length = (size_t)(blank - word.data);
    rest->data += word.length + (blank != NULL);
    rest->length -= word.length + (blank != NULL);
    return word;
}

struct ehlo_slice ehlo__cut_at(struct ehlo_slice *rest, char octet)
{
    struct ehlo_slice part = *rest;
    const char *found = part.length > 0 ? memchr(part.data, octet, part.length) : NULL;

    *rest = ehlo_text(NULL);
    if (found == NULL)
        return part;
    *rest = (struct ehlo_slice){found + 1, part.length - (size_t)(found - part.data) - 1};
    part.length = (size_t)(found - part.data);
    return part;
}

bool ehlo__is_word(struct ehlo_slice word, const char *text)
{
    return word.length == strlen(text) && memcmp(word.data, text, word.length) == 0;
}

struct ehlo__octets ehlo__octets_of(struct ehlo_slice text, bool raw)
{
    const char *begin = text.length > 0 ? text.data : "";

    return (struct ehlo__octets){.at = begin, .end = begin + text.length, .raw = raw};
}

/* The octets behind a backslash that stand for one. */
static int plain_escape(struct ehlo__octets *in)
{
    static const char digits[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    static const char names[] = "rnt0\\*}", octets[] = "\r\n\t\0\\*}";
    const char *found;
    int octet = 0;
    int i;

    if (in->at == in->end)
        return EHLO__TEXT_BAD;
    found = memchr(names, *in->at, sizeof names - 1);
    if (found != NULL) {
        in->at++;
        return octets[found - names];
    }
    if (*in->at != 'x' || in->end - in->at < 3)
        return EHLO__TEXT_BAD;
    for (i = 1; i <= 2; i++) {
        found = memchr(digits, in->at[i], 16);
        if (found != NULL)
            octet = octet * 16 + (int)(found - digits);
        else if ((found = memchr(upper, in->at[i], 16)) != NULL)
            octet = octet * 16 + (int)(found - upper);
        else
            return EHLO__TEXT_BAD;
    }
    in->at += 3;
    return octet;
}

/* Begins a part `\{part*N}`: looks ahead for its count. An empty part or none of it is no text that
 * anybody means. */
static bool begin_repetition(struct ehlo__octets *in)
{
    const char *at = in->at;
    const char *close;
    uint64_t count;

    while (at < in->end && *at != '*')
        at += *at == '\\' && in->end - at > 1 ? 2 : 1;
    if (at >= in->end || at == in->at)
        return false;
    close = memchr(at, '}', (size_t)(in->end - at));
    if (close == NULL || ehlo_parse_number((struct ehlo_slice){at + 1, (size_t)(close - at - 1)}, 8,
                                           &count) != EHLO_SYNTAX_OK)
        return false;
    in->again = in->at;
    in->left = (uint32_t)count;
    return count > 0;
}

static void next_round(struct ehlo__octets *in)
{
    if (--in->left > 0) {
        in->at = in->again;
        return;
    }
    while (*in->at++ != '}')
        continue;
}

int ehlo__next_octet(struct ehlo__octets *in)
{
    while (in->at < in->end) {
        char octet = *in->at++;

        if (octet == '*' && in->left == 0)
            return EHLO__STAR;
        if (octet == '*') {
            next_round(in);
            continue;
        }
        if (octet != '\\' || in->raw)
            return (unsigned char)octet;
        if (in->at == in->end || *in->at != '{')
            return plain_escape(in);
        in->at++;
        if (in->left > 0 || !begin_repetition(in))
            return EHLO__TEXT_BAD;
    }
    return EHLO__TEXT_END;
}

bool ehlo__is_text(struct ehlo_slice text)
{
    struct ehlo__octets in = ehlo__octets_of(text, false);
    int octet;

    while ((octet = ehlo__next_octet(&in)) >= 0)
        continue;
    return octet == EHLO__TEXT_END;
}

/* A star takes as little as it can, and more each time the rest fails; only the last star needs to
 * be tried again. */
bool ehlo__matches(struct ehlo__octets pattern, struct ehlo_slice text)
{
    struct ehlo__octets behind_star = pattern;
    bool star = false;
    size_t i = 0;
    size_t mark = 0;

    for (;;) {
        struct ehlo__octets next = pattern;
        int octet = ehlo__next_octet(&next);

        if (octet == EHLO__STAR) {
            star = true;
            behind_star = pattern = next;
            mark = i;
            continue;
        }
        if (octet >= 0 && i < text.length && octet == (unsigned char)text.data[i]) {
            pattern = next;
            i++;
            continue;
        }
        if (octet == EHLO__TEXT_END && i == text.length)
            return true;
        if (!star || mark == text.length)
            return false;
        pattern = behind_star;
        i = ++mark;
    }
}

/* Spells an octet so that a line of text can hold it; `blanks`: a word can. Returns its length. */
size_t ehlo__escape(char escaped[4], char octet, bool blanks)
{
    static const char digits[] = "0123456789abcdef";
    unsigned value = (unsigned char)octet;

    escaped[0] = octet;
    if (value > ' ' && value < 127 && octet != '\\' && octet != '*')
        return 1;
    if (value == ' ' && !blanks)
        return 1;
    escaped[0] = '\\';
    escaped[1] = octet;
    if ((octet == '\\' || octet == '*') && !blanks)
        return 2;
    escaped[1] = 'x';
    escaped[2] = digits[value >> 4];
    escaped[3] = digits[value & 15];
    return 4;
}
