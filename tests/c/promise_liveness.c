/* A peer that is dead is noticed, and one that lives is left alone: keepalive pings and heartbeats of the host's own. */
#include "hearing.h"
#include <time.h>

enum { OFTEN = 20, SOON = 1000, PATIENT = 5000 };

static hws_bytes bytes(const char *text)
{
    hws_bytes bytes = { (const uint8_t *)text, strlen(text) };
    return bytes;
}

static hws_heartbeat asking(const char *message, const char *answer)
{
    hws_heartbeat heartbeat = { .struct_size = sizeof heartbeat, .interval_ms = OFTEN, .timeout_ms = PATIENT };
    heartbeat.message = bytes(message);
    heartbeat.answer = bytes(answer);
    return heartbeat;
}

/* A server whose connections have this heartbeat, and a client by hand. */
static pair heartbeating(const hws_heartbeat *heartbeat, hws_limits limits)
{
    hws_timers timers = { .struct_size = sizeof timers, .ping_interval_ms = HWS_NEVER };
    limits.struct_size = sizeof limits;
    return server_with((hws_server_options){ .heartbeat = heartbeat, .timers = &timers, .limits = &limits });
}

/* Lets the engine work until the peer has something to read; no event comes meanwhile. */
static void until_readable(hws_engine engine, int fd)
{
    hws_event event;
    uint32_t count;
    char byte;
    while (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) {
        EXPECT(errno == EAGAIN);
        OK(hws_poll(engine, &event, sizeof event, 1, 1, &count));
        EXPECT(count == 0);
    }
}

static void expect_beat(hws_engine engine, int fd, hws_opcode opcode, const char *message)
{
    static char payload[70000];
    size_t len;
    until_readable(engine, fd);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | opcode));
    EXPECT(len == strlen(message) && !memcmp(payload, message, len));
}

/* We are told why, and leave. */
static void expect_close(hws_engine engine, int fd)
{
    char payload[125];
    size_t len;
    until_readable(engine, fd);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_CLOSE));
    EXPECT(len > 2 && !memcmp(payload, "\x03\xf3", 2)); /* 1011 */
    close(fd);
}

static hws_stats stats_of(hws_conn conn)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_conn_stats(conn, &stats));
    return stats;
}

/* Three rounds of which the host hears nothing, but that the round trip is known. */
static void a_heartbeat_is_answered_behind_the_hosts_back(void)
{
    hws_heartbeat heartbeat = asking("{\"op\":\"ping\"}", "\"op\":\"pong\"");
    pair pair;
    int fd, round;
    heartbeat.matching = HWS_MATCH_CONTAINS;
    pair = heartbeating(&heartbeat, (hws_limits){ 0 });
    fd = raw_open(&pair, 0, &pair.server);
    for (round = 0; round < 3; round++) {
        expect_beat(pair.engine, fd, HWS_TEXT, "{\"op\":\"ping\"}");
        raw_frame(fd, FIN | HWS_TEXT, "{\"op\":\"pong\",\"t\":1}", 19);
    }
    raw_frame(fd, FIN | HWS_TEXT, "data", 4);
    EXPECT(is_text(&(hws_event){ .data = next(pair.engine).data }, "data"));
    EXPECT(stats_of(pair.server).rtt_us > 0 && stats_of(pair.server).messages_in == 4);
    EXPECT(stats_of(pair.server).messages_out >= 3);
}

static void an_answer_is_delivered_on_request(void)
{
    hws_heartbeat heartbeat = asking("ping", "pong");
    pair pair;
    int fd;
    heartbeat.deliver = HWS_ON;
    heartbeat.opcode = HWS_BINARY;
    pair = heartbeating(&heartbeat, (hws_limits){ 0 });
    fd = raw_open(&pair, 0, &pair.server);
    expect_beat(pair.engine, fd, HWS_BINARY, "ping");
    raw_frame(fd, FIN | HWS_TEXT, "pong", 4);
    EXPECT(next(pair.engine).kind == HWS_EVENT_MESSAGE);
}

