/** @file
 * What a server session tells its hooks: the peer, the arguments of commands, how a transaction or
 * the session ended, and the events of the trace.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_EVENTS_H
#define EHLO_EVENTS_H

#include "ehlo/parameters.h"
#include "ehlo/syntax.h"
#include "ehlo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ehlo_server; /**< a session; lies in memory that the host provides */

/** Names one decision of one session for ehlo_server_resume(). 0 names none. */
typedef uint64_t ehlo_token;

/** The peer, as the host knows it. The session keeps the pointer: it must live until on_close has
 * run. */
struct ehlo_peer {
    size_t size; /**< sizeof(struct ehlo_peer) */
    /** the host's running number of the connection: makes
     * tokens of different sessions different, so with pending hooks give each connection another
     * one */
    uint32_t serial;
    uint32_t port;             /**< TCP port of the peer, 0: unknown */
    struct ehlo_slice address; /**< text of the address, "192.0.2.1" or "2001:db8::1", or empty */
    struct ehlo_slice name;    /**< verified name of the address (reverse DNS), or empty */
};

/** Initialiser of the size member: `struct ehlo_peer peer = {EHLO_PEER_DEFAULTS, .port = 25};` */
#define EHLO_PEER_DEFAULTS .size = sizeof(struct ehlo_peer)

/** TLS as the host made it; argument of ehlo_server_tls_started(), which keeps the pointer: it must
 * live until on_close has run. The library looks at `too_weak` alone. Shown in examples/smtpd. */
struct ehlo_tls {
    size_t size;                   /**< sizeof(struct ehlo_tls) */
    struct ehlo_slice version;     /**< "TLSv1.3", or empty */
    struct ehlo_slice cipher;      /**< registered name of the cipher suite, or empty */
    struct ehlo_slice server_name; /**< the name the client asked for (SNI), or empty */
    struct ehlo_slice client_name; /**< who the client's certificate, verified, is for, or empty */
    bool too_weak;                 /**< all but QUIT is refused with 554 5.7.0 (RFC 3207 4.1) */
    uintptr_t reserved[2];         /**< 0 */
};

/** Initialiser of the size member. */
#define EHLO_TLS_DEFAULTS .size = sizeof(struct ehlo_tls)

/** What HELO, EHLO or LHLO told; argument of on_helo. */
struct ehlo_helo {
    /** the name, checked; lives until the hook returns (then see ehlo_server_info()) */
    struct ehlo_host host;
    bool extended;         /**< EHLO or LHLO, not HELO */
    uintptr_t reserved[2]; /**< 0 */
};

#define EHLO_MECHANISM_SERVER_FIRST                                                                \
    1u /**< the server speaks first: an initial response is refused (RFC 4954 4) */
#define EHLO_MECHANISM_CLEAR                                                                       \
    2u /**< offered without TLS too, unless that is required; for mechanisms that do not give the  \
          password away */

/** A SASL mechanism that on_sasl knows; a row of `mechanisms` of the configuration. */
struct ehlo_mechanism {
    const char *name;         /**< 1-20 of A-Z 0-9 - _ (RFC 4422 3.1), as "SCRAM-SHA-256" */
    uint32_t flags;           /**< EHLO_MECHANISM_... */
    uint32_t reserved_number; /**< 0 */
    uintptr_t reserved[2];    /**< 0 */
};

/** Which mechanism the engine has decoded. */
enum ehlo_auth_mechanism {
    EHLO_AUTH_PLAIN = 1, /**< RFC 4616 */
    EHLO_AUTH_LOGIN = 2  /**< never an RFC; has no authorization identity */
};

/** Credentials of AUTH PLAIN or AUTH LOGIN, decoded; argument of on_auth. Slices live until the
 * hook returns, then their octets are wiped. PLAIN: UTF-8, not prepared (RFC 4616 2). */
struct ehlo_auth {
    uint32_t mechanism;               /**< enum ehlo_auth_mechanism */
    uint32_t reserved_number;         /**< 0 */
    struct ehlo_slice authorization;  /**< who to act as; empty: who authenticates */
    struct ehlo_slice authentication; /**< who authenticates; never empty */
    struct ehlo_slice password;       /**< never empty */
    uintptr_t reserved[2];            /**< 0 */
};

