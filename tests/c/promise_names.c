/* From a name to a socket: addresses are tried until one answers, a resolver that hangs costs nothing but its deadline,
 * names are told to resolvers and servers as they want them, and options of sockets reach the kernel. */
#include "bound.h"
#include "peer.h"
#include "resolver.h"
#include "tests.h"
#include <dirent.h>
#include <netinet/tcp.h>
#include <sched.h>

/* rows of tables leave out what is zero */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static char uri[512];

static hws_conn dial(const char *host, uint16_t port)
{
    hws_conn conn;
    snprintf(uri, sizeof uri, "ws://%s:%u/", host, port);
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &conn));
    return conn;
}

static struct link answer(int listener, hws_conn conn)
{
    struct link link = { AS_CLIENT, { 0 }, conn, peer_accept(listener) };
    greet(&link);
    return link;
}

static void check_open(hws_conn conn, const char *host, uint16_t port)
{
    char peer[64];
    const hws_event *open = expect(HWS_EVENT_OPEN);
    CHECK_INT(open->conn.id, conn.id);
    snprintf(peer, sizeof peer, "%s:%u", host, port);
    CHECK_TEXT(open->handshake->peer, peer);
}

/* -- Addresses ---------------------------------------------------------------------------------------------- */

static void an_address_that_refuses_makes_room_for_the_next(void)
{
    static const char *const lists[][4] = {
        { "::1", "127.0.0.1", NULL },
        { "127.0.0.1", "::1", NULL },
        { "127.0.0.3", "127.0.0.2", "127.0.0.1", NULL },
        { "::1", "::1", "127.0.0.1", NULL },
        { "127.255.255.255", "127.0.0.1", NULL },
    };
    create_world();
    for (size_t i = 0; i < LENGTH(lists); i++) {
        int listener = peer_listen(1);
        many_addresses = lists[i];
        hws_conn conn = dial(MANY, port_of(listener));
        struct link link = answer(listener, conn);
        check_open(conn, "127.0.0.1", port_of(listener));
        SYS(close(link.peer));
        SYS(close(listener));
        expect(HWS_EVENT_CLOSE);
    }
}

/* The first address takes no SYN and does not say so; the second is tried while the first is silent. */
static void an_address_that_is_silent_makes_room_for_the_next(void)
{
    static const char *const addresses[] = { "127.0.0.1", "127.0.0.2", NULL };
    int fds[2];
    uint16_t port = (uint16_t)SYS(bound_alike(addresses, fds));
    struct sockaddr_in full = loopback(port);
    create_world();
    SYS(listen(fds[0], 0));
    SYS(listen(fds[1], 1));
    for (int i = 0; i < 16; i++)
        CHECK(connect(SYS(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), (struct sockaddr *)&full, sizeof full) < 0);
    many_addresses = addresses;
    hws_conn conn = dial(MANY, port);
    answer(fds[1], conn);
    check_open(conn, "127.0.0.2", port);
}

/* However many there are, and the last is the one. */
static void a_name_may_have_a_thousand_addresses(void)
{
    enum { COUNT = 1000 };
    static char texts[COUNT][16];
    static const char *addresses[COUNT + 1];
    int listener = peer_listen(1);
    create_world();
    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "127.1.%d.%d", i / 250, i % 250 + 1);
        addresses[i] = texts[i];
    }
    addresses[COUNT - 1] = "127.0.0.1";
    many_addresses = addresses;
    hws_conn conn = dial(MANY, port_of(listener));
    answer(listener, conn);
    check_open(conn, "127.0.0.1", port_of(listener));
}

static void addresses_and_detours_ask_no_resolver(void)
{
    char there[32];
    int listener = peer_listen(2);
    create_world();
    hws_conn conn = dial("127.0.0.1", port_of(listener));
    answer(listener, conn);
    check_open(conn, "127.0.0.1", port_of(listener));
    snprintf(there, sizeof there, "127.0.0.1:%u", port_of(listener));
    client.connect_to = hws_cstr(there);
    conn = dial(NOBODY, 9);
    answer(listener, conn);
    check_open(conn, "127.0.0.1", port_of(listener));
    CHECK_INT(*last_asked, 0);
}

