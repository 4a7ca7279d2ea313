/* Listeners for real servers: ports that several engines share, limits that say which they are, sockets that somebody
 * else has bound. */
#include "hearing.h"
#include <fcntl.h>
#include <sys/un.h>

static const hws_server_options plain;

static int is_str(hws_str text, const char *want)
{
    return text.len == strlen(want) && !memcmp(text.ptr, want, text.len);
}

/* --- many cores ------------------------------------------------------------------------------------------- */

enum { CORES = 4, CLIENTS = 200 };

typedef struct worker {
    hws_engine engine;
    int opened;
} worker;

/* Polls until its engine is freed, and says hello to everybody. */
static void *work(void *argument)
{
    worker *it = argument;
    hws_event event;
    uint32_t count;
    while (hws_poll(it->engine, &event, sizeof event, 1, HWS_NEVER, &count) == HWS_OK)
        if (count && event.kind == HWS_EVENT_OPEN) {
            it->opened++;
            OK(hws_send(event.conn, HWS_TEXT, "hello", 5, NULL));
        }
    return NULL;
}

/* A client that hears hello. */
static int greeted_at(uint16_t port)
{
    char payload[16];
    size_t len;
    int fd = raw_connect(port, 0);
    raw_write(fd, raw_request, sizeof raw_request - 1);
    raw_read_head(fd);
    EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_TEXT) && len == 5);
    return fd;
}

static void engines_share_a_port(void)
{
    hws_server_options options = plain;
    worker workers[CORES];
    pthread_t threads[CORES];
    pair first;
    hws_listener listener;
    int i, busy = 0, all = 0, fds[CLIENTS];
    options.reuse_port = HWS_ON;
    first = server_with(options);
    for (i = 0; i < CORES; i++) {
        memset(&workers[i], 0, sizeof workers[i]);
        if (i == 0) {
            workers[i].engine = first.engine;
        } else {
            options.struct_size = sizeof options;
            options.bind = hws_cstr(first.uri + 5);
            OK(hws_engine_new(NULL, &workers[i].engine));
            OK(hws_listen(workers[i].engine, &options, &listener));
        }
        threads[i] = go(work, &workers[i]);
    }
    for (i = 0; i < CLIENTS; i++) fds[i] = greeted_at(port_of(&first));
    for (i = 0; i < CORES; i++) {
        OK(hws_engine_free(workers[i].engine));
        done(threads[i]);
        busy += workers[i].opened > 0;
        all += workers[i].opened;
    }
    EXPECT(all == CLIENTS && busy > 1); /* that one gets them all happens once in 10^119 times */
    for (i = 0; i < CLIENTS; i++) close(fds[i]);
}

