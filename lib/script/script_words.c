/*
 * The words of transcripts for numbers in events and marks: names of enumerators in lower case,
 * without what they begin with.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

/* In the order of enum ehlo__hook. */
const struct ehlo__word ehlo__hook_words[] = {
    {"on_connect", EHLO__HOOK_CONNECT},
    {"on_helo", EHLO__HOOK_HELO},
    {"on_starttls", EHLO__HOOK_STARTTLS},
    {"on_auth", EHLO__HOOK_AUTH},
    {"on_sasl", EHLO__HOOK_SASL},
    {"on_mail", EHLO__HOOK_MAIL},
    {"on_rcpt", EHLO__HOOK_RCPT},
    {"on_data", EHLO__HOOK_DATA},
    {"on_body", EHLO__HOOK_BODY},
    {"on_message", EHLO__HOOK_MESSAGE},
    {"on_vrfy", EHLO__HOOK_VRFY},
    {"on_expn", EHLO__HOOK_EXPN},
    {"on_help", EHLO__HOOK_HELP},
    {"on_etrn", EHLO__HOOK_ETRN},
    {"on_xclient", EHLO__HOOK_XCLIENT},
    {"on_xforward", EHLO__HOOK_XFORWARD},
    {"on_command", EHLO__HOOK_COMMAND},
    {"on_reply", EHLO__HOOK_REPLY},
    {"on_done", EHLO__HOOK_DONE},
    {"on_close", EHLO__HOOK_CLOSE},
    {NULL, 0},
};

const struct ehlo__word ehlo__auth_words[] = {
    {"plain", EHLO_AUTH_PLAIN},
    {"login", EHLO_AUTH_LOGIN},
    {NULL, 0},
};

const struct ehlo__word ehlo__oddity_words[] = {
    {"colon_blanks", EHLO_ODDITY_COLON_BLANKS},
    {"doubled_spaces", EHLO_ODDITY_DOUBLED_SPACES},
    {"trailing_blanks", EHLO_ODDITY_TRAILING_BLANKS},
    {"helo_name", EHLO_ODDITY_HELO_NAME},
    {"underscore", EHLO_ODDITY_UNDERSCORE},
    {"long_local_part", EHLO_ODDITY_LONG_LOCAL_PART},
    {"unoffered", EHLO_ODDITY_UNOFFERED},
    {"auth_after_helo", EHLO_ODDITY_AUTH_AFTER_HELO},
    {"login_initial", EHLO_ODDITY_LOGIN_INITIAL},
    {"no_brackets", EHLO_ODDITY_NO_BRACKETS},
    {"display_name", EHLO_ODDITY_DISPLAY_NAME},
    {"empty_helo", EHLO_ODDITY_EMPTY_HELO},
    {"local_dots", EHLO_ODDITY_LOCAL_DOTS},
    {"trailing_dot", EHLO_ODDITY_TRAILING_DOT},
    {"lf_commands", EHLO_ODDITY_LF_COMMANDS},
    {"unknown_parameters", EHLO_ODDITY_UNKNOWN_PARAMETERS},
    {"helo_text", EHLO_ODDITY_HELO_TEXT},
    {"auth_equals", EHLO_ODDITY_AUTH_EQUALS},
    {"all", EHLO_ODDITIES_ALL},
    {NULL, 0},
};

const struct ehlo__word ehlo__path_words[] = {
    {"null", EHLO_PATH_NULL},
    {"postmaster", EHLO_PATH_POSTMASTER},
    {"quoted", EHLO_PATH_QUOTED},
    {"literal", EHLO_PATH_LITERAL},
    {"utf8", EHLO_PATH_UTF8},
    {"route", EHLO_PATH_ROUTE},
    {NULL, 0},
};

const struct ehlo__word ehlo__body_words[] = {
    {"none", EHLO_BODY_NONE},
    {"7bit", EHLO_BODY_7BIT},
    {"8bitmime", EHLO_BODY_8BIT},
    {"binary", EHLO_BODY_BINARY},
    {NULL, 0},
};

