/* Promise 3: events of a connection come in wire order, all its messages before its one last event, and a call that
 * failed causes none. However a connection ends, and however often it is paused. */
#include "raw.h"

/* The next event of the server's end is message number n. */
static void expect_number(pair *pair, int n)
{
    hws_event event;
    do event = next(pair->engine);
    while (event.conn.id != pair->server.id);
    EXPECT(event.kind == HWS_EVENT_MESSAGE);
    EXPECT(event.data.len == sizeof n && !memcmp(event.data.ptr, &n, sizeof n));
}

static void messages_come_in_order_and_then_one_close(void)
{
    pair pair = pair_new(NULL);
    int i;
    for (i = 0; i < 1000; i++) OK(hws_send(pair.client, HWS_BINARY, &i, sizeof i, NULL));
    OK(hws_close(pair.client, 1000, hws_cstr("")));
    for (i = 0; i < 1000; i++) expect_number(&pair, i);
    await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    nothing_else_comes(&pair);
}

/* --- how connections end ---------------------------------------------------------------------------------- */

typedef enum ending { CLIENT_CLOSES, SERVER_CLOSES, CLIENT_ABORTS, SERVER_ABORTS, PEER_RESETS, PEER_LEAVES, ENDINGS } ending;

enum { CONNECTIONS = 200, MESSAGES = 3 };

/* What is known of one end of a connection. */
typedef struct end {
    hws_conn conn;
    ending ending;
    int is_server, messages, last_events;
} end;

static struct {
    end ends[2 * CONNECTIONS];
    int count, ended;
} port;

static end *end_of(hws_conn conn)
{
    int i;
    for (i = 0; i < port.count; i++)
        if (port.ends[i].conn.id == conn.id) return &port.ends[i];
    return NULL;
}

static void add_end(hws_conn conn, ending ending, int is_server)
{
    end *end = &port.ends[port.count++];
    memset(end, 0, sizeof *end);
    end->conn = conn;
    end->ending = ending;
    end->is_server = is_server;
}

static int is_raw(ending ending) { return ending == PEER_RESETS || ending == PEER_LEAVES; }

/* Opens a connection that is going to end in this way; gives the socket of a raw one. */
static int open_for(pair *pair, ending ending)
{
    int fd = -1;
    if (is_raw(ending)) {
        fd = raw_open(pair, 0, &pair->server);
    } else {
        join(pair, NULL);
        add_end(pair->client, ending, 0);
    }
    add_end(pair->server, ending, 1);
    return fd;
}

/* A thread of the library's own may have seen already that the other end has gone. */
static void speak(const end *end)
{
    hws_status status = hws_send(end->conn, HWS_TEXT, "ahoy", 4, NULL);
    int other_is_gone = has_io_thread() && end->is_server && end->ending <= CLIENT_ABORTS;
    EXPECT(status == HWS_OK || (status == HWS_ERR_CONNECTION_CLOSED && other_is_gone));
}

static void speak_and_end(end *end, int fd)
{
    frames frames = { 0 };
    int i;
    for (i = 0; i < MESSAGES; i++) {
        if (fd >= 0) put_frame(&frames, FIN | HWS_TEXT, "ahoy", 4);
        else speak(end);
    }
    switch (end->ending) {
    case CLIENT_CLOSES:
        if (!end->is_server) OK(hws_close(end->conn, 1000, hws_cstr("")));
        break;
    case SERVER_CLOSES:
        if (end->is_server) OK(hws_close(end->conn, 1000, hws_cstr("")));
        break;
    case CLIENT_ABORTS:
        if (!end->is_server) OK(hws_abort(end->conn));
        break;
    case SERVER_ABORTS:
        if (end->is_server) OK(hws_abort(end->conn));
        break;
    case PEER_RESETS:
        raw_send(fd, &frames);
        raw_reset(fd);
        break;
    default:
        raw_send(fd, &frames);
        close(fd);
    }
    free(frames.bytes);
}

