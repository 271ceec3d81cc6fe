/*
 * What a server session is made of, and the functions its files offer each other. A command is cut
 * in two: *read* parses it and asks the host, *decided* commits once the verdict is in. Between the
 * two stands a decision: a slot in a queue that keeps replies in the order of their commands.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SERVER_SESSION_H
#define EHLO_SERVER_SESSION_H

#include "ehlo/server.h"
#include "wire/dots.h"
#include "wire/inspect.h"
#include "wire/lines.h"
#include "wire/output.h"

#define EHLO__HELO_MAX     255
#define EHLO__IDENTITY_MAX 255

/* Octets of output that stay free for a last 421; any of them fits (tests/unit/test_limits.c). */
#define EHLO__LAST_WORDS 128
/* Octets that a command decided alone finds free: one whole reply line (RFC 5321 4.5.3.1.5). */
#define EHLO__REPLY_ROOM EHLO_REPLY_LINE_MAX
/* Octets reserved for each open RCPT. */
#define EHLO__RCPT_ROOM 80

/* What a decision is about; rows of the table in decisions.c. */
enum ehlo__stage {
    EHLO__STAGE_NONE, /* a reply of the engine alone */
    EHLO__STAGE_CONNECT,
    EHLO__STAGE_HELO,
    EHLO__STAGE_EHLO,
    EHLO__STAGE_STARTTLS,
    EHLO__STAGE_AUTH,
    EHLO__STAGE_MAIL,
    EHLO__STAGE_RCPT,
    EHLO__STAGE_DATA,
    EHLO__STAGE_CHUNK, /* on_data at the first BDAT: acceptance says nothing */
    EHLO__STAGE_BODY,
    EHLO__STAGE_MESSAGE,
    EHLO__STAGE_EACH, /* on_message for one recipient */
    EHLO__STAGE_VRFY,
    EHLO__STAGE_EXPN,
    EHLO__STAGE_HELP,
    EHLO__STAGE_ETRN,
    EHLO__STAGE_XCLIENT,
    EHLO__STAGE_XFORWARD,
    EHLO__STAGE_COMMAND,
    EHLO__STAGE_HOST_CHUNK, /* on_command for a verb that brings content */
    EHLO__STAGE_COUNT
};

enum ehlo__slot_state {
    EHLO__SLOT_OPEN,   /* asked; the verdict is not in */
    EHLO__SLOT_JUDGED, /* the verdict is in and formatted; *decided* has not run */
    EHLO__SLOT_HELD,   /* a refusal by on_body or on_data, which waits for the end of the content */
    EHLO__SLOT_DONE    /* decided; its reply goes out when its turn comes */
};

#define EHLO__SLOT_POSITIVE 1u
#define EHLO__SLOT_CLOSE    2u

/* The fault of a content that on_body or on_data refused: its reply is held already. */
#define EHLO__FAULT_HELD 0xffffu

/* Octets for the verbs that HELP lists. */
#define EHLO__VERB_LIST EHLO_SUBJECT_MAX

/* One decision or reply in the queue. Its text, `length` octets, lies in the output. */
struct ehlo__slot {
    uint32_t number; /* of the decision, the lower half of its token */
    uint16_t length;
    uint16_t id;   /* of the reply */
    uint16_t code; /* of the reply, before on_reply */
    uint8_t stage;
    uint8_t state;
    uint8_t flags;
    uint8_t cause; /* of the close, enum ehlo_cause */
};

/* One transaction, one structure, one reset (RFC 5321 3.3). */
struct ehlo__transaction {
    uint64_t declared_size;
    uint64_t octets;     /* of content handed on */
    uint64_t max_octets; /* of this content */
    uint64_t wire;       /* octets of the wire taken as content, for the epoch */
    uint32_t recipients; /* accepted */
    uint32_t attempts;   /* RCPT commands */
    uint32_t asked;      /* RCPTs that reached the hook */
    uint32_t answered;   /* recipients that on_message was asked for, or that a fault answered */
    uint32_t decided;    /* recipients whose verdict is in */
    uint32_t taken;      /* recipients the message was taken for */
    uint16_t fault;      /* id of the reply to the first fault of the content; 0: none */
    bool fault_point;    /* the fault costs an error point */
    uint8_t fault_trace; /* enum ehlo_trace_reason of the fault; 0: none */
    uint8_t body;        /* enum ehlo_body */
    uint8_t open;        /* on_done is owed */
    uint8_t flags;       /* EHLO_MAIL_... */
    bool chunked;        /* the content comes in chunks */
    bool started;        /* on_data was asked for them */
    bool last;           /* the chunk in hand is the last one */
    bool each;           /* a verdict for each recipient is being collected */
    bool deferred;       /* some recipient was refused with 4yz */
};

