/* Promise: what is published reaches everybody who has subscribed, once, whole and in order; who cannot take it is
 * counted, and slows nobody down. */
#include "ways.h"

enum { GUESTS = 8, MIB = 1 << 20 };

/* A server with its guests: of each the server's end and the client's. */
typedef struct crowd {
    pair pair;
    hws_conn servers[GUESTS], clients[GUESTS];
} crowd;

static crowd gather(hws_server_options serving, int guests)
{
    hws_client_options asking;
    crowd crowd;
    int i;
    memset(&asking, 0, sizeof asking);
    memset(&crowd, 0, sizeof crowd);
    crowd.pair = serve_with(serving);
    for (i = 0; i < guests; i++) {
        join_with(&crowd.pair, asking);
        crowd.servers[i] = crowd.pair.server;
        crowd.clients[i] = crowd.pair.client;
    }
    return crowd;
}

static crowd gather_plainly(int guests)
{
    hws_server_options serving;
    memset(&serving, 0, sizeof serving);
    return gather(serving, guests);
}

static void subscribe(hws_conn conn, const char *topic) { OK(hws_subscribe(conn, hws_cstr(topic))); }
static void unsubscribe(hws_conn conn, const char *topic) { OK(hws_unsubscribe(conn, hws_cstr(topic))); }

#define PUBLISHED(engine, topic, text, reached, skipped)                                                             \
    published(engine, topic, text, strlen(text), NULL, reached, skipped, __LINE__)

static void published(hws_engine engine, const char *topic, const void *data, size_t len,
                      const hws_publish_options *options, uint32_t reached, uint32_t skipped, int line)
{
    uint32_t got = 99, lost = 99;
    hws_opcode opcode = len < 100 ? HWS_TEXT : HWS_BINARY;
    expect_status(hws_publish(engine, hws_cstr(topic), opcode, data, len, options, &got, &lost), HWS_OK, topic, __FILE__,
                  line);
    if (got == reached && lost == skipped) return;
    fprintf(stderr, "line %d: %u reached, %u skipped\n", line, got, lost);
    exit(1);
}

static uint32_t subscribers(hws_engine engine, const char *topic)
{
    uint32_t count = 99;
    OK(hws_topic_subscribers(engine, hws_cstr(topic), &count));
    return count;
}

/* The next messages are this text, one for each of these guests (a bit each), in any order. */
static void hear(crowd *crowd, unsigned guests, const char *text)
{
    while (guests) {
        hws_event event = await(crowd->pair.engine, any, HWS_EVENT_MESSAGE);
        int who = 0;
        while (who < GUESTS && crowd->clients[who].id != event.conn.id) who++;
        EXPECT(who < GUESTS && (guests & 1u << who) && is_text(&event, text) && event.opcode == HWS_TEXT);
        guests &= ~(1u << who);
    }
}

/* The same for one guest; what others hear before is passed over. */
static void hears(crowd *crowd, int guest, const char *text)
{
    hws_event event = await(crowd->pair.engine, crowd->clients[guest], HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, text) && event.opcode == HWS_TEXT);
}

/* --- topics ----------------------------------------------------------------------------------------------- */

static void wildcards_stand_for_levels(void)
{
    static const struct {
        const char *subscribed, *published;
        uint32_t reached;
    } rows[] = {
        { "a/b", "a/b", 1 },   { "a/b", "a/c", 0 },     { "a/b", "a/b/c", 0 }, { "a/b", "a", 0 },
        { "a/+", "a/b", 1 },   { "a/+", "a/", 1 },      { "a/+", "a", 0 },     { "a/+", "a/b/c", 0 },
        { "+/b", "a/b", 1 },   { "+", "a", 1 },         { "+", "/a", 0 },      { "/+", "/a", 1 },
        { "a/#", "a", 1 },     { "a/#", "a/b/c/d", 1 }, { "a/#", "ab", 0 },    { "#", "a/b", 1 },
        { "+/+/#", "a/b", 1 }, { "+/+/#", "a", 0 },     { "a//b", "a//b", 1 }, { "a//b", "a/b", 0 },
        { "#", "$SYS/a", 1 },  { "stra\xc3\x9f" "e/+", "stra\xc3\x9f" "e/7", 1 },
    };
    crowd crowd = gather_plainly(1);
    size_t i;
    EXPECT(hws_has_feature("topics"));
    for (i = 0; i < LENGTH(rows); i++) {
        subscribe(crowd.servers[0], rows[i].subscribed);
        EXPECT(subscribers(crowd.pair.engine, rows[i].published) == rows[i].reached);
        PUBLISHED(crowd.pair.engine, rows[i].published, rows[i].published, rows[i].reached, 0);
        if (rows[i].reached) hears(&crowd, 0, rows[i].published);
        unsubscribe(crowd.servers[0], rows[i].subscribed);
        PUBLISHED(crowd.pair.engine, rows[i].published, "nobody", 0, 0);
    }
}

