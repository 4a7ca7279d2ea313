/* A connection over TLS is a connection like any other: the same events, the same order, the same end. */
#include "relay.h"
#include "ways.h"
#include <fcntl.h>

static hws_tls server_tls, client_tls;

static hws_client_options securely(void)
{
    hws_client_options options;
    memset(&options, 0, sizeof options);
    client_tls = trusts("ca");
    options.tls = &client_tls;
    return options;
}

static pair secure_server(const char *certificate)
{
    hws_server_options options;
    memset(&options, 0, sizeof options);
    server_tls = shows(certificate);
    options.tls = &server_tls;
    return serve_with(options);
}

/* Both ends open, over TLS. */
static pair secure_pair(void)
{
    pair pair = secure_server("ecdsa");
    join_with(&pair, securely());
    return pair;
}

/* --- conversation ----------------------------------------------------------------------------------------- */

static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536, 16384 - 4, 16384, 16385, (256 << 10) + 1, 1 << 20 };
static unsigned char data[4 << 20];

static void fill(void)
{
    size_t i;
    for (i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * 31 + i / 251);
}

static void messages_of_every_size_come_back(void)
{
    static const char *const kinds[] = { "rsa", "ecdsa", "p384", "ed25519" };
    size_t i, k;
    fill();
    for (k = 0; k < LENGTH(kinds); k++) {
        pair pair = secure_server(kinds[k]);
        join_with(&pair, securely());
        for (i = 0; i < LENGTH(sizes); i++) echo(&pair, data, sizes[i]);
        close_cleanly(&pair);
        OK(hws_engine_free(pair.engine));
    }
}

/* Every write is cut short by the kernel, and every read is a part of a record. */
static void messages_pass_the_eye_of_a_needle(void)
{
    hws_socket narrow = { .struct_size = sizeof narrow, .recv_buffer = 1, .send_buffer = 1 };
    hws_server_options serving = { .tls = &server_tls, .socket = &narrow };
    hws_client_options asking = securely();
    pair pair;
    size_t i;
    fill();
    server_tls = shows("ecdsa");
    pair = serve_with(serving);
    asking.socket = &narrow;
    join_with(&pair, asking);
    for (i = 0; i < LENGTH(sizes); i++) echo(&pair, data, sizes[i]);
    close_cleanly(&pair);
}

/* More than is encrypted at once, with a token behind each. */
static void large_sends_arrive_whole_and_their_tokens_in_order(void)
{
    enum { COUNT = 5 };
    hws_limits roomy = { .struct_size = sizeof roomy, .message_max = sizeof data, .send_queue_max = 64 << 20 };
    hws_server_options serving = { .tls = &server_tls, .limits = &roomy };
    hws_client_options asking = securely();
    pair pair;
    uint64_t sent = 0, heard = 0;
    fill();
    server_tls = shows("ecdsa");
    asking.limits = &roomy;
    pair = serve_with(serving);
    join_with(&pair, asking);
    while (sent < COUNT) {
        hws_send_options options = { sizeof options, 0, ++sent };
        OK(hws_send(pair.client, HWS_BINARY, data, sizeof data - sent, &options));
    }
    for (sent = 0; sent < COUNT || heard < COUNT;) {
        hws_event event = next(pair.engine);
        if (event.kind == HWS_EVENT_SENT) EXPECT(event.token == ++sent && event.conn.id == pair.client.id);
        if (event.kind != HWS_EVENT_MESSAGE) continue;
        EXPECT(event.data.len == sizeof data - ++heard && !memcmp(event.data.ptr, data, event.data.len));
    }
    close_cleanly(&pair);
}

/* Many small messages in one record and in many, taken one event at a time and sixteen at a time. */
static void the_size_of_the_batch_changes_nothing(void)
{
    static const uint32_t capacities[] = { 1, 2, 16 };
    size_t c;
    for (c = 0; c < LENGTH(capacities); c++) {
        pair pair = secure_pair();
        hws_event events[16];
        uint32_t count, e, said, heard = 0;
        for (said = 0; said < 3000; said++) OK(hws_send(pair.client, HWS_BINARY, &said, sizeof said, NULL));
        OK(hws_close(pair.client, 1000, hws_cstr("")));
        while (heard <= said) {
            OK(hws_poll(pair.engine, events, sizeof *events, capacities[c], 10000, &count));
            EXPECT(count);
            for (e = 0; e < count; e++) {
                if (events[e].conn.id != pair.server.id) continue;
                EXPECT(events[e].kind == (heard < said ? HWS_EVENT_MESSAGE : HWS_EVENT_CLOSE));
                if (heard < said) EXPECT(!memcmp(events[e].data.ptr, &heard, sizeof heard));
                heard++;
            }
        }
        OK(hws_engine_free(pair.engine));
    }
}

