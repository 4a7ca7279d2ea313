/* Through a proxy a connection is as without: what the proxy hears is what its protocol says and nothing more, what
 * the server says is not lost, and credentials are told to the proxy only. The proxies are played by hand. */
#include "certs.h"
#include "peer.h"
#include "resolver.h"
#include "secret.h"
#include "tests.h"
#include <pthread.h>

/* rows of tables leave out what is zero */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define BYTES(text) { text, sizeof(text) - 1 }

struct bytes { const char *at; size_t len; };

/* A proxy, and where the client goes through it. */
struct way {
    const char *scheme, *user, *uri;
    struct { struct bytes hears, says; } turns[3];
};

static int proxy_listener;
static char proxy_url[128];

/* A client sets out; the proxy has heard nothing yet. */
static struct link set_out(const struct way *it)
{
    struct link link = { AS_CLIENT, { 0 }, { 0 }, -1 };
    if (!proxy_listener) proxy_listener = peer_listen(8);
    snprintf(proxy_url, sizeof proxy_url, "%s://%s127.0.0.1:%u", it->scheme, it->user, port_of(proxy_listener));
    client.proxy = hws_cstr(proxy_url);
    client.uri = hws_cstr(it->uri);
    OK(hws_connect(engine, &client, &link.conn));
    link.peer = peer_accept(proxy_listener);
    return link;
}

/* Whom the socket leads to. */
static const char *address_of_the_proxy(void)
{
    static char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", port_of(proxy_listener));
    return address;
}

static void hear(int fd, struct bytes want)
{
    char got[512];
    CHECK(want.len <= sizeof got);
    peer_read_all(fd, got, want.len);
    if (memcmp(got, want.at, want.len)) fail(__FILE__, __LINE__, "the proxy hears \"%.*s\"", (int)want.len, got);
}

/* The connection is open. The server sends a message, and the client, and both end. */
static void converse(const struct link *link)
{
    char payload[126];
    peer_message(link, TEXT, "from afar");
    const hws_event *message = expect(HWS_EVENT_MESSAGE);
    CHECK_INT(message->conn.id, link->conn.id);
    CHECK(!memcmp(message->data.ptr, "from afar", 9));
    OK(hws_send(link->conn, HWS_TEXT, "ahoy", 4, NULL));
    CHECK_INT(peer_read_frame(link, FIN | TEXT, payload), 4);
    CHECK(!strcmp(payload, "ahoy"));
    peer_close_frame(link, 1000, "");
    peer_expect_close(link, 1000);
    SYS(close(link->peer));
    CHECK_INT(expect(HWS_EVENT_CLOSE)->status, HWS_ERR_CLOSED_OK);
}

/* -- What proxies hear -------------------------------------------------------------------------------------- */

#define CONNECT(authority, more)                                                                                       \
    { BYTES("CONNECT " authority " HTTP/1.1\r\nHost: " authority "\r\n" more "User-Agent: hawser/" HWS_VERSION_STRING  \
            "\r\n\r\n"), BYTES("HTTP/1.1 200 Connection established\r\n\r\n") }
#define LOCAL "127.0.0.1"

static const struct way ways[] = {
    { "http", "", "ws://server.invalid/", { CONNECT("server.invalid:80", "") } },
    { "http", "", "ws://Server.INVALID:81/", { CONNECT("server.invalid:81", "") } },
    { "http", "", "ws://192.0.2.7/", { CONNECT("192.0.2.7:80", "") } },
    { "http", "", "ws://[2001:db8::7]:81/", { CONNECT("[2001:db8::7]:81", "") } },
    { "http", "user:" SECRET "@", "ws://server.invalid/",
      { CONNECT("server.invalid:80", "Proxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n") } },
    { "http", "user:" ENCODED "@", "ws://server.invalid/",
      { CONNECT("server.invalid:80", "Proxy-Authorization: Basic dXNlcjpzZWNyOmV0\r\n") } },
    { "http", "user@", "ws://server.invalid/",
      { CONNECT("server.invalid:80", "Proxy-Authorization: Basic dXNlcjo=\r\n") } },
    { "socks4a", "", "ws://server.invalid/",
      { { BYTES("\4\1\0\x50\0\0\0\1\0server.invalid\0"), BYTES("\0\x5a\0\0\0\0\0\0") } } },
    { "socks4a", "user@", "ws://192.0.2.7:258/",
      { { BYTES("\4\1\1\2\xc0\0\2\7user\0"), BYTES("\0\x5a\0\0\0\0\0\0") } } },
    { "socks4", "user@", "ws://" MANY "/",
      { { BYTES("\4\1\0\x50\x7f\0\0\1user\0"), BYTES("\0\x5a\0\0\0\0\0\0") } } },
    { "socks5h", "", "ws://server.invalid/",
      { { BYTES("\5\1\0"), BYTES("\5\0") },
        { BYTES("\5\1\0\3\16server.invalid\0\x50"), BYTES("\5\0\0\1\0\0\0\0\0\0") } } },
    { "socks5h", "user:" ENCODED "@", "ws://server.invalid/",
      { { BYTES("\5\2\0\2"), BYTES("\5\2") }, { BYTES("\1\4user\7" DECODED), BYTES("\1\0") },
        { BYTES("\5\1\0\3\16server.invalid\0\x50"), BYTES("\5\0\0\3\4name\0\0") } } },
    { "socks5h", "user:" SECRET "@", "ws://[2001:db8::7]/",
      { { BYTES("\5\2\0\2"), BYTES("\5\0") }, /* it wants none */
        { BYTES("\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7\0\x50"),
          BYTES("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0") } } },
    { "socks5", "", "ws://" MANY "/",
      { { BYTES("\5\1\0"), BYTES("\5\0") },
        { BYTES("\5\1\0\1\x7f\0\0\1\0\x50"), BYTES("\5\0\0\1\0\0\0\0\0\0") } } },
};

