/*
 * The header of the PROXY protocol: how it begins, and version 1, a line of text (2, 2.1).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/proxy.h"

#include "syntax/cursor.h"

#include <string.h>

/* IPv4 numbers have no leading zeros (2.1), so that only one spelling is right. */
static bool read_v1_ipv4(struct ehlo_slice field, struct ehlo_proxy_endpoint *endpoint)
{
    uint8_t address[4];

    if (ehlo_parse_ipv4(field, address) != EHLO_SYNTAX_OK)
        return false;
    ehlo__set_endpoint(endpoint, EHLO_PROXY_IPV4, address, 0);
    return field.length == strlen(endpoint->text) &&
           memcmp(field.data, endpoint->text, field.length) == 0;
}

/* IPv6 as senders get it from inet_ntop(): an IPv4 address may stand for the last two groups. */
static bool read_v1_ipv6(struct ehlo_slice field, struct ehlo_proxy_endpoint *endpoint)
{
    struct ehlo_slice tail = {field.data + field.length, 0};
    struct ehlo_proxy_endpoint ignored;
    uint8_t address[16];

    if (ehlo_parse_ipv6(field, address) != EHLO_SYNTAX_OK)
        return false;
    ehlo__set_endpoint(endpoint, EHLO_PROXY_IPV6, address, 0);
    if (memchr(field.data, '.', field.length) == NULL)
        return true;
    for (; tail.data[-1] != ':'; tail.data--)
        tail.length++;
    return read_v1_ipv4(tail, &ignored);
}

static bool read_v1_port(struct ehlo_slice field, struct ehlo_proxy_endpoint *endpoint)
{
    uint64_t port;

    if (ehlo_parse_number(field, 5, &port) != EHLO_SYNTAX_OK || port > 65535)
        return false;
    endpoint->port = (uint32_t)port;
    return field.data[0] != '0' || field.length == 1;
}

/* A field of version 1: the octets it may have, how many of them, and what they have to mean. */
struct v1_field {
    const char *octets;
    size_t most;
    bool (*read)(struct ehlo_slice, struct ehlo_proxy_endpoint *);
};

static const struct v1_field v1_ipv4 = {"0123456789.", 15, read_v1_ipv4};
static const struct v1_field v1_ipv6 = {"0123456789abcdefABCDEF:.", 45, read_v1_ipv6};
static const struct v1_field v1_port = {"0123456789", 5, read_v1_port};

static enum ehlo_proxy_status take_v1_octet(struct ehlo__cursor *in, char octet)
{
    if (in->left == 0)
        return EHLO_PROXY_MORE;
    return ehlo__take(in, octet) ? EHLO_PROXY_COMPLETE : EHLO_PROXY_MALFORMED;
}

/* Takes a field and the one octet behind it. */
static enum ehlo_proxy_status take_v1_field(struct ehlo__cursor *in, const struct v1_field *rule,
                                            char behind, struct ehlo_slice *field)
{
    struct ehlo__cursor start = *in;

    while (in->left > 0 && start.left - in->left < rule->most &&
           memchr(rule->octets, *in->at, strlen(rule->octets)) != NULL)
        ehlo__skip(in);
    *field = ehlo__taken(start, in);
    return take_v1_octet(in, behind);
}

/* Reads what stands behind "PROXY TCP4 " and "PROXY TCP6 ". */
static enum ehlo_proxy_status read_v1_tcp(struct ehlo__cursor *in, enum ehlo_proxy_family family,
                                          struct ehlo_proxy *header)
{
    const struct v1_field *address = family == EHLO_PROXY_IPV4 ? &v1_ipv4 : &v1_ipv6;
    const struct {
        const struct v1_field *rule;
        struct ehlo_proxy_endpoint *endpoint;
        char behind;
    } fields[] = {
        {address, &header->source, ' '},
        {address, &header->destination, ' '},
        {&v1_port, &header->source, ' '},
        {&v1_port, &header->destination, '\r'},
    };

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct ehlo_slice field;
        enum ehlo_proxy_status status = take_v1_field(in, fields[i].rule, fields[i].behind, &field);

