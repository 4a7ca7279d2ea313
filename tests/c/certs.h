/* certs.h -- what tests/certs has made, as the library wants to be told of it. */
#ifndef HAWSER_TESTS_CERTS_H
#define HAWSER_TESTS_CERTS_H

#include <hawser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path of a file; lives as long as the program. */
static inline const char *cert_path(const char *file)
{
    const char *directory = getenv("HAWSER_TEST_CERTS");
    char *path = malloc((directory ? strlen(directory) : 0) + strlen(file) + 2);
    if (!directory || !path) {
        fputs("HAWSER_TEST_CERTS must be the directory that tests/certs has filled\n", stderr);
        exit(2);
    }
    sprintf(path, "%s/%s", directory, file);
    return path;
}

static inline hws_str cert_file(const char *name, const char *ending)
{
    char file[64];
    snprintf(file, sizeof file, "%s%s", name, ending);
    return hws_cstr(cert_path(file));
}

/* A certificate of tests/certs, with its chain and key. */
static inline hws_certificate identity(const char *name)
{
    hws_certificate it;
    memset(&it, 0, sizeof it);
    it.cert_file = cert_file(name, ".pem");
    it.key_file = cert_file(name, ".key");
    return it;
}

static inline hws_tls no_tls(void)
{
    hws_tls it;
    memset(&it, 0, sizeof it);
    it.struct_size = sizeof it;
    return it;
}

/* Shows a certificate. */
static inline hws_tls shows(const char *name)
{
    hws_tls it = no_tls();
    it.certificate = identity(name);
    return it;
}

/* Trusts a root, "ca" or "other-ca". */
static inline hws_tls trusts(const char *root)
{
    hws_tls it = no_tls();
    it.ca_file = cert_file(root, ".pem");
    return it;
}

#endif
