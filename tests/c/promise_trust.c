/* Who is whom: certificates of both sides, names, protocols, versions, sessions that go on, certificates that change
 * while the server runs, and secrets that are written down only if the host says where. */
#include "ways.h"
#include <errno.h>
#include <sys/stat.h>

static hws_tls server_tls, client_tls;

static hws_client_options securely(void)
{
    hws_client_options options;
    memset(&options, 0, sizeof options);
    options.tls = &client_tls;
    return options;
}

/* A server that shows a certificate, for clients that trust the tests' root. */
static void dress(const char *certificate)
{
    server_tls = shows(certificate);
    client_tls = trusts("ca");
}

/* As dressed. */
static pair secure_server(void)
{
    hws_server_options options;
    memset(&options, 0, sizeof options);
    options.tls = &server_tls;
    return serve_with(options);
}

/* A client of this name is refused, or refuses. */
static hws_status refusal(pair *pair, hws_client_options options, hws_event_kind kind)
{
    hws_status status = HWS_OK;
    int failed;
    dial_with(pair, options);
    for (failed = 0; failed < 2; failed++) {
        hws_event event = next(pair->engine);
        EXPECT(event.kind == HWS_EVENT_CONNECT_FAILED || event.kind == HWS_EVENT_ACCEPT_FAILED);
        if (event.kind == kind) status = event.status;
    }
    return status;
}

/* --- what both ends say ----------------------------------------------------------------------------------- */

static void both_ends_say_what_they_agreed_on(void)
{
    pair pair;
    meeting said;
    dress("ecdsa");
    pair = secure_server();
    said = join_with(&pair, securely());
    EXPECT(!strcmp(said.client.version, "TLSv1.3") && !strcmp(said.server.version, "TLSv1.3"));
    EXPECT(!strncmp(said.client.cipher, "TLS_", 4) && !strcmp(said.client.cipher, said.server.cipher));
    EXPECT(!strcmp(said.client.subject, "CN=ecdsa server") && said.client.certificate > 100);
    EXPECT(!*said.server.subject && !said.server.certificate);
    EXPECT(!*said.client.alpn && !*said.server.alpn);
    EXPECT(!*said.client.name && !*said.server.name); /* an address is no name to ask for, RFC 6066 section 3 */
    EXPECT(!said.client.resumed && !said.server.resumed);
}

static void without_tls_nothing_is_said_of_it(void)
{
    hws_server_options plain;
    pair pair;
    meeting said;
    memset(&plain, 0, sizeof plain);
    dress("ecdsa");
    pair = serve_with(plain);
    said = join_with(&pair, securely()); /* a plain URI is plain, whatever there would be for TLS */
    EXPECT(!*said.client.version && !*said.server.version && !*said.client.cipher && !*said.client.subject);
    EXPECT(!said.client.certificate && !said.client.resumed);
}

/* The whole chain of every key, also of those in the older formats. */
static void keys_of_every_format_will_do(void)
{
    static const char *const pairs[][2] = { { "rsa.pem", "rsa.pkcs1.key" }, { "ecdsa.pem", "ecdsa.sec1.key" },
                                            { "p384.pem", "p384.sec1.key" }, { "ed25519.pem", "ed25519.key" } };
    size_t i;
    for (i = 0; i < LENGTH(pairs); i++) {
        pair pair;
        dress("ecdsa");
        server_tls.certificate.cert_file = cert_file(pairs[i][0], "");
        server_tls.certificate.key_file = cert_file(pairs[i][1], "");
        pair = secure_server();
        join_with(&pair, securely());
        close_cleanly(&pair);
        OK(hws_engine_free(pair.engine));
    }
}

/* A file in memory. */
static hws_bytes in_memory(hws_str path)
{
    hws_bytes bytes = { NULL, 0 };
    FILE *file = fopen(path.ptr, "r");
    unsigned char *room = malloc(1 << 16);
    EXPECT(file && room);
    bytes.len = fread(room, 1, 1 << 16, file);
    EXPECT(bytes.len > 0 && !fclose(file));
    bytes.ptr = room;
    return bytes;
}

static void forget(hws_bytes bytes)
{
    memset((void *)(uintptr_t)bytes.ptr, 'x', bytes.len);
    free((void *)(uintptr_t)bytes.ptr);
}

/* Memory wins over files, and is copied during the call. */
static void certificates_may_be_in_memory(void)
{
    pair pair;
    dress("ecdsa");
    server_tls.certificate.cert_pem = in_memory(cert_file("rsa", ".pem"));
    server_tls.certificate.key_pem = in_memory(cert_file("rsa", ".key"));
    client_tls.ca_pem = in_memory(client_tls.ca_file);
    client_tls.ca_file = hws_cstr(NULL);
    pair = secure_server();
    forget(server_tls.certificate.cert_pem);
    forget(server_tls.certificate.key_pem);
    pair.client = dial_with(&pair, securely());
    forget(client_tls.ca_pem);
    EXPECT(!strcmp(meet(&pair).client.subject, "CN=rsa server"));
}

