//! Connections.

use super::convert::{Versioned, out, text, write_versioned};
use super::error::hws_error_info;
use super::events::hws_handshake;
use super::flat::{FlatError, FlatHandshake};
use super::guard::guard;
use super::registry;
use super::types::{hws_conn, hws_engine, hws_status, hws_str};
use crate::engine::{Kind, Opened, Traffic};
use crate::error::{Error, Operation, Status};
use crate::handshake::Handshake;
use crate::session::State;

/// Counters.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct hws_stats {
    /// set it before the call; afterwards the bytes filled in
    pub struct_size: u32,
    /// of an engine: that there are; of a connection: 1 while it lasts
    pub connections: u32,
    /// payload of messages
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// everything on the wire
    pub wire_in: u64,
    pub wire_out: u64,
    pub messages_in: u64,
    pub messages_out: u64,
    /// received
    pub pings: u64,
    pub pongs: u64,
    /// bytes that wait to be sent
    pub send_queued: u64,
    /// of an engine: connections that did not open
    pub handshake_failures: u64,
    /// of a connection: the last round trip of a ping, microseconds
    pub rtt_us: u64,
    /// of a connection over a unix socket: 1 where the system says whose process the peer is
    pub peer_known: u32,
    pub peer_pid: i32,
    pub peer_uid: u32,
    pub peer_gid: u32,
    /// of messages that came compressed: their bytes as they came, and inflated; bytes_in counts the latter
    pub deflated_in: u64,
    pub inflated_in: u64,
    /// of messages that were sent compressed: their bytes as they went, and before; bytes_out counts the latter
    pub deflated_out: u64,
    pub inflated_out: u64,
    /// of an engine: requests that got the page of their route
    pub http_responses: u64,
    /// connections that were lost, or opened anew by plan, and came back
    pub reconnects: u64,
    /// bytes that are kept to be sent, or sent again, when the connection is open again: see hws_reconnect
    pub send_kept: u64,
    /// messages that were to wait for that and were dropped
    pub send_dropped: u64,
    /// messages that could not have been sent again, for want of room in hws_reconnect.replay_max
    pub send_unprotected: u64,
    /// messages (or fragments) that wait for you beyond a batch, and bytes in them
    pub recv_queued: u64,
    pub recv_queued_bytes: u64,
    /// messages that were dropped because too many waited
    pub recv_dropped: u64,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_stats {}

/// Begins the closing handshake, RFC 6455 section 7: what is queued leaves first, then a Close frame. code 0 is 1000;
/// the reason has up to 123 bytes. CLOSE follows within timers.close_ms. A connection that is not open yet is dropped
/// and CONNECT_FAILED follows; one that is closing already goes on with that. A pause ends: the peer's answer must be read.
///
/// Owns: reason is copied.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_SEND for a code or reason that may not be sent.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_close(conn: hws_conn, code: u32, reason: hws_str) -> hws_status {
    guard(Operation::Close, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise about the text.
        let reason = unsafe { text(reason, "reason") }?;
        let code = if code == 0 { 1000 } else { code };
        let unsendable = |_| Error::new(Status::INVALID_SEND, format!("close code {code} may not be sent"));
        let code = u16::try_from(code).map_err(|e| unsendable(e).with(|e| e.conn = conn.id))?;
        let closed = host.engine.close(conn.id, code, reason);
        host.hand_out_log();
        closed
    })
}

/// Drops a connection at once, without a Close frame and with what is queued. CLOSE or CONNECT_FAILED follows.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_abort(conn: hws_conn) -> hws_status {
    guard(Operation::Close, || registry::engine_of(conn.id, Kind::Conn)?.engine.abort(conn.id))
}

/// Stops taking messages from a connection (paused not 0), or takes them again. Meanwhile nothing is read, so that
/// the peer is slowed down; keepalive pings rest; what is queued goes on leaving, and SENT and WRITABLE come. Events that
/// hws_poll has already delivered are not taken back; those that wait beyond a batch are held. Before a deadline or a broken
/// transport ends a paused connection, what had arrived is delivered. In a connection that
/// reconnects there is nothing to pause: the OPEN that tells of its return ends every pause, and a call before that has no
/// effect.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_conn_pause(conn: hws_conn, paused: i32) -> hws_status {
    guard(Operation::Inspect, || registry::engine_of(conn.id, Kind::Conn)?.engine.pause(conn.id, paused != 0))
}

/// Where a connection stands: one of hws_states.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_conn_state(conn: hws_conn, state: *mut u32) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(state, "state") }?;
        out.set(host.engine.state(conn.id)? as u32);
        Ok(())
    })
}

/// Attaches a number to a connection, for events made from now on. A pointer fits.
///
/// Owns: what the number means is the caller's affair.
/// Errors: INVALID_HANDLE, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_conn_set_user(conn: hws_conn, user: u64) -> hws_status {
    guard(Operation::Inspect, || registry::engine_of(conn.id, Kind::Conn)?.engine.set_user(conn.id, user))
}

