/*
 * Finds the reply in a line of a log, whatever server wrote it, and keeps off the other numbers
 * there: dates, ports, sizes, addresses, versions, process ids.
 *
 * A basic code followed by an enhanced code of its class is sure. Other codes are judged by what
 * stands before them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replies.h"

#include <ctype.h>
#include <string.h>

#define DIGITS       "0123456789"
#define OPENING      "'\"({<#"
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* How much speaks for a number being a code. */
enum evidence {
    EVIDENCE_NONE,
    EVIDENCE_MARK,   /* it follows a punctuation mark */
    EVIDENCE_NAME,   /* "code=550", "status: 5.1.1" */
    EVIDENCE_SPEECH, /* "host said: 550", or it begins the line */
    EVIDENCE_PAIR,   /* a basic and an enhanced code that agree */
};

struct candidate {
    enum evidence evidence;
    struct found found;
};

/* Words before a number, or the last part of a name such as smtp_code, that announce a reply. */
static const char *const speech[] = {
    "said",   "says",     "reply",     "replied", "replies",  "response",
    "answer", "answered", "responded", "reject",  "rejected", "diagnostic",
};

/* Words that announce some number. */
static const char *const names[] = {
    "code", "status",   "stat", "error",   "returned", "result",
    "dsn",  "enhanced", "led",  "refused", "bounced",  "deferred",
};

/* Words of other numbers, which also spoil one of the words above: "exit status 250". */
static const char *const spoilers[] = {
    "version", "ver",   "release", "build", "port",    "size", "length", "bytes",
    "octets",  "pid",   "uid",     "line",  "lines",   "http", "https",  "exit",
    "delay",   "count", "total",   "queue", "process", "id",   "date",   "time",
};

/* Words behind a number that make it a quantity. A reply's text begins with a capital as a rule. */
static const char *const units[] = {
    "bytes",   "octets",  "kb",    "mb",    "messages", "recipients",  "lines",  "ms",
    "seconds", "minutes", "hours", "days",  "sec",      "connections", "errors", "times",
    "mails",   "users",   "files", "hosts", "items",    "requests",    "of",
};

/* A number that goes on like this is no code: 2505, 250.1, 250-1, 250:1, 250th, 250%. */
static bool ends_here(const char *end)
{
    if (*end == '\0')
        return true;
    if (isalnum((unsigned char)*end) || strchr("_%@/+", *end) != NULL)
        return false;
    if (*end == '-') /* the next line of a reply: "550-user" */
        return !isdigit((unsigned char)end[1]);
    return strchr(".,:", *end) == NULL || !isalnum((unsigned char)end[1]);
}

/* A number that begins in the middle of something, of a host name for instance, is no code. */
static bool begins_here(const char *line, const char *start)
{
    if (start == line)
        return true;
    return !isalnum((unsigned char)start[-1]) && strchr("._-/\\+@%$~[", start[-1]) == NULL;
}

/* The length of the enhanced code that stands here, or 0. */
static size_t read_enhanced(const char *start, struct ehlo_enhanced *enhanced)
{
    struct ehlo_slice slice = {start, strspn(start, DIGITS ".")};

    while (slice.length > 0 && start[slice.length - 1] == '.')
        slice.length--; /* the end of a sentence */
    if (!ends_here(start + slice.length) || !ehlo_parse_enhanced(slice, enhanced))
        return 0;
    return slice.length;
}

/* ---- what stands before a number ---- */

static const char *skip_back(const char *line, const char *end, const char *set)
{
    while (end > line && strchr(set, end[-1]) != NULL)
        end--;
    return end;
}

static struct ehlo_slice word_before(const char *line, const char *end)
{
    const char *start = end;

    while (start > line && isalpha((unsigned char)start[-1]))
        start--;
    return (struct ehlo_slice){start, (size_t)(end - start)};
}

static bool is_word(struct ehlo_slice slice, const char *word)
{
    if (strlen(word) != slice.length)
        return false;
    for (size_t i = 0; i < slice.length; i++) {
        if (tolower((unsigned char)slice.data[i]) != word[i])
            return false;
    }
    return true;
}

static bool is_in(const char *const *list, size_t count, struct ehlo_slice slice)
{
    for (size_t i = 0; i < count; i++) {
        if (is_word(slice, list[i]))
            return true;
    }
    return false;
}

static bool is_time(const char *line, const char *end)
{
    const char *start = skip_back(line, end, DIGITS ":.,+-TZ");

    return memchr(start, ':', (size_t)(end - start)) != NULL && (start == line || start[-1] == ' ');
}

/* Judges a number by the words before it; EVIDENCE_MARK: they say nothing. */
static enum evidence judge_words(const char *line, struct ehlo_slice word)
{
    struct ehlo_slice before = word_before(line, skip_back(line, word.data, " _-"));
    enum evidence evidence = EVIDENCE_MARK;

    if (is_in(speech, COUNT(speech), word))
        evidence = EVIDENCE_SPEECH;
    else if (is_in(names, COUNT(names), word))
        evidence = EVIDENCE_NAME;
    else
        before = word;
    return is_in(spoilers, COUNT(spoilers), before) ? EVIDENCE_NONE : evidence;
}

static enum evidence judge(const char *line, const char *start)
{
    const char *mark = skip_back(line, start, OPENING " ");
    enum evidence evidence;