/* Whatever comes answers, is delivered, and is no measure of the way. */
static void any_message_is_a_sign_of_life(void)
{
    hws_heartbeat heartbeat = asking("ping", "");
    pair pair;
    int fd;
    heartbeat.matching = HWS_MATCH_ANY;
    pair = heartbeating(&heartbeat, (hws_limits){ 0 });
    fd = raw_open(&pair, 0, &pair.server);
    expect_beat(pair.engine, fd, HWS_TEXT, "ping");
    raw_frame(fd, FIN | HWS_TEXT, "news", 4);
    EXPECT(next(pair.engine).kind == HWS_EVENT_MESSAGE);
    expect_beat(pair.engine, fd, HWS_TEXT, "ping");
    EXPECT(stats_of(pair.server).rtt_us == 0);
}

/* As large as they may be, in both directions, and every byte of the options is copied. */
static void heartbeats_may_be_large(void)
{
    static char large[(64 << 10) + 1], other[(64 << 10) + 1];
    hws_heartbeat heartbeat;
    pair pair;
    int fd;
    memset(large, 'a', sizeof large - 1);
    memset(other, 'b', sizeof other - 1);
    heartbeat = asking(large, other);
    pair = heartbeating(&heartbeat, (hws_limits){ 0 });
    memset(other, 'c', sizeof other - 1); /* ours again */
    fd = raw_open(&pair, 0, &pair.server);
    expect_beat(pair.engine, fd, HWS_TEXT, large);
    memset(other, 'b', sizeof other - 1);
    raw_frame(fd, FIN | HWS_TEXT, other, sizeof other - 1);
    expect_beat(pair.engine, fd, HWS_TEXT, large);
}

/* A route has its own, or none. */
static void each_route_has_its_own(void)
{
    hws_heartbeat usual = asking("usual", "!"), none = asking("none", "!"), own = asking("own", "!");
    hws_route routes[3] = { { .pattern = HWS_STR("/usual") }, { .pattern = HWS_STR("/none") }, { .pattern = HWS_STR("/own") } };
    const char *const beats[3] = { "usual", NULL, "own" };
    hws_timers timers = { .struct_size = sizeof timers, .ping_interval_ms = HWS_NEVER };
    pair pair;
    int i;
    none.interval_ms = HWS_NEVER;
    routes[1].heartbeat = &none;
    routes[2].heartbeat = &own;
    for (i = 0; i < 3; i++) routes[i].struct_size = sizeof routes[i];
    pair = server_with((hws_server_options){ .heartbeat = &usual, .timers = &timers, .routes = routes, .route_count = 3 });
    for (i = 0; i < 3; i++) {
        char request[256];
        int fd = raw_connect(port_of(&pair), 0), len;
        len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n%s", routes[i].pattern.ptr, strstr(raw_request, "Host"));
        raw_write(fd, request, (size_t)len);
        pair.server = await(pair.engine, any, HWS_EVENT_OPEN).conn;
        raw_read_head(fd);
        if (beats[i]) expect_beat(pair.engine, fd, HWS_TEXT, beats[i]);
        else until_it_sleeps(pair.engine);
        OK(hws_abort(pair.server));
        EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).conn.id == pair.server.id);
        close(fd);
    }
}

/* A host that has paused the connection sees no answer, and that is no death. */
static void a_heartbeat_rests_during_a_pause(void)
{
    hws_heartbeat heartbeat = asking("ping", "pong");
    pair pair;
    hws_event event;
    uint32_t count;
    int fd;
    heartbeat.timeout_ms = SOON;
    pair = heartbeating(&heartbeat, (hws_limits){ 0 });
    fd = raw_open(&pair, 0, &pair.server);
    expect_beat(pair.engine, fd, HWS_TEXT, "ping");
    OK(hws_conn_pause(pair.server, 1));
    raw_frame(fd, FIN | HWS_TEXT, "pong", 4);
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 2 * SOON, &count));
    EXPECT(count == 0);
    OK(hws_conn_pause(pair.server, 0));
    expect_beat(pair.engine, fd, HWS_TEXT, "ping");
    expect_close(pair.engine, fd);
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).error->cause->status == HWS_ERR_PING_TIMEOUT);
}

/* What a paused connection is heard to say at its end may be an answer, and that is not for the host. */
static void an_answer_is_one_when_a_pause_is_cut_short(void)
{
    hws_heartbeat heartbeat = asking("ping", "pong");
    pair pair;
    int i, fd;
    pair = heartbeating(&heartbeat, (hws_limits){ 0 });
    fd = raw_open(&pair, 0, &pair.server);
    expect_beat(pair.engine, fd, HWS_TEXT, "ping");
    OK(hws_conn_pause(pair.server, 1));
    raw_frame(fd, FIN | HWS_TEXT, "pong", 4);
    raw_reset(fd);
    for (i = 0; i < 3; i++) (void)!hws_send(pair.server, HWS_TEXT, "hoya", 4, NULL);
    EXPECT(next(pair.engine).kind == HWS_EVENT_CLOSE);
}

