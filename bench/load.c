/* load: the benchmark's load generator. One thread keeps N connections busy: each sends a batch of K messages in one
 * piece, waits for the K echoes, sends the next. Frames are masked once, before the clock starts, so that its own work
 * per message is little and the same for every server. It shares no code with hawser.
 *
 * With --raw it speaks to a server that knows no WebSocket and echoes bytes: no handshake, and every message is the
 * masked frame without its last two bytes. A WebSocket server answers a frame of n bytes with n - 4, having no mask to
 * send; n - 2 there and back move the same sum.
 *
 * With --tls the same goes through TLS 1.3. It offers one cipher and one group, so that every server computes the same.
 *
 * With --deflate it speaks permessage-deflate. Its messages are compressed before the clock starts, too: each connection
 * sends the same sequence of them, over and over, but they begin at different places, or the server's processor would
 * have seen each message just before and foreseen every branch that it takes. Two more kinds of run carry the same bytes
 * and compress nothing: with --raw as above, and with --as-binary, where what was compressed is the payload and nobody's
 * business. */
#define _GNU_SOURCE /* strcasestr */
#include "texts.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { PATIENCE_SECONDS = 20, LONGEST_HOLD_SECONDS = 600, EVENTS_AT_ONCE = 256, TICKETS = 64 };
enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, RSV1 = 0x40, RSV = 0x70 };
enum { RUNS = 64, RUN_MESSAGES = 32 }; /* of the sequence with --deflate; or a few messages more, for whole batches */

static struct {
    const char *host, *port;
    unsigned connections, in_flight;
    size_t size;
    double warm_up, seconds;
    uint64_t messages; /* if not 0: stop after so many instead of after `seconds` */
    unsigned char opcode;
    bool raw, tls, idle, then_one_message, handshakes, resume;
    bool deflate, no_takeover, as_binary, dump;
    pid_t server; /* if not 0: report this process's CPU time too */
} option = {.host = "127.0.0.1", .connections = 1, .in_flight = 1, .size = 16, .warm_up = 0.2, .opcode = BINARY};

struct connection {
    struct wire wire;
    bool wants_to_write;
    bool checked;      /* a first batch came back byte for byte; from then on lengths must do */
    z_stream *inflater; /* until then, if echoes are compressed */
    size_t inflated;   /* bytes of the message coming in, once inflated */
    const struct batch *batch; /* the one under way */
    unsigned next_batch;
    uint64_t started;  /* when this batch was sent */
    size_t sent;       /* bytes of this batch */
    size_t received;   /* bytes of this batch's echo; raw only */
    unsigned replies;  /* messages of this batch that came back */
    size_t message;    /* bytes of the message coming in */
    bool in_message;   /* a fragment came, the last one did not */
    unsigned char header[10];
    unsigned header_have;
    bool in_payload;
    uint64_t payload_left;
};

struct message {
    const unsigned char *payload; /* as sent */
    size_t length;
    const unsigned char *text; /* what it is once inflated, option.size bytes; else NULL */
};

/* The same for all connections. Each goes through all batches and begins again. A run of them is one that may begin. */
static struct batch {
    struct message *messages;
    unsigned char *bytes; /* their frames */
    size_t length;
    size_t *ends; /* of each frame */
} *batches;
static unsigned batch_count, run_batches;
static bool negotiated; /* permessage-deflate: echoes come compressed */

static struct connection *connections;
static int epoll;
static unsigned open_batches;
static uint64_t batches_started, replies_total, sent_total, bytes_total;
static bool draining;
static unsigned char arena[512 * 1024]; /* what one read brings is used up before the next */

static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) fail("out of memory");
    return memory;
}

/* ---- clocks: a window is the difference of two looks at them ---- */

static uint64_t nanoseconds(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) < 0) fail("clock: %s", strerror(errno));
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t server_cpu(void)
{
    clockid_t clock;
    if (!option.server) return 0;
    if (clock_getcpuclockid(option.server, &clock) != 0) fail("process %d has no CPU clock", (int)option.server);
    return nanoseconds(clock);
}

struct look { uint64_t time, load_cpu, server_cpu, replies, sent, bytes; };

