/*
 * The parameters of MAIL and RCPT as data: keyword, the verb and the extension that it belongs to,
 * and who reads its value (RFC 5321 4.1.1.11). A parameter of the other verb, or one that was not
 * offered, is an unknown one. The host's own stand behind the engine's.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/parameters.h"

#include "server/rows.h"
#include "server/session.h"

/* UTF-8 that SMTPUTF8 permits in values (RFC 6531 3.3), or 0. */
static uint32_t utf8_of(const struct ehlo_server *s, const struct ehlo_mail *mail)
{
    const uint32_t flags = mail != NULL ? mail->flags : s->transaction.flags;

    return flags & EHLO_MAIL_UTF8 ? EHLO_SYNTAX_UTF8 : 0;
}

/* ---- values of MAIL ---- */

/* RFC 1870 3 */
static bool take_size(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    (void)s;
    return ehlo_parse_size(value, &mail->declared_size) == EHLO_SYNTAX_OK;
}

/* RFC 6152 2; BINARYMIME needs its own extension (RFC 3030 3) */
static bool take_body(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;
    enum ehlo_body body;

    if (ehlo_parse_body(value, &body) != EHLO_SYNTAX_OK ||
        (body == EHLO_BODY_BINARY && !ehlo__offered(s, EHLO_EXTENSION_BINARYMIME)))
        return false;
    mail->body = body;
    return true;
}

/* Who is not trusted cannot say who wrote it (RFC 4954 5). */
static bool take_auth(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;
    const uint32_t tolerated = ehlo__tolerated(s) | utf8_of(s, mail);

    if (ehlo_parse_auth_value(value, tolerated) != EHLO_SYNTAX_OK)
        return false;
    mail->auth = s->authenticated ? value : ehlo_text("<>");
    return true;
}

/* SMTPUTF8: mail.c saw it before the path was judged */
static bool take_utf8(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    (void)s;
    (void)value;
    (void)target;
    return true;
}

/* RFC 8689 2 */
static bool take_require_tls(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    (void)s;
    (void)value;
    mail->flags |= EHLO_MAIL_REQUIRETLS;
    return true;
}

static bool take_prdr(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    (void)s;
    (void)value;
    mail->flags |= EHLO_MAIL_PRDR;
    return true;
}

/* RFC 3461 4.3 */
static bool take_ret(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;
    enum ehlo_ret ret;

    (void)s;
    if (ehlo_parse_ret(value, &ret) != EHLO_SYNTAX_OK)
        return false;
    mail->ret = ret;
    return true;
}

/* RFC 3461 4.4 */
static bool take_envid(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    (void)s;
    mail->envid = value;
    return ehlo_parse_envid(value) == EHLO_SYNTAX_OK;
}

/* RFC 4865 4.2 (7) */
static bool take_hold_for(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    return ehlo_parse_hold_for(value, &mail->hold_for) == EHLO_SYNTAX_OK &&
           mail->hold_for <= s->config->max_hold_for;
}

/* RFC 4865 4.2 (8); what is not behind 1970 is past by any clock, and 0 tells that there is none */
static bool take_hold_until(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    const struct ehlo_slice limit = ehlo_text(s->config->max_hold_until);
    struct ehlo_mail *mail = target;
    int64_t latest = 0;

    ehlo_parse_date_time(limit, EHLO_DATE_UTC, &latest);
    return ehlo_parse_date_time(value, EHLO_DATE_UTC, &mail->hold_until) == EHLO_SYNTAX_OK &&
           mail->hold_until > 0 && mail->hold_until <= latest;
}

/* RFC 2852 4 */
static bool take_by(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    (void)s;
    return ehlo_parse_by(value, &mail->by) == EHLO_SYNTAX_OK;
}

/* RFC 6710 4.1 */
static bool take_priority(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_mail *mail = target;

    (void)s;
    return ehlo_parse_priority(value, &mail->priority) == EHLO_SYNTAX_OK;
}

/* What only all parameters together tell, in whatever order they came. */
static unsigned judge_mail(const struct ehlo_server *s, struct ehlo_mail *mail)
{
    const struct ehlo_by *by = &mail->by;

    if (by->mode == EHLO_BY_RETURN && (uint32_t)by->seconds < s->config->min_by_time)
        return EHLO_REPLY_DELIVERY_TIME_TOO_SHORT; /* RFC 2852 3 */
    if (mail->hold_for != 0 && mail->hold_until != 0)
        return EHLO_REPLY_PARAMETER_SYNTAX; /* RFC 4865 4.2 (9) */
    if (by->mode != EHLO_BY_NONE && mail->hold_for != 0 && (int64_t)mail->hold_for > by->seconds)
        return EHLO_REPLY_PARAMETER_SYNTAX; /* RFC 4865 5.2.2 */
    if ((mail->flags & EHLO_MAIL_REQUIRETLS) != 0 && mail->ret == EHLO_RET_FULL)
        mail->ret = EHLO_RET_HDRS; /* RFC 8689 5 */
    return 0;
}

