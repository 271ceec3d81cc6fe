/*
 * lib/syntax/proxy_v2.c: the binary header of the PROXY protocol, its fixed part and its addresses.
 *
 * SPDX-License-Identifier: MIT
 */
#include "proxy_support.h"

#define V2_FIXED 16

/* A header on the heap: the opening, the octet of family and transport, `block` octets that mean
 * nothing: as TLVs they are a NOOP of all the octets behind `addresses`. */
static struct ehlo_slice header_of(struct ehlo_slice opening, unsigned family, size_t addresses,
                                   size_t block)
{
    struct ehlo_slice header = repeated('\0', V2_FIXED + block);
    char *octets = (char *)(uintptr_t)header.data;

    assert_int_equal(opening.length, V2_FIXED - 3);
    memcpy(octets, opening.data, opening.length);
    octets[13] = (char)family;
    octets[14] = (char)(block >> 8);
    octets[15] = (char)(block & 0xff);
    if (block >= addresses + 3) {
        char *tlv = octets + V2_FIXED + addresses;
        size_t value = block - addresses - 3;

        tlv[0] = EHLO_PROXY_TLV_NOOP;
        tlv[1] = (char)(value >> 8);
        tlv[2] = (char)(value & 0xff);
    }
    return header;
}

/* RPROXY-2.2-1, RPROXY-2.2-3, RPROXY-2.2-4 */
static const struct {
    const char *name;
    struct ehlo_slice octets;
    uint32_t family, transport;
    const char *source, *destination;
    uint32_t source_port, destination_port;
} good_headers[] = {
    {"TCP over IPv4", TEXT(V2_PROXY_OPENING "\x11\0\x0c" V2_ADDRESSES), EHLO_PROXY_IPV4,
     EHLO_PROXY_STREAM, "192.0.2.1", "198.51.100.2", 56324, 25},
    {"UDP over IPv4", TEXT(V2_PROXY_OPENING "\x12\0\x0c" V2_ADDRESSES), EHLO_PROXY_IPV4,
     EHLO_PROXY_DATAGRAM, "192.0.2.1", "198.51.100.2", 56324, 25},
    {"TCP over IPv6",
     TEXT(V2_PROXY_OPENING "\x21\0\x24"
                           "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
                           "\x20\x01\x0d\xb8\0\x01\0\x02\0\x03\0\x04\0\x05\0\x06"
                           "\xff\xff\0\0"),
     EHLO_PROXY_IPV6, EHLO_PROXY_STREAM, "2001:db8::1", "2001:db8:1:2:3:4:5:6", 65535, 0},
    {"UDP over IPv6",
     TEXT(V2_PROXY_OPENING "\x22\0\x24"
                           "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x01"
                           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\x80\0\x01\0"),
     EHLO_PROXY_IPV6, EHLO_PROXY_DATAGRAM, "::ffff:192.0.2.1", "::", 32768, 256},
    {"HAProxy 2.6, IPv4, CRC32C",
     TEXT(V2_PROXY_OPENING "\x11\0\x13\x7f\0\0\x01\x7f\0\0\x01\xd7\x24\xa4\x76"
                           "\x03\0\x04\x1c\x73\x18\x3a"),
     EHLO_PROXY_IPV4, EHLO_PROXY_STREAM, "127.0.0.1", "127.0.0.1", 55076, 42102},
    {"HAProxy 2.6, IPv6, CRC32C",
     TEXT(V2_PROXY_OPENING "\x21\0\x2b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
                           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x91\x4c\xa4\x79"
                           "\x03\0\x04\x80\x32\xbb\x3d"),
     EHLO_PROXY_IPV6, EHLO_PROXY_STREAM, "::1", "::1", 37196, 42105},
};

static void test_proxy_v2_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(good_headers); i++) {
        const char *name = good_headers[i].name;
        struct ehlo_slice octets = exact(good_headers[i].octets);
        struct ehlo_proxy header;

        check_good_header(name, octets);
        check_number(name, "status", ehlo_parse_proxy(octets.data, octets.length, BOTH, &header),
                     COMPLETE);
        check_number(name, "length", header.length, octets.length);
        check_number(name, "version", header.version, EHLO_PROXY_V2);
        check_number(name, "is_local", header.is_local, false);
        check_number(name, "transport", header.transport, good_headers[i].transport);
        assert_of(name, lies_in(header.tlvs, octets));
        check_endpoint(name, &header.source, good_headers[i].family, good_headers[i].source,
                       good_headers[i].source_port);
        check_endpoint(name, &header.destination, good_headers[i].family,
                       good_headers[i].destination, good_headers[i].destination_port);
        damage_header(name, octets);
        free_slice(octets);
    }
}

