// uWebSockets, set as in its EchoServer example: messages that came together are answered by one write, without being asked.
//
//   uws [--tls CERTIFICATE KEY] [--deflate] [--publish]
#include "App.h"

#include <cstdio>
#include <cstring>

struct Nothing {};

static bool compressed, publish;

template <bool SSL>
static void serve(uWS::SocketContextOptions options)
{
    uWS::TemplatedApp<SSL> app(options);
    // Level 6 is the only one it has. A compressor of its own for each connection, as in the example; whichever is asked for,
    // this version takes its smallest. One for all where a message goes to all, as its documentation has it.
    auto compressor = publish ? uWS::SHARED_COMPRESSOR : uWS::DEDICATED_COMPRESSOR_4KB;
    auto decompressor = publish ? uWS::SHARED_DECOMPRESSOR : uWS::DEDICATED_DECOMPRESSOR;
    typename uWS::TemplatedApp<SSL>::template WebSocketBehavior<Nothing> behavior = {
        .compression = compressed ? uWS::CompressOptions(compressor | decompressor) : uWS::DISABLED,
        .maxPayloadLength = 100 * 1024 * 1024,
        .idleTimeout = 0,
        .maxBackpressure = 100 * 1024 * 1024,
        .sendPingsAutomatically = false,
        .open = [](auto *ws) { if (publish) ws->subscribe("all"); },
        .message = [&app](auto *ws, std::string_view message, uWS::OpCode code) {
            if (publish) app.publish("all", message, code, compressed);
            else ws->send(message, code, compressed);
        },
    };
    app.template ws<Nothing>("/*", std::move(behavior)).listen("127.0.0.1", 0, [](auto *listener) {
        if (!listener) return;
        std::printf("listening on 127.0.0.1:%d\n", us_socket_local_port(SSL, (us_socket_t *) listener));
        std::fflush(stdout);
    }).run();
}

int main(int argc, char **argv)
{
    uWS::SocketContextOptions options;
    bool tls = false;
    for (int i = 1; i < argc; i++) {
        if (!std::strcmp(argv[i], "--deflate")) compressed = true;
        else if (!std::strcmp(argv[i], "--publish")) publish = true;
        else if (!std::strcmp(argv[i], "--tls") && i + 2 < argc) {
            tls = true;
            options.cert_file_name = argv[++i];
            options.key_file_name = argv[++i];
        } else {
            std::fputs("usage: uws [--tls CERTIFICATE KEY] [--deflate] [--publish]\n", stderr);
            return 2;
        }
    }
    if (tls) serve<true>(options);
    else serve<false>(options);
    return 1; // it runs as long as it listens
}
