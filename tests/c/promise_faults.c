/* What a system does to a process: it runs out of descriptors, signals interrupt every call, and writing to a peer
 * that is gone raises SIGPIPE. */
#include "raw.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* --- descriptors ------------------------------------------------------------------------------------------ */

/* Allows this many more descriptors than there are. */
static void allow(rlim_t more)
{
    struct rlimit limit;
    int lowest;
    EXPECT(!getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
    EXPECT((lowest = dup(0)) >= 0 && !close(lowest));
    limit.rlim_cur = (rlim_t)lowest + more;
    EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
}

enum { GUESTS = 20, ROOM = 3 };

/* Guests wait at the door until others leave; nobody is lost, and the host is told why it takes so long. From then on
 * every guest that is inside makes room for the next. */
static void without_descriptors_guests_wait_and_are_let_in_later(void)
{
    pair pair = serve(NULL);
    hws_conn inside[GUESTS];
    int i, fd, opened = 0, left = 0, refused = 0;

    for (i = 0; i < GUESTS; i++) {
        fd = raw_connect(port_of(&pair), 0);
        raw_write(fd, raw_request, sizeof raw_request - 1);
    }
    allow(ROOM);
    while (opened < GUESTS) {
        hws_event event = next(pair.engine);
        if (event.kind == HWS_EVENT_OPEN) inside[opened++] = event.conn;
        if (event.kind == HWS_EVENT_ACCEPT_FAILED) {
            EXPECT(event.status == HWS_ERR_FD_LIMIT && event.error->os_error == EMFILE);
            refused++;
        }
        while (refused && left < opened) OK(hws_abort(inside[left++]));
    }
    EXPECT(refused > 0);
}

/* The host's own descriptors come back, without any connection ending: then it is the timer that lets guests in. */
static void guests_are_let_in_when_the_host_has_closed_something(void)
{
    pair pair = serve(NULL);
    int fd = raw_connect(port_of(&pair), 0);
    hws_event event;
    raw_write(fd, raw_request, sizeof raw_request - 1);
    allow(0);
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED && event.status == HWS_ERR_FD_LIMIT);
    allow(1);
    EXPECT(await(pair.engine, any, HWS_EVENT_OPEN).listener.id == pair.listener.id);
}

static void without_descriptors_calls_say_so(void)
{
    pair pair = serve(NULL);
    hws_server_options server = { .struct_size = sizeof server, .bind = HWS_STR("127.0.0.1:0") };
    hws_listener listener;
    hws_engine engine;
    hws_event event;

    allow(0);
    FAILS(hws_engine_new(NULL, &engine), HWS_ERR_FD_LIMIT);
    FAILS(hws_listen(pair.engine, &server, &listener), HWS_ERR_FD_LIMIT);
    dial(pair.engine, pair.uri, NULL);
    event = await(pair.engine, any, HWS_EVENT_CONNECT_FAILED);
    EXPECT(event.status == HWS_ERR_FD_LIMIT);
    allow(10);
    OK(hws_engine_new(NULL, &engine));
    join(&pair, NULL);
}

/* --- signals ---------------------------------------------------------------------------------------------- */

static int signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

/* A signal every 100 microseconds, of which no call is restarted. */
static void interrupt_everything(void)
{
    struct sigaction action;
    struct sigevent event;
    struct itimerspec often = { { 0, 100000 }, { 0, 100000 } };
    timer_t timer;
    memset(&action, 0, sizeof action);
    memset(&event, 0, sizeof event);
    action.sa_handler = count_signal;
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    EXPECT(!sigaction(SIGUSR1, &action, NULL));
    EXPECT(!timer_create(CLOCK_MONOTONIC, &event, &timer) && !timer_settime(timer, 0, &often, NULL));
}

static void signals_in_every_call_change_nothing(void)
{
    static char data[300000];
    setup setup = { .server_limits.message_max = 1 << 20 };
    pair pair = pair_new(&setup);
    size_t i;

    interrupt_everything();
    for (i = 0; i < 2000; i++) {
        size_t len = i % 50 ? i : sizeof data - i;
        hws_event event;
        data[0] = (char)i;
        OK(hws_send(pair.client, HWS_BINARY, data, len, NULL));
        event = await(pair.engine, pair.server, HWS_EVENT_MESSAGE);
        EXPECT(event.data.len == len);
        OK(hws_send(pair.server, HWS_BINARY, event.data.ptr, event.data.len, NULL));
        event = await(pair.engine, pair.client, HWS_EVENT_MESSAGE);
        EXPECT(event.data.len == len && (!len || event.data.ptr[0] == (uint8_t)i));
    }
    EXPECT(signals > 100);
}

