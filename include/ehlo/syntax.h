/** @file
 * The grammar of SMTP as pure functions: octets in, a typed structure out whose slices point into
 * the octets. Nothing here writes to its input, keeps state, allocates or needs a session, so
 * filters and tools can use it alone. Each function reads one rule of the ABNF (RFC
 * 5321 4.1.2, 4.1.3), is total (any octets, any length) and linear.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SYNTAX_H
#define EHLO_SYNTAX_H

#include "ehlo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a function of this header found. */
enum ehlo_syntax {
    EHLO_SYNTAX_OK = 0,         /**< well-formed; the structure is filled */
    EHLO_SYNTAX_END = 1,        /**< ehlo_next_parameter(): there are no more */
    EHLO_SYNTAX_MALFORMED = 2,  /**< not what the rule asks for */
    EHLO_SYNTAX_UNBALANCED = 3, /**< brackets, quotes or [ ] do not balance */
    EHLO_SYNTAX_NO_DOMAIN = 4,  /**< an address without a domain */
    EHLO_SYNTAX_NOT_ASCII = 5,  /**< well-formed but for UTF-8 that was not allowed */
    EHLO_SYNTAX_TOO_LONG =
        6, /**< local-part, domain, path or line over its limit (RFC 5321 4.5.3.1) */
    EHLO_SYNTAX_NO_KEYWORD = 7 /**< "FROM:" or "TO:" missing, or blanks beside it or behind the path
                                  that are not the grammar's */
};

/**
 * Spellings that the grammar does not have but real clients send. A parser takes those whose bit is
 * in its `tolerated` argument and reports the ones it met. A server tolerates
 * EHLO_ODDITIES_DEFAULT unless configured otherwise; 0 is the strict grammar.
 */
enum ehlo_oddity {
    /** SP or HT after "FROM:"/"TO:" and before the colon: scanners, copiers, mail-merge programs */
    EHLO_ODDITY_COLON_BLANKS = 1 << 0,
    /** several SP or HT where the grammar has one SP: carrier gateways, hand typing */
    EHLO_ODDITY_DOUBLED_SPACES = 1 << 1,
    /** SP or HT before CR LF (RFC 5321 4.1.1 asks for it): small client libraries */
    EHLO_ODDITY_TRAILING_BLANKS = 1 << 2,
    /** HELO names of one label, with underscore, with a hyphen at a label's end, or an IPv6 literal
        without its tag: most mail programs on desktops, and Java's mail library. One label alone is
        grammatical: it is reported, and taken in any case */
    EHLO_ODDITY_HELO_NAME = 1 << 3,
    /** underscore in the domain of an address: hosts named after Windows machines */
    EHLO_ODDITY_UNDERSCORE = 1 << 4,
    /** local-part of more than 64 octets, up to the limit of the path: bulk senders' bounce
       addresses */
    EHLO_ODDITY_LONG_LOCAL_PART = 1 << 5,
    /** BODY= and AUTH= on MAIL although the keyword was not offered: forwarding services, Outlook
     */
    EHLO_ODDITY_UNOFFERED = 1 << 6,
    /** AUTH after HELO, which offers nothing: cameras, monitoring, old libraries */
    EHLO_ODDITY_AUTH_AFTER_HELO = 1 << 7,
    /** AUTH LOGIN with the user name behind it, where the server is to speak first: most clients */
    EHLO_ODDITY_LOGIN_INITIAL = 1 << 8,

