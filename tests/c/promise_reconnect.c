/* Promise: a client that is to come back does, under the same handle, when and where its host and its policy say; its
 * events tell all of it in order, and it ends exactly once. The server is played by hand. */
#include "certs.h"
#include "reconnecting.h"
#include "tests.h"
#include <sys/resource.h>
#include <time.h>

static const hws_reconnect_options at_once = { .struct_size = sizeof at_once };

static void begin(void)
{
    create_world();
    create_revival();
}

static hws_stats stats_of(hws_conn conn)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_conn_stats(conn, &stats));
    return stats;
}

static void hear(const struct link *link, const char *text)
{
    char payload[126];
    peer_read_frame(link, FIN | TEXT, payload);
    CHECK(!strcmp(payload, text));
}

static void exchange(const struct link *link)
{
    OK(hws_send(link->conn, HWS_TEXT, "there", 5, NULL));
    hear(link, "there");
    peer_message(link, TEXT, "and back");
    const hws_event *message = expect(HWS_EVENT_MESSAGE);
    CHECK_INT(message->conn.id, link->conn.id);
    CHECK(message->data.len == 8 && !memcmp(message->data.ptr, "and back", 8));
}

/* Its host ends it, and nothing comes after. */
static void end_cleanly(const struct link *link)
{
    OK(hws_close(link->conn, 1000, hws_cstr("done")));
    peer_expect_close(link, 1000);
    peer_close_frame(link, 1000, "");
    SYS(close(link->peer));
    CHECK_INT(expect(HWS_EVENT_CLOSE)->status, HWS_ERR_CLOSED_OK);
    expect_nothing();
}

/* --- coming back ------------------------------------------------------------------------------------------ */

static void what_is_lost_comes_back(void)
{
    begin();
    struct link link = open_client();
    exchange(&link);
    end_with(&link, 1012);
    const hws_event *lost = loses(&link);
    CHECK_INT(lost->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(lost->error->close_rcvd.code, 1012);
    CHECK_INT(lost->error->attempts, 0);
    CHECK_INT(lost->error->current_size, 0);
    CHECK(lost->value <= 1);
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_TEXT, "down", 4, NULL));
    CHECK_INT(error->status, HWS_ERR_INVALID_STATE);
    CHECK_INT(error->state, 1 << HWS_STATE_RECONNECTING);
    CHECK_INT(error->required_states, 1 << HWS_STATE_OPEN);
    CHECK_INT(comes_back(&link)->token, 1);
    CHECK_INT(stats_of(link.conn).reconnects, 1);
    CHECK_INT(state_of(link.conn), HWS_STATE_OPEN);
    exchange(&link);
    end_cleanly(&link);
}

/* What a peer says last decides: 0 is nothing at all. */
static void the_close_code_decides(void)
{
    static const uint16_t codes[] = { 0, 1001, 1011, 1012, 1014 };
    begin();
    struct link link = open_client();
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        end_with(&link, codes[i]);
        const hws_event *lost = loses(&link);
        CHECK_INT(lost->error->close_code, codes[i] ? codes[i] : 1006);
        CHECK_INT(lost->status, codes[i] == 1001 ? HWS_ERR_CLOSED_OK : HWS_ERR_CLOSED_ERROR);
        comes_back(&link);
    }
    end_with(&link, 1013); /* later, but not before half a minute has passed */
    CHECK(loses(&link)->value >= 30000);
    OK(hws_conn_reconnect(link.conn, NULL));
    comes_back(&link);
    end_with(&link, 1000); /* the peer has finished */
    CHECK_INT(expect(HWS_EVENT_CLOSE)->status, HWS_ERR_CLOSED_OK);
    expect_nothing();
}

static void a_reset_is_a_loss(void)
{
    begin();
    struct link link = open_client();
    peer_reset(link.peer);
    CHECK_INT(loses(&link)->error->cause->status, HWS_ERR_CONNECTION_RESET);
    comes_back(&link);
    end_cleanly(&link);
}

/* Whatever comes with the end comes before it; with a batch of one event, too, that is all these tests have. */
static void messages_come_before_the_loss(void)
{
    begin();
    struct link link = open_client();
    for (int i = 0; i < 20; i++) peer_message(&link, TEXT, i % 2 ? "odd" : "even");
    peer_close_frame(&link, 1012, "");
    peer_half_close(link.peer);
    for (int i = 0; i < 20; i++) CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, i % 2 ? 3 : 4);
    loses(&link);
    SYS(close(link.peer));
    comes_back(&link);
    end_cleanly(&link);
}

