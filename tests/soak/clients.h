/* Clients of every kind, on both engines: opened, used, paused, closed, aborted and sent elsewhere at random. */
#ifndef SOAK_CLIENTS_H
#define SOAK_CLIENTS_H

#include "ledger.h"

enum { SLOTS = 300, ADDRESSES = 5 };

/* What one connection has come to. */
struct slot {
    hws_conn conn;
    int open, closing, paused, tokens, overflows, receives, ends_when_full;
    uint32_t ledger;
    uint64_t buffer_max;
};

static struct slot slots[SLOTS];
static const char *addresses[ADDRESSES]; /* our own servers' come first, as our engines do */
static unsigned long opened, refused, came_back, closed_ok, closed_error, messages, pongs, told_missing;

static struct ledger *ledger_at(const struct slot *slot) { return ledger_of(slot->ledger); }

/* -- opening ------------------------------------------------------------------------------------------------ */

static hws_reconnect any_reconnect(void)
{
    static const int32_t ages[] = { 0, 0, 500, 2000 }, downtimes[] = { 0, 1500, 3000 };
    static const uint64_t buffers[] = { 0, 4000, 1 << 20 };
    hws_reconnect plan = { .struct_size = sizeof plan, .backoff_min_ms = 1 + (int32_t)roll(100) };
    plan.max_attempts = roll(3) ? 0 : 1 + roll(5);
    plan.backoff_max_ms = plan.backoff_min_ms + (int32_t)roll(400);
    plan.jitter_percent = roll(2) ? HWS_NO_JITTER : roll(101);
    plan.downtime_max_ms = downtimes[roll(LENGTH(downtimes))];
    plan.stable_ms = 300;
    plan.max_age_ms = ages[roll(LENGTH(ages))];
    plan.ask_ms = roll(2) ? 0 : 200;
    plan.buffer_max = buffers[roll(LENGTH(buffers))];
    plan.buffer_overflow = HWS_OVERFLOW_DROP_OLDEST + roll(3);
    plan.replay = roll(3);
    plan.replay_max = roll(2) ? 0 : 20000;
    return plan;
}

static hws_limits any_limits(void)
{
    hws_limits limits = { .struct_size = sizeof limits, .overflow = HWS_OVERFLOW_BACKPRESSURE + roll(4) };
    if (roll(2)) limits.recv_queue_messages = 1 + roll(20);
    if (roll(4) == 0) limits.recv_queue_max = 1000 + roll(100000);
    return limits;
}

static void open_one(struct slot *slot, const hws_engine *engines)
{
    static const uint8_t beat[] = "still there?";
    hws_client_options client = { .struct_size = sizeof client };
    hws_compression compression = { .struct_size = sizeof compression, .enabled = 1 + roll(2) };
    hws_timers timers = { .struct_size = sizeof timers, .open_ms = 2000, .close_ms = 1000, .ping_interval_ms = 100,
                          .ping_timeout_ms = 5000 };
    hws_heartbeat heartbeat = { .struct_size = sizeof heartbeat, .interval_ms = 150, .message = { beat, sizeof beat - 1 },
                                .answer = { beat, sizeof beat - 1 } };
    hws_limits limits = any_limits();
    hws_reconnect plan = any_reconnect();
    struct ledger *ledger;
    unsigned server = roll(ADDRESSES);
    char uri[80];
    *slot = (struct slot){ .ledger = new_ledger(), .tokens = (int)roll(2) };
    ledger = ledger_at(slot);
    ledger->server = server < 2 ? (int)server : NOT_OURS;
    snprintf(uri, sizeof uri, "ws://%s/", addresses[server]);
    client.uri = hws_cstr(uri);
    client.user = (uint64_t)(slot - slots) + 1;
    client.compression = &compression;
    client.timers = &timers;
    if (roll(2)) client.heartbeat = &heartbeat;
    if (roll(2)) client.limits = &limits, slot->ends_when_full = limits.overflow == HWS_OVERFLOW_ERROR;
    if (roll(2)) {
        client.reconnect = &plan;
        ledger->comes_back = 1, ledger->replay = plan.replay;
        slot->buffer_max = plan.buffer_max, slot->overflows = plan.buffer_overflow == HWS_OVERFLOW_ERROR;
        if (plan.replay == HWS_REPLAY_ON_REQUEST) slot->tokens = 1;
    } else {
        slot->receives = !client.limits || limits.overflow == HWS_OVERFLOW_BACKPRESSURE;
    }
    note(ledger, 'e', roll(2));
    OK(hws_connect(engines[ledger->trail[1] - '0'], &client, &slot->conn));
}

/* -- using -------------------------------------------------------------------------------------------------- */

