/* What a connection costs while nothing happens on it: its place in the engine, and nothing besides, also when much has
 * happened before. */
#include "counting.h"
#include "raw.h"

#include <poll.h>

enum { FEW = 100, MANY = 400, LONG = 16384 };

static struct {
    pair pair;
    int peers[MANY], open;
    hws_conn conns[MANY];
} here;

/* A keepalive is a deadline for each. */
static void begin_with(int32_t ping_interval_ms)
{
    const setup timed = { .server_timers.ping_interval_ms = ping_interval_ms };
    count_memory();
    here.pair = serve(&timed);
}

static void begin(void) { begin_with(HWS_NEVER); }

static void open_up_to(int count)
{
    for (; here.open < count; here.open++) here.peers[here.open] = raw_open(&here.pair, 0, &here.conns[here.open]);
}

/* What the library has when nothing has arrived for long enough. */
static long at_rest(void)
{
    hws_event event;
    uint32_t count;
    OK(hws_poll(here.pair.engine, &event, sizeof event, 1, 1500, &count));
    EXPECT(count == 0);
    return bytes;
}

/* A thread of the library's own may come to it later than the poll does. */
static void comes_back_to(long before)
{
    while (at_rest() > before)
        fprintf(stderr, "%ld bytes more than before\n", bytes - before);
}

/* Writes a part of everybody's message. */
static void say(const frames *message, size_t from, size_t to)
{
    int i;
    for (i = 0; i < MANY; i++) raw_write(here.peers[i], message->bytes + from, to - from);
}

/* With options that ask for a report, each is heard, too. */
static void answer_all(const hws_send_options *options)
{
    static hws_event batch[64];
    const int reports = options ? MANY : 0;
    uint32_t i, count;
    int answered = 0, reported = 0;
    while (answered < MANY || reported < reports) {
        OK(hws_poll(here.pair.engine, batch, sizeof *batch, 64, 10000, &count));
        EXPECT(count > 0);
        for (i = 0; i < count; i++) {
            if (batch[i].kind == HWS_EVENT_SENT) {
                reported++;
                continue;
            }
            EXPECT(batch[i].kind == HWS_EVENT_MESSAGE && batch[i].data.len == LONG);
            OK(hws_send(batch[i].conn, batch[i].opcode, batch[i].data.ptr, batch[i].data.len, options));
            answered++;
        }
    }
    EXPECT(reported == reports);
    poll_without_room(here.pair.engine);
}

static void hear_all(void)
{
    static unsigned char answer[LONG];
    size_t len;
    int i;
    for (i = 0; i < MANY; i++)
        EXPECT(raw_read_frame(here.peers[i], answer, LONG, &len) == (FIN | HWS_BINARY) && len == LONG);
}

/* What is read into, for one. */
static void an_engine_at_rest_has_no_buffers(void)
{
    long before;
    begin();
    before = bytes;
    open_up_to(1);
    EXPECT(bytes > before + LONG);
    EXPECT(at_rest() < before + LONG);
}

/* There are places for thousands once there are some dozens of connections, so that more of them need none. */
static void an_idle_connection_is_its_place_and_nothing_else(void)
{
    long before;
    begin();
    open_up_to(FEW);
    before = at_rest();
    open_up_to(MANY);
    comes_back_to(before);
}

/* All at once, some of it in one piece and some in two. */
static void burst(const hws_send_options *options)
{
    static unsigned char payload[LONG];
    frames message = { 0 };
    long before;
    begin();
    open_up_to(FEW);
    before = at_rest();
    open_up_to(MANY);
    put_frame(&message, FIN | HWS_BINARY, payload, LONG);
    say(&message, 0, message.len);
    answer_all(options);
    hear_all();
    say(&message, 0, message.len / 2);
    until_it_sleeps(here.pair.engine);
    say(&message, message.len / 2, message.len);
    answer_all(options);
    hear_all();
    comes_back_to(before);
    free(message.bytes);
}

static void a_burst_leaves_nothing(void) { burst(NULL); }

static void reports_leave_nothing(void)
{
    const hws_send_options options = { .struct_size = sizeof options, .token = 7 };
    burst(&options);
}

/* Nothing arrives, so it is what leaves that the engine rests from. */
static void what_is_pushed_leaves_nothing(void)
{
    static const unsigned char payload[LONG];
    long before;
    int i;
    begin();
    open_up_to(MANY);
    before = at_rest();
    for (i = 0; i < MANY; i++) OK(hws_send(here.conns[i], HWS_BINARY, payload, LONG, NULL));
    poll_without_room(here.pair.engine);
    hear_all();
    comes_back_to(before);
}

/* What is remembered of pings, and nothing that is for the next one only. */
enum { REMEMBERED = 80 };

/* Those that have come; how many. */
static int answer_pings(void)
{
    unsigned char payload[125];
    size_t len;
    int i, answered = 0;
    for (i = 0; i < MANY; i++) {
        struct pollfd peer = { .fd = here.peers[i], .events = POLLIN };
        if (poll(&peer, 1, 0) == 0) continue;
        EXPECT(raw_read_frame(peer.fd, payload, sizeof payload, &len) == (FIN | HWS_PING));
        raw_frame(peer.fd, FIN | HWS_PONG, payload, len);
        answered++;
    }
    return answered;
}

static void a_keepalive_costs_little(void)
{
    long before, after;
    int answered = 0;
    begin_with(4000);
    open_up_to(MANY);
    before = at_rest();
    do {
        answered += answer_pings();
        after = at_rest();
    } while (answered < MANY || after > before + MANY * REMEMBERED);
}

TESTS(T(an_engine_at_rest_has_no_buffers), T(an_idle_connection_is_its_place_and_nothing_else),
      T(a_burst_leaves_nothing), T(reports_leave_nothing), T(what_is_pushed_leaves_nothing),
      T(a_keepalive_costs_little))