static void begin(void)
{
    static const char *const addresses[] = { LOCAL, NULL };
    create_world();
    many_addresses = addresses;
    watch_the_log();
}

static void each_proxy_hears_what_its_protocol_says(void)
{
    begin();
    for (size_t i = 0; i < LENGTH(ways); i++) {
        struct link link = set_out(&ways[i]);
        for (size_t t = 0; t < 3 && ways[i].turns[t].hears.at; t++) {
            hear(link.peer, ways[i].turns[t].hears);
            peer_send(link.peer, ways[i].turns[t].says.at, ways[i].turns[t].says.len);
        }
        greet(&link);
        const hws_handshake *handshake = expect(HWS_EVENT_OPEN)->handshake;
        CHECK_TEXT(handshake->peer, address_of_the_proxy());
        check_untold("the handshake's URI", handshake->uri.ptr);
        converse(&link);
    }
}

/* Answers come in pieces as small as can be; the engine sees each of them. */
static void answers_may_come_byte_by_byte(void)
{
    begin();
    for (size_t i = 0; i < LENGTH(ways); i++) {
        struct link link = set_out(&ways[i]);
        for (size_t t = 0; t < 3 && ways[i].turns[t].hears.at; t++) {
            hear(link.peer, ways[i].turns[t].hears);
            for (size_t b = 0; b < ways[i].turns[t].says.len; b++) {
                peer_send(link.peer, ways[i].turns[t].says.at + b, 1);
                let_it_work();
            }
        }
        greet(&link);
        expect(HWS_EVENT_OPEN);
        converse(&link);
    }
}

/* A server that does not wait speaks right behind the proxy's answer: an interim response, to begin with, and with its
 * real one the first message. */
static void what_comes_in_one_piece_is_not_lost(void)
{
    static const char hint[] = "HTTP/1.1 103 Early Hints\r\n\r\n";
    char bytes[512];
    begin();
    for (size_t i = 0; i < LENGTH(ways); i++) {
        struct link link = set_out(&ways[i]);
        for (size_t t = 0; t < 3 && ways[i].turns[t].hears.at; t++) {
            struct bytes says = ways[i].turns[t].says;
            int last = t == 2 || !ways[i].turns[t + 1].hears.at;
            hear(link.peer, ways[i].turns[t].hears);
            memcpy(bytes, says.at, says.len);
            memcpy(bytes + says.len, hint, sizeof hint - 1);
            peer_send(link.peer, bytes, says.len + (last ? sizeof hint - 1 : 0));
        }
        const char *accept = peer_read_request(link.peer);
        peer_say_marked(link.peer, RESPONSE "\x81\5first", (struct marks){ accept, NULL, 0 });
        expect(HWS_EVENT_OPEN);
        CHECK(!memcmp(expect(HWS_EVENT_MESSAGE)->data.ptr, "first", 5));
        converse(&link);
    }
}