    /** an address without `<>`: printers, people with a terminal */
    EHLO_ODDITY_NO_BRACKETS = 1 << 16,
    /** `Name <a@b>` as a path, the name in ASCII: scripts that pass a header field's text */
    EHLO_ODDITY_DISPLAY_NAME = 1 << 17,
    /** HELO or EHLO without a name: embedded devices */
    EHLO_ODDITY_EMPTY_HELO = 1 << 18,
    /** a dot at an end of a local-part, or two in a row: remote-management cards, some carriers */
    EHLO_ODDITY_LOCAL_DOTS = 1 << 19,
    /** a dot behind the domain: programs that use names as DNS spells them */
    EHLO_ODDITY_TRAILING_DOT = 1 << 20,
    /** LF alone ends a command line, never content: terminals and shell scripts */
    EHLO_ODDITY_LF_COMMANDS = 1 << 21,
    /** unknown parameters of MAIL and RCPT are ignored: line-of-business programs */
    EHLO_ODDITY_UNKNOWN_PARAMETERS = 1 << 22,
    /** text behind a HELO name that is a domain (behind a literal it is always taken, RFC
       5321 4.1.1.1) */
    EHLO_ODDITY_HELO_TEXT = 1 << 23,
    /** the EHLO list has the mechanisms a second time, as `AUTH=...`: mail programs from before RFC
       2554 was settled */
    EHLO_ODDITY_AUTH_EQUALS = 1 << 24,

    /** what a server tolerates by default: spelling, never framing */
    EHLO_ODDITIES_DEFAULT = 0x1ff,
    /** all bits above */
    EHLO_ODDITIES_ALL = 0x1ff01ff,

    /** not an oddity but a permission: UTF-8 in local-parts, domains and values (RFC 6531 3.3) */
    EHLO_SYNTAX_UTF8 = 1 << 30
};

#define EHLO_LOCAL_PART_MAX 64  /**< octets (RFC 5321 4.5.3.1.1) */
#define EHLO_DOMAIN_MAX     255 /**< octets (RFC 5321 4.5.3.1.2) */
#define EHLO_PATH_MAX                                                                              \
    256 /**< octets with the brackets, a source route not counted (RFC 5321 4.5.3.1.3) */

/** What kind of name stands where a domain may stand. */
enum ehlo_host_kind {
    EHLO_HOST_NONE = 0,   /**< empty (EHLO_ODDITY_EMPTY_HELO) */
    EHLO_HOST_DOMAIN = 1, /**< a domain name */
    EHLO_HOST_IPV4 = 2,   /**< [192.0.2.1] */
    EHLO_HOST_IPV6 = 3,   /**< [IPv6:2001:db8::1] */
    EHLO_HOST_GENERAL = 4 /**< [tag:content] with another tag */
};

/** A domain or an address literal. */
struct ehlo_host {
    struct ehlo_slice text; /**< as sent, brackets included */
    uint32_t kind;          /**< enum ehlo_host_kind */
    uint32_t oddities;      /**< enum ehlo_oddity bits that were needed to take it */
    uint8_t address[16];    /**< network order; 4 octets for IPv4, 16 for IPv6, else 0 */
    uintptr_t reserved;     /**< 0 */
};

#define EHLO_PATH_NULL                                                                             \
    1u /**< the null reverse-path `<>` (RFC 5321 4.5.5); all slices but `whole` are empty */
#define EHLO_PATH_POSTMASTER                                                                       \
    2u /**< local-part is "postmaster", any case, quoted or not, with or without a domain */
#define EHLO_PATH_QUOTED  4u  /**< the local-part is a Quoted-string */
#define EHLO_PATH_LITERAL 8u  /**< the domain is an address literal */
#define EHLO_PATH_UTF8    16u /**< there is UTF-8 in the path */
#define EHLO_PATH_ROUTE                                                                            \
    32u /**< there was a source route; `mailbox` is what counts (RFC 5321 F.2) */

/** A reverse-path or forward-path. General address literals are MALFORMED in it: no tag but IPv6 is
 * registered. */
struct ehlo_path {
    struct ehlo_slice
        whole; /**< as sent: "<@r.example:a@b.example>"; a display name is not part of it */
    struct ehlo_slice
        mailbox; /**< "a@b.example"; "postmaster" alone is possible in a forward-path */
    struct ehlo_slice
        local; /**< local-part as sent, quotes and backslashes included; case is kept */
    struct ehlo_slice
        domain;         /**< domain or address literal as sent; empty for "postmaster" alone */
    uint32_t flags;     /**< EHLO_PATH_... */
    uint32_t oddities;  /**< enum ehlo_oddity bits that were needed to take it */
    uintptr_t reserved; /**< 0 */
};

