/* Pools, two on each engine, whose connections are leased, used and given back at random. Every call is answered once; a
 * lease hears nothing that is for another. */
#ifndef SOAK_LEASES_H
#define SOAK_LEASES_H

#include "ledger.h"

enum { POOLS = 4, LEASES = 40, USER_OF_POOLS = 1 << 20, BATCH = 64 };

struct lease {
    int pool;
    uint64_t token; /* 0: nothing was asked for */
    hws_conn conn;  /* 0: not yet */
    uint32_t owed, sent;
};

static struct lease leases[LEASES];
static hws_pool pools[POOLS];
static hws_conn given_back[BATCH]; /* while this batch is looked at */
static unsigned given_back_count;
static uint64_t last_token;
static int no_more_leases;
static unsigned long leased, denied;

static void make_pools(const hws_engine *engines, const char *const *to)
{
    int i;
    for (i = 0; i < POOLS; i++) {
        hws_timers timers = { .struct_size = sizeof timers, .open_ms = 2000, .close_ms = 1000, .ping_interval_ms = 100 };
        hws_client_options client = { .struct_size = sizeof client, .user = USER_OF_POOLS, .timers = &timers };
        hws_pool_options options = { .struct_size = sizeof options, .client = &client, .max_connections = 1 + roll(10),
                                     .idle_ms = 100 + (int32_t)roll(1000), .check_after_ms = (int32_t)roll(50),
                                     .check_ms = 500, .waiters_max = 1 + roll(20) };
        char uri[80];
        snprintf(uri, sizeof uri, "ws://%s/", to[roll(2)]);
        client.uri = hws_cstr(uri);
        if (roll(2)) options.max_age_ms = 500;
        if (roll(2)) options.check_always = HWS_ON;
        OK(hws_pool_new(engines[i % 2], &options, &pools[i]));
    }
    no_more_leases = 0;
}

static void lease_one(struct lease *lease)
{
    static const hws_str targets[] = { HWS_STR(""), HWS_STR("/one"), HWS_STR("/two?three") };
    hws_status status;
    lease->pool = (int)roll(POOLS);
    status = hws_pool_acquire(pools[lease->pool], targets[roll(LENGTH(targets))], 1 + (int32_t)roll(1000), last_token + 1);
    if (status == HWS_OK) lease->token = ++last_token;
    else if (status != HWS_ERR_POOL_EXHAUSTED) die("hws_pool_acquire");
}

static void use_lease(struct lease *lease)
{
    char text[2000];
    struct message message = { OF_A_LEASE, (uint32_t)lease->token, lease->sent };
    hws_status status = hws_send(lease->conn, HWS_TEXT, text, write_message(text, message, roll(sizeof text)), NULL);
    if (status == HWS_OK) lease->owed++, lease->sent++;
    else if (!hws_status_is_a(status, HWS_ERR_CONNECTION_CLOSED)) die("hws_send on a lease");
}

/* Lent on only if no answer is outstanding: nobody else could know whose it is. */
static void give_back(struct lease *lease)
{
    OK(hws_pool_release(pools[lease->pool], lease->conn, lease->owed == 0 && roll(4)));
    given_back[given_back_count++ % BATCH] = lease->conn;
    *lease = (struct lease){ 0 };
}

static void act_on_lease(struct lease *lease)
{
    if (!lease->token) lease_one(lease);
    if (!lease->conn.id) return;
    switch (roll(8)) {
    case 0: case 1: give_back(lease); break;
    case 2: if (roll(4) == 0) OK(hws_close(lease->conn, 1000, hws_cstr(""))); break;
    default: use_lease(lease);
    }
}

static struct lease *lease_with_token(uint64_t token)
{
    int i;
    for (i = 0; i < LEASES; i++)
        if (leases[i].token == token) return &leases[i];
    fail("a pool answers what nobody asked");
    return NULL;
}

static struct lease *lease_of(hws_conn conn)
{
    unsigned i;
    for (i = 0; i < LEASES; i++)
        if (leases[i].conn.id == conn.id) return &leases[i];
    for (i = 0; i < given_back_count && i < BATCH; i++)
        if (given_back[i].id == conn.id) return NULL;
    fail("an event of a lease that is over");
    return NULL;
}

static void answer_of_pool(const hws_event *event)
{
    struct lease *lease = lease_with_token(event->token);
    if (lease->conn.id || event->value != pools[lease->pool].id) fail("a pool answers twice, or another's call");
    if (event->kind == HWS_EVENT_POOL_FAILED) {
        denied++, *lease = (struct lease){ 0 };
        return;
    }
    leased++, lease->conn = event->conn;
    if (no_more_leases) give_back(lease);
}

static void take_of_lease(const hws_event *event)
{
    struct lease *lease = lease_of(event->conn);
    struct message message;
    if (!lease) return;
    if (event->kind == HWS_EVENT_CLOSE) *lease = (struct lease){ 0 };
    if (event->kind != HWS_EVENT_MESSAGE) return;
    if (!read_message(event->data, &message) || message.kind != OF_A_LEASE || message.owner != (uint32_t)lease->token)
        fail("a lease hears what is for another");
    if (message.number != lease->sent - lease->owed) fail("answers to a lease are out of order");
    lease->owed--;
}

/* What is asked for is denied from now on, what is held goes back; answers may still come. */
static void free_pools(int engine)
{
    int i;
    for (i = 0; i < LEASES; i++)
        if (leases[i].conn.id && leases[i].pool % 2 == engine) give_back(&leases[i]);
    for (i = engine; i < POOLS; i += 2) OK(hws_pool_free(pools[i]));
}

/* Their engine is gone, and all answers with it. */
static void forget_leases(int engine)
{
    int i;
    for (i = 0; i < LEASES; i++)
        if (leases[i].token && leases[i].pool % 2 == engine) leases[i] = (struct lease){ 0 };
}

static int all_calls_are_answered(void)
{
    int i;
    for (i = 0; i < LEASES; i++)
        if (leases[i].token) return 0;
    return 1;
}

#endif
