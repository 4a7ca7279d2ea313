/* Unix sockets, and sockets that the host brings: a connection is a connection, whatever it runs over; files come and
 * go with their listeners; and what could not be adopted is the host's as it was. */
#include "raw.h"
#include "ways.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>

static char directory[] = "/tmp/hawser-unix-XXXXXX", path[64], bind_to[80];

/* A path for a socket, where nothing is yet. */
static void make_room(void)
{
    EXPECT(mkdtemp(directory));
    sprintf(path, "%s/socket", directory);
    sprintf(bind_to, "unix:%s", path);
}

static int exists(void)
{
    struct stat status;
    return !lstat(path, &status);
}

static hws_server_options at(const char *where)
{
    hws_server_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.bind = hws_cstr(where);
    return options;
}

/* A client of the same place, whatever its URI says. */
static hws_client_options to(const char *where)
{
    hws_client_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.uri = hws_cstr("ws://localhost/");
    options.connect_to = hws_cstr(where);
    return options;
}

static int is_str(hws_str text, const char *want)
{
    return text.len == strlen(want) && !memcmp(text.ptr, want, text.len);
}

/* --- paths and names -------------------------------------------------------------------------------------- */

static void a_path_is_as_good_as_a_port(void)
{
    char address[128];
    meeting said;
    pair pair;
    make_room();
    pair = serve_with(at(bind_to));
    EXPECT(exists());
    OK(hws_listener_address(pair.listener, address, sizeof address, NULL));
    EXPECT(!strcmp(address, bind_to));
    said = join_with(&pair, to(bind_to));
    EXPECT(!strcmp(said.client.peer, bind_to) && !strncmp(said.server.peer, "unix:", 5));
    EXPECT(!strcmp(said.client.uri, "ws://localhost/") && !strcmp(said.server.host, "localhost"));
    echo(&pair, "ahoy", 4);
    echo(&pair, bind_to, 0);
    close_cleanly(&pair);
    OK(hws_engine_free(pair.engine));
    EXPECT(!exists() && !rmdir(directory));
}

/* A name that is in no directory, as Linux has them. */
static void a_name_without_a_file_is_as_good(void)
{
    char name[64], address[128];
    pair pair;
    hws_listener second;
    hws_server_options again;
    sprintf(name, "unix:@hawser test %ld", (long)getpid());
    pair = serve_with(at(name));
    OK(hws_listener_address(pair.listener, address, sizeof address, NULL));
    EXPECT(!strcmp(address, name));
    EXPECT(!strcmp(join_with(&pair, to(name)).client.peer, name));
    echo(&pair, "ahoy", 4);
    again = at(name);
    FAILS(hws_listen(pair.engine, &again, &second), HWS_ERR_IO);
    EXPECT(hws_last_error()->os_error == EADDRINUSE);
    OK(hws_listener_close(pair.listener, NULL));
    await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED);
    poll_without_room(pair.engine);
    OK(hws_listen(pair.engine, &again, &second));
}

static void large_messages_pass_it_too(void)
{
    static unsigned char data[1 << 20];
    size_t i;
    pair pair;
    make_room();
    for (i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * 7);
    pair = serve_with(at(bind_to));
    join_with(&pair, to(bind_to));
    for (i = 1; i <= sizeof data; i *= 4) echo(&pair, data, i);
    close_cleanly(&pair);
    OK(hws_engine_free(pair.engine));
    EXPECT(!rmdir(directory));
}

static void tls_passes_it_too(void)
{
    hws_tls shown = shows("ecdsa"), trusted = trusts("ca");
    hws_server_options serving;
    hws_client_options asking;
    meeting said;
    pair pair;
    make_room();
    serving = at(bind_to);
    serving.tls = &shown;
    asking = to(bind_to);
    asking.uri = hws_cstr("wss://localhost/");
    asking.tls = &trusted;
    pair = serve_with(serving);
    said = join_with(&pair, asking);
    EXPECT(!strcmp(said.client.version, "TLSv1.3") && !strcmp(said.server.name, "localhost"));
    echo(&pair, "ahoy", 4);
    close_cleanly(&pair);
    OK(hws_engine_free(pair.engine));
    EXPECT(!rmdir(directory));
}

