/* resolver.h -- a getaddrinfo of our own, which takes the place of the system's in the whole process: no test asks a
 * real name server, and one can wait for an answer that does not come. */
#ifndef HAWSER_TESTS_RESOLVER_H
#define HAWSER_TESTS_RESOLVER_H

#include "peer.h"
#include <netdb.h>

/* A name under RFC 2606's .invalid for each thing that can happen. */
#define NOBODY "nobody.invalid" /* does not exist */
#define SILENT "silent.invalid" /* no answer before silence_ends() */
#define BROKEN "broken.invalid" /* the resolver cannot even ask */
#define MANY   "many.invalid"   /* has the addresses of many_addresses, like everything below it */

static const char *const *many_addresses; /* ends in NULL; also those of names with a zone */
static char last_asked[512];              /* the name that somebody wanted to know last */
static int silence[2] = { -1, -1 };

static inline void silence_begins(void)
{
    SYS(pipe(silence));
}

static inline void silence_ends(void)
{
    SYS(close(silence[1]));
}

static inline struct addrinfo *resolved(const char *address, const char *port, struct addrinfo *next)
{
    struct { struct addrinfo info; union { struct sockaddr_in v4; struct sockaddr_in6 v6; } address; } *it;
    CHECK(it = calloc(1, sizeof *it));
    it->info.ai_family = strchr(address, ':') ? AF_INET6 : AF_INET;
    if (it->info.ai_family == AF_INET) {
        it->address.v4 = loopback((uint16_t)atoi(port ? port : "0"));
        CHECK_INT(inet_pton(AF_INET, address, &it->address.v4.sin_addr), 1);
        it->info.ai_addrlen = sizeof it->address.v4;
    } else {
        it->address.v6.sin6_family = AF_INET6;
        it->address.v6.sin6_port = htons((uint16_t)atoi(port ? port : "0"));
        CHECK_INT(inet_pton(AF_INET6, address, &it->address.v6.sin6_addr), 1);
        it->info.ai_addrlen = sizeof it->address.v6;
    }
    it->info.ai_socktype = SOCK_STREAM;
    it->info.ai_addr = (struct sockaddr *)&it->address;
    it->info.ai_next = next;
    return &it->info;
}

/* A name, or one below it; a dot behind it changes nothing. */
static inline int is_below(const char *name, const char *of)
{
    size_t len = strlen(name), tail = strlen(of);
    len -= len && name[len - 1] == '.';
    return len >= tail && !memcmp(name + len - tail, of, tail);
}

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **out)
{
    char nothing;
    size_t count = 0;
    (void)hints;
    snprintf(last_asked, sizeof last_asked, "%s", name);
    if (is_below(name, SILENT)) CHECK_INT(read(silence[0], &nothing, 1), 0);
    if (!strcmp(name, BROKEN)) return errno = EIO, EAI_SYSTEM;
    if (!is_below(name, MANY) && !strchr(name, '%')) return EAI_NONAME;
    for (*out = NULL; many_addresses[count];) count++;
    while (count) *out = resolved(many_addresses[--count], port, *out);
    return 0;
}

void freeaddrinfo(struct addrinfo *it)
{
    while (it) {
        struct addrinfo *next = it->ai_next;
        free(it);
        it = next;
    }
}

#endif
