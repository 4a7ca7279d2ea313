/* hws_echo -- an echo server: text comes back as text, binary as binary, and nothing is lost or dropped.
 *
 *   hws_echo [--bind 127.0.0.1:9001 | --bind unix:/path | --bind fd:3] [--reuse-port] [--threads N] [--tls-cert FILE --tls-key FILE
 *            [--client-ca FILE]]
 *            [--auth USER:PASSWORD]... [--origin O]... [--origin-required] [--subprotocol P]... [--max-size BYTES]
 *            [--max-fragments N] [--max-connections N] [--max-per-address N] [--open-timeout S] [--close-timeout S]
 *            [--ping-interval S] [--ping-timeout S] [--no-deflate] [--stats S] [--quiet]
 *
 * Prints `listening on ADDRESS` once it accepts; with port 0 that is the port it got. Seconds may be fractions, and
 * 0 means never. SIGINT or SIGTERM: 1001 to every peer, then exit 0; a second one does not wait for the peers.
 * Each peer that failed costs a line on stderr, --quiet saves it. --max-fragments is how many frames a message may
 * come in (4096): Autobahn cuts some into 65536.
 *
 * With --threads N there are N engines, each with a thread and a listener of its own, which share the TCP port; the kernel
 * deals out the connections. --reuse-port lets other processes share it, too: start the new server, then end the old one.
 * fd:3 is a socket that whoever started us has bound, as systemd does; see systemd.socket(5).
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

/* A peer that once read slower than it wrote. Of the others there is nothing to know. */
struct peer {
    struct peer    *next, *previous;
    hws_conn        conn;
    struct message *backlog, **backlog_end;
};

/* An engine, the thread that polls it, and its slow peers, newest first: those of this batch, and the older. Workers
 * share nothing but the options. */
struct worker {
    pthread_t    thread;
    hws_engine   engine;
    hws_listener listener;
    struct peer *peers, *older;
    int          closed, failed;
    hws_event    batch[BATCH];
    hws_outgoing echoes[BATCH];        /* flags and token stay 0 */
};

static struct worker *workers;

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
    { "--max-per-address", FLAG_COUNT,   &server.max_per_address },
    { "--reuse-port",      FLAG_SWITCH,  &server.reuse_port },
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

/* Several threads talk, those of the loops and the one that waits for signals: the lock keeps their lines whole. */
static void complain(const hws_error_info *error)
{
    flockfile(stderr);
    fprintf(stderr, "error=%s detail=", short_name(error->status));
    put_error(stderr, error);
    funlockfile(stderr);
}

/* -- Peers -------------------------------------------------------------------------------------------------- */

/* NULL if it is not slow. A batch may hold messages that came before its first echo had no room: those events were made
 * before add_peer could attach the peer, which then is among the newest. */
static struct peer *peer_of(const struct worker *worker, const hws_event *event)
{
    struct peer *peer = (struct peer *)(uintptr_t)event->user;
    if (peer) return peer;
    for (peer = worker->peers; peer != worker->older; peer = peer->next)
        if (peer->conn.id == event->conn.id) return peer;
    return NULL;
}

static void drop_first_message(struct peer *peer)
{
    struct message *message = peer->backlog;
    peer->backlog = message->next;
    if (!peer->backlog) peer->backlog_end = &peer->backlog;
    free(message);
}

static struct peer *add_peer(struct worker *worker, hws_conn conn)
{
    struct peer *peer = (struct peer *)calloc(1, sizeof *peer);
    if (!peer || hws_conn_set_user(conn, (uint64_t)(uintptr_t)peer) != HWS_OK) {
        free(peer);
        return NULL;
    }
    peer->conn = conn;
    peer->backlog_end = &peer->backlog;
    peer->next = worker->peers;
    if (peer->next) peer->next->previous = peer;
    worker->peers = peer;
    return peer;
}

static void remove_peer(struct worker *worker, struct peer *peer)
{
    if (!peer) return;
    while (peer->backlog) drop_first_message(peer);
    if (worker->older == peer) worker->older = peer->next;
    if (peer->next) peer->next->previous = peer->previous;
    if (peer->previous) peer->previous->next = peer->next;
    else worker->peers = peer->next;
    free(peer);
}

/* -- Echo --------------------------------------------------------------------------------------------------- */

/* Pausing stops the reading, but not what has been read already: those messages line up here, in order. They bound
 * the backlog, as nothing joins them before the peer has taken enough of its echoes. 0 without memory for it. */