/* -- Names -------------------------------------------------------------------------------------------------- */

struct name { const char *host, *asked, *header; };

static const struct name names[] = {
    { "A." MANY, "a." MANY, "a." MANY },
    { "a." MANY ".", "a." MANY ".", "a." MANY "." },
    { "b\xc3\xbc" "cher." MANY, "xn--bcher-kva." MANY, "xn--bcher-kva." MANY },
    { "B\xc3\x9c" "CHER." MANY, "xn--bcher-kva." MANY, "xn--bcher-kva." MANY },
    { "xn--bcher-kva." MANY, "xn--bcher-kva." MANY, "xn--bcher-kva." MANY },
    { "[fe80::1%25lo]", "fe80::1%lo", "[fe80::1]" },
};

/* Resolvers and servers know names in ASCII only; a zone is for this machine. */
static void names_are_told_as_they_are_known(void)
{
    static const char *const addresses[] = { "127.0.0.1", NULL };
    char head[HEAD_MAX], line[128];
    int listener = peer_listen(1);
    create_world();
    many_addresses = addresses;
    for (size_t i = 0; i < LENGTH(names); i++) {
        hws_conn conn = dial(names[i].host, port_of(listener));
        int peer = peer_accept(listener);
        peer_read_head(peer, head);
        if (strcmp(last_asked, names[i].asked)) fail(__FILE__, __LINE__, "%s is asked for", last_asked);
        snprintf(line, sizeof line, "\r\nHost: %s:%u\r\n", names[i].header, port_of(listener));
        if (!strstr(head, line)) fail(__FILE__, __LINE__, "not for %s: %s", names[i].host, head);
        SYS(close(peer));
        const hws_event *failed = expect(HWS_EVENT_CONNECT_FAILED);
        CHECK_INT(failed->conn.id, conn.id);
        snprintf(line, sizeof line, "ws://%s:%u/", names[i].header, port_of(listener));
        CHECK_TEXT(failed->error->uri, line);
    }
}

/* As long as the DNS allows is not too long; a byte more is, and nobody is asked. */
static void names_may_have_253_bytes(void)
{
    char name[300];
    hws_conn conn;
    create_world();
    for (size_t i = 0; i < 254; i++) name[i] = i % 50 == 49 ? '.' : 'a';
    name[253] = '\0';
    dial(name, 9);
    CHECK_INT(expect(HWS_EVENT_CONNECT_FAILED)->status, HWS_ERR_ADDRESS);
    CHECK(!strcmp(last_asked, name));
    *last_asked = '\0';
    for (size_t len = 254; len < 299; len++) {
        name[len - 1] = 'a', name[len] = '\0';
        snprintf(uri, sizeof uri, "ws://%s/", name);
        client.uri = hws_cstr(uri);
        CHECK_INT(REFUSED(hws_connect(engine, &client, &conn))->status, HWS_ERR_INVALID_URI);
    }
    CHECK_INT(*last_asked, 0);
}

/* SOCKS counts the bytes of a name in one. */
static void a_proxy_is_told_the_whole_name(void)
{
    char name[254], heard[300], url[64];
    int listener = peer_listen(1);
    create_world();
    for (size_t i = 0; i < 253; i++) name[i] = i % 50 == 49 ? '.' : 'a';
    name[253] = '\0';
    snprintf(url, sizeof url, "socks5h://127.0.0.1:%u", port_of(listener));
    client.proxy = hws_cstr(url);
    dial(name, 258);
    int peer = peer_accept(listener);
    peer_read_all(peer, heard, 3);
    peer_send(peer, "\5\0", 2);
    peer_read_all(peer, heard, 5 + 253 + 2);
    CHECK(!memcmp(heard, "\5\1\0\3\xfd", 5) && !memcmp(heard + 5, name, 253) && !memcmp(heard + 258, "\1\2", 2));
    CHECK_INT(*last_asked, 0);
}

