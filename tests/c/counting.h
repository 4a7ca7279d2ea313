/* An allocator that counts what the library has, on whichever thread. */
#ifndef COUNTING_H
#define COUNTING_H

#include "expect.h"

/* Taken so far, whether they came back or not; and bytes that have not come back. */
static long pieces, bytes;

static void *count_alloc(size_t size, size_t align, void *user)
{
    void *at = NULL;
    (void)user;
    __atomic_add_fetch(&pieces, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&bytes, (long)size, __ATOMIC_SEQ_CST);
    return posix_memalign(&at, align < sizeof at ? sizeof at : align, size) ? NULL : at;
}

static void count_free(void *at, size_t size, size_t align, void *user)
{
    (void)align, (void)user;
    __atomic_sub_fetch(&bytes, (long)size, __ATOMIC_SEQ_CST);
    free(at);
}

static void *count_realloc(void *at, size_t old, size_t align, size_t size, void *user)
{
    void *to = count_alloc(size, align, user);
    memcpy(to, at, old < size ? old : size);
    count_free(at, old, align, user);
    return to;
}

/* Before anything else is called. */
static void count_memory(void)
{
    const hws_allocator allocator = { .struct_size = sizeof allocator,
                                      .alloc = count_alloc, .realloc = count_realloc, .free = count_free };
    OK(hws_set_allocator(&allocator));
}

#endif
