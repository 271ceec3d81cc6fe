/** @file
 * Replies: the object that every hook answers with, and the catalogue that all words come from.
 *
 * A reply has a basic code (RFC 5321 4.2), an enhanced code (RFC 2034, RFC 3463) and a phrase. The
 * catalogue gives all three for a fixed id; a host may also make its own with ehlo_reply_custom().
 * Shown in use by examples/stdio.c and examples/replies/.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_REPLY_H
#define EHLO_REPLY_H

#include "ehlo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An enhanced code, class.subject.detail (RFC 3463 2). */
struct ehlo_enhanced {
    uint8_t klass;    /**< 2, 4 or 5, the first digit of the basic code; 0: there is none */
    uint8_t reserved; /**< 0 */
    uint16_t subject; /**< 0..999 */
    uint16_t detail;  /**< 0..999 */
};

/** A reply, and so a verdict. Passed by value; its text lives as ehlo.h says of verdicts. */
struct ehlo_reply {
    uint16_t id;                   /**< enum ehlo_reply_id */
    uint16_t code;                 /**< basic code, 200..599, second digit 0..5 (RFC 5321 4.2) */
    struct ehlo_enhanced enhanced; /**< klass 0: none; then X.0.0 is printed where one must be */
    uint16_t flags;                /**< EHLO_REPLY_FLAG_... */
    struct ehlo_slice phrase;      /**< text; '\n' separates the lines of a multi-line reply */
    struct ehlo_slice subject;     /**< what it is about (an address, a host), or empty */
    uintptr_t reserved;            /**< 0 */
};

/** The session ends when this reply has been sent. 421 always does (RFC 5321 3.8). */
#define EHLO_REPLY_FLAG_CLOSE 1u

/** Which of a row's two pairs of codes is sent. */
enum ehlo_codes {
    EHLO_CODES_TABLE = 0, /**< the policy table's own codes, greeting and EHLO replies included */
    EHLO_CODES_REGISTRY =
        1 /**< the codes registered with IANA (RFC 5248); none in greeting and EHLO */
};

/** The longest subject that is printed, in octets; what is longer is cut. */
#define EHLO_SUBJECT_MAX 256

/** The longest reply line, CR LF included, in octets (RFC 5321 4.5.3.1.5). */
#define EHLO_REPLY_LINE_MAX 512

/**
 * The ids of all replies. The numbers are fixed for ever. The comment of each gives what is
 * printed: codes as in EHLO_CODES_TABLE, those of EHLO_CODES_REGISTRY where they differ, phrase.
 * `%s` is the place of the subject; in other phrases the subject stands in front.
 * ehlo_reply_description() and ehlo_reply_remedy() tell what each one means and what to do.
 */
enum ehlo_reply_id {
    EHLO_REPLY_CUSTOM = 0,       /**< made by the host; a zeroed object is no valid reply */
    EHLO_REPLY_ACCEPT = 1001,    /**< a verdict only: yes, with the engine's own positive reply */
    EHLO_REPLY_PENDING = 1002,   /**< a verdict only: decided later by ehlo_server_resume() */
    EHLO_REPLY_CHALLENGE = 1003, /**< a verdict only: the phrase is a SASL challenge, raw octets */

