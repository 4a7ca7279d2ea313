/* player URL SCENARIO: plays the golden scenario against the server at URL and prints what happens. README.md beside this
 * has the language; the players of the bindings are this program in their own words. */
#include <hawser.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_MS = 10000, TEXT_MAX = 65536, ITEMS_MAX = 8, BATCH = 16 };

static const char *server;            /* "127.0.0.1:40213" */
static char text[TEXT_MAX];           /* what DATA stands for */
static hws_engine engine;
static hws_conn conn;
static hws_event events[BATCH];       /* a batch, of which some are still to be told */
static uint32_t first, last;

/* ---- writing */

/* Bytes between quotes, with escapes; an address of the server becomes SERVER. */
static void put_text(const char *data, size_t len)
{
    size_t i, skip = strlen(server);
    putchar('"');
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if (len - i >= skip && memcmp(data + i, server, skip) == 0) {
            fputs("SERVER", stdout);
            i += skip - 1;
        } else if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20 || c > 0x7e) {
            printf("\\x%02x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

/* A payload: whole, or of one over 128 bytes its length and FNV-1a. */
static void put_data(hws_bytes data)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    size_t i;
    if (data.len <= 128) {
        put_text((const char *)data.ptr, data.len);
        return;
    }
    for (i = 0; i < data.len; i++) {
        hash = (hash ^ data.ptr[i]) * UINT64_C(0x100000001b3);
    }
    printf("%zu bytes %016" PRIx64, data.len, hash);
}

static void put_header(int depth, hws_header header)
{
    printf("%*sheader: ", depth * 2, "");
    put_text(header.name.ptr, header.name.len);
    putchar(' ');
    put_text(header.value.ptr, header.value.len);
    putchar('\n');
}

static void put_string(int depth, const char *name, hws_str value)
{
    if (value.len > 0) {
        printf("%*s%s: ", depth * 2, "", name);
        put_text(value.ptr, value.len);
        putchar('\n');
    }
}

static void put_number(int depth, const char *name, int64_t value, int64_t usual)
{
    if (value != usual) {
        printf("%*s%s: %" PRId64 "\n", depth * 2, "", name, value);
    }
}

static void put_close(int depth, const char *name, const hws_close_info *close)
{
    if (close->present) {
        printf("%*s%s: %" PRIu32 " ", depth * 2, "", name, close->code);
        put_text(close->reason.ptr, close->reason.len);
        putchar('\n');
    }
}

/* An error: what it is-a, in the order of the table, its fields in the order of the struct, its cause further in. */
static void put_error(int depth, const char *label, const hws_error_info *error)
{
    uint32_t i;
    size_t at;
    hws_status ancestor;
    printf("%*s%s %s\n", depth * 2, "", label, hws_status_name(error->status) + strlen("HWS_ERR_"));
    depth++;
    printf("%*sis:", depth * 2, "");
    for (i = 0; (ancestor = hws_status_at(i)) != 0; i++) {
        if (ancestor != error->status && hws_status_is_a(error->status, ancestor)) {
            printf(" %s", hws_status_name(ancestor) + strlen("HWS_ERR_"));
        }
    }
    putchar('\n');
    if (error->operation != 0) {
        printf("%*soperation: %s\n", depth * 2, "", hws_operation_name(error->operation));
    }
    put_number(depth, "state", error->state, 0);
    put_number(depth, "required_states", error->required_states, 0);
    put_number(depth, "retryable", error->retryable, 0);
    put_number(depth, "os_error", error->os_error, 0);
    put_number(depth, "tls_alert", error->tls_alert, 0);
    put_number(depth, "socks_reply", error->socks_reply, 0);
    put_number(depth, "http_status", error->http_status, 0);
    put_number(depth, "body_truncated", error->body_truncated, 0);
    put_number(depth, "opcode", error->opcode, 0);
    put_number(depth, "policy", error->policy, 0);
    put_number(depth, "initiated_by", error->initiated_by, 0);
    put_number(depth, "attempts", error->attempts, 0);
    put_number(depth, "max_attempts", error->max_attempts, 0);
    put_number(depth, "retry_after_ms", error->retry_after_ms, 0);
    put_number(depth, "timeout_ms", error->timeout_ms, -1);
    put_number(depth, "position", error->position, -1);
    put_number(depth, "size", error->size, -1);
    put_number(depth, "max_size", error->max_size, -1);
    put_number(depth, "current_size", error->current_size, -1);
    put_number(depth, "fragments", (int64_t)error->fragments, 0);
    put_number(depth, "max_fragments", (int64_t)error->max_fragments, 0);
    put_number(depth, "capacity", (int64_t)error->capacity, 0);
    put_number(depth, "dropped", (int64_t)error->dropped, 0);
    put_number(depth, "max_connections", (int64_t)error->max_connections, 0);
    put_number(depth, "in_use", (int64_t)error->in_use, 0);
    put_string(depth, "message", error->message);
    put_string(depth, "detail", error->detail);
    put_string(depth, "uri", error->uri);
    put_string(depth, "proxy", error->proxy);
    put_string(depth, "location", error->location);
    put_string(depth, "peer", error->peer);
    put_string(depth, "http_method", error->http_method);
    put_string(depth, "http_version", error->http_version);
    put_string(depth, "http_reason", error->http_reason);
    put_string(depth, "header_name", error->header_name);
    if (error->header_value.ptr != NULL && error->header_value.len == 0) {
        printf("%*sheader_value: \"\"\n", depth * 2, "");
    }
    put_string(depth, "header_value", error->header_value);
    put_string(depth, "origin", error->origin);
    put_string(depth, "parameter_name", error->parameter_name);
    put_string(depth, "parameter_value", error->parameter_value);
    for (at = 0; at < error->header_count; at++) {
        const int is_random = strcmp(error->headers[at].name.ptr, "Sec-WebSocket-Accept") == 0;
        if (!is_random) put_header(depth, error->headers[at]);
    }
    if (error->body.len > 0) {
        printf("%*sbody: ", depth * 2, "");
        put_data(error->body);
        putchar('\n');
    }
    put_close(depth, "close_rcvd", &error->close_rcvd);
    put_close(depth, "close_sent", &error->close_sent);
    put_number(depth, "rcvd_then_sent", error->rcvd_then_sent, -1);
    put_number(depth, "close_code", error->close_code, 0);
    if (error->cause != NULL) {
        put_error(depth, "cause", error->cause);
    }
}

static void put_handshake(const hws_handshake *handshake)
{
    size_t i;
    put_number(1, "http_status", handshake->http_status, 0);
    put_string(1, "subprotocol", handshake->subprotocol);
    put_string(1, "extensions", handshake->extensions);
    put_string(1, "uri", handshake->uri);
    for (i = 0; i < handshake->header_count; i++) {
        if (strncmp(handshake->headers[i].name.ptr, "X-", 2) == 0) put_header(1, handshake->headers[i]);
    }
}

static const char *kind_name(hws_event_kind kind)
{
    switch (kind) {
    case HWS_EVENT_OPEN: return "OPEN";
    case HWS_EVENT_MESSAGE: return "MESSAGE";
    case HWS_EVENT_FRAGMENT: return "FRAGMENT";
    case HWS_EVENT_PING: return "PING";
    case HWS_EVENT_PONG: return "PONG";
    case HWS_EVENT_QUEUE: return "QUEUE";
    case HWS_EVENT_CLOSE: return "CLOSE";
    case HWS_EVENT_CONNECT_FAILED: return "CONNECT_FAILED";
    case HWS_EVENT_RECONNECTING: return "RECONNECTING";
    default: return "OTHER";
    }
}

static void put_event(const hws_event *event)
{
    const char *const opcodes[] = { "cont", "text", "binary" };
    int has_opcode = event->kind == HWS_EVENT_MESSAGE || event->kind == HWS_EVENT_FRAGMENT;
    int has_data = has_opcode || event->kind == HWS_EVENT_PING || event->kind == HWS_EVENT_PONG;
    fputs(kind_name(event->kind), stdout);
    if (has_opcode) printf(" %s", opcodes[event->opcode]);
    if (event->flags & HWS_FLAG_FIN) fputs(" fin", stdout);
    if (event->flags & HWS_FLAG_COMPRESSED) fputs(" compressed", stdout);
    if (event->flags & HWS_FLAG_CLEAN) fputs(" clean", stdout);
    if (event->flags & HWS_FLAG_RECONNECTED) fputs(" reconnected", stdout);
    if (event->token != 0) printf(" token=%" PRIu64, event->token);
    if (event->kind == HWS_EVENT_QUEUE || event->kind == HWS_EVENT_RECONNECTING) {
        printf(" value=%" PRIu64, event->value);
    }
    if (has_data) {
        putchar(' ');
        put_data(event->data);
    }
    putchar('\n');
    if (event->handshake != NULL) put_handshake(event->handshake);
    if (event->error != NULL) put_error(1, "error", event->error);
}

/* A call has returned. */
static void called(const char *command, hws_status status)
{
    if (status != HWS_OK) {
        printf("%s failed\n", command);
        put_error(1, "error", hws_last_error());
    }
}

/* ---- reading the scenario */

/* The next word of a line, which is cut there; NULL at its end. */
static char *word(char **line)
{
    char *start = *line + strspn(*line, " ");
    *line = start + strcspn(start, " ");
    if (**line != '\0') *(*line)++ = '\0';
    return *start != '\0' ? start : NULL;
}

/* Undoes the escapes \" \\ \xHH up to a quote or the end; the length of what is in `to`. */
static size_t unescape(const char *from, char *to)
{
    char *const start = to;
    for (; *from != '\0' && *from != '"'; from++) {
        if (*from == '\\' && from[1] == 'x') {
            const char digits[] = { from[2], from[3], '\0' };
            *to++ = (char)strtoul(digits, NULL, 16);
            from += 3;
        } else {
            if (*from == '\\') from++;
            *to++ = *from;
        }
    }
    return (size_t)(to - start);
}

/* Takes the quoted DATA off a line and into `text`; its length. */
static size_t data(char **line)
{
    char *from = strchr(*line, '"') + 1, *end = from;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    *line = end + 1;
    return unescape(from, text);
}

/* ---- the commands */

static void poll_events(int32_t timeout_ms)
{
    first = last = 0;
    if (hws_poll(engine, events, sizeof events[0], BATCH, timeout_ms, &last) != HWS_OK) {
        called("poll", -1);
    }
}

static void command_await(const char *kind)
{
    for (;;) {
        const hws_event *event = &events[first];
        if (first == last) {
            poll_events(PATIENCE_MS);
            if (first == last) {
                printf("await %s: nothing came\n", kind);
                return;
            }
            continue;
        }
        put_event(event);
        first++;
        if (strcmp(kind_name(event->kind), kind) == 0) return;
    }
}

static uint32_t number(const char *value)
{
    static const struct { const char *word; uint32_t number; } words[] = {
        { "on", HWS_ON }, { "off", HWS_OFF }, { "drop_oldest", HWS_OVERFLOW_DROP_OLDEST },
        { "drop_newest", HWS_OVERFLOW_DROP_NEWEST }, { "error", HWS_OVERFLOW_ERROR },
    };
    size_t i;
    for (i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(value, words[i].word) == 0) return words[i].number;
    }
    return (uint32_t)strtoul(value, NULL, 10);
}

