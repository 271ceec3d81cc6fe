/** @file
 * Trace fields: what a server that takes a message writes above it (RFC 5321 4.4).
 *
 * Pure functions that build one header field from facts the host has at hand. Whatever the facts
 * hold, the result is one field: no line break, no unclosed comment, no control octet of theirs
 * gets into it. The library never touches the message itself: the host writes the field before the
 * first octet of content that it was given.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_RECEIVED_H
#define EHLO_RECEIVED_H

#include "ehlo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EHLO_RECEIVED_ESMTP 1u  /**< the session began with EHLO */
#define EHLO_RECEIVED_LMTP  2u  /**< the session began with LHLO */
#define EHLO_RECEIVED_TLS   4u  /**< it runs over TLS */
#define EHLO_RECEIVED_AUTH  8u  /**< the client has authenticated */
#define EHLO_RECEIVED_UTF8  16u /**< MAIL had SMTPUTF8 (RFC 6531 4.3) */

/**
 * The facts of a Received field. All texts but `by` and `date` may be empty; of each, at most the
 * first 255 octets are used. A name or id that is none has `?` in place of foreign octets.
 */
struct ehlo_received {
    size_t size;                    /**< EHLO_RECEIVED_DEFAULTS sets it */
    struct ehlo_slice helo;         /**< name from EHLO; empty: "unknown" is written */
    struct ehlo_slice peer_name;    /**< what DNS calls the peer */
    struct ehlo_slice peer_address; /**< "192.0.2.1", "2001:db8::1"; empty: no TCP-info */
    struct ehlo_slice by;           /**< our name; needed */
    struct ehlo_slice id;           /**< an Atom: our name for the message */
    struct ehlo_slice with;         /**< comment behind the protocol, for instance facts of TLS */
    struct ehlo_slice for_path;     /**< mailbox of the recipient, only where the message has just
                                       one (RFC 5321 7.6); without a domain it is left out */
    struct ehlo_slice date;         /**< date-time of RFC 5322 3.3, four-digit year and numeric
                                       zone, made by the host: the library has no clock; needed */
    struct ehlo_slice tls;          /**< registered name of the cipher suite (RFC 8314 4.3) */
    struct ehlo_slice priority;     /**< MT-PRIORITY value, "-9" to "9" (RFC 6710) */
    uint32_t flags;                 /**< EHLO_RECEIVED_... */
    uint32_t reserved;              /**< 0 */
};

/** To begin an initialiser with: `struct ehlo_received r = {EHLO_RECEIVED_DEFAULTS, ...};` */
#define EHLO_RECEIVED_DEFAULTS .size = sizeof(struct ehlo_received)

/**
 * Writes one Received field, folded, with its CR LF.
 *
 * The protocol is SMTP, or ESMTP or LMTP with S for TLS and A for AUTH, UTF8SMTP and UTF8LMTP with
 * SMTPUTF8 (RFC 3848, RFC 6531 4.3). SMTP has no letters: that is what is registered.
 *
 * @param buffer    may be NULL if `size` is 0; gets no NUL
 * @param size      of `buffer`
 * @param received  the facts
 * @return          octets that the whole field has; more than `size`: nothing was written;
 *                  0: `received` is NULL or of an unknown size, or lacks `by` or `date`
 */
EHLO_API size_t ehlo_format_received(char *buffer, size_t size,
                                     const struct ehlo_received *received);

/**
 * Writes a Return-Path field with its CR LF, for final delivery (RFC 5321 4.4).
 *
 * @param reverse_path  `whole` of struct ehlo_path, or a mailbox; a source route is dropped; empty
 *                      and "<>" are the null reverse-path
 * @return              as ehlo_format_received(); 0: no path
 */
EHLO_API size_t ehlo_format_return_path(char *buffer, size_t size, struct ehlo_slice reverse_path);

#ifdef __cplusplus
}
#endif

#endif