#define EHLO__DEFER_SHUTDOWN     1u
#define EHLO__DEFER_EOF          2u
#define EHLO__DEFER_DISCONNECTED 4u

struct ehlo_server {
    const struct ehlo_server_config *config;
    void *user;
    const struct ehlo_peer *peer;

    struct ehlo__lines lines;
    struct ehlo__output output;
    struct ehlo__slot *slots; /* a ring of config->decisions */
    struct ehlo__dots dots;
    struct ehlo__inspect inspect;
    struct ehlo__transaction transaction;

    const struct ehlo_tls *tls;             /* NULL: none */
    const struct ehlo_mechanism *mechanism; /* of the AUTH exchange; NULL: PLAIN or LOGIN */
    uint64_t *domains;                      /* hashes of recipients' domains (RFC 9422) */
    uint64_t chunk;                         /* octets of a chunk still to come */
    uint64_t chunk_size;                    /* of the chunk in hand */
    uint16_t chunk_refusal; /* the reply to a refused one, perhaps with EHLO__NO_POINT; 0: taken */
    uint16_t go_length;     /* octets of the 220 to STARTTLS */

    uint32_t serial;
    uint32_t number; /* of the last decision */
    uint32_t asking; /* number of the decision that a hook is asked for; 0: none */
    uint32_t epoch;
    uint32_t oddities; /* enum ehlo_oddity bits of the command being read */
    uint32_t errors;
    uint32_t junk;
    uint32_t refused;
    uint32_t transactions;
    uint32_t messages;
    uint32_t domain_count;
    uint32_t auth_failures;
    uint32_t auth_step; /* of the exchange; of LOGIN: 0 user name, 1 password */
    uint32_t kept; /* octets of a whole line that waits in the line buffer, or of a HELO name being
                      decided */

    uint8_t state; /* enum ehlo_server_state */
    uint8_t in_hook;
    uint8_t deferred;   /* EHLO__DEFER_... */
    uint8_t slot_limit; /* config->decisions */
    uint8_t slot_first;
    uint8_t slot_count;
    uint8_t open;      /* slots in state OPEN */
    uint8_t row_stage; /* enum ehlo__stage of the command being read */
    uint8_t kept_faults;
    bool started;
    bool greeted; /* the greeting was handed out */
    bool early;   /* octets came before that */
    bool heard;   /* the first octet was looked at */
    bool helo_given;
    bool extended;     /* by EHLO */
    bool last_command; /* greeted with 521 */
    bool waiting;      /* a whole line waits in the line buffer */
    bool more;         /* input stands behind the command being read */
    bool closing;      /* a reply that closes is in the queue */
    bool draining;     /* shutdown waits for the transaction */
    bool at_eof;
    bool authenticated;
    bool identity_given; /* by the host, in the hook that was asked last */
    bool forwarded;      /* XFORWARD attributes hold */
    bool query_utf8;     /* VRFY or EXPN had SMTPUTF8 */
    uint8_t auth_kind;   /* enum ehlo_auth_mechanism; 0: a mechanism of the host */
    uint8_t helo_length;
    uint8_t identity_length;
    char helo[EHLO__HELO_MAX];
    char identity[EHLO__IDENTITY_MAX]; /* in an AUTH exchange: the one that is claimed */
};

/* --- commands.c: verb x state --- */

