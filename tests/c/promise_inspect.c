/* Counters add up; the three hooks (log, wake, allocator) are called when they should be, and get what they should. */
#include "raw.h"
#include <poll.h>
#include <sched.h>

/* --- counters --------------------------------------------------------------------------------------------- */

static hws_stats conn_stats(hws_conn conn)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_conn_stats(conn, &stats));
    EXPECT(stats.struct_size == sizeof stats);
    return stats;
}

static hws_stats engine_stats(hws_engine engine)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_engine_stats(engine, &stats));
    return stats;
}

enum { SAID = 100 };

/* Sends messages of 0, 1000, 2000, ... bytes; gives the sum. */
static uint64_t say(const pair *pair)
{
    static const char data[SAID * 1000];
    uint64_t sum = 0;
    size_t i;
    for (i = 0; i < SAID; i++) {
        OK(hws_send(pair->client, HWS_BINARY, data, i * 1000, NULL));
        sum += i * 1000;
        EXPECT(await(pair->engine, pair->server, HWS_EVENT_MESSAGE).data.len == i * 1000);
    }
    return sum;
}

static void what_one_end_sends_the_other_receives(void)
{
    pair pair = pair_new(NULL);
    uint64_t opening = conn_stats(pair.server).wire_in, sum = say(&pair);
    hws_stats client, server, engine;

    client = conn_stats(pair.client);
    server = conn_stats(pair.server);
    engine = engine_stats(pair.engine);
    EXPECT(client.inflated_out <= sum && client.deflated_out <= client.inflated_out);
    EXPECT(opening > 0 && client.wire_out > opening + sum - client.inflated_out + client.deflated_out);
    EXPECT(server.inflated_in == client.inflated_out && server.deflated_in == client.deflated_out);
    EXPECT(engine.inflated_in == client.inflated_out && engine.deflated_out == client.deflated_out);
    EXPECT(client.connections == 1 && server.connections == 1 && engine.connections == 2);
    EXPECT(client.messages_out == SAID && server.messages_in == SAID && engine.messages_in == SAID);
    EXPECT(client.bytes_out == sum && server.bytes_in == sum && engine.bytes_out == sum);
    EXPECT(client.wire_out == server.wire_in && server.wire_out == client.wire_in);
    EXPECT(engine.wire_in == client.wire_in + server.wire_in && engine.wire_out == engine.wire_in);
    EXPECT(client.send_queued == 0 && engine.send_queued == 0 && engine.handshake_failures == 0);
}

static void an_engine_remembers_connections_that_are_gone(void)
{
    pair pair = pair_new(NULL);
    uint64_t sum = say(&pair);
    hws_stats engine;
    hws_event event;
    uint32_t count;

    OK(hws_close(pair.client, 1000, hws_cstr("")));
    await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    EXPECT(conn_stats(pair.client).connections == 0 && conn_stats(pair.client).bytes_out == sum);
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
    engine = engine_stats(pair.engine);
    EXPECT(engine.connections == 0 && engine.messages_in == SAID && engine.messages_out == SAID);
    EXPECT(engine.bytes_in == sum && engine.bytes_out == sum && engine.wire_in == engine.wire_out);
    EXPECT(engine.send_queued == 0);
}

static void pings_pongs_queues_and_failures_are_counted(void)
{
    pair pair = serve(NULL);
    char payload[125];
    size_t len;
    int fd = raw_open(&pair, 0, &pair.server);

    OK(hws_send(pair.server, HWS_PING, "ahoy", 4, NULL));
    EXPECT(conn_stats(pair.server).send_queued == (has_io_thread() ? 0 : 6));
    poll_without_room(pair.engine);
    EXPECT(conn_stats(pair.server).send_queued == 0);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING));
    usleep(1000); /* the round trip that is to be counted; nothing is waited for */
    raw_frame(fd, FIN | HWS_PING, "hoya", 4);
    raw_frame(fd, FIN | HWS_PONG, "ahoy", 4);
    EXPECT(next(pair.engine).kind == HWS_EVENT_PONG);
    EXPECT(conn_stats(pair.server).pings == 1 && conn_stats(pair.server).pongs == 1);
    EXPECT(conn_stats(pair.server).rtt_us >= 1000 && conn_stats(pair.server).messages_in == 0);

    close(raw_connect(port_of(&pair), 0));
    EXPECT(await(pair.engine, any, HWS_EVENT_ACCEPT_FAILED).listener.id == pair.listener.id);
    EXPECT(engine_stats(pair.engine).handshake_failures == 1);
}

