/* provoke_usage.c -- the caller's faults: each is refused by the call itself, and nothing happens because of it. */
#include "provoke.h"
#include <pthread.h>

/* -- Handles ------------------------------------------------------------------------------------------------ */

static const hws_error_info *zero_handle(enum role role, const void *row)
{
    (void)role, (void)row;
    return REFUSED(hws_wake((hws_engine){ 0 }));
}

static const hws_error_info *forged_handle(enum role role, const void *row)
{
    (void)role, (void)row;
    return REFUSED(hws_engine_free((hws_engine){ engine.id ^ 1 << 16 }));
}

static const hws_error_info *handle_of_another_kind(enum role role, const void *row)
{
    (void)role, (void)row;
    return REFUSED(hws_abort((hws_conn){ engine.id }));
}

static const hws_error_info *engine_freed_twice(enum role role, const void *row)
{
    hws_engine other;
    (void)role, (void)row;
    OK(hws_engine_new(NULL, &other));
    OK(hws_engine_free(other));
    return REFUSED(hws_engine_free(other));
}

/* A handle is good until the poll after its connection's last event, and not one poll longer. */
static const hws_error_info *connection_that_is_over(enum role role, const void *row)
{
    struct link link = open_link(role);
    uint32_t state;
    (void)row;
    hang_up(&link);
    OK(hws_conn_state(link.conn, &state));
    CHECK_INT(state, HWS_STATE_CLOSED);
    expect_nothing();
    return REFUSED(hws_conn_state(link.conn, &state));
}

static const hws_error_info *listener_that_is_over(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    OK(hws_listen(engine, &server, &listener));
    OK(hws_listener_close(listener, NULL));
    expect(HWS_EVENT_LISTENER_CLOSED);
    expect_nothing();
    return REFUSED(hws_listener_close(listener, NULL));
}

/* -- Arguments ---------------------------------------------------------------------------------------------- */

static const hws_error_info *check_argument(const hws_error_info *error, const char *argument)
{
    if (!strstr(error->detail.ptr, argument))
        fail(__FILE__, __LINE__, "%s does not name %s", error->detail.ptr, argument);
    return error;
}

static const hws_error_info *null_out_pointer(enum role role, const void *row)
{
    (void)role, (void)row;
    return check_argument(REFUSED(hws_connect(engine, &client, NULL)), "out_conn");
}

static const hws_error_info *null_data_with_a_length(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_send(link.conn, HWS_TEXT, NULL, 0, NULL));
    return check_argument(REFUSED(hws_send(link.conn, HWS_TEXT, NULL, 1, NULL)), "data");
}

static const hws_error_info *opcode_that_is_none(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    return check_argument(REFUSED(hws_send(link.conn, 3, "", 0, NULL)), "opcode");
}

static const hws_error_info *text_that_is_not_utf8(enum role role, const void *row)
{
    hws_conn conn;
    (void)role, (void)row;
    client.uri = hws_cstr("ws://127.0.0.1/\xFF");
    return check_argument(REFUSED(hws_connect(engine, &client, &conn)), "options.uri");
}

static const hws_error_info *no_uri(enum role role, const void *row)
{
    hws_conn conn;
    (void)role, (void)row;
    return check_argument(REFUSED(hws_connect(engine, &client, &conn)), "options.uri");
}

static const hws_error_info *negative_time(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    timers.idle_ms = -2;
    return check_argument(REFUSED(hws_listen(engine, &server, &listener)), "timers.idle_ms");
}

/* Every way to get a heartbeat wrong, on a server, a route and a client alike. */
struct bad_heartbeat {
    const char *argument;
    hws_heartbeat heartbeat;
    size_t message, answer; /* bytes, if not those of the texts */
    int64_t size, position;
};

#define ASK { (const uint8_t *)"ask", 3 }
#define REPLY { (const uint8_t *)"reply", 5 }

