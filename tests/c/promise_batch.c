/* Promise 4, for many messages with one call: each goes to whom it is for, in its order, up to the first that is refused;
 * and what was given may be overwritten at once. */
#include "raw.h"

/* Many do what one did. */
static hws_outgoing message(hws_conn conn, hws_opcode opcode, const void *data, size_t len)
{
    hws_outgoing message;
    memset(&message, 0, sizeof message);
    message.conn = conn;
    message.opcode = opcode;
    message.data.ptr = data;
    message.data.len = len;
    return message;
}

static hws_outgoing text(hws_conn conn, const char *words) { return message(conn, HWS_TEXT, words, strlen(words)); }

/* All of them are taken. */
static void send_all(const hws_outgoing *messages, uint32_t count)
{
    uint32_t sent = 99;
    OK(hws_send_batch(messages, sizeof *messages, count, &sent));
    EXPECT(sent == count);
}

static void expect_text(hws_conn conn, const char *words)
{
    hws_event event;
    OK(hws_recv(conn, &event, sizeof event, 10000));
    EXPECT(is_text(&event, words));
}

/* --- to whom ---------------------------------------------------------------------------------------------- */

enum { PEERS = 3, MESSAGES = 400, LARGEST = 200000 };

/* The payload of the n-th message: of every length that has its own way, alone and in a row, and each byte tells where it
 * belongs. */
static size_t payload_of(unsigned char *data, unsigned n)
{
    static const size_t lengths[] = { 0, 1, 5, 125, 126, 500, 4000, 65535, 65536, LARGEST };
    static const size_t long_ones[] = { 4096, 20000, 5000, 65535 };
    size_t len = n / 40 % 4 == 2 ? long_ones[n % 7 % 4] : lengths[n * 7 % 10 < 8 ? n * 7 % 5 : n % LENGTH(lengths)], i;
    for (i = 0; i < len; i++) data[i] = (unsigned char)((i * 7 + i / 251 + n * 31) & 0x7f);
    return len;
}

/* Runs for one peer, and changes of peer after every message; peers of two engines, one a client, and with compression;
 * text and binary. */
static void each_goes_to_whom_it_is_for_in_its_order(void)
{
    setup setup = { .client_limits.send_queue_max = 64 << 20, .server_limits.send_queue_max = 64 << 20 };
    struct setup plain = setup;
    static hws_outgoing messages[MESSAGES];
    static unsigned char data[MESSAGES][LARGEST], wanted[LARGEST];
    pair pairs[PEERS];
    hws_conn from[PEERS], to[PEERS];
    unsigned of[MESSAGES], n, p;

    plain.compression = HWS_OFF;
    pairs[0] = pair_new(&plain);
    pairs[1] = pair_new(&setup);
    pairs[2] = pairs[0];
    join(&pairs[2], &setup);
    for (p = 0; p < PEERS; p++) {
        from[p] = p == 1 ? pairs[p].client : pairs[p].server;
        to[p] = p == 1 ? pairs[p].server : pairs[p].client;
    }
    for (n = 0; n < MESSAGES; n++) {
        of[n] = n / 40 % 2 ? n % PEERS : n / 10 % PEERS;
        messages[n] = message(from[of[n]], n % 3 ? HWS_BINARY : HWS_TEXT, data[n], payload_of(data[n], n));
    }
    send_all(messages, MESSAGES);
    memset(data, 0xee, sizeof data);
    for (p = 0; p < PEERS; p++) {
        for (n = 0; n < MESSAGES; n++) {
            hws_event event;
            if (of[n] != p) continue;
            OK(hws_recv(to[p], &event, sizeof event, 10000));
            EXPECT(event.data.len == payload_of(wanted, n) && event.opcode == (n % 3 ? HWS_BINARY : HWS_TEXT));
            EXPECT(event.data.len == 0 || !memcmp(event.data.ptr, wanted, event.data.len));
        }
        FAILS(hws_recv(to[p], &(hws_event){ 0 }, sizeof(hws_event), 0), HWS_ERR_RECV_TIMEOUT);
    }
}

