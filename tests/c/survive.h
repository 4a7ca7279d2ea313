/* The scene for the program that tests/border/survival.rs makes: an engine with a listener, an open connection and a
 * kept error, all of it new for every call; beside it handles that were alive once. Each function is tried in a
 * process of its own, so that one that crashes does not hide the next. */
#ifndef SURVIVE_H
#define SURVIVE_H

#include "certs.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What may come of a call, beside an exact status. */
enum { LEGAL = 1, AS_USUAL = 2 };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- what is being done, and how it went ------------------------------------------------------------------ */

static struct {
    unsigned long functions, calls, guesses, failures;
} *totals; /* shared with the processes that do the work */

static const char *function_now, *change_now;
static hws_status usual;

static void fail(const char *why, const char *got)
{
    totals->failures++;
    printf("FAILED %s with %s: %s %s\n", function_now, *change_now ? change_now : "plausible arguments", why, got);
}

static const char *name_of(hws_status status)
{
    const char *name = hws_status_name(status);
    return name ? name : "a number that is no status";
}

/* A signal is what this is all about: say where it came from, and let the others go on. */
static void on_signal(int number)
{
    char line[512];
    int length = snprintf(line, sizeof line, "FAILED %s with %s: %s\n", function_now, change_now, strsignal(number));
    if (length > 0 && write(1, line, (size_t)length) < 0) _exit(3);
    _exit(2);
}

static void must(hws_status status, const char *what)
{
    if (status == HWS_OK) return;
    printf("FAILED to set the scene for %s with %s: %s: %s\n", function_now, change_now, what,
           hws_last_error()->message.ptr);
    exit(2);
}

/* --- arguments -------------------------------------------------------------------------------------------- */

enum { OUT_MAX = 8192, ARGUMENTS = 8, ARENA = 128 << 10 };

/* Where functions may write, one place an argument; `before` is what it held when the call began. */
static union {
    unsigned char bytes[ARGUMENTS][OUT_MAX];
    uint64_t aligned;
} outs, before;

static void *out(int argument) { return outs.bytes[argument]; }

#define misaligned(pointer) ((void *)(uintptr_t)((const char *)(pointer) + 1))

static void fill(const char *type, void *options);

