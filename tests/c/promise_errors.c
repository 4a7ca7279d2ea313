/* Promises 7 and 8: zero is the default, and a failure explains itself, with what led to it, for as long as the host
 * likes to keep it. */
#include "raw.h"

static void nothing_but_zeros_is_a_server_and_a_client(void)
{
    hws_engine_options engine_options = { .struct_size = sizeof engine_options };
    hws_server_options server_options = { .struct_size = sizeof server_options, .bind = HWS_STR("127.0.0.1:0") };
    hws_client_options client_options = { .struct_size = sizeof client_options };
    hws_send_options send_options = { .struct_size = sizeof send_options };
    pair pair;
    hws_event event;

    OK(hws_engine_new(&engine_options, &pair.engine));
    OK(hws_listen(pair.engine, &server_options, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    client_options.uri = hws_cstr(pair.uri);
    OK(hws_connect(pair.engine, &client_options, &pair.client));
    await(pair.engine, pair.client, HWS_EVENT_OPEN);
    OK(hws_send(pair.client, HWS_TEXT, "ahoy", 4, &send_options));
    event = await(pair.engine, any, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, "ahoy") && event.user == 0);
}

/* Structs of an older header, which end earlier, mean the default for what they lack. */
static void an_older_header_is_understood(void)
{
    pair pair = serve(NULL);
    hws_client_options options = { .struct_size = offsetof(hws_client_options, origin) };
    hws_stats stats = { .struct_size = offsetof(hws_stats, bytes_out) };
    options.uri = hws_cstr(pair.uri);
    options.origin = hws_cstr((const char *)(uintptr_t)1); /* what lies behind an older struct is not looked at */
    OK(hws_connect(pair.engine, &options, &pair.client));
    await(pair.engine, pair.client, HWS_EVENT_OPEN);
    stats.bytes_out = 99;
    OK(hws_conn_stats(pair.client, &stats));
    EXPECT(stats.struct_size == offsetof(hws_stats, bytes_out) && stats.connections == 1 && stats.bytes_out == 99);
}

/* --- what a failure says ---------------------------------------------------------------------------------- */

static void a_refused_connection_says_by_whom(void)
{
    pair pair = serve(NULL);
    hws_event event;
    OK(hws_listener_close(pair.listener, NULL));
    await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED);
    pair.client = dial(pair.engine, pair.uri, NULL);
    event = await(pair.engine, pair.client, HWS_EVENT_CONNECT_FAILED);
    EXPECT(event.status == HWS_ERR_CONNECTION_REFUSED && event.error->status == event.status);
    EXPECT(event.error->os_error == ECONNREFUSED && event.error->attempts == 1);
    EXPECT(!strcmp(event.error->peer.ptr, pair.uri + 5) && strstr(event.error->uri.ptr, pair.uri) != NULL);
    EXPECT(!strcmp(hws_operation_name(event.error->operation), "connect"));
    EXPECT(event.error->conn.id == pair.client.id && event.error->retryable == HWS_RETRY_YES);
    EXPECT(event.error->struct_size == sizeof(hws_error_info) && event.error->message.len > 10);
}

/* A connection whose peer is gone without a word. */
static hws_event broken(pair *pair)
{
    close(raw_open(pair, 0, &pair->server));
    return await(pair->engine, pair->server, HWS_EVENT_CLOSE);
}

