/* An engine with a thread of its own: it reads, answers, keeps deadlines and writes whatever the host does, and the host
 * takes what has come whenever it likes. */
#include "raw.h"
#include <dirent.h>
#include <poll.h>
#include <sys/resource.h>
#include <time.h>

static hws_engine engine_new(void)
{
    hws_engine_options options = { .struct_size = sizeof options, .io_thread = HWS_ON };
    hws_engine engine;
    OK(hws_engine_new(&options, &engine));
    return engine;
}

/* As serve() makes it, with a thread. */
static pair serve_apart(const hws_limits *limits, const hws_timers *timers)
{
    hws_server_options options = { .struct_size = sizeof options, .limits = limits, .timers = timers };
    pair pair;
    memset(&pair, 0, sizeof pair);
    options.bind = hws_cstr("127.0.0.1:0");
    pair.engine = engine_new();
    OK(hws_listen(pair.engine, &options, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    return pair;
}

/* An open WebSocket of which the host has heard nothing yet. */
static int open_unheard(const pair *pair)
{
    int fd = raw_connect(port_of(pair), 0);
    raw_write(fd, raw_request, sizeof raw_request - 1);
    raw_read_head(fd);
    return fd;
}

static void expect_frame(int fd, unsigned first, const void *payload, size_t len)
{
    char got[125];
    size_t size;
    EXPECT(raw_read_frame(fd, got, sizeof got, &size) == first && size == len && !memcmp(got, payload, len));
}

static int is_readable(int fd, int timeout_ms)
{
    struct pollfd wait = { fd, POLLIN, 0 };
    return poll(&wait, 1, timeout_ms) == 1;
}

static hws_stats stats_of_engine(hws_engine engine)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_engine_stats(engine, &stats));
    return stats;
}

/* --- a host that stalls ----------------------------------------------------------------------------------- */

/* The host does not poll once: each ping is answered, whatever else comes, and nothing is closed. */
static void a_host_that_stalls_looks_alive(void)
{
    hws_limits limits = { .struct_size = sizeof limits, .overflow = HWS_OVERFLOW_DROP_OLDEST };
    pair pair = serve_apart(&limits, NULL);
    int i, fd = open_unheard(&pair);
    frames frames = { 0 };
    hws_event event;
    for (i = 0; i < 5000; i++) {
        put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
        put_frame(&frames, FIN | HWS_PING, &i, sizeof i);
        raw_send(fd, &frames);
        expect_frame(fd, FIN | HWS_PONG, &i, sizeof i);
    }
    EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_QUEUE && event.error->dropped == 5000 - 1024);
    for (i = 5000 - 1024; i < 5000; i++) {
        event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_MESSAGE && !memcmp(event.data.ptr, &i, sizeof i));
    }
    raw_frame(fd, FIN | HWS_TEXT, "ahoy", 4);
    event = next(pair.engine);
    EXPECT(is_text(&event, "ahoy"));
    free(frames.bytes);
}

static void a_host_that_stalls_finds_everything_in_order(void)
{
    enum { PEERS = 20, MESSAGES = 50 };
    pair pair = serve_apart(NULL, NULL);
    struct { hws_conn conn; int opened, messages, ended; } seen[PEERS];
    int p, i, known = 0, ended = 0;
    hws_event events[7];
    uint32_t count, e;
    memset(seen, 0, sizeof seen);
    for (p = 0; p < PEERS; p++) {
        int fd = open_unheard(&pair);
        for (i = 0; i < MESSAGES; i++) raw_frame(fd, FIN | HWS_BINARY, &i, sizeof i);
        close(fd);
    }
    while (ended < PEERS) {
        OK(hws_poll(pair.engine, events, sizeof *events, LENGTH(events), 10000, &count));
        EXPECT(count > 0);
        for (e = 0; e < count; e++) {
            const hws_event *event = &events[e];
            for (p = 0; p < known && seen[p].conn.id != event->conn.id; p++) continue;
            if (p == known) seen[known++].conn = event->conn;
            switch (event->kind) {
            case HWS_EVENT_OPEN:
                EXPECT(!seen[p].opened++ && event->handshake && event->handshake->header_count > 0);
                break;
            case HWS_EVENT_MESSAGE:
                EXPECT(seen[p].opened && !memcmp(event->data.ptr, &seen[p].messages, sizeof(int)));
                seen[p].messages++;
                break;
            default:
                EXPECT(event->kind == HWS_EVENT_CLOSE && seen[p].messages == MESSAGES && !seen[p].ended++);
                EXPECT(event->error->cause->status == HWS_ERR_UNEXPECTED_EOF);
                ended++;
            }
        }
    }
}

