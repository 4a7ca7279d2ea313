//! A listener: where a server's connections come from.

use std::sync::Arc;

use mio::net::TcpListener;

use crate::handshake::ServerPolicy;
use crate::session::{NEVER, Settings, Time};

/// One listening socket and what its connections are given.
pub struct Listener {
    /// `None` once it is closed.
    pub socket: Option<TcpListener>,
    /// The handle that hosts know it by.
    pub id: u64,
    /// What the host attached; its connections begin with the same.
    pub user: u64,
    pub policy: Arc<ServerPolicy>,
    pub settings: Arc<Settings>,
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
    /// A listener that has accepted nothing yet.
    pub fn new(
        socket: Option<TcpListener>,
        user: u64,
        policy: Arc<ServerPolicy>,
        settings: Arc<Settings>,
        max_connections: u32,
    ) -> Self {
        Self {
            socket,
            id: 0,
            user,
            policy,
            settings,
            max_connections,
            connections: 0,
            readable: false,
            paused_until: 0,
            armed: NEVER,
        }
    }
}