    /* The 50 policy replies: the rows of the reply table */
    /** 500 5.5.1 (registry: 500 5.5.2) Command unrecognized */
    EHLO_REPLY_COMMAND_UNRECOGNIZED = 1,
    EHLO_REPLY_DOMAIN_REQUIRED = 2,  /**< 501 5.5.2 (registry: 501 5.1.7) Domain name required */
    EHLO_REPLY_UNBALANCED = 3,       /**< 501 5.5.2 Unbalanced */
    EHLO_REPLY_PARAMETER_SYNTAX = 4, /**< 501 5.5.4 Syntax error in parameters scanning */
    /** 501 5.5.1 (registry: 501 5.5.4) HELO/EHLO requires domain address */
    EHLO_REPLY_HELO_NEEDS_DOMAIN = 5,
    EHLO_REPLY_AUTH_CANCELED = 6,    /**< 501 5.0.0 (registry: 501 5.7.0) Authentication canceled */
    EHLO_REPLY_MESSAGE_TOO_LONG = 7, /**< 501 5.7.1 (registry: 552 5.3.4) Message is too long */
    EHLO_REPLY_SENDER_DENIED = 8,    /**< 501 5.7.1 (registry: 550 5.7.1) Permission denied */
    /** 501 5.7.1 (registry: 501 5.1.8) Sender domain must exist */
    EHLO_REPLY_SENDER_DOMAIN_MUST_EXIST = 9,
    /** 501 5.7.1 (registry: 550 5.7.25) Sender IP must resolve */
    EHLO_REPLY_SENDER_IP_MUST_RESOLVE = 10,
    /** 501 5.7.1 (registry: 550 5.7.1) Sender refused by the DNSBL */
    EHLO_REPLY_SENDER_IN_DNSBL = 11,
    EHLO_REPLY_SOFT_QUOTA = 12, /**< 501 5.7.1 (registry: 550 5.7.1) Soft quota applied */
    /** 502 5.5.1 Sorry, we do not support this operation */
    EHLO_REPLY_OPERATION_NOT_SUPPORTED = 13,
    EHLO_REPLY_BAD_SEQUENCE = 14,          /**< 503 5.5.1 Incorrect command sequence */
    EHLO_REPLY_ALREADY_AUTHENTICATED = 15, /**< 503 5.5.1 Authentication already done */
    EHLO_REPLY_HELO_REQUIRED = 16,         /**< 503 5.5.1 HELO/EHLO command required */
    EHLO_REPLY_HELO_ALREADY_GIVEN = 17,    /**< 503 5.5.1 HELO/EHLO already specified */
    /** 504 5.7.6 (registry: 504 5.5.4) Unrecognized authentication type */
    EHLO_REPLY_AUTH_TYPE_UNRECOGNIZED = 18,
    /** 530 5.7.1 (registry: 530 5.7.0) Authentication required [AUTH] */
    EHLO_REPLY_AUTH_REQUIRED = 19,
    /** 535 5.7.1 (registry: 535 5.7.8) Authentication credentials invalid */
    EHLO_REPLY_AUTH_INVALID = 20,
    EHLO_REPLY_USER_UNKNOWN = 21, /**< 550 5.1.1 User unknown; rejecting */
    /** 550 5.1.1 User %s has invalid forward set and no mailbox; rejecting */
    EHLO_REPLY_INVALID_FORWARD = 22,
    EHLO_REPLY_SRS_CHECK_FAILED = 23, /**< 550 5.7.1 Access to recipient not allowed [SPF-SRS] */
    EHLO_REPLY_RELAY_DENIED = 24,     /**< 550 5.7.1 We do not relay */
    EHLO_REPLY_RELAY_LIMIT = 25,      /**< 550 5.7.1 We do not relay, account limits apply */
    EHLO_REPLY_LOCAL_ONLY = 26, /**< 550 5.7.1 You have rights to send mail to local domains only */
    EHLO_REPLY_ACCESS_NOT_ALLOWED = 27,    /**< 550 5.7.1 Access not allowed */
    EHLO_REPLY_ACCESS_DENIED_BY_RULE = 28, /**< 550 5.7.1 Access to %s not allowed by rules */
    EHLO_REPLY_RECIPIENT_DENIED = 29,      /**< 550 5.7.1 Permission denied */
    EHLO_REPLY_UNKNOWN_LOCAL_USER = 30,    /**< 550 5.1.1 Unknown local user */
    EHLO_REPLY_UNKNOWN_USER = 31,          /**< 550 5.1.1 Unknown user; rejecting */
    EHLO_REPLY_NO_SUCH_USER = 32, /**< 551 5.1.1 (registry: 550 5.1.1) No such user found */
    EHLO_REPLY_NO_SUCH_LIST = 33, /**< 551 5.1.1 (registry: 550 5.1.1) No such mailing list found */
    EHLO_REPLY_MAILBOX_FULL = 34, /**< 552 5.2.2 Mailbox has exceeded the limit */
    /** 554 5.3.4 (registry: 552 5.3.4) Message size exceeds fixed maximum message size */
    EHLO_REPLY_MESSAGE_TOO_BIG = 35,
    EHLO_REPLY_CONNECTION_DENIED = 36, /**< 554 5.7.1 Permission denied */
    /** 554 5.7.1 (registry: 550 5.7.1) Message cannot be accepted, rules rejection */
    EHLO_REPLY_REJECTED_BY_RULE = 37,
    /** 554 5.7.1 (registry: 554 5.6.0) Message cannot be accepted, virus found */
    EHLO_REPLY_REJECTED_VIRUS = 38,
    /** 554 5.7.1 (registry: 554 5.6.0) Message cannot be accepted, content filter rejection */
    EHLO_REPLY_REJECTED_BY_CONTENT_FILTER = 39,
    /** 554 5.7.1 (registry: 550 5.7.1) Message cannot be accepted, spam filter rejection */
    EHLO_REPLY_REJECTED_BY_SPAM_FILTER = 40,
    /** 554 5.7.1 (registry: 550 5.7.1) Message cannot be accepted, spam rejection */
    EHLO_REPLY_REJECTED_SPAM = 41,
    /** 554 5.7.1 (registry: 550 5.7.1) Message deleted by filter */
    EHLO_REPLY_DELETED_BY_FILTER = 42,
    /** 554 5.7.1 (registry: 550 5.7.1) Message cannot be accepted, filter rejection */
    EHLO_REPLY_REJECTED_BY_FILTER = 43,
    /** 554 5.7.1 Permission denied. Maximal parallel connections from this IP reached */
    EHLO_REPLY_TOO_MANY_CONNECTIONS = 44,
    /** 554 (registry: 554 5.4.1) Could not connect and send the mail to recipient */
    EHLO_REPLY_REMOTE_UNREACHABLE = 45,
    /** 554 (registry: 554 5.7.5) Could not verify SSL connection */
    EHLO_REPLY_REMOTE_TLS_UNVERIFIED = 46,
    /** 554 (registry: 554 5.3.0) Permanent problems with the remote server */
    EHLO_REPLY_REMOTE_FAILURE = 47,
    EHLO_REPLY_MX_QUERY_FAILED = 48, /**< 554 (registry: 550 5.4.3) %s while issuing MX query */
    EHLO_REPLY_DNS_UNREACHABLE = 49, /**< 554 (registry: 550 5.4.3) Could not resolve target DNS */
    EHLO_REPLY_TOO_MANY_HOPS = 50,   /**< 554 (registry: 554 5.4.6) Too many hops */

