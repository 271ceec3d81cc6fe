/*
 * The counters of a session: error points (RFC 5321 7.8 lets a server defend itself), junk
 * commands, refused recipients. Each tells when its limit is reached; the reply in hand is then
 * replaced by a 421.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server/session.h"

#include <string.h>

uint32_t ehlo__limit(uint32_t configured, uint32_t standard)
{
    return configured != 0 ? configured : standard;
}

size_t ehlo__write_number(char buffer[EHLO__NUMBER_MAX], uint64_t number)
{
    size_t at = EHLO__NUMBER_MAX;

    do
        buffer[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    memmove(buffer, buffer + at, EHLO__NUMBER_MAX - at);
    return EHLO__NUMBER_MAX - at;
}

uint64_t ehlo__max_message_size(const struct ehlo_server *s)
{
    const uint64_t limit = s->config->max_message_size;

    return limit != 0 ? limit : EHLO_DEFAULT_MESSAGE_SIZE;
}

bool ehlo__error_point(struct ehlo_server *s)
{
    const uint32_t limit = ehlo__limit(s->config->max_errors, EHLO_DEFAULT_ERRORS);

    s->errors++;
    if (s->errors == limit / 2)
        ehlo__trace(s, EHLO_TRACE_ERROR_HINT, s->errors);
    if (s->errors < limit)
        return false;
    ehlo__trace(s, EHLO_TRACE_ERROR_LIMIT, s->errors);
    return true;
}

bool ehlo__junk_point(struct ehlo_server *s)
{
    const uint32_t limit = ehlo__limit(s->config->max_junk, EHLO_DEFAULT_JUNK);

    if (s->junk < limit) {
        s->junk++;
        return false;
    }
    ehlo__trace(s, EHLO_TRACE_JUNK_LIMIT, s->junk);
    return ehlo__error_point(s);
}

bool ehlo__refused_point(struct ehlo_server *s)
{
    s->refused++;
    if (s->refused < ehlo__limit(s->config->max_refused, EHLO_DEFAULT_REFUSED))
        return false;
    ehlo__trace(s, EHLO_TRACE_REFUSED_LIMIT, s->refused);
    return true;
}