/* --- the log ---------------------------------------------------------------------------------------------- */

static struct {
    int lines, about_conn;
    uint32_t max_level;
    hws_conn conn;
} logbook;

static void take_line(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t len)
{
    EXPECT(user == &logbook && level >= HWS_LOG_ERROR && level <= HWS_LOG_TRACE);
    EXPECT(strlen(text) == len && len > 0 && !strchr(text, '\n') && strlen(target) > 0);
    logbook.lines++;
    logbook.about_conn += handle != 0 && handle == logbook.conn.id;
    if (level > logbook.max_level) logbook.max_level = level;
}

/* A connection from beginning to end. */
static void live_and_die(void)
{
    pair pair = pair_new(NULL);
    logbook.conn = pair.client;
    OK(hws_close(pair.client, 1000, hws_cstr("")));
    await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    OK(hws_engine_free(pair.engine));
}

static void the_log_is_told_up_to_its_level(void)
{
    int all;
    OK(hws_set_logger(HWS_LOG_TRACE, take_line, &logbook));
    live_and_die();
    all = logbook.lines;
    EXPECT(all > 0 && logbook.about_conn > 0);

    logbook.max_level = logbook.lines = 0;
    OK(hws_set_logger(HWS_LOG_INFO, take_line, &logbook));
    live_and_die();
    EXPECT(logbook.lines > 0 && logbook.lines < all && logbook.max_level <= HWS_LOG_INFO);

    logbook.lines = 0;
    OK(hws_set_logger(HWS_LOG_ERROR, take_line, &logbook));
    live_and_die();
    OK(hws_set_logger(0, take_line, &logbook));
    live_and_die();
    OK(hws_set_logger(HWS_LOG_TRACE, NULL, NULL));
    live_and_die();
    EXPECT(logbook.lines == 0);
}

/* --- the wake hook ---------------------------------------------------------------------------------------- */

static void count_wake(void *user) { __atomic_add_fetch((int *)user, 1, __ATOMIC_SEQ_CST); }

static void *send_from_here(void *argument)
{
    const pair *pair = argument;
    hws_send_options options = { .struct_size = sizeof options, .token = 1 };
    OK(hws_send(pair->client, HWS_TEXT, "ahoy", 4, &options));
    return NULL;
}

/* Whatever needs a poll soon and does not come from the thread that polls calls the hook. */
static void the_wake_hook_is_called_when_a_poll_is_due(void)
{
    pair pair = pair_new(NULL);
    int wakes = 0, before;

    OK(hws_engine_on_wake(pair.engine, count_wake, &wakes));
    until_it_sleeps(pair.engine);
    send_text(pair.client, "from the thread that polls");
    EXPECT(wakes == 0);
    OK(hws_wake(pair.engine));
    EXPECT(wakes == 1);
    await(pair.engine, pair.server, HWS_EVENT_MESSAGE);

    until_it_sleeps(pair.engine);
    before = wakes;
    done(go(send_from_here, &pair)); /* its token is to be told */
    EXPECT(wakes > before);
    EXPECT(await(pair.engine, pair.client, HWS_EVENT_SENT).token == 1);
    await(pair.engine, pair.server, HWS_EVENT_MESSAGE);

    OK(hws_engine_on_wake(pair.engine, NULL, NULL));
    before = wakes;
    OK(hws_wake(pair.engine));
    EXPECT(wakes == before);
}

static void *publish_from_here(void *argument)
{
    const pair *pair = argument;
    OK(hws_publish(pair->engine, hws_cstr("topic"), HWS_TEXT, "news", 4, NULL, NULL, NULL));
    return NULL;
}

