/* Memory, to the byte, and descriptors: what they are, and whether they grew. */
#ifndef SOAK_FIGURES_H
#define SOAK_FIGURES_H

#include "common.h"

#include <dirent.h>
#include <unistd.h>

struct figures { long bytes, fds, server_rss, server_fds; };

static long allocated;

static void *counting_alloc(size_t size, size_t align, void *user)
{
    (void)user;
    __atomic_add_fetch(&allocated, (long)size, __ATOMIC_RELAXED);
    return align <= 16 ? malloc(size) : aligned_alloc(align, (size + align - 1) / align * align);
}

static void counting_free(void *at, size_t size, size_t align, void *user)
{
    (void)align, (void)user;
    __atomic_sub_fetch(&allocated, (long)size, __ATOMIC_RELAXED);
    free(at);
}

static void *counting_realloc(void *at, size_t old_size, size_t align, size_t new_size, void *user)
{
    void *to = counting_alloc(new_size, align, user);
    memcpy(to, at, old_size < new_size ? old_size : new_size);
    counting_free(at, old_size, align, user);
    return to;
}

static void count_memory(void)
{
    const hws_allocator allocator = { .struct_size = sizeof allocator, .alloc = counting_alloc, .realloc = counting_realloc,
                                      .free = counting_free };
    OK(hws_set_allocator(&allocator));
}

static long rss_of(pid_t pid)
{
    char path[64];
    long size, resident = 0;
    FILE *file;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    if (!(file = fopen(path, "r")) || fscanf(file, "%ld %ld", &size, &resident) != 2) fail(path);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static long fds_of(pid_t pid)
{
    char path[64];
    long count = 0;
    DIR *directory;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    if (!(directory = opendir(path))) fail(path);
    while (readdir(directory)) count++;
    closedir(directory);
    return count - 2 - (pid == getpid());
}

static struct figures measure(pid_t server)
{
    return (struct figures){ __atomic_load_n(&allocated, __ATOMIC_SEQ_CST), fds_of(getpid()), rss_of(server), fds_of(server) };
}

/* The most that was measured in some rounds. */
static struct figures most(const struct figures *measured, int from, int to)
{
    struct figures most = { 0 };
    for (; from < to; from++) {
        const struct figures *is = &measured[from];
        if (is->bytes > most.bytes) most.bytes = is->bytes;
        if (is->fds > most.fds) most.fds = is->fds;
        if (is->server_rss > most.server_rss) most.server_rss = is->server_rss;
        if (is->server_fds > most.server_fds) most.server_fds = is->server_fds;
    }
    return most;
}

/* Tables that have room for the most there ever was are no leak, nor are pages that an allocator keeps. The table of an
 * engine's connections doubles, and is a third of what there is at rest; one byte a connection would still be noticed. */
static int grew(const char *what, long first, long last, long slack)
{
    printf("%-22s first minute %7ld, last minute %7ld: %s\n", what, first, last, last > first + slack ? "GREW" : "flat");
    return last > first + slack;
}

static int judge(const struct figures *measured, int rounds)
{
    int minute = rounds >= 12 ? 6 : (rounds + 1) / 2, bad = 0;
    struct figures first = most(measured, 0, minute), last = most(measured, rounds - minute, rounds);
    bad |= grew("bytes allocated here", first.bytes, last.bytes, first.bytes / 2);
    bad |= grew("descriptors here", first.fds, last.fds, 0);
    bad |= grew("the server's RSS, KiB", first.server_rss, last.server_rss, first.server_rss / 4 + 4096);
    bad |= grew("its descriptors", first.server_fds, last.server_fds, 0);
    return bad;
}

#endif
