/* bound.h -- sockets with a place of their own on the loopback network, nobody listening yet. Like the system's calls,
 * these give -1 and errno where they cannot. */
#ifndef HAWSER_TESTS_BOUND_H
#define HAWSER_TESTS_BOUND_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* `port` 0 is any that is free. */
static inline int bound_to(const char *host, uint16_t port)
{
    struct sockaddr_in address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (fd < 0 || inet_pton(AF_INET, host, &address.sin_addr) != 1) return -1;
    if (!bind(fd, (struct sockaddr *)&address, sizeof address)) return fd;
    close(fd);
    return -1;
}

/* The port of a socket, 0 if it has none. */
static inline uint16_t bound_port(int fd)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    memset(&address, 0, sizeof address);
    return getsockname(fd, (struct sockaddr *)&address, &len) ? 0 : ntohs(address.sin_port);
}

/* Two sockets with one port, which is given. The first host should be the one where more ports are taken: it chooses, and
 * the kernel prefers some, which it might choose again and again. */
static inline int bound_alike(const char *const hosts[2], int fds[2])
{
    for (;;) {
        if ((fds[0] = bound_to(hosts[0], 0)) < 0) return -1;
        if ((fds[1] = bound_to(hosts[1], bound_port(fds[0]))) >= 0) return bound_port(fds[0]);
        if (close(fds[0]) || errno != EADDRINUSE) return -1;
    }
}

#endif
