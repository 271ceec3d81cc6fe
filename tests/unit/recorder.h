/*
 * A host of one server session that notes all it is told: for the tests of lib/server. What is
 * handed in lies on the heap without an octet to spare and dies with the call. What a session must
 * never do (a hook behind on_close, READ and no octet taken ...) fails in every test.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_RECORDER_H
#define EHLO_TESTS_RECORDER_H

#include "ehlo/server.h"
#include "support.h"

#define EHLO "EHLO c.example\r\n"
#define LHLO "LHLO c.example\r\n"
#define MAIL "MAIL FROM:<a@b.example>\r\n"
#define RCPT "RCPT TO:<c@d.example>\r\n"
#define DATA "DATA\r\n"

enum hook {
    ON_CONNECT,
    ON_HELO,
    ON_STARTTLS,
    ON_AUTH,
    ON_SASL,
    ON_MAIL,
    ON_RCPT,
    ON_DATA,
    ON_BODY,
    ON_MESSAGE,
    ON_VRFY,
    ON_EXPN,
    ON_HELP,
    ON_ETRN,
    ON_XCLIENT,
    ON_XFORWARD,
    ON_COMMAND,
    DECIDING_HOOKS, /* those before it return a verdict */
    ON_DONE = DECIDING_HOOKS,
    ON_REPLY,
    ON_TRACE,
    ON_CLOSE,
    HOOKS
};

extern const char *const hook_names[HOOKS];

/* Octets that were noted, with a NUL behind them. */
struct note {
    char *text;
    size_t length, room;
};

/* Credentials that on_auth gets: "user" and "password". */
#define PLAIN "AUTH PLAIN AHVzZXIAcGFzc3dvcmQ=\r\n"

#define TOKENS_MAX    64
#define TRACE_REASONS 64

struct recorder {
    /* all hooks are set, the mechanism "XTEST" is on_sasl's, and nothing waits for TLS; a test may
     * change it first */
    struct ehlo_server_config config;
    struct ehlo_server *s;
    char *memory;
    size_t size; /* of it */

    struct ehlo_reply verdicts[DECIDING_HOOKS];   /* ehlo_accept() unless a test changes it */
    void (*inside)(struct recorder *, enum hook); /* called in each hook, once it is noted */
    struct ehlo_reply *reply;                     /* in on_reply: what it got */
    const struct ehlo_trace *trace;               /* in on_trace: what it got */

    struct note log;                 /* hooks and their arguments, in words, without on_trace */
    struct note wire;                /* what was sent */
    struct note body;                /* what on_body got */
    ehlo_token tokens[TOKENS_MAX];   /* of the decisions left pending, in order */
    unsigned pending;                /* how many */
    unsigned calls[HOOKS];           /* how often each hook was called */
    unsigned reasons[TRACE_REASONS]; /* how often each was traced */
    uint64_t numbers[TRACE_REASONS]; /* the number it was traced with last */
    struct ehlo_done done;           /* what on_done got last */
    uint32_t cause;                  /* what on_close got */
};

/* How each hook comes about: what is to be said before, and what makes the session ask it. */
struct occasion {
    const char *before, *trigger;
    const char *accepted; /* the codes that follow ehlo_accept() */
};

extern const struct occasion occasions[DECIDING_HOOKS];

/* Sets the hooks; then a test may change `config`, `verdicts` and `inside`. */
void prepare(struct recorder *);

/* Makes the session in exactly the memory it asks for. */
void make_session(struct recorder *);

/* Makes and starts it, sends the greeting, and feeds these commands. Nothing of it stays in the
 * notes. */
void greet_and(struct recorder *, const char *commands);

/* Makes it and brings it so far that call_hook() has this hook called. */
void reach_hook(struct recorder *, enum hook);
void call_hook(struct recorder *, enum hook);

/* A session from its first command to QUIT, in which each hook is called. */
void play_all(struct recorder *);

/* Brings it from clear text to TLS; what was said stays in the notes. */
extern const struct ehlo_tls recorder_tls;
void start_tls(struct recorder *);

/* Whether these octets stand anywhere in the memory of the session. */
bool is_in_memory(const struct recorder *, const char *octets);

/* Gives everything back. */
void forget(struct recorder *);

/* Offers octets in one call of ehlo_server_receive(). Returns how many it took. */
size_t offer(struct recorder *, const char *octets, size_t length);

/* Sends at most so many octets of the output. Returns how many. */
size_t drain(struct recorder *, size_t most);
void drain_all(struct recorder *);

/* Offers `piece` octets at a time and sends all output after each call, until nothing goes on any
 * more. Returns how many octets were taken. */
size_t feed_pieces(struct recorder *, const char *octets, size_t length, size_t piece);
size_t feed(struct recorder *, const char *text);

/* Resumes the decision that was left pending as the number-th one (0: the first), with text that
 * dies with the call, and sends all output. */
int resume(struct recorder *, unsigned number, struct ehlo_reply verdict);

/* Feeds the text and compares the codes of all that is sent, "250 354" (each reply is one code). */
#define assert_codes(r, text, want) check_codes(r, text, want, __FILE__, __LINE__)
void check_codes(struct recorder *, const char *text, const char *want, const char *file, int line);

/* Feeds the text and compares what is sent, octet by octet. */
#define assert_says(r, text, want) check_says(r, text, want, __FILE__, __LINE__)
void check_says(struct recorder *, const char *text, const char *want, const char *file, int line);

/* Compares what was noted, and forgets it. */
#define assert_note(note, want) check_note(note, want, __FILE__, __LINE__)
void check_note(struct note *, const char *want, const char *file, int line);

void add_note(struct note *, const char *octets, size_t length);
void clear_note(struct note *);

/* The codes of the replies in `wire`, "250 354"; fails where a reply is not well-formed (RFC 5321
 * 4.2). Ended by free(). */
char *codes_of(const struct note *wire);

struct ehlo_server_info info_of(const struct recorder *);
unsigned wants_of(const struct recorder *);
uint32_t epoch_of(const struct recorder *);

#endif
