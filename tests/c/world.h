/* world.h -- one engine on one thread, and waiting for it: for its next event, or for a descriptor of ours while it
 * works. Nothing here sleeps, and nothing waits longer than PATIENCE_MS. */
#ifndef HAWSER_TESTS_WORLD_H
#define HAWSER_TESTS_WORLD_H

#include "check.h"
#include <poll.h>

/* Far more than anything takes, and less than what the test that runs us allows. */
enum { PATIENCE_MS = 20000 };
/* A deadline of the library's, for tests that wait for it to pass. */
enum { SOON_MS = 100 };

static hws_engine engine;
/* What clients and servers are made with: all defaults, until a case changes something. */
static hws_limits limits;
static hws_timers timers;
static hws_client_options client;
static hws_server_options server;

static inline void create_world(void)
{
    limits.struct_size = sizeof limits;
    timers.struct_size = sizeof timers;
    client.struct_size = sizeof client;
    client.limits = &limits;
    client.timers = &timers;
    server.struct_size = sizeof server;
    server.bind = hws_cstr("127.0.0.1:0");
    server.limits = &limits;
    server.timers = &timers;
    OK(hws_engine_new(NULL, &engine));
}

static inline const char *error_line(const hws_error_info *error)
{
    static char line[4096];
    return error && hws_error_format(error, line, sizeof line, NULL) == HWS_OK ? line : "no error";
}

/* The newest event, with what it points to; held while it came before anybody expected it. */
static hws_event event;
static int held;

static inline uint32_t poll_engine(int32_t timeout_ms)
{
    uint32_t count = 0;
    OK(hws_poll(engine, &event, sizeof event, 1, timeout_ms, &count));
    return count;
}

/* The next event of the engine, which must be of this kind. Lives until the next wait for anything. */
static inline const hws_event *expect(hws_event_kind kind)
{
    if (!held && !poll_engine(PATIENCE_MS)) fail(__FILE__, __LINE__, "no event %u comes", kind);
    held = 0;
    if (event.kind != kind)
        fail(__FILE__, __LINE__, "event %u instead of %u: %s", event.kind, kind, error_line(event.error));
    /* the status of an event is that of its error, for those who look at one of them only */
    if (event.error) CHECK_INT(event.error->status, event.status);
    return &event;
}

/* The engine has nothing to tell. */
static inline void expect_nothing(void)
{
    if (held || poll_engine(0))
        fail(__FILE__, __LINE__, "event %u out of turn: %s", event.kind, error_line(event.error));
}

/* Lets the engine do what it can at once. After an event it rests until that was expected: another poll would take
 * from under it what it points to. */
static inline void let_it_work(void)
{
    if (!held) held = (int)poll_engine(0);
}

/* Until something can be done with a descriptor of ours (POLLIN, POLLOUT), while the engine works. */
static inline void wait_for(int fd, short what)
{
    ptrdiff_t pollable;
    int32_t timeout;
    OK(hws_engine_pollable(engine, &pollable));
    for (;;) {
        let_it_work();
        OK(hws_engine_next_timeout(engine, &timeout));
        if (held || timeout < 0 || timeout > PATIENCE_MS) timeout = PATIENCE_MS;
        struct pollfd fds[2] = { { fd, what, 0 }, { held ? -1 : (int)pollable, POLLIN, 0 } };
        int ready = SYS(poll(fds, 2, timeout));
        if (fds[0].revents) return;
        if (ready == 0 && timeout == PATIENCE_MS) fail(__FILE__, __LINE__, "the peer hears nothing");
    }
}

#endif
