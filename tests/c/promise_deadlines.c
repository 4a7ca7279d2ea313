/* Promise 6: deadlines live in the engine, whatever the caller or the peer does. The caller here does nothing at all
 * until they have passed; then one poll tells. */
#include "raw.h"

/* Longer than any deadline here. There is no event to wait for: that nobody polls is the point. */
static void do_something_else(void) { usleep(60000); }

enum { SHORT = 20 };

/* The next poll, which does not wait, gives this. */
static hws_event now(hws_engine engine, hws_event_kind kind)
{
    hws_event event;
    uint32_t count;
    OK(hws_poll(engine, &event, sizeof event, 1, 0, &count));
    EXPECT(count == 1 && event.kind == kind);
    return event;
}

static void is_timeout(const hws_error_info *error, hws_status status)
{
    EXPECT(error && error->status == status && error->timeout_ms == SHORT);
    EXPECT(hws_status_is_a(status, HWS_ERR_TIMEOUT));
}

static void an_opening_that_is_never_answered(void)
{
    setup setup = { .client_timers.open_ms = SHORT };
    pair pair = serve(NULL);
    char uri[64];
    hws_event event;
    int fd = silent_server(uri);

    dial(pair.engine, uri, &setup);
    do_something_else();
    event = now(pair.engine, HWS_EVENT_CONNECT_FAILED);
    EXPECT(hws_status_is_a(event.status, HWS_ERR_TIMEOUT));
    is_timeout(event.error, event.status);
    close(fd);
}

/* The request is out, and its answer never comes. */
static void a_handshake_that_is_never_answered(void)
{
    setup setup = { .client_timers.open_ms = SHORT };
    pair pair = serve(NULL);
    char uri[64], head[16];
    hws_event event;
    int fd = silent_server(uri), peer;

    dial(pair.engine, uri, &setup);
    EXPECT(!hws_poll(pair.engine, &event, sizeof event, 1, 5, &(uint32_t){ 0 }));
    peer = accept(fd, NULL, NULL);
    raw_read(peer, head, 3);
    do_something_else();
    event = now(pair.engine, HWS_EVENT_CONNECT_FAILED);
    EXPECT(event.status == HWS_ERR_HANDSHAKE_TIMEOUT);
    is_timeout(event.error, HWS_ERR_HANDSHAKE_TIMEOUT);
    close(peer);
    close(fd);
}

/* A client that says nothing is told 408, and has close_ms to go. */
static void a_request_that_never_comes(void)
{
    setup setup = { .server_timers = { .open_ms = SHORT, .close_ms = SHORT } };
    pair pair = serve(&setup);
    char answer[12];
    hws_event event;
    uint32_t count;
    int fd = raw_connect(port_of(&pair), 0);

    OK(hws_poll(pair.engine, &event, sizeof event, 1, 10, &count));
    do_something_else();
    poll_without_room(pair.engine);
    raw_read(fd, answer, sizeof answer);
    EXPECT(!memcmp(answer, "HTTP/1.1 408", sizeof answer));
    do_something_else();
    event = now(pair.engine, HWS_EVENT_ACCEPT_FAILED);
    EXPECT(event.status == HWS_ERR_HANDSHAKE_TIMEOUT && event.listener.id == pair.listener.id);
    close(fd);
}

static void a_close_that_is_never_answered(void)
{
    setup setup = { .server_timers.close_ms = SHORT };
    pair pair = serve(&setup);
    hws_event event;
    raw_open(&pair, 0, &pair.server);
    OK(hws_close(pair.server, 1000, hws_cstr("")));
    do_something_else();
    event = now(pair.engine, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR && event.error->close_code == 1006);
    is_timeout(event.error->cause, HWS_ERR_CLOSE_TIMEOUT);
}

static void a_peer_that_takes_nothing(void)
{
    static const char data[12 << 20];
    setup setup = { .server_timers.send_ms = SHORT };
    pair pair = serve(&setup);
    hws_event event;
    raw_open(&pair, 4096, &pair.server);
    OK(hws_send(pair.server, HWS_BINARY, data, sizeof data, NULL));
    poll_without_room(pair.engine);
    do_something_else();
    event = now(pair.engine, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR);
    is_timeout(event.error->cause, HWS_ERR_SEND_TIMEOUT);
}

