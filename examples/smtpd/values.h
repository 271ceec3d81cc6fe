/*
 * The values of the options. Each function takes one and returns what is wrong with it, or NULL.
 * What it keeps of `value` must live as long as the options.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_VALUES_H
#define SMTPD_VALUES_H

#include "options.h"

const char *value_listen(struct options *, char *value);
const char *value_hostname(struct options *, char *value);
const char *value_maildir(struct options *, char *value);
const char *value_policy(struct options *, char *value);
const char *value_dns(struct options *, char *value);
const char *value_domain(struct options *, char *value);
const char *value_user(struct options *, char *value);
const char *value_token(struct options *, char *value);
const char *value_xclient(struct options *, char *value);
const char *value_max_size(struct options *, char *value);
const char *value_bare_newline(struct options *, char *value);
const char *value_codes(struct options *, char *value);
const char *value_disable(struct options *, char *value);
const char *value_tls_cert(struct options *, char *value);
const char *value_tls_key(struct options *, char *value);

/* Whether it can be our name. */
bool value_is_host(struct ehlo_slice name);

#endif
