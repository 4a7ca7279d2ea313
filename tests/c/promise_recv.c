/* hws_recv, for scripts: takes the messages of one connection and leaves everything else in its order. */
#include "raw.h"
#include <sched.h>

static void send_number(hws_conn conn, int n) { OK(hws_send(conn, HWS_BINARY, &n, sizeof n, NULL)); }

static int is_number(const hws_event *event, int n)
{
    return event->kind == HWS_EVENT_MESSAGE && event->data.len == sizeof n && !memcmp(event->data.ptr, &n, sizeof n);
}

static void receive_number(hws_conn conn, int n)
{
    hws_event event;
    OK(hws_recv(conn, &event, sizeof event, 10000));
    EXPECT(event.conn.id == conn.id && is_number(&event, n));
}

static void messages_of_others_wait_in_order(void)
{
    pair first = pair_new(NULL), second = first;
    int i;
    join(&second, NULL);
    for (i = 0; i < 10; i++) {
        send_number(first.client, i);
        send_number(second.client, 100 + i);
    }
    for (i = 0; i < 10; i++) receive_number(first.server, i);
    receive_number(second.server, 100); /* put by with the others, and taken before they are polled */
    for (i = 1; i < 10; i++) {
        hws_event event = next(first.engine);
        EXPECT(event.conn.id == second.server.id && is_number(&event, 100 + i));
    }
    nothing_else_comes(&first);
}

/* Whatever is put by is older than what is read later: receives and polls in turn keep the order. */
static void receives_and_polls_in_turn_keep_the_order(void)
{
    pair first = pair_new(NULL), second = first;
    hws_event event;
    int i;
    join(&second, NULL);
    for (i = 0; i < 300; i += 3) {
        send_number(second.client, i);
        send_number(first.client, i);
        receive_number(first.server, i);
        send_number(second.client, i + 1);
        send_number(second.client, i + 2);
        receive_number(second.server, i);
        event = next(first.engine);
        EXPECT(event.conn.id == second.server.id && is_number(&event, i + 1));
        receive_number(second.server, i + 2);
    }
}

/* OPEN, SENT and PONG are no messages: they wait, even those of the connection that is received from. */
static void other_events_of_its_own_wait_too(void)
{
    pair pair = serve(NULL);
    hws_send_options options = { .struct_size = sizeof options, .token = 7 };
    hws_event event;
    int opened;

    pair.client = dial(pair.engine, pair.uri, NULL);
    FAILS(hws_recv(pair.client, &event, sizeof event, 200), HWS_ERR_RECV_TIMEOUT);
    for (opened = 0; opened < 2; opened++) {
        event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_OPEN && event.handshake != NULL);
        EXPECT(event.conn.id != pair.client.id || event.handshake->http_status == 101);
        if (event.conn.id != pair.client.id) pair.server = event.conn;
    }
    OK(hws_send(pair.client, HWS_TEXT, "ahoy", 4, &options));
    OK(hws_recv(pair.server, &event, sizeof event, 10000));
    send_text(pair.server, "hoya");
    OK(hws_recv(pair.client, &event, sizeof event, 10000));
    EXPECT(is_text(&event, "hoya"));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_SENT && event.token == 7);
}

static void without_a_message_it_times_out_and_takes_nothing(void)
{
    pair pair = pair_new(NULL);
    hws_event event, before;
    memset(&event, 0xa5, sizeof event);
    before = event;
    FAILS(hws_recv(pair.client, &event, sizeof event, 0), HWS_ERR_RECV_TIMEOUT);
    FAILS(hws_recv(pair.client, &event, sizeof event, 1), HWS_ERR_RECV_TIMEOUT);
    EXPECT(!memcmp(&event, &before, sizeof event));
    EXPECT(hws_last_error()->timeout_ms == 1 && hws_last_error()->conn.id == pair.client.id);
    send_number(pair.server, 1);
    receive_number(pair.client, 1);
}

/* The end is told once, by the call, after everything that came before it. */
static void the_end_is_the_calls_own_status(void)
{
    pair pair = pair_new(NULL);
    hws_event event;
    send_number(pair.client, 1);
    OK(hws_close(pair.client, 1000, hws_cstr("done")));
    receive_number(pair.server, 1);
    FAILS(hws_recv(pair.server, &event, sizeof event, 10000), HWS_ERR_CLOSED_OK);
    EXPECT(!strcmp(hws_last_error()->close_rcvd.reason.ptr, "done"));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.conn.id == pair.client.id);
    nothing_else_comes(&pair);
    FAILS(hws_recv(pair.server, &event, sizeof event, 0), HWS_ERR_INVALID_HANDLE);
}