/* Clients get to their servers, and hear of their ends, without a poll. */
static void connections_open_and_end_while_the_host_stalls(void)
{
    pair pair = serve_apart(NULL, NULL);
    hws_engine engine = engine_new();
    uint32_t state = 0;
    hws_conn conn = dial(engine, pair.uri, NULL);
    hws_event event;
    while (state != HWS_STATE_OPEN) OK(hws_conn_state(conn, &state));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_OPEN);
    OK(hws_abort(event.conn));
    while (state != HWS_STATE_CLOSED) OK(hws_conn_state(conn, &state));
    EXPECT(next(engine).kind == HWS_EVENT_OPEN);
    EXPECT(next(engine).kind == HWS_EVENT_CLOSE);
    OK(hws_conn_state(conn, &state));
    poll_without_room(engine);
    FAILS(hws_conn_state(conn, &state), HWS_ERR_INVALID_HANDLE);
}

/* A peer that answers no ping is cut off, and one that says nothing is told so: nobody has polled. */
static void deadlines_are_kept_while_the_host_stalls(void)
{
    hws_timers timers = { .struct_size = sizeof timers, .ping_interval_ms = 50, .ping_timeout_ms = 50, .open_ms = 100 };
    pair pair = serve_apart(NULL, &timers);
    int fd = open_unheard(&pair), silent = raw_connect(port_of(&pair), 0);
    unsigned char payload[125];
    size_t len;
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING));
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_CLOSE));
    EXPECT(payload[0] << 8 == (1011 & 0xff00) && payload[1] == (1011 & 0xff));
    raw_read_head(silent);
    close(silent);
    close(fd);
    EXPECT(await(pair.engine, any, HWS_EVENT_ACCEPT_FAILED).status == HWS_ERR_HANDSHAKE_TIMEOUT);
}

/* --- closing ---------------------------------------------------------------------------------------------- */

/* The host has its say about what came before the peer's Close, however late it takes it. */
static void what_came_before_a_close_can_be_answered(void)
{
    int round;
    for (round = 0; round < 20; round++) {
        pair pair = serve_apart(NULL, NULL);
        int fd = open_unheard(&pair);
        frames frames = { 0 };
        hws_event event;
        put_frame(&frames, FIN | HWS_TEXT, "ahoy", 4);
        put_close(&frames, 1000);
        if (round % 2) raw_send(fd, &frames);
        event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_OPEN);
        if (!(round % 2)) raw_send(fd, &frames);
        event = next(pair.engine);
        EXPECT(is_text(&event, "ahoy"));
        send_text(event.conn, "hoya");
        event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_CLOSE && event.status == HWS_ERR_CLOSED_OK);
        expect_frame(fd, FIN | HWS_TEXT, "hoya", 4);
        expect_frame(fd, FIN | HWS_CLOSE, "\x03\xe8", 2);
        close(fd);
        free(frames.bytes);
        OK(hws_engine_free(pair.engine));
    }
}

/* One that takes nothing has its time, and then the peer is answered all the same. */
static void a_close_is_answered_though_the_host_stalls(void)
{
    pair pair = serve_apart(NULL, NULL);
    int fd = open_unheard(&pair);
    frames frames = { 0 };
    hws_event event;
    char byte;
    put_frame(&frames, FIN | HWS_TEXT, "ahoy", 4);
    put_close(&frames, 1000);
    raw_send(fd, &frames);
    expect_frame(fd, FIN | HWS_CLOSE, "\x03\xe8", 2);
    EXPECT(recv(fd, &byte, 1, 0) == 0);
    EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
    event = next(pair.engine);
    EXPECT(is_text(&event, "ahoy"));
    FAILS(hws_send(event.conn, HWS_TEXT, "late", 4, NULL), HWS_ERR_CONNECTION_CLOSED);
    EXPECT(next(pair.engine).status == HWS_ERR_CLOSED_OK);
    free(frames.bytes);
}

