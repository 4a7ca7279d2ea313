/* What waits for a host that does not take it: how much, and what becomes of more. */
#include "raw.h"
#include <poll.h>

static hws_stats stats_of(hws_conn conn)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_conn_stats(conn, &stats));
    return stats;
}

static setup queue_of(uint32_t overflow, uint32_t messages)
{
    setup setup = { .server_limits = { .overflow = overflow, .recv_queue_messages = messages } };
    return setup;
}

/* The peer sends numbers from a thread of its own, as fast as they are taken. */
typedef struct flood {
    int fd, count;
} flood;

static void *send_numbers(void *argument)
{
    const flood *flood = argument;
    frames frames = { 0 };
    int i;
    for (i = 0; i < flood->count; i++) {
        put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
        if (frames.len > 60000 || i + 1 == flood->count) raw_send(flood->fd, &frames);
    }
    free(frames.bytes);
    return NULL;
}

static int number_in(const hws_event *event)
{
    int number;
    EXPECT(event->kind == HWS_EVENT_MESSAGE && event->data.len == sizeof number);
    memcpy(&number, event->data.ptr, sizeof number);
    return number;
}

/* The host takes nothing until so many messages were dropped. */
static void take_nothing_until_dropped(const pair *pair, uint64_t dropped)
{
    uint32_t count;
    while (stats_of(pair->server).recv_dropped < dropped)
        OK(hws_poll(pair->engine, NULL, sizeof(hws_event), 0, 1, &count));
    EXPECT(stats_of(pair->server).recv_dropped == dropped);
}

/* --- backpressure ----------------------------------------------------------------------------------------- */

static void backpressure_loses_nothing(void)
{
    setup setup = queue_of(0, 8);
    pair pair;
    flood numbers = { .count = 100000 };
    hws_event events[7];
    uint32_t count, e;
    pthread_t peer;
    int next_number = 0;
    setup.server_limits.recv_queue_max = 100;
    pair = serve(&setup);
    numbers.fd = raw_open(&pair, 0, &pair.server);
    peer = go(send_numbers, &numbers);
    while (next_number < numbers.count) {
        OK(hws_poll(pair.engine, events, sizeof *events, LENGTH(events), 10000, &count));
        EXPECT(count > 0);
        for (e = 0; e < count; e++) EXPECT(number_in(&events[e]) == next_number++);
        EXPECT(stats_of(pair.server).recv_queued <= 8 && stats_of(pair.server).recv_queued_bytes <= 104);
    }
    done(peer);
    EXPECT(stats_of(pair.server).recv_dropped == 0);
}

/* A connection of a listener with other timers, for hws_recv: without a thread of its own an engine works for those who
 * receive from somebody else, too. */
static hws_conn somebody_else(const pair *pair)
{
    hws_server_options options = { .struct_size = sizeof options };
    struct pair elsewhere = *pair;
    hws_conn conn;
    options.bind = hws_cstr("127.0.0.1:0");
    OK(hws_listen(pair->engine, &options, &elsewhere.listener));
    strcpy(elsewhere.uri, "ws://");
    OK(hws_listener_address(elsewhere.listener, elsewhere.uri + 5, sizeof elsewhere.uri - 5, NULL));
    raw_open(&elsewhere, 0, &conn);
    return conn;
}

/* What waits is bounded, and the kernel holds the peer back: it is not taken for dead, though its pongs are not seen, nor
 * for idle. */
static void a_peer_that_is_held_back_is_not_dead(void)
{
    setup setup = { .server_limits = { .recv_queue_messages = 16 },
                    .server_timers = { .ping_interval_ms = 300, .ping_timeout_ms = 300, .idle_ms = 700 } };
    pair pair = serve(&setup);
    static char payload[64 << 10];
    hws_conn other = somebody_else(&pair);
    frames frames = { 0 };
    size_t sent = 0, more, heard;
    uint32_t state;
    hws_event event;
    int quiet = 0, fd = raw_open(&pair, 0, &pair.server);

    put_frame(&frames, FIN | HWS_BINARY, payload, sizeof payload);
    /* until nothing has been taken for much longer than the peer has for its pong */
    for (; quiet < 24; quiet = more ? 0 : quiet + 1) {
        more = raw_offer(fd, frames.bytes + sent % frames.len, frames.len - sent % frames.len);
        sent += more;
        EXPECT(sent < (size_t)256 << 20);
        if (!has_io_thread()) FAILS(hws_recv(other, &event, sizeof event, more ? 0 : 50), HWS_ERR_RECV_TIMEOUT);
        else if (!more) poll(NULL, 0, 50);
    }
    OK(hws_conn_state(pair.server, &state));
    EXPECT(state == HWS_STATE_OPEN);
    EXPECT(stats_of(pair.server).recv_queued == 16 && stats_of(pair.server).recv_dropped == 0);

    for (heard = 0; heard < 16; heard++)
        EXPECT(await(pair.engine, pair.server, HWS_EVENT_MESSAGE).data.len == sizeof payload);
    free(frames.bytes);
}

