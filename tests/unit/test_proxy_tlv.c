/*
 * lib/syntax/proxy_tlv.c: bounds of TLVs, the checksum, what a proxy says of its TLS.
 *
 * SPDX-License-Identifier: MIT
 */
#include "proxy_support.h"

/* A header over IPv4 whose length is written as two octets */
#define IPV4_WITH(length) V2_PROXY_OPENING "\x11" length V2_ADDRESSES

/* As sent by HAProxy 2.6 with `proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,
 * crc32c,unique-id` */
static const struct ehlo_slice haproxy_ssl =
    TEXT(V2_PROXY_OPENING "\x11\0\x8c\x7f\0\0\x01\x7f\0\0\x01\x88\x66\xa4\x77"
                          "\x03\0\x04\x2f\x7c\x01\x10"
                          "\x02\0\x0amx.example"
                          "\x05\0\x16"
                          "7F000001:8866_6B04CEF4"
                          "\x20\0\x50\x07\0\0\0\0"
                          "\x21\0\x07TLSv1.3"
                          "\x22\0\x0e"
                          "client.example"
                          "\x25\0\x07RSA2048"
                          "\x24\0\x0aRSA-SHA256"
                          "\x23\0\x16TLS_AES_256_GCM_SHA384");

/* RPROXY-2.2-5: what fits is taken, known or not */
static const struct {
    const char *name;
    struct ehlo_slice octets;
    size_t count;
} good_tlvs[] = {
    {"none", TEXT(IPV4_WITH("\0\x0c")), 0},
    {"NOOP without octets", TEXT(IPV4_WITH("\0\x0f") "\x04\0\0"), 1},
    {"NOOP with two", TEXT(IPV4_WITH("\0\x11") "\x04\0\x02xx"), 1},
    {"three in a row", TEXT(IPV4_WITH("\0\x17") "\x04\0\0\x01\0\x02h2\x04\0\0"), 3},
    {"unknown types", TEXT(IPV4_WITH("\0\x15") "\x00\0\0\xff\0\0\xee\0\0"), 3},
    {"empty unique id", TEXT(IPV4_WITH("\0\x0f") "\x05\0\0"), 1},
    {"SSL with nothing inside", TEXT(IPV4_WITH("\0\x14") "\x20\0\x05\0\0\0\0\x01"), 1},
    {"SSL with an empty TLV", TEXT(IPV4_WITH("\0\x17") "\x20\0\x08\x01\0\0\0\0\x21\0\0"), 1},
    {"SSL with unknown types, among them outer ones without their lengths",
     TEXT(IPV4_WITH("\0\x1e") "\x20\0\x0f\x01\0\0\0\0\x03\0\0\x20\0\x01x\x7f\0\0"), 1},
};

static void test_tlv_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(good_tlvs); i++) {
        struct ehlo_slice octets = exact(good_tlvs[i].octets), rest;
        struct ehlo_proxy header;
        struct ehlo_proxy_tlv tlv;
        size_t count = 0;

        check_good_header(good_tlvs[i].name, octets);
        assert_of(good_tlvs[i].name,
                  ehlo_parse_proxy(octets.data, octets.length, BOTH, &header) == COMPLETE);
        rest = header.tlvs;
        while (ehlo_next_tlv(&rest, &tlv) == EHLO_SYNTAX_OK) {
            assert_of(good_tlvs[i].name, lies_in(tlv.value, octets));
            count++;
        }
        check_number(good_tlvs[i].name, "TLVs", count, good_tlvs[i].count);
        check_number(good_tlvs[i].name, "rest", rest.length, 0);
        free_slice(octets);
    }
}

/* RPROXY-2.2-5: what does not fit is certain as soon as its type or length has come (the TLVs begin
 * behind 28 octets) */