/* in_T gives a T as a reasonable caller fills it in, with room for sizes that are lies; inout_T one to be filled. */
#define VERSIONED(T)                                                                                                \
    __attribute__((unused)) static T *in_##T(void)                                                                  \
    {                                                                                                               \
        static union { char bytes[ARENA]; T is; } arena;                                                            \
        memset(&arena, 0, sizeof arena);                                                                            \
        fill(#T, &arena.is);                                                                                        \
        arena.is.struct_size = sizeof arena.is;                                                                     \
        return &arena.is;                                                                                           \
    }                                                                                                               \
    __attribute__((unused)) static T *inout_##T(int argument)                                                       \
    {                                                                                                               \
        T *is = out(argument);                                                                                      \
        is->struct_size = sizeof *is;                                                                               \
        return is;                                                                                                  \
    }

/* Nothing but zeros, as large as any size that is claimed. */
#define blank(pointer) (memset((void *)(uintptr_t)(pointer), 0, ARENA), (pointer))

static const hws_str no_str;

static hws_str odd_str(const char *text, size_t len)
{
    hws_str str;
    str.ptr = text;
    str.len = len;
    return str;
}

static hws_bytes odd_bytes(const char *at, size_t len)
{
    hws_bytes bytes;
    bytes.ptr = (const uint8_t *)at;
    bytes.len = len;
    return bytes;
}

static hws_str long_str(void)
{
    static char text[100000];
    memset(text, 'a', sizeof text);
    return odd_str(text, sizeof text);
}

static void quiet_hws_log_fn(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t len)
{
    (void)user, (void)level, (void)handle, (void)target, (void)text, (void)len;
}

static void quiet_hws_wake_fn(void *user) { (void)user; }

static void *plain_alloc(size_t size, size_t align, void *user)
{
    (void)user;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void plain_free(void *at, size_t size, size_t align, void *user)
{
    (void)size, (void)align, (void)user;
    free(at);
}

static void *plain_realloc(void *at, size_t size, size_t align, size_t more, void *user)
{
    void *to = plain_alloc(more, align, user);
    memcpy(to, at, size < more ? size : more);
    plain_free(at, size, align, user);
    return to;
}

/* --- the scene -------------------------------------------------------------------------------------------- */

static struct {
    hws_engine live_hws_engine, freed_hws_engine, ended_hws_engine;
    hws_listener live_hws_listener, freed_hws_listener, ended_hws_listener;
    hws_conn live_hws_conn, freed_hws_conn, ended_hws_conn;
    hws_request live_hws_request, freed_hws_request, ended_hws_request;
    hws_pool live_hws_pool, freed_hws_pool, ended_hws_pool;
    hws_error live_hws_error, freed_hws_error, ended_hws_error;
    hws_conn server, waiting; /* the other end, and who waits for the decision */
    hws_engine museum; /* where the ended ones ended */
    char uri[64];
} scene;

/* As many messages as a plausible length says, and room behind them for sizes that are lies. */
static hws_outgoing *row_hws_outgoing(void)
{
    static union { char bytes[ARENA]; hws_outgoing is[4]; } row;
    memset(&row, 0, sizeof row);
    for (int i = 0; i < 4; i++) {
        row.is[i].conn = scene.live_hws_conn;
        row.is[i].opcode = HWS_TEXT;
        row.is[i].data = odd_bytes("ahoy", 4);
    }
    return row.is;
}

static const hws_limits limits = { .struct_size = sizeof limits };
static const hws_timers timers = { .struct_size = sizeof timers };
static const hws_heartbeat heartbeat = {
    .struct_size = sizeof heartbeat, .message = { (const uint8_t *)"?", 1 }, .answer = { (const uint8_t *)"!", 1 }
};
static const hws_str word = HWS_STR("ahoy");
static const hws_header header = { HWS_STR("X-Ahoy"), HWS_STR("ahoy") };

/* Every pointer points somewhere: a size that cuts one in half must not make half of it be followed. */
static void fill_client(hws_client_options *options)
{
    options->uri = hws_cstr(scene.uri);
    options->subprotocols = &word;
    options->headers = &header;
    options->subprotocol_count = options->header_count = 1;
    options->limits = &limits;
    options->timers = &timers;
    options->heartbeat = &heartbeat;
}

static hws_pool pool_new(hws_engine engine)
{
    hws_pool pool;
    hws_client_options client;
    hws_pool_options options;
    memset(&client, 0, sizeof client);
    client.struct_size = sizeof client;
    client.uri = hws_cstr(scene.uri);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.client = &client;
    must(hws_pool_new(engine, &options, &pool), "hws_pool_new");
    return pool;
}

static void fill_pool(hws_pool_options *options)
{
    static hws_client_options client;
    memset(&client, 0, sizeof client);
    fill_client(&client);
    client.struct_size = sizeof client;
    options->client = &client;
}

static const hws_response page = { .struct_size = sizeof page, .status = 200, .headers = &header, .header_count = 1 };
static const hws_route routes[2] = {
    { .struct_size = sizeof(hws_route), .pattern = HWS_STR("*") },
    { .struct_size = sizeof(hws_route), .pattern = HWS_STR("/decide"), .decide = HWS_ON },
};

static void fill_route(hws_route *route)
{
    route->pattern = hws_cstr("/ahoy/:name");
    route->subprotocols = &word;
    route->subprotocol_count = 1;
    route->limits = &limits;
    route->timers = &timers;
}

static void fill_server(hws_server_options *options)
{
    options->routes = routes;
    options->route_count = 1;
    options->bind = hws_cstr("127.0.0.1:0");
    options->subprotocols = &word;
    options->subprotocol_count = 1;
    options->limits = &limits;
    options->timers = &timers;
}

/* Will do for both sides. */
static void fill_tls(hws_tls *tls)
{
    tls->certificate = identity("ecdsa");
    tls->ca_file = cert_file("ca", ".pem");
    tls->alpn = &word;
    tls->alpn_count = 1;
}

static void fill_allocator(hws_allocator *allocator)
{
    allocator->alloc = plain_alloc;
    allocator->realloc = plain_realloc;
    allocator->free = plain_free;
}

/* One end of a connection, under a number that nobody gets who takes the lowest: what became of the last one may be
 * forgotten. */
static ptrdiff_t a_socket(void)
{
    enum { NUMBER = 600 };
    int ends[2];
    close(NUMBER);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || fcntl(ends[0], F_DUPFD_CLOEXEC, NUMBER) != NUMBER) abort();
    close(ends[0]);
    close(NUMBER + 1);
    if (fcntl(ends[1], F_DUPFD_CLOEXEC, NUMBER + 1) != NUMBER + 1) abort();
    close(ends[1]);
    return NUMBER;
}

/* The fields without which a struct asks for nothing. */
static void fill(const char *type, void *options)
{
    if (!strcmp(type, "hws_client_options")) fill_client(options);
    if (!strcmp(type, "hws_server_options")) fill_server(options);
    if (!strcmp(type, "hws_pool_options")) fill_pool(options);
    if (!strcmp(type, "hws_route")) fill_route(options);
    if (!strcmp(type, "hws_response")) memcpy(options, &page, sizeof page);
    if (!strcmp(type, "hws_heartbeat")) memcpy(options, &heartbeat, sizeof heartbeat);
    if (!strcmp(type, "hws_raise")) ((hws_raise *)options)->status = HWS_ERR_INVALID_MESSAGE_DATA;
    if (!strcmp(type, "hws_tls")) fill_tls(options);
    if (!strcmp(type, "hws_allocator")) fill_allocator(options);
    /* a socket that is brought cannot come back */
    if (!strcmp(type, "hws_reconnect")) ((hws_reconnect *)options)->enabled = HWS_OFF;
    if (!strcmp(type, "hws_error_info")) memcpy(options, hws_last_error(), sizeof(hws_error_info));
}

static void listen_there(hws_engine engine, hws_listener *listener)
{
    hws_server_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.bind = hws_cstr("127.0.0.1:0");
    options.routes = routes;
    options.route_count = LENGTH(routes);
    must(hws_listen(engine, &options, listener), "hws_listen");
    strcpy(scene.uri, "ws://");
    must(hws_listener_address(*listener, scene.uri + 5, sizeof scene.uri - 5, NULL), "hws_listener_address");
}

/* Polls until an event of this kind comes, and gives whose it is: client is 1 on the client's side. */
static hws_conn await(hws_engine engine, hws_event_kind kind, int client)
{
    hws_event event;
    uint32_t count = 0;
    do {
        must(hws_poll(engine, &event, sizeof event, 1, 10000, &count), "hws_poll");
        if (!count) must(HWS_ERR_TIMEOUT, "waiting");
    } while (event.kind != kind || (event.listener.id == 0) != client);
    return event.conn;
}

/* An engine that talks to itself, and has a request to decide on. */
static hws_engine harbour(hws_listener *listener, hws_conn *client, hws_conn *server, hws_request *request)
{
    char undecided[80];
    hws_engine engine;
    hws_client_options options;
    hws_reconnect again;
    hws_event events[2];
    uint32_t count, opened = 0;

    must(hws_engine_new(NULL, &engine), "hws_engine_new");
    listen_there(engine, listener);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.uri = hws_cstr(scene.uri);
    memset(&again, 0, sizeof again);
    again.struct_size = sizeof again;
    again.replay = HWS_REPLAY_ON_REQUEST;
    options.reconnect = &again;
    must(hws_connect(engine, &options, client), "hws_connect");
    options.reconnect = NULL;
    snprintf(undecided, sizeof undecided, "%s/decide", scene.uri);
    options.uri = hws_cstr(undecided);
    must(hws_connect(engine, &options, &scene.waiting), "hws_connect");
    while (opened < 3) {
        must(hws_poll(engine, events, sizeof events[0], 2, 10000, &count), "hws_poll");
        if (!count) must(HWS_ERR_TIMEOUT, "opening");
        while (count--) {
            opened += events[count].kind == HWS_EVENT_OPEN || events[count].kind == HWS_EVENT_REQUEST;
            if (events[count].kind == HWS_EVENT_REQUEST) *request = events[count].request;
            else if (events[count].conn.id != client->id) *server = events[count].conn;
        }
    }
    return engine;
}

/* Handles that were alive: of an engine that was freed, and of things that ended while theirs goes on. */
static void museum_new(void)
{
    hws_conn server;
    hws_event event;
    uint32_t count;

    scene.freed_hws_engine =
        harbour(&scene.freed_hws_listener, &scene.freed_hws_conn, &server, &scene.freed_hws_request);
    scene.freed_hws_pool = pool_new(scene.freed_hws_engine);
    must(hws_engine_free(scene.freed_hws_engine), "hws_engine_free");
    scene.ended_hws_engine =
        harbour(&scene.ended_hws_listener, &scene.ended_hws_conn, &server, &scene.ended_hws_request);
    must(hws_engine_free(scene.ended_hws_engine), "hws_engine_free");

    scene.museum = harbour(&scene.ended_hws_listener, &scene.ended_hws_conn, &server, &scene.ended_hws_request);
    scene.ended_hws_pool = pool_new(scene.museum);
    must(hws_pool_free(scene.ended_hws_pool), "hws_pool_free");
    must(hws_listener_close(scene.ended_hws_listener, NULL), "hws_listener_close");
    must(hws_abort(scene.ended_hws_conn), "hws_abort");
    must(hws_request_respond(scene.ended_hws_request, &page), "hws_request_respond");
    await(scene.museum, HWS_EVENT_CLOSE, 1);
    do must(hws_poll(scene.museum, &event, sizeof event, 1, 100, &count), "hws_poll");
    while (count);

    must(hws_error_keep(hws_last_error(), &scene.freed_hws_error), "hws_error_keep");
    must(hws_error_keep(hws_last_error(), &scene.ended_hws_error), "hws_error_keep");
    must(hws_error_free(scene.freed_hws_error), "hws_error_free");
    must(hws_error_free(scene.ended_hws_error), "hws_error_free");
}

/* Everything as new: whatever the last call did must not spoil this one. */
static void scene_new(const char *function, const char *change)
{
    function_now = function;
    change_now = change;
    (void)hws_engine_free(scene.live_hws_engine);
    (void)hws_error_free(scene.live_hws_error);
    scene.live_hws_engine =
        harbour(&scene.live_hws_listener, &scene.live_hws_conn, &scene.server, &scene.live_hws_request);
    scene.live_hws_pool = pool_new(scene.live_hws_engine);
    must(hws_error_keep(hws_last_error(), &scene.live_hws_error), "hws_error_keep");
    memset(&outs, 0xa5, sizeof outs);
}

/* --- judging ---------------------------------------------------------------------------------------------- */

static int is_legal(hws_status got, const hws_status *documented)
{
    if (got == HWS_OK || hws_status_is_a(got, HWS_ERR_USAGE)) return 1;
    while (*documented != 1 && *documented != got) documented++;
    return *documented == got;
}

/* `exempt`: an argument that is written by a call that fails too, as its comment says; -1 for none. */
static void judge(hws_status got, const hws_status *documented, int expect, int exempt)
{
    int i;
    totals->calls++;
    if (!*change_now) usual = got;
    if (expect == AS_USUAL) expect = usual;
    if (expect == LEGAL ? !is_legal(got, documented) : got != expect) fail("gives", name_of(got));
    if (got == HWS_OK) return;
    if (hws_last_error()->status != got) fail("leaves the last error", name_of(hws_last_error()->status));
    for (i = 0; i < ARGUMENTS; i++)
        if (i != exempt && memcmp(outs.bytes[i], before.bytes[i], OUT_MAX)) fail("fails and writes an output;", name_of(got));
}

#define TRY(call, documented, expect, exempt)                                                                       \
    do {                                                                                                            \
        before = outs;                                                                                              \
        judge(call, documented, expect, exempt);                                                                    \
    } while (0)

#define LOOK_AT_NUMBER(call) ((void)(call), totals->calls++)

static void look_at(const void *pointer)
{
    totals->calls++;
    if (pointer) (void)*(const volatile char *)pointer;
}

#define LOOK_AT_POINTER(call) look_at(call)

/* --- random handles --------------------------------------------------------------------------------------- */

typedef struct guess {
    const char *name;
    hws_status (*call)(uint64_t id);
} guess;

static uint64_t dice(void)
{
    static uint64_t state = 0x2545f4914f6cdd1du;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Everywhere at random, near what is alive, and close to what a handle looks like. */
static uint64_t random_id(const uint64_t *alive, size_t count)
{
    uint64_t near = alive[dice() % count], kind = dice() % 16;
    switch (dice() % 4) {
    case 0: return dice();
    case 1: return near ^ (uint64_t)1 << dice() % 64;
    case 2: return (near & ~((uint64_t)15 << 60)) | kind << 60;
    default: return kind << 60 | dice() % 4 << 48 | dice() % 4 << 28 | dice() % 16;
    }
}

static void try_guess(const guess *guess, uint64_t id)
{
    char what[32];
    hws_status got;
    sprintf(what, "id %#llx", (unsigned long long)id);
    function_now = guess->name;
    change_now = what;
    got = guess->call(id);
    totals->guesses++;
    if (got != HWS_ERR_INVALID_HANDLE) fail("gives", name_of(got));
    change_now = "";
}

static void guess_handles(const guess *guesses, size_t count, unsigned long times)
{
    uint64_t alive[10], id;
    size_t i;
    scene_new("random handles", "");
    alive[0] = scene.museum.id;
    alive[1] = scene.live_hws_engine.id;
    alive[2] = scene.live_hws_listener.id;
    alive[3] = scene.live_hws_conn.id;
    alive[4] = scene.server.id;
    alive[5] = scene.live_hws_error.id;
    alive[6] = scene.live_hws_request.id;
    alive[7] = scene.waiting.id;
    alive[8] = scene.live_hws_pool.id;
    alive[9] = scene.ended_hws_conn.id; /* not that it is alive; but what looks like it is worth trying */
    while (times) {
        id = random_id(alive, LENGTH(alive));
        for (i = 0; i < 9 && alive[i] != id;) i++;
        if (i < 9 || id == scene.ended_hws_pool.id) continue; /* a pool that is closed is known for that */
        try_guess(&guesses[dice() % count], id);
        times--;
    }
}

#define RANDOM_HANDLES(guesses)                                                                                     \
    static void random_handles(void) { guess_handles(guesses, LENGTH(guesses), 1000000); }

/* --- the program ------------------------------------------------------------------------------------------ */

typedef struct survivor {
    const char *name;
    void (*survive)(void);
} survivor;

/* One function in its own process; it has a minute. */
static void survive_apart(const survivor *survivor)
{
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        signal(SIGSEGV, on_signal);
        signal(SIGBUS, on_signal);
        signal(SIGABRT, on_signal);
        signal(SIGFPE, on_signal);
        signal(SIGALRM, on_signal);
        alarm(60);
        museum_new();
        survivor->survive();
        fflush(stdout);
        _exit(0);
    }
    totals->functions++;
    waitpid(child, &status, 0);
    if (status) totals->failures++;
}

static int survive(const survivor *survivors, size_t count)
{
    size_t i;
    totals = mmap(NULL, sizeof *totals, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    function_now = change_now = "";
    for (i = 0; i < count; i++) survive_apart(&survivors[i]);
    printf("%lu functions, %lu calls, %lu random handles, %lu failures\n", totals->functions - 1, totals->calls,
           totals->guesses, totals->failures);
    return totals->failures != 0;
}

#define SURVIVE(survivors)                                                                                          \
    int main(void) { return survive(survivors, LENGTH(survivors)); }

#endif