/* An end that was put by while another connection was received from. */
static void an_end_that_was_put_by_is_the_calls_own_status_too(void)
{
    pair first = pair_new(NULL), second = first;
    hws_event event;
    join(&second, NULL);
    send_number(second.client, 5);
    OK(hws_close(second.client, 1000, hws_cstr("")));
    FAILS(hws_recv(first.client, &event, sizeof event, 100), HWS_ERR_RECV_TIMEOUT);
    receive_number(second.server, 5);
    FAILS(hws_recv(second.server, &event, sizeof event, 10000), HWS_ERR_CLOSED_OK);
    FAILS(hws_recv(second.client, &event, sizeof event, 10000), HWS_ERR_CLOSED_OK);
    nothing_else_comes(&first);
}

static void a_client_that_does_not_open_is_its_status(void)
{
    pair pair = serve(NULL);
    hws_event event;
    hws_conn conn;
    OK(hws_listener_close(pair.listener, NULL));
    await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED);
    conn = dial(pair.engine, pair.uri, NULL);
    FAILS(hws_recv(conn, &event, sizeof event, 10000), HWS_ERR_CONNECTION_REFUSED);
}

static void fragments_are_received_one_by_one(void)
{
    setup setup = { .server_limits.deliver_fragments = HWS_ON };
    pair pair = pair_new(&setup);
    hws_send_options more = { .struct_size = sizeof more, .flags = HWS_SEND_MORE };
    hws_event event;
    OK(hws_send(pair.client, HWS_TEXT, "ah", 2, &more));
    OK(hws_recv(pair.server, &event, sizeof event, 10000));
    EXPECT(event.kind == HWS_EVENT_FRAGMENT && event.flags == 0 && is_text(&event, "ah"));
    OK(hws_send(pair.client, HWS_CONT, "oy", 2, NULL));
    OK(hws_recv(pair.server, &event, sizeof event, 10000));
    EXPECT(event.kind == HWS_EVENT_FRAGMENT && event.flags == HWS_FLAG_FIN && is_text(&event, "oy"));
}

/* --- while another thread polls --------------------------------------------------------------------------- */

/* Until the listener's end is told, however often the receiver is in the way. */
static void *poll_for_ever(void *argument)
{
    const pair *pair = argument;
    hws_event event;
    for (;;) {
        uint32_t count = 0;
        hws_status status = hws_poll(pair->engine, &event, sizeof event, 1, HWS_NEVER, &count);
        EXPECT(status == HWS_OK || status == HWS_ERR_CONCURRENCY);
        if (count && event.kind == HWS_EVENT_LISTENER_CLOSED) return NULL;
    }
}

static void *keep_receiving(void *argument)
{
    const pair *pair = argument;
    hws_event event;
    hws_status status;
    do {
        status = hws_recv(pair->client, &event, sizeof event, 0);
        sched_yield(); /* on a busy machine it would be put to sleep in the middle of its turn, time after time */
    } while (status == HWS_ERR_RECV_TIMEOUT || status == HWS_ERR_CONCURRENCY);
    return NULL;
}

/* A receive that gets CONCURRENCY must leave what waits for the poller alone. Each round a listener is closed, which
 * puts an event by, while one thread polls and another keeps receiving in vain. */
static void a_receive_that_is_refused_takes_nothing(void)
{
    pair pair = pair_new(NULL);
    pthread_t receiver = go(keep_receiving, &pair);
    int round;
    for (round = 0; round < 300; round++) {
        hws_server_options options = { .struct_size = sizeof options, .bind = HWS_STR("127.0.0.1:0") };
        hws_listener listener;
        pthread_t poller;
        OK(hws_listen(pair.engine, &options, &listener));
        poller = go(poll_for_ever, &pair);
        OK(hws_listener_close(listener, NULL));
        done(poller);
    }
    OK(hws_engine_free(pair.engine));
    done(receiver);
}

TESTS(T(messages_of_others_wait_in_order), T(receives_and_polls_in_turn_keep_the_order),
      T(other_events_of_its_own_wait_too), T(without_a_message_it_times_out_and_takes_nothing),
      T(the_end_is_the_calls_own_status), T(an_end_that_was_put_by_is_the_calls_own_status_too),
      T(a_client_that_does_not_open_is_its_status), T(fragments_are_received_one_by_one),
      T(a_receive_that_is_refused_takes_nothing))
