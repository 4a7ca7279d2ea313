/* provoke_network.c -- TCP does not come up, or breaks. */
#include "provoke.h"
#include "resolver.h"

/* A client to this address and port fails, with all that is known about it. */
static const hws_error_info *cannot_connect(const char *host, uint16_t port)
{
    char uri[128];
    hws_conn conn;
    snprintf(uri, sizeof uri, "ws://%s:%u/", host, port);
    client.uri = hws_cstr(uri);
    client.user = 4711;
    OK(hws_connect(engine, &client, &conn));
    const hws_event *failed = expect(HWS_EVENT_CONNECT_FAILED);
    CHECK_INT(failed->conn.id, conn.id);
    CHECK_INT(failed->user, 4711);
    CHECK_TEXT(failed->error->uri, uri);
    CHECK_INT(failed->error->conn.id, conn.id);
    CHECK_INT(failed->error->retryable, HWS_RETRY_YES);
    CHECK_INT(failed->error->close_code, 0);
    return failed->error;
}

static const char *address_of(const char *host, uint16_t port)
{
    static char address[64];
    snprintf(address, sizeof address, "%s:%u", host, port);
    return address;
}

/* A port that was free a moment ago. Nobody gets it while we hold it, and nobody listens. */
static uint16_t silent_port(void)
{
    return port_of(peer_bind());
}

/* -- Before TCP is up --------------------------------------------------------------------------------------- */

static const hws_error_info *no_such_name(enum role role, const void *row)
{
    (void)role, (void)row;
    const hws_error_info *error = cannot_connect(NOBODY, 9);
    CHECK_OPERATION(error, "resolve");
    CHECK_INT(error->os_error, 0); /* the resolver has numbers of its own, which are no errno; its words say the same */
    CHECK(strstr(error->detail.ptr, NOBODY));
    CHECK(strstr(error->detail.ptr, gai_strerror(EAI_NONAME)));
    return error;
}

static const hws_error_info *resolver_is_broken(enum role role, const void *row)
{
    (void)role, (void)row;
    const hws_error_info *error = cannot_connect(BROKEN, 9);
    CHECK_OPERATION(error, "resolve");
    CHECK_INT(error->os_error, EIO);
    return error;
}

static const hws_error_info *nobody_listens(enum role role, const void *row)
{
    uint16_t port = silent_port();
    (void)role, (void)row;
    const hws_error_info *error = cannot_connect("127.0.0.1", port);
    CHECK_OPERATION(error, "connect");
    CHECK_INT(error->os_error, ECONNREFUSED);
    CHECK_INT(error->attempts, 1);
    CHECK_TEXT(error->peer, address_of("127.0.0.1", port));
    return error;
}

/* Several addresses that fail in the same way are one refusal. */
static const hws_error_info *nobody_listens_anywhere(enum role role, const void *row)
{
    static const char *const addresses[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3", NULL };
    uint16_t port = silent_port();
    (void)role, (void)row;
    many_addresses = addresses;
    const hws_error_info *error = cannot_connect(MANY, port);
    CHECK_INT(error->attempts, 3);
    CHECK_TEXT(error->peer, address_of("127.0.0.3", port));
    return error;
}

/* The broadcast address of the loopback network: TCP has no route to it, and nothing leaves this machine. */
#define NOWHERE "127.255.255.255"

static const hws_error_info *no_route(enum role role, const void *row)
{
    (void)role, (void)row;
    const hws_error_info *error = cannot_connect(NOWHERE, 9);
    CHECK_OPERATION(error, "connect");
    CHECK_INT(error->os_error, ENETUNREACH);
    CHECK_INT(error->attempts, 1);
    CHECK_TEXT(error->peer, address_of(NOWHERE, 9));
    return error;
}

/* Addresses that fail in different ways: the sum says how many, its cause is the last. */
static const hws_error_info *every_address_fails(enum role role, const void *row)
{
    static const char *const addresses[] = { NOWHERE, "127.0.0.1", NULL };
    uint16_t port = silent_port();
    (void)role, (void)row;
    many_addresses = addresses;
    const hws_error_info *error = cannot_connect(MANY, port);
    CHECK_OPERATION(error, "connect");
    CHECK_INT(error->attempts, 2);
    CHECK_INT(error->cause->status, HWS_ERR_CONNECTION_REFUSED);
    CHECK_INT(error->cause->os_error, ECONNREFUSED);
    CHECK_TEXT(error->cause->peer, address_of("127.0.0.1", port));
    return error;
}

/* -- Binding ------------------------------------------------------------------------------------------------ */

static const hws_error_info *cannot_listen(const char *address, int os_error)
{
    hws_listener listener = { 7 };
    server.bind = hws_cstr(address);
    const hws_error_info *error = REFUSED(hws_listen(engine, &server, &listener));
    CHECK_OPERATION(error, "listen");
    CHECK_INT(error->os_error, os_error);
    CHECK(strstr(error->detail.ptr, strerror(os_error)));
    CHECK_INT(listener.id, 7);
    return error;
}

static const hws_error_info *port_in_use(enum role role, const void *row)
{
    (void)role, (void)row;
    return cannot_listen(address_of("127.0.0.1", port_of(peer_listen(1))), EADDRINUSE);
}

/* RFC 5737 keeps this network out of everybody's use, ours too. */
static const hws_error_info *address_of_somebody_else(enum role role, const void *row)
{
    (void)role, (void)row;
    return cannot_listen("192.0.2.1:0", EADDRNOTAVAIL);
}

/* -- Afterwards --------------------------------------------------------------------------------------------- */

/* How a connection ended that was open and said no goodbye. */
static const hws_error_info *broken(const struct link *link)
{
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->conn.id, link->conn.id);
    CHECK_INT(error->close_code, 1006);
    CHECK_INT(error->close_sent.present, 0);
    CHECK_INT(error->close_rcvd.present, 0);
    CHECK_INT(error->initiated_by, HWS_SIDE_REMOTE);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    CHECK(strstr(error->peer.ptr, "127.0.0.1:"));
    CHECK_OPERATION(error->cause, "receive");
    CHECK(hws_status_is_a(error->cause->status, HWS_ERR_NETWORK));
    return error->cause;
}