/* --- what was received ------------------------------------------------------------------------------------ */

enum { BURST = 200, LONGEST = 9000 };

static size_t received_payload(unsigned char *data, unsigned n)
{
    static const size_t lengths[] = { 0, 1, 16, 125, 126, 16, 1000, 16, 4095, 4096, 16, 16, LONGEST };
    size_t len = lengths[n * 5 % LENGTH(lengths)], i;
    for (i = 0; i < len; i++) data[i] = (unsigned char)((i * 7 + i / 251 + n * 31) & 0x7f);
    return len;
}

/* How a host sends on what it was handed. */
enum way { AS_IT_IS, AS_ANOTHER_KIND, WITHOUT_THE_FIRST_BYTE, TWICE, THE_LAST_FIRST, WAYS };

/* What this way makes of a message. */
static hws_outgoing sent_on(hws_conn conn, hws_opcode opcode, const void *data, size_t len, enum way way)
{
    size_t cut = way == WITHOUT_THE_FIRST_BYTE && len > 0;
    if (way == AS_ANOTHER_KIND) opcode = HWS_TEXT + HWS_BINARY - opcode;
    return message(conn, opcode, (const unsigned char *)data + cut, len - cut);
}

/* The bytes are theirs to whom they go, whatever lies before and behind them. */
static void what_was_received_is_sent_on_from_where_it_lies(void)
{
    setup setup = { .compression = HWS_OFF, .client_limits.send_queue_max = 8 << 20, .server_limits.send_queue_max = 8 << 20 };
    static hws_outgoing burst[BURST], answers[2 * BURST];
    static unsigned char data[BURST][LONGEST];
    static hws_event events[BURST];
    pair pair = pair_new(&setup);
    int way;

    for (way = 0; way < WAYS; way++) {
        unsigned order[2 * BURST], heard = 0, sent = 0, echoed = 0, n;
        for (n = 0; n < BURST; n++)
            burst[n] = message(pair.client, n % 3 ? HWS_BINARY : HWS_TEXT, data[n], received_payload(data[n], n));
        send_all(burst, BURST);
        while (echoed < (way == TWICE ? 2 * BURST : BURST)) {
            const hws_event *mine[BURST], *event;
            uint32_t count, i, arrived = 0, answered = 0;
            OK(hws_poll(pair.engine, events, sizeof *events, BURST, 10000, &count));
            EXPECT(count > 0);
            for (event = events; event < events + count; event++) {
                hws_outgoing want;
                EXPECT(event->kind == HWS_EVENT_MESSAGE);
                if (event->conn.id == pair.server.id) {
                    mine[arrived++] = event;
                    continue;
                }
                want = burst[order[echoed++]];
                want = sent_on(pair.server, want.opcode, want.data.ptr, want.data.len, way);
                EXPECT(event->opcode == want.opcode && event->data.len == want.data.len);
                EXPECT(want.data.len == 0 || !memcmp(event->data.ptr, want.data.ptr, want.data.len));
            }
            for (i = 0; i < (way == TWICE ? 2 * arrived : arrived); i++) {
                n = way == TWICE ? i / 2 : way == THE_LAST_FIRST ? arrived - 1 - i : i;
                order[sent++] = heard + n;
                answers[answered++] = sent_on(pair.server, mine[n]->opcode, mine[n]->data.ptr, mine[n]->data.len, way);
            }
            heard += arrived;
            if (answered) send_all(answers, answered);
        }
        EXPECT(heard == BURST && sent == echoed);
    }
}

