/* fleet -- topics that span processes: what is published in one goes through NATS, a broker, to all the others.
 *
 *   fleet [ADDRESS [NATS]]     default 127.0.0.1:9003 and 127.0.0.1:4222, an IPv4 address: to look up names would block
 *
 * ws://ADDRESS/TOPIC is a WebSocket. What somebody sends there goes to everybody else there, at whichever process they
 * are. PUBLISH events tell what is published here, and that goes to the broker; what comes from there is published with
 * HWS_PUBLISH_LOCAL, of which no event tells: else all would go round for ever. NATS speaks lines of text over one TCP
 * connection. No TLS and no password here: the broker is on a network of our own.
 *
 * Without a broker a process serves its own clients, and dials again within 2 s. Nothing is kept for a broker that is
 * away: nobody knows for how long. SIGINT or SIGTERM ends it, when the broker has read what it got. On stderr:
 *     broker: connected | broker: gone: WHY                 (the same WHY once, not at every attempt)
 *     sent=N lost=N received=N missed=N strange=N           after each of these, and at the end
 * sent     went to the broker, or at least to the kernel: what is on its way when the broker dies gets nowhere
 * lost     did not: there was no broker, or one so slow that 8 MiB waited, or one that takes none as large
 * missed   others published it, and it did not come. Each process numbers what it publishes; what comes next shows the
 *          gap, of what it has lost and of what it has sent: to a broker that died, or while we were away
 * strange  came, and could not be published: others can write to our subject, too
 */
#define _POSIX_C_SOURCE 200809L
#include "common.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* One subject for all topics, which travel with the data: they need not be words that NATS allows, and everybody hears
 * all numbers. */
#define SUBJECT "hawser.fleet"
#define JOIN    "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\nSUB " SUBJECT " 1\r\nPING\r\n"
/* In front of topic and data, so that people can read it: process, number, opcode, length of the topic. */
#define HEAD_OUT "%016" PRIx64 "%016" PRIx64 "%1" PRIu32 "%04x"
#define HEAD_IN  "%16" SCNx64 "%16" SCNx64 "%1" SCNu32 "%4x"

enum {
    HEAD = 16 + 16 + 1 + 4, TOPIC_MAX = 1024, MESSAGE_MAX = 1 << 20, PAYLOAD_MAX = HEAD + TOPIC_MAX + MESSAGE_MAX,
    LINE = 1 << 16,                         /* bytes of a line of the broker's: INFO may be long */
    QUEUE_MAX = 8 << 20,                    /* bytes that wait for the broker */
    FLEET = 64,                             /* processes whose numbers we keep an eye on */
    TURN = 64,                              /* events, until it is the broker's turn */
    RETRY_MIN = 50, RETRY_MAX = 2000, PATIENCE = 5000   /* milliseconds */
};

enum state { AWAY, DIALING, JOINING, UP };  /* DIALING: until its INFO; JOINING: until the PONG that follows our SUB */

/* Something for the broker. Its bytes follow the struct. */
struct frame {
    struct frame *next;
    size_t        len;
    int           is_message;               /* else it is the protocol's, and does not count */
};

static struct {
    struct sockaddr_in address;
    enum state    state;
    int           socket;                   /* -1: none, which poll(2) takes as it is */
    unsigned      asked;                    /* PONGs that we wait for */
    int32_t       retry;
    int64_t       dialed, due;              /* by now_ms(): when it began, and when we do something unless it does */
    uint64_t      payload_max;
    struct frame *queue, **queue_end;
    size_t        queued, written;          /* bytes in the queue; of its first frame, those that have left */
    size_t        have, awaited;            /* bytes in `in`; those of a message, else the next thing is a line */
    char          in[PAYLOAD_MAX + 2];
} broker;

static struct { uint64_t sent, lost, received, missed, strange; } counts;
static hws_engine   engine;
static hws_listener listener;
static uint64_t     process, number;        /* who we are, by chance; how much we have published */

