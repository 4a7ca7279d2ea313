/* hearing.h -- what a server says to a raw socket, heard to its end while the server's engine works and has nothing to tell. */
#ifndef HEARING_H
#define HEARING_H

#include "raw.h"
#include <poll.h>

/* Everything up to the end of the connection, which must not be a reset. Lives until the next call. */
UNUSED static const char *heard(hws_engine engine, int fd)
{
    static char text[4096];
    struct pollfd socket = { fd, POLLIN, 0 };
    size_t len = 0;
    int turns = 0;
    hws_event event;
    uint32_t count;
    for (;;) {
        ssize_t got = recv(fd, text + len, sizeof text - 1 - len, MSG_DONTWAIT);
        if (got == 0) break;
        EXPECT(got > 0 || errno == EAGAIN);
        if (got > 0) len += (size_t)got;
        if (got > 0) continue;
        EXPECT(turns++ < 1000);
        OK(hws_poll(engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
        poll(&socket, 1, 10);
    }
    text[len] = '\0';
    return text;
}

UNUSED static int is_answered(hws_engine engine, int fd, const char *status_line)
{
    return !strncmp(heard(engine, fd), status_line, strlen(status_line));
}

#define BUSY "HTTP/1.1 503 Service Unavailable\r\n"
#define TOO_MANY "HTTP/1.1 429 Too Many Requests\r\n"
#define TOO_LATE "HTTP/1.1 408 Request Timeout\r\n"

/* The peer of an event that says why a client was not let in. It has heard all, so it hangs up. */
UNUSED static hws_event refused(hws_engine engine, int fd)
{
    hws_event event;
    close(fd);
    event = next(engine);
    EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.error->status == event.status);
    return event;
}

UNUSED static uint64_t refusals(hws_engine engine, hws_status status)
{
    uint64_t count = UINT64_MAX;
    OK(hws_engine_refusals(engine, status, &count));
    return count;
}

/* A server with these options, at a free port unless they say where. */
UNUSED static pair server_with(hws_server_options options)
{
    pair pair;
    memset(&pair, 0, sizeof pair);
    options.struct_size = sizeof options;
    if (!options.bind.ptr) options.bind = hws_cstr("127.0.0.1:0");
    OK(hws_engine_new(NULL, &pair.engine));
    OK(hws_listen(pair.engine, &options, &pair.listener));
    strcpy(pair.uri, options.tls ? "wss://" : "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + strlen(pair.uri), sizeof pair.uri - 6, NULL));
    return pair;
}

#endif