enum ehlo__verb {
    EHLO__VERB_HELO,
    EHLO__VERB_EHLO,
    EHLO__VERB_LHLO,
    EHLO__VERB_STARTTLS,
    EHLO__VERB_AUTH,
    EHLO__VERB_MAIL,
    EHLO__VERB_RCPT,
    EHLO__VERB_DATA,
    EHLO__VERB_BDAT,
    EHLO__VERB_RSET,
    EHLO__VERB_NOOP,
    EHLO__VERB_QUIT,
    EHLO__VERB_VRFY,
    EHLO__VERB_EXPN,
    EHLO__VERB_HELP,
    EHLO__VERB_ETRN,
    EHLO__VERB_XCLIENT,
    EHLO__VERB_XFORWARD,
    EHLO__VERB_TURN,
    EHLO__VERB_SEND,
    EHLO__VERB_SOML,
    EHLO__VERB_SAML,
    EHLO__VERB_COUNT,
    EHLO__VERB_UNKNOWN = EHLO__VERB_COUNT
};

#define EHLO__NEEDS_HELO  1u /* HELO or EHLO first (RFC 5321 4.1.4) */
#define EHLO__LAST        2u /* the last of its group (RFC 2920 3.1) */
#define EHLO__NO_ARGUMENT 4u
#define EHLO__CASCADE     8u  /* out of sequence behind a refused MAIL (RFC 2920 3.2) */
#define EHLO__BEFORE_TLS  16u /* allowed where TLS is required and does not run (RFC 3207 4) */
#define EHLO__BEFORE_AUTH 32u /* allowed where AUTH is required and was not done (RFC 4954 6) */

#define EHLO__NEEDS_EHLO 64u /* of an extension that HELO does not offer (RFC 5321 4.1.1.1) */

/* A cell of the table: 0 is BAD_SEQUENCE, so that a forgotten one refuses. */
#define EHLO__ALLOWED  0xffffu
#define EHLO__NO_POINT 0x8000u /* added to a reply id: no error point */

#define EHLO__CELLS (EHLO_STATE_CHUNKS_FAILED + 1)

struct ehlo__command_row {
    char name[9];
    uint8_t flags;
    uint8_t stage;       /* enum ehlo__stage, where refusals of this verb belong */
    uint8_t modes;       /* 1u << enum ehlo_mode of those that have it */
    uint8_t verb_switch; /* enum ehlo_switch */
    uint32_t extension;  /* enum ehlo_extension it belongs to, or 0 */
    void (*read)(struct ehlo_server *, struct ehlo_slice argument); /* NULL: known, not offered */
    uint16_t cells[EHLO__CELLS];                                    /* by enum ehlo_server_state */
};

extern const struct ehlo__command_row ehlo__commands[EHLO__VERB_COUNT];

unsigned ehlo__find_verb(struct ehlo_slice verb);
bool ehlo__verb_exists(const struct ehlo_server *, unsigned verb); /* in this protocol */
/* XCLIENT and XFORWARD are unknown verbs to all who may not use them. */
bool ehlo__verb_is_secret(const struct ehlo_server *, unsigned verb);
bool ehlo__verb_enabled(const struct ehlo_server *, unsigned verb);
struct ehlo_slice ehlo__list_verbs(const struct ehlo_server *, char list[EHLO__VERB_LIST]);

/* --- receive.c --- */
bool ehlo__can_read(const struct ehlo_server *);
bool ehlo__can_read_rcpt(const struct ehlo_server *);
void ehlo__progress(
    struct ehlo_server *); /* what can go on without new input; ends each public call */

/* --- gates.c --- */
bool ehlo__process_line(struct ehlo_server *, const struct ehlo__line *); /* false: it must wait */
bool ehlo__has_control_octets(struct ehlo_slice);
void ehlo__refuse_foreign(struct ehlo_server *);
uint32_t ehlo__tolerated(const struct ehlo_server *); /* enum ehlo_oddity bits */
bool ehlo__is_weak(const struct ehlo_server *); /* TLS runs, and is not enough (RFC 3207 4.1) */
/* The gates of a verb with these EHLO__... flags; a reply id, or 0. */
unsigned ehlo__gate(const struct ehlo_server *, unsigned flags);
/* The table's word on a verb in this state: a reply id, perhaps with EHLO__NO_POINT, or 0. */
unsigned ehlo__out_of_sequence(const struct ehlo_server *, unsigned verb);