static void a_port_is_shared_by_those_who_ask_to(void)
{
    hws_server_options options = plain;
    hws_listener listener = { 7 };
    pair taken, shared;
    char unix_path[64];
    options.reuse_port = HWS_ON;
    shared = server_with(options);
    taken = server_with(plain);

    options.struct_size = sizeof options;
    options.bind = hws_cstr(taken.uri + 5);
    FAILS(hws_listen(shared.engine, &options, &listener), HWS_ERR_IO);
    EXPECT(hws_last_error()->os_error == EADDRINUSE);
    options.reuse_port = HWS_OFF;
    options.bind = hws_cstr(shared.uri + 5);
    FAILS(hws_listen(shared.engine, &options, &listener), HWS_ERR_IO);

    sprintf(unix_path, "unix:@hawser serving %ld", (long)getpid());
    options.bind = hws_cstr(unix_path);
    options.reuse_port = HWS_ON;
    FAILS(hws_listen(shared.engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    options.reuse_port = 3;
    FAILS(hws_listen(shared.engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(listener.id == 7);
    options.reuse_port = HWS_OFF;
    OK(hws_listen(shared.engine, &options, &listener));
}

/* Where there is no SO_REUSEPORT: this thread accepts, and two others serve, by turns. */
static void one_accepts_for_many(void)
{
    hws_server_options options = plain;
    struct sockaddr_in here;
    socklen_t len = sizeof here;
    worker workers[2];
    pthread_t threads[2];
    int i, fds[20], listener = socket(AF_INET, SOCK_STREAM, 0);
    options.struct_size = sizeof options;
    memset(&here, 0, sizeof here);
    memset(workers, 0, sizeof workers);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!bind(listener, (struct sockaddr *)&here, sizeof here) && !listen(listener, 20));
    EXPECT(!getsockname(listener, (struct sockaddr *)&here, &len));
    for (i = 0; i < 2; i++) {
        OK(hws_engine_new(NULL, &workers[i].engine));
        threads[i] = go(work, &workers[i]);
    }
    for (i = 0; i < 20; i++) fds[i] = raw_connect(ntohs(here.sin_port), 0);
    for (i = 0; i < 20; i++) {
        hws_conn conn;
        int accepted = accept(listener, NULL, NULL);
        EXPECT(accepted >= 0);
        OK(hws_adopt(workers[i % 2].engine, accepted, NULL, &options, &conn));
    }
    for (i = 0; i < 20; i++) {
        char payload[16];
        size_t size;
        raw_write(fds[i], raw_request, sizeof raw_request - 1);
        raw_read_head(fds[i]);
        EXPECT(raw_read_frame(fds[i], payload, sizeof payload, &size) == (FIN | HWS_TEXT) && size == 5);
    }
    for (i = 0; i < 2; i++) {
        OK(hws_engine_free(workers[i].engine));
        done(threads[i]);
        EXPECT(workers[i].opened == 10);
    }
}

/* --- limits ----------------------------------------------------------------------------------------------- */

static void expect_limit(const hws_event *event, const char *which, uint64_t max, uint32_t http_status)
{
    EXPECT(event->status == HWS_ERR_TOO_MANY_CONNECTIONS);
    EXPECT(is_str(event->error->detail, which));
    EXPECT(event->error->max_connections == max && event->error->in_use == max);
    EXPECT(event->error->http_status == http_status);
}

static int raw_connect_from(uint16_t port, const char *address)
{
    struct sockaddr_in from, to;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&from, 0, sizeof from);
    from.sin_family = AF_INET;
    to = from;
    EXPECT(inet_pton(AF_INET, address, &from.sin_addr) == 1);
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!bind(fd, (struct sockaddr *)&from, sizeof from) && !connect(fd, (struct sockaddr *)&to, sizeof to));
    return fd;
}

static void an_address_may_have_so_many(void)
{
    hws_server_options options = plain;
    hws_conn conn;
    hws_event event;
    pair pair;
    int fds[2], fd;
    options.max_per_address = 2;
    pair = server_with(options);
    fds[0] = raw_open(&pair, 0, &conn);
    fds[1] = raw_connect(port_of(&pair), 0); /* who is not open yet counts too */
    fd = raw_connect(port_of(&pair), 0);
    raw_write(fd, raw_request, sizeof raw_request - 1);
    EXPECT(is_answered(pair.engine, fd, TOO_MANY));
    event = refused(pair.engine, fd);
    expect_limit(&event, "max_per_address", 2, 429);
    EXPECT(refusals(pair.engine, HWS_ERR_TOO_MANY_CONNECTIONS) == 1);

    fd = raw_connect_from(port_of(&pair), "127.0.0.2");
    raw_write(fd, raw_request, sizeof raw_request - 1);
    EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);

    /* one goes, another may come: whether it was open or not */
    OK(hws_abort(conn));
    await(pair.engine, conn, HWS_EVENT_CLOSE);
    close(fds[1]);
    await(pair.engine, any, HWS_EVENT_ACCEPT_FAILED);
    raw_open(&pair, 0, &conn);
    raw_open(&pair, 0, &conn);
    fd = raw_connect(port_of(&pair), 0);
    EXPECT(is_answered(pair.engine, fd, TOO_MANY));
    refused(pair.engine, fd);
}

static int unix_connect(const char *name)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path + 1, name, strlen(name));
    EXPECT(!connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))));
    return fd;
}

static void a_unix_socket_has_no_address(void)
{
    hws_server_options options = plain;
    char bind_to[64];
    int i;
    hws_engine engine;
    hws_listener listener;
    sprintf(bind_to, "unix:@hawser serving %ld", (long)getpid());
    options.struct_size = sizeof options;
    options.bind = hws_cstr(bind_to);
    options.max_per_address = 1;
    OK(hws_engine_new(NULL, &engine));
    OK(hws_listen(engine, &options, &listener));
    for (i = 0; i < 3; i++) {
        raw_write(unix_connect(bind_to + 6), raw_request, sizeof raw_request - 1);
        EXPECT(next(engine).kind == HWS_EVENT_OPEN);
    }
}

