/* soak HWS_ECHO SECONDS [SEED] -- connections of every kind are opened, used, closed, aborted, paused and sent elsewhere at
 * random, by an engine that is polled and by one with a thread of its own: clients that come back and clients that do not,
 * receive queues with every policy, leases of pools. Their servers are one in each engine, which ends connections as it
 * likes, and three hws_echo, two of which are killed and started again all the time. Every message is numbered: what is lost,
 * twice or out of order where it must not be ends the program. Every round ends with a rest in which all connections are
 * gone: then the library's memory, to the byte, and descriptors are measured, and of the hws_echo that lives throughout
 * what the kernel says. They must be the same in the last minute as in the first. Prints a table; exit status 1 if something
 * grew, hung or was not as it should be. */
#define _GNU_SOURCE
#include "clients.h"
#include "figures.h"
#include "leases.h"
#include "servers.h"

enum { ROUND_MS = 10000, REST_MS = 2500, ROUNDS_MAX = 100000, POLLED = 0, THREADED = 1 };

static struct figures *measured;
static hws_engine engines[2];
static hws_listener listeners[2];
static char our_addresses[2][64];
static const char *echo;
static int rounds;

/* -- our own servers ---------------------------------------------------------------------------------------- */

static void end_somehow(hws_conn conn)
{
    static const uint32_t codes[] = { 1001, 1011, 1012 };
    if (roll(2)) OK(hws_abort(conn));
    else OK(hws_close(conn, codes[roll(LENGTH(codes))], hws_cstr("just so")));
}

/* Says back what it is told. Who reads so little that there is no room has to go: an echo left out would look lost. */
static void answer(const hws_event *event)
{
    struct message message = { 0, 0, 0 };
    int numbered = read_message(event->data, &message) && message.kind == NUMBERED;
    hws_status status = hws_send(event->conn, event->opcode, event->data.ptr, event->data.len, NULL);
    int ends = roll(300) == 0;
    if (status == HWS_ERR_SEND_QUEUE_FULL) OK(hws_close(event->conn, 1013, hws_cstr("too slow")));
    else if (status != HWS_OK && !hws_status_is_a(status, HWS_ERR_CONNECTION_CLOSED)) die("hws_send of a server");
    if (numbered) arrived(ledger_of(message.owner), message.number, event->conn);
    if (numbered && (ends || status != HWS_OK)) ledger_of(message.owner)->disturbed = 1;
    if (ends) end_somehow(event->conn);
}

static void listen_on(int which)
{
    const hws_server_options server = { .struct_size = sizeof server, .bind = HWS_STR("127.0.0.1:0") };
    const hws_engine_options options = { .struct_size = sizeof options, .io_thread = which == THREADED ? HWS_ON : HWS_OFF };
    OK(hws_engine_new(&options, &engines[which]));
    OK(hws_listen(engines[which], &server, &listeners[which]));
    OK(hws_listener_address(listeners[which], our_addresses[which], sizeof our_addresses[which], NULL));
}

/* -- events ------------------------------------------------------------------------------------------------- */

static void take(const hws_event *event)
{
    struct slot *slot = &slots[event->user - 1];
    if (event->listener.id) {
        if (event->kind == HWS_EVENT_MESSAGE) answer(event);
    } else if (event->kind == HWS_EVENT_POOL_READY || event->kind == HWS_EVENT_POOL_FAILED) {
        answer_of_pool(event);
    } else if (event->user == USER_OF_POOLS) {
        take_of_lease(event);
    } else {
        if (event->user - 1 >= SLOTS) fail("an event of nobody");
        if (slot->conn.id == event->conn.id) take_of_client(slot, event);
        else if (!is_afterthought(event)) fail("an event of a connection that is over");
    }
}

static void poll_engine(int which, int32_t timeout_ms)
{
    hws_event events[BATCH];
    uint32_t count, i;
    given_back_count = 0;
    OK(hws_poll(engines[which], events, sizeof *events, 1 + roll(LENGTH(events)), timeout_ms, &count));
    for (i = 0; i < count; i++) take(&events[i]);
}

static void poll_both(int32_t timeout_ms)
{
    poll_engine(POLLED, timeout_ms);
    poll_engine(THREADED, 0);
}

static void poll_briefly(void) { poll_both(2); }

/* -- rounds ------------------------------------------------------------------------------------------------- */

static void run_round(int64_t until)
{
    int64_t next_kill = now_ms() + 500;
    make_pools(engines, addresses + 3); /* those that are killed */
    while (now_ms() < until) {
        int i;
        for (i = 0; i < 30; i++) act(&slots[roll(SLOTS)], engines);
        for (i = 0; i < 5; i++) act_on_lease(&leases[roll(LEASES)]);
        receive_one(&slots[roll(SLOTS)]);
        poll_briefly();
        if (now_ms() > next_kill) kill_one(echo, poll_briefly), next_kill = now_ms() + 200 + roll(1500);
    }
}

