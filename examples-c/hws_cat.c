/* hws_cat -- netcat for WebSockets.
 *
 *   hws_cat [-v] URL [FLAGS]             by hand: each line of the input is a text message
 *   hws_cat --check URL [FLAGS]          for checks: one exchange, and one line about how it went
 *
 * By hand, messages go to stdout, one a line: text with its control characters escaped, binary as hex after "0x".
 * Everything else goes to stderr, with -v also where redirects led, TLS and the server's response. The end of the
 * input starts the closing handshake; exit status 0 means CLOSED_OK.
 *
 * --check connects, sends each --send text --send-count times, receives --recv messages (1), closes with 1000, prints
 *     ok [last=TEXT] [code=N] [dropped=N]         last: the last message received; code: the peer's; see --overflow
 *     error=NAME [status=N] [code=N] [reason=TEXT] [cause=NAME]...
 * and exits with 0 for ok, 1 for error, 2 for a command line that makes no sense. Values are percent-encoded: all but
 * the unreserved characters of RFC 3986. Where a connection was closed with an error that has a cause, NAME is the
 * innermost cause, and code and reason are those of the close frame we sent or, failing that, received; without a
 * cause the peer's frame comes first; without any frame there is no code. Every other failure has its own name and
 * is followed by each of its causes. --wait-close receives to the end and prints that as an error, even CLOSED_OK.
 *
 *     --recv N  --wait-close  --send TEXT...  --send-count N  --subprotocol P...  --origin O  --header 'N: V'...
 *     --max-size BYTES  --recv-timeout S (a message: 10)  --consume-delay S (before each message, polling nothing)
 *     --open-timeout S  --close-timeout S  --ping-interval S  --ping-timeout S  --no-deflate
 *     --overflow backpressure|drop-oldest|drop-newest|error  --max-queue N (messages that may wait: 1024)  --io-thread
 *     --ca FILE (trust these roots, not the bundled ones)  --system-roots (trust those too)  --cert FILE  --key FILE
 *     --tls-name NAME (expect this one in the certificate, not the URL's)  --insecure (anybody may read and forge all)
 *     --reconnect N (attempts after the first; 0: none. A --check whose connection is lost begins anew)
 *     --proxy URL  --proxy-from-env  --max-redirects N (0)  --connect-to ADDRESS (or unix:/path)  --local-address A
 * Seconds may be fractions, 0 means never; files are PEM. A URL may hold "user:password@", for the proxy or the server.
 */
#define _POSIX_C_SOURCE 200809L
#include "common.h"

#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

static hws_engine engine;
static hws_conn   conn;

/* The command line fills the library's own option structs. */
static hws_engine_options engine_options;
static hws_client_options client;
static hws_limits         limits;
static hws_timers         timers;
static hws_tls            tls;
static hws_compression    compression;
static hws_socket         socket_options;
static hws_reconnect      reconnect;
static struct list        subprotocols, headers, texts;
static hws_toggle         check, verbose, wait_close, no_deflate;
static uint32_t           recv_count = 1, send_count = 1;
static int32_t            recv_timeout = 10000, consume_delay;
static hws_str            overflow;
static const hws_str      no_reason = { NULL, 0 };

