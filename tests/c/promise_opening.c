/* The way from a name to a WebSocket: what is left behind on it concerns nobody any more, and what comes at its end is
 * treated like everything else. */
#include "bound.h"
#include "certs.h"
#include "raw.h"
#include <netdb.h>
#include <poll.h>

static hws_engine engine_new(void)
{
    hws_engine engine;
    OK(hws_engine_new(NULL, &engine));
    return engine;
}

static hws_conn adopt_client(hws_engine engine, int socket, const char *uri)
{
    hws_tls tls = trusts("ca");
    hws_client_options options;
    hws_conn conn;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.uri = hws_cstr(uri);
    options.tls = &tls;
    OK(hws_adopt(engine, socket, &options, NULL, &conn));
    return conn;
}

static hws_conn adopt_server(hws_engine engine, int socket)
{
    hws_tls tls = shows("ecdsa");
    hws_server_options options;
    hws_conn conn;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.tls = &tls;
    OK(hws_adopt(engine, socket, NULL, &options, &conn));
    return conn;
}

/* --- names with two addresses ----------------------------------------------------------------------------- */

static const char *const addresses[] = { "127.0.0.1", "127.0.0.2" };

/* In the place of the system's: every name has these two. */
int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **out)
{
    struct addrinfo **end = out;
    size_t i;
    (void)name, (void)hints;
    for (i = 0; i < LENGTH(addresses); i++) {
        struct { struct addrinfo info; struct sockaddr_in address; } *it = calloc(1, sizeof *it);
        EXPECT(it != NULL);
        it->address.sin_family = AF_INET;
        it->address.sin_port = htons((uint16_t)atoi(port ? port : "0"));
        EXPECT(inet_pton(AF_INET, addresses[i], &it->address.sin_addr) == 1);
        it->info.ai_family = AF_INET;
        it->info.ai_socktype = SOCK_STREAM;
        it->info.ai_addrlen = sizeof it->address;
        it->info.ai_addr = (struct sockaddr *)&it->address;
        *end = &it->info;
        end = &it->info.ai_next;
    }
    return 0;
}

void freeaddrinfo(struct addrinfo *it)
{
    while (it) {
        struct addrinfo *next = it->ai_next;
        free(it);
        it = next;
    }
}

/* Lets nobody else find room at this listener: one guest waits, and that is all. */
static void fill(int listener)
{
    struct sockaddr_in here;
    socklen_t len = sizeof here;
    int guest = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(!listen(listener, 0) && !getsockname(listener, (struct sockaddr *)&here, &len));
    EXPECT(!connect(guest, (struct sockaddr *)&here, sizeof here));
}

/* The first address refuses after the second was tried: what the first socket's end said is not about the second. */
static void an_address_that_refuses_late_keeps_nobody_busy(void)
{
    hws_engine engine = engine_new();
    hws_client_options options;
    hws_tls tls = trusts("ca");
    hws_conn conn;
    char uri[64];
    int fds[2], port = bound_alike(addresses, fds), first = fds[0], second = fds[1], waits, peer, i;
    hws_event event;
    uint32_t count;
    struct pollfd socket = { 0, POLLIN, 0 };

    EXPECT(port > 0);
    fill(first), fill(second);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.tls = &tls;
    snprintf(uri, sizeof uri, "wss://two.invalid:%d/", port);
    options.uri = hws_cstr(uri);
    OK(hws_connect(engine, &options, &conn));
    OK(hws_poll(engine, &event, sizeof event, 1, 600, &count)); /* both have been knocked at */
    close(first);                                               /* the next knock is refused */
    waits = accept(second, NULL, NULL);                         /* and the other one finds room */
    EXPECT(waits >= 0 && count == 0);
    socket.fd = second;
    for (i = 0; i < 100 && !poll(&socket, 1, 0); i++) OK(hws_poll(engine, &event, sizeof event, 1, 100, &count));
    EXPECT((peer = accept(second, NULL, NULL)) >= 0);
    socket.fd = peer; /* the ClientHello, which is never answered */
    for (i = 0; i < 100 && !poll(&socket, 1, 0); i++) OK(hws_poll(engine, &event, sizeof event, 1, 10, &count));
    EXPECT(i < 100 && count == 0);
    EXPECT(sleeps_longer_than(engine, 100));
    OK(hws_abort(conn));
    EXPECT(next(engine).status == HWS_ERR_CONNECTION_CLOSED);
    OK(hws_engine_free(engine));
}

/* --- TLS -------------------------------------------------------------------------------------------------- */

/* Both ends over a socketpair, as far as they come without anybody having heard of it. */
typedef struct ends {
    hws_engine server_engine, client_engine;
    hws_conn server, client;
} ends;