static struct look look(void)
{
    return (struct look){nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_PROCESS_CPUTIME_ID), server_cpu(),
                         replies_total, sent_total, bytes_total};
}

/* ---- latencies: a histogram with 32 buckets per power of two, so within 3 % ---- */

static uint64_t buckets[1920];

static unsigned bucket_of(uint64_t ns)
{
    unsigned shift = 0;
    while (ns >> shift >= 64) shift++;
    return shift * 32 + (unsigned)(ns >> shift);
}

static uint64_t bucket_start(unsigned bucket)
{
    unsigned shift = bucket < 64 ? 0 : bucket / 32 - 1;
    return (uint64_t)(bucket - shift * 32) << shift;
}

static double percentile_us(unsigned percent)
{
    uint64_t total = 0, seen = 0;
    unsigned bucket = 0;
    for (unsigned i = 0; i < sizeof buckets / sizeof *buckets; i++) total += buckets[i];
    while (bucket + 1 < sizeof buckets / sizeof *buckets && (seen += buckets[bucket]) * 100 < total * percent) bucket++;
    return (double)bucket_start(bucket) / 1e3;
}

/* ---- the batches, built once ---- */

/* Message i holds the pattern from its byte i on, so no two of a batch are equal. */
static struct message pattern_message(unsigned index)
{
    static unsigned char *pattern;
    size_t length = option.size + option.in_flight;
    if (!pattern) {
        pattern = allocate(length, 1);
        for (size_t i = 0; i < length; i++)
            pattern[i] = option.opcode == TEXT ? (unsigned char)(' ' + i * 7 % 95) : (unsigned char)(i * 2654435761u >> 11);
    }
    return (struct message){.payload = pattern + index, .length = option.size};
}

static struct message deflate_message(unsigned index)
{
    static struct text *texts;
    if (!texts) texts = make_texts(batch_count * option.in_flight, option.size,
                                   option.no_takeover ? 1 : run_batches * option.in_flight);
    if (!texts) fail("out of memory");
    const struct text *text = &texts[index];
    return (struct message){.payload = text->packed, .length = text->packed_length, .text = text->plain};
}

static size_t put_header(unsigned char *at, size_t size)
{
    unsigned length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
    at[0] = 0x80 | (negotiated ? RSV1 : 0) | option.opcode;
    at[1] = 0x80 | (length_bytes == 0 ? (unsigned char)size : length_bytes == 2 ? 126 : 127);
    for (unsigned i = 0; i < length_bytes; i++) at[2 + i] = (unsigned char)((uint64_t)size >> 8 * (length_bytes - 1 - i));
    return 2 + length_bytes;
}

static size_t put_frame(unsigned char *at, const struct message *message, unsigned index)
{
    uint32_t random = (index + 1) * 2654435761u; /* a mask must be real here, not secret */
    unsigned char mask[4] = {random >> 24, random >> 16 & 255, random >> 8 & 255, random & 255};
    size_t header = put_header(at, message->length);
    memcpy(at + header, mask, 4);
    for (size_t i = 0; i < message->length; i++) at[header + 4 + i] = message->payload[i] ^ mask[i & 3];
    return header + 4 + message->length;
}

static void build_batch(struct batch *batch, unsigned first)
{
    size_t room = 0;
    batch->messages = allocate(option.in_flight, sizeof *batch->messages);
    batch->ends = allocate(option.in_flight, sizeof *batch->ends);
    for (unsigned i = 0; i < option.in_flight; i++) {
        batch->messages[i] = option.deflate ? deflate_message(first + i) : pattern_message(first + i);
        room += batch->messages[i].length + 14;
    }
    batch->bytes = allocate(room, 1);
    for (unsigned i = 0; i < option.in_flight; i++) {
        batch->length += put_frame(batch->bytes + batch->length, &batch->messages[i], first + i) - (option.raw ? 2 : 0);
        batch->ends[i] = batch->length;
    }
}

static void build_batches(void)
{
    run_batches = option.deflate ? (RUN_MESSAGES + option.in_flight - 1) / option.in_flight : 1;
    batch_count = option.deflate ? RUNS * run_batches : 1;
    batches = allocate(batch_count, sizeof *batches);
    for (unsigned i = 0; i < batch_count; i++) build_batch(&batches[i], i * option.in_flight);
}

