/* Pools: sockets are counted, not leases; every call is answered once and in its turn; and what a holder leaves behind is
 * nothing to the next. The server is ours, in the same engine, and answers every message with the same. */
#include "certs.h"
#include "raw.h"

#include <sched.h>

/* --- a server that answers, and pools of connections to it ------------------------------------------------- */

typedef struct world {
    pair there;
    hws_conn newest; /* the server's end of the connection that opened last */
    int open, opened, most; /* connections at the server: now, ever, at a time */
    uint32_t closed_with;   /* the code of the Close frame that came last */
} world;

static world world_new(void)
{
    world world;
    memset(&world, 0, sizeof world);
    world.there = serve(NULL);
    return world;
}

static hws_pool pool_with(world *world, hws_pool_options options, hws_client_options client)
{
    hws_pool pool;
    client.struct_size = sizeof client;
    if (!client.uri.ptr) client.uri = hws_cstr(world->there.uri);
    options.struct_size = sizeof options;
    options.client = &client;
    OK(hws_pool_new(world->there.engine, &options, &pool));
    return pool;
}

static hws_pool pool_of(world *world, uint32_t max_connections)
{
    hws_pool_options options = { .max_connections = max_connections };
    hws_client_options client = { .user = 77 };
    return pool_with(world, options, client);
}

/* What the server does about an event of its own; 0 if it is none. */
static int server_does(world *world, const hws_event *event)
{
    if (!event->listener.id) return 0;
    if (event->kind == HWS_EVENT_OPEN) {
        world->newest = event->conn;
        world->opened++;
        if (++world->open > world->most) world->most = world->open;
    }
    if (event->kind == HWS_EVENT_MESSAGE)
        OK(hws_send(event->conn, event->opcode, event->data.ptr, event->data.len, NULL));
    if (event->kind == HWS_EVENT_CLOSE) {
        world->open--;
        world->closed_with = event->error->close_rcvd.code;
    }
    return 1;
}

/* The next event that is not the server's. */
static hws_event next_of_ours(world *world)
{
    hws_event event;
    do event = next(world->there.engine);
    while (server_does(world, &event));
    return event;
}

/* Until the server has so many connections; nothing happens to ours meanwhile. */
static void until_open(world *world, int count)
{
    while (world->open != count) {
        hws_event event = next(world->there.engine);
        EXPECT(server_does(world, &event));
    }
}

/* The next event is that this call was answered with a connection. */
static hws_event leased(world *world, hws_pool pool, uint64_t token)
{
    hws_event event = next_of_ours(world);
    EXPECT(event.kind == HWS_EVENT_POOL_READY);
    EXPECT(event.token == token && event.value == pool.id && event.conn.id && !event.error);
    EXPECT(event.handshake && event.handshake->http_status == 101);
    return event;
}

/* It was answered with an error. */
static hws_event failed(world *world, hws_pool pool, uint64_t token, hws_status status)
{
    hws_event event = next_of_ours(world);
    EXPECT(event.kind == HWS_EVENT_POOL_FAILED);
    EXPECT(event.token == token && event.value == pool.id && !event.conn.id);
    EXPECT(event.status == status && event.error && event.error->status == status);
    return event;
}

static void ask(hws_pool pool, const char *target, uint64_t token)
{
    OK(hws_pool_acquire(pool, hws_cstr(target), 20000, token));
}

static hws_conn take(world *world, hws_pool pool)
{
    ask(pool, "", 5);
    return leased(world, pool, 5).conn;
}

static void echoes(world *world, hws_conn conn, const char *text)
{
    hws_event event;
    send_text(conn, text);
    event = next_of_ours(world);
    EXPECT(event.kind == HWS_EVENT_MESSAGE && event.conn.id == conn.id && is_text(&event, text));
}

static hws_pool_counts stats_of(hws_pool pool)
{
    hws_pool_counts stats = { .struct_size = sizeof stats };
    OK(hws_pool_stats(pool, &stats));
    EXPECT(stats.sockets == stats.idle + stats.leased + stats.opening + stats.checking + stats.closing);
    return stats;
}

static void is_stale(hws_pool pool, hws_conn conn)
{
    uint32_t state;
    FAILS(hws_send(conn, HWS_TEXT, "x", 1, NULL), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_conn_state(conn, &state), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_close(conn, 1000, hws_cstr("")), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_abort(conn), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_pool_release(pool, conn, 1), HWS_ERR_INVALID_HANDLE);
}

