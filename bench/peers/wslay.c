/* wslay on epoll. It leaves reading and writing to its user, so what it sends while one connection is ready is collected and
 * written at once.
 *
 *   wslay */
#define _GNU_SOURCE /* accept4, memmem */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

struct connection {
    int fd;
    uint32_t watched;
    wslay_event_context_ptr context; /* NULL before the opening handshake */
    char *pending; /* what the socket did not take; NULL while nothing waits */
    size_t sent, length;
};

static char input[512 * 1024], output[256 * 1024]; /* of the connection that is ready */
static size_t input_from, input_to, output_length;
static int epoll;

static void watch(struct connection *c, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->fd, &event) < 0) abort();
    c->watched = events;
}

static void drop(struct connection *c)
{
    if (c->context) wslay_event_context_free(c->context);
    close(c->fd);
    free(c->pending);
    free(c);
}

/* ---- what wslay asks for ---- */

static ssize_t would_block(wslay_event_context_ptr context)
{
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static ssize_t on_recv(wslay_event_context_ptr context, uint8_t *into, size_t room, int flags, void *user)
{
    (void)flags, (void)user;
    size_t length = input_to - input_from;
    if (!length) return would_block(context);
    if (length > room) length = room;
    memcpy(into, input + input_from, length);
    input_from += length;
    return (ssize_t)length;
}

/* Writes what was collected. What the socket does not take waits. */
static void flush(struct connection *c)
{
    ssize_t sent = output_length ? write(c->fd, output, output_length) : 0;
    if (sent < 0) sent = 0; /* full or broken: the next write tells */
    c->length = output_length - (size_t)sent;
    output_length = 0;
    if (!c->length) return;
    c->sent = 0;
    c->pending = malloc(c->length);
    if (!c->pending) abort();
    memcpy(c->pending, output + sent, c->length);
}

static ssize_t on_send(wslay_event_context_ptr context, const uint8_t *bytes, size_t length, int flags, void *user)
{
    struct connection *c = user;
    (void)flags;
    if (output_length + length > sizeof output) flush(c);
    if (c->pending) return would_block(context);
    if (length <= sizeof output) {
        memcpy(output + output_length, bytes, length);
        output_length += length;
        return (ssize_t)length;
    }
    ssize_t sent = write(c->fd, bytes, length);
    if (sent >= 0) return sent;
    if (errno == EAGAIN) return would_block(context);
    wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void on_message(wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    (void)user;
    if (wslay_is_ctrl_frame(message->opcode)) return;
    struct wslay_event_msg echo = {message->opcode, message->msg, message->msg_length};
    if (wslay_event_queue_msg(context, &echo)) abort();
}

/* ---- connections ---- */

static void accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct connection *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->fd = fd;
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

/* wslay has no opening handshake. The client of the benchmark sends all of it at once. */
static int upgrade(struct connection *c)
{
    static const char name[] = "Sec-WebSocket-Key:", guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv, .send_callback = on_send, .on_msg_recv_callback = on_message};
    char *end = memmem(input, input_to, "\r\n\r\n", 4), key[24 + sizeof guid], accept[32];
    if (!end) return -1;
    *end = '\0';
    char *field = strcasestr(input, name);
    if (!field) return -1;
    field += sizeof name - 1;
    field += strspn(field, " ");
    if (strcspn(field, " \r") != 24) return -1;
    memcpy(key, field, 24);
    memcpy(key + 24, guid, sizeof guid);
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1((unsigned char *)key, sizeof key - 1, digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
    output_length = (size_t)sprintf(output, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    input_from = (size_t)(end + 4 - input);
    return wslay_event_context_server_init(&c->context, &callbacks, c);
}

/* Writes what waited. -1: the connection broke. */
static int resume(struct connection *c)
{
    ssize_t sent = write(c->fd, c->pending + c->sent, c->length - c->sent);
    if (sent < 0) return errno == EAGAIN ? 0 : -1;
    c->sent += (size_t)sent;
    if (c->sent < c->length) return 0;
    free(c->pending);
    c->pending = NULL;
    return 0;
}

/* Nothing is read while something waits to be written. */
static int receive(struct connection *c)
{
    ssize_t got = read(c->fd, input, sizeof input);
    if (got < 0 && errno == EAGAIN) return 0;
    if (got <= 0) return -1;
    input_from = 0;
    input_to = (size_t)got;
    if (!c->context && upgrade(c) != 0) return -1;
    return wslay_event_recv(c->context);
}

static void serve(struct connection *c, uint32_t events)
{
    int failed = c->pending ? resume(c) : 0;
    if (!failed && events & (EPOLLIN | EPOLLHUP | EPOLLERR) && c->watched & EPOLLIN) failed = receive(c);
    if (!failed && c->context && !c->pending) failed = wslay_event_send(c->context);
    if (!c->pending) flush(c);
    output_length = 0;
    if (failed || (c->context && !c->pending && wslay_event_get_close_sent(c->context))) {
        drop(c);
        return;
    }
    int waits = c->pending || (c->context && wslay_event_want_write(c->context));
    uint32_t wanted = waits ? EPOLLOUT : EPOLLIN;
    if (wanted != c->watched) watch(c, EPOLL_CTL_MOD, wanted);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct connection listener = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
    epoll = epoll_create1(0);
    if (bind(listener.fd, (struct sockaddr *)&address, sizeof address) < 0) abort();
    if (listen(listener.fd, 4096) < 0) abort();
    getsockname(listener.fd, (struct sockaddr *)&address, &(socklen_t){sizeof address});
    watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
    dprintf(STDOUT_FILENO, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == &listener) accept_one(listener.fd);
            else serve(c, events[i].events);
        }
    }
}
