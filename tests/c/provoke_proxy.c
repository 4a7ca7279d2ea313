/* provoke_proxy.c -- what can be wrong with a proxy: its URL, its manners, its answer. The proxies are played by hand.
 * Every case has credentials, and none of them tells anybody. */
#include "certs.h"
#include "fields.h"
#include "provoke.h"
#include "resolver.h"
#include "secret.h"

#define TARGET "ws://target.invalid:81/"
#define USER "user:" SECRET "@"

static hws_timers soon = { sizeof soon, 0, SOON_MS, 0, 0, 0, 0, 0 };

/* The fields, where "$" stands for the port of the proxy. */
static void check_fields(const hws_error_info *error, const char *want, uint16_t port)
{
    char expanded[2048];
    size_t len = 0;
    for (; *want && len + 8 < sizeof expanded; want++)
        if (*want == '$') len += (size_t)sprintf(expanded + len, "%u", port);
        else expanded[len++] = *want;
    expanded[len] = '\0';
    const char *got = fields(error);
    if (strcmp(got, expanded)) fail(__FILE__, __LINE__, "the fields are\n    %s\nnot\n    %s", got, expanded);
}

static void check_detail(const hws_error_info *error, const char *want)
{
    if (!strstr(error->detail.ptr, want))
        fail(__FILE__, __LINE__, "the detail is \"%s\", without \"%s\"", error->detail.ptr, want);
}

/* The client fails, and tells everything but the secret. */
static const hws_error_info *cannot_pass(hws_conn conn)
{
    const hws_event *failed = expect(HWS_EVENT_CONNECT_FAILED);
    CHECK_INT(failed->conn.id, conn.id);
    CHECK_TEXT(failed->error->uri, client.uri.ptr);
    check_error_tells_nothing(failed->error);
    while (has_io_thread() && !__atomic_load_n(&logged, __ATOMIC_SEQ_CST)) poll(NULL, 0, 1); /* the thread says so by itself */
    CHECK(__atomic_load_n(&logged, __ATOMIC_SEQ_CST) > 0);
    return failed->error;
}

/* -- URLs --------------------------------------------------------------------------------------------------- */

struct url { const char *text, *shown; int64_t position; const char *detail; };

static void check_url(const hws_error_info *error, const struct url *it)
{
    CHECK_OPERATION(error, "proxy");
    CHECK_TEXT(error->proxy, it->shown);
    CHECK_INT(error->position, it->position);
    check_detail(error, it->detail);
    check_error_tells_nothing(error);
}

static const hws_error_info *malformed_url(enum role role, const void *row)
{
    const struct url *it = row;
    hws_conn conn = { 7 };
    (void)role;
    watch_the_log();
    client.uri = hws_cstr(TARGET);
    client.proxy = hws_cstr(it->text);
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_INT(conn.id, 7);
    check_url(error, it);
    expect_nothing();
    return error;
}

/* The environment is looked at when it is needed; then a typing error there is no reason to go without a proxy. */
static const hws_error_info *malformed_variable(enum role role, const void *row)
{
    const struct url *it = row;
    hws_conn conn;
    (void)role;
    watch_the_log();
    SYS(setenv("ws_proxy", it->text, 1));
    client.uri = hws_cstr(TARGET);
    client.proxy_from_env = HWS_ON;
    OK(hws_connect(engine, &client, &conn));
    const hws_error_info *error = cannot_pass(conn);
    check_url(error, it);
    return error;
}

/* -- Proxies that answer ------------------------------------------------------------------------------------ */

static char proxy_url[128];

/* A client goes through a proxy of ours: the socket on which that is reached. */
static int go_through(const char *scheme, const char *user, hws_conn *conn)
{
    int listener = peer_listen(1);
    watch_the_log();
    snprintf(proxy_url, sizeof proxy_url, "%s://%s127.0.0.1:%u", scheme, user, port_of(listener));
    client.proxy = hws_cstr(proxy_url);
    if (!client.uri.ptr) client.uri = hws_cstr(TARGET);
    OK(hws_connect(engine, &client, conn));
    return listener;
}

/* What the proxy hears, and then says. */
struct turn { size_t hears; const char *says; size_t len; };

struct answer {
    const char *scheme, *user;
    const char *fields;
    const char *detail;
    struct turn turns[3]; /* hears 0: a head of HTTP */
    const char *filler;   /* for "~", see peer_say_marked */
    size_t times;
    int end;              /* and nothing more */
    hws_status cause;
};