/* For the codec alone: each message behind its length, four bytes, the least significant first. */
static void dump(void)
{
    for (unsigned i = 0; i < batch_count * option.in_flight; i++) {
        const struct message *message = &batches[i / option.in_flight].messages[i % option.in_flight];
        size_t n = message->length;
        const unsigned char length[4] = {n & 255, n >> 8 & 255, n >> 16 & 255, n >> 24 & 255};
        if (fwrite(length, 4, 1, stdout) != 1 || fwrite(message->payload, n, 1, stdout) != 1) fail("cannot write");
    }
    if (fflush(stdout) != 0) fail("cannot write");
}

/* ---- tickets: what the servers gave for resuming; each is used once, the oldest first ---- */

static struct { SSL_SESSION *ring[TICKETS]; unsigned in, out; } tickets;

static SSL_SESSION *take_ticket(void)
{
    if (tickets.in == tickets.out) fail("the server gave no ticket to resume with");
    return tickets.ring[tickets.out++ % TICKETS];
}

static int keep_ticket(SSL *ssl, SSL_SESSION *ticket)
{
    (void)ssl;
    if (tickets.in - tickets.out == TICKETS) SSL_SESSION_free(take_ticket());
    tickets.ring[tickets.in++ % TICKETS] = ticket;
    return 1; /* it is ours now */
}

/* ---- opening connections: sockets block while the clock does not run ---- */

static SSL_CTX *tls;   /* NULL: no TLS */
static bool resuming;  /* every handshake shows a ticket */

static void prepare_tls(void)
{
    tls = tls_context(TLS_client_method());
    if (!tls || !SSL_CTX_set_ciphersuites(tls, "TLS_AES_128_GCM_SHA256") || !SSL_CTX_set1_groups_list(tls, "X25519"))
        fail("OpenSSL: %s", ERR_reason_error_string(ERR_get_error()));
    if (!option.resume) return;
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(tls, keep_ticket);
}

static int connect_to_server(void)
{
    static struct addrinfo *address;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int error = address ? 0 : getaddrinfo(option.host, option.port, &hints, &address);
    if (error) fail("%s: %s", option.host, gai_strerror(error));
    int fd = socket(address->ai_family, SOCK_STREAM, 0);
    if (fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = PATIENCE_SECONDS}, sizeof(struct timeval));
    if (connect(fd, address->ai_addr, address->ai_addrlen) < 0) fail("connect: %s", strerror(errno));
    return fd;
}

/* Connects and, with TLS, says hello, but does not wait for the answer. */
static struct wire begin_tls(void)
{
    struct wire wire = wire_new(connect_to_server(), tls);
    if (!tls) return wire;
    if (resuming) {
        SSL_SESSION *ticket = take_ticket();
        SSL_set_session(wire.ssl, ticket);
        SSL_SESSION_free(ticket);
    }
    fcntl(wire.fd, F_SETFL, O_NONBLOCK);
    SSL_connect(wire.ssl);
    fcntl(wire.fd, F_SETFL, 0);
    return wire;
}

static void finish_tls(const struct wire *wire)
{
    if (!tls) return;
    if (SSL_connect(wire->ssl) != 1) {
        const char *reason = ERR_reason_error_string(ERR_get_error());
        fail("the TLS handshake failed: %s", reason ? reason : "the server ended it");
    }
    if (SSL_session_reused(wire->ssl) != resuming) fail("a handshake was %sresumed", resuming ? "not " : "");
}

static void send_all(const struct wire *wire, const void *bytes, size_t length)
{
    if (wire_write(wire, bytes, length) != (ssize_t)length) fail("send: %s", strerror(errno));
}

static ssize_t peek(const struct wire *wire, void *to, size_t capacity)
{
    return wire->ssl ? SSL_peek(wire->ssl, to, (int)capacity) : recv(wire->fd, to, capacity, MSG_PEEK);
}

static const char *offer(void)
{
    if (!negotiated) return "";
    if (!option.no_takeover) return "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    return "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
           "client_max_window_bits\r\n";
}

