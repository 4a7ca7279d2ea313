/* Promise: a server answers each path as its routes say, and where it wants to decide itself, it does so when and where
 * it likes. */
#include "raw.h"
#include <fcntl.h>

static void *memory(size_t len)
{
    void *is = calloc(1, len);
    EXPECT(is != NULL);
    return is;
}

/* A server with these routes; `options` may have more than that. */
static pair serve_routes(const hws_route *routes, size_t count, const hws_server_options *more)
{
    pair pair;
    hws_server_options options;
    memset(&pair, 0, sizeof pair);
    memset(&options, 0, sizeof options);
    if (more) options = *more;
    options.struct_size = sizeof options;
    options.bind = hws_cstr("127.0.0.1:0");
    options.routes = routes;
    options.route_count = count;
    OK(hws_engine_new(NULL, &pair.engine));
    OK(hws_listen(pair.engine, &options, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    return pair;
}

static hws_route route(const char *pattern)
{
    hws_route route;
    memset(&route, 0, sizeof route);
    route.struct_size = sizeof route;
    route.pattern = hws_cstr(pattern);
    return route;
}

static hws_conn dial_path(const pair *pair, const char *path, const char *subprotocol)
{
    char uri[256];
    hws_conn conn;
    hws_str offered = hws_cstr(subprotocol);
    hws_client_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    snprintf(uri, sizeof uri, "%s%s", pair->uri, path);
    options.uri = hws_cstr(uri);
    options.subprotocols = &offered;
    options.subprotocol_count = subprotocol != NULL;
    OK(hws_connect(pair->engine, &options, &conn));
    return conn;
}

/* The OPEN event of the server's end; the client's is passed over, whichever comes first. */
static hws_event opened(const pair *pair)
{
    hws_event event;
    do event = await(pair->engine, any, HWS_EVENT_OPEN);
    while (!event.listener.id);
    return event;
}

/* What every client asks, for another path. */
static void raw_ask(int fd, const char *path)
{
    const char *fields = strchr(raw_request, '\n') + 1;
    char line[128];
    raw_write(fd, line, (size_t)snprintf(line, sizeof line, "GET %s HTTP/1.1\r\n", path));
    raw_write(fd, fields, strlen(fields));
}

static int is(hws_str text, const char *wanted) { return !strcmp(text.ptr, wanted); }

/* Sends a head, without its empty line, and reads all that comes back. */
static const char *ask(const pair *pair, const char *head)
{
    static char answer[8192];
    size_t len = 0;
    int fd = raw_connect(port_of(pair), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    raw_write(fd, head, strlen(head));
    raw_write(fd, "\r\n\r\n", 4);
    for (;;) {
        ssize_t got = recv(fd, answer + len, sizeof answer - 1 - len, 0);
        uint32_t count;
        hws_event event;
        if (got == 0) break;
        if (got > 0) len += (size_t)got;
        else EXPECT(errno == EAGAIN);
        OK(hws_poll(pair->engine, &event, sizeof event, 1, 10, &count));
        EXPECT(count == 0); /* pages make no events */
    }
    close(fd);
    answer[len] = 0;
    return answer;
}

/* --- paths ------------------------------------------------------------------------------------------------ */

static void each_path_has_its_route(void)
{
    static const hws_str chat[] = { HWS_STR("chat.v2"), HWS_STR("chat.v1") }, feed = HWS_STR("feed");
    hws_route routes[] = { route("/chat/:room/:user"), route("/feed/*"), route("/") };
    hws_limits short_messages = { .struct_size = sizeof short_messages, .message_max = 10 };
    hws_compression none = { .struct_size = sizeof none, .enabled = HWS_OFF };
    hws_server_options options = { .user = 7, .subprotocols = &feed, .subprotocol_count = 1 };
    pair pair;
    hws_event event;
    routes[0].subprotocols = chat;
    routes[0].subprotocol_count = 2;
    routes[0].user = 1;
    routes[0].limits = &short_messages;
    routes[1].compression = &none;
    pair = serve_routes(routes, LENGTH(routes), &options);

    pair.client = dial_path(&pair, "/chat/b%C3%BCro/ann?token=x/y", "chat.v1");
    event = opened(&pair);
    EXPECT(event.user == 1 && is(event.handshake->subprotocol, "chat.v1"));
    EXPECT(is(event.handshake->route, "/chat/:room/:user") && event.handshake->param_count == 2);
    EXPECT(is(event.handshake->params[0].name, "room") && is(event.handshake->params[0].value, "b\303\274ro"));
    EXPECT(is(event.handshake->params[1].name, "user") && is(event.handshake->params[1].value, "ann"));
    EXPECT(is(event.handshake->target, "/chat/b%C3%BCro/ann?token=x/y"));
    EXPECT(is(event.handshake->extensions, "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"));
    pair.server = event.conn;
    await(pair.engine, pair.client, HWS_EVENT_OPEN);
    send_text(pair.client, "eleven byte");
    event = await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    EXPECT(event.user == 1 && event.error->cause->status == HWS_ERR_PAYLOAD_TOO_BIG);

    pair.client = dial_path(&pair, "/feed/a/b", "feed");
    event = opened(&pair);
    EXPECT(event.user == 7 && is(event.handshake->subprotocol, "feed") && is(event.handshake->extensions, ""));
    EXPECT(event.handshake->param_count == 1 && is(event.handshake->params[0].name, "*"));
    EXPECT(is(event.handshake->params[0].value, "a/b"));

    pair.client = dial_path(&pair, "/?q", NULL);
    EXPECT(is(opened(&pair).handshake->route, "/"));
}

static void there_is_nothing_elsewhere(void)
{
    static const char *const elsewhere[] = { "/chat", "/chat/", "/chat/a/b", "/Chat/a", "/ch%61t/a", "//chat/a", "/x" };
    hws_route routes[] = { route("/chat/:room") };
    pair pair = serve_routes(routes, 1, NULL);
    size_t i;
    for (i = 0; i < LENGTH(elsewhere); i++) {
        int failures;
        hws_conn conn = dial_path(&pair, elsewhere[i], NULL);
        for (failures = 0; failures < 2; failures++) {
            hws_event event = next(pair.engine);
            EXPECT(event.error->http_status == 404);
            if (event.kind == HWS_EVENT_CONNECT_FAILED) {
                EXPECT(event.conn.id == conn.id && event.status == HWS_ERR_INVALID_STATUS && event.error->body.len > 0);
            } else {
                EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.status == HWS_ERR_HANDSHAKE_ABORTED);
                EXPECT(is(event.error->uri, elsewhere[i]) && event.request.id == 0);
            }
        }
    }
}

static void each_route_admits_whom_it_likes(void)
{
    static const hws_str page = HWS_STR("https://example.com"), other = HWS_STR("https://example.org");
    static const hws_str user = HWS_STR("ann:secret");
    hws_route routes[] = { route("/strict"), route("/usual"), route("/users") };
    hws_server_options options = { .origins = &other, .origin_count = 1 };
    static const struct { const char *path, *field; hws_status status; } requests[] = {
        { "/strict", "Origin: https://example.com\r\n", HWS_OK },
        { "/strict", "Origin: https://example.org\r\n", HWS_ERR_INVALID_ORIGIN },
        { "/strict", "", HWS_ERR_INVALID_ORIGIN },
        { "/usual", "Origin: https://example.org\r\n", HWS_OK },
        { "/usual", "Origin: https://example.com\r\n", HWS_ERR_INVALID_ORIGIN },
        { "/usual", "", HWS_OK },
        { "/users", "", HWS_ERR_INVALID_HEADER },
        { "/users", "Authorization: Basic YW5uOnNlY3JldA==\r\n", HWS_OK },
    };
    pair pair;
    size_t i;
    routes[0].origins = &page;
    routes[0].origin_count = 1;
    routes[0].origin_required = HWS_ON;
    routes[2].credentials = &user;
    routes[2].credential_count = 1;
    routes[2].realm = hws_cstr("the crew");
    pair = serve_routes(routes, LENGTH(routes), &options);
    for (i = 0; i < LENGTH(requests); i++) {
        char head[512];
        hws_event event;
        int fd = raw_connect(port_of(&pair), 0);
        snprintf(head, sizeof head, "GET %s HTTP/1.1\r\n%s%s", requests[i].path, requests[i].field,
                 strchr(raw_request, '\n') + 1);
        raw_write(fd, head, strlen(head));
        if (!requests[i].status) {
            EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
            close(fd);
            EXPECT(next(pair.engine).kind == HWS_EVENT_CLOSE);
            continue;
        }
        do {
            uint32_t count;
            OK(hws_poll(pair.engine, &event, sizeof event, 1, 10, &count));
            if (count) break;
            if (recv(fd, head, sizeof head - 1, MSG_DONTWAIT) == 0) close(fd), fd = -1;
        } while (1);
        EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.status == requests[i].status);
        if (requests[i].status == HWS_ERR_INVALID_HEADER) EXPECT(strstr(head, "realm=\"the crew\"") != NULL);
    }
}

static void a_server_goes_by_its_names(void)
{
    static const hws_str names[] = { HWS_STR("example.com"), HWS_STR("localhost:8080") };
    hws_server_options options = { .hosts = names, .host_count = 2 };
    static const struct { const char *host; int fine; } hosts[] = {
        { "example.com", 1 }, { "Example.com:99", 1 }, { "localhost:8080", 1 },
        { "localhost", 0 },   { "localhost:80", 0 },   { "example.com.evil.org", 0 }, { "127.0.0.1", 0 },
    };
    pair pair = serve_routes(NULL, 0, &options);
    size_t i;
    for (i = 0; i < LENGTH(hosts); i++) {
        char head[512];
        int fd = raw_connect(port_of(&pair), 0);
        hws_event event;
        snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: %s\r\n%s", hosts[i].host,
                 strstr(raw_request, "Upgrade:"));
        raw_write(fd, head, strlen(head));
        if (!hosts[i].fine) shutdown(fd, SHUT_WR);
        event = next(pair.engine);
        EXPECT(event.kind == (hosts[i].fine ? HWS_EVENT_OPEN : HWS_EVENT_ACCEPT_FAILED));
        if (!hosts[i].fine) {
            EXPECT(event.status == HWS_ERR_INVALID_HEADER_VALUE && event.error->http_status == 421);
            EXPECT(is(event.error->header_name, "Host") && is(event.error->header_value, hosts[i].host));
        }
        close(fd);
        if (hosts[i].fine) EXPECT(next(pair.engine).kind == HWS_EVENT_CLOSE);
    }
}