/* --- clients that show who they are ----------------------------------------------------------------------- */

static void a_client_shows_who_it_is(void)
{
    static const uint32_t wanted[] = { HWS_CLIENT_AUTH_REQUIRED, HWS_CLIENT_AUTH_OPTIONAL, HWS_CLIENT_AUTH_NONE };
    size_t i;
    for (i = 0; i < LENGTH(wanted); i++) {
        int asked = wanted[i] != HWS_CLIENT_AUTH_NONE;
        pair pair;
        meeting said;
        dress("ecdsa");
        server_tls.client_auth = wanted[i];
        server_tls.ca_file = cert_file("ca", ".pem");
        client_tls.certificate = identity("client");
        pair = secure_server();
        said = join_with(&pair, securely());
        EXPECT(!strcmp(said.server.subject, asked ? "CN=Anna Client,O=Hawser Tests" : ""));
        EXPECT((said.server.certificate > 100) == asked);
        echo(&pair, "ahoy", 4);
        OK(hws_engine_free(pair.engine));
    }
}

/* Who may show something may show nothing; but what is shown must be good. */
static void an_optional_certificate_is_optional_and_good(void)
{
    pair pair;
    dress("ecdsa");
    server_tls.client_auth = HWS_CLIENT_AUTH_OPTIONAL;
    server_tls.ca_file = cert_file("ca", ".pem");
    pair = secure_server();
    EXPECT(!*join_with(&pair, securely()).server.subject);
    client_tls.certificate = identity("selfsigned");
    EXPECT(refusal(&pair, securely(), HWS_EVENT_ACCEPT_FAILED) == HWS_ERR_TLS_CERTIFICATE);
}

/* --- names ------------------------------------------------------------------------------------------------ */

/* Clients ask for names; the server has a certificate for each, and its first for everybody else. */
static void a_server_of_many_names_shows_the_right_one(void)
{
    static const struct { const char *name, *subject; } rows[] = {
        { "one.example", "CN=one" },
        { "two.example", "CN=two" },
        { "www.two.example", "CN=two" },
        { "ONE.Example", "CN=one" },
        { "localhost", "CN=ecdsa server" },
        { NULL, "CN=ecdsa server" },
    };
    hws_certificate more[2];
    char address[64], uri[128];
    pair pair;
    size_t i;
    dress("ecdsa");
    more[0] = identity("one");
    more[1] = identity("two");
    server_tls.more_certificates = more;
    server_tls.more_certificate_count = 2;
    pair = secure_server();
    sprintf(address, "127.0.0.1:%d", atoi(strrchr(pair.uri, ':') + 1));
    for (i = 0; i < LENGTH(rows); i++) {
        hws_client_options asking = securely();
        meeting said;
        sprintf(uri, "wss://%s/", rows[i].name ? rows[i].name : "127.0.0.1");
        asking.uri = hws_cstr(uri);
        asking.connect_to = hws_cstr(address);
        said = join_with(&pair, asking);
        EXPECT(!strcmp(said.client.subject, rows[i].subject));
        EXPECT(rows[i].name ? !strcasecmp(said.server.name, rows[i].name) : !*said.server.name);
        close_cleanly(&pair);
    }
}

/* The name to expect may be another one than that of the URI; the request goes on asking for the URI's. */
static void the_expected_name_may_be_told(void)
{
    pair pair;
    meeting said;
    dress("one");
    client_tls.server_name = hws_cstr("one.example");
    pair = secure_server();
    said = join_with(&pair, securely());
    EXPECT(!strcmp(said.client.subject, "CN=one") && !strcmp(said.server.name, "one.example"));
    EXPECT(!strncmp(said.server.host, "127.0.0.1:", 10));
    client_tls.server_name = hws_cstr("two.example");
    EXPECT(refusal(&pair, securely(), HWS_EVENT_CONNECT_FAILED) == HWS_ERR_TLS_CERTIFICATE);
}

/* --- protocols and versions ------------------------------------------------------------------------------- */

