/* Pools and servers that have their own ways: the server is a socket of ours, which says exact bytes. */
#include "peer.h"
#include "tests.h"

/* rows leave out what is zero */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static int listener;

static hws_pool pool_of(uint32_t max_connections)
{
    static char uri[64];
    hws_pool pool;
    const hws_pool_options options = {
        .struct_size = sizeof options, .max_connections = max_connections, .client = &client };
    create_world();
    listener = peer_listen(8);
    snprintf(uri, sizeof uri, "ws://127.0.0.1:%u/", port_of(listener));
    client.uri = hws_cstr(uri);
    OK(hws_pool_new(engine, &options, &pool));
    return pool;
}

static void ask(hws_pool pool, uint64_t token) { OK(hws_pool_acquire(pool, hws_cstr(""), 0, token)); }

static struct link accepted(void)
{
    struct link link = { .role = AS_CLIENT };
    link.peer = peer_accept(listener);
    return link;
}

static hws_conn lease(uint64_t token)
{
    const hws_event *ready = expect(HWS_EVENT_POOL_READY);
    CHECK_INT(ready->token, token);
    return ready->conn;
}

static void hears(hws_conn conn, const char *text)
{
    const hws_event *message = expect(HWS_EVENT_MESSAGE);
    CHECK_INT(message->conn.id, conn.id);
    CHECK_INT(message->data.len, strlen(text));
    CHECK(!memcmp(message->data.ptr, text, strlen(text)));
}

static hws_pool_counts stats_of(hws_pool pool)
{
    hws_pool_counts stats = { .struct_size = sizeof stats };
    OK(hws_pool_stats(pool, &stats));
    return stats;
}

/* The response, and behind it in the same segment whatever `more` is. */
static void greet_and(const struct link *link, const char *more)
{
    char text[512];
    snprintf(text, sizeof text, "%s%s", RESPONSE, more);
    peer_say_marked(link->peer, text, (struct marks){ peer_read_request(link->peer), NULL, 0 });
}

static void a_greeting_is_for_the_first_holder(void)
{
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet_and(&link, "\x81\x05hello\x81\x06" "again!");
    link.conn = lease(1);
    hears(link.conn, "hello");
    hears(link.conn, "again!");
    CHECK_INT(stats_of(pool).discarded, 0);
}

/* Its waiter has gone; the greeting is for somebody who will never come. */
static void a_greeting_for_nobody_closes(void)
{
    hws_pool pool = pool_of(1);
    OK(hws_pool_acquire(pool, hws_cstr(""), SOON_MS, 1));
    struct link link = accepted();
    CHECK_INT(expect(HWS_EVENT_POOL_FAILED)->status, HWS_ERR_POOL_EXHAUSTED);
    greet_and(&link, "\x81\x05hello");
    peer_expect_close(&link, 1000);
    CHECK_INT(stats_of(pool).discarded, 1);
}

/* Also with a queue that never stops reading: what is lent is told before what it says. */
static void a_greeting_that_may_be_dropped_waits_for_its_holder(void)
{
    hws_pool pool = pool_of(1);
    limits.overflow = HWS_OVERFLOW_DROP_OLDEST;
    client.limits = &limits;
    hws_pool dropping;
    const hws_pool_options options = { .struct_size = sizeof options, .max_connections = 1, .client = &client };
    OK(hws_pool_new(engine, &options, &dropping));
    OK(hws_pool_free(pool));
    ask(dropping, 1);
    struct link link = accepted();
    greet_and(&link, "\x81\x05hello\x81\x06" "again!");
    link.conn = lease(1);
    hears(link.conn, "hello");
    hears(link.conn, "again!");
    CHECK_INT(stats_of(dropping).discarded, 0);
}

/* One that opens too late for its waiter is there for the next. */
static void what_opens_late_is_for_the_next(void)
{
    hws_pool pool = pool_of(1);
    OK(hws_pool_acquire(pool, hws_cstr(""), SOON_MS, 1));
    struct link link = accepted();
    CHECK_INT(expect(HWS_EVENT_POOL_FAILED)->status, HWS_ERR_POOL_EXHAUSTED);
    ask(pool, 2);
    greet(&link);
    link.conn = lease(2);
    CHECK_INT(stats_of(pool).opened, 1);
}

/* A server that lets us in and shows us out is told as such to one call, not tried again and again for it. */
static void one_that_closes_at_once_is_lent_and_closes(void)
{
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet_and(&link, "\x88\x02\x03\xf5");
    link.conn = lease(1);
    const hws_event *closed = expect(HWS_EVENT_CLOSE);
    CHECK_INT(closed->conn.id, link.conn.id);
    CHECK_INT(closed->error->close_rcvd.code, 1013);
}