/* More clients than there is room in the queue: each is let in when there is. */
static void a_full_queue_is_no_refusal(void)
{
    enum { COUNT = 20 };
    hws_server_options serving;
    pair pair;
    int i;
    make_room();
    serving = at(bind_to);
    serving.backlog = 1;
    pair = serve_with(serving);
    for (i = 0; i < COUNT; i++) dial_with(&pair, to(bind_to));
    for (i = 0; i < 2 * COUNT; i++) EXPECT(next(pair.engine).kind == HWS_EVENT_OPEN);
    OK(hws_engine_free(pair.engine));
    EXPECT(!rmdir(directory));
}

/* --- files ------------------------------------------------------------------------------------------------ */

/* A server that died has left its file. */
static void a_stale_file_gives_way(void)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    pair pair;
    make_room();
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, path);
    EXPECT(fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof address) && !listen(fd, 1) && !close(fd));
    EXPECT(exists());
    pair = serve_with(at(bind_to));
    join_with(&pair, to(bind_to));
    echo(&pair, "ahoy", 4);
    OK(hws_engine_free(pair.engine));
    EXPECT(!exists() && !rmdir(directory));
}

static void a_server_that_lives_keeps_its_file(void)
{
    hws_server_options again;
    hws_listener second;
    hws_event event;
    uint32_t count;
    pair pair;
    make_room();
    pair = serve_with(at(bind_to));
    again = at(bind_to);
    FAILS(hws_listen(pair.engine, &again, &second), HWS_ERR_IO);
    EXPECT(hws_last_error()->os_error == EADDRINUSE);
    EXPECT(exists());
    join_with(&pair, to(bind_to));
    echo(&pair, "ahoy", 4);
    /* that somebody looked whether it lives is no client */
    do OK(hws_poll(pair.engine, &event, sizeof event, 1, 0, &count));
    while (count && event.kind == HWS_EVENT_ACCEPT_FAILED);
    EXPECT(!count);
    OK(hws_engine_free(pair.engine));
    EXPECT(!rmdir(directory));
}

/* What is no socket is not ours to remove. */
static void a_file_that_is_no_socket_stays(void)
{
    hws_server_options options;
    hws_listener listener;
    hws_engine engine;
    FILE *file;
    make_room();
    EXPECT((file = fopen(path, "w")) && fputs("precious", file) >= 0 && !fclose(file));
    options = at(bind_to);
    OK(hws_engine_new(NULL, &engine));
    FAILS(hws_listen(engine, &options, &listener), HWS_ERR_IO);
    EXPECT(hws_last_error()->os_error == EADDRINUSE && exists());
    EXPECT(!unlink(path) && !rmdir(directory));
}

static void the_file_goes_with_the_listener(void)
{
    pair pair;
    make_room();
    pair = serve_with(at(bind_to));
    join_with(&pair, to(bind_to));
    OK(hws_listener_close(pair.listener, NULL));
    await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED);
    EXPECT(!exists() && !rmdir(directory));
    echo(&pair, "still here", 10);
}

/* Whoever has put something else there meanwhile keeps it. */
static void a_file_of_somebody_else_stays(void)
{
    hws_server_options options;
    hws_listener listener;
    pair pair;
    make_room();
    pair = serve_with(at(bind_to));
    EXPECT(!unlink(path));
    options = at(bind_to);
    OK(hws_listen(pair.engine, &options, &listener));
    OK(hws_listener_close(pair.listener, NULL));
    await(pair.engine, any, HWS_EVENT_LISTENER_CLOSED);
    EXPECT(exists());
    join_with(&pair, to(bind_to));
    OK(hws_engine_free(pair.engine));
    EXPECT(!exists() && !rmdir(directory));
}