static const struct flag flags[] = {
    { "--check",          FLAG_SWITCH,  &check },
    { "-v",               FLAG_SWITCH,  &verbose },
    { "--recv",           FLAG_COUNT,   &recv_count },
    { "--wait-close",     FLAG_SWITCH,  &wait_close },
    { "--send",           FLAG_LIST,    &texts },
    { "--send-count",     FLAG_COUNT,   &send_count },
    { "--subprotocol",    FLAG_LIST,    &subprotocols },
    { "--origin",         FLAG_TEXT,    &client.origin },
    { "--header",         FLAG_LIST,    &headers },
    { "--max-size",       FLAG_BYTES,   &limits.message_max },
    { "--consume-delay",  FLAG_SECONDS, &consume_delay },
    { "--recv-timeout",   FLAG_SECONDS, &recv_timeout },
    { "--open-timeout",   FLAG_SECONDS, &timers.open_ms },
    { "--close-timeout",  FLAG_SECONDS, &timers.close_ms },
    { "--ping-interval",  FLAG_SECONDS, &timers.ping_interval_ms },
    { "--ping-timeout",   FLAG_SECONDS, &timers.ping_timeout_ms },
    { "--no-deflate",     FLAG_SWITCH,  &no_deflate },
    { "--overflow",       FLAG_TEXT,    &overflow },
    { "--max-queue",      FLAG_COUNT,   &limits.recv_queue_messages },
    { "--io-thread",      FLAG_SWITCH,  &engine_options.io_thread },
    { "--ca",             FLAG_TEXT,    &tls.ca_file },
    { "--cert",           FLAG_TEXT,    &tls.certificate.cert_file },
    { "--key",            FLAG_TEXT,    &tls.certificate.key_file },
    { "--system-roots",   FLAG_SWITCH,  &tls.system_roots },
    { "--tls-name",       FLAG_TEXT,    &tls.server_name },
    { "--insecure",       FLAG_SWITCH,  &tls.dangerous_skip_verification },
    { "--proxy",          FLAG_TEXT,    &client.proxy },
    { "--proxy-from-env", FLAG_SWITCH,  &client.proxy_from_env },
    { "--max-redirects",  FLAG_COUNT,   &client.max_redirects },
    { "--connect-to",     FLAG_TEXT,    &client.connect_to },
    { "--local-address",  FLAG_TEXT,    &socket_options.local_address },
    { "--reconnect",      FLAG_COUNT,   &reconnect.max_attempts },
    { NULL,               FLAG_SWITCH,  NULL }
};

static int is_closed(const hws_error_info *error)
{
    return hws_status_is_a(error->status, HWS_ERR_CONNECTION_CLOSED);
}

/* -- The line of --check ------------------------------------------------------------------------------------ */

static void put_field(const char *name, const void *value, size_t len)
{
    const unsigned char *byte = (const unsigned char *)value, *end = byte + len;
    printf(" %s=", name);
    for (; byte < end; byte++) {
        if (isalnum(*byte) || (*byte && strchr("-._~", *byte))) putchar(*byte);
        else printf("%%%02X", (unsigned)*byte);
    }
}

static const hws_close_info *close_frame(const hws_error_info *error, int ours_first)
{
    const hws_close_info *first = ours_first ? &error->close_sent : &error->close_rcvd;
    const hws_close_info *second = ours_first ? &error->close_rcvd : &error->close_sent;
    return first->present ? first : second;
}

static int report_closed(const hws_error_info *error)
{
    const hws_error_info *root = error;
    while (root->cause) root = root->cause;

    const hws_close_info *frame = close_frame(error, root != error);
    printf("error=%s", short_name(root->status));
    if (frame->present) printf(" code=%" PRIu32, frame->code);
    if (frame->present && frame->reason.len) put_field("reason", frame->reason.ptr, frame->reason.len);
    putchar('\n');
    return 1;
}

static int report_error(const hws_error_info *error)
{
    if (is_closed(error)) return report_closed(error);

    const hws_error_info *answer = error;
    while (answer && !answer->http_status) answer = answer->cause;
    printf("error=%s", short_name(error->status));
    if (answer) printf(" status=%" PRIu32, answer->http_status);
    for (const hws_error_info *cause = error->cause; cause; cause = cause->cause)
        printf(" cause=%s", short_name(cause->status));
    putchar('\n');
    return 1;
}

static int complain(const hws_error_info *error)
{
    if (check) return report_error(error);
    put_error(stderr, error);
    return 1;
}

/* -- Waiting ------------------------------------------------------------------------------------------------ */

/* The next event, or NULL once the time is up. It lives, with all it points to, until the next call. */
static const hws_event *next_event(int32_t timeout_ms)
{
    static hws_event event;
    uint32_t count;
    if (hws_poll(engine, &event, sizeof event, 1, timeout_ms, &count) != HWS_OK) exit(complain(hws_last_error()));
    return count ? &event : NULL;
}

static void doze(int32_t ms)
{
    struct timespec time;
    time.tv_sec = ms / 1000;
    time.tv_nsec = ms % 1000 * 1000000L;
    while (nanosleep(&time, &time) != 0 && errno == EINTR) { }
}

/* -- --check: an exchange as a small state machine ----------------------------------------------------------- */

struct exchange {
    uint64_t sent, received, dropped;
    int      open, closing;
    int64_t  deadline;                  /* of the message we wait for, by now_ms(); HWS_NEVER: none */
    uint8_t *last;                      /* a copy: the event it came in is long gone when we print it */
    size_t   last_len;
};

