/*
 * What the tests of the PROXY protocol share: headers read octet by octet.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_TESTS_PROXY_SUPPORT_H
#define EHLO_TESTS_PROXY_SUPPORT_H

#include "ehlo/proxy.h"
#include "syntax_support.h"

#define COMPLETE  EHLO_PROXY_COMPLETE
#define MORE      EHLO_PROXY_MORE
#define MALFORMED EHLO_PROXY_MALFORMED
#define BOTH      (EHLO_PROXY_V1 | EHLO_PROXY_V2)

/* The first 13 octets of a header of version 2 with command PROXY or LOCAL */
#define V2_PROXY_OPENING "\r\n\r\n\0\r\nQUIT\n\x21"
#define V2_LOCAL_OPENING "\r\n\r\n\0\r\nQUIT\n\x20"

/* Addresses 192.0.2.1 and 198.51.100.2, ports 56324 and 25 */
#define V2_ADDRESSES "\xc0\0\x02\x01\xc6\x33\x64\x02\xdc\x04\0\x19"

/* Reads an exact copy, so that no slice may be looked at; the structure has to stay as it is if the
 * header is not complete. */
static inline enum ehlo_proxy_status read_copy(struct ehlo_slice octets, struct ehlo_proxy *header)
{
    struct ehlo_slice copy = exact(octets);
    struct ehlo_proxy before;
    enum ehlo_proxy_status status;

    memset(header, 0x55, sizeof *header);
    before = *header;
    status = ehlo_parse_proxy(copy.data, copy.length, BOTH, header);
    if (status != COMPLETE)
        assert_memory_equal(header, &before, sizeof before);
    free_slice(copy);
    return status;
}

/* Reads every prefix of what a proxy sends. Returns with how many octets the answer was there,
 * which more octets may not change: that of `answer`; the length of it all if there was none. */
static inline size_t read_prefixes(const char *name, struct ehlo_slice octets,
                                   enum ehlo_proxy_status *answer)
{
    struct ehlo_proxy header;
    size_t answered = octets.length;

    *answer = MORE;
    for (size_t length = 0; length <= octets.length; length++) {
        enum ehlo_proxy_status status =
            read_copy((struct ehlo_slice){octets.data, length}, &header);

        if (*answer == MORE && status != MORE) {
            *answer = status;
            answered = length;
        }
        check_number(name, "status of a prefix", status, *answer);
        if (status == COMPLETE)
            check_number(name, "length of the header", header.length, answered);
    }
    return answered;
}

/* A row of things that are no header: with how many octets that is certain. */
struct bad_header {
    const char *name;
    struct ehlo_slice octets;
    size_t certain;
};

static inline void check_bad_headers(const struct bad_header *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum ehlo_proxy_status answer;
        size_t certain = read_prefixes(rows[i].name, rows[i].octets, &answer);

        check_number(rows[i].name, "answer", answer, MALFORMED);
        check_number(rows[i].name, "octets until it is certain", certain, rows[i].certain);
    }
}

/* A header that is good in all its prefixes, whatever comes behind it. */
static inline void check_good_header(const char *name, struct ehlo_slice octets)
{
    struct ehlo_slice with_smtp = joined(2, octets, SLICE("EHLO a\r\nPROXY "));
    enum ehlo_proxy_status answer;

    check_number(name, "octets it needs", read_prefixes(name, with_smtp, &answer), octets.length);
    check_number(name, "answer", answer, COMPLETE);
    free_slice(with_smtp);
}

static inline void check_endpoint(const char *name, const struct ehlo_proxy_endpoint *got,
                                  uint32_t family, const char *text, uint32_t port)
{
    check_number(name, "family", got->family, family);
    assert_octets_of(name, got->text, strlen(got->text), text, strlen(text));
    check_number(name, "port", got->port, port);
}

/* Puts every octet into every place of a header, then changes octets at random, and behind it
 * reads all prefixes of what came out. */
static inline void damage_header(const char *name, struct ehlo_slice octets)
{
    uint64_t state = 1;
    enum ehlo_proxy_status answer;
    struct ehlo_proxy header;
    char *changed = dup_exact(octets.data, octets.length);

    for (size_t place = 0; place < octets.length; place++) {
        for (int octet = 0; octet < 256; octet++) {
            changed[place] = (char)octet;
            if (read_copy((struct ehlo_slice){changed, octets.length}, &header) == COMPLETE)
                assert_of(name, header.length <= octets.length);
        }
        changed[place] = octets.data[place];
    }
    for (int round = 0; round < 300; round++) {
        memcpy(changed, octets.data, octets.length);
        for (unsigned left = next_random(&state) % 3 + 1; left > 0; left--)
            changed[next_random(&state) % octets.length] =
                round % 2 == 0 ? (char)(next_random(&state) & 0xff)
                               : "\0\x01\x03\x04\x20 \r\n.:09af"[next_random(&state) % 15];
        (void)read_prefixes(name, (struct ehlo_slice){changed, octets.length}, &answer);
    }
    free(changed);
}

#endif
