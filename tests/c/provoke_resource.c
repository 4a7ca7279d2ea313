/* provoke_resource.c -- what runs out: room in queues, memory, connections, descriptors. Each is refused by name, and
 * when there is some again, work goes on. */
#include "provoke.h"
#include <sys/mman.h>
#include <sys/resource.h>

enum { MIB = 1 << 20 };

/* -- Queues ------------------------------------------------------------------------------------------------- */

static char megabyte[MIB];

/* The peer does not read, so the queue fills up; then it does, and the host is told. */
static const hws_error_info *peer_does_not_read(enum role role, const void *row)
{
    static char drain[MIB];
    (void)row;
    limits.send_queue_max = 4 * MIB;
    struct link link = open_link(role);
    while (hws_send(link.conn, HWS_BINARY, megabyte, MIB, NULL) == HWS_OK) continue;
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_BINARY, megabyte, MIB, NULL));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->capacity, 4 * MIB);
    CHECK_INT(error->size, MIB);
    CHECK(error->current_size > 3 * MIB && error->current_size <= 4 * MIB);
    CHECK_INT(error->conn.id, link.conn.id);
    while (!held) peer_read(link.peer, drain, sizeof drain);
    CHECK_INT(expect(HWS_EVENT_WRITABLE)->conn.id, link.conn.id);
    OK(hws_send(link.conn, HWS_BINARY, megabyte, MIB, NULL));
    return error;
}

/* There will never be room for it, so no WRITABLE may be waited for. */
static const hws_error_info *larger_than_the_queue(enum role role, const void *row)
{
    (void)row;
    limits.send_queue_max = 1000;
    struct link link = open_link(role);
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_BINARY, megabyte, 1001, NULL));
    CHECK_INT(error->size, 1001);
    CHECK_INT(error->capacity, 1000);
    CHECK_INT(error->current_size, 0);
    OK(hws_send(link.conn, HWS_BINARY, megabyte, 900, NULL));
    return error;
}

/* Pings that nobody answers must not fill our memory. */
static const hws_error_info *too_many_pings(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    for (uint32_t i = 0; hws_send(link.conn, HWS_PING, &i, sizeof i, NULL) == HWS_OK; i++) CHECK(i < 1000);
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_PING, "one more", 8, NULL));
    CHECK_OPERATION(error, "ping");
    CHECK(error->capacity > 0);
    OK(hws_send(link.conn, HWS_TEXT, "but messages go", 15, NULL));
    return error;
}

/* -- Memory ------------------------------------------------------------------------------------------------- */

/* Address space for so much more than there is now. */
static void leave_memory(size_t more)
{
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CHECK(statm && fscanf(statm, "%ld", &pages) == 1);
    fclose(statm);
    rlim_t max = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
    const struct rlimit limit = { max, max };
    SYS(setrlimit(RLIMIT_AS, &limit));
}

static const hws_error_info *message_that_cannot_be_queued(enum role role, const void *row)
{
    const size_t size = 256 * (size_t)MIB;
    char payload[126];
    (void)row;
    limits.send_queue_max = 2 * size;
    struct link link = open_link(role);
    void *huge = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(huge != MAP_FAILED);
    leave_memory(64 * MIB);
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_BINARY, huge, size, NULL));
    CHECK_OPERATION(error, "send");
    CHECK(error->size >= (int64_t)size);
    CHECK_INT(error->conn.id, link.conn.id);
    /* nothing was queued, and nothing is lost */
    OK(hws_send(link.conn, HWS_TEXT, "small", 5, NULL));
    CHECK_INT(peer_read_frame(&link, FIN | TEXT, payload), 5);
    return error;
}

