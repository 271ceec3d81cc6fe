/*
 * The PROXY protocol, versions 1 and 2. Octets behind the header stay in the socket: they may be
 * the begin of TLS.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "proxy.h"

#include "address.h"
#include "ehlo/proxy.h"
#include <errno.h>
#include <sys/socket.h>

/* A local socket of the proxy's host has no address. */
static void set_peer(struct visit *visit, const struct ehlo_proxy_endpoint *source)
{
    visit->address[0] = '\0';
    if (source->family == EHLO_PROXY_IPV4 || source->family == EHLO_PROXY_IPV6)
        address_write(visit->address, source->family == EHLO_PROXY_IPV4 ? AF_INET : AF_INET6,
                      source->address);
    visit_set_peer(visit, source->port);
}

enum io proxy_receive(int fd, char *buffer, size_t *length, struct visit *visit)
{
    struct ehlo_proxy header;
    enum ehlo_proxy_status status;
    ssize_t seen = recv(fd, buffer + *length, EHLO_PROXY_MAX - *length, MSG_PEEK);
    size_t taken;

    if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return IO_WAITS_READ;
    if (seen <= 0)
        return IO_BROKEN;
    status =
        ehlo_parse_proxy(buffer, *length + (size_t)seen, EHLO_PROXY_V1 | EHLO_PROXY_V2, &header);
    if (status == EHLO_PROXY_MALFORMED)
        return IO_BROKEN;
    taken = status == EHLO_PROXY_COMPLETE ? header.length - *length : (size_t)seen;
    if (recv(fd, buffer + *length, taken, 0) != (ssize_t)taken)
        return IO_BROKEN;
    *length += taken;
    if (status == EHLO_PROXY_MORE)
        return IO_WAITS_READ;
    if (header.transport == EHLO_PROXY_DATAGRAM)
        return IO_BROKEN;
    if (!header.is_local) /* else the proxy speaks for itself */
        set_peer(visit, &header.source);
    return IO_DONE;
}
