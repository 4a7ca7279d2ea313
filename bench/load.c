/* load: the benchmark's load generator. One thread keeps N connections busy: each sends a batch of K messages in one
 * piece, waits for the K echoes, sends the next. Frames are masked once, before the clock starts, so that its own work
 * per message is little and the same for every server. It shares no code with what it measures.
 *
 * With --raw it speaks to a server that knows no WebSocket and echoes bytes: no handshake, and every message is the
 * masked frame without its last two bytes. A WebSocket server answers a frame of n bytes with n - 4, having no mask to
 * send; n - 2 there and back move the same sum. */
#define _GNU_SOURCE /* strcasestr */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
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

enum { PATIENCE_SECONDS = 20, LONGEST_HOLD_SECONDS = 600, EVENTS_AT_ONCE = 256 };
enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8 };

static struct {
    const char *host, *port;
    unsigned connections, in_flight;
    size_t size;
    double warm_up, seconds;
    uint64_t messages; /* if not 0: stop after so many instead of after `seconds` */
    unsigned char opcode;
    bool raw, idle, then_one_message;
    pid_t server; /* if not 0: report this process's CPU time too */
} option = {.host = "127.0.0.1", .connections = 1, .in_flight = 1, .size = 16, .warm_up = 0.2, .opcode = BINARY};