/* Behind the proxy's consent the server refuses, in the same segment: that is the server's word, not the proxy's. */
static void a_refusal_behind_the_tunnel_is_the_servers(void)
{
    char head[HEAD_MAX];
    begin();
    struct link link = set_out(&ways[0]);
    peer_read_head(link.peer, head);
    peer_say(link.peer, "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->status, HWS_ERR_INVALID_STATUS);
    CHECK_INT(error->http_status, 503);
    CHECK_OPERATION(error, "handshake");
}

/* What is for the proxy is not for the server, and the other way round. */
static void each_gets_its_own_credentials(void)
{
    static const hws_header header = { HWS_STR("X-For-The-Server"), HWS_STR("yes") };
    char head[HEAD_MAX];
    begin();
    client.headers = &header;
    client.header_count = 1;
    static const struct way way = { "http", "user:" SECRET "@", "ws://me:mine@server.invalid/" };
    struct link link = set_out(&way);
    peer_read_head(link.peer, head);
    CHECK(strstr(head, "\r\nProxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"));
    CHECK(!strstr(head, "\r\nAuthorization:") && !strstr(head, "X-For-The-Server"));
    peer_say(link.peer, "HTTP/1.1 200 OK\r\n\r\n");
    peer_read_head(link.peer, head);
    CHECK(strstr(head, "\r\nAuthorization: Basic bWU6bWluZQ==\r\n") && strstr(head, "X-For-The-Server: yes"));
    check_untold("the request", head);
    CHECK(!strstr(head, "Proxy-Authorization"));
    CHECK(strstr(head, "Host: server.invalid\r\n"));
}

/* -- TLS through proxies ------------------------------------------------------------------------------------ */

struct bridge { int ends[2]; };

static void *carry(void *argument)
{
    struct bridge *it = argument;
    struct pollfd fds[2] = { { it->ends[0], POLLIN, 0 }, { it->ends[1], POLLIN, 0 } };
    char bytes[16384];
    for (int open = 2; open && poll(fds, 2, -1) > 0;)
        for (int i = 0; i < 2; i++) {
            if (!fds[i].revents) continue;
            ssize_t len = recv(it->ends[i], bytes, sizeof bytes, 0);
            if (len > 0) {
                send(it->ends[!i], bytes, (size_t)len, MSG_NOSIGNAL);
                continue;
            }
            shutdown(it->ends[!i], SHUT_WR);
            fds[i].fd = -1;
            open--;
        }
    return NULL;
}

/* The proxy connects the client to a TLS server of ours, whose certificate is for the URI's name. */
static void tls_goes_through_every_kind(void)
{
    static const size_t chosen[] = { 0, 7, 9, 10, 11, 13 };
    hws_tls shown = shows("one"), trusted = trusts("ca");
    hws_listener listener;
    begin();
    server.tls = &shown;
    client.tls = &trusted;
    trusted.server_name = hws_cstr("one.example");
    OK(hws_listen(engine, &server, &listener));
    for (size_t i = 0; i < LENGTH(chosen); i++) {
        struct way way = ways[chosen[i]];
        struct bridge bridge;
        pthread_t thread;
        char uri[64];
        snprintf(uri, sizeof uri, "wss%s", way.uri + 2);
        way.uri = uri;
        struct link link = set_out(&way);
        for (size_t t = 0; t < 3 && way.turns[t].hears.at; t++) {
            char heard[HEAD_MAX];
            if (way.turns[t].hears.at[0] == 'C') peer_read_head(link.peer, heard);
            else peer_read_all(link.peer, heard, way.turns[t].hears.len);
            peer_send(link.peer, way.turns[t].says.at, way.turns[t].says.len);
        }
        bridge.ends[0] = link.peer;
        bridge.ends[1] = peer_connect(port_of_listener(listener));
        CHECK(!pthread_create(&thread, NULL, carry, &bridge));
        for (int opened = 0; opened < 2; opened++) {
            const hws_event *open = expect(HWS_EVENT_OPEN);
            CHECK_TEXT(open->handshake->tls_version, "TLSv1.3");
            if (open->conn.id == link.conn.id) CHECK_TEXT(open->handshake->tls_subject, "CN=one");
        }
        OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
        for (int closed = 0; closed < 2; closed++) CHECK_INT(expect(HWS_EVENT_CLOSE)->status, HWS_ERR_CLOSED_OK);
        CHECK(!pthread_join(thread, NULL));
        SYS(close(bridge.ends[0]));
        SYS(close(bridge.ends[1]));
    }
}

/* -- The environment ---------------------------------------------------------------------------------------- */

/* "$" stands for the proxy's address, "%" for the port of the server. */
struct environment { const char *variable, *value, *no_proxy, *host; int direct; };

static const struct environment environments[] = {
    { "ws_proxy", "http://$", NULL, "a." MANY, 0 },
    { "WS_PROXY", "http://$", NULL, "a." MANY, 0 },
    { "https_proxy", "$", NULL, "a." MANY, 0 },
    { "http_proxy", "http://$", NULL, "a." MANY, 0 },
    { "all_proxy", "http://$", NULL, "a." MANY, 0 },
    { "wss_proxy", "http://$", NULL, "a." MANY, 1 }, /* that is for wss */
    { "ws_proxy", "", NULL, "a." MANY, 1 },
    { "ws_proxy", "http://$", "", "a." MANY, 0 },
    { "ws_proxy", "http://$", "*", "a." MANY, 1 },
    { "ws_proxy", "http://$", "a." MANY, "a." MANY, 1 },
    { "ws_proxy", "http://$", "A.Many.INVALID", "a." MANY, 1 },
    { "ws_proxy", "http://$", MANY, "a." MANY, 1 },
    { "ws_proxy", "http://$", "." MANY, "a." MANY, 1 },
    { "ws_proxy", "http://$", "*." MANY, "a." MANY, 1 },
    { "ws_proxy", "http://$", "*." MANY, MANY, 0 },
    { "ws_proxy", "http://$", "any.invalid", "a." MANY, 0 }, /* the end of the name, but not of a label */
    { "ws_proxy", "http://$", "b.invalid, " MANY, "a." MANY, 1 },
    { "ws_proxy", "http://$", MANY ":%", "a." MANY, 1 },
    { "ws_proxy", "http://$", MANY ":1", "a." MANY, 0 },
    { "ws_proxy", "http://$", "127.0.0.1", "127.0.0.1", 1 },
    { "ws_proxy", "http://$", "127.0.0.1", "a." MANY, 0 }, /* names are not looked up for this */
    { "ws_proxy", "http://$", "127.0.0.0/8", "127.0.0.1", 1 },
    { "ws_proxy", "http://$", "10.0.0.0/8", "127.0.0.1", 0 },
    { "ws_proxy", "http://$", "localhost", "127.0.0.1", 0 },
};

static void put_variable(const char *name, const char *text, uint16_t proxy, uint16_t target)
{
    char value[256];
    size_t len = 0;
    if (!text) return;
    for (; *text; text++)
        if (*text == '$') len += (size_t)sprintf(value + len, "user:" SECRET "@127.0.0.1:%u", proxy);
        else if (*text == '%') len += (size_t)sprintf(value + len, "%u", target);
        else value[len++] = *text;
    value[len] = '\0';
    SYS(setenv(name, value, 1));
}

/* One of the two is called, and the other one is not. */
static void the_environment_names_a_proxy(void)
{
    int proxy = peer_listen(1), target = peer_listen(1);
    char uri[64], head[HEAD_MAX];
    begin();
    for (size_t i = 0; i < LENGTH(environments); i++) {
        const struct environment *it = &environments[i];
        struct pollfd other = { it->direct ? proxy : target, POLLIN, 0 };
        hws_conn conn;
        clearenv();
        put_variable(it->variable, it->value, port_of(proxy), port_of(target));
        put_variable("no_proxy", it->no_proxy, port_of(proxy), port_of(target));
        snprintf(uri, sizeof uri, "ws://%s:%u/", it->host, port_of(target));
        client.uri = hws_cstr(uri);
        client.proxy_from_env = HWS_ON;
        OK(hws_connect(engine, &client, &conn));
        int peer = peer_accept(it->direct ? target : proxy);
        peer_read_head(peer, head);
        if (memcmp(head, it->direct ? "GET " : "CONNECT ", it->direct ? 4 : 8) || poll(&other, 1, 0))
            fail(__FILE__, __LINE__, "%s=%s no_proxy=%s, to %s", it->variable, it->value, it->no_proxy, it->host);
        CHECK((strstr(head, "Proxy-Authorization: Basic dXNlcjpodW50ZXIy") != NULL) == !it->direct);
        OK(hws_abort(conn));
        expect(HWS_EVENT_CONNECT_FAILED);
        SYS(close(peer));
    }
}

/* Without the option, and with a proxy of its own, a client does not care. */
static void the_environment_is_asked_by_option_only(void)
{
    int named = peer_listen(1), target = peer_listen(1), unasked = peer_listen(1);
    struct pollfd other = { unasked, POLLIN, 0 };
    char uri[64], url[64];
    hws_conn conn;
    begin();
    clearenv();
    put_variable("ws_proxy", "http://$", port_of(unasked), 0);
    snprintf(uri, sizeof uri, "ws://127.0.0.1:%u/", port_of(target));
    snprintf(url, sizeof url, "http://127.0.0.1:%u", port_of(named));
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &conn));
    peer_accept(target);
    client.proxy_from_env = HWS_ON;
    client.proxy = hws_cstr(url);
    OK(hws_connect(engine, &client, &conn));
    peer_accept(named);
    CHECK_INT(poll(&other, 1, 0), 0);
}

TESTS(T(each_proxy_hears_what_its_protocol_says), T(answers_may_come_byte_by_byte),
      T(what_comes_in_one_piece_is_not_lost), T(a_refusal_behind_the_tunnel_is_the_servers),
      T(each_gets_its_own_credentials), T(tls_goes_through_every_kind), T(the_environment_names_a_proxy),
      T(the_environment_is_asked_by_option_only))
