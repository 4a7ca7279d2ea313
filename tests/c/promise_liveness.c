/* A peer that is dead is noticed, and one that lives is left alone: keepalive pings and heartbeats of the host's own. */
#include "hearing.h"

enum { OFTEN = 20, PATIENT = 5000 };

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
    heartbeat.timeout_ms = OFTEN;
    pair = heartbeating(&heartbeat, (hws_limits){ 0 });
    fd = raw_open(&pair, 0, &pair.server);
    expect_beat(pair.engine, fd, HWS_TEXT, "ping");
    OK(hws_conn_pause(pair.server, 1));
    raw_frame(fd, FIN | HWS_TEXT, "pong", 4);
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 5 * OFTEN, &count));
    EXPECT(count == 0);
    OK(hws_conn_pause(pair.server, 0));
    expect_beat(pair.engine, fd, HWS_TEXT, "ping");
    expect_close(pair.engine, fd);
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).error->cause->status == HWS_ERR_PING_TIMEOUT);
}

TESTS(T(a_heartbeat_is_answered_behind_the_hosts_back), T(an_answer_is_delivered_on_request),
      T(any_message_is_a_sign_of_life), T(heartbeats_may_be_large), T(each_route_has_its_own),
      T(a_heartbeat_rests_during_a_pause))