/* A ping that is not answered is a loss like any other. */
static void a_peer_that_is_silent_is_lost(void)
{
    begin();
    timers.ping_interval_ms = timers.ping_timeout_ms = SOON_MS;
    struct link link = open_client();
    const hws_event *lost = loses(&link);
    CHECK_INT(root_of(lost->error)->status, HWS_ERR_PING_TIMEOUT);
    SYS(close(link.peer));
    timers.ping_interval_ms = 0;
    comes_back(&link);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Its peer has fallen silent, and the host takes no events. */
static void wait_for_the_loss_of(const struct link *link)
{
    uint32_t count;
    while (state_of(link->conn) != HWS_STATE_RECONNECTING) OK(hws_poll(engine, NULL, sizeof(hws_event), 0, SOON_MS, &count));
}

/* Also when something was planned for now while it was open. */
static void nothing_is_attempted_before_the_host_has_heard(void)
{
    hws_reconnect_options later = { .struct_size = sizeof later, .after_ms = 5 * SOON_MS };
    uint32_t count;
    begin();
    timers.ping_interval_ms = timers.ping_timeout_ms = timers.close_ms = SOON_MS;
    struct link link = open_client();
    OK(hws_conn_reconnect(link.conn, &later));
    wait_for_the_loss_of(&link);
    SYS(close(link.peer));
    for (int64_t until = now_ms() + 5 * SOON_MS; now_ms() < until;) OK(hws_poll(engine, NULL, sizeof(hws_event), 0, 0, &count));
    loses(&link);
    comes_back(&link);
}

/* It was meant for a session that is over. */
static void a_pause_that_comes_too_late_is_none(void)
{
    begin();
    timers.ping_interval_ms = timers.ping_timeout_ms = timers.close_ms = SOON_MS;
    struct link link = open_client();
    if (has_io_thread()) peer_message(&link, TEXT, "before"); /* without one it would have to be taken before the loss */
    wait_for_the_loss_of(&link);
    SYS(close(link.peer));
    OK(hws_conn_pause(link.conn, 1));
    if (has_io_thread()) expect(HWS_EVENT_MESSAGE);
    loses(&link);
    comes_back(&link);
    exchange(&link);
}

static void a_server_that_is_not_up_yet_is_waited_for(void)
{
    begin();
    struct link link = { .role = AS_CLIENT, .conn = connect_to(port) };
    answer(&link, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
    const hws_event *lost = loses(&link);
    CHECK_INT(lost->status, HWS_ERR_INVALID_STATUS);
    CHECK(lost->value >= 1000);
    CHECK_INT(lost->error->retryable, HWS_RETRY_AFTER);
    SYS(close(link.peer));
    OK(hws_conn_reconnect(link.conn, NULL));
    answer(&link, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    CHECK_INT(loses(&link)->error->attempts, 1);
    SYS(close(link.peer));
    answer(&link, RESPONSE);
    const hws_event *open = expect(HWS_EVENT_OPEN);
    CHECK_INT(open->flags, 0); /* it was never open before */
    CHECK_INT(open->token, 2);
    CHECK_INT(stats_of(link.conn).reconnects, 0);
    end_cleanly(&link);
}

static void each_attempt_has_its_deadline(void)
{
    begin();
    again.attempt_ms = SOON_MS;
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    for (uint32_t attempt = 1; attempt <= 2; attempt++) {
        link.peer = peer_accept(port); /* and says nothing */
        const hws_event *lost = loses(&link);
        CHECK_INT(lost->status, HWS_ERR_HANDSHAKE_TIMEOUT);
        CHECK_INT(lost->error->timeout_ms, SOON_MS);
        CHECK_INT(lost->error->attempts, attempt);
        CHECK_INT(root_of(lost->error)->close_rcvd.code, 1012);
        SYS(close(link.peer));
    }
    CHECK_INT(comes_back(&link)->token, 3);
    end_cleanly(&link);
}

/* Once a connection has lasted, what was tried before is forgotten. */
static void what_lasts_starts_anew(void)
{
    begin();
    again.stable_ms = 1;
    again.max_attempts = 1;
    struct link link = open_client();
    for (int times = 0; times < 3; times++) {
        CHECK(!poll_engine(5));
        end_with(&link, 1012);
        CHECK_INT(loses(&link)->error->attempts, 0);
        comes_back(&link);
    }
    end_cleanly(&link);
}

static void redirects_are_forgotten(void)
{
    char elsewhere[200];
    int home;
    begin();
    client.max_redirects = 1;
    home = port;
    struct link link = { .role = AS_CLIENT, .conn = connect_to(home) };
    port = peer_listen(4);
    snprintf(elsewhere, sizeof elsewhere,
             "HTTP/1.1 301 Moved Permanently\r\nLocation: ws://127.0.0.1:%u/\r\nContent-Length: 0\r\n\r\n", port_of(port));
    for (int times = 0; times < 2; times++) {
        int there = port;
        port = home;
        answer(&link, elsewhere);
        port = there;
        SYS(close(link.peer));
        answer(&link, RESPONSE);
        CHECK_INT(expect(HWS_EVENT_OPEN)->flags, times ? HWS_FLAG_RECONNECTED : 0);
        end_with(&link, 1012);
        loses(&link);
    }
    OK(hws_abort(link.conn));
    expect(HWS_EVENT_CLOSE);
}

/* What went through all of its sessions adds up, and goes on in the engine's sums. */
static void counters_go_on(void)
{
    begin();
    struct link link = open_client();
    for (uint64_t times = 1; times <= 3; times++) {
        exchange(&link);
        hws_stats before = stats_of(link.conn), after, sums = { .struct_size = sizeof sums };
        CHECK_INT(before.messages_out, times);
        CHECK_INT(before.bytes_in, 8 * times);
        end_with(&link, 1012);
        loses(&link);
        after = stats_of(link.conn);
        CHECK(after.wire_in > before.wire_in && after.wire_out >= before.wire_out);
        CHECK_INT(after.messages_in, times);
        CHECK_INT(after.send_queued, 0);
        comes_back(&link);
        OK(hws_engine_stats(engine, &sums));
        CHECK_INT(sums.messages_in, times);
        CHECK_INT(sums.reconnects, times);
        CHECK_INT(sums.connections, 1);
        CHECK_INT(sums.handshake_failures, 0);
    }
    OK(hws_abort(link.conn));
    expect(HWS_EVENT_CLOSE);
    hws_stats sums = { .struct_size = sizeof sums };
    OK(hws_engine_stats(engine, &sums));
    CHECK_INT(sums.messages_out, 3);
    CHECK_INT(sums.reconnects, 3);
}

static void subscriptions_stay(void)
{
    uint32_t reached = 9, skipped = 9;
    begin();
    struct link link = open_client();
    OK(hws_subscribe(link.conn, hws_cstr("news")));
    end_with(&link, 1012);
    loses(&link);
    OK(hws_publish(engine, hws_cstr("news"), HWS_TEXT, "missed", 6, NULL, &reached, &skipped));
    CHECK_INT(reached, 0);
    CHECK_INT(skipped, 1);
    CHECK_INT(REFUSED(hws_subscribe(link.conn, hws_cstr("more")))->state, 1 << HWS_STATE_RECONNECTING);
    comes_back(&link);
    OK(hws_publish(engine, hws_cstr("news"), HWS_TEXT, "heard", 5, NULL, &reached, &skipped));
    CHECK_INT(reached, 1);
    CHECK_INT(skipped, 0);
    hear(&link, "heard");
    end_cleanly(&link);
}

/* What was queued when it was lost is counted, so that nobody takes it for sent. */
static void what_had_not_left_is_counted(void)
{
    static char megabyte[1 << 20];
    begin();
    struct link link = open_client();
    for (int i = 0; i < 12; i++) OK(hws_send(link.conn, HWS_BINARY, megabyte, sizeof megabyte, NULL));
    let_it_work();
    int64_t queued = (int64_t)stats_of(link.conn).send_queued;
    CHECK(queued > 0);
    peer_reset(link.peer);
    CHECK_INT(loses(&link)->error->current_size, queued);
    comes_back(&link);
    exchange(&link);
    end_cleanly(&link);
}

/* A receive waits for the connection to come back; what else comes is for the next poll. */
static void receives_wait_for_it(void)
{
    hws_event message;
    begin();
    struct link link = open_client();
    end_with(&link, 1012);
    CHECK_INT(REFUSED(hws_recv(link.conn, &message, sizeof message, 0))->status, HWS_ERR_RECV_TIMEOUT);
    loses(&link);
    comes_back(&link);
    peer_message(&link, TEXT, "back");
    OK(hws_recv(link.conn, &message, sizeof message, PATIENCE_MS));
    CHECK_INT(message.data.len, 4);
    end_cleanly(&link);
}

/* The next fragment has nothing to continue; half a message is never sent. */
static void a_message_in_fragments_ends_with_its_session(void)
{
    const hws_send_options more = { .struct_size = sizeof more, .flags = HWS_SEND_MORE };
    char payload[126];
    begin();
    struct link link = open_client();
    OK(hws_send(link.conn, HWS_TEXT, "half", 4, &more));
    peer_read_frame(&link, TEXT, payload);
    end_with(&link, 0);
    loses(&link);
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_CONT, "a loaf", 6, NULL))->status, HWS_ERR_INVALID_STATE);
    comes_back(&link);
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_CONT, "a loaf", 6, NULL))->status, HWS_ERR_INVALID_SEND);
    exchange(&link);
    end_cleanly(&link);
}

