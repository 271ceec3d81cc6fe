/** @file
 * What every other header of libehlo uses: the export macro, slices of text, error codes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TYPES_H
#define EHLO_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Marks what the library exports. A program that links the static library, or a compiler that does
 * not know visibility, needs nothing; a Windows program that links the DLL defines EHLO_SHARED.
 */
#ifndef EHLO_API
#if defined _WIN32 && defined EHLO_BUILDING && defined EHLO_SHARED
#define EHLO_API __declspec(dllexport)
#elif defined _WIN32 && defined EHLO_SHARED
#define EHLO_API __declspec(dllimport)
#elif defined __GNUC__
#define EHLO_API __attribute__((visibility("default")))
#else
#define EHLO_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Octets that somebody else owns. Not NUL-terminated; may hold any octet, NUL too.
 * The function or hook that hands out a slice says how long it lives.
 */
struct ehlo_slice {
    const char *data; /**< first octet; may be NULL if `length` is 0 */
    size_t length;    /**< octets */
};

/**
 * What a call by the host may return. Mistakes of the *peer* are never here: they are replies.
 * After any of these the session is as it was before the call.
 */
enum ehlo_error {
    EHLO_OK = 0,             /**< done */
    EHLO_ERROR_IN_HOOK = -1, /**< not callable from inside a hook */
    EHLO_ERROR_SEQUENCE =
        -2, /**< not callable in this state: not started, started already, unsent output ... */
    EHLO_ERROR_ARGUMENT = -3, /**< an argument is NULL, out of range or of an unknown size */
    EHLO_ERROR_TOKEN = -4, /**< the token is stale, used or foreign: discard what was done for it */
    EHLO_ERROR_CLOSED = -5 /**< the session is over */
};

/**
 * Says in a few words what an error code means, for logs.
 *
 * @param error  one of enum ehlo_error
 * @return       static text, never NULL; "unknown error" for any other number
 */
EHLO_API const char *ehlo_error_text(int error);

/**
 * Makes a slice of a C string.
 *
 * @param text  NUL-terminated; NULL makes an empty slice. The slice lives as long as the string.
 */
EHLO_API struct ehlo_slice ehlo_text(const char *text);

#ifdef __cplusplus
}
#endif

#endif
