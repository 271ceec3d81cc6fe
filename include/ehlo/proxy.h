/** @file
 * The header of the PROXY protocol, versions 1 and 2 ("The PROXY protocol", HAProxy Technologies;
 * section numbers below are its own): what a proxy sends ahead of SMTP to say whom it speaks for.
 *
 * Pure functions that a host runs before it starts the session: it collects octets until
 * ehlo_parse_proxy() has a whole header, hands the addresses to ehlo_server_start(), and gives the
 * octets behind the header to ehlo_server_receive(). Until then nothing may be sent (2). Whether a
 * header comes is a matter of configuration, never of looking at the octets, and only known proxies
 * may be let in where one comes, since anybody else can claim any address (2, 5). A host gives up
 * waiting after a few seconds, not less than 3 (2). examples/smtpd does it all with
 * --proxy-protocol.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EHLO_PROXY_H
#define EHLO_PROXY_H

#include "ehlo/syntax.h"
#include "ehlo/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EHLO_PROXY_V1 1u /**< the line of text (2.1) */
#define EHLO_PROXY_V2 2u /**< the binary header (2.2) */

#define EHLO_PROXY_V1_MAX 107 /**< octets of a version 1 header with its CR LF (2.1) */

/**
 * Octets of the longest header that is taken: a buffer of this size is always enough. The protocol
 * would let version 2 have 65551; its author means it to fit in 536 (2).
 */
#define EHLO_PROXY_MAX 4096

/** What ehlo_parse_proxy() found. */
enum ehlo_proxy_status {
    EHLO_PROXY_COMPLETE = 0, /**< a whole header; the structure is filled */
    EHLO_PROXY_MORE = 1,     /**< so far the beginning of a header: call again with more octets */
    EHLO_PROXY_MALFORMED = 2 /**< not a header, whatever may follow: close without a word (2.1) */
};

/** What kind of addresses a header has; the numbers are those of version 2 (2.2). */
enum ehlo_proxy_family {
    EHLO_PROXY_NO_FAMILY = 0, /**< none */
    EHLO_PROXY_IPV4 = 1,      /**< IPv4 */
    EHLO_PROXY_IPV6 = 2,      /**< IPv6 */
    EHLO_PROXY_UNIX = 3       /**< a local socket; version 2 only */
};

/** How the client speaks with the proxy; the numbers are those of version 2 (2.2). */
enum ehlo_proxy_transport {
    EHLO_PROXY_NO_TRANSPORT = 0, /**< not known */
    EHLO_PROXY_STREAM = 1,       /**< TCP, or a local stream; always so in version 1 */
    EHLO_PROXY_DATAGRAM = 2      /**< UDP, or local datagrams; no way to speak SMTP */
};

/** One end of the connection between the client and the proxy. */
struct ehlo_proxy_endpoint {
    uint32_t family;        /**< enum ehlo_proxy_family */
    uint32_t port;          /**< 0 to 65535, of IPv4 and IPv6; else 0 */
    uint8_t address[16];    /**< network order; 4 octets for IPv4, 16 for IPv6, else 0 */
    char text[48];          /**< the same for people and for struct ehlo_peer, NUL-terminated:
                               "192.0.2.1", "2001:db8::1" (RFC 5952 4, 5); empty for other families */
    struct ehlo_slice path; /**< of a local socket, up to its first NUL: any other octet, 108 at
                               most; lies in the octets that were read; else empty */
    uintptr_t reserved[2];  /**< 0 */
};

/** A header. Where `is_local`, there is nothing but that, the length and the version. */
struct ehlo_proxy {
    size_t length;                          /**< octets of the header; what follows is SMTP */
    struct ehlo_proxy_endpoint source;      /**< the client */
    struct ehlo_proxy_endpoint destination; /**< what the client connected to */
    struct ehlo_slice tlvs; /**< version 2: what ehlo_next_tlv() walks, all of it well-formed; lies
                               in the octets that were read; may be empty */
    uint32_t version;       /**< EHLO_PROXY_V1 or EHLO_PROXY_V2: the one it has */
    uint32_t transport;     /**< enum ehlo_proxy_transport */
    bool is_local; /**< the real ends of the connection count, as if there were no header: UNKNOWN
                      in version 1; in version 2 LOCAL (the proxy looks whether we live), or no
                      family or no transport */
    uintptr_t reserved[4]; /**< 0 */
};

/**
 * Reads the header at the beginning of a connection (2.1, 2.2).
 *
 * The answer depends on the octets alone, not on how they came in. It is MORE for all that can
 * still become a header, and MALFORMED from the first octet on that none can have in its place,
 * with two exceptions: an address or port of version 1 is judged when its end has come, a CRC32C
 * (2.2.3) when the whole header has. Lengths that version 2 announces are judged as they come:
 * those that are shorter than the addresses or longer than EHLO_PROXY_MAX allows, and those of
 * TLVs, inside EHLO_PROXY_TLV_SSL too. Where `is_local`, the rest of the header is skipped unseen.
 *
 * @param octets    all that came in since the connection began; may be NULL if `length` is 0
 * @param length    octets
 * @param versions  those to be taken: EHLO_PROXY_V1, EHLO_PROXY_V2 or both; 0 takes none
 * @param header    filled on COMPLETE, else untouched; its slices live as long as `octets`
 * @return          COMPLETE, MORE, MALFORMED; never MORE for EHLO_PROXY_MAX octets, or for
 *                  EHLO_PROXY_V1_MAX that begin as version 1
 */
EHLO_API enum ehlo_proxy_status ehlo_parse_proxy(const void *octets, size_t length,
                                                 uint32_t versions, struct ehlo_proxy *header);

