/* publish: what comes from one connection goes to all of them, its sender too. The benchmark's server for messages that
 * many get, in two ways:
 *
 *   publish          all have subscribed to a topic, and each message is published to it
 *   publish --loop   each message is sent to one connection after the other, as programs do that know no topics */
#include <hawser.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 256 };

static const hws_str topic = HWS_STR("all");
static hws_engine engine;
static hws_conn *conns; /* those that are open; the number attached to each is its place here */
static size_t count, room;

static void check(hws_status status)
{
    if (status == HWS_OK) return;
    fprintf(stderr, "publish: %s\n", hws_last_error()->message.ptr);
    exit(1);
}

static void add(hws_conn conn)
{
    if (count == room) {
        room = room ? 2 * room : 1024;
        conns = (hws_conn *)realloc(conns, room * sizeof *conns);
        if (!conns) abort();
    }
    check(hws_conn_set_user(conn, count));
    conns[count++] = conn;
    check(hws_subscribe(conn, topic));
}

/* The last one takes its place. Its number may be newer than the event. */
static void take_out(hws_conn conn)
{
    uint64_t place;
    check(hws_conn_user(conn, &place));
    conns[place] = conns[--count];
    if (place < count) check(hws_conn_set_user(conns[place], place));
}

static void send_to_each(const hws_event *event)
{
    for (size_t i = 0; i < count; i++) check(hws_send(conns[i], event->opcode, event->data.ptr, event->data.len, NULL));
}

/* Nobody leaves before the last message has come, so nobody may go without. */
static void send_to_all(const hws_event *event)
{
    uint32_t reached, skipped;
    check(hws_publish(engine, topic, event->opcode, event->data.ptr, event->data.len, NULL, &reached, &skipped));
    if (reached == count && skipped == 0) return;
    fprintf(stderr, "publish: %lu reached, %lu skipped, of %lu\n", (unsigned long)reached, (unsigned long)skipped,
            (unsigned long)count);
    exit(1);
}

static void serve(int one_by_one)
{
    static hws_event events[BATCH];
    uint32_t ready;
    for (;;) {
        check(hws_poll(engine, events, sizeof *events, BATCH, HWS_NEVER, &ready));
        for (const hws_event *event = events; event < events + ready; event++) {
            if (event->kind == HWS_EVENT_OPEN) add(event->conn);
            else if (event->kind == HWS_EVENT_MESSAGE) (one_by_one ? send_to_each : send_to_all)(event);
            else if (event->kind == HWS_EVENT_CLOSE) take_out(event->conn);
        }
    }
}

int main(int argc, char **argv)
{
    static hws_server_options options;
    static hws_timers timers;
    hws_listener listener;
    char address[64];
    int one_by_one = argc == 2 && strcmp(argv[1], "--loop") == 0;
    if (argc > 1 && !one_by_one) return fputs("usage: publish [--loop]\n", stderr), 2;
    timers.struct_size = sizeof timers;
    timers.ping_interval_ms = HWS_NEVER;
    options.struct_size = sizeof options;
    options.timers = &timers;
    options.bind = hws_cstr("127.0.0.1:0");
    check(hws_engine_new(NULL, &engine));
    check(hws_listen(engine, &options, &listener));
    check(hws_listener_address(listener, address, sizeof address, NULL));
    printf("listening on %s\n", address);
    fflush(stdout);
    serve(one_by_one);
}
