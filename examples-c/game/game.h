/* game.h -- what the server and the clients of the game agree on. README.md has it in words. */
#ifndef HAWSER_EXAMPLES_GAME_H
#define HAWSER_EXAMPLES_GAME_H

#include <stdint.h>
#include <time.h>

enum { WIDTH = 320, HEIGHT = 240, SIDE = 24, SPEED = 2, PLAYERS_MAX = 6 };
enum { KEY_LEFT = 1, KEY_RIGHT = 2, KEY_UP = 4, KEY_DOWN = 8 };

/* From the server: WELCOME id; SCENE tick[4] count, then id x[2] y[2] of each. From a client: the keys that are down. */
enum { WELCOME = 'W', SCENE = 'S' };
enum { WELCOME_SIZE = 2, SCENE_HEAD = 6, SCENE_EACH = 5, SCENE_MAX = SCENE_HEAD + PLAYERS_MAX * SCENE_EACH };

#define FRAME_NS (INT64_C(1000000000) / 60)

struct player { int x, y; };

/* Network byte order, since the other end may be any machine. */
static inline void put_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value >> 16);
    put_u16(at + 2, value & 0xFFFF);
}

static inline unsigned get_u16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static inline int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