static const struct bad_header bad_tlvs[] = {
    {"room for one octet", TEXT(IPV4_WITH("\0\x0d") "\x04"), 16},
    {"room for two octets", TEXT(IPV4_WITH("\0\x0e") "\x04\0"), 16},
    {"length beyond the end by one", TEXT(IPV4_WITH("\0\x10") "\x04\0\x02x"), 31},
    {"length beyond all", TEXT(IPV4_WITH("\0\x10") "\x04\xff\xffx"), 30},
    {"one octet behind a TLV", TEXT(IPV4_WITH("\0\x12") "\x04\0\x02xx\x04"), 31},
    {"second one too long", TEXT(IPV4_WITH("\0\x13") "\x04\0\0\x04\0\x02x"), 34},
    {"CRC32C of three octets", TEXT(IPV4_WITH("\0\x15") "\x03\0\x03xxx\x04\0\0"), 31},
    {"CRC32C of five octets", TEXT(IPV4_WITH("\0\x14") "\x03\0\x05xxxxx"), 31},
    {"CRC32C without room", TEXT(IPV4_WITH("\0\x12") "\x03\0\x03xxx"), 29},
    {"CRC32C of 256 octets", TEXT(IPV4_WITH("\x0f\0") "\x03\x01\0"), 30},
    {"SSL of four octets", TEXT(IPV4_WITH("\0\x16") "\x20\0\x04\x01\0\0\0\x04\0\0"), 31},
    {"SSL without room", TEXT(IPV4_WITH("\0\x13") "\x20\0\x04\x01\0\0\0"), 29},
    {"SSL with one octet inside", TEXT(IPV4_WITH("\0\x15") "\x20\0\x06\x01\0\0\0\0\x21"), 31},
    {"SSL with a TLV over its end",
     TEXT(IPV4_WITH("\0\x1a") "\x20\0\x08\x01\0\0\0\0\x21\0\x01\x04\0\0"), 39},
    {"SSL with a second TLV over its end",
     TEXT(IPV4_WITH("\0\x1a") "\x20\0\x0b\x01\0\0\0\0\x21\0\0\x22\0\x01"), 42},
};

static void test_tlv_bad(void **state)
{
    (void)state;
    check_bad_headers(bad_tlvs, ROWS(bad_tlvs));
}

/* 2.2.5: a unique id has 128 octets at most */
static void test_tlv_unique_id(void **state)
{
    (void)state;
    for (size_t length = 127; length <= 129; length++) {
        const char fixed[] = {0, (char)(15 + length), 5, 0, (char)length};
        struct ehlo_slice id = repeated('i', length);
        struct ehlo_slice octets =
            joined(5, SLICE(V2_PROXY_OPENING "\x11"), (struct ehlo_slice){fixed, 2},
                   SLICE(V2_ADDRESSES), (struct ehlo_slice){fixed + 2, 3}, id);
        struct ehlo_proxy header;

        assert_int_equal(read_copy(octets, &header), length <= 128 ? COMPLETE : MALFORMED);
        free_slice(id);
        free_slice(octets);
    }
}

/* RPROXY-2.2.3-1: every bit counts, but those that leave no checksum to be verified: they make the
 * header local, cut it before the checksum, or make another TLV of that. */
static void test_tlv_checksum(void **state)
{
    const size_t command = 12, family = 13, length = 15, crc_type = 28;
    char *octets = dup_exact(haproxy_ssl.data, haproxy_ssl.length);
    struct ehlo_proxy header;

    (void)state;
    assert_int_equal(read_copy(haproxy_ssl, &header), COMPLETE);
    for (size_t bit = 0; bit < 8 * haproxy_ssl.length; bit++) {
        size_t place = bit / 8;
        bool may_hide = place == command || place == family || place == length || place == crc_type;
        enum ehlo_proxy_status status;

        octets[place] = (char)(octets[place] ^ 1 << bit % 8);
        status = read_copy((struct ehlo_slice){octets, haproxy_ssl.length}, &header);
        octets[place] = haproxy_ssl.data[place];
        if (status == COMPLETE && !may_hide)
            fail_msg("bit %zu of octet %zu does not count", bit % 8, place);
    }
    free(octets);
}