/* --- the host's word -------------------------------------------------------------------------------------- */

/* A delay that no test waits for. */
static void begin_patiently(void)
{
    begin();
    again.backoff_min_ms = again.backoff_max_ms = 3600000;
    again.jitter_percent = HWS_NO_JITTER;
}

static void the_host_says_now(void)
{
    begin_patiently();
    struct link link = open_client();
    end_with(&link, 1012);
    CHECK_INT(loses(&link)->value, 3600000);
    expect_nothing();
    OK(hws_conn_reconnect(link.conn, &at_once));
    comes_back(&link);
    end_cleanly(&link);
}

static void the_host_says_when(void)
{
    hws_reconnect_options later = { .struct_size = sizeof later, .after_ms = SOON_MS };
    begin_patiently();
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    OK(hws_conn_reconnect(link.conn, &later));
    CHECK(comes_back(&link)->value >= SOON_MS);
    end_with(&link, 1012);
    loses(&link);
    later.after_ms = HWS_NEVER;
    OK(hws_conn_reconnect(link.conn, &later));
    CHECK_INT(poll_engine(SOON_MS), 0);
    OK(hws_conn_reconnect(link.conn, NULL));
    comes_back(&link);
    end_cleanly(&link);
}

/* The next request, from its first line to the empty one. */
static const char *request_of_next(struct link *link)
{
    static char head[HEAD_MAX];
    static char accept[29];
    link->peer = peer_accept(port);
    peer_read_head(link->peer, head);
    accept_key(strstr(head, "Sec-WebSocket-Key: ") + 19, accept);
    peer_say_marked(link->peer, RESPONSE, (struct marks){ accept, NULL, 0 });
    return head;
}