static void so_many_may_be_opening(void)
{
    hws_server_options options = plain;
    hws_event event;
    pair pair;
    int fds[2], fd, i;
    options.max_handshakes = 2;
    pair = server_with(options);
    for (i = 0; i < 2; i++) fds[i] = raw_connect(port_of(&pair), 0);
    fd = raw_connect(port_of(&pair), 0);
    EXPECT(is_answered(pair.engine, fd, BUSY));
    event = refused(pair.engine, fd);
    expect_limit(&event, "max_handshakes", 2, 503);

    /* one opens, another goes: two may come */
    raw_write(fds[0], raw_request, sizeof raw_request - 1);
    EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
    close(fds[1]);
    EXPECT(next(pair.engine).status == HWS_ERR_INVALID_MESSAGE_EOF);
    for (i = 0; i < 2; i++) fds[i] = raw_connect(port_of(&pair), 0);
    fd = raw_connect(port_of(&pair), 0);
    EXPECT(is_answered(pair.engine, fd, BUSY));
    event = refused(pair.engine, fd);
    for (i = 0; i < 2; i++) {
        raw_write(fds[i], raw_request, sizeof raw_request - 1);
        EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
    }
}

/* Those who are told that there is no room take none. */
static void who_is_refused_takes_no_place(void)
{
    hws_server_options options = plain;
    hws_conn conn;
    hws_event event;
    pair pair;
    int fds[3], i;
    options.max_connections = 1;
    pair = server_with(options);
    raw_open(&pair, 0, &conn);
    for (i = 0; i < 3; i++) EXPECT(is_answered(pair.engine, fds[i] = raw_connect(port_of(&pair), 0), BUSY));
    OK(hws_abort(conn));
    await(pair.engine, conn, HWS_EVENT_CLOSE);
    poll_without_room(pair.engine); /* until then it is there */
    raw_open(&pair, 0, &conn); /* though none of the three has hung up */
    for (i = 0; i < 3; i++) {
        event = refused(pair.engine, fds[i]);
        expect_limit(&event, "max_connections", 1, 503);
    }
}

static void an_engine_has_a_limit_too(void)
{
    const hws_engine_options small = { .struct_size = sizeof small, .max_connections = 1 };
    hws_server_options options = plain;
    hws_conn conn;
    hws_event event;
    pair pair;
    int fd;
    memset(&pair, 0, sizeof pair);
    options.struct_size = sizeof options;
    options.bind = hws_cstr("127.0.0.1:0");
    OK(hws_engine_new(&small, &pair.engine));
    OK(hws_listen(pair.engine, &options, &pair.listener));
    OK(hws_listener_address(pair.listener, pair.uri, sizeof pair.uri, NULL));
    raw_open(&pair, 0, &conn);
    fd = raw_connect(port_of(&pair), 0);
    EXPECT(is_answered(pair.engine, fd, BUSY));
    event = refused(pair.engine, fd);
    expect_limit(&event, "the engine's max_connections", 1, 503);
}

/* One listener that turns many away takes no places of the engine's from another, nor from the host's own clients. */
static void who_is_refused_takes_no_place_of_the_engine(void)
{
    const hws_engine_options small = { .struct_size = sizeof small, .max_connections = 4 };
    hws_server_options options = plain;
    pair full, other;
    hws_conn conn;
    hws_event event;
    int fds[6], i;
    memset(&full, 0, sizeof full);
    options.struct_size = sizeof options;
    options.bind = hws_cstr("127.0.0.1:0");
    options.max_connections = 1;
    OK(hws_engine_new(&small, &full.engine));
    other.engine = full.engine;
    OK(hws_listen(full.engine, &options, &full.listener));
    OK(hws_listener_address(full.listener, full.uri, sizeof full.uri, NULL));
    options.max_connections = 0;
    OK(hws_listen(full.engine, &options, &other.listener));
    sprintf(other.uri, "ws://");
    OK(hws_listener_address(other.listener, other.uri + 5, sizeof other.uri - 5, NULL));
    raw_open(&full, 0, &conn);
    for (i = 0; i < 6; i++) EXPECT(is_answered(full.engine, fds[i] = raw_connect(port_of(&full), 0), BUSY));
    raw_open(&other, 0, &conn); /* though none of the six has hung up */
    join(&other, NULL);
    i = raw_connect(port_of(&other), 0);
    EXPECT(is_answered(full.engine, i, BUSY)); /* now there are four */
    event = refused(full.engine, i);
    expect_limit(&event, "the engine's max_connections", 4, 503);
    for (i = 0; i < 6; i++) {
        event = refused(full.engine, fds[i]);
        expect_limit(&event, "max_connections", 1, 503);
    }
}

