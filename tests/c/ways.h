/* ways.h -- pairs of expect.h that meet on other ways than plain TCP on the loopback: with options of their own, over
 * TLS, over a unix socket; and what both ends say that they have agreed on. */
#ifndef WAYS_H
#define WAYS_H

#include "certs.h"
#include "expect.h"

/* A server with these options; those that every server needs are filled in. */
UNUSED static pair serve_with(hws_server_options options)
{
    pair pair;
    memset(&pair, 0, sizeof pair);
    options.struct_size = sizeof options;
    if (!options.bind.ptr) options.bind = hws_cstr("127.0.0.1:0");
    OK(hws_engine_new(NULL, &pair.engine));
    OK(hws_listen(pair.engine, &options, &pair.listener));
    strcpy(pair.uri, options.tls ? "wss://" : "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + strlen(pair.uri), sizeof pair.uri - 6, NULL));
    return pair;
}

/* A client with these options, to the server unless they say where to. */
UNUSED static hws_conn dial_with(const pair *pair, hws_client_options options)
{
    hws_conn conn;
    options.struct_size = sizeof options;
    if (!options.uri.ptr) options.uri = hws_cstr(pair->uri);
    OK(hws_connect(pair->engine, &options, &conn));
    return conn;
}

/* What one end says about the opening handshake, copied. */
typedef struct agreed {
    char version[16], cipher[64], name[64], alpn[64], subject[128], uri[128], user[64], peer[128], host[128];
    size_t certificate;
    uint32_t resumed;
} agreed;

UNUSED static void copy_text(char *to, size_t room, hws_str from)
{
    EXPECT(from.len < room);
    if (from.len) memcpy(to, from.ptr, from.len);
    to[from.len] = '\0';
}

UNUSED static agreed agreed_in(const hws_handshake *it)
{
    agreed copy;
    copy_text(copy.version, sizeof copy.version, it->tls_version);
    copy_text(copy.cipher, sizeof copy.cipher, it->tls_cipher);
    copy_text(copy.name, sizeof copy.name, it->tls_server_name);
    copy_text(copy.alpn, sizeof copy.alpn, it->tls_alpn);
    copy_text(copy.subject, sizeof copy.subject, it->tls_subject);
    copy_text(copy.uri, sizeof copy.uri, it->uri);
    copy_text(copy.user, sizeof copy.user, it->user);
    copy_text(copy.peer, sizeof copy.peer, it->peer);
    copy_text(copy.host, sizeof copy.host, it->host);
    copy.certificate = it->tls_certificate.len;
    copy.resumed = it->tls_resumed;
    return copy;
}

/* What both ends say when they are open. */
typedef struct meeting { agreed client, server; } meeting;

/* Both ends open. */
UNUSED static meeting meet(pair *pair)
{
    meeting meeting;
    int opened = 0;
    memset(&meeting, 0, sizeof meeting);
    while (opened < 2) {
        hws_event event = await(pair->engine, any, HWS_EVENT_OPEN);
        int is_client = event.conn.id == pair->client.id;
        *(is_client ? &meeting.client : &meeting.server) = agreed_in(event.handshake);
        if (!is_client) pair->server = event.conn;
        opened++;
    }
    return meeting;
}

UNUSED static meeting join_with(pair *pair, hws_client_options options)
{
    pair->client = dial_with(pair, options);
    return meet(pair);
}

/* A message there and the same one back. */
UNUSED static void echo(const pair *pair, const void *data, size_t len)
{
    hws_event event;
    OK(hws_send(pair->client, HWS_BINARY, data, len, NULL));
    event = await(pair->engine, pair->server, HWS_EVENT_MESSAGE);
    EXPECT(event.data.len == len && (!len || !memcmp(event.data.ptr, data, len)));
    OK(hws_send(pair->server, HWS_BINARY, event.data.ptr, event.data.len, NULL));
    event = await(pair->engine, pair->client, HWS_EVENT_MESSAGE);
    EXPECT(event.data.len == len && (!len || !memcmp(event.data.ptr, data, len)));
}

/* Both ends end cleanly, with nothing that went wrong behind it. */
UNUSED static void close_cleanly(const pair *pair)
{
    int closed;
    OK(hws_close(pair->client, 1000, hws_cstr("bye")));
    for (closed = 0; closed < 2; closed++) {
        hws_event event = await(pair->engine, any, HWS_EVENT_CLOSE);
        EXPECT(event.status == HWS_ERR_CLOSED_OK && (event.flags & HWS_FLAG_CLEAN));
        EXPECT(event.error->close_code == 1000 && !event.error->cause);
    }
}

#endif
