//! fastwebsockets, as its echo_server example: upgraded by hyper, a frame in, a frame out. It has nothing that batches.

use bytes::Bytes;
use fastwebsockets::{FragmentCollector, OpCode, WebSocketError, upgrade};
use http_body_util::Empty;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use peers::{MOST_BYTES, Peer, Wire, serve};

#[derive(Clone, Copy)]
struct Fastwebsockets;

async fn echo(upgraded: upgrade::UpgradeFut) -> Result<(), WebSocketError> {
    let mut socket = upgraded.await?;
    socket.set_max_message_size(MOST_BYTES);
    let mut socket = FragmentCollector::new(socket);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            _ => {}
        }
    }
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let (response, upgraded) = upgrade::upgrade(&mut request)?;
    tokio::spawn(tokio::task::unconstrained(async move {
        let _ = echo(upgraded).await;
    }));
    Ok(response)
}

impl Peer for Fastwebsockets {
    async fn connection(self, wire: impl Wire) {
        let connection = http1::Builder::new().serve_connection(TokioIo::new(wire), service_fn(answer));
        let _ = connection.with_upgrades().await;
    }
}

fn main() {
    serve(Fastwebsockets);
}
