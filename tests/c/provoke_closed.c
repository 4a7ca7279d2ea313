/* provoke_closed.c -- how connections end: what both Close frames said, who began, and what a call hears that comes
 * too late. */
#include "provoke.h"

/* One Close frame each way, as an error tells of them. */
static void check_frames(const hws_error_info *error, uint32_t rcvd, const char *rcvd_reason, uint32_t sent,
                         const char *sent_reason)
{
    CHECK_INT(error->close_rcvd.present, 1);
    CHECK_INT(error->close_rcvd.code, rcvd);
    CHECK_TEXT(error->close_rcvd.reason, rcvd_reason);
    CHECK_INT(error->close_sent.present, 1);
    CHECK_INT(error->close_sent.code, sent);
    CHECK_TEXT(error->close_sent.reason, sent_reason);
}

/* The end of a connection, as its event, the connection itself and its state tell it. */
static const hws_error_info *ended(const struct link *link)
{
    const hws_error_info *kept;
    uint32_t state;
    SYS(close(link->peer));
    const hws_event *event = expect(HWS_EVENT_CLOSE);
    CHECK_INT(event->conn.id, link->conn.id);
    CHECK_INT(event->error->conn.id, link->conn.id);
    CHECK_INT(!!(event->flags & HWS_FLAG_CLEAN), event->status == HWS_ERR_CLOSED_OK);
    OK(hws_conn_error(link->conn, &kept));
    CHECK_INT(kept->status, event->status);
    CHECK_INT(kept->close_code, event->error->close_code);
    OK(hws_conn_state(link->conn, &state));
    CHECK_INT(state, HWS_STATE_CLOSED);
    return event->error;
}

/* -- Closing handshakes ------------------------------------------------------------------------------------- */

struct ending {
    uint16_t code; /* 0: a Close frame without one */
    const char *reason;
    uint32_t retryable;
    int64_t retry_after_ms;
};

/* RFC 6455 section 5.5.1: a Close frame is answered with its own code. */
static const hws_error_info *peer_closes(enum role role, const void *row)
{
    const struct ending *it = row;
    struct link link = open_link(role);
    uint32_t code = it->code ? it->code : 1005;
    peer_close_frame(&link, it->code, it->reason);
    CHECK(!*peer_expect_close(&link, it->code));
    if (role == AS_SERVER) peer_expect_end(link.peer);

    const hws_error_info *error = ended(&link);
    check_frames(error, code, it->reason, code, "");
    CHECK_INT(error->rcvd_then_sent, 1);
    CHECK_INT(error->initiated_by, HWS_SIDE_REMOTE);
    CHECK_INT(error->close_code, code);
    CHECK_INT(error->retryable, it->retryable);
    CHECK_INT(error->retry_after_ms, it->retry_after_ms);
    CHECK(!error->cause);
    return error;
}

static const hws_error_info *we_close(enum role role, const void *row)
{
    const struct ending *it = row;
    struct link link = open_link(role);
    OK(hws_close(link.conn, it->code, hws_cstr(it->reason)));
    CHECK(!strcmp(peer_expect_close(&link, it->code), it->reason));
    peer_close_frame(&link, it->code, "bye");
    if (role == AS_SERVER) peer_expect_end(link.peer);

    const hws_error_info *error = ended(&link);
    check_frames(error, it->code, "bye", it->code, it->reason);
    CHECK_INT(error->rcvd_then_sent, 0);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    CHECK_INT(error->close_code, it->code);
    CHECK_INT(error->retryable, it->retryable);
    CHECK(!error->cause);
    return error;
}

/* The peer answers with a code of its own: what was received is the code of the connection. */
static const hws_error_info *answered_with_another_code(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_close(link.conn, 1000, hws_cstr("done")));
    peer_expect_close(&link, 1000);
    peer_close_frame(&link, 4000, "not so fast");
    const hws_error_info *error = ended(&link);
    check_frames(error, 4000, "not so fast", 1000, "done");
    CHECK_INT(error->close_code, 4000);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    return error;
}

/* 0 is the usual code. */
static const hws_error_info *closed_without_a_code(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_close(link.conn, 0, (hws_str){ 0 }));
    peer_expect_close(&link, 1000);
    peer_close_frame(&link, 0, "");
    const hws_error_info *error = ended(&link);
    check_frames(error, 1005, "", 1000, "");
    CHECK_INT(error->close_code, 1005);
    return error;
}