/** Types of TLVs (2.2). Texts are as the proxy wrote them: nothing has checked their octets. */
enum ehlo_proxy_tlv_type {
    EHLO_PROXY_TLV_ALPN = 0x01,      /**< protocol negotiated within TLS (RFC 7301) */
    EHLO_PROXY_TLV_AUTHORITY = 0x02, /**< host name that the client asked for (SNI), UTF-8 */
    EHLO_PROXY_TLV_CRC32C = 0x03,    /**< checksum, 4 octets; verified already */
    EHLO_PROXY_TLV_NOOP = 0x04,      /**< padding */
    EHLO_PROXY_TLV_UNIQUE_ID = 0x05, /**< the proxy's name for the connection, 0 to 128 octets */
    EHLO_PROXY_TLV_SSL = 0x20,       /**< for ehlo_parse_proxy_ssl() */
    EHLO_PROXY_TLV_NETNS = 0x30,     /**< name of the network namespace */

    EHLO_PROXY_TLV_SSL_VERSION = 0x21, /**< inside SSL: "TLSv1.3" */
    EHLO_PROXY_TLV_SSL_CN = 0x22,      /**< inside SSL: Common Name of the client's
                                          certificate, UTF-8 */
    EHLO_PROXY_TLV_SSL_CIPHER = 0x23,  /**< inside SSL: name of the cipher */
    EHLO_PROXY_TLV_SSL_SIG_ALG = 0x24, /**< inside SSL: what signed the proxy's certificate */
    EHLO_PROXY_TLV_SSL_KEY_ALG = 0x25, /**< inside SSL: kind of key in that certificate */
    EHLO_PROXY_TLV_SSL_GROUP = 0x26,   /**< inside SSL: key exchange */
    EHLO_PROXY_TLV_SSL_SIG_SCHEME =
        0x27, /**< inside SSL: what the proxy signed the handshake with */
    EHLO_PROXY_TLV_SSL_CLIENT_CERT = 0x28, /**< inside SSL: the client's certificate, DER */

    EHLO_PROXY_TLV_CUSTOM_MIN = 0xe0,     /**< first type of the application's own (2.2.8) */
    EHLO_PROXY_TLV_CUSTOM_MAX = 0xef,     /**< last type of the application's own */
    EHLO_PROXY_TLV_EXPERIMENT_MIN = 0xf0, /**< first type for experiments (2.2.8) */
    EHLO_PROXY_TLV_EXPERIMENT_MAX = 0xf7 /**< last type for experiments; those above are reserved */
};

/** A type with its value. */
struct ehlo_proxy_tlv {
    struct ehlo_slice value; /**< any octets, perhaps none */
    uint32_t type;           /**< enum ehlo_proxy_tlv_type, or another number up to 255 */
    uint32_t reserved;       /**< 0 */
};

/**
 * Takes the next TLV (2.2): `struct ehlo_slice rest = header.tlvs;` is where to begin.
 *
 * @param rest  what is left; moved behind the TLV on OK
 * @param tlv   filled on OK; its value lies in `rest`
 * @return      OK; END: there are no more; MALFORMED: less is left than the TLV says it has, which
 *              cannot happen in `tlvs` of a header or of struct ehlo_proxy_ssl
 */
EHLO_API enum ehlo_syntax ehlo_next_tlv(struct ehlo_slice *rest, struct ehlo_proxy_tlv *tlv);

#define EHLO_PROXY_SSL_TLS       1u /**< the client speaks TLS with the proxy */
#define EHLO_PROXY_SSL_CERT_CONN 2u /**< it gave a certificate in this connection */
#define EHLO_PROXY_SSL_CERT_SESS 4u /**< it gave one in the TLS session, perhaps earlier */

/**
 * What a proxy says of the TLS between the client and itself (2.2.6). It is a report: the session
 * runs without TLS unless the host says otherwise. Slices are empty for what the proxy does not
 * say; of two TLVs of one type the last counts.
 */
struct ehlo_proxy_ssl {
    uint32_t client; /**< EHLO_PROXY_SSL_...; other bits as sent */
    uint32_t verify; /**< 0: the client gave a certificate, which is good; any other number: it
                        gave none, or a bad one */
    struct ehlo_slice version;     /**< EHLO_PROXY_TLV_SSL_VERSION */
    struct ehlo_slice common_name; /**< EHLO_PROXY_TLV_SSL_CN */
    struct ehlo_slice cipher;      /**< EHLO_PROXY_TLV_SSL_CIPHER */
    struct ehlo_slice sig_alg;     /**< EHLO_PROXY_TLV_SSL_SIG_ALG */
    struct ehlo_slice key_alg;     /**< EHLO_PROXY_TLV_SSL_KEY_ALG */
    struct ehlo_slice group;       /**< EHLO_PROXY_TLV_SSL_GROUP */
    struct ehlo_slice sig_scheme;  /**< EHLO_PROXY_TLV_SSL_SIG_SCHEME */
    struct ehlo_slice client_cert; /**< EHLO_PROXY_TLV_SSL_CLIENT_CERT */
    struct ehlo_slice tlvs;        /**< all of them, for ehlo_next_tlv() */
    uintptr_t reserved[8];         /**< 0 */
};

/**
 * Reads the value of EHLO_PROXY_TLV_SSL (2.2.6).
 *
 * @param value  of the TLV
 * @param ssl    filled on OK; its slices lie in `value`
 * @return       OK; MALFORMED: too short, or TLVs inside that do not fit, which cannot happen with
 *               a TLV of a header
 */
EHLO_API enum ehlo_syntax ehlo_parse_proxy_ssl(struct ehlo_slice value, struct ehlo_proxy_ssl *ssl);

#ifdef __cplusplus
}
#endif

#endif