static void send_request(const struct wire *wire)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          "GET / HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                          option.host, option.port, offer());
    send_all(wire, text, (size_t)length);
}

/* Takes the response's head and not one byte more: frames may already lie behind it. */
static void receive_head(const struct wire *wire, char *head, size_t capacity)
{
    char *end = NULL;
    for (size_t have = 0; !end;) {
        ssize_t peeked = peek(wire, head + have, capacity - 1 - have);
        if (peeked <= 0) fail("the server ended the opening handshake");
        head[have + (size_t)peeked] = 0;
        end = strstr(head, "\r\n\r\n");
        size_t take = end ? (size_t)(end + 4 - (head + have)) : (size_t)peeked;
        if (wire_read(wire, head + have, take) != (ssize_t)take) fail("recv: %s", strerror(errno));
        have += take;
        head[have] = 0;
    }
}

/* What the messages need that are already compressed, and a server that compresses as the cell says. */
static void check_agreement(const char *head)
{
    static const char window[] = "client_max_window_bits=";
    const char *extensions = strcasestr(head, "\r\nSec-WebSocket-Extensions:");
    char answer[256] = "";
    if (extensions) snprintf(answer, sizeof answer, "%.*s", (int)strcspn(extensions + 2, "\r"), extensions + 2);
    if (!strstr(answer, "permessage-deflate")) fail("the server declines permessage-deflate");
    if (!strstr(answer, "server_no_context_takeover") != !option.no_takeover)
        fail("the server %s: %s", option.no_takeover ? "keeps its context" : "gives up its context", answer);
    if (strstr(answer, "client_no_context_takeover") && !option.no_takeover) fail("the server takes no context: %s", answer);
    const char *bits = strstr(answer, window);
    if (bits && atoi(bits + sizeof window - 1 + (bits[sizeof window - 1] == '"')) < TEXT_WINDOW_BITS)
        fail("the server wants a smaller window: %s", answer);
}

