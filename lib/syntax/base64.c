/*
 * base64, strict (RFC 4648 3.3, 3.5, 4): one octet string has one spelling, all else is refused.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/syntax.h"

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The six bits that a character stands for; 64 if it is not of the alphabet. */
static unsigned sextet(char character)
{
    if (character >= 'A' && character <= 'Z')
        return (unsigned)(character - 'A');
    if (character >= 'a' && character <= 'z')
        return (unsigned)(character - 'a') + 26;
    if (character >= '0' && character <= '9')
        return (unsigned)(character - '0') + 52;
    if (character == '+')
        return 62;
    return character == '/' ? 63 : 64;
}

/* Tells whether the text, of characters and then padding, is what an encoder would write. */
static bool is_base64(struct ehlo_slice text, size_t characters)
{
    /* bits of the last character that no octet uses, by the number of padding characters */
    static const unsigned unused[] = {0, 0x03, 0x0f};
    size_t padding = text.length - characters;

    if (text.length % 4 != 0)
        return false;
    for (size_t i = 0; i < characters; i++) {
        if (sextet(text.data[i]) > 63)
            return false;
    }
    return padding == 0 || (sextet(text.data[characters - 1]) & unused[padding]) == 0;
}

enum ehlo_syntax ehlo_base64_decode(struct ehlo_slice text, char *buffer, size_t size,
                                    size_t *length)
{
    size_t characters = text.length, written = 0;
    uint32_t bits = 0;

    while (characters > 0 && text.length - characters < 2 && text.data[characters - 1] == '=')
        characters--;
    if (!is_base64(text, characters))
        return EHLO_SYNTAX_MALFORMED;
    if (text.length / 4 * 3 - (text.length - characters) > size)
        return EHLO_SYNTAX_TOO_LONG;
    for (size_t i = 0; i < characters; i++) {
        bits = bits << 6 | sextet(text.data[i]);
        if (i % 4 != 0)
            buffer[written++] = (char)(unsigned char)(bits >> (6 - i % 4 * 2) & 0xff);
    }
    *length = written;
    return EHLO_SYNTAX_OK;
}

size_t ehlo_base64_encode(struct ehlo_slice octets, char *buffer, size_t size)
{
    size_t length = octets.length / 3 * 4 + (octets.length % 3 != 0 ? 4 : 0);

    if (length > size)
        return length;
    for (size_t i = 0; i < octets.length; i += 3) {
        uint32_t bits = 0;

        for (size_t j = i; j < i + 3; j++)
            bits = bits << 8 | (j < octets.length ? (unsigned char)octets.data[j] : 0u);
        for (size_t j = 0; j < 4; j++) {
            bool is_padding = i + j > octets.length;

            *buffer++ = is_padding ? '=' : base64_alphabet[bits >> (18 - 6 * j) & 63];
        }
    }
    return length;
}
