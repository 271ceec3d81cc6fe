/*
 * The table of octet classes: a chart of ASCII in which each cell names the set of classes its
 * character has. RFC 5321 4.1.2 and 4.1.3, RFC 5322 3.2.3 (atext), RFC 3461 4 (xchar).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/chars.h"

/* o: control or 8-bit, of no class; h: HT; s: SP */
#define o 0
#define h EHLO__BLANK
#define s (EHLO__BLANK | EHLO__QTEXT)
/* p: what is punctuation everywhere; q b k e: but for the place where it has a meaning */
#define p (EHLO__GRAPHIC | EHLO__VALUE | EHLO__XCHAR | EHLO__DCONTENT | EHLO__QTEXT)
#define q (p & ~EHLO__QTEXT)
#define b (p & ~EHLO__DCONTENT)
#define k (q & b)
#define e (a & ~(EHLO__VALUE | EHLO__XCHAR))
/* a: atext; u: "+"; m: "-"; d: digit; x: letter and hex digit; l: other letter */
#define a (p | EHLO__ATEXT)
#define u (a & ~EHLO__XCHAR)
#define m (a | EHLO__LDH)
#define l (a | EHLO__LDH | EHLO__LET_DIG)
#define x (l | EHLO__HEXDIG)
#define d (l | EHLO__HEXDIG | EHLO__DIGIT)

/* clang-format off */
const uint16_t ehlo__classes[256] = {
    o, o, o, o, o, o, o, o, o, h, o, o, o, o, o, o, /* HT */
    o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o,
    s, a, q, a, a, a, a, a, p, p, a, u, p, m, p, a, /* SP ! " # $ % & ' ( ) * + , - . / */
    d, d, d, d, d, d, d, d, d, d, p, p, p, e, p, a, /* 0 ... 9 : ; < = > ? */
    p, x, x, x, x, x, x, l, l, l, l, l, l, l, l, l, /* @ A ... O */
    l, l, l, l, l, l, l, l, l, l, l, b, k, b, a, a, /* P ... Z [ \ ] ^ _ */
    a, x, x, x, x, x, x, l, l, l, l, l, l, l, l, l, /* ` a ... o */
    l, l, l, l, l, l, l, l, l, l, l, a, a, a, a, o, /* p ... z { | } ~ DEL */
};
/* clang-format on */

#undef o
#undef h
#undef s
#undef p
#undef q
#undef b
#undef k
#undef e
#undef a
#undef u
#undef m
#undef l
#undef x
#undef d
