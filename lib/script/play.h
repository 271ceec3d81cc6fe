/*
 * The player of transcripts, inside: what its files share. A transcript is read line by line where
 * it lies; what the session says and does is kept on tapes until a line of the transcript is
 * compared with it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_SCRIPT_PLAY_H
#define EHLO_SCRIPT_PLAY_H

#include "ehlo/script.h"

#define EHLO__PLAY_DECISIONS 128  /* pending ones that a run can name */
#define EHLO__PLAY_GOT       1024 /* octets of the result's `got` */
#define EHLO__PLAY_SETTINGS  4096 /* octets that `! config` lines may point to */

enum ehlo__hook {
    EHLO__HOOK_CONNECT,
    EHLO__HOOK_HELO,
    EHLO__HOOK_STARTTLS,
    EHLO__HOOK_AUTH,
    EHLO__HOOK_SASL,
    EHLO__HOOK_MAIL,
    EHLO__HOOK_RCPT,
    EHLO__HOOK_DATA,
    EHLO__HOOK_BODY,
    EHLO__HOOK_MESSAGE,
    EHLO__HOOK_VRFY,
    EHLO__HOOK_EXPN,
    EHLO__HOOK_HELP,
    EHLO__HOOK_ETRN,
    EHLO__HOOK_XCLIENT,
    EHLO__HOOK_XFORWARD,
    EHLO__HOOK_COMMAND,
    EHLO__HOOK_REPLY,
    EHLO__HOOK_DONE, /* from here on they decide nothing: no V lines */
    EHLO__HOOK_CLOSE,
    EHLO__HOOK_TRACE,
    EHLO__HOOK_COUNT
};

/* Where a line of the transcript begins. */
struct ehlo__place {
    size_t offset;
    uint32_t line; /* lines before it */
};

/* One line: its sign, such as "C:", and the text behind that. */
struct ehlo__step {
    char sign[2];
    struct ehlo_slice text;
};

/* Octets that wait to be compared; what was compared leaves at the front. */
struct ehlo__tape {
    char *data;
    size_t size;
    size_t start;
    size_t end;
    bool lost; /* something did not fit */
};

/* What of an event counts for the hash and the number of events. */
enum ehlo__quiet {
    EHLO__LOUD,  /* all of it */
    EHLO__MUTED, /* not what is written from here on */
    EHLO__EXEMPT /* nothing of it */
};

#define EHLO__HASH_START UINT64_C(0xcbf29ce484222325) /* of FNV-1a with 64 bits */

/* A decision that a V line left pending. */
struct ehlo__pending {
    ehlo_token token;
    struct ehlo_slice later; /* the verdict that is to resume it; NULL data: a `! resume` does */
    bool open;
};

struct ehlo__play {
    struct ehlo_slice script;
    const struct ehlo_script_options *options;
    struct ehlo_script_result result;
    bool over;         /* the result stands */
    bool in_group;     /* C lines were read that are not fed yet */
    bool held;         /* the output is not drained */
    bool bare;         /* the host's own hooks are left out */
    bool implicit_tls; /* TLS runs before the session starts */
    bool reconfigured; /* the other configuration is to be used from the next step on */

    uint32_t line;                              /* being played, from 1 */
    struct ehlo__place at;                      /* behind it */
    struct ehlo__place queue[EHLO__HOOK_COUNT]; /* behind the last V line used */
    unsigned named;                             /* 1u << enum ehlo__hook: a line speaks of it */

    struct ehlo_server_config host;      /* whose hooks are called */
    struct ehlo_server_config config[2]; /* the session's and the next one's, with our hooks */
    unsigned current;
    struct ehlo_peer peer;
    struct ehlo_tls tls;
    struct ehlo_server *server; /* NULL: not started */

    char *room; /* of the workspace, not given out yet */
    size_t room_left;
    struct ehlo__tape input, output, content, events;
    struct ehlo__tape words;    /* text of verdicts, until the call they are handed to returns */
    struct ehlo__tape settings; /* what members of the configurations point to, for good */
    struct ehlo__pending pending[EHLO__PLAY_DECISIONS];
    unsigned pending_count;
    uint64_t random;

    size_t event_start; /* of the event being written */
    uint8_t quiet;      /* enum ehlo__quiet */
    bool body_seen;     /* content that was not told as an event yet */
    uint64_t body_octets;
    uint64_t body_hash;
    bool body_unsure; /* on_body did not just accept: what it gets, and when, hangs on the cuts */

    bool in_transaction; /* on_done is owed */
    bool content_begun;  /* 354 was said, or a chunk has come */
    bool closed;         /* on_close was called */
    bool utf8;           /* replies with UTF-8 were asked for */
    char more[3];        /* code of a reply whose last line is not seen yet; NUL: none */
    size_t unchecked;    /* octets at the end of `output` */

