/* provoke_tls.c -- TLS that does not come about: certificates, alerts, whatever else is said instead of TLS, and what
 * no TLS can be made with. Both ends are the library where a peer has to know TLS, else bytes are said by hand. */
#include "certs.h"
#include "fields.h"
#include "provoke.h"

static hws_tls server_tls, client_tls;
static uint32_t least_version; /* for clients */

static const hws_error_info *kept(const hws_error_info *error)
{
    hws_error keeper;
    const hws_error_info *copy;
    OK(hws_error_keep(error, &keeper));
    OK(hws_error_get(keeper, &copy));
    return copy;
}

static void check_fields(const hws_error_info *error, const char *want)
{
    const char *got = fields(error);
    if (strcmp(got, want)) fail(__FILE__, __LINE__, "the fields are\n    %s\nnot\n    %s", got, want);
}

static void check_detail(const hws_error_info *error, const char *want)
{
    if (!strstr(error->detail.ptr, want))
        fail(__FILE__, __LINE__, "the detail is \"%s\", without \"%s\"", error->detail.ptr, want);
}

/* A server and a client that would understand each other. */
static void dress(void)
{
    server_tls = shows("ecdsa");
    server.tls = &server_tls;
    client_tls = trusts("ca");
    client_tls.min_version = least_version;
    client.tls = &client_tls;
}

/* -- Both ends ours ----------------------------------------------------------------------------------------- */

struct failures { const hws_error_info *client, *server; };

/* A client and a server of ours fail to meet; both say so, whoever is first. */
static struct failures miss_each_other(const char *scheme)
{
    struct failures they = { NULL, NULL };
    hws_listener listener;
    hws_conn conn;
    char uri[64];

    OK(hws_listen(engine, &server, &listener));
    snprintf(uri, sizeof uri, "%s://127.0.0.1:%u/", scheme, port_of_listener(listener));
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &conn));
    while (!they.client || !they.server) {
        if (!held && !poll_engine(PATIENCE_MS)) fail(__FILE__, __LINE__, "somebody has not failed");
        held = 0;
        if (event.kind == HWS_EVENT_CONNECT_FAILED) {
            CHECK_INT(event.conn.id, conn.id);
            CHECK_TEXT(event.error->uri, uri);
            they.client = kept(event.error);
        } else {
            CHECK_INT(event.kind, HWS_EVENT_ACCEPT_FAILED);
            CHECK_INT(event.listener.id, listener.id);
            CHECK(strstr(event.error->peer.ptr, "127.0.0.1:"));
            they.server = kept(event.error);
        }
    }
    return they;
}

/* One side shows a certificate that the other does not like, and tells why with an alert. */
struct shown {
    const char *identity;
    const char *detail;
    unsigned alert;
    const char *root;        /* whom the other side trusts; NULL: as it is without being told */
    const char *server_name; /* what the client looks for */
};

static struct failures refuse_server(const struct shown *it)
{
    dress();
    server_tls = shows(it->identity);
    client_tls = it->root ? trusts(it->root) : no_tls();
    client_tls.server_name = hws_cstr(it->server_name);
    return miss_each_other("wss");
}

static struct failures refuse_client(const struct shown *it)
{
    dress();
    server_tls.client_auth = HWS_CLIENT_AUTH_REQUIRED;
    server_tls.ca_file = cert_file(it->root, ".pem");
    if (it->identity) client_tls.certificate = identity(it->identity);
    return miss_each_other("wss");
}

static void check_alert(const hws_error_info *error, unsigned number)
{
    char want[64];
    snprintf(want, sizeof want, "tls retryable=1 tls_alert=%u", number + 1);
    CHECK_INT(error->status, HWS_ERR_TLS_ALERT);
    check_fields(error, want);
    CHECK(error->detail.len);
}

static void check_certificate(const hws_error_info *error, const char *detail)
{
    CHECK_INT(error->status, HWS_ERR_TLS_CERTIFICATE);
    check_fields(error, "tls");
    check_detail(error, detail);
}

/* The error of whoever was shown the certificate. */
static const hws_error_info *does_not_like(enum role role, const void *row)
{
    const struct shown *it = row;
    int by_client = role == AS_CLIENT;
    struct failures they = by_client ? refuse_server(it) : refuse_client(it);
    check_certificate(by_client ? they.client : they.server, it->detail);
    check_alert(by_client ? they.server : they.client, it->alert);
    return by_client ? they.client : they.server;
}

