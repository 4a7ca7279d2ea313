/* A listener that closes gracefully: who waits is told to come back, who is open is told goodbye, and its last event
 * comes behind all of theirs and says how they went. */
#include "certs.h"
#include "hearing.h"

static const hws_server_options plain;

static hws_drain drain_of(int32_t ms)
{
    hws_drain drain;
    memset(&drain, 0, sizeof drain);
    drain.struct_size = sizeof drain;
    drain.drain_ms = ms;
    return drain;
}

static int is_str(hws_str text, const char *want)
{
    return text.len == strlen(want) && !memcmp(text.ptr, want, text.len);
}

/* The Close frame of the server; gives its code and checks its reason. */
static unsigned close_of(int fd, const char *reason)
{
    unsigned char payload[126];
    size_t len;
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_CLOSE));
    EXPECT(len == 2 + strlen(reason) && !memcmp(payload + 2, reason, len - 2));
    return payload[0] << 8 | payload[1];
}

static void answer_close(int fd, unsigned code)
{
    frames frames = { 0 };
    put_close(&frames, code);
    raw_send(fd, &frames);
    free(frames.bytes);
}

/* The last event of the listener, and what it counts; `ends` others come before it. */
static void expect_end(const pair *pair, int ends, uint64_t clean, uint64_t cut)
{
    hws_event event;
    for (event = next(pair->engine); ends > 0; event = next(pair->engine), ends--)
        EXPECT(event.kind == HWS_EVENT_CLOSE || event.kind == HWS_EVENT_ACCEPT_FAILED);
    EXPECT(event.kind == HWS_EVENT_LISTENER_CLOSED && event.listener.id == pair->listener.id);
    EXPECT(event.value == clean && event.token == cut && event.user == 5);
    until_it_sleeps(pair->engine);
    FAILS(hws_listener_close(pair->listener, NULL), HWS_ERR_INVALID_HANDLE);
}

static pair harbour(hws_server_options options)
{
    options.user = 5;
    return server_with(options);
}

static void the_open_are_told_goodbye(void)
{
    enum { GUESTS = 5 };
    pair pair = harbour(plain);
    hws_drain drain = drain_of(0);
    hws_event event;
    hws_conn conn;
    int i, fds[GUESTS];
    for (i = 0; i < GUESTS; i++) fds[i] = raw_open(&pair, 0, &conn);
    OK(hws_conn_pause(conn, 1)); /* the last one's answer has to be read all the same */
    OK(hws_send(conn, HWS_TEXT, "first", 5, NULL));
    drain.reason = hws_cstr("moving out");
    OK(hws_listener_close(pair.listener, &drain));
    until_it_sleeps(pair.engine);
    for (i = 0; i < GUESTS; i++) {
        char text[8];
        size_t len;
        if (i == GUESTS - 1) EXPECT(raw_read_frame(fds[i], text, sizeof text, &len) == (FIN | HWS_TEXT) && len == 5);
        EXPECT(close_of(fds[i], "moving out") == 1001);
        answer_close(fds[i], 1001);
        event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_CLOSE && event.status == HWS_ERR_CLOSED_OK && event.error->close_sent.code == 1001);
        EXPECT(!*heard(pair.engine, fds[i]) || i == GUESTS - 1);
        if (i == GUESTS - 1) break;
        until_it_sleeps(pair.engine); /* not before all have gone */
    }
    expect_end(&pair, 0, GUESTS, 0);
}

static void another_code_may_be_said(void)
{
    pair pair = harbour(plain);
    hws_drain drain = drain_of(HWS_NEVER);
    hws_conn conn;
    int fd = raw_open(&pair, 0, &conn);
    drain.code = 4321;
    OK(hws_listener_close(pair.listener, &drain));
    until_it_sleeps(pair.engine);
    EXPECT(close_of(fd, "") == 4321);
    answer_close(fd, 4321);
    expect_end(&pair, 1, 1, 0); /* a completed handshake, whatever its code */
}