static void a_route_has_so_many_places(void)
{
    hws_route routes[] = { route("/few"), route("/many") };
    hws_conn first, second;
    hws_event event;
    pair pair;
    routes[0].max_connections = 2;
    pair = serve_routes(routes, LENGTH(routes), NULL);
    first = dial_path(&pair, "/few", NULL);
    opened(&pair);
    dial_path(&pair, "/few", NULL);
    opened(&pair);
    second = dial_path(&pair, "/few", NULL);
    event = await(pair.engine, second, HWS_EVENT_CONNECT_FAILED);
    EXPECT(event.error->http_status == 503);
    event = await(pair.engine, any, HWS_EVENT_ACCEPT_FAILED);
    EXPECT(event.status == HWS_ERR_TOO_MANY_CONNECTIONS && event.error->max_connections == 2);
    EXPECT(event.error->in_use == 2 && event.error->detail.len > 0);
    dial_path(&pair, "/many", NULL);
    opened(&pair);
    OK(hws_close(first, 0, hws_cstr(NULL)));
    do event = await(pair.engine, any, HWS_EVENT_CLOSE);
    while (!event.listener.id);
    dial_path(&pair, "/few", NULL);
    EXPECT(is(opened(&pair).handshake->route, "/few"));
}

/* --- pages ------------------------------------------------------------------------------------------------ */

