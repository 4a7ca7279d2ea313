/* Redirects that are followed: what goes along to the next server and what does not, where it leads, and that the host
 * notices nothing but the address. The servers are played by hand, those with TLS by openssl and by us. */
#include "bound.h"
#include "openssl.h"
#include "peer.h"
#include "resolver.h"
#include "secret.h"
#include "tests.h"

/* rows of tables leave out what is zero */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void begin(void)
{
    static const char *const addresses[] = { "127.0.0.1", NULL };
    create_world();
    many_addresses = addresses;
    watch_the_log();
}

/* Hears a request, and answers with a redirect. */
static void send_elsewhere(int listener, int status, const char *location, char head[HEAD_MAX])
{
    char answer[512];
    int peer = peer_accept(listener);
    peer_read_head(peer, head);
    snprintf(answer, sizeof answer, "HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", status,
             location);
    peer_say(peer, answer);
    peer_expect_end(peer);
    SYS(close(peer));
}

/* Hears a request, and grants it. */
static struct link let_in(int listener, hws_conn conn, char head[HEAD_MAX])
{
    struct link link = { AS_CLIENT, { 0 }, conn, peer_accept(listener) };
    char accept[29];
    peer_read_head(link.peer, head);
    const char *key = strstr(head, "Sec-WebSocket-Key: ");
    CHECK(key);
    accept_key(key + strlen("Sec-WebSocket-Key: "), accept);
    peer_say_marked(link.peer, RESPONSE, (struct marks){ accept, NULL, 0 });
    return link;
}

static const char *uri_of(char *text, size_t room, const char *user, int listener, const char *target)
{
    snprintf(text, room, "ws://%s127.0.0.1:%u%s", user, port_of(listener), target);
    return text;
}

static int says(const char *head, const char *line)
{
    const char *at = strstr(head, line);
    return at && at[-1] == '\n' && at[strlen(line)] == '\r';
}

/* -- Where it leads ----------------------------------------------------------------------------------------- */

struct lead { int status; const char *from, *location, *to; };

static const struct lead leads[] = {
    { 301, "/", "/b", "/b" },
    { 302, "/", "/b", "/b" },
    { 303, "/", "/b", "/b" },
    { 307, "/", "/b", "/b" },
    { 308, "/", "/b", "/b" },
    { 302, "/a/b?c", "d", "/a/d" },
    { 302, "/a/b?c", "./d", "/a/d" },
    { 302, "/a/b?c", "../d?e", "/d?e" },
    { 302, "/a/b?c", "?e", "/a/b?e" },
    { 302, "/a/b", "/x/./y/../z", "/x/z" },
    { 302, "/", "/b#fragment", "/b" },
    { 302, "/a", "//127.0.0.1:$/b", "/b" },
    { 302, "/a", "ws://127.0.0.1:$", "/" },
    { 302, "/a", "WS://127.0.0.1:$/b", "/b" },
    { 302, "/", "/\xc3\xa4", "/%C3%A4" },
};

/* Whatever it is that leads there, the request there is a GET for that, the host's connection is the same, and the
 * handshake says where it is now. */
static void every_kind_of_redirect_leads_there(void)
{
    char uri[128], location[128], line[128], head[HEAD_MAX];
    int listener = peer_listen(4);
    begin();
    for (size_t i = 0; i < LENGTH(leads); i++) {
        const struct lead *it = &leads[i];
        const char *port = strchr(it->location, '$');
        hws_conn conn;
        client.uri = hws_cstr(uri_of(uri, sizeof uri, "", listener, it->from));
        client.max_redirects = 1;
        client.user = i;
        if (port) snprintf(location, sizeof location, "%.*s%u%s", (int)(port - it->location), it->location,
                           port_of(listener), port + 1);
        else snprintf(location, sizeof location, "%s", it->location);
        OK(hws_connect(engine, &client, &conn));
        send_elsewhere(listener, it->status, location, head);
        struct link link = let_in(listener, conn, head);
        snprintf(line, sizeof line, "GET %s HTTP/1.1\r\n", it->to);
        if (strncmp(head, line, strlen(line))) fail(__FILE__, __LINE__, "%s leads to %.40s", it->location, head);
        const hws_event *open = expect(HWS_EVENT_OPEN);
        CHECK_INT(open->conn.id, conn.id);
        CHECK_INT(open->user, i);
        CHECK_TEXT(open->handshake->uri, uri_of(uri, sizeof uri, "", listener, it->to));
        CHECK_INT(open->handshake->http_status, 101);
        peer_message(&link, TEXT, "ahoy");
        CHECK_INT(expect(HWS_EVENT_MESSAGE)->conn.id, conn.id);
        SYS(close(link.peer));
        CHECK_INT(expect(HWS_EVENT_CLOSE)->conn.id, conn.id);
    }
}

