/* texts: the messages of the deflate part, the same in every run and for every server. */
#ifndef TEXTS_H
#define TEXTS_H

#include <stddef.h>

/* A client that says it can keep any window is usually asked to keep a small one. This one always keeps 2^12 bytes, so
 * that all servers get the same bytes; the level and the memory are zlib's defaults, which most clients leave alone. */
enum { TEXT_WINDOW_BITS = 12 };

/* Shorter ones are no JSON, and servers need not compress them. */
enum { TEXT_MIN = 128 };

struct text {
    unsigned char *plain;  /* JSON, so many bytes as were asked for */
    unsigned char *packed; /* the same as a message of permessage-deflate */
    size_t packed_length;
};

/* So many texts that follow one another. Each may refer to those before it, except that the first, and then one of every
 * `run`, refers to nothing: there a connection may begin, and the first may follow the last. A run of 1 is no takeover.
 * `size` is TEXT_MIN or more. NULL if there is no memory. */
struct text *make_texts(unsigned count, size_t size, unsigned run);

#endif