/* -- A resolver that hangs ---------------------------------------------------------------------------------- */

static int entries(const char *directory)
{
    DIR *dir = opendir(directory);
    int count = 0;
    CHECK(dir);
    while (readdir(dir)) count++;
    closedir(dir);
    return count;
}

/* A thousand clients wait for a resolver that says nothing: each has its deadline, a few threads wait for them all, and
 * when it is over nothing is left of any. */
static void a_resolver_that_hangs_leaves_nothing(void)
{
    enum { COUNT = 1000, THREADS = 8 };
    char name[64];
    create_world();
    silence_begins();
    timers.open_ms = SOON_MS;
    int threads = entries("/proc/self/task"), fds = entries("/proc/self/fd");
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "%d." SILENT, i);
        dial(name, 9);
    }
    for (int i = 0; i < COUNT; i++) {
        const hws_event *failed = expect(HWS_EVENT_CONNECT_FAILED);
        CHECK_INT(failed->status, HWS_ERR_RESOLVE_TIMEOUT);
        CHECK_INT(failed->error->timeout_ms, SOON_MS);
    }
    CHECK(entries("/proc/self/task") <= threads + THREADS);
    CHECK_INT(entries("/proc/self/fd"), fds);
    silence_ends();
    while (entries("/proc/self/task") > threads) sched_yield(); /* or this test hangs */
    CHECK_INT(entries("/proc/self/fd"), fds - 1); /* ours for silence */
    expect_nothing();
}

/* A client that gives up does not wait for the resolver either, nor does an engine that is freed. */
static void nobody_waits_for_a_resolver_that_hangs(void)
{
    create_world();
    silence_begins();
    OK(hws_abort(dial(SILENT, 9)));
    expect(HWS_EVENT_CONNECT_FAILED);
    dial("b." SILENT, 9);
    OK(hws_engine_free(engine));
    silence_ends();
}

/* -- Options of sockets ------------------------------------------------------------------------------------- */

static int option_of(int fd, int level, int option)
{
    int value = 0;
    socklen_t len = sizeof value;
    SYS(getsockopt(fd, level, option, &value, &len));
    return value;
}

/* The library's own socket of a connection: whose local or remote port is this, and it is not ours. */
static int socket_of_the_library(uint16_t local, uint16_t remote, int ours)
{
    for (int fd = 3; fd < 1024; fd++) {
        struct sockaddr_in here, there;
        socklen_t len = sizeof here, len2 = sizeof there;
        if (fd == ours || getsockname(fd, (struct sockaddr *)&here, &len)) continue;
        if (getpeername(fd, (struct sockaddr *)&there, &len2)) continue;
        if (ntohs(here.sin_port) == local && ntohs(there.sin_port) == remote) return fd;
    }
    fail(__FILE__, __LINE__, "the library has no such socket");
    return -1;
}

static void check_options(int fd, const hws_socket *want)
{
    CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_NODELAY), want->nodelay != HWS_OFF);
    CHECK_INT(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), want->keepalive == HWS_ON);
    if (want->keepalive == HWS_ON) {
        CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), want->keepalive_idle_s);
        CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), want->keepalive_interval_s);
        CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), want->keepalive_count);
    }
    /* Linux keeps as much again for its own use */
    if (want->recv_buffer) CHECK_INT(option_of(fd, SOL_SOCKET, SO_RCVBUF), 2 * want->recv_buffer);
    if (want->send_buffer) CHECK_INT(option_of(fd, SOL_SOCKET, SO_SNDBUF), 2 * want->send_buffer);
}

