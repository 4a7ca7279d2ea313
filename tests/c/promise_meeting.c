/* Promise: clients that come back, receive queues, pauses, pools and a thread of the library's own get along with each
 * other: what each of them promises holds where they meet. The server is played by hand. */
#include "certs.h"
#include "reconnecting.h"
#include "tests.h"
#include <poll.h>
#include <pthread.h>

static void begin(void)
{
    create_world();
    create_revival();
}

/* The engine works by itself, and the host takes nothing until it polls. */
static void begin_apart(void)
{
    const hws_engine_options apart = { .struct_size = sizeof apart, .io_thread = HWS_ON };
    begin();
    OK(hws_engine_free(engine));
    OK(hws_engine_new(&apart, &engine));
}

static hws_stats stats_of(hws_conn conn)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_conn_stats(conn, &stats));
    return stats;
}

/* The next attempt opens the connection, and the host does not poll. */
static void answer_unpolled(struct link *link)
{
    char head[HEAD_MAX], accepted[29];
    size_t len = 0;
    link->role = AS_CLIENT;
    link->peer = SYS(accept(port, NULL, NULL));
    do {
        CHECK(len + 1 < HEAD_MAX && SYS(recv(link->peer, head + len++, 1, 0)) == 1);
        head[len] = '\0';
    } while (!strstr(head, "\r\n\r\n"));
    accept_key(strstr(head, "Sec-WebSocket-Key: ") + 19, accepted);
    peer_say_marked(link->peer, RESPONSE, (struct marks){ accepted, NULL, 0 });
}

/* So many messages wait for the host, in a connection that was opened again so often. */
static void await_mail(hws_conn conn, uint64_t messages, uint64_t reconnects)
{
    for (;;) {
        hws_stats stats = stats_of(conn);
        if (stats.recv_queued == messages && stats.reconnects == reconnects) return;
        poll(NULL, 0, 1);
    }
}

static void takes(hws_conn conn, const char *text)
{
    const hws_event *message = expect(HWS_EVENT_MESSAGE);
    CHECK_INT(message->conn.id, conn.id);
    if (message->data.len != strlen(text) || memcmp(message->data.ptr, text, strlen(text)))
        fail(__FILE__, __LINE__, "\"%.*s\" instead of \"%s\"", (int)message->data.len, (const char *)message->data.ptr, text);
}

/* --- pauses and losses ------------------------------------------------------------------------------------ */

/* What the host pauses is a session that is over: that it is comes behind its messages, and nobody has to say more. */
static void a_pause_before_a_loss_that_waits_changes_nothing(void)
{
    begin_apart();
    struct link link = { .conn = connect_to(port) };
    answer_unpolled(&link);
    peer_say(link.peer, "\x81\x01" "1\x81\x01" "2\x81\x01" "3");
    SYS(close(link.peer));
    answer_unpolled(&link);
    peer_message(&link, TEXT, "4");
    await_mail(link.conn, 4, 1);
    expect(HWS_EVENT_OPEN);
    takes(link.conn, "1");
    OK(hws_conn_pause(link.conn, 1));
    takes(link.conn, "2");
    takes(link.conn, "3");
    expect(HWS_EVENT_RECONNECTING);
    OK(hws_conn_pause(link.conn, 1)); /* OPEN waits, and ends it */
    CHECK_INT(expect(HWS_EVENT_OPEN)->flags & HWS_FLAG_RECONNECTED, HWS_FLAG_RECONNECTED);
    takes(link.conn, "4");
    peer_message(&link, TEXT, "5");
    takes(link.conn, "5");
    OK(hws_conn_pause(link.conn, 1)); /* this one holds */
    peer_message(&link, TEXT, "6");
    CHECK(!poll_engine(SOON_MS));
    OK(hws_conn_pause(link.conn, 0));
    takes(link.conn, "6");
}

/* There is nothing to pause, and OPEN ends a pause: it does not keep the connection from opening either. */
static void a_pause_while_it_is_down_changes_nothing(void)
{
    begin();
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    OK(hws_conn_pause(link.conn, 1));
    comes_back(&link);
    peer_message(&link, TEXT, "there");
    takes(link.conn, "there");
}

