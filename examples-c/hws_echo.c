/* hws_echo -- an echo server: text comes back as text, binary as binary, and nothing is lost or dropped.
 *
 *   hws_echo [--bind 127.0.0.1:9001 | --bind unix:/path] [--tls-cert FILE --tls-key FILE [--client-ca FILE]]
 *            [--auth USER:PASSWORD]... [--origin O]... [--origin-required] [--subprotocol P]... [--max-size BYTES]
 *            [--max-fragments N] [--max-connections N] [--open-timeout S] [--close-timeout S] [--ping-interval S]
 *            [--ping-timeout S] [--no-deflate] [--threads 1] [--stats S] [--quiet]
 *
 * Prints `listening on ADDRESS` once it accepts; with port 0 that is the port it got. Seconds may be fractions, and
 * 0 means never. SIGINT or SIGTERM: 1001 to every peer, then exit 0; a second one does not wait for the peers.
 * Each peer that failed costs a line on stderr, --quiet saves it. --max-fragments is how many frames a message may
 * come in (4096): Autobahn cuts some into 65536. More threads are a later version's work and answer
 * `error=UNSUPPORTED detail=--threads` with exit status 2.
 *
 * With --tls-cert it speaks TLS; with --client-ca only to clients that show a certificate of that authority. Files are
 * PEM. SIGHUP then reads them anew, as servers do that outlive their certificates: connections go on as they are, new
 * ones open with the new files, and if those are no good, with the old ones. A line on stderr says which.
 * --auth lets in only whom it names. It is for trying things out: anybody on the machine can read a command line.
 */
#define _POSIX_C_SOURCE 200809L
#include "common.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define BATCH 256                      /* events a poll may hand over */
#define MIB   ((uint64_t)1 << 20)

/* An echo the send queue had no room for. The payload follows the struct. */
struct message {
    struct message *next;
    hws_opcode      opcode;
    size_t          len;
};

struct peer {
    struct peer    *next, *previous;   /* all open connections: the shutdown has to tell each of them */
    hws_conn        conn;
    struct message *backlog, **backlog_end;
};

static struct peer *peers;
static hws_listener listener;
static int          going_away;

/* The command line fills the library's own option structs. */
static hws_server_options server;
static hws_limits         limits;
static hws_timers         timers;
static hws_tls            tls;
static hws_compression    compression;
static struct list        origins, subprotocols, credentials;
static hws_toggle         quiet, no_deflate;
static int32_t            stats_every = HWS_NEVER;
static uint32_t           threads = 1;

static const struct flag flags[] = {
    { "--bind",            FLAG_TEXT,    &server.bind },
    { "--tls-cert",        FLAG_TEXT,    &tls.certificate.cert_file },
    { "--tls-key",         FLAG_TEXT,    &tls.certificate.key_file },
    { "--client-ca",       FLAG_TEXT,    &tls.ca_file },
    { "--auth",            FLAG_LIST,    &credentials },
    { "--origin",          FLAG_LIST,    &origins },
    { "--origin-required", FLAG_SWITCH,  &server.origin_required },
    { "--subprotocol",     FLAG_LIST,    &subprotocols },
    { "--max-connections", FLAG_COUNT,   &server.max_connections },
    { "--max-size",        FLAG_BYTES,   &limits.message_max },
    { "--max-fragments",   FLAG_COUNT,   &limits.fragments_max },
    { "--open-timeout",    FLAG_SECONDS, &timers.open_ms },
    { "--close-timeout",   FLAG_SECONDS, &timers.close_ms },
    { "--ping-interval",   FLAG_SECONDS, &timers.ping_interval_ms },
    { "--ping-timeout",    FLAG_SECONDS, &timers.ping_timeout_ms },
    { "--no-deflate",      FLAG_SWITCH,  &no_deflate },
    { "--threads",         FLAG_COUNT,   &threads },
    { "--stats",           FLAG_SECONDS, &stats_every },
    { "--quiet",           FLAG_SWITCH,  &quiet },
    { NULL,                FLAG_SWITCH,  NULL }
};

/* Two threads talk, the loop's and the one that waits for signals: the lock keeps their lines whole. */
static void complain(const hws_error_info *error)
{
    flockfile(stderr);
    fprintf(stderr, "error=%s detail=", short_name(error->status));
    put_error(stderr, error);
    funlockfile(stderr);
}

/* -- Peers -------------------------------------------------------------------------------------------------- */

/* A batch may hold a connection's OPEN and its first messages: those events were made before OPEN could attach
 * the peer. The newest peers lead the list, so the search is short, and no later event needs it. */
static struct peer *peer_of(const hws_event *event)
{
    struct peer *peer = (struct peer *)(uintptr_t)event->user;
    if (peer) return peer;
    for (peer = peers; peer && peer->conn.id != event->conn.id; peer = peer->next) { }
    return peer;
}

static void drop_first_message(struct peer *peer)
{
    struct message *message = peer->backlog;
    peer->backlog = message->next;
    if (!peer->backlog) peer->backlog_end = &peer->backlog;
    free(message);
}