static void sends_leave_at_once(void)
{
    pair pair = serve_apart(NULL, NULL);
    static char large[1 << 20], got[1 << 20];
    size_t len;
    int i, fd = open_unheard(&pair);
    hws_conn conn = next(pair.engine).conn;
    for (i = 0; i < 100; i++) {
        OK(hws_send(conn, HWS_BINARY, &i, sizeof i, NULL));
        expect_frame(fd, FIN | HWS_BINARY, &i, sizeof i);
    }
    for (i = 0; i < 5; i++) OK(hws_send(conn, HWS_BINARY, large, sizeof large, NULL));
    for (i = 0; i < 5; i++) EXPECT(raw_read_frame(fd, got, sizeof got, &len) == (FIN | HWS_BINARY) && len == sizeof large);
}

/* --- how the host hears of it ----------------------------------------------------------------------------- */

static void the_descriptor_tells_of_events_and_wakes(void)
{
    pair pair = serve_apart(NULL, NULL);
    int fd = open_unheard(&pair), i;
    ptrdiff_t pollable;
    int32_t timeout;
    hws_event event;
    uint32_t count;
    OK(hws_engine_pollable(pair.engine, &pollable));
    EXPECT(is_readable((int)pollable, 10000)); /* OPEN was there before the descriptor */
    OK(hws_engine_next_timeout(pair.engine, &timeout));
    EXPECT(timeout == 0 && next(pair.engine).kind == HWS_EVENT_OPEN);
    for (i = 0; i < 100; i++) {
        EXPECT(!is_readable((int)pollable, 0));
        OK(hws_engine_next_timeout(pair.engine, &timeout));
        EXPECT(timeout == HWS_NEVER);
        raw_frame(fd, FIN | HWS_TEXT, "one", 3);
        EXPECT(is_readable((int)pollable, 10000) && is_readable((int)pollable, 0));
        raw_frame(fd, FIN | HWS_TEXT, "two", 3);
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 1 && is_text(&event, "one"));
        EXPECT(is_readable((int)pollable, 10000));
        event = next(pair.engine);
        EXPECT(is_text(&event, "two"));
        EXPECT(!is_readable((int)pollable, 0));
        OK(hws_wake(pair.engine));
        EXPECT(is_readable((int)pollable, 0));
        OK(hws_poll(pair.engine, &event, sizeof event, 1, HWS_NEVER, &count));
        EXPECT(count == 0);
    }
    OK(hws_engine_pollable(pair.engine, &pollable));
    EXPECT(!is_readable((int)pollable, 0));
}

/* What a pause holds back is nothing that the descriptor could tell of. */
static void the_descriptor_tells_of_nothing_that_is_held(void)
{
    pair pair = serve_apart(NULL, NULL);
    int fd = open_unheard(&pair), i;
    hws_conn conn = next(pair.engine).conn;
    hws_event event;
    ptrdiff_t pollable;
    OK(hws_engine_pollable(pair.engine, &pollable));
    raw_frame(fd, FIN | HWS_TEXT, "ahoy", 4);
    EXPECT(is_readable((int)pollable, 10000));
    for (i = 0; i < 3; i++) {
        OK(hws_conn_pause(conn, 1));
        EXPECT(!is_readable((int)pollable, 0));
        OK(hws_conn_pause(conn, 0));
        EXPECT(is_readable((int)pollable, 0));
    }
    event = next(pair.engine);
    EXPECT(is_text(&event, "ahoy") && !is_readable((int)pollable, 0));
}

static int wakes;

static void count_wake(void *user)
{
    EXPECT(user == &wakes);
    __atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST);
}

static int wakes_so_far(void) { return __atomic_load_n(&wakes, __ATOMIC_SEQ_CST); }

/* The hook is called when there is something for a host that has taken all, and not for what the thread does itself. */
static void the_wake_hook_tells_of_events(void)
{
    pair pair = serve_apart(NULL, NULL);
    int i, before, fd;
    hws_event event;
    OK(hws_engine_on_wake(pair.engine, count_wake, &wakes));
    fd = open_unheard(&pair);
    while (!wakes_so_far()) poll(NULL, 0, 1);
    event = next(pair.engine);
    for (i = 0; i < 100; i++) {
        before = wakes_so_far();
        send_text(event.conn, "ahoy");
        raw_frame(fd, FIN | HWS_PING, "ahoy", 4);
        expect_frame(fd, FIN | HWS_TEXT, "ahoy", 4);
        expect_frame(fd, FIN | HWS_PONG, "ahoy", 4);
        EXPECT(wakes_so_far() == before);
        raw_frame(fd, FIN | HWS_TEXT, "hoya", 4);
        while (wakes_so_far() == before) poll(NULL, 0, 1);
        event = next(pair.engine);
        EXPECT(is_text(&event, "hoya"));
    }
    before = wakes_so_far();
    OK(hws_wake(pair.engine));
    EXPECT(wakes_so_far() > before);
    OK(hws_engine_on_wake(pair.engine, NULL, NULL));
}