/** One step of another mechanism; argument of on_sasl. */
struct ehlo_sasl {
    const struct ehlo_mechanism *mechanism; /**< the row of the configuration */
    /** the client's octets, decoded, perhaps none; live until the hook returns, then wiped. In step
     * 0 of a mechanism whose server speaks first: empty */
    struct ehlo_slice response;
    /** 0: an exchange begins; what an earlier one left, if it was canceled, is void */
    uint32_t step;
    uint32_t reserved_number; /**< 0 */
    uintptr_t reserved[2];    /**< 0 */
};

#define EHLO_MAIL_UTF8       1u /**< SMTPUTF8: UTF-8 in addresses and header (RFC 6531 3.4) */
#define EHLO_MAIL_REQUIRETLS 2u /**< REQUIRETLS (RFC 8689 2) */
#define EHLO_MAIL_PRDR       4u /**< PRDR: a verdict for each recipient is wanted */

/** What MAIL told; argument of on_mail. Slices live until the hook returns. */
struct ehlo_mail {
    struct ehlo_path path; /**< the reverse-path; flags tell `<>` (RFC 5321 4.5.5) */
    /** all parameters as sent; walk them with ehlo_next_parameter() */
    struct ehlo_slice parameters;
    uint64_t declared_size;  /**< SIZE=, octets; 0: not declared (RFC 1870 3) */
    uint32_t body;           /**< enum ehlo_body, BODY= (RFC 6152 2, RFC 3030 3) */
    uint32_t oddities;       /**< enum ehlo_oddity bits of the whole command */
    uint32_t flags;          /**< EHLO_MAIL_... */
    uint32_t ret;            /**< enum ehlo_ret, RET=; HDRS under REQUIRETLS (RFC 8689 5) */
    struct ehlo_slice envid; /**< ENVID=, xtext as sent; empty: none (RFC 3461 4.4) */
    /** AUTH=, xtext as sent; `<>` if the client is not authenticated; empty: none (RFC 4954 5) */
    struct ehlo_slice auth;
    struct ehlo_by by;     /**< BY= (RFC 2852 4); mode 0: none */
    uint32_t hold_for;     /**< HOLDFOR=, seconds; 0: none (RFC 4865 4) */
    int32_t priority;      /**< MT-PRIORITY=, -9..9; 0 is also none (RFC 6710 4.1) */
    int64_t hold_until;    /**< HOLDUNTIL=, seconds since 1970 UTC; 0: none. The host compares it
                                with its clock (RFC 4865 4.2) */
    uintptr_t reserved[8]; /**< 0 */
};

/** What RCPT told; argument of on_rcpt. Slices live until the hook returns. */
struct ehlo_rcpt {
    struct ehlo_path path;        /**< the forward-path */
    struct ehlo_slice parameters; /**< all parameters as sent */
    uint32_t number; /**< RCPT commands of this transaction that reached the hook before this one */
    uint32_t oddities;        /**< enum ehlo_oddity bits of the whole command */
    uint32_t notify;          /**< enum ehlo_notify bits, NOTIFY=; 0: none (RFC 3461 4.1) */
    uint32_t reserved_number; /**< 0 */
    struct ehlo_orcpt orcpt;  /**< ORCPT= (RFC 3461 4.2, RFC 6533 3); form 0: none */
    struct ehlo_rrvs rrvs;    /**< RRVS= (RFC 7293 3.1) */
    uintptr_t reserved[8];    /**< 0 */
};

/** A message whose content is complete; argument of on_message. */
struct ehlo_message {
    uint64_t octets;     /**< content, dots removed (RFC 1870 5) */
    uint32_t recipients; /**< accepted recipients */
    /** LMTP, and PRDR with two recipients or more: which accepted recipient this verdict is for,
     * from 0 in the order of RCPT; else 0, and it is for all */
    uint32_t number;
    uint32_t hops;         /**< Received fields in its header section */
    bool each;             /**< the verdict is for recipient `number` alone */
    uintptr_t reserved[4]; /**< 0 */
};

/** Argument of on_vrfy and on_expn. */
struct ehlo_query {
    struct ehlo_slice text; /**< an atom, a quoted-string or a mailbox, as sent */
    bool utf8;              /**< SMTPUTF8 was given: the reply may have UTF-8 (RFC 6531 3.7.4.2) */
    uintptr_t reserved[2];  /**< 0 */
};

/**
 * What a trusted peer tells of its own client; argument of on_xclient and on_xforward. Slices live
 * until the hook returns, decoded. A value that was not sent is empty.
 */