static void say_goodbye(struct peer *peer)
{
    static const hws_str reason = HWS_STR("going away");
    while (peer->backlog) drop_first_message(peer);
    hws_conn_pause(peer->conn, 0);     /* or we would never read the peer's close frame */
    hws_close(peer->conn, 1001, reason);
}

static void add_peer(hws_conn conn)
{
    struct peer *peer = (struct peer *)calloc(1, sizeof *peer);
    if (!peer || hws_conn_set_user(conn, (uint64_t)(uintptr_t)peer) != HWS_OK) {
        free(peer);
        hws_abort(conn);
        return;
    }
    peer->conn = conn;
    peer->backlog_end = &peer->backlog;
    peer->next = peers;
    if (peers) peers->previous = peer;
    peers = peer;
    if (going_away) say_goodbye(peer); /* its handshake was under way when the listener closed */
}

static void remove_peer(struct peer *peer)
{
    if (!peer) return;
    while (peer->backlog) drop_first_message(peer);
    if (peer->next) peer->next->previous = peer->previous;
    if (peer->previous) peer->previous->next = peer->next;
    else peers = peer->next;
    free(peer);
}

/* -- Echo --------------------------------------------------------------------------------------------------- */

/* Pausing stops the reading, but not what has been read already: those messages line up here, in order. They bound
 * the backlog, as nothing joins them before the peer has taken enough of its echoes. */
static void keep_message(struct peer *peer, const hws_event *event)
{
    static const hws_str reason = HWS_STR("out of memory");
    struct message *message = (struct message *)malloc(sizeof *message + event->data.len);
    if (!message) {
        hws_close(event->conn, 1011, reason); /* better an honest end than an echo with a hole in it */
        return;
    }
    message->next = NULL;
    message->opcode = event->opcode;
    message->len = event->data.len;
    if (message->len) memcpy(message + 1, event->data.ptr, message->len);
    *peer->backlog_end = message;
    peer->backlog_end = &message->next;
}

/* hws_send also fails once the peer has said goodbye: then nobody waits for the echo, and CLOSE follows. */
static void echo(const hws_event *event)
{
    struct peer *peer = peer_of(event);
    if (!peer) return;
    if (!peer->backlog
        && hws_send(event->conn, event->opcode, event->data.ptr, event->data.len, NULL) != HWS_ERR_SEND_QUEUE_FULL)
        return;
    hws_conn_pause(event->conn, 1);
    keep_message(peer, event);
}

static void echo_backlog(struct peer *peer)
{
    if (!peer || !peer->backlog) return;
    while (peer->backlog) {
        struct message *message = peer->backlog;
        if (hws_send(peer->conn, message->opcode, message + 1, message->len, NULL) == HWS_ERR_SEND_QUEUE_FULL)
            return;                    /* the next WRITABLE goes on from here */
        drop_first_message(peer);
    }
    hws_conn_pause(peer->conn, 0);
}

/* -- The loop ----------------------------------------------------------------------------------------------- */

static void report_peer(const char *what, const hws_error_info *error)
{
    if (quiet) return;
    flockfile(stderr);
    fprintf(stderr, "%s: ", what);
    put_error(stderr, error);
    funlockfile(stderr);
}

static void leave(void)
{
    going_away = 1;
    for (struct peer *peer = peers; peer; peer = peer->next) say_goodbye(peer);
}

static void handle(const hws_event *event)
{
    switch (event->kind) {
    case HWS_EVENT_MESSAGE:
        echo(event);
        break;
    case HWS_EVENT_WRITABLE:
        echo_backlog(peer_of(event));
        break;
    case HWS_EVENT_OPEN:
        add_peer(event->conn);
        break;
    case HWS_EVENT_CLOSE:
        if (event->status != HWS_ERR_CLOSED_OK) report_peer("closed", event->error);
        remove_peer(peer_of(event));
        break;
    case HWS_EVENT_ACCEPT_FAILED:
        report_peer("refused", event->error);
        break;
    case HWS_EVENT_LISTENER_CLOSED:
        leave();
        break;
    }
}

static void print_stats(hws_engine engine)
{
    hws_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    if (hws_engine_stats(engine, &stats) != HWS_OK) return;
    fprintf(stderr, "stats connections=%" PRIu32 " messages_in=%" PRIu64 " messages_out=%" PRIu64 " bytes_in=%" PRIu64
            " bytes_out=%" PRIu64 " wire_in=%" PRIu64 " wire_out=%" PRIu64 " send_queued=%" PRIu64
            " handshake_failures=%" PRIu64 "\n",
            stats.connections, stats.messages_in, stats.messages_out, stats.bytes_in, stats.bytes_out, stats.wire_in,
            stats.wire_out, stats.send_queued, stats.handshake_failures);
}

/* Milliseconds to the next stats line, which is printed when due. Without --stats this does not even ask the time. */
static int32_t tend_stats(hws_engine engine)
{
    static int64_t due;
    if (stats_every == HWS_NEVER) return HWS_NEVER;
    int64_t now = now_ms();
    if (due == 0) due = now + stats_every;
    if (now >= due) {
        print_stats(engine);
        due = now + stats_every;
    }
    return (int32_t)(due - now);
}

