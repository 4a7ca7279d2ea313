/* Promise 4: a send is all or nothing, what it was given may be overwritten at once, and who asks is told when it has
 * left. Fragments, pings, pongs. */
#include "raw.h"

/* A message whose every byte tells where it belongs. */
static void pattern(unsigned char *data, size_t len, unsigned seed)
{
    size_t i;
    for (i = 0; i < len; i++) data[i] = (unsigned char)(i * 7 + i / 251 + seed * 31);
}

static int has_pattern(const unsigned char *data, size_t len, unsigned seed)
{
    size_t i;
    for (i = 0; i < len; i++)
        if (data[i] != (unsigned char)(i * 7 + i / 251 + seed * 31)) return 0;
    return 1;
}

/* --- the queue is full ------------------------------------------------------------------------------------ */

enum { PIECE = 100000 };

typedef struct reader {
    int fd;
    unsigned frames;
    hws_opcode last;
} reader;

/* Reads whole frames, each with the pattern of its number, until a text. */
static void *read_until_text(void *argument)
{
    reader *reader = argument;
    static unsigned char payload[PIECE];
    size_t len;
    for (;;) {
        if (raw_read_frame(reader->fd, payload, sizeof payload, &len) == (FIN | HWS_TEXT)) return NULL;
        EXPECT(len == PIECE && has_pattern(payload, len, reader->frames));
        reader->frames++;
    }
}

/* Sends until the queue is full; gives how many messages it took. */
static unsigned send_until_full(const pair *pair)
{
    static unsigned char data[PIECE];
    hws_status status = HWS_OK;
    unsigned sent;
    for (sent = 0; status == HWS_OK; sent++) {
        pattern(data, sizeof data, sent);
        poll_without_room(pair->engine);
        status = hws_send(pair->server, HWS_BINARY, data, sizeof data, NULL);
    }
    EXPECT(status == HWS_ERR_SEND_QUEUE_FULL);
    EXPECT(hws_last_error()->capacity == 1 << 20 && hws_last_error()->size == PIECE);
    EXPECT(hws_last_error()->current_size > (1 << 20) - PIECE && hws_last_error()->current_size <= 1 << 20);
    return sent - 1;
}

static void a_refused_send_leaves_nothing_and_writable_follows(void)
{
    setup setup = { .server_limits.send_queue_max = 1 << 20 };
    hws_send_options last = { .struct_size = sizeof last, .token = 1 };
    pair pair = serve(&setup);
    reader reader = { 0 };
    hws_event event;
    pthread_t thread;
    unsigned sent;

    reader.fd = raw_open(&pair, 4096, &pair.server);
    sent = send_until_full(&pair);
    thread = go(read_until_text, &reader);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_WRITABLE && event.conn.id == pair.server.id);
    OK(hws_send(pair.server, HWS_TEXT, "that was all", 12, &last));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_SENT && event.token == 1);
    done(thread);
    EXPECT(reader.frames == sent);
}

static void a_message_larger_than_the_queue_is_refused_for_good(void)
{
    setup setup = { .server_limits.send_queue_max = 1000, .client_limits.send_queue_max = 1000 };
    pair pair = pair_new(&setup);
    char data[1001] = { 0 };
    FAILS(hws_send(pair.server, HWS_BINARY, data, 1001, NULL), HWS_ERR_SEND_QUEUE_FULL);
    FAILS(hws_send(pair.client, HWS_BINARY, data, 1001, NULL), HWS_ERR_SEND_QUEUE_FULL);
    OK(hws_send(pair.server, HWS_BINARY, data, 1000, NULL));
    EXPECT(await(pair.engine, pair.client, HWS_EVENT_MESSAGE).data.len == 1000);
}

/* --- tokens ----------------------------------------------------------------------------------------------- */

static hws_send_options token(uint64_t value)
{
    hws_send_options options = { .struct_size = sizeof options };
    options.token = value;
    return options;
}