    char got[EHLO__PLAY_GOT];
    _Alignas(struct ehlo_mechanism) char settings_room[EHLO__PLAY_SETTINGS]; /* and other rows */
};

/* --- script_parse.c: the text of a transcript --- */

bool ehlo__next_step(struct ehlo_slice script, struct ehlo__place *, struct ehlo__step *);
struct ehlo_slice ehlo__next_word(struct ehlo_slice *rest);
/* Takes what stands before the first such octet; `rest` is then what stands behind it, with NULL
 * data where there is none. */
struct ehlo_slice ehlo__cut_at(struct ehlo_slice *rest, char octet);
bool ehlo__is_word(struct ehlo_slice word, const char *text);

#define EHLO__STAR     256  /* a `*` that was not escaped */
#define EHLO__TEXT_END (-1) /* of the text */
#define EHLO__TEXT_BAD (-2) /* an escape that is none */

/* Reads a text with escapes octet by octet. May be copied to come back to a place. */
struct ehlo__octets {
    const char *at;
    const char *end;
    const char *again; /* begin of the part being repeated */
    uint32_t left;     /* rounds of it, this one included; 0: none is being repeated */
    bool raw;          /* a backslash is an octet like others */
};

struct ehlo__octets ehlo__octets_of(struct ehlo_slice text, bool raw);
int ehlo__next_octet(struct ehlo__octets *);
bool ehlo__is_text(struct ehlo_slice); /* all its escapes are good */
bool ehlo__matches(struct ehlo__octets pattern, struct ehlo_slice text);
size_t ehlo__escape(char escaped[4], char octet, bool blanks);

/* --- script_words.c: the names of numbers of events and marks --- */

struct ehlo__word {
    const char *name; /* NULL: the end of the list */
    uint64_t number;
};

extern const struct ehlo__word ehlo__hook_words[] /* by enum ehlo__hook */, ehlo__auth_words[],
    ehlo__oddity_words[], ehlo__path_words[], ehlo__body_words[], ehlo__mail_words[],
    ehlo__ret_words[], ehlo__notify_words[], ehlo__node_words[], ehlo__attribute_words[],
    ehlo__outcome_words[], ehlo__cause_words[], ehlo__state_words[], ehlo__trace_words[],
    ehlo__want_words[], ehlo__info_words[];

/* --- script_choices.c: those of the configuration --- */

extern const struct ehlo__word ehlo__bool_words[], ehlo__codes_words[], ehlo__mode_words[],
    ehlo__extension_words[], ehlo__optional_words[], ehlo__switch_words[], ehlo__early_words[],
    ehlo__pipelining_words[], ehlo__bare_lf_words[], ehlo__bare_cr_words[], ehlo__nul_words[],
    ehlo__8bit_words[], ehlo__route_words[], ehlo__size_words[], ehlo__mechanism_words[],
    ehlo__parameter_words[], ehlo__verb_words[];

bool ehlo__word_number(const struct ehlo__word *, struct ehlo_slice name, uint64_t *number);
const char *ehlo__word_name(const struct ehlo__word *, uint64_t number); /* "?": there is none */

/* --- script_tape.c: what is kept, and the events --- */

bool ehlo__tape_add(struct ehlo__tape *, const char *data, size_t length);
struct ehlo_slice ehlo__tape_line(const struct ehlo__tape *); /* with its CR LF, or what there is */

struct ehlo_slice ehlo__decimal(char digits[20], uint64_t number);

/* Keeps a text without its escapes on a tape, with a NUL behind it; false: an escape is none, or it
 * does not fit. `what` names the tape. */
bool ehlo__keep_text(struct ehlo__play *, struct ehlo__tape *, const char *what,
                     struct ehlo_slice text, struct ehlo_slice *kept);

/* Events. `hook` is EHLO__HOOK_COUNT for what is no hook call. */
void ehlo__event(struct ehlo__play *, enum ehlo__hook hook, const char *name);
void ehlo__event_text(struct ehlo__play *, const char *name,
                      struct ehlo_slice text);                   /* an empty one is left out */
void ehlo__event_octets(struct ehlo__play *, struct ehlo_slice); /* more of the same word */
void ehlo__event_number(struct ehlo__play *, const char *name, uint64_t number);
void ehlo__event_flags(struct ehlo__play *, const char *name, const struct ehlo__word *,
                       uint32_t bits);
void ehlo__event_end(struct ehlo__play *);
void ehlo__event_body(struct ehlo__play *, struct ehlo_slice);

/* --- script_config.c --- */

void ehlo__play_configure(struct ehlo__play *, struct ehlo_slice text); /* `! config` */
void ehlo__play_start(struct ehlo__play *);
void ehlo__play_reconfigure(struct ehlo__play *);
void ehlo__play_follow(struct ehlo__play *); /* a hook of the host may have changed it */

