#define _POSIX_C_SOURCE 200809L
#include "wire.h"

#include <errno.h>
#include <openssl/err.h>
#include <unistd.h>

SSL_CTX *tls_context(const SSL_METHOD *method)
{
    SSL_CTX *tls = SSL_CTX_new(method);
    if (!tls || !SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION)) return NULL;
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(tls, 1); /* or OpenSSL would ask the kernel for each record's header alone, then for its body */
    return tls;
}

struct wire wire_new(int fd, SSL_CTX *tls)
{
    struct wire wire = {.fd = fd};
    if (!tls) return wire;
    wire.ssl = SSL_new(tls);
    if (!wire.ssl || !SSL_set_fd(wire.ssl, fd)) abort();
    return wire;
}

/* Why a call of OpenSSL's failed, in the words of read(2). */
static ssize_t reason(SSL *ssl)
{
    int error = SSL_get_error(ssl, 0);
    ERR_clear_error(); /* the queue is the thread's, and the next connection must not find our error in it */
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) errno = EAGAIN;
    else if (error != SSL_ERROR_SYSCALL) errno = EPROTO;
    return -1;
}

ssize_t wire_read(const struct wire *wire, void *to, size_t capacity)
{
    if (!wire->ssl) return read(wire->fd, to, capacity);
    size_t have = 0, got;
    do {
        if (!SSL_read_ex(wire->ssl, (char *)to + have, capacity - have, &got)) {
            ssize_t why = reason(wire->ssl);
            return have ? (ssize_t)have : why; /* an end or an error shows again at the next call */
        }
        have += got;
    } while (have < capacity && SSL_has_pending(wire->ssl));
    return (ssize_t)have;
}

ssize_t wire_write(const struct wire *wire, const void *from, size_t length)
{
    if (!wire->ssl) return write(wire->fd, from, length);
    size_t done = 0, put;
    while (done < length) {
        if (!SSL_write_ex(wire->ssl, (const char *)from + done, length - done, &put)) {
            ssize_t why = reason(wire->ssl);
            return done ? (ssize_t)done : why;
        }
        done += put;
    }
    return (ssize_t)done;
}

void wire_end(const struct wire *wire)
{
    if (!wire->ssl) return;
    SSL_shutdown(wire->ssl);
    ERR_clear_error();
}

void wire_close(struct wire *wire)
{
    SSL_free(wire->ssl);
    close(wire->fd);
}
