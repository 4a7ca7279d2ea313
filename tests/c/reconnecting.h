/* reconnecting.h -- a client that comes back, and a server played by hand that lets it, or does not. */
#ifndef HAWSER_TESTS_RECONNECTING_H
#define HAWSER_TESTS_RECONNECTING_H

#include "peer.h"

/* How clients come back: at once, as far as that can be. */
static hws_reconnect again;
static int port; /* a socket of the server's that listens */

static inline void create_revival(void)
{
    again.struct_size = sizeof again;
    again.backoff_min_ms = again.backoff_max_ms = 1;
    client.reconnect = &again;
    client.user = 4711;
    port = peer_listen(16);
}

/* The server accepts, and answers with these bytes; "$" is the Sec-WebSocket-Accept. */
static inline void answer(struct link *link, const char *response)
{
    link->role = AS_CLIENT;
    link->peer = peer_accept(port);
    peer_say_marked(link->peer, response, (struct marks){ peer_read_request(link->peer), NULL, 0 });
}

/* The next attempt opens the connection. */
static inline const hws_event *comes_back(struct link *link)
{
    answer(link, RESPONSE);
    const hws_event *open = expect(HWS_EVENT_OPEN);
    CHECK_INT(open->conn.id, link->conn.id);
    CHECK_INT(open->user, client.user);
    CHECK_INT(open->flags & HWS_FLAG_RECONNECTED, HWS_FLAG_RECONNECTED);
    CHECK(open->token >= 1 && open->handshake);
    return open;
}

/* A client that is open for the first time. */
static inline struct link open_client(void)
{
    struct link link = { .role = AS_CLIENT };
    link.conn = connect_to(port);
    answer(&link, RESPONSE);
    const hws_event *open = expect(HWS_EVENT_OPEN);
    CHECK_INT(open->flags, 0);
    CHECK_INT(open->token, 0);
    CHECK_INT(open->value, 0);
    return link;
}

/* The server says that it ends the connection, or (0) just does. */
static inline void end_with(const struct link *link, uint16_t code)
{
    if (code) {
        peer_close_frame(link, code, "");
        peer_expect_close(link, code);
    }
    SYS(close(link->peer));
}

static inline uint32_t state_of(hws_conn conn)
{
    uint32_t state;
    OK(hws_conn_state(conn, &state));
    return state;
}

/* The next event: lost. */
static inline const hws_event *loses(const struct link *link)
{
    const hws_event *lost = expect(HWS_EVENT_RECONNECTING);
    CHECK_INT(lost->conn.id, link->conn.id);
    CHECK_INT(lost->user, client.user);
    CHECK_INT(lost->error->conn.id, link->conn.id);
    if (!has_io_thread()) CHECK_INT(state_of(link->conn), HWS_STATE_RECONNECTING); /* with one it may be further */
    return lost;
}

/* The innermost cause. */
static inline const hws_error_info *root_of(const hws_error_info *error)
{
    while (error->cause) error = error->cause;
    return error;
}

#endif