/* A message that the limits allow, and the machine does not. */
static const hws_error_info *message_that_cannot_be_received(enum role role, const void *row)
{
    const uint64_t size = 512 * (uint64_t)MIB;
    (void)row;
    limits.message_max = size;
    struct link link = open_link(role);
    leave_memory(64 * MIB);
    peer_frame(&link, (struct frame){ .first = FIN | BINARY, .claims = size });
    for (uint64_t left = size; left > 0 && !held;) {
        ssize_t sent = send(link.peer, megabyte, MIB, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) left -= (uint64_t)sent;
        let_it_work();
        struct pollfd heard = { link.peer, POLLIN, 0 };
        if (SYS(poll(&heard, 1, 0))) break;
    }
    const char *reason = peer_expect_close(&link, 1011);
    CHECK(*reason);
    const hws_error_info *error = hang_up(&link);
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->close_sent.code, 1011);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    CHECK(error->cause->size > 0 && error->cause->current_size > 0);
    return error->cause;
}

/* -- Connections -------------------------------------------------------------------------------------------- */

static const hws_error_info *listener_is_full(enum role role, const void *row)
{
    char response[HEAD_MAX];
    hws_error kept;
    const hws_error_info *error;
    (void)row;
    server.max_connections = 1;
    struct link link = open_link(role), next = link;
    next.peer = peer_connect(port_of_listener(link.listener));
    peer_say(next.peer, REQUEST);
    peer_read_rest(next.peer, response);
    CHECK(strstr(response, "HTTP/1.1 503 Service Unavailable\r\n") == response);
    SYS(close(next.peer));
    const hws_event *failed = expect(HWS_EVENT_ACCEPT_FAILED);
    CHECK_INT(failed->listener.id, link.listener.id);
    CHECK_INT(failed->error->http_status, 503);
    CHECK_INT(failed->error->max_connections, 1);
    CHECK_INT(failed->error->in_use, 1);
    OK(hws_error_keep(failed->error, &kept));
    OK(hws_error_get(kept, &error));

    /* when one goes, another may come */
    hang_up(&link);
    expect_nothing();
    peer_say(peer_connect(port_of_listener(link.listener)), REQUEST);
    expect(HWS_EVENT_OPEN);
    return error;
}

/* The one that is over a limit of the listener hears why, and the error names the limit. */
static const hws_error_info *over_a_limit(int fd, const char *status_line, const char *which)
{
    char response[HEAD_MAX];
    peer_read_rest(fd, response);
    CHECK(strstr(response, status_line) == response);
    SYS(close(fd));
    const hws_error_info *error = expect(HWS_EVENT_ACCEPT_FAILED)->error;
    CHECK_OPERATION(error, "accept");
    CHECK_TEXT(error->detail, which);
    CHECK_INT(error->max_connections, 1);
    CHECK_INT(error->in_use, 1);
    CHECK_INT(error->http_status, strtol(status_line + 9, NULL, 10));
    return error;
}

static const hws_error_info *address_is_full(enum role role, const void *row)
{
    (void)row;
    server.max_per_address = 1;
    struct link link = open_link(role);
    return over_a_limit(peer_connect(port_of_listener(link.listener)), "HTTP/1.1 429 Too Many Requests\r\n",
                        "max_per_address");
}

static const hws_error_info *too_many_are_opening(enum role role, const void *row)
{
    (void)row;
    server.max_handshakes = 1;
    struct link link = meet(role);
    return over_a_limit(peer_connect(port_of_listener(link.listener)), "HTTP/1.1 503 Service Unavailable\r\n",
                        "max_handshakes");
}

static void only_one_connection(void)
{
    const hws_engine_options options = { .struct_size = sizeof options, .max_connections = 1 };
    OK(hws_engine_free(engine));
    OK(hws_engine_new(&options, &engine));
}

static const hws_error_info *engine_is_full(enum role role, const void *row)
{
    hws_conn conn = { 7 };
    (void)row;
    only_one_connection();
    struct link link = meet(role);
    const hws_error_info *error = REFUSED(hws_connect(engine, &client, &conn));
    CHECK_OPERATION(error, "connect");
    CHECK_INT(error->max_connections, 1);
    CHECK_INT(error->in_use, 1);
    CHECK_INT(conn.id, 7);
    OK(hws_abort(link.conn));
    expect(HWS_EVENT_CONNECT_FAILED);
    expect_nothing();
    OK(hws_connect(engine, &client, &conn));
    return error;
}

/* -- Descriptors -------------------------------------------------------------------------------------------- */

static rlim_t descriptors_before;