/* A full queue and a connection that has just ended refuse, and one that is down as it was told to; nobody else. */
static int may_refuse(const struct slot *slot, size_t len, hws_status status)
{
    if (status == HWS_ERR_SEND_QUEUE_FULL || hws_status_is_a(status, HWS_ERR_CONNECTION_CLOSED)) return 1;
    if (!ledger_at(slot)->comes_back) return 0;
    if (status == HWS_ERR_INVALID_STATE) return slot->buffer_max == 0;
    return status == HWS_ERR_BUFFER_OVERFLOW && (slot->overflows || len + 64 > slot->buffer_max);
}

static void send_one(struct slot *slot)
{
    static char text[LARGEST + HEAD];
    struct ledger *ledger = ledger_at(slot);
    struct message message = { NUMBERED, slot->ledger, ledger->sent };
    hws_send_options options = { .struct_size = sizeof options, .token = slot->tokens ? ledger->sent + 1 : 0 };
    size_t len = write_message(text, message, roll(8) ? roll(2000) : roll(LARGEST));
    hws_status status;
    if (ledger->sent == NUMBERS) return;
    status = hws_send(slot->conn, HWS_TEXT, text, len, &options);
    if (status == HWS_OK) ledger->sent++;
    else if (!may_refuse(slot, len, status)) die("hws_send");
}

static void send_again_and_again(struct slot *slot)
{
    char text[100];
    struct message message = { AGAIN, slot->ledger, roll(3) };
    hws_send_options options = { .struct_size = sizeof options, .flags = HWS_SEND_AGAIN, .token = (1u << 20) + message.number };
    size_t len = write_message(text, message, roll(sizeof text));
    hws_status status = hws_send(slot->conn, HWS_TEXT, text, len, &options);
    if (status != HWS_OK && status != HWS_ERR_RECONNECT_DISABLED && !may_refuse(slot, len, status))
        die("hws_send again");
    if (roll(3) == 0 && (status = hws_conn_forget(slot->conn, roll(2) ? options.token : 0)) != HWS_OK
        && status != HWS_ERR_RECONNECT_DISABLED) die("hws_conn_forget");
}

/* At once or later, to the same server or another. */
static void send_elsewhere(struct slot *slot)
{
    hws_reconnect_options options = { .struct_size = sizeof options, .after_ms = (int32_t)roll(200) };
    hws_status status;
    char uri[80];
    snprintf(uri, sizeof uri, "ws://%s/", addresses[roll(ADDRESSES)]);
    if (roll(3) == 0) options.uri = hws_cstr(uri), ledger_at(slot)->disturbed = 1, ledger_at(slot)->server = NOT_OURS;
    status = hws_conn_reconnect(slot->conn, roll(2) || options.uri.ptr ? &options : NULL);
    if (status != HWS_OK && status != HWS_ERR_RECONNECT_DISABLED && status != HWS_ERR_CONNECTION_CLOSED)
        die("hws_conn_reconnect");
}

static void use_what_comes_back(struct slot *slot)
{
    if (roll(12) == 0) send_elsewhere(slot);
    else if (roll(3) == 0) send_again_and_again(slot);
    else send_one(slot);
}

static void pause_or_resume(struct slot *slot)
{
    slot->paused = !slot->paused;
    note(ledger_at(slot), slot->paused ? 'p' : 'r', 0);
    OK(hws_conn_pause(slot->conn, slot->paused));
}

static void close_one(struct slot *slot)
{
    OK(hws_close(slot->conn, 1000, hws_cstr("enough")));
    slot->closing = 1;
}

static void act(struct slot *slot, const hws_engine *engines)
{
    if (!slot->conn.id) open_one(slot, engines);
    if (slot->closing || !(slot->open || slot->buffer_max)) return;
    if (ledger_at(slot)->comes_back && roll(3) == 0) {
        use_what_comes_back(slot);
        return;
    }
    switch (roll(24)) {
    case 0: close_one(slot); break;
    case 1: OK(hws_abort(slot->conn)), slot->closing = 1; break;
    case 2: pause_or_resume(slot); break;
    case 3: (void)!hws_send(slot->conn, HWS_PING, &dice, 8, NULL); break;
    default: send_one(slot);
    }
}

/* -- what comes of it --------------------------------------------------------------------------------------- */

static void has_opened(struct slot *slot, const hws_event *event)
{
    struct ledger *ledger = ledger_at(slot);
    hws_status status;
    if (ledger->open) accuse(ledger, "OPEN while it is open");
    if (!(event->flags & HWS_FLAG_RECONNECTED) != !ledger->sessions)
        accuse(ledger, "OPEN with flags %u", (unsigned)event->flags);
    slot->open = 1;
    ledger->open = ledger->fresh = 1;
    if (ledger->sessions++) came_back++;
    else opened++;
    if (ledger->sessions == 1 || ledger->replay != HWS_REPLAY_ON_REQUEST) return;
    status = hws_conn_replay(slot->conn, ledger->server == NOT_OURS ? 0 : prefix_arrived(ledger));
    if (status != HWS_OK && status != HWS_ERR_INVALID_STATE && status != HWS_ERR_CONNECTION_CLOSED
        && status != HWS_ERR_RECONNECT_DISABLED) die("hws_conn_replay");
}

