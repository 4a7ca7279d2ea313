/* soak HWS_ECHO SECONDS [SEED] -- connections are opened, used, closed, aborted and paused at random against a server in this
 * engine and three hws_echo, two of which are killed and started again all the time. Every round ends with a rest in which
 * all connections are gone: then the library's memory, to the byte, and descriptors are measured, and of the hws_echo that
 * lives throughout what the kernel says. They must be the same in the last minute as in the first. Prints a table; exit
 * status 1 if something grew, hung or was out of order. */
#define _GNU_SOURCE
#include <dirent.h>
#include <hawser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SERVERS = 3, SLOTS = 300, ROUND_MS = 10000, REST_MS = 2500, LARGEST = 300000, ROUNDS_MAX = 100000 };

#define OK(call) ((call) == HWS_OK ? (void)0 : die(#call))
#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* What one connection has come to. */
struct slot {
    hws_conn conn;
    int open, closing, paused;
};

static struct server { pid_t pid; char address[64]; } servers[SERVERS + 1]; /* the last is ours */
static struct slot slots[SLOTS];
static struct figures { long bytes, fds, server_rss, server_fds; } *measured;
static long allocated;
static unsigned long opened, refused, closed_ok, closed_error, messages, pongs, kills;
static hws_engine engine;
static const char *echo;
static uint64_t dice;

static void die(const char *what)
{
    fprintf(stderr, "soak: %s: %s\n", what, hws_last_error()->message.ptr);
    exit(1);
}

static void fail(const char *what)
{
    fprintf(stderr, "soak: %s\n", what);
    exit(1);
}

static unsigned roll(unsigned sides)
{
    dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
    return (unsigned)(dice >> 32) % sides;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* -- servers ------------------------------------------------------------------------------------------------ */

/* Comes back when it listens; at the address that it had before, if it had one. */
static void start(struct server *server)
{
    int out[2];
    char line[128] = "";
    FILE *said;
    if (pipe(out)) fail("pipe");
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], 1);
        close(out[0]), close(out[1]);
        setenv("MALLOC_ARENA_MAX", "1", 1), setenv("MALLOC_TRIM_THRESHOLD_", "65536", 1);
        setenv("MALLOC_MMAP_THRESHOLD_", "65536", 1); /* so that what is freed goes back to the kernel */
        execl(echo, echo, "--quiet", "--bind", *server->address ? server->address : "127.0.0.1:0", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    said = fdopen(out[0], "r");
    if (!said || !fgets(line, sizeof line, said) || sscanf(line, "listening on %63s", server->address) != 1)
        fail("hws_echo does not listen");
    fclose(said);
}

/* -- what is done ------------------------------------------------------------------------------------------- */

static void open_one(struct slot *slot)
{
    static const uint8_t beat[] = "still there?";
    hws_client_options client = { .struct_size = sizeof client };
    hws_compression compression = { .struct_size = sizeof compression, .enabled = 1 + roll(2) };
    hws_timers timers = { .struct_size = sizeof timers, .open_ms = 2000, .close_ms = 1000, .ping_interval_ms = 100,
                          .ping_timeout_ms = 5000 };
    hws_heartbeat heartbeat = { .struct_size = sizeof heartbeat, .interval_ms = 150, .message = { beat, sizeof beat - 1 },
                                .answer = { beat, sizeof beat - 1 } };
    char uri[80];
    snprintf(uri, sizeof uri, "ws://%s/", servers[roll(SERVERS + 1)].address);
    client.uri = hws_cstr(uri);
    client.user = (uint64_t)(slot - slots) + 1;
    client.compression = &compression;
    client.timers = &timers;
    if (roll(2)) client.heartbeat = &heartbeat;
    memset(slot, 0, sizeof *slot);
    OK(hws_connect(engine, &client, &slot->conn));
}

/* A send may be refused by a full queue or a connection that has just ended; by nothing else. */
static void send_one(const struct slot *slot)
{
    static char text[LARGEST];
    size_t len = roll(8) ? roll(2000) : roll(LARGEST);
    hws_status status;
    memset(text, 'a' + (int)roll(26), len);
    status = hws_send(slot->conn, HWS_TEXT, text, len, NULL);
    if (status != HWS_OK && status != HWS_ERR_SEND_QUEUE_FULL && status != HWS_ERR_CONNECTION_CLOSED
        && !hws_status_is_a(status, HWS_ERR_CONNECTION_CLOSED)) die("hws_send");
}

