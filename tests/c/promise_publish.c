/* Promise: a message for many is made once, however its receivers compress, encrypt, share engines and threads; and the
 * host may hear of it, to tell other machines. */
#include "counting.h"
#include "raw.h"
#include "ways.h"
#include <sched.h>

enum { LONG = 20000 };

static void subscribe(hws_conn conn, const char *topic) { OK(hws_subscribe(conn, hws_cstr(topic))); }

static uint32_t publish(hws_engine engine, const char *topic, const void *data, size_t len)
{
    uint32_t reached = 99, skipped = 99;
    OK(hws_publish(engine, hws_cstr(topic), HWS_BINARY, data, len, NULL, &reached, &skipped));
    EXPECT(skipped == 0);
    return reached;
}

/* --- compression ------------------------------------------------------------------------------------------ */

/* Words that come again and again, within a message and in the next: what one window has, another has not. */
static void write_words(char *to, size_t len, uint32_t seed)
{
    static const char *const words[] = { "hawser ", "quay ", "bollard ", "capstan ", "fairlead ", "windlass ", "and " };
    size_t at = 0;
    while (at < len) {
        const char *word = words[(seed = seed * 1664525u + 1013904223u) >> 16 & 7 ? (seed >> 20) % 7 : 6];
        while (*word && at < len) to[at++] = *word++;
    }
}

static hws_compression windows(uint32_t bits, hws_toggle alone)
{
    hws_compression compression;
    memset(&compression, 0, sizeof compression);
    compression.struct_size = sizeof compression;
    compression.server_max_window_bits = bits;
    compression.server_no_context_takeover = alone;
    return compression;
}

/* Every way of compressing, twice: takeover, none, small windows, none at all; and clients that subscribe. */
static void every_window_gets_the_same(void)
{
    enum { WAYS = 6, ALL = 2 * WAYS, ROUNDS = 30 };
    static char text[LONG];
    const hws_compression ways[WAYS] = { windows(0, HWS_DEFAULT), windows(0, HWS_ON), windows(9, HWS_DEFAULT),
                                         windows(8, HWS_ON), windows(10, HWS_DEFAULT),
                                         { .struct_size = sizeof ways[0], .enabled = HWS_OFF } };
    hws_server_options serving;
    hws_conn senders[ALL + 1], hearers[ALL + 1];
    hws_stats stats = { .struct_size = sizeof stats };
    pair pair;
    int i, round;
    memset(&serving, 0, sizeof serving);
    pair = serve_with(serving);
    for (i = 0; i <= ALL; i++) {
        hws_client_options asking;
        memset(&asking, 0, sizeof asking);
        asking.compression = &ways[i % WAYS];
        join_with(&pair, asking);
        senders[i] = i < ALL ? pair.server : pair.client; /* the last is a client that has subscribed */
        hearers[i] = i < ALL ? pair.client : pair.server;
        subscribe(senders[i], "a");
    }
    for (round = 0; round < ROUNDS; round++) {
        size_t len = (size_t)(round * 701) % LONG;
        int left = ALL + 1, own = round % 3 == 0;
        write_words(text, len, (uint32_t)round);
        if (own) for (i = 0; i <= ALL; i++) OK(hws_send(senders[i], HWS_BINARY, text, len, NULL));
        else EXPECT(publish(pair.engine, "a", text, len) == ALL + 1);
        while (left--) {
            hws_event event = await(pair.engine, any, HWS_EVENT_MESSAGE);
            for (i = 0; hearers[i].id != event.conn.id;) i++;
            EXPECT(event.data.len == len && (!len || !memcmp(event.data.ptr, text, len)));
            EXPECT(event.flags == (len >= 128 && i % WAYS != WAYS - 1 ? HWS_FLAG_COMPRESSED : 0u));
        }
    }
    for (i = 0; i <= ALL; i++) {
        OK(hws_conn_stats(senders[i], &stats));
        EXPECT(stats.messages_out == ROUNDS);
        EXPECT(i % WAYS == WAYS - 1 ? stats.deflated_out == 0 : stats.deflated_out < stats.inflated_out / 2);
    }
}

