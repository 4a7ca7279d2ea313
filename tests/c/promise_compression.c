/* Promise: messages are compressed where both ends agree to it, and the host knows what it costs and what it saves. */
#include "expect.h"

enum { LONG = 2000 };
static char words[LONG];

static hws_compression defaults(void)
{
    hws_compression compression;
    memset(&compression, 0, sizeof compression);
    compression.struct_size = sizeof compression;
    return compression;
}

static hws_status listen_with(hws_engine engine, const hws_compression *compression, hws_listener *listener)
{
    hws_server_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.bind = hws_cstr("127.0.0.1:0");
    options.compression = compression;
    return hws_listen(engine, &options, listener);
}

/* A client that is set so, and a server that is set so. */
static pair joined(const hws_compression *of_client, const hws_compression *of_server, char agreed[256])
{
    pair pair;
    hws_client_options options;
    int opened;
    memset(words, 'a', sizeof words);
    memset(&pair, 0, sizeof pair);
    memset(&options, 0, sizeof options);
    OK(hws_engine_new(NULL, &pair.engine));
    OK(listen_with(pair.engine, of_server, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    options.struct_size = sizeof options;
    options.uri = hws_cstr(pair.uri);
    options.compression = of_client;
    OK(hws_connect(pair.engine, &options, &pair.client));
    for (opened = 0; opened < 2; opened++) {
        hws_event event = await(pair.engine, any, HWS_EVENT_OPEN);
        if (event.conn.id != pair.client.id) pair.server = event.conn;
        if (opened) EXPECT(!strcmp(agreed, event.handshake->extensions.ptr));
        strcpy(agreed, event.handshake->extensions.ptr);
    }
    return pair;
}

static void both_ends_compress_unless_told_otherwise(void)
{
    static const hws_send_options raw = { .struct_size = sizeof raw, .flags = HWS_SEND_RAW };
    char agreed[256];
    pair pair = joined(NULL, NULL, agreed);
    hws_conn ends[2] = { pair.client, pair.server };
    hws_stats stats = { .struct_size = sizeof stats };
    int i;
    EXPECT(hws_has_feature("deflate"));
    EXPECT(!strcmp(agreed, "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"));
    for (i = 0; i < 2; i++) {
        hws_event event;
        OK(hws_send(ends[i], HWS_TEXT, words, sizeof words, NULL));
        event = await(pair.engine, ends[!i], HWS_EVENT_MESSAGE);
        EXPECT(event.flags == HWS_FLAG_COMPRESSED && event.data.len == LONG && !memcmp(event.data.ptr, words, LONG));
        OK(hws_send(ends[i], HWS_TEXT, words, sizeof words, &raw));
        event = await(pair.engine, ends[!i], HWS_EVENT_MESSAGE);
        EXPECT(event.flags == 0 && event.data.len == LONG);
        OK(hws_send(ends[i], HWS_TEXT, words, 127, NULL));
        EXPECT(await(pair.engine, ends[!i], HWS_EVENT_MESSAGE).flags == 0);
        OK(hws_conn_stats(ends[i], &stats));
        EXPECT(stats.inflated_out == LONG && stats.deflated_out > 0 && stats.deflated_out < 100);
        EXPECT(stats.bytes_out == 2 * LONG + 127 && stats.wire_out < LONG + 2000);
    }
    OK(hws_engine_stats(pair.engine, &stats));
    EXPECT(stats.inflated_in == 2 * LONG && stats.deflated_in == stats.deflated_out);
}

static void either_end_may_decline(void)
{
    hws_compression off = defaults();
    char agreed[256];
    pair pair;
    off.enabled = HWS_OFF;
    pair = joined(&off, NULL, agreed);
    EXPECT(!agreed[0]);
    OK(hws_send(pair.client, HWS_TEXT, words, sizeof words, NULL));
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_MESSAGE).flags == 0);
    pair = joined(NULL, &off, agreed);
    EXPECT(!agreed[0]);
}

static void windows_and_takeover_are_agreed(void)
{
    hws_compression client = defaults(), server = defaults();
    char agreed[256];
    client.client_max_window_bits = 10;
    client.server_max_window_bits = 9;
    server.server_no_context_takeover = HWS_ON;
    joined(&client, &server, agreed);
    EXPECT(!strcmp(agreed, "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; "
                           "client_max_window_bits=10"));
}

static void what_cannot_be_is_refused(void)
{
    static const size_t fields[] = { offsetof(hws_compression, level), offsetof(hws_compression, memory_level),
                                     offsetof(hws_compression, client_max_window_bits),
                                     offsetof(hws_compression, server_max_window_bits),
                                     offsetof(hws_compression, enabled) };
    static const uint32_t values[][3] = { { 10, 256, 257 }, { 10, 256, 257 }, { 7, 16, 264 }, { 7, 16, 264 }, { 3, 4, 5 } };
    hws_engine engine;
    hws_listener listener;
    size_t i, j;
    OK(hws_engine_new(NULL, &engine));
    for (i = 0; i < LENGTH(fields); i++)
        for (j = 0; j < 3; j++) {
            hws_compression compression = defaults();
            memcpy((char *)&compression + fields[i], &values[i][j], sizeof values[i][j]);
            FAILS(listen_with(engine, &compression, &listener), HWS_ERR_INVALID_ARGUMENT);
            EXPECT(strstr(hws_last_error()->detail.ptr, "compression"));
        }
}

TESTS(T(both_ends_compress_unless_told_otherwise), T(either_end_may_decline), T(windows_and_takeover_are_agreed),
      T(what_cannot_be_is_refused))
