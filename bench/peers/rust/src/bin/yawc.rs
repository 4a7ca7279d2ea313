//! yawc, set as in its own benchmark: a read buffer of 128 KiB, 64 KiB before it writes by itself, batches.

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::Empty;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use peers::{MOST_BYTES, Peer, Wire, arguments, echo_batches, serve};
use yawc::{CompressionLevel, Frame, OpCode, Options, WebSocket, WebSocketError};

#[derive(Clone, Copy)]
struct Yawc {
    deflate: bool,
}

impl Yawc {
    fn options(self) -> Options {
        let options = Options::default()
            .with_limits(MOST_BYTES, 2 * MOST_BYTES)
            .with_read_buffer_capacity(128 << 10)
            .with_backpressure_boundary(64 << 10)
            .with_utf8();
        match self.deflate {
            true => options
                .with_compression_level(CompressionLevel::fast())
                .with_server_max_window_bits(12)
                .with_client_max_window_bits(12),
            false => options.without_compression(),
        }
    }

    async fn answer(self, mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, WebSocketError> {
        let (response, upgraded) = WebSocket::upgrade_with_options(&mut request, self.options())?;
        tokio::spawn(tokio::task::unconstrained(async move {
            if let Ok(socket) = upgraded.await {
                let is_data = |frame: &Frame| matches!(frame.opcode(), OpCode::Text | OpCode::Binary);
                echo_batches(socket.map(Ok::<_, WebSocketError>), is_data).await;
            }
        }));
        Ok(response)
    }
}

impl Peer for Yawc {
    async fn connection(self, wire: impl Wire) {
        let service = service_fn(move |request| self.answer(request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(wire), service);
        let _ = connection.with_upgrades().await;
    }
}

fn main() {
    serve(Yawc { deflate: arguments().deflate });
}