/* The error of whoever has shown it. */
static const hws_error_info *is_not_liked(enum role role, const void *row)
{
    const struct shown *it = row;
    struct failures they = role == AS_CLIENT ? refuse_client(it) : refuse_server(it);
    return role == AS_CLIENT ? they.client : they.server;
}

/* Both list protocols, and have none in common. */
static const hws_error_info *no_protocol_in_common(enum role role, const void *row)
{
    static const hws_str here = HWS_STR("http/1.1"), there = HWS_STR("mqtt");
    (void)row;
    dress();
    server_tls.alpn = &here, server_tls.alpn_count = 1;
    client_tls.alpn = &there, client_tls.alpn_count = 1;
    struct failures they = miss_each_other("wss");
    CHECK_INT(they.server->status, HWS_ERR_TLS_PROTOCOL);
    check_detail(they.server, "ALPN");
    check_alert(they.client, 120);
    return role == AS_SERVER ? they.server : they.client;
}

/* Somebody forgot an s, or wrote one too many. The plain side hears garbage and says what it thinks of it, in HTTP. */
static const hws_error_info *plain_client(enum role role, const void *row)
{
    (void)role, (void)row;
    dress();
    client.tls = NULL;
    struct failures they = miss_each_other("ws");
    CHECK(hws_status_is_a(they.client->status, HWS_ERR_HANDSHAKE) ||
          hws_status_is_a(they.client->status, HWS_ERR_NETWORK));
    return they.server;
}

static const hws_error_info *plain_server(enum role role, const void *row)
{
    hws_timers soon = { 0 };
    (void)role, (void)row;
    dress();
    server.tls = NULL;
    soon.struct_size = sizeof soon;
    soon.open_ms = SOON_MS; /* there may be no line end in a ClientHello to judge it by */
    server.timers = &soon;
    return miss_each_other("wss").client;
}

/* -- Bytes by hand ------------------------------------------------------------------------------------------ */

/* TCP is up. The library knows TLS, and a client has begun: its ClientHello is read. */
static struct link meet_in_tls(enum role role)
{
    struct link link = { role, { 0 }, { 0 }, -1 };
    static char uri[64], hello[1 << 14];
    uint8_t head[5];
    dress();
    if (role == AS_SERVER) return meet(role);
    int listener = peer_listen(1);
    snprintf(uri, sizeof uri, "wss://127.0.0.1:%u/", port_of(listener));
    client.uri = hws_cstr(uri);
    OK(hws_connect(engine, &client, &link.conn));
    link.peer = peer_accept(listener);
    SYS(close(listener));
    peer_read_all(link.peer, head, sizeof head);
    CHECK_INT(head[0], 22);
    peer_read_all(link.peer, hello, (size_t)head[3] << 8 | head[4]);
    return link;
}

static const hws_error_info *failure_of(const struct link *link)
{
    const hws_event *failed =
        expect(link->role == AS_CLIENT ? HWS_EVENT_CONNECT_FAILED : HWS_EVENT_ACCEPT_FAILED);
    CHECK_INT(link->role == AS_CLIENT ? failed->conn.id : failed->listener.id,
              link->role == AS_CLIENT ? link->conn.id : link->listener.id);
    return failed->error;
}

struct said {
    const char *bytes;
    size_t len;
    const char *detail;
    const char *fields;
    int end; /* and nothing more */
};

static const hws_error_info *says_something_else(enum role role, const void *row)
{
    const struct said *it = row;
    struct link link = meet_in_tls(role);
    peer_send(link.peer, it->bytes, it->len);
    if (it->end) peer_half_close(link.peer);
    const hws_error_info *error = failure_of(&link);
    check_detail(error, it->detail);
    check_fields(error, it->fields);
    if (error->cause) CHECK_INT(error->cause->status, HWS_ERR_UNEXPECTED_EOF);
    return error;
}

/* A client that is told which version the server does not like; the server that is spoken to in an old one says so. */
static const hws_error_info *client_of_yesterday(enum role role, const void *row)
{
    static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 70 };
    uint8_t answer[sizeof alert];
    (void)row;
    /* no session, one cipher suite, no compression, one signature algorithm */
    static const uint8_t tail[] = { 0, 0, 2, 0, 47, 1, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3 };
    uint8_t hello[5 + 4 + 2 + 32 + sizeof tail] = { 22, 3, 1, 0, 55, 1, 0, 0, 51, 3, 1 };
    memcpy(hello + 5 + 4 + 2 + 32, tail, sizeof tail);
    struct link link = meet_in_tls(role);
    peer_send(link.peer, hello, sizeof hello);
    peer_read_all(link.peer, answer, sizeof answer);
    CHECK(!memcmp(answer + 1, alert + 1, sizeof alert - 1) && answer[0] == alert[0]);
    const hws_error_info *error = failure_of(&link);
    check_detail(error, "no version of TLS in common");
    return error;
}

