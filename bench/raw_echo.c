/* raw_echo: the floor of the benchmark. It echoes bytes and knows no WebSocket: what it costs, the kernel costs. One
 * thread, one read and one write per readiness; what the kernel does not take waits in a copy made for it. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int fd;
    char *pending; /* NULL while nothing waits, so an idle connection costs this struct alone */
    size_t length, sent;
};

static char arena[512 * 1024]; /* one for all: whatever is read is written, or copied, before the next read */

static void watch(int epoll, int operation, struct connection *c, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->fd, &event) < 0) abort();
}

static void accept_one(int epoll, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct connection *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->fd = fd;
    watch(epoll, EPOLL_CTL_ADD, c, EPOLLIN);
}

static void drop(struct connection *c)
{
    close(c->fd);
    free(c->pending);
    free(c);
}

static void echo(int epoll, struct connection *c)
{
    ssize_t got = read(c->fd, arena, sizeof arena);
    if (got <= 0) { drop(c); return; }
    ssize_t sent = write(c->fd, arena, (size_t)got);
    if (sent == got) return;
    if (sent < 0) sent = 0; /* full or broken: flush() will tell */
    c->sent = 0;
    c->length = (size_t)(got - sent);
    c->pending = malloc(c->length);
    if (!c->pending) abort();
    memcpy(c->pending, arena + sent, c->length);
    watch(epoll, EPOLL_CTL_MOD, c, EPOLLOUT); /* no reading meanwhile: that is the backpressure */
}

static void flush(int epoll, struct connection *c)
{
    ssize_t sent = write(c->fd, c->pending + c->sent, c->length - c->sent);
    if (sent < 0) { drop(c); return; }
    c->sent += (size_t)sent;
    if (c->sent < c->length) return;
    free(c->pending);
    c->pending = NULL;
    watch(epoll, EPOLL_CTL_MOD, c, EPOLLIN);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct connection listener = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
    int epoll = epoll_create1(0);
    if (bind(listener.fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener.fd, 4096) < 0) abort();
    getsockname(listener.fd, (struct sockaddr *)&address, &(socklen_t){sizeof address});
    watch(epoll, EPOLL_CTL_ADD, &listener, EPOLLIN);
    dprintf(STDOUT_FILENO, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == &listener) accept_one(epoll, listener.fd);
            else if (c->pending) flush(epoll, c);
            else echo(epoll, c);
        }
    }
}