    /* Positive */
    EHLO_REPLY_GREETING = 101,      /**< 220 ESMTP ready */
    EHLO_REPLY_LMTP_GREETING = 102, /**< 220 LMTP ready */
    EHLO_REPLY_EHLO_OK = 103,       /**< 250 at your service */
    EHLO_REPLY_HELO_OK = 104,       /**< 250 says hello */
    EHLO_REPLY_TLS_GO = 105,        /**< 220 2.0.0 Ready to start TLS */
    EHLO_REPLY_CLOSING = 106,       /**< 221 2.0.0 Goodbye */
    EHLO_REPLY_AUTH_OK = 107,       /**< 235 2.7.0 Authentication successful */
    EHLO_REPLY_SENDER_OK = 108,     /**< 250 2.1.0 Sender accepted */
    EHLO_REPLY_RECIPIENT_OK = 109,  /**< 250 2.1.5 Recipient accepted */
    EHLO_REPLY_MESSAGE_OK = 110,    /**< 250 2.0.0 Message accepted */
    EHLO_REPLY_DELIVERED = 111,     /**< 250 2.1.5 Message accepted for this recipient */
    EHLO_REPLY_CHUNK_OK = 112,      /**< 250 2.0.0 %s octets received */
    EHLO_REPLY_RSET_OK = 113,       /**< 250 2.0.0 Transaction cleared */
    EHLO_REPLY_NOOP_OK = 114,       /**< 250 2.0.0 Nothing done */
    EHLO_REPLY_HELP_OK = 115,       /**< 214 2.0.0 Commands: %s */
    /** 252 2.0.0 Not verified; send the message and delivery will be tried */
    EHLO_REPLY_CANNOT_VERIFY = 116,
    /** 252 2.6.8 The answer needs UTF-8; repeat with SMTPUTF8 */
    EHLO_REPLY_UTF8_REPLY_WITHHELD = 117,
    EHLO_REPLY_PRIORITY_CHANGED = 118,  /**< 250 2.3.6 %s is the priority now */
    EHLO_REPLY_XFORWARD_OK = 119,       /**< 250 2.0.0 Attributes noted */
    EHLO_REPLY_COMMAND_OK = 120,        /**< 250 2.0.0 Done */
    EHLO_REPLY_MESSAGE_PARTLY_OK = 121, /**< 250 2.0.0 Message accepted for some recipients */

    /* Positive, from hooks only */
    EHLO_REPLY_VRFY_OK = 131,             /**< 250 2.1.5 %s */
    EHLO_REPLY_RECIPIENT_FORWARDED = 132, /**< 251 2.1.5 User not local, will forward to %s */
    EHLO_REPLY_ETRN_STARTED = 133,        /**< 250 2.5.0 Queue run for node %s started */
    EHLO_REPLY_ETRN_NOTHING = 134,        /**< 251 2.5.0 No messages waiting for node %s */
    /** 252 2.5.0 Delivery of waiting messages for node %s started */
    EHLO_REPLY_ETRN_PENDING = 135,
    EHLO_REPLY_ETRN_PENDING_COUNT = 136, /**< 253 2.5.0 %s waiting messages, delivery started */