/* A megabyte of noise goes as it is, to all and whatever they have agreed on. */
static void what_does_not_get_shorter_goes_as_it_is(void)
{
    static unsigned char noise[1 << 20];
    hws_server_options serving;
    hws_client_options asking;
    hws_stats stats = { .struct_size = sizeof stats };
    uint32_t dice = 1;
    pair pair;
    int i;
    memset(&serving, 0, sizeof serving);
    memset(&asking, 0, sizeof asking);
    pair = serve_with(serving);
    for (i = 0; i < (int)sizeof noise; i++) noise[i] = (unsigned char)((dice = dice * 1664525u + 1013904223u) >> 24);
    for (i = 0; i < 3; i++) {
        join_with(&pair, asking);
        subscribe(pair.server, "a");
    }
    EXPECT(publish(pair.engine, "a", noise, sizeof noise) == 3);
    for (i = 0; i < 3; i++) {
        hws_event event = await(pair.engine, any, HWS_EVENT_MESSAGE);
        EXPECT(event.flags == 0 && event.data.len == sizeof noise && !memcmp(event.data.ptr, noise, sizeof noise));
    }
    OK(hws_conn_stats(pair.server, &stats));
    EXPECT(stats.deflated_out == 0 && stats.bytes_out == sizeof noise);
}

/* --- TLS -------------------------------------------------------------------------------------------------- */

static void tls_gets_the_same(void)
{
    enum { GUESTS = 3 };
    static const size_t sizes[] = { 0, 10, 1000, 5000, 100000, 1 << 20 };
    static unsigned char data[1 << 20];
    hws_tls shown = shows("ecdsa"), trusted = trusts("ca");
    hws_socket narrow = { .struct_size = sizeof narrow, .recv_buffer = 1, .send_buffer = 1 };
    hws_compression off = { .struct_size = sizeof off, .enabled = HWS_OFF };
    hws_server_options serving = { .tls = &shown, .compression = &off };
    hws_client_options asking = { .tls = &trusted, .compression = &off };
    hws_conn servers[GUESTS], clients[GUESTS];
    size_t s, i;
    int left, round;
    pair pair = serve_with(serving);
    for (i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * 31 + i / 251);
    for (i = 0; i < GUESTS; i++) {
        asking.socket = i ? NULL : &narrow;
        join_with(&pair, asking);
        servers[i] = pair.server;
        clients[i] = pair.client;
        subscribe(servers[i], "a");
    }
    for (round = 0; round < 2; round++)
        for (s = 0; s < LENGTH(sizes); s++) {
            size_t heard[GUESTS] = { 0 };
            EXPECT(publish(pair.engine, "a", data, sizes[s]) == GUESTS);
            for (i = 0; i < GUESTS; i++) OK(hws_send(servers[i], HWS_BINARY, data, s + 1, NULL));
            if (round) EXPECT(publish(pair.engine, "a", data, sizes[s]) == GUESTS);
            for (left = GUESTS * (2 + round); left > 0; left--) {
                hws_event event = await(pair.engine, any, HWS_EVENT_MESSAGE);
                for (i = 0; clients[i].id != event.conn.id;) i++;
                EXPECT(event.data.len == (heard[i]++ == 1 ? s + 1 : sizes[s]));
                EXPECT(!event.data.len || !memcmp(event.data.ptr, data, event.data.len));
            }
        }
}

/* --- threads and engines ---------------------------------------------------------------------------------- */

enum { GUESTS = 4, PUBLISHERS = 3, ROUNDS = 300 };

/* An engine with guests, and a thread of its own that polls it until they have heard enough. */
typedef struct harbour {
    pair pair;
    hws_conn clients[GUESTS];
    uint32_t expected;
    pthread_t poller;
} harbour;

typedef struct word { uint32_t who, number; } word;

static harbour harbour_new(hws_engine sharing)
{
    hws_engine_options options;
    hws_server_options serving;
    hws_client_options asking;
    harbour harbour;
    int i;
    memset(&options, 0, sizeof options);
    memset(&serving, 0, sizeof serving);
    memset(&asking, 0, sizeof asking);
    memset(&harbour, 0, sizeof harbour);
    options.struct_size = sizeof options;
    options.share_topics = sharing;
    serving.struct_size = sizeof serving;
    serving.bind = hws_cstr("127.0.0.1:0");
    OK(hws_engine_new(&options, &harbour.pair.engine));
    OK(hws_listen(harbour.pair.engine, &serving, &harbour.pair.listener));
    strcpy(harbour.pair.uri, "ws://");
    OK(hws_listener_address(harbour.pair.listener, harbour.pair.uri + 5, sizeof harbour.pair.uri - 5, NULL));
    for (i = 0; i < GUESTS; i++) {
        join_with(&harbour.pair, asking);
        harbour.clients[i] = harbour.pair.client;
        subscribe(harbour.pair.server, i % 2 ? "news/#" : "news/+");
    }
    return harbour;
}

