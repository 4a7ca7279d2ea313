//! Engines and their events.

use std::ffi::c_void;
use std::sync::Arc;

use super::convert::{Versioned, out, toggle, versioned_or_default, wait};
use super::error::hws_error_info;
use super::guard::guard;
use super::hook::Hook;
use super::library::{ABI_VERSION, hws_wake_fn};
use super::registry;
use super::sink::EventArray;
use super::types::{
    hws_bytes, hws_conn, hws_engine, hws_event_kind, hws_header, hws_listener, hws_opcode, hws_request, hws_status,
    hws_str, hws_toggle,
};
use crate::engine::{Kind, Options, SLOTS_MAX, WakeHook};
use crate::error::{Error, Operation, Result, Status};

/// How an engine is made. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_engine_options {
    pub struct_size: u32,
    /// HWS_ABI_VERSION, or 0 to skip the check
    pub abi_version: u32,
    /// connections at a time; default and most: 1048576
    pub max_connections: u32,
    pub reserved0: u32,
    /// payload bytes that one batch may lend, and that hws_recv of one connection puts by of others, roughly; default 4 MiB.
    /// A batch that lends 256 KiB ends all the same, as that is what a processor's cache holds; the rest comes with the next
    pub event_memory_max: u64,
    /// bytes of compressors that connections may keep between messages; default 64 MiB. Over it they share one, and each
    /// message is compressed by itself
    pub compression_memory_max: u64,
    /// an engine whose topics the new one shares: what is published to either reaches the subscribers of both; default
    /// topics of its own
    pub share_topics: hws_engine,
    /// each hws_publish to this engine is a PUBLISH event of it, too; default off. Those that wait are bounded by
    /// event_memory_max
    pub publish_events: hws_toggle,
    /// a thread of the library's own does all work, and hws_poll and hws_recv only take events; default off. See hws_engine_new
    pub io_thread: hws_toggle,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_engine_options {}

/// What was asked and answered in the opening handshake, RFC 6455 section 4.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_handshake {
    /// bytes filled in by the library
    pub struct_size: u32,
    pub http_status: u32,
    pub method: hws_str,
    pub target: hws_str,
    pub host: hws_str,
    pub origin: hws_str,
    /// the one that was agreed, or empty
    pub subprotocol: hws_str,
    /// those that were agreed, with their parameters: "permessage-deflate; server_max_window_bits=12"
    pub extensions: hws_str,
    /// address of the peer
    pub peer: hws_str,
    /// by the client
    pub subprotocols_offered: *const hws_str,
    pub subprotocol_count: usize,
    /// what the peer sent, in order, repeats kept
    pub headers: *const hws_header,
    pub header_count: usize,
    /// clients: where the connection leads, after redirects
    pub uri: hws_str,
    /// servers: who was let in by hws_server_options.credentials
    pub user: hws_str,
    /// "TLSv1.3"; empty without TLS, like all that follows
    pub tls_version: hws_str,
    /// as IANA has it, "TLS_AES_128_GCM_SHA256"
    pub tls_cipher: hws_str,
    /// the name that the client asked for (SNI)
    pub tls_server_name: hws_str,
    /// the protocol that was agreed by ALPN
    pub tls_alpn: hws_str,
    /// whom the peer's certificate is for, RFC 4514: "CN=alice,O=Example"
    pub tls_subject: hws_str,
    /// the peer's certificate, DER
    pub tls_certificate: hws_bytes,
    /// 1: an earlier session was resumed
    pub tls_resumed: u32,
    pub reserved0: u32,
    /// servers: why an offer of an extension was declined, the first that was; NULL if none was. The connection is open
    /// all the same
    pub extension_declined: *const hws_error_info,
    /// servers with routes: the pattern of the one it was
    pub route: hws_str,
    /// what the variable parts of the pattern stand for, by name, percent-decoded; "*" is the name of the rest
    pub params: *const hws_header,
    pub param_count: usize,
}