static void report(void)
{
    fprintf(stderr, "sent=%" PRIu64 " lost=%" PRIu64 " received=%" PRIu64 " missed=%" PRIu64 " strange=%" PRIu64 "\n",
            counts.sent, counts.lost, counts.received, counts.missed, counts.strange);
}

/* -- To the broker ------------------------------------------------------------------------------------------ */

/* A place for so many bytes at the end of the queue, or NULL. If messages fill it, there still is room to answer. */
static char *queue(size_t len, int is_message)
{
    size_t room = sizeof(struct frame) + len, max = is_message ? QUEUE_MAX : QUEUE_MAX + LINE;
    struct frame *frame = broker.queued + room <= max ? (struct frame *)malloc(room) : NULL;
    if (!frame) return NULL;
    frame->next = NULL;
    frame->len = len;
    frame->is_message = is_message;
    *broker.queue_end = frame;
    broker.queue_end = &frame->next;
    broker.queued += room;
    return (char *)(frame + 1);
}

static void unqueue(uint64_t *count)
{
    struct frame *frame = broker.queue;
    if (frame->is_message) ++*count;
    broker.queued -= sizeof *frame + frame->len;
    broker.written = 0;
    if (!(broker.queue = frame->next)) broker.queue_end = &broker.queue;
    free(frame);
}

static const char *flush_queue(void) /* Here and below: NULL, or why it is over with this connection to the broker. */
{
    while (broker.queue) {
        const char *bytes = (const char *)(broker.queue + 1) + broker.written;
        ssize_t left = send(broker.socket, bytes, broker.queue->len - broker.written, MSG_NOSIGNAL);
        if (left < 0) return errno == EAGAIN || errno == EINTR ? NULL : strerror(errno);
        if ((broker.written += (size_t)left) == broker.queue->len) unqueue(&counts.sent);
    }
    return NULL;
}

static const char *say(const char *text)
{
    char *at = queue(strlen(text), 0);
    if (!at) return "it does not read";
    memcpy(at, text, strlen(text));
    return NULL;
}

static const char *ask(void)
{
    broker.asked++;
    broker.due = now_ms() + PATIENCE;
    return say("PING\r\n");
}

/* What was published here. It has its number in any case: others see the gap. */
static void forward(const hws_event *event)
{
    char head[96], *at = NULL;
    size_t head_len, len = HEAD + event->topic.len + event->data.len;
    head_len = (size_t)snprintf(head, sizeof head, "PUB " SUBJECT " %zu\r\n" HEAD_OUT, len, process, ++number,
                                event->opcode, (unsigned)event->topic.len);
    if (broker.state == UP && len <= broker.payload_max) at = queue(head_len - HEAD + len + 2, 1);
    if (!at) { counts.lost++; return; }
    memcpy(at, head, head_len);
    memcpy(at += head_len, event->topic.ptr, event->topic.len);
    if (event->data.len) memcpy(at + event->topic.len, event->data.ptr, event->data.len);
    memcpy(at + event->topic.len + event->data.len, "\r\n", 2);
}

/* -- From the broker ------------------------------------------------------------------------------------------ */

/* The first that we hear of somebody tells nothing: we may have come later. What comes late, from a connection that its
 * process has given up, was counted as missed. */
static void look_for_gap(uint64_t who, uint64_t its_number)
{
    static struct { uint64_t who, number; } heard[FLEET];
    static size_t next;
    size_t i = 0;
    while (i < FLEET && heard[i].who != who) i++;
    if (i == FLEET) {
        i = next++ % FLEET; /* whoever has been here longest gives way */
        heard[i].who = who;
    } else if (its_number <= heard[i].number) return;
    else counts.missed += its_number - heard[i].number - 1;
    heard[i].number = its_number;
}