/* TARGET with the server's address. */
static hws_str target(const char *from)
{
    static char uri[256];
    const char *at = strstr(from, "SERVER");
    if (at == NULL) return hws_cstr(from);
    snprintf(uri, sizeof uri, "%.*s%s%s", (int)(at - from), from, server, at + strlen("SERVER"));
    return hws_cstr(uri);
}

static void command_connect(char *line)
{
    static char values[ITEMS_MAX][256];
    hws_limits limits = { .struct_size = sizeof limits };
    hws_timers timers = { .struct_size = sizeof timers };
    hws_compression compression = { .struct_size = sizeof compression };
    hws_reconnect reconnect = { .struct_size = sizeof reconnect };
    hws_engine_options loop = { .struct_size = sizeof loop };
    hws_client_options options = { .struct_size = sizeof options, .uri = target(word(&line)) };
    hws_str subprotocols[ITEMS_MAX];
    hws_header headers[ITEMS_MAX];
    char *option;
    options.limits = &limits;
    options.timers = &timers;
    options.compression = &compression;
    options.subprotocols = subprotocols;
    options.headers = headers;
    while ((option = word(&line)) != NULL) {
        char *value = strchr(option, '=');
        *value++ = '\0';
        if (strncmp(option, "reconnect.", 10) == 0) options.reconnect = &reconnect;
        if (strcmp(option, "engine.io_thread") == 0) loop.io_thread = number(value);
        else if (strcmp(option, "subprotocol_required") == 0) options.subprotocol_required = number(value);
        else if (strcmp(option, "max_redirects") == 0) options.max_redirects = number(value);
        else if (strcmp(option, "origin") == 0) options.origin = hws_cstr(value);
        else if (strcmp(option, "user_agent") == 0) options.user_agent = hws_cstr(value);
        else if (strcmp(option, "limits.deliver_fragments") == 0) limits.deliver_fragments = number(value);
        else if (strcmp(option, "limits.deliver_pings") == 0) limits.deliver_pings = number(value);
        else if (strcmp(option, "limits.message_max") == 0) limits.message_max = number(value);
        else if (strcmp(option, "limits.recv_queue_messages") == 0) limits.recv_queue_messages = number(value);
        else if (strcmp(option, "limits.overflow") == 0) limits.overflow = number(value);
        else if (strcmp(option, "timers.open_ms") == 0) timers.open_ms = (int32_t)number(value);
        else if (strcmp(option, "timers.close_ms") == 0) timers.close_ms = (int32_t)number(value);
        else if (strcmp(option, "timers.ping_interval_ms") == 0) timers.ping_interval_ms = (int32_t)number(value);
        else if (strcmp(option, "timers.ping_timeout_ms") == 0) timers.ping_timeout_ms = (int32_t)number(value);
        else if (strcmp(option, "compression.enabled") == 0) compression.enabled = number(value);
        else if (strcmp(option, "reconnect.enabled") == 0) reconnect.enabled = number(value);
        else if (strcmp(option, "reconnect.max_attempts") == 0) reconnect.max_attempts = number(value);
        else if (strcmp(option, "reconnect.backoff_min_ms") == 0) reconnect.backoff_min_ms = (int32_t)number(value);
        else if (strcmp(option, "reconnect.backoff_percent") == 0) reconnect.backoff_percent = number(value);
        else if (strcmp(option, "reconnect.jitter_percent") == 0) reconnect.jitter_percent = number(value);
        else if (strcmp(option, "header") == 0) {
            char *colon = strchr(value, ':'), *into = values[options.header_count];
            headers[options.header_count].name.ptr = value;
            headers[options.header_count].name.len = (size_t)(colon - value);
            headers[options.header_count].value.len = unescape(colon + 1, into);
            headers[options.header_count++].value.ptr = into;
        } else if (strcmp(option, "subprotocols") == 0) {
            for (value = strtok(value, ","); value != NULL; value = strtok(NULL, ",")) {
                subprotocols[options.subprotocol_count++] = hws_cstr(value);
            }
        } else {
            printf("connect: what is %s?\n", option);
        }
    }
    if (engine.id == 0) called("engine", hws_engine_new(&loop, &engine));
    called("connect", hws_connect(engine, &options, &conn));
}