static void a_batch_may_hold_whatever_hws_send_takes(void)
{
    setup setup = { .compression = HWS_OFF };
    pair pair = pair_new(&setup);
    hws_outgoing messages[] = {
        text(pair.client, "whole"),
        message(pair.client, HWS_TEXT, "\xe2\x9a", 2),
        message(pair.client, HWS_PING, "still there?", 12),
        message(pair.client, HWS_CONT, "\x93", 1),
        text(pair.client, "raw"),
    };
    hws_event event;
    int i;

    messages[0].token = 1;
    messages[1].flags = HWS_SEND_MORE;
    messages[2].token = 42;
    messages[4].flags = HWS_SEND_RAW;
    messages[4].token = 2;
    send_all(messages, LENGTH(messages));
    for (i = 0; i < 6; i++) { /* each end in its own order */
        static const char *const texts[] = { "whole", "\xe2\x9a\x93", "raw" };
        static int heard, sent;
        event = next(pair.engine);
        if (event.kind == HWS_EVENT_MESSAGE) EXPECT(is_text(&event, texts[heard++]));
        else if (event.kind == HWS_EVENT_SENT) EXPECT(event.token == (uint64_t)++sent);
        else EXPECT(event.kind == HWS_EVENT_PONG && event.token == 42 && is_text(&event, "still there?"));
    }
}

/* More than is ever kept back for the next poll: the peer gets it although nobody polls meanwhile. */
static void much_leaves_at_once(void)
{
    static hws_outgoing messages[1000];
    static unsigned char data[1000], payload[1000];
    pair pair = serve(NULL);
    size_t len, i;
    int fd = raw_open(&pair, 0, &pair.server);

    for (i = 0; i < LENGTH(messages); i++) messages[i] = message(pair.server, HWS_BINARY, data, sizeof data);
    send_all(messages, LENGTH(messages));
    for (i = 0; i < 200; i++)
        EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_BINARY) && len == sizeof data);
}

enum { LONG_ONES = 5 };
static const size_t long_ones[LONG_ONES] = { 4096, 65535, 5000, 16384, 4097 };

/* Long ones do not wait for the next poll, nor does what waits before them; what is said behind them does. */
static void long_ones_leave_at_once(void)
{
    static unsigned char data[LONG_ONES][65535], payload[65535];
    hws_outgoing messages[1 + LONG_ONES];
    pair pair = serve(NULL);
    int fd = raw_open(&pair, 0, &pair.server), i, round;
    size_t len;

    for (round = 0; round < 3; round++) {
        messages[0] = text(pair.server, "these follow");
        for (i = 0; i < LONG_ONES; i++) {
            memset(data[i], 'a' + i + round, long_ones[i]);
            messages[1 + i] = message(pair.server, i % 2 ? HWS_TEXT : HWS_BINARY, data[i], long_ones[i]);
        }
        send_all(messages, LENGTH(messages));
        memset(data, 0xee, sizeof data);
        send_text(pair.server, "that is all");
        EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_TEXT) && len == strlen("these follow"));
        for (i = 0; i < LONG_ONES; i++) {
            EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | (i % 2 ? HWS_TEXT : HWS_BINARY)));
            EXPECT(len == long_ones[i] && payload[0] == 'a' + i + round && !memcmp(payload, payload + 1, len - 1));
        }
        poll_without_room(pair.engine);
        EXPECT(raw_read_frame(fd, payload, sizeof payload, &len) == (FIN | HWS_TEXT) && len == strlen("that is all"));
    }
    close(fd);
}

/* What cannot be written because the peer has gone ends the connection, as with any other message. */
static void long_ones_to_one_that_has_gone(void)
{
    static unsigned char data[5000];
    hws_outgoing messages[3];
    pair pair = serve(NULL);
    int fd = raw_open(&pair, 0, &pair.server), i;
    hws_event event;
    uint32_t sent = 99;

    for (i = 0; i < 3; i++) messages[i] = message(pair.server, HWS_BINARY, data, sizeof data);
    raw_reset(fd);
    if (!has_io_thread()) send_all(messages, 3); /* it has not heard of that yet */
    else (void)!hws_send_batch(messages, sizeof *messages, 3, &sent);
    event = await(pair.engine, pair.server, HWS_EVENT_CLOSE);
    EXPECT(event.status == HWS_ERR_CLOSED_ERROR && event.error->cause->status == HWS_ERR_CONNECTION_RESET);
}

/* --- refusals --------------------------------------------------------------------------------------------- */

