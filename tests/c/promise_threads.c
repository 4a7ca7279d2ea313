/* Promise 5: any thread may call anything, one thread at a time polls, and a poller that sleeps hears of what the
 * others do. Each thread has its own last error. */
#include "raw.h"
#include <sched.h>

/* No timers: only what other threads do may wake a poller. */
static const setup silent = {
    .server_timers = { .open_ms = HWS_NEVER, .close_ms = HWS_NEVER, .send_ms = HWS_NEVER, .ping_interval_ms = HWS_NEVER },
    .client_timers = { .open_ms = HWS_NEVER, .close_ms = HWS_NEVER, .send_ms = HWS_NEVER, .ping_interval_ms = HWS_NEVER },
};

/* --- senders ---------------------------------------------------------------------------------------------- */

enum { SENDERS = 4, SAID = 500, WORDS = 1200 };

typedef struct word {
    int sender, number;
} word;

typedef struct sender {
    hws_conn conn;
    int number;
} sender;

/* Each message says in every word whose it is, so that none can be mixed with another. */
static void *say_a_lot(void *argument)
{
    const sender *sender = argument;
    static __thread word words[WORDS];
    int i, w;
    for (i = 0; i < SAID; i++) {
        int len = 1 + i * 37 % WORDS;
        for (w = 0; w < len; w++) words[w].sender = sender->number, words[w].number = i;
        OK(hws_send(sender->conn, HWS_BINARY, words, (size_t)len * sizeof words[0], NULL));
    }
    return NULL;
}

static void messages_of_four_threads_arrive_whole(void)
{
    setup setup = { .client_limits.send_queue_max = 64 << 20 };
    pair pair = pair_new(&setup);
    sender senders[SENDERS];
    pthread_t threads[SENDERS];
    int heard[SENDERS] = { 0 }, i;

    for (i = 0; i < SENDERS; i++) {
        senders[i].conn = pair.client;
        senders[i].number = i;
        threads[i] = go(say_a_lot, &senders[i]);
    }
    for (i = 0; i < SENDERS * SAID; i++) {
        hws_event event = await(pair.engine, pair.server, HWS_EVENT_MESSAGE);
        const word *words = (const word *)(uintptr_t)event.data.ptr;
        size_t len = event.data.len / sizeof *words, w;
        int who = words[0].sender;
        EXPECT(words[0].number == heard[who] && len == 1 + (size_t)heard[who] * 37 % WORDS);
        for (w = 0; w < len; w++) EXPECT(!memcmp(&words[w], &words[0], sizeof(word)));
        heard[who]++;
    }
    for (i = 0; i < SENDERS; i++) done(threads[i]);
}

/* --- a poller that sleeps --------------------------------------------------------------------------------- */

typedef struct poller {
    pair pair;
    hws_status status;
    uint32_t count;
    hws_event event;
} poller;

/* One poll without end, as soon as the main thread is not in one. */
static void *sleep_in_poll(void *argument)
{
    poller *is = argument;
    do is->status = hws_poll(is->pair.engine, &is->event, sizeof is->event, 1, HWS_NEVER, &is->count);
    while (is->status == HWS_ERR_CONCURRENCY);
    return NULL;
}

/* Comes back when the thread is inside its poll: that is when a second one is refused. */
static pthread_t put_to_sleep(poller *poller)
{
    pthread_t thread = go(sleep_in_poll, poller);
    hws_event event;
    hws_status status;
    uint32_t count;
    do {
        sched_yield();
        status = hws_poll(poller->pair.engine, &event, sizeof event, 0, 0, &count);
    } while (status == HWS_OK);
    EXPECT(status == HWS_ERR_CONCURRENCY);
    return thread;
}

/* The poll that slept has given this event. */
static void has_heard(pthread_t thread, const poller *poller, hws_event_kind kind)
{
    done(thread);
    EXPECT(poller->status == HWS_OK && poller->count == 1 && poller->event.kind == kind);
}

static void a_second_poller_is_refused_and_a_wake_ends_the_first(void)
{
    poller poller = { .pair = pair_new(&silent) };
    pthread_t thread = put_to_sleep(&poller);
    OK(hws_wake(poller.pair.engine));
    done(thread);
    EXPECT(poller.status == HWS_OK && poller.count == 0);
}

