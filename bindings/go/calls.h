// Code generated from include/hawser.h and the status table by HAWSER_BLESS=1 cargo test --test bindings. DO NOT EDIT.

#ifndef HAWSER_CALLS_H
#define HAWSER_CALLS_H

#include <hawser.h>
#include <stdbool.h>

// How a call went: 0, or an error that hws_error_free must free.
typedef struct outcome {
    hws_status status;
    hws_error error;
} outcome;

static inline outcome keep(hws_status status)
{
    outcome it = { status, { 0 } };
    if (status != HWS_OK) (void)!hws_error_keep(hws_last_error(), &it.error);
    return it;
}

static inline hws_str text(_GoString_ go)
{
    hws_str it = { _GoStringPtr(go), _GoStringLen(go) };
    return it;
}

static inline outcome call_error_raise(const hws_raise *raise)
{
    return keep(hws_error_raise(raise));
}

static inline outcome call_engine_new(const hws_engine_options *options, hws_engine *out_engine)
{
    return keep(hws_engine_new(options, out_engine));
}

static inline outcome call_engine_free(hws_engine engine)
{
    return keep(hws_engine_free(engine));
}

static inline outcome call_poll(hws_engine engine, hws_event *events, size_t event_size, uint32_t capacity, int32_t timeout_ms, uint32_t *count)
{
    return keep(hws_poll(engine, events, event_size, capacity, timeout_ms, count));
}

static inline outcome call_wake(hws_engine engine)
{
    return keep(hws_wake(engine));
}

static inline outcome call_recv(hws_conn conn, hws_event *event, size_t event_size, int32_t timeout_ms)
{
    return keep(hws_recv(conn, event, event_size, timeout_ms));
}

static inline outcome call_engine_pollable(hws_engine engine, ptrdiff_t *fd)
{
    return keep(hws_engine_pollable(engine, fd));
}

static inline outcome call_engine_next_timeout(hws_engine engine, int32_t *timeout_ms)
{
    return keep(hws_engine_next_timeout(engine, timeout_ms));
}

static inline outcome call_preset_get(_GoString_ name, const hws_preset *preset)
{
    return keep(hws_preset_get(text(name), preset));
}

static inline outcome call_conn_reconnect(hws_conn conn, const hws_reconnect_options *options)
{
    return keep(hws_conn_reconnect(conn, options));
}

static inline outcome call_conn_replay(hws_conn conn, uint64_t after_token)
{
    return keep(hws_conn_replay(conn, after_token));
}

static inline outcome call_conn_forget(hws_conn conn, uint64_t token)
{
    return keep(hws_conn_forget(conn, token));
}

static inline outcome call_connect(hws_engine engine, const hws_client_options *options, hws_conn *out_conn)
{
    return keep(hws_connect(engine, options, out_conn));
}

static inline outcome call_listen(hws_engine engine, const hws_server_options *options, hws_listener *out_listener)
{
    return keep(hws_listen(engine, options, out_listener));
}

static inline outcome call_listener_address(hws_listener listener, char *buf, size_t cap, size_t *needed)
{
    return keep(hws_listener_address(listener, buf, cap, needed));
}

static inline outcome call_listener_close(hws_listener listener, const hws_drain *drain)
{
    return keep(hws_listener_close(listener, drain));
}

static inline outcome call_engine_refusals(hws_engine engine, hws_status status, uint64_t *count)
{
    return keep(hws_engine_refusals(engine, status, count));
}

static inline outcome call_listener_set_tls(hws_listener listener, const hws_tls *tls)
{
    return keep(hws_listener_set_tls(listener, tls));
}

static inline outcome call_adopt(hws_engine engine, ptrdiff_t socket, const hws_client_options *client, const hws_server_options *server, hws_conn *out_conn)
{
    return keep(hws_adopt(engine, socket, client, server, out_conn));
}

static inline outcome call_send(hws_conn conn, hws_opcode opcode, const uint8_t *data, size_t len, const hws_send_options *options)
{
    return keep(hws_send(conn, opcode, data, len, options));
}

static inline outcome call_close(hws_conn conn, uint32_t code, _GoString_ reason)
{
    return keep(hws_close(conn, code, text(reason)));
}

static inline outcome call_abort(hws_conn conn)
{
    return keep(hws_abort(conn));
}

static inline outcome call_conn_pause(hws_conn conn, bool paused)
{
    return keep(hws_conn_pause(conn, paused));
}

static inline outcome call_conn_state(hws_conn conn, uint32_t *state)
{
    return keep(hws_conn_state(conn, state));
}

static inline outcome call_conn_set_user(hws_conn conn, uint64_t user)
{
    return keep(hws_conn_set_user(conn, user));
}

static inline outcome call_conn_user(hws_conn conn, uint64_t *user)
{
    return keep(hws_conn_user(conn, user));
}

static inline outcome call_conn_stats(hws_conn conn, hws_stats *stats)
{
    return keep(hws_conn_stats(conn, stats));
}

static inline outcome call_engine_stats(hws_engine engine, hws_stats *stats)
{
    return keep(hws_engine_stats(engine, stats));
}

static inline outcome call_subscribe(hws_conn conn, _GoString_ topic)
{
    return keep(hws_subscribe(conn, text(topic)));
}

static inline outcome call_unsubscribe(hws_conn conn, _GoString_ topic)
{
    return keep(hws_unsubscribe(conn, text(topic)));
}

static inline outcome call_publish(hws_engine engine, _GoString_ topic, hws_opcode opcode, const uint8_t *data, size_t len, const hws_publish_options *options, uint32_t *reached, uint32_t *skipped)
{
    return keep(hws_publish(engine, text(topic), opcode, data, len, options, reached, skipped));
}

static inline outcome call_send_many(const hws_conn *conns, size_t count, hws_opcode opcode, const uint8_t *data, size_t len, const hws_publish_options *options, uint32_t *reached, uint32_t *skipped)
{
    return keep(hws_send_many(conns, count, opcode, data, len, options, reached, skipped));
}

static inline outcome call_topic_subscribers(hws_engine engine, _GoString_ topic, uint32_t *count)
{
    return keep(hws_topic_subscribers(engine, text(topic), count));
}

static inline outcome call_pool_new(hws_engine engine, const hws_pool_options *options, hws_pool *out_pool)
{
    return keep(hws_pool_new(engine, options, out_pool));
}

static inline outcome call_pool_acquire(hws_pool pool, _GoString_ target, int32_t timeout_ms, uint64_t token)
{
    return keep(hws_pool_acquire(pool, text(target), timeout_ms, token));
}

static inline outcome call_pool_release(hws_pool pool, hws_conn conn, bool reusable)
{
    return keep(hws_pool_release(pool, conn, reusable));
}

static inline outcome call_pool_free(hws_pool pool)
{
    return keep(hws_pool_free(pool));
}

static inline outcome call_pool_stats(hws_pool pool, hws_pool_counts *stats)
{
    return keep(hws_pool_stats(pool, stats));
}

static inline outcome call_request_accept(hws_request request, const hws_accept_options *options, hws_conn *out_conn)
{
    return keep(hws_request_accept(request, options, out_conn));
}

static inline outcome call_request_respond(hws_request request, const hws_response *response)
{
    return keep(hws_request_respond(request, response));
}

#endif
