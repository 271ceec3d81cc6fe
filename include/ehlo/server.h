/** @file
 * The server session: an SMTP server (RFC 5321) without sockets. The host hands in the octets it
 * received, takes out the octets to send, and decides in hooks. Conventions are in ehlo/ehlo.h; the
 * smallest whole program is examples/stdio.c, a full one examples/smtpd.
 *
 * Which function a hook may call: info, token, resume, identity, use at once; shutdown, eof,
 * disconnected are noted and done when the hook has returned; all others return EHLO_ERROR_IN_HOOK
 * (receive and sent: see there).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SERVER_H
#define EHLO_SERVER_H

#include "ehlo/events.h"
#include "ehlo/reply.h"
#include "ehlo/syntax.h"
#include "ehlo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which protocol is spoken. */
enum ehlo_mode {
    EHLO_MODE_SMTP = 0, /**< RFC 5321 */
    /** RFC 6409: AUTH is required, domains must be qualified, DSN is offered, ETRN is not, and
     * on_message has 120 seconds where no other time is set */
    EHLO_MODE_SUBMISSION = 1,
    /** RFC 2033: LHLO in place of HELO and EHLO; on_message is asked once for each accepted
     * recipient */
    EHLO_MODE_LMTP = 2
};

/**
 * Extensions. Those that the engine can keep alone are offered unless `disabled_extensions` has
 * their bit. Those that bind the host to something are offered only if `extensions` has it.
 * STARTTLS, AUTH, ETRN, XCLIENT and XFORWARD are offered where their hook is set.
 */
enum ehlo_extension {
    EHLO_EXTENSION_PIPELINING = 1 << 0, /**< RFC 2920 */
    EHLO_EXTENSION_SIZE = 1 << 1,       /**< RFC 1870 */
    EHLO_EXTENSION_8BITMIME = 1 << 2,   /**< RFC 6152 */
    EHLO_EXTENSION_ENHANCEDSTATUSCODES =
        1 << 3, /**< RFC 2034; switched off, no enhanced code is printed anywhere */
    EHLO_EXTENSION_CHUNKING = 1 << 4, /**< RFC 3030: BDAT, with the hooks of DATA */
    EHLO_EXTENSION_STARTTLS = 1 << 5, /**< RFC 3207; needs on_starttls; never listed under TLS */
    EHLO_EXTENSION_AUTH = 1 << 6,     /**< RFC 4954; needs on_auth or on_sasl */
    EHLO_EXTENSION_ETRN = 1 << 7,     /**< RFC 1985; needs on_etrn; not in submission */
    EHLO_EXTENSION_XCLIENT = 1 << 8,  /**< needs on_xclient */
    EHLO_EXTENSION_XFORWARD = 1 << 9, /**< needs on_xforward */

    /** RFC 3030: the host keeps any octet, and never sends such a message on with DATA; needs
     * CHUNKING */
    EHLO_EXTENSION_BINARYMIME = 1 << 16,
    EHLO_EXTENSION_SMTPUTF8 = 1 << 17,   /**< RFC 6531: UTF-8 in addresses; needs 8BITMIME */
    EHLO_EXTENSION_DSN = 1 << 18,        /**< RFC 3461; in submission offered by default */
    EHLO_EXTENSION_REQUIRETLS = 1 << 19, /**< RFC 8689; listed under TLS only */
    /** RFC 9422: MAILMAX is max_transactions, RCPTMAX max_recipients, RCPTDOMAINMAX
     * max_recipient_domains if set. What is told counts attempts */
    EHLO_EXTENSION_LIMITS = 1 << 20,
    EHLO_EXTENSION_DELIVERBY = 1 << 21, /**< RFC 2852; see min_by_time */
    EHLO_EXTENSION_FUTURERELEASE = 1
                                   << 22, /**< RFC 4865; only in submission, needs its two limits */
    EHLO_EXTENSION_MT_PRIORITY = 1 << 23, /**< RFC 6710; see priority_profile */
    EHLO_EXTENSION_RRVS = 1 << 24,        /**< RFC 7293 */
    EHLO_EXTENSION_PRDR = 1 << 25, /**< per-recipient data responses: on_message for each recipient;
                                  not in LMTP, where that is so anyway */

    EHLO_EXTENSIONS_DEFAULT = 0x3ff,      /**< those offered unless disabled */
    EHLO_EXTENSIONS_OPTIONAL = 0x3ff0000, /**< those offered only if asked for */
    EHLO_EXTENSIONS_ALL = 0x3ff03ff       /**< all bits above */
};

/** Verbs that may be switched off; then they are answered with row 13 and not listed. */
enum ehlo_switch {
    EHLO_SWITCH_VRFY = 1 << 0, /**< VRFY */
    EHLO_SWITCH_EXPN = 1 << 1, /**< EXPN */
    EHLO_SWITCH_HELP = 1 << 2, /**< HELP */
    EHLO_SWITCHES_ALL = 0x7    /**< all bits above */
};

/** An EHLO keyword of the host; a row of `keywords`. tests/unit/test_host_rows.c builds
 * NO-SOLICITING (RFC 3865) and BURL (RFC 4468) of such rows. */
struct ehlo_keyword {
    const char *keyword;   /**< letters, digits, hyphens, 1-32 octets (RFC 5321 4.1.1.1) */
    const char *argument;  /**< printable ASCII behind it, up to 255 octets; NULL: none */
    uintptr_t reserved[2]; /**< 0 */
};

#define EHLO_PARAMETER_OF_MAIL  1u /**< the parameter belongs to MAIL */
#define EHLO_PARAMETER_OF_RCPT  2u /**< ... to RCPT */
#define EHLO_PARAMETER_NO_VALUE 4u /**< it takes no value */
#define EHLO_PARAMETER_BARE     8u /**< it may come without its value */