/// One event: 128 bytes with 64-bit pointers. hws_event_kinds says which fields have a meaning.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_event {
    pub kind: hws_event_kind,
    /// hws_event_flags
    pub flags: u32,
    pub conn: hws_conn,
    /// where it happened, or where the connection came from
    pub listener: hws_listener,
    pub request: hws_request,
    /// what was attached to the connection, or listener, when the event was made
    pub user: u64,
    pub token: u64,
    pub value: u64,
    pub status: hws_status,
    pub opcode: hws_opcode,
    pub data: hws_bytes,
    /// never NULL where the kind has an error
    pub error: *const hws_error_info,
    pub handshake: *const hws_handshake,
    pub topic: hws_str,
    pub reserved: [u64; 2],
}

/// Received bytes that one batch lends unless the host says otherwise.
const EVENT_MEMORY_MAX: u64 = 4 << 20;

/// Makes an engine. options may be NULL.
///
/// With options.io_thread a thread of the library's own, "hawser-io", does all work from here to hws_engine_free: it reads,
/// answers pings, connects, sends what any thread queues at once, and ends what takes too long, also while you stall.
/// hws_poll and hws_recv give the same events in the same order, copied; they wait only for that thread. What you do not
/// take is bounded for each connection by limits.recv_queue_messages and recv_queue_max. With HWS_OVERFLOW_BACKPRESSURE a
/// full queue is read no further, so that pings behind it wait, too; with the others they are answered for ever. A peer's
/// Close is answered when you have taken what came before it and polled again, but after a second at the latest. Events of no
/// connection wait up to 16384: further clients that fail to open are counted by hws_engine_refusals only, and further
/// requests are answered with 503.
///
/// Owns: *out_engine is the caller's, to be freed with hws_engine_free.
/// Errors: INVALID_ARGUMENT, STRUCT_SIZE; INVALID_HANDLE for share_topics; UNSUPPORTED for another abi_version; FD_LIMIT,
/// IO; TOO_MANY_CONNECTIONS for more than 4096 engines; FORKED.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_engine_new(options: *const hws_engine_options, out_engine: *mut hws_engine) -> hws_status {
    guard(Operation::Engine, || {
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_engine, "out_engine") }?;
        // SAFETY: C's promise about the struct.
        let options = unsafe { versioned_or_default(options, "options") }?;
        let sharing = options.map_or(0, |options: hws_engine_options| options.share_topics.id);
        out.set(hws_engine { id: registry::add(engine_options(options)?, sharing)? });
        Ok(())
    })
}

fn engine_options(from: Option<hws_engine_options>) -> Result<Options> {
    let mut options = Options {
        max_connections: SLOTS_MAX as u32,
        event_memory_max: EVENT_MEMORY_MAX,
        compression_memory_max: None,
        publish_events: false,
        io_thread: false,
    };
    let Some(from) = from else { return Ok(options) };
    if from.abi_version != 0 && from.abi_version != ABI_VERSION {
        return Err(Error::new(Status::UNSUPPORTED, "options.abi_version is not this library's"));
    }
    if from.max_connections != 0 {
        options.max_connections = from.max_connections.min(SLOTS_MAX as u32);
    }
    if from.event_memory_max != 0 {
        options.event_memory_max = from.event_memory_max;
    }
    if from.compression_memory_max != 0 {
        options.compression_memory_max = Some(usize::try_from(from.compression_memory_max).unwrap_or(usize::MAX));
    }
    options.publish_events = toggle(from.publish_events, false, "options.publish_events")?;
    options.io_thread = toggle(from.io_thread, false, "options.io_thread")?;
    Ok(options)
}

/// Drops an engine with all its connections and listeners, at once and without Close frames. No events follow;
/// a poll on another thread returns HWS_ERR_INVALID_HANDLE. The thread of options.io_thread is waited for, unless this is
/// called on it, by the logger: so hold no lock that your logger or wake hook takes.
///
/// Owns: every handle of the engine is stale afterwards, and so is everything borrowed from it.
/// Errors: INVALID_HANDLE, FORKED.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_engine_free(engine: hws_engine) -> hws_status {
    guard(Operation::Engine, || registry::remove(engine.id))
}