/* Behind two that are good, behind none, and never with what is behind it. */
static void stops_at(pair *pair, hws_outgoing wrong, hws_status status)
{
    hws_outgoing messages[] = { text(pair->server, "one"), text(pair->server, "two"), wrong, text(pair->server, "four") };
    uint32_t sent = 99;

    OK(hws_send_batch(messages, sizeof *messages, LENGTH(messages), &sent));
    EXPECT(sent == 2);
    expect_text(pair->client, "one");
    expect_text(pair->client, "two");
    FAILS(hws_send_batch(messages + 2, sizeof *messages, 2, &sent), status);
    EXPECT(sent == 2 && !strcmp(hws_operation_name(hws_last_error()->operation), "send"));
    send_all(messages + 3, 1);
    expect_text(pair->client, "four");
}

static void a_batch_stops_at_the_first_that_is_refused(void)
{
    setup setup = { .server_limits.send_queue_max = 1000, .compression = HWS_OFF };
    pair pair = pair_new(&setup), other = pair;
    char large[1001] = { 0 };
    hws_outgoing wrong = text(pair.server, "wrong");

    join(&other, &setup);
    OK(hws_close(other.server, 1000, hws_cstr("")));
    stops_at(&pair, text(other.server, "to one that closes"), HWS_ERR_CONNECTION_CLOSED);
    await(pair.engine, other.server, HWS_EVENT_CLOSE);
    poll_without_room(pair.engine);
    stops_at(&pair, text(other.server, "to nobody"), HWS_ERR_INVALID_HANDLE);
    stops_at(&pair, text((hws_conn){ 0 }, "to nobody"), HWS_ERR_INVALID_HANDLE);
    stops_at(&pair, text((hws_conn){ pair.listener.id }, "to a listener"), HWS_ERR_INVALID_HANDLE);
    stops_at(&pair, text(pair.server, "\xff"), HWS_ERR_INVALID_SEND);
    stops_at(&pair, message(pair.server, HWS_CONT, "of nothing", 10), HWS_ERR_INVALID_SEND);
    stops_at(&pair, message(pair.server, 3, "", 0), HWS_ERR_INVALID_ARGUMENT);
    stops_at(&pair, message(pair.server, HWS_BINARY, NULL, 1), HWS_ERR_INVALID_ARGUMENT);
    stops_at(&pair, message(pair.server, HWS_BINARY, large, (size_t)-1), HWS_ERR_INVALID_ARGUMENT);
    stops_at(&pair, message(pair.server, HWS_BINARY, large, sizeof large), HWS_ERR_SEND_QUEUE_FULL);
    wrong.flags = 1u << 31;
    stops_at(&pair, wrong, HWS_ERR_INVALID_ARGUMENT);
    wrong.flags = HWS_SEND_AGAIN;
    stops_at(&pair, wrong, HWS_ERR_INVALID_ARGUMENT); /* without a token */
}

/* The same where long ones are on both sides of it, which would leave together. */
static void long_ones_stop_at_the_first_that_is_refused(void)
{
    static char data[5000];
    setup setup = { .compression = HWS_OFF };
    pair pair = pair_new(&setup);
    hws_outgoing messages[5];
    uint32_t sent = 99, i;

    for (i = 0; i < 5; i++) messages[i] = message(pair.server, HWS_TEXT, memset(data, 'a', 4999), sizeof data - 1);
    data[4999] = (char)0xff;
    messages[3].data.len = sizeof data;
    OK(hws_send_batch(messages, sizeof *messages, 5, &sent));
    EXPECT(sent == 3);
    FAILS(hws_send_batch(messages + 3, sizeof *messages, 2, &sent), HWS_ERR_INVALID_SEND);
    EXPECT(hws_last_error()->position == 4999);
    send_all(messages + 4, 1);
    for (i = 0; i < 4; i++) EXPECT(await(pair.engine, pair.client, HWS_EVENT_MESSAGE).data.len == 4999);
}