/* --- lending ----------------------------------------------------------------------------------------------- */

static void what_comes_back_is_lent_again_under_another_name(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 2);
    hws_event event;
    hws_conn first, second;
    uint64_t user;

    ask(pool, "/chat?room=1", 1);
    event = leased(&world, pool, 1);
    EXPECT(event.user == 77);
    EXPECT(event.handshake->header_count > 0 && strstr(event.handshake->uri.ptr, "/chat?room=1"));
    first = event.conn;
    OK(hws_conn_set_user(first, 99));
    echoes(&world, first, "one");
    OK(hws_pool_release(pool, first, 1));
    is_stale(pool, first);

    ask(pool, "/chat?room=1", 2);
    event = leased(&world, pool, 2);
    EXPECT(event.user == 77);
    EXPECT(event.handshake->header_count == 0 && strstr(event.handshake->uri.ptr, "/chat?room=1"));
    EXPECT(event.handshake->peer.len > 0);
    second = event.conn;
    EXPECT(second.id != first.id);
    OK(hws_conn_user(second, &user));
    EXPECT(user == 77);
    is_stale(pool, first);
    echoes(&world, second, "two");
    EXPECT(world.opened == 1);
    EXPECT(stats_of(pool).reused == 1 && stats_of(pool).opened == 1 && stats_of(pool).leased == 1);
}

static void two_sockets_serve_fifty_in_turn(void)
{
    enum { CALLS = 50, SOCKETS = 2 };
    world world = world_new();
    hws_pool pool = pool_of(&world, SOCKETS);
    hws_pool_counts stats;
    uint64_t token, i;
    for (token = 1; token <= CALLS; token++) ask(pool, "", token);
    stats = stats_of(pool);
    EXPECT(stats.waiting + stats.leased == CALLS && (has_io_thread() || !stats.leased)); /* a thread may lend already */
    for (token = 1; token <= CALLS; token++) {
        hws_conn conn = leased(&world, pool, token).conn;
        stats = stats_of(pool);
        EXPECT(stats.sockets <= SOCKETS && stats.leased >= 1);
        send_text(conn, "ahoy");
        for (;;) {
            hws_event event = next_of_ours(&world);
            if (event.kind == HWS_EVENT_MESSAGE && event.conn.id == conn.id) break;
            /* the other socket's, for the next in turn */
            EXPECT(event.kind == HWS_EVENT_POOL_READY && event.token == token + 1);
            OK(hws_pool_release(pool, event.conn, 1));
            token++;
        }
        OK(hws_pool_release(pool, conn, 1));
    }
    EXPECT(world.most <= SOCKETS && world.opened <= SOCKETS);
    EXPECT(stats_of(pool).waiting == 0 && stats_of(pool).leased == 0);
    for (i = 0; i < 3; i++) poll_without_room(world.there.engine);
    until_it_sleeps(world.there.engine);
}

static void another_target_makes_room(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn;
    ask(pool, "/a", 1);
    conn = leased(&world, pool, 1).conn;
    ask(pool, "/b", 2);
    ask(pool, "/a", 3);
    until_open(&world, 1);
    OK(hws_pool_release(pool, conn, 1));
    /* b came first: a's connection would do for the third call, and must not */
    conn = leased(&world, pool, 2).conn;
    EXPECT(stats_of(pool).displaced == 1);
    OK(hws_pool_release(pool, conn, 1));
    leased(&world, pool, 3);
    EXPECT(world.most == 1 && world.closed_with == 1000);
}

static void each_has_its_own_target(void)
{
    static const char *const targets[] = { "/a", "/b", "/a", "/b?c" };
    world world = world_new();
    hws_pool pool = pool_of(&world, 4);
    uint64_t i;
    for (i = 0; i < LENGTH(targets); i++) ask(pool, targets[i], i);
    for (i = 0; i < LENGTH(targets); i++) {
        hws_event event = next_of_ours(&world);
        const char *target = targets[event.token];
        EXPECT(event.kind == HWS_EVENT_POOL_READY);
        EXPECT(!strcmp(event.handshake->uri.ptr + event.handshake->uri.len - strlen(target), target));
        OK(hws_pool_release(pool, event.conn, 1));
    }
    ask(pool, "/b?c", 9);
    EXPECT(strstr(leased(&world, pool, 9).handshake->uri.ptr, "/b?c"));
    EXPECT(world.opened == 4 || (has_io_thread() && world.opened == 3)); /* a thread may lend what comes back at once */
}