/* Opening it anew ends a pause, so what waited comes before what the peer still says. */
static void what_waits_comes_before_the_last_words(void)
{
    hws_event message;
    begin();
    struct link link = open_client(), other = open_client();
    peer_message(&link, TEXT, "first");
    while (!stats_of(link.conn).recv_queued) /* put by for somebody else */
        CHECK_INT(REFUSED(hws_recv(other.conn, &message, sizeof message, 1))->status, HWS_ERR_RECV_TIMEOUT);
    OK(hws_conn_pause(link.conn, 1));
    expect_nothing();
    OK(hws_conn_reconnect(link.conn, NULL));
    peer_message(&link, TEXT, "last words");
    takes(link.conn, "first");
    takes(link.conn, "last words");
    peer_expect_close(&link, 1000);
    end_with(&link, 0);
    loses(&link);
    comes_back(&link);
}

/* --- events that wait ------------------------------------------------------------------------------------- */

/* A timer of the session that is over does not begin an attempt before the host has heard of the loss. */
static void a_loss_is_told_before_the_next_attempt(void)
{
    begin();
    timers.ping_interval_ms = timers.ping_timeout_ms = timers.close_ms = 10;
    again.max_age_ms = 5 * SOON_MS;
    struct link link = open_client();
    uint32_t count;
    while (state_of(link.conn) != HWS_STATE_RECONNECTING) OK(hws_poll(engine, NULL, sizeof event, 0, 1, &count));
    poll(NULL, 0, 6 * SOON_MS); /* the host is busy until it would have been too old */
    loses(&link);
    SYS(close(link.peer));
    timers.ping_interval_ms = 0;
    comes_back(&link);
}

/* Each OPEN has its handshake, however late it is taken. */
static void each_open_has_its_own_handshake(void)
{
    const hws_handshake *handshake;
    begin_apart();
    struct link link = { .conn = connect_to(port) };
    answer_unpolled(&link);
    for (uint64_t times = 1; times <= 3; times++) {
        SYS(close(link.peer));
        answer_unpolled(&link);
        await_mail(link.conn, 0, times);
    }
    for (int times = 0; times <= 3; times++) {
        if (times) expect(HWS_EVENT_RECONNECTING);
        const hws_event *open = expect(HWS_EVENT_OPEN);
        OK(hws_conn_handshake(link.conn, &handshake));
        CHECK_INT(handshake->header_count, 3);
        CHECK_TEXT(handshake->uri, open->handshake->uri.ptr);
        CHECK(!memcmp(handshake->headers[2].value.ptr, open->handshake->headers[2].value.ptr, 28));
    }
}

/* The gap in front of a loss is not that behind the return. */
static void each_session_has_its_own_gap(void)
{
    begin_apart();
    limits.overflow = HWS_OVERFLOW_DROP_OLDEST;
    limits.recv_queue_messages = 2;
    struct link link = { .conn = connect_to(port) };
    answer_unpolled(&link);
    peer_say(link.peer, "\x81\x01" "1\x81\x01" "2\x81\x01" "3");
    SYS(close(link.peer));
    answer_unpolled(&link);
    peer_say(link.peer, "\x81\x01" "4\x81\x01" "5\x81\x01" "6");
    while (stats_of(link.conn).recv_dropped < 4) poll(NULL, 0, 1);
    expect(HWS_EVENT_OPEN);
    const hws_event *gap = expect(HWS_EVENT_QUEUE);
    CHECK_INT(gap->value, 3);
    CHECK_INT(gap->error->dropped, 3);
    CHECK_INT(gap->error->capacity, 2);
    CHECK_INT(gap->error->policy, HWS_OVERFLOW_DROP_OLDEST);
    expect(HWS_EVENT_RECONNECTING);
    expect(HWS_EVENT_OPEN);
    gap = expect(HWS_EVENT_QUEUE);
    CHECK_INT(gap->value, 4);
    CHECK_INT(gap->error->dropped, 1);
    takes(link.conn, "5");
    takes(link.conn, "6");
    CHECK_INT(stats_of(link.conn).recv_dropped, 4);
}

