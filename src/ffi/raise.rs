//! Errors that a binding finds: they get a number, a text and a place like all others.

use super::convert::{Versioned, invalid, text, versioned};
use super::guard::guard;
use super::hook;
use super::types::{hws_conn, hws_opcode, hws_status, hws_str};
use crate::engine::{Handle, Kind, invalid_handle};
use crate::error::{Error, Operation, Result, Status};

/// An error of a binding's own. Zero is what is not known; status is needed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_raise {
    pub struct_size: u32,
    /// HWS_ERR_INVALID_MESSAGE_DATA: a message could not be decoded. HWS_ERR_CALLBACK: a function of the host's that the
    /// binding has called failed
    pub status: hws_status,
    /// whose message it was; it may be closed by now
    pub conn: hws_conn,
    /// what is wrong, for people; line ends become spaces, and what is beyond 4096 bytes is left out
    pub detail: hws_str,
    /// of the message: HWS_TEXT or HWS_BINARY; 0: it is not about a message
    pub opcode: hws_opcode,
    /// 1: position is known
    pub has_position: u32,
    /// byte offset of the fault in the message
    pub position: u64,
    /// bytes in the message, if opcode says that there is one
    pub size: u64,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_raise {}

/// The most of a detail that is kept.
const DETAIL_MAX: usize = 4096;

/// Makes an error that a binding has found this thread's last error, so that all bindings of all languages say it alike,
/// and returns its status.
///
/// Owns: raise is copied.
/// Errors: always one: that of raise.status, INVALID_MESSAGE_DATA or CALLBACK; or INVALID_ARGUMENT, also for any other status;
/// STRUCT_SIZE; INVALID_HANDLE when conn is not the handle of a connection, alive or not. From inside a hook CALLBACK.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_error_raise(raise: *const hws_raise) -> hws_status {
    guard(Operation::Inspect, || {
        hook::check()?;
        // SAFETY: C's promise about the struct.
        let raise = unsafe { versioned(raise, "raise") }?;
        // SAFETY: C's promise about the text.
        Err(unsafe { raised(&raise) }?)
    })
}

/// The error that is to be raised, or why it may not be.
///
/// # Safety
/// The detail is as its length says.
unsafe fn raised(from: &hws_raise) -> Result<Error> {
    let (status, operation) = match Status::from_code(from.status) {
        Some(status @ Status::INVALID_MESSAGE_DATA) => (status, Operation::Receive),
        Some(status @ Status::CALLBACK) => (status, Operation::Library),
        _ => {
            let rule = "is not for bindings: they raise HWS_ERR_INVALID_MESSAGE_DATA and HWS_ERR_CALLBACK";
            return Err(invalid("raise.status", rule));
        }
    };
    if from.conn.id != 0 && Handle::of(from.conn.id, Kind::Conn).is_none() {
        return Err(invalid_handle());
    }
    if from.opcode > 2 {
        return Err(invalid("raise.opcode", "is neither HWS_TEXT nor HWS_BINARY nor 0"));
    }
    if from.has_position > 1 {
        return Err(invalid("raise.has_position", "is neither 0 nor 1"));
    }
    // SAFETY: the caller's promise.
    let detail = line(unsafe { text(from.detail, "raise.detail") }?);
    Ok(Error::new(status, detail).with(|e| {
        e.operation = operation;
        e.conn = from.conn.id;
        e.opcode = from.opcode as u8;
        e.position = (from.has_position == 1).then_some(from.position);
        e.size = (from.opcode != 0).then_some(from.size);
    }))
}

/// As errors say it: one line, and not too long.
fn line(text: &str) -> String {
    let end = (0..=DETAIL_MAX.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[..end].replace(['\r', '\n', '\0'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_one_line_and_not_too_long() {
        assert_eq!(line("one\r\ntwo\0"), "one  two ");
        assert_eq!(line(&"a".repeat(5000)).len(), 4096);
        assert_eq!(line(&"ä€".repeat(1000)).len(), 4095, "not half a character");
    }
}