/* Sleeps in hws_poll without end. Of each publisher each guest hears all, in order. */
static void *hear_all(void *argument)
{
    harbour *is = argument;
    uint32_t heard[GUESTS][PUBLISHERS] = { { 0 } }, left = is->expected, count, i;
    hws_event events[8];
    while (left) {
        OK(hws_poll(is->pair.engine, events, sizeof events[0], LENGTH(events), HWS_NEVER, &count));
        for (i = 0; i < count; i++) {
            word word;
            int who = 0;
            EXPECT(events[i].kind == HWS_EVENT_MESSAGE && events[i].data.len % sizeof word == 0);
            memcpy(&word, events[i].data.ptr, sizeof word);
            while (is->clients[who].id != events[i].conn.id) who++;
            EXPECT(word.number == heard[who][word.who]++);
            left--;
        }
    }
    return NULL;
}

typedef struct publisher {
    const harbour *harbours;
    uint32_t count, number, reached;
} publisher;

/* To one engine after the other; everybody in all of them is reached, every time. */
static void *publish_a_lot(void *argument)
{
    publisher *is = argument;
    static __thread word words[1000];
    uint32_t i, w;
    for (i = 0; i < ROUNDS; i++) {
        uint32_t len = 1 + i * 37 % LENGTH(words);
        for (w = 0; w < len; w++) words[w].who = is->number, words[w].number = i;
        EXPECT(publish(is->harbours[0].pair.engine, "news/today", words, len * sizeof words[0]) == is->reached);
    }
    return NULL;
}

static void publishers_and_pollers(harbour *harbours, uint32_t count)
{
    publisher publishers[PUBLISHERS];
    pthread_t threads[PUBLISHERS];
    uint32_t i;
    for (i = 0; i < count; i++) {
        harbours[i].expected = GUESTS * PUBLISHERS * ROUNDS;
        harbours[i].poller = go(hear_all, &harbours[i]);
    }
    for (i = 0; i < PUBLISHERS; i++) {
        publisher publisher = { &harbours[i % count], count, i, GUESTS * count };
        publishers[i] = publisher;
        threads[i] = go(publish_a_lot, &publishers[i]);
    }
    for (i = 0; i < PUBLISHERS; i++) done(threads[i]);
    for (i = 0; i < count; i++) done(harbours[i].poller);
}

static void any_thread_publishes_while_another_polls(void)
{
    harbour harbour = harbour_new((hws_engine){ 0 });
    publishers_and_pollers(&harbour, 1);
}

static void engines_share_their_topics(void)
{
    harbour harbours[2];
    uint32_t count = 0;
    harbours[0] = harbour_new((hws_engine){ 0 });
    harbours[1] = harbour_new(harbours[0].pair.engine);
    OK(hws_topic_subscribers(harbours[0].pair.engine, hws_cstr("news/today"), &count));
    EXPECT(count == 2 * GUESTS);
    publishers_and_pollers(harbours, 2);
}

static void an_engine_that_is_freed_leaves_the_others(void)
{
    harbour first = harbour_new((hws_engine){ 0 }), second = harbour_new(first.pair.engine);
    harbour third = harbour_new(second.pair.engine), alone = harbour_new((hws_engine){ 0 });
    hws_engine_options options = { .struct_size = sizeof options, .share_topics = first.pair.engine };
    hws_engine engine;
    uint32_t count = 0;
    EXPECT(publish(alone.pair.engine, "news/x", "x", 1) == GUESTS);
    EXPECT(publish(third.pair.engine, "news/x", "x", 1) == 3 * GUESTS);
    OK(hws_engine_free(first.pair.engine));
    EXPECT(publish(third.pair.engine, "news/x", "x", 1) == 2 * GUESTS);
    OK(hws_topic_subscribers(second.pair.engine, hws_cstr("news/x"), &count));
    EXPECT(count == 2 * GUESTS);
    FAILS(hws_engine_new(&options, &engine), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_publish(first.pair.engine, hws_cstr("x"), HWS_TEXT, "", 0, NULL, NULL, NULL), HWS_ERR_INVALID_HANDLE);
    OK(hws_engine_free(third.pair.engine));
    EXPECT(publish(second.pair.engine, "news/x", "x", 1) == GUESTS);
}

/* Frees an engine while others publish to its group. */
static void *publish_until_told(void *argument)
{
    const harbour *is = argument;
    uint32_t reached = 99;
    while (reached != GUESTS) {
        reached = publish(is->pair.engine, "news/x", "x", 1);
        EXPECT(reached == GUESTS || reached == 2 * GUESTS);
    }
    return NULL;
}