static void the_host_says_where(void)
{
    char uri[64];
    begin_patiently();
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    SYS(close(port));
    port = peer_listen(4);
    snprintf(uri, sizeof uri, "ws://127.0.0.1:%u/elsewhere?x=1", port_of(port));
    const hws_reconnect_options there = { .struct_size = sizeof there, .uri = hws_cstr(uri) };
    OK(hws_conn_reconnect(link.conn, &there));
    CHECK(!strncmp(request_of_next(&link), "GET /elsewhere?x=1 HTTP/1.1\r\n", 29));
    CHECK_TEXT(expect(HWS_EVENT_OPEN)->handshake->uri, uri);
    end_with(&link, 1012); /* and from now on */
    CHECK_TEXT(loses(&link)->error->uri, uri);
    OK(hws_conn_reconnect(link.conn, NULL));
    CHECK(!strncmp(request_of_next(&link), "GET /elsewhere?x=1 HTTP/1.1\r\n", 29));
    expect(HWS_EVENT_OPEN);
    end_cleanly(&link);
}

/* A fresh token takes the place of the old one, for this attempt and all that follow. */
static void the_host_says_with_which_headers(void)
{
    const hws_header old[] = { { HWS_STR("Authorization"), HWS_STR("Bearer old") }, { HWS_STR("X-Other"), HWS_STR("1") } };
    const hws_header fresh[] = { { HWS_STR("authorization"), HWS_STR("Bearer fresh") } };
    const hws_reconnect_options with = { .struct_size = sizeof with, .headers = fresh, .header_count = 1 };
    begin();
    again.ask_ms = PATIENCE_MS;
    client.headers = old;
    client.header_count = 2;
    struct link link = open_client();
    end_with(&link, 4401);
    CHECK(loses(&link)->value == UINT64_MAX);
    expect_nothing();
    OK(hws_conn_reconnect(link.conn, &with));
    for (int times = 0; times < 2; times++) {
        const char *request = request_of_next(&link);
        CHECK(strstr(request, "authorization: Bearer fresh\r\n") && strstr(request, "X-Other: 1\r\n"));
        CHECK(!strstr(request, "Bearer old"));
        expect(HWS_EVENT_OPEN);
        if (times) break;
        end_with(&link, 1012);
        loses(&link);
    }
    end_cleanly(&link);
}

/* What was for one server's ears is not for another's, unless it is said again. */
static void secrets_stay_where_they_were_told(void)
{
    const hws_header old[] = { { HWS_STR("Cookie"), HWS_STR("secret") } };
    const hws_header anew[] = { { HWS_STR("X-Anew"), HWS_STR("1") } };
    char uri[64];
    begin_patiently();
    client.headers = old;
    client.header_count = 1;
    client.basic_user = hws_cstr("me");
    client.basic_password = hws_cstr("secret");
    client.origin = hws_cstr("https://example.com");
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    snprintf(uri, sizeof uri, "ws://localhost:%u/", port_of(port));
    hws_reconnect_options there = { .struct_size = sizeof there, .uri = hws_cstr(uri), .headers = anew, .header_count = 1 };
    OK(hws_conn_reconnect(link.conn, &there));
    const char *request = request_of_next(&link);
    CHECK(!strstr(request, "Cookie") && !strstr(request, "Authorization"));
    CHECK(strstr(request, "X-Anew: 1\r\n") && strstr(request, "Origin: https://example.com\r\n"));
    expect(HWS_EVENT_OPEN);
    end_cleanly(&link);
}