/* What was queued before hws_close leaves before the Close frame; what the peer still says before its own arrives. */
static const hws_error_info *last_words(enum role role, const void *row)
{
    struct link link = open_link(role);
    char payload[126];
    (void)row;
    OK(hws_send(link.conn, HWS_TEXT, "last", 4, NULL));
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    peer_read_frame(&link, FIN | TEXT, payload);
    CHECK(!strcmp(payload, "last"));
    peer_expect_close(&link, 1000);
    peer_message(&link, TEXT, "but");
    CHECK(!memcmp(expect(HWS_EVENT_MESSAGE)->data.ptr, "but", 3));
    peer_close_frame(&link, 1000, "");
    peer_message(&link, TEXT, "too late");
    return ended(&link);
}

/* hws_recv tells the end as its status, and nobody hears it twice. */
static const hws_error_info *heard_by_recv(enum role role, const void *row)
{
    struct link link = open_link(role);
    hws_event event;
    (void)row;
    peer_message(&link, TEXT, "before");
    peer_close_frame(&link, 1000, "bye");
    if (role == AS_CLIENT) peer_half_close(link.peer);
    OK(hws_recv(link.conn, &event, sizeof event, PATIENCE_MS));
    const hws_error_info *error = REFUSED(hws_recv(link.conn, &event, sizeof event, PATIENCE_MS));
    check_frames(error, 1000, "bye", 1000, "");
    expect_nothing();
    return error;
}

/* -- No closing handshake ----------------------------------------------------------------------------------- */

static const hws_error_info *nobody_says_goodbye(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    const hws_error_info *error = ended(&link);
    CHECK_INT(error->close_rcvd.present, 0);
    CHECK_INT(error->close_sent.present, 0);
    CHECK_INT(error->rcvd_then_sent, -1);
    CHECK_INT(error->initiated_by, HWS_SIDE_REMOTE);
    CHECK_INT(error->close_code, 1006);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    CHECK(error->cause);
    return error;
}

static const hws_error_info *our_close_is_not_answered(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    peer_expect_close(&link, 1000);
    const hws_error_info *error = ended(&link);
    CHECK_INT(error->close_sent.code, 1000);
    CHECK_INT(error->close_rcvd.present, 0);
    CHECK_INT(error->close_code, 1006);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    CHECK_INT(error->cause->status, HWS_ERR_UNEXPECTED_EOF);
    return error;
}

/* -- Calls that come too late ------------------------------------------------------------------------------- */

static const hws_error_info *send_while_closing(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_close(link.conn, 4000, hws_cstr("enough")));
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_TEXT, "more", 4, NULL));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK_INT(error->state, 1 << HWS_STATE_CLOSING);
    CHECK_INT(error->close_sent.present, 1);
    CHECK_INT(error->close_sent.code, 4000);
    CHECK_TEXT(error->close_sent.reason, "enough");
    CHECK_INT(error->close_rcvd.present, 0);
    CHECK_INT(error->rcvd_then_sent, -1);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    return error;
}

/* Between the last event and the next poll a handle is good, if for nothing but asking. */
static const hws_error_info *send_when_closed(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    peer_close_frame(&link, 1001, "away");
    peer_expect_close(&link, 1001);
    ended(&link);
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_TEXT, "late", 4, NULL));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK_INT(error->state, 1 << HWS_STATE_CLOSED);
    check_frames(error, 1001, "away", 1001, "");
    CHECK_INT(error->rcvd_then_sent, 1);
    CHECK_INT(error->initiated_by, HWS_SIDE_REMOTE);
    CHECK_INT(error->close_code, 1001);
    return error;
}

static const hws_error_info *aborted(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    OK(hws_send(link.conn, HWS_TEXT, "lost", 4, NULL));
    OK(hws_abort(link.conn));
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->close_code, 1006);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    CHECK_INT(error->close_sent.present, 0);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    return error->cause;
}

static const hws_error_info *given_up(hws_conn conn)
{
    const hws_event *event = expect(HWS_EVENT_CONNECT_FAILED);
    CHECK_INT(event->conn.id, conn.id);
    CHECK_INT(event->error->initiated_by, HWS_SIDE_LOCAL);
    CHECK(strstr(event->error->uri.ptr, "ws://127.0.0.1:"));
    return event->error;
}