static void an_engine_may_be_freed_meanwhile(void)
{
    int i;
    for (i = 0; i < 20; i++) {
        harbour first = harbour_new((hws_engine){ 0 }), second = harbour_new(first.pair.engine);
        pthread_t thread = go(publish_until_told, &first);
        sched_yield();
        OK(hws_engine_free(second.pair.engine));
        done(thread);
        OK(hws_engine_free(first.pair.engine));
    }
}

/* --- events ----------------------------------------------------------------------------------------------- */

static void the_host_hears_what_is_published(void)
{
    hws_engine_options options = { .struct_size = sizeof options, .publish_events = HWS_ON };
    hws_publish_options local = { .struct_size = sizeof local, .flags = HWS_PUBLISH_LOCAL };
    hws_event events[3], event;
    hws_engine other;
    uint32_t count = 0, reached = 99;
    pair pair = serve(NULL);
    options.share_topics = pair.engine;
    OK(hws_engine_new(&options, &other));
    join(&pair, NULL);
    subscribe(pair.server, "a/#");
    OK(hws_publish(other, hws_cstr("a/b"), HWS_TEXT, "one", 3, NULL, &reached, NULL));
    EXPECT(reached == 1);
    OK(hws_publish(other, hws_cstr("nobody"), HWS_BINARY, "", 0, NULL, &reached, NULL));
    EXPECT(reached == 0);
    OK(hws_publish(other, hws_cstr("a/b"), HWS_TEXT, "two", 3, &local, &reached, NULL));
    EXPECT(reached == 1);
    FAILS(hws_publish(other, hws_cstr("a/b"), HWS_TEXT, "\xff", 1, NULL, NULL, NULL), HWS_ERR_INVALID_SEND);
    OK(hws_publish(pair.engine, hws_cstr("a/b"), HWS_TEXT, "three", 5, NULL, &reached, NULL));
    OK(hws_poll(other, events, sizeof events[0], 3, 0, &count));
    EXPECT(count == 2);
    EXPECT(events[0].kind == HWS_EVENT_PUBLISH && events[0].opcode == HWS_TEXT && is_text(&events[0], "one"));
    EXPECT(events[0].topic.len == 3 && !strcmp(events[0].topic.ptr, "a/b"));
    EXPECT(!events[0].conn.id && !events[0].listener.id && !events[0].error && !events[0].flags);
    EXPECT(events[1].kind == HWS_EVENT_PUBLISH && events[1].opcode == HWS_BINARY && events[1].data.len == 0);
    EXPECT(!strcmp(events[1].topic.ptr, "nobody"));
    event = await(pair.engine, pair.client, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, "one") && !event.topic.ptr);
    event = await(pair.engine, pair.client, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, "two"));
    event = await(pair.engine, pair.client, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, "three"));
    until_it_sleeps(other);
}

/* Publishes as soon as somebody waits, and again and again. */
static void *publish_to_a_sleeper(void *argument)
{
    const hws_engine *engine = argument;
    int i;
    for (i = 0; i < 1000; i++) publish(*engine, "topic", "news", 4);
    return NULL;
}

/* What waits does not disturb a receive, however both are interleaved, and nothing is lost or counted twice. */
static void receives_leave_what_is_published(void)
{
    hws_engine_options options = { .struct_size = sizeof options, .publish_events = HWS_ON, .event_memory_max = 16 << 20 };
    hws_server_options serving = { .struct_size = sizeof serving, .bind = HWS_STR("127.0.0.1:0") };
    hws_client_options asking;
    pthread_t thread;
    hws_event event;
    pair pair;
    int i, news = 0;
    memset(&pair, 0, sizeof pair);
    memset(&asking, 0, sizeof asking);
    OK(hws_engine_new(&options, &pair.engine));
    OK(hws_listen(pair.engine, &serving, &pair.listener));
    strcpy(pair.uri, "ws://");
    OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
    join_with(&pair, asking);
    thread = go(publish_to_a_sleeper, &pair.engine);
    for (i = 0; i < 200; i++) {
        send_text(pair.server, "of others");
        send_text(pair.client, "wanted");
        OK(hws_recv(pair.server, &event, sizeof event, 10000));
        EXPECT(event.kind == HWS_EVENT_MESSAGE && is_text(&event, "wanted"));
    }
    for (i = 0; i < 200 || news < 1000;) {
        event = next(pair.engine);
        if (event.kind == HWS_EVENT_PUBLISH) {
            EXPECT(is_text(&event, "news") && !strcmp(event.topic.ptr, "topic"));
            news++;
        } else {
            EXPECT(event.kind == HWS_EVENT_MESSAGE && is_text(&event, "of others"));
            i++;
        }
    }
    done(thread);
    EXPECT(news == 1000 && i == 200);
    until_it_sleeps(pair.engine);
}

