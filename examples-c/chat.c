/* chat -- a chat server and the page that goes with it: rooms, names, a history, and nobody waits for the slow.
 *
 *   chat [ADDRESS]        default 127.0.0.1:9002; then open http://127.0.0.1:9002/ in two tabs
 *
 * The page is a route, a room is a topic, and whether somebody may come in is a decision, made when the request is
 * there. SIGINT or SIGTERM: everybody hears 1001, then exit 0. */
#define _POSIX_C_SOURCE 200809L
#include "chat_page.h"
#include <hawser.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, ROOMS = 100, HISTORY = 20, NAME = 24, LINE = 128 };

/* What was said last, and how many are in; without guests it is nobody's. */
struct room {
    char     name[NAME + 1], *said[HISTORY];
    size_t   first, count;
    unsigned guests;
};

struct guest {
    struct guest *next;
    struct room  *room;
    hws_conn      conn;
    char          name[NAME + 1];
};

static hws_engine engine;
static hws_listener listener;
static struct room rooms[ROOMS];
static struct guest *guests;

static void remember(struct room *room, const char *text)
{
    size_t at = (room->first + room->count) % HISTORY;
    char *copy = (char *)malloc(strlen(text) + 1);
    if (!copy) return; /* a history with a hole is better than no chat */
    if (room->count < HISTORY) room->count++;
    else room->first = (room->first + 1) % HISTORY;
    free(room->said[at]);
    room->said[at] = strcpy(copy, text);
}

/* To everybody in the room, whose name is the topic. The frame is made once for all. */
static void tell(struct room *room, hws_opcode opcode, const void *data, size_t len)
{
    hws_publish(engine, hws_cstr(room->name), opcode, data, len, NULL, NULL, NULL);
}

static void announce(struct room *room, const char *who, const char *what)
{
    char line[LINE];
    int len = snprintf(line, sizeof line, "* %s %s; %u here", who, what, room->guests);
    tell(room, HWS_TEXT, line, (size_t)len);
}

static void forget(struct room *room)
{
    for (; room->count; room->said[room->count] = NULL) free(room->said[--room->count]);
    room->first = 0;
}

static struct room *room_named(const char *name)
{
    struct room *room, *empty = NULL;
    for (room = rooms; room < rooms + ROOMS; room++)
        if (!room->guests) empty = room;
        else if (!strcmp(room->name, name)) return room;
    if (empty) snprintf(empty->name, sizeof empty->name, "%s", name);
    return empty;
}

static hws_response response(uint32_t status, const hws_header *header, const char *body)
{
    hws_response is;
    is.struct_size = sizeof is;
    is.status = status;
    is.headers = header;
    is.header_count = header != NULL;
    is.body.ptr = (const uint8_t *)body;
    is.body.len = strlen(body);
    return is;
}

static void refuse(hws_request request, uint32_t status, const char *why)
{
    hws_response no = response(status, NULL, why);
    hws_request_respond(request, &no); /* it fails if the peer has left, and then nobody waits */
}

/* Room names become topics, so they are plain; people are called what they like, within reason. */
static int is_fine(const char *name, int plain)
{
    const char *at;
    for (at = name; *at; at++)
        if (plain ? !strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *at) : (unsigned char)*at < ' ') return 0;
    return at > name && at - name <= NAME;
}

/* A page may connect to the server that it came from. Programs have no Origin, and are welcome. */
static int is_own_page(const hws_handshake *asked)
{
    const char *scheme = strstr(asked->origin.ptr, "://");
    return !asked->origin.len || (scheme && !strcmp(scheme + 3, asked->host.ptr));
}

/* A place in a room under a name that nobody has there, or NULL. */
static struct guest *guest_new(const char *room_name, const char *name)
{
    struct room *room = room_named(room_name);
    struct guest *guest;
    for (guest = guests; guest; guest = guest->next)
        if (guest->room == room && !strcmp(guest->name, name)) return NULL;
    if (!room || !(guest = (struct guest *)calloc(1, sizeof *guest))) return NULL;
    snprintf(guest->name, sizeof guest->name, "%s", name);
    guest->room = room;
    guest->next = guests;
    room->guests++;
    return guests = guest;
}

static void guest_free(struct guest *guest)
{
    struct guest **at = &guests;
    while (*at != guest) at = &(*at)->next;
    *at = guest->next;
    if (--guest->room->guests) announce(guest->room, guest->name, "has left");
    else forget(guest->room);
    free(guest);
}

