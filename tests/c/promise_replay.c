/* Promise: what a host sends while its connection is down leaves when it is back, in order, or the host is told; what may
 * have been lost is sent again if it is wanted, and nothing else is. The server is played by hand. */
#include "reconnecting.h"
#include "tests.h"

static void begin(void)
{
    create_world();
    create_revival();
    again.buffer_max = 1 << 16;
}

static hws_stats stats_of(hws_conn conn)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_conn_stats(conn, &stats));
    return stats;
}

static void send_token(hws_conn conn, const char *text, uint64_t token)
{
    const hws_send_options options = { .struct_size = sizeof options, .token = token };
    OK(hws_send(conn, HWS_TEXT, text, strlen(text), &options));
}

static void send_text(hws_conn conn, const char *text) { send_token(conn, text, 0); }

static void send_again(hws_conn conn, const char *text, uint64_t token)
{
    const hws_send_options options = { .struct_size = sizeof options, .flags = HWS_SEND_AGAIN, .token = token };
    OK(hws_send(conn, HWS_TEXT, text, strlen(text), &options));
}

static void hear(const struct link *link, const char *text)
{
    char payload[126];
    peer_read_frame(link, FIN | TEXT, payload);
    if (strcmp(payload, text)) fail(__FILE__, __LINE__, "the peer hears \"%s\", not \"%s\"", payload, text);
}

static void is_sent(uint64_t token) { CHECK_INT(expect(HWS_EVENT_SENT)->token, token); }

/* Nothing comes before what is sent now. */
static void hears_nothing_else(const struct link *link)
{
    send_text(link->conn, "at last");
    hear(link, "at last");
    expect_nothing();
}

static void lose(const struct link *link)
{
    peer_reset(link->peer);
    loses(link);
}

/* --- while it is down ------------------------------------------------------------------------------------- */

static void what_is_sent_while_down_leaves_when_it_is_back(void)
{
    begin();
    struct link link = open_client();
    lose(&link);
    send_token(link.conn, "one", 1);
    send_text(link.conn, "two");
    send_token(link.conn, "three", 3);
    CHECK_INT(stats_of(link.conn).send_kept, 3 + 3 + 5 + 3 * 64);
    CHECK_INT(stats_of(link.conn).messages_out, 0);
    comes_back(&link);
    send_token(link.conn, "four", 4);
    hear(&link, "one");
    hear(&link, "two");
    hear(&link, "three");
    hear(&link, "four");
    is_sent(1);
    is_sent(3);
    is_sent(4);
    CHECK_INT(stats_of(link.conn).send_kept, 0);
    CHECK_INT(stats_of(link.conn).messages_out, 4);
    hears_nothing_else(&link);
}

static void what_is_sent_before_it_was_open_too(void)
{
    begin();
    struct link link = { .role = AS_CLIENT, .conn = connect_to(port) };
    send_text(link.conn, "one");
    end_with(&(struct link){ .peer = peer_accept(port) }, 0);
    loses(&link);
    send_text(link.conn, "two");
    answer(&link, RESPONSE);
    expect(HWS_EVENT_OPEN);
    hear(&link, "one");
    hear(&link, "two");
    hears_nothing_else(&link);
}

/* Also from the first Close frame on, whoever has sent it. */
static void what_is_sent_while_it_closes_too(void)
{
    begin();
    struct link link = open_client();
    peer_close_frame(&link, 1012, "");
    peer_expect_close(&link, 1012);
    send_text(link.conn, "one");
    SYS(close(link.peer));
    loses(&link);
    comes_back(&link);
    hear(&link, "one");
    send_text(link.conn, "before");
    OK(hws_conn_reconnect(link.conn, NULL));
    send_text(link.conn, "after");
    hear(&link, "before");
    peer_expect_close(&link, 1000);
    end_with(&link, 0);
    loses(&link);
    comes_back(&link);
    hear(&link, "after");
    hears_nothing_else(&link);
}

static void only_whole_messages_wait(void)
{
    const hws_send_options more = { .struct_size = sizeof more, .flags = HWS_SEND_MORE };
    begin();
    limits.send_queue_max = 1000;
    struct link link = open_client();
    lose(&link);
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_PING, "p", 1, NULL))->status, HWS_ERR_INVALID_STATE);
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_TEXT, "half", 4, &more))->status, HWS_ERR_INVALID_STATE);
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_CONT, "rest", 4, NULL))->status, HWS_ERR_INVALID_STATE);
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_TEXT, "\xff", 1, NULL))->status, HWS_ERR_INVALID_SEND);
    char large[1001] = { 0 };
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_BINARY, large, sizeof large, NULL))->status, HWS_ERR_SEND_QUEUE_FULL);
    CHECK_INT(stats_of(link.conn).send_kept, 0);
    comes_back(&link);
    hears_nothing_else(&link);
}