/* A NUL follows the bytes. What others write to our subject must not cost us the connection. */
static void take_payload(const char *at, size_t len)
{
    static hws_publish_options local;
    uint64_t who, its_number;
    hws_opcode opcode;
    unsigned topic_len;
    hws_str topic;
    if (len < HEAD || sscanf(at, HEAD_IN, &who, &its_number, &opcode, &topic_len) != 4 || len - HEAD < topic_len) {
        counts.strange++;
        return;
    }
    if (who == process) return; /* from a broker that does not know "echo" */
    local.struct_size = sizeof local;
    local.flags = HWS_PUBLISH_LOCAL;
    topic.ptr = at + HEAD;
    topic.len = topic_len;
    if (hws_publish(engine, topic, opcode, topic.ptr + topic_len, len - HEAD - topic_len, &local, NULL, NULL)) {
        counts.strange++; /* the library checks opcode, topic and UTF-8 */
        return;
    }
    counts.received++;
    look_for_gap(who, its_number);
}

/* INFO is JSON, of which one number is all that we need; it may come again. MSG SUBJECT 1 [REPLY-TO] BYTES. */
static const char *take_line(const char *line)
{
    static const char message[] = "MSG " SUBJECT " 1 ", max[] = "\"max_payload\":";
    uint64_t len;
    if (!strncmp(line, "-ERR ", 5)) return line;
    if (!strncmp(line, "INFO ", 5)) {
        const char *at = strstr(line, max);
        broker.payload_max = at ? strtoull(at + sizeof max - 1, NULL, 10) : 0;
        if (broker.state != DIALING) return NULL;
        broker.state = JOINING;
        return say(JOIN);
    }
    if (broker.state == DIALING) return "this is not NATS";
    if (!strncmp(line, message, sizeof message - 1)) {
        if (!parse_number(strrchr(line, ' ') + 1, PAYLOAD_MAX, &len)) return "a message of an impossible length";
        broker.awaited = (size_t)len + 2;
        return NULL;
    }
    if (same(line, "PING")) return say("PONG\r\n");
    if (!same(line, "PONG")) return same(line, "+OK") ? NULL : "this is not what we asked for";
    if (broker.asked) broker.asked--;
    if (broker.state == UP) return NULL;
    broker.state = UP;
    fputs("broker: connected\n", stderr);
    report();
    return NULL;
}

/* The next thing of what has come; *taken is 0 when not all of it is there. */
static const char *take_next(char *at, size_t len, size_t *taken)
{
    size_t awaited = broker.awaited;
    char *end = awaited ? NULL : (char *)memchr(at, '\n', len);
    *taken = 0;
    if (!awaited && !end) return len < LINE ? NULL : "a line without an end";
    if (awaited > len) return NULL;
    *taken = awaited ? awaited : (size_t)(end + 1 - at);
    if (*taken < 2 || memcmp(at + *taken - 2, "\r\n", 2) != 0) return "a line end is missing";
    at[*taken - 2] = '\0';
    broker.awaited = 0;
    if (!awaited) return take_line(at);
    take_payload(at, awaited - 2);
    return NULL;
}

static const char *hear(void)
{
    const char *why = NULL;
    size_t from = 0, taken = 1;
    ssize_t got = recv(broker.socket, broker.in + broker.have, sizeof broker.in - broker.have, 0);
    if (got == 0) return "it has hung up";
    if (got < 0) return errno == EAGAIN || errno == EINTR ? NULL : strerror(errno);
    broker.have += (size_t)got;
    for (; !why && taken; from += taken) why = take_next(broker.in + from, broker.have - from, &taken);
    if (why) return why;
    broker.have -= from;
    if (from) memmove(broker.in, broker.in + from, broker.have);
    if (broker.state == UP && !broker.asked) broker.due = now_ms() + PATIENCE; /* else it owes us an answer first */
    return NULL;
}

/* -- The connection to the broker, which comes and goes ------------------------------------------------------- */

static void hang_up(void)
{
    while (broker.queue) unqueue(&counts.lost); /* also what it has a part of */
    if (broker.socket >= 0) close(broker.socket);
    broker.socket = -1;
}