static void who_does_not_answer_is_cut_off(void)
{
    hws_server_options options = plain;
    hws_timers timers;
    pair pair;
    hws_drain drain = drain_of(50);
    hws_event event;
    hws_conn quiet, talking, gone;
    int fds[3];
    memset(&timers, 0, sizeof timers);
    timers.struct_size = sizeof timers;
    timers.close_ms = HWS_NEVER;
    options.timers = &timers;
    pair = harbour(options);
    fds[0] = raw_open(&pair, 0, &quiet);
    fds[1] = raw_open(&pair, 0, &talking);
    fds[2] = raw_open(&pair, 0, &gone);
    OK(hws_listener_close(pair.listener, &drain));
    close(fds[2]); /* neither a completed handshake nor cut off */
    answer_close(fds[1], 1001);
    EXPECT(await(pair.engine, talking, HWS_EVENT_CLOSE).status == HWS_ERR_CLOSED_OK);
    do event = next(pair.engine);
    while (event.conn.id != quiet.id);
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.status == HWS_ERR_CLOSED_ERROR);
    EXPECT(event.error->cause->status == HWS_ERR_CLOSE_TIMEOUT && event.error->cause->timeout_ms == 50);
    EXPECT(is_str(event.error->cause->detail, "drain_ms is over"));
    expect_end(&pair, 0, 1, 1);
}

/* The deadline that each connection has anyway holds as well. */
static void a_closing_handshake_has_its_own_time(void)
{
    hws_server_options options = plain;
    hws_timers timers;
    pair pair;
    hws_drain drain = drain_of(HWS_NEVER);
    hws_conn conn;
    memset(&timers, 0, sizeof timers);
    timers.struct_size = sizeof timers;
    timers.close_ms = 50;
    options.timers = &timers;
    pair = harbour(options);
    raw_open(&pair, 0, &conn);
    OK(hws_listener_close(pair.listener, &drain));
    expect_end(&pair, 1, 0, 1);
}

/* A host that was away when the time was up: what its peers had answered by then counts. */
static void an_answer_in_time_counts_however_late_it_is_read(void)
{
    struct pollfd nothing = { -1, 0, 0 };
    pair pair = harbour(plain);
    hws_drain drain = drain_of(has_io_thread() ? 10000 : 20); /* a thread of its own is never away, and they must be in time */
    hws_conn conn;
    int i, fds[40];
    for (i = 0; i < 40; i++) fds[i] = raw_open(&pair, 0, &conn);
    OK(hws_listener_close(pair.listener, &drain));
    poll_without_room(pair.engine);
    for (i = 0; i < 40; i++) answer_close(fds[i], 1001);
    poll(&nothing, 1, 60); /* the host is busy elsewhere */
    expect_end(&pair, 40, 40, 0);
}

static void a_listener_without_guests_ends_at_once(void)
{
    pair pair = harbour(plain);
    hws_drain drain = drain_of(HWS_NEVER);
    OK(hws_listener_close(pair.listener, &drain));
    expect_end(&pair, 0, 0, 0);
}