/** A parameter of MAIL or RCPT that the host knows; a row of `parameters`. The engine lets it pass
 * once a command; the hook finds it with ehlo_next_parameter(). */
struct ehlo_parameter_row {
    const char *keyword;      /**< as the keyword of an EHLO line */
    uint32_t flags;           /**< EHLO_PARAMETER_..., of at least one verb */
    uint32_t reserved_number; /**< 0 */
    /** judges the value (empty if there is none); false: 501. Pure: it gets no session. NULL: any
     */
    bool (*good)(struct ehlo_slice value);
    uintptr_t reserved[2]; /**< 0 */
};

#define EHLO_VERB_EARLY       1u /**< may come before HELO */
#define EHLO_VERB_TRANSACTION 2u /**< only inside a transaction, before its content */
#define EHLO_VERB_IDLE        4u /**< only outside of one */
/**
 * Brings content as a BDAT chunk does, from elsewhere (RFC 4468): needs an accepted recipient, is
 * out of sequence behind DATA, and goes together with BDAT. Where its last word is LAST, on_message
 * is asked once on_command has accepted, and its verdict is the reply. A CR that a BDAT chunk left
 * at its end is a bare one then, and refused whatever the policy.
 */
#define EHLO_VERB_CHUNK 8u
#define EHLO_VERB_LAST                                                                             \
    16u /**< the last of its group: nothing is pipelined behind (RFC 2920 3.1)                     \
         */

/** A verb that the host knows; a row of `verbs`. on_command gets it once its row allows it. */
struct ehlo_verb {
    const char *verb;         /**< 1-16 letters or digits, none of the engine's own */
    uint32_t flags;           /**< EHLO_VERB_... */
    uint32_t reserved_number; /**< 0 */
    uintptr_t reserved[2];    /**< 0 */
};

/** Octets before the greeting was sent (RFC 5321 4.3.1). */
enum ehlo_early {
    EHLO_EARLY_REFUSE = 0, /**< row 36, then close */
    EHLO_EARLY_IGNORE = 1, /**< as if they came later */
    EHLO_EARLY_NOTE = 2    /**< the same, and EHLO_TRACE_EARLY_TALKER */
};

/** Input behind a command that must be the last of its group (RFC 2920 3.1), or any while
 * pipelining was not offered. */
enum ehlo_pipelining {
    EHLO_PIPELINING_NOTE = 0,   /**< EHLO_TRACE_PIPELINING, and it is taken */
    EHLO_PIPELINING_REFUSE = 1, /**< 554 5.5.0, then close */
    EHLO_PIPELINING_IGNORE = 2  /**< it is taken */
};

/** A LF without CR in content, but with BODY=BINARYMIME. In no case does it end the content (RFC
 * 5321 4.1.1.4). */
enum ehlo_bare_lf {
    EHLO_BARE_LF_REFUSE = 0, /**< 550 5.5.2 at the end of the content */
    /** becomes CR LF; a line with only a dot that touches it is dropped. Whoever sends the message
       on must stuff dots again */
    EHLO_BARE_LF_NORMALISE = 1,
    EHLO_BARE_LF_ACCEPT = 2 /**< stays as it is */
};

/** A CR without LF in content, but with BODY=BINARYMIME; never ends a line. */
enum ehlo_bare_cr {
    EHLO_BARE_CR_REFUSE = 0, /**< 550 5.5.2 at the end of the content */
    EHLO_BARE_CR_SPACE = 1,  /**< becomes SP */
    EHLO_BARE_CR_ACCEPT = 2  /**< stays as it is */
};

/** A NUL in content, but with BODY=BINARYMIME (RFC 3030 3). */
enum ehlo_nul {
    EHLO_NUL_REFUSE = 0, /**< 554 5.6.0 at the end of the content */
    EHLO_NUL_STRIP = 1,  /**< dropped */
    EHLO_NUL_ACCEPT = 2  /**< stays as it is */
};

/** Octets above 127 in content that was not declared with BODY=8BITMIME, BODY=BINARYMIME or
 * SMTPUTF8 (RFC 5321 2.4, RFC 6531 3.4). */
enum ehlo_8bit {
    EHLO_8BIT_PASS = 0,  /**< handed on */
    EHLO_8BIT_REFUSE = 1 /**< 554 5.6.1 at the end of the content */
};

/** A source route in a path (RFC 5321 F.2). */
enum ehlo_route {
    EHLO_ROUTE_DROP = 0,  /**< parsed and left out of `mailbox` */
    EHLO_ROUTE_REFUSE = 1 /**< 550 5.7.1 */
};

#define EHLO_UNLIMITED                                                                             \
    UINT64_MAX /**< for max_message_size: no limit, told as "SIZE 0" (RFC 1870 3) */

#define EHLO_DEFAULT_LINE_SIZE        2048 /**< octets */
#define EHLO_DEFAULT_OUTPUT_SIZE      1024 /**< octets */
#define EHLO_DEFAULT_DECISIONS        8
#define EHLO_DEFAULT_MESSAGE_SIZE     33554432 /**< octets */
#define EHLO_DEFAULT_RECIPIENTS       1000
#define EHLO_DEFAULT_HOPS             100
#define EHLO_DEFAULT_ERRORS           20
#define EHLO_DEFAULT_JUNK             100
#define EHLO_DEFAULT_REFUSED          100
#define EHLO_DEFAULT_TRANSACTIONS     1000
#define EHLO_DEFAULT_PARAMETERS       16
#define EHLO_DEFAULT_AUTH_FAILURES    3
#define EHLO_DEFAULT_HEADER_SIZE      1048576 /**< octets */
#define EHLO_DEFAULT_COMMAND_TIMEOUT  300     /**< seconds (RFC 5321 4.5.3.2.7) */
#define EHLO_DEFAULT_CONTENT_TIMEOUT  180     /**< seconds (RFC 5321 4.5.3.2.5) */
#define EHLO_DEFAULT_DECISION_TIMEOUT 120     /**< seconds */
#define EHLO_DEFAULT_MESSAGE_TIMEOUT                                                               \
    540 /**< seconds; less than the client's 600 (RFC 5321 4.5.3.2.6) */
