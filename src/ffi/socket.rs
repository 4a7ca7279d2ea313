//! Options of sockets as C sets them.

use std::net::{IpAddr, SocketAddr};

use super::convert::{Versioned, invalid, optional_text, toggle, versioned_or_default};
use super::types::{hws_str, hws_toggle};
use crate::error::Result;
use crate::net::{Keepalive, SocketOptions};

/// Options of sockets. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_socket {
    pub struct_size: u32,
    /// TCP_NODELAY: small messages leave at once; default on
    pub nodelay: hws_toggle,
    /// TCP's own keep-alive; default off, for the pings of timers.ping_interval_ms see further
    pub keepalive: hws_toggle,
    /// seconds of silence before the first probe; default the system's
    pub keepalive_idle_s: u32,
    /// seconds between probes; default the system's
    pub keepalive_interval_s: u32,
    /// probes without an answer that end the connection; default the system's
    pub keepalive_count: u32,
    /// SO_RCVBUF and SO_SNDBUF, bytes; default the system's, which adapts itself
    pub recv_buffer: u32,
    pub send_buffer: u32,
    /// clients: the local address to connect from, "192.0.2.1" or with a port
    pub local_address: hws_str,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_socket {}

/// What the struct says.
///
/// # Safety
/// `from` is NULL or as for [`versioned`], and its texts are as their lengths say.
pub unsafe fn socket_options(from: *const hws_socket) -> Result<SocketOptions> {
    let mut options = SocketOptions::default();
    // SAFETY: the caller's promise, here and below.
    let Some(from) = (unsafe { versioned_or_default(from, "socket") })? else { return Ok(options) };
    options.nodelay = toggle(from.nodelay, true, "socket.nodelay")?;
    options.keepalive = toggle(from.keepalive, false, "socket.keepalive")?.then_some(Keepalive {
        idle: from.keepalive_idle_s,
        interval: from.keepalive_interval_s,
        count: from.keepalive_count,
    });
    options.recv_buffer = from.recv_buffer;
    options.send_buffer = from.send_buffer;
    // SAFETY: as above.
    if let Some(local) = unsafe { optional_text(from.local_address, "socket.local_address") }? {
        let with_port = local.parse::<SocketAddr>().or_else(|_| local.parse::<IpAddr>().map(|ip| (ip, 0).into()));
        options.local = Some(with_port.map_err(|_| invalid("socket.local_address", "is not an address"))?);
    }
    options.check()?;
    Ok(options)
}
