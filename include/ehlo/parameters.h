/** @file
 * The values of extension parameters as pure functions, beside ehlo/syntax.h and like it: octets
 * in, numbers and slices of the same octets out. Nothing here writes to its input, keeps state,
 * allocates or looks at a clock; each function is total and linear. What a function does not
 * return OK for leaves its results as they were.
 *
 * RFC 3339 (dates), RFC 3461 and RFC 6533 (DSN), RFC 2852, 4865, 6710, 7293 (delivery), RFC 4954 5
 * (AUTH=), RFC 1985 (ETRN), Postfix' XCLIENT and XFORWARD.
 *
 * examples/smtpd/envelope.c keeps what they read.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_PARAMETERS_H
#define EHLO_PARAMETERS_H

#include "ehlo/syntax.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What ehlo_parse_date_time() demands beyond RFC 3339. */
enum ehlo_date {
    EHLO_DATE_UTC = 1 << 0,  /**< the offset is zero: `Z`, `+00:00` or `-00:00` (RFC 4865 3) */
    EHLO_DATE_WHOLE = 1 << 1 /**< no fraction of a second (RFC 7293 3.1) */
};

/**
 * Reads a date-time of RFC 3339 5.6 and checks it against the calendar: lengths of months, leap
 * years, and second 60 only at the end of June or December in UTC (RFC 3339 5.7).
 *
 * @param text     exactly the date-time; `T` and `Z` have any case
 * @param flags    enum ehlo_date bits
 * @param seconds  on OK since 1970-01-01T00:00:00Z, days of 86400 seconds, negative before; a
 *                 fraction is cut off, second 60 is the first of the next minute
 * @return         OK, MALFORMED
 */
EHLO_API enum ehlo_syntax ehlo_parse_date_time(struct ehlo_slice text, uint32_t flags,
                                               int64_t *seconds);

/** Values of RET= (RFC 3461 4.3): what a report of failure returns of the message. */
enum ehlo_ret {
    EHLO_RET_NONE = 0, /**< not said: the host's choice */
    EHLO_RET_FULL = 1, /**< RET=FULL: all of it */
    EHLO_RET_HDRS = 2  /**< RET=HDRS: its header */
};

/** Reads the value of RET=, any case (RFC 3461 4.3). @return OK, MALFORMED */
EHLO_API enum ehlo_syntax ehlo_parse_ret(struct ehlo_slice value, enum ehlo_ret *ret);

/**
 * Checks the value of ENVID=: xtext, not empty, that stands for printable ASCII, SP and HT (RFC
 * 3461 4.4). A relay passes it on as it was sent, so it is not decoded. Only the command line
 * limits its length.
 *
 * @return  OK, MALFORMED
 */
EHLO_API enum ehlo_syntax ehlo_parse_envid(struct ehlo_slice value);

/** Bits of NOTIFY= (RFC 3461 4.1): when to report; 0 is a recipient without the parameter. */
enum ehlo_notify {
    EHLO_NOTIFY_NEVER = 1 << 0,   /**< never; no other bit stands beside it */
    EHLO_NOTIFY_SUCCESS = 1 << 1, /**< on delivery */
    EHLO_NOTIFY_FAILURE = 1 << 2, /**< on failure */
    EHLO_NOTIFY_DELAY = 1 << 3    /**< on delay */
};

/**
 * Reads the value of NOTIFY=: NEVER alone, or SUCCESS, FAILURE, DELAY with commas between them, any
 * case (RFC 3461 4.1). One that is named twice counts once.
 *
 * @param value   behind the `=`
 * @param notify  on OK enum ehlo_notify bits, never 0
 * @return        OK, MALFORMED
 */
EHLO_API enum ehlo_syntax ehlo_parse_notify(struct ehlo_slice value, uint32_t *notify);

/** How the address of an ORCPT= is spelled. */
enum ehlo_orcpt_form {
    EHLO_ORCPT_NONE = 0,       /**< no such parameter */
    EHLO_ORCPT_XTEXT = 1,      /**< xtext (RFC 3461 4.2): ehlo_xtext_decode() gives printable ASCII,
                                  SP and HT */
    EHLO_ORCPT_UTF8_XTEXT = 2, /**< utf-8-addr-xtext (RFC 6533 3): ASCII, other characters and some
                                  of ASCII as `\x{HEXPOINT}` */
    EHLO_ORCPT_UTF8_UNITEXT = 3 /**< utf-8-addr-unitext (RFC 6533 3): the same with UTF-8 in it */
};

/** The value of ORCPT=: the recipient as it was first given. Case is kept, a relay needs it. */
struct ehlo_orcpt {
    struct ehlo_slice type;    /**< "rfc822", "utf-8" ...: an atom, to be compared in any case */
    struct ehlo_slice address; /**< as sent; may be empty */
    uint32_t form;             /**< enum ehlo_orcpt_form */
    uint32_t reserved;         /**< 0 */
};