static void a_wake_before_the_poll_is_not_lost(void)
{
    pair pair = pair_new(&silent);
    hws_event event;
    uint32_t count = 99;
    OK(hws_wake(pair.engine));
    OK(hws_poll(pair.engine, &event, sizeof event, 1, HWS_NEVER, &count));
    EXPECT(count == 0);
}

static void a_send_goes_out_while_the_poller_sleeps(void)
{
    poller poller = { .pair = serve(&silent) };
    char payload[8];
    size_t len;
    int fd = raw_open(&poller.pair, 0, &poller.pair.server);
    pthread_t thread = put_to_sleep(&poller);

    send_text(poller.pair.server, "ahoy");
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_TEXT) && len == 4);
    raw_frame(fd, FIN | HWS_TEXT, "hoya", 4);
    has_heard(thread, &poller, HWS_EVENT_MESSAGE);
}

static void a_token_reaches_the_poller_that_sleeps(void)
{
    poller poller = { .pair = serve(&silent) };
    hws_send_options options = { .struct_size = sizeof options, .token = 5 };
    pthread_t thread;
    raw_open(&poller.pair, 0, &poller.pair.server);
    thread = put_to_sleep(&poller);
    OK(hws_send(poller.pair.server, HWS_TEXT, "ahoy", 4, &options));
    has_heard(thread, &poller, HWS_EVENT_SENT);
    EXPECT(poller.event.token == 5);
}

static void an_abort_wakes_the_poller(void)
{
    poller poller = { .pair = pair_new(&silent) };
    pthread_t thread = put_to_sleep(&poller);
    OK(hws_abort(poller.pair.client));
    has_heard(thread, &poller, HWS_EVENT_CLOSE);
}

static void a_close_goes_out_and_ends_while_the_poller_sleeps(void)
{
    poller poller = { .pair = serve(&silent) };
    char payload[125];
    size_t len;
    int fd = raw_open(&poller.pair, 0, &poller.pair.server);
    pthread_t thread = put_to_sleep(&poller);

    OK(hws_close(poller.pair.server, 1001, hws_cstr("bye")));
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_CLOSE) && len == 5);
    raw_frame(fd, FIN | HWS_CLOSE, payload, len);
    has_heard(thread, &poller, HWS_EVENT_CLOSE);
    EXPECT(poller.event.status == HWS_ERR_CLOSED_OK);
}

/* A deadline that is set while the poller sleeps without one. */
static void a_deadline_from_another_thread_is_kept(void)
{
    setup setup = silent;
    poller poller;
    pthread_t thread;
    setup.server_timers.close_ms = 50;
    poller.pair = serve(&setup);
    raw_open(&poller.pair, 0, &poller.pair.server);
    thread = put_to_sleep(&poller);
    OK(hws_close(poller.pair.server, 1000, hws_cstr("")));
    has_heard(thread, &poller, HWS_EVENT_CLOSE);
    EXPECT(poller.event.error->cause->status == HWS_ERR_CLOSE_TIMEOUT);
}

static void a_connect_from_another_thread_is_carried_out(void)
{
    poller poller = { .pair = serve(&silent) };
    pthread_t thread = put_to_sleep(&poller);
    dial(poller.pair.engine, poller.pair.uri, &silent);
    has_heard(thread, &poller, HWS_EVENT_OPEN);
}

/* A name is resolved on yet another thread. */
static void a_name_is_resolved_while_the_poller_sleeps(void)
{
    poller poller = { .pair = serve(&silent) };
    pthread_t thread = put_to_sleep(&poller);
    dial(poller.pair.engine, "ws://no-such-name.invalid/", &silent);
    has_heard(thread, &poller, HWS_EVENT_CONNECT_FAILED);
    EXPECT(poller.event.status == HWS_ERR_ADDRESS);
}

static void the_end_of_a_listener_wakes_the_poller(void)
{
    poller poller = { .pair = serve(&silent) };
    pthread_t thread = put_to_sleep(&poller);
    OK(hws_listener_close(poller.pair.listener, NULL));
    has_heard(thread, &poller, HWS_EVENT_LISTENER_CLOSED);
}