    /* Intermediate */
    EHLO_REPLY_AUTH_CHALLENGE = 141, /**< 334 %s */
    EHLO_REPLY_DATA_GO = 142, /**< 354 Start the message; end it with a line holding only a dot */
    EHLO_REPLY_PRDR_BEGIN = 143, /**< 353 One reply for each recipient follows */

    /* Transient */
    EHLO_REPLY_TIMED_OUT = 151,       /**< 421 4.4.2 Waited too long, closing connection */
    EHLO_REPLY_SHUTTING_DOWN = 152,   /**< 421 4.3.2 Server is shutting down, try again later */
    EHLO_REPLY_TOO_MANY_ERRORS = 153, /**< 421 4.7.0 Too many errors, closing connection */
    /** 421 4.7.0 Too many failed authentications, closing connection */
    EHLO_REPLY_TOO_MANY_AUTH_FAILURES = 154,
    EHLO_REPLY_TOO_MANY_TRANSACTIONS = 155, /**< 421 4.7.0 Too many messages on this connection */
    /** 421 4.7.0 Too many refused recipients, closing connection */
    EHLO_REPLY_TOO_MANY_REFUSED_RECIPIENTS = 156,
    EHLO_REPLY_ENGINE_FAULT = 157, /**< 421 4.3.0 Internal fault, closing connection */
    EHLO_REPLY_HOST_FAULT = 158,   /**< 451 4.3.0 No valid decision was made, try again later */
    /** 451 4.3.0 Cannot take messages now, try again later */
    EHLO_REPLY_CANNOT_TAKE_MESSAGES = 159,
    EHLO_REPLY_TLS_NOT_AVAILABLE = 160, /**< 454 4.7.0 TLS is not available at the moment */
    /** 454 4.7.0 Cannot authenticate at the moment, try again later */
    EHLO_REPLY_AUTH_NOT_NOW = 161,
    EHLO_REPLY_TOO_MANY_RECIPIENTS = 162,        /**< 452 4.5.3 Too many recipients */
    EHLO_REPLY_TOO_MANY_RECIPIENT_DOMAINS = 163, /**< 452 4.5.3 Too many recipient domains */

    /* Transient, from hooks only */
    EHLO_REPLY_GREYLISTED = 171,           /**< 451 4.7.1 Greylisted, try again later */
    EHLO_REPLY_MAILBOX_BUSY = 172,         /**< 450 4.2.1 Mailbox is busy, try again later */
    EHLO_REPLY_INSUFFICIENT_STORAGE = 173, /**< 452 4.3.1 Not enough storage, try again later */
    EHLO_REPLY_MAILBOX_FULL_FOR_NOW = 174, /**< 452 4.2.2 Mailbox is full, try again later */
    EHLO_REPLY_LOCAL_ERROR = 175,          /**< 451 4.3.0 Local error, try again later */
    EHLO_REPLY_SERVICE_BUSY = 176,         /**< 421 4.3.0 Service is busy, try again later */
    EHLO_REPLY_CONNECTION_LIMIT = 177,     /**< 421 4.7.0 Too many connections, try again later */
    EHLO_REPLY_RATE_LIMITED = 178, /**< 451 4.7.1 Too much at once, slow down and try again later */
    /** 450 4.7.28 Looks like a flood of mail, try again later */
    EHLO_REPLY_MAIL_FLOOD_FOR_NOW = 179,
    EHLO_REPLY_CONGESTED = 180,     /**< 451 4.4.5 System is congested, try again later */
    EHLO_REPLY_LOOKUP_FAILED = 181, /**< 451 4.4.3 A look-up failed, try again later */
    /** 451 4.1.8 The sender's domain cannot be checked now */
    EHLO_REPLY_SENDER_DOMAIN_UNCHECKED = 182,
    EHLO_REPLY_RECIPIENT_UNCHECKED = 183, /**< 451 4.1.1 The recipient cannot be checked now */
    /** 451 4.4.1 The next host does not answer, try again later */
    EHLO_REPLY_NEXT_HOP_SILENT = 184,
    EHLO_REPLY_SPF_ERROR_FOR_NOW = 185,     /**< 451 4.7.24 SPF check failed on a temporary error */
    EHLO_REPLY_LIST_EXPANSION_FAILED = 186, /**< 450 4.2.4 Mailing list cannot be expanded now */
    EHLO_REPLY_PASSWORD_TRANSITION = 187,   /**< 432 4.7.12 A password transition is needed */
    EHLO_REPLY_PARAMETER_NOT_NOW = 188, /**< 455 4.5.0 Cannot honour a parameter at the moment */
    EHLO_REPLY_ETRN_NO_MESSAGES = 189,  /**< 458 4.5.0 Cannot queue messages for node %s */
    EHLO_REPLY_ETRN_NOT_ALLOWED = 190,  /**< 459 4.5.0 Node %s not allowed here */
    EHLO_REPLY_PRIORITY_TOO_LOW_FOR_NOW = 191, /**< 450 4.7.15 Priority is too low at the moment */