/* What the server refuses is for the call that it was opened for; the next call gets a connection of its own. */
static void a_refusal_is_for_the_one_it_was_opened_for(void)
{
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    ask(pool, 2);
    struct link link = accepted();
    peer_read_request(link.peer);
    peer_say(link.peer, "HTTP/1.1 503 Not now\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    const hws_event *failed = expect(HWS_EVENT_POOL_FAILED);
    CHECK_INT(failed->token, 1);
    CHECK_INT(failed->status, HWS_ERR_INVALID_STATUS);
    CHECK_INT(failed->error->retry_after_ms, 7000);
    link = accepted();
    greet(&link);
    link.conn = lease(2);
}

static void redirects_lead_a_pool_too(void)
{
    client.max_redirects = 1;
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    peer_read_request(link.peer);
    peer_say(link.peer, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    link = accepted();
    greet(&link);
    const hws_event *ready = expect(HWS_EVENT_POOL_READY);
    CHECK(strstr(ready->handshake->uri.ptr, "/elsewhere"));
    hws_conn conn = ready->conn;
    OK(hws_pool_release(pool, conn, 1));
    ask(pool, 2);
    CHECK(lease(2).id != conn.id);
}

static void half_a_message_at_rest_is_not_lent(void)
{
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet(&link);
    link.conn = lease(1);
    peer_say(link.peer, "\x01\x04half");
    OK(hws_pool_release(pool, link.conn, 1));
    ask(pool, 2);
    peer_expect_close(&link, 1000);
    SYS(close(link.peer));
    link = accepted();
    greet(&link);
    lease(2);
}

/* What the former holder asked for comes when another has the connection: it is nothing to that one. */
static void a_late_pong_is_for_nobody(void)
{
    const hws_send_options token = { .struct_size = sizeof token, .token = 42 };
    char payload[126];
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet(&link);
    link.conn = lease(1);
    OK(hws_send(link.conn, HWS_PING, "late", 4, &token));
    OK(hws_pool_release(pool, link.conn, 1));
    ask(pool, 2);
    link.conn = lease(2);
    CHECK_INT(peer_read_frame(&link, FIN | PING, payload), 4);
    peer_message(&link, PONG, "late");
    peer_message(&link, TEXT, "for you");
    hears(link.conn, "for you");
}

/* Pings of the server are answered, whoever has the connection or not. */
static void pings_at_rest_are_answered(void)
{
    char payload[126];
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet(&link);
    link.conn = lease(1);
    OK(hws_pool_release(pool, link.conn, 1));
    peer_message(&link, PING, "well?");
    CHECK_INT(peer_read_frame(&link, FIN | PONG, payload), 5);
    ask(pool, 2);
    lease(2);
    CHECK_INT(stats_of(pool).reused, 1);
}

/* The server's Close comes while nobody has it: it is answered, and nobody hears of it. */
static void a_close_at_rest_is_answered(void)
{
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet(&link);
    link.conn = lease(1);
    OK(hws_pool_release(pool, link.conn, 1));
    peer_close_frame(&link, 1001, "");
    if (!has_io_thread()) ask(pool, 2); /* a thread may lend it before it hears of the close */
    peer_expect_close(&link, 1001);
    if (has_io_thread()) ask(pool, 2);
    SYS(close(link.peer));
    link = accepted();
    greet(&link);
    lease(2);
    CHECK_INT(stats_of(pool).sockets, 1);
}

/* Everything that the former holder has sent arrives before anything of the next. */
static void what_was_sent_leaves_in_order(void)
{
    char payload[126];
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet(&link);
    link.conn = lease(1);
    OK(hws_send(link.conn, HWS_TEXT, "first", 5, NULL));
    OK(hws_pool_release(pool, link.conn, 1));
    ask(pool, 2);
    link.conn = lease(2);
    OK(hws_send(link.conn, HWS_TEXT, "second", 6, NULL));
    peer_read_frame(&link, FIN | TEXT, payload);
    CHECK(!strcmp(payload, "first"));
    peer_read_frame(&link, FIN | TEXT, payload);
    CHECK(!strcmp(payload, "second"));
}

/* A server that does not part holds up nobody who waits for its place. */
static void one_that_does_not_part_makes_room(void)
{
    hws_pool pool = pool_of(1);
    const hws_pool_options options = {
        .struct_size = sizeof options, .max_connections = 1, .check_ms = SOON_MS, .client = &client };
    OK(hws_pool_new(engine, &options, &pool));
    OK(hws_pool_acquire(pool, hws_cstr("/a"), 0, 1));
    struct link link = accepted(), next;
    greet(&link);
    link.conn = lease(1);
    OK(hws_pool_release(pool, link.conn, 1));
    OK(hws_pool_acquire(pool, hws_cstr("/b"), 0, 2));
    peer_expect_close(&link, 1000);
    next = accepted(); /* while the first is there still, for all that we have said */
    greet(&next);
    lease(2);
    CHECK_INT(stats_of(pool).sockets, 1);
    CHECK_INT(stats_of(pool).displaced, 1);
}

/* The next holder would have to wait for what the last has left. */
static void much_that_is_unsent_closes(void)
{
    static char megabyte[1 << 20];
    hws_pool pool = pool_of(1);
    ask(pool, 1);
    struct link link = accepted();
    greet(&link);
    link.conn = lease(1);
    while (hws_send(link.conn, HWS_BINARY, megabyte, sizeof megabyte, NULL) == HWS_OK) continue;
    OK(hws_pool_release(pool, link.conn, 1));
    CHECK_INT(stats_of(pool).closing, 1);
    CHECK_INT(stats_of(pool).discarded, 1);
    SYS(close(link.peer));
    ask(pool, 2);
    link = accepted();
    greet(&link);
    lease(2);
}

TESTS(T(a_greeting_is_for_the_first_holder), T(a_greeting_for_nobody_closes),
      T(a_greeting_that_may_be_dropped_waits_for_its_holder), T(what_opens_late_is_for_the_next),
      T(one_that_closes_at_once_is_lent_and_closes), T(a_refusal_is_for_the_one_it_was_opened_for),
      T(redirects_lead_a_pool_too), T(half_a_message_at_rest_is_not_lent), T(a_late_pong_is_for_nobody),
      T(pings_at_rest_are_answered), T(a_close_at_rest_is_answered), T(what_was_sent_leaves_in_order),
      T(one_that_does_not_part_makes_room), T(much_that_is_unsent_closes))