/* Whether somebody may come in, to /rooms/:room/:name. */
static void decide(const hws_event *event)
{
    const char *room = event->handshake->params[0].value.ptr, *name = event->handshake->params[1].value.ptr;
    static hws_accept_options options; /* static, so all zero, and zero is the default everywhere */
    struct guest *guest;

    if (event->flags & HWS_FLAG_PLAIN) refuse(event->request, 426, "Rooms are for WebSockets.");
    else if (!is_own_page(event->handshake)) refuse(event->request, 403, "Not from that page.");
    else if (!is_fine(room, 1) || !is_fine(name, 0)) refuse(event->request, 400, "Not a name.");
    else if (!(guest = guest_new(room, name))) refuse(event->request, 409, "The name is taken, or all is full.");
    else {
        options.struct_size = sizeof options;
        options.user = (uint64_t)(uintptr_t)guest; /* comes back with every event: OPEN first, CLOSE last */
        if (hws_request_accept(event->request, &options, &guest->conn)) guest_free(guest); /* the peer has left */
    }
}

static void welcome(struct guest *guest)
{
    struct room *room = guest->room;
    size_t i;
    for (i = 0; i < room->count; i++) {
        const char *said = room->said[(room->first + i) % HISTORY];
        if (hws_send(guest->conn, HWS_TEXT, said, strlen(said), NULL)) return; /* gone already: CLOSE follows */
    }
    if (!hws_subscribe(guest->conn, hws_cstr(room->name))) announce(room, guest->name, "has come aboard");
}

/* Text is told under its author's name, and kept if it is short. Bytes go as they are. */
static void hear(struct guest *guest, const hws_event *event)
{
    size_t name = (size_t)snprintf(NULL, 0, "%s: ", guest->name), len = name + event->data.len;
    char *line;
    if (event->opcode != HWS_TEXT) { tell(guest->room, event->opcode, event->data.ptr, event->data.len); return; }
    if (!(line = (char *)malloc(len + 1))) return;
    snprintf(line, name + 1, "%s: ", guest->name);
    if (event->data.len) memcpy(line + name, event->data.ptr, event->data.len);
    line[len] = 0;
    tell(guest->room, HWS_TEXT, line, len);
    if (event->data.len <= LINE) remember(guest->room, line);
    free(line);
}

static int failed(void) { return fprintf(stderr, "chat: %s\n", hws_last_error()->message.ptr), 1; }

static int serve(void)
{
    hws_event batch[BATCH];
    uint32_t count, i;
    for (;;) {
        if (hws_poll(engine, batch, sizeof *batch, BATCH, HWS_NEVER, &count)) return failed();
        for (i = 0; i < count; i++) {
            struct guest *guest = (struct guest *)(uintptr_t)batch[i].user;
            switch (batch[i].kind) {
            case HWS_EVENT_REQUEST: decide(&batch[i]); break;
            case HWS_EVENT_OPEN:    welcome(guest); break;
            case HWS_EVENT_MESSAGE: hear(guest, &batch[i]); break;
            case HWS_EVENT_CLOSE:   guest_free(guest); break;
            case HWS_EVENT_LISTENER_CLOSED: return hws_engine_free(engine) != HWS_OK;
            }
        }
    }
}

/* Next to nothing may be called in a signal handler, but any thread may call anything: so a thread waits. */
static void *await_signal(void *signals)
{
    static hws_drain drain;
    int number;
    sigwait((sigset_t *)signals, &number);
    drain.struct_size = sizeof drain, drain.drain_ms = 2000;
    hws_listener_close(listener, &drain); /* and the loop ends with LISTENER_CLOSED */
    return NULL;
}

int main(int argc, char **argv)
{
    static const hws_header html = { HWS_STR("Content-Type"), HWS_STR("text/html; charset=utf-8") };
    static hws_response front, fine;
    static hws_route routes[3];
    static hws_limits limits;
    static hws_server_options options;
    static sigset_t signals;
    char address[128];
    pthread_t waiting;

    front = response(200, &html, page);
    fine = response(204, NULL, "");
    routes[0].struct_size = routes[1].struct_size = routes[2].struct_size = sizeof *routes;
    routes[0].pattern = hws_cstr("/"), routes[0].page = &front;
    routes[1].pattern = hws_cstr("/health"), routes[1].page = &fine;
    routes[2].pattern = hws_cstr("/rooms/:room/:name");
    routes[2].decide = HWS_ON;
    limits.struct_size = sizeof limits;
    limits.slow_subscriber = HWS_SLOW_CLOSE; /* one who does not read must not cost us memory */
    options.struct_size = sizeof options;
    options.bind = hws_cstr(argc > 1 ? argv[1] : "127.0.0.1:9002");
    options.routes = routes;
    options.route_count = 3;
    options.limits = &limits;
    options.accept_failed_events = HWS_OFF; /* port scans, wrong paths: the library answers, and we need not know */

    sigemptyset(&signals); /* blocked before there is another thread, so that only sigwait sees them */
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (hws_engine_new(NULL, &engine) || hws_listen(engine, &options, &listener)) return failed();
    if (hws_listener_address(listener, address, sizeof address, NULL)) return failed();
    if (pthread_create(&waiting, NULL, await_signal, &signals)) return 1;
    printf("listening on %s\n", address);
    fflush(stdout);
    return serve() || pthread_join(waiting, NULL);
}