/* Between two polls that do not wait: what another thread leaves for the next is said by the hook and the descriptor,
 * also to a host that never asks how long it may sleep. */
static void a_host_that_asks_for_no_time_is_woken_too(void)
{
    pair pair = pair_new(NULL);
    struct pollfd pollfd = { 0 };
    ptrdiff_t fd;
    int i, wakes = 0;
    OK(hws_engine_pollable(pair.engine, &fd));
    pollfd.fd = (int)fd;
    pollfd.events = POLLIN;
    OK(hws_engine_on_wake(pair.engine, count_wake, &wakes));
    OK(hws_subscribe(pair.server, hws_cstr("topic")));
    until_it_sleeps(pair.engine);
    for (i = 1; i <= 3; i++) {
        hws_event event;
        uint32_t count;
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
        wakes = 0;
        done(go(publish_from_here, &pair));
        EXPECT(wakes > 0 && poll(&pollfd, 1, 0) == 1);
        do OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        while (!count);
        EXPECT(event.kind == HWS_EVENT_MESSAGE && event.conn.id == pair.client.id);
    }
}

/* A name that has been resolved calls it too, from a thread of the library's. */
static void the_wake_hook_is_called_when_a_name_is_resolved(void)
{
    pair pair = serve(NULL);
    int wakes = 0;
    OK(hws_engine_on_wake(pair.engine, count_wake, &wakes));
    (void)dial(pair.engine, "ws://no-such-name.invalid/", NULL);
    EXPECT(await(pair.engine, any, HWS_EVENT_CONNECT_FAILED).status == HWS_ERR_ADDRESS);
    /* The poll may have been faster than the thread that calls the hook. */
    while (!__atomic_load_n(&wakes, __ATOMIC_SEQ_CST)) sched_yield();
}

/* --- the allocator ---------------------------------------------------------------------------------------- */

/* In front of each piece: what was asked for, to be compared when it is given back. */
typedef struct piece {
    size_t size, align;
    void *base;
} piece;

static struct {
    long pieces, bytes, calls;
} heap;

static void *heap_alloc(size_t size, size_t align, void *user)
{
    char *base = malloc(size + align + sizeof(piece) + 16);
    uintptr_t at = ((uintptr_t)base + sizeof(piece) + align - 1) / align * align;
    piece piece = { size, align, base };
    EXPECT(user == &heap && align && (align & (align - 1)) == 0 && size > 0 && base);
    memcpy((void *)(at - sizeof piece), &piece, sizeof piece);
    __atomic_add_fetch(&heap.pieces, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&heap.bytes, (long)size, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&heap.calls, 1, __ATOMIC_SEQ_CST);
    return (void *)at;
}

static void heap_free(void *at, size_t size, size_t align, void *user)
{
    piece piece;
    memcpy(&piece, (char *)at - sizeof piece, sizeof piece);
    EXPECT(user == &heap && piece.size == size && piece.align == align);
    memset(at, 0xdd, size);
    free(piece.base);
    __atomic_sub_fetch(&heap.pieces, 1, __ATOMIC_SEQ_CST);
    __atomic_sub_fetch(&heap.bytes, (long)size, __ATOMIC_SEQ_CST);
}

static void *heap_realloc(void *at, size_t old_size, size_t align, size_t new_size, void *user)
{
    void *to = heap_alloc(new_size, align, user);
    memcpy(to, at, old_size < new_size ? old_size : new_size);
    heap_free(at, old_size, align, user);
    return to;
}

static hws_status set_heap(void)
{
    hws_allocator allocator = { .struct_size = sizeof allocator,
                                .alloc = heap_alloc,
                                .realloc = heap_realloc,
                                .free = heap_free,
                                .user = &heap };
    return hws_set_allocator(&allocator);
}