static void receive_response(const struct wire *wire)
{
    char text[4096];
    receive_head(wire, text, sizeof text);
    if (strncmp(text, "HTTP/1.1 101 ", 13) != 0) fail("not a 101: %.*s", (int)strcspn(text, "\r"), text);
    char *accept = strcasestr(text, "\r\nSec-WebSocket-Accept:"); /* RFC 6455 section 1.3 gives this key's answer */
    if (!accept || !strstr(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) fail("wrong Sec-WebSocket-Accept");
    if (negotiated) check_agreement(text);
}

static z_stream *new_inflater(void)
{
    z_stream *stream = allocate(1, sizeof *stream);
    if (inflateInit2(stream, -MAX_WBITS) != Z_OK) fail("out of memory");
    return stream;
}

static void open_connections(void)
{
    epoll = epoll_create1(0);
    connections = allocate(option.connections, sizeof *connections);
    for (unsigned i = 0; i < option.connections; i++) {
        struct connection *c = &connections[i];
        c->next_batch = i * run_batches % batch_count;
        c->wire = begin_tls();
        finish_tls(&c->wire);
        if (!option.raw) {
            send_request(&c->wire);
            receive_response(&c->wire);
        }
        if (negotiated) c->inflater = new_inflater();
        fcntl(c->wire.fd, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->wire.fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
    }
}

/* ---- sending ---- */

static void want_to_write(struct connection *c, bool wanted)
{
    if (c->wants_to_write == wanted) return;
    c->wants_to_write = wanted;
    struct epoll_event event = {.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->wire.fd, &event);
}

static void send_rest(struct connection *c)
{
    ssize_t sent = wire_write(&c->wire, c->batch->bytes + c->sent, c->batch->length - c->sent);
    if (sent < 0 && errno != EAGAIN) fail("send: %s", strerror(errno));
    if (sent > 0) c->sent += (size_t)sent, sent_total += (uint64_t)sent;
    want_to_write(c, c->sent < c->batch->length);
}

static void start_batch(struct connection *c)
{
    if (draining || (option.messages && batches_started * option.in_flight >= option.messages)) return;
    batches_started++;
    open_batches++;
    c->batch = &batches[c->next_batch];
    c->next_batch = (c->next_batch + 1) % batch_count;
    c->replies = 0;
    c->sent = c->received = 0;
    c->started = nanoseconds(CLOCK_MONOTONIC);
    send_rest(c);
}

static void end_checks(struct connection *c)
{
    c->checked = true;
    if (!c->inflater) return;
    inflateEnd(c->inflater);
    free(c->inflater);
    c->inflater = NULL;
}

static void end_batch(struct connection *c)
{
    open_batches--;
    if (!c->checked) end_checks(c);
    buckets[bucket_of(nanoseconds(CLOCK_MONOTONIC) - c->started)]++;
    start_batch(c);
}

/* ---- receiving: frames may be cut anywhere, and messages may come in fragments ---- */

static void same(const unsigned char *got, const unsigned char *expected, size_t length)
{
    if (memcmp(got, expected, length) != 0) fail("the echo differs from what was sent");
}

static void check_inflated(struct connection *c, const unsigned char *got, size_t length)
{
    static unsigned char plain[64 * 1024];
    z_stream *stream = c->inflater;
    stream->next_in = (unsigned char *)(uintptr_t)got; /* zlib does not write there */
    stream->avail_in = (uInt)length;
    do {
        stream->next_out = plain;
        stream->avail_out = sizeof plain;
        int result = inflate(stream, Z_SYNC_FLUSH);
        if (result != Z_OK && result != Z_BUF_ERROR) fail("an echo is not DEFLATE: %s", stream->msg ? stream->msg : "it ends");
        size_t made = sizeof plain - stream->avail_out;
        if (c->inflated + made > option.size) fail("a reply longer than its message");
        same(plain, c->batch->messages[c->replies].text + c->inflated, made);
        c->inflated += made;
    } while (stream->avail_out == 0);
}

static void end_inflated(struct connection *c)
{
    static const unsigned char flush_end[4] = {0x00, 0x00, 0xff, 0xff};
    check_inflated(c, flush_end, sizeof flush_end);
    if (c->inflated != option.size) fail("a reply of %zu bytes instead of %zu", c->inflated, option.size);
    c->inflated = 0;
    if (option.no_takeover) inflateReset(c->inflater); /* what referred to this message would fail */
}

static void check_payload(struct connection *c, const unsigned char *got, size_t length)
{
    if (c->inflater) check_inflated(c, got, length);
    else if (!c->checked) same(got, c->batch->messages[c->replies].payload + c->message, length);
}

/* How long an echo can be. A compressed one is as long as the server's compressor makes it, but none gets longer. */
static size_t longest(const struct connection *c)
{
    return negotiated ? option.size : c->batch->messages[c->replies].length;
}

static void take_raw(struct connection *c, const unsigned char *at, size_t length)
{
    const struct batch *batch = c->batch;
    if (c->received + length > batch->length) fail("more came back than was sent");
    if (!c->checked) same(at, batch->bytes + c->received, length);
    c->received += length;
    while (c->replies < option.in_flight && batch->ends[c->replies] <= c->received) c->replies++;
}

static unsigned header_length(const struct connection *c)
{
    unsigned length = c->header_have < 2 ? 0 : c->header[1] & 127;
    return length == 126 ? 4 : length == 127 ? 10 : 2;
}

static bool is_control(const struct connection *c) { return c->header[0] & 8; }

static void begin_payload(struct connection *c)
{
    unsigned opcode = c->header[0] & 15, expected = c->in_message ? CONTINUATION : option.opcode;
    unsigned length = header_length(c), reserved = negotiated && !is_control(c) && !c->in_message ? RSV1 : 0;
    if ((c->header[0] & RSV) != reserved) fail("reserved bits %#x instead of %#x", c->header[0] & RSV, reserved);
    if (c->header[1] & 0x80) fail("a mask in a server's frame");
    if (opcode == CLOSE) fail("the server closed a connection");
    if (!is_control(c) && opcode != expected) fail("opcode %u instead of %u", opcode, expected);
    if (!is_control(c) && c->replies == option.in_flight) fail("a reply to nothing");
    c->in_payload = true;
    c->payload_left = length == 2 ? c->header[1] : 0;
    for (unsigned i = 2; i < length; i++) c->payload_left = c->payload_left << 8 | c->header[i];
}

static const unsigned char *take_header(struct connection *c, const unsigned char *at, const unsigned char *end)
{
    while (at < end && c->header_have < header_length(c)) c->header[c->header_have++] = *at++;
    if (c->header_have == header_length(c)) begin_payload(c);
    return at;
}

static const unsigned char *take_payload(struct connection *c, const unsigned char *at, const unsigned char *end)
{
    size_t length = (size_t)(end - at);
    if (length > c->payload_left) length = (size_t)c->payload_left;
    c->payload_left -= length;
    if (is_control(c)) return at + length;
    if (c->message + length > longest(c)) fail("a reply longer than its message");
    check_payload(c, at, length);
    c->message += length;
    return at + length;
}

static void end_frame(struct connection *c)
{
    c->in_payload = false;
    c->header_have = 0;
    if (is_control(c)) return; /* a ping: the run is over before a pong is missed */
    c->in_message = !(c->header[0] & 0x80);
    if (c->in_message) return;
    if (negotiated ? c->message == 0 : c->message != longest(c))
        fail("a reply of %zu bytes instead of %zu", c->message, longest(c));
    if (c->inflater) end_inflated(c);
    c->message = 0;
    c->replies++;
}

static void take_frames(struct connection *c, const unsigned char *at, const unsigned char *end)
{
    while (at < end) {
        if (!c->in_payload) at = take_header(c, at, end);
        if (c->in_payload) at = take_payload(c, at, end);
        if (c->in_payload && c->payload_left == 0) end_frame(c);
    }
}

static void receive(struct connection *c)
{
    unsigned replies_before = c->replies;
    ssize_t got = wire_read(&c->wire, arena, sizeof arena);
    if (got < 0 && errno == EAGAIN) return; /* TLS only: a part of a record, or a ticket */
    if (got <= 0) fail("the server dropped a connection: %s", got ? strerror(errno) : "end of stream");
    if (option.raw) take_raw(c, arena, (size_t)got);
    else take_frames(c, arena, arena + got);
    bytes_total += (uint64_t)got;
    replies_total += c->replies - replies_before;
    if (c->replies == option.in_flight && replies_before < option.in_flight) end_batch(c);
}

/* ---- the run ---- */

static void serve_ready(void)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int ready = epoll_wait(epoll, events, EVENTS_AT_ONCE, PATIENCE_SECONDS * 1000);
    if (ready == 0) fail("no reply for %d s", PATIENCE_SECONDS);
    for (int i = 0; i < ready; i++) {
        struct connection *c = events[i].data.ptr;
        if (events[i].events & ~(uint32_t)EPOLLOUT) receive(c);
        if (events[i].events & EPOLLOUT && c->wants_to_write) send_rest(c);
    }
}

static void serve_until(uint64_t deadline)
{
    while (open_batches && nanoseconds(CLOCK_MONOTONIC) < deadline) serve_ready();
}

static void start(void)
{
    for (unsigned i = 0; i < option.connections; i++) start_batch(&connections[i]);
}

static void drain(void)
{
    draining = true;
    serve_until(UINT64_MAX);
}

static void report(struct look a, struct look b)
{
    double seconds = (double)(b.time - a.time) / 1e9;
    uint64_t messages = b.replies - a.replies;
    printf("messages=%llu sent=%llu bytes=%llu seconds=%.6f messages_per_second=%.1f load_cpu=%.6f server_cpu=%.6f "
           "p50_us=%.1f p99_us=%.1f\n",
           (unsigned long long)messages, (unsigned long long)(b.sent - a.sent), (unsigned long long)(b.bytes - a.bytes),
           seconds, (double)messages / seconds,
           (double)(b.load_cpu - a.load_cpu) / 1e9, (double)(b.server_cpu - a.server_cpu) / 1e9,
           percentile_us(50), percentile_us(99));
}

static void run_for_seconds(void)
{
    uint64_t begin = nanoseconds(CLOCK_MONOTONIC) + (uint64_t)(option.warm_up * 1e9);
    start();
    serve_until(begin);
    memset(buckets, 0, sizeof buckets);
    struct look opened = look();
    serve_until(begin + (uint64_t)(option.seconds * 1e9));
    struct look closed = look();
    report(opened, closed);
    drain();
}

static void run_for_messages(void)
{
    struct look opened = look();
    start();
    serve_until(UINT64_MAX);
    report(opened, look());
}

/* ---- handshakes: they open together in waves, so that the server need not wait for us between any two steps ---- */

/* The server's tickets come after its part of the handshake. One read takes one and finds that no data came with it. */
static void await_ticket(const struct wire *wire)
{
    char nothing;
    if (!wire->ssl) return;
    SSL_clear_mode(wire->ssl, SSL_MODE_AUTO_RETRY);
    SSL_read(wire->ssl, &nothing, 1);
    ERR_clear_error();
}

/* Our last words, and an end of stream behind them. */
static void say_goodbye(const struct wire *wire)
{
    static const unsigned char normal_closure[] = {0x80 | CLOSE, 0x80 | 2, 1, 2, 3, 4, 0x03 ^ 1, 0xe8 ^ 2};
    if (!option.raw) send_all(wire, normal_closure, sizeof normal_closure);
    wire_end(wire);
    shutdown(wire->fd, SHUT_WR);
}

/* Its last words go unread by TLS, but not unread: closing would answer those with a reset. */
static void await_end(struct wire *wire)
{
    ssize_t got;
    while ((got = recv(wire->fd, arena, sizeof arena, 0)) > 0) { }
    if (got < 0 && errno != ECONNRESET) fail("the server does not end a connection: %s", strerror(errno));
    wire_close(wire);
}

static void shake_hands(struct wire *wave)
{
    uint64_t started = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < option.connections; i++) wave[i] = begin_tls();
    for (unsigned i = 0; i < option.connections; i++) {
        finish_tls(&wave[i]);
        if (!option.raw) send_request(&wave[i]);
    }
    for (unsigned i = 0; i < option.connections; i++) {
        if (option.raw) await_ticket(&wave[i]);
        else receive_response(&wave[i]);
        say_goodbye(&wave[i]);
    }
    for (unsigned i = 0; i < option.connections; i++) await_end(&wave[i]);
    replies_total += option.connections;
    buckets[bucket_of(nanoseconds(CLOCK_MONOTONIC) - started)]++;
}