static void take(const hws_event *event)
{
    end *end = end_of(event->conn);
    if (!end) return; /* the visitor's */
    EXPECT(end->last_events == 0);
    end->messages += event->kind == HWS_EVENT_MESSAGE;
    if (event->kind != HWS_EVENT_CLOSE) return;
    end->last_events++;
    port.ended++;
    EXPECT(event->status == (end->ending <= SERVER_CLOSES ? HWS_ERR_CLOSED_OK : HWS_ERR_CLOSED_ERROR));
}

/* Those that hear a Close frame, or only hear the other end go, have heard everything that came before. */
static int hears_all(const end *end)
{
    return end->ending == CLIENT_CLOSES ? end->is_server
                                        : end->ending == SERVER_CLOSES ? !end->is_server : end->ending == PEER_LEAVES;
}

static void every_connection_ends_exactly_once(void)
{
    pair pair = serve(NULL);
    static int fds[2 * CONNECTIONS];
    hws_event events[16];
    uint32_t count, e;
    int i, opened;

    for (i = 0; i < CONNECTIONS; i++) {
        int fd = open_for(&pair, (ending)(i % ENDINGS));
        fds[port.count - 1] = fd;
        if (fd < 0) fds[port.count - 2] = -1;
    }
    opened = port.count;
    for (i = 0; i < opened; i++) speak_and_end(&port.ends[i], fds[i]);
    while (port.ended < opened) {
        OK(hws_poll(pair.engine, events, sizeof events[0], LENGTH(events), 10000, &count));
        EXPECT(count > 0);
        for (e = 0; e < count; e++) take(&events[e]);
    }
    nothing_else_comes(&pair);
    for (i = 0; i < opened; i++) {
        EXPECT(port.ends[i].last_events == 1);
        if (hears_all(&port.ends[i])) EXPECT(port.ends[i].messages == MESSAGES);
    }
}

/* The peer says something and is gone before any of it is read; batches have room for one event. */
static void the_last_words_are_heard(int with_close_frame, void (*leave)(int fd), hws_status cause)
{
    pair pair = serve(NULL);
    frames frames = { 0 };
    hws_event event;
    int i, fd = raw_open(&pair, 0, &pair.server);

    for (i = 0; i < 100; i++) put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
    if (with_close_frame) put_close(&frames, 1000);
    raw_send(fd, &frames);
    leave(fd);
    for (i = 0; i < 100; i++) expect_number(&pair, i);
    event = await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    EXPECT(event.status == (with_close_frame ? HWS_ERR_CLOSED_OK : HWS_ERR_CLOSED_ERROR));
    EXPECT((event.error->cause ? event.error->cause->status : HWS_OK) == cause);
    OK(hws_engine_free(pair.engine));
    free(frames.bytes);
}

static void leave(int fd) { close(fd); }

static void a_close_right_behind_the_messages_hides_none(void) { the_last_words_are_heard(1, leave, HWS_OK); }

static void an_end_right_behind_the_messages_hides_none(void)
{
    the_last_words_are_heard(0, leave, HWS_ERR_UNEXPECTED_EOF);
}

static void a_reset_right_behind_the_messages_hides_none(void)
{
    the_last_words_are_heard(0, raw_reset, HWS_ERR_CONNECTION_RESET);
}

/* What the peer said is told even when writing to it fails before reading does. */
static void a_write_that_fails_hides_no_message(void)
{
    pair pair = serve(NULL);
    frames frames = { 0 };
    int i, fd = raw_open(&pair, 0, &pair.server);

    for (i = 0; i < 100; i++) put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
    raw_send(fd, &frames);
    raw_reset(fd);
    for (i = 0; i < 3; i++) (void)!hws_send(pair.server, HWS_TEXT, "hoya", 4, NULL);
    for (i = 0; i < 100; i++) expect_number(&pair, i);
    await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    free(frames.bytes);
}

