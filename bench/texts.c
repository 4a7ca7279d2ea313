#include "texts.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FLUSH_END = 4 }; /* 00 00 ff ff, which a sender leaves out (RFC 7692 section 7.2.1) */

static uint32_t random_state;

/* xorshift: not good numbers, but the same everywhere. */
static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

static const char *one_of(const char *const *names, uint32_t count)
{
    return names[random_below(count)];
}
#define ONE_OF(names) one_of(names, sizeof names / sizeof *names)

/* What such messages are made of: the same keys over and over, some words, and numbers that nobody can foresee. */
static size_t put_record(char *at, size_t room, unsigned number)
{
    static const char *const symbols[] = {"EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "NZDUSD", "USDCAD", "EURGBP"};
    static const char *const sides[] = {"buy", "sell"};
    static const char *const venues[] = {"London", "Frankfurt", "Singapore", "New York"};
    static const char *const states[] = {"open", "filled", "partially filled", "cancelled"};
    /* One by one: C does not say in which order arguments are evaluated. */
    const char *symbol = ONE_OF(symbols), *side = ONE_OF(sides), *venue = ONE_OF(venues), *state = ONE_OF(states);
    unsigned price = 10000 + random_below(10000), quantity = 100 + 100 * random_below(50), milliseconds = random_below(1000);
    uint32_t client = random_below(UINT32_MAX), account = random_below(UINT32_MAX);
    int length = snprintf(at, room,
                          "{\"order\":%u,\"client\":\"%08x%08x\",\"symbol\":\"%s\",\"side\":\"%s\",\"price\":%u.%04u,"
                          "\"quantity\":%u,\"venue\":\"%s\",\"state\":\"%s\",\"time\":17000%05u%03u},",
                          700000 + number, client, account, symbol, side, price / 10000, price % 10000, quantity, venue,
                          state, number, milliseconds);
    return (size_t)length;
}

/* As many records as there is room for, and dots behind them. */
static void put_text(unsigned char *to, size_t size, unsigned *number)
{
    static const char begin[] = "{\"orders\":[", end[] = "],\"rest\":\"";
    char record[256];
    size_t at = sizeof begin - 1;
    const size_t last = sizeof end - 1 + 2;
    memcpy(to, begin, at);
    for (;;) {
        size_t length = put_record(record, sizeof record, *number);
        if (at + length + last > size) break;
        memcpy(to + at, record, length);
        at += length;
        ++*number;
    }
    if (to[at - 1] == ',') at--;
    memcpy(to + at, end, sizeof end - 1);
    at += sizeof end - 1;
    memset(to + at, '.', size - at);
    memcpy(to + size - 2, "\"}", 2);
}

static bool pack(z_stream *stream, struct text *text, size_t size)
{
    size_t room = deflateBound(stream, size) + 16;
    text->packed = malloc(room);
    if (!text->packed) return false;
    stream->next_in = text->plain;
    stream->avail_in = (uInt)size;
    stream->next_out = text->packed;
    stream->avail_out = (uInt)room;
    if (deflate(stream, Z_SYNC_FLUSH) != Z_OK || stream->avail_in || !stream->avail_out) return false;
    text->packed_length = room - stream->avail_out - FLUSH_END;
    return true;
}

struct text *make_texts(unsigned count, size_t size, unsigned run)
{
    struct text *texts = calloc(count, sizeof *texts);
    z_stream stream = {0};
    unsigned number = 0;
    random_state = 2463534242u;
    if (!texts) return NULL;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -TEXT_WINDOW_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return NULL;
    for (unsigned i = 0; i < count; i++) {
        texts[i].plain = malloc(size);
        if (!texts[i].plain) return NULL;
        put_text(texts[i].plain, size, &number);
        if (i % run == 0) deflateReset(&stream);
        if (!pack(&stream, &texts[i], size)) return NULL;
    }
    deflateEnd(&stream);
    return texts;
}