/* What would have room is not sent either, where something before it had none. */
static void a_full_queue_ends_a_batch(void)
{
    setup setup = { .server_limits.send_queue_max = 1000, .compression = HWS_OFF };
    pair pair = pair_new(&setup);
    char data[600] = { 0 };
    hws_outgoing messages[] = {
        message(pair.server, HWS_BINARY, data, 600),
        message(pair.server, HWS_BINARY, data, 500),
        message(pair.server, HWS_BINARY, data, 10),
    };
    uint32_t sent = 99;

    OK(hws_send_batch(messages, sizeof *messages, 3, &sent));
    EXPECT(sent == (has_io_thread() ? 3 : 1)); /* with one, this thread does not poll, so that each leaves at once */
    if (has_io_thread()) return;
    FAILS(hws_send_batch(messages + 1, sizeof *messages, 2, &sent), HWS_ERR_SEND_QUEUE_FULL);
    EXPECT(hws_last_error()->size == 500 && hws_last_error()->capacity == 1000 && hws_last_error()->conn.id == pair.server.id);
    await(pair.engine, pair.server, HWS_EVENT_WRITABLE);
    send_all(messages + 1, 2);
}

/* Long ones that have no room together are taken as far as they have: where there is room for two, they leave at once and make
 * room for the third; where there is room for one, that waits for the next poll. */
static void long_ones_fill_the_queue(void)
{
    static const struct { uint64_t max; uint32_t taken; } rows[] = { { 5000, 1 }, { 10000, 3 } };
    static char data[4096];
    size_t row;

    for (row = 0; row < LENGTH(rows); row++) {
        setup setup = { .server_limits.send_queue_max = rows[row].max, .compression = HWS_OFF };
        pair pair = pair_new(&setup);
        hws_outgoing messages[3];
        uint32_t sent = 99, i;

        for (i = 0; i < 3; i++) messages[i] = message(pair.server, HWS_BINARY, data, sizeof data);
        OK(hws_send_batch(messages, sizeof *messages, 3, &sent));
        EXPECT(sent == (has_io_thread() ? 3 : rows[row].taken));
        for (i = 0; i < sent; i++) EXPECT(await(pair.engine, pair.client, HWS_EVENT_MESSAGE).data.len == sizeof data);
    }
}

/* --- the array -------------------------------------------------------------------------------------------- */

/* As in a header of the future. */
typedef struct longer {
    hws_outgoing known;
    uint64_t more[2];
} longer;