static void what_cannot_be_reached_says_why(void)
{
    char far[300];
    hws_server_options serving;
    hws_listener listener;
    hws_event event;
    pair pair = serve(NULL);
    make_room();
    dial_with(&pair, to(bind_to));
    event = await(pair.engine, any, HWS_EVENT_CONNECT_FAILED);
    EXPECT(event.status == HWS_ERR_IO && event.error->os_error == ENOENT && is_str(event.error->peer, bind_to));
    EXPECT(!strcmp(hws_operation_name(event.error->operation), "connect"));
    memset(far, 'a', sizeof far);
    memcpy(far, "unix:/", 6);
    far[sizeof far - 1] = '\0';
    dial_with(&pair, to(far));
    event = await(pair.engine, any, HWS_EVENT_CONNECT_FAILED);
    EXPECT(event.status == HWS_ERR_INVALID_ARGUMENT);
    serving = at(far);
    FAILS(hws_listen(pair.engine, &serving, &listener), HWS_ERR_INVALID_ARGUMENT);
    serving = at("unix:/nowhere/at/all");
    FAILS(hws_listen(pair.engine, &serving, &listener), HWS_ERR_IO);
    EXPECT(hws_last_error()->os_error == ENOENT);
    EXPECT(!rmdir(directory));
}

/* --- who it is -------------------------------------------------------------------------------------------- */

static hws_stats stats_of(hws_conn conn)
{
    hws_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    OK(hws_conn_stats(conn, &stats));
    return stats;
}

static void check_credentials(hws_conn conn)
{
    hws_stats stats = stats_of(conn);
    EXPECT(stats.peer_known == 1 && stats.peer_pid == getpid());
    EXPECT(stats.peer_uid == getuid() && stats.peer_gid == getgid());
}

static void the_system_says_whose_process_it_is(void)
{
    pair pair, tcp = pair_new(NULL);
    hws_stats stats = stats_of(tcp.client);
    EXPECT(!stats.peer_known && !stats.peer_pid && !stats.peer_uid && !stats.peer_gid);
    make_room();
    pair = serve_with(at(bind_to));
    join_with(&pair, to(bind_to));
    check_credentials(pair.client);
    check_credentials(pair.server);
    OK(hws_engine_free(pair.engine));
    EXPECT(!rmdir(directory));
}

/* --- sockets that the host brings ------------------------------------------------------------------------- */

static const hws_client_options a_client = { .struct_size = sizeof a_client, .uri = HWS_STR("ws://localhost/x"),
                                             .user = 1 };
static const hws_server_options a_server = { .struct_size = sizeof a_server, .user = 2 };

/* Both ends of a socketpair, with these options. */
static pair adopt_both(const hws_client_options *client, const hws_server_options *server)
{
    pair pair;
    int ends[2];
    memset(&pair, 0, sizeof pair);
    OK(hws_engine_new(NULL, &pair.engine));
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    OK(hws_adopt(pair.engine, ends[0], client, NULL, &pair.client));
    EXPECT(fcntl(ends[0], F_GETFD) < 0); /* it is the library's now, under another number */
    OK(hws_adopt(pair.engine, ends[1], NULL, server, &pair.server));
    EXPECT(fcntl(ends[1], F_GETFD) < 0);
    return pair;
}

static void both_ends_of_a_socketpair(void)
{
    pair pair = adopt_both(&a_client, &a_server);
    int opened;
    for (opened = 0; opened < 2; opened++) {
        hws_event event = await(pair.engine, any, HWS_EVENT_OPEN);
        EXPECT(event.user == (event.conn.id == pair.client.id ? 1 : 2) && !event.listener.id);
        if (event.conn.id == pair.server.id) EXPECT(is_str(event.handshake->target, "/x"));
    }
    check_credentials(pair.client);
    check_credentials(pair.server);
    echo(&pair, "ahoy", 4);
    close_cleanly(&pair);
}