struct ehlo_attributes {
    uint32_t given;       /**< enum ehlo_attribute bits of all that were sent */
    uint32_t unavailable; /**< those sent as [UNAVAILABLE] or [TEMPUNAVAIL]; their value is empty */
    uint32_t temporary;   /**< those sent as [TEMPUNAVAIL] */
    /** on_xforward: the first since the last transaction, RSET or EHLO, so what was told before is
     * void */
    bool first;
    struct ehlo_slice name;     /**< NAME: verified host name */
    struct ehlo_slice address;  /**< ADDR: text of the address, without "IPV6:" */
    struct ehlo_slice port;     /**< PORT, digits */
    struct ehlo_slice protocol; /**< PROTO */
    struct ehlo_slice helo;     /**< HELO */
    struct ehlo_slice login; /**< LOGIN; believed only if on_xclient calls ehlo_server_identity() */
    struct ehlo_slice destination_address; /**< DESTADDR, without "IPV6:" */
    struct ehlo_slice destination_port;    /**< DESTPORT, digits */
    struct ehlo_slice identity;            /**< IDENT: the peer's name for the message */
    struct ehlo_slice source;              /**< SOURCE: LOCAL or REMOTE */
    uintptr_t reserved[4];                 /**< 0 */
};

/** How a transaction ended. */
enum ehlo_outcome {
    EHLO_OUTCOME_TAKEN = 1,   /**< the message was accepted: a 2yz answers the end of its content */
    EHLO_OUTCOME_PARTLY = 2,  /**< accepted for some recipients (LMTP, PRDR) */
    EHLO_OUTCOME_REFUSED = 3, /**< MAIL or the message was refused */
    EHLO_OUTCOME_ABORTED =
        4 /**< RSET, EHLO, QUIT, the end of the session: no message was answered */
};

/** What ended a transaction or a session. */
enum ehlo_cause {
    EHLO_CAUSE_COMPLETED = 1,    /**< transaction: the content was answered */
    EHLO_CAUSE_MAIL_REFUSED = 2, /**< transaction: MAIL was refused */
    EHLO_CAUSE_RSET = 3,         /**< transaction: RSET */
    EHLO_CAUSE_HELO = 4,         /**< transaction: HELO or EHLO was accepted again */
    EHLO_CAUSE_QUIT = 5,         /**< QUIT */
    EHLO_CAUSE_EOF = 6,          /**< ehlo_server_eof() */
    EHLO_CAUSE_DISCONNECTED = 7, /**< ehlo_server_disconnected() */
    EHLO_CAUSE_TIMEOUT = 8,      /**< ehlo_server_expire() */
    EHLO_CAUSE_SHUTDOWN = 9,     /**< ehlo_server_shutdown() */
    EHLO_CAUSE_LIMIT = 10,       /**< a limit of the session was reached, 421 */
    EHLO_CAUSE_PROTOCOL = 11,    /**< early talker, foreign protocol, forbidden pipelining */
    EHLO_CAUSE_HOST = 12,        /**< a hook's reply closes: 421, 521 or EHLO_REPLY_FLAG_CLOSE */
    EHLO_CAUSE_TLS = 13          /**< the TLS handshake failed */
};

/** The end of a transaction; argument of on_done. */
struct ehlo_done {
    uint32_t outcome;      /**< enum ehlo_outcome */
    uint32_t cause;        /**< enum ehlo_cause */
    uint32_t recipients;   /**< accepted by on_rcpt */
    uint32_t taken;        /**< recipients the message was taken for */
    uint64_t octets;       /**< of content that on_body got */
    uintptr_t reserved[4]; /**< 0 */
};

/**
 * Why on_trace is called. Numbers are stable.
 */
enum ehlo_trace_reason {
    EHLO_TRACE_COMMAND = 1, /**< a command line was read; `text`: the line without CR LF. AUTH is
                               told without what follows the mechanism, a response within AUTH as
                               `<hidden>`, a line that is too long by its verb. What a client sends
                               on behind an AUTH that was refused is a command like others */
    EHLO_TRACE_REPLY =
        2, /**< a reply was formatted; `text`: its lines with CR LF; `number`: its id */
    EHLO_TRACE_STATE = 3,   /**< the protocol state changed; `number`: enum ehlo_server_state */
    EHLO_TRACE_CONTENT = 4, /**< the content ended; `number`: its octets on delivery */
    EHLO_TRACE_CLOSED = 5,  /**< the session is over; `number`: enum ehlo_cause */