#define EHLO_DEFAULT_SUBMISSION_TIMEOUT                                                            \
    120 /**< seconds, on_message in submission (RFC 6409 5.3)                                      \
         */

/**
 * What a session is to do; one const object for any number of sessions. Every zero is the safe
 * default; only `size` and `hostname` must be set:
 * `static const struct ehlo_server_config config = {EHLO_SERVER_CONFIG_DEFAULTS, .hostname =
 * "mx.example"};` It, and the host name it points to, must live as long as the sessions that use
 * it.
 */
struct ehlo_server_config {
    size_t size; /**< sizeof(struct ehlo_server_config) */
    /** our name: a domain or an address literal (RFC 5321 4.3.1); required */
    const char *hostname;

    uint32_t codes;               /**< enum ehlo_codes */
    uint32_t disabled_extensions; /**< enum ehlo_extension bits: not offered */
    uint32_t extensions;          /**< enum ehlo_extension bits: offered in addition */
    uint32_t disabled_verbs;      /**< enum ehlo_switch bits */
    uint32_t strict;  /**< enum ehlo_oddity bits that are tolerated by default and are not to be */
    uint32_t lenient; /**< enum ehlo_oddity bits that are to be tolerated in addition */

    bool helo_optional; /**< MAIL may come without HELO (default: row 16; RFC 5321 4.1.4) */
    /** a second HELO or EHLO is refused (row 17); RFC 5321 4.1.4 allows it, so does the default */
    bool single_helo;
    bool few_recipients;  /**< max_recipients may be under 100 (RFC 5321 4.5.3.1.8) */
    bool hide_forwarding; /**< 251 and 551 of hooks are told as 250 (VRFY: 252) and 550, without the
                             other address (RFC 5321 3.4) */
    /** a host without mail: greets with 521 (RFC 7504 3), on_connect is not asked */
    bool null_service;
    /** before TLS nothing but HELO, EHLO, LHLO, STARTTLS, NOOP, RSET, HELP and QUIT: 530 5.7.0, and
     * no mechanism is offered (RFC 3207 4) */
    bool require_tls;
    /** before AUTH nothing but HELO, EHLO, LHLO, AUTH, STARTTLS, NOOP, RSET, HELP, QUIT, XCLIENT
     * and XFORWARD: row 19, verbs of the host too (RFC 4954 6). In submission always; there a host
     * grants it by other means with ehlo_server_identity() */
    bool require_auth;
    bool auth_in_clear; /**< PLAIN and LOGIN are offered without TLS too (RFC 4954 4 forbids it) */
    uint8_t mode;       /**< enum ehlo_mode */
    uint8_t early;      /**< enum ehlo_early */
    uint8_t pipelining; /**< enum ehlo_pipelining */
    uint8_t bare_lf;    /**< enum ehlo_bare_lf */
    uint8_t bare_cr;    /**< enum ehlo_bare_cr */
    uint8_t nul;        /**< enum ehlo_nul */
    uint8_t eight_bit;  /**< enum ehlo_8bit */
    uint8_t source_route; /**< enum ehlo_route */

    /** longest command line with CR LF, 512..65535 octets; 0: 2048. Part of the session's memory */
    uint32_t line_size;
    /** octets of the output: 1024..65535; 0: 1024; all lines of the longest EHLO reply have to fit,
     * and 128 more. A challenge of on_sasl has to fit, too, in base64. Part of the session's memory
     */
    uint32_t output_size;
    /** RCPT decisions open at once: 1..64; 0: 8. Part of the session's memory */
    uint32_t decisions;
    /** accepted recipients of a transaction: 100..; 0: 1000 (RFC 5321 4.5.3.1.8) */
    uint32_t max_recipients;
    /** octets of content: 65536..EHLO_UNLIMITED, which needs on_mail (RFC 1870 7); 0: 32 MiB */
    uint64_t max_message_size;
    uint32_t max_hops;   /**< Received fields (RFC 5321 6.3); 0: 100 */
    uint32_t max_errors; /**< faulty commands, until a message is taken or TLS starts; 0: 20 */
    /** NOOP, RSET, VRFY, EXPN, HELP and repeated EHLO before they count as errors, until a message
     * is taken or TLS starts; 0: 100 */
    uint32_t max_junk;
    uint32_t max_refused;       /**< recipients refused with 5yz by on_rcpt in a session; 0: 100 */
    uint32_t max_transactions;  /**< MAIL commands of a session, refused ones too; 0: 1000 */
    uint32_t max_parameters;    /**< of one MAIL or RCPT; 0: 16 */
    uint32_t max_auth_failures; /**< failed AUTH commands of a session: 3..; 0: 3 */
    /** domains of RCPT commands in a session: 1..1000; 0: not counted. Each takes 8 octets of the
     * session's memory (RFC 9422) */
    uint32_t max_recipient_domains;
    uint32_t max_header_size; /**< octets of the header section; 0: 1 MiB */
    /** octets of a line of content with CR LF: 1000..; 0: no limit (RFC 5321 4.5.3.1.6) */
    uint32_t max_content_line;