static void pages_are_answered_without_an_event(void)
{
    static const hws_header html[] = { { HWS_STR("Content-Type"), HWS_STR("text/html") },
                                       { HWS_STR("Cache-Control"), HWS_STR("no-store") } };
    static const char page[] = "<!doctype html><title>ahoy</title>";
    hws_route routes[] = { route("/"), route("/health"), route("/old"), route("/ws") };
    static const hws_header where = { HWS_STR("Location"), HWS_STR("/") };
    hws_response front = { sizeof front, 200, html, 2, { (const uint8_t *)page, sizeof page - 1 } };
    hws_response health = { sizeof health, 204, NULL, 0, { NULL, 0 } };
    hws_response old = { sizeof old, 302, &where, 1, { NULL, 0 } };
    hws_stats stats = { .struct_size = sizeof stats };
    const char *answer;
    pair pair;
    routes[0].page = &front;
    routes[1].page = &health;
    routes[2].page = &old;
    pair = serve_routes(routes, LENGTH(routes), NULL);

    answer = ask(&pair, "GET /?x HTTP/1.1\r\nHost: a");
    EXPECT(!strncmp(answer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 34\r\n", 56));
    EXPECT(strstr(answer, "\r\nContent-Type: text/html\r\n") && strstr(answer, "\r\nCache-Control: no-store\r\n"));
    EXPECT(!strcmp(strstr(answer, "\r\n\r\n") + 4, page));
    answer = ask(&pair, "HEAD / HTTP/1.1\r\nHost: a");
    EXPECT(strstr(answer, "\r\nContent-Length: 34\r\n") && strstr(answer, "\r\n\r\n")[4] == 0);
    answer = ask(&pair, "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT(!strncmp(answer, "HTTP/1.1 200 ", 13));
    answer = ask(&pair, "GET /health HTTP/1.1\r\nHost: a");
    EXPECT(!strncmp(answer, "HTTP/1.1 204 No Content\r\n", 25) && !strstr(answer, "Content-"));
    answer = ask(&pair, "GET http://a/health HTTP/1.1\r\nHost: a");
    EXPECT(!strncmp(answer, "HTTP/1.1 204 No Content\r\n", 25));
    answer = ask(&pair, "GET /old HTTP/1.1\r\nHost: a");
    EXPECT(!strncmp(answer, "HTTP/1.1 302 Found\r\n", 20) && strstr(answer, "\r\nLocation: /\r\n"));
    OK(hws_engine_stats(pair.engine, &stats));
    EXPECT(stats.http_responses == 6 && stats.handshake_failures == 0);

    {
        static const struct { const char *head; hws_status status; uint32_t http; } wrong[] = {
            { "POST / HTTP/1.1\r\nHost: a\r\n\r\n", HWS_ERR_INVALID_METHOD, 405 },
            { "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", HWS_ERR_INVALID_MESSAGE, 400 },
            { "GET / HTTP/1.1\r\n\r\n", HWS_ERR_INVALID_HEADER, 400 },
            { "GET ws://a/ HTTP/1.1\r\nHost: a\r\n\r\n", HWS_ERR_INVALID_MESSAGE, 400 },
            { "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", HWS_ERR_INVALID_UPGRADE, 426 },
        };
        size_t i;
        for (i = 0; i < LENGTH(wrong); i++) {
            hws_event event;
            int fd = raw_connect(port_of(&pair), 0);
            raw_write(fd, wrong[i].head, strlen(wrong[i].head));
            shutdown(fd, SHUT_WR);
            event = next(pair.engine);
            EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.status == wrong[i].status);
            EXPECT(event.error->http_status == wrong[i].http);
            close(fd);
        }
    }
}

/* A client that ends its direction behind its request hears all of a page that takes many writes. */
static void a_page_reaches_who_has_nothing_more_to_say(void)
{
    enum { LONG = 8 << 20 };
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    static char piece[1 << 16];
    char *body = memory(LONG);
    hws_response page = { sizeof page, 200, NULL, 0, { (const uint8_t *)body, LONG } };
    hws_route routes[] = { route("/"), route("/decided") };
    size_t heard = 0;
    ssize_t got = 1;
    int decided;
    memset(body, 'x', LONG);
    routes[0].page = &page;
    routes[1].decide = HWS_ON;
    for (decided = 0; decided < 2; decided++, heard = 0, got = 1) {
        pair pair = serve_routes(routes, LENGTH(routes), NULL);
        int ends = 0, fd = raw_connect(port_of(&pair), 65536);
        if (!decided) {
            raw_write(fd, request, sizeof request - 1);
        } else {
            raw_write(fd, "GET /decided HTTP/1.1\r\nHost: a\r\n\r\n", 36);
            OK(hws_request_respond(await(pair.engine, any, HWS_EVENT_REQUEST).request, &page));
        }
        shutdown(fd, SHUT_WR);
        while (got) {
            uint32_t count;
            hws_event event;
            OK(hws_poll(pair.engine, &event, sizeof event, 1, got < 0, &count));
            if (count) EXPECT(decided && ++ends == 1 && event.kind == HWS_EVENT_ACCEPT_FAILED);
            got = recv(fd, piece, sizeof piece, MSG_DONTWAIT);
            EXPECT(got >= 0 || errno == EAGAIN);
            if (got > 0) heard += (size_t)got;
        }
        EXPECT(heard > LONG && piece[0] == 'x');
        if (decided && !ends) EXPECT(next(pair.engine).kind == HWS_EVENT_ACCEPT_FAILED);
        EXPECT(until_it_sleeps(pair.engine) != 0);
        close(fd);
        OK(hws_engine_free(pair.engine));
    }
    free(body);
}

/* --- decisions -------------------------------------------------------------------------------------------- */

static pair serve_deciding(int32_t open_ms, uint64_t user)
{
    static const hws_str chat[] = { HWS_STR("v2"), HWS_STR("v1") };
    hws_route routes[1];
    hws_timers timers = { .struct_size = sizeof timers, .open_ms = open_ms };
    hws_server_options options = { .timers = &timers };
    routes[0] = route("/:name");
    routes[0].decide = HWS_ON;
    routes[0].user = user;
    routes[0].subprotocols = chat;
    routes[0].subprotocol_count = 2;
    return serve_routes(routes, 1, &options);
}

struct decision {
    hws_request request;
    hws_conn conn;
};

static void *accept_there(void *argument)
{
    static const hws_header cookie = { HWS_STR("Set-Cookie"), HWS_STR("sid=1") };
    struct decision *it = argument;
    hws_accept_options options = { .struct_size = sizeof options, .headers = &cookie, .header_count = 1, .user = 9 };
    options.subprotocol = hws_cstr("v1");
    OK(hws_request_accept(it->request, &options, &it->conn));
    return NULL;
}

static void a_request_is_granted_later_by_any_thread(void)
{
    pair pair = serve_deciding(0, 3);
    struct decision it;
    int fd = raw_connect(port_of(&pair), 0), again;
    hws_event event;
    hws_header sent[8];
    frames frames = { 0 };
    char head[1024];
    memset(sent, 0, sizeof sent);
    snprintf(head, sizeof head, "GET /ann HTTP/1.1\r\nSec-WebSocket-Protocol: v1, v2\r\n%s",
             strchr(raw_request, '\n') + 1);
    put(&frames, head, strlen(head));
    put_frame(&frames, FIN | HWS_TEXT, "too early", 9); /* which waits for the decision */
    raw_send(fd, &frames);

    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_REQUEST && event.flags == 0 && event.conn.id == 0 && event.user == 3);
    EXPECT(event.listener.id == pair.listener.id && event.request.id != 0);
    EXPECT(is(event.handshake->route, "/:name") && is(event.handshake->params[0].value, "ann"));
    EXPECT(is(event.handshake->subprotocol, "v2") && event.handshake->subprotocol_count == 2);
    EXPECT(event.handshake->http_status == 0 && strstr(event.handshake->peer.ptr, "127.0.0.1:"));
    it.request = event.request;
    raw_frame(fd, FIN | HWS_TEXT, "also early", 10);
    EXPECT(sleeps_longer_than(pair.engine, 0)); /* nothing happens meanwhile, and nobody is busy */
    done(go(accept_there, &it));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_OPEN && event.conn.id == it.conn.id && event.user == 9);
    EXPECT(is(event.handshake->subprotocol, "v1") && event.handshake->http_status == 101);
    EXPECT(is_text((event = next(pair.engine), &event), "too early"));
    EXPECT(is_text((event = next(pair.engine), &event), "also early"));
    {
        size_t len = 0;
        char response[1024];
        do raw_read(fd, response + len, 1), response[++len] = 0;
        while (!strstr(response, "\r\n\r\n"));
        EXPECT(strstr(response, " 101 ") && strstr(response, "\r\nSet-Cookie: sid=1\r\n"));
        EXPECT(strstr(response, "\r\nSec-WebSocket-Protocol: v1\r\n"));
    }
    for (again = 0; again < 2; again++) {
        static const hws_response fine = { sizeof fine, 200, NULL, 0, { NULL, 0 } };
        hws_conn conn;
        FAILS(hws_request_accept(it.request, NULL, &conn), HWS_ERR_INVALID_HANDLE);
        FAILS(hws_request_respond(it.request, &fine), HWS_ERR_INVALID_HANDLE);
    }
    close(fd);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.conn.id == it.conn.id && event.request.id == 0);
}