/* The request lies before the server, behind the last of TLS's handshake and in the same read. */
static ends asked(void)
{
    ends ends;
    int fds[2];
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    ends.server_engine = engine_new();
    ends.client_engine = engine_new();
    ends.server = adopt_server(ends.server_engine, fds[0]);
    ends.client = adopt_client(ends.client_engine, fds[1], "wss://localhost/");
    until_it_sleeps(ends.client_engine);
    until_it_sleeps(ends.server_engine);
    until_it_sleeps(ends.client_engine);
    return ends;
}

static void the_answer_leaves_with_the_poll_that_opens(void)
{
    ends ends = asked();
    EXPECT(next(ends.server_engine).kind == HWS_EVENT_OPEN);
    EXPECT(next(ends.client_engine).kind == HWS_EVENT_OPEN); /* though the server has not polled again */
}

static void a_pause_also_holds_what_came_behind_the_handshake(void)
{
    ends ends = asked();
    hws_event event;
    uint32_t count;
    OK(hws_conn_pause(ends.server, 1));
    until_it_sleeps(ends.server_engine);
    OK(hws_poll(ends.server_engine, &event, sizeof event, 1, 50, &count));
    EXPECT(count == 0);
    OK(hws_conn_pause(ends.server, 0));
    EXPECT(next(ends.server_engine).kind == HWS_EVENT_OPEN);
    EXPECT(next(ends.client_engine).kind == HWS_EVENT_OPEN);
}

/* --- redirects -------------------------------------------------------------------------------------------- */

/* A server that never stops sending us on: what it may cost has an end. */
static void a_hundred_redirects_are_enough(void)
{
    static const char answer[] = "HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n";
    hws_engine engine = engine_new();
    hws_client_options options;
    hws_conn conn;
    char uri[64];
    int hops = 0, causes = 0, listener = bound_to("127.0.0.1", 0);
    struct pollfd socket = { listener, POLLIN, 0 };
    hws_event event;
    uint32_t count = 0;
    const hws_error_info *cause;

    EXPECT(!listen(listener, 10));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    snprintf(uri, sizeof uri, "ws://127.0.0.1:%u/", bound_port(listener));
    options.uri = hws_cstr(uri);
    options.max_redirects = 101;
    FAILS(hws_connect(engine, &options, &conn), HWS_ERR_INVALID_ARGUMENT);
    options.max_redirects = 100;
    OK(hws_connect(engine, &options, &conn));
    while (!count) {
        OK(hws_poll(engine, &event, sizeof event, 1, 10, &count));
        while (poll(&socket, 1, 0) == 1) {
            char head[128];
            int peer = accept(listener, NULL, NULL);
            raw_read_head(peer);
            raw_write(peer, head, (size_t)snprintf(head, sizeof head, answer, ++hops));
            close(peer);
        }
    }
    EXPECT(event.status == HWS_ERR_TOO_MANY_REDIRECTS && hops == 101);
    for (cause = event.error; cause->cause; cause = cause->cause) causes++;
    EXPECT(causes == 101);
    OK(hws_engine_free(engine));
}

/* --- proxies ---------------------------------------------------------------------------------------------- */

/* Reads a head while the engine works; gives its length. */
static size_t head_from(hws_engine engine, int peer)
{
    char last[4] = { 0 };
    size_t len = 0;
    struct pollfd socket = { peer, POLLIN, 0 };
    while (memcmp(last, "\r\n\r\n", 4)) {
        while (!poll(&socket, 1, 10)) poll_without_room(engine), until_it_sleeps(engine);
        memmove(last, last + 1, 3);
        raw_read(peer, last + 3, 1);
        len++;
    }
    return len;
}

static void what_is_said_to_proxies_is_counted(void)
{
    static const char answer[] = "HTTP/1.1 200 Yes\r\n\r\n";
    hws_engine engine = engine_new();
    hws_client_options options;
    hws_stats stats;
    hws_conn conn;
    char proxy[64];
    int peer, listener = bound_to("127.0.0.1", 0);
    size_t said;

    EXPECT(!listen(listener, 10));
    memset(&options, 0, sizeof options);
    memset(&stats, 0, sizeof stats);
    options.struct_size = sizeof options;
    stats.struct_size = sizeof stats;
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", bound_port(listener));
    options.proxy = hws_cstr(proxy);
    options.uri = hws_cstr("ws://far.invalid/");
    OK(hws_connect(engine, &options, &conn));
    EXPECT((peer = accept(listener, NULL, NULL)) >= 0);
    said = head_from(engine, peer);
    raw_write(peer, answer, sizeof answer - 1);
    said += head_from(engine, peer);
    OK(hws_conn_stats(conn, &stats));
    EXPECT(stats.wire_out == said && stats.wire_in == sizeof answer - 1);
    OK(hws_engine_free(engine));
}

TESTS(T(an_address_that_refuses_late_keeps_nobody_busy),
      T(the_answer_leaves_with_the_poll_that_opens),
      T(a_pause_also_holds_what_came_behind_the_handshake),
      T(a_hundred_redirects_are_enough),
      T(what_is_said_to_proxies_is_counted))