/** A command line cut in two. */
struct ehlo_command {
    struct ehlo_slice verb; /**< up to the first SP or HT; any octets, empty for an empty line */
    struct ehlo_slice argument; /**< behind it, blanks cut at both ends; empty if there is none */
    uint32_t oddities;          /**< enum ehlo_oddity bits met (DOUBLED_SPACES, TRAILING_BLANKS) */
    uint32_t reserved;          /**< 0 */
};

/** A parameter of MAIL or RCPT (esmtp-param, RFC 5321 4.1.2). */
struct ehlo_parameter {
    struct ehlo_slice keyword; /**< as sent */
    struct ehlo_slice value;   /**< behind the `=`; never empty where `has_value` */
    bool has_value;            /**< whether there was a `=` */
};

/** Values of BODY= (RFC 6152 2, RFC 3030 3). */
enum ehlo_body {
    EHLO_BODY_NONE = 0,  /**< not declared: 7-bit by the letter of RFC 5321 2.4 */
    EHLO_BODY_7BIT = 1,  /**< BODY=7BIT */
    EHLO_BODY_8BIT = 2,  /**< BODY=8BITMIME */
    EHLO_BODY_BINARY = 3 /**< BODY=BINARYMIME */
};

/**
 * Cuts a command line at its first blank (RFC 5321 4.1.1).
 *
 * @param line       without CR LF
 * @param tolerated  EHLO_ODDITY_DOUBLED_SPACES, EHLO_ODDITY_TRAILING_BLANKS
 * @param command    filled in any case
 * @return           OK; MALFORMED where blanks are doubled or trail and that is not tolerated
 */
EHLO_API enum ehlo_syntax ehlo_parse_command(struct ehlo_slice line, uint32_t tolerated,
                                             struct ehlo_command *command);

/**
 * Reads the argument of MAIL: "FROM:" Reverse-path [SP Mail-parameters] (RFC 5321 4.1.1.2).
 *
 * UTF-8 in the address is always read, since the SMTPUTF8 that allows it stands behind it
 * (EHLO_PATH_UTF8 tells); without EHLO_SYNTAX_UTF8 in `tolerated` it is NOT_ASCII.
 *
 * @param argument    of the command
 * @param tolerated   enum ehlo_oddity bits
 * @param path        filled on OK; its `oddities` are those of the whole argument
 * @param parameters  on OK what ehlo_next_parameter() walks; empty if there are none
 * @return            OK, MALFORMED, UNBALANCED, NO_DOMAIN, NOT_ASCII, TOO_LONG, NO_KEYWORD
 */
EHLO_API enum ehlo_syntax ehlo_parse_mail(struct ehlo_slice argument, uint32_t tolerated,
                                          struct ehlo_path *path, struct ehlo_slice *parameters);

/**
 * Reads the argument of RCPT: "TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path )
 * [SP Rcpt-parameters] (RFC 5321 4.1.1.3). `<>` is MALFORMED. All else as ehlo_parse_mail().
 */
EHLO_API enum ehlo_syntax ehlo_parse_rcpt(struct ehlo_slice argument, uint32_t tolerated,
                                          struct ehlo_path *path, struct ehlo_slice *parameters);

/**
 * Reads a Reverse-path: Path / "<>" (RFC 5321 4.1.2).
 *
 * @param text       exactly the path
 * @param tolerated  enum ehlo_oddity bits
 * @param path       filled on OK
 * @return           OK, MALFORMED, UNBALANCED, NO_DOMAIN, NOT_ASCII, TOO_LONG
 */
EHLO_API enum ehlo_syntax ehlo_parse_reverse_path(struct ehlo_slice text, uint32_t tolerated,
                                                  struct ehlo_path *path);