static const hws_error_info *reset_while_open(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    peer_reset(link.peer);
    const hws_error_info *cause = broken(&link);
    CHECK_INT(cause->os_error, ECONNRESET);
    return cause;
}

/* Our own data is under way: whichever call meets the reset, it is the same error. */
static const hws_error_info *reset_while_sending(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    peer_reset(link.peer);
    hws_status sent = hws_send(link.conn, HWS_TEXT, "anybody?", 8, NULL);
    CHECK(sent == HWS_OK || (has_io_thread() && sent == HWS_ERR_CONNECTION_CLOSED)); /* the thread may have met it first */
    const hws_error_info *error = expect(HWS_EVENT_CLOSE)->error;
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->close_code, 1006);
    return error->cause;
}

static const hws_error_info *reset_in_the_handshake(enum role role, const void *row)
{
    struct link link = meet(role);
    char request[HEAD_MAX];
    (void)row;
    peer_read_head(link.peer, request);
    peer_reset(link.peer);
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK_INT(error->os_error, ECONNRESET);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    CHECK(error->uri.len);
    return error;
}

static const hws_error_info *reset_before_the_request_is_done(enum role role, const void *row)
{
    struct link link = meet(role);
    (void)row;
    peer_say(link.peer, "GET / HTTP/1.1\r\n");
    let_it_work();
    peer_reset(link.peer);
    const hws_event *failed = expect(HWS_EVENT_ACCEPT_FAILED);
    CHECK_INT(failed->listener.id, link.listener.id);
    CHECK_INT(failed->conn.id, 0); /* the host never knew it */
    return failed->error;
}

static const hws_error_info *end_without_a_close_frame(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    SYS(close(link.peer));
    return broken(&link);
}

/* What was complete is delivered before the end is told; half a message is not. */
static const hws_error_info *end_inside_a_message(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    peer_message(&link, TEXT, "whole");
    peer_frame(&link, (struct frame){ .first = FIN | TEXT, .claims = 10, .payload = "half", .len = 4 });
    peer_half_close(link.peer);
    CHECK(!memcmp(expect(HWS_EVENT_MESSAGE)->data.ptr, "whole", 5));
    return broken(&link);
}

static const struct provoked cases[] = {
    { HWS_ERR_ADDRESS, "no_such_name", no_such_name },
    { HWS_ERR_ADDRESS, "system", resolver_is_broken },
    { HWS_ERR_CONNECTION_REFUSED, "one_address", nobody_listens },
    { HWS_ERR_CONNECTION_REFUSED, "every_address", nobody_listens_anywhere },
    { HWS_ERR_UNREACHABLE, NULL, no_route },
    { HWS_ERR_CONNECT_FAILED, NULL, every_address_fails },
    { HWS_ERR_IO, "port_in_use", port_in_use },
    { HWS_ERR_IO, "not_our_address", address_of_somebody_else },
    { HWS_ERR_CONNECTION_RESET, "open", reset_while_open, BOTH },
    { HWS_ERR_CONNECTION_RESET, "sending", reset_while_sending, BOTH },
    { HWS_ERR_CONNECTION_RESET, "handshake", reset_in_the_handshake, CLIENT },
    { HWS_ERR_CONNECTION_RESET, "handshake", reset_before_the_request_is_done, SERVER },
    { HWS_ERR_UNEXPECTED_EOF, "open", end_without_a_close_frame, BOTH },
    { HWS_ERR_UNEXPECTED_EOF, "inside_a_message", end_inside_a_message, BOTH },
};

PROVOKE(cases)
