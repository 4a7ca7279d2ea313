/* What the programs that prove promises are written with: expectations that say where they failed, an engine that
 * talks to itself, and the next event. Each test runs in a process of its own: the program gets its name. */
#ifndef EXPECT_H
#define EXPECT_H

#include "tests.h"
#include "engines.h"
#include <hawser.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- expectations ----------------------------------------------------------------------------------------- */

#define EXPECT(condition) ((condition) ? (void)0 : expect_failed(#condition, __FILE__, __LINE__))
#define OK(call) expect_status(call, HWS_OK, #call, __FILE__, __LINE__)
#define FAILS(call, status) expect_status(call, status, #call, __FILE__, __LINE__)

UNUSED static void expect_failed(const char *what, const char *file, int line)
{
    fflush(stdout);
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    exit(1);
}

UNUSED static const char *status_name(hws_status status)
{
    const char *name = hws_status_name(status);
    return name ? name : "no status at all";
}

UNUSED static void expect_status(hws_status got, hws_status wanted, const char *what, const char *file, int line)
{
    if (got == wanted) return;
    fflush(stdout);
    fprintf(stderr, "%s:%d: %s gives %s, not %s: %s\n", file, line, what, status_name(got), status_name(wanted),
            got ? hws_last_error()->message.ptr : "");
    exit(1);
}

/* --- making things ---------------------------------------------------------------------------------------- */

/* What both ends of a pair are given; all zero is the default. */
typedef struct setup {
    hws_limits server_limits, client_limits;
    hws_timers server_timers, client_timers;
    uint64_t server_user, client_user;
    hws_toggle compression;
} setup;

/* An engine with a listener and the two ends of one connection. */
typedef struct pair {
    hws_engine engine;
    hws_listener listener;
    hws_conn client, server;
    char uri[64];
} pair;

UNUSED static uint16_t port_of(const pair *pair) { return (uint16_t)atoi(strrchr(pair->uri, ':') + 1); }