static hws_event requested(const pair *pair) { return await(pair->engine, any, HWS_EVENT_REQUEST); }

static void a_request_may_be_answered(void)
{
    static const hws_header challenge = { HWS_STR("WWW-Authenticate"), HWS_STR("Bearer realm=\"x\"") };
    hws_response who = { sizeof who, 401, &challenge, 1, { (const uint8_t *)"who?", 4 } };
    pair pair = serve_deciding(0, 0);
    hws_conn conn = dial_path(&pair, "/ann", NULL);
    hws_request request = requested(&pair).request;
    int failures;
    OK(hws_request_respond(request, &who));
    for (failures = 0; failures < 2; failures++) {
        hws_event event = next(pair.engine);
        EXPECT(event.error->http_status == 401 && event.error->body.len == 4 && !memcmp(event.error->body.ptr, "who?", 4));
        if (event.kind == HWS_EVENT_CONNECT_FAILED) {
            EXPECT(event.conn.id == conn.id && event.status == HWS_ERR_INVALID_STATUS);
        } else {
            EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.status == HWS_ERR_HANDSHAKE_ABORTED);
            EXPECT(event.request.id == request.id && is(event.error->uri, "/ann"));
            EXPECT(event.error->header_count == 1 && is(event.error->headers[0].name, "WWW-Authenticate"));
        }
    }
}