struct connection {
    int fd;
    bool wants_to_write;
    bool checked;      /* a first batch came back byte for byte; from then on lengths must do */
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

/* The same for all connections and batches. Message i holds the pattern from its byte i on, so no two are equal. */
static unsigned char *pattern;
static struct { unsigned char *bytes; size_t length, message_length; } batch;

static struct connection *connections;
static int epoll;
static unsigned open_batches;
static uint64_t batches_started, replies_total, bytes_total;
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

struct look { uint64_t time, load_cpu, server_cpu, replies, bytes; };

static struct look look(void)
{
    return (struct look){nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_PROCESS_CPUTIME_ID), server_cpu(),
                         replies_total, bytes_total};
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

/* ---- the batch, built once ---- */

static void build_pattern(void)
{
    size_t length = option.size + option.in_flight;
    pattern = allocate(length, 1);
    for (size_t i = 0; i < length; i++)
        pattern[i] = option.opcode == TEXT ? (unsigned char)(' ' + i * 7 % 95) : (unsigned char)(i * 2654435761u >> 11);
}

static size_t put_header(unsigned char *at)
{
    size_t size = option.size;
    unsigned length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
    at[0] = 0x80 | option.opcode;
    at[1] = 0x80 | (length_bytes == 0 ? (unsigned char)size : length_bytes == 2 ? 126 : 127);
    for (unsigned i = 0; i < length_bytes; i++) at[2 + i] = (unsigned char)((uint64_t)size >> 8 * (length_bytes - 1 - i));
    return 2 + length_bytes;
}

static size_t put_frame(unsigned char *at, unsigned index)
{
    uint32_t random = (index + 1) * 2654435761u; /* a mask must be real here, not secret */
    unsigned char mask[4] = {random >> 24, random >> 16 & 255, random >> 8 & 255, random & 255};
    size_t header = put_header(at);
    memcpy(at + header, mask, 4);
    for (size_t i = 0; i < option.size; i++) at[header + 4 + i] = pattern[index + i] ^ mask[i & 3];
    return header + 4 + option.size;
}

static void build_batch(void)
{
    build_pattern();
    batch.bytes = allocate(option.in_flight, option.size + 14);
    for (unsigned i = 0; i < option.in_flight; i++) {
        batch.message_length = put_frame(batch.bytes + batch.length, i) - (option.raw ? 2 : 0);
        batch.length += batch.message_length;
    }
}

/* ---- opening connections: one after the other, blocking; the clock does not run yet ---- */

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

/* Takes the response's head and not one byte more: frames may already lie behind it. */
static void receive_head(int fd, char *head, size_t capacity)
{
    char *end = NULL;
    for (size_t have = 0; !end;) {
        ssize_t peeked = recv(fd, head + have, capacity - 1 - have, MSG_PEEK);
        if (peeked <= 0) fail("the server ended the opening handshake");
        head[have + (size_t)peeked] = 0;
        end = strstr(head, "\r\n\r\n");
        size_t take = end ? (size_t)(end + 4 - (head + have)) : (size_t)peeked;
        if (recv(fd, head + have, take, 0) != (ssize_t)take) fail("recv: %s", strerror(errno));
        have += take;
        head[have] = 0;
    }
}

static void shake_hands(int fd)
{
    char text[4096];
    int length = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", option.host, option.port);
    if (send(fd, text, (size_t)length, MSG_NOSIGNAL) != length) fail("send: %s", strerror(errno));
    receive_head(fd, text, sizeof text);
    if (strncmp(text, "HTTP/1.1 101 ", 13) != 0) fail("not a 101: %.*s", (int)strcspn(text, "\r"), text);
    char *accept = strcasestr(text, "\r\nSec-WebSocket-Accept:"); /* RFC 6455 section 1.3 gives this key's answer */
    if (!accept || !strstr(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) fail("wrong Sec-WebSocket-Accept");
}

static void open_connections(void)
{
    epoll = epoll_create1(0);
    connections = allocate(option.connections, sizeof *connections);
    for (unsigned i = 0; i < option.connections; i++) {
        struct connection *c = &connections[i];
        c->fd = connect_to_server();
        if (!option.raw) shake_hands(c->fd);
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
    }
}

/* ---- sending ---- */

static void want_to_write(struct connection *c, bool wanted)
{
    if (c->wants_to_write == wanted) return;
    c->wants_to_write = wanted;
    struct epoll_event event = {.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void send_rest(struct connection *c)
{
    ssize_t sent = send(c->fd, batch.bytes + c->sent, batch.length - c->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) fail("send: %s", strerror(errno));
    if (sent > 0) c->sent += (size_t)sent;
    want_to_write(c, c->sent < batch.length);
}

static void start_batch(struct connection *c)
{
    if (draining || (option.messages && batches_started * option.in_flight >= option.messages)) return;
    batches_started++;
    open_batches++;
    c->replies = 0;
    c->sent = c->received = 0;
    c->started = nanoseconds(CLOCK_MONOTONIC);
    send_rest(c);
}

static void end_batch(struct connection *c)
{
    open_batches--;
    c->checked = true;
    buckets[bucket_of(nanoseconds(CLOCK_MONOTONIC) - c->started)]++;
    start_batch(c);
}

/* ---- receiving: frames may be cut anywhere, and messages may come in fragments ---- */

static void check(struct connection *c, const unsigned char *got, const unsigned char *expected, size_t length)
{
    if (!c->checked && memcmp(got, expected, length) != 0) fail("the echo differs from what was sent");
}

static void take_raw(struct connection *c, const unsigned char *at, size_t length)
{
    if (c->received + length > batch.length) fail("more came back than was sent");
    check(c, at, batch.bytes + c->received, length);
    c->received += length;
    c->replies = (unsigned)(c->received / batch.message_length);
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
    unsigned length = header_length(c);
    if (c->header[0] & 0x70 || c->header[1] & 0x80) fail("reserved bits or a mask in a server's frame");
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
    if (c->message + length > option.size) fail("a reply longer than its message");
    check(c, at, pattern + c->replies + c->message, length);
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
    if (c->message != option.size) fail("a reply of %zu bytes instead of %zu", c->message, option.size);
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
    ssize_t got = recv(c->fd, arena, sizeof arena, 0);
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
    printf("messages=%llu bytes=%llu seconds=%.6f messages_per_second=%.1f load_cpu=%.6f server_cpu=%.6f p50_us=%.1f p99_us=%.1f\n",
           (unsigned long long)messages, (unsigned long long)(b.bytes - a.bytes), seconds, (double)messages / seconds,
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
        {"then-one-message", 0, NULL, 'o'}, {"raw", 0, NULL, 'r'}, {"server-pid", 1, NULL, 'P'}, {0}};
    int letter;
    while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) set_option(letter, optarg);
    if (option.idle) option.in_flight = 1, option.messages = option.connections;
    bool bounded = option.seconds > 0 || option.messages || option.idle;
    if (optind != argc || !option.port || !bounded || !option.connections || !option.in_flight) set_option('?', NULL);
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    build_batch();
    open_connections();
    if (option.idle) hold_idle();
    else if (option.messages) run_for_messages();
    else run_for_seconds();
}