static void as_many_are_followed_as_are_allowed(void)
{
    char uri[128], location[16], head[HEAD_MAX];
    int listener = peer_listen(4);
    hws_conn conn;
    begin();
    client.uri = hws_cstr(uri_of(uri, sizeof uri, "", listener, "/0"));
    client.max_redirects = 20;
    OK(hws_connect(engine, &client, &conn));
    for (int i = 1; i <= 20; i++) {
        snprintf(location, sizeof location, "/%d", i);
        send_elsewhere(listener, 302, location, head);
    }
    let_in(listener, conn, head);
    CHECK_INT(expect(HWS_EVENT_OPEN)->conn.id, conn.id);
}

/* -- What goes along ---------------------------------------------------------------------------------------- */

static const hws_header headers[] = {
    { HWS_STR("Cookie"), HWS_STR("session=" SECRET) },
    { HWS_STR("X-Api-Key"), HWS_STR(SECRET) },
};
static const hws_str chat = HWS_STR("chat");

/* A client with everything that a request can have. */
static hws_conn client_with_everything(const char *uri)
{
    hws_conn conn;
    client.uri = hws_cstr(uri);
    client.headers = headers;
    client.header_count = LENGTH(headers);
    client.subprotocols = &chat;
    client.subprotocol_count = 1;
    client.origin = hws_cstr("https://page.invalid");
    client.user_agent = hws_cstr("sailor/1");
    client.max_redirects = 5;
    OK(hws_connect(engine, &client, &conn));
    return conn;
}

#define AUTHORIZATION "Authorization: Basic dXNlcjpodW50ZXIy"

static void check_everything(const char *head)
{
    CHECK(says(head, AUTHORIZATION) && says(head, "Cookie: session=" SECRET) && says(head, "X-Api-Key: " SECRET));
    CHECK(says(head, "Origin: https://page.invalid") && says(head, "User-Agent: sailor/1"));
    CHECK(says(head, "Sec-WebSocket-Protocol: chat"));
}

static void check_nothing_secret(const char *head)
{
    check_untold("the request to another server", head);
    CHECK(!strstr(head, "Authorization") && !strstr(head, "Cookie") && !strstr(head, "X-Api-Key"));
    CHECK(says(head, "Origin: https://page.invalid") && says(head, "User-Agent: sailor/1"));
    CHECK(says(head, "Sec-WebSocket-Protocol: chat"));
}

static void at_the_same_server_everything_goes_along(void)
{
    char uri[128], head[HEAD_MAX];
    int listener = peer_listen(4);
    begin();
    hws_conn conn = client_with_everything(uri_of(uri, sizeof uri, "user:" SECRET "@", listener, "/"));
    send_elsewhere(listener, 302, "/b", head);
    check_everything(head);
    let_in(listener, conn, head);
    check_everything(head);
    const hws_event *open = expect(HWS_EVENT_OPEN);
    check_untold("the handshake's URI", open->handshake->uri.ptr);
}

/* Another port is another server, and so is another name for the same machine. What was lost is lost on the way back
 * too: whoever sends us home does not get to use our name there. */
static void another_server_is_told_nothing(void)
{
    static const char *const places[] = { "127.0.0.1", "a." MANY, "127.0.0.2" };
    char uri[128], location[128], head[HEAD_MAX];
    begin();
    for (size_t i = 0; i < LENGTH(places); i++) {
        int home = peer_listen(4), away = SYS(bound_to(i == 2 ? "127.0.0.2" : "127.0.0.1", 0));
        SYS(listen(away, 4));
        hws_conn conn = client_with_everything(uri_of(uri, sizeof uri, "user:" SECRET "@", home, "/"));
        snprintf(location, sizeof location, "ws://%s:%u/b", places[i], port_of(away));
        send_elsewhere(home, 302, location, head);
        check_everything(head);
        send_elsewhere(away, 302, uri_of(uri, sizeof uri, "", home, "/c"), head);
        check_nothing_secret(head);
        snprintf(uri, sizeof uri, "Host: %s:%u", places[i], port_of(away));
        CHECK(says(head, uri));
        let_in(home, conn, head);
        check_nothing_secret(head);
        expect(HWS_EVENT_OPEN);
        OK(hws_abort(conn));
        expect(HWS_EVENT_CLOSE);
    }
}