/* RPROXY-2.2-1: what is wrong is wrong at once */
static const struct bad_header bad_fixed_parts[] = {
    {"CR LF and SMTP", TEXT("\r\nEHLO a.example\r\n"), 3},
    {"signature without NUL", TEXT("\r\n\r\n\r\nQUIT\n"), 5},
    {"signature that ends in CR LF", TEXT("\r\n\r\n\0\r\nQUIT\r\n"), 12},
    {"version 1", TEXT("\r\n\r\n\0\r\nQUIT\n\x11\x11\0\x0c" V2_ADDRESSES), 13},
    {"version 3", TEXT("\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c" V2_ADDRESSES), 13},
    {"command 2", TEXT("\r\n\r\n\0\r\nQUIT\n\x22\x11\0\x0c" V2_ADDRESSES), 13},
    {"family 4", TEXT(V2_PROXY_OPENING "\x41\0\x0c" V2_ADDRESSES), 14},
    {"transport 3", TEXT(V2_PROXY_OPENING "\x13\0\x0c" V2_ADDRESSES), 14},
    {"no block", TEXT(V2_PROXY_OPENING "\x11\0\0"), 16},
    {"IPv6 with the length of IPv4", TEXT(V2_PROXY_OPENING "\x21\0\x0c" V2_ADDRESSES), 16},
    {"length over all limits", TEXT(V2_PROXY_OPENING "\x11\xff\xff" V2_ADDRESSES), 15},
};

static void test_proxy_v2_bad(void **state)
{
    (void)state;
    check_bad_headers(bad_fixed_parts, ROWS(bad_fixed_parts));
}

/* RPROXY-2.2-1, RPROXY-2.2-3: every value of the two octets that say what the header is */
static void test_proxy_v2_every_command_and_family(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        struct ehlo_slice commanded = header_of(SLICE(V2_PROXY_OPENING), 0x11, 12, 12);
        struct ehlo_slice proxied = header_of(SLICE(V2_PROXY_OPENING), (unsigned)octet, 300, 300);
        struct ehlo_slice local = header_of(SLICE(V2_LOCAL_OPENING), (unsigned)octet, 300, 300);
        unsigned family = (unsigned)octet >> 4, transport = (unsigned)octet & 0x0f;
        bool is_known = family <= 3 && transport <= 2;
        struct ehlo_proxy header;

        ((char *)(uintptr_t)commanded.data)[12] = (char)octet;
        assert_int_equal(read_copy(commanded, &header),
                         octet == 0x20 || octet == 0x21 ? COMPLETE : MALFORMED);
        assert_int_equal(read_copy(proxied, &header), is_known ? COMPLETE : MALFORMED);
        if (is_known) {
            assert_int_equal(header.is_local, family == 0 || transport == 0);
            assert_int_equal(header.source.family, header.is_local ? 0 : family);
            assert_int_equal(header.transport, header.is_local ? 0 : transport);
        }
        assert_int_equal(read_copy(local, &header), COMPLETE);
        assert_true(header.is_local);
        free_slice(commanded);
        free_slice(proxied);
        free_slice(local);
    }
}

