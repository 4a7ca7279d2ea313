//! tokio-websockets: `feed` and `flush`, and a threshold of 64 KiB before it flushes by itself.

use peers::{MOST_BYTES, Peer, Wire, echo_batches, serve};
use tokio_websockets::{Config, Limits, Message, ServerBuilder};

#[derive(Clone, Copy)]
struct TokioWebsockets;

impl Peer for TokioWebsockets {
    async fn connection(self, wire: impl Wire) {
        let server = ServerBuilder::new()
            .config(Config::default().flush_threshold(64 << 10))
            .limits(Limits::default().max_payload_len(Some(MOST_BYTES)));
        if let Ok((_, socket)) = server.accept(wire).await {
            echo_batches(socket, |message: &Message| message.is_text() || message.is_binary()).await;
        }
    }
}

fn main() {
    serve(TokioWebsockets);
}