/* Who has asked before the listener began to close is told to come back, wherever the question lies. */
static void who_waits_is_told_to_come_back(void)
{
    enum { WAITING = 200 };
    hws_server_options options = plain;
    pair pair;
    hws_drain drain = drain_of(0);
    hws_event event;
    int i, fds[WAITING], silent, half;
    options.backlog = WAITING;
    options.max_connections = 1; /* no reason to be silent now */
    pair = harbour(options);
    silent = raw_connect(port_of(&pair), 0);
    poll_without_room(pair.engine);
    half = raw_connect(port_of(&pair), 0);
    raw_write(half, raw_request, 20);
    for (i = 0; i < WAITING; i++) {
        fds[i] = raw_connect(port_of(&pair), 0);
        if (i % 2) raw_write(fds[i], raw_request, sizeof raw_request - 1);
    }
    OK(hws_listener_close(pair.listener, &drain));
    EXPECT(is_answered(pair.engine, silent, BUSY) && is_answered(pair.engine, half, BUSY));
    EXPECT(strstr(heard(pair.engine, fds[0]), "going away"));
    for (i = 1; i < WAITING; i++) EXPECT(is_answered(pair.engine, fds[i], BUSY));
    event = refused(pair.engine, silent);
    EXPECT(event.status == HWS_ERR_HANDSHAKE_ABORTED && event.error->http_status == 503);
    EXPECT(is_str(event.error->detail, "the listener is closing"));
    event = refused(pair.engine, half);
    for (i = 0; i < WAITING; i++) event = refused(pair.engine, fds[i]);
    expect_end(&pair, 0, 0, 0);
    EXPECT(refusals(pair.engine, HWS_ERR_HANDSHAKE_ABORTED) == WAITING + 2);
    EXPECT(refusals(pair.engine, HWS_ERR_ERROR) == WAITING + 2);
}

/* One more connection, without waiting for it; 0 if nobody listens any more. */
static int knock(uint16_t port)
{
    struct sockaddr_in address;
    struct pollfd there = { -1, POLLOUT, 0 };
    int error = 0;
    socklen_t len = sizeof error;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    there.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    EXPECT(there.fd >= 0);
    if (connect(there.fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) error = errno;
    if (!error && poll(&there, 1, 0) == 1) EXPECT(!getsockopt(there.fd, SOL_SOCKET, SO_ERROR, &error, &len));
    EXPECT(!error || error == ECONNREFUSED);
    if (error) close(there.fd);
    return !error;
}

/* Whoever comes while it closes, for each that is told to come back: there is an end to it. */
static void a_flood_does_not_keep_it_open(void)
{
    enum { WAITING = 130 };
    hws_server_options options = plain;
    hws_drain drain = drain_of(HWS_NEVER);
    pair pair;
    int i, late = 0;
    options.backlog = WAITING;
    options.accept_failed_events = HWS_OFF;
    pair = harbour(options);
    for (i = 0; i <= WAITING; i++) EXPECT(knock(port_of(&pair)));
    OK(hws_listener_close(pair.listener, &drain));
    for (;;) {
        poll_without_room(pair.engine);
        if (!knock(port_of(&pair))) break;
        for (i = 0; i < 2 * WAITING; i++) late += knock(port_of(&pair));
        EXPECT(late < 1000);
    }
    EXPECT(late > 0);
    OK(hws_engine_free(pair.engine));
}

static hws_conn dial_tls(hws_engine engine, const pair *pair, const hws_tls *tls)
{
    hws_client_options options;
    hws_conn conn;
    char uri[64];
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    snprintf(uri, sizeof uri, "wss://localhost:%u/", port_of(pair));
    options.uri = hws_cstr(uri);
    options.connect_to = hws_cstr(pair->uri + 6);
    options.tls = tls;
    OK(hws_connect(engine, &options, &conn));
    return conn;
}

static int turn(hws_engine engine, hws_event *event)
{
    uint32_t count;
    OK(hws_poll(engine, event, sizeof *event, 1, 0, &count));
    return (int)count;
}

/* Wherever a client stands in TLS, it hears why it is not let in. */
static void who_is_inside_tls_is_told_too(void)
{
    int turns, told = 0;
    for (turns = 0; turns < 12; turns++) {
        hws_tls shown = shows("ecdsa"), trusted = trusts("ca");
        hws_server_options options = plain;
        hws_drain drain = drain_of(0);
        hws_engine engine;
        hws_event event;
        int i, opened = 0, refusal = 0;
        pair pair;
        options.tls = &shown;
        pair = harbour(options);
        OK(hws_engine_new(NULL, &engine));
        dial_tls(engine, &pair, &trusted);
        for (i = 0; i < turns; i++) {
            turn(engine, &event);
            if (turn(pair.engine, &event)) opened = event.kind == HWS_EVENT_OPEN;
        }
        OK(hws_listener_close(pair.listener, &drain));
        for (i = 0; !refusal && !opened; i++) {
            EXPECT(i < 5000);
            if (turn(engine, &event)) {
                EXPECT(event.kind == HWS_EVENT_CONNECT_FAILED && event.status == HWS_ERR_INVALID_STATUS);
                EXPECT(event.error->http_status == 503);
                refusal = 1;
            }
            turn(pair.engine, &event);
        }
        told += refusal;
        OK(hws_engine_free(engine));
        OK(hws_engine_free(pair.engine));
    }
    EXPECT(told >= 3);
}

/* And if it never says a word, it is no reason to wait longer than that. */
static void who_is_silent_inside_tls_is_cut_off(void)
{
    hws_tls shown = shows("ecdsa");
    hws_server_options options = plain;
    hws_drain drain = drain_of(30);
    hws_event event;
    pair pair;
    int fd;
    options.tls = &shown;
    pair = harbour(options);
    fd = raw_connect(port_of(&pair), 0);
    poll_without_room(pair.engine);
    OK(hws_listener_close(pair.listener, &drain));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.status == HWS_ERR_HANDSHAKE_ABORTED);
    EXPECT(event.error->http_status == 0);
    EXPECT(!*heard(pair.engine, fd));
    expect_end(&pair, 0, 0, 0);
}