struct hello { uint32_t version, wanted; }; /* what the server speaks, what is the least for the client */

static const hws_error_info *server_of_yesterday(enum role role, const void *row)
{
    const struct hello *it = row;
    uint8_t hello[5 + 4 + 2 + 32 + 1 + 2 + 1] = { 22, 3, 3, 0, 42, 2, 0, 0, 38, 3, (uint8_t)it->version };
    memcpy(hello + sizeof hello - 3, "\xc0\x2b", 2); /* ECDHE-ECDSA with AES-128-GCM */
    least_version = it->wanted;
    struct link link = meet_in_tls(role);
    peer_send(link.peer, hello, sizeof hello);
    const hws_error_info *error = failure_of(&link);
    check_detail(error, "no version of TLS in common");
    return error;
}

struct alert { uint8_t level, number; const char *name; };

static const hws_error_info *alerted(enum role role, const void *row)
{
    const struct alert *it = row;
    const uint8_t record[] = { 21, 3, 3, 0, 2, it->level, it->number };
    struct link link = meet_in_tls(role);
    peer_send(link.peer, record, sizeof record);
    const hws_error_info *error = failure_of(&link);
    check_alert(error, it->number);
    check_detail(error, it->name);
    return error;
}

/* -- Too slow ----------------------------------------------------------------------------------------------- */

static const hws_error_info *check_timeout(const hws_error_info *error)
{
    char want[64];
    snprintf(want, sizeof want, "tls retryable=1 timeout_ms=%d", SOON_MS);
    check_fields(error, want);
    return error;
}

static const hws_error_info *half_a_record(enum role role, const void *row)
{
    const struct said *it = row;
    timers.open_ms = SOON_MS;
    struct link link = meet_in_tls(role);
    peer_send(link.peer, it->bytes, it->len);
    return check_timeout(failure_of(&link));
}

/* A record that is on its way for ever: the deadline is absolute. */
static const hws_error_info *drips(enum role role, const void *row)
{
    static const uint8_t head[] = { 22, 3, 3, 63, 255 };
    (void)row;
    timers.open_ms = SOON_MS;
    struct link link = meet_in_tls(role);
    peer_send(link.peer, head, sizeof head);
    while (!held && !(held = (int)poll_engine(1))) peer_send(link.peer, "\1", 1);
    return check_timeout(failure_of(&link));
}

/* -- What no TLS can be made with --------------------------------------------------------------------------- */

/* Options that are refused: by hws_connect if the library is a client, by hws_listen if it is a server. */
struct unusable {
    const char *cert, *key, *ca; /* files */
    const char *detail;
    int os_error;
    hws_tls tls;                 /* everything else */
};

static void put_files(hws_tls *tls, const struct unusable *it)
{
    tls->struct_size = sizeof *tls;
    if (it->cert) tls->certificate.cert_file = cert_file(it->cert, "");
    if (it->key) tls->certificate.key_file = cert_file(it->key, "");
    if (it->ca) tls->ca_file = cert_file(it->ca, "");
}

static const hws_error_info *unusable(enum role role, const void *row)
{
    const struct unusable *it = row;
    hws_listener listener = { 7 };
    hws_conn conn = { 7 };
    hws_tls tls = it->tls;
    put_files(&tls, it);
    client.tls = server.tls = &tls;
    client.uri = hws_cstr("wss://127.0.0.1:9/");
    const hws_error_info *error = REFUSED(role == AS_CLIENT ? hws_connect(engine, &client, &conn)
                                                            : hws_listen(engine, &server, &listener));
    CHECK_INT(conn.id, 7);
    CHECK_INT(listener.id, 7);
    CHECK_INT(error->os_error, it->os_error);
    check_detail(error, it->detail);
    expect_nothing();
    return error;
}

enum { HUGE = 50 << 20 };

/* What is far too large to be any certificate's is refused by its size, in memory as in a file. */
static const hws_error_info *huge_pem(enum role role, const void *row)
{
    struct unusable it = { .detail = "larger than any PEM" };
    uint8_t *pem = malloc(HUGE);
    (void)row;
    CHECK(pem);
    memset(pem, '\n', HUGE);
    it.tls.ca_pem.ptr = pem, it.tls.ca_pem.len = HUGE;
    const hws_error_info *error = unusable(role, &it);
    CHECK(error->max_size > 0 && error->max_size < HUGE);
    free(pem);
    return error;
}

