/* A peer without any of our code: a socket, and frames made by hand. It plays the client, or a server that says nothing. */
#ifndef RAW_H
#define RAW_H

#include "expect.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A TCP connection. `receive_buffer` 0 is the system's; a small one makes a peer that takes little. */
UNUSED static int raw_connect(uint16_t port, int receive_buffer)
{
    struct sockaddr_in address;
    struct timeval patience = { 10, 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(fd >= 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (receive_buffer) EXPECT(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer));
    EXPECT(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
    EXPECT(!connect(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

/* A socket that listens and never answers. */
UNUSED static int silent_server(char *uri)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!bind(fd, (struct sockaddr *)&address, sizeof address) && !listen(fd, 1));
    EXPECT(!getsockname(fd, (struct sockaddr *)&address, &len));
    sprintf(uri, "ws://127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

UNUSED static void raw_write(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t written = send(fd, at, len, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        EXPECT(written > 0);
        at += written;
        len -= (size_t)written;
    }
}

UNUSED static void raw_read(int fd, void *data, size_t len)
{
    char *at = data;
    while (len) {
        ssize_t got = recv(fd, at, len, 0);
        if (got < 0 && errno == EINTR) continue;
        EXPECT(got > 0);
        at += got;
        len -= (size_t)got;
    }
}

static const char raw_request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/* Reads until the empty line that ends a head. */
UNUSED static void raw_read_head(int fd)
{
    char last[4] = { 0 };
    while (memcmp(last, "\r\n\r\n", 4)) {
        memmove(last, last + 1, 3);
        raw_read(fd, last + 3, 1);
    }
}

/* An open WebSocket to the server; *conn is the server's end of it. */
UNUSED static int raw_open(const pair *pair, int receive_buffer, hws_conn *conn)
{
    int fd = raw_connect(port_of(pair), receive_buffer);
    raw_write(fd, raw_request, sizeof raw_request - 1);
    *conn = await(pair->engine, any, HWS_EVENT_OPEN).conn;
    raw_read_head(fd);
    return fd;
}

/* Frames to be written at once. */
typedef struct frames {
    unsigned char *bytes;
    size_t len, room;
} frames;

UNUSED static void put(frames *to, const void *bytes, size_t len)
{
    if (to->len + len > to->room) {
        to->room = 2 * (to->len + len);
        EXPECT((to->bytes = realloc(to->bytes, to->room)) != NULL);
    }
    if (len) memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
}

enum { FIN = 0x80 };

/* A frame; its mask is zero, so that the payload stays as it is. */
UNUSED static void put_frame(frames *to, unsigned first_byte, const void *payload, size_t len)
{
    unsigned char header[14] = { 0 };
    size_t i, size = len < 126 ? 2 : len < 65536 ? 4 : 10;
    header[0] = (unsigned char)first_byte;
    header[1] = (unsigned char)(0x80 | (size == 2 ? len : size == 4 ? 126 : 127));
    for (i = 2; i < size; i++) header[i] = (unsigned char)(len >> 8 * (size - 1 - i));
    put(to, header, size + 4);
    put(to, payload, len);
}

UNUSED static void put_close(frames *to, unsigned code)
{
    unsigned char payload[2];
    payload[0] = (unsigned char)(code >> 8);
    payload[1] = (unsigned char)code;
    put_frame(to, FIN | HWS_CLOSE, payload, sizeof payload);
}

UNUSED static void raw_send(int fd, frames *frames)
{
    raw_write(fd, frames->bytes, frames->len);
    frames->len = 0;
}

UNUSED static void raw_frame(int fd, unsigned first_byte, const void *payload, size_t len)
{
    frames frames = { 0 };
    put_frame(&frames, first_byte, payload, len);
    raw_send(fd, &frames);
    free(frames.bytes);
}

/* Reads the header of a server's frame: its first byte, and how long the payload behind it is. */
UNUSED static unsigned raw_read_header(int fd, size_t *len)
{
    unsigned char header[2], more[8];
    size_t i, size;
    raw_read(fd, header, 2);
    EXPECT(!(header[1] & 0x80));
    size = header[1] == 126 ? 2 : header[1] == 127 ? 8 : 0;
    raw_read(fd, more, size);
    *len = size ? 0 : header[1];
    for (i = 0; i < size; i++) *len = *len << 8 | more[i];
    return header[0];
}

/* Reads a server's frame of up to `room` bytes. */
UNUSED static unsigned raw_read_frame(int fd, void *payload, size_t room, size_t *len)
{
    unsigned first = raw_read_header(fd, len);
    EXPECT(*len <= room);
    raw_read(fd, payload, *len);
    return first;
}

/* Ends the connection with a reset. */
UNUSED static void raw_reset(int fd)
{
    struct linger now = { 1, 0 };
    EXPECT(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now));
    close(fd);
}

/* Writes as much as goes without waiting; gives how much that is. */
UNUSED static size_t raw_offer(int fd, const void *data, size_t len)
{
    ssize_t written = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    EXPECT(written > 0 || errno == EAGAIN || errno == EINTR);
    return written > 0 ? (size_t)written : 0;
}

#endif