/* With a full queue nothing is read, and so nothing is asked whose answer would be missed. */
static void one_that_is_held_back_is_asked_nothing(void)
{
    static const char text[100] = { 'x' };
    begin_apart();
    limits.recv_queue_messages = 1;
    timers.ping_interval_ms = 3600000;
    timers.ping_timeout_ms = SOON_MS;
    again.replay = HWS_REPLAY_ALWAYS;
    again.replay_max = 1000;
    struct link link = open_client();
    peer_say(link.peer, "\x81\x01" "1\x81\x01" "2\x81\x01" "3");
    await_mail(link.conn, 1, 0);
    for (int i = 0; i < 10; i++) OK(hws_send(link.conn, HWS_BINARY, text, sizeof text, NULL));
    poll(NULL, 0, 4 * SOON_MS);
    CHECK_INT(state_of(link.conn), HWS_STATE_OPEN);
    takes(link.conn, "1");
    takes(link.conn, "2");
    takes(link.conn, "3");
    expect_nothing();
}

/* However much of others was put by, the one that is received from is read. */
static void others_do_not_starve_the_one_that_is_received_from(void)
{
    static char large[10000];
    const hws_engine_options little = { .struct_size = sizeof little, .event_memory_max = 20000 };
    hws_event message;
    begin();
    OK(hws_engine_free(engine));
    OK(hws_engine_new(&little, &engine));
    struct link flooded = open_client(), wanted = open_client();
    for (int i = 0; i < 10; i++)
        peer_frame(&flooded, (struct frame){ .first = FIN | BINARY, .payload = large, .len = sizeof large });
    while (stats_of(flooded.conn).recv_queued < 2)
        CHECK_INT(REFUSED(hws_recv(wanted.conn, &message, sizeof message, 1))->status, HWS_ERR_RECV_TIMEOUT);
    for (int i = 0; i < 5; i++) {
        peer_message(&wanted, TEXT, "hello");
        OK(hws_recv(wanted.conn, &message, sizeof message, PATIENCE_MS / 4));
        CHECK_INT(message.conn.id, wanted.conn.id);
    }
    for (int i = 0; i < 10; i++) CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, sizeof large);
}

/* --- all of it at once ------------------------------------------------------------------------------------ */

enum { NUMBERS = 4000, TEXT_LEN = 200 };

/* A server of ours that ends its connections again and again, and a thread that works for it. */
static struct {
    hws_engine engine;
    hws_listener listener;
    char uri[64];
    pthread_t thread;
    int stop;             /* atomic */
    uint32_t arrived;     /* every number below has: atomic */
    uint32_t chance;      /* of the thread */
    uint32_t losses_left; /* so often it ends one yet */
} crew;

static uint32_t roll(uint32_t *state, uint32_t sides)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 16) % sides;
}

static void crew_ends(hws_conn conn)
{
    if (!crew.losses_left) return;
    crew.losses_left--;
    (void)(roll(&crew.chance, 2) ? hws_abort(conn) : hws_close(conn, 1012, (hws_str){ 0 }));
}

/* Numbers come in order, and from the first on each session takes up where another has stopped, or before that. What one
 * that was lost has said may be read late. */
static void crew_takes(const hws_event *message)
{
    static struct { uint64_t conn; uint32_t next; } sessions[16];
    static int newest;
    uint32_t number;
    int at = 0;
    hws_status answered = hws_send(message->conn, HWS_BINARY, message->data.ptr, message->data.len, NULL);
    CHECK(answered == HWS_OK || answered == HWS_ERR_CONNECTION_CLOSED);
    if (!roll(&crew.chance, 100)) crew_ends(message->conn);
    if (message->data.len != TEXT_LEN) return; /* no number */
    memcpy(&number, message->data.ptr, sizeof number);
    while (at < 16 && sessions[at].conn != message->conn.id) at++;
    if (at == 16) {
        at = newest++ % 16;
        sessions[at].conn = message->conn.id;
        CHECK(number <= crew.arrived);
    } else CHECK_INT(number, sessions[at].next);
    sessions[at].next = number + 1;
    if (number == crew.arrived) __atomic_store_n(&crew.arrived, number + 1, __ATOMIC_SEQ_CST);
}