    uint32_t command_timeout;  /**< seconds to wait for a command; 0: 300 */
    uint32_t content_timeout;  /**< seconds for each 64 KiB of content; 0: 180 */
    uint32_t decision_timeout; /**< seconds for a pending decision; 0: 120 */
    uint32_t message_timeout;  /**< seconds for a pending on_message; 0: 540 */

    uint32_t port;        /**< TCP port it listens at, 0: unknown. LMTP refuses 25 (RFC 2033 5) */
    uint32_t min_by_time; /**< DELIVERBY: least seconds for mode R, ..999999999; 0: none told (RFC
                             2852 3) */
    /** FUTURERELEASE: longest hold, 1..999999999 seconds (RFC 4865 3) */
    uint32_t max_hold_for;
    /** FUTURERELEASE: latest release, date-time of RFC 3339 in UTC without a fraction, as
     * "2030-01-01T00:00:00Z" */
    const char *max_hold_until;
    /** MT-PRIORITY: name of the profile, 1-20 letters, digits, `.`, `-` or `_`, as "MIXER"; NULL:
     * none told (RFC 6710 7) */
    const char *priority_profile;
    /** mechanisms of on_sasl, which they need, up to a row whose name is NULL; NULL: none. At most
     * 64 rows, and all names on one line of the EHLO reply */
    const struct ehlo_mechanism *mechanisms;
    /** EHLO lines of the host, up to a row whose keyword is NULL; NULL: none */
    const struct ehlo_keyword *keywords;
    /** parameters of the host, up to a row whose keyword is NULL; NULL: none. At most 16 rows */
    const struct ehlo_parameter_row *parameters;
    /** verbs of the host, up to a row whose verb is NULL; NULL: none. Needs on_command */
    const struct ehlo_verb *verbs;

    /*
     * The hooks, in the order of a session. Each gets the session, what it is about, and the `user`
     * pointer of ehlo_server_init(). What it gets is const and lives until it returns.
     *
     * The verdict is a reply: ehlo_accept() or a positive reply, or a refusal (4yz or 5yz), or
     * ehlo_pending(). 421, and any reply with EHLO_REPLY_FLAG_CLOSE, ends the session. A verdict
     * that is zeroed, invalid or out of place becomes 451 4.3.0 (in on_connect 421, and the session
     * ends) and EHLO_TRACE_HOST_FAULT, never an accept. A row is the reply with that id
     * (ehlo/reply.h); the rows named are those made for the hook, but any 4yz or 5yz is taken. A
     * positive code other than the ones named is out of place; where none is named it is 250. All
     * but on_done, on_reply, on_trace and on_close may be pending.
     */

    /**
     * Whether to talk to this peer; before the greeting, from ehlo_server_start().
     * Positive: 220, whose phrase stands behind the host name. A refusal leaves the session open
     * until QUIT, 503 to all else (RFC 5321 3.1); but 521 ends it with one more command (RFC 7504
     * 3) and 421 at once. Rows 10, 11, 27, 36, 44. NULL: everybody is greeted. May be pending.
     */
    struct ehlo_reply (*on_connect)(struct ehlo_server *, const struct ehlo_peer *, void *user);

    /**
     * The name given with HELO or EHLO (RFC 5321 4.1.1.1), after its syntax was checked. A refusal
     * changes nothing: an open transaction goes on. Rows 10, 27, 28. NULL: every name is taken.
     * May be pending.
     */
    struct ehlo_reply (*on_helo)(struct ehlo_server *, const struct ehlo_helo *, void *user);

    /**
     * STARTTLS (RFC 3207): whether TLS may start. Positive: 220. Then, once its output is sent, the
     * session wants EHLO_WANT_TLS: shake hands and call ehlo_server_tls_started(). Refusal:
     * 454 4.7.0 (EHLO_REPLY_TLS_NOT_AVAILABLE). NULL: STARTTLS is not offered. May be
     * pending. Shown in examples/smtpd/connection.c.
     */
    struct ehlo_reply (*on_starttls)(struct ehlo_server *, void *user);

    /**
     * Credentials of PLAIN or LOGIN (RFC 4616, RFC 4954), base64 and framing undone. Positive: 235.
     * What fails is answered alike for a wrong name and a wrong password: row 20; also 432, 454,
     * 525, 534, 538. On success the identity is `authorization`, or `authentication` where that is
     * empty, unless the hook calls ehlo_server_identity(). NULL: PLAIN and LOGIN are not offered
     * (unless `mechanisms` has them). May be pending; the slices do not outlive the hook.
     * Shown in examples/smtpd/auth.c.
     */
    struct ehlo_reply (*on_auth)(struct ehlo_server *, const struct ehlo_auth *, void *user);

    /**
     * One step of a mechanism of `mechanisms` (RFC 4422 3). ehlo_challenge() goes on, a positive
     * reply (235) ends with success, a refusal without. Data that a mechanism sends with success is
     * a challenge, whose empty response is then accepted (RFC 4954 4). Call ehlo_server_identity()
     * before success. Row 20, 454. NULL: there are no `mechanisms`. May be pending. Shown in
     * examples/smtpd/sasl.c.
     */
    struct ehlo_reply (*on_sasl)(struct ehlo_server *, const struct ehlo_sasl *, void *user);

    /**
     * The sender (RFC 5321 4.1.1.2), after the engine's own checks (syntax, parameters, SIZE).
     * on_done follows for each call, whatever the verdict. Rows 7-12, 19, 27. NULL: every sender is
     * taken. May be pending.
     */
    struct ehlo_reply (*on_mail)(struct ehlo_server *, const struct ehlo_mail *, void *user);