const struct ehlo__word ehlo__mail_words[] = {
    {"utf8", EHLO_MAIL_UTF8},
    {"requiretls", EHLO_MAIL_REQUIRETLS},
    {"prdr", EHLO_MAIL_PRDR},
    {NULL, 0},
};

const struct ehlo__word ehlo__ret_words[] = {
    {"full", EHLO_RET_FULL},
    {"hdrs", EHLO_RET_HDRS},
    {NULL, 0},
};

const struct ehlo__word ehlo__notify_words[] = {
    {"never", EHLO_NOTIFY_NEVER},
    {"success", EHLO_NOTIFY_SUCCESS},
    {"failure", EHLO_NOTIFY_FAILURE},
    {"delay", EHLO_NOTIFY_DELAY},
    {NULL, 0},
};

const struct ehlo__word ehlo__node_words[] = {
    {"host", EHLO_NODE_HOST},
    {"domain", EHLO_NODE_DOMAIN},
    {"queue", EHLO_NODE_QUEUE},
    {NULL, 0},
};

/* As the members of struct ehlo_attributes. */
const struct ehlo__word ehlo__attribute_words[] = {
    {"name", EHLO_ATTRIBUTE_NAME},
    {"address", EHLO_ATTRIBUTE_ADDR},
    {"port", EHLO_ATTRIBUTE_PORT},
    {"protocol", EHLO_ATTRIBUTE_PROTO},
    {"helo", EHLO_ATTRIBUTE_HELO},
    {"login", EHLO_ATTRIBUTE_LOGIN},
    {"destination_address", EHLO_ATTRIBUTE_DESTADDR},
    {"destination_port", EHLO_ATTRIBUTE_DESTPORT},
    {"identity", EHLO_ATTRIBUTE_IDENT},
    {"source", EHLO_ATTRIBUTE_SOURCE},
    {NULL, 0},
};

const struct ehlo__word ehlo__outcome_words[] = {
    {"taken", EHLO_OUTCOME_TAKEN},
    {"partly", EHLO_OUTCOME_PARTLY},
    {"refused", EHLO_OUTCOME_REFUSED},
    {"aborted", EHLO_OUTCOME_ABORTED},
    {NULL, 0},
};

const struct ehlo__word ehlo__cause_words[] = {
    {"completed", EHLO_CAUSE_COMPLETED},
    {"mail_refused", EHLO_CAUSE_MAIL_REFUSED},
    {"rset", EHLO_CAUSE_RSET},
    {"helo", EHLO_CAUSE_HELO},
    {"quit", EHLO_CAUSE_QUIT},
    {"eof", EHLO_CAUSE_EOF},
    {"disconnected", EHLO_CAUSE_DISCONNECTED},
    {"timeout", EHLO_CAUSE_TIMEOUT},
    {"shutdown", EHLO_CAUSE_SHUTDOWN},
    {"limit", EHLO_CAUSE_LIMIT},
    {"protocol", EHLO_CAUSE_PROTOCOL},
    {"host", EHLO_CAUSE_HOST},
    {"tls", EHLO_CAUSE_TLS},
    {NULL, 0},
};

const struct ehlo__word ehlo__state_words[] = {
    {"connect", EHLO_STATE_CONNECT},
    {"fresh", EHLO_STATE_FRESH},
    {"ready", EHLO_STATE_READY},
    {"mail_refused", EHLO_STATE_MAIL_REFUSED},
    {"mail", EHLO_STATE_MAIL},
    {"no_rcpt", EHLO_STATE_NO_RCPT},
    {"rcpt", EHLO_STATE_RCPT},
    {"content", EHLO_STATE_CONTENT},
    {"refused", EHLO_STATE_REFUSED},
    {"closed", EHLO_STATE_CLOSED},
    {"chunks", EHLO_STATE_CHUNKS},
    {"chunks_failed", EHLO_STATE_CHUNKS_FAILED},
    {"auth", EHLO_STATE_AUTH},
    {"tls", EHLO_STATE_TLS},
    {NULL, 0},
};