static void tokens_come_back_in_order(void)
{
    pair pair = pair_new(NULL);
    int i;
    for (i = 1; i <= 100; i++) {
        hws_send_options options = token((uint64_t)i);
        OK(hws_send(i % 2 ? pair.client : pair.server, HWS_TEXT, "ahoy", 4, i % 5 ? &options : NULL));
    }
    for (i = 1; i <= 100; i += 2)
        if (i % 5) EXPECT(await(pair.engine, pair.client, HWS_EVENT_SENT).token == (uint64_t)i);
}

static void *swallow(void *argument)
{
    const reader *reader = argument;
    static unsigned char payload[12 << 20];
    size_t len;
    raw_read_frame(reader->fd, payload, sizeof payload, &len);
    EXPECT(len == sizeof payload && has_pattern(payload, len, 9));
    return NULL;
}

/* More than the kernel can hold: the token waits for the peer, and comes once the peer has read. */
static void a_token_comes_when_the_message_has_left(void)
{
    pair pair = serve(NULL);
    hws_send_options options = token(7);
    unsigned char *data = malloc(12 << 20);
    hws_stats stats = { .struct_size = sizeof stats };
    reader reader = { 0 };
    hws_event event;
    uint32_t count;
    pthread_t thread;
    int i;

    reader.fd = raw_open(&pair, 4096, &pair.server);
    pattern(data, 12 << 20, 9);
    OK(hws_send(pair.server, HWS_BINARY, data, 12 << 20, &options));
    memset(data, 0, 12 << 20);
    for (i = 0; i < 100; i++) {
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
    }
    OK(hws_conn_stats(pair.server, &stats));
    EXPECT(stats.send_queued > 0);
    thread = go(swallow, &reader);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_SENT && event.token == 7);
    OK(hws_conn_stats(pair.server, &stats));
    EXPECT(stats.send_queued == 0);
    done(thread);
    free(data);
}

/* --- copies ----------------------------------------------------------------------------------------------- */

static const size_t sizes[] = { 1, 125, 126, 65535, 65536, 65537, 300000, 1 << 20, 5 << 20, 12 << 20 };

static void send_and_overwrite(hws_conn conn, unsigned char *data)
{
    unsigned i;
    for (i = 0; i < LENGTH(sizes); i++) {
        pattern(data, sizes[i], i);
        while (hws_send(conn, HWS_BINARY, data, sizes[i], NULL) == HWS_ERR_SEND_QUEUE_FULL) {}
        memset(data, 0xee, sizes[i]);
    }
}

static void *send_from_here(void *argument)
{
    const pair *pair = argument;
    unsigned char *data = malloc(12 << 20);
    send_and_overwrite(pair->client, data);
    send_and_overwrite(pair->server, data);
    free(data);
    return NULL;
}

/* Each end sends every size, small ones that are queued and large ones that the kernel takes a part of. */
static void what_was_sent_may_be_overwritten_at_once(void)
{
    setup setup = { .client_limits.message_max = 16 << 20, .server_limits.message_max = 16 << 20 };
    pair pair = pair_new(&setup);
    pthread_t sender = go(send_from_here, &pair);
    unsigned client = 0, server = 0;
    while (client + server < 2 * LENGTH(sizes)) {
        hws_event event = next(pair.engine);
        unsigned *at = event.conn.id == pair.client.id ? &client : &server;
        if (event.kind != HWS_EVENT_MESSAGE) continue;
        EXPECT(event.data.len == sizes[*at] && has_pattern(event.data.ptr, event.data.len, *at));
        ++*at;
    }
    done(sender);
}

/* --- fragments -------------------------------------------------------------------------------------------- */

static const hws_send_options more = { .struct_size = sizeof more, .flags = HWS_SEND_MORE };