/* RPROXY-2.2-2, RPROXY-2.2-3: the block is skipped, whatever it holds, and nothing is known */
static const struct {
    const char *name;
    struct ehlo_slice octets;
} local_headers[] = {
    {"LOCAL", TEXT(V2_LOCAL_OPENING "\0\0\0")},
    {"LOCAL with addresses", TEXT(V2_LOCAL_OPENING "\x11\0\x0c" V2_ADDRESSES)},
    {"LOCAL, too short for its family", TEXT(V2_LOCAL_OPENING "\x21\0\x01x")},
    {"LOCAL of an unknown family", TEXT(V2_LOCAL_OPENING "\xff\0\x02xx")},
    {"LOCAL with a broken TLV", TEXT(V2_LOCAL_OPENING "\0\0\x03\x03\xff\xff")},
    {"HAProxy 2.6, check with CRC32C", TEXT(V2_LOCAL_OPENING "\0\0\x07\x03\0\x04\xa9\xb8\x7e\x8f")},
    {"no family", TEXT(V2_PROXY_OPENING "\0\0\0")},
    {"no family, but octets", TEXT(V2_PROXY_OPENING "\0\0\x0c" V2_ADDRESSES)},
    {"no family, but a transport", TEXT(V2_PROXY_OPENING "\x01\0\x0c" V2_ADDRESSES)},
    {"no transport, but a family", TEXT(V2_PROXY_OPENING "\x10\0\x0c" V2_ADDRESSES)},
    {"no transport, too short for its family", TEXT(V2_PROXY_OPENING "\x10\0\x01x")},
};

static void test_proxy_v2_local(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(local_headers); i++) {
        const char *name = local_headers[i].name;
        struct ehlo_proxy header;

        check_good_header(name, local_headers[i].octets);
        check_number(name, "status", read_copy(local_headers[i].octets, &header), COMPLETE);
        check_number(name, "length", header.length, local_headers[i].octets.length);
        check_number(name, "is_local", header.is_local, true);
        check_number(name, "version", header.version, EHLO_PROXY_V2);
        check_number(name, "transport", header.transport, EHLO_PROXY_NO_TRANSPORT);
        check_number(name, "TLVs", header.tlvs.length, 0);
        check_endpoint(name, &header.source, EHLO_PROXY_NO_FAMILY, "", 0);
        check_endpoint(name, &header.destination, EHLO_PROXY_NO_FAMILY, "", 0);
    }
}

/* RPROXY-2.2-4: addresses are whole (12, 36, 216), what follows is one TLV or none, and the limit
 */
static void test_proxy_v2_lengths(void **state)
{
    static const struct {
        const char *name;
        unsigned family;
        size_t addresses;
    } rows[] = {
        {"IPv4 stream", 0x11, 12},   {"IPv4 datagram", 0x12, 12}, {"IPv6 stream", 0x21, 36},
        {"IPv6 datagram", 0x22, 36}, {"local stream", 0x31, 216}, {"local datagram", 0x32, 216},
    };
    const size_t limit = EHLO_PROXY_MAX - V2_FIXED;

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const size_t needed = rows[i].addresses;
        const struct {
            size_t block;
            bool is_good;
        } lengths[] = {
            {0, false},          {needed - 1, false}, {needed, true},      {needed + 1, false},
            {needed + 2, false}, {needed + 3, true},  {needed + 4, true},  {limit - 1, true},
            {limit, true},       {limit + 1, false},  {limit + 17, false}, {UINT16_MAX, false},
        };

        for (size_t j = 0; j < ROWS(lengths); j++) {
            struct ehlo_slice octets =
                header_of(SLICE(V2_PROXY_OPENING), rows[i].family, needed, lengths[j].block);
            struct ehlo_slice fixed = {octets.data, V2_FIXED};
            struct ehlo_slice cut = {octets.data, octets.length - 1};
            bool is_good = lengths[j].is_good;
            struct ehlo_proxy header;

            check_number(rows[i].name, "status", read_copy(octets, &header),
                         is_good ? COMPLETE : MALFORMED);
            if (is_good)
                check_number(rows[i].name, "TLVs", header.tlvs.length, lengths[j].block - needed);
            if (is_good || lengths[j].block < needed || lengths[j].block > limit)
                check_number(rows[i].name, "status of the fixed part", read_copy(fixed, &header),
                             is_good && lengths[j].block > 0 ? MORE : MALFORMED);
            if (is_good)
                check_number(rows[i].name, "status but for one", read_copy(cut, &header), MORE);
            free_slice(octets);
        }
    }
    assert_int_equal(EHLO_PROXY_MAX, 4096);
}

