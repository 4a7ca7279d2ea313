/* Who is let in: Basic authentication (RFC 7617) on both sides. What proves who one is goes to the server and to
 * nobody else: not into errors, not into the log. */
#include "peer.h"
#include "secret.h"
#include "tests.h"

/* rows of tables leave out what is zero */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* -- What a client says ------------------------------------------------------------------------------------- */

struct wish { const char *userinfo, *user, *password, *header; };

static const struct wish wishes[] = {
    { "user:" SECRET "@", NULL, NULL, "Basic dXNlcjpodW50ZXIy" },
    { "user:" ENCODED "@", NULL, NULL, "Basic dXNlcjpzZWNyOmV0" },
    { "user:@", NULL, NULL, "Basic dXNlcjo=" },
    { ":" SECRET "@", NULL, NULL, "Basic Omh1bnRlcjI=" },
    { "us%40er:p%25@", NULL, NULL, "Basic dXNAZXI6cCU=" },
    { "%C3%A4:%C3%B6@", NULL, NULL, "Basic w6Q6w7Y=" },
    { "", "user", SECRET, "Basic dXNlcjpodW50ZXIy" },
    { "", "user", NULL, "Basic dXNlcjo=" },
    { "", "user", "s%65cr", "Basic dXNlcjpzJTY1Y3I=" }, /* no URI, so nothing stands for something else */
    { "somebody:else@", "user", SECRET, "Basic dXNlcjpodW50ZXIy" },
    { "", NULL, NULL, NULL },
};

/* The header, and nothing of it in the URI or Host. */
static void a_client_says_who_it_is(void)
{
    char uri[128], head[HEAD_MAX], line[128];
    int listener = peer_listen(1);
    create_world();
    watch_the_log();
    for (size_t i = 0; i < LENGTH(wishes); i++) {
        const struct wish *it = &wishes[i];
        hws_conn conn;
        snprintf(uri, sizeof uri, "ws://%s127.0.0.1:%u/", it->userinfo, port_of(listener));
        client.uri = hws_cstr(uri);
        client.basic_user = hws_cstr(it->user);
        client.basic_password = hws_cstr(it->password);
        OK(hws_connect(engine, &client, &conn));
        int peer = peer_accept(listener);
        peer_read_head(peer, head);
        snprintf(line, sizeof line, "\r\nAuthorization: %s\r\n", it->header ? it->header : "");
        if (it->header ? !strstr(head, line) : strstr(head, "Authorization") != NULL)
            fail(__FILE__, __LINE__, "not %s: %s", it->header, head);
        snprintf(line, sizeof line, "\r\nHost: 127.0.0.1:%u\r\n", port_of(listener));
        CHECK(strstr(head, line) && !strncmp(head, "GET / HTTP/1.1\r\n", 16));
        peer_say(peer, "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n");
        const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
        CHECK_INT(error->status, HWS_ERR_INVALID_STATUS);
        CHECK_INT(error->http_status, 401);
        CHECK_TEXT(error->headers[0].value, "Basic realm=\"r\"");
        snprintf(line, sizeof line, "ws://127.0.0.1:%u/", port_of(listener));
        CHECK_TEXT(error->uri, line);
        check_error_tells_nothing(error);
        SYS(close(peer));
    }
    CHECK(logged > 0);
}

/* What cannot be said is refused, without showing what it was. */
static void what_cannot_be_said_is_refused(void)
{
    static const struct { const char *userinfo, *user, *password; hws_status status; } rows[] = {
        { "", "us:er", SECRET, HWS_ERR_INVALID_ARGUMENT },
        { "", "user", SECRET "\n", HWS_ERR_INVALID_ARGUMENT },
        { SECRET "@", NULL, NULL, HWS_ERR_INVALID_URI }, /* user or password? */
        { "us%3Aer:" SECRET "@", NULL, NULL, HWS_ERR_INVALID_URI },
        { "user:" SECRET "%0A@", NULL, NULL, HWS_ERR_INVALID_URI },
        { "user:" SECRET "%4@", NULL, NULL, HWS_ERR_INVALID_URI },
        { "user:" SECRET "%FF@", NULL, NULL, HWS_ERR_INVALID_URI },
        { "user:" SECRET "/@", NULL, NULL, HWS_ERR_INVALID_URI },
        { "user:" SECRET "#@", NULL, NULL, HWS_ERR_INVALID_URI },
    };
    static const hws_header own = { HWS_STR("Authorization"), HWS_STR("Bearer " SECRET) };
    char uri[128];
    hws_conn conn;
    create_world();
    watch_the_log();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        snprintf(uri, sizeof uri, "ws://%s127.0.0.1:9/", rows[i].userinfo);
        client.uri = hws_cstr(uri);
        client.basic_user = hws_cstr(rows[i].user);
        client.basic_password = hws_cstr(rows[i].password);
        const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
        if (error->status != rows[i].status) fail(__FILE__, __LINE__, "%s: %s", uri, error_line(error));
        check_error_tells_nothing(error);
    }
    client.uri = hws_cstr("ws://user:" SECRET "@127.0.0.1:9/");
    client.basic_user = client.basic_password = hws_cstr(NULL);
    client.headers = &own;
    client.header_count = 1;
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_INT(error->status, HWS_ERR_INVALID_ARGUMENT); /* two words for one thing */
    check_error_tells_nothing(error);
}