static void fragments_are_one_message_with_pings_between(void)
{
    pair pair = pair_new(NULL);
    hws_send_options options = token(42);
    hws_event event;
    int i;

    OK(hws_send(pair.client, HWS_TEXT, "\xe2\x9a", 2, &more)); /* an anchor, in two parts */
    OK(hws_send(pair.client, HWS_PING, "still there?", 12, &options));
    OK(hws_send(pair.client, HWS_CONT, "\x93", 1, &more));
    OK(hws_send(pair.client, HWS_CONT, "", 0, NULL));
    for (i = 0; i < 2; i++) { /* each end in its own order */
        event = next(pair.engine);
        if (event.conn.id == pair.server.id) EXPECT(event.opcode == HWS_TEXT && is_text(&event, "\xe2\x9a\x93"));
        else EXPECT(event.kind == HWS_EVENT_PONG && event.token == 42 && is_text(&event, "still there?"));
    }
}

/* What does not fit into the message that has begun is refused, and the message goes on as if it had not been tried. */
static void a_fragment_that_is_refused_leaves_nothing(void)
{
    pair pair = pair_new(NULL);
    hws_event event;

    FAILS(hws_send(pair.client, HWS_CONT, "ahoy", 4, NULL), HWS_ERR_INVALID_SEND);
    OK(hws_send(pair.client, HWS_TEXT, "ah\xe2", 3, &more));
    FAILS(hws_send(pair.client, HWS_TEXT, "ahoy", 4, NULL), HWS_ERR_CONCURRENCY);
    FAILS(hws_send(pair.client, HWS_BINARY, "ahoy", 4, &more), HWS_ERR_CONCURRENCY);
    FAILS(hws_send(pair.client, HWS_CONT, "oy", 2, NULL), HWS_ERR_INVALID_SEND);
    FAILS(hws_send(pair.client, HWS_CONT, "", 0, NULL), HWS_ERR_INVALID_SEND);
    FAILS(hws_send(pair.client, HWS_PING, "ahoy", 4, &more), HWS_ERR_INVALID_SEND);
    OK(hws_send(pair.client, HWS_CONT, "\x9a\x93oy", 4, NULL));
    event = await(pair.engine, pair.server, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, "ah\xe2\x9a\x93oy"));
    send_text(pair.client, "and another");
    event = next(pair.engine);
    EXPECT(is_text(&event, "and another"));
}

static void fragments_are_delivered_on_request(void)
{
    static const struct {
        const char *text;
        uint32_t flags;
    } parts[] = { { "ah", 0 }, { "", 0 }, { "oy", HWS_FLAG_FIN } };
    setup setup = { .server_limits.deliver_fragments = HWS_ON };
    pair pair = pair_new(&setup);
    size_t i;

    OK(hws_send(pair.client, HWS_BINARY, "ah", 2, &more));
    OK(hws_send(pair.client, HWS_CONT, "", 0, &more));
    OK(hws_send(pair.client, HWS_CONT, "oy", 2, NULL));
    send_text(pair.client, "whole");
    for (i = 0; i < LENGTH(parts); i++) {
        hws_event event = next(pair.engine);
        EXPECT(event.kind == HWS_EVENT_FRAGMENT && event.opcode == HWS_BINARY);
        EXPECT(event.flags == parts[i].flags && is_text(&event, parts[i].text));
    }
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_FRAGMENT).flags == HWS_FLAG_FIN);
}

/* --- pings ------------------------------------------------------------------------------------------------ */

static void pings_and_unasked_pongs_are_delivered_on_request(void)
{
    setup setup = { .server_limits.deliver_pings = HWS_ON };
    pair pair = pair_new(&setup);
    hws_event event;

    OK(hws_send(pair.client, HWS_PING, "ahoy", 4, NULL));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_PING && event.conn.id == pair.server.id && is_text(&event, "ahoy"));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_PONG && event.conn.id == pair.client.id && is_text(&event, "ahoy"));
    OK(hws_send(pair.client, HWS_PONG, "unasked", 7, NULL));
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_PONG && event.conn.id == pair.server.id && event.token == 0);
    OK(hws_send(pair.server, HWS_PONG, "nobody asked here either", 24, NULL));
    nothing_else_comes(&pair);
}