static void take_turn(int peer, const struct answer *it, const struct turn *turn)
{
    char heard[HEAD_MAX];
    if (turn->hears) peer_read_all(peer, heard, turn->hears);
    else peer_read_head(peer, heard);
    if (it->filler) peer_say_marked(peer, turn->says, (struct marks){ NULL, it->filler, it->times });
    else peer_send(peer, turn->says, turn->len);
}

static const hws_error_info *does_not_let_us_pass(enum role role, const void *row)
{
    const struct answer *it = row;
    hws_conn conn;
    (void)role;
    int listener = go_through(it->scheme, it->user ? it->user : USER, &conn), peer = peer_accept(listener);
    for (size_t i = 0; i < 3 && it->turns[i].says; i++) take_turn(peer, it, &it->turns[i]);
    if (it->end) peer_half_close(peer);
    const hws_error_info *error = cannot_pass(conn);
    check_fields(error, it->fields, port_of(listener));
    check_detail(error, it->detail);
    CHECK_INT(error->cause ? error->cause->status : HWS_OK, it->cause);
    return error;
}

/* It says something before it is asked anything. */
static const hws_error_info *speaks_first(enum role role, const void *row)
{
    const struct answer *it = row;
    hws_conn conn;
    (void)role;
    int listener = go_through(it->scheme, USER, &conn);
    wait_for(listener, POLLIN);
    int peer = SYS(accept(listener, NULL, NULL));
    peer_send(peer, it->turns[0].says, it->turns[0].len);
    const hws_error_info *error = cannot_pass(conn);
    check_detail(error, it->detail);
    return error;
}

static const hws_error_info *is_silent(enum role role, const void *row)
{
    const struct answer *it = row;
    hws_conn conn;
    (void)role;
    client.timers = &soon;
    int listener = go_through(it->scheme, USER, &conn), peer = peer_accept(listener);
    for (size_t i = 0; i < 3 && it->turns[i].says; i++) take_turn(peer, it, &it->turns[i]);
    const hws_error_info *error = cannot_pass(conn);
    check_fields(error, it->fields, port_of(listener));
    return error;
}

/* It answers byte by byte, for ever: the deadline is one for the whole way. */
static const hws_error_info *drips(enum role role, const void *row)
{
    char head[HEAD_MAX];
    hws_conn conn;
    (void)role, (void)row;
    client.timers = &soon;
    int listener = go_through("http", USER, &conn), peer = peer_accept(listener);
    peer_read_head(peer, head);
    peer_say(peer, "HTTP/1.1 200 OK\r\nX: ");
    while (!held && !(held = (int)poll_engine(1))) peer_say(peer, "x");
    const hws_error_info *error = cannot_pass(conn);
    check_fields(error, "proxy retryable=1 timeout_ms=100 proxy=[http://127.0.0.1:$]", port_of(listener));
    return error;
}

/* -- Proxies that cannot be reached ------------------------------------------------------------------------- */

static const hws_error_info *nobody_listens(enum role role, const void *row)
{
    hws_conn conn;
    uint16_t port = port_of(peer_bind());
    char peer[64];
    (void)role;
    watch_the_log();
    snprintf(proxy_url, sizeof proxy_url, "%s://" USER "127.0.0.1:%u", (const char *)row, port);
    client.proxy = hws_cstr(proxy_url);
    client.uri = hws_cstr(TARGET);
    OK(hws_connect(engine, &client, &conn));
    const hws_error_info *error = cannot_pass(conn);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    CHECK_INT(error->cause->status, HWS_ERR_CONNECTION_REFUSED);
    CHECK_INT(error->cause->os_error, ECONNREFUSED);
    snprintf(peer, sizeof peer, "127.0.0.1:%u", port);
    CHECK_TEXT(error->cause->peer, peer);
    snprintf(peer, sizeof peer, "%s://127.0.0.1:%u", (const char *)row, port);
    CHECK_TEXT(error->proxy, peer);
    return error;
}

static const hws_error_info *no_such_name(enum role role, const void *row)
{
    hws_conn conn;
    (void)role, (void)row;
    watch_the_log();
    client.uri = hws_cstr(TARGET);
    client.proxy = hws_cstr("socks5h://" USER NOBODY ":1");
    OK(hws_connect(engine, &client, &conn));
    const hws_error_info *error = cannot_pass(conn);
    CHECK_TEXT(error->proxy, "socks5h://" NOBODY ":1");
    CHECK_INT(error->cause->status, HWS_ERR_ADDRESS);
    return error;
}