    /* Permanent */
    /** 501 5.5.4 (registry: 501 5.1.7) Syntax error in parameters scanning */
    EHLO_REPLY_SENDER_SYNTAX = 201,
    /** 501 5.5.4 (registry: 501 5.1.3) Syntax error in parameters scanning */
    EHLO_REPLY_RECIPIENT_SYNTAX = 202,
    /** 501 5.5.4 (registry: 501 5.5.2) Syntax error in parameters scanning */
    EHLO_REPLY_CONTROL_OCTETS = 203,
    /** 501 5.5.4 (registry: 501 5.5.2) Syntax error in parameters scanning */
    EHLO_REPLY_PRIORITY_SYNTAX = 204,
    /** 501 5.5.4 (registry: 501 5.7.0) Syntax error in parameters scanning */
    EHLO_REPLY_AUTH_INITIAL_UNWANTED = 205,
    EHLO_REPLY_SENDER_UNBALANCED = 206,    /**< 501 5.5.2 (registry: 501 5.1.7) Unbalanced */
    EHLO_REPLY_RECIPIENT_UNBALANCED = 207, /**< 501 5.5.2 (registry: 501 5.1.3) Unbalanced */
    /** 501 5.5.2 (registry: 501 5.1.3) Domain name required */
    EHLO_REPLY_RECIPIENT_DOMAIN_REQUIRED = 208,
    /** 504 5.7.6 (registry: 501 5.5.4) Unrecognized authentication type */
    EHLO_REPLY_AUTH_TYPE_MISSING = 209,
    /** 503 5.5.1 (registry: 554 5.5.1) Incorrect command sequence */
    EHLO_REPLY_NO_VALID_RECIPIENTS = 210,
    EHLO_REPLY_BAD_LINE = 211,           /**< 500 5.5.2 Bare CR, bare LF or NUL in a command */
    EHLO_REPLY_LINE_TOO_LONG = 212,      /**< 500 5.5.2 Command line is too long */
    EHLO_REPLY_AUTH_LINE_TOO_LONG = 213, /**< 500 5.5.6 Authentication response is too long */
    EHLO_REPLY_BAD_BASE64 = 214,         /**< 501 5.5.2 Response is not valid base64 */
    EHLO_REPLY_STARTTLS_REQUIRED = 215,  /**< 530 5.7.0 Must issue a STARTTLS command first */
    EHLO_REPLY_PLAINTEXT_AFTER_STARTTLS = 216, /**< 554 5.5.0 Unencrypted data after STARTTLS */
    /** 554 5.5.0 Commands were sent without waiting for the reply */
    EHLO_REPLY_PIPELINING_FORBIDDEN = 217,
    EHLO_REPLY_TLS_TOO_WEAK = 218,      /**< 554 5.7.0 The TLS connection is too weak */
    EHLO_REPLY_UNKNOWN_PARAMETER = 219, /**< 555 5.5.4 Parameter not recognized or not supported */
    /** 555 5.5.4 The delivery time is below the minimum */
    EHLO_REPLY_DELIVERY_TIME_TOO_SHORT = 220,
    /** 554 5.1.8 The sender's domain is not fully qualified */
    EHLO_REPLY_SENDER_NOT_QUALIFIED = 221,
    /** 554 5.1.2 The recipient's domain is not fully qualified */
    EHLO_REPLY_RECIPIENT_NOT_QUALIFIED = 222,
    /** 550 5.6.7 A non-ASCII sender needs the SMTPUTF8 parameter */
    EHLO_REPLY_SENDER_NOT_ASCII = 223,
    /** 553 5.6.7 A non-ASCII recipient needs the SMTPUTF8 parameter */
    EHLO_REPLY_RECIPIENT_NOT_ASCII = 224,
    EHLO_REPLY_SOURCE_ROUTE_REFUSED = 225,  /**< 550 5.7.1 Source routes are not taken */
    EHLO_REPLY_CONTENT_LINE_END = 226,      /**< 550 5.5.2 Bare CR or LF in the message */
    EHLO_REPLY_CONTENT_NUL = 227,           /**< 554 5.6.0 NUL octet in the message */
    EHLO_REPLY_CONTENT_LINE_TOO_LONG = 228, /**< 554 5.6.0 A line of the message is too long */
    /** 554 5.6.1 The message has 8-bit octets that were not declared */
    EHLO_REPLY_CONTENT_8BIT = 229,
    EHLO_REPLY_HEADER_TOO_BIG = 230,  /**< 552 5.3.4 The header section is too big */
    EHLO_REPLY_NO_MAIL_SERVICE = 231, /**< 521 5.3.2 This host takes no mail */
    /** 550 5.7.0 This command is not permitted from your address */
    EHLO_REPLY_PEER_NOT_APPROVED = 232,