static void a_receive_takes_what_waits(void)
{
    pair pair = serve_apart(NULL, NULL);
    int i, first = open_unheard(&pair), second = open_unheard(&pair);
    hws_conn conns[2];
    hws_event event;
    conns[0] = next(pair.engine).conn;
    conns[1] = next(pair.engine).conn;
    for (i = 0; i < 500; i++) {
        raw_frame(first, FIN | HWS_BINARY, &i, sizeof i);
        raw_frame(second, FIN | HWS_BINARY, &i, sizeof i);
    }
    for (i = 0; i < 500; i++) {
        OK(hws_recv(conns[1], &event, sizeof event, 10000));
        EXPECT(event.conn.id == conns[1].id && !memcmp(event.data.ptr, &i, sizeof i));
    }
    FAILS(hws_recv(conns[1], &event, sizeof event, 10), HWS_ERR_RECV_TIMEOUT);
    close(second);
    FAILS(hws_recv(conns[1], &event, sizeof event, 10000), HWS_ERR_CLOSED_ERROR);
    for (i = 0; i < 500; i++) {
        event = next(pair.engine);
        EXPECT(event.conn.id == conns[0].id && !memcmp(event.data.ptr, &i, sizeof i));
    }
}

/* --- the thread itself ------------------------------------------------------------------------------------ */

static struct {
    pthread_t host;
    int lines, elsewhere;
    hws_engine engine, to_free;
} logbook;

static void take_line(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t len)
{
    uint32_t state;
    (void)user, (void)level, (void)target, (void)text, (void)len;
    __atomic_add_fetch(&logbook.lines, 1, __ATOMIC_SEQ_CST);
    if (!pthread_equal(pthread_self(), logbook.host)) __atomic_add_fetch(&logbook.elsewhere, 1, __ATOMIC_SEQ_CST);
    (void)hws_conn_state((hws_conn){ handle }, &state); /* no lock is held */
    if (logbook.to_free.id && !strncmp(text, "open", 4)) {
        FAILS(hws_engine_free(logbook.to_free), HWS_ERR_CALLBACK);
        logbook.to_free.id = 0;
    }
}

/* Nobody polls, and the lines come all the same. */
static void its_log_is_written_by_the_thread(void)
{
    pair pair;
    logbook.host = pthread_self();
    OK(hws_set_logger(HWS_LOG_TRACE, take_line, NULL));
    pair = serve_apart(NULL, NULL);
    open_unheard(&pair);
    while (!__atomic_load_n(&logbook.elsewhere, __ATOMIC_SEQ_CST)) poll(NULL, 0, 1);
    OK(hws_engine_free(pair.engine));
    OK(hws_set_logger(0, NULL, NULL));
}

/* How many threads of this process have this name. */
static int threads_named(const char *name)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    int found = 0;
    EXPECT(tasks);
    while ((task = readdir(tasks))) {
        char path[300], comm[32] = "";
        FILE *file;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        if (!(file = fopen(path, "r"))) continue;
        if (fgets(comm, sizeof comm, file)) comm[strcspn(comm, "\n")] = '\0';
        fclose(file);
        found += !strcmp(comm, name);
    }
    closedir(tasks);
    return found;
}

static void the_thread_has_a_name_and_ends_with_its_engine(void)
{
    hws_engine engines[5];
    int i;
    for (i = 0; i < 5; i++) engines[i] = engine_new();
    while (threads_named("hawser-io") < 5) poll(NULL, 0, 1); /* they give themselves their names */
    EXPECT(threads_named("hawser-io") == 5);
    for (i = 0; i < 5; i++) OK(hws_engine_free(engines[i]));
    /* it has been waited for; the kernel may show it for a moment yet */
    for (i = 0; i < 1000 && threads_named("hawser-io"); i++) poll(NULL, 0, 1);
    EXPECT(threads_named("hawser-io") == 0);
}