/* A header that is skipped has the same limit. */
static void test_proxy_v2_local_lengths(void **state)
{
    const size_t limit = EHLO_PROXY_MAX - V2_FIXED;
    struct ehlo_slice longest = header_of(SLICE(V2_LOCAL_OPENING), 0, 0, limit);
    struct ehlo_slice longer = header_of(SLICE(V2_LOCAL_OPENING), 0, 0, limit + 1);
    enum ehlo_proxy_status answer;

    (void)state;
    check_number("longest", "octets", read_prefixes("longest", longest, &answer), EHLO_PROXY_MAX);
    assert_int_equal(answer, COMPLETE);
    check_number("longer", "octets", read_prefixes("longer", longer, &answer), V2_FIXED);
    assert_int_equal(answer, MALFORMED);
    free_slice(longest);
    free_slice(longer);
}

/* Local sockets: a path ends at its NUL or with its field */
static void test_proxy_v2_unix(void **state)
{
    static const struct {
        struct ehlo_slice source, destination;
        size_t source_length, destination_length;
    } rows[] = {
        {TEXT(""), TEXT(""), 0, 0},
        {TEXT("/run/a"), TEXT("/run/b\0rubbish"), 6, 6},
        {TEXT("\0abstract"), TEXT("b"), 0, 1},
        {{NULL, 107}, {NULL, 107}, 107, 107},
        {{NULL, 108}, {NULL, 108}, 108, 108},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct ehlo_slice octets = header_of(SLICE(V2_PROXY_OPENING), 0x31, 216, 216);
        char *source = (char *)(uintptr_t)octets.data + V2_FIXED, *destination = source + 108;
        struct ehlo_proxy header;

        memset(source, 'x', rows[i].source.length);
        memset(destination, 'y', rows[i].destination.length);
        if (rows[i].source.data != NULL) {
            memcpy(source, rows[i].source.data, rows[i].source.length);
            memcpy(destination, rows[i].destination.data, rows[i].destination.length);
        }
        assert_int_equal(ehlo_parse_proxy(octets.data, octets.length, BOTH, &header), COMPLETE);
        check_endpoint("source", &header.source, EHLO_PROXY_UNIX, "", 0);
        check_endpoint("destination", &header.destination, EHLO_PROXY_UNIX, "", 0);
        assert_octets_of("source", header.source.path.data, header.source.path.length, source,
                         rows[i].source_length);
        assert_octets_of("destination", header.destination.path.data,
                         header.destination.path.length, destination, rows[i].destination_length);
        assert_true(lies_in(header.source.path, octets));
        assert_true(lies_in(header.destination.path, octets));
        assert_int_equal(header.transport, EHLO_PROXY_STREAM);
        assert_false(header.is_local);
        free_slice(octets);
    }
}

/* A good fixed part, then anything */
static void test_proxy_v2_survives_noise(void **state)
{
    static const unsigned families[] = {0x11, 0x12, 0x21, 0x31, 0x00};
    uint64_t random = 11;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        size_t block = next_random(&random) % 300;
        struct ehlo_slice octets = header_of(
            SLICE(V2_PROXY_OPENING), families[next_random(&random) % ROWS(families)], block, block);
        char *at = (char *)(uintptr_t)octets.data + V2_FIXED;
        enum ehlo_proxy_status answer;

        for (size_t i = 0; i < block; i++)
            at[i] = (char)(next_random(&random) % (round % 2 == 0 ? 256 : 6));
        (void)read_prefixes("noise", octets, &answer);
        assert_int_not_equal(answer, MORE);
        free_slice(octets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proxy_v2_good),
        cmocka_unit_test(test_proxy_v2_bad),
        cmocka_unit_test(test_proxy_v2_every_command_and_family),
        cmocka_unit_test(test_proxy_v2_local),
        cmocka_unit_test(test_proxy_v2_lengths),
        cmocka_unit_test(test_proxy_v2_local_lengths),
        cmocka_unit_test(test_proxy_v2_unix),
        cmocka_unit_test(test_proxy_v2_survives_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
