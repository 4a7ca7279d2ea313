/* What an open connection costs with every message: no memory, no change of what the kernel watches, and no look at the
 * clock, of which each poll takes two. Both ends of each connection are in one engine, so it holds for either. */
#include "counting.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>

/* --- what the library asks of libc: the linker finds these functions before libc's own ------------------------------ */

static long clock_reads, watch_changes;

int clock_gettime(clockid_t clock, struct timespec *time)
{
    __atomic_add_fetch(&clock_reads, 1, __ATOMIC_SEQ_CST);
    return (int)syscall(SYS_clock_gettime, clock, time);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    __atomic_add_fetch(&watch_changes, 1, __ATOMIC_SEQ_CST);
    return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

/* --- messages there and back ---------------------------------------------------------------------------------------- */

enum { FEW = 8, CROWD = 200, BATCH = 512, LONGEST = 100000 };

static struct {
    hws_engine engine;
    hws_conn clients[CROWD];
    int pairs;
    size_t len;
    long polls, messages;
    void (*say)(hws_conn, hws_opcode, const void *, size_t);
} here;

static void say_it(hws_conn conn, hws_opcode opcode, const void *data, size_t len)
{
    OK(hws_send(conn, opcode, data, len, NULL));
}

static void open_pairs(int pairs, hws_toggle compressed)
{
    const hws_compression compression = { .struct_size = sizeof compression, .enabled = compressed };
    const hws_server_options server = { .struct_size = sizeof server, .bind = HWS_STR("127.0.0.1:0"),
                                        .compression = &compression };
    hws_listener listener;
    char uri[64] = "ws://";
    int i, opened;
    OK(hws_engine_new(NULL, &here.engine));
    OK(hws_listen(here.engine, &server, &listener));
    OK(hws_listener_address(listener, uri + 5, sizeof uri - 5, NULL));
    here.pairs = pairs;
    if (!here.say) here.say = say_it;
    for (i = 0; i < pairs; i++) here.clients[i] = dial(here.engine, uri, NULL);
    for (opened = 0; opened < 2 * pairs; opened++) await(here.engine, any, HWS_EVENT_OPEN);
    EXPECT(watch_changes > 2 * pairs && clock_reads > 0); /* they are ours */
}

static void begin(int in_flight, hws_opcode opcode, size_t len)
{
    static const char data[LONGEST];
    int i;
    here.len = len;
    for (i = 0; i < here.pairs * in_flight; i++) here.say(here.clients[i % here.pairs], opcode, data, len);
}

/* Whoever gets a message sends it back. */
static void go_on(long messages)
{
    static hws_event batch[BATCH];
    const long until = here.messages + messages;
    uint32_t i, count;
    for (; here.messages < until; here.polls++) {
        OK(hws_poll(here.engine, batch, sizeof *batch, BATCH, 10000, &count));
        for (i = 0; i < count; i++) {
            if (batch[i].kind == HWS_EVENT_SENT) continue; /* of those with a token */
            EXPECT(batch[i].kind == HWS_EVENT_MESSAGE && batch[i].data.len == here.len);
            here.say(batch[i].conn, batch[i].opcode, batch[i].data.ptr, batch[i].data.len);
            here.messages++;
        }
    }
}

/* --- no memory ------------------------------------------------------------------------------------------------------ */

enum { WINDOWS = 5 };

/* With a thread of the library's each message is copied once, to wait for the host; what is on its way when the window
 * opens or closes may count on either side. */
static long copies(long messages, int in_flight) { return has_io_thread() ? messages + 2 * here.pairs * in_flight : 0; }

/* In a window after the first messages not a piece is taken. If the machine stalls for a second the engine takes that
 * for a rest, gives back what it does not need, and takes it again: that is what the other windows are for. */
static void takes_no_memory(int pairs, int in_flight, hws_opcode opcode, size_t len, hws_toggle compressed)
{
    const long messages = len > 10000 ? 1500 : 20000;
    long taken = 0;
    int i;
    if (!pieces) count_memory();
    open_pairs(pairs, compressed);
    begin(in_flight, opcode, len);
    go_on(messages);
    for (i = 0; i < WINDOWS; i++) {
        long before = pieces, seen = here.messages;
        go_on(messages);
        taken = pieces - before;
        if (taken <= copies(here.messages - seen, in_flight)) break;
    }
    if (i == WINDOWS) fprintf(stderr, "%ld pieces for %ld messages of %zu bytes\n", taken, messages, len);
    EXPECT(i < WINDOWS);
    OK(hws_engine_free(here.engine));
}

static void a_message_takes_no_memory(void)
{
    takes_no_memory(FEW, 1, HWS_BINARY, 16, HWS_OFF);
    takes_no_memory(FEW, 1, HWS_TEXT, 1000, HWS_OFF);
    takes_no_memory(FEW, 1, HWS_BINARY, 16384, HWS_OFF);
}

static void many_at_a_time_take_no_memory(void)
{
    takes_no_memory(FEW, 32, HWS_BINARY, 16, HWS_OFF);
    takes_no_memory(FEW, 32, HWS_TEXT, 1000, HWS_OFF);
}

/* In one batch nearly everybody has something to say. */
static void a_crowd_takes_no_memory(void)
{
    takes_no_memory(CROWD, 1, HWS_BINARY, 16, HWS_OFF);
    takes_no_memory(CROWD, 1, HWS_BINARY, 16384, HWS_OFF);
}

/* They come in several reads each. */
static void messages_in_parts_take_no_memory(void)
{
    takes_no_memory(FEW, 1, HWS_BINARY, LONGEST, HWS_OFF);
    takes_no_memory(FEW, 8, HWS_BINARY, 16384, HWS_OFF);
}

static void say_with_token(hws_conn conn, hws_opcode opcode, const void *data, size_t len)
{
    const hws_send_options options = { .struct_size = sizeof options, .token = 7 };
    OK(hws_send(conn, opcode, data, len, &options));
}

static void reports_take_no_memory(void)
{
    here.say = say_with_token;
    takes_no_memory(FEW, 1, HWS_BINARY, 16, HWS_OFF);
    takes_no_memory(FEW, 32, HWS_BINARY, 16, HWS_OFF);
}

static void compressed_messages_take_no_memory(void)
{
    takes_no_memory(FEW, 1, HWS_TEXT, 1000, HWS_ON);
    takes_no_memory(FEW, 32, HWS_TEXT, 1000, HWS_ON);
}

/* --- the kernel ----------------------------------------------------------------------------------------------------- */

static void what_the_kernel_watches_stays(void)
{
    long before;
    open_pairs(FEW, HWS_OFF);
    begin(32, HWS_BINARY, 125);
    go_on(1000);
    before = watch_changes;
    go_on(20000);
    EXPECT(watch_changes == before);
}

/* When a poll begins, and when it has waited; and what the host does behind it begins with one more. */
enum { LOOKS = 3 };

static void looks_at_the_clock(int in_flight)
{
    long looks, polls, messages = here.messages;
    begin(in_flight, HWS_BINARY, 125);
    go_on(1000);
    looks = clock_reads;
    polls = here.polls;
    messages = here.messages;
    go_on(20000);
    polls = here.polls - polls;
    looks = clock_reads - looks;
    EXPECT(looks <= LOOKS * polls);
    EXPECT(in_flight == 1 || 8 * looks < here.messages - messages); /* more messages do not need more */
}

static void a_poll_looks_at_the_clock_and_a_message_does_not(void)
{
    open_pairs(FEW, HWS_OFF);
    looks_at_the_clock(1);
    looks_at_the_clock(31);
}

TESTS(T(a_message_takes_no_memory), T(many_at_a_time_take_no_memory), T(a_crowd_takes_no_memory),
      T(messages_in_parts_take_no_memory), T(reports_take_no_memory), T(compressed_messages_take_no_memory),
      T(what_the_kernel_watches_stays), T(a_poll_looks_at_the_clock_and_a_message_does_not))