static void *crew_work(void *none)
{
    uint32_t count;
    hws_event events[16];
    while (!__atomic_load_n(&crew.stop, __ATOMIC_SEQ_CST)) {
        OK(hws_poll(crew.engine, events, sizeof *events, 16, 10, &count));
        for (uint32_t i = 0; i < count; i++) {
            if (events[i].kind == HWS_EVENT_OPEN && !roll(&crew.chance, 4)) crew_ends(events[i].conn);
            if (events[i].kind == HWS_EVENT_MESSAGE) crew_takes(&events[i]);
        }
    }
    return none;
}

static void crew_begins(uint32_t losses)
{
    static hws_tls ours, theirs;
    ours = shows("ecdsa");
    theirs = trusts("ca");
    server.tls = &ours;
    client.tls = &theirs;
    server.limits = NULL; /* those are for the client */
    crew.losses_left = losses;
    OK(hws_engine_new(NULL, &crew.engine));
    OK(hws_listen(crew.engine, &server, &crew.listener));
    strcpy(crew.uri, "wss://");
    OK(hws_listener_address(crew.listener, crew.uri + 6, sizeof crew.uri - 6, NULL));
    client.uri = hws_cstr(crew.uri);
    CHECK(!pthread_create(&crew.thread, NULL, crew_work, NULL));
}

static void crew_leaves(void)
{
    __atomic_store_n(&crew.stop, 1, __ATOMIC_SEQ_CST);
    CHECK(!pthread_join(crew.thread, NULL));
    OK(hws_engine_free(crew.engine));
}

/* Sends all numbers, whatever state the connection is in, and with a token each. */
static void *say_numbers(void *conn)
{
    char text[TEXT_LEN] = { 0 };
    for (uint32_t number = 0; number < NUMBERS; number++) {
        const hws_send_options options = { .struct_size = sizeof options, .token = number + 1 };
        memcpy(text, &number, sizeof number);
        for (;;) {
            hws_status status = hws_send(*(hws_conn *)conn, HWS_BINARY, text, sizeof text, &options);
            if (status == HWS_OK) break;
            CHECK(status == HWS_ERR_BUFFER_OVERFLOW || status == HWS_ERR_SEND_QUEUE_FULL);
            poll(NULL, 0, 1);
        }
    }
    return NULL;
}

/* What a host has heard of one connection. */
struct heard {
    int is_open, opens, losses, ended;
    uint64_t messages, missing, sent;
};

static void hears(struct heard *heard, const hws_event *what)
{
    CHECK(!heard->ended);
    switch (what->kind) {
    case HWS_EVENT_OPEN:
        CHECK(!heard->is_open++);
        CHECK_INT(!!(what->flags & HWS_FLAG_RECONNECTED), heard->opens++ > 0);
        break;
    case HWS_EVENT_RECONNECTING:
        heard->is_open = 0;
        heard->losses++;
        break;
    case HWS_EVENT_MESSAGE:
        CHECK(heard->is_open);
        heard->messages++;
        break;
    case HWS_EVENT_QUEUE:
        CHECK(heard->is_open);
        CHECK_INT(what->status, HWS_ERR_QUEUE_FULL);
        heard->missing += what->error->dropped;
        CHECK_INT(what->value, heard->missing);
        break;
    case HWS_EVENT_SENT:
        CHECK_INT(what->token, ++heard->sent); /* each once, in the order of the sends */
        break;
    case HWS_EVENT_WRITABLE: break;
    case HWS_EVENT_CLOSE:
        CHECK(heard->opens);
        heard->ended = 1;
        break;
    case HWS_EVENT_CONNECT_FAILED:
        CHECK(!heard->opens);
        heard->ended = 1;
        break;
    default: fail(__FILE__, __LINE__, "event %u: %s", what->kind, error_line(what->error));
    }
}