    /**
     * One recipient (RFC 5321 4.1.1.3). Positive: 250 or 251. Rows 19, 21-34. NULL: all are
     * refused, row 24. May be pending, several of them at once (`decisions` of the configuration),
     * as long as only RCPT lines follow.
     */
    struct ehlo_reply (*on_rcpt)(struct ehlo_server *, const struct ehlo_rcpt *, void *user);

    /**
     * Whether the message may start now (RFC 5321 4.1.1.4, RFC 3030 2): at DATA, at the first BDAT.
     * Positive: ehlo_accept(), which says 354 to DATA and nothing to BDAT. Refusals: 451, 452, 554.
     * NULL: it may, if there is an on_message. May be pending.
     */
    struct ehlo_reply (*on_data)(struct ehlo_server *, void *user);

    /**
     * Takes a slice of the content, dots removed, lines with CR LF as sent; cuts fall anywhere. A
     * refusal is kept and answered at the end of the content; until then no more slices come.
     * EHLO_REPLY_FLAG_CLOSE counts with a refusal only. Pending: the slice is taken, no more comes
     * until ehlo_server_resume(). Not called for an empty content. Rows 34, 35, 452. NULL: the
     * content is counted and dropped.
     */
    struct ehlo_reply (*on_body)(struct ehlo_server *, struct ehlo_slice, void *user);

    /**
     * The verdict on the whole message (RFC 5321 4.2.5): ehlo_accept() only after it is safe in the
     * host's hands. Not called when the engine or on_body found the content unacceptable. In LMTP,
     * and where the client asked for PRDR with two recipients or more, it is called once for each
     * accepted recipient, and the verdict is for that one. Rows 34, 35, 37-43. NULL: DATA is
     * refused with 451, no message is ever taken. May be pending, in LMTP and PRDR several of them
     * at once
     * (`decisions`), to be resumed in any order; answer well within 10 minutes (RFC 5321
     * 4.5.3.2.6).
     */
    struct ehlo_reply (*on_message)(struct ehlo_server *, const struct ehlo_message *, void *user);

    /**
     * The end of a transaction, exactly once for each MAIL that on_mail decided or, without
     * on_mail, the engine took; right after its last reply was formatted. NULL: nothing.
     */
    void (*on_done)(struct ehlo_server *, const struct ehlo_done *, void *user);

    /**
     * VRFY (RFC 5321 3.5). Positive: 250 with one fully qualified mailbox a line, alone or as
     * `Name <a@b>`; 251 or 252; ehlo_accept() says 252. UTF-8 is withheld (252 2.6.8, 550 5.6.8)
     * unless the client asked for it. Rows 13, 30, 32. NULL: 252. May be pending.
     */
    struct ehlo_reply (*on_vrfy)(struct ehlo_server *, const struct ehlo_query *, void *user);

    /**
     * EXPN (RFC 5321 3.5); as on_vrfy. Rows 13, 33. NULL: 252, and EXPN is not in the EHLO list.
     * May be pending.
     */
    struct ehlo_reply (*on_expn)(struct ehlo_server *, const struct ehlo_query *, void *user);

    /**
     * HELP (RFC 5321 4.1.1.8); `text` is the argument or empty. Positive: 211 or 214; ehlo_accept()
     * lists the verbs. NULL: the same. May be pending.
     */
    struct ehlo_reply (*on_help)(struct ehlo_server *, struct ehlo_slice text, void *user);

    /**
     * ETRN (RFC 1985): start sending what waits for a node, on another connection. Positive:
     * ehlo_accept() says 250; EHLO_REPLY_ETRN_NOTHING, _PENDING, _PENDING_COUNT (251 to 253).
     * Refusals: 458, 459. NULL: ETRN is not offered. May be pending.
     */
    struct ehlo_reply (*on_etrn)(struct ehlo_server *, const struct ehlo_node *, void *user);

    /**
     * XCLIENT: a trusted proxy tells who its client is. Set it only in the configuration of peers
     * that may (ehlo_server_use() in on_connect); what it tells is the host's to keep. Positive:
     * ehlo_accept(), which greets anew: HELO and AUTH are forgotten, TLS stays. A refusal changes
     * nothing: EHLO_REPLY_PEER_NOT_APPROVED; 421 where that client is not wanted. NULL: an unknown
     * verb. May be pending. Shown in examples/smtpd/trusted.c.
     */
    struct ehlo_reply (*on_xclient)(struct ehlo_server *, const struct ehlo_attributes *,
                                    void *user);

    /**
     * XFORWARD: a trusted peer tells, for logs, where the next message comes from; what it tells is
     * the host's to keep while EHLO_INFO_FORWARDED shows. Positive: 250. NULL: an unknown verb. May
     * be pending. Shown in examples/smtpd/trusted.c.
     */
    struct ehlo_reply (*on_xforward)(struct ehlo_server *, const struct ehlo_attributes *,
                                     void *user);

    /**
     * A verb that the engine does not know (never a known one that is switched off), or one of
     * `verbs`. Positive: any 2yz; ehlo_accept() says 250. Row 1 says that the host does not know it
     * either. NULL: row 1. May be pending.
     */
    struct ehlo_reply (*on_command)(struct ehlo_server *, const struct ehlo_command *, void *user);

