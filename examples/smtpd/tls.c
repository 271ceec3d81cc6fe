/*
 * TLS by OpenSSL. The peer closes with a TLS message; a TCP connection that just ends may have been
 * cut by somebody else, and counts as lost.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tls.h"

#if SMTPD_OPENSSL

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

/* One and the same object under two names, so that nobody else needs OpenSSL's headers. */
static SSL_CTX *context_of(struct tls_context *context)
{
    return (SSL_CTX *)(void *)context;
}

static SSL *ssl_of(struct tls *tls)
{
    return (SSL *)(void *)tls;
}

/* A key with a passphrase: nobody is there to be asked for it. */
static int give_no_passphrase(char *buffer, int size, int writing, void *user)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

static const char *load_files(SSL_CTX *context, const char *certificate, const char *key)
{
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return "--tls-cert: no certificate can be read from it";
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(context) == 1)
        return NULL;
    return ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509
               ? "--tls-key: it is not the key of the certificate"
               : "--tls-key: no key can be read from it";
}

const char *tls_load(struct tls_context **result, const char *certificate, const char *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    const char *wrong;

    if (context == NULL)
        return "OpenSSL does not work";
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    /* What waits to be sent may have moved or grown when it is offered again. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(context, give_no_passphrase);
    wrong = load_files(context, certificate, key);
    if (wrong != NULL) {
        SSL_CTX_free(context);
        context = NULL;
    }
    *result = (struct tls_context *)(void *)context;
    return wrong;
}

void tls_unload(struct tls_context *context)
{
    SSL_CTX_free(context_of(context));
}

struct tls *tls_new(struct tls_context *context, int fd)
{
    SSL *ssl = SSL_new(context_of(context));

    if (ssl != NULL && SSL_set_fd(ssl, fd) == 1) {
        SSL_set_accept_state(ssl);
        return (struct tls *)(void *)ssl;
    }
    SSL_free(ssl);
    return NULL;
}

void tls_free(struct tls *tls)
{
    SSL_free(ssl_of(tls));
}

static enum io what_came(struct tls *tls, int result)
{
    if (result > 0)
        return IO_DONE;
    switch (SSL_get_error(ssl_of(tls), result)) {
    case SSL_ERROR_WANT_READ:
        return IO_WAITS_READ;
    case SSL_ERROR_WANT_WRITE:
        return IO_WAITS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return IO_END;
    default:
        return IO_BROKEN;
    }
}

enum io tls_handshake(struct tls *tls, struct ehlo_tls *facts)
{
    SSL *ssl = ssl_of(tls);
    enum io came;

    ERR_clear_error(); /* SSL_get_error() looks at what is left from others too */
    came = what_came(tls, SSL_do_handshake(ssl));
    if (came != IO_DONE)
        return came == IO_END ? IO_BROKEN : came;
    *facts = (struct ehlo_tls){EHLO_TLS_DEFAULTS};
    facts->version = ehlo_text(SSL_get_version(ssl));
    facts->cipher = ehlo_text(SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl)));
    facts->server_name = ehlo_text(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    return IO_DONE;
}

enum io tls_receive(struct tls *tls, void *buffer, size_t size, size_t *length)
{
    ERR_clear_error();
    return what_came(tls, SSL_read_ex(ssl_of(tls), buffer, size, length));
}

enum io tls_send(struct tls *tls, const void *data, size_t length, size_t *sent)
{
    ERR_clear_error();
    return what_came(tls, SSL_write_ex(ssl_of(tls), data, length, sent));
}

size_t tls_pending(const struct tls *tls)
{
    return (size_t)SSL_pending((const SSL *)(const void *)tls);
}

void tls_finish(struct tls *tls)
{
    ERR_clear_error();
    SSL_shutdown(ssl_of(tls));
}

#else

const char *tls_load(struct tls_context **context, const char *certificate, const char *key)
{
    (void)certificate;
    (void)key;
    *context = NULL;
    return "--tls-cert: built without OpenSSL";
}

void tls_unload(struct tls_context *context)
{
    (void)context;
}

struct tls *tls_new(struct tls_context *context, int fd)
{
    (void)context;
    (void)fd;
    return NULL;
}

void tls_free(struct tls *tls)
{
    (void)tls;
}

enum io tls_handshake(struct tls *tls, struct ehlo_tls *facts)
{
    (void)tls;
    (void)facts;
    return IO_BROKEN;
}

enum io tls_receive(struct tls *tls, void *buffer, size_t size, size_t *length)
{
    (void)tls;
    (void)buffer;
    (void)size;
    (void)length;
    return IO_BROKEN;
}

enum io tls_send(struct tls *tls, const void *data, size_t length, size_t *sent)
{
    (void)tls;
    (void)data;
    (void)length;
    (void)sent;
    return IO_BROKEN;
}

size_t tls_pending(const struct tls *tls)
{
    (void)tls;
    return 0;
}

void tls_finish(struct tls *tls)
{
    (void)tls;
}

#endif
