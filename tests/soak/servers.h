/* The hws_echo that clients talk to: processes, which are killed and come back at the address that they had. */
#ifndef SOAK_SERVERS_H
#define SOAK_SERVERS_H

#include "common.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVERS = 3 };

static struct server { pid_t pid; char address[64]; } servers[SERVERS];
static unsigned long kills;

/* Comes back when it listens. */
static void start(struct server *server, const char *echo)
{
    int out[2];
    char line[128] = "";
    FILE *said;
    if (pipe(out)) fail("pipe");
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], 1);
        close(out[0]), close(out[1]);
        setenv("MALLOC_ARENA_MAX", "1", 1), setenv("MALLOC_TRIM_THRESHOLD_", "65536", 1);
        setenv("MALLOC_MMAP_THRESHOLD_", "65536", 1); /* so that what is freed goes back to the kernel */
        execl(echo, echo, "--quiet", "--bind", *server->address ? server->address : "127.0.0.1:0", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    said = fdopen(out[0], "r");
    if (!said || !fgets(line, sizeof line, said) || sscanf(line, "listening on %63s", server->address) != 1)
        fail("hws_echo does not listen");
    fclose(said);
}

/* Any but the first; `meanwhile` is what must go on until it is dead. */
static void kill_one(const char *echo, void (*meanwhile)(void))
{
    struct server *server = &servers[1 + roll(SERVERS - 1)];
    int64_t patience = now_ms() + 300;
    kill(server->pid, roll(2) ? SIGKILL : SIGTERM);
    while (waitpid(server->pid, NULL, WNOHANG) == 0) { /* a polite one waits for our answers, but not for ever */
        if (now_ms() > patience) kill(server->pid, SIGKILL);
        meanwhile();
    }
    start(server, echo);
    kills++;
}

#endif
