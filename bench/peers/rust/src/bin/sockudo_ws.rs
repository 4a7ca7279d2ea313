//! sockudo-ws: `feed` and `flush`, which it corks, mimalloc, and no pings.

use bytes::BytesMut;
use peers::{MOST_BYTES, Peer, Wire, arguments, echo_batches, serve};
use sockudo_ws::deflate::{DeflateConfig, DeflateWindowBits, negotiate_server_deflate};
use sockudo_ws::handshake::{build_response, generate_accept_key, parse_request, server_handshake};
use sockudo_ws::protocol::Role;
use sockudo_ws::{CompressedWebSocketStream, Config, Message, WebSocketStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[derive(Clone, Copy)]
struct Sockudo {
    deflate: bool,
}

fn config() -> Config {
    Config::builder().max_payload_length(MOST_BYTES).auto_ping(false).idle_timeout(0).build()
}

fn is_data(message: &Message) -> bool {
    matches!(message, Message::Text(_) | Message::Binary(_))
}

/// Only its axum adapter negotiates by itself, so this does what that does: the handshake, then a compressed stream.
async fn compressed(mut wire: impl Wire) {
    let mut head = BytesMut::with_capacity(4096);
    let (response, consumed, deflate) = loop {
        if !matches!(wire.read_buf(&mut head).await, Ok(1..)) {
            return;
        }
        match parse_request(&head) {
            Ok(None) => {}
            Ok(Some((request, consumed))) => {
                let agreed = request.extensions.and_then(|offers| negotiate_server_deflate(offers, &policy()));
                let extensions = agreed.as_ref().map(|agreed| agreed.to_response_header());
                let response = build_response(&generate_accept_key(request.key), None, extensions.as_deref());
                break (response, consumed, agreed.map(|agreed| agreed.config));
            }
            Err(_) => return,
        }
    };
    if wire.write_all(&response).await.is_err() {
        return;
    }
    let rest = Some(head.split_off(consumed).freeze());
    match deflate {
        Some(deflate) => {
            echo_batches(CompressedWebSocketStream::server_with_leftover(wire, config(), deflate, rest), is_data).await
        }
        None => {
            echo_batches(WebSocketStream::from_raw_with_leftover(wire, Role::Server, config(), rest), is_data).await
        }
    }
}

/// As fast as it can be, and with a window of 12 bits: hawser's defaults.
fn policy() -> DeflateConfig {
    DeflateConfig {
        compression_level: 1,
        server_max_window_bits: DeflateWindowBits::Bits12,
        ..DeflateConfig::default()
    }
}

impl Peer for Sockudo {
    async fn connection(self, mut wire: impl Wire) {
        if self.deflate {
            return compressed(wire).await;
        }
        if let Ok(request) = server_handshake(&mut wire).await {
            let socket = WebSocketStream::from_raw_with_leftover(wire, Role::Server, config(), request.leftover);
            echo_batches(socket, is_data).await;
        }
    }
}

fn main() {
    serve(Sockudo { deflate: arguments().deflate });
}