static void a_batch_has_leases_before_what_their_connections_say(void)
{
    enum { CALLS = 20 };
    world world = world_new();
    hws_pool pool = pool_of(&world, 3);
    uint32_t capacity, count, i, told = 0;
    hws_event events[8];
    for (i = 0; i < CALLS; i++) ask(pool, "", i);
    while (told < CALLS)
        for (capacity = 0; capacity <= 8; capacity++) {
            OK(hws_poll(world.there.engine, events, sizeof events[0], capacity, 10, &count));
            for (i = 0; i < count; i++) {
                uint32_t state;
                if (server_does(&world, &events[i])) continue;
                if (events[i].kind == HWS_EVENT_POOL_READY) {
                    EXPECT(events[i].token == told++);
                    OK(hws_send(events[i].conn, HWS_TEXT, "x", 1, NULL));
                } else {
                    EXPECT(events[i].kind == HWS_EVENT_MESSAGE);
                    OK(hws_conn_state(events[i].conn, &state)); /* somebody has it */
                    OK(hws_pool_release(pool, events[i].conn, 1));
                }
            }
        }
    EXPECT(world.most <= 3);
}

static void connections_over_tls_are_lent_too(void)
{
    char uri[64];
    hws_tls server_tls = shows("ecdsa"), client_tls = trusts("ca");
    const hws_server_options options = {
        .struct_size = sizeof options, .bind = hws_cstr("127.0.0.1:0"), .tls = &server_tls };
    world world;
    hws_pool pool;
    hws_event event;
    memset(&world, 0, sizeof world);
    OK(hws_engine_new(NULL, &world.there.engine));
    OK(hws_listen(world.there.engine, &options, &world.there.listener));
    OK(hws_listener_address(world.there.listener, uri, sizeof uri, NULL));
    snprintf(world.there.uri, sizeof world.there.uri, "wss://localhost:%s", strrchr(uri, ':') + 1);
    pool = pool_with(&world, (hws_pool_options){ .check_always = HWS_ON }, (hws_client_options){ .tls = &client_tls });
    ask(pool, "", 1);
    event = leased(&world, pool, 1);
    EXPECT(event.handshake->tls_version.len > 0);
    echoes(&world, event.conn, "one");
    OK(hws_pool_release(pool, event.conn, 1));
    echoes(&world, take(&world, pool), "two");
    EXPECT(world.opened == 1 && stats_of(pool).reused == 1);
}

/* --- what goes wrong with connections ---------------------------------------------------------------------- */

static void one_that_breaks_while_leased_is_replaced(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool), fresh;
    hws_event event;
    until_open(&world, 1);
    ask(pool, "", 2);
    OK(hws_abort(world.newest));
    event = next_of_ours(&world);
    EXPECT(event.kind == HWS_EVENT_CLOSE && event.conn.id == conn.id && event.status == HWS_ERR_CLOSED_ERROR);
    OK(hws_pool_release(pool, conn, 1)); /* no error: it is over, and its holder may not know */
    fresh = leased(&world, pool, 2).conn;
    is_stale(pool, conn);
    echoes(&world, fresh, "still here");
    EXPECT(world.opened == 2);
}

static void one_that_is_not_released_after_its_end_takes_no_place(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    ask(pool, "", 2);
    OK(hws_close(conn, 1000, hws_cstr("")));
    EXPECT(next_of_ours(&world).kind == HWS_EVENT_CLOSE);
    leased(&world, pool, 2);
    FAILS(hws_pool_release(pool, conn, 1), HWS_ERR_INVALID_HANDLE);
    EXPECT(stats_of(pool).sockets == 1);
}

static void one_that_dies_at_rest_is_nobodys_affair(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    until_open(&world, 1);
    OK(hws_pool_release(pool, conn, 1));
    /* nobody polls between its death and the call */
    OK(hws_abort(world.newest));
    while (has_io_thread() && stats_of(pool).idle) sched_yield(); /* the thread hears of it, a little later */
    ask(pool, "", 2);
    echoes(&world, leased(&world, pool, 2).conn, "alive");
    EXPECT(world.opened == 2 && stats_of(pool).discarded == 1);
}