/* Messages that came and were not told when the deadline for the closing handshake passes. */
static void a_host_that_closes_still_hears_what_was_said(void)
{
    pair pair = serve(NULL);
    frames frames = { 0 };
    int i, fd = raw_open(&pair, 0, &pair.server);

    for (i = 0; i < 100; i++) put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
    put_close(&frames, 1000);
    raw_send(fd, &frames);
    expect_number(&pair, 0);
    OK(hws_close(pair.server, 1001, hws_cstr("")));
    for (i = 1; i < 100; i++) expect_number(&pair, i);
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).status == HWS_ERR_CLOSED_OK);
    free(frames.bytes);
}

/* --- calls that fail -------------------------------------------------------------------------------------- */

static void fail_to_connect(hws_engine engine, const char *uri, hws_status status)
{
    hws_client_options options = { .struct_size = sizeof options };
    hws_conn conn;
    options.uri = hws_cstr(uri);
    FAILS(hws_connect(engine, &options, &conn), status);
}

static void fail_to_listen(hws_engine engine, const char *bind, hws_status status)
{
    hws_server_options options = { .struct_size = sizeof options };
    hws_listener listener;
    options.bind = hws_cstr(bind);
    FAILS(hws_listen(engine, &options, &listener), status);
}

static void a_call_that_failed_causes_no_event(void)
{
    pair pair = pair_new(NULL);
    char long_reason[125];
    memset(long_reason, 'a', sizeof long_reason);
    long_reason[124] = 0;

    fail_to_connect(pair.engine, "", HWS_ERR_INVALID_ARGUMENT);
    fail_to_connect(pair.engine, "http://127.0.0.1/", HWS_ERR_INVALID_URI);
    fail_to_connect(pair.engine, "ws://127.0.0.1:99999/", HWS_ERR_INVALID_URI);
    fail_to_connect(pair.engine, "wss://127.0.0.1:0/", HWS_ERR_INVALID_URI);
    fail_to_listen(pair.engine, "localhost", HWS_ERR_INVALID_ARGUMENT);
    fail_to_listen(pair.engine, pair.uri + 5, HWS_ERR_IO);
    FAILS(hws_send(pair.client, HWS_TEXT, "\xff", 1, NULL), HWS_ERR_INVALID_SEND);
    FAILS(hws_send(pair.client, HWS_CONT, "", 0, NULL), HWS_ERR_INVALID_SEND);
    FAILS(hws_send(pair.client, HWS_PING, long_reason, sizeof long_reason + 1, NULL), HWS_ERR_INVALID_SEND);
    FAILS(hws_send(pair.client, HWS_CLOSE, "", 0, NULL), HWS_ERR_INVALID_SEND);
    FAILS(hws_send(pair.client, 3, "", 0, NULL), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_close(pair.client, 1005, hws_cstr("")), HWS_ERR_INVALID_SEND);
    FAILS(hws_close(pair.client, 70000, hws_cstr("")), HWS_ERR_INVALID_SEND);
    FAILS(hws_close(pair.client, 1000, hws_cstr(long_reason)), HWS_ERR_INVALID_SEND);
    nothing_else_comes(&pair);

    send_text(pair.client, "none of it went out");
    EXPECT(next(pair.engine).kind == HWS_EVENT_MESSAGE);
}

/* --- pauses ----------------------------------------------------------------------------------------------- */

enum { SAID = 500, SPEAKERS = 3 };

static struct {
    hws_conn conn;
    int fd, heard, paused;
} speakers[SPEAKERS];