/* Two checksums cannot both be right unless they are made for it: each is verified. */
static void test_tlv_two_checksums(void **state)
{
    struct ehlo_proxy header;

    (void)state;
    assert_int_equal(
        read_copy(SLICE(IPV4_WITH("\0\x1a") "\x03\0\x04\0\0\0\0\x03\0\x04\0\0\0\0"), &header),
        MALFORMED);
}

/* RPROXY-2.2.6-1 and the order of TLVs, with what a real proxy sends */
static void test_tlv_of_haproxy(void **state)
{
    static const struct {
        uint32_t type;
        struct ehlo_slice value;
    } rows[] = {
        {EHLO_PROXY_TLV_CRC32C, TEXT("\x2f\x7c\x01\x10")},
        {EHLO_PROXY_TLV_AUTHORITY, TEXT("mx.example")},
        {EHLO_PROXY_TLV_UNIQUE_ID, TEXT("7F000001:8866_6B04CEF4")},
    };
    struct ehlo_slice octets = exact(haproxy_ssl), rest;
    struct ehlo_proxy_ssl ssl;
    struct ehlo_proxy_tlv tlv;
    struct ehlo_proxy header;

    (void)state;
    check_good_header("HAProxy", octets);
    assert_int_equal(ehlo_parse_proxy(octets.data, octets.length, EHLO_PROXY_V2, &header),
                     COMPLETE);
    rest = header.tlvs;
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(ehlo_next_tlv(&rest, &tlv), EHLO_SYNTAX_OK);
        assert_int_equal(tlv.type, rows[i].type);
        assert_octets_of("value", tlv.value.data, tlv.value.length, rows[i].value.data,
                         rows[i].value.length);
    }
    assert_int_equal(ehlo_next_tlv(&rest, &tlv), EHLO_SYNTAX_OK);
    assert_int_equal(tlv.type, EHLO_PROXY_TLV_SSL);
    assert_int_equal(ehlo_parse_proxy_ssl(tlv.value, &ssl), EHLO_SYNTAX_OK);
    assert_int_equal(ssl.client,
                     EHLO_PROXY_SSL_TLS | EHLO_PROXY_SSL_CERT_CONN | EHLO_PROXY_SSL_CERT_SESS);
    assert_int_equal(ssl.verify, 0);
    assert_slice_of("version", ssl.version, "TLSv1.3");
    assert_slice_of("common name", ssl.common_name, "client.example");
    assert_slice_of("cipher", ssl.cipher, "TLS_AES_256_GCM_SHA384");
    assert_slice_of("sig_alg", ssl.sig_alg, "RSA-SHA256");
    assert_slice_of("key_alg", ssl.key_alg, "RSA2048");
    assert_slice_of("group", ssl.group, "");
    assert_int_equal(ehlo_next_tlv(&rest, &tlv), EHLO_SYNTAX_END);
    free_slice(octets);
}

/* Every member gets the TLV of its type, and no other. */
static void test_tlv_ssl_members(void **state)
{
    (void)state;
    for (int type = 0; type < 256; type++) {
        const char octets[] = {3, '\x80', 0, 1, 2, (char)type, 0, 2, 'o', 'k'};
        struct ehlo_slice value = exact((struct ehlo_slice){octets, sizeof octets});
        struct ehlo_proxy_ssl ssl;
        const struct ehlo_slice *members[] = {&ssl.version,    &ssl.common_name, &ssl.cipher,
                                              &ssl.sig_alg,    &ssl.key_alg,     &ssl.group,
                                              &ssl.sig_scheme, &ssl.client_cert};

        memset(&ssl, 0x55, sizeof ssl);
        assert_int_equal(ehlo_parse_proxy_ssl(value, &ssl), EHLO_SYNTAX_OK);
        assert_int_equal(ssl.client, 3);
        assert_int_equal(ssl.verify, 0x80000102u);
        assert_int_equal(ssl.tlvs.length, 5);
        assert_ptr_equal(ssl.tlvs.data, value.data + 5);
        for (int i = 0; i < (int)ROWS(members); i++)
            assert_slice_of("member", *members[i], type == 0x21 + i ? "ok" : "");
        free_slice(value);
    }
}