static void shake_hands_until(struct wire *wave, uint64_t deadline)
{
    do shake_hands(wave);
    while (nanoseconds(CLOCK_MONOTONIC) < deadline);
}

static void run_handshakes(void)
{
    struct wire *wave = allocate(option.connections, sizeof *wave);
    shake_hands(wave); /* full ones, whose tickets the next wave may resume with */
    resuming = option.resume;
    uint64_t begin = nanoseconds(CLOCK_MONOTONIC) + (uint64_t)(option.warm_up * 1e9);
    shake_hands_until(wave, begin);
    memset(buckets, 0, sizeof buckets);
    struct look opened = look();
    shake_hands_until(wave, begin + (uint64_t)(option.seconds * 1e9));
    report(opened, look());
}

static void hold_idle(void)
{
    if (option.then_one_message) run_for_messages();
    printf("idle=%u\n", option.connections);
    fflush(stdout);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    poll(&input, 1, option.seconds > 0 ? (int)(option.seconds * 1000) : LONGEST_HOLD_SECONDS * 1000);
}

/* ---- the command line ---- */

static const char usage[] =
    "usage: load --port PORT (--seconds S | --messages N | --idle N) [options]\n"
    "  --host HOST           127.0.0.1 unless given\n"
    "  --connections N       1 unless given\n"
    "  --in-flight K         messages of a batch; the next batch waits for all K replies; 1 unless given\n"
    "  --size BYTES          payload of a message; 16 unless given\n"
    "  --text, --binary      kind of message; binary unless given\n"
    "  --seconds S           measure for S seconds, after --warm-up S (0.2 unless given)\n"
    "  --messages N          instead: send N messages in all, rounded up to whole batches\n"
    "  --idle N              instead: open N connections and hold them until standard input closes or --seconds\n"
    "  --then-one-message    with --idle: each connection sends one message first\n"
    "  --handshakes          instead: open and close connections for --seconds, --connections at a time\n"
    "  --resume              with --handshakes: resume TLS sessions\n"
    "  --deflate             permessage-deflate: JSON in text messages of --size bytes, compressed beforehand\n"
    "  --no-takeover         with --deflate: each message by itself, in both directions\n"
    "  --as-binary           with --deflate: the same bytes as binary messages, compressed for nobody\n"
    "  --dump                with --deflate: print these bytes, each message behind its length, and end\n"
    "  --tls                 through TLS 1.3; the server's certificate is not verified\n"
    "  --raw                 the server echoes bytes and knows no WebSocket\n"
    "  --server-pid PID      report this process's CPU time over the same window\n";

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= 0) || value > 1e12) fail("not a number: %s", text);
    return value;
}