/* The options' credentials are no more for others than those of the URI. */
static void credentials_of_the_options_stay_at_home(void)
{
    char uri[128], head[HEAD_MAX];
    int home = peer_listen(4), away = peer_listen(4);
    begin();
    client.basic_user = hws_cstr("user");
    client.basic_password = hws_cstr(SECRET);
    hws_conn conn = client_with_everything(uri_of(uri, sizeof uri, "", home, "/"));
    send_elsewhere(home, 307, "/b", head);
    send_elsewhere(home, 307, uri_of(uri, sizeof uri, "", away, "/"), head);
    check_everything(head);
    let_in(away, conn, head);
    check_nothing_secret(head);
    expect(HWS_EVENT_OPEN);
}

/* A Location may bring credentials of its own; they are for there. */
static void a_location_may_bring_credentials(void)
{
    char uri[128], head[HEAD_MAX];
    int home = peer_listen(4), away = peer_listen(4);
    begin();
    hws_conn conn = client_with_everything(uri_of(uri, sizeof uri, "", home, "/"));
    send_elsewhere(home, 302, uri_of(uri, sizeof uri, "user:" SECRET "@", away, "/"), head);
    CHECK(!strstr(head, "Authorization"));
    let_in(away, conn, head);
    CHECK(says(head, AUTHORIZATION));
    CHECK(!strstr(head, "Cookie") && !strstr(head, "X-Api-Key"));
    CHECK_TEXT(expect(HWS_EVENT_OPEN)->handshake->uri, uri_of(uri, sizeof uri, "", away, "/"));
}

/* -- How it gets there -------------------------------------------------------------------------------------- */

/* What the host has said about how to get to its server holds there only. */
static void a_detour_is_for_home_only(void)
{
    char there[64], location[128], head[HEAD_MAX];
    int home = peer_listen(4), away = peer_listen(4);
    hws_conn conn;
    begin();
    snprintf(there, sizeof there, "127.0.0.1:%u", port_of(home));
    client.uri = hws_cstr("ws://server.invalid/");
    client.connect_to = hws_cstr(there);
    client.max_redirects = 5;
    OK(hws_connect(engine, &client, &conn));
    send_elsewhere(home, 302, "/b", head);
    send_elsewhere(home, 302, uri_of(location, sizeof location, "", away, "/"), head);
    CHECK(says(head, "Host: server.invalid"));
    let_in(away, conn, head);
    expect(HWS_EVENT_OPEN);
}

/* Every stop is asked for through the proxy. */
static void a_proxy_is_for_every_stop(void)
{
    static const char *const stops[] = { "a.invalid:80", "b.invalid:81" };
    char url[64], head[HEAD_MAX], line[64];
    int proxy = peer_listen(4);
    struct link link = { AS_CLIENT, { 0 }, { 0 }, -1 };
    begin();
    snprintf(url, sizeof url, "http://127.0.0.1:%u", port_of(proxy));
    client.uri = hws_cstr("ws://a.invalid/");
    client.proxy = hws_cstr(url);
    client.max_redirects = 5;
    OK(hws_connect(engine, &client, &link.conn));
    for (int stop = 0; stop < 2; stop++) {
        link.peer = peer_accept(proxy);
        peer_read_head(link.peer, head);
        snprintf(line, sizeof line, "CONNECT %s HTTP/1.1\r\n", stops[stop]);
        CHECK(!strncmp(head, line, strlen(line)));
        peer_say(link.peer, "HTTP/1.1 200 OK\r\n\r\n");
        if (stop == 1) break;
        peer_read_head(link.peer, head);
        peer_say(link.peer, "HTTP/1.1 302 Found\r\nLocation: ws://b.invalid:81/\r\nContent-Length: 0\r\n\r\n");
        peer_expect_end(link.peer);
        SYS(close(link.peer));
    }
    greet(&link);
    CHECK_TEXT(expect(HWS_EVENT_OPEN)->handshake->uri, "ws://b.invalid:81/");
}

