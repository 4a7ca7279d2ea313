/* server -- says where everybody is, sixty times a second:  server [ADDRESS]             (127.0.0.1:9005)
 *
 * The server alone knows the scene; clients send which keys are down, and draw what they are told. Each tick is one message
 * to a topic: made once, whoever is slow misses it, and the next has all that matters.
 */
#define _POSIX_C_SOURCE 200809L
#include "game.h"

#include <hawser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 64

static const hws_str topic = HWS_STR("scene"), full = HWS_STR("the game is full");

struct seat { hws_conn conn; struct player player; unsigned keys; };

static struct seat seats[PLAYERS_MAX];  /* conn.id is 0 where nobody sits */
static hws_engine engine;
static volatile sig_atomic_t leaving;

static void leave(int signal)
{
    (void)signal;
    leaving = 1;
}

static void check(hws_status status)
{
    if (status == HWS_OK) return;
    fprintf(stderr, "%s\n", hws_last_error()->message.ptr);
    exit(1);
}

static struct seat *seat_of(hws_conn conn)
{
    for (struct seat *seat = seats; seat < seats + PLAYERS_MAX; seat++)
        if (seat->conn.id == conn.id) return seat;
    return NULL;
}

/* -- The scene ---------------------------------------------------------------------------------------------- */

static int within(int value, int max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

static void move(struct seat *seat)
{
    int right = !!(seat->keys & KEY_RIGHT) - !!(seat->keys & KEY_LEFT);
    int down = !!(seat->keys & KEY_DOWN) - !!(seat->keys & KEY_UP);
    seat->player.x = within(seat->player.x + right * SPEED, WIDTH - SIDE);
    seat->player.y = within(seat->player.y + down * SPEED, HEIGHT - SIDE);
}

static void tick(void)
{
    static uint32_t number;
    uint8_t scene[SCENE_MAX] = { SCENE }, *at = scene + SCENE_HEAD;
    for (int i = 0; i < PLAYERS_MAX; i++) {
        if (seats[i].conn.id == 0) continue;
        move(&seats[i]);
        at[0] = (uint8_t)i;
        put_u16(at + 1, (unsigned)seats[i].player.x);
        put_u16(at + 3, (unsigned)seats[i].player.y);
        at += SCENE_EACH;
    }
    put_u32(scene + 1, ++number);
    scene[5] = (uint8_t)((at - scene - SCENE_HEAD) / SCENE_EACH);
    check(hws_publish(engine, topic, HWS_BINARY, scene, (size_t)(at - scene), NULL, NULL, NULL));
}

/* -- The players -------------------------------------------------------------------------------------------- */

static void join(hws_conn conn)
{
    static const hws_conn nobody;
    struct seat *seat = seat_of(nobody);
    if (!seat) {
        hws_close(conn, 1013, full);
        return;
    }
    int id = (int)(seat - seats);
    uint8_t welcome[WELCOME_SIZE] = { WELCOME, (uint8_t)id };
    /* it may have left already: then these fail, and its CLOSE is on the way */
    if (hws_send(conn, HWS_BINARY, welcome, sizeof welcome, NULL) || hws_subscribe(conn, topic)) return;
    seat->conn = conn;
    seat->keys = 0;
    seat->player.x = 8 + id * SIDE / 2;
    seat->player.y = 8 + id * (SIDE + 14);
    printf("player %d joined\n", id);
}

static void handle(const hws_event *event)
{
    struct seat *seat;
    switch (event->kind) {
    case HWS_EVENT_OPEN:
        join(event->conn);
        break;
    case HWS_EVENT_MESSAGE:
        seat = seat_of(event->conn);
        if (seat && event->opcode == HWS_BINARY && event->data.len == 1) seat->keys = event->data.ptr[0];
        break;
    case HWS_EVENT_CLOSE:
        seat = seat_of(event->conn);
        if (!seat) break;
        seat->conn.id = 0;
        printf("player %d left: %s\n", (int)(seat - seats), event->error->message.ptr);
        break;
    }
}

static void listen_at(const char *address)
{
    static hws_server_options options;      /* static, so all zero: the default everywhere */
    static hws_limits limits;
    static hws_compression compression;
    hws_listener listener;
    char bound[256];

    limits.struct_size = sizeof limits;
    limits.message_max = 1;                 /* no client has more to say */
    limits.send_queue_max = 4 * SCENE_MAX;  /* who is slower misses scenes */
    compression.struct_size = sizeof compression;
    compression.enabled = HWS_OFF;
    options.struct_size = sizeof options;
    options.bind = hws_cstr(address);
    options.limits = &limits;
    options.compression = &compression;
    check(hws_listen(engine, &options, &listener));
    check(hws_listener_address(listener, bound, sizeof bound, NULL));
    printf("listening on %s\n", bound);
}

int main(int argc, char **argv)
{
    static hws_event batch[BATCH];
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = leave;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);

    check(hws_engine_new(NULL, &engine));
    listen_at(argc > 1 ? argv[1] : "127.0.0.1:9005");

    int64_t next = now_ns(CLOCK_MONOTONIC);
    while (!leaving) {
        uint32_t count;
        int64_t left = next - now_ns(CLOCK_MONOTONIC);
        check(hws_poll(engine, batch, sizeof *batch, BATCH, left > 0 ? (int32_t)(left / 1000000) + 1 : 0, &count));
        for (uint32_t i = 0; i < count; i++) handle(&batch[i]);

        int64_t late = now_ns(CLOCK_MONOTONIC) - next;
        if (late < 0) continue;
        tick();
        next += late < 10 * FRAME_NS ? FRAME_NS : late; /* after a long pause, go on from here: nobody wants the past */
    }
    return hws_engine_free(engine) != HWS_OK;
}
