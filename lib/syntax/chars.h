/*
 * Classes of octets, from one table: no locale, no sign (RFC 5321 4.1.2, 4.1.3; RFC 3461 4).
 * Octets above 127 are in no class: UTF-8 is taken character by character (utf8.c).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SYNTAX_CHARS_H
#define EHLO_SYNTAX_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#define EHLO__BLANK    (1u << 0) /* SP / HT */
#define EHLO__DIGIT    (1u << 1)
#define EHLO__HEXDIG   (1u << 2)  /* of either case */
#define EHLO__LET_DIG  (1u << 3)  /* ALPHA / DIGIT */
#define EHLO__LDH      (1u << 4)  /* ALPHA / DIGIT / "-" */
#define EHLO__ATEXT    (1u << 5)  /* RFC 5322 3.2.3 */
#define EHLO__QTEXT    (1u << 6)  /* qtextSMTP: no DQUOTE, no backslash */
#define EHLO__DCONTENT (1u << 7)  /* in a General-address-literal: no "[", "\", "]" */
#define EHLO__VALUE    (1u << 8)  /* in an esmtp-value: no "=" */
#define EHLO__XCHAR    (1u << 9)  /* itself in xtext: no "+", no "=" */
#define EHLO__GRAPHIC  (1u << 10) /* %d33-126 */

extern const uint16_t ehlo__classes[256];

/* Tells whether an octet is in one of the classes. */
static inline bool ehlo__is(char octet, unsigned classes)
{
    return (ehlo__classes[(unsigned char)octet] & classes) != 0;
}

/* The lower case of an ASCII letter, any other octet as it is. */
static inline char ehlo__lower(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? (char)(octet - 'A' + 'a') : octet;
}

/* The value of an octet of class HEXDIG. */
static inline unsigned ehlo__hex_value(char octet)
{
    return (unsigned)(ehlo__is(octet, EHLO__DIGIT) ? octet - '0' : ehlo__lower(octet) - 'a' + 10);
}

#endif
