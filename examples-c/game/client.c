/* client -- the game in a window, with SDL2:  client [URL] [--bot] [--frames N] [--picture FILE] [--log FILE]
 *
 * Arrow keys move your square. Each frame sends which keys are down, polls with timeout 0, and draws the newest scene; it waits
 * for the network never. --bot plays by itself; --picture saves the window as BMP after four seconds; --log writes
 * for each frame whether the server was heard of lately, how long the frame and hawser's share of it took, the CPU time of that,
 * and how often it gave the processor up, which is what waiting is.
 */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include "game.h"

#include <SDL.h>
#include <hawser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define BATCH      64
#define STALE_NS   INT64_C(250000000)   /* a server that is silent for so long has stalled */
#define PICTURE_AT 240

struct sample { int live; int64_t frame_ns, hawser_ns, hawser_cpu_ns; long waits; };

struct game {
    hws_engine    engine;
    hws_conn      conn;
    int           open, over, id;       /* id: -1 until the server has said it */
    struct player players[PLAYERS_MAX];
    int           present[PLAYERS_MAX];
    int64_t       heard_ns;             /* when the newest scene came */
    uint8_t       keys;
    long          unsent;
};

struct options { const char *url, *picture, *log; int bot; long frames; };

static const uint8_t colours[PLAYERS_MAX][3] = {
    { 240, 80, 60 }, { 60, 180, 250 }, { 250, 200, 50 }, { 90, 210, 100 }, { 200, 110, 240 }, { 240, 240, 240 },
};

static void fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}

/* -- The network's share of a frame ------------------------------------------------------------------------- */

static void take_scene(struct game *game, const uint8_t *scene, size_t len)
{
    if (len < SCENE_HEAD || len != SCENE_HEAD + scene[5] * (size_t)SCENE_EACH) return; /* never trust what you did not write */
    memset(game->present, 0, sizeof game->present);
    for (const uint8_t *at = scene + SCENE_HEAD; at < scene + len; at += SCENE_EACH) {
        if (at[0] >= PLAYERS_MAX) continue;
        game->present[at[0]] = 1;
        game->players[at[0]].x = (int)get_u16(at + 1);
        game->players[at[0]].y = (int)get_u16(at + 3);
    }
    game->heard_ns = now_ns(CLOCK_MONOTONIC);
}

static void handle(struct game *game, const hws_event *event)
{
    const uint8_t *data = event->data.ptr;
    switch (event->kind) {
    case HWS_EVENT_OPEN:
        game->open = 1;
        break;
    case HWS_EVENT_MESSAGE:
        if (event->data.len == WELCOME_SIZE && data[0] == WELCOME) game->id = data[1];
        else if (event->data.len > 0 && data[0] == SCENE) take_scene(game, data, event->data.len);
        break;
    case HWS_EVENT_RECONNECTING:
        game->open = 0;
        printf("lost: %s\n", event->error->message.ptr);
        break;
    case HWS_EVENT_CLOSE:
    case HWS_EVENT_CONNECT_FAILED:
        printf("%s\n", event->error->message.ptr);
        game->open = 0;
        game->over = 1;
        break;
    }
}

static void network(struct game *game)
{
    static hws_event batch[BATCH];
    uint32_t count;
    /* a full queue is no error here: the next frame says it again, and better */
    if (game->open && hws_send(game->conn, HWS_BINARY, &game->keys, 1, NULL)) game->unsent++;
    if (hws_poll(game->engine, batch, sizeof *batch, BATCH, 0, &count)) fail(hws_last_error()->message.ptr);
    for (uint32_t i = 0; i < count; i++) handle(game, &batch[i]);
}

static void start(struct game *game, const char *url)
{
    static hws_client_options options;  /* static, so all zero: the default everywhere */
    static hws_timers timers;
    static hws_limits limits;
    static hws_compression compression;
    static hws_reconnect reconnect;
    static hws_preset preset;
    timers.struct_size = sizeof timers;
    limits.struct_size = sizeof limits;
    compression.struct_size = sizeof compression;
    reconnect.struct_size = sizeof reconnect;
    preset.struct_size = sizeof preset;
    options.struct_size = sizeof options;
    options.timers = preset.timers = &timers;
    options.limits = preset.limits = &limits;
    options.compression = preset.compression = &compression;
    options.reconnect = preset.reconnect = &reconnect;
    options.uri = hws_cstr(url);
    if (hws_preset_get(hws_cstr("realtime"), &preset)) fail(hws_last_error()->message.ptr);
    limits.send_queue_max = 1024;       /* what waits longer than some frames is history */
    if (hws_engine_new(NULL, &game->engine) || hws_connect(game->engine, &options, &game->conn))
        fail(hws_last_error()->message.ptr);
}

/* -- The player's share ------------------------------------------------------------------------------------- */

static uint8_t keys_down(void)
{
    const Uint8 *down = SDL_GetKeyboardState(NULL);
    return (uint8_t)((down[SDL_SCANCODE_LEFT] ? KEY_LEFT : 0) | (down[SDL_SCANCODE_RIGHT] ? KEY_RIGHT : 0)
                     | (down[SDL_SCANCODE_UP] ? KEY_UP : 0) | (down[SDL_SCANCODE_DOWN] ? KEY_DOWN : 0));
}