/* With all that it has, and without a word. */
static void free_engine_with_thread(void)
{
    uint32_t i;
    OK(hws_engine_free(engines[THREADED]));
    for (i = 0; i < SLOTS; i++) {
        hws_stats stats = { .struct_size = sizeof stats };
        if (!slots[i].conn.id || hws_conn_stats(slots[i].conn, &stats) == HWS_OK) continue;
        ledger_at(&slots[i])->abandoned = 1;
        slots[i] = (struct slot){ 0 };
    }
    for (i = 0; i < ledger_count; i++)
        if (ledgers[i]->server == THREADED) ledgers[i]->abandoned = 1;
    forget_leases(THREADED);
    listen_on(THREADED);
}

static unsigned connections(void)
{
    hws_stats polled = { .struct_size = sizeof polled }, threaded = { .struct_size = sizeof threaded };
    OK(hws_engine_stats(engines[POLLED], &polled));
    OK(hws_engine_stats(engines[THREADED], &threaded));
    return polled.connections + threaded.connections;
}

/* All connections end; then there is time for memory to come back. */
static struct figures rest(void)
{
    int64_t until = now_ms() + 30000;
    size_t i;
    no_more_leases = 1;
    free_pools(POLLED);
    if (rounds % 2) free_engine_with_thread(); /* every other time, for a new engine needs less memory */
    else free_pools(THREADED);
    for (i = 0; i < SLOTS; i++)
        if (slots[i].conn.id) OK(hws_abort(slots[i].conn));
    do {
        if (now_ms() > until) fail("connections that were aborted do not end");
        poll_both(10);
    } while (connections());
    for (until = now_ms() + REST_MS; now_ms() < until;) poll_both(100);
    for (i = 0; i < SLOTS; i++)
        if (slots[i].conn.id) accuse(ledger_at(&slots[i]), "a connection has no last event");
    if (!all_calls_are_answered()) fail("a pool has not answered");
    close_ledgers();
    return measure(servers[0].pid);
}

static void print_row(int64_t seconds)
{
    const struct figures *is = &measured[rounds];
    printf("%5lld %7lu %7lu %7lu %7lu %7lu %8lu %8lu %7lu %7lu %7lu %5lu | %8ld %5ld | %8ld %5ld\n", (long long)seconds, opened,
           came_back, refused, closed_ok, closed_error, messages, told_missing, pongs, leased, denied, kills, is->bytes,
           is->fds, is->server_rss, is->server_fds);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int i;
    int64_t begin, end;
    if (argc < 3 || atoi(argv[2]) <= 0) return fprintf(stderr, "usage: %s HWS_ECHO SECONDS [SEED]\n", argv[0]), 2;
    echo = argv[1];
    dice = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)dice);
    dice = dice * 0x9e3779b97f4a7c15u | 1;
    if (!(measured = calloc(ROUNDS_MAX, sizeof *measured))) fail("no memory");
    signal(SIGPIPE, SIG_IGN);
    count_memory();
    for (i = 0; i < 2; i++) listen_on(i), addresses[i] = our_addresses[i];
    for (i = 0; i < SERVERS; i++) start(&servers[i], echo), addresses[2 + i] = servers[i].address;
    printf("%5s %7s %7s %7s %7s %7s %8s %8s %7s %7s %7s %5s | %8s %5s | %8s %5s\n", "s", "opened", "back", "refused", "ok",
           "error", "messages", "dropped", "pongs", "leased", "denied", "kills", "bytes", "fds", "RSS KiB", "fds");
    begin = now_ms();
    end = begin + 1000 * (int64_t)atoi(argv[2]);
    for (; now_ms() < end && rounds < ROUNDS_MAX; rounds++) {
        int64_t until = now_ms() + ROUND_MS - REST_MS;
        run_round(until < end ? until : end);
        measured[rounds] = rest();
        print_row((now_ms() - begin) / 1000);
    }
    if (opened < 10 || came_back < 10 || messages < 100 || !told_missing || !leased || !kills)
        fail("next to nothing has happened");
    printf("with replay, to our own server: %lu connections, %lu messages, %lu arrived, %lu again; up to %lu were counted as"
           " lost\n", verdicts, totals_sent, totals_arrived, totals_doubles, totals_excused);
    i = judge(measured, rounds);
    OK(hws_engine_free(engines[POLLED]));
    OK(hws_engine_free(engines[THREADED]));
    return i;
}