static void the_chain_of_causes_is_one_line(void)
{
    pair pair = serve(NULL);
    hws_event event = broken(&pair);
    char line[1024], small[8] = "before";
    size_t needed = 0, again = 0;

    EXPECT(event.status == HWS_ERR_CLOSED_ERROR && event.error->cause->status == HWS_ERR_UNEXPECTED_EOF);
    EXPECT(event.error->cause->cause == NULL && event.error->close_code == 1006 && !event.error->close_rcvd.present);
    OK(hws_error_format(event.error, line, sizeof line, &needed));
    EXPECT(!strncmp(line, "CLOSED_ERROR: ", 14) && strstr(line, " <- UNEXPECTED_EOF: "));
    EXPECT(strlen(line) == needed && !strchr(line, '\n'));

    OK(hws_error_format(event.error, NULL, 0, &again));
    EXPECT(again == needed);
    again = 0;
    FAILS(hws_error_format(event.error, small, sizeof small, &again), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(again == needed && !strcmp(small, "before"));
    FAILS(hws_error_format(event.error, line, needed, NULL), HWS_ERR_INVALID_ARGUMENT);
    OK(hws_error_format(event.error, line, needed + 1, NULL));
}

/* "NAME: what happened", the name as in the header but without the prefix that all have. */
static void the_line_begins_with_the_name_of_the_status(void)
{
    char line[1024], *colon;
    hws_engine none = { 0 };
    FAILS(hws_wake(none), HWS_ERR_INVALID_HANDLE);
    OK(hws_error_format(hws_last_error(), line, sizeof line, NULL));
    colon = strchr(line, ':');
    EXPECT(colon && !strcmp(colon + 2, hws_last_error()->message.ptr));
    *colon = 0;
    EXPECT(!strcmp(line, hws_status_name(HWS_ERR_INVALID_HANDLE) + strlen("HWS_ERR_")));
}

/* --- keeping ---------------------------------------------------------------------------------------------- */

static void are_equal_texts(hws_str a, hws_str b)
{
    EXPECT(a.len == b.len && (a.ptr == NULL) == (b.ptr == NULL));
    EXPECT(!a.ptr || (!memcmp(a.ptr, b.ptr, a.len) && !b.ptr[b.len]));
}

/* All the texts lie between message and parameter_value, one after the other. */
static void are_equal(const hws_error_info *a, const hws_error_info *b)
{
    const hws_str *text = &a->message, *copy = &b->message;
    size_t i;
    EXPECT(!memcmp(a, b, offsetof(hws_error_info, message)));
    for (i = 0; &text[i] <= &a->parameter_value; i++) are_equal_texts(text[i], copy[i]);
    EXPECT(a->header_count == b->header_count && a->body.len == b->body.len);
    for (i = 0; i < a->header_count; i++) {
        are_equal_texts(a->headers[i].name, b->headers[i].name);
        are_equal_texts(a->headers[i].value, b->headers[i].value);
    }
    EXPECT(!a->body.len || !memcmp(a->body.ptr, b->body.ptr, a->body.len));
    EXPECT(a->close_rcvd.present == b->close_rcvd.present && a->close_sent.code == b->close_sent.code);
    are_equal_texts(a->close_rcvd.reason, b->close_rcvd.reason);
    are_equal_texts(a->close_sent.reason, b->close_sent.reason);
    EXPECT(a->rcvd_then_sent == b->rcvd_then_sent && a->close_code == b->close_code);
    EXPECT(!a->cause == !b->cause);
    if (a->cause) are_equal(a->cause, b->cause);
}

typedef struct kept {
    hws_error error, again;
    char line[1024];
} kept;

/* The engine is gone, and so is the thread that saw it fail. */
static void *see_it_fail(void *argument)
{
    kept *kept = argument;
    pair pair = serve(NULL);
    hws_event event = broken(&pair);
    const hws_error_info *copy;
    OK(hws_error_keep(event.error, &kept->error));
    OK(hws_error_get(kept->error, &copy));
    EXPECT(copy != event.error);
    are_equal(event.error, copy);
    OK(hws_error_keep(copy, &kept->again));
    OK(hws_error_format(event.error, kept->line, sizeof kept->line, NULL));
    OK(hws_engine_free(pair.engine));
    return NULL;
}

static void a_kept_error_crosses_threads_and_outlives_its_engine(void)
{
    static kept kept;
    const hws_error_info *info, *again;
    char line[1024];

    done(go(see_it_fail, &kept));
    OK(hws_error_get(kept.error, &info));
    OK(hws_error_get(kept.again, &again));
    are_equal(info, again);
    OK(hws_error_format(info, line, sizeof line, NULL));
    EXPECT(!strcmp(line, kept.line));
    OK(hws_error_free(kept.error));
    FAILS(hws_error_get(kept.error, &info), HWS_ERR_INVALID_HANDLE);
    OK(hws_error_get(kept.again, &again));
    OK(hws_error_free(kept.again));
}

/* The answer of a server that is full: status, headers and body, kept with the rest. */
static void a_refusal_is_kept_with_its_headers_and_body(void)
{
    hws_server_options options = { .struct_size = sizeof options, .bind = HWS_STR("127.0.0.1:0"), .max_connections = 1 };
    pair pair;
    hws_event event;
    hws_error error;
    const hws_error_info *copy;

    OK(hws_engine_new(NULL, &pair.engine));
    OK(hws_listen(pair.engine, &options, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    join(&pair, NULL);
    pair.client = dial(pair.engine, pair.uri, NULL);
    event = await(pair.engine, pair.client, HWS_EVENT_CONNECT_FAILED);
    EXPECT(event.status == HWS_ERR_INVALID_STATUS && event.error->http_status == 503);
    EXPECT(event.error->header_count > 0);
    OK(hws_error_keep(event.error, &error));
    OK(hws_error_get(error, &copy));
    are_equal(event.error, copy);
}

/* --- connections ------------------------------------------------------------------------------------------ */

static void a_connection_knows_what_ended_it(void)
{
    pair pair = pair_new(NULL);
    const hws_error_info *info;
    hws_event event;
    OK(hws_conn_error(pair.server, &info));
    EXPECT(info->status == HWS_OK);
    OK(hws_close(pair.client, 4000, hws_cstr("enough")));
    event = await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    OK(hws_conn_error(pair.server, &info));
    are_equal(event.error, info);
    EXPECT(info->status == HWS_ERR_CLOSED_ERROR && info->close_code == 4000 && info->rcvd_then_sent == 1);
    EXPECT(info->initiated_by == HWS_SIDE_REMOTE && !strcmp(info->close_rcvd.reason.ptr, "enough"));
    event = await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    EXPECT(event.error->initiated_by == HWS_SIDE_LOCAL && event.error->rcvd_then_sent == 0);
}

static void using_a_closed_connection_says_how_it_closed(void)
{
    pair pair = pair_new(NULL);
    OK(hws_close(pair.client, 4000, hws_cstr("enough")));
    FAILS(hws_send(pair.client, HWS_TEXT, "", 0, NULL), HWS_ERR_CONNECTION_CLOSED);
    EXPECT(hws_last_error()->close_sent.code == 4000 && hws_last_error()->conn.id == pair.client.id);
    await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    FAILS(hws_send(pair.server, HWS_TEXT, "", 0, NULL), HWS_ERR_CONNECTION_CLOSED);
    EXPECT(hws_last_error()->close_rcvd.code == 4000 && hws_last_error()->conn.id == pair.server.id);
}

static void a_handshake_can_be_looked_at_when_it_is_done(void)
{
    hws_str chat = HWS_STR("chat");
    hws_header extra = { HWS_STR("X-Ship"), HWS_STR("Argo") };
    hws_server_options server = { .struct_size = sizeof server, .bind = HWS_STR("127.0.0.1:0"), .subprotocols = &chat, .subprotocol_count = 1 };
    hws_client_options client = { .struct_size = sizeof client, .subprotocols = &chat, .subprotocol_count = 1, .headers = &extra, .header_count = 1 };
    const hws_handshake *info;
    pair pair;
    hws_event event;
    size_t i, ships = 0;

    OK(hws_engine_new(NULL, &pair.engine));
    OK(hws_listen(pair.engine, &server, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    strcat(pair.uri, "/quay?berth=7");
    client.uri = hws_cstr(pair.uri);
    OK(hws_connect(pair.engine, &client, &pair.client));
    if (!has_io_thread()) { /* with one it may be done by now */
        FAILS(hws_conn_handshake(pair.client, &info), HWS_ERR_INVALID_STATE);
        EXPECT(hws_last_error()->state == 1u << HWS_STATE_CONNECTING);
    }

    do event = await(pair.engine, any, HWS_EVENT_OPEN);
    while (event.conn.id == pair.client.id);
    OK(hws_conn_handshake(event.conn, &info));
    for (i = 0; i < info->header_count; i++)
        ships += !strcmp(info->headers[i].name.ptr, "X-Ship") && !strcmp(info->headers[i].value.ptr, "Argo");
    EXPECT(ships == 1 && info->header_count == event.handshake->header_count);
    EXPECT(!strcmp(info->target.ptr, "/quay?berth=7") && !strcmp(info->method.ptr, "GET"));
    EXPECT(info->subprotocol_count == 1 && !strcmp(info->subprotocols_offered[0].ptr, "chat"));

    pair.server = event.conn;
    await(pair.engine, pair.client, HWS_EVENT_OPEN);
    poll_without_room(pair.engine);
    OK(hws_conn_handshake(pair.server, &info));
    EXPECT(info->http_status == 101 && !strcmp(info->subprotocol.ptr, "chat") && info->peer.len > 0);
    EXPECT(info->header_count == 0);
}

TESTS(T(nothing_but_zeros_is_a_server_and_a_client), T(an_older_header_is_understood),
      T(a_refused_connection_says_by_whom), T(the_chain_of_causes_is_one_line),
      T(the_line_begins_with_the_name_of_the_status), T(a_kept_error_crosses_threads_and_outlives_its_engine),
      T(a_refusal_is_kept_with_its_headers_and_body), T(a_connection_knows_what_ended_it),
      T(using_a_closed_connection_says_how_it_closed), T(a_handshake_can_be_looked_at_when_it_is_done))