    EHLO_TRACE_ODDITY = 20,       /**< tolerated spelling; `number`: enum ehlo_oddity bits */
    EHLO_TRACE_EARLY_TALKER = 21, /**< octets came before the greeting was sent */
    EHLO_TRACE_PIPELINING =
        22, /**< input stood behind a command that must be the last of its group (RFC 2920 3.1) */
    EHLO_TRACE_FOREIGN = 23,   /**< another protocol's words: HTTP, TLS, a header field */
    EHLO_TRACE_BARE_LF = 24,   /**< bare LF in content; once, at its end */
    EHLO_TRACE_BARE_CR = 25,   /**< bare CR in content; once, at its end */
    EHLO_TRACE_NUL = 26,       /**< NUL in content; once, at its end */
    EHLO_TRACE_BAD_LINE = 27,  /**< bare CR, LF or NUL in a command line */
    EHLO_TRACE_INJECTION = 28, /**< octets behind STARTTLS, before TLS */

    EHLO_TRACE_LINE_LIMIT = 40,      /**< command line too long */
    EHLO_TRACE_SIZE_LIMIT = 41,      /**< declared or received size over the limit */
    EHLO_TRACE_RECIPIENT_LIMIT = 42, /**< recipients of a transaction */
    EHLO_TRACE_HOP_LIMIT = 43,       /**< Received fields */
    /** half of the errors are used up: a host may slow down its replies (`number`: errors) */
    EHLO_TRACE_ERROR_HINT = 44,
    EHLO_TRACE_ERROR_LIMIT = 45, /**< errors */
    EHLO_TRACE_JUNK_LIMIT = 46,  /**< commands that do nothing; from here on they count as errors */
    EHLO_TRACE_REFUSED_LIMIT = 47,      /**< refused recipients */
    EHLO_TRACE_TRANSACTION_LIMIT = 48,  /**< MAIL commands */
    EHLO_TRACE_PARAMETER_LIMIT = 49,    /**< parameters of one command */
    EHLO_TRACE_HEADER_LIMIT = 50,       /**< octets of the header section */
    EHLO_TRACE_CONTENT_LINE_LIMIT = 51, /**< octets of a line of content */
    EHLO_TRACE_AUTH_LIMIT = 52,         /**< failed AUTH commands */
    EHLO_TRACE_DOMAIN_LIMIT = 53,       /**< domains of recipients in this session */

    EHLO_TRACE_HOST_FAULT =
        60, /**< a hook's verdict was zeroed, invalid or misplaced; `number`: its id */
    EHLO_TRACE_HOST_REPLY = 61 /**< on_reply changed what it may not change: undone */
};

/** Argument of on_trace. Lives until the hook returns. */
struct ehlo_trace {
    uint32_t reason;          /**< enum ehlo_trace_reason */
    uint32_t reserved_number; /**< 0 */
    uint64_t number;          /**< see the reason */
    struct ehlo_slice text;   /**< see the reason */
    uintptr_t reserved[2];    /**< 0 */
};

/** The states of the protocol (RFC 5321 4.1.4). */
enum ehlo_server_state {
    EHLO_STATE_CONNECT = 0, /**< before the greeting */
    EHLO_STATE_FRESH = 1,   /**< greeted; HELO or EHLO is expected */
    EHLO_STATE_READY = 2,   /**< MAIL is possible */
    /** as READY, behind a refused MAIL: what was pipelined to it is out of order (RFC 2920 3.2) */
    EHLO_STATE_MAIL_REFUSED = 3,
    EHLO_STATE_MAIL = 4,           /**< a transaction without a RCPT tried */
    EHLO_STATE_NO_RCPT = 5,        /**< a transaction whose RCPTs were all refused */
    EHLO_STATE_RCPT = 6,           /**< a transaction with an accepted recipient */
    EHLO_STATE_CONTENT = 7,        /**< behind 354 */
    EHLO_STATE_REFUSED = 8,        /**< greeted with 554: only QUIT (RFC 5321 3.1) */
    EHLO_STATE_CLOSED = 9,         /**< over; the last reply may still be unsent */
    EHLO_STATE_CHUNKS = 10,        /**< between BDAT chunks (RFC 3030 2) */
    EHLO_STATE_CHUNKS_FAILED = 11, /**< the same, one was refused: only RSET or LAST clears it */
    EHLO_STATE_AUTH = 12,          /**< within AUTH: the next line is a response (RFC 4954 4) */
    EHLO_STATE_TLS = 13            /**< 220 was said: TLS is to start (RFC 3207 4) */
};

#ifdef __cplusplus
}
#endif

#endif