/* --- dropping --------------------------------------------------------------------------------------------- */

static void the_newest_are_kept(void)
{
    setup setup = queue_of(HWS_OVERFLOW_DROP_OLDEST, 16);
    pair pair = serve(&setup);
    flood numbers = { raw_open(&pair, 0, &pair.server), 10000 };
    pthread_t peer = go(send_numbers, &numbers);
    hws_event event;
    int i;
    take_nothing_until_dropped(&pair, 10000 - 16);
    done(peer);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_QUEUE && event.status == HWS_ERR_QUEUE_FULL && event.value == 10000 - 16);
    EXPECT(event.error->dropped == 10000 - 16 && event.error->policy == HWS_OVERFLOW_DROP_OLDEST);
    for (i = 10000 - 16; i < 10000; i++) {
        event = next(pair.engine);
        EXPECT(number_in(&event) == i);
    }
    nothing_else_comes(&pair);
}

static void the_oldest_are_kept(void)
{
    setup setup = queue_of(HWS_OVERFLOW_DROP_NEWEST, 16);
    pair pair = serve(&setup);
    flood numbers = { raw_open(&pair, 0, &pair.server), 10000 };
    pthread_t peer = go(send_numbers, &numbers);
    hws_event event;
    int i;
    take_nothing_until_dropped(&pair, 10000 - 16);
    done(peer);
    for (i = 0; i < 16; i++) {
        event = next(pair.engine);
        EXPECT(number_in(&event) == i);
    }
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_QUEUE && event.value == 10000 - 16 && event.error->dropped == 10000 - 16);
    nothing_else_comes(&pair);
}

/* A host that is slower than its peer: every number comes, or is one of those that a QUEUE event at its place counts. */
static void each_gap_is_counted(uint32_t overflow)
{
    enum { COUNT = 200000 };
    setup setup = queue_of(overflow, 64);
    pair pair = serve(&setup);
    flood numbers = { raw_open(&pair, 0, &pair.server), COUNT };
    pthread_t peer = go(send_numbers, &numbers);
    hws_event events[3];
    uint32_t count, e;
    uint64_t lost = 0;
    int expected = 0, taken = 0;
    while (expected < COUNT) {
        OK(hws_poll(pair.engine, events, sizeof *events, LENGTH(events), 10000, &count));
        EXPECT(count > 0);
        for (e = 0; e < count; e++) {
            if (events[e].kind == HWS_EVENT_QUEUE) {
                EXPECT(events[e].error->dropped > 0);
                lost += events[e].error->dropped;
                expected += (int)events[e].error->dropped;
                EXPECT(events[e].value == lost);
            } else {
                EXPECT(number_in(&events[e]) == expected);
                expected++;
                taken++;
            }
        }
    }
    done(peer);
    EXPECT(lost > 0 && taken + (int)lost == COUNT && stats_of(pair.server).recv_dropped == lost);
    nothing_else_comes(&pair);
}

static void each_gap_before_the_rest_is_counted(void) { each_gap_is_counted(HWS_OVERFLOW_DROP_OLDEST); }
static void each_gap_behind_the_rest_is_counted(void) { each_gap_is_counted(HWS_OVERFLOW_DROP_NEWEST); }

