/*
 * The two ways.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "transport.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static bool may_come_later(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

enum io transport_receive(struct transport *transport, void *buffer, size_t size, size_t *length)
{
    ssize_t received;

    if (transport->tls != NULL)
        return tls_receive(transport->tls, buffer, size, length);
    received = recv(transport->fd, buffer, size, 0);
    if (received < 0)
        return may_come_later(errno) ? IO_WAITS_READ : IO_BROKEN;
    *length = (size_t)received;
    return received > 0 ? IO_DONE : IO_END;
}

enum io transport_send(struct transport *transport, const void *data, size_t length, size_t *sent)
{
    ssize_t done;

    if (transport->tls != NULL)
        return tls_send(transport->tls, data, length, sent);
    done = send(transport->fd, data, length, 0);
    if (done < 0)
        return may_come_later(errno) ? IO_WAITS_WRITE : IO_BROKEN;
    *sent = (size_t)done;
    return IO_DONE;
}

bool transport_has_pending(const struct transport *transport)
{
    return transport->tls != NULL && tls_pending(transport->tls) > 0;
}

void transport_finish(struct transport *transport)
{
    if (transport->tls != NULL)
        tls_finish(transport->tls);
    shutdown(transport->fd, SHUT_WR);
}

void transport_close(struct transport *transport)
{
    tls_free(transport->tls);
    close(transport->fd);
}
