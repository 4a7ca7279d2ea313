/* openssl.h -- a TLS server that answers every request with the same bytes, for what a server of ours never says:
 * the command `openssl s_server`, which ends with this program. */
#ifndef HAWSER_TESTS_OPENSSL_H
#define HAWSER_TESTS_OPENSSL_H

#include "certs.h"
#include "check.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t openssl_server;
static char openssl_directory[] = "/tmp/hawser-openssl-XXXXXX";

static void openssl_end(void)
{
    kill(openssl_server, SIGKILL);
    waitpid(openssl_server, NULL, 0);
    if (!chdir(openssl_directory)) unlink("answer");
    rmdir(openssl_directory);
}

/* Which port, as it says on its standard output: "ACCEPT 127.0.0.1:40213". */
static uint16_t openssl_port(int output)
{
    char line[128];
    FILE *stream = fdopen(output, "r");
    CHECK(stream);
    while (fgets(line, sizeof line, stream))
        if (!strncmp(line, "ACCEPT ", 7) && strchr(line, ':')) return (uint16_t)atoi(strrchr(line, ':') + 1);
    fail(__FILE__, __LINE__, "openssl s_server does not listen");
    return 0;
}

/* Serves "/answer" with a certificate of tests/certs; gives its port. */
static uint16_t openssl_serve(const char *name, const char *answer)
{
    hws_certificate shown = identity(name);
    int output[2];
    SYS(pipe(output));
    CHECK(mkdtemp(openssl_directory));
    if ((openssl_server = SYS(fork())) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (chdir(openssl_directory) || dup2(output[1], 1) < 0) _exit(127);
        execlp("openssl", "openssl", "s_server", "-HTTP", "-accept", "127.0.0.1:0", "-cert", shown.cert_file.ptr,
               "-cert_chain", shown.cert_file.ptr, "-key", shown.key_file.ptr, (char *)NULL);
        _exit(127);
    }
    atexit(openssl_end);
    SYS(close(output[1]));
    char path[sizeof openssl_directory + 8];
    sprintf(path, "%s/answer", openssl_directory);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(answer, file) >= 0 && !fclose(file));
    return openssl_port(output[0]);
}

#endif
