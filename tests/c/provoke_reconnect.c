/* provoke_reconnect.c -- clients that would come back and cannot: what was tried, and what it all came of. */
#include "provoke.h"
#include "reconnecting.h"

/* -- RECONNECT_EXHAUSTED ------------------------------------------------------------------------------------ */

/* Nobody listens any more: every attempt fails, and the chain ends in the loss. */
static const hws_error_info *after_so_many_attempts(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    again.max_attempts = 3;
    struct link link = open_client();
    SYS(close(port));
    end_with(&link, 1012);
    CHECK_INT(loses(&link)->error->status, HWS_ERR_CLOSED_ERROR);
    for (uint32_t attempt = 1; attempt < 3; attempt++) {
        const hws_event *lost = loses(&link);
        CHECK_INT(lost->error->status, HWS_ERR_CONNECTION_REFUSED);
        CHECK_INT(lost->error->attempts, attempt);
        CHECK_INT(lost->error->max_attempts, 3);
        CHECK_INT(root_of(lost->error)->close_rcvd.code, 1012);
    }
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_OPERATION(error, "reconnect");
    CHECK_INT(error->attempts, 3);
    CHECK_INT(error->max_attempts, 3);
    CHECK(error->downtime_ms >= 3);
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK(strstr(error->uri.ptr, "ws://127.0.0.1:"));
    CHECK_INT(error->cause->status, HWS_ERR_CONNECTION_REFUSED);
    CHECK_INT(error->cause->cause->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->cause->cause->close_rcvd.code, 1012);
    CHECK(!error->cause->cause->cause);
    CHECK(hws_status_is_a(error->status, HWS_ERR_NETWORK));
    CHECK_INT(state_of(link.conn), HWS_STATE_CLOSED);
    return error;
}

/* A client that never opened. */
static const hws_error_info *before_it_was_open(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    again.max_attempts = 1;
    struct link link = { .conn = connect_to(port) };
    SYS(close(port));
    CHECK_INT(loses(&link)->error->attempts, 0);
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->attempts, 1);
    CHECK(hws_status_is_a(error->cause->status, HWS_ERR_NETWORK));
    return error;
}

/* One that accepts and closes is not a server that is there again. */
static const hws_error_info *however_often_it_opens(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    again.max_attempts = 3;
    struct link link = open_client();
    for (uint32_t attempt = 0; attempt < 3; attempt++) {
        end_with(&link, attempt % 2 ? 1011 : 0);
        CHECK_INT(loses(&link)->error->attempts, attempt);
        CHECK_INT(comes_back(&link)->token, 1);
    }
    end_with(&link, 1012);
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->attempts, 3);
    CHECK_INT(error->close_rcvd.code, 1012); /* told again, for those who look at one error only */
    CHECK_INT(error->cause->status, HWS_ERR_CLOSED_ERROR);
    return error;
}

/* What would begin after downtime_max_ms is not waited for. */
static const hws_error_info *down_too_long(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    again.downtime_max_ms = 20000;
    struct link link = open_client();
    end_with(&link, 1013); /* half a minute at least */
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->attempts, 0);
    CHECK_INT(error->cause->retry_after_ms, 30000);
    return error;
}

/* The host holds it back, and forgets it. */
static const hws_error_info *held_back(enum role role, const void *row)
{
    const hws_reconnect_options never = { .struct_size = sizeof never, .after_ms = HWS_NEVER };
    (void)role, (void)row;
    create_revival();
    again.downtime_max_ms = SOON_MS;
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    OK(hws_conn_reconnect(link.conn, &never));
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->attempts, 0);
    CHECK(error->downtime_ms >= SOON_MS);
    return error;
}

/* -- RECONNECT_REFUSED -------------------------------------------------------------------------------------- */

static const hws_error_info *closed_for_good(enum role role, const void *row)
{
    const uint16_t *code = row;
    (void)role;
    create_revival();
    struct link link = open_client();
    end_with(&link, *code);
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_OPERATION(error, "reconnect");
    CHECK_INT(error->attempts, 0);
    CHECK_INT(error->retryable, HWS_RETRY_NO);
    CHECK_INT(error->close_rcvd.code, *code);
    CHECK_INT(error->initiated_by, HWS_SIDE_REMOTE);
    CHECK_INT(error->cause->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->cause->close_rcvd.code, *code);
    return error;
}

/* The token has expired, say: before it was open, and after. */
static const hws_error_info *unauthorized(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    struct link link = { .conn = connect_to(port) };
    answer(&link, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->cause->status, HWS_ERR_INVALID_STATUS);
    CHECK_INT(error->cause->http_status, 401);
    return error;
}

static const hws_error_info *unauthorized_again(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    answer(&link, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->attempts, 1);
    CHECK_INT(error->cause->http_status, 401);
    CHECK_INT(error->cause->cause->close_rcvd.code, 1012);
    return error;
}

/* A rule that was broken would be broken again. */
static const hws_error_info *rules_are_broken(enum role role, const void *row)
{
    char payload[126];
    (void)role, (void)row;
    create_revival();
    struct link link = open_client();
    peer_frame(&link, (struct frame){ .first = FIN | RSV2 | TEXT });
    peer_read_frame(&link, FIN | CLOSE, payload);
    SYS(close(link.peer));
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->cause->cause->status, HWS_ERR_INVALID_FRAME);
    return error;
}