/* A slow consumer takes its time here and polls nothing meanwhile: now the engine has to hold the peer back. */
static void await_message(struct exchange *ex)
{
    if (consume_delay > 0) doze(consume_delay);
    ex->deadline = recv_timeout == HWS_NEVER ? HWS_NEVER : now_ms() + recv_timeout;
}

static int32_t time_left(const struct exchange *ex)
{
    if (!ex->open || ex->closing || ex->deadline == HWS_NEVER) return HWS_NEVER; /* the engine's own deadlines rule */
    int64_t left = ex->deadline - now_ms();
    return left < 0 ? 0 : (int32_t)left;
}

/* As much as the send queue takes; WRITABLE brings us back for the rest. */
static hws_status send_texts(struct exchange *ex)
{
    for (; ex->sent < (uint64_t)texts.count * send_count; ex->sent++) {
        const char *text = texts.items[ex->sent / send_count].ptr;
        hws_status status = hws_send(conn, HWS_TEXT, text, strlen(text), NULL);
        if (status == HWS_ERR_SEND_QUEUE_FULL) return HWS_OK;
        if (status != HWS_OK) return status;
    }
    return HWS_OK;
}

static int keep_last(struct exchange *ex, hws_bytes data)
{
    uint8_t *copy = (uint8_t *)realloc(ex->last, data.len + 1);
    if (!copy) return 0;
    if (data.len) memcpy(copy, data.ptr, data.len);
    ex->last = copy;
    ex->last_len = data.len;
    ex->received++;
    return 1;
}

/* Once all is sent and received. hws_close fails only if the peer was faster, which is all the same to us. */
static int say_goodbye(struct exchange *ex)
{
    int done = ex->sent == (uint64_t)texts.count * send_count && ex->received >= recv_count && !wait_close;
    if (done && !ex->closing) hws_close(conn, 1000, no_reason);
    return ex->closing = done;
}

static int report_end(const struct exchange *ex, const hws_error_info *end)
{
    if (!ex->closing || end->status != HWS_ERR_CLOSED_OK) return report_error(end);
    const hws_close_info *frame = close_frame(end, 0);
    fputs("ok", stdout);
    if (ex->last) put_field("last", ex->last, ex->last_len);
    if (frame->present) printf(" code=%" PRIu32, frame->code);
    if (ex->dropped) printf(" dropped=%" PRIu64, ex->dropped);
    putchar('\n');
    return 0;
}

static int report_name(hws_status status)
{
    printf("error=%s\n", short_name(status));
    return 1;
}

static int go_through(struct exchange *ex)
{
    for (;;) {
        const hws_event *event = next_event(time_left(ex));
        hws_status status = HWS_OK;
        if (!event && time_left(ex) == 0) return report_name(HWS_ERR_RECV_TIMEOUT);
        if (event) switch (event->kind) {
        case HWS_EVENT_RECONNECTING:
            if (!ex->closing) ex->sent = ex->received = 0; /* nobody knows what has arrived */
            ex->open = 0;
            break;
        case HWS_EVENT_OPEN:
            ex->open = 1;
            status = send_texts(ex);
            if (!say_goodbye(ex)) await_message(ex);
            break;
        case HWS_EVENT_MESSAGE:
            if (ex->closing) break; /* more than we asked for */
            if (!keep_last(ex, event->data)) return report_name(HWS_ERR_NO_MEMORY);
            if (!say_goodbye(ex)) await_message(ex);
            break;
        case HWS_EVENT_WRITABLE:
            status = send_texts(ex);
            say_goodbye(ex);
            break;
        case HWS_EVENT_QUEUE:
            ex->dropped = event->value;
            break;
        case HWS_EVENT_CLOSE: case HWS_EVENT_CONNECT_FAILED:
            return report_end(ex, event->error);
        }
        /* a connection that is ending refuses our texts, and its CLOSE will say why; else the fault is in the text */
        if (status == HWS_ERR_INVALID_SEND || status == HWS_ERR_NO_MEMORY) return report_name(status);
    }
}

static int run_check(void)
{
    struct exchange ex;
    memset(&ex, 0, sizeof ex);
    int status = go_through(&ex);
    free(ex.last);
    return status;
}

/* -- By hand: what comes ------------------------------------------------------------------------------------ */

