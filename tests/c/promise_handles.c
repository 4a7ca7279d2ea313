/* Promise 2: handles are values. What they meant is over when it is over, and nothing new is ever taken for it. */
#include "raw.h"

static void a_connection_is_stale_at_the_poll_after_its_last_event(void)
{
    pair pair = pair_new(NULL);
    const hws_error_info *error;
    uint32_t state, count;
    hws_event event;

    OK(hws_abort(pair.client));
    await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    OK(hws_conn_state(pair.client, &state));
    EXPECT(state == HWS_STATE_CLOSED);
    OK(hws_conn_error(pair.client, &error));
    EXPECT(error->status == HWS_ERR_CLOSED_ERROR);
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
    FAILS(hws_conn_state(pair.client, &state), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_abort(pair.client), HWS_ERR_INVALID_HANDLE);
}

static void a_listener_is_stale_at_the_poll_after_its_last_event(void)
{
    pair pair = serve(NULL);
    hws_event event;
    uint32_t count;

    OK(hws_listener_close(pair.listener, NULL));
    FAILS(hws_listener_close(pair.listener, NULL), HWS_ERR_INVALID_STATE);
    event = await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED);
    EXPECT(event.listener.id == pair.listener.id);
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
    FAILS(hws_listener_close(pair.listener, NULL), HWS_ERR_INVALID_HANDLE);
}

/* hws_recv puts the ends of other connections by for hws_poll: until that has told of them, they are not stale. */
static void a_last_event_that_was_put_by_keeps_its_handle_alive(void)
{
    pair first = pair_new(NULL), second = first;
    hws_event event;
    uint32_t state;

    join(&second, NULL);
    OK(hws_abort(second.client));
    FAILS(hws_recv(first.client, &event, sizeof event, 0), HWS_ERR_RECV_TIMEOUT);
    send_text(first.server, "ahoy");
    OK(hws_recv(first.client, &event, sizeof event, 10000));
    OK(hws_conn_state(second.client, &state));
    await(first.engine, second.client, HWS_EVENT_CLOSE);
    OK(hws_conn_state(second.client, &state));
    EXPECT(state == HWS_STATE_CLOSED);
}

static void closing_twice_is_no_error_and_freeing_twice_is(void)
{
    pair pair = pair_new(NULL);
    hws_error error;

    OK(hws_close(pair.client, 1000, hws_cstr("")));
    OK(hws_close(pair.client, 1001, hws_cstr("")));
    OK(hws_abort(pair.client));
    OK(hws_abort(pair.client));
    await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    OK(hws_abort(pair.client));

    OK(hws_error_keep(hws_last_error(), &error));
    OK(hws_error_free(error));
    FAILS(hws_error_free(error), HWS_ERR_INVALID_HANDLE);
    OK(hws_engine_free(pair.engine));
    FAILS(hws_engine_free(pair.engine), HWS_ERR_INVALID_HANDLE);
}

static void is_stale(const pair *pair)
{
    uint32_t state;
    FAILS(hws_wake(pair->engine), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_listener_close(pair->listener, NULL), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_abort(pair->client), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_conn_state(pair->server, &state), HWS_ERR_INVALID_HANDLE);
}

/* The engine of each round takes the slot of the one before, and so do its connections. */
static void a_new_engine_revives_no_handle(void)
{
    static pair before[100];
    size_t round, old;
    for (round = 0; round < LENGTH(before); round++) {
        before[round] = pair_new(NULL);
        for (old = 0; old < round; old++) {
            is_stale(&before[old]);
            EXPECT(before[old].engine.id != before[round].engine.id);
            EXPECT(before[old].client.id != before[round].client.id);
        }
        OK(hws_engine_free(before[round].engine));
    }
}

/* Connections of one engine take each other's slots too. */
static void a_new_connection_revives_no_handle(void)
{
    static hws_conn before[200];
    pair pair = serve(NULL);
    uint32_t state;
    size_t round, old;
    for (round = 0; round < LENGTH(before); round++) {
        join(&pair, NULL);
        before[round] = pair.client;
        for (old = 0; old < round; old++) FAILS(hws_conn_state(before[old], &state), HWS_ERR_INVALID_HANDLE);
        OK(hws_abort(pair.client));
        await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    }
}

/* --- two at once ------------------------------------------------------------------------------------------ */

typedef hws_status (*free_fn)(uint64_t id);

static pthread_barrier_t start, end;
static uint64_t shared_id;
static int finished; /* racers, in this round */

typedef struct racer {
    free_fn free;
    int rounds, wins;
} racer;

static hws_status free_engine(uint64_t id)
{
    hws_engine engine;
    engine.id = id;
    return hws_engine_free(engine);
}

static hws_status free_error(uint64_t id)
{
    hws_error error;
    error.id = id;
    return hws_error_free(error);
}

static uint64_t new_engine(void)
{
    hws_engine engine;
    OK(hws_engine_new(NULL, &engine));
    return engine.id;
}

static uint64_t new_error(void)
{
    hws_error error;
    OK(hws_error_keep(hws_last_error(), &error));
    return error.id;
}

static void *race(void *argument)
{
    racer *racer = argument;
    int i;
    for (i = 0; i < racer->rounds; i++) {
        pthread_barrier_wait(&start);
        racer->wins += racer->free(shared_id) == HWS_OK;
        __atomic_add_fetch(&finished, 1, __ATOMIC_RELEASE);
        pthread_barrier_wait(&end);
    }
    return NULL;
}

/* New ones come and go meanwhile, and sooner or later in the place of the one that is being freed. */
static void make_and_free(uint64_t (*new)(void), free_fn free)
{
    while (__atomic_load_n(&finished, __ATOMIC_ACQUIRE) < 2) OK(free(new()));
}

/* Two threads free the same thing while a third makes new ones: one of the two wins, and nobody frees a new one. */
static void race_for(uint64_t (*new)(void), free_fn free, int rounds)
{
    racer racers[2] = { { free, rounds, 0 }, { free, rounds, 0 } };
    pthread_t threads[2];
    int i;
    pthread_barrier_init(&start, NULL, 3);
    pthread_barrier_init(&end, NULL, 3);
    for (i = 0; i < 2; i++) threads[i] = go(race, &racers[i]);
    for (i = 0; i < rounds; i++) {
        shared_id = new();
        finished = 0;
        pthread_barrier_wait(&start);
        make_and_free(new, free);
        pthread_barrier_wait(&end);
    }
    for (i = 0; i < 2; i++) done(threads[i]);
    EXPECT(racers[0].wins + racers[1].wins == rounds);
}

static void of_two_threads_that_free_an_engine_one_does(void) { race_for(new_engine, free_engine, 6000); }
static void of_two_threads_that_free_an_error_one_does(void) { race_for(new_error, free_error, 30000); }

TESTS(T(a_connection_is_stale_at_the_poll_after_its_last_event),
      T(a_listener_is_stale_at_the_poll_after_its_last_event),
      T(a_last_event_that_was_put_by_keeps_its_handle_alive), T(closing_twice_is_no_error_and_freeing_twice_is),
      T(a_new_engine_revives_no_handle), T(a_new_connection_revives_no_handle),
      T(of_two_threads_that_free_an_engine_one_does), T(of_two_threads_that_free_an_error_one_does))