/* Not one descriptor more than there are. */
static void leave_no_descriptor(void)
{
    struct rlimit limit;
    int next = SYS(dup(0));
    SYS(close(next));
    SYS(getrlimit(RLIMIT_NOFILE, &limit));
    descriptors_before = limit.rlim_cur;
    limit.rlim_cur = (rlim_t)next;
    SYS(setrlimit(RLIMIT_NOFILE, &limit));
}

static void leave_descriptors(void)
{
    struct rlimit limit;
    SYS(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = descriptors_before;
    SYS(setrlimit(RLIMIT_NOFILE, &limit));
}

static const hws_error_info *no_descriptor_for_an_engine(enum role role, const void *row)
{
    hws_engine another;
    (void)role, (void)row;
    leave_no_descriptor();
    const hws_error_info *error = REFUSED(hws_engine_new(NULL, &another));
    CHECK_INT(error->os_error, EMFILE);
    leave_descriptors();
    OK(hws_engine_new(NULL, &another));
    return error;
}

static const hws_error_info *no_descriptor_for_a_listener(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    leave_no_descriptor();
    const hws_error_info *error = REFUSED(hws_listen(engine, &server, &listener));
    CHECK_OPERATION(error, "listen");
    CHECK_INT(error->os_error, EMFILE);
    leave_descriptors();
    OK(hws_listen(engine, &server, &listener));
    return error;
}

/* Connecting has begun when hws_connect is back: what fails then is an event. */
static const hws_error_info *no_descriptor_for_a_client(enum role role, const void *row)
{
    int listener = peer_listen(1);
    (void)role, (void)row;
    leave_no_descriptor();
    hws_conn conn = connect_to(listener);
    const hws_error_info *error = expect(HWS_EVENT_CONNECT_FAILED)->error;
    CHECK_OPERATION(error, "connect");
    CHECK_INT(error->conn.id, conn.id);
    CHECK_INT(error->os_error, EMFILE);
    return error;
}

/* Clients wait in the backlog meanwhile, and are taken when there are descriptors again. */
static const hws_error_info *no_descriptor_to_accept_with(enum role role, const void *row)
{
    hws_error kept;
    const hws_error_info *error;
    (void)row;
    struct link link = meet(role);
    peer_say(link.peer, REQUEST);
    leave_no_descriptor();
    const hws_event *failed = expect(HWS_EVENT_ACCEPT_FAILED);
    CHECK_INT(failed->listener.id, link.listener.id);
    CHECK_INT(failed->conn.id, 0);
    CHECK_INT(failed->error->os_error, EMFILE);
    CHECK_OPERATION(failed->error, "accept");
    OK(hws_error_keep(failed->error, &kept));
    OK(hws_error_get(kept, &error));
    leave_descriptors();
    expect(HWS_EVENT_OPEN);
    return error;
}

/* -- Topics ------------------------------------------------------------------------------------------------- */

/* A peer that may subscribe as it likes stops at a limit; what it has goes on, and one that it gives up makes room. */
static const hws_error_info *too_many_subscriptions(enum role role, const void *row)
{
    uint32_t count;
    (void)row;
    limits.subscriptions_max = 2;
    struct link link = open_link(role);
    OK(hws_subscribe(link.conn, hws_cstr("one")));
    OK(hws_subscribe(link.conn, hws_cstr("two")));
    OK(hws_subscribe(link.conn, hws_cstr("one")));
    const hws_error_info *error = REFUSED(hws_subscribe(link.conn, hws_cstr("three")));
    CHECK_INT(error->capacity, 2);
    CHECK_INT(error->conn.id, link.conn.id);
    OK(hws_topic_subscribers(engine, hws_cstr("three"), &count));
    CHECK_INT(count, 0);
    OK(hws_unsubscribe(link.conn, hws_cstr("two")));
    OK(hws_subscribe(link.conn, hws_cstr("three")));
    return error;
}

/* What is published is an event, too, and nobody polls. */
static const hws_error_info *publish_events_wait(enum role role, const void *row)
{
    const hws_engine_options options = {
        .struct_size = sizeof options, .event_memory_max = 4 * MIB, .publish_events = HWS_ON };
    uint32_t reached = 7, got = 0;
    (void)role, (void)row;
    OK(hws_engine_free(engine));
    OK(hws_engine_new(&options, &engine));
    while (hws_publish(engine, hws_cstr("topic"), HWS_BINARY, megabyte, MIB, NULL, NULL, NULL) == HWS_OK) got++;
    CHECK_INT(got, 3);
    const hws_error_info *error =
        REFUSED(hws_publish(engine, hws_cstr("topic"), HWS_BINARY, megabyte, MIB, NULL, &reached, NULL));
    CHECK_OPERATION(error, "send");
    CHECK_INT(error->capacity, 4 * MIB);
    CHECK_INT(error->size, MIB);
    CHECK(error->current_size > 3 * MIB && error->current_size <= 4 * MIB);
    CHECK_INT(reached, 7);
    for (; got > 0; got--) {
        const hws_event *event = expect(HWS_EVENT_PUBLISH);
        CHECK_INT(event->data.len, MIB);
        CHECK_TEXT(event->topic, "topic");
    }
    OK(hws_publish(engine, hws_cstr("topic"), HWS_BINARY, megabyte, MIB, NULL, &reached, NULL));
    CHECK_INT(reached, 0);
    expect(HWS_EVENT_PUBLISH);
    return error;
}

/* -- What nobody takes -------------------------------------------------------------------------------------- */

struct queue {
    uint32_t overflow, messages;
    uint64_t bytes;
    uint32_t capacity, waiting; /* as the error tells them */
    const char *kept;           /* the messages that are not lost, a letter each */
};

static hws_stats stats_of(hws_conn conn)
{
    hws_stats stats = { .struct_size = sizeof stats };
    OK(hws_conn_stats(conn, &stats));
    return stats;
}

/* Six messages of four bytes each come, and nobody takes them. */
static struct link leave_six(enum role role, const struct queue *queue)
{
    static const char *const texts[] = { "aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff" };
    limits.overflow = queue->overflow;
    limits.recv_queue_messages = queue->messages;
    limits.recv_queue_max = queue->bytes;
    struct link link = open_link(role);
    for (size_t i = 0; i < 6; i++) peer_message(&link, TEXT, texts[i]);
    return link;
}

static void expect_messages(const char *letters)
{
    for (; *letters; letters++) {
        const hws_event *event = expect(HWS_EVENT_MESSAGE);
        CHECK_INT(event->data.len, 4);
        CHECK_INT(event->data.ptr[0], *letters);
    }
}

static const hws_error_info *check_queue_full(const hws_error_info *error, const struct queue *queue, uint64_t dropped)
{
    CHECK_OPERATION(error, "receive");
    CHECK_INT(error->capacity, queue->capacity);
    CHECK_INT(error->current_size, queue->waiting);
    CHECK_INT(error->size, 4);
    CHECK_INT(error->policy, queue->overflow);
    CHECK_INT(error->dropped, dropped);
    return error;
}

static const hws_error_info *queue_drops(enum role role, const void *row)
{
    const struct queue *queue = row;
    struct link link = leave_six(role, queue);
    uint64_t dropped = 6 - strlen(queue->kept);
    hws_error kept;
    const hws_error_info *error;
    uint32_t count;
    while (stats_of(link.conn).recv_dropped < dropped) OK(hws_poll(engine, NULL, sizeof event, 0, 1, &count));
    CHECK_INT(stats_of(link.conn).recv_queued, 6 - dropped);
    CHECK_INT(stats_of(link.conn).recv_queued_bytes, 4 * (6 - dropped));
    if (queue->overflow == HWS_OVERFLOW_DROP_NEWEST) expect_messages(queue->kept);
    const hws_event *told = expect(HWS_EVENT_QUEUE);
    CHECK_INT(told->conn.id, link.conn.id);
    CHECK_INT(told->error->conn.id, link.conn.id);
    CHECK_INT(told->value, dropped);
    OK(hws_error_keep(told->error, &kept));
    OK(hws_error_get(kept, &error));
    if (queue->overflow == HWS_OVERFLOW_DROP_OLDEST) expect_messages(queue->kept);
    CHECK_INT(stats_of(link.conn).recv_queued, 0);
    CHECK_INT(stats_of(link.conn).recv_dropped, dropped);
    return check_queue_full(error, queue, dropped);
}

static const hws_error_info *queue_ends_the_connection(enum role role, const void *row)
{
    const struct queue *queue = row;
    struct link link = leave_six(role, queue);
    hws_stats stats;
    uint32_t count;
    while ((stats = stats_of(link.conn)).recv_dropped < 1) OK(hws_poll(engine, NULL, sizeof event, 0, 1, &count));
    CHECK_INT(stats.recv_queued, strlen(queue->kept));
    expect_messages(queue->kept);
    CHECK(*peer_expect_close(&link, 1013));
    const hws_error_info *error = hang_up(&link);
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->close_sent.code, 1013);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    return check_queue_full(error->cause, queue, 1);
}

