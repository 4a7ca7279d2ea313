//! tungstenite on mio: reads until nothing is there, `write` for each message, one `flush`. It clears its read buffer at each
//! read, so one of 16 KiB takes less CPU here than its default of 128 KiB.

use std::{io, sync::Arc};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use peers::{MOST_BYTES, arguments, listener};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use slab::Slab;
use tungstenite::handshake::server::{NoCallback, ServerHandshake};
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::protocol::{WebSocket, WebSocketConfig};
use tungstenite::{Error, accept_with_config};

const LISTENER: Token = Token(usize::MAX);

trait Wire: io::Read + io::Write + Sized {
    fn new(stream: TcpStream, tls: &Option<Arc<ServerConfig>>) -> Self;
}

impl Wire for TcpStream {
    fn new(stream: TcpStream, _: &Option<Arc<ServerConfig>>) -> Self {
        stream
    }
}

impl Wire for StreamOwned<ServerConnection, TcpStream> {
    fn new(stream: TcpStream, tls: &Option<Arc<ServerConfig>>) -> Self {
        let config = tls.clone().expect("a configuration");
        StreamOwned::new(ServerConnection::new(config).expect("a connection"), stream)
    }
}

enum Connection<W: Wire> {
    Opening(MidHandshake<ServerHandshake<W, NoCallback>>),
    Open(Box<WebSocket<W>>),
}

/// `None`: it is over.
fn opened<W: Wire>(
    result: Result<WebSocket<W>, HandshakeError<ServerHandshake<W, NoCallback>>>,
) -> Option<Connection<W>> {
    match result {
        Ok(socket) => echo(Box::new(socket)),
        Err(HandshakeError::Interrupted(opening)) => Some(Connection::Opening(opening)),
        Err(HandshakeError::Failure(_)) => None,
    }
}

fn is_would_block(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
}

fn echo<W: Wire>(mut socket: Box<WebSocket<W>>) -> Option<Connection<W>> {
    loop {
        match socket.read() {
            Ok(message) if message.is_text() || message.is_binary() => match socket.write(message) {
                Err(error) if !is_would_block(&error) => return None, // what did not go stays in its buffer
                _ => {}
            },
            Ok(_) => {}
            Err(error) if is_would_block(&error) => break,
            Err(_) => return None,
        }
    }
    match socket.flush() {
        Err(error) if !is_would_block(&error) => None,
        _ => Some(Connection::Open(socket)),
    }
}

fn serve<W: Wire>(tls: Option<Arc<ServerConfig>>) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut listener = TcpListener::from_std(listener());
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .max_message_size(Some(MOST_BYTES))
        .max_frame_size(Some(MOST_BYTES));
    let mut connections: Slab<Option<Connection<W>>> = Slab::new();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for event in &events {
            let place = event.token().0;
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let entry = connections.vacant_entry();
                    let both = Interest::READABLE | Interest::WRITABLE; // mio's epoll tells each change once
                    poll.registry().register(&mut stream, Token(entry.key()), both)?;
                    if let Some(connection) = opened(accept_with_config(W::new(stream, &tls), Some(config))) {
                        entry.insert(Some(connection));
                    }
                }
            } else if let Some(connection) = connections.get_mut(place) {
                *connection = match connection.take() {
                    Some(Connection::Opening(opening)) => opened(opening.handshake()),
                    Some(Connection::Open(socket)) => echo(socket),
                    None => None,
                };
                if connection.is_none() {
                    connections.remove(place);
                }
            }
        }
    }
}

fn main() -> io::Result<()> {
    match arguments().tls {
        None => serve::<TcpStream>(None),
        tls => serve::<StreamOwned<ServerConnection, TcpStream>>(tls),
    }
}