static void what_waits_unpolled_is_bounded(void)
{
    hws_engine_options options = { .struct_size = sizeof options, .publish_events = HWS_ON, .event_memory_max = 100000 };
    hws_publish_options local = { .struct_size = sizeof local, .flags = HWS_PUBLISH_LOCAL };
    hws_engine engine;
    uint32_t count = 0, reached = 7;
    hws_event event;
    OK(hws_engine_new(&options, &engine));
    while (hws_publish(engine, hws_cstr("t"), HWS_TEXT, "", 0, NULL, NULL, NULL) == HWS_OK) EXPECT(++count < 100000);
    EXPECT(hws_last_error()->status == HWS_ERR_QUEUE_FULL && hws_last_error()->capacity == 100000 && count > 100);
    FAILS(hws_publish(engine, hws_cstr("t"), HWS_TEXT, "", 0, NULL, &reached, NULL), HWS_ERR_QUEUE_FULL);
    EXPECT(reached == 7);
    OK(hws_publish(engine, hws_cstr("t"), HWS_TEXT, "", 0, &local, &reached, NULL));
    for (; count > 0; count--) {
        event = next(engine);
        EXPECT(event.kind == HWS_EVENT_PUBLISH);
    }
    until_it_sleeps(engine);
}

/* --- memory ----------------------------------------------------------------------------------------------- */

/* Queues hold the frame, not copies of it; and for one frame they take no memory at all. */
static void a_frame_is_made_once(void)
{
    enum { CROWD = 100 };
    static char large[200 << 10];
    hws_compression off = { .struct_size = sizeof off, .enabled = HWS_OFF };
    hws_server_options serving = { .compression = &off };
    hws_client_options asking;
    pair pair;
    size_t sizes[] = { 10, 1000, sizeof large }, s;
    int i, round;
    count_memory();
    memset(&asking, 0, sizeof asking);
    pair = serve_with(serving);
    for (i = 0; i < CROWD; i++) {
        join_with(&pair, asking);
        subscribe(pair.server, "a");
    }
    for (s = 0; s < LENGTH(sizes); s++)
        for (round = 0; round < 2; round++) {
            long before = pieces, held = bytes;
            EXPECT(publish(pair.engine, "a", large, sizes[s]) == CROWD);
            if (round) EXPECT(pieces - before < 12 && bytes - held < (long)sizes[s] + 4096);
            for (i = 0; i < CROWD; i++) EXPECT(await(pair.engine, any, HWS_EVENT_MESSAGE).data.len == sizes[s]);
        }
}

/* Engines that come and go leave nothing with those whose topics they shared. */
static void who_leaves_a_group_leaves_nothing(void)
{
    hws_engine_options sharing = { .struct_size = sizeof sharing };
    hws_engine passing;
    setup at_once = { .client_timers.open_ms = 1 };
    char uri[64];
    long before = 0;
    int i, fd = silent_server(uri);
    count_memory();
    OK(hws_engine_new(NULL, &sharing.share_topics));
    dial(sharing.share_topics, uri, &at_once);
    await(sharing.share_topics, any, HWS_EVENT_CONNECT_FAILED); /* its own thread has begun, if it has one */
    for (i = 0; i < 100; i++) {
        OK(hws_engine_new(&sharing, &passing));
        OK(hws_engine_free(passing));
        if (i == 9) before = bytes;
    }
    EXPECT(bytes == before);
    EXPECT(publish(sharing.share_topics, "a", "x", 1) == 0);
    close(fd);
}

TESTS(T(every_window_gets_the_same), T(what_does_not_get_shorter_goes_as_it_is), T(tls_gets_the_same),
      T(any_thread_publishes_while_another_polls), T(engines_share_their_topics),
      T(an_engine_that_is_freed_leaves_the_others), T(an_engine_may_be_freed_meanwhile),
      T(the_host_hears_what_is_published), T(receives_leave_what_is_published), T(what_waits_unpolled_is_bounded),
      T(a_frame_is_made_once), T(who_leaves_a_group_leaves_nothing))
