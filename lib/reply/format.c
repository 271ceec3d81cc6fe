/*
 * Prints a reply as it stands on the wire: lines, their codes, their length, and nothing in them
 * that a host or a peer could smuggle in (RFC 5321 4.2, 4.5.3.1.5; RFC 2034 4; RFC 6531 3.7.4.2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/reply.h"

#include <string.h>

#define LONGEST_HEAD (sizeof "250 2.999.999 " - 1)

/* What is printed is a line at a time; `needed` goes on counting where `size` ends. */
struct reply_printer {
    char *buffer;
    size_t size;
    size_t written;
    size_t needed;
    size_t last;   /* where in `buffer` the last line begins */
    size_t head;   /* octets of the codes, which begin every line */
    size_t length; /* octets of this line so far */
    bool full;     /* a line was left out or cut */
    bool wrapped;  /* this line goes on with a line that was too long */
    bool utf8;
    char line[EHLO_REPLY_LINE_MAX - 2];
};

static void print_octet(struct reply_printer *to, char octet)
{
    to->line[to->length++] = octet;
}

/* Three digits at most. */
static void print_number(struct reply_printer *to, unsigned number)
{
    if (number >= 100)
        print_octet(to, (char)('0' + number / 100));
    if (number >= 10)
        print_octet(to, (char)('0' + number / 10 % 10));
    print_octet(to, (char)('0' + number % 10));
}

static void print_head(struct reply_printer *to, const struct ehlo_reply *reply, unsigned flags)
{
    const struct ehlo_enhanced *enhanced = &reply->enhanced;

    print_number(to, reply->code);
    print_octet(to, '-');
    if ((flags & EHLO_FORMAT_ENHANCED) != 0 && enhanced->klass != 0) {
        print_number(to, enhanced->klass);
        print_octet(to, '.');
        print_number(to, enhanced->subject);
        print_octet(to, '.');
        print_number(to, enhanced->detail);
        print_octet(to, ' ');
    }
    to->head = to->length;
}

/* The first line is cut if need be, between characters; later ones are written whole or not. */
static void write_line(struct reply_printer *to, size_t length)
{
    size_t room = to->size - to->written;

    to->needed += length + 2;
    if (to->full)
        return;
    to->full = length + 2 > room;
    if (to->full && to->written > 0)
        return;
    if (to->full) {
        length = room - 2;
        while (((unsigned char)to->line[length] & 0xC0) == 0x80)
            length--;
    }
    to->last = to->written;
    memcpy(to->buffer + to->last, to->line, length);
    memcpy(to->buffer + to->last + length, "\r\n", 2);
    to->written += length + 2;
}

static void end_line(struct reply_printer *to)
{
    if (!to->wrapped || to->length > to->head)
        write_line(to, to->length);
    to->length = to->head;
    to->wrapped = false;
}

/* Ends a line that is full before `end`; what stands from `next` on begins the next line. */
static void break_line(struct reply_printer *to, size_t end, size_t next)
{
    size_t rest = to->length - next;

    write_line(to, end);
    memmove(to->line + to->head, to->line + next, rest);
    to->length = to->head + rest;
    to->wrapped = true;
}

/* The last space with words before it; the line's end if there is none. */
static size_t last_space(const struct reply_printer *to)
{
    size_t at = to->length - 1;

    while (at > to->head && to->line[at] != ' ')
        at--;
    return at > to->head ? at : to->length;
}

static void print_character(struct reply_printer *to, const char *octets, size_t length)
{
    bool fits = to->length + length <= sizeof to->line;
    size_t space = fits ? 0 : last_space(to);

    if (!fits && *octets == ' ') {
        break_line(to, to->length, to->length);
        return;
    }
    if (!fits)
        break_line(to, space, space < to->length ? space + 1 : space);
    memcpy(to->line + to->length, octets, length);
    to->length += length;
}

/* Octets of the well-formed non-ASCII character in front (RFC 3629 4), no C1 control; 0: none. */
static size_t character_length(const char *text, size_t left)
{
    const unsigned char *octets = (const unsigned char *)text;
    unsigned lead = octets[0];
    unsigned first = left > 1 ? octets[1] : 0; /* of the continuation */
    size_t length = 2u + (lead >= 0xE0) + (lead >= 0xF0);

    if (lead < 0xC2 || lead > 0xF4 || left < length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((octets[i] & 0xC0) != 0x80)
            return 0;
    }
    if ((lead == 0xC2 || lead == 0xE0) && first < 0xA0) /* C1 controls; overlong */
        return 0;
    if (lead == 0xED && first > 0x9F) /* surrogates */
        return 0;
    if ((lead == 0xF0 && first < 0x90) || (lead == 0xF4 && first > 0x8F))
        return 0;
    return length;
}