/* An https proxy is a TLS server before it is a proxy; one of ours will do. */
static hws_listener tls_proxy(hws_tls *tls)
{
    hws_listener listener;
    server.tls = tls;
    OK(hws_listen(engine, &server, &listener));
    watch_the_log();
    snprintf(proxy_url, sizeof proxy_url, "https://" USER "127.0.0.1:%u", port_of_listener(listener));
    client.proxy = hws_cstr(proxy_url);
    client.uri = hws_cstr(TARGET);
    return listener;
}

/* Both fail; gives what the client says. */
static const hws_error_info *client_of_both(void)
{
    hws_conn conn;
    const hws_error_info *error = NULL;
    hws_error keeper;
    OK(hws_connect(engine, &client, &conn));
    for (int failed = 0; failed < 2; failed++) {
        if (!held && !poll_engine(PATIENCE_MS)) fail(__FILE__, __LINE__, "somebody has not failed");
        held = 0;
        check_error_tells_nothing(event.error);
        if (event.kind != HWS_EVENT_CONNECT_FAILED) continue;
        OK(hws_error_keep(event.error, &keeper));
        OK(hws_error_get(keeper, &error));
    }
    CHECK(error);
    return error;
}

static const hws_error_info *certificate_of_the_proxy(enum role role, const void *row)
{
    hws_tls shown = shows("expired"), trusted = trusts("ca");
    (void)role, (void)row;
    tls_proxy(&shown);
    client.proxy_tls = &trusted;
    const hws_error_info *error = client_of_both();
    CHECK_INT(error->cause->status, HWS_ERR_TLS_CERTIFICATE);
    check_detail(error->cause, "expired on 2020-06-01");
    CHECK_INT(error->retryable, HWS_RETRY_NO);
    return error;
}

/* Our server is no proxy and says so, through TLS. What the client trusts for wss it trusts for its proxy too. */
static const hws_error_info *refused_through_tls(enum role role, const void *row)
{
    hws_tls shown = shows("ecdsa"), trusted = trusts("ca");
    (void)role, (void)row;
    tls_proxy(&shown);
    client.tls = &trusted;
    const hws_error_info *error = client_of_both();
    CHECK_INT(error->http_status, 405);
    CHECK_TEXT(error->http_reason, "Method Not Allowed");
    return error;
}

/* SOCKS4 has no room for an address of IPv6, and the client has looked the name up itself. */
static const hws_error_info *only_ipv6(enum role role, const void *row)
{
    static const char *const addresses[] = { "::1", NULL };
    hws_conn conn;
    (void)role, (void)row;
    many_addresses = addresses;
    watch_the_log();
    client.uri = hws_cstr("ws://" MANY "/");
    client.proxy = hws_cstr("socks4://user@127.0.0.1:9");
    OK(hws_connect(engine, &client, &conn));
    const hws_error_info *error = cannot_pass(conn);
    check_detail(error, "SOCKS4 cannot connect to an IPv6 address");
    return error;
}

#define URL(name, ...) { HWS_ERR_INVALID_PROXY, name, malformed_url, NEITHER, ROW(url, __VA_ARGS__) }
#define VARIABLE(name, ...) { HWS_ERR_INVALID_PROXY, name, malformed_variable, NEITHER, ROW(url, __VA_ARGS__) }
#define ANSWER(status, name, ...) { HWS_ERR_##status, name, does_not_let_us_pass, NEITHER, ROW(answer, __VA_ARGS__) }
#define TURN(hears, text) { hears, text, sizeof(text) - 1 }
#define HTTP(text) .scheme = "http", .turns = { TURN(0, text) }
#define HTTP_PROXY "proxy=[http://127.0.0.1:$]"
#define SOCKS5_PROXY "proxy=[socks5h://127.0.0.1:$]"
#define SOCKS4_PROXY "proxy=[socks4a://127.0.0.1:$]"

/* Greeting, credentials, and "connect to target.invalid:81" have so many bytes. */
enum { GREETING = 4, OPEN_GREETING = 3, LOGIN = 3 + 4 + 7, CONNECT5 = 4 + 1 + 14 + 2, CONNECT4A = 8 + 5 + 15 };
#define LOGGED_IN TURN(GREETING, "\5\2"), TURN(LOGIN, "\1\0")
/* `field` is the reply's number and one more, as hws_error_info has it. */
#define SOCKS5_REPLY(octal, field, retry, text)                                                                        \
    ANSWER(SOCKS_REPLY, "socks5_" #field, .scheme = "socks5h", .detail = text,                                         \
           .fields = "proxy " retry "socks_reply=" #field " " SOCKS5_PROXY,                                            \
           .turns = { LOGGED_IN, TURN(CONNECT5, "\5" octal) })