static void set_option(int letter, const char *value)
{
    switch (letter) {
    case 'h': option.host = value; break;
    case 'p': option.port = value; break;
    case 'c': option.connections = (unsigned)number(value); break;
    case 'k': option.in_flight = (unsigned)number(value); break;
    case 'b': option.size = (size_t)number(value); break;
    case 't': option.opcode = TEXT; break;
    case 'B': option.opcode = BINARY; break;
    case 's': option.seconds = number(value); break;
    case 'w': option.warm_up = number(value); break;
    case 'm': option.messages = (uint64_t)number(value); break;
    case 'i': option.idle = true; option.connections = (unsigned)number(value); break;
    case 'o': option.then_one_message = true; break;
    case 'r': option.raw = true; break;
    case 'T': option.tls = true; break;
    case 'H': option.handshakes = true; break;
    case 'R': option.resume = true; break;
    case 'd': option.deflate = true; break;
    case 'n': option.no_takeover = true; break;
    case 'a': option.as_binary = true; break;
    case 'D': option.dump = true; break;
    case 'P': option.server = (pid_t)number(value); break;
    default: fputs(usage, stderr); exit(2);
    }
}

static void parse(int argc, char **argv)
{
    static const struct option names[] = {
        {"host", 1, NULL, 'h'}, {"port", 1, NULL, 'p'}, {"connections", 1, NULL, 'c'}, {"in-flight", 1, NULL, 'k'},
        {"size", 1, NULL, 'b'}, {"text", 0, NULL, 't'}, {"binary", 0, NULL, 'B'}, {"seconds", 1, NULL, 's'},
        {"warm-up", 1, NULL, 'w'}, {"messages", 1, NULL, 'm'}, {"idle", 1, NULL, 'i'},
        {"then-one-message", 0, NULL, 'o'}, {"raw", 0, NULL, 'r'}, {"tls", 0, NULL, 'T'}, {"handshakes", 0, NULL, 'H'},
        {"resume", 0, NULL, 'R'}, {"deflate", 0, NULL, 'd'},
        {"no-takeover", 0, NULL, 'n'}, {"as-binary", 0, NULL, 'a'}, {"dump", 0, NULL, 'D'}, {"server-pid", 1, NULL, 'P'}, {0}};
    int letter;
    while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) set_option(letter, optarg);
    if (option.idle) option.in_flight = 1, option.messages = option.connections;
    if (option.deflate && option.size < TEXT_MIN) fail("--deflate needs a --size of %d or more", TEXT_MIN);
    negotiated = option.deflate && !option.as_binary && !option.raw;
    if (negotiated) option.opcode = TEXT;
    if (option.dump ? !option.deflate : !option.port) set_option('?', NULL);
    bool bounded = option.dump || option.seconds > 0 || (!option.handshakes && (option.messages || option.idle));
    if (optind != argc || !bounded || !option.connections || !option.in_flight) set_option('?', NULL);
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    if (option.tls) prepare_tls();
    if (option.handshakes) return run_handshakes(), 0;
    build_batches();
    if (option.dump) return dump(), 0;
    open_connections();
    if (option.idle) hold_idle();
    else if (option.messages) run_for_messages();
    else run_for_seconds();
}