static void one_that_does_not_answer_is_replaced_unseen(void)
{
    const hws_pool_options options = { .max_connections = 1, .check_always = HWS_ON, .check_ms = 50 };
    world world = world_new();
    hws_pool pool = pool_with(&world, options, (hws_client_options){ .user = 1 });
    hws_conn conn = take(&world, pool), silent;
    until_open(&world, 1);
    silent = world.newest;
    OK(hws_pool_release(pool, conn, 1));
    until_it_sleeps(world.there.engine);
    OK(hws_conn_pause(silent, 1)); /* reads nothing, so answers nothing */
    ask(pool, "", 2);
    echoes(&world, leased(&world, pool, 2).conn, "alive");
    EXPECT(stats_of(pool).checks_failed == 1 && stats_of(pool).sockets == 1);
    OK(hws_conn_pause(silent, 0));
    until_open(&world, 1);
}

static void one_that_answers_is_lent(void)
{
    const hws_pool_options options = { .check_always = HWS_ON };
    world world = world_new();
    hws_pool pool = pool_with(&world, options, (hws_client_options){ .user = 1 });
    hws_stats stats = { .struct_size = sizeof stats };
    hws_conn conn = take(&world, pool);
    int i;
    until_open(&world, 1);
    for (i = 1; i <= 3; i++) {
        OK(hws_pool_release(pool, conn, 1));
        until_it_sleeps(world.there.engine);
        conn = take(&world, pool);
        OK(hws_conn_stats(world.newest, &stats));
        EXPECT(stats.pings == (uint64_t)i);
    }
    EXPECT(world.opened == 1 && stats_of(pool).reused == 3 && stats_of(pool).checks_failed == 0);
}

static void one_that_speaks_while_nobody_listens_is_closed(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    until_open(&world, 1);
    OK(hws_pool_release(pool, conn, 1));
    send_text(world.newest, "anybody there?");
    until_open(&world, 0);
    EXPECT(world.closed_with == 1000 && stats_of(pool).discarded == 1);
    take(&world, pool);
    EXPECT(world.opened == 2);
}

static void what_was_not_delivered_is_for_nobody(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    hws_event event;
    int paused;
    until_open(&world, 1);
    for (paused = 0; paused < 2; paused++) {
        send_text(world.newest, "one");
        send_text(world.newest, "two");
        event = next_of_ours(&world);
        EXPECT(event.kind == HWS_EVENT_MESSAGE && is_text(&event, "one"));
        if (paused) OK(hws_conn_pause(conn, 1));
        OK(hws_pool_release(pool, conn, 1));
        conn = take(&world, pool);
        EXPECT(world.opened == 2 + paused);
        echoes(&world, conn, "mine");
    }
}

static void what_was_put_by_is_for_nobody(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 2);
    hws_conn other = take(&world, pool), conn;
    hws_conn at_server;
    hws_event event;
    until_open(&world, 1);
    at_server = world.newest;
    conn = take(&world, pool);
    until_open(&world, 2);
    send_text(world.newest, "for the first holder");
    send_text(world.newest, "also");
    send_text(at_server, "for the other");
    OK(hws_recv(other, &event, sizeof event, 10000));
    EXPECT(is_text(&event, "for the other"));
    FAILS(hws_recv(other, &event, sizeof event, 50), HWS_ERR_RECV_TIMEOUT);
    OK(hws_pool_release(pool, conn, 1));
    conn = take(&world, pool);
    echoes(&world, conn, "mine");
    EXPECT(world.opened == 3);
}

static void what_a_holder_has_begun_ends_with_it(void)
{
    const hws_send_options more = { .struct_size = sizeof more, .flags = HWS_SEND_MORE };
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    OK(hws_send(conn, HWS_TEXT, "half of", 7, &more));
    OK(hws_pool_release(pool, conn, 1));
    conn = take(&world, pool);
    EXPECT(world.opened == 2 && stats_of(pool).discarded == 1);
    echoes(&world, conn, "whole");
}

static void what_a_holder_wanted_to_know_is_nothing_to_the_next(void)
{
    hws_send_options token = { .struct_size = sizeof token, .token = 4242 };
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    uint32_t count;
    until_open(&world, 1);
    OK(hws_subscribe(conn, hws_cstr("news")));
    OK(hws_send(conn, HWS_PING, "are you there", 13, &token));
    OK(hws_send(conn, HWS_PONG, "nobody has asked", 16, &token));
    OK(hws_pool_release(pool, conn, 1));
    OK(hws_topic_subscribers(world.there.engine, hws_cstr("news"), &count));
    EXPECT(count == 0);
    conn = take(&world, pool);
    EXPECT(world.opened == 1);
    /* the answer to the ping has come by now; a ping of one's own may have the same payload */
    OK(hws_send(conn, HWS_PING, "are you there", 13, NULL));
    EXPECT(next_of_ours(&world).token == 0);
    echoes(&world, conn, "nothing else comes");
}