/* ---- values of RCPT ---- */

/* RFC 3461 4.1 */
static bool take_notify(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_rcpt *rcpt = target;

    (void)s;
    return ehlo_parse_notify(value, &rcpt->notify) == EHLO_SYNTAX_OK;
}

/* RFC 3461 4.2, RFC 6533 3 */
static bool take_orcpt(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_rcpt *rcpt = target;

    return ehlo_parse_orcpt(value, utf8_of(s, NULL), &rcpt->orcpt) == EHLO_SYNTAX_OK;
}

/* RFC 7293 3.1 */
static bool take_rrvs(const struct ehlo_server *s, struct ehlo_slice value, void *target)
{
    struct ehlo_rcpt *rcpt = target;

    (void)s;
    return ehlo_parse_rrvs(value, &rcpt->rrvs) == EHLO_SYNTAX_OK;
}

/* ---- the table ---- */

struct parameter {
    char keyword[12];
    uint8_t verb;
    bool no_value;
    uint16_t refusal;    /* of a bad value, and of the parameter given twice */
    uint32_t extensions; /* of which one must have been offered */
    uint32_t tolerated;  /* the oddity that lets it pass though none was */
    bool (*take)(const struct ehlo_server *, struct ehlo_slice value, void *target);
};

/* A table is read by its columns. */
/* clang-format off */

#define MAIL EHLO__VERB_MAIL
#define RCPT EHLO__VERB_RCPT
#define BAD  EHLO_REPLY_PARAMETER_SYNTAX
#define BODY (EHLO_EXTENSION_8BITMIME | EHLO_EXTENSION_BINARYMIME)

static const struct parameter parameters[] = {
    {"SIZE",        MAIL, false, BAD, EHLO_EXTENSION_SIZE,          0, take_size},
    {"BODY",        MAIL, false, BAD, BODY,     EHLO_ODDITY_UNOFFERED, take_body},
    {"AUTH",        MAIL, false, BAD, EHLO_EXTENSION_AUTH, EHLO_ODDITY_UNOFFERED, take_auth},
    {"SMTPUTF8",    MAIL, true,  BAD, EHLO_EXTENSION_SMTPUTF8,      0, take_utf8},
    {"RET",         MAIL, false, BAD, EHLO_EXTENSION_DSN,           0, take_ret},
    {"ENVID",       MAIL, false, BAD, EHLO_EXTENSION_DSN,           0, take_envid},
    {"REQUIRETLS",  MAIL, true,  BAD, EHLO_EXTENSION_REQUIRETLS,    0, take_require_tls},
    {"HOLDFOR",     MAIL, false, BAD, EHLO_EXTENSION_FUTURERELEASE, 0, take_hold_for},
    {"HOLDUNTIL",   MAIL, false, BAD, EHLO_EXTENSION_FUTURERELEASE, 0, take_hold_until},
    {"BY",          MAIL, false, BAD, EHLO_EXTENSION_DELIVERBY,     0, take_by},
    {"MT-PRIORITY", MAIL, false, EHLO_REPLY_PRIORITY_SYNTAX,
                                      EHLO_EXTENSION_MT_PRIORITY,   0, take_priority},
    {"PRDR",        MAIL, true,  BAD, EHLO_EXTENSION_PRDR,          0, take_prdr},
    {"NOTIFY",      RCPT, false, BAD, EHLO_EXTENSION_DSN,           0, take_notify},
    {"ORCPT",       RCPT, false, BAD, EHLO_EXTENSION_DSN,           0, take_orcpt},
    {"RRVS",        RCPT, false, BAD, EHLO_EXTENSION_RRVS,          0, take_rrvs},
};

/* clang-format on */

#define PARAMETER_COUNT (sizeof parameters / sizeof *parameters)

/* The set of those that a command has given is one number. */
_Static_assert(PARAMETER_COUNT + EHLO__HOST_PARAMETERS <= 32, "too many parameters");

/* A command whose parameters are being read. */
struct taking {
    struct ehlo_server *s;
    unsigned verb;
    uint32_t seen; /* 1u << row; the host's rows are counted behind the engine's */
    void *target;
};

bool ehlo__is_parameter(struct ehlo_slice name)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++)
        if (ehlo_same_text(name, ehlo_text(parameters[i].keyword)))
            return true;
    return false;
}

/* Who has authenticated is not offered AUTH any more, but may use its parameter (RFC 4954 5). */
static bool may_use(const struct ehlo_server *s, uint32_t extensions)
{
    return ehlo__offered(s, extensions) ||
           (extensions == EHLO_EXTENSION_AUTH && s->extended && s->authenticated &&
            ehlo__may_offer(s->config, extensions));
}