/* --- the keepalive ---------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The server's end, which pings, and our own by hand. */
static pair pinging(int32_t interval_ms, int32_t timeout_ms)
{
    setup setup = { .server_timers.ping_interval_ms = interval_ms, .server_timers.ping_timeout_ms = timeout_ms };
    return serve(&setup);
}

/* The next ping, answered or not. */
static void hear_ping(hws_engine engine, int fd, int answer)
{
    char payload[125];
    size_t len;
    until_readable(engine, fd);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING) && len == 8);
    if (answer) raw_frame(fd, FIN | HWS_PONG, payload, len);
}

/* The connection has ended because no pong came; the peer has neither closed nor answered anything. */
static void is_noticed(hws_event event)
{
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.status == HWS_ERR_CLOSED_ERROR);
    EXPECT(event.error->cause && event.error->cause->status == HWS_ERR_PING_TIMEOUT);
    EXPECT(event.error->close_sent.present && event.error->close_sent.code == 1011 && !event.error->close_rcvd.present);
    EXPECT(event.error->close_code == 1006 && event.error->retryable == HWS_RETRY_YES);
}

/* Whichever is longer: while pongs come nothing ends, and when they do not, it ends after the timeout and not before. The
 * peer's end of TCP stays open throughout, and the closing handshake has no deadline of its own: nobody waits for it. */
static void notices_with(int32_t interval_ms, int32_t timeout_ms)
{
    setup setup = { .server_timers.ping_interval_ms = interval_ms, .server_timers.ping_timeout_ms = timeout_ms };
    pair pair;
    hws_event event;
    int64_t asked;
    int i, fd;
    setup.server_timers.close_ms = HWS_NEVER;
    pair = serve(&setup);
    fd = raw_open(&pair, 0, &pair.server);
    for (i = 0; i < 5; i++) hear_ping(pair.engine, fd, 1);
    asked = now_ms();
    hear_ping(pair.engine, fd, 0);
    event = next(pair.engine);
    is_noticed(event);
    EXPECT(event.error->cause->timeout_ms == timeout_ms && now_ms() - asked >= timeout_ms);
    EXPECT(stats_of(pair.server).pongs == 5);
    OK(hws_engine_free(pair.engine));
    close(fd);
}

static void a_dead_peer_is_noticed_whichever_is_longer(void)
{
    notices_with(10, 60);
    notices_with(30, 30);
    notices_with(60, 10);
}

/* A thread that writes as fast as it can, and reads nothing. */
static void *flood(void *argument)
{
    static const char frame[] = "\x82\x82\0\0\0\0..";
    static char many[8 * 4096];
    size_t i;
    for (i = 0; i < sizeof many; i++) many[i] = frame[i % 8];
    while (send(*(int *)argument, many, sizeof many, MSG_NOSIGNAL) > 0) continue;
    return NULL;
}

/* Its messages are welcome, but it does not answer; and they must not hold up what is due, however small the batches. */
static void notices_through_a_flood(uint32_t capacity)
{
    pair pair = pinging(OFTEN, OFTEN);
    hws_event events[64];
    uint32_t count, i, messages = 0;
    int fd = raw_open(&pair, 0, &pair.server);
    pthread_t flooder = go(flood, &fd);
    for (;;) {
        OK(hws_poll(pair.engine, events, sizeof events[0], capacity, 10000, &count));
        for (i = 0; i < count && events[i].kind == HWS_EVENT_MESSAGE; i++) messages++;
        if (i < count || !count) break;
    }
    EXPECT(i < count && messages > 0);
    is_noticed(events[i]);
    OK(hws_engine_free(pair.engine));
    shutdown(fd, SHUT_RDWR);
    done(flooder);
    close(fd);
}

static void a_flood_hides_no_death(void)
{
    notices_through_a_flood(1);
    notices_through_a_flood(64);
}

/* What we say cannot leave, so neither can the ping, nor the Close frame. */
static void one_that_takes_nothing_is_dead_too(void)
{
    static const char large[1 << 20];
    pair pair = pinging(OFTEN, OFTEN);
    int fd = raw_open(&pair, 4096, &pair.server);
    hws_event event;
    while (hws_send(pair.server, HWS_BINARY, large, sizeof large, NULL) == HWS_OK) continue;
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.error->cause->status == HWS_ERR_PING_TIMEOUT);
    close(fd);
}

