//! A listener: where a server's connections come from.

use std::sync::Arc;

use crate::handshake::ServerPolicy;
use crate::net::{Address, Socket, SocketOptions};
use crate::session::{NEVER, Settings, Time};
use crate::tls::ServerContext;

/// What a server's connections must ask for, and are given.
#[derive(Clone)]
pub struct Terms {
    pub policy: Arc<ServerPolicy>,
    pub settings: Arc<Settings>,
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
    pub terms: Terms,
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
    pub terms: Terms,
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
        let Listen { terms, max_connections, user, .. } = what;
        Self {
            socket: None,
            id: 0,
            user,
            terms,
            max_connections,
            connections: 0,
            readable: false,
            paused_until: 0,
            armed: NEVER,
        }
    }
}