/* Octets of a character that may be sent as it is; 0: this octet may not. */
static size_t printable_length(const struct reply_printer *to, const char *text, size_t left)
{
    if (*text >= ' ' && *text <= '~')
        return 1;
    return to->utf8 ? character_length(text, left) : 0;
}

/* Octets in front that are printable ASCII and fit into the line. */
static size_t print_run(struct reply_printer *to, const char *text, size_t left)
{
    size_t room = sizeof to->line - to->length;
    size_t length = 0;

    if (room > left)
        room = left;
    while (length < room && text[length] >= ' ' && text[length] <= '~')
        length++;
    memcpy(to->line + to->length, text, length);
    to->length += length;
    return length;
}

static void print_text(struct reply_printer *to, struct ehlo_slice text, bool many_lines)
{
    size_t at = 0;

    if (text.length == 0)
        return;
    while ((at += print_run(to, text.data + at, text.length - at)) < text.length) {
        const char *octet = text.data + at;
        size_t left = text.length - at;
        size_t length = printable_length(to, octet, left);

        if (many_lines && *octet == '\r' && left > 1 && octet[1] == '\n') {
            at++;
            continue;
        }
        at += length > 0 ? length : 1;
        if (many_lines && *octet == '\n')
            end_line(to);
        else if (length > 0)
            print_character(to, octet, length);
        else
            print_character(to, "?", 1);
    }
}

/* The `%s` of the catalogue's own phrase; NULL in all other words. */
static const char *place_of_subject(const struct ehlo_reply *reply)
{
    struct ehlo_reply_row row;

    if (reply->phrase.length == 0 || memchr(reply->phrase.data, '%', reply->phrase.length) == NULL)
        return NULL;
    if (!ehlo_reply_row(reply->id, &row) || reply->phrase.data != row.phrase ||
        reply->phrase.length != strlen(row.phrase))
        return NULL;
    return memchr(row.phrase, '%', reply->phrase.length);
}

static void print_words(struct reply_printer *to, const struct ehlo_reply *reply,
                        struct ehlo_slice subject)
{
    const char *place = place_of_subject(reply);
    struct ehlo_slice before = reply->phrase;

    if (place == NULL) {
        print_text(to, subject, false);
        if (subject.length > 0 && reply->phrase.length > 0)
            print_character(to, " ", 1);
        print_text(to, reply->phrase, true);
        return;
    }
    before.length = (size_t)(place - before.data);
    if (subject.length == 0 && before.length > 0)
        before.length--;                                /* the space vanishes too */
    else if (subject.length == 0 && reply->code != 334) /* a challenge may be empty (RFC 4954 4) */
        subject = ehlo_text("...");
    print_text(to, before, false);
    print_text(to, subject, false);
    print_text(to, ehlo_text(place + 2), false);
}

static void print_reply(struct reply_printer *to, const struct ehlo_reply *reply,
                        struct ehlo_slice subject, unsigned flags)
{
    to->written = 0;
    to->needed = 0;
    to->last = 0;
    to->length = 0;
    to->full = false;
    to->wrapped = false;
    to->utf8 = (flags & EHLO_FORMAT_UTF8) != 0;
    print_head(to, reply, flags);
    print_words(to, reply, subject);
    end_line(to);
}

size_t ehlo_format_reply(char *buffer, size_t size, const struct ehlo_reply *reply, unsigned flags)
{
    struct reply_printer printer;
    struct ehlo_slice subject = reply->subject;

    if (size < LONGEST_HEAD + 2 || !ehlo_reply_is_valid(reply))
        return 0;
    if (subject.length > EHLO_SUBJECT_MAX)
        subject.length = EHLO_SUBJECT_MAX;
    printer.buffer = buffer;
    printer.size = size;
    print_reply(&printer, reply, subject, flags);
    while (printer.needed > size && subject.length > 0 && (flags & EHLO_FORMAT_SUBJECT) == 0) {
        size_t excess = printer.needed - size;

        subject.length = subject.length > excess ? subject.length - excess : 0;
        print_reply(&printer, reply, subject, flags);
    }
    buffer[printer.last + 3] = (flags & EHLO_FORMAT_MORE) != 0 ? '-' : ' ';
    return printer.written;
}