/* --- script_pointers.c: members of the configuration that point to something --- */

/* Plays the text of a `! config` line; false: its member is none of these. */
bool ehlo__configure_pointer(struct ehlo__play *, struct ehlo_server_config *,
                             struct ehlo_slice line);

/* --- script_events.c: what each hook was told --- */

void ehlo__tell_call(struct ehlo__play *, enum ehlo__hook, struct ehlo_slice text);
void ehlo__tell_connect(struct ehlo__play *, const struct ehlo_peer *);
void ehlo__tell_helo(struct ehlo__play *, const struct ehlo_helo *);
void ehlo__tell_auth(struct ehlo__play *, const struct ehlo_auth *);
void ehlo__tell_sasl(struct ehlo__play *, const struct ehlo_sasl *);
void ehlo__tell_mail(struct ehlo__play *, const struct ehlo_mail *);
void ehlo__tell_rcpt(struct ehlo__play *, const struct ehlo_rcpt *);
void ehlo__tell_message(struct ehlo__play *, const struct ehlo_message *);
void ehlo__tell_query(struct ehlo__play *, enum ehlo__hook, const struct ehlo_query *);
void ehlo__tell_etrn(struct ehlo__play *, const struct ehlo_node *);
void ehlo__tell_attributes(struct ehlo__play *, enum ehlo__hook, const struct ehlo_attributes *);
void ehlo__tell_command(struct ehlo__play *, const struct ehlo_command *);
void ehlo__tell_reply(struct ehlo__play *, const struct ehlo_reply *);

/* --- script_hooks.c --- */

void ehlo__wrap_hooks(struct ehlo__play *, struct ehlo_server_config *);

/* --- script_watch.c --- */

void ehlo__watch(struct ehlo_server_config *);

/* --- script_verdict.c --- */

/* Finds the verdict of a V line; false: there is none, and the host's hook is to be asked. */
bool ehlo__scripted(struct ehlo__play *, enum ehlo__hook, bool host_hook, struct ehlo_reply *);
void ehlo__scripted_reply(struct ehlo__play *, struct ehlo_reply *); /* V: on_reply */
bool ehlo__read_verdict(struct ehlo__play *, struct ehlo_slice text, struct ehlo_reply *);
void ehlo__resume(struct ehlo__play *, struct ehlo__pending *, struct ehlo_slice verdict);
bool ehlo__next_verdict(const struct ehlo__play *, enum ehlo__hook, struct ehlo__place *,
                        struct ehlo_slice *text);

/* --- script_feed.c: the octets to and from the session --- */

bool ehlo__feed(struct ehlo__play *); /* returns whether anything was taken */
bool ehlo__drain(struct ehlo__play *, size_t most);
void ehlo__play_on(struct ehlo__play *);  /* until nothing moves any more */
void ehlo__returned(struct ehlo__play *); /* behind each call that may run hooks */

/* --- script_run.c --- */

void ehlo__end_group(struct ehlo__play *);
void ehlo__forget_events(struct ehlo__play *);

/* --- script_expect.c: S, B and E lines --- */

void ehlo__expect_reply_line(struct ehlo__play *, struct ehlo_slice pattern);
void ehlo__expect_reply(struct ehlo__play *, struct ehlo_slice pattern);
void ehlo__expect_silence(struct ehlo__play *, struct ehlo_slice text);
void ehlo__expect_content(struct ehlo__play *, struct ehlo_slice pattern);
void ehlo__expect_no_content(struct ehlo__play *, struct ehlo_slice text);
void ehlo__expect_event(struct ehlo__play *, struct ehlo_slice pattern);
void ehlo__expect_no_event(struct ehlo__play *, struct ehlo_slice pattern);

/* --- script_marks.c: `!` lines --- */

void ehlo__play_mark(struct ehlo__play *, struct ehlo_slice text);

/* --- script_looks.c: those that only look --- */

void ehlo__look_wants(struct ehlo__play *, struct ehlo_slice text);
void ehlo__look_closed(struct ehlo__play *, struct ehlo_slice text);
void ehlo__look_info(struct ehlo__play *, struct ehlo_slice text);

/* --- script_result.c: the first fault counts --- */

/* `got` is printable, as ehlo__printable() or an event has it. */
void ehlo__fail(struct ehlo__play *, enum ehlo_script_status, struct ehlo_slice expected,
                struct ehlo_slice got);
void ehlo__bad(struct ehlo__play *, const char *expected, struct ehlo_slice got);
void ehlo__broken(struct ehlo__play *, const char *promise, struct ehlo_slice got);
void ehlo__no_space(struct ehlo__play *, const char *what);
struct ehlo_slice ehlo__printable(struct ehlo__play *, struct ehlo_slice octets);

#endif