/* The host's word counts while an attempt is being made, too. */
static void an_attempt_is_given_up_for_another(void)
{
    char uri[64];
    begin();
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    int stuck = peer_accept(port);
    peer_read_request(stuck);
    snprintf(uri, sizeof uri, "ws://127.0.0.1:%u/other", port_of(port));
    const hws_reconnect_options there = { .struct_size = sizeof there, .uri = hws_cstr(uri) };
    OK(hws_conn_reconnect(link.conn, &there));
    CHECK(!strncmp(request_of_next(&link), "GET /other ", 11));
    CHECK_INT(expect(HWS_EVENT_OPEN)->token, 2);
    peer_expect_end(stuck);
    end_cleanly(&link);
}

static void what_makes_no_sense_changes_nothing(void)
{
    const hws_header folded[] = { { HWS_STR("X-A"), HWS_STR("a\r\nb") } };
    hws_reconnect_options wrong[5];
    static const hws_status statuses[] = { HWS_ERR_INVALID_URI, HWS_ERR_INVALID_HEADER_VALUE, HWS_ERR_INVALID_ARGUMENT,
                                           HWS_ERR_INVALID_SEND, HWS_ERR_INVALID_SEND };
    begin_patiently();
    struct link link = open_client();
    memset(wrong, 0, sizeof wrong);
    wrong[0].uri = hws_cstr("http://127.0.0.1/");
    wrong[1].headers = folded;
    wrong[1].header_count = 1;
    wrong[2].after_ms = -2;
    wrong[3].code = 1005;
    wrong[4].code = 70000;
    for (int i = 0; i < 5; i++) {
        wrong[i].struct_size = sizeof wrong[i];
        CHECK_INT(REFUSED(hws_conn_reconnect(link.conn, &wrong[i]))->status, statuses[i]);
    }
    exchange(&link);
    end_cleanly(&link);
}

static void stops(hws_status (*stop)(hws_conn), hws_event_kind last, hws_status status)
{
    begin_patiently();
    struct link link = { .role = AS_CLIENT };
    if (last == HWS_EVENT_CLOSE) {
        link = open_client();
        end_with(&link, 1012);
    } else {
        link.conn = connect_to(port);
        end_with(&(struct link){ .peer = peer_accept(port) }, 0);
    }
    loses(&link);
    OK(stop(link.conn));
    const hws_error_info *error = expect(last)->error;
    CHECK_INT(error->status, status);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK(error->cause);
    if (last == HWS_EVENT_CLOSE) CHECK_INT(error->cause->close_rcvd.code, 1012);
    expect_nothing();
    CHECK_INT(REFUSED(hws_conn_reconnect(link.conn, NULL))->status, HWS_ERR_INVALID_HANDLE);
}

static hws_status close_conn(hws_conn conn) { return hws_close(conn, 1000, (hws_str){ 0 }); }
static void a_close_ends_it_while_it_is_down(void) { stops(close_conn, HWS_EVENT_CLOSE, HWS_ERR_CLOSED_ERROR); }
static void an_abort_ends_it_while_it_is_down(void) { stops(hws_abort, HWS_EVENT_CLOSE, HWS_ERR_CLOSED_ERROR); }
static void a_close_ends_it_before_it_was_open(void)
{
    stops(close_conn, HWS_EVENT_CONNECT_FAILED, HWS_ERR_CONNECTION_CLOSED);
}

/* Also in the middle of an attempt, at whatever stage. */
static void a_close_ends_an_attempt(void)
{
    for (int asked = 0; asked < 2; asked++) {
        begin();
        struct link link = open_client();
        end_with(&link, 1012);
        loses(&link);
        int peer = peer_accept(port);
        if (asked) peer_read_request(peer);
        OK(close_conn(link.conn));
        CHECK_INT(expect(HWS_EVENT_CLOSE)->error->cause->close_rcvd.code, 1012);
        expect_nothing();
        OK(hws_engine_free(engine));
    }
}

/* Who is closed by its host ends as it always did, whatever the peer answers. */
static void a_close_by_the_host_is_the_end(void)
{
    begin();
    struct link link = open_client();
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    const hws_error_info *error = REFUSED(hws_conn_reconnect(link.conn, NULL));
    CHECK_INT(error->status, HWS_ERR_CONNECTION_CLOSED);
    CHECK_OPERATION(error, "reconnect");
    CHECK(hws_has_feature("reconnect"));
    peer_expect_close(&link, 1000);
    SYS(close(link.peer));
    CHECK_INT(expect(HWS_EVENT_CLOSE)->status, HWS_ERR_CLOSED_ERROR);
    link = open_client();
    OK(hws_abort(link.conn));
    CHECK_INT(expect(HWS_EVENT_CLOSE)->status, HWS_ERR_CLOSED_ERROR);
    expect_nothing();
}