static void nobody_comes_any_more_and_others_stay(void)
{
    hws_server_options options = plain;
    hws_drain drain = drain_of(0);
    pair closing = harbour(plain), staying;
    hws_conn leaves, stays;
    struct sockaddr_in address;
    int fd, other, late;
    memset(&staying, 0, sizeof staying);
    staying.engine = closing.engine;
    options.struct_size = sizeof options;
    options.bind = hws_cstr("127.0.0.1:0");
    OK(hws_listen(staying.engine, &options, &staying.listener));
    OK(hws_listener_address(staying.listener, staying.uri, sizeof staying.uri, NULL));
    fd = raw_open(&closing, 0, &leaves);
    other = raw_open(&staying, 0, &stays);
    OK(hws_listener_close(closing.listener, &drain));
    until_it_sleeps(closing.engine);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port_of(&closing));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    late = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(connect(late, (struct sockaddr *)&address, sizeof address) < 0 && errno == ECONNREFUSED);
    answer_close(fd, 1001);
    expect_end(&closing, 1, 1, 0);
    raw_frame(other, FIN | HWS_TEXT, "still here", 10);
    EXPECT(next(staying.engine).conn.id == stays.id);
    close(raw_open(&staying, 0, &stays));
}

static void a_listener_closes_once(void)
{
    char address[64];
    hws_drain drain = drain_of(0), wrong;
    pair pair = harbour(plain);
    hws_conn conn;
    int fd = raw_open(&pair, 0, &conn);
    wrong = drain;
    wrong.code = 1005;
    FAILS(hws_listener_close(pair.listener, &wrong), HWS_ERR_INVALID_SEND);
    wrong.code = 70000;
    FAILS(hws_listener_close(pair.listener, &wrong), HWS_ERR_INVALID_SEND);
    wrong = drain;
    wrong.reason = hws_cstr("123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 "
                            "123456789 123456789 123456789 1234");
    FAILS(hws_listener_close(pair.listener, &wrong), HWS_ERR_INVALID_SEND);
    wrong = drain;
    wrong.drain_ms = -2;
    FAILS(hws_listener_close(pair.listener, &wrong), HWS_ERR_INVALID_ARGUMENT);
    wrong.struct_size = 0;
    FAILS(hws_listener_close(pair.listener, &wrong), HWS_ERR_STRUCT_SIZE);
    close(raw_open(&pair, 0, &conn)); /* nothing has happened */
    await(pair.engine, conn, HWS_EVENT_CLOSE);

    OK(hws_listener_close(pair.listener, &drain));
    FAILS(hws_listener_close(pair.listener, &drain), HWS_ERR_INVALID_STATE);
    FAILS(hws_listener_close(pair.listener, NULL), HWS_ERR_INVALID_STATE);
    FAILS(hws_listener_address(pair.listener, address, sizeof address, NULL), HWS_ERR_INVALID_STATE);
    until_it_sleeps(pair.engine);
    FAILS(hws_listener_close(pair.listener, &drain), HWS_ERR_INVALID_STATE);
    answer_close(fd, 1001);
    expect_end(&pair, 1, 1, 0);
}