static const hws_error_info *bad_heartbeat(enum role role, const void *row)
{
    static uint8_t large[(64 << 10) + 1];
    const struct bad_heartbeat *bad = row;
    hws_heartbeat heartbeat = bad->heartbeat;
    hws_route route = { .struct_size = sizeof route, .pattern = HWS_STR("*"), .heartbeat = &heartbeat };
    hws_listener listener;
    hws_conn conn;
    (void)role;
    heartbeat.struct_size = sizeof heartbeat;
    memset(large, 'a', sizeof large);
    if (bad->message) heartbeat.message = (hws_bytes){ large, bad->message };
    if (bad->answer) heartbeat.answer = (hws_bytes){ large, bad->answer };
    client.heartbeat = &heartbeat;
    client.uri = hws_cstr("ws://127.0.0.1:9/");
    check_argument(REFUSED(hws_connect(engine, &client, &conn)), bad->argument);
    server.routes = &route;
    server.route_count = 1;
    check_argument(REFUSED(hws_listen(engine, &server, &listener)), bad->argument);
    server.route_count = 0;
    server.heartbeat = &heartbeat;
    const hws_error_info *error = check_argument(REFUSED(hws_listen(engine, &server, &listener)), bad->argument);
    CHECK_INT(error->size, bad->size ? bad->size : -1);
    CHECK_INT(error->position, bad->position ? bad->position : -1);
    return error;
}

static const hws_error_info *watermarks_upside_down(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    limits.send_queue_max = 10;
    limits.send_queue_low = 10;
    return check_argument(REFUSED(hws_listen(engine, &server, &listener)), "limits.send_queue_low");
}

static const hws_error_info *name_to_bind_to(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    server.bind = hws_cstr("localhost:80");
    return check_argument(REFUSED(hws_listen(engine, &server, &listener)), "options.bind");
}

/* The caller learns how much it takes, and nothing is written by halves. */
static const hws_error_info *buffer_too_small(enum role role, const void *row)
{
    hws_listener listener;
    char address[8] = "before";
    size_t needed = 0;
    (void)role, (void)row;
    OK(hws_listen(engine, &server, &listener));
    const hws_error_info *error = REFUSED(hws_listener_address(listener, address, sizeof address, &needed));
    CHECK(needed >= sizeof "127.0.0.1:1" - 1);
    CHECK_INT(error->size, needed + 1);
    CHECK_INT(error->max_size, sizeof address);
    CHECK(!strcmp(address, "before"));
    return check_argument(error, "cap");
}

static const hws_error_info *header_of_the_handshake(enum role role, const void *row)
{
    static const hws_header header = { HWS_STR("sec-websocket-key"), HWS_STR("mine") };
    hws_conn conn;
    (void)role, (void)row;
    client.uri = hws_cstr("ws://127.0.0.1/");
    client.headers = &header;
    client.header_count = 1;
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_TEXT(error->header_name, "sec-websocket-key");
    CHECK_TEXT(error->header_value, "mine");
    return error;
}

/* -- Sizes of structs --------------------------------------------------------------------------------------- */

static const hws_error_info *struct_without_a_size(enum role role, const void *row)
{
    hws_conn conn;
    (void)role, (void)row;
    client.struct_size = 0;
    return check_argument(REFUSED(hws_connect(engine, &client, &conn)), "options");
}

/* What a program of a later version says must not be ignored. */
static const hws_error_info *fields_of_the_future(enum role role, const void *row)
{
    struct { hws_timers known; uint32_t later; } future = { timers, 1 };
    hws_listener listener;
    (void)role, (void)row;
    future.known.struct_size = sizeof future;
    server.timers = &future.known;
    return check_argument(REFUSED(hws_listen(engine, &server, &listener)), "timers");
}

static const hws_error_info *event_of_another_size(enum role role, const void *row)
{
    hws_event event;
    uint32_t count;
    (void)role, (void)row;
    return check_argument(REFUSED(hws_poll(engine, &event, sizeof event - 8, 1, 0, &count)), "event_size");
}

/* -- What this version or this platform cannot -------------------------------------------------------------- */

static const hws_error_info *another_abi(enum role role, const void *row)
{
    hws_engine_options options = { .struct_size = sizeof options, .abi_version = HWS_ABI_VERSION + 1 };
    hws_engine other;
    (void)role, (void)row;
    return check_argument(REFUSED(hws_engine_new(&options, &other)), "abi_version");
}