#define SOCKS4_REPLY(octal, field, retry, text)                                                                        \
    ANSWER(SOCKS_REPLY, "socks4_" #field, .scheme = "socks4a", .user = "user@", .detail = text,                        \
           .fields = "proxy " retry "socks_reply=" #field " " SOCKS4_PROXY,                                            \
           .turns = { TURN(CONNECT4A, "\0" octal "\0\0\0\0\0\0") })

static const struct provoked cases[] = {
    URL("empty_host", "http://", "http://", 7, "the host is missing"),
    URL("no_scheme", "proxy.invalid:3128", "proxy.invalid:3128", 0, "the scheme is missing"),
    URL("ftp", "ftp://" USER "proxy.invalid", "ftp://***@proxy.invalid", 0, "the scheme is not"),
    URL("ws", "ws://proxy.invalid", "ws://proxy.invalid", 0, "the scheme is not"),
    URL("socks", "socks://" USER "proxy.invalid", "socks://***@proxy.invalid", 0, "the scheme is not"),
    URL("port_0", "http://" USER "h:0", "http://***@h:0", 22, "port"),
    URL("port_65536", "http://h:65536", "http://h:65536", 9, "port"),
    URL("port_word", "socks5://h:http", "socks5://h:http", 11, "port"),
    URL("ipv6_loopback_bare", "http://::1", "http://::1", 7, "brackets"),
    URL("ipv6_bare", "http://2001:db8::1", "http://2001:db8::1", 7, "brackets"),
    URL("path", "http://h/proxy", "http://h/proxy", 8, "path"),
    URL("query", "http://h?x", "http://h?x", 8, "query"),
    URL("fragment", "http://h#x", "http://h#x", 8, "fragment"),
    URL("space", "http://h h", "http://h h", 8, "space"),
    URL("line_end", "http://h\r\nX: y", "http://h\r\nX: y", 8, "control character"),
    URL("half_an_escape", "http://user:" SECRET "%4@h", "http://***@h", 19, ""),
    URL("slash_in_password", "http://user:" SECRET "/x@h", "http://***@h", 19, ""),
    URL("socks4_password", "socks4://" USER "h", "socks4://***@h", 9, ""),
    URL("socks5_no_user", "socks5://:" SECRET "@h", "socks5://***@h", 9, ""),
    VARIABLE("environment_scheme", "gopher://" USER "h", "gopher://***@h", 0, "ws_proxy: "),
    VARIABLE("environment_port", "h:99999", "h:99999", 2, "ws_proxy: "),

    ANSWER(INVALID_PROXY_MESSAGE, "ssh", HTTP("SSH-2.0-OpenSSH_9.2\r\n"), .detail = "",
           .fields = "proxy position=0 " HTTP_PROXY),
    ANSWER(INVALID_PROXY_MESSAGE, "status_line", HTTP("HTTP/1.1 99 What\r\n"), .detail = "",
           .fields = "proxy position=9 " HTTP_PROXY),
    ANSWER(INVALID_PROXY_MESSAGE, "header", HTTP("HTTP/1.1 200 OK\r\nno colon\r\n"), .detail = "",
           .fields = "proxy http_status=200 position=25 " HTTP_PROXY " reason=[OK]"),
    ANSWER(INVALID_PROXY_MESSAGE, "switches", HTTP("HTTP/1.1 101 Switching\r\n\r\n"), .detail = "switches",
           .fields = "proxy http_status=101 " HTTP_PROXY " reason=[Switching]"),
    ANSWER(INVALID_PROXY_MESSAGE, "http_2", HTTP("HTTP/2 200 OK\r\n\r\n"), .detail = "version",
           .fields = "proxy http_status=200 " HTTP_PROXY " version=[HTTP/2] reason=[OK]"),
    ANSWER(INVALID_PROXY_MESSAGE, "nothing", HTTP(""), .end = 1, .detail = "without an answer",
           .fields = "proxy retryable=1 current_size=0 " HTTP_PROXY " has_cause=1", .cause = HWS_ERR_UNEXPECTED_EOF),
    ANSWER(INVALID_PROXY_MESSAGE, "half", HTTP("HTTP/1.1 200 OK\r\nX"), .end = 1, .detail = "inside its answer",
           .fields = "proxy retryable=1 http_status=200 current_size=18 " HTTP_PROXY " reason=[OK] has_cause=1",
           .cause = HWS_ERR_UNEXPECTED_EOF),
    ANSWER(INVALID_PROXY_MESSAGE, "long_line", HTTP("HTTP/1.1 200 OK\r\nX: ~\r\n"), .filler = "a", .times = 9000,
           .detail = "", .fields = "proxy http_status=200 " HTTP_PROXY " reason=[OK] header=[X]"
           " value=[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...8189] has_cause=1",
           .cause = HWS_ERR_HEADER_LINE_TOO_LONG),
    ANSWER(INVALID_PROXY_MESSAGE, "many_lines", HTTP("HTTP/1.1 200 OK\r\n~"), .filler = "X: y\r\n", .times = 129,
           .detail = "", .fields = "proxy http_status=200 " HTTP_PROXY " reason=[OK] has_cause=1",
           .cause = HWS_ERR_TOO_MANY_HEADERS),
    ANSWER(INVALID_PROXY_MESSAGE, "socks5_version", .scheme = "socks5h", .turns = { TURN(GREETING, "\4\0") },
           .detail = "does not begin with 5", .fields = "proxy position=0 " SOCKS5_PROXY),
    ANSWER(INVALID_PROXY_MESSAGE, "socks5_method", .scheme = "socks5h", .turns = { TURN(GREETING, "\5\1") },
           .detail = "not offered", .fields = "proxy position=1 " SOCKS5_PROXY),
    ANSWER(INVALID_PROXY_MESSAGE, "socks5_address", .scheme = "socks5h",
           .turns = { LOGGED_IN, TURN(CONNECT5, "\5\0\0\2") }, .detail = "type",
           .fields = "proxy position=3 " SOCKS5_PROXY),
    ANSWER(INVALID_PROXY_MESSAGE, "socks5_end", .scheme = "socks5h",
           .turns = { LOGGED_IN, TURN(CONNECT5, "\5\0\0\1") }, .end = 1, .detail = "inside its answer",
           .fields = "proxy retryable=1 current_size=4 " SOCKS5_PROXY " has_cause=1", .cause = HWS_ERR_UNEXPECTED_EOF),
    ANSWER(INVALID_PROXY_MESSAGE, "socks4_version", .scheme = "socks4a", .user = "user@",
           .turns = { TURN(CONNECT4A, "HTTP/1.1 400 Bad Request\r\n\r\n") }, .detail = "does not begin with 0",
           .fields = "proxy position=0 " SOCKS4_PROXY),
    ANSWER(INVALID_PROXY_MESSAGE, "socks4_reply", .scheme = "socks4a", .user = "user@",
           .turns = { TURN(CONNECT4A, "\0\1\0\0\0\0\0\0") }, .detail = "", .fields = "proxy position=1 " SOCKS4_PROXY),
    { HWS_ERR_INVALID_PROXY_MESSAGE, "speaks_first", speaks_first, NEITHER,
      ROW(answer, .scheme = "socks5h", .turns = { TURN(0, "\5\2\1\0\5\0\0\1\0\0\0\0\0\0") },
          .detail = "what it has not been asked") },

    ANSWER(INVALID_PROXY_STATUS, "403", HTTP("HTTP/1.1 403 No\r\nX: y\r\nX: z\r\nContent-Length: 6\r\n\r\nnot me"),
           .detail = "403", .fields = "proxy http_status=403 " HTTP_PROXY " reason=[No] {X: y} {X: z}"
           " {Content-Length: 6} body=[not me]"),
    ANSWER(INVALID_PROXY_STATUS, "502", HTTP("HTTP/1.0 502 Bad Gateway\r\n\r\nno route"), .end = 1, .detail = "502",
           .fields = "proxy retryable=1 http_status=502 " HTTP_PROXY " reason=[Bad Gateway] body=[no route]"),
    ANSWER(INVALID_PROXY_STATUS, "503", HTTP("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
           .detail = "503", .fields = "proxy retryable=2 http_status=503 retry_after_ms=7000 " HTTP_PROXY
           " reason=[Busy] {Retry-After: 7} {Content-Length: 0}"),
    ANSWER(INVALID_PROXY_STATUS, "redirect",
           HTTP("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), .detail = "302",
           .fields = "proxy http_status=302 " HTTP_PROXY " reason=[Found] {Location: ws://127.0.0.1:1/}"
           " {Content-Length: 0}"),
    ANSWER(INVALID_PROXY_STATUS, "body_cut", HTTP("HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\nhalf"), .end = 1,
           .detail = "500", .fields = "proxy http_status=500 body_truncated=1 " HTTP_PROXY " reason=[Oh]"
           " {Content-Length: 9} body=[half]"),
    { HWS_ERR_INVALID_PROXY_STATUS, "through_tls", refused_through_tls },
    { HWS_ERR_INVALID_PROXY_STATUS, "body_too_slow", is_silent, NEITHER,
      ROW(answer, HTTP("HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\nhalf"),
          .fields = "proxy http_status=500 body_truncated=1 " HTTP_PROXY " reason=[Oh] {Content-Length: 9}"
          " body=[half]") },

    ANSWER(PROXY_AUTHENTICATION, "407",
           HTTP("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"),
           .detail = "407", .fields = "proxy http_status=407 " HTTP_PROXY " reason=[Who]"
           " {Proxy-Authenticate: Basic realm=\"r\"} {Content-Length: 0}"),
    ANSWER(PROXY_AUTHENTICATION, "socks5_wants", .scheme = "socks5h", .user = "",
           .turns = { TURN(OPEN_GREETING, "\5\377") }, .detail = "wants credentials", .fields = "proxy " SOCKS5_PROXY),
    ANSWER(PROXY_AUTHENTICATION, "socks5_neither", .scheme = "socks5h", .turns = { TURN(GREETING, "\5\377") },
           .detail = "neither a password nor none", .fields = "proxy " SOCKS5_PROXY),
    ANSWER(PROXY_AUTHENTICATION, "socks5_refused", .scheme = "socks5h",
           .turns = { TURN(GREETING, "\5\2"), TURN(LOGIN, "\1\1") }, .detail = "refuses the user or the password",
           .fields = "proxy " SOCKS5_PROXY),
    SOCKS5_REPLY("\1", 2, "retryable=1 ", "general SOCKS server failure"),
    SOCKS5_REPLY("\2", 3, "", "not allowed"),
    SOCKS5_REPLY("\3", 4, "retryable=1 ", "network unreachable"),
    SOCKS5_REPLY("\4", 5, "retryable=1 ", "host unreachable"),
    SOCKS5_REPLY("\5", 6, "retryable=1 ", "connection refused"),
    SOCKS5_REPLY("\6", 7, "retryable=1 ", "TTL expired"),
    SOCKS5_REPLY("\7", 8, "", "command not supported"),
    SOCKS5_REPLY("\10", 9, "", "address type not supported"),
    SOCKS5_REPLY("\377", 256, "", "no name"),
    SOCKS4_REPLY("\133", 92, "retryable=1 ", "rejected or failed"),
    SOCKS4_REPLY("\134", 93, "", "identd"),
    SOCKS4_REPLY("\135", 94, "", "identd"),

    { HWS_ERR_PROXY, "refused_http", nobody_listens, NEITHER, "http" },
    { HWS_ERR_PROXY, "refused_https", nobody_listens, NEITHER, "https" },
    { HWS_ERR_PROXY, "refused_socks", nobody_listens, NEITHER, "socks5h" },
    { HWS_ERR_PROXY, "no_such_name", no_such_name },
    { HWS_ERR_PROXY, "certificate", certificate_of_the_proxy },
    { HWS_ERR_INVALID_ARGUMENT, "socks4_ipv6", only_ipv6 },

    { HWS_ERR_CONNECT_TIMEOUT, "http_silent", is_silent, NEITHER,
      ROW(answer, HTTP(""), .fields = "proxy retryable=1 timeout_ms=100 " HTTP_PROXY) },
    { HWS_ERR_CONNECT_TIMEOUT, "http_half", is_silent, NEITHER,
      ROW(answer, HTTP("HTTP/1.1 2"), .fields = "proxy retryable=1 timeout_ms=100 " HTTP_PROXY) },
    { HWS_ERR_CONNECT_TIMEOUT, "http_interim", is_silent, NEITHER,
      ROW(answer, HTTP("HTTP/1.1 100 Go\r\n\r\n"), .fields = "proxy retryable=1 timeout_ms=100 " HTTP_PROXY) },
    { HWS_ERR_CONNECT_TIMEOUT, "socks5_silent", is_silent, NEITHER,
      ROW(answer, .scheme = "socks5h", .turns = { LOGGED_IN },
          .fields = "proxy retryable=1 timeout_ms=100 " SOCKS5_PROXY) },
    { HWS_ERR_CONNECT_TIMEOUT, "proxy_drips", drips },
};

PROVOKE(cases)