/* The row of a parameter; NULL: unknown, of the other verb, or neither offered nor tolerated. */
static const struct parameter *find_parameter(const struct taking *taking,
                                              struct ehlo_slice keyword, uint32_t *oddities)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter *row = &parameters[i];

        if (row->verb != taking->verb || !ehlo_same_text(keyword, ehlo_text(row->keyword)))
            continue;
        if (may_use(taking->s, row->extensions))
            return row;
        *oddities = row->tolerated & ehlo__tolerated(taking->s);
        return *oddities != 0 ? row : NULL;
    }
    return NULL;
}

static const struct ehlo_parameter_row *find_host_parameter(const struct taking *taking,
                                                            struct ehlo_slice keyword)
{
    const uint32_t flag =
        taking->verb == EHLO__VERB_MAIL ? EHLO_PARAMETER_OF_MAIL : EHLO_PARAMETER_OF_RCPT;
    const struct ehlo_parameter_row *row = taking->s->config->parameters;

    for (; taking->s->extended && row != NULL && row->keyword != NULL; row++)
        if ((row->flags & flag) != 0 && ehlo_same_text(keyword, ehlo_text(row->keyword)))
            return row;
    return NULL;
}

/* Notes that a row was used; false: it was before. */
static bool is_new(struct taking *taking, size_t row)
{
    const uint32_t bit = UINT32_C(1) << row;
    const bool was_new = (taking->seen & bit) == 0;

    taking->seen |= bit;
    return was_new;
}

static unsigned take_host_parameter(struct taking *taking, const struct ehlo_parameter_row *row,
                                    const struct ehlo_parameter *parameter)
{
    const size_t number = PARAMETER_COUNT + (size_t)(row - taking->s->config->parameters);
    const bool bare = (row->flags & (EHLO_PARAMETER_NO_VALUE | EHLO_PARAMETER_BARE)) != 0;
    const bool valued = (row->flags & EHLO_PARAMETER_NO_VALUE) == 0;

    if (!is_new(taking, number) || (parameter->has_value ? !valued : !bare) ||
        (row->good != NULL && !row->good(parameter->value)))
        return EHLO_REPLY_PARAMETER_SYNTAX;
    return 0;
}

/* Takes one parameter; returns the reply that refuses it, or 0. */
static unsigned take(struct taking *taking, const struct ehlo_parameter *parameter)
{
    struct ehlo_server *s = taking->s;
    uint32_t oddities = 0;
    const struct parameter *row = find_parameter(taking, parameter->keyword, &oddities);
    const struct ehlo_parameter_row *host_row =
        row == NULL ? find_host_parameter(taking, parameter->keyword) : NULL;

    if (host_row != NULL)
        return take_host_parameter(taking, host_row, parameter);
    if (row == NULL && (ehlo__tolerated(s) & EHLO_ODDITY_UNKNOWN_PARAMETERS) == 0)
        return EHLO_REPLY_UNKNOWN_PARAMETER;
    if (row == NULL) {
        ehlo__trace_oddities(s, EHLO_ODDITY_UNKNOWN_PARAMETERS);
        return 0;
    }
    if (!is_new(taking, (size_t)(row - parameters)) || parameter->has_value == row->no_value ||
        !row->take(s, parameter->value, taking->target))
        return row->refusal;
    ehlo__trace_oddities(s, oddities);
    return 0;
}

bool ehlo__asks_for_utf8(const struct ehlo_server *s, struct ehlo_slice rest)
{
    const uint32_t tolerated = ehlo__tolerated(s) | EHLO_SYNTAX_UTF8;
    struct ehlo_parameter parameter;

    if (!ehlo__offered(s, EHLO_EXTENSION_SMTPUTF8))
        return false;
    while (ehlo_next_parameter(&rest, tolerated, &parameter) == EHLO_SYNTAX_OK)
        if (ehlo_same_text(parameter.keyword, ehlo_text("SMTPUTF8")))
            return true;
    return false;
}

unsigned ehlo__take_parameters(struct ehlo_server *s, unsigned verb, struct ehlo_slice rest,
                               void *target)
{
    const uint32_t limit = ehlo__limit(s->config->max_parameters, EHLO_DEFAULT_PARAMETERS);
    const uint32_t tolerated =
        ehlo__tolerated(s) | utf8_of(s, verb == EHLO__VERB_MAIL ? target : NULL);
    struct taking taking = {s, verb, 0, target};
    struct ehlo_parameter parameter;

    for (uint32_t count = 0;; count++) {
        const enum ehlo_syntax found = ehlo_next_parameter(&rest, tolerated, &parameter);
        unsigned refused;

        if (found == EHLO_SYNTAX_END)
            return verb == EHLO__VERB_MAIL ? judge_mail(s, target) : 0;
        if (found != EHLO_SYNTAX_OK)
            return EHLO_REPLY_PARAMETER_SYNTAX;
        if (count == limit) {
            ehlo__trace(s, EHLO_TRACE_PARAMETER_LIMIT, limit);
            return EHLO_REPLY_PARAMETER_SYNTAX;
        }
        if ((refused = take(&taking, &parameter)) != 0)
            return refused;
    }
}