static const struct provoked cases[] = {
    { HWS_ERR_SEND_QUEUE_FULL, "peer_does_not_read", peer_does_not_read, BOTH },
    { HWS_ERR_SEND_QUEUE_FULL, "larger_than_the_queue", larger_than_the_queue, BOTH },
    { HWS_ERR_SEND_QUEUE_FULL, "pings", too_many_pings, BOTH },
    { HWS_ERR_NO_MEMORY, "send", message_that_cannot_be_queued, BOTH },
    { HWS_ERR_NO_MEMORY, "receive", message_that_cannot_be_received, BOTH },
    { HWS_ERR_TOO_MANY_CONNECTIONS, "listener", listener_is_full, SERVER },
    { HWS_ERR_TOO_MANY_CONNECTIONS, "address", address_is_full, SERVER },
    { HWS_ERR_TOO_MANY_CONNECTIONS, "handshakes", too_many_are_opening, SERVER },
    { HWS_ERR_TOO_MANY_CONNECTIONS, "engine", engine_is_full, CLIENT },
    { HWS_ERR_FD_LIMIT, "engine", no_descriptor_for_an_engine },
    { HWS_ERR_FD_LIMIT, "listen", no_descriptor_for_a_listener },
    { HWS_ERR_FD_LIMIT, "connect", no_descriptor_for_a_client },
    { HWS_ERR_FD_LIMIT, "accept", no_descriptor_to_accept_with, SERVER },
    { HWS_ERR_TOO_MANY_SUBSCRIPTIONS, NULL, too_many_subscriptions, BOTH },
    { HWS_ERR_QUEUE_FULL, "publish", publish_events_wait },
    { HWS_ERR_QUEUE_FULL, "drop_oldest", queue_drops, BOTH,
      ROW(queue, HWS_OVERFLOW_DROP_OLDEST, .messages = 2, .capacity = 2, .waiting = 2, .kept = "ef") },
    { HWS_ERR_QUEUE_FULL, "drop_oldest_bytes", queue_drops, BOTH,
      ROW(queue, HWS_OVERFLOW_DROP_OLDEST, .bytes = 13, .capacity = 13, .waiting = 12, .kept = "def") },
    { HWS_ERR_QUEUE_FULL, "drop_newest", queue_drops, BOTH,
      ROW(queue, HWS_OVERFLOW_DROP_NEWEST, .messages = 2, .capacity = 2, .waiting = 2, .kept = "ab") },
    { HWS_ERR_QUEUE_FULL, "drop_newest_bytes", queue_drops, BOTH,
      ROW(queue, HWS_OVERFLOW_DROP_NEWEST, .bytes = 13, .capacity = 13, .waiting = 12, .kept = "abc") },
    { HWS_ERR_QUEUE_FULL, "error", queue_ends_the_connection, BOTH,
      ROW(queue, HWS_OVERFLOW_ERROR, .messages = 3, .capacity = 3, .waiting = 3, .kept = "abc") },
    { HWS_ERR_QUEUE_FULL, "error_bytes", queue_ends_the_connection, BOTH,
      ROW(queue, HWS_OVERFLOW_ERROR, .bytes = 8, .capacity = 8, .waiting = 8, .kept = "ab") },
};

PROVOKE(cases)