/* A batch of one event does not make the news old: of a thousand messages that came at once the last is soon there. */
static void a_small_batch_gets_fresh_data(void)
{
    setup setup = queue_of(HWS_OVERFLOW_DROP_OLDEST, 1);
    pair pair = serve(&setup);
    flood numbers = { raw_open(&pair, 0, &pair.server), 1000 };
    int events = 0, number = 0;
    send_numbers(&numbers);
    for (; number < 999; events++) {
        hws_event event = next(pair.engine);
        if (event.kind == HWS_EVENT_MESSAGE) number = number_in(&event);
        else EXPECT(event.kind == HWS_EVENT_QUEUE);
    }
    EXPECT(events < 100);
}

/* The engine works, and nobody takes anything, until something can be read. */
static void work_until_readable(const pair *pair, int fd)
{
    struct pollfd wait = { fd, POLLIN, 0 };
    int turns = 0;
    while (!poll(&wait, 1, 1)) {
        EXPECT(turns++ < 10000);
        poll_without_room(pair->engine);
    }
}

/* Only messages are dropped, and pings are answered for ever. */
static void only_messages_are_dropped(void)
{
    setup setup = queue_of(HWS_OVERFLOW_DROP_OLDEST, 1);
    pair pair;
    hws_send_options options = { .struct_size = sizeof options, .token = 7 };
    frames frames = { 0 };
    char payload[125];
    size_t len;
    int i, fd;
    hws_event event;
    setup.server_limits.deliver_pings = HWS_ON;
    pair = serve(&setup);
    fd = raw_open(&pair, 0, &pair.server);
    OK(hws_send(pair.server, HWS_TEXT, "sent", 4, &options));
    OK(hws_send(pair.server, HWS_PING, "host", 4, &options));
    work_until_readable(&pair, fd);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_TEXT));
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING));
    raw_frame(fd, FIN | HWS_PONG, "host", 4);
    for (i = 0; i < 100; i++) {
        put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
        put_frame(&frames, FIN | HWS_PING, &i, sizeof i);
        raw_send(fd, &frames);
        work_until_readable(&pair, fd);
        EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PONG) && !memcmp(payload, &i, sizeof i));
    }
    put_close(&frames, 1000);
    raw_send(fd, &frames);
    event = next(pair.engine);
    if (event.kind == HWS_EVENT_SENT) event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_PONG && event.token == 7);
    event = next(pair.engine);
    if (event.kind == HWS_EVENT_SENT) event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_QUEUE && event.error->dropped == 99);
    for (i = 0; i < 100; i++) {
        if (i == 99) {
            event = next(pair.engine);
            EXPECT(number_in(&event) == 99);
        }
        event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_PING && !memcmp(event.data.ptr, &i, sizeof i));
    }
    close(fd);
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).status == HWS_ERR_CLOSED_OK);
    free(frames.bytes);
}

/* One message may always wait, however large it is. */
static void one_message_always_has_room(void)
{
    static char large[100000];
    setup setup = queue_of(HWS_OVERFLOW_DROP_OLDEST, 4);
    pair pair;
    frames frames = { 0 };
    hws_event event;
    int fd;
    setup.server_limits.recv_queue_max = 1000;
    pair = serve(&setup);
    fd = raw_open(&pair, 0, &pair.server);
    put_frame(&frames, FIN | HWS_BINARY, large, 10);
    put_frame(&frames, FIN | HWS_BINARY, large, 20);
    put_frame(&frames, FIN | HWS_BINARY, large, sizeof large);
    raw_send(fd, &frames);
    take_nothing_until_dropped(&pair, 2);
    EXPECT(stats_of(pair.server).recv_queued_bytes == sizeof large);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_QUEUE && event.error->dropped == 2);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_MESSAGE && event.data.len == sizeof large);
    free(frames.bytes);
}

/* --- with everything else --------------------------------------------------------------------------------- */

/* What waits comes before the end, and the handle lives until then. */
static void what_waits_comes_before_the_end(void)
{
    setup setup = queue_of(HWS_OVERFLOW_ERROR, 10);
    pair pair = serve(&setup);
    flood numbers = { raw_open(&pair, 0, &pair.server), 1000 };
    uint32_t count;
    hws_event event;
    int i;
    send_numbers(&numbers);
    while (stats_of(pair.server).recv_dropped == 0)
        OK(hws_poll(pair.engine, NULL, sizeof event, 0, 1, &count));
    close(numbers.fd);
    for (i = 0; i < 20; i++) poll_without_room(pair.engine);
    for (i = 0; i < 10; i++) {
        event = next(pair.engine);
        EXPECT(event.conn.id == pair.server.id && number_in(&event) == i);
    }
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.status == HWS_ERR_CLOSED_ERROR);
    EXPECT(event.error->cause->status == HWS_ERR_QUEUE_FULL && event.error->cause->policy == HWS_OVERFLOW_ERROR);
    OK(hws_conn_error(pair.server, &event.error));
    EXPECT(event.error->cause->dropped == 1);
    nothing_else_comes(&pair);
}