/* On the thread that would be waited for: hooks call nothing. */
static void the_logger_cannot_free_the_engine(void)
{
    pair pair;
    OK(hws_set_logger(HWS_LOG_INFO, take_line, NULL));
    pair = serve_apart(NULL, NULL);
    logbook.to_free = pair.engine;
    raw_write(raw_connect(port_of(&pair), 0), raw_request, sizeof raw_request - 1);
    EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
    OK(hws_engine_free(pair.engine));
    EXPECT(logbook.to_free.id == 0);
    OK(hws_set_logger(0, NULL, NULL));
}

typedef struct speaker {
    hws_conn conn;
    int count;
} speaker;

static void *speak(void *argument)
{
    const speaker *speaker = argument;
    int i;
    for (i = 0; i < speaker->count; i++) {
        hws_status status;
        while ((status = hws_send(speaker->conn, HWS_BINARY, &i, sizeof i, NULL)) == HWS_ERR_SEND_QUEUE_FULL)
            poll(NULL, 0, 1);
        OK(status);
    }
    return NULL;
}

/* Four threads send while one polls: everybody hears everything, in its order. */
static void a_storm_of_threads_hears_everything(void)
{
    enum { SPEAKERS = 4, COUNT = 20000 };
    pair pair = serve_apart(NULL, NULL);
    speaker speakers[SPEAKERS];
    hws_conn servers[SPEAKERS];
    pthread_t threads[SPEAKERS];
    int heard[SPEAKERS] = { 0 }, s, all = 0;
    hws_event events[64];
    uint32_t count, e;
    for (s = 0; s < SPEAKERS; s++) {
        join(&pair, NULL);
        speakers[s] = (speaker){ pair.client, COUNT };
        servers[s] = pair.server;
    }
    for (s = 0; s < SPEAKERS; s++) threads[s] = go(speak, &speakers[s]);
    while (all < SPEAKERS * COUNT) {
        OK(hws_poll(pair.engine, events, sizeof *events, LENGTH(events), 10000, &count));
        EXPECT(count > 0);
        for (e = 0; e < count; e++) {
            if (events[e].kind == HWS_EVENT_WRITABLE) continue;
            for (s = 0; s < SPEAKERS && servers[s].id != events[e].conn.id; s++) continue;
            EXPECT(s < SPEAKERS && events[e].kind == HWS_EVENT_MESSAGE);
            EXPECT(!memcmp(events[e].data.ptr, &heard[s], sizeof(int)));
            heard[s]++;
            all++;
        }
    }
    for (s = 0; s < SPEAKERS; s++) done(threads[s]);
    OK(hws_engine_free(pair.engine));
}

/* Clients that do not open are no reason to fill the memory of a host that stalls: all are counted, not all are told. */
static void what_belongs_to_nobody_is_bounded(void)
{
    enum { STRANGERS = 17000 };
    pair pair = serve_apart(NULL, NULL);
    uint64_t refused = 0;
    uint32_t count;
    hws_event event;
    int i, told = 0;
    for (i = 0; i < STRANGERS; i++) close(raw_connect(port_of(&pair), 0));
    while (refused < STRANGERS) OK(hws_engine_refusals(pair.engine, HWS_ERR_ERROR, &refused));
    EXPECT(refused == STRANGERS && stats_of_engine(pair.engine).handshake_failures == STRANGERS);
    for (;;) {
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 100, &count));
        if (!count) break;
        EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.error->status == event.status);
        told++;
    }
    EXPECT(told == 16384);
    /* and there is room again */
    close(raw_connect(port_of(&pair), 0));
    EXPECT(next(pair.engine).kind == HWS_EVENT_ACCEPT_FAILED);
}