    /* Permanent, from hooks only */
    EHLO_REPLY_SENDER_NULL_MX = 241, /**< 550 5.7.27 The sender's domain takes no mail (null MX) */
    /** 556 5.1.10 The recipient's domain takes no mail (null MX) */
    EHLO_REPLY_RECIPIENT_NULL_MX = 242,
    EHLO_REPLY_DKIM_NONE_PASSED = 243,     /**< 550 5.7.20 No DKIM signature passed */
    EHLO_REPLY_DKIM_NONE_ACCEPTABLE = 244, /**< 550 5.7.21 No DKIM signature is acceptable */
    EHLO_REPLY_DKIM_AUTHOR_MISMATCH = 245, /**< 550 5.7.22 No valid DKIM signature of the author */
    EHLO_REPLY_SPF_FAILED = 246,           /**< 550 5.7.23 SPF validation failed */
    EHLO_REPLY_SPF_ERROR = 247,            /**< 550 5.7.24 SPF record is in error */
    EHLO_REPLY_REVERSE_DNS_FAILED = 248,   /**< 550 5.7.25 Reverse DNS validation failed */
    /** 550 5.7.26 Several sender authentication checks failed */
    EHLO_REPLY_SENDER_AUTHENTICITY_FAILED = 249,
    EHLO_REPLY_MAIL_FLOOD = 250, /**< 550 5.7.28 Looks like a flood of mail */
    EHLO_REPLY_ARC_FAILED = 251, /**< 550 5.7.29 ARC validation failed */
    /** 550 5.7.30 REQUIRETLS cannot be honoured on the next hop */
    EHLO_REPLY_REQUIRETLS_UNMET = 252,
    EHLO_REPLY_ENCRYPTION_NEEDED = 253,     /**< 523 5.7.10 Encryption is needed */
    EHLO_REPLY_AUTH_ACCOUNT_DISABLED = 254, /**< 525 5.7.13 The account is disabled */
    EHLO_REPLY_AUTH_TOO_WEAK = 255, /**< 534 5.7.9 The authentication mechanism is too weak */
    /** 538 5.7.11 This authentication mechanism needs encryption */
    EHLO_REPLY_AUTH_NEEDS_ENCRYPTION = 256,
    EHLO_REPLY_MAILBOX_NAME_INVALID = 257, /**< 553 5.1.3 Mailbox name is not allowed */
    EHLO_REPLY_MAILBOX_AMBIGUOUS = 258,    /**< 553 5.1.4 Mailbox name is ambiguous */
    EHLO_REPLY_MAILBOX_DISABLED = 259,     /**< 550 5.2.1 Mailbox is disabled */
    EHLO_REPLY_MAILBOX_MOVED = 260,        /**< 550 5.1.6 Mailbox has moved and left no address */
    EHLO_REPLY_USER_NOT_LOCAL = 261,       /**< 551 5.7.1 User not local; please try %s */
    EHLO_REPLY_BAD_DOMAIN = 262,           /**< 550 5.1.2 The recipient's domain does not exist */
    /** 552 5.2.3 Message is too big for this mailbox */
    EHLO_REPLY_MESSAGE_TOO_BIG_FOR_MAILBOX = 263,
    /** 550 5.7.2 Mailing list may not be used or expanded */
    EHLO_REPLY_LIST_EXPANSION_DENIED = 264,
    EHLO_REPLY_SITE_POLICY = 265,     /**< 550 5.7.0 Refused by site policy */
    EHLO_REPLY_CONTENT_REFUSED = 266, /**< 554 5.6.0 The content of the message is refused */
    /** 554 5.6.3 The message would need a conversion that is not possible */
    EHLO_REPLY_CONVERSION_IMPOSSIBLE = 267,
    EHLO_REPLY_UTF8_HEADER_REFUSED = 268, /**< 554 5.6.9 A recipient cannot take a UTF-8 header */
    /** 550 5.6.8 The refusal needs UTF-8; repeat with SMTPUTF8 */
    EHLO_REPLY_UTF8_REPLY_NEEDED = 269,
    EHLO_REPLY_TRANSACTION_FAILED = 270,   /**< 554 5.3.0 Transaction failed */
    EHLO_REPLY_REFUSED_FOR_ALL = 271,      /**< 550 5.7.1 Message refused for all recipients */
    EHLO_REPLY_PRIORITY_TOO_LOW = 272,     /**< 550 5.7.15 Priority is too low */
    EHLO_REPLY_PRIORITY_TOO_BIG = 273,     /**< 552 5.7.16 Message is too big for its priority */
    EHLO_REPLY_OWNER_CHANGED = 274,        /**< 550 5.7.17 The mailbox has a new owner */
    EHLO_REPLY_DOMAIN_OWNER_CHANGED = 275, /**< 550 5.7.18 The domain has a new owner */
    EHLO_REPLY_RRVS_NOT_TESTED = 276, /**< 550 5.7.19 The age of the mailbox cannot be tested */
    EHLO_REPLY_HOLD_QUOTA = 277,      /**< 552 5.2.2 Too much mail is being held for you */
};

