//! Requests that a host decides on.

use super::convert::{Versioned, array, bytes, optional_text, out, text, versioned, versioned_or_default};
use super::guard::guard;
use super::registry;
use super::types::{hws_bytes, hws_conn, hws_header, hws_request, hws_status, hws_str};
use crate::engine::Kind;
use crate::error::{Operation, Result};
use crate::handshake::{Grant, Response};

/// What a host adds to the response that opens a connection. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_accept_options {
    pub struct_size: u32,
    pub reserved0: u32,
    /// one of those that were offered; default what the route's own list leads to
    pub subprotocol: hws_str,
    /// further fields of the response
    pub headers: *const hws_header,
    pub header_count: usize,
    /// of the connection; default the route's
    pub user: u64,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_accept_options {}

/// Grants the request of a REQUEST event: OPEN follows, and CLOSE at its end. options may be NULL.
///
/// Owns: options is copied. The request is stale afterwards; *out_conn needs no freeing.
/// Errors: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, also for a subprotocol that
/// was not offered; STRUCT_SIZE, INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC; INVALID_STATE for a request that asks for no WebSocket.
/// After an error other than INVALID_HANDLE the request still waits.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_request_accept(
    request: hws_request,
    options: *const hws_accept_options,
    out_conn: *mut hws_conn,
) -> hws_status {
    guard(Operation::Handshake, || {
        let host = registry::engine_of(request.id, Kind::Request)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_conn, "out_conn") }?;
        // SAFETY: C's promise about the struct and what it points to.
        let (grant, user) = unsafe {
            match versioned_or_default(options, "options")? {
                Some(options) => (grant(&options)?, options.user),
                None => (Grant::default(), 0),
            }
        };
        let id = host.engine.grant(request.id, &grant, user)?;
        host.hand_out_log();
        out.set(hws_conn { id });
        Ok(())
    })
}

/// # Safety
/// Everything that `from` points to is as its fields say.
unsafe fn grant(from: &hws_accept_options) -> Result<Grant> {
    // SAFETY: the caller's promise.
    unsafe {
        Ok(Grant {
            subprotocol: optional_text(from.subprotocol, "options.subprotocol")?,
            headers: header_fields(array(from.headers, from.header_count, "options.headers")?)?,
        })
    }
}

/// A response of HTTP that opens no WebSocket.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_response {
    pub struct_size: u32,
    /// 200 to 599
    pub status: u32,
    /// beside Content-Length and Connection: close, which are added; Content-Type is "text/plain; charset=utf-8" unless it
    /// is here
    pub headers: *const hws_header,
    pub header_count: usize,
    pub body: hws_bytes,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_response {}

/// Answers the request of a REQUEST event with a response of your own, and opens nothing: 200 for a health check, 401
/// with WWW-Authenticate, 302 with Location. ACCEPT_FAILED with HANDSHAKE_ABORTED follows when the peer has it.
///
/// Owns: response is copied. The request is stale afterwards.
/// Errors: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, STRUCT_SIZE,
/// INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC. After an error other than INVALID_HANDLE the request still waits.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_request_respond(request: hws_request, response: *const hws_response) -> hws_status {
    guard(Operation::Handshake, || {
        let host = registry::engine_of(request.id, Kind::Request)?;
        // SAFETY: C's promise about the struct and what it points to.
        let response = unsafe { versioned(response, "response").and_then(|from| self::response(&from)) }?;
        host.engine.answer(request.id, &response)
    })
}

/// A response of the host's.
///
/// # Safety
/// Everything that `from` points to is as its fields say.
pub unsafe fn response(from: &hws_response) -> Result<Response> {
    // SAFETY: the caller's promise, for the array, its texts, and the body.
    let (headers, body) = unsafe {
        let headers = header_fields(array(from.headers, from.header_count, "response.headers")?)?;
        (headers, bytes(from.body.ptr, from.body.len, "response.body")?.to_vec())
    };
    let response = Response { status: u16::try_from(from.status).unwrap_or(u16::MAX), headers, body };
    response.validate()?;
    Ok(response)
}

/// Header fields of the host's.
///
/// # Safety
/// Their texts are as their type says.
pub unsafe fn header_fields(fields: &[hws_header]) -> Result<Vec<(String, String)>> {
    // SAFETY: the caller's promise.
    let own = |from: hws_str| unsafe { text(from, "headers") }.map(str::to_owned);
    fields.iter().map(|field| Ok((own(field.name)?, own(field.value)?))).collect()
}
