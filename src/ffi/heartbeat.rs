//! The heartbeat's options.

use std::sync::Arc;

use super::convert::{Versioned, bytes, invalid, time, toggle, versioned_or_default};
use super::types::{hws_bytes, hws_opcode, hws_toggle};
use crate::error::Result;
use crate::protocol::Opcode;
use crate::session::{Answer, Heartbeat, NEVER};

/// A message of your own that the peer must answer: for servers that know no pings, or to notice a program that hangs
/// behind a library or proxy that answers pings for it. Zero is the default; message and answer are needed.
///
/// One at a time is on its way, and none inside a fragmented message of yours; it goes uncompressed. Without an answer
/// in time the connection is closed with 1011: CLOSED_ERROR because of PING_TIMEOUT, whose detail says heartbeat. It
/// rests while the connection is paused. Heartbeats and their answers count as messages in hws_stats, and the round trip
/// is rtt_us; timers.idle_ms does not count those that you do not see.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_heartbeat {
    pub struct_size: u32,
    /// HWS_TEXT or HWS_BINARY; default HWS_TEXT
    pub opcode: hws_opcode,
    /// what is sent, up to 64 KiB; text is UTF-8
    pub message: hws_bytes,
    /// what answers it, up to 64 KiB, in a text or binary message; with deliver_fragments, in one of a single frame. None
    /// with HWS_MATCH_ANY, and none needed where timeout_ms is HWS_NEVER
    pub answer: hws_bytes,
    /// one of hws_matches; default HWS_MATCH_EXACT
    pub matching: u32,
    /// answers are MESSAGE events, too; default off, but always on with HWS_MATCH_ANY. Only as many messages as were
    /// asked for are taken for answers
    pub deliver: hws_toggle,
    /// from one heartbeat to the next; default 20 s, HWS_NEVER: none
    pub interval_ms: i32,
    /// for the answer to one; default 20 s. HWS_NEVER: none is waited for, and each interval sends another
    pub timeout_ms: i32,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_heartbeat {}

/// Reads the struct, which may be NULL: then it is as `usual` has it.
///
/// # Safety
/// As for [`versioned_or_default`], and for the bytes that it points to.
pub unsafe fn heartbeat(from: *const hws_heartbeat, usual: Option<Arc<Heartbeat>>) -> Result<Option<Arc<Heartbeat>>> {
    // SAFETY: the caller's promise.
    let Some(from) = (unsafe { versioned_or_default(from, "heartbeat") })? else { return Ok(usual) };
    // SAFETY: the caller's promise.
    let heartbeat = unsafe { read(&from) }?;
    Ok((heartbeat.interval != NEVER).then(|| Arc::new(heartbeat)))
}

/// # Safety
/// The bytes are as their lengths say.
unsafe fn read(from: &hws_heartbeat) -> Result<Heartbeat> {
    // SAFETY: the caller's promise.
    let message = unsafe { bounded(from.message, "heartbeat.message") }?;
    // SAFETY: as above.
    let wanted = unsafe { bounded(from.answer, "heartbeat.answer") }?;
    let timeout = time(from.timeout_ms, Heartbeat::TIMEOUT, "heartbeat.timeout_ms")?;
    Ok(Heartbeat {
        opcode: opcode(from.opcode, message)?,
        message: message.into(),
        answer: answer(from.matching, wanted, timeout == NEVER)?,
        deliver: toggle(from.deliver, false, "heartbeat.deliver")?,
        interval: time(from.interval_ms, Heartbeat::INTERVAL, "heartbeat.interval_ms")?,
        timeout,
    })
}

/// # Safety
/// The bytes are as their length says.
unsafe fn bounded<'a>(from: hws_bytes, argument: &'static str) -> Result<&'a [u8]> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(from.ptr, from.len, argument) }?;
    if bytes.len() > Heartbeat::SIZE_MAX {
        return Err(invalid(argument, "is over 64 KiB").with(|e| {
            e.size = Some(bytes.len() as u64);
            e.max_size = Some(Heartbeat::SIZE_MAX as u64);
        }));
    }
    Ok(bytes)
}

fn opcode(number: hws_opcode, message: &[u8]) -> Result<Opcode> {
    if message.is_empty() {
        return Err(invalid("heartbeat.message", "is missing"));
    }
    match number {
        0 | 1 => match std::str::from_utf8(message) {
            Ok(_) => Ok(Opcode::Text),
            Err(fault) => Err(invalid("heartbeat.message", "is not UTF-8, and is to be sent as text")
                .with(|e| e.position = Some(fault.valid_up_to() as u64))),
        },
        2 => Ok(Opcode::Binary),
        _ => Err(invalid("heartbeat.opcode", "is neither HWS_TEXT nor HWS_BINARY")),
    }
}

fn answer(how: u32, wanted: &[u8], may_lack: bool) -> Result<Answer> {
    match (how, wanted.is_empty()) {
        (4.., _) => Err(invalid("heartbeat.matching", "is not one of hws_matches")),
        (3, true) => Ok(Answer::Any),
        (3, false) => Err(invalid("heartbeat.answer", "and HWS_MATCH_ANY exclude each other")),
        (_, true) if may_lack => Ok(Answer::None),
        (_, true) => Err(invalid("heartbeat.answer", "is missing; HWS_MATCH_ANY takes whatever comes")),
        (0, false) => Ok(Answer::Exact(wanted.into())),
        (1, false) => Ok(Answer::Prefix(wanted.into())),
        (2, false) => Ok(Answer::Contains(wanted.into())),
    }
}
