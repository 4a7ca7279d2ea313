/* provoke_response.c -- opening handshakes that fail at the client: what the server answered, in every detail. */
#include "fields.h"
#include "provoke.h"

struct response {
    const char *fields; /* of the error behind the operation, see fields.h */
    const char *text;   /* as peer_say_marked takes it */
    const char *filler;
    size_t times;
    int end;            /* the server ends its direction after this */
    uint64_t body_max;
    int offered;        /* the client offers "chat" */
    int required;       /* and wants it */
};

static const hws_str chat = HWS_STR("chat");

static void ask_for(const struct response *it)
{
    limits.body_max = it->body_max;
    client.subprotocols = &chat;
    client.subprotocol_count = it->offered || it->required;
    client.subprotocol_required = it->required ? HWS_ON : HWS_OFF;
}

/* Where the table says "$" the error has the Sec-WebSocket-Accept of this very connection. */
static void check_fields(const hws_error_info *error, const char *want, const char *accept)
{
    const char *all = fields(error), *got = all + strlen("handshake ");
    for (; *want; want++) {
        size_t len = *want == '$' ? strlen(accept) : 1;
        if (strncmp(got, *want == '$' ? accept : want, len)) break;
        got += len;
    }
    if (*got || *want)
        fail(__FILE__, __LINE__, "the fields are\n    %s\nand end in\n    %s\ninstead of\n    %s", all, got, want);
}

static const hws_error_info *refused(enum role role, const void *row)
{
    const struct response *it = row;
    ask_for(it);
    struct link link = meet(role);
    const char *accept = peer_read_request(link.peer);
    peer_say_marked(link.peer, it->text, (struct marks){ accept, it->filler, it->times });
    if (it->end) peer_half_close(link.peer);

    const hws_event *failed = expect(HWS_EVENT_CONNECT_FAILED);
    CHECK_INT(failed->conn.id, link.conn.id);
    CHECK_TEXT(failed->error->uri, client.uri.ptr);
    CHECK(failed->error->detail.len);
    check_fields(failed->error, it->fields, accept);
    return failed->error;
}

/* -- What the caller wants to send and cannot --------------------------------------------------------------- */

struct unsendable { const char *name, *value; };

static const hws_error_info *unsendable_header(enum role role, const void *row)
{
    const struct unsendable *it = row;
    const hws_header header = { hws_cstr(it->name), hws_cstr(it->value) };
    hws_conn conn;
    (void)role;
    client.uri = hws_cstr("ws://127.0.0.1/");
    client.headers = &header;
    client.header_count = 1;
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_TEXT(error->header_name, it->name);
    CHECK_TEXT(error->header_value, it->value);
    return error;
}

static const hws_error_info *unsendable_origin(enum role role, const void *row)
{
    hws_conn conn;
    (void)role, (void)row;
    client.uri = hws_cstr("ws://127.0.0.1/");
    client.origin = hws_cstr("http://a\r\nCookie: b");
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_TEXT(error->header_name, "Origin");
    return error;
}

static const hws_error_info *unsendable_subprotocol(enum role role, const void *row)
{
    static const hws_str two = HWS_STR("chat, mqtt");
    hws_conn conn;
    (void)role, (void)row;
    client.uri = hws_cstr("ws://127.0.0.1/");
    client.subprotocols = &two;
    client.subprotocol_count = 1;
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_TEXT(error->header_name, "Sec-WebSocket-Protocol");
    CHECK_TEXT(error->header_value, "chat, mqtt");
    return error;
}

static const hws_error_info *unsendable_server_name(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    server.server = hws_cstr("a\nb");
    const hws_error_info *error = REFUSED(hws_listen(engine, &server, &listener));
    CHECK_TEXT(error->header_name, "Server");
    return error;
}

#define OK_LINE "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define ACCEPT_LINE "Sec-WebSocket-Accept: $\r\n"
#define ALL OK_LINE UPGRADE CONNECTION ACCEPT_LINE
#define END "\r\n"