static void broker_is_gone(const char *why)
{
    static char said[128];
    int is_news = broker.state == UP || strncmp(said, why, sizeof said - 1) != 0;
    int64_t now = now_ms();
    hang_up();
    if (is_news) {
        snprintf(said, sizeof said, "%s", why);
        fputs("broker: gone: ", stderr);
        put_escaped(stderr, said, strlen(said)); /* it may be the broker's own words */
        putc('\n', stderr);
        report();
    }
    broker.state = AWAY;
    if (now - broker.dialed > RETRY_MAX) broker.retry = RETRY_MIN; /* to dial was worth it */
    broker.due = now + broker.retry - (int64_t)(process % (uint64_t)broker.retry / 2); /* not the whole fleet at once */
    broker.retry = broker.retry < RETRY_MAX / 2 ? 2 * broker.retry : RETRY_MAX;
}

/* If it fails later on, then the first read says so. */
static const char *dial(void)
{
    int on = 1;
    broker.have = broker.awaited = 0;
    broker.asked = 0;
    broker.state = DIALING;
    broker.dialed = now_ms();
    broker.due = broker.dialed + PATIENCE;
    broker.socket = socket(AF_INET, SOCK_STREAM, 0);
    if (broker.socket < 0 || fcntl(broker.socket, F_SETFL, O_NONBLOCK) != 0) return strerror(errno);
    setsockopt(broker.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(broker.socket, (struct sockaddr *)&broker.address, sizeof broker.address) == 0) return NULL;
    return errno == EINPROGRESS ? NULL : strerror(errno);
}

static const char *time_is_up(void)
{
    if (broker.state == AWAY) return dial();
    return broker.state != UP || broker.asked ? "no answer" : ask();
}

/* For the library, for the broker, or for whichever of the two wants to do something by itself first. */
static void wait_for_all(void)
{
    const char *why = NULL;
    struct pollfd wait[2];
    ptrdiff_t fd;
    int32_t timeout;
    int64_t left = broker.due - now_ms();
    hws_engine_pollable(engine, &fd);
    hws_engine_next_timeout(engine, &timeout);
    if (timeout == HWS_NEVER || left < timeout) timeout = left > 0 ? (int32_t)left : 0;
    wait[0].fd = (int)fd;
    wait[1].fd = broker.socket;
    wait[0].events = wait[1].events = POLLIN;
    if (broker.queue) wait[1].events |= POLLOUT;
    if (poll(wait, 2, timeout) < 0) return;
    if (wait[1].revents & ~POLLOUT) why = hear(); /* first: it may say why it takes no more */
    if (!why && wait[1].revents & POLLOUT) why = flush_queue();
    if (!why && broker.due <= now_ms()) why = time_is_up();
    if (why) broker_is_gone(why);
}

/* With the PONG the broker has read everything. */
static void take_leave(void)
{
    const char *why = broker.state == UP ? ask() : NULL;
    if (why) broker_is_gone(why);
}

/* -- Our clients --------------------------------------------------------------------------------------------- */

/* From here on the connection's `user` is its topic. No wildcards: what is said elsewhere is not for it. */
static void welcome(const hws_event *event)
{
    static const hws_str sorry = HWS_STR("not a topic");
    hws_str topic = event->handshake->params[0].value;
    char *copy = strcspn(topic.ptr, "+#") < topic.len ? NULL : (char *)malloc(topic.len + 1);
    if (copy) hws_conn_set_user(event->conn, (uint64_t)(uintptr_t)memcpy(copy, topic.ptr, topic.len + 1));
    if (!copy || hws_subscribe(event->conn, topic)) hws_close(event->conn, 1008, sorry);
}

static void publish(const hws_event *event, const char *topic)
{
    static hws_publish_options others;
    static const hws_str sorry = HWS_STR("that could not be published");
    others.struct_size = sizeof others;
    others.except = event->conn;
    if (hws_publish(engine, hws_cstr(topic), event->opcode, event->data.ptr, event->data.len, &others, NULL, NULL))
        hws_close(event->conn, 1011, sorry);
}