static int serve(hws_engine engine)
{
    static hws_event batch[BATCH];
    while (!going_away || peers) {     /* the close timeout bounds how long a silent peer can hold us */
        uint32_t count;
        if (hws_poll(engine, batch, sizeof *batch, BATCH, tend_stats(engine), &count) != HWS_OK) {
            complain(hws_last_error());
            return 1;
        }
        for (uint32_t i = 0; i < count; i++) handle(&batch[i]);
    }
    if (stats_every != HWS_NEVER) print_stats(engine);
    return hws_engine_free(engine) == HWS_OK ? 0 : 1;
}

/* -- Signals ------------------------------------------------------------------------------------------------ */

/* Next to nothing may be called in a signal handler, but any thread may call anything: so a thread waits for the
 * signals. It may be cancelled while it waits and nowhere else, least of all inside the library. */
static int next_signal(const sigset_t *set)
{
    int signal_number = 0, state;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    sigwait(set, &signal_number);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return signal_number;
}

/* Here and not in the loop, so that no peer waits for the disk. */
static void reload_certificates(void)
{
    if (hws_listener_set_tls(listener, &tls) == HWS_OK) fputs("reloaded the certificate files\n", stderr);
    else complain(hws_last_error());
}

/* Closing the listener makes a LISTENER_CLOSED event, and that is all the loop needs to hear. */
static void *await_signals(void *argument)
{
    const sigset_t *set = (const sigset_t *)argument;
    while (next_signal(set) == SIGHUP) reload_certificates();
    hws_listener_close(listener);
    while (next_signal(set) == SIGHUP) { }
    _exit(1);                          /* asked twice: somebody is in a hurry */
    return NULL;
}

static pthread_t signal_thread;

static int start_signal_thread(sigset_t *set)
{
    return pthread_create(&signal_thread, NULL, await_signals, set) == 0;
}

static void stop_signal_thread(void)
{
    pthread_cancel(signal_thread);     /* sigwait is a place where a thread may be cancelled */
    pthread_join(signal_thread, NULL);
}

/* -- Setting sail ------------------------------------------------------------------------------------------- */

static int unsupported(const char *flag)
{
    fprintf(stderr, "error=UNSUPPORTED detail=%s\n", flag);
    return 2;
}

/* Any of these flags asks for TLS: a server that got only half of them must fail, not come up plain. */
static void fill_tls(void)
{
    tls.struct_size = sizeof tls;
    if (tls.certificate.cert_file.ptr || tls.certificate.key_file.ptr || tls.ca_file.ptr) server.tls = &tls;
    if (tls.ca_file.ptr) tls.client_auth = HWS_CLIENT_AUTH_REQUIRED;
}

static void fill_options(void)
{
    server.struct_size = sizeof server;
    limits.struct_size = sizeof limits;
    timers.struct_size = sizeof timers;
    server.limits = &limits;
    server.timers = &timers;
    compression.struct_size = sizeof compression;
    compression.enabled = no_deflate ? HWS_OFF : HWS_DEFAULT;
    server.compression = &compression;
    server.origins = origins.items;
    server.origin_count = origins.count;
    server.subprotocols = subprotocols.items;
    server.subprotocol_count = subprotocols.count;
    server.credentials = credentials.items;
    server.credential_count = credentials.count;
    if (!server.bind.ptr) server.bind = str("127.0.0.1:9001");
    if (!limits.message_max) limits.message_max = MIB;

    /* The low mark is a quarter of the queue, and no message more than half of it: one that was refused found the
     * queue above its low mark, so a WRITABLE is sure to come. */
    limits.send_queue_max = 16 * MIB;
    if (limits.message_max > 8 * MIB - 512) limits.send_queue_max = 2 * limits.message_max + 1024;
}

int main(int argc, char **argv)
{
    struct command_line line = parse_command_line(flags, argc, argv);
    static sigset_t signals;
    hws_engine engine;
    char address[256];
    size_t len;

    if (line.argument || line.wrong)
        return usage("hws_echo [FLAGS]", flags, line.wrong ? line.wrong : line.argument);
    if (line.later) return unsupported(line.later);
    if (threads > 1) return unsupported("--threads");
    fill_tls();
    fill_options();

    /* Blocked before any thread exists, so that every thread inherits it and only sigwait sees the signal. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (server.tls) sigaddset(&signals, SIGHUP); /* else it ends us, as usual: there is nothing to reload */
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    if (hws_engine_new(NULL, &engine) != HWS_OK || hws_listen(engine, &server, &listener) != HWS_OK
        || hws_listener_address(listener, address, sizeof address, &len) != HWS_OK) {
        complain(hws_last_error());
        return 1;
    }
    if (!start_signal_thread(&signals)) return perror("hws_echo: pthread_create"), 1;
    printf("listening on %s\n", address);
    fflush(stdout);
    int status = serve(engine);
    stop_signal_thread();
    return status;
}