static void an_engine_may_be_freed_while_it_is_down(void)
{
    begin_patiently();
    struct link waiting = open_client();
    end_with(&waiting, 1012);
    loses(&waiting);
    struct link attempting = { .conn = connect_to(port) };
    SYS(close(peer_accept(port)));
    loses(&attempting);
    OK(hws_conn_reconnect(attempting.conn, NULL));
    int peer = peer_accept(port);
    char bytes[HEAD_MAX];
    OK(hws_engine_free(engine));
    while (SYS(recv(peer, bytes, sizeof bytes, 0)) > 0) continue;
}

/* --- by plan ---------------------------------------------------------------------------------------------- */

/* What is queued leaves, then the Close frame; the peer's last words come; then it is opened anew. */
static void closes_and_comes_back(struct link *link, uint16_t code, const char *reason)
{
    CHECK(!strcmp(peer_expect_close(link, code), reason));
    peer_message(link, TEXT, "last words");
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 10);
    peer_close_frame(link, code, "");
    SYS(close(link->peer));
    const hws_event *lost = loses(link);
    CHECK_INT(lost->value, 0);
    CHECK_INT(lost->error->attempts, 0);
    comes_back(link);
}

static void an_open_connection_is_opened_anew(void)
{
    const hws_reconnect_options anew = { .struct_size = sizeof anew, .code = 4000, .reason = HWS_STR("moving") };
    begin_patiently();
    struct link link = open_client();
    OK(hws_send(link.conn, HWS_TEXT, "first", 5, NULL));
    OK(hws_conn_reconnect(link.conn, &anew));
    CHECK_INT(state_of(link.conn), HWS_STATE_CLOSING);
    hear(&link, "first");
    closes_and_comes_back(&link, 4000, "moving");
    OK(hws_conn_reconnect(link.conn, NULL));
    closes_and_comes_back(&link, 1000, "");
    end_cleanly(&link);
}

static void it_is_opened_anew_at_a_time(void)
{
    hws_reconnect_options later = { .struct_size = sizeof later, .after_ms = 3600000 };
    begin_patiently();
    struct link link = open_client();
    OK(hws_conn_reconnect(link.conn, &later));
    later.after_ms = SOON_MS; /* the latest word counts */
    OK(hws_conn_reconnect(link.conn, &later));
    closes_and_comes_back(&link, 1000, "");
    OK(hws_conn_reconnect(link.conn, &later));
    later.after_ms = HWS_NEVER;
    OK(hws_conn_reconnect(link.conn, &later));
    CHECK_INT(poll_engine(2 * SOON_MS), 0);
    end_cleanly(&link);
}

/* What was held is heard before what the peer says last. */
static void a_paused_connection_is_opened_anew_in_order(void)
{
    hws_event event;
    begin_patiently();
    struct link link = open_client(), other = open_client();
    peer_message(&link, TEXT, "held");
    while (!stats_of(link.conn).recv_queued) { /* put by for a receive of another's, if there is no thread */
        peer_message(&other, TEXT, "meanwhile");
        OK(hws_recv(other.conn, &event, sizeof event, -1));
    }
    OK(hws_conn_pause(link.conn, 1));
    OK(hws_conn_reconnect(link.conn, NULL));
    peer_expect_close(&link, 1000);
    peer_message(&link, TEXT, "last words");
    peer_close_frame(&link, 1000, "");
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 4);
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 10);
    SYS(close(link.peer));
    loses(&link);
    comes_back(&link);
    end_cleanly(&link);
}

static void it_has_a_maximum_age(void)
{
    begin_patiently();
    again.max_age_ms = SOON_MS;
    struct link link = open_client();
    closes_and_comes_back(&link, 1000, "");
    closes_and_comes_back(&link, 1000, "");
    end_cleanly(&link);
}

/* Also when the peer does not answer the Close frame. */
static void a_peer_that_does_not_answer_is_left(void)
{
    begin_patiently();
    timers.close_ms = SOON_MS;
    struct link link = open_client();
    OK(hws_conn_reconnect(link.conn, NULL));
    CHECK_INT(root_of(loses(&link)->error)->status, HWS_ERR_CLOSE_TIMEOUT);
    SYS(close(link.peer));
    comes_back(&link);
    end_cleanly(&link);
}

/* And when the host has changed its mind meanwhile. */
static void a_planned_return_may_be_called_off(void)
{
    begin_patiently();
    struct link link = open_client();
    OK(hws_conn_reconnect(link.conn, NULL));
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    peer_expect_close(&link, 1000);
    peer_close_frame(&link, 1000, "");
    SYS(close(link.peer));
    CHECK_INT(expect(HWS_EVENT_CLOSE)->status, HWS_ERR_CLOSED_OK);
    expect_nothing();
}

