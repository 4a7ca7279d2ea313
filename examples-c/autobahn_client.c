/* autobahn_client -- takes every test the Autobahn fuzzing server has to offer.
 *
 *   autobahn_client URL [AGENT]          autobahn_client ws://127.0.0.1:9002 hawser
 *
 * The server speaks through three kinds of URL: getCaseCount answers with a number, runCase wants every message
 * echoed until it closes, and updateReports writes the verdicts. They are in its report, not in our exit status.
 */
#include <hawser.h>
#include <stdio.h>
#include <stdlib.h>

#define MIB   ((uint64_t)1 << 20)
#define BATCH 64

static hws_engine engine;
static hws_client_options options; /* static, so all zero: the default everywhere */
static hws_limits limits;
static hws_timers timers;

static void fail(const hws_error_info *error)
{
    fprintf(stderr, "autobahn_client: %s\n", error->message.ptr);
    exit(1);
}

static void fill_options(void)
{
    limits.struct_size = sizeof limits;
    limits.message_max = 64 * MIB;
    limits.fragments_max = 1 << 20;                /* section 9 sends 4 MiB, 64 bytes at a time */
    limits.send_queue_max = 256 * MIB;             /* no case sends that much, so no echo has to wait */
    timers.struct_size = sizeof timers;
    timers.ping_interval_ms = HWS_NEVER;           /* the cases count our frames, and they ordered no pings */
    options.struct_size = sizeof options;
    options.limits = &limits;
    options.timers = &timers;
}

/* -- What to do with a message ------------------------------------------------------------------------------- */

typedef void (*on_message)(const hws_event *message, void *user);

/* A case may close while echoes are on their way. That is not for us to judge, and CLOSE follows. */
static void echo(const hws_event *message, void *user)
{
    (void)user;
    hws_bytes data = message->data;
    if (hws_send(message->conn, message->opcode, data.ptr, data.len, NULL) == HWS_ERR_SEND_QUEUE_FULL)
        fail(hws_last_error());
}

static void read_number(const hws_event *message, void *user)
{
    const uint8_t *digit = message->data.ptr, *end = digit + message->data.len; /* a payload carries no NUL */
    unsigned *number = (unsigned *)user;
    for (*number = 0; digit < end && *digit >= '0' && *digit <= '9'; digit++) *number = *number * 10 + *digit - '0';
}

/* -- One connection from its handshake to its end ------------------------------------------------------------ */

static void visit(const char *uri, on_message take, void *user)
{
    static hws_event batch[BATCH];
    hws_conn conn;
    int over = 0;

    options.uri.ptr = uri;
    options.uri.len = HWS_NUL_TERMINATED;
    if (hws_connect(engine, &options, &conn) != HWS_OK) fail(hws_last_error());

    while (!over) {
        uint32_t count;
        if (hws_poll(engine, batch, sizeof *batch, BATCH, HWS_NEVER, &count) != HWS_OK) fail(hws_last_error());
        for (uint32_t i = 0; i < count; i++) {
            if (batch[i].kind == HWS_EVENT_MESSAGE) take(&batch[i], user);
            if (batch[i].kind == HWS_EVENT_CONNECT_FAILED) fail(batch[i].error);
            if (batch[i].kind == HWS_EVENT_CLOSE) over = 1; /* clean or not: many cases are about ending badly */
        }
    }
}

int main(int argc, char **argv)
{
    const char *server = argc > 1 ? argv[1] : "ws://127.0.0.1:9002";
    const char *agent = argc > 2 ? argv[2] : "hawser";
    char uri[1024];
    unsigned count = 0;

    fill_options();
    if (hws_engine_new(NULL, &engine) != HWS_OK) fail(hws_last_error());

    snprintf(uri, sizeof uri, "%s/getCaseCount", server);
    visit(uri, read_number, &count);
    printf("%u cases\n", count);

    for (unsigned i = 1; i <= count; i++) {
        snprintf(uri, sizeof uri, "%s/runCase?case=%u&agent=%s", server, i, agent);
        visit(uri, echo, NULL);
        if (i % 50 == 0) printf("%u of %u\n", i, count);
        fflush(stdout);
    }

    snprintf(uri, sizeof uri, "%s/updateReports?agent=%s", server, agent);
    visit(uri, echo, NULL);
    printf("%u cases run as %s\n", count, agent);
    return hws_engine_free(engine) == HWS_OK && count > 0 ? 0 : 1;
}