/**
 * Makes a reply of a row of the catalogue, with the codes of EHLO_CODES_TABLE; a session that uses
 * the other set exchanges them when it prints.
 *
 * @param id  enum ehlo_reply_id, 1..999
 * @return    the reply; for an id that the catalogue does not have, a zeroed object, which as a
 *            verdict becomes 451 4.3.0 (never an accept)
 */
EHLO_API struct ehlo_reply ehlo_reply(unsigned id);

/**
 * Makes a reply of a row of the catalogue with a subject.
 *
 * @param id       as ehlo_reply()
 * @param subject  printed in place of the phrase's `%s`, or before the phrase; at most
 *                 EHLO_SUBJECT_MAX octets of it; control octets and non-ASCII become `?`
 */
EHLO_API struct ehlo_reply ehlo_reply_about(unsigned id, struct ehlo_slice subject);

/**
 * Makes a reply of the host's own words. They are printed as they are: a `%` means nothing.
 *
 * @param code      200..599, second digit 0..5
 * @param enhanced  "class.subject.detail" without leading zeros; a class that is not the code's
 * first digit is corrected to it (RFC 2034 4); NULL or "": none
 * @param phrase    NUL-terminated text, '\n' between lines; NULL or "": ehlo_reply_resolve() finds
 * words. Lives as ehlo.h says of verdicts:
 * never in a local array of a hook
 * @return          the reply; zeroed if the code or the enhanced code is malformed
 */
EHLO_API struct ehlo_reply ehlo_reply_custom(unsigned code, const char *enhanced,
                                             const char *phrase);

/** Makes the verdict "yes", told with the engine's own positive reply. */
EHLO_API struct ehlo_reply ehlo_accept(void);

/** Makes the verdict "later": the hook has taken ehlo_server_token() and ehlo_server_resume()
 * follows. */
EHLO_API struct ehlo_reply ehlo_pending(void);

/**
 * Makes the verdict "go on with this challenge" (RFC 4954 4).
 *
 * @param octets  the challenge, not yet base64; may be NULL if `length` is 0
 * @param length  octets
 */
EHLO_API struct ehlo_reply ehlo_challenge(const void *octets, size_t length);

/** Returns the same reply with EHLO_REPLY_FLAG_CLOSE set: it is sent, then the session ends. */
EHLO_API struct ehlo_reply ehlo_reply_closing(struct ehlo_reply reply);

/** Tells whether the basic code is a positive completion, 2yz (RFC 5321 4.2.1). */
EHLO_API bool ehlo_reply_is_positive(const struct ehlo_reply *reply);

/**
 * Tells whether a reply can be printed: code 200..599 with second digit 0..5, enhanced class 0 or
 * (not in a 3yz) the code's first digit, subject and detail below 1000, and more than a verdict.
 */
EHLO_API bool ehlo_reply_is_valid(const struct ehlo_reply *reply);

/**
 * Gives a reply the codes of a code set and what is missing in it. A catalogue id whose codes were
 * not changed gets the row's pair in that set; a wrong enhanced class becomes the code's first
 * digit; a 3yz loses its enhanced code; line ends behind the last line of the phrase are dropped.
 * An empty phrase gets the row's, or for a custom reply the one of the first row with these codes;
 * where these say nothing (no enhanced code, or X.0.0) or the row needs a subject, that of its
 * class.
 *
 * @param reply  changed in place
 * @param codes  enum ehlo_codes
 * @return       ehlo_reply_is_valid() of the result; if false the object is left as it was
 */
