/* provoke_timeout.c -- everything that may take too long, with short deadlines. No test looks at a clock: each waits
 * for the event, and a deadline that does not work is an event that does not come. */
#include "provoke.h"
#include "resolver.h"

static const hws_error_info *check_timeout(const hws_error_info *error, const char *operation, int64_t timeout_ms)
{
    CHECK(hws_status_is_a(error->status, HWS_ERR_TIMEOUT));
    CHECK_OPERATION(error, operation);
    CHECK_INT(error->timeout_ms, timeout_ms);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    return error;
}

/* -- Opening ------------------------------------------------------------------------------------------------ */

/* The answer that comes too late is for nobody, and does no harm. */
static const hws_error_info *name_server_is_silent(enum role role, const void *row)
{
    hws_conn conn;
    (void)role, (void)row;
    silence_begins();
    timers.open_ms = SOON_MS;
    client.uri = hws_cstr("ws://" SILENT "/");
    OK(hws_connect(engine, &client, &conn));
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_TEXT(error->uri, "ws://" SILENT "/");
    silence_ends();
    return check_timeout(error, "resolve", SOON_MS);
}

/* A listener whose queue is full lets no SYN in. The kernel keeps one more than it was asked to, and some beyond. */
static const hws_error_info *backlog_is_full(enum role role, const void *row)
{
    int listener = peer_listen(0);
    struct sockaddr_in address = loopback(port_of(listener));
    char peer[64];
    (void)role, (void)row;
    for (int i = 0; i < 16; i++) {
        int fd = SYS(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno == EINPROGRESS);
    }
    timers.open_ms = SOON_MS;
    connect_to(listener);
    snprintf(peer, sizeof peer, "127.0.0.1:%u", port_of(listener));
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_TEXT(error->peer, peer);
    return check_timeout(error, "connect", SOON_MS);
}

static const hws_error_info *server_does_not_answer(enum role role, const void *row)
{
    const char *answer = row;
    timers.open_ms = SOON_MS;
    struct link link = meet(role);
    peer_say(link.peer, answer);
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->conn.id, link.conn.id);
    return check_timeout(error, "handshake", SOON_MS);
}

/* The deadline is absolute: bytes that drip in do not move it, and do not stop it either. */
static const hws_error_info *server_drips(enum role role, const void *row)
{
    (void)row;
    timers.open_ms = SOON_MS;
    struct link link = meet(role);
    peer_say(link.peer, "HTTP/1.1 101 Switching Protocols\r\nX: ");
    while (!(held = (int)poll_engine(1))) peer_say(link.peer, "x");
    return check_timeout(expect(HWS_EVENT_CONNECT_FAILED)->error, "handshake", SOON_MS);
}

static const hws_error_info *client_does_not_ask(enum role role, const void *row)
{
    const char *request = row;
    char response[HEAD_MAX];
    timers.open_ms = SOON_MS;
    struct link link = meet(role);
    peer_say(link.peer, request);
    peer_read_rest(link.peer, response);
    CHECK(strstr(response, "HTTP/1.1 408 Request Timeout\r\n") == response);
    SYS(close(link.peer));
    const hws_event *failed = expect(HWS_EVENT_ACCEPT_FAILED);
    CHECK_INT(failed->listener.id, link.listener.id);
    CHECK_INT(failed->error->http_status, 408);
    CHECK(strstr(failed->error->peer.ptr, "127.0.0.1:"));
    return check_timeout(failed->error, "handshake", SOON_MS);
}

/* What came of the body of a refusal is worth more than that it was not all. */
static const hws_error_info *body_takes_too_long(enum role role, const void *row)
{
    (void)row;
    timers.open_ms = 5 * SOON_MS; /* long enough to come that far */
    struct link link = meet(role);
    peer_say(link.peer, "HTTP/1.1 500 Oh\r\nContent-Length: 10\r\n\r\nhalf");
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->http_status, 500);
    CHECK_INT(error->body.len, 4);
    CHECK(!memcmp(error->body.ptr, "half", 4));
    CHECK_INT(error->body_truncated, 1);
    return error;
}

/* -- Conversation ------------------------------------------------------------------------------------------- */

