/*
 * The message of the mechanism PLAIN: [authzid] NUL authcid NUL passwd (RFC 4616 2).
 *
 * SPDX-License-Identifier: MIT
 */
#include "sasl/plain.h"

#include "ehlo/syntax.h"

#include <string.h>

/* Cuts off what stands before the next NUL; false: there is none. */
static bool take_part(struct ehlo_slice *rest, struct ehlo_slice *part)
{
    const char *nul = rest->length == 0 ? NULL : memchr(rest->data, '\0', rest->length);

    if (nul == NULL)
        return false;
    *part = (struct ehlo_slice){rest->data, (size_t)(nul - rest->data)};
    rest->length -= part->length + 1;
    rest->data = nul + 1;
    return true;
}

bool ehlo__parse_plain(struct ehlo_slice message, struct ehlo__plain *plain)
{
    struct ehlo_slice rest = message;

    if (!ehlo_is_utf8(message) || !take_part(&rest, &plain->authorization) ||
        !take_part(&rest, &plain->authentication))
        return false;
    plain->password = rest;
    return plain->authentication.length > 0 && rest.length > 0 &&
           memchr(rest.data, '\0', rest.length) == NULL;
}
