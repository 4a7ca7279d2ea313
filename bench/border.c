/* border: what a call through the C interface takes when the kernel has no part in it, in ns: to queue a message of 16
 * bytes, its handle resolved, and to hand over each of 64 that one hws_poll returns.
 *
 *   border [--deflate] [--rounds N]
 *
 * Two engines of one thread have the two ends of CONNECTIONS socketpairs. What a poll shares with the kernel is measured
 * beside it: an epoll_wait and the reads of the same bytes from sockets of our own, which is taken off; so is what the
 * kernel takes to make a masking key. Medians over the rounds, in which all of these take turns; with --deflate both ends
 * have agreed to permessage-deflate, for which messages of 16 bytes are too short. */
#define _GNU_SOURCE
#include <hawser.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, BATCH = 64, BURST = 512, SENT_TO = 8, SIZE = 16, HEADER = 2, MASK = 4, KEYS = 1024, ROUNDS = 2000 };

/* What is measured, in ns per message. */
enum { SEND, SEND_MASKED, KERNEL_KEY, POLL_ONE, KERNEL_ONE, POLL_MANY, KERNEL_MANY, FIGURES };
static const char *const names[FIGURES] = {"send", "send_masked", "kernel_key", "poll_one", "kernel_one", "poll_many",
                                           "kernel_many"};

static double *taken[FIGURES];
static hws_engine serving, asking; /* of the servers, and of the clients */
static hws_conn servers[CONNECTIONS], clients[CONNECTIONS];
static hws_event events[BATCH];
static int raw[CONNECTIONS][2], epoll; /* sockets of our own; the first of each is watched */
static char buffer[1 << 17];
static const char payload[SIZE];

static void fail(const char *what)
{
    fprintf(stderr, "border: %s\n", what);
    exit(1);
}

static void check(hws_status status)
{
    if (status != HWS_OK) fail(hws_last_error()->message.ptr);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static uint32_t poll_now(hws_engine engine)
{
    uint32_t count;
    check(hws_poll(engine, events, sizeof *events, BATCH, 0, &count));
    return count;
}

/* ---- both ends ---- */

static void open_pairs(hws_toggle deflate)
{
    hws_compression compression;
    hws_client_options client;
    hws_server_options server;
    memset(&compression, 0, sizeof compression);
    memset(&client, 0, sizeof client);
    memset(&server, 0, sizeof server);
    compression.struct_size = sizeof compression;
    compression.enabled = deflate;
    client.struct_size = sizeof client;
    client.uri = hws_cstr("ws://localhost/");
    client.compression = &compression;
    server.struct_size = sizeof server;
    check(hws_engine_new(NULL, &serving));
    check(hws_engine_new(NULL, &asking));
    for (int i = 0; i < CONNECTIONS; i++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) fail("no socketpair");
        check(hws_adopt(serving, ends[0], NULL, &server, &servers[i]));
        check(hws_adopt(asking, ends[1], &client, NULL, &clients[i]));
    }
    for (int opened = 0; opened < 2 * CONNECTIONS;) {
        for (int side = 0; side < 2; side++) {
            uint32_t count = poll_now(side ? serving : asking);
            for (uint32_t i = 0; i < count; i++) {
                if (events[i].kind != HWS_EVENT_OPEN) fail("a connection does not open");
                opened++;
            }
        }
    }
}

static void open_raw_pairs(void)
{
    epoll = epoll_create1(0);
    for (int i = 0; i < CONNECTIONS; i++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = 0};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, raw[i]) < 0) fail("no socketpair");
        event.data.fd = raw[i][0];
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, raw[i][0], &event) < 0) fail("no epoll_ctl");
    }
}

static void say(hws_conn conn)
{
    check(hws_send(conn, HWS_BINARY, payload, SIZE, NULL));
}

/* Takes all that is on its way to an engine. */
static void take(hws_engine to, int messages)
{
    while (messages > 0) messages -= (int)poll_now(to);
}

/* ---- the figures ---- */

/* The engine has polled before, so nothing is queued; what is queued leaves behind the clock. */
static double burst(const hws_conn *conns, hws_engine from, hws_engine to)
{
    double started = now(), ended;
    for (int i = 0; i < BURST; i++) say(conns[i % SENT_TO]);
    ended = now();
    poll_now(from);
    take(to, BURST);
    return (ended - started) / BURST;
}

/* The kernel's share of a masking key: the library fetches a thousand at a time. */
static double fetch_keys(void)
{
    double started = now(), ended;
    if (getrandom(buffer, KEYS * MASK, 0) != KEYS * MASK) fail("no random bytes");
    ended = now();
    return (ended - started) / KEYS;
}

/* A batch from so many connections, which have sent their shares. */
static double poll_batch(int from)
{
    double started, ended;
    uint32_t count;
    for (int i = 0; i < BATCH; i++) say(clients[i % from]);
    poll_now(asking);
    started = now();
    count = poll_now(serving);
    ended = now();
    if (count != BATCH) fail("not all of a batch in one poll");
    return (ended - started) / BATCH;
}

/* The kernel's share of the same. */
static double read_batch(int from)
{
    struct epoll_event ready[CONNECTIONS];
    size_t share = (size_t)(BATCH / from * (HEADER + MASK + SIZE));
    double started, ended;
    int count;
    for (int i = 0; i < from; i++)
        if (write(raw[i][1], buffer, share) != (ssize_t)share) fail("a short write");
    started = now();
    count = epoll_wait(epoll, ready, CONNECTIONS, 0);
    for (int i = 0; i < count; i++)
        if (recv(ready[i].data.fd, buffer, sizeof buffer, 0) != (ssize_t)share) fail("a short read");
    ended = now();
    if (count != from) fail("not all were ready at once");
    return (ended - started) / BATCH;
}

static void measure(int round)
{
    taken[SEND][round] = burst(servers, serving, asking);
    taken[SEND_MASKED][round] = burst(clients, asking, serving);
    taken[KERNEL_KEY][round] = fetch_keys();
    taken[POLL_ONE][round] = poll_batch(1);
    taken[KERNEL_ONE][round] = read_batch(1);
    taken[POLL_MANY][round] = poll_batch(CONNECTIONS);
    taken[KERNEL_MANY][round] = read_batch(CONNECTIONS);
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    hws_toggle deflate = HWS_OFF;
    int rounds = ROUNDS;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--deflate")) deflate = HWS_ON;
        else if (!strcmp(argv[i], "--rounds") && i + 1 < argc) rounds = atoi(argv[++i]);
        else fail("usage: border [--deflate] [--rounds N]");
    }
    if (rounds < 1) fail("--rounds is 1 at least");
    for (int i = 0; i < FIGURES; i++)
        if (!(taken[i] = (double *)calloc((size_t)rounds, sizeof *taken[i]))) abort();
    open_pairs(deflate);
    open_raw_pairs();
    read_batch(CONNECTIONS); /* that they can be written to is told once */
    for (int i = 0; i < rounds / 10; i++) measure(i); /* and again: these were to warm up */
    for (int i = 0; i < rounds; i++) measure(i);
    for (int i = 0; i < FIGURES; i++) {
        qsort(taken[i], (size_t)rounds, sizeof *taken[i], by_size);
        printf("%s%s=%.2f", i ? " " : "", names[i], taken[i][rounds / 2]);
    }
    putchar('\n');
    return 0;
}