static const hws_error_info *no_message_comes(enum role role, const void *row)
{
    struct link link = open_link(role);
    hws_event unused;
    (void)row;
    const hws_error_info *error = REFUSED(hws_recv(link.conn, &unused, sizeof unused, SOON_MS));
    CHECK_INT(error->conn.id, link.conn.id);
    /* the connection is none the worse for it */
    peer_message(&link, TEXT, "now");
    OK(hws_recv(link.conn, &unused, sizeof unused, PATIENCE_MS));
    CHECK_INT(unused.data.len, 3);
    return check_timeout(error, "receive", SOON_MS);
}

/* How a connection ended whose peer was still there: with our Close frame if it could get through. */
static const hws_error_info *given_up(const hws_error_info *error, uint32_t sent)
{
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->close_sent.present, sent != 0);
    CHECK_INT(error->close_sent.code, sent);
    CHECK_INT(error->close_rcvd.present, 0);
    CHECK_INT(error->close_code, 1006);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    return error->cause;
}

static const hws_error_info *peer_does_not_read(enum role role, const void *row)
{
    static char data[1 << 20];
    (void)row;
    timers.send_ms = SOON_MS;
    struct link link = open_link(role);
    while (hws_send(link.conn, HWS_BINARY, data, sizeof data, NULL) == HWS_OK) continue;
    /* the library's own thread may have lost its patience before */
    if (!has_io_thread()) CHECK_INT(hws_last_error()->status, HWS_ERR_SEND_QUEUE_FULL);
    return check_timeout(given_up(expect(HWS_EVENT_CLOSE)->error, 0), "send", SOON_MS);
}

/* A pong that answers no ping of ours proves nothing. */
static const hws_error_info *peer_does_not_pong(enum role role, const void *row)
{
    (void)row;
    timers.ping_interval_ms = SOON_MS;
    timers.ping_timeout_ms = SOON_MS;
    struct link link = open_link(role);
    char payload[126];
    CHECK(peer_read_frame(&link, FIN | PING, payload) > 0);
    peer_message(&link, PONG, "unasked");
    CHECK(*peer_expect_close(&link, 1011));
    return check_timeout(given_up(hang_up(&link), 1011), "ping", SOON_MS);
}

/* Pings are answered, messages come, and yet the program behind them is dead. */
static const hws_error_info *peer_does_not_answer_heartbeats(enum role role, const void *row)
{
    hws_heartbeat heartbeat = { .struct_size = sizeof heartbeat, .interval_ms = SOON_MS, .timeout_ms = SOON_MS };
    (void)row;
    heartbeat.message = (hws_bytes){ (const uint8_t *)"ping", 4 };
    heartbeat.answer = (hws_bytes){ (const uint8_t *)"pong", 4 };
    client.heartbeat = server.heartbeat = &heartbeat;
    struct link link = open_link(role);
    char payload[126];
    CHECK_INT(peer_read_frame(&link, FIN | TEXT, payload), 4);
    CHECK(!strcmp(payload, "ping"));
    peer_message(&link, TEXT, "pong?");
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 5);
    CHECK(!strcmp(peer_expect_close(&link, 1011), "heartbeat timeout"));
    const hws_error_info *error = given_up(hang_up(&link), 1011);
    CHECK_TEXT(error->detail, "heartbeat timeout");
    return check_timeout(error, "ping", SOON_MS);
}

/* Pings and pongs are no messages, however many there are. */
static const hws_error_info *nobody_says_anything(enum role role, const void *row)
{
    (void)row;
    timers.idle_ms = SOON_MS;
    struct link link = open_link(role);
    char payload[126];
    size_t len;
    do peer_message(&link, PING, "still here");
    while (peer_read_any(&link, payload, &len) == (FIN | PONG));
    CHECK_INT((uint8_t)payload[0] << 8 | (uint8_t)payload[1], 1011);
    return check_timeout(given_up(hang_up(&link), 1011), "idle", SOON_MS);
}

/* -- Closing ------------------------------------------------------------------------------------------------ */

static const hws_error_info *peer_does_not_close(enum role role, const void *row)
{
    (void)row;
    timers.close_ms = SOON_MS;
    struct link link = open_link(role);
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    return check_timeout(given_up(expect(HWS_EVENT_CLOSE)->error, 1000), "close", SOON_MS);
}

