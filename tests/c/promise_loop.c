/* Promise 1: one loop does all work, and how large its batches are changes nothing. And the host's own loop, over
 * poll(2): it sleeps as long as it may and misses nothing. */
#include "raw.h"
#include <poll.h>

static void one_loop_serves_both_ends(void)
{
    pair pair = pair_new(NULL);
    hws_event event;

    send_text(pair.client, "ahoy");
    event = await(pair.engine, pair.server, HWS_EVENT_MESSAGE);
    EXPECT(event.opcode == HWS_TEXT && is_text(&event, "ahoy"));
    OK(hws_send(pair.server, HWS_BINARY, event.data.ptr, event.data.len, NULL));
    event = await(pair.engine, pair.client, HWS_EVENT_MESSAGE);
    EXPECT(event.opcode == HWS_BINARY && is_text(&event, "ahoy"));

    OK(hws_close(pair.client, 1000, hws_cstr("bye")));
    event = await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_OK && event.flags == HWS_FLAG_CLEAN);
    EXPECT(event.error->close_rcvd.code == 1000 && !strcmp(event.error->close_rcvd.reason.ptr, "bye"));
    event = await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_OK && event.flags == HWS_FLAG_CLEAN);
}

/* --- the size of the batch -------------------------------------------------------------------------------- */

/* What a peer writes, and in words what must be told about it. */
typedef struct script {
    frames frames;
    char told[16384];
    size_t len;
    int fd;
} script;

static void tell(char *told, size_t *len, uint32_t kind, uint32_t opcode, size_t size)
{
    *len += (size_t)sprintf(told + *len, "%u/%u:%zu ", kind, opcode, size);
}

static void write_script(script *script)
{
    static const size_t sizes[] = { 0, 1, 125, 126, 5000, 65535, 65536, 200000 };
    static char payload[200000];
    int i;
    memset(script, 0, sizeof *script);
    for (i = 0; i < 200; i++) {
        size_t size = i % 25 ? (size_t)i : sizes[i / 25];
        put_frame(&script->frames, FIN | HWS_BINARY, payload, size);
        tell(script->told, &script->len, HWS_EVENT_MESSAGE, HWS_BINARY, size);
        if (i % 3) continue;
        put_frame(&script->frames, FIN | HWS_PING, payload, 3);
        tell(script->told, &script->len, HWS_EVENT_PING, HWS_PING, 3);
        put_frame(&script->frames, HWS_TEXT, "ah", 2);
        put_frame(&script->frames, FIN | HWS_PONG, payload, 2);
        tell(script->told, &script->len, HWS_EVENT_PONG, HWS_PONG, 2);
        put_frame(&script->frames, FIN | HWS_CONT, "oy", 2);
        tell(script->told, &script->len, HWS_EVENT_MESSAGE, HWS_TEXT, 4);
    }
    put_close(&script->frames, 1000);
    tell(script->told, &script->len, HWS_EVENT_CLOSE, 0, 0);
}

static void *play(void *argument)
{
    script *script = argument;
    raw_write(script->fd, script->frames.bytes, script->frames.len);
    return NULL;
}

static void tells_the_same(uint32_t capacity)
{
    setup setup = { .server_limits.deliver_pings = HWS_ON };
    pair pair = serve(&setup);
    hws_event *events = calloc(capacity, sizeof *events);
    static script script;
    static char told[16384];
    size_t len = 0;
    uint32_t i, count, kind = HWS_EVENT_NONE;
    pthread_t player;

    write_script(&script);
    script.fd = raw_open(&pair, 0, &pair.server);
    player = go(play, &script);
    while (kind != HWS_EVENT_CLOSE) {
        OK(hws_poll(pair.engine, events, sizeof *events, capacity, 10000, &count));
        EXPECT(count > 0 && count <= capacity);
        for (i = 0; i < count; i++) {
            kind = events[i].kind;
            tell(told, &len, kind, events[i].opcode, events[i].data.len);
        }
    }
    EXPECT(!strcmp(told, script.told));
    done(player);
    close(script.fd);
    OK(hws_engine_free(pair.engine));
    free(events);
    free(script.frames.bytes);
}

static void the_capacity_changes_nothing(void)
{
    static const uint32_t capacities[] = { 1, 2, 3, 256 };
    size_t i;
    for (i = 0; i < LENGTH(capacities); i++) tells_the_same(capacities[i]);
}

/* A batch without room tells nothing, but what is queued leaves, and nothing is lost. */
static void capacity_0_writes_and_loses_nothing(void)
{
    pair pair = serve(NULL);
    char payload[8];
    size_t len;
    int i, fd = raw_open(&pair, 0, &pair.server);
    hws_event event;

    send_text(pair.server, "ahoy");
    poll_without_room(pair.engine);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_TEXT) && len == 4);
    raw_frame(fd, FIN | HWS_TEXT, "hoya", 4);
    for (i = 0; i < 10; i++) poll_without_room(pair.engine);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_MESSAGE && is_text(&event, "hoya"));
}

/* --- the host's own loop ---------------------------------------------------------------------------------- */

/* Sleeps as long as the engine allows, then polls without waiting: what a host does that has other things to wait
 * for as well. Gives how many events came, 0 or 1. */
