//! A listener: where a server's connections come from.

use std::sync::Arc;

use crate::net::{Address, Socket, SocketOptions};
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

/// What a listener is to listen on, and to admit.
pub struct Listen {
    /// Port 0 is a free one.
    pub address: Address,
    /// Connections that may wait to be accepted; 0 is the default.
    pub backlog: u32,
    pub reception: Reception,
    /// Connections at a time.
    pub max_connections: u32,
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
    /// Connections that this listener may have at a time.
    pub max_connections: u32,
    /// Connections that it has.
    pub connections: u32,
    /// The kernel has, or may have, connections to accept.
    pub readable: bool,
    /// Out of file descriptors: accept no more before this time.
    pub paused_until: Time,
    /// When its timer fires.
    pub armed: Time,
}

impl Listener {
    /// A listener that has no socket yet.
    pub fn new(what: Listen) -> Self {
        let Listen { reception, max_connections, user, .. } = what;
        Self {
            socket: None,
            id: 0,
            user,
            reception,
            max_connections,
            connections: 0,
            readable: false,
            paused_until: 0,
            armed: NEVER,
        }
    }
}