/* A ping that is answered late: the round trip is at least what passed on the clock in between. */
static void a_pong_tells_its_ping_and_how_long_it_took(void)
{
    setup setup = { .client_limits.deliver_pings = HWS_ON };
    pair pair = serve(&setup);
    hws_send_options options = token(99);
    char payload[125];
    hws_event event;
    size_t len;
    int fd = raw_open(&pair, 0, &pair.server);

    OK(hws_send(pair.server, HWS_PING, "now", 3, &options));
    FAILS(hws_send(pair.server, HWS_PING, "now", 3, &options), HWS_ERR_CONCURRENCY);
    options = token(100);
    OK(hws_send(pair.server, HWS_PING, "then", 4, &options));
    poll_without_room(pair.engine);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING) && len == 3);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PING) && len == 4);
    usleep(2000); /* the round trip that is to be told; nothing is waited for */
    raw_frame(fd, FIN | HWS_PONG, "now", 3);
    raw_frame(fd, FIN | HWS_PONG, "then", 4);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_PONG && event.token == 99 && event.value >= 2000);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_PONG && event.token == 100 && event.value >= 2000);
}

static void without_auto_pong_the_host_answers(void)
{
    setup setup = { .server_limits.deliver_pings = HWS_ON, .server_timers.auto_pong = HWS_OFF };
    pair pair = serve(&setup);
    char payload[125];
    size_t len;
    int fd = raw_open(&pair, 0, &pair.server);

    raw_frame(fd, FIN | HWS_PING, "ahoy", 4);
    EXPECT(await(pair.engine, pair.server, HWS_EVENT_PING).data.len == 4);
    OK(hws_send(pair.server, HWS_PONG, "by hand", 7, NULL));
    poll_without_room(pair.engine);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_PONG));
    EXPECT(len == 7 && !memcmp(payload, "by hand", 7));
}

/* --- when it leaves --------------------------------------------------------------------------------------- */

/* One that came alone is answered without waiting for the next poll, if the answer is long; and what is said next to the
 * same peer comes next. */
static void a_long_answer_to_a_single_message_leaves_at_once(void)
{
    enum { LONG = 16384 };
    static unsigned char data[LONG];
    pair pair = serve(NULL);
    int fd = raw_open(&pair, 0, &pair.server), round;
    for (round = 0; round < 3; round++) {
        hws_event event;
        size_t len;
        pattern(data, LONG, (unsigned)round);
        raw_frame(fd, FIN | HWS_BINARY, data, LONG);
        event = await(pair.engine, pair.server, HWS_EVENT_MESSAGE);
        OK(hws_send(event.conn, event.opcode, event.data.ptr, event.data.len, NULL));
        EXPECT(raw_read_frame(fd, data, LONG, &len) == (FIN | HWS_BINARY));
        EXPECT(len == LONG && has_pattern(data, LONG, (unsigned)round));
        OK(hws_send(event.conn, event.opcode, event.data.ptr, event.data.len, NULL));
        send_text(event.conn, "that is all");
        poll_without_room(pair.engine);
        EXPECT(raw_read_frame(fd, data, LONG, &len) == (FIN | HWS_BINARY));
        EXPECT(len == LONG && has_pattern(data, LONG, (unsigned)round));
        EXPECT(raw_read_frame(fd, data, LONG, &len) == (FIN | HWS_TEXT) && len == strlen("that is all"));
    }
    close(fd);
}

TESTS(T(a_refused_send_leaves_nothing_and_writable_follows), T(a_message_larger_than_the_queue_is_refused_for_good),
      T(tokens_come_back_in_order), T(a_token_comes_when_the_message_has_left),
      T(what_was_sent_may_be_overwritten_at_once), T(fragments_are_one_message_with_pings_between),
      T(a_fragment_that_is_refused_leaves_nothing), T(fragments_are_delivered_on_request),
      T(pings_and_unasked_pongs_are_delivered_on_request), T(a_pong_tells_its_ping_and_how_long_it_took),
      T(without_auto_pong_the_host_answers), T(a_long_answer_to_a_single_message_leaves_at_once))