/* What had been read before the pause is there at once when another thread ends it; nothing new need come. */
static void the_end_of_a_pause_wakes_the_poller(void)
{
    poller poller = { .pair = serve(&silent) };
    frames frames = { 0 };
    pthread_t thread;
    int fd = raw_open(&poller.pair, 0, &poller.pair.server);

    put_frame(&frames, FIN | HWS_TEXT, "one", 3);
    put_frame(&frames, FIN | HWS_TEXT, "two", 3);
    raw_send(fd, &frames);
    EXPECT(next(poller.pair.engine).kind == HWS_EVENT_MESSAGE);
    OK(hws_conn_pause(poller.pair.server, 1));
    thread = put_to_sleep(&poller);
    OK(hws_conn_pause(poller.pair.server, 0));
    has_heard(thread, &poller, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&poller.event, "two"));
}

static void freeing_the_engine_ends_the_poll(void)
{
    poller poller = { .pair = pair_new(&silent) };
    pthread_t thread = put_to_sleep(&poller);
    OK(hws_engine_free(poller.pair.engine));
    done(thread);
    EXPECT(poller.status == HWS_ERR_INVALID_HANDLE);
}

/* --- last errors ------------------------------------------------------------------------------------------ */

static void fail(hws_status status)
{
    hws_engine none = { 0 };
    if (status == HWS_ERR_INVALID_HANDLE) FAILS(hws_wake(none), status);
    else FAILS(hws_set_logger(99, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
}

static void *has_its_own(void *argument)
{
    (void)argument;
    EXPECT(hws_last_error()->status == HWS_OK && hws_last_error()->message.ptr != NULL);
    fail(HWS_ERR_INVALID_ARGUMENT);
    EXPECT(hws_last_error()->status == HWS_ERR_INVALID_ARGUMENT);
    return NULL;
}

static void the_last_error_is_the_threads_own(void)
{
    EXPECT(hws_last_error()->status == HWS_OK);
    fail(HWS_ERR_INVALID_HANDLE);
    done(go(has_its_own, NULL));
    EXPECT(hws_last_error()->status == HWS_ERR_INVALID_HANDLE);
}

/* Borrowed until the next but one failing call: one may be looked at while a call about it fails. */
static void the_last_error_outlives_one_more(void)
{
    const hws_error_info *first, *second;
    hws_engine engine;
    fail(HWS_ERR_INVALID_HANDLE);
    first = hws_last_error();
    fail(HWS_ERR_INVALID_ARGUMENT);
    second = hws_last_error();
    EXPECT(first != second && first->status == HWS_ERR_INVALID_HANDLE);
    EXPECT(second->status == HWS_ERR_INVALID_ARGUMENT && strlen(first->message.ptr) == first->message.len);
    OK(hws_engine_new(NULL, &engine));
    OK(hws_engine_free(engine));
    EXPECT(hws_last_error() == second);
}

/* --- everything at once ----------------------------------------------------------------------------------- */

enum { CALLERS = 3, CALLS = 6000, KNOWN = 64 };

static struct {
    pair pair;
    uint64_t known[KNOWN]; /* some connections, for the callers to pick from */
    hws_conn all[CALLERS * CALLS];
    int callers, opened, ended;
} storm;

static unsigned roll(unsigned *state, unsigned sides)
{
    *state = *state * 1103515245u + 12345u;
    return (*state >> 16) % sides;
}

static void one_call(unsigned *dice)
{
    hws_conn conn;
    hws_stats stats = { .struct_size = sizeof stats };
    uint64_t *known = &storm.known[roll(dice, KNOWN)];
    static const char text[100000];
    conn.id = __atomic_load_n(known, __ATOMIC_RELAXED);
    switch (roll(dice, 16)) {
    case 0: (void)hws_abort(conn); break;
    case 1: (void)hws_close(conn, 1000, hws_cstr("")); break;
    case 2: (void)hws_conn_pause(conn, 1); break;
    case 3: case 4: (void)hws_conn_pause(conn, 0); break;
    case 5: (void)hws_conn_stats(conn, &stats); break;
    case 6: (void)hws_engine_stats(storm.pair.engine, &stats); break;
    case 7: (void)!hws_send(conn, HWS_PING, &stats, 8, NULL); break;
    case 8: (void)hws_wake(storm.pair.engine); break;
    case 9:
        if (conn.id) break;
        conn = dial(storm.pair.engine, storm.pair.uri, NULL);
        __atomic_store_n(known, conn.id, __ATOMIC_RELAXED);
        break;
    default: (void)!hws_send(conn, HWS_TEXT, text, roll(dice, 8) ? roll(dice, 200) : sizeof text, NULL);
    }
}

static void *call_at_random(void *argument)
{
    unsigned dice = (unsigned)(uintptr_t)argument;
    int i;
    for (i = 0; i < CALLS; i++) one_call(&dice);
    __atomic_sub_fetch(&storm.callers, 1, __ATOMIC_RELEASE);
    (void)hws_wake(storm.pair.engine);
    return NULL;
}

/* Connections come into the table when they open and leave it when they end. */
static void take(const hws_event *event)
{
    int i;
    if (event->kind == HWS_EVENT_OPEN) storm.all[storm.opened++] = event->conn;
    storm.ended += event->kind == HWS_EVENT_CLOSE;
    if (event->kind == HWS_EVENT_OPEN) __atomic_store_n(&storm.known[event->conn.id % KNOWN], event->conn.id, __ATOMIC_RELAXED);
    if (event->kind != HWS_EVENT_CLOSE && event->kind != HWS_EVENT_CONNECT_FAILED) return;
    for (i = 0; i < KNOWN; i++)
        if (storm.known[i] == event->conn.id) __atomic_store_n(&storm.known[i], 0, __ATOMIC_RELAXED);
}

/* Calls of all kinds from three threads while a fourth polls: nothing crashes, nothing hangs, and in the end there are
 * as many last events as there were first ones. */
static void a_storm_of_calls_leaves_nothing_open(void)
{
    pthread_t threads[CALLERS];
    hws_event events[32];
    hws_stats stats = { .struct_size = sizeof stats };
    uint32_t count, i;
    uintptr_t caller;
    int ended;

    storm.pair = serve(NULL);
    storm.callers = CALLERS;
    for (caller = 0; caller < CALLERS; caller++) threads[caller] = go(call_at_random, (void *)(caller + 1));
    while (__atomic_load_n(&storm.callers, __ATOMIC_ACQUIRE)) {
        OK(hws_poll(storm.pair.engine, events, sizeof events[0], LENGTH(events), HWS_NEVER, &count));
        for (i = 0; i < count; i++) take(&events[i]);
    }
    for (caller = 0; caller < CALLERS; caller++) done(threads[caller]);
    for (ended = 0; ended < storm.opened; ended++) (void)hws_abort(storm.all[ended]);
    do {
        OK(hws_poll(storm.pair.engine, events, sizeof events[0], LENGTH(events), 10, &count));
        for (i = 0; i < count; i++) {
            take(&events[i]);
            if (events[i].kind == HWS_EVENT_OPEN) OK(hws_abort(events[i].conn));
        }
        OK(hws_engine_stats(storm.pair.engine, &stats));
    } while (stats.connections);
    EXPECT(storm.opened > 100 && storm.opened == storm.ended);
}

TESTS(T(messages_of_four_threads_arrive_whole), T(a_second_poller_is_refused_and_a_wake_ends_the_first),
      T(a_wake_before_the_poll_is_not_lost), T(a_send_goes_out_while_the_poller_sleeps),
      T(a_token_reaches_the_poller_that_sleeps), T(an_abort_wakes_the_poller),
      T(a_close_goes_out_and_ends_while_the_poller_sleeps), T(a_deadline_from_another_thread_is_kept),
      T(a_connect_from_another_thread_is_carried_out), T(a_name_is_resolved_while_the_poller_sleeps),
      T(the_end_of_a_listener_wakes_the_poller), T(the_end_of_a_pause_wakes_the_poller),
      T(freeing_the_engine_ends_the_poll), T(the_last_error_is_the_threads_own), T(the_last_error_outlives_one_more),
      T(a_storm_of_calls_leaves_nothing_open))