static void tls_over_a_socketpair(void)
{
    hws_tls shown = shows("one"), trusted = trusts("ca");
    hws_client_options client = a_client;
    hws_server_options server = a_server;
    meeting said;
    pair pair;
    client.tls = &trusted;
    client.uri = hws_cstr("wss://one.example/");
    server.tls = &shown;
    pair = adopt_both(&client, &server);
    said = meet(&pair);
    EXPECT(!strcmp(said.client.subject, "CN=one") && !strcmp(said.server.name, "one.example"));
    echo(&pair, "ahoy", 4);
    close_cleanly(&pair);
}

static void a_connected_tcp_socket(void)
{
    pair pair = serve(NULL);
    int fd = raw_connect(port_of(&pair), 0), far, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    hws_conn server;

    OK(hws_adopt(pair.engine, fd, &a_client, NULL, &pair.client));
    meet(&pair);
    echo(&pair, "ahoy", 4);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!bind(listener, (struct sockaddr *)&address, sizeof address) && !listen(listener, 1));
    EXPECT(!getsockname(listener, (struct sockaddr *)&address, &len));
    far = raw_connect(ntohs(address.sin_port), 0);
    raw_write(far, raw_request, sizeof raw_request - 1); /* what came before is there still */
    EXPECT((fd = accept(listener, NULL, NULL)) >= 0);
    OK(hws_adopt(pair.engine, fd, NULL, &a_server, &server));
    EXPECT(await(pair.engine, any, HWS_EVENT_OPEN).conn.id == server.id);
    raw_read_head(far);
}

/* An opening that fails is an event of both sides: the host knows the connection. */
static void an_adopted_server_tells_how_it_failed(void)
{
    hws_engine engine;
    hws_event event;
    hws_conn conn;
    int ends[2];
    OK(hws_engine_new(NULL, &engine));
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    OK(hws_adopt(engine, ends[0], NULL, &a_server, &conn));
    raw_write(ends[1], "POST / HTTP/1.1\r\n\r\n", 19);
    EXPECT(!shutdown(ends[1], SHUT_WR));
    event = next(engine);
    EXPECT(event.kind == HWS_EVENT_CONNECT_FAILED && event.conn.id == conn.id && event.user == 2);
    EXPECT(event.status == HWS_ERR_INVALID_METHOD && event.error->http_status == 405);
}

/* Still the host's, and as it was: open, and with its flags. */
static void check_untouched(int fd, int flags)
{
    EXPECT(fcntl(fd, F_GETFL) == flags);
    EXPECT(fcntl(fd, F_GETFD) == 0);
}

static void refuses_to_adopt(hws_engine engine, ptrdiff_t fd, hws_status status)
{
    hws_conn conn = { 7 };
    FAILS(hws_adopt(engine, fd, &a_client, NULL, &conn), status);
    EXPECT(conn.id == 7);
    FAILS(hws_adopt(engine, fd, NULL, &a_server, &conn), status);
    EXPECT(conn.id == 7);
}

