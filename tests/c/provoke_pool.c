/* provoke_pool.c -- pools that have no connection to give, and pools that are closed. */
#include "provoke.h"

enum { TOKEN = 31 };

/* A pool of connections to a socket of ours. */
static hws_pool pool_to(int listener, uint32_t max_connections)
{
    static char uri[64];
    hws_pool pool;
    const hws_pool_options options = {
        .struct_size = sizeof options, .max_connections = max_connections, .client = &client };
    snprintf(uri, sizeof uri, "ws://127.0.0.1:%u/", port_of(listener));
    client.uri = hws_cstr(uri);
    OK(hws_pool_new(engine, &options, &pool));
    return pool;
}

/* The first connection of a pool, with us at its other end. */
static struct link first_lease(hws_pool pool, int listener)
{
    struct link link = { .role = AS_CLIENT };
    OK(hws_pool_acquire(pool, hws_cstr(""), 0, 1));
    link.peer = peer_accept(listener);
    greet(&link);
    const hws_event *ready = expect(HWS_EVENT_POOL_READY);
    CHECK_INT(ready->token, 1);
    CHECK_INT(ready->value, pool.id);
    link.conn = ready->conn;
    return link;
}

static const hws_error_info *refused_call(hws_pool pool, const char *target, int32_t timeout_ms)
{
    return REFUSED(hws_pool_acquire(pool, hws_cstr(target), timeout_ms, TOKEN));
}

/* The call with our token has failed. */
static const hws_error_info *failed_call(hws_pool pool)
{
    const hws_event *failed = expect(HWS_EVENT_POOL_FAILED);
    CHECK_INT(failed->token, TOKEN);
    CHECK_INT(failed->value, pool.id);
    CHECK_INT(failed->conn.id, 0);
    return failed->error;
}

static const hws_error_info *check_exhausted(const hws_error_info *error, uint64_t in_use)
{
    CHECK(hws_status_is_a(error->status, HWS_ERR_TIMEOUT) && hws_status_is_a(error->status, HWS_ERR_POOL));
    CHECK_OPERATION(error, "acquire");
    CHECK_INT(error->max_connections, 1);
    CHECK_INT(error->in_use, in_use);
    CHECK_INT(error->retryable, HWS_RETRY_YES);
    return error;
}

/* -- Nothing to give ---------------------------------------------------------------------------------------- */

static const hws_error_info *somebody_holds_it(enum role role, const void *row)
{
    hws_error kept;
    const hws_error_info *error;
    int listener = peer_listen(1);
    hws_pool pool = pool_to(listener, 1);
    (void)role, (void)row;
    struct link link = first_lease(pool, listener);
    OK(hws_pool_acquire(pool, hws_cstr("/elsewhere"), SOON_MS, TOKEN));
    error = check_exhausted(failed_call(pool), 1);
    CHECK_INT(error->timeout_ms, SOON_MS);
    CHECK(strstr(error->uri.ptr, "/elsewhere"));
    CHECK(!error->cause);
    OK(hws_error_keep(error, &kept));
    OK(hws_error_get(kept, &error));
    /* it is none the worse for it */
    OK(hws_pool_release(pool, link.conn, 1));
    OK(hws_pool_acquire(pool, hws_cstr(""), 0, 2));
    CHECK_INT(expect(HWS_EVENT_POOL_READY)->token, 2);
    return error;
}

/* What was on its way, and how long it had, is the cause. */
static const hws_error_info *server_does_not_answer(enum role role, const void *row)
{
    int listener = peer_listen(1);
    hws_pool pool = pool_to(listener, 1);
    (void)role, (void)row;
    OK(hws_pool_acquire(pool, hws_cstr(""), SOON_MS, TOKEN));
    const hws_error_info *error = check_exhausted(failed_call(pool), 0);
    CHECK_INT(error->timeout_ms, SOON_MS);
    CHECK_INT(error->cause->status, HWS_ERR_HANDSHAKE_TIMEOUT);
    CHECK_OPERATION(error->cause, "handshake");
    CHECK(error->cause->timeout_ms >= 0 && error->cause->peer.len > 0);
    return error;
}