/* Takes one batch: every message is its speaker's next, and none is a paused one's. */
static void hear(hws_engine engine, uint32_t capacity)
{
    hws_event events[16];
    uint32_t count, i;
    int s;
    OK(hws_poll(engine, events, sizeof events[0], capacity, 0, &count));
    for (i = 0; i < count; i++)
        for (s = 0; s < SPEAKERS; s++) {
            if (events[i].conn.id != speakers[s].conn.id) continue;
            EXPECT(events[i].kind == HWS_EVENT_MESSAGE && !speakers[s].paused);
            EXPECT(!memcmp(events[i].data.ptr, &speakers[s].heard, sizeof(int)));
            speakers[s].heard++;
        }
}

static void pause_speaker(int s, int paused)
{
    speakers[s].paused = paused;
    OK(hws_conn_pause(speakers[s].conn, paused));
}

static int all_heard(void)
{
    int s;
    for (s = 0; s < SPEAKERS && speakers[s].heard == SAID;) s++;
    return s == SPEAKERS;
}

/* Three peers say a lot at once. Batches are small, so that there is always a rest, and after each batch one of the
 * speakers is paused and another may go on: rests pile up, and each must come back in its place. */
static void pauses_keep_the_order_and_lose_nothing(void)
{
    pair pair = serve(NULL);
    frames frames = { 0 };
    int i, s, round;

    for (i = 0; i < SAID; i++) put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
    for (s = 0; s < SPEAKERS; s++) speakers[s].fd = raw_open(&pair, 0, &speakers[s].conn);
    for (s = 0; s < SPEAKERS; s++) raw_write(speakers[s].fd, frames.bytes, frames.len);
    for (round = 0; !all_heard(); round++) {
        hear(pair.engine, (uint32_t)(1 + round % 7));
        pause_speaker(round % SPEAKERS, 1);
        hear(pair.engine, 3);
        pause_speaker((round + round / SPEAKERS) % SPEAKERS, 0);
    }
    for (s = 0; s < SPEAKERS; s++) {
        pause_speaker(s, 0);
        close(speakers[s].fd);
    }
    for (s = 0; s < SPEAKERS; s++) EXPECT(next(pair.engine).kind == HWS_EVENT_CLOSE);
    free(frames.bytes);
}

/* While it is paused nothing of it is told, not even its end; afterwards everything is. */
static void a_paused_connection_ends_after_its_messages(void)
{
    pair pair = serve(NULL);
    frames frames = { 0 };
    uint32_t count;
    hws_event event;
    int i, fd = raw_open(&pair, 0, &pair.server);

    for (i = 0; i < 100; i++) put_frame(&frames, FIN | HWS_BINARY, &i, sizeof i);
    put_close(&frames, 1000);
    raw_send(fd, &frames);
    expect_number(&pair, 0);
    OK(hws_conn_pause(pair.server, 1));
    close(fd);
    for (i = 0; i < 100; i++) {
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
    }
    OK(hws_conn_pause(pair.server, 0));
    for (i = 1; i < 100; i++) expect_number(&pair, i);
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).status == HWS_ERR_CLOSED_OK);
    free(frames.bytes);
}

static void what_is_queued_leaves_a_paused_connection(void)
{
    pair pair = pair_new(NULL);
    hws_event event;
    OK(hws_conn_pause(pair.server, 1));
    send_text(pair.server, "ahoy");
    event = await(pair.engine, pair.client, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, "ahoy"));
}

/* --- fairness --------------------------------------------------------------------------------------------- */

/* Stops when the connection is gone. */
static void *flood(void *argument)
{
    frames frames = { 0 };
    int i, fd = *(const int *)argument;
    for (i = 0; i < 10000; i++) put_frame(&frames, FIN | HWS_TEXT, "flood", 5);
    while (send(fd, frames.bytes, frames.len, MSG_NOSIGNAL) > 0) {}
    free(frames.bytes);
    return NULL;
}

