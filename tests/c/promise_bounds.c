/* Promise 9: nothing grows without a bound. A peer offers 64 MiB in every way there is, and the process must not hold
 * them. The kernel's buffers are its own affair: they are not in the process's memory. */
#include "counting.h"
#include "raw.h"

enum { OFFER = 64 << 20, GROWTH_MAX = 24 << 20, ROOM_MAX = 256 << 10 };

/* Bytes of memory that the process has, and those of them that it shares with files, such as the library's code. */
static size_t resident_with(size_t *shared)
{
    unsigned long pages = 0, of_files = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    EXPECT(statm && fscanf(statm, "%*u %lu %lu", &pages, &of_files) == 2);
    fclose(statm);
    *shared = of_files * (size_t)sysconf(_SC_PAGESIZE);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t resident(void)
{
    size_t shared;
    return resident_with(&shared);
}

static size_t resident_of_its_own(void)
{
    size_t shared, all = resident_with(&shared);
    return all - shared;
}

typedef struct offer {
    frames frames; /* offered again and again */
    size_t taken;
} offer;

static void put_many(offer *offer, unsigned first_byte, size_t len, int times)
{
    static const char payload[1 << 20];
    while (times--) put_frame(&offer->frames, first_byte, payload, len);
}

/* Offers until 64 MiB are taken or the server takes no more; gives how many messages the host was told of. */
static int offer_all(pair *pair, int fd, offer *offer, uint32_t capacity)
{
    hws_event events[64];
    uint32_t count, i;
    int idle = 0, messages = 0;
    while (offer->taken < OFFER && idle < 200) {
        size_t at = offer->taken % offer->frames.len;
        size_t taken = raw_offer(fd, offer->frames.bytes + at, offer->frames.len - at);
        offer->taken += taken;
        OK(hws_poll(pair->engine, events, sizeof events[0], capacity, has_io_thread() && !taken, &count));
        for (i = 0; i < count; i++) messages += events[i].kind == HWS_EVENT_MESSAGE;
        idle = taken || count ? 0 : idle + 1;
    }
    return messages;
}

static void offers(const setup *setup, int pause, unsigned first_byte, size_t len, uint32_t capacity)
{
    pair pair = serve(setup);
    offer offer = { 0 };
    size_t before;
    int told, fd = raw_open(&pair, 0, &pair.server);

    put_many(&offer, first_byte, len, (int)((1 << 20) / (len + 14)) + 1);
    if (pause) OK(hws_conn_pause(pair.server, 1));
    before = resident();
    told = offer_all(&pair, fd, &offer, capacity);
    EXPECT(resident() < before + GROWTH_MAX);
    EXPECT(pause ? offer.taken < OFFER && told == 0 : offer.taken >= OFFER);
    free(offer.frames.bytes);
}

static void pings_of_a_peer_that_does_not_read(void) { offers(NULL, 0, FIN | HWS_PING, 125, 64); }

static void empty_pings_of_a_peer_that_does_not_read(void) { offers(NULL, 0, FIN | HWS_PING, 0, 64); }

static void delivered_pings_of_a_peer_that_does_not_read(void)
{
    setup setup = { .server_limits.deliver_pings = HWS_ON };
    offers(&setup, 0, FIN | HWS_PING, 125, 64);
}

static void messages_for_a_paused_connection(void) { offers(NULL, 1, FIN | HWS_BINARY, 60000, 64); }
static void pings_for_a_paused_connection(void) { offers(NULL, 1, FIN | HWS_PING, 125, 64); }
static void small_messages_for_batches_of_one(void) { offers(NULL, 0, FIN | HWS_BINARY, 16 << 10, 1); }
static void large_messages_for_batches_of_one(void) { offers(NULL, 0, FIN | HWS_BINARY, 1 << 20, 1); }
static void large_messages_for_large_batches(void) { offers(NULL, 0, FIN | HWS_BINARY, 1 << 20, 64); }

/* A host that only asks for another connection's messages puts this one's by, up to a limit. */
static void messages_put_by_while_receiving(void)
{
    pair pair = pair_new(NULL);
    hws_conn quiet = pair.client;
    offer offer = { 0 };
    hws_event event;
    size_t before;
    int idle = 0, fd = raw_open(&pair, 0, &pair.server);

    put_many(&offer, FIN | HWS_BINARY, 60000, 18);
    before = resident();
    while (offer.taken < OFFER && idle < 200) {
        size_t at = offer.taken % offer.frames.len;
        size_t taken = raw_offer(fd, offer.frames.bytes + at, offer.frames.len - at);
        offer.taken += taken;
        idle = taken ? 0 : idle + 1;
        FAILS(hws_recv(quiet, &event, sizeof event, 0), HWS_ERR_RECV_TIMEOUT);
    }
    EXPECT(offer.taken < OFFER);
    EXPECT(resident() < before + GROWTH_MAX);
    free(offer.frames.bytes);
}

/* Echoes to a peer that does not read: when the send queue is full, reading stops too. */
static void echoes_to_a_peer_that_does_not_read(void)
{
    setup setup = { .server_limits.send_queue_max = 1 << 20 };
    pair pair = serve(&setup);
    offer offer = { 0 };
    hws_event event;
    uint32_t count;
    size_t before;
    int idle = 0, fd = raw_open(&pair, 4096, &pair.server);

    put_many(&offer, FIN | HWS_BINARY, 60000, 18);
    before = resident();
    while (offer.taken < OFFER && idle < 200) {
        size_t at = offer.taken % offer.frames.len;
        size_t taken = raw_offer(fd, offer.frames.bytes + at, offer.frames.len - at);
        offer.taken += taken;
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        idle = taken || count ? 0 : idle + 1;
        if (!count || event.kind != HWS_EVENT_MESSAGE) continue;
        if (hws_send(pair.server, HWS_BINARY, event.data.ptr, event.data.len, NULL)) OK(hws_conn_pause(pair.server, 1));
    }
    EXPECT(offer.taken < OFFER);
    EXPECT(resident() < before + GROWTH_MAX);
    free(offer.frames.bytes);
}

/* A header may claim what it likes: memory grows with what has arrived. */
static void a_header_that_claims_much(void)
{
    setup setup = { .server_limits.message_max = (uint64_t)1 << 40 };
    static const unsigned char header[] = { FIN | HWS_BINARY, 0x80 | 127, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 'a' };
    pair pair = serve(&setup);
    size_t before;
    int i, fds[50];
    for (i = 0; i < 50; i++) fds[i] = raw_open(&pair, 0, &pair.server);
    before = resident();
    for (i = 0; i < 50; i++) raw_write(fds[i], header, sizeof header);
    for (i = 0; i < 100; i++) poll_without_room(pair.engine);
    for (i = 0; i < 100; i++) {
        hws_event event;
        uint32_t count;
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
    }
    EXPECT(resident() < before + GROWTH_MAX);
}

/* Room for what may arrive costs nothing before it does: neither memory nor, in a frame of a game, the time to clear it. */
static void room_is_not_touched_before_it_is_used(void)
{
    size_t before = resident_of_its_own();
    pair pair = serve(NULL);
    join(&pair, NULL);
    EXPECT(resident_of_its_own() < before + ROOM_MAX);
}

/* Connections that come and go leave nothing behind. */
static void a_thousand_connections_leave_nothing(void)
{
    pair pair = serve(NULL);
    size_t before = 0;
    int i;
    for (i = 0; i < 1200; i++) {
        if (i == 200) before = resident();
        join(&pair, NULL);
        OK(i % 2 ? hws_abort(pair.client) : hws_close(pair.client, 1000, hws_cstr("")));
        await(pair.engine, i % 2 ? pair.client : pair.server, HWS_EVENT_CLOSE);
    }
    EXPECT(resident() < before + (2 << 20));
}

/* Nor do their deadlines, however far away these are. */
static void deadlines_go_with_their_connections(void)
{
    hws_timers far = { .open_ms = 1 << 30, .idle_ms = 1 << 30, .ping_interval_ms = 1 << 30 };
    setup setup = { .server_timers = far };
    pair pair;
    long before = 0;
    int i;
    count_memory();
    pair = serve(&setup);
    for (i = 0; i < 3000; i++) {
        raw_reset(raw_open(&pair, 0, &pair.server));
        await(pair.engine, pair.server, HWS_EVENT_CLOSE);
        if (i == 1000) before = bytes;
    }
    EXPECT(bytes < before + 16384);
}

TESTS(T(pings_of_a_peer_that_does_not_read), T(empty_pings_of_a_peer_that_does_not_read),
      T(delivered_pings_of_a_peer_that_does_not_read), T(messages_for_a_paused_connection),
      T(pings_for_a_paused_connection), T(small_messages_for_batches_of_one), T(large_messages_for_batches_of_one),
      T(large_messages_for_large_batches), T(messages_put_by_while_receiving), T(echoes_to_a_peer_that_does_not_read),
      T(a_header_that_claims_much), T(room_is_not_touched_before_it_is_used), T(a_thousand_connections_leave_nothing),
      T(deadlines_go_with_their_connections))