#define REFUSAL(status, name, ...) { HWS_ERR_##status, name, refused, CLIENT, ROW(response, __VA_ARGS__) }
#define OF_101 "http_status=101 reason=[Switching Protocols]"
#define HEARD_TWO " {Upgrade: websocket} {Connection: Upgrade}"
#define HEARD HEARD_TWO " {Sec-WebSocket-Accept: $}"
/* An answer of two words: who reads it may be told to try again. */
#define ANSWER(status, retry)                                                                                          \
    REFUSAL(INVALID_STATUS, #status, retry "http_status=" #status " reason=[No way]",                                  \
            "HTTP/1.1 " #status " No way\r\n\r\n", .end = 1)

static const struct provoked cases[] = {
    REFUSAL(STATUS_LINE_TOO_LONG, "line", "size=8193 max_size=8192",
            "HTTP/1.1 101 ~\r\n", .filler = "a", .times = 9000),
    REFUSAL(STATUS_LINE_TOO_LONG, "endless", "size=8193 max_size=8192",
            "~", .filler = "a", .times = 9000),
    REFUSAL(HEADER_LINE_TOO_LONG, "line", "http_status=101 size=8193 max_size=8192 reason=[Switching Protocols]"
            " header=[X] value=[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...8189]",
            OK_LINE "X: ~\r\n", .filler = "a", .times = 9000),
    REFUSAL(STATUS_LINE_TOO_LONG, "interim_heads", "size=65537 max_size=65536",
            "~", .filler = "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n", .times = 3000),
    REFUSAL(TOO_MANY_HEADERS, NULL, "http_status=101 size=129 max_size=128 reason=[Switching Protocols]",
            OK_LINE "~", .filler = "X: y\r\n", .times = 129),
    REFUSAL(BODY_TOO_LARGE, "announced", "http_status=500 body_truncated=1 size=5 max_size=4 reason=[Oh] {X: y}"
            " {Content-Length: 5} body=[ab]",
            "HTTP/1.1 500 Oh\r\nX: y\r\nContent-Length: 5\r\n\r\nab", .body_max = 4),
    REFUSAL(BODY_TOO_LARGE, "default", "http_status=500 body_truncated=1 size=1048577 max_size=1048576 reason=[Oh]"
            " {Content-Length: 1048577}",
            "HTTP/1.1 500 Oh\r\nContent-Length: 1048577\r\n\r\n"),
    REFUSAL(BODY_TOO_LARGE, "chunk", "http_status=500 body_truncated=1 size=5 max_size=4 reason=[Oh]"
            " {Transfer-Encoding: chunked} body=[abc]",
            "HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\n", .body_max = 4),
    REFUSAL(BODY_TOO_LARGE, "to_the_end", "http_status=500 body_truncated=1 size=5 max_size=4 reason=[Oh] body=[abcd]",
            "HTTP/1.1 500 Oh\r\n\r\nabcde", .body_max = 4),

    REFUSAL(INVALID_MESSAGE, "ssh", "position=0",
            "SSH-2.0-OpenSSH_9.2\r\n"),
    REFUSAL(INVALID_MESSAGE, "status", "position=9",
            "HTTP/1.1 99 What\r\n\r\n"),
    REFUSAL(INVALID_MESSAGE, "blank_line_first", "position=0",
            "\r\n" ALL END),
    REFUSAL(INVALID_MESSAGE, "no_colon", "http_status=101 position=41 reason=[Switching Protocols]",
            OK_LINE "Upgrade\r\n"),
    REFUSAL(INVALID_MESSAGE, "folding", "http_status=101 position=40 reason=[Switching Protocols]",
            OK_LINE "X: a\r\n b\r\n"),
    REFUSAL(INVALID_MESSAGE, "bare_lf", "position=32",
            "HTTP/1.1 101 Switching Protocols\n"),
    REFUSAL(INVALID_MESSAGE, "two_lengths", "http_status=404 body_truncated=1 reason=[No] header=[Content-Length]"
            " value=[1, 2] {Content-Length: 1} {Content-Length: 2}",
            "HTTP/1.1 404 No\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    REFUSAL(INVALID_MESSAGE, "chunk_size", "http_status=404 body_truncated=1 reason=[No] {Transfer-Encoding: chunked}",
            "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"),
    REFUSAL(INVALID_MESSAGE_EOF, "nothing", "retryable=1 current_size=0",
            "", .end = 1),
    REFUSAL(INVALID_MESSAGE_EOF, "half", "retryable=1 http_status=101 current_size=46 reason=[Switching Protocols]",
            OK_LINE "Upgrade: web", .end = 1),
    REFUSAL(INVALID_MESSAGE_EOF, "after_interim", "retryable=1 current_size=28",
            "HTTP/1.1 103 Early Hints\r\n\r\n", .end = 1),
    REFUSAL(INVALID_HTTP_VERSION, "1_0", "http_status=101 version=[HTTP/1.0] reason=[Switching Protocols]" HEARD,
            "HTTP/1.0 101 Switching Protocols\r\n" UPGRADE CONNECTION ACCEPT_LINE END),
    REFUSAL(INVALID_HTTP_VERSION, "2", "http_status=101 version=[HTTP/2] reason=[Switching Protocols]",
            "HTTP/2 101 Switching Protocols\r\n\r\n"),

    REFUSAL(INVALID_STATUS, "200", "http_status=200 reason=[OK] {Content-Length: 2} body=[hi]",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    REFUSAL(INVALID_STATUS, "repeats", "http_status=401 reason=[Unauthorized] {Set-Cookie: a}"
            " {WWW-Authenticate: Basic} {set-cookie: b} {X: } {Content-Length: 0}",
            "HTTP/1.1 401 Unauthorized\r\nSet-Cookie: a\r\nWWW-Authenticate: Basic\r\nset-cookie: b\r\nX:\r\n"
            "Content-Length: 0\r\n\r\n"),
    REFUSAL(INVALID_STATUS, "no_reason", "http_status=404 {Content-Length: 0}",
            "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n"),
    REFUSAL(INVALID_STATUS, "chunked", "http_status=404 reason=[No] {Transfer-Encoding: chunked} body=[not here]",
            "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n5;x=y\r\n here\r\n0\r\nT: r\r\n\r\n"),
    REFUSAL(INVALID_STATUS, "to_the_end", "http_status=404 reason=[No] body=[not here]",
            "HTTP/1.1 404 No\r\n\r\nnot here", .end = 1),
    REFUSAL(INVALID_STATUS, "body_cut", "http_status=404 body_truncated=1 reason=[No] {Content-Length: 20}"
            " body=[not he]",
            "HTTP/1.1 404 No\r\nContent-Length: 20\r\n\r\nnot he", .end = 1),
    REFUSAL(INVALID_STATUS, "no_body", "http_status=204 reason=[No Content]",
            "HTTP/1.1 204 No Content\r\n\r\n"),
    REFUSAL(INVALID_STATUS, "after_interim", "http_status=403 reason=[No] {Content-Length: 0}",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
    REFUSAL(INVALID_STATUS, "retry_after", "retryable=2 http_status=503 retry_after_ms=7000 reason=[Busy]"
            " {Retry-After: 7} {Content-Length: 0}",
            "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
    REFUSAL(INVALID_STATUS, "retry_after_date", "retryable=1 http_status=503 reason=[Busy]"
            " {Retry-After: Fri, 31 Dec 1999 23:59:59 GMT} {Content-Length: 0}",
            "HTTP/1.1 503 Busy\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n"),
    REFUSAL(INVALID_STATUS, "redirect_to_nowhere", "http_status=302 reason=[Found] {Content-Length: 0}",
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
    ANSWER(400, ""),
    ANSWER(404, ""),
    ANSWER(408, "retryable=1 "),
    ANSWER(425, "retryable=1 "),
    ANSWER(426, ""),
    ANSWER(429, "retryable=1 "),
    ANSWER(500, "retryable=1 "),
    ANSWER(501, ""),
    ANSWER(502, "retryable=1 "),
    ANSWER(503, "retryable=1 "),
    ANSWER(504, "retryable=1 "),
    REFUSAL(REDIRECT, "301", "http_status=301 location=[ws://127.0.0.1:9/a] reason=[Moved]"
            " {Location: ws://127.0.0.1:9/a} {Content-Length: 0}",
            "HTTP/1.1 301 Moved\r\nLocation: ws://127.0.0.1:9/a\r\nContent-Length: 0\r\n\r\n"),
    REFUSAL(REDIRECT, "307", "http_status=307 location=[/b] reason=[Temporarily] {Location: /b} {Content-Length: 4}"
            " body=[move]",
            "HTTP/1.1 307 Temporarily\r\nLocation: /b\r\nContent-Length: 4\r\n\r\nmove"),

    REFUSAL(INVALID_HEADER, "no_accept", OF_101 " header=[Sec-WebSocket-Accept]" HEARD_TWO,
            OK_LINE UPGRADE CONNECTION END),
    REFUSAL(INVALID_HEADER, "two_accepts", OF_101 " header=[Sec-WebSocket-Accept] value=[$, x]" HEARD
            " {Sec-WebSocket-Accept: x}",
            ALL "Sec-WebSocket-Accept: x\r\n" END),
    REFUSAL(INVALID_HEADER, "two_subprotocols", OF_101 " header=[Sec-WebSocket-Protocol] value=[chat, chat]" HEARD
            " {Sec-WebSocket-Protocol: chat} {Sec-WebSocket-Protocol: chat}",
            ALL "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n" END, .offered = 1),
    REFUSAL(INVALID_HEADER_FORMAT, "upgrade", "http_status=101 position=0 reason=[Switching Protocols]"
            " header=[Upgrade] value=[@] {Upgrade: @} {Connection: Upgrade} {Sec-WebSocket-Accept: $}",
            OK_LINE "Upgrade: @\r\n" CONNECTION ACCEPT_LINE END),
    REFUSAL(INVALID_HEADER_FORMAT, "subprotocol", "http_status=101 position=2 reason=[Switching Protocols]"
            " header=[Sec-WebSocket-Protocol] value=[a b]" HEARD " {Sec-WebSocket-Protocol: a b}",
            ALL "Sec-WebSocket-Protocol: a b\r\n" END, .offered = 1),
    REFUSAL(INVALID_HEADER_FORMAT, "extension", "http_status=101 position=3 reason=[Switching Protocols]"
            " header=[Sec-WebSocket-Extensions] value=[x; =1]" HEARD " {Sec-WebSocket-Extensions: x; =1}",
            ALL "Sec-WebSocket-Extensions: x; =1\r\n" END),
    REFUSAL(INVALID_HEADER_VALUE, "accept", OF_101 " header=[Sec-WebSocket-Accept] value=[" ACCEPT "]" HEARD_TWO
            " {Sec-WebSocket-Accept: " ACCEPT "}",
            OK_LINE UPGRADE CONNECTION "Sec-WebSocket-Accept: " ACCEPT "\r\n" END),
    REFUSAL(INVALID_HEADER_VALUE, "accept_empty", OF_101 " header=[Sec-WebSocket-Accept] value=[]" HEARD_TWO
            " {Sec-WebSocket-Accept: }",
            OK_LINE UPGRADE CONNECTION "Sec-WebSocket-Accept:\r\n" END),
    REFUSAL(INVALID_HEADER_VALUE, "accept_longer", OF_101 " header=[Sec-WebSocket-Accept] value=[=$]" HEARD_TWO
            " {Sec-WebSocket-Accept: =$}",
            OK_LINE UPGRADE CONNECTION "Sec-WebSocket-Accept: =$\r\n" END),
    REFUSAL(INVALID_UPGRADE, "no_upgrade", OF_101 " header=[Upgrade] {Connection: Upgrade} {Sec-WebSocket-Accept: $}",
            OK_LINE CONNECTION ACCEPT_LINE END),
    REFUSAL(INVALID_UPGRADE, "h2c", OF_101 " header=[Upgrade] value=[h2c] {Upgrade: h2c} {Connection: Upgrade}"
            " {Sec-WebSocket-Accept: $}",
            OK_LINE "Upgrade: h2c\r\n" CONNECTION ACCEPT_LINE END),
    REFUSAL(INVALID_UPGRADE, "two", OF_101 " header=[Upgrade] value=[websocket, h2c] {Upgrade: websocket, h2c}"
            " {Connection: Upgrade} {Sec-WebSocket-Accept: $}",
            OK_LINE "Upgrade: websocket, h2c\r\n" CONNECTION ACCEPT_LINE END),
    REFUSAL(INVALID_UPGRADE, "no_connection", OF_101 " header=[Connection] {Upgrade: websocket}"
            " {Sec-WebSocket-Accept: $}",
            OK_LINE UPGRADE ACCEPT_LINE END),
    REFUSAL(INVALID_UPGRADE, "close", OF_101 " header=[Connection] value=[close] {Upgrade: websocket}"
            " {Connection: close} {Sec-WebSocket-Accept: $}",
            OK_LINE UPGRADE "Connection: close\r\n" ACCEPT_LINE END),
    REFUSAL(NEGOTIATION, "extension", OF_101 " header=[Sec-WebSocket-Extensions] value=[x-mux]" HEARD
            " {Sec-WebSocket-Extensions: x-mux}",
            ALL "Sec-WebSocket-Extensions: x-mux\r\n" END),
    REFUSAL(NEGOTIATION, "not_offered", OF_101 " header=[Sec-WebSocket-Protocol] value=[mqtt]" HEARD
            " {Sec-WebSocket-Protocol: mqtt}",
            ALL "Sec-WebSocket-Protocol: mqtt\r\n" END, .offered = 1),
    REFUSAL(NEGOTIATION, "other_case", OF_101 " header=[Sec-WebSocket-Protocol] value=[CHAT]" HEARD
            " {Sec-WebSocket-Protocol: CHAT}",
            ALL "Sec-WebSocket-Protocol: CHAT\r\n" END, .offered = 1),
    REFUSAL(NEGOTIATION, "nothing_offered", OF_101 " header=[Sec-WebSocket-Protocol] value=[chat]" HEARD
            " {Sec-WebSocket-Protocol: chat}",
            ALL "Sec-WebSocket-Protocol: chat\r\n" END),
    REFUSAL(SUBPROTOCOL, "required", OF_101 " header=[Sec-WebSocket-Protocol]" HEARD,
            ALL END, .required = 1),

    { HWS_ERR_INVALID_HEADER_VALUE, "line_end", unsendable_header, NEITHER, ROW(unsendable, "X", "a\r\nCookie: b") },
    { HWS_ERR_INVALID_HEADER_VALUE, "line_feed", unsendable_header, NEITHER, ROW(unsendable, "X", "a\nb") },
    { HWS_ERR_INVALID_HEADER_VALUE, "name", unsendable_header, NEITHER, ROW(unsendable, "X: a\r\nY", "b") },
    { HWS_ERR_INVALID_HEADER_VALUE, "no_name", unsendable_header, NEITHER, ROW(unsendable, "", "b") },
    { HWS_ERR_INVALID_HEADER_VALUE, "host", unsendable_header, NEITHER, ROW(unsendable, "Host", "a b") },
    { HWS_ERR_INVALID_HEADER_VALUE, "origin", unsendable_origin },
    { HWS_ERR_INVALID_HEADER_VALUE, "subprotocol", unsendable_subprotocol },
    { HWS_ERR_INVALID_HEADER_VALUE, "server_name", unsendable_server_name },
};

PROVOKE(cases)