    /**
     * Sees every reply before it is formatted, with several RCPTs open in the order of the
     * decisions, and may change it: phrase, subject, and the codes of a refusal to those of another
     * (4yz to 5yz or back, too; the class of the enhanced code follows by itself). What else it
     * changes (success, 3yz, 421, id, flags) is undone and traced as EHLO_TRACE_HOST_REPLY. Changed
     * text must live until the call of the library in which this hook runs has returned. NULL:
     * nothing is changed. Soft bounce, translation and masking are shown below this structure.
     */
    void (*on_reply)(struct ehlo_server *, struct ehlo_reply *, void *user);

    /**
     * Tells what happens, for logs. NULL: nothing.
     */
    void (*on_trace)(struct ehlo_server *, const struct ehlo_trace *, void *user);

    /**
     * The session is over, exactly once, after on_done if a transaction was open. The last reply
     * may still be in the output: send it until EHLO_WANT_CLOSE shows. The memory of the session
     * must not be given back from inside this hook. NULL: nothing.
     */
    void (*on_close)(struct ehlo_server *, enum ehlo_cause, void *user);
};

/**
 * @page on_reply_examples Three examples of on_reply
 *
 * **Soft bounce**: while a new set-up is tried, mail that would be refused for ever stays with its
 * sender. That is said by 55z, and by the rows 7 to 12, which one set of codes has at 501. What
 * tells of the dialogue stays: the other 50z, 52z, 53z (AUTH), and 5.5.z wherever it stands. 451 is
 * known to MAIL, RCPT and DATA alike (RFC 5321 4.3.2); the enhanced code becomes 4.y.z by itself.
 * @code
 * static void soft_bounce(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
 * {
 *     const bool policy = reply->id >= EHLO_REPLY_MESSAGE_TOO_LONG &&
 *                         reply->id <= EHLO_REPLY_SOFT_QUOTA;
 *
 *     (void)s;
 *     (void)user;
 *     if (reply->code < 500 || reply->enhanced.subject == 5)
 *         return;
 *     if (policy || reply->code / 10 == 55)
 *         reply->code = 451;
 * }
 * @endcode
 *
 * **Translation**: words by id, codes and subject stay. The place of the subject, `%s`, is known in
 * the catalogue's own phrases only; other words have it in front. Write ASCII: each other octet is
 * sent as '?', but for VRFY and EXPN with SMTPUTF8, and 251 and 551 to a RCPT in its transaction.
 * @code
 * static const struct {
 *     unsigned id;
 *     const char *phrase;
 * } german[] = {
 *     {EHLO_REPLY_GREETING, "ESMTP bereit"},
 *     {EHLO_REPLY_RECIPIENT_OK, "Empfaenger angenommen"},
 *     {EHLO_REPLY_USER_UNKNOWN, "Empfaenger unbekannt"},
 *     {EHLO_REPLY_INVALID_FORWARD, "Weiterleitung ungueltig, kein Postfach"},
 *     {EHLO_REPLY_REJECTED_VIRUS, "Nachricht abgelehnt,\nsie traegt einen Virus"},
 * };
 *
 * static void translate(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
 * {
 *     (void)s;
 *     (void)user;
 *     for (size_t i = 0; i < sizeof german / sizeof *german; i++)
 *         if (german[i].id == reply->id)
 *             reply->phrase = ehlo_text(german[i].phrase);
 * }
 * @endcode
 *
 * **Masking**: who has not logged in learns neither which of the refused accounts exist nor what
 * refused a message; the id stays, so your log tells. The subject goes as well: it may be an
 * account's name. What is told should have the same codes in both sets, as these rows have. A
 * recipient that is taken, or refused with 4yz, is still told from the others.
 * @code
 * static const struct {
 *     unsigned first, last, told;
 * } masks[] = {
 *     {EHLO_REPLY_USER_UNKNOWN, EHLO_REPLY_INVALID_FORWARD, EHLO_REPLY_RECIPIENT_DENIED},
 *     {EHLO_REPLY_RECIPIENT_DENIED, EHLO_REPLY_MAILBOX_FULL, EHLO_REPLY_RECIPIENT_DENIED},
 *     {EHLO_REPLY_REJECTED_BY_RULE, EHLO_REPLY_REJECTED_BY_FILTER, EHLO_REPLY_SITE_POLICY},
 * };
 *
 * static void mask(struct ehlo_server *s, struct ehlo_reply *reply, void *user)
 * {
 *     struct ehlo_server_info info = {EHLO_SERVER_INFO_DEFAULTS};
 *
 *     (void)user;
 *     ehlo_server_info(s, &info);
 *     if (reply->code < 500 || (info.flags & EHLO_INFO_AUTHENTICATED))
 *         return;
 *     for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
 *         if (reply->id >= masks[i].first && reply->id <= masks[i].last) {
 *             const struct ehlo_reply told = ehlo_reply(masks[i].told);
 *
 *             reply->code = told.code;
 *             reply->enhanced = told.enhanced;
 *             reply->phrase = told.phrase;
 *             reply->subject = told.subject;
 *         }
 * }
 * @endcode
 */

/** Initialiser of the size member. */
#define EHLO_SERVER_CONFIG_DEFAULTS .size = sizeof(struct ehlo_server_config)

/**
 * A constant that is at least ehlo_server_size() of a configuration with these members, for arrays:
 * `static char memory[EHLO_SERVER_SIZE(EHLO_DEFAULT_LINE_SIZE, EHLO_DEFAULT_OUTPUT_SIZE,
 * EHLO_DEFAULT_DECISIONS, 0)];` The last is max_recipient_domains. It has slack, so that any array
 * will do, whatever its alignment.
 */
#define EHLO_SERVER_SIZE(line, output, decisions, domains)                                         \
    ((size_t)(line) + (output) + 16 * (size_t)(decisions) + 8 * (size_t)(domains) + 896)