/* A malformed URI is shown as far as it is sure to hold no password. */
static void a_malformed_uri_is_masked(void)
{
    static const struct { const char *uri, *shown; } rows[] = {
        { "http://user:" SECRET "@h/", "http://***@h/" },
        { "ws://user:" SECRET "@h:99999/", "ws://***@h:99999/" },
        { "ws://user:" SECRET "/x@h/", "ws://***@h/" },
        { "ws:user:" SECRET "@h/", "***@h/" },
        { "user:" SECRET "@h/", "***@h/" },
        { "ws://user:" SECRET "@h/\r\nX: y", "ws://***@h/\r\nX: y" },
    };
    hws_conn conn;
    create_world();
    watch_the_log();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        client.uri = hws_cstr(rows[i].uri);
        const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
        CHECK_INT(error->status, HWS_ERR_INVALID_URI);
        CHECK_TEXT(error->uri, rows[i].shown);
        check_error_tells_nothing(error);
    }
}

/* -- What a server makes of it ------------------------------------------------------------------------------ */

static const hws_str credentials[] = { HWS_STR("user:" SECRET), HWS_STR("anna:a:b"), HWS_STR("nobody:"),
                                       HWS_STR("\xc3\xa4:\xc3\xb6") };

static hws_listener guarded_server(void)
{
    hws_listener listener;
    create_world();
    watch_the_log();
    server.credentials = credentials;
    server.credential_count = LENGTH(credentials);
    OK(hws_listen(engine, &server, &listener));
    return listener;
}

/* A request with this Authorization, or without any. */
static int request(hws_listener listener, const char *authorization)
{
    char text[512];
    int peer = peer_connect(port_of_listener(listener));
    snprintf(text, sizeof text, "%.*s%s%s%s\r\n", (int)strlen(REQUEST) - 2, REQUEST,
             authorization ? "Authorization: " : "", authorization ? authorization : "", authorization ? "\r\n" : "");
    peer_say(peer, text);
    return peer;
}

static void those_who_are_known_are_let_in(void)
{
    static const struct { const char *authorization, *user; } rows[] = {
        { "Basic dXNlcjpodW50ZXIy", "user" },
        { "basic dXNlcjpodW50ZXIy", "user" },
        { "BASIC   dXNlcjpodW50ZXIy", "user" },
        { "Basic YW5uYTphOmI=", "anna" },
        { "Basic bm9ib2R5Og==", "nobody" },
        { "Basic w6Q6w7Y=", "\xc3\xa4" },
    };
    hws_listener listener = guarded_server();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char head[HEAD_MAX];
        int peer = request(listener, rows[i].authorization);
        const hws_event *open = expect(HWS_EVENT_OPEN);
        CHECK_TEXT(open->handshake->user, rows[i].user);
        peer_read_head(peer, head);
        CHECK(strstr(head, "HTTP/1.1 101 ") == head);
        SYS(close(peer));
        expect(HWS_EVENT_CLOSE);
    }
}

struct stranger { const char *authorization; hws_status status; const char *value; int64_t position; };