static void the_server_chooses_the_protocol(void)
{
    static const hws_str preferred[] = { HWS_STR("mqtt"), HWS_STR("http/1.1") };
    static const hws_str offered[] = { HWS_STR("http/1.1"), HWS_STR("mqtt") };
    pair pair;
    meeting said;
    dress("ecdsa");
    server_tls.alpn = preferred, server_tls.alpn_count = 2;
    pair = secure_server();
    EXPECT(!*join_with(&pair, securely()).server.alpn); /* who offers nothing gets nothing, and in */
    client_tls.alpn = offered, client_tls.alpn_count = 2;
    said = join_with(&pair, securely());
    EXPECT(!strcmp(said.client.alpn, "mqtt") && !strcmp(said.server.alpn, "mqtt"));
    client_tls.alpn_count = 1;
    said = join_with(&pair, securely());
    EXPECT(!strcmp(said.client.alpn, "http/1.1") && !strcmp(said.server.alpn, "http/1.1"));
}

static void the_newest_version_is_spoken_whatever_the_oldest(void)
{
    static const uint32_t oldest[] = { 0, HWS_TLS_1_2, HWS_TLS_1_3 };
    size_t i;
    for (i = 0; i < LENGTH(oldest) * LENGTH(oldest); i++) {
        pair pair;
        dress("ecdsa");
        server_tls.min_version = oldest[i / LENGTH(oldest)];
        client_tls.min_version = oldest[i % LENGTH(oldest)];
        pair = secure_server();
        EXPECT(!strcmp(join_with(&pair, securely()).client.version, "TLSv1.3"));
        OK(hws_engine_free(pair.engine));
    }
}

/* --- sessions --------------------------------------------------------------------------------------------- */

/* The second of two connections of an engine goes on where the first was, if both sides want to. */
static void sessions_go_on(void)
{
    static const struct { hws_toggle server, client; } rows[] = {
        { HWS_DEFAULT, HWS_DEFAULT }, { HWS_ON, HWS_ON }, { HWS_OFF, HWS_DEFAULT }, { HWS_DEFAULT, HWS_OFF },
    };
    size_t i;
    for (i = 0; i < LENGTH(rows); i++) {
        uint32_t wanted = rows[i].server != HWS_OFF && rows[i].client != HWS_OFF;
        pair pair;
        meeting said;
        dress("ecdsa");
        server_tls.resumption = rows[i].server;
        client_tls.resumption = rows[i].client;
        pair = secure_server();
        said = join_with(&pair, securely());
        EXPECT(!said.client.resumed && !said.server.resumed);
        echo(&pair, "ahoy", 4); /* what comes behind the handshake has come */
        close_cleanly(&pair);
        said = join_with(&pair, securely());
        EXPECT(said.client.resumed == wanted && said.server.resumed == wanted);
        EXPECT(!strcmp(said.client.subject, "CN=ecdsa server")); /* it is remembered who that was */
        echo(&pair, "ahoy", 4);
        OK(hws_engine_free(pair.engine));
    }
}

/* A session belongs to who has made it: what one client trusts is nothing to another. */
static void a_session_is_no_way_around_a_root(void)
{
    pair pair;
    dress("ecdsa");
    pair = secure_server();
    join_with(&pair, securely());
    echo(&pair, "ahoy", 4);
    close_cleanly(&pair);
    client_tls = trusts("other-ca");
    EXPECT(refusal(&pair, securely(), HWS_EVENT_CONNECT_FAILED) == HWS_ERR_TLS_CERTIFICATE);
}

/* --- danger ----------------------------------------------------------------------------------------------- */

static void whoever_skips_verification_takes_anybody(void)
{
    static const char *const anybody[] = { "selfsigned", "expired", "early", "stranger", "nosan", "usage" };
    size_t i;
    for (i = 0; i < LENGTH(anybody); i++) {
        pair pair;
        dress(anybody[i]);
        pair = secure_server();
        EXPECT(refusal(&pair, securely(), HWS_EVENT_CONNECT_FAILED) == HWS_ERR_TLS_CERTIFICATE);
        client_tls.dangerous_skip_verification = HWS_ON;
        join_with(&pair, securely());
        echo(&pair, "ahoy", 4);
        client_tls.dangerous_skip_verification = HWS_OFF; /* and nobody else is the worse for it */
        EXPECT(refusal(&pair, securely(), HWS_EVENT_CONNECT_FAILED) == HWS_ERR_TLS_CERTIFICATE);
        OK(hws_engine_free(pair.engine));
    }
}