/* A FIN without a Close frame is no silence: it is noticed at once. */
static void half_a_close_is_noticed_at_once(void)
{
    pair pair = pinging(HWS_NEVER, HWS_NEVER);
    int fd = raw_open(&pair, 0, &pair.server);
    shutdown(fd, SHUT_WR);
    EXPECT(next(pair.engine).error->cause->status == HWS_ERR_UNEXPECTED_EOF);
    close(fd);
}

/* And so is one instead of the answer to our Close. */
static void half_a_close_is_no_answer(void)
{
    setup setup = { .server_timers.close_ms = HWS_NEVER };
    pair pair = serve(&setup);
    int fd = raw_open(&pair, 0, &pair.server);
    OK(hws_close(pair.server, 1000, hws_cstr("")));
    shutdown(fd, SHUT_WR);
    EXPECT(next(pair.engine).error->cause->status == HWS_ERR_UNEXPECTED_EOF);
    close(fd);
}

static void a_host_that_only_receives_hears_of_it(void)
{
    pair pair = pinging(OFTEN, OFTEN);
    int fd = raw_open(&pair, 0, &pair.server);
    hws_event event;
    FAILS(hws_recv(pair.server, &event, sizeof event, 10000), HWS_ERR_CLOSED_ERROR);
    EXPECT(hws_last_error()->cause->status == HWS_ERR_PING_TIMEOUT);
    close(fd);
}

/* During a pause nothing is read and so nobody is dead; after it, who is, is noticed. */
static void a_pause_only_puts_it_off(void)
{
    pair pair = pinging(OFTEN, OFTEN);
    int fd = raw_open(&pair, 0, &pair.server);
    hws_event event;
    uint32_t count;
    hear_ping(pair.engine, fd, 0);
    OK(hws_conn_pause(pair.server, 1));
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 5 * OFTEN, &count));
    EXPECT(count == 0);
    OK(hws_conn_pause(pair.server, 0));
    hear_ping(pair.engine, fd, 0);
    is_noticed(next(pair.engine));
    close(fd);
}

/* A host that resumes whatever it holds, paused or not, hears of the dead all the same. */
static void resuming_what_is_not_paused_puts_nothing_off(void)
{
    pair pair = pinging(OFTEN, OFTEN);
    int fd = raw_open(&pair, 0, &pair.server);
    hws_event event;
    uint32_t count;
    do {
        OK(hws_conn_pause(pair.server, 0));
        OK(hws_poll(pair.engine, &event, sizeof event, 1, OFTEN / 4, &count));
    } while (count == 0);
    is_noticed(event);
    close(fd);
}

/* The same figure in the event and in the counters, and not less than it took. */
static void a_round_trip_is_told(void)
{
    enum { WAY_MS = 30 };
    hws_send_options options = { .struct_size = sizeof options, .token = 7 };
    pair pair = pinging(HWS_NEVER, HWS_NEVER);
    int fd = raw_open(&pair, 0, &pair.server);
    char payload[125];
    size_t len;
    hws_event event;
    OK(hws_send(pair.server, HWS_PING, "how far", 7, &options));
    until_readable(pair.engine, fd);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING));
    usleep(WAY_MS * 1000);
    raw_frame(fd, FIN | HWS_PONG, payload, len);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_PONG && event.token == 7 && event.value >= WAY_MS * 1000);
    EXPECT(stats_of(pair.server).rtt_us == event.value);
    close(fd);
}

TESTS(T(a_heartbeat_is_answered_behind_the_hosts_back), T(an_answer_is_delivered_on_request),
      T(any_message_is_a_sign_of_life), T(heartbeats_may_be_large), T(each_route_has_its_own),
      T(a_heartbeat_rests_during_a_pause), T(an_answer_is_one_when_a_pause_is_cut_short), T(a_dead_peer_is_noticed_whichever_is_longer), T(a_flood_hides_no_death),
      T(one_that_takes_nothing_is_dead_too), T(half_a_close_is_noticed_at_once), T(half_a_close_is_no_answer),
      T(a_host_that_only_receives_hears_of_it), T(a_pause_only_puts_it_off),
      T(resuming_what_is_not_paused_puts_nothing_off), T(a_round_trip_is_told))