static hws_opcode opcode(const char *name)
{
    if (strcmp(name, "text") == 0) return HWS_TEXT;
    if (strcmp(name, "binary") == 0) return HWS_BINARY;
    if (strcmp(name, "ping") == 0) return HWS_PING;
    if (strcmp(name, "close") == 0) return HWS_CLOSE;
    return HWS_CONT;
}

/* TYPE "DATA" [more] [raw] [token=N]; of `repeat` the data times over, and a close with that as its reason. */
static void command_send(char *line, size_t times)
{
    hws_send_options options = { .struct_size = sizeof options };
    const hws_opcode type = opcode(word(&line));
    const size_t len = data(&line);
    size_t i;
    char *option;
    for (i = 1; i < times; i++) memcpy(text + i * len, text, len);
    while ((option = word(&line)) != NULL) {
        if (strcmp(option, "more") == 0) options.flags |= HWS_SEND_MORE;
        else if (strcmp(option, "raw") == 0) options.flags |= HWS_SEND_RAW;
        else options.token = strtoul(option + strlen("token="), NULL, 10);
    }
    if (type == HWS_CLOSE) {
        const hws_str reason = { text, times * len };
        called("close", hws_close(conn, 1000, reason));
    } else {
        called("send", hws_send(conn, type, text, times * len, &options));
    }
}

