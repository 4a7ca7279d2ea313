/* publish_floor: the floor of publishing. What it reads from one connection it writes to all of them, one write(2) each,
 * and knows no WebSocket: the bytes are a frame already, and nobody looks at them. One byte greets each connection, so that
 * it knows when it is one of them. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 1 << 20 }; /* file descriptors */

static int conns[MOST], count; /* those that are open */
static int place[MOST];        /* of each descriptor in there */
static int epoll;

static void watch(int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) abort();
}

static void accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= MOST) abort();
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    watch(fd);
    place[fd] = count;
    conns[count++] = fd;
    if (write(fd, "!", 1) != 1) perror("publish_floor: greeting");
}

static void drop(int fd)
{
    int last = conns[--count];
    conns[place[fd]] = last;
    place[last] = place[fd];
    close(fd);
}

/* A publisher waits until all have its message, so none of their sockets is ever full: one that is, is a mistake. */
static void publish(int from)
{
    static char arena[64 * 1024];
    ssize_t got = read(from, arena, sizeof arena);
    if (got <= 0) { drop(from); return; }
    for (int i = 0; i < count; i++)
        if (write(conns[i], arena, (size_t)got) != got) { perror("publish_floor: write"); exit(1); }
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    epoll = epoll_create1(0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) abort();
    if (listen(listener, 4096) < 0) abort();
    getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof address});
    watch(listener);
    dprintf(STDOUT_FILENO, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) accept_one(listener);
            else publish(events[i].data.fd);
        }
    }
}