static void plain_requests_are_put_to_the_host_too(void)
{
    static const hws_response fine = { sizeof fine, 200, NULL, 0, { (const uint8_t *)"fine\n", 5 } };
    pair pair = serve_deciding(0, 0);
    hws_event event;
    hws_conn conn;
    char answer[256];
    ssize_t got;
    int fd = raw_connect(port_of(&pair), 0);
    raw_write(fd, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n", 33);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_REQUEST && event.flags == HWS_FLAG_PLAIN && is(event.handshake->target, "/health"));
    FAILS(hws_request_accept(event.request, NULL, &conn), HWS_ERR_INVALID_STATE);
    OK(hws_request_respond(event.request, &fine));
    poll_without_room(pair.engine);
    got = recv(fd, answer, sizeof answer - 1, MSG_WAITALL);
    EXPECT(got > 0);
    answer[got] = 0;
    EXPECT(!strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) && strstr(answer, "\r\n\r\nfine\n"));
    close(fd);
    EXPECT(next(pair.engine).status == HWS_ERR_HANDSHAKE_ABORTED);
}

static void a_mistaken_decision_decides_nothing(void)
{
    static const hws_header split = { HWS_STR("X"), HWS_STR("a\r\nb: c") }, ours = { HWS_STR("Upgrade"), HWS_STR("x") };
    static const uint32_t statuses[] = { 0, 101, 199, 204, 304, 600, 65736 };
    hws_response response = { sizeof response, 200, &split, 1, { (const uint8_t *)"x", 1 } };
    pair pair = serve_deciding(0, 0);
    hws_accept_options options = { .struct_size = sizeof options, .headers = &split, .header_count = 1 };
    hws_conn conn, client = dial_path(&pair, "/ann", "v1");
    hws_request request = requested(&pair).request;
    size_t i;
    FAILS(hws_request_accept(request, &options, &conn), HWS_ERR_INVALID_HEADER_VALUE);
    options.headers = &ours;
    FAILS(hws_request_accept(request, &options, &conn), HWS_ERR_INVALID_ARGUMENT);
    options.header_count = 0;
    options.subprotocol = hws_cstr("v2");
    FAILS(hws_request_accept(request, &options, &conn), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_request_accept(request, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_request_respond(request, &response), HWS_ERR_INVALID_HEADER_VALUE);
    response.header_count = 0;
    for (i = 0; i < LENGTH(statuses); i++) {
        response.status = statuses[i];
        FAILS(hws_request_respond(request, &response), HWS_ERR_INVALID_ARGUMENT);
    }
    FAILS(hws_request_respond(request, NULL), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_request_accept((hws_request){ client.id }, NULL, &conn), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_abort((hws_conn){ request.id }), HWS_ERR_INVALID_HANDLE);
    OK(hws_request_accept(request, NULL, &conn));
    EXPECT(await(pair.engine, conn, HWS_EVENT_OPEN).conn.id == conn.id);
    EXPECT(await(pair.engine, client, HWS_EVENT_OPEN).conn.id == client.id);
}

static void a_peer_that_has_left_is_a_stale_request(void)
{
    int reset;
    for (reset = 0; reset < 2; reset++) {
        struct linger at_once = { 1, 0 };
        pair pair = serve_deciding(0, 0);
        hws_conn conn = { 77 };
        hws_event event;
        hws_request request;
        int fd = raw_connect(port_of(&pair), 0);
        raw_ask(fd, "/a");
        request = requested(&pair).request;
        if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(fd);
        event = await(pair.engine, any, HWS_EVENT_ACCEPT_FAILED);
        EXPECT(event.request.id == request.id && event.status == HWS_ERR_UNEXPECTED_EOF);
        FAILS(hws_request_accept(request, NULL, &conn), HWS_ERR_INVALID_HANDLE);
        EXPECT(conn.id == 77);
    }
}

static void who_leaves_with_the_request_is_reported_too(void)
{
    pair pair = serve_deciding(0, 0);
    hws_event event;
    int fd = raw_connect(port_of(&pair), 0);
    raw_ask(fd, "/a");
    close(fd);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_REQUEST);
    EXPECT((event = next(pair.engine), event.kind) == HWS_EVENT_ACCEPT_FAILED);
}