/// Does all work that is due, and waits up to timeout_ms for some if there are no events yet (0: does not wait,
/// HWS_NEVER: for ever). Fills up to capacity events; with 0 only what makes no event goes on, such as writing and
/// deadlines. event_size is sizeof(hws_event). Success with *count 0 when the time is over or hws_wake was called.
///
/// Owns: events is the caller's; what the events point to is borrowed until the next hws_poll or hws_recv.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; CONCURRENCY while another thread polls.
/// Threads: any, one at a time.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_poll(
    engine: hws_engine,
    events: *mut hws_event,
    event_size: usize,
    capacity: u32,
    timeout_ms: i32,
    count: *mut u32,
) -> hws_status {
    guard(Operation::Poll, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let count = unsafe { out(count, "count") }?;
        // SAFETY: C's promise about the array.
        let mut array = unsafe { EventArray::new(events, event_size, capacity) }?;
        let polled = host.engine.poll(&mut array, wait(timeout_ms)?);
        host.hand_out_log();
        polled?;
        count.set(array.count);
        *host.batch() = array.batch;
        Ok(())
    })
}

/// Makes a waiting hws_poll, or else the next one, return at once. Several calls may make one poll return.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, FORKED, PANIC.
/// Threads: any; not from a signal handler.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_wake(engine: hws_engine) -> hws_status {
    guard(Operation::Poll, || registry::engine(engine.id)?.engine.wake())
}

/// For scripts and tests: polls until the connection has a message or fragment, and gives that. The events of
/// other connections, and other events of this one, wait for hws_poll, and come then even if its handle is stale by that time.
///
/// Owns: *event is the caller's; what it points to is borrowed until the next hws_poll or hws_recv.
/// Errors: RECV_TIMEOUT; when the connection has ended or failed to open, the status of its last event, which
/// is not delivered again; INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; CONCURRENCY while
/// another thread polls this engine or receives from it.
/// Threads: any, one at a time.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_recv(
    conn: hws_conn,
    event: *mut hws_event,
    event_size: usize,
    timeout_ms: i32,
) -> hws_status {
    guard(Operation::Receive, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise about the event.
        let mut array = unsafe { EventArray::new(event, event_size, 1) }?;
        let received = host.engine.recv(conn.id, &mut array, wait(timeout_ms)?);
        host.hand_out_log();
        received?;
        *host.batch() = array.batch;
        Ok(())
    })
}

/// A file descriptor that is readable when hws_poll has something to do, for a loop of the host's own: wait for
/// it or for hws_engine_next_timeout, then hws_poll with timeout 0. With io_thread it is readable exactly while something
/// waits for hws_poll, or hws_wake was called.
///
/// Owns: the descriptor is the engine's: only wait for it, with level-triggered means.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; UNSUPPORTED on Windows.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_engine_pollable(engine: hws_engine, fd: *mut isize) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(fd, "fd") }?;
        out.set(host.engine.pollable()?);
        Ok(())
    })
}

/// How many milliseconds a loop of the host's own may wait for the descriptor: 0 while anything is left to do,
/// HWS_NEVER without any deadline; with io_thread there is none.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_engine_next_timeout(engine: hws_engine, timeout_ms: *mut i32) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(timeout_ms, "timeout_ms") }?;
        let timeout = host.engine.next_timeout()?;
        // Rounded up, so that the deadline has passed when the host is back.
        out.set(timeout.map_or(-1, |t| i32::try_from(t.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)));
        Ok(())
    })
}

/// Sets a function that is called when hws_poll should be called soon: after hws_wake, after calls from other
/// threads than the one that polls, when a name has been resolved. With io_thread instead after hws_wake, and when the first
/// event since the last poll waits: poll until there are no more. NULL: none, as at first.
///
/// Owns: user must stay valid until the hook is replaced or the engine freed, and no call of it is running.
/// Errors: INVALID_HANDLE, FORKED, PANIC.
/// Threads: any; the hook is called on any thread, with no lock held. It must not block; what it calls of the library fails
/// with CALLBACK.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_engine_on_wake(engine: hws_engine, hook: hws_wake_fn, user: *mut c_void) -> hws_status {
    guard(Operation::Engine, || {
        let user = User(user);
        let hook = hook.map(|hook| -> WakeHook {
            Arc::new(move || {
                let user = &user;
                // SAFETY: the host's own function with its own pointer.
                Hook::Wake.run(|| unsafe { hook(user.0) });
            })
        });
        registry::engine(engine.id)?.engine.on_wake(hook)
    })
}

/// A pointer that is only handed back to the host.
struct User(*mut c_void);

// SAFETY: the host promises a hook that any thread may call with it.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}