static void an_array_of_another_header(void)
{
    setup setup = { .compression = HWS_OFF };
    pair pair = pair_new(&setup);
    longer messages[2] = { { text(pair.server, "one"), { 0, 0 } }, { text(pair.server, "two"), { 0, 0 } } };
    const hws_outgoing *known = &messages[0].known;
    uint32_t sent = 99;

    OK(hws_send_batch(known, sizeof *messages, 2, &sent));
    EXPECT(sent == 2);
    expect_text(pair.client, "one");
    expect_text(pair.client, "two");
    messages[1].more[1] = 1;
    FAILS(hws_send_batch(known, sizeof *messages, 2, &sent), HWS_ERR_STRUCT_SIZE);
    FAILS(hws_send_batch(known, 0, 2, &sent), HWS_ERR_STRUCT_SIZE);
    FAILS(hws_send_batch(known, sizeof *known - 8, 2, &sent), HWS_ERR_STRUCT_SIZE);
    FAILS(hws_send_batch(known, 1 << 20, 2, &sent), HWS_ERR_STRUCT_SIZE);
    FAILS(hws_send_batch(known, sizeof *known + 4, 1, &sent), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_send_batch((const hws_outgoing *)((uintptr_t)known + 1), sizeof *known, 1, &sent), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_send_batch(NULL, sizeof *known, 1, &sent), HWS_ERR_INVALID_ARGUMENT);
    FAILS(hws_send_batch(known, sizeof *known, 1, NULL), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(sent == 2);
    send_all(NULL, 0);
    send_text(pair.server, "nothing came before this");
    expect_text(pair.client, "nothing came before this");
}

/* --- threads ---------------------------------------------------------------------------------------------- */

static void *poll_until_woken(void *argument)
{
    const pair *pair = argument;
    hws_event event;
    uint32_t count;
    hws_status status;
    do status = hws_poll(pair->engine, &event, sizeof event, 1, HWS_NEVER, &count);
    while (status == HWS_ERR_CONCURRENCY);
    OK(status);
    EXPECT(count == 0);
    return NULL;
}

/* To two peers in turn, while nobody looks after the engine, and while a thread sleeps in its poll. */
static void a_batch_of_another_thread_leaves_at_once(void)
{
    pair pair = serve(NULL);
    hws_outgoing messages[8];
    hws_conn conns[2];
    int fds[2], round, i;
    char payload[8];
    size_t len;

    for (i = 0; i < 2; i++) fds[i] = raw_open(&pair, 0, &conns[i]);
    for (i = 0; i < 8; i++) messages[i] = message(conns[i / 2 % 2], HWS_TEXT, &"abcdefgh"[i], 1);
    for (round = 0; round < 2; round++) {
        pthread_t poller = go(poll_until_woken, &pair);
        if (round == 0) { /* it has polled, and polls no more */
            OK(hws_wake(pair.engine));
            done(poller);
        }
        send_all(messages, 8);
        for (i = 0; i < 8; i++) {
            EXPECT(raw_read_frame(fds[i / 2 % 2], payload, sizeof payload, &len) == (FIN | HWS_TEXT));
            EXPECT(len == 1 && payload[0] == "abcdefgh"[i]);
        }
        if (round == 0) continue;
        OK(hws_wake(pair.engine));
        done(poller);
    }
}

enum { SENDERS = 4, BATCHES = 100, IN_BATCH = 20 };

typedef struct sender {
    hws_conn conn;
    int number;
} sender;

static void *send_batches(void *argument)
{
    const sender *sender = argument;
    hws_outgoing messages[IN_BATCH];
    int words[IN_BATCH][2], b, i;
    for (b = 0; b < BATCHES; b++) {
        for (i = 0; i < IN_BATCH; i++) {
            words[i][0] = sender->number;
            words[i][1] = b * IN_BATCH + i;
            messages[i] = message(sender->conn, HWS_BINARY, words[i], sizeof words[i]);
        }
        send_all(messages, IN_BATCH);
    }
    return NULL;
}

static void batches_of_four_threads_keep_each_its_order(void)
{
    setup setup = { .client_limits.send_queue_max = 64 << 20, .compression = HWS_OFF };
    pair pair = pair_new(&setup);
    sender senders[SENDERS];
    pthread_t threads[SENDERS];
    int heard[SENDERS] = { 0 }, i;

    for (i = 0; i < SENDERS; i++) {
        senders[i].conn = pair.client;
        senders[i].number = i;
        threads[i] = go(send_batches, &senders[i]);
    }
    for (i = 0; i < SENDERS * BATCHES * IN_BATCH; i++) {
        hws_event event = await(pair.engine, pair.server, HWS_EVENT_MESSAGE);
        int words[2];
        EXPECT(event.data.len == sizeof words);
        memcpy(words, event.data.ptr, sizeof words);
        EXPECT(words[1] == heard[words[0]]++);
    }
    for (i = 0; i < SENDERS; i++) done(threads[i]);
}

TESTS(T(each_goes_to_whom_it_is_for_in_its_order), T(what_was_received_is_sent_on_from_where_it_lies), T(a_batch_may_hold_whatever_hws_send_takes), T(much_leaves_at_once),
      T(long_ones_leave_at_once), T(long_ones_to_one_that_has_gone), T(long_ones_stop_at_the_first_that_is_refused),
      T(long_ones_fill_the_queue), T(a_batch_stops_at_the_first_that_is_refused), T(a_full_queue_ends_a_batch), T(an_array_of_another_header),
      T(a_batch_of_another_thread_leaves_at_once), T(batches_of_four_threads_keep_each_its_order))
