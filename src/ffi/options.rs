//! Options that clients and servers share.

use super::convert::{Versioned, invalid, size, time, toggle, versioned_or_default};
use super::types::hws_toggle;
use crate::error::Result;
use crate::session::{Overflow, Settings};

/// What may be received and queued. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_limits {
    pub struct_size: u32,
    /// deliver FRAGMENT events, each frame up to frame_max, instead of whole messages; default off
    pub deliver_fragments: hws_toggle,
    /// deliver PING events, and PONG events for pongs that answer no ping of yours; default off
    pub deliver_pings: hws_toggle,
    /// frames in one message, the empty ones too; default 4096
    pub fragments_max: u32,
    /// bytes in one received message; default 1 MiB
    pub message_max: u64,
    /// bytes in one received frame; default message_max
    pub frame_max: u64,
    /// high watermark of the send queue, bytes; sends over it are refused, and nothing is read; default 16 MiB
    pub send_queue_max: u64,
    /// low watermark: WRITABLE follows a refused send when the queue is not above it; default a quarter of the max
    pub send_queue_low: u64,
    /// bytes in an HTTP head; default 64 KiB
    pub head_max: u64,
    /// bytes in the body of an HTTP response that refuses; default 1 MiB
    pub body_max: u64,
    /// topics that a connection may subscribe to; default 1024
    pub subscriptions_max: u32,
    /// one of hws_slow_policies; default HWS_SLOW_SKIP
    pub slow_subscriber: u32,
    /// bytes a second at which a frame must come once it has begun, measured over 30 s; a peer that is slower is cut off
    /// with RECV_TIMEOUT and 1008. Time in which nothing is read from it does not count; default 32, UINT64_MAX none
    pub receive_rate_min: u64,
    /// messages (or fragments) of a connection that may wait for you beyond a batch: what hws_recv has put by, what is read
    /// on (see hws_overflows), and with hws_engine_options.io_thread everything; default 1024
    pub recv_queue_messages: u32,
    /// one of hws_overflows: what becomes of more; default HWS_OVERFLOW_BACKPRESSURE
    pub overflow: u32,
    /// bytes in the messages that wait; default 4 MiB. One message may always wait, whatever its size
    pub recv_queue_max: u64,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_limits {}

/// Deadlines in milliseconds: 0 is the default, HWS_NEVER is none.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_timers {
    pub struct_size: u32,
    /// answer pings; default on
    pub auto_pong: hws_toggle,
    /// from the call, or from accepting, to the end of the opening handshake, whatever happens; default 10 s
    pub open_ms: i32,
    /// from the beginning of the closing handshake to the end of TCP; default 10 s
    pub close_ms: i32,
    /// for a send queue of which nothing leaves; default 60 s
    pub send_ms: i32,
    /// without a message in either direction; default never. Rests while the connection is not read because its queue is full
    pub idle_ms: i32,
    /// between keepalive pings; default 20 s. Rests while the connection is paused, or is not read because its queue is full
    pub ping_interval_ms: i32,
    /// for the answer to one; default 20 s
    pub ping_timeout_ms: i32,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_timers {}

/// Both, and what belongs to the opening handshake.
pub struct Shared {
    pub settings: Settings,
    pub head_max: Option<usize>,
    pub body_max: Option<usize>,
}

/// Reads both structs, either of which may be NULL.
///
/// # Safety
/// As for [`versioned_or_default`], for both.
pub unsafe fn shared(limits: *const hws_limits, timers: *const hws_timers) -> Result<Shared> {
    // SAFETY: the caller's promise.
    unsafe { shared_after(Settings::default(), limits, timers) }
}

/// The same, where what is not there is as `settings` have it.
///
/// # Safety
/// As for [`shared`].
pub unsafe fn shared_after(settings: Settings, limits: *const hws_limits, timers: *const hws_timers) -> Result<Shared> {
    let mut shared = Shared { settings, head_max: None, body_max: None };
    // SAFETY: the caller's promise.
    if let Some(limits) = unsafe { versioned_or_default(limits, "limits") }? {
        apply_limits(&limits, &mut shared)?;
    }
    // SAFETY: the caller's promise.
    if let Some(timers) = unsafe { versioned_or_default(timers, "timers") }? {
        apply_timers(&timers, &mut shared.settings)?;
    }
    Ok(shared)
}

fn apply_limits(from: &hws_limits, to: &mut Shared) -> Result<()> {
    let settings = &mut to.settings;
    let limits = &mut settings.limits;
    limits.deliver_fragments = toggle(from.deliver_fragments, false, "limits.deliver_fragments")?;
    settings.deliver_pings = toggle(from.deliver_pings, false, "limits.deliver_pings")?;
    limits.message_max = size(from.message_max, limits.message_max);
    limits.frame_max = size(from.frame_max, limits.message_max);
    limits.fragments_max = if from.fragments_max == 0 { limits.fragments_max } else { from.fragments_max };
    settings.send_queue_max = size(from.send_queue_max, settings.send_queue_max);
    settings.send_queue_low = size(from.send_queue_low, settings.send_queue_max / 4);
    settings.receive_rate_min = size(from.receive_rate_min, settings.receive_rate_min);
    if settings.send_queue_low >= settings.send_queue_max {
        return Err(invalid("limits.send_queue_low", "is not below limits.send_queue_max"));
    }
    if from.subscriptions_max != 0 {
        settings.subscriptions_max = from.subscriptions_max;
    }
    settings.close_slow = match from.slow_subscriber {
        0 => false,
        1 => true,
        _ => return Err(invalid("limits.slow_subscriber", "is not one of hws_slow_policies")),
    };
    let queue = &mut settings.queue;
    queue.messages = if from.recv_queue_messages == 0 { queue.messages } else { from.recv_queue_messages };
    queue.bytes = size(from.recv_queue_max, queue.bytes);
    if from.overflow != 0 {
        let known = Overflow::from_number(from.overflow);
        queue.overflow = known.ok_or_else(|| invalid("limits.overflow", "is not one of hws_overflows"))?;
    }
    if queue.overflow.drops() && limits.deliver_fragments {
        return Err(invalid("limits.overflow", "drops whole messages only, and limits.deliver_fragments is on"));
    }
    let bytes = |value: u64| (value != 0).then(|| usize::try_from(value).unwrap_or(usize::MAX));
    to.head_max = bytes(from.head_max);
    to.body_max = bytes(from.body_max);
    Ok(())
}

fn apply_timers(from: &hws_timers, to: &mut Settings) -> Result<()> {
    to.auto_pong = toggle(from.auto_pong, true, "timers.auto_pong")?;
    let timers = &mut to.timers;
    for (field, ms, argument) in [
        (&mut timers.open, from.open_ms, "timers.open_ms"),
        (&mut timers.close, from.close_ms, "timers.close_ms"),
        (&mut timers.send, from.send_ms, "timers.send_ms"),
        (&mut timers.idle, from.idle_ms, "timers.idle_ms"),
        (&mut timers.ping_interval, from.ping_interval_ms, "timers.ping_interval_ms"),
        (&mut timers.ping_timeout, from.ping_timeout_ms, "timers.ping_timeout_ms"),
    ] {
        *field = time(ms, *field, argument)?;
    }
    Ok(())
}
