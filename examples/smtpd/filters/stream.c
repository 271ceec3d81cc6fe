/*
 * Addresses of services, and sockets that are connecting to them.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include "inquiry.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_un path;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

/* 0: none. */
static in_port_t read_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    int port = digits > 0 && digits <= 5 && text[digits] == '\0' ? atoi(text) : 0;

    return port <= 65535 ? htons((in_port_t)port) : 0;
}

/* "ADDR:PORT" or "[ADDR]:PORT"; an IPv6 address needs the brackets. Its length; 0: it is none. */
static socklen_t read_internet(const char *where, union address *address)
{
    const char *colon = strrchr(where, ':');
    bool is_ipv6 = *where == '[';
    size_t length = colon != NULL ? (size_t)(colon - where) : 0;
    char host[INET6_ADDRSTRLEN];
    in_port_t port;

    if (colon == NULL || (is_ipv6 && colon[-1] != ']'))
        return 0;
    if (is_ipv6) {
        where++;
        length -= 2;
    }
    port = read_port(colon + 1);
    if (port == 0 || length >= sizeof host)
        return 0;
    memcpy(host, where, length);
    host[length] = '\0';
    if (is_ipv6) {
        address->ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
        return inet_pton(AF_INET6, host, &address->ipv6.sin6_addr) == 1 ? sizeof address->ipv6 : 0;
    }
    address->ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
    return inet_pton(AF_INET, host, &address->ipv4.sin_addr) == 1 ? sizeof address->ipv4 : 0;
}

/* The length of an address; 0: it is none. */
static socklen_t read_address(const char *where, union address *address)
{
    size_t length = strlen(where);

    if (*where != '/')
        return read_internet(where, address);
    if (length >= sizeof address->path.sun_path)
        return 0;
    address->path = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->path.sun_path, where, length);
    return sizeof address->path;
}

bool stream_is_address(const char *where)
{
    union address address;

    return read_address(where, &address) > 0;
}

static bool begin_connect(int fd, const union address *address, socklen_t length)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
           (connect(fd, &address->any, length) == 0 || errno == EINPROGRESS);
}

int stream_connect(const char *where)
{
    union address address;
    socklen_t length = read_address(where, &address);
    int fd, error;

    if (length == 0) {
        errno = EINVAL;
        return -1;
    }
    fd = socket(address.any.sa_family, SOCK_STREAM, 0);
    if (fd < 0 || begin_connect(fd, &address, length))
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

int stream_error(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}