/* What is sent after a long silence is not overdue at once, nor is its connection idle: time has passed that no poll has
 * seen. */
static void a_peer_has_its_time_from_when_something_is_sent(void)
{
    static char data[4 << 20];
    enum { ENOUGH = 2000 };
    setup setup = { .server_timers = { .send_ms = ENOUGH, .idle_ms = ENOUGH, .ping_interval_ms = HWS_NEVER } };
    pair pair = serve(&setup);
    hws_conn conns[6];
    hws_event event;
    uint32_t state, count;
    int i;
    for (i = 0; i < 6; i++) raw_open(&pair, i % 2 ? 0 : 4096, &conns[i]); /* half of them take nothing */
    for (i = 2; i < 4; i++) OK(hws_subscribe(conns[i], hws_cstr("topic")));
    for (i = 0; i <= ENOUGH / 60; i++) do_something_else();
    for (i = 0; i < 2; i++) OK(hws_send(conns[i], HWS_BINARY, data, i ? 1 : sizeof data, NULL));
    OK(hws_publish(pair.engine, hws_cstr("topic"), HWS_BINARY, data, sizeof data, NULL, NULL, NULL));
    OK(hws_send_many(conns + 4, 2, HWS_BINARY, data, sizeof data, NULL, NULL, NULL));
    for (i = 0; i < 3; i++) {
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
    }
    for (i = 0; i < 6; i++) {
        OK(hws_conn_state(conns[i], &state));
        EXPECT(state == HWS_STATE_OPEN);
    }
}

/* The peer is told why, and given close_ms to go. */
static void ends_after_two(const setup *setup, hws_status cause)
{
    pair pair = serve(setup);
    unsigned char payload[125];
    unsigned first;
    size_t len;
    hws_event event;
    int fd = raw_open(&pair, 0, &pair.server);

    do_something_else();
    poll_without_room(pair.engine);
    do_something_else();
    poll_without_room(pair.engine);
    do first = raw_read_frame(fd, payload, sizeof payload, &len);
    while (first == (FIN | HWS_PING));
    EXPECT(first == (FIN | HWS_CLOSE) && len >= 2 && payload[0] * 256 + payload[1] == 1011);
    do_something_else();
    event = now(pair.engine, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR);
    is_timeout(event.error->cause, cause);
}

static void a_connection_that_is_idle(void)
{
    setup setup = { .server_timers = { .idle_ms = SHORT, .close_ms = SHORT } };
    ends_after_two(&setup, HWS_ERR_IDLE_TIMEOUT);
}

static void a_ping_that_is_never_answered(void)
{
    setup setup = { .server_timers = { .ping_interval_ms = SHORT, .ping_timeout_ms = SHORT, .close_ms = SHORT } };
    ends_after_two(&setup, HWS_ERR_PING_TIMEOUT);
}

/* A poller that sleeps without end is woken by a deadline; and HWS_NEVER is none. */
static void a_deadline_wakes_a_poll_without_end(void)
{
    setup setup = { .server_timers = { .open_ms = HWS_NEVER, .send_ms = HWS_NEVER, .ping_interval_ms = HWS_NEVER } };
    pair pair;
    hws_event event;
    uint32_t count;
    setup.server_timers.close_ms = SHORT;
    pair = serve(&setup);
    EXPECT(until_it_sleeps(pair.engine) == HWS_NEVER);
    raw_open(&pair, 0, &pair.server);
    OK(hws_close(pair.server, 1000, hws_cstr("")));
    OK(hws_poll(pair.engine, &event, sizeof event, 1, HWS_NEVER, &count));
    EXPECT(count == 1 && event.kind == HWS_EVENT_CLOSE);
}

