/*
 * The policy as data: what the command line and the file of --policy say. It does not change once
 * it is made; a reload makes another.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_POLICY_H
#define SMTPD_POLICY_H

#include "network.h"
#include "options.h"

/* When a session is asked something. */
enum stage { AT_CONNECT, AT_HELO, AT_AUTH, AT_MAIL, AT_RCPT, AT_MESSAGE };

/* What a rule looks at. */
enum subject { OF_PEER, OF_HELO, OF_SENDER, OF_RECIPIENT, OF_HEADER };

/* A line `accept` or `refuse`. Of the rules of one subject the first that fits decides. */
struct rule {
    struct rule *next;
    enum subject subject;
    bool accept;
    enum stage stage;       /* where it refuses */
    uint16_t reply;         /* enum ehlo_reply_id */
    struct network network; /* of OF_PEER */
    char *pattern;          /* of the others; OF_HEADER: of "Name: value" */
    unsigned line;          /* of the file, as below */
};

/* What a line `bypass` spares. */
enum spared {
    SPARES_HELO = 1 << 0,        /* HELO is not required (row 16) */
    SPARES_CONNECTIONS = 1 << 1, /* the limit of connections (row 44) */
    SPARES_RULES = 1 << 2,       /* rules (rows 27, 28, 36, 37) */
    SPARES_DNS = 1 << 3,         /* look-ups (rows 9, 10, 11) */
    SPARES_VIRUS = 1 << 4,       /* clamd (row 38) */
    SPARES_SPAM = 1 << 5,        /* spamd and rspamd (rows 40, 41) */
    SPARES_FILTERS = 1 << 6,     /* programs and milters (rows 8, 36, 37, 39, 42, 43) */
    SPARES_AUTH = 1 << 7,        /* what AUTH is required for (rows 8, 19, 27) */
    SPARES_ALL = 0xff
};

struct bypass {
    struct bypass *next;
    enum subject subject; /* OF_PEER, OF_SENDER, OF_RECIPIENT */
    uint32_t spared;      /* enum spared bits */
    struct network network;
    char *pattern;
};

/* A line `dnsbl`. */
struct dnsbl {
    struct dnsbl *next;
    char *zone;
    bool of_sender;   /* the sender's domain is looked up, not the peer */
    enum stage stage; /* AT_CONNECT, AT_MAIL */
    uint16_t reply;
    struct network answer; /* which addresses mean "listed" */
    unsigned line;
};

/* Lines `require`. */
enum required {
    REQUIRES_REVERSE_DNS,
    REQUIRES_SENDER_DOMAIN,
    REQUIRES_RECIPIENT_DOMAIN,
    REQUIRES_AUTH,
    REQUIRES_LOCAL_AUTH,
    REQUIRES_SUBMISSION,
    REQUIRES_SAME_SENDER,
    REQUIREMENTS /* number of them */
};

struct requirement {
    bool on;
    enum stage stage;
    uint16_t reply;
    unsigned line;
};

/* A line that names somebody who judges messages. They are asked in the order of the file. */
enum filter_kind { FILTER_CLAMD, FILTER_SPAMD, FILTER_RSPAMD, FILTER_PROGRAM, FILTER_MILTER };

struct filter {
    struct filter *next;
    enum filter_kind kind;
    char *where;    /* path of a socket, ADDR:PORT, or the command of a program */
    uint16_t reply; /* in place of its own; 0: its own */
    uint32_t wait;  /* seconds for an answer */
    unsigned line;
};

/* What may be said for the server, a domain, an account; 0: nothing is said. */
struct limits {
    uint64_t max_size;    /* octets of a message */
    uint64_t quota;       /* octets of a mailbox */
    uint64_t soft_quota;  /* octets of a mailbox, beyond which its owner sends nothing */
    uint32_t daily_limit; /* recipients elsewhere, from midnight to midnight UTC */
    uint8_t unknown;      /* of accounts: enum unknown */
    uint8_t full;         /* a full mailbox: enum full */
    uint8_t local_only;   /* 1: mail is taken for local domains only */
};

enum unknown { UNKNOWN_UNSAID, UNKNOWN_REJECT, UNKNOWN_ACCEPT };
enum full { FULL_UNSAID, FULL_PERMANENT, FULL_TEMPORARY };

struct domain {
    struct domain *next;
    const char *name;
    struct limits limits;
};

struct account {
    struct account *next;
    char *address;        /* as written */
    char *folder;         /* as maildir_folder() makes it: what addresses are compared with */
    const char *password; /* NULL: none */
    const struct domain *domain;
    bool no_mailbox;
    char **forward; /* addresses */
    size_t forward_count;
    struct rule *rules; /* the account's own, at RCPT */
    struct limits limits;
};

struct list {
    struct list *next;
    char *address, *folder;
    char **members;
    size_t member_count;
    char *expansion; /* "<member>" for each, a line each, as EXPN tells them */
};

struct policy {
    const struct options *options;
    bool from_file;
    struct domain *domains;   /* ours; the first is the home of <postmaster> */
    struct account *accounts; /* none and no lists: every address of the domains is a mailbox */
    struct list *lists;
    struct rule *rules;
    struct bypass *bypasses;
    struct dnsbl *dnsbls;
    struct filter *filters;
    struct requirement required[REQUIREMENTS];
    struct limits limits; /* of the server */
    bool relay_authenticated;
    struct network *relay; /* peers that may relay */
    size_t relay_count;
    uint32_t max_connections; /* from one address; 0: no limit */
    uint32_t max_hops;        /* 0: the engine's */
    uint32_t disabled_verbs;  /* enum ehlo_switch bits */
    bool no_etrn;             /* ETRN is disabled, too */
    char *srs_secret;         /* NULL: SRS addresses are as others */
    void *memory;             /* of read.c: all texts and rows */
};

/*
 * read.c: makes a policy of the options and, if there is one, of their policy file. False: each
 * error has been said on stderr, with file, line and what was expected, and there is nothing to
 * free.
 */
bool policy_read(struct policy *, const struct options *);
void policy_free(struct policy *);

/* ---- find.c: who is who ---- */

/* NULL: none of ours. */
const struct domain *policy_domain(const struct policy *, struct ehlo_slice name);

/* NULL: no such account, or list. The folder is one of maildir_folder(). */
const struct account *policy_account(const struct policy *, const char *folder);
const struct list *policy_list(const struct policy *, const char *folder);

/* The account whose address that is, as text; NULL: none. */
const struct account *policy_account_of(const struct policy *, struct ehlo_slice address);

/* Whether every address of our domains is a mailbox, since nobody has named any. */
bool policy_is_open(const struct policy *);

/* Whether a domain of ours takes mail for addresses that nobody has named. */
bool policy_takes_unnamed(const struct policy *, const struct domain *);

/* The least of a limit (a uint64_t of struct limits, by its offset) that the server, a domain and
 * an account set; any of the pointers may be NULL, and the account's domain need not be told. 0: no
 * limit. The second does it for max_size. */
uint64_t policy_least(const struct policy *, const struct domain *, const struct account *,
                      size_t member);
uint64_t policy_max_size(const struct policy *, const struct domain *, const struct account *);

#endif
