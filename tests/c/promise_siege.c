/* Thousands that never say what they want: each is cut off when its time is up and told so, others are served meanwhile,
 * and the count is exact. The crowd is a process of its own, for it needs as many descriptors as the server. */
#include "hearing.h"
#include <sys/resource.h>
#include <sys/wait.h>

enum { CROWD = 10000, DRIPPING = 500, OPEN_MS = 1000 };

/* As many descriptors as may be; gives how many of a crowd of `wanted` fit. */
static int room_for(int wanted)
{
    struct rlimit limit;
    EXPECT(!getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
    return limit.rlim_max < (rlim_t)wanted + 100 ? (int)limit.rlim_max - 100 : wanted;
}

/* What one of the crowd hears, up to an end that is no reset; gives the status. */
static int verdict(int fd)
{
    char text[4096];
    size_t len = 0;
    ssize_t got;
    while ((got = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0) len += (size_t)got;
    EXPECT(got == 0);
    text[len] = '\0';
    EXPECT(!strncmp(text, "HTTP/1.1 ", 9));
    return atoi(text + 9);
}

/* A third says nothing, a third a beginning, a third that and a byte now and then. Gives how many were told 408 and 503. */
static void crowd(uint16_t port, int size, int tell)
{
    static int fds[CROWD];
    struct pollfd first = { -1, POLLIN, 0 };
    int i, counts[2] = { 0, 0 };
    for (i = 0; i < size; i++) {
        fds[i] = raw_connect(port, 0);
        if (i % 3) raw_write(fds[i], raw_request, 30);
    }
    first.fd = fds[size - 1];
    while (!poll(&first, 1, 1))
        for (i = 2; i < DRIPPING && i < size; i += 3) send(fds[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    for (i = 0; i < size; i++) {
        int status = verdict(fds[i]);
        EXPECT(status == 408 || status == 503);
        counts[status == 503]++;
        close(fds[i]);
    }
    EXPECT(write(tell, counts, sizeof counts) == sizeof counts);
}

typedef struct siege {
    pair pair;
    int size, hears[2];
    pid_t crowd;
} siege;

static siege begin_siege(hws_server_options options, int wanted)
{
    siege siege;
    hws_timers timers;
    memset(&timers, 0, sizeof timers);
    timers.struct_size = sizeof timers;
    timers.open_ms = OPEN_MS;
    options.timers = &timers;
    siege.size = room_for(wanted);
    siege.pair = server_with(options);
    EXPECT(!pipe(siege.hears));
    fflush(stdout);
    EXPECT((siege.crowd = fork()) >= 0);
    if (!siege.crowd) {
        alarm(30);
        crowd(port_of(&siege.pair), siege.size, siege.hears[1]);
        _exit(0);
    }
    close(siege.hears[1]);
    return siege;
}

/* What the crowd has heard, by its own count. */
static void end_siege(const siege *siege, int counts[2])
{
    int status;
    EXPECT(read(siege->hears[0], counts, 2 * sizeof *counts) == 2 * sizeof *counts);
    EXPECT(waitpid(siege->crowd, &status, 0) == siege->crowd && status == 0);
    EXPECT(counts[0] + counts[1] == siege->size);
}

static void ten_thousand_that_say_nothing_are_cut_off(void)
{
    hws_server_options options;
    hws_event event;
    siege siege;
    hws_stats stats;
    hws_conn client;
    int counts[2], left, echoes = 0, visits = 0;
    memset(&options, 0, sizeof options);
    siege = begin_siege(options, CROWD);
    client = dial(siege.pair.engine, siege.pair.uri, NULL);
    for (left = siege.size; left > 0;) {
        event = next(siege.pair.engine);
        switch (event.kind) {
        case HWS_EVENT_ACCEPT_FAILED:
            EXPECT(event.status == HWS_ERR_HANDSHAKE_TIMEOUT && event.error->http_status == 408);
            EXPECT(event.error->timeout_ms == OPEN_MS);
            left--;
            break;
        case HWS_EVENT_OPEN: /* clients come and are served, one after the other */
            if (event.conn.id == client.id) OK(hws_send(client, HWS_TEXT, "?", 1, NULL));
            break;
        case HWS_EVENT_MESSAGE:
            if (event.conn.id != client.id) OK(hws_send(event.conn, HWS_TEXT, "!", 1, NULL));
            else if (++echoes % 10) OK(hws_send(client, HWS_TEXT, "?", 1, NULL));
            else OK(hws_close(client, 1000, hws_cstr("")));
            break;
        case HWS_EVENT_CLOSE:
            EXPECT(event.status == HWS_ERR_CLOSED_OK);
            if (event.conn.id == client.id) client = dial(siege.pair.engine, siege.pair.uri, NULL), visits++;
            break;
        default:
            EXPECT(!"an event of this kind");
        }
    }
    end_siege(&siege, counts);
    EXPECT(counts[0] == siege.size);
    EXPECT(echoes > 100 && visits > 10);
    EXPECT(refusals(siege.pair.engine, HWS_ERR_HANDSHAKE_TIMEOUT) == (uint64_t)siege.size);
    EXPECT(refusals(siege.pair.engine, HWS_ERR_ERROR) == (uint64_t)siege.size);
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    OK(hws_engine_stats(siege.pair.engine, &stats));
    EXPECT(stats.handshake_failures == (uint64_t)siege.size);
}

/* With a limit those over it are told so at once, and nobody is counted twice or not at all. */
static void a_crowd_is_let_in_by_parts(void)
{
    hws_server_options options;
    hws_event event;
    siege siege;
    hws_conn conn;
    int counts[2], left;
    memset(&options, 0, sizeof options);
    options.max_handshakes = 500;
    options.backlog = 4096;
    siege = begin_siege(options, 1500);
    for (left = siege.size; left > 0; left--) {
        event = next(siege.pair.engine);
        EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED);
    }
    end_siege(&siege, counts);
    EXPECT(counts[0] >= 500 && counts[1] > 0);
    EXPECT(refusals(siege.pair.engine, HWS_ERR_HANDSHAKE_TIMEOUT) == (uint64_t)counts[0]);
    EXPECT(refusals(siege.pair.engine, HWS_ERR_TOO_MANY_CONNECTIONS) == (uint64_t)counts[1]);
    close(raw_open(&siege.pair, 0, &conn)); /* and now there is room */
}

TESTS(T(ten_thousand_that_say_nothing_are_cut_off), T(a_crowd_is_let_in_by_parts))