/* TLS, compression, a queue that drops, a host that pauses and takes batches of all sizes, another thread that sends: every
 * number arrives, each token comes once, and every message is taken or counted. */
static void nothing_is_lost(uint32_t overflow)
{
    static struct heard heard;
    uint32_t chance = 7, count;
    hws_event events[8];
    pthread_t sender;
    hws_conn conn;
    begin();
    limits.overflow = overflow;
    limits.recv_queue_messages = 4;
    again.buffer_max = 1 << 16;
    again.replay = HWS_REPLAY_ALWAYS;
    again.replay_max = 4 << 20;
    timers.ping_interval_ms = 20;
    timers.ping_timeout_ms = PATIENCE_MS;
    crew_begins(100);
    OK(hws_connect(engine, &client, &conn));
    CHECK(!pthread_create(&sender, NULL, say_numbers, &conn));
    while (__atomic_load_n(&crew.arrived, __ATOMIC_SEQ_CST) < NUMBERS || heard.sent < NUMBERS) {
        int pauses = !roll(&chance, 4);
        if (pauses) OK(hws_conn_pause(conn, 1));
        OK(hws_poll(engine, events, sizeof *events, roll(&chance, 9), 1, &count));
        for (uint32_t i = 0; i < count; i++) hears(&heard, &events[i]);
        if (!roll(&chance, 4) && hws_recv(conn, events, sizeof *events, (int32_t)roll(&chance, 2)) == HWS_OK) {
            CHECK_INT(events->kind, HWS_EVENT_MESSAGE); /* whatever else waits */
            heard.messages++;
        }
        if (pauses) OK(hws_conn_pause(conn, 0));
        if (heard.is_open && !roll(&chance, 500)) OK(hws_conn_reconnect(conn, NULL));
    }
    CHECK(!pthread_join(sender, NULL));
    OK(hws_close(conn, 1000, (hws_str){ 0 }));
    while (!heard.ended) {
        OK(hws_poll(engine, events, sizeof *events, 8, PATIENCE_MS, &count));
        CHECK(count > 0);
        for (uint32_t i = 0; i < count; i++) hears(&heard, &events[i]);
    }
    hws_stats stats = stats_of(conn);
    printf("%d losses, %llu messages, %llu missing\n", heard.losses, (unsigned long long)heard.messages,
           (unsigned long long)heard.missing);
    CHECK(heard.losses > 0);
    CHECK_INT(stats.send_unprotected, 0);
    CHECK_INT(stats.recv_dropped, heard.missing);
    CHECK_INT(stats.messages_in, heard.messages + heard.missing);
    CHECK_INT(stats.reconnects, heard.opens - 1);
    crew_leaves();
}

static void a_storm_with_backpressure_loses_nothing(void) { nothing_is_lost(HWS_OVERFLOW_BACKPRESSURE); }
static void a_storm_counts_the_oldest(void) { nothing_is_lost(HWS_OVERFLOW_DROP_OLDEST); }
static void a_storm_counts_the_newest(void) { nothing_is_lost(HWS_OVERFLOW_DROP_NEWEST); }

static void note_wake(void *pipe)
{
    const char byte = 0;
    (void)!write(*(int *)pipe, &byte, 1);
}