static int failed(void) { return fprintf(stderr, "fleet: %s\n", hws_last_error()->message.ptr), 1; }

/* One event at a time: a connection has its topic before its first message is an event, and what is published comes
 * before what is yet to be read, so that it never fills the memory there is for it. */
static int serve(void)
{
    hws_event event;
    uint32_t count, turn;
    int ended = 0;
    for (;; wait_for_all()) {
        for (turn = 0; turn < TURN; turn++) {
            char *topic;
            if (hws_poll(engine, &event, sizeof event, 1, 0, &count)) return failed();
            if (!count) break;
            topic = (char *)(uintptr_t)event.user;
            switch (event.kind) {
            case HWS_EVENT_OPEN:    welcome(&event); break;
            case HWS_EVENT_MESSAGE: publish(&event, topic); break;
            case HWS_EVENT_PUBLISH: forward(&event); break;
            case HWS_EVENT_CLOSE:   free(topic); break;
            case HWS_EVENT_LISTENER_CLOSED: ended = 1; take_leave(); break;
            }
        }
        if (ended && !(broker.state == UP && broker.asked)) return hws_engine_free(engine) != HWS_OK;
    }
}

/* Next to nothing may be called in a signal handler, but any thread may call anything: so a thread waits. */
static void *await_signal(void *signals)
{
    static hws_drain drain; /* static, so all zero: everybody hears 1001 */
    int signal_number;
    sigwait((sigset_t *)signals, &signal_number);
    drain.struct_size = sizeof drain;
    drain.drain_ms = 2000;
    hws_listener_close(listener, &drain); /* and the loop ends with LISTENER_CLOSED */
    return NULL;
}

static int find_broker(const char *text)
{
    char host[16], rest;
    unsigned port;
    if (sscanf(text, "%15[0-9.]:%5u%c", host, &port, &rest) != 2 || port > 65535) return 0;
    broker.address.sin_family = AF_INET;
    broker.address.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &broker.address.sin_addr) == 1;
}

static int listen_on(const char *address)
{
    static hws_engine_options engine_options;
    static hws_limits limits;
    static hws_route route;
    static hws_server_options options;
    engine_options.struct_size = sizeof engine_options;
    engine_options.publish_events = HWS_ON;
    limits.struct_size = sizeof limits;
    limits.message_max = MESSAGE_MAX;
    limits.slow_subscriber = HWS_SLOW_CLOSE; /* rather than a gap that it does not know of */
    route.struct_size = sizeof route;
    route.pattern = hws_cstr("/:topic");
    options.struct_size = sizeof options;
    options.bind = hws_cstr(address);
    options.limits = &limits;
    options.routes = &route;
    options.route_count = 1;
    return hws_engine_new(&engine_options, &engine) == HWS_OK && hws_listen(engine, &options, &listener) == HWS_OK;
}

int main(int argc, char **argv)
{
    static sigset_t signals;
    char address[128];
    pthread_t waiting;
    int status;
    FILE *random = fopen("/dev/urandom", "rb");

    broker.socket = -1;
    broker.queue_end = &broker.queue;
    broker.retry = RETRY_MIN;
    if (!random || fread(&process, sizeof process, 1, random) != 1) return perror("/dev/urandom"), 1;
    fclose(random);
    if (!find_broker(argc > 2 ? argv[2] : "127.0.0.1:4222")) return fputs("fleet: where is NATS?\n", stderr), 2;

    sigemptyset(&signals); /* blocked before there is another thread, so that only sigwait sees them */
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!listen_on(argc > 1 ? argv[1] : "127.0.0.1:9003")) return failed();
    if (hws_listener_address(listener, address, sizeof address, NULL)) return failed();
    if (pthread_create(&waiting, NULL, await_signal, &signals) != 0) return 1;
    printf("listening on %s\n", address);
    fflush(stdout);
    status = serve();
    if (status == 0) pthread_join(waiting, NULL);
    hang_up();
    report();
    return status;
}