/* --- decisions.c --- */
bool ehlo__is_list(
    unsigned stage); /* its reply may be long: it waits for an empty output, and may fill it */
void ehlo__ask(struct ehlo_server *, enum ehlo__stage);             /* before a hook is called */
void ehlo__settle(struct ehlo_server *, struct ehlo_reply verdict); /* with what it returned */
void ehlo__commit_judged(struct ehlo_server *);
void ehlo__advance(struct ehlo_server *);      /* shows the replies whose turn has come */
void ehlo__hold_refusal(struct ehlo_server *); /* until the content ends; it is the only slot */
void ehlo__release_held(struct ehlo_server *);
void ehlo__drop_slots(struct ehlo_server *);
struct ehlo__slot *ehlo__push_slot(struct ehlo_server *, enum ehlo__stage);
struct ehlo__slot *ehlo__slot_at(const struct ehlo_server *, unsigned index);

/* --- say.c --- */
void ehlo__say(struct ehlo_server *,
               unsigned id); /* the engine's reply to the command being read */
void ehlo__refuse(struct ehlo_server *,
                  unsigned id); /* the same, and it costs an error point, without EHLO__NO_POINT */
void ehlo__say_closing(struct ehlo_server *, unsigned id, enum ehlo_cause); /* ... and closes */
void ehlo__say_number(struct ehlo_server *, unsigned id,
                      uint64_t number); /* it is about a number */
void ehlo__place(struct ehlo_server *, struct ehlo__slot *, struct ehlo_reply *); /* formats it */
/* Formats 334; false: it does not fit. */
bool ehlo__place_challenge(struct ehlo_server *, struct ehlo__slot *, struct ehlo_slice challenge);
void ehlo__copy_held(
    struct ehlo_server *); /* says the reply that is held, and goes on holding it */
size_t ehlo__free_room(const struct ehlo_server *); /* beyond all that is reserved */
/* Whether a reply may have UTF-8 (RFC 6531 3.7.4). */
bool ehlo__may_say_utf8(const struct ehlo_server *, unsigned stage, unsigned code);

/* --- limits.c --- */
uint32_t ehlo__limit(uint32_t configured, uint32_t standard);
#define EHLO__NUMBER_MAX 20 /* digits of 2^64 - 1 */
size_t ehlo__write_number(char buffer[EHLO__NUMBER_MAX], uint64_t number);
uint64_t ehlo__max_message_size(const struct ehlo_server *);
bool ehlo__error_point(struct ehlo_server *); /* true: the limit is reached */
bool ehlo__junk_point(struct ehlo_server *);
bool ehlo__refused_point(struct ehlo_server *);

/* --- transaction.c --- */
void ehlo__transaction_begin(struct ehlo_server *);
void ehlo__transaction_end(struct ehlo_server *, enum ehlo_outcome, enum ehlo_cause);

/* --- extensions.c: what is offered, here and now --- */
bool ehlo__offers(const struct ehlo_server *, uint32_t extension);
bool ehlo__offers_mechanism(const struct ehlo_server *, const struct ehlo_mechanism *);
bool ehlo__offers_plain(const struct ehlo_server *); /* PLAIN and LOGIN, decoded for on_auth */

/* --- keywords.c --- */
/* Adds the EHLO keywords to a first line of `length` octets; returns the whole length. */
size_t ehlo__write_keywords(const struct ehlo_server *, char *buffer, size_t length, size_t size);
/* Octets that the longest list of keywords of a configuration can have. */
size_t ehlo__keywords_max(const struct ehlo_server_config *);

/* --- parameters.c --- */
/* Takes the parameters of MAIL or RCPT into its structure; returns the reply that refuses one, or
 * 0. */
unsigned ehlo__take_parameters(struct ehlo_server *, unsigned verb, struct ehlo_slice rest,
                               void *target);