/* What is decrypted when the pause begins waits like the rest. */
static void a_pause_holds_what_is_decrypted_too(void)
{
    pair pair = secure_pair();
    uint32_t said, heard = 0;
    for (said = 0; said < 2000; said++) OK(hws_send(pair.client, HWS_BINARY, &said, sizeof said, NULL));
    while (heard < said) {
        hws_event event = await(pair.engine, pair.server, HWS_EVENT_MESSAGE);
        EXPECT(!memcmp(event.data.ptr, &heard, sizeof heard));
        heard++;
        if (heard % 500) continue;
        OK(hws_conn_pause(pair.server, 1));
        until_it_sleeps(pair.engine);
        OK(hws_conn_pause(pair.server, 0));
    }
    close_cleanly(&pair);
}

/* A client that never stops talking has its turn like the others, and no other. */
static void *flood(void *argument)
{
    pair *pair = argument;
    hws_status status;
    do status = hws_send(pair->client, HWS_BINARY, data, 1000, NULL);
    while (status == HWS_OK || status == HWS_ERR_SEND_QUEUE_FULL);
    return NULL;
}

static void a_flood_over_tls_drowns_nobody(void)
{
    pair quiet = secure_server("ecdsa"), loud = quiet;
    pthread_t thread;
    int i;
    join_with(&loud, securely());
    join_with(&quiet, securely());
    thread = go(flood, &loud);
    await(quiet.engine, loud.server, HWS_EVENT_MESSAGE);
    for (i = 0; i < 50; i++) echo(&quiet, "help", 4);
    OK(hws_abort(loud.client));
    await(quiet.engine, loud.client, HWS_EVENT_CLOSE);
    done(thread);
}

/* --- ends ------------------------------------------------------------------------------------------------- */

/* A record of TLS 1.3 that holds an alert and nothing else. */
enum { ALERT_RECORD = 2 + 1 + 16 };


static void through(pair *pair, const relay *relay)
{
    hws_client_options asking = securely();
    char uri[64];
    sprintf(uri, "wss://127.0.0.1:%u/", relay->port);
    asking.uri = hws_cstr(uri);
    join_with(pair, asking);
    echo(pair, "ahoy", 4);
}

/* Both say close_notify, behind the Close frame and before TCP ends: what comes last each way is an alert. */
static void a_clean_close_is_clean_in_tls_too(void)
{
    pair pair = secure_server("ecdsa");
    relay wire;
    relay_start(&wire, port_of(&pair));
    through(&pair, &wire);
    close_cleanly(&pair);
    done(wire.thread);
    EXPECT(wire.there.last == ALERT_RECORD && wire.there.rest == 0);
    EXPECT(wire.back.last == ALERT_RECORD && wire.back.rest == 0);
}

/* Somebody on the way ends TCP: no message is lost, and nobody takes it for the end of the conversation. */
static void a_wire_that_is_cut_is_no_end(void)
{
    pair pair = secure_server("ecdsa");
    relay wire;
    int closed;
    relay_start(&wire, port_of(&pair));
    through(&pair, &wire);
    relay_cut(&wire);
    for (closed = 0; closed < 2; closed++) {
        hws_event event = await(pair.engine, any, HWS_EVENT_CLOSE);
        EXPECT(event.status == HWS_ERR_CLOSED_ERROR && !(event.flags & HWS_FLAG_CLEAN));
        EXPECT(event.error->close_code == 1006 && event.error->cause);
        EXPECT(event.error->cause->status == HWS_ERR_UNEXPECTED_EOF);
        EXPECT(strstr(event.error->cause->detail.ptr, "cut off") != NULL);
    }
}

/* One end gives up. The other one hears that it is over, and that nobody said goodbye. */
static void an_abort_is_no_clean_end(void)
{
    int by_server;
    for (by_server = 0; by_server < 2; by_server++) {
        pair pair = secure_pair();
        hws_conn left = by_server ? pair.client : pair.server;
        hws_event event;
        echo(&pair, "ahoy", 4);
        OK(hws_abort(by_server ? pair.server : pair.client));
        event = await(pair.engine, left, HWS_EVENT_CLOSE);
        EXPECT(event.status == HWS_ERR_CLOSED_ERROR && event.error->close_code == 1006 && event.error->cause);
        EXPECT(event.error->cause->status == HWS_ERR_UNEXPECTED_EOF ||
               event.error->cause->status == HWS_ERR_CONNECTION_RESET);
        OK(hws_engine_free(pair.engine));
    }
}