static void rest_and_age_end(void)
{
    const hws_pool_options resting = { .idle_ms = 30 }, aging = { .max_age_ms = 1 };
    world world = world_new();
    hws_pool pool = pool_with(&world, resting, (hws_client_options){ .user = 1 });
    hws_conn conn = take(&world, pool);
    until_open(&world, 1);
    OK(hws_pool_release(pool, conn, 1));
    until_open(&world, 0);
    EXPECT(world.closed_with == 1000 && stats_of(pool).expired == 1);
    until_it_sleeps(world.there.engine);
    while (has_io_thread() && stats_of(pool).sockets) sched_yield(); /* whether the thread sleeps, nobody sees */
    EXPECT(stats_of(pool).sockets == 0);

    pool = pool_with(&world, aging, (hws_client_options){ .user = 1 });
    conn = take(&world, pool);
    until_open(&world, 1);
    usleep(2000); /* it ages */
    OK(hws_pool_release(pool, conn, 1));
    until_open(&world, 0);
    EXPECT(stats_of(pool).expired == 1);
    take(&world, pool);
    EXPECT(world.opened == 3);
}

static void one_that_is_not_reusable_is_closed_in_order(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    until_open(&world, 1);
    send_text(conn, "last words");
    OK(hws_pool_release(pool, conn, 0));
    is_stale(pool, conn);
    until_open(&world, 0);
    EXPECT(world.closed_with == 1000);
    EXPECT(stats_of(pool).discarded == 1);
}

/* --- what goes wrong with calls ---------------------------------------------------------------------------- */

static void nobody_there_is_told_to_each(void)
{
    char uri[64];
    world world = world_new();
    hws_client_options client = { .uri = { uri, HWS_NUL_TERMINATED }, .user = 8 };
    hws_pool pool;
    uint64_t token;
    strcpy(uri, world.there.uri);
    OK(hws_listener_close(world.there.listener, NULL));
    EXPECT(next(world.there.engine).kind == HWS_EVENT_LISTENER_CLOSED);
    pool = pool_with(&world, (hws_pool_options){ .max_connections = 2 }, client);
    for (token = 1; token <= 5; token++) ask(pool, "/x", token);
    for (token = 1; token <= 5; token++) {
        hws_event event = failed(&world, pool, token, HWS_ERR_CONNECTION_REFUSED);
        EXPECT(event.user == 8 && strstr(event.error->uri.ptr, "/x"));
    }
    EXPECT(stats_of(pool).open_failed == 5 && stats_of(pool).sockets == 0);
    until_it_sleeps(world.there.engine);
}

static void an_engine_that_is_full_says_so(void)
{
    const hws_engine_options full = { .struct_size = sizeof full, .max_connections = 1 };
    world world = world_new();
    hws_engine engine;
    hws_pool pool;
    hws_event event;
    OK(hws_engine_new(&full, &engine));
    dial(engine, world.there.uri, NULL);
    {
        const hws_client_options client = { .struct_size = sizeof client, .uri = hws_cstr(world.there.uri) };
        const hws_pool_options options = { .struct_size = sizeof options, .client = &client };
        OK(hws_pool_new(engine, &options, &pool));
    }
    ask(pool, "", 3);
    do event = next(engine);
    while (event.kind != HWS_EVENT_POOL_FAILED);
    EXPECT(event.token == 3 && event.status == HWS_ERR_TOO_MANY_CONNECTIONS && event.error->max_connections == 1);
}

static void patience_ends_and_the_next_is_served(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    OK(hws_pool_acquire(pool, hws_cstr(""), 30, 6));
    OK(hws_pool_acquire(pool, hws_cstr(""), HWS_NEVER, 7));
    failed(&world, pool, 6, HWS_ERR_POOL_EXHAUSTED);
    OK(hws_pool_release(pool, conn, 1));
    leased(&world, pool, 7);
    EXPECT(stats_of(pool).timeouts == 1);
}

