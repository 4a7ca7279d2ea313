/* wire: bytes through a socket, or through TLS on it. The floor and the load generator share it; hawser does not. */
#ifndef WIRE_H
#define WIRE_H

#include <openssl/ssl.h>
#include <sys/types.h>

struct wire {
    int fd;
    SSL *ssl; /* NULL: no TLS */
};

/* TLS 1.3 with the settings of either side; NULL if OpenSSL refuses them. */
SSL_CTX *tls_context(const SSL_METHOD *method);

/* Puts TLS on a connected socket; the caller says whether it accepts or connects. */
struct wire wire_new(int fd, SSL_CTX *tls);

/* As read(2) and write(2): what there was, 0 at the peer's end, -1 with errno, which is EAGAIN if it is not over yet.
 * Under TLS one call reads all records that came together and writes as many as the socket takes. */
ssize_t wire_read(const struct wire *wire, void *to, size_t capacity);
ssize_t wire_write(const struct wire *wire, const void *from, size_t length);

/* Says goodbye in TLS if there is any. The socket stays open. */
void wire_end(const struct wire *wire);
void wire_close(struct wire *wire);

#endif