/** Reads a Forward-path, "<postmaster>" included (RFC 5321 4.1.2, 4.5.1); as
 * ehlo_parse_reverse_path(). */
EHLO_API enum ehlo_syntax ehlo_parse_forward_path(struct ehlo_slice text, uint32_t tolerated,
                                                  struct ehlo_path *path);

/**
 * Reads a Mailbox: Local-part "@" ( Domain / address-literal ) (RFC 5321 4.1.2).
 *
 * @param text  exactly the mailbox, no brackets; `whole` of the result is the same
 */
EHLO_API enum ehlo_syntax ehlo_parse_mailbox(struct ehlo_slice text, uint32_t tolerated,
                                             struct ehlo_path *path);

/**
 * Reads a Domain: sub-domain *("." sub-domain) (RFC 5321 4.1.2), labels of 63 octets at most (RFC
 * 1035 2.3.4; a label with UTF-8 may be longer, since it stands for a shorter one).
 *
 * @param text       exactly the domain
 * @param tolerated  EHLO_ODDITY_UNDERSCORE, EHLO_ODDITY_TRAILING_DOT, EHLO_SYNTAX_UTF8
 * @param host       filled on OK
 * @return           OK, MALFORMED, NOT_ASCII, TOO_LONG
 */
EHLO_API enum ehlo_syntax ehlo_parse_domain(struct ehlo_slice text, uint32_t tolerated,
                                            struct ehlo_host *host);

/**
 * Reads an address-literal with its brackets (RFC 5321 4.1.3). The tag "IPv6:" has any case; `::`
 * may stand for one group or more (RFC 4291 2.2).
 *
 * @return  OK (kind GENERAL for a well-formed literal of another tag), MALFORMED, UNBALANCED
 */
EHLO_API enum ehlo_syntax ehlo_parse_address_literal(struct ehlo_slice text,
                                                     struct ehlo_host *host);

/** Reads an IPv4 address: four Snum of 1-3 digits, 0-255 (RFC 5321 4.1.3). @return OK, MALFORMED */
EHLO_API enum ehlo_syntax ehlo_parse_ipv4(struct ehlo_slice text, uint8_t address[4]);

/** Reads an IPv6 address in any form of RFC 5321 4.1.3, without the tag. @return OK, MALFORMED */
EHLO_API enum ehlo_syntax ehlo_parse_ipv6(struct ehlo_slice text, uint8_t address[16]);

/**
 * Reads the argument of HELO, EHLO, LHLO: Domain / address-literal, always ASCII (RFC 5321 4.1.1.1,
 * RFC 6531 3.7.1). General literals are MALFORMED (no tag but IPv6 is registered). Text behind a
 * literal is ignored; behind a domain it needs EHLO_ODDITY_HELO_TEXT.
 *
 * @return  OK (`host->text` is the name alone), MALFORMED, TOO_LONG
 */
EHLO_API enum ehlo_syntax ehlo_parse_helo(struct ehlo_slice argument, uint32_t tolerated,
                                          struct ehlo_host *host);

/**
 * Reads the argument of VRFY or EXPN: a Local-part (Atom and Quoted-string are) or a Mailbox, with
 * or without brackets (RFC 5321 3.5.1, 4.1.1.6). What it is stays with the host: the argument is
 * only checked.
 *
 * @return  OK, MALFORMED, UNBALANCED, NOT_ASCII
 */
EHLO_API enum ehlo_syntax ehlo_parse_string(struct ehlo_slice argument, uint32_t tolerated);

/**
 * Takes the next parameter of MAIL or RCPT: esmtp-keyword ["=" esmtp-value] (RFC 5321 4.1.2).
 *
 * @param rest       what is left; moved behind the parameter on OK
 * @param tolerated  EHLO_ODDITY_DOUBLED_SPACES, EHLO_ODDITY_TRAILING_BLANKS, EHLO_SYNTAX_UTF8 (in
 *                   values)
 * @param parameter  filled on OK
 * @return           OK, END, MALFORMED
 */
