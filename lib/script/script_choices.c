/*
 * The words of `! config` lines for numbers of struct ehlo_server_config.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script/play.h"

const struct ehlo__word ehlo__bool_words[] = {
    {"off", 0},
    {"on", 1},
    {NULL, 0},
};

const struct ehlo__word ehlo__codes_words[] = {
    {"table", EHLO_CODES_TABLE},
    {"registry", EHLO_CODES_REGISTRY},
    {NULL, 0},
};

const struct ehlo__word ehlo__mode_words[] = {
    {"smtp", EHLO_MODE_SMTP},
    {"submission", EHLO_MODE_SUBMISSION},
    {"lmtp", EHLO_MODE_LMTP},
    {NULL, 0},
};

/* disabled_extensions */
const struct ehlo__word ehlo__extension_words[] = {
    {"pipelining", EHLO_EXTENSION_PIPELINING},
    {"size", EHLO_EXTENSION_SIZE},
    {"8bitmime", EHLO_EXTENSION_8BITMIME},
    {"enhancedstatuscodes", EHLO_EXTENSION_ENHANCEDSTATUSCODES},
    {"chunking", EHLO_EXTENSION_CHUNKING},
    {"starttls", EHLO_EXTENSION_STARTTLS},
    {"auth", EHLO_EXTENSION_AUTH},
    {"etrn", EHLO_EXTENSION_ETRN},
    {"xclient", EHLO_EXTENSION_XCLIENT},
    {"xforward", EHLO_EXTENSION_XFORWARD},
    {"binarymime", EHLO_EXTENSION_BINARYMIME},
    {"smtputf8", EHLO_EXTENSION_SMTPUTF8},
    {"dsn", EHLO_EXTENSION_DSN},
    {"requiretls", EHLO_EXTENSION_REQUIRETLS},
    {"limits", EHLO_EXTENSION_LIMITS},
    {"deliverby", EHLO_EXTENSION_DELIVERBY},
    {"futurerelease", EHLO_EXTENSION_FUTURERELEASE},
    {"mt_priority", EHLO_EXTENSION_MT_PRIORITY},
    {"rrvs", EHLO_EXTENSION_RRVS},
    {"prdr", EHLO_EXTENSION_PRDR},
    {"all", EHLO_EXTENSIONS_ALL},
    {NULL, 0},
};

/* extensions */
const struct ehlo__word ehlo__optional_words[] = {
    {"binarymime", EHLO_EXTENSION_BINARYMIME},
    {"smtputf8", EHLO_EXTENSION_SMTPUTF8},
    {"dsn", EHLO_EXTENSION_DSN},
    {"requiretls", EHLO_EXTENSION_REQUIRETLS},
    {"limits", EHLO_EXTENSION_LIMITS},
    {"deliverby", EHLO_EXTENSION_DELIVERBY},
    {"futurerelease", EHLO_EXTENSION_FUTURERELEASE},
    {"mt_priority", EHLO_EXTENSION_MT_PRIORITY},
    {"rrvs", EHLO_EXTENSION_RRVS},
    {"prdr", EHLO_EXTENSION_PRDR},
    {"all", EHLO_EXTENSIONS_OPTIONAL},
    {NULL, 0},
};

const struct ehlo__word ehlo__switch_words[] = {
    {"vrfy", EHLO_SWITCH_VRFY},
    {"expn", EHLO_SWITCH_EXPN},
    {"help", EHLO_SWITCH_HELP},
    {"all", EHLO_SWITCHES_ALL},
    {NULL, 0},
};

const struct ehlo__word ehlo__early_words[] = {
    {"refuse", EHLO_EARLY_REFUSE},
    {"ignore", EHLO_EARLY_IGNORE},
    {"note", EHLO_EARLY_NOTE},
    {NULL, 0},
};

const struct ehlo__word ehlo__pipelining_words[] = {
    {"note", EHLO_PIPELINING_NOTE},
    {"refuse", EHLO_PIPELINING_REFUSE},
    {"ignore", EHLO_PIPELINING_IGNORE},
    {NULL, 0},
};

const struct ehlo__word ehlo__bare_lf_words[] = {
    {"refuse", EHLO_BARE_LF_REFUSE},
    {"normalise", EHLO_BARE_LF_NORMALISE},
    {"accept", EHLO_BARE_LF_ACCEPT},
    {NULL, 0},
};

const struct ehlo__word ehlo__bare_cr_words[] = {
    {"refuse", EHLO_BARE_CR_REFUSE},
    {"space", EHLO_BARE_CR_SPACE},
    {"accept", EHLO_BARE_CR_ACCEPT},
    {NULL, 0},
};

const struct ehlo__word ehlo__nul_words[] = {
    {"refuse", EHLO_NUL_REFUSE},
    {"strip", EHLO_NUL_STRIP},
    {"accept", EHLO_NUL_ACCEPT},
    {NULL, 0},
};

const struct ehlo__word ehlo__8bit_words[] = {
    {"pass", EHLO_8BIT_PASS},
    {"refuse", EHLO_8BIT_REFUSE},
    {NULL, 0},
};

const struct ehlo__word ehlo__route_words[] = {
    {"drop", EHLO_ROUTE_DROP},
    {"refuse", EHLO_ROUTE_REFUSE},
    {NULL, 0},
};

const struct ehlo__word ehlo__size_words[] = {
    {"unlimited", EHLO_UNLIMITED},
    {NULL, 0},
};

/* flags of the rows of `mechanisms`, `parameters` and `verbs` */
const struct ehlo__word ehlo__mechanism_words[] = {
    {"server_first", EHLO_MECHANISM_SERVER_FIRST},
    {"clear", EHLO_MECHANISM_CLEAR},
    {NULL, 0},
};

const struct ehlo__word ehlo__parameter_words[] = {
    {"mail", EHLO_PARAMETER_OF_MAIL},
    {"rcpt", EHLO_PARAMETER_OF_RCPT},
    {"no_value", EHLO_PARAMETER_NO_VALUE},
    {"bare", EHLO_PARAMETER_BARE},
    {NULL, 0},
};

const struct ehlo__word ehlo__verb_words[] = {
    {"early", EHLO_VERB_EARLY}, {"transaction", EHLO_VERB_TRANSACTION},
    {"idle", EHLO_VERB_IDLE},   {"chunk", EHLO_VERB_CHUNK},
    {"last", EHLO_VERB_LAST},   {NULL, 0},
};