/* A listener whose host decides on each request, and stalls: those for whom there is no room are told to come later. */
static void requests_that_nobody_takes_are_answered(void)
{
    enum { ROOM = 16384 };
    const hws_route route = { .struct_size = sizeof route, .pattern = hws_cstr("/"), .decide = HWS_ON };
    const hws_server_options options = {
        .struct_size = sizeof options, .bind = hws_cstr("127.0.0.1:0"), .routes = &route, .route_count = 1 };
    pair pair = { .engine = engine_new() };
    uint64_t refused = 0;
    char answer[12];
    hws_event event;
    hws_conn conn;
    int i, fd;
    OK(hws_listen(pair.engine, &options, &pair.listener));
    OK(hws_listener_address(pair.listener, pair.uri, sizeof pair.uri, NULL));
    for (i = 0; i < ROOM / 2; i++) { /* a request each, and that its peer has left */
        fd = raw_connect(port_of(&pair), 0);
        raw_write(fd, raw_request, sizeof raw_request - 1);
        close(fd);
    }
    while (stats_of_engine(pair.engine).handshake_failures < ROOM / 2) poll(NULL, 0, 1);
    fd = raw_connect(port_of(&pair), 0);
    raw_write(fd, raw_request, sizeof raw_request - 1);
    raw_read(fd, answer, sizeof answer);
    EXPECT(!memcmp(answer, "HTTP/1.1 503", sizeof answer));
    close(fd);
    while (refused < 1) OK(hws_engine_refusals(pair.engine, HWS_ERR_QUEUE_FULL, &refused));
    for (i = 0; i < ROOM; i++) {
        event = next(pair.engine);
        EXPECT((event.kind == HWS_EVENT_REQUEST || event.kind == HWS_EVENT_ACCEPT_FAILED) && event.request.id);
    }
    /* and there is room again */
    fd = raw_connect(port_of(&pair), 0);
    raw_write(fd, raw_request, sizeof raw_request - 1);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_REQUEST);
    OK(hws_request_accept(event.request, NULL, &conn));
    EXPECT(next(pair.engine).conn.id == conn.id);
    raw_read(fd, answer, sizeof answer);
    EXPECT(!memcmp(answer, "HTTP/1.1 101", sizeof answer));
}

/* In the place of one that this thread has polled itself. */
static void an_engine_follows_one_without_a_thread(void)
{
    hws_engine_options here = { .struct_size = sizeof here, .io_thread = HWS_OFF };
    hws_engine engine;
    hws_event event;
    uint32_t count;
    int round, i;
    for (round = 0; round < 50; round++) {
        OK(hws_engine_new(&here, &engine));
        for (i = 0; i < 20; i++) poll_without_room(engine);
        OK(hws_engine_free(engine));
        engine = engine_new();
        OK(hws_poll(engine, &event, sizeof event, 1, 1, &count));
        EXPECT(count == 0);
        OK(hws_engine_free(engine));
    }
}

static void without_a_thread_there_is_no_engine(void)
{
    hws_engine_options options = { .struct_size = sizeof options, .io_thread = HWS_ON };
    struct rlimit before, little;
    hws_engine engine = engine_new(), none = { 7 };
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    OK(hws_engine_free(engine)); /* what is made once is there */
    EXPECT(file && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    EXPECT(!getrlimit(RLIMIT_AS, &before));
    little = before;
    little.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + 64 * 1024; /* no room for a stack */
    EXPECT(!setrlimit(RLIMIT_AS, &little));
    for (;;) { /* the stack of the first may have been kept for the next */
        hws_status status = hws_engine_new(&options, &none);
        if (status != HWS_OK) break;
    }
    EXPECT(!setrlimit(RLIMIT_AS, &before));
    EXPECT(hws_last_error()->status == HWS_ERR_IO && hws_last_error()->os_error == EAGAIN);
    EXPECT(strstr(hws_last_error()->message.ptr, "thread"));
    OK(hws_engine_new(&options, &engine));
}

TESTS(T(a_host_that_stalls_looks_alive), T(a_host_that_stalls_finds_everything_in_order),
      T(connections_open_and_end_while_the_host_stalls), T(deadlines_are_kept_while_the_host_stalls),
      T(what_came_before_a_close_can_be_answered), T(a_close_is_answered_though_the_host_stalls), T(sends_leave_at_once),
      T(the_descriptor_tells_of_events_and_wakes), T(the_descriptor_tells_of_nothing_that_is_held),
      T(the_wake_hook_tells_of_events), T(a_receive_takes_what_waits),
      T(its_log_is_written_by_the_thread), T(the_thread_has_a_name_and_ends_with_its_engine),
      T(the_logger_cannot_free_the_engine), T(a_storm_of_threads_hears_everything), T(what_belongs_to_nobody_is_bounded),
      T(requests_that_nobody_takes_are_answered), T(an_engine_follows_one_without_a_thread),
      T(without_a_thread_there_is_no_engine))