/// The number attached to a connection.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_conn_user(conn: hws_conn, user: *mut u64) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(user, "user") }?;
        out.set(host.engine.user(conn.id)?);
        Ok(())
    })
}

/// What was agreed in the opening handshake. Complete until the poll after OPEN; later only http_status, subprotocol
/// and peer remain, because idle connections should cost little.
///
/// Owns: borrowed until the next hws_poll or hws_recv.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_STATE before OPEN.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_conn_handshake(conn: hws_conn, out_info: *mut *const hws_handshake) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_info, "out_info") }?;
        let info = host.engine.conn_info(conn.id)?;
        if !info.was_open {
            return Err(Error::new(Status::INVALID_STATE, "the opening handshake is not done").with(|e| {
                e.conn = conn.id;
                e.state = info.state.bit();
                e.required_states = State::Open.bit() | State::Closing.bit() | State::Closed.bit();
            }));
        }
        let flat = match &info.opened {
            Some(opened) => FlatHandshake::new(opened),
            None => FlatHandshake::new(&Opened {
                handshake: Handshake { http_status: 101, subprotocol: info.subprotocol, ..Handshake::default() },
                peer: info.peer,
                uri: String::new(),
                tls: None,
            }),
        };
        out.set(flat.info());
        host.batch().handshakes.push(flat);
        Ok(())
    })
}

/// What ended a connection; an error with status HWS_OK while it lives.
///
/// Owns: borrowed until the next hws_poll or hws_recv.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_conn_error(conn: hws_conn, out_info: *mut *const hws_error_info) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_info, "out_info") }?;
        let info = match host.engine.conn_info(conn.id)?.outcome {
            Some(error) => host.lend(FlatError::new(&error)),
            None => FlatError::none(),
        };
        out.set(info);
        Ok(())
    })
}

/// Counters of a connection.
///
/// Owns: *stats is the caller's, with struct_size set.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_conn_stats(conn: hws_conn, stats: *mut hws_stats) -> hws_status {
    guard(Operation::Inspect, || {
        let info = registry::engine_of(conn.id, Kind::Conn)?.engine.conn_info(conn.id)?;
        let connections = info.outcome.is_none().into();
        let peer = info.credentials.unwrap_or_default();
        let from = hws_stats {
            connections,
            rtt_us: info.traffic.rtt,
            peer_known: info.credentials.is_some().into(),
            peer_pid: peer.pid,
            peer_uid: peer.uid,
            peer_gid: peer.gid,
            recv_queued: info.waiting.0 as u64,
            recv_queued_bytes: info.waiting.1,
            ..stats_of(&info.traffic)
        };
        // SAFETY: C's promise about the struct.
        unsafe { write_versioned(stats, &from, "stats") }
    })
}

/// Counters of an engine: of all connections that are and were.
///
/// Owns: *stats is the caller's, with struct_size set.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_engine_stats(engine: hws_engine, stats: *mut hws_stats) -> hws_status {
    guard(Operation::Inspect, || {
        let info = registry::engine(engine.id)?.engine.info()?;
        let from = hws_stats {
            connections: info.connections,
            handshake_failures: info.handshake_failures,
            http_responses: info.responses,
            recv_queued: info.waiting.0 as u64,
            recv_queued_bytes: info.waiting.1,
            ..stats_of(&info.traffic)
        };
        // SAFETY: C's promise about the struct.
        unsafe { write_versioned(stats, &from, "stats") }
    })
}

fn stats_of(traffic: &Traffic) -> hws_stats {
    let counters = &traffic.counters;
    hws_stats {
        bytes_in: counters.bytes_in,
        bytes_out: counters.bytes_out,
        wire_in: counters.wire_in,
        wire_out: traffic.wire_out,
        messages_in: counters.messages_in,
        messages_out: counters.messages_out,
        pings: traffic.heard.pings.into(),
        pongs: traffic.heard.pongs.into(),
        send_queued: traffic.queued,
        deflated_in: traffic.tally.coded_in,
        inflated_in: traffic.tally.plain_in,
        deflated_out: traffic.tally.coded_out,
        inflated_out: traffic.tally.plain_out,
        reconnects: traffic.reconnects,
        send_kept: traffic.kept,
        send_dropped: traffic.dropped,
        send_unprotected: traffic.unprotected,
        recv_dropped: traffic.lost,
        ..hws_stats::default()
    }
}

/// Panics inside the library on purpose, as a bug would. Only in builds for tests.
///
/// Owns: nothing.
/// Errors: PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[cfg(feature = "test-hooks")]
#[unsafe(no_mangle)]
pub extern "C" fn hws__test_panic(engine: hws_engine) -> hws_status {
    guard(Operation::Engine, || registry::engine(engine.id)?.engine.panic_on_purpose())
}
