/*
 * Bearer tokens: OAUTHBEARER (RFC 7628) and XOAUTH2, which came before it. Both send a name and a
 * token in one message of "key=value" pairs, each of which an octet 1 ends.
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth.h"

#include "accounts.h"
#include <string.h>

#define END_OF_PAIR '\1'

struct bearer {
    struct ehlo_slice user; /* empty: not told */
    struct ehlo_slice token;
};

/* Takes what stands before an octet, and the octet. False: there is none. */
static bool take_until(struct ehlo_slice *rest, char octet, struct ehlo_slice *part)
{
    const char *end = rest->length > 0 ? memchr(rest->data, octet, rest->length) : NULL;

    if (end == NULL)
        return false;
    *part = (struct ehlo_slice){rest->data, (size_t)(end - rest->data)};
    rest->data = end + 1;
    rest->length -= part->length + 1;
    return true;
}

/* Takes a word at the beginning, in any case. */
static bool take_word(struct ehlo_slice *text, const char *word)
{
    size_t length = strlen(word);

    if (text->length < length ||
        !ehlo_same_text((struct ehlo_slice){text->data, length}, ehlo_text(word)))
        return false;
    text->data += length;
    text->length -= length;
    return true;
}

/* *kvpair kvsep (RFC 7628 3.1), of which `auth` and, in XOAUTH2, `user` count. */
static bool read_pairs(struct ehlo_slice rest, struct bearer *bearer)
{
    struct ehlo_slice pair;

    while (take_until(&rest, END_OF_PAIR, &pair) && pair.length > 0) {
        if (take_word(&pair, "user="))
            bearer->user = pair;
        else if (take_word(&pair, "auth=") && take_word(&pair, "Bearer "))
            bearer->token = pair;
    }
    return rest.length == 0 && bearer->token.length > 0;
}

/* gs2-header kvsep (RFC 7628 3.1, RFC 5801 4): "n,a=name,". There is no channel to bind to. */
static bool read_header(struct ehlo_slice *rest, struct bearer *bearer)
{
    struct ehlo_slice flag, name, nothing;

    if (!take_until(rest, ',', &flag) || !take_until(rest, ',', &name) ||
        !take_until(rest, END_OF_PAIR, &nothing) || nothing.length > 0)
        return false;
    if (!ehlo_same_text(flag, ehlo_text("n")) && !ehlo_same_text(flag, ehlo_text("y")))
        return false;
    if (take_word(&name, "a="))
        bearer->user = name;
    return bearer->user.length > 0 || name.length == 0;
}

/* Whose token it is; NULL: nobody's, or not that of who he says he is. */
static const char *find_user(const struct options *options, const struct bearer *bearer)
{
    const char *found = NULL;

    for (size_t i = 0; i < options->token_count; i++) {
        const struct token *token = &options->tokens[i];

        if (accounts_same_secret(token->secret, bearer->token) &&
            (bearer->user.length == 0 || ehlo_same_text(ehlo_text(token->name), bearer->user)))
            found = token->name;
    }
    return found;
}

/* `bearer`: NULL if what the client sent cannot be read. */
static struct ehlo_reply decide(struct ehlo_server *s, struct visit *visit, const char *mechanism,
                                const struct bearer *bearer)
{
    static const char invalid[] = "{\"status\":\"invalid_token\"}";
    static const char malformed[] = "{\"status\":\"invalid_request\"}";
    const char *name = bearer != NULL ? find_user(visit->options, bearer) : NULL;
    const char *why = bearer != NULL ? invalid : malformed;

    if (name == NULL) /* the client answers, and is refused then (RFC 7628 3.2.3) */
        return ehlo_challenge(why, strlen(why));
    return auth_identify(s, visit, ehlo_text(name), mechanism)
               ? ehlo_accept()
               : ehlo_reply(EHLO_REPLY_AUTH_INVALID);
}

struct ehlo_reply bearer_oauthbearer(struct ehlo_server *s, const struct ehlo_sasl *sasl,
                                     struct visit *visit)
{
    struct ehlo_slice rest = sasl->response;
    struct bearer bearer = {.user.length = 0};
    bool is_readable = read_header(&rest, &bearer) && read_pairs(rest, &bearer);

    if (sasl->step > 0)
        return ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    return decide(s, visit, sasl->mechanism->name, is_readable ? &bearer : NULL);
}

struct ehlo_reply bearer_xoauth2(struct ehlo_server *s, const struct ehlo_sasl *sasl,
                                 struct visit *visit)
{
    struct bearer bearer = {.user.length = 0};
    bool is_readable = read_pairs(sasl->response, &bearer) && bearer.user.length > 0;

    if (sasl->step > 0)
        return ehlo_reply(EHLO_REPLY_AUTH_INVALID);
    return decide(s, visit, sasl->mechanism->name, is_readable ? &bearer : NULL);
}