/* From wss to another wss: each with its own certificate, and ours is for the first one only. */
static void from_one_tls_server_to_another(void)
{
    hws_tls shown = shows("ecdsa"), trusted = trusts("ca");
    hws_listener listener;
    char answer[256], uri[128], final[128];
    begin();
    shown.client_auth = HWS_CLIENT_AUTH_OPTIONAL;
    shown.ca_file = cert_file("ca", ".pem");
    trusted.certificate = identity("client");
    server.tls = &shown;
    OK(hws_listen(engine, &server, &listener));
    snprintf(final, sizeof final, "wss://127.0.0.1:%u/", port_of_listener(listener));
    snprintf(answer, sizeof answer, "HTTP/1.1 301 Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", final);
    snprintf(uri, sizeof uri, "wss://user:" SECRET "@127.0.0.1:%u/answer", openssl_serve("rsa", answer));
    client.tls = &trusted;
    hws_conn conn = client_with_everything(uri);
    for (int opened = 0; opened < 2; opened++) {
        const hws_event *open = expect(HWS_EVENT_OPEN);
        if (open->conn.id == conn.id) {
            CHECK_TEXT(open->handshake->uri, final);
            CHECK_TEXT(open->handshake->tls_subject, "CN=ecdsa server");
            continue;
        }
        CHECK_INT(open->handshake->tls_subject.len, 0);
        for (size_t i = 0; i < open->handshake->header_count; i++)
            check_untold("a header", open->handshake->headers[i].value.ptr);
    }
}

/* From ws to wss: nothing speaks against it. */
static void from_plain_to_tls(void)
{
    hws_tls shown = shows("ecdsa"), trusted = trusts("ca");
    hws_listener listener;
    char uri[128], final[128], head[HEAD_MAX];
    int home = peer_listen(1), opened = 0;
    begin();
    server.tls = &shown;
    client.tls = &trusted;
    OK(hws_listen(engine, &server, &listener));
    hws_conn conn = client_with_everything(uri_of(uri, sizeof uri, "", home, "/"));
    snprintf(final, sizeof final, "wss://127.0.0.1:%u/", port_of_listener(listener));
    send_elsewhere(home, 308, final, head);
    while (opened < 2) {
        const hws_event *open = expect(HWS_EVENT_OPEN);
        CHECK_TEXT(open->handshake->tls_version, "TLSv1.3");
        if (open->conn.id == conn.id) CHECK_TEXT(open->handshake->uri, final);
        opened++;
    }
}

/* -- What a host can do meanwhile --------------------------------------------------------------------------- */

/* The deadline is for the whole way: a redirect does not end it. */
static void the_deadline_holds_at_every_stop(void)
{
    char uri[128], head[HEAD_MAX];
    int listener = peer_listen(4);
    hws_conn conn;
    begin();
    timers.open_ms = 5 * SOON_MS; /* long enough to come that far */
    client.uri = hws_cstr(uri_of(uri, sizeof uri, "", listener, "/"));
    client.max_redirects = 5;
    OK(hws_connect(engine, &client, &conn));
    send_elsewhere(listener, 302, "/b", head);
    peer_read_head(peer_accept(listener), head);
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->status, HWS_ERR_HANDSHAKE_TIMEOUT);
    CHECK_INT(error->timeout_ms, 5 * SOON_MS);
    CHECK_INT(error->cause->status, HWS_ERR_REDIRECT);
    CHECK_TEXT(error->uri, uri_of(uri, sizeof uri, "", listener, "/b"));
}

static void a_host_may_give_up_on_the_way(void)
{
    char uri[128], head[HEAD_MAX];
    int listener = peer_listen(4);
    uint64_t user;
    hws_conn conn;
    begin();
    client.uri = hws_cstr(uri_of(uri, sizeof uri, "", listener, "/"));
    client.max_redirects = 5;
    OK(hws_connect(engine, &client, &conn));
    OK(hws_conn_set_user(conn, 7));
    send_elsewhere(listener, 302, "/b", head);
    peer_read_head(peer_accept(listener), head);
    OK(hws_conn_user(conn, &user));
    CHECK_INT(user, 7);
    OK(hws_close(conn, 1000, (hws_str){ 0 }));
    const hws_event *failed = expect(HWS_EVENT_CONNECT_FAILED);
    CHECK_INT(failed->conn.id, conn.id);
    CHECK_INT(failed->user, 7);
}

TESTS(T(every_kind_of_redirect_leads_there), T(as_many_are_followed_as_are_allowed),
      T(at_the_same_server_everything_goes_along), T(another_server_is_told_nothing),
      T(credentials_of_the_options_stay_at_home), T(a_location_may_bring_credentials), T(a_detour_is_for_home_only),
      T(a_proxy_is_for_every_stop), T(from_one_tls_server_to_another), T(from_plain_to_tls),
      T(the_deadline_holds_at_every_stop), T(a_host_may_give_up_on_the_way))