static const hws_error_info *huge_file(enum role role, const void *row)
{
    struct unusable it = { .detail = "larger than any PEM" };
    char path[] = "/tmp/hawser-pem-XXXXXX";
    int fd = SYS(mkstemp(path));
    (void)row;
    SYS(ftruncate(fd, HUGE));
    it.tls.ca_file = hws_cstr(path);
    if (role == AS_SERVER) it.tls.client_auth = HWS_CLIENT_AUTH_REQUIRED, it.cert = "rsa.pem", it.key = "rsa.key";
    const hws_error_info *error = unusable(role, &it);
    SYS(unlink(path));
    return error;
}

static const hws_error_info *tls_for_a_plain_listener(enum role role, const void *row)
{
    hws_listener listener;
    (void)role, (void)row;
    OK(hws_listen(engine, &server, &listener));
    server_tls = shows("rsa");
    return REFUSED(hws_listener_set_tls(listener, &server_tls));
}

#define SAID(text) .bytes = (text), .len = sizeof(text) - 1
#define DAMAGED "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
#define UNUSABLE(status, name, ends, ...) { HWS_ERR_##status, name, unusable, ends, ROW(unusable, __VA_ARGS__) }
#define OWN .cert = "rsa.pem", .key = "rsa.key"
#define PROTOCOL_FIELDS "tls retryable=1"

static const struct shown unknown_issuer = { "ecdsa", "unknown issuer", 48, "other-ca" };
static const struct shown self_signed = { "selfsigned", "unknown issuer", 48, "ca" };
static const struct shown expired = { "expired", "expired on 2020-06-01", 45, "ca" };
static const struct shown early = { "early", "not yet valid, only from 2119-01-01", 45, "ca" };
static const struct shown stranger = { "stranger",
    "wrong name: it is for \"stranger.example\", not for \"127.0.0.1\"", 42, "ca" };
static const struct shown other_name = { "one",
    "wrong name: it is for \"one.example\", not for \"two.example\"", 42, "ca", "two.example" };
static const struct shown no_san = { "nosan", "no subjectAltName", 42, "ca", "localhost" };
static const struct shown for_clients = { "usage", "wrong usage", 43, "ca" };
static const struct shown for_servers = { "ecdsa", "wrong usage", 43, "ca" };
static const struct shown forged = { "forged", "bad signature", 51, "ca" };
static const struct shown by_nobody_known = { "ecdsa", "unknown issuer", 48, NULL };
static const struct shown stranger_to_us = { "client", "unknown issuer", 48, "other-ca" };
static const struct shown none = { NULL, "the peer shows none", 116, "ca" };

