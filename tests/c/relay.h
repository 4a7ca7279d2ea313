/* relay.h -- a wire that can be cut: a thread that carries bytes between a client and a server, and notes how long the
 * records of TLS are that pass. */
#ifndef RELAY_H
#define RELAY_H

#include "raw.h"
#include <poll.h>

/* One direction: where the record that is passing ends, and how long the last one was. */
typedef struct direction {
    unsigned char head[5];
    size_t have, rest, last;
} direction;

typedef struct relay {
    int listener, cutter[2];
    uint16_t port, target;
    direction there, back;
    pthread_t thread;
} relay;

UNUSED static void note(direction *it, const unsigned char *bytes, size_t len)
{
    while (len) {
        size_t some = it->rest < len ? it->rest : len;
        if (!some) {
            it->head[it->have++] = *bytes;
            some = 1;
            if (it->have == 5) {
                it->last = it->rest = (size_t)it->head[3] << 8 | it->head[4];
                it->have = 0;
            }
        } else {
            it->rest -= some;
        }
        bytes += some;
        len -= some;
    }
}

/* Carries what there is; 0 at the end of that direction. */
UNUSED static int carry(int from, int to, direction *it)
{
    unsigned char bytes[16384];
    ssize_t len = recv(from, bytes, sizeof bytes, 0);
    if (len <= 0) {
        shutdown(to, SHUT_WR);
        return 0;
    }
    note(it, bytes, (size_t)len);
    raw_write(to, bytes, (size_t)len);
    return 1;
}

UNUSED static void *relay_work(void *argument)
{
    relay *it = argument;
    int client = accept(it->listener, NULL, NULL), server = raw_connect(it->target, 0), open = 2;
    EXPECT(client >= 0);
    struct pollfd fds[3] = { { client, POLLIN, 0 }, { server, POLLIN, 0 }, { it->cutter[0], POLLIN, 0 } };
    while (open) {
        EXPECT(poll(fds, 3, -1) > 0);
        if (fds[2].revents) break;
        if (fds[0].revents && !carry(client, server, &it->there)) open--, fds[0].fd = -1;
        if (fds[1].revents && !carry(server, client, &it->back)) open--, fds[1].fd = -1;
    }
    close(client);
    close(server);
    return NULL;
}

/* Waits for one client and connects it to a server. */
UNUSED static void relay_start(relay *it, uint16_t target)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    memset(it, 0, sizeof *it);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    it->target = target;
    EXPECT((it->listener = socket(AF_INET, SOCK_STREAM, 0)) >= 0 && !pipe(it->cutter));
    EXPECT(!bind(it->listener, (struct sockaddr *)&address, sizeof address) && !listen(it->listener, 1));
    EXPECT(!getsockname(it->listener, (struct sockaddr *)&address, &len));
    it->port = ntohs(address.sin_port);
    it->thread = go(relay_work, it);
}

/* The wire is no more: both ends see TCP end, and nothing else. */
UNUSED static void relay_cut(relay *it)
{
    EXPECT(write(it->cutter[1], "x", 1) == 1);
    done(it->thread);
}

#endif