EHLO_API bool ehlo_reply_resolve(struct ehlo_reply *reply, unsigned codes);

#define EHLO_FORMAT_ENHANCED                                                                       \
    1u /**< print the enhanced code, on each line, if the reply has one                            \
        */
#define EHLO_FORMAT_UTF8                                                                           \
    2u /**< well-formed UTF-8 may pass in the phrase and the subject (RFC 6531 3.7.4.2) */
#define EHLO_FORMAT_MORE 4u /**< further lines follow: the last line gets '-' too */
#define EHLO_FORMAT_SUBJECT                                                                        \
    8u /**< the subject stays whole; where room is short the phrase gives way */

/**
 * Prints a reply as it stands on the wire: "550 5.1.1 <a@b> User unknown; rejecting\r\n".
 *
 * Phrases are split at '\n' (with or without a CR before it) and lines longer than
 * EHLO_REPLY_LINE_MAX are broken, at a space where there is one; every line carries the code and
 * the enhanced code (RFC 2034 4). Control octets, DEL and non-ASCII become `?`. If the reply does
 * not fit into `size`, first the subject is shortened, then lines are left out from the end, then
 * the first is cut; what is written is always one whole well-formed reply. A `%s` counts only in
 * the catalogue's own phrase, where it vanishes, with the space before it, if there is no subject
 * (at the phrase's start it becomes "...", but nothing in 334, where an empty challenge is meant).
 *
 * @param buffer  not NUL-terminated by this function
 * @param size    octets; 16 or more
 * @param reply   resolved and valid
 * @param flags   EHLO_FORMAT_...
 * @return        octets written; 0 if `size` is below 16 or the reply is not valid
 */
EHLO_API size_t ehlo_format_reply(char *buffer, size_t size, const struct ehlo_reply *reply,
                                  unsigned flags);

/** A row of the catalogue. */
struct ehlo_reply_row {
    uint16_t id;                      /**< enum ehlo_reply_id */
    uint16_t code[2];                 /**< basic code, by enum ehlo_codes */
    struct ehlo_enhanced enhanced[2]; /**< enhanced code, by enum ehlo_codes; klass 0: none */
    const char *phrase;               /**< static text; `%s` is the subject's place */
};

/**
 * Looks a row up by its id.
 *
 * @param id   enum ehlo_reply_id
 * @param row  filled if found; not NULL
 * @return     whether the catalogue has it
 */
EHLO_API bool ehlo_reply_row(unsigned id, struct ehlo_reply_row *row);

/**
 * Walks the catalogue in the order of ids.
 *
 * @param id  0 to begin, else the id got last
 * @return    the next id; 0 after the last one
 */
EHLO_API unsigned ehlo_reply_next(unsigned id);

/**
 * Looks a row up by what stands on the wire, also in replies of other servers.
 *
 * @param code      basic code; 0: any
 * @param enhanced  enhanced code; NULL or klass 0: any
 * @param phrase    phrase, compared without case, with or without a subject in it; empty: any. A
 * row whose phrase is only a subject is found by any phrase, but needs the code
 * @return          the lowest id for which all match, in either code set, the pair in one of them;
 * 0: none
 */
EHLO_API unsigned ehlo_reply_find(unsigned code, const struct ehlo_enhanced *enhanced,
                                  struct ehlo_slice phrase);

/**
 * Reads an enhanced code (RFC 3463 2: no leading zeros, class 2, 4 or 5).
 *
 * @param text  exactly the code
 * @param code  filled if well-formed; not NULL
 * @return      whether it is well-formed
 */
EHLO_API bool ehlo_parse_enhanced(struct ehlo_slice text, struct ehlo_enhanced *code);

/*
 * For the operator. These live in an object file of their own, so that a program that does not call
 * them does not carry their text.
 */

/** The name of an id as in enum ehlo_reply_id without EHLO_REPLY_ ("USER_UNKNOWN"); NULL: no such
 * row. */
EHLO_API const char *ehlo_reply_name(unsigned id);

/** The id of a name, compared without case; 0: no such row. */
EHLO_API unsigned ehlo_reply_by_name(struct ehlo_slice name);

/** When this reply is given, in a sentence or two; NULL: no such row. */
EHLO_API const char *ehlo_reply_description(unsigned id);

/** What to do about it, in a sentence or two; NULL: no such row. */
EHLO_API const char *ehlo_reply_remedy(unsigned id);

#ifdef __cplusplus
}
#endif

#endif