/* -- States ------------------------------------------------------------------------------------------------- */

static const hws_error_info *send_before_open(enum role role, const void *row)
{
    struct link link = meet(role);
    (void)row;
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_TEXT, "early", 5, NULL));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->state, 1 << HWS_STATE_CONNECTING);
    CHECK_INT(error->required_states, 1 << HWS_STATE_OPEN);
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK(hws_status_is_a(error->status, HWS_ERR_PROTOCOL));
    return error;
}

static const hws_error_info *handshake_before_open(enum role role, const void *row)
{
    struct link link = meet(role);
    const hws_handshake *agreed;
    (void)row;
    const hws_error_info *error = REFUSED(hws_conn_handshake(link.conn, &agreed));
    CHECK_INT(error->state, 1 << HWS_STATE_CONNECTING);
    CHECK(error->required_states & 1 << HWS_STATE_OPEN);
    return error;
}

static const hws_error_info *listener_closed_twice(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    OK(hws_listen(engine, &server, &listener));
    OK(hws_listener_close(listener, NULL));
    return REFUSED(hws_listener_close(listener, NULL));
}

static void *allocate(size_t size, size_t align, void *user)
{
    (void)align, (void)user;
    return malloc(size);
}

static void *reallocate(void *at, size_t old_size, size_t align, size_t new_size, void *user)
{
    (void)old_size, (void)align, (void)user;
    return realloc(at, new_size);
}

static void release(void *at, size_t size, size_t align, void *user)
{
    (void)size, (void)align, (void)user;
    free(at);
}

/* The engine of this very program was not made with it. */
static const hws_error_info *allocator_too_late(enum role role, const void *row)
{
    const hws_allocator allocator = { sizeof allocator, 0, allocate, reallocate, release, NULL };
    (void)role, (void)row;
    return REFUSED(hws_set_allocator(&allocator));
}

/* -- Two at the same thing ---------------------------------------------------------------------------------- */

static void *poll_until_woken(void *unused)
{
    hws_event event;
    uint32_t count;
    (void)unused;
    /* whoever polls second is refused; until the other one is, that may be us */
    while (hws_poll(engine, &event, sizeof event, 1, HWS_NEVER, &count) == HWS_ERR_CONCURRENCY) continue;
    return NULL;
}

static const hws_error_info *second_poller(enum role role, const void *row)
{
    pthread_t poller;
    hws_event event;
    uint32_t count = 7;
    hws_status status;
    (void)role, (void)row;
    CHECK_INT(pthread_create(&poller, NULL, poll_until_woken, NULL), 0);
    while ((status = hws_poll(engine, &event, sizeof event, 1, 0, &count)) == HWS_OK) CHECK_INT(count, 0);
    const hws_error_info *error = REFUSED(status);
    CHECK_OPERATION(error, "poll");
    OK(hws_wake(engine));
    CHECK_INT(pthread_join(poller, NULL), 0);
    return error;
}

/* A receive is a poll, too; the error says which of them was refused. */
static const hws_error_info *second_receiver(enum role role, const void *row)
{
    struct link link = open_link(role);
    pthread_t poller;
    hws_event event;
    hws_status status;
    (void)row;
    CHECK_INT(pthread_create(&poller, NULL, poll_until_woken, NULL), 0);
    while ((status = hws_recv(link.conn, &event, sizeof event, 0)) == HWS_ERR_RECV_TIMEOUT) continue;
    const hws_error_info *error = REFUSED(status);
    CHECK_OPERATION(error, "receive");
    CHECK_INT(error->conn.id, link.conn.id);
    OK(hws_wake(engine));
    CHECK_INT(pthread_join(poller, NULL), 0);
    return error;
}

/* Two that receive from two connections of one engine: it is the engine that works for one of them. */
static void *receive_until_something_comes(void *conn)
{
    hws_event event;
    hws_status status;
    do status = hws_recv(*(hws_conn *)conn, &event, sizeof event, HWS_NEVER);
    while (status == HWS_ERR_CONCURRENCY);
    CHECK_INT(status, HWS_OK);
    CHECK_INT(event.data.len, 4);
    return NULL;
}

