/*
 * SRS as Mail::SRS and libsrs2 make it, without their code:
 *
 *     SRS0=hash=when=host=user       for user@host
 *     SRS1=hash=forwarder==...       for SRS0=...@forwarder
 *
 * The first separator may be "+" or "-", too. The hash is the begin of an HMAC in base64, of the
 * fields behind it, in lower case. Neither hash nor day depend on case, since hosts on the way may
 * change it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "srs.h"

#include <string.h>

#define TAG_LENGTH 5 /* "SRS0=" */

bool srs_is_address(struct ehlo_slice local)
{
    static const char srs[] = {'s', 'r', 's'};

    if (local.length < TAG_LENGTH)
        return false;
    for (size_t i = 0; i < sizeof srs; i++) {
        if ((local.data[i] | 0x20) != srs[i])
            return false;
    }
    return (local.data[3] == '0' || local.data[3] == '1') &&
           memchr("=+-", local.data[4], 3) != NULL;
}

#if SMTPD_OPENSSL

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define HASH_OCTETS 20
#define HASH_LEAST  4                           /* characters: 24 bits */
#define HASH_MOST   ((HASH_OCTETS * 8 + 5) / 6) /* the whole of it, without padding */
#define FIELDS_MAX  4
#define DATA_MAX    1024
#define DAYS_CYCLE  1024 /* of the two characters that tell the day */

bool srs_is_built(void)
{
    return true;
}

static char lower(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? (char)(octet - 'A' + 'a') : octet;
}

/* Splits at "="; the last field has all that is left. False: there are fewer fields. */
static bool split(struct ehlo_slice text, struct ehlo_slice *fields, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++) {
        const char *sign = text.length > 0 ? memchr(text.data, '=', text.length) : NULL;

        if (sign == NULL)
            return false;
        fields[i] = (struct ehlo_slice){text.data, (size_t)(sign - text.data)};
        text.length -= fields[i].length + 1;
        text.data = sign + 1;
    }
    fields[count - 1] = text;
    return true;
}

/* Writes the hash of some fields, in lower case. */
static bool hash_fields(const char *secret, const struct ehlo_slice *fields, size_t count,
                        unsigned char text[HASH_MOST + 2])
{
    unsigned char data[DATA_MAX], mac[HASH_OCTETS];
    unsigned length = sizeof mac;
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        if (fields[i].length > sizeof data - used)
            return false;
        for (size_t j = 0; j < fields[i].length; j++)
            data[used++] = (unsigned char)lower(fields[i].data[j]);
    }
    if (HMAC(EVP_sha1(), secret, (int)strlen(secret), data, used, mac, &length) == NULL)
        return false;
    EVP_EncodeBlock(text, mac, HASH_OCTETS);
    for (size_t i = 0; i < HASH_MOST; i++)
        text[i] = (unsigned char)lower((char)text[i]);
    return true;
}

/* Whether the first field is the hash of the others. Its time does not depend on where it differs.
 */
static bool is_ours(const char *secret, const struct ehlo_slice *fields, size_t count)
{
    unsigned char hash[HASH_MOST + 2], given[HASH_MOST];
    size_t length = fields[0].length;

    if (length < HASH_LEAST || length > HASH_MOST)
        return false;
    if (*secret == '\0' || !hash_fields(secret, fields + 1, count - 1, hash))
        return false;
    for (size_t i = 0; i < length; i++)
        given[i] = (unsigned char)lower(fields[0].data[i]);
    return CRYPTO_memcmp(hash, given, length) == 0;
}

/* Two digits of base 32 (RFC 4648 6), the day modulo DAYS_CYCLE. */
static bool is_fresh(struct ehlo_slice when, int64_t day)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    int64_t made = 0;

    if (when.length != 2 || day < 0)
        return false;
    for (size_t i = 0; i < when.length; i++) {
        const char *digit = memchr(digits, lower(when.data[i]), sizeof digits - 1);

        if (digit == NULL)
            return false;
        made = made * 32 + (digit - digits);
    }
    return (day % DAYS_CYCLE - made + DAYS_CYCLE) % DAYS_CYCLE <= SRS_DAYS;
}

static bool write_address(char *address, size_t size, const char *tag, struct ehlo_slice local,
                          struct ehlo_slice domain)
{
    size_t begin = strlen(tag);

    if (local.length == 0 || domain.length == 0 || size < 2 + begin ||
        local.length > size - begin - 2 || domain.length > size - begin - 2 - local.length)
        return false;
    memcpy(address, tag, begin);
    memcpy(address + begin, local.data, local.length);
    address += begin + local.length;
    *address++ = '@';
    memcpy(address, domain.data, domain.length);
    address[domain.length] = '\0';
    return true;
}

bool srs_reverse(struct ehlo_slice local, const char *secret, int64_t day, char *address,
                 size_t size)
{
    struct ehlo_slice fields[FIELDS_MAX];
    struct ehlo_slice rest;

    if (!srs_is_address(local))
        return false;
    rest = (struct ehlo_slice){local.data + TAG_LENGTH, local.length - TAG_LENGTH};
    if (local.data[3] == '0') /* hash, when, host, user */
        return split(rest, fields, 4) && is_ours(secret, fields, 4) && is_fresh(fields[1], day) &&
               write_address(address, size, "", fields[3], fields[2]);
    /* Hash, forwarder, and an SRS0 address behind its "SRS0". */
    return split(rest, fields, 3) && is_ours(secret, fields, 3) &&
           write_address(address, size, "SRS0", fields[2], fields[1]);
}

#else

bool srs_is_built(void)
{
    return false;
}

bool srs_reverse(struct ehlo_slice local, const char *secret, int64_t day, char *address,
                 size_t size)
{
    (void)local;
    (void)secret;
    (void)day;
    (void)address;
    (void)size;
    return false;
}

#endif