/**
 * Reads the value of ORCPT=: addr-type ";" xtext (RFC 3461 4.2), or one of the encodings of RFC
 * 6533 3 where the type is "utf-8". The address need not be one by the rules of its type (RFC
 * 3461 4.2): an ASCII one of type "utf-8" that is not encoded by RFC 6533 has the form XTEXT.
 *
 * @param value      behind the `=`
 * @param tolerated  EHLO_SYNTAX_UTF8 where SMTPUTF8 holds
 * @param orcpt      filled on OK
 * @return           OK, MALFORMED, NOT_ASCII
 */
EHLO_API enum ehlo_syntax ehlo_parse_orcpt(struct ehlo_slice value, uint32_t tolerated,
                                           struct ehlo_orcpt *orcpt);

/** Modes of BY= (RFC 2852 4): what to do with a message that is late. */
enum ehlo_by_mode {
    EHLO_BY_NONE = 0,   /**< no such parameter */
    EHLO_BY_NOTIFY = 1, /**< `N`: report the delay and go on */
    EHLO_BY_RETURN = 2  /**< `R`: report a failure and give up */
};

/** The value of BY=. */
struct ehlo_by {
    int32_t seconds;     /**< -999999999 to 999999999 from now; above 0 in mode RETURN */
    uint8_t mode;        /**< enum ehlo_by_mode */
    bool trace;          /**< `T`: report each relay */
    uint8_t reserved[2]; /**< 0 */
};

/**
 * Reads the value of BY=: by-time ";" by-mode [by-trace], any case (RFC 2852 4). Mode RETURN with
 * no time left is MALFORMED.
 *
 * @param value  behind the `=`
 * @param by     filled on OK
 * @return       OK, MALFORMED
 */
EHLO_API enum ehlo_syntax ehlo_parse_by(struct ehlo_slice value, struct ehlo_by *by);

/** Reads the value of HOLDFOR=: 1 to 999999999 seconds, no leading zero (RFC 4865 3). That of
 * HOLDUNTIL= is read by ehlo_parse_date_time() with EHLO_DATE_UTC. @return OK, MALFORMED */
EHLO_API enum ehlo_syntax ehlo_parse_hold_for(struct ehlo_slice value, uint32_t *seconds);

/** Reads the value of MT-PRIORITY=: -9 to 9, without a plus, a leading or a negative zero (RFC
 * 6710 7). @return OK, MALFORMED */
EHLO_API enum ehlo_syntax ehlo_parse_priority(struct ehlo_slice value, int32_t *priority);

/** Actions of RRVS= (RFC 7293 3.1): what a relay does where the next server lacks the extension. */
enum ehlo_rrvs_action {
    EHLO_RRVS_NONE = 0,    /**< no such parameter */
    EHLO_RRVS_REJECT = 1,  /**< `R`, or nothing said: refuse the message */
    EHLO_RRVS_CONTINUE = 2 /**< `C`: send it without the parameter */
};

/** The value of RRVS=: the mailbox must have had one owner since then. */
struct ehlo_rrvs {
    int64_t since;       /**< seconds as of ehlo_parse_date_time() */
    uint32_t action;     /**< enum ehlo_rrvs_action */
    bool given;          /**< the client named the action: a relay has to name it too */
    uint8_t reserved[3]; /**< 0 */
};

/**
 * Reads the value of RRVS=: date-time [ ";" ( "C" / "R" ) ], the action in any case (RFC 7293 3.1).
 *
 * @param value  behind the `=`
 * @param rrvs   filled on OK
 * @return       OK, MALFORMED
 */
EHLO_API enum ehlo_syntax ehlo_parse_rrvs(struct ehlo_slice value, struct ehlo_rrvs *rrvs);

/**
 * Checks the value of AUTH= on MAIL: xtext of a Mailbox, or of `<>` (RFC 4954 5).
 *
 * @param value      behind the `=`
 * @param tolerated  as for ehlo_parse_mailbox(), which judges what the xtext stands for
 * @return           OK, MALFORMED, UNBALANCED, NO_DOMAIN, NOT_ASCII, TOO_LONG
 */
EHLO_API enum ehlo_syntax ehlo_parse_auth_value(struct ehlo_slice value, uint32_t tolerated);

/** What the argument of ETRN names (RFC 1985 5, 5.3). */
enum ehlo_node_kind {
    EHLO_NODE_NONE = 0,   /**< nothing yet */
    EHLO_NODE_HOST = 1,   /**< a node */
    EHLO_NODE_DOMAIN = 2, /**< `@`: a domain and all below it */
    EHLO_NODE_QUEUE = 3   /**< `#`: a queue of the server */
};