static void what_is_no_topic_is_refused(void)
{
    static char large[64 << 10];
    static const char *const never[] = { "a+", "a/#/b", "#/a", "a/b#", "++", "\xff", "a/\xe2\x82" };
    static const char *const wild[] = { "+", "#", "a/+", "+/a", "a/#" };
    hws_publish_options odd = { .struct_size = sizeof odd, .flags = HWS_SEND_MORE };
    crowd crowd = gather_plainly(1);
    hws_engine engine = crowd.pair.engine;
    hws_str topic = { large, 1024 };
    uint32_t untouched = 7;
    size_t i;
    memset(large, 'a', sizeof large);
    OK(hws_subscribe(crowd.servers[0], topic));
    OK(hws_publish(engine, topic, HWS_TEXT, "long", 4, NULL, &untouched, NULL));
    EXPECT(untouched == 1);
    hears(&crowd, 0, "long");
    for (topic.len = 1025; topic.len <= sizeof large; topic.len = topic.len == 1025 ? sizeof large : topic.len + 1) {
        FAILS(hws_subscribe(crowd.servers[0], topic), HWS_ERR_INVALID_ARGUMENT);
        EXPECT(hws_last_error()->max_size == 1024 && hws_last_error()->size == (int64_t)topic.len);
        FAILS(hws_publish(engine, topic, HWS_TEXT, "", 0, NULL, &untouched, NULL), HWS_ERR_INVALID_ARGUMENT);
        FAILS(hws_topic_subscribers(engine, topic, &untouched), HWS_ERR_INVALID_ARGUMENT);
    }
    for (i = 0; i < LENGTH(never); i++) {
        FAILS(hws_subscribe(crowd.servers[0], hws_cstr(never[i])), HWS_ERR_INVALID_ARGUMENT);
        FAILS(hws_unsubscribe(crowd.servers[0], hws_cstr(never[i])), HWS_ERR_INVALID_ARGUMENT);
        FAILS(hws_publish(engine, hws_cstr(never[i]), HWS_TEXT, "", 0, NULL, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
    }
    for (i = 0; i < LENGTH(wild); i++) {
        subscribe(crowd.servers[0], wild[i]);
        FAILS(hws_publish(engine, hws_cstr(wild[i]), HWS_TEXT, "", 0, NULL, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
        FAILS(hws_topic_subscribers(engine, hws_cstr(wild[i]), &untouched), HWS_ERR_INVALID_ARGUMENT);
    }
    FAILS(hws_subscribe(crowd.servers[0], hws_cstr("")), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_publish(engine, hws_cstr(""), HWS_TEXT, "", 0, NULL, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_publish(engine, hws_cstr("a"), HWS_TEXT, "a\xff", 2, NULL, &untouched, NULL), HWS_ERR_INVALID_SEND);
    EXPECT(hws_last_error()->position == 1);
    FAILS(hws_publish(engine, hws_cstr("a"), HWS_PING, "", 0, NULL, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_publish(engine, hws_cstr("a"), HWS_CONT, "", 0, NULL, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_publish(engine, hws_cstr("a"), HWS_TEXT, "", 0, &odd, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(untouched == 1);
    nothing_else_comes(&crowd.pair);
}

static void however_many_fit_it_comes_once(void)
{
    static const char *const all[] = { "a/b", "a/+", "+/b", "a/#", "#", "a/b", "a/b/#" };
    crowd crowd = gather_plainly(3);
    hws_engine engine = crowd.pair.engine;
    size_t i;
    for (i = 0; i < LENGTH(all); i++) subscribe(crowd.servers[0], all[i]);
    subscribe(crowd.servers[1], "a/b");
    EXPECT(subscribers(engine, "a/b") == 2);
    PUBLISHED(engine, "a/b", "once", 2, 0);
    hear(&crowd, 3, "once");
    unsubscribe(crowd.servers[0], "a/b");
    unsubscribe(crowd.servers[0], "no such");
    PUBLISHED(engine, "a/b", "twice", 2, 0);
    hear(&crowd, 3, "twice");
    unsubscribe(crowd.servers[0], "");
    unsubscribe(crowd.servers[0], "");
    PUBLISHED(engine, "a/b", "thrice", 1, 0);
    hear(&crowd, 2, "thrice");
    nothing_else_comes(&crowd.pair);
}

static void one_may_be_left_out(void)
{
    hws_publish_options options = { .struct_size = sizeof options };
    crowd crowd = gather_plainly(2);
    hws_engine engine = crowd.pair.engine;
    int i;
    for (i = 0; i < 2; i++) subscribe(crowd.servers[i], "a");
    options.except = crowd.servers[0];
    published(engine, "a", "one", 3, &options, 1, 0, __LINE__);
    hear(&crowd, 2, "one");
    options.except.id ^= 2; /* another life of the slot */
    published(engine, "a", "two", 3, &options, 2, 0, __LINE__);
    hear(&crowd, 3, "two");
    options.except.id = engine.id;
    FAILS(hws_publish(engine, hws_cstr("a"), HWS_TEXT, "", 0, &options, NULL, NULL), HWS_ERR_INVALID_HANDLE);
    nothing_else_comes(&crowd.pair);
}

static void subscriptions_end_with_the_connection(void)
{
    crowd crowd = gather_plainly(4);
    hws_engine engine = crowd.pair.engine;
    hws_conn early;
    int i;
    for (i = 0; i < 4; i++) subscribe(crowd.servers[i], "a/+");
    if (!has_io_thread()) { /* with one it may be open by now */
        early = dial(engine, crowd.pair.uri, NULL);
        FAILS(hws_subscribe(early, hws_cstr("a")), HWS_ERR_INVALID_STATE);
        OK(hws_abort(early));
    }
    OK(hws_abort(crowd.servers[0]));
    OK(hws_close(crowd.servers[1], 1000, hws_cstr("")));
    FAILS(hws_subscribe(crowd.servers[0], hws_cstr("a")), HWS_ERR_CONNECTION_CLOSED);
    FAILS(hws_subscribe(crowd.servers[1], hws_cstr("a")), HWS_ERR_CONNECTION_CLOSED);
    EXPECT(hws_last_error()->close_sent.code == 1000);
    for (i = 0; i < 2; i++) {
        await(engine, any, HWS_EVENT_CLOSE);
        await(engine, any, HWS_EVENT_CLOSE);
    }
    OK(hws_close(crowd.clients[2], 1000, hws_cstr("")));
    await(engine, crowd.servers[2], HWS_EVENT_CLOSE);
    FAILS(hws_subscribe(crowd.servers[2], hws_cstr("a")), HWS_ERR_CONNECTION_CLOSED);
    EXPECT(hws_last_error()->close_rcvd.code == 1000);
    EXPECT(subscribers(engine, "a/b") == 1);
    PUBLISHED(engine, "a/b", "still here", 1, 0);
    hears(&crowd, 3, "still here");
    FAILS(hws_subscribe(crowd.servers[0], hws_cstr("a")), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_unsubscribe(crowd.servers[0], hws_cstr("a")), HWS_ERR_INVALID_HANDLE);
}

static void clients_may_subscribe_too(void)
{
    static char words[5000];
    crowd crowd = gather_plainly(3);
    hws_engine engine = crowd.pair.engine;
    int i;
    memset(words, 'w', sizeof words);
    for (i = 0; i < 3; i++) subscribe(crowd.clients[i], "a");
    PUBLISHED(engine, "a", "from a client", 3, 0);
    published(engine, "a", words, sizeof words, NULL, 3, 0, __LINE__);
    for (i = 0; i < 6; i++) {
        hws_event event = await(engine, any, HWS_EVENT_MESSAGE);
        EXPECT(event.listener.id == crowd.pair.listener.id);
        EXPECT(is_text(&event, "from a client") || (event.data.len == 5000 && !memcmp(event.data.ptr, words, 5000)));
    }
}

/* --- those who cannot take it ----------------------------------------------------------------------------- */

static char megabyte[MIB];

/* Publishes megabytes until guest 0, who is paused, has no room for one; all others hear all. Gives how many guest 0 got. */
static uint32_t publish_until_slow(crowd *crowd, int guests)
{
    hws_engine engine = crowd->pair.engine;
    uint32_t reached = (uint32_t)guests, skipped = 0, rounds = 0;
    int i, left;
    OK(hws_conn_pause(crowd->clients[0], 1));
    for (i = 0; i < guests; i++) subscribe(crowd->servers[i], "a");
    for (; !skipped; rounds++) {
        EXPECT(rounds < 100);
        memset(megabyte, (int)rounds, sizeof megabyte);
        OK(hws_publish(engine, hws_cstr("a"), HWS_BINARY, megabyte, MIB, NULL, &reached, &skipped));
        EXPECT(reached + skipped == (uint32_t)guests);
        for (left = guests - 1; left > 0; left--) {
            hws_event event = await(engine, any, HWS_EVENT_MESSAGE);
            EXPECT(event.conn.id != crowd->clients[0].id && event.data.len == MIB);
            EXPECT(!memcmp(event.data.ptr, megabyte, MIB));
        }
    }
    EXPECT(skipped == 1);
    return rounds - 1;
}

/* Guest 0 hears the megabytes it got, in order. */
static void hears_megabytes(crowd *crowd, uint32_t count)
{
    uint32_t i;
    OK(hws_conn_pause(crowd->clients[0], 0));
    for (i = 0; i < count; i++) {
        hws_event event = await(crowd->pair.engine, crowd->clients[0], HWS_EVENT_MESSAGE);
        memset(megabyte, (int)i, sizeof megabyte);
        EXPECT(event.data.len == MIB && !memcmp(event.data.ptr, megabyte, MIB));
    }
}

static void who_is_slow_goes_without(void)
{
    hws_limits limits = { .struct_size = sizeof limits, .send_queue_max = 4 * MIB };
    hws_compression off = { .struct_size = sizeof off, .enabled = HWS_OFF };
    hws_server_options serving = { .limits = &limits, .compression = &off };
    crowd crowd = gather(serving, 4);
    hws_stats stats = { .struct_size = sizeof stats };
    uint32_t got = publish_until_slow(&crowd, 4);
    EXPECT(got >= 4);
    OK(hws_conn_stats(crowd.servers[0], &stats));
    EXPECT(stats.messages_out == got && stats.bytes_out == (uint64_t)got * MIB && stats.send_queued > 3 * MIB);
    hears_megabytes(&crowd, got);
    PUBLISHED(crowd.pair.engine, "a", "there is room again", 4, 0);
    hears(&crowd, 0, "there is room again");
}

static void who_is_slow_may_be_closed(void)
{
    hws_limits limits = { .struct_size = sizeof limits, .send_queue_max = 4 * MIB, .slow_subscriber = HWS_SLOW_CLOSE };
    hws_compression off = { .struct_size = sizeof off, .enabled = HWS_OFF };
    hws_server_options serving = { .limits = &limits, .compression = &off };
    crowd crowd = gather(serving, 3);
    hws_event event;
    uint32_t got = publish_until_slow(&crowd, 3);
    PUBLISHED(crowd.pair.engine, "a", "the others go on", 2, 0);
    hears(&crowd, 1, "the others go on");
    hears_megabytes(&crowd, got);
    event = await(crowd.pair.engine, crowd.clients[0], HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR && event.error->close_rcvd.code == 1013);
    crowd = gather(serving, 2);
    publish_until_slow(&crowd, 2);
    OK(hws_abort(crowd.clients[0]));
    event = await(crowd.pair.engine, crowd.servers[0], HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR && event.error->close_sent.code == 1013);
    EXPECT(event.error->cause->status == HWS_ERR_SEND_QUEUE_FULL && event.error->cause->capacity == 4 * MIB);
    EXPECT(event.error->initiated_by == HWS_SIDE_LOCAL);
    limits.slow_subscriber = 2;
    serving.struct_size = sizeof serving;
    serving.bind = hws_cstr("127.0.0.1:0");
    FAILS(hws_listen(crowd.pair.engine, &serving, &crowd.pair.listener), HWS_ERR_INVALID_ARGUMENT);
}

/* A message that is larger than the whole queue says nothing about its receivers. */
static void what_fits_into_no_queue_makes_nobody_slow(void)
{
    hws_limits limits = { .struct_size = sizeof limits, .send_queue_max = MIB - 1, .slow_subscriber = HWS_SLOW_CLOSE };
    hws_server_options serving = { .limits = &limits };
    crowd crowd = gather(serving, 2);
    int i;
    for (i = 0; i < 2; i++) subscribe(crowd.servers[i], "a");
    published(crowd.pair.engine, "a", megabyte, MIB, NULL, 0, 2, __LINE__);
    PUBLISHED(crowd.pair.engine, "a", "nobody was slow", 2, 0);
    hear(&crowd, 3, "nobody was slow");
}

static void no_message_stands_inside_another(void)
{
    static const hws_send_options more = { .struct_size = sizeof more, .flags = HWS_SEND_MORE };
    crowd crowd = gather_plainly(2);
    hws_engine engine = crowd.pair.engine;
    int i;
    for (i = 0; i < 2; i++) subscribe(crowd.servers[i], "a");
    OK(hws_send(crowd.servers[0], HWS_TEXT, "frag", 4, &more));
    PUBLISHED(engine, "a", "between", 1, 1);
    hear(&crowd, 2, "between");
    OK(hws_send(crowd.servers[0], HWS_CONT, "ment", 4, NULL));
    PUBLISHED(engine, "a", "behind", 2, 0);
    hears(&crowd, 0, "fragment");
    hears(&crowd, 0, "behind");
}

/* Own messages and shared ones, small and large, in one batch and in order. */
static void what_is_sent_and_what_is_published_keep_their_order(void)
{
    enum { FEW = 3, STEPS = 4, ORDERS = 256 };
    static char large[100000];
    hws_compression off = { .struct_size = sizeof off, .enabled = HWS_OFF };
    hws_server_options serving = { .compression = &off };
    crowd crowd = gather(serving, FEW);
    hws_engine engine = crowd.pair.engine;
    int order, step, i;
    for (i = 0; i < FEW; i++) subscribe(crowd.servers[i], "a");
    for (order = 0; order < ORDERS; order++) {
        int heard[FEW] = { 0 };
        size_t lens[STEPS];
        for (step = 0; step < STEPS; step++) {
            int kind = order >> 2 * step & 3;
            lens[step] = kind & 1 ? sizeof large : 10;
            memset(large, 'a' + step, sizeof large);
            if (kind & 2) published(engine, "a", large, lens[step], NULL, FEW, 0, __LINE__);
            else for (i = 0; i < FEW; i++) OK(hws_send(crowd.servers[i], HWS_BINARY, large, lens[step], NULL));
        }
        for (i = 0; i < FEW * STEPS; i++) {
            hws_event event = await(engine, any, HWS_EVENT_MESSAGE);
            int who = 0;
            while (crowd.clients[who].id != event.conn.id) who++;
            step = heard[who]++;
            memset(large, 'a' + step, sizeof large);
            EXPECT(event.data.len == lens[step] && !memcmp(event.data.ptr, large, lens[step]));
        }
    }
}

static void a_megabyte_for_everybody(void)
{
    hws_stats stats = { .struct_size = sizeof stats };
    crowd crowd = gather_plainly(GUESTS);
    hws_engine engine = crowd.pair.engine;
    hws_publish_options raw = { .struct_size = sizeof raw, .flags = HWS_SEND_RAW };
    int i, round;
    for (i = 0; i < MIB; i++) megabyte[i] = (char)(i * 31 + i / 251);
    for (i = 0; i < GUESTS; i++) subscribe(crowd.servers[i], "a");
    for (round = 0; round < 4; round++) published(engine, "a", megabyte, MIB, round % 2 ? &raw : NULL, GUESTS, 0, __LINE__);
    for (i = 0; i < 4 * GUESTS; i++) {
        hws_event event = await(engine, any, HWS_EVENT_MESSAGE);
        EXPECT(event.data.len == MIB && !memcmp(event.data.ptr, megabyte, MIB));
    }
    for (i = 0; i < GUESTS; i++) {
        OK(hws_conn_stats(crowd.servers[i], &stats));
        EXPECT(stats.messages_out == 4 && stats.bytes_out == 4 * MIB && stats.inflated_out == 2 * MIB);
        EXPECT(stats.deflated_out < 2 * MIB && stats.wire_out > 2 * MIB && stats.wire_out < 4 * MIB && !stats.send_queued);
    }
}

/* --- lists ------------------------------------------------------------------------------------------------ */

static void a_list_may_have_anybody_in_it(void)
{
    crowd here = gather_plainly(3), there = gather_plainly(2);
    hws_publish_options options = { .struct_size = sizeof options };
    hws_conn list[8] = { here.servers[0], there.servers[0], { 0 }, here.servers[1], { here.pair.engine.id },
                         there.servers[1], here.servers[1], here.servers[2] };
    uint32_t reached = 9, skipped = 9;
    int i, first = 0, second = 0;
    OK(hws_abort(there.clients[1]));
    await(there.pair.engine, there.servers[1], HWS_EVENT_CLOSE);
    OK(hws_poll(there.pair.engine, NULL, sizeof(hws_event), 0, 0, &skipped));
    options.except = here.servers[2];
    OK(hws_send_many(list, 8, HWS_TEXT, "all", 3, &options, &reached, &skipped));
    EXPECT(reached == 4 && skipped == 3);
    for (i = 0; i < 3; i++) {
        hws_event event = await(here.pair.engine, any, HWS_EVENT_MESSAGE);
        EXPECT(is_text(&event, "all"));
        first += event.conn.id == here.clients[0].id;
        second += event.conn.id == here.clients[1].id;
    }
    EXPECT(first == 1 && second == 2);
    hear(&there, 1, "all");
    OK(hws_send_many(NULL, 0, HWS_TEXT, "none", 4, NULL, &reached, &skipped));
    EXPECT(reached == 0 && skipped == 0);
    OK(hws_engine_free(there.pair.engine));
    OK(hws_send_many(list, 8, HWS_TEXT, "here", 4, NULL, &reached, NULL));
    EXPECT(reached == 4); /* one is there twice */
    FAILS(hws_send_many(list, 8, HWS_TEXT, "\xff", 1, NULL, NULL, NULL), HWS_ERR_INVALID_SEND);
    FAILS(hws_send_many(list, 8, HWS_PONG, "", 0, NULL, NULL, NULL), HWS_ERR_INVALID_ARGUMENT);
    hears(&here, 2, "here");
}

TESTS(T(wildcards_stand_for_levels), T(what_is_no_topic_is_refused), T(however_many_fit_it_comes_once),
      T(one_may_be_left_out), T(subscriptions_end_with_the_connection), T(clients_may_subscribe_too),
      T(who_is_slow_goes_without), T(who_is_slow_may_be_closed), T(what_fits_into_no_queue_makes_nobody_slow),
      T(no_message_stands_inside_another),
      T(what_is_sent_and_what_is_published_keep_their_order), T(a_megabyte_for_everybody),
      T(a_list_may_have_anybody_in_it))
