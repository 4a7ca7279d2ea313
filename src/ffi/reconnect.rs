//! Clients that come back.

use super::convert::{Versioned, array, invalid, size, text, time, toggle, versioned_or_default};
use super::guard::guard;
use super::registry;
use super::request::header_fields;
use super::types::{hws_conn, hws_header, hws_status, hws_str, hws_toggle};
use crate::engine::{Again, Kind, Overflow, Policy, Replay, Revival, Stock};
use crate::error::{Error, Operation, Result, Status};
use crate::http::Uri;
use crate::session::{NEVER, Timers};

/// How a client comes back when its connection is lost, or cannot be opened yet. RECONNECTING tells of every loss and
/// every attempt that has failed, OPEN with HWS_FLAG_RECONNECTED that it is back: under the same handle, with its user
/// value and its subscriptions. hws_error_info.retryable decides whether it tries again; a peer that closes with 1000 or
/// no code has finished. A 1013 and a Retry-After put off the next attempt. Zero is the default; see docs/reconnect.md.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_reconnect {
    pub struct_size: u32,
    /// default on
    pub enabled: hws_toggle,
    /// attempts after the first; default 0: no limit. After the last RECONNECT_EXHAUSTED is the error of the last event
    pub max_attempts: u32,
    /// the delay before an attempt is chosen by chance, up to a ceiling: that of the first; default 1 s
    pub backoff_min_ms: i32,
    /// and that of all, but for what a peer asks for; default 60 s
    pub backoff_max_ms: i32,
    /// the ceiling of an attempt in hundredths of that of the attempt before; default 200, at least 100
    pub backoff_percent: u32,
    /// how much of the ceiling chance decides, in hundredths of it; default 100: all, HWS_NO_JITTER: nothing
    pub jitter_percent: u32,
    /// down for so long, it gives up with RECONNECT_EXHAUSTED; default never
    pub downtime_max_ms: i32,
    /// for each attempt, the first included; default timers.open_ms
    pub attempt_ms: i32,
    /// open for so long, the attempts before are forgotten; default 60 s
    pub stable_ms: i32,
    /// open for so long, it is closed with 1000 and opened anew; up to a tenth earlier, by chance; default never
    pub max_age_ms: i32,
    /// a permanent cause raises RECONNECTING with value UINT64_MAX, and ends the connection with RECONNECT_REFUSED unless
    /// hws_conn_reconnect is called within this time; default none: it ends the connection at once
    pub ask_ms: i32,
    /// one of hws_overflows but HWS_OVERFLOW_BACKPRESSURE; default HWS_OVERFLOW_ERROR: BUFFER_OVERFLOW
    pub buffer_overflow: u32,
    /// one of hws_replays; default HWS_REPLAY_OFF
    pub replay: u32,
    /// bytes of messages that may be sent while the connection is not open, to leave when it is; each counts for 64 bytes
    /// more than it has, as in the next two. Default 0: such sends are refused
    pub buffer_max: u64,
    /// with replay: bytes of messages that may be kept until the peer is known to have read them; the oldest go. Default 1 MiB
    pub replay_max: u64,
    /// bytes of what is sent with HWS_SEND_AGAIN; default 1 MiB, and 1024 messages
    pub again_max: u64,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_reconnect {}

/// hws_reconnect.jitter_percent: the delay is the ceiling.
const HWS_NO_JITTER: u32 = u32::MAX;

/// When and where a connection is opened again. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_reconnect_options {
    pub struct_size: u32,
    /// default 0: now; HWS_NEVER: not until this is called again
    pub after_ms: i32,
    /// of the Close frame, if it is open; default 1000
    pub code: u32,
    pub reserved0: u32,
    pub reason: hws_str,
    /// where to, from now on; default where it went before. To another scheme, host or port go neither credentials, nor
    /// header fields but those given here, nor connect_to, server_name and certificate
    pub uri: hws_str,
    /// from now on in place of those of the same names: a fresh token, say
    pub headers: *const hws_header,
    pub header_count: usize,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_reconnect_options {}

/// Opens a connection again that was made with hws_client_options.reconnect. While it is down, this is the next attempt,
/// whatever was decided before; an attempt that is being made is given up. While it is open, what is queued leaves, the
/// closing handshake is done, and it is opened anew; with after_ms at that time, unless it is lost before, and a later
/// call replaces that, and max_age_ms too. RECONNECTING and OPEN follow. options may be NULL.
///
/// Owns: options is copied.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for headers that
/// cannot be sent; INVALID_SEND for a code or reason that may not be sent; RECONNECT_DISABLED for a connection that was not
/// made to come back, or has ended; CONNECTION_CLOSED after hws_close.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_conn_reconnect(conn: hws_conn, options: *const hws_reconnect_options) -> hws_status {
    guard(Operation::Reconnect, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise about the struct and what it points to.
        let again = unsafe { again(versioned_or_default(options, "options")?) }?;
        let ordered = host.engine.reconnect(conn.id, again);
        host.hand_out_log();
        ordered
    })
}

/// With HWS_REPLAY_ON_REQUEST, once a connection has come back: what was sent before, with a token up to after_token, has
/// arrived; all else that the peer is not known to have read is sent again in its order, and then what was sent while
/// the connection was down. Until this is called that waits, too; what is sent meanwhile leaves at once. Tokens are those of
/// hws_send_options, ascending; messages without one are always sent again.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, FORKED, PANIC; INVALID_STATE for a connection that is not open, or whose replay is not on
/// request; CONNECTION_CLOSED while it closes; RECONNECT_DISABLED for one that was not made to come back, or has ended.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_conn_replay(conn: hws_conn, after_token: u64) -> hws_status {
    guard(Operation::Send, || registry::engine_of(conn.id, Kind::Conn)?.engine.replay(conn.id, after_token))
}