static void what_is_no_connected_stream_stays_the_hosts(void)
{
    struct sockaddr_in address;
    int fds[6], i, ends[2], gone;
    hws_engine engine;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    OK(hws_engine_new(NULL, &engine));
    EXPECT(!pipe(fds));
    fds[2] = socket(AF_INET, SOCK_STREAM, 0);
    fds[3] = socket(AF_INET, SOCK_DGRAM, 0);
    EXPECT(!connect(fds[3], (struct sockaddr *)&address, sizeof address));
    EXPECT(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    fds[4] = ends[0];
    fds[5] = open("/dev/null", O_RDWR);
    for (i = 0; i < 6; i++) {
        int flags = fcntl(fds[i], F_GETFL);
        refuses_to_adopt(engine, fds[i], HWS_ERR_INVALID_ARGUMENT);
        check_untouched(fds[i], flags);
    }
    EXPECT(write(fds[1], "x", 1) == 1 && send(ends[1], "x", 1, 0) == 1);
    EXPECT((gone = dup(0)) >= 0 && !close(gone));
    refuses_to_adopt(engine, gone, HWS_ERR_INVALID_ARGUMENT);
    refuses_to_adopt(engine, -1, HWS_ERR_INVALID_ARGUMENT);
    refuses_to_adopt(engine, INT32_MAX, HWS_ERR_INVALID_ARGUMENT);
    refuses_to_adopt(engine, PTRDIFF_MAX, HWS_ERR_INVALID_ARGUMENT);
}

/* Options that are wrong, both sides or neither: the socket is as before, and will do for the next call. */
static void a_socket_survives_wrong_options(void)
{
    hws_client_options client = a_client;
    hws_server_options server = a_server;
    hws_tls tls = no_tls();
    hws_engine engine;
    hws_conn conn = { 7 };
    char byte;
    int ends[2], flags;
    OK(hws_engine_new(NULL, &engine));
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    flags = fcntl(ends[0], F_GETFL);
    FAILS(hws_adopt(engine, ends[0], NULL, NULL, &conn), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_adopt(engine, ends[0], &client, &server, &conn), HWS_ERR_INVALID_ARGUMENT);
    client.uri = hws_cstr("http://localhost/");
    FAILS(hws_adopt(engine, ends[0], &client, NULL, &conn), HWS_ERR_INVALID_URI);
    client.uri = hws_cstr("wss://localhost/");
    client.tls = &tls;
    tls.ca_file = hws_cstr("/nowhere/at/all");
    FAILS(hws_adopt(engine, ends[0], &client, NULL, &conn), HWS_ERR_IO);
    server.tls = &tls;
    FAILS(hws_adopt(engine, ends[0], NULL, &server, &conn), HWS_ERR_INVALID_ARGUMENT);
    server.struct_size = 3;
    FAILS(hws_adopt(engine, ends[0], NULL, &server, &conn), HWS_ERR_STRUCT_SIZE);
    EXPECT(conn.id == 7);
    check_untouched(ends[0], flags);
    EXPECT(write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1);
    OK(hws_adopt(engine, ends[0], &a_client, NULL, &conn));
}

static void an_engine_that_is_full_adopts_nothing(void)
{
    hws_engine_options one = { .struct_size = sizeof one, .max_connections = 1 };
    hws_engine engine;
    hws_conn conn;
    int ends[2], flags;
    OK(hws_engine_new(&one, &engine));
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    flags = fcntl(ends[1], F_GETFL);
    OK(hws_adopt(engine, ends[0], &a_client, NULL, &conn));
    refuses_to_adopt(engine, ends[1], HWS_ERR_TOO_MANY_CONNECTIONS);
    check_untouched(ends[1], flags);
}

TESTS(T(a_path_is_as_good_as_a_port), T(a_name_without_a_file_is_as_good), T(large_messages_pass_it_too),
      T(tls_passes_it_too), T(a_full_queue_is_no_refusal), T(a_stale_file_gives_way),
      T(a_server_that_lives_keeps_its_file), T(a_file_that_is_no_socket_stays), T(the_file_goes_with_the_listener),
      T(a_file_of_somebody_else_stays), T(what_cannot_be_reached_says_why), T(the_system_says_whose_process_it_is),
      T(both_ends_of_a_socketpair), T(tls_over_a_socketpair), T(a_connected_tcp_socket),
      T(an_adopted_server_tells_how_it_failed), T(what_is_no_connected_stream_stays_the_hosts),
      T(a_socket_survives_wrong_options), T(an_engine_that_is_full_adopts_nothing))
