//! Options of sockets as C sets them.

use super::convert::Versioned;
use super::types::{hws_str, hws_toggle};

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
