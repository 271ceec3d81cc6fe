/*
 * Labels of internationalized domains as the DNS has them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SMTPD_PUNYCODE_H
#define SMTPD_PUNYCODE_H

#include "ehlo/types.h"

#define LABEL_MAX 63 /* octets (RFC 1035 2.3.4) */

/*
 * Writes the A-label of a U-label in UTF-8, without a NUL, and returns its length; 0: it has none.
 * The label is taken as it is, but for the case of ASCII letters: a U-label is in its normal form
 * already (RFC 5890 2.3.2.1), and one that is not is not registered.
 */
size_t punycode_label(char octets[LABEL_MAX], struct ehlo_slice label);

#endif