/* A pause holds what waits too; what we say ourselves is told meanwhile. */
static void a_pause_holds_what_waits(void)
{
    setup setup = queue_of(HWS_OVERFLOW_DROP_NEWEST, 10);
    pair pair = serve(&setup);
    hws_send_options options = { .struct_size = sizeof options, .token = 7 };
    flood numbers = { raw_open(&pair, 0, &pair.server), 1000 };
    hws_event event;
    uint32_t count;
    int i;
    send_numbers(&numbers);
    take_nothing_until_dropped(&pair, 990);
    OK(hws_conn_pause(pair.server, 1));
    OK(hws_send(pair.server, HWS_TEXT, "ahoy", 4, &options));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_SENT && event.token == 7);
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 50, &count));
    EXPECT(count == 0 && stats_of(pair.server).recv_queued == 10);
    OK(hws_conn_pause(pair.server, 0));
    for (i = 0; i < 10; i++) {
        event = next(pair.engine);
        EXPECT(number_in(&event) == i);
    }
    EXPECT(next(pair.engine).kind == HWS_EVENT_QUEUE);
}

/* An engine counts for all of its connections, and remembers those that are gone. */
static void what_waits_and_what_is_lost_is_counted(void)
{
    setup setup = queue_of(HWS_OVERFLOW_DROP_NEWEST, 10);
    pair pair = serve(&setup);
    hws_stats stats = { .struct_size = sizeof stats };
    flood first = { raw_open(&pair, 0, &pair.server), 15 }, second = { raw_open(&pair, 0, &pair.client), 11 };
    uint32_t count;
    send_numbers(&first);
    send_numbers(&second);
    take_nothing_until_dropped(&pair, 5);
    while (stats_of(pair.client).recv_dropped < 1) OK(hws_poll(pair.engine, NULL, sizeof(hws_event), 0, 1, &count));
    OK(hws_engine_stats(pair.engine, &stats));
    EXPECT(stats.recv_queued == 20 && stats.recv_queued_bytes == 80 && stats.recv_dropped == 6);
    OK(hws_abort(pair.server));
    await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    poll_without_room(pair.engine);
    OK(hws_engine_stats(pair.engine, &stats));
    EXPECT(stats.recv_dropped == 6);
}

/* A route may drop where its server does not. */
static void a_queue_that_cannot_be_is_refused(void)
{
    pair pair = serve(NULL);
    hws_client_options options = { .struct_size = sizeof options };
    hws_limits limits = { .struct_size = sizeof limits, .overflow = 5 };
    hws_conn conn;
    options.uri = hws_cstr(pair.uri);
    options.limits = &limits;
    FAILS(hws_connect(pair.engine, &options, &conn), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(strstr(hws_last_error()->message.ptr, "limits.overflow"));
    limits.deliver_fragments = HWS_ON;
    for (limits.overflow = 1; limits.overflow <= 4; limits.overflow++) {
        int drops = limits.overflow == HWS_OVERFLOW_DROP_OLDEST || limits.overflow == HWS_OVERFLOW_DROP_NEWEST;
        hws_status status = hws_connect(pair.engine, &options, &conn);
        EXPECT(status == (drops ? HWS_ERR_INVALID_ARGUMENT : HWS_OK));
    }
}

TESTS(T(backpressure_loses_nothing), T(a_peer_that_is_held_back_is_not_dead), T(the_newest_are_kept),
      T(the_oldest_are_kept), T(each_gap_before_the_rest_is_counted), T(each_gap_behind_the_rest_is_counted),
      T(a_small_batch_gets_fresh_data), T(only_messages_are_dropped), T(one_message_always_has_room),
      T(what_waits_comes_before_the_end), T(a_pause_holds_what_waits), T(what_waits_and_what_is_lost_is_counted),
      T(a_queue_that_cannot_be_is_refused))
