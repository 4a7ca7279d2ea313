/* game_loop -- a game's view of a WebSocket: sixty frames a second, and none of them may wait for the network.
 *
 *   game_loop [URL] [FRAMES]             (ws://127.0.0.1:9001/, 300)
 *
 * Every frame polls with timeout 0, sends where the ship is, and reads what the others say. When the send queue is
 * full the state is dropped, not kept: the next frame knows better. At the end: how long hawser held a frame up.
 */
#define _POSIX_C_SOURCE 200809L
#include <hawser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAME_NS (1000000000L / 60)
#define BATCH    64

enum { FRAME_AT = 0, X_AT = 4, Y_AT = 8, STATE_SIZE = 12 };

struct game {
    hws_engine engine;
    hws_conn   conn;
    uint32_t   frame;
    int        open, over, clean;
    unsigned   sent, dropped, received;
    uint32_t   lag;                     /* frames that the newest state to come back had been away */
};

/* -- Time --------------------------------------------------------------------------------------------------- */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* To an absolute time: what a frame spent on work is not slept again, so sixty a second stay sixty a second. */
static void sleep_until(int64_t ns)
{
    struct timespec then;
    then.tv_sec = (time_t)(ns / 1000000000);
    then.tv_nsec = (long)(ns % 1000000000);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
}

/* -- The state on the wire: network byte order, since the other ship may be an ARM, a MIPS or a museum piece. -- */

static void put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void send_state(struct game *game)
{
    uint8_t state[STATE_SIZE];
    put_u32(state + FRAME_AT, game->frame);
    put_u32(state + X_AT, 3 * game->frame);
    put_u32(state + Y_AT, 2 * game->frame);

    hws_status status = hws_send(game->conn, HWS_BINARY, state, sizeof state, NULL);
    if (status == HWS_OK) game->sent++;
    else if (status == HWS_ERR_SEND_QUEUE_FULL) game->dropped++;
    /* anything else means that the connection is ending, and its CLOSE says why */
}

static void take_state(struct game *game, hws_bytes state)
{
    if (state.len != STATE_SIZE) return; /* never trust a length you did not write */
    game->received++;
    game->lag = game->frame - get_u32(state.ptr + FRAME_AT);
}

/* -- One frame's share of the network ----------------------------------------------------------------------- */

static void handle(struct game *game, const hws_event *event)
{
    switch (event->kind) {
    case HWS_EVENT_OPEN:
        game->open = 1;
        break;
    case HWS_EVENT_MESSAGE:
        if (event->opcode == HWS_BINARY) take_state(game, event->data);
        break;
    case HWS_EVENT_CLOSE:
    case HWS_EVENT_CONNECT_FAILED:
        printf("%s\n", event->error->message.ptr);
        game->clean = event->status == HWS_ERR_CLOSED_OK;
        game->open = 0;
        game->over = 1;
        break;
    }
}

static void poll_events(struct game *game, int32_t timeout_ms)
{
    static hws_event batch[BATCH];
    uint32_t count;
    if (hws_poll(game->engine, batch, sizeof *batch, BATCH, timeout_ms, &count) != HWS_OK) {
        fprintf(stderr, "%s\n", hws_last_error()->message.ptr);
        exit(1);
    }
    for (uint32_t i = 0; i < count; i++) handle(game, &batch[i]);
}

static void play(struct game *game, uint32_t frames)
{
    int64_t worst = 0, total = 0, next = now_ns();
    while (game->frame < frames && !game->over) {
        int64_t start = now_ns();
        if (game->open) send_state(game);
        poll_events(game, 0);           /* after the send, so that this very frame carries it to the kernel */
        int64_t spent = now_ns() - start;

        total += spent;
        if (spent > worst) worst = spent;
        game->frame++;
        sleep_until(next += FRAME_NS);  /* a real game would draw here */
    }
    if (game->frame == 0) return;
    printf("%u frames: %u states sent, %u dropped, %u came back, the newest after %u frames\n",
           (unsigned)game->frame, game->sent, game->dropped, game->received, (unsigned)game->lag);
    printf("in hawser per frame: %.1f us on average, %.1f us at worst\n",
           (double)total / game->frame / 1e3, (double)worst / 1e3);
}

static int start(struct game *game, const char *uri)
{
    static hws_client_options options;  /* static, so all zero: the default everywhere */
    static hws_limits limits;
    limits.struct_size = sizeof limits;
    limits.send_queue_max = 4096;       /* a few seconds of states; older ones would only be history */
    options.struct_size = sizeof options;
    options.uri.ptr = uri;
    options.uri.len = HWS_NUL_TERMINATED;
    options.limits = &limits;
    return hws_engine_new(NULL, &game->engine) == HWS_OK
        && hws_connect(game->engine, &options, &game->conn) == HWS_OK;
}

int main(int argc, char **argv)
{
    static const hws_str reason = HWS_STR("game over");
    struct game game;
    memset(&game, 0, sizeof game);

    if (!start(&game, argc > 1 ? argv[1] : "ws://127.0.0.1:9001/")) {
        fprintf(stderr, "%s\n", hws_last_error()->message.ptr);
        return 1;
    }
    play(&game, argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 300);

    if (!game.over) hws_close(game.conn, 1000, reason);
    while (!game.over) poll_events(&game, HWS_NEVER); /* the close timeout sees to it that this ends */
    hws_engine_free(game.engine);
    return game.clean ? 0 : 1;
}