static void show_message(const hws_event *event)
{
    if (event->opcode == HWS_TEXT) put_escaped(stdout, event->data.ptr, event->data.len);
    else {
        fputs("0x", stdout);
        for (size_t i = 0; i < event->data.len; i++) printf("%02x", (unsigned)event->data.ptr[i]);
    }
    putchar('\n');
    fflush(stdout);
}

static void show_text(const char *label, hws_str text)
{
    fputs(label, stderr);
    put_escaped(stderr, text.ptr, text.len);
}

static void show_response(uint32_t http_status, const hws_header *header, size_t count)
{
    fprintf(stderr, "< HTTP/1.1 %" PRIu32 "\n", http_status);
    for (; count > 0; header++, count--) {
        show_text("< ", header->name);
        show_text(": ", header->value);
        putc('\n', stderr);
    }
}

static void show_opening(const hws_handshake *handshake)
{
    show_text("* ", handshake->uri); /* where redirects led */
    show_text(" at ", handshake->peer);
    if (handshake->tls_version.len) {
        show_text("\n* ", handshake->tls_version);
        show_text(" ", handshake->tls_cipher);
        show_text(", certificate of \"", handshake->tls_subject);
        putc('"', stderr);
    }
    putc('\n', stderr);
    show_response(handshake->http_status, handshake->headers, handshake->header_count);
}

static void show_end(const hws_error_info *error)
{
    const hws_close_info *frame = close_frame(error, 0);
    if (verbose && error->http_status) show_response(error->http_status, error->headers, error->header_count);
    if (frame->present) {
        fprintf(stderr, "closed %" PRIu32, frame->code);
        show_text(" ", frame->reason);
        putc('\n', stderr);
    }
    if (error->status != HWS_ERR_CLOSED_OK) put_error(stderr, error);
}

/* -- By hand: what is typed --------------------------------------------------------------------------------- */

static struct {
    char  *bytes;                       /* what stdin gave and hws_send has not taken */
    size_t len, capacity;
    int    open, full, ended;           /* may we send; is the send queue full; is stdin at its end */
} input;

static void send_line(const char *line, size_t len)
{
    hws_status status = hws_send(conn, HWS_TEXT, line, len, NULL);
    if (status == HWS_ERR_SEND_QUEUE_FULL) input.full = 1;
    else if (status == HWS_ERR_INVALID_SEND) put_error(stderr, hws_last_error()); /* no UTF-8: try another line */
    else if (status != HWS_OK) input.open = 0;                                    /* CLOSE will say why */
}

/* All whole lines, and after the end of the input what is left of it. */
static void send_lines(void)
{
    char *line = input.bytes, *end = input.bytes + input.len;
    while (line < end && input.open && !input.full) {
        char *newline = (char *)memchr(line, '\n', (size_t)(end - line));
        if (!newline && !input.ended) break;
        send_line(line, (size_t)((newline ? newline : end) - line));
        if (!input.full && input.open) line = newline ? newline + 1 : end;
    }
    input.len = (size_t)(end - line);
    if (input.len) memmove(input.bytes, line, input.len);
    if (input.ended && input.len == 0) hws_close(conn, 1000, no_reason);
}

/* The buffer ends at a quarter of the default send queue, so that a refused line always gets its WRITABLE. */
static int grow_input(void)
{
    size_t capacity = input.capacity ? 2 * input.capacity : 1 << 16;
    char *bytes = capacity <= 4 << 20 ? (char *)realloc(input.bytes, capacity) : NULL;
    if (!bytes) return 0;
    input.bytes = bytes;
    input.capacity = capacity;
    return 1;
}

static void read_input(void)
{
    if (input.len == input.capacity && !grow_input()) {
        fprintf(stderr, "hws_cat: a line of the input is longer than 4 MiB\n");
        exit(1);
    }
    ssize_t got = read(STDIN_FILENO, input.bytes + input.len, input.capacity - input.len);
    if (got < 0 && errno == EINTR) return;
    if (got > 0) input.len += (size_t)got;
    else input.ended = 1;
    send_lines();
}