static const hws_error_info *too_many_wait(enum role role, const void *row)
{
    int listener = peer_listen(1);
    hws_pool pool;
    (void)role, (void)row;
    pool_to(listener, 1);
    const hws_pool_options options = {
        .struct_size = sizeof options, .max_connections = 1, .waiters_max = 2, .client = &client };
    OK(hws_pool_new(engine, &options, &pool));
    OK(hws_pool_acquire(pool, hws_cstr(""), 0, 1));
    OK(hws_pool_acquire(pool, hws_cstr(""), 0, 2));
    const hws_error_info *error = check_exhausted(refused_call(pool, "", 0), 0);
    CHECK_INT(error->capacity, 2);
    CHECK_INT(error->current_size, 2);
    CHECK_TEXT(error->detail, "waiters_max");
    return error;
}

/* -- Closed ------------------------------------------------------------------------------------------------- */

static const hws_error_info *closed_while_waiting(enum role role, const void *row)
{
    int listener = peer_listen(1);
    hws_pool pool = pool_to(listener, 1);
    (void)role, (void)row;
    struct link link = first_lease(pool, listener);
    OK(hws_pool_acquire(pool, hws_cstr(""), HWS_NEVER, TOKEN));
    OK(hws_pool_free(pool));
    const hws_error_info *error = failed_call(pool);
    CHECK_OPERATION(error, "acquire");
    CHECK(hws_status_is_a(error->status, HWS_ERR_POOL));
    (void)link;
    return error;
}

static const hws_error_info *closed_before(enum role role, const void *row)
{
    hws_pool pool = pool_to(peer_listen(1), 1);
    (void)role, (void)row;
    OK(hws_pool_free(pool));
    const hws_error_info *error = refused_call(pool, "", 0);
    CHECK_OPERATION(error, "acquire");
    expect_nothing();
    return error;
}

/* -- Mistakes ----------------------------------------------------------------------------------------------- */

struct target { const char *text; int64_t position; };

static const hws_error_info *no_target(enum role role, const void *row)
{
    const struct target *target = row;
    hws_pool pool = pool_to(peer_listen(1), 1);
    (void)role;
    const hws_error_info *error = refused_call(pool, target->text, 0);
    CHECK_INT(error->position, target->position);
    CHECK_TEXT(error->uri, target->text);
    expect_nothing();
    return error;
}

static const hws_error_info *target_without_end(enum role role, const void *row)
{
    static char text[10000];
    hws_pool pool = pool_to(peer_listen(1), 1);
    (void)role, (void)row;
    memset(text, '/', sizeof text - 1);
    const hws_error_info *error = refused_call(pool, text, 0);
    CHECK_INT(error->size, sizeof text - 1);
    CHECK_INT(error->max_size, 8192);
    return error;
}

static const hws_error_info *no_client(enum role role, const void *row)
{
    hws_pool pool = { 7 };
    const hws_pool_options options = { .struct_size = sizeof options };
    (void)role, (void)row;
    const hws_error_info *error = REFUSED(hws_pool_new(engine, &options, &pool));
    CHECK_INT(pool.id, 7);
    return error;
}

static const hws_error_info *no_such_deadline(enum role role, const void *row)
{
    hws_pool pool = pool_to(peer_listen(1), 1);
    (void)role, (void)row;
    return refused_call(pool, "", -2);
}

static const struct provoked cases[] = {
    { HWS_ERR_POOL_EXHAUSTED, "leased", somebody_holds_it },
    { HWS_ERR_POOL_EXHAUSTED, "opening", server_does_not_answer },
    { HWS_ERR_POOL_EXHAUSTED, "waiters", too_many_wait },
    { HWS_ERR_POOL_CLOSED, "waiting", closed_while_waiting },
    { HWS_ERR_POOL_CLOSED, "acquire", closed_before },
    { HWS_ERR_INVALID_URI, "slash", no_target, NEITHER, ROW(target, "chat", 0) },
    { HWS_ERR_INVALID_URI, "query", no_target, NEITHER, ROW(target, "?a=b", 0) },
    { HWS_ERR_INVALID_URI, "space", no_target, NEITHER, ROW(target, "/a b", 2) },
    { HWS_ERR_INVALID_URI, "line", no_target, NEITHER, ROW(target, "/a\r\nX: y", 2) },
    { HWS_ERR_INVALID_URI, "fragment", no_target, NEITHER, ROW(target, "/a#b", 2) },
    { HWS_ERR_INVALID_URI, "escape", no_target, NEITHER, ROW(target, "/a%zz", 2) },
    { HWS_ERR_INVALID_URI, "long", target_without_end },
    { HWS_ERR_INVALID_ARGUMENT, "client", no_client },
    { HWS_ERR_INVALID_ARGUMENT, "timeout", no_such_deadline },
};

PROVOKE(cases)