static void drops(uint32_t policy, const char *first, const char *second)
{
    static const char *const texts[] = { "one", "two", "six", "ten" };
    begin();
    again.buffer_max = 2 * 67;
    again.buffer_overflow = policy;
    struct link link = open_client();
    lose(&link);
    for (int i = 0; i < 4; i++) send_token(link.conn, texts[i], (uint64_t)i + 1);
    CHECK_INT(stats_of(link.conn).send_dropped, 2);
    comes_back(&link);
    hear(&link, first);
    hear(&link, second);
    CHECK_INT(expect(HWS_EVENT_SENT)->token, policy == HWS_OVERFLOW_DROP_OLDEST ? 3 : 1);
    expect(HWS_EVENT_SENT);
    hears_nothing_else(&link);
    CHECK_INT(stats_of(link.conn).send_dropped, 2);
    OK(hws_abort(link.conn));
    expect(HWS_EVENT_CLOSE);
    hws_stats sums = { .struct_size = sizeof sums };
    OK(hws_engine_stats(engine, &sums));
    CHECK_INT(sums.send_dropped, 2);
}

static void the_oldest_are_dropped(void) { drops(HWS_OVERFLOW_DROP_OLDEST, "six", "ten"); }
static void the_newest_are_dropped(void) { drops(HWS_OVERFLOW_DROP_NEWEST, "one", "two"); }

/* What waits may be more than the send queue takes at a time: it leaves by and by, and what comes later stays behind it. */
static void more_than_the_queue_leaves_in_order(void)
{
    enum { WAITING = 200 };
    char text[101], payload[126];
    int sent = 0, refused = 0, heard = 0;
    begin();
    limits.send_queue_max = 300;
    struct link link = open_client();
    lose(&link);
    for (; sent < WAITING; sent++) {
        snprintf(text, sizeof text, "%0100d", sent);
        send_text(link.conn, text);
    }
    comes_back(&link);
    OK(hws_send(link.conn, HWS_PING, "p", 1, NULL)); /* what is no message overtakes */
    while (!refused) {
        snprintf(text, sizeof text, "%0100d", sent);
        hws_status status = hws_send(link.conn, HWS_TEXT, text, 100, NULL);
        refused = status == HWS_ERR_SEND_QUEUE_FULL;
        if (!refused) CHECK_INT(status, HWS_OK), sent++;
    }
    CHECK(sent > WAITING);
    while (heard < sent) {
        size_t len;
        if (peer_read_any(&link, payload, &len) == (FIN | PING)) continue;
        CHECK_INT(atoi(payload), heard++);
    }
    expect(HWS_EVENT_WRITABLE);
    hears_nothing_else(&link);
}

/* Whoever has lost messages for good is told how many. */
static void what_never_leaves_is_told(void)
{
    begin();
    again.max_attempts = 1;
    struct link link = open_client();
    SYS(close(port));
    lose(&link);
    for (int i = 0; i < 3; i++) send_text(link.conn, "lost");
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->status, HWS_ERR_RECONNECT_EXHAUSTED);
    CHECK_INT(error->dropped, 3);
}

static void a_host_that_closes_is_told_too(void)
{
    begin();
    struct link link = open_client();
    lose(&link);
    send_text(link.conn, "lost");
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_TEXT, "late", 4, NULL))->status, HWS_ERR_CONNECTION_CLOSED);
    CHECK_INT(expect(HWS_EVENT_CLOSE)->error->dropped, 1);
}

/* --- what may have been lost ------------------------------------------------------------------------------ */

static void without_replay_nothing_is_sent_twice(void)
{
    begin();
    struct link link = open_client();
    send_text(link.conn, "once");
    hear(&link, "once");
    lose(&link);
    comes_back(&link);
    hears_nothing_else(&link);
}

/* The peer has heard all of it, but nobody knows. */
static void what_was_not_acknowledged_is_sent_again(void)
{
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    struct link link = open_client();
    send_text(link.conn, "one");
    send_text(link.conn, "two");
    hear(&link, "one");
    hear(&link, "two");
    lose(&link);
    send_text(link.conn, "three");
    for (int times = 0; times < 2; times++) {
        comes_back(&link);
        hear(&link, "one");
        hear(&link, "two");
        hear(&link, "three");
        lose(&link);
    }
    OK(hws_abort(link.conn));
    CHECK_INT(expect(HWS_EVENT_CLOSE)->error->dropped, 3);
}