static void command_close(char *line)
{
    const uint32_t code = (uint32_t)strtoul(word(&line), NULL, 10);
    hws_str reason;
    reason.len = data(&line);
    reason.ptr = text;
    called("close", hws_close(conn, code, reason));
}

static void pause_ms(long ms)
{
    const struct timespec time = { 0, ms * 1000000 };
    nanosleep(&time, NULL);
}

/* Waits, without polling, until so many messages have been dropped. */
static void command_dropped(uint64_t count)
{
    hws_stats stats = { .struct_size = sizeof stats };
    int patience = PATIENCE_MS;
    while (hws_conn_stats(conn, &stats) == HWS_OK && stats.recv_dropped < count && patience-- > 0) pause_ms(1);
    if (patience < 0) printf("dropped: only %" PRIu64 "\n", stats.recv_dropped);
}

/* Polls until the connection's handle is stale. */
static void command_settle(void)
{
    uint32_t state;
    int patience = PATIENCE_MS;
    while (hws_conn_state(conn, &state) == HWS_OK && patience-- > 0) poll_events(1);
}

static void end_case(void)
{
    if (engine.id != 0) called("free", hws_engine_free(engine));
    engine.id = 0;
    conn.id = 0;
    first = last = 0;
}

static void play(char *line)
{
    const char *command = word(&line);
    if (command == NULL || *command == '#') return;
    if (strcmp(command, "case") == 0) {
        end_case();
        printf("== %s\n", line);
    }
    else if (strcmp(command, "connect") == 0) command_connect(line);
    else if (strcmp(command, "send") == 0) command_send(line, 1);
    else if (strcmp(command, "repeat") == 0) {
        const size_t times = strtoul(word(&line), NULL, 10);
        command_send(line, times);
    }
    else if (strcmp(command, "await") == 0) command_await(line);
    else if (strcmp(command, "close") == 0) command_close(line);
    else if (strcmp(command, "abort") == 0) called(command, hws_abort(conn));
    else if (strcmp(command, "dropped") == 0) command_dropped(strtoul(line, NULL, 10));
    else if (strcmp(command, "settle") == 0) command_settle();
    else printf("what is %s?\n", command);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static char line[1024];
    FILE *scenario = argc == 3 ? fopen(argv[2], "r") : NULL;
    if (scenario == NULL) {
        fprintf(stderr, "player ws://HOST:PORT SCENARIO\n");
        return 2;
    }
    server = argv[1] + strlen("ws://");
    while (fgets(line, sizeof line, scenario) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        play(line);
    }
    end_case();
    fclose(scenario);
    return 0;
}