static void act(struct slot *slot)
{
    if (!slot->conn.id) open_one(slot);
    if (!slot->open || slot->closing) return;
    switch (roll(24)) {
    case 0: OK(hws_close(slot->conn, 1000, hws_cstr("enough"))), slot->closing = 1; break;
    case 1: OK(hws_abort(slot->conn)), slot->closing = 1; break;
    case 2: slot->paused = !slot->paused; OK(hws_conn_pause(slot->conn, slot->paused)); break;
    case 3: (void)!hws_send(slot->conn, HWS_PING, &dice, 8, NULL); break;
    default: send_one(slot);
    }
}

/* Our own server: says back what it is told, if there is room. */
static void serve(const hws_event *event)
{
    if (event->kind == HWS_EVENT_MESSAGE) (void)!hws_send(event->conn, event->opcode, event->data.ptr, event->data.len, NULL);
}

static void take(const hws_event *event)
{
    struct slot *slot;
    if (event->listener.id) {
        serve(event);
        return;
    }
    if (event->user - 1 >= SLOTS) fail("an event of nobody");
    slot = &slots[event->user - 1];
    if (slot->conn.id != event->conn.id) fail("an event of a connection that is over");
    switch (event->kind) {
    case HWS_EVENT_OPEN: slot->open = 1, opened++; break;
    case HWS_EVENT_MESSAGE: messages++; break;
    case HWS_EVENT_PONG: pongs++; break;
    case HWS_EVENT_CONNECT_FAILED: refused++; memset(slot, 0, sizeof *slot); break;
    case HWS_EVENT_CLOSE:
        if (event->status == HWS_ERR_CLOSED_OK) closed_ok++;
        else closed_error++;
        memset(slot, 0, sizeof *slot);
        break;
    default: break;
    }
}

static void poll_once(int32_t timeout_ms)
{
    hws_event events[64];
    uint32_t count, i;
    OK(hws_poll(engine, events, sizeof *events, 1 + roll(LENGTH(events)), timeout_ms, &count));
    for (i = 0; i < count; i++) take(&events[i]);
}

static void kill_one(void)
{
    struct server *server = &servers[1 + roll(SERVERS - 1)]; /* never the first */
    int64_t patience = now_ms() + 300;
    kill(server->pid, roll(2) ? SIGKILL : SIGTERM);
    while (waitpid(server->pid, NULL, WNOHANG) == 0) { /* a polite one waits for our answers, but not for ever */
        if (now_ms() > patience) kill(server->pid, SIGKILL);
        poll_once(2);
    }
    start(server);
    kills++;
}

/* -- memory ------------------------------------------------------------------------------------------------- */

static void *counting_alloc(size_t size, size_t align, void *user)
{
    (void)user;
    __atomic_add_fetch(&allocated, (long)size, __ATOMIC_RELAXED);
    return align <= 16 ? malloc(size) : aligned_alloc(align, (size + align - 1) / align * align);
}

static void counting_free(void *at, size_t size, size_t align, void *user)
{
    (void)align, (void)user;
    __atomic_sub_fetch(&allocated, (long)size, __ATOMIC_RELAXED);
    free(at);
}

static void *counting_realloc(void *at, size_t old_size, size_t align, size_t new_size, void *user)
{
    void *to = counting_alloc(new_size, align, user);
    memcpy(to, at, old_size < new_size ? old_size : new_size);
    counting_free(at, old_size, align, user);
    return to;
}

/* -- figures ------------------------------------------------------------------------------------------------ */