/* --- command families --- */
void ehlo__connect_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__helo_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__ehlo_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__helo_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__lhlo_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__starttls_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__starttls_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__auth_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__auth_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__mail_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__mail_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__rcpt_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__rcpt_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__data_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__data_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__bdat_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__chunk_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__body_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__message_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__each_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__each_said(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__rset_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__noop_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__quit_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__vrfy_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__expn_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__help_read(struct ehlo_server *, struct ehlo_slice argument);
/* What a 250 to VRFY or EXPN has to do. */
bool ehlo__lists_mailboxes(const struct ehlo_reply *, bool utf8);
void ehlo__etrn_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__greet_again(struct ehlo_server *); /* the state is the one behind the greeting */
void ehlo__xclient_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__xclient_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__xforward_read(struct ehlo_server *, struct ehlo_slice argument);
void ehlo__xforward_decided(struct ehlo_server *, const struct ehlo__slot *);
void ehlo__unknown_read(struct ehlo_server *, const struct ehlo_command *);

/* --- starttls.c --- */
void ehlo__inject(struct ehlo_server *); /* octets came behind STARTTLS, before TLS */

/* --- auth.c --- */
void ehlo__auth_response(struct ehlo_server *, const struct ehlo__line *);
void ehlo__forget_identity(struct ehlo_server *);
void ehlo__find_mechanism_again(struct ehlo_server *); /* in another configuration */
void ehlo__wipe_line(struct ehlo_server *); /* the line in hand was the last thing in the buffer */

/* --- bdat.c --- */
void ehlo__bdat_refuse(struct ehlo_server *, struct ehlo_slice argument, unsigned refusal);
size_t ehlo__chunk_eat(struct ehlo_server *, size_t length);
void ehlo__chunk_end(struct ehlo_server *); /* all octets of a taken chunk are in */
/* Answers a chunk that was not taken, for another reason than its content. */
void ehlo__answer_chunk(struct ehlo_server *, unsigned refusal);
/* A chunk is missing now, so the message is lost; a last one ends it all the same. */
void ehlo__lose_chunk(struct ehlo_server *);

/* --- content.c --- */
void ehlo__content_start(struct ehlo_server *);
size_t ehlo__content_take(struct ehlo_server *, const char *data, size_t length);
void ehlo__content_end(struct ehlo_server *); /* the message is complete */
/* Between chunks: content from elsewhere follows, so a CR that is held is a bare one. Its place is
 * gone in any case, so it is refused whatever the policy. False: it was, and that is the answer. */
bool ehlo__content_break(struct ehlo_server *);
void ehlo__trace_content(struct ehlo_server *);
void ehlo__say_fault(struct ehlo_server *); /* the answer to a content that is refused */

/* --- verdicts.c: on a message that is complete --- */
void ehlo__deliver(struct ehlo_server *);
void ehlo__deliver_more(struct ehlo_server *); /* as far as there is room */

/* --- host_rows.c, host_verbs.c: verbs of the configuration --- */
const struct ehlo_verb *ehlo__find_host_verb(const struct ehlo_server *, struct ehlo_slice verb);
void ehlo__host_verb_read(struct ehlo_server *, const struct ehlo_command *);
void ehlo__host_chunk_decided(struct ehlo_server *, const struct ehlo__slot *);

/* --- end.c --- */
void ehlo__close(struct ehlo_server *, enum ehlo_cause);
void ehlo__cut(struct ehlo_server *, unsigned id,
               enum ehlo_cause); /* one last reply for all that is open */
void ehlo__run_deferred(struct ehlo_server *);

/* --- trace.c --- */
uint32_t ehlo__enter_hook(struct ehlo_server *); /* one that decides nothing, so has no token */
void ehlo__leave_hook(struct ehlo_server *, uint32_t asking);
void ehlo__trace(struct ehlo_server *, enum ehlo_trace_reason, uint64_t number);
void ehlo__trace_text(struct ehlo_server *, enum ehlo_trace_reason, uint64_t number,
                      struct ehlo_slice);
void ehlo__trace_oddities(struct ehlo_server *, uint32_t oddities);
void ehlo__set_state(struct ehlo_server *, enum ehlo_server_state);

#endif
