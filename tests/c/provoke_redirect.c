/* provoke_redirect.c -- redirects that a client is willing to follow and cannot, and what comes of those that it has
 * followed. The servers are played by hand, those with TLS by openssl. */
#include "fields.h"
#include "openssl.h"
#include "provoke.h"
#include "secret.h"

/* A client on its way: where each stop sends it, and what becomes of it. "$" stands for the port of the server. */
struct journey {
    const char *stops[4];
    const char *last;    /* a whole answer of the last stop, instead of one more redirect */
    uint32_t max;
    const char *fields;
    const char *detail;
    const char *chain;   /* what the error came of: its causes */
    const char *uri;     /* where it happened */
    const char *user;    /* credentials in the URI */
};

static void expand(char *out, size_t room, const char *text, uint16_t port)
{
    size_t len = 0;
    for (; *text && len + 8 < room; text++)
        if (*text == '$') len += (size_t)sprintf(out + len, "%u", port);
        else out[len++] = *text;
    out[len] = '\0';
}

/* One stop: hears a request, and sends the client elsewhere. */
static void send_elsewhere(int listener, const char *location)
{
    char head[HEAD_MAX], place[256];
    int peer = peer_accept(listener);
    peer_read_head(peer, head);
    expand(place, sizeof place, location, port_of(listener));
    snprintf(head, sizeof head, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", place);
    peer_say(peer, head);
    peer_expect_end(peer);
    SYS(close(peer));
}

static void answer_with(int listener, const char *answer)
{
    char head[HEAD_MAX];
    int peer = peer_accept(listener);
    peer_read_head(peer, head);
    peer_say(peer, answer);
    peer_half_close(peer);
}

static void check_fields(const hws_error_info *error, const char *want, uint16_t port)
{
    char expanded[2048];
    expand(expanded, sizeof expanded, want, port);
    const char *got = fields(error);
    if (strcmp(got, expanded)) fail(__FILE__, __LINE__, "the fields are\n    %s\nnot\n    %s", got, expanded);
}

/* The causes by name, each with what its detail says. */
static void check_chain(const hws_error_info *error, const char *want)
{
    char got[1024] = "";
    for (const hws_error_info *e = error->cause; e; e = e->cause) {
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", *got ? " <- " : "", short_name(e->status));
        if (e->status != HWS_ERR_REDIRECT) continue;
        snprintf(got + strlen(got), sizeof got - strlen(got), " %s", e->detail.ptr);
        CHECK_INT(e->http_status, 302);
        CHECK(e->location.len && e->uri.len && e->header_count == 2);
    }
    if (strcmp(got, want)) fail(__FILE__, __LINE__, "the causes are\n    %s\nnot\n    %s", got, want);
}

static const hws_error_info *journey(enum role role, const void *row)
{
    const struct journey *it = row;
    int listener = peer_listen(4);
    char text[128];
    hws_conn conn;
    (void)role;
    watch_the_log();
    snprintf(text, sizeof text, "ws://%s127.0.0.1:%u/", it->user ? it->user : "", port_of(listener));
    client.uri = hws_cstr(text);
    client.max_redirects = it->max;
    client.user = 4711;
    OK(hws_connect(engine, &client, &conn));
    for (size_t i = 0; i < 4 && it->stops[i]; i++) send_elsewhere(listener, it->stops[i]);
    if (it->last) answer_with(listener, it->last);

    const hws_event *failed = expect(HWS_EVENT_CONNECT_FAILED);
    CHECK_INT(failed->conn.id, conn.id);
    CHECK_INT(failed->user, 4711);
    expand(text, sizeof text, it->uri, port_of(listener));
    CHECK_TEXT(failed->error->uri, text);
    if (!strstr(failed->error->detail.ptr, it->detail))
        fail(__FILE__, __LINE__, "the detail is \"%s\"", failed->error->detail.ptr);
    check_fields(failed->error, it->fields, port_of(listener));
    check_chain(failed->error, it->chain);
    check_error_tells_nothing(failed->error);
    return failed->error;
}

/* -- From a server with TLS --------------------------------------------------------------------------------- */

struct secure { const char *location; const char *fields, *detail; };

static const hws_error_info *from_wss(enum role role, const void *row)
{
    const struct secure *it = row;
    hws_tls tls = trusts("ca");
    char answer[256], uri[64];
    hws_conn conn;
    (void)role;
    snprintf(answer, sizeof answer, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", it->location);
    snprintf(uri, sizeof uri, "wss://127.0.0.1:%u/answer", openssl_serve("ecdsa", answer));
    client.uri = hws_cstr(uri);
    client.tls = &tls;
    client.max_redirects = 5;
    OK(hws_connect(engine, &client, &conn));
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_TEXT(error->uri, uri);
    CHECK_TEXT(error->location, it->location);
    check_fields(error, it->fields, 0);
    check_chain(error, "REDIRECT not followed");
    CHECK(strstr(error->detail.ptr, it->detail));
    return error;
}

#define JOURNEY(status, name, ...) { HWS_ERR_##status, name, journey, NEITHER, ROW(journey, __VA_ARGS__) }
#define TO(...) .stops = { __VA_ARGS__ }
#define LEADS_ASTRAY(name, to, shown, at, what)                                                                        \
    JOURNEY(INVALID_URI, name, TO(to), .max = 5, .uri = "ws://127.0.0.1:$/", .detail = what,                           \
            .chain = "REDIRECT not followed",                                                                          \
            .fields = "handshake http_status=302 position=" at " location=[" shown "] has_cause=1")

static const struct provoked cases[] = {
    { HWS_ERR_REDIRECT_DOWNGRADE, "other_port", from_wss, NEITHER,
      ROW(secure, "ws://127.0.0.1:9/", "handshake http_status=302 location=[ws://127.0.0.1:9/] has_cause=1",
          "nothing would be encrypted") },
    { HWS_ERR_INVALID_URI, "from_wss_to_https", from_wss, NEITHER,
      ROW(secure, "https://127.0.0.1:9/",
          "handshake http_status=302 position=0 location=[https://127.0.0.1:9/] has_cause=1", "another scheme") },

    JOURNEY(TOO_MANY_REDIRECTS, "one_more", TO("/a", "/b", "ws://127.0.0.1:$/c"), .max = 2,
            .uri = "ws://127.0.0.1:$/b", .detail = "one more than may be followed",
            .chain = "REDIRECT not followed <- REDIRECT followed <- REDIRECT followed",
            .fields = "handshake http_status=302 attempts=2 max_attempts=2 location=[ws://127.0.0.1:$/c] has_cause=1"),
    JOURNEY(TOO_MANY_REDIRECTS, "loop", TO("/a", "/b", "/a"), .max = 10,
            .uri = "ws://127.0.0.1:$/b", .detail = "a loop",
            .chain = "REDIRECT not followed <- REDIRECT followed <- REDIRECT followed",
            .fields = "handshake http_status=302 attempts=2 max_attempts=10 location=[/a] has_cause=1"),
    JOURNEY(TOO_MANY_REDIRECTS, "itself", TO("/"), .max = 10,
            .uri = "ws://127.0.0.1:$/", .detail = "a loop", .chain = "REDIRECT not followed",
            .fields = "handshake http_status=302 max_attempts=10 location=[/] has_cause=1"),
    JOURNEY(TOO_MANY_REDIRECTS, "home_again", TO("/a", "ws://127.0.0.1:$"), .max = 10,
            .uri = "ws://127.0.0.1:$/a", .detail = "a loop",
            .chain = "REDIRECT not followed <- REDIRECT followed",
            .fields = "handshake http_status=302 attempts=1 max_attempts=10 location=[ws://127.0.0.1:$] has_cause=1"),

    LEADS_ASTRAY("redirect_to_http", "http://127.0.0.1:$/", "http://127.0.0.1:$/", "0", "another scheme"),
    LEADS_ASTRAY("redirect_to_ftp", "ftp://x/", "ftp://x/", "0", "another scheme"),
    LEADS_ASTRAY("redirect_to_script", "javascript:alert(1)", "javascript:alert(1)", "0", "another scheme"),
    LEADS_ASTRAY("redirect_to_nobody", "ws:///x", "ws:///x", "5", "host"),
    LEADS_ASTRAY("redirect_to_a_port", "ws://h:99999/", "ws://h:99999/", "7", "port"),
    LEADS_ASTRAY("redirect_with_a_space", "/a b", "/a b", "2", "space"),
    LEADS_ASTRAY("redirect_tells_a_secret", "ws://user:" SECRET "@h:99999/", "ws://***@h:99999/", "20", "port"),

    JOURNEY(REDIRECT, "none_allowed", TO("/a"), .max = 0, .uri = "ws://127.0.0.1:$/", .detail = "not followed",
            .chain = "", .fields = "handshake http_status=302 location=[/a] reason=[Found] {Location: /a}"
            " {Content-Length: 0}"),
    JOURNEY(REDIRECT, "secret_location", TO("ws://user:" SECRET "@h/"), .max = 0, .uri = "ws://127.0.0.1:$/",
            .detail = "not followed", .chain = "",
            .fields = "handshake http_status=302 location=[ws://***@h/] reason=[Found] {Location: ws://***@h/}"
            " {Content-Length: 0}", .user = "user:" SECRET "@"),
    JOURNEY(REDIRECT, "multiple_choices", TO("/a"), .max = 5, .uri = "ws://127.0.0.1:$/a",
            .last = "HTTP/1.1 300 Choose\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
            .detail = "of this status", .chain = "REDIRECT followed",
            .fields = "handshake http_status=300 location=[/b] reason=[Choose] {Location: /b} {Content-Length: 0}"
            " has_cause=1"),
    JOURNEY(INVALID_STATUS, "redirected_to_404", TO("/a", "b"), .max = 5, .uri = "ws://127.0.0.1:$/b",
            .last = "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone", .detail = "404",
            .chain = "REDIRECT followed <- REDIRECT followed",
            .fields = "handshake http_status=404 reason=[No] {Content-Length: 4} body=[gone] has_cause=1"),
    JOURNEY(INVALID_STATUS, "redirected_without_location", TO("/a"), .max = 5, .uri = "ws://127.0.0.1:$/a",
            .last = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", .detail = "302",
            .chain = "REDIRECT followed",
            .fields = "handshake http_status=302 reason=[Found] {Content-Length: 0} has_cause=1"),
    JOURNEY(INVALID_MESSAGE, "redirected_to_ssh", TO("/a"), .max = 5, .uri = "ws://127.0.0.1:$/a",
            .last = "SSH-2.0-OpenSSH_9.2\r\n", .detail = "", .chain = "REDIRECT followed",
            .fields = "handshake position=0 has_cause=1"),
    JOURNEY(CONNECTION_REFUSED, "redirected_to_nobody", TO("ws://user:" SECRET "@127.0.0.1:1/"), .max = 5,
            .uri = "ws://127.0.0.1:1/", .detail = "", .chain = "REDIRECT followed",
            .fields = "connect retryable=1 os_error=111 attempts=1 has_cause=1"),
};

PROVOKE(cases)