/* --- over TLS, and in a crowd ----------------------------------------------------------------------------- */

/* A server of ours in the same engine. */
static hws_listener serve_at(const char *bind, char uri[64])
{
    hws_listener listener;
    server.bind = hws_cstr(bind);
    OK(hws_listen(engine, &server, &listener));
    strcpy(uri, server.tls ? "wss://" : "ws://");
    OK(hws_listener_address(listener, uri + strlen(uri), 64 - strlen(uri), NULL));
    return listener;
}

/* Both ends open; gives the server's, and whether the client has come back. */
static hws_conn both_open(hws_conn conn, uint32_t *flags)
{
    hws_conn other = { 0 };
    for (int opened = 0; opened < 2; opened++) {
        const hws_event *open = expect(HWS_EVENT_OPEN);
        if (open->conn.id == conn.id) *flags = open->flags;
        else other = open->conn;
        CHECK(open->handshake->tls_version.len > 0);
    }
    return other;
}

static void tls_comes_back_too(void)
{
    hws_tls ours = shows("ecdsa"), theirs = trusts("ca");
    hws_conn conn, other;
    uint32_t flags = 9;
    char uri[64];
    begin();
    server.tls = &ours;
    client.tls = &theirs;
    serve_at("127.0.0.1:0", uri);
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &conn));
    for (uint32_t times = 0; times < 3; times++) {
        other = both_open(conn, &flags);
        CHECK_INT(flags, times ? HWS_FLAG_RECONNECTED : 0);
        OK(hws_abort(other));
        for (int ends = 0; ends < 2; ends++) {
            CHECK(poll_engine(PATIENCE_MS));
            CHECK_INT(event.kind, event.conn.id == conn.id ? HWS_EVENT_RECONNECTING : HWS_EVENT_CLOSE);
        }
    }
}

/* Who is sent from ws to wss speaks TLS there, and believes nobody whom it was not told to. */
static void elsewhere_may_be_secure(void)
{
    hws_tls ours = shows("ecdsa");
    char uri[64];
    begin_patiently();
    struct link link = open_client();
    server.tls = &ours;
    serve_at("127.0.0.1:0", uri);
    const hws_reconnect_options there = { .struct_size = sizeof there, .uri = hws_cstr(uri) };
    OK(hws_conn_reconnect(link.conn, &there));
    peer_expect_close(&link, 1000);
    end_with(&link, 0);
    loses(&link);
    for (int ends = 0; ends < 2; ends++) {
        CHECK(poll_engine(PATIENCE_MS));
        if (event.kind == HWS_EVENT_ACCEPT_FAILED) continue;
        CHECK_INT(event.kind, HWS_EVENT_CLOSE);
        CHECK_INT(event.status, HWS_ERR_RECONNECT_REFUSED);
        CHECK_INT(event.error->cause->status, HWS_ERR_TLS_CERTIFICATE);
    }
}

enum { CROWD = 1000, BINS = 10 };