/* Who asks and is not let in is told so, but not if thousands do at once; all are counted. */
static void a_crowd_that_is_refused_is_counted(void)
{
    enum { CROWD = 1500 };
    static int fds[CROWD];
    hws_server_options options = plain;
    hws_conn conn;
    pair pair;
    int i;
    options.max_per_address = 1;
    options.backlog = 64;
    options.accept_failed_events = HWS_OFF;
    pair = server_with(options);
    raw_open(&pair, 0, &conn);
    for (i = 0; i < CROWD; i++) {
        fds[i] = raw_connect(port_of(&pair), 0);
        if (i % 32 == 0) poll_without_room(pair.engine);
    }
    for (i = 0; refusals(pair.engine, HWS_ERR_ERROR) < CROWD - 1024; i++) {
        EXPECT(i < 10000);
        poll_without_room(pair.engine);
    }
    for (i = 0; i < CROWD; i++) close(fds[i]);
    for (i = 0; refusals(pair.engine, HWS_ERR_ERROR) < CROWD; i++) {
        struct pollfd nothing = { -1, 0, 0 };
        hws_event event;
        uint32_t count;
        EXPECT(i < 10000 && !poll(&nothing, 1, 1));
        OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
        EXPECT(count == 0);
    }
    EXPECT(refusals(pair.engine, HWS_ERR_TOO_MANY_CONNECTIONS) == CROWD);
}

/* --- what is told, and what is counted -------------------------------------------------------------------- */

/* Asks, hears why not and goes; the host hears it too, unless it wants to know the number only. */
static void ask(const pair *pair, const char *request, int quiet)
{
    uint64_t before = refusals(pair->engine, HWS_ERR_ERROR);
    int i, fd = raw_connect(port_of(pair), 0);
    raw_write(fd, request, strlen(request));
    EXPECT(*heard(pair->engine, fd));
    if (!quiet) refused(pair->engine, fd);
    else close(fd);
    for (i = 0; refusals(pair->engine, HWS_ERR_ERROR) == before; i++) {
        hws_event event;
        uint32_t count;
        EXPECT(i < 10000);
        OK(hws_poll(pair->engine, &event, sizeof event, 1, 1, &count));
        EXPECT(count == 0);
    }
}

static void failures_are_counted_by_their_kind(void)
{
    int quiet;
    for (quiet = 0; quiet < 2; quiet++) {
        hws_server_options options = plain;
        hws_stats stats;
        hws_conn conn;
        pair pair;
        uint64_t number = 7;
        if (quiet) options.accept_failed_events = HWS_OFF;
        pair = server_with(options);
        ask(&pair, "POST / HTTP/1.1\r\n\r\n", quiet);
        ask(&pair, "GET / HTTP/1.0\r\n\r\n", quiet);
        ask(&pair, "GET / HTTP/1.0\r\n\r\n", quiet);
        ask(&pair, "\x16\x03\x01 what is this\r\n\r\n", quiet);
        EXPECT(refusals(pair.engine, HWS_ERR_INVALID_METHOD) == 1);
        EXPECT(refusals(pair.engine, HWS_ERR_INVALID_HTTP_VERSION) == 2);
        EXPECT(refusals(pair.engine, HWS_ERR_INVALID_MESSAGE) == 1);
        EXPECT(refusals(pair.engine, HWS_ERR_HANDSHAKE) == 4 && refusals(pair.engine, HWS_ERR_TIMEOUT) == 0);
        memset(&stats, 0, sizeof stats);
        stats.struct_size = sizeof stats;
        OK(hws_engine_stats(pair.engine, &stats));
        EXPECT(stats.handshake_failures == 4);

        /* one that opens, and one of ours that does not: neither is a refusal */
        close(raw_open(&pair, 0, &conn));
        await(pair.engine, conn, HWS_EVENT_CLOSE);
        OK(hws_abort(dial(pair.engine, pair.uri, NULL)));
        await(pair.engine, any, HWS_EVENT_CONNECT_FAILED);
        EXPECT(refusals(pair.engine, HWS_ERR_ERROR) - refusals(pair.engine, HWS_ERR_INVALID_MESSAGE_EOF) == 4);

        FAILS(hws_engine_refusals(pair.engine, HWS_OK, &number), HWS_ERR_INVALID_ARGUMENT);
        FAILS(hws_engine_refusals(pair.engine, 1, &number), HWS_ERR_INVALID_ARGUMENT);
        FAILS(hws_engine_refusals(pair.engine, -199, &number), HWS_ERR_INVALID_ARGUMENT);
        EXPECT(number == 7);
        OK(hws_engine_free(pair.engine));
    }
}