static void options_reach_the_kernel(void)
{
    static const hws_socket rows[] = {
        { sizeof(hws_socket) },
        { sizeof(hws_socket), HWS_OFF },
        { sizeof(hws_socket), HWS_ON, HWS_ON, 11, 12, 13 },
        { sizeof(hws_socket), .recv_buffer = 20000, .send_buffer = 30000 },
    };
    create_world();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        hws_listener listener;
        client.socket = server.socket = &rows[i];
        OK(hws_listen(engine, &server, &listener));
        hws_conn conn = dial("127.0.0.1", port_of_listener(listener));
        struct sockaddr_in address;
        socklen_t len = sizeof address;
        expect(HWS_EVENT_OPEN);
        expect(HWS_EVENT_OPEN);
        int fd;
        for (fd = 3; fd < 1024; fd++) /* the client's has the listener's port at its other end */
            if (!getpeername(fd, (struct sockaddr *)&address, &len) &&
                ntohs(address.sin_port) == port_of_listener(listener))
                break;
        CHECK(fd < 1024);
        check_options(fd, &rows[i]);
        check_options(socket_of_the_library(port_of_listener(listener), port_of(fd), fd), &rows[i]);
        OK(hws_abort(conn));
        expect(HWS_EVENT_CLOSE);
        expect(HWS_EVENT_CLOSE);
    }
}

/* A client calls from where it is told to. */
static void a_client_may_choose_its_own_address(void)
{
    static const char *const local[] = { "127.0.0.9", "127.0.0.9:0" };
    int listener = peer_listen(2);
    hws_socket option = { sizeof option };
    create_world();
    client.socket = &option;
    for (size_t i = 0; i < LENGTH(local); i++) {
        struct sockaddr_in address;
        socklen_t len = sizeof address;
        option.local_address = hws_cstr(local[i]);
        dial("127.0.0.1", port_of(listener));
        wait_for(listener, POLLIN);
        int peer = SYS(accept(listener, (struct sockaddr *)&address, &len));
        CHECK_INT(ntohl(address.sin_addr.s_addr), INADDR_LOOPBACK + 8);
        SYS(close(peer));
        expect(HWS_EVENT_CONNECT_FAILED);
    }
    int own = SYS(bound_to("127.0.0.9", 0));
    char exact[32];
    snprintf(exact, sizeof exact, "127.0.0.9:%u", port_of(own));
    SYS(close(own));
    option.local_address = hws_cstr(exact);
    dial("127.0.0.1", port_of(listener));
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    wait_for(listener, POLLIN);
    SYS(accept(listener, (struct sockaddr *)&address, &len));
    CHECK_INT(ntohs(address.sin_port), atoi(strchr(exact, ':') + 1));
}

/* From an address of one family there is no way to another; and from one that is not ours there is none at all. */
static void an_address_that_cannot_be_used_is_an_error(void)
{
    hws_socket option = { sizeof option };
    create_world();
    client.socket = &option;
    option.local_address = hws_cstr("::1");
    dial("127.0.0.1", 9);
    CHECK_INT(expect(HWS_EVENT_CONNECT_FAILED)->status, HWS_ERR_INVALID_ARGUMENT);
    option.local_address = hws_cstr("192.0.2.1");
    dial("127.0.0.1", 9);
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_INT(error->os_error, EADDRNOTAVAIL);
}

TESTS(T(an_address_that_refuses_makes_room_for_the_next), T(an_address_that_is_silent_makes_room_for_the_next),
      T(a_name_may_have_a_thousand_addresses), T(addresses_and_detours_ask_no_resolver),
      T(names_are_told_as_they_are_known), T(names_may_have_253_bytes), T(a_proxy_is_told_the_whole_name),
      T(a_resolver_that_hangs_leaves_nothing), T(nobody_waits_for_a_resolver_that_hangs), T(options_reach_the_kernel),
      T(a_client_may_choose_its_own_address), T(an_address_that_cannot_be_used_is_an_error))