/* poll(2) stands in for any host's loop: the engine has a descriptor to wait on and a time to wait. */
static void wait_for_either(void)
{
    struct pollfd wait[2];
    int32_t timeout_ms = 0;
    intptr_t fd = -1;
    int typing = input.open && !input.full && !input.ended;

    hws_engine_pollable(engine, &fd);
    hws_engine_next_timeout(engine, &timeout_ms);
    wait[0].fd = (int)fd;
    wait[1].fd = typing ? STDIN_FILENO : -1; /* poll(2) skips what is negative */
    wait[0].events = wait[1].events = POLLIN;
    wait[0].revents = wait[1].revents = 0;
    if (poll(wait, 2, timeout_ms) > 0 && wait[1].revents) read_input();
}

static int converse(void)
{
    for (;; wait_for_either()) {
        const hws_event *event;
        while ((event = next_event(0)) != NULL) switch (event->kind) {
        case HWS_EVENT_OPEN:
            input.open = 1;
            if (verbose) show_opening(event->handshake);
            send_lines();
            break;
        case HWS_EVENT_RECONNECTING:
            input.open = input.full = 0;
            put_error(stderr, event->error);
            fprintf(stderr, "reconnecting in %" PRIu64 " ms\n", event->value);
            break;
        case HWS_EVENT_MESSAGE:
            show_message(event);
            break;
        case HWS_EVENT_WRITABLE:
            input.full = 0;
            send_lines();
            break;
        case HWS_EVENT_QUEUE:
            fprintf(stderr, "* %" PRIu64 " messages are missing here\n", event->error->dropped);
            break;
        case HWS_EVENT_CLOSE: case HWS_EVENT_CONNECT_FAILED:
            show_end(event->error);
            return event->status == HWS_ERR_CLOSED_OK ? 0 : 1;
        }
    }
}

/* -- Casting off -------------------------------------------------------------------------------------------- */

static int unsupported(const char *flag)
{
    if (check) printf("error=%s\n", short_name(HWS_ERR_UNSUPPORTED));
    else fprintf(stderr, "error=%s detail=%s\n", short_name(HWS_ERR_UNSUPPORTED), flag);
    return 1;
}

/* 0 for no policy at all. */
static uint32_t parse_overflow(const char *name)
{
    static const char *const names[] = { "backpressure", "drop-oldest", "drop-newest", "error" };
    for (uint32_t i = 0; i < 4; i++)
        if (same(name, names[i])) return i + HWS_OVERFLOW_BACKPRESSURE;
    return 0;
}

/* "Name: value", and the library is the judge of both. */
static hws_header parse_header(const char *text)
{
    hws_header header;
    header.name.ptr = text;
    header.name.len = strcspn(text, ":");
    text += header.name.len;
    if (*text == ':') text++;
    header.value = str(text + strspn(text, " "));
    return header;
}

static void fill_options(const char *uri)
{
    hws_header *parsed = (hws_header *)calloc(headers.count + 1, sizeof *parsed);
    for (size_t i = 0; parsed && i < headers.count; i++) parsed[i] = parse_header(headers.items[i].ptr);
    engine_options.struct_size = sizeof engine_options;
    client.struct_size = sizeof client;
    limits.struct_size = sizeof limits;
    timers.struct_size = sizeof timers;
    tls.struct_size = sizeof tls;
    socket_options.struct_size = sizeof socket_options;
    client.uri = str(uri);
    client.limits = &limits;
    client.timers = &timers;
    compression.struct_size = sizeof compression;
    compression.enabled = no_deflate ? HWS_OFF : HWS_DEFAULT;
    client.compression = &compression;
    client.tls = &tls; /* even for ws: a redirect may lead to wss */
    client.socket = &socket_options;
    reconnect.struct_size = sizeof reconnect;
    client.reconnect = reconnect.max_attempts ? &reconnect : NULL;
    client.headers = parsed;
    client.header_count = headers.count;
    client.subprotocols = subprotocols.items;
    client.subprotocol_count = subprotocols.count;
}

int main(int argc, char **argv)
{
    struct command_line line = parse_command_line(flags, argc, argv);
    int status;

    if (overflow.ptr && !(limits.overflow = parse_overflow(overflow.ptr))) line.wrong = "--overflow";
    if (line.wrong || !line.argument) return usage("hws_cat [--check] URL [FLAGS]", flags, line.wrong);
    if (line.later) return unsupported(line.later);
    fill_options(line.argument);

    if (hws_engine_new(&engine_options, &engine) != HWS_OK || hws_connect(engine, &client, &conn) != HWS_OK)
        return complain(hws_last_error());
    status = check ? run_check() : converse();
    hws_engine_free(engine);
    return status;
}