/* How often this thread has given the processor up so far. */
static long waits(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

static uint8_t bot_keys(long frame)
{
    return frame / 100 % 2 ? KEY_LEFT : KEY_RIGHT;
}

static void draw(const struct game *game, SDL_Renderer *renderer)
{
    SDL_SetRenderDrawColor(renderer, 16, 24, 48, 255);
    SDL_RenderClear(renderer);
    for (int i = 0; i < PLAYERS_MAX; i++) {
        SDL_Rect square = { game->players[i].x, game->players[i].y, SIDE, SIDE };
        if (!game->present[i]) continue;
        SDL_SetRenderDrawColor(renderer, colours[i][0], colours[i][1], colours[i][2], 255);
        if (i == game->id) SDL_RenderDrawRect(renderer, &(SDL_Rect){ square.x - 2, square.y - 2, SIDE + 4, SIDE + 4 });
        SDL_RenderFillRect(renderer, &square);
    }
}

static void save_picture(SDL_Renderer *renderer, const char *file)
{
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(0, WIDTH, HEIGHT, 32, SDL_PIXELFORMAT_ARGB8888);
    if (!surface || SDL_RenderReadPixels(renderer, NULL, SDL_PIXELFORMAT_ARGB8888, surface->pixels, surface->pitch)
        || SDL_SaveBMP(surface, file))
        fail(SDL_GetError());
    SDL_FreeSurface(surface);
}

/* To an absolute time: what a frame spent on work is not slept again, so sixty a second stay sixty a second. */
static void sleep_until(int64_t ns)
{
    struct timespec then;
    then.tv_sec = (time_t)(ns / 1000000000);
    then.tv_nsec = (long)(ns % 1000000000);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
}

static int wants_to_leave(void)
{
    SDL_Event event;
    while (SDL_PollEvent(&event))
        if (event.type == SDL_QUIT || (event.type == SDL_KEYDOWN && event.key.keysym.sym == SDLK_ESCAPE)) return 1;
    return 0;
}

static void play(struct game *game, const struct options *options, SDL_Renderer *renderer)
{
    struct sample *samples = calloc((size_t)options->frames + 1, sizeof *samples);
    int64_t next = now_ns(CLOCK_MONOTONIC), began = next;
    long frame = 0;
    if (!samples) fail("out of memory");
    while (!game->over && !wants_to_leave() && (options->frames == 0 || frame < options->frames)) {
        game->keys = options->bot ? bot_keys(frame) : keys_down();
        long waited = waits();
        int64_t start = now_ns(CLOCK_MONOTONIC), cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
        network(game);
        cpu = now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
        int64_t end = now_ns(CLOCK_MONOTONIC);
        waited = waits() - waited;

        draw(game, renderer);
        if (options->picture && frame == PICTURE_AT) save_picture(renderer, options->picture);
        SDL_RenderPresent(renderer);
        sleep_until(next += FRAME_NS);

        int64_t now = now_ns(CLOCK_MONOTONIC);
        if (now - next > 10 * FRAME_NS) next = now; /* the machine slept: go on from here */
        if (options->frames)
            samples[frame] = (struct sample){ now - game->heard_ns < STALE_NS, now - began, end - start, cpu, waited };
        began = now;
        frame++;
    }

    FILE *log = options->log ? fopen(options->log, "w") : NULL;
    for (long i = 0; log && i < (options->frames ? frame : 0); i++)
        fprintf(log, "%s %.1f %.1f %.1f %ld\n", samples[i].live ? "live" : "stalled", (double)samples[i].frame_ns / 1e3,
                (double)samples[i].hawser_ns / 1e3, (double)samples[i].hawser_cpu_ns / 1e3, samples[i].waits);
    if (log) fclose(log);
    printf("%ld frames, %ld of them could not be sent\n", frame, game->unsent);
    free(samples);
}

static struct options read_options(int argc, char **argv)
{
    struct options options = { "ws://127.0.0.1:9005/", NULL, NULL, 0, 0 };
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--bot") == 0) options.bot = 1;
        else if (*argv[i] != '-') options.url = argv[i];
        else if (value && ++i && strcmp(argv[i - 1], "--frames") == 0) options.frames = strtol(value, NULL, 10);
        else if (value && strcmp(argv[i - 1], "--picture") == 0) options.picture = value;
        else if (value && strcmp(argv[i - 1], "--log") == 0) options.log = value;
        else fail("usage: client [URL] [--bot] [--frames N] [--picture FILE] [--log FILE]");
    }
    return options;
}

int main(int argc, char **argv)
{
    static const hws_str farewell = HWS_STR("game over");
    struct options options = read_options(argc, argv);
    struct game game;
    memset(&game, 0, sizeof game);
    game.id = -1;

    if (SDL_Init(SDL_INIT_VIDEO)) fail(SDL_GetError());
    SDL_Window *window = SDL_CreateWindow("hawser", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, WIDTH, HEIGHT, 0);
    SDL_Renderer *renderer = window ? SDL_CreateRenderer(window, -1, 0) : NULL;
    if (!renderer) fail(SDL_GetError());

    start(&game, options.url);
    play(&game, &options, renderer);
    int failed = game.over;             /* it should be us who ends it */
    if (!game.over) hws_close(game.conn, 1000, farewell);
    for (int frame = 0; !game.over && frame < 60; frame++) {
        game.open = 0;
        network(&game);
        SDL_Delay(1000 / 60);
    }
    hws_engine_free(game.engine);
    SDL_Quit();
    return failed;
}