/// Ends what HWS_SEND_AGAIN began: the message with this token is not sent any more when the connection is open again. 0:
/// none of them is. A token that is not there is no error.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, FORKED, PANIC; RECONNECT_DISABLED for a connection that was not made to come back, or has ended.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_conn_forget(conn: hws_conn, token: u64) -> hws_status {
    guard(Operation::Send, || registry::engine_of(conn.id, Kind::Conn)?.engine.forget(conn.id, token))
}

/// # Safety
/// Everything that `from` points to is as its fields say.
unsafe fn again(from: Option<hws_reconnect_options>) -> Result<Again> {
    let Some(from) = from else {
        return Ok(Again { after: 0, uri: None, headers: Vec::new(), farewell: (1000, String::new()) });
    };
    // SAFETY: the caller's promise, here and below.
    let (uri, reason) = unsafe { (text(from.uri, "options.uri")?, text(from.reason, "options.reason")?) };
    let code = if from.code == 0 { 1000 } else { from.code };
    let unsendable = |_| Error::new(Status::INVALID_SEND, format!("close code {code} may not be sent"));
    Ok(Again {
        after: time(from.after_ms, 0, "options.after_ms")?,
        uri: if uri.is_empty() { None } else { Some(Uri::parse(uri)?) },
        // SAFETY: as above.
        headers: unsafe { header_fields(array(from.headers, from.header_count, "options.headers")?) }?,
        farewell: (u16::try_from(code).map_err(unsendable)?, reason.to_owned()),
    })
}

/// How a client comes back, if it does. The time of an attempt is set in its timers.
///
/// # Safety
/// `from` is NULL or as for [`versioned_or_default`].
pub unsafe fn revival(from: *const hws_reconnect, timers: &mut Timers) -> Result<Option<Revival>> {
    // SAFETY: the caller's promise.
    let Some(from) = (unsafe { versioned_or_default(from, "reconnect") })? else { return Ok(None) };
    let (policy, stock) = (policy(&from)?, stock(&from)?);
    let max_age = time(from.max_age_ms, NEVER, "reconnect.max_age_ms")?;
    let attempt = time(from.attempt_ms, timers.open, "reconnect.attempt_ms")?;
    if !toggle(from.enabled, true, "reconnect.enabled")? {
        return Ok(None);
    }
    timers.open = attempt;
    Ok(Some(Revival { policy, max_age, stock }))
}

fn stock(from: &hws_reconnect) -> Result<Stock> {
    let default = Stock::default();
    Ok(Stock {
        waiting_max: from.buffer_max,
        overflow: match from.buffer_overflow {
            0 | 4 => Overflow::Error,
            2 => Overflow::DropOldest,
            3 => Overflow::DropNewest,
            1 => return Err(invalid("reconnect.buffer_overflow", "cannot be HWS_OVERFLOW_BACKPRESSURE")),
            _ => return Err(invalid("reconnect.buffer_overflow", "is not one of hws_overflows")),
        },
        replay: match from.replay {
            0 => Replay::Off,
            1 => Replay::OnRequest,
            2 => Replay::Always,
            _ => return Err(invalid("reconnect.replay", "is not one of hws_replays")),
        },
        replay_max: size(from.replay_max, default.replay_max),
        first_max: size(from.again_max, default.first_max),
    })
}

fn policy(from: &hws_reconnect) -> Result<Policy> {
    let default = Policy::default();
    let bounded = |ms: i32, default, argument| match ms {
        -1 => Err(invalid(argument, "cannot be HWS_NEVER")),
        ms => time(ms, default, argument),
    };
    let policy = Policy {
        max_attempts: from.max_attempts,
        delay_min: bounded(from.backoff_min_ms, default.delay_min, "reconnect.backoff_min_ms")?,
        delay_max: bounded(from.backoff_max_ms, default.delay_max, "reconnect.backoff_max_ms")?,
        percent: if from.backoff_percent == 0 { default.percent } else { from.backoff_percent },
        jitter: match from.jitter_percent {
            0 => default.jitter,
            HWS_NO_JITTER => 0,
            percent => percent,
        },
        downtime_max: time(from.downtime_max_ms, default.downtime_max, "reconnect.downtime_max_ms")?,
        stable: time(from.stable_ms, default.stable, "reconnect.stable_ms")?,
        ask: time(from.ask_ms, default.ask, "reconnect.ask_ms")?,
    };
    if policy.percent < 100 {
        return Err(invalid("reconnect.backoff_percent", "is under 100"));
    }
    if policy.jitter > 100 {
        return Err(invalid("reconnect.jitter_percent", "is over 100 and not HWS_NO_JITTER"));
    }
    // The smaller of the two may be the one that is set.
    let delay_max = if from.backoff_max_ms == 0 { policy.delay_max.max(policy.delay_min) } else { policy.delay_max };
    let delay_min = if from.backoff_min_ms == 0 { policy.delay_min.min(delay_max) } else { policy.delay_min };
    if delay_min > delay_max {
        return Err(invalid("reconnect.backoff_min_ms", "is above reconnect.backoff_max_ms"));
    }
    Ok(Policy { delay_min, delay_max, ..policy })
}