EHLO_API enum ehlo_syntax ehlo_next_parameter(struct ehlo_slice *rest, uint32_t tolerated,
                                              struct ehlo_parameter *parameter);

/**
 * Reads a decimal number.
 *
 * @param text    only digits
 * @param digits  how many are allowed at most
 * @param number  filled on OK; UINT64_MAX where the value is larger
 * @return        OK, MALFORMED (no digit, another octet, too many digits)
 */
EHLO_API enum ehlo_syntax ehlo_parse_number(struct ehlo_slice text, size_t digits,
                                            uint64_t *number);

/** Reads the value of SIZE=: 1 to 20 digits (RFC 1870 3); saturates. @return OK, MALFORMED */
EHLO_API enum ehlo_syntax ehlo_parse_size(struct ehlo_slice value, uint64_t *size);

/** Reads the value of BODY=, any case (RFC 6152 2, RFC 3030 3). @return OK, MALFORMED */
EHLO_API enum ehlo_syntax ehlo_parse_body(struct ehlo_slice value, enum ehlo_body *body);

/** Tells whether two texts are the same but for the case of ASCII letters (verbs, keywords,
 * domains). */
EHLO_API bool ehlo_same_text(struct ehlo_slice a, struct ehlo_slice b);

/**
 * Tells whether two local-parts are the same mailbox name: case counts, quoting does not (RFC
 * 5321 4.1.2).
 */
EHLO_API bool ehlo_same_local_part(struct ehlo_slice a, struct ehlo_slice b);

/**
 * Writes a local-part without its quotes and backslashes.
 *
 * @param local   as in struct ehlo_path
 * @param buffer  gets at most `size` octets; may be NULL if `size` is 0
 * @return        octets that the whole result has; more than `size`: nothing was written
 */
EHLO_API size_t ehlo_unquote_local_part(struct ehlo_slice local, char *buffer, size_t size);

/**
 * Writes a name as a local-part, with the least quoting that its octets need (RFC 5321 4.1.2).
 *
 * @param name  any printable ASCII or UTF-8
 * @return      octets that the whole result has; more than `size`: nothing was written; 0: `name`
 *              is empty, has control octets or ill-formed UTF-8
 */
EHLO_API size_t ehlo_quote_local_part(struct ehlo_slice name, char *buffer, size_t size);

/**
 * Decodes xtext: `+` and two hex digits, of either case (RFC 3461 4, notes: upper case is written).
 *
 * @param text    xtext
 * @param buffer  gets the octets, never more than `text.length`; may be `text.data` itself
 * @param size    of `buffer`
 * @param length  filled on OK
 * @return        OK, MALFORMED, TOO_LONG (does not fit)
 */
EHLO_API enum ehlo_syntax ehlo_xtext_decode(struct ehlo_slice text, char *buffer, size_t size,
                                            size_t *length);

/** Encodes octets as xtext. @return octets of the whole result; more than `size`: nothing was
 * written */
EHLO_API size_t ehlo_xtext_encode(struct ehlo_slice octets, char *buffer, size_t size);

/**
 * Decodes base64, strictly: no foreign octet, no inner `=`, length a multiple of 4, unused bits
 * zero (RFC 4648 3.3, 3.5). Arguments and result as ehlo_xtext_decode(); at most 3/4 of the input.
 */
EHLO_API enum ehlo_syntax ehlo_base64_decode(struct ehlo_slice text, char *buffer, size_t size,
                                             size_t *length);

/** Encodes octets as base64. @return octets of the whole result; more than `size`: nothing was
 * written */
EHLO_API size_t ehlo_base64_encode(struct ehlo_slice octets, char *buffer, size_t size);

/** Tells whether octets are well-formed UTF-8: no overlong form, no surrogate, at most U+10FFFF
 * (RFC 3629). */
EHLO_API bool ehlo_is_utf8(struct ehlo_slice text);

#ifdef __cplusplus
}
#endif

#endif