/* --- sockets of somebody else's --------------------------------------------------------------------------- */

/* Bound to a free port of the loopback, or to a name, and listening if there is a backlog. */
static int bound(int family, int backlog)
{
    struct sockaddr_in ip;
    struct sockaddr_un name;
    int fd = socket(family, SOCK_STREAM, 0);
    memset(&ip, 0, sizeof ip);
    memset(&name, 0, sizeof name);
    ip.sin_family = AF_INET;
    ip.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sun_family = AF_UNIX;
    sprintf(name.sun_path + 1, "hawser serving %ld", (long)getpid());
    if (family == AF_INET) EXPECT(!bind(fd, (struct sockaddr *)&ip, sizeof ip));
    else EXPECT(!bind(fd, (struct sockaddr *)&name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name.sun_path + 1))));
    if (backlog) EXPECT(!listen(fd, backlog));
    return fd;
}

static const char *bind_fd(int fd)
{
    static char text[32];
    sprintf(text, "fd:%d", fd);
    return text;
}

static void a_socket_may_be_inherited(void)
{
    int family, backlog;
    for (family = AF_UNIX; family <= AF_INET; family += AF_INET - AF_UNIX)
        for (backlog = 0; backlog <= 5; backlog += 5) {
            hws_server_options options = plain;
            int fd = bound(family, backlog), peer;
            pair pair;
            options.bind = hws_cstr(bind_fd(fd));
            pair = server_with(options);
            EXPECT(fcntl(fd, F_GETFD) == -1 && errno == EBADF); /* the number is the library's to close */
            if (family == AF_INET) {
                hws_conn conn;
                EXPECT(!strncmp(pair.uri, "ws://127.0.0.1:", 15));
                close(raw_open(&pair, 0, &conn));
            } else {
                char name[64];
                sprintf(name, "hawser serving %ld", (long)getpid());
                EXPECT(!strncmp(pair.uri, "ws://unix:@", 11) && !strcmp(pair.uri + 11, name));
                raw_write(peer = unix_connect(name), raw_request, sizeof raw_request - 1);
                EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
                close(peer);
            }
            OK(hws_engine_free(pair.engine));
        }
}