/* A pong says that all before its ping was read. */
static void what_was_acknowledged_is_not(void)
{
    char payload[126];
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    struct link link = open_client();
    send_text(link.conn, "one");
    OK(hws_send(link.conn, HWS_PING, "?", 1, NULL));
    send_text(link.conn, "two");
    hear(&link, "one");
    peer_read_frame(&link, FIN | PING, payload);
    hear(&link, "two");
    peer_message(&link, PONG, "?");
    expect(HWS_EVENT_PONG);
    lose(&link);
    comes_back(&link);
    hear(&link, "two");
    hears_nothing_else(&link);
}

/* The keepalive is such a ping, too; and a connection that is closed in order owes nothing. */
static void the_keepalive_acknowledges(void)
{
    char payload[126];
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    timers.ping_interval_ms = SOON_MS;
    struct link link = open_client();
    send_text(link.conn, "one");
    hear(&link, "one");
    peer_read_frame(&link, FIN | PING, payload);
    peer_frame(&link, (struct frame){ .first = FIN | PONG, .payload = payload, .len = 8 });
    while (stats_of(link.conn).pongs == 0) let_it_work();
    lose(&link);
    comes_back(&link);
    send_text(link.conn, "two");
    hear(&link, "two");
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    peer_expect_close(&link, 1000);
    peer_close_frame(&link, 1000, "");
    SYS(close(link.peer));
    const hws_event *end = expect(HWS_EVENT_CLOSE);
    CHECK_INT(end->status, HWS_ERR_CLOSED_OK);
    CHECK_INT(end->error->dropped, 0);
}

/* A host that was told that a message has left is not told again; one that was not is told then. */
static void each_token_comes_once(void)
{
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    struct link link = open_client();
    send_token(link.conn, "one", 1);
    is_sent(1);
    lose(&link);
    send_token(link.conn, "two", 2);
    comes_back(&link);
    hear(&link, "one");
    hear(&link, "two");
    is_sent(2);
    hears_nothing_else(&link);
    lose(&link);
    comes_back(&link);
    hear(&link, "one");
    hear(&link, "two");
    hear(&link, "at last");
    expect_nothing();
}

/* The peer says what it has, and the host what is missing; until then what was sent while it was down waits, too. */
static void the_host_may_say_what_is_sent_again(void)
{
    begin();
    again.replay = HWS_REPLAY_ON_REQUEST;
    struct link link = open_client();
    OK(hws_conn_replay(link.conn, 0)); /* there is nothing, and that is no error */
    for (uint64_t token = 1; token <= 4; token++) {
        char text[] = { (char)('0' + token), 0 };
        send_token(link.conn, text, token);
        is_sent(token);
    }
    send_text(link.conn, "nameless");
    lose(&link);
    CHECK_INT(REFUSED(hws_conn_replay(link.conn, 0))->status, HWS_ERR_INVALID_STATE);
    send_token(link.conn, "5", 5);
    comes_back(&link);
    send_text(link.conn, "what do you have?");
    hear(&link, "what do you have?");
    peer_message(&link, TEXT, "2");
    expect(HWS_EVENT_MESSAGE);
    OK(hws_conn_replay(link.conn, 2));
    hear(&link, "3");
    hear(&link, "4");
    hear(&link, "nameless");
    hear(&link, "5");
    is_sent(5);
    hears_nothing_else(&link);
}

static void replay_is_on_request_only(void)
{
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    struct link link = open_client();
    CHECK_INT(REFUSED(hws_conn_replay(link.conn, 0))->status, HWS_ERR_INVALID_STATE);
    client.reconnect = NULL;
    link = open_client();
    CHECK_INT(REFUSED(hws_conn_replay(link.conn, 0))->status, HWS_ERR_RECONNECT_DISABLED);
    CHECK_INT(REFUSED(hws_conn_forget(link.conn, 0))->status, HWS_ERR_RECONNECT_DISABLED);
}

/* Before there is no room any more the library asks by itself, also without a keepalive. */
static void the_peer_is_asked_before_the_room_ends(void)
{
    char payload[126];
    size_t len;
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    again.replay_max = 10 * (10 + 64);
    timers.ping_interval_ms = HWS_NEVER;
    struct link link = open_client();
    for (int i = 0; i < 6; i++) send_text(link.conn, "ten bytes.");
    for (int i = 0; i < 6; i++) hear(&link, "ten bytes.");
    CHECK_INT(peer_read_any(&link, payload, &len), FIN | PING);
    peer_frame(&link, (struct frame){ .first = FIN | PONG, .payload = payload, .len = len });
    while (stats_of(link.conn).pongs == 0) let_it_work();
    send_text(link.conn, "kept");
    CHECK_INT(stats_of(link.conn).send_kept, 4 + 64);
    hear(&link, "kept");
    lose(&link);
    comes_back(&link);
    hear(&link, "kept");
    CHECK_INT(stats_of(link.conn).send_unprotected, 0);
    hears_nothing_else(&link);
}