static void test_tlv_ssl_edges(void **state)
{
    static const struct {
        const char *name;
        struct ehlo_slice value;
        enum ehlo_syntax verdict;
        const char *version;
    } rows[] = {
        {"nothing", TEXT(""), EHLO_SYNTAX_MALFORMED, ""},
        {"four octets", TEXT("\x01\0\0\0"), EHLO_SYNTAX_MALFORMED, ""},
        {"five octets", TEXT("\x01\0\0\0\0"), EHLO_SYNTAX_OK, ""},
        {"type alone", TEXT("\x01\0\0\0\0\x21"), EHLO_SYNTAX_MALFORMED, ""},
        {"no room", TEXT("\x01\0\0\0\0\x21\0\x02x"), EHLO_SYNTAX_MALFORMED, ""},
        {"good and no room", TEXT("\x01\0\0\0\0\x21\0\x01x\x22\0\x01"), EHLO_SYNTAX_MALFORMED, ""},
        {"two of a type", TEXT("\x01\0\0\0\0\x21\0\x01x\x21\0\x01y"), EHLO_SYNTAX_OK, "y"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct ehlo_slice value = exact(rows[i].value);
        struct ehlo_proxy_ssl ssl, before;

        memset(&ssl, 0x55, sizeof ssl);
        before = ssl;
        check_number(rows[i].name, "verdict", ehlo_parse_proxy_ssl(value, &ssl), rows[i].verdict);
        if (rows[i].verdict == EHLO_SYNTAX_OK)
            assert_slice_of(rows[i].name, ssl.version, rows[i].version);
        else
            assert_memory_equal(&ssl, &before, sizeof ssl);
        free_slice(value);
    }
}

/* The walker alone, on octets that no parser has looked at */
static void walk_tlvs(struct ehlo_slice octets)
{
    struct ehlo_slice rest = octets;
    struct ehlo_proxy_tlv tlv;
    struct ehlo_proxy_ssl ssl;
    enum ehlo_syntax verdict;

    while ((verdict = ehlo_next_tlv(&rest, &tlv)) == EHLO_SYNTAX_OK) {
        assert_true(lies_in(tlv.value, octets) && lies_in(rest, octets));
        assert_true(tlv.type <= 255);
        (void)ehlo_parse_proxy_ssl(tlv.value, &ssl);
    }
    assert_int_equal(verdict, rest.length == 0 ? EHLO_SYNTAX_END : EHLO_SYNTAX_MALFORMED);
}

static void test_tlv_survives_damage(void **state)
{
    const struct ehlo_slice tlvs = {haproxy_ssl.data + 28, haproxy_ssl.length - 28};
    struct ehlo_slice rest = {NULL, 0};
    struct ehlo_proxy_tlv tlv;

    (void)state;
    assert_int_equal(ehlo_next_tlv(&rest, &tlv), EHLO_SYNTAX_END);
    for_each_damage(tlvs, walk_tlvs);
    damage_header("HAProxy", haproxy_ssl);
    for (size_t i = 0; i < ROWS(good_tlvs); i++)
        damage_header(good_tlvs[i].name, good_tlvs[i].octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tlv_good),
        cmocka_unit_test(test_tlv_bad),
        cmocka_unit_test(test_tlv_unique_id),
        cmocka_unit_test(test_tlv_checksum),
        cmocka_unit_test(test_tlv_two_checksums),
        cmocka_unit_test(test_tlv_of_haproxy),
        cmocka_unit_test(test_tlv_ssl_members),
        cmocka_unit_test(test_tlv_ssl_edges),
        cmocka_unit_test(test_tlv_survives_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
