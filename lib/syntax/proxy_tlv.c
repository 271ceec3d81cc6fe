/*
 * TLVs of the PROXY protocol's version 2: bounds, checksum, facts of TLS (2.2, 2.2.3, 2.2.6).
 *
 * SPDX-License-Identifier: MIT
 */
#include "syntax/proxy.h"

#define TLV_FIXED 3 /* octets of type and length */
#define SSL_FIXED 5 /* octets of `client` and `verify`, before the TLVs inside */

/* What the protocol says about the length of a value; for TLVs inside another it says nothing. */
struct tlv_rule {
    uint32_t type;
    size_t least, most;
};

static const struct tlv_rule *find_tlv_rule(uint32_t type, bool is_inner)
{
    static const struct tlv_rule rules[] = {
        {EHLO_PROXY_TLV_CRC32C, 4, 4},
        {EHLO_PROXY_TLV_UNIQUE_ID, 0, 128},
        {EHLO_PROXY_TLV_SSL, SSL_FIXED, UINT16_MAX},
    };
    static const struct tlv_rule any = {0, 0, UINT16_MAX};

    for (size_t i = 0; !is_inner && i < sizeof rules / sizeof *rules; i++)
        if (rules[i].type == type)
            return &rules[i];
    return &any;
}

bool ehlo__tlvs_fit(struct ehlo_slice octets, size_t at, size_t end, bool is_inner)
{
    while (at < end) {
        uint32_t type = at < octets.length ? (unsigned char)octets.data[at] : 0;
        const struct tlv_rule *rule = find_tlv_rule(type, is_inner);
        size_t length = ehlo__get_length(octets, at + 1);

        if (end - at < TLV_FIXED + rule->least || length > end - at - TLV_FIXED ||
            length > rule->most)
            return false;
        at += TLV_FIXED;
        if (octets.length < at)
            return true;
        if (length < rule->least)
            return false;
        if (rule->type == EHLO_PROXY_TLV_SSL &&
            !ehlo__tlvs_fit(octets, at + SSL_FIXED, at + length, true))
            return false;
        at += length;
    }
    return true;
}

enum ehlo_syntax ehlo_next_tlv(struct ehlo_slice *rest, struct ehlo_proxy_tlv *tlv)
{
    size_t length;

    if (rest->length == 0)
        return EHLO_SYNTAX_END;
    length = ehlo__get_length(*rest, 1);
    if (rest->length < TLV_FIXED || length > rest->length - TLV_FIXED)
        return EHLO_SYNTAX_MALFORMED;
    *tlv =
        (struct ehlo_proxy_tlv){{rest->data + TLV_FIXED, length}, (unsigned char)rest->data[0], 0};
    rest->data += TLV_FIXED + length;
    rest->length -= TLV_FIXED + length;
    return EHLO_SYNTAX_OK;
}

/* CRC32c of RFC 4960 appendix B, one octet further: polynomial 1EDC6F41, mirrored. */
static uint32_t add_to_crc(uint32_t crc, unsigned char octet)
{
    crc ^= octet;
    for (int bit = 0; bit < 8; bit++)
        crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    return crc;
}

static uint32_t get_u32(const char *octets)
{
    uint32_t number = 0;

    for (size_t i = 0; i < 4; i++)
        number = number << 8 | (unsigned char)octets[i];
    return number;
}

/* The checksum of a header in which `field`, of 4 octets, counts as zeros. */
static uint32_t header_crc(struct ehlo_slice header, const char *field)
{
    size_t field_at = (size_t)(field - header.data);
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < header.length; i++) {
        bool is_field = i >= field_at && i < field_at + 4;

        crc = add_to_crc(crc, is_field ? 0 : (unsigned char)header.data[i]);
    }
    return ~crc;
}

bool ehlo__checksum_holds(struct ehlo_slice header, struct ehlo_slice tlvs)
{
    struct ehlo_proxy_tlv tlv;

    while (ehlo_next_tlv(&tlvs, &tlv) == EHLO_SYNTAX_OK) {
        if (tlv.type == EHLO_PROXY_TLV_CRC32C &&
            get_u32(tlv.value.data) != header_crc(header, tlv.value.data))
            return false;
    }
    return true;
}

enum ehlo_syntax ehlo_parse_proxy_ssl(struct ehlo_slice value, struct ehlo_proxy_ssl *ssl)
{
    struct ehlo_proxy_ssl found = {0};
    /* in the order of their types */
    struct ehlo_slice *const members[] = {
        &found.version, &found.common_name, &found.cipher,     &found.sig_alg,
        &found.key_alg, &found.group,       &found.sig_scheme, &found.client_cert,
    };
    struct ehlo_proxy_tlv tlv;
    struct ehlo_slice rest;
    enum ehlo_syntax verdict;

    if (value.length < SSL_FIXED)
        return EHLO_SYNTAX_MALFORMED;
    found.client = (unsigned char)value.data[0];
    found.verify = get_u32(value.data + 1);
    found.tlvs = (struct ehlo_slice){value.data + SSL_FIXED, value.length - SSL_FIXED};
    rest = found.tlvs;
    while ((verdict = ehlo_next_tlv(&rest, &tlv)) == EHLO_SYNTAX_OK) {
        size_t member = (size_t)tlv.type - EHLO_PROXY_TLV_SSL_VERSION; /* huge for lower types */

        if (member < sizeof members / sizeof *members)
            *members[member] = tlv.value;
    }
    if (verdict != EHLO_SYNTAX_END)
        return verdict;
    *ssl = found;
    return EHLO_SYNTAX_OK;
}