static const struct stranger strangers[] = {
    { NULL, HWS_ERR_INVALID_HEADER, NULL, -1 },
    { "Basic dXNlcjpodW50ZXI=", HWS_ERR_INVALID_HEADER_VALUE, "***", -1 },     /* a byte less */
    { "Basic dXNlcjpodW50ZXIyMg==", HWS_ERR_INVALID_HEADER_VALUE, "***", -1 }, /* a byte more */
    { "Basic VXNlcjpodW50ZXIy", HWS_ERR_INVALID_HEADER_VALUE, "***", -1 },     /* in another case */
    { "Basic YW5uYTphOg==", HWS_ERR_INVALID_HEADER_VALUE, "***", -1 },
    { "Basic bm9ib2R5OnNlY3JldA==", HWS_ERR_INVALID_HEADER_VALUE, "***", -1 },
    { "Bearer dXNlcjpodW50ZXIy", HWS_ERR_INVALID_HEADER_VALUE, "***", -1 },
    { "Basic", HWS_ERR_INVALID_HEADER_FORMAT, "***", 5 },
    { "Basic !!!!", HWS_ERR_INVALID_HEADER_FORMAT, "***", 6 },
    { "Basic dXNlcg==", HWS_ERR_INVALID_HEADER_FORMAT, "***", 6 }, /* no colon */
    { "Basic dXNlcjpodW50ZXIy\r\nAuthorization: Basic dXNlcjpodW50ZXIy", HWS_ERR_INVALID_HEADER, "***, ***", -1 },
};

/* Whoever is not known is told how to make himself known, and not what was wrong; the host is told that. */
static void strangers_are_asked_who_they_are(void)
{
    hws_listener listener = guarded_server();
    for (size_t i = 0; i < LENGTH(strangers); i++) {
        char answer[HEAD_MAX];
        int peer = request(listener, strangers[i].authorization);
        peer_read_rest(peer, answer);
        SYS(close(peer));
        const hws_error_info *error = expect(HWS_EVENT_ACCEPT_FAILED)->error;
        if (error->status != strangers[i].status)
            fail(__FILE__, __LINE__, "%s: %s", strangers[i].authorization, error_line(error));
        CHECK_TEXT(error->header_name, "Authorization");
        CHECK_TEXT(error->header_value, strangers[i].value);
        CHECK_INT(error->position, strangers[i].position);
        CHECK_INT(error->http_status, 401);
        check_error_tells_nothing(error);
        check_untold("the answer", answer);
        CHECK(strstr(answer, "HTTP/1.1 401 Unauthorized\r\n") == answer);
        CHECK(strstr(answer, "\r\nWWW-Authenticate: Basic realm=\"hawser\", charset=\"UTF-8\"\r\n"));
    }
}

static void a_realm_is_quoted(void)
{
    char answer[HEAD_MAX];
    server.realm = hws_cstr("the \"big\" \\ ship");
    int peer = request(guarded_server(), NULL);
    peer_read_rest(peer, answer);
    CHECK(strstr(answer, "\r\nWWW-Authenticate: Basic realm=\"the \\\"big\\\" \\\\ ship\", charset=\"UTF-8\"\r\n"));
}

static void a_server_refuses_what_nobody_can_say(void)
{
    static const hws_str wrong[] = { HWS_STR("no colon"), HWS_STR(""), HWS_STR("user:" SECRET "\n") };
    hws_listener listener;
    create_world();
    watch_the_log();
    server.credential_count = 1;
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        server.credentials = &wrong[i];
        const hws_error_info *error = REFUSED(hws_listen(engine, &server, &listener));
        CHECK(hws_status_is_a(error->status, HWS_ERR_USAGE) || error->status == HWS_ERR_INVALID_HEADER_VALUE);
        check_error_tells_nothing(error);
    }
    server.credentials = credentials;
    server.realm = hws_cstr("a\r\nb");
    CHECK_INT(REFUSED(hws_listen(engine, &server, &listener))->status, HWS_ERR_INVALID_HEADER_VALUE);
}

/* Both ends ours. */
static void a_client_of_ours_is_let_in(void)
{
    hws_listener listener = guarded_server();
    char uri[64];
    hws_conn conn;
    snprintf(uri, sizeof uri, "ws://anna:a%%3Ab@127.0.0.1:%u/", port_of_listener(listener));
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &conn));
    for (int opened = 0; opened < 2; opened++) {
        const hws_event *open = expect(HWS_EVENT_OPEN);
        CHECK_TEXT(open->handshake->user, open->conn.id == conn.id ? "" : "anna");
    }
}

TESTS(T(a_client_says_who_it_is), T(what_cannot_be_said_is_refused), T(a_malformed_uri_is_masked),
      T(those_who_are_known_are_let_in), T(strangers_are_asked_who_they_are), T(a_realm_is_quoted),
      T(a_server_refuses_what_nobody_can_say), T(a_client_of_ours_is_let_in))