static int keep_message(struct worker *worker, struct peer *peer, const hws_event *event)
{
    struct message *message = (struct message *)malloc(sizeof *message + event->data.len);
    if (!peer) peer = add_peer(worker, event->conn);
    if (!peer || !message) {
        free(message);
        return 0;
    }
    message->next = NULL;
    message->opcode = event->opcode;
    message->len = event->data.len;
    if (message->len) memcpy(message + 1, event->data.ptr, message->len);
    *peer->backlog_end = message;
    peer->backlog_end = &message->next;
    return 1;
}

static int is_open(hws_conn conn)
{
    uint32_t state;
    return hws_conn_state(conn, &state) == HWS_OK && state == HWS_STATE_OPEN;
}

/* hws_send also fails once either side has said goodbye: then nobody waits for the echo, and CLOSE follows. A connection
 * that closes must not stay paused, or its peer's close frame would never be read. */
static void echo(struct worker *worker, const hws_event *event)
{
    static const hws_str reason = HWS_STR("out of memory");
    struct peer *peer = peer_of(worker, event);
    if (!(peer && peer->backlog)
        && hws_send(event->conn, event->opcode, event->data.ptr, event->data.len, NULL) != HWS_ERR_SEND_QUEUE_FULL)
        return;
    hws_conn_pause(event->conn, 1);
    if (is_open(event->conn)) {
        if (keep_message(worker, peer, event)) return;
        hws_close(event->conn, 1011, reason); /* better an honest end than an echo with a hole in it */
    }
    hws_conn_pause(event->conn, 0);
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

static void handle_other(struct worker *worker, const hws_event *event)
{
    switch (event->kind) {
    case HWS_EVENT_WRITABLE:
        echo_backlog(peer_of(worker, event));
        break;
    case HWS_EVENT_CLOSE:
        if (event->status != HWS_ERR_CLOSED_OK) report_peer("closed", event->error);
        remove_peer(worker, peer_of(worker, event));
        break;
    case HWS_EVENT_ACCEPT_FAILED:
        report_peer("refused", event->error);
        break;
    case HWS_EVENT_LISTENER_CLOSED:    /* and every peer has gone before it */
        worker->closed = 1;
        break;
    }
}

/* The messages that follow each other, from `event` on, go back with one call, as far as no peer is slow. Gives the event
 * behind them. */
static const hws_event *echo_row(struct worker *worker, const hws_event *event, const hws_event *end)
{
    const hws_event *next = event;
    uint32_t count = 0, sent;
    for (; next < end && next->kind == HWS_EVENT_MESSAGE && !peer_of(worker, next); next++, count++) {
        hws_outgoing *back = &worker->echoes[count];
        back->conn = next->conn;
        back->opcode = next->opcode;
        back->data = next->data;
    }
    if (hws_send_batch(worker->echoes, sizeof *worker->echoes, count, &sent) != HWS_OK) sent = 0;
    for (event += sent; event < next; event++) echo(worker, event);
    return next;
}

/* Messages, nearly always. */
static void handle_all(struct worker *worker, const hws_event *event, const hws_event *end)
{
    while (event < end) {
        if (event->kind != HWS_EVENT_MESSAGE) handle_other(worker, event++);
        else if (peer_of(worker, event)) echo(worker, event++);
        else event = echo_row(worker, event, end);
    }
}

/* The sums over all engines: any thread may ask any of them. */
static void print_stats(void)
{
    hws_stats sum, stats;
    memset(&sum, 0, sizeof sum);
    for (uint32_t i = 0; i < threads; i++) {
        memset(&stats, 0, sizeof stats);
        stats.struct_size = sizeof stats;
        if (hws_engine_stats(workers[i].engine, &stats) != HWS_OK) continue;
        sum.connections += stats.connections;
        sum.messages_in += stats.messages_in;
        sum.messages_out += stats.messages_out;
        sum.bytes_in += stats.bytes_in;
        sum.bytes_out += stats.bytes_out;
        sum.wire_in += stats.wire_in;
        sum.wire_out += stats.wire_out;
        sum.send_queued += stats.send_queued;
        sum.handshake_failures += stats.handshake_failures;
    }
    fprintf(stderr, "stats connections=%" PRIu32 " messages_in=%" PRIu64 " messages_out=%" PRIu64 " bytes_in=%" PRIu64
            " bytes_out=%" PRIu64 " wire_in=%" PRIu64 " wire_out=%" PRIu64 " send_queued=%" PRIu64
            " handshake_failures=%" PRIu64 "\n",
            sum.connections, sum.messages_in, sum.messages_out, sum.bytes_in, sum.bytes_out, sum.wire_in, sum.wire_out,
            sum.send_queued, sum.handshake_failures);
}

/* Milliseconds to the next stats line, which is printed when due. Without --stats this does not even ask the time. */
static int32_t tend_stats(const struct worker *worker)
{
    static int64_t due;
    if (stats_every == HWS_NEVER || worker != workers) return HWS_NEVER; /* the first one's duty */
    int64_t now = now_ms();
    if (due == 0) due = now + stats_every;
    if (now >= due) {
        print_stats();
        due = now + stats_every;
    }
    return (int32_t)(due - now);
}

/* Each peer is told 1001. How long a silent one can hold us is for --close-timeout to say. */
static void close_listeners(void)
{
    static const hws_str reason = HWS_STR("going away");
    hws_drain drain;
    memset(&drain, 0, sizeof drain);
    drain.struct_size = sizeof drain;
    drain.drain_ms = HWS_NEVER;
    drain.reason = reason;
    for (uint32_t i = 0; i < threads; i++) hws_listener_close(workers[i].listener, &drain);
}

static void *serve(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    while (!worker->closed) {
        uint32_t count;
        if (hws_poll(worker->engine, worker->batch, sizeof *worker->batch, BATCH, tend_stats(worker), &count) != HWS_OK) {
            complain(hws_last_error());
            worker->failed = 1;
            close_listeners();         /* half a server is none */
            return NULL;
        }
        worker->older = worker->peers;
        handle_all(worker, worker->batch, worker->batch + count);
    }
    return NULL;
}

/* All workers, the first one on this thread. */
static int serve_all(void)
{
    int failed = 0;
    uint32_t started = 1;
    while (started < threads && !pthread_create(&workers[started].thread, NULL, serve, &workers[started])) started++;
    if (started < threads) {
        perror("hws_echo: pthread_create");
        _exit(1);                      /* and with us the threads that were started */
    }
    serve(&workers[0]);
    for (uint32_t i = 1; i < threads; i++) pthread_join(workers[i].thread, NULL);
    if (stats_every != HWS_NEVER) print_stats();
    for (uint32_t i = 0; i < threads; i++) {
        while (workers[i].peers) remove_peer(&workers[i], workers[i].peers);
        failed |= workers[i].failed | (hws_engine_free(workers[i].engine) != HWS_OK);
    }
    return failed;
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
    for (uint32_t i = 0; i < threads; i++)
        if (hws_listener_set_tls(workers[i].listener, &tls) != HWS_OK) {
            complain(hws_last_error());
            return;
        }
    fputs("reloaded the certificate files\n", stderr);
}

/* Closing a listener ends with a LISTENER_CLOSED event, and that is all its loop needs to hear. */
static void *await_signals(void *argument)
{
    const sigset_t *set = (const sigset_t *)argument;
    while (next_signal(set) == SIGHUP) reload_certificates();
    close_listeners();
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

/* The first listener may choose a port; the others take that one. Writes the address. */
static int listen_all(char *address, size_t room)
{
    if (threads > 1) server.reuse_port = HWS_ON;
    for (uint32_t i = 0; i < threads; i++) {
        struct worker *worker = &workers[i];
        if (hws_engine_new(NULL, &worker->engine) != HWS_OK
            || hws_listen(worker->engine, &server, &worker->listener) != HWS_OK
            || hws_listener_address(worker->listener, address, room, NULL) != HWS_OK) {
            complain(hws_last_error());
            return 0;
        }
        server.bind = str(address);
    }
    return 1;
}

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
    char address[256];

    if (line.argument || line.wrong)
        return usage("hws_echo [FLAGS]", flags, line.wrong ? line.wrong : line.argument);
    if (line.later) return unsupported(line.later);
    if (!threads) threads = 1;
    workers = (struct worker *)calloc(threads, sizeof *workers);
    if (!workers) return perror("hws_echo"), 1;
    fill_tls();
    fill_options();

    /* Blocked before any thread exists, so that every thread inherits it and only sigwait sees the signal. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (server.tls) sigaddset(&signals, SIGHUP); /* else it ends us, as usual: there is nothing to reload */
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    if (!listen_all(address, sizeof address)) return 1;
    if (!start_signal_thread(&signals)) return perror("hws_echo: pthread_create"), 1;
    printf("listening on %s\n", address);
    fflush(stdout);
    int status = serve_all();
    stop_signal_thread();
    free(workers);
    return status;
}
