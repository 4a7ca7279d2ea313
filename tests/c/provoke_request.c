/* provoke_request.c -- opening handshakes that a server refuses: the client hears a status of HTTP and why, the host
 * an ACCEPT_FAILED with everything about it. */
#include "fields.h"
#include "provoke.h"

struct request {
    const char *answer;  /* how the response begins; "" for none at all */
    const char *fields;  /* of the error behind the operation and status, see fields.h */
    const char *text;    /* as peer_say_marked takes it */
    const char *header;  /* what the response must hold, if anything */
    const char *filler;
    size_t times;
    int end;             /* the client ends its direction after this */
    const char *origin;  /* the one that is admitted */
    int required;        /* "chat" is spoken, and must be */
    int routed;          /* /page is answered 410, and there is nothing elsewhere */
};

static const hws_str chat = HWS_STR("chat");

static const hws_response gone = { .struct_size = sizeof gone, .status = 410 };

static void ask_for(const struct request *it)
{
    static hws_str origin;
    static const hws_route page = { .struct_size = sizeof page, .pattern = HWS_STR("/page"), .decide = HWS_ON };
    if (it->routed) {
        server.routes = &page;
        server.route_count = 1;
    }
    if (it->origin) {
        origin = hws_cstr(it->origin);
        server.origins = &origin;
        server.origin_count = 1;
        server.origin_required = HWS_ON;
    }
    if (it->required) {
        server.subprotocols = &chat;
        server.subprotocol_count = 1;
        server.subprotocol_required = HWS_ON;
    }
}

static void check_fields(const hws_error_info *error, const struct request *it)
{
    char want[512];
    int answered = *it->answer ? snprintf(want, sizeof want, "handshake http_status=%.3s ", it->answer + 9)
                               : snprintf(want, sizeof want, "handshake ");
    CHECK(answered > 0 && strlen(it->fields) < sizeof want - (size_t)answered);
    strcpy(want + answered, it->fields);
    if (strcmp(fields(error), want))
        fail(__FILE__, __LINE__, "the fields are\n    %s, not\n    %s", fields(error), want);
}

static const hws_error_info *refused(enum role role, const void *row)
{
    const struct request *it = row;
    char response[HEAD_MAX];
    ask_for(it);
    struct link link = meet(role);
    peer_say_marked(link.peer, it->text, (struct marks){ NULL, it->filler, it->times });
    if (it->end) peer_half_close(link.peer);
    if (it->routed && strncmp(it->answer, "HTTP/1.1 404", 12))
        OK(hws_request_respond(expect(HWS_EVENT_REQUEST)->request, &gone));
    peer_read_rest(link.peer, response);
    if (strncmp(response, it->answer, strlen(it->answer)) || !*it->answer != !*response)
        fail(__FILE__, __LINE__, "the response is\n%s", response);
    if (it->header && !strstr(response, it->header)) fail(__FILE__, __LINE__, "no %s in\n%s", it->header, response);
    SYS(close(link.peer));

    const hws_event *failed = expect(HWS_EVENT_ACCEPT_FAILED);
    CHECK_INT(failed->listener.id, link.listener.id);
    CHECK_INT(failed->conn.id, 0);
    CHECK(strstr(failed->error->peer.ptr, "127.0.0.1:"));
    CHECK(failed->error->detail.len || !*it->answer);
    check_fields(failed->error, it);
    return failed->error;
}

/* A refusal is nobody else's affair: the next client is welcome. */
static const hws_error_info *the_next_is_welcome(enum role role, const void *row)
{
    static const struct request nonsense = { "HTTP/1.1 400 ", "position=0", "nonsense\r\n\r\n" };
    const hws_error_info *error;
    hws_error kept;
    (void)row;
    OK(hws_error_keep(refused(role, &nonsense), &kept));
    OK(hws_error_get(kept, &error));
    peer_say(peer_connect(port_of_listener(event.listener)), REQUEST);
    expect(HWS_EVENT_OPEN);
    return error;
}

#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: 127.0.0.1\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define KEY_LINE "Sec-WebSocket-Key: " KEY "\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define ALL HOST UPGRADE CONNECTION KEY_LINE VERSION
#define END "\r\n"

#define KEYS KEY KEY KEY KEY KEY KEY KEY KEY KEY KEY
#define LINE_700 "X: " KEYS KEYS KEYS "\r\n" /* 128 of them are more than a head may hold, 1 is not */

#define ANSWER_400 "HTTP/1.1 400 Bad Request\r\n"
#define ANSWER_403 "HTTP/1.1 403 Forbidden\r\n"
#define ANSWER_405 "HTTP/1.1 405 Method Not Allowed\r\n"
#define ANSWER_414 "HTTP/1.1 414 URI Too Long\r\n"
#define ANSWER_426 "HTTP/1.1 426 Upgrade Required\r\n"
#define ANSWER_431 "HTTP/1.1 431 Request Header Fields Too Large\r\n"
#define ANSWER_505 "HTTP/1.1 505 HTTP Version Not Supported\r\n"