static uint32_t sleep_and_poll(hws_engine engine, hws_event *event)
{
    struct pollfd pollfd = { 0 };
    ptrdiff_t fd;
    int32_t timeout;
    uint32_t count;
    OK(hws_engine_pollable(engine, &fd));
    OK(hws_engine_next_timeout(engine, &timeout));
    EXPECT(timeout >= HWS_NEVER);
    pollfd.fd = (int)fd;
    pollfd.events = POLLIN;
    EXPECT(poll(&pollfd, 1, timeout) >= 0);
    OK(hws_poll(engine, event, sizeof *event, 1, 0, &count));
    return count;
}

static hws_event next_by_hand(hws_engine engine)
{
    hws_event event;
    while (!sleep_and_poll(engine, &event)) {}
    return event;
}

/* No pings and no other timers: nothing but work may wake the host. */
static const hws_timers silent = { .open_ms = HWS_NEVER,
                                   .close_ms = HWS_NEVER,
                                   .send_ms = HWS_NEVER,
                                   .ping_interval_ms = HWS_NEVER };

static pair silent_pair(void)
{
    setup setup = { .server_timers = silent, .client_timers = silent };
    return pair_new(&setup);
}

/* A thousand messages come with one read. The descriptor does not become readable for them again. */
static void a_host_that_sleeps_gets_all_of_a_batch(void)
{
    setup setup = { .server_timers = silent };
    pair pair = serve(&setup);
    frames frames = { 0 };
    int i, fd = raw_open(&pair, 0, &pair.server);

    for (i = 0; i < 1000; i++) put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
    raw_send(fd, &frames);
    for (i = 0; i < 1000; i++) {
        hws_event event = next_by_hand(pair.engine);
        EXPECT(event.kind == HWS_EVENT_MESSAGE && !memcmp(event.data.ptr, &i, sizeof i));
    }
}

static void a_host_that_sleeps_may_send_between_polls(void)
{
    pair pair = silent_pair();
    int i;
    for (i = 0; i < 1000; i++) {
        hws_event event;
        OK(hws_send(pair.client, HWS_BINARY, &i, sizeof i, NULL));
        event = next_by_hand(pair.engine);
        EXPECT(event.conn.id == pair.server.id && !memcmp(event.data.ptr, &i, sizeof i));
        OK(hws_send(pair.server, HWS_BINARY, &i, sizeof i, NULL));
        event = next_by_hand(pair.engine);
        EXPECT(event.conn.id == pair.client.id && !memcmp(event.data.ptr, &i, sizeof i));
    }
}

static void a_host_that_sleeps_closes_and_frees(void)
{
    pair pair = silent_pair();
    hws_event event;
    uint32_t state;
    int ends = 0;
    OK(hws_close(pair.client, 1000, hws_cstr("")));
    while (ends < 2) {
        event = next_by_hand(pair.engine);
        ends += event.kind == HWS_EVENT_CLOSE;
    }
    (void)sleep_and_poll(pair.engine, &event);
    FAILS(hws_conn_state(pair.client, &state), HWS_ERR_INVALID_HANDLE);
}

typedef struct other_thread {
    pair pair;
    int fd;
} other_thread;

/* Each message must arrive before the next is sent, so that nothing but its own call can have sent it. */
static void *send_a_hundred(void *argument)
{
    const other_thread *other = argument;
    int i, echo;
    size_t len;
    for (i = 0; i < 100; i++) {
        OK(hws_send(other->pair.server, HWS_BINARY, &i, sizeof i, NULL));
        EXPECT(raw_read_frame(other->fd, &echo, sizeof echo, &len) == (FIN | HWS_BINARY) && echo == i);
    }
    raw_frame(other->fd, FIN | HWS_TEXT, "done", 4);
    return NULL;
}

static void a_host_that_sleeps_does_not_hold_up_other_threads(void)
{
    setup setup = { .server_timers = silent };
    other_thread other;
    pthread_t thread;
    hws_event event;
    other.pair = serve(&setup);
    other.fd = raw_open(&other.pair, 0, &other.pair.server);
    thread = go(send_a_hundred, &other);
    event = next_by_hand(other.pair.engine);
    EXPECT(is_text(&event, "done"));
    done(thread);
}

static void *dial_from_here(void *argument)
{
    const pair *pair = argument;
    setup setup = { .client_timers = silent };
    dial(pair->engine, pair->uri, &setup);
    return NULL;
}

/* The calls that only the poll can carry out wake a host that sleeps on the descriptor. */
static void a_host_that_sleeps_is_woken_by_other_threads(void)
{
    pair pair = silent_pair();
    pthread_t thread = go(dial_from_here, &pair);
    hws_event event = next_by_hand(pair.engine);
    EXPECT(event.kind == HWS_EVENT_OPEN);
    event = next_by_hand(pair.engine);
    EXPECT(event.kind == HWS_EVENT_OPEN);
    done(thread);
}

TESTS(T(one_loop_serves_both_ends), T(the_capacity_changes_nothing), T(capacity_0_writes_and_loses_nothing),
      T(a_host_that_sleeps_gets_all_of_a_batch), T(a_host_that_sleeps_may_send_between_polls),
      T(a_host_that_sleeps_closes_and_frees), T(a_host_that_sleeps_does_not_hold_up_other_threads),
      T(a_host_that_sleeps_is_woken_by_other_threads))
