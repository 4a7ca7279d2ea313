//! What a host may set, with the defaults it gets otherwise.

use std::sync::Arc;

use super::heartbeat::Heartbeat;
use super::{NEVER, Queue, Time};
use crate::protocol::Limits;

const SECOND: Time = 1_000_000;

/// Deadlines, in microseconds; [`NEVER`] switches one off.
#[derive(Debug, Clone)]
pub struct Timers {
    /// From the call to the end of the opening handshake, whatever happens in between. Long enough for a slow
    /// phone network, short enough that a server is not held by silent peers.
    pub open: Time,
    /// From our decision to close to the end of TCP.
    pub close: Time,
    /// For a send queue of which nothing leaves.
    pub send: Time,
    /// Without a message in either direction.
    pub idle: Time,
    /// Between keepalive pings. Shorter than what the common proxies and phone networks give an idle
    /// connection.
    pub ping_interval: Time,
    /// For the answer to one.
    pub ping_timeout: Time,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            open: 10 * SECOND,
            close: 10 * SECOND,
            send: 60 * SECOND,
            idle: NEVER,
            ping_interval: 20 * SECOND,
            ping_timeout: 20 * SECOND,
        }
    }
}

/// Everything that can be set for a connection; shared by all connections of a listener.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the peer may send.
    pub limits: Limits,
    /// Deadlines.
    pub timers: Timers,
    /// Answer pings without being asked.
    pub auto_pong: bool,
    /// Report pings, and pongs that answer no ping of the host's.
    pub deliver_pings: bool,
    /// High watermark of the send queue: over it, sends are refused and nothing is read.
    pub send_queue_max: u64,
    /// Low watermark: below it, a host that was refused is told.
    pub send_queue_low: u64,
    /// What may wait for the host.
    pub queue: Queue,
    /// Topics that it may subscribe to.
    pub subscriptions_max: u32,
    /// A message for many that its queue has no room for ends it; else it goes without.
    pub close_slow: bool,
    /// Bytes a second at which a frame that has begun must come; [`u64::MAX`]: none.
    pub receive_rate_min: u64,
    /// A message of the host's own that is to be answered.
    pub heartbeat: Option<Arc<Heartbeat>>,
}

impl Settings {
    /// One message of a default connection, at most.
    pub const MESSAGE_MAX: u64 = 1 << 20;
    /// Bookkeeping must not outgrow payload: a megabyte in one-byte frames is an attack.
    pub const FRAGMENTS_MAX: u32 = 4096;
    /// What a connection may hold for a slow peer.
    pub const SEND_QUEUE_MAX: u64 = 16 << 20;
    /// A peer that may subscribe as it likes must not fill our memory with topics.
    pub const SUBSCRIPTIONS_MAX: u32 = 1024;
    /// Slower than any network that people use: a modem of 300 baud.
    pub const RECEIVE_RATE_MIN: u64 = 32;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits {
                message_max: Self::MESSAGE_MAX,
                frame_max: Self::MESSAGE_MAX,
                fragments_max: Self::FRAGMENTS_MAX,
                deliver_fragments: false,
            },
            timers: Timers::default(),
            auto_pong: true,
            deliver_pings: false,
            send_queue_max: Self::SEND_QUEUE_MAX,
            send_queue_low: Self::SEND_QUEUE_MAX / 4,
            queue: Queue::default(),
            subscriptions_max: Self::SUBSCRIPTIONS_MAX,
            close_slow: false,
            receive_rate_min: Self::RECEIVE_RATE_MIN,
            heartbeat: None,
        }
    }
}