#define OF_GET "uri=[/] method=[GET]" /* what an error knows once the request line has come */
#define REFUSAL(status, name, ...) { HWS_ERR_##status, name, refused, SERVER, ROW(request, __VA_ARGS__) }
#define ORIGIN(name, value, fields)                                                                                    \
    REFUSAL(INVALID_ORIGIN, name, ANSWER_403, fields, GET ALL value END, .origin = "https://example.com")

static const struct provoked cases[] = {
    REFUSAL(REQUEST_LINE_TOO_LONG, "line", ANSWER_414, "size=8193 max_size=8192",
            "GET /~ HTTP/1.1\r\n", .filler = "a", .times = 9000),
    REFUSAL(REQUEST_LINE_TOO_LONG, "endless", ANSWER_414, "size=8193 max_size=8192",
            "GET /~", .filler = "a", .times = 100000),
    REFUSAL(HEADER_LINE_TOO_LONG, "line", ANSWER_431,
            "size=8193 max_size=8192 " OF_GET " header=[X] value=[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...8189]",
            GET "X: ~\r\n", .filler = "a", .times = 9000),
    REFUSAL(HEADER_LINE_TOO_LONG, "endless", ANSWER_431, "size=8193 max_size=8192 " OF_GET,
            GET "~", .filler = "a", .times = 100000),
    REFUSAL(HEADER_LINE_TOO_LONG, "whole_head", ANSWER_431,
            "size=65537 max_size=65536 " OF_GET " header=[X] value=[dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBu...135]",
            GET ALL "~" END, .filler = LINE_700, .times = 100),
    REFUSAL(TOO_MANY_HEADERS, NULL, ANSWER_431, "size=129 max_size=128 " OF_GET,
            GET "~" END, .filler = "X: y\r\n", .times = 129),

    REFUSAL(INVALID_MESSAGE, "tls", ANSWER_400, "position=0",
            "\x16\x03\x01\x02"),
    REFUSAL(INVALID_MESSAGE, "nonsense", ANSWER_400, "position=0",
            "nonsense\r\n\r\n"),
    REFUSAL(INVALID_MESSAGE, "no_colon", ANSWER_400, "position=20 " OF_GET,
            GET "Host\r\n"),
    REFUSAL(INVALID_MESSAGE, "space_before_colon", ANSWER_400, "position=20 " OF_GET " header=[Host] value=[h]",
            GET "Host : h\r\n"),
    REFUSAL(INVALID_MESSAGE, "folding", ANSWER_400, "position=22 " OF_GET,
            GET "X: a\r\n b\r\n"),
    REFUSAL(INVALID_MESSAGE, "no_name", ANSWER_400, "position=16 " OF_GET " value=[a]",
            GET ": a\r\n"),
    REFUSAL(INVALID_MESSAGE, "name_not_token", ANSWER_400, "position=17 " OF_GET " header=[X@] value=[a]",
            GET "X@: a\r\n"),
    REFUSAL(INVALID_MESSAGE, "bare_lf", ANSWER_400, "position=20 " OF_GET " header=[X] value=[a]",
            GET "X: a\n"),
    REFUSAL(INVALID_MESSAGE, "bare_cr", ANSWER_400, "position=21 " OF_GET " header=[X] value=[a\r]",
            GET "X: a\rb\r\n"),
    REFUSAL(INVALID_MESSAGE, "control", ANSWER_400, "position=20 " OF_GET " header=[X] value=[a]",
            GET "X: a\x01\r\n"),
    REFUSAL(INVALID_MESSAGE, "body", ANSWER_400, OF_GET " header=[Content-Length] value=[1]",
            GET ALL "Content-Length: 1\r\n" END),
    REFUSAL(INVALID_MESSAGE, "signed_length", ANSWER_400, OF_GET " header=[Content-Length] value=[+0]",
            GET ALL "Content-Length: +0\r\n" END),
    REFUSAL(INVALID_MESSAGE, "two_lengths", ANSWER_400, OF_GET " header=[Content-Length] value=[0, 0]",
            GET ALL "Content-Length: 0\r\nContent-Length: 0\r\n" END),
    REFUSAL(INVALID_MESSAGE, "chunked", ANSWER_400, OF_GET " header=[Transfer-Encoding] value=[chunked]",
            GET ALL "Transfer-Encoding: chunked\r\n" END),
    REFUSAL(INVALID_MESSAGE, "length_and_chunked", ANSWER_400, OF_GET " header=[Transfer-Encoding] value=[chunked]",
            GET ALL "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n" END),
    REFUSAL(INVALID_MESSAGE, "absolute_target", ANSWER_400, "position=4 method=[GET]",
            "GET ws://127.0.0.1/ HTTP/1.1\r\n" ALL END),
    { HWS_ERR_INVALID_MESSAGE, "next_is_welcome", the_next_is_welcome, SERVER },
    REFUSAL(INVALID_MESSAGE_EOF, "nothing", "", "retryable=1",
            "", .end = 1),
    REFUSAL(INVALID_MESSAGE_EOF, "half", "", "retryable=1 current_size=22 " OF_GET,
            GET "Host: ", .end = 1),

    REFUSAL(HANDSHAKE_ABORTED, "decided", "HTTP/1.1 410 Gone\r\n", "uri=[/page] method=[GET]",
            "GET /page HTTP/1.1\r\n" ALL END, .routed = 1),
    REFUSAL(HANDSHAKE_ABORTED, "no_route", "HTTP/1.1 404 Not Found\r\n", OF_GET,
            GET ALL END, .routed = 1),
    REFUSAL(INVALID_METHOD, "post", ANSWER_405, "uri=[/] method=[POST]",
            "POST / HTTP/1.1\r\n" ALL END, .header = "\r\nAllow: GET\r\n"),
    REFUSAL(INVALID_METHOD, "head", ANSWER_405, "uri=[/] method=[HEAD]",
            "HEAD / HTTP/1.1\r\n" ALL END, .header = "\r\nAllow: GET\r\n"),
    REFUSAL(INVALID_METHOD, "lower_case", ANSWER_405, "uri=[/] method=[get]",
            "get / HTTP/1.1\r\n" ALL END, .header = "\r\nAllow: GET\r\n"),
    REFUSAL(INVALID_HTTP_VERSION, "1_0", ANSWER_505, OF_GET " version=[HTTP/1.0]",
            "GET / HTTP/1.0\r\n" ALL END),
    REFUSAL(INVALID_HTTP_VERSION, "1_10", ANSWER_505, OF_GET " version=[HTTP/1.10]",
            "GET / HTTP/1.10\r\n" ALL END),
    REFUSAL(INVALID_HTTP_VERSION, "2", ANSWER_505, OF_GET " version=[HTTP/2]",
            "GET / HTTP/2\r\n" ALL END),

    REFUSAL(INVALID_HEADER, "no_host", ANSWER_400, OF_GET " header=[Host]",
            GET UPGRADE CONNECTION KEY_LINE VERSION END),
    REFUSAL(INVALID_HEADER, "two_hosts", ANSWER_400, OF_GET " header=[Host] value=[127.0.0.1, 127.0.0.1]",
            GET ALL HOST END),
    REFUSAL(INVALID_HEADER, "no_key", ANSWER_400, OF_GET " header=[Sec-WebSocket-Key]",
            GET HOST UPGRADE CONNECTION VERSION END),
    REFUSAL(INVALID_HEADER, "two_keys", ANSWER_400,
            OF_GET " header=[Sec-WebSocket-Key] value=[" KEY ", dGhlIHNhbXBsZS...50]",
            GET ALL KEY_LINE END),
    REFUSAL(INVALID_HEADER, "no_version", ANSWER_426, OF_GET " header=[Sec-WebSocket-Version]",
            GET HOST UPGRADE CONNECTION KEY_LINE END, .header = "\r\nSec-WebSocket-Version: 13\r\n"),
    REFUSAL(INVALID_HEADER, "two_versions", ANSWER_400, OF_GET " header=[Sec-WebSocket-Version] value=[13, 13]",
            GET ALL VERSION END),

    REFUSAL(INVALID_HEADER_FORMAT, "upgrade", ANSWER_400, "position=2 " OF_GET " header=[Upgrade] value=[a b]",
            GET HOST "Upgrade: a b\r\n" CONNECTION KEY_LINE VERSION END),
    REFUSAL(INVALID_HEADER_FORMAT, "connection", ANSWER_400,
            "position=9 " OF_GET " header=[Connection] value=[Upgrade, @]",
            GET HOST UPGRADE "Connection: Upgrade, @\r\n" KEY_LINE VERSION END),
    REFUSAL(INVALID_HEADER_FORMAT, "extensions", ANSWER_400,
            "position=2 " OF_GET " header=[Sec-WebSocket-Extensions] value=[a;;b]",
            GET ALL "Sec-WebSocket-Extensions: a;;b\r\n" END),
    REFUSAL(INVALID_HEADER_FORMAT, "extensions_empty", ANSWER_400,
            "position=0 " OF_GET " header=[Sec-WebSocket-Extensions] value=[]",
            GET ALL "Sec-WebSocket-Extensions:\r\n" END),
    REFUSAL(INVALID_HEADER_FORMAT, "subprotocol", ANSWER_400,
            "position=6 " OF_GET " header=[Sec-WebSocket-Protocol] value=[chat, {}]",
            GET ALL "Sec-WebSocket-Protocol: chat, {}\r\n" END),

    REFUSAL(INVALID_HEADER_VALUE, "host", ANSWER_400, OF_GET " header=[Host] value=[a b]",
            GET "Host: a b\r\n" UPGRADE CONNECTION KEY_LINE VERSION END),
    REFUSAL(INVALID_HEADER_VALUE, "empty_key", ANSWER_400, OF_GET " header=[Sec-WebSocket-Key] value=[]",
            GET HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key:\r\n" END),
    REFUSAL(INVALID_HEADER_VALUE, "short_key", ANSWER_400, OF_GET " header=[Sec-WebSocket-Key] value=[c2hvcnQ=]",
            GET HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: c2hvcnQ=\r\n" END),
    REFUSAL(INVALID_HEADER_VALUE, "key_not_base64", ANSWER_400,
            OF_GET " header=[Sec-WebSocket-Key] value=[************************]",
            GET HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: ************************\r\n" END),
    REFUSAL(INVALID_HEADER_VALUE, "version_8", ANSWER_426, OF_GET " header=[Sec-WebSocket-Version] value=[8]",
            GET HOST UPGRADE CONNECTION KEY_LINE "Sec-WebSocket-Version: 8\r\n" END,
            .header = "\r\nSec-WebSocket-Version: 13\r\n"),

    REFUSAL(INVALID_UPGRADE, "no_upgrade", ANSWER_426, OF_GET " header=[Upgrade]",
            GET HOST CONNECTION KEY_LINE VERSION END, .header = "\r\nUpgrade: websocket\r\n"),
    REFUSAL(INVALID_UPGRADE, "h2c", ANSWER_426, OF_GET " header=[Upgrade] value=[h2c]",
            GET HOST "Upgrade: h2c\r\n" CONNECTION KEY_LINE VERSION END, .header = "\r\nUpgrade: websocket\r\n"),
    REFUSAL(INVALID_UPGRADE, "part_of_a_token", ANSWER_426, OF_GET " header=[Upgrade] value=[websockets]",
            GET HOST "Upgrade: websockets\r\n" CONNECTION KEY_LINE VERSION END,
            .header = "\r\nUpgrade: websocket\r\n"),
    REFUSAL(INVALID_UPGRADE, "no_connection", ANSWER_426, OF_GET " header=[Connection]",
            GET HOST UPGRADE KEY_LINE VERSION END, .header = "\r\nUpgrade: websocket\r\n"),
    REFUSAL(INVALID_UPGRADE, "keep_alive", ANSWER_426, OF_GET " header=[Connection] value=[keep-alive]",
            GET HOST UPGRADE "Connection: keep-alive\r\n" KEY_LINE VERSION END,
            .header = "\r\nUpgrade: websocket\r\n"),

    ORIGIN("none", "", OF_GET " header=[Origin]"),
    ORIGIN("empty", "Origin:\r\n", OF_GET " header=[Origin] value=[]"),
    ORIGIN("null", "Origin: null\r\n", OF_GET " header=[Origin] value=[null] origin=[null]"),
    ORIGIN("prefix", "Origin: https://example.com.evil.org\r\n",
           OF_GET " header=[Origin] value=[https://example.com.evil.org] origin=[https://example.com.evil.org]"),
    ORIGIN("suffix", "Origin: https://notexample.com\r\n",
           OF_GET " header=[Origin] value=[https://notexample.com] origin=[https://notexample.com]"),
    ORIGIN("scheme", "Origin: http://example.com\r\n",
           OF_GET " header=[Origin] value=[http://example.com] origin=[http://example.com]"),
    ORIGIN("port", "Origin: https://example.com:444\r\n",
           OF_GET " header=[Origin] value=[https://example.com:444] origin=[https://example.com:444]"),
    ORIGIN("list", "Origin: https://example.com https://evil.org\r\n",
           OF_GET " header=[Origin] value=[https://example.com https://evil.org]"
           " origin=[https://example.com https://evil.org]"),
    ORIGIN("twice", "Origin: https://example.com\r\nOrigin: https://evil.org\r\n",
           OF_GET " header=[Origin] value=[https://example.com, https://evil.org]"
           " origin=[https://example.com, https://evil.org]"),

    REFUSAL(SUBPROTOCOL, "none_offered", ANSWER_400, OF_GET " header=[Sec-WebSocket-Protocol]",
            GET ALL END, .required = 1),
    REFUSAL(SUBPROTOCOL, "none_in_common", ANSWER_400, OF_GET " header=[Sec-WebSocket-Protocol] value=[Chat, mqtt]",
            GET ALL "Sec-WebSocket-Protocol: Chat, mqtt\r\n" END, .required = 1),
};

PROVOKE(cases)
