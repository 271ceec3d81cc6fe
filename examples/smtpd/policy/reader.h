/*
 * What the files of the reader share: read.c goes through the file, read_lines.c cuts lines into
 * words, read_settings.c has the table of settings, and read_*.c what each setting does.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_READER_H
#define SMTPD_READER_H

#include "policy.h"

/* Words of a line. */
#define READER_WORDS 16

/* Rows of the table of settings, at most. */
#define READER_SETTINGS 64

/* Where a setting stands. */
enum place {
    IN_SERVER = 1 << 0, /* before the first line `domain`, `account` or `list` */
    IN_DOMAIN = 1 << 1,
    IN_ACCOUNT = 1 << 2,
    IN_LIST = 1 << 3,
    ANYWHERE = 0xf
};

/* What may stand behind the words of a setting, in any order: a name and a word. */
enum ending { WITH, AT, ANSWER, WAIT, ENDINGS };

/* A line that has the form of its setting. The texts live as long as the policy. */
struct said {
    char **words; /* behind the name of the setting, without the endings */
    size_t count;
    const char *ending[ENDINGS]; /* NULL: not there */
    size_t detail;               /* of the setting's row */
};

/* Who has a section in the file; one of the three pointers is set. */
struct owner {
    struct owner *next;
    unsigned line;
    const struct domain *domain;
    struct account *account;
    struct list *list;
};

struct reader {
    struct policy *policy;
    const char *file;    /* NULL: none */
    unsigned line;       /* which messages are about */
    const char *setting; /* the same; NULL: the line is of none */
    unsigned errors;
    bool lost;  /* memory has run out */
    bool quiet; /* what follows may be a piece of a password: an unknown word is not shown */

    /* The section: its parts are of no account (domain, list) that the policy has, where the line
     * that begins it is wrong. */
    enum place place;
    struct limits *limits; /* NULL in a list */
    struct account *account;
    struct list *list;
    unsigned lines[READER_SETTINGS]; /* where a setting stands in it; 0: nowhere */
    struct owner *owners, **owner_end;

    /* Where the next one is linked. */
    struct domain **domain_end;
    struct account **account_end;
    struct list **list_end;
    struct rule **rule_end, **own_rule_end;
    struct bypass **bypass_end;
    struct dnsbl **dnsbl_end;
    struct filter **filter_end;
};

/* ---- read.c ---- */

#if defined __GNUC__
#define READER_FORMAT(place) __attribute__((format(printf, place, (place) + 1)))
#else
#define READER_FORMAT(place)
#endif

/* An error in the line. */
void reader_wrong(struct reader *, const char *format, ...) READER_FORMAT(2);

/* A warning: the line is right, but does nothing since a library is not built in. */
void reader_off(const struct reader *, const char *library);

/* A word as it is shown in a message: short and printable. */
struct shown {
    char text[64];
};
struct shown reader_shown(const char *word);

/* ---- read_memory.c: what the policy holds ---- */

/* Zeroed; NULL: out of memory, which the reader remembers. */
void *reader_take(struct reader *, size_t size);
char *reader_copy(struct reader *, const char *text);

/* Adds a text to an array. */
void reader_append(struct reader *, char ***array, size_t *count, char *text);

/* ---- read_lines.c ---- */

/* Cuts a line in place; a NUL stands behind it. Returns what is wrong, or NULL. */
const char *reader_cut(char *line, size_t length, char *words[READER_WORDS], size_t *count);

/* ---- read_settings.c ---- */

/* Takes a line of at least one word. */
void reader_take_line(struct reader *, char **words, size_t count);

/* ---- read_values.c: false, or -1, is a word that was wrong, and it has been said ---- */

bool reader_size(struct reader *, const char *word, uint64_t least, uint64_t *size);
bool reader_number(struct reader *, const char *word, uint32_t most, uint32_t *number);
bool reader_network(struct reader *, const char *word, struct network *network);

/* Whether it is an address with a domain; the folder of its Maildir. Says nothing. */
bool reader_folder(const char *word, char *folder);

/* The place of a word, in any case, among names that end with NULL; `allowed` has a bit for each
 * name. */
int reader_choose(struct reader *, const char *const *names, uint32_t allowed, const char *word);

/* The ending `at`; `stages` has a bit for each stage that is possible. */
bool reader_stage(struct reader *, const struct said *, uint32_t stages, enum stage *stage);

/* The ending `with` of something that refuses at a stage. */
bool reader_reply(struct reader *, const struct said *, enum stage, uint16_t *reply);

/* ---- what settings do ---- */

typedef void reader_taker(struct reader *, struct said *);

reader_taker take_rule;   /* read_rules.c: accept (detail: 1), refuse */
reader_taker take_bypass; /* read_rules.c */
reader_taker take_relay;  /* read_checks.c, as those below */
reader_taker take_require;
reader_taker take_dnsbl;
reader_taker take_filter;        /* detail: enum filter_kind */
reader_taker take_server_number; /* read_limits.c, as those below; detail: member of the policy */
reader_taker take_size;          /* detail: member of the limits */
reader_taker take_daily_limit;
reader_taker take_unknown;
reader_taker take_full;
reader_taker take_local_only;
reader_taker take_disable;
reader_taker take_srs_secret;
reader_taker take_domain; /* read_sections.c, as those below */
reader_taker take_account;
reader_taker take_list;
reader_taker take_password;
reader_taker take_no_mailbox;
reader_taker take_forward;
reader_taker take_member;

/* ---- read_people.c ---- */

/* NULL: out of memory. The texts are kept, but for the folder. */
struct domain *reader_add_domain(struct reader *, const char *name);
struct account *reader_add_account(struct reader *, char *address, const char *folder);

/* The domains and users of the command line. */
void reader_take_options(struct reader *);

/* The domain that there is if nobody names any. */
void reader_take_default(struct reader *);

/* What can be told of domains, accounts and lists only when all are known. */
void reader_check_people(struct reader *);

#endif