/** Bits of ehlo_server_wants(). */
enum ehlo_want {
    EHLO_WANT_READ = 1 << 0,  /**< ehlo_server_receive() will take an octet at least */
    EHLO_WANT_WRITE = 1 << 1, /**< there is output */
    /** shake hands, then ehlo_server_tls_started(). Shows once the output is empty; offer octets
     * received before the handshake to ehlo_server_receive() first: they are an injection */
    EHLO_WANT_TLS = 1 << 2,
    EHLO_WANT_DECISION = 1 << 3, /**< a hook is pending */
    EHLO_WANT_CLOSE = 1 << 4     /**< over, all output sent: close the connection */
};

#define EHLO_INFO_HELO     1u /**< HELO or EHLO was accepted */
#define EHLO_INFO_EXTENDED 2u /**< it was EHLO */
#define EHLO_INFO_TRANSACTION                                                                      \
    4u /**< a transaction is open (a MAIL was accepted or is being decided) */
#define EHLO_INFO_TLS           8u   /**< the session runs over TLS */
#define EHLO_INFO_AUTHENTICATED 16u  /**< see `identity` */
#define EHLO_INFO_UTF8          32u  /**< MAIL had SMTPUTF8 */
#define EHLO_INFO_REQUIRETLS    64u  /**< MAIL had REQUIRETLS */
#define EHLO_INFO_FORWARDED     128u /**< what on_xforward was told holds for this transaction */

/** What a session knows; filled by ehlo_server_info(). */
struct ehlo_server_info {
    size_t size;                  /**< set it to sizeof(struct ehlo_server_info) before the call */
    const struct ehlo_peer *peer; /**< as given to ehlo_server_start() */
    /** the accepted name; lives until the next call of the library for this session */
    struct ehlo_slice helo;
    uint32_t state;             /**< enum ehlo_server_state */
    uint32_t flags;             /**< EHLO_INFO_... */
    uint32_t recipients;        /**< accepted in this transaction */
    uint32_t transactions;      /**< MAIL commands where one was allowed, refused ones too */
    uint32_t messages;          /**< messages taken */
    uint32_t errors;            /**< error points now */
    uint32_t refused;           /**< recipients refused with 5yz by on_rcpt */
    uint32_t body;              /**< enum ehlo_body of this transaction */
    uint64_t declared_size;     /**< SIZE= of this transaction; 0: none */
    uint64_t octets;            /**< of content received in this transaction */
    const struct ehlo_tls *tls; /**< as given to ehlo_server_tls_started(); NULL: no TLS */
    /** who the client is; empty if it has not authenticated, or nobody said. Lives until the next
     * call of the library for this session */
    struct ehlo_slice identity;
    uint32_t auth_failures; /**< failed AUTH commands */
    uint32_t mode;          /**< enum ehlo_mode */
};

/** Initialiser of the size member. */
#define EHLO_SERVER_INFO_DEFAULTS .size = sizeof(struct ehlo_server_info)

/**
 * How much memory a session of a configuration takes. It never grows.
 *
 * @param config  not NULL
 * @return        octets; 0 if ehlo_server_check() finds a fault
 */
EHLO_API size_t ehlo_server_size(const struct ehlo_server_config *config);

/**
 * Checks a configuration.
 *
 * @param config  may be NULL (a fault)
 * @param what    set to the name of the bad member, static text, or NULL if there is none; may be
 * NULL. With EHLO_OK a name is a remark: `keywords` or `verbs` has one that is neither registered
 * nor begins with X (RFC 5321 2.2.2)
 * @return        EHLO_OK or EHLO_ERROR_ARGUMENT
 */
EHLO_API int ehlo_server_check(const struct ehlo_server_config *config, const char **what);

/**
 * Makes a session. Runs no hook.
 *
 * @param memory  any alignment; belongs to the session until on_close has run and the output is
 * sent. Nothing is to be freed afterwards but the memory itself
 * @param size    of `memory`; at least ehlo_server_size()
 * @param config  lives as long as the session
 * @param user    handed to every hook
 * @return        the session; NULL for a bad configuration or too little memory
 */
EHLO_API struct ehlo_server *ehlo_server_init(void *memory, size_t size,
                                              const struct ehlo_server_config *config, void *user);

/**
 * The connection is there: runs on_connect and greets.
 *
 * @param peer  lives until on_close; NULL: nothing is known of it, hooks get one with empty members
 * @return      EHLO_OK, EHLO_ERROR_SEQUENCE (started already), EHLO_ERROR_CLOSED,
 *              EHLO_ERROR_IN_HOOK, EHLO_ERROR_ARGUMENT (the size member)
 */
EHLO_API int ehlo_server_start(struct ehlo_server *, const struct ehlo_peer *peer);

/**
 * Hands octets from the peer to the session. Runs hooks, gathers replies in the output. Never keeps
 * `data`.
 *
 * While EHLO_WANT_READ is set, at least one octet of a non-empty `data` is taken (but of early
 * talkers while on_connect is pending none). After EHLO_WANT_CLOSE everything is taken and ignored.
 *
 * @param data    octets as they came, in any pieces; may be NULL if `length` is 0
 * @param length  octets
 * @return        octets taken. Offer the rest again after sending output or resuming a decision. 0
 * from inside a hook
 */
EHLO_API size_t ehlo_server_receive(struct ehlo_server *, const void *data, size_t length);

/**
 * The octets to send now, in order.
 *
 * @param length  set to their number; not NULL
 * @return        the first of them; valid until the next call of another function for this session
 */
EHLO_API const void *ehlo_server_output(const struct ehlo_server *, size_t *length);