static void a_decision_has_its_time(void)
{
    pair pair = serve_deciding(300, 0);
    hws_conn conn, client = dial_path(&pair, "/ann", NULL);
    hws_request request = requested(&pair).request;
    int failures;
    for (failures = 0; failures < 2; failures++) {
        hws_event event = next(pair.engine);
        EXPECT(event.error->http_status == 503);
        if (event.kind == HWS_EVENT_ACCEPT_FAILED)
            EXPECT(event.status == HWS_ERR_HANDSHAKE_TIMEOUT && event.request.id == request.id);
        else
            EXPECT(event.kind == HWS_EVENT_CONNECT_FAILED && event.conn.id == client.id);
        FAILS(hws_request_accept(request, NULL, &conn), HWS_ERR_INVALID_HANDLE);
    }
}

static void who_is_granted_and_gone_is_opened_and_closed(void)
{
    pair pair = serve_deciding(0, 0);
    hws_conn conn;
    hws_event event;
    int fd = raw_connect(port_of(&pair), 0);
    raw_ask(fd, "/a");
    OK(hws_request_accept(requested(&pair).request, NULL, &conn));
    OK(hws_send(conn, HWS_TEXT, "ahoy", 4, NULL)); /* it may be spoken to at once */
    OK(hws_abort(conn));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_OPEN && event.conn.id == conn.id && event.handshake != NULL);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.conn.id == conn.id);
    close(fd);
}