static void freeing_the_engine_ends_it(void)
{
    hws_drain drain = drain_of(0);
    pair pair = harbour(plain);
    hws_conn conn;
    int fd = raw_open(&pair, 0, &conn);
    OK(hws_listener_close(pair.listener, &drain));
    OK(hws_engine_free(pair.engine));
    close(fd);
}

static void *closes(void *argument)
{
    hws_drain drain = drain_of(0);
    OK(hws_listener_close(*(hws_listener *)argument, &drain));
    return NULL;
}

/* From another thread, while the poller sleeps. */
static void a_poller_that_sleeps_says_goodbye(void)
{
    pair pair = harbour(plain);
    hws_conn conn;
    int fd = raw_open(&pair, 0, &conn);
    pthread_t thread;
    hws_event event;
    uint32_t count;
    until_it_sleeps(pair.engine);
    thread = go(closes, &pair.listener);
    answer_close(fd, 1001); /* whichever comes first, both Close frames pass */
    OK(hws_poll(pair.engine, &event, sizeof event, 1, HWS_NEVER, &count));
    EXPECT(count == 1 && event.kind == HWS_EVENT_CLOSE && event.status == HWS_ERR_CLOSED_OK);
    done(thread);
    EXPECT(next(pair.engine).kind == HWS_EVENT_LISTENER_CLOSED);
}

/* Batches of one, and a host that takes only messages of another connection: the last event is still the last. */
static void the_last_event_waits_for_the_others(void)
{
    hws_drain drain = drain_of(0);
    pair pair = harbour(plain);
    hws_conn conn, client;
    hws_event event;
    int i, fds[3];
    for (i = 0; i < 3; i++) fds[i] = raw_open(&pair, 0, &conn);
    client = dial(pair.engine, pair.uri, NULL);
    for (i = 0; i < 2; i++) EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
    OK(hws_listener_close(pair.listener, &drain));
    for (i = 0; i < 3; i++) answer_close(fds[i], 1001);
    /* hws_recv puts the events of others by, until its own connection ends */
    FAILS(hws_recv(client, &event, sizeof event, 10000), HWS_ERR_CLOSED_OK);
    for (i = 0; i < 4; i++) EXPECT(next(pair.engine).kind == HWS_EVENT_CLOSE);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_LISTENER_CLOSED && event.value == 4 && event.token == 0);
}

TESTS(T(the_open_are_told_goodbye), T(another_code_may_be_said), T(who_does_not_answer_is_cut_off),
      T(a_closing_handshake_has_its_own_time), T(an_answer_in_time_counts_however_late_it_is_read),
      T(a_listener_without_guests_ends_at_once), T(who_waits_is_told_to_come_back), T(a_flood_does_not_keep_it_open), T(who_is_inside_tls_is_told_too),
      T(who_is_silent_inside_tls_is_cut_off), T(nobody_comes_any_more_and_others_stay), T(a_listener_closes_once),
      T(freeing_the_engine_ends_it), T(a_poller_that_sleeps_says_goodbye), T(the_last_event_waits_for_the_others))