/**
 * Tells that octets of the output were sent. May run hooks: commands that waited for room go on.
 *
 * @param length  up to what ehlo_server_output() told
 * @return        EHLO_OK, EHLO_ERROR_ARGUMENT (more than there is), EHLO_ERROR_IN_HOOK
 */
EHLO_API int ehlo_server_sent(struct ehlo_server *, size_t length);

/** What the session waits for: EHLO_WANT_... bits. */
EHLO_API unsigned ehlo_server_wants(const struct ehlo_server *);

/**
 * How long the host is to wait for what the session wants, before it calls ehlo_server_expire().
 *
 * @param epoch  set to a number that changes when the wait is a new one (a command or decision
 * further, 64 KiB of content further): start the timer anew only then, so that octets that dribble
 * in do not prolong it; may be NULL
 * @return       seconds; 0: no wait, the session is over and everything is sent
 */
EHLO_API unsigned ehlo_server_timeout(const struct ehlo_server *, uint32_t *epoch);

/**
 * The token of the decision that the running hook is asked for.
 *
 * @return  0 outside of a hook that may be pending
 */
EHLO_API ehlo_token ehlo_server_token(const struct ehlo_server *);

/**
 * Hands in a decision that was pending; on the thread of the session. May run hooks before it
 * returns, on_done and on_message for a further recipient among them: forget the token first.
 * Inside the hook that took the token it counts as that hook's verdict; the hook then returns
 * ehlo_pending(), and anything else is ignored.
 *
 * @param token    from ehlo_server_token()
 * @param verdict  as a hook returns it; pending is no verdict here (EHLO_ERROR_ARGUMENT). Its text
 * lives for this call
 * @return         EHLO_OK; EHLO_ERROR_TOKEN if the decision is made, the transaction or session is
 * gone, or the token is another session's: discard what was done for it. Sessions are told apart by
 * the serial of their peer
 */
EHLO_API int ehlo_server_resume(struct ehlo_server *, ehlo_token token, struct ehlo_reply verdict);

/**
 * TLS runs, or will not. Called for EHLO_WANT_TLS; or before ehlo_server_start() where the
 * connection began with TLS (RFC 8314 3.3). The session is then as behind its greeting: HELO,
 * identity and counters are forgotten, but not failed AUTHs (RFC 3207 4.2). Shown in
 * examples/smtpd.
 *
 * @param tls  lives until on_close; NULL: the handshake failed, the session is over without a word
 * @return     EHLO_OK, EHLO_ERROR_SEQUENCE (TLS is not awaited, or output is unsent),
 *             EHLO_ERROR_CLOSED, EHLO_ERROR_IN_HOOK, EHLO_ERROR_ARGUMENT (the size member)
 */
EHLO_API int ehlo_server_tls_started(struct ehlo_server *, const struct ehlo_tls *tls);

/**
 * Says who the client is. In on_auth and on_sasl, or while their decision is open, it holds once
 * they succeed. In any other hook that may be pending it holds at once, as if AUTH had succeeded:
 * for clients known by address or certificate, and for the LOGIN of
 * XCLIENT. STARTTLS takes it away again, and an XCLIENT that does not call it.
 *
 * @param identity  copied; up to 255 octets; empty: outside of AUTH, the client is not
 * authenticated
 * @return          EHLO_OK, EHLO_ERROR_ARGUMENT (too long), EHLO_ERROR_SEQUENCE (not in such a
 * hook)
 */
EHLO_API int ehlo_server_identity(struct ehlo_server *, struct ehlo_slice identity);

/**
 * Gives the session another configuration, for instance other limits or hooks for this peer.
 * line_size, output_size, decisions, max_recipient_domains and mode must be the same. Callable in a
 * hook; holds at once, also for the reply in hand, but not for a content that has begun.
 *
 * @return  EHLO_OK, EHLO_ERROR_ARGUMENT (ehlo_server_check() tells which member, or one of the
 * five differs)
 */
EHLO_API int ehlo_server_use(struct ehlo_server *, const struct ehlo_server_config *config);

/**
 * The time of ehlo_server_timeout() passed: 421 4.4.2 answers the oldest open command, tokens are
 * void, the session is over. Called again while that reply is unsent, it drops it, and
 * EHLO_WANT_CLOSE shows.
 *
 * @return  EHLO_OK, EHLO_ERROR_CLOSED, EHLO_ERROR_IN_HOOK
 */
EHLO_API int ehlo_server_expire(struct ehlo_server *);

/**
 * The host wants to end: 421 4.3.2, at once without a transaction, else after the reply that ends
 * it. The host need not wait for that: ehlo_server_expire().
 *
 * @return  EHLO_OK, EHLO_ERROR_CLOSED
 */
EHLO_API int ehlo_server_shutdown(struct ehlo_server *);

/**
 * The peer will send no more, but still reads. What was taken is finished, pending decisions
 * included, then the session is over, without a reply. Offer what receive() left before:
 * EHLO_WANT_READ does not show again, and nothing more is taken.
 *
 * @return  EHLO_OK, also when called again
 */
EHLO_API int ehlo_server_eof(struct ehlo_server *);

/**
 * The connection is gone. Pending decisions are void, there is no more output.
 *
 * @return  EHLO_OK, also when called again
 */
EHLO_API int ehlo_server_disconnected(struct ehlo_server *);

/**
 * Tells what the session knows. Callable in hooks.
 *
 * @param info  `size` set to sizeof(struct ehlo_server_info); filled
 * @return      EHLO_OK, EHLO_ERROR_ARGUMENT (another size)
 */
EHLO_API int ehlo_server_info(const struct ehlo_server *, struct ehlo_server_info *info);

#ifdef __cplusplus
}
#endif

#endif
