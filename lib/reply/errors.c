/*
 * What error codes mean, and slices of C strings.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ehlo/types.h"

#include <string.h>

const char *ehlo_error_text(int error)
{
    switch (error) {
    case EHLO_OK:
        return "no error";
    case EHLO_ERROR_IN_HOOK:
        return "not callable from inside a hook";
    case EHLO_ERROR_SEQUENCE:
        return "not callable in this state";
    case EHLO_ERROR_ARGUMENT:
        return "argument out of range";
    case EHLO_ERROR_TOKEN:
        return "token is stale, used or foreign";
    case EHLO_ERROR_CLOSED:
        return "session is over";
    }
    return "unknown error";
}

struct ehlo_slice ehlo_text(const char *text)
{
    struct ehlo_slice slice = {text, text == NULL ? 0 : strlen(text)};

    return slice;
}