    if (mark == line)
        return EVIDENCE_SPEECH;
    evidence = judge_words(line, word_before(line, skip_back(line, mark, " '\":=")));
    if (evidence != EVIDENCE_MARK || strchr(OPENING, start[-1]) != NULL || is_time(line, mark))
        return evidence;
    return strchr(mark == start ? ";|>" : ":;,)>]}|*-.!", mark[-1]) != NULL ? EVIDENCE_MARK
                                                                            : EVIDENCE_NONE;
}

/* ---- what stands behind it ---- */

static bool is_quantity(const char *end)
{
    struct ehlo_slice word = {end + strspn(end, " "), 0};

    word.length = strcspn(word.data, " ,.;:)");
    for (size_t i = 0; i < COUNT(units); i++) {
        if (word.length == strlen(units[i]) && memcmp(word.data, units[i], word.length) == 0)
            return true;
    }
    return false;
}

static bool has_text(const char *end)
{
    if (*end != ' ' && *end != '-')
        return false;
    end += strspn(end, " -");
    return isalpha((unsigned char)*end) || (*end != '\0' && strchr("<([\"'*#", *end) != NULL);
}

static bool is_known(unsigned code)
{
    /* Of other servers: RFC 5321 4.2.3, RFC 2645 4, and IANA's registry. */
    static const unsigned others[] = {211, 422, 430, 453, 524, 533};

    for (size_t i = 0; i < COUNT(others); i++) {
        if (code == others[i])
            return true;
    }
    return ehlo_reply_find(code, NULL, ehlo_text("")) != 0;
}

/* ---- candidates ---- */

/* The enhanced code behind a basic one: "550 5.1.1", "550-5.1.1", "550 #5.1.1", "550 (#5.1.1)". */
static const char *read_pair(const char *end, struct ehlo_enhanced *enhanced)
{
    const char *next = end + (*end == '-' ? 1 : strspn(end, " "));
    size_t length = 0;

    if (next > end) {
        next += strspn(next, "(#");
        length = read_enhanced(next, enhanced);
    }
    return length > 0 ? next + length : end;
}

static struct candidate read_code(const char *line, const char *start)
{
    struct candidate candidate = {EVIDENCE_NONE, {0}};
    struct found *found = &candidate.found;
    const char *end = start + 3, *after;

    if (strspn(start, DIGITS) != 3 || *start < '2' || *start > '5')
        return candidate;
    found->code = (unsigned)(start[0] - '0') * 100 + (unsigned)(start[1] - '0') * 10 +
                  (unsigned)(start[2] - '0');
    after = read_pair(end, &found->enhanced);
    found->continues = *end == '-';
    found->text = ehlo_text(after + strspn(after, " :;,)#'\"-"));
    if (after > end && found->enhanced.klass == found->code / 100) {
        candidate.evidence = EVIDENCE_PAIR;
        return candidate;
    }
    if (start[1] > '5' || is_quantity(end) || (after == end && !ends_here(end)))
        return candidate;
    candidate.evidence = judge(line, start);
    if (candidate.evidence <= EVIDENCE_NAME && !is_known(found->code))
        candidate.evidence = EVIDENCE_NONE;
    if (candidate.evidence == EVIDENCE_MARK && !has_text(end))
        candidate.evidence = EVIDENCE_NONE;
    return candidate;
}

static struct candidate read_lone_enhanced(const char *line, const char *start)
{
    struct candidate candidate = {EVIDENCE_NONE, {0}};
    struct ehlo_enhanced *enhanced = &candidate.found.enhanced;

    if (read_enhanced(start, enhanced) == 0)
        return candidate;
    candidate.found.text = ehlo_text(line);
    candidate.evidence = start > line && start[-1] == '#' ? EVIDENCE_SPEECH : judge(line, start);
    /* "2.1.5" may be anything's version. */
    if (candidate.evidence == EVIDENCE_MARK && (enhanced->klass == 2 || !is_registered(enhanced)))
        candidate.evidence = EVIDENCE_NONE;
    return candidate;
}

static void keep_better(struct candidate *best, struct candidate next)
{
    if (next.evidence > best->evidence)
        *best = next;
}

/* A log goes on behind the reply that it quotes, or has its line ends spelt out. */
static size_t text_length(const char *text)
{
    static const char *const tails[] = {" (in reply to ", "; from=<", "\\n", "\\r"};
    size_t length = strlen(text);

    for (size_t i = 0; i < COUNT(tails); i++) {
        const char *tail = strstr(text, tails[i]);

        if (tail != NULL && (size_t)(tail - text) < length)
            length = (size_t)(tail - text);
    }
    return length;
}

bool scan_line(const char *line, struct found *found)
{
    struct candidate code = {EVIDENCE_NONE, {0}}, lone = {EVIDENCE_NONE, {0}};

    for (const char *start = line; *start != '\0'; start++) {
        if (!isdigit((unsigned char)*start) || !begins_here(line, start))
            continue;
        keep_better(&code, read_code(line, start));
        keep_better(&lone, read_lone_enhanced(line, start));
    }
    *found = code.evidence != EVIDENCE_NONE ? code.found : lone.found;
    if (found->text.data == NULL)
        return false;
    found->text.length = text_length(found->text.data);
    if (found->enhanced.klass == 0 && lone.evidence != EVIDENCE_NONE &&
        lone.found.enhanced.klass == found->code / 100)
        found->enhanced = lone.found.enhanced;
    return true;
}