static const hws_error_info *poller_beside_a_receiver(enum role role, const void *row)
{
    struct link link = open_link(role);
    pthread_t receiver;
    hws_event event;
    hws_status status;
    uint32_t count = 7;
    (void)row;
    CHECK_INT(pthread_create(&receiver, NULL, receive_until_something_comes, &link.conn), 0);
    while ((status = hws_poll(engine, &event, sizeof event, 0, 0, &count)) == HWS_OK) CHECK_INT(count, 0);
    const hws_error_info *error = REFUSED(status);
    CHECK_OPERATION(error, "poll");
    peer_message(&link, TEXT, "ahoy");
    CHECK_INT(pthread_join(receiver, NULL), 0);
    return error;
}

static const hws_send_options more = { sizeof more, HWS_SEND_MORE, 0 };

/* What another thread is told stays that thread's until it is copied. */
struct interruption {
    hws_conn conn;
    hws_opcode opcode;
    const char *data;
    hws_status status;
    hws_error error;
};

static void *interrupt(void *argument)
{
    struct interruption *is = argument;
    is->status = hws_send(is->conn, is->opcode, is->data, strlen(is->data), NULL);
    if (is->status != HWS_OK) OK(hws_error_keep(hws_last_error(), &is->error));
    return NULL;
}

/* The error of a send by another thread; this one has not failed at anything. */
static const hws_error_info *refused_elsewhere(hws_conn conn, hws_opcode opcode, const char *data)
{
    static struct interruption is;
    const hws_error_info *error;
    pthread_t other;
    is = (struct interruption){ .conn = conn, .opcode = opcode, .data = data };
    CHECK_INT(pthread_create(&other, NULL, interrupt, &is), 0);
    CHECK_INT(pthread_join(other, NULL), 0);
    CHECK_INT(hws_last_error()->status, HWS_OK);
    OK(hws_error_get(is.error, &error));
    CHECK_INT(error->status, is.status);
    CHECK_INT(error->conn.id, conn.id);
    return error;
}

/* A thread is in the middle of a message in fragments, and another comes with its own. */
static const hws_error_info *message_of_another_thread(enum role role, const void *row)
{
    struct link link = open_link(role);
    char payload[126];
    (void)row;
    OK(hws_send(link.conn, HWS_TEXT, "a", 1, &more));
    const hws_error_info *error = refused_elsewhere(link.conn, HWS_TEXT, "b");
    CHECK_OPERATION(error, "send");
    OK(hws_send(link.conn, HWS_CONT, "c", 1, NULL));
    CHECK_INT(peer_read_frame(&link, TEXT, payload), 1);
    CHECK_INT(peer_read_frame(&link, FIN | CONT, payload), 1);
    return error;
}

static const hws_error_info *message_inside_a_message(enum role role, const void *row)
{
    struct link link = open_link(role);
    char payload[126];
    (void)row;
    OK(hws_send(link.conn, HWS_TEXT, "a", 1, &more));
    OK(hws_send(link.conn, HWS_PING, "control frames may", 18, NULL));
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_BINARY, "b", 1, NULL));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->conn.id, link.conn.id);
    /* the one that was begun goes on as if nothing had been */
    OK(hws_send(link.conn, HWS_CONT, "c", 1, NULL));
    peer_read_frame(&link, TEXT, payload);
    peer_read_frame(&link, FIN | PING, payload);
    peer_read_frame(&link, FIN | CONT, payload);
    CHECK(!strcmp(payload, "c"));
    return error;
}

static const hws_error_info *ping_of_another_thread(enum role role, const void *row)
{
    struct link link = open_link(role);
    char payload[126];
    (void)row;
    OK(hws_send(link.conn, HWS_PING, "same", 4, NULL));
    const hws_error_info *error = refused_elsewhere(link.conn, HWS_PING, "same");
    CHECK_OPERATION(error, "ping");
    /* once it is answered, the payload may go again */
    peer_read_frame(&link, FIN | PING, payload);
    peer_message(&link, PONG, "same");
    CHECK_INT(expect(HWS_EVENT_PONG)->data.len, 4);
    OK(hws_send(link.conn, HWS_PING, "same", 4, NULL));
    return error;
}

