//! A listener: where a server's connections come from.

use std::sync::Arc;

use super::drain::Drain;
use super::guests::Guests;
use super::slab::Tenant;
use crate::net::{Socket, SocketOptions};
use crate::session::{NEVER, Terms, Time};
use crate::tls::ServerContext;

/// How a server receives those who come.
#[derive(Clone)]
pub struct Reception {
    pub terms: Arc<Terms>,
    /// TLS, unless they are plain.
    pub tls: Option<ServerContext>,
    pub socket: SocketOptions,
}

/// How many connections a listener lets in; [`u32::MAX`] is no limit.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// At a time.
    pub connections: u32,
    /// At a time from one remote address.
    pub per_address: u32,
    /// At a time that are not open yet.
    pub handshakes: u32,
}

impl Caps {
    /// Handshakes that are under way unless the host says otherwise: a crowd that comes back at once is let in, and one
    /// that never says a word leaves room for the rest of a default engine.
    pub const HANDSHAKES: u32 = 16_384;
}

/// What a listener is to admit.
pub struct Listen {
    /// Connections that may wait to be accepted; 0 is the default.
    pub backlog: u32,
    pub reception: Reception,
    pub caps: Caps,
    /// The host wants to hear of every client that failed to open.
    pub tells_failures: bool,
    /// What the host attaches.
    pub user: u64,
}

/// One listening socket and what its connections are given.
pub struct Listener {
    /// `None` once it is closed.
    pub socket: Option<Socket>,
    /// The handle that hosts know it by.
    pub id: u64,
    /// What the host attached; its connections begin with the same.
    pub user: u64,
    pub reception: Reception,
    /// What was asked for, 0 for the default.
    pub backlog: u32,
    pub caps: Caps,
    pub tells_failures: bool,
    /// Connections that it has.
    pub connections: u32,
    /// Those of them that are told why they are not let in.
    pub refusing: u32,
    /// Those that may open and have not yet.
    pub handshakes: u32,
    /// Where those that were let in come from, if that is limited.
    pub guests: Guests,
    /// The kernel has, or may have, connections to accept.
    pub readable: bool,
    /// Out of file descriptors: accept no more before this time.
    pub paused_until: Time,
    /// When its timer fires.
    pub armed: Time,
    /// It is closing.
    pub drain: Option<Box<Drain>>,
}

impl Tenant for Listener {
    fn id(&mut self) -> &mut u64 {
        &mut self.id
    }
}

impl Listener {
    /// A listener that has this socket.
    pub fn new(socket: Socket, what: Listen) -> Self {
        let Listen { backlog, reception, caps, tells_failures, user } = what;
        Self {
            socket: Some(socket),
            id: 0,
            user,
            reception,
            backlog,
            caps,
            tells_failures,
            connections: 0,
            refusing: 0,
            handshakes: 0,
            guests: Guests::default(),
            readable: false,
            paused_until: 0,
            armed: NEVER,
            drain: None,
        }
    }

    /// What it listens on, unless it has been closed.
    pub fn socket(&self) -> Option<&Socket> {
        self.socket.as_ref().filter(|_| self.drain.is_none())
    }
}