/* A peer that never answers makes the oldest unprotected, and no send is refused for it. */
static void the_oldest_are_unprotected(void)
{
    char payload[126];
    size_t len;
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    again.replay_max = 3 * (1 + 64);
    struct link link = open_client();
    for (char text[] = "1"; *text <= '5'; ++*text) send_text(link.conn, text);
    CHECK_INT(stats_of(link.conn).send_unprotected, 2);
    for (int heard = 0; heard < 5;) heard += peer_read_any(&link, payload, &len) == (FIN | TEXT);
    lose(&link);
    comes_back(&link);
    hear(&link, "3");
    hear(&link, "4");
    hear(&link, "5");
    OK(hws_abort(link.conn));
    expect(HWS_EVENT_CLOSE);
}

/* --- what is sent again after each OPEN ------------------------------------------------------------------- */

static void subscriptions_are_sent_first(void)
{
    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    struct link link = open_client();
    send_again(link.conn, "subscribe a", 1);
    is_sent(1);
    send_again(link.conn, "subscribe b", 2);
    is_sent(2);
    hear(&link, "subscribe a");
    hear(&link, "subscribe b");
    send_text(link.conn, "one");
    hear(&link, "one");
    lose(&link);
    send_text(link.conn, "two");
    send_again(link.conn, "subscribe c", 3); /* leaves when it is back, and then among the first */
    send_again(link.conn, "subscribe A", 1); /* in the place of a */
    for (int times = 0; times < 2; times++) {
        comes_back(&link);
        hear(&link, "subscribe A");
        hear(&link, "subscribe b");
        hear(&link, "subscribe c");
        hear(&link, "one");
        hear(&link, "two");
        expect_nothing();
        lose(&link);
    }
    OK(hws_conn_forget(link.conn, 2));
    OK(hws_conn_forget(link.conn, 99));
    comes_back(&link);
    hear(&link, "subscribe A");
    hear(&link, "subscribe c");
    hear(&link, "one");
    hear(&link, "two");
    OK(hws_conn_forget(link.conn, 0));
    lose(&link);
    comes_back(&link);
    hear(&link, "one");
    hear(&link, "two");
    hears_nothing_else(&link);
}

static void subscriptions_need_no_buffer(void)
{
    begin();
    again.buffer_max = 0;
    struct link link = { .role = AS_CLIENT, .conn = connect_to(port) };
    send_again(link.conn, "subscribe", 7);
    for (int times = 0; times < 2; times++) {
        answer(&link, RESPONSE);
        expect(HWS_EVENT_OPEN);
        hear(&link, "subscribe");
        CHECK_INT(REFUSED(hws_send(link.conn, HWS_CONT, "", 0, NULL))->status, HWS_ERR_INVALID_SEND);
        lose(&link);
    }
    OK(hws_abort(link.conn));
    expect(HWS_EVENT_CLOSE);
}

static void what_cannot_be_sent_again_is_refused(void)
{
    hws_send_options again_ = { .struct_size = sizeof again_, .flags = HWS_SEND_AGAIN };
    begin();
    struct link link = open_client();
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_TEXT, "x", 1, &again_))->status, HWS_ERR_INVALID_ARGUMENT);
    again_.token = 1;
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_PING, "x", 1, &again_))->status, HWS_ERR_INVALID_ARGUMENT);
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_TEXT, "\xff", 1, &again_))->status, HWS_ERR_INVALID_SEND);
    again_.flags |= HWS_SEND_MORE;
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_TEXT, "x", 1, &again_))->status, HWS_ERR_INVALID_ARGUMENT);
    lose(&link);
    comes_back(&link);
    hears_nothing_else(&link);
    client.reconnect = NULL;
    link = open_client();
    again_.flags = HWS_SEND_AGAIN;
    CHECK_INT(REFUSED(hws_send(link.conn, HWS_TEXT, "x", 1, &again_))->status, HWS_ERR_RECONNECT_DISABLED);
    hears_nothing_else(&link);
}

/* --- all of it, with a peer of ours that goes away again and again ---------------------------------------- */

static uint32_t dice(uint32_t sides)
{
    static uint64_t state = 20250117;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % sides;
}

/* A server that aborts, or closes with 1012, whenever it likes: every number arrives at least once, none before those
 * before it, and each token is told once. With compression, for both ends agree to that. */