/** The argument of ETRN. */
struct ehlo_node {
    struct ehlo_slice name; /**< without the `@` or `#` */
    uint32_t kind;          /**< enum ehlo_node_kind */
    uint32_t reserved;      /**< 0 */
};

/**
 * Reads the argument of ETRN: a fully qualified domain name, so of two labels or more, with or
 * without `@`; or `#` and a name of any graphic ASCII, which is the server's own matter (RFC 1985
 * 5, 5.3).
 *
 * @param argument  of the command
 * @param node      filled on OK
 * @return          OK, MALFORMED, NOT_ASCII, TOO_LONG
 */
EHLO_API enum ehlo_syntax ehlo_parse_node(struct ehlo_slice argument, struct ehlo_node *node);

/** Attributes of XCLIENT and XFORWARD, as bits. */
enum ehlo_attribute {
    EHLO_ATTRIBUTE_NAME = 1 << 0,     /**< host name of the client */
    EHLO_ATTRIBUTE_ADDR = 1 << 1,     /**< its address */
    EHLO_ATTRIBUTE_PORT = 1 << 2,     /**< its port */
    EHLO_ATTRIBUTE_PROTO = 1 << 3,    /**< protocol it spoke */
    EHLO_ATTRIBUTE_HELO = 1 << 4,     /**< name it gave */
    EHLO_ATTRIBUTE_LOGIN = 1 << 5,    /**< XCLIENT: login name */
    EHLO_ATTRIBUTE_DESTADDR = 1 << 6, /**< XCLIENT: address that it connected to */
    EHLO_ATTRIBUTE_DESTPORT = 1 << 7, /**< XCLIENT: port that it connected to */
    EHLO_ATTRIBUTE_IDENT = 1 << 8,    /**< XFORWARD: identifier of the message upstream */
    EHLO_ATTRIBUTE_SOURCE = 1 << 9,   /**< XFORWARD: whether it arose upstream */

    EHLO_ATTRIBUTES_XCLIENT = 0x0ff, /**< all that XCLIENT has */
    EHLO_ATTRIBUTES_XFORWARD = 0x31f /**< all that XFORWARD has */
};

#define EHLO_ATTRIBUTE_MAX 255 /**< octets of a decoded value */
#define EHLO_PROTO_MAX     64  /**< octets of a decoded PROTO of XFORWARD */

/**
 * Takes the next attribute of XCLIENT or XFORWARD: attribute-name "=" attribute-value, the name in
 * any case. The value is cut out, not judged: it should be xtext, but some senders write it as it
 * is, so it may have any graphic ASCII.
 *
 * @param rest       what is left of the argument; moved behind the attribute and the blanks that
 *                   follow on OK
 * @param allowed    enum ehlo_attribute bits of those that were offered
 * @param attribute  on OK the bit of the one found
 * @param value      on OK as sent, never empty
 * @return           OK, END, MALFORMED (a name that is not allowed, too)
 */
EHLO_API enum ehlo_syntax ehlo_next_attribute(struct ehlo_slice *rest, uint32_t allowed,
                                              uint32_t *attribute, struct ehlo_slice *value);

/**
 * Judges the value of an attribute: what its kind asks for, or `[UNAVAILABLE]`; NAME may also be
 * `[TEMPUNAVAIL]`.
 *
 * - ADDR, DESTADDR: an IPv4 address, or `IPV6:` and an IPv6 address; no brackets
 * - PORT, DESTPORT: 0 to 65535
 * - PROTO: SMTP or ESMTP; with XFORWARD any text of EHLO_PROTO_MAX octets
 * - SOURCE: LOCAL or REMOTE
 * - NAME, IDENT, HELO of XFORWARD: text that may stand in a header field: graphic ASCII without
 *   `( ) < > @ , ; \ "`
 * - HELO of XCLIENT, LOGIN: UTF-8 without control octets
 *
 * @param attribute  one bit of enum ehlo_attribute
 * @param decoded    the value, no longer xtext
 * @param forward    it came with XFORWARD
 * @return           OK, MALFORMED (empty, too), TOO_LONG
 */
EHLO_API enum ehlo_syntax ehlo_check_attribute(uint32_t attribute, struct ehlo_slice decoded,
                                               bool forward);

/** What the value of an attribute says. */
enum ehlo_attribute_state {
    EHLO_ATTRIBUTE_KNOWN = 0,       /**< what it is */
    EHLO_ATTRIBUTE_UNAVAILABLE = 1, /**< `[UNAVAILABLE]`: not known */
    EHLO_ATTRIBUTE_TEMPUNAVAIL = 2  /**< `[TEMPUNAVAIL]`: not known at the moment */
};

/** Tells whether a decoded value says that the attribute is not known, in any case. */
EHLO_API enum ehlo_attribute_state ehlo_attribute_state(struct ehlo_slice decoded);

#ifdef __cplusplus
}
#endif

#endif