static const hws_error_info *aborted_before_open(enum role role, const void *row)
{
    struct link link = meet(role);
    (void)row;
    OK(hws_abort(link.conn));
    return given_up(link.conn);
}

static const hws_error_info *closed_before_open(enum role role, const void *row)
{
    struct link link = meet(role);
    (void)row;
    OK(hws_close(link.conn, 1000, (hws_str){ 0 }));
    return given_up(link.conn);
}

#define PEER(status, name, ...) { HWS_ERR_##status, name, peer_closes, BOTH, ROW(ending, __VA_ARGS__) }
/* The listener closes while a client is still asking. */
static const hws_error_info *listener_closes(enum role role, const void *row)
{
    const hws_drain drain = { .struct_size = sizeof drain };
    char response[HEAD_MAX];
    struct link link = meet(role);
    (void)row;
    peer_say(link.peer, "GET / HTTP/1.1\r\n");
    let_it_work();
    OK(hws_listener_close(link.listener, &drain));
    peer_read_rest(link.peer, response);
    CHECK(strstr(response, "HTTP/1.1 503 Service Unavailable\r\n") == response);
    SYS(close(link.peer));
    const hws_event *failed = expect(HWS_EVENT_ACCEPT_FAILED);
    CHECK_INT(failed->listener.id, link.listener.id);
    CHECK_INT(failed->error->http_status, 503);
    CHECK_TEXT(failed->error->detail, "the listener is closing");
    CHECK_OPERATION(failed->error, "accept");
    return failed->error;
}

#define OURS(status, name, ...) { HWS_ERR_##status, name, we_close, BOTH, ROW(ending, __VA_ARGS__) }

static const struct provoked cases[] = {
    PEER(CLOSED_OK, "peer_without_code", 0, ""),
    PEER(CLOSED_OK, "peer_1000", 1000, "well done"),
    PEER(CLOSED_OK, "peer_1001", 1001, "page left", HWS_RETRY_YES),
    OURS(CLOSED_OK, "our_1000", 1000, "well done"),
    OURS(CLOSED_OK, "our_1001", 1001, ""),
    { HWS_ERR_CLOSED_OK, "without_a_code", closed_without_a_code, BOTH },
    { HWS_ERR_CLOSED_OK, "last_words", last_words, BOTH },
    { HWS_ERR_CLOSED_OK, "heard_by_recv", heard_by_recv, BOTH },

    PEER(CLOSED_ERROR, "peer_1002", 1002, "protocol error", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_1003", 1003, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_1007", 1007, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_1008", 1008, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_1009", 1009, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_1010", 1010, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_1011", 1011, "", HWS_RETRY_YES),
    PEER(CLOSED_ERROR, "peer_1012", 1012, "", HWS_RETRY_YES),
    PEER(CLOSED_ERROR, "peer_1013", 1013, "", HWS_RETRY_AFTER, 30000),
    PEER(CLOSED_ERROR, "peer_1014", 1014, "", HWS_RETRY_YES),
    PEER(CLOSED_ERROR, "peer_3000", 3000, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_3003", 3003, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_4401", 4401, "", HWS_RETRY_NO),
    PEER(CLOSED_ERROR, "peer_4999", 4999, "\xE2\x82\xAC", HWS_RETRY_NO),
    OURS(CLOSED_ERROR, "our_1008", 1008, "rude", HWS_RETRY_NO),
    OURS(CLOSED_ERROR, "our_4999", 4999, "", HWS_RETRY_NO),
    { HWS_ERR_CLOSED_ERROR, "another_code", answered_with_another_code, BOTH },
    { HWS_ERR_CLOSED_ERROR, "no_goodbye", nobody_says_goodbye, BOTH },
    { HWS_ERR_CLOSED_ERROR, "no_answer", our_close_is_not_answered, BOTH },

    { HWS_ERR_CONNECTION_CLOSED, "closing", send_while_closing, BOTH },
    { HWS_ERR_CONNECTION_CLOSED, "closed", send_when_closed, BOTH },
    { HWS_ERR_CONNECTION_CLOSED, "aborted", aborted, BOTH },
    { HWS_ERR_CONNECTION_CLOSED, "aborted_before_open", aborted_before_open, CLIENT },
    { HWS_ERR_HANDSHAKE_ABORTED, "listener_closes", listener_closes, SERVER },
    { HWS_ERR_CONNECTION_CLOSED, "closed_before_open", closed_before_open, CLIENT },
};

PROVOKE(cases)
