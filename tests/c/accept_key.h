/* accept_key.h -- Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2), made without the library
 * that is under test: SHA-1 (RFC 3174) and base64 of what comes out. */
#ifndef HAWSER_TESTS_ACCEPT_KEY_H
#define HAWSER_TESTS_ACCEPT_KEY_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline uint32_t rotated(uint32_t word, int by)
{
    return word << by | word >> (32 - by);
}

static inline void sha1_block(uint32_t h[5], const uint8_t block[64])
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | block[4 * t + 1] << 16 | block[4 * t + 2] << 8 | block[4 * t + 3];
    for (int t = 16; t < 80; t++) w[t] = rotated(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (int t = 0; t < 80; t++) {
        uint32_t f = t < 20 ? (b & c) | (~b & d) : t < 40 || t >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        uint32_t k = t < 20 ? 0x5A827999 : t < 40 ? 0x6ED9EBA1 : t < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
        uint32_t next = rotated(a, 5) + f + e + w[t] + k;
        e = d, d = c, c = rotated(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* out has room for 29 bytes. */
static inline void accept_key(const char *key, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t h[5] = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 };
    uint8_t text[128] = { 0 }, sum[21] = { 0 };
    int len = snprintf((char *)text, 64, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);

    text[len] = 0x80; /* 60 bytes and the padding: two blocks, the length in bits at the very end */
    text[126] = (uint8_t)(len * 8 >> 8);
    text[127] = (uint8_t)(len * 8);
    sha1_block(h, text);
    sha1_block(h, text + 64);
    for (int i = 0; i < 20; i++) sum[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
    for (int i = 0; i < 27; i++) {
        int bit = 6 * i, at = bit / 8;
        out[i] = digits[(sum[at] << 8 | sum[at + 1]) >> (10 - bit % 8) & 63];
    }
    strcpy(out + 27, "="); /* 20 bytes are 27 digits and one to fill up */
}

#endif