static void a_thousand_losses_lose_nothing(void)
{
    enum { NUMBERS = 20000, LOSSES = 1000 };
    static hws_event events[64];
    uint64_t next = 1, told = 0, highest = 0, doubles = 0;
    int losses = 0, ended = 0;
    hws_conn conn, other = { 0 };
    hws_listener listener;
    char uri[64] = "ws://", text[160];

    begin();
    again.replay = HWS_REPLAY_ALWAYS;
    again.buffer_max = 1 << 14;
    again.replay_max = 1 << 16;
    timers.ping_interval_ms = HWS_NEVER;
    OK(hws_listen(engine, &server, &listener));
    OK(hws_listener_address(listener, uri + 5, sizeof uri - 5, NULL));
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &conn));
    while (!ended) {
        uint32_t count, wanted = dice(64);
        for (uint32_t i = 0; i < wanted && next <= NUMBERS && stats_of(conn).send_kept < 40000; i++) {
            /* long enough to be compressed, most of them */
            const hws_send_options options = { .struct_size = sizeof options, .token = next };
            int len = snprintf(text, sizeof text, "%llu %0*d", (unsigned long long)next, (int)dice(140), 0);
            hws_status status = hws_send(conn, HWS_TEXT, text, (size_t)len, &options);
            if (status == HWS_ERR_BUFFER_OVERFLOW || status == HWS_ERR_SEND_QUEUE_FULL) break;
            CHECK_INT(status, HWS_OK);
            next++;
        }
        if (other.id && losses < LOSSES && dice(3) == 0) {
            OK(dice(2) ? hws_abort(other) : hws_close(other, 1012, (hws_str){ 0 }));
            other.id = 0;
            losses++;
        }
        OK(hws_poll(engine, events, sizeof *events, 1 + dice(64), 5, &count));
        for (hws_event *it = events; it < events + count; it++) {
            if (it->kind == HWS_EVENT_OPEN && it->listener.id) other = it->conn;
            if (it->kind == HWS_EVENT_SENT) CHECK_INT(it->token, ++told);
            if (it->kind == HWS_EVENT_CLOSE && !it->listener.id) CHECK_INT(it->status, HWS_ERR_CLOSED_OK), ended = 1;
            if (it->kind != HWS_EVENT_MESSAGE) continue;
            uint64_t number = strtoull((const char *)it->data.ptr, NULL, 10);
            CHECK(number <= highest + 1);
            doubles += number <= highest;
            highest += number > highest;
        }
        if (highest == NUMBERS && told == NUMBERS && losses >= LOSSES && other.id && state_of(conn) == HWS_STATE_OPEN)
            OK(hws_close(conn, 1000, (hws_str){ 0 }));
    }
    CHECK_INT(stats_of(conn).send_unprotected, 0);
    CHECK(doubles > 0);
    printf("%d losses, %llu of %d numbers came again\n", losses, (unsigned long long)doubles, NUMBERS);
}

static void options_for_buffers_that_cannot_be_are_refused(void)
{
    hws_conn conn;
    begin();
    client.uri = hws_cstr("ws://127.0.0.1:1/");
    const struct { uint32_t overflow, replay; } wrong[] = { { HWS_OVERFLOW_BACKPRESSURE, 0 }, { 5, 0 }, { 0, 3 } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        again.buffer_overflow = wrong[i].overflow;
        again.replay = wrong[i].replay;
        CHECK_INT(REFUSED(hws_connect(engine, &client, &conn))->status, HWS_ERR_INVALID_ARGUMENT);
    }
}

TESTS(T(what_is_sent_while_down_leaves_when_it_is_back), T(what_is_sent_before_it_was_open_too),
      T(what_is_sent_while_it_closes_too), T(only_whole_messages_wait), T(the_oldest_are_dropped),
      T(the_newest_are_dropped), T(more_than_the_queue_leaves_in_order), T(what_never_leaves_is_told),
      T(a_host_that_closes_is_told_too), T(without_replay_nothing_is_sent_twice),
      T(what_was_not_acknowledged_is_sent_again), T(what_was_acknowledged_is_not), T(the_keepalive_acknowledges),
      T(each_token_comes_once), T(the_host_may_say_what_is_sent_again), T(replay_is_on_request_only),
      T(the_peer_is_asked_before_the_room_ends), T(the_oldest_are_unprotected), T(subscriptions_are_sent_first),
      T(subscriptions_need_no_buffer), T(what_cannot_be_sent_again_is_refused), T(a_thousand_losses_lose_nothing),
      T(options_for_buffers_that_cannot_be_are_refused))