static void what_is_there_in_time_counts_however_late_it_is_read(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    OK(hws_pool_release(pool, conn, 1));
    OK(hws_pool_acquire(pool, hws_cstr(""), 20, 9));
    usleep(40000); /* the host sleeps */
    leased(&world, pool, 9);
}

static void answers_that_nobody_reads_count_as_waiting(void)
{
    const hws_pool_options options = { .max_connections = 1, .waiters_max = 3 };
    world world = world_new();
    hws_pool pool = pool_with(&world, options, (hws_client_options){ .user = 1 });
    hws_conn conn = take(&world, pool), other;
    hws_event event;
    uint64_t token;
    until_open(&world, 1);
    other = dial(world.there.engine, world.there.uri, NULL);
    EXPECT(next_of_ours(&world).kind == HWS_EVENT_OPEN);
    for (token = 1; token <= 3; token++) OK(hws_pool_acquire(pool, hws_cstr(""), 1, token));
    FAILS(hws_pool_acquire(pool, hws_cstr(""), 1, token), HWS_ERR_POOL_EXHAUSTED);
    /* a receive puts them by */
    FAILS(hws_recv(other, &event, sizeof event, 50), HWS_ERR_RECV_TIMEOUT);
    EXPECT(stats_of(pool).timeouts == 3 && stats_of(pool).waiting == 0);
    FAILS(hws_pool_acquire(pool, hws_cstr(""), 1, token), HWS_ERR_POOL_EXHAUSTED);
    for (token = 1; token <= 3; token++) failed(&world, pool, token, HWS_ERR_POOL_EXHAUSTED);
    ask(pool, "", 4);
    OK(hws_pool_release(pool, conn, 1));
    leased(&world, pool, 4);
}

static void a_lease_that_was_put_by_comes_before_its_messages(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool), other;
    hws_event event;
    until_open(&world, 1);
    OK(hws_pool_release(pool, conn, 1));
    other = dial(world.there.engine, world.there.uri, NULL);
    event = next_of_ours(&world);
    EXPECT(event.kind == HWS_EVENT_OPEN && event.conn.id == other.id);
    until_open(&world, 2);
    ask(pool, "", 2);
    FAILS(hws_recv(other, &event, sizeof event, 50), HWS_ERR_RECV_TIMEOUT);
    EXPECT(stats_of(pool).leased == 1);
    conn = leased(&world, pool, 2).conn;
    echoes(&world, conn, "mine");
}

static void a_leased_one_may_be_received_from(void)
{
    world world = world_new();
    hws_pool pool = pool_of(&world, 1);
    hws_conn conn = take(&world, pool);
    hws_event event;
    until_open(&world, 1);
    send_text(world.newest, "hark");
    OK(hws_recv(conn, &event, sizeof event, 10000));
    EXPECT(event.conn.id == conn.id && is_text(&event, "hark"));
    OK(hws_abort(world.newest));
    FAILS(hws_recv(conn, &event, sizeof event, 10000), HWS_ERR_CLOSED_ERROR);
    OK(hws_pool_release(pool, conn, 1));
    take(&world, pool);
    EXPECT(world.opened == 2);
}

static void what_is_not_of_the_pool_is_refused(void)
{
    world world = world_new(), elsewhere = world_new();
    hws_pool pool = pool_of(&world, 1), other = pool_of(&world, 1), far = pool_of(&elsewhere, 1);
    hws_conn conn = take(&world, pool), plain = dial(world.there.engine, world.there.uri, NULL);
    hws_pool forged = { conn.id };
    hws_reconnect back = { .struct_size = sizeof back };
    hws_client_options lasting = { .struct_size = sizeof lasting, .uri = hws_cstr(world.there.uri), .reconnect = &back };
    hws_pool_options options = { .struct_size = sizeof options, .client = &lasting };
    FAILS(hws_pool_new(world.there.engine, &options, &forged), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_pool_release(other, conn, 1), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_pool_release(far, conn, 1), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_pool_release(pool, plain, 1), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_pool_release(forged, conn, 1), HWS_ERR_INVALID_HANDLE);
    OK(hws_pool_free(other));
    FAILS(hws_pool_release(other, conn, 1), HWS_ERR_POOL_CLOSED);
    OK(hws_pool_release(pool, conn, 1));
    FAILS(hws_pool_release(pool, conn, 1), HWS_ERR_INVALID_HANDLE);
    OK(hws_engine_free(elsewhere.there.engine));
    FAILS(hws_pool_acquire(far, hws_cstr(""), 0, 1), HWS_ERR_INVALID_HANDLE);
}

