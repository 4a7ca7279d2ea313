// Boost.Beast, asynchronous, on one thread that needs no locks: a message in, a message out, sent as one frame.
//
//   beast [--deflate]
#define BOOST_ASIO_DISABLE_THREADS
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <cstdio>
#include <cstring>
#include <memory>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using Error = beast::error_code;
using Executor = asio::io_context::executor_type; // no type erasure
using Socket = asio::basic_stream_socket<tcp, Executor>;

static bool compress;

class Connection : public std::enable_shared_from_this<Connection> {
public:
    explicit Connection(Socket socket) : stream(std::move(socket))
    {
        stream.next_layer().set_option(tcp::no_delay(true));
        stream.auto_fragment(false);
        stream.write_buffer_bytes(64 * 1024);
        stream.read_message_max(100 * 1024 * 1024);
        if (!compress) return;
        websocket::permessage_deflate deflate;
        deflate.server_enable = true;
        deflate.compLevel = 1; // hawser's
        deflate.memLevel = 5;
        deflate.server_max_window_bits = 12;
        stream.set_option(deflate);
    }

    void start()
    {
        stream.async_accept([self = shared_from_this()](Error error) { if (!error) self->read(); });
    }

private:
    websocket::stream<Socket> stream;
    beast::flat_buffer buffer;

    void read()
    {
        stream.async_read(buffer, [self = shared_from_this()](Error error, std::size_t) { if (!error) self->write(); });
    }

    void write()
    {
        stream.text(stream.got_text());
        stream.async_write(buffer.cdata(), [self = shared_from_this()](Error error, std::size_t) {
            if (error) return;
            self->buffer.consume(self->buffer.size());
            self->read();
        });
    }
};

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

static void accept(Acceptor &acceptor)
{
    acceptor.async_accept([&](Error error, Socket socket) {
        if (!error) std::make_shared<Connection>(std::move(socket))->start();
        accept(acceptor);
    });
}

int main(int argc, char **argv)
{
    compress = argc == 2 && !std::strcmp(argv[1], "--deflate");
    if (argc > 1 && !compress) {
        std::fputs("usage: beast [--deflate]\n", stderr);
        return 2;
    }
    asio::io_context context(1);
    Acceptor acceptor(context.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    acceptor.listen(4096);
    std::printf("listening on 127.0.0.1:%d\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    accept(acceptor);
    context.run();
}