/* Messages that came in time are told before the deadline ends their connection, even when nobody asked for long. */
static void what_came_in_time_is_told_first(void)
{
    setup setup = { .server_timers = { .idle_ms = SHORT, .close_ms = SHORT } };
    pair pair = serve(&setup);
    frames frames = { 0 };
    int i, fd = raw_open(&pair, 0, &pair.server);
    for (i = 0; i < 10; i++) put_frame(&frames, FIN | HWS_TEXT, "ahoy", 4);
    raw_send(fd, &frames);
    do_something_else();
    for (i = 0; i < 10; i++) EXPECT(next(pair.engine).kind == HWS_EVENT_MESSAGE);
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).error->cause->status == HWS_ERR_IDLE_TIMEOUT);
}

/* A host that stalls for longer than the ping's deadline must not take it for a dead peer: the answer is there, each
 * time. */
static void a_pong_that_came_in_time_counts(void)
{
    setup setup = { .server_timers = { .ping_interval_ms = SHORT, .ping_timeout_ms = SHORT } };
    pair pair = serve(&setup);
    char payload[125];
    uint32_t state;
    size_t len;
    int i, fd = raw_open(&pair, 0, &pair.server);

    for (i = 0; i < 4; i++) {
        do_something_else();
        poll_without_room(pair.engine);
        EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING));
        raw_frame(fd, FIN | HWS_PONG, payload, len);
        do_something_else();
        EXPECT(!hws_poll(pair.engine, &(hws_event){ 0 }, sizeof(hws_event), 1, 0, &(uint32_t){ 0 }));
        OK(hws_conn_state(pair.server, &state));
        EXPECT(state == HWS_STATE_OPEN);
    }
}

/* Whoever has said something each time is never idle, however often nobody looks in time. */
static void what_came_in_time_counts_each_time(void)
{
    setup setup = { .server_timers = { .idle_ms = SHORT, .close_ms = SHORT, .ping_interval_ms = HWS_NEVER } };
    pair pair = serve(&setup);
    int i, fd = raw_open(&pair, 0, &pair.server);
    for (i = 0; i < 4; i++) {
        raw_frame(fd, FIN | HWS_TEXT, "ahoy", 4);
        do_something_else();
        EXPECT(next(pair.engine).kind == HWS_EVENT_MESSAGE);
    }
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).error->cause->status == HWS_ERR_IDLE_TIMEOUT);
}

/* A host that has no room for events reads nothing: until it has, nobody is dead whose answer lies there. */
static void a_host_without_room_takes_nobody_for_dead(void)
{
    setup setup = { .server_timers = { .ping_interval_ms = SHORT, .ping_timeout_ms = SHORT, .close_ms = SHORT } };
    pair pair = serve(&setup);
    char payload[125];
    hws_event event;
    uint32_t state, count;
    size_t len;
    int i, fd = raw_open(&pair, 0, &pair.server);

    do_something_else();
    poll_without_room(pair.engine);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING));
    raw_frame(fd, FIN | HWS_PONG, payload, len);
    raw_frame(fd, FIN | HWS_TEXT, "alive", 5);
    for (i = 0; i < 5; i++) {
        do_something_else();
        poll_without_room(pair.engine);
    }
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
    EXPECT(count == 1 && event.kind == HWS_EVENT_MESSAGE && is_text(&event, "alive"));
    OK(hws_conn_state(pair.server, &state));
    EXPECT(state == HWS_STATE_OPEN);
    /* who has really gone silent is found out all the same */
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).error->cause->status == HWS_ERR_PING_TIMEOUT);
}

TESTS(T(an_opening_that_is_never_answered), T(a_handshake_that_is_never_answered), T(a_request_that_never_comes),
      T(a_close_that_is_never_answered), T(a_peer_that_takes_nothing),
      T(a_peer_has_its_time_from_when_something_is_sent), T(a_connection_that_is_idle),
      T(a_ping_that_is_never_answered), T(a_deadline_wakes_a_poll_without_end), T(what_came_in_time_is_told_first),
      T(a_pong_that_came_in_time_counts),
      T(what_came_in_time_counts_each_time),
      T(a_host_without_room_takes_nobody_for_dead))