/* A host that polls when the hook has been called, and only then, until there is nothing more, misses nothing. */
static void the_hook_tells_of_everything(void)
{
    static struct heard heard;
    static char bytes[4096];
    uint32_t chance = 19, count;
    hws_event events[3];
    pthread_t sender;
    hws_conn conn;
    int wakes[2];
    begin_apart();
    again.buffer_max = 1 << 16;
    again.replay = HWS_REPLAY_ALWAYS;
    timers.ping_interval_ms = 20;
    timers.ping_timeout_ms = PATIENCE_MS;
    SYS(pipe(wakes));
    SYS(fcntl(wakes[1], F_SETFL, O_NONBLOCK)); /* a byte is enough */
    OK(hws_engine_on_wake(engine, note_wake, &wakes[1]));
    crew_begins(20);
    OK(hws_connect(engine, &client, &conn));
    CHECK(!pthread_create(&sender, NULL, say_numbers, &conn));
    while (heard.sent < NUMBERS) {
        struct pollfd called = { wakes[0], POLLIN, 0 };
        CHECK_INT(SYS(poll(&called, 1, PATIENCE_MS)), 1);
        SYS(read(wakes[0], bytes, sizeof bytes));
        do {
            OK(hws_poll(engine, events, sizeof *events, 1 + roll(&chance, 3), 0, &count));
            for (uint32_t i = 0; i < count; i++) hears(&heard, &events[i]);
        } while (count);
    }
    CHECK(!pthread_join(sender, NULL));
    OK(hws_engine_on_wake(engine, NULL, NULL));
    CHECK(heard.losses > 0);
    crew_leaves();
}

/* Whatever a connection is doing when its host has enough of it, it ends once, and its handle with it. */
static void every_state_ends_once(void)
{
    enum { CONNS = 8, ROUNDS = 60 };
    uint32_t chance = 11, count, state;
    begin();
    again.buffer_max = 1 << 16;
    again.replay = HWS_REPLAY_ALWAYS;
    crew_begins(UINT32_MAX);
    for (int round = 0; round < ROUNDS; round++) {
        static struct heard heard[CONNS];
        hws_conn conns[CONNS];
        int ended = 0, over[CONNS] = { 0 };
        memset(heard, 0, sizeof heard);
        for (int i = 0; i < CONNS; i++) {
            OK(hws_connect(engine, &client, &conns[i]));
            OK(hws_conn_set_user(conns[i], (uint64_t)i));
        }
        for (int step = 0; ended < CONNS; step++) {
            uint32_t i = roll(&chance, CONNS);
            if (!over[i] && (!roll(&chance, 10) || step > 200)) {
                OK(roll(&chance, 2) ? hws_abort(conns[i]) : hws_close(conns[i], 0, (hws_str){ 0 }));
                over[i] = 1;
            }
            OK(hws_poll(engine, &event, sizeof event, 1, over[i] ? 1 : 0, &count));
            if (!count) continue;
            CHECK_INT(event.conn.id, conns[event.user].id);
            hears(&heard[event.user], &event);
            if (!heard[event.user].ended) continue;
            CHECK(over[event.user]);
            OK(hws_conn_state(event.conn, &state));
            CHECK_INT(state, HWS_STATE_CLOSED);
            ended++;
        }
        CHECK(!poll_engine(0));
        for (int i = 0; i < CONNS; i++)
            CHECK_INT(REFUSED(hws_conn_state(conns[i], &state))->status, HWS_ERR_INVALID_HANDLE);
    }
    crew_leaves();
}

/* And whatever they are doing, an engine may go. */
static void an_engine_may_go_at_any_time(void)
{
    uint32_t chance = 13, count;
    hws_conn conn;
    begin();
    again.buffer_max = 1 << 16;
    again.replay = HWS_REPLAY_ALWAYS;
    crew_begins(UINT32_MAX);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 4; i++) {
            OK(hws_connect(engine, &client, &conn));
            OK(hws_send(conn, HWS_TEXT, "kept", 4, NULL));
        }
        for (uint32_t polls = roll(&chance, 30); polls; polls--)
            OK(hws_poll(engine, &event, sizeof event, roll(&chance, 2), roll(&chance, 2), &count));
        OK(hws_engine_free(engine));
        CHECK_INT(REFUSED(hws_send(conn, HWS_TEXT, "gone", 4, NULL))->status, HWS_ERR_INVALID_HANDLE);
        OK(hws_engine_new(NULL, &engine));
    }
    crew_leaves();
}

/* What a pool lends, ends and lends again while its connections are killed: every call is answered once, every connection
 * ends once or is given back, nobody hears of a connection that is not theirs, and no socket is forgotten. */