static void a_listener_that_is_closed_leaves_its_requests(void)
{
    pair pair = serve_deciding(0, 0);
    hws_conn conn, client = dial_path(&pair, "/ann", NULL);
    hws_request request = requested(&pair).request;
    OK(hws_listener_close(pair.listener, NULL));
    EXPECT(await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED).listener.id == pair.listener.id);
    OK(hws_request_accept(request, NULL, &conn));
    await(pair.engine, conn, HWS_EVENT_OPEN);
    await(pair.engine, client, HWS_EVENT_OPEN);
    send_text(client, "ahoy");
    EXPECT(await(pair.engine, conn, HWS_EVENT_MESSAGE).data.len == 4);
}

static void adopted_sockets_have_routes_too(void)
{
    hws_route routes[] = { route("/a"), route("/page") };
    hws_server_options server = { .struct_size = sizeof server, .routes = routes, .route_count = 2 };
    hws_response page = { sizeof page, 200, NULL, 0, { NULL, 0 } };
    hws_engine engine;
    hws_conn conn, granted;
    hws_event event;
    int ends[2];
    routes[0].decide = HWS_ON;
    routes[1].page = &page;
    OK(hws_engine_new(NULL, &engine));
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    OK(hws_adopt(engine, ends[0], NULL, &server, &conn));
    raw_ask(ends[1], "/a");
    event = next(engine);
    EXPECT(event.kind == HWS_EVENT_REQUEST);
    OK(hws_request_accept(event.request, NULL, &granted));
    EXPECT(granted.id == conn.id && next(engine).kind == HWS_EVENT_OPEN);
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    OK(hws_adopt(engine, ends[0], NULL, &server, &conn));
    raw_write(ends[1], "GET /page HTTP/1.1\r\nHost: a\r\n\r\n", 31);
    shutdown(ends[1], SHUT_WR);
    event = await(engine, conn, HWS_EVENT_CONNECT_FAILED); /* its handle is known, so its end is told */
    EXPECT(event.status == HWS_ERR_HANDSHAKE_ABORTED && event.error->http_status == 200);
}

