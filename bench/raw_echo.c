/* raw_echo: the floor of the benchmark. It echoes bytes and knows no WebSocket: what it costs, the kernel costs. One
 * thread, one read and one write per readiness; what the kernel does not take waits in a copy made for it.
 *
 *   raw_echo [--tls CERTIFICATE KEY]
 *
 * Over TLS the floor is what the kernel and OpenSSL cost: wire.c has how OpenSSL is asked. */
#define _GNU_SOURCE /* accept4 */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    struct wire wire;
    char *pending; /* NULL while nothing waits, so an idle connection costs this struct alone */
    size_t length, sent;
};

static SSL_CTX *tls; /* NULL: no TLS */
static char arena[512 * 1024]; /* one for all: whatever is read is written, or copied, before the next read */

static void watch(int epoll, int operation, struct connection *c, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->wire.fd, &event) < 0) abort();
}

static void accept_one(int epoll, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct connection *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->wire = wire_new(fd, tls);
    if (tls) SSL_set_accept_state(c->wire.ssl); /* the first reads are the handshake, too small to fill a socket */
    watch(epoll, EPOLL_CTL_ADD, c, EPOLLIN);
}

static void drop(struct connection *c)
{
    wire_end(&c->wire);
    wire_close(&c->wire);
    free(c->pending);
    free(c);
}

static void echo(int epoll, struct connection *c)
{
    ssize_t got = wire_read(&c->wire, arena, sizeof arena);
    if (got < 0 && errno == EAGAIN) return; /* TLS only: a part of a record, or of the handshake */
    if (got <= 0) { drop(c); return; }
    ssize_t sent = wire_write(&c->wire, arena, (size_t)got);
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
    ssize_t sent = wire_write(&c->wire, c->pending + c->sent, c->length - c->sent);
    if (sent < 0 && errno == EAGAIN) return; /* TLS only: a part of a record went */
    if (sent < 0) { drop(c); return; }
    c->sent += (size_t)sent;
    if (c->sent < c->length) return;
    free(c->pending);
    c->pending = NULL;
    watch(epoll, EPOLL_CTL_MOD, c, EPOLLIN);
}

static void use_tls(const char *certificate, const char *key)
{
    tls = tls_context(TLS_server_method());
    if (tls && SSL_CTX_use_certificate_chain_file(tls, certificate)
        && SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM))
        return;
    ERR_print_errors_fp(stderr);
    exit(1);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc == 4 && strcmp(argv[1], "--tls") == 0) use_tls(argv[2], argv[3]);
    else if (argc != 1) { fputs("usage: raw_echo [--tls CERTIFICATE KEY]\n", stderr); return 2; }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct connection listener = {.wire.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
    int epoll = epoll_create1(0);
    if (bind(listener.wire.fd, (struct sockaddr *)&address, sizeof address) < 0) abort();
    if (listen(listener.wire.fd, 4096) < 0) abort();
    getsockname(listener.wire.fd, (struct sockaddr *)&address, &(socklen_t){sizeof address});
    watch(epoll, EPOLL_CTL_ADD, &listener, EPOLLIN);
    dprintf(STDOUT_FILENO, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == &listener) accept_one(epoll, listener.wire.fd);
            else if (c->pending) flush(epoll, c);
            else echo(epoll, c);
        }
    }
}
