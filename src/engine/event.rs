//! What an engine tells its host.

use std::ffi::CStr;
use std::sync::Arc;

use crate::error::{Error, Status};
use crate::handshake::Handshake;
use crate::protocol::Opcode;

/// What happened. Numbers are part of the ABI; the gaps belong to events of later work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)] // said where hosts read it, at `hws_event_kinds`
pub enum EventKind {
    Open = 1,
    Message = 2,
    Fragment = 3,
    Ping = 4,
    Pong = 5,
    Sent = 6,
    Writable = 7,
    Queue = 8,
    Close = 9,
    ConnectFailed = 10,
    Reconnecting = 11,
    Request = 12,
    AcceptFailed = 13,
    ListenerClosed = 14,
    PoolReady = 15,
    PoolFailed = 16,
    Publish = 20,
}

/// The last frame of its message.
pub const FLAG_FIN: u32 = 1;
/// It came compressed.
pub const FLAG_COMPRESSED: u32 = 2;
/// The closing handshake was clean.
pub const FLAG_CLEAN: u32 = 4;
/// It was open before.
pub const FLAG_RECONNECTED: u32 = 8;
/// A request that asks for no WebSocket.
pub const FLAG_PLAIN: u32 = 16;

/// What is known of a connection once it is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// What was asked and answered.
    pub handshake: Handshake,
    /// Address of the peer.
    pub peer: String,
    /// Where a client's connection leads; empty for a server's.
    pub uri: String,
    /// What TLS agreed on.
    pub tls: Option<Box<crate::tls::Info>>,
}

/// One event. What it borrows lives until the batch it is in ends, with the engine's next poll.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// What happened.
    pub kind: EventKind,
    /// `FLAG_*`.
    pub flags: u32,
    /// To which connection, 0 if to none.
    pub conn: u64,
    /// To which listener, or from which one the connection came; 0 if neither.
    pub listener: u64,
    /// The request that is to be decided on, or was; 0 if there is none.
    pub request: u64,
    /// What the host attached to it.
    pub user: u64,
    /// The host's word for what was sent; of OPEN the attempts that it took.
    pub token: u64,
    /// Round trip in microseconds, of a pong; messages lost so far, of an overflow; how long it was or will be down, in
    /// milliseconds; of a pool's event the pool.
    pub value: u64,
    /// How it ended.
    pub status: Status,
    /// Opcode of the message or frame.
    pub opcode: u8,
    /// Payload.
    pub data: &'a [u8],
    /// What it was published to.
    pub topic: Option<&'a CStr>,
    /// Why.
    pub error: Option<Arc<Error>>,
    /// What was agreed.
    pub opened: Option<Arc<Opened>>,
}

impl Event<'static> {
    /// An event with nothing but its kind and where it belongs.
    pub fn new(kind: EventKind, conn: u64, listener: u64, user: u64) -> Self {
        Self {
            kind,
            flags: 0,
            conn,
            listener,
            request: 0,
            user,
            token: 0,
            value: 0,
            status: Status::OK,
            opcode: 0,
            data: &[],
            topic: None,
            error: None,
            opened: None,
        }
    }
}

/// Where a poll puts its events.
pub trait Sink {
    /// An event of this connection (0: of none) can still be taken.
    fn has_room(&self, conn: u64) -> bool;
    /// No event of any connection is wanted any more.
    fn is_full(&self) -> bool;
    /// Takes an event, for which there was room.
    fn put(&mut self, event: &Event);
    /// Takes a whole message that came uncompressed, for which there was room: `from` a connection, its listener, with what
    /// the host attached.
    #[inline]
    fn put_message(&mut self, from: (u64, u64, u64), opcode: Opcode, data: &[u8]) {
        let (conn, listener, user) = from;
        let event = Event::new(EventKind::Message, conn, listener, user);
        self.put(&Event { opcode: opcode as u8, data, ..event });
    }
    /// Nothing has been taken.
    fn is_empty(&self) -> bool;
    /// What there is no room for here waits in the queue of its connection, as far as there is room.
    fn puts_by(&self) -> bool {
        false
    }
    /// Somebody waits for what comes of just this connection.
    fn is_for(&self, _conn: u64) -> bool {
        false
    }
}