/* Starts a server. */
UNUSED static pair serve(const setup *setup)
{
    pair pair;
    hws_server_options options;
    hws_limits limits;
    hws_timers timers;
    hws_compression compression;

    memset(&pair, 0, sizeof pair);
    memset(&compression, 0, sizeof compression);
    memset(&options, 0, sizeof options);
    memset(&limits, 0, sizeof limits);
    memset(&timers, 0, sizeof timers);
    if (setup) {
        limits = setup->server_limits;
        timers = setup->server_timers;
        options.user = setup->server_user;
        compression.enabled = setup->compression;
    }
    compression.struct_size = sizeof compression;
    limits.struct_size = sizeof limits;
    timers.struct_size = sizeof timers;
    options.struct_size = sizeof options;
    options.bind = hws_cstr("127.0.0.1:0");
    options.compression = &compression;
    options.limits = &limits;
    options.timers = &timers;
    OK(hws_engine_new(NULL, &pair.engine));
    OK(hws_listen(pair.engine, &options, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    return pair;
}

/* Begins to connect. */
UNUSED static hws_conn dial(hws_engine engine, const char *uri, const setup *setup)
{
    hws_conn conn;
    hws_client_options options;
    hws_limits limits;
    hws_timers timers;

    memset(&options, 0, sizeof options);
    memset(&limits, 0, sizeof limits);
    memset(&timers, 0, sizeof timers);
    if (setup) {
        limits = setup->client_limits;
        timers = setup->client_timers;
        options.user = setup->client_user;
    }
    limits.struct_size = sizeof limits;
    timers.struct_size = sizeof timers;
    options.struct_size = sizeof options;
    options.uri = hws_cstr(uri);
    options.limits = &limits;
    options.timers = &timers;
    OK(hws_connect(engine, &options, &conn));
    return conn;
}

/* --- events ----------------------------------------------------------------------------------------------- */

#define next(engine) next_at(engine, __FILE__, __LINE__)
#define await(engine, conn, kind) await_at(engine, conn, kind, __FILE__, __LINE__)

/* The next event; what it points to lives until the next one. Ten seconds mean that none will ever come. */
UNUSED static hws_event next_at(hws_engine engine, const char *file, int line)
{
    hws_event event;
    uint32_t count = 0;
    expect_status(hws_poll(engine, &event, sizeof event, 1, 10000, &count), HWS_OK, "hws_poll", file, line);
    if (!count) expect_failed("an event comes", file, line);
    return event;
}

/* The next event of this kind, of this connection or (id 0) of any. Others that come before are passed over. */
UNUSED static hws_event await_at(hws_engine engine, hws_conn conn, hws_event_kind kind, const char *file, int line)
{
    hws_event event;
    do event = next_at(engine, file, line);
    while (event.kind != kind || (conn.id && event.conn.id != conn.id));
    return event;
}

static const hws_conn any = { 0 };

/* Writes what is queued, and has no room for any event. */
UNUSED static void poll_without_room(hws_engine engine)
{
    uint32_t count = 99;
    OK(hws_poll(engine, NULL, sizeof(hws_event), 0, 0, &count));
    EXPECT(count == 0);
}

/* Polls until there is nothing more to do and a host would sleep; gives for how long. No event comes meanwhile. */
UNUSED static int32_t until_it_sleeps(hws_engine engine)
{
    int32_t timeout;
    do {
        hws_event event;
        uint32_t count;
        OK(hws_poll(engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
        OK(hws_engine_next_timeout(engine, &timeout));
    } while (timeout == 0);
    return timeout;
}

/* The same where a deadline later than this many milliseconds is left; one that a thread of the library's own keeps need
 * not wake the host. */
UNUSED static int sleeps_longer_than(hws_engine engine, int32_t ms)
{
    int32_t timeout = until_it_sleeps(engine);
    return has_io_thread() ? timeout == HWS_NEVER : timeout > ms;
}

/* One more connection to a server, with both ends open. */
UNUSED static void join(pair *pair, const setup *setup)
{
    int opened = 0;
    pair->client = dial(pair->engine, pair->uri, setup);
    while (opened < 2) {
        hws_event event = await(pair->engine, any, HWS_EVENT_OPEN);
        if (event.conn.id != pair->client.id) pair->server = event.conn;
        opened++;
    }
}

/* An engine that talks to itself. */
UNUSED static pair pair_new(const setup *setup)
{
    pair pair = serve(setup);
    join(&pair, setup);
    return pair;
}

UNUSED static int is_text(const hws_event *event, const char *text)
{
    return event->data.len == strlen(text) && !memcmp(event->data.ptr, text, event->data.len);
}

UNUSED static void send_text(hws_conn conn, const char *text) { OK(hws_send(conn, HWS_TEXT, text, strlen(text), NULL)); }

/* When another connection of the engine has come and gone, everything else that was to come has come. Fails for
 * every event that is not that connection's. */
UNUSED static void nothing_else_comes(pair *there)
{
    const hws_conn before = there->server;
    hws_conn visitor = dial(there->engine, there->uri, NULL);
    int ends = 0;
    while (ends < 2) {
        hws_event event = next(there->engine);
        if (event.kind == HWS_EVENT_OPEN && event.conn.id == visitor.id) OK(hws_abort(visitor));
        ends += event.kind == HWS_EVENT_CLOSE;
        EXPECT(event.conn.id != there->client.id && event.conn.id != before.id);
        EXPECT(event.conn.id == visitor.id || event.listener.id == there->listener.id);
    }
}

/* --- threads ---------------------------------------------------------------------------------------------- */

UNUSED static pthread_t go(void *(*work)(void *), void *argument)
{
    pthread_t thread;
    EXPECT(!pthread_create(&thread, NULL, work, argument));
    return thread;
}

UNUSED static void *done(pthread_t thread)
{
    void *result;
    EXPECT(!pthread_join(thread, &result));
    return result;
}

#endif