        if (status != EHLO_PROXY_COMPLETE)
            return status;
        if (!fields[i].rule->read(field, fields[i].endpoint))
            return EHLO_PROXY_MALFORMED;
    }
    header->transport = EHLO_PROXY_STREAM;
    return take_v1_octet(in, '\n');
}

/* Reads what stands behind "PROXY UNKNOWN": nothing, or a space and anything up to CR LF. */
static enum ehlo_proxy_status read_v1_unknown(struct ehlo__cursor *in, struct ehlo_proxy *header)
{
    enum ehlo_proxy_status status;

    header->is_local = true;
    if (ehlo__take(in, ' '))
        while (in->left > 0 && *in->at != '\r' && *in->at != '\n')
            ehlo__skip(in);
    status = take_v1_octet(in, '\r');
    return status == EHLO_PROXY_COMPLETE ? take_v1_octet(in, '\n') : status;
}

/* Reads a header of version 1 whose first `at` octets are right. */
static enum ehlo_proxy_status read_v1(struct ehlo_slice octets, size_t at,
                                      enum ehlo_proxy_family family, struct ehlo_proxy *header)
{
    size_t limit = octets.length < EHLO_PROXY_V1_MAX ? octets.length : EHLO_PROXY_V1_MAX;
    struct ehlo__cursor in = {octets.data + at, limit - at};
    enum ehlo_proxy_status status = family == EHLO_PROXY_NO_FAMILY
                                        ? read_v1_unknown(&in, header)
                                        : read_v1_tcp(&in, family, header);
    size_t missing = octets.data[limit - 1] == '\r' ? 1 : 2; /* LF, or CR LF, at least */

    if (status == EHLO_PROXY_MORE && limit + missing > EHLO_PROXY_V1_MAX)
        return EHLO_PROXY_MALFORMED;
    header->length = limit - in.left;
    return status;
}

/* The beginnings that tell the versions and families apart (2.1, 2.2). */
static const struct proxy_opening {
    struct ehlo_slice text;
    uint32_t version;
    enum ehlo_proxy_family family; /* in version 2 it is said later */
} proxy_openings[] = {
    {{"PROXY TCP4 ", 11}, EHLO_PROXY_V1, EHLO_PROXY_IPV4},
    {{"PROXY TCP6 ", 11}, EHLO_PROXY_V1, EHLO_PROXY_IPV6},
    {{"PROXY UNKNOWN", 13}, EHLO_PROXY_V1, EHLO_PROXY_NO_FAMILY},
    {{"\r\n\r\n\0\r\nQUIT\n", 12}, EHLO_PROXY_V2, EHLO_PROXY_NO_FAMILY},
};

/* Finds the opening with which the octets begin, or which begins with the octets. */
static const struct proxy_opening *find_proxy_opening(struct ehlo_slice octets, uint32_t versions)
{
    for (size_t i = 0; i < sizeof proxy_openings / sizeof *proxy_openings; i++) {
        const struct proxy_opening *opening = &proxy_openings[i];
        size_t length = octets.length < opening->text.length ? octets.length : opening->text.length;

        if ((versions & opening->version) != 0 &&
            (length == 0 || memcmp(octets.data, opening->text.data, length) == 0))
            return opening;
    }
    return NULL;
}

enum ehlo_proxy_status ehlo_parse_proxy(const void *octets, size_t length, uint32_t versions,
                                        struct ehlo_proxy *header)
{
    struct ehlo_slice in = {octets, length};
    const struct proxy_opening *opening = find_proxy_opening(in, versions);
    struct ehlo_proxy found = {0};
    enum ehlo_proxy_status status;

    if (opening == NULL)
        return EHLO_PROXY_MALFORMED;
    if (length < opening->text.length)
        return EHLO_PROXY_MORE;
    found.version = opening->version;
    status = opening->version == EHLO_PROXY_V1
                 ? read_v1(in, opening->text.length, opening->family, &found)
                 : ehlo__read_proxy_v2(in, &found);
    if (status == EHLO_PROXY_COMPLETE)
        *header = found;
    return status;
}