/* A peer that never stops must not keep the others from being heard. */
static void a_flood_drowns_nobody(void)
{
    pair pair = serve(NULL);
    hws_conn flooder;
    hws_event events[4];
    uint32_t count, e;
    int i, fd = raw_open(&pair, 0, &flooder), fds[20], heard = 0;
    pthread_t thread;

    for (i = 0; i < 20; i++) fds[i] = raw_open(&pair, 0, &pair.server);
    thread = go(flood, &fd);
    while (next(pair.engine).conn.id != flooder.id) {}
    for (i = 0; i < 200; i++) raw_frame(fds[i % 20], FIN | HWS_TEXT, "help", 4);
    while (heard < 200) {
        OK(hws_poll(pair.engine, events, sizeof events[0], LENGTH(events), 10000, &count));
        for (e = 0; e < count; e++) heard += events[e].conn.id != flooder.id && is_text(&events[e], "help");
    }
    OK(hws_abort(flooder));
    await(pair.engine, flooder, HWS_EVENT_CLOSE);
    done(thread);
}

/* Who has not yet taken all that one peer has said hears of another all the same. */
static void a_host_with_enough_to_do_hears_of_others(void)
{
    enum { WORDS = 10000 }; /* little enough for a socket, and with that for one read */
    pair pair = serve(NULL);
    hws_conn talker, other;
    hws_event event;
    frames words = { 0 };
    int i, heard, fd = raw_open(&pair, 0, &talker), quiet = raw_open(&pair, 0, &other);

    for (i = 0; i < WORDS; i++) put_frame(&words, FIN | HWS_BINARY, NULL, 0);
    raw_send(fd, &words);
    free(words.bytes);
    EXPECT(next(pair.engine).conn.id == talker.id);
    raw_frame(quiet, FIN | HWS_TEXT, "ahoy", 4);
    for (heard = 1; (event = next(pair.engine)).conn.id != other.id; heard++) {}
    EXPECT(is_text(&event, "ahoy"));
    EXPECT(heard < WORDS || has_io_thread()); /* a thread has long read them all */
    while (heard++ < WORDS) EXPECT(next(pair.engine).conn.id == talker.id);
}

/* --- what is attached ------------------------------------------------------------------------------------- */

static void the_users_number_is_in_every_event(void)
{
    setup setup = { .server_user = 11, .client_user = 22 };
    pair pair = serve(&setup);
    hws_event event;
    uint64_t user;
    int opened;

    pair.client = dial(pair.engine, pair.uri, &setup);
    for (opened = 0; opened < 2; opened++) {
        event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_OPEN && event.user == (event.conn.id == pair.client.id ? 22 : 11));
        if (event.conn.id != pair.client.id) pair.server = event.conn;
    }
    OK(hws_conn_set_user(pair.server, UINT64_MAX));
    OK(hws_conn_user(pair.server, &user));
    EXPECT(user == UINT64_MAX);
    OK(hws_conn_user(pair.client, &user));
    EXPECT(user == 22);
    send_text(pair.client, "ahoy");
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_MESSAGE).user == UINT64_MAX);
    OK(hws_close(pair.client, 1000, hws_cstr("")));
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_CLOSE).user == UINT64_MAX);
    EXPECT(await(pair.engine, pair.client, HWS_EVENT_CLOSE).user == 22);
    OK(hws_listener_close(pair.listener, NULL));
    EXPECT(await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED).user == 11);
}

TESTS(T(messages_come_in_order_and_then_one_close), T(every_connection_ends_exactly_once),
      T(a_close_right_behind_the_messages_hides_none), T(an_end_right_behind_the_messages_hides_none),
      T(a_reset_right_behind_the_messages_hides_none), T(a_write_that_fails_hides_no_message),
      T(a_host_that_closes_still_hears_what_was_said), T(a_call_that_failed_causes_no_event),
      T(pauses_keep_the_order_and_lose_nothing), T(a_paused_connection_ends_after_its_messages),
      T(what_is_queued_leaves_a_paused_connection), T(a_flood_drowns_nobody),
      T(a_host_with_enough_to_do_hears_of_others), T(the_users_number_is_in_every_event))