static void is_down(struct slot *slot)
{
    struct ledger *ledger = ledger_at(slot);
    if (!ledger->comes_back) accuse(ledger, "RECONNECTING, unasked");
    slot->open = slot->paused = ledger->open = 0;
}

static void has_ended(struct slot *slot, const hws_event *event)
{
    hws_stats stats = { .struct_size = sizeof stats };
    struct ledger *ledger = ledger_at(slot);
    OK(hws_conn_stats(slot->conn, &stats));
    if ((event->kind == HWS_EVENT_CLOSE) != (ledger->sessions > 0))
        accuse(ledger, "the wrong last event, %u", (unsigned)event->kind);
    if (!slot->ends_when_full && stats.recv_dropped != ledger->missing)
        accuse(ledger, "dropped were %llu, and QUEUE has not told so", (unsigned long long)stats.recv_dropped);
    ledger->ended = 1;
    ledger->clean = slot->closing && event->status == HWS_ERR_CLOSED_OK && event->error->close_rcvd.code == 1000;
    ledger->recv_dropped = stats.recv_dropped, ledger->send_dropped = stats.send_dropped;
    ledger->unprotected = stats.send_unprotected, ledger->unsure = event->error->dropped;
    if (event->kind == HWS_EVENT_CONNECT_FAILED) refused++;
    else if (event->status == HWS_ERR_CLOSED_OK) closed_ok++;
    else closed_error++;
    *slot = (struct slot){ 0 };
}

static void hear(struct slot *slot, const hws_event *event)
{
    struct message message;
    messages++;
    if (!slot->open) accuse(ledger_at(slot), "a message while it is down");
    if (!read_message(event->data, &message)) accuse(ledger_at(slot), "the answer to a heartbeat is for us");
    if (message.owner != slot->ledger) accuse(ledger_at(slot), "a message of somebody else");
    if (message.kind == NUMBERED) echoed(ledger_at(slot), message.number);
}

static void take_of_client(struct slot *slot, const hws_event *event)
{
    struct message message = { 0, 0, 0 };
    if (event->kind == HWS_EVENT_MESSAGE) read_message(event->data, &message);
    note(ledger_at(slot), "-OMF?+swqCFR"[event->kind], event->kind == HWS_EVENT_MESSAGE ? message.number : event->token);
    switch (event->kind) {
    case HWS_EVENT_OPEN: has_opened(slot, event); break;
    case HWS_EVENT_MESSAGE: hear(slot, event); break;
    case HWS_EVENT_PONG: pongs++; break;
    case HWS_EVENT_SENT: if (event->token < 1u << 20) has_left(ledger_at(slot), event->token); break;
    case HWS_EVENT_WRITABLE: break;
    case HWS_EVENT_QUEUE: told_missing += event->error->dropped, dropped(ledger_at(slot), event); break;
    case HWS_EVENT_RECONNECTING: is_down(slot); break;
    case HWS_EVENT_CLOSE: case HWS_EVENT_CONNECT_FAILED: has_ended(slot, event); break;
    default: accuse(ledger_at(slot), "an event of kind %u", (unsigned)event->kind);
    }
}

static hws_conn ended_by_receive[16];
static unsigned ended_count;

/* By hws_recv, out of turn. */
static void receive_one(struct slot *slot)
{
    hws_event event;
    hws_status status;
    if (!slot->open || !slot->receives) return;
    status = hws_recv(slot->conn, &event, sizeof event, (int32_t)roll(2));
    if (status == HWS_OK) {
        hear(slot, &event);
    } else if (status != HWS_ERR_RECV_TIMEOUT) {
        if (!hws_status_is_a(status, HWS_ERR_CONNECTION_CLOSED)) die("hws_recv");
        ledger_at(slot)->ended = 1;
        ended_by_receive[ended_count++ % LENGTH(ended_by_receive)] = slot->conn;
        *slot = (struct slot){ 0 };
    }
}

/* Events of a connection whose end was received wait for hws_poll all the same; messages and the end are none of them. */
static int is_afterthought(const hws_event *event)
{
    size_t i;
    if (event->kind == HWS_EVENT_MESSAGE || event->kind == HWS_EVENT_CLOSE || event->kind == HWS_EVENT_OPEN) return 0;
    for (i = 0; i < LENGTH(ended_by_receive); i++)
        if (ended_by_receive[i].id == event->conn.id) return 1;
    return 0;
}

#endif