/* Nothing but signals comes while the poll waits for its own end of time: they must not make it longer for ever. */
static void signals_do_not_hold_up_a_deadline(void)
{
    pair pair = serve(NULL);
    hws_event event;
    uint32_t count = 99;
    interrupt_everything();
    OK(hws_poll(pair.engine, &event, sizeof event, 1, 50, &count));
    EXPECT(count == 0 && signals > 0);
}

/* --- fork ------------------------------------------------------------------------------------------------- */

/* What the child finds: an engine that is not its own, whatever it asks of it, and new ones that work. */
static void in_the_child(const pair *pair)
{
    struct pair own;
    uint32_t state, count;
    hws_event event;
    FAILS(hws_poll(pair->engine, &event, sizeof event, 1, 0, &count), HWS_ERR_FORKED);
    FAILS(hws_send(pair->client, HWS_TEXT, "from the child", 14, NULL), HWS_ERR_FORKED);
    FAILS(hws_conn_state(pair->client, &state), HWS_ERR_FORKED);
    FAILS(hws_listener_close(pair->listener, NULL), HWS_ERR_FORKED);
    FAILS(hws_engine_free(pair->engine), HWS_ERR_FORKED);
    own = pair_new(NULL);
    send_text(own.client, "ahoy");
    EXPECT(await(own.engine, own.server, HWS_EVENT_MESSAGE).data.len == 4);
}

static void an_engine_belongs_to_the_parent_and_goes_on(void)
{
    pair pair = pair_new(NULL);
    hws_event event;
    int status;
    pid_t child = fork();
    if (child == 0) {
        in_the_child(&pair);
        _exit(0);
    }
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    send_text(pair.client, "from the parent");
    event = next(pair.engine);
    EXPECT(event.kind == HWS_EVENT_MESSAGE && is_text(&event, "from the parent"));
}

enum { DESCRIPTORS = 256 };

/* Another program must not inherit a descriptor of the library's. */
static void no_descriptor_survives_exec(void)
{
    int flags[DESCRIPTORS], fd, ours = 0;
    for (fd = 0; fd < DESCRIPTORS; fd++) flags[fd] = fcntl(fd, F_GETFD);
    pair_new(NULL);
    for (fd = 0; fd < DESCRIPTORS; fd++) {
        int now = fcntl(fd, F_GETFD);
        if (flags[fd] >= 0 || now < 0) continue;
        EXPECT(now & FD_CLOEXEC);
        ours++;
    }
    EXPECT(ours >= 4); /* a selector, a listener and the two ends */
}

/* --- SIGPIPE ---------------------------------------------------------------------------------------------- */

/* The process has SIGPIPE as it comes: it kills. */
static void a_peer_that_resets_does_not_kill_the_host(void)
{
    static const char data[12 << 20];
    pair pair = serve(NULL);
    hws_event event;
    int i, fd;

    EXPECT(signal(SIGPIPE, SIG_DFL) == SIG_DFL);
    fd = raw_open(&pair, 4096, &pair.server);
    OK(hws_send(pair.server, HWS_BINARY, data, sizeof data, NULL));
    raw_reset(fd);
    for (i = 0; i < 10; i++) (void)!hws_send(pair.server, HWS_BINARY, data, 100000, NULL);
    event = await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR && hws_status_is_a(event.error->cause->status, HWS_ERR_NETWORK));
}

/* From small messages to large ones, and as a client too. */
static void peers_that_come_and_go_do_not_kill_the_host(void)
{
    static const char data[100000];
    pair pair = serve(NULL);
    size_t len;
    for (len = 1; len < sizeof data; len *= 3) {
        int i, fd = raw_open(&pair, 0, &pair.server);
        raw_reset(fd);
        for (i = 0; i < 3; i++) (void)!hws_send(pair.server, HWS_BINARY, data, len, NULL);
        await(pair.engine, pair.server, HWS_EVENT_CLOSE);
        join(&pair, NULL);
        OK(hws_abort(pair.server));
        for (i = 0; i < 3; i++) (void)!hws_send(pair.client, HWS_BINARY, data, len, NULL);
        await(pair.engine, pair.client, HWS_EVENT_CLOSE);
    }
}

TESTS(T(without_descriptors_guests_wait_and_are_let_in_later),
      T(guests_are_let_in_when_the_host_has_closed_something), T(without_descriptors_calls_say_so),
      T(signals_in_every_call_change_nothing), T(signals_do_not_hold_up_a_deadline),
      T(an_engine_belongs_to_the_parent_and_goes_on), T(no_descriptor_survives_exec),
      T(a_peer_that_resets_does_not_kill_the_host), T(peers_that_come_and_go_do_not_kill_the_host))
