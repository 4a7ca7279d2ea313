//! Errors.

use std::ffi::c_char;

use super::convert::{bytes, copy_out, invalid, out};
use super::flat::FlatError;
use super::guard::{guard, last_error};
use super::hook;
use super::registry;
use super::types::{hws_bytes, hws_conn, hws_error, hws_header, hws_status, hws_str};
use crate::error::{Error, Operation, Result, Status};

/// One Close frame, RFC 6455 section 5.5.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_close_info {
    /// 0: there was no such frame, 1: there was
    pub present: u32,
    /// 1005 when the frame had none
    pub code: u32,
    pub reason: hws_str,
}

/// Everything that is known about a failure. Fields that do not apply are 0, empty, or what their comment says.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_error_info {
    /// bytes filled in by the library
    pub struct_size: u32,
    pub status: hws_status,
    /// what was being done, see hws_operation_name
    pub operation: u32,
    /// of the connection, as 1 << hws_states; 0: no connection
    pub state: u32,
    /// mask of the states in which the call would have been legal
    pub required_states: u32,
    /// one of hws_retries
    pub retryable: u32,
    /// errno or WSAGetLastError(), or 0
    pub os_error: i32,
    /// TLS alert number + 1, or 0
    pub tls_alert: u32,
    /// SOCKS reply + 1, or 0
    pub socks_reply: u32,
    /// 0: no HTTP response
    pub http_status: u32,
    /// 1: the body was longer than what body holds
    pub body_truncated: u32,
    /// of the frame at fault
    pub opcode: u32,
    /// of the queue that is full
    pub policy: u32,
    /// one of hws_sides
    pub initiated_by: u32,
    pub attempts: u32,
    pub max_attempts: u32,
    pub retry_after_ms: i64,
    pub downtime_ms: i64,
    /// -1: not a timeout
    pub timeout_ms: i64,
    /// byte offset of the fault in the value or message; -1: none
    pub position: i64,
    /// -1: not about a size, or unknown; likewise the next two
    pub size: i64,
    pub max_size: i64,
    pub current_size: i64,
    pub fragments: u64,
    pub max_fragments: u64,
    /// of the queue that is full, bytes
    pub capacity: u64,
    pub dropped: u64,
    pub max_connections: u64,
    pub in_use: u64,
    /// monotonic, of the engine
    pub time_ms: u64,
    pub conn: hws_conn,
    /// one line without a line end
    pub message: hws_str,
    /// the rule that was broken, or the argument at fault
    pub detail: hws_str,
    pub uri: hws_str,
    pub proxy: hws_str,
    /// where a redirect leads
    pub location: hws_str,
    /// address of the peer
    pub peer: hws_str,
    pub http_method: hws_str,
    pub http_version: hws_str,
    pub http_reason: hws_str,
    pub header_name: hws_str,
    /// ptr NULL: the header is missing; len 0: it is empty
    pub header_value: hws_str,
    pub origin: hws_str,
    pub parameter_name: hws_str,
    pub parameter_value: hws_str,
    /// of the HTTP response, in order, repeats kept
    pub headers: *const hws_header,
    pub header_count: usize,
    /// first bytes of the HTTP response's body
    pub body: hws_bytes,
    pub close_rcvd: hws_close_info,
    pub close_sent: hws_close_info,
    /// both Close frames: 1 the peer's came first, 0 ours went first; -1: not both
    pub rcvd_then_sent: i32,
    /// the code of the connection, RFC 6455 section 7.1.5: 1006 when none was received
    pub close_code: u32,
    /// what led to this, or NULL
    pub cause: *const hws_error_info,
}

/// The newest failure of a call on this thread.
///
/// Owns: borrowed until the next but one failing call on this thread; never NULL, status HWS_OK without one.
/// Errors: none.
/// Threads: any; each has its own.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_last_error() -> *const hws_error_info {
    last_error()
}

/// Copies a borrowed error, so that it may cross threads and outlive the poll.
///
/// Owns: *out_error is the caller's, to be freed with hws_error_free; the borrowed error stays as it is.
/// Errors: INVALID_ARGUMENT, STRUCT_SIZE, NO_MEMORY.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_error_keep(borrowed: *const hws_error_info, out_error: *mut hws_error) -> hws_status {
    guard(Operation::Inspect, || {
        hook::check()?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_error, "out_error") }?;
        // SAFETY: C's promise that this is an error of ours, and everything it points to.
        let flat = unsafe { FlatError::copy_of(checked(borrowed)?) };
        out.set(hws_error { id: registry::keep(flat)? });
        Ok(())
    })
}

