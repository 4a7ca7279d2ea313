//! Errors and handshakes as C sees them: structs of pointers, with everything they point to in one place.

use std::ptr;

use super::error::{hws_close_info, hws_error_info};
use super::events::hws_handshake;
use super::hook::NOTHING;
use super::types::{hws_bytes, hws_conn, hws_header, hws_str};
use crate::engine::Opened;
use crate::error::{CloseFrame, Error, Retry};

/// What the pointers of a flat struct point to. Boxed slices: they stay where they are when this moves.
#[derive(Default)]
struct Store {
    bytes: Vec<Box<[u8]>>,
    headers: Vec<Box<[hws_header]>>,
    strings: Vec<Box<[hws_str]>>,
}

impl Store {
    fn bytes(&mut self, bytes: &[u8]) -> hws_bytes {
        let kept: Box<[u8]> = bytes.into();
        let borrowed = hws_bytes::of(&kept);
        self.bytes.push(kept);
        borrowed
    }

    /// With a NUL behind it, which the length does not count.
    fn text(&mut self, text: impl AsRef<[u8]>) -> hws_str {
        let text = text.as_ref();
        if text.is_empty() {
            return hws_str { ptr: c"".as_ptr(), len: 0 };
        }
        let bytes = self.bytes(&[text, b"\0"].concat());
        hws_str { ptr: bytes.ptr.cast(), len: text.len() }
    }

    fn headers<'a>(&mut self, headers: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> (*const hws_header, usize) {
        let kept: Box<[hws_header]> =
            headers.map(|(name, value)| hws_header { name: self.text(name), value: self.text(value) }).collect();
        if kept.is_empty() {
            return (ptr::null(), 0);
        }
        let borrowed = (kept.as_ptr(), kept.len());
        self.headers.push(kept);
        borrowed
    }
}

const NO_TEXT: hws_str = hws_str { ptr: ptr::null(), len: 0 };

/// An error and its causes.
pub struct FlatError {
    /// The error itself first, then its cause, and so on; each points to the next.
    chain: Box<[hws_error_info]>,
    _store: Store,
}

// SAFETY: the pointers point into the struct's own heap memory or to constants, and nothing is written to
// after construction.
unsafe impl Send for FlatError {}
// SAFETY: as above.
unsafe impl Sync for FlatError {}

impl FlatError {
    /// Flattens an error.
    pub fn new(error: &Error) -> Self {
        let mut store = Store::default();
        let chain = error.chain().map(|e| flatten(e, &mut store)).collect();
        Self::link(chain, store)
    }

    /// Copies an error that C holds.
    ///
    /// # Safety
    /// `info` and everything it points to is as this library handed it out.
    pub unsafe fn copy_of(info: &hws_error_info) -> Self {
        let mut store = Store::default();
        let mut chain = Vec::new();
        let mut next: *const hws_error_info = info;
        // SAFETY: the caller's promise; the chain ends in NULL.
        while let Some(info) = unsafe { next.as_ref() } {
            // SAFETY: as above.
            chain.push(unsafe { copy(info, &mut store) });
            next = info.cause;
        }
        Self::link(chain.into(), store)
    }

    fn link(mut chain: Box<[hws_error_info]>, store: Store) -> Self {
        let mut cause = ptr::null();
        for info in chain.iter_mut().rev() {
            info.cause = cause;
            cause = info;
        }
        Self { chain, _store: store }
    }

    /// The error itself.
    pub fn info(&self) -> *const hws_error_info {
        self.chain.as_ptr()
    }

    /// No error at all, for ever.
    pub fn none() -> *const hws_error_info {
        NOTHING.info()
    }
}

fn size(size: Option<u64>) -> i64 {
    size.map_or(-1, |s| i64::try_from(s).unwrap_or(i64::MAX))
}

fn close_info(frame: Option<&CloseFrame>, store: &mut Store) -> hws_close_info {
    match frame {
        None => hws_close_info { present: 0, code: 0, reason: NO_TEXT },
        Some(frame) => hws_close_info { present: 1, code: frame.code.into(), reason: store.text(&frame.reason) },
    }
}

/// One link of the chain; its cause is set later.
fn flatten(e: &Error, store: &mut Store) -> hws_error_info {
    let (headers, header_count) = store.headers(e.headers.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())));
    let (retryable, retry_after) = match e.retry() {
        Retry::No => (0, 0),
        Retry::Yes => (1, 0),
        Retry::After(ms) => (2, ms),
    };
    hws_error_info {
        struct_size: size_of::<hws_error_info>() as u32,
        status: e.status.code(),
        operation: e.operation as u32,
        state: e.state,
        required_states: e.required_states,
        retryable,
        os_error: e.os_error,
        tls_alert: e.tls_alert.map_or(0, |alert| u32::from(alert) + 1),
        socks_reply: e.socks_reply.map_or(0, |reply| u32::from(reply) + 1),
        http_status: e.http_status.into(),
        body_truncated: e.body_truncated.into(),
        opcode: e.opcode.into(),
        policy: e.policy,
        initiated_by: e.initiated_by as u32,
        attempts: e.attempts,
        max_attempts: e.max_attempts,
        retry_after_ms: size(Some(retry_after)),
        downtime_ms: size(Some(e.downtime_ms)),
        timeout_ms: size(e.timeout_ms),
        position: size(e.position),
        size: size(e.size),
        max_size: size(e.max_size),
        current_size: size(e.current_size),
        fragments: e.fragments,
        max_fragments: e.max_fragments,
        capacity: e.capacity,
        dropped: e.dropped,
        max_connections: e.max_connections,
        in_use: e.in_use,
        time_ms: e.time_ms,
        conn: hws_conn { id: e.conn },
        message: store.text(e.message()),
        detail: store.text(&*e.detail),
        uri: store.text(&e.uri),
        proxy: store.text(&e.proxy),
        location: store.text(&e.location),
        peer: store.text(&e.peer),
        http_method: store.text(&e.http_method),
        http_version: store.text(&e.http_version),
        http_reason: store.text(&e.http_reason),
        header_name: store.text(&e.header_name),
        header_value: e.header_value.as_ref().map_or(NO_TEXT, |value| store.text(value)),
        origin: store.text(&e.origin),
        parameter_name: store.text(&e.parameter_name),
        parameter_value: store.text(&e.parameter_value),
        headers,
        header_count,
        body: store.bytes(&e.body),
        close_rcvd: close_info(e.close_rcvd.as_ref(), store),
        close_sent: close_info(e.close_sent.as_ref(), store),
        rcvd_then_sent: e.rcvd_then_sent.map_or(-1, i32::from),
        close_code: e.close_code().into(),
        cause: ptr::null(),
    }
}