static void a_pool_in_a_storm(void)
{
    enum { CALLS = 600, SOCKETS = 4, OPEN_CALLS = 12 };
    static uint8_t answered[CALLS + 1];
    static const char text[TEXT_LEN + 1] = { 0 };
    hws_conn held[SOCKETS] = { { 0 } };
    uint32_t chance = 17;
    uint64_t asked = 0, told = 0, leases = 0, answers = 0;
    hws_pool_counts counts = { .struct_size = sizeof counts };
    hws_pool pool;
    begin();
    client.reconnect = NULL;
    limits.overflow = HWS_OVERFLOW_DROP_OLDEST;
    crew_begins(UINT32_MAX);
    const hws_pool_options options = { .struct_size = sizeof options, .max_connections = SOCKETS, .client = &client,
                                       .check_after_ms = 1 };
    OK(hws_pool_new(engine, &options, &pool));
    for (;;) {
        while (asked < CALLS && asked - told < OPEN_CALLS)
            OK(hws_pool_acquire(pool, hws_cstr(roll(&chance, 2) ? "/one" : "/two"), 0, ++asked));
        int at = 0, is_held = 0;
        for (int i = 0; i < SOCKETS; i++) is_held += held[i].id != 0;
        if (told == CALLS && !is_held) break;
        CHECK(poll_engine(PATIENCE_MS));
        while (at < SOCKETS && held[at].id != event.conn.id) at++;
        switch (event.kind) {
        case HWS_EVENT_POOL_READY:
            CHECK(event.token <= CALLS && !answered[event.token]++ && at == SOCKETS);
            for (at = 0; held[at].id;) CHECK(++at < SOCKETS);
            held[at] = event.conn;
            told++, leases++;
            hws_status sent = hws_send(event.conn, HWS_TEXT, text, 1 + roll(&chance, 2) * 99, NULL);
            CHECK(sent == HWS_OK || sent == HWS_ERR_CONNECTION_CLOSED);
            if (roll(&chance, 8)) break;
            OK(hws_pool_release(pool, event.conn, (int32_t)roll(&chance, 2))); /* before the answer */
            held[at].id = 0;
            break;
        case HWS_EVENT_POOL_FAILED:
            CHECK(event.token <= CALLS && !answered[event.token]++);
            told++;
            break;
        case HWS_EVENT_MESSAGE:
            CHECK(at < SOCKETS);
            answers++;
            OK(hws_pool_release(pool, event.conn, 1));
            held[at].id = 0;
            break;
        case HWS_EVENT_CLOSE:
            CHECK(at < SOCKETS);
            if (roll(&chance, 2)) OK(hws_pool_release(pool, event.conn, 1));
            held[at].id = 0;
            break;
        default: fail(__FILE__, __LINE__, "event %u: %s", event.kind, error_line(event.error));
        }
        OK(hws_pool_stats(pool, &counts));
        CHECK(counts.sockets <= SOCKETS);
    }
    printf("%llu leases, %llu answers\n", (unsigned long long)leases, (unsigned long long)answers);
    CHECK(answers > 0);
    CHECK(!poll_engine(SOON_MS));
    OK(hws_pool_stats(pool, &counts));
    CHECK_INT(counts.leased + counts.waiting, 0);
    OK(hws_pool_free(pool));
    hws_stats stats = { .struct_size = sizeof stats };
    do {
        CHECK(!poll_engine(1));
        OK(hws_engine_stats(engine, &stats));
    } while (stats.connections);
    crew_leaves();
}

TESTS(T(a_pause_before_a_loss_that_waits_changes_nothing), T(a_pause_while_it_is_down_changes_nothing),
      T(what_waits_comes_before_the_last_words), T(a_loss_is_told_before_the_next_attempt),
      T(each_open_has_its_own_handshake), T(each_session_has_its_own_gap), T(one_that_is_held_back_is_asked_nothing),
      T(others_do_not_starve_the_one_that_is_received_from), T(a_storm_with_backpressure_loses_nothing),
      T(a_storm_counts_the_oldest), T(a_storm_counts_the_newest), T(the_hook_tells_of_everything), T(every_state_ends_once), T(an_engine_may_go_at_any_time),
      T(a_pool_in_a_storm))