static int is_less(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

/* How many of the values lie in each tenth of the thousand; those that are larger are in the last. */
static void count_bins(const char *what, const uint64_t *values, int count, int bins[BINS])
{
    memset(bins, 0, BINS * sizeof *bins);
    for (int i = 0; i < count; i++) bins[values[i] < 1000 ? values[i] * BINS / 1000 : BINS - 1]++;
    printf("%s:", what);
    for (int i = 0; i < BINS; i++) printf(" %d", bins[i]);
    puts(" by tenths of a second");
}

/* What was chosen is spread as by chance, and nobody came back before the chosen time. */
static void are_spread(uint64_t *delays, uint64_t *downtimes, int count)
{
    int bins[BINS];
    qsort(delays, (size_t)count, sizeof *delays, is_less);
    qsort(downtimes, (size_t)count, sizeof *downtimes, is_less);
    for (int i = 0; i < count; i++) CHECK(downtimes[i] >= delays[i]);
    count_bins("came back", downtimes, count, bins);
    count_bins("chosen delays", delays, count, bins);
    /* a tenth each, with a deviation of ten at a thousand */
    for (int i = 0; i < BINS; i++) CHECK(bins[i] > count / BINS / 2 && bins[i] < 2 * count / BINS);
}

/* A server with a thousand clients restarts: they do not come back at the same time, and all of them do. */
static void a_crowd_does_not_come_back_at_once(void)
{
    static hws_conn guests[CROWD];
    static uint64_t delays[CROWD], downtimes[CROWD];
    struct rlimit limit;
    hws_listener listener;
    int opened = 0, lost = 0, back = 0, seen = 0;
    char uri[64];

    SYS(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    SYS(setrlimit(RLIMIT_NOFILE, &limit));
    const int crowd = limit.rlim_max < 2 * CROWD + 100 ? (int)(limit.rlim_max - 100) / 2 : CROWD;
    begin();
    again.backoff_min_ms = 1000;
    again.backoff_max_ms = 60000;
    listener = serve_at("127.0.0.1:0", uri);
    client.uri = hws_cstr(uri);
    for (int i = 0; i < crowd; i++) {
        hws_conn conn;
        OK(hws_connect(engine, &client, &conn));
        for (int both = 0; both < 2; both++) {
            const hws_event *open = expect(HWS_EVENT_OPEN);
            if (open->listener.id) guests[opened++] = open->conn;
        }
    }
    OK(hws_listener_close(listener, NULL));
    expect(HWS_EVENT_LISTENER_CLOSED);
    for (int i = 0; i < crowd; i++) OK(hws_abort(guests[i]));
    serve_at(uri + strlen("ws://"), uri);
    while (back < crowd) {
        CHECK(poll_engine(PATIENCE_MS));
        if (event.listener.id) continue;
        if (event.kind == HWS_EVENT_RECONNECTING) delays[lost++ % CROWD] = event.value;
        else if (event.kind == HWS_EVENT_OPEN) downtimes[back++] = event.value;
        else fail(__FILE__, __LINE__, "event %u: %s", event.kind, error_line(event.error));
        CHECK(seen++ < 10 * CROWD);
    }
    CHECK_INT(lost, crowd); /* each of the attempts succeeded */
    are_spread(delays, downtimes, crowd);
}

/* --- options ---------------------------------------------------------------------------------------------- */

static void options_that_cannot_be_are_refused(void)
{
    hws_conn conn;
    begin();
    client.uri = hws_cstr("ws://127.0.0.1:1/");
    struct { uint32_t *field; uint32_t value; } wrong[] = {
        { &again.enabled, 3 }, { &again.backoff_percent, 99 }, { &again.jitter_percent, 101 },
        { (uint32_t *)&again.backoff_min_ms, 2 }, { (uint32_t *)&again.backoff_max_ms, (uint32_t)-1 },
        { (uint32_t *)&again.stable_ms, (uint32_t)-2 }, { (uint32_t *)&again.ask_ms, (uint32_t)-2 },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint32_t before = *wrong[i].field;
        *wrong[i].field = wrong[i].value;
        const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
        CHECK_INT(error->status, HWS_ERR_INVALID_ARGUMENT);
        CHECK(strstr(error->detail.ptr, "reconnect."));
        *wrong[i].field = before;
    }
    again.backoff_max_ms = 0; /* the default is not below what is set */
    again.backoff_min_ms = 100000;
    OK(hws_connect(engine, &client, &conn));
}

static void a_socket_that_is_brought_does_not_come_back(void)
{
    hws_conn conn;
    begin();
    int fd = peer_connect(port_of(port));
    client.uri = hws_cstr("ws://127.0.0.1/");
    const hws_error_info *error = REFUSED(hws_adopt(engine, fd, &client, NULL, &conn));
    CHECK_INT(error->status, HWS_ERR_INVALID_ARGUMENT);
    CHECK(strstr(error->detail.ptr, "reconnect"));
    SYS(close(fd)); /* it is ours still */
}

TESTS(T(what_is_lost_comes_back), T(the_close_code_decides), T(a_reset_is_a_loss), T(messages_come_before_the_loss),
      T(a_peer_that_is_silent_is_lost),
      T(nothing_is_attempted_before_the_host_has_heard), T(a_pause_that_comes_too_late_is_none), T(a_server_that_is_not_up_yet_is_waited_for), T(each_attempt_has_its_deadline),
      T(what_lasts_starts_anew), T(redirects_are_forgotten), T(counters_go_on), T(subscriptions_stay),
      T(what_had_not_left_is_counted), T(receives_wait_for_it), T(a_message_in_fragments_ends_with_its_session),
      T(the_host_says_now), T(the_host_says_when), T(the_host_says_where), T(the_host_says_with_which_headers),
      T(secrets_stay_where_they_were_told), T(an_attempt_is_given_up_for_another), T(what_makes_no_sense_changes_nothing),
      T(a_close_ends_it_while_it_is_down), T(an_abort_ends_it_while_it_is_down), T(a_close_ends_it_before_it_was_open),
      T(a_close_ends_an_attempt), T(a_close_by_the_host_is_the_end), T(an_engine_may_be_freed_while_it_is_down),
      T(an_open_connection_is_opened_anew), T(it_is_opened_anew_at_a_time),
      T(a_paused_connection_is_opened_anew_in_order), T(it_has_a_maximum_age),
      T(a_peer_that_does_not_answer_is_left), T(a_planned_return_may_be_called_off),
      T(tls_comes_back_too), T(elsewhere_may_be_secure), T(a_crowd_does_not_come_back_at_once),
      T(options_that_cannot_be_are_refused), T(a_socket_that_is_brought_does_not_come_back))