/* --- one that stalls -------------------------------------------------------------------------------------- */

/* Half a ClientHello, and nothing more: others open, talk and close meanwhile, and it costs nobody anything. */
static void one_that_stalls_holds_up_nobody(void)
{
    static const unsigned char half[] = { 22, 3, 1, 1, 0, 1, 0, 0, 252, 3, 3 };
    pair pair = secure_server("ecdsa");
    int fd = raw_connect(port_of(&pair), 0), i;
    hws_event event;
    raw_write(fd, half, sizeof half);
    for (i = 0; i < 3; i++) {
        join_with(&pair, securely());
        echo(&pair, "ahoy", 4);
        close_cleanly(&pair);
    }
    close(fd);
    event = await(pair.engine, any, HWS_EVENT_ACCEPT_FAILED);
    EXPECT(event.status == HWS_ERR_TLS_PROTOCOL && event.error->cause->status == HWS_ERR_UNEXPECTED_EOF);
}

/* A frame that is damaged on the wire is no message and no clean end. */
static void a_damaged_record_ends_the_connection(void)
{
    static const unsigned char record[5 + 20] = { 23, 3, 3, 0, 20, 1, 2, 3, 4, 5 };
    hws_tls shown = shows("ecdsa");
    hws_client_options asking = securely();
    hws_server_options serving = { .struct_size = sizeof serving, .tls = &shown };
    hws_conn server, client;
    hws_engine engine;
    hws_event event;
    int ends[2], opened;
    EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    int ours = dup(ends[0]);
    OK(hws_engine_new(NULL, &engine));
    asking.struct_size = sizeof asking;
    asking.uri = hws_cstr("wss://localhost/");
    OK(hws_adopt(engine, ends[0], &asking, NULL, &client));
    OK(hws_adopt(engine, ends[1], NULL, &serving, &server));
    for (opened = 0; opened < 2; opened++) await(engine, any, HWS_EVENT_OPEN);
    raw_write(ours, record, sizeof record);
    event = await(engine, server, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR && event.error->close_code == 1006);
    EXPECT(event.error->cause->status == HWS_ERR_TLS_PROTOCOL);
    event = await(engine, client, HWS_EVENT_CLOSE);
    EXPECT(event.error->cause->status == HWS_ERR_TLS_ALERT && event.error->cause->tls_alert == 20 + 1);
    close(ours);
}

/* --- nothing is left -------------------------------------------------------------------------------------- */

static int descriptors(void)
{
    int lowest = dup(0), count = 0, fd;
    close(lowest);
    for (fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Handshakes that fail in every way leave no descriptor behind. */
static void failed_handshakes_leave_nothing(void)
{
    static const char *const says[] = { "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x01",
                                      "\x15\x03\x03\x00\x02\x02\x28", "" };
    pair pair = secure_server("expired");
    int before = descriptors(), i, failed;
    for (i = 0; i < 100; i++) {
        int fd = raw_connect(port_of(&pair), 0);
        raw_write(fd, says[i % 4], i % 4 == 2 ? 7 : strlen(says[i % 4]));
        close(fd);
        await(pair.engine, any, HWS_EVENT_ACCEPT_FAILED);
        dial_with(&pair, securely());
        for (failed = 0; failed < 2; failed++) {
            hws_event event = next(pair.engine);
            EXPECT(event.kind == HWS_EVENT_ACCEPT_FAILED || event.kind == HWS_EVENT_CONNECT_FAILED);
        }
    }
    poll_without_room(pair.engine);
    EXPECT(descriptors() == before);
}

TESTS(T(messages_of_every_size_come_back), T(messages_pass_the_eye_of_a_needle),
      T(large_sends_arrive_whole_and_their_tokens_in_order), T(the_size_of_the_batch_changes_nothing),
      T(a_pause_holds_what_is_decrypted_too), T(a_flood_over_tls_drowns_nobody), T(a_clean_close_is_clean_in_tls_too),
      T(a_wire_that_is_cut_is_no_end), T(an_abort_is_no_clean_end), T(one_that_stalls_holds_up_nobody),
      T(a_damaged_record_ends_the_connection), T(failed_handshakes_leave_nothing))