/* --- options ---------------------------------------------------------------------------------------------- */

static void routes_that_cannot_be_are_refused(void)
{
    static const char *const patterns[] = { "", "chat", "/a?b", "/:", "/:a/:a", "/a*", "/*/b", "/a b", "/%zz" };
    hws_engine engine;
    hws_listener listener = { 77 };
    hws_server_options options = { .struct_size = sizeof options };
    hws_response page = { sizeof page, 101, NULL, 0, { NULL, 0 } };
    hws_route two[2];
    char *deep = memory(400000);
    size_t i;
    OK(hws_engine_new(NULL, &engine));
    options.bind = hws_cstr("127.0.0.1:0");
    options.routes = two;
    memset(deep, '/', 399999);
    two[0] = route(deep);
    options.route_count = 1;
    FAILS(hws_listen(engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    free(deep);
    for (i = 0; i < LENGTH(patterns); i++) {
        two[0] = route(patterns[i]);
        options.route_count = 1;
        FAILS(hws_listen(engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
        EXPECT(strstr(hws_last_error()->detail.ptr, "pattern"));
    }
    options.route_count = 2;
    two[0] = route("/:a");
    two[1] = route("/:b");
    FAILS(hws_listen(engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    two[1] = route("/b");
    two[1].page = &page;
    FAILS(hws_listen(engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    two[1] = route("/b");
    two[1].struct_size = 0;
    FAILS(hws_listen(engine, &options, &listener), HWS_ERR_STRUCT_SIZE);
    options.routes = NULL;
    FAILS(hws_listen(engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(listener.id == 77);
}

/* A program of tomorrow has larger routes: they lie further apart. */
static void routes_of_another_size_are_read_as_they_lie(void)
{
    struct { hws_route is; uint64_t more; } *later = memory(2 * sizeof *later);
    pair pair;
    later[0].is = route("/a");
    later[1].is = route("/b");
    later[0].is.struct_size = later[1].is.struct_size = sizeof *later;
    pair = serve_routes(&later[0].is, 2, NULL);
    dial_path(&pair, "/b", NULL);
    EXPECT(is(opened(&pair).handshake->route, "/b"));
    later[1].more = 1;
    {
        hws_server_options options = { .struct_size = sizeof options, .routes = &later[0].is, .route_count = 2 };
        hws_listener listener;
        options.bind = hws_cstr("127.0.0.1:0");
        FAILS(hws_listen(pair.engine, &options, &listener), HWS_ERR_STRUCT_SIZE);
        later[1].more = 0;
        later[1].is.struct_size = sizeof(hws_route);
        FAILS(hws_listen(pair.engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    }
    free(later);
}

TESTS(T(each_path_has_its_route), T(there_is_nothing_elsewhere), T(each_route_admits_whom_it_likes),
      T(a_server_goes_by_its_names), T(a_route_has_so_many_places), T(pages_are_answered_without_an_event),
      T(a_page_reaches_who_has_nothing_more_to_say),
      T(a_request_is_granted_later_by_any_thread), T(a_request_may_be_answered),
      T(plain_requests_are_put_to_the_host_too), T(a_mistaken_decision_decides_nothing),
      T(a_peer_that_has_left_is_a_stale_request), T(who_leaves_with_the_request_is_reported_too),
      T(a_decision_has_its_time), T(who_is_granted_and_gone_is_opened_and_closed),
      T(a_listener_that_is_closed_leaves_its_requests), T(adopted_sockets_have_routes_too),
      T(routes_that_cannot_be_are_refused), T(routes_of_another_size_are_read_as_they_lie))