static const struct provoked cases[] = {
    { HWS_ERR_TLS_CERTIFICATE, "unknown_issuer", does_not_like, CLIENT, &unknown_issuer },
    { HWS_ERR_TLS_CERTIFICATE, "bundled_roots", does_not_like, CLIENT, &by_nobody_known },
    { HWS_ERR_TLS_CERTIFICATE, "self_signed", does_not_like, BOTH, &self_signed },
    { HWS_ERR_TLS_CERTIFICATE, "expired", does_not_like, BOTH, &expired },
    { HWS_ERR_TLS_CERTIFICATE, "not_yet_valid", does_not_like, BOTH, &early },
    { HWS_ERR_TLS_CERTIFICATE, "wrong_address", does_not_like, CLIENT, &stranger },
    { HWS_ERR_TLS_CERTIFICATE, "wrong_name", does_not_like, CLIENT, &other_name },
    { HWS_ERR_TLS_CERTIFICATE, "common_name_only", does_not_like, CLIENT, &no_san },
    { HWS_ERR_TLS_CERTIFICATE, "for_clients", does_not_like, CLIENT, &for_clients },
    { HWS_ERR_TLS_CERTIFICATE, "for_servers", does_not_like, SERVER, &for_servers },
    { HWS_ERR_TLS_CERTIFICATE, "bad_signature", does_not_like, CLIENT, &forged },
    { HWS_ERR_TLS_CERTIFICATE, "unknown_issuer", does_not_like, SERVER, &stranger_to_us },
    { HWS_ERR_TLS_CERTIFICATE, "none", does_not_like, SERVER, &none },

    { HWS_ERR_TLS_ALERT, "unknown_ca", is_not_liked, SERVER, &unknown_issuer },
    { HWS_ERR_TLS_ALERT, "unknown_ca", is_not_liked, CLIENT, &stranger_to_us },
    { HWS_ERR_TLS_ALERT, "certificate_required", is_not_liked, CLIENT, &none },
    { HWS_ERR_TLS_ALERT, "no_application_protocol", no_protocol_in_common, CLIENT },
    { HWS_ERR_TLS_ALERT, "handshake_failure", alerted, BOTH, ROW(alert, 2, 40, "handshake_failure") },
    { HWS_ERR_TLS_ALERT, "internal_error", alerted, BOTH, ROW(alert, 2, 80, "internal_error") },
    { HWS_ERR_TLS_ALERT, "unexpected_message", alerted, BOTH, ROW(alert, 2, 10, "unexpected_message") },
    { HWS_ERR_TLS_ALERT, "unregistered", alerted, BOTH, ROW(alert, 2, 255, "no registered name") },

    { HWS_ERR_TLS_PROTOCOL, "no_protocol_in_common", no_protocol_in_common, SERVER },
    { HWS_ERR_TLS_PROTOCOL, "plain_client", plain_client, NEITHER },
    { HWS_ERR_TLS_PROTOCOL, "plain_server", plain_server, NEITHER },
    { HWS_ERR_TLS_PROTOCOL, "plain_http", says_something_else, CLIENT,
      ROW(said, SAID("HTTP/1.1 400 Bad Request\r\n\r\n"), "plain HTTP", PROTOCOL_FIELDS) },
    { HWS_ERR_TLS_PROTOCOL, "plain_http", says_something_else, SERVER,
      ROW(said, SAID(REQUEST), "plain HTTP", PROTOCOL_FIELDS) },
    { HWS_ERR_TLS_PROTOCOL, "ssh", says_something_else, BOTH,
      ROW(said, SAID("SSH-2.0-OpenSSH_9.2\r\n"), "", PROTOCOL_FIELDS) },
    { HWS_ERR_TLS_PROTOCOL, "zeros", says_something_else, BOTH,
      ROW(said, SAID("\0\0\0\0\0\0\0\0\0\0"), "", PROTOCOL_FIELDS) },
    { HWS_ERR_TLS_PROTOCOL, "record_too_large", says_something_else, BOTH,
      ROW(said, SAID("\x16\x03\x03\xff\xff"), "", PROTOCOL_FIELDS) },
    { HWS_ERR_TLS_PROTOCOL, "data_first", says_something_else, BOTH,
      ROW(said, SAID("\x17\x03\x03\0\1x"), "", PROTOCOL_FIELDS) },
    { HWS_ERR_TLS_PROTOCOL, "end_at_once", says_something_else, BOTH,
      ROW(said, SAID(""), "inside the TLS handshake", PROTOCOL_FIELDS " has_cause=1", .end = 1) },
    { HWS_ERR_TLS_PROTOCOL, "end_inside_a_record", says_something_else, BOTH,
      ROW(said, SAID("\x16\x03\x03\0\x30" "abc"), "inside the TLS handshake", PROTOCOL_FIELDS " has_cause=1",
          .end = 1) },
    { HWS_ERR_TLS_PROTOCOL, "close_notify_and_end", says_something_else, BOTH,
      ROW(said, SAID("\x15\x03\x03\0\2\1\0"), "", PROTOCOL_FIELDS " has_cause=1", .end = 1) },
    { HWS_ERR_TLS_PROTOCOL, "old_version", client_of_yesterday, SERVER },
    { HWS_ERR_TLS_PROTOCOL, "old_version", server_of_yesterday, CLIENT, ROW(hello, 0x0301) },
    { HWS_ERR_TLS_PROTOCOL, "version_not_wanted", server_of_yesterday, CLIENT, ROW(hello, 0x0303, HWS_TLS_1_3) },

    { HWS_ERR_CONNECT_TIMEOUT, "tls_silent", half_a_record, BOTH, ROW(said, SAID("")) },
    { HWS_ERR_CONNECT_TIMEOUT, "tls_half_a_head", half_a_record, BOTH, ROW(said, SAID("\x16\x03\x03")) },
    { HWS_ERR_CONNECT_TIMEOUT, "tls_half_a_record", half_a_record, BOTH, ROW(said, SAID("\x16\x03\x03\1\0\1\0")) },
    { HWS_ERR_CONNECT_TIMEOUT, "tls_drip", drips, BOTH },

    UNUSABLE(IO, "no_ca_file", CLIENT, .ca = "nowhere.pem", .detail = "nowhere.pem", .os_error = ENOENT),
    UNUSABLE(IO, "no_ca_file", SERVER, OWN, .ca = "nowhere.pem", .detail = "nowhere.pem", .os_error = ENOENT,
             .tls.client_auth = HWS_CLIENT_AUTH_REQUIRED),
    UNUSABLE(IO, "no_cert_file", BOTH, .cert = "nowhere.pem", .key = "rsa.key", .detail = "nowhere.pem",
             .os_error = ENOENT),
    UNUSABLE(IO, "no_key_file", BOTH, .cert = "rsa.pem", .key = "nowhere.key", .detail = "nowhere.key",
             .os_error = ENOENT),
    UNUSABLE(IO, "ca_is_a_directory", CLIENT, .ca = ".", .detail = "", .os_error = EISDIR),
    UNUSABLE(IO, "key_log_nowhere", BOTH, OWN, .detail = "/nowhere/at/all", .os_error = ENOENT,
             .tls.key_log_file = HWS_STR("/nowhere/at/all")),
    UNUSABLE(INVALID_ARGUMENT, "key_of_another", BOTH, .cert = "rsa.pem", .key = "ecdsa.key",
             .detail = "is not the private key to the certificate"),
    UNUSABLE(INVALID_ARGUMENT, "key_of_the_same_kind", BOTH, .cert = "ecdsa.pem", .key = "one.key",
             .detail = "is not the private key to the certificate"),
    UNUSABLE(INVALID_ARGUMENT, "no_key", BOTH, .cert = "rsa.pem", .detail = "no private key"),
    UNUSABLE(INVALID_ARGUMENT, "key_only", BOTH, .key = "rsa.key", .detail = "a private key only"),
    UNUSABLE(INVALID_ARGUMENT, "a_certificate_for_a_key", BOTH, .cert = "rsa.pem", .key = "rsa.pem",
             .detail = "no private key in PEM"),
    UNUSABLE(INVALID_ARGUMENT, "a_key_for_a_root", CLIENT, .ca = "rsa.key", .detail = "no certificate in PEM"),
    UNUSABLE(INVALID_ARGUMENT, "empty_file", CLIENT, .ca = "done", .detail = "is empty"),
    UNUSABLE(INVALID_ARGUMENT, "damaged_pem", CLIENT, .detail = "damaged PEM",
             .tls.ca_pem = { (const uint8_t *)DAMAGED, sizeof DAMAGED - 1 }),
    UNUSABLE(INVALID_ARGUMENT, "no_roots", CLIENT, .detail = "", .tls.bundled_roots = HWS_OFF),
    UNUSABLE(INVALID_ARGUMENT, "version", BOTH, OWN, .detail = "tls.min_version", .tls.min_version = 0x0302),
    UNUSABLE(INVALID_ARGUMENT, "no_certificate", SERVER, .detail = "needs a certificate"),
    UNUSABLE(INVALID_ARGUMENT, "no_roots", SERVER, OWN, .detail = "needs the roots",
             .tls.client_auth = HWS_CLIENT_AUTH_OPTIONAL),
    UNUSABLE(INVALID_ARGUMENT, "client_auth", SERVER, OWN, .detail = "tls.client_auth", .tls.client_auth = 3),
    UNUSABLE(INVALID_ARGUMENT, "for_clients_only", SERVER, OWN, .detail = "for clients",
             .tls.server_name = HWS_STR("localhost")),
    UNUSABLE(INVALID_ARGUMENT, "skips_verification", SERVER, OWN, .detail = "for clients",
             .tls.dangerous_skip_verification = HWS_ON),
    UNUSABLE(INVALID_ARGUMENT, "roots_for_servers", SERVER, OWN, .detail = "for clients", .tls.system_roots = HWS_ON),
    UNUSABLE(INVALID_ARGUMENT, "for_servers_only", CLIENT, .detail = "for servers",
             .tls.client_auth = HWS_CLIENT_AUTH_REQUIRED),
    { HWS_ERR_INVALID_ARGUMENT, "huge_pem", huge_pem, CLIENT },
    { HWS_ERR_INVALID_ARGUMENT, "huge_file", huge_file, BOTH },
    { HWS_ERR_INVALID_STATE, "tls_for_a_plain_listener", tls_for_a_plain_listener },
};

PROVOKE(cases)