const struct ehlo__word ehlo__trace_words[] = {
    {"command", EHLO_TRACE_COMMAND},
    {"reply", EHLO_TRACE_REPLY},
    {"state", EHLO_TRACE_STATE},
    {"content", EHLO_TRACE_CONTENT},
    {"closed", EHLO_TRACE_CLOSED},
    {"oddity", EHLO_TRACE_ODDITY},
    {"early_talker", EHLO_TRACE_EARLY_TALKER},
    {"pipelining", EHLO_TRACE_PIPELINING},
    {"foreign", EHLO_TRACE_FOREIGN},
    {"bare_lf", EHLO_TRACE_BARE_LF},
    {"bare_cr", EHLO_TRACE_BARE_CR},
    {"nul", EHLO_TRACE_NUL},
    {"bad_line", EHLO_TRACE_BAD_LINE},
    {"injection", EHLO_TRACE_INJECTION},
    {"line_limit", EHLO_TRACE_LINE_LIMIT},
    {"size_limit", EHLO_TRACE_SIZE_LIMIT},
    {"recipient_limit", EHLO_TRACE_RECIPIENT_LIMIT},
    {"hop_limit", EHLO_TRACE_HOP_LIMIT},
    {"error_hint", EHLO_TRACE_ERROR_HINT},
    {"error_limit", EHLO_TRACE_ERROR_LIMIT},
    {"junk_limit", EHLO_TRACE_JUNK_LIMIT},
    {"refused_limit", EHLO_TRACE_REFUSED_LIMIT},
    {"transaction_limit", EHLO_TRACE_TRANSACTION_LIMIT},
    {"parameter_limit", EHLO_TRACE_PARAMETER_LIMIT},
    {"header_limit", EHLO_TRACE_HEADER_LIMIT},
    {"content_line_limit", EHLO_TRACE_CONTENT_LINE_LIMIT},
    {"auth_limit", EHLO_TRACE_AUTH_LIMIT},
    {"domain_limit", EHLO_TRACE_DOMAIN_LIMIT},
    {"host_fault", EHLO_TRACE_HOST_FAULT},
    {"host_reply", EHLO_TRACE_HOST_REPLY},
    {NULL, 0},
};

const struct ehlo__word ehlo__want_words[] = {
    {"READ", EHLO_WANT_READ},         {"WRITE", EHLO_WANT_WRITE}, {"TLS", EHLO_WANT_TLS},
    {"DECISION", EHLO_WANT_DECISION}, {"CLOSE", EHLO_WANT_CLOSE}, {NULL, 0},
};

const struct ehlo__word ehlo__info_words[] = {
    {"helo", EHLO_INFO_HELO},
    {"extended", EHLO_INFO_EXTENDED},
    {"transaction", EHLO_INFO_TRANSACTION},
    {"tls", EHLO_INFO_TLS},
    {"authenticated", EHLO_INFO_AUTHENTICATED},
    {"utf8", EHLO_INFO_UTF8},
    {"requiretls", EHLO_INFO_REQUIRETLS},
    {"forwarded", EHLO_INFO_FORWARDED},
    {NULL, 0},
};

bool ehlo__word_number(const struct ehlo__word *words, struct ehlo_slice name, uint64_t *number)
{
    for (; words->name != NULL; words++) {
        if (ehlo__is_word(name, words->name)) {
            *number = words->number;
            return true;
        }
    }
    return false;
}

const char *ehlo__word_name(const struct ehlo__word *words, uint64_t number)
{
    for (; words->name != NULL; words++) {
        if (words->number == number)
            return words->name;
    }
    return "?";
}