/* --- the end ----------------------------------------------------------------------------------------------- */

static void a_pool_that_is_freed_leaves_its_leases(void)
{
    hws_pool_counts stats = { .struct_size = sizeof stats };
    world world = world_new();
    hws_pool pool = pool_of(&world, 2), next_pool;
    hws_conn held = take(&world, pool), idle = take(&world, pool);
    until_open(&world, 2);
    OK(hws_pool_release(pool, idle, 1));
    ask(pool, "/b", 11); /* for which the idle one makes room */
    ask(pool, "/b", 12);
    OK(hws_pool_free(pool));
    next_pool = pool_of(&world, 1);
    EXPECT(next_pool.id != pool.id);
    failed(&world, pool, 11, HWS_ERR_POOL_CLOSED);
    failed(&world, pool, 12, HWS_ERR_POOL_CLOSED);
    until_open(&world, 1);
    EXPECT(world.closed_with == 1000);
    FAILS(hws_pool_acquire(pool, hws_cstr(""), 0, 1), HWS_ERR_POOL_CLOSED);
    FAILS(hws_pool_stats(pool, &stats), HWS_ERR_POOL_CLOSED);
    FAILS(hws_pool_free(pool), HWS_ERR_POOL_CLOSED);
    echoes(&world, held, "still mine");
    OK(hws_pool_release(pool, held, 1));
    is_stale(pool, held);
    until_open(&world, 0);
    EXPECT(world.closed_with == 1000);
    until_it_sleeps(world.there.engine);
}

static void a_pool_that_is_freed_while_it_opens_leaves_nothing(void)
{
    hws_stats stats = { .struct_size = sizeof stats };
    world world = world_new();
    hws_pool pool;
    int polls;
    for (polls = 0; polls < 12; polls++) {
        pool = pool_of(&world, 4);
        ask(pool, "/a", 1);
        ask(pool, "/b", 2);
        /* as far as it comes in so many turns */
        {
            int i;
            uint32_t count;
            hws_event event;
            int answers = 0;
            for (i = 0; i < polls; i++) {
                OK(hws_poll(world.there.engine, &event, sizeof event, 1, 0, &count));
                if (!count || server_does(&world, &event)) continue;
                EXPECT(event.kind == HWS_EVENT_POOL_READY);
                answers++;
                OK(hws_pool_release(pool, event.conn, i % 2));
            }
            OK(hws_pool_free(pool));
            while (answers < 2 || world.open) {
                event = next(world.there.engine);
                if (server_does(&world, &event)) continue;
                answers++;
                if (event.kind == HWS_EVENT_POOL_READY) OK(hws_pool_release(pool, event.conn, 1));
                else EXPECT(event.kind == HWS_EVENT_POOL_FAILED && event.status == HWS_ERR_POOL_CLOSED);
            }
            EXPECT(answers == 2);
        }
        do {
            hws_event event;
            uint32_t count;
            OK(hws_poll(world.there.engine, &event, sizeof event, 1, 10, &count));
            if (count) EXPECT(event.listener.id);
            if (count) server_does(&world, &event);
            OK(hws_engine_stats(world.there.engine, &stats));
        } while (stats.connections);
    }
}

static void an_engine_that_is_freed_ends_its_pools(void)
{
    hws_pool_counts stats = { .struct_size = sizeof stats };
    world world = world_new();
    hws_pool pool = pool_of(&world, 2);
    take(&world, pool);
    ask(pool, "", 2);
    OK(hws_engine_free(world.there.engine));
    FAILS(hws_pool_stats(pool, &stats), HWS_ERR_INVALID_HANDLE);
    world = world_new();
    FAILS(hws_pool_stats(pool, &stats), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_pool_acquire(pool, hws_cstr(""), 0, 1), HWS_ERR_INVALID_HANDLE);
}

static void a_bug_elsewhere_is_told_by_pools_too(void)
{
    hws_pool_counts stats = { .struct_size = sizeof stats };
    world world = world_new();
    hws_pool pool = pool_of(&world, 2);
    hws_conn conn = take(&world, pool);
    FAILS(hws__test_panic(world.there.engine), HWS_ERR_PANIC);
    FAILS(hws_pool_acquire(pool, hws_cstr(""), 0, 1), HWS_ERR_PANIC);
    FAILS(hws_pool_release(pool, conn, 1), HWS_ERR_PANIC);
    FAILS(hws_pool_stats(pool, &stats), HWS_ERR_PANIC);
    FAILS(hws_pool_free(pool), HWS_ERR_PANIC);
    OK(hws_engine_free(world.there.engine));
}

