//! What is set on a socket.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Socket, TcpKeepalive};

use crate::error::{Error, Result, Status};

/// The most seconds that Linux takes for a time of [`Keepalive`].
const KEEPALIVE_SECONDS_MAX: u32 = 32_767;
/// The most probes that Linux takes.
const KEEPALIVE_COUNT_MAX: u32 = 127;

/// How a socket behaves.
#[derive(Debug, Clone)]
pub struct SocketOptions {
    /// Small segments leave at once, Nagle's algorithm is off: messages are small and wanted now.
    pub nodelay: bool,
    /// TCP's own probes, for connections on which nobody pings.
    pub keepalive: Option<Keepalive>,
    /// Bytes that the kernel holds until we read; 0: the system's default, which most systems tune by themselves.
    pub recv_buffer: u32,
    /// Bytes that the kernel holds until the peer reads; 0: the system's default.
    pub send_buffer: u32,
    /// The address that a client connects from; port 0 leaves the port to the system.
    pub local: Option<SocketAddr>,
}

/// TCP keepalive, in seconds; 0 is the system's default. A system that lacks one of the three ignores it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keepalive {
    /// Silence before the first probe.
    pub idle: u32,
    /// Between probes.
    pub interval: u32,
    /// Probes without an answer after which the connection is broken.
    pub count: u32,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self { nodelay: true, keepalive: None, recv_buffer: 0, send_buffer: 0, local: None }
    }
}

impl SocketOptions {
    /// Says now what the kernel would say for every single connection.
    pub fn check(&self) -> Result<()> {
        let Some(Keepalive { idle, interval, count }) = self.keepalive else { return Ok(()) };
        let rules = [
            ("keepalive idle", idle, KEEPALIVE_SECONDS_MAX),
            ("keepalive interval", interval, KEEPALIVE_SECONDS_MAX),
            ("keepalive count", count, KEEPALIVE_COUNT_MAX),
        ];
        match rules.iter().find(|(_, value, max)| value > max) {
            Some((name, value, max)) => {
                Err(Error::new(Status::INVALID_ARGUMENT, format!("{name} {value} is over {max}")))
            }
            None => Ok(()),
        }
    }

    /// The options of any stream, and of the listener whose streams inherit them. Before connecting or listening: that is
    /// when TCP settles how far its window can grow.
    pub(crate) fn set_buffers(&self, socket: &Socket) -> io::Result<()> {
        if self.recv_buffer > 0 {
            socket.set_recv_buffer_size(self.recv_buffer as usize)?;
        }
        if self.send_buffer > 0 {
            socket.set_send_buffer_size(self.send_buffer as usize)?;
        }
        Ok(())
    }

    /// The options of a TCP stream.
    pub(crate) fn set_tcp(&self, socket: &Socket) -> io::Result<()> {
        socket.set_tcp_nodelay(self.nodelay)?;
        match self.keepalive {
            Some(keepalive) => socket.set_tcp_keepalive(&keepalive.into()),
            None => Ok(()),
        }
    }
}

impl From<Keepalive> for TcpKeepalive {
    fn from(keepalive: Keepalive) -> Self {
        let seconds = |n: u32| Duration::from_secs(n.into());
        let mut probes = TcpKeepalive::new();
        if keepalive.idle > 0 {
            probes = probes.with_time(seconds(keepalive.idle));
        }
        #[cfg(any(
            target_os = "android",
            target_os = "freebsd",
            target_os = "linux",
            target_os = "macos",
            target_os = "ios",
            target_os = "netbsd",
            windows
        ))]
        {
            if keepalive.interval > 0 {
                probes = probes.with_interval(seconds(keepalive.interval));
            }
            if keepalive.count > 0 {
                probes = probes.with_retries(keepalive.count);
            }
        }
        probes
    }
}
