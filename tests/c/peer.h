/* peer.h -- the other side of a connection, played by hand on a raw socket: it says and hears exact bytes, breaks
 * every rule it is told to break, and never uses the library. Sockets block; every wait before a read lets the
 * engine of world.h work, so one thread plays both sides in a fixed order. */
#ifndef HAWSER_TESTS_PEER_H
#define HAWSER_TESTS_PEER_H

#include "accept_key.h"
#include "world.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* -- TCP ---------------------------------------------------------------------------------------------------- */

static inline struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static inline uint16_t port_of(int fd)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    SYS(getsockname(fd, (struct sockaddr *)&address, &len));
    return ntohs(address.sin_port);
}

/* A socket with a free port of its own, on which nobody listens yet. */
static inline int peer_bind(void)
{
    struct sockaddr_in address = loopback(0);
    int fd = SYS(socket(AF_INET, SOCK_STREAM, 0));
    SYS(bind(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

static inline int peer_listen(int backlog)
{
    int fd = peer_bind();
    SYS(listen(fd, backlog));
    return fd;
}

/* The kernel answers for a listening server, so this ends before the server has looked. */
static inline int peer_connect(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int fd = SYS(socket(AF_INET, SOCK_STREAM, 0));
    SYS(connect(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

static inline int peer_accept(int listener)
{
    wait_for(listener, POLLIN);
    return SYS(accept(listener, NULL, NULL));
}

/* What the socket buffers hold, and all that is said here fits into them. */
static inline void peer_send(int fd, const void *bytes, size_t len)
{
    CHECK_INT(SYS(send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL)), len);
}

static inline void peer_say(int fd, const char *text)
{
    peer_send(fd, text, strlen(text));
}

/* Up to len bytes, 0 at the end. */
static inline size_t peer_read(int fd, void *bytes, size_t len)
{
    wait_for(fd, POLLIN);
    return (size_t)SYS(recv(fd, bytes, len, 0));
}

static inline void peer_read_all(int fd, void *bytes, size_t len)
{
    for (size_t got = 0, more; got < len; got += more) {
        more = peer_read(fd, (char *)bytes + got, len - got);
        if (more == 0) fail(__FILE__, __LINE__, "the library ends after %zu bytes of %zu", got, len);
    }
}

static inline void peer_expect_end(int fd)
{
    char byte;
    CHECK_INT(peer_read(fd, &byte, 1), 0);
}

/* FIN, while we go on reading. */
static inline void peer_half_close(int fd)
{
    SYS(shutdown(fd, SHUT_WR));
}

/* RST: a socket closed without patience for what is under way. */
static inline void peer_reset(int fd)
{
    struct linger none = { 1, 0 };
    SYS(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none));
    SYS(close(fd));
}

/* -- HTTP --------------------------------------------------------------------------------------------------- */

enum { HEAD_MAX = 4096 };

/* A head up to its empty line and not a byte more, with a NUL. */
static inline void peer_read_head(int fd, char head[HEAD_MAX])
{
    size_t len = 0;
    do {
        CHECK(len + 1 < HEAD_MAX);
        peer_read_all(fd, head + len++, 1);
        head[len] = '\0';
    } while (!strstr(head, "\r\n\r\n"));
}

/* Everything up to the end of the connection, with a NUL. */
static inline void peer_read_rest(int fd, char text[HEAD_MAX])
{
    size_t len = 0, more;
    while ((more = peer_read(fd, text + len, HEAD_MAX - 1 - len)) > 0) len += more;
    text[len] = '\0';
}

/* RFC 6455 section 1.3's own example, so that the answer is known. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

#define REQUEST                                                                                                        \
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                               \
    "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n"

/* What stands for something else in the messages of the peer. */
struct marks {
    const char *accept; /* "$": the Sec-WebSocket-Accept that the request wants */
    const char *filler; /* "~", of which there is one: this, so many times */
    size_t times;
};

static inline void peer_say_marked(int fd, const char *text, struct marks marks)
{
    size_t accept = marks.accept ? strlen(marks.accept) : 0, filler = marks.filler ? strlen(marks.filler) : 0;
    char *bytes = malloc(strlen(text) * (accept + 1) + filler * marks.times), *end = bytes;
    CHECK(bytes);
    for (; *text; text++) {
        if (*text == '$' && accept) memcpy(end, marks.accept, accept), end += accept;
        else if (*text != '~' || !filler) *end++ = *text;
        else for (size_t i = 0; i < marks.times; i++, end += filler) memcpy(end, marks.filler, filler);
    }
    peer_send(fd, bytes, (size_t)(end - bytes));
    free(bytes);
}

/* Reads a request and gives the Sec-WebSocket-Accept that it wants. */
static inline const char *peer_read_request(int fd)
{
    static char accept[29];
    char request[HEAD_MAX];
    peer_read_head(fd, request);
    const char *key = strstr(request, "Sec-WebSocket-Key: ");
    CHECK(key);
    accept_key(key + strlen("Sec-WebSocket-Key: "), accept);
    return accept;
}

#define RESPONSE "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                   \
    "Sec-WebSocket-Accept: $\r\n\r\n"

/* -- WebSocket ---------------------------------------------------------------------------------------------- */

/* A connection with the library at one end and this program at the other. */
enum role { ALONE, AS_CLIENT, AS_SERVER }; /* what the library is */

struct link {
    enum role role;
    hws_listener listener; /* where a server's connection came from */
    hws_conn conn;         /* the library's end */
    int peer;              /* ours */
};

/* The library begins to connect to a socket of ours. */
static inline hws_conn connect_to(int listener)
{
    static char uri[64];
    hws_conn conn;
    snprintf(uri, sizeof uri, "ws://127.0.0.1:%u/", port_of(listener));
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &conn));
    return conn;
}

static inline uint16_t port_of_listener(hws_listener listener)
{
    char address[64];
    OK(hws_listener_address(listener, address, sizeof address, NULL));
    return (uint16_t)atoi(strrchr(address, ':') + 1);
}

/* TCP is up, not a byte has been said. */
static inline struct link meet(enum role role)
{
    struct link link;
    memset(&link, 0, sizeof link);
    link.role = role;
    if (role == AS_CLIENT) {
        int listener = peer_listen(1);
        link.conn = connect_to(listener);
        link.peer = peer_accept(listener);
        SYS(close(listener));
    } else {
        OK(hws_listen(engine, &server, &link.listener));
        link.peer = peer_connect(port_of_listener(link.listener));
    }
    return link;
}

/* Our half of the opening handshake. */
static inline void greet(const struct link *link)
{
    if (link->role == AS_SERVER) peer_say(link->peer, REQUEST);
    else peer_say_marked(link->peer, RESPONSE, (struct marks){ peer_read_request(link->peer), NULL, 0 });
}

/* The connection is open, and the peer has read everything that the library said so far. */
static inline struct link open_link(enum role role)
{
    struct link link = meet(role);
    char response[HEAD_MAX];
    greet(&link);
    link.conn = expect(HWS_EVENT_OPEN)->conn;
    if (role == AS_SERVER) {
        peer_read_head(link.peer, response);
        CHECK(strstr(response, ACCEPT));
    }
    return link;
}

/* A frame to be sent; what is left out is as it should be. */
struct frame {
    uint8_t first;       /* FIN, RSV and opcode */
    uint8_t wrong_mask;  /* masked by a server, not by a client */
    uint8_t form;        /* bytes of extended length: 0 the fewest that do, else 2 or 8 */
    uint64_t claims;     /* the length it announces, if not len; then there is no more of it than len */
    const char *payload; /* NULL: len bytes of "." */
    size_t len;
};

enum { FIN = 0x80, RSV1 = 0x40, RSV2 = 0x20, RSV3 = 0x10 };
enum { CONT, TEXT, BINARY, CLOSE = 8, PING, PONG };

static inline size_t frame_length(uint8_t *out, uint64_t length, uint8_t form)
{
    size_t extended = form ? form : length < 126 ? 0 : length < 0x10000 ? 2 : 8;
    out[0] = extended == 8 ? 127 : extended == 2 ? 126 : (uint8_t)length;
    for (size_t i = 0; i < extended; i++) out[1 + i] = (uint8_t)(length >> 8 * (extended - 1 - i));
    return 1 + extended;
}

static inline void peer_frame(const struct link *link, struct frame frame)
{
    static const uint8_t key[4] = { 0x37, 0xFA, 0x21, 0x3D };
    uint8_t head[14];
    int masked = (link->role == AS_SERVER) != frame.wrong_mask;
    size_t size = 1 + frame_length(head + 1, frame.claims ? frame.claims : frame.len, frame.form);
    char *payload = malloc(frame.len + 1);

    CHECK(payload);
    head[0] = frame.first;
    if (masked) {
        head[1] |= 0x80;
        memcpy(head + size, key, 4);
        size += 4;
    }
    for (size_t i = 0; i < frame.len; i++)
        payload[i] = (char)((frame.payload ? frame.payload[i] : '.') ^ (masked ? key[i % 4] : 0));
    peer_send(link->peer, head, size);
    if (frame.len) peer_send(link->peer, payload, frame.len);
    free(payload);
}

static inline void peer_message(const struct link *link, uint8_t opcode, const char *payload)
{
    peer_frame(link, (struct frame){ .first = FIN | opcode, .payload = payload, .len = strlen(payload) });
}

/* A Close frame with a code, or without one if that is 0. */
static inline void peer_close_frame(const struct link *link, uint16_t code, const char *reason)
{
    char payload[125] = { (char)(code >> 8), (char)code };
    size_t len = code ? 2 + strlen(reason) : 0;
    memcpy(payload + 2, reason, strlen(reason));
    peer_frame(link, (struct frame){ .first = FIN | CLOSE, .payload = payload, .len = len });
}

/* The next frame of the library, which must be masked exactly if it is a client: gives its first byte. The payload is
 * short and gets a NUL. */
static inline uint8_t peer_read_any(const struct link *link, char payload[126], size_t *len)
{
    uint8_t head[2], key[4] = { 0 };
    peer_read_all(link->peer, head, 2);
    CHECK_INT(head[1] >> 7, link->role == AS_CLIENT);
    *len = head[1] & 0x7F;
    CHECK(*len < 126);
    if (link->role == AS_CLIENT) peer_read_all(link->peer, key, 4);
    peer_read_all(link->peer, payload, *len);
    for (size_t i = 0; i < *len; i++) payload[i] ^= (char)key[i % 4];
    payload[*len] = '\0';
    return head[0];
}

/* The same, of this kind; gives its length. */
static inline size_t peer_read_frame(const struct link *link, uint8_t first, char payload[126])
{
    size_t len;
    CHECK_INT(peer_read_any(link, payload, &len), first);
    return len;
}

/* The library's Close frame must have this code, 0 for none; gives its reason. */
static inline const char *peer_expect_close(const struct link *link, uint16_t code)
{
    static char payload[126];
    size_t len = peer_read_frame(link, FIN | CLOSE, payload);
    CHECK_INT(len < 2 ? 0 : (uint8_t)payload[0] << 8 | (uint8_t)payload[1], code);
    return len < 2 ? "" : payload + 2;
}

/* The peer ends TCP, and the connection with it: gives how. */
static inline const hws_error_info *hang_up(const struct link *link)
{
    SYS(close(link->peer));
    return expect(HWS_EVENT_CLOSE)->error;
}

#endif