/* Secrets are written where an option says so, for nobody else to read. The environment has no say in it. */
static void secrets_are_written_by_option_only(void)
{
    char directory[] = "/tmp/hawser-keys-XXXXXX", named[64], unnamed[64], line[512];
    struct stat status;
    FILE *log;
    pair pair;
    int lines = 0;
    EXPECT(mkdtemp(directory));
    sprintf(named, "%s/named", directory);
    sprintf(unnamed, "%s/unnamed", directory);
    EXPECT(!setenv("SSLKEYLOGFILE", unnamed, 1));
    dress("ecdsa");
    pair = secure_server();
    join_with(&pair, securely());
    EXPECT(stat(unnamed, &status) && stat(named, &status));

    client_tls.key_log_file = hws_cstr(named);
    join_with(&pair, securely());
    EXPECT(stat(unnamed, &status) && !stat(named, &status));
    EXPECT((status.st_mode & 0777) == 0600);
    EXPECT((log = fopen(named, "r")) != NULL);
    while (fgets(line, sizeof line, log)) lines += strstr(line, "_TRAFFIC_SECRET_0 ") != NULL;
    EXPECT(lines == 2); /* one each way; what only the handshake was protected by is no matter here */
    fclose(log);
    EXPECT(!unlink(named) && !rmdir(directory));
}

/* --- a server that changes its certificate ---------------------------------------------------------------- */

static void a_new_certificate_is_for_new_connections(void)
{
    pair pair, old;
    dress("ecdsa");
    pair = secure_server();
    EXPECT(!strcmp(join_with(&pair, securely()).client.subject, "CN=ecdsa server"));
    old = pair;
    server_tls = shows("rsa");
    client_tls.resumption = HWS_OFF; /* who goes on with a session is shown no certificate */
    OK(hws_listener_set_tls(pair.listener, &server_tls));
    EXPECT(!strcmp(join_with(&pair, securely()).client.subject, "CN=rsa server"));
    echo(&old, "still here", 10);
    echo(&pair, "here", 4);
    close_cleanly(&old);
    close_cleanly(&pair);
}

/* A server that is told nonsense goes on as it was. */
static void a_bad_certificate_changes_nothing(void)
{
    hws_tls bad[4];
    pair pair;
    size_t i;
    dress("ecdsa");
    pair = secure_server();
    client_tls.resumption = HWS_OFF;
    bad[0] = shows("rsa");
    bad[0].certificate.key_file = cert_file("ecdsa", ".key");
    bad[1] = shows("nowhere");
    bad[2] = no_tls();
    bad[3] = shows("rsa");
    bad[3].client_auth = HWS_CLIENT_AUTH_REQUIRED;
    for (i = 0; i < LENGTH(bad); i++) {
        FAILS(hws_listener_set_tls(pair.listener, &bad[i]), i == 1 ? HWS_ERR_IO : HWS_ERR_INVALID_ARGUMENT);
        EXPECT(!strcmp(join_with(&pair, securely()).client.subject, "CN=ecdsa server"));
        close_cleanly(&pair);
    }
    FAILS(hws_listener_set_tls(pair.listener, NULL), HWS_ERR_INVALID_ARGUMENT);
    OK(hws_listener_close(pair.listener, NULL));
    server_tls = shows("rsa");
    FAILS(hws_listener_set_tls(pair.listener, &server_tls), HWS_ERR_INVALID_STATE);
}

/* Files are read during the call and no later. */
static void files_may_change_behind_the_servers_back(void)
{
    char directory[] = "/tmp/hawser-files-XXXXXX", cert[64], key[64];
    pair pair;
    dress("ecdsa");
    EXPECT(mkdtemp(directory));
    sprintf(cert, "%s/cert", directory);
    sprintf(key, "%s/key", directory);
    EXPECT(!symlink(server_tls.certificate.cert_file.ptr, cert) && !symlink(server_tls.certificate.key_file.ptr, key));
    server_tls.certificate.cert_file = hws_cstr(cert);
    server_tls.certificate.key_file = hws_cstr(key);
    pair = secure_server();
    EXPECT(!unlink(cert) && !unlink(key) && !rmdir(directory));
    EXPECT(!strcmp(join_with(&pair, securely()).client.subject, "CN=ecdsa server"));
    FAILS(hws_listener_set_tls(pair.listener, &server_tls), HWS_ERR_IO);
    EXPECT(hws_last_error()->os_error == ENOENT);
    join_with(&pair, securely());
}

TESTS(T(both_ends_say_what_they_agreed_on), T(without_tls_nothing_is_said_of_it), T(keys_of_every_format_will_do),
      T(certificates_may_be_in_memory), T(a_client_shows_who_it_is), T(an_optional_certificate_is_optional_and_good),
      T(a_server_of_many_names_shows_the_right_one), T(the_expected_name_may_be_told),
      T(the_server_chooses_the_protocol), T(the_newest_version_is_spoken_whatever_the_oldest), T(sessions_go_on),
      T(a_session_is_no_way_around_a_root), T(whoever_skips_verification_takes_anybody),
      T(secrets_are_written_by_option_only), T(a_new_certificate_is_for_new_connections),
      T(a_bad_certificate_changes_nothing), T(files_may_change_behind_the_servers_back))