static void is_no_listener(hws_engine engine, const char *bind, hws_toggle reuse_port)
{
    hws_server_options options = plain;
    hws_listener listener = { 7 };
    options.struct_size = sizeof options;
    options.bind = hws_cstr(bind);
    options.reuse_port = reuse_port;
    FAILS(hws_listen(engine, &options, &listener), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(listener.id == 7);
}

static void what_is_no_bound_socket_stays_the_hosts(void)
{
    static const char *const texts[] = { "fd:", "fd:x", "fd:-1", "fd:1e3", "fd:3 ", "fd:2147483648", "fd:99999999999999999999" };
    pair pair = serve(NULL);
    struct pollfd end;
    int fds[7], ends[2], i, flags, gone;
    hws_server_options options = plain;
    hws_listener listener;
    EXPECT(!pipe(fds));
    fds[2] = socket(AF_INET, SOCK_DGRAM, 0);
    fds[3] = socket(AF_INET, SOCK_STREAM, 0);
    fds[4] = raw_connect(port_of(&pair), 0);
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    fds[5] = ends[0];
    fds[6] = socket(AF_UNIX, SOCK_STREAM, 0);
    for (i = 0; i < 7; i++) {
        flags = fcntl(fds[i], F_GETFL);
        is_no_listener(pair.engine, bind_fd(fds[i]), HWS_OFF);
        EXPECT(fcntl(fds[i], F_GETFL) == flags && fcntl(fds[i], F_GETFD) >= 0);
    }
    EXPECT((gone = dup(0)) >= 0 && !close(gone));
    is_no_listener(pair.engine, bind_fd(gone), HWS_OFF);
    for (i = 0; i < (int)LENGTH(texts); i++) is_no_listener(pair.engine, texts[i], HWS_OFF);

    /* one that would do, with options that will not: it is as it was, and does for the next call */
    fds[0] = bound(AF_INET, 5);
    flags = fcntl(fds[0], F_GETFL);
    is_no_listener(pair.engine, bind_fd(fds[0]), HWS_ON);
    options.struct_size = sizeof options;
    options.bind = hws_cstr(bind_fd(fds[0]));
    options.realm = hws_cstr("a\nb");
    options.credentials = &options.bind;
    options.credential_count = 1;
    EXPECT(hws_listen(pair.engine, &options, &listener) != HWS_OK);
    EXPECT(fcntl(fds[0], F_GETFL) == flags && fcntl(fds[0], F_GETFD) == 0);
    end.fd = fds[0];
    end.events = POLLIN;
    EXPECT(poll(&end, 1, 0) == 0);
    options.credential_count = 0;
    options.realm = hws_cstr("");
    OK(hws_listen(pair.engine, &options, &listener));
}

/* Who waits at an inherited socket is not ours to turn away: the next holder serves them, and nobody else is told. */
static void who_waits_at_an_inherited_socket_is_served_by_the_next(void)
{
    hws_drain drain = { .struct_size = sizeof drain };
    hws_server_options options = plain;
    pair old, new;
    struct pollfd old_engine = { -1, POLLIN, 0 };
    ptrdiff_t pollable;
    int i, drains, fds[3], fd, ours;
    for (drains = 0; drains < 2; drains++) {
        fd = bound(AF_INET, 5);
        EXPECT((ours = dup(fd)) >= 0);
        options.bind = hws_cstr(bind_fd(fd));
        old = server_with(options);
        until_it_sleeps(old.engine);
        for (i = 0; i < 3; i++) {
            fds[i] = raw_connect(port_of(&old), 0);
            raw_write(fds[i], raw_request, sizeof raw_request - 1);
        }
        OK(hws_listener_close(old.listener, drains ? &drain : NULL));
        EXPECT(next(old.engine).kind == HWS_EVENT_LISTENER_CLOSED);
        options.bind = hws_cstr(bind_fd(ours));
        new = server_with(options);
        for (i = 0; i < 3; i++) EXPECT(next(new.engine).kind == HWS_EVENT_OPEN);
        until_it_sleeps(old.engine);
        OK(hws_engine_pollable(old.engine, &pollable));
        raw_connect(port_of(&new), 0);
        old_engine.fd = (int)pollable;
        EXPECT(poll(&old_engine, 1, 0) == 0); /* it is none of its business */
        for (i = 0; i < 3; i++) raw_read_head(fds[i]);
        OK(hws_engine_free(old.engine));
        OK(hws_engine_free(new.engine));
    }
}

TESTS(T(engines_share_a_port), T(a_port_is_shared_by_those_who_ask_to), T(one_accepts_for_many),
      T(an_address_may_have_so_many), T(a_unix_socket_has_no_address), T(so_many_may_be_opening),
      T(who_is_refused_takes_no_place), T(an_engine_has_a_limit_too), T(who_is_refused_takes_no_place_of_the_engine),
      T(a_crowd_that_is_refused_is_counted),
      T(failures_are_counted_by_their_kind), T(a_socket_may_be_inherited), T(what_is_no_bound_socket_stays_the_hosts),
      T(who_waits_at_an_inherited_socket_is_served_by_the_next))