/// A copy of one link of the chain; its cause is set later.
///
/// # Safety
/// `info` and everything it points to is as this library handed it out.
unsafe fn copy(info: &hws_error_info, store: &mut Store) -> hws_error_info {
    // SAFETY: the caller's promise: ptr is NULL or points to len bytes.
    let bytes = |ptr: *const u8, len: usize| unsafe {
        if ptr.is_null() { &[][..] } else { std::slice::from_raw_parts(ptr, len) }
    };
    let raw = |s: hws_str| bytes(s.ptr.cast(), s.len);
    let headers = if info.headers.is_null() {
        &[][..]
    } else {
        // SAFETY: the caller's promise: header_count headers.
        unsafe { std::slice::from_raw_parts(info.headers, info.header_count) }
    };
    let (headers, header_count) = store.headers(headers.iter().map(|h| (raw(h.name), raw(h.value))));
    let mut text = |s: hws_str| if s.ptr.is_null() { NO_TEXT } else { store.text(raw(s)) };
    let mut copy = hws_error_info {
        message: text(info.message),
        detail: text(info.detail),
        uri: text(info.uri),
        proxy: text(info.proxy),
        location: text(info.location),
        peer: text(info.peer),
        http_method: text(info.http_method),
        http_version: text(info.http_version),
        http_reason: text(info.http_reason),
        header_name: text(info.header_name),
        header_value: text(info.header_value),
        origin: text(info.origin),
        parameter_name: text(info.parameter_name),
        parameter_value: text(info.parameter_value),
        headers,
        header_count,
        ..*info
    };
    copy.close_rcvd.reason = text(info.close_rcvd.reason);
    copy.close_sent.reason = text(info.close_sent.reason);
    copy.body = store.bytes(bytes(info.body.ptr, info.body.len));
    copy
}

/// What was agreed in an opening handshake.
pub struct FlatHandshake {
    info: Box<hws_handshake>,
    _store: Store,
    _declined: Option<FlatError>,
}

// SAFETY: as for FlatError.
unsafe impl Send for FlatHandshake {}

impl FlatHandshake {
    /// Flattens what is known of an open connection.
    pub fn new(opened: &Opened) -> Self {
        let mut store = Store::default();
        let h = &opened.handshake;
        let tls = opened.tls.as_deref().cloned().unwrap_or_default();
        let (headers, header_count) = store.headers(h.headers.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())));
        let offered: Box<[hws_str]> = h.subprotocols_offered.iter().map(|p| store.text(p)).collect();
        let route = h.route.as_ref();
        let params = route.map(|routed| routed.params.as_slice()).unwrap_or_default();
        let (params, param_count) = store.headers(params.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())));
        let declined = h.declined.first().map(FlatError::new);
        let info = Box::new(hws_handshake {
            struct_size: size_of::<hws_handshake>() as u32,
            http_status: h.http_status.into(),
            method: store.text(&h.method),
            target: store.text(&h.target),
            host: store.text(&h.host),
            origin: store.text(&h.origin),
            subprotocol: store.text(&h.subprotocol),
            extensions: store.text(&h.extensions),
            peer: store.text(&opened.peer),
            subprotocols_offered: if offered.is_empty() { ptr::null() } else { offered.as_ptr() },
            subprotocol_count: offered.len(),
            headers,
            header_count,
            uri: store.text(&opened.uri),
            user: store.text(&h.user),
            tls_version: store.text(tls.version),
            tls_cipher: store.text(tls.cipher_suite),
            tls_server_name: store.text(tls.server_name.unwrap_or_default()),
            tls_alpn: store.text(tls.alpn.unwrap_or_default()),
            tls_subject: store.text(tls.peer_subject.unwrap_or_default()),
            tls_certificate: store.bytes(&tls.peer_certificate.unwrap_or_default()),
            tls_resumed: tls.resumed.into(),
            reserved0: 0,
            extension_declined: declined.as_ref().map_or(ptr::null(), FlatError::info),
            route: route.map_or(NO_TEXT, |routed| store.text(&routed.route.pattern)),
            params,
            param_count,
        });
        store.strings.push(offered);
        Self { info, _store: store, _declined: declined }
    }

    /// The struct.
    pub fn info(&self) -> *const hws_handshake {
        &*self.info
    }
}