/* Whoever is or is not reading: messages that come and come do not hold the end up. */
static const hws_error_info *peer_floods(enum role role, const void *row)
{
    (void)row;
    timers.close_ms = SOON_MS;
    struct link link = open_link(role);
    char frame[6 + 4] = { (char)(FIN | BINARY), (char)((role == AS_SERVER ? 0x80 : 0) | 4) };
    size_t size = role == AS_SERVER ? 10 : 6;
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    for (;;) {
        while (send(link.peer, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size) continue;
        if (!poll_engine(PATIENCE_MS)) fail(__FILE__, __LINE__, "no end comes");
        if (event.kind != HWS_EVENT_MESSAGE) break;
    }
    held = 1;
    return check_timeout(given_up(expect(HWS_EVENT_CLOSE)->error, 1000), "close", SOON_MS);
}

static const hws_error_info *paused_while_closing(enum role role, const void *row)
{
    (void)row;
    timers.close_ms = SOON_MS;
    struct link link = open_link(role);
    OK(hws_conn_pause(link.conn, 1));
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    return check_timeout(given_up(expect(HWS_EVENT_CLOSE)->error, 1000), "close", SOON_MS);
}

/* Both Close frames have passed, but the server, which ends TCP first, does not: clean, and yet there is a cause. */
static const hws_error_info *server_keeps_tcp(enum role role, const void *row)
{
    (void)row;
    timers.close_ms = SOON_MS;
    struct link link = open_link(role);
    peer_close_frame(&link, 1000, "");
    peer_expect_close(&link, 1000);
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->status, HWS_ERR_CLOSED_OK);
    CHECK_INT(error->close_code, 1000);
    CHECK(error->cause);
    return check_timeout(error->cause, "close", SOON_MS);
}

static const struct provoked cases[] = {
    { HWS_ERR_RESOLVE_TIMEOUT, NULL, name_server_is_silent },
    { HWS_ERR_CONNECT_TIMEOUT, NULL, backlog_is_full },
    { HWS_ERR_HANDSHAKE_TIMEOUT, "silent", server_does_not_answer, CLIENT, "" },
    { HWS_ERR_HANDSHAKE_TIMEOUT, "half", server_does_not_answer, CLIENT, "HTTP/1.1 101 Switching Protocols\r\n" },
    { HWS_ERR_HANDSHAKE_TIMEOUT, "interim", server_does_not_answer, CLIENT, "HTTP/1.1 103 Early Hints\r\n\r\n" },
    { HWS_ERR_HANDSHAKE_TIMEOUT, "drip", server_drips, CLIENT },
    { HWS_ERR_HANDSHAKE_TIMEOUT, "silent", client_does_not_ask, SERVER, "" },
    { HWS_ERR_HANDSHAKE_TIMEOUT, "half", client_does_not_ask, SERVER, "GET / HTTP/1.1\r\nHost: " },
    { HWS_ERR_HANDSHAKE_TIMEOUT, "line_ends", client_does_not_ask, SERVER, "\r\n" },
    { HWS_ERR_INVALID_STATUS, "body_takes_too_long", body_takes_too_long, CLIENT },
    { HWS_ERR_RECV_TIMEOUT, NULL, no_message_comes, BOTH },
    { HWS_ERR_SEND_TIMEOUT, NULL, peer_does_not_read, BOTH },
    { HWS_ERR_PING_TIMEOUT, NULL, peer_does_not_pong, BOTH },
    { HWS_ERR_PING_TIMEOUT, "heartbeat", peer_does_not_answer_heartbeats, BOTH },
    { HWS_ERR_IDLE_TIMEOUT, NULL, nobody_says_anything, BOTH },
    { HWS_ERR_CLOSE_TIMEOUT, "no_answer", peer_does_not_close, BOTH },
    { HWS_ERR_CLOSE_TIMEOUT, "flood", peer_floods, BOTH },
    { HWS_ERR_CLOSE_TIMEOUT, "paused", paused_while_closing, BOTH },
    { HWS_ERR_CLOSE_TIMEOUT, "server_keeps_tcp", server_keeps_tcp, CLIENT },
};

PROVOKE(cases)