static const hws_error_info *ping_on_its_way(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_send(link.conn, HWS_PING, "same", 4, NULL));
    OK(hws_send(link.conn, HWS_PING, "other", 5, NULL));
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_PING, "same", 4, NULL));
    CHECK_OPERATION(error, "ping");
    CHECK_INT(error->conn.id, link.conn.id);
    return error;
}

/* -- URIs --------------------------------------------------------------------------------------------------- */

struct bad_uri {
    const char *uri;
    int64_t position;
    const char *told; /* what the error says the URI was, if not the same: no password may get into a log */
};

static const hws_error_info *bad_uri(enum role role, const void *row)
{
    const struct bad_uri *bad = row;
    hws_conn conn = { 7 };
    (void)role;
    client.uri = hws_cstr(bad->uri);
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_INT(error->position, bad->position);
    CHECK_TEXT(error->uri, bad->told ? bad->told : bad->uri);
    CHECK(error->detail.len);
    CHECK_INT(conn.id, 7);
    return error;
}

/* -- What no frame may hold --------------------------------------------------------------------------------- */

struct unsendable {
    hws_opcode opcode;
    const char *data;
    size_t len;
    uint32_t flags;
    int64_t position; /* of the fault; -1: it has none */
    int64_t max_size; /* -1: it is not about a size */
};

static const hws_error_info *unsendable(enum role role, const void *row)
{
    const struct unsendable *it = row;
    const hws_send_options options = { sizeof options, it->flags, 0 };
    struct link link = open_link(role);
    const hws_error_info *error = REFUSED(hws_send(link.conn, it->opcode, it->data, it->len, &options));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->position, it->position);
    CHECK_INT(error->max_size, it->max_size);
    CHECK_INT(error->size, it->max_size < 0 ? -1 : (int64_t)it->len);
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK(error->detail.len);
    /* it did no harm: the connection goes on */
    peer_message(&link, TEXT, "still here");
    expect(HWS_EVENT_MESSAGE);
    return error;
}

/* A character cut in two may be sent in two fragments, but not left open. */
static const hws_error_info *half_a_character(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_send(link.conn, HWS_TEXT, "ab\xE2\x82", 4, &more));
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_CONT, "", 0, NULL));
    CHECK_INT(error->position, 2);
    OK(hws_send(link.conn, HWS_CONT, "\xAC", 1, NULL));
    return error;
}

struct unclosable { uint32_t code; const char *reason; };

#define A10 "aaaaaaaaaa"
#define A124 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaaa"

static const hws_error_info *unclosable(enum role role, const void *row)
{
    const struct unclosable *it = row;
    struct link link = open_link(role);
    uint32_t state;
    const hws_error_info *error = REFUSED(hws_close(link.conn, it->code, hws_cstr(it->reason)));
    CHECK_OPERATION(error, "close");
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK_INT(error->size, strlen(it->reason) > 123 ? 124 : -1);
    CHECK_INT(error->max_size, strlen(it->reason) > 123 ? 123 : -1);
    OK(hws_conn_state(link.conn, &state));
    CHECK_INT(state, HWS_STATE_OPEN);
    return error;
}

#define BAD_URI(name, uri, position) { HWS_ERR_INVALID_URI, name, bad_uri, NEITHER, ROW(bad_uri, uri, position) }
#define UNSENDABLE(name, ...) { HWS_ERR_INVALID_SEND, name, unsendable, BOTH, ROW(unsendable, __VA_ARGS__) }
#define UNCLOSABLE(name, ...) { HWS_ERR_INVALID_SEND, name, unclosable, BOTH, ROW(unclosable, __VA_ARGS__) }