/* --- threads ----------------------------------------------------------------------------------------------- */

enum { THREADS = 2, TURNS = 5000 };

static struct {
    hws_pool pool;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    hws_conn answers[THREADS];
} crew = { .lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER };

static void *take_turns(void *argument)
{
    const uint64_t me = (uint64_t)(uintptr_t)argument;
    hws_conn last = { 0 };
    int i;
    for (i = 0; i < TURNS; i++) {
        hws_conn conn;
        OK(hws_pool_acquire(crew.pool, hws_cstr(i % 100 ? "/a" : "/b"), HWS_NEVER, me));
        pthread_mutex_lock(&crew.lock);
        while (!crew.answers[me].id) pthread_cond_wait(&crew.answered, &crew.lock);
        conn = crew.answers[me];
        crew.answers[me].id = 0;
        pthread_mutex_unlock(&crew.lock);
        EXPECT(conn.id != last.id);
        if (last.id) FAILS(hws_send(last, HWS_TEXT, "x", 1, NULL), HWS_ERR_INVALID_HANDLE);
        last = conn;
        if (i % 10 == 0) OK(hws_send(conn, HWS_PING, &i, sizeof i, NULL));
        OK(hws_pool_release(crew.pool, conn, i % 50 != 0));
    }
    return NULL;
}

static void two_threads_take_ten_thousand_turns(void)
{
    world world = world_new();
    pthread_t threads[THREADS];
    uintptr_t i;
    int answers = 0;
    crew.pool = pool_of(&world, 2);
    for (i = 0; i < THREADS; i++) threads[i] = go(take_turns, (void *)i);
    while (answers < THREADS * TURNS) {
        hws_event event = next_of_ours(&world);
        if (event.kind == HWS_EVENT_PONG) continue; /* in time for the holder who asked */
        EXPECT(event.kind == HWS_EVENT_POOL_READY && event.token < THREADS);
        pthread_mutex_lock(&crew.lock);
        EXPECT(!crew.answers[event.token].id);
        crew.answers[event.token] = event.conn;
        pthread_cond_broadcast(&crew.answered);
        pthread_mutex_unlock(&crew.lock);
        answers++;
    }
    for (i = 0; i < THREADS; i++) done(threads[i]);
    EXPECT(world.most <= 2);
    EXPECT(stats_of(crew.pool).waiting == 0 && stats_of(crew.pool).leased == 0);
    EXPECT(stats_of(crew.pool).reused > TURNS);
}

TESTS(T(what_comes_back_is_lent_again_under_another_name), T(two_sockets_serve_fifty_in_turn),
      T(another_target_makes_room), T(each_has_its_own_target),
      T(a_batch_has_leases_before_what_their_connections_say), T(connections_over_tls_are_lent_too),
      T(one_that_breaks_while_leased_is_replaced),
      T(one_that_is_not_released_after_its_end_takes_no_place), T(one_that_dies_at_rest_is_nobodys_affair),
      T(one_that_does_not_answer_is_replaced_unseen), T(one_that_answers_is_lent),
      T(one_that_speaks_while_nobody_listens_is_closed), T(what_was_not_delivered_is_for_nobody),
      T(what_was_put_by_is_for_nobody), T(what_a_holder_has_begun_ends_with_it),
      T(what_a_holder_wanted_to_know_is_nothing_to_the_next), T(rest_and_age_end),
      T(one_that_is_not_reusable_is_closed_in_order), T(nobody_there_is_told_to_each),
      T(an_engine_that_is_full_says_so), T(patience_ends_and_the_next_is_served),
      T(what_is_there_in_time_counts_however_late_it_is_read), T(answers_that_nobody_reads_count_as_waiting),
      T(a_lease_that_was_put_by_comes_before_its_messages), T(a_leased_one_may_be_received_from),
      T(what_is_not_of_the_pool_is_refused), T(a_pool_that_is_freed_leaves_its_leases),
      T(a_pool_that_is_freed_while_it_opens_leaves_nothing), T(an_engine_that_is_freed_ends_its_pools),
      T(a_bug_elsewhere_is_told_by_pools_too), T(two_threads_take_ten_thousand_turns))