/* The host is asked, and says nothing. */
static const hws_error_info *nobody_answers(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    again.ask_ms = SOON_MS;
    struct link link = open_client();
    end_with(&link, 4401);
    const hws_event *asked = loses(&link);
    CHECK(asked->value == UINT64_MAX);
    CHECK_INT(asked->error->close_rcvd.code, 4401);
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK(error->downtime_ms >= SOON_MS);
    CHECK_INT(error->cause->close_rcvd.code, 4401);
    return error;
}

/* -- RECONNECT_DISABLED ------------------------------------------------------------------------------------- */

static const hws_error_info *not_made_to(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    const hws_error_info *error = REFUSED(hws_conn_reconnect(link.conn, NULL));
    CHECK_OPERATION(error, "reconnect");
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK_INT(error->state, 1 << HWS_STATE_OPEN);
    CHECK(!error->cause);
    return error;
}

static const hws_error_info *switched_off(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    again.enabled = HWS_OFF;
    struct link link = open_client();
    end_with(&link, 1012);
    CHECK_INT(expect(HWS_EVENT_CLOSE)->error->status, HWS_ERR_CLOSED_ERROR);
    const hws_error_info *error = REFUSED(hws_conn_reconnect(link.conn, NULL));
    CHECK_INT(error->state, 1 << HWS_STATE_CLOSED);
    CHECK_INT(error->cause->close_rcvd.code, 1012);
    return error;
}

/* -- BUFFER_OVERFLOW ---------------------------------------------------------------------------------------- */

/* Each message counts for 64 bytes more than it has. */
static const hws_error_info *no_room_while_down(enum role role, const void *row)
{
    (void)role, (void)row;
    create_revival();
    again.buffer_max = 2 * 74 + 10;
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    for (int i = 0; i < 2; i++) OK(hws_send(link.conn, HWS_TEXT, "ten bytes.", 10, NULL));
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_TEXT, "ten bytes.", 10, NULL));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->capacity, 2 * 74 + 10);
    CHECK_INT(error->current_size, 2 * 74);
    CHECK_INT(error->size, 10);
    CHECK_INT(error->policy, HWS_OVERFLOW_ERROR);
    CHECK_INT(error->dropped, 0);
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK_INT(error->state, 1 << HWS_STATE_RECONNECTING);
    return error;
}

/* Larger than the buffer: nothing that could be dropped would make room for it. */
static const hws_error_info *no_room_at_all(enum role role, const void *row)
{
    char payload[200] = { 0 };
    (void)role, (void)row;
    create_revival();
    again.buffer_max = 200;
    again.buffer_overflow = HWS_OVERFLOW_DROP_OLDEST;
    struct link link = open_client();
    end_with(&link, 1012);
    loses(&link);
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_BINARY, payload, sizeof payload, NULL));
    CHECK_INT(error->policy, HWS_OVERFLOW_DROP_OLDEST);
    CHECK_INT(error->size, 200);
    return error;
}

static const hws_error_info *too_much_to_send_again(enum role role, const void *row)
{
    const hws_send_options subscription = { .struct_size = sizeof subscription, .flags = HWS_SEND_AGAIN, .token = 1 };
    char payload[200] = { 0 };
    (void)role, (void)row;
    create_revival();
    again.again_max = 200;
    struct link link = open_client();
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_BINARY, payload, sizeof payload, &subscription));
    CHECK_INT(error->capacity, 200);
    CHECK_INT(error->size, 200);
    CHECK_INT(error->conn.id, link.conn.id);
    return error;
}

#define FATAL(name, code) { HWS_ERR_RECONNECT_REFUSED, name, closed_for_good, NEITHER, &(const uint16_t){ code } }

static const struct provoked cases[] = {
    { HWS_ERR_RECONNECT_EXHAUSTED, "attempts", after_so_many_attempts },
    { HWS_ERR_RECONNECT_EXHAUSTED, "never_open", before_it_was_open },
    { HWS_ERR_RECONNECT_EXHAUSTED, "accepts_and_closes", however_often_it_opens },
    { HWS_ERR_RECONNECT_EXHAUSTED, "downtime", down_too_long },
    { HWS_ERR_RECONNECT_EXHAUSTED, "held_back", held_back },
    FATAL("1002", 1002), FATAL("1003", 1003), FATAL("1007", 1007), FATAL("1008", 1008), FATAL("1009", 1009),
    FATAL("1010", 1010), FATAL("3000", 3000), FATAL("3003", 3003), FATAL("4401", 4401), FATAL("4403", 4403),
    { HWS_ERR_RECONNECT_REFUSED, "http_401", unauthorized },
    { HWS_ERR_RECONNECT_REFUSED, "http_401_again", unauthorized_again },
    { HWS_ERR_RECONNECT_REFUSED, "rules", rules_are_broken },
    { HWS_ERR_RECONNECT_REFUSED, "asked", nobody_answers },
    { HWS_ERR_BUFFER_OVERFLOW, "while_down", no_room_while_down },
    { HWS_ERR_BUFFER_OVERFLOW, "too_large", no_room_at_all },
    { HWS_ERR_BUFFER_OVERFLOW, "again", too_much_to_send_again },
    { HWS_ERR_RECONNECT_DISABLED, NULL, not_made_to, BOTH },
    { HWS_ERR_RECONNECT_DISABLED, "ended", switched_off },
};

PROVOKE(cases)