/* A life with all in it that allocates on this thread: messages, errors, a log. */
static void use_everything(void)
{
    pair pair = pair_new(NULL);
    hws_client_options options = { .struct_size = sizeof options, .uri = HWS_STR("http://x/") };
    hws_error error;
    say(&pair);
    FAILS(hws_connect(pair.engine, &options, &pair.client), HWS_ERR_INVALID_URI);
    FAILS(hws_connect(pair.engine, &options, &pair.client), HWS_ERR_INVALID_URI);
    OK(hws_error_keep(hws_last_error(), &error));
    OK(hws_error_free(error));
    OK(hws_engine_free(pair.engine));
}

/* What stays: the hook itself, the table of engines, that of kept errors, this thread's two last errors. */
enum { REMAINDER_MAX = 16 << 10 };

static void all_memory_is_the_hosts_and_comes_back(void)
{
    long pieces, bytes, calls;
    OK(set_heap());
    OK(hws_set_logger(HWS_LOG_ERROR, take_line, &logbook));
    use_everything();
    calls = heap.calls;
    pieces = heap.pieces;
    bytes = heap.bytes;
    EXPECT(calls > 100 && pieces > 0 && bytes < REMAINDER_MAX);
    use_everything();
    use_everything();
    EXPECT(heap.calls > 2 * calls && heap.pieces == pieces && heap.bytes <= bytes + 64);
}

/* The thread that looks names up ends by itself, after the engine; its memory comes back then, or this hangs. */
static void the_memory_of_the_resolver_comes_back(void)
{
    long pieces = 0;
    int i;
    OK(set_heap());
    for (i = 0; i < 20; i++) {
        pair pair = serve(NULL);
        dial(pair.engine, "ws://no-such-name.invalid/", NULL);
        await(pair.engine, any, HWS_EVENT_CONNECT_FAILED);
        OK(hws_engine_free(pair.engine));
        if (i == 0) pieces = __atomic_load_n(&heap.pieces, __ATOMIC_SEQ_CST);
        while (__atomic_load_n(&heap.pieces, __ATOMIC_SEQ_CST) > pieces) sched_yield();
    }
}

static void an_allocator_comes_first_or_not_at_all(void)
{
    hws_engine engine;
    OK(hws_engine_new(NULL, &engine));
    FAILS(set_heap(), HWS_ERR_INVALID_STATE);
    OK(hws_engine_free(engine));
    EXPECT(heap.calls == 0);
}

static void an_allocator_is_set_once(void)
{
    OK(set_heap());
    FAILS(set_heap(), HWS_ERR_INVALID_STATE);
    EXPECT(heap.calls > 0);
}

static void half_an_allocator_is_none(void)
{
    hws_allocator allocator = { .struct_size = sizeof allocator, .alloc = heap_alloc, .user = &heap };
    FAILS(hws_set_allocator(&allocator), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(heap.calls == 0);
}

static void the_library_says_what_it_can(void)
{
    static const char *const can[] = { "client", "server", "tls", "proxy", "unix", "allocator", "pollable",
                                       "ring", "io_thread" };
    static const char *const cannot[] = { "", "TLS", "tls ", "telepathy" };
    size_t i;
    for (i = 0; i < LENGTH(can); i++) EXPECT(hws_has_feature(can[i]) == 1);
    for (i = 0; i < LENGTH(cannot); i++) EXPECT(hws_has_feature(cannot[i]) == 0);
    EXPECT(hws_has_feature(NULL) == 0);
}

TESTS(T(what_one_end_sends_the_other_receives), T(an_engine_remembers_connections_that_are_gone),
      T(pings_pongs_queues_and_failures_are_counted), T(the_log_is_told_up_to_its_level),
      T(the_wake_hook_is_called_when_a_poll_is_due), T(a_host_that_asks_for_no_time_is_woken_too),
      T(the_wake_hook_is_called_when_a_name_is_resolved), T(all_memory_is_the_hosts_and_comes_back), T(the_memory_of_the_resolver_comes_back),
      T(an_allocator_comes_first_or_not_at_all), T(an_allocator_is_set_once), T(half_an_allocator_is_none),
      T(the_library_says_what_it_can))
