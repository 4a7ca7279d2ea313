/* provoke_extension.c -- permessage-deflate: parameters that are wrong, in an answer and in an offer, and streams that
 * are none. */
#include "provoke.h"

struct parameter {
    const char *extensions; /* what the peer offers, or answers */
    const char *name, *value;
};

/* As a server it tells why it declined, and opens; as a client it does not open. */
static const hws_error_info *parameter(enum role role, const void *row)
{
    const struct parameter *it = row;
    struct link link = meet(role);
    char head[HEAD_MAX];
    const hws_error_info *error;
    if (role == AS_CLIENT) {
        snprintf(head, sizeof head, "%.*sSec-WebSocket-Extensions: %s\r\n\r\n", (int)strlen(RESPONSE) - 2, RESPONSE,
                 it->extensions);
        peer_say_marked(link.peer, head, (struct marks){ peer_read_request(link.peer), NULL, 0 });
        error = expect(HWS_EVENT_CONNECT_FAILED)->error;
        CHECK_INT(error->http_status, 101);
    } else {
        snprintf(head, sizeof head, "%.*sSec-WebSocket-Extensions: %s\r\n\r\n", (int)strlen(REQUEST) - 2, REQUEST,
                 it->extensions);
        peer_say(link.peer, head);
        const hws_handshake *handshake = expect(HWS_EVENT_OPEN)->handshake;
        CHECK_TEXT(handshake->extensions, "");
        CHECK(handshake->extension_declined);
        error = handshake->extension_declined;
    }
    CHECK_TEXT(error->header_name, "Sec-WebSocket-Extensions");
    CHECK_TEXT(error->header_value, it->extensions);
    CHECK_TEXT(error->parameter_name, it->name);
    CHECK_TEXT(error->parameter_value, it->value);
    return error;
}

/* A connection on which compression was agreed. */
static struct link open_compressed(enum role role)
{
    struct link link = meet(role);
    char head[HEAD_MAX];
    const char *line = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    const char *greeting = role == AS_CLIENT ? RESPONSE : REQUEST;
    const char *accept = role == AS_CLIENT ? peer_read_request(link.peer) : NULL;
    snprintf(head, sizeof head, "%.*s%s", (int)strlen(greeting) - 2, greeting, line);
    peer_say_marked(link.peer, head, (struct marks){ accept, NULL, 0 });
    const hws_event *open = expect(HWS_EVENT_OPEN);
    link.conn = open->conn;
    CHECK(!open->handshake->extension_declined);
    CHECK_TEXT(open->handshake->extensions, role == AS_CLIENT ? "permessage-deflate"
                                                              : "permessage-deflate; server_max_window_bits=12");
    if (role == AS_SERVER) peer_read_head(link.peer, head);
    return link;
}

struct stream { const char *payload; size_t len; uint16_t code; };

static const hws_error_info *stream(enum role role, const void *row)
{
    static const char hello[] = "\xf2\x48\xcd\xc9\xc9\x07";
    const struct stream *it = row;
    struct link link = open_compressed(role);
    hws_stats stats = { .struct_size = sizeof stats };

    peer_frame(&link, (struct frame){ .first = FIN | RSV1 | TEXT, .payload = hello, .len = sizeof hello });
    const hws_event *message = expect(HWS_EVENT_MESSAGE);
    CHECK_INT(message->flags, HWS_FLAG_COMPRESSED);
    CHECK(message->data.len == 5 && !memcmp(message->data.ptr, "Hello", 5));
    OK(hws_conn_stats(link.conn, &stats));
    CHECK_INT(stats.inflated_in, 5);
    CHECK(stats.deflated_in >= sizeof hello);
    peer_message(&link, TEXT, "plain");
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->flags, 0);

    peer_frame(&link, (struct frame){ .first = FIN | RSV1 | BINARY, .payload = it->payload, .len = it->len });
    peer_expect_close(&link, it->code);
    if (role == AS_SERVER) peer_expect_end(link.peer);
    const hws_error_info *error = hang_up(&link);
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    return error->cause;
}

#define PARAMETER(status, label, extension, parameter_name, parameter_value)                                          \
    { HWS_ERR_##status, label, parameter, BOTH,                                                                        \
      ROW(parameter, .extensions = "permessage-deflate; " extension, .name = parameter_name, .value = parameter_value) }
#define STREAM(status, label, bytes, close_code)                                                                      \
    { HWS_ERR_##status, label, stream, BOTH, ROW(stream, .payload = bytes, .len = sizeof bytes - 1, .code = close_code) }

static const struct provoked cases[] = {
    PARAMETER(DUPLICATE_PARAMETER, "window", "server_max_window_bits=10; server_max_window_bits=11",
              "server_max_window_bits", "11"),
    PARAMETER(DUPLICATE_PARAMETER, "takeover", "client_no_context_takeover; client_no_context_takeover",
              "client_no_context_takeover", ""),
    PARAMETER(INVALID_PARAMETER_NAME, NULL, "level=9", "level", "9"),
    PARAMETER(INVALID_PARAMETER_VALUE, "small", "server_max_window_bits=7", "server_max_window_bits", "7"),
    PARAMETER(INVALID_PARAMETER_VALUE, "large", "client_max_window_bits=16", "client_max_window_bits", "16"),
    PARAMETER(INVALID_PARAMETER_VALUE, "zero", "server_max_window_bits=010", "server_max_window_bits", "010"),
    PARAMETER(INVALID_PARAMETER_VALUE, "missing", "server_max_window_bits", "server_max_window_bits", ""),
    PARAMETER(INVALID_PARAMETER_VALUE, "flag", "server_no_context_takeover=yes", "server_no_context_takeover", "yes"),
    STREAM(DECOMPRESSION, "block", "\xff\xff\xff", 1007),
    STREAM(DECOMPRESSION, "cut", "\xf2\x48\xcd", 1007),
};

PROVOKE(cases)