static long rss_of(pid_t pid)
{
    char path[64];
    long size, resident = 0;
    FILE *file;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    if (!(file = fopen(path, "r")) || fscanf(file, "%ld %ld", &size, &resident) != 2) fail(path);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static long fds_of(pid_t pid)
{
    char path[64];
    long count = 0;
    DIR *directory;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    if (!(directory = opendir(path))) fail(path);
    while (readdir(directory)) count++;
    closedir(directory);
    return count - 2 - (pid == getpid());
}

/* All connections end; then there is time for memory to come back. */
static struct figures rest(void)
{
    hws_stats stats = { .struct_size = sizeof stats };
    int64_t until = now_ms() + 30000;
    size_t i;
    for (i = 0; i < SLOTS; i++)
        if (slots[i].conn.id) OK(hws_abort(slots[i].conn));
    do {
        if (now_ms() > until) fail("connections that were aborted do not end");
        poll_once(10);
        OK(hws_engine_stats(engine, &stats));
    } while (stats.connections);
    for (until = now_ms() + REST_MS; now_ms() < until;) poll_once(100);
    return (struct figures){ __atomic_load_n(&allocated, __ATOMIC_SEQ_CST), fds_of(getpid()), rss_of(servers[0].pid), fds_of(servers[0].pid) };
}

static void run_round(int64_t until)
{
    int64_t next_kill = now_ms() + 500;
    while (now_ms() < until) {
        int i;
        for (i = 0; i < 30; i++) act(&slots[roll(SLOTS)]);
        poll_once(2);
        if (now_ms() > next_kill) kill_one(), next_kill = now_ms() + 200 + roll(1500);
    }
}

/* The most that was measured in some rounds. */
static struct figures most(int from, int to)
{
    struct figures most = { 0 };
    for (; from < to; from++) {
        const struct figures *is = &measured[from];
        if (is->bytes > most.bytes) most.bytes = is->bytes;
        if (is->fds > most.fds) most.fds = is->fds;
        if (is->server_rss > most.server_rss) most.server_rss = is->server_rss;
        if (is->server_fds > most.server_fds) most.server_fds = is->server_fds;
    }
    return most;
}

/* Tables that have room for the most there ever was are no leak, nor are pages that an allocator keeps. */
static int grew(const char *what, long first, long last, long slack)
{
    printf("%-22s first minute %7ld, last minute %7ld: %s\n", what, first, last, last > first + slack ? "GREW" : "flat");
    return last > first + slack;
}

static int judge(int rounds)
{
    int minute = rounds >= 12 ? 6 : (rounds + 1) / 2, bad = 0;
    struct figures first = most(0, minute), last = most(rounds - minute, rounds);
    bad |= grew("bytes allocated here", first.bytes, last.bytes, first.bytes / 10 + (16 << 10));
    bad |= grew("descriptors here", first.fds, last.fds, 0);
    bad |= grew("the server's RSS, KiB", first.server_rss, last.server_rss, first.server_rss / 4 + 4096);
    bad |= grew("its descriptors", first.server_fds, last.server_fds, 0);
    return bad;
}

int main(int argc, char **argv)
{
    const hws_allocator allocator = { .struct_size = sizeof allocator, .alloc = counting_alloc, .realloc = counting_realloc,
                                      .free = counting_free };
    const hws_server_options server = { .struct_size = sizeof server, .bind = HWS_STR("127.0.0.1:0") };
    hws_listener listener;
    int i, rounds = 0;
    int64_t begin, end;
    if (argc < 3 || atoi(argv[2]) <= 0) return fprintf(stderr, "usage: %s HWS_ECHO SECONDS [SEED]\n", argv[0]), 2;
    echo = argv[1];
    dice = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)dice);
    dice = dice * 0x9e3779b97f4a7c15u | 1;
    if (!(measured = calloc(ROUNDS_MAX, sizeof *measured))) fail("no memory");
    signal(SIGPIPE, SIG_IGN);
    OK(hws_set_allocator(&allocator));
    for (i = 0; i < SERVERS; i++) start(&servers[i]);
    OK(hws_engine_new(NULL, &engine));
    OK(hws_listen(engine, &server, &listener));
    OK(hws_listener_address(listener, servers[SERVERS].address, sizeof servers[0].address, NULL));
    printf("%6s %8s %8s %9s %8s %9s %8s %6s | %8s %5s | %8s %5s\n", "s", "opened", "refused", "closed ok", "error",
           "messages", "pongs", "kills", "bytes", "fds", "RSS KiB", "fds");
    begin = now_ms();
    end = begin + 1000 * (int64_t)atoi(argv[2]);
    while (now_ms() < end && rounds < ROUNDS_MAX) {
        int64_t until = now_ms() + ROUND_MS - REST_MS;
        run_round(until < end ? until : end);
        measured[rounds] = rest();
        printf("%6lld %8lu %8lu %9lu %8lu %9lu %8lu %6lu | %8ld %5ld | %8ld %5ld\n", (long long)(now_ms() - begin) / 1000, opened,
               refused, closed_ok, closed_error, messages, pongs, kills, measured[rounds].bytes, measured[rounds].fds,
               measured[rounds].server_rss, measured[rounds].server_fds);
        fflush(stdout);
        rounds++;
    }
    if (opened < 10 || messages < 100 || !kills) fail("next to nothing has happened");
    i = judge(rounds);
    OK(hws_engine_free(engine));
    return i;
}