static const struct provoked cases[] = {
    { HWS_ERR_INVALID_HANDLE, "zero", zero_handle },
    { HWS_ERR_INVALID_HANDLE, "forged", forged_handle },
    { HWS_ERR_INVALID_HANDLE, "another_kind", handle_of_another_kind },
    { HWS_ERR_INVALID_HANDLE, "engine_freed_twice", engine_freed_twice },
    { HWS_ERR_INVALID_HANDLE, "connection_over", connection_that_is_over, BOTH },
    { HWS_ERR_INVALID_HANDLE, "listener_over", listener_that_is_over },

    { HWS_ERR_INVALID_ARGUMENT, "null_out", null_out_pointer },
    { HWS_ERR_INVALID_ARGUMENT, "null_data", null_data_with_a_length, BOTH },
    { HWS_ERR_INVALID_ARGUMENT, "opcode", opcode_that_is_none, BOTH },
    { HWS_ERR_INVALID_ARGUMENT, "not_utf8", text_that_is_not_utf8 },
    { HWS_ERR_INVALID_ARGUMENT, "no_uri", no_uri },
    { HWS_ERR_INVALID_ARGUMENT, "negative_time", negative_time },
    { HWS_ERR_INVALID_ARGUMENT, "watermarks", watermarks_upside_down },
#define BAD_HEARTBEAT(name, ...) \
    { HWS_ERR_INVALID_ARGUMENT, "heartbeat_" name, bad_heartbeat, NEITHER, ROW(bad_heartbeat, __VA_ARGS__) }
    BAD_HEARTBEAT("no_message", "heartbeat.message", { .answer = REPLY }),
    BAD_HEARTBEAT("no_answer", "heartbeat.answer", { .message = ASK }),
    BAD_HEARTBEAT("opcode", "heartbeat.opcode", { .opcode = HWS_PING, .message = ASK, .answer = REPLY }),
    BAD_HEARTBEAT("match", "heartbeat.matching", { .message = ASK, .answer = REPLY, .matching = 4 }),
    BAD_HEARTBEAT("answer_and_any", "heartbeat.answer", { .message = ASK, .answer = REPLY, .matching = HWS_MATCH_ANY }),
    BAD_HEARTBEAT("deliver", "heartbeat.deliver", { .message = ASK, .answer = REPLY, .deliver = 3 }),
    BAD_HEARTBEAT("interval", "heartbeat.interval_ms", { .message = ASK, .answer = REPLY, .interval_ms = -2 }),
    BAD_HEARTBEAT("timeout", "heartbeat.timeout_ms", { .message = ASK, .answer = REPLY, .timeout_ms = -2 }),
    BAD_HEARTBEAT("not_utf8", "heartbeat.message", { .message = { (const uint8_t *)"a\xff", 2 }, .answer = REPLY },
                  .position = 1),
    BAD_HEARTBEAT("large_message", "heartbeat.message", { .answer = REPLY }, (64 << 10) + 1, .size = (64 << 10) + 1),
    BAD_HEARTBEAT("large_answer", "heartbeat.answer", { .message = ASK }, .answer = (64 << 10) + 1, .size = (64 << 10) + 1),
    { HWS_ERR_INVALID_ARGUMENT, "bind", name_to_bind_to },
    { HWS_ERR_INVALID_ARGUMENT, "small_buffer", buffer_too_small },
    { HWS_ERR_INVALID_ARGUMENT, "header_of_the_handshake", header_of_the_handshake },

    { HWS_ERR_STRUCT_SIZE, "zero", struct_without_a_size },
    { HWS_ERR_STRUCT_SIZE, "future", fields_of_the_future },
    { HWS_ERR_STRUCT_SIZE, "event", event_of_another_size },

    { HWS_ERR_UNSUPPORTED, "abi", another_abi },

    { HWS_ERR_INVALID_STATE, "send_before_open", send_before_open, CLIENT },
    { HWS_ERR_INVALID_STATE, "handshake_before_open", handshake_before_open, CLIENT },
    { HWS_ERR_INVALID_STATE, "listener_closed_twice", listener_closed_twice },
    { HWS_ERR_INVALID_STATE, "allocator_too_late", allocator_too_late },

    { HWS_ERR_CONCURRENCY, "second_poller", second_poller },
    { HWS_ERR_CONCURRENCY, "second_receiver", second_receiver, BOTH },
    { HWS_ERR_CONCURRENCY, "poller_beside_a_receiver", poller_beside_a_receiver, BOTH },
    { HWS_ERR_CONCURRENCY, "message_of_another_thread", message_of_another_thread, BOTH },
    { HWS_ERR_CONCURRENCY, "ping_of_another_thread", ping_of_another_thread, BOTH },
    { HWS_ERR_CONCURRENCY, "message_inside_a_message", message_inside_a_message, BOTH },
    { HWS_ERR_CONCURRENCY, "ping_on_its_way", ping_on_its_way, BOTH },

    BAD_URI("empty_host", "ws:///", 5),
    BAD_URI("no_scheme", "127.0.0.1/path", 0),
    BAD_URI("http", "http://127.0.0.1/", 0),
    BAD_URI("slashes", "ws:/127.0.0.1/", 3),
    BAD_URI("port_zero", "ws://127.0.0.1:0/", 15),
    BAD_URI("port_too_large", "ws://127.0.0.1:65536/", 15),
    BAD_URI("port_not_a_number", "ws://127.0.0.1:http/", 15),
    BAD_URI("fragment", "ws://127.0.0.1/a#b", 16),
    BAD_URI("space", "ws://127.0.0.1/a b", 16),
    BAD_URI("line_end", "ws://127.0.0.1/a\r\nX: y", 16),
    BAD_URI("ipv6_without_brackets", "ws://::1/", 5),
    BAD_URI("ipv6_open_bracket", "ws://[::1/", 5),
    BAD_URI("ipv6_nonsense", "ws://[::g]/", 6),
    BAD_URI("short_ipv4", "ws://127.1/", 5),
    BAD_URI("percent", "ws://127.0.0.1/%2", 15),
    BAD_URI("no_international_name", "ws://b\xC3\xBC" "cher_.example/", 5),
    BAD_URI("zone_without_name", "ws://[fe80::1%25]/", 13),
    { HWS_ERR_INVALID_URI, "credentials", bad_uri, NEITHER,
      ROW(bad_uri, "ws://secret@127.0.0.1/", 11, "ws://***@127.0.0.1/") },

    UNSENDABLE("text_not_utf8", HWS_TEXT, "abc\xFF", 4, 0, 3, -1),
    UNSENDABLE("text_cut_short", HWS_TEXT, "ab\xE2\x82", 4, 0, 2, -1),
    UNSENDABLE("text_surrogate", HWS_TEXT, "\xED\xA0\x80", 3, HWS_SEND_MORE, 0, -1),
    UNSENDABLE("long_ping", HWS_PING, A124 "aa", 126, 0, -1, 125),
    UNSENDABLE("long_pong", HWS_PONG, A124 "aa", 126, 0, -1, 125),
    UNSENDABLE("fragmented_ping", HWS_PING, "", 0, HWS_SEND_MORE, -1, -1),
    UNSENDABLE("continues_nothing", HWS_CONT, "", 0, 0, -1, -1),
    UNSENDABLE("close_as_message", HWS_CLOSE, "", 0, 0, -1, -1),
    { HWS_ERR_INVALID_SEND, "half_a_character", half_a_character, BOTH },
    UNCLOSABLE("code_1", 1, ""),
    UNCLOSABLE("code_999", 999, ""),
    UNCLOSABLE("code_1004", 1004, ""),
    UNCLOSABLE("code_1005", 1005, ""),
    UNCLOSABLE("code_1006", 1006, ""),
    UNCLOSABLE("code_1015", 1015, ""),
    UNCLOSABLE("code_1016", 1016, ""),
    UNCLOSABLE("code_2999", 2999, ""),
    UNCLOSABLE("code_5000", 5000, ""),
    UNCLOSABLE("code_66536", 66536, ""), /* 1000 to those who look at 16 bits only */
    UNCLOSABLE("long_reason", 1000, A124),
};

PROVOKE(cases)