/// Looks at a kept error.
///
/// Owns: borrowed until hws_error_free.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_error_get(error: hws_error, out_info: *mut *const hws_error_info) -> hws_status {
    guard(Operation::Inspect, || {
        hook::check()?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_info, "out_info") }?;
        out.set(registry::kept(error.id)?);
        Ok(())
    })
}

/// Frees a kept error.
///
/// Owns: the handle is stale afterwards, and so is what hws_error_get gave.
/// Errors: INVALID_HANDLE.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_error_free(error: hws_error) -> hws_status {
    guard(Operation::Inspect, || hook::check().and_then(|()| registry::release(error.id)))
}

/// Writes an error and its causes as one line: "NAME: what happened <- NAME: what led to it".
///
/// Owns: buf is the caller's; all is written with a NUL, or nothing. *needed counts the bytes without the NUL;
/// it may be NULL, and so may buf if cap is 0.
/// Errors: INVALID_ARGUMENT, also for a cap that is too small (*needed is set then); STRUCT_SIZE.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_error_format(
    error: *const hws_error_info,
    buf: *mut c_char,
    cap: usize,
    needed: *mut usize,
) -> hws_status {
    guard(Operation::Inspect, || {
        hook::check()?;
        // SAFETY: C's promise that this is an error of ours.
        let line = format(unsafe { checked(error) }?);
        // SAFETY: C's promise about the buffer.
        unsafe { copy_out(&line, buf, cap, needed) }
    })
}

/// An error of ours, as far as that can be told.
///
/// # Safety
/// `info` is NULL or an error that this library handed out.
unsafe fn checked<'a>(info: *const hws_error_info) -> Result<&'a hws_error_info> {
    if !info.is_aligned() {
        return Err(invalid("error", "is misaligned"));
    }
    // SAFETY: the caller's promise.
    let info = unsafe { info.as_ref() }.ok_or_else(|| invalid("error", "is NULL"))?;
    if info.struct_size as usize != size_of::<hws_error_info>() {
        return Err(Error::new(Status::STRUCT_SIZE, "the error was not handed out by this library"));
    }
    Ok(info)
}

/// The line of [`hws_error_format`].
fn format(info: &hws_error_info) -> String {
    let mut line = String::new();
    let mut next: *const hws_error_info = info;
    // SAFETY: a chain of ours, which ends in NULL.
    while let Some(info) = unsafe { next.as_ref() } {
        let name = Status::from_code(info.status).unwrap_or_default().name();
        // SAFETY: a text of ours; or NULL in a struct that the caller has cleared.
        let message = unsafe { bytes(info.message.ptr.cast(), info.message.len, "error.message") }.unwrap_or_default();
        if !line.is_empty() {
            line.push_str(" <- ");
        }
        line.push_str(name);
        line.push_str(": ");
        line.push_str(&String::from_utf8_lossy(message));
        next = info.cause;
    }
    line
}

/// The name of a status, "HWS_ERR_INVALID_STATUS"; "HWS_OK" for 0, NULL for a number that is none.
///
/// Owns: static.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_status_name(status: hws_status) -> *const c_char {
    Status::from_code(status).map_or(std::ptr::null(), |s| s.c_name().as_ptr())
}

/// A status in plain English; NULL for a number that is none.
///
/// Owns: static.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_status_text(status: hws_status) -> *const c_char {
    Status::from_code(status).map_or(std::ptr::null(), |s| s.c_text().as_ptr())
}

/// 1 if a status is the ancestor or below it, directly or not; else 0. Statuses have several parents.
///
/// Owns: nothing.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_status_is_a(status: hws_status, ancestor: hws_status) -> i32 {
    match (Status::from_code(status), Status::from_code(ancestor)) {
        (Some(status), Some(ancestor)) => status.is_a(ancestor).into(),
        _ => 0,
    }
}

/// The nth direct parent of a status, from 0; 0 when there are no more.
///
/// Owns: nothing.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_status_parent(status: hws_status, nth: u32) -> hws_status {
    let parents = Status::from_code(status).map_or(&[][..], Status::parents);
    parents.get(nth as usize).map_or(0, |parent| parent.code())
}

/// The status at an index of the table, from 0; 0 past the end. Walks all codes, so that bindings can build
/// their exceptions when they start.
///
/// Owns: nothing.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_status_at(index: u32) -> hws_status {
    Status::table().get(index as usize).map_or(0, |row| row.status.code())
}

/// The word for hws_error_info.operation, "connect"; NULL for a number that is none.
///
/// Owns: static.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_operation_name(operation: u32) -> *const c_char {
    Operation::name_of(operation).map_or(std::ptr::null(), std::ffi::CStr::as_ptr)
}
